#!/bin/sh
# SPDX-License-Identifier: ISC
#
# `guyline-arpd --pcap in --out out`: the watch over a capture, with the time of its packets. In the capture a router
# and three hosts speak; one of them moves to another MAC, one is used by two at once, one flips, and somebody speaks as
# the router, twice. The same capture gives the same events, octet by octet; what would have been sent is in a file that
# tshark reads; arpwatch, which reads the same capture, tells of the moves and not of the router's alarm. No network is
# touched.
. "$(dirname "$0")/lib/net.sh"
need python3 tshark
D=$BIN/guyline-arpd
[ -x "$D" ] || skip "guyline-arpd is not built"

cat >"$WORK/make.py" <<'PY'
import struct, sys
START = 1795000000 * 10**9
BC, ZERO = b"\xff" * 6, bytes(6)

def mac(n): return bytes([0, 0x22, 0x72, 0, 0, n])
def ip(n): return bytes([10, 77, 0, n])
def arp(op, sha, spa, tha, tpa, src=None, dst=BC):
    return dst + (src or sha) + b"\x08\x06" + struct.pack(">HHBBH", 1, 0x800, 6, 4, op) + sha + spa + tha + tpa + bytes(18)
def ask(n, m, want=254): return arp(1, mac(m), ip(n), ZERO, ip(want))
def frames():
    yield 0, arp(1, mac(254), ip(254), ZERO, ip(254))
    for n in (1, 2, 3):
        yield n, ask(n, n)
    yield 100, ask(1, 11)                                   # 10.77.0.1 moves
    yield 200, ask(1, 1)                                    # and flips back
    yield 300, ask(2, 2)
    yield 301, ask(2, 12)                                   # 10.77.0.2 is used by two
    yield 400, arp(1, mac(66), ip(254), ZERO, ip(254))      # the router is spoofed
    yield 405, arp(2, mac(66), ip(254), mac(1), ip(1), dst=mac(1))
    yield 500, arp(1, mac(3), ip(3), ZERO, ip(9))[:30]      # cut on the wire
    yield 600, BC + mac(4) + b"\x81\x00\x00\x07" + ask(4, 4)[12:]   # on VLAN 7
    for i in range(60):
        yield 700 + i / 100, ask(3, 3, 20 + i)              # a sweep

with open(sys.argv[1], "wb") as f:
    f.write(struct.pack("<IHHIIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
    for at, b in frames():
        ns = START + int(at * 10**9)
        f.write(struct.pack("<IIII", ns // 10**9, ns % 10**9, len(b), len(b)) + b)
PY
python3 "$WORK/make.py" "$WORK/in.pcap" || fail "making the capture"
printf 'Registry,Assignment,Organization Name,Organization Address\nMA-L,002272,"Fuel, Inc.",Ferndale\n' >"$WORK/oui.csv"
cat >"$WORK/c.json" <<CONF
{ "address": "10.77.0.253/24", "arpd": { "vendors": "oui.csv", "sweep": 50, "protect": { "address": "10.77.0.254", "defend": true } } }
CONF

watch() {
	"$D" -c "$WORK/c.json" --pcap "$WORK/in.pcap" --out "$WORK/$1.pcap" --until 30s --events >"$WORK/$1.say" 2>"$WORK/$1.sum"
}
say() {
	grep -Eq "$1" "$WORK/one.say"
}

check "a capture is watched" watch one
cat "$WORK/one.sum"
check "a second time" watch two
check "with the same events" cmp "$WORK/one.say" "$WORK/two.say"
check "and the same frames sent" cmp "$WORK/one.pcap" "$WORK/two.pcap"
check "events have the time of the packets" say '^2026-11-18T11:06:41\.000000Z notice arpd\.new: new host 00:22:72:00:00:01 with address 10\.77\.0\.1 Fuel, Inc\.$'
check "a host that moved" say 'T11:08:20\.000000Z warning arpd\.changed: 10\.77\.0\.1 moved from 00:22:72:00:00:01 to 00:22:72:00:00:0b'
check "and flipped" say 'arpd\.flipflop: 10\.77\.0\.1 flips'
check "an address used by two" say 'err arpd\.duplicate: 10\.77\.0\.2 is used by 00:22:72:00:00:0c and 00:22:72:00:00:02'
check "the router's owner is learned" say 'arpd\.owner: .*10\.77\.0\.254 .*00:22:72:00:00:fe'
check "the alarm, at once" say 'T11:13:20\.000000Z crit arpd\.protected: 00:22:72:00:00:42 speaks as 10\.77\.0\.254.*: 1 frames'
check "and its second frame at the end of the pause" say 'T11:13:30\.000000Z crit arpd\.protected: .*: 1 frames'
check "a sweep" say 'arpd\.flood: 00:22:72:00:00:03 sent 50 questions for unknown addresses within 10s'
check "a host on a VLAN" say 'arpd\.new: new host 00:22:72:00:00:04'
check "the summary" grep -q 'arp: 72 frames, 1 unreadable, .*2 against protected addresses, .*1 defences, 5 hosts$' "$WORK/one.sum"
check "tshark reads the defence" has '^1795000400\.0*	00:22:72:00:00:fe	10\.77\.0\.254	10\.77\.0\.254$' tshark -n -r "$WORK/one.pcap" \
	-T fields -e frame.time_epoch -e arp.src.hw_mac -e arp.src.proto_ipv4 -e arp.dst.proto_ipv4
if [ -x "$PEERS/usr/sbin/arpwatch" ]; then
	: >"$WORK/arp.dat"
	(cd "$WORK" && LD_LIBRARY_PATH="$PEERS/usr/lib/$(uname -m)-linux-gnu" "$PEERS/usr/sbin/arpwatch" -d -N -r in.pcap \
		-f arp.dat >arpwatch.say 2>&1)
	check "arpwatch tells of the move" grep -qi 'changed ethernet address' "$WORK/arpwatch.say"
	check "and of the router's, as of any other" sh -c "grep -c 'ip address: 10.77.0.254' '$WORK/arpwatch.say' | grep -q '[1-9]'"
fi

OUI=$PEERS/usr/share/ieee-data/oui.txt
if [ -f "$OUI" ]; then
	check "Debian's list of vendors is read" has 'arpd\.new: .*10\.77\.0\.1 American Micro-Fuel Device Corp\.$' "$D" \
		--address 10.77.0.253/24 --arpd.vendors "$OUI" --pcap "$WORK/in.pcap" --events
fi

# A hundred thousand frames through a pipe.
cat >"$WORK/stream.py" <<'PY'
import struct, sys
f = sys.stdout.buffer
f.write(struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
for i in range(100000):
    m = bytes([0, 0x22, 0x72]) + struct.pack(">I", i)[1:]
    b = b"\xff" * 6 + m + b"\x08\x06" + struct.pack(">HHBBH", 1, 0x800, 6, 4, 1) + m + struct.pack(">I", 0x0a000001 + i) + bytes(6) + b"\n\0\0\1" + bytes(18)
    f.write(struct.pack("<IIII", 1795000000 + i // 1000, i % 1000 * 1000, len(b), len(b)) + b)
PY
stream() {
	python3 "$WORK/stream.py" | "$D" --address 10.0.0.1/8 --arpd.vendors= --pcap /dev/stdin --out /dev/null
}
check "a long one needs little memory" has 'arp: 100000 frames, 90000 hosts pushed out, .*10000 hosts$' stream
done_well
