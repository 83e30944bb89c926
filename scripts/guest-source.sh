#!/bin/sh
# Unpacks the sources of this release's kernel (package linux-source-*) into the
# cache; guest-be.sh and guest-selftests.sh build from them.
#   guest-source.sh [--dir]    --dir: prints the folder and does nothing else
# Left out to save time: other architectures and the big families of drivers.
# Their Kconfig files stay, for the others name them.
set -eu

release=bookworm package=linux-source-6.1
# shellcheck source=scripts/guest-lib.sh
. "$(dirname "$0")/guest-lib.sh"
dir=$cache/$release-source
if [ "${1:-}" = --dir ]; then
	echo "$dir"
	exit 0
fi
[ $# = 0 ] || { echo "guest-source: $1: unknown option" >&2; exit 1; }

mkdir -p "$dir"
lock "$cache/lock"
[ -s "$dir/packages" ] && exit 0
"$scripts/setup.sh" selftests
fetch $package
say "unpacking $package"
rm -rf "$dir/new"
mkdir "$dir/new"
dpkg-deb --fsys-tarfile "$deb" | tar -x -O --wildcards './usr/src/linux-source-*.tar.xz' |
	tar -x -J -C "$dir/new" --strip-components=1 --wildcards \
		--exclude='*/arch/[a-oq-z]*/*.[chS]' --exclude='*/arch/pa*/*.[chS]' \
		--exclude='*/arch/*.dts*' --exclude='*/drivers/gpu/drm/*.[ch]' \
		--exclude='*/drivers/media/*.[ch]' --exclude='*/drivers/net/*.[ch]' \
		--exclude='*/sound/*.[ch]' --exclude='*/tools/perf/*' \
		--exclude='*/Documentation/*.rst' --exclude='*/Documentation/*.yaml'
[ -s "$dir/new/tools/testing/selftests/powerpc/harness.c" ] || die "$deb holds no selftests"
rm -rf "$dir/linux"
mv "$dir/new" "$dir/linux"
basename "$deb" >"$dir/packages"
rm -f "$deb"
