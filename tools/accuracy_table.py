#!/usr/bin/env python3
"""Runs `watchfire track` and `watchfire score` over the tracking scenarios and prints how each stands beside the best
complete run of stonesoup.csv (the one of least GOSPA), with its conventions: cut-off 3000 m ballistic, 1000 m cv; SIAP
with the nearest truth of each scan.

usage: accuracy_table.py [--json] [--oracle] WATCHFIRE TRACKING_DIRECTORY [SET…] [-- OPTIONS OF TRACK]

--oracle: the same tracker with association known: every object's own plots, alone, through a run of its own. What is left
is the filter and the noise, and how often the judging itself sees a change of label.
"""
import csv
import json
import pathlib
import resource
import subprocess
import sys
import tempfile

SETS = ["bal-1", "bal-10", "bal-50", "bal-100", "cluster-12", "cv-10", "cv-100", "share-20", "share-20-bias"]


def best_runs(path):
    best = {}
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name = row["scenario"]
            if row["complete"] == "yes" and (name not in best or float(row["gospa"]) < float(best[name]["gospa"])):
                best[name] = row
    return best


def run(*words):
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}: exit {done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout


def cpu_s():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def track(watchfire, folder, plots, options, out):
    run(watchfire, "track", "--sensors", folder / "sensors.csv", "--medium", "vacuum", *options, plots, "-o", out)


def track_each(watchfire, folder, options, out):
    """Association known: one run per object; its tracks are named after it. Where an object was not detected one plot of
    clutter stands in, so that the scan takes place."""
    with open(folder / "plots.csv", encoding="utf-8") as file:
        head, *plots = file.readlines()
    with open(folder / "plots_labels.csv", encoding="utf-8") as file:
        labels = [line.strip() for line in file][1:]
    with tempfile.TemporaryDirectory() as place, open(out, "w", encoding="utf-8") as all_lines:
        own, tracks = pathlib.Path(place) / "plots.csv", pathlib.Path(place) / "tracks.jsonl"
        rows = [(p.split(",", 1)[0], l, p) for p, l in zip(plots, labels)]
        clutter = {}
        for time, label, plot in rows:
            if label == "-1":
                clutter.setdefault(time, plot)
        for label in sorted(set(labels) - {"-1"}):
            mine = [(time, plot) for time, l, plot in rows if l == label]
            seen = {time for time, _ in mine}
            mine += [(time, plot) for time, plot in clutter.items() if time not in seen]
            own.write_text(head + "".join(plot for _, plot in sorted(mine, key=lambda m: float(m[0]))), encoding="utf-8")
            track(watchfire, folder, own, options, tracks)
            for line in tracks.read_text(encoding="utf-8").splitlines():
                entry = json.loads(line)
                entry["track"] = f"{label}:{entry['track']}"
                all_lines.write(json.dumps(entry) + "\n")


def measure(watchfire, folder, cutoff_m, oracle, options):
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as tracks:
        before = cpu_s()
        if oracle:
            track_each(watchfire, folder, options, tracks.name)
        else:
            track(watchfire, folder, folder / "plots.csv", options, tracks.name)
        spent_s = cpu_s() - before
        words = ["--truth", folder / "truth.csv", "--plots", folder / "plots.csv", "--labels",
                 folder / "plots_labels.csv", "--sensors", folder / "sensors.csv", "--cutoff", cutoff_m]
        if (folder / "impacts.csv").exists():
            words += ["--impacts", folder / "impacts.csv"]
        report = json.loads(run(watchfire, "score", *words, "--per-scan", tracks.name))
        late = json.loads(run(watchfire, "score", *words, "--from-age", 10, tracks.name))
    with open(folder / "plots.csv", encoding="utf-8") as file:
        plots = sum(1 for _ in file) - 1
    end_s = report["per_scan"][-1]["time_s"]
    last = [s for s in report["per_scan"] if s["time_s"] > end_s - 100 and s["nees_reports"] > 0]
    report["nees_last_100_s"] = (sum(s["nees"] * s["nees_reports"] for s in last) /
                                 max(1, sum(s["nees_reports"] for s in last)))
    report["nees_from_10_s"] = late["nees"] or {"mean": float("nan"), "inside_fraction": float("nan")}
    report["plots_per_cpu_s"] = plots / spent_s
    return report


def figure(value, digits):
    return "–" if value is None else f"{value:.{digits}f}"


def row_of(name, ours, theirs):
    near, change = ours["siap_nearest"], ours["assignment"]["number_changes"]
    peer = {key: float(theirs[key]) for key in ("gospa", "SIAP_C", "SIAP_A", "SIAP_S", "nees6_last100s", "id_swaps",
                                                "eff_pos", "eff_vel", "plots_per_cpu_s")}
    impact = ours["impact"] or {"final": {"efficiency": None}, "inside_95_fraction": None}
    bars = {
        "GOSPA": ours["gospa"]["distance"] <= peer["gospa"],
        "completeness": near["completeness"] >= peer["SIAP_C"],
        "ambiguity": near["ambiguity"] <= 1.005,
        "spuriousness": near["spuriousness"] <= 0.005,
        "changes": change <= peer["id_swaps"],
    }
    bands = ours["age"][1:]
    return [
        name, f"{ours['gospa']['distance']:.1f} / {peer['gospa']:.1f}",
        f"{near['completeness']:.4f} / {peer['SIAP_C']:.4f}", f"{ours['identity']['completeness']:.4f}", f"{near['ambiguity']:.4f} / {peer['SIAP_A']:.4f}",
        f"{near['spuriousness']:.4f} / {peer['SIAP_S']:.4f}", f"{change} / {peer['id_swaps']:.0f}",
        f"{ours['identity']['changes']}", f"{ours['run']['tracks']} / {theirs['total_track_ids']}",
        f"{ours['nees_last_100_s']:.2f} / {peer['nees6_last100s']:.2f}",
        f"{ours['nees_from_10_s']['mean']:.2f}, {ours['nees_from_10_s']['inside_fraction']:.3f}",
        " ".join(figure(b["efficiency_position"], 3) for b in bands) + f" / {peer['eff_pos']:.3f}",
        " ".join(figure(b["efficiency_velocity"], 3) for b in bands) + f" / {peer['eff_vel']:.3f}",
        f"{figure(impact['final']['efficiency'], 3)} / {theirs['eff_impact'] or '–'}",
        figure(impact["inside_95_fraction"], 3), figure(ours["track_start"]["mean_delay_s"], 1),
        figure(ours["track_start"]["within_three_scans_fraction"], 3),
        f"{ours['plots_per_cpu_s']:,.0f} / {peer['plots_per_cpu_s']:.0f}",
        ", ".join(k for k, ok in bars.items() if not ok) or "none",
    ]


HEAD = ["set", "GOSPA m", "completeness", "completeness by label", "ambiguity", "spuriousness", "number changes",
        "label changes", "track numbers",
        "NEES last 100 s", "NEES from 10 s: mean, scans inside", "position efficiency 30–60, 60–120, 120– s / final",
        "velocity efficiency, the same", "impact efficiency, last", "impact inside 95 %", "start delay s",
        "started within 3 scans", "plots per CPU second", "worse than the bar"]


def main(words):
    options = []
    if "--" in words:
        options = words[words.index("--") + 1:]
        words = words[:words.index("--")]
    as_json = "--json" in words
    oracle = "--oracle" in words
    words = [w for w in words if w not in ("--json", "--oracle")]
    if len(words) < 2 or words[0].startswith("-"):
        sys.exit(__doc__)
    watchfire, root = pathlib.Path(words[0]).resolve(), pathlib.Path(words[1])
    peers = best_runs(root / "stonesoup.csv")
    if not as_json:
        print(("Association known" if oracle else "Ours") + " / best complete run of stonesoup.csv\n")
        print("| " + " | ".join(HEAD) + " |\n|" + "---|" * len(HEAD))
    for name in words[2:] or SETS:
        ours = measure(watchfire, root / name, 1000 if name.startswith("cv") else 3000, oracle, options)
        if as_json:
            print(json.dumps({"set": name, **{k: v for k, v in ours.items() if k not in ("per_scan", "per_truth",
                                                                                        "impact_error_km")}}))
        else:
            print("| " + " | ".join(row_of(name, ours, peers[name])) + " |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
