#!/usr/bin/env python3
"""`watchfire decode` on every TDM, OEM (KVN) and QuakeML file of the data beside the repository, against their manifests.

usage: test_messages_shared.py WATCHFIRE SHARED_DIR
"""
import csv
import json
import os
import re
import subprocess
import sys

watchfire = sys.argv[1]
shared = os.environ.get("WF_SHARED") or sys.argv[2]
if not os.path.isdir(shared):
    print("skipped: ../shared is absent")
    sys.exit(77)
faults = []


def decode(path):
    run = subprocess.run([watchfire, "decode", path], capture_output=True, text=True, check=False)
    return run.returncode, [json.loads(line) for line in run.stdout.splitlines()], run.stderr


def rows(folder):
    base = os.path.join(shared, "data", folder)
    with open(os.path.join(base, "manifest.csv"), encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield base, row


def expect(right, text):
    if not right:
        faults.append(text)
        print(text, file=sys.stderr)


def observations_in(path):
    """Counted and read by another hand: KVN lines of the data, or XML observations."""
    text = open(path, encoding="utf-8").read()
    if path.endswith(".xml"):
        text = re.sub(r"<!--.*?-->", "", text, flags=re.S)
        return [(key, float(value)) for _, key, value in
                re.findall(r"<observation>\s*<EPOCH>([^<]+)</EPOCH>\s*<(\w+)>([^<]+)</", text)]
    found, inside = [], False
    for line in text.splitlines():
        line = line.strip()
        inside = inside or line == "DATA_START"
        if line == "DATA_STOP":
            inside = False
        match = re.match(r"(\w+)\s*=\s*\S+\s+(\S+)$", line)
        if inside and match and not line.startswith("COMMENT"):
            found.append((match[1], float(match[2])))
    return found


seen = {"valid": 0, "malformed": 0, "observations": 0, "twins": 0, "events": 0}
decoded = {}
for base, row in rows("ccsds"):
    if row["message"] != "TDM":
        continue
    path = os.path.join(base, row["file"])
    code, lines, told = decode(path)
    seen[row["verdict"]] += 1
    if row["verdict"] == "valid":
        expect(code == 0, f"{row['file']}: {told}")
        mine = [(x["keyword"], x["value"]) for x in lines if "keyword" in x]
        there = observations_in(path)
        same = len(mine) == len(there) and all(
            a[0] == b[0] and abs(a[1] - b[1]) <= 1e-14 * abs(b[1]) for a, b in zip(mine, there))  # 15 digits are written
        expect(same, f"{row['file']}: other observations than stand there")
        seen["observations"] += len(mine)
        decoded[os.path.splitext(os.path.basename(path))] = lines
    else:
        match = re.match(r"decode: .*:(\d+): (.*)", told)
        expect(code == 1 and match, f"{row['file']}: {code} {told}")
        if match and row["line"]:
            expect(match[1] == row["line"], f"{row['file']}: line {match[1]}, not {row['line']}: {match[2]}")
        for word in re.findall(r"\b[A-Z_0-9]{8,}\b", row["reason"]):
            expect(not match or word in match[2], f"{row['file']}: {word} is not in: {told}")
for (stem, suffix), lines in decoded.items():
    if suffix == ".txt" and (stem, ".xml") in decoded:
        seen["twins"] += 1
        expect(lines == decoded[stem, ".xml"], f"{stem}: KVN and XML differ")
expect(seen["twins"] >= 7, f"{seen['twins']} twins")


def ephemeris_in(path):
    """Lines of an OEM that begin with a time and go on with numbers, in SI units."""
    found = []
    for line in open(path, encoding="utf-8").read().splitlines():
        words = line.split()
        if len(words) in (7, 10) and re.match(r"\d{4}-.*T", words[0]):
            found.append([1e3 * float(x) for x in words[1:7]])
    return found


for base, row in rows("ccsds"):
    if row["message"] != "OEM" or row["format"] != "KVN" or row["verdict"] == "fragment":
        continue
    path = os.path.join(base, row["file"])
    code, lines, told = decode(path)
    if row["verdict"] == "valid":
        mine = [x["position_m"] + x["velocity_m_s"] for x in lines if "position_m" in x]
        there = ephemeris_in(path)
        same = len(mine) == len(there) > 0 and all(
            abs(a - b) <= 1e-12 * max(1, abs(b)) for x, y in zip(mine, there) for a, b in zip(x, y))
        expect(code == 0 and same, f"{row['file']}: other states than stand there: {told}")
        seen["states"] = seen.get("states", 0) + len(mine)
    else:
        expect(code == 1 and f":{row['line']}: " in told, f"{row['file']}: line {row['line']}: {told}")

for base, row in rows("quakeml"):
    code, lines, told = decode(os.path.join(base, row["file"]))
    expect(code == 0 and len(lines) == int(row["events"]), f"{row['file']}: {code}, {len(lines)} events: {told}")
    seen["events"] += len(lines)
    for line in lines:
        expect(line["assessment"] == "nothing to say", f"{row['file']}: {line}")
print(seen, f"{len(faults)} faults")
sys.exit(1 if faults else 0)
