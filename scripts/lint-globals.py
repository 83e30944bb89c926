#!/usr/bin/env python3
"""No mutable globals in core/, hw/ and target-ppc/: two machines fit into one process.

    lint-globals.py BUILD-FOLDER

Looks at the symbols of the objects: a variable in a writable section is one.
Tables of pointers that only the dynamic linker writes (.data.rel.ro) are constant.
"""
import glob
import subprocess
import sys

# object:symbol of what is allowed: constant in all but type.
ALLOWED = {
    "core/loop.o:deadline_funcs",   # g_source_new() takes no const
}


def main():
    build, bad = sys.argv[1], 0
    objects = sorted(o for d in ("core", "hw", "target-ppc")
                     for o in glob.glob("%s/%s/**/*.o" % (build, d), recursive=True))
    if not objects:
        print("no objects below %s: build first" % build)
        return 1
    for obj in objects:
        short = obj[len(build):].lstrip("/")
        table = subprocess.run(["objdump", "-t", obj], capture_output=True, text=True, check=True)
        for line in table.stdout.splitlines():
            fields = line[17:].split()
            if " O " not in line[17:26] or len(fields) < 4:
                continue
            section, name = fields[-3], fields[-1]
            if section.startswith(".data.rel.ro"):
                continue
            if section.startswith((".data", ".bss", "*COM*")) and \
                    "%s:%s" % (short, name.split(".")[0]) not in ALLOWED:
                print("%s: %s is a mutable global (%s)" % (short, name, section))
                bad = 1
    return bad


sys.exit(main())
