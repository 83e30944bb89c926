"""The benchmark's kernels give the right results, and its history says what it is to say.

Nothing is timed here: `make bench` does that (tests/bench, docs/testing.md).
"""
import contextlib
import os
import subprocess
import sys
import tempfile

BENCH = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "bench")
sys.path.insert(0, BENCH)
import history                                          # noqa: E402
import suite                                            # noqa: E402
from guest import expect                               # noqa: E402


def add(test, skip):
    """Registers the tests with run.py's decorator; `skip` is its exception."""

    @test("bench-kernels")
    def bench_kernels(lab):
        """A turn of each kernel: it finds no fault, and its result is the host's."""
        with tempfile.TemporaryDirectory(prefix="ppcorn-") as folder:
            try:
                guest, host = suite.build(folder)
            except suite.Missing as e:
                raise skip(str(e)) from None
            want = suite.on_host(host)
            args = lab.args()
            at = args.index("-initrd") + 1
            args[at] = suite.overlay(folder, "root", {"tests/kernels": guest})
            with lab.start(args) as g:
                g.wait(r"guest# ", 90)
                got = suite.results(g.cmd("/tests/kernels --check", 240, want=None))
                g.wait(r"guest# ", 20)
                faults_are_seen(lab, g, want)
        expect(got.keys() == want.keys(), "the guest has other kernels than the host")
        bad = ["%s: %s, on the host %s" % (k, got[k][1], v[1]) for k, v in want.items()
               if got[k] != v]
        expect(not bad, "results differ:\n" + "\n".join(bad))
        expect({c for c, _ in got.values()} ==
               {"integer", "calls", "memory", "fp", "vector", "system"}, "a class has no kernels")

    @test("bench-history")
    def bench_history(_lab):
        means()
        warnings()
        lines()


def faults_are_seen(lab, g, want):
    """The driver of `make bench`: takes a right result, and none that is not."""
    side = suite.Side("ours", lab.program, [], 0.01)
    side.guest = g
    took = side.kernel("sieve", want["sieve"][1])
    expect(0 < took.wall < 60 and took.cpu >= 0, "sieve took %g s" % took.wall)
    for name, result in ("sieve", "0123456789abcdef"), ("nosuch", None):
        with contextlib.suppress(suite.Wrong):
            side.kernel(name, result)
            expect(False, "%s with result %s was taken for right" % (name, result))


def a_run(ratio, ours=1.0, **other):
    kernel = {"class": "fp", "source": other.get("source", "s"), "ours": ours}
    if ratio:
        kernel.update(ratio=ratio, peer=ours * ratio, ratio_cpu=other.get("by_cpu", ratio))
    return {"version": 1, "date": "2024-01-01T00:00:00Z", "commit": "c", "how": {
        "quick": other.get("quick", False), "options": [], "ours": [], "peer": "p"},
        "host": {"cpu": other.get("cpu", "x"), "cpus": 2}, "kernels": {"fft": kernel},
        "geomeans": history.geomeans({"fft": kernel})}


def means():
    kernels = {"a": {"class": "fp", "ratio": 2.0}, "b": {"class": "fp", "ratio": 8.0},
               "c": {"class": "fp", "ratio": None}, "d": {"class": "calls"}}
    got = history.geomeans(kernels)
    expect(list(got) == ["fp"] and abs(got["fp"] - 4) < 1e-12, "geomeans %r" % got)


def warnings():
    def said(old, new):
        return [w[0] for w in history.worse(old, new)]

    expect(said([a_run(2.0)], a_run(1.7)) == ["fft"], "15 % worse is passed over")
    expect(not said([a_run(2.0)], a_run(1.9)), "5 % worse is spoken of")
    expect(not said([a_run(2.0)], a_run(3.0)), "better is spoken of")
    expect(not said([a_run(9.0), a_run(2.0)], a_run(1.9)), "it is not the last run that counts")
    expect(said([a_run(2.0), a_run(9.0, cpu="y")], a_run(1.0)) == ["fft"],
           "a run of another host hides one of this")
    expect(not said([a_run(2.0)], a_run(1.0, by_cpu=2.0)), "a busy host is spoken of")
    for other in {"cpu": "y"}, {"quick": True}, {"source": "t"}:
        expect(not said([a_run(2.0, **other)], a_run(1.0)), "compared in spite of %r" % other)
    expect(said([a_run(None, 10)], a_run(None, 12)) == ["fft"], "a slower time is passed over")
    expect(not said([a_run(2.0, 10)], a_run(2.0, 50)), "the ratio is the same on a busy host")


def lines():
    with tempfile.TemporaryDirectory(prefix="ppcorn-") as folder:
        path = os.path.join(folder, "state", "bench.jsonl")

        def bench(*args):
            done = subprocess.run([sys.executable, "-B", os.path.join(BENCH, "run.py"), "--program",
                                   "/bin/true", "--no-peer", "--file", path] + list(args),
                                  capture_output=True, text=True, timeout=60, check=False)
            return done.returncode, done.stdout + done.stderr

        expect(bench("--history")[0] == 0, "no history is an error")
        history.append(path, a_run(2.0))
        with open(path, "a", encoding="utf-8") as f:
            f.write('{"version": 1, "kern')    # an emulator's host may lose its power
        history.append(path, a_run(4.0))
        runs, bad = history.load(path)
        expect(bad == 1 and [r["kernels"]["fft"]["ratio"] for r in runs] == [2.0, 4.0],
               "the file gave %d runs and %d bad lines" % (len(runs), bad))
        status, text = bench("--history")
        expect(status == 0 and "1 lines are no runs" in text and
               ["fp", "12", "2.00", "4.00"] in [x.split() for x in text.splitlines()], text)
        status, text = bench("--history", "1")
        expect("4.00" in text and "2.00" not in text, text)
        for args in ["--history", "0"], ["--repeat", "0"], ["--program", "/nonexistent"]:
            status, text = bench(*args)
            expect(status == 1 and text.startswith("bench: ") and text.count("\n") == 1, text)
