#!/bin/sh
# fuzz.sh [SECONDS]: every fuzz target for that long under ASan and UBSan.
set -u
cd "$(dirname "$0")/.." || exit 1
B=build-san
export ASAN_OPTIONS=handle_abort=1 UBSAN_OPTIONS=print_stacktrace=1
seconds=${1:-60} passed=0 failed=0
set -- tests/fuzz/fuzz_*.c
[ -e "$1" ] || { echo "fuzz: 0 passed, 0 failed, 1 skipped"; exit 0; }
make -j"$(nproc)" --no-print-directory B=$B CONFIGURE_ARGS=--sanitize=address,undefined fuzzers \
	>$B.fuzz.log 2>&1 || { tail -n 30 $B.fuzz.log; echo "fuzz: 0 passed, 1 failed, 0 skipped"; exit 1; }
for f in "$@"; do
	name=$(basename "$f" .c)
	corpus=
	[ ! -d "tests/fuzz/corpus/$name" ] || corpus=$(find "tests/fuzz/corpus/$name" -type f)
	log=$B/$name.log
	# shellcheck disable=SC2086
	if $B/tests/fuzz/$name -s "$seconds" -l "$B/$name.last" $corpus >"$log" 2>&1; then
		passed=$((passed + 1))
		tail -n 1 "$log"
	else
		failed=$((failed + 1))
		tail -n 40 "$log"
		echo "fuzz: $name failed; its input is $B/$name.last"
	fi
done
echo "fuzz: $passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
