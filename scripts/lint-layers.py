#!/usr/bin/env python3
"""Checks every #include "..." against docs/layers.txt, and looks for cycles."""
import glob
import os
import re
import sys

GENERATED = {"target-ppc/isa_gen.h", "target-ppc/isa_words.h", "config.h"}


def read_rules(path):
    rules = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            line = line.split("#", 1)[0].strip()
            if line:
                left, right = line.split("->")
                rules[left.strip()] = right.split()
    return rules


def allowed(source, target, rules):
    room = max((r for r in rules if source.startswith(r)), key=len, default=None)
    if room is None:
        return False
    inside = target.startswith(room)
    for word in rules[room]:
        if word.startswith("!") and target.startswith(word[1:]):
            return False
        if word == "*" or target == word or (word.endswith("/") and target.startswith(word)):
            inside = True
    return inside


def cycle(graph):
    """One cycle of the graph as a list of nodes, or None."""
    state, path = {}, []

    def visit(n):
        state[n] = 1
        path.append(n)
        for m in sorted(graph.get(n, ())):
            if state.get(m) == 1:
                return path[path.index(m):] + [m]
            if m not in state:
                found = visit(m)
                if found:
                    return found
        path.pop()
        state[n] = 2
        return None

    for n in sorted(graph):
        if n not in state:
            found = visit(n)
            if found:
                return found
    return None


def main():
    top = sys.argv[1] if len(sys.argv) > 1 else "."
    os.chdir(top)
    rules = read_rules("docs/layers.txt")
    sources = [f for r in rules for e in ("*.c", "*.h")
               for f in glob.glob(r + "**/" + e, recursive=True)]
    files, folders, errors = {}, {}, []
    for source in sorted(set(sources)):
        with open(source, encoding="utf-8") as f:
            for n, line in enumerate(f, 1):
                m = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
                if not m:
                    continue
                target, where = m.group(1), "%s:%d" % (source, n)
                if target == "config.h" or (source.startswith("tests/") and "/" not in target):
                    continue
                if target.endswith(".c") or target.endswith(".inc"):
                    errors.append("%s: %s: code is linked, not included" % (where, target))
                elif target not in GENERATED and not os.path.exists(target):
                    errors.append("%s: %s: no such file from the top folder" % (where, target))
                elif not allowed(source, target, rules):
                    errors.append("%s: may not include %s (docs/layers.txt)" % (where, target))
                files.setdefault(source, set()).add(target)
                a, b = os.path.dirname(source), os.path.dirname(target)
                if a != b:
                    folders.setdefault(a, set()).add(b)
    for what, graph in ("files", files), ("folders", folders):
        found = cycle(graph)
        if found:
            errors.append("%s include each other: %s" % (what, " -> ".join(found)))
    print("\n".join(errors), end="\n" if errors else "")
    return 1 if errors else 0


sys.exit(main())
