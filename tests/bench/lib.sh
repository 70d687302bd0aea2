# SPDX-License-Identifier: ISC
# shellcheck shell=sh
#
# What the benches with servers have in common, sourced by them: servers by turns, so that a noisy minute hits all alike, on
# processor 0, and their load on processor 1, in network namespaces that go when the script ends. The figure is a server's own
# time on a processor (/proc/PID/schedstat, all its processes and threads) for what it did; medians of ROUNDS rounds.
#
# Sets build, rounds, peers, libs, dir; a script defines serve_NAME for each server, which becomes it (at, peer_at).
# shellcheck disable=SC2034 # the scripts use it
build=${1:-build}
rounds=${2:-5}
peers=${PEERS:-$PWD/build-peers}
libs=$peers/usr/lib/$(uname -m)-linux-gnu
bench=$(basename "$(dirname "$0")")/$(basename "$0" .sh)
id=gylb$$
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
	echo "bench/$bench: $1" >&2
	cat "$dir"/*.log >&2 2>/dev/null || true
	exit 1
}

[ "$(id -u)" -eq 0 ] || die "needs root for network namespaces"
[ "$(nproc)" -ge 2 ] || die "needs two processors"

# need_peer PROGRAM...: by their paths in $peers.
need_peer() {
	for program in "$@"; do
		[ -x "$peers/$program" ] || die "$(basename "$program") is not in $peers: ./test packages puts it there"
	done
}

# space NAME...: network namespaces with loopback.
space() {
	for ns in "$@"; do
		spaces="$spaces $ns"
		ip netns add "$id-$ns" || die "cannot make network namespaces"
		ip -n "$id-$ns" link set lo up
	done
}

# cable ADDRESS/LENGTH ADDRESS/LENGTH: the namespaces s, of servers, and c, of clients, with a veth pair, gylv0 and gylv1.
cable() {
	space s c
	ip -n "$id-s" link add gylv0 type veth peer name gylv1 netns "$id-c"
	ip -n "$id-s" addr add "$1" dev gylv0
	ip -n "$id-s" link set gylv0 up
	ip -n "$id-c" addr add "$2" dev gylv1
	ip -n "$id-c" link set gylv1 up
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

# pid NAME
pid() {
	eval "echo \$pid_$1"
}

# stop NAME [SIGNAL]: and wait until it is gone.
stop() {
	kill "-${2:-TERM}" "$(pid "$1")" 2>/dev/null || true
	wait "$(pid "$1")" 2>/dev/null || true
}

# family PID: it and all that come from it.
family() {
	echo "$1"
	# shellcheck disable=SC2013
	for child in $(cat "/proc/$1/task/"*/children 2>/dev/null); do
		family "$child"
	done
}

# cpu NAME: nanoseconds that this server was on a processor, with all its processes and threads.
cpu() {
	for p in $(family "$(pid "$1")"); do
		cat "/proc/$p/task/"*/schedstat 2>/dev/null
	done | awk '{ sum += $1 } END { printf "%.0f", sum }'
}

# quiet NAME: waits until that server has nothing more to do.
quiet() {
	was=0
	now=$(cpu "$1")
	while [ $((now - was)) -gt 10000000 ]; do
		sleep 1
		was=$now
		now=$(cpu "$1")
	done
}

# row NAME FIGURE...: one round's figures of a row of the table.
row() {
	row_file=$dir/row-$1
	shift
	echo "$*" >>"$row_file"
}

# median ROW [COLUMN], least, most: of all rounds.
median() {
	ranked "$@" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}
least() {
	ranked "$@" | head -n 1
}
most() {
	ranked "$@" | tail -n 1
}
ranked() {
	awk -v c="${2:-1}" '{ print $c }' "$dir/row-$1" | sort -g
}

# ratio A B
ratio() {
	awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'
}
