# SPDX-License-Identifier: ISC
"""usage: secure.py ZONE MASTER-FILE RESOLVER SERVER [opt-out]

Asks a validating resolver, whose only way to the zone is our server, for names that are in the zone, below and beside
them, of all types that are special: each answer must be secure. RESOLVER and SERVER: ADDRESS:PORT. What the zone
delegates to nobody is left out. Answers that nobody can call secure must not be bogus either: RRSIG itself, what leads
to a zone without signatures, and with opt-out what may be such a delegation (RFC 5155 9.2). SERVER is asked the same
without DNSSEC: codes and answers must agree.

Unbound 1.17 cannot validate all that is right, so validate.py asks delv about it: records of a wildcard for a name that
begins with an asterisk itself (it cuts off one label too few), the CNAME of a DNAME when CNAME is asked for, loops, and
with NSEC the wildcard that exists only because of names below it. Below a name without NSEC3, which is there for the sake
of a delegation that opt-out leaves out, nothing can be denied while the zone has a wildcard: BIND gives the same answer
as we do."""

import random
import socket
import struct
import sys

from wire import Message, pack_name, parse_name, show_name

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "MX": 15, "TXT": 16, "SRV": 33, "DNAME": 39, "DS": 43, "RRSIG": 46,
         "NSEC": 47, "DNSKEY": 48, "NSEC3": 50, "NSEC3PARAM": 51, "CDS": 59, "CDNSKEY": 60, "ANY": 255, "TYPE65280": 65280}
USUAL = ["A", "TXT", "MX", "CNAME", "NS", "ANY", "DS", "NSEC", "RRSIG", "DNSKEY", "CDS", "TYPE65280"]
PREFIXES = ["", "q.", "*.", "a.q.", "*.q.", "q.*.", "sub."]
DNAMES = ["d", "dd", "fwdd"]
EMPTY_WILDCARDS = ["lit", "went"]
LOOPS = ["loop", "loop2", "cself"]
NOBODY = ["cut", "scut", "x.y.optent", "b.x.secent", "tocut"]
SIGNATURES = {46, 47, 50}


def owners(path):
    """Of the unsigned file; parents, too: they exist."""
    names = {""}
    for line in open(path):
        word = line.split()
        if not word or line[0] in ";$\t " or word[0] == "@" or word[0].endswith("."):
            continue
        name = word[0]
        while name:
            names.add(name)
            name = name.partition(".")[2]
    return sorted(names)


def below(name, tops):
    return any(("." + name).endswith("." + top) and name != top for top in tops)


def questions(path):
    for i, owner in enumerate(owners(path)):
        for j, prefix in enumerate(PREFIXES):
            name = (prefix + owner).rstrip(".")
            lost = below(name, NOBODY) or name in NOBODY
            child = ("." + name).endswith(".child")
            if name in NOBODY and name != "tocut":
                yield name, "DS"
            elif lost or child and name not in ("child", "www.child", "q.www.child"):
                continue
            elif prefix == "":
                for t in TYPES if name == "" else USUAL:
                    # the DS of the top is asked for above it
                    if name != "" or t != "DS":
                        yield name, t
            else:
                for k in range(4):
                    yield name, USUAL[(i + j + 3 * k) % len(USUAL)]


class Connection:
    def __init__(self, address):
        host, port = address.split(":")
        self.socket = socket.create_connection((host, int(port)))

    def ask(self, name, qtype, dnssec_ok):
        ident = random.randrange(65536)
        opt = b"\0" + struct.pack(">HHIH", 41, 4096, 0x8000 if dnssec_ok else 0, 0)
        text = struct.pack(">6H", ident, 0x0100, 1, 0, 0, 1) + pack_name(name) + struct.pack(">HH", qtype, 1) + opt
        self.socket.sendall(struct.pack(">H", len(text)) + text)
        msg = self.read(struct.unpack(">H", self.read(2))[0])
        return Message(msg), bool(msg[3] & 0x20)

    def read(self, length):
        got = b""
        while len(got) < length:
            piece = self.socket.recv(length - len(got))
            if not piece:
                raise ConnectionError("the server closed")
            got += piece
        return got


def records(msg, qtype):
    return sorted((o, t, rd) for o, t, ttl, rd in msg.answer if t not in SIGNATURES or t == qtype)


def beyond_unbound(name, plain, msg, qtype, nsec3, opt_out):
    if msg.rcode != "SERVFAIL":
        return False
    if name in LOOPS or below(name, LOOPS) or (opt_out and below(name, ["optent"])):
        return True
    return (name.startswith("*.") and bool(plain.answer)) or (qtype == 5 and below(name, DNAMES)) or (
        not nsec3 and below(name, EMPTY_WILDCARDS) and not plain.answer)


def judge(zone, opt_out, plain, msg, secure, qtype):
    """What is wrong, or None."""
    if msg.rcode == "SERVFAIL":
        return "bogus"
    # these two stand beside a CNAME, which the resolver may know already and follow
    if qtype not in (46, 47) and msg.rcode != plain.rcode:
        return f"{msg.rcode} instead of {plain.rcode}"
    if qtype not in (46, 47, 255) and records(msg, qtype) != records(plain, qtype):
        return "other records"
    leaves = any(not show_name(o).endswith("." + zone + ".") for o, t, ttl, rd in msg.answer) or any(
        t == 5 and rd.endswith(b"\x09elsewhere\0") for o, t, ttl, rd in msg.answer)
    if secure or qtype == 46 or leaves or opt_out:
        return None
    return "not secure"


def main():
    zone, path, resolver, server = sys.argv[1:5]
    opt_out = "opt-out" in sys.argv[5:]
    resolver, server = Connection(resolver), Connection(server)
    nsec3 = resolver.ask(parse_name(zone), TYPES["NSEC3PARAM"], True)[0].answer
    count = secure_count = beyond = 0
    bad = []
    for name, text in questions(path):
        full = parse_name((name + "." if name else "") + zone + ".")
        qtype = TYPES[text]
        plain = server.ask(full, qtype, False)[0]
        msg, secure = resolver.ask(full, qtype, True)
        if beyond_unbound(name, plain, msg, qtype, nsec3, opt_out):
            beyond += 1
            continue
        why = judge(zone, opt_out, plain, msg, secure, qtype)
        count += 1
        secure_count += secure
        if why:
            bad.append(f"{show_name(full)} {text}: {why}")
    print("\n".join(bad[:12]))
    print(f"{zone}: {count} questions, {secure_count} answers secure, {beyond} beyond unbound, {len(bad)} wrong")
    # an apex alone has few
    sys.exit(1 if bad or secure_count < count * (0.2 if opt_out else 0.7) else 0)


main()
