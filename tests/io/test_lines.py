"""Three real nodes on bad lines: 80 ms +- 20 ms each way at 20 Mbit/s, connections reset, JPN-KOR cut, a black hole, kill -9,
a full disk. What must hold, seen from outside: what is said is heard by all others, once; through USA while JPN-KOR is cut;
in the end every store holds the same bundles byte for byte, without a gap.

usage: test_lines.py WATCHFIRE LOAD_NODE SHAPER [long]       long: the black hole lasts 60 s
"""
import os
import resource
import subprocess
import sys
import time

from fleet import Fleet, Shaper, compare_stores, in_own_network, nothing_missing, wait_for

WATCHFIRE, LOAD_NODE, SHAPER = sys.argv[1:4]
LONG = "long" in sys.argv[4:]
HOLE_S = 60 if LONG else 5
WARNING, CONTRIBUTION = 0, 2
RATE, WARNINGS_S = 100, 5


def speak(node, seconds):
    node.say(CONTRIBUTION, 256, RATE, int(RATE * seconds))
    node.say(WARNING, 256, WARNINGS_S, int(WARNINGS_S * seconds))


def heard(node, origin, life=None):
    return sum(h["unique"] for h in node.heard_from(origin.nation, life=life))


def step(text, since):
    print(f"{time.monotonic() - since:6.1f} s  {text}", flush=True)


def cut_and_healed(shaper, jpn, kor):
    """While JPN-KOR is cut, KOR hears JPN through USA."""
    kor.ask("reset")
    before = sum(h["relayed"] for h in kor.heard_from("JPN"))
    shaper.cut("JPN", "KOR", True)
    time.sleep(4)
    during = kor.heard_from("JPN")
    relayed = sum(h["relayed"] for h in during) - before
    gap_ms = max(h["gap_max_ms"] for h in during if h["priority"] == CONTRIBUTION)
    shaper.cut("JPN", "KOR", False)
    assert relayed > RATE, f"KOR heard only {relayed} records of JPN through USA in 4 s"
    assert gap_ms < 3000, f"KOR heard nothing of JPN for {gap_ms} ms"
    wait_for("JPN and KOR are linked again", lambda: all(link["up"] for link in kor.status()["links"]), 20)
    return relayed, gap_ms


class SmallDisk:
    """A disk for one node's store that can be filled up: a small file system where that is permitted, else a file size limit."""

    def __init__(self, fleet, node):
        self.node, self.mount = node, fleet.dir / "disk"
        self.mount.mkdir()
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "none", str(self.mount)], capture_output=True)
        self.mounted = made.returncode == 0
        if self.mounted:
            fleet.stores[node.nation] = self.mount / "store.db"

    def fill(self):
        if not self.mounted:
            store = self.node.fleet.store_path(self.node)
            largest = max(os.path.getsize(str(store) + end) for end in ("", "-wal"))
            resource.prlimit(self.node.process.pid, resource.RLIMIT_FSIZE, (largest, largest))
            return
        with open(self.mount / "ballast", "wb") as ballast:
            try:
                while True:
                    ballast.write(b"\0" * 65536)
                    ballast.flush()
            except OSError:
                pass

    def free(self):
        if self.mounted:
            (self.mount / "ballast").unlink()

    def close(self):
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.mount)], capture_output=True)


def trouble(fleet, shaper, disk):
    jpn, kor, usa = fleet.nodes
    start = time.monotonic()
    for node in fleet.nodes:
        speak(node, 3600)
    time.sleep(2)
    for _ in range(2):
        shaper.reset("JPN", "USA")
        time.sleep(1)
    step("JPN-USA reset twice", start)
    relayed, gap_ms = cut_and_healed(shaper, jpn, kor)
    step(f"JPN-KOR cut and healed: {relayed} records through USA, longest silence {gap_ms:.0f} ms", start)
    shaper.hole("KOR", "USA", True)
    time.sleep(HOLE_S)
    shaper.hole("KOR", "USA", False)
    step(f"KOR-USA a black hole for {HOLE_S} s", start)
    fleet.wait_linked(30)
    kor.kill()
    time.sleep(2)
    kor.start()
    speak(kor, 3600)
    fleet.wait_linked(30)
    step("KOR killed and started again", start)
    disk.fill()
    wait_for("USA says that its disk is full", lambda: not usa.status()["durable"], 20)
    time.sleep(2)
    step("USA's disk is full; it goes on", start)
    heard_before = heard(jpn, usa)
    wait_for("JPN still hears USA", lambda: heard(jpn, usa) > heard_before, 10)
    for node in fleet.nodes:  # silence
        for priority in (WARNING, CONTRIBUTION):
            node.say(priority, 256, 1, 0)
    lives = {n.nation: (n.status()["life"], n.status()["said"]) for n in fleet.nodes}
    wait_for("all is heard", lambda: all(heard(n, o, lives[o.nation][0]) == lives[o.nation][1] for n in fleet.nodes
                                        for o in fleet.nodes if o is not n and n is not kor) and nothing_missing(fleet.nodes), 40)
    said = {n: lives[n][1] for n in lives}
    step(f"all heard: {said}", start)
    for node in fleet.nodes:
        status = node.status()
        assert status["aside"] == 0, f"{node.nation}: {status['aside']} records set aside"
        assert all(h["twice"] == 0 for h in status["heard"]), f"{node.nation} heard something twice: {status['heard']}"
    assert usa.stop() == 1, "a node that could not store must not end as if nothing were wrong"
    disk.free()
    usa.start()
    fleet.wait_linked(30)
    wait_for("USA has everything back", lambda: nothing_missing(fleet.nodes) and usa.status()["durable"], 40)
    step("USA started again, with everything", start)


def settled(fleet):
    """Until everything that is at one is at all who may have it."""
    why = ""

    def same():
        nonlocal why
        try:
            compare_stores(fleet.nodes)
            return True
        except AssertionError as difference:
            why = str(difference)
            return False
    try:
        wait_for("the stores are the same", same, 40, 0.5)
    except AssertionError as late:
        raise AssertionError(f"{late}: {why}") from None


def main():
    in_own_network()
    fleet, shaper, disk = Fleet(WATCHFIRE, LOAD_NODE), None, None
    try:
        shaper = Shaper(SHAPER, fleet)
        disk = SmallDisk(fleet, fleet.nodes[2])
        fleet.configure(via=shaper.via)
        shaper.set_all(80, 20, 20e6, 65536)
        fleet.start()
        trouble(fleet, shaper, disk)
        settled(fleet)
        codes = [n.stop() for n in fleet.nodes]
        assert codes == [0, 0, 0], f"exit statuses {codes}"
        records = compare_stores(fleet.nodes)
        for node in fleet.nodes:
            checked = subprocess.run([WATCHFIRE, "log", "verify", fleet.store_of(node), "--config", str(node.dir / "node.yaml")],
                                     capture_output=True, text=True)
            assert checked.returncode == 0, f"log verify at {node.nation}: {checked.stdout[-2000:]}{checked.stderr}"
        print(f"{records} records, the same bundles byte for byte at all, chains and signatures checked")
    except Exception:
        for node in fleet.nodes:
            print(f"--- {node.nation}\n{node.log()[-3000:]}", file=sys.stderr)
        raise
    finally:
        fleet.close() if disk is None or not disk.mounted else None
        if shaper is not None:
            shaper.close()
        if disk is not None:
            disk.close()
            fleet.close()


main()
