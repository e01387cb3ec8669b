"""Strangers at the door of a real node that works: each is refused under its own name, counted and shown; the partners stay
linked, a partner that starts anew in the middle of it gets in, and what they say arrives in time.

usage: test_strangers.py WATCHFIRE LOAD_NODE
"""
import json
import os
import pathlib
import resource
import socket
import ssl
import struct
import sys
import time

from fleet import Fleet, priority_prefix, run, wait_for

WATCHFIRE, LOAD_NODE = sys.argv[1:3]
CONNECTIONS = int(os.environ.get("WF_CONNECTIONS", "10000"))


def state(node):
    """The newest snapshot of the console feed."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(10)
        s.connect(str(node.dir / "feed.sock"))
        data = b""
        while len(data) < 4 or len(data) < 4 + struct.unpack(">I", data[:4])[0]:
            part = s.recv(65536)
            assert part, "the feed closed"
            data += part
        return json.loads(data[4:4 + struct.unpack(">I", data[:4])[0]])["state"]


def refused(node):
    return state(node)["node"]["counters"]["driver"]["links"]["refused"]


def connect(node, source="127.0.0.1"):
    s = socket.socket()
    s.settimeout(10)
    s.bind((source, 0))
    s.connect(("127.0.0.1", node.port))
    return s


def drain(s):
    try:
        while s.recv(4096):
            pass
    except OSError:
        pass


def tls(node, certificate=None, alpn="wf1-bulk", highest=None, source="127.0.0.1"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if highest:
        context.maximum_version = highest
    if alpn:
        context.set_alpn_protocols([alpn])
    if certificate:
        context.load_cert_chain(f"{certificate}.pem", f"{certificate}.key")
    raw = connect(node, source)
    try:
        return context.wrap_socket(raw)
    except (ssl.SSLError, OSError):
        raw.close()
        return None


def plaintext(node, fleet):
    with connect(node) as s:
        s.sendall(b"GET / HTTP/1.1\r\n\r\n")
        drain(s)


def old_version(node, fleet):
    assert tls(node, fleet.nodes[1].dir / "pki/node-1", highest=ssl.TLSVersion.TLSv1_2) is None


def finish(s):
    if s is not None:
        drain(s)
        s.close()


def no_certificate(node, fleet):
    finish(tls(node))


def other_authority(nation):
    def go(node, fleet):
        directory = fleet.dir / f"false-{nation}"
        run(WATCHFIRE, "pki", "init", "--dir", directory, "--nation", nation, "--mode", "test")
        run(WATCHFIRE, "pki", "issue", "--dir", directory, "--node", "1")
        finish(tls(node, directory / "node-1"))
    return go


def no_lane(node, fleet):
    finish(tls(node, fleet.nodes[1].dir / "pki/node-1", alpn=None))


def one_byte(node, fleet):
    with connect(node) as s:
        s.sendall(b"\x16")
        began = time.monotonic()
        drain(s)
        assert time.monotonic() - began < 20, "nobody hung up"


def ten_gigabytes(node, fleet):
    s = tls(node, fleet.nodes[1].dir / "pki/node-1")  # with a partner's stolen key
    assert s is not None
    s.sendall(struct.pack(">I", 0xFFFFFFFF) + b"x" * 100)
    finish(s)


CASES = [("plaintext", plaintext, "not_tls"), ("TLS 1.2", old_version, "tls_version"), ("no certificate", no_certificate, "no_certificate"),
         ("another authority for KOR", other_authority("KOR"), "unknown_authority"), ("a nation nobody knows", other_authority("CHN"), "unknown_nation"),
         ("no lane", no_lane, "protocol"), ("one byte, then nothing", one_byte, "timeout"), ("a length of 4 GB", ten_gigabytes, "oversized")]


def one_by_one(usa, fleet):
    for what, go, name in CASES:
        before = refused(usa).get(name, 0)
        go(usa, fleet)
        wait_for(f"{what} is refused as {name}", lambda: refused(usa).get(name, 0) > before, 15)
        print(f"{what}: {name}", flush=True)


def crowd(usa, kor, fleet):
    """Ten thousand connections from one address that say nothing, and in the middle of them a partner that starts anew."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    kept_max = max(100, min(CONNECTIONS, hard - 200))
    kept, began = [], time.monotonic()
    for i in range(CONNECTIONS):
        s = socket.socket()
        s.settimeout(10)
        s.bind(("127.0.0.2", 0))
        s.connect(("127.0.0.1", usa.port))
        kept.append(s)
        if len(kept) > kept_max:
            kept.pop(0).close()
        if i == CONNECTIONS // 2:
            kor.kill()
            kor.start(prefix=priority_prefix())
    took = time.monotonic() - began
    wait_for("KOR is linked to USA", lambda: all(link["up"] for link in kor.status()["links"]), 20)
    descriptors = len(list((pathlib.Path(f"/proc/{usa.process.pid}/fd")).iterdir()))
    crowded = refused(usa).get("crowded", 0)
    for s in kept:
        s.close()
    assert crowded > CONNECTIONS * 0.9, f"only {crowded} of {CONNECTIONS} were crowded out"
    assert descriptors < 200, f"{descriptors} descriptors open"
    print(f"{CONNECTIONS} connections in {took:.1f} s: {crowded} crowded out, {descriptors} descriptors open; KOR started anew and got in")


def latency(node):
    found = [h["latency"] for h in node.heard_from("JPN", 2)]
    return found[0]


def main():
    fleet = Fleet(WATCHFIRE, LOAD_NODE)
    try:
        fleet.configure(limits="handshake_ms: 3000")
        fleet.start(prefix=priority_prefix())
        jpn, kor, usa = fleet.nodes
        jpn.say(2, 256, 200, 200 * 300)
        time.sleep(3)
        usa.ask("reset")
        time.sleep(3)
        before = latency(usa)
        usa.ask("reset")
        one_by_one(usa, fleet)
        during = latency(usa)
        usa.ask("reset")
        fleet.wait_linked(20)
        crowd(usa, kor, fleet)
        crowded = latency(usa)
        for what, found in (("before", before), ("with strangers one by one", during), ("with a crowd at the door", crowded)):
            print(f"JPN to USA {what}: p50 {found['p50_us']:.0f} us, p99 {found['p99_us']:.0f} us, n {found['n']}")
        assert during["p50_us"] < 3 * before["p50_us"] + 5000 and crowded["p50_us"] < 5 * before["p50_us"] + 20000, "the partners waited"
        assert "link JPN" not in "".join(line for line in usa.log().splitlines() if " down" in line), "JPN's link to USA went down"
        fleet.wait_linked(20)
        jpn.say(2, 256, 1, 0)
        said = jpn.status()["said"]
        wait_for("all is heard", lambda: sum(h["unique"] for h in usa.heard_from("JPN")) == said, 20)
        assert all(h["twice"] == 0 for h in usa.status()["heard"])
    except Exception:
        for node in fleet.nodes:
            print(f"--- {node.nation}\n{node.log()[-1500:]}", file=sys.stderr)
        raise
    finally:
        fleet.close()


main()
