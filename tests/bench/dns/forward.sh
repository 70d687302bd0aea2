#!/bin/sh
# SPDX-License-Identifier: ISC
#
# guyline-dns as a forwarder beside Unbound and dnsmasq: the same upstream (another Unbound), the same questions from
# dnsperf over loopback, in one run and by turns. Each has one worker on processor 0, dnsperf is on processor 1. The
# figure is the server's own time on a processor a query that was answered; medians of ROUNDS rounds.
#
#   cached   1,000 names that are in the cache
#   new      names that nobody has asked for yet: each is asked of the upstream
#
# usage: tests/bench/dns/forward.sh [BUILD [ROUNDS]]     (as root)
set -eu
build=${1:-build}
rounds=${2:-5}
peers=${PEERS:-$PWD/build-peers}
libs=$peers/usr/lib/$(uname -m)-linux-gnu
id=gylf$$
dir=$(mktemp -d)
pids=

cleanup() {
	for pid in $pids; do
		kill -9 "$pid" 2>/dev/null || true
	done
	ip netns del "$id" 2>/dev/null || true
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

die() {
	echo "bench-dns-forward: $1" >&2
	cat "$dir"/*.log >&2 2>/dev/null || true
	exit 1
}

[ "$(id -u)" -eq 0 ] || die "needs root for a network namespace"
[ "$(nproc)" -ge 2 ] || die "needs two processors"
[ -x "$peers/usr/bin/dnsperf" ] || die "dnsperf is not in $peers: ./test packages puts it there"
ip netns add "$id" || die "cannot make a network namespace"
ip -n "$id" link set lo up

# unbound_conf PORT: what both Unbounds have.
unbound_conf() {
	cat <<-CONF
		server:
		  interface: 127.0.0.1
		  port: $1
		  do-daemonize: no
		  username: ""
		  chroot: ""
		  directory: "$dir"
		  pidfile: ""
		  use-syslog: no
		  module-config: "iterator"
		  num-threads: 1
		  do-not-query-localhost: no
		  minimal-responses: yes
		  access-control: 127.0.0.0/8 allow
	CONF
}
{
	unbound_conf 5301
	echo '  local-zone: "hall." redirect'
	echo '  local-data: "hall. 3600 IN A 198.51.100.1"'
	printf 'remote-control:\n  control-enable: no\n'
} >"$dir/upstream.conf"
{
	unbound_conf 5303
	printf 'forward-zone:\n  name: "."\n  forward-addr: 127.0.0.1@5301\nremote-control:\n  control-enable: no\n'
} >"$dir/unbound.conf"
cat >"$dir/ours.json" <<CONF
{ "host": "kernel", "device": "lo", "address": "127.0.0.1/8", "state": "$dir/state", "control": "$dir/sock",
  "dns": { "port": 5302, "rate_limit": { "answers": 0 }, "forward": { "to": "127.0.0.1:5301" } } }
CONF
mkdir "$dir/state"
awk 'BEGIN { for (i = 0; i < 1000; i++) printf "n%d.hall A\n", i }' >"$dir/cached"

# run NAME CPU command...: its pid in $dir/NAME.pid.
run() {
	name=$1 cpu=$2
	shift 2
	ip netns exec "$id" env LD_LIBRARY_PATH="$libs" taskset -c "$cpu" "$@" >"$dir/$name.log" 2>&1 &
	echo $! >"$dir/$name.pid"
	pids="$pids $!"
}
run upstream 1 "$peers/usr/sbin/unbound" -c "$dir/upstream.conf"
run ours 0 "$build/bin/guyline-dns" -d -c "$dir/ours.json"
run unbound 0 "$peers/usr/sbin/unbound" -c "$dir/unbound.conf"
run dnsmasq 0 "$peers/usr/sbin/dnsmasq" -k -C /dev/null -p 5304 --listen-address=127.0.0.1 --bind-interfaces --no-resolv \
	--no-hosts --server=127.0.0.1#5301 -c 10000 --dns-forward-max=1000 --pid-file= --user=root
sleep 1

# cpu NAME: nanoseconds that it and all below it have had a processor.
cpu() {
	pid=$(cat "$dir/$1.pid")
	cat /proc/"$pid"/task/*/schedstat | awk '{ sum += $1 } END { printf "%.0f\n", sum }'
}

# ask NAME PORT FILE TIMES: one line: name, microseconds a query, queries a second, lost.
ask() {
	before=$(cpu "$1")
	ip netns exec "$id" env LD_LIBRARY_PATH="$libs" taskset -c 1 "$peers/usr/bin/dnsperf" -s 127.0.0.1 -p "$2" -d "$3" \
		-n "$4" -q 100 -c 10 >"$dir/perf.out" 2>&1 || die "dnsperf: $1"
	awk -v name="$1" -v ns=$(($(cpu "$1") - before)) '/Queries completed/ { n = $3 } /Queries lost/ { lost = $3 }
		/Queries per second/ { qps = $4 } END { printf "%s %.2f %.0f %d\n", name, ns / 1000 / n, qps, lost }' "$dir/perf.out"
}

for server in "ours 5302" "unbound 5303" "dnsmasq 5304"; do
	# shellcheck disable=SC2086
	ask $server "$dir/cached" 2 >/dev/null
done
round=0
while [ "$round" -lt "$rounds" ]; do
	round=$((round + 1))
	awk -v r="$round" 'BEGIN { for (i = 0; i < 20000; i++) printf "r%dx%d.hall A\n", r, i }' >"$dir/new"
	for server in "ours 5302" "unbound 5303" "dnsmasq 5304"; do
		# shellcheck disable=SC2086
		ask $server "$dir/cached" 300 | sed 's/^/cached /' >>"$dir/result"
		# shellcheck disable=SC2086
		ask $server "$dir/new" 1 | sed 's/^/new /' >>"$dir/result"
	done
done

# median COLUMN WHAT NAME
median() {
	awk -v what="$2" -v name="$3" -v c="$1" '$1 == what && $2 == name { print $c }' "$dir/result" | sort -n |
		awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}
printf '%-8s %-8s %12s %12s %8s\n' what server "CPU us/query" queries/s lost
for what in cached new; do
	for server in ours unbound dnsmasq; do
		printf '%-8s %-8s %12s %12s %8s\n' "$what" "$server" "$(median 3 "$what" "$server")" \
			"$(median 4 "$what" "$server")" "$(median 5 "$what" "$server")"
	done
done
