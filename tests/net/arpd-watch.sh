#!/bin/sh
# SPDX-License-Identifier: ISC
#
# A LAN of a router (10.77.0.254), a laptop that gets its address by DHCP, a printer with a static address, a liar, and
# a box that runs dhcpd and arpd, first on the kernel's sockets, then on our own stack over a packet device. arpwatch
# runs beside as far as the box has an interface of the kernel. On the wire travel:
#
#   - the questions of two arpings and of arp-scan from the laptop: arpd lists the hosts with their names and vendors
#   - an announcement of the liar as the router: told at once as an alarm (arpd.protected), and answered by one
#     announcement of the router's true MAC; arpwatch tells of a changed address and no more
#   - the liar's use of the laptop's address: told as spoofed, for another has the lease
#   - the liar's use of an address of the pool: told as used without a lease
#   - a reply that nobody asked for, a frame in the name of another, a sweep, a probe: each has its event
#   - a DHCP server on the liar: told as rogue
#   - a flood of 1,000,000 frames with random MACs, a thousand of them against the router: the box takes no more memory,
#     knows the hosts from before, and the counts of its alarms add up to what it has read; what the kernel dropped is
#     counted
#
# After a kill -9 the hosts and what was learned of the router are there. With an empty configuration the box sends no
# frame by itself.

. "$(dirname "$0")/lib/net.sh"
need busybox arping tshark python3
SAY=${GYL_BUILD:-$PWD/build}/tests/arp_say
[ -x "$SAY" ] || skip "arp_say is not built"
HABETS=$PEERS/usr/sbin/arping
ROUTER_MAC=02:77:00:00:00:fe
LAP_MAC=00:22:72:00:00:01
LIAR_MAC=02:99:00:00:00:01

cat >"$WORK/note.sh" <<'SCRIPT'
#!/bin/sh
[ "$1" != bound ] || { env >"$NOTE"; ip addr add "$ip/24" dev eth0; }
SCRIPT
chmod +x "$WORK/note.sh"
printf '00-22-72   (hex)\t\tFuel Corp.\r\n002272     (base 16)\t\tFuel Corp.\r\n' >"$WORK/oui.txt"

tool() {
	"$BIN/guyline" --at "$WORK/$host.sock" "$@"
}
said() {
	grep -Eq "$1" "$WORK/$host.log"
}
# liar command...: in its namespace; its kernel says nothing by itself.
liar() {
	in_ns "$host-liar" "$@"
}
lease() {
	in_ns "$host-lap" env NOTE="$WORK/$host.lease" busybox udhcpc -f -i eth0 -n -q -t 5 -T 1 -x hostname:laptop -s "$WORK/note.sh"
}
# A number of `guyline status` or of the metrics is asked for by the box's own page.
rss() {
	awk '/^VmRSS/ { print $2 }' "/proc/$1/status"
}
alarms() {
	tool --json hosts protected | python3 -c 'import json,sys
print(sum(json.loads(l)["alarms"] for l in sys.stdin))'
}
told_alarms() {
	sed -nE "s/.*arpd\.protected: .*: ([0-9]+) frames\$/\1/p" "$WORK/$host.log" | awk '{ n += $1 } END { print n + 0 }'
}
alarms_add_up() {
	[ "$(alarms)" -gt 0 ] && [ "$(alarms)" -eq "$(told_alarms)" ]
}

# Frames that came to the box's interface. A flood overruns queues of the kernel on the way there, too.
arrived() {
	in_ns "$host-box" cat /sys/class/net/eth0/statistics/rx_packets
}
lost() {
	tool status | awk '/in_lost: / { lost = $2 } END { print lost + 0 }'
}

# What came to the box and was not read is no silent loss: the host counts it.
all_or_told() {
	[ "$(alarms)" -ge 1000 ] || [ "$(lost)" -gt 0 ] || [ "$flood" -lt 1000000 ]
}

conf() {
	device=packet:eth0
	[ "$host" = stack ] || device=eth0
	cat >"$WORK/$host.json" <<CONF
{ "host": "$host", "device": "$device", "address": "10.77.0.1/24", "state": "$WORK/$host.state",
  "control": "$WORK/$host.sock", "log": { "level": "*=info", "to": "stderr" },
  "dhcpd": { "pool": "10.77.0.100-10.77.0.120", "lease_time": "10m" },
  "arpd": { "vendors": "$WORK/oui.txt", "leased": "10.77.0.100-10.77.0.120", "lease_grace": "1s",
            "dhcp_servers": "10.77.0.1", "networks": "10.77.0.0/24", "sweep": 50, "scan": "10.77.0.0/24",
            "scan_rate": 500, "proxy": "10.77.0.200-10.77.0.209",
            "protect": { "address": "10.77.0.254", "defend": true } } }
CONF
}

network() {
	namespace "$host-lan"
	in_ns "$host-lan" ip link add br0 type bridge
	in_ns "$host-lan" ip link set br0 type bridge stp_state 0 forward_delay 0 2>/dev/null
	in_ns "$host-lan" ip link set br0 up
	for name in box lap printer router liar; do
		namespace "$host-$name"
		in_ns "$host-$name" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
		ip link add "a$$-$name" netns "$ID-$host-lan" type veth peer name eth0 netns "$ID-$host-$name" || fail "veth"
		in_ns "$host-lan" ip link set "a$$-$name" master br0 up
	done
	in_ns "$host-router" ip link set eth0 address $ROUTER_MAC
	in_ns "$host-lap" ip link set eth0 address $LAP_MAC
	liar ip link set eth0 address $LIAR_MAC
	for name in box lap printer router liar; do
		in_ns "$host-$name" ip link set eth0 up
	done
	in_ns "$host-router" ip addr add 10.77.0.254/24 dev eth0
	in_ns "$host-printer" ip addr add 10.77.0.9/24 dev eth0
	[ "$host" = stack ] || in_ns "$host-box" ip addr add 10.77.0.1/24 dev eth0
}

run_box() {
	start "$host" "$host-box" "$BIN/guyline" run -d -c "$WORK/$host.json"
	wait_for 15 "$host: the box runs" tool status
	BOX=$(ip netns pids "$ID-$host-box" | while read -r pid; do
		[ "$(cat "/proc/$pid/comm" 2>/dev/null)" = guyline ] && echo "$pid"; done | sort -n | head -n 1)
}

try() {
	host=$1
	network
	conf
	start "$host-shark" "$host-lap" tshark -l -n -i eth0 -f arp -T fields -e eth.src -e arp.opcode -e arp.src.hw_mac \
		-e arp.src.proto_ipv4 -e arp.dst.proto_ipv4
	wait_for 20 "$host: the wire is watched" grep -q 'Capture started' "$WORK/$host-shark.log"
	if [ "$host" = kernel ] && [ -x "$PEERS/usr/sbin/arpwatch" ]; then
		: >"$WORK/arp.dat"
		start arpwatch "$host-box" env LD_LIBRARY_PATH="$PEERS/usr/lib/$(uname -m)-linux-gnu" \
			"$PEERS/usr/sbin/arpwatch" -N -d -i eth0 -f "$WORK/arp.dat"
		wait_for 20 "arpwatch listens" in_ns "$host-box" grep -q "^[0-9a-f]" /proc/net/packet
	fi
	run_box

	# --- who is there ------------------------------------------------------------------------------------
	in_ns "$host-router" arping -c 1 -A -I eth0 10.77.0.254 >/dev/null 2>&1
	wait_for 15 "$host: the router's MAC is learned" said 'arpd\.owner: .*10\.77\.0\.254 .*02:77:00:00:00:fe'
	check "$host: the laptop gets an address" lease
	LAP=$(sed -n 's/^ip=//p' "$WORK/$host.lease")
	check "$host: iputils' arping finds the printer" in_ns "$host-lap" arping -q -c 1 -w 3 -I eth0 10.77.0.9
	if [ -x "$HABETS" ]; then
		check "$host: Habets' arping, too" in_ns "$host-lap" env \
			LD_LIBRARY_PATH="$PEERS/usr/lib/$(uname -m)-linux-gnu" "$HABETS" -q -c 1 -w 3 -i eth0 10.77.0.9
	fi
	in_ns "$host-printer" arping -q -c 1 -w 3 -I eth0 10.77.0.254
	wait_for 15 "$host: the laptop has its name and its vendor" \
		has "^$LAP +$LAP_MAC +- +laptop +Fuel Corp\. +yes " tool hosts
	check "$host: the printer is there" has '^10\.77\.0\.9 ' tool hosts --ip 10.77.0.9
	check "$host: a filter leaves others out" sh -c "! '$BIN/guyline' --at '$WORK/$host.sock' hosts --ip 10.77.0.9 | grep -q $LAP"
	check "$host: by vendor" has "^$LAP " tool hosts --vendor 'fuel*'
	check "$host: a scan finds the printer" has '^10\.77\.0\.9 ' tool scan 10.77.0.0/27
	check "$host: what is no network of its own is not scanned" \
		has 'not one of the networks' tool scan 10.78.0.0/27
	if [ -x "$PEERS/usr/sbin/arp-scan" ]; then
		in_ns "$host-lap" env LD_LIBRARY_PATH="$PEERS/usr/lib/$(uname -m)-linux-gnu" "$PEERS/usr/sbin/arp-scan" \
			-q -I eth0 10.77.0.0/24 >"$WORK/$host.scan" 2>/dev/null
		wait_for 15 "$host: arp-scan is told as a sweep" said 'arpd\.flood: .*questions for unknown addresses'
		check "$host: which finds the router" grep -q '10\.77\.0\.254.*02:77:00:00:00:fe' "$WORK/$host.scan"
		check "$host: and the proxy's addresses at the box" grep -q '^10\.77\.0\.200' "$WORK/$host.scan"
	fi

	# --- what is wrong -----------------------------------------------------------------------------------
	liar "$SAY" eth0 request $LIAR_MAC 10.77.0.254 00:00:00:00:00:00 10.77.0.254
	wait_for 15 "$host: the router is spoofed" said 'arpd\.protected: 02:99:00:00:00:01 speaks as 10\.77\.0\.254, .*02:77:00:00:00:fe.s: 1 frames'
	wait_for 15 "$host: and defended" grep -Eq '	1	02:77:00:00:00:fe	10\.77\.0\.254	10\.77\.0\.254' "$WORK/$host-shark.log"
	check "$host: by a frame with the box's own address" \
		sh -c "grep -E '	02:77:00:00:00:fe	10\.77\.0\.254	10\.77\.0\.254' '$WORK/$host-shark.log' | grep -qv ^02:77"
	sleep 1.2
	liar "$SAY" eth0 request $LIAR_MAC "$LAP" 00:00:00:00:00:00 10.77.0.9
	wait_for 15 "$host: the laptop is spoofed" said "arpd\.spoof: $LAP is used by 02:99:00:00:00:01, but leased to $LAP_MAC"
	liar "$SAY" eth0 request $LIAR_MAC 10.77.0.119 00:00:00:00:00:00 10.77.0.9
	wait_for 15 "$host: an address without a lease" said 'arpd\.leaseless: 10\.77\.0\.119 is used by 02:99'
	liar "$SAY" eth0 reply $LIAR_MAC 10.77.1.66 ff:ff:ff:ff:ff:ff 10.77.0.9
	wait_for 15 "$host: an answer that nobody asked for" said 'arpd\.unasked: 02:99:00:00:00:01 told .*10\.77\.1\.66'
	liar "$SAY" eth0 request 02:55:00:00:00:01 10.77.0.67 00:00:00:00:00:00 10.77.0.9 $LIAR_MAC
	wait_for 15 "$host: a frame in another's name" said 'arpd\.mismatch: 02:99:00:00:00:01 sent ARP in the name of 02:55'
	liar "$SAY" eth0 request $LIAR_MAC 192.168.9.1 00:00:00:00:00:00 10.77.0.9
	wait_for 15 "$host: a host of no network of ours" said 'arpd\.stranger: 02:99.*192\.168\.9\.1'
	liar "$SAY" eth0 request $LIAR_MAC 0.0.0.0 00:00:00:00:00:00 10.77.0.68
	wait_for 15 "$host: a probe" said 'arpd\.probe: .* 10\.77\.0\.68'
	liar python3 - <<-'PY'
		import socket, struct
		s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
		s.bind(("eth0", 0))
		dhcp = bytes([2, 1, 6, 0]) + bytes(24) + bytes([2, 0, 0, 0, 0, 7]) + bytes(202) + bytes.fromhex("6382536335010236040a4d0063ff")
		udp = struct.pack(">HHHH", 67, 68, 8 + len(dhcp), 0) + dhcp
		head = struct.pack(">BBHHHBBHII", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, 0x0a4d0063, 0xffffffff)
		c = sum(struct.unpack(">10H", head)); c = (c & 0xffff) + (c >> 16); c = ~((c & 0xffff) + (c >> 16)) & 0xffff
		s.send(b"\xff" * 6 + bytes.fromhex("029900000001") + b"\x08\x00" + head[:10] + struct.pack(">H", c) + head[12:] + udp)
	PY
	wait_for 15 "$host: a rogue DHCP server" said 'arpd\.rogue: rogue DHCP server 10\.77\.0\.99 at 02:99:00:00:00:01'
	check "$host: which is listed" has '10\.77\.0\.99 .*yes' tool hosts servers
	if [ "$host" = kernel ] && [ -x "$PEERS/usr/sbin/arpwatch" ]; then
		wait_for 20 "arpwatch has seen the router, and another in its place" \
			has '(changed ethernet address|flip flop)' cat "$WORK/arpwatch.log"
		check "and nothing of leases" sh -c "! grep -qi lease '$WORK/arpwatch.log'"
	fi

	# --- a flood -----------------------------------------------------------------------------------------
	sleep 5 # the printer is there for longer than a moment
	in_ns "$host-printer" arping -q -c 1 -w 3 -I eth0 10.77.0.254
	before=$(rss "$BOX")
	flood=$(arrived)
	liar "$SAY" eth0 flood 1000000 100000 10.77.0.254 1000
	wait_for 20 "$host: the flood is through" tool status
	after=$(rss "$BOX")
	flood=$(($(arrived) - flood))
	check "$host: memory is what it was ($before kB, $after kB)" test $((after - before)) -lt 16384
	check "$host: hosts from before are known" has '^10\.77\.0\.9 ' tool hosts --ip 10.77.0.9
	sleep 11
	wait_for 15 "$host: no alarm is lost: counts add up" alarms_add_up
	echo "$host: $flood frames came, $(lost) were not read, alarms: $(alarms)"
	check "$host: all thousand are there, or the kernel's loss is told" all_or_told
	[ "$host" = kernel ] || [ "$(lost)" -eq 0 ] || check "$host: that is in the log, too" said 'net\.lost: [0-9]+ frames'
	check "$host: what was not told is counted" said 'arpd\.more: arpd\.new: [0-9]+ more'
	check "$host: the log stayed short" test "$(wc -l <"$WORK/$host.log")" -lt 3000

	# --- again -------------------------------------------------------------------------------------------
	kill -9 "$BOX" "$STARTED" 2>/dev/null
	wait_for 20 "$host: killed" nobody_guyline
	: >"$WORK/$host.log"
	run_box
	check "$host: the printer is known still" has '^10\.77\.0\.9 ' tool hosts --ip 10.77.0.9
	check "$host: so is the router's MAC" has '10\.77\.0\.254 .*02:77:00:00:00:fe' tool hosts protected
	for pid in $(ip netns pids "$ID-$host-box"); do kill "$pid" 2>/dev/null; done
}

nobody_guyline() {
	for pid in $(ip netns pids "$ID-$host-box"); do
		[ "$(cat "/proc/$pid/comm" 2>/dev/null)" != guyline ] || return 1
	done
}

for host in kernel stack; do
	try "$host"
done
done_well
