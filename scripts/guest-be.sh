#!/bin/sh
# Builds a big-endian ppc64 guest into the cache: Debian 12 has none any more.
#   guest-be.sh [--dir]    --dir: prints the folder and does nothing else
# In the folder afterwards: vmlinux, of Debian's sources of the kernel and
# guest-be.config, and initramfs.gz, a first root as guest-debian.sh makes it, with
# a static busybox of Debian's sources.  It stays until those sources, the
# configuration or this script change.
set -eu

release=bookworm sources=yes
# shellcheck source=scripts/guest-lib.sh
. "$(dirname "$0")/guest-lib.sh"
dir=$cache/$release-be
cross=powerpc64-linux-gnu-
if [ "${1:-}" = --dir ]; then
	echo "$dir"
	exit 0
fi
[ $# = 0 ] || { echo "guest-be: $1: unknown option" >&2; exit 1; }

"$scripts/guest-source.sh"
source=$("$scripts/guest-source.sh" --dir)
mkdir -p "$dir"
lock "$dir/lock"
jobs=-j$(nproc)

# Times and names that would make two builds differ are fixed.
kernel()
{
	made_from=$(cat "$source/packages" "$scripts/guest-be.config" | cksum)
	[ "$(cat "$dir/kernel-from" 2>/dev/null)" != "$made_from" ] || return 0
	"$scripts/setup.sh" selftests
	say "building a big-endian kernel (some minutes)"
	rm -rf "$dir/build"
	mkdir "$dir/build"
	set -- -s -C "$source/linux" O="$dir/build" ARCH=powerpc CROSS_COMPILE=$cross \
		KBUILD_BUILD_TIMESTAMP=2024-01-01 KBUILD_BUILD_USER=peppercorn KBUILD_BUILD_HOST=peppercorn
	if ! { KCONFIG_ALLCONFIG=$scripts/guest-be.config make "$@" allnoconfig &&
		make "$@" "$jobs" vmlinux; } >"$dir/kernel.log" 2>&1; then
		tail -n 20 "$dir/kernel.log" >&2
		die "the big-endian kernel does not build (whole log: $dir/kernel.log)"
	fi
	grep '^CONFIG' "$scripts/guest-be.config" | while read -r line; do
		grep -qx "$line" "$dir/build/.config" || die "the kernel's configuration lost $line"
	done
	${cross}strip -o "$dir/vmlinux" "$dir/build/vmlinux"
	rm -rf "$dir/build"
	echo "$made_from" >"$dir/kernel-from"
}

busybox()
{
	[ ! -s "$dir/busybox" ] || return 0
	"$scripts/setup.sh" selftests
	(lock "$cache/lock" && fetch_source busybox && cp "$tar" "$dir/busybox.tar")
	say "building a big-endian busybox"
	rm -rf "$dir/build"
	mkdir "$dir/build"
	tar -x -C "$dir/build" --strip-components=1 -f "$dir/busybox.tar"
	set -- -s -C "$dir/build" CROSS_COMPILE=$cross
	if ! { make "$@" defconfig &&
		sed -i 's/^# CONFIG_STATIC is not set/CONFIG_STATIC=y/' "$dir/build/.config" &&
		make "$@" "$jobs" busybox; } >"$dir/busybox.log" 2>&1; then
		tail -n 20 "$dir/busybox.log" >&2
		die "the big-endian busybox does not build (whole log: $dir/busybox.log)"
	fi
	cp "$dir/build/busybox" "$dir/busybox"
	rm -rf "$dir/build" "$dir/busybox.tar"
}

root()
{
	made_from=$(cat "$scripts/guest-init" "$scripts/mkinitramfs.py" "$dir/busybox" | cksum)
	[ "$(cat "$dir/made-from" 2>/dev/null)" != "$made_from" ] || return 0
	python3 "$scripts/mkinitramfs.py" "$dir/initramfs.gz" \
		dev/ proc/ sys/ tmp/ dev/console:c:5:1 dev/null:c:1:3 \
		bin/busybox="$dir/busybox" init="$scripts/guest-init"
	echo "$made_from" >"$dir/made-from"
}

kernel
busybox
root
