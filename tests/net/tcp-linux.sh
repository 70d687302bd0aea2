#!/bin/sh
# SPDX-License-Identifier: ISC
#
# TCP of our own stack against Linux's, over a tap, in both roles: connections at once, octets there and back and
# compared, half closed and closed. First on a clean wire, where tshark has to find nothing that a wire without
# faults would not show; then with frames lost, doubled, late, out of order and with bits turned, by seed. Every
# connection has to end, and to leave nothing behind.
. "$(dirname "$0")/lib/net.sh"
need ip ss tshark
[ -c /dev/net/tun ] || skip "no /dev/net/tun"
TALK=${GYL_BUILD:-$PWD/build}/tests
[ -x "$TALK/talk_stack" ] || skip "talk_stack is not built"
namespace host
in_ns host sysctl -qw net.ipv4.tcp_no_metrics_save=1

# device FAULTS FILE: the device with what stands in front of the tap; the file records what really passes.
device() {
	echo "$1${2:+pcap:$2,}tap:gyltcp0,peer=10.77.0.2/24"
}

stop() {
	kill "$STARTED" 2>/dev/null
	wait "$STARTED" 2>/dev/null || true
}

# serve_ours FAULTS FILE OCTETS CONNECTIONS: ours serves, the kernel dials.
serve_ours() {
	start serve host "$TALK/talk_stack" "$(device "$1" "$2")" 10.77.0.1 serve 7
	until in_ns host ip addr show gyltcp0 2>/dev/null | grep -q 10.77.0.2; do sleep 0.05; done
	in_ns host timeout 100 "$TALK/talk_kernel" dial 10.77.0.1 7 "$3" "$4"
	status=$?
	stop
	return "$status"
}

# dial_ours FAULTS FILE OCTETS CONNECTIONS: the kernel serves, ours dials and tells what it has left.
dial_ours() {
	start kernel host "$TALK/talk_kernel" serve 7
	until in_ns host ss -Hltn | grep -q ':7 '; do sleep 0.05; done
	in_ns host timeout 100 "$TALK/talk_stack" "$(device "$1" "$2")" 10.77.0.1 dial 10.77.0.2 7 "$3" "$4"
	status=$?
	stop
	return "$status"
}

# count FILE FILTER
count() {
	tshark -n -r "$1" -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -Y "$2" 2>/dev/null | wc -l
}

# clean FILE: of what we sent nothing is malformed, out of order, beyond a window, or a reset; and next to nothing
# is sent twice: on a busy machine an answer may come later than a tail loss probe (RFC 8985 7) waits for it. (What
# the kernel sends twice then, and our answers to that, are not ours.)
clean() {
	all=$(count "$1" "ip.src == 10.77.0.1 && tcp")
	[ "$all" -gt 50 ] || { echo "hardly any segments in $1"; return 1; }
	bad='_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0 || ip.src == 10.77.0.1 &&
		(tcp.analysis.out_of_order || tcp.analysis.lost_segment || tcp.analysis.ack_lost_segment ||
		tcp.analysis.keep_alive || tcp.flags.reset == 1 || tcp.options.unknown)'
	bad=$(echo "$bad" | tr -d '\n\t')
	[ "$(count "$1" "$bad")" = 0 ] || { tshark -n -r "$1" -Y "$bad" 2>/dev/null | head; return 1; }
	twice=$(count "$1" "ip.src == 10.77.0.1 && tcp.analysis.retransmission")
	[ $((twice * 100)) -le "$all" ] || { echo "$twice of $all segments were sent twice"; return 1; }
}

check "the kernel dials: 8 connections of 500,000 octets" serve_ours "" "$WORK/serve.pcap" 500000 8
check "tshark finds nothing odd in it" clean "$WORK/serve.pcap"
check "we dial: 8 connections of 500,000 octets" dial_ours "" "$WORK/dial.pcap" 500000 8
check "tshark finds nothing odd in it" clean "$WORK/dial.pcap"
check "no octet at all" serve_ours "" "" 0 4
check "one octet" dial_ours "" "" 1 16

for seed in 1 2 3; do
	check "loss of 1 %, seed $seed: the kernel dials" serve_ours "fault:seed=$seed,loss=1%," "" 1000000 6
	check "loss of 1 %, seed $seed: we dial" dial_ours "fault:seed=$seed,loss=1%," "" 1000000 6
done
all=loss=3%,dup=1%,reorder=3%,corrupt=0.5%,delay=1ms
for seed in 4 5; do
	check "everything at once, seed $seed: the kernel dials" serve_ours "fault:seed=$seed,$all," "" 200000 6
	check "everything at once, seed $seed: we dial" dial_ours "fault:seed=$seed,$all," "" 200000 6
done
done_well
