#!/bin/sh
# Brings Debian's ppc64el guests into the cache, out of Debian's own packages:
#   guest-debian.sh [--next] [--installer | --slof] [--dir]
# With no option: this release's kernel and a first root with its busybox.
#   --next       the same of Debian's next release
#   --installer  the installer's kernel and initrd (package debian-installer-*)
#   --slof       the firmware slof.bin (package qemu-system-data)
#   --dir        prints the folder and does nothing else
# In the folder afterwards: vmlinux and initramfs.gz (initrd.gz of the installer).
# What is cached is not asked for again, so a second run is instant and needs no
# network.  guest-lib.sh has the apt that fetches.
set -eu

release=bookworm version=12 what=linux print=no
for arg in "$@"; do
	case $arg in
	--next) release=trixie version=13 ;;
	--installer) what=installer ;;
	--slof) what=slof ;;
	--dir) print=yes ;;
	*) echo "guest-debian: $arg: unknown option" >&2; exit 1 ;;
	esac
done

# shellcheck source=scripts/guest-lib.sh
. "$(dirname "$0")/guest-lib.sh"
dir=$cache/$release-$what
if [ $print = yes ]; then
	echo "$dir"
	exit 0
fi

mkdir -p "$dir"
lock "$cache/lock"

linux()
{
	if ! [ -s "$dir/vmlinux" ]; then
		apt_setup; apt_ready=yes
		image=$(apt-cache -c="$apt/apt.conf" depends --important linux-image-powerpc64le |
			sed -n 's/^ *Depends: \(linux-image-[0-9].*\)$/\1/p' | head -n 1)
		[ -n "$image" ] || die "linux-image-powerpc64le of $release names no kernel"
		fetch "$image"
		unpack './boot/vmlinux-*' vmlinux
		rm -f "$deb"
	fi
	if ! [ -s "$dir/busybox" ]; then
		fetch busybox-static
		unpack '*bin/busybox' busybox
		rm -f "$deb"
	fi
	# What it was built from, so that another checkout's is noticed.
	made_from=$(cat "$scripts/guest-init" "$scripts/mkinitramfs.py" "$dir/packages" | cksum)
	if ! [ -s "$dir/initramfs.gz" ] || [ "$(cat "$dir/made-from" 2>/dev/null)" != "$made_from" ]; then
		say "building the first root"
		python3 "$scripts/mkinitramfs.py" "$dir/initramfs.gz" \
			dev/ proc/ sys/ tmp/ dev/console:c:5:1 dev/null:c:1:3 \
			bin/busybox="$dir/busybox" init="$scripts/guest-init"
		echo "$made_from" >"$dir/made-from"
	fi
}

installer()
{
	if ! [ -s "$dir/vmlinux" ] || ! [ -s "$dir/initrd.gz" ]; then
		fetch debian-installer-$version-netboot-ppc64el
		unpack '*/text/debian-installer/ppc64el/vmlinux' vmlinux
		unpack '*/text/debian-installer/ppc64el/initrd.gz' initrd.gz
		rm -f "$deb"
	fi
}

slof()
{
	if ! [ -s "$dir/slof.bin" ]; then
		fetch qemu-system-data
		unpack '*/slof.bin' slof.bin
		rm -f "$deb"
	fi
}

$what
