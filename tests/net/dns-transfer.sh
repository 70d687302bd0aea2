#!/bin/sh
# SPDX-License-Identifier: ISC
#
# NSD, Knot and BIND keep copies of our zones: by AXFR at first, then told by NOTIFY and brought up to date by IXFR, after
# UPDATE, after a new version of a zone's file and after new leases, with TSIG and without. What each of them has is what we
# have, record for record. Once with kernel sockets, once with our own stack.
. "$(dirname "$0")/lib/net.sh"
need python3 dig kdig nsupdate nsd knotd named
. tests/net/dns/peers.sh

ADMIN=hmac-sha256:admin:$SECRET

lan_of_peers
namespace client
join client
plain 1 4000 >"$WORK/plain.zone"
printf '$TTL 300\n@ SOA ns root 1 3600 600 86400 60\n@ NS ns\nns A 10.77.0.1\n' >"$WORK/moving.zone"

conf() {
	cat >"$WORK/box.json" <<-CONF
		{
		  "host": "$1", "device": "$2", "address": "10.77.0.1/24", "probe": false, "state": "$WORK/state-$1",
		  "control": "$WORK/box.sock", "log": { "level": "*=info" }, "metrics": "127.0.0.1:9547",
		  "dns": {
		    "zones": [
		      { "name": "plain.test", "file": "plain.zone", "transfer": ["10.77.0.0/24"],
		        "notify": [{ "address": "$IP_nsd" }, { "address": "$IP_knot" }, { "address": "$IP_bind" }] },
		      { "name": "moving.test", "file": "moving.zone", "transfer": ["copy.key"], "update": { "key": "admin" },
		        "notify": [{ "address": "$IP_nsd", "key": "copy.key" }, { "address": "$IP_knot", "key": "copy.key" },
		                   { "address": "$IP_bind", "key": "copy.key" }] },
		      { "name": "closed.test", "file": "moving.zone" }
		    ],
		    "keys": [ { "name": "copy.key", "secret": "$SECRET" }, { "name": "admin", "secret": "$SECRET" } ]
		  }
		}
	CONF
}

begin_secondaries() {
	begin_nsd <<-CONF
		zone:
		  name: "plain.test"
		  zonefile: "plain"
		  allow-notify: 10.77.0.1 NOKEY
		  request-xfr: 10.77.0.1 NOKEY
		  provide-xfr: 10.77.0.0/24 NOKEY
		zone:
		  name: "moving.test"
		  zonefile: "moving"
		  allow-notify: 10.77.0.1 copy.key
		  request-xfr: 10.77.0.1 copy.key
		  provide-xfr: 10.77.0.0/24 NOKEY
	CONF
	begin_knot <<-CONF
		template:
		  - id: default
		    storage: "$WORK/knot"
		    acl: all
		zone:
		  - domain: plain.test
		    master: box
		  - domain: moving.test
		    master: signed
		    acl: [keyed, all]
	CONF
	begin_bind "allow-transfer { any; }; notify no;" <<-CONF
		zone "plain.test" { type secondary; primaries { 10.77.0.1; }; file "plain"; };
		zone "moving.test" { type secondary; primaries { 10.77.0.1 key copy.key; }; file "moving";
			allow-notify { key copy.key; }; };
	CONF
}

# copy_is_ours PEER ZONE: not all of it is asked for before the serial is, for each transfer is told in the log, which
# leaves out what comes too often.
copy_is_ours() {
	eval "ip=\$IP_$1"
	[ "$(serial_of "$1" 10.77.0.1 "$2")" = "$(serial_of "$1" "$ip" "$2")" ] || return 1
	all_of "$1" 10.77.0.1 "$2" "$KEY" >"$WORK/ours"
	all_of "$1" "$ip" "$2" >"$WORK/theirs"
	[ "$(wc -l <"$WORK/ours")" -ge 3 ] || { cat "$WORK/ours"; return 1; }
	diff "$WORK/ours" "$WORK/theirs" | head
	cmp -s "$WORK/ours" "$WORK/theirs"
}

same_everywhere() {
	stage=$1 zone=$2
	for peer in $ALL; do
		wait_for 20 "$HOST: $stage: $peer has what we have of $zone" copy_is_ours "$peer" "$zone"
	done
}

change() {
	{
		printf 'server 10.77.0.1\nzone moving.test\n'
		printf '%s\n' "$@"
		printf 'send\n'
	} | in_ns bind nsupdate -y "$ADMIN"
}

# counted NUMBER FAMILY: it has come to that, at least.
counted() {
	in_ns box python3 - "$1" "$2" <<-'PY'
		import sys, urllib.request
		text = urllib.request.urlopen("http://127.0.0.1:9547/metrics").read().decode()
		have = [line for line in text.splitlines() if line.startswith(sys.argv[2] + " ")]
		print(have)
		sys.exit(not have or float(have[0].split()[1]) < float(sys.argv[1]))
	PY
}

logged() {
	grep -q "$1" "$WORK/box.log"
}

# all HOST DEVICE
all() {
	HOST=$1
	conf "$1" "$2"
	: >"$WORK/box.log"
	start box box "$BIN/guyline-dns" -d -c "$WORK/box.json"
	BOX=$STARTED
	wait_for 10 "$HOST: answers" has 'status: NOERROR' in_ns bind dig @10.77.0.1 plain.test SOA
	check "$HOST: nobody without a key" has 'Transfer failed|REFUSED' in_ns bind dig @10.77.0.1 moving.test AXFR
	check "$HOST: nobody when nobody may" has 'Transfer failed|REFUSED' in_ns bind dig -y "$KEY" @10.77.0.1 closed.test AXFR
	check "$HOST: all is told once, in several messages" has 'XFR size: 4016 records \(messages [2-9]' \
		in_ns bind dig @10.77.0.1 plain.test AXFR
	check "$HOST: kdig takes the signed one" has 'Received .*messages' in_ns bind kdig -y "$KEY" @10.77.0.1 moving.test AXFR
	begin_secondaries
	same_everywhere "at first" plain.test
	same_everywhere "at first, signed" moving.test
	for n in 1 2 3; do
		change "update add new$n.moving.test 60 A 192.0.2.$n" "update add new$n.moving.test 60 TXT Some" || fail nsupdate
	done
	same_everywhere "after UPDATE" moving.test
	change "update delete new2.moving.test" "update add *.deep.moving.test 5 AAAA 2001:db8::1" || fail nsupdate
	same_everywhere "after UPDATE takes away" moving.test
	check "$HOST: that was what has changed, twice for each" counted 6 'guyline_dns_transfers_total{got="changes"}'
	check "$HOST: all have answered NOTIFY" counted 6 'guyline_dns_notifies_total{state="answered"}'
	check "$HOST: signed as it was" logged 'moving.test. .* answers NOTIFY with NOERROR'
	plain 2 4100 >"$WORK/next"
	mv "$WORK/next" "$WORK/plain.zone"
	same_everywhere "after a new file" plain.test
	check "$HOST: who is up to date gets the SOA by UDP" has 'SOA.* 2 3600' in_ns bind dig +notcp +noall +answer @10.77.0.1 \
		plain.test IXFR=2
	check "$HOST: UDP has changes that fit" has 'new1.moving.test' in_ns bind dig +notcp +noall +answer -y "$KEY" @10.77.0.1 \
		moving.test IXFR=1
	end_all "$BOX" "$NSD" "$KNOT" "$BIND"
}

# ---- leases: of a zone with a file, and of one that has nothing else ----

leases_conf() {
	to="[{ \"address\": \"$IP_nsd\" }, { \"address\": \"$IP_knot\" }, { \"address\": \"$IP_bind\" }]"
	cat >"$WORK/box.json" <<-CONF
		{ "host": "kernel", "device": "eth0", "address": "10.77.0.1/24", "state": "$WORK/state-leases-$1",
		  "control": "$WORK/box.sock",
		  "dhcpd": { "pool": "10.77.0.100-10.77.0.200", "lease_time": "10m", "domain": "$1", "probe": false },
		  "dns": { "zones": [ { "name": "$1", $2 "transfer": "10.77.0.0/24", "notify": $to } ],
		           "rate_limit": { "exempt": "10.77.0.0/24" } } }
	CONF
}

# spread: each secondary has each new name soon.
spread() {
	in_ns client python3 tests/net/dns/lease.py 10.77.0.1 "$1" spread 8 "$IP_nsd" "$IP_knot" "$IP_bind" >"$WORK/took" || return 1
	# shellcheck disable=SC2046
	set -- "$1" $(cat "$WORK/took")
	echo "$1: from the ACK to the secondary's answer, at most: NSD $2 ms, Knot $3 ms, BIND $4 ms"
	[ "$2" -lt 2500 ] && [ "$3" -lt 2500 ] && [ "$4" -lt 2500 ]
}

# leases ZONE MEMBERS
leases() {
	HOST=leases
	leases_conf "$1" "$2"
	start box box "$BIN/guyline" run -d -c "$WORK/box.json"
	BOX=$STARTED
	wait_for 10 "$HOST: $1 is there before the first lease" has 'status: NOERROR' in_ns bind dig @10.77.0.1 "$1" SOA
	begin_nsd <<-CONF
		zone:
		  name: "$1"
		  zonefile: "zone"
		  allow-notify: 10.77.0.1 NOKEY
		  request-xfr: 10.77.0.1 NOKEY
		  provide-xfr: 10.77.0.0/24 NOKEY
	CONF
	begin_knot <<-CONF
		zone:
		  - domain: $1
		    storage: "$WORK/knot"
		    master: box
		    acl: all
	CONF
	begin_bind "allow-transfer { any; }; notify no;" <<-CONF
		zone "$1" { type secondary; primaries { 10.77.0.1; }; file "zone"; };
	CONF
	for peer in $ALL; do
		eval "ip=\$IP_$peer"
		wait_for 20 "$HOST: $peer has $1" has 'status: NOERROR' in_ns "$peer" dig "@$ip" "$1" SOA
	done
	check "$HOST: secondaries of $1 see them soon" spread "$1"
	cat "$WORK/check.out"
	end_all "$BOX" "$NSD" "$KNOT" "$BIND"
}

in_ns box ip addr add 10.77.0.1/24 dev eth0
in_ns client ip addr add 10.77.0.2/24 dev eth0
all kernel eth0
leases lan.test "\"file\": \"moving.zone\","
leases far.test ""
in_ns box ip addr flush dev eth0
plain 1 4000 >"$WORK/plain.zone"
all stack packet:eth0
done_well
