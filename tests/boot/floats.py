"""Numbers: floating point against the host's, libm, Matrix-Multiply Assist.

The programs are those of tests/math; docs/testing.md says what they compare.
"""
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                                "math"))
import lab as rig                                       # noqa: E402
from guest import Failure, expect                      # noqa: E402

BUILD = os.path.join(rig.TOP, "build", "math")


def add(test, skip):
    """Registers the tests with run.py's decorator; `skip` is its exception."""

    @contextlib.contextmanager
    def guest(lab, programs, **kw):
        """A guest at its shell with the programs in /tests."""
        with tempfile.TemporaryDirectory(prefix="ppcorn-") as folder:
            args = lab.args(**kw)
            at = args.index("-initrd") + 1
            args[at] = rig.overlay(args[at], programs, folder)
            with lab.start(args) as g:
                g.wait(r"guest# ", 90)
                yield g

    def build(*names):
        try:
            return {n: rig.build(n, BUILD) for n in names}
        except rig.Missing as e:
            raise skip(str(e)) from None

    def engines(opened, *more):
        """A process of each, closed when `opened` is."""
        out = []
        for args in more:
            try:
                out.append(rig.Local(*args))
            except rig.Missing as e:
                raise skip(str(e)) from None
            opened.callback(out[-1].close)
        return out

    def slices(lab, paths, names, **kw):
        with contextlib.ExitStack() as opened:
            host, = engines(opened, ("host", paths["host"]))
            g = opened.enter_context(guest(lab, [paths[n] for n in names], **kw))
            texts = []
            for name in names:
                engine = rig.InGuest(name, g, "/tests/math-" + name)
                texts += rig.slice_of(engine, host, sweeps=name == "vsx")[0]
                engine.close()
        expect(not texts, "\n".join(texts[:20]))

    @test("math", ours=True)
    def math(lab):
        """Arithmetic and conversions in all modes: results and flags are the host's."""
        paths = build("host", "vsx", "fpr")
        slices(lab, paths, ["vsx", "fpr"])

    @test("math-be", ours=True)
    def math_be(lab):
        """The same, big-endian and with no instruction that a 970 has not."""
        lab.guest_file("bookworm-be", "vmlinux")
        slices(lab, build("host", "be"), ["be"], cpu="power8", folder="bookworm-be")

    @test("math-mpfr")
    def math_mpfr(lab):
        """The reference itself against MPFR, which uses no floating point."""
        paths = build("host", "mpfr")
        with contextlib.ExitStack() as opened:
            texts, _ = rig.witness_slice(*engines(opened, ("mpfr", paths["mpfr"]),
                                                  ("host", paths["host"])), count=0x8000)
        expect(not texts, "\n".join(texts[:20]))

    @test("libm", ours=True)
    def libm(lab):
        """Sines and the like: to the bit what the same program gives elsewhere."""
        path = build("vsx")["vsx"]
        with contextlib.ExitStack() as opened:
            user, = engines(opened, ("qemu-user", path, ["qemu-ppc64le", "-cpu", "power9"]))
            g = opened.enter_context(guest(lab, [path]))
            ours = rig.InGuest("vsx", g, "/tests/math-vsx")
            texts = []
            for name, ops in rig.groups(ours).items():
                for mode in range(4) if rig.is_libm(name) else []:
                    texts += rig.compare(ours, user, "group", name, mode, 0, 0x200, ops)
        expect(not texts, "\n".join(texts[:20]))

    @test("mma-p10", ours=True)
    def mma(lab):
        """A program of -mcpu=power10: matrix products, prefixed and pc-relative code."""
        with tempfile.TemporaryDirectory(prefix="ppcorn-") as folder:
            program, host = build_mma(folder, skip)
            want = sums(subprocess.run([host], capture_output=True, text=True,
                                       check=True).stdout, "plain")
            with guest(lab, [program], cpu="power10") as g:
                info = g.cmd("cat /proc/cpuinfo")
                expect("POWER10" in info, "no POWER10 in /proc/cpuinfo:\n" + info)
                text = g.cmd("/tests/mma-p10")
        expect("AT_HWCAP2 mma 1 arch_3_1 1" in text, "AT_HWCAP2 lacks MMA or ISA 3.1:\n" + text)
        plain, got = sums(text, "plain"), sums(text, "mma")
        expect(len(want) == 13, "the host has %d sums, not 13" % len(want))
        expect(plain == want, "plain C differs from the host's:\n" + text)
        expect(got == want, "MMA differs from plain C:\n" + text)


def sums(text, who):
    return dict(re.findall(r"^%s (\w+) ([0-9a-f]{16})\r?$" % who, text, re.M))


def build_mma(folder, skip):
    """The guest's program and the host's; the former's code must be of ISA 3.1."""
    here = os.path.join(rig.HERE, "mma")
    program, host = os.path.join(folder, "mma-p10"), os.path.join(folder, "mma-host")
    flags = "-std=gnu11 -O2 -Wall -Wextra -Wshadow -ffp-contract=off".split()
    objects = []
    if not shutil.which(rig.LE):
        raise skip("no %s here" % rig.LE)
    try:
        for name, cpu in ("plain", "power8"), ("mma", "power10"), ("main", "power10"):
            objects.append(os.path.join(folder, name + ".o"))
            subprocess.run([rig.LE] + flags + ["-mcpu=" + cpu, "-c", "-o", objects[-1],
                                               os.path.join(here, name + ".c")], check=True)
        subprocess.run([rig.LE, "-static", "-o", program] + objects + ["-lm"], check=True)
        subprocess.run(["gcc"] + flags + ["-o", host, os.path.join(here, "main.c"),
                                          os.path.join(here, "plain.c"), "-lm"], check=True)
    except subprocess.CalledProcessError as e:
        raise Failure("does not build: " + " ".join(e.cmd)) from None
    code = subprocess.run(["powerpc64le-linux-gnu-objdump", "-d"] + objects[1:], check=True,
                          capture_output=True, text=True).stdout
    # Newer binutils write "dm" before the names, of a facility that came later.
    have = {re.sub(r"^(pm)?dm", r"\1", x) for x in re.findall(r"\t([a-z]+[a-z0-9]*)\s", code)}
    for need in [{"pla", "paddi"}, {"pld", "plwz", "plxv"}, {"pmxvf32gerpp"}, {"xvf32gerpp"},
                 {"xvf64gerpp"}, {"xvi8ger4pp"}, {"xvi8ger4spp"}, {"xvbf16ger2pp"}]:
        expect(need & have, "the compiler made no %s" % " or ".join(sorted(need)))
    return program, host
