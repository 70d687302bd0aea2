#!/bin/sh
# SPDX-License-Identifier: ISC
#
# usage: tests/arch/run.sh i386|aarch64|s390x
#
# The unit tests of the pure parts (libproto, crypto, libnet/src, base, the cores) and the fuzzers' corpora
# on another machine: 32 bits, another ABI, and big-endian, where a forgotten byte order or an unaligned
# read shows. Cross-compiled with Debian's gcc, linked statically, run under qemu-user (i386: as it is).
#
# What is pure comes from the build (build/pure.txt); the zone compiler is added for the DNS tests. A test that
# needs more (event loop, Jansson, ldns) is left out and named.
set -eu
cd "$(dirname "$0")/../.."
: "${GYL_BUILD:=$PWD/build}"

case ${1-} in
i386) CC=i686-linux-gnu-gcc RUN= ;;
aarch64) CC=aarch64-linux-gnu-gcc RUN=qemu-aarch64 ;;
s390x) CC=s390x-linux-gnu-gcc RUN=qemu-s390x ;;
*)
	echo "usage: tests/arch/run.sh i386|aarch64|s390x" >&2
	exit 64
	;;
esac
for tool in "$CC" $RUN; do
	command -v "$tool" >/dev/null || { echo "skipped: needs $tool"; exit 77; }
done
[ -s "$GYL_BUILD/pure.txt" ] || { echo "skipped: $GYL_BUILD is not configured"; exit 77; }

out=$GYL_BUILD/arch-$1
rm -rf "$out"
mkdir -p "$out/lib" "$out/bin"
# _GNU_SOURCE is for the tests; the pure parts do not look at it.
export CC out
export FLAGS="-std=c11 -O1 -g -D_GNU_SOURCE -Wall -Wextra -Wcast-align -Werror -Wno-unused-function -Wno-format-truncation
	-DGYL_NO_LIBSODIUM -Itests/arch -I. -Ilibproto/include
	-Icrypto/include -Ilibnet/include -DGYL_TEST_DIR=\"$PWD/tests\""

{
	sed "s|^$PWD/||" "$GYL_BUILD/pure.txt" | grep -v '/x86/'
	find crypto/host libnet/dev tests/support tests/arch -name '*.c'
	# The DNS tests write zones and compile them; zone_ldns.c has a stand-in here.
	find services/dns/zonec -name '*.c' ! -name 'main*.c' ! -name 'sign*.c' ! -name zone_ldns.c
	echo services/base/build.c
	echo services/base/build_files.c
} | grep -v '^tests/support/replay\.c$' | LC_ALL=C sort -u >"$out/library"
# What else there is of services and hosts, as the headers that tests include it by.
find crypto/seal libnet/host conf services -name '*.c' | LC_ALL=C sort | LC_ALL=C comm -23 - "$out/library" |
	sed 's|\.c$|.h"|; s|^|#include "|; p; s|\.h"$|_own.h"|' >"$out/shell"

# needs_more FILE: does it, or a header of tests that it includes, include what other machines do not have?
needs_more() {
	[ "$1" != tests/unit/dns/test_zone.c ] || return 0 # the text of rare types is ldns's
	# qemu-user does not hand on what these ask of the kernel: options of AF_PACKET, mounts.
	[ -z "$RUN" ] || [ "$1" != tests/unit/net/test_dev_link.c ] || return 0
	beside=$(sed -n 's|^#include "\(tests/[^"]*\)"|\1|p' "$1")
	# shellcheck disable=SC2086
	grep -qE '<(event2/|jansson|ldns/)' "$1" $beside || grep -qF -f "$out/shell" "$1" $beside
}

left_out=
for test in tests/unit/*/test_*.c tests/fuzz/fuzz_*.c; do
	case $test in
	tests/unit/proto/* | tests/unit/crypto/* | tests/unit/net/* | tests/unit/base/*) ;;
	tests/unit/arpd/* | tests/unit/dhcpd/* | tests/unit/dns/* | tests/unit/syslogd/* | tests/fuzz/*) ;;
	*) continue ;;
	esac
	if needs_more "$test"; then left_out="$left_out $test"; else echo "$test"; fi
done >"$out/tests"

# shellcheck disable=SC2016
xargs -P 2 -n 6 sh -ec 'for source; do
	$CC $FLAGS -c "$source" -o "$out/lib/$(echo "$source" | tr / :).o"; done' compile <"$out/library"
ar rcs "$out/libpure.a" "$out"/lib/*.o
# shellcheck disable=SC2016
xargs -P 2 -n 3 sh -ec 'for source; do
	more=; case $source in tests/fuzz/*) more=tests/support/replay.c ;; esac
	name=$(echo "${source#tests/}" | tr / . ) name=${name%.c}
	$CC $FLAGS -static "$source" $more -o "$out/bin/$name" "$out/libpure.a" ||
		{ echo "$source: left out of $0? See needs_more there." >&2; exit 255; }
	done' link <"$out/tests"
[ -z "$left_out" ] || echo "left out:$left_out"

passed=0 failed=0
for program in "$out"/bin/*; do
	name=$(basename "$program")
	case $name in
	fuzz.*) set -- --replay "${name#fuzz.fuzz_}" ;;
	*) set -- ;;
	esac
	# shellcheck disable=SC2086
	if timeout 600 $RUN "$program" "$@" >"$out/log" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$name:"
		tail -n 20 "$out/log"
	fi
done
echo "$passed programs passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
