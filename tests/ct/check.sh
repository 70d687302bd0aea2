#!/bin/sh
# SPDX-License-Identifier: ISC
#
# usage: check.sh PROGRAM CHECK [caught]
#
# A check of ct_check (check.c) below memcheck: nothing that depends on a secret may decide a jump or an
# address. With `caught` it has to be told of one: the test of the test.
set -eu
[ -x "$1" ] || { echo "skipped: needs the headers of valgrind, and a build without sanitizers"; exit 77; }
command -v valgrind >/dev/null || { echo "skipped: needs valgrind"; exit 77; }

status=0
valgrind --quiet --error-exitcode=99 "$1" "$2" || status=$?
if [ "${3-}" = caught ]; then
	[ "$status" -eq 99 ] || { echo "FAILED: $2 leaks, and memcheck did not tell ($status)"; exit 1; }
	echo "caught, as it has to be"
	exit 0
fi
exit "$status"
