#!/bin/sh
# SPDX-License-Identifier: ISC
#
# guyline-dhcpd beside Kea: the same exchanges from the same generator (tests/load/dhcp_load, a relay with ever new
# clients), in one run, the servers by turns so that a noisy minute hits both. The server is pinned to processor 0,
# the load to processor 1; a veth pair joins them. Ours writes and flushes each lease before its ACK; Kea writes its
# lease file and never flushes. Both log what is wrong and no more. Medians of ROUNDS rounds.
#
# The same rates come from Kea's own generator too, perfdhcp, where it is not the limit itself: it wants a whole
# processor, and ends near 22,000 a second on a quiet one.
#
# usage: tests/bench/dhcp/run.sh [BUILD [ROUNDS]]      (as root; `cmake --build build --target bench-dhcp` does it)
set -eu
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/../lib.sh"
need_peer usr/sbin/kea-dhcp4 usr/sbin/perfdhcp
cable 10.100.0.1/15 10.100.0.2/15

cat >"$dir/kea.json" <<KEA
{ "Dhcp4": { "interfaces-config": { "interfaces": [ "gylv0" ], "dhcp-socket-type": "udp" },
  "lease-database": { "type": "memfile", "name": "$dir/kea.leases", "lfc-interval": 0 },
  "valid-lifetime": 3600, "multi-threading": { "enable-multi-threading": false },
  "subnet4": [ { "subnet": "10.100.0.0/15", "pools": [ { "pool": "10.100.1.0-10.101.255.250" } ] } ],
  "loggers": [ { "name": "kea-dhcp4", "severity": "ERROR", "output_options": [ { "output": "$dir/kea.log" } ] } ] } }
KEA

serve_ours() {
	at s 0 "$build/bin/guyline-dhcpd" -d --host=kernel --device=gylv0 --address=10.100.0.1/15 --state="$dir/state" \
		--control="$dir/sock" --dhcpd.pool=10.100.1.0-10.101.255.250 --dhcpd.lease_time=1h --log.level='*=notice'
}

serve_kea() {
	export KEA_PIDFILE_DIR="$dir" KEA_LOCKFILE_DIR="$dir" KEA_LOGGER_DESTINATION="$dir/kea.log"
	peer_at s 0 usr/sbin/kea-dhcp4 -c "$dir/kea.json"
}

forget() {
	rm -rf "$dir/state" "$dir"/kea.leases*
}

# load OPTION...: one line of figures.
load() {
	(at c 1 "$build/load/dhcp_load" --server 10.100.0.1 --relay 10.100.0.2 "$@")
}

# word NAME: of a line of figures on standard input.
word() {
	awk -v name="$1" '{ for (i = 1; i < NF; i += 2) if ($i == name) print $(i + 1) }'
}

# at_rate SERVER RATE: CPU of an exchange, lost ones, mean times, with few leases to begin with.
at_rate() {
	forget
	start "$1"
	load --rate 200 --seconds 1 --first 900000 >"$dir/warm"
	load --rate "$2" --seconds 4 --clients 100000 --pid "$(pid "$1")" >"$dir/line"
	row "$1-$2" "$(word cpu_ns <"$dir/line")" "$(word lost_permille <"$dir/line")" \
		"$(word offer_us <"$dir/line")" "$(word ack_us <"$dir/line")"
	stop "$1"
}

# perfdhcp RATE SECONDS: its report. Each exchange is of a client that was not seen before, as good as always.
perfdhcp() {
	(
		peer_at c 1 usr/sbin/perfdhcp -4 -l 10.100.0.2 -r "$1" -p "$2" -R 4000000 -s "$round" -g single \
			-W 500000 10.100.0.1
	) >"$dir/perfdhcp" 2>&1 || [ $? -eq 3 ] || die "perfdhcp: $(tail -n 1 "$dir/perfdhcp")"
}

# reported EXCHANGE NAME: a figure of the report, such as REQUEST-ACK "avg delay".
reported() {
	awk -v part="$1" -v name="$2: " '/Statistics for/ { in_part = index($0, part) }
		in_part && index($0, name) == 1 { print substr($0, length(name) + 1) + 0 }' "$dir/perfdhcp"
}

# by_perfdhcp SERVER RATE: CPU of an exchange, lost ones, mean times.
by_perfdhcp() {
	forget
	start "$1"
	load --rate 200 --seconds 1 --first 900000 >"$dir/warm"
	before=$(cpu "$1")
	perfdhcp "$2" 3
	row "$1-perfdhcp-$2" "$(awk -v ns=$(($(cpu "$1") - before)) -v sent="$(reported DISCOVER-OFFER "sent packets")" \
		-v done="$(reported REQUEST-ACK "received packets")" -v offer="$(reported DISCOVER-OFFER "avg delay")" \
		-v ack="$(reported REQUEST-ACK "avg delay")" 'BEGIN {
			printf "%.0f %.0f %.0f %.0f %.0f", ns / done, (sent - done) * 1000 / sent,
				offer * 1000, ack * 1000, sent / 3 }')"
	stop "$1"
}

# filled SERVER: the same at 5,000 a second with 60,000 leases; memory with 65,000; a restart.
filled() {
	forget
	start "$1"
	load --rate 200 --seconds 1 --first 900000 >"$dir/warm"
	load --rate 5000 --seconds 9 --clients 45000 >"$dir/fill"
	load --rate 5000 --seconds 3 --first 100000 --clients 15000 >"$dir/fill"
	load --rate 5000 --seconds 1 --first 200000 --clients 5000 --pid "$(pid "$1")" >"$dir/line"
	row "$1-full" "$(word cpu_ns <"$dir/line")" "$(word lost_permille <"$dir/line")" \
		"$(awk '/^VmRSS/ { print $2 }' "/proc/$(pid "$1")/status")"
	stop "$1" KILL
	(load --rate 500 --seconds 2 --first 300000 >"$dir/line") &
	loader=$!
	sleep 0.2
	start "$1"
	wait "$loader"
	row "$1-restart" "$(($(word first_us <"$dir/line") - 200000))"
	stop "$1"
}

round=0
while [ "$round" -lt "$rounds" ]; do
	for rate in 5000 10000 20000; do
		at_rate ours "$rate"
		at_rate kea "$rate"
	done
	for rate in 5000 10000; do
		by_perfdhcp ours "$rate"
		by_perfdhcp kea "$rate"
	done
	filled ours
	filled kea
	round=$((round + 1))
done

# lost_at SERVER RATE: per mille.
lost_at() {
	forget
	start "$1"
	load --rate 200 --seconds 1 --first 900000 >"$dir/warm"
	load --rate "$2" --seconds 3 --clients 60000 | word lost_permille
	stop "$1"
}

# The highest rate at which less than 1 % is lost, in steps of a tenth; one that fails is tried twice.
for server in ours kea; do
	best=0
	rate=8000
	while [ "$rate" -lt 60000 ]; do
		[ "$(lost_at "$server" "$rate")" -lt 10 ] || [ "$(lost_at "$server" "$rate")" -lt 10 ] || break
		best=$rate
		rate=$((rate + rate / 10))
	done
	echo "$best" >"$dir/row-$server-max"
done

# us NANOSECONDS
us() {
	awk -v v="$1" 'BEGIN { printf "%.1f", v / 1000 }'
}

# figures ROW: of perfdhcp.
figures() {
	echo "$(median "$1" 5); $(median "$1" 2); $(median "$1" 3), $(median "$1" 4)"
}

echo "| | guyline-dhcpd | Kea | ours / Kea |"
echo "| --- | --- | --- | --- |"
for rate in 5000 10000 20000; do
	a=$(median "ours-$rate" 1) b=$(median "kea-$rate" 1)
	echo "| $rate exchanges/s: CPU each, us | $(us "$a") | $(us "$b") | $(ratio "$a" "$b") |"
	echo "| lost, per mille; mean OFFER, ACK in us | $(median "ours-$rate" 2); $(median "ours-$rate" 3), $(median "ours-$rate" 4) | $(median "kea-$rate" 2); $(median "kea-$rate" 3), $(median "kea-$rate" 4) | |"
done
for rate in 5000 10000; do
	a=$(median "ours-perfdhcp-$rate" 1) b=$(median "kea-perfdhcp-$rate" 1)
	echo "| by perfdhcp, $rate exchanges/s: CPU each, us | $(us "$a") | $(us "$b") | $(ratio "$a" "$b") |"
	echo "| begun a second; lost, per mille; mean OFFER, ACK in us | $(figures "ours-perfdhcp-$rate") | $(figures "kea-perfdhcp-$rate") | |"
done
a=$(median ours-full 1) b=$(median kea-full 1)
echo "| 5000 exchanges/s with 60,000 leases: CPU each, us | $(us "$a") | $(us "$b") | $(ratio "$a" "$b") |"
echo "| memory with 65,000 leases, KiB | $(median ours-full 3) | $(median kea-full 3) | $(ratio "$(median ours-full 3)" "$(median kea-full 3)") |"
echo "| start with 65,000 leases after kill -9, to the first OFFER, ms | $(us "$(median ours-restart 1)") | $(us "$(median kea-restart 1)") | $(ratio "$(median ours-restart 1)" "$(median kea-restart 1)") |"
echo "| most exchanges/s with less than 1 % lost | $(cat "$dir/row-ours-max") | $(cat "$dir/row-kea-max") | $(ratio "$(cat "$dir/row-ours-max")" "$(cat "$dir/row-kea-max")") |"
