#!/usr/bin/env python3
"""Writes a cpio archive (newc) for the kernel to unpack as its first root.

    mkinitramfs.py OUT [PATH=FILE | PATH/ | PATH:c:MAJOR:MINOR | +FOLDER]...

PATH=FILE copies a file (mode 755), PATH/ makes a folder, PATH:c:M:N a character
device, +FOLDER takes all that the host's folder holds, links as links.  An OUT that
ends in .gz is packed; others are not, which a slow guest takes in sooner.  Being written here it needs no root for device nodes, and the same input
gives the same bytes (times are 0), which tests of determinism rely on.
The format: Documentation/driver-api/early-userspace/buffer-format.rst of Linux.
"""
import gzip
import os
import sys


def entry(ino, name, mode, data=b"", rdev=(0, 0)):
    head = "070701" + "".join("%08X" % v for v in (
        ino, mode, 0, 0, 1, 0, len(data), 0, 0, rdev[0], rdev[1], len(name) + 1, 0))
    out = head.encode() + name.encode() + b"\0"
    out += b"\0" * (-len(out) % 4)
    return out + data + b"\0" * (-len(data) % 4)


def main(argv):
    if len(argv) < 2:
        sys.exit(__doc__)
    out, made, body, ino = argv[1], set(), b"", 1

    def folder(path):
        nonlocal body, ino
        if path and path not in made:
            folder(os.path.dirname(path))
            made.add(path)
            body += entry(ino, path, 0o040755)
            ino += 1

    def tree(top):
        nonlocal body, ino
        parts = [body]
        for where, folders, files in os.walk(top):
            folders.sort()
            for name in sorted(files + folders):
                source = os.path.join(where, name)
                path = os.path.relpath(source, top)
                if os.path.islink(source):
                    parts.append(entry(ino, path, 0o120777, os.readlink(source).encode()))
                elif name in folders:
                    made.add(path)
                    parts.append(entry(ino, path, 0o040755))
                else:
                    mode = 0o100755 if os.access(source, os.X_OK) else 0o100644
                    with open(source, "rb") as f:
                        parts.append(entry(ino, path, mode, f.read()))
                ino += 1
        body = b"".join(parts)

    for arg in argv[2:]:
        if arg.startswith("+"):
            tree(arg[1:])
        elif "=" in arg:
            path, source = arg.split("=", 1)
            folder(os.path.dirname(path))
            with open(source, "rb") as f:
                body += entry(ino, path, 0o100755, f.read())
        elif ":c:" in arg:
            path, _, major, minor = arg.split(":")
            folder(os.path.dirname(path))
            body += entry(ino, path, 0o020600, rdev=(int(major), int(minor)))
        elif arg.endswith("/"):
            folder(arg.rstrip("/"))
        else:
            sys.exit("mkinitramfs.py: %s: neither PATH=FILE, PATH/, PATH:c:M:N nor +FOLDER" % arg)
        ino += 1
    body += entry(0, "TRAILER!!!", 0)
    body += b"\0" * (-len(body) % 512)
    temp = "%s.%d" % (out, os.getpid())
    with open(temp, "wb") as f:
        if out.endswith(".gz"):
            with gzip.GzipFile("", "wb", 6, f, 0) as z:
                z.write(body)
        else:
            f.write(body)
    os.rename(temp, out)


main(sys.argv)
