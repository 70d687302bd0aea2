#!/bin/sh
# SPDX-License-Identifier: ISC
#
# `guyline net` on a tap: behind it are the kernel (10.77.0.2), which routes, and behind that a namespace "far"
# (10.78.0.2, by a path of 1,400 octets). ping whole and in pieces, answered, unanswered, too large; trace finds
# both; resolve knows who is there and who is not; capture prints and records; every wrong option has a sentence.
. "$(dirname "$0")/lib/net.sh"
need ip tshark ping python3
[ -c /dev/net/tun ] || skip "no /dev/net/tun"
G=$BIN/guyline
TAP=tap:glt0,peer=10.77.0.2/24
ME="--address 10.77.0.9/24 --gateway 10.77.0.2"

namespace near
namespace far
ip link add "v$$-n" netns "$ID-near" type veth peer name eth0 netns "$ID-far" || fail veth
in_ns near ip link set "v$$-n" name far0 up mtu 1400
in_ns near ip addr add 10.78.0.1/24 dev far0
in_ns near sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.default.disable_ipv6=1 net.ipv6.conf.all.disable_ipv6=1
in_ns far ip link set eth0 up
in_ns far ip addr add 10.78.0.2/24 dev eth0
in_ns far ip route add default via 10.78.0.1

# tool VERB...: in near; the interface of a run before may still be going.
tool() {
	verb=$1
	shift
	in_ns near "$G" net "$verb" "$@"
}

# fails STATUS PATTERN command...: it ends with that status and says that.
fails() {
	want=$1
	pattern=$2
	shift 2
	"$@" >"$WORK/fails.out" 2>&1
	got=$?
	[ "$got" = "$want" ] || { echo "status $got, not $want"; cat "$WORK/fails.out"; return 1; }
	grep -Eq "$pattern" "$WORK/fails.out" || { echo "no line with: $pattern"; cat "$WORK/fails.out"; return 1; }
}

# shellcheck disable=SC2086
{
check "ping a neighbour" has '3 sent, 3 answered, 0 % lost' tool ping -i $TAP $ME -c 3 --interval 0.05 10.77.0.2
check "its lines tell seq, ttl and time" has '56 octets from 10\.77\.0\.2: seq=1 ttl=64 time=[0-9.]+ ms$' \
	tool ping -i $TAP $ME -c 1 10.77.0.2
check "no data at all" has '0 octets from 10\.77\.0\.2: seq=1' tool ping -i $TAP $ME -c 1 -s 0 10.77.0.2
check "in pieces, whole again" has '8000 octets from 10\.77\.0\.2: seq=2 ttl=64 time=[0-9.]+ ms$' \
	tool ping -i $TAP $ME -c 2 --interval 0.2 -s 8000 10.77.0.2
check "behind a router" has '100 octets from 10\.78\.0\.2: seq=1 ttl=63' tool ping -i $TAP $ME -c 1 -s 100 10.78.0.2
check "nobody there" fails 1 '1 sent, 0 answered, 100 % lost' tool ping -i $TAP $ME -c 1 -W 0.3 10.77.0.77
check "an unreachable network is told" has 'from 10\.77\.0\.2: seq=1 network unreachable' \
	tool ping -i $TAP $ME -c 1 -W 0.5 10.99.0.1

check "trace: the router, then the target" has '^ 1  10\.77\.0\.2  [0-9.]+ ms' tool trace -i $TAP $ME 10.78.0.2
check "trace: at the target it ends" has '^ 2  10\.78\.0\.2  [0-9.]+ ms' tool trace -i $TAP $ME 10.78.0.2

check "resolve: a probe" has '^10\.77\.0\.2 is at [0-9a-f:]{17}  [0-9.]+ ms' tool resolve -i $TAP 10.77.0.2
check "resolve: one is there, one is not" fails 1 '^10\.77\.0\.77: nobody answers' \
	tool resolve -i $TAP -W 0.3 10.77.0.2 10.77.0.77
}

start capture near "$G" net capture -i "$TAP" -w "$WORK/cap.pcap" -c 2 -v
wait_for 5 "capture has its interface" in_ns near ip addr show glt0
in_ns near ping -c 3 -i 0.2 -W 1 10.77.0.55 >/dev/null 2>&1
wait_for 5 "capture prints ARP" has 'ARP .*who has 10\.77\.0\.55 tell 10\.77\.0\.2' cat "$WORK/capture.log"
wait_for 5 "capture ends after two frames" has '^2 frames' cat "$WORK/capture.log"
check "capture records what tshark reads" has 'Who has 10\.77\.0\.55' tshark -n -r "$WORK/cap.pcap"

# A capture file as device: no interface, no right is needed.
python3 - "$WORK" <<'PY'
import struct, sys
head = struct.pack(">IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1)
frame = bytes.fromhex("ffffffffffff020000000001" "0806" "0001080006040001" "020000000001" "0a4d0001" "000000000000")
records = b"".join(struct.pack(">IIII", 1000 + i, 0, 60, 60) + frame + bytes([10, 77, 0, 50 + i]) + bytes(18) for i in range(3))
many = b"".join(struct.pack(">IIII", 2000 + i, 0, 60, 60) + frame + bytes([10, 77, 1, i]) + bytes(18) for i in range(200))
for name, text in (("three", head + records), ("cut", head + records[:-20]), ("none", b"#!/bin/sh\n" * 10), ("empty", head), ("many", head + many)):
    open("%s/%s.pcap" % (sys.argv[1], name), "wb").write(text)
PY
# capture_file NAME: it ends by itself, says so in one line only, and misses nothing.
capture_file() {
	timeout 10 "$G" net capture -i "pcap:$WORK/$1.pcap" >"$WORK/file.out" 2>"$WORK/file.err"
}
check "capture of a file ends with it" capture_file three
check "its last frame is there" has 'who has 10\.77\.0\.52 tell' cat "$WORK/file.out"
check "its frames are counted, and nothing is wrong" answer_is '3 frames, 0 lost' cat "$WORK/file.err"
check "more frames than a batch" capture_file many
check "all of them" answer_is '200 frames, 0 lost' cat "$WORK/file.err"
check "a file without frames" fails 1 '^0 frames, 0 lost' timeout 10 "$G" net capture -i "pcap:$WORK/empty.pcap"
check "a file that is cut off" fails 71 'octets of a record are cut off at offset 176' \
	timeout 10 "$G" net capture -i "pcap:$WORK/cut.pcap"
check "a file that is no capture" fails 71 'not a pcap file at offset 0' \
	timeout 10 "$G" net capture -i "pcap:$WORK/none.pcap"

check "no device" fails 64 'needs a device: -i' "$G" net ping 10.77.0.2
check "no address" fails 64 'needs an address' "$G" net ping -i tap:x 10.77.0.2
check "no target" fails 64 'needs an address to look for' "$G" net resolve -i tap:x
check "a target that is none" fails 64 'an IPv4 address' "$G" net resolve -i tap:x example.com
check "a gateway from elsewhere" fails 64 'is not in the network' \
	"$G" net ping -i tap:x --address 10.77.0.9/24 --gateway 10.1.1.1 10.77.0.2
check "an option of another tool" fails 64 'resolve has no such option' "$G" net resolve -s 5 -i tap:x 10.77.0.2
check "no such device" fails 71 'guyline net: ' "$G" net capture -i nonsense:
check "no such tool" fails 64 'usage: guyline net ping' "$G" net frobnicate
done_well
