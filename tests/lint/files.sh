#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What every file has: the licence in its first lines, no white space at line ends, a last line that ends,
# LF. What shell scripts have: syntax that sh accepts, the right to be run when they begin with #!, and no
# finding of shellcheck where that is installed. Links between our documents lead somewhere.
. "$(dirname "$0")/lib.sh"

# report MESSAGE: one finding for each path on standard input.
report() {
	while read -r path; do finding "$path: $1"; done
}

files '*.c' '*.h' '*.map' '*.3' '*.5' '*.8' '*.1' | while read -r file; do
	head -n 1 "$file" | grep -q 'SPDX-License-Identifier: ISC' || echo "$file"
done >"$lint_tmp/list"
report 'first line has no SPDX-License-Identifier: ISC' <"$lint_tmp/list"

# SC2015: `a && b || fail` is how tests speak. SC2016: patterns with $ and ` are no mistakes. The others: what
# sourced files set and define, others use.
accepted=SC2015,SC2016,SC2034,SC2154,SC2317
scripts=$({ files '*.sh'; for file in run test .ci/run; do [ ! -f "$file" ] || echo "$file"; done; })
for script in $scripts; do
	head -n 2 "$script" | grep -q 'SPDX-License-Identifier: ISC' ||
		finding "$script: no SPDX-License-Identifier: ISC in its first two lines"
	sh -n "$script" || finding "$script: sh does not accept it"
	! head -n 1 "$script" | grep -q '^#!' || [ -x "$script" ] || finding "$script: begins with #! but is not executable"
	! command -v shellcheck >/dev/null || shellcheck -x -P SCRIPTDIR -S info -e "$accepted" "$script" || finding "$script: shellcheck"
done

# Vectors and the samples of devices are data: their white space is theirs.
files '*.c' '*.h' '*.md' '*.sh' '*.cmake' 'CMakeLists.txt' '*.[1-8]' '*.service' '*.conf.in' '*.in' 'run' 'test' |
	grep -vE '^tests/(vectors|data|fuzz/corpus|conf)/.*[^ch]$' >"$lint_tmp/texts"
xargs grep -lE '[[:space:]]+$' <"$lint_tmp/texts" >"$lint_tmp/list"
report 'white space at the end of a line' <"$lint_tmp/list"
while read -r file; do
	[ ! -s "$file" ] || [ -z "$(tail -c 1 "$file")" ] || echo "$file"
done <"$lint_tmp/texts" >"$lint_tmp/list"
report 'the last line does not end' <"$lint_tmp/list"

# [text](path) and [text](path#part), relative to the document.
files '*.md' | while read -r doc; do
	sed '/^```/,/^```/d' "$doc" | grep -oE '\]\([^)]+\)' | sed -E 's/^\]\(//; s/\)$//; s/#.*//; /^$/d; /^[a-z]+:/d' |
		while read -r link; do
			[ -e "$(dirname "$doc")/$link" ] || echo "$doc -> $link"
		done
done >"$lint_tmp/list"
report 'the link leads nowhere' <"$lint_tmp/list"
finish "$(wc -l <"$lint_tmp/texts") texts, $(echo "$scripts" | wc -l) scripts"
