#!/bin/sh
# watchfire simulate: same seed same bytes, another seed other bytes, files as documented, errors said with exit 2.
watchfire=$1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
fail() { echo "FAILED: $*"; exit 1; }
files="sensors.csv plots.csv plots_labels.csv truth.csv impacts.csv infrared.csv los.csv los_labels.csv meta.json"

"$watchfire" simulate trilateral --out "$dir/deep/a" >"$dir/a.txt" || fail "simulate"
"$watchfire" simulate trilateral --out "$dir/b" >"$dir/b.txt" || fail "simulate again"
"$watchfire" simulate trilateral --out "$dir/c" --seed 5 >/dev/null || fail "simulate --seed"
for f in $files; do cmp "$dir/deep/a/$f" "$dir/b/$f" || fail "$f differs with the same seed"; done
cmp "$dir/a.txt" "$dir/b.txt" || fail "the summary differs"
cmp -s "$dir/b/plots.csv" "$dir/c/plots.csv" && fail "another seed gives the same plots"
cmp "$dir/b/truth.csv" "$dir/c/truth.csv" || fail "another seed moves the truth"

head -1 "$dir/b/sensors.csv" | grep -q '^sensor,lat_deg,lon_deg,h_m,sigma_r_m,sigma_az_rad,sigma_el_rad,pd,clutter_mean_per_scan,r0,r1,az0,az1,el0,el1,scan_period_s,r_max_m,el_min_rad,bias_sigma_r_m,bias_sigma_az_rad,bias_sigma_el_rad' || fail "sensors.csv header"
head -1 "$dir/b/plots.csv" | grep -qx 'time_s,sensor,range_m,az_rad,el_rad' || fail "plots.csv header"
head -1 "$dir/b/truth.csv" | grep -qx 'time_s,id,x,y,z,vx,vy,vz' || fail "truth.csv header"
head -1 "$dir/b/impacts.csv" | grep -qx 'id,t_impact_s,lat_deg,lon_deg' || fail "impacts.csv header"
[ "$(wc -l <"$dir/b/plots.csv")" = "$(wc -l <"$dir/b/plots_labels.csv")" ] || fail "labels and plots differ in number"
[ "$(wc -l <"$dir/b/los.csv")" = "$(wc -l <"$dir/b/los_labels.csv")" ] || fail "labels and lines of sight differ"

"$watchfire" simulate lofted-icbm --out "$dir/l" >/dev/null || fail "simulate lofted-icbm"
head -1 "$dir/l/plots.csv" | grep -qx 'time_s,sensor,range_m,az_rad,el_rad,range_rate_m_s' || fail "range rate column"

"$watchfire" simulate --list | grep -q '^trilateral .*(default)$' || fail "--list"
"$watchfire" simulate --help | grep -q 'Example:' || fail "--help"
refused() {
  said=$1; shift
  "$watchfire" simulate "$@" >"$dir/out" 2>"$dir/err"
  [ $? = 2 ] || fail "exit code of: simulate $*"
  grep -q -- "$said" "$dir/err" || { cat "$dir/err"; fail "message of: simulate $*"; }
  [ -s "$dir/out" ] && fail "results in spite of an error: simulate $*"
}
printf 'name: x\ntitle: y\nstart: now\nduration_s: 5\nnations: [{nation: JPN}]\n' >"$dir/bad.yaml"
refused "bad.yaml:3: start" "$dir/bad.yaml" --out "$dir/x"
refused "  failed-satellite" no-such --out "$dir/x"
refused "absent.yaml: No such file" "$dir/absent.yaml" --out "$dir/x"
refused "--out DIR" trilateral
refused "SCENARIO" --out "$dir/x"
refused "seed" trilateral --out "$dir/x" --seed banana
refused "is not a folder" trilateral --out "$dir/a.txt"
refused "cannot make sense" trilateral --out "$dir/x" --frobnicate
echo "simulate: all good"
