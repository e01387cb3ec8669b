#!/bin/sh
# Whole nodes on machines with other processors: what three nodes did under this C library's own choice of functions, each
# does again to the bit (pictures, products, every effect) under the other variants that it can be told to pick.
watchfire=$1
place=$(mktemp -d) || exit 1
trap 'rm -rf "$place"' EXIT
"$watchfire" demo depressed --speed max --out "$place" > "$place/log" 2>&1 || { cat "$place/log"; exit 1; }
status=0
count=0
for recording in "$place"/*/*.wfrec; do
  for tunables in glibc.cpu.hwcaps=-FMA,-FMA4 glibc.cpu.hwcaps=-AVX2,-AVX2_Usable,-FMA,-FMA_Usable \
    glibc.cpu.hwcaps=-SSE4_1,-AVX,-AVX2,-AVX512F,-FMA,-FMA4,-ERMS; do
    count=$((count + 1))
    said=$(GLIBC_TUNABLES=$tunables "$watchfire" replay "$recording" --verify) || {
      echo "${recording##*/} under $tunables: $said"
      status=1
    }
  done
done
[ "$count" -eq 9 ] || { echo "$count replays, not 9"; exit 1; }
[ "$status" -eq 0 ] && echo "9 replays, identical"
exit $status
