"""Live migration of a real guest that works, to processes on this host."""
import os
import re
import subprocess
import tempfile
import time

from guest import Failure, expect                      # noqa: E402

CERTS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tls-certs.sh")

# Writes memory and checks what it wrote, for ever; a line of "bad" is the end of the test.
LOAD = ("mkdir /tmp/d; dd if=/dev/urandom of=/tmp/d/a bs=1M count=16 2>/dev/null; "
        "md5sum </tmp/d/a >/tmp/sum; echo >/tmp/rounds; "
        "(while :; do cp /tmp/d/a /tmp/d/b; md5sum </tmp/d/b | cmp -s - /tmp/sum || echo bad "
        ">>/tmp/bad; echo >>/tmp/rounds; done) & true")


def add(test):
    """Registers the tests with run.py's decorator."""

    def wait_for(path):
        end = time.monotonic() + 20
        while not os.path.exists(path):
            if time.monotonic() > end:
                raise Failure("nobody listens at " + path)
            time.sleep(0.02)
        time.sleep(0.1)     # it is bound, and in a moment listens

    def destination(lab, args, folder, n):
        """A process that waits at a socket of its own; and where."""
        path = os.path.join(folder, "move%d" % n)
        d = lab.start(args + ["-incoming", "unix:" + path])
        wait_for(path)
        return d, "unix:" + path

    def say(g, line, uri):
        """A command in the middle of a migration that has just begun."""
        g.monitor("migrate -d " + uri)
        return g.monitor(line)

    def status(g):
        return re.search(r"VM status: ([^\r\n]*)", g.monitor("info status")).group(1)

    def number(g, line):
        """What a command prints; the kernel may have a word on the console behind it."""
        return int(re.search(r"\d+", g.cmd(line)).group(0))

    def check_guest(g):
        before = number(g, "wc -l </tmp/rounds")
        end = time.monotonic() + 60 * g.scale
        while number(g, "wc -l </tmp/rounds") < before + 2:
            expect(time.monotonic() < end, "the load does not go on")
            time.sleep(0.3)
        expect("No such file" in g.cmd("cat /tmp/bad 2>&1", want=None), "memory was corrupted")
        expect(not re.search(r"BUG|stall|Oops|lockup", g.cmd("dmesg")), "the kernel complains")

    @test("move", ours=True)
    def move(lab):
        """Four CPUs, five moves under write load: RAM's sum at each, then the guest's own."""
        args = lab.args(append="", mem="512M") + ["-smp", "4"]
        g = lab.shell("-smp", "4", mem="512M")
        with tempfile.TemporaryDirectory(prefix="ppcorn-") as folder:
            try:
                g.cmd(LOAD, 60)
                off = time.time() - number(g, "date +%s")
                for n in range(5):
                    d, uri = destination(lab, args, folder, n)
                    g.monitor("migrate_set_parameter check-ram on")
                    said = g.monitor("migrate " + uri, 120)
                    try:
                        expect("Error" not in said, said)
                        expect(status(g) == "paused (postmigrate)", "the source is " + status(g))
                        expect("runs on another machine" in g.monitor("cont"), "the source goes on")
                        expect(status(d) == "running", "the destination is " + status(d))
                    finally:
                        g.kill()
                        g = d
                check_guest(g)
                now = time.time() - number(g, "date +%s")
                expect(abs(now - off) < 2, "the guest's date was off by %.1f s, now %.1f" % (off, now))
                tb = set(re.findall(r"offset \S+ TB 0x([0-9a-f]+)", g.monitor("info clock")))
                expect(len(tb) == 1, "timebases differ: %s" % tb)
            finally:
                g.kill()

    @test("move-fd", ours=True)
    def move_fd(lab):
        """Memory changes hands instead of its bytes: six moves under write load, saves between."""
        memory = ["-object", "memory-backend-memfd,id=mem0,size=512M",
                  "-M", "pseries,memory-backend=mem0", "-smp", "2"]
        with tempfile.TemporaryDirectory(prefix="ppcorn-") as folder:
            args = lab.args(append="", mem="512M") + memory + ["-snapdir", folder]
            g = lab.shell(*memory, "-snapdir", folder, mem="512M")

            def memory_file(g):
                """What of the process is guest RAM by name."""
                with open("/proc/%d/maps" % g.proc.pid) as f:
                    return [x for x in f if "memfd:guest-ram" in x]

            def go(g, n, handover=True):
                d, uri = destination(lab, args, folder, n)
                g.monitor("migrate_set_parameter check-ram on")
                said = g.monitor("migrate " + uri, 120)
                try:
                    expect("Error" not in said, said)
                    said = g.monitor("info migrate")
                    expect(("handed over" in said) == handover, said)
                    expect(status(g) == "paused (postmigrate)", "the source is " + status(g))
                    expect(status(d) == "running", "the destination is " + status(d))
                    expect(memory_file(d), "its RAM cannot go on from there")
                    for line in ["savevm x"] * handover + ["cont"]:
                        said = g.monitor(line)
                        expect("runs in another" in said or "runs on another" in said, said)
                    # Whatever is done there now does not reach the guest.
                    g.monitor("system_reset")
                finally:
                    g.kill()
                return d

            try:
                g.cmd(LOAD, 60)
                off = time.time() - number(g, "date +%s")
                expect("ram-handover: on" in g.monitor("info migrate_capabilities"), "off")
                for n in range(3):
                    g = go(g, n)
                expect("rror" not in g.monitor("savevm one", 100), "savevm failed")
                check_guest(g)
                expect("rror" not in g.monitor("savevm two parent=one", 100), "savevm failed")
                g = go(g, 3)
                expect("rror" not in g.monitor("loadvm two", 100), "loadvm failed")
                check_guest(g)
                expect(memory_file(g), "a load has made its RAM private")
                # It dies before it has the guest: the guest has its memory, and is to go again.
                d, uri = destination(lab, args, folder, 4)
                g.monitor("migrate_set_capability pause-before-switchover on")
                g.monitor("migrate -d " + uri)
                end = time.monotonic() + 20 * g.scale
                while "pre-switchover" not in g.monitor("info migrate"):
                    expect(time.monotonic() < end, g.monitor("info migrate"))
                expect("on its way" in d.monitor("system_reset"), "a reset of nothing")
                d.kill()
                g.monitor("migrate_cancel")
                check_guest(g)
                g.monitor("migrate_set_capability pause-before-switchover off")
                g.monitor("migrate_set_capability ram-handover off")
                g = go(g, 5, handover=False)
                g = go(g, 6)
                check_guest(g)
                now = time.time() - number(g, "date +%s")
                expect(abs(now - off) < 60 * g.scale, "the guest's date: %.1f s, %.1f" % (off, now))
            finally:
                g.kill()

    @test("move-postcopy", ours=True)
    def move_postcopy(lab):
        """Two CPUs leave before their pages, under write load; the line is lost and comes back."""
        args = lab.args(append="", mem="512M") + ["-smp", "2"]
        g = lab.shell("-smp", "2", mem="512M")
        d = None

        def migration(x, what, seconds=60):
            end = time.monotonic() + seconds * g.scale
            while what not in x.monitor("info migrate"):
                expect(time.monotonic() < end, "not %s: %s" % (what, x.monitor("info migrate")))
                time.sleep(0.1)

        with tempfile.TemporaryDirectory(prefix="ppcorn-") as folder:
            try:
                g.cmd(LOAD, 60)
                d, uri = destination(lab, args, folder, 0)
                expect("postcopy-ram is off" in say(g, "migrate_start_postcopy", uri), "not refused")
                g.monitor("migrate_cancel")
                d.ends(20, 1)
                d, uri = destination(lab, args, folder, 1)
                g.monitor("migrate_set_capability postcopy-ram on")
                g.monitor("migrate_set_parameter max-postcopy-bandwidth 8M")
                g.monitor("migrate_set_parameter max-bandwidth 40M")
                expect("Error" not in say(g, "migrate_start_postcopy", uri), "refused")
                migration(g, "postcopy-active")
                expect("already" in g.monitor("migrate_cancel"), "cancelled")
                expect("still to come" in d.monitor("savevm x"), "saved half a guest")
                check_guest(d)
                migration(g, "postcopy-active", 0)
                d.monitor("migrate_pause")
                migration(g, "postcopy-paused")
                migration(d, "postcopy-paused")
                expect(status(d) == "paused (postcopy-paused)", "it is " + status(d))
                expect("missing" in d.monitor("cont"), "goes on without its pages")
                expect("remaining ram" in d.monitor("info migrate"), "does not say what is missing")
                again = os.path.join(folder, "again")
                d.monitor("migrate_recover unix:" + again)
                wait_for(again)
                g.monitor("migrate_set_parameter max-postcopy-bandwidth 0")
                expect("Error" not in g.monitor("migrate -r unix:" + again), "does not go on")
                migration(g, "Migration status: completed")
                expect(status(g) == "paused (postmigrate)", "the source is " + status(g))
                g.kill()
                g = None
                expect(status(d) == "running", "the destination is " + status(d))
                check_guest(d)
            finally:
                for x in (g, d):
                    if x:
                        x.kill()

    @test("move-fails", ours=True)
    def move_fails(lab):
        """The destination is killed, is another machine, is not there; the user thinks again."""
        args = lab.args(append="", mem="512M")
        with lab.shell(mem="512M") as g, tempfile.TemporaryDirectory(prefix="ppcorn-") as folder:
            g.cmd(LOAD, 60)
            expect("No such file" in g.monitor("migrate unix:%s/none" % folder), "no error")
            expect("neither tcp:" in g.monitor("migrate somewhere"), "no error")
            d, uri = destination(lab, args, folder, 0)
            g.monitor("migrate_set_parameter max-bandwidth 20M")
            g.monitor("migrate -d " + uri)
            time.sleep(1)
            expect("Migration status: active" in g.monitor("info migrate"), "does not go on")
            expect("under way" in g.monitor("savevm x"), "savevm in the middle of it")
            d.kill()
            check_guest(g)
            expect("Migration status: failed" in g.monitor("info migrate"), "did not fail")
            d, uri = destination(lab, args, folder, 1)
            g.monitor("migrate -d " + uri)
            time.sleep(1)
            g.monitor("migrate_cancel")
            d.ends(20, 1)
            check_guest(g)
            other = [x if x != "512M" else "768M" for x in args]
            d, uri = destination(lab, other, folder, 2)
            said = g.monitor("migrate " + uri, 60)
            expect(re.search(r"ram: snapshot 536870912, this machine 805306368", said), said)
            d.ends(20, 1)
            check_guest(g)

    @test("move-file", ours=True)
    def move_file(lab):
        """Through a file and through a pipe, later and stopped: the guest finds the time passed."""
        args = lab.args(append="", mem="512M")
        with tempfile.TemporaryDirectory(prefix="ppcorn-") as folder:
            path = os.path.join(folder, "stream")
            with lab.shell(mem="512M") as g:
                g.cmd(LOAD, 60)
                expect("Error" not in g.monitor("migrate file:" + path, 120), "failed")
            time.sleep(3)
            with lab.start(args + ["-incoming", "exec:cat " + path, "-S"]) as g:
                end = time.monotonic() + 30
                while "inmigrate" in status(g) and time.monotonic() < end:
                    time.sleep(0.1)
                expect(status(g) == "paused (prelaunch)", status(g))
                time.sleep(2)
                g.monitor("cont")
                check_guest(g)
                off = time.time() - number(g, "date +%s")
                expect(abs(off) < 2, "the guest's date is off by %.1f s" % off)

    @test("move-tls", ours=True)
    def move_tls(lab):
        """There and back over four encrypted channels with packed pages; not to a stranger."""
        with tempfile.TemporaryDirectory(prefix="ppcorn-") as folder:
            objects = []
            for name in ("ours", "theirs"):
                subprocess.run([CERTS, os.path.join(folder, name), "peppercorn.example"], check=True)
            for end in ("client", "server"):
                objects += ["-object", "tls-creds-x509,id=%s,dir=%s/ours,endpoint=%s"
                            % (end, folder, end)]
            stranger = ["-object", "tls-creds-x509,id=server,dir=%s/theirs,endpoint=server" % folder]
            args = lab.args(append="", mem="512M") + ["-smp", "2"]
            g = lab.shell("-smp", "2", *objects, mem="512M")

            def incoming(options, n, creds):
                d = lab.start(args + options + ["-incoming", "defer"])
                if creds:
                    d.monitor("migrate_set_parameter tls-creds server")
                path = os.path.join(folder, "move%d" % n)
                said = d.monitor("migrate_incoming unix:" + path)
                expect("Error" not in said, said)
                return d, "unix:" + path

            def prepare(g):
                for line in ("capability multifd on", "parameter multifd-channels 4",
                             "parameter multifd-compression zstd", "parameter check-ram on",
                             "parameter tls-creds client",
                             "parameter tls-hostname peppercorn.example"):
                    said = g.monitor("migrate_set_" + line)
                    expect("Error" not in said, said)

            try:
                g.cmd(LOAD, 60)
                prepare(g)
                for n, options, creds, why in ((0, stranger, True, "issuer is unknown"),
                                               (1, [], False, "perhaps it does not speak TLS")):
                    d, uri = incoming(options, n, creds)
                    with d:
                        said = g.monitor("migrate " + uri, 60)
                        expect(re.search(why, said) and "stays here" in said, said)
                        if not creds:
                            expect("speaks TLS" in d.monitor("info migrate"), "no reason given")
                g.monitor("migrate_set_parameter tls-hostname other.example")
                d, uri = incoming(objects, 2, True)
                with d:
                    said = g.monitor("migrate " + uri, 60)
                    expect("does not match" in said, said)
                check_guest(g)
                for n in (3, 4):
                    prepare(g)
                    d, uri = incoming(objects, n, True)
                    said = g.monitor("migrate " + uri, 120)
                    try:
                        expect("Error" not in said, said)
                        said = g.monitor("info migrate")
                        expect("multifd channels: 4" in said, said)
                        was, now = map(int, re.search(r"compressed: (\d+) kbytes to (\d+)",
                                                      said).groups())
                        expect(now < was, said)
                        expect(status(d) == "running", "the destination is " + status(d))
                    finally:
                        g.kill()
                        g = d
                check_guest(g)
            finally:
                g.kill()
