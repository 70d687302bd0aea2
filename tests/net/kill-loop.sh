#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Two laptops take leases under ever new MACs while guyline-dhcpd is killed with -9 at random moments and started
# again. Every lease that a laptop was given (it saw the ACK) must be known after each restart, at the same address.
# GYL_KILL_LOOPS says how often it is killed (default 5).

. "$(dirname "$0")/lib/net.sh"
need busybox ip

LOOPS=${GYL_KILL_LOOPS:-5}
lan
for name in box a b; do
	namespace "$name"
	join "$name"
done
in_ns box ip addr add 10.77.0.1/16 dev eth0

start_box() {
	start dhcpd box "$BIN/guyline-dhcpd" -d --host=kernel --device=eth0 --address=10.77.0.1/16 --state="$WORK/state" \
		--control="$WORK/dhcpd.sock" --dhcpd.pool=10.77.1.0-10.77.9.255 --dhcpd.lease_time=1h
}

# The note of a lease is written by udhcpc's script, so only after the ACK has arrived.
cat >"$WORK/note.sh" <<'SCRIPT'
#!/bin/sh
[ "$1" != bound ] || echo "$ip $MAC" >>"$NOTE"
SCRIPT
chmod +x "$WORK/note.sh"

# guests NAMESPACE DIGITS: new MACs one after another, until the file "stop" is there.
guests() {
	n=0
	while [ ! -e "$WORK/stop" ]; do
		n=$((n + 1))
		mac=$(printf '02:00:5e:%s:%02x:%02x' "$2" $((n / 256)) $((n % 256)))
		in_ns "$1" ip link set eth0 address "$mac"
		in_ns "$1" env NOTE="$WORK/$1.acked" MAC="$mac" busybox udhcpc -f -i eth0 -n -q -t 3 -T 1 -A 1 \
			-s "$WORK/note.sh" >/dev/null 2>&1
	done
}

nobody_in() {
	[ -z "$(ip netns pids "$ID-$1")" ]
}

answers() {
	"$BIN/guyline" --at "$WORK/dhcpd.sock" leases >"$WORK/leases"
}

# Every acked line must be a line of the list.
all_known() {
	answers || return 1
	sed 's/  */ /g' "$WORK/leases" | cut -d ' ' -f 1,2 | sort >"$WORK/known"
	sort -u "$WORK"/*.acked >"$WORK/acked"
	comm -23 "$WORK/acked" "$WORK/known" >"$WORK/lost"
	[ ! -s "$WORK/lost" ] || { echo "acked, but not known:"; cat "$WORK/lost"; return 1; }
}

: >"$WORK/a.acked"
: >"$WORK/b.acked"
start_box
wait_for 10 "the box runs" answers
guests a 0a &
GUESTS="$!"
guests b 0b &
GUESTS="$GUESTS $!"
PIDS="$PIDS $GUESTS"

loop=0
while [ "$loop" -lt "$LOOPS" ]; do
	loop=$((loop + 1))
	sleep "$(awk -v seed="$loop$$" 'BEGIN { srand(seed); printf "%.2f", 0.3 + rand() }')"
	ip netns pids "$ID-box" | xargs -r kill -9 2>/dev/null
	wait_for 5 "it is gone" nobody_in box
	start_box
	wait_for 10 "killed and back ($loop of $LOOPS)" answers
	check "all $(cat "$WORK"/*.acked | wc -l) leases that were acknowledged are known" all_known
done
touch "$WORK/stop"
# shellcheck disable=SC2086
wait $GUESTS
check "there were leases at all" test "$(cat "$WORK"/*.acked | wc -l)" -ge "$LOOPS"
check "no address was given to two" test -z "$(cut -d ' ' -f 1 "$WORK"/a.acked "$WORK"/b.acked | sort | uniq -d)"
done_well
