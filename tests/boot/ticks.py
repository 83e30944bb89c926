"""No tick of a decrementer is lost, whatever is done to the machine.

The guest is tests/guest/ticks.c, a bare program that looks at TB, DEC and PURR on every CPU and
accounts for each expiry.  In counted time its console must be, to the byte, that of a run
which nothing interrupted.  TICKS_SEED= draws other moments; each test prints its own.
"""
import contextlib
import os
import random
import re
import shutil
import subprocess
import tempfile
import time

from guest import expect                                # noqa: E402

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CC = "powerpc64le-linux-gnu-gcc"
FLAGS = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-mbig", "-mabi=elfv2", "-mcpu=power8",
         "-msoft-float", "-mno-altivec", "-mno-vsx", "-mcmodel=medium", "-fno-pic", "-no-pie",
         "-ffreestanding", "-fno-stack-protector", "-fno-jump-tables",
         "-fno-tree-loop-distribute-patterns", "-nostdlib", "-static",
         "-Wl,-N,-Ttext=0,-e,0,--build-id=none,--no-warn-rwx-segments"]
# Bounds of waiting for what comes at once on a host with nothing else to do.
PATIENCE = 60
LINE = re.compile(rb"\nTICKS ([^\n]*)\n")


def build(folder, skip):
    """The guest."""
    if not shutil.which(CC):
        raise skip("no %s here" % CC)
    out = os.path.join(folder, "ticks")
    here = os.path.join(TOP, "tests", "guest")
    subprocess.run([CC] + FLAGS + ["-o", out, here + "/ticks.S", here + "/ticks.c"], check=True)
    return out


def machine(program, cpu, smp, every, periods=""):
    return ["-M", "pseries", "-cpu", cpu, "-smp", str(smp), "-m", "256M", "-vga", "none", "-net",
            "none", "-kernel", program, "-append",
            "every=%d" % every + (" periods=" + periods if periods else "")]


def numbers(line):
    """{"n", "tb", "faults", "cpus": [{...}]} of a line of the guest's."""
    head, *cpus = line.decode().rstrip("\r").split(" cpu ")
    words = ("n " + head).split()
    told = {k: int(v) for k, v in zip(words[::2], words[1::2])}
    told["cpus"] = []
    for text in cpus:
        words = ("cpu " + text).split()
        told["cpus"].append({k: int(v) for k, v in zip(words[::2], words[1::2])})
    return told


def no_fault(seen):
    if b"FAULT" in seen:
        faults = [x.decode(errors="replace") for x in seen.split(b"\n") if b"FAULT" in x]
        expect(False, "the guest found faults:\n" + "\n".join(faults[:5]))


def line_after(g, mark):
    """(line, its end) of the first one that begins after the console's byte `mark`."""
    end = time.monotonic() + PATIENCE * g.scale
    while True:
        m = LINE.search(g.seen.replace(b"\r", b""), mark)
        if m:
            break
        expect(not g.eof, "ended\n" + g.tail())
        expect(time.monotonic() < end, "the guest is silent\n" + g.tail())
        g.pump(0.2)
    no_fault(g.seen)
    told = numbers(m.group(1))
    expect(not told["faults"], "the guest counts %d faults" % told["faults"])
    for c in told["cpus"]:
        points = c["ints"] + c["polled"] + c["late"]
        expect(c["next"] - c["first"] == points * c["period"],
               "cpu %(cpu)d: %(ints)d interrupts, %(polled)d polled, %(late)d late are not the "
               "points between %(first)d and %(next)d" % c)
    return told, m.end() - 1


def settled(g, ncpus, since=0):
    """
    A line in which every CPU has met all points that were due at some time after timebase
    `since`, and has looked at its registers since.
    """
    at = len(g.seen.replace(b"\r", b"")) if since else 0
    while True:
        ref, at = line_after(g, at)
        if ref["tb"] > since:
            break
    expect(len(ref["cpus"]) == ncpus, "%d CPUs tell of themselves" % len(ref["cpus"]))
    end = time.monotonic() + PATIENCE * g.scale
    while True:
        told, at = line_after(g, at)
        slow = [c["cpu"] for c, was in zip(told["cpus"], ref["cpus"])
                if c["next"] <= ref["tb"] or (c["looks"] == was["looks"] and ncpus > 1)]
        if not slow:
            return told
        expect(time.monotonic() < end, "of cpu %d no expiry comes: %r" % (slow[0], told))


class Run:
    """A guest that goes from process to process."""

    def __init__(self, lab, args, folder, rng):
        self.lab, self.args, self.folder, self.rng = lab, args, folder, rng
        self.before = b""       # what earlier processes have shown of it
        self.n = 0
        self.done = {}
        self.g = lab.start(args)

    def seen(self):
        return self.before + self.g.seen

    def becomes(self, g):
        self.g.pump(0.1)
        self.before = self.seen()
        self.g.kill()
        self.g = g

    def name(self):
        self.n += 1
        return "at%d" % self.n

    def ask(self, line, g=None):
        said = (g or self.g).monitor(line, 200)
        expect("rror" not in said and "stays here" not in said, "%s: %s" % (line, said))
        return said

    def some_time(self):
        end = time.monotonic() + self.rng.choice([0, 0, 0.05, 0.4])
        while time.monotonic() < end:
            self.g.pump(end - time.monotonic())

    # What is done to it

    def stops(self):
        """Stop and cont, as fast as they come."""
        for _ in range(self.rng.randrange(5, 20)):
            self.ask("stop")
            self.ask("cont")

    def load(self):
        """Saved and loaded where it stands, again and again."""
        self.ask("stop")
        name = self.name()
        self.ask("savevm " + name)
        for _ in range(self.rng.randrange(1, 4)):
            self.ask("loadvm " + name)
        self.ask("cont")

    def back(self):
        """Goes on after a save, and back to it; what it has said since is forgotten."""
        self.ask("stop")
        self.g.pump(0.1)
        name, said = self.name(), self.seen()
        self.ask("savevm " + name)
        for _ in range(2):
            self.ask("cont")
            self.some_time()
            self.ask("stop")
            self.g.pump(0.1)
            self.before, self.g.seen = said, b""
            self.ask("loadvm " + name)
        self.ask("cont")

    def running(self):
        """Saved while it runs."""
        self.ask("savevm " + self.name())

    def later(self):
        """Saved, and some time later loaded stopped by another process, and continued."""
        self.ask("stop")
        name = self.name()
        self.ask("savevm " + name)
        self.becomes(self.lab.start(self.args + ["-loadvm", name] +
                                    self.rng.choice([[], ["-S"]])))
        time.sleep(self.rng.choice([0, 0.3, 2.5]))
        self.ask("cont")

    def move(self):
        """To another process, running or stopped."""
        path = os.path.join(self.folder, self.name() + ".sock")
        stopped = self.rng.random() < 0.3
        with contextlib.ExitStack() as undo:
            d = undo.enter_context(self.lab.start(self.args + ["-incoming", "unix:" + path]))
            end = time.monotonic() + PATIENCE * d.scale
            while not os.path.exists(path):
                expect(time.monotonic() < end and d.proc.poll() is None, "nobody listens")
                time.sleep(0.02)
            self.ask("info status", d)  # bound is not listening yet; whoever answers listens
            if stopped:
                self.ask("stop")
            self.ask("migrate unix:" + path)
            undo.pop_all()
        self.becomes(d)
        if stopped:
            self.ask("cont")

    def anything(self, ops):
        op = self.rng.choice(ops)
        self.done[op] = self.done.get(op, 0) + 1
        getattr(self, op)()
        for f in os.listdir(self.folder):
            if f.endswith(".snap"):
                os.unlink(os.path.join(self.folder, f))
        return op

    def kill(self):
        self.g.kill()


def shuffled(rng, ops, n):
    """n of them, each as often as the others."""
    out = (ops * (n // len(ops) + 1))[:n]
    rng.shuffle(out)
    return out


def draw():
    seed = int(os.environ.get("TICKS_SEED") or random.randrange(1 << 32))
    return seed, random.Random(seed)


def clock(g):
    """(timebase, ns of downtimes added), now."""
    text = g.monitor("info clock")
    return (int(re.search(r"TB (0x[0-9a-f]+)", text).group(1), 0),
            int(re.search(r"downtimes added: (\d+) ns", text).group(1)))


def stolen_is(told, ns, jumps, what):
    """TB has gained on PURR what was added at starts, on every CPU, to the tick."""
    most = ns * 512 // 1000
    for c in told["cpus"]:
        expect(c["stolen"] <= most + 1 and c["stolen"] + c["width"] >= most - jumps - 1,
               "%s: cpu %d: TB has gained %d to %d ticks on PURR, %d were added" %
               (what, c["cpu"], c["stolen"], c["stolen"] + c["width"], most))


def add(test, skip):
    """Registers the tests with run.py's decorator; `skip` is its exception."""

    @test("ticks")
    def ticks(lab):
        """Left alone, on each kind of CPU; the peer too shows that the guest is right."""
        with tempfile.TemporaryDirectory(prefix="ppcorn-") as folder:
            program = build(folder, skip)
            for cpu, smp in ("power8", 4), ("power9", 1), ("power10", 2):
                with lab.start(machine(program, cpu, smp, 100)) as g:
                    g.wait(r"READY cpus %d bits %d " % (smp, 32 if cpu == "power8" else 56), 60)
                    told = settled(g, smp)
                    expect(not any(c["jumps"] or c["clamped"] for c in told["cpus"]), "jumps")

    @test("ticks-counted", ours=True)
    def counted(lab):
        """Saved, loaded, moved and stopped at random: what it shows is what it would have shown."""
        with tempfile.TemporaryDirectory(prefix="ppcorn-") as folder:
            program = build(folder, skip)
            for cpu, smp, shift in ("power8", 1, 0), ("power9", 4, 1):
                args = machine(program, cpu, smp, 20) + [
                    "-icount", "shift=%d" % shift, "-rtc", "clock=vm", "-snapdir", folder]
                compare(lab, args, folder, smp, 3 * lab.moves)

    def compare(lab, args, folder, smp, n):
        seed, rng = draw()
        what = "seed %d" % seed
        run = Run(lab, args, folder, rng)
        try:
            for op in shuffled(rng, ["stops", "load", "back", "running", "later", "move"], n):
                run.some_time()
                run.anything([op])
                no_fault(run.seen())
            told = settled(run.g, smp, clock(run.g)[0])
            cut = run.seen()
        finally:
            run.kill()
        for c in told["cpus"]:
            expect(not (c["late"] or c["behind"] or c["jumps"] or c["clamped"]) and
                   c["narrow"] <= 2, "%s: counted time, and cpu %d says %r" % (what, c["cpu"], c))
        with lab.start(args) as g:
            end, n = time.monotonic() + PATIENCE * g.scale, 0
            while len(g.seen) < len(cut):
                if len(g.seen) > n:
                    end, n = time.monotonic() + PATIENCE * g.scale, len(g.seen)
                expect(time.monotonic() < end and not g.eof, "the whole run is silent")
                g.pump(1)
            whole = g.seen[:len(cut)]
        at = next((i for i in range(len(cut)) if whole[i] != cut[i]), None)
        expect(at is None, "%s: after %r the consoles differ at byte %r:\n    %r\n    %r" %
               (what, run.done, at, whole[(at or 0) - 80:(at or 0) + 200],
                cut[(at or 0) - 80:(at or 0) + 200]))
        print("    %d CPUs, %d bytes alike after %s; %d expiries (%s)" %
              (smp, len(cut), said(run.done), expiries(told), what), flush=True)

    def said(done):
        return ", ".join("%d %s" % (n, op) for op, n in sorted(done.items()))

    def expiries(told):
        return sum(c["ints"] + c["polled"] + c["late"] for c in told["cpus"])

    @test("ticks-moves", ours=True)
    def moves(lab):
        """The same in host time, under each policy: every expiry and every downtime is accounted."""
        with tempfile.TemporaryDirectory(prefix="ppcorn-") as folder:
            program = build(folder, skip)
            for policy, cpu, smp in (("frozen", "power9", 4), ("realtime", "power8", 4),
                                     ("auto", "power10", 1)):
                args = machine(program, cpu, smp, 100, "1000,200,20000,1500000") + [
                    "-time-policy", policy, "-snapdir", folder]
                host_time(lab, args, folder, policy, cpu, smp)

    def clamps(told):
        return sum(c["clamped"] for c in told["cpus"])

    def host_time(lab, args, folder, policy, cpu, smp):
        seed, rng = draw()
        run = Run(lab, args, folder, rng)
        jumps = 0
        try:
            told = settled(run.g, smp)
            ops = ["stops", "load", "back", "running", "later", "move"]
            for op in shuffled(rng, ops, 2 * lab.moves):
                (_, was), clamped = clock(run.g), clamps(told)
                run.some_time()
                run.anything([op])
                # To ask for the clock is a pause too, of microseconds: it comes after the answer.
                told = settled(run.g, smp, clock(run.g)[0])
                added = clock(run.g)[1]
                what = "%s: %s (seed %d)" % (policy, op, seed)
                jumps += 40
                # Of a decrementer of 32 bits a jump leaves the upper half of what is negative.
                if cpu == "power8" and op == "later" and added - was > 2200000000:
                    expect(clamps(told) > clamped, what + ": DEC ran through its negative half")
                elif cpu != "power8" or added - was < 2000000000:
                    expect(clamps(told) <= clamped, what + ": DEC has jumped")
                stolen_is(told, added, jumps, what)
                if policy == "frozen" or (policy == "auto" and op != "move"):
                    expect(added == was, "%s: %d ns were added" % (what, added - was))
                else:
                    expect(added > was or op in ("running", "back"), what + ": no time was added")
        finally:
            run.kill()
        print("    %s: %s; %d expiries, %d of them late; TB has gained %d us on PURR (seed %d)" %
              (policy, said(run.done), expiries(told), sum(c["late"] for c in told["cpus"]),
               added // 1000, seed), flush=True)
