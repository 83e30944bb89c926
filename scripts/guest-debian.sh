#!/bin/sh
# Brings Debian's ppc64el guests into the cache, out of Debian's own packages:
#   guest-debian.sh [--next] [--installer | --slof | --programs | --stress] [--dir]
# With no option: this release's kernel and a first root with its busybox.
#   --next       the same of Debian's next release
#   --installer  the installer's kernel and initrd (package debian-installer-*)
#   --slof       the firmware slof.bin (package qemu-system-data)
#   --programs   xz, openssl, python3 and gcc with what they need: root.cpio, which is put in
#                front of initramfs.gz
#   --stress     stress-ng and the libraries it is linked with: root.cpio as well
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
	--programs) what=programs ;;
	--stress) what=stress ;;
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

# What of the packages no program needs here: it would be unpacked at every boot.
drop="./usr/share ./var ./etc */gconv */locale ./bin/tar ./usr/bin/*dpkg* ./usr/lib/dpkg ./sbin ./usr/sbin
	*/lto1 */lto-wrapper */liblto_plugin.so* */collect2 */g++-mapper-server */plugin *.a *.o
	*/lib*san.so* */libcc1.so* */libquadmath.so* */audit ./usr/bin/*ld.* ./usr/bin/*gcov* ./usr/bin/*lto*"

programs()
{
	made_from=$(cat "$scripts/mkinitramfs.py" "$dir/packages" 2>/dev/null | cksum)$drop
	if [ -s "$dir/root.cpio" ] && [ "$(cat "$dir/made-from" 2>/dev/null)" = "$made_from" ]; then
		return
	fi
	rm -rf "$dir"/tmp.*
	tmp=$(mktemp -d "$dir/tmp.XXXXXX")
	if ! [ -s "$dir/packages" ]; then
		apt_setup
		say "fetching xz, openssl, python3 and gcc with what they need (55 MB)"
		mkdir -p "$dir/debs/partial"
		apt-get -c="$apt/apt.conf" -o APT::Install-Recommends=false \
			-o Dir::Cache::Archives="$dir/debs" -qq -y --download-only install \
			xz-utils openssl python3-minimal gcc-12 >"$apt/log" 2>&1 || {
			tail -n 5 "$apt/log" >&2
			die "cannot fetch the programs of $release (log: $apt/log)"
		}
		(cd "$dir/debs" && ls ./*.deb) >"$tmp/packages"
		mv "$tmp/packages" "$dir/packages"
		made_from=$(cat "$scripts/mkinitramfs.py" "$dir/packages" | cksum)$drop
	fi
	say "building the root with Debian's programs"
	set -f
	exclude=
	for pattern in $drop; do
		exclude="$exclude --exclude=$pattern"
	done
	while read -r deb; do
		# shellcheck disable=SC2086
		dpkg-deb --fsys-tarfile "$dir/debs/$deb" | tar -x -C "$tmp" --wildcards $exclude
	done <"$dir/packages"
	set +f
	for program in xz openssl python3 gcc-12; do
		[ -x "$tmp/usr/bin/$program" ] || die "the packages of $release have no $program"
	done
	python3 "$scripts/mkinitramfs.py" "$dir/root.cpio" +"$tmp"
	rm -rf "$tmp"
	echo "$made_from" >"$dir/made-from"
}

# stress-ng's own dependencies would bring Mesa with a compiler; what the linker asks for are these.
stress_packages="stress-ng libapparmor1 libbsd0 libc6 libcrypt1 libdrm2 libegl1 libexpat1 libffi8
	libgbm1 libgles2 libglvnd0 libjpeg62-turbo libjudydebian1 libkmod2 liblzma5 libmd0 libsctp1
	libssl3 libwayland-server0 libxxhash0 libzstd1 zlib1g"

stress()
{
	made_from=$(cat "$scripts/mkinitramfs.py" "$dir/packages" 2>/dev/null | cksum)$stress_packages
	if [ -s "$dir/root.cpio" ] && [ "$(cat "$dir/made-from" 2>/dev/null)" = "$made_from" ]; then
		return
	fi
	rm -rf "$dir"/tmp.*
	tmp=$(mktemp -d "$dir/tmp.XXXXXX")
	apt_setup
	say "fetching stress-ng and its libraries (7 MB)"
	mkdir "$tmp/debs"
	(cd "$tmp/debs" && apt-get -c="$apt/apt.conf" -qq download $stress_packages \
		>"$apt/log" 2>&1) || {
		tail -n 5 "$apt/log" >&2
		die "cannot fetch stress-ng of $release (log: $apt/log)"
	}
	say "building the root with stress-ng"
	for deb in "$tmp"/debs/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$tmp" --wildcards --exclude='./usr/share' \
			--exclude='./etc' --exclude='*/gconv' --exclude='*/engines-3' --exclude='*/ossl-modules'
	done
	(cd "$tmp/debs" && ls ./*.deb) >"$dir/packages"
	rm -rf "$tmp/debs"
	needed "$tmp"
	made_from=$(cat "$scripts/mkinitramfs.py" "$dir/packages" | cksum)$stress_packages
	python3 "$scripts/mkinitramfs.py" "$dir/root.cpio" +"$tmp"
	rm -rf "$tmp"
	echo "$made_from" >"$dir/made-from"
}

# needed ROOT: every library that something in it is linked with is there.
needed()
{
	find "$1" -type f \( -name '*.so*' -o -path '*/bin/*' \) | while read -r file; do
		readelf -d "$file" 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'
	done | sort -u | while read -r lib; do
		[ -n "$(find "$1" -name "$lib" | head -n 1)" ] || die "the packages of $release lack $lib"
	done
}

$what
