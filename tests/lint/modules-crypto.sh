#!/bin/sh
# SPDX-License-Identifier: ISC
#
# A module of crypto is whole: every public header has its source, a man page, an example and a test. Under
# its own name, or another page, example or test of crypto's has its header or its functions.
# modules-crypto.txt lists what need not be, with the reason; an exception for something that is there has
# to go.
. "$(dirname "$0")/lib.sh"

exceptions=tests/lint/modules-crypto.txt
grep -v '^#' "$exceptions" >"$lint_tmp/exceptions"

# has WHAT MODULE
has() {
	case $1 in
	source) [ -f "crypto/src/$2.c" ] || [ -f "crypto/host/$2.c" ] ;;
	man) [ -f "crypto/man/gyl_$2.3" ] || grep -qs "^\.In gyl/$2\.h" crypto/man/*.3 ;;
	example) [ -f "crypto/examples/$2.c" ] || grep -qsE "<gyl/$2\.h>|gyl_$2_" crypto/examples/*.c ;;
	test) [ -f "tests/unit/crypto/test_$2.c" ] || grep -qsE "<gyl/$2\.h>|gyl_$2_" tests/unit/crypto/*.[ch] ;;
	esac
}

modules=$(for header in crypto/include/gyl/*.h; do basename "$header" .h; done)
for module in $modules; do
	for what in source man example test; do
		excused=
		grep -q "^$module $what: " "$lint_tmp/exceptions" && excused=yes
		if has $what "$module"; then
			[ -z "$excused" ] || finding "$exceptions: '$module $what' is there now, so the line must go"
		elif [ -z "$excused" ]; then
			finding "crypto: module $module has no $what"
		fi
	done
done
while read -r module what _; do
	[ -f "crypto/include/gyl/$module.h" ] || finding "$exceptions: '$module $what' is of no module"
done <"$lint_tmp/exceptions"
finish "$(echo "$modules" | wc -l) modules"
