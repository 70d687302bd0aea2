#!/bin/sh
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2317
#
# Two VLANs on one cable, our stack at both ends: a daemon has an interface on VLAN 10 and another one on VLAN 20 of
# the same device, `guyline net` asks by either. Each VLAN has its own station and its own service; nothing is said
# in one about the other's address (RFC 1122 3.3.4.2, strong host), and nothing at all without a tag.
. "$(dirname "$0")/lib/net.sh"
need ip

namespace box
namespace lap
ip link add "v$$" netns "$ID-box" type veth peer name eth0 netns "$ID-lap" || fail "veth"
in_ns box ip link set "v$$" name eth0
in_ns box ip link set eth0 up
in_ns lap ip link set eth0 up

cat >"$WORK/c.json" <<CONF
{ "state": "$WORK/state", "control": "$WORK/guyline.sock",
  "interfaces": [
    { "name": "guests", "device": "packet:eth0", "vlan": 10, "address": "10.77.0.1/24", "probe": false },
    { "name": "staff", "device": "packet:eth0", "vlan": 20, "address": "10.78.0.1/24", "probe": false } ],
  "arpd": {} }
CONF
start guyline box "$BIN/guyline" run -d -c "$WORK/c.json"

# ping VLAN OUR_ADDRESS THEIRS, resolve VLAN ADDRESS; VLAN 0: no tag.
ping_by() {
	in_ns lap "$BIN/guyline" net ping -i packet:eth0 --vlan "$1" --address "$2" -c 2 --interval 0.1 -W 0.3 "$3"
}
resolve_by() {
	in_ns lap "$BIN/guyline" net resolve -i packet:eth0 --vlan "$1" -W 0.3 "$2"
}
untagged() {
	in_ns lap "$BIN/guyline" net resolve -i packet:eth0 -W 0.3 "$1"
}
nobody() {
	has ': nobody answers' "$@"
}

wait_for 15 "the first VLAN answers" has '10\.77\.0\.1 is at' resolve_by 10 10.77.0.1
check "and the second one" has '10\.78\.0\.1 is at' resolve_by 20 10.78.0.1
check "ping by the first" has '2 sent, 2 answered' ping_by 10 10.77.0.9/24 10.77.0.1
check "ping by the second" has '2 sent, 2 answered' ping_by 20 10.78.0.9/24 10.78.0.1
check "the first is not in the second" nobody resolve_by 20 10.77.0.1
check "the second is not in the first" nobody resolve_by 10 10.78.0.1
check "nor is one in a third VLAN" nobody resolve_by 30 10.77.0.1
check "nor without a tag" nobody untagged 10.77.0.1
check "no ping by the wrong VLAN" has '2 sent, 0 answered' ping_by 20 10.77.0.9/24 10.77.0.1

# A station of the guests that knows where the box is (by ARP, in its own VLAN) sends to the staff's address.
check "an address of the other VLAN is not answered" has '2 sent, 0 answered' \
	in_ns lap "$BIN/guyline" net ping -i packet:eth0 --vlan 10 --address 10.77.0.9/24 --gateway 10.77.0.1 \
	-c 2 --interval 0.1 -W 0.3 10.78.0.1
done_well
