#!/bin/sh
# run-suites.sh PROGRAM: runs a folder's test program and shows what failed.
set -eu
log=$1.log
if "$1" >"$log" 2>&1; then
	tail -n 1 "$log"
else
	status=$?
	grep -v '^Running suite' "$log" | tail -n 60
	exit "$status"
fi
