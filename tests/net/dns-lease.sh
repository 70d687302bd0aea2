#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Names of leases: how long it takes from the ACK to the first right answer, with dhcpd and dns in one process and in two; that
# the serial of their zone moves, and a secondary (NSD) has them about a second later; and that a dns that is killed and comes
# back never says that a leased name is not there.
. "$(dirname "$0")/lib/net.sh"
need python3 dig ip nsd

# shellcheck disable=SC2016
printf '$TTL 300\n@ SOA ns root 1 3600 600 86400 60\n@ NS ns\nns A 10.77.0.1\nfixed A 10.77.0.9\n' >"$WORK/zone"
conf() {
	cat <<JSON
{ "host": "kernel", "device": "eth0", "address": "10.77.0.1/24", "state": "$WORK/$1", "control": "$WORK/$1.sock",
  "dhcpd": { "pool": "10.77.0.100-10.77.0.200", "lease_time": "10m", "domain": "lan.example", "probe": false },
  "dns": { "zones": { "name": "lan.example", "file": "$WORK/zone", "transfer": ["10.77.0.3"], "notify": [{ "address": "10.77.0.3" }] }, "rate_limit": { "exempt": "10.77.0.0/24" } } }
JSON
}

ask() {
	in_ns client dig +short +tries=1 +time=1 @10.77.0.1 "$@"
}

ask_second() {
	in_ns second dig +short +tries=1 +time=1 @10.77.0.3 "$@"
}

begin_nsd() {
	mkdir -p "$WORK/nsd"
	cat >"$WORK/nsd/nsd.conf" <<-CONF
		server:
		  ip-address: 10.77.0.3
		  username: ""
		  zonesdir: "$WORK/nsd"
		  pidfile: "$WORK/nsd/pid"
		  xfrdfile: "$WORK/nsd/xfrd"
		  zonelistfile: "$WORK/nsd/list"
		  xfrdir: "$WORK/nsd"
		  database: ""
		remote-control:
		  control-enable: no
		zone:
		  name: "lan.example"
		  zonefile: "lan"
		  allow-notify: 10.77.0.1 NOKEY
		  request-xfr: 10.77.0.1 NOKEY
	CONF
	LD_LIBRARY_PATH=$PEERS/usr/lib/$(uname -m)-linux-gnu start nsd second nsd -d -c "$WORK/nsd/nsd.conf"
}

serial() {
	ask lan.example SOA | cut -d' ' -f3
}

moved() {
	[ "$(serial)" -gt "$1" ]
}

same_serial() {
	[ "$(ask_second lan.example SOA)" = "$(ask lan.example SOA)" ]
}

# quick WHAT: the median is below a millisecond.
quick() {
	in_ns client python3 tests/net/dns/lease.py 10.77.0.1 lan.example 40 >"$WORK/took" || return 1
	# shellcheck disable=SC2046
	set -- "$1" $(cat "$WORK/took")
	echo "$1: from the ACK to the first right answer: median $2 us, longest $3 us"
	NAME=$4 ADDRESS=$5
	[ "$2" -lt 1000 ]
}

lan
namespace box
join box
in_ns box ip addr add 10.77.0.1/24 dev eth0
namespace client
join client
in_ns client ip addr add 10.77.0.2/24 dev eth0
namespace second
join second
in_ns second ip addr add 10.77.0.3/24 dev eth0

conf one >"$WORK/one.json"
start one box "$BIN/guyline" run -d -c "$WORK/one.json"
ONE=$STARTED
wait_for 10 "answers" answer_is 10.77.0.9 ask fixed.lan.example
check "one process" quick "one process"
cat "$WORK/check.out"
wait_for 5 "the serial has moved" moved 1
kill -9 "$ONE"
wait_for 5 "it is gone" nobody_in box

conf two >"$WORK/two.json"
begin_nsd
daemon() {
	start "$1" box "$BIN/guyline-$1" -d -c "$WORK/two.json" --state="$WORK/state.$1" --control="$WORK/$1.sock"
}
daemon dhcpd
DHCPD=$STARTED
daemon dns
DNS=$STARTED
wait_for 10 "answers" answer_is 10.77.0.9 ask fixed.lan.example
check "two daemons" quick "two daemons"
cat "$WORK/check.out"
wait_for 5 "the serial has moved" moved 1

# the last lease of these came a moment ago
wait_for 3 "a secondary has the lease" answer_is "$ADDRESS" ask_second "$NAME" A
wait_for 3 "with the serial" same_serial

# dns alone is killed, and asked all the while. It comes back before dhcpd can tell it anything.
start watch client python3 tests/net/dns/lease.py 10.77.0.1 lan.example watch "$NAME" "$ADDRESS" 4
WATCH=$STARTED
before=$(serial)
for turn in 1 2 3; do
	sleep "0.$((turn + 3))"
	kill -STOP "$DHCPD"
	kill -9 "$DNS"
	wait "$DNS" 2>/dev/null
	daemon dns
	DNS=$STARTED
	sleep 0.4
	kill -CONT "$DHCPD"
done
wait "$WATCH"
never_wrong() {
	read -r right wrong <"$WORK/watch.log"
	echo "$right right answers, $wrong wrong ones"
	[ "$wrong" -eq 0 ] && [ "$right" -gt 100 ]
}
check "a leased name is never denied" never_wrong
cat "$WORK/check.out"
check "the serial has not gone back" moved "$before"
done_well
