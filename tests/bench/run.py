#!/usr/bin/env python3
"""Ours and the peer side by side, in the same run, on the same guests.

    run.py [--only CLASS|KERNEL[,...]] [--quick] [--repeat N] [--program P] [--peer P | --no-peer]
           [--ours-options="OPTION..."] [-- OPTION...]
    run.py --history [N]
    run.py --list

Options after "--" go to both, those of --ours-options to ours alone.  Numbers are of this
machine and this hour; the ratio, how many times faster ours is, is what they are for.  It is
taken by the wall's clock and, beside it, by the CPU time of the emulators, which a busy host
changes less.  Every run is added to a file of runs (docs/testing.md).
"""
import argparse
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import history                                          # noqa: E402
import suite                                            # noqa: E402
from suite import TOP, WANTED, Failure, Missing, Side, Wrong   # noqa: E402

CLASSES_OF_KERNELS = ["integer", "calls", "memory", "fp", "vector", "system"]


class Run:
    """What has been asked for, both sides, what they have shown so far."""

    def __init__(self, opts, folder):
        self.opts, self.folder = opts, folder
        self.kernels, self.failures, self.native = {}, [], {}
        guest, host = suite.build(folder)
        self.guest, self.host = guest, host
        self.want = suite.on_host(host)
        self.all = {c: [k for k, v in self.want.items() if v[0] == c] for c in CLASSES_OF_KERNELS}
        self.all.update(programs=suite.PROGRAMS + list(suite.OPENSSL), smp=list(suite.SMP),
                        latency=list(suite.LATENCY), footprint=list(suite.FOOTPRINT),
                        boot=["shell"])
        seconds = 0.3 if opts.quick else 2.0
        self.sides = [Side("ours", opts.program, opts.options + opts.ours, seconds)]
        if opts.peer:
            self.sides.append(Side("peer", opts.peer, opts.options, seconds))

    def chosen(self):
        """{class: kernels} of --only, in the table's order."""
        names = [n for part in self.opts.only for n in part.split(",") if n]
        for n in names:
            if n not in WANTED and not any(n in ks for ks in self.all.values()):
                sys.exit("bench: %s: neither a class nor a kernel (--list shows them)" % n)
        picked = {c: [k for k in self.all[c] if not names or c in names or k in names]
                  for c in WANTED}
        return {c: ks for c, ks in picked.items() if ks}

    # Pairs

    def pairs(self, cls, name, measure):
        """Ours, the peer, ours, the peer...: a row of the table."""
        times = [[] for _ in self.sides]
        try:
            for _ in range(self.opts.repeat):
                for side, mine in zip(self.sides, times):
                    mine.append(self.once(side, measure))
        except Failure as e:
            self.failures.append("%s: %s" % (name, e))
            print("%-10s %-16s failed: %s" % (cls, name, str(e).splitlines()[0]), flush=True)
            return
        row = {"class": cls, "source": suite.source_sum(cls)}
        if name in self.native:
            row["native"] = self.native[name]
        for side, mine in zip(self.sides, times):
            row[side.name] = statistics.median(t.wall for t in mine) * 1000
            row[side.name + "_cpu"] = statistics.median(t.cpu for t in mine) * 1000
            if hasattr(mine[0], "scaling"):
                row[side.name + "_scaling"] = statistics.median(t.scaling for t in mine)
            if hasattr(mine[0], "note"):
                row[side.name + "_note"] = mine[-1].note
        if len(times) == 2:
            row["ratio"] = statistics.median(p.wall / o.wall for o, p in zip(*times))
            cpu = [p.cpu / o.cpu for o, p in zip(*times) if o.cpu and p.cpu]
            row["ratio_cpu"] = statistics.median(cpu) if cpu else None
        self.kernels[name] = row
        show(name, row)

    def once(self, side, measure):
        try:
            if not side.guest and side.initrd:
                side.again()
            return measure(side)
        except Wrong:
            raise
        except Failure as e:
            side.stop()     # nothing can be said of what it does now; it gets another guest
            raise Failure("%s: %s" % (side.name, e)) from None

    def boot_all(self, initrd, *more):
        for side in self.sides:
            if side.initrd != initrd or side.more != list(more) or not side.guest:
                side.stop()
                side.initrd = None
                self.once(side, lambda s: s.boot(initrd, *more))

    # Classes

    def root(self):
        return suite.overlay(self.folder, "root", {
            "tests/kernels": self.guest, "tests/latency": suite.build_latency(self.folder)})

    def run_kernels(self, cls, names):
        for name in names:
            # What the kernel of the system does is another one's on the host.
            if cls != "system":
                self.native[name] = suite.native(self.host, name, self.sides[0].seconds)
            self.pairs(cls, name, lambda side, n=name: side.kernel(n, self.want[n][1]))

    def run_boot(self, names, initrd):
        for name in names:
            self.pairs("boot", name, lambda side: side.boot(initrd))
        for side in self.sides:
            side.stop()

    def run_smp(self, names, initrd):
        for name in names:
            self.boot_all(initrd, "-smp", str(suite.SMP[name]))
            self.pairs("smp", name, lambda side, n=name: side.copies(
                n, self.want[suite.SMP_KERNEL][1]))

    def run_latency(self, names, initrd):
        for name in names:
            self.boot_all(initrd, "-smp", str(suite.LATENCY[name]))
            self.pairs("latency", name, lambda side: side.latency())

    def run_footprint(self, names, initrd):
        for name in names:
            cpus, what = suite.FOOTPRINT[name]
            for side in self.sides:
                side.stop()
            self.boot_all(initrd, "-smp", str(cpus))
            self.pairs("footprint", name, lambda side, w=what: getattr(side, w)())

    def run_programs(self, names):
        subprocess.run([os.path.join(TOP, "scripts", "guest-debian.sh"), "--programs"], check=False)
        files, known = suite.prepare_programs(self.folder)
        initrd = suite.overlay(self.folder, "programs-root", files, programs=True)
        self.boot_all(initrd)
        if any(n in suite.OPENSSL for n in names):
            for side in self.sides:
                self.once(side, lambda s: s.check_openssl(files["tests/programs.data"]))
        for name in names:
            if name in suite.OPENSSL:
                self.pairs("programs", name, lambda side, n=name: side.openssl(n))
            else:
                self.pairs("programs", name, lambda side, n=name: side.program_of(n, known[n]))

    def run_class(self, cls, names, initrd):
        try:
            if cls == "boot":
                self.run_boot(names, initrd)
            elif cls == "smp":
                self.run_smp(names, initrd)
            elif cls == "latency":
                self.run_latency(names, initrd)
            elif cls == "footprint":
                self.run_footprint(names, initrd)
            elif cls == "programs":
                self.run_programs(names)
            else:
                self.boot_all(initrd)
                self.run_kernels(cls, names)
        except Missing as e:
            print("%-10s skipped: %s" % (cls, e), flush=True)
        except Failure as e:
            self.failures.append("%s: %s" % (cls, e))
            for side in self.sides:
                side.stop()

    def run(self):
        chosen, initrd = self.chosen(), self.root()
        print("%-10s %-16s %11s %11s %11s %9s %9s" % (
            "class", "kernel", "native, ms", "ours, ms", "peer, ms", "ratio", "by CPU"))
        try:
            for cls, names in chosen.items():
                self.run_class(cls, names, initrd)
        finally:
            for side in self.sides:
                side.stop()


def number(value, form="%.2f"):
    return form % value if value else "-"


def show(name, row):
    note = ""
    if "ours_scaling" in row:
        note = "  times one CPU: ours %.2f" % row["ours_scaling"]
        if "peer_scaling" in row:
            note += ", peer %.2f" % row["peer_scaling"]
    if "ours_note" in row:
        note = "  " + row["ours_note"]
        if "peer_note" in row:
            note += "; peer: " + row["peer_note"]
    print("%-10s %-16s %11s %11s %11s %9s %9s%s" % (
        row["class"], name, number(row.get("native"), "%.3f"), number(row["ours"], "%.3f"),
        number(row.get("peer"), "%.3f"),
        number(row.get("ratio")), number(row.get("ratio_cpu")), note), flush=True)


def native_ratio(rows):
    """How many times less CPU time than the peer the same source takes, compiled for this host."""
    ratios = [k["peer_cpu"] / k["native"] for k in rows if k.get("native") and k.get("peer_cpu")]
    return statistics.geometric_mean(ratios) if ratios else None


def summary(run):
    print("\n%-10s %16s %11s %11s %11s %9s" % ("geomeans", "kernels", "native", "ratio", "by CPU",
                                              "wanted"))
    for cls, mean in run["geomeans"].items():
        rows = [k for k in run["kernels"].values() if k["class"] == cls]
        print("%-10s %16d %11s %11.2f %11s %9s" % (
            cls, len(rows), number(native_ratio(rows)), mean,
            number(run["geomeans_cpu"].get(cls)), WANTED[cls] or "-"))
    print("on %(cpus)d x %(cpu)s, load %(load).1f" % run["host"])


def finish(opts, run):
    made = history.record(run.kernels, {
        "quick": opts.quick, "options": opts.options, "ours": opts.ours, "repeat": opts.repeat,
        "peer": version(opts.peer)})
    if made["geomeans"]:
        summary(made)
    elif opts.peer:
        print("(no kernel ran on both)")
    elif not opts.no_peer:
        print("(no peer: install qemu-system-ppc to compare)")
    if run.kernels and not opts.no_save:
        runs, _ = history.load(opts.file)
        for name, what, was, now, old in history.worse(runs, made):
            print("bench: warning: %s is worse than on %s (%s): %s %.2f -> %.2f" % (
                name, old["date"], old["commit"], what, was, now))
        history.append(opts.file, made)
    for text in run.failures:
        print("bench: failed: " + text, file=sys.stderr)
    return 1 if run.failures or not run.kernels else 0


def version(program):
    if not program:
        return None
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    return (said.stdout.splitlines() or ["unknown"])[0]


def show_history(opts):
    runs, bad = history.load(opts.file)
    if bad:
        print("bench: %s: %d lines are no runs" % (opts.file, bad), file=sys.stderr)
    runs = [r for r in runs if r["geomeans"]][-opts.history:]
    if not runs:
        print("bench: no runs with a peer in %s" % opts.file)
        return 0
    print("\n".join(history.table(runs)))
    return 0


def options(argv):
    p = argparse.ArgumentParser(prog="bench", description=__doc__.splitlines()[0])
    p.add_argument("--only", action="append", default=[], metavar="CLASS|KERNEL[,...]")
    p.add_argument("--quick", action="store_true", help="0.3 s for a measurement, not 2")
    p.add_argument("--repeat", type=int, default=1, metavar="N", help="pairs for a kernel; medians")
    p.add_argument("--program", default=os.path.join(TOP, "build", "peppercorn"))
    p.add_argument("--peer", default=shutil.which("qemu-system-ppc64"))
    p.add_argument("--no-peer", action="store_true")
    p.add_argument("--ours-options", default="", metavar='"OPTION..."')
    p.add_argument("--history", nargs="?", type=int, const=5, metavar="N",
                   help="the geomeans of the last N runs (5)")
    p.add_argument("--file", default=history.default_path(), help="of runs; %(default)s")
    p.add_argument("--no-save", action="store_true", help="leaves the file of runs alone")
    p.add_argument("--list", action="store_true")
    p.add_argument("options", nargs="*")
    opts = p.parse_args(argv)
    if opts.repeat < 1 or (opts.history is not None and opts.history < 1):
        sys.exit("bench: a number of runs is 1 or more")
    opts.ours = shlex.split(opts.ours_options)
    if opts.no_peer:
        opts.peer = None
    for program in [opts.program] + ([opts.peer] if opts.peer else []):
        if not shutil.which(program):
            sys.exit("bench: %s is no program" % program)
    return opts


def main():
    opts = options(sys.argv[1:])
    if opts.history:
        return show_history(opts)
    with tempfile.TemporaryDirectory(prefix="ppcorn-") as folder:
        try:
            run = Run(opts, folder)
            if opts.list:
                for cls, names in run.all.items():
                    print("%-10s %s" % (cls, " ".join(names)))
                return 0
            run.run()
        except (Missing, Failure) as e:
            sys.exit("bench: %s" % e)
        except KeyboardInterrupt:
            sys.exit(130)
    return finish(opts, run)


if __name__ == "__main__":
    sys.exit(main())
