"""The real path: three nodes as three processes on loopback, records of 256 bytes that mean nothing, mutual TLS 1.3,
signatures and durable stores on. Beside it, in the same run, a bare OpenSSL TLS 1.3 hop. Prints JSON lines and a verdict.

usage: bench_exchange.py WATCHFIRE LOAD_NODE BARE_HOP [latency|throughput …]
"""
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "io"))
from fleet import Fleet, priority_prefix, run, wait_for  # noqa: E402

WATCHFIRE, LOAD_NODE, BARE_HOP = sys.argv[1:4]
WHAT = sys.argv[4:] or ["latency", "throughput"]
SIZE, RATE, COUNT = 256, 10000, 40000
SECONDS = float(os.environ.get("WF_BENCH_S", "4"))
CONTRIBUTION = 2
AHEAD = priority_prefix()


def say(**what):
    print(json.dumps(what), flush=True)


def bare_hop(fleet):
    pki = fleet.nodes[0].dir / "pki"
    return json.loads(run(*AHEAD, BARE_HOP, pki / "node-1.pem", pki / "node-1.key", SIZE, RATE, COUNT))["latency"]


def settle(fleet, author, count):
    def done():
        status = author.status()
        return status["left"] == 0 and status["acknowledged"] >= count and status
    return wait_for("all is acknowledged", done, 120, 0.05)


def latency(fleet):
    author, partners = fleet.nodes[0], fleet.nodes[1:]
    before = bare_hop(fleet)
    said = author.status()["said"]
    author.say(CONTRIBUTION, SIZE, RATE, 5000)  # warm
    settle(fleet, author, said + 5000)
    for node in fleet.nodes:
        node.ask("reset")
    cpu = [n.cpu_s() for n in fleet.nodes]
    start = time.monotonic()
    author.say(CONTRIBUTION, SIZE, RATE, COUNT)
    status = settle(fleet, author, said + 5000 + COUNT)
    took = time.monotonic() - start
    used = {n.nation: round((n.cpu_s() - c) / took, 2) for n, c in zip(fleet.nodes, cpu)}
    time.sleep(0.3)
    after = bare_hop(fleet)
    bare = {k: min(before[k], after[k]) for k in ("p50_us", "p99_us", "p999_us")}
    say(metric="bare TLS 1.3 hop", **bare, records=2 * COUNT)
    worst50 = worst99 = 0
    for partner in partners:
        told = partner.status()
        heard = told["heard"][0]
        assert heard["unique"] == said + 5000 + COUNT and heard["twice"] == 0, f"lost or twice at {partner.nation}: {heard}"
        one = heard["latency"]
        worst50, worst99 = max(worst50, one["p50_us"] / bare["p50_us"]), max(worst99, one["p99_us"] / bare["p99_us"])
        say(metric=f"delivered at {partner.nation}", **one)
        say(metric=f"verified at {partner.nation}", **told["verified_us"])
    say(metric="cores used", **used, other_load=round(os.getloadavg()[0], 1))
    say(metric="durable at both, acknowledged", **status["acknowledged_us"])
    return worst50, worst99


def throughput(fleet):
    author, partners = fleet.nodes[0], fleet.nodes[1:]
    best = 0
    for rate in (50000, 100000, 150000, 200000):
        for node in fleet.nodes:
            node.ask("reset")
        said = author.status()["said"]
        count = int(rate * SECONDS)
        cpu = [n.cpu_s() for n in fleet.nodes]
        start = time.monotonic()
        author.say(CONTRIBUTION, SIZE, rate, count, int(os.environ.get("WF_BENCH_WINDOW", "16384")))
        status = settle(fleet, author, said + count)
        took = time.monotonic() - start
        used = [round((n.cpu_s() - c) / took, 2) for n, c in zip(fleet.nodes, cpu)]
        lost = twice = backfill = 0
        for partner in partners:
            heard = partner.status()["heard"][0]
            lost += said + count - heard["unique"]
            twice += heard["twice"]
            backfill += heard["backfill"]
        reached = count / took
        say(metric="throughput to two partners", asked=rate, records_s=round(reached), lost=lost, twice=twice,
            by_backfill=backfill, refused=status["refused"], cores_used=dict(zip([n.nation for n in fleet.nodes], used)),
            acknowledged_p99_ms=round(status["acknowledged_us"]["p99_us"] / 1000, 1))
        durable = all(n.status()["durable"] for n in fleet.nodes)
        if lost == 0 and twice == 0 and durable:
            best = max(best, reached)
    return best


def main():
    fleet = Fleet(WATCHFIRE, LOAD_NODE)
    try:
        fleet.configure(limits=os.environ.get("WF_BENCH_LIMITS", ""))
        fleet.start(prefix=AHEAD)
        say(ahead_of_others=bool(AHEAD), size=SIZE, cores=os.cpu_count())
        if "latency" in WHAT:
            worst50, worst99 = latency(fleet)
            say(metric="delivery against the bare hop", p50_ratio=round(worst50, 2), p99_ratio=round(worst99, 2), bars=[3, 5],
                met=worst50 <= 3 and worst99 <= 5)
        if "throughput" in WHAT:
            best = throughput(fleet)
            say(metric="sustained, nothing lost", records_s=round(best), bar=100000, aim=200000, met=best >= 100000)
        codes = [n.stop() for n in fleet.nodes]
        assert codes == [0, 0, 0], codes
    except Exception:
        for node in fleet.nodes:
            print(f"--- {node.nation}\n{node.log()[-2000:]}", file=sys.stderr)
        raise
    finally:
        fleet.close()


main()
