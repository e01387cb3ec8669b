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


def real_time_prefix():
    """Real-time priority for measurements, where it is permitted: other work on the machine then counts less."""
    try:
        subprocess.run(["chrt", "-r", "10", "true"], check=True, capture_output=True)
        return ["chrt", "-r", "10"]
    except (OSError, subprocess.CalledProcessError):
        return []


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

    def ask(self, line):
        self.process.stdin.write((line + "\n").encode())
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

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
