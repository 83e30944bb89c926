#!/usr/bin/env python3
"""Prints the URI of a Debian mirror: that of this host's own apt sources.

Reads both styles of /etc/apt (deb822 *.sources and one-line *.list) and takes
the first source of binary packages whose suite is a plain Debian release.
PEPPERCORN_DEBIAN_MIRROR in the environment wins.
"""
import glob
import os
import re
import sys

RELEASES = {"bookworm", "trixie", "forky", "sid", "stable", "testing", "unstable",
            "oldstable", "bullseye"}


def deb822(text):
    for block in re.split(r"\n\s*\n", text):
        fields, last = {}, None
        for line in block.splitlines():
            if line.startswith("#"):
                continue
            if line[:1].isspace() and last:
                fields[last] += " " + line.strip()
            elif ":" in line:
                last, value = line.split(":", 1)
                last = last.strip().lower()
                fields[last] = value.strip()
        if "deb" in fields.get("types", "").split() and \
                fields.get("enabled", "yes").lower() != "no":
            for uri in fields.get("uris", "").split():
                yield uri, fields.get("suites", "").split(), fields.get("components", "").split()


def one_line(text):
    for line in text.splitlines():
        m = re.match(r"\s*deb\s+(?:\[[^]]*\]\s+)?(\S+)\s+(\S+)\s*(.*)", line)
        if m:
            yield m.group(1), [m.group(2)], m.group(3).split()


def main():
    if os.environ.get("PEPPERCORN_DEBIAN_MIRROR"):
        print(os.environ["PEPPERCORN_DEBIAN_MIRROR"])
        return
    files = ["/etc/apt/sources.list"] + sorted(glob.glob("/etc/apt/sources.list.d/*"))
    for name in files:
        if not name.endswith((".list", ".sources")) or not os.path.exists(name):
            continue
        with open(name, encoding="utf-8", errors="replace") as f:
            text = f.read()
        for uri, suites, comps in (deb822 if name.endswith(".sources") else one_line)(text):
            if RELEASES & set(suites) and "main" in comps:
                print(uri)
                return
    sys.exit("debian-mirror: no Debian mirror among this host's apt sources; "
             "set PEPPERCORN_DEBIAN_MIRROR to the URI of one")


main()
