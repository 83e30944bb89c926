"""Runs of the benchmark that were: a line of JSON each, kept and compared."""
import datetime
import json
import math
import os
import subprocess

from suite import TOP, WANTED

WORSE = 1.10    # from this on a kernel that got slower is spoken of
# What of two runs has to be the same for that.
HOW, HOST = ("quick", "options", "ours", "peer"), ("cpu", "cpus")


def default_path():
    state = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return os.path.join(state, "peppercorn", "bench.jsonl")


def geomean(values):
    values = [v for v in values if v]
    return math.exp(sum(math.log(v) for v in values) / len(values)) if values else None


def geomeans(kernels, field="ratio"):
    """{class: geometric mean of the kernels' ratios}, of classes that have any."""
    out = {}
    for cls in WANTED:
        mean = geomean([k.get(field) for k in kernels.values() if k["class"] == cls])
        if mean:
            out[cls] = mean
    return out


def host():
    model = "unknown"
    with open("/proc/cpuinfo") as f:
        for line in f:
            if line.startswith(("model name", "cpu\t", "Model")):
                model = line.split(":", 1)[1].strip()
                break
    return {"cpu": model, "cpus": os.cpu_count(), "load": os.getloadavg()[0]}


def commit():
    """The commit that is checked out, with a + where files differ from it."""
    try:
        name = subprocess.run(["git", "-C", TOP, "rev-parse", "--short=10", "HEAD"],
                              capture_output=True, text=True, check=True).stdout.strip()
        changed = subprocess.run(["git", "-C", TOP, "status", "--porcelain", "-uno"],
                                 capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return name + ("+" if changed else "")


def record(kernels, how):
    """A run as it is kept; `how` says with which options."""
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"version": 1, "date": now, "commit": commit(), "host": host(), "how": how,
            "kernels": kernels, "geomeans": geomeans(kernels),
            "geomeans_cpu": geomeans(kernels, "ratio_cpu")}


def load(path):
    """All runs, oldest first, and how many lines are none."""
    runs, bad = [], 0
    try:
        with open(path, encoding="utf-8") as f:
            for line in f:
                try:
                    run = json.loads(line)
                    if run["version"] == 1 and isinstance(run["kernels"], dict):
                        runs.append(run)
                        continue
                except (ValueError, KeyError, TypeError):
                    pass
                bad += 1
    except FileNotFoundError:
        pass
    return runs, bad


def append(path, run):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    line = (json.dumps(run, sort_keys=True) + "\n").encode()
    # One write, so that two runs that end together do not mix; after a line that was cut off, anew.
    with open(path, "ab+") as f:
        if f.tell():
            f.seek(-1, os.SEEK_END)
            line = line if f.read(1) == b"\n" else b"\n" + line
        f.write(line)


def worse(runs, run):
    """[(kernel, what, before, now, run before)]: over 10 % worse than in the last run like it.

    Like it: on such a host, with these options, the kernel's sources being the same.  Ratios
    are compared if both runs have one, else times; the ratio by CPU time has to be worse as
    well, for a busy host alone changes the other (copies on several CPUs have only that).
    """
    out = []
    for name, k in run["kernels"].items():
        for old in reversed(runs):
            was = old["kernels"].get(name)
            if not was or was.get("source") != k.get("source") or \
                    any(old["how"].get(x) != run["how"].get(x) for x in HOW) or \
                    any(old["host"].get(x) != run["host"].get(x) for x in HOST):
                continue
            if k.get("ratio") and was.get("ratio"):
                fields = ["ratio"] if k["class"] == "smp" else ["ratio", "ratio_cpu"]
                if all(was[f] > WORSE * k[f] for f in fields if k.get(f) and was.get(f)):
                    out.append((name, "ratio", was["ratio"], k["ratio"], old))
            elif k["ours"] > WORSE * was["ours"]:
                out.append((name, "ms", was["ours"], k["ours"], old))
            break
    return out


def table(runs):
    """Lines with the geomeans of the runs side by side, the newest at the right."""
    rows = [["class", "wanted"] + [r["commit"] for r in runs],
            ["", ""] + [r["date"][:16].replace("T", " ") for r in runs],
            ["", ""] + [" ".join(r["how"].get("options", []) + r["how"].get("ours", []) +
                                 (["quick"] if r["how"].get("quick") else []))[:16] for r in runs]]
    for cls, wanted in WANTED.items():
        if any(cls in r["geomeans"] for r in runs):
            rows.append([cls, str(wanted or "")] +
                        ["%.2f" % r["geomeans"][cls] if cls in r["geomeans"] else "-"
                         for r in runs])
    lines = [" ".join(["%-10s %6s" % (r[0], r[1])] + ["%16s" % c for c in r[2:]]).rstrip()
             for r in rows]
    return [line for line in lines if line]
