#!/bin/sh
# Compares the vector instructions with the peer's user-mode emulator, or with
# a real machine through RUN (for example RUN='ssh p9 sh -c ...').
#
#   peer.sh OUTDIR [COUNT [SEED]]
#
# Needs powerpc64le-linux-gnu-gcc and qemu-ppc64le.  book.py corrects the peer
# where it is wrong; what may differ within the book's bounds stands in ALLOWED.
set -e
top=$(cd "$(dirname "$0")/../../.." && pwd)
here=$top/tests/isa/vmx
out=${1:?usage: peer.sh OUTDIR [COUNT [SEED]]}
count=${2:-200}
seed=${3:-1}
RUN=${RUN:-qemu-ppc64le -cpu power9}
CC=${CC:-gcc}
cflags="-std=gnu11 -O2 -Wall -Wextra -I$out/gen -I$top $(pkg-config --cflags glib-2.0)"
# Estimates: within bounds, but not the peer's.
ALLOWED="vrefp vrsqrtefp vexptefp vlogefp"

mkdir -p "$out"
# The operands of the base table without its rows: nothing else need be linked.
grep -E '^(operand|form) ' "$top/target-ppc/ppc.isa" >"$out/base.isa"
python3 "$top/scripts/isagen.py" --out "$out/gen" "$out/base.isa" "$top/target-ppc/ppc-vmx.isa"
$CC $cflags $CFLAGS -o "$out/host" "$here/host.c" "$out"/gen/target-ppc/*.c \
	"$top"/target-ppc/ex_vmx_*.c "$top"/target-ppc/softfloat*.c \
	$(pkg-config --libs glib-2.0)
powerpc64le-linux-gnu-gcc -O2 -static -mcpu=power9 -o "$out/guest" "$here/guest.c" "$here/run.S"
tables=$top/target-ppc/ppc.isa,$top/target-ppc/ppc-vmx.isa
python3 "$here/gen.py" "$tables" "$count" "$seed" \
	>"$out/before"
$RUN "$out/guest" <"$out/before" >"$out/after"
python3 "$here/book.py" "$tables" "$out/before" "$out/after" >"$out/corrected"
"$out/host" "$out/before" "$out/corrected" $ALLOWED
