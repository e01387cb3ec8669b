"""watchfire log: a store that is whole is found whole, each kind of damage is named, a part of it is a store again, and
what is kept beside the picture is listed with its reason.

usage: test_log.py WATCHFIRE LOAD_NODE
"""
import hashlib
import json
import shutil
import sqlite3
import struct
import subprocess
import sys
import time

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


def varint(raw, at):
    value = shift = 0
    while True:
        byte = raw[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def changed(store, directory, change, keep):
    """The store with one bundle of KOR that says something else: beside the true one (keep), or in its place."""
    path = directory / "changed.db"
    shutil.copy(store, path)
    db = sqlite3.connect(path)
    columns = "b.position, b.stream, b.epoch, b.first, b.last, b.raw"
    row = db.execute(f"SELECT {columns} FROM bundle b JOIN stream s ON s.id = b.stream WHERE s.origin = 'KOR' AND"
                     " s.class = 2 ORDER BY b.position LIMIT 1").fetchone()
    position, *name, raw = row
    size, at = varint(raw, 1)
    body = bytearray(raw[at:at + size])
    change(body)
    other = raw[:at] + bytes(body) + raw[at + size:]
    if not keep:
        db.execute("DELETE FROM bundle WHERE position = ?", (position,))
    db.execute("INSERT INTO bundle(stream, epoch, first, last, hash, raw) VALUES(?, ?, ?, ?, ?, ?)",
               (*name, hashlib.blake2b(body, digest_size=32).digest(), other))
    db.commit()
    db.close()
    return path


def other_words(body):
    body[-1] ^= 1


def later(body):  # the valid time (field 2, fixed64) of the last record, an hour on
    for at in range(len(body) - 9, 0, -1):
        ns = struct.unpack("<q", body[at + 1:at + 9])[0]
        if body[at] == 0x11 and abs(ns / 1e9 - time.time()) < 3600:
            body[at + 1:at + 9] = struct.pack("<q", ns + 3600 * 10**9)
            return


def check_aside(fleet, store):
    code, out, err = log("aside", store)
    assert code == 0 and out == "0 set aside\n", out + err
    code, out, _ = log("aside", changed(store, fleet.dir, other_words, True), "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0 and [r["aside"] for r in rows] == ["evidence"] and rows[0]["in_picture"] < rows[0]["beside"], out
    code, out, _ = log("aside", changed(store, fleet.dir, later, False))
    assert code == 0 and "valid long after it was published" in out and out.endswith("1 set aside\n"), out
    assert log("aside", changed(store, fleet.dir, later, False), "--origin", "JPN")[1] == "0 set aside\n"


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
    check_aside(fleet, store)
    print("log verify, list, aside and export: right about a whole store, three damaged ones and a part")


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
