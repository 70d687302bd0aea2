#!/bin/sh
# SPDX-License-Identifier: ISC
#
# One laptop tries to empty a pool of 256 addresses: by 600 DISCOVERs under invented names, by declining whatever it
# gets, by one MAC with ever new client identifiers; on the link, behind a relay, and on the link behind a bridge that
# puts its own Ethernet address on the frames of the laptop and of the guests. Each time five guests who come
# after it are served, all at once, and an event tells who tried.

. "$(dirname "$0")/lib/net.sh"
need ip
ABUSE=${GYL_BUILD:-$PWD/build}/tests/dhcp_abuse
[ -x "$ABUSE" ] || skip "dhcp_abuse is not built"

namespace box
namespace lap
ip link add eth0 netns "$ID-box" type veth peer name eth0 netns "$ID-lap" || fail "veth"
in_ns box ip link set eth0 up
in_ns lap ip link set eth0 up
in_ns box ip addr add 10.20.0.1/16 dev eth0
in_ns box ip route add default via 10.20.255.254

cat >"$WORK/box.json" <<CONF
{ "host": "kernel", "device": "eth0", "address": "10.20.0.1/16", "state": "$WORK/state", "control": "$WORK/box.sock",
  "log": { "level": "*=info", "to": "stderr" },
  "dhcpd": { "lease_time": "1h", "subnets": [
    { "subnet": "10.20.0.0/16", "pool": "10.20.1.0-10.20.1.255" },
    { "subnet": "10.21.0.0/16", "pool": "10.21.1.0-10.21.1.255" } ] } }
CONF

# A server that knows nothing for each attack.
fresh() {
	[ -z "${BOX:-}" ] || { kill "$BOX"; wait "$BOX" 2>/dev/null; }
	rm -rf "$WORK/state"
	start box box "$BIN/guyline-dhcpd" -d -c "$WORK/box.json"
	BOX=$STARTED
	wait_for 15 "guyline-dhcpd runs" "$BIN/guyline" --at "$WORK/box.sock" status
}

# of_pool WHERE: the line of "guyline pools" about the pool that was attacked.
of_pool() {
	net=10.20.0.0/16
	[ "$1" != relay ] || net=10.21.0.0/16
	"$BIN/guyline" --at "$WORK/box.sock" pools | grep "^$net "
}

for where in link relay bridge; do
	for attack in flood sources names decline invent ids; do
		fresh
		check "$attack, $where: five guests are served" in_ns lap "$ABUSE" eth0 "$attack" "$where"
		cat "$WORK/check.out"
		of_pool "$where"
	done
done
check "who offered too often is told" has 'dhcpd\.limit.*02:aa:5e:00:00:00.*offers' cat "$WORK/box.log"
check "who declined is told" has 'dhcpd\.limit.*02:bb:5e:00:00:00.*declined' cat "$WORK/box.log"
check "who took leases is told" has 'dhcpd\.limit.*02:aa:5e:00:00:00.*leases' cat "$WORK/box.log"
done_well
