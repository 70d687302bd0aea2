#!/bin/sh
# SPDX-License-Identifier: ISC
#
# guyline-dns beside NSD and Knot: the same zone, the same questions from dnsperf, in one run, the servers by turns so
# that a noisy minute hits all alike. Every server has one worker, pinned to processor 0; dnsperf is pinned to
# processor 1. The figure is the server's own time on a processor (/proc/PID/schedstat, all its processes and threads) a
# query that was answered; medians of ROUNDS rounds. Without our limit for equal answers and without NSD's, which count
# sources that a benchmark does not have.
#
# usage: tests/bench/dns/run.sh [BUILD [ROUNDS [WHAT...]]]     (as root; `cmake --build build --target bench-dns` does it)
#
# WHAT: hit wildcard missing mix tcp (over loopback, saturated), tap (ours on its own stack, NSD behind a veth);
# default: all. SECONDS_EACH (2) and NAMES (100000) may be set.
set -eu
build=${1:-build}
rounds=${2:-5}
[ $# -lt 2 ] || shift
[ $# -lt 1 ] || shift
what=${*:-hit wildcard missing mix tcp tap}
seconds=${SECONDS_EACH:-2}
names=${NAMES:-100000}
peers=${PEERS:-$PWD/build-peers}
libs=$peers/usr/lib/$(uname -m)-linux-gnu
id=gyln$$
dir=$(mktemp -d)
pids=

cleanup() {
	for pid in $pids; do
		kill -9 "$pid" 2>/dev/null || true
	done
	for ns in s c t; do
		ip netns pids "$id-$ns" 2>/dev/null | xargs -r kill -9 2>/dev/null || true
		ip netns del "$id-$ns" 2>/dev/null || true
	done
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

die() {
	echo "bench-dns: $1" >&2
	cat "$dir"/*.log >&2 2>/dev/null || true
	exit 1
}

[ "$(id -u)" -eq 0 ] || die "needs root for network namespaces"
[ "$(nproc)" -ge 2 ] || die "needs two processors"
[ -x "$peers/usr/bin/dnsperf" ] || die "dnsperf is not in $peers: ./test packages puts it there"
# s: servers on loopback, and behind the veth; c: who asks through the veth; t: ours on a tap, and who asks it.
for ns in s c t; do
	ip netns add "$id-$ns" || die "cannot make network namespaces"
	ip -n "$id-$ns" link set lo up
done
ip -n "$id-s" link add gylv0 type veth peer name gylv1 netns "$id-c"
ip -n "$id-s" addr add 10.78.0.1/24 dev gylv0
ip -n "$id-s" link set gylv0 up
ip -n "$id-c" addr add 10.78.0.2/24 dev gylv1
ip -n "$id-c" link set gylv1 up

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

# at NAMESPACE PROCESSOR COMMAND...: becomes the command, for a subshell.
at() {
	ns=$1 cpu=$2
	shift 2
	exec ip netns exec "$id-$ns" nice -n -20 taskset -c "$cpu" "$@"
}

ours() {
	ns=$1
	shift
	at "$ns" 0 "$build/bin/guyline-dns" -d "$@" --state="$dir/state-$ns" --control="$dir/sock-$ns" \
		--dns.zones.0.name=example --dns.zones.0.file="$dir/zone" --dns.rate_limit.answers=0 --log.level='*=notice'
}

serve_ours() {
	ours s --host=kernel --device=lo --address=127.0.0.1/8 --dns.port=5301
}

serve_tap() {
	ours t --host=stack --device=tap:gylt0,peer=10.79.0.2/24 --address=10.79.0.1/24
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
	export LD_LIBRARY_PATH="$libs"
	at s 0 "$peers/usr/sbin/nsd" -d -c "$dir/$1.conf"
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
	export LD_LIBRARY_PATH="$libs"
	at s 0 "$peers/usr/sbin/knotd" -c "$dir/knot.conf"
}

# where SERVER: namespace of who asks, address, port.
where() {
	case $1 in
	ours) echo s 127.0.0.1 5301 ;;
	nsd) echo s 127.0.0.1 5302 ;;
	knot) echo s 127.0.0.1 5303 ;;
	tap) echo t 10.79.0.1 53 ;;
	veth) echo c 10.78.0.1 53 ;;
	esac
}

begin() {
	("serve_$1") >"$dir/$1.log" 2>&1 &
	pids="$pids $!"
	eval "pid_$1=$!"
	# shellcheck disable=SC2046
	set -- "$1" $(where "$1")
	tries=0
	until [ "$(ip netns exec "$id-$2" dig +short +time=1 +tries=1 @"$3" -p "$4" h000001.example A 2>/dev/null)" = 10.0.0.1 ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 50 ] || die "$1 does not answer"
		sleep 0.2
	done
}

# family PID: it and all that come from it.
family() {
	echo "$1"
	# shellcheck disable=SC2013
	for child in $(cat "/proc/$1/task/"*/children 2>/dev/null); do
		family "$child"
	done
}

# cpu PID: nanoseconds on a processor, of all its processes and threads.
cpu() {
	for p in $(family "$1"); do
		cat "/proc/$p/task/"*/schedstat 2>/dev/null
	done | awk '{ sum += $1 } END { printf "%.0f", sum }'
}

# once SERVER QUESTIONS [dnsperf options]: "microseconds-a-query queries-a-second lost" behind the others.
once() {
	server=$1 file=$2
	shift 2
	eval "pid=\$pid_$server"
	# shellcheck disable=SC2046
	set -- $(where "$server") "$@"
	ns=$1 address=$2 port=$3
	shift 3
	before=$(cpu "$pid")
	(
		export LD_LIBRARY_PATH="$libs"
		at "$ns" 1 "$peers/usr/bin/dnsperf" -s "$address" -p "$port" -d "$dir/$file" -l "$seconds" -T 1 -q 100 "$@"
	) >"$dir/perf" 2>&1 || die "dnsperf: $(cat "$dir/perf")"
	awk -v ns=$(($(cpu "$pid") - before)) '
		/Queries completed/ { done = $3 }
		/Queries lost/ { lost = $3 }
		/Queries per second/ { qps = $4 }
		END { printf "%.3f %.0f %d\n", done ? ns / done / 1000 : 0, qps, lost }' "$dir/perf" >>"$dir/$server.$kind"
}

# ---- rounds ------------------------------------------------------------------------------------------------------

loopback="ours nsd"
[ ! -x "$peers/usr/sbin/knotd" ] || loopback="$loopback knot"
case " $what " in *" hit "* | *" wildcard "* | *" missing "* | *" mix "* | *" tcp "*)
	for server in $loopback; do begin "$server"; done ;;
esac
case " $what " in *" tap "*) begin tap && begin veth ;; esac
round=0
while [ "$round" -lt "$rounds" ]; do
	for kind in $what; do
		case $kind in
		tap) for server in tap veth; do once "$server" tap -c 10; done ;;
		tcp) for server in $loopback; do once "$server" mix -m tcp -c 20; done ;;
		*) for server in $loopback; do once "$server" "$kind" -c 10; done ;;
		esac
	done
	round=$((round + 1))
done

# median SERVER KIND COLUMN
median() {
	awk -v c="$3" '{ print $c }' "$dir/$1.$2" | sort -g | sed -n "$((rounds / 2 + 1))p"
}

# row TITLE KIND OURS NSD KNOT
row() {
	[ -s "$dir/$3.$2" ] || return 0
	mine=$(median "$3" "$2" 1) nsd=$(median "$4" "$2" 1) knot=-
	[ -z "$5" ] || [ ! -s "$dir/$5.$2" ] || knot=$(median "$5" "$2" 1)
	awk -v t="$1" -v o="$mine" -v n="$nsd" -v k="$knot" -v q="$(median "$3" "$2" 2)" \
		'BEGIN { printf "| %s | %.2f | %.2f | %s | %.2f | %.0f |\n", t, o, n, k, o / n, q }'
}

echo "| CPU a query, us | ours | NSD | Knot | ours / NSD | ours, queries/s |"
echo "| --- | ---: | ---: | ---: | ---: | ---: |"
row "name of $names" hit ours nsd knot
row "below a wildcard" wildcard ours nsd knot
row "no such name" missing ours nsd knot
row "60/20/20 mix" mix ours nsd knot
row "the mix by TCP, 20 connections" tcp ours nsd knot
row "mix of 1,000 names; our stack on a tap, NSD behind a veth" tap tap veth ""
