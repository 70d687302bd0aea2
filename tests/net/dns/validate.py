# SPDX-License-Identifier: ISC
"""usage: validate.py ZONE MASTER-FILE ANCHOR PORT [opt-out] [few]

Asks delv for names that are in the zone, below and beside them, and wants each answer validated. Names that the
zone delegates to others or points to elsewhere are left out: there is nobody to ask. With opt-out a name that a wildcard
made may be below a delegation, so no validator calls the answer secure (RFC 5155 9.2): there "unsigned" is right, too.
With few it is every twelfth question, for zones whose contents others have asked for in full.
"""

import concurrent.futures
import subprocess
import sys
import zlib

PREFIXES = ["", "q.", "*.", "a.q.", "*.q.", "q.*.", "sub."]
TYPES = ["A", "TXT", "DS", "CNAME", "MX", "SRV"]
# of the master file
ELSEWHERE = ["cut", "scut", "x.y.optent", "b.x.secent", "out", "tocut"]


def owners(path):
    names = []
    for line in open(path):
        word = line.split()
        if not word or line[0] in ";$\t " or word[0] in names:
            continue
        names.append(word[0])
    return [n for n in names if n not in ("ns.cut", "ns.child")]


def questions(path):
    made = []
    for i, owner in enumerate(owners(path)):
        for j, prefix in enumerate(PREFIXES):
            name = prefix if owner == "@" else prefix + owner
            name = name.rstrip(".") if owner == "@" else name
            last = name.split(".")[-1]
            if any(name == e and prefix == "" for e in ELSEWHERE):
                made.append((name, "CNAME" if name in ("out", "tocut") else "DS"))
            elif any(("." + name).endswith("." + e) for e in ELSEWHERE):
                continue
            elif last == "child" and prefix != "":
                continue
            else:
                # two types each, all of them over the whole
                made.append((name, TYPES[(i + j) % len(TYPES)]))
                made.append((name, "A"))
    made += [(n + ".child", t) for n in ("www", "no", "q.wild", "up", "wild") for t in ("A", "TXT")]
    return sorted(set(made))


def ask(zone, anchor, port, opt_out, name, qtype):
    full = (name + "." if name else "") + zone
    command = ["delv", "@127.0.0.1", "-p", port, "-a", anchor, "+root=" + zone, full, qtype]
    run = subprocess.run(command, capture_output=True, text=True)
    text = run.stdout + run.stderr
    good = "fully validated" in text or (opt_out and "unsigned answer" in text)
    for word in ("resolution failed: failure", "broken trust chain", "insecurity proof failed", "no valid"):
        good = good and word not in text
    good = good and (opt_out or "unsigned answer" not in text)
    return None if good else f"{full} {qtype}:\n{text}"


def main():
    zone, path, anchor, port = sys.argv[1:5]
    opt_out = "opt-out" in sys.argv[5:]
    # every second one, others in other zones: the unit tests ask them all of a validator of our own
    step = 12 if "few" in sys.argv[5:] else 2
    asked = questions(path)[zlib.crc32(zone.encode()) % step :: step]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        bad = [r for r in pool.map(lambda q: ask(zone, anchor, port, opt_out, *q), asked) if r]
    for text in bad[:10]:
        print(text)
    print(f"{zone}: {len(asked)} names asked, {len(bad)} not validated")
    sys.exit(1 if bad or len(asked) < 500 // step else 0)


main()
