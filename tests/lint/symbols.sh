#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What libguyline-proto.so exports must equal symbols-proto.txt, each name in the one version node. A
# name that goes or comes is a line in a review, and a reason to look at the SONAME.
#
#   tests/lint/symbols.sh --update      writes symbols-proto.txt anew
. "$(dirname "$0")/lib.sh"

library=$GYL_BUILD/libproto/libguyline-proto.so
[ -e "$library" ] || skip "$library is not built"
command -v nm >/dev/null || skip "needs nm (binutils)"

nm -D --defined-only --with-symbol-versions "$library" |
	awk '$2 != "A" { sub(/@@/, " ", $3); print $3 }' | LC_ALL=C sort >"$lint_tmp/symbols"
if [ "${1-}" = --update ]; then
	cp "$lint_tmp/symbols" tests/lint/symbols-proto.txt
	exit
fi
same tests/lint/symbols-proto.txt "$lint_tmp/symbols" 'tests/lint/symbols.sh --update'
grep -vE '^gyl_[a-z0-9]' "$lint_tmp/symbols" >"$lint_tmp/bad"
while read -r line; do finding "$line: exported, but no public name"; done <"$lint_tmp/bad"
finish "$(wc -l <"$lint_tmp/symbols") symbols"
