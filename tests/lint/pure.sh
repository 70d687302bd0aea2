#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The pure parts stay pure. Their sources (the build lists them in pure.txt, from its own targets) are
# compiled once more, freestanding and with integer registers only (but for the kernels of crypto/src/x86, whose
# functions say what they are compiled for), and their symbols are looked at:
#
#   undefined    only our own gyl_ names and what a freestanding compiler may call: memcpy and its kin
#   defined      every global name begins with gyl_
#   data         none that can be written: no globals, no static variables
. "$(dirname "$0")/lib.sh"

[ -s "$GYL_BUILD/pure.txt" ] || skip "$GYL_BUILD has no pure.txt"
command -v nm >/dev/null || skip "needs nm (binutils)"

flags='-std=c11 -O2 -ffreestanding -fno-stack-protector -U_FORTIFY_SOURCE -fno-pic -fno-pie -w'
flags="$flags -I. -Ilibproto/include -Icrypto/include -Ilibnet/include"
integers=
echo 'int x;' >"$lint_tmp/probe.c"
if "$CC" -mgeneral-regs-only -c "$lint_tmp/probe.c" -o "$lint_tmp/probe.o" 2>/dev/null; then
	integers=-mgeneral-regs-only
fi

# Two at a time; an object's name is its source's with dots for slashes.
mkdir "$lint_tmp/o"
sed "s|^$root/||" "$GYL_BUILD/pure.txt" | LC_ALL=C sort -u >"$lint_tmp/sources"
# shellcheck disable=SC2016
xargs -P 2 -n 8 sh -c 'cc=$1 dir=$2 flags=$3 integers=$4; shift 4
	for source; do
		object=$dir/$(echo "$source" | tr / :).o
		case $source in crypto/src/x86/*) more= ;; *) more=$integers ;; esac
		$cc $flags $more -c "$source" -o "$object" || echo "$source" >>"$dir/failed"
	done' compile "$CC" "$lint_tmp/o" "$flags" "$integers" <"$lint_tmp/sources" || true
if [ -s "$lint_tmp/o/failed" ]; then
	while read -r source; do finding "$source: does not compile freestanding"; done <"$lint_tmp/o/failed"
fi

for object in "$lint_tmp"/o/*.o; do
	source=$(basename "$object" .o | tr : /)
	nm "$object" | awk -v source="$source" '
		$1 == "U" && $2 !~ /^(gyl_|(memcpy|memmove|memset|memcmp|memchr)$)/ { print source ": calls " $2 }
		$2 ~ /^[A-Z]$/ && $2 != "U" && $3 !~ /^gyl_/ { print source ": defines " $3 ", which has no gyl_" }
		$2 ~ /^[BbDdCGgSs]$/ { print source ": " $3 " is data that can be written" }'
done >"$lint_tmp/bad"
while read -r line; do finding "$line"; done <"$lint_tmp/bad"
finish "$(wc -l <"$lint_tmp/sources") sources"
