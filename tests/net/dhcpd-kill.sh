#!/bin/sh
# SPDX-License-Identifier: ISC
#
# guyline-dhcpd is killed with -9 at random moments while a relay with new clients without end asks it for leases,
# a thousand a second, and is started again. Every ACK that a client saw is honoured after each restart: the client
# asks for its address as after a reboot and gets it. GYL_KILL_LOOPS says how often it is killed (default 10).

. "$(dirname "$0")/lib/net.sh"
need ip
LOAD=${GUYLINE_LOAD:-$BIN/../load}/dhcp_load
[ -x "$LOAD" ] || skip "dhcp_load is not built"

LOOPS=${GYL_KILL_LOOPS:-10}
lan
for name in box crowd; do
	namespace "$name"
	join "$name"
done
in_ns box ip addr add 10.77.0.1/15 dev eth0
in_ns crowd ip addr add 10.77.0.2/15 dev eth0

start_box() {
	start dhcpd box "$BIN/guyline-dhcpd" -d --host=kernel --device=eth0 --address=10.77.0.1/15 --state="$WORK/state" \
		--control="$WORK/dhcpd.sock" --dhcpd.pool=10.76.1.0-10.76.255.255 --dhcpd.lease_time=1h --log.level='*=notice'
}

load() {
	in_ns crowd "$LOAD" --server 10.77.0.1 --relay 10.77.0.2 "$@"
}

answers() {
	"$BIN/guyline" --at "$WORK/dhcpd.sock" status >"$WORK/status"
}

nobody_in() {
	[ -z "$(ip netns pids "$ID-$1")" ]
}

# honoured FILE: everybody in it gets what it had, and nobody is left without an answer.
honoured() {
	load --clients 100000 --rate 4000 --confirm "$1" >"$WORK/confirm" || return 1
	has 'naks 0 lost_permille 0 ' cat "$WORK/confirm"
}

start_box
wait_for 10 "the box runs" answers
loop=0
while [ "$loop" -lt "$LOOPS" ]; do
	loop=$((loop + 1))
	: >"$WORK/acked"
	load --rate 1000 --seconds 3 --clients 3000 --first $((loop * 3000 % 60000)) --acks "$WORK/acked" >/dev/null &
	crowd=$!
	PIDS="$PIDS $crowd"
	sleep "$(awk -v seed="$loop$$" 'BEGIN { srand(seed); printf "%.3f", 0.2 + rand() / 2 }')"
	ip netns pids "$ID-box" | xargs -r kill -9 2>/dev/null
	ip netns pids "$ID-crowd" | xargs -r kill 2>/dev/null
	wait "$crowd" 2>/dev/null
	wait_for 5 "killed ($loop of $LOOPS)" nobody_in box
	start_box
	wait_for 10 "and back" answers
	# The last line may have been cut off with its writer.
	grep -E '(:[0-9a-f]{2}){5}$' "$WORK/acked" >"$WORK/whole"
	check "all $(wc -l <"$WORK/whole") ACKs of that life are honoured" honoured "$WORK/whole"
	cat "$WORK/whole" >>"$WORK/all"
done
check "there were many" test "$(wc -l <"$WORK/all")" -ge $((LOOPS * 50))
check "no address was given to two" test -z "$(sort -u "$WORK/all" | cut -d ' ' -f 1 | uniq -d)"
check "all of them, in the end" honoured "$WORK/all"
done_well
