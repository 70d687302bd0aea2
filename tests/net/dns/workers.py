# SPDX-License-Identifier: ISC
"""Asks a server with several threads from many ports, so that each of them is asked, and knows what is right.

usage: workers.py ADDRESS all COUNT         each kind of name COUNT times, each time from another port
       workers.py ADDRESS steady STOP NAMES  from 32 ports until the file STOP is there, while t.example is replaced

Generation g of t.example gives hN.t.example the address 10.g.x.y with N = 256 x + y. No port gets an older generation
than it got before. Prints how many questions were asked; a wrong answer, or none within three seconds, ends it."""

import os
import random
import select
import socket
import struct
import sys
import time

PORTS = 32
WINDOW = 4


def query(ident, name, qtype=1):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack(">6H", ident, 0x0100, 1, 0, 0, 0) + labels + struct.pack(">BHH", 0, qtype, 1)


def open_socket(address):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.connect((address, 53))  # so what comes from another address is not for it
    return s


def ask(address, name, qtype=1):
    s = open_socket(address)
    s.settimeout(3)
    ident = random.randrange(65536)
    s.send(query(ident, name, qtype))
    try:
        msg = s.recv(2000)
    except socket.timeout:
        raise SystemExit("%s: no answer" % name) from None
    finally:
        s.close()
    if struct.unpack(">H", msg[:2])[0] != ident:
        raise SystemExit("%s: the answer to another question" % name)
    return msg


# Name: rcode, records of the answer, what it ends with; None: nothing is said of that.
KINDS = {
    "h7.t.example": (0, 1, bytes([10, 0, 0, 7])),
    "nobody.t.example": (3, 0, None),
    "any.wild.t.example": (0, 1, bytes([192, 0, 2, 3])),
    "tolive.t.example": (0, 2, bytes([192, 0, 2, 10])),     # a chain into a zone that changes
    "tolease.t.example": (0, 2, None),                      # ... to the name of a lease
    "toothers.t.example": (0, 2, bytes([198, 51, 100, 1])),  # ... to a name of others
    "www.z.example": (0, 1, bytes([192, 0, 2, 10])),
    "nobody.z.example": (3, 0, None),
    "laptop.lan.example": (0, 1, None),
    "nobody.lan.example": (3, 0, None),
    "www.up.example": (0, 1, bytes([198, 51, 100, 1])),
    "localhost": (0, 1, bytes([127, 0, 0, 1])),
    "printer.hosts.example": (0, 1, bytes([192, 0, 2, 20])),
    "ads.blocked.example": (3, 0, None),
}


def check_all(address, count):
    for _ in range(count):
        for name, (rcode, answers, end) in KINDS.items():
            msg = ask(address, name)
            flags, _, got = struct.unpack(">HHH", msg[2:8])
            if flags & 0x820F != 0x8000 | rcode or got != answers:
                raise SystemExit("%s: flags %04x, %d answers" % (name, flags, got))
            if end is not None and not msg.endswith(end):
                raise SystemExit("%s: %s" % (name, msg[-len(end):].hex()))
    print(count * len(KINDS))


class Port:
    def __init__(self, address):
        self.socket = open_socket(address)
        self.waiting = {}
        self.newest = 0
        self.next = random.randrange(65536)


def take(port, msg):
    ident, flags = struct.unpack(">HH", msg[:4])
    number, _ = port.waiting.pop(ident)
    ten, generation, high, low = msg[-4:]
    if flags & 15 != 0 or msg[7] != 1 or ten != 10 or high * 256 + low != number:
        raise SystemExit("h%d: %s" % (number, msg.hex()))
    if generation < port.newest:
        raise SystemExit("h%d: generation %d after %d" % (number, generation, port.newest))
    port.newest = generation
    return generation


def steady(address, stop, names):
    ports = {}
    for _ in range(PORTS):
        p = Port(address)
        ports[p.socket] = p
    sent, seen = 0, set()
    while True:
        running = not os.path.exists(stop)
        now = time.monotonic()
        for p in ports.values():
            while running and len(p.waiting) < WINDOW:
                ident, number = p.next & 0xFFFF, p.next * 7919 % names
                p.waiting[ident] = (number, now)
                p.socket.send(query(ident, "h%d.t.example" % number))
                p.next += 1
                sent += 1
            for number, since in p.waiting.values():
                if now - since > 3:
                    raise SystemExit("h%d: no answer" % number)
        if not running and not any(p.waiting for p in ports.values()):
            break
        for s in select.select([p.socket for p in ports.values() if p.waiting], [], [], 0.1)[0]:
            seen.add(take(ports[s], s.recv(2000)))
        time.sleep(0.001)
    print(sent, len(seen))


if sys.argv[2] == "all":
    check_all(sys.argv[1], int(sys.argv[3]))
else:
    steady(sys.argv[1], sys.argv[3], int(sys.argv[4]))
