# SPDX-License-Identifier: ISC
"""Asks without a pause while zones are replaced: by UDP with many questions on their way, and by one TCP connection.

usage: steady.py ADDRESS SECONDS NAMES

Generation g of the zone gives hN.t.example the address 10.g.x.y with N = 256 x + y. Every question is answered, with the
right N, and never with an older generation than an answer that was there before the question left."""

import select
import socket
import struct
import sys
import time

WINDOW = 64


def query(ident, number):
    label = b"h%d" % number
    return struct.pack(">6H", ident, 0, 1, 0, 0, 0) + bytes([len(label)]) + label + b"\1t\7example\0\0\1\0\1"


class Asker:
    def __init__(self, names, tcp, address):
        self.names, self.tcp = names, tcp
        self.waiting = {}   # ident: number, least generation, when
        self.newest = self.answers = self.next = 0
        self.buffer = b""
        self.seen = set()
        if tcp:
            self.socket = socket.create_connection(address)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        else:
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            self.socket.connect(address)

    def fill(self):
        out = b""
        while len(self.waiting) < WINDOW:
            ident, number = self.next & 0xFFFF, self.next * 7919 % self.names
            self.next += 1
            self.waiting[ident] = (number, self.newest, time.monotonic())
            msg = query(ident, number)
            if self.tcp:
                out += struct.pack(">H", len(msg)) + msg
            else:
                self.socket.send(msg)
        if out:
            self.socket.sendall(out)

    def take(self, msg):
        ident, flags = struct.unpack(">HH", msg[:4])
        number, least, _ = self.waiting.pop(ident)
        if flags & 15 != 0 or msg[7] != 1:
            raise SystemExit("h%d: flags %04x, %d answers" % (number, flags, msg[7]))
        ten, generation, high, low = msg[-4:]
        if ten != 10 or high * 256 + low != number:
            raise SystemExit("h%d has another's address" % number)
        if generation < least:
            raise SystemExit("h%d: generation %d after %d" % (number, generation, least))
        self.newest = max(self.newest, generation)
        self.seen.add(generation)
        self.answers += 1

    def read(self):
        if not self.tcp:
            self.take(self.socket.recv(2000))
            return
        part = self.socket.recv(65536)
        if not part:
            raise SystemExit("the connection was closed")
        self.buffer += part
        while len(self.buffer) >= 2 and len(self.buffer) >= 2 + struct.unpack(">H", self.buffer[:2])[0]:
            end = 2 + struct.unpack(">H", self.buffer[:2])[0]
            self.take(self.buffer[2:end])
            self.buffer = self.buffer[end:]

    def late(self):
        now = time.monotonic()
        return [number for number, _, since in self.waiting.values() if now - since > 3]


def main():
    address, seconds, names = (sys.argv[1], 53), float(sys.argv[2]), int(sys.argv[3])
    askers = [Asker(names, False, address), Asker(names, True, address)]
    end = time.monotonic() + seconds
    while True:
        running = time.monotonic() < end
        if not running and not any(a.waiting for a in askers):
            break
        for a in askers:
            if running:
                a.fill()
            if a.late():
                raise SystemExit("no answer for h%s" % a.late())
        for ready in select.select([a.socket for a in askers if a.waiting], [], [], 0.5)[0]:
            for a in askers:
                if a.socket is ready:
                    a.read()
    for a in askers:
        print("%s: %d answers of %d generations" % ("TCP" if a.tcp else "UDP", a.answers, len(a.seen)))
        if len(a.seen) < 5:
            raise SystemExit("the zone was not replaced")


main()
