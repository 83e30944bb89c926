#!/bin/sh
# Unit tests and a whole kernel boot under ASan and UBSan; what has threads, boots with four CPUs too, under TSan.
#   sanitize.sh [boot tests: default "short boot-p8"]
set -u
cd "$(dirname "$0")/.." || exit 1
B=build-san
status=0
[ $# != 0 ] || set -- short boot-p8
make -j"$(nproc)" --no-print-directory B=$B CONFIGURE_ARGS=--sanitize=address,undefined all \
	>$B.log 2>&1 || { tail -n 30 $B.log; echo "sanitize: 0 passed, 1 failed, 0 skipped"; exit 1; }
export UBSAN_OPTIONS=print_stacktrace=1
# Without detect_stack_use_after_return: an interrupt leaves its instruction by
# siglongjmp(), and ASan's heap of stack frames never gets those frames back.
# A small quarantine: libcheck's parent frees a little for every ck_assert() of its
# children, and each child looks through all that is kept when it looks for leaks.
export ASAN_OPTIONS=quarantine_size_mb=16
make -k -j"$(nproc)" --no-print-directory B=$B check-tests || status=1
scripts/guest-debian.sh || status=1
python3 -B tests/boot/run.py --program $B/peppercorn --scale 5 --quick "$@" || status=1

# The suite "migration" is left out: its guests write all the time to what is being sent, which
# is meant (tests/tsan.supp), and each such write costs a report that nobody sees.
B=build-tsan
make -j"$(nproc)" --no-print-directory B=$B CONFIGURE_ARGS=--sanitize=thread $B/tests/unit/run \
	$B/peppercorn \
	>$B.log 2>&1 || { tail -n 30 $B.log; echo "tsan: 0 passed, 1 failed, 0 skipped"; exit 1; }
export TSAN_OPTIONS="suppressions=$PWD/tests/tsan.supp history_size=7"
for suite in threads strict compile postcopy postcopy_ppc snapshot snapchain vclock tls char; do
	CK_RUN_SUITE=$suite scripts/run-suites.sh $B/tests/unit/run || status=1
done
# The first report ends the guest, and with it the test.
TSAN_OPTIONS="$TSAN_OPTIONS halt_on_error=1" \
	python3 -B tests/boot/run.py --program $B/peppercorn --scale 10 --quick smp4 smp4-p8 || status=1
exit $status
