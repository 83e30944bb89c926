#!/bin/sh
# Unit tests and a whole kernel boot under ASan and UBSan.
#   sanitize.sh [boot tests: default "short boot-p8"]
set -u
cd "$(dirname "$0")/.." || exit 1
B=build-san
status=0
[ $# != 0 ] || set -- short boot-p8
make -j"$(nproc)" --no-print-directory B=$B CONFIGURE_ARGS=--sanitize=address,undefined all \
	>$B.log 2>&1 || { tail -n 30 $B.log; echo "sanitize: 0 passed, 1 failed, 0 skipped"; exit 1; }
export UBSAN_OPTIONS=print_stacktrace=1
# A boot goes without: an interrupt leaves its instruction by siglongjmp(), which
# ASan's stack for this pays for with a search through all its frames.
ASAN_OPTIONS=detect_stack_use_after_return=1 \
	make -k -j"$(nproc)" --no-print-directory B=$B check-tests || status=1
scripts/guest-debian.sh || status=1
python3 -B tests/boot/run.py --program $B/peppercorn --scale 5 --quick "$@" || status=1
exit $status
