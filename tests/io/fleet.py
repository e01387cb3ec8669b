"""Whole nodes as processes of their own on loopback: keys, configurations, start and stop, commands to a load_node, and
what their stores hold. For tests and measurements."""
import json
import os
import pathlib
import resource
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time


def free_ports(count, kind=socket.SOCK_STREAM):
    sockets = [socket.socket(socket.AF_INET, kind) for _ in range(count)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def run(*words):
    return subprocess.run([str(w) for w in words], check=True, capture_output=True, text=True).stdout


def priority_prefix():
    """For measurements: WF_BENCH_PREFIX="chrt -r 10" puts both the nodes and the bare hop ahead of other work on the machine."""
    return os.environ.get("WF_BENCH_PREFIX", "").split()


class Node:
    """One node of mode test; `host`, and for partners `via` {nation: (host, port)}, say where it is met."""

    def __init__(self, fleet, nation, port):
        self.fleet, self.nation, self.port = fleet, nation, port
        self.dir = fleet.dir / nation
        self.process = None
        self.dir.mkdir()
        w = fleet.watchfire
        run(w, "pki", "init", "--dir", self.dir / "pki", "--nation", nation, "--mode", "test")
        run(w, "pki", "issue", "--dir", self.dir / "pki", "--node", "1")
        self.bundle = fleet.dir / f"{nation}.pem"
        run(w, "pki", "export", "--dir", self.dir / "pki", "--out", self.bundle)

    def configure(self, via, limits):
        partners = ""
        for other in self.fleet.nodes:
            if other is self:
                continue
            run(self.fleet.watchfire, "pki", "import", "--trust", self.dir / "trust", other.bundle)
            port = via.get((self.nation, other.nation), other.port)
            partners += f"  - {{nation: {other.nation}, address: 127.0.0.1:{port}, trust: trust/{other.nation}.pem}}\n"
        (self.dir / "node.yaml").write_text(
            f"nation: {self.nation}\nmode: test\n"
            "keys: {certificate: pki/node-1.pem, key: pki/node-1.key, signing_key: pki/node-1.sign}\n"
            f"listen: 127.0.0.1:{self.port}\nstore: {self.fleet.store_of(self)}\nfeed: feed.sock\n"
            + (f"limits: {{{limits}}}\n" if limits else "") + f"partners:\n{partners}")

    def start(self, file_bytes_max=None, prefix=()):
        """file_bytes_max: no file of it grows beyond, as on a full disk."""
        limit = None
        if file_bytes_max:
            def limit():
                resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes_max, file_bytes_max))
        with open(self.dir / "log", "ab") as log:
            self.process = subprocess.Popen([*prefix, self.fleet.load_node, str(self.dir / "node.yaml")], stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, stderr=log, preexec_fn=limit)
        answer = json.loads(self.process.stdout.readline() or "{}")
        assert answer.get("running"), f"{self.nation} does not start: {self.log()[-500:]}"
        return self

    def begin(self, line):
        self.process.stdin.write((line + "\n").encode())
        self.process.stdin.flush()

    def answer(self):
        return json.loads(self.process.stdout.readline())

    def ask(self, line):
        self.begin(line)
        return self.answer()

    def say(self, priority, size, rate, count, window=8192):
        assert self.ask(f"say {priority} {size} {rate} {count} {window}")["ok"]

    def status(self):
        return self.ask("status")

    def heard_from(self, origin, priority=None, life=None):
        return [h for h in self.status()["heard"] if h["origin"] == origin and priority in (None, h["priority"])
                and life in (None, h["life"])]

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.stdin.write(b"quit\n")
        self.process.stdin.close()
        return self.process.wait(timeout=30)

    def log(self):
        return (self.dir / "log").read_text()

    def cpu_s(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def rows(self):
        """(origin, audience, class, epoch) -> [(first, last, hash, raw)] of the store, in order."""
        db = sqlite3.connect(f"file:{self.fleet.store_path(self)}?mode=ro", uri=True)
        out = {}
        for origin, audience, kind, epoch, first, last, digest, raw in db.execute(
                "SELECT s.origin, s.audience, s.class, b.epoch, b.first, b.last, b.hash, b.raw FROM bundle b"
                " JOIN stream s ON s.id = b.stream ORDER BY b.epoch, b.first"):
            out.setdefault((origin, audience, kind, epoch), []).append((first, last, digest, raw))
        db.close()
        return out


class Fleet:
    def __init__(self, watchfire, load_node, nations=("JPN", "KOR", "USA")):
        self.watchfire, self.load_node = watchfire, load_node
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="wf_fleet_"))
        self.stores = {}
        self.nodes = []
        ports = free_ports(len(nations))
        for nation, port in zip(nations, ports):
            self.nodes.append(Node(self, nation, port))

    def store_path(self, node):
        return self.stores.get(node.nation, node.dir / "store.db")

    def store_of(self, node):
        return str(self.store_path(node))

    def configure(self, via=None, limits=""):
        for node in self.nodes:
            node.configure(via or {}, limits)

    def start(self, prefix=()):
        for node in self.nodes:
            node.start(prefix=prefix)
        self.wait_linked()

    def wait_linked(self, seconds=20):
        def linked():
            return all(link["up"] for n in self.nodes for link in n.status()["links"])
        wait_for("all are linked", linked, seconds)

    def close(self):
        for node in self.nodes:
            if node.process is not None and node.process.poll() is None:
                node.kill()
        if os.environ.get("WF_KEEP"):
            print(f"kept {self.dir}")
        else:
            shutil.rmtree(self.dir, ignore_errors=True)


def wait_for(what, condition, seconds=20.0, every=0.1):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        got = condition()
        if got:
            return got
        time.sleep(every)
    raise AssertionError(f"not within {seconds} s: {what}")


def in_own_network():
    """Starts this program again in a network namespace of its own, where that is permitted, and there with 2 % of all packets
    lost, where the kernel has netem. Elsewhere it goes on as it is."""
    if os.environ.get("WF_OWN_NETWORK"):
        print(f"network: {os.environ['WF_OWN_NETWORK']}", flush=True)
        return
    up = "ip link set lo up"
    lossy = f"{up} && tc qdisc add dev lo root netem loss 2%"
    for setting, name in ((lossy, "own namespace, 2 % loss by netem"), (up, "own namespace, netem is absent"), (None, "the host's")):
        if setting is None or subprocess.run(["unshare", "-n", "sh", "-c", setting], capture_output=True).returncode == 0:
            os.environ["WF_OWN_NETWORK"] = name
            words = [sys.executable, *sys.argv]
            if setting is not None:
                words = ["unshare", "-n", "sh", "-c", setting + ' && exec "$@"', "sh", *words]
            os.execvp(words[0], words)


class Shaper:
    """The user-space line between nodes: one route per pair, named "JPN-KOR" (the first one dials)."""

    def __init__(self, program, fleet, pairs=None):
        self.process = subprocess.Popen([*priority_prefix(), program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        by_name = {n.nation: n for n in fleet.nodes}
        names = sorted(by_name)
        self.pairs = pairs or [(a, b) for a in names for b in names if a < b]
        ports = free_ports(len(self.pairs))
        self.via = {}
        for (a, b), port in zip(self.pairs, ports):
            self.tell(f"route {a}-{b} {port} {by_name[b].port}")
            self.via[(a, b)] = port

    def tell(self, line):
        self.process.stdin.write((line + "\n").encode())
        self.process.stdin.flush()
        answer = self.process.stdout.readline().decode().strip()
        assert answer == "ok", f"shaper: {line}: {answer}"

    def set_all(self, delay_ms=0, jitter_ms=0, bit_s=0, queue_bytes=32768):
        for a, b in self.pairs:
            self.tell(f"set {a}-{b} {delay_ms} {jitter_ms} {bit_s} {queue_bytes}")

    def hole(self, a, b, on):
        self.tell(f"hole {a}-{b} {int(on)}")

    def cut(self, a, b, on):
        self.tell(f"cut {a}-{b} {int(on)}")

    def reset(self, a, b):
        self.tell(f"reset {a}-{b} 0")

    def close(self):
        self.process.kill()
        self.process.wait()


def nothing_missing(nodes):
    return all(link["missing"] == 0 and link["backfill_left"] == 0 for n in nodes for link in n.status()["links"])


def compare_stores(nodes):
    """Every stream and epoch: at its members the same bundles, byte for byte, without a gap; at nobody else. -> records"""
    stores = {n.nation: n.rows() for n in nodes}
    records = 0
    for stream in sorted(set().union(*stores.values())):
        origin, audience = stream[0], stream[1].split()
        held = {n: rows.get(stream, []) for n, rows in stores.items() if n in audience}
        first_nation = origin if origin in held else sorted(held)[0]
        reference, expected = held[first_nation], 1
        for first, last, _, _ in reference:
            assert first == expected, f"{stream} at {first_nation}: expected number {expected}, found {first}"
            expected = last + 1
        for nation, rows in held.items():
            assert rows == reference, (f"{stream}: {nation} holds {len(rows)} bundles up to {rows[-1][1] if rows else 0}, "
                                       f"{first_nation} {len(reference)} up to {reference[-1][1] if reference else 0}")
        for nation, rows in stores.items():
            assert nation in audience or stream not in rows, f"{stream} is at {nation}, outside its audience"
        records += expected - 1
    return records
