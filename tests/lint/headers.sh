#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Every public header compiles alone, as C11 and as C++17, with every compiler there is. Twice included
# it is still one.
. "$(dirname "$0")/lib.sh"

includes='-Ilibproto/include -Icrypto/include -Ilibnet/include'
warnings='-Wall -Wextra -Wpedantic -Wundef -Werror'
headers=$(files '*.h' | sed -n 's|^[a-z]*/include/\(gyl/.*\)|\1|p')
compilers=0

# each COMPILER LANGUAGE STANDARD
each() {
	command -v "$1" >/dev/null || return 0
	compilers=$((compilers + 1))
	# shellcheck disable=SC2086
	for header in $headers; do
		printf '#include <%s>\n#include <%s>\nint gyl_lint_header;\n' "$header" "$header" |
			"$1" -x "$2" -std="$3" $warnings $includes -fsyntax-only - 2>"$lint_tmp/err" ||
			finding "<$header> alone as $3 with $1: $(grep -m 1 error "$lint_tmp/err")"
	done
}

for compiler in gcc clang; do
	each "$compiler" c c11
done
for compiler in g++ clang++; do
	each "$compiler" c++ c++17
done
[ -n "$headers" ] || finding "no public header found"
finish "$(echo "$headers" | wc -l) headers, $compilers compilers"
