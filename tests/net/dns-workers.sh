#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Three threads answer by UDP (dns.workers). Each gives right answers to all kinds of names, by itself or by the first one;
# each is as confined as the daemon; zones are replaced 200 times under load without a lost or wrong answer; what is counted
# is what was asked. RELOADS says how often. With ThreadSanitizer, whose reports need /proc:
#
#   GUYLINE_BIN=$PWD/build-tsan/bin SANDBOX=false RELOADS=40 tests/net/dns-workers.sh
. "$(dirname "$0")/lib/net.sh"
need python3 dig nsupdate busybox curl ip
[ -x "$PEERS/usr/bin/dnsperf" ] || skip "dnsperf is not unpacked"
RELOADS=${RELOADS:-200}
SANDBOX=${SANDBOX:-true}
NAMES=1000
SECRET=c2VjcmV0IGZvciBhIHRlc3Qgb2Ygd29ya2Vycw==
TSAN_OPTIONS="halt_on_error=0 ${TSAN_OPTIONS-}"
export TSAN_OPTIONS

lan
for name in box lap pc inet; do
	namespace "$name"
	join "$name"
done
in_ns box ip addr add 10.77.0.1/24 dev eth0
in_ns box ip addr add 10.77.0.7/24 dev eth0
in_ns lap ip addr add 10.77.0.2/24 dev eth0
in_ns inet ip addr add 10.77.0.53/24 dev eth0

# zone GENERATION: t.example
zone() {
	awk -v g="$1" -v n="$NAMES" 'BEGIN {
		print "$TTL 60\n@ SOA ns root " g + 1 " 3600 600 86400 60\n@ NS ns\nns A 192.0.2.1\n*.wild A 192.0.2.3"
		print "tolive CNAME www.z.example.\ntolease CNAME laptop.lan.example.\ntoothers CNAME www.up.example."
		for (i = 0; i < n; i++) printf "h%d A 10.%d.%d.%d\n", i, g, i / 256, i % 256 }' >"$WORK/t.new"
	mv "$WORK/t.new" "$WORK/t.zone"
}
zone 0
printf '%s\n' "\$TTL 60" "@ SOA ns root 1 3600 600 86400 60" "@ NS ns" "ns A 192.0.2.1" "www A 192.0.2.10" >"$WORK/z.zone"
printf '%s\n' "\$TTL 60" "@ SOA ns root 1 3600 600 86400 60" "@ NS ns" "ns A 10.77.0.1" >"$WORK/lan.zone"
printf '%s\n' "\$TTL 60" "@ SOA ns root 1 3600 600 86400 60" "@ NS ns" "ns A 10.77.0.53" "www A 198.51.100.1" >"$WORK/up.zone"
echo "192.0.2.20 printer.hosts.example" >"$WORK/hosts"
echo "blocked.example" >"$WORK/block"
cat >"$WORK/up.json" <<JSON
{ "host": "kernel", "device": "eth0", "address": "10.77.0.53/24", "state": "$WORK/up", "control": "$WORK/up.sock",
  "dns": { "zones": { "name": "up.example", "file": "up.zone" } } }
JSON
# conf LOG-QUERIES
conf() {
	cat >"$WORK/box.new" <<JSON
{ "host": "kernel", "device": "eth0", "address": "10.77.0.1/24", "state": "$WORK/box", "control": "$WORK/box.sock",
  "sandbox": $SANDBOX, "metrics": "127.0.0.1:9547", "log": { "level": "*=info,dns=debug" },
  "dhcpd": { "pool": "10.77.0.100-10.77.0.150", "lease_time": "10m", "domain": "lan.example", "probe": false },
  "dns": { "workers": 3, "log_queries": $1, "rate_limit": { "exempt": "10.77.0.0/24" },
    "zones": [ { "name": "t.example", "file": "t.zone" }, { "name": "lan.example", "file": "lan.zone" },
      { "name": "z.example", "file": "z.zone", "update": { "key": "admin" } } ],
    "keys": { "name": "admin", "secret": "$SECRET" },
    "hosts": "hosts", "block": { "file": "block", "format": "domains" },
    "forward": { "to": "10.77.0.53" } } }
JSON
	mv "$WORK/box.new" "$WORK/box.json"
}
conf false
start up inet "$BIN/guyline-dns" -d -c "$WORK/up.json"
start box box "$BIN/guyline" run -d -c "$WORK/box.json"
BOX=$STARTED
ask() {
	in_ns lap dig +tries=1 +time=3 @10.77.0.1 "$@"
}
get() {
	in_ns box curl -sS -m 5 http://127.0.0.1:9547/metrics
}
# metric NAME: its value.
metric() {
	get | awk -v name="$1" '$1 == name { print $2 }'
}
wait_for 20 "the upstream answers" has '^198\.51\.100\.1$' in_ns lap dig +short @10.77.0.53 www.up.example
wait_for 20 "the box answers" has '^10\.0\.0\.1$' ask +short h1.t.example
check "a lease" in_ns pc env NOTE="$WORK/lap.note" busybox udhcpc -f -i eth0 -n -q -t 5 -T 3 -x hostname:laptop \
	-s "$PWD/tests/net/lib/dhcp-script.sh"
wait_for 5 "the lease has a name" has '^10\.77\.0\.1[0-9][0-9]$' ask +short laptop.lan.example

# --- the threads ---------------------------------------------------------------------------------------

PID=
for pid in $(ip netns pids "$ID-box"); do
	if grep -qsx 'dns worker 1' "/proc/$pid"/task/*/comm; then PID=$pid; fi
done
[ -n "$PID" ] || fail "no process has a thread \"dns worker 1\""
names_of() {
	cat "/proc/$PID"/task/*/comm | grep -c '^dns worker [12]$'
}
check "two workers beside the first thread" answer_is 2 names_of
for task in "/proc/$PID"/task/*; do
	case $SANDBOX$(cat "$task/comm") in "truedns worker"*) ;; *) continue ;; esac
	check "$(cat "$task/comm"): system calls are fenced off" grep -q '^Seccomp:.*2$' "$task/status"
	check "$(cat "$task/comm"): no capabilities" grep -q '^CapEff:.*0000000000000000$' "$task/status"
	check "$(cat "$task/comm"): no signals" grep -Eq '^SigBlk:.*[f]{7}' "$task/status"
done
check "another daemon finds the port taken" has 'Address already in use' \
	in_ns box timeout 20 "$BIN/guyline-dns" -d -c "$WORK/box.json" --state="$WORK/second" --control="$WORK/second.sock" --metrics=127.0.0.1:9548

# --- every kind of name, from many ports ---------------------------------------------------------------

before=$(metric guyline_dns_queries_total)
sleep 0.3
before=$(metric guyline_dns_queries_total)
ASKED=$(in_ns lap python3 tests/net/dns/workers.py 10.77.0.1 all 40) || fail "an answer is wrong"
echo "ok: $ASKED answers are right"
CHECKS=$((CHECKS + 1))
# counted NAME NUMBER: it is that, when all threads have told.
counted() {
	got=$(metric "$1")
	[ "$got" = "$2" ] || { echo "$1 is $got, not $2"; return 1; }
}
wait_for 5 "all are counted, once" counted guyline_dns_queries_total $((before + ASKED))
get >"$WORK/numbers"
for worker in 1 2; do
	check "worker $worker answers" grep -Eq "^guyline_dns_worker_answers_total\\{worker=\"$worker\"\\} [1-9][0-9]" "$WORK/numbers"
	check "... and passes on" grep -Eq "^guyline_dns_worker_passed_total\\{worker=\"$worker\"\\} [1-9][0-9]" "$WORK/numbers"
	check "... and loses nothing" grep -q "^guyline_dns_worker_lost_total{worker=\"$worker\"} 0\$" "$WORK/numbers"
done
# of_zone MEMBER: a number of "guyline dns zones" about t.example.
of_zone() {
	"$BIN/guyline" --at "$WORK/box.sock" dns zones --json | sed -n "s/.*\"zone\":\"t\.example\.\".*\"$1\":\([0-9]*\).*/\1/p"
}
check "guyline dns zones: what was asked of a zone" test "$(of_zone queries)" -ge 240
top_of_zone() {
	"$BIN/guyline" --at "$WORK/box.sock" dns top --count 100 --json | sed -n "s/.*\"name\":\"$1\".*\"count\":\([0-9]*\).*/\1/p"
}
check "guyline dns top: names that every thread was asked about" test "$(top_of_zone any.wild.t.example.)" -eq 40
# --- what only the first thread can do -----------------------------------------------------------------

for i in 1 2 3 4 5 6 7 8; do
	printf '%s\n' "server 10.77.0.1" "zone z.example" "key hmac-sha256:admin $SECRET" \
		"update add n$i.z.example 60 A 192.0.2.$((100 + i))" send >"$WORK/update"
	in_ns lap nsupdate "$WORK/update" || fail "UPDATE $i"
	has "^192\\.0\\.2\\.$((100 + i))\$" ask +short "n$i.z.example" || fail "what UPDATE $i added"
done
echo "ok: UPDATE from eight ports, and it is there at once"
check "a signed question" has 'TSIG.*NOERROR' ask -y "hmac-sha256:admin:$SECRET" h1.t.example
check "TCP" has '^10\.0\.0\.1$' ask +tcp +short h1.t.example
check "another address of ours, asked from many ports" in_ns lap python3 tests/net/dns/workers.py 10.77.0.7 all 4

# --- zones are replaced under load ---------------------------------------------------------------------

for i in 1 2 3 4 5 6 7 8 9; do echo "h$i.t.example A"; done >"$WORK/questions"
echo "laptop.lan.example A
www.z.example A
nobody.t.example A
www.up.example A" >>"$WORK/questions"
sleep 0.3
before=$(metric guyline_dns_queries_total)
start steady lap python3 tests/net/dns/workers.py 10.77.0.1 steady "$WORK/stop" "$NAMES"
STEADY=$STARTED
start perf lap env "LD_LIBRARY_PATH=$PEERS/usr/lib/$(uname -m)-linux-gnu" "$PEERS/usr/bin/dnsperf" -s 10.77.0.1 -d "$WORK/questions" \
	-T 1 -c 32 -q 32 -Q 2000 -l 8 -t 5
PERF=$STARTED
g=1
while [ $g -le "$RELOADS" ]; do
	zone $g
	tries=0
	until [ "$(of_zone serial)" -eq $((g + 1)) ]; do
		tries=$((tries + 1))
		[ $tries -lt 300 ] || fail "generation $g is not loaded"
		sleep 0.01
	done
	g=$((g + 1))
done
echo "ok: $RELOADS times another zone"
wait "$PERF" || fail "dnsperf"
touch "$WORK/stop"
wait "$STEADY" || fail "not every answer was right"
cat "$WORK/steady.log"
check "dnsperf lost none" grep -Eq 'Queries lost: +0 ' "$WORK/perf.log"
check "the newest is served to all ports" test "$(for i in 1 2 3 4 5 6 7 8; do ask +short h1.t.example; done | sort -u)" = "10.$RELOADS.0.1"
ASKED=$(($(cut -d' ' -f1 "$WORK/steady.log") + $(awk '/Queries sent:/ { print $3 }' "$WORK/perf.log") + 8))
wait_for 5 "all are counted, once" counted guyline_dns_queries_total $((before + ASKED))

# --- queries, told -------------------------------------------------------------------------------------

timeout 6 "$BIN/guyline" --at "$WORK/box.sock" dns queries --follow --name 'h*' >"$WORK/queries.out" 2>&1 &
QUERIES=$!
sleep 2
i=0
while [ $i -lt 30 ]; do
	ask +short "h$i.t.example" >/dev/null
	i=$((i + 1))
done
wait $QUERIES
check "whoever wants is told of each query, whoever answered" answer_is 30 grep -c 'h[0-9]*\.t\.example' "$WORK/queries.out"
conf true
wait_for 10 "log_queries" has 'asks h501\.t\.example\. A: NOERROR' \
	sh -c "ip netns exec $ID-lap dig +short @10.77.0.1 h501.t.example >/dev/null; sleep 0.2; cat $WORK/box.log"

# --- the end -------------------------------------------------------------------------------------------

kill -TERM "$PID"
wait "$BOX"
check "it ends well, with its threads" test $? -eq 0
! grep -q 'ThreadSanitizer' "$WORK"/*.log || fail "ThreadSanitizer had something to say"
done_well
