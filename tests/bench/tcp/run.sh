#!/bin/sh
# SPDX-License-Identifier: ISC
#
# TCP of our own stack beside lwIP's (both over a tap, the same device code) and the kernel's (over veth, with its
# offloads). One thread a server, on core 0; the client is the kernel's, on core 1. Medians of $RUNS runs.
#
#	tests/bench/tcp/run.sh DIRECTORY-OF-PROGRAMS
#
# Losses are made in front of the tap, each way: what the server receives and what it sends.
set -eu
bin=$1
runs=${RUNS:-5}
seconds=${SECONDS_EACH:-2}
[ "$(id -u)" = 0 ] || { echo "needs root: namespaces and a tap"; exit 77; }
ns=gylbt$$
work=$(mktemp -d)
finish() {
	for n in s c t; do
		ip netns pids "$ns-$n" 2>/dev/null | xargs -r kill -9 2>/dev/null || true
		ip netns del "$ns-$n" 2>/dev/null || true
	done
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM
# s and c have a veth pair, t has the taps with the client on their other side.
for n in s c t; do
	ip netns add "$ns-$n"
	ip netns exec "$ns-$n" ip link set lo up
	ip netns exec "$ns-$n" sysctl -qw net.ipv4.tcp_tw_reuse=1 net.ipv4.ip_local_port_range="1024 65535" \
		net.ipv4.tcp_timestamps=1 2>/dev/null || true
done
ip link add veth0 netns "$ns-s" type veth peer name veth0 netns "$ns-c"
ip netns exec "$ns-s" ip addr add 10.77.0.1/24 dev veth0
sources() {
	for last in 2 3 4 5 6 7 8 9; do
		ip netns exec "$1" ip addr add "10.77.0.$last/24" dev "$2" 2>/dev/null || true
	done
}
sources "$ns-c" veth0
ip netns exec "$ns-s" ip link set veth0 up
ip netns exec "$ns-c" ip link set veth0 up

# one SERVER FAULTS MODE [ARGUMENTS]: the number that the client prints, and the server's CPU seconds.
one() {
	server=$1 faults=$2 mode=$3
	shift 3
	if [ "$server" = kernel ]; then
		ip netns exec "$ns-s" taskset -c 0 "$bin/tcp_kernel" >"$work/cpu" &
		client=$ns-c
	else
		ip netns exec "$ns-t" taskset -c 0 "$bin/tcp_$server" "${faults}tap:gylbt0,peer=10.77.0.2/24" 10.77.0.1 >"$work/cpu" &
		client=$ns-t
	fi
	pid=$!
	sleep 0.4
	[ "$server" = kernel ] || sources "$ns-t" gylbt0
	got=$(ip netns exec "$client" taskset -c 1 timeout 30 "$bin/tcp_load" "$mode" 10.77.0.1 "$seconds" "$@" 2>"$work/err") || got=0
	kill "$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || true
	echo "${got:-0} $(cat "$work/cpu")"
}

# median SERVER FAULTS MODE [ARGUMENTS]
median() {
	i=0
	: >"$work/runs"
	while [ $i -lt "$runs" ]; do
		one "$@" >>"$work/runs"
		i=$((i + 1))
	done
	sort -g "$work/runs" | sed -n "$(((runs + 1) / 2))p"
}

# row TITLE UNIT SERVERS FAULTS MODE [ARGUMENTS]: a line with each server's median, and CPU per connection.
row() {
	title=$1 unit=$2 servers=$3
	shift 3
	printf '| %s |' "$title"
	for server in ours lwip kernel; do
		case " $servers " in
		*" $server "*)
			if [ -x "$bin/tcp_$server" ]; then
				# shellcheck disable=SC2046
				set -- "$@" && median "$server" "$@" >"$work/median"
				read -r value cpu <"$work/median"
				if [ "$unit" = conn ]; then
					awk -v v="$value" -v c="${cpu:-0}" -v s="$seconds" \
						'BEGIN { printf " %.0f/s, %.1f us |", v, v ? c / (v * s) * 1e6 : 0 }'
				else
					awk -v v="$value" 'BEGIN { printf v < 0.1 ? " %.4f |" : " %.2f |", v }'
				fi
			else
				printf ' not installed |'
			fi
			;;
		*) printf ' |' ;;
		esac
	done
	echo
}

echo "| | ours, tap | lwIP, tap | kernel, veth |"
echo "| --- | --- | --- | --- |"
row "received, Gbit/s" gbit "ours lwip kernel" "" in
row "sent, Gbit/s" gbit "ours lwip kernel" "" out
row "connections, 1 at a time; server CPU each" conn "ours lwip kernel" "" conn 1
row "connections, 32 at a time" conn "ours lwip kernel" "" conn 32
row "the same with 3,000 idle ones" conn "ours lwip kernel" "" conn 32 3000
for loss in 0.1 1 3; do
	row "received at $loss % loss, Gbit/s" gbit "ours lwip" "fault:seed=7,loss=$loss%," in
	row "sent at $loss % loss, Gbit/s" gbit "ours lwip" "fault:seed=7,loss=$loss%," out
done
