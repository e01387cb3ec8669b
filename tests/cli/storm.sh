#!/bin/bash
# watchfire storm: the same seed gives the same run; wrong usage is named and exits 2; planted bugs are listed and are
# not in ordinary builds.
set -u
watchfire=$1
fail() { echo "$1"; exit 1; }

one=$("$watchfire" storm --from 5 --seeds 1 | grep -o '[0-9]* crashes, [0-9]* rows.*') || fail "seed 5 fails"
two=$("$watchfire" storm --from 5 --seeds 1 | grep -o '[0-9]* crashes, [0-9]* rows.*') || fail "seed 5 fails the second time"
[ "$one" = "$two" ] || fail "the same seed gave two runs: $one / $two"

for wrong in "--from" "--from x" "--seeds 1x" "--colour" "--plant no-such-bug"; do
  said=$("$watchfire" storm $wrong 2>&1 >/dev/null)
  [ $? -eq 2 ] || fail "'storm $wrong' did not exit 2"
  [ -n "$said" ] || fail "'storm $wrong' said nothing"
done
[ "$("$watchfire" storm --plants | wc -l)" -ge 10 ] || fail "fewer than ten planted bugs are listed"
if "$watchfire" storm --plant never-ask --seeds 1 2>/dev/null | grep -q ' failed: '; then
  grep -q WF_PLANTS "$(dirname "$watchfire")/../../compile_commands.json" 2>/dev/null || fail "an ordinary build has planted bugs"
fi
exit 0
