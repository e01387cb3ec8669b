"""watchfire release: explain answers rule by rule; list reads an audit; usage and bad files."""
import json
import os
import sqlite3
import subprocess
import sys
import tempfile

WATCHFIRE = sys.argv[1]
POLICY = """version: 1
rules:
  - audience: JPN KOR USA
    profile: warning-data
    withhold_sensors: [RADAR-S]
    withhold_regions: ["33 35 124 132"]
  - name: pair
    audience: JPN USA
    kinds: [detection, tracklet]
    delay_s: 30
    hide: [sources]
"""


def call(*words):
    return subprocess.run([WATCHFIRE, "release", *words], capture_output=True, text=True)


def explain(path, to, kind, *more):
    done = call("explain", path, "--nation", "JPN", "--to", to, "--kind", kind, "--sensors", path + ".csv", "--json", *more)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_explain(directory):
    path = os.path.join(directory, "policy.yaml")
    open(path, "w").write(POLICY)
    head = "sensor,lat_deg,lon_deg,h_m,sigma_r_m,sigma_az_rad,sigma_el_rad,pd,clutter_mean_per_scan,r0,r1,az0,az1,el0,el1\n"
    row = ",40,130,0,30,0.001,0.001,0.9,2,5000,900000,0,6.28,0.03,1.5\n"
    open(path + ".csv", "w").write(head + "RADAR-N" + row + "RADAR-S" + row)
    at = ("--place", "40,130")
    (a,) = explain(path, "KOR", "tracklet", "--sensor", "RADAR-N", *at)
    assert a["allowed"] and a["rule"] == "warning-data JPN KOR USA" and any("1000 m" in f for f in a["fields"]), a
    (a,) = explain(path, "KOR", "tracklet", "--sensor", "RADAR-S", *at)
    assert not a["allowed"] and "withheld sensor" in a["why"], a
    (a,) = explain(path, "KOR", "detection", "--sensor", "RADAR-N", "--place", "34,130")
    assert not a["allowed"] and "withheld region" in a["why"], a
    (a,) = explain(path, "KOR", "detection", "--sensor", "RADAR-N", "--launched", "34,130", *at)
    assert not a["allowed"] and "launched from" in a["why"], a
    both = explain(path, "USA", "tracklet", "--sensor", "RADAR-N", *at)
    assert [x["to"] for x in both] == ["JPN KOR USA", "JPN USA"] and all(x["allowed"] for x in both), both
    assert "told 30 s later" in both[1]["fields"] and "class of source: not stated" in both[1]["fields"], both
    assert "another audience" in both[1]["rules"][0] and "it decides" in both[1]["rules"][1], both
    (a,) = explain(path, "KOR", "plot", *at)
    assert not a["allowed"] and "no rule" in a["why"], a
    (a,) = explain(path, "JPN KOR", "tracklet", *at)
    assert not a["allowed"], "a subset of an audience is another audience"
    (a,) = explain(path, "KOR", "tracklet", "--sensor", "RADAR-N", "--partner-data", *at)
    assert not a["allowed"] and "partners' data" in a["why"], a
    told = call("explain", path, "--nation", "JPN", "--to", "USA", "--kind", "tracklet", "--sensors", path + ".csv")
    assert "WITHHELD" in told.stdout and "it withholds sensors" in told.stdout, told.stdout
    assert call("explain", path, "--nation", "JPN", "--to", "KOR").returncode == 2
    assert call("explain", path, "--nation", "JPN", "--to", "KOR", "--kind", "gossip").returncode == 2
    open(path, "w").write(POLICY.replace("delay_s: 30", "delay_s: soon"))
    bad = call("explain", path, "--nation", "JPN", "--to", "KOR", "--kind", "plot", "--sensors", path + ".csv")
    assert bad.returncode == 2 and ":10: delay_s:" in bad.stderr, bad.stderr


def test_list(directory):
    path = os.path.join(directory, "store.db")
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE release(position INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER, until INTEGER, audience TEXT,"
               " kind TEXT, object INTEGER, outcome INTEGER, rule TEXT, policy INTEGER, why TEXT, count INTEGER,"
               " first_valid INTEGER, last_valid INTEGER)")
    t0 = 1_800_000_000 * 10**9
    for second in range(10):
        at = t0 + second * 10**9
        for audience, outcome, rule, why in (("JPN KOR USA", 1, "wide", "allowed"), ("JPN USA", 0, "pair", "too soon")):
            db.execute("INSERT INTO release(at, until, audience, kind, object, outcome, rule, policy, why, count, first_valid,"
                       " last_valid) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
                       (at, at, audience, "tracklet", -5, outcome, rule, 77, why, 3, at, at))
    db.commit()
    lines = [json.loads(x) for x in call("list", path, "--json").stdout.splitlines()]
    assert len(lines) == 1 and lines[0]["count"] == 30 and lines[0]["rule"] == "wide", lines
    assert lines[0]["object"] == "fffffffffffffffb" and lines[0]["policy"] == "000000000000004d", lines
    assert lines[0]["first"] == "2027-01-15T08:00:00.000Z" and lines[0]["last"] == "2027-01-15T08:00:09.000Z", lines
    both = [json.loads(x) for x in call("list", path, "--json", "--withheld", "--to", "USA").stdout.splitlines()]
    assert sorted(x["outcome"] for x in both) == ["told", "withheld"], both
    assert call("list", path, "--to", "KOR", "--withheld", "--json").stdout.count("\n") == 1
    cut = call("list", path, "--json", "--from", "2027-01-15T08:00:02Z", "--until", "2027-01-15T08:00:05Z")
    assert json.loads(cut.stdout)["count"] == 9, cut.stdout
    assert call("list", path).stdout.endswith("30 told\n")
    db.execute("UPDATE release SET audience = 'nobody at all'")
    db.commit()
    damaged = call("list", path)
    assert damaged.returncode == 1 and "damaged" in damaged.stderr, damaged
    db.execute("DROP TABLE release")
    db.commit()
    assert call("list", path).returncode == 1
    assert call("list", os.path.join(directory, "none.db")).returncode == 2
    assert call("list", path, "--from", "yesterday").returncode == 2


with tempfile.TemporaryDirectory() as here:
    test_explain(here)
    test_list(here)
assert call().returncode == 2 and call("what").returncode == 2
for words in (("--help",), ("explain", "--help"), ("list", "--help")):
    done = call(*words)
    assert done.returncode == 0 and "Example:" in done.stdout, words
print("explain and list: as they should be")
