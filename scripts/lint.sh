#!/bin/sh
# Every check of the house's rules; B names the folder of a finished build.
set -u
cd "$(dirname "$0")/.." || exit 1
passed=0 failed=0 skipped=0

step() # NAME COMMAND...
{
	name=$1
	shift
	if out=$("$@" 2>&1); then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "lint: $name: failed"
	fi
	[ -z "$out" ] || echo "$out" | sed 's/^/  /'
}

layout()
{
	bad=$(for f in $(find base core jit migration target-ppc hw roms host app tests \
		-name '*.[ch]' 2>/dev/null); do
		clang-format --dry-run -Werror "$f" >/dev/null 2>&1 || echo "$f"
	done)
	[ -z "$bad" ] || { echo "not laid out by .clang-format (make format):"; echo "$bad"; return 1; }
}

isa_table()
{
	new=$(mktemp)
	python3 -B scripts/isagen.py --docs "$new" target-ppc/*.isa && cmp "$new" docs/isa-table.md
	status=$?
	rm -f "$new"
	return $status
}

step layers python3 -B scripts/lint-layers.py
step rules python3 -B scripts/lint-rules.py
step globals python3 -B scripts/lint-globals.py "${B:-build}"
step isa-table isa_table
# Versions of clang-format differ in taste: Debian 12's is the judge.
if clang-format --version 2>/dev/null | grep -q 'version 14\.'; then
	step layout layout
else
	echo "lint: layout: skipped (clang-format 14 is not here)"
	skipped=1
fi
for f in configure .ci/run scripts/*.sh scripts/guest-init; do
	step "$f" sh -n "$f"
done
echo "lint: $passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
