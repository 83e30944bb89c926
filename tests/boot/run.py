#!/usr/bin/env python3
"""Boots real guests and checks what they show.

    run.py [--program P] [--scale N] [--quick] [--moves N] [--boots N] [--stress S] [--logs DIR] [--list] [TEST...]

The last line is "boot: N passed, N failed, N skipped"; status 1 when any failed.
A test whose guest is not in the cache is skipped, and so is one that asks for
what the peer lacks when --program is the peer.
"""
import argparse
import base64
import os
import random
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bad_input                                        # noqa: E402
import clones                                           # noqa: E402
import floats                                           # noqa: E402
import golden                                           # noqa: E402
import moves                                            # noqa: E402
import soak                                             # noqa: E402
import speed                                            # noqa: E402
import stress                                           # noqa: E402
import ticks                                            # noqa: E402
from guest import Failure, Guest, expect               # noqa: E402

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"),
                     "peppercorn")
MARK = r"PEPPERCORN-BOOT-OK (\d+\.\d+)"
PROMPT = r"guest# "
TESTS = {}


class Skip(Exception):
    """The test cannot run here; the text says why."""


def test(name, ours=False):
    def add(fn):
        TESTS[name] = (fn, ours)
        return fn
    return add


class Lab:
    """What a test gets: the program, the guests, the options of this run."""

    def __init__(self, opts, name):
        self.program = opts.program
        self.scale = opts.scale
        self.quick = opts.quick
        self.moves = opts.moves
        self.stress = opts.stress
        self.boots = opts.boots
        self.peer = is_peer(opts.program)
        self.log = os.path.join(opts.logs, name)
        self.nth = 0

    def guest_file(self, folder, name):
        path = os.path.join(CACHE, folder, name)
        if not os.path.exists(path):
            raise Skip("%s/%s is not in the cache" % (folder, name))
        return path

    def args(self, cpu="power9", folder="bookworm-linux", append="", mem="1G"):
        initrd = "initrd.gz" if "installer" in folder else "initramfs.gz"
        return ["-M", "pseries", "-cpu", cpu, "-m", mem, "-vga", "none", "-net", "none",
                "-kernel", self.guest_file(folder, "vmlinux"),
                "-initrd", self.guest_file(folder, initrd),
                "-append", ("console=hvc0 " + append).strip()]

    def start(self, args, **kw):
        self.nth += 1
        return Guest(self.program, args, self.scale,
                     "%s%s.log" % (self.log, "" if self.nth == 1 else "-%d" % self.nth), **kw)

    def shell(self, *extra, **kw):
        """A guest at its shell prompt."""
        g = self.start(self.args(**kw) + list(extra))
        try:
            g.wait(MARK, 90)
            g.wall = time.monotonic() - g.started
            g.wait(PROMPT, 20)
        except BaseException:
            g.kill()
            raise
        return g


def is_peer(program):
    return os.path.basename(program).startswith("qemu-")


def power_off(g):
    g.send("poweroff -f\n")
    g.wait(r"reboot: Power down", 20)
    g.ends(10, 0)


@test("boot-p9")
def boot_p9(lab):
    with lab.shell() as g:
        uname = g.cmd("uname -a")
        expect(re.match(r"Linux \(none\) \S+-powerpc64le .* ppc64le GNU/Linux", uname),
               "uname -a says %r" % uname)
        info = g.cmd("cat /proc/cpuinfo")
        expect(re.search(r"cpu\s*: POWER9 ", info), "no POWER9 in /proc/cpuinfo:\n" + info)
        expect(re.search(r"timebase\s*: 512000000", info), "timebase is not 512 MHz:\n" + info)
        expect(re.search(r"MMU\s*: Radix", info), "the MMU is not radix:\n" + info)
        expect(b"Linux version" in g.seen, "no kernel banner")
        expect("XIVE" in g.cmd("cat /proc/interrupts"), "interrupts do not come by XIVE")
        expect(lab.peer or g.wall < 20 * lab.scale,
               "kernel to shell took %.1f s, not under 20" % g.wall)
        power_off(g)


@test("boot-p8")
def boot_p8(lab):
    with lab.shell(cpu="power8") as g:
        info = g.cmd("cat /proc/cpuinfo")
        expect(re.search(r"cpu\s*: POWER8", info), "no POWER8 in /proc/cpuinfo:\n" + info)
        expect(re.search(r"MMU\s*: Hash", info), "the MMU is not hash:\n" + info)
        expect("XICS" in g.cmd("cat /proc/interrupts"), "interrupts do not come by XICS")
        power_off(g)


@test("hash-p9")
def hash_p9(lab):
    """The client-architecture call must give a POWER9 that asks for it the hash MMU."""
    with lab.shell(append="disable_radix") as g:
        info = g.cmd("cat /proc/cpuinfo")
        expect(re.search(r"cpu\s*: POWER9", info) and re.search(r"MMU\s*: Hash", info), info)
        power_off(g)


@test("smp4")
def smp4(lab):
    with lab.shell("-smp", "4") as g:
        expect(g.cmd("nproc").strip() == "4", "nproc is not 4")
        online = g.cmd("cat /sys/devices/system/cpu/online").strip()
        expect(online == "0-3", "online CPUs: " + online)
        sums = g.cmd("for c in 0 1 2 3; do taskset -c $c md5sum /bin/busybox & done; wait", 120)
        got = set(re.findall(r"\b([0-9a-f]{32})  /bin/busybox", sums))
        expect(len(got) == 1 and sums.count("/bin/busybox\n") == 4, "four sums differ:\n" + sums)
        for state in "0", "1":   # a CPU stops itself and is started again
            g.cmd("echo %s >/sys/devices/system/cpu/cpu3/online" % state)
        expect(g.cmd("nproc").strip() == "4", "CPU 3 did not come back")
        power_off(g)


@test("smp4-p8")
def smp4_p8(lab):
    with lab.shell("-smp", "4", cpu="power8") as g:
        expect(g.cmd("nproc").strip() == "4", "nproc is not 4")
        power_off(g)


@test("strict")
def strict(lab):
    """Reservations that no store of another CPU fools: kernel and programs run on them as well."""
    if lab.peer:
        raise Skip("the peer has no such mode")
    with lab.shell("-smp", "4", "-accel", "jit,strict-reservations=on") as g:
        sums = g.cmd("for c in 0 1 2 3; do taskset -c $c md5sum /bin/busybox & done; wait", 120)
        got = set(re.findall(r"\b([0-9a-f]{32})  /bin/busybox", sums))
        expect(len(got) == 1 and sums.count("/bin/busybox\n") == 4, "four sums differ:\n" + sums)
        pages = re.findall(r"guarded for reservations .* (\d+), no longer (\d+)", g.monitor("info jit"))
        expect(len(pages) == 4 and int(pages[0][0]) > 100, "pages guarded: %s" % pages)
        power_off(g)


@test("registers")
def registers(lab):
    """Registers of host code chosen at random: nothing of that is to be seen."""
    if lab.peer:
        raise Skip("the peer has no such mode")
    seed = os.environ.get("PEPPERCORN_REGISTER_SEED") or str(os.getpid())
    with lab.shell("-accel", "jit,register-seed=" + seed) as g:
        expect("register-seed=%s\n" % seed in g.monitor("info jit").replace("\r", ""), "no seed")
        sums = g.cmd("md5sum /bin/busybox; gzip -c /bin/busybox | gunzip | md5sum", 60)
        got = re.findall(r"\b([0-9a-f]{32}) ", sums)
        expect(len(got) == 2 and got[0] == got[1], "seed %s: sums differ:\n%s" % (seed, sums))
        power_off(g)


@test("next")
def boot_next(lab):
    """The kernel of Debian's next release."""
    with lab.shell(folder="trixie-linux") as g:
        expect("POWER9" in g.cmd("cat /proc/cpuinfo"), "no POWER9")
        expect(re.search(r" 6\.(1[2-9]|[2-9]\d)", g.cmd("uname -a")), "not the next kernel")
        power_off(g)


def big_endian(lab, cpu, mmu, append=""):
    """A big-endian kernel and its programs, 64 bits."""
    with lab.shell(cpu=cpu, folder="bookworm-be", append=append) as g:
        expect(re.match(r"Linux \(none\) 6\.1\.\S+ .* ppc64 GNU/Linux", g.cmd("uname -a")),
               "uname says " + g.cmd("uname -a"))
        expect(g.cmd("echo 1 | od -An -t x2").split()[0] == "310a", "the programs are little-endian")
        info = g.cmd("cat /proc/cpuinfo")
        expect(cpu.upper() in info and re.search(r"MMU\s*: " + mmu, info), info)
        power_off(g)


@test("be-p9")
def be_p9(lab):
    big_endian(lab, "power9", "Radix")


@test("be-hash-p9")
def be_hash_p9(lab):
    big_endian(lab, "power9", "Hash", "disable_radix")


@test("be-p8")
def be_p8(lab):
    big_endian(lab, "power8", "Hash")


def slof(lab, cpu):
    """Debian's SLOF in place of our firmware: its prompt works, and it boots the kernel."""
    bios = ["-bios", lab.guest_file("bookworm-slof", "slof.bin")]
    with lab.start(["-M", "pseries", "-cpu", cpu, "-m", "1G", "-vga", "none", "-net", "none"] +
                   bios) as g:
        g.wait(r"Welcome to Open Firmware", 60)
        g.wait(r"\n0 > ", 60)
        g.send("1234 4321 * .\r")
        g.wait(r"4c5f4b4", 10)    # hexadecimal, as its prompt starts
        g.send("dev /cpus .properties\r")
        g.wait(r"name\s.*cpus", 10)
    with lab.shell(*bios, cpu=cpu) as g:
        expect(b"SLOF" in g.seen and b"Booting from memory" in g.seen, "not booted by SLOF")
        model = g.cmd("cat /proc/device-tree/openprom/model")
        expect("SLOF" in model, "the firmware is %r" % model)
        power_off(g)


@test("slof-p9")
def slof_p9(lab):
    slof(lab, "power9")


@test("slof-p8")
def slof_p8(lab):
    slof(lab, "power8")


@test("installer")
def installer(lab):
    """Debian's installer shows its first screen (choice of language) on the console."""
    with lab.start(lab.args(folder="bookworm-installer", mem="2G")) as g:
        g.wait(r"Select a language", 240)
        g.wait(r"English", 20)


@test("time")
def clocks(lab):
    with lab.shell() as g:
        date = int(g.cmd("date +%s"))
        expect(abs(date - time.time()) < 2.5, "the guest's clock is off by %g s" % (date - time.time()))
        g.send("echo A$((1)); sleep 10; echo B$((1))\n")
        g.wait(r"A1\r?\n", 10)
        start = time.monotonic()
        g.wait(r"B1\r?\n", 30)
        took = time.monotonic() - start
        expect(abs(took - 10) < 0.5, "sleep 10 took %.2f s" % took)


@test("idle")
def idle(lab):
    """An idle guest takes under 2 % of a host CPU."""
    with lab.shell() as g:
        end = time.monotonic() + 3
        while time.monotonic() < end:
            g.pump(0.2)
        before, start = g.cpu_seconds(), time.monotonic()
        time.sleep(10)
        share = (g.cpu_seconds() - before) / (time.monotonic() - start)
        expect(share < 0.02, "idle guest used %.1f %% of a CPU" % (100 * share))


@test("nographic")
def nographic(lab):
    """-nographic: console and monitor share the terminal; Ctrl-a c and Ctrl-a x."""
    with lab.start(lab.args() + ["-nographic"], console="none") as g:
        g.wait(r"Linux version", 60)
        g.send(b"\x01c")
        g.send("info status\n")
        g.wait(r"VM status: running", 10)
        g.send(b"\x01c")
        g.wait(MARK, 90)
        g.wait(PROMPT, 20)
        expect("ppc64le" in g.cmd("uname -m"), "no answer on the console")
        g.send(b"\x01x")
        g.ends(10, 0)


@test("reboot")
def reboot(lab):
    with lab.shell() as g:
        g.send("reboot -f\n")
        g.wait(r"Linux version", 60)
        g.wait(MARK, 90)
        g.wait(PROMPT, 20)
        power_off(g)


@test("short")
def short(lab):
    """A boot that powers off by itself, console in a file."""
    out = lab.log + ".console"
    with lab.start(lab.args(append="poweroff", mem="512M") +
                   ["-display", "none", "-monitor", "none", "-serial", "file:" + out],
                   console="none") as g:
        g.ends(120, 0)
    with open(out, "rb") as f:
        text = f.read().decode(errors="replace")
    expect(re.search(MARK, text) and "reboot: Power down" in text,
           "the console's file lacks the marker:\n" + text[-1000:])


@test("stop-cont")
def stop_cont(lab):
    """stop and cont: the guest does not notice, nothing is lost."""
    with lab.shell() as g:
        g.send("i=0; while [ $i -lt 6 ]; do i=$((i+1)); echo tick $i; sleep 1; done; echo C$((1))\n")
        g.wait(r"tick 2\r?\n", 20)
        g.monitor("stop")
        expect("paused" in g.monitor("info status"), "not paused")
        mark = len(g.seen)
        time.sleep(3)
        g.pump(0.1)
        expect(b"tick" not in g.seen[mark + 10:], "the guest ran while it was stopped")
        g.monitor("cont")
        g.wait(r"tick 6\r?\n", 20)
        g.wait(r"C1", 20)
        power_off(g)


@test("savevm", ours=True)
def savevm(lab):
    """savevm under load, new process, loadvm after a while: the guest goes on at once."""
    snapdir = lab.log + ".snaps"
    os.makedirs(snapdir, exist_ok=True)
    with lab.shell("-snapdir", snapdir, "-smp", "2") as g:
        g.send("while :; do md5sum /bin/busybox; done >/dev/null &\n")
        g.send("i=0; while :; do i=$((i+1)); echo tick $i; sleep 1; done\n")
        g.wait(r"tick 3\r?\n", 30)
        answer = g.monitor("savevm one", 120)
        expect("rror" not in answer, "savevm: " + answer)
        g.wait(r"tick \d+\r?\n", 10)    # the source runs on after saving
        g.monitor("quit")
        g.ends(10, 0)
    time.sleep(5 if lab.quick else 30)
    with lab.start(lab.args() + ["-snapdir", snapdir, "-smp", "2", "-loadvm", "one"]) as g:
        first = int(g.wait(r"tick (\d+)\r?\n", 4).group(1))
        g.wait(r"tick %d\r?\n" % (first + 1), 4)
        g.wait(r"tick %d\r?\n" % (first + 2), 4)
        g.send(b"\x03")
        g.send("kill %1; wait\n")
        expect("ppc64le" in g.cmd("uname -m"), "no shell after loadvm")
        # In the same process, twice more: back to the load, and on again.
        for _ in range(2):
            g.monitor("loadvm one", 120)
            again = int(g.wait(r"tick (\d+)\r?\n", 4).group(1))
            expect(again == first, "after loadvm tick %d, not %d" % (again, first))
        power_off_under_load(g)


def power_off_under_load(g):
    g.send(b"\x03")
    g.wait(PROMPT, 20)
    power_off(g)


COUNTED = ["-icount", "shift=2", "-rtc", "base=2024-01-01T00:00:00,clock=vm", "-no-shutdown"]
CUTS = 5
WORK = "date; md5sum /bin/busybox; cat /proc/interrupts; sleep 3; date +%s.%N; cat /proc/uptime"


def counted_args(lab, snapdir, smp):
    job = base64.b64encode(WORK.encode()).decode()
    return lab.args(append="sh64=%s poweroff" % job, mem="512M") + COUNTED + [
        "-snapdir", snapdir, "-smp", str(smp)]


def finish_counted(g):
    """Runs to power-off; console bytes and RAM hash."""
    g.wait(r"reboot: Power down", 240)
    return end_counted(g)


def end_counted(g):
    end = time.monotonic() + 10 * g.scale
    while "running" in g.monitor("info status"):
        expect(time.monotonic() < end, "still running after power-off")
        g.pump(0.1)
    ram = g.monitor("info ramhash", 60).strip()
    expect(re.search(r"[0-9a-f]{8}", ram), "info ramhash says %r" % ram)
    g.monitor("quit")
    g.ends(10, 0)
    return g.seen, ram


def compare(what, a, b):
    if a[0] != b[0]:
        n = next((i for i, (x, y) in enumerate(zip(a[0], b[0])) if x != y),
                 min(len(a[0]), len(b[0])))
        raise Failure("%s: consoles differ at byte %d:\n    %r\n    %r" %
                      (what, n, a[0][n - 60:n + 60], b[0][n - 60:n + 60]))
    expect(a[1] == b[1], "%s: RAM differs: %s, %s" % (what, a[1], b[1]))


def broken_off(lab, args, points):
    """The same by one process after another, each for so many seconds (0: not run at all)."""
    seen, load = b"", []
    for n, seconds in enumerate(points):
        with lab.start(args + load + ([] if seconds else ["-S"])) as g:
            end = time.monotonic() + seconds
            while time.monotonic() < end and not g.eof:
                g.pump(end - time.monotonic())
            g.monitor("stop")
            g.pump(0.2)
            if b"reboot: Power down" in seen + g.seen:
                if "shutdown" not in g.monitor("info status"):
                    g.monitor("cont")
                rest, ram = end_counted(g)
                return seen + rest, ram, n
            expect("rror" not in g.monitor("savevm p%d" % n, 120), "savevm failed")
            g.monitor("quit")
            g.ends(10, 0)
            seen += g.seen
        load = ["-loadvm", "p%d" % n]
    with lab.start(args + load) as g:
        rest, ram = finish_counted(g)
    return seen + rest, ram, len(points)


def counted(lab, smp):
    snapdir = lab.log + ".snaps"
    os.makedirs(snapdir, exist_ok=True)
    args = counted_args(lab, snapdir, smp)
    with lab.start(args) as g:
        whole = finish_counted(g)
        took = time.monotonic() - g.started
    # What is a random moment of the host's is a random instruction of the guest's.
    seed = int(os.environ.get("COUNTED_SEED") or random.randrange(1 << 32))
    rng = random.Random(seed)
    # The first before anything ran: a kernel's first words are with the firmware.
    cuts = [0] + sorted(rng.uniform(0, took) for _ in range(CUTS))
    seen, ram, done = broken_off(lab, args, [b - a for a, b in zip([0] + cuts, cuts)])
    what = "broken off %d times by save, exit and load (seed %d, at %s of %.1f s)" % (
        done, seed, " ".join("%.1f" % c for c in cuts[:done]), took)
    compare(what, whole, (seen, ram))
    print("    " + what, flush=True)


@test("engines", ours=True)
def engines(lab):
    """Counted time is the same to the byte whoever executes."""
    snapdir = lab.log + ".snaps"
    os.makedirs(snapdir, exist_ok=True)
    for smp in 1, 2:
        runs = []
        for accel in "interp", "jit":
            with lab.start(counted_args(lab, snapdir, smp) + ["-accel", accel]) as g:
                runs.append(finish_counted(g))
        compare("interpreter and host code, %d CPUs" % smp, *runs)


@test("verify", ours=True)
def verify(lab):
    """Every piece of host code of a boot does what the interpreter does."""
    with lab.start(lab.args(append="poweroff", mem="512M") +
                   ["-icount", "shift=2", "-accel", "jit,verify=on"]) as g:
        g.wait(r"PEPPERCORN-BOOT-OK", 240)
        g.wait(r"reboot: Power down", 60)
        g.ends(10, 0)


@test("counted", ours=True)
def counted_1(lab):
    """Counted time: same bytes, same RAM over save, exit and load at random instructions."""
    counted(lab, 1)


@test("counted-smp2", ours=True)
def counted_2(lab):
    counted(lab, 2)


def add_bad_input():
    for name, args, pattern in bad_input.CASES:
        def run(lab, args=args, pattern=pattern):
            bad_input.run(lab, args, pattern)
        TESTS["bad:" + name] = (run, True)
    for name, args, pattern in bad_input.HELPS:
        def show(lab, args=args, pattern=pattern):
            done = subprocess.run([lab.program] + args, capture_output=True, timeout=30,
                                  stdin=subprocess.DEVNULL)
            out = done.stdout.decode(errors="replace")
            expect(done.returncode == 0, "status %d: %r" % (done.returncode, done.stderr))
            expect(re.search(pattern, out), "no %r in:\n%s" % (pattern, out[:600]))
        TESTS["help:" + name] = (show, False)


def chosen(names):
    if not names:
        return list(TESTS)
    out = []
    for n in names:
        found = [t for t in TESTS if t == n or (n.endswith(":") and t.startswith(n))]
        if not found:
            sys.exit("run.py: %s: no such test (--list shows them)" % n)
        out += found
    return out


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--program", default=os.path.join(TOP, "build", "peppercorn"))
    p.add_argument("--scale", type=float, default=1.0, help="all time limits times N")
    p.add_argument("--quick", action="store_true", help="shorter waits")
    p.add_argument("--moves", type=int, default=4, metavar="N", help="of the tests soak and ticks-*; 4")
    p.add_argument("--boots", type=int, default=2, metavar="N", help="of the test boots; 2")
    p.add_argument("--stress", type=int, default=0, metavar="S",
                   help="seconds for each stressor of the test stress; 0: a step")
    p.add_argument("--logs", help="folder for consoles (default: beside the program)")
    p.add_argument("--list", action="store_true")
    p.add_argument("tests", nargs="*", help="names; \"bad:\" names a group; default all")
    opts = p.parse_args()
    clones.add(test)
    floats.add(test, Skip)
    golden.add(test)
    moves.add(test)
    soak.add(test, Skip)
    speed.add(test, Skip)
    stress.add(test, Skip)
    ticks.add(test, Skip)
    add_bad_input()
    if opts.list:
        print("\n".join(TESTS))
        return 0
    if not opts.logs:
        opts.logs = os.path.join(TOP, "build", "boot-logs") if is_peer(opts.program) else \
            os.path.join(os.path.dirname(os.path.abspath(opts.program)), "boot-logs")
    os.makedirs(opts.logs, exist_ok=True)
    count = {"passed": 0, "failed": 0, "skipped": 0}
    for name in chosen(opts.tests):
        fn, ours = TESTS[name]
        start, note = time.monotonic(), ""
        try:
            if ours and is_peer(opts.program):
                raise Skip("not for the peer")
            fn(Lab(opts, name.replace(":", "-")))
            result = "passed"
        except Skip as e:
            result, note = "skipped", ": %s" % e
        except (Failure, subprocess.TimeoutExpired, OSError, ValueError) as e:
            result, note = "failed", ": %s" % e
        count[result] += 1
        if result != "passed" or not name.startswith(("bad:", "help:")):
            print("  %-14s %s (%.1f s)%s" % (name, result, time.monotonic() - start, note),
                  flush=True)
    print("boot: %(passed)d passed, %(failed)d failed, %(skipped)d skipped" % count)
    return 1 if count["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
