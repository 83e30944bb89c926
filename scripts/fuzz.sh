#!/bin/sh
# fuzz.sh [SECONDS]: every fuzz target for that long (or FUZZ_SECONDS) under ASan
# and UBSan; tests/fuzz/corpus/fuzz_NAME holds its first inputs.
# fuzz.sh --libfuzzer NAME [OPTIONS]: one of them with libFuzzer, for as long as it takes.
set -u
cd "$(dirname "$0")/.." || exit 1
B=build-san
export ASAN_OPTIONS=handle_abort=1 UBSAN_OPTIONS=print_stacktrace=1
if [ "${1:-}" = --libfuzzer ]; then # NAME [options of libFuzzer]: needs clang
	B=build-fuzz name=fuzz_${2:?which target}
	shift 2
	make -j"$(nproc)" --no-print-directory B=$B LIBFUZZER=1 \
		CONFIGURE_ARGS="--cc=clang --sanitize=fuzzer-no-link,address,undefined" \
		"$B/tests/fuzz/$name" || exit 1
	mkdir -p "$B/corpus/$name"
	set -- "$@" "$B/corpus/$name"
	[ ! -d "tests/fuzz/corpus/$name" ] || set -- "$@" "tests/fuzz/corpus/$name"
	exec "$B/tests/fuzz/$name" -timeout=20 -artifact_prefix="$B/" "$@"
fi
seconds=${1:-${FUZZ_SECONDS:-60}} passed=0 failed=0
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
