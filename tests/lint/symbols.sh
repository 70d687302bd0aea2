#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What libguyline-proto.so, -crypto and -net export must equal symbols-proto.txt and so on, each name in the
# one version node. A name that goes or comes is a line in a review, and a reason to look at the SONAME.
#
#   tests/lint/symbols.sh --update      writes symbols-*.txt anew
. "$(dirname "$0")/lib.sh"

command -v nm >/dev/null || skip "needs nm (binutils)"
proto=$GYL_BUILD/libproto/libguyline-proto.so crypto=$GYL_BUILD/crypto/libguyline-crypto.so
net=$GYL_BUILD/libnet/libguyline-net.so
[ -e "$proto" ] || [ -e "$crypto" ] || skip "neither $proto nor $crypto is built"

# each UPDATE NAME LIBRARY: a library that this build has not is no finding.
each() {
	[ -e "$3" ] || return 0
	nm -D --defined-only --with-symbol-versions "$3" |
		awk '$2 != "A" { sub(/@@/, " ", $3); print $3 }' | LC_ALL=C sort >"$lint_tmp/symbols"
	if [ "$1" = --update ]; then
		cp "$lint_tmp/symbols" "tests/lint/symbols-$2.txt"
		return
	fi
	same "tests/lint/symbols-$2.txt" "$lint_tmp/symbols" 'tests/lint/symbols.sh --update'
	grep -vE '^gyl_[a-z0-9]' "$lint_tmp/symbols" >"$lint_tmp/bad"
	while read -r line; do finding "$line: exported, but no public name"; done <"$lint_tmp/bad"
	cat "$lint_tmp/symbols" >>"$lint_tmp/all"
}

each "${1-}" proto "$proto"
each "${1-}" crypto "$crypto"
each "${1-}" net "$net"
[ "${1-}" != --update ] || exit 0
finish "$(wc -l <"$lint_tmp/all") symbols"
