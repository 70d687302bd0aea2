# SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC1091
#
# Two servers with one set of leases on $HOST, kernel sockets or our own stack: the first is killed and the second takes
# over, at the same server identifier; the first comes back, is silent and has a copy; roles change by command; and when
# the two are cut off from each other while both see the clients, no address goes to two.
. "$(dirname "$0")/lib/net.sh"
need python3 curl
[ -x "$BIN/guyline-dhcpd" ] && [ -x "$BIN/guyline" ] || skip "guyline-dhcpd is not built"
lan
for n in one two cli; do
	namespace "$n"
	join "$n"
done
DEVICE=packet:eth0
if [ "$HOST" = kernel ]; then
	DEVICE=eth0
	in_ns one ip addr add 10.77.0.1/24 dev eth0
	in_ns two ip addr add 10.77.0.2/24 dev eth0
fi
echo "a secret of the two servers" >"$WORK/secret"
chmod 755 "$WORK"
chmod 600 "$WORK/secret"

# conf NAME NUMBER PEER AS PROBE: our own stack looks whether its address is in use, or not.
conf() {
	address=
	[ "$HOST" = kernel ] || address="\"address\": \"10.77.0.$2/24\", \"probe\": $5,"
	cat >"$WORK/$1.json" <<-JSON
		{"host": "$HOST", "device": "$DEVICE", $address "state": "$WORK/state-$1", "control": "$WORK/$1.sock", "metrics": "127.0.0.1:9547", "user": "nobody",
		 "dhcpd": {"pool": "10.77.0.100-10.77.0.139", "lease_time": "10m", "probe": false, "standby": "10.77.0.$3", "standby_as": "$4",
		           "standby_secret": "$WORK/secret", "standby_takeover": "3s"}}
	JSON
}
conf one 1 2 first false
conf two 2 1 second false

server() {
	start "$1" "$1" "$BIN/guyline-dhcpd" -d -c "$WORK/$1.json"
	eval "$1=$STARTED"
}

is() {
	has "\"role\":\"$2\"" "$BIN/guyline" --at "$WORK/$1.sock" dhcp standby --json
}

# asks NAME PATH: a page of it.
asks() {
	in_ns "$1" curl -sS -m 5 "http://127.0.0.1:9547/$2"
}

# client NUMBER MESSAGES: what a client with that number does over a packet socket, and what it gets:
# "new" takes the first offer, "renew ADDRESS SERVER" asks by unicast to the server's hardware address as ARP tells it,
# "rebind ADDRESS" everybody.
client() {
	in_ns cli python3 "$WORK/client.py" "$@"
}
cat >"$WORK/client.py" <<'PY'
import os, socket, struct, sys, time

number, what = int(sys.argv[1]), sys.argv[2]
mac = bytes([2, 0, 0, 9, number >> 8, number & 255])
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
wire.bind(("eth0", 0))
wire.setsockopt(263, 1, struct.pack("IHH8s", socket.if_nametoindex("eth0"), 1, 0, b""))

def ip(text):
    return socket.inet_aton(text)

def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff

def send(options, ciaddr="0.0.0.0", dst=b"\xff" * 6, to="255.255.255.255"):
    xid = os.urandom(4)
    bootp = struct.pack("!BBBB4sHH4s4s4s4s16s64s128s", 1, 1, 6, 0, xid, 0, 0x8000 if to == "255.255.255.255" else 0,
                        ip(ciaddr), ip("0.0.0.0"), ip("0.0.0.0"), ip("0.0.0.0"), mac, b"", b"")
    bootp += b"\x63\x82\x53\x63" + options + b"\xff"
    bootp += bytes(300 - len(bootp))
    udp = struct.pack("!HHHH", 68, 67, 8 + len(bootp), 0) + bootp
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, ip(ciaddr), ip(to))
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    wire.send(dst + mac + b"\x08\x00" + head + udp)
    return xid

def answers(xid, wait):
    end = time.time() + wait
    while time.time() < end:
        wire.settimeout(max(end - time.time(), 0.001))
        try:
            frame = wire.recv(2000)
        except TimeoutError:
            return
        if frame[12:14] != b"\x08\x00" or frame[23] != 17 or frame[36:38] != b"\x00\x44" or frame[46:50] != xid:
            continue
        options, at = {}, 282
        while at < len(frame) and frame[at] != 255:
            if frame[at]:
                options[frame[at]] = frame[at + 2:at + 2 + frame[at + 1]]
                at += 1 + frame[at + 1]
            at += 1
        yield options[53][0], socket.inet_ntoa(frame[58:62]), socket.inet_ntoa(options[54])

def arp(address):
    for _ in range(5):
        wire.send(b"\xff" * 6 + mac + b"\x08\x06" + struct.pack("!HHBBH6s4s6s4s", 1, 0x800, 6, 4, 1, mac, ip("10.77.0.99"), b"\0" * 6, ip(address)))
        end = time.time() + 1
        while time.time() < end:
            wire.settimeout(1)
            try:
                frame = wire.recv(2000)
            except TimeoutError:
                break
            if frame[12:14] == b"\x08\x06" and frame[20:22] == b"\0\2" and frame[28:32] == ip(address):
                return frame[22:28]
    sys.exit("nobody answers ARP for " + address)

if what == "new":
    for _ in range(6):
        for kind, address, server in answers(send(b"\x35\x01\x01"), 1):
            xid = send(b"\x35\x01\x03\x32\x04" + ip(address) + b"\x36\x04" + ip(server))
            for kind, address, server in answers(xid, 2):
                if kind == 5:
                    print(address, server)
                    sys.exit(0)
            break
    sys.exit("no lease")
address = sys.argv[3]
for _ in range(4):
    to = (arp(sys.argv[4]), sys.argv[4]) if what == "renew" else (b"\xff" * 6, "255.255.255.255")
    for kind, got, _server in answers(send(b"\x35\x01\x03", address, *to), 1):
        print({5: "ACK", 6: "NAK"}[kind], got, _server)
        sys.exit(0 if kind == 5 else 1)
sys.exit("no answer")
PY

# lease NUMBER: sets lease_NUMBER to the address it gets, at the server identifier of the first.
lease() {
	client "$1" new >"$WORK/lease-$1" 2>&1 || { cat "$WORK/lease-$1"; return 1; }
	grep -Eq '^10\.77\.0\.1[0-9]* 10\.77\.0\.1$' "$WORK/lease-$1" || { cat "$WORK/lease-$1"; return 1; }
}
address_of() {
	cut -d' ' -f1 "$WORK/lease-$1"
}
renews() {
	client "$1" renew "$(address_of "$1")" 10.77.0.1
}
rebinds() {
	client "$1" rebind "$(address_of "$1")"
}
distinct() {
	cat "$WORK"/lease-* | cut -d' ' -f1 | sort | uniq -d >"$WORK/twice"
	[ ! -s "$WORK/twice" ] || { cat "$WORK/twice"; return 1; }
}

server one
server two
wait_for 20 "the first serves, and the second has a copy" is one serving
wait_for 5 "the second is silent" is two standby
for n in 1 2 3 4; do
	check "client $n has a lease of the first" lease "$n"
done
check "/healthz says how it stands" has '^dhcpd: standby for .* connected with 10.77.0.1' asks two healthz
check "and so do the metrics" has '^guyline_dhcpd_standby_role\{role="serving"\} 1' asks one metrics
check "and the status" has '"standby":\{"role":"serving",.*"connected":true' "$BIN/guyline" --at "$WORK/one.sock" --json status
check "the second knows it" has "$(address_of 3)" "$BIN/guyline" --at "$WORK/two.sock" leases
check "a strange machine cannot speak to the first" has 'reset|refused|closed' in_ns cli python3 -c '
import socket
s = socket.create_connection(("10.77.0.1", 647), 3) if not __import__("os").system("ip addr add 10.77.0.99/24 dev eth0") else None
try:
    print("closed" if s.recv(1) == b"" else "open")
except OSError:
    print("reset")'

kill -9 "$one"
in_ns one ip link set eth0 down # the whole machine
wait_for 12 "the second takes over" is two alone
check "a renewal is answered at the address of the first" renews 1
check "another one, too" renews 4
for n in 5 6; do
	check "client $n is new, and served" lease "$n"
done
in_ns one ip link set eth0 up
# It does not take an address that somebody announces: the second does so for 2 s (RFC 5227 2.3).
[ "$HOST" = kernel ] || sleep 2
conf one 1 2 first true
server one
wait_for 15 "the first is back, with a copy" is one standby
wait_for 5 "the second serves on" is two serving
check "it knows what was given meanwhile" has "$(address_of 6)" "$BIN/guyline" --at "$WORK/one.sock" leases
check "it is told that renewals may reach the silent one" has 'answers at its address, too' cat "$WORK/two.log"
check "whose renewal did is served by broadcast" rebinds 2
check "the first serves again by command" "$BIN/guyline" --at "$WORK/one.sock" dhcp takeover
wait_for 15 "roles have changed" is one serving
wait_for 5 "and the second is the copy again" is two standby
check "what the second gave the first renews" renews 5

# The two cannot hear each other, clients hear both.
parted() {
	for n in one two; do
		in_ns lan ip link set "v$$-$n" type bridge_slave isolated "$1" || fail "bridge ports cannot be isolated"
	done
}
parted on
wait_for 15 "the first serves alone" is one alone
wait_for 15 "and so does the second" is two alone
for n in 11 12 13 14 15 16 17 18; do
	check "client $n gets an address" lease "$n"
done
check "no address went to two" distinct
check "a holder of before renews" renews 2
parted off
wait_for 20 "they have met again" is one serving
wait_for 5 "the second is the copy" is two standby
for n in 1 5 11 12 13 14 15 16 17 18; do
	check "client $n may keep its address" renews "$n"
done
check "no address went to two in all of it" distinct

kill -9 "$one"
wait_for 12 "a server that died on a machine that lives is replaced, too" is two alone
done_well
