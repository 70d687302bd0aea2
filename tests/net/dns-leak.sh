#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Nobody upstream hears of a local name: tshark at the upstream servers' link writes down all that they are asked, while
# thousands of questions about local, private and leased names are asked (dns/leak.py), aliases elsewhere lead to them,
# answers are asked for anew before their end and go stale, zones come and go, and a broken zone stays broken. Source
# ports and ids of the questions are spread, and each has a spelling of its own (RFC 5452, 0x20).
. "$(dirname "$0")/lib/net.sh"
. "$(dirname "$0")/lib/dns.sh"
need python3 dig tshark
dns_lan 53 54
LOCAL="lab.example guests.lan other.example dev.home.example 77.10.in-addr.arpa"

cat >"$WORK/lab.zone" <<'ZONE'
$TTL 300
@       SOA     ns hostmaster 1 3600 900 604800 60
        NS      ns
ns      A       10.77.0.1
pub     A       198.51.100.77
*.wild  A       10.77.0.80
out     CNAME   www.partner.example.
sub     NS      ns.sub
ns.sub  A       10.77.0.3
old     DNAME   new
ZONE
sed '/sub\|old/d' "$WORK/lab.zone" >"$WORK/other.zone"
printf '%s\n' '10.77.0.9 nas.home.example' '*.dev.home.example 10.77.0.8' >"$WORK/hosts"
echo 'ads.example' >"$WORK/ads.txt"

# box_json ZONES: the rest as it was.
box_json() {
	cat >"$WORK/box.json.new" <<-CONF
		{
		  "host": "$HOST", "device": "$DEVICE", "address": "10.77.0.1/24", "state": "$WORK/state",
		  "control": "$WORK/box.sock", "log": { "level": "*=info" },
		  "dhcpd": { "pool": "10.77.0.100-10.77.0.200", "lease_time": "10m", "domain": "guests.lan", "probe": false },
		  "dns": {
		    "rate_limit": { "answers": 0 }, "lease_domain": "guests.lan", "hosts": "hosts", "block": { "file": "ads.txt" },
		    "zones": [
		      { "name": "lab.example", "file": "lab.zone", "holes": [
		        { "name": "hole.lab.example", "do": "forward", "to": "10.77.0.54" }, { "name": "no.lab.example", "do": "refuse" } ] }
		      $1
		    ],
		    "forward": { "to": "10.77.0.53", "domains": [ { "name": "corp.example", "to": "10.77.0.54" } ] }
		  }
		}
	CONF
	mv "$WORK/box.json.new" "$WORK/box.json"
}
OTHER=', { "name": "other.example", "file": "other.zone" }'
conf() {
	HOST=$1 DEVICE=$2
	box_json "$OTHER"
}

# heard PATTERN: upstream was asked about such a name.
heard() {
	grep -Eiq "	$1\.?\$" "$WORK/heard.tsv"
}
# never_heard PATTERN: it was not, up to now: tshark writes down what it has seen with a delay.
never_heard() {
	MARKS=$((MARKS + 1))
	short "mark$MARKS.example" >/dev/null
	wait_for 5 "mark $MARKS" heard "mark$MARKS.example"
	! heard "$1"
}
MARKS=0
# heard_more NAME NUMBER: it was, more often than that.
heard_more() {
	[ "$(grep -ic "$1" "$WORK/heard.tsv")" -gt "$2" ]
}
serial_is() {
	[ "$(short "$1" SOA | cut -d' ' -f3)" = "$2" ]
}

chains() {
	check "$1: an alias elsewhere of a name of ours" answer_is "pub.lab.example.
198.51.100.77" short to--pub--lab--example.chain.example
	check "$1: of one that is not there" has 'status: NXDOMAIN' status to--nope--lab--example.chain.example
	check "$1: of one with an address inside" answer_is "ns.lab.example." short to--ns--lab--example.chain.example
	check "$1: of a leased one" answer_is "h1.guests.lan." short to--h1--guests--lan.chain.example
	check "$1: of a special one" has 'status: NXDOMAIN' status to--x--internal.chain.example
	check "$1: of a blocked one" has 'EDE: 15 \(Blocked\)' ask to--ads--example.chain.example
	check "$1: of another server's" answer_is "www.corp.example.
203.0.113.5" short to--www--corp--example.chain.example
	check "$1: of one in a hole" answer_is "x.hole.lab.example.
203.0.113.5" short to--x--hole--lab--example.chain.example
	for type in A AAAA MX TXT SOA NS DS HTTPS; do
		for name in to--ns--lab--example.chain.example to--y--guests--lan.chain.example; do
			ask "$name" "$type" >/dev/null
		done
	done
}

# Around a zone: its name is ours, with all types; those beside and above it are not.
around() {
	for type in DS NS SOA DNSKEY A; do
		for name in lab.example labx.example xlab.example sub.lab.example x.sub.lab.example a.old.lab.example; do
			ask "$name" "$type" >/dev/null
		done
	done
	ask example SOA >/dev/null
	wait_for 5 "$1: a name beside it is asked" heard xlab.example
	wait_for 5 "$1: and the one above" heard example
	check "$1: a hole is asked about" has token short _x.hole.lab.example TXT
	wait_for 5 "$1: it is heard of" heard _x.hole.lab.example
}

# What is asked anew in the last tenth of its time, or has gone stale, is the name that was asked.
anew() {
	name=to--pub--lab--example--ttl10.chain.example
	short "$name" >/dev/null
	short "$name" >/dev/null
	before=$(grep -ic "$name" "$WORK/heard.tsv")
	sleep 9.2
	short "$name" >/dev/null
	wait_for 5 "$1: an alias is asked for anew" heard_more "$name" "$before"
	short to--pub--lab--example--ttl1.chain.example >/dev/null
	kill -STOP "$UPSTREAM"
	sleep 1.1
	check "$1: a stale alias of a name of ours" answer_is "pub.lab.example.
198.51.100.77" short to--pub--lab--example--ttl1.chain.example
	kill -CONT "$UPSTREAM"
}

# A zone that goes is others' business, and ours again when it comes back.
zones_move() {
	cp "$WORK/lab.zone" "$WORK/lab.good"
	echo 'broken A x' >>"$WORK/lab.zone"
	wait_for 15 "$1: a zone breaks" grep -q 'lab.zone:1[0-9]:' "$WORK/box.log"
	short "after-break.lab.example" >/dev/null
	cp "$WORK/lab.good" "$WORK/lab.zone"
	check "$1: its names stay here" never_heard '.*after-break\.lab\.example'
	box_json ""
	wait_for 15 "$1: a zone goes" answer_is 198.51.100.1 short kept.other.example
	wait_for 5 "$1: its names are heard of then" heard kept.other.example
	(while sleep 0.02; do short a.other.example; done >/dev/null 2>&1) &
	asking=$!
	box_json "$OTHER"
	wait_for 15 "$1: it comes back" serial_is other.example 1
	check "$1: what was asked before has been seen" never_heard nothing
	grep -iv 'other\.example' "$WORK/heard.tsv" >"$WORK/judged.tsv"
	lines=$(wc -l <"$WORK/heard.tsv")
	check "$1: what was kept is not told" has 'status: NXDOMAIN' status kept.other.example
	sleep 2
	kill "$asking"
	check "$1: all has been seen" never_heard nothing
	sed "1,${lines}d" "$WORK/heard.tsv" >>"$WORK/judged.tsv"
}

run_all() {
	: >"$WORK/asked.log"
	: >"$WORK/heard.tsv"
	start upstream inet python3 tests/net/dns/scripted.py "$WORK/asked.log" 10.77.0.53=198.51.100.1 10.77.0.54=203.0.113.5
	UPSTREAM=$STARTED
	ip netns exec "$ID-inet" tshark -l -n -i eth0 -f 'udp dst port 53 and src host 10.77.0.1' -T fields \
		-e udp.srcport -e dns.id -e dns.qry.name >>"$WORK/heard.tsv" 2>"$WORK/tshark.log" &
	TSHARK=$!
	PIDS="$PIDS $TSHARK"
	wait_for 15 "$1: tshark listens" grep -q 'Capturing' "$WORK/tshark.log"
	box_starts guyline run
	wait_for 15 "$1: an answer from upstream" answer_is 198.51.100.1 short ready.example
	wait_for 15 "$1: which tshark has seen" heard ready.example
	check "$1: leases" in_ns guest python3 tests/net/dns/lease.py 10.77.0.1 guests.lan 5
	# shellcheck disable=SC2086
	check "$1: 8,000 questions" answer_is 8000 in_ns guest python3 tests/net/dns/leak.py ask 10.77.0.1 8000 $LOCAL
	chains "$1"
	around "$1"
	anew "$1"
	zones_move "$1"
	# shellcheck disable=SC2086
	check "$1: nothing local was heard of, ports, ids and spellings are spread" has '^[0-9]{4} questions, all well$' \
		python3 tests/net/dns/leak.py judge "$WORK/judged.tsv" $LOCAL
	kill "$BOX" "$UPSTREAM" "$TSHARK"
	wait "$BOX" 2>/dev/null
}

on_both_hosts
