#!/bin/sh
# Boots Debian's ppc64el kernel to a shell on this terminal.
#   boot.sh [--next | --installer] [options of peppercorn]
# Leave with "poweroff -f" in the guest or Ctrl-a x; Ctrl-a c is the monitor.
set -eu
cd "$(dirname "$0")/.."

which='' initrd=initramfs.gz mem=1G
case ${1:-} in
--next) which=$1; shift ;;
--installer) which=$1 initrd=initrd.gz mem=2G; shift ;;
esac
# shellcheck disable=SC2086
scripts/guest-debian.sh $which
# shellcheck disable=SC2086
dir=$(scripts/guest-debian.sh $which --dir)
set -- -M pseries -m $mem -nographic -kernel "$dir/vmlinux" -initrd "$dir/$initrd" \
	-append console=hvc0 "$@"
echo "boot: ${B:-build}/peppercorn $*"
exec "${B:-build}/peppercorn" "$@"
