#!/bin/sh
# Installs the Debian packages that are missing; asks apt nothing when none is.
#   setup.sh [boot | check | bench | selftests | ci]   what for; default boot, the least
# As root, or with sudo without a password; else it prints what to type.
set -eu

packages="gcc libc6-dev make pkg-config python3 binutils libglib2.0-dev libcapstone-dev
	libfdt-dev libzstd-dev libgnutls28-dev check debian-archive-keyring"
check="clang-format gcc-powerpc64le-linux-gnu libc6-dev-ppc64el-cross libmpfr-dev qemu-user gnutls-bin
	spin"
bench="gcc-powerpc64le-linux-gnu libc6-dev-ppc64el-cross qemu-system-ppc qemu-utils"
selftests="gcc-powerpc64le-linux-gnu libc6-dev-ppc64el-cross gcc-powerpc64-linux-gnu
	libc6-dev-ppc64-cross gcc-multilib-powerpc64-linux-gnu flex bison bc bzip2 xz-utils bsdextrautils"
case ${1:-boot} in
boot) ;;
selftests) packages="$packages $selftests" ;;
check) packages="$packages $check" ;;
bench) packages="$packages $bench" ;;
ci) packages="$packages $check $selftests clang" ;;
*) echo "setup: $1: neither boot, check, bench, selftests nor ci" >&2; exit 1 ;;
esac

command -v dpkg-query >/dev/null 2>&1 || {
	echo "setup: not a Debian system; install the like of:" $packages >&2
	exit 0
}

missing=
for p in $packages; do
	case $(dpkg-query -W -f '${db:Status-Status} ' "$p" 2>/dev/null) in
	installed*) ;;
	*) missing="$missing $p" ;;
	esac
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
	as_root=
elif sudo -n true 2>/dev/null; then
	as_root="sudo -n"
else
	echo "setup: packages are missing; please type:" >&2
	echo "  sudo apt-get update && sudo apt-get install -y --no-install-recommends$missing" >&2
	exit 1
fi

echo "setup: installing$missing"
log=$(mktemp)
if ! { $as_root apt-get -qq update &&
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y \
		--no-install-recommends $missing; } >"$log" 2>&1; then
	tail -n 20 "$log" >&2
	echo "setup: apt-get failed (whole log: $log)" >&2
	exit 1
fi
rm -f "$log"
