#!/bin/sh
# SPDX-License-Identifier: ISC
#
# guyline-dns as a forwarder beside Unbound and dnsmasq: the same upstream (another Unbound), the same questions from
# dnsperf over loopback, in one run and by turns (lib.sh). Each has one worker; medians of ROUNDS rounds.
#
#   cached   1,000 names that are in the cache
#   new      names that nobody has asked for yet: each is asked of the upstream
#
# usage: tests/bench/dns/forward.sh [BUILD [ROUNDS]]     (as root)
set -eu
# shellcheck source=tests/bench/dns/lib.sh
. "$(dirname "$0")/lib.sh"
space s

# unbound_conf PORT: what both Unbounds have.
unbound_conf() {
	cat <<-CONF
		server:
		  interface: 127.0.0.1
		  port: $1
		  do-daemonize: no
		  username: ""
		  chroot: ""
		  directory: "$dir"
		  pidfile: ""
		  use-syslog: no
		  module-config: "iterator"
		  num-threads: 1
		  do-not-query-localhost: no
		  minimal-responses: yes
		  access-control: 127.0.0.0/8 allow
	CONF
}
{
	unbound_conf 5301
	echo '  local-zone: "hall." redirect'
	echo '  local-data: "hall. 3600 IN A 198.51.100.1"'
	printf 'remote-control:\n  control-enable: no\n'
} >"$dir/upstream.conf"
{
	unbound_conf 5303
	printf 'forward-zone:\n  name: "."\n  forward-addr: 127.0.0.1@5301\nremote-control:\n  control-enable: no\n'
} >"$dir/unbound.conf"
cat >"$dir/ours.json" <<CONF
{ "host": "kernel", "device": "lo", "address": "127.0.0.1/8", "state": "$dir/state", "control": "$dir/sock",
  "dns": { "port": 5302, "rate_limit": { "answers": 0 }, "forward": { "to": "127.0.0.1:5301" } } }
CONF
mkdir "$dir/state"
awk 'BEGIN { for (i = 0; i < 1000; i++) printf "n%d.hall A\n", i }' >"$dir/cached"

serve_upstream() { peer_at s 1 usr/sbin/unbound -c "$dir/upstream.conf"; }
serve_ours() { at s 0 "$build/bin/guyline-dns" -d -c "$dir/ours.json"; }
serve_unbound() { peer_at s 0 usr/sbin/unbound -c "$dir/unbound.conf"; }
serve_dnsmasq() {
	peer_at s 0 usr/sbin/dnsmasq -k -C /dev/null -p 5304 --listen-address=127.0.0.1 --bind-interfaces --no-resolv \
		--no-hosts --server=127.0.0.1#5301 -c 10000 --dns-forward-max=1000 --pid-file= --user=root
}

# port SERVER
port() {
	case $1 in
	ours) echo 5302 ;;
	unbound) echo 5303 ;;
	dnsmasq) echo 5304 ;;
	esac
}

start upstream
until_answers upstream s 127.0.0.1 5301 first.hall 198.51.100.1
for server in ours unbound dnsmasq; do
	start "$server"
	until_answers "$server" s 127.0.0.1 "$(port "$server")" first.hall 198.51.100.1
	ask "$server" warm s 127.0.0.1 "$(port "$server")" -d "$dir/cached" -n 2
done
round=0
while [ "$round" -lt "$rounds" ]; do
	round=$((round + 1))
	awk -v r="$round" 'BEGIN { for (i = 0; i < 20000; i++) printf "r%dx%d.hall A\n", r, i }' >"$dir/new"
	for server in ours unbound dnsmasq; do
		ask "$server" cached s 127.0.0.1 "$(port "$server")" -d "$dir/cached" -n 300 -c 10
		ask "$server" new s 127.0.0.1 "$(port "$server")" -d "$dir/new" -n 1 -c 10
	done
done

printf '%-8s %-8s %12s %12s %8s\n' what server "CPU us/query" queries/s lost
for what in cached new; do
	for server in ours unbound dnsmasq; do
		printf '%-8s %-8s %12.2f %12s %8s\n' "$what" "$server" "$(median "$server.$what" 1)" \
			"$(median "$server.$what" 2)" "$(median "$server.$what" 3)"
	done
done
