#!/usr/bin/env python3
"""Descriptions of ASTERIX categories (README.md beside this file) → C tables.

usage: tables.py OUT.c FILE.txt…
"""
import math
import pathlib
import re
import sys
from fractions import Fraction

NONE = 0xFFFF

# What one of a unit is in SI (angles in radians); exact by definition.
SI = {"NM": 1852.0, "NM/s": 1852.0, "deg": math.pi / 180, "deg/s": math.pi / 180, "FL": 30.48, "ft": 0.3048,
      "ft/min": 0.3048 / 60, "kt": 1852.0 / 3600, "mb": 100.0, "hPa": 100.0, "ms": 1e-3, "MHz": 1e6, "": 1.0}


class Fault(Exception):
    pass


def blocks(path):
    """Lines of a file as (number, depth, words), comments and empty lines left out."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        text = line.split("#")[0].rstrip()
        if text:
            depth, odd = divmod(len(text) - len(text.lstrip(" ")), 2)
            if odd:
                raise Fault(f"{path.name}:{number}: odd indentation")
            yield number, depth, text.split()


def tree(lines):
    """Nested [(number, words, children)] from the flat list."""
    root, stack = [], [(-1, None)]
    stack = [(-1, root)]
    for number, depth, words in lines:
        while stack[-1][0] >= depth:
            stack.pop()
        node = (number, words, [])
        stack[-1][1].append(node)
        stack.append((depth, node[2]))
    return root


def editions_of(words, known, where):
    chosen = set()
    for word in words:
        first, _, last = word.partition("..")
        if first not in known or (last and last not in known):
            raise Fault(f"{where}: unknown edition in {word}")
        chosen.update(known[known.index(first) : known.index(last or first) + 1])
    return chosen


class Tables:
    """What ends up in C: nodes in depth-first order, so that a subtree is a range."""

    def __init__(self):
        self.nodes, self.leaves, self.parts, self.subs, self.scales = [], [], [], [], ["{1, 1, 0, \"\", 1.0}"]
        self.registers = {}

    # ---- scales and bounds
    def scale(self, lsb, unit):
        exact = lsb.denominator
        twos = fives = 0
        while exact % 2 == 0:
            exact, twos = exact // 2, twos + 1
        while exact % 5 == 0:
            exact, fives = exact // 5, fives + 1
        # All digits where they are few, else four more than the step needs.
        decimals = max(twos, fives)
        if exact != 1 or decimals > 8:
            decimals = max(0, math.ceil(-math.log10(lsb))) + 4
        text = f"{{INT64_C({lsb.numerator}), INT64_C({lsb.denominator}), {decimals}, \"{unit}\", {float(lsb) * SI.get(unit, 1.0)!r}}}"
        if text not in self.scales:
            self.scales.append(text)
        return self.scales.index(text)

    def quantity(self, words, bits, signed):
        """LSB, unit and bounds → scale index and raw bounds (None where the field cannot break them)."""
        lsb, unit = Fraction(words[0]), words[1] if len(words) > 1 and words[1][0] not in "<>" else ""
        low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
        least, most = low, high
        for word in words[1:]:
            match = re.fullmatch(r"(<=|>=|<|>)(-?[0-9/]+)", word)
            if not match:
                continue
            bound = Fraction(match[2]) / lsb
            if match[1] == ">=":
                least = max(least, math.ceil(bound))
            elif match[1] == "<=":
                most = min(most, math.floor(bound))
            elif match[1] == "<":
                most = min(most, math.ceil(bound) - 1)
            else:
                least = max(least, math.floor(bound) + 1)
        if least > most:  # a slip in the specification: no value could be right
            least, most = low, high
        return self.scale(lsb, unit), (least, most) if (least, most) != (low, high) else None

    # ---- nodes
    def add(self, name, kind, parent):
        node = {"name": name, "kind": kind, "parent": parent, "last": 0, "first": 0, "count": 0, "size": 0, "type": "BITS",
                "bits": 0, "flags": [], "scale": 0, "scale2": 0, "selector": NONE, "min": 0, "max": 0, "register": 0}
        self.nodes.append(node)
        return len(self.nodes) - 1

    def element(self, where, name, words, parent, siblings):
        index = self.add(name, "ELEMENT", parent)
        node = self.nodes[index]
        bits, kind, rest = int(words[0]), words[1], words[2:]
        node["bits"], node["last"] = bits, index
        bounds = None
        if kind in ("u", "s", "i", "si"):
            signed = kind in ("s", "si")
            node["type"] = "NUMBER"
            node["scale"], bounds = self.quantity(rest if kind in ("u", "s") else ["1", *rest], bits, signed)
            if signed:
                node["flags"].append("SIGNED")
        elif kind == "case":
            choices = " ".join(rest[1:]).strip("| ").split("|")
            node["type"], node["selector"] = "CASE", siblings[rest[0].split("/")[-1]]
            node["scale"], node["scale2"] = (self.quantity(c.split()[1:], bits, False)[0] for c in choices)
        elif kind == "bds":
            node["type"], node["register"] = "BDS", int(rest[0], 16) if rest else 0
        elif kind in ("octal", "icao", "ascii"):
            node["type"] = kind.upper()
            if bits % {"octal": 3, "icao": 6, "ascii": 8}[kind]:
                raise Fault(f"{where}: {bits} bits of {kind}")
        elif kind not in ("t", "r"):
            raise Fault(f"{where}: unknown type {kind}")
        if bits > 64:
            raise Fault(f"{where}: more than 64 bits")
        if bounds:
            node["flags"].append("CHECKED")
            node["min"], node["max"] = bounds
            if rest[-1] == "!":
                node["flags"].append("HARD")
        return index

    def run(self, where, children, parent, bit=0, siblings=None):
        """Elements side by side (nested groups flattened) → leaves; returns them and the bits used."""
        found, siblings = [], siblings if siblings is not None else {}
        for number, words, below in children:
            place = f"{where}:{number}"
            if words[0] == "-":
                bit += int(words[1])
            elif words[1] == "group":
                if self.nodes[parent]["kind"] == "NESTED":
                    raise Fault(f"{place}: groups nest only once")
                group = self.add(words[0], "NESTED", parent)
                more, bit = self.run(where, below, group, bit)
                found += more
                self.nodes[group]["last"] = len(self.nodes) - 1
            else:
                leaf = self.element(place, None if words[0] == "." else words[0], words[1:], parent, siblings)
                siblings[words[0]] = leaf
                if self.nodes[leaf]["bits"] + bit % 8 > 64:
                    raise Fault(f"{place}: does not fit eight octets")
                found.append((leaf, bit))
                bit += self.nodes[leaf]["bits"]
        return found, bit

    def store_leaves(self, found):
        first = len(self.leaves)
        for leaf, bit in found:
            node = self.nodes[leaf]
            self.leaves.append(f"{{{leaf}, {bit}, {node['bits']}, {flags_of(node)}}}")
        return first, len(found)

    def fixed(self, where, node, found, bits):
        if bits % 8:
            raise Fault(f"{where}: {bits} bits are no whole octets")
        node["first"], node["count"] = self.store_leaves(found)
        node["size"] = bits // 8

    def extended(self, where, index, children):
        node, parts, run, siblings = self.nodes[index], [], [], {}
        for child in children:
            if child[1] == ["fx"]:
                found, bits = self.run(where, run, index, 0, siblings)
                if (bits + 1) % 8:
                    raise Fault(f"{where}:{child[0]}: {bits} bits before fx")
                first, count = self.store_leaves(found)
                parts.append(f"{{{first}, {count}, {(bits + 1) // 8}}}")
                run = []
            else:
                run.append(child)
        if run:
            raise Fault(f"{where}: an extended item ends with fx")
        node["first"], node["count"] = len(self.parts), len(parts)
        self.parts += parts

    def item(self, where, entry, parent=NONE):
        number, words, children = entry
        place, name, kind = f"{where}:{number}", words[0], words[1]
        if kind.isdigit():
            # An element that is an item or a subfield of its own is its own only leaf.
            index = self.element(place, name, words[1:], parent, {})
            node = self.nodes[index]
            node["kind"] = "FIXED"
            node["flags"].append("SCALAR")
            self.fixed(place, node, [(index, 0)], node["bits"])
            return index
        kinds = {"group": "FIXED", "extended": "EXTENDED", "compound": "COMPOUND", "explicit": "EXPLICIT",
                 "repeat": "REPEAT_FX" if words[-1] == "fx" else "REPEAT"}
        if kind not in kinds:
            raise Fault(f"{place}: unknown form {kind}")
        index = self.add(name, kinds[kind], parent)
        node = self.nodes[index]
        if kind == "group":
            self.fixed(place, node, *self.run(where, children, index))
        elif kind == "extended":
            self.extended(where, index, children)
        elif kind == "repeat":
            found, bits = self.run(where, children, index)
            self.fixed(place, node, found, bits + (words[2] == "fx"))
            node["bits"] = 0 if words[2] == "fx" else int(words[2])
            if children[0][1][0] == ".":
                node["flags"].append("SCALAR")
        elif kind == "compound":
            if len(words) > 2:
                node["flags"].append("ONE_OCTET")
            below = [NONE if c[1] == ["none"] else self.item(where, c, index) for c in children]
            node["first"], node["count"] = len(self.subs), len(below)
            self.subs += below
        node["last"] = len(self.nodes) - 1
        return index


def flags_of(node):
    return " | ".join(f"AST_{flag}" for flag in node["flags"]) or "0"


class Category:
    def __init__(self, path, tables):
        self.name, self.select, self.select_values, self.re_editions = path.name, "", [], []
        self.uaps, self.items, self.expansions = {}, {}, {}
        for number, words, children in tree(list(blocks(path))):
            where = f"{path.name}:{number}"
            after = words[words.index("@") + 1 :] if "@" in words else []
            if words[0] == "category":
                self.number = int(words[1])
            elif words[0] == "editions":
                self.editions = words[1:]
            elif words[0] == "expansion-editions":
                self.re_editions = words[1:]
            elif words[0] == "select":
                self.select, self.select_values = words[1], words[2:]
            elif words[0] == "uap":
                names = [w for _, line, _ in children for w in line]
                for edition in editions_of(after, self.editions, where):
                    self.uaps.setdefault(edition, {})[words[1]] = names
            elif words[0] == "item":
                root = tables.item(path.name, children[0])
                for edition in editions_of(after, self.editions, where):
                    if (edition, tables.nodes[root]["name"]) in self.items:
                        raise Fault(f"{where}: {tables.nodes[root]['name']} is described twice for {edition}")
                    self.items[edition, tables.nodes[root]["name"]] = root
            elif words[0] == "expansion":
                root = tables.item(path.name, children[0])
                for edition in editions_of(after, self.re_editions, where):
                    self.expansions[edition] = root
            else:
                raise Fault(f"{where}: what is {words[0]}?")

    def uap(self, edition, name, tables, lists):
        entries = []
        for item in self.uaps[edition][name]:
            if item == "rfs":
                entries.append(NONE - 1)
            elif item == "-":
                entries.append(NONE)
            elif (edition, item) in self.items:
                entries.append(self.items[edition, item])
            else:
                raise Fault(f"{self.name}: edition {edition} has no item {item}")
        if entries not in lists:
            lists.append(entries)
        return f"{len(entries)}, UAP_{lists.index(entries)}"

    def specs(self, tables, lists):
        for edition in self.editions:
            names = list(self.uaps[edition])
            selector, value = NONE, 0
            if self.select:
                item, field = self.select.split("/")
                root = self.items[edition, item]
                selector = next(i for i in range(root, tables.nodes[root]["last"] + 1) if tables.nodes[i]["name"] == field)
                value, second = next(v.split(":") for v in self.select_values if not v.endswith(":" + names[0]))
                names = [names[0], second]
            lists_text = ", ".join("{" + self.uap(edition, n, tables, lists) + "}" for n in names)
            yield f'{{{self.number}, "{edition}", {{{lists_text}}}, {selector}, {value}}}'


def node_text(n):
    name = "NULL" if n["name"] is None else f'"{n["name"]}"'
    return (f'{{{name}, {n["parent"]}, {n["last"]}, {n["first"]}, {n["count"]}, {n["size"]}, AST_{n["kind"]}, AST_{n["type"]}, '
            f'{n["bits"]}, {flags_of(n)}, {n["scale"]}, {n["scale2"]}, {n["selector"]}, 0x{n["register"]:02x}, '
            f'INT64_C({n["min"]}), INT64_C({n["max"]})}}')


def array(kind, name, rows):
    body = ",\n    ".join(str(r) for r in rows)
    return f"const {kind} {name}[] = {{\n    {body}}};\n"


def main():
    out, paths = pathlib.Path(sys.argv[1]), [pathlib.Path(p) for p in sys.argv[2:]]
    tables, lists, registers = Tables(), [], []
    categories = []
    for path in sorted(paths):
        if path.name == "bds.txt":
            for _, words, children in tree(list(blocks(path))):
                registers.append((int(words[1], 16), tables.item(path.name, (0, [words[1], "group"], children))))
        else:
            categories.append(Category(path, tables))
    specs = [s for c in categories for s in c.specs(tables, lists)]
    expansions = [f'{{{c.number}, "{e}", {root}}}' for c in categories for e, root in sorted(
        c.expansions.items(), key=lambda pair: [int(x) for x in pair[0].split(".")])]
    text = ["// Made by tables.py from the descriptions beside it.\n", '#include "tables.h"\n',
            array("ast_node", "ast_nodes", map(node_text, tables.nodes)), array("ast_leaf", "ast_leaves", tables.leaves),
            array("ast_part", "ast_parts", tables.parts), array("uint16_t", "ast_subs", tables.subs),
            array("ast_scale", "ast_scales", tables.scales)]
    text += [f"static const uint16_t UAP_{i}[] = {{{', '.join(map(str, u))}}};\n" for i, u in enumerate(lists)]
    text += [array("wf_asterix_spec", "ast_specs", specs), array("ast_expansion", "ast_expansions", expansions),
             array("ast_register", "ast_registers", [f"{{0x{n:02x}, {root}}}" for n, root in sorted(registers)])]
    for name, rows in (("spec", specs), ("expansion", expansions), ("register", registers), ("node", tables.nodes)):
        text.append(f"const size_t ast_{name}_count = {len(rows)};\n")
    out.write_text("".join(text), encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except Fault as fault:
        sys.exit(f"tables.py: {fault}")
