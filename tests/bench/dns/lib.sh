# SPDX-License-Identifier: ISC
# shellcheck shell=sh
#
# What the benches of DNS have in common, sourced by them: servers by turns on processor 0, dnsperf on processor 1, in
# network namespaces that go when the script ends. The figure is the server's own time on a processor
# (/proc/PID/schedstat, all its processes and threads) a query that was answered.
#
# Sets build, rounds, peers, libs, dir; a script defines serve_NAME for each server.
# shellcheck disable=SC2034 # the scripts use it
build=${1:-build}
rounds=${2:-5}
peers=${PEERS:-$PWD/build-peers}
libs=$peers/usr/lib/$(uname -m)-linux-gnu
bench=bench-dns-$(basename "$0" .sh)
id=gyln$$
dir=$(mktemp -d)
pids=
spaces=

cleanup() {
	for pid in $pids; do
		kill -9 "$pid" 2>/dev/null || true
	done
	for ns in $spaces; do
		ip netns pids "$id-$ns" 2>/dev/null | xargs -r kill -9 2>/dev/null || true
		ip netns del "$id-$ns" 2>/dev/null || true
	done
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

die() {
	echo "$bench: $1" >&2
	cat "$dir"/*.log >&2 2>/dev/null || true
	exit 1
}

[ "$(id -u)" -eq 0 ] || die "needs root for network namespaces"
[ "$(nproc)" -ge 2 ] || die "needs two processors"
[ -x "$peers/usr/bin/dnsperf" ] || die "dnsperf is not in $peers: ./test packages puts it there"

# space NAME...: network namespaces with loopback.
space() {
	for ns in "$@"; do
		spaces="$spaces $ns"
		ip netns add "$id-$ns" || die "cannot make network namespaces"
		ip -n "$id-$ns" link set lo up
	done
}

# at NAMESPACE PROCESSOR COMMAND...: becomes the command, for a subshell. Nice, so that others disturb it less.
at() {
	ns=$1 cpu=$2
	shift 2
	exec ip netns exec "$id-$ns" nice -n -20 taskset -c "$cpu" "$@"
}

# peer_at NAMESPACE PROCESSOR PROGRAM...: the same for a program of the unpacked peers, by its path there.
peer_at() {
	ns=$1 cpu=$2 program=$3
	shift 3
	export LD_LIBRARY_PATH="$libs"
	at "$ns" "$cpu" "$peers/$program" "$@"
}

# start NAME: serve_NAME, whose process is $pid_NAME.
start() {
	("serve_$1") >"$dir/$1.log" 2>&1 &
	pids="$pids $!"
	eval "pid_$1=$!"
}

# until_answers NAME NAMESPACE ADDRESS PORT QUESTION ANSWER
until_answers() {
	tries=0
	until [ "$(ip netns exec "$id-$2" dig +short +time=1 +tries=1 @"$3" -p "$4" "$5" A 2>/dev/null)" = "$6" ]; do
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

# ask NAME KIND NAMESPACE ADDRESS PORT dnsperf-options...: a line "microseconds-a-query queries-a-second lost
# client's-microseconds" behind those in $dir/NAME.KIND.
ask() {
	server=$1 kind=$2 ns=$3 address=$4 port=$5
	shift 5
	eval "pid=\$pid_$server"
	before=$(cpu "$pid")
	(
		(peer_at "$ns" 1 usr/bin/dnsperf -s "$address" -p "$port" -T 1 -q 100 "$@") || exit 1
		times
	) >"$dir/perf" 2>&1 || die "dnsperf, $server: $(cat "$dir/perf")"
	awk -v ns=$(($(cpu "$pid") - before)) '
		/Queries completed/ { done = $3 }
		/Queries lost/ { lost = $3 }
		/Queries per second/ { qps = $4 }
		/^[0-9]+m[0-9.]+s/ { split($1 " " $2, t, /[ms ]+/); client = (t[1] + t[3]) * 60 + t[2] + t[4] }
		END {
			done = done ? done : 1
			printf "%.3f %.0f %d %.3f\n", ns / done / 1000, qps, lost, client * 1e6 / done
		}' "$dir/perf" >>"$dir/$server.$kind"
}

# median NAME KIND COLUMN
median() {
	awk -v c="$3" '{ print $c }' "$dir/$1.$2" | sort -g | sed -n "$((rounds / 2 + 1))p"
}
