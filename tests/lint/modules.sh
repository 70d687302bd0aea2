#!/bin/sh
# SPDX-License-Identifier: ISC
#
# A module of libproto is whole: every public header has its source, man page, docs, example, test, vectors
# and fuzzer. Under its own name, or its family (dhcp for dhcp_opt) takes care of it: docs, example and
# vectors of the family's name; a man page, test or fuzzer of the family that includes the header.
# modules.txt lists what need not be, with the reason; an exception for something that is there has to go.
# Every fuzzer has something to start from.
. "$(dirname "$0")/lib.sh"

exceptions=tests/lint/modules.txt
grep -v '^#' "$exceptions" >"$lint_tmp/exceptions"

# has WHAT NAME: is it there?
has() {
	case $1 in
	source) [ -f "libproto/src/$2.c" ] || ls libproto/src/"$2"_*.c >/dev/null 2>&1 ;;
	man) [ -f "libproto/man/gyl_$2.3" ] ;;
	docs) [ -f "libproto/docs/$2.md" ] ;;
	example) [ -f "libproto/examples/$2.c" ] ;;
	test) [ -f "tests/unit/proto/test_$2.c" ] ;;
	vectors) ls tests/vectors/"$2"/*.txt >/dev/null 2>&1 || ls tests/fuzz/corpus/"$2"/* >/dev/null 2>&1 ;;
	fuzzer) [ -f "tests/fuzz/fuzz_$2.c" ] ;;
	esac
}

# covered WHAT MODULE: does the family take care of it?
covered() {
	family=${2%%_*}
	case $1 in
	docs | example | vectors) has "$1" "$family" ;;
	man) grep -qs "^\.In gyl/$2\.h" libproto/man/gyl_"$family"*.3 ;;
	test) grep -qs "<gyl/$2\.h>" tests/unit/proto/test_"$family"*.c ;;
	fuzzer) grep -qs "<gyl/$2\.h>" tests/fuzz/fuzz_"$family"*.c ;;
	*) false ;;
	esac
}

modules=$(for header in libproto/include/gyl/*.h; do basename "$header" .h; done)
for module in $modules; do
	for what in source man docs example test vectors fuzzer; do
		excused=
		grep -q "^$module $what: " "$lint_tmp/exceptions" && excused=yes
		if has $what "$module" || covered $what "$module"; then
			[ -z "$excused" ] || finding "$exceptions: '$module $what' is there now, so the line must go"
		elif [ -z "$excused" ]; then
			finding "libproto: module $module has no $what"
		fi
	done
done
while read -r module what _; do
	[ -f "libproto/include/gyl/$module.h" ] || finding "$exceptions: '$module $what' is of no module"
done <"$lint_tmp/exceptions"

for fuzzer in tests/fuzz/fuzz_*.c; do
	name=$(basename "$fuzzer" .c) name=${name#fuzz_}
	has vectors "$name" || has vectors "${name%%_*}" ||
		finding "$fuzzer: neither tests/vectors/ nor tests/fuzz/corpus/ has a $name to start from"
done
finish "$(echo "$modules" | wc -l) modules"
