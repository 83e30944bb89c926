# shellcheck shell=sh disable=SC2034,SC2154
# Read by the guest-*.sh scripts, which set $release first: where things are, and
# an apt of its own, on folders of its own with APT::Architecture ppc64el: the
# host's dpkg architectures, lists and caches stay as they are.  Signatures are
# checked with the host's debian-archive-keyring.

scripts=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/peppercorn
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
say() { echo "guest: $*"; }
die() { echo "guest: $*" >&2; exit 1; }

# lock FILE: until `unlock' or the script's end; one at a time.
lock() { exec 9>"$1"; flock 9; }
unlock() { exec 9>&-; }

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
	[ -z "${sources:-}" ] ||
		echo "deb-src [signed-by=$keyring] $mirror $release main" >>"$apt/sources.list"
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

# fetch_source PACKAGE: $tar becomes its upstream sources (with sources=yes).
fetch_source()
{
	[ -e "$apt/apt.conf" ] && [ -n "${apt_ready:-}" ] || { apt_setup; apt_ready=yes; }
	say "fetching the sources of $1"
	rm -f "$apt/archives/$1"_*
	(cd "$apt/archives" &&
		apt-get -c="$apt/apt.conf" -qq source --download-only "$1" >"$apt/log" 2>&1) || {
		tail -n 5 "$apt/log" >&2
		die "cannot fetch the sources of $1 of $release"
	}
	tar=$(ls "$apt/archives/$1"_*.orig.tar.*[!c])
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
