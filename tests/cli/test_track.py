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


TDM_SENSORS = ("sensor,lat_deg,lon_deg,h_m,sigma_r_m,sigma_az_rad,sigma_el_rad,pd,clutter_mean_per_scan,r0,r1,az0,az1,el0,el1\n"
               "%s,%s,0.95,0.001,100000,3000000,0,6.283185,0.05,1.5\n")


def tdm(station, rows, path="1,2,1", factor=1.0):
    body = "".join("RANGE = %s %.9f\nANGLE_1 = %s %.9f\nANGLE_2 = %s %.9f\n" % (t, factor * r / 1e3, t, math.degrees(az), t, math.degrees(el))
                   for t, r, az, el in rows)
    return ("CCSDS_TDM_VERS = 2.0\nCREATION_DATE = 2026-03-10T00:00:00\nORIGINATOR = TEST\nMETA_START\nTIME_SYSTEM = UTC\n"
            "PARTICIPANT_1 = %s\nPARTICIPANT_2 = SAT\nMODE = SEQUENTIAL\nPATH = %s\nRANGE_UNITS = km\nANGLE_TYPE = AZEL\nMETA_STOP\n"
            "DATA_START\n%sDATA_STOP\n" % (station, path, body))


def look(site, place):
    """Range, azimuth and elevation from a site (latitude, longitude in degrees, on the ellipsoid)."""
    lat, lon, a, e2 = math.radians(site[0]), math.radians(site[1]), 6378137.0, 6.69437999014e-3
    n = a / math.sqrt(1 - e2 * math.sin(lat) ** 2)
    d = [p - q for p, q in zip(place, (n * math.cos(lat) * math.cos(lon), n * math.cos(lat) * math.sin(lon), n * (1 - e2) * math.sin(lat)))]
    east = -math.sin(lon) * d[0] + math.cos(lon) * d[1]
    north = -math.sin(lat) * math.cos(lon) * d[0] - math.sin(lat) * math.sin(lon) * d[1] + math.cos(lat) * d[2]
    up = math.cos(lat) * math.cos(lon) * d[0] + math.cos(lat) * math.sin(lon) * d[1] + math.sin(lat) * d[2]
    r = math.hypot(east, north, up)
    return r, math.atan2(east, north) % (2 * math.pi), math.asin(up / r)


def orbit(directory, seconds):
    """A satellite at 700 km, over 35 N 135 E, flown by `watchfire propagate`."""
    lat, lon, r = math.radians(30.0), math.radians(133.0), 6378137.0 + 700e3
    up = (math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat))
    north = (-math.sin(lat) * math.cos(lon), -math.sin(lat) * math.sin(lon), math.cos(lat))
    east = (-math.sin(lon), math.cos(lon), 0.0)
    v = [7000.0 * n + 2300.0 * e for n, e in zip(north, east)]
    state = os.path.join(directory, "state.json")
    with open(state, "w") as f:
        json.dump({"time_s": 0, "position_m": [r * u for u in up], "velocity_m_s": v, "ballistic_coefficient_kg_m2": None}, f)
    done = subprocess.run([WATCHFIRE, "propagate", "--until", str(seconds), "--step", "1", state], capture_output=True, text=True, timeout=60)
    return [json.loads(x) for x in done.stdout.splitlines() if '"position_m"' in x]


def track_file(sensors, text, *args):
    with tempfile.TemporaryDirectory() as d:
        for name, what in (("s.csv", sensors), ("p.tdm", text)):
            with open(os.path.join(d, name), "w") as f:
                f.write(what)
        done = subprocess.run([WATCHFIRE, "track", "--sensors", os.path.join(d, "s.csv"), os.path.join(d, "p.tdm"), *args],
                              capture_output=True, text=True, timeout=120)
    return done.returncode, [json.loads(x) for x in done.stdout.splitlines()], done.stderr


class Tdm(unittest.TestCase):
    SITE = (35.0, 135.0)

    def passes(self, factor=1.0):
        rng = random.Random(5)
        with tempfile.TemporaryDirectory() as d:
            flown = orbit(d, 240)
        rows, truth = [], {}
        for x in flown[::2]:
            r, az, el = look(self.SITE, x["position_m"])
            second = 1773100800 + x["time_s"]  # 2026-03-10T00:00:00
            if el > 0.1:
                stamp = "2026-03-10T00:%02d:%02d" % divmod(int(x["time_s"]), 60)
                rows.append((stamp, r + rng.gauss(0, 20), az + rng.gauss(0, 3e-4), el + rng.gauss(0, 3e-4)))
                truth[second] = x["position_m"] + x["velocity_m_s"]
        return rows, truth

    def test_a_simulated_pass_is_tracked(self):
        rows, truth = self.passes()
        self.assertGreater(len(rows), 80)
        sensors = TDM_SENSORS % ("KUMA", "35.0,135.0,0,20,0.0003,0.0003")
        code, lines, err = track_file(sensors, tdm("KUMA", rows))
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(len({x["track"] for x in lines}), 1)
        self.assertGreater(len(lines), 0.9 * len(rows))
        late = [x for x in lines if x["time_s"] > min(truth) + 60]
        off = [math.dist(x["position_m"], truth[round(x["time_s"])][:3]) for x in late]
        speed = [math.dist(x["velocity_m_s"], truth[round(x["time_s"])][3:]) for x in late]
        print("TDM pass: %d plots, position off %.0f m at most, velocity %.1f m/s" % (len(rows), max(off), max(speed)), file=sys.stderr)
        self.assertLess(max(off), 500)
        self.assertLess(max(speed), 15)
        # There and back: the same pass, said so.
        again = track_file(sensors, tdm("KUMA", rows, factor=2.0), "--tdm-round-trip")
        self.assertEqual(again[0], 0)
        self.assertEqual(len(again[1]), len(lines))
        self.assertLess(max(math.dist(a["position_m"], b["position_m"]) for a, b in zip(again[1], lines)), 0.01)

    def test_what_cannot_be_is_refused_with_its_reason(self):
        rows, _ = self.passes()
        sensors = TDM_SENSORS % ("KUMA", "35.0,135.0,0,20,0.0003,0.0003")
        code, lines, err = track_file(sensors, tdm("KUMA", rows[:10], factor=3.0))
        self.assertEqual((code, lines), (1, []))
        self.assertRegex(err, r"physically implausible: 10 plots in 18.0 s with a range rate of -?\d+\.\d km/s.*round trip")
        self.assertRegex(track_file(sensors, tdm("ELSEWHERE", rows))[2], '"ELSEWHERE" is no registered radar')
        self.assertRegex(track_file(sensors, tdm("KUMA", rows).replace("AZEL", "RADEC"))[2], "not AZEL")
        self.assertRegex(track_file(sensors, tdm("KUMA", rows).replace("RANGE = 2026-03-10T00:01:00 ", "RANGE = x ", 1))[2], r":\d+: RANGE: .x. is not a time")
        missing = tdm("KUMA", rows).replace("ANGLE_2 = %s" % rows[3][0], "RCS = %s" % rows[3][0], 1)
        self.assertRegex(track_file(sensors, missing)[2], "no plot: an angle is missing")


class TdmShared(unittest.TestCase):
    def test_the_published_example(self):
        path = os.path.join(os.environ.get("WF_SHARED") or "../shared", "data", "ccsds", "maene", "tdm_e17.kvn")
        sensors = TDM_SENSORS % ("CAMRA", "51.145,-1.437,80,30,0.002,0.002")
        code, lines, err = track_file(sensors, open(path).read())
        self.assertEqual((code, lines), (1, []))
        self.assertRegex(err, r"physically implausible: 3 plots in 0\.7 s with a range rate of -11\.9 km/s")


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
        unittest.main(argv=sys.argv[:1], defaultTest=["Shared", "TdmShared"])
    unittest.main(argv=sys.argv[:1], defaultTest=["Track", "Tdm"])
