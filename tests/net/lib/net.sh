# SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2317
# Sourced by the scenarios of tests/net: namespaces, waiting, and telling what failed.
#
# Everything a scenario makes lives in a directory and in namespaces of its own and goes when it ends. Programs
# are taken from $GUYLINE_BIN (default: build/bin), so that the same scenario runs with sanitized ones.

cd "$(dirname "$0")/../.." || exit 1
BIN=${GUYLINE_BIN:-$PWD/build/bin}
# Programs that ./test unpacks beside, for they must not be installed.
PEERS=$PWD/build-peers
PATH=$PATH:$PEERS/usr/sbin:$PEERS/usr/bin
ID=gyl$$
WORK=$(mktemp -d /tmp/guyline-net.XXXXXX)
NAMESPACES=
PIDS=
CHECKS=0

skip() {
	echo "SKIP: $*"
	cleanup
	trap - EXIT
	exit 77
}

fail() {
	echo "FAIL: $*" >&2
	for file in "$WORK"/*.log; do
		[ -s "$file" ] || continue
		echo "--- $file" >&2
		tail -n 40 "$file" >&2
	done
	exit 1
}

cleanup() {
	for pid in $PIDS; do
		kill -9 "$pid" 2>/dev/null
	done
	for ns in $NAMESPACES; do
		ip netns pids "$ns" 2>/dev/null | xargs -r kill -9 2>/dev/null
		ip netns del "$ns" 2>/dev/null
	done
	rm -rf "$WORK"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

[ "$(id -u)" -eq 0 ] || skip "not root: network namespaces cannot be made"
ip netns add "$ID-probe" 2>/dev/null || skip "this machine makes no network namespaces"
ip netns del "$ID-probe"

need() {
	for program in "$@"; do
		command -v "$program" >/dev/null || skip "$program is not installed"
	done
}

# peer PROGRAM ARGUMENT...: one of those, with its own libraries.
peer() {
	LD_LIBRARY_PATH=$PEERS/usr/lib/$(uname -m)-linux-gnu "$@"
}

# namespace NAME: make one; "in_ns NAME command..." runs in it.
namespace() {
	ip netns add "$ID-$1" || fail "namespace $1"
	NAMESPACES="$NAMESPACES $ID-$1"
	in_ns "$1" ip link set lo up
}

in_ns() {
	ns=$1
	shift
	ip netns exec "$ID-$ns" "$@"
}

# nobody_in NAME: all that ran in it has ended, and holds no port there.
nobody_in() {
	[ -z "$(ip netns pids "$ID-$1")" ]
}

# A LAN: the bridge br0 in namespace lan; "join NAME" gives namespace NAME an eth0 on it.
lan() {
	namespace lan
	in_ns lan ip link add br0 type bridge
	in_ns lan ip link set br0 type bridge stp_state 0 forward_delay 0 2>/dev/null
	in_ns lan ip link set br0 up
}

join() {
	ip link add "v$$-$1" netns "$ID-lan" type veth peer name eth0 netns "$ID-$1" || fail "veth of $1"
	in_ns lan ip link set "v$$-$1" master br0 up
	in_ns "$1" ip link set eth0 up
}

# check "what" command...: it must succeed.
check() {
	what=$1
	shift
	"$@" >"$WORK/check.out" 2>&1 || { cat "$WORK/check.out" >&2; fail "$what"; }
	CHECKS=$((CHECKS + 1))
	echo "ok: $what"
}

# wait_for SECONDS "what" command...: it must succeed within that time.
wait_for() {
	end=$(($(date +%s%N) / 1000000 + $1 * 1000))
	what=$2
	shift 2
	until "$@" >"$WORK/wait.out" 2>&1; do
		[ $(($(date +%s%N) / 1000000)) -lt "$end" ] || { cat "$WORK/wait.out" >&2; fail "waited in vain: $what"; }
		sleep 0.05
	done
	CHECKS=$((CHECKS + 1))
	echo "ok: $what"
}

# has PATTERN command...: its output has a line with the pattern (grep -E).
has() {
	pattern=$1
	shift
	"$@" 2>&1 | tee "$WORK/has.out" | grep -Eq "$pattern" && return 0
	echo "no line with: $pattern"
	cat "$WORK/has.out"
	return 1
}

# answer_is TEXT command...: its output is exactly that.
answer_is() {
	want=$1
	shift
	got=$("$@" 2>&1)
	[ "$got" = "$want" ] && return 0
	echo "wanted \"$want\", got \"$got\""
	return 1
}

# start NAME NAMESPACE command...: in the background, output in NAME.log; its pid in $STARTED.
start() {
	name=$1
	ns=$2
	shift 2
	ip netns exec "$ID-$ns" "$@" >>"$WORK/$name.log" 2>&1 &
	STARTED=$!
	PIDS="$PIDS $STARTED"
}

done_well() {
	# A sanitized program that found something only at its end says so in its log.
	! grep -lE 'runtime error|AddressSanitizer' "$WORK"/*.log 2>/dev/null || fail "a sanitizer had something to say"
	echo "$CHECKS checks"
	exit 0
}
