#!/usr/bin/env python3
"""tshark as a second decoder: what our encoder made, and the recordings beside the repository, read by both.

Every field that both know under the same name is compared, record by record. Skipped where tshark is not installed.

usage: test_tshark.py WATCHFIRE MAKE_CAPTURE SHARED_DIR
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

WATCHFIRE, MAKE_CAPTURE = sys.argv[1:3]
SHARED = pathlib.Path(os.environ.get("WF_SHARED") or sys.argv[3]) / "data" / "asterix"
if shutil.which("tshark") is None:
    print("skipped: tshark is not installed")
    sys.exit(77)


def theirs(capture):
    """Bytes of each record and its fields: name -> values as shown, in order."""
    pdml = subprocess.run(["tshark", "-r", str(capture), "-d", "udp.port==1-65535,asterix", "-T", "pdml"],
                          capture_output=True, check=True).stdout
    for message in ElementTree.fromstring(pdml).iter("field"):
        if message.get("name") != "asterix.message":
            continue
        fields = {}
        for field in message.iter("field"):
            if field.get("show") and field.get("name").count("_") >= 2:
                fields.setdefault(field.get("name")[8:], []).append(field.get("show"))
        yield fields


def ours(capture):
    out = subprocess.run([WATCHFIRE, "decode", "--raw", str(capture)], capture_output=True, text=True, check=False).stdout
    for line in out.splitlines():
        record, fields = json.loads(line), {}
        for item in record["items"]:
            values = [v for v in item["values"] if v[2] != "many"]
            for name, raw, value in values:
                alone = len(values) == 1 and name == item["item"]
                fields.setdefault(f"{record['cat']:03d}_{item['item']}_{'VALUE' if alone else name}", []).append((raw, value))
        yield fields


def same(mine, shown):
    raw, value = mine
    if shown in (str(value), str(raw)) or (isinstance(value, str) and shown.strip() == value.strip()):
        return True
    try:
        number = float(int(shown, 16)) if shown.startswith("0x") else float(shown)
    except ValueError:
        return False
    scaled = float(value) if not isinstance(value, str) else float(raw)
    return abs(number - scaled) <= 1e-6 * max(1, abs(scaled)) or number == raw


def compare(capture):
    mine, other, compared, wrong = list(ours(capture)), list(theirs(capture)), 0, []
    if len(mine) != len(other):
        wrong.append(f"{len(mine)} records against {len(other)}")
    for number, (a, b) in enumerate(zip(mine, other), 1):
        for name in a.keys() & b.keys():
            if len(a[name]) != len(b[name]):
                continue  # the same name in several subfields: order is not told
            for x, y in zip(a[name], b[name]):
                compared += 1
                # tshark shows negative flight levels as if the 14 bits had no sign.
                unsigned = name == "048_090_FL" and x[0] < 0 and float(y) == (x[0] + (1 << 14)) / 4
                if not unsigned and not same(x, y):
                    wrong.append(f"record {number}: {name}: {x} against {y}")
    print(f"{pathlib.Path(capture).name}: {len(mine)} records, {compared} fields compared, {len(wrong)} differ")
    for text in wrong[:10]:
        print("  " + text, file=sys.stderr)
    return compared > 100 and not wrong


with tempfile.TemporaryDirectory() as scratch:
    base = pathlib.Path(scratch)
    subprocess.run([WATCHFIRE, "simulate", "trilateral", "--out", str(base)], check=True, stdout=subprocess.DEVNULL)
    good = True
    subprocess.run([MAKE_CAPTURE, str(base / "sensors.csv"), str(base / "plots.csv"), "1773179880", str(base / "own.pcap"), "048"],
                   check=True, stdout=subprocess.DEVNULL)
    good = compare(base / "own.pcap") and good
    for recording in ("croatiacontrol/cat_034_048.pcap", "croatiacontrol/cat_062_065.pcap"):
        if (SHARED / recording).is_file():
            good = compare(SHARED / recording) and good
sys.exit(0 if good else 1)
