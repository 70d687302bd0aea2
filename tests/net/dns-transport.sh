#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What carries DNS: EDNS, cookies, truncation, odd and malformed messages, TCP, the limit for equal answers. Once with
# kernel sockets, behind a cable, and once with our own stack on a tap. dns/transport.py has a case for each rule, by
# UDP and by TCP; then dig, kdig and drill, each in its own words.
. "$(dirname "$0")/lib/net.sh"
need python3 dig kdig ip
[ -c /dev/net/tun ] || skip "no /dev/net/tun"

# txt NAME COUNT: so many TXT records of 200 octets.
txt() {
	i=0
	while [ "$i" -lt "$2" ]; do
		printf '%s TXT "%0190d"\n' "$1" "$i"
		i=$((i + 1))
	done
}
{
	# shellcheck disable=SC2016
	printf '$TTL 300\n@ SOA ns root 1 3600 600 86400 300\n@ NS ns\nns A 192.0.2.1\na A 192.0.2.2\na TXT "text"\n'
	printf '*.w A 192.0.2.3\nto700 CNAME t700\n'
	txt t400 2
	txt t700 3
	txt t1000 5
	txt t1300 6
	txt t50000 250
	for n in 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20; do
		printf 'mx MX 10 m%s\nm%s A 192.0.2.1%s\n' "$n" "$n" "$n"
	done
	for n in 1 2 3 4 5 6 7 8 9; do
		printf 'deep NS a-long-label-of-a-name-server-%s.deep\n' "$n"
		printf 'a-long-label-of-a-name-server-%s.deep A 192.0.2.%s\n' "$n" "$n"
	done
} >"$WORK/zone"

# conf HOST: of a server on that host. Who asks from 10.77.0.0/28 is not limited.
conf() {
	cat <<JSON
{ "host": "$1", "state": "$WORK/$1", "control": "$WORK/$1.sock", "log": { "level": "dns=debug,*=info" },
  "dns": { "zones": { "name": "t.example", "file": "$WORK/zone" }, "nsid": "ns-one", "tcp_idle": "3s",
    "rate_limit": { "answers": 20, "exempt": "10.77.0.0/28" }, "encrypted_by": "10.77.0.3/32" } }
JSON
}

# status WANTED COMMAND...: dig's word for the rcode.
status() {
	word=$1
	shift
	has "status: $word" "$@"
}

# limit NAMESPACE: 100 equal questions from an address that is not exempt.
limit() {
	in_ns "$1" python3 - 10.77.0.1 10.77.0.99 <<'PY'
import socket, struct, sys, time

def ask(s, cookie=b""):
    opt = b"\0\0\51\4\xd0\0\0\0\0" + struct.pack(">H", len(cookie)) + cookie
    s.send(b"\0\1\1\0\0\1\0\0\0\0\0\1\1a\1t\7example\0\0\1\0\1" + opt)

def counted(s, cnt, cookie=b""):
    for _ in range(cnt):
        ask(s, cookie)
    whole = cut = bad = 0
    last = None
    s.settimeout(0.5)
    try:
        while True:
            last = s.recv(2000)
            flags = struct.unpack(">H", last[2:4])[0]
            whole += last[7] == 1
            cut += flags & 0x200 != 0
            bad += flags & 15 == 7
    except socket.timeout:
        return whole, cut, bad, last

s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((sys.argv[2], 0))
s.connect((sys.argv[1], 53))
whole, cut, bad, _ = counted(s, 100)
# 20 at once, and one each 50 ms of the while that it took
assert 20 <= whole <= 40 and 25 <= cut <= 45 and bad == 0, (whole, cut, bad)
# RFC 7873 5.2.3: with a client cookie what leads on is BADCOOKIE and the server cookie, and with that there is no limit
client = b"\0\12\0\10abcdefgh"
whole, cut, bad, last = counted(s, 60, client)
assert bad > 10 and cut == 0, (whole, cut, bad)
server = last[-28:]
assert server[:12] == b"\0\12\0\30abcdefgh", server
whole, cut, bad, _ = counted(s, 60, server)
assert (whole, cut, bad) == (60, 0, 0), (whole, cut, bad)
t = socket.create_connection((sys.argv[1], 53), source_address=(sys.argv[2], 0))
for _ in range(60):
    t.sendall(b"\0\35\0\1\1\0\0\1\0\0\0\0\0\0\1a\1t\7example\0\0\1\0\1")
got = 0
while got < 60 * 47:
    part = t.recv(65536)
    assert part
    got += len(part)
PY
}

# whole NAMESPACE: the answer has DF (RFC 9715 3.1): nobody on the way cuts it up.
whole() {
	in_ns "$1" python3 - <<'PY'
import socket
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
raw.settimeout(5)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(b"\0\1\1\0\0\1\0\0\0\0\0\0\1a\1t\7example\0\0\1\0\1", ("10.77.0.1", 53))
while True:
    packet, peer = raw.recvfrom(2000)
    if peer[0] == "10.77.0.1":
        assert packet[6] & 0x40, packet.hex()
        break
PY
}

# both HOST NAMESPACE LOG: all of it, asked from a namespace.
both() {
	wait_for 10 "$1: answers" has '^192\.0\.2\.2$' in_ns "$2" dig +short @10.77.0.1 a.t.example
	check "$1: every case by UDP and TCP" in_ns "$2" python3 tests/net/dns/transport.py 10.77.0.1
	tail -n 1 "$WORK/check.out"
	check "$1: answers are not to be cut up on their way" whole "$2"
	check "$1: dig, cookie" has 'COOKIE: [0-9a-f]{48} \(good\)' in_ns "$2" dig +cookie @10.77.0.1 a.t.example
	check "$1: dig goes to TCP by itself" has 'Truncated, retrying in TCP' in_ns "$2" dig +bufsize=512 @10.77.0.1 t700.t.example TXT
	check "$1: and gets all" answer_is 250 sh -c "ip netns exec $ID-$2 dig +short +tcp @10.77.0.1 t50000.t.example TXT | wc -l"
	check "$1: dig, NSID" has 'NSID: .*ns-one' in_ns "$2" dig +nsid @10.77.0.1 a.t.example
	check "$1: dig, keepalive" has 'KEEPALIVE: 3\.0 secs' in_ns "$2" dig +tcp +keepalive @10.77.0.1 a.t.example
	check "$1: dig, EDE" has 'EDE: 20 \(Not Authoritative\)' in_ns "$2" dig @10.77.0.1 www.elsewhere
	check "$1: dig, BADVERS" status BADVERS in_ns "$2" dig +edns=1 +noednsneg @10.77.0.1 a.t.example
	check "$1: dig, another opcode" status NOTIMP in_ns "$2" dig +opcode=STATUS @10.77.0.1 a.t.example
	check "$1: dig, many on one connection" answer_is 5 sh -c "ip netns exec $ID-$2 dig +short +tcp +keepopen @10.77.0.1 \
		a.t.example a.t.example a.t.example a.t.example a.t.example | wc -l"
	check "$1: kdig" has '192\.0\.2\.2' in_ns "$2" kdig +cookie +nsid @10.77.0.1 a.t.example
	check "$1: kdig, no padding in the clear" answer_is 0 sh -c "ip netns exec $ID-$2 kdig +tcp +padding=64 @10.77.0.1 a.t.example |
		grep -c PADDING"
	check "$1: kdig, padded where a proxy encrypts" has 'PADDING: [0-9]+ B' in_ns "$2" kdig -b 10.77.0.3 +tcp +padding=64 @10.77.0.1 \
		a.t.example
	if command -v drill >/dev/null; then
		check "$1: drill" has '192\.0\.2\.2' in_ns "$2" peer_drill -t a.t.example @10.77.0.1
		check "$1: drill, UDP" has '192\.0\.2\.2' in_ns "$2" peer_drill -u a.t.example @10.77.0.1
	fi
	check "$1: equal answers are limited" limit "$2"
	check "$1: which is told" grep -q 'dns\.limit\|held back' "$WORK/$1.log"
}

cat >"$WORK/peer_drill" <<SH
#!/bin/sh
LD_LIBRARY_PATH=$PEERS/usr/lib/$(uname -m)-linux-gnu exec drill "\$@"
SH
chmod +x "$WORK/peer_drill"
PATH=$PATH:$WORK

# ---- kernel sockets: a server, a cable, and who asks ---------------------------------------------------------

lan
namespace server
join server
in_ns server ip addr add 10.77.0.1/24 dev eth0
namespace client
join client
for last in 2 3 99; do
	in_ns client ip addr add "10.77.0.$last/24" dev eth0
done
conf kernel >"$WORK/kernel.json"
start kernel server "$BIN/guyline-dns" -d -c "$WORK/kernel.json" --device=eth0 --address=10.77.0.1/24
both kernel client

# ---- our stack: the server is on a tap, who asks on its other side -------------------------------------------

namespace tap
conf stack >"$WORK/stack.json"
start stack tap "$BIN/guyline-dns" -d -c "$WORK/stack.json" --device=tap:gyldns0,peer=10.77.0.2/24 --address=10.77.0.1/24
wait_for 10 "the tap is there" in_ns tap ip link show gyldns0
for last in 3 99; do
	in_ns tap ip addr add "10.77.0.$last/24" dev gyldns0
done
both stack tap
done_well
