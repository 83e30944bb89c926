"""Numbers: floating point against the host's, libm.

The programs are those of tests/math; docs/testing.md says what they compare.
"""
import contextlib
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                                "math"))
import lab as rig                                       # noqa: E402
from guest import expect                               # noqa: E402

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
