#!/bin/sh
# SPDX-License-Identifier: ISC
#
# `guyline parse`: the sample lines of tests/data come out as their records, one a line and in order, wrapped in JSON,
# bare, and in a capture; hexadecimal text and captures of DHCP, DNS and ARP become JSON; what is malformed is told with
# its place, and the rest is still read. Nothing travels: input is text, and captures that python writes.
. "$(dirname "$0")/lib/net.sh"
need python3
G=$BIN/guyline
SAMPLES=$PWD/tests/data/syslog-samples.jsonl

cat >"$WORK/pcap.py" <<'EOF'
# pcap.py LINK ENDIAN FRAME_HEX...: a capture on standard output, a frame a second from 2026-11-21T14:00:00.25Z on.
import struct, sys
link, e = int(sys.argv[1]), sys.argv[2]
sys.stdout.buffer.write(struct.pack(e + "IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, link))
for i, f in enumerate(sys.argv[3:]):
    b = bytes.fromhex(f)
    sys.stdout.buffer.write(struct.pack(e + "IIII", 1795269600 + i, 250000, len(b), len(b)) + b)
EOF
cat >"$WORK/udp.py" <<'EOF'
# udp.py SPORT DPORT PAYLOAD_HEX: an Ethernet frame in hexadecimal, 10.0.0.1 to 10.0.0.2, without UDP checksum.
import struct, sys
s, d, p = int(sys.argv[1]), int(sys.argv[2]), bytes.fromhex(sys.argv[3])
udp = struct.pack(">HHHH", s, d, 8 + len(p), 0) + p
ip = struct.pack(">BBHHHBBHII", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, 0x0a000001, 0x0a000002)
print((bytes(12) + b"\x08\x00" + ip + udp).hex())
EOF
cat >"$WORK/compare.py" <<'EOF'
# compare.py SAMPLES RECORDS: as many, in order, with the members of the samples.
import json, sys
want, got = ([json.loads(l) for l in open(f)] for f in sys.argv[1:])
assert len(want) == len(got), (len(want), len(got))
for n, (s, r) in enumerate(zip(want, got), 1):
    assert r["seq"] == n and r["recv"] == s["recv"][:-1] + ".000000Z" and r["from"] == "10.0.4.7", r
    assert bool(r["flags"]) == ("raw" in r or "raw_hex" in r), r
    for k, v in s["expect"].items():
        assert (sorted(r[k]) == sorted(v) if k == "flags" else r[k] == v), (s["id"], k, r[k])
    assert set(r) - set(s["expect"]) <= {"seq", "recv", "from", "raw", "raw_hex"}, r
EOF
DNS=123401000001000000000000026162036f72670000010001
ARP=0001080006040001021122334455
ARP=${ARP}0a0000010000000000000a000002

hex() { printf '%s' "$1" | od -An -tx1 -v | tr -d ' \n'; }
# run ARGUMENT...: parse "$WORK/in"; output and complaints apart.
run() { "$G" parse "$@" <"$WORK/in" >"$WORK/out" 2>"$WORK/err.log"; }
# ends STATUS ARGUMENT...: run ends with that.
ends() {
	want=$1
	shift
	run "$@"
	got=$?
	[ "$got" = "$want" ] || { echo "status $got, not $want"; cat "$WORK/err.log"; return 1; }
}
samples_match() {
	run syslog --from 10.0.4.7 && python3 "$WORK/compare.py" "$SAMPLES" "$WORK/out"
}

cp "$SAMPLES" "$WORK/in"
check "every sample becomes its record" samples_match

printf '<13>Nov 21 13:00:00 h prog: a\0b\r\n\n{"a":1}\n<13>Nov 21 13:00:00 h prog: no line end' >"$WORK/in"
check "bare lines, an empty one, one of JSON, one without LF" ends 0 syslog --recv 2026-11-21T14:00:00Z
check "four records" answer_is 4 wc -l <"$WORK/out"
check "octets of a line may be any" grep -q '"msg":"a\\u0000b","flags":\["ctrl"\]' "$WORK/out"
check "an empty line is a record" grep -q '^{"seq":2,.*"flags":\["empty","no_pri","no_ts"\]' "$WORK/out"
check "other JSON is text" grep -q '^{"seq":3,.*"msg":"{\\"a\\":1}"' "$WORK/out"
check "nobody sent it" grep -q '"from":null' "$WORK/out"

printf '{"raw":"<13>x\\u0000y","recv":"2026-11-21T14:00:00Z"}\n' >"$WORK/in"
check "NUL in a wrapped message" ends 0 syslog
check "it is there" grep -q '"msg":"x\\u0000y"' "$WORK/out"

printf '<13>Nov 21 13:00:00 h prog: m\n' >"$WORK/in"
check "a zone" ends 0 syslog --zone +01:00 --recv 2026-11-21T14:00:00Z
check "counts for a time that has none" grep -q '"ts":"2026-11-21T12:00:00Z"' "$WORK/out"
check "text for people" ends 0 syslog --recv 2026-11-21T14:00:00Z --text
check "is one line" answer_is '2026-11-21T13:00:00Z h user.notice prog: m' cat "$WORK/out"

for len in 65536 65537 3000000; do
	python3 -c "print('<13>' + 'x' * ($len - 4)); print('<13>next: m')" >"$WORK/in"
	check "a line of $len octets" ends 0 syslog
	check "is one record" answer_is 2 wc -l <"$WORK/out"
	check "and the next is whole" grep -q '^{"seq":2,.*"app":"next".*"msg":"m"' "$WORK/out"
	[ "$len" = 65536 ] || check "its length is told" grep -q "\"flags\":\[\"cut\",\"no_ts\"\],\"x\":{\"len\":$len}" "$WORK/out"
done

printf 'x\n{"raw_hex":"3c3g"}\n{"raw":"<13>a: m","recv":"yesterday"}\n<13>a: m\n' >"$WORK/in"
check "bad wrapping" ends 65 syslog
check "is told with line, offset and octet" grep -q '^standard input:2: at offset 2: "raw_hex" .* at octet 3$' "$WORK/err.log"
check "a bad time, too" grep -q '^standard input:3: at offset 21: "recv" is no time' "$WORK/err.log"
check "and the others are read" answer_is 2 wc -l <"$WORK/out"

printf '# a comment\n\n%s\n12 34:01000001\nxyz\n%s\r\n' "$DNS" "$DNS" >"$WORK/in"
check "DNS with two that are malformed" ends 65 dns
check "two are read" answer_is 2 grep -c '"name":"ab.org."' "$WORK/out"
check "one ends early" grep -q '^standard input:4: at offset 62: .* at octet ' "$WORK/err.log"
check "one is no hexadecimal text" grep -q '^standard input:5: at offset 77: no hexadecimal text: .* at octet 0$' "$WORK/err.log"

printf '%s\n%s%s\n' "$ARP" "ffffffffffff0211223344550806" "$ARP" >"$WORK/in"
check "ARP with and without Ethernet" ends 0 arp
check "two of them" answer_is 2 grep -c '"op":.*10\.0\.0\.1' "$WORK/out"

# shellcheck disable=SC2046
captures() {
	dns=$(python3 "$WORK/udp.py" 5000 53 "$DNS")
	log=$(python3 "$WORK/udp.py" 5000 514 "$(hex '<13>Nov 21 13:00:00 h prog: m')")
	odd=$(python3 "$WORK/udp.py" 5000 5514 "$(hex '<13>odd: m')")
	python3 "$WORK/pcap.py" 1 "$1" "$dns" "$log" "ffffffffffff0211223344550806$ARP" "$odd" 0011 >"$WORK/in"
}
for endian in '<' '>'; do
	captures "$endian"
	check "a capture ($endian): DNS" ends 0 dns
	check "has its place" grep -q '^{"frame":1,"time":"2026-11-21T14:00:00.250000Z","from":"10.0.0.1:5000","to":"10.0.0.2:53","dns":{' "$WORK/out"
	check "the rest is counted" grep -q '5 frames, 1 with dns messages' "$WORK/err.log"
	check "a capture ($endian): ARP" ends 0 arp
	check "has no ports" grep -q '^{"frame":3,"time":"2026-11-21T14:00:02.250000Z","arp":{' "$WORK/out"
	check "a capture ($endian): syslog" ends 0 syslog
	check "has time and sender" grep -q '"recv":"2026-11-21T14:00:01.250000Z","from":"10.0.0.1",.*"host":"h"' "$WORK/out"
	check "another port" ends 0 syslog --port 5514
	check "is asked for" grep -q '"app":"odd"' "$WORK/out"
done
captures '<'
python3 "$WORK/pcap.py" 101 '<' "$(python3 "$WORK/udp.py" 68 67 00 | cut -c 29-)" >"$WORK/in"
check "bare IP, a malformed message" ends 65 dhcp
check "with frame and offset" grep -q '^standard input: frame 1 at offset 24: .* at octet ' "$WORK/err.log"
captures '<'
head -c 150 "$WORK/in" >"$WORK/cut" && mv "$WORK/cut" "$WORK/in"
check "a capture that is cut off" ends 65 dns
check "says where" grep -Eq 'the (octets|header) of a record (are|is) cut off at offset [0-9]+' "$WORK/err.log"
python3 "$WORK/pcap.py" 105 '<' 00 >"$WORK/in"
check "another link type" ends 65 dns
check "is named" grep -q 'link type 105' "$WORK/err.log"

: >"$WORK/in"
check "nothing" ends 0 syslog
check "gives nothing" answer_is '' cat "$WORK/out"
for wrong in "" "tcp" "dns --recv 2026-11-21T14:00:00Z" "syslog --recv now" "syslog --from x" "syslog --zone CET" \
	"syslog --port 0" "syslog --nonsense" "syslog a b"; do
	# shellcheck disable=SC2086
	check "usage: $wrong" ends 64 $wrong
	check "has a sentence" test -s "$WORK/err.log"
done
check "no such file" ends 66 dns "$WORK/none"
check "a full disk" sh -c "! echo x | '$G' parse syslog >/dev/full 2>/dev/null"
mkfifo "$WORK/fifo"
answers_at_once() {
	(echo '<13>a: m'; sleep 5) | "$G" parse syslog >"$WORK/fifo" & PIDS="$PIDS $!"
	timeout 3 head -n 1 "$WORK/fifo" | grep -q '"app":"a"'
}
check "who asks line by line gets answers so" answers_at_once
done_well
