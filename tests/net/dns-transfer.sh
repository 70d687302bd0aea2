#!/bin/sh
# SPDX-License-Identifier: ISC
#
# NSD, Knot and BIND keep copies of our zones: by AXFR at first, then told by NOTIFY and brought up to date by IXFR, after
# UPDATE and after a new version of a zone's file, with TSIG and without. What each of them has is what we have, record for
# record. Once with kernel sockets, once with our own stack.
. "$(dirname "$0")/lib/net.sh"
need python3 dig kdig nsupdate nsd knotd named

SECRET=$(head -c 32 /dev/urandom | base64)
KEY=hmac-sha256:copy.key:$SECRET
ADMIN=hmac-sha256:admin:$SECRET
ALL="nsd knot bind"

lan
namespace box
join box
number=11
for name in $ALL; do
	namespace "$name"
	join "$name"
	in_ns "$name" ip addr add "10.77.0.$number/24" dev eth0
	eval "IP_$name=10.77.0.$number"
	number=$((number + 1))
done

# plain SERIAL COUNT: a zone that its file alone changes; long records, a wildcard, a cut with glue, types of all kinds.
plain() {
	cat <<-ZONE
		\$TTL 300
		@ SOA ns Root.Mail $1 3600 600 86400 60
		@ NS ns
		@ NS nsd.elsewhere.test.
		@ MX 10 Mail
		ns A 10.77.0.1
		Mail AAAA 2001:db8::25
		*.wild TXT "a wildcard" "of two strings"
		sub NS ns.sub
		ns.sub A 10.77.0.99
		odd TYPE65280 \\# 4 01020304
		caa CAA 0 issue "ca.example"
		_sip._tcp SRV 1 2 5060 Mail
		here LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
		alias CNAME Mail
		below DNAME other.test.
	ZONE
	for n in $(seq "$2"); do
		echo "host$n A 192.0.2.$((n % 250 + 1))"
	done
}
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
		        "notify": ["$IP_nsd", "$IP_knot", "$IP_bind"] },
		      { "name": "moving.test", "file": "moving.zone", "transfer": ["copy.key"], "update": { "key": "admin" },
		        "notify": ["$IP_nsd", "$IP_knot", "$IP_bind"] },
		      { "name": "closed.test", "file": "moving.zone" }
		    ],
		    "keys": [ { "name": "copy.key", "secret": "$SECRET" }, { "name": "admin", "secret": "$SECRET" } ]
		  }
		}
	CONF
}

begin_nsd() {
	mkdir -p "$WORK/nsd"
	cat >"$WORK/nsd/nsd.conf" <<-CONF
		server:
		  ip-address: $IP_nsd
		  username: ""
		  zonesdir: "$WORK/nsd"
		  pidfile: "$WORK/nsd/pid"
		  xfrdfile: "$WORK/nsd/xfrd"
		  zonelistfile: "$WORK/nsd/list"
		  xfrdir: "$WORK/nsd"
		  database: ""
		  verbosity: 2
		remote-control:
		  control-enable: no
		key:
		  name: "copy.key"
		  algorithm: hmac-sha256
		  secret: "$SECRET"
		zone:
		  name: "plain.test"
		  zonefile: "plain"
		  allow-notify: 10.77.0.1 NOKEY
		  request-xfr: 10.77.0.1 NOKEY
		  provide-xfr: 10.77.0.0/24 NOKEY
		zone:
		  name: "moving.test"
		  zonefile: "moving"
		  allow-notify: 10.77.0.1 NOKEY
		  request-xfr: 10.77.0.1 copy.key
		  provide-xfr: 10.77.0.0/24 NOKEY
	CONF
	LD_LIBRARY_PATH=$PEERS/usr/lib/$(uname -m)-linux-gnu start nsd nsd nsd -d -c "$WORK/nsd/nsd.conf"
}

begin_knot() {
	mkdir -p "$WORK/knot"
	cat >"$WORK/knot/knot.conf" <<-CONF
		server:
		  listen: $IP_knot@53
		  rundir: "$WORK/knot"
		database:
		  storage: "$WORK/knot"
		log:
		  - target: stderr
		    any: info
		key:
		  - id: copy.key
		    algorithm: hmac-sha256
		    secret: $SECRET
		remote:
		  - id: plain
		    address: 10.77.0.1
		  - id: signed
		    address: 10.77.0.1
		    key: copy.key
		acl:
		  - id: all
		    address: 10.77.0.0/24
		    action: [transfer, notify]
		template:
		  - id: default
		    storage: "$WORK/knot"
		    acl: all
		zone:
		  - domain: plain.test
		    master: plain
		  - domain: moving.test
		    master: signed
	CONF
	LD_LIBRARY_PATH=$PEERS/usr/lib/$(uname -m)-linux-gnu start knot knot knotd -c "$WORK/knot/knot.conf"
}

begin_bind() {
	mkdir -p "$WORK/bind"
	cat >"$WORK/bind/named.conf" <<-CONF
		options {
			directory "$WORK/bind";
			pid-file "$WORK/bind/pid";
			session-keyfile "$WORK/bind/session";
			listen-on { $IP_bind; };
			listen-on-v6 { none; };
			recursion no;
			dnssec-validation no;
			allow-transfer { any; };
			notify no;
		};
		controls { };
		key copy.key { algorithm hmac-sha256; secret "$SECRET"; };
		zone "plain.test" { type secondary; primaries { 10.77.0.1; }; file "plain"; };
		zone "moving.test" { type secondary; primaries { 10.77.0.1 key copy.key; }; file "moving"; };
	CONF
	LD_LIBRARY_PATH=$PEERS/usr/lib/$(uname -m)-linux-gnu start bind bind named -g -c "$WORK/bind/named.conf"
}

# all_of NAMESPACE ADDRESS ZONE [KEY]: its records, sorted, the SOA once; names in lower case, as they compare.
all_of() {
	in_ns "$1" dig +noall +answer +onesoa ${4:+-y "$4"} @"$2" "$3" AXFR | tr 'A-Z\t' 'a-z ' | tr -s ' ' | sort
}

# serial_of NAMESPACE ADDRESS ZONE
serial_of() {
	in_ns "$1" dig +short +norec @"$2" "$3" SOA | cut -d ' ' -f 3
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
	begin_nsd
	NSD=$STARTED
	begin_knot
	KNOT=$STARTED
	begin_bind
	BIND=$STARTED
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
	plain 2 4100 >"$WORK/next"
	mv "$WORK/next" "$WORK/plain.zone"
	same_everywhere "after a new file" plain.test
	check "$HOST: who is up to date gets the SOA by UDP" has 'SOA.* 2 3600' in_ns bind dig +notcp +noall +answer @10.77.0.1 \
		plain.test IXFR=2
	check "$HOST: UDP has changes that fit" has 'new1.moving.test' in_ns bind dig +notcp +noall +answer -y "$KEY" @10.77.0.1 \
		moving.test IXFR=1
	for pid in $BOX $NSD $KNOT $BIND; do
		kill "$pid"
	done
	for name in box $ALL; do
		wait_for 20 "$HOST: $name has ended" nobody_in "$name"
	done
	rm -rf "$WORK/nsd" "$WORK/knot" "$WORK/bind"
}

# ---- they are the primaries, we have the copies ----

begin_primaries() {
	mkdir -p "$WORK/nsd" "$WORK/knot" "$WORK/bind"
	for peer in $ALL; do
		plain 1 1500 >"$WORK/$peer/zone"
	done
	cat >"$WORK/nsd/nsd.conf" <<-CONF
		server:
		  ip-address: $IP_nsd
		  username: ""
		  zonesdir: "$WORK/nsd"
		  pidfile: "$WORK/nsd/pid"
		  xfrdfile: "$WORK/nsd/xfrd"
		  zonelistfile: "$WORK/nsd/list"
		  xfrdir: "$WORK/nsd"
		  database: ""
		remote-control:
		  control-enable: no
		key:
		  name: "copy.key"
		  algorithm: hmac-sha256
		  secret: "$SECRET"
		zone:
		  name: "of-nsd.test"
		  zonefile: "zone"
		  notify: 10.77.0.1 NOKEY
		  provide-xfr: 10.77.0.1 copy.key
		  provide-xfr: $IP_nsd NOKEY
	CONF
	LD_LIBRARY_PATH=$PEERS/usr/lib/$(uname -m)-linux-gnu start nsd nsd nsd -d -c "$WORK/nsd/nsd.conf"
	NSD=$STARTED
	cat >"$WORK/knot/knot.conf" <<-CONF
		server:
		  listen: $IP_knot@53
		  rundir: "$WORK/knot"
		database:
		  storage: "$WORK/knot"
		log:
		  - target: stderr
		    any: info
		remote:
		  - id: box
		    address: 10.77.0.1
		acl:
		  - id: all
		    address: 10.77.0.0/24
		    action: [transfer, update]
		zone:
		  - domain: of-knot.test
		    storage: "$WORK/knot"
		    file: zone
		    acl: all
		    notify: box
	CONF
	LD_LIBRARY_PATH=$PEERS/usr/lib/$(uname -m)-linux-gnu start knot knot knotd -c "$WORK/knot/knot.conf"
	KNOT=$STARTED
	cat >"$WORK/bind/named.conf" <<-CONF
		options {
			directory "$WORK/bind";
			pid-file "$WORK/bind/pid";
			session-keyfile "$WORK/bind/session";
			listen-on { $IP_bind; };
			listen-on-v6 { none; };
			recursion no;
			dnssec-validation no;
			notify explicit;
			also-notify { 10.77.0.1; };
		};
		controls { };
		key copy.key { algorithm hmac-sha256; secret "$SECRET"; };
		zone "of-bind.test" {
			type primary;
			file "zone";
			allow-transfer { key copy.key; $IP_bind; };
			allow-update { any; };
			check-names ignore;
		};
	CONF
	LD_LIBRARY_PATH=$PEERS/usr/lib/$(uname -m)-linux-gnu start bind bind named -g -c "$WORK/bind/named.conf"
	BIND=$STARTED
}

copies_conf() {
	cat >"$WORK/box.json" <<-CONF
		{
		  "host": "$1", "device": "$2", "address": "10.77.0.1/24", "probe": false, "state": "$WORK/state-copies-$1",
		  "control": "$WORK/box.sock", "log": { "level": "*=info" },
		  "dns": {
		    "zones": [
		      { "name": "of-nsd.test", "primary": { "address": "$IP_nsd", "key": "copy.key" }, "transfer": ["10.77.0.0/24"] },
		      { "name": "of-knot.test", "primary": { "address": "$IP_knot" }, "transfer": ["10.77.0.0/24"] },
		      { "name": "of-bind.test", "primary": { "address": "$IP_bind", "key": "copy.key" }, "transfer": ["10.77.0.0/24"] }
		    ],
		    "keys": [ { "name": "copy.key", "secret": "$SECRET" } ]
		  }
		}
	CONF
}

# our_copy PEER: what we have of its zone is what it has.
our_copy() {
	eval "ip=\$IP_$1"
	all_of "$1" "$ip" "of-$1.test" >"$WORK/theirs"
	all_of "$1" 10.77.0.1 "of-$1.test" >"$WORK/ours"
	[ "$(wc -l <"$WORK/ours")" -ge 1500 ] || { head "$WORK/ours"; return 1; }
	diff "$WORK/ours" "$WORK/theirs" | head
	cmp -s "$WORK/ours" "$WORK/theirs"
}

# their_change PEER COMMAND...: by UPDATE there.
their_change() {
	eval "ip=\$IP_$1"
	zone=of-$1.test ns=$1
	shift
	{
		printf 'server %s\nzone %s\n' "$ip" "$zone"
		printf '%s\n' "$@"
		printf 'send\n'
	} | in_ns "$ns" nsupdate
}

start_box() {
	start box box "$BIN/guyline-dns" -d -c "$WORK/box.json"
	BOX=$STARTED
}

# copies HOST DEVICE
copies() {
	HOST=$1
	copies_conf "$1" "$2"
	begin_primaries
	for peer in $ALL; do
		eval "ip=\$IP_$peer"
		wait_for 10 "$HOST: $peer answers" has 'status: NOERROR' in_ns "$peer" dig "@$ip" "of-$peer.test" SOA
	done
	: >"$WORK/box.log"
	start_box
	for peer in $ALL; do
		wait_for 20 "$HOST: we have what $peer has" our_copy "$peer"
	done
	for peer in knot bind; do
		their_change "$peer" "update add new.of-$peer.test 60 A 192.0.2.77" "update delete host7.of-$peer.test A" ||
			fail "nsupdate to $peer"
		wait_for 20 "$HOST: NOTIFY and IXFR of $peer" our_copy "$peer"
		check "$HOST: $peer sent changes only" logged "of-$peer.test. .* sends what has changed"
	done
	plain 2 1600 >"$WORK/nsd/zone"
	kill -HUP "$NSD"
	wait_for 20 "$HOST: NSD's new file" our_copy nsd
	sleep 1
	for pid in $NSD $KNOT $BIND; do
		kill "$pid"
	done
	for name in $ALL; do
		wait_for 20 "$HOST: $name has ended" nobody_in "$name"
	done
	kill -9 "$BOX"
	wait_for 5 "$HOST: we were killed" nobody_in box
	start_box
	wait_for 10 "$HOST: copies survive that" answer_is 192.0.2.77 in_ns bind dig +short @10.77.0.1 new.of-bind.test A
	check "$HOST: all of them" answer_is 192.0.2.77 in_ns bind dig +short @10.77.0.1 new.of-knot.test A
	check "$HOST: with all names" answer_is 192.0.2.101 in_ns bind dig +short @10.77.0.1 host1600.of-nsd.test A
	check "$HOST: what was taken away is not there" has 'status: NXDOMAIN' in_ns bind dig @10.77.0.1 host7.of-knot.test A
	kill "$BOX"
	wait_for 20 "$HOST: box has ended" nobody_in box
	rm -rf "$WORK/nsd" "$WORK/knot" "$WORK/bind"
}

in_ns box ip addr add 10.77.0.1/24 dev eth0
all kernel eth0
copies kernel eth0
in_ns box ip addr flush dev eth0
plain 1 4000 >"$WORK/plain.zone"
all stack packet:eth0
copies stack packet:eth0
done_well
