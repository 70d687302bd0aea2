#!/bin/sh
# SPDX-License-Identifier: ISC
#
# UPDATE with TSIG: nsupdate and knsupdate, over UDP and TCP, with every algorithm and the key files of others' tools; what a
# key may do; what survives kill -9 under a stream of updates; what a new version of the zone's file does. Once with kernel
# sockets, once with our own stack on a tap.
. "$(dirname "$0")/lib/net.sh"
need python3 dig kdig nsupdate knsupdate ip
[ -c /dev/net/tun ] || skip "no /dev/net/tun"

SECRET=$(head -c 33 /dev/urandom | base64)
ZONE_SERIAL=10

zone() {
	# shellcheck disable=SC2016
	printf '$TTL 300\n@ SOA ns root %s 3600 600 86400 300\n@ NS ns\nns A 192.0.2.1\nfixed A 192.0.2.2\n*.w A 192.0.2.3\n' "$1"
}
zone "$ZONE_SERIAL" >"$WORK/zone"

# Key files as BIND's and Knot's tools write them, or those tools themselves.
if command -v tsig-keygen >/dev/null; then
	peer tsig-keygen -a hmac-sha384 from.bind >"$WORK/bind.key"
else
	printf 'key "from.bind" {\n\talgorithm hmac-sha384;\n\tsecret "%s";\n};\n' "$SECRET" >"$WORK/bind.key"
fi
if command -v keymgr >/dev/null; then
	peer keymgr -t from.knot hmac-sha224 >"$WORK/knot.key"
else
	printf '# hmac-sha224:from.knot:%s\nkey:\n  - id: from.knot\n    algorithm: hmac-sha224\n    secret: %s\n' "$SECRET" "$SECRET" \
		>"$WORK/knot.key"
fi
chmod 600 "$WORK/bind.key" "$WORK/knot.key"
bind_secret() {
	sed -n 's/.*secret "\(.*\)";/\1/p' "$WORK/bind.key"
}
knot_secret() {
	sed -n 's/^ *secret: *//p' "$WORK/knot.key"
}

conf() {
	cat <<JSON
{ "host": "$1", "state": "$WORK/$1", "control": "$WORK/$1.sock",
  "dns": {
    "zones": [ { "name": "z.example", "file": "$WORK/zone", "update": [
      { "key": "admin" }, { "key": "one" }, { "key": "from.bind" }, { "key": "from.knot" }, { "key": "sha512" },
      { "key": "printer.z.example", "names": ["self", "under dyn.z.example"], "types": ["A", "TXT"] } ] } ],
    "keys": [
      { "name": "admin", "secret": "$SECRET" },
      { "name": "one", "algorithm": "hmac-sha1", "secret": "$SECRET" },
      { "name": "sha512", "algorithm": "hmac-sha512", "secret": "$SECRET" },
      { "name": "from.bind", "algorithm": "hmac-sha384", "secret_file": "$WORK/bind.key" },
      { "name": "from.knot", "algorithm": "hmac-sha224", "secret_file": "$WORK/knot.key" },
      { "name": "printer.z.example", "secret": "$SECRET" } ] } }
JSON
}

# update NAMESPACE PROGRAM KEY COMMAND...: each command is a line; -v for TCP may follow the program.
update() {
	ns=$1 program=$2 key=$3
	shift 3
	{
		printf 'server 10.77.0.1\nzone z.example\n'
		printf '%s\n' "$@"
		printf 'send\nanswer\n'
	} >"$WORK/script"
	# shellcheck disable=SC2086
	in_ns "$ns" $program -y "$key" "$WORK/script"
}

# refused RCODE NAMESPACE PROGRAM KEY COMMAND...: it is not done, and that is said.
refused() {
	rcode=$1
	shift
	update "$@" >"$WORK/refused.out" 2>&1
	grep -q "$rcode" "$WORK/refused.out" || { cat "$WORK/refused.out"; return 1; }
}

ask() {
	in_ns "$1" dig +short @10.77.0.1 "$2" "$3"
}

serial() {
	ask "$1" z.example SOA | cut -d' ' -f3
}

# serial_above NAMESPACE SERIAL
serial_above() {
	[ "$(serial "$1")" -gt "$2" ]
}

ADMIN=hmac-sha256:admin:$SECRET
PRINTER=hmac-sha256:printer.z.example:$SECRET

# clients HOST NAMESPACE: what others' tools say, and what becomes of it.
clients() {
	h=$1 ns=$2
	wait_for 10 "$h: answers" answer_is 192.0.2.2 ask "$ns" fixed.z.example A
	for program in "nsupdate" "nsupdate -v" "knsupdate" "knsupdate -v"; do
		check "$h: $program" update "$ns" "$program" "$ADMIN" "update add a.z.example 60 A 192.0.2.9"
		check "$h: $program: it is there" answer_is 192.0.2.9 ask "$ns" a.z.example A
		check "$h: $program takes away" update "$ns" "$program" "$ADMIN" "update delete a.z.example A"
		check "$h: $program: it is gone" answer_is "" ask "$ns" a.z.example A
	done
	check "$h: hmac-sha1" update "$ns" nsupdate "hmac-sha1:one:$SECRET" "update add x1.z.example 60 A 192.0.2.9"
	check "$h: hmac-sha512" update "$ns" knsupdate "hmac-sha512:sha512:$SECRET" "update add x5.z.example 60 A 192.0.2.9"
	check "$h: a key of tsig-keygen" update "$ns" nsupdate "hmac-sha384:from.bind:$(bind_secret)" \
		"update add x3.z.example 60 A 192.0.2.9"
	check "$h: a key of keymgr" update "$ns" knsupdate "hmac-sha224:from.knot:$(knot_secret)" \
		"update add x2.z.example 60 A 192.0.2.9"
	check "$h: a signed query has a signed answer" has 'TSIG.*NOERROR' in_ns "$ns" dig -y "$ADMIN" @10.77.0.1 fixed.z.example
	check "$h: kdig, too" has 'hmac-sha512.*NOERROR' in_ns "$ns" kdig -y "hmac-sha512:sha512:$SECRET" @10.77.0.1 fixed.z.example
	check "$h: nobody's key" refused NOTAUTH "$ns" nsupdate "hmac-sha256:nobody:$SECRET" "update add y.z.example 60 A 192.0.2.9"
	check "$h: another secret" refused NOTAUTH "$ns" nsupdate "hmac-sha256:admin:$(head -c 32 /dev/urandom | base64)" \
		"update add y.z.example 60 A 192.0.2.9"
	check "$h: BADKEY is told" has 'BADKEY' in_ns "$ns" dig -y "hmac-sha256:nobody:$SECRET" @10.77.0.1 fixed.z.example
	check "$h: a name of its own" update "$ns" nsupdate "$PRINTER" "update add printer.z.example 60 A 192.0.2.20"
	check "$h: no name of others" refused REFUSED "$ns" nsupdate "$PRINTER" "update add www.z.example 60 A 192.0.2.20"
	check "$h: no other type" refused REFUSED "$ns" nsupdate "$PRINTER" "update add printer.z.example 60 MX 1 ns"
	check "$h: a prerequisite that fails" refused YXDOMAIN "$ns" nsupdate "$ADMIN" "prereq nxdomain fixed.z.example" \
		"update add y.z.example 60 A 192.0.2.9"
	check "$h: no such zone" refused NOTAUTH "$ns" nsupdate "$ADMIN" "zone elsewhere.example" \
		"update add y.elsewhere.example 60 A 192.0.2.9"
	check "$h: it was not done" answer_is "" ask "$ns" y.z.example A
	check "$h: a wildcard comes" update "$ns" nsupdate "$ADMIN" "update add *.n.z.example 60 A 192.0.2.30"
	check "$h: and covers" answer_is 192.0.2.30 ask "$ns" any.n.z.example A
	check "$h: the serial has moved" serial_above "$ns" "$ZONE_SERIAL"
	check "$h: secrets are not told" sh -c "! grep -qF '$SECRET' '$WORK/$h.log'"
	check "$h: nor by -nv" sh -c "! '$BIN/guyline-dns' -nv -c '$WORK/$h.json' | grep -qF '$SECRET'"
}

# all_there NAMESPACE FILE: each name of the file has its record.
all_there() {
	awk '{ print $1 ".z.example A" }' "$2" >"$WORK/names"
	in_ns "$1" dig +short +tcp +keepopen @10.77.0.1 -f "$WORK/names" >"$WORK/found"
	[ "$(grep -c '^192\.0\.2\.1$' "$WORK/found")" -eq "$(wc -l <"$2")" ] && [ -s "$2" ]
}

# killed HOST NAMESPACE COMMAND...: kill -9 again and again, under streams of updates by UDP and TCP.
killed() {
	h=$1 ns=$2
	shift 2
	before=$(serial "$ns")
	for how in udp tcp; do
		start "stream-$how" "$ns" sh -c "exec python3 tests/net/dns/update.py 10.77.0.1 z.example admin '$SECRET' $how- $how >>'$WORK/told.$how'"
		eval "STREAM_$how=$STARTED"
	done
	for turn in 1 2 3 4; do
		sleep "0.$((turn * 2))"
		kill -9 "$SERVER"
		wait "$SERVER" 2>/dev/null
		start "$h" "$ns" "$@"
		SERVER=$STARTED
		wait_for 10 "$h: answers again" answer_is 192.0.2.2 ask "$ns" fixed.z.example A
	done
	sleep 0.3
	# shellcheck disable=SC2154
	kill "$STREAM_udp" "$STREAM_tcp"
	sleep 0.1
	check "$h: no acknowledged update by UDP is lost ($(wc -l <"$WORK/told.udp"))" all_there "$ns" "$WORK/told.udp"
	check "$h: nor by TCP ($(wc -l <"$WORK/told.tcp"))" all_there "$ns" "$WORK/told.tcp"
	check "$h: the serial has gone on" serial_above "$ns" "$before"
	check "$h: what was there before is there" answer_is 192.0.2.20 ask "$ns" printer.z.example A
	rm "$WORK/told.udp" "$WORK/told.tcp"
}

# file HOST NAMESPACE: the zone's file gets a new version: first with a serial that is not later, then with one that is.
file() {
	h=$1 ns=$2
	serial=$(serial "$ns")
	{ zone "$ZONE_SERIAL"; echo "edited A 192.0.2.40"; } >"$WORK/new"
	mv "$WORK/new" "$WORK/zone"
	wait_for 10 "$h: a new file is taken" answer_is 192.0.2.40 ask "$ns" edited.z.example A
	check "$h: what was changed stays" answer_is 192.0.2.20 ask "$ns" printer.z.example A
	check "$h: the serial has moved" serial_above "$ns" "$serial"
	{ zone $((serial + 1000)); echo "edited A 192.0.2.41"; } >"$WORK/new"
	mv "$WORK/new" "$WORK/zone"
	wait_for 10 "$h: a later file counts" answer_is 192.0.2.41 ask "$ns" edited.z.example A
	check "$h: what was changed is dropped" answer_is "" ask "$ns" printer.z.example A
	check "$h: the serial is the file's" answer_is $((serial + 1000)) serial "$ns"
	check "$h: which is told" grep -q 'later serial' "$WORK/$h.log"
	zone "$ZONE_SERIAL" >"$WORK/new"
	mv "$WORK/new" "$WORK/zone"
}

# ---- kernel sockets -----------------------------------------------------------------------------------------

lan
namespace server
join server
in_ns server ip addr add 10.77.0.1/24 dev eth0
conf kernel >"$WORK/kernel.json"
chmod 600 "$WORK/kernel.json"
start kernel server "$BIN/guyline-dns" -d -c "$WORK/kernel.json" --device=eth0 --address=10.77.0.1/24
SERVER=$STARTED
clients kernel server
killed kernel server "$BIN/guyline-dns" -d -c "$WORK/kernel.json" --device=eth0 --address=10.77.0.1/24
file kernel server

# ---- our stack: the server is on a tap, who asks on its other side -------------------------------------------

namespace tap
conf stack >"$WORK/stack.json"
start stack tap "$BIN/guyline-dns" -d -c "$WORK/stack.json" --device=tap:gyldns0,peer=10.77.0.2/24 --address=10.77.0.1/24
SERVER=$STARTED
clients stack tap
killed stack tap "$BIN/guyline-dns" -d -c "$WORK/stack.json" --device=tap:gyldns0,peer=10.77.0.2/24 --address=10.77.0.1/24
file stack tap
done_well
