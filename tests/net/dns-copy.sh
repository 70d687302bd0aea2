#!/bin/sh
# SPDX-License-Identifier: ISC
#
# NSD, Knot and BIND are the primaries, we have the copies: by AXFR and IXFR, after UPDATE there and after a new version of a
# file, over a kill -9; and of zones that they sign, whose answers delv and ldns-verify-zone judge. With kernel sockets and with
# our own stack.
. "$(dirname "$0")/lib/net.sh"
need python3 dig nsupdate nsd knotd named delv ldns-signzone ldns-verify-zone
. tests/net/dns/peers.sh

lan_of_peers

begin_primaries() {
	for peer in $ALL; do
		mkdir -p "$WORK/$peer"
		plain 1 1500 >"$WORK/$peer/zone"
	done
	begin_nsd <<-CONF
		zone:
		  name: "of-nsd.test"
		  zonefile: "zone"
		  notify: 10.77.0.1 copy.key
		  provide-xfr: 10.77.0.1 copy.key
		  provide-xfr: $IP_nsd NOKEY
	CONF
	begin_knot <<-CONF
		zone:
		  - domain: of-knot.test
		    storage: "$WORK/knot"
		    file: zone
		    acl: all
		    notify: box
	CONF
	begin_bind "notify explicit; also-notify { 10.77.0.1; };" <<-CONF
		zone "of-bind.test" {
			type primary;
			file "zone";
			allow-transfer { key copy.key; $IP_bind; };
			allow-update { any; };
			check-names ignore;
		};
	CONF
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

logged() {
	grep -q "$1" "$WORK/box.log"
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

# their_long_change PEER: more names than fit an edit, and more than a message.
their_long_change() {
	eval "ip=\$IP_$1"
	{
		printf 'server %s\nzone of-%s.test\n' "$ip" "$1"
		for n in $(seq 800); do
			printf 'update add long%d.of-%s.test 60 TXT "a text that makes the message longer, number %d"\n' "$n" "$1" "$n"
		done
		printf 'send\n'
	} | in_ns "$1" nsupdate -v
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
		: >"$WORK/box.log"
		their_long_change "$peer" || fail "nsupdate to $peer"
		wait_for 20 "$HOST: long changes of $peer" our_copy "$peer"
		check "$HOST: $peer sent changes only, long ones" logged "of-$peer.test. .* sends what has changed"
	done
	plain 2 1600 >"$WORK/nsd/zone"
	kill -HUP "$NSD"
	wait_for 20 "$HOST: NSD's new file" our_copy nsd
	sleep 2
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
	end_all "$BOX"
}

# ---- zones that they sign ----

FROM=$(date -u -d '1 hour ago' +%Y%m%d%H%M%S)
UNTIL=$(date -u -d '2 days' +%Y%m%d%H%M%S)

# zone_text NAME FILE: one of the data, under another name.
zone_text() {
	sed "s/hard\.example\./$1.example./g" "tests/data/zones/signed/$2.zone"
}

# prepare NAME: the child, signed, and the parent with its DS.
prepare() {
	mkdir -p "$WORK/$1"
	zone_text "$1" child-unsigned >"$WORK/$1/child.plain"
	"$BIN/guyline-zonec" --sign -q -o "$WORK/$1/child" --new-key ed25519 "child.$1.example=$WORK/$1/child.plain" ||
		fail "signing the child of $1"
	{
		zone_text "$1" unsigned | grep -v '^child	IN	DS'
		cat "$WORK/$1"/Kchild*.ds
		echo
	} >"$WORK/$1/plain"
}

# by_ldns NAME OPTION...: signed with a key of its own, served by NSD.
by_ldns() {
	name=$1
	shift
	prepare "$name"
	"$BIN/guyline-zonec" --sign -q -o "$WORK/$name/zone" --new-key ed25519 "$name.example=$WORK/$name/plain" || fail "key of $name"
	KEYFILE=$(ls "$WORK/$name/K$name".*.key)
	peer ldns-signzone "$@" -i "$FROM" -e "$UNTIL" -f "$WORK/nsd/$name" "$WORK/$name/plain" "${KEYFILE%.key}" ||
		fail "ldns-signzone of $name"
	NSD_ZONES="$NSD_ZONES
zone:
  name: $name.example
  zonefile: $name
  notify: 10.77.0.1 NOKEY
  provide-xfr: 10.77.0.0/24 NOKEY"
}

SIGNED="l1 l3 lo k1 ko b1 bo"

primary_of() {
	case $1 in l*) echo "$IP_nsd" ;; k*) echo "$IP_knot" ;; b*) echo "$IP_bind" ;; esac
}

begin_signers() {
	mkdir -p "$WORK/nsd" "$WORK/knot" "$WORK/bind"
	NSD_ZONES=
	by_ldns l1
	by_ldns l3 -n -t 0
	by_ldns lo -n -p -s aabb -t 5
	for name in k1 ko; do
		prepare "$name"
		cp "$WORK/$name/plain" "$WORK/knot/$name"
	done
	for name in b1 bo; do
		prepare "$name"
		cp "$WORK/$name/plain" "$WORK/bind/$name"
	done
	begin_nsd <<-CONF
		$NSD_ZONES
	CONF
	begin_knot <<-CONF
		policy:
		  - id: nsec
		    algorithm: ecdsap256sha256
		    single-type-signing: on
		  - id: optout
		    algorithm: ed25519
		    single-type-signing: on
		    nsec3: on
		    nsec3-iterations: 0
		    nsec3-opt-out: on
		template:
		  - id: default
		    storage: "$WORK/knot"
		    acl: all
		    notify: box
		    dnssec-signing: on
		    zonefile-load: difference
		    zonefile-sync: -1
		    journal-content: all
		zone:
		  - domain: k1.example
		    file: k1
		    dnssec-policy: nsec
		  - domain: ko.example
		    file: ko
		    dnssec-policy: optout
	CONF
	begin_bind "notify explicit; also-notify { 10.77.0.1; }; allow-transfer { any; }; check-names primary ignore;" <<-CONF
		dnssec-policy one { keys { csk lifetime unlimited algorithm ecdsap256sha256; }; };
		dnssec-policy out { keys { csk lifetime unlimited algorithm ecdsap256sha256; };
			nsec3param iterations 0 optout yes salt-length 4; };
		zone "b1.example" { type primary; file "b1"; dnssec-policy one; inline-signing yes; allow-update { any; }; };
		zone "bo.example" { type primary; file "bo"; dnssec-policy out; inline-signing yes; allow-update { any; }; };
	CONF
}

signed_conf() {
	comma=
	printf '{"host": "kernel", "state": "%s/state-signed", "control": "%s/box.sock", "log": {"level": "*=info"},' "$WORK" "$WORK"
	printf '"dns": {"rate_limit": {"answers": 0}, "zones": ['
	for name in $SIGNED; do
		printf '%s{"name": "%s.example", "primary": {"address": "%s"}, "transfer": "10.77.0.0/24"}' "$comma" "$name" \
			"$(primary_of "$name")"
		printf ', {"name": "child.%s.example", "file": "%s/%s/child"}' "$name" "$WORK" "$name"
		comma=", "
	done
	printf ']}}\n'
}

# is_signed NAME: its primary has signed it, all of it.
is_signed() {
	in_ns box dig +noall +answer "@$(primary_of "$1")" "$1.example" AXFR >"$WORK/$1/axfr"
	grep -q 'RRSIG[[:space:]]SOA' "$WORK/$1/axfr" || return 1
	case $1 in *1) grep -q '[[:space:]]NSEC[[:space:]]' "$WORK/$1/axfr" ;; *) grep -q 'NSEC3PARAM' "$WORK/$1/axfr" ;; esac
}

# signed_copy NAME: what we have is what the primary has.
signed_copy() {
	all_of box "$(primary_of "$1")" "$1.example" >"$WORK/theirs"
	all_of box 10.77.0.1 "$1.example" >"$WORK/ours"
	[ "$(wc -l <"$WORK/ours")" -ge 100 ] || { head "$WORK/ours"; return 1; }
	diff "$WORK/ours" "$WORK/theirs" | head
	cmp -s "$WORK/ours" "$WORK/theirs"
}

verified() {
	in_ns box dig +noall +answer +onesoa @10.77.0.1 "$1.example" AXFR >"$WORK/$1/copy" &&
		peer ldns-verify-zone "$WORK/$1/copy"
}

# validated NAME: every answer, by the keys of the zone.
validated() {
	in_ns box dig +short +norec "@$(primary_of "$1")" "$1.example" DNSKEY | grep '^257' |
		while read -r flags protocol algorithm base64; do
			echo "trust-anchors { \"$1.example\" static-key $flags $protocol $algorithm \"$base64\"; };"
		done >"$WORK/$1/anchor"
	opt_out=
	case $1 in *o) opt_out=opt-out ;; esac
	# shellcheck disable=SC2086
	in_ns box python3 tests/net/dns/validate.py "$1.example" tests/data/zones/signed/unsigned.zone "$WORK/$1/anchor" 53 few $opt_out
}

signed() {
	HOST=signed
	begin_signers
	for name in $SIGNED; do
		wait_for 30 "$HOST: $name is signed" is_signed "$name"
	done
	signed_conf >"$WORK/box.json"
	: >"$WORK/box.log"
	start_box
	for name in $SIGNED; do
		wait_for 20 "$HOST: we have $name" signed_copy "$name"
		check "$HOST: ldns-verify-zone of our $name" verified "$name"
		check "$HOST: delv validates answers of $name" validated "$name"
		cat "$WORK/check.out"
	done
	for name in k1 ko b1 bo; do
		printf 'server %s\nzone %s.example\nupdate add new.%s.example 60 A 192.0.2.77\nsend\n' "$(primary_of "$name")" \
			"$name" "$name" | in_ns box nsupdate || fail "nsupdate of $name"
		wait_for 20 "$HOST: what has changed in $name" answer_is 192.0.2.77 in_ns box dig +short @10.77.0.1 "new.$name.example" A
		wait_for 20 "$HOST: all of that" signed_copy "$name"
		check "$HOST: by IXFR" logged "$name.example. .* sends what has changed"
		check "$HOST: ldns-verify-zone of the new $name" verified "$name"
		check "$HOST: delv validates the new $name" validated "$name"
	done
	end_all "$BOX" "$NSD" "$KNOT" "$BIND"
}

in_ns box ip addr add 10.77.0.1/24 dev eth0
signed
copies kernel eth0
in_ns box ip addr flush dev eth0
copies stack packet:eth0
done_well
