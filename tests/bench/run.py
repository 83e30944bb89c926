#!/usr/bin/env python3
"""Ours and the peer side by side, in the same run, on the same guest.

    run.py [--program P] [--peer P | --no-peer] [-- OPTION...]

Options after "--" go to both.  Numbers are of this machine and this hour; the
ratio is what they are for.  Rates count guest instructions by the host's clock.
"""
import argparse
import os
import subprocess
import sys
import tempfile
import shutil
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "boot"))
from guest import Failure, Guest                        # noqa: E402

CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"),
                     "peppercorn")
CC = "powerpc64le-linux-gnu-gcc"
LOOPS = ["int", "mem", "branch", "fp"]
SECONDS = 2.0   # a measurement lasts at least this; the number of turns grows until it does


def build(folder):
    """The first root with the bench program; its path."""
    prog = os.path.join(folder, "bench")
    subprocess.run([CC, "-O1", "-static", "-nostdlib", "-ffreestanding", "-fno-stack-protector",
                    "-mcpu=power8", "-Wall", "-Wextra", "-o", prog,
                    os.path.join(TOP, "tests", "bench", "guest", "bench.c")], check=True)
    extra = os.path.join(folder, "extra.gz")
    subprocess.run([sys.executable, os.path.join(TOP, "scripts", "mkinitramfs.py"), extra,
                    "tests/bench=" + prog], check=True)
    out = os.path.join(folder, "initramfs.gz")
    with open(out, "wb") as f:
        for part in os.path.join(CACHE, "bookworm-linux", "initramfs.gz"), extra:
            with open(part, "rb") as p:
                f.write(p.read())
    return out


def measure(program, initramfs, options):
    """Rates in million guest instructions a second by loop, and seconds to the shell."""
    args = ["-M", "pseries", "-cpu", "power9", "-m", "1G", "-vga", "none", "-net", "none",
            "-kernel", os.path.join(CACHE, "bookworm-linux", "vmlinux"), "-initrd", initramfs,
            "-append", "console=hvc0"] + options
    result = {}
    with Guest(program, args, scale=4) as g:
        g.wait(r"PEPPERCORN-BOOT-OK", 60)
        g.wait(r"guest# ", 20)
        result["boot"] = time.monotonic() - g.started
        for loop in LOOPS:
            turns = 5
            while True:
                g.send("/tests/bench %s %d\n" % (loop, turns))
                g.wait(r"BENCH-BEGIN\r?\n", 30)
                start = time.monotonic()
                done = int(g.wait(r"BENCH-END %s (\d+)\r?\n" % loop, 120).group(1))
                took = time.monotonic() - start
                g.wait(r"guest# ", 20)
                if took >= SECONDS:
                    break
                turns = int(turns * min(20, 1.3 * SECONDS / max(took, 0.01))) + 1
            result[loop] = done / took / 1e6
        g.send("poweroff -f\n")
        g.ends(20, 0)
    return result


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--program", default=os.path.join(TOP, "build", "peppercorn"))
    p.add_argument("--peer", default=shutil.which("qemu-system-ppc64"))
    p.add_argument("--no-peer", action="store_true")
    p.add_argument("options", nargs="*")
    opts = p.parse_args()
    if not shutil.which(CC):
        sys.exit("bench: %s is missing (package gcc-powerpc64le-linux-gnu)" % CC)
    ours, peer = None, None
    with tempfile.TemporaryDirectory(prefix="ppcorn-") as folder:
        initramfs = build(folder)
        try:
            ours = measure(opts.program, initramfs, opts.options)
            if opts.peer and not opts.no_peer:
                peer = measure(opts.peer, initramfs, opts.options)
        except Failure as e:
            sys.exit("bench: %s" % e)
    print("%-28s %12s %12s %10s" % ("", "ours", "peer", "ours/peer"))
    rows = [("kernel to shell, s", "boot")] + \
        [("%s loop, M instr/s" % x, x) for x in LOOPS]
    for title, key in rows:
        if peer:
            print("%-28s %12.1f %12.1f %10.2f" %
                  (title, ours[key], peer[key], ours[key] / peer[key]))
        else:
            print("%-28s %12.1f %12s %10s" % (title, ours[key], "-", "-"))
    if not peer:
        print("(no peer: install qemu-system-ppc to compare)")


main()
