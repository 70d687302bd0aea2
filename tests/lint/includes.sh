#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Draws the include graph: which directory includes which, and which external libraries ([name]) it uses.
# It must equal includes.txt, so that a new arrow is one line in a review.
#
#   tests/lint/includes.sh --update      writes includes.txt anew
. "$(dirname "$0")/lib.sh"

# A library's headers and sources are one node, wherever its directories are.
node() {
	case $1 in
	libproto/include/* | libproto/src/*) echo libproto ;;
	crypto/include/* | crypto/src/*) echo crypto ;;
	libnet/include/* | libnet/src/*) echo libnet/src ;;
	*) dirname "$1" ;;
	esac
}

# target FILE NAME: what #include NAME, as <x> or "x", stands for; empty when that is everybody's.
target() {
	case $2 in
	'"'*)
		path=${2#\"} path=${path%\"}
		if [ -f "$path" ]; then node "$path"; else echo "[$path: not a path from the root]"; fi ;;
	'<gyl/'*)
		path=${2#<} path=${path%>}
		for dir in libproto crypto libnet; do
			[ ! -f "$dir/include/$path" ] || { node "$dir/include/x"; return; }
		done
		echo "[$path: no such header]" ;;
	'<stdint.h>' | '<stddef.h>' | '<stdbool.h>' | '<string.h>') ;;
	'<immintrin.h>' | '<cpuid.h>') ;; # the compiler's own: instructions by name
	'<event2/'*) echo '[libevent]' ;;
	'<jansson.h>') echo '[jansson]' ;;
	'<ldns/'*) echo '[ldns]' ;;
	'<sodium'*) echo '[libsodium]' ;;
	'<openssl/'*) echo '[openssl]' ;;
	'<linux/'*) echo '[linux]' ;;
	'<sys/'* | '<net/'* | '<netinet/'* | '<netpacket/'* | '<arpa/'*) echo '[libc]' ;;
	'<'[a-z]*'/'*) echo "[${2#<}" | sed 's|/.*|]|' ;;
	*)
		if echo "$2" | grep -Eqx '<(assert|ctype|dirent|endian|errno|fcntl|fnmatch|getopt|glob|grp|ifaddrs|inttypes|libgen|limits|locale|malloc|math|netdb|poll|pthread|pwd|sched|setjmp|signal|stdarg|stdatomic|stdio|stdlib|strings|sysexits|syslog|termios|threads|time|unistd|wchar)\.h>'; then
			echo '[libc]'
		else
			echo "[${2#<}" | sed 's|\.h>|]|'
		fi ;;
	esac
}

for file in $(files '*.c' '*.h' | grep -E '^(libproto|crypto|libnet|conf|services)/'); do
	sed -nE 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*(<[^>]*>|"[^"]*").*/\1/p' "$file" |
		while read -r name; do echo "$(node "$file") $name"; done
done | LC_ALL=C sort -u >"$lint_tmp/pairs"
while read -r from name; do
	to=$(target "$from" "$name")
	[ -z "$to" ] || [ "$to" = "$from" ] || echo "$from -> $to"
done <"$lint_tmp/pairs" | LC_ALL=C sort -u >"$lint_tmp/graph"

if [ "${1-}" = --update ]; then
	cp "$lint_tmp/graph" tests/lint/includes.txt
	exit
fi
same tests/lint/includes.txt "$lint_tmp/graph" 'tests/lint/includes.sh --update'

# Arrows that may not be there, whatever the checked-in picture says.
grep -E '^(libproto|crypto|libnet/src) -> (\[|conf|services)' "$lint_tmp/graph" >"$lint_tmp/bad"
grep -E '^libnet/(dev|host) -> (conf|services)' "$lint_tmp/graph" >>"$lint_tmp/bad"
grep -E '^libproto -> ' "$lint_tmp/graph" >>"$lint_tmp/bad"
grep -E '^crypto -> ' "$lint_tmp/graph" >>"$lint_tmp/bad"
grep -vE '^(conf|services/base) -> ' "$lint_tmp/graph" | grep -F '[jansson]' >>"$lint_tmp/bad"
grep -vE '^(libnet/host|services/base) -> ' "$lint_tmp/graph" | grep -F '[libevent]' >>"$lint_tmp/bad"
grep -vE '^services/dns/zonec -> ' "$lint_tmp/graph" | grep -F '[ldns]' >>"$lint_tmp/bad"
grep -vE '^crypto/seal -> ' "$lint_tmp/graph" | grep -F '[libsodium]' >>"$lint_tmp/bad"
grep -vE '^(libnet/host|services/dns/zonec) -> ' "$lint_tmp/graph" | grep -F '[openssl]' >>"$lint_tmp/bad"
# A service knows no other service; the all-in-one knows them all.
awk '$1 ~ /^services\// && $1 !~ /^services\/guyline/ && $3 ~ /^services\// {
	split($1, a, "/"); split($3, b, "/"); if (b[2] != a[2] && b[2] != "base") print }' "$lint_tmp/graph" >>"$lint_tmp/bad"
while read -r line; do finding "$line: this arrow may not be (CONTRIBUTING.md, The shape)"; done <"$lint_tmp/bad"
finish "$(wc -l <"$lint_tmp/graph") arrows"
