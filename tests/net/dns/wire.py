# SPDX-License-Identifier: ISC
"""As much of RFC 1035 as a comparison of answers needs: queries out, messages in, names folded."""

import random
import socket
import struct

TYPES = {
    "A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "HINFO": 13, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33,
    "NAPTR": 35, "DNAME": 39, "DS": 43, "RRSIG": 46, "TLSA": 52, "ANY": 255, "CAA": 257, "TYPE65280": 65280,
}
RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED", 6: "YXDOMAIN"}

# Octets in front of the name, or names, in the rdata of types whose names may be compressed.
NAMES_IN = {2: (0, 1), 5: (0, 1), 6: (0, 2), 12: (0, 1), 15: (2, 1), 33: (6, 1), 39: (0, 1)}


def parse_name(text):
    """Master file text to a tuple of labels, case kept. "." is ()."""
    labels, label, at = [], bytearray(), 0
    raw = text.encode()
    while at < len(raw):
        octet = raw[at]
        at += 1
        if octet == ord("."):
            if label:
                labels.append(bytes(label))
            label = bytearray()
        elif octet == ord("\\") and raw[at:at + 3].isdigit():
            label.append(int(raw[at:at + 3]))
            at += 3
        elif octet == ord("\\"):
            label.append(raw[at])
            at += 1
        else:
            label.append(octet)
    if label:
        labels.append(bytes(label))
    return tuple(labels)


def show_name(labels):
    def show(label):
        return "".join(chr(c) if chr(c).isalnum() and c < 128 or c in b"-_*" else "\\%03d" % c for c in label)

    return ".".join(show(label) for label in labels) + "."


def fold(labels):
    return tuple(label.lower() for label in labels)


def name_len(labels):
    return sum(len(label) + 1 for label in labels) + 1


def pack_name(labels):
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def query(labels, qtype, ident, dnssec_ok=False):
    """A question with EDNS and room for 4,096 octets."""
    opt = b"\0" + struct.pack(">HHIH", 41, 4096, 0x8000 if dnssec_ok else 0, 0)
    return struct.pack(">6H", ident, 0, 1, 0, 0, 1) + pack_name(labels) + struct.pack(">HH", qtype, 1) + opt


def read_name(msg, at):
    labels, end = [], None
    for _ in range(128):
        octet = msg[at]
        if octet >= 0xC0:
            end = end or at + 2
            at = (octet & 0x3F) << 8 | msg[at + 1]
        elif octet == 0:
            return tuple(labels), end or at + 1
        else:
            labels.append(msg[at + 1:at + 1 + octet])
            at += 1 + octet
    raise ValueError("a name without end")


def read_rdata(msg, at, length, rtype):
    """Names in it written out and folded, so that equal is equal."""
    if rtype not in NAMES_IN:
        return msg[at:at + length]
    skip, count = NAMES_IN[rtype]
    out, pos = [msg[at:at + skip]], at + skip
    for _ in range(count):
        labels, pos = read_name(msg, pos)
        out.append(pack_name(fold(labels)))
    return b"".join(out) + msg[pos:at + length]


class Message:
    def __init__(self, msg):
        self.id, flags, *count = struct.unpack(">6H", msg[:12])
        self.rcode = RCODES.get(flags & 15, str(flags & 15))
        self.aa, self.tc = bool(flags & 0x400), bool(flags & 0x200)
        at = 12
        for _ in range(count[0]):
            self.qname, at = read_name(msg, at)
            at += 4
        sections = []
        for number in count[1:]:
            records = []
            for _ in range(number):
                owner, at = read_name(msg, at)
                rtype, _, ttl, length = struct.unpack(">HHIH", msg[at:at + 10])
                at += 10
                records.append((fold(owner), rtype, ttl, read_rdata(msg, at, length, rtype)))
                at += length
            sections.append(records)
        self.answer, self.authority, self.additional = sections


class Server:
    def __init__(self, name, address):
        self.name = name
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(1)
        host, port = address.split(":")
        self.socket.connect((host, int(port)))

    def ask(self, labels, qtype, dnssec_ok=False):
        """The answer, or None when there was none three times."""
        for _ in range(3):
            ident = random.randrange(65536)
            self.socket.send(query(labels, qtype, ident, dnssec_ok))
            try:
                while True:
                    got = Message(self.socket.recv(65535))
                    if got.id == ident:
                        return got
            except socket.timeout:
                continue
            except ConnectionRefusedError:
                continue
        return None
