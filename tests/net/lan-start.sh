#!/bin/sh
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2317
#
# A box on a LAN with an address of its kernel and one of our stack beside it: `-i eth0` is enough to serve by the
# real interface. What must not be is refused with what to do: the kernel's own address, one that another station
# has (RFC 5227), a name of an interface that is not there. Then two LANs at once, each service on its own.
. "$(dirname "$0")/lib/net.sh"
need dig ping busybox

lan
for name in box lap1; do
	namespace "$name"
	join "$name"
done
in_ns box ip addr add 10.77.0.9/24 dev eth0
in_ns lap1 ip addr add 10.77.0.5/24 dev eth0

cat >"$WORK/event.zone" <<'ZONE'
$ORIGIN event.example.
$TTL 300
@       SOA     ns hostmaster 1 3600 900 604800 60
        NS      ns
ns      A       10.77.0.1
ZONE
cat >"$WORK/one.json" <<CONF
{ "state": "$WORK/state", "control": "$WORK/guyline.sock",
  "dns": { "zones": { "name": "event.example", "file": "event.zone" } } }
CONF

refused() {
	in_ns box "$BIN/guyline" run -d -c "$WORK/one.json" "$@"
}
check "the kernel's own address is refused" has \
	'^guyline run: 10\.77\.0\.9 is this machine.s own address on eth0: choose a free one, or use --host=kernel$' \
	refused -i eth0 --address=10.77.0.9/24
check "an address that another station has is refused" has \
	"^guyline run: 10\\.77\\.0\\.5 is in use on eth0 by the station $(in_ns lap1 cat /sys/class/net/eth0/address): " \
	refused -i eth0 --address=10.77.0.5/24
check "an interface that is not there is refused" has 'nosuch0' refused -i nosuch0 --address=10.77.0.1/24
check "no address is told" has 'missing: host "stack" needs an address' refused -i eth0

start guyline box "$BIN/guyline" run -d -c "$WORK/one.json" -i eth0 --address=10.77.0.1/24
answers() {
	answer_is 10.77.0.1 in_ns "$1" dig "@$2" +timeout=1 +tries=1 +short ns.event.example A
}
wait_for 15 "the stack answers beside the kernel" answers lap1 10.77.0.1
check "and pings" in_ns lap1 ping -c 2 -i 0.2 -W 2 10.77.0.1
check "the kernel still has its own" in_ns lap1 ping -c 2 -i 0.2 -W 2 10.77.0.9
kill "$STARTED"
wait "$STARTED" 2>/dev/null

# --- two LANs ------------------------------------------------------------------------------------------

namespace lap2
ip link add "w$$" netns "$ID-box" type veth peer name eth0 netns "$ID-lap2" || fail "second LAN"
in_ns box ip link set "w$$" name eth1
in_ns box ip link set eth1 up
in_ns lap2 ip link set eth0 up
in_ns lap1 ip addr flush dev eth0
cat >"$WORK/two.json" <<CONF
{ "state": "$WORK/state", "control": "$WORK/guyline.sock",
  "interfaces": [
    { "name": "guests", "device": "packet:eth0", "address": ["10.77.0.1/24", "10.79.0.1/24"], "probe": false },
    { "name": "staff", "device": "packet:eth1", "address": "10.78.0.1/24", "probe": false } ],
  "dhcpd": { "pool": ["10.77.0.100-10.77.0.150", "10.78.0.100-10.78.0.150", "10.79.0.100-10.79.0.150"], "domain": "event.example" },
  "dns": { "interfaces": "staff", "zones": { "name": "event.example", "file": "event.zone" } } }
CONF
start guyline box "$BIN/guyline" run -d -c "$WORK/two.json"
leased() {
	rm -f "$WORK/$1"
	in_ns "$1" env NOTE="$WORK/$1" busybox udhcpc -f -i eth0 -n -q -t 5 -T 1 \
		-s "$PWD/tests/net/lib/dhcp-script.sh" && grep -q "$2" "$WORK/$1"
}
runs() { "$BIN/guyline" --at "$WORK/guyline.sock" status; }
wait_for 15 "two LANs are served" runs
check "a second address is told" has '10\.79\.0\.1' runs
check "a guest gets an address of the guests" leased lap1 '^10\.77\.0\.1[0-5][0-9]$'
check "one of the staff gets one of the staff" leased lap2 '^10\.78\.0\.1[0-5][0-9]$'
check "dns answers the staff" answers lap2 10.78.0.1
not_for_guests() {
	! answers lap1 10.77.0.1
}
check "dns does not answer guests" not_for_guests
check "both can ping" in_ns lap1 ping -c 1 -W 2 10.77.0.1
check "both can ping" in_ns lap2 ping -c 1 -W 2 10.78.0.1
done_well
