"""Real daemons on loopback: two, then three; sensors over UDP; one killed in mid-flight and started again; a stranger.

What must hold: every record is at every nation, once and the same; nobody starts later than its partner; a node that was
killed catches up; all show one picture under one number; a stop is clean.

With a further argument full-disk: one node's disk is full in mid-flight; it goes on, says so, and is whole after a restart.

usage: test_daemons.py WATCHFIRE WATCHFIRED SEND_SCENARIO [full-disk]
"""
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time

WATCHFIRE, WATCHFIRED, SEND = sys.argv[1:4]
SCENARIO, RATE, STOP_S, KILL_S, RESTART_S = "trilateral", 20.0, 300.0, 150.0, 190.0
NATIONS = ["JPN", "KOR", "USA"]


def free_ports(kind, count):
    sockets = [socket.socket(socket.AF_INET, kind) for _ in range(count)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


class Node:
    def __init__(self, directory, nation, tcp, udp):
        self.dir, self.nation, self.tcp, self.udp, self.process = directory / nation, nation, tcp, udp, None
        self.dir.mkdir()
        run(WATCHFIRE, "pki", "init", "--dir", str(self.dir / "pki"), "--nation", nation, "--mode", "exercise")
        run(WATCHFIRE, "pki", "issue", "--dir", str(self.dir / "pki"), "--node", "1")
        self.bundle = directory / f"{nation}.pem"
        run(WATCHFIRE, "pki", "export", "--dir", str(self.dir / "pki"), "--out", str(self.bundle))

    def configure(self, others, real_epoch):
        sensors = run(SEND, SCENARIO, self.nation)
        start = sensors.split("\n")[0].split()[-1]
        partners = ""
        for other in others:
            run(WATCHFIRE, "pki", "import", "--trust", str(self.dir / "trust"), str(other.bundle))
            partners += f"  - {{nation: {other.nation}, address: 127.0.0.1:{other.tcp}, trust: trust/{other.nation}.pem}}\n"
        (self.dir / "cap").mkdir()
        (self.dir / "node.yaml").write_text(
            f"nation: {self.nation}\nmode: exercise\n"
            "keys: {certificate: pki/node-1.pem, key: pki/node-1.key, signing_key: pki/node-1.sign}\n"
            f"listen: 127.0.0.1:{self.tcp}\nstore: store.db\nfeed: feed.sock\ncap: cap\njournal: rec\nudp: [{{listen: 127.0.0.1:{self.udp}}}]\n"
            f"automatic: [launch_notice]\nclock: {{record_epoch: {start}, real_epoch: {real_epoch}, rate: {RATE}}}\n"
            f"partners:\n{partners}{sensors}")

    def start(self, file_bytes_max=None):
        """file_bytes_max: no file of it grows beyond, as on a full disk."""
        limit = (lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes_max, file_bytes_max))) if file_bytes_max else None
        with open(self.dir / "log", "ab") as log:
            self.process = subprocess.Popen([WATCHFIRED, "--config", str(self.dir / "node.yaml")], stderr=log, preexec_fn=limit)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=10)

    def log(self):
        return (self.dir / "log").read_text()

    def state(self):
        """The newest snapshot of the console feed."""
        deadline = time.time() + 5
        while True:
            try:
                with socket.socket(socket.AF_UNIX) as s:
                    s.settimeout(5)
                    s.connect(str(self.dir / "feed.sock"))
                    return self.read(s)["state"]
            except OSError:
                if time.time() > deadline:
                    raise
                time.sleep(0.05)

    @staticmethod
    def read(s):
        def exactly(n):
            out = b""
            while len(out) < n:
                part = s.recv(n - len(out))
                if not part:
                    raise OSError("the feed closed")
                out += part
            return out
        return json.loads(exactly(struct.unpack(">I", exactly(4))[0]))

    def rows(self):
        """(stream, epoch) -> [(first, last, hash)] of the store, and the same number of rows in all."""
        db = sqlite3.connect(f"file:{self.dir / 'store.db'}?mode=ro", uri=True)
        out = {}
        for origin, audience, kind, epoch, first, last, digest in db.execute(
                "SELECT s.origin, s.audience, s.class, b.epoch, b.first, b.last, b.hash FROM bundle b JOIN stream s ON s.id = b.stream"
                " ORDER BY b.epoch, b.first"):
            out.setdefault((origin, audience, kind, epoch), []).append((first, last, digest))
        db.close()
        return out


def wait_for(what, condition, seconds=10.0):
    deadline = time.time() + seconds
    while time.time() < deadline:
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {what}")


def links_up(node, count):
    return sum(all(link["up"]) for link in node.state()["links"]) == count


def check_stores(nodes, settled):
    """settled: what the origins had a while before the end; that must be everywhere. What came later may be on its way."""
    stores = {n.nation: n.rows() for n in nodes}
    streams = set().union(*stores.values())
    records = 0
    for stream in sorted(streams):
        origin, audience = stream[0], stream[1].split()
        reference = stores[origin].get(stream)
        assert reference, f"{stream}: held by others, not by its origin"
        expected = 1
        for first, last, _ in reference:
            assert first == expected, f"{stream} at {origin}: expected number {expected}, found {first}"
            expected = last + 1
        records += expected - 1
        for nation, rows in stores.items():
            held = rows.get(stream, [])
            if nation in audience:
                assert held == reference[:len(held)], f"{stream}: {nation} differs from its origin"
                assert len(held) >= len(settled[origin].get(stream, [])), f"{stream}: {nation} lacks what its origin had long said"
            else:
                assert not held, f"{stream}: is at {nation}, outside its audience"
    assert {s[0] for s in streams} == set(NATIONS), f"streams of {sorted({s[0] for s in streams})} only"
    return records, len(streams)


def stranger(node):
    """Somebody who speaks no TLS; closes when told off."""
    with socket.create_connection(("127.0.0.1", node.tcp), timeout=5) as s:
        s.sendall(b"GET / HTTP/1.1\r\n\r\n")
        try:
            while s.recv(4096):
                pass
        except OSError:
            pass


def make_nodes(directory, lead_s):
    tcp, udp = free_ports(socket.SOCK_STREAM, 3), free_ports(socket.SOCK_DGRAM, 3)
    nodes = [Node(directory, n, tcp[i], udp[i]) for i, n in enumerate(NATIONS)]
    real_epoch_s = time.time() + lead_s
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(real_epoch_s)) + f".{int(real_epoch_s % 1 * 1e6):06d}Z"
    for node in nodes:
        node.configure([o for o in nodes if o is not node], stamp)
        checked = run(WATCHFIRED, "--config", str(node.dir / "node.yaml"), "--check")
        assert "in order" in checked
    return nodes, real_epoch_s


def send(nodes, real_epoch_s, stop_s):
    return subprocess.Popen([SEND, SCENARIO, str(int(real_epoch_s * 1e9)), str(RATE), str(stop_s)] +
                            [f"{n.nation}={n.udp}" for n in nodes], stdout=subprocess.DEVNULL)


def sleep_until(real_epoch_s, record_s):
    time.sleep(max(0.0, real_epoch_s + record_s / RATE - time.time()))


def nothing_missing(nodes):
    return all(link["missing_records"] == 0 and link["backfill_left"] == 0 for n in nodes for link in n.state()["links"])


def track_numbers(nodes):
    return {n.nation: sorted(t["number"] for t in n.state()["tracks"] if t["life"] in ("confirmed", "coasting")) for n in nodes}


def finish(nodes, codes_expected):
    settled = {n.nation: n.rows() for n in nodes}
    time.sleep(1.5)
    codes = [n.stop() for n in nodes]
    assert codes == codes_expected, f"exit statuses {codes}"
    return check_stores(nodes, settled)


def recordings_replay(nodes):
    """Every life of every daemon, killed ones too, gives the same pictures and products again."""
    lives = 0
    for node in nodes:
        for recording in sorted((node.dir / "rec").iterdir()):
            told = subprocess.run([WATCHFIRE, "replay", str(recording), "--verify"], capture_output=True, text=True)
            assert told.returncode == 0, f"{recording.name}: {told.stderr}"
            lives += json.loads(told.stdout)["marks"] > 3
    return lives


def killed_and_late(nodes, children, real_epoch_s):
    jpn, kor, usa = nodes
    jpn.start()
    kor.start()
    wait_for("JPN and KOR are linked", lambda: links_up(jpn, 1) and links_up(kor, 1))
    children.append(send(nodes, real_epoch_s, STOP_S))
    usa.start()
    wait_for("all are linked", lambda: all(links_up(n, 2) for n in nodes))
    stranger(usa)
    sleep_until(real_epoch_s, KILL_S)
    assert kor.state()["tracks"], "KOR sees no track before it is killed"
    status = subprocess.run([WATCHFIRE, "status", "--json", "--node", str(jpn.dir / "feed.sock")], capture_output=True, text=True)
    told = json.loads(status.stdout)
    assert status.returncode == (1 if told["faults"] else 0) and [link["nation"] for link in told["links"]] == ["KOR", "USA"]
    kor.process.kill()
    kor.process.wait()
    sleep_until(real_epoch_s, RESTART_S)
    kor.start()
    wait_for("KOR is linked again", lambda: links_up(kor, 2))
    children[-1].wait(timeout=STOP_S / RATE + 20)
    wait_for("nothing is missing", lambda: nothing_missing(nodes))
    numbers = track_numbers(nodes)
    assert numbers["JPN"] and numbers["JPN"] == numbers["KOR"] == numbers["USA"], f"tracks differ: {numbers}"
    for node in nodes:
        counters = node.state()["node"]["counters"]
        assert node.state()["node"]["durable"], f"{node.nation} is not durable"
        assert counters["records_in"] > 10, f"{node.nation} took in {counters['records_in']}"
    refused = usa.state()["node"]["counters"]["driver"]["links"]["refused"]
    assert refused.get("not_tls") == 1, f"the stranger was not told off: {refused}"
    records, streams = finish(nodes, [0, 0, 0])
    lives = recordings_replay(nodes)
    assert lives == 4, f"{lives} lives were recorded"
    print(f"{records} records in {streams} streams and epochs, the same at all; tracks {numbers['JPN']}")


def full_disk(nodes, children, real_epoch_s):
    jpn, kor, usa = nodes
    jpn.start()
    usa.start()
    kor.start(file_bytes_max=200 * 1024)
    wait_for("all are linked", lambda: all(links_up(n, 2) for n in nodes))
    children.append(send(nodes, real_epoch_s, 200))
    children[-1].wait(timeout=60)
    wait_for("nothing is missing", lambda: nothing_missing(nodes))
    states = {n.nation: n.state() for n in nodes}
    assert [states[n]["node"]["durable"] for n in NATIONS] == [True, False, True]
    assert "store_failed" in [a["kind"] for a in states["KOR"]["alarms"]], "nobody was told"
    numbers = track_numbers(nodes)
    assert numbers["JPN"] and numbers["JPN"] == numbers["KOR"] == numbers["USA"], f"tracks differ: {numbers}"
    assert kor.stop() == 1, "a node that lost records must not end as if nothing were wrong"
    kor.start()
    wait_for("KOR is linked again", lambda: links_up(kor, 2))
    time.sleep(1.0)
    wait_for("KOR has everything back", lambda: nothing_missing(nodes) and kor.state()["node"]["durable"])
    records, streams = finish(nodes, [0, 0, 0])
    print(f"full disk: {records} records in {streams} streams and epochs, whole again at all")


def audit(node, *options):
    told = run(WATCHFIRE, "release", "list", str(node.dir / "store.db"), "--json", *options)
    return [json.loads(line) for line in told.splitlines()]


def hang_up(node, policy, says):
    """A new policy file, SIGHUP, and what the log says to it."""
    before = node.log().count(says)
    (node.dir / "policy.yaml").write_text(policy)
    node.process.send_signal(signal.SIGHUP)
    wait_for(f"the log says '{says}'", lambda: node.log().count(says) > before)


def policy_changes(nodes, children, real_epoch_s):
    """A policy read again while the node runs: a bad one changes nothing, a good one is in force, recorded, audited."""
    kor = nodes[1]
    rule = "version: 1\nrules:\n  - audience: JPN KOR USA\n    profile: warning-data-open\n"
    (kor.dir / "policy.yaml").write_text(rule)
    with open(kor.dir / "node.yaml", "a") as config:
        config.write("release: {policy: policy.yaml}\n")
    for node in nodes:
        node.start()
    wait_for("all are linked", lambda: all(links_up(n, 2) for n in nodes))
    children.append(send(nodes, real_epoch_s, 260))
    sleep_until(real_epoch_s, 130)
    hang_up(kor, rule + "    guard: strong\n", "the old one stays")
    assert "policy.yaml:5: guard: \"strong\"" in kor.log(), "the bad place is not named"
    hang_up(kor, rule + "    guard: medium\n    first_hold_s: 0\n    kinds: [detection, tracklet]\n", "in force, read again by SIGHUP")
    children[-1].wait(timeout=60)
    wait_for("nothing is missing", lambda: nothing_missing(nodes))
    running = audit(kor, "--to", "JPN")
    finish(nodes, [0, 0, 0])
    told, all_of_it = audit(kor, "--to", "JPN"), audit(kor, "--withheld")
    assert running and len(told) >= len(running), "a running node's store cannot be read"
    assert len({row["policy"] for row in told if row["kind"] == "tracklet"}) == 2, "not under two policies"
    withheld = [row for row in all_of_it if row["outcome"] == "withheld"]
    assert all("no rule lets" in row["why"] for row in withheld) and withheld, "launches after the change are not withheld"
    assert not audit(kor, "--to", "AUS") and not audit(kor, "--until", "2001-01-01T00:00:00Z")
    changes = sum(len(rows) for (_, audience, _, _), rows in kor.rows().items() if audience == "KOR")
    assert changes >= 2, f"{changes} bundles in the stream of policy changes"
    print(f"{sum(row['count'] for row in told)} told, {sum(row['count'] for row in withheld)} withheld, under two policies")


def main():
    directory = pathlib.Path(tempfile.mkdtemp(prefix="wf_daemons_"))
    nodes, children = [], []
    try:
        nodes, real_epoch_s = make_nodes(directory, 3.0)
        modes = {"full-disk": full_disk, "policy": policy_changes}
        modes.get("".join(sys.argv[4:5]), killed_and_late)(nodes, children, real_epoch_s)
        return 0
    except Exception:
        for node in nodes:
            if (node.dir / "log").exists():
                print(f"--- {node.nation}\n{node.log()[-4000:]}", file=sys.stderr)
        raise
    finally:
        for process in [n.process for n in nodes] + children:
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()
        if os.environ.get("WF_KEEP"):
            print(f"kept {directory}", file=sys.stderr)
        else:
            shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
