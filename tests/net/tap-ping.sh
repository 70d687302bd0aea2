#!/bin/sh
# SPDX-License-Identifier: ISC
#
# A namespace holds a tap. On its one side the kernel has 10.77.0.2, on the other our stack has 10.77.0.1 and
# echoes port 7 of UDP and TCP (libnet/examples/echo.c). The kernel finds us by ARP, small, large and odd pings
# come back whole, a line of text comes back from port 7, and port 9, where nobody listens, is refused. Our pcap
# device writes down all of it, and tshark finds nothing malformed, no bad checksum, and no octet but zero behind
# the datagrams.
set -eu

skip() {
	echo "skipped: $1"
	exit 77
}

[ "$(id -u)" = 0 ] || skip "needs root for a network namespace"
command -v ip >/dev/null || skip "needs ip (iproute2)"
command -v ping >/dev/null || skip "needs ping (iputils-ping)"
command -v bash >/dev/null || skip "needs bash for /dev/udp"
command -v tshark >/dev/null || skip "needs tshark"
ns=gyl-ping-$$
ip netns add "$ns" 2>/dev/null || skip "cannot make a network namespace"
dir=$(mktemp -d)
pid=
finish() {
	[ -z "$pid" ] || kill "$pid" 2>/dev/null || true
	ip netns del "$ns"
	rm -rf "$dir"
}
trap finish EXIT
trap 'exit 1' INT TERM

fail() {
	echo "FAILED: $1"
	cat "$dir/err"
	exit 1
}

# run COMMAND...: in the namespace
run() {
	ip netns exec "$ns" "$@"
}

[ -e /dev/net/tun ] || skip "needs /dev/net/tun"
ip netns exec "$ns" "$GYL_BUILD/examples/example_echo" \
	"pcap:$dir/all.pcap,tap:gylping0,peer=10.77.0.2/24" 10.77.0.1 2>"$dir/err" &
pid=$!
tries=0
until run ping -c 1 -W 1 10.77.0.1 >/dev/null 2>&1; do
	tries=$((tries + 1))
	[ $tries -lt 10 ] && kill -0 "$pid" 2>/dev/null || fail "no answer to the first ping"
done

for size in 0 1 17 56 999 1471 1472; do
	# one at a time: after a first reply ping waits two round trips only, which a busy machine may exceed
	for _ in 1 2; do
		run ping -c 1 -W 2 -s "$size" 10.77.0.1 >"$dir/out" || fail "ping -s $size lost something"
	done
done
run ping -c 1 -W 1 -b 10.77.0.255 >/dev/null 2>&1 && fail "a ping to all was answered"

got=$(run timeout 5 bash -c 'exec 3<>/dev/udp/10.77.0.1/7; echo hello there >&3; head -n 1 <&3')
[ "$got" = "hello there" ] || fail "echo of port 7: '$got'"
got=$(run timeout 5 bash -c 'exec 3<>/dev/tcp/10.77.0.1/7; echo hello there >&3; head -n 1 <&3')
[ "$got" = "hello there" ] || fail "echo of port 7 by TCP: '$got'"
run timeout 5 bash -c 'exec 3<>/dev/tcp/10.77.0.1/9' 2>"$dir/out" && fail "TCP port 9 was not refused"
grep -q 'Connection refused' "$dir/out" || fail "TCP port 9: $(cat "$dir/out")"
run timeout 5 bash -c 'exec 3<>/dev/udp/10.77.0.1/9; echo x >&3; sleep 0.3; echo x >&3' 2>"$dir/out" &&
	fail "port 9 was not refused"
grep -q 'Connection refused' "$dir/out" || fail "port 9: $(cat "$dir/out")"

kill "$pid"
wait "$pid" 2>/dev/null || true
pid=

# count FILTER: frames of the capture that match
count() {
	tshark -n -r "$dir/all.pcap" -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE -Y "$1" 2>>"$dir/err" |
		wc -l
}
ours=$(count 'eth.src == 02:00:00:00:00:07')
[ "$ours" -ge 18 ] || fail "only $ours frames of ours in the capture"
bad='_ws.malformed || ip.checksum.status == 0 || udp.checksum.status == 0 || icmp.checksum.status == 0'
[ "$(count "$bad")" = 0 ] || fail "malformed frames: $(tshark -n -r "$dir/all.pcap" -Y "$bad")"
[ "$(count 'eth.src == 02:00:00:00:00:07 && _ws.expert.severity == error')" = 0 ] || fail "expert errors"
[ "$(count 'eth.src == 02:00:00:00:00:07 && frame.len < 60')" = 0 ] || fail "frames under 60 octets"
[ "$(count 'eth.src == 02:00:00:00:00:07 && (eth.trailer || eth.padding)')" -ge 3 ] || fail "no padding seen"
dirty=$(tshark -n -r "$dir/all.pcap" -T fields -e eth.padding -e eth.trailer \
	-Y 'eth.src == 02:00:00:00:00:07' 2>>"$dir/err" | tr -d '0:\t\n')
[ -z "$dirty" ] || fail "padding holds octets that nobody wrote: $dirty"
echo "pings, echo and refusal in $ours frames of ours, none malformed"
