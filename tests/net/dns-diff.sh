#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Four name servers with the same zones, in one namespace, each on an address of its own: ours, NSD, Knot and BIND. They
# are asked the same 26,000 questions (dns/zones.py makes them: wildcards, cuts, DNAMEs, chains and what lies
# between). Where another answers differently, dns/differ.py must know why.
. "$(dirname "$0")/lib/net.sh"
need python3 nsd knotd named dig
namespace ns
# BIND listens on addresses that it finds only.
in_ns ns ip addr add 127.0.0.4/8 dev lo || fail "address"

for n in 1 2 3 4; do
	in_ns ns ip addr add "10.0.0.$n/32" dev lo
done
python3 tests/net/dns/differ.py --make "$WORK" || fail "zones"
cp tests/data/zones/rfc4592.zone tests/net/dns/reverse.zone "$WORK"
ZONES="rfc4592 example. reverse 2.0.192.in-addr.arpa."
for n in 1 2 3 4 5 6 7 8 9 10; do
	ZONES="$ZONES z$n z$n.example."
done

# each_zone COMMAND: COMMAND FILE ORIGIN for each.
each_zone() {
	# shellcheck disable=SC2086
	set -- "$1" $ZONES
	command=$1
	shift
	while [ $# -gt 0 ]; do
		"$command" "$WORK/$1.zone" "$2"
		shift 2
	done
}

ours_zone() {
	printf '%s{"name": "%s", "file": "%s"}' "$comma" "$2" "$1"
	comma=", "
}
nsd_zone() {
	printf 'zone:\n  name: "%s"\n  zonefile: "%s"\n' "$2" "$1"
}
knot_zone() {
	printf '  - domain: "%s"\n    file: "%s"\n' "$2" "$1"
}
bind_zone() {
	printf 'zone "%s" { type primary; file "%s"; check-names ignore; check-integrity no; };\n' "$2" "$1"
}

{
	comma=
	printf '{"host": "kernel", "state": "%s/ours", "control": "%s/ours.sock", "dns": {"port": 5300, "zones": [' "$WORK" "$WORK"
	each_zone ours_zone
	printf ']}}\n'
} >"$WORK/ours.json"
{
	printf 'server:\n  ip-address: 127.0.0.2\n  username: ""\n  chroot: ""\n  zonesdir: "%s"\n  pidfile: ""\n  rrl-ratelimit: 0\n' "$WORK"
	printf '  database: ""\n  xfrdfile: "%s/xfrd"\n  zonelistfile: "%s/zonelist"\nremote-control:\n  control-enable: no\n' "$WORK" "$WORK"
	each_zone nsd_zone
} >"$WORK/nsd.conf"
{
	printf 'server:\n  listen: 127.0.0.3@53\n  rundir: "%s/knot"\n  udp-max-payload: 4096\n' "$WORK"
	printf 'database:\n  storage: "%s/knot"\nzone:\n' "$WORK"
	each_zone knot_zone
} >"$WORK/knot.conf"
{
	printf 'options { directory "%s"; listen-on { 127.0.0.4; }; listen-on-v6 { none; }; recursion no; notify no; pid-file none;\n' "$WORK"
	printf '  max-udp-size 4096; minimal-responses yes; session-keyfile none; dnssec-validation no; };\ncontrols { };\n'
	each_zone bind_zone
} >"$WORK/named.conf"
mkdir "$WORK/knot" "$WORK/ours"

start ours ns "$BIN/guyline-dns" -d -c "$WORK/ours.json"
start nsd ns env "LD_LIBRARY_PATH=$PEERS/usr/lib/$(uname -m)-linux-gnu" nsd -d -c "$WORK/nsd.conf"
start knot ns env "LD_LIBRARY_PATH=$PEERS/usr/lib/$(uname -m)-linux-gnu" knotd -c "$WORK/knot.conf"
start named ns env "LD_LIBRARY_PATH=$PEERS/usr/lib/$(uname -m)-linux-gnu" named -g -c "$WORK/named.conf"
for at in 127.0.0.1:5300 127.0.0.2:53 127.0.0.3:53 127.0.0.4:53; do
	wait_for 10 "who is at $at answers for all zones" has 'status: NOERROR' \
		in_ns ns dig +norec "@${at%:*}" -p "${at#*:}" z10.example. SOA
done
# shellcheck disable=SC2046
check "every difference is explained" in_ns ns python3 tests/net/dns/differ.py \
	ours=127.0.0.1:5300 nsd=127.0.0.2:53 knot=127.0.0.3:53 bind=127.0.0.4:53 -- $(each_zone echo)
tail -n 2 "$WORK/check.out"
done_well
