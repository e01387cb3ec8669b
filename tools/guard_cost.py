#!/usr/bin/env python3
"""What each level of the covariance guard costs in accuracy: two nations' radars on one set of flights, each nation telling
only what the guard lets go. Usage: guard_cost.py WATCHFIRE DIRECTORY (with sensors.csv, plots.csv, truth.csv, impacts.csv,
as ../shared/data/tracking/share-20). Prints a table; "times" is against no guard."""
import json
import math
import os
import subprocess
import sys
import tempfile

LEVELS = ["off", "light", "medium", "full", "250", "500", "1000", "2000"]


def run(watchfire, directory, level):
    at = lambda name: os.path.join(directory, name)
    with tempfile.TemporaryDirectory() as here:
        tracks = os.path.join(here, "tracks.jsonl")
        subprocess.run([watchfire, "track", "--common", "--guard", level, "--medium", "vacuum", "--sensors",
                        at("sensors.csv"), at("plots.csv"), "-o", tracks], check=True)
        out = subprocess.run([watchfire, "score", "--truth", at("truth.csv"), "--impacts", at("impacts.csv"), "--from-age",
                              "60", tracks], check=True, capture_output=True, text=True).stdout
    return json.loads(out)


def impact_km(report, low_s, high_s):
    errors = [e["error_km"] for e in report["impact_error_km"] if low_s <= e["time_to_impact_s"] < high_s]
    return math.sqrt(sum(e * e for e in errors) / len(errors)) if errors else float("nan")


def main():
    watchfire, directory = sys.argv[1:3]
    print(f"{'level':>8} {'position m':>11} {'times':>6} {'velocity m/s':>13} {'times':>6} {'NEES':>6}"
          f" {'impact km at 300-250 s':>23} {'at 200-150 s':>13} {'complete':>9}")
    base = None
    for level in LEVELS:
        report = run(watchfire, directory, level)
        position, velocity = report["rmse_position_m"], report["rmse_velocity_m_s"]
        base = base or (position, velocity)
        print(f"{level:>8} {position:>11.1f} {position / base[0]:>6.2f} {velocity:>13.2f} {velocity / base[1]:>6.2f}"
              f" {report['nees']['mean']:>6.2f} {impact_km(report, 250, 300):>23.2f} {impact_km(report, 150, 200):>13.2f}"
              f" {report['siap']['completeness']:>9.3f}", flush=True)


if __name__ == "__main__":
    main()
