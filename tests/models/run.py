#!/usr/bin/env python3
"""Searches the models of this folder whole, and sees that faults are found.

    run.py [--full] [NAME...]

Each NAME.pml is searched by spin for every set of definitions below: no assertion may
fail, no process may hang, and no state may be left out for want of depth or memory.  Then
the faults that the model knows (BROKEN=1, 2, ...) are put in, one at a time: a search
that does not find one has failed.  --full takes the larger bounds as well.
The last line is "models: N passed, N failed, N skipped".
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
DEPTH = 1000000
# A decrementer that a jump can take round.
SHORT = ["POLICY=1", "LEVEL=0", "HALF=4", "V_MAX=2", "WALL_MAX=6"]
# Of each model: what is searched, what --full adds, and for each fault where it shows.
MODELS = {
    "migration": (
        [["MODE=PRECOPY"], ["MODE=POSTCOPY"], ["MODE=ONE_WAY"]],
        [["CUTS=2", "ROOM=2", "ACTS=3"]],
        [["MODE=PRECOPY"]] * 7 + [["MODE=POSTCOPY"]] * 2),
    "clock": (
        [["POLICY=%d" % p, "LEVEL=%d" % e] for p in range(3) for e in range(2)] + [SHORT],
        [["POLICY=%d" % p, "LEVEL=%d" % e, "V_MAX=6", "WALL_MAX=7"]
         for p in range(3) for e in range(2)],
        [["POLICY=1", "LEVEL=0"]] * 7 + [SHORT, ["POLICY=1", "LEVEL=0"]]),
    "resv": ([["ROUNDS=2"]], [["ROUNDS=3", "STORES=3"]], [["ROUNDS=2"]] * 7),
}


def search(name, defines):
    """(errors, states, depth, what is wrong with the search itself or None)."""
    flags = ["-D" + d for d in defines]
    with tempfile.TemporaryDirectory(prefix="ppcorn-") as folder:
        subprocess.run(["spin"] + flags + ["-a", os.path.join(HERE, name + ".pml")], cwd=folder,
                       check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["gcc", "-O2", "-w", "-DSAFETY", "-DMEMLIM=6000", "-o", "pan", "pan.c"],
                       cwd=folder, check=True)
        done = subprocess.run(["./pan", "-m%d" % DEPTH], cwd=folder, capture_output=True, text=True)
    text = done.stdout + done.stderr
    found = re.search(r"depth reached (\d+), errors: (\d+)", text)
    states = re.search(r"(\S+) states, stored", text)
    if done.returncode or not found or not states:
        return 0, 0, 0, "the search ended with status %d: %s" % (done.returncode, text[-300:])
    errors = int(found.group(2))
    why = None
    if "max search depth too small" in text:
        why = "some states lie deeper than %d" % DEPTH
    elif "out of memory" in text or (not errors and "not completed" in text):
        why = "the search was not completed"
    m = re.search(r"pan:\d+: (.*)", text)
    return errors, int(float(states.group(1))), int(found.group(1)), why or (m and m.group(1))


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--full", action="store_true", help="larger bounds too: minutes, some GiB")
    p.add_argument("names", nargs="*", help="models; default all: " + ", ".join(MODELS))
    opts = p.parse_args()
    for name in opts.names:
        if name not in MODELS:
            sys.exit("models: %s: there is %s" % (name, ", ".join(MODELS)))
    names = opts.names or list(MODELS)
    if not shutil.which("spin") or not shutil.which("gcc"):
        print("no spin or no gcc here (package spin)")
        print("models: 0 passed, 0 failed, %d skipped" % len(names))
        return 0
    passed = failed = 0
    for name in names:
        sets, larger, faults = MODELS[name]
        jobs = [(d, False) for d in sets + (larger if opts.full else [])]
        jobs += [(d + ["BROKEN=%d" % (n + 1)], True) for n, d in enumerate(faults)]
        for defines, broken in jobs:
            start = time.monotonic()
            errors, states, depth, why = search(name, defines)
            ok = bool(states) and bool(errors) == broken and (broken or not why)
            passed, failed = passed + ok, failed + (not ok)
            print("  %-9s %-32s %s %9d states, depth %6d, %5.1f s%s" % (
                name, " ".join(defines), "ok    " if ok else "FAILED", states, depth,
                time.monotonic() - start, "; found: %s" % why if errors else
                "; %s" % why if why else ""), flush=True)
    print("models: %d passed, %d failed, 0 skipped" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
