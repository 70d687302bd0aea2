#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What a small UDP request costs the server, by way of packet: kernel sockets, and our stack over each device. Two
# namespaces joined by a cable; the server is pinned to processor 0, who asks to processor 1. One line a row, medians
# of ROUNDS rounds in which all take their turns, so that a noisy minute hits all alike.
#
# usage: tests/bench/net/run.sh [BUILD [ROUNDS]]      (as root; `cmake --build build --target bench-net` does it)
set -eu
bin=${1:-build}/bench
rounds=${2:-5}
id=gylb$$
dir=$(mktemp -d)
pid=

cleanup() {
	[ -z "$pid" ] || kill "$pid" 2>/dev/null || true
	ip netns del "$id-s" 2>/dev/null || true
	ip netns del "$id-c" 2>/dev/null || true
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

die() {
	echo "bench-net: $1" >&2
	exit 1
}

[ "$(id -u)" -eq 0 ] || die "needs root for network namespaces"
[ "$(nproc)" -ge 2 ] || die "needs two processors"
ip netns add "$id-s" && ip netns add "$id-c" || die "cannot make network namespaces"
ip -n "$id-s" link add gylv0 type veth peer name gylv1 netns "$id-c"
ip -n "$id-s" addr add 10.78.0.1/24 dev gylv0
ip -n "$id-s" link set gylv0 up
ip -n "$id-c" addr add 10.78.0.2/24 dev gylv1
ip -n "$id-c" link set gylv1 up

# at NAMESPACE PROCESSOR COMMAND...: becomes the command, for a subshell. Nice, so that others disturb it less.
at() {
	ns=$1 cpu=$2
	shift 2
	exec ip netns exec "$id-$ns" nice -n -20 taskset -c "$cpu" "$@"
}

# once NAME WHERE ADDRESS SERVER...: one turn of a row; who asks sits in namespace WHERE.
once() {
	name=$1 where=$2 address=$3
	shift 3
	mkfifo "$dir/ready"
	(at s 0 "$bin/net_echo" "$@") >"$dir/ready" &
	pid=$!
	head -n 1 "$dir/ready" | grep -q ready || die "$name: no server"
	rm "$dir/ready"
	(at "$where" 1 "$bin/net_ask" "$address" "$pid") >>"$dir/$name" || die "$name: no figures"
	kill "$pid"
	wait "$pid" 2>/dev/null || true
	pid=
}

tap=tap:gylt0,peer=10.79.0.2/24
round=0
while [ "$round" -lt "$rounds" ]; do
	once 1-floor c 10.78.0.1 floor
	once 2-kernel c 10.78.0.1 kernel gylv0
	once 3-tap s 10.79.0.1 stack $tap 10.79.0.1
	once 4-tap-host s 10.79.0.1 host $tap 10.79.0.1
	once 5-macvtap c 10.78.0.9 stack macvtap:gylv0 10.78.0.9
	once 6-macvtap-host c 10.78.0.9 host macvtap:gylv0 10.78.0.9
	once 7-packet c 10.78.0.9 stack packet:gylv0 10.78.0.9
	once 8-packet-host c 10.78.0.9 host packet:gylv0 10.78.0.9
	round=$((round + 1))
done

# median FILE COLUMN
median() {
	awk -v c="$2" '{ print $c }' "$dir/$1" | sort -n | sed -n "$((rounds / 2 + 1))p"
}

base=$(median 2-kernel 1) base_burst=$(median 2-kernel 2)
echo "| server | flood, ns | burst, ns | round trip, us | flood / kernel host | burst / kernel host |"
echo "| --- | ---: | ---: | ---: | ---: | ---: |"
row() {
	flood=$(median "$1" 1) burst=$(median "$1" 2)
	awk -v n="$2" -v f="$flood" -v b="$burst" -v t="$(median "$1" 3)" -v x="$base" -v y="$base_burst" \
		'BEGIN { printf "| %s | %d | %d | %.1f | %.2f | %.2f |\n", n, f, b, t, f / x, b / y }'
}
row 1-floor "kernel socket, recvfrom/sendto"
row 2-kernel "our kernel host, recvmmsg/sendmmsg"
row 3-tap "stack over tap"
row 4-tap-host "stack host over tap"
row 5-macvtap "stack over macvtap"
row 6-macvtap-host "stack host over macvtap"
row 7-packet "stack over packet (TPACKET_V2)"
row 8-packet-host "stack host over packet (TPACKET_V2)"
