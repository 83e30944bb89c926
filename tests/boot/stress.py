"""Debian's stress-ng in the guest: its stressors check what they compute (--verify).

All of a group run at once until each has done some steps, which is what finds one CPU in another's way; given
seconds (--stress S) each runs alone as well, an instance for each CPU, and the groups ten
times as long.  One that fails, is skipped or has done nothing is a failure here, and so is what the
kernel complains of.
"""
import os
import re
import shutil
import tempfile

from guest import expect                               # noqa: E402

# Left out: those that need hardware or files which are not there (l1cache, rseq of glibc's own), that
# damage memory on purpose (madvise), or whose one step takes tens of seconds on any emulator, the
# peer included (jpeg at its default size, memthrash, mmapfixed; far-branch takes minutes to begin).
GROUPS = {
    "cpu": "branch bsearch context cpu crypt fp-error funccall funcret goto hash heapsort hsearch "
           "icache judy jpeg list longjmp lsearch matrix matrix-3d mergesort nop opcode prefetch "
           "qsort radixsort regs rotate shellsort skiplist sparsematrix str stream syncload tree "
           "tsc tsearch waitcpu wcs zlib flushcache cache cacheline vdso sigsegv sigtrap sigq",
    "memory": "malloc memcpy mincore misaligned null pipe randlist stack stackmmap switch "
              "tlb-shootdown vm vm-addr vm-rw mmap mmapaddr mmapfork mprotect mremap "
              "msync munmap pagemove shm shm-sysv env mlock zero dev-shm full fork memrate",
    "atomic": "atomic lockbus dekker peterson futex sem-sysv membarrier pthread",
    "vector": "vecfp vecmath vecshuf vecwide fp matrix memcpy",
}
# Steps that are long when others run, or which take what others need; each alone.
ALONE = ("mcontend memfd mutex remap sem vm-segv bad-altstack brk getrandom mmaphuge mmapmany msyncmany "
         "numa pageswap pipeherd priv-instr rmap tmpfs userfaultfd vm-splice")
# So that all of a group fit into memory, and one step into a second.
SIZES = ("--vm-bytes 4M --mmap-bytes 2M --memfd-bytes 4M --shm-bytes 2M --shm-sysv-bytes 1M "
         "--mremap-bytes 1M --msync-bytes 1M --malloc-bytes 4M --vm-rw-bytes 2M --hsearch-size 1024 "
         "--qsort-size 4096 --heapsort-size 2048 --mergesort-size 2048 --radixsort-size 4096 "
         "--shellsort-size 2048 --bsearch-size 2048 --lsearch-size 1024 --tsearch-size 1024 "
         "--tree-size 1024 --skiplist-size 1024 --list-size 512 --matrix-size 32 --matrix-3d-size 16 "
         "--sparsematrix-size 100 --sparsematrix-items 200 --stream-l3-size 256K --judy-size 1024 "
         "--memrate-bytes 2M --fork-max 2 --pthread-max 16 --jpeg-width 256 --jpeg-height 256")
# More than two, for CPUs to meet.
STEPS = {"atomic": 8, "dekker": 10000, "peterson": 2000, "lockbus": 1000, "futex": 20,
         "sem-sysv": 200, "membarrier": 10, "pthread": 10}
COMPLAINTS = r"BUG:|[Ss]talls? (on|detected)|self-detected|Oops|lockup|WARNING:|Bad page|Machine check"


def options(names, instances, some):
    """stress-ng's for these stressors; it takes -ops as meant for the one named last."""
    out = []
    for n in names:
        out.append("--%s %d" % (n, instances))
        out += [o for o in re.findall(r"--\S+ \S+", SIZES) if re.match("--%s-[a-z0-9]+ " % n, o)]
        out += ["--%s-ops %d" % (n, STEPS.get(n, 2))] if some else []
    return out


def run(g, names, instances, seconds, some=False, all_of_them=True):
    """Lets them run at once, for all of the time or till each has done some steps."""
    line = "stress-ng --verify --metrics-brief -t %d %s" % (
        seconds, " ".join(options(names, instances, some)))
    # The shell would echo more than a terminal's line takes.
    g.cmd("echo '%s' >run.sh" % line[:240])
    for at in range(240, len(line), 240):
        g.cmd("echo '%s' >>run.sh" % line[at:at + 240])
    out = g.cmd("tr -d '\\n' <run.sh >run1.sh; sh run1.sh 2>&1", seconds + 60, want=None)
    done = {m.group(1): int(m.group(2))
            for m in re.finditer(r"metrc: \[\d+\] (\S+) +(\d+) +[\d.]+ +[\d.]+ ", out)}
    wrong = [x for x in out.splitlines()
             if re.search(r"stress-ng: (fail|error|warn): |skipp|killed|terminated", x)]
    if "successful run completed" not in out:
        wrong.append(out[-1500:])
    wrong += [n + " has done nothing" for n in names if all_of_them and not done.get(n)]
    expect(not wrong, "%s:\n    %s" % (line[:60], "\n    ".join(wrong)))
    return sum(done.values())


def add(test, skip):
    """Registers the test with run.py's decorator; `skip` is its exception."""

    def guest(lab, smp, folder):
        root = lab.guest_file("bookworm-stress", "root.cpio")
        args = lab.args(mem="1G")
        at = args.index("-initrd") + 1
        with open(os.path.join(folder, "initramfs"), "wb") as f:
            for path in root, args[at]:
                with open(path, "rb") as part:
                    shutil.copyfileobj(part, f)
        args[at] = f.name
        return lab.start(args + ["-smp", str(smp)])

    def stress_on(lab, smp, folder):
        steps = 0
        with guest(lab, smp, folder) as g:
            g.wait(r"guest# ", 120)
            g.cmd("mkdir -p /dev/shm /tmp/s; mount -t tmpfs shm /dev/shm; cd /tmp/s; "
                  "PATH=$PATH:/usr/bin")
            for group, names in GROUPS.items():
                names = names.split()
                if lab.stress:
                    steps += run(g, names, smp, 10 * lab.stress, all_of_them=False)
                else:
                    steps += run(g, names, smp if group == "atomic" else 1, 90, some=True)
                for name in names if lab.stress else []:
                    steps += run(g, [name], smp, lab.stress)
            for name in ALONE.split() if lab.stress else []:
                steps += run(g, [name], smp, max(5, lab.stress))
            log = g.cmd("dmesg", 60)
            expect(not re.search(COMPLAINTS, log), "the kernel complains:\n" + log[-3000:])
            g.send("poweroff -f\n")
            g.wait(r"reboot: Power down", 30)
            g.ends(10, 0)
        return steps

    @test("stress")
    def stress(lab):
        """1, 2 and 4 CPUs: stress-ng finds nothing wrong with processor, memory, atomics and vectors."""
        with tempfile.TemporaryDirectory(prefix="ppcorn-") as folder:
            for smp in 1, 2, 4:
                steps = stress_on(lab, smp, folder)
                print("    %d CPUs: %d steps of %d stressors" % (
                    smp, steps, len(set(" ".join(GROUPS.values()).split()))), flush=True)
