"""Builds the programs of this folder, talks to them wherever they run, compares.

An engine is one running program: on the host, in a guest, or under another
emulator's user mode.  All answer the commands of main.c.
"""
import os
import platform
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, "tests", "boot"))
from guest import Failure, Guest                         # noqa: E402

CFLAGS = ("-std=gnu11 -O2 -Wall -Wextra -Wshadow -frounding-math -ftrapping-math "
          "-ffp-contract=off -fno-math-errno").split()
LE, BE = "powerpc64le-linux-gnu-gcc", "powerpc64-linux-gnu-gcc"
COMMON = ["main.c", "group.c"]
OPS = ["ops_c.c", "ops_libc.c", "ops_trans.c"]
VEC = ["ops_vec.c"]       # on the host its rows are in ops_c.c
# name: compiler, options, sources, libraries
PROGRAMS = {
    "host": ("gcc", ["-msse4.1", "-mfma", "-DHAVE_SWEEPS"], COMMON + ["sweep.c", "fix.c"] + OPS, []),
    "mpfr": ("gcc", ["-DWITNESS"], COMMON + ["ops_mpfr.c", "fix.c"], ["-lmpfr"]),
    "vsx": (LE, ["-mcpu=power8", "-static", "-DHAVE_SWEEPS"],
            COMMON + ["sweep.c"] + OPS + VEC, []),
    "fpr": (LE, ["-mcpu=power8", "-mno-vsx", "-mno-altivec", "-static"], COMMON + OPS + VEC, []),
    "be": (BE, ["-mcpu=970", "-static"], COMMON + OPS + VEC, []),
}
MODES = ["nearest", "zero", "+infinity", "-infinity"]
STEP, CHUNK = 16, 64      # as in rig.h
CONSTANTS = 16            # as in sweep.c
SWEEPS_TWO = ["add", "sub", "rsub", "mul", "div", "rdiv", "madd", "msub", "nmadd", "nmsub"]
# Sweeps whose result does not depend on the mode.
SWEEPS_ANY = ["floor", "ceil", "trunc", "round", "toi32", "tou32", "toi64", "tou64",
              "widen", "there"]
SWEEPS_MODE = ["sqrt", "rint", "rtoi32", "rtou32", "rtoi64", "rtou64", "fromi32", "fromu32"]


class Missing(Exception):
    """What a program or an engine needs is not on this host."""


def build(name, folder):
    """The program's path; it is built if a source is newer."""
    cc, options, sources, libs = PROGRAMS[name]
    out = os.path.join(folder, "math-" + name)
    parts = [os.path.join(HERE, f) for f in os.listdir(HERE) if f.endswith((".c", ".h", ".py"))]
    if os.path.exists(out) and all(os.path.getmtime(out) > os.path.getmtime(p) for p in parts):
        return out
    if "-mfma" in options:
        if platform.machine() != "x86_64":
            raise Missing("the reference needs an x86-64 host")
        with open("/proc/cpuinfo") as f:
            if not re.search(r"^flags.*\bfma\b", f.read(), re.M):
                raise Missing("the host has no FMA instructions")
    os.makedirs(folder, exist_ok=True)
    objects = []
    try:
        for source in sources:
            objects.append(os.path.join(folder, "%s-%s.o" % (name, source[:-2])))
            extra = ["-fno-builtin"] if source == "ops_libc.c" else []
            subprocess.run([cc] + CFLAGS + options + extra + ["-c", os.path.join(HERE, source), "-o",
                                                              objects[-1]], check=True)
        subprocess.run([cc] + options + objects + libs + ["-lm", "-o", out], check=True)
    except FileNotFoundError:
        raise Missing("no %s here" % cc) from None
    except subprocess.CalledProcessError as e:
        raise Failure("%s does not build: %s" % (name, " ".join(e.cmd))) from None
    return out


class Local:
    """A program as a process of the host (`before`: what runs it)."""

    def __init__(self, name, path, before=()):
        self.name = name
        try:
            self.proc = subprocess.Popen(list(before) + [path], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, text=True)
        except FileNotFoundError:
            raise Missing("no %s here" % before[0]) from None
        self.read()

    def read(self):
        out = []
        while True:
            line = self.proc.stdout.readline()
            if not line:
                raise Failure("%s ended" % self.name)
            if line.startswith("="):
                return out + [line[1:].strip()]
            if line.startswith("!"):
                raise Failure("%s does not know %s" % (self.name, line[1:].strip()))
            out.append(line[1:].strip())

    def ask(self, line):
        """The answer's lines, the one after "=" last."""
        self.send(line)
        return self.read()

    def send(self, line):
        self.proc.stdin.write(line + "\n")
        self.proc.stdin.flush()

    def close(self):
        self.proc.kill()
        self.proc.wait()


class InGuest:
    """A program at a guest's shell prompt."""

    def __init__(self, name, guest, path, timeout=600):
        self.name, self.guest, self.timeout = name, guest, timeout
        guest.cmd("stty -echo")
        guest.send(path + "\n")
        guest.wait(r"= ready\r?\n", 20)

    def send(self, line):
        self.guest.send(line + "\n")
        self.start = self.guest.pos

    def read(self):
        g = self.guest
        # An answer of many megabytes is not kept for ever.
        g.seen, g.pos, start = g.seen[self.start:], g.pos - self.start, 0
        while True:
            m = g.wait(r"(?m)^([=!])([^\r\n]*)\r?\n", self.timeout)
            if m.group(1) == b"!":
                raise Failure("%s does not know %s" % (self.name, m.group(2).decode()))
            text = g.seen[start:m.start()].decode()
            return [x[1:].strip() for x in text.splitlines() if x.startswith("-")] + \
                [m.group(2).decode().strip()]

    def ask(self, line):
        self.send(line)
        return self.read()

    def close(self):
        self.guest.send("quit\n")
        self.guest.wait(r"guest# ", 20)


def overlay(initramfs, programs, folder):
    """A first root with the programs in /tests; its path."""
    extra, out = os.path.join(folder, "extra.gz"), os.path.join(folder, "initramfs.gz")
    subprocess.run([sys.executable, os.path.join(TOP, "scripts", "mkinitramfs.py"), extra] +
                   ["tests/%s=%s" % (os.path.basename(p), p) for p in programs], check=True)
    with open(out, "wb") as f:
        for part in initramfs, extra:
            with open(part, "rb") as p:
                f.write(p.read())
    return out


def answers(line):
    """"= OP HASH ..." as a dict, or one hash."""
    words = line.split()
    return dict(zip(words[::2], words[1::2])) if len(words) > 1 else {"": words[0]}


def differing(a, b, kind, name, mode, first, count, op):
    """The first unit (STEP or CHUNK inputs) of a differing range, by halves."""
    unit = STEP if kind == "sweep" else CHUNK
    while count > unit:
        half = count // 2
        line = "%s %s %x %x %x" % (kind, name, mode, first, half)
        if answers(a.ask(line)[-1])[op] == answers(b.ask(line)[-1])[op]:
            first += half
            count -= half
        else:
            count = half
    return first, count


def explain(a, b, kind, name, mode, first, count, op):
    """A text that shows the first inputs of a range on which a and b differ."""
    first, count = differing(a, b, kind, name, mode, first, count, op)
    show = "inputs %s" % name if kind == "sweep" else "operands %s %s" % (name, op)
    show += " %x %x %x" % (mode, first, count)
    text = ["%s %s%s, rounding to %s: %s and %s differ at %#x" %
            (kind, name, "/" + op if op else "", MODES[mode], a.name, b.name, first)]
    both = list(zip(a.ask(show)[:-1], b.ask(show)[:-1]))
    for x, y in [p for p in both if p[0] != p[1]][:4]:
        text += ["    %s: %s" % (a.name, x), "    %s: %s" % (b.name, y)]
    if len(text) == 1:
        text.append("    but not one by one: flags that stay from one input to the next?")
    return "\n".join(text)


def compare(ours, ref, kind, name, mode, first, count, ops=None, times=1, stride=0):
    """What differs between two engines on a range, as texts; [] when nothing does.

    Both work at the same time.  `ops`: what must be there; default: the
    reference's all.  A sweep can be of several ranges, `stride` apart.
    """
    line = "%s %s %x %x %x" % (kind, name, mode, first, count)
    if times > 1:
        line += " %x %x" % (times, stride)
    ours.send(line)
    want = answers(ref.ask(line)[-1])
    got = answers(ours.read()[-1])
    texts = []
    for op in ops if ops is not None else want:
        if op not in got or op not in want:
            texts.append("%s %s/%s is not in both %s and %s" % (kind, name, op, ours.name, ref.name))
        elif got[op] != want[op] and times > 1:
            for i in range(times):
                texts += compare(ours, ref, kind, name, mode, first + i * stride, count)
            texts = texts or ["%s %s: differs, but no range of it does" % (kind, name)]
        elif got[op] != want[op]:
            texts.append(explain(ours, ref, kind, name, mode, first, count, op))
    return texts


def groups(engine):
    """Group name -> its operations."""
    out = {}
    for line in engine.ask("list")[:-1]:
        words = line.split()
        if words[0] == "group":
            out[words[1]] = words[2:]
    return out


# The two kinds of work: a slice that fits into every run of the tests, and all.

def sweep_names():
    """Every sweep with each constant, as (name, modes that matter)."""
    every = range(len(MODES))
    return [(s, every) for s in SWEEPS_MODE] + [(s, [0]) for s in SWEEPS_ANY] + \
        [("%s:%d" % (s, k), every) for s in SWEEPS_TWO + ["narrow"] for k in range(CONSTANTS)]


def slice_of(engine, host, sweeps=True, count=0x2000):
    """Everything a little, in all modes; texts of what differs and how many results there were."""
    texts, results = [], 0
    have, want = groups(engine), groups(host)
    for name, ops in want.items():
        if is_libm(name):
            continue
        if set(have.get(name, [])) != expected(engine, name, ops):
            texts.append("%s has not the operations of %s" % (engine.name, name))
        for mode in range(len(MODES)) if name in have else []:
            texts += compare(engine, host, "group", name, mode, 0, count, have[name])
            results += count * len(have[name])
    for name, _ in sweep_names() if sweeps else []:
        size = 0x80 if ":" in name else 0x800
        for mode in range(len(MODES)):
            # 64 ranges, two for each exponent and sign or so, at places that differ by name.
            first = sum(name.encode()) * 0x5310 + mode * 0x12340
            texts += compare(engine, host, "sweep", name, mode, first, size, None, 64, 0x4000000)
            results += 64 * size
    return texts, results


def expected(engine, name, ops):
    """The operations of a group that an engine must have: all but what its options forbid."""
    if name.endswith(("vec1", "vec2")):
        return set(ops) if engine.name == "vsx" else set()
    lacks = {"u32", "u64", "urint32", "urint64", "u64_to_d", "u64_to_s", "u32_to_s"} \
        if engine.name == "be" else set()
    return set(ops) - lacks


def witness_slice(mpfr, host, first=0, count=0x1000):
    """The host's arithmetic against MPFR's."""
    texts, results = [], 0
    for name, ops in groups(mpfr).items():
        for mode in range(len(MODES)):
            texts += compare(mpfr, host, "group", name, mode, first, count, ops)
            results += count * len(ops)
    return texts, results


def is_libm(group):
    """Groups that only the same libm computes alike."""
    return group[1] == "m"
