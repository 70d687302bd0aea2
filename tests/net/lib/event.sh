# SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2317
# The event in a box, sourced by event-*.sh with HOST (stack or kernel) and DAEMONS (one or four) set; for our own
# stack also KIND, the kind of its device: tap (on the bridge), packet or macvtap (of an interface without address).
#
# Four laptops on a bridge ask for addresses with four different DHCP clients. Each gets one, can ping the box,
# and asks it for a wildcard name, a missing name, and its own leased name forward and reverse. A log message is
# sent and found again with its fields. The tool lists leases and hosts. The box is killed with -9 and started
# again: the same laptops keep their addresses.

. tests/net/lib/net.sh
need dig kdig logger ping
. tests/net/lib/clients.sh

KIND=${KIND:-tap}
lan
for name in box lap1 lap2 lap3 lap4; do
	[ "$name" = box ] && [ "$HOST" = stack ] && [ "$KIND" = tap ] && continue
	namespace "$name"
	join "$name"
done

if [ "$HOST" = kernel ]; then
	BOX=box
	in_ns box ip addr add 10.77.0.1/24 dev eth0
	DEVICE=eth0
elif [ "$KIND" = tap ]; then
	BOX=lan
	DEVICE=pcap:$WORK/box.pcap,tap:gyltap0
else
	BOX=box
	DEVICE=pcap:$WORK/box.pcap,$KIND:eth0
fi

cat >"$WORK/event.zone" <<'ZONE'
$ORIGIN event.example.
$TTL 300
@       SOA     ns hostmaster 1 3600 900 604800 60
        NS      ns
ns      A       10.77.0.1
*.wild  A       10.77.0.42
ZONE
cat >"$WORK/event.json" <<CONF
{
  "host": "$HOST", "device": "$DEVICE", "address": "10.77.0.1/24", "state": "$WORK/state",
  "control": "$WORK/guyline.sock", "log": { "level": "*=info", "to": "stderr" },
  "dhcpd": { "pool": "10.77.0.100-10.77.0.150", "lease_time": "10m", "domain": "event.example",
             "options": { "routers": "10.77.0.1", "domain-name-servers": "10.77.0.1" } },
  "dns": { "zones": { "name": "event.example", "file": "event.zone" }, "lease_domain": "event.example" },
  "syslogd": { "dir": "$WORK/log", "socket": "$WORK/log.sock" },
  "arpd": {}
}
CONF

start_box() {
	if [ "$DAEMONS" = one ]; then
		start guyline "$BOX" "$BIN/guyline" run -d -c "$WORK/event.json"
		BOX_PIDS=$STARTED
		return
	fi
	BOX_PIDS=
	n=0
	for service in syslogd dhcpd dns arpd; do
		n=$((n + 1))
		start "$service" "$BOX" "$BIN/guyline-$service" -d -c "$WORK/event.json" --state="$WORK/state.$service" \
			--control="$WORK/$service.sock" --log.to=stderr,syslogd
		BOX_PIDS="$BOX_PIDS $STARTED"
	done
}

# The tool asks the one daemon, or the one of the four that knows.
tool() {
	service=$1
	shift
	if [ "$DAEMONS" = one ]; then
		"$BIN/guyline" --at "$WORK/guyline.sock" "$@"
	else
		"$BIN/guyline" --at "$WORK/$service.sock" "$@"
	fi
}

ready() {
	for service in dhcpd dns syslogd arpd; do
		tool "$service" status >/dev/null || return 1
	done
	[ "$BOX" = box ] || in_ns lan ip link set gyltap0 master br0 up
}

mkdir -p "$WORK/log"
start_box
wait_for 15 "the box runs ($HOST host, $DAEMONS process(es))" ready

# --- addresses -----------------------------------------------------------------------------------------

in_pool() {
	address_of "$1" | grep -Eq '^10\.77\.0\.1[0-5][0-9]$'
}

check "udhcpc gets a lease" client_udhcpc lap1 -x hostname:lap1
check "dhclient gets a lease" client_dhclient lap2
check "dhcpcd gets a lease" client_dhcpcd lap3
check "systemd-networkd gets a lease" client_networkd lap4
for lap in lap1 lap2 lap3 lap4; do
	wait_for 5 "$lap has an address of the pool" in_pool "$lap"
	check "$lap can ping the box" in_ns "$lap" ping -c 2 -W 2 -i 0.2 10.77.0.1
done
A1=$(address_of lap1) A2=$(address_of lap2) A3=$(address_of lap3)
check "four different addresses" test "$(printf '%s\n' "$A1" "$A2" "$A3" "$(address_of lap4)" | sort -u | wc -l)" -eq 4

# --- names ---------------------------------------------------------------------------------------------

ask() {
	lap=$1
	shift
	in_ns "$lap" dig @10.77.0.1 +timeout=2 +tries=2 "$@"
}
check "a wildcard name (dig)" answer_is 10.77.0.42 ask lap1 +short any.thing.wild.event.example A
check "a wildcard name (kdig)" answer_is 10.77.0.42 in_ns lap2 kdig @10.77.0.1 +short any.wild.event.example A
check "a name over TCP (dig)" answer_is 10.77.0.42 ask lap1 +short +tcp any.thing.wild.event.example A
two_questions() {
	in_ns lap2 kdig +tcp +keepopen +short @10.77.0.1 any.wild.event.example A ns.event.example A
}
check "two questions over one connection (kdig)" answer_is "10.77.0.42
10.77.0.1" two_questions
check "a missing name" has 'status: NXDOMAIN' ask lap1 missing.event.example A
check "a missing name is denied with authority" has '^event\.example\..*SOA' ask lap1 missing.event.example A
check "lap1's own name" answer_is "$A1" ask lap1 +short lap1.event.example A
check "lap2's own name" answer_is "$A2" ask lap2 +short lap2.event.example A
check "lap3's own name" answer_is "$A3" in_ns lap3 kdig @10.77.0.1 +short lap3.event.example A
check "lap1 by its address" answer_is lap1.event.example. ask lap1 +short -x "$A1"
check "names outside are refused" has 'status: REFUSED' ask lap1 www.example.org A

# --- files change ------------------------------------------------------------------------------------------

{ cat "$WORK/event.zone" && echo 'fresh A 10.77.0.43'; } >"$WORK/event.zone.new"
mv "$WORK/event.zone.new" "$WORK/event.zone"
wait_for 1 "a changed zone is served" answer_is 10.77.0.43 ask lap1 +short fresh.event.example A
echo 'broken A 10.77.0.999' >>"$WORK/event.zone"
wait_for 1 "a bad zone is told, with its place" has 'base.refused.*event\.zone:8:' cat "$WORK"/*.log
check "and the old one goes on" answer_is 10.77.0.43 ask lap1 +short fresh.event.example A
check "and leased names with it" answer_is "$A1" ask lap1 +short lap1.event.example A
sed -i '/broken/d' "$WORK/event.zone"

# --- logs ----------------------------------------------------------------------------------------------

check "logger sends" in_ns lap1 logger --server 10.77.0.1 --port 514 --udp --rfc5424 --tag guest --msgid HELLO \
	--priority user.warning "the projector is warm"
wait_for 3 "the message is stored with its fields" has \
	'"pri":12,.*"app":"guest".*"msgid":"HELLO".*"msg":"the projector is warm"' cat "$WORK/log/guyline.jsonl"
check "it names its sender" has "\"from\":\"$A1\".*projector is warm" cat "$WORK/log/guyline.jsonl"
stream() {
	tag=$1
	shift
	in_ns lap2 logger --server 10.77.0.1 --port 514 --tcp --rfc5424 --tag "$tag" --msgid STREAM --priority user.notice "$@"
}
two_lines() {
	printf '%s\n' "one line" "and another" | in_ns lap3 logger --server 10.77.0.1 --port 514 --tcp --rfc3164 --tag lines
}
check "logger sends over TCP, counted" stream counted --octet-count "a message with its length in front"
check "logger sends over TCP, a line" stream line "a message with a line end"
check "logger sends over TCP, two in a connection, as of RFC 3164" two_lines
for message in '"app":"counted".*"msgid":"STREAM".*"msg":"a message with its length in front"' \
	'"app":"line".*"msgid":"STREAM".*"msg":"a message with a line end"'; do
	wait_for 3 "it is stored with its fields and its sender" has "\"from\":\"$A2\".*$message" \
		cat "$WORK/log/guyline.jsonl"
done
for message in "one line" "and another"; do
	wait_for 3 "so is \"$message\"" has "\"from\":\"$A3\".*\"app\":\"lines\".*\"msg\":\"$message\"" \
		cat "$WORK/log/guyline.jsonl"
done
check "the tool shows it" has 'guest: the projector is warm' tool syslogd log 50
wait_for 3 "dhcpd's events are in the log" has '"msgid":"dhcpd.lease"' cat "$WORK/log/guyline.jsonl"

# --- the tool ------------------------------------------------------------------------------------------

check "guyline leases lists lap1" has "^$A1 .*lap1 .*leased" tool dhcpd leases
check "guyline leases lists lap2" has "^$A2 .*lap2 .*leased" tool dhcpd leases
check "guyline leases lists lap3" has "^$A3 .*lap3 .*leased" tool dhcpd leases
for address in "$A1" "$A2" "$A3"; do
	wait_for 3 "guyline hosts lists $address" has "^$address " tool arpd hosts
done
check "the lease is in the store" has "^$A1 +value" tool dhcpd store ls dhcpd/lease

# --- sandbox -------------------------------------------------------------------------------------------

for pid in $BOX_PIDS; do
	inner=$(ip netns pids "$ID-$BOX" | while read -r p; do
		[ "$(cat "/proc/$p/comm" 2>/dev/null)" != ip ] && echo "$p"
	done)
done
for pid in $inner; do
	case $(cat "/proc/$pid/comm" 2>/dev/null) in
	guyline*)
		check "no capabilities ($pid)" grep -q '^CapEff:.*0000000000000000$' "/proc/$pid/status"
		check "no new privileges, seccomp on ($pid)" grep -q '^Seccomp:.*2$' "/proc/$pid/status"
		;;
	esac
done

# --- random numbers ---

random_is_seeded() {
	tool dhcpd --json status >"$WORK/status" &&
		grep -q '"random":{"seeded":true,"degraded":false,' "$WORK/status" &&
		grep -q '"name":"getrandom","claim_millibits":[0-9]*,"samples":[0-9]*,"credited_bits":[1-9]' "$WORK/status"
}
check "random numbers have their sources" random_is_seeded
check "no source failed" [ "$(grep -c '"health":"failed"' "$WORK/status")" -eq 0 ]
check "the next run's seed is there" has '^seed ' tool dhcpd store ls base
seed_digest() { tool dhcpd store digest base/seed; }
seed_before=$(seed_digest)
check "and shown to nobody" has 'shown to nobody' tool dhcpd store get base/seed

# --- what our stack has sent ---

# count FILTER: frames of the capture that match
frames() {
	tshark -n -r "$WORK/box.pcap" -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE -o ip.check_checksum:TRUE \
		-Y "ip.src == 10.77.0.1 && ($1)" 2>/dev/null
}
segments() {
	[ "$(frames tcp | wc -l)" -ge 12 ]
}
bad='_ws.malformed || tcp.checksum.status == 0 || udp.checksum.status == 0 || ip.checksum.status == 0'
odd='tcp.analysis.retransmission || tcp.analysis.out_of_order || tcp.analysis.duplicate_ack || tcp.analysis.zero_window'
nothing() {
	found=$(frames "$1" | head -n 5)
	[ -z "$found" ] || { echo "$found"; return 1; }
}
if [ "$HOST" = stack ] && command -v tshark >/dev/null; then
	check "the capture has our segments" segments
	check "none is malformed" nothing "$bad"
	check "none is suspicious" nothing "$odd || tcp.flags.reset == 1"
fi

# --- kill and restart ----------------------------------------------------------------------------------

for pid in $BOX_PIDS; do
	kill -9 "$pid"
done
ip netns pids "$ID-$BOX" | while read -r p; do
	case $(cat "/proc/$p/comm" 2>/dev/null) in guyline*) kill -9 "$p" ;; esac
done
sleep 0.3
start_box
wait_for 15 "the box runs again" ready
check "the seed of the last run is not used twice" [ "$(seed_digest)" != "$seed_before" ]
check "udhcpc asks for its address again and keeps it" client_udhcpc lap1 -x hostname:lap1 -r "$A1"
check "lap1 has the same address" answer_is "$A1" address_of lap1
in_ns lap2 ip addr flush dev eth0
[ -f "$WORK/lap2.pid" ] && kill "$(cat "$WORK/lap2.pid")" 2>/dev/null
check "dhclient reboots" client_dhclient lap2
check "lap2 has the same address" answer_is "$A2" address_of lap2
dhcpcd_ends lap3 >/dev/null 2>&1
in_ns lap3 ip addr flush dev eth0
check "dhcpcd reboots" client_dhcpcd lap3
wait_for 5 "lap3 has the same address" answer_is "$A3" address_of lap3
wait_for 3 "the leases came back" has "^$A3 .*lap3" tool dhcpd leases
wait_for 3 "names came back" answer_is "$A3" ask lap1 +short lap3.event.example A
check "the unclean stop is told" has 'base.unclean' cat "$WORK"/*.log

done_well
