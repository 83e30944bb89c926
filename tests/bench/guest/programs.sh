#!/bin/sh
# Programs of Debian's in the guest, for tests/bench: programs.sh NAME TURNS.
# Says BENCH-BEGIN, works, says "BENCH-END NAME TURNS MD5", the sum of what came out.
data=/tests/programs.data
case $1 in
xz)
	turn() { /usr/bin/xz -2 -c $data >/tmp/data.xz && /usr/bin/xz -dc /tmp/data.xz; } ;;
python3)
	turn() { /usr/bin/python3 -S -B /tests/programs.py; } ;;
gcc)
	turn() { /usr/bin/gcc-12 -std=gnu11 -O2 -fno-ident -S -o - /tests/programs.i; } ;;
*)
	echo "bench: $1: no such program"
	exit 1 ;;
esac
echo BENCH-BEGIN
n=0 first=
while [ $n -lt "$2" ]; do
	n=$((n + 1))
	turn >/tmp/out 2>/tmp/errors || {
		echo "bench: $1: turn $n failed: $(head -n 1 /tmp/errors)"
		exit 1
	}
	sum=$(md5sum </tmp/out)
	sum=${sum%% *}
	[ "${first:=$sum}" = "$sum" ] || {
		echo "bench: $1: turn $n gave $sum, not $first"
		exit 1
	}
done
echo "BENCH-END $1 $2 $first"
