#!/usr/bin/env python3
"""Prints a snapshot without the emulator (docs/snapshot-format.md).

    snapdump.py [--ram] [--section NAME] FILE

Checks every section's sum on the way; --ram checks the sums of RAM too. A
section is named by its tag or its device path.
"""
import argparse
import os
import struct
import sys

KINDS = {1: ("u8", 1), 2: ("u16", 2), 3: ("u32", 4), 4: ("u64", 8), 5: ("i8", 1), 6: ("i16", 2),
         7: ("i32", 4), 8: ("i64", 8), 9: ("bool", 1), 10: ("u128", 16)}
STRUCT, TIMER, BUFFER, COLUMNS, SPARSE = 11, 12, 13, 15, 16


def crc_table():
    table = []
    for n in range(256):
        for _ in range(8):
            n = n >> 1 ^ (0x82f63b78 if n & 1 else 0)
        table.append(n)
    return table


TABLE = crc_table()


def crc32c(crc, data):
    crc ^= 0xffffffff
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 0xff]
    return crc ^ 0xffffffff


class Damaged(Exception):
    pass


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        if n > len(self.data) - self.at:
            raise Damaged("ends early")
        self.at += n
        return self.data[self.at - n:self.at]

    def number(self, size, signed=False):
        return int.from_bytes(self.take(size), "big", signed=signed)

    def string(self):
        return self.take(self.number(2)).decode("ascii", "replace")


def print_buffer(name, data):
    shown = data[:32].hex(" ") + (" ..." if len(data) > 32 else "")
    print("  %s = %d bytes: %s" % (name, len(data), shown))


def print_numbers(r, name, kind, n):
    if kind not in KINDS:
        raise Damaged("%s: unknown kind %d" % (name, kind))
    text, size = KINDS[kind]
    form = str if text[0] in "ib" else hex
    values = [form(r.number(size, text[0] == "i")) for _ in range(n)]
    print("  %s = %s %s" % (name, text, " ".join(values)))


def print_columns(r, path):
    """One line for each field, with its values in all the structs."""
    r.number(4)
    for _ in range(r.number(2)):
        name = path + "[]." + r.string()
        kind, n = r.number(1), r.number(4)
        print_numbers(r, name, kind, n)


def sparse(r):
    data = bytearray(r.number(4))
    for _ in range(r.number(4)):
        at, n = r.number(4), r.number(4)
        if at + n > len(data):
            raise Damaged("a piece is out of place")
        data[at:at + n] = r.take(n)
    return bytes(data)


def print_fields(r, path):
    version, count = r.number(4), r.number(2)
    if not path:
        print("  table version %d" % version)
    for _ in range(count):
        name = (path + "." if path else "") + r.string()
        kind, n = r.number(1), r.number(4)
        if kind == STRUCT:
            for i in range(n):
                print_fields(r, "%s[%d]" % (name, i) if n > 1 else name)
        elif kind == COLUMNS:
            print_columns(r, name)
        elif kind == TIMER:
            print("  %s = timer %s" % (name, " ".join(
                str(r.number(8, True)) for _ in range(n))))
        elif kind in (BUFFER, SPARSE):
            for _ in range(n):
                print_buffer(name, sparse(r) if kind == SPARSE else r.take(r.number(4)))
        else:
            print_numbers(r, name, kind, n)


def print_table(r):
    print("  table %s" % r.string())
    print_fields(r, "")


def print_config(r):
    print("  machine %s" % r.string())
    for line in r.take(r.number(4)).decode("utf-8", "replace").splitlines():
        print("  " + line)


def print_irqs(r):
    for _ in range(r.number(4)):
        name = r.string()
        print("  %s = %d" % (name, r.number(1)))


def print_parent(r):
    name = r.string()
    print("  %s, id %016x" % (name, r.number(8)))


def print_same(r):
    print("  %d pages are as in the parent" % sum(bin(b).count("1") for b in r.data))


def print_ram(r, file, check):
    size, start, page_shift, chunk_shift = r.number(8), r.number(8), r.number(4), r.number(4)
    pages = size >> page_shift
    bitmap = r.take((pages + 7) // 8)
    chunks = (size + (1 << chunk_shift) - 1) >> chunk_shift
    sums = [r.number(4) for _ in range(chunks)]
    held = [i for i in range(pages) if bitmap[i >> 3] >> (i & 7) & 1]
    print("  %d bytes at offset %d, %d of %d pages not zero" % (size, start, len(held), pages))
    if not check:
        return
    got = [0] * chunks
    for i in held:
        file.seek(start + (i << page_shift))
        chunk = i << page_shift >> chunk_shift
        got[chunk] = crc32c(got[chunk], file.read(1 << page_shift))
    bad = [i for i in range(chunks) if got[i] != sums[i]]
    for i in bad:
        print("  RAM from 0x%x on is damaged" % (i << chunk_shift))
    if bad:
        raise Damaged("RAM does not have its sums")
    print("  all sums right")


def sections(file):
    """Yields (tag, name, payload) of each section, sums checked."""
    head = file.read(32)
    if head[:8] != b"PCORNSNP":
        raise Damaged("is not a snapshot")
    if len(head) < 32:
        raise Damaged("ends early")
    version, flags, stamp, ident = struct.unpack(">IIqQ", head[8:])
    if version not in (2, 3) or flags or (version == 2 and ident):
        raise Damaged("version %d, flags %x: not known here" % (version, flags))
    print("version %d, id %016x" % (version, ident))
    print("written %d ns after 1970; %s since" %
          (stamp, "untouched" if stamp == os.fstat(file.fileno()).st_mtime_ns else "touched"))
    while True:
        begin = file.read(6)
        if len(begin) < 6:
            raise Damaged("ends early")
        tag, name_len = begin[:4].decode("ascii", "replace"), struct.unpack(">H", begin[4:])[0]
        rest = file.read(name_len + 8)
        if len(rest) < name_len + 8:
            raise Damaged("ends early")
        payload = file.read(struct.unpack(">Q", rest[name_len:])[0])
        total = file.read(4)
        if len(total) < 4 or struct.unpack(">I", total)[0] != crc32c(
                crc32c(0, begin + rest), payload):
            raise Damaged("section %s is damaged" % tag)
        yield tag, rest[:name_len].decode("ascii", "replace"), payload
        if tag == "END!":
            return


def dump(args, file):
    printers = {"CONF": print_config, "CLOK": print_table, "IRQS": print_irqs,
                "DEVI": print_table, "PRNT": print_parent, "SAME": print_same}
    rams, count = [], 0
    for tag, name, payload in sections(file):
        r = Reader(payload)
        if tag == "END!":
            if r.number(4) != count:
                raise Damaged("does not have all its sections")
            break
        count += 1
        if tag == "RAMI":
            rams.append(r)
        elif not args.section or args.section in (tag, name):
            print("%s %s (%d bytes)" % (tag, name, len(payload)))
            printers.get(tag, lambda r: print("  unknown"))(r)
    for r in rams:
        if not args.section or args.section == "RAMI":
            print("RAMI")
            print_ram(r, file, args.ram)


def parent_of(path):
    """The path and id of the parent, or None."""
    with open(path, "rb") as file:
        head = file.read(46)
        if head[32:36] != b"PRNT":
            return None
        payload = file.read(struct.unpack(">Q", head[38:46])[0])
    r = Reader(payload)
    return os.path.join(os.path.dirname(path), r.string()), r.number(8)


def print_chain(path):
    """The ancestors, and whether they are the ones that are meant."""
    for _ in range(32):
        up = parent_of(path)
        if not up:
            return
        path, ident = up
        try:
            with open(path, "rb") as file:
                found = struct.unpack(">Q", file.read(32)[24:])[0]
        except (OSError, struct.error):
            print("parent %s: cannot be read" % path)
            return
        print("parent %s: %s" % (path, "is the one" if found == ident else "is ANOTHER"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ram", action="store_true", help="check the sums of RAM too")
    parser.add_argument("--section", help="print only this tag or device path")
    parser.add_argument("file")
    args = parser.parse_args()
    try:
        with open(args.file, "rb") as file:
            dump(args, file)
        print_chain(args.file)
    except BrokenPipeError:
        return 1
    except (OSError, Damaged) as e:
        print("snapdump: %s: %s" % (args.file, e), file=sys.stderr)
        return 1
    return 0


sys.exit(main())
