"""A guest that proves itself while it is moved and saved, again and again; and time after loads.

The guest's program is tests/guest/steady.c: every page it reads is checked against what it
wrote, every timebase against all seen before, every expiry of its timers is counted.
"""
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from guest import Failure, expect                      # noqa: E402

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CC = "powerpc64le-linux-gnu-gcc"
# What a load under policy realtime makes of the time between, the kernel's detectors of stalls
# take for one: the CPUs have not run, and time has passed.
JUMPS = "nowatchdog rcupdate.rcu_cpu_stall_suppress=1"
COMPLAINTS = r"BUG:|[Ss]talls? (on|detected)|self-detected|Oops|lockup|WARNING:|clocksource.*unstable"


def build(folder, skip):
    """The guest's program."""
    if not shutil.which(CC):
        raise skip("no %s here" % CC)
    out = os.path.join(folder, "steady")
    subprocess.run([CC, "-std=gnu11", "-O2", "-static", "-Wall", "-Wextra", "-o", out,
                    os.path.join(TOP, "tests", "guest", "steady.c")], check=True)
    return out


def overlay(initramfs, program, folder):
    """A first root with the program in /tests; its path."""
    extra, out = os.path.join(folder, "extra.gz"), os.path.join(folder, "initramfs.gz")
    subprocess.run([sys.executable, os.path.join(TOP, "scripts", "mkinitramfs.py"), extra,
                    "tests/%s=%s" % (os.path.basename(program), program)], check=True)
    with open(out, "wb") as f:
        for part in initramfs, extra:
            with open(part, "rb") as p:
                f.write(p.read())
    return out


def saved_time(path):
    """(guest's time: V and all downtimes that counted; the wall clock then), ns, of a snapshot."""
    text = subprocess.run([sys.executable, "-B", os.path.join(TOP, "scripts", "snapdump.py"),
                           "--section", "CLOK", path], capture_output=True, text=True,
                          check=True).stdout
    at = {k: int(re.search(r"^\s+%s = i64 (\S+)" % k, text, re.M).group(1), 0)
          for k in ("v", "stop_wall", "jumped")}
    return at["v"] + at["jumped"], at["stop_wall"]


def status(g):
    return re.search(r"VM status: ([^\r\n]*)", g.monitor("info status")).group(1)


def numbers(text):
    """What a line of the guest's program says."""
    return {k: float(v) for k, v in re.findall(r"(\w+) (\d+(?:\.\d+)?)", text)}


def steady(g, what="STEADY"):
    """The last line of the program, which must have found nothing wrong."""
    text = g.cmd("grep -E 'FAULT|^%s' /tmp/steady | tail -n 5; grep FAULT /tmp/steady" % what,
                 60, want=None)
    expect("FAULT" not in text, "the guest found faults:\n" + text)
    lines = [x for x in text.splitlines() if x.startswith(what)]
    expect(lines, "the program says nothing:\n" + text)
    return numbers(lines[-1])


def goes_on(g):
    """The program's work goes on, on every CPU as its sums say."""
    before, end = steady(g), time.monotonic() + 60 * g.scale
    while True:
        now = steady(g)
        if now["pages"] > before["pages"] and now["ticks"] > before["ticks"]:
            return now
        expect(time.monotonic() < end, "the guest's program does not go on: %r" % now)
        time.sleep(0.3)


def listening(path, g):
    end = time.monotonic() + 20 * g.scale
    while not os.path.exists(path):
        expect(time.monotonic() < end, "nobody listens at " + path)
        time.sleep(0.02)
    time.sleep(0.1)


def in_step(g):
    """The timebases of all CPUs have the same offset."""
    tb = set(re.findall(r"offset (\S+) TB 0x[0-9a-f]+", g.monitor("info clock")))
    expect(len(tb) == 1, "timebases differ: %s" % sorted(tb))


def add(test, skip):
    """Registers the tests with run.py's decorator; `skip` is its exception."""

    def move(lab, g, args, path):
        """The guest is at the other process, whole; which."""
        d = lab.start(args + ["-incoming", "unix:" + path])
        try:
            listening(path, d)
            g.monitor("migrate_set_parameter check-ram on")
            said = g.monitor("migrate unix:" + path, 200)
            expect("rror" not in said and "stays here" not in said, "migrate: " + said)
            expect(status(g) == "paused (postmigrate)", "the source is " + status(g))
            expect(status(d) == "running", "the destination is " + status(d))
        except BaseException:
            d.kill()
            raise
        g.kill()
        return d

    def save(g, folder, name):
        """The guest's time less the wall's, ns, by a snapshot of it."""
        said = g.monitor("savevm " + name, 200)
        expect("rror" not in said, "savevm: " + said)
        ours, wall = saved_time(os.path.join(folder, name + ".snap"))
        return ours - wall

    @test("soak", ours=True)
    def soak(lab):
        """Four CPUs under load: moves (--moves N, 4), saves and loads; what the guest proves."""
        with tempfile.TemporaryDirectory(prefix="ppcorn-") as folder:
            args = lab.args(mem="256M", append=JUMPS)
            at = args.index("-initrd") + 1
            args[at] = overlay(args[at], build(folder, skip), folder)
            args += ["-smp", "4", "-time-policy", "realtime", "-snapdir", folder]
            g = lab.start(args)
            try:
                g.wait(r"guest# ", 120)
                g.cmd("/tests/steady 4 8 4 20000 >/tmp/steady 2>&1 & sleep 3")
                steady(g)
                off, worst = save(g, folder, "first"), 0
                for n in range(lab.moves):
                    g = move(lab, g, args, os.path.join(folder, "move%d" % n))
                    in_step(g)
                    goes_on(g)
                    if n % 2:
                        # There and back: what came after the save has not been.
                        now = save(g, folder, "again")
                        worst = max(worst, abs(now - off))
                        expect("rror" not in g.monitor("loadvm again", 100), "loadvm failed")
                        if n % 4 == 3:
                            g.kill()
                            g = lab.start(args + ["-loadvm", "again"])
                        in_step(g)
                        goes_on(g)
                last = save(g, folder, "last") - off
                g.cmd("kill -TERM $(pidof steady | tr ' ' '\\n' | sort -n | head -n 1); sleep 2", 60)
                end = steady(g, "END")
                expect(end["ticks"] > 0 and end["waits"] > 0, "no timer came: %r" % end)
                expect(not re.search(COMPLAINTS, g.cmd("dmesg")), "the kernel complains")
                print("    %d moves, %d loads; guest's clock against the wall's: %+d us (at most "
                      "%d); %d pages checked, %d expiries, longest gap %d ms" %
                      (lab.moves, lab.moves // 2 + lab.moves // 4, last / 1000, worst / 1000,
                       end["pages"], end["ticks"], end["gap"] / 1000), flush=True)
                expect(max(worst, abs(last)) < 1000000,
                       "the guest's clock and the wall's parted by %d us" % (last / 1000))
            finally:
                g.kill()

    def booted(lab, smp, number):
        """A boot to the shell with work on each CPU, and off again; none may stand still."""
        name = "%s-smp%d-%d" % (lab.log, smp, number)
        with lab.start(lab.args(mem="512M", append=JUMPS) + ["-smp", str(smp)]) as g:
            try:
                moves(g, r"guest# ")
                g.cmd("for c in $(seq 0 %d); do taskset -c $c md5sum /bin/busybox & done; wait; "
                      "[ $(nproc) = %d ]" % (smp - 1, smp), 120)
                expect(not re.search(COMPLAINTS, g.cmd("dmesg", 60)), "the kernel complains")
                g.send("poweroff -f\n")
                moves(g, r"reboot: Power down")
                g.ends(30, 0)
            except Failure as e:
                state = g.monitor("info registers -a") if g.proc.poll() is None else ""
                with open(name + ".failed", "wb") as f:
                    f.write(g.seen + b"\n" + state.encode())
                return "%d CPUs, boot %d: %s (%s)" % (smp, number, str(e).splitlines()[0], f.name)
        return None

    def moves(g, pattern):
        """Waits as long as the guest goes on: a minute without a byte is a hang."""
        while not re.search(pattern.encode(), g.seen[g.pos:]):
            seen, end = len(g.seen), time.monotonic() + 60 * g.scale
            while len(g.seen) == seen:
                expect(not g.eof, "it ended")
                expect(time.monotonic() < end, "nothing for a minute\n" + g.tail())
                g.pump(0.5)
        g.wait(pattern, 1)

    @test("boots", ours=True)
    def boots(lab):
        """Boots on 1, 2 and 4 CPUs (--boots N of each, 2): none hangs."""
        bad, began = [], time.monotonic()
        for number in range(lab.boots):
            for smp in 1, 2, 4:
                bad.append(booted(lab, smp, number))
        bad = [b for b in bad if b]
        expect(not bad, "\n    ".join(bad))
        print("    %d boots on each of 1, 2 and 4 CPUs, %.1f s for one" % (
            lab.boots, (time.monotonic() - began) / 3 / lab.boots), flush=True)

    @test("move-busy", ours=True)
    def move_busy(lab):
        """Compresses a file all the while: sums, date, uptime right, no complaint."""
        args = lab.args(mem="512M") + ["-smp", "2"]
        with tempfile.TemporaryDirectory(prefix="ppcorn-") as folder:
            g = lab.start(args)
            try:
                g.wait(r"guest# ", 120)
                g.cmd("mkdir /tmp/z; cd /tmp/z; dd if=/dev/urandom of=noise bs=1M count=3 "
                      "2>/dev/null; for i in 1 2 3; do cat noise /bin/busybox /bin/busybox; "
                      "done >big; md5sum <big >sum", 120)
                g.cmd("(while :; do gzip -c big >big.gz; zcat big.gz | md5sum >new; "
                      "cmp -s new sum && echo good >>turns || echo bad >>turns; done) & true")
                up, since = float(g.cmd("cat /proc/uptime").split()[0]), time.time()
                off = since - int(g.cmd("date +%s").split()[0])
                for n in range(2):
                    g = move(lab, g, args, os.path.join(folder, "busy%d" % n))
                end = time.monotonic() + 400 * g.scale
                turns = g.cmd("cat turns 2>&1", want=None).count("good")
                while g.cmd("cat turns 2>&1", want=None).count("good") < turns + 2:
                    expect(time.monotonic() < end, "the compressing does not go on")
                    time.sleep(0.5)
                expect("bad" not in g.cmd("cat turns"), "a file came out otherwise than it went in")
                gone = float(g.cmd("cat /proc/uptime").split()[0]) - up
                expect(abs(time.time() - since - gone) < 2, "uptime says %.1f s, %.1f s have gone" %
                       (gone, time.time() - since))
                now = time.time() - int(g.cmd("date +%s").split()[0])
                expect(abs(now - off) < 2, "date was off by %.1f s, now by %.1f" % (off, now))
                expect(not re.search(COMPLAINTS, g.cmd("dmesg")), "the kernel complains")
            finally:
                g.kill()

    @test("load-later", ours=True)
    def load_later(lab):
        """-loadvm and -S, a wait, cont: what each policy makes of the time between."""
        with tempfile.TemporaryDirectory(prefix="ppcorn-") as folder:
            args = lab.args(mem="256M") + ["-snapdir", folder, "-smp", "2"]
            with lab.shell("-snapdir", folder, "-smp", "2", mem="256M", append=JUMPS) as g:
                up = float(g.cmd("cat /proc/uptime").split()[0])
                expect("rror" not in g.monitor("savevm late", 100), "savevm failed")
            ours, stopped = saved_time(os.path.join(folder, "late.snap"))
            for policy in "frozen", "realtime", "auto":
                with lab.start(args + ["-loadvm", "late", "-S", "-time-policy", policy]) as g:
                    later(g, policy, ours, stopped / 1e9, up)

    def later(g, policy, ours, stopped, up):
        def clock():
            text = g.monitor("info clock")
            v = int(re.search(r"V: (\d+) ns", text).group(1))
            return v + int(re.search(r"downtimes added: (\d+) ns", text).group(1)), text

        expect(clock()[0] == ours, "%s: time has passed before the load's cont" % policy)
        time.sleep(3)
        expect(clock()[0] == ours, "%s: the clock runs while the machine stands" % policy)
        before = time.time()
        g.monitor("cont")
        after = time.time()
        in_step(g)
        text = clock()[1]
        added = int(re.search(r"downtimes added: (\d+) ns", text).group(1)) / 1e9
        if policy == "realtime":
            expect(before - stopped <= added <= after - stopped,
                   "realtime: %.6f s added, not between %.6f and %.6f" %
                   (added, before - stopped, after - stopped))
        else:
            expect(added == 0, "%s: %.6f s were added" % (policy, added))
        g.send("\n")
        at = time.time()
        now = float(g.cmd("cat /proc/uptime").split()[0])
        # Between the save and now, by the guest: what it ran, and what was added.
        least, most = added, added + time.time() - before + 5 * g.scale
        expect(least <= now - up <= most, "%s: uptime went from %.2f to %.2f (%.2f..%.2f)" %
               (policy, up, now, least, most))
        if policy == "realtime":
            date = int(g.cmd("date +%s").split()[0])
            expect(at - 2 < date < time.time() + 2, "realtime: date is off by %.1f s" % (date - at))
        expect(not re.search(COMPLAINTS, g.cmd("dmesg")), policy + ": the kernel complains")

    @test("move-killed", ours=True)
    def move_killed(lab):
        """Either process is killed in the middle: the guest runs on here, or died with its host."""
        args = lab.args(mem="256M")
        with contextlib.ExitStack() as opened, \
                tempfile.TemporaryDirectory(prefix="ppcorn-") as folder:
            g = opened.enter_context(lab.shell(mem="256M"))
            g.cmd("dd if=/dev/urandom of=/tmp/a bs=1M count=8 2>/dev/null; md5sum /tmp/a >/tmp/s",
                  100)
            for n, wait in enumerate([0.05, 0.4, 1.5]):
                path = os.path.join(folder, "kill%d" % n)
                d = opened.enter_context(lab.start(args + ["-incoming", "unix:" + path]))
                listening(path, d)
                g.monitor("migrate_set_parameter max-bandwidth 20M")
                g.monitor("migrate -d unix:" + path)
                time.sleep(wait)
                d.proc.kill()
                g.cmd("md5sum -c /tmp/s", 60)
                expect(status(g) == "running", "the source is " + status(g))
            d = opened.enter_context(lab.start(args + ["-incoming", "unix:%s/last" % folder]))
            listening(folder + "/last", d)
            g.monitor("migrate -d unix:%s/last" % folder)
            time.sleep(1)
            g.proc.kill()
            d.ends(30, 1)
            expect("incoming migration" in d.errors(), "it says: " + d.errors())
