#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""
An upstream that answers any question, and says what it was asked: python3 scripted.py LOG ADDRESS=ANSWER...

At each ADDRESS, A of any name is ANSWER; names with "rebind" have addresses of private networks beside it, names with
"inside" nothing else; TXT is "token". A first label "to--a--b" is an alias of a.b., of which more is told than is true; one
that ends in "ttl5" lives five seconds. Each question is a line of LOG: ADDRESS NAME TYPE, the name in lower case.
"""
import re
import select
import socket
import struct
import sys

from wire import pack_name, read_name, show_name

TYPES = {1: "A", 2: "NS", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA", 33: "SRV", 43: "DS", 48: "DNSKEY", 65: "HTTPS"}


def record(rtype, rdata, ttl=300, owner=b"\xc0\x0c"):
    return owner + struct.pack(">HHIH", rtype, 1, ttl, len(rdata)) + rdata


def answers(name, qtype, ip):
    first = name.split(".")[0]
    lives = re.search(r"ttl([0-9]+)$", first)
    ttl = int(lives.group(1)) if lives else 300
    if first.startswith("to--"):
        target = pack_name(tuple(label.encode() for label in first.split("--")[1:] if not label.startswith("ttl")))
        return [record(5, target, ttl), record(1, socket.inet_aton("203.0.113.66"), ttl, target)]
    if lives and qtype == 1:
        return [record(1, socket.inet_aton(ip), ttl)]
    if qtype == 16:
        return [record(16, b"\x05token")]
    if qtype == 1:
        private = [record(1, socket.inet_aton("10.77.0.9"))] if "rebind" in name or "inside" in name else []
        public = [record(1, socket.inet_aton(ip))] if "inside" not in name else []
        return private + public
    if qtype == 28 and "rebind" in name:
        return [record(28, socket.inet_pton(socket.AF_INET6, ip6)) for ip6 in ("fd00::9", "::ffff:10.77.0.9", "64:ff9b::a4d:9")]
    if qtype == 65 and "rebind" in name:  # priority 1, ".", ipv4hint
        return [record(65, b"\0\1\0\0\4\0\4" + socket.inet_aton("10.77.0.9"))]
    return []


def main():
    log = open(sys.argv[1], "a", buffering=1)
    sockets = {}
    for arg in sys.argv[2:]:
        address, ip = arg.split("=")
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind((address, 53))
        sockets[s] = (address, ip)
    while True:
        for s in select.select(list(sockets), [], [])[0]:
            msg, peer = s.recvfrom(4096)
            name, end = read_name(msg, 12)
            text = show_name(name).lower()
            qtype = struct.unpack(">H", msg[end : end + 2])[0]
            address, ip = sockets[s]
            print(address, text, TYPES.get(qtype, qtype), file=log)
            found = answers(text, qtype, ip)
            head = msg[:2] + struct.pack(">5H", 0x8180, 1, len(found), 0, 0)
            s.sendto(head + msg[12 : end + 4] + b"".join(found), peer)


main()
