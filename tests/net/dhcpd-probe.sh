#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Three stations sit on static addresses inside the pool, the first ones that it would give. None of these is ever
# offered, not even to a laptop that asks for one, and the OFFER of a checked address is as quick as ever. On the
# kernel's sockets, and on our own stack with arpd beside it, which watches the same frames.

. "$(dirname "$0")/lib/net.sh"
need busybox ip tshark

cat >"$WORK/note.sh" <<'SCRIPT'
#!/bin/sh
[ "$1" != bound ] || env >"$NOTE"
SCRIPT
chmod +x "$WORK/note.sh"

# try HOST: a LAN with a box, three squatters and a laptop.
try() {
	host=$1
	namespace "$host-lan"
	in_ns "$host-lan" ip link add br0 type bridge
	in_ns "$host-lan" ip link set br0 type bridge stp_state 0 forward_delay 0 2>/dev/null
	in_ns "$host-lan" ip link set br0 up
	for name in box lap sq1 sq2 sq3; do
		namespace "$host-$name"
		ip link add "p$$-$name" netns "$ID-$host-lan" type veth peer name eth0 netns "$ID-$host-$name" || fail "veth"
		in_ns "$host-lan" ip link set "p$$-$name" master br0 up
		in_ns "$host-$name" ip link set eth0 up
	done
	for n in 1 2 3; do
		in_ns "$host-sq$n" ip addr add "10.77.0.1$((n - 1))/24" dev eth0
		in_ns "$host-sq$n" ip link set eth0 address "02:99:00:00:00:0$n"
	done
	device=packet:eth0
	[ "$host" = stack ] || { device=eth0; in_ns "$host-box" ip addr add 10.77.0.1/24 dev eth0; }
	start "$host-shark" "$host-lap" tshark -l -n -i eth0 -f arp -T fields -e arp.src.proto_ipv4 -e arp.dst.proto_ipv4
	wait_for 20 "$host: the wire is watched" grep -q 'Capture started' "$WORK/$host-shark.log"
	cat >"$WORK/$host.json" <<CONF
{ "host": "$host", "device": "$device", "address": "10.77.0.1/24", "state": "$WORK/$host.state",
  "control": "$WORK/$host.sock", "log": { "level": "*=info", "to": "stderr" },
  "dhcpd": { "pool": "10.77.0.10-10.77.0.40", "lease_time": "10m" }, "arpd": {} }
CONF
	start "$host" "$host-box" "$BIN/guyline" run -d -c "$WORK/$host.json"
	SERVER=$STARTED
	wait_for 15 "$host: the box runs" "$BIN/guyline" --at "$WORK/$host.sock" status
	wait_for 10 "$host: three addresses are found in use" three_aside
	for n in 1 2 3; do
		check "$host: the station is named" \
			has "dhcpd\\.squat.*10\\.77\\.0\\.1$((n - 1)) .*02:99:00:00:00:0$n" cat "$WORK/$host.log"
	done
	wait_for 10 "$host: then it is silent" silent
	check "$host: the laptop gets an address" lease
	check "$host: one that nobody uses" answer_is 10.77.0.13 leased
	check "$host: it asks for one in use, and gets another" lease -r 10.77.0.11
	check "$host: its own" answer_is 10.77.0.13 leased
	in_ns "$host-lap" ip link set eth0 address 02:77:00:00:00:02
	check "$host: as somebody new it asks for one in use" lease -r 10.77.0.12
	check "$host: and gets another" answer_is 10.77.0.14 leased
	wait_for 10 "$host: arpd saw them, too" has '10\.77\.0\.1[0-2] ' "$BIN/guyline" --at "$WORK/$host.sock" hosts
	kill "$SERVER"
}

three_aside() {
	[ "$(grep -c 'dhcpd\.squat' "$WORK/$host.log")" -eq 3 ]
}

# No probe in two seconds.
silent() {
	before=$(grep -c '^0\.0\.0\.0' "$WORK/$host-shark.log")
	sleep 2
	[ "$before" -gt 30 ] && [ "$(grep -c '^0\.0\.0\.0' "$WORK/$host-shark.log")" -eq "$before" ]
}

lease() {
	rm -f "$WORK/lease"
	in_ns "$host-lap" env NOTE="$WORK/lease" busybox udhcpc -f -i eth0 -n -q -t 5 -T 1 -s "$WORK/note.sh" "$@"
}

leased() {
	sed -n 's/^ip=//p' "$WORK/lease"
}

for host in kernel stack; do
	try "$host"
done
done_well
