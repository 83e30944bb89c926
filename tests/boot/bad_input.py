"""Bad input of a user: each must end with status 1 and one line on stderr.

In the arguments {vmlinux}, {initrd} stand for the good guest and {dir} for a
folder with broken files, made by broken_files().
"""
import os
import re
import struct
import subprocess
import tempfile

from guest import expect

K = ["-kernel", "{vmlinux}"]

# name, arguments, what the line must contain (a regular expression)
CASES = [
    ("kernel-missing", ["-kernel", "{dir}/none"], r"none.*No such file"),
    ("kernel-empty", ["-kernel", "{dir}/empty"], r"empty"),
    ("kernel-truncated", ["-kernel", "{dir}/truncated"], r"truncated"),
    ("kernel-header-only", ["-kernel", "{dir}/header"], r"header"),
    ("kernel-text", ["-kernel", "{dir}/text"], r"text"),
    ("kernel-folder", ["-kernel", "{dir}"], r"{dir}"),
    ("kernel-x86", ["-kernel", "{dir}/x86"], r"x86.*(PowerPC|machine|architecture)"),
    ("kernel-huge-segment", ["-kernel", "{dir}/huge"], r"huge"),
    ("kernel-wild-headers", ["-kernel", "{dir}/wild"], r"wild"),
    ("kernel-does-not-fit", K + ["-m", "32M"], r"fit|RAM|memory|-m"),
    ("initrd-missing", K + ["-initrd", "{dir}/none"], r"none.*No such file"),
    ("initrd-folder", K + ["-initrd", "{dir}"], r"{dir}"),
    ("initrd-does-not-fit", K + ["-initrd", "{dir}/sparse2g", "-m", "512M"], r"sparse2g"),
    ("bios-missing", ["-bios", "{dir}/none"], r"none"),
    ("bios-folder", ["-bios", "{dir}"], r"{dir}"),
    ("mem-word", K + ["-m", "lots"], r"-m.*lots|lots"),
    ("mem-suffix", K + ["-m", "12Q"], r"12Q"),
    ("mem-negative", K + ["-m", "-1"], r"-1"),
    ("mem-zero", K + ["-m", "0"], r"-m|memory|RAM"),
    ("mem-too-large", K + ["-m", "4000000G"], r"4000000G|memory|RAM"),
    ("mem-overflow", K + ["-m", "99999999999999999999"], r"99999999999999999999|memory|-m"),
    ("mem-backend-size", K + ["-m", "512M", "-M", "pseries,memory-backend=m", "-object",
                              "memory-backend-memfd,id=m,size=1G"], r"536870912.*1073741824"),
    ("mem-backend-huge", K + ["-M", "pseries,memory-backend=m", "-object",
                              "memory-backend-memfd,id=m,size=1000T"], r"-m|RAM"),
    ("mem-backend-file", K + ["-object", "memory-backend-file,id=m,size=1G,mem-path=/tmp,share=on"],
     r"memory-backend-file: not supported"),
    ("smp-zero", K + ["-smp", "0"], r"-smp|CPU"),
    ("smp-word", K + ["-smp", "many"], r"many"),
    ("smp-too-many", K + ["-smp", "99999"], r"99999|CPU"),
    ("smp-negative", K + ["-smp", "-3"], r"-3|-smp"),
    ("cpu-unknown", K + ["-cpu", "power99"], r"power99"),
    ("cpu-property", K + ["-cpu", "power9,frobnicate=on"], r"frobnicate"),
    ("machine-unknown", K + ["-M", "nosuch"], r"nosuch"),
    ("machine-property", K + ["-M", "pseries,frobnicate=on"], r"frobnicate"),
    ("option-near", ["-kernl", "x"], r"-kernl.*-kernel"),
    ("option-unknown", ["-zzqqxx"], r"-zzqqxx"),
    ("option-no-value", ["-kernel"], r"-kernel"),
    ("stray-word", K + ["stray"], r"stray"),
    ("serial-unknown", K + ["-serial", "nosuch:1"], r"nosuch"),
    ("serial-file-folder", K + ["-serial", "file:{dir}/no/such/file"], r"no/such/file"),
    ("monitor-unknown", K + ["-monitor", "nosuch"], r"nosuch"),
    ("monitor-socket", K + ["-monitor", "unix:{dir}/no/such/socket,server,nowait"], r"no/such"),
    ("accel-verify-smp", K + ["-accel", "jit,verify=on", "-smp", "2"], r"-smp 2 needs counted time"),
    ("accel-verify-interp", K + ["-accel", "interp,verify=on"], r"no host code to verify"),
    ("accel-tb-size", K + ["-accel", "jit,tb-size=99999"], r"tb-size=99999: must be 0 to 2048"),
    ("accel-register-seed", K + ["-accel", "jit,register-seed=-1"], r"register-seed=-1: "),
    ("accel-strict", K + ["-accel", "interp,strict-reservations=2"], r"strict-reservations=2: "),
    ("accel-unknown", K + ["-accel", "nosuch"], r"nosuch"),
    ("rtc-base", K + ["-rtc", "base=yesterday"], r"yesterday"),
    ("icount", K + ["-icount", "shift=many"], r"many"),
    ("log-topic", K + ["-d", "nosuch"], r"nosuch"),
    ("log-range", K + ["-dfilter", "0x100..0x80"], r"0x100\.\.0x80.*ends before"),
    ("log-file", K + ["-D", "{dir}/no/such/log"], r"no/such/log"),
    ("loadvm-missing", K + ["-snapdir", "{dir}", "-loadvm", "none"], r"none"),
    ("loadvm-text", K + ["-snapdir", "{dir}", "-loadvm", "words"], r"words"),
    ("loadvm-name", K + ["-snapdir", "{dir}", "-loadvm", "../words"], r"\.\./words"),
    ("device-unknown", K + ["-device", "nosuch"], r"nosuch"),
]

# These end with status 0.
HELPS = [
    ("version", ["-version"], r"[Vv]ersion \d|\d+\.\d+\.\d+"),
    ("help", ["-help"], r"-kernel"),
    ("machines", ["-M", "help"], r"(?m)^pseries\b"),
    ("cpus", ["-M", "pseries", "-cpu", "help"], r"(?i)power9"),
]


def broken_files(folder, vmlinux):
    """Kernels and snapshots as no one wants them."""
    def put(name, data):
        with open(os.path.join(folder, name), "wb") as f:
            f.write(data)

    with open(vmlinux, "rb") as f:
        good = f.read(1 << 20)
    put("empty", b"")
    put("truncated", good)
    put("header", good[:40])
    put("text", b"This is not a kernel.\n" * 100)
    put("words.snap", b"This is not a snapshot.\n" * 100)
    x86 = bytearray(good)
    struct.pack_into("<H", x86, 18, 62)                     # e_machine EM_X86_64
    put("x86", x86)
    phoff = struct.unpack_from("<Q", good, 32)[0]
    huge = bytearray(good)
    struct.pack_into("<QQ", huge, phoff + 32, 1 << 62, 1 << 62)  # p_filesz, p_memsz
    put("huge", huge)
    wild = bytearray(good)
    struct.pack_into("<Q", wild, 32, 0xfffffffffffffff0)    # e_phoff
    struct.pack_into("<H", wild, 56, 0xffff)                # e_phnum
    put("wild", wild)
    with open(os.path.join(folder, "sparse2g"), "wb") as f:
        f.truncate(2 << 30)


def run(lab, args, pattern):
    vmlinux = lab.guest_file("bookworm-linux", "vmlinux")
    initrd = lab.guest_file("bookworm-linux", "initramfs.gz")
    with tempfile.TemporaryDirectory(prefix="ppcorn-") as folder:
        broken_files(folder, vmlinux)
        words = {"vmlinux": vmlinux, "initrd": initrd, "dir": folder}
        argv = [lab.program, "-display", "none"] + [a.format(**words) for a in args]
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=20 * lab.scale)
        err = done.stderr.decode(errors="replace")
        expect(done.returncode == 1, "status %d, stderr %r" % (done.returncode, err[:500]))
        expect(err.count("\n") == 1 and err.startswith("peppercorn: "),
               "not one line of ours: %r" % err[:500])
        want = pattern.replace("{dir}", re.escape(folder))
        expect(re.search(want, err), "no %r in %r" % (want, err))
        expect(not done.stdout, "stdout: %r" % done.stdout[:200])
