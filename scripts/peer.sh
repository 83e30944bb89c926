#!/bin/sh
# peer.sh [SECONDS [MODEL...]]: random instructions on ours and on QEMU's user-mode emulator,
# with another seed each time; ends with status 1 when a difference is not explained.
set -eu
B=${B:-build}
case ${1:-60} in
*[!0-9]* | '')
	echo "peer.sh: '$1' is no number of seconds (usage: peer.sh [SECONDS [MODEL...]])" >&2
	exit 1
	;;
esac
seconds=${1:-60}
[ $# = 0 ] || shift
if ! command -v qemu-ppc64le >/dev/null; then
	echo "peer.sh: no qemu-ppc64le here (package qemu-user)" >&2
	exit 1
fi
[ $# = 0 ] || { PEER_MODELS=$*; export PEER_MODELS; }
PEER_SECONDS=$seconds PEER_SEED=${PEER_SEED:-$(date +%s)}
export PEER_SECONDS PEER_SEED
echo "peer: $seconds seconds for each model and byte order, seed $PEER_SEED"
CK_RUN_SUITE=peer exec "$B/tests/isa/run"
