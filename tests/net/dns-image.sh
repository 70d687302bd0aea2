#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Images that guyline-zonec makes are served instead of zone files, on both hosts: replaced by rename, written over in
# place with cp, cut off, of another version, of another configuration. Somebody asks all the time: no answer is lost or
# wrong, and what is broken is told with its place.
. "$(dirname "$0")/lib/net.sh"
need python3 ip awk
[ -c /dev/net/tun ] || skip "no /dev/net/tun"
NAMES=20000
ZONEC="$BIN/guyline-zonec"

# generation N: its zone, and the image in $WORK/next.
generation() {
	{
		printf '%s\n' "\$TTL 60" "@ SOA ns root $1 3600 600 86400 60" "@ NS ns" "ns A 192.0.2.1"
		awk -v g="$1" -v n="$NAMES" \
			'BEGIN { for (i = 0; i < n; i++) printf "h%d A 10.%d.%d.%d\n", i, g, i / 256, i % 256 }'
	} >"$WORK/zone"
	"$ZONEC" -q -o "$WORK/next" -c "$WORK/$host.json" || fail "image $1"
}

# conf MORE: the configuration.
conf() {
	cat >"$WORK/conf.new" <<JSON
{ "host": "$host", "state": "$WORK/$host", "control": "$WORK/$host.sock",
  "dns": { "image": "$WORK/image", "hosts": "$WORK/hosts", "rate_limit": { "exempt": "10.77.0.0/24" }, $1
           "zones": { "name": "t.example", "file": "$WORK/zone" } } }
JSON
	mv "$WORK/conf.new" "$WORK/$host.json"
}

# told TEXT: the newest refusal says so.
told() {
	wait_for 5 "$host: told: $1" grep -q "$1" "$WORK/$host.log"
}

broken_files() {
	head -c 100000 "$WORK/image" >"$WORK/cut"
	cp "$WORK/cut" "$WORK/image"
	told 'at octet 100000: the file ends before the image does'
	cp "$WORK/good" "$WORK/old"
	printf '\001' | dd of="$WORK/old" bs=1 seek=4 conv=notrunc 2>"$WORK/dd.log" || fail "dd"
	mv "$WORK/old" "$WORK/image"
	told 'at octet 4: another version'
	cp "$WORK/good" "$WORK/bad"
	printf 'xxxx' | dd of="$WORK/bad" bs=1 seek=50000 conv=notrunc 2>"$WORK/dd.log" || fail "dd"
	cp "$WORK/bad" "$WORK/image"
	told 'at octet 12: the checksum'
	: >"$WORK/image"
	told 'at octet 0: this is no image'
	rm "$WORK/image"
	told 'No such file'
}

under_load() {
	wait_for 10 "$host: answers" has '^10\.0\.0\.1$' in_ns "$host" dig +short @10.77.0.1 h1.t.example
	check "$host: hosts files are in it" has '^10\.9\.9\.9$' in_ns "$host" dig +short @10.77.0.1 nas.lan
	start "steady-$host" "$host" python3 tests/net/dns/steady.py 10.77.0.1 8 "$NAMES"
	steady=$STARTED
	sleep 0.5
	for g in 1 2 3 4 5 6 7; do
		generation $g
		if [ $((g % 2)) -eq 0 ]; then
			mv "$WORK/next" "$WORK/image"
		else
			cp "$WORK/next" "$WORK/image"
		fi
		sleep 0.4
	done
	cp "$WORK/image" "$WORK/good"
	broken_files
	generation 8
	mv "$WORK/next" "$WORK/image"
	wait "$steady" || fail "$host: not every answer was right"
	CHECKS=$((CHECKS + 1))
	cat "$WORK/steady-$host.log"
	check "$host: the newest is served" has '^10\.8\.0\.1$' in_ns "$host" dig +short @10.77.0.1 h1.t.example
	conf '"allow": "good.example",'
	told 'was made from another configuration'
	check "$host: and is served on" has '^10\.8\.0\.1$' in_ns "$host" dig +short @10.77.0.1 h1.t.example
}

# serve HOST OPTION...
serve() {
	host=$1
	shift
	namespace "$host"
	conf ''
	generation 0
	mv "$WORK/next" "$WORK/image"
	[ "$host" = stack ] || in_ns "$host" ip addr add 10.77.0.1/24 dev lo
	start "$host" "$host" "$BIN/guyline-dns" -d -c "$WORK/$host.json" "$@"
	under_load
}

echo "10.9.9.9 nas.lan" >"$WORK/hosts"
for host in kernel stack; do
	case $host in
	kernel) serve kernel --device=lo --address=10.77.0.1/24 ;;
	*) serve stack --device=tap:gyldns1,peer=10.77.0.2/24 --address=10.77.0.1/24 ;;
	esac
done
done_well
