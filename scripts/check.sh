#!/bin/sh
# make check: builds with gcc and clang, runs every kind of test, adds up.
# Each part ends in a line "NAME: N passed, N failed, N skipped"; a part that
# ends without one has failed.  The last line is the sum.  The limits, in
# minutes, are for what hangs; the whole has to stay within an hour on two cores.
set -u
cd "$(dirname "$0")/.." || exit 1
total=$(mktemp)
trap 'rm -f "$total"' EXIT

part() # NAME MINUTES COMMAND...
{
	name=$1 minutes=$2 log=build/check-$1.log
	shift 2
	mkdir -p build
	echo "check: $name"
	timeout "${minutes}m" "$@" >"$log" 2>&1
	status=$?
	lines=$(grep -E '^[a-z-]+: [0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log")
	failures=$(echo "$lines" | awk '{ n += $4 } END { print n + 0 }')
	if [ $status != 0 ] && [ "$failures" = 0 ]; then
		lines="$lines
$name: 0 passed, 1 failed, 0 skipped"
	fi
	if [ $status != 0 ]; then
		tail -n 60 "$log" | sed 's/^/  /'
		[ $status != 124 ] || echo "check: $name: over its $minutes minutes"
	fi
	echo "$lines" | grep . | tee -a "$total" | sed 's/^/  /'
}

build() # FOLDER COMPILER: no warning of either compiler is let through
{
	if ! command -v "$2" >/dev/null; then
		echo "build-$2: 0 passed, 0 failed, 1 skipped"
		return 0
	fi
	grep -q -e "^CFLAGS.*-Werror" "$1/config.mk" 2>/dev/null && grep -q "^CC := $2\$" "$1/config.mk" ||
		./configure --build="$1" --cc="$2" --werror || return 1
	make -j"$(nproc)" --no-print-directory B="$1" all || return 1
	echo "build-$2: 1 passed, 0 failed, 0 skipped"
}

case ${1:-} in
build-gcc) build build gcc; exit ;;
build-clang) build build-clang clang; exit ;;
esac

part build-gcc 6 "$0" build-gcc
part build-clang 6 "$0" build-clang
part lint 2 scripts/lint.sh
part tests 8 make -k -j"$(nproc)" --no-print-directory check-tests
part models 8 python3 -B tests/models/run.py
part boot 30 make --no-print-directory check-boot
part selftests 15 make --no-print-directory check-selftests ARGS="--quick --guest ppc64le-p9 \
	--guest ppc64-p9 math primitives stringloops syscalls switch_endian"
part sanitize 30 scripts/sanitize.sh
part fuzz 5 scripts/fuzz.sh "${FUZZ_SECONDS:-10}"

awk '{ p += $2; f += $4; s += $6 }
	END { printf "%d passed, %d failed, %d skipped\n", p, f, s; exit f > 0 || p == 0 }' "$total"
