#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Two networks behind relays that other people wrote: dhcrelay (ISC), which adds option 82, and dhcp-helper. Real
# clients behind each get an address of the network where they are, renew it past the relay, and give it back. On
# both hosts. tshark finds nothing malformed in what we send, and option 82 last.

. "$(dirname "$0")/lib/net.sh"
need ip tshark dhcrelay dhcp-helper
. tests/net/lib/clients.sh

# The box is on the bridge; each relay has a leg there and one in a network of its own with two laptops.
lan
for name in box isc helper; do
	namespace "$name"
	join "$name"
done
in_ns isc ip addr add 10.70.0.2/24 dev eth0
in_ns helper ip addr add 10.70.0.3/24 dev eth0

# network RELAY NUMBER: 10.NUMBER.0.0/24 behind it, on a bridge with a laptop for each client.
network() {
	in_ns "$1" ip link add br1 type bridge
	in_ns "$1" ip link set br1 type bridge stp_state 0 forward_delay 0 2>/dev/null
	in_ns "$1" ip addr add "10.$2.0.1/24" dev br1
	in_ns "$1" ip link set br1 up
	in_ns "$1" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
	for client in udhcpc dhclient dhcpcd networkd; do
		namespace "$1-$client"
		ip link add "w$$-$client" netns "$ID-$1" type veth peer name eth0 netns "$ID-$1-$client" || fail "veth"
		in_ns "$1" ip link set "w$$-$client" master br1 up
		in_ns "$1-$client" ip link set eth0 up
	done
}
network isc 71
network helper 72

# The relays' networks are reached through the relays, as by routers; our stack knows one gateway.
box_routes() {
	in_ns box ip route add 10.71.0.0/24 via 10.70.0.2
	in_ns box ip route add 10.72.0.0/24 via 10.70.0.3
	in_ns isc ip route add 10.72.0.0/24 via 10.70.0.3
}

conf() {
	cat <<CONF
{ "host": "$1", $2, "state": "$WORK/state.$1", "control": "$WORK/$1.sock", "log": { "level": "*=debug", "to": "stderr" },
  "dhcpd": { "lease_time": "1h", "subnets": [
    { "subnet": "10.71.0.0/24", "pool": "10.71.0.100-10.71.0.110", "options": { "routers": "10.71.0.1" } },
    { "subnet": "10.72.0.0/24", "pool": "10.72.0.100-10.72.0.110", "options": { "routers": "10.72.0.1" } } ] } }
CONF
}

answers() {
	"$BIN/guyline" --at "$WORK/$HOST.sock" status >/dev/null
}

in_network() {
	address_of "$1" | grep -Eq "^10\\.$2\\.0\\.1[01][0-9]\$"
}

lease_cnt_is() {
	test "$("$BIN/guyline" --at "$WORK/$HOST.sock" leases | grep -cE '^10\.7[12]\.0\.')" -eq "$1"
}

behind_relays() {
	for relay in isc helper; do
		number=$([ $relay = isc ] && echo 71 || echo 72)
		for client in udhcpc dhclient dhcpcd networkd; do
			check "$HOST: $client behind $relay" "client_$client" "$relay-$client"
			wait_for 5 "$HOST: its address is of that network" in_network "$relay-$client" "$number"
		done
	done
	check "$HOST: eight leases" lease_cnt_is 8
	check "$HOST: udhcpc behind isc gets the same again" client_udhcpc isc-udhcpc -r "$(address_of isc-udhcpc)"
	check "$HOST: still eight" lease_cnt_is 8
}

# --- kernel host -------------------------------------------------------------------------------------

HOST=kernel
in_ns box ip addr add 10.70.0.1/24 dev eth0
box_routes
conf kernel '"device": "eth0", "address": "10.70.0.1/24"' >"$WORK/kernel.json"
start capture box dumpcap -q -P -i eth0 -w "$WORK/kernel.pcap" -f "udp port 67"
start box box "$BIN/guyline-dhcpd" -d -c "$WORK/kernel.json"
BOX=$STARTED
wait_for 15 "the box runs on the kernel's sockets" answers
start dhcrelay isc dhcrelay -d -4 -a -m append -id br1 -iu eth0 10.70.0.1
start helper helper dhcp-helper -n -s 10.70.0.1 -i br1
sleep 0.5
behind_relays
kill "$BOX"
in_ns box ip addr flush dev eth0

# --- our stack ---------------------------------------------------------------------------------------

for relay in isc helper; do
	for client in udhcpc dhclient dhcpcd networkd; do
		ip netns pids "$ID-$relay-$client" | xargs -r kill -9 2>/dev/null
		in_ns "$relay-$client" ip addr flush dev eth0
	done
done
HOST=stack
conf stack "\"device\": \"pcap:$WORK/stack.pcap,packet:eth0\", \"address\": \"10.70.0.1/24\", \"gateway\": \"10.70.0.2\"" \
	>"$WORK/stack.json"
start box box "$BIN/guyline-dhcpd" -d -c "$WORK/stack.json"
wait_for 15 "the box runs on our stack" answers
behind_relays

# --- what we sent ------------------------------------------------------------------------------------

# replies HOST FILTER: numbers of our frames to relays that it is true of.
replies() {
	tshark -r "$WORK/$1.pcap" -T fields -e frame.number \
		-Y "ip.src == 10.70.0.1 && dhcp.option.agent_information_option.value && ($2)" 2>/dev/null
}

# Codes of the options in their order, END as 0; one line a reply.
option_82_last() {
	tshark -r "$WORK/$1.pcap" -T fields -e dhcp.option.type \
		-Y 'ip.src == 10.70.0.1 && dhcp.option.agent_information_option.value' 2>/dev/null | grep -v ',82,0$'
	[ $? -eq 1 ]
}

sleep 1
for host in kernel stack; do
	check "$host: replies with option 82 are there" has . replies $host frame
	check "$host: nothing malformed, nothing suspicious" answer_is "" replies $host \
		'_ws.malformed || _ws.expert.severity >= 6291456'
	check "$host: option 82 is the last one" option_82_last $host
done
done_well
