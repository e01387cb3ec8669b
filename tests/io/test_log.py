"""watchfire log: a store that is whole is found whole, each kind of damage is named, a part of it is a store again.

usage: test_log.py WATCHFIRE LOAD_NODE
"""
import json
import shutil
import sqlite3
import subprocess
import sys

from fleet import Fleet, wait_for

WATCHFIRE, LOAD_NODE = sys.argv[1:3]


def log(*words):
    done = subprocess.run([WATCHFIRE, "log", *[str(w) for w in words]], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def damaged(store, statement, directory):
    path = directory / "damaged.db"
    shutil.copy(store, path)
    db = sqlite3.connect(path)
    assert db.execute(statement).rowcount > 0
    db.commit()
    db.close()
    return path


def check(fleet):
    jpn, kor = fleet.nodes
    store, trust = jpn.dir / "store.db", ["--trust", jpn.bundle, "--trust", kor.bundle]
    code, out, _ = log("verify", store, *trust)
    assert code == 0 and " 0 wrong" in out and "no signature" not in out, out
    code, out, err = log("verify", store, "--config", jpn.dir / "node.yaml")
    assert code == 0 and " 0 wrong" in out, out + err
    code, out, _ = log("verify", store, "--trust", kor.bundle)
    assert code == 1 and "not signed by a known key of JPN" in out, out
    code, out, _ = log("verify", store)
    assert code == 0 and "no signature checked" in out, out
    for what, statement, words in (
            ("a flipped bit", "UPDATE bundle SET raw = CAST(substr(raw, 1, 60) || x'55' || substr(raw, 62) AS BLOB)"
             " WHERE position = (SELECT position FROM bundle WHERE length(raw) > 300 LIMIT 1)", "is not what was written"),
            ("another number", "UPDATE bundle SET epoch = epoch + 1 WHERE position = 1", "its row says something else"),
            ("a missing bundle", "DELETE FROM bundle WHERE position = (SELECT position FROM bundle WHERE first > 1 LIMIT 1)",
             "not here")):
        code, out, _ = log("verify", damaged(store, statement, fleet.dir), *trust)
        assert words in out and (code == 1 or words == "not here"), f"{what}: {code} {out}"
    code, out, _ = log("list", store, "--origin", "KOR", "--class", "contributions", "--kind", "opaque", "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0 and len(rows) == 50 and [r["number"] for r in rows] == list(range(rows[0]["number"], rows[0]["number"] + 50)), out
    code, out, _ = log("list", store, "--origin", "JPN", "--class", "alerts", "--limit", 3)
    assert code == 0 and len(out.splitlines()) == 3, out
    part = fleet.dir / "part.db"
    code, out, _ = log("export", store, part, "--origin", "KOR", "--class", "contributions", "--from", rows[25]["published"])
    assert code == 0, out
    code, out, _ = log("verify", part, *trust)
    assert code == 0 and "JPN to" not in out and "KOR to" in out, out
    code, out, _ = log("list", part, "--kind", "opaque", "--json")
    assert code == 0 and json.loads(out.splitlines()[-1]) == rows[-1] and len(out.splitlines()) >= 25, out
    assert log("export", store, part)[0] == 2, "an export over a file that is there"
    assert log("verify", fleet.dir / "absent.db")[0] == 2 and log("verify", jpn.bundle)[0] == 2
    print("log verify, list and export: right about a whole store, three damaged ones and a part")


def main():
    fleet = Fleet(WATCHFIRE, LOAD_NODE, ("JPN", "KOR"))
    try:
        fleet.configure()
        fleet.start()
        for node in fleet.nodes:
            node.say(2, 256, 50, 50)
            node.say(0, 256, 10, 10)
        wait_for("all is acknowledged", lambda: all(n.status()["acknowledged"] == 60 for n in fleet.nodes))
        assert [n.stop() for n in fleet.nodes] == [0, 0]
        check(fleet)
    finally:
        fleet.close()


main()
