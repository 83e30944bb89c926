"""Runs an emulator and talks to the guest on its console: a small expect.

Works with any program that takes QEMU's options; the peer (qemu-system-ppc64)
can stand in for ours, which is how this driver itself is tested.
"""
import os
import re
import selectors
import socket
import subprocess
import tempfile
import time


class Failure(Exception):
    """A test's claim did not hold; the text says which and what was seen."""


class Guest:
    """A running emulator.  Console on its stdin/stdout, monitor on a unix socket."""

    def __init__(self, program, args, scale=1.0, log=None, console="stdio"):
        self.scale = scale
        self.dir = tempfile.TemporaryDirectory(prefix="ppcorn-")
        self.monitor_path = os.path.join(self.dir.name, "mon")
        argv = [program] + list(args)
        if console == "stdio":
            argv += ["-display", "none", "-serial", "stdio",
                     "-monitor", "unix:%s,server,nowait" % self.monitor_path]
        self.argv = argv
        self.log = open(log, "wb") if log else None
        if self.log:
            self.log.write((" ".join(argv) + "\n").encode())
        self.stderr = open(os.path.join(self.dir.name, "stderr"), "w+b")
        self.started = time.monotonic()
        self.proc = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     stderr=self.stderr, bufsize=0)
        os.set_blocking(self.proc.stdout.fileno(), False)
        self.sel = selectors.DefaultSelector()
        self.sel.register(self.proc.stdout, selectors.EVENT_READ)
        self.seen = b""      # everything the console ever said
        self.pos = 0         # up to where wait() has looked
        self.eof = False
        self.mon = None

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.kill()

    # Console

    def pump(self, seconds):
        """Reads what comes within the time (or until something came)."""
        if self.eof:
            time.sleep(min(seconds, 0.05))
            return
        if not self.sel.select(max(seconds, 0)):
            return
        try:
            data = os.read(self.proc.stdout.fileno(), 65536)
        except BlockingIOError:
            return
        if not data:
            self.eof = True
        self.seen += data
        if self.log:
            self.log.write(data)
            self.log.flush()

    def wait(self, pattern, timeout=60):
        """Waits for a regular expression; returns the match. Times scale with the program."""
        rx = re.compile(pattern.encode() if isinstance(pattern, str) else pattern)
        end = time.monotonic() + timeout * self.scale
        while True:
            m = rx.search(self.seen, self.pos)
            if m:
                self.pos = m.end()
                return m
            if self.eof:
                raise Failure("ended while waiting for %r\n%s" % (pattern, self.tail()))
            if time.monotonic() > end:
                raise Failure("no %r within %g s\n%s" % (pattern, timeout * self.scale, self.tail()))
            self.pump(min(0.5, end - time.monotonic()))

    def tail(self, lines=15):
        text = self.seen[-6000:].decode(errors="replace").replace("\r", "")
        return "\n".join("    | " + x for x in
                         text.splitlines()[-lines:] + self.errors().splitlines()[-5:])

    def send(self, text):
        data = text if isinstance(text, bytes) else text.encode()
        try:
            self.proc.stdin.write(data)
        except BrokenPipeError:
            raise Failure("ended before it took input\n%s" % self.tail()) from None

    def cmd(self, line, timeout=30, want=0):
        """Runs a shell command in the guest; its output. `want` None: any status."""
        # The echoed line holds "$?", so only the answers match digits; the
        # shell may have broken the echo anywhere to fit its idea of a line.
        self.send("echo @@$?begin@@; %s; echo @@$?@@\n" % line)
        self.wait(r"@@\d+begin@@\r?\n", timeout)
        start = self.pos
        m = self.wait(r"@@(\d+)@@\r?\n", timeout)
        out = self.seen[start:m.start()].decode(errors="replace").replace("\r", "")
        if want is not None and int(m.group(1)) != want:
            raise Failure("guest: %s: status %s, output:\n%s" % (line, m.group(1).decode(), out))
        return out

    # Monitor

    def monitor(self, line, timeout=30):
        """One monitor command; its answer without echo and prompt."""
        if self.mon is None:
            self.mon = socket.socket(socket.AF_UNIX)
            end = time.monotonic() + 10 * self.scale
            while True:
                try:
                    self.mon.connect(self.monitor_path)
                    break
                except OSError as e:
                    if time.monotonic() > end or self.proc.poll() is not None:
                        raise Failure("monitor: cannot connect: %s\n%s" % (e, self.tail())) from None
                    self.pump(0.05)
            self.prompt(10)
        self.mon.sendall(line.encode() + b"\n")
        if line in ("q", "quit"):
            return ""
        text = self.prompt(timeout)
        # Echo with line editing (a terminal's redrawing) comes before the first newline.
        return text.split("\n", 1)[1] if "\n" in text else ""

    def prompt(self, timeout):
        data, end = b"", time.monotonic() + timeout * self.scale
        while not re.search(rb"\((qemu|peppercorn)\) $", data):
            self.pump(0)  # a full pipe must not hold up the emulator
            self.mon.settimeout(0.1)
            try:
                more = self.mon.recv(65536)
            except socket.timeout:
                if time.monotonic() > end:
                    raise Failure("monitor: no prompt; got %r" % data) from None
                continue
            if not more:
                raise Failure("monitor: closed; got %r" % data)
            data += more
        text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", data.decode(errors="replace"))
        return text.replace("\r", "").rsplit("(", 1)[0]

    # The process

    def errors(self):
        self.stderr.flush()
        with open(self.stderr.name, "rb") as f:
            return f.read().decode(errors="replace")

    def ends(self, timeout=20, status=0):
        """Waits for the process to end by itself with the status."""
        end = time.monotonic() + timeout * self.scale
        while self.proc.poll() is None:
            if time.monotonic() > end:
                raise Failure("still running after %g s\n%s" % (timeout * self.scale, self.tail()))
            self.pump(0.1)
        while not self.eof:
            self.pump(0.1)
        if self.proc.returncode != status:
            raise Failure("ended with status %d, not %d\n%s" %
                          (self.proc.returncode, status, self.tail()))

    def cpu_seconds(self):
        """CPU time the process has used so far."""
        with open("/proc/%d/stat" % self.proc.pid) as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self):
        if self.proc.poll() is None:
            self.proc.kill()
            self.proc.wait()
        for f in (self.mon, self.proc.stdin, self.proc.stdout, self.stderr, self.log):
            if f:
                f.close()
        self.mon = self.log = None
        self.dir.cleanup()


def expect(condition, text):
    if not condition:
        raise Failure(text)
