#!/usr/bin/env python3
"""Writes random vector instructions with random operands: records of vmx.h.

    gen.py TABLE COUNT SEED >OUT     COUNT records for every row of TABLE

Registers are drawn from VR 0-7 and GPR 3-6, so that sources and targets often
coincide.  What the book leaves undefined is not generated.
"""
import random
import struct
import sys

FLOATS = [0, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc12345,
          0x7f800001, 0xff812345, 1, 0x80000001, 0x007fffff, 0x00800000, 0x7f7fffff, 0xff7fffff,
          0x4effffff, 0x4f000000, 0xcf000000, 0xcf000001, 0x4f7fffff, 0x4f800000, 0x3effffff,
          0x3f000000, 0x4b000001, 0xcb7fffff, 0x42fe0000, 0xc3150000, 0x43000000]


def quad(rng):
    kind = rng.randrange(6)
    if kind < 2:
        return rng.getrandbits(128)
    if kind == 2:
        return sum(rng.choice((0, 1, 0x7f, 0x80, 0xff, 0xfe)) << 8 * i for i in range(16))
    if kind == 3:
        return sum(rng.choice((0, 1, 0x7fff, 0x8000, 0xffff, 0x80)) << 16 * i for i in range(8))
    if kind == 4:
        words = (0, 1, 0x7fffffff, 0x80000000, 0xffffffff)
        return sum(rng.choice(words) << 32 * i for i in range(4))
    return rng.choice((0, 1, (1 << 128) - 1, 1 << 127, (1 << 64) - 1, rng.getrandbits(16)))


def floats(rng):
    def one():
        kind = rng.randrange(8)
        if kind < 3:
            return rng.choice(FLOATS)
        if kind < 6:
            return rng.getrandbits(1) << 31 | rng.randrange(118, 140) << 23 | rng.getrandbits(23)
        return rng.getrandbits(32)
    return sum(one() << 32 * i for i in range(4))


def decimal(rng):
    digits = rng.choice((0, 1, 3, 7, 8, 15, 16, 17, 30, 31, 31))
    v = int("".join(rng.choice("0123456789") for _ in range(digits)) or "0", 16)
    if rng.randrange(5) == 0:
        v = int("9" * digits or "0", 16)
    v = v << 4 | rng.choice((0xa, 0xb, 0xc, 0xc, 0xd, 0xd, 0xe, 0xf))
    if rng.randrange(12) == 0:
        v ^= 1 << rng.randrange(128)
    return v


def national(rng):
    v = sum((0x30 + rng.randrange(10) * rng.randrange(2)) << 16 * i for i in range(1, 8))
    v |= rng.choice((0x2b, 0x2d))
    return v ^ (1 << rng.randrange(128) if rng.randrange(8) == 0 else 0)


def zoned(rng):
    zone = rng.choice((0x30, 0xf0))
    v = sum((zone + rng.randrange(10)) << 8 * i for i in range(1, 16))
    v |= rng.randrange(16) << 4 | rng.randrange(10)
    return v ^ (1 << rng.randrange(128) if rng.randrange(8) == 0 else 0)


def source(name):
    if name.endswith("fp") or name.endswith("fp.") or name.startswith(("vrfi", "vct", "vcf")):
        if name not in ("vctzb", "vctzh", "vctzw", "vctzd", "vctzlsbb"):
            return floats
    if name.startswith("bcdcfn"):
        return national
    if name.startswith("bcdcfz"):
        return zoned
    if name == "bcdcfsq.":
        return lambda rng: rng.getrandbits(rng.randrange(104)) * rng.choice((1, -1)) % (1 << 128)
    if name.startswith("bcd"):
        return decimal
    return quad


class Row:
    def __init__(self, line, forms, operands):
        words = line.split()
        self.name, form, values, ops = words[:4]
        self.rc = "rc=cr6" in words
        self.word = 0
        for (first, last), v in zip(forms[form], values.split(",")):
            self.word |= int(v, 0) << 31 - last
        self.operands = [] if ops == "-" else ops.split(",")
        self.bits = operands
        self.source = source(self.name)

    def place(self, word, operand, value):
        first, last = self.bits[operand]
        return word | value << 31 - last


def limit(row, operand, bits):
    """How many values of an immediate the book defines."""
    if operand == "UIM4" and row.name[-1] in "hwd" and row.name.startswith(("vextract", "vinsert")):
        return 16 - {"h": 2, "w": 4, "d": 8}[row.name[-1]] + 1
    return 1 << bits


def record(row, rng):
    word = row.word | (rng.getrandbits(1) << 10 if row.rc else 0)
    vr = [row.source(rng) if rng.randrange(16) else quad(rng) for _ in range(8)]
    gpr = [rng.getrandbits(64) for _ in range(4)]
    base = 0
    chosen = {}
    for o in row.operands:
        first, last = row.bits[o]
        bits = last - first + 1
        if o in ("VRT", "VRA", "VRB", "VRC", "VRS"):
            v = rng.randrange(8)
        elif o in ("RT", "RA", "RB"):
            v = rng.randrange(3, 7)
        elif o == "RA0":
            v = rng.choice((0, 5, 6))
        else:
            v = rng.randrange(limit(row, o, bits))
        chosen[o] = v
        word = row.place(word, o, v)
    if "RA0" in chosen:
        word &= ~(31 << 11)
        word = row.place(word, "RB", 4)
        gpr[1] = rng.randrange(48)
        for i in (2, 3):
            gpr[i] = rng.randrange(16)
        base = 1
    if row.name.startswith("vextu"):
        size = {"b": 1, "h": 2, "w": 4}[row.name[5]]
        i = chosen["RA"] - 3
        gpr[i] = (gpr[i] & ~15) | rng.randrange(16 - size + 1)
    if row.name in ("vsl", "vsr"):
        bits = vr[0] & 7  # the same in all bytes, else undefined
        vr[chosen["VRB"]] = sum((rng.getrandbits(5) << 3 | bits) << 8 * i for i in range(16))
    if row.name == "mtvscr":
        vr[chosen["VRB"]] &= 1 << 16 | 1
    if row.name in ("vmul10euq", "vmul10ecuq"):
        vr[chosen["VRB"]] = vr[chosen["VRB"]] & ~15 | rng.randrange(10)
    counted = row.name in ("bcds.", "bcdsr.", "bcdus.", "bcdtrunc.", "bcdutrunc.")
    if counted and chosen["VRA"] != chosen["VRB"]:
        n = rng.choice((rng.randrange(-34, 35), rng.randrange(-128, 128)))
        n = n & 255 if "trunc" not in row.name else abs(n)
        vr[chosen["VRA"]] = rng.getrandbits(128) & ~(0xffff << 64) | n << 64
    nj = rng.randrange(4) == 0
    out = b"".join(v.to_bytes(16, "little") for v in vr)
    out += (nj << 16 | rng.getrandbits(1)).to_bytes(16, "little")
    out += rng.getrandbits(512).to_bytes(64, "little")
    return out + struct.pack("<4Q4I", *gpr, word, base, 0, 0)


def main():
    forms, operands, rows = {}, {}, []

    def span(text):
        a, _, b = text.partition("-")
        return int(a), int(b or a)

    lines = []
    for name in sys.argv[1].split(","):
        lines += [line.split("#")[0].strip() for line in open(name)]
    for line in lines:
        w = line.split()
        if w[:1] == ["form"]:
            forms[w[1]] = [span(f.split(":")[1]) for f in w[2:]]
        elif w[:1] == ["operand"] and "," not in w[2]:
            operands[w[1]] = span(w[2])
    for line in lines:
        w = line.split()
        if len(w) > 5 and w[0] not in ("form", "operand") and ("fac=VEC" in w):
            rows.append(Row(line, forms, operands))
    rng = random.Random(int(sys.argv[3]))
    for row in rows:
        for _ in range(int(sys.argv[2])):
            sys.stdout.buffer.write(record(row, rng))


main()
