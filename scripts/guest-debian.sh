#!/bin/sh
# Brings Debian's ppc64el guests into the cache, out of Debian's own packages:
#   guest-debian.sh [--next] [--installer] [--dir]
# With no option: this release's kernel and a first root with its busybox.
#   --next       the same of Debian's next release
#   --installer  the installer's kernel and initrd (package debian-installer-*)
#   --dir        prints the folder and does nothing else
# In the folder afterwards: vmlinux and initramfs.gz (initrd.gz of the installer).
#
# apt runs on folders of its own with APT::Architecture ppc64el: the host's
# dpkg architectures, lists and caches stay as they are.  Signatures are
# checked with the host's debian-archive-keyring.  What is cached is not asked
# for again, so a second run is instant and needs no network.
set -eu

release=bookworm version=12 what=linux print=no
for arg in "$@"; do
	case $arg in
	--next) release=trixie version=13 ;;
	--installer) what=installer ;;
	--dir) print=yes ;;
	*) echo "guest-debian: $arg: unknown option" >&2; exit 1 ;;
	esac
done

scripts=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/peppercorn
dir=$cache/$release-$what
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
if [ $print = yes ]; then
	echo "$dir"
	exit 0
fi
say() { echo "guest: $*"; }
die() { echo "guest: $*" >&2; exit 1; }

mkdir -p "$dir"
exec 9>"$cache/lock"
flock 9

# The own apt of $release: its folder is $apt, its configuration $apt/apt.conf.
apt=$cache/apt-$release
apt_setup()
{
	"$scripts/setup.sh" boot
	[ -r $keyring ] || die "$keyring is missing (package debian-archive-keyring)"
	mirror=$(python3 "$scripts/debian-mirror.py")
	mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$apt/empty"
	: >"$apt/status"
	echo "deb [arch=ppc64el signed-by=$keyring] $mirror $release main" >"$apt/sources.list"
	# Read after the host's own configuration, so its proxies stay in force.
	cat >"$apt/apt.conf" <<END
APT::Architecture "ppc64el";
APT::Architectures { "ppc64el"; };
APT::Sandbox::User "$(id -un)";
APT::Get::List-Cleanup "false";
Acquire::Languages "none";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::Etc::SourceList "$apt/sources.list";
Dir::Etc::SourceParts "$apt/empty";
Dir::Etc::Preferences "$apt/empty/none";
Dir::Etc::PreferencesParts "$apt/empty";
Dir::State::Lists "$apt/lists";
Dir::State::Status "$apt/status";
Dir::Cache "$apt";
Dir::Cache::Archives "$apt/archives";
END
	say "reading the package lists of $release for ppc64el"
	apt-get -c="$apt/apt.conf" -qq update >"$apt/log" 2>&1 || {
		tail -n 5 "$apt/log" >&2
		die "apt-get update failed for $release ppc64el (log: $apt/log)"
	}
}

# fetch PACKAGE: $deb becomes the path of its newest version.
fetch()
{
	[ -e "$apt/apt.conf" ] && [ -n "${apt_ready:-}" ] || { apt_setup; apt_ready=yes; }
	say "fetching $1"
	rm -f "$apt/archives/$1"_*.deb
	(cd "$apt/archives" && apt-get -c="$apt/apt.conf" -qq download "$1" >"$apt/log" 2>&1) || {
		tail -n 5 "$apt/log" >&2
		die "cannot fetch $1 of $release"
	}
	deb=$(ls "$apt/archives/$1"_*.deb)
}

# unpack PATTERN FILE: the member of $deb that matches becomes $dir/FILE.
unpack()
{
	tmp=$(mktemp -d "$dir/tmp.XXXXXX")
	dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$tmp" --wildcards "$1" ||
		die "$deb has no $1"
	found=$(find "$tmp" -type f | head -n 1)
	chmod 644 "$found"
	mv "$found" "$dir/$2"
	rm -rf "$tmp"
	basename "$deb" >>"$dir/packages"
}

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

$what
