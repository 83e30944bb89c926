#!/usr/bin/env python3
"""Runs the kernel's powerpc selftests in guests of both byte orders.

    run.py [--program P] [--scale N] [--quick] [--guest G]... [--logs DIR] [--list]
           [FOLDER[/PROGRAM]...]

The last line is "selftests: N passed, N failed, N skipped"; status 1 when any
failed.  A program that skips itself counts as skipped, and has failed unless
skips.txt expects just that; one that is expected to skip and does not has failed too.
Guests run in counted time, so neither their clocks nor the programs' own time
limits depend on how fast the host is.
"""
import argparse
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, "tests", "boot"))
from guest import Failure, Guest                        # noqa: E402

CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"),
                     "peppercorn")
FOLDERS = ["math", "primitives", "stringloops", "copyloops", "alignment", "syscalls",
           "switch_endian", "signal", "mm"]
# Those of which a 32-bit build differs from the 64-bit one: the makefiles of the
# others say -m64.
FOLDERS_32 = ["alignment", "signal", "syscalls", "stringloops", "mm"]

# alignment_handler wants cache-inhibited memory: the guest's RAM above what mem=
# leaves to its kernel.  tlbie_test runs for as long as it is told to.
CACHED_END = 0x60000000
ARGS = {"alignment/alignment_handler": "/dev/mem %x" % CACHED_END,
        "mm/tlbie_test": "-n 2 -t 10"}
# Their status alone says how it went: 4 is a skip.  The script asks for bash and does
# with the guest's sh.
NO_HARNESS = {"mm/tlbie_test", "mm/stress_code_patching.sh", "switch_endian/switch_endian_test"}
# Nanoseconds an instruction takes, as a power of 2.  Two of them are 250 million
# instructions a second, which leaves all but the longest the time that they allow
# themselves; those that keep both CPUs busy for a fixed time need no more than 62 million.
SHIFT = 2
SHIFTS = {"math/fpu_preempt": 4, "math/vmx_preempt": 4, "math/vsx_preempt": 4,
          "math/fpu_signal": 4, "math/vmx_signal": 4, "mm/tlbie_test": 4,
          "mm/large_vm_gpr_corruption": 4, "mm/stress_code_patching.sh": 4}
# 10^10 instructions and more each (sigfuz forks 9,600 times): no part of a --quick run.
LONG = {"stringloops/memcmp_64", "signal/sigfuz"} | {"copyloops/" + x for x in (
    "copyuser_64_t0", "copyuser_64_t1", "copyuser_64_t2", "copyuser_p7_t0", "copyuser_p7_t1",
    "memcpy_64_t0", "memcpy_64_t1", "memcpy_64_t2", "memcpy_p7_t0", "memcpy_p7_t1",
    "copy_mc_64", "memmove_64")}
SHIFTS.update(dict.fromkeys(LONG, 0))


class GuestKind:
    """A guest: which kernel, which CPU, and of which targets it runs what."""

    def __init__(self, name, kernel, cpu, targets, append=""):
        self.name, self.kernel, self.cpu = name, kernel, cpu
        self.targets, self.append = targets, append


GUESTS = [
    GuestKind("ppc64le-p9", "bookworm-linux", "power9", {"ppc64le": FOLDERS}),
    GuestKind("ppc64-p9", "bookworm-be", "power9", {"ppc64": FOLDERS, "ppc": FOLDERS_32}),
    GuestKind("ppc64le-p8", "bookworm-linux", "power8", {"ppc64le": ["mm", "signal"]}),
    GuestKind("ppc64-p8", "bookworm-be", "power8", {"ppc64": ["mm", "signal"]}),
]


def bits_of(path):
    """Bits of an executable or a script (64), 0 if the file is neither."""
    if path.endswith(".sh"):
        return 64
    with open(path, "rb") as f:
        head = f.read(20)
    if head[:4] != b"\x7fELF" or not os.access(path, os.X_OK):
        return 0
    return 32 if head[4] == 1 else 64


class Program:
    def __init__(self, target, name, path):
        self.target, self.name, self.path = target, name, path
        self.guest_dir = "t/%s/%s" % (target, os.path.dirname(name))
        self.label = "ppc/" + name if target == "ppc" else name


def programs(kind, chosen, quick=False):
    """What this guest runs, in order; raises FileNotFoundError if it is not built."""
    out = []
    for target, folders in kind.targets.items():
        root = os.path.join(CACHE, "bookworm-selftests", target)
        named = [c.split("/")[0] for c in chosen]
        for folder in folders + [n for n in dict.fromkeys(named) if n not in folders]:
            if folder in named and not os.path.isdir(os.path.join(root, folder)):
                continue    # not built for this target
            for file in sorted(os.listdir(os.path.join(root, folder))):
                name, path = "%s/%s" % (folder, file), os.path.join(root, folder, file)
                if chosen and name not in chosen and folder not in chosen:
                    continue
                if quick and name in LONG:
                    continue
                bits = bits_of(path) if not file.startswith(".") else 0
                if bits and (target != "ppc" or bits == 32):
                    out.append(Program(target, name, path))
    return out


def read_skips():
    """{(guest, label): reason} of skips.txt."""
    out = {}
    with open(os.path.join(HERE, "skips.txt"), encoding="utf-8") as f:
        for line in f:
            line = line.split("#")[0].strip()
            if line:
                guests, label, reason = line.split(None, 2)
                for g in [k.name for k in GUESTS] if guests == "*" else guests.split(","):
                    out[g, label] = reason
    return out


def initrd(kind, progs, path):
    """The guest's first root, and behind it the programs (archives may follow each other)."""
    tests = path + ".tests.gz"
    entries = ["%s/%s=%s" % (p.guest_dir, os.path.basename(p.path), p.path) for p in progs]
    extra = os.path.join(CACHE, "bookworm-selftests", "ppc64le", "mm", "tempfile")
    entries += ["t/%s/mm/tempfile=%s" % (t, extra) for t in kind.targets if os.path.exists(extra)]
    subprocess.run([sys.executable, os.path.join(TOP, "scripts", "mkinitramfs.py"), tests] + entries,
                   check=True)
    with open(path, "wb") as out:
        for part in os.path.join(CACHE, kind.kernel, "initramfs.gz"), tests:
            with open(part, "rb") as f:
                shutil.copyfileobj(f, out)
    os.remove(tests)


def start(opts, kind, progs, shift, log):
    image = log + ".initrd"
    initrd(kind, progs, image)
    g = Guest(opts.program, [
        "-M", "pseries", "-cpu", kind.cpu, "-m", "2G", "-smp", "2", "-vga", "none", "-net", "none",
        "-icount", "shift=%d" % shift, "-rtc", "base=2024-01-01T00:00:00,clock=vm",
        "-kernel", os.path.join(CACHE, kind.kernel, "vmlinux"), "-initrd", image,
        "-append", ("console=hvc0 quiet mem=%d %s" % (CACHED_END, kind.append)).strip()], opts.scale, log + ".log")
    try:
        g.wait(r"guest# ", 180)
        os.remove(image)
        # A program's output goes to a file; messages of the kernel would mix with the shell's.
        g.cmd("dmesg -n 1; mkdir -p /dev/shm /dev/pts; mount -t tmpfs tmpfs /dev/shm; "
              "mount -t debugfs debugfs /sys/kernel/debug", want=None)
    except BaseException:
        g.kill()
        raise
    return g


RESULT = {"success": "passed", "skip": "skipped", "failure": "failed", "error": "failed"}


def outcomes(g, prog, limit):
    """Runs a program: [(label, "passed" | "failed" | "skipped")] and its last lines."""
    shell = "sh " if prog.name.endswith(".sh") else ""
    text = g.cmd("cd /%s; %s./%s %s >/tmp/out 2>&1; echo @status $?; "
                 "grep -E '^(test|success|failure|skip|error): ' /tmp/out" %
                 (prog.guest_dir, shell, os.path.basename(prog.path), ARGS.get(prog.name, "")),
                 limit, want=None)
    status = re.search(r"^@status (\d+)$", text, re.M)
    said = re.findall(r"^(success|failure|skip|error): (.*)$", text, re.M)
    # Some print such a line of their own; only those of a test that began count.
    began = re.findall(r"^test: (.*)$", text, re.M)
    said = [(word, name) for word, name in said if name in began]
    out = [(prog.label if len(said) == 1 else "%s:%s" % (prog.label, name), RESULT[word])
           for word, name in said]
    if prog.name in NO_HARNESS and status and status.group(1) in ("0", "4"):
        out.append((prog.label, "passed" if status.group(1) == "0" else "skipped"))
    elif not status or not out or (status.group(1) != "0" and "failed" not in dict(out).values()):
        out.append((prog.label, "failed"))
    tail = ""
    if any(result == "failed" for _, result in out):
        tail = text + g.cmd("tail -n 15 /tmp/out", want=None)
    return out, tail


class Count(dict):
    def __init__(self):
        super().__init__(passed=0, failed=0, skipped=0)


def run_guest(opts, kind, skips):
    """All programs of one guest; the counts."""
    count = Count()
    try:
        todo = programs(kind, opts.tests, opts.quick)
        for f in "vmlinux", "initramfs.gz":
            os.stat(os.path.join(CACHE, kind.kernel, f))
    except FileNotFoundError as e:
        count["skipped"] += 1
        print("  %-11s skipped: %s is not in the cache" % (kind.name, e.filename), flush=True)
        return count
    for shift in sorted({SHIFTS.get(p.name, SHIFT) for p in todo}, reverse=True):
        part = [p for p in todo if SHIFTS.get(p.name, SHIFT) == shift]
        run_part(opts, kind, part, shift, skips, count)
    return count


def run_part(opts, kind, part, shift, skips, count):
    log = os.path.join(opts.logs, "selftests-%s-%d" % (kind.name, shift))
    left = list(part)
    try:
        with start(opts, kind, part, shift, log) as g:
            while left:
                p = left[0]
                began = g.cpu_seconds()
                results, text = outcomes(g, p, 1800)
                left.pop(0)
                for label, result in results:
                    note(kind, label, result, text, g.cpu_seconds() - began, skips, count)
            g.send("poweroff -f\n")
            g.wait(r"reboot: Power down", 60)
            g.ends(20, 0)
    except (Failure, OSError, ValueError, subprocess.SubprocessError) as e:
        count["failed"] += max(1, len(left))
        print("  %-11s failed at %s; %d not run after it: %s" % (
            kind.name, left[0].label if left else "its end", max(0, len(left) - 1), e), flush=True)


def note(kind, label, result, text, seconds, skips, count):
    reason = skips.get((kind.name, label[4:] if label.startswith("ppc/") else label))
    if result == "skipped" and reason is None:
        result, text = "failed", "it skipped itself, which skips.txt does not explain"
    elif result == "passed" and reason is not None:
        result, text = "failed", "it did not skip, though skips.txt says: " + reason
    count[result] += 1
    line = "  %-11s %-40s %s (CPU %.1f s)" % (kind.name, label, result, seconds)
    if result == "skipped":
        line += ": " + reason
    if result == "failed":
        line += "\n" + "\n".join("    | " + x for x in text.splitlines())
    print(line, flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--program", default=os.path.join(TOP, "build", "peppercorn"))
    p.add_argument("--scale", type=float, default=1.0, help="all host time limits times N")
    p.add_argument("--quick", action="store_true", help="without the longest programs")
    p.add_argument("--guest", action="append", choices=[k.name for k in GUESTS],
                   help="only this guest (may be repeated)")
    p.add_argument("--logs", help="folder for consoles (default: beside the program)")
    p.add_argument("--list", action="store_true")
    p.add_argument("tests", nargs="*", help="FOLDER or FOLDER/PROGRAM; default all")
    opts = p.parse_args()
    kinds = [k for k in GUESTS if not opts.guest or k.name in opts.guest]
    skips = read_skips()
    for name in opts.tests:
        if not any(programs(k, [name]) for k in kinds):
            sys.exit("run.py: %s: no such selftest is built (scripts/guest-selftests.sh)" % name)
    if opts.list:
        for k in kinds:
            for prog in programs(k, opts.tests, opts.quick):
                print("%-11s %s" % (k.name, prog.label))
        return 0
    opts.logs = opts.logs or os.path.join(os.path.dirname(os.path.abspath(opts.program)),
                                          "boot-logs")
    os.makedirs(opts.logs, exist_ok=True)
    total = Count()
    with concurrent.futures.ThreadPoolExecutor(max(1, min(2, os.cpu_count() or 1))) as pool:
        for count in pool.map(lambda k: run_guest(opts, k, skips), kinds):
            for k in total:
                total[k] += count[k]
    print("selftests: %(passed)d passed, %(failed)d failed, %(skipped)d skipped" % total)
    return 1 if total["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
