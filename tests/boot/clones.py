"""Many machines from one snapshot, at once: each lives its own life, all share what none has written."""
import hashlib
import os
import re
import tempfile

from guest import expect                                # noqa: E402

CLONES = 50
# What a process may have to itself beside RAM: decoded instructions, TLBs, relocated libraries, heap.
OWN_KB = 16 << 10


def mappings(pid, name):
    """Sums in kB over all mappings of that file, and over all others."""
    ours, rest, at = {}, {}, None
    with open("/proc/%d/smaps" % pid, encoding="utf-8") as f:
        for line in f:
            if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
                at = ours if line.rstrip().endswith("/" + name) else rest
                continue
            m = re.match(r"(\w+): +(\d+) kB$", line)
            if m:
                at[m.group(1)] = at.get(m.group(1), 0) + int(m.group(2))
    return ours, rest


def work(i):
    """A line to type, which writes some of the guest's memory, and the sum it must show."""
    text = "clone %d\n" % i
    times = 100 + 10 * i
    line = "n=0; while [ $n -lt %d ]; do echo clone %d; n=$((n+1)); done >/tmp/f; md5sum /tmp/f" % (
        times, i)
    return line, hashlib.md5(text.encode() * times).hexdigest()


def written(g):
    m = re.search(r"^(\d+) of (\d+) pages written", g.monitor("info snapshots", 60), re.M)
    expect(m, "info snapshots does not say what was written")
    return int(m.group(1))


def run_all(guests):
    """All at once: every line is typed before the first answer is awaited."""
    sums = []
    for i, g in enumerate(guests):
        line, md5 = work(i)
        sums.append(md5)
        g.send("%s; echo @@$?$((%d+1))@@\n" % (line, i))
    for i, g in enumerate(guests):
        m = g.wait(r"([0-9a-f]{32})  /tmp/f\r?\n@@0%d@@" % (i + 1), 240)
        expect(m.group(1).decode() == sums[i],
               "clone %d: the sum is %s, not %s" % (i, m.group(1).decode(), sums[i]))


def check_memory(guests, path):
    """What they have to themselves of RAM is what they wrote, and of the rest there is one copy."""
    name = os.path.basename(path)
    file_kb = os.stat(path).st_blocks // 2
    total = {"written": 0, "Anonymous": 0, "Pss": 0, "own": 0, "Rss": 0}
    for g in guests:
        g.monitor("stop", 60)
    for i, g in enumerate(guests):
        pages = written(g)
        ram, rest = mappings(g.proc.pid, name)
        # Pages that the host has copied because they were written.  (Swap: none of ours is.)
        alone, own = ram["Anonymous"] + ram["Swap"], rest["Anonymous"] + rest["Swap"]
        expect(ram["Size"] >= 256 << 10, "clone %d does not run from the snapshot" % i)
        expect(0 < alone <= 4 * pages,
               "clone %d: has %d kB of RAM to itself and wrote %d pages" % (i, alone, pages))
        expect(own < OWN_KB, "clone %d: has %d kB beside RAM to itself" % (i, own))
        for key, kb in (("written", 4 * pages), ("Anonymous", alone), ("Pss", ram["Pss"]),
                        ("own", own), ("Rss", ram["Rss"])):
            total[key] += kb
    expect(total["Pss"] <= total["written"] + file_kb,
           "RAM of all takes %d kB: they wrote %d, and the snapshot has %d" %
           (total["Pss"], total["written"], file_kb))
    # They do share: else each would have its own copy of what it looked at.
    expect(total["Rss"] > 2 * total["Pss"], "nothing is shared: %r" % total)
    return total, file_kb


def add(test):
    @test("clones", ours=True)
    def clones(lab):
        """50 processes run one snapshot at once, in the memory of one and what each has written."""
        with tempfile.TemporaryDirectory(prefix="ppcorn-") as folder:
            args = lab.args(mem="512M") + ["-snapdir", folder]
            with lab.start(args) as g:
                g.wait(r"guest# ", 120)
                said = g.monitor("savevm one", 120)
                expect("rror" not in said, "savevm: " + said)
                g.monitor("quit")
                g.ends(10, 0)
            guests = []
            try:
                for _ in range(CLONES):
                    guests.append(lab.start(args + ["-loadvm", "one"]))
                run_all(guests)
                total, file_kb = check_memory(guests, os.path.join(folder, "one.snap"))
                # Nobody has been at anybody else's memory, nor at the snapshot's.
                for g in guests:
                    g.monitor("cont", 60)
                run_all(guests)
                cpu = sum(g.cpu_seconds() for g in guests)
            finally:
                for g in guests:
                    g.kill()
            print("    %d clones of %d kB: wrote %d kB of RAM, %d kB of it copied; RAM of all takes "
                  "%d kB; each has %d kB beside; %.1f s of CPU" %
                  (CLONES, file_kb, total["written"], total["Anonymous"], total["Pss"],
                   total["own"] // CLONES, cpu), flush=True)
