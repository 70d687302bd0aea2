#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Seeing and steering a DHCP server that runs: leases, pools, explain, wipe, reserve and drain, with real clients, by
# the Unix socket and once by TCP with a password, with kill -9 and a new start in between, on both hosts.
. "$(dirname "$0")/lib/net.sh"
need busybox python3

lan
for name in box lap1 lap2 lap3; do
	namespace "$name"
	join "$name"
done
for n in 1 2; do
	in_ns "lap$n" ip link set eth0 down
	in_ns "lap$n" ip link set eth0 address "02:00:5e:10:00:0$n" up
done
in_ns box ip addr add 10.77.0.1/24 dev eth0
in_ns lap3 ip addr add 10.77.0.52/24 dev eth0

# Our own stack sits on a tap of the bridge's namespace.
conf() {
	cat >"$WORK/$1.json" <<-CONF
		{
		  "host": "$1", "device": "$2", "address": "10.77.0.$3/24", "state": "$WORK/state.$1",
		  "control": ["$WORK/$1.sock"$4], $5
		  "dhcpd": { "pool": "10.77.0.100-10.77.0.109", "lease_time": "10m", "min_lease_time": "1m",
		             "probe": false, "client_leases": 8,
		             "reservations": [ { "mac": "02:00:00:00:00:77", "address": "10.77.0.107", "hostname": "camera" } ] }
		}
	CONF
}
AUTH=$(printf 'geheim\n' | "$BIN/guyline" passwd --kind pbkdf2-sha256 --iterations 1000)
conf kernel eth0 1 ', "10.77.0.1:7077"' "\"control_auth\": \"$AUTH\","
conf stack tap:gyltap0 2 '' ''

tool() {
	"$BIN/guyline" --at "$WORK/$HOST.sock" "$@"
}
there() {
	in_ns lap3 env GUYLINE_PASSWORD=geheim "$BIN/guyline" --at 10.77.0.1:7077 "$@"
}
# refused STATUS PATTERN command...: it leaves with that status and says that.
refused() {
	want=$1 pattern=$2
	shift 2
	"$@" >"$WORK/refused.out" 2>&1
	got=$?
	cat "$WORK/refused.out"
	[ "$got" -eq "$want" ] && grep -Eq "$pattern" "$WORK/refused.out"
}
full_disk() {
	"$@" >/dev/full
}
# lease LAP [OPTION...]: an address by DHCP, anew; noted in $WORK/LAP.
lease() {
	lap=$1
	shift
	in_ns "$lap" ip addr flush dev eth0
	in_ns "$lap" env NOTE="$WORK/$lap" busybox udhcpc -f -i eth0 -n -q -t 4 -T 1 -x "hostname:$lap" "$@" \
		-s "$PWD/tests/net/lib/dhcp-script.sh"
}
address_of() {
	in_ns "$1" ip -4 -o addr show dev eth0 | sed -n 's/.* inet \([0-9.]*\)\/.*/\1/p' | head -n 1
}
# is_at LAP ADDRESS
is_at() {
	[ "$(address_of "$1")" = "$2" ]
}
lines_are() {
	want=$1
	shift
	[ "$("$@" | grep -c .)" -eq "$want" ]
}

start_box() {
	if [ "$HOST" = kernel ]; then
		start "box-$HOST" box "$BIN/guyline" run -d -c "$WORK/$HOST.json"
	else
		start "box-$HOST" lan "$BIN/guyline" run -d -c "$WORK/$HOST.json"
	fi
	BOX=$STARTED
	wait_for 15 "the box runs ($HOST)" tool status
	[ "$HOST" = kernel ] || in_ns lan ip link set gyltap0 master br0 up
}
kill_box() {
	kill -9 "$BOX"
	for ns in box lan; do
		ip netns pids "$ID-$ns" | while read -r pid; do
			case $(cat "/proc/$pid/comm" 2>/dev/null) in guyline*) kill -9 "$pid" ;; esac
		done
	done
	sleep 0.3
}

steer() {
	start_box
	M1=02:00:5e:10:00:01 M2=02:00:5e:10:00:02

	# --- before anybody has asked ---
	check "nobody has a lease" lines_are 1 tool leases
	check "who is unknown is told so" refused 1 "no decision about 02:99:99:00:00:01 is remembered.*0 messages of 0 clients are" \
		tool dhcp explain 02:99:99:00:00:01
	check "what is no client is told, too" refused 1 'is neither an address' tool dhcp explain laptop
	check "without an argument there is a usage" refused 64 'usage: guyline dhcp explain' tool dhcp explain
	check "an unknown option is told" refused 64 'no option --colour' tool leases --colour red
	check "a misspelt state is told" refused 64 "usage: guyline leases" tool leases --state laesed
	check "an unknown command is told" refused 64 'no command "dhcp conquer"' tool dhcp conquer

	# --- leases ---
	start follow lan "$BIN/guyline" --at "$WORK/$HOST.sock" --json leases --follow --mac "$M2"
	follow=$STARTED
	check "lap1 gets an address" lease lap1
	check "lap2 gets an address" lease lap2
	A1=$(address_of lap1) A2=$(address_of lap2)
	check "leases has both" lines_are 3 tool leases
	check "sorted by address" [ "$(tool leases | sed 1d | cut -d' ' -f1)" = "$(tool leases | sed 1d | cut -d' ' -f1 | sort -V)" ]
	check "by MAC" has "^$A1 +$M1 +lap1 +leased" tool leases --mac "$M1"
	check "by the beginning of a MAC" lines_are 3 tool leases --mac 02:00:5e
	check "by name" lines_are 2 tool leases --name 'LAP2'
	check "by a part of a name" lines_are 3 tool leases --name 'lap*' --sort name
	check "by prefix" lines_are 1 tool leases --ip 10.78.0.0/16
	check "as JSON" has "^\{.*\"ip\":\"$A2\".*\"name\":\"lap2\",\"state\":\"leased\".*\"subnet\":\"10.77.0.0/24\"" \
		tool leases --ip "$A2" --json
	wait_for 5 "who follows one MAC hears of it" has "\"ip\":\"$A2\"" cat "$WORK/follow.log"
	check "and of no other" [ "$(grep -c "$A1" "$WORK/follow.log")" -eq 0 ]
	kill "$follow"

	# --- pools ---
	check "pools counts" has '^10\.77\.0\.0/24 +10 +7 +0 +2 +0 +1 +30 ' tool pools
	check "it is fuller than 20 %" refused 1 '10.77.0.0/24 is 30 % full, more than 20 %' tool pools --check 20
	check "and not fuller than 30 %" tool pools --check 30
	check "pools as JSON" has '"subnet":"10.77.0.0/24","size":10,"free":7,"offered":0,"leased":2,' tool pools --json

	# --- explain ---
	check "the last decision about lap1" has "^[0-9:]{8}  REQUEST .*given $A1" tool dhcp explain "$M1"
	check "what it has" has "^$A1 is leased to $M1 \(lap1\) for " tool dhcp explain "$M1"
	check "what would come next" has "^If it asked now, it would get $A1 again" tool dhcp explain "$M1"
	check "of an address" has "^$A2 is leased to $M2 \(lap2\)" tool dhcp explain "$A2"
	check "of a reserved one" has '^10.77.0.107 is reserved for 02:00:00:00:00:77' tool dhcp explain 10.77.0.107
	check "as JSON" has '"what":"decision","time":".*"message":"REQUEST".*"reply":"ACK"' tool dhcp explain "$M1" --json

	# --- reserve ---
	check "lap1 gets lap2's address reserved" has "reserved $A2 stage for $M1. Another client has it now" \
		tool dhcp reserve "$M1" "$A2" stage
	check "lap2 is refused when it asks again, and gets another" lease lap2 -r "$A2"
	check "lap2 has another address" [ "$(address_of lap2)" != "$A2" ]
	A3=$(address_of lap2)
	check "lap1 is moved" lease lap1 -r "$A1"
	check "lap1 has the reserved address" is_at lap1 "$A2"
	check "and the reserved name" has "^$A2 +$M1 +stage +leased" tool leases --mac "$M1"
	check "what the file reserves is not taken" refused 1 '10.77.0.107 is reserved for 02:00:00:00:00:77 in the configuration file' \
		tool dhcp reserve "$M2" 10.77.0.107
	check "nor its name" refused 1 'camera is reserved for' tool dhcp reserve "$M2" camera
	check "both are listed" lines_are 3 tool dhcp reservations
	check "with where they come from" has "^$A2 +$M1 +stage +control .*leased" tool dhcp reservations
	check "it is told who did it" has 'dhcpd.steer: control \(uid 0\) reserved' cat "$WORK/box-$HOST.log"
	check "an address outside of the pool can be reserved" tool dhcp reserve 02:00:00:00:00:99 10.77.0.200

	# --- kill -9, and again ---
	kill_box
	start_box
	check "the reservations are still there" lines_are 4 tool dhcp reservations
	check "lap1 keeps its reserved address" lease lap1
	check "it is the same" is_at lap1 "$A2"
	check "lap2 keeps its address" lease lap2 -r "$A3"
	check "it is the same, too" is_at lap2 "$A3"

	check "an answer that cannot be written is no success" refused 74 'standard output cannot be written' full_disk tool leases
	check "as JSON neither" refused 74 'standard output cannot be written' full_disk tool --json pools

	check "a daemon's sentence does not steer the terminal" refused 1 'no source "\\x1b\[31mred"' tool events "$(printf '\033[31mred')"

	# --- wipe ---
	check "an offer of nothing is no lease" refused 1 'nothing is known of' tool dhcp wipe 10.77.0.109
	check "one lease is wiped" has "\"what\":\"wiped\",\"ip\":\"$A3\",\"mac\":\"$M2\"" tool dhcp wipe "$M2" --json
	check "it is gone" lines_are 1 tool leases --mac "$M2"
	check "from the store, too" refused 1 "dhcpd/lease/$A3" tool store get "dhcpd/lease/$A3"
	check "many are not wiped by accident" lease lap2
	check "many are not wiped by accident" refused 1 'say --yes' tool dhcp wipe 10.77.0.0/24
	check "only when that is said" tool dhcp wipe 10.77.0.0/24 --yes
	check "then all are gone" lines_are 1 tool leases
	check "there is nothing more to wipe" refused 1 'nothing to wipe' tool dhcp wipe 10.77.0.0/24

	# --- unreserve, drain ---
	check "the reservation is taken back" has "took back the reservation of $A2" tool dhcp unreserve "$M1"
	check "twice is a mistake" refused 1 'nothing was reserved' tool dhcp unreserve "$M1"
	check "lap2 gets an address" lease lap2
	check "the subnet is drained" has '10.77.0.0/24 is drained: 1 client has to leave it' tool dhcp drain 10.77.0.0/24
	check "pools says so" has '"drain":true' tool pools --json
	kill_box
	start_box
	check "it still is after a new start" has '"drain":true' tool pools --json
	check "nobody new comes in" refused 1 '.*' lease lap1
	check "why is explained" has 'not answered, because' tool dhcp explain "$M1"
	check "it may fill again" has 'is not drained' tool dhcp drain 10.77.0.0/24 off
	check "lap1 comes in" lease lap1
	check "no subnet, no drain" refused 1 'in none of the subnets' tool dhcp drain 10.9.0.0/24
	kill_box
}

HOST=kernel
start_box
check "all of it over TCP with a password: leases" lines_are 1 there leases
check "pools over TCP" has '^10\.77\.0\.0/24 ' there pools
check "a change over TCP" has 'reserved 10.77.0.201' there dhcp reserve 02:00:00:00:00:98 10.77.0.201
check "is said to be of that address" has 'dhcpd.steer: control \(10.77.0.52\) reserved 10.77.0.201' cat "$WORK/box-kernel.log"
check "and taken back" there dhcp unreserve 02:00:00:00:00:98
check "a wrong password does none of it" refused 77 'wrong password' \
	in_ns lap3 env GUYLINE_PASSWORD=falsch "$BIN/guyline" --at 10.77.0.1:7077 dhcp wipe 10.77.0.0/24 --yes
kill_box
steer
HOST=stack
steer

# --- a hall of 65,000 ----------------------------------------------------------------------------------

python3 - >"$WORK/hall.leases" <<'PY'
for i in range(65000):
    ip = (10 << 24) + (77 << 16) + 256 + i
    print('{"ip":"10.77.%d.%d","mac":"02:00:00:%02x:%02x:%02x","name":"laptop%d","state":"leased",'
          '"start":"2026-01-01T00:00:00Z","end":"2096-01-01T00:00:00Z"}'
          % (ip >> 8 & 255, ip & 255, i >> 16, i >> 8 & 255, i & 255, i))
PY
check "65,000 leases are taken over" "$BIN/guyline" import --leases --from json "$WORK/hall.leases" -o "$WORK/state.hall"
cat >"$WORK/hall.json" <<CONF
{
  "host": "kernel", "device": "eth0", "address": "10.77.0.1/16", "state": "$WORK/state.hall", "control": "$WORK/hall.sock",
  "dhcpd": { "pool": "10.77.1.0-10.77.254.255", "max_lease_time": "infinite", "probe": false }
}
CONF
HOST=hall
in_ns box ip addr add 10.77.0.1/16 dev eth0
in_ns box ip addr del 10.77.0.1/24 dev eth0
# In front of what else the machine does: what is measured is how long we take, not how long we are kept waiting.
FIRST="chrt -f 1"
$FIRST true 2>/dev/null || FIRST=
# shellcheck disable=SC2086
start hall box $FIRST "$BIN/guyline" run -d -c "$WORK/hall.json"
wait_for 15 "the hall's box runs" tool status
turn_us() {
	tool --json status | sed -n 's/.*"longest_turn_us":\([0-9]*\).*/\1/p'
}
# What a sanitizer adds is not ours.
LIMIT_MS=${ASAN_OPTIONS:+10}
LIMIT_MS=${LIMIT_MS:-2}
# in_short_turns WHAT COMMAND...: no turn of the loop takes that long meanwhile (best of three).
in_short_turns() {
	what=$1 best=1000000
	shift
	for _ in 1 2 3; do
		turn_us >/dev/null # begins anew
		check "$what" "$@"
		us=$(turn_us)
		[ "$us" -ge "$best" ] || best=$us
	done
	echo "longest turn: $best us"
	check "$what: no turn took $LIMIT_MS ms" test "$best" -lt "${LIMIT_MS}000"
}
slow_reader() {
	[ "$(tool --json leases | { sleep 1; wc -l; })" -eq 65000 ]
}
in_short_turns "all leases are listed" lines_are 65001 tool leases
in_short_turns "who reads slowly gets them all" slow_reader
in_short_turns "one is found among them" lines_are 2 tool leases --mac 02:00:00:00:12:34
in_short_turns "one is explained" has 'is leased to 02:00:00:00:12:34 \(laptop4660\)' tool dhcp explain 02:00:00:00:12:34
in_short_turns "one is reserved" has 'reserved 10.77.19.52 stage' tool dhcp reserve 02:00:00:00:12:34 stage
in_short_turns "pools are counted" has '^10\.77\.0\.0/16 +65024 ' tool pools
in_short_turns "names in the store are listed" lines_are 65001 tool store ls dhcpd/lease
in_short_turns "the store has a digest" has '^sha256: [0-9a-f]{64}' tool store digest
turn_us >/dev/null
check "all are wiped" lines_are 65000 tool dhcp wipe 10.77.0.0/16 --yes
echo "longest turn: $(turn_us) us"
check "none is left" lines_are 1 tool leases

# --- a thousand subnets --------------------------------------------------------------------------------

python3 - "$WORK" >"$WORK/wide.json" <<'PY'
import json, sys
nets = ["10.%d.%d.%d/25" % (80 + i // 512, i // 2 % 256, i % 2 * 128) for i in range(1000)]
pools = [n[:-3].rsplit(".", 1) for n in nets]
print(json.dumps({
    "host": "kernel", "device": "eth0", "address": "10.77.0.1/16", "metrics": "127.0.0.1:9547",
    "state": sys.argv[1] + "/state.wide", "control": sys.argv[1] + "/wide.sock",
    "dhcpd": {"subnets": [{"subnet": n, "pool": "%s.%d-%s.%d" % (p[0], int(p[1]) + 2, p[0], int(p[1]) + 100)}
                          for n, p in zip(nets, pools)]}}))
PY
# Eight ask at the same moment, and take their time to read.
cat >"$WORK/crowd.py" <<'PY'
import os, signal, socket, sys, time
peers = [socket.create_connection(("127.0.0.1", 9547)) for _ in range(8)]
time.sleep(0.1)
os.kill(int(sys.argv[1]), signal.SIGSTOP)
for p in peers:
    p.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
for p in peers[:4]: # as `nc -N` does
    p.shutdown(socket.SHUT_WR)
os.kill(int(sys.argv[1]), signal.SIGCONT)
time.sleep(0.2)
for p in peers:
    page = b""
    while more := p.recv(1 << 20):
        page += more
    n = page.count(b"guyline_dhcpd_pool_size{")
    assert n == 1000, n
PY
for pid in $(ip netns pids "$ID-box"); do
	kill "$pid" 2>/dev/null
done
wait_for 15 "the hall's box has ended" nobody_in box
HOST=wide
# shellcheck disable=SC2086
start wide box $FIRST "$BIN/guyline-dhcpd" -d -c "$WORK/wide.json"
wait_for 15 "the wide box runs" tool status
wide_pid() {
	ip netns pids "$ID-box" | while read -r pid; do
		grep -q '^guyline-dhcpd' "/proc/$pid/comm" && [ -n "$(find "/proc/$pid/fd" -lname '*journal.a')" ] && echo "$pid"
	done | head -n 1
}
in_short_turns "a crowd asks for the numbers of a thousand subnets" in_ns box python3 "$WORK/crowd.py" "$(wide_pid)"
done_well
