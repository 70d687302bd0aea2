#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What a unikernel pays for its random numbers: SHA-2, HMAC, ChaCha20, SipHash, Fortuna, health tests and the
# sources that need no system, compiled freestanding and linked as a guest links them, dead sections left
# out. At most 48 KiB, and nothing undefined but memcpy and its kin. With every kernel but those for wide
# registers (GYL_NO_AVX), for solo5-hvt does not save such. Told besides: with those, portable C alone, all of
# the library, and each object.
. "$(dirname "$0")/lib.sh"

limit=49152
for tool in ld nm size; do
	command -v "$tool" >/dev/null || skip "needs $tool (binutils)"
done

flags='-std=c11 -O2 -ffreestanding -fno-stack-protector -U_FORTIFY_SOURCE -fno-pic -fno-pie -w'
flags="$flags -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables -I. -Icrypto/include"
wanted='^gyl_(sha256|sha512|hmac|chacha20|siphash|rng|fortuna|health|entropy|source|cpu|ct|wipe)'

# objects DIRECTORY FLAGS SOURCE...
objects() {
	to=$1 more=$2
	shift 2
	mkdir "$lint_tmp/$to"
	for source; do
		# shellcheck disable=SC2086
		"$CC" $flags $more -c "$source" -o "$lint_tmp/$to/$(echo "${source%.c}" | tr / :).o" ||
			finding "$source: does not compile freestanding"
	done
}

# linked OUTPUT PATTERN OBJECT...: one object of what the functions of the pattern reach; prints its octets
# of code and constants.
linked() {
	output=$1 pattern=$2
	shift 2
	roots=$(nm -g --defined-only "$@" | awk -v pattern="$pattern" 'NF == 3 && $3 ~ pattern { print "-u " $3 }')
	# shellcheck disable=SC2086
	ld -r --gc-sections $roots "$@" -o "$output" || finding "the objects do not link"
	size "$output" | awk 'NR == 2 { print $1 }'
}

kernels=
case $("$CC" -dumpmachine) in x86_64-*) kernels=$(files '*.c' | grep '^crypto/src/x86/') ;; esac
portable=$(files '*.c' | grep -E '^crypto/(src|source)/[^/]*$')
# shellcheck disable=SC2086
{
	objects all '' $portable $kernels
	objects guest -DGYL_NO_AVX $portable $kernels
	objects portable -U__x86_64__ $portable
}

guest=$(linked "$lint_tmp/guest.o" "$wanted" "$lint_tmp"/guest/*.o)
wide=$(linked "$lint_tmp/wide.o" "$wanted" "$lint_tmp"/all/*.o)
narrow=$(linked "$lint_tmp/narrow.o" "$wanted" "$lint_tmp"/portable/*.o)
whole=$(linked "$lint_tmp/whole.o" '^gyl_[a-z]' "$lint_tmp"/all/*.o)
size "$lint_tmp"/all/*.o | awk 'NR > 1 { sub(/.*\//, "", $6); gsub(/:/, "/", $6); printf "%7d  %s\n", $1, $6 }' | sort -rn
echo "$guest for a guest, $wide with AVX, $narrow in portable C alone; $whole for all of the library"

[ "$guest" -le $limit ] || finding "a guest links $guest octets of code: more than $limit"
for linked in guest whole; do
	nm -u "$lint_tmp/$linked.o" | awk '$2 !~ /^(memcpy|memmove|memset|memcmp)$/ { print $2 }' >"$lint_tmp/bad"
	while read -r name; do finding "a guest would need $name"; done <"$lint_tmp/bad"
	size "$lint_tmp/$linked.o" | awk 'NR == 2 && $2 + $3 != 0' | grep -q . && finding "$linked: data that can be written"
done
finish "$guest of $limit octets"
