#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Zones are replaced under load, on both hosts: renamed over, written in place, by way of a file that they include, and
# broken in between. dns/steady.py asks on, by UDP and on one TCP connection: no answer is lost, wrong, or older than one
# that was there before.
. "$(dirname "$0")/lib/net.sh"
need python3 ip awk
[ -c /dev/net/tun ] || skip "no /dev/net/tun"
NAMES=20000

# names GENERATION
names() {
	awk -v g="$1" -v n="$NAMES" 'BEGIN { for (i = 0; i < n; i++) printf "h%d A 10.%d.%d.%d\n", i, g, i / 256, i % 256 }'
}

# zone GENERATION: the names are in a file that it includes.
zone() {
	printf '%s\n' "\$TTL 60" "@ SOA ns root $1 3600 600 86400 60" "@ NS ns" "ns A 192.0.2.1" "\$INCLUDE names"
}

# replace: generations 1 to 9, each in another way, with a broken one before each third.
replace() {
	for g in 1 2 3 4 5 6 7 8 9; do
		names "$g" >"$WORK/names.new"
		if [ $((g % 3)) -eq 0 ]; then
			echo "h0 A 10.0" >"$WORK/names.broken"
			mv "$WORK/names.broken" "$WORK/names"
			sleep 0.3
		fi
		if [ $((g % 2)) -eq 0 ]; then
			mv "$WORK/names.new" "$WORK/names"
		else
			cat "$WORK/names.new" >"$WORK/names"
		fi
		zone "$g" >"$WORK/zone.new"
		mv "$WORK/zone.new" "$WORK/zone"
		sleep 0.5
	done
}

# under_load HOST NAMESPACE: the server is there.
under_load() {
	wait_for 10 "$1: answers" has '^10\.0\.0\.1$' in_ns "$2" dig +short @10.77.0.1 h1.t.example
	start "steady-$1" "$2" python3 tests/net/dns/steady.py 10.77.0.1 9 "$NAMES"
	steady=$STARTED
	sleep 0.5
	replace
	wait "$steady" || fail "$1: not every answer was right"
	CHECKS=$((CHECKS + 1))
	cat "$WORK/steady-$1.log"
	check "$1: the newest is served" has '^10\.9\.0\.1$' in_ns "$2" dig +short @10.77.0.1 h1.t.example
	check "$1: what was broken is told" grep -q '10\.0' "$WORK/$1.log"
}

# conf HOST
conf() {
	cat <<JSON
{ "host": "$1", "state": "$WORK/$1", "control": "$WORK/$1.sock",
  "dns": { "zones": { "name": "t.example", "file": "$WORK/zone" }, "rate_limit": { "exempt": "10.77.0.0/24" } } }
JSON
}

names 0 >"$WORK/names"
zone 0 >"$WORK/zone"
namespace kernel
in_ns kernel ip addr add 10.77.0.1/24 dev lo
conf kernel >"$WORK/kernel.json"
start kernel kernel "$BIN/guyline-dns" -d -c "$WORK/kernel.json" --device=lo --address=10.77.0.1/24
under_load kernel kernel

names 0 >"$WORK/names"
zone 0 >"$WORK/zone"
namespace stack
conf stack >"$WORK/stack.json"
start stack stack "$BIN/guyline-dns" -d -c "$WORK/stack.json" --device=tap:gyldns1,peer=10.77.0.2/24 --address=10.77.0.1/24
under_load stack stack
done_well
