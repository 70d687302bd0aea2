#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The rules of DHCP (services/dhcpd/docs/rules.md), one by one, over a cable: hand-made frames of clients and relays
# go to guyline-dhcpd, and each frame that comes back is looked at from its Ethernet addresses to its last option.
# Once on the kernel's sockets and once on our own stack, and each with two configurations. tshark, which is not
# ours, finds nothing malformed and no bad checksum in what was sent.

. "$(dirname "$0")/lib/net.sh"
need ip tshark
RULES=${GYL_BUILD:-$PWD/build}/tests/dhcp_rules
[ -x "$RULES" ] || skip "dhcp_rules is not built"

# try HOST KIND: a server in a namespace of its own, at the other end of a cable from us.
try() {
	host=$1
	kind=$2
	name=$host-$kind
	namespace "$name-s"
	namespace "$name-c"
	ip link add eth0 netns "$ID-$name-s" type veth peer name eth0 netns "$ID-$name-c" || fail "veth of $name"
	in_ns "$name-s" ip link set eth0 up
	in_ns "$name-c" ip link set eth0 up
	device=packet:eth0
	if [ "$host" = kernel ]; then
		device=eth0
		in_ns "$name-s" ip addr add 10.20.0.1/16 dev eth0
		in_ns "$name-s" ip route add default via 10.20.255.254
	fi
	"$RULES" conf "$kind" "$host" "$device" "$WORK/$name.state" "$WORK/$name.sock" >"$WORK/$name.json"
	start "$name" "$name-s" "$BIN/guyline-dhcpd" -d -c "$WORK/$name.json"
	wait_for 15 "$name: guyline-dhcpd runs" "$BIN/guyline" --at "$WORK/$name.sock" status
	check "$name: the rules hold" in_ns "$name-c" "$RULES" run "$kind" eth0 "$WORK/$name.pcap"
	tail -n 1 "$WORK/check.out"
	kill "$STARTED"
	# The quiet one says next to nothing.
	[ "$kind" = quiet ] || check "$name: tshark finds nothing wrong" well_made "$WORK/$name.pcap"
}

well_made() {
	tshark -n -r "$1" -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE \
		-Y '_ws.malformed or ip.checksum.status == "Bad" or udp.checksum.status == "Bad" or _ws.expert.severity >= 0x800000' \
		-T fields -e frame.number -e _ws.expert.message >"$WORK/tshark.out" 2>"$WORK/tshark.err" || {
		cat "$WORK/tshark.err"
		return 1
	}
	[ "$(tshark -n -r "$1" -Y dhcp 2>/dev/null | wc -l)" -gt 4 ] || { echo "no DHCP there"; return 1; }
	[ ! -s "$WORK/tshark.out" ] || { head "$WORK/tshark.out"; return 1; }
}

for host in kernel stack; do
	for kind in usual quiet; do
		try "$host" "$kind"
	done
done
done_well
