#!/bin/sh
# SPDX-License-Identifier: ISC
#
# One server with two links, and one laptop that has a cable in each, with the same MAC on both: it gets an address
# of either network, and each answer leaves where the question came in. On both hosts.

. "$(dirname "$0")/lib/net.sh"
need busybox ip

cat >"$WORK/note.sh" <<'SCRIPT'
#!/bin/sh
[ "$1" != bound ] || env >"$NOTE"
SCRIPT
chmod +x "$WORK/note.sh"

# cable HOST END: eth-END of the server to eth0 of the laptop's end.
cable() {
	namespace "$1-$2"
	ip link add "eth-$2" netns "$ID-$1" type veth peer name eth0 netns "$ID-$1-$2" || fail "veth of $2"
	in_ns "$1" ip link set "eth-$2" up
	in_ns "$1-$2" ip link set eth0 address 02:00:00:00:00:77 up
}

try() {
	host=$1
	prefix=$2
	namespace "$host"
	cable "$host" a
	cable "$host" b
	if [ "$host" = kernel ]; then
		in_ns "$host" ip addr add 10.20.0.1/16 dev eth-a
		in_ns "$host" ip addr add 10.30.0.1/16 dev eth-b
	fi
	cat >"$WORK/$host.json" <<CONF
{
  "host": "$host", "state": "$WORK/$host.state", "control": "$WORK/$host.sock",
  "interfaces": [ { "name": "a", "device": "${prefix}eth-a", "address": "10.20.0.1/16" },
                  { "name": "b", "device": "${prefix}eth-b", "address": "10.30.0.1/16" } ],
  "dhcpd": { "pool": ["10.20.1.0-10.20.1.9", "10.30.1.0-10.30.1.9"] }
}
CONF
	start "$host" "$host" "$BIN/guyline-dhcpd" -d -c "$WORK/$host.json"
	wait_for 20 "$host: guyline-dhcpd runs" "$BIN/guyline" --at "$WORK/$host.sock" status
	for link in a b; do
		check "$host: a lease on link $link" in_ns "$host-$link" env NOTE="$WORK/$host-$link" \
			busybox udhcpc -f -i eth0 -n -q -t 5 -T 1 -s "$WORK/note.sh"
	done
	check "$host: of the network there" has '^ip=10\.20\.1\.[0-9]$' cat "$WORK/$host-a"
	check "$host: and of the other one" has '^ip=10\.30\.1\.[0-9]$' cat "$WORK/$host-b"
	check "$host: from the address there" has '^serverid=10\.30\.0\.1$' cat "$WORK/$host-b"
	check "$host: the laptop has two leases" answer_is 2 leases
}

leases() {
	"$BIN/guyline" --at "$WORK/$host.sock" leases | grep -c 02:00:00:00:00:77
}

try kernel ""
try stack packet:
done_well
