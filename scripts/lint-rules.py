#!/usr/bin/env python3
"""Sizes of files and functions, unfinished-work words, calls that have one home."""
import glob
import os
import re
import sys

CODE = ["base", "core", "jit", "migration", "target-ppc", "hw", "roms", "host", "app"]
# Folders of which no guest-visible time may come from the host.
NO_CLOCK = ("base/", "core/", "migration/", "target-ppc/", "hw/", "jit/", "roms/")
CLOCK = re.compile(r"(?<![\w>.])(clock_gettime|gettimeofday|g_get_monotonic_time|__rdtsc|"
                   r"g_get_real_time|g_date_time_new_now\w*|timespec_get|time|clock)\s*\(")
EXIT = re.compile(r"(?<![\w>.])(_exit|_Exit|exit|quick_exit)\s*\(")
ABORT = re.compile(r"(?<![\w>.])abort\s*\(")
WORDS = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX")) + r")\b")
IF0 = re.compile(r"^\s*#\s*if\s+0\b", re.M)
FILE_SOFT, FILE_MAX, HEADER_MAX, FN_SOFT, FN_MAX = 1000, 1200, 300, 60, 100

errors, warnings = [], []


def bare(text):
    """The text with comments and strings blanked, lines kept."""
    def blank(m):
        return re.sub(r"[^\n]", " ", m.group(0))
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'',
                  blank, text, flags=re.S)


def line_of(text, pos):
    return text.count("\n", 0, pos) + 1


def sizes(name, text):
    lines = text.splitlines()
    if name.endswith(".h") and len(lines) > HEADER_MAX:
        errors.append("%s: %d lines, a header has up to %d" % (name, len(lines), HEADER_MAX))
    if name.endswith(".c") and len(lines) > FILE_SOFT:
        (errors if len(lines) > FILE_MAX else warnings).append(
            "%s: %d lines, a file has up to about %d" % (name, len(lines), FILE_SOFT))
    start = None
    for n, line in enumerate(lines, 1):
        if line.startswith("{"):
            start = n
        elif line.startswith("}") and start:
            length = n - start + 1
            if length > FN_SOFT:
                head = next((x for x in reversed(lines[:start - 1]) if re.match(r"\w", x)), "")
                (errors if length > FN_MAX else warnings).append(
                    "%s:%d: %d lines, a function has up to about %d: %s" %
                    (name, start, length, FN_SOFT, head.strip()))
            start = None


def calls(name, text):
    code = bare(text)
    if name.startswith(NO_CLOCK) and name != "core/hostclock.c":
        for m in CLOCK.finditer(code):
            errors.append("%s:%d: %s(): only core/hostclock.c reads the host's clocks" %
                          (name, line_of(code, m.start()), m.group(1)))
    if name != "app/main.c":
        for m in EXIT.finditer(code):
            errors.append("%s:%d: %s(): only app/main.c ends the process" %
                          (name, line_of(code, m.start()), m.group(1)))
    if name != "base/log.c":
        for m in ABORT.finditer(code):
            errors.append("%s:%d: abort(): use bug()" % (name, line_of(code, m.start())))


def all_files():
    for root in CODE + ["tests", "scripts", "docs"]:
        for name in sorted(glob.glob(root + "/**/*", recursive=True)):
            if os.path.isfile(name) and "__pycache__" not in name:
                yield name
    for name in sorted(glob.glob("*")) + [".ci/run"]:
        if os.path.isfile(name):
            yield name


def main():
    if len(sys.argv) > 1:
        os.chdir(sys.argv[1])
    for name in all_files():
        with open(name, "rb") as f:
            data = f.read()
        try:
            text = data.decode()
        except UnicodeDecodeError:
            continue
        for rx, what in (WORDS, "unfinished work"), (IF0, "dead code"):
            for m in rx.finditer(text):
                errors.append("%s:%d: %s: %s" % (name, line_of(text, m.start()),
                                                 m.group(0).strip(), what))
        if name.endswith((".c", ".h")):
            if not name.startswith("tests/"):
                calls(name, text)
            sizes(name, text)
    for w in warnings:
        print("warning: " + w)
    for e in errors:
        print(e)
    return 1 if errors else 0


sys.exit(main())
