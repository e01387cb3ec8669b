"""watchfire track: its lines, its two forms, its refusals. Usage: test_track.py WATCHFIRE [shared]"""
import collections
import csv
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import unittest

WATCHFIRE = os.path.abspath(sys.argv[1])
SENSORS = ("sensor,lat_deg,lon_deg,h_m,sigma_r_m,sigma_az_rad,sigma_el_rad,pd,clutter_mean_per_scan,"
           "r0,r1,az0,az1,el0,el1\n"
           "R1,30.0,-140.0,0.0,30.0,0.001,0.001,0.9,0.5,5000,200000,0,6.283185,0.008727,0.349066\n"
           "R2,30.5,-140.0,0.0,30.0,0.001,0.001,0.9,0.5,5000,200000,0,6.283185,0.008727,0.349066\n")


def plots(seed=1, scans=20, sensors=("R1",)):
    """An object falling away eastward over the radar's plane, flat Earth: enough to be tracked."""
    rng = random.Random(seed)
    rows = ["time_s,sensor,range_m,az_rad,el_rad"]
    for k in range(scans):
        t = 2.0 * k
        e, n, u = 100e3 + 2000.0 * t, 50e3, 120e3 + 800.0 * t - 4.9 * t * t
        for s in sensors:
            y = n - (55.4e3 if s == "R2" else 0.0)
            r = math.sqrt(e * e + y * y + u * u)
            rows.append("%.3f,%s,%.3f,%.8f,%.8f" % (t, s, r + rng.gauss(0, 30), math.atan2(e, y) % (2 * math.pi) + rng.gauss(0, 1e-3), math.asin(u / r) + rng.gauss(0, 1e-3)))
    return rows


def run(sensors, rows, *args):
    with tempfile.TemporaryDirectory() as d:
        for name, text in (("s.csv", sensors), ("p.csv", "\n".join(rows) + ("" if args and args[0] == "cut" else "\n"))):
            with open(os.path.join(d, name), "w") as f:
                f.write(text)
        args = [a for a in args if a != "cut"]
        done = subprocess.run([WATCHFIRE, "track", "--sensors", os.path.join(d, "s.csv"), os.path.join(d, "p.csv"), *args],
                              capture_output=True, text=True, timeout=120)
    return done.returncode, [json.loads(x) for x in done.stdout.splitlines()], done.stderr


class Track(unittest.TestCase):
    def test_lines_as_the_contract_says(self):
        code, lines, err = run(SENSORS, plots(), "--medium", "vacuum", "--impact-every", "4")
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(len({x["track"] for x in lines}), 1)
        self.assertEqual([x["time_s"] for x in lines], [2.0 * k for k in range(2, 20)])  # at every scan once confirmed
        for x in lines:
            self.assertEqual(x["sensor"], "R1")
            self.assertIn(x["status"], ("confirmed", "coasting"))
            self.assertIn(x["phase"], ("boost", "coast", "reentry"))
            self.assertEqual((len(x["position_m"]), len(x["velocity_m_s"]), len(x["covariance"])), (3, 3, 21))
        impacts = [x for x in lines if "impact" in x]
        self.assertGreaterEqual(len(impacts), 3)
        self.assertEqual(set(impacts[-1]["impact"]), {"time_s", "time_sigma_s", "lat_deg", "lon_deg", "semi_major_95_m",
                                                      "semi_minor_95_m", "azimuth_deg"})
        gaps = [b["time_s"] - a["time_s"] for a, b in zip(impacts, impacts[1:])]
        self.assertTrue(all(g >= 4.0 for g in gaps))

    def test_coasts_through_missed_scans(self):
        rows = [r for r in plots(scans=30) if not (r[0].isdigit() and 40.0 <= float(r.split(",")[0]) < 46.0)]
        rows += ["%.3f,R2,%d,1.0,0.2" % (t, r) for t, r in ((40.0, 20000), (42.0, 90000), (44.0, 180000))]  # another sensor's time goes on
        rows[1:] = sorted(rows[1:], key=lambda r: float(r.split(",")[0]))
        code, lines, _ = run(SENSORS, rows, "--medium", "vacuum")
        self.assertEqual(code, 0)
        times = collections.Counter(x["time_s"] for x in lines)
        self.assertTrue(all(times[2.0 * k] == 1 for k in range(2, 30)))

    def test_bad_input_is_named_and_the_rest_processed(self):
        rows = plots()
        rows[3] = "4.000,R1,nan,1.0,0.5"
        rows.insert(5, "6.000,NOPE,100000,1.0,0.5")
        rows.insert(6, "6.000,R1,100000,57.3,0.5")
        rows[-1] = "38.000,R1,1000"
        code, lines, err = run(SENSORS, rows, "cut", "--medium", "vacuum")
        self.assertEqual(code, 1)
        for line, word in ((4, "not finite"), (6, "unknown sensor \"NOPE\""), (7, "degrees"), (23, "truncated")):
            self.assertTrue(any("p.csv:%d:" % line in x and word in x for x in err.splitlines()), (line, word, err))
        self.assertEqual(len(err.splitlines()), 4)
        self.assertEqual(len({x["track"] for x in lines}), 1)

    def test_missing_columns(self):
        rows = [",".join(r.split(",")[:4]) for r in plots()]
        code, lines, err = run(SENSORS, rows)
        self.assertEqual((code, lines), (1, []))
        self.assertIn("p.csv:1: column el_rad is missing", err)
        sensors = "\n".join(",".join(r.split(",")[:8] + r.split(",")[9:]) for r in SENSORS.splitlines()) + "\n"
        code, lines, err = run(sensors, plots(), "--medium", "vacuum")  # a default is harmless: still tracked
        self.assertEqual(code, 1)
        self.assertIn("s.csv:1: column clutter_mean_per_scan is missing", err)
        self.assertGreater(len(lines), 10)

    def test_usage(self):
        for args in ([], ["--sensors", "x.csv"], ["--sensors", "/nonexistent", "/nonexistent"], ["--medium", "honey"],
                     ["--guard", "on"], ["--nonsense"]):
            done = subprocess.run([WATCHFIRE, "track", *args], capture_output=True, text=True, timeout=20)
            self.assertEqual(done.returncode, 2, args)
            self.assertNotEqual(done.stderr, "")
        done = subprocess.run([WATCHFIRE, "track", "--help"], capture_output=True, text=True, timeout=20)
        self.assertEqual(done.returncode, 0)
        self.assertIn("Example", done.stdout)

    def test_common_names_its_contributors(self):
        code, lines, err = run(SENSORS, plots(sensors=("R1", "R2"), scans=30), "--common", "--medium", "vacuum")
        self.assertEqual((code, err), (0, ""))
        self.assertTrue(lines)
        self.assertTrue(all(x["sensor"] is None for x in lines))
        self.assertEqual(sorted(lines[-1]["contributors"]), ["R1", "R2"])
        _, late, _ = run(SENSORS, plots(sensors=("R1", "R2"), scans=30), "--common", "--medium", "vacuum", "--delay", "10")
        self.assertGreaterEqual(late[0]["time_s"], lines[0]["time_s"] + 10.0)

    def test_lag_revises(self):
        _, now, _ = run(SENSORS, plots(), "--medium", "vacuum")
        code, later, _ = run(SENSORS, plots(), "--medium", "vacuum", "--lag", "10")
        self.assertEqual(code, 0)
        self.assertLess(later[0]["time_s"], now[0]["time_s"])  # what was tentative then is known now
        at = {x["time_s"]: x for x in later}
        self.assertTrue(at[10.0]["revised"])
        self.assertLess(at[10.0]["covariance"][15], [x for x in now if x["time_s"] == 10.0][0]["covariance"][15])

    def test_same_input_same_bytes(self):
        self.assertEqual(run(SENSORS, plots(3)), run(SENSORS, plots(3)))


class Shared(unittest.TestCase):
    def test_bal_10(self):
        shared = os.environ.get("WF_SHARED") or "../shared"
        d = os.path.join(shared, "data", "tracking", "bal-10")
        done = subprocess.run([WATCHFIRE, "track", "--sensors", os.path.join(d, "sensors.csv"), "--medium", "vacuum",
                               os.path.join(d, "plots.csv")], capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        lines = [json.loads(x) for x in done.stdout.splitlines()]
        self.assertEqual(len({x["track"] for x in lines}), 10)
        with open(os.path.join(d, "impacts.csv")) as f:
            truth = [(float(r["lat_deg"]), float(r["lon_deg"])) for r in csv.DictReader(f)]
        last = {x["track"]: x["impact"] for x in lines if "impact" in x}
        for impact in last.values():
            miss = min(math.hypot((impact["lat_deg"] - la) * 111.2, (impact["lon_deg"] - lo) * 96.0) for la, lo in truth)
            self.assertLess(miss, 3.0)


if __name__ == "__main__":
    if "shared" in sys.argv[2:]:
        if not os.path.isdir(os.environ.get("WF_SHARED") or "../shared"):
            print("skipped: ../shared is absent", file=sys.stderr)
            sys.exit(77)
        unittest.main(argv=sys.argv[:1], defaultTest="Shared")
    unittest.main(argv=sys.argv[:1], defaultTest="Track")
