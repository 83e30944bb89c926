"""Snapshots that earlier versions made: they load, and hold what they held."""
import glob
import os
import re
import subprocess
import tempfile

from guest import expect                                # noqa: E402

GOLDEN = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "golden")
REGISTERS = ["nip", "msr", "lr", "ctr", "r1", "r3", "r4", "r5", "r6"]


def ask(args, name):
    """What a machine that loaded it says: sums of parts of RAM, and registers."""
    lines = ["sum 0x%x 0x100000" % (i << 20) for i in (0, 1, 4, 255)]
    lines += ["p/x $%s" % r for r in REGISTERS]
    run = subprocess.run(args + ["-loadvm", name, "-S", "-serial", "null", "-display", "none",
                                 "-monitor", "stdio"], input="\n".join(lines + ["quit", ""]),
                         capture_output=True, text=True, timeout=120)
    expect(run.returncode == 0, "-loadvm %s: %s" % (name, run.stderr.strip()))
    told = {}
    said = run.stdout.replace("\r", "")
    for line in lines:
        m = re.search(r"%s\n([^\n]+)\n" % re.escape(line), said)
        expect(m and "rror" not in m.group(1), "%s: no answer to %s in %s" % (name, line, said))
        told[line] = m.group(1).strip()
    return told


def check(program, name):
    with open(os.path.join(GOLDEN, name + ".txt"), encoding="ascii") as f:
        options = f.readline().split()[1:]
        known = dict(line.rstrip("\n").split(" = ") for line in f)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["tar", "-C", folder, "-xJf", os.path.join(GOLDEN, name + ".tar.xz")],
                       check=True)
        told = ask([program] + options + ["-snapdir", folder], name)
        expect(len(known) == len(told) and known, "%s.txt does not say everything" % name)
        for what, value in known.items():
            expect(told[what] == value,
                   "%s: %s is %s and was %s" % (name, what, told[what], value))
        run = subprocess.run(
            [program] + options + ["-snapdir", folder, "-loadvm", name, "-serial", "null",
                                   "-display", "none", "-monitor", "stdio"],
            input="stop\ninfo status\nquit\n", capture_output=True, text=True, timeout=120)
        expect("VM status: paused" in run.stdout, "%s does not run on: %s" % (name, run.stdout))


def add(test):
    @test("golden", ours=True)
    def golden(lab):
        """Every snapshot of tests/golden loads, with RAM and registers as noted beside it."""
        names = sorted(os.path.basename(p)[:-4] for p in glob.glob(GOLDEN + "/*.txt"))
        expect(len(names) >= 2, "there are no golden snapshots")
        for name in names:
            check(lab.program, name)
