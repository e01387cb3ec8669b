"""docs/openapi.yaml held against running daemons: every path, method and answer the document names is asked for, and
what comes is validated against the shape it promises; what is never seen is a failure, unless it is listed with a reason.

Three real daemons (`watchfire demo --keep`), two gateways: the demo's own (names, exercise), and one over HTTPS with
accounts and operator certificates on the same node. Usage: test_openapi.py WATCHFIRE GATEWAY OPENAPI.yaml
"""
import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

WATCHFIRE, GATEWAY, DOCUMENT = (os.path.abspath(a) for a in sys.argv[1:4])
SECRETS = {"viv": "viv's long password", "wanda": "wanda's long password", "rei": "rei's long password"}
ROLES = {"viv": "viewer", "wanda": "watch_officer", "rei": "release_authority"}

# What a test of this kind cannot bring about, with the test that does.
NOT_SEEN_HERE = {
    ("POST", "/api/v1/session", "503"): "16 passwords at once: tests/gateway/test_api.c",
    ("POST", "/api/v1/session/certificate", "429"): "20 sign-ins at once, shared with /session: seen there",
    ("GET", "/api/v1/stream", "101"): "seen with a WebSocket below, not by this walk",
    ("GET", "/api/v1/replay/stream", "101"): "as above",
}
ACTING_RARE = ["404", "409", "413", "415", "422", "429", "503", "504"]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def deref(node, root):
    """The document with every $ref put in place (it has no cycles)."""
    if isinstance(node, dict):
        if "$ref" in node:
            at = root
            for part in node["$ref"][2:].split("/"):
                at = at[part]
            return {**deref(at, root), **{k: deref(v, root) for k, v in node.items() if k != "$ref"}}
        return {k: deref(v, root) for k, v in node.items()}
    if isinstance(node, list):
        return [deref(v, root) for v in node]
    return node


class Console:
    """One browser: an address, a cookie, perhaps a client certificate."""

    def __init__(self, document, port, secure=False, certificate=None):
        self.document, self.port, self.cookie = document, port, ""
        self.context = None
        if secure:
            self.context = ssl.create_default_context()
            self.context.check_hostname = False
            self.context.verify_mode = ssl.CERT_NONE
            if certificate:
                self.context.load_cert_chain(*certificate)
        self.origin = f"http{'s' if secure else ''}://127.0.0.1:{port}"
        self.keys = 0

    def ask(self, method, path, body=None, headers=None, raw=None):
        if self.context:
            c = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=15, context=self.context)
        else:
            c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        all_headers = {"Cookie": self.cookie} if self.cookie else {}
        if method == "POST":
            self.keys += 1
            all_headers |= {"Origin": self.origin, "Content-Type": "application/json",
                            "Idempotency-Key": f"key-{os.getpid()}-{id(self)}-{self.keys}"[:64]}
        all_headers |= headers or {}
        data = raw if raw is not None else json.dumps(body if body is not None else {}).encode() if method == "POST" else None
        c.request(method, path, data, {k: v for k, v in all_headers.items() if v is not None})
        answer = c.getresponse()
        text = answer.read()
        cookie = answer.getheader("Set-Cookie")
        if cookie:
            self.cookie = cookie.split(";")[0]
            assert "HttpOnly; SameSite=Strict" in cookie, cookie
            assert ("Secure" in cookie) == (self.context is not None), cookie
        for name in ("content-security-policy", "x-content-type-options", "x-frame-options"):
            assert answer.getheader(name), f"{method} {path}: no {name}"
        c.close()
        return self.document.check(method, path, answer.status, answer.getheader("Content-Type") or "", text)

    def until(self, method, path, good, what, seconds=40, body=None):
        end = time.time() + seconds
        while True:
            code, answer = self.ask(method, path, body)
            if good(code, answer):
                return answer
            if time.time() > end:
                raise AssertionError(f"{what} did not come: {code} {str(answer)[:300]}")
            time.sleep(0.3)


class Document:
    def __init__(self, path):
        with open(path, encoding="utf-8") as f:
            raw = yaml.safe_load(f)
        assert raw["openapi"].startswith("3.1.")
        self.paths = deref(raw["paths"], raw)
        self.seen, self.faults = set(), []
        self.patterns = [(re.compile("^" + re.sub(r"\{\w+\}", "[^/]+", p) + "$"), p) for p in self.paths]

    def check(self, method, target, code, kind, text):
        path = target.split("?")[0]
        name = next((p for pattern, p in self.patterns if pattern.match(path)), None)
        operation = self.paths.get(name, {}).get(method.lower()) if name else None
        value = json.loads(text) if kind.startswith("application/json") else text.decode()
        if operation is None:
            return code, value
        promised = operation["responses"].get(str(code))
        if promised is None:
            self.faults.append(f"{method} {target}: {code} is not in the document: {text[:200]}")
            return code, value
        self.seen.add((method, name, str(code)))
        content = promised.get("content")
        if content:
            shape = next((v["schema"] for k, v in content.items() if kind.startswith(k)), None)
            if shape is None:
                self.faults.append(f"{method} {target}: {code} of type {kind}")
            else:
                for e in jsonschema.Draft202012Validator(shape).iter_errors(value):
                    self.faults.append(f"{method} {target} {code}: {e.json_path}: {e.message[:200]}")
        return code, value

    def unseen(self):
        return [(m.upper(), p, c) for p, methods in self.paths.items() for m, o in methods.items()
                for c in o["responses"] if (m.upper(), p, c) not in self.seen]


class World:
    def __init__(self, folder):
        self.folder, self.processes = folder, []
        self.port = free_port()
        self.demo = self.start("demo", WATCHFIRE, "demo", "--speed", "10", "--port", str(self.port), "--out",
                               os.path.join(folder, "out"), "--no-officers", "--keep")
        base = f"/tmp/watchfire-demo-{self.demo.pid}"
        self.feed, self.replay, self.control = f"{base}-JPN.sock", f"{base}-JPN-replay.sock", f"{base}-exercise.sock"

    def start(self, name, *command):
        log = open(os.path.join(self.folder, name + ".log"), "w", encoding="utf-8")
        process = subprocess.Popen(command, stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def run(self, *command, given=""):
        subprocess.run(command, check=True, input=given, text=True, stdout=subprocess.DEVNULL, timeout=60)

    def start_secure(self):
        pki, accounts = os.path.join(self.folder, "out/JPN/pki"), os.path.join(self.folder, "accounts")
        for name, role in ROLES.items():
            self.run(WATCHFIRE, "operator", "add", accounts, name, "--role", role, given=SECRETS[name] + "\n")
        self.run(WATCHFIRE, "operator", "add", accounts, "cora", "--role", "watch_officer", "--no-password")
        self.run(WATCHFIRE, "pki", "issue", "--dir", pki, "--server", "console", "--ip", "127.0.0.1")
        self.run(WATCHFIRE, "pki", "issue", "--dir", pki, "--operator", "cora")
        self.run(WATCHFIRE, "pki", "issue", "--dir", pki, "--operator", "stranger")
        bundle = os.path.join(self.folder, "operators.pem")
        self.run(WATCHFIRE, "pki", "export", "--dir", pki, "--out", bundle)
        self.accounts, self.pki, self.secure_port = accounts, pki, free_port()
        self.start("secure", GATEWAY, "--feed", self.feed, "--replay", self.replay, "--exercise", self.control,
                   "--listen", f"127.0.0.1:{self.secure_port}", "--cap-dir", os.path.join(self.folder, "out/JPN/cap"), "--cert", f"{pki}/server-console.pem", "--key",
                   f"{pki}/server-console.key", "--accounts", accounts, "--operators", bundle)
        self.mute_port = free_port()
        nobody = os.path.join(self.folder, "nobody.sock")
        self.start("mute", GATEWAY, "--feed", nobody, "--replay", nobody, "--exercise", nobody, "--listen",
                   f"127.0.0.1:{self.mute_port}")
        self.bare_port = free_port()
        self.start("bare", GATEWAY, "--feed", os.path.join(self.folder, "nobody.sock"), "--listen",
                   f"127.0.0.1:{self.bare_port}")

    def certificate(self, name):
        return f"{self.pki}/operator-{name}.pem", f"{self.pki}/operator-{name}.key"

    def stop(self):
        for p in reversed(self.processes):
            p.send_signal(signal.SIGINT if p is self.demo else signal.SIGTERM)
        for p in self.processes:
            try:
                p.wait(30)
            except subprocess.TimeoutExpired:
                p.kill()


def expect(code, wanted, answer, status=None):
    assert code == wanted, f"{code} instead of {wanted}: {str(answer)[:300]}"
    assert status is None or answer["status"] == status, answer


def sign_in(console, name):
    expect(*reversed_pair(console.ask("POST", "/api/v1/session", {"name": name, "password": SECRETS[name]}), 200))


def reversed_pair(answer, wanted):
    code, value = answer
    return code, wanted, value


def open_stream(port, path, cookie, context=None):
    """The WebSocket's handshake and the first text message, by hand."""
    s = socket.create_connection(("127.0.0.1", port), 10)
    if context:
        s = context.wrap_socket(s)
    s.sendall((f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
               f"Sec-WebSocket-Protocol: watchfire-stream\r\nCookie: {cookie}\r\n\r\n").encode())
    f = s.makefile("rb")
    status = int(f.readline().split()[1])
    while f.readline().strip():
        pass
    if status != 101:
        return status, None
    messages = []
    text = b""
    while len(messages) < 2:
        head = f.read(2)
        size = head[1] & 127
        if size >= 126:
            size = int.from_bytes(f.read(2 if size == 126 else 8), "big")
        text += f.read(size)
        if head[0] & 0x80:
            messages.append(json.loads(text))
            text = b""
    s.close()
    return status, messages


# ---- The walk ---------------------------------------------------------------------------------------------------------
def pages(c):
    for path in ("/api/v1/openapi.yaml", "/api/v1/session", "/api/v1/state", "/api/v1/release/policy", "/api/v1/system",
                 "/api/v1/replay", "/api/v1/exercise", "/metrics", "/cap/",
                 "/api/v1/release/list?to=KOR&outcome=told&kind=tracklet&limit=5",
                 "/api/v1/release/explain?to=KOR&kind=tracklet&lat=40.1&lon=130&partner_data=false",
                 "/api/v1/log?limit=5", "/api/v1/log?kind=all&limit=200", "/api/v1/log?kind=detection&origin=JPN"):
        code, answer = c.ask("GET", path)
        expect(code, 200, answer)
    for path in ("/api/v1/release/list?to=kor", "/api/v1/release/explain?to=KOR", "/api/v1/log?limit=201",
                 "/api/v1/log?from=now"):
        expect(*reversed_pair(c.ask("GET", path), 422))
    for path in ("/api/v1/stream", "/api/v1/replay/stream"):
        expect(*reversed_pair(c.ask("GET", path), 426))


def paging(c):
    """Pages of the log follow one another without a hole or a repetition."""
    _, whole = c.ask("GET", "/api/v1/log?kind=all&limit=60")
    whole = [r["position"] for r in whole["rows"]]
    assert whole == sorted(set(whole), reverse=True) and len(whole) > 20, whole
    found, before = [], whole[0] + 1
    while len(found) < 20:
        _, page = c.ask("GET", f"/api/v1/log?kind=all&limit=7&before={before}")
        found += [r["position"] for r in page["rows"]]
        before = page["next"]
    assert found == whole[:len(found)], (found, whole)
    for r in c.ask("GET", "/api/v1/log?kind=all&limit=200")[1]["rows"]:
        assert r["signature"] == "good", r


def accounts(world, document):
    c = Console(document, world.secure_port, True)
    for path in ("/api/v1/state", "/api/v1/release/policy", "/api/v1/release/list", "/api/v1/release/explain?to=KOR&kind=plot",
                 "/api/v1/log", "/api/v1/system", "/api/v1/replay", "/api/v1/replay/state", "/api/v1/exercise"):
        expect(*reversed_pair(c.ask("GET", path), 401))
    assert open_stream(world.secure_port, "/api/v1/stream", "", c.context)[0] == 401
    session = c.ask("GET", "/api/v1/session")[1]
    assert session["sign_in"] == ["password", "certificate"] and session["person"] is None, session
    expect(*reversed_pair(c.ask("POST", "/api/v1/session", {"name": "viv"}), 401))
    expect(*reversed_pair(c.ask("POST", "/api/v1/session", {"name": "viv", "password": "a wrong password"}), 401))
    expect(*reversed_pair(c.ask("POST", "/api/v1/session", {"name": ""}), 422))
    expect(*reversed_pair(c.ask("POST", "/api/v1/session", {"name": "viv"}, {"Origin": "https://evil.example"}), 403))
    expect(*reversed_pair(c.ask("POST", "/api/v1/session", {"name": "viv"}, {"Content-Type": "text/plain"}), 415))
    expect(*reversed_pair(c.ask("POST", "/api/v1/session/active"), 401))
    expect(*reversed_pair(c.ask("POST", "/api/v1/session/certificate"), 401))
    expect(*reversed_pair(c.ask("POST", "/api/v1/session/certificate", headers={"Content-Type": "text/plain"}), 415))
    sign_in(c, "viv")
    status, messages = open_stream(world.secure_port, "/api/v1/stream", c.cookie, c.context)
    assert status == 101 and {m["type"] for m in messages} <= {"beat", "snapshot", "delta"}, messages
    pages(c)
    expect(*reversed_pair(c.ask("POST", "/api/v1/session/active"), 200))
    # By certificate: of one who has an account, of one who has none, and of another authority (refused by TLS).
    cora = Console(document, world.secure_port, True, world.certificate("cora"))
    code, session = cora.ask("POST", "/api/v1/session/certificate")
    expect(code, 200, session)
    assert (session["person"], session["role"], session["signed_in_by"]) == ("cora", "watch_officer", "certificate")
    stranger = Console(document, world.secure_port, True, world.certificate("stranger"))
    expect(*reversed_pair(stranger.ask("POST", "/api/v1/session/certificate"), 401))
    other = os.path.join(world.folder, "other")
    world.run(WATCHFIRE, "pki", "init", "--dir", other, "--nation", "JPN", "--mode", "exercise")
    world.run(WATCHFIRE, "pki", "issue", "--dir", other, "--operator", "cora")
    forged = Console(document, world.secure_port, True, (f"{other}/operator-cora.pem", f"{other}/operator-cora.key"))
    try:
        code, answer = forged.ask("POST", "/api/v1/session/certificate")
        assert code == 401, (code, answer)
    except (ssl.SSLError, ConnectionError, http.client.RemoteDisconnected):
        pass
    return c


def two_people(world, document, viewer):
    """A viewer may not, one officer twice may not, two may; and the signed record says who and why."""
    wanda, rei = Console(document, world.secure_port, True), Console(document, world.secure_port, True)
    sign_in(wanda, "wanda")
    sign_in(rei, "rei")
    state = viewer.until("GET", "/api/v1/state", lambda c, a: c == 200 and any(
        p["state"] == "proposed" and p["issuer"] == "JPN" for p in a["state"]["products"]), "a proposal")
    product = next(p["id"] for p in state["state"]["products"] if p["state"] == "proposed" and p["issuer"] == "JPN")
    path, confirm = f"/api/v1/products/{product}/decision", {"decision": "confirm", "reason": "two sources agree"}
    nobody = Console(document, world.secure_port, True)
    expect(*reversed_pair(nobody.ask("POST", path, confirm), 401))
    code, answer = viewer.ask("POST", path, confirm)
    expect(code, 403, answer, "denied")
    for mode in ("live", "replay"):
        code, answer = wanda.ask("POST", path, confirm | {"mode": mode})
        expect(code, 403, answer, "wrong-mode")
    expect(*reversed_pair(wanda.ask("POST", path, confirm, {"Content-Type": "text/plain"}), 415))
    expect(*reversed_pair(wanda.ask("POST", path, {"decision": "confirm"}), 422))
    expect(*reversed_pair(wanda.ask("POST", path, raw=b"x" * 5000), 413))
    expect(*reversed_pair(wanda.ask("POST", "/api/v1/products/123/decision", confirm), 404))
    expect(*reversed_pair(wanda.ask("POST", path, confirm | {"mode": "exercise"}), 200))
    code, answer = wanda.ask("POST", path, confirm)
    expect(code, 403, answer, "denied")  # the same person
    key = {"Idempotency-Key": "key-of-rei-for-this"}
    expect(*reversed_pair(rei.ask("POST", path, confirm, key), 200))
    expect(*reversed_pair(rei.ask("POST", path, confirm, key), 200))  # done once, answered twice
    expect(*reversed_pair(rei.ask("POST", path, confirm), 409))       # released already
    rows = viewer.until("GET", "/api/v1/log?kind=action&text=" + product, lambda c, a: len(a["rows"]) >= 3, "the record")
    said = [(r["action"]["person"], r["action"]["role"], r["action"]["what"], r["action"]["outcome"], r["signature"])
            for r in rows["rows"]]
    assert ("wanda", "watch_officer", "confirm", "ok", "good") in said, said
    assert ("wanda", "watch_officer", "confirm", "denied", "good") in said, said
    assert ("rei", "release_authority", "confirm", "ok", "good") in said, said
    assert rows["rows"][0]["audience"] == ["JPN"], rows["rows"][0]
    return wanda, rei


def acknowledgements(c, exercise):
    """An alarm is brought about by silencing a sensor."""
    sensor = next(s for s in exercise["can"]["sensors"] if s["nation"] == "JPN")
    expect(*reversed_pair(c.ask("POST", "/api/v1/exercise/inject", {"kind": "silence_sensor", "nation": "JPN",
                                                                    "sensor": sensor["name"], "for_s": 600}), 200))
    state = c.until("GET", "/api/v1/state", lambda _, a: any(
        x["kind"] == "sensor_silent" and not x["acknowledged"] for x in a["state"]["alarms"]), "the alarm of silence")
    alarm = next(x["id"] for x in state["state"]["alarms"] if x["kind"] == "sensor_silent")
    expect(*reversed_pair(c.ask("POST", f"/api/v1/alarms/{alarm}/acknowledge"), 200))
    expect(*reversed_pair(c.ask("POST", "/api/v1/alarms/99999/acknowledge"), 404))
    rows = c.until("GET", "/api/v1/log?kind=action&text=acknowledge", lambda _, a: a["rows"], "its record")["rows"]
    assert rows[0]["action"]["subject"] in (f"{alarm:016x}", f"{99999:016x}"), rows[0]


def replay(c, world):
    room = c.ask("GET", "/api/v1/replay")[1]
    assert room["replay"] is None and room["recordings"], room
    name = room["recordings"][-1]["name"]
    expect(*reversed_pair(c.ask("POST", "/api/v1/replay/control", {"playing": True}), 404))
    expect(*reversed_pair(c.ask("POST", "/api/v1/replay/open", {"recording": "../store.db"}), 404))
    expect(*reversed_pair(c.ask("POST", "/api/v1/replay/open", {"name": name}), 422))
    expect(*reversed_pair(c.ask("POST", "/api/v1/replay/open", {"recording": name}), 200))
    state = c.until("GET", "/api/v1/replay/state", lambda code, a: code == 200 and "node" in a["state"], "the replay")
    assert state["state"]["node"]["mode"] == "replay" and state["state"]["replay"]["recorded_mode"] == "exercise"
    span = state["state"]["replay"]
    expect(*reversed_pair(c.ask("POST", "/api/v1/replay/control", {"playing": True, "speed": 50}), 200))
    c.until("GET", "/api/v1/replay", lambda _, a: a["replay"]["position"] > span["from"] and a["replay"]["playing"] or a["replay"]["ended"], "the play")
    expect(*reversed_pair(c.ask("POST", "/api/v1/replay/control", {"playing": False, "position": span["until"]}), 200))
    at_end = c.until("GET", "/api/v1/replay", lambda _, a: not a["replay"]["busy"] and not a["replay"]["playing"]
                     and a["replay"]["position"] >= span["until"][:19], "the end")["replay"]
    assert at_end["identical"], at_end
    assert any(m["kind"] == "product" for m in at_end["moments"]), at_end["moments"]
    moment = next(m["at"] for m in at_end["moments"] if m["kind"] == "product")
    expect(*reversed_pair(c.ask("POST", "/api/v1/replay/control", {"position": moment}), 200))  # back
    back = c.until("GET", "/api/v1/replay", lambda _, a: not a["replay"]["busy"]
                   and a["replay"]["position"][:19] == moment[:19], "the way back")["replay"]
    assert not back["playing"], back
    status, messages = open_stream(world.port, "/api/v1/replay/stream", c.cookie)
    assert status == 101, status
    snapshot = next(m for m in messages if m["type"] == "snapshot")
    assert snapshot["state"]["node"]["mode"] == "replay"
    product = snapshot["state"]["products"][0]["id"] if snapshot["state"]["products"] else "1"
    # A screen that shows a replay decides nothing at the node.
    code, answer = c.ask("POST", f"/api/v1/products/{product}/decision",
                         {"decision": "confirm", "reason": "from a replay", "mode": "replay"})
    expect(code, 403, answer, "wrong-mode")
    expect(*reversed_pair(c.ask("POST", "/api/v1/replay/control", {"speed": 0}), 422))
    expect(*reversed_pair(c.ask("POST", "/api/v1/replay/close"), 200))


def exercise(c, viewer):
    about = c.ask("GET", "/api/v1/exercise")[1]
    assert about["state"] == "running" and about["can"]["launches"], about
    expect(*reversed_pair(viewer.ask("POST", "/api/v1/exercise/control", {"action": "pause"}), 403))
    expect(*reversed_pair(c.ask("POST", "/api/v1/exercise/control", {"action": "stop"}), 422))
    expect(*reversed_pair(c.ask("POST", "/api/v1/exercise/control", {"action": "resume"}), 409))
    expect(*reversed_pair(c.ask("POST", "/api/v1/exercise/control", {"action": "pause"}), 200))
    c.until("GET", "/api/v1/state", lambda _, a: a["state"]["node"]["rate"] == 0, "the pause")
    time.sleep(1)
    first = c.ask("GET", "/api/v1/state")[1]["state"]["node"]["time"]
    time.sleep(1.5)
    assert c.ask("GET", "/api/v1/state")[1]["state"]["node"]["time"] == first, "record time stands still"
    expect(*reversed_pair(c.ask("POST", "/api/v1/exercise/control", {"action": "resume"}), 200))
    c.until("GET", "/api/v1/state", lambda _, a: a["state"]["node"]["time"] > first, "time going on")
    events = len(c.ask("GET", "/api/v1/state")[1]["state"]["value"])
    expect(*reversed_pair(c.ask("POST", "/api/v1/exercise/inject", {"kind": "launch", "launch": "none"}), 404))
    expect(*reversed_pair(c.ask("POST", "/api/v1/exercise/inject", {"kind": "launch", "launch": about["can"]["launches"][0]}), 200))
    c.until("GET", "/api/v1/state", lambda _, a: len(a["state"]["value"]) > events, "a second event", 60)
    assert any(x["injected"] for x in c.ask("GET", "/api/v1/exercise")[1]["launches"])
    return about


def node_away(c, document, world, about):
    """Killed at a console: 503 at once, and it comes back by itself. Frozen: 504 after five seconds."""
    expect(*reversed_pair(c.ask("POST", "/api/v1/exercise/inject", {"kind": "kill_node", "nation": "JPN", "for_s": 60}), 200))
    c.until("GET", "/api/v1/system", lambda code, _: code == 503, "503")
    questions = ("/api/v1/release/policy", "/api/v1/release/list", "/api/v1/release/explain?to=KOR&kind=plot", "/api/v1/log")
    for path in questions:
        expect(*reversed_pair(c.ask("GET", path), 503))
    for path, body in (("/api/v1/products/1/decision", {"decision": "keep", "reason": "as it was"}),
                       ("/api/v1/alarms/1/acknowledge", {})):
        expect(*reversed_pair(c.ask("POST", path, body), 503))
    c.until("GET", "/api/v1/system", lambda code, _: code == 200, "the node again", 60)
    daemon = int(subprocess.run(["pgrep", "-f", f"watchfired --config {world.folder}/out/JPN/node.yaml"],
                                capture_output=True, text=True, check=True).stdout.split()[0])
    os.kill(daemon, signal.SIGSTOP)
    try:  # the feed is called down after 2 s of silence: ask before
        import threading
        codes = {}
        work = [("GET", p, None) for p in questions + ("/api/v1/system",)]
        work += [("POST", "/api/v1/products/1/decision", {"decision": "keep", "reason": "as it was"}),
                 ("POST", "/api/v1/alarms/1/acknowledge", {})]
        def one(method, path, body):
            codes[path] = c.ask(method, path, body)[0]
        threads = [threading.Thread(target=one, args=w) for w in work]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert set(codes.values()) == {504}, codes
    finally:
        os.kill(daemon, signal.SIGCONT)


def until_too_many(what, ask, askers=48, seconds=60):
    """So many at once that even if the node takes five seconds for each they ask faster than their allowance comes back."""
    import threading
    codes, end = set(), time.time() + seconds

    def go():
        while 429 not in codes and time.time() < end:
            code, answer = ask()
            codes.add(code)
            if code == 429:
                expect(code, 429, answer, "too-many")
    threads = [threading.Thread(target=go) for _ in range(askers)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert 429 in codes, f"{what}: never too many: {codes}"


def rates(document, world):
    """The last of all: whoever asks too often is told when to come again, and the node is not asked at all: questions go to the
    gateway that never heard of one, so that how fast a node answers plays no part."""
    nobody = Console(document, world.bare_port)
    for path in ("/api/v1/system", "/api/v1/release/policy", "/api/v1/release/list", "/api/v1/release/explain?to=KOR&kind=plot",
                 "/api/v1/log"):
        until_too_many(path, lambda: nobody.ask("GET", path))
    person = Console(document, world.port)
    person.ask("POST", "/api/v1/session", {"name": "many"})
    for path, body in ACTS:
        until_too_many(path, lambda: person.ask("POST", path, body))
    until_too_many("signing in", lambda: person.ask("POST", "/api/v1/session", {"name": "many"}))


def bare(document, world):
    """Joined to no player and to no exercise, and no node ever heard."""
    c = Console(document, world.bare_port)
    expect(*reversed_pair(c.ask("GET", "/api/v1/state"), 503))
    for path in ("/api/v1/replay", "/api/v1/replay/state", "/api/v1/exercise", "/cap/"):
        expect(*reversed_pair(c.ask("GET", path), 404))
    expect(*reversed_pair(c.ask("POST", "/api/v1/session/certificate"), 403))
    expect(*reversed_pair(c.ask("POST", "/api/v1/session/end"), 200))
    mute = Console(document, world.mute_port)
    for path in ("/api/v1/replay", "/api/v1/replay/state", "/api/v1/exercise"):
        expect(*reversed_pair(mute.ask("GET", path), 503))


ACTS = (("/api/v1/products/1/decision", {"decision": "keep", "reason": "as it was"}), ("/api/v1/alarms/1/acknowledge", {}),
        ("/api/v1/replay/open", {"recording": "x.wfrec"}), ("/api/v1/replay/control", {"playing": True}),
        ("/api/v1/replay/close", {}), ("/api/v1/exercise/control", {"action": "pause"}),
        ("/api/v1/exercise/inject", {"kind": "launch", "launch": "none"}))


def nobody_acts(world, document, viewer):
    """No act without a session, from another page, or by a viewer (but that one may look at recordings)."""
    nobody = Console(document, world.secure_port, True)
    for path, body in ACTS:
        expect(*reversed_pair(nobody.ask("POST", path, body), 401))
        expect(*reversed_pair(viewer.ask("POST", path, body, {"Origin": "https://evil.example"}), 403))
        if "replay" not in path:
            expect(*reversed_pair(viewer.ask("POST", path, body), 403))


def main():
    document = Document(DOCUMENT)
    with tempfile.TemporaryDirectory(prefix="watchfire-api-") as folder:
        world = World(folder)
        try:
            c = Console(document, world.port)
            deadline = time.time() + 60
            while True:
                try:
                    if c.ask("GET", "/api/v1/state")[0] == 200:
                        break
                except OSError:
                    pass
                assert time.time() < deadline, "the demo does not start"
                time.sleep(0.3)
            world.start_secure()
            code, session = c.ask("POST", "/api/v1/session", {"name": "director"})
            expect(code, 200, session)
            assert session["identity"] == "name-only" and session["role"] is None
            time.sleep(1.5)
            steps = []
            def step(name, *what):
                began = time.time()
                result = what[0](*what[1:])
                steps.append(f"{name} {time.time() - began:.1f} s")
                return result
            step("bare", bare, document, world)
            viewer = step("accounts", accounts, world, document)
            step("pages", pages, c)
            step("nobody acts", nobody_acts, world, document, viewer)
            step("two people", two_people, world, document, viewer)
            step("paging", paging, c)
            step("replay", replay, c, world)
            about = step("exercise", exercise, c, viewer)
            step("acknowledgements", acknowledgements, c, about)
            step("node away", node_away, c, document, world, about)
            step("rates", rates, document, world)
            print(", ".join(steps))
        except BaseException:
            for name in sorted(os.listdir(folder)):
                if name.endswith(".log"):
                    with open(os.path.join(folder, name), encoding="utf-8") as f:
                        print(f"--- {name}\n{f.read()[-1500:]}")
            raise
        finally:
            world.stop()
    unseen = [u for u in document.unseen() if u not in NOT_SEEN_HERE]
    rare = [u for u in unseen if u[0] == "POST" and u[2] in ACTING_RARE and not u[1].startswith("/api/v1/session")]
    # Every act goes through one piece of code: each of its refusals is seen at one path at least.
    for code in ACTING_RARE:
        if not any(m == "POST" and c == code for m, _, c in document.seen):
            document.faults.append(f"no act was ever answered with {code}")
    unseen = [u for u in unseen if u not in rare]
    for fault in document.faults:
        print("FAULT", fault)
    for u in unseen:
        print("NEVER SEEN", *u)
    print(f"{len(document.seen)} answers of the document seen and valid, {len(unseen)} never seen, "
          f"{len(document.faults)} faults")
    return 1 if document.faults or unseen else 0


if __name__ == "__main__":
    sys.exit(main())
