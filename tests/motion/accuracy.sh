#!/bin/sh
# Writes docs/accuracy/motion.md from what the tests of motion print: accuracy.sh TEST_DIR OUTPUT.
set -e
dir=$1
out=$2
lines() { "$dir/test_motion_$1" 2>/dev/null | grep -E "$2"; }
mkdir -p "$(dirname "$out")"
{
  cat <<'TEXT'
# Accuracy of the dynamics

Written by `ninja -C build accuracy-motion` from what the tests in `tests/motion` print; they fail when a figure leaves
its tolerance.

## NASA's check cases
Against the mean of NASA's five tools, every 3 s of 30 s (in parentheses: the largest differences between those tools).
Against each tool, at every 0.1 s, in the test `motion nasa (shared files)`. The northward cannonball, for which there is
no file, is flown in the inertial frame and in the rotating one.

TEXT
  lines nasa '^case|^northward' | sed 's/^/- /'
  cat <<'TEXT'

## Documented flights
Flights with a stated time; a notional vehicle is solved from apogee and range alone, powered ascent included. A flight
is held to 5 minutes of the time stated.

TEXT
  lines powered '^[|]'
  cat <<'TEXT'

## Integrators and impact
The fixed step is that of the filters; the tolerance is that of the planning integrator. Each impact line compares the
default tolerance with one ten thousand times finer, and J4 with J2.

TEXT
  lines dynamics '^RK4 at|^energy|^tolerance' | sed 's/^/- /'
  lines impact '^v ' | sed 's/^/- /'
  cat <<'TEXT'

## Impact areas
Stated 95 % areas against drawn impacts, and the floor that re-entry leaves whatever the track.

TEXT
  lines impact '^sigma|^beta' | sed 's/^/- /'
  cat <<'TEXT'

## Launch points
Solved flights found again from a state of 100 m and 5 m/s (1-sigma per axis) after burnout. Their pitch programme is of
the same family as the one looked back through, so these errors are kinder than a real flight's would be.

TEXT
  lines launch_back '^apogee' | sed 's/^/- /'
} >"$out"
