#!/usr/bin/env python3
"""Makes a golden snapshot: make.py PROGRAM NAME [OPTION...]

PROGRAM saves a pseries whose guest is the few instructions below, so nothing in it is
anybody else's. NAME.tar.xz holds the file, its holes left out, and NAME.txt the
options that load it, what RAM sums up to and some registers, as PROGRAM shows them.
tests/boot/golden.py loads all there are, with every later version.
"""
import os
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "boot"))
from golden import ask                                  # noqa: E402

# r3 = 0x400000; 1000 times: *r3 = r4, r4 = r4 * 31 + 7, r3 += 1028; then for ever r6++.
CODE = [0x3c600040, 0x38801234, 0x38a003e8, 0x7ca903a6, 0x90830000, 0x1c84001f, 0x38840007,
        0x38630404, 0x4200fff0, 0x38c6004d, 0x4bfffffc]


def kernel(path):
    """A big-endian ELF program of one segment."""
    code = b"".join(struct.pack(">I", w) for w in CODE)
    base = 0xc000000000000000
    head = b"\x7fELF\x02\x02\x01" + bytes(9) + struct.pack(
        ">HHIQQQIHHHHHH", 2, 21, 1, base, 64, 0, 1, 64, 56, 1, 0, 0, 0)
    seg = struct.pack(">IIQQQQQQ", 1, 7, 120, base, 0, len(code), len(code), 4)
    with open(path, "wb") as f:
        f.write(head + seg + code)


def main():
    program, name, options = sys.argv[1], sys.argv[2], sys.argv[3:]
    options = options or ["-M", "pseries", "-cpu", "power9", "-m", "256M", "-icount", "shift=4"]
    with tempfile.TemporaryDirectory() as folder:
        elf = os.path.join(folder, "elf")
        kernel(elf)
        args = [program] + options + ["-kernel", elf, "-snapdir", folder]
        p = subprocess.Popen(args + ["-serial", "null", "-display", "none", "-monitor", "stdio"],
                             stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        time.sleep(3)
        p.stdin.write(("stop\nsavevm %s\nquit\n" % name).encode())
        p.stdin.close()
        if p.wait():
            sys.exit("make.py: %s failed" % program)
        told = ask(args, name)
        subprocess.run("tar -C '%s' --sparse --owner=0 --group=0 -c %s.snap | xz -9e >'%s'"
                       % (folder, name, os.path.join(HERE, name + ".tar.xz")),
                       shell=True, check=True)
    with open(os.path.join(HERE, name + ".txt"), "w", encoding="ascii") as f:
        f.write("options %s\n" % " ".join(options))
        f.writelines("%s = %s\n" % (k, v) for k, v in told.items())


main()
