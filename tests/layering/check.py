#!/usr/bin/env python3
"""Includes point only to the left (docs/architecture.md, "Rooms").

For every room, with the include directories its own sources are compiled with: a file that includes a header of a room it
may see must compile, a file that includes a header of any other room must not. Then every #include of every source is
held against the same list, so that a path with ".." is found too.

usage: check.py SOURCE_ROOT BUILD_ROOT
"""
import json
import pathlib
import re
import shlex
import subprocess
import sys

# From left to right. Rooms of one group never include one another.
GROUPS = [
    ["base"],
    ["geo"],
    ["motion"],
    ["model"],
    ["wire", "estimate"],
    ["sensor", "track", "release", "picture", "warn", "exchange"],
    ["node"],
    ["yaml"],  # what sim and io share to read YAML files; nothing of the core may
    ["accounts"],  # what gateway, io and cli share about people who sign in
    ["sim", "io"],
    ["gateway", "daemon", "cli"],
]
ROOMS = [room for group in GROUPS for room in group]


def may_see(room):
    allowed = {room}
    for group in GROUPS:
        if room in group:
            return allowed
        allowed.update(group)
    raise KeyError(room)


def include_flags(source_root, build):
    """Room -> (directory, compiler, its -I, -isystem and -D flags), from the build's own commands."""
    flags = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        words = shlex.split(entry["command"])
        source = (pathlib.Path(entry["directory"]) / entry["file"]).resolve()
        room = source.parent.name
        if source.parent.parent != source_root / "src" or room not in ROOMS or room in flags or source.suffix != ".c":
            continue  # tests, and what a generator wrote into the build directory
        compiler = next(w for w in words if not w.endswith("ccache"))
        kept = [w for i, w in enumerate(words) if w.startswith(("-I", "-D")) or words[i - 1] == "-isystem" or w == "-isystem"]
        flags[room] = (entry["directory"], compiler, kept)
    return flags


def compiles(where, compiler, flags, header):
    # Preprocessing is enough to know whether a header can be included, and a hundred times cheaper.
    return subprocess.run(
        [compiler, *flags, "-E", "-x", "c", "-o", "/dev/null", "-"],
        input=f'#include "{header}"\n', text=True, cwd=where, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        check=False,
    ).returncode == 0


def check_compilation(source, build, complain):
    headers = {
        room: next((f"{room}/{h.name}" for h in sorted((source / "src" / room / "include" / room).glob("*.h"))), None)
        for room in ROOMS
    }
    seen = refused = 0
    for room, (where, compiler, flags) in include_flags(source, build).items():
        for other in ROOMS:
            if headers[other] is None:
                continue
            ok = compiles(where, compiler, flags, headers[other])
            if ok and other not in may_see(room):
                complain(f"src/{room}: a file that includes {headers[other]} compiles, and must not")
            if other == room and not ok:
                complain(f"src/{room}: its own {headers[other]} cannot be included: this check checks nothing")
            seen += ok
            refused += not ok
    print(f"compiled: {seen} includes accepted, {refused} refused")
    if seen == 0 or refused == 0:
        complain("nothing was compared")


def check_text(source, complain):
    count = 0
    pattern = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
    for room in ROOMS:
        for path in sorted((source / "src" / room).rglob("*.[ch]")):
            for name in pattern.findall(path.read_text(encoding="utf-8")):
                count += 1
                parts = name.split("/")
                if ".." in parts:
                    complain(f"{path.relative_to(source)}: includes {name}: no paths with ..")
                elif len(parts) > 1 and parts[0] in ROOMS and parts[0] not in may_see(room):
                    complain(f"{path.relative_to(source)}: includes {name}, which lies to the right of {room}")
    print(f"read: {count} includes")


def main():
    source, build = (pathlib.Path(a).resolve() for a in sys.argv[1:3])
    faults = []
    for room in sorted(p.name for p in (source / "src").iterdir() if p.is_dir()):
        if room not in ROOMS:
            faults.append(f"src/{room}: a room that the architecture does not know")
    check_compilation(source, build, faults.append)
    check_text(source, faults.append)
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
