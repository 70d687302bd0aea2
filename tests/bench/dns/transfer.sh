#!/bin/sh
# SPDX-License-Identifier: ISC
#
# A large zone on its way: AXFR from guyline-dns (of a zone that stands, and of one that may change) and from NSD, by
# turns, to a client that only counts; and AXFR from Knot into guyline-dns and into NSD. Wall time and the server's own
# time on a processor; of ours the slowest answer to another client meanwhile, too. lib.sh says how it is measured.
#
# usage: tests/bench/dns/transfer.sh [BUILD [ROUNDS]]     (as root). NAMES (1000000) may be set; IN=no: only out.
set -eu
# shellcheck source=tests/bench/dns/lib.sh
. "$(dirname "$0")/lib.sh"
names=${NAMES:-1000000}
here=$(dirname "$0")
space s

awk -v n="$names" 'BEGIN {
	print "$ORIGIN example.\n$TTL 300\n@ SOA ns root 1 3600 600 86400 300\n@ NS ns\nns A 192.0.2.1"
	for (i = 0; i < n; i++)
		printf "h%07d A 10.%d.%d.%d\n", i, i / 65536, i / 256 % 256, i % 256
}' >"$dir/zone"
records=$((names + 4))

# ours NAME PORT ZONE-MEMBERS
ours() {
	cat >"$dir/$1.json" <<JSON
{
  "host": "kernel", "device": "lo", "address": "127.0.0.1/8", "state": "$dir/state-$1", "control": "$dir/sock-$1",
  "log": { "level": "*=notice" },
  "dns": {
    "port": $2, "zone_space": "400MiB", "rate_limit": { "answers": 0 },
    "keys": [ { "name": "k", "secret": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0" } ],
    "zones": [ { "name": "example", $3 } ]
  }
}
JSON
	at s 0 "$build/bin/guyline-dns" -d -c "$dir/$1.json"
}

serve_fixed() {
	ours fixed 5301 "\"file\": \"$dir/zone\", \"transfer\": [ \"0.0.0.0/0\" ]"
}

serve_live() {
	ours live 5302 "\"file\": \"$dir/zone\", \"transfer\": [ \"0.0.0.0/0\" ], \"update\": [ { \"key\": \"k\" } ]"
}

serve_copy() {
	ours copy 5306 '"primary": [ { "address": "127.0.0.1:5305" } ]'
}

nsd_conf() {
	cat >"$dir/$1.conf" <<NSD
server:
  server-count: 1
  ip-address: 127.0.0.1
  port: $2
  username: ""
  zonesdir: "$dir"
  database: ""
  pidfile: "$dir/$1.pid"
  xfrdfile: "$dir/$1.xfrd"
  xfrdir: "$dir"
  logfile: "$dir/$1.log"
remote-control:
  control-enable: no
zone:
  name: example
$3
NSD
}

serve_nsd() {
	nsd_conf nsd 5303 "  zonefile: \"$dir/zone\"
  provide-xfr: 127.0.0.1 NOKEY"
	peer_at s 0 usr/sbin/nsd -d -c "$dir/nsd.conf"
}

serve_nsdcopy() {
	nsd_conf nsdcopy 5307 "  zonefile: \"$dir/copied\"
  request-xfr: AXFR 127.0.0.1@5305 NOKEY
  allow-notify: 127.0.0.1 NOKEY"
	peer_at s 0 usr/sbin/nsd -d -c "$dir/nsdcopy.conf"
}

serve_knot() {
	mkdir -p "$dir/knot"
	cat >"$dir/knot.conf" <<KNOT
server:
  listen: 127.0.0.1@5305
  rundir: "$dir/knot"
database:
  storage: "$dir/knot"
acl:
  - id: all
    address: 127.0.0.1
    action: transfer
zone:
  - domain: example
    file: "$dir/zone"
    acl: all
KNOT
	peer_at s 1 usr/sbin/knotd -c "$dir/knot.conf"
}

# out NAME PORT: a line "seconds messages slowest-ms cpu-s"
out() {
	eval "pid=\$pid_$1"
	before=$(cpu "$pid")
	line=$(at s 1 python3 "$here/transfer.py" 127.0.0.1 "$2" example "$records" other) || die "$1"
	echo "$line $((($(cpu "$pid") - before) / 1000)) $1" | awk '{ printf "%s %s %s %.3f\n", $1, $2, $3, $4 / 1e6 }' >>"$dir/$1.out"
}

for s in fixed live nsd; do
	start "$s"
done
until_answers fixed s 127.0.0.1 5301 h0000000.example 10.0.0.0
until_answers live s 127.0.0.1 5302 h0000000.example 10.0.0.0
until_answers nsd s 127.0.0.1 5303 h0000000.example 10.0.0.0
for round in $(seq "$rounds"); do
	out fixed 5301
	out live 5302
	out nsd 5303
done
printf '%-34s %8s %8s %9s %10s\n' "AXFR out, $names names" 'wall s' 'CPU s' messages 'slowest ms'
for s in fixed live nsd; do
	printf '%-34s %8s %8s %9s %10s\n' "$s" "$(median $s out 1)" "$(median $s out 4)" "$(median $s out 2)" "$(median $s out 3)"
done
[ "${IN:-yes}" = yes ] || exit 0

for s in fixed live nsd; do
	eval "kill \$pid_$s"
done
start knot
until_answers knot s 127.0.0.1 5305 h0000000.example 10.0.0.0

# in NAME PORT: seconds until the last name is there, and the server's time on a processor
in_() {
	at=$(date +%s%N)
	start "$1"
	until [ "$(ip netns exec "$id-s" dig +short +time=1 +tries=1 @127.0.0.1 -p "$2" h0000000.example A 2>/dev/null)" = 10.0.0.0 ]; do
		sleep 0.05
		[ $(($(date +%s%N) - at)) -lt 120000000000 ] || die "$1 has no copy"
	done
	eval "pid=\$pid_$1"
	echo "$((($(date +%s%N) - at) / 1000000)) $(($(cpu "$pid") / 1000000))" |
		awk -v n="$1" '{ printf "%-34s %8.2f %8.2f\n", n, $1 / 1000, $2 / 1000 }'
	kill "$pid"
}
printf '%-34s %8s %8s\n' "AXFR in from Knot, $names names" 'wall s' 'CPU s'
in_ copy 5306
in_ nsdcopy 5307
