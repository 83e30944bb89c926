"""Kernels and programs of the benchmark, and guests that run them.

A kernel is run as `/tests/kernels NAME TURNS` (tests/bench/guest/main.c), a program of
Debian's as `sh /tests/programs.sh NAME TURNS`; both say BENCH-BEGIN when they begin and
"BENCH-END NAME TURNS RESULT" when they are done, and who listens takes the time.  RESULT has to
be what the same work gives on the host.
"""
import glob
import hashlib
import os
import re
import resource
import shutil
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GUEST = os.path.join(TOP, "tests", "bench", "guest")
sys.path.insert(0, os.path.join(TOP, "tests", "boot"))
from guest import Failure, Guest, expect               # noqa: E402

CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"),
                     "peppercorn")
CC = "powerpc64le-linux-gnu-gcc"
# How many times faster than the peer each class is to be; None: only looked at.
WANTED = {"integer": 3, "calls": 5, "memory": 5, "fp": 12, "vector": 8, "system": 2,
          "programs": None, "smp": None, "latency": None, "footprint": None, "boot": 5}
SOURCES = ["main.c", "integer.c", "calls.c", "memory.c", "fp.c", "vector.c", "vector_plain.c",
           "vector_simd.c", "system.c"]
# Loops are what they are written as: vectors are of vector_simd.c, fused products written out.
FLAGS = ("-std=gnu11 -O2 -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes "
         "-ffp-contract=off -fno-tree-vectorize -fno-tree-slp-vectorize").split()
PROGRAMS = ["xz", "python3", "gcc"]
# Rows of "openssl speed": its arguments, and what it did in a second in its result's line.
OPENSSL = {"openssl-aes": (["-bytes", "8192", "-evp", "aes-128-cbc"], r"\+F:\d+:[^:]*:([0-9.e+]+)"),
           "openssl-sha256": (["-bytes", "8192", "-evp", "sha256"], r"\+F:\d+:[^:]*:([0-9.e+]+)"),
           "openssl-sign": (["rsa2048"], r"\+F2:\d+:2048:([0-9.e-]+):"),
           "openssl-verify": (["rsa2048"], r"\+F2:\d+:2048:[0-9.e-]+:([0-9.e-]+)")}
SMP = {"sort-smp2": 2, "sort-smp4": 4}
SMP_KERNEL = "sort"
# How late timers are on busy guests; what a guest costs that does nothing: (CPUs, what is shown).
LATENCY = {"timer-smp1": 1, "timer-smp2": 2, "timer-smp4": 4}
FOOTPRINT = {"idle-smp1": (1, "idle"), "idle-smp4": (4, "idle"), "memory-smp4": (4, "memory")}


class Missing(Exception):
    """What is needed is not here; the text says what."""


class Wrong(Failure):
    """A result is not what it has to be; the guest goes on."""


def build(folder):
    """Both programs: the guest's path, the host's."""
    out = []
    for cc, name, more in (CC, "kernels", ["-mcpu=power8", "-static"]), \
            ("gcc", "kernels-host", []):
        if not shutil.which(cc):
            raise Missing("%s is not here" % cc)
        out.append(os.path.join(folder, name))
        done = subprocess.run([cc] + FLAGS + more + ["-o", out[-1]] +
                              [os.path.join(GUEST, s) for s in SOURCES] + ["-lm"],
                              capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failure("%s:\n%s" % (cc, done.stderr))
    return out


def build_latency(folder):
    """The program that measures how late timers are; its path."""
    out = os.path.join(folder, "latency")
    subprocess.run([CC] + FLAGS + ["-mcpu=power8", "-static", "-pthread", "-o", out,
                                   os.path.join(GUEST, "latency.c")], check=True)
    return out


def results(text):
    """{kernel: (class, result)} of what "kernels --check" says; all of them, or a Failure."""
    found = {name: (cls, value) for cls, name, value in
             re.findall(r"^RESULT (\S+) (\S+) ([0-9a-f]{16})\r?$", text, re.M)}
    done = re.search(r"^CHECKED (\d+)\r?$", text, re.M)
    if not done or int(done.group(1)) != len(found) or not found:
        said = re.search(r"^bench: (.*?)\r?$", text, re.M)
        raise Failure(said.group(1) if said else "the kernels did not end well:\n" + text[-2000:])
    return found


def on_host(host, *classes):
    done = subprocess.run([host, "--check"] + list(classes), capture_output=True, text=True,
                          timeout=300, check=False)
    return results(done.stdout + done.stderr)


def native(host, name, seconds):
    """Milliseconds of this host's CPU for a turn of the same source, compiled for it."""
    turns = 1
    while True:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([host, name, str(turns)], capture_output=True, timeout=300, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
        if took >= 0.6 * seconds:
            return took / turns * 1000
        turns = int(turns * min(50, seconds / max(took, 0.004))) + 1


def source_sum(cls):
    """Of what a class is made of: runs with another are not compared."""
    names = [n for n in glob.glob(GUEST + "/*") if os.path.basename(n).split(".")[0].split("_")[0]
             in ("main", "bench", "integer" if cls in ("smp", "programs") else cls)]
    if cls == "programs":
        names += glob.glob(GUEST + "/programs*")
    text = b"".join(open(n, "rb").read() for n in sorted(names)) + " ".join(FLAGS).encode()
    return hashlib.sha256(text).hexdigest()[:8]


def cached(folder, name):
    path = os.path.join(CACHE, folder, name)
    if not os.path.exists(path):
        raise Missing("%s/%s is not in the cache (scripts/guest-debian.sh)" % (folder, name))
    return path


def overlay(folder, name, files, programs=False):
    """A first root with {path: file}, and with Debian's programs; its path."""
    extra = os.path.join(folder, "extra.gz")
    subprocess.run([sys.executable, os.path.join(TOP, "scripts", "mkinitramfs.py"), extra] +
                   ["%s=%s" % f for f in files.items()], check=True)
    parts = [cached("bookworm-linux", "initramfs.gz"), extra]
    if programs:
        parts.insert(0, cached("bookworm-programs", "root.cpio"))
    out = os.path.join(folder, name)
    with open(out, "wb") as f:
        for part in parts:
            with open(part, "rb") as p:
                shutil.copyfileobj(p, f)
    return out


def prepare_programs(folder):
    """Files for the guest, and {program: result}: None where the host cannot know."""
    files = {"tests/programs.sh": os.path.join(GUEST, "programs.sh"),
             "tests/programs.py": os.path.join(GUEST, "programs.py"),
             "tests/programs.data": os.path.join(folder, "programs.data"),
             "tests/programs.i": os.path.join(folder, "programs.i")}
    with open(files["tests/programs.data"], "wb") as f:
        f.write(b"".join(open(os.path.join(GUEST, s), "rb").read() for s in SOURCES) * 2 +
                hashlib.shake_128(b"peppercorn").digest(65536))
    subprocess.run([CC, "-std=gnu11", "-E", "-P", "-o", files["tests/programs.i"],
                    os.path.join(GUEST, "integer.c")], check=True)
    with open(files["tests/programs.data"], "rb") as f:
        known = {"xz": hashlib.md5(f.read()).hexdigest()}
    said = subprocess.run([sys.executable, "-S", "-B", files["tests/programs.py"]],
                          capture_output=True, check=True).stdout
    known["python3"] = hashlib.md5(said).hexdigest()
    # The same release of the compiler makes the same code, wherever it runs.
    version = subprocess.run([CC, "-dumpfullversion"], capture_output=True, text=True, check=True)
    known["gcc"] = None
    if version.stdout.startswith("12.2."):
        code = os.path.join(folder, "programs.s")
        subprocess.run([CC, "-std=gnu11", "-O2", "-fno-ident", "-S", "-o", code,
                        files["tests/programs.i"]], check=True)
        with open(code, "rb") as f:
            known["gcc"] = hashlib.md5(f.read()).hexdigest()
    return files, known


class Time:
    """Seconds of the wall's clock and of the emulator's CPU time, for one turn (or boot)."""

    def __init__(self, wall, cpu):
        self.wall, self.cpu = wall, cpu


class Side:
    """An emulator, the options it gets, the guest that it runs now."""

    def __init__(self, name, program, options, seconds):
        self.name, self.program, self.options = name, program, options
        self.seconds = seconds
        self.turns = {}     # of a kernel, so that it takes about so many seconds
        self.guest = None
        self.initrd = None
        self.more = []

    def boot(self, initrd, *more):
        """To the shell's prompt: the time it took."""
        self.stop()
        self.initrd, self.more = initrd, list(more)
        self.guest = g = Guest(self.program, [
            "-M", "pseries", "-cpu", "power9", "-m", "1G", "-vga", "none", "-net", "none",
            "-kernel", cached("bookworm-linux", "vmlinux"), "-initrd", initrd,
            "-append", "console=hvc0"] + list(more) + self.options, scale=4)
        try:
            g.wait(r"PEPPERCORN-BOOT-OK", 90)
            g.wait(r"guest# ", 20)
        except BaseException:
            self.stop()
            raise
        return Time(time.monotonic() - g.started, g.cpu_seconds())

    def stop(self):
        if self.guest:
            self.guest.kill()
        self.guest = None

    def again(self):
        """A guest that does not answer any more is replaced."""
        self.boot(self.initrd, *self.more)

    def cpu_now(self):
        """As Guest.cpu_seconds(), in nanoseconds' steps."""
        total = 0
        for name in glob.glob("/proc/%d/task/*/schedstat" % self.guest.proc.pid):
            try:
                with open(name) as f:
                    total += int(f.read().split()[0])
            except OSError:
                continue
        return total / 1e9 or self.guest.cpu_seconds()

    def cmd(self, line):
        out = self.guest.cmd(line, 120)
        self.guest.wait(r"guest# ", 20)
        return out

    def run(self, line, name, copies=1):
        """From the first BENCH-BEGIN to the last BENCH-END: wall, CPU, results."""
        g = self.guest
        g.send(line + "\n")
        self.said(name, r"BENCH-BEGIN()\r?\n")
        cpu, start = self.cpu_now(), time.monotonic()
        got = [self.said(name, r"BENCH-END %s \d+ ([0-9a-f]+)\r?\n" % name) for _ in range(copies)]
        took = Time(time.monotonic() - start, self.cpu_now() - cpu)
        g.wait(r"guest# ", 60)
        return took, got

    def said(self, name, pattern):
        """Waits for what the kernel says; the pattern's group. Wrong if it complains or ends."""
        m = self.guest.wait(pattern + r"|bench: ([^\r\n]*)\r?\n|guest# ", 60)
        if m.group(1) is not None:
            return m.group(1).decode()
        if m.group(2) is None:
            raise Wrong("%s: %s: it ended early\n%s" % (self.name, name, self.guest.tail(4)))
        self.guest.wait(r"guest# ", 60)
        raise Wrong("%s: %s" % (self.name, m.group(2).decode(errors="replace")))

    def long_enough(self, name, line, seconds):
        """Finds how many turns take `seconds`, once; the time of a run of so many, its results."""
        while True:
            turns = self.turns.get(name, 1)
            took, got = self.run(line % turns, name)
            if name in self.turns or took.wall >= 0.6 * seconds:
                self.turns[name] = turns
                return Time(took.wall / turns, took.cpu / turns), got
            more = int(turns * min(50, seconds / max(took.wall, 0.004))) + 1
            self.turns[name] = more
            if more < 20 * turns:
                continue        # the first guess is good enough
            took, _ = self.run(line % more, name)
            self.turns[name] = max(1, int(more * seconds / max(took.wall, 0.004)))

    def kernel(self, name, want):
        took, got = self.long_enough(name, "/tests/kernels %s %%d" % name, self.seconds)
        self.check(name, got, want)
        return took

    def program_of(self, name, want):
        took, got = self.long_enough(name, "sh /tests/programs.sh %s %%d" % name, self.seconds)
        self.check(name, got, want)
        return took

    def check(self, name, got, want):
        for value in got:
            if want is not None and value != want:
                raise Wrong("%s: %s: the result is %s, on the host %s" %
                            (self.name, name, value, want))

    def openssl(self, name):
        """Seconds for a million bytes, or for a signature; openssl takes the time itself."""
        args, field = OPENSSL[name]
        seconds = max(1, int(self.seconds))
        cpu, start = self.cpu_now(), time.monotonic()
        text = self.cmd("/usr/bin/openssl speed -mr -elapsed -seconds %d %s 2>/dev/null" %
                        (seconds, " ".join(args)))
        wall, cpu = time.monotonic() - start, self.cpu_now() - cpu
        m = re.search(field, text)
        expect(m and float(m.group(1)) > 0, "openssl speed says " + text)
        expect(wall > 0.9 * seconds, "the guest's clock is fast: a second was %.2f s" %
               (wall / seconds))
        each = (1e6 if "-bytes" in args else 1) / float(m.group(1))
        return Time(each, each * min(cpu / wall, 1.0))

    def check_openssl(self, data):
        """What openssl makes of a file is right, before its speed says anything."""
        with open(data, "rb") as f:
            want = hashlib.sha256(f.read()).hexdigest()
        said = self.cmd("/usr/bin/openssl dgst -sha256 /tests/programs.data")
        if want not in said:
            raise Wrong("%s: openssl dgst says %s" % (self.name, said))
        key = "-aes-128-cbc -K 000102030405060708090a0b0c0d0e0f -iv 00"
        self.cmd("/usr/bin/openssl enc %s -in /tests/programs.data -out /tmp/e 2>/dev/null && "
                 "/usr/bin/openssl enc -d %s -in /tmp/e 2>/dev/null | "
                 "cmp - /tests/programs.data" % (key, key))

    def copies(self, name, want):
        """A copy on each CPU: time for one copy's turn, and how many times one CPU that is."""
        n = SMP[name]
        line = "/tests/kernels %s %%d" % SMP_KERNEL
        one, got = self.long_enough(SMP_KERNEL, "taskset -c 0 " + line, self.seconds)
        turns = self.turns[SMP_KERNEL]
        took, more = self.run("(for c in %s; do taskset -c $c %s & done; wait)" %
                              (" ".join(str(c) for c in range(n)), line % turns), SMP_KERNEL, n)
        self.check(name, got + more, want)
        wall = took.wall / turns / n
        result = Time(wall, took.cpu / turns / n)
        result.scaling = one.wall / wall
        return result

    def latency(self):
        """The 99th percentile; the median, the most and how many in .note."""
        text = self.cmd("/tests/latency %d" % max(3, 5 * self.seconds))
        n, half, most, worst = (int(x) for x in re.search(
            r"BENCH-LATENCY (\d+) (\d+) (\d+) (\d+)", text).groups())
        result = Time(most / 1e9, 0)
        result.note = "99th percentile of %d; median %.3f ms, most %.3f" % (
            n, half / 1e6, worst / 1e6)
        return result

    def idle(self):
        """CPU time in a second in which the guest does nothing."""
        end = time.monotonic() + 4
        while time.monotonic() < end:
            self.guest.pump(0.2)
        seconds = max(5, 5 * self.seconds)
        cpu, start = self.cpu_now(), time.monotonic()
        time.sleep(seconds)
        share = (self.cpu_now() - cpu) / (time.monotonic() - start)
        result = Time(share, share)
        result.note = "CPU time in a second of nothing to do: %.2f %%" % (100 * share)
        return result

    def memory(self):
        """MB that the process has beside the guest's RAM, after some work on each CPU."""
        self.cmd("for c in $(seq $(nproc)); do (for i in $(seq 60); do ls -laR /proc/sys "
                 ">/dev/null; md5sum /bin/busybox >/dev/null; done) & done; wait")
        used = size = 0
        with open("/proc/%d/smaps" % self.guest.proc.pid) as f:
            for line in f:
                m = re.match(r"([0-9a-f]+)-([0-9a-f]+) ", line)
                if m:
                    size = int(m.group(2), 16) - int(m.group(1), 16)
                elif line.startswith("Rss:") and size < 1 << 30:
                    used += int(line.split()[1]) * 1024
        result = Time(used / 1e9, 0)
        result.note = "MB beside guest RAM"
        return result
