#!/usr/bin/env python3
"""How long guests take to come back, to be saved and to move: ours and the peer.

    state.py [--program P] [--peer P | --no-peer] [--sizes 1,2,4,8] [--times N]

The same guest, in the same run.  Medians of N, in ms; numbers are of this machine and this
hour, the ratio is what they are for.
  restore   from exec to the first byte of a guest that writes to its console without end.
            Ours: -loadvm.  The peer, whose loadvm of 7.2 may hang: -incoming from a file.
  pause     the longest silence of that guest in a savevm; ours also by its own clock
            (policy realtime: the downtime that it adds)
  downtime  of a move over a unix socket, as the source's "info migrate" has it, and
  total     from start to end, guest idle and guest writing 200 MB/s
  handover  the same, RAM going as a memory descriptor; the peer of 7.2 has no such thing, so its
            ordinary move stands beside it
"""
import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "boot"))
import soak                                             # noqa: E402
from guest import Failure, Guest, expect               # noqa: E402

CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"),
                     "peppercorn", "bookworm-linux")
WRITES = "busy write 200 128"


class Side:
    """A program with the guest's options."""

    def __init__(self, program, initrd, folder):
        self.program, self.initrd = program, initrd
        self.peer = os.path.basename(program).startswith("qemu-")
        self.folder = os.path.join(folder, "peer" if self.peer else "ours")
        os.mkdir(self.folder)

    def start(self, gib, *more):
        args = ["-M", "pseries", "-cpu", "power9", "-m", "%dG" % gib, "-vga", "none", "-net", "none",
                "-kernel", os.path.join(CACHE, "vmlinux"), "-initrd", self.initrd,
                "-append", "console=hvc0"]
        if not self.peer:
            args += ["-snapdir", self.folder]
        return Guest(self.program, args + list(more), scale=6)

    def shell(self, gib, *more):
        g = self.start(gib, *more)
        try:
            g.wait(r"guest# ", 90)
        except BaseException:
            g.kill()
            raise
        return g

    def saying(self, gib, *more):
        g = self.shell(gib, *more)
        g.send("/tests/busy say\n")
        g.wait(r"\.{16}\r?\n", 20)
        return g

    # What is measured

    def restore(self, gib, times):
        """ms from exec to the guest's first word."""
        path = os.path.join(self.folder, "moved")
        with self.saying(gib) as g:
            said = g.monitor("migrate exec:cat>" + path if self.peer else "savevm one", 300)
            expect("rror" not in said, said)
        took = []
        for _ in range(times):
            more = ["-incoming", "exec:cat " + path] if self.peer else ["-loadvm", "one"]
            with self.start(gib, *more) as g:
                g.wait(r"\.{8}", 60)
                took.append((time.monotonic() - g.started) * 1000)
        for name in os.listdir(self.folder):
            os.unlink(os.path.join(self.folder, name))
        return statistics.median(took)

    def pauses(self, times):
        """ms of silence in a savevm; and by the guest's clock."""
        more = ["-time-policy", "realtime"]
        if self.peer:
            disk = os.path.join(self.folder, "disk.qcow2")
            subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", disk, "64M"], check=True)
            more = ["-drive", "if=none,id=d0,format=qcow2,file=" + disk]
        silence, clock = [], []
        with self.saying(1, *more) as g:
            g.monitor("info status")    # so that it is connected
            self.added(g)
            for _ in range(times):
                before = self.added(g)
                silence.append(self.silence(g, "savevm one") * 1000)
                clock.append(self.added(g) - before)
        return statistics.median(silence), statistics.median(clock)

    def added(self, g):
        """ms of downtimes so far; the asking pauses the guest too, a little."""
        if self.peer:
            return 0
        return int(re.search(r"added: (\d+) ns", g.monitor("info clock")).group(1)) / 1e6

    def silence(self, g, line):
        """The longest time without a word from the guest while the monitor works."""
        g.mon.sendall(line.encode() + b"\n")
        last, longest, end, answer = time.monotonic(), 0, None, b""
        g.mon.settimeout(0)
        while end is None or time.monotonic() < end:
            have = len(g.seen)
            g.pump(0.002)
            now = time.monotonic()
            if len(g.seen) > have:
                longest, last = max(longest, now - last), now
            try:
                answer += g.mon.recv(65536)
            except BlockingIOError:
                pass
            if end is None and re.search(rb"\n.*\((qemu|peppercorn)\) $", answer, re.S):
                end = now + 0.3
        expect(b"rror" not in answer, answer.decode(errors="replace"))
        return longest

    def moves(self, times, busy, handover=False):
        """Median downtime and total, ms."""
        down, total = [], []
        more = []
        if handover and not self.peer:
            more = ["-object", "memory-backend-memfd,id=mem0,size=1G", "-M", "memory-backend=mem0"]
        g = self.shell(1, *more)
        try:
            if busy:
                g.send("/tests/%s &\n" % WRITES)
            time.sleep(3)
            for n in range(times):
                path = os.path.join(self.folder, "sock%d" % n)
                d = self.start(1, *more, "-incoming", "unix:" + path)
                soak.listening(path, d)
                g.monitor("migrate_set_parameter max-bandwidth %s" %
                          ("100G" if self.peer else "0"))
                g.monitor("migrate -d unix:" + path)
                end = time.monotonic() + 300
                while True:
                    text = g.monitor("info migrate")
                    if re.search(r"status: (completed|failed|lost)", text):
                        break
                    expect(time.monotonic() < end, "the move does not end:\n" + text)
                    time.sleep(0.05)
                g.kill()
                g = d
                expect("completed" in text and ("handed over" in text) == bool(more), text)
                down.append(int(re.search(r"downtime: (\d+) ms", text).group(1)))
                total.append(int(re.search(r"total time: (\d+) ms", text).group(1)))
                time.sleep(1)
        finally:
            g.kill()
        return statistics.median(down), statistics.median(total)


def measure(side, sizes, times):
    out = {}
    for gib in sizes:
        out["restore of %d GiB" % gib] = side.restore(gib, times)
    silence, clock = side.pauses(times)
    out["pause of savevm, 1 GiB, as heard"] = silence
    out["pause of savevm, by the clock"] = clock if not side.peer else None
    for word, busy in ("idle", False), ("200 MB/s", True):
        down, total = side.moves(times, busy)
        out["downtime of a move, " + word] = down
        out["total of a move, " + word] = total
    for word, busy in ("idle", False), ("200 MB/s", True):
        if side.peer:
            down, total = out["downtime of a move, " + word], out["total of a move, " + word]
        else:
            down, total = side.moves(times, busy, handover=True)
        out["downtime of a handover, " + word] = down
        out["total of a handover, " + word] = total
    return out


def show(ours, peer):
    print("%-34s %10s %10s %10s" % ("ms (medians)", "ours", "peer", "ours/peer"))
    for key, value in ours.items():
        other = peer.get(key) if peer else None
        print("%-34s %10.1f %10s %10s" % (
            key, value, "-" if other is None else "%.1f" % other,
            "-" if not other else "%.2f" % (value / other)))
    if not peer:
        print("(no peer: install qemu-system-ppc and qemu-utils to compare)")


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--program", default=os.path.join(TOP, "build", "peppercorn"))
    p.add_argument("--peer", default=shutil.which("qemu-system-ppc64"))
    p.add_argument("--no-peer", action="store_true")
    p.add_argument("--sizes", default="1,2,4,8", help="GiB of the guests that are restored")
    p.add_argument("--times", type=int, default=5)
    opts = p.parse_args()
    if not shutil.which(soak.CC):
        sys.exit("bench: %s is missing (package gcc-powerpc64le-linux-gnu)" % soak.CC)
    sizes = [int(x) for x in opts.sizes.split(",")]
    with tempfile.TemporaryDirectory(prefix="ppcorn-") as folder:
        busy = os.path.join(folder, "busy")
        subprocess.run([soak.CC, "-std=gnu11", "-O2", "-static", "-Wall", "-Wextra", "-o", busy,
                        os.path.join(TOP, "tests", "bench", "guest", "busy.c")], check=True)
        initrd = soak.overlay(os.path.join(CACHE, "initramfs.gz"), busy, folder)
        peer = None
        try:
            ours = measure(Side(opts.program, initrd, folder), sizes, opts.times)
            if opts.peer and not opts.no_peer and shutil.which("qemu-img"):
                peer = measure(Side(opts.peer, initrd, folder), sizes, opts.times)
        except Failure as e:
            sys.exit("bench: %s" % e)
    show(ours, peer)


main()
