# SPDX-License-Identifier: ISC
"""
The same questions to several servers with the same zones: differ.py ours=ADDRESS:PORT NAME=ADDRESS:PORT... -- FILE ORIGIN...
and differ.py --make DIRECTORY writes the zones that are made from seeds.

Every difference between our answer and another's must be one that DIFFERENCES explains, and every explanation must be
needed by some answer: what nobody does any more goes.
"""

import collections
import random
import sys

from wire import Server, fold, name_len, parse_name
from zones import Zone, show_question

SEEDS = tuple((seed, seed % 2 == 0) for seed in range(1, 11))


def grouped(records):
    """Records as RRsets in the order in which they begin: a chain has an order, the records of a set have none."""
    sets = {}
    for owner, rtype, ttl, rdata in records:
        if rtype not in (41, 46):
            sets.setdefault((owner, rtype), []).append((ttl, rdata))
    return tuple((key, tuple(sorted(value))) for key, value in sets.items())


def picture(msg):
    """What of a message has to be the same. Authority and additional beside it are each server's own choice."""
    if msg is None:
        return {"rcode": "no answer"}
    soa = tuple((owner, ttl) for owner, rtype, ttl, _ in msg.authority if rtype == 6)
    cut = () if msg.aa or soa else tuple(
        sorted((owner, rtype, rdata) for owner, rtype, _, rdata in msg.authority if rtype in (2, 43)))
    return {"rcode": msg.rcode, "aa": msg.aa, "tc": msg.tc, "answer": grouped(msg.answer), "soa": soa, "cut": cut}


class Case:
    """A question and two answers to it that differ."""

    def __init__(self, who, name, qtype, ours, other):
        self.who, self.name, self.qtype = who, name, qtype
        self.ours, self.other = picture(ours), picture(other)
        self.fields = {key for key in self.ours if self.ours[key] != self.other.get(key)}
        self.chain = [key for key, _ in self.ours.get("answer", ()) if key[1] == 5]

    def prefix(self):
        """The other's answer is the beginning of ours, or it has none at all."""
        theirs = self.other.get("answer", ())
        return theirs == self.ours["answer"][:len(theirs)]


def loop(case):
    """The chain of our answer comes back to a name that it has been at, or has as many links as we give."""
    owners = [owner for owner, _ in case.chain]
    last = [rdata for (_, rtype), sets in case.ours["answer"] for _, rdata in sets if rtype == 5]
    ends = {tuple(label for label in parse_packed(rdata)) for rdata in last}
    return len(case.chain) >= 20 or any(owner in ends for owner in owners)


def repeats(case):
    """The other's records are ours, some of them more than once."""
    once = tuple((key, tuple(sorted(set(value)))) for key, value in case.other.get("answer", ()))
    return once != case.other.get("answer") and once == case.ours["answer"]


def parse_packed(raw):
    at = 0
    while raw[at]:
        yield raw[at + 1:at + 1 + raw[at]]
        at += raw[at] + 1


# (who, a test, the reason). The first that fits explains a difference.
DIFFERENCES = [
    (("bind",), lambda c: c.fields == {"soa"} and c.qtype == 6 and c.ours["rcode"] == c.other["rcode"],
     "BIND gives the SOA of a negative answer the TTL 0 when the SOA is what was asked for; RFC 2308 3 has no such case"),
    (("bind",), lambda c: c.other["rcode"] == "SERVFAIL" and (loop(c) or len(c.chain) > 10),
     "BIND fails on a chain of CNAMEs that is long or goes in a circle; RFC 1034 3.6.2 wants the part that there is"),
    (("knot",), lambda c: len(c.chain) > 4 and c.prefix(),
     "Knot stops after five links of a chain"),
    (("knot",), lambda c: c.fields == {"answer"} and loop(c) and repeats(c),
     "Knot goes on in a circle of DNAMEs and says again what it has said; RFC 2181 5: a record is in a set once"),
    (("knot",), lambda c: c.ours["rcode"] == "YXDOMAIN",
     "Knot answers with what belongs to another name when DNAME makes one of over 255 octets; RFC 6672 2.2: YXDOMAIN"),
]


def explain(case, used):
    for number, (who, test, _) in enumerate(DIFFERENCES):
        if case.who in who and test(case):
            used.add(number)
            return True
    return False


def show(case):
    print("%s, %s differs in %s" % (show_question(case.name, case.qtype), case.who, ", ".join(sorted(case.fields))))
    for field in sorted(case.fields):
        print("    ours:  %s %s\n    other: %s %s" % (field, case.ours[field], field, case.other.get(field)))


def questions(origin, path):
    """Of a generated zone its own; of a file all names in it, those below and above them."""
    for seed, wild in SEEDS:
        if origin == "z%d.example." % seed:
            return Zone(origin, seed, wild).questions()
    top, names = parse_name(origin), {}
    with open(path, encoding="ascii") as lines:
        for line in lines:
            first = line.split()[0] if line[0] not in " ;$@\n" else ""
            name = parse_name(first) + top if first else top
            for cut in range(len(name) - len(top) + 1):
                for head in ((), (b"nix",), (b"*",), (b"a", b"b"), (b"_ssh", b"_tcp")):
                    names[head + name[cut:]] = True
    return [(name, qtype) for name in names for qtype in (1, 2, 5, 6, 12, 15, 16, 33, 43) if name_len(name) <= 255]


def kind(msg):
    if msg is None or msg.rcode != "NOERROR":
        return "none" if msg is None else msg.rcode
    if not msg.answer:
        return "no data" if msg.aa else "referral"
    return "chain" if any(rtype in (5, 39) for _, rtype, _, _ in msg.answer) else "data"


def compare(servers, name, qtype, used, seen):
    answers = {server.name: server.ask(name, qtype) for server in servers}
    seen[kind(answers["ours"])] += 1
    wrong = 0
    for who, other in answers.items():
        case = Case(who, name, qtype, answers["ours"], other)
        if who != "ours" and case.fields and not explain(case, used):
            wrong += 1
            if wrong == 1:
                show(case)
    return wrong


def main():
    cut = sys.argv.index("--")
    zones = sys.argv[cut + 1:]
    servers = [Server(*pair.split("=")) for pair in sys.argv[1:cut]]
    random.seed(1)
    used, seen, asked, wrong = set(), collections.Counter(), 0, 0
    for path, origin in zip(zones[::2], zones[1::2]):
        for name, qtype in questions(origin, path):
            asked += 1
            wrong += compare(servers, name, qtype, used, seen) != 0
            if wrong > 20:
                sys.exit("more than 20 unexplained differences in %d questions" % asked)
    print("answers of ours: " + ", ".join("%d %s" % (n, what) for what, n in seen.most_common()))
    for number, (_, _, reason) in enumerate(DIFFERENCES):
        if number not in used:
            print("nobody needs this explanation any more: %s" % reason)
            wrong += 1
    print("%d questions, %d servers, %d unexplained" % (asked, len(servers), wrong))
    sys.exit(wrong != 0)


if __name__ == "__main__":
    if sys.argv[1] == "--make":
        for seed, wild in SEEDS:
            with open("%s/z%d.zone" % (sys.argv[2], seed), "w", encoding="ascii") as out:
                out.write(Zone("z%d.example." % seed, seed, wild).text())
    else:
        main()
