#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What others have signed: the zone of names that are hard to deny, and one that is nothing but its top, by ldns-signzone,
# dnssec-signzone and knotd, with NSEC, NSEC3 with and without salt, iterations and opt-out, with the algorithms 8, 13
# and 15, with one key and with two, and with two algorithms at once. Unbound validates what our server answers, some
# two thousand questions in each zone, and every one must be secure. Some names are aliases, by wildcard, of names that
# our server has to ask another one about.
. "$(dirname "$0")/lib/net.sh"
need python3 unbound knotd keymgr ldns-keygen ldns-signzone ldns-verify-zone dnssec-keygen dnssec-signzone
namespace ns
UNTIL=$(date -u -d '2 days' +%Y%m%d%H%M%S)
FROM=$(date -u -d '1 hour ago' +%Y%m%d%H%M%S)
ZONES=

# prepare NAME KIND: the plain zone, in a directory of its own; KIND: hard, or apex.
prepare() {
	name=$1 zone=$1.example dir=$WORK/$1
	mkdir "$dir"
	ZONES="$ZONES $name"
	if [ "$2" = apex ]; then
		printf '$ORIGIN %s.\n$TTL 3600\n@\tSOA\tns.elsewhere. root 1 7200 900 1209600 300\n@\tNS\tns.elsewhere.\n' "$zone" >"$dir/plain"
		return
	fi
	sed "s/hard\.example\./$zone./g" tests/data/zones/signed/child-unsigned.zone >"$dir/child.plain"
	"$BIN/guyline-zonec" --sign -q -o "$dir/child" --new-key ed25519 "child.$zone=$dir/child.plain" || fail "child of $zone"
	{
		sed "s/hard\.example\./$zone./g" tests/data/zones/signed/unsigned.zone | grep -v '^child	IN	DS'
		cat "$dir"/Kchild*.ds
		printf '\n%s\n' '*.fwd	CNAME	www.elsewhere.' '*.fwdnx	CNAME	no.elsewhere.' '*.fwdnd	CNAME	alone.elsewhere.' \
			'a.*.fwd	TXT	"below"' 'fwdd	DNAME	elsewhere.'
	} >"$dir/plain"
}

# by_ldns NAME KIND ALGORITHM OPTION...
by_ldns() {
	prepare "$1" "$2"
	zsk=$(cd "$dir" && peer ldns-keygen -r /dev/urandom -a "$3" -b 2048 "$zone" 2>"$dir/log") || fail "ldns-keygen for $zone"
	ksk=$(cd "$dir" && peer ldns-keygen -r /dev/urandom -k -a "$3" -b 2048 "$zone" 2>>"$dir/log") || fail "ldns-keygen for $zone"
	shift 3
	(cd "$dir" && peer ldns-signzone "$@" -i "$FROM" -e "$UNTIL" -o "$zone" -f zone plain "$zsk" "$ksk") ||
		fail "ldns-signzone of $zone"
}

# by_bind NAME KIND ALGORITHMS OPTION...
by_bind() {
	prepare "$1" "$2"
	for algorithm in $3; do
		peer dnssec-keygen -q -K "$dir" -a "$algorithm" "$zone" >>"$dir/keys" 2>&1 &&
			peer dnssec-keygen -q -K "$dir" -f KSK -a "$algorithm" "$zone" >>"$dir/keys" 2>&1 || fail "dnssec-keygen for $zone"
	done
	shift 3
	peer dnssec-signzone "$@" -S -K "$dir" -P -d "$dir" -s "$FROM" -e "$UNTIL" -o "$zone" -f "$dir/zone" "$dir/plain" \
		>"$dir/log" 2>&1 || { cat "$dir/log"; fail "dnssec-signzone of $zone"; }
}

KNOT_ZONES=
# by_knot NAME KIND ALGORITHM MORE: knotd signs all of them later; MORE: lines of the policy.
by_knot() {
	prepare "$1" "$2"
	cp "$dir/plain" "$dir/zone"
	printf '  - id: %s\n    algorithm: %s\n%s' "$name" "$3" "$4" >>"$WORK/knot.policy"
	printf '  - domain: %s\n    file: %s/zone\n    dnssec-signing: on\n    dnssec-policy: %s\n    zonefile-sync: 0\n' \
		"$zone" "$dir" "$name" >>"$WORK/knot.zone"
	KNOT_ZONES="$KNOT_ZONES $name"
}

knot_signs() {
	mkdir "$WORK/knot"
	{
		printf 'server:\n  listen: 127.0.0.9@5399\n  rundir: %s/knot\ndatabase:\n  storage: %s/knot\npolicy:\n' "$WORK" "$WORK"
		cat "$WORK/knot.policy"
		echo "zone:"
		cat "$WORK/knot.zone"
	} >"$WORK/knot.conf"
	start knot ns env "LD_LIBRARY_PATH=$PEERS/usr/lib/$(uname -m)-linux-gnu" knotd -c "$WORK/knot.conf"
	for name in $KNOT_ZONES; do
		wait_for 20 "knotd has signed $name" grep -q 'RRSIG.*SOA' "$WORK/$name/zone"
	done
	kill "$STARTED"
}

by_ldns l8 hard RSASHA256
by_ldns l13 hard ECDSAP256SHA256 -n -p -t 0
by_ldns l15 hard ED25519 -n -t 10 -s 0102
by_ldns la apex ED25519
by_bind b8 hard RSASHA256 -3 -
by_bind b13 hard ECDSAP256SHA256
by_bind b15 hard ED25519 -3 abcd -H 5 -A
by_bind bb hard "RSASHA256 ED25519"
by_bind ba apex ECDSAP256SHA256 -3 -
by_knot k8 hard RSASHA256 ""
by_knot k13 hard ECDSAP256SHA256 "    nsec3: on
    nsec3-iterations: 0
    nsec3-salt-length: 0
    nsec3-opt-out: on
"
by_knot k15 hard ED25519 "    single-type-signing: on
    nsec3: on
    nsec3-iterations: 1
    nsec3-salt-length: 8
"
by_knot ka apex ED25519 ""
knot_signs

cat >"$WORK/elsewhere.zone" <<'ZONE'
$TTL 60
@	SOA	ns root 1 60 60 60 60
@	NS	ns
ns	A	192.0.2.90
www	A	192.0.2.91
alone	TXT	"no address"
ZONE
{
	printf '{"host": "kernel", "state": "%s/other", "control": "%s/other.sock", "dns": {"port": 5301, "zones": [' "$WORK" "$WORK"
	for name in $ZONES; do
		printf '{"name": "b.x.secent.%s.example", "file": "%s/elsewhere.zone"},\n' "$name" "$WORK"
	done
	printf '{"name": "elsewhere", "file": "%s/elsewhere.zone"}]}}\n' "$WORK"
} >"$WORK/other.json"
{
	printf '{"host": "kernel", "state": "%s/state", "control": "%s/sock", "dns": {"port": 5300,\n' "$WORK" "$WORK"
	printf '"forward": {"domains": {"name": "elsewhere", "to": "127.0.0.1:5301"}}, "zones": ['
	comma=
	for name in $ZONES; do
		printf '%s{"name": "%s.example", "file": "%s/zone"' "$comma" "$name" "$WORK/$name"
		# holes where the zone delegates without DS
		[ ! -f "$WORK/$name/child" ] || printf ', "holes": [{"name": "cut.%s.example", "do": "nodata"},
			{"name": "b.x.secent.%s.example", "do": "forward", "to": "127.0.0.1:5301"}]},
			{"name": "child.%s.example", "file": "%s/child"' "$name" "$name" "$name" "$WORK/$name"
		printf '}'
		comma=", "
	done
	printf ']}}\n'
} >"$WORK/dns.json"
{
	printf 'server:\n interface: 127.0.0.1@5302\n do-daemonize: no\n username: ""\n chroot: ""\n pidfile: ""\n directory: "%s"\n' "$WORK"
	printf ' access-control: 127.0.0.0/8 allow\n do-not-query-localhost: no\n do-ip6: no\n aggressive-nsec: no\n qname-minimisation: no\n'
	printf ' val-log-level: 2\n module-config: "validator iterator"\n val-clean-additional: no\n use-syslog: no\n logfile: ""\n'
	printf ' local-zone: "example." nodefault\n tcp-idle-timeout: 120000\n'
	for name in $ZONES; do
		# with the SEP flag, one line a key: from its own file, or the zone
		cat "$WORK/$name/K$name".*.key "$WORK/$name/zone" 2>"$WORK/no.log" | sed -nE 's/;.*//; s/^([^[:space:]]+)[[:space:]].*DNSKEY[[:space:]]+257 3 ([0-9]+) (.*)$/\1 \2 \3/p' |
			while read -r _ algorithm base64; do
				case $base64 in *"("*) continue ;; esac
				echo " trust-anchor: \"$name.example. DNSKEY 257 3 $algorithm $(echo "$base64" | tr -d ' ')\""
			done
	done
	printf 'forward-zone:\n name: "."\n forward-addr: 127.0.0.1@5300\n'
} >"$WORK/unbound.conf"
start other ns "$BIN/guyline-dns" -d -c "$WORK/other.json"
start dns ns "$BIN/guyline-dns" -d -c "$WORK/dns.json"
start unbound ns env "LD_LIBRARY_PATH=$PEERS/usr/lib/$(uname -m)-linux-gnu" unbound -d -c "$WORK/unbound.conf"
wait_for 10 "the server answers" has 'status: NOERROR' in_ns ns dig +time=1 +tries=1 -p 5300 @127.0.0.1 l8.example SOA
wait_for 10 "unbound validates" has 'flags:.* ad' in_ns ns dig +dnssec +time=1 +tries=1 -p 5302 @127.0.0.1 l8.example SOA

for name in $ZONES; do
	opt_out=
	case $name in l13 | b15 | k13) opt_out=opt-out ;; esac
	case $name in la | ba | ka | l*) check "$name: ldns-verify-zone" peer ldns-verify-zone "$WORK/$name/zone" ;; esac
	# shellcheck disable=SC2086
	check "$name: every answer validates" in_ns ns python3 tests/net/dns/secure.py "$name.example" "$WORK/$name/plain" \
		127.0.0.1:5302 127.0.0.1:5300 $opt_out
	cat "$WORK/check.out"
	case $name in ?a) continue ;; esac
	check "$name: a hole without data is no forgery" has 'status: NOERROR' \
		in_ns ns dig -p 5302 @127.0.0.1 "x.cut.$name.example" A
	check "$name: a hole that is forwarded is no forgery" has '192\.0\.2\.91' \
		in_ns ns dig -p 5302 @127.0.0.1 "www.b.x.secent.$name.example" A
done
check "aliases of names elsewhere are followed" has '192\.0\.2\.91' in_ns ns dig -p 5302 @127.0.0.1 x.fwd.l8.example A
done_well
