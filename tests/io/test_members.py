"""Three real daemons run; a fourth nation is added, and one is revoked, by configuration, key import and SIGHUP alone.

usage: test_members.py WATCHFIRE WATCHFIRED
"""
import os
import signal
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from fleet import Fleet, run, wait_for  # noqa: E402

WATCHFIRE, WATCHFIRED = sys.argv[1:3]
EPOCH = f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}"


def configure(node, states):
    """states: {nation: state} of its partners, by name; state None: without a word about it."""
    partners = ""
    for other in node.fleet.nodes:
        if other.nation not in states:
            continue
        run(WATCHFIRE, "pki", "import", "--force", "--trust", node.dir / "trust", other.bundle)
        state = f", state: {states[other.nation]}" if states[other.nation] else ""
        partners += f"  - {{nation: {other.nation}, address: 127.0.0.1:{other.port}, trust: trust/{other.nation}.pem{state}}}\n"
    (node.dir / "node.yaml").write_text(
        f"nation: {node.nation}\nmode: test\n"
        "keys: {certificate: pki/node-1.pem, key: pki/node-1.key, signing_key: pki/node-1.sign}\n"
        f"clock: {{record_epoch: {EPOCH}, real_epoch: {EPOCH}, rate: 10}}\n"
        f"listen: 127.0.0.1:{node.port}\nstore: store.db\nfeed: feed.sock\npartners:\n{partners}")


def start(node):
    with open(node.dir / "log", "ab") as log:
        node.process = subprocess.Popen([WATCHFIRED, "--config", str(node.dir / "node.yaml")], stderr=log)


def hang_up(node):
    node.process.send_signal(signal.SIGHUP)


def logged(node, *words):
    return any(all(w in line for w in words) for line in node.log().splitlines())


def heard(node, origin, audience):
    """How many records of the origin to that audience are in the node's store."""
    try:
        db = sqlite3.connect(f"file:{node.dir / 'store.db'}?mode=ro", uri=True)
        (count,) = db.execute("SELECT count(*) FROM bundle b JOIN stream s ON s.id = b.stream WHERE s.origin = ? AND s.audience = ?",
                              (origin, audience)).fetchone()
        db.close()
    except sqlite3.OperationalError:  # it is just being made
        return 0
    return count


def main():
    fleet = Fleet(WATCHFIRE, None, ("AUS", "JPN", "KOR", "USA"))
    aus, jpn, kor, usa = fleet.nodes
    three, four = "JPN KOR USA", "AUS JPN KOR USA"
    try:
        for node in (jpn, kor, usa):
            configure(node, {n: None for n in three.split() if n != node.nation})
            start(node)
        wait_for("the three hear each other", lambda: heard(jpn, "USA", three) and heard(usa, "KOR", three), 30)

        # A file that is wrong changes nothing and says why.
        good = (jpn.dir / "node.yaml").read_text()
        (jpn.dir / "node.yaml").write_text(good + "  - {nation: AUS, trust: trust/AUS.pem}\n")
        hang_up(jpn)
        wait_for("the reason is said", lambda: logged(jpn, "the configuration was refused; the old one stays"))
        assert logged(jpn, "node.yaml:", "AUS"), jpn.log()

        # The fourth joins: keys are imported, files changed, nobody restarts.
        for node in fleet.nodes:
            configure(node, {n: None for n in four.split() if n != node.nation})
        for node in (jpn, kor, usa):
            hang_up(node)
        start(aus)
        wait_for("AUS hears all and all hear AUS", lambda: all(
            heard(node, other.nation, four) for node in fleet.nodes for other in fleet.nodes if other is not node), 40)
        assert all(node.process.poll() is None for node in fleet.nodes)
        assert heard(aus, "JPN", three) == 0, "AUS has what was said before it belonged"

        # KOR is revoked by JPN: its session ends with the reason, its later records are not taken, and nothing is said to it.
        configure(jpn, {"AUS": None, "KOR": "revoked", "USA": None})
        hang_up(jpn)
        wait_for("KOR is told", lambda: logged(kor, "link JPN", "revoked"))
        time.sleep(1.0)
        had, told = heard(jpn, "KOR", four), heard(kor, "JPN", four)
        wait_for("JPN goes on with the others", lambda: heard(usa, "JPN", "AUS JPN USA") and heard(aus, "JPN", "AUS JPN USA"), 30)
        before = heard(usa, "KOR", four)
        wait_for("KOR goes on with USA", lambda: heard(usa, "KOR", four) > before + 1, 30)
        assert heard(jpn, "KOR", four) == had and had > 0, "a revoked nation's record was taken, or what it said before is gone"
        assert heard(kor, "JPN", four) == told and heard(kor, "JPN", "AUS JPN USA") == 0, "something was said to a revoked nation"
        assert "link KOR lane 1 up" not in jpn.log().split("partner KOR: revoked, was active, by SIGHUP")[1], "KOR was let in again"

        # Taking it back needs a restart; it is refused with a reason.
        configure(jpn, {"AUS": None, "KOR": None, "USA": None})
        hang_up(jpn)
        wait_for("taking it back is refused", lambda: logged(jpn, "KOR was revoked"))
        for node in fleet.nodes:
            node.process.send_signal(signal.SIGTERM)
            assert node.process.wait(timeout=10) == 0, node.log()[-2000:]
        print("a fourth nation joined and one was revoked while all ran")
    except Exception:
        for node in fleet.nodes:
            if (node.dir / "log").exists():
                print(f"--- {node.nation}\n{node.log()[-2500:]}", file=sys.stderr)
        raise
    finally:
        fleet.close()


main()
