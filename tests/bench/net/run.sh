#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What a small UDP request costs the server, by way of packet: kernel sockets, and our stack over each device. Two
# namespaces joined by a cable; the server is pinned to processor 0, who asks to processor 1. One line a row, medians
# of ROUNDS rounds in which all take their turns, so that a noisy minute hits all alike.
#
# usage: tests/bench/net/run.sh [BUILD [ROUNDS]]      (as root; `cmake --build build --target bench-net` does it)
set -eu
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/../lib.sh"
bin=$build/bench
cable 10.78.0.1/24 10.78.0.2/24

# once NAME WHERE ADDRESS SERVER...: one turn of a row; who asks sits in namespace WHERE.
once() {
	name=$1 where=$2 address=$3
	shift 3
	mkfifo "$dir/ready"
	(at s 0 "$bin/net_echo" "$@") >"$dir/ready" &
	pids=$!
	head -n 1 "$dir/ready" | grep -q ready || die "$name: no server"
	rm "$dir/ready"
	(at "$where" 1 "$bin/net_ask" "$address" "$pids") >>"$dir/row-$name" || die "$name: no figures"
	kill "$pids"
	wait "$pids" 2>/dev/null || true
	pids=
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

base=$(median 2-kernel 1) base_burst=$(median 2-kernel 2)
echo "| server | flood, ns | burst, ns | round trip, us | flood / kernel host | burst / kernel host |"
echo "| --- | ---: | ---: | ---: | ---: | ---: |"
line() {
	flood=$(median "$1" 1) burst=$(median "$1" 2)
	awk -v n="$2" -v f="$flood" -v b="$burst" -v t="$(median "$1" 3)" -v x="$base" -v y="$base_burst" \
		'BEGIN { printf "| %s | %d | %d | %.1f | %.2f | %.2f |\n", n, f, b, t, f / x, b / y }'
}
line 1-floor "kernel socket, recvfrom/sendto"
line 2-kernel "our kernel host, recvmmsg/sendmmsg"
line 3-tap "stack over tap"
line 4-tap-host "stack host over tap"
line 5-macvtap "stack over macvtap"
line 6-macvtap-host "stack host over macvtap"
line 7-packet "stack over packet (TPACKET_V2)"
line 8-packet-host "stack host over packet (TPACKET_V2)"
