#!/bin/sh
# SPDX-License-Identifier: ISC
#
# --metrics: all services in one process, on the kernel's sockets and on our stack. promtool finds nothing wrong with
# the numbers, Prometheus scrapes them and answers questions about them, the table in docs/METRICS.md is what is
# told, its alerts are understood; and who asks too much, too long or too slowly disturbs nobody.
#
#   GYL_UPDATE=1 tests/net/metrics.sh      writes the table anew
. "$(dirname "$0")/lib/net.sh"
need busybox dig python3 curl openssl
PEERS=$PWD/build-peers/usr/bin
M=http://127.0.0.1:9547

lan
for name in box lap; do
	namespace "$name"
	join "$name"
done
in_ns box ip addr add 10.77.0.1/24 dev eth0
in_ns box sysctl -qw net.ipv6.conf.all.disable_ipv6=1

cat >"$WORK/event.zone" <<'ZONE'
$ORIGIN event.example.
$TTL 300
@       SOA     ns hostmaster 1 3600 900 604800 60
        NS      ns
ns      A       10.77.0.1
ZONE
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=log.example.com -keyout "$WORK/log.key" \
	-out "$WORK/log.pem" 2>/dev/null || fail "no certificate"
# conf HOST DEVICE
conf() {
	workers=
	[ "$1" = stack ] || workers='"workers": 2,'
	cat >"$WORK/box.json" <<-CONF
		{
		  "host": "$1", "device": "$2", "address": "10.77.0.1/24", "state": "$WORK/state", "control": "$WORK/box.sock",
		  "metrics": "127.0.0.1:9547",
		  "dhcpd": { "pool": "10.77.0.100-10.77.0.150", "lease_time": "10m" },
		  "dns": { $workers "zones": { "name": "event.example", "file": "event.zone" }, "forward": { "to": "10.77.0.254" } },
		  "syslogd": {
		    "socket": "$WORK/log.sock", "tls_port": 6514, "tls_cert": "$WORK/log.pem", "tls_key": "$WORK/log.key",
		    "outputs": { "copy": { "file": "$WORK/copy.jsonl" }, "far": { "forward": "udp://10.77.0.254:5140" } },
		    "rules": [ { "to": ["copy", "far"] } ]
		  },
		  "arpd": {}
		}
	CONF
}
get() {
	in_ns box curl -sS -m 5 "$@"
}
# One DISCOVER, however slow this machine is: they are counted.
lease() {
	in_ns lap env NOTE="$WORK/lap.note" busybox udhcpc -f -i eth0 -n -q -t 2 -T 10 -s "$PWD/tests/net/lib/dhcp-script.sh"
}

# --- configuration -------------------------------------------------------------------------------------

conf kernel eth0
refused() {
	"$BIN/guyline" run -n -c "$WORK/box.json" --metrics="$1" >"$WORK/refused.out" 2>&1
	[ $? -eq 78 ] && grep -q 'metrics: expected ADDRESS:PORT such as "127.0.0.1:9547", got "'"$1"'"' "$WORK/refused.out"
}
check "an address and a port" "$BIN/guyline" run -n -c "$WORK/box.json"
for place in 9547 127.0.0.1 127.0.0.1:0 ::1:9547 /run/x.sock; do
	check "$place is none" refused $place
done

# --- the kernel's sockets ------------------------------------------------------------------------------

start box box "$BIN/guyline" run -d -c "$WORK/box.json"
wait_for 15 "the box runs" has '^ok$' get "$M"/healthz
for pid in $(ip netns pids "$ID-box"); do
	case $(cat "/proc/$pid/comm" 2>/dev/null) in
	guyline*) check "the sandbox is closed ($pid)" grep -q '^Seccomp:.*2$' "/proc/$pid/status" ;;
	esac
done
check "a lease" lease
check "a name" answer_is 10.77.0.1 in_ns lap dig @10.77.0.1 +short +tries=2 ns.event.example A
# A message that gets no answer: a REQUEST that asks for nothing.
in_ns lap python3 - <<'PY'
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")
s.bind(("", 68))
head = bytes([1, 1, 6, 0]) + bytes(24) + bytes([2, 0, 0, 0, 0, 9]) + bytes(202)
s.sendto(head + bytes.fromhex("63825363350103ff"), ("10.77.0.1", 67))
PY
wait_for 5 "silence by reason" has '^guyline_dhcpd_silence_total\{reason=".*"\} 1$' get "$M"/metrics
get "$M"/metrics >"$WORK/numbers"
# tells LINE: it is in the numbers.
tells() {
	get "$M"/metrics >"$WORK/numbers" && grep -qxF "$1" "$WORK/numbers"
}
check "what runs" has '^guyline_build_info\{program="guyline run",version="[0-9.]+",host="kernel"\} 1$' cat "$WORK/numbers"
check "messages by type" tells 'guyline_dhcpd_messages_total{type="discover"} 1'
check "replies by type" tells 'guyline_dhcpd_replies_total{type="ack"} 1'
check "leases" tells 'guyline_dhcpd_leases 1'
check "pools by state" tells 'guyline_dhcpd_pool_addresses{subnet="10.77.0.0/24",state="leased"} 1'
check "what is free" tells 'guyline_dhcpd_pool_addresses{subnet="10.77.0.0/24",state="free"} 50'
wait_for 5 "queries" tells 'guyline_dns_queries_total 1'
wait_for 5 "answers by code" tells 'guyline_dns_answers_total{rcode="NOERROR"} 1'
check "how long answers took" tells 'guyline_answer_seconds_count{service="dhcpd"} 2'
check "each of them at most ten seconds" tells 'guyline_answer_seconds_bucket{service="dhcpd",le="10"} 2'
check "the ACK waited for the disk" tells 'guyline_store_parked_total 1'
check "flushes were timed" has '^guyline_store_flush_seconds_count [1-9]' cat "$WORK/numbers"
check "turns were timed" has '^guyline_loop_turn_seconds_count [1-9]' cat "$WORK/numbers"
check "memory" has '^process_resident_memory_bytes [1-9][0-9]{5}' cat "$WORK/numbers"
check "time of the processor" has '^process_cpu_seconds_total [0-9]*\.[0-9]*[1-9]' cat "$WORK/numbers"

# --- the table of docs/METRICS.md ----------------------------------------------------------------------

python3 - "$WORK/numbers" >"$WORK/table" <<'PY' || fail "making the table"
import re, sys
families = {}
for line in open(sys.argv[1]):
    m = re.match(r"# (HELP|TYPE) (\S+) (.*)", line)
    if m:
        families.setdefault(m[2], {})[m[1]] = m[3]
        continue
    name, labels = re.match(r"([a-z0-9_]+)(?:{(.*)})? ", line).groups()
    name = name if name in families else re.sub("_(bucket|sum|count)$", "", name)
    families[name].setdefault("labels", [])
    for label in re.findall(r'(\w+)="', labels or ""):
        if label != "le" and label not in families[name]["labels"]:
            families[name]["labels"].append(label)
print("\n| name | type | labels | what |\n| --- | --- | --- | --- |")
for name, f in families.items():
    print("| `%s` | %s | %s | %s |" % (name, f["TYPE"], ", ".join("`%s`" % l for l in f["labels"]), f["HELP"]))
print()
PY
if [ "${GYL_UPDATE-}" = 1 ]; then
	sed -i -e "/^<!-- table -->\$/r $WORK/table" -e '/^<!-- table -->$/,/^<!-- end of the table -->$/{/^<!--/!d}' docs/METRICS.md
fi
sed -n '/^<!-- table -->$/,/^<!-- end of the table -->$/p' docs/METRICS.md | sed '1d;$d' >"$WORK/written"
check "the table of docs/METRICS.md is right (GYL_UPDATE=1 writes it)" diff "$WORK/written" "$WORK/table"

# --- HTTP ----------------------------------------------------------------------------------------------

status_of() {
	get -o "$WORK/body" -w '%{http_code}' "$@"
}
check "another path" answer_is 404 status_of "$M"/
check "a path that only begins like it" answer_is 404 status_of "$M"/metricsx
check "with a query" answer_is 200 status_of "$M/metrics?name=x"
for method in POST PUT DELETE OPTIONS TRACE PATCH; do
	check "$method is none of ours" answer_is 405 status_of -X $method "$M"/metrics
done
check "and what is, is told" has '^Allow: GET, HEAD' get -i -X POST "$M"/metrics
check "a body is refused" answer_is 413 status_of -d "$(head -c 3000 /dev/zero | tr '\0' x)" "$M"/metrics
check "HEAD" has '^Content-Length: [1-9][0-9]{3}' get -I "$M"/metrics
check "HEAD has no body" answer_is 200 status_of -I "$M"/healthz
check "the type" has '^Content-Type: text/plain; version=0\.0\.4' get -I "$M"/metrics
long_request() {
	code=$(status_of -H "X: $(head -c 9000 /dev/zero | tr '\0' x)" "$M"/metrics)
	[ "$code" != 200 ] || return 1
}
check "a request that is too long is refused" long_request
check "the next one is served" answer_is 200 status_of "$M"/metrics

# --- who asks too much ---------------------------------------------------------------------------------

cat >"$WORK/crowd.py" <<'PY'
import socket, sys, time
begin = time.monotonic()
peers = [socket.create_connection(("127.0.0.1", 9547)) for _ in range(20)]
for peer in peers[:4]: # these ask and do not read
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    peer.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
for peer in peers[4:6]: # and these never come to an end
    peer.sendall(b"GET /metrics HTTP/1.1\r\nX: ")
print("there", flush=True)
while time.monotonic() < begin + 25:
    time.sleep(0.5)
    for peer in peers[4:6]:
        try:
            peer.sendall(b"x")
        except OSError:
            print("gone after %d s" % (time.monotonic() - begin), flush=True)
            sys.exit()
PY
box_pid=$(ip netns pids "$ID-box" | while read -r pid; do
	grep -qs '^guyline' "/proc/$pid/comm" && [ -n "$(find "/proc/$pid/fd" -lname '*journal.a' 2>/dev/null)" ] && echo "$pid"
done | head -n 1)
fds() {
	find "/proc/$box_pid/fd" -type l 2>/dev/null | wc -l
}
before=$(fds)
check "the daemon is known" test "$before" -gt 5
start crowd box python3 "$WORK/crowd.py"
wait_for 5 "a crowd is there" has '^there' cat "$WORK/crowd.log"
some_are_in() {
	[ "$(fds)" -gt "$before" ]
}
wait_for 5 "some of them are let in" some_are_in
sleep 0.5
check "not more than eight" test "$(fds)" -le $((before + 8))
check "leases are given meanwhile" lease
check "names, too" answer_is 10.77.0.1 in_ns lap dig @10.77.0.1 +short +tries=2 ns.event.example A
wait_for 30 "those that go on for ever are put out" has '^gone after (9|1[0-9]) s' cat "$WORK/crowd.log"
wait_for 15 "numbers are there again" tells 'guyline_dhcpd_leases 1'
no_more() {
	[ "$(fds)" -le "$before" ]
}
wait_for 5 "nobody is left" no_more

# --- Prometheus ----------------------------------------------------------------------------------------

prometheus() {
	[ -x "$PEERS/prometheus" ] && [ -x "$PEERS/promtool" ] || {
		echo "skipped: no Prometheus in build-peers (./test packages)"
		return
	}
	check "promtool finds nothing wrong with the numbers" "$PEERS/promtool" check metrics <"$WORK/numbers"
	# The examples of the page, as they stand there.
	awk -v dir="$WORK" '/^```yaml/ { n++; on = 1; next } /^```/ { on = 0 } on { print >(dir "/example" n ".yml") }' docs/METRICS.md
	sed -e 's/15s/1s/' -e "\$arule_files: [\"example2.yml\"]" "$WORK/example1.yml" >"$WORK/prometheus.yml"
	check "promtool understands the examples" "$PEERS/promtool" check config "$WORK/prometheus.yml"
	check "seven alerts" has '7 rules found' "$PEERS/promtool" check rules "$WORK/example2.yml"
	# A class's pool beside the subnet's own.
	cat >"$WORK/rules.yml" <<-YML
		rule_files: [example2.yml]
		tests:
		  - interval: 1m
		    input_series:
		      - { series: 'guyline_dhcpd_pool_addresses{instance="i",subnet="s",state="free"}', values: '1x10' }
		      - { series: 'guyline_dhcpd_pool_size{instance="i",subnet="s"}', values: '100x10' }
		      - { series: 'guyline_dhcpd_pool_addresses{instance="i",subnet="s",class="phones",state="free"}', values: '50x10' }
		      - { series: 'guyline_dhcpd_pool_size{instance="i",subnet="s",class="phones"}', values: '100x10' }
		    alert_rule_test:
		      - eval_time: 8m
		        alertname: PoolNearlyFull
		        exp_alerts:
		          - exp_labels: { instance: i, subnet: s, state: free }
		            exp_annotations: { summary: "s has 1% of its addresses left" }
	YML
	check "pools of classes are told apart" "$PEERS/promtool" test rules "$WORK/rules.yml"
	start prometheus box "$PEERS/prometheus" --config.file="$WORK/prometheus.yml" --storage.tsdb.path="$WORK/tsdb" \
		--web.listen-address=127.0.0.1:9090 --log.level=warn
	wait_for 30 "Prometheus has scraped it" asked 'up{job="guyline"}' '"1"\]'
	wait_for 15 "it knows the leases" asked 'guyline_dhcpd_leases' '"1"\]'
	wait_for 15 "and the pools" asked 'sum by (subnet) (guyline_dhcpd_pool_addresses)' '"subnet":"10\.77\.0\.0/24"\},"value":\[[0-9.]+,"51"\]'
	wait_for 15 "free and size go together" asked \
		'guyline_dhcpd_pool_addresses{state="free"} / on(instance, subnet, class) group_left() guyline_dhcpd_pool_size' '"0\.98'
	wait_for 10 "and makes quantiles" asked \
		'histogram_quantile(0.99, sum by (le, service) (guyline_answer_seconds_bucket{service="dhcpd"}))' '"0\.[0-9]+"\]'
	wait_for 10 "healthy" asked 'guyline_healthy' '"1"\]'
	has_targets() {
		get http://127.0.0.1:9090/api/v1/targets | grep -q '"lastError":"","lastScrape"'
	}
	wait_for 10 "no scrape went wrong" has_targets
}
# asked QUERY PATTERN
asked() {
	has "$2" get -G --data-urlencode "query=$1" http://127.0.0.1:9090/api/v1/query
}
prometheus

# --- our own stack -------------------------------------------------------------------------------------

for pid in $(ip netns pids "$ID-box"); do
	kill "$pid" 2>/dev/null
done
wait_for 15 "all ended" nobody_in box
in_ns box ip addr del 10.77.0.1/24 dev eth0
conf stack packet:eth0
start stack box "$BIN/guyline" run -d -c "$WORK/box.json"
wait_for 15 "the stack's port is the machine's" has '^ok$' get "$M"/healthz
check "its host" has '^guyline_build_info.*host="stack"' get "$M"/metrics
check "a lease by the stack" lease
check "is counted" tells 'guyline_dhcpd_messages_total{type="request"} 1'
check "and timed" tells 'guyline_answer_seconds_count{service="dhcpd"} 2'
done_well
