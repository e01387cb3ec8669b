#!/usr/bin/env python3
"""`watchfire decode` against the recordings and the outputs of another decoder, which are not in the repository.

Every record's bytes, every item's bytes, every value as it stands in the bytes, and its scaled value are compared.

usage: test_asterix_shared.py WATCHFIRE SHARED_DIR
"""
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
base = os.path.join(shared, "data", "asterix")
compared = {"records": 0, "items": 0, "values": 0, "scaled": 0}
faults = []


def fault(text):
    faults.append(text)
    if len(faults) <= 20:
        print(text, file=sys.stderr)


def decode(name, *options, code=0):
    run = subprocess.run([watchfire, "decode", *options, os.path.join(base, name)], capture_output=True, text=True,
                         check=False)
    if run.returncode != code:
        fault(f"{name} {options}: exit {run.returncode}, not {code}: {run.stderr[:300]}")
    return [json.loads(line) for line in run.stdout.splitlines()], run.stderr


def expected_text(name):
    """Records of the other decoder's text: (hex, [(item, hex, [(label, text, scaled or None)])])."""
    records = []
    for line in open(os.path.join(base, "croatiacontrol-expected", name), encoding="utf-8"):
        line = line.rstrip("\n")
        if line.startswith("Data Record"):
            records.append([None, []])
        elif line.startswith("HexData: ") and records and records[-1][0] is None:
            records[-1][0] = line.split()[1]
        elif m := re.match(r"Item (\w+) :", line):
            records[-1][1].append([m[1], None, []])
        elif line.startswith("[ "):
            records[-1][1][-1][1] = line.strip("[] ").replace(" ", "")
        elif line.startswith("\t") and records:
            label, _, rest = line.strip("\t").rpartition(": ")
            if not label:
                label, _, rest = line.strip("\t").partition(":")
            m = re.match(r"(.*): (-?[0-9A-Fa-f]+)(?: \((.*)\))?$", line.strip("\t"))
            if m:
                label, rest = m[1], m[2] + (f" ({m[3]})" if m[3] else "")
            m = re.match(r"(\S+) \((-?[0-9.]+) (\S+)\)$", rest)
            scaled = (float(m[2]), m[3]) if m else None
            records[-1][1][-1][2].append((label, rest.split(" (")[0], scaled))
    return records


# What one unit of the other decoder is in the specification's.
FACTORS = {"kt": 1 / 3600, "deg/sec": 1, "MACH": 1}


def same_scaled(mine, theirs, name):
    value, unit = theirs
    if unit == "kt" and name in ("GSP", "SPD"):
        return abs(mine - value / 3600) <= max(2e-3 * abs(mine), 1e-9)  # it takes 2^-14 NM/s for 0.22 kt
    return abs(mine - value) <= 1e-6 * max(1, abs(value)) + 5e-7


def flat(item):
    """My values in the order of the bytes, counters left out."""
    return [v for v in item["values"] if v[2] != "many"]


def same_value(mine, text):
    name, raw, value = mine
    candidates = {str(raw), str(value), f"{raw:o}", f"{raw:X}"} if raw >= 0 else {str(raw)}
    candidates |= {c.lstrip("0") for c in candidates if isinstance(c, str)} | {str(value).strip()}
    return text in candidates or text.strip() in candidates or text.lstrip("0") in candidates


def compare_item(where, mine, theirs):
    name, hexdata, values = theirs
    if mine["item"] != name or mine["hex"] != hexdata:
        fault(f"{where}: item {mine['item']} {mine['hex']}, theirs {name} {hexdata}")
        return
    compared["items"] += 1
    values = [v for v in values if v[0] != "FX" and "spare" not in v[0].lower()]
    own = flat(mine)
    if len(own) != len(values):
        fault(f"{where}: item {name}: {[v[:2] for v in own]} against {values}")
        return
    for a, b in zip(own, values):
        compared["values"] += 1
        if not same_value(a, b[1]):
            fault(f"{where}: item {name}: {a} against {b}")
        if b[2]:
            compared["scaled"] += 1
            if not same_scaled(a[2], b[2], a[0]):
                fault(f"{where}: item {name}: {a} against {b}")


def registers(full, theirs, where):
    """048/250: the other decoder tells each register's fields, ours beside MBDATA."""
    groups, current = [], []
    for label, text, scaled in theirs[2]:
        if label == "BDS register":
            groups.append((text, current))
            current = []
        elif not label.startswith("Reserved") and "BDS value" not in label:
            current.append((text, scaled))
    if len(groups) != len(full):
        fault(f"{where}: 250: {len(full)} registers against {len(groups)}")
        return
    for mine, (number, fields) in zip(full, groups):
        compared["items"] += 1
        if f"{mine['BDS1']:X}{mine['BDS2']:X}" != number:
            fault(f"{where}: 250: register {mine['BDS1']},{mine['BDS2']} against {number}")
        own = [v for k, v in mine.items() if k not in ("MBDATA", "BDS1", "BDS2")]
        if number not in ("40", "50", "60"):
            continue
        if len(own) != len(fields):
            fault(f"{where}: 250 register {number}: {own} against {fields}")
            continue
        for a, (text, scaled) in zip(own, fields):
            compared["values"] += 1
            right = same_scaled(a, scaled, "") if scaled else str(a) == text
            if not right:
                fault(f"{where}: 250 register {number}: {a} against {text} {scaled}")


def compare_text(name, expected, *options):
    raw, _ = decode(name, "--raw", *options)
    full, _ = decode(name, *options)
    theirs = expected_text(expected)
    if not len(raw) == len(full) == len(theirs):
        fault(f"{name}: {len(raw)} records, {len(theirs)} expected")
    for i, (mine, whole, other) in enumerate(zip(raw, full, theirs)):
        compared["records"] += 1
        where = f"{name} record {i + 1}"
        if mine["hex"] != other[0]:
            fault(f"{where}: {mine['hex']} against {other[0]}")
        own = {x["item"]: x for x in mine["items"]}
        if sorted(own) != sorted(x[0] for x in other[1]):
            fault(f"{where}: items {sorted(own)} against {sorted(x[0] for x in other[1])}")
        for item in other[1]:
            if item[0] == "250" and mine["cat"] == 48:
                registers(whole["items"]["250"], item, where)
            elif item[0] in own:
                compare_item(where, own[item[0]], item)


def leaves(thing):
    if isinstance(thing, dict):
        for key, value in thing.items():
            if key not in ("FX", "spare"):
                yield from leaves(value)
    elif isinstance(thing, list):
        for value in thing:
            yield from leaves(value)
    else:
        yield thing


def compare_json(name, expected):
    full, _ = decode(name)
    theirs = [json.loads(line) for line in open(os.path.join(base, "croatiacontrol-expected", expected)) if line.strip()]
    if len(full) != len(theirs):
        fault(f"{name}: {len(full)} records, {len(theirs)} expected")
    for mine, other in zip(full, theirs):
        compared["records"] += 1
        items = {k[1:]: v for k, v in other[next(k for k in other if k.startswith("CAT"))].items()}
        if set(items) != set(mine["items"]):
            fault(f"{name}: items {sorted(mine['items'])} against {sorted(items)}")
            continue
        for key, value in items.items():
            compared["items"] += 1
            a, b = list(leaves(mine["items"][key])), list(leaves(value))
            if key == "136":  # theirs in feet
                a = [x * 100 for x in a]
            if key == "135":
                a = [a[0], a[1] * 100]
            if key == "340" and "MDC" in value:
                pass
            compared["values"] += len(b)
            same = len(a) == len(b) and all(
                x == y if isinstance(y, str) else abs(x - y) <= 1e-6 * max(1, abs(y)) for x, y in zip(a, b))
            if not same:
                fault(f"{name}: item {key}: {mine['items'][key]} against {value}")


def near(value, wanted, tolerance):
    compared["values"] += 1
    if abs(value - wanted) > tolerance:
        fault(f"{value} against {wanted}")


def synthetic():
    for form in ("raw", "pcap"):
        (one, two), _ = decode(f"synthetic/cat015.{form}")
        a, b = one["items"], two["items"]
        for items, wanted in ((a, (38.25, 128.75, 83000, 612345.6, -2345.67, 92.5, 12.25, 1500.25, -800.5, 1200.33)),
                              (b, (-89.5, -179.5, -100.5, 838860.7, 83886.07, 359.9945, -45, -5242.87, 5242.87, -3000))):
            found = (items["600"]["P84"]["LATITUDE"], items["600"]["P84"]["LONGITUDE"], items["601"]["GH"],
                     items["625"]["R"], items["626"]["DV"], items["627"]["AZ"], items["628"]["EL"],
                     items["602"]["HV"]["X"], items["602"]["HV"]["Y"], items["604"]["VV"])
            for x, y, step in zip(found, wanted, (5e-8, 5e-8, 1e-9, 1e-9, 1e-9, 0.003, 0.003, 1e-9, 1e-9, 1e-9)):
                near(x, y, step)
        near(a["161"], 4711, 0)
        (one, two), _ = decode(f"synthetic/cat048_limits.{form}")
        near(one["items"]["040"]["RHO"], 255.99609375, 1e-7)
        near(one["items"]["040"]["THETA"], 92.5, 0.003)
        near(one["items"]["110"]["3DH"], 8191 * 25, 0)
        near(two["items"]["110"]["3DH"], -8192 * 25, 0)
        (one,), _ = decode(f"synthetic/cat062_limits.{form}")
        items = one["items"]
        for value, wanted in ((items["100"]["X"], 8388607 / 2), (items["100"]["Y"], -8388608 / 2),
                              (items["185"]["VX"], 32767 / 4), (items["185"]["VY"], -32768 / 4),
                              (items["210"]["AX"], 127 / 4), (items["210"]["AY"], -128 / 4),
                              (items["130"], 32767 * 6.25), (items["220"], 32767 * 6.25)):
            near(value, wanted, 0)


def editions():
    records, _ = decode("croatiacontrol/asterix.pcap", "-e", "62:0.17")
    if len(records) != 100:
        fault(f"asterix.pcap as 062 0.17: {len(records)} records, 100 expected")
    for record in records:
        compared["records"] += 1
        place = record["items"]["105"]
        if not (40 < place["LAT"] < 50 and 10 < place["LON"] < 25):  # around the radar's own country
            fault(f"asterix.pcap as 062 0.17: {place}")
    for edition in ("1.16", "1.17", "1.18", "1.19", "1.20", "1.21"):
        records, told = decode("croatiacontrol/asterix.pcap", "-e", f"62:{edition}", code=1)
        if records or not told:
            fault(f"asterix.pcap as 062 {edition}: {len(records)} records out of garbage")


def single():
    records, _ = decode("croatiacontrol/cat048.raw")
    if len(records) != 1 or records[0]["items"]["161"]["TRN"] != 3563:
        fault(f"cat048.raw: {records}")
    records, _ = decode("croatiacontrol/cat062cat065.raw")
    if [r["cat"] for r in records] != [62, 62, 65]:
        fault(f"cat062cat065.raw: {[r['cat'] for r in records]}")
    records, told = decode("croatiacontrol/cat21_re.ast", code=1)
    if records or told.count("unknown category") != 2 or "cat21_re.ast:44:" not in told:
        fault(f"cat21_re.ast: {records} {told}")


compare_text("croatiacontrol/cat_034_048.pcap", "cat_034_048.txt", "-e", "48:1.21")
compare_text("croatiacontrol/parsegps.gps", "parsegps.txt", "-e", "48:1.21")  # what the other decoder knows
compare_text("croatiacontrol/cat_001_002.pcap", "cat_001_002.txt")
compare_json("croatiacontrol/cat_062_065.pcap", "cat_062_065_json.txt")
synthetic()
editions()
single()
print(compared, f"{len(faults)} differences")
sys.exit(1 if faults else 0)
