#!/bin/sh
# SPDX-License-Identifier: ISC
#
# `guyline-dhcpd --pcap in --out out`: the server over a capture, with the time of its packets. Captures are made
# here in all the forms that there are, tshark reads the replies, the same input gives the same octets, and files
# that are cut off or no captures are told with the place. No network is touched.
. "$(dirname "$0")/lib/net.sh"
need python3 tshark
D=$BIN/guyline-dhcpd

cat >"$WORK/make.py" <<'PY'
import struct, sys

US, ALL, START = 0x0A4D0001, 0xFFFFFFFF, 1795000000 * 10**9

def checksum(b):
    s = sum(struct.unpack(">%dH" % (len(b) // 2), b))
    while s >> 16:
        s = (s & 0xFFFF) + (s >> 16)
    return ~s & 0xFFFF

def dhcp(kind, mac, xid, options=b"", ciaddr=0, giaddr=0):
    head = struct.pack(">BBBBIHHIIII", 1, 1, 6, 0, xid, 0, 0, ciaddr, 0, 0, giaddr) + mac + bytes(202)
    return (head + bytes.fromhex("63825363") + bytes([53, 1, kind]) + options + b"\xff").ljust(300, b"\0")

def ip(src, dst, payload, sport=68, dport=67, fragment=0):
    udp = struct.pack(">HHHH", sport, dport, 8 + len(payload), 0x1234) + payload # as before a card has written it
    head = struct.pack(">BBHHHBBHII", 0x45, 0, 20 + len(udp), 1, fragment, 64, 17, 0, src, dst)
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + udp

def ethernet(mac, packet, vlan):
    tag = struct.pack(">HH", 0x8100, vlan) if vlan else b""
    return b"\xff" * 6 + mac + tag + b"\x08\x00" + packet

def cooked(mac, packet, vlan):
    return struct.pack(">HHH", 1, 1, 6) + mac + b"\0\0\x08\x00" + packet

def raw(mac, packet, vlan):
    return packet

def mac(i):
    return bytes([2, 0, 0, 1, i >> 8, i & 255])

def want(address, server=True):
    return bytes([50, 4]) + struct.pack(">I", address) + (bytes([54, 4]) + struct.pack(">I", US) if server else b"")

def packets(cnt):
    for i in range(cnt):
        at = START + i * 50_000_000
        yield at, mac(i), ip(0, ALL, dhcp(1, mac(i), i + 1))
        yield at + 1_000_000, mac(i), ip(0, ALL, dhcp(3, mac(i), i + 1, want(US + 99 + i)))
    at = START + 50 * 60 * 10**9
    yield at, mac(3), ip(US + 102, US, dhcp(3, mac(3), 77, ciaddr=US + 102))
    yield at + 1000, mac(3), ip(US + 102, US + 5, dhcp(3, mac(3), 78, ciaddr=US + 102)) # for another server
    yield at + 2000, mac(3), ip(US + 102, US, b"x" * 40, 1, 53)                          # for another service
    yield at + 3000, mac(3), ip(US + 102, US, b"x" * 40, 68, 67, 0x2000)                 # a piece
    yield at + 4000, mac(3), ip(0, ALL, dhcp(3, mac(9), 79, want(0x08080808, False)))    # gets a NAK
    yield at + 5000, mac(3), b"\x45" + bytes(10)                                         # no IP
    yield at - 9000, mac(3), ip(0, ALL, dhcp(1, mac(8), 80))                             # late in the file

def write(f, order="<", nano=False, link=1, frame=ethernet, cnt=20, vlan=0, cut=0):
    f.write(struct.pack(order + "IHHIIII", 0xA1B23C4D if nano else 0xA1B2C3D4, 2, 4, 0, 0, 262144, link))
    for at, who, packet in packets(cnt):
        b = frame(who, packet, vlan)
        seen = b[:cut] if cut else b
        f.write(struct.pack(order + "IIII", at // 10**9, at % 10**9 // (1 if nano else 1000), len(seen), len(b)) + seen)

if sys.argv[1] == "stream": # more than any buffer holds, from a thousand clients
    f = sys.stdout.buffer
    f.write(struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
    frames = [ethernet(mac(i), ip(0, ALL, dhcp(1, mac(i), i + 1)), 0) for i in range(1000)]
    for i in range(int(sys.argv[2])):
        b = frames[i % 1000]
        f.write(struct.pack("<IIII", 1795000000 + i // 100, i % 100 * 10000, len(b), len(b)) + b)
    sys.exit()
for name, form in (
    ("le", {}), ("be", {"order": ">"}), ("nano", {"nano": True}), ("benano", {"order": ">", "nano": True}),
    ("vlan", {"vlan": 7}), ("raw", {"link": 101, "frame": raw}), ("any", {"link": 113, "frame": cooked}),
    ("wifi", {"link": 105}), ("begins", {"cut": 96}),
):
    with open("%s/%s.pcap" % (sys.argv[1], name), "wb") as f:
        write(f, **form)
PY
python3 "$WORK/make.py" "$WORK" || fail "making captures"
head -c 5000 "$WORK/le.pcap" >"$WORK/cut.pcap"
head -c 11 "$WORK/le.pcap" >"$WORK/stub.pcap"
head -c 24 "$WORK/le.pcap" >"$WORK/empty.pcap"
printf 'This is no capture file.\n' >"$WORK/none.pcap"
editcap -F pcapng "$WORK/le.pcap" "$WORK/ng.pcapng" 2>/dev/null

# dhcpd NAME [OPTION...]: NAME.pcap gives NAME.out.pcap, NAME.say (events) and NAME.sum (the summary).
dhcpd() {
	name=$1
	shift
	"$D" --address 10.77.0.1/24 --dhcpd.pool 10.77.0.100-10.77.0.200 --dhcpd.lease_time 1h \
		--pcap "$WORK/$name.pcap" --out "$WORK/$name.out.pcap" --events "$@" >"$WORK/$name.say" 2>"$WORK/$name.sum"
}
# ends STATUS command...
ends() {
	want=$1
	shift
	"$@"
	got=$?
	[ "$got" -eq "$want" ] || { echo "status $got, not $want"; return 1; }
}
# replies NAME: what tshark makes of them: time, VLAN, hardware address, type, address.
replies() {
	tshark -n -r "$WORK/$1.out.pcap" -o udp.check_checksum:TRUE -T fields -e frame.time_epoch -e vlan.id -e eth.dst \
		-e dhcp.option.dhcp -e dhcp.ip.your -e udp.checksum.status -e _ws.malformed -e _ws.expert.message 2>/dev/null
}

# --- what comes of it --------------------------------------------------------------------------------------------

check "a capture is served" dhcpd le
cat "$WORK/le.sum"
check "frames are counted" has 'le.pcap: 47 frames in 50m, 43 for us, 1 pieces of datagrams; 43 frames sent$' cat "$WORK/le.sum"
check "messages by type" has '^messages: 21 discover, 22 request$' cat "$WORK/le.sum"
check "replies by type" has '^replies: 21 offer, 21 ack, 1 nak$' cat "$WORK/le.sum"
check "leases" has '^leases: 20$' cat "$WORK/le.sum"
check "tshark reads all replies" answer_is 43 sh -c "tshark -n -r '$WORK/le.out.pcap' 2>/dev/null | wc -l"
replies le >"$WORK/le.replies"
check "and finds nothing wrong" sh -c "! grep -vE '	1		\$' '$WORK/le.replies'"
check "an offer leaves when its question came" has '^1795000000\.050000000		02:00:00:01:00:01	2	10\.77\.0\.101	' \
	cat "$WORK/le.replies"
check "an ACK, too" has '^1795000000\.051000000		02:00:00:01:00:01	5	10\.77\.0\.101	' cat "$WORK/le.replies"
check "after the hole in the capture" has '^1795003000\.000000000		02:00:00:01:00:03	5	10\.77\.0\.103	' cat "$WORK/le.replies"
check "a packet that is late comes at the time before it" has '^1795003000\.000005000		02:00:00:01:00:08	2	' cat "$WORK/le.replies"
check "times of events are those of the packets" has '^2026-11-18T11:06:40\.051000Z .*10\.77\.0\.101 leased 02:00:00:01:00:01' \
	cat "$WORK/le.say"
check "nothing has expired yet" sh -c "! grep -q expired '$WORK/le.say'"

# --- forms -------------------------------------------------------------------------------------------------------

cp "$WORK/le.out.pcap" "$WORK/first.pcap"
cp "$WORK/le.say" "$WORK/first.say"
check "once more" dhcpd le
check "gives the same octets" cmp "$WORK/first.pcap" "$WORK/le.out.pcap"
check "and the same events" cmp "$WORK/first.say" "$WORK/le.say"
for form in be nano benano; do
	check "a capture of the form $form" dhcpd $form
	check "gives the same replies ($form)" cmp "$WORK/first.pcap" "$WORK/$form.out.pcap"
done
check "a tagged one" dhcpd vlan
check "is answered with the tag" has '^1795000000\.051000000	7	02:00:00:01:00:01	5	10\.77\.0\.101	' replies vlan
check "one of plain IP" dhcpd raw
check "is answered by the hardware address in the message" has '	02:00:00:01:00:01	5	10\.77\.0\.101	' replies raw
check "one of Linux' any" dhcpd any
check "is answered alike" cmp "$WORK/first.pcap" "$WORK/any.out.pcap"
check "frames captured in part" dhcpd begins
check "are left out and counted" has '47 frames in 50m, 0 for us, 44 captured in part, 1 pieces of datagrams; 0 frames sent' cat "$WORK/begins.sum"
check "other addresses of ours: broadcasts only" dhcpd le --address 10.77.0.2/24
check "are answered" has '42 for us' cat "$WORK/le.sum"

# --- time after the last packet ----------------------------------------------------------------------------------

check "--until goes on" dhcpd le --until 11m
check "what is due by then ends, within its second" has '^2026-11-18T12:06:41\.000000Z .*10\.77\.0\.101 expired' cat "$WORK/le.say"
check "what is not, does not" sh -c "! grep -q '10.77.0.103 expired' '$WORK/le.say'"
check "one lease is left" has '^leases: 1$' cat "$WORK/le.sum"

# --- what is wrong with files ------------------------------------------------------------------------------------

check "a file that is cut off" ends 65 dhcpd cut
check "is told with the place" has 'cut.pcap: the octets of a record are cut off at offset 4678; what is before it was used' cat "$WORK/cut.sum"
check "and used up to there" has '13 frames in .*, 13 for us; 13 frames sent' cat "$WORK/cut.sum"
check "tshark reads what was written" answer_is 13 sh -c "tshark -n -r '$WORK/cut.out.pcap' 2>/dev/null | wc -l"
check "a file that is too short" ends 65 dhcpd stub
check "is told" has 'stub.pcap: the file header is cut off at offset 0' cat "$WORK/stub.sum"
check "a file that is no capture" ends 65 dhcpd none
check "is told, too" has 'none.pcap: not a pcap file at offset 0' cat "$WORK/none.sum"
[ ! -f "$WORK/ng.pcapng" ] || {
	mv "$WORK/ng.pcapng" "$WORK/ng.pcap"
	check "pcapng" ends 65 dhcpd ng
	check "says what to do" has 'editcap -F pcap' cat "$WORK/ng.sum"
}
check "another link type" ends 65 dhcpd wifi
check "is told by number" has 'link type 105 is none of' cat "$WORK/wifi.sum"
check "a file without packets is served" dhcpd empty
check "and nothing comes of it" has 'empty.pcap: 0 frames in 0s, 0 for us; 0 frames sent' cat "$WORK/empty.sum"
check "a file that is not there" ends 66 dhcpd missing
P="--address 10.77.0.1/24 --dhcpd.pool 10.77.0.100-10.77.0.200"
# shellcheck disable=SC2086
{
check "a disk that is full" ends 74 "$D" $P --pcap "$WORK/le.pcap" --out /dev/full
cp "$WORK/le.pcap" "$WORK/same.pcap"
check "replies over the capture itself" ends 66 "$D" $P --pcap "$WORK/same.pcap" --out "$WORK/./same.pcap"
check "which is as it was" cmp "$WORK/le.pcap" "$WORK/same.pcap"
check "--out alone" ends 64 "$D" $P --out "$WORK/x.pcap"
check "--until something" ends 64 "$D" $P --pcap "$WORK/le.pcap" --until soon
check "--pcap without a file" ends 64 "$D" $P --pcap
}

# --- a long one --------------------------------------------------------------------------------------------------

# 70 MB through a pipe, in address space for a fraction of it.
case $D in
*asan*) limit= ;; # which maps terabytes
*) limit="prlimit --as=67108864" ;;
esac
# shellcheck disable=SC2086
stream() {
	python3 "$WORK/make.py" stream 200000 | $limit "$D" --address 10.77.0.1/16 --dhcpd.pool 10.77.1.0-10.77.9.255 \
		--pcap /dev/stdin --out /dev/null
}
check "a long capture needs no memory" has '^/dev/stdin: 200000 frames in 33m19s, 200000 for us; 200000 frames sent' stream
done_well
