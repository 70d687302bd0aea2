#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""
Names that nobody else may hear of, asked for in every form, and what was heard upstream:

    python3 leak.py ask SERVER N DOMAIN...   N questions about local and special names, and names of others in between;
                                             DOMAINs are local, but for names below "hole." of the first; tells how many
                                             answers came
    python3 leak.py judge LOG DOMAIN...      LOG: port, id and name of each question upstream, as tshark tells; tells
                                             what is wrong with them, or "N questions, all well"
"""
import random
import socket
import struct
import sys
import time

from wire import pack_name, parse_name

TYPES = (1, 2, 5, 6, 12, 15, 16, 28, 33, 43, 48, 64, 65, 255, 257)
SPECIAL = ("local", "localhost", "invalid", "test", "onion", "internal", "alt", "home.arpa", "resolver.arpa",
           "10.in-addr.arpa", "16.172.in-addr.arpa", "31.172.in-addr.arpa", "168.192.in-addr.arpa", "254.169.in-addr.arpa",
           "64.100.in-addr.arpa", "127.100.in-addr.arpa", "0.in-addr.arpa", "127.in-addr.arpa", "d.f.ip6.arpa",
           "8.e.f.ip6.arpa", "b.e.f.ip6.arpa", "8.b.d.0.1.0.0.2.ip6.arpa")
WORDS = ("www", "printer", "nas", "_ldap._tcp", "_443._tcp.mail", "a.b.c.d", "*", "ns", "wpad", "isatap", "x--y", "lease")


def local_name(rng, domains):
    kind = rng.randrange(10)
    domain = rng.choice(domains if kind < 6 else SPECIAL)
    if kind == 0:
        return domain
    if kind == 1:  # a search list at work: somebody else's name with our domain behind
        return "www.example.com." + domain
    if kind == 2:
        return domain + "." + rng.choice(domains)
    if kind == 9:  # one label
        return rng.choice(("printer", "wpad", "nas%d" % rng.randrange(1000), "intranet"))
    return "%s.h%d.%s" % (rng.choice(WORDS), rng.randrange(1000), domain)


def question(rng, ident, name, qtype):
    text = "".join(rng.choice((c.lower(), c.upper())) for c in name)
    edns = b"\0" + struct.pack(">HHIH", 41, 1232, rng.choice((0, 0x8000)), 0) if rng.randrange(2) else b""
    flags = 0x100 | rng.choice((0, 0x10, 0x20))
    head = struct.pack(">6H", ident, flags, 1, 0, 0, len(edns) != 0)
    return head + pack_name(parse_name(text)) + struct.pack(">HH", qtype, 1) + edns


def ask(server, cnt, domains):
    rng = random.Random(7)
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    s.connect((server, 53))
    s.settimeout(3)
    got = 0
    for n in range(cnt):
        if n % 8 == 0:
            name, qtype = "n%d.public%d.example" % (n, rng.randrange(50)), 1
        else:
            name, qtype = local_name(rng, domains), rng.choice(TYPES)
            if qtype in (2, 6, 43, 48) and "." not in name:
                qtype = 1  # a validator may ask about top-level domains
        s.send(question(rng, n & 0xffff, name, qtype))
        if n % 16 == 15:
            while got < n - 32:
                s.recv(4096)
                got += 1
    while got < cnt:
        try:
            s.recv(4096)
        except OSError:
            break
        got += 1
    print(got)


def is_local(name, domains):
    def under(top):
        return name == top or name.endswith("." + top)

    if under("hole." + domains[0]) or name == "example":  # asked about as a top-level domain
        return False
    return any(under(top) for top in (*domains, *SPECIAL)) or (name != "" and "." not in name)


def even(what, cnt, of, wrong):
    """Half of many independent bits are set: six standard deviations are room enough."""
    if of and abs(cnt - of / 2) > 3 * of ** 0.5 + 1:
        wrong.append("%s: %d of %d" % (what, cnt, of))


def judge(path, domains):
    rows = [line.rstrip("\n").split("\t") for line in open(path)]
    rows = [(int(port), int(ident, 0), name) for port, ident, name in rows if port]
    wrong = ["asked for " + name for _, _, name in rows if is_local(name.lower().rstrip("."), domains)]
    ports, ids = {port for port, _, _ in rows}, {ident for _, ident, _ in rows}
    cnt = len(rows)
    # the birthday of so many out of 2^16, and of the 28,000 ports that Linux has by default
    if len(ids) < cnt - cnt * cnt / 65536 - 10:
        wrong.append("%d ids for %d questions" % (len(ids), cnt))
    if len(ports) < cnt - cnt * cnt / 28000 - 10:
        wrong.append("%d ports for %d questions" % (len(ports), cnt))
    for bit in range(16):
        even("ids with bit %d" % bit, sum(ident >> bit & 1 for _, ident, _ in rows), cnt, wrong)
    letters = [c for _, _, name in rows for c in name if c.isalpha()]
    even("capitals", sum(c.isupper() for c in letters), len(letters), wrong)
    ups = sum(b[1] == a[1] + 1 for a, b in zip(rows, rows[1:])) + sum(b[0] == a[0] + 1 for a, b in zip(rows, rows[1:]))
    if ups > cnt / 50 + 3:
        wrong.append("%d times one more than before" % ups)
    print("\n".join(wrong[:20]) if wrong else "%d questions, all well" % cnt)


if sys.argv[1] == "ask":
    ask(sys.argv[2], int(sys.argv[3]), sys.argv[4:])
else:
    judge(sys.argv[2], sys.argv[3:])
