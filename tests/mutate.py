#!/usr/bin/env python3
"""Plants faults in the host code generator and sees whether the tests find them.

    mutate.py [--list] [--keep FOLDER] [--slice K/N] [NAME...]

Works on a copy of the sources and of what is built, where one place at a time is changed, as
tests/mutants.py has it, and the test programs are made again.  A mutant is killed by the first suite
that fails (or ends in a minute); one that all suites pass has survived and is a hole in the tests.  The last
line is "mutants: N passed, N failed, N skipped" (killed, survived, known to be no fault); status 1 if any
survived that is not known.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from mutants import MUTANTS                             # noqa: E402

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SUITES = [("unit", s) for s in ("ir", "jit", "jit_units", "jit_odds", "traces", "remade", "warm",
                                "compile", "jit_kernel")] + \
         [("isa", s) for s in ("fp_units", "jitrun", "tr")]


def copy_of(folder):
    """The sources and what is built, times kept, so that make makes only what a mutant changes."""
    files = subprocess.run(["git", "ls-files", "-z"], cwd=TOP, capture_output=True, check=True)
    for name in files.stdout.decode().split("\0"):
        if name and os.path.exists(os.path.join(TOP, name)):
            os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
            shutil.copy2(os.path.join(TOP, name), os.path.join(folder, name))
    shutil.copytree(os.path.join(TOP, "build"), os.path.join(folder, "build"), symlinks=True,
                    ignore=shutil.ignore_patterns("boot-logs", "*.log", "peppercorn"))


def make(folder, part):
    done = subprocess.run(["make", "-s", "-j%d" % os.cpu_count(), "build/tests/%s/run" % part],
                          cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit("mutate: it does not build:\n" + done.stderr[-3000:])


def killer(folder):
    """The first suite that fails; None."""
    made = set()
    for part, suite in SUITES:
        if part not in made:
            make(folder, part)
            made.add(part)
        env = dict(os.environ, CK_RUN_SUITE=suite, CK_DEFAULT_TIMEOUT="60")
        try:
            done = subprocess.run(["build/tests/%s/run" % part], cwd=folder, env=env, timeout=600,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        except subprocess.TimeoutExpired:
            return suite + " (by its time)"
        if done.returncode:
            return suite
    return None


def plant(folder, mutant):
    """The file's text before."""
    path = os.path.join(folder, mutant["file"])
    with open(path, encoding="utf-8") as f:
        text = f.read()
    with open(path, "w", encoding="utf-8") as f:
        f.write(text.replace(mutant["old"], mutant["new"], 1))
    return text


def restore(folder, mutant, text):
    path = os.path.join(folder, mutant["file"])
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def stale():
    """Mutants whose place is gone, or not one any more."""
    out = []
    for m in MUTANTS:
        with open(os.path.join(TOP, m["file"]), encoding="utf-8") as f:
            if f.read().count(m["old"]) != 1:
                out.append(m["name"])
    return out


def chosen(opts):
    if opts.names:
        unknown = set(opts.names) - {m["name"] for m in MUTANTS}
        if unknown:
            sys.exit("mutate: %s: no such mutant (--list)" % " ".join(sorted(unknown)))
        return [m for m in MUTANTS if m["name"] in opts.names]
    if opts.slice:
        k, n = (int(x) for x in opts.slice.split("/"))
        return MUTANTS[k::n]
    return MUTANTS


def run(opts, folder):
    count = {"killed": 0, "survived": 0, "equivalent": 0}
    copy_of(folder)
    if not opts.names and killer(folder):
        sys.exit("mutate: the tests fail without any mutant")
    for m in chosen(opts):
        start, text = time.monotonic(), plant(folder, m)
        by = killer(folder)
        restore(folder, m, text)
        result = "killed" if by else "equivalent" if m.get("why") else "survived"
        count[result] += 1
        print("  %-28s %-10s %s (%.0f s)" % (m["name"], result, by or m.get("why", ""),
                                             time.monotonic() - start), flush=True)
    print("mutants: %(killed)d passed, %(survived)d failed, %(equivalent)d skipped" % count)
    return 1 if count["survived"] else 0


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--list", action="store_true")
    p.add_argument("--keep", metavar="FOLDER", help="where the copy is made, and left")
    p.add_argument("--slice", metavar="K/N", help="each N-th, from K on")
    p.add_argument("names", nargs="*")
    opts = p.parse_args()
    if opts.list:
        for m in MUTANTS:
            print("%-28s %s" % (m["name"], m["file"]))
        return 0
    if stale():
        sys.exit("mutate: tests/mutants.py: the sources have changed: " + " ".join(stale()))
    if opts.keep:
        os.makedirs(opts.keep, exist_ok=True)
        return run(opts, opts.keep)
    with tempfile.TemporaryDirectory(prefix="ppcorn-") as folder:
        return run(opts, folder)


if __name__ == "__main__":
    sys.exit(main())
