#!/usr/bin/env python3
"""Draws the errors of the documented flights: reads what bench_flights prints, writes an SVG.

    build/tests/bench/bench_flights tests/flights/sensors.yaml | tools/flights_plot.py > docs/images/flights.svg
"""
import html
import math
import re
import sys

LEFT, ROW, WIDTH, LOW_KM, HIGH_KM = 250, 16, 420, 0.01, 100.0
COLOURS = {"launch": "#1f6fb2", "impact": "#c2410c"}


def first_number(cell):
    found = re.match(r"\s*([0-9.]+)", cell)
    return float(found.group(1)) if found else None


def rows(lines):
    for line in lines:
        cells = [c.strip() for c in line.strip().strip("|").split("|")]
        if re.match(r"\d{4}-\d\d-\d\d$", cells[0]) and cells[2] == "ballistic":
            yield f"{cells[0]} {cells[1]}", first_number(cells[6]), first_number(cells[7])


def x_of(km):
    share = math.log10(max(km, LOW_KM) / LOW_KM) / math.log10(HIGH_KM / LOW_KM)
    return LEFT + WIDTH * min(share, 1.0)


def main():
    flights = list(rows(sys.stdin))
    height = 40 + ROW * len(flights) + 30
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 30} {height}" '
           'font-family="sans-serif" font-size="10">', '<rect width="100%" height="100%" fill="white"/>']
    for km in (0.01, 0.1, 1, 10, 100):
        x = x_of(km)
        out.append(f'<line x1="{x:.0f}" y1="26" x2="{x:.0f}" y2="{height - 26}" stroke="#ddd"/>')
        out.append(f'<text x="{x:.0f}" y="{height - 12}" text-anchor="middle">{km:g} km</text>')
    for i, (what, bar) in enumerate((("launch", 10), ("impact", 20))):
        x = x_of(bar)
        out.append(f'<line x1="{x:.0f}" y1="26" x2="{x:.0f}" y2="{height - 26}" stroke="{COLOURS[what]}" '
                   'stroke-dasharray="3 3"/>')
        out.append(f'<circle cx="{LEFT + 130 * i}" cy="12" r="3.5" fill="{COLOURS[what]}"/>'
                   f'<text x="{LEFT + 130 * i + 8}" y="15">{what} error, bar {bar} km</text>')
    for i, (name, launch, impact) in enumerate(flights):
        y = 40 + ROW * i
        out.append(f'<text x="{LEFT - 8}" y="{y + 3}" text-anchor="end">{html.escape(name)}</text>')
        for what, km in (("launch", launch), ("impact", impact)):
            if km is not None:
                out.append(f'<circle cx="{x_of(km):.1f}" cy="{y}" r="3.5" fill="{COLOURS[what]}"/>')
    print("\n".join(out + ["</svg>"]))


if __name__ == "__main__":
    main()
