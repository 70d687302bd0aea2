#!/bin/sh
# SPDX-License-Identifier: ISC
#
# A zone of names that are hard to deny (tests/data/zones/signed), signed in six ways: by ldns-signzone, by
# dnssec-signzone and by guyline-zonec, with NSEC, NSEC3 and opt-out. What guyline-zonec writes must satisfy the
# verifiers of both others, and delv must validate every answer of the server: some forty in each zone,
# with GYL_MORE_NAMES hundreds.
. "$(dirname "$0")/lib/net.sh"
need python3 delv ldns-signzone ldns-verify-zone dnssec-signzone dnssec-verify
namespace ns

# delv is a process a name.
few=few
[ -z "${GYL_MORE_NAMES:-}" ] || few=
FROM=$(date -u -d '1 hour ago' +%Y%m%d%H%M%S)
UNTIL=$(date -u -d '2 days' +%Y%m%d%H%M%S)
ZONES=

# zone_text NAME FILE: one of the data, under another name.
zone_text() {
	sed "s/hard\.example\./$1.example./g" "tests/data/zones/signed/$2.zone"
}

# prepare NAME ALGORITHM: the child, signed; the parent with its DS, and a key in $KEY.
prepare() {
	zone=$1.example
	mkdir "$WORK/$1"
	zone_text "$1" child-unsigned >"$WORK/$1/child.plain"
	"$BIN/guyline-zonec" --sign -q -o "$WORK/$1/child" --new-key ed25519 "child.$zone=$WORK/$1/child.plain" ||
		fail "signing the child of $zone"
	{
		zone_text "$1" unsigned | grep -v '^child	IN	DS'
		cat "$WORK/$1"/Kchild*.ds
		echo
	} >"$WORK/$1/plain"
	# the key comes with a first signed zone
	"$BIN/guyline-zonec" --sign -q -o "$WORK/$1/zone" --new-key "$2" "$zone=$WORK/$1/plain" || fail "key of $zone"
	KEY=$(ls "$WORK/$1/K$zone".*.key)
	KEY=${KEY%.key}
	ZONES="$ZONES $1"
}

by_ldns() {
	name=$1
	shift
	prepare "$name" ed25519
	peer ldns-signzone "$@" -i "$FROM" -e "$UNTIL" -f "$WORK/$name/zone" "$WORK/$name/plain" "$KEY" ||
		fail "ldns-signzone of $name"
}

by_bind() {
	name=$1
	shift
	prepare "$name" ecdsap256sha256
	cat "$WORK/$name/plain" "$KEY.key" >"$WORK/$name/with-key"
	peer dnssec-signzone "$@" -z -P -d "$WORK/$name" -s "$FROM" -e "$UNTIL" -o "$name.example" -f "$WORK/$name/zone" \
		"$WORK/$name/with-key" "$KEY" >"$WORK/$name/log" 2>&1 || { cat "$WORK/$name/log"; fail "dnssec-signzone of $name"; }
}

by_us() {
	name=$1 algorithm=$2
	shift 2
	prepare "$name" "$algorithm"
	"$BIN/guyline-zonec" --sign -q -o "$WORK/$name/zone" --key "$KEY" --from "$FROM" --until "$UNTIL" "$@" \
		"$name.example=$WORK/$name/plain" || fail "guyline-zonec --sign of $name"
	"$BIN/guyline-zonec" --sign -q -o "$WORK/$name/again" --key "$KEY" --from "$FROM" --until "$UNTIL" "$@" \
		"$name.example=$WORK/$name/plain" || fail "guyline-zonec --sign of $name, again"
	check "$name: signed twice is the same" cmp "$WORK/$name/zone" "$WORK/$name/again"
	check "$name: ldns-verify-zone" peer ldns-verify-zone "$WORK/$name/zone"
	check "$name: dnssec-verify" peer dnssec-verify -q -z -o "$name.example" "$WORK/$name/zone"
}

by_ldns l1
by_ldns l3 -n -t 0
by_bind b3 -A -3 aabb
by_us g1 ecdsap256sha256
by_us g3 ed25519 --nsec3 --salt 0123
by_us go ecdsap256sha256 --opt-out

{
	comma=
	printf '{"host": "kernel", "state": "%s/state", "control": "%s/sock", "dns": {"port": 5300, "zones": [' "$WORK" "$WORK"
	for name in $ZONES; do
		printf '%s{"name": "%s.example", "file": "%s/zone"}' "$comma" "$name" "$WORK/$name"
		printf ', {"name": "child.%s.example", "file": "%s/child"}' "$name" "$WORK/$name"
		comma=", "
	done
	printf ']}}\n'
} >"$WORK/dns.json"
start dns ns "$BIN/guyline-dns" -d -c "$WORK/dns.json"
wait_for 10 "the server answers" has 'fully validated|NOERROR' in_ns ns dig +time=1 +tries=1 -p 5300 @127.0.0.1 g1.example SOA

for name in $ZONES; do
	# "ZONE IN DNSKEY 257 3 15 BASE64...", whoever wrote it
	sed -nE 's/;.*//; s/^([^[:space:]]+)[[:space:]].*DNSKEY[[:space:]]+([0-9]+) ([0-9]+) ([0-9]+) ([^;]*)$/\1 \2 \3 \4 \5/p' \
		"$WORK/$name/K$name".*.key |
		while read -r owner flags protocol algorithm base64; do
			echo "trust-anchors { \"$owner\" static-key $flags $protocol $algorithm \"$base64\"; };"
		done >"$WORK/$name/anchor"
	opt_out=
	case $name in b3 | go) opt_out=opt-out ;; esac
	# shellcheck disable=SC2086
	check "$name: every answer validates" in_ns ns python3 tests/net/dns/validate.py "$name.example" \
		tests/data/zones/signed/unsigned.zone "$WORK/$name/anchor" 5300 $opt_out $few
	cat "$WORK/check.out"
done
done_well
