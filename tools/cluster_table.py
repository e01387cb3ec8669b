#!/usr/bin/env python3
"""Redraws of cluster-12 (a separation: close objects from one state, one radar of 30 m and 1 mrad every 2 s) of our own
making, tracked and judged as accuracy_table.py does, beside the same tracker with association known.

usage: cluster_table.py [--objects N] [--spread M] [--speed M_S] [--runs N] [--first SEED] [--oracle] WATCHFIRE

--spread, --speed: 1 sigma per axis of the offsets (300 m, 3 m/s). Printed: one line per redraw, then their mean.
"""
import argparse
import math
import pathlib
import random
import tempfile

import accuracy_table

A_M, FLATTENING = 6378137.0, 1.0 / 298.257223563
GM, J2, SPIN = 3.986004418e14, 1.082629821e-3, 7.292115e-5
E2 = FLATTENING * (2.0 - FLATTENING)
SITE_DEG = (27.75, -137.0)
SCANS, SCAN_S = 150, 2.0
SIGMA = (30.0, 1e-3, 1e-3)
DETECTION, CLUTTER = 0.9, 20.0
BOX = (150e3, 1000e3, -1.570796, 1.745329, 0.034907, 1.308997)


def frame(lat, lon):
    """East, north, up."""
    sa, ca, so, co = math.sin(lat), math.cos(lat), math.sin(lon), math.cos(lon)
    return ((-so, co, 0.0), (-sa * co, -sa * so, ca), (ca * co, ca * so, sa))


def ecef(lat, lon, height):
    n = A_M / math.sqrt(1.0 - E2 * math.sin(lat) ** 2)
    return [(n + height) * math.cos(lat) * math.cos(lon), (n + height) * math.cos(lat) * math.sin(lon),
            (n * (1.0 - E2) + height) * math.sin(lat)]


def acceleration(s):
    x, y, z, vx, vy, _ = s
    r2 = x * x + y * y + z * z
    r = math.sqrt(r2)
    g = -GM / (r2 * r)
    j, z2 = 1.5 * J2 * A_M * A_M / r2, 5.0 * z * z / r2
    return [g * x * (1.0 + j * (1.0 - z2)) + 2.0 * SPIN * vy + SPIN * SPIN * x,
            g * y * (1.0 + j * (1.0 - z2)) - 2.0 * SPIN * vx + SPIN * SPIN * y, g * z * (1.0 + j * (3.0 - z2))]


def fall(s, dt):
    def rate(q):
        return q[3:] + acceleration(q)

    def ahead(q, k, h):
        return [a + h * b for a, b in zip(q, k)]

    k1 = rate(s)
    k2 = rate(ahead(s, k1, dt / 2))
    k3 = rate(ahead(s, k2, dt / 2))
    k4 = rate(ahead(s, k3, dt))
    return [a + dt / 6 * (b + 2 * c + 2 * d + e) for a, b, c, d, e in zip(s, k1, k2, k3, k4)]


def separation(rng, objects, spread_m, speed_m_s):
    lat, lon = 30.0 + rng.uniform(-0.3, 0.3), -140.0 + 0.5 + rng.uniform(-0.3, 0.3)
    lat, lon = math.radians(lat), math.radians(lon)
    east, north, up = frame(lat, lon)
    speed = 2950.0 * (1.0 + 0.03 * rng.gauss(0, 1))
    angle, heading = math.radians(rng.uniform(36, 48)), math.radians(rng.uniform(86, 94))
    along = [math.sin(heading) * e + math.cos(heading) * n for e, n in zip(east, north)]
    centre = ecef(lat, lon, 80e3 + rng.uniform(-10e3, 10e3))
    centre += [speed * (math.cos(angle) * a + math.sin(angle) * u) for a, u in zip(along, up)]
    return [[c + (spread_m if i < 3 else speed_m_s) * rng.gauss(0, 1) for i, c in enumerate(centre)]
            for _ in range(objects)]


def polar(site, axes, s):
    d = [a - b for a, b in zip(s, site)]
    e, n, u = (sum(a * b for a, b in zip(axis, d)) for axis in axes)
    return math.sqrt(e * e + n * n + u * u), math.atan2(e, n) % (2 * math.pi), math.atan2(u, math.hypot(e, n))


def poisson(rng, mean):
    count, product, least = 0, rng.random(), math.exp(-mean)
    while product > least:
        count += 1
        product *= rng.random()
    return count


def write(folder, seed, objects, spread_m, speed_m_s):
    """A set as those of the shared tracking files: sensors.csv, plots.csv, plots_labels.csv, truth.csv."""
    rng = random.Random(seed)
    lat, lon = (math.radians(a) for a in SITE_DEG)
    site, axes = ecef(lat, lon, 0.0), frame(lat, lon)
    states = separation(rng, objects, spread_m, speed_m_s)
    plots, labels, truth = ["time_s,sensor,range_m,az_rad,el_rad"], ["label"], ["time_s,id,x,y,z,vx,vy,vz"]
    for scan in range(SCANS):
        seen = []
        for k, s in enumerate(states):
            if scan > 0:
                s = states[k] = fall(s, SCAN_S)
            r, az, el = polar(site, axes, s)
            if r > 1500e3 or el < math.radians(2.0):
                continue
            truth.append(f"{scan * SCAN_S:.3f},{k}," + ",".join(f"{a:.4f}" for a in s))
            if rng.random() < DETECTION:
                seen.append((k, r + SIGMA[0] * rng.gauss(0, 1), (az + SIGMA[1] * rng.gauss(0, 1)) % (2 * math.pi),
                             el + SIGMA[2] * rng.gauss(0, 1)))
        for _ in range(poisson(rng, CLUTTER)):
            seen.append((-1, rng.uniform(*BOX[:2]), rng.uniform(*BOX[2:4]) % (2 * math.pi), rng.uniform(*BOX[4:])))
        rng.shuffle(seen)
        for label, r, az, el in seen:
            plots.append(f"{scan * SCAN_S:.3f},R1,{r:.3f},{az:.8f},{el:.8f}")
            labels.append(str(label))
    head = "sensor,lat_deg,lon_deg,h_m,sigma_r_m,sigma_az_rad,sigma_el_rad,pd,clutter_mean_per_scan,r0,r1,az0,az1,el0,el1"
    sensor = ",".join(map(str, ("R1", *SITE_DEG, 0.0, *SIGMA, DETECTION, CLUTTER, *BOX)))
    for name, lines in (("sensors", [head, sensor]), ("plots", plots), ("plots_labels", labels), ("truth", truth)):
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


COLUMNS = [("completeness", lambda r: r["siap_nearest"]["completeness"]),
           ("by label", lambda r: r["identity"]["completeness"]),
           ("ambiguity by label", lambda r: r["identity"]["ambiguity"]),
           ("NEES", lambda r: r["nees_from_10_s"]["mean"]),
           ("NEES last 100 s", lambda r: r["nees_last_100_s"]),
           ("label changes", lambda r: r["identity"]["changes"]),
           ("number changes", lambda r: r["assignment"]["number_changes"]),
           ("tracks", lambda r: r["run"]["tracks"]),
           ("start delay s", lambda r: r["track_start"]["mean_delay_s"]),
           ("within 3 scans", lambda r: r["track_start"]["within_three_scans_fraction"]),
           ("GOSPA m", lambda r: r["gospa"]["distance"]),
           ("times real time", lambda r: r["times_real_time"])]


def main():
    words = argparse.ArgumentParser(usage=__doc__)
    words.add_argument("watchfire")
    words.add_argument("--objects", type=int, default=12)
    words.add_argument("--spread", type=float, default=300.0)
    words.add_argument("--speed", type=float, default=3.0)
    words.add_argument("--runs", type=int, default=20)
    words.add_argument("--first", type=int, default=1)
    words.add_argument("--oracle", action="store_true")
    o = words.parse_args()
    watchfire = pathlib.Path(o.watchfire).resolve()
    print("| seed | " + " | ".join(name for name, _ in COLUMNS) + " |\n|" + "---|" * (len(COLUMNS) + 1))
    rows = []
    for seed in range(o.first, o.first + o.runs):
        with tempfile.TemporaryDirectory() as place:
            folder = pathlib.Path(place)
            write(folder, seed, o.objects, o.spread, o.speed)
            with open(folder / "plots.csv", encoding="utf-8") as file:
                count = sum(1 for _ in file) - 1
            r = accuracy_table.measure(watchfire, folder, 3000, o.oracle, [])
            r["times_real_time"] = SCANS * SCAN_S / (count / r["plots_per_cpu_s"])
            rows.append([value(r) for _, value in COLUMNS])
        print(f"| {seed} | " + " | ".join(f"{v:.4g}" for v in rows[-1]) + " |", flush=True)
    print("| mean | " + " | ".join(f"{sum(c) / len(c):.4g}" for c in zip(*rows)) + " |")


if __name__ == "__main__":
    main()
