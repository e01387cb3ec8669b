"""A second implementation of the receiving side, from docs/protocol.md alone: reads what a node said over a session, checks
every bundle, seal and chain, and prints what it was told. Python's own library only; Ed25519 as in RFC 8032, section 6.

usage: second.py RECORD_SESSION        also spoils one bit at a time and sees that it is noticed
"""
import hashlib
import subprocess
import sys

# ---- Ed25519 (RFC 8032, section 5.1)
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def recover_x(y, sign):
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * ROOT % P
    if (x * x - x2) % P or y >= P:
        return None
    return P - x if x & 1 != sign else x


def add(a, b):
    x, y = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    z, t = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = y - x, t - z, t + z, y + x
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, point):
    out = (0, 1, 1, 0)
    while n:
        if n & 1:
            out = add(out, point)
        point, n = add(point, point), n >> 1
    return out


def point_of(raw):
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = (recover_x(BASE_Y, 0), BASE_Y, 1, recover_x(BASE_Y, 0) * BASE_Y % P)


def signature_ok(key, message, signature):
    a, r, s = point_of(key), point_of(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    left, right = times(s, BASE), add(r, times(h, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


def public_key(seed):
    digest = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little") & (1 << 254) - 8 | 1 << 254
    x, y, z, _ = times(scalar, BASE)
    inverse = pow(z, P - 2, P)
    return (y * inverse % P | (x * inverse % P & 1) << 255).to_bytes(32, "little")


# ---- Protobuf (§2.2)
class Malformed(Exception):
    pass


def varint(raw, at):
    value = shift = 0
    while True:
        if at >= len(raw) or shift > 63:
            raise Malformed("varint")
        value |= (raw[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if raw[at - 1] < 128:
            return value & 2**64 - 1, at


def fields(raw):
    at = 0
    while at < len(raw):
        tag, at = varint(raw, at)
        if tag & 7 == 0:
            value, at = varint(raw, at)
        else:
            if tag & 7 == 2:
                size, at = varint(raw, at)
            else:
                size = {1: 8, 5: 4}.get(tag & 7, -1)
            if size < 0 or at + size > len(raw):
                raise Malformed("field")
            value, at = raw[at:at + size], at + size
        yield tag >> 3, value


def one(raw, number, default=None):
    found = [v for n, v in fields(raw) if n == number]
    return found[-1] if found else default


def several(raw, number):
    return [v for n, v in fields(raw) if n == number]


# ---- The log (§2.3, §2.4, §6)
class Receiver:
    def __init__(self, key):
        self.key = key
        self.bodies = {}     # id -> bytes, said and not yet sealed
        self.shown = {}      # (stream, epoch, number) -> record, handed on
        self.proven = {}     # (stream, epoch) -> {first: (last, previous hash, hash)}
        self.ends = {}       # (stream, epoch) -> highest valid number
        self.counts = {}

    def count(self, what, by=1):
        self.counts[what] = self.counts.get(what, 0) + by

    def records_of(self, piece):
        return [(one(r, 1, 0), r) for r in several(piece, 4)]

    def show(self, body, records):
        name = one(body, 1), one(body, 2)
        for number, record in records:
            if self.shown.setdefault((*name, number), record) != record:
                raise Malformed("two records under one number")

    def bundle(self, body, signature):
        if len(several(body, 1)) != 1 or len(signature) != 64:
            raise Malformed("bundle")
        digest = hashlib.blake2b(body, digest_size=32).digest()
        if not signature_ok(self.key, b"watchfire-bundle-1\0" + digest, signature):
            raise Malformed("signature")
        records = self.records_of(body)
        numbers = [n for n, _ in records]
        if not 1 <= len(numbers) <= 1024 or numbers != list(range(numbers[0], numbers[0] + len(numbers))):
            raise Malformed("numbers")
        name = one(body, 1), one(body, 2)
        self.show(body, records)
        self.proven.setdefault(name, {})[numbers[0]] = numbers[-1], one(body, 3, bytes(32)), digest
        for end in several(body, 5):
            key = name[0], one(end, 1)
            self.ends[key] = max(self.ends.get(key, 0), one(end, 2, 0))
        self.count("bundles")
        self.count("records", len(records))

    def frame(self, raw):
        (kind, body), = fields(raw)
        if kind == 3:
            bundle = one(body, 1)
            self.bundle(one(bundle, 1), one(bundle, 2))
            self.count("delivered whole")
        elif kind == 10:
            name, offset, piece = one(body, 1, 0), one(body, 2, 0), one(body, 3)
            if offset != len(self.bodies.get(name, b"")):
                raise Malformed("offset")
            self.bodies[name] = self.bodies.get(name, b"") + piece
            self.show(self.bodies[name], self.records_of(piece))
            self.count("parts")
        elif kind == 11:
            self.bundle(self.bodies.pop(one(body, 1, 0)), one(body, 2))
            self.count("seals")
        elif kind == 1:
            if one(body, 4) != b"JPN" or one(body, 1) != 2:
                raise Malformed("hello")
            self.count("hellos")
        else:
            self.count("other frames")

    def session(self, raw):
        at = 0
        while at < len(raw):
            size = int.from_bytes(raw[at:at + 4], "big")
            if not 0 < size <= 262144 or at + 4 + size > len(raw):
                raise Malformed("length")
            self.frame(raw[at + 4:at + 4 + size])
            at += 4 + size
        for (stream, epoch), bundles in self.proven.items():
            expected, last = bytes(32), 0
            for first in sorted(bundles):
                if first != last + 1 or bundles[first][1] != expected:
                    raise Malformed("chain")
                last, _, expected = bundles[first]
            if self.ends.get((stream, epoch), last) != last:
                raise Malformed("end of epoch")
        if self.bodies:
            raise Malformed("said and not sealed")
        return self


def main():
    raw = subprocess.run([sys.argv[1]], check=True, capture_output=True).stdout
    key = public_key(bytes(range(32)))
    good = Receiver(key).session(raw)
    print(f"{len(raw)} bytes:", ", ".join(f"{v} {k}" for k, v in sorted(good.counts.items())))
    assert good.counts["hellos"] == 2 and good.counts["seals"] >= 5 and good.counts["parts"] > good.counts["seals"], good.counts
    assert good.counts["delivered whole"] >= 1 and len(good.shown) == 3 + 4 + 40, (good.counts, len(good.shown))
    assert len(good.ends) == 1 and list(good.ends.values()) == [3], good.ends
    # Bits of parts, seals and bundles: whatever is changed in them is noticed.
    at, spoilt = 0, 0
    while at < len(raw):
        size = int.from_bytes(raw[at:at + 4], "big")
        if raw[at + 4] >> 3 in (3, 10, 11):
            where = at + 4 + size - 1 - spoilt * 7 % min(size - 8, 60)  # in the signature, or in a record
            bad = raw[:where] + bytes([raw[where] ^ 1 << spoilt % 8]) + raw[where + 1:]
            try:
                Receiver(key).session(bad)
            except (Malformed, KeyError, TypeError, ValueError, IndexError):
                spoilt += 1
            else:
                raise AssertionError(f"a changed bit at {where} was not noticed")
        at += 4 + size
    print(f"{spoilt} spoilt sessions, each noticed")


main()
