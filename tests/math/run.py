#!/usr/bin/env python3
"""Floating point in the guest against the host's and MPFR's: see docs/testing.md.

    run.py [--program P] [--build DIR] [--full [--minutes N]]

Without --full: the slice that is part of make check.  With it: every single-precision
input of one-operand instructions in every mode, then the rest in ever more
samples, until all is done or the minutes are over.  What was found equal is noted in
DIR/full.log with the emulator's sum; the next run with the same emulator and
programs goes on from there.
"""
import argparse
import hashlib
import os
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import lab                                              # noqa: E402
from lab import Failure                                 # noqa: E402

CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"),
                     "peppercorn", "bookworm-linux")
BLOCK = 1 << 24           # inputs of a sweep in one command
GROUP_BLOCK = 1 << 17     # operands of a group
GROUP_BLOCKS = 160        # so 20 million in each mode
FIRST = ["sqrt", "fromi32", "toi32", "tou32", "toi64", "tou64", "there", "rint", "floor", "ceil",
         "trunc", "round"]


def sum_of(*paths):
    h = hashlib.sha256()
    for p in paths:
        with open(p, "rb") as f:
            h.update(f.read())
    return h.hexdigest()[:16]


def jobs(host):
    """(program, kind, name, mode, first, count), what matters most first."""
    groups = [g for g in lab.groups(host) if not lab.is_libm(g)]
    one = [(s, m) for s, modes in lab.sweep_names() if ":" not in s for m in modes]
    one.sort(key=lambda x: FIRST.index(x[0]) if x[0] in FIRST else len(FIRST))
    two = [(s, m) for s, modes in lab.sweep_names() if ":" in s for m in modes]
    blocks = [b * BLOCK for b in range(256)]

    def group_jobs(program, names, block):
        return [(program, "group", g, m, block * GROUP_BLOCK, GROUP_BLOCK)
                for g in names for m in range(4)]

    def sweep_jobs(names, some):
        return [("vsx", "sweep", s, m, b, BLOCK) for s, m in names for b in some]

    # A little of everything; then the exhaustive sweeps, with samples in between.
    todo = sweep_jobs(one, [0x3f000000, 0x4f000000])
    scalar = [g for g in groups if g != "sx" and "vec" not in g]
    todo += group_jobs("vsx", [g for g in groups if g != "sx"], 0) + group_jobs("fpr", scalar, 0)
    samples = iter(range(1, GROUP_BLOCKS))
    for s, m in one:
        todo += sweep_jobs([(s, m)], blocks)
        for _, block in zip(range(8), samples):
            todo += group_jobs("vsx", ["d2", "d1"], block)
            todo += group_jobs("mpfr", ["d2", "s2"], block) if block % 8 == 1 else []
    # Then single precision one by one and the other programs and functions.
    for block in range(1, GROUP_BLOCKS):
        todo += group_jobs("fpr", scalar, block)
        todo += group_jobs("vsx", [g for g in groups if g not in ("sx", "d1", "d2")], block)
        todo += [("vsx", "group", "sx", m, block * BLOCK, GROUP_BLOCK) for m in range(4)]
    for i in range(8):
        todo += sweep_jobs(two, blocks[i::8])
    return list(dict.fromkeys(todo))


class Bench:
    """The engines; a program in the guest is started when its first job comes."""

    def __init__(self, opts, folder):
        self.paths = {n: lab.build(n, opts.build) for n in ("host", "mpfr", "vsx", "fpr")}
        self.host = lab.Local("host", self.paths["host"])
        self.mpfr = lab.Local("mpfr", self.paths["mpfr"])
        for name in "vmlinux", "initramfs.gz":
            if not os.path.exists(os.path.join(CACHE, name)):
                raise lab.Missing("%s/%s: run scripts/guest-debian.sh" % (CACHE, name))
        first = lab.overlay(os.path.join(CACHE, "initramfs.gz"),
                            [self.paths["vsx"], self.paths["fpr"]], folder)
        self.guest = lab.Guest(opts.program, [
            "-M", "pseries", "-cpu", opts.cpu, "-m", "1G", "-vga", "none", "-net", "none",
            "-kernel", os.path.join(CACHE, "vmlinux"), "-initrd", first,
            "-append", "console=hvc0"], scale=4)
        self.guest.wait(r"guest# ", 90)
        self.now = None

    def engine(self, program):
        if program == "mpfr":
            return self.mpfr
        if self.now is None or self.now.name != program:
            if self.now:
                self.now.close()
            self.now = lab.InGuest(program, self.guest, "/tests/math-" + program, 3600)
        return self.now

    def close(self):
        self.guest.kill()
        self.host.close()
        self.mpfr.close()


def full(opts, bench):
    mark = sum_of(opts.program, *sorted(bench.paths.values()))
    log = os.path.join(opts.build, "full.log")
    done, end = set(), time.monotonic() + opts.minutes * 60
    if os.path.exists(log):
        with open(log) as f:
            done = {tuple(line.split()[1:]) for line in f if line.split()[:1] == [mark]}
    todo = jobs(bench.host)
    mpfr_ops = lab.groups(bench.mpfr)
    failures, count, said = 0, 0, time.monotonic()
    with open(log, "a") as f:
        for job in todo:
            words = tuple("%x" % x if isinstance(x, int) else x for x in job)
            if words in done:
                count += 1
                continue
            if time.monotonic() > end:
                break
            program, kind, name = job[:3]
            ops = mpfr_ops.get(name) if program == "mpfr" else None
            texts = lab.compare(bench.engine(program), bench.host, kind, name, *job[3:], ops)
            for t in texts:
                print(t, flush=True)
            failures += len(texts)
            if not texts:
                count += 1
                f.write(" ".join((mark,) + words) + "\n")
                f.flush()
            if time.monotonic() - said > 60:
                said = time.monotonic()
                print("math: %d of %d blocks are equal, %d differences; at %s" %
                      (count, len(todo), failures, " ".join(words)), flush=True)
    print("math: %d of %d blocks are equal, %d differences" % (count, len(todo), failures))
    return failures


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--program", default=os.path.join(lab.TOP, "build", "peppercorn"))
    p.add_argument("--build", default=os.path.join(lab.TOP, "build", "math"))
    p.add_argument("--cpu", default="power9")
    p.add_argument("--full", action="store_true")
    p.add_argument("--minutes", type=float, default=1e9, help="stop the full run after N minutes")
    opts = p.parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="ppcorn-") as folder:
            bench = Bench(opts, folder)
            try:
                if opts.full:
                    return 1 if full(opts, bench) else 0
                texts, results = lab.witness_slice(bench.mpfr, bench.host)
                for program in "vsx", "fpr":
                    more, n = lab.slice_of(bench.engine(program), bench.host, program == "vsx")
                    texts, results = texts + more, results + n
            finally:
                bench.close()
    except (Failure, lab.Missing) as e:
        sys.exit("math: %s" % e)
    print("\n".join(texts + ["math: %d results compared, %d operations differ" %
                             (results, len(texts))]))
    return 1 if texts else 0


sys.exit(main())
