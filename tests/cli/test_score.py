"""watchfire score: its figures, its refusals. Usage: test_score.py WATCHFIRE [shared]"""
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

WATCHFIRE = os.path.abspath(sys.argv[1])
VECTORS = pathlib.Path(__file__).resolve().parent.parent / "vectors" / "metrics"
SIAP = {"C": "completeness", "A": "ambiguity", "S": "spuriousness", "PA": "position_accuracy_m",
        "VA": "velocity_accuracy_m_s", "R": "rate_of_number_changes", "LS": "longest_track_segment"}


def run(*args, stdin=None):
    done = subprocess.run([WATCHFIRE, *map(str, args)], input=stdin, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def score(*args, stdin=None):
    code, out, err = run("score", *args, stdin=stdin)
    assert (code, err) == (0, ""), (code, err)
    return json.loads(out)


class Case(unittest.TestCase):
    def near(self, got, want, what=None):
        self.assertIsNotNone(got, what)
        self.assertTrue(math.isclose(got, want, rel_tol=1e-9, abs_tol=1e-12), (what, got, want))

    def all_near(self, got, **want):
        for name, value in want.items():
            self.near(got[name], value, name)


class Good(Case):
    def test_offset(self):
        got = score("--truth", VECTORS / "offset/truth.csv", "--per-scan", VECTORS / "offset/tracks.jsonl")
        self.all_near(got, rmse_position_m=math.sqrt((500**2 + 1000**2) / 2), rmse_velocity_m_s=5 / math.sqrt(2))
        # (500²/125000 + 5²/12.5) = 4 and 1000²/125000 = 8; χ² with 12 degrees of freedom, over 2 objects
        self.all_near(got["nees"], mean=6, dof=6, objects=2, reports=12, scans=6, scans_inside=6, inside_fraction=1)
        self.assertAlmostEqual(got["nees"]["lower_95"], 4.403789 / 2, 6)
        self.assertAlmostEqual(got["nees"]["upper_95"], 23.336664 / 2, 6)
        clean, false = math.sqrt(1.25e6), math.sqrt(1.25e6 + 5e7)
        self.all_near(got["gospa"], distance=(4 * clean + 2 * false) / 6, localisation=1.25e6, missed=0,
                      false=2 * 5e7 / 6, n_missed=0, n_false=1 / 3, cutoff_m=10000)
        self.near(got["ospa"]["distance"], (4 * math.sqrt(1.25e6 / 2) + 2 * math.sqrt((1.25e6 + 1e8) / 3)) / 6)
        self.all_near(got["siap"], completeness=1, ambiguity=1, spuriousness=2 / 14, position_accuracy_m=750,
                      velocity_accuracy_m_s=2.5, rate_of_number_changes=0, longest_track_segment=1, associations=2)
        self.all_near(got["siap_nearest"], completeness=1, ambiguity=1, spuriousness=2 / 14, position_accuracy_m=750)
        self.assertEqual(len(got["per_scan"]), 6)
        self.near(got["per_scan"][2]["gospa"]["distance"], false)
        for absent in ("bound", "efficiency", "impact", "impact_error_km", "track_start"):
            self.assertIsNone(got[absent])

    def test_beside(self):
        def line(time, track, x):
            return json.dumps({"time_s": time, "track": track, "position_m": [x, 0, 0], "velocity_m_s": [0, 0, 0]}) + "\n"
        with tempfile.TemporaryDirectory() as place:
            other, own = pathlib.Path(place) / "b.jsonl", pathlib.Path(place) / "a.jsonl"
            own.write_text("".join(line(t, n, 7e6 + t) for t in range(10) for n in ("one", "two")))
            # three of its first scans: "one" the same, "two" 3 m and 4 m off or under another name
            other.write_text(line(0, "one", 7e6) + line(0, "two", 7e6 + 3) + line(1, "one", 7e6 + 1) +
                             line(1, "two", 7e6 + 5) + line(2, "one", 7e6 + 2) + line(2, "three", 7e6 + 2) +
                             line(99, "one", 7e6))
            args = ("--truth", VECTORS / "offset/truth.csv", own)
            got = score("--beside", other, *args)["common"]
            self.all_near(got, scans=3, reports=7, common_reports=5, commonality=5 / 7, identical=3 / 5,
                          mean_apart_m=7 / 5, most_apart_m=4)
            self.all_near(score("--beside", own, *args)["common"], scans=10, commonality=1, identical=1, most_apart_m=0)
            self.assertNotIn("common", score(*args))

    def test_cutoff_and_age(self):
        args = ("--truth", VECTORS / "offset/truth.csv", VECTORS / "offset/tracks.jsonl")
        got = score("--cutoff", 800, *args)  # b is not near any more: missed and false
        self.all_near(got["gospa"], localisation=250000, missed=320000, false=320000 * 8 / 6)
        self.all_near(got["siap"], completeness=0.5, ambiguity=1, spuriousness=8 / 14, position_accuracy_m=500)
        self.all_near(got, rmse_position_m=500)
        self.near(got["assignment"]["completeness"], 0.5)
        got = score("--from-age", 4, *args)
        self.all_near(got["nees"], reports=4, scans=2)

    def test_swap(self):
        got = score("--truth", VECTORS / "swap/truth.csv", "--per-scan", VECTORS / "swap/tracks.jsonl")
        # Each object has one track from 0 to 4 s and the other from 5 to 9 s: one change each in 4 + 4 s of tracking.
        self.all_near(got["siap"], completeness=1, ambiguity=1, spuriousness=0, position_accuracy_m=100,
                      rate_of_number_changes=2 / 16, longest_track_segment=8 / 18, associations=4)
        self.assertEqual(got["assignment"]["number_changes"], 2)
        self.assertEqual([(a["truth"], a["track"], a["start_s"], a["end_s"]) for a in got["associations"]],
                         [(1, "p", 0, 4), (1, "q", 5, 9), (2, "q", 0, 4), (2, "p", 5, 9)])
        self.assertEqual([t["min_tracks_needed"] for t in got["per_truth"]], [2, 2])
        self.assertIsNone(got["nees"])  # no covariance given

    def test_stdin_and_help(self):
        lines = (VECTORS / "swap/tracks.jsonl").read_text()
        args = ("--truth", VECTORS / "swap/truth.csv")
        self.assertEqual(score(*args, "-", stdin=lines), score(*args, VECTORS / "swap/tracks.jsonl"))
        code, out, err = run("score", "--help")
        self.assertEqual((code, err), (0, ""))
        self.assertIn("Example", out)
        self.assertIn("score", run("--help")[1])

    def test_no_tracks(self):
        got = score("--truth", VECTORS / "swap/truth.csv", "-", stdin="")
        self.all_near(got["gospa"], distance=math.sqrt(2 * 5e7), false=0)
        self.all_near(got["siap"], completeness=0, ambiguity=1, spuriousness=0)
        self.assertIsNone(got["rmse_position_m"])

    def test_tentative_lines_are_not_scored(self):
        lines = (VECTORS / "swap/tracks.jsonl").read_text().splitlines()
        extra = [line.replace('"p"', '"x"').replace("{", '{"status":"tentative",', 1) for line in lines]
        got = score("--truth", VECTORS / "swap/truth.csv", "-", stdin="\n".join(lines + extra))
        self.near(got["siap"]["ambiguity"], 1)
        self.assertEqual(got["run"]["reports_not_confirmed"], 20)


class Labels(Case):
    """An object that hangs 100 km east of a radar at 0 N 0 E, on its horizon, and a track 100 m above it."""

    SENSORS = ("sensor,lat_deg,lon_deg,h_m,sigma_r_m,sigma_az_rad,sigma_el_rad,pd,clutter_mean_per_scan,"
               "r0,r1,az0,az1,el0,el1\nR,0,0,0,30,0.001,0.001,0.9,1,0,500000,0,6.28,-0.1,1.5\n")
    SCANS = 5

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.write("sensors.csv", self.SENSORS)
        rows = range(self.SCANS)
        self.truth = "time_s,id,x,y,z,vx,vy,vz\n" + "".join(f"{2 * k},3,6378137,100000,0,0,0,0\n" for k in rows)
        self.plots = "time_s,sensor,range_m,az_rad,el_rad\n" + "".join(
            f"{2 * k},R,100000,{math.pi / 2},0.0\n{2 * k},R,300000,1.0,0.5\n" for k in rows)
        self.labels = "label\n" + "3\n-1\n" * self.SCANS
        self.write("truth.csv", self.truth)
        self.write("plots.csv", self.plots)
        self.write("labels.csv", self.labels)
        self.write("impacts.csv", "id,t_impact_s,lat_deg,lon_deg\n3,100,0,1\n")
        self.lines = [json.dumps({
            "time_s": 2 * k, "track": "t", "position_m": [6378237, 100000, 0], "velocity_m_s": [0, 0, 0],
            "impact": {"time_s": 103, "time_sigma_s": 1, "lat_deg": 0, "lon_deg": 1.01, "semi_major_95_m": 1200,
                       "semi_minor_95_m": 600, "azimuth_deg": 90 if k < 3 else 0}}) + "\n" for k in rows]
        self.write("tracks.jsonl", "".join(self.lines))

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)

    def args(self):
        return ["--truth", self.path("truth.csv"), "--impacts", self.path("impacts.csv"), "--plots",
                self.path("plots.csv"), "--labels", self.path("labels.csv"), "--sensors", self.path("sensors.csv"),
                self.path("tracks.jsonl")]

    def bad(self, *words, reports=True):
        code, out, err = run("score", *self.args())
        self.assertEqual(code, 1, err)
        for word in words:
            self.assertIn(word, err)
        self.assertEqual(out != "", reports, err)
        return (json.loads(out) if reports else None), err

    def test_bound_and_efficiency(self):
        got = score(*self.args())
        s2 = 30**2 + 2 * (100000 * 1e-3) ** 2  # a plot's variance; a line through n of them, at its last
        line = [s2 * (4 * n - 2) / (n * (n + 1)) for n in range(2, self.SCANS + 1)]
        self.near(got["bound"]["position_m"], math.sqrt(sum(line) / len(line)))
        self.near(got["bound"]["final_position_m"], math.sqrt(line[-1]))
        self.near(got["bound"]["final_velocity_m_s"], math.sqrt(12 * s2 / (4 * 5 * 24)))
        self.near(got["efficiency"]["position"], math.sqrt(4 * 100**2 / sum(line)))
        self.assertEqual((got["bound"]["objects_flying_straight"], got["efficiency"]["reports"]), (1, 4))
        self.assertEqual((got["identity"]["by"], got["identity"]["tracks_identified"]), ("label", 1))
        self.all_near(got["track_start"], objects_detected=1, objects_never_tracked=0, mean_delay_s=0,
                      within_three_scans_fraction=1)

    def test_impacts(self):
        got = score(*self.args())
        self.assertEqual(len(got["impact_error_km"]), self.SCANS)
        first, last = got["impact_error_km"][0], got["impact_error_km"][-1]
        degree_km = 6378.137 * math.pi / 180  # along the equator
        self.near(first["error_km"], 0.01 * degree_km)
        self.assertEqual((first["truth"], first["track"], first["time_error_s"], first["time_to_impact_s"]),
                         (3, "t", 3, 100))
        self.assertEqual((first["inside_95"], last["inside_95"]), (True, False))  # 1113 m: 1200 along, 600 across
        self.all_near(got["impact"], claims=5, inside_95_fraction=0.6, objects=1,
                      final_rms_error_m=10 * degree_km, median_error_km=0.01 * degree_km)

    def test_bad_track_lines(self):
        good = self.lines
        bad = {
            "1": '{"time_s":0,"track":"u",\n',
            "2": "[1]\n",
            "3": good[0].replace("[6378237, 100000, 0]", "[6378237, 100000]"),
            "4": good[0].replace("[6378237, 100000, 0]", '[6378237, "x", 0]'),
            "5": good[0].replace('"time_s": 0', '"time_s": NaN', 1),
            "6": good[0].replace('"track": "t"', '"track": 5'),
            "7": good[0].replace('"track": "t", ', ""),
            "8": good[0].replace("6378237", "1e99"),
            "9": good[0].replace('"time_s": 0', '"time_s": 1e300', 1),
            "10": good[0].replace('"impact"', '"covariance": [1, 2], "impact"'),
            "11": good[1].replace('"impact"', '"covariance": [' + "0," * 20 + '0], "impact"'),
            "12": good[2].replace('"lat_deg": 0', '"lat_deg": 95'),
            "13": good[3].replace('"semi_major_95_m": 1200', '"semi_major_95_m": 5'),
            "14": good[4],
            "15": good[4],
            "16": good[4][:40] + "\n",
            "17": "\xff\xfe\n",
        }
        self.write("tracks.jsonl", "".join(bad.values()))
        got, err = self.bad()
        named = {line.split(":")[2] for line in err.splitlines()}
        self.assertEqual(named, set(bad) - {"14"}, err)
        self.assertEqual(got["run"]["reports"], 5)  # 10 to 14: their positions are good
        self.assertEqual(got["impact"]["claims"], 3)

    def test_truncated_last_line(self):
        self.write("tracks.jsonl", "".join(self.lines)[:-30])
        got, err = self.bad("tracks.jsonl:5:")
        self.assertEqual(got["run"]["reports"], 4)

    def test_bad_truth(self):
        self.write("truth.csv", self.truth + "10,3,nan,0,0,0,0,0\n12,3,1,2\n8,3,1,1,1,1,1,1\n")
        got, err = self.bad("truth.csv:7:", "truth.csv:8:", "twice")
        self.assertEqual(got["run"]["scans"], 5)
        self.write("truth.csv", self.truth.replace(",vz", ",w"))
        self.bad("column vz is missing", reports=False)

    def test_bad_plots_and_labels(self):
        self.write("plots.csv", self.plots.replace("2,R,100000", "2,R,nan").replace("4,R,100000", "4,Q,100000"))
        got, err = self.bad("plots.csv:4:", "plots.csv:6:", "unknown sensor")
        self.assertEqual(got["efficiency"]["reports"], 2)  # a state from the plots at 0 and 6 s on
        self.write("plots.csv", self.plots)
        self.write("labels.csv", "label\n3\n-1\n99\n-1\nx\n-1\n3\n-1\n")
        got, err = self.bad("labels.csv:6:", "plots.csv:4: label 99", "plots.csv:10: no label")
        self.write("labels.csv", self.labels.replace("label", "id"))
        got, err = self.bad("column label is missing")
        self.assertIsNone(got["bound"])
        self.assertEqual(got["identity"]["by"], "nearest")
        self.write("labels.csv", self.labels)
        self.write("impacts.csv", "id,lat_deg,lon_deg\n3,0,1\n")
        got, err = self.bad("column t_impact_s is missing")
        self.assertIsNone(got["impact"])
        self.assertIsNotNone(got["bound"])

    def test_detection_when_there_is_no_truth(self):
        self.write("plots.csv", self.plots + "11,R,100000,1.57,0\n")
        self.write("labels.csv", self.labels + "3\n")
        self.bad("object 3 at 11 s")

    def test_usage(self):
        truth, tracks, plots = self.path("truth.csv"), self.path("tracks.jsonl"), self.path("plots.csv")
        for args in ([], [tracks], ["--truth", truth], ["--truth", truth, tracks, tracks],
                     ["--truth", truth, "--cutoff", "0", tracks], ["--truth", truth, "--cutoff", "far", tracks],
                     ["--truth", truth, "--from-age", "-1", tracks], ["--truth", truth, "--what", tracks],
                     ["--truth", truth, "--plots", plots, tracks], ["--truth", "-", "-"], ["--truth"],
                     ["--truth", "/no/such/file", tracks], ["--truth", truth, "/no/such/file"],
                     ["--truth", truth, self.folder.name],
                     ["--truth", truth, "--impacts", "/no/such/file", tracks]):
            code, out, err = run("score", *args, stdin="")
            self.assertEqual((code, out), (2, ""), args)
            self.assertNotEqual(err, "")


class Shared(Case):
    def test_against_the_oracle(self):
        root, compared = pathlib.Path(SHARED) / "data" / "metrics", 0
        for folder in sorted(root.glob("set*")):
            want = json.loads((folder / "expected.json").read_text())
            got = score("--truth", folder / "truth.csv", "--per-scan", folder / "tracks.jsonl")
            summary = want["summary"]
            self.all_near(got["gospa"], distance=summary["gospa_mean"], missed=summary["gospa_missed_mean"],
                          false=summary["gospa_false_mean"], localisation=summary["gospa_localisation_mean"])
            self.near(got["ospa"]["distance"], summary["ospa_mean"])
            for name, value in want["siap"].items():
                self.near(got["siap"][SIAP[name]], value, name)
            self.assertEqual(len(got["per_scan"]), len(want["per_scan"]))
            for ours, theirs in zip(got["per_scan"], want["per_scan"]):
                self.assertEqual([ours[k] for k in ("time_s", "truths", "tracks")],
                                 [theirs[k] for k in ("time_s", "truths", "tracks")])
                self.all_near(ours["gospa"], **theirs["gospa"])
                self.near(ours["ospa"], theirs["ospa"])
                self.all_near(ours["siap"], **{SIAP[k]: v for k, v in theirs["siap"].items()})
            self.assertEqual(sorted((str(a["truth"]), a["track"], a["start_s"], a["end_s"])
                                    for a in got["associations"]),
                             sorted((a["truth"], a["track"], a["start_s"], a["end_s"]) for a in want["associations"]))
            for truth in got["per_truth"]:
                self.all_near(truth, **want["per_truth"][str(truth.pop("truth"))])
            compared += 1
        self.assertEqual(compared, 3)

    def test_bounds(self):
        """Final bounds that another implementation computed for the same plots (five digits)."""
        root = pathlib.Path(SHARED) / "data" / "tracking"
        for name, position_m, velocity_m_s in (("bal-1", 80.251, 0.38596), ("bal-10", 83.945, 0.47687),
                                               ("cv-10", 23.582, 0.13021), ("share-20", 45.576, 0.1762)):
            files = root / name
            got = score("--truth", files / "truth.csv", "--plots", files / "plots.csv", "--labels",
                        files / "plots_labels.csv", "--sensors", files / "sensors.csv", "-", stdin="")
            self.assertLess(abs(got["bound"]["final_position_m"] / position_m - 1), 5e-5)
            self.assertLess(abs(got["bound"]["final_velocity_m_s"] / velocity_m_s - 1), 5e-5)

    def test_bound_of_the_impact(self):
        """A track that is the truth and gives an area at its end; the bound by the other implementation."""
        files = pathlib.Path(SHARED) / "data" / "tracking" / "bal-1"
        with open(files / "truth.csv", encoding="utf-8") as f:
            rows = [[float(x) for x in line.split(",")] for line in f.readlines()[1:]]
        lines = [{"time_s": r[0], "track": "t", "position_m": r[2:5], "velocity_m_s": r[5:]} for r in rows]
        lines[-1]["impact"] = {"time_s": 508.03, "lat_deg": 28.680582503, "lon_deg": -128.023981041}
        got = score("--truth", files / "truth.csv", "--impacts", files / "impacts.csv", "--plots", files / "plots.csv",
                    "--labels", files / "plots_labels.csv", "--sensors", files / "sensors.csv", "-",
                    stdin="\n".join(map(json.dumps, lines)))
        self.assertLess(abs(got["impact"]["final"]["bound_m"] / 123.6 - 1), 5e-4)

    def test_the_table_beside_another_tracker(self):
        tool = pathlib.Path(__file__).resolve().parents[2] / "tools" / "accuracy_table.py"
        root = pathlib.Path(SHARED) / "data" / "tracking"
        for words in ([], ["--oracle"]):
            done = subprocess.run([sys.executable, tool, "--json", *words, WATCHFIRE, root, "bal-1"],
                                  capture_output=True, text=True, timeout=60, check=True)
            got = json.loads(done.stdout)
            self.assertEqual((got["set"], got["run"]["truths"], got["run"]["cutoff_m"]), ("bal-1", 1, 3000))
            self.assertGreater(got["siap"]["completeness"], 0.9)


if __name__ == "__main__":
    SHARED = os.environ.get("WF_SHARED") or "../shared"
    which = sys.argv[2:] == ["shared"]
    if which and not os.path.isdir(SHARED):
        print("skipped: ../shared is absent")
        sys.exit(77)
    cases = [Shared] if which else [Good, Labels]
    suite = unittest.TestSuite(unittest.defaultTestLoader.loadTestsFromTestCase(c) for c in cases)
    sys.exit(0 if unittest.TextTestRunner(verbosity=1).run(suite).wasSuccessful() else 1)
