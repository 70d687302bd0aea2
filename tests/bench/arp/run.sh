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
frames=${3:-300000}
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/../lib.sh"
hosts=10000
need_peer usr/sbin/arpwatch
cable 10.0.255.1/16 10.0.255.3/16
for ns in s c; do
	ip netns exec "$id-$ns" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
done
printf '{ "address": "10.0.255.2/16", "arpd": { "flood": 0, "sweep": 0, "hosts": 20000, "vendors": "" } }\n' >"$dir/c.json"

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
	export LD_LIBRARY_PATH="$libs"
	# It asks for the name of each new host: nobody is asked, else it would wait 5 s for each.
	: >"$dir/resolv.conf"
	at s 0 unshare -m sh -c 'mount --bind "$1/resolv.conf" /etc/resolv.conf && shift && exec "$@"' sh "$dir" \
		"$peers/usr/sbin/arpwatch" -d -Q -N -i gylv0 -f "$dir/arp.dat"
}

say() {
	(at c 1 "$build/tests/arp_say" gylv1 hosts $hosts "$1" "$2")
}
turn() {
	start "$1"
	sleep 2
	kill -0 "$(pid "$1")" 2>/dev/null || die "$1 does not run"
	say $((10 * hosts)) 20000
	quiet "$1"
	before=$(cpu "$1")
	say "$frames" 100000
	quiet "$1"
	row "$1" $((($(cpu "$1") - before) / frames))
	[ "$1" = arpwatch ] || "$build/bin/guyline" --at "$dir/sock" status |
		awk -v who="$1" '/in_lost: / && $2 > 0 { print "bench/arp: " who " lost " $2 " frames" }' >&2
	stop "$1"
}

for _ in $(seq "$rounds"); do
	for who in ring sockets arpwatch; do
		turn $who
	done
done
echo "| watcher | CPU a frame, ns (median of $rounds) | least - most | / arpwatch |"
echo "| --- | ---: | --- | ---: |"
for who in ring sockets arpwatch; do
	echo "| $who | $(median $who) | $(least $who) - $(most $who) | $(ratio "$(median $who)" "$(median arpwatch)") |"
done
