#!/usr/bin/env python3
"""A live feed: captures sent again with their timing over UDP multicast on loopback, a daemon that hears them.

What must hold: radars that speak ASTERIX are alive, their flight is tracked where it is, a silent radar is an alarm; garbage
of another edition gives no track and is counted; so are the records that a second channel repeats.

usage: test_live.py WATCHFIRE WATCHFIRED MAKE_CAPTURE SHARED_DIR
"""
import csv
import datetime
import json
import math
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

WATCHFIRE, WATCHFIRED, MAKE_CAPTURE = sys.argv[1:4]
SHARED = pathlib.Path(os.environ.get("WF_SHARED") or sys.argv[4]) / "data" / "asterix" / "croatiacontrol"
GROUP, RATE, STOP_S = "239.192.77.1", 20.0, 400.0
EPOCH = datetime.datetime(2026, 3, 10, 23, 58, 20, tzinfo=datetime.timezone.utc)  # midnight falls into the flight


def run(*words, code=0):
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, check=False)
    assert done.returncode == code, f"{words}: {done.returncode} {done.stderr}"
    return done.stdout


def rfc3339(when):
    return when.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def now():
    return datetime.datetime.now(datetime.timezone.utc)


class Node:
    def __init__(self, directory, record_epoch, rate, sensors, editions=""):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("", 0))
            self.port = s.getsockname()[1]
        self.dir = directory
        run(WATCHFIRE, "pki", "init", "--dir", directory / "pki", "--nation", "JPN", "--mode", "exercise")
        run(WATCHFIRE, "pki", "issue", "--dir", directory / "pki", "--node", "1")
        self.begin = now() + datetime.timedelta(seconds=5)  # when records begin to come; until then the daemon starts
        (directory / "node.yaml").write_text(
            "nation: JPN\nmode: exercise\n"
            "keys: {certificate: pki/node-1.pem, key: pki/node-1.key, signing_key: pki/node-1.sign}\n"
            "store: store.db\nfeed: feed.sock\njournal: journal\n"
            f"udp: [{{listen: 0.0.0.0:{self.port}, group: {GROUP}, interface: 127.0.0.1, format: asterix{editions}}}]\n"
            f"clock: {{record_epoch: {rfc3339(record_epoch)}, real_epoch: {rfc3339(self.begin)}, rate: {rate}}}\n"
            f"sensors:\n{sensors}")
        run(WATCHFIRED, "--config", directory / "node.yaml", "--check")
        with open(directory / "log", "wb") as log:
            self.process = subprocess.Popen([WATCHFIRED, "--config", str(directory / "node.yaml")], stderr=log)
        DAEMONS.append(self.process)
        deadline = time.time() + 10
        while not (directory / "feed.sock").exists():
            assert time.time() < deadline and self.process.poll() is None, (directory / "log").read_text()
            time.sleep(0.05)

    def send(self, capture, rate):
        return subprocess.Popen([WATCHFIRE, "send", "--to", f"{GROUP}:{self.port}", "--interface", "127.0.0.1", "--speed",
                                 str(rate), "--start", rfc3339(self.begin), str(capture)], stdout=subprocess.PIPE, text=True)

    def state(self):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(5)
            s.connect(str(self.dir / "feed.sock"))

            def exactly(n):
                out = b""
                while len(out) < n:
                    part = s.recv(n - len(out))
                    assert part
                    out += part
                return out
            return json.loads(exactly(struct.unpack(">I", exactly(4))[0]))["state"]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=10) == 0
        for recording_file in (self.dir / "journal").iterdir():
            assert json.loads(run(WATCHFIRE, "replay", recording_file, "--verify").splitlines()[-1])["identical"]


def sensor_lines(path):
    lines = ""
    for place, row in enumerate(csv.DictReader(open(path, encoding="utf-8")), 1):
        if row["nation"] != "JPN":
            continue
        lines += (f"  - {{name: {row['sensor']}, kind: radar, lat_deg: {row['lat_deg']}, lon_deg: {row['lon_deg']}, h_m: {row['h_m']}, "
                  f"sigma_range_m: {row['sigma_r_m']}, sigma_az_rad: {row['sigma_az_rad']}, sigma_el_rad: {row['sigma_el_rad']}, "
                  f"clutter_mean_per_scan: {row['clutter_mean_per_scan']}, scan_period_s: {row['scan_period_s']}, "
                  f"clutter_box: {{range_m: [{row['r0']}, {row['r1']}], az_rad: [{row['az0']}, {row['az1']}], el_rad: [{row['el0']}, {row['el1']}]}}, "
                  f"asterix: {{sac: 1, sic: {place}, max_age_s: 120}}}}\n")
    return lines


def nearest_truth_m(truth, when_s, position):
    rows = [r for r in truth if abs(r[0] - when_s) < 1.5]
    return min((math.dist(position, r[1]) for r in rows), default=math.inf)


def ecef(lat, lon, height):
    a, e2 = 6378137.0, 6.69437999014e-3
    n = a / math.sqrt(1 - e2 * math.sin(lat) ** 2)
    return [(n + height) * math.cos(lat) * math.cos(lon), (n + height) * math.cos(lat) * math.sin(lon),
            (n * (1 - e2) + height) * math.sin(lat)]


def flight(directory):
    run(WATCHFIRE, "simulate", "trilateral", "--out", directory / "sim")
    lines = (directory / "sim" / "plots.csv").read_text().splitlines()
    (directory / "sim" / "plots.csv").write_text("\n".join(
        line for line in lines if line[0] == "t" or float(line.split(",")[0]) < STOP_S) + "\n")
    capture = directory / "flight.pcap"
    run(MAKE_CAPTURE, directory / "sim" / "sensors.csv", directory / "sim" / "plots.csv", EPOCH.timestamp(), capture)
    plots = list(csv.DictReader(open(directory / "sim" / "plots.csv", encoding="utf-8")))
    first_s, last_s = float(plots[0]["time_s"]), float(plots[-1]["time_s"])
    truth = [(float(r["time_s"]), [float(r[k]) for k in "xyz"])
             for r in csv.DictReader(open(directory / "sim" / "truth.csv", encoding="utf-8"))]
    node = Node(directory, EPOCH + datetime.timedelta(seconds=first_s), RATE, sensor_lines(directory / "sim" / "sensors.csv"))
    sender = node.send(capture, RATE)
    best, tracked, sending = math.inf, 0, True
    while sending:
        sending = sender.poll() is None  # one look after the last datagram
        state = node.state()
        for track in state["tracks"]:
            when = datetime.datetime.fromisoformat(track["time"].replace("Z", "+00:00"))
            place = ecef(math.radians(track["lat_deg"]), math.radians(track["lon_deg"]), track["height_m"])
            off = nearest_truth_m(truth, (when - EPOCH).total_seconds(), place)
            best, tracked = min(best, off), tracked + 1
        time.sleep(0.1)
    state = node.state()
    sensors = {s["name"]: s for s in state["sensors"]}
    heard = sum(1 for p in plots if p["sensor"].startswith("JPN") and float(p["range_m"]) < 838860)
    took = sum(s["plots"] for s in sensors.values())
    counters = state["node"]["counters"]
    print(f"{took} of {heard} plots, {tracked} looks at tracks, nearest to the truth {best:.0f} m, asterix {counters['asterix']}")
    assert all(s["state"] in ("alive", "silent") for s in sensors.values()), sensors
    assert took >= 0.95 * heard and tracked > 1 and best < 2000, (took, heard, tracked, best)
    # The other nations' radars are in the capture, but not in this registry.
    assert counters["asterix"]["dropped"].get("unknown_source", 0) > 500 and counters["datagrams_refused"] == 0
    status = run(WATCHFIRE, "status", "--node", node.dir / "feed.sock", code=1) if any(state["alarms"]) else ""
    deadline = time.time() + 10
    while not any(a["kind"] == "sensor_silent" for a in node.state()["alarms"]):
        assert time.time() < deadline, "no alarm of a silent radar"
        time.sleep(0.1)
    status = run(WATCHFIRE, "status", "--node", node.dir / "feed.sock", code=1)
    assert "unknown_source" in status and "silent" in status, status
    node.stop()


RADAR = ("  - {name: R, kind: radar, lat_deg: 45.9, lon_deg: 15.9, h_m: 300, sigma_range_m: 70, sigma_az_rad: 0.0015, sigma_el_rad: 0.01, "
         "scan_period_s: 5, asterix: {sac: 25, sic: 201}}\n")


def recording(directory):
    """A real radar over two channels, and a block of another edition behind it."""
    if not SHARED.is_dir():
        print("skipped: ../shared is absent")
        return
    node = Node(directory, datetime.datetime(2016, 5, 5, 7, 35, 56, 500000, tzinfo=datetime.timezone.utc), 1, RADAR,
                editions=", editions: ['48:1.21', '34:1.26', '62:1.18']")
    for capture in ("cat_034_048.pcap", "asterix.pcap"):
        sender = node.send(SHARED / capture, 100 if capture == "asterix.pcap" else 1)
        assert sender.wait(timeout=30) == 0
    time.sleep(0.5)
    state = node.state()
    dropped, sensor = state["node"]["counters"]["asterix"]["dropped"], state["sensors"][0]
    print(f"radar {sensor['state']}, {sensor['plots']} plots, {state['node']['counters']['asterix']}")
    assert sensor["state"] in ("alive", "degraded") and sensor["plots"] >= 14, sensor
    assert dropped["duplicate"] >= 14 and dropped["bad_block"] == 100, dropped
    assert not [t for t in state["tracks"] if t["height_m"] > 60e3], "a track of garbage"
    node.stop()


DAEMONS = []
with tempfile.TemporaryDirectory() as scratch:
    for part in (flight, recording):
        (pathlib.Path(scratch) / part.__name__).mkdir()
        try:
            part(pathlib.Path(scratch) / part.__name__)
        finally:  # nothing is left behind when something was wrong
            for daemon in DAEMONS:
                if daemon.poll() is None:
                    daemon.kill()
