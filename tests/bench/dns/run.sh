#!/bin/sh
# SPDX-License-Identifier: ISC
#
# guyline-dns beside NSD and Knot: the same zone, the same questions from dnsperf, in one run, the servers by turns so
# that a noisy minute hits all alike. Every server has one worker, pinned to processor 0; dnsperf is pinned to
# processor 1. lib.sh says what is measured; medians of ROUNDS rounds. Without our limit for equal answers and without
# NSD's, which count sources that a benchmark does not have.
#
# usage: tests/bench/dns/run.sh [BUILD [ROUNDS [WHAT...]]]     (as root; `cmake --build build --target bench-dns` does it)
#
# WHAT: hit wildcard missing mix tcp (over loopback, saturated), tap (ours on its own stack, NSD behind a veth; beside
# it what the tap alone costs, floor.c), packet (ours on its own stack behind the same veth); default: all. SECONDS_EACH (2) and NAMES (100000) may be set.
set -eu
# shellcheck source=tests/bench/dns/lib.sh
. "$(dirname "$0")/lib.sh"
[ $# -lt 2 ] || shift
[ $# -lt 1 ] || shift
what=${*:-hit wildcard missing mix tcp tap packet}
seconds=${SECONDS_EACH:-2}
names=${NAMES:-100000}

# s: servers on loopback, and behind the veth; c: who asks through the veth; t: ours on a tap, and who asks it.
cable 10.78.0.1/24 10.78.0.2/24
space t

# ---- zone and questions ----------------------------------------------------------------------------------------

awk -v n="$names" 'BEGIN {
	print "$ORIGIN example.\n$TTL 300\n@ SOA ns root 1 3600 600 86400 300\n@ NS ns\nns A 192.0.2.1"
	for (i = 0; i < n; i++)
		printf "h%06d A 10.%d.%d.%d\n", i, i / 65536, i / 256 % 256, i % 256
	for (i = 0; i < n / 10; i++)
		printf "c%05d CNAME h%06d\n", i, i * 7 % n
	for (i = 0; i < 100; i++)
		printf "*.w%02d A 192.0.2.%d\n", i, i
}' >"$dir/zone"
# questions FILE NAMES HITS WILDCARDS: a million of them, random, so many of ten; the rest does not exist.
questions() {
	awk -v n="$2" -v hits="$3" -v wild="$4" 'BEGIN {
		srand(7)
		for (i = 0; i < 1000000; i++) {
			kind = int(rand() * 10)
			k = int(rand() * n)
			if (kind < hits)
				printf "h%06d.example. A\n", k
			else if (kind < hits + wild)
				printf "x%06d.w%02d.example. A\n", k, k % 100
			else
				printf "n%06d.example. A\n", k
		}
	}' >"$dir/$1"
}
questions hit "$names" 10 0
questions wildcard "$names" 0 10
questions missing "$names" 0 0
questions mix "$names" 6 2
questions tap 1000 6 2

# ---- servers -----------------------------------------------------------------------------------------------------

# ours NAME NAMESPACE options...
ours() {
	name=$1 ns=$2
	shift 2
	at "$ns" 0 "$build/bin/guyline-dns" -d "$@" --state="$dir/state-$name" --control="$dir/sock-$name" \
		--dns.zones.0.name=example --dns.zones.0.file="$dir/zone" --dns.rate_limit.answers=0 --log.level='*=notice'
}

serve_ours() {
	ours loopback s --host=kernel --device=lo --address=127.0.0.1/8 --dns.port=5301
}

serve_tap() {
	ours tap t --host=stack --device=tap:gylt0,peer=10.79.0.2/24 --address=10.79.0.1/24
}

serve_floor() {
	at t 0 "$build/bench/dns_floor" tap:gylt1,peer=10.80.0.2/24
}

serve_packet() {
	ours packet s --host=stack --device=packet:gylv0 --address=10.78.0.3/24
}

nsd_conf() {
	cat >"$dir/$1.conf" <<NSD
server:
  server-count: 1
  ip-address: $2
  port: $3
  username: ""
  zonesdir: "$dir"
  database: ""
  pidfile: "$dir/$1.pid"
  xfrdfile: "$dir/$1.xfrd"
  xfrdir: "$dir"
  logfile: "$dir/$1.log"
  rrl-ratelimit: 0
  minimal-responses: yes
remote-control:
  control-enable: no
zone:
  name: example
  zonefile: "$dir/zone"
NSD
}

nsd() {
	nsd_conf "$1" "$2" "$3"
	peer_at s 0 usr/sbin/nsd -d -c "$dir/$1.conf"
}

serve_nsd() {
	nsd nsd 127.0.0.1 5302
}

serve_veth() {
	nsd veth 10.78.0.1 53
}

serve_knot() {
	cat >"$dir/knot.conf" <<KNOT
server:
    rundir: "$dir"
    listen: 127.0.0.1@5303
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
database:
    storage: "$dir/knot"
log:
  - target: stderr
    any: error
zone:
  - domain: example
    file: "$dir/zone"
    zonefile-sync: -1
    journal-content: none
KNOT
	mkdir -p "$dir/knot"
	peer_at s 0 usr/sbin/knotd -c "$dir/knot.conf"
}

# where SERVER: namespace of who asks, address, port.
where() {
	case $1 in
	ours) echo s 127.0.0.1 5301 ;;
	nsd) echo s 127.0.0.1 5302 ;;
	knot) echo s 127.0.0.1 5303 ;;
	tap) echo t 10.79.0.1 53 ;;
	floor) echo t 10.80.0.1 53 ;;
	packet) echo c 10.78.0.3 53 ;;
	veth) echo c 10.78.0.1 53 ;;
	esac
}

begin() {
	start "$1"
	# shellcheck disable=SC2046
	until_answers "$1" $(where "$1") h000001.example 10.0.0.1
}

# It knows no name and no ARP.
begin_floor() {
	start floor
	tries=0
	until ip -n "$id-t" neigh replace 10.80.0.1 lladdr 02:00:00:00:00:01 dev gylt1 2>/dev/null; do
		tries=$((tries + 1))
		[ "$tries" -lt 50 ] || die "floor does not start"
		sleep 0.2
	done
}

# once SERVER KIND QUESTIONS [dnsperf options]
once() {
	server=$1 kind=$2 file=$3
	shift 3
	# shellcheck disable=SC2046
	ask "$server" "$kind" $(where "$server") -d "$dir/$file" -l "$seconds" "$@"
}

# ---- rounds ------------------------------------------------------------------------------------------------------

loopback="ours nsd"
[ ! -x "$peers/usr/sbin/knotd" ] || loopback="$loopback knot"
case " $what " in *" hit "* | *" wildcard "* | *" missing "* | *" mix "* | *" tcp "*)
	for server in $loopback; do begin "$server"; done ;;
esac
case " $what " in *" tap "* | *" packet "*) begin veth ;; esac
case " $what " in *" tap "*) begin tap && begin_floor ;; esac
case " $what " in *" packet "*) begin packet ;; esac
round=0
while [ "$round" -lt "$rounds" ]; do
	for kind in $what; do
		case $kind in
		tap) for server in tap veth floor; do once "$server" tap tap -c 10; done ;;
		packet) for server in packet veth; do once "$server" packet tap -c 10; done ;;
		tcp) for server in $loopback; do once "$server" tcp mix -m tcp -c 20; done ;;
		*) for server in $loopback; do once "$server" "$kind" "$kind" -c 10; done ;;
		esac
	done
	round=$((round + 1))
done

# line TITLE KIND OURS NSD KNOT
line() {
	[ -s "$dir/row-$3.$2" ] || return 0
	mine=$(median "$3.$2") nsd=$(median "$4.$2") knot=-
	[ -z "$5" ] || [ ! -s "$dir/row-$5.$2" ] || knot=$(median "$5.$2")
	awk -v t="$1" -v o="$mine" -v n="$nsd" -v k="$knot" -v q="$(median "$3.$2" 2)" \
		-v a="$(median "$3.$2" 4)" -v b="$(median "$4.$2" 4)" 'BEGIN {
			printf "| %s | %.2f | %.2f | %s | %.2f | %.0f | ", t, o, n, k, o / n, q
			printf "%.2f | %.2f |\n", o + a, n + b }'
}

echo "| CPU a query, us | ours | NSD | Knot | ours / NSD | ours, queries/s | ours and client | NSD and client |"
echo "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
line "name of $names" hit ours nsd knot
line "below a wildcard" wildcard ours nsd knot
line "no such name" missing ours nsd knot
line "60/20/20 mix" mix ours nsd knot
line "the mix by TCP, 20 connections" tcp ours nsd knot
line "mix of 1,000 names; our stack on a tap, NSD behind a veth" tap tap veth ""
line "the same; no server, on a tap the query goes back as it came" tap floor veth ""
line "the same; our stack behind the veth, too (TPACKET_V2)" packet packet veth ""
