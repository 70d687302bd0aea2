# SPDX-License-Identifier: ISC
"""
Zones full of what name servers disagree about, made from a seed, and the questions that tell.

Few labels, so that wildcards, cuts, DNAMEs, empty non-terminals, chains, loops and literal asterisks meet in every
combination. What some server refuses to load is not made: data below a DNAME, wildcard NS, more than one CNAME.
"""

import random

from wire import TYPES, name_len, parse_name, show_name

LABELS = ["a", "b", "c", "*", "x-y", "\\000", "\\255z", "a\\.b"]
QTYPES = ["A", "AAAA", "MX", "TXT", "NS", "SOA", "CNAME", "DNAME", "DS", "SRV", "PTR", "TYPE65280"]


class Zone:
    def __init__(self, origin, seed, wild_apex):
        self.origin, self.random = origin, random.Random(seed)
        self.records = {}  # owner: {type: [rdata]}
        self.top = parse_name(origin)
        self.add("@", "SOA", "ns hostmaster 7 3600 900 86400 300")
        self.add("@", "NS", "ns")
        self.add("ns", "A", "192.0.2.1")
        if wild_apex:
            self.add("*", "A", "192.0.2.99")
            self.add("*", "TXT", '"apex"')
        self.chains()
        self.redirects()
        for _ in range(70):
            self.something()
        self.tidy()

    def add(self, owner, rtype, rdata):
        have = self.records.setdefault(owner, {})
        if rtype == "CNAME" and have or "CNAME" in have:
            return
        if owner.split(".")[0] == "*" and rtype in ("NS", "DNAME"):
            return
        if len(have.setdefault(rtype, [])) < 3 and rdata not in have[rtype] and (rtype != "DNAME" or not have[rtype]):
            have[rtype].append(rdata)

    def labels(self, most):
        return ".".join(self.random.choice(LABELS) for _ in range(self.random.randint(1, most)))

    def target(self):
        kind = self.random.randrange(12)
        if kind == 0:
            return "outside.net."
        if kind == 1:
            return "www.other." + self.origin
        return self.labels(3)

    def chains(self):
        """CNAMEs one after the other, and in a circle."""
        for hop in range(13):
            self.add("chain%d" % hop, "CNAME", "chain%d" % (hop + 1))
        self.add("chain13", "A", "192.0.2.4")
        self.add("round0", "CNAME", "round1")
        self.add("round1", "CNAME", "round0")
        self.add("self", "CNAME", "self")
        self.add("*.wild", "CNAME", "deep.wild2")
        self.add("*.wild2", "A", "192.0.2.22")
        self.add("*.wildloop", "CNAME", "more.wildloop")

    def redirects(self):
        self.add("dn", "DNAME", "a")
        self.add("dn", "TXT", '"at the DNAME itself"')
        self.add("dn2", "DNAME", "dn")
        self.add("dnout", "DNAME", "outside.net.")
        self.add("dnself", "DNAME", "below.dnself2")
        self.add("dnlong", "DNAME", ".".join(["l" * 60] * 3 + ["l" * (66 - len(self.origin))]))
        # redirections into wildcards and back, in a circle, and from a wildcard
        self.add("dnw", "DNAME", "wild2")
        self.add("dnloop", "DNAME", "dnloop2")
        self.add("dnloop2", "DNAME", "dnloop")
        self.add("*.wdn", "CNAME", "x.dnw")
        self.add("*.wdnloop", "CNAME", "x.dnloop")
        self.add("*.wdnback", "CNAME", "x.dnback")
        self.add("dnback", "DNAME", "wdnback")
        # cuts beside and below wildcards, and below an asterisk in the middle
        self.add("*.wcut", "A", "192.0.2.23")
        self.add("sub.wcut", "NS", "ns")
        self.add("b.a.wcut", "NS", "ns")
        self.add("c.*.wcut", "NS", "ns")
        self.add("cut", "NS", "ns.cut")
        self.add("ns.cut", "A", "192.0.2.5")
        self.add("cutds", "NS", "ns")
        self.add("cutds", "DS", "1 8 2 " + "ab" * 32)
        self.add("*.mx", "MX", "10 a")
        self.add("_sip._tcp", "SRV", "0 0 5060 a")

    def something(self):
        owner, kind = self.labels(4), self.random.randrange(14)
        if kind < 6:
            self.add(owner, "A", "192.0.2.%d" % self.random.randint(10, 250))
        elif kind == 6:
            self.add(owner, "TXT", '"%s"' % owner.replace("\\", "\\\\"))
        elif kind == 7:
            self.add(owner, "MX", "%d %s" % (self.random.randint(1, 20), self.target()))
        elif kind < 10:
            self.add(owner, "CNAME", self.target())
        elif kind == 10:
            self.add(owner, "NS", "ns")
        elif kind == 11:
            self.add(owner, "DNAME", self.target())
        elif kind == 12:
            self.add(owner, "AAAA", "2001:db8::%x" % self.random.randint(1, 65535))
        else:
            self.add(owner, "TYPE65280", "\\# 4 0a0b0c0d")

    def above(self, owner):
        """The names above owner, below the apex."""
        labels = parse_name(owner)
        return [labels[i:] for i in range(1, len(labels))]

    def tidy(self):
        """What lies below a DNAME or a cut goes, glue excepted: not every server loads it."""
        rulers = {parse_name(o) for o, have in self.records.items() if o != "@" and ("DNAME" in have or "NS" in have)}
        for owner in list(self.records):
            if owner not in ("@", "ns.cut") and any(above in rulers for above in self.above(owner)):
                del self.records[owner]
            elif "NS" in self.records[owner] and owner != "@":
                have = self.records[owner]
                self.records[owner] = {t: have[t] for t in ("NS", "DS") if t in have}

    def text(self):
        lines = ["$ORIGIN %s" % self.origin, "$TTL 3600"]
        for owner, have in self.records.items():
            for rtype, rdatas in have.items():
                lines += ["%s %s %s" % (owner, rtype, rdata) for rdata in rdatas]
        return "\n".join(lines) + "\n"

    def name(self, owner):
        return self.top if owner == "@" else parse_name(owner) + self.top

    def names(self):
        """Every name there is, those above it, and neighbours that are not there."""
        found = {}
        for owner in self.records:
            name = self.name(owner)
            for cut in range(len(name) - len(self.top) + 1):
                found[name[cut:]] = True
        for name in list(found):
            for head in ((b"nix",), (b"*",), (b"nix", b"a"), (b"a", b"*"), (b"\0",)):
                found[head + name] = True
        return [name for name in found if name_len(name) <= 255]

    def questions(self):
        for name in self.names():
            for qtype in self.random.sample(QTYPES, 3) + ["A"]:
                if self.random.randrange(4) == 0:
                    yield tuple(label.upper() for label in name), TYPES[qtype]
                else:
                    yield name, TYPES[qtype]


def show_question(name, qtype):
    return "%s %s" % (show_name(name), {v: k for k, v in TYPES.items()}[qtype])
