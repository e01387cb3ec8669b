#!/usr/bin/env python3
"""A daemon is told what it does not see: a launch by voice, seismic events from a file and from an event service that is asked,
another system's tracks as ASTERIX 062 over TCP and as an OEM, and publishes its picture as ASTERIX 062.

usage: test_told.py WATCHFIRE WATCHFIRED
"""
import datetime
import http.server
import json
import math
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

WATCHFIRE, WATCHFIRED = sys.argv[1:3]


def run(*words, code=0):
    done = subprocess.run([str(w) for w in words], capture_output=True, check=False)
    assert done.returncode == code, f"{words}: {done.returncode} {done.stderr.decode()}"
    return done


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def rfc3339(when):
    return when.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def quakeml(number, magnitude):
    return f"""<?xml version="1.0"?><q:quakeml xmlns:q="http://quakeml.org/xmlns/quakeml/1.2" xmlns="http://quakeml.org/xmlns/bed/1.2">
<eventParameters publicID="smi:test/1"><event publicID="smi:test/event/{number}"><type>earthquake</type>
<origin publicID="smi:test/o"><time><value>{rfc3339(now() - datetime.timedelta(hours=1))[:16]}:00Z</value></time><latitude><value>41.29</value></latitude>
<longitude><value>129.08</value></longitude><depth><value>0</value></depth><creationInfo><agencyID>TST</agencyID></creationInfo></origin>
<magnitude><mag><value>{magnitude}</value></mag><type>mb</type></magnitude></event></eventParameters></q:quakeml>"""


class Service(http.server.BaseHTTPRequestHandler):
    answer = (200, quakeml(1, 5.1))
    asked = 0

    def do_GET(self):
        Service.asked += 1
        code, text = Service.answer
        self.send_response(code)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *args):
        pass


def ecef(lat_deg, lon_deg, height):
    lat, lon, a, e2 = math.radians(lat_deg), math.radians(lon_deg), 6378137.0, 6.69437999014e-3
    n = a / math.sqrt(1 - e2 * math.sin(lat) ** 2)
    return [(n + height) * math.cos(lat) * math.cos(lon), (n + height) * math.cos(lat) * math.sin(lon),
            (n * (1 - e2) + height) * math.sin(lat)]


def state(directory):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(5)
        s.connect(str(directory / "feed.sock"))

        def exactly(n):
            out = b""
            while len(out) < n:
                part = s.recv(n - len(out))
                assert part
                out += part
            return out
        return json.loads(exactly(struct.unpack(">I", exactly(4))[0]))["state"]


def until(directory, holds, what, seconds=15):
    deadline = time.time() + seconds
    while True:
        s = state(directory)
        if holds(s):
            return s
        assert time.time() < deadline, f"{what}: {json.dumps({k: s[k] for k in ('tracks', 'seismic', 'reports', 'alarms')})[:2000]}"
        time.sleep(0.1)


def oem(directory, name, place, velocity, when):
    cov = "\n".join(" ".join(("1.0" if i < 3 else "4.0e-4") if i == j else "0.0" for j in range(i + 1)) for i in range(6))
    stamp = rfc3339(when)[:-1]
    (directory / f"{name}.oem").write_text(
        f"CCSDS_OEM_VERS = 2.0\nCREATION_DATE = {stamp}\nORIGINATOR = TEST\n\nMETA_START\nOBJECT_NAME = {name}\nOBJECT_ID = {name}\n"
        f"CENTER_NAME = EARTH\nREF_FRAME = ITRF2000\nTIME_SYSTEM = UTC\nSTART_TIME = {stamp}\nSTOP_TIME = {stamp}\nMETA_STOP\n"
        f"{stamp} {' '.join(str(1e-3 * x) for x in place + velocity)}\n\nCOVARIANCE_START\nEPOCH = {stamp}\n{cov}\nCOVARIANCE_STOP\n")
    return directory / f"{name}.oem"


def test(d, service_port):
    udp, tcp, blocks, out = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_STREAM), free_port(socket.SOCK_STREAM), socket.socket(
        socket.AF_INET, socket.SOCK_DGRAM)
    out.bind(("127.0.0.1", 0))
    out.settimeout(0.2)
    feed = d / "feed.sock"
    run(WATCHFIRE, "pki", "init", "--dir", d / "pki", "--nation", "JPN", "--mode", "exercise")
    run(WATCHFIRE, "pki", "issue", "--dir", d / "pki", "--node", "1")
    (d / "node.yaml").write_text(
        "nation: JPN\nmode: exercise\n"
        "keys: {certificate: pki/node-1.pem, key: pki/node-1.key, signing_key: pki/node-1.sign}\n"
        "store: store.db\nfeed: feed.sock\njournal: journal\n"
        f"udp: [{{listen: 127.0.0.1:{udp}}}]\n"
        f"tcp: [{{listen: 127.0.0.1:{tcp}}}, {{listen: 127.0.0.1:{blocks}, format: asterix}}]\n"
        f"seismic: [{{source: quakes, url: 'http://127.0.0.1:{service_port}/query?format=xml', every_s: 1}}]\n"
        f"publish_062: {{to: 127.0.0.1:{out.getsockname()[1]}, sac: 9, sic: 1, every_s: 0.5}}\n"
        "officers: [{name: Tanaka, role: watch_officer}, {name: Sato, role: viewer}]\n"
        "sensors:\n  - {name: quakes, kind: seismic}\n  - {name: early, kind: service}\n"
        "  - {name: c2, kind: system, scan_period_s: 4, asterix: {sac: 7, sic: 8}}\n"
        "  - {name: R, kind: radar, lat_deg: 40, lon_deg: 140, sigma_range_m: 30, sigma_az_rad: 0.001, sigma_el_rad: 0.001, asterix: {sac: 7, sic: 9}}\n")
    run(WATCHFIRED, "--config", d / "node.yaml", "--check")
    with open(d / "log", "wb") as log:
        daemon = subprocess.Popen([WATCHFIRED, "--config", str(d / "node.yaml")], stderr=log)
    DAEMONS.append(daemon)
    deadline = time.time() + 10
    while not feed.exists():
        assert time.time() < deadline and daemon.poll() is None, (d / "log").read_text()
        time.sleep(0.05)

    # An event service, asked every second: an event, its revision, its silence, its failure.
    s = until(d, lambda s: s["seismic"], "no seismic event")
    event = s["seismic"][0]
    assert event["id"] == "smi:test/event/1" and event["agency"] == "TST" and event["verdict"] == "possible_explosion", event
    assert event["site"] == "Punggye-ri" and event["why"].startswith("6:") and event["depth_m"] == 0, event
    Service.answer = (200, quakeml(1, 3.1))
    s = until(d, lambda s: s["seismic"][0]["magnitude"] == 3.1, "no revision")
    assert len(s["seismic"]) == 1 and s["seismic"][0]["verdict"] == "nothing", s["seismic"]
    Service.answer = (500, "away")
    s = until(d, lambda s: any("HTTP 500" in a["text"] for a in s["alarms"]), "no alarm of a failed service")
    assert s["node"]["counters"]["driver"]["inputs"]["seismic"][0]["failures"] >= 1
    Service.answer = (200, "<html>not it</html>")
    time.sleep(1.5)
    Service.answer = (204, "")
    sensor = next(x for x in s["sensors"] if x["name"] == "quakes")
    assert sensor["kind"] == "seismic" and sensor["state"] == "alive", sensor

    # A file, once.
    (d / "one.xml").write_text(quakeml(2, 4.4))
    run(WATCHFIRE, "report", "quakeml", "--node", feed, "--person", "Tanaka", "--source", "quakes", d / "one.xml")
    run(WATCHFIRE, "report", "quakeml", "--node", feed, "--person", "Tanaka", "--source", "R", d / "one.xml")  # a radar: counted
    (d / "bad.xml").write_text("<quakeml")
    run(WATCHFIRE, "report", "quakeml", "--node", feed, "--person", "Tanaka", "--source", "quakes", d / "bad.xml", code=1)
    s = until(d, lambda s: len(s["seismic"]) == 2, "the file's event is missing")
    assert s["node"]["counters"]["told"]["dropped"].get("wrong_kind") == 1, s["node"]["counters"]["told"]

    # By voice.
    words = ["report", "voice", "--node", feed, "--at", "39.5,125.5", "--radius", "30000", "--time", rfc3339(now() - datetime.timedelta(seconds=40))]
    assert b"denied" in run(WATCHFIRE, *words, "--person", "Sato", code=1).stderr
    assert b"denied" in run(WATCHFIRE, *words, "--person", "nobody", code=1).stderr
    run(WATCHFIRE, *words, "--person", "Tanaka")
    s = until(d, lambda s: s["tracks"], "no event from a voice report")
    assert s["tracks"][0]["sources"] == ["voice"] and s["tracks"][0]["launch"]["area"]["lat_deg"] == 39.5, s["tracks"][0]
    report = s["reports"][0]
    assert report["class"] == "voice" and report["person"] == "Tanaka" and report["launch"]["area"]["semi_major_95_m"] == 30000, report
    assert s["node"]["counters"]["told"]["dropped"]["not_authorised"] == 2
    run(WATCHFIRE, *words, "--person", "Tanaka", "--number", report["number"])  # said again: nothing new
    assert len(state(d)["reports"]) == 1
    assert "voice report by Tanaka: ok" in (d / "log").read_text()

    # Another system's tracks: ASTERIX 062 over TCP, in pieces; and what is no track of a system.
    place, velocity = ecef(38.0, 134.0, 30e3), [200.0, 150.0, 100.0]
    with socket.create_connection(("127.0.0.1", blocks)) as c2:
        for k in range(6):
            when = now()
            moved = [p + v * 0.5 * k for p, v in zip(place, velocity)]
            (d / "tracks.jsonl").write_text(json.dumps(
                {"time_s": when.timestamp(), "track": "A", "sensor": None, "position_m": moved, "velocity_m_s": velocity, "status": "confirmed"}) + "\n")
            block = run(WATCHFIRE, "export", "-f", "062", "--source", "7/8", d / "tracks.jsonl").stdout
            c2.sendall(block[:5])
            time.sleep(0.25)
            c2.sendall(block[5:])
            time.sleep(0.25)
        c2.sendall(run(WATCHFIRE, "export", "-f", "062", "--source", "7/9", d / "tracks.jsonl").stdout)  # of the radar
        s = until(d, lambda s: any("system" in t["sources"] for t in s["tracks"]), "no track of the other system")
        track = next(t for t in s["tracks"] if "system" in t["sources"])
        off = math.dist(track["position_ecef_m"], [p + v * (datetime.datetime.fromisoformat(track["time"].replace("Z", "+00:00")) - when).total_seconds()
                                                   for p, v in zip(moved, velocity)])
        assert off < 1000 and track["contributors"][0]["sources"] == ["system"] and 500 < track["position_sigma_m"] < 1500, (off, track)
        s = until(d, lambda s: s["node"]["counters"]["asterix"]["dropped"].get("wrong_kind"), "062 of a radar is not refused by name")
        assert s["node"]["counters"]["told"]["tracks"] >= 5, s["node"]["counters"]["told"]

    # An OEM of something higher than 062 can say.
    high = ecef(36.0, 130.0, 300e3)
    run(WATCHFIRE, "report", "oem", "--node", feed, "--person", "Tanaka", "--source", "c2", oem(d, "HIGH", high, [1000.0, 3000.0, 3000.0], now()))
    run(WATCHFIRE, "report", "oem", "--node", feed, "--person", "Tanaka", "--source", "c2",
        oem(d, "OLD", high, [1000.0, 3000.0, 3000.0], now() - datetime.timedelta(minutes=10)))  # taken by the socket, counted as stale
    s = until(d, lambda s: s["node"]["counters"]["driver"]["publish_062"]["now_left_out"], "nothing is listed as left out")
    left = s["node"]["counters"]["driver"]["publish_062"]
    assert left["now_left_out"][0]["reason"] == "height" and left["left_out"]["height"] >= 1 and left["left_out"]["place_only"] >= 1, left
    until(d, lambda s: s["node"]["counters"]["told"]["dropped"].get("stale") == 1, "an old state is not refused by name")

    # A stream that cannot be split is cut off and counted.
    with socket.create_connection(("127.0.0.1", tcp)) as bad:
        bad.sendall(b"\xff" * 64)
        bad.settimeout(5)
        assert bad.recv(1) == b""
    until(d, lambda s: s["node"]["counters"]["driver"]["inputs"]["tcp"][0]["unsplittable"] == 1, "a bad stream is not counted")

    # What was published.
    raw, end = b"", time.time() + 3
    out.setblocking(False)
    while time.time() < end:
        try:
            raw += out.recv(65536)
        except BlockingIOError:
            time.sleep(0.05)
    (d / "out.raw").write_bytes(raw)
    records = [json.loads(line) for line in run(WATCHFIRE, "decode", "-f", "asterix", d / "out.raw").stdout.decode().splitlines()]
    published = [r for r in records if r["items"]["010"] == {"SAC": 9, "SIC": 1}]
    assert published and len(published) == len(records), records[:2]
    last = published[-1]["items"]["105"]
    print(f"{len(published)} records published, the last at {last}")
    assert abs(last["LAT"] - 38.0) < 0.3 and abs(last["LON"] - 134.0) < 0.3 and published[-1]["items"]["080"]["SIM"] == 1, published[-1]

    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(timeout=10) == 0
    for recording in (d / "journal").iterdir():
        assert json.loads(run(WATCHFIRE, "replay", recording, "--verify").stdout.decode().splitlines()[-1])["identical"]


DAEMONS = []
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
threading.Thread(target=server.serve_forever, daemon=True).start()
with tempfile.TemporaryDirectory() as scratch:
    try:
        test(pathlib.Path(scratch), server.server_port)
    finally:
        for one in DAEMONS:
            if one.poll() is None:
                one.kill()
