#!/bin/sh
# run-suites.sh PROGRAM: runs a folder's test program and shows what failed.
# Builds with --debug or --sanitize choose registers of host code at random, by this seed.
set -eu
export PEPPERCORN_REGISTER_SEED="${PEPPERCORN_REGISTER_SEED:-$$}"
log=$1.log
if "$1" >"$log" 2>&1; then
	tail -n 1 "$log"
else
	status=$?
	echo "PEPPERCORN_REGISTER_SEED=$PEPPERCORN_REGISTER_SEED"
	grep -v '^Running suite' "$log" | tail -n 60
	exit "$status"
fi
