# SPDX-License-Identifier: ISC
"""Octets of EDNS, cookies, truncation, odd messages and TCP, sent to a server; a case each, named by its RFC and section.

usage: transport.py ADDRESS[:PORT] [CASE...]

The zone is that of dns-transport.sh. Most cases are asked by UDP and by TCP. One line a failure; the status tells."""

import socket
import struct
import sys
import time

A, NS, CNAME, SOA, MX, TXT, AAAA, OPT, ANY = 1, 2, 5, 6, 15, 16, 28, 41, 255
NSID, COOKIE, KEEPALIVE, PADDING, EDE = 3, 10, 11, 12, 15
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED, BADVERS, BADCOOKIE = 0, 1, 2, 3, 4, 5, 16, 23
QR, AA, TC, RD, RA, Z, AD, CD = 0x8000, 0x400, 0x200, 0x100, 0x80, 0x40, 0x20, 0x10
CLIENT = bytes.fromhex("2464c4abcf10c957")
ZONE = "t.example"
ident = 1000


def name(text):
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".") if label) + b"\0"


def opt(options=(), size=1232, version=0, flags=0, owner=b"\0", ext=0):
    data = b"".join(struct.pack(">HH", code, len(val)) + val for code, val in options)
    return owner + struct.pack(">HHBBHH", OPT, size, ext, version, flags, len(data)) + data


def query(qname, qtype=A, extra=b"", flags=RD, counts=None, qclass=1):
    """qname: text, or octets as they are. extra: what follows the question."""
    global ident
    ident = (ident + 1) & 0xFFFF
    if counts is None:
        counts = (1, 0, 0, 1 if extra else 0)
    octets = name(qname if qname.endswith(".") else qname + "." + ZONE) if isinstance(qname, str) else qname
    return struct.pack(">6H", ident, flags, *counts) + octets + struct.pack(">HH", qtype, qclass) + extra


class Answer:
    """A message, taken apart as far as the cases look."""

    def __init__(self, msg):
        self.raw = msg
        self.id, self.flags, *self.count = struct.unpack(">6H", msg[:12])
        self.rcode = self.flags & 15
        self.opt = self.version = None
        self.opt_flags = 0
        self.options, self.types = {}, ([], [], [])
        at = 12
        for _ in range(self.count[0]):
            at = self.skip(at) + 4
        self.question = msg[12:at]
        for section in range(3):
            for _ in range(self.count[1 + section]):
                at = self.record(section, at)
        if at != len(msg):
            raise ValueError("octets behind the message")

    def skip(self, at):
        while self.raw[at] not in (0,) and self.raw[at] < 0xC0:
            at += self.raw[at] + 1
        return at + (2 if self.raw[at] >= 0xC0 else 1)

    def record(self, section, at):
        at = self.skip(at)
        rtype, size, ttl, length = struct.unpack(">HHIH", self.raw[at:at + 10])
        at += 10
        if rtype == OPT:
            self.opt, self.version, self.opt_flags = size, ttl >> 16 & 255, ttl & 0xFFFF
            self.rcode |= ttl >> 24 << 4
            pos = at
            while pos < at + length:
                code, n = struct.unpack(">HH", self.raw[pos:pos + 4])
                self.options[code] = self.raw[pos + 4:pos + 4 + n]
                pos += 4 + n
        else:
            self.types[section].append(rtype)
        return at + length

    def text(self):
        return "rcode %d flags %04x %s options %s" % (self.rcode, self.flags, self.types, self.options)


class Udp:
    tcp = False

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(address)

    def ask(self, msg, wait=1.0):
        """The answer, or None."""
        self.socket.settimeout(wait)
        self.socket.send(msg)
        try:
            return Answer(self.socket.recv(65535))
        except socket.timeout:
            return None

    def close(self):
        self.socket.close()


class Tcp:
    tcp = True

    def __init__(self, address):
        self.socket = socket.create_connection(address, timeout=5)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def read(self, cnt):
        got = b""
        while len(got) < cnt:
            part = self.socket.recv(cnt - len(got))
            if not part:
                return None
            got += part
        return got

    def take(self):
        """The next answer; None when the stream ends."""
        head = self.read(2)
        return None if head is None else Answer(self.read(struct.unpack(">H", head)[0]))

    def send(self, msg):
        self.socket.sendall(struct.pack(">H", len(msg)) + msg)

    def ask(self, msg, wait=5.0):
        self.socket.settimeout(wait)
        try:
            self.send(msg)
            return self.take()
        except (socket.timeout, ConnectionResetError, BrokenPipeError):
            return None

    def close(self):
        self.socket.close()


CASES = []


def case(udp=True, tcp=True):
    def add(fn):
        CASES.append((fn, udp, tcp))
        return fn
    return add


def must(condition, what, got=None):
    if not condition:
        raise AssertionError(what + (": " + got.text() if isinstance(got, Answer) else "" if got is None else ": %s" % got))


def answered(way, msg, rcode, **want):
    """It is answered like that: rcode, and types of records by section."""
    got = way.ask(msg)
    must(got is not None, "no answer")
    must(got.id == struct.unpack(">H", msg[:2])[0], "another id", got)
    must(got.flags & QR, "QR is not set", got)
    must(got.rcode == rcode, "rcode %d expected" % rcode, got)
    for key, section in (("answer", 0), ("authority", 1), ("additional", 2)):
        if key in want:
            must(got.types[section] == want[key], "%s %s expected" % (key, want[key]), got)
    return got


# ---- EDNS ----

@case()
def rfc6891_6_1_1_no_opt_asked_none_given(way):
    must(answered(way, query("a"), NOERROR, answer=[A]).opt is None, "an OPT")


@case()
def rfc6891_6_1_1_opt_asked_opt_given(way):
    got = answered(way, query("a", extra=opt()), NOERROR, answer=[A])
    must(got.opt is not None and got.opt >= 512 and got.version == 0, "no OPT", got)
    must(got.options == {}, "options that nobody asked for", got)
    for qname, rcode in (("nix", NXDOMAIN), ("elsewhere.", REFUSED)):
        must(answered(way, query(qname, extra=opt()), rcode).opt is not None, "no OPT in an error")


@case()
def rfc6891_6_1_1_two_opt_are_formerr(way):
    answered(way, query("a", extra=opt() + opt(), counts=(1, 0, 0, 2)), FORMERR)


@case()
def rfc6891_6_1_1_opt_anywhere_in_additional(way):
    rr = name("x") + struct.pack(">HHIH", A, 1, 0, 4) + b"\1\2\3\4"
    got = answered(way, query("a", extra=rr + opt(), counts=(1, 0, 0, 2)), NOERROR, answer=[A])
    must(got.opt is not None, "no OPT", got)


@case()
def rfc6891_6_1_2_opt_has_the_root_as_owner(way):
    answered(way, query("a", extra=opt(owner=name("a"))), FORMERR)


@case()
def rfc6891_6_1_1_opt_stands_in_additional_only(way):
    for counts in ((1, 1, 0, 0), (1, 0, 1, 0)):
        answered(way, query("a", extra=opt(), counts=counts), FORMERR)


@case()
def rfc6891_6_1_2_unknown_options_are_passed_over(way):
    got = answered(way, query("a", extra=opt([(65001, b"abc"), (4, b"")])), NOERROR, answer=[A])
    must(got.options == {}, "they came back", got)


@case()
def rfc6891_6_1_2_an_option_past_the_end_is_formerr(way):
    answered(way, query("a", extra=opt()[:-2] + b"\0\4\0\3\0\7"), FORMERR)


@case()
def rfc6891_6_1_3_badvers(way):
    for version in (1, 100, 255):
        got = answered(way, query("a", extra=opt([(65001, b"")], version=version)), BADVERS, answer=[], authority=[])
        must(got.version == 0 and got.options == {}, "our version is 0", got)


@case()
def rfc6891_6_1_4_reserved_flags_are_zero(way):
    must(answered(way, query("a", extra=opt(flags=0x7FFF)), NOERROR).opt_flags == 0, "flags came back")


@case()
def rfc3225_3_do_comes_back(way):
    must(answered(way, query("a", extra=opt(flags=0x8000)), NOERROR).opt_flags == 0x8000, "DO is lost")


@case(tcp=False)
def rfc6891_6_2_3_less_than_512_is_512(way):
    for size in (0, 100, 511):
        got = answered(way, query("t400", TXT, opt(size=size)), NOERROR, answer=[TXT] * 2)
        must(not got.flags & TC, "cut", got)


@case(tcp=False)
def rfc6891_6_2_5_a_size_larger_than_ours(way):
    got = answered(way, query("t1300", TXT, opt(size=65535)), NOERROR, answer=[])
    must(got.flags & TC and len(got.raw) <= 1232, "no more than 1,232 octets by UDP", got)
    got = answered(way, query("t1000", TXT, opt(size=65535)), NOERROR, answer=[TXT] * 5)
    must(not got.flags & TC and len(got.raw) > 1000, "cut", got)


@case()
def rfc6891_7_other_opcodes_get_opt_too(way):
    must(answered(way, query("a", extra=opt(), flags=2 << 11), NOTIMP).opt is not None, "no OPT")


@case()
def rfc5001_2_nsid(way):
    must(answered(way, query("a", extra=opt([(NSID, b"")])), NOERROR).options.get(NSID) == b"ns-one", "another")
    must(NSID not in answered(way, query("a", extra=opt()), NOERROR).options, "unasked")


@case()
def rfc7828_3_keepalive(way):
    options = answered(way, query("a", extra=opt([(KEEPALIVE, b"")])), NOERROR).options
    if way.tcp:
        must(options.get(KEEPALIVE) == struct.pack(">H", 30), "3 s expected", options)
    else:
        must(KEEPALIVE not in options, "by UDP")


@case()
def rfc7830_6_no_padding_in_the_clear(way):
    must(PADDING not in answered(way, query("a", extra=opt([(PADDING, bytes(100))])), NOERROR).options, "padded")


@case()
def rfc8914_4_21_not_authoritative(way):
    must(answered(way, query("elsewhere.", extra=opt()), REFUSED).options.get(EDE) == b"\0\24", "EDE 20 expected")


@case()
def rfc8914_4_22_not_supported(way):
    must(answered(way, query("a", extra=opt(), flags=2 << 11), NOTIMP).options.get(EDE) == b"\0\25", "EDE 21 expected")


# ---- cookies ----

@case()
def rfc7873_5_2_1_no_cookie_asked_none_given(way):
    must(COOKIE not in answered(way, query("a", extra=opt()), NOERROR).options, "a cookie")


@case()
def rfc7873_5_2_2_lengths(way):
    for length in (0, 1, 7, 9, 15, 41, 64):
        answered(way, query("a", extra=opt([(COOKIE, bytes(length))])), FORMERR)
    for length in (8, 16, 17, 24, 40):
        answered(way, query("a", extra=opt([(COOKIE, bytes(length))])), NOERROR, answer=[A])


@case()
def rfc7873_5_2_3_a_client_cookie_gets_a_server_cookie(way):
    cookie = answered(way, query("a", extra=opt([(COOKIE, CLIENT)])), NOERROR, answer=[A]).options.get(COOKIE)
    must(cookie is not None and len(cookie) == 24 and cookie[:8] == CLIENT, "no cookie", cookie)
    # RFC 9018 4: version 1, reserved, a time of now
    must(cookie[8:12] == b"\1\0\0\0" and abs(struct.unpack(">I", cookie[12:16])[0] - time.time()) < 10, "layout", cookie)


@case()
def rfc7873_5_2_4_a_wrong_cookie_is_like_none(way):
    wrong = CLIENT + b"\1\0\0\0" + struct.pack(">I", int(time.time())) + bytes(8)
    cookie = answered(way, query("a", extra=opt([(COOKIE, wrong)])), NOERROR, answer=[A]).options.get(COOKIE)
    must(cookie is not None and cookie[:8] == CLIENT and cookie[16:] != bytes(8), "not replaced", cookie)


@case()
def rfc7873_5_2_5_a_right_cookie_stays(way):
    cookie = answered(way, query("a", extra=opt([(COOKIE, CLIENT)])), NOERROR).options[COOKIE]
    again = answered(way, query("a", extra=opt([(COOKIE, cookie)])), NOERROR, answer=[A]).options[COOKIE]
    must(cookie == again, "changed", again)


@case()
def rfc7873_5_4_a_query_for_a_cookie_only(way):
    def only(val):
        global ident
        ident += 1
        return struct.pack(">6H", ident, 0, 0, 0, 0, 1) + opt([(COOKIE, val)])
    cookie = answered(way, only(CLIENT), NOERROR, answer=[], authority=[]).options[COOKIE]
    answered(way, only(cookie), NOERROR)
    answered(way, only(cookie[:23] + bytes([cookie[23] ^ 1])), BADCOOKIE)


# ---- truncation ----

@case(tcp=False)
def rfc2181_9_whole_rrsets_or_none(way):
    got = answered(way, query("t700", TXT), NOERROR, answer=[], authority=[])
    must(got.flags & TC and got.flags & AA, "TC and AA expected", got)
    got = answered(way, query("to700", TXT), NOERROR, answer=[CNAME])
    must(got.flags & TC, "TC expected", got)


@case(udp=False)
def rfc7766_5_whole_by_tcp(way):
    for qname, cnt in (("t700", 3), ("t1300", 6), ("t50000", 250)):
        got = answered(way, query(qname, TXT), NOERROR, answer=[TXT] * cnt)
        must(not got.flags & TC, "cut", got)


@case(tcp=False)
def rfc2181_9_additional_data_is_left_out_without_tc(way):
    got = answered(way, query("mx", MX), NOERROR, answer=[MX] * 20)
    must(not got.flags & TC and len(got.types[2]) < 20, "some additional, and no TC, expected", got)


@case(tcp=False)
def rfc9471_3_1_glue_that_does_not_fit_sets_tc(way):
    got = answered(way, query("www.deep", A), NOERROR, answer=[])
    must(got.flags & TC, "TC expected", got)


# ---- odd and malformed ----

@case()
def rfc1035_4_1_1_what_is_copied(way):
    got = answered(way, query("A.t.EXAMPLE.", flags=RD | CD), NOERROR, answer=[A])
    must(got.question == name("A.t.EXAMPLE.") + b"\0\1\0\1", "the question is changed", got)
    must(got.flags & (RD | CD) == RD | CD and not got.flags & (RA | AD | Z), "flags", got)
    must(not answered(way, query("a", flags=0), NOERROR).flags & RD, "RD")


@case()
def rfc1035_4_1_1_bits_that_mean_nothing_in_a_query(way):
    got = answered(way, query("a", flags=AA | TC | RA | Z | AD | 7), NOERROR, answer=[A])
    must(not got.flags & (TC | RA | Z), "they came back", got)


@case(tcp=False)
def rfc1035_7_3_answers_are_not_answered(way):
    for msg in (query("a", flags=QR), query("a", flags=QR | 2 << 11), b"", b"\0", query("a")[:11]):
        must(way.ask(msg, 0.2) is None, "an answer to %s" % msg.hex())


@case(udp=False)
def rfc7766_8_what_is_no_query_ends_the_stream(way):
    must(way.ask(query("a", flags=QR)) is None, "an answer")


@case()
def rfc9619_one_question(way):
    answered(way, query("a", extra=name("a.t.example.") + b"\0\1\0\1", counts=(2, 0, 0, 0)), FORMERR)
    answered(way, struct.pack(">6H", 77, 0, 0, 0, 0, 0), FORMERR)
    answered(way, query("a", counts=(65535, 0, 0, 0)), FORMERR)


@case()
def rfc1035_4_1_2_a_question_cut_off(way):
    whole = query("a")
    for cut in range(13, len(whole)):
        answered(way, whole[:cut], FORMERR)


@case()
def rfc1035_4_1_3_records_cut_off(way):
    rr = name("x") + struct.pack(">HHIH", A, 1, 0, 4) + b"\1\2\3\4"
    for counts in ((1, 1, 0, 0), (1, 0, 1, 0), (1, 0, 0, 1)):
        answered(way, query("a", counts=counts), FORMERR)
        answered(way, query("a", extra=rr[:-1], counts=counts), FORMERR)
        answered(way, query("a", extra=rr, counts=counts), NOERROR, answer=[A])


@case()
def rfc1035_3_1_names(way):
    label = b"\77" + b"x" * 63
    answered(way, query(label * 3 + b"\75" + b"y" * 61 + b"\0"), REFUSED)     # 255 octets
    answered(way, query(label * 3 + b"\76" + b"y" * 62 + b"\0"), FORMERR)     # 256
    answered(way, query(b"\0"), REFUSED)


@case()
def rfc1035_4_1_4_labels_of_other_kinds(way):
    for octets in (b"\100a\0", b"\200a\0", b"\301\377", b"\300\14", b"\1a\300\14"):
        answered(way, query(octets), FORMERR)


@case()
def rfc4343_any_octet_in_a_label(way):
    for label in (b"\0", b"\377", b"[", b".", b"*", b" "):
        answered(way, query(b"\1" + label + b"\1w" + name(ZONE)), NOERROR, answer=[A])


@case()
def rfc1035_4_1_1_opcodes(way):
    for opcode in (1, 2, 3, 6, 9, 15):
        got = answered(way, query("a", flags=opcode << 11 | RD), NOTIMP, answer=[])
        must(got.flags >> 11 & 15 == opcode, "another opcode", got)


@case()
def rfc6895_3_1_types_that_are_none(way):
    for qtype in (0, OPT, 250):
        answered(way, query("a", qtype), FORMERR)
    for qtype in (253, 254, 65280, 65535, AAAA):
        answered(way, query("a", qtype), NOERROR, answer=[], authority=[SOA])


@case()
def rfc8482_4_1_any_gets_one_rrset(way):
    must(len(set(answered(way, query("a", ANY), NOERROR).types[0])) == 1, "more than one RRset")


@case()
def rfc1035_3_2_4_classes(way):
    answered(way, query("a", qclass=4), REFUSED)
    answered(way, query("a", qclass=254), REFUSED)
    answered(way, query("version.bind.", TXT, qclass=3), REFUSED)
    got = answered(way, query("id.server.", TXT, qclass=3), NOERROR, answer=[TXT])
    must(b"ns-one" in got.raw, "RFC 4892: another name", got)


@case()
def rfc1035_2_3_4_octets_behind_the_message(way):
    answered(way, query("a") + b"\0\0\0", NOERROR, answer=[A])


# ---- TCP ----

@case(udp=False)
def rfc7766_6_2_1_1_pipelined(way):
    msgs = [query("a" if i % 2 else "nix") for i in range(500)]
    way.socket.sendall(b"".join(struct.pack(">H", len(m)) + m for m in msgs))
    seen = {way.take().id for _ in msgs}
    must(seen == {struct.unpack(">H", m[:2])[0] for m in msgs}, "not all of them")


@case(udp=False)
def rfc7766_8_an_octet_at_a_time(way):
    msg = query("a")
    for octet in struct.pack(">H", len(msg)) + msg:
        way.socket.send(bytes([octet]))
        time.sleep(0.001)
    must(way.take().types[0] == [A], "no answer")


@case(udp=False)
def rfc7766_8_length_and_message_apart(way):
    for _ in range(3):
        msg = query("a")
        way.socket.send(struct.pack(">H", len(msg)))
        time.sleep(0.02)
        way.socket.send(msg[:20])
        time.sleep(0.02)
        way.socket.send(msg[20:])
        must(way.take().rcode == NOERROR, "no answer")


@case(udp=False)
def rfc7766_6_2_4_the_end_comes_after_the_answers(way):
    msgs = [query("t1300", TXT) for _ in range(30)]
    way.socket.sendall(b"".join(struct.pack(">H", len(m)) + m for m in msgs))
    way.socket.shutdown(socket.SHUT_WR)
    for _ in msgs:
        must(way.take() is not None, "the end came first")
    must(way.take() is None, "no end")


@case(udp=False)
def rfc7766_8_too_short_for_a_header(way):
    for length in (0, 1, 11):
        one = Tcp(way.socket.getpeername())
        must(one.ask(bytes(length)) is None, "an answer")
        one.close()


@case(udp=False)
def rfc7766_6_2_2_who_does_not_read_waits(way):
    """More answers than any buffer holds, and nobody reads: others are served, and then all come."""
    msg = query("t50000", TXT)
    cnt = 120
    way.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    way.socket.sendall((struct.pack(">H", len(msg)) + msg) * cnt)
    time.sleep(0.3)
    other = Tcp(way.socket.getpeername())
    must(other.ask(query("a")) is not None, "others wait")
    other.close()
    for _ in range(cnt):
        must(len(way.take().types[0]) == 250, "an answer is missing")


@case(udp=False)
def rfc7766_6_2_3_idle(way):
    """tcp_idle is 3 s here; a query in between keeps it, an octet does not."""
    must(way.ask(query("a")) is not None, "no answer")
    begin = time.time()
    time.sleep(1)
    way.socket.send(b"\0")
    way.socket.settimeout(6)
    must(way.read(1) is None, "an answer")
    must(2.5 < time.time() - begin < 4.5, "closed after %.1f s" % (time.time() - begin))


def run(fn, way_class, address):
    way = way_class(address)
    try:
        fn(way)
        return True
    except (AssertionError, OSError, ValueError, IndexError, struct.error, AttributeError, KeyError) as e:
        print("FAILED: %s by %s: %s %s" % (fn.__name__, way_class.__name__.upper(), type(e).__name__, e))
        return False
    finally:
        way.close()


def main():
    host, _, port = sys.argv[1].partition(":")
    address, wanted = (host, int(port or 53)), sys.argv[2:]
    done = failed = 0
    for fn, udp, tcp in CASES:
        if wanted and fn.__name__ not in wanted:
            continue
        for way_class in [Udp] * udp + [Tcp] * tcp:
            done += 1
            failed += not run(fn, way_class, address)
    print("%d cases, %d failed" % (done, failed))
    return failed != 0 or done == 0


if __name__ == "__main__":
    sys.exit(main())
