# SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2034,SC2154
# Sourced by the scenarios about transfers: NSD, Knot and BIND, each in a namespace of its own on a LAN with the box, their
# zones given on the standard input. The LAN is 10.77.0.0/24, the box has 10.77.0.1.

SECRET=$(head -c 32 /dev/urandom | base64)
KEY=hmac-sha256:copy.key:$SECRET
ALL="nsd knot bind"

lan_of_peers() {
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
}

begin_nsd() {
	mkdir -p "$WORK/nsd"
	{
		cat <<-CONF
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
			  rrl-ratelimit: 0
			remote-control:
			  control-enable: no
			key:
			  name: "copy.key"
			  algorithm: hmac-sha256
			  secret: "$SECRET"
		CONF
		cat
	} >"$WORK/nsd/nsd.conf"
	LD_LIBRARY_PATH=$PEERS/usr/lib/$(uname -m)-linux-gnu start nsd nsd nsd -d -c "$WORK/nsd/nsd.conf"
	NSD=$STARTED
}

begin_knot() {
	mkdir -p "$WORK/knot"
	{
		cat <<-CONF
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
			  - id: box
			    address: 10.77.0.1
			  - id: signed
			    address: 10.77.0.1
			    key: copy.key
			acl:
			  - id: all
			    address: 10.77.0.0/24
			    action: [transfer, notify, update]
			  - id: keyed
			    key: copy.key
			    action: [transfer, notify]
		CONF
		cat
	} >"$WORK/knot/knot.conf"
	LD_LIBRARY_PATH=$PEERS/usr/lib/$(uname -m)-linux-gnu start knot knot knotd -c "$WORK/knot/knot.conf"
	KNOT=$STARTED
}

# begin_bind OPTIONS
begin_bind() {
	mkdir -p "$WORK/bind"
	{
		cat <<-CONF
			options {
				directory "$WORK/bind";
				pid-file "$WORK/bind/pid";
				session-keyfile "$WORK/bind/session";
				listen-on { $IP_bind; };
				listen-on-v6 { none; };
				recursion no;
				dnssec-validation no;
				$1
			};
			controls { };
			key copy.key { algorithm hmac-sha256; secret "$SECRET"; };
		CONF
		cat
	} >"$WORK/bind/named.conf"
	LD_LIBRARY_PATH=$PEERS/usr/lib/$(uname -m)-linux-gnu start bind bind named -g -c "$WORK/bind/named.conf"
	BIND=$STARTED
}

# end_all PID...: all of them have ended.
end_all() {
	for pid in "$@"; do
		kill "$pid"
	done
	for name in box $ALL; do
		wait_for 20 "$HOST: $name has ended" nobody_in "$name"
	done
	rm -rf "$WORK/nsd" "$WORK/knot" "$WORK/bind"
}

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
# all_of NAMESPACE ADDRESS ZONE [KEY]: its records, sorted, the SOA once; names in lower case, as they compare.
all_of() {
	in_ns "$1" dig +noall +answer +onesoa ${4:+-y "$4"} @"$2" "$3" AXFR | tr 'A-Z\t' 'a-z ' | tr -s ' ' | sort
}

# serial_of NAMESPACE ADDRESS ZONE
serial_of() {
	in_ns "$1" dig +short +norec @"$2" "$3" SOA | cut -d ' ' -f 3
}
