# SPDX-License-Identifier: ISC
"""From the ACK to the first right answer: gets leases with names, and asks for each name at once.

usage: lease.py SERVER DOMAIN COUNT          prints the median and the longest time in microseconds
       lease.py SERVER DOMAIN watch NAME IP SECONDS   asks for a name all the while: answers must be right
       lease.py SERVER DOMAIN spread COUNT IP...      until all secondaries have the names: the longest time of each, ms
"""
import socket
import struct
import sys
import time

server, domain, what = sys.argv[1:4]


def query(ident, name):
    qname = b"".join(bytes([len(x)]) + x.encode() for x in name.split(".")) + b"\0"
    return struct.pack(">HHHHHH", ident, 0x100, 1, 0, 0, 0) + qname + struct.pack(">HH", 1, 1)


def answer(s, ident, name):
    """The address, "" for none, None when nothing was heard."""
    asked = query(ident, name)
    s.send(asked)
    try:
        while True:
            got = s.recv(2000)
            if got[:2] == struct.pack(">H", ident):
                break
    except OSError:
        return None
    # the owner is a pointer; other sections may follow
    return socket.inet_ntoa(got[len(asked) + 12:][:4]) if struct.unpack(">H", got[6:8])[0] == 1 else ""


def asker(whom=server):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.connect((whom, 53))
    s.settimeout(0.3)
    return s


def bootp(kind, xid, mac, options):
    head = struct.pack(">BBBBIHHIIII", 1, 1, 6, 0, xid, 0, 0x8000, 0, 0, 0, 0)
    return head + mac + bytes(10 + 192) + b"\x63\x82\x53\x63" + bytes([53, 1, kind]) + options + b"\xff"


def lease(s, i):
    """A lease for a machine; when its ACK was there, its name and its address."""
    mac, name = bytes([2, 0, 0, 1, i >> 8, i & 255]), "pc%d" % i
    named = bytes([12, len(name)]) + name.encode()
    s.sendto(bootp(1, i, mac, named), ("255.255.255.255", 67))
    offer = reply(s, i)
    ip = offer[16:20]
    s.sendto(bootp(3, i, mac, named + b"\x32\x04" + ip + b"\x36\x04" + socket.inet_aton(server)), ("255.255.255.255", 67))
    reply(s, i)
    return time.perf_counter(), name + "." + domain, socket.inet_ntoa(ip)


def reply(s, xid):
    while True:
        got = s.recv(2000)
        if got[0] == 2 and got[4:8] == struct.pack(">I", xid):
            return got


def client():
    dhcp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    dhcp.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    dhcp.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0\0")
    dhcp.bind(("0.0.0.0", 68))
    dhcp.settimeout(5)
    return dhcp


def spread(cnt, secondaries):
    dhcp, longest = client(), dict.fromkeys(secondaries, 0)
    for i in range(1, cnt + 1):
        begun, name, ip = lease(dhcp, i)
        left = {s: asker(s) for s in secondaries}
        while left and time.perf_counter() - begun < 10:
            for s in list(left):
                if answer(left[s], i, name) == ip:
                    longest[s] = max(longest[s], time.perf_counter() - begun)
                    del left[s]
            time.sleep(0.01)
        for s in left:
            longest[s] = 10
        time.sleep(0.37)
    print(" ".join("%d" % (longest[s] * 1000) for s in secondaries))


def measure(cnt):
    dhcp, dns, took = client(), asker(), []
    for i in range(1, cnt + 1):
        begun, name, ip = lease(dhcp, i)
        for ident in range(1, 1000):
            if answer(dns, ident, name) == ip:
                break
        took.append((time.perf_counter() - begun) * 1e6)
    took.sort()
    print("%d %d %s %s" % (took[len(took) // 2], took[-1], name, ip))


def watch(name, ip, seconds):
    s, right, wrong, ident, end = asker(), 0, 0, 0, time.time() + seconds
    while time.time() < end:
        ident = ident % 60000 + 1
        got = answer(s, ident, name)
        right += got == ip
        wrong += got == ""
        if got is None:
            time.sleep(0.002)
    print("%d %d" % (right, wrong))


if what == "watch":
    watch(sys.argv[4], sys.argv[5], float(sys.argv[6]))
elif what == "spread":
    spread(int(sys.argv[4]), sys.argv[5:])
else:
    measure(int(what))
