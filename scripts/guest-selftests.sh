#!/bin/sh
# Builds powerpc selftests of the kernel's sources, static, into the cache.
#   guest-selftests.sh TARGET [FOLDER...]
#     TARGET  ppc64le, ppc64 (big-endian) or ppc (32 bits, big-endian)
#     FOLDER  a folder of tools/testing/selftests/powerpc: math, mm, ptrace, pmu ...;
#             default: those that `make check-selftests' runs
#   guest-selftests.sh --dir TARGET    prints where they are: TARGET/FOLDER/PROGRAM
# What is built stays until the sources, the compiler or this script change.
# Programs that do not build are named and make the status 1.
set -eu

release=bookworm
# shellcheck source=scripts/guest-lib.sh
. "$(dirname "$0")/guest-lib.sh"
usage() { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" | sed '$d' >&2; exit 1; }
print=no
if [ "${1:-}" = --dir ]; then
	print=yes
	shift
fi
case ${1:-} in
ppc64le) cross=powerpc64le-linux-gnu- bits= ;;
ppc64) cross=powerpc64-linux-gnu- bits= ;;
ppc) cross=powerpc64-linux-gnu- bits=-m32 ;;
*) usage ;;
esac
target=$1
shift
dir=$cache/$release-selftests/$target
if [ $print = yes ]; then
	echo "$dir"
	exit 0
fi
[ $# != 0 ] || set -- math primitives stringloops copyloops alignment syscalls switch_endian \
	signal mm

"$scripts/guest-source.sh"
"$scripts/setup.sh" selftests
linux=$("$scripts/guest-source.sh" --dir)/linux
tests=$linux/tools/testing/selftests
mkdir -p "$dir"
lock "$dir/lock"
made_from=$(cat "$0" "$linux/../packages" | cksum; ${cross}gcc --version | head -n 1)
if [ "$(cat "$dir/made-from" 2>/dev/null)" != "$made_from" ]; then
	find "$dir" -mindepth 1 -maxdepth 1 -type d -exec rm -rf {} +
	echo "$made_from" >"$dir/made-from"
fi

# The assembly of math reads and writes the C ints `running' and `pid' as doublewords: in
# big-endian programs the workers would end at once and the parent take itself for the
# child, on a chip as on ours.
for asm in "$tests"/powerpc/math/*_asm.S; do
	sed -i -e 's/^\tld r5,0(r4)$/\tlwz r5,0(r4)/' -e 's/^\tstd\tr3,0(r9)$/\tstw\tr3,0(r9)/' "$asm"
done

# Each folder gets what the makefile above it would have said, which wants git.
# CFLAGS come by the environment, for the makefiles add to them.  -static: the
# guest has no libc.
build() # FOLDER
{
	[ -d "$tests/powerpc/$1" ] || die "no selftests are called $1"
	[ ! -e "$dir/$1/.done" ] || return 0
	say "building the selftests $1 for $target"
	rm -rf "${dir:?}/$1"
	mkdir "$dir/$1"
	CFLAGS="-std=gnu99 -O2 -DGIT_VERSION='\"none\"' -I$tests/powerpc/include" \
		make -s -k -j"$(nproc)" -C "$tests/powerpc/$1" ARCH=powerpc CROSS_COMPILE=$cross \
		CC="${cross}gcc $bits -static" OUTPUT="$dir/$1" LDFLAGS=-static all >"$dir/$1/.log" 2>&1 || {
		grep -E 'Error|error:' "$dir/$1/.log" | head -n 8 >&2
		return 1
	}
	find "$tests/powerpc/$1" -maxdepth 1 -name '*.sh' -exec cp {} "$dir/$1" \;
	: >"$dir/$1/.done"
}

failed=
for folder in "$@"; do
	build "$folder" || failed="$failed $folder"
done
[ -z "$failed" ] || die "not built for $target:$failed (logs: $dir/*/.log)"
