#!/bin/bash
# The vectors against protobuf's own decoder: a second implementation must read in each .hex what its .txt says.
#   vectors.sh DIR PROTO               checks
#   vectors.sh DIR PROTO write HEXES   makes the files anew from the lines that make_vectors prints
set -eu
dir=$1 proto=$2
command -v protoc >/dev/null || { echo "skipped: protoc is not installed" >&2; exit 77; }

decode() { # message, hex
  # shellcheck disable=SC2059
  printf "$(printf '%s' "$2" | sed 's/../\\x&/g')" | protoc --proto_path="$(dirname "$proto")" --decode="watchfire.v1.$1" "$proto"
}

if [ "${3:-}" = write ]; then
  while read -r name message hex; do
    echo "$hex" > "$dir/$name.hex"
    { echo "# watchfire.v1.$message"; decode "$message" "$hex"; } > "$dir/$name.txt"
  done < "$4"
  exit 0
fi

checked=0
for file in "$dir"/*.hex; do
  text=${file%.hex}.txt
  message=$(sed -n '1s/^# watchfire.v1.//p' "$text")
  said=$(tail -n +2 "$text")
  got=$(decode "$message" "$(cat "$file")") || { echo "$file: protoc cannot decode it"; exit 1; }
  [ "$got" = "$said" ] || { echo "$file does not say what $text says:"; echo "$got"; exit 1; }
  checked=$((checked + 1))
done
echo "$checked vectors"
[ "$checked" -gt 0 ]
