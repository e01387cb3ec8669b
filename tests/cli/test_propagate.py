"""watchfire propagate: its lines, its impact, its refusals. Usage: test_propagate.py WATCHFIRE [shared]"""
import csv
import json
import math
import os
import subprocess
import sys
import tempfile
import unittest

WATCHFIRE = os.path.abspath(sys.argv[1])

# First coverage of four objects of a made-up scenario (coast in J2, no drag) and where they fall: time_s, ECEF m and
# m/s; impact time, latitude and longitude at height 0. Another implementation's figures.
TABLE = [
    ([0.0, -4240608.367, -3658781.2078, 3213151.789, 238.4785, -2823.6223, 821.6494],
     (498.5824, 28.848291561, -128.148631726)),
    ([50.0, -4246507.5412, -3656825.6922, 3211920.7418, 55.4704, -2755.9153, 990.334],
     (582.9397, 29.254057764, -128.365478073)),
    ([56.0, -4243426.3032, -3659787.1238, 3191724.0523, 100.0146, -2801.4941, 1128.4798],
     (602.8182, 29.616673999, -127.690813894)),
    ([58.0, -4257275.5126, -3635296.4743, 3211836.687, 38.2951, -2732.6679, 1052.2237],
     (592.3361, 29.547991489, -128.657973943)),
]
STATE = {"time_s": 0, "position_m": [-4244587.0117, -3663178.7010, 3205838.5590],
         "velocity_m_s": [202.3577, -2841.9588, 824.8663], "ballistic_coefficient_kg_m2": None}
COVARIANCE = [100, 0, 0, 0, 0, 0, 100, 0, 0, 0, 0, 100, 0, 0, 0, 1, 0, 0, 1, 0, 1]


def run(*args, stdin=None):
    if stdin is not None and not isinstance(stdin, str):
        stdin = json.dumps(stdin)
    done = subprocess.run([WATCHFIRE, *args], input=stdin, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def propagate(state, *args):
    code, out, err = run("propagate", *args, "-", stdin=state)
    assert code == 0, (code, err)
    return [json.loads(line) for line in out.splitlines()], err


def apart_m(lat1, lon1, lat2, lon2):
    mean = math.radians(0.5 * (lat1 + lat2))
    return 111320.0 * math.hypot(lat1 - lat2, (lon1 - lon2) * math.cos(mean))


def state_of(row):
    return {"time_s": row[0], "position_m": row[1:4], "velocity_m_s": row[4:7], "ballistic_coefficient_kg_m2": None}


class Good(unittest.TestCase):
    def test_impacts_of_the_table(self):
        for row, (time_s, lat, lon) in TABLE:
            lines, _ = propagate(state_of(row), "--step", "100")
            impact = lines[-1]["impact"]
            self.assertLess(abs(impact["time_s"] - time_s), 0.001)
            self.assertLess(apart_m(impact["lat_deg"], impact["lon_deg"], lat, lon), 1.0)

    def test_lines(self):
        lines, err = propagate(STATE)
        self.assertEqual(err, "")
        self.assertEqual([line["time_s"] for line in lines[:-1]], list(range(0, 509)))
        keys = ["time_s", "position_m", "velocity_m_s", "lat_deg", "lon_deg", "height_m"]
        for line in lines[:-1]:
            self.assertEqual(list(line), keys)
        self.assertEqual(list(lines[-1]), keys + ["impact"])
        self.assertEqual(lines[0]["position_m"], STATE["position_m"])
        last, impact = lines[-1], lines[-1]["impact"]
        self.assertLess(abs(last["height_m"]), 0.01)
        self.assertEqual(last["time_s"], impact["time_s"])
        self.assertLess(apart_m(last["lat_deg"], last["lon_deg"], impact["lat_deg"], impact["lon_deg"]), 0.01)
        self.assertIsNone(impact["semi_major_95_m"])  # no covariance, no size

    def test_ellipse(self):
        lines, _ = propagate(dict(STATE, covariance=COVARIANCE), "--step", "1000")
        impact = lines[-1]["impact"]
        # 10 m and 1 m/s over 508 s: a 1-sigma of some 0.5 km across, more along.
        self.assertTrue(1000 < impact["semi_minor_95_m"] < 1400 and 1400 < impact["semi_major_95_m"] < 2500)
        self.assertTrue(80 < impact["azimuth_deg"] < 120 and 0.1 < impact["time_sigma_s"] < 1)
        full = [[0] * 6 for _ in range(6)]
        for i in range(6):
            full[i][i] = 100 if i < 3 else 1
        again, _ = propagate(dict(STATE, covariance=full), "--step", "1000")
        self.assertEqual(again[-1], lines[-1])
        flat, _ = propagate(dict(STATE, covariance=sum(full, [])), "--step", "1000")
        self.assertEqual(flat[-1], lines[-1])

    def test_until_seconds(self):
        lines, _ = propagate(STATE, "--until", "10.5", "--step", "2")
        self.assertEqual([line["time_s"] for line in lines], [0, 2, 4, 6, 8, 10, 10.5])
        self.assertLess(abs(lines[-1]["impact"]["time_s"] - 508.0297), 0.001)
        lines, _ = propagate(STATE, "--until", "100000", "--step", "1000")
        self.assertLess(abs(lines[-1]["time_s"] - 508.0297), 0.001)

    def test_steps_do_not_change_the_flight(self):
        fine, _ = propagate(STATE, "--until", "400", "--step", "0.5")
        coarse, _ = propagate(STATE, "--until", "400", "--step", "400")
        for a, b in zip(fine[-1]["position_m"], coarse[-1]["position_m"]):
            self.assertLess(abs(a - b), 0.001)

    def test_medium(self):
        vacuum, _ = propagate(STATE)
        heavy, err = propagate(dict(STATE, ballistic_coefficient_kg_m2=3000), "--step", "10")
        self.assertEqual(err, "")
        self.assertGreater(heavy[-1]["impact"]["time_s"], vacuum[-1]["impact"]["time_s"] + 2)
        self.assertLess(heavy[-1]["impact"]["speed_m_s"], 1000)
        same, _ = propagate(dict(STATE, ballistic_coefficient_kg_m2=3000), "--medium", "vacuum")
        self.assertEqual(same[-1], vacuum[-1])
        assumed, err = propagate(STATE, "--medium", "atmosphere")
        self.assertIn("5000", err)
        self.assertGreater(assumed[-1]["impact"]["time_s"], vacuum[-1]["impact"]["time_s"] + 1)

    def test_gravity(self):
        a, b = propagate(STATE, "--gravity", "j2")[0][-1]["impact"], propagate(STATE, "--gravity", "j4")[0][-1]["impact"]
        moved = apart_m(a["lat_deg"], a["lon_deg"], b["lat_deg"], b["lon_deg"])
        self.assertTrue(0.5 < moved < 50, moved)

    def test_orbit_and_below_ground(self):
        orbit = dict(STATE, position_m=[6878137, 0, 0], velocity_m_s=[0, 7116.3, 0])
        lines, _ = propagate(orbit)
        self.assertIsNone(lines[-1]["impact"])
        self.assertEqual(lines[-1]["reason"], "orbit")
        lines, _ = propagate(orbit, "--until", "6000", "--step", "1000")
        self.assertEqual(len(lines), 7)
        self.assertTrue(all(490e3 < line["height_m"] < 530e3 for line in lines))
        self.assertEqual(lines[-1]["reason"], "orbit")
        lines, _ = propagate(dict(STATE, position_m=[6370000, 0, 0]))
        self.assertEqual((lines[-1]["impact"], lines[-1]["reason"]), (None, "below_ground"))

    def test_file_and_help(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as f:
            json.dump(STATE, f)
            f.flush()
            code, out, _ = run("propagate", "--step", "1000", f.name)
            self.assertEqual((code, len(out.splitlines())), (0, 2))
        for args in (["propagate", "--help"], ["--help"]):
            code, out, err = run(*args)
            self.assertEqual((code, err), (0, ""))
            self.assertIn("Example", out)
        self.assertEqual(run("--version")[0], 0)


class Bad(unittest.TestCase):
    def refused(self, state, *words):
        code, out, err = run("propagate", "-", stdin=state)
        self.assertEqual((code, out), (1, ""), err)
        for word in words:
            self.assertIn(word, err)

    def test_missing_fields(self):
        for field in STATE:
            self.refused({k: v for k, v in STATE.items() if k != field}, field, "missing")

    def test_every_fault_is_named(self):
        self.refused({"time_s": "x", "position_m": [1, 2]}, "time_s", "position_m", "velocity_m_s")

    def test_wrong_values(self):
        self.refused(dict(STATE, position_m=[1, 2, "3"]), "position_m[2]")
        self.refused(dict(STATE, position_m=[1, 2, 3]), "position_m")
        self.refused(dict(STATE, velocity_m_s=[1, 2, 3, 4]), "velocity_m_s")
        self.refused(dict(STATE, ballistic_coefficient_kg_m2=-5), "ballistic_coefficient_kg_m2")
        self.refused(dict(STATE, ballistic_coefficient_kg_m2="heavy"), "ballistic_coefficient_kg_m2")
        self.refused(dict(STATE, covariance=[1, 2, 3]), "covariance")
        self.refused(dict(STATE, covariance=[-1] + COVARIANCE[1:]), "covariance", "semi-definite")
        asymmetric = [1.0 if i == j else 0.0 for i in range(6) for j in range(6)]
        asymmetric[1] = 0.5
        self.refused(dict(STATE, covariance=asymmetric), "covariance", "symmetric")

    def test_not_json(self):
        self.refused('{"time_s": NaN}', "line 1", "byte")
        self.refused('{"time_s": 0,\n "position_m": [1, 2', "line 2")
        self.refused("", "line 1")
        self.refused("hello", "line 1")
        self.refused("[1, 2, 3]", "not a JSON object")
        self.refused('{"time_s": 1e999}', "line 1")
        self.refused('{"time_s": 0, "time_s": 1}', "time_s")

    def test_usage(self):
        for args in (["propagate"], ["propagate", "a", "b"], ["propagate", "--step", "0", "-"],
                     ["propagate", "--step", "nan", "-"], ["propagate", "--until", "soon", "-"],
                     ["propagate", "--gravity", "j9", "-"], ["propagate", "--medium", "soup", "-"],
                     ["propagate", "--what", "-"], ["propagate", "--step"], ["propagate", "/no/such/file"],
                     [], ["nonsense"]):
            code, out, err = run(*args, stdin="")
            self.assertEqual((code, out), (2, ""), args)
            self.assertNotEqual(err, "")


class Shared(unittest.TestCase):
    def test_every_ballistic_object(self):
        root, count, worst = os.path.join(SHARED, "data", "tracking"), 0, (0.0, 0.0)
        for name in ("bal-1", "bal-10"):
            with open(os.path.join(root, name, "impacts.csv")) as f:
                impacts = {r["id"]: r for r in csv.DictReader(f)}
            with open(os.path.join(root, name, "truth.csv")) as f:
                first = {}
                for r in csv.DictReader(f):
                    first.setdefault(r["id"], r)
            for key, r in first.items():
                row = [float(r[k]) for k in ("time_s", "x", "y", "z", "vx", "vy", "vz")]
                impact = propagate(state_of(row), "--step", "1000")[0][-1]["impact"]
                want = impacts[key]
                off = apart_m(impact["lat_deg"], impact["lon_deg"], float(want["lat_deg"]), float(want["lon_deg"]))
                late = abs(impact["time_s"] - float(want["t_impact_s"]))
                worst = max(worst[0], off), max(worst[1], late)
                count += 1
        print(f"{count} objects: impact within {worst[0]:.3f} m and {worst[1]:.4f} s of the given ones")
        self.assertEqual(count, 11)
        self.assertLess(worst[0], 1.0)
        self.assertLess(worst[1], 0.001)


if __name__ == "__main__":
    SHARED = os.environ.get("WF_SHARED") or "../shared"
    which = sys.argv[2:] == ["shared"]
    if which and not os.path.isdir(SHARED):
        print("skipped: ../shared is absent")
        sys.exit(77)
    cases = [Shared] if which else [Good, Bad]
    suite = unittest.TestSuite(unittest.defaultTestLoader.loadTestsFromTestCase(c) for c in cases)
    sys.exit(0 if unittest.TextTestRunner(verbosity=1).run(suite).wasSuccessful() else 1)
