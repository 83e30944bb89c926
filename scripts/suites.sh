#!/bin/sh
# suites.sh FOLDER: one SUITE(topic) line for each FOLDER/test_TOPIC.c.
set -eu
for f in "$1"/test_*.c; do
	t=${f##*/test_}
	echo "SUITE(${t%.c})"
done
