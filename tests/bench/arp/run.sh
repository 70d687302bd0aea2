#!/bin/sh
# SPDX-License-Identifier: ISC
#
# guyline-arpd beside arpwatch: the processor time that each takes for a frame of one of 10,000 known hosts, by a ring of
# AF_PACKET on a veth pair (ours: packet:DEVICE,listen, TPACKET_V3; arpwatch: libpcap's). The watcher is pinned to
# processor 0, who speaks to processor 1. First every host speaks ten times, so that both know all; then FRAMES frames
# at 100,000 a second are measured. Both take turns in each round, so that a noisy minute hits both; the figures are
# medians of ROUNDS rounds. Time is that of the scheduler (schedstat), of all threads. Ours on the kernel host's sockets
# (recvmmsg) has a row of its own.
#
# usage: tests/bench/arp/run.sh [BUILD [ROUNDS [FRAMES]]]      (as root; `cmake --build build --target bench-arp` does it)
set -eu
build=${1:-build}
rounds=${2:-5}
frames=${3:-300000}
peers=${PEERS:-$PWD/build-peers}
hosts=10000
id=gyla$$
dir=$(mktemp -d)
pid=

cleanup() {
	[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null || true
	ip netns del "$id-s" 2>/dev/null || true
	ip netns del "$id-c" 2>/dev/null || true
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

die() {
	echo "bench-arp: $1" >&2
	exit 1
}

[ "$(id -u)" -eq 0 ] || die "needs root for network namespaces"
[ "$(nproc)" -ge 2 ] || die "needs two processors"
[ -x "$peers/usr/sbin/arpwatch" ] || die "arpwatch is not in $peers: ./test packages puts it there"
{ ip netns add "$id-s" && ip netns add "$id-c"; } || die "cannot make network namespaces"
ip -n "$id-s" link add gylv0 type veth peer name gylv1 netns "$id-c"
for ns in s c; do
	ip netns exec "$id-$ns" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
done
ip -n "$id-s" addr add 10.0.255.1/16 dev gylv0
ip -n "$id-s" link set gylv0 up
ip -n "$id-c" link set gylv1 up
printf '{ "address": "10.0.255.2/16", "arpd": { "flood": 0, "sweep": 0, "hosts": 20000, "vendors": "" } }\n' >"$dir/c.json"

# at NAMESPACE PROCESSOR COMMAND...: becomes the command, for a subshell.
at() {
	ns=$1 cpu=$2
	shift 2
	exec ip netns exec "$id-$ns" nice -n -20 taskset -c "$cpu" "$@"
}
ours() {
	rm -rf "$dir/state"
	at s 0 "$build/bin/guyline-arpd" -d -c "$dir/c.json" --state="$dir/state" --control="$dir/sock" --sandbox=false \
		--log.level='*=err' "$@"
}
serve_ring() {
	ours --host=stack --device=packet:gylv0,listen
}
serve_sockets() {
	ours --host=kernel --device=gylv0
}
serve_arpwatch() {
	: >"$dir/arp.dat"
	LD_LIBRARY_PATH="$peers/usr/lib/$(uname -m)-linux-gnu"
	export LD_LIBRARY_PATH
	# It asks for the name of each new host: nobody is asked, else it would wait 5 s for each.
	: >"$dir/resolv.conf"
	at s 0 unshare -m sh -c 'mount --bind "$1/resolv.conf" /etc/resolv.conf && shift && exec "$@"' sh "$dir" \
		"$peers/usr/sbin/arpwatch" -d -Q -N -i gylv0 -f "$dir/arp.dat"
}

# On the processor so far, ns, all threads.
spent() {
	cat /proc/"$pid"/task/*/schedstat | awk '{ n += $1 } END { printf "%.0f\n", n }'
}
say() {
	(at c 1 "$build/tests/arp_say" gylv1 hosts $hosts "$1" "$2")
}
# Nothing more comes of what was sent.
quiet() {
	was=
	now=$(spent)
	while [ "$now" != "$was" ]; do
		sleep 1.5
		was=$now
		now=$(spent)
		[ $((now - ${was:-0})) -gt 2000000 ] || break
	done
}
turn() {
	("serve_$1") >"$dir/$1.log" 2>&1 &
	pid=$!
	sleep 2
	kill -0 $pid 2>/dev/null || { cat "$dir/$1.log"; die "$1 does not run"; }
	say $((10 * hosts)) 20000
	quiet
	before=$(spent)
	say "$frames" 100000
	quiet
	echo $((($(spent) - before) / frames)) >>"$dir/row-$1"
	[ "$1" = arpwatch ] || "$build/bin/guyline" --at "$dir/sock" status |
		awk -v who="$1" '/in_lost: / && $2 > 0 { print "bench-arp: " who " lost " $2 " frames" }' >&2
	kill "$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || true
	pid=
}
median() {
	sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

for round in $(seq "$rounds"); do
	for who in ring sockets arpwatch; do
		turn $who
	done
done
arpwatch=$(median "$dir/row-arpwatch")
echo "| watcher | CPU a frame, ns (median of $rounds) | least - most | / arpwatch |"
echo "| --- | ---: | --- | ---: |"
for who in ring sockets arpwatch; do
	ns=$(median "$dir/row-$who")
	echo "| $who | $ns | $(sort -n "$dir/row-$who" | head -n 1) - $(sort -n "$dir/row-$who" | tail -n 1) |" \
		"$(awk "BEGIN { printf \"%.2f\", $ns / $arpwatch }") |"
done
