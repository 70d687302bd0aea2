#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""
A name server that behaves as the name asks it to, over UDP and TCP:

    python3 upstream.py serve ADDRESS LOG     until it is killed; each question is a line of LOG
    python3 upstream.py flood SERVER N ZONE   N names of a zone, at once; tells how many answers came
    python3 upstream.py same SERVER N NAME    N clients ask for one name at once; tells how many got an address

www.KIND.bad is 198.51.100.7, told in the way of KIND:
    good silent slow servfail refused cut (TC over UDP) big (three answers in four do not fit a datagram)
    id name type case (a lie first, then the truth) fold (lower case) old (FORMERR to EDNS) extra (more than was asked)
    cut names with a label "once" end the connection
    short (TTL 1) alias loop (a chain without end) half (the first half of a message) junk
"""
import socket
import struct
import sys
import threading
import time

from wire import pack_name, read_name

TRUTH, LIE = "198.51.100.7", "203.0.113.66"


def record(owner, rtype, ttl, rdata):
    return owner + struct.pack(">HHIH", rtype, 1, ttl, len(rdata)) + rdata


def address(ip, ttl=300, owner=b"\xc0\x0c"):
    return record(owner, 1, ttl, socket.inet_aton(ip))


def reply(msg, end, answers=(), authority=(), extra=(), flags=0x8180):
    """Header, the question octet for octet, records."""
    count = struct.pack(">4H", 1, len(answers), len(authority), len(extra))
    return msg[:2] + struct.pack(">H", flags) + count + msg[12:end] + b"".join((*answers, *authority, *extra))


def replies(msg, tcp):
    """What is said to a question, in order; None: a pause of a second."""
    labels, end = read_name(msg, 12)
    end += 4
    kind = labels[-2].lower().decode() if len(labels) > 1 else "good"
    edns = msg[11] != 0
    truth = reply(msg, end, [address(TRUTH)])
    lie = bytearray(reply(msg, end, [address(LIE)]))
    if kind == "silent":
        return []
    if kind == "slow":
        return [None, truth]
    if kind in ("servfail", "refused"):
        return [reply(msg, end, flags=0x8182 if kind == "servfail" else 0x8185)]
    if kind == "cut":
        return [truth if tcp else reply(msg, end, flags=0x8380)]
    if kind == "big":
        texts = [record(b"\xc0\x0c", 16, 300, bytes([200]) + b"%03d" % n + b"x" * 197) for n in range(40)]
        return [reply(msg, end, texts) if tcp else reply(msg, end, flags=0x8380)]
    if kind == "id":
        lie[1] ^= 1
        return [bytes(lie), truth]
    if kind == "name":
        lie[13] ^= 1
        return [bytes(lie), truth]
    if kind == "type":
        lie[end - 3] ^= 1
        return [bytes(lie), truth]
    if kind == "case":
        lie[13] ^= 0x20
        return [truth] if tcp else [bytes(lie), truth]
    if kind == "fold":
        return [truth[:12] + truth[12:end - 4].lower() + truth[end - 4:]]
    if kind == "old" and edns:
        return [msg[:2] + struct.pack(">5H", 0x8181, 0, 0, 0, 0)]
    if kind == "extra":
        bank = pack_name((b"bank", b"good", b"bad"))
        return [reply(msg, end, [address(LIE, 300, bank), address(TRUTH)], (), [address(LIE, 300, bank)])]
    if kind == "short":
        return [reply(msg, end, [address(TRUTH, 1)])]
    if kind == "alias":
        target = pack_name((b"a", b"good", b"bad"))
        return [reply(msg, end, [record(b"\xc0\x0c", 5, 300, target), address(TRUTH, 300, target)])]
    if kind == "loop":
        return [reply(msg, end, [record(b"\xc0\x0c", 5, 300, b"\xc0\x0c")])]
    if kind == "half":
        return [truth[:len(truth) - 6], truth]
    if kind == "junk":
        return [msg[:2] + bytes(range(200, 250)), truth]
    return [truth]


def note(log, what, port, msg):
    labels, _ = read_name(msg, 12)
    name = b".".join(labels).decode("latin-1")
    log.write("%s port %d id %d edns %d %s\n" % (what, port, struct.unpack(">H", msg[:2])[0], msg[11], name))
    log.flush()


def serve_tcp(listener, log):
    def one(stream, port):
        with stream:
            while True:
                head = stream.recv(2, socket.MSG_WAITALL)
                if len(head) < 2:
                    return
                msg = stream.recv(struct.unpack(">H", head)[0], socket.MSG_WAITALL)
                note(log, "tcp", port, msg)
                for out in replies(msg, True):
                    if out is None:
                        time.sleep(1)
                    else:
                        stream.sendall(struct.pack(">H", len(out)) + out)
                        break
                if b"\4once" in msg.lower():
                    return

    while True:
        stream, peer = listener.accept()
        threading.Thread(target=one, args=(stream, peer[1]), daemon=True).start()


def serve(ip, path):
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind((ip, 53))
    tcp = socket.create_server((ip, 53), backlog=64)
    log = open(path, "a")
    threading.Thread(target=serve_tcp, args=(tcp, log), daemon=True).start()

    def say(msg, peer):
        for out in replies(msg, False):
            if out is None:
                time.sleep(1)
            else:
                udp.sendto(out, peer)

    while True:
        msg, peer = udp.recvfrom(4096)
        note(log, "udp", peer[1], msg)
        threading.Thread(target=say, args=(msg, peer), daemon=True).start()


def question(name, ident):
    return struct.pack(">6H", ident, 0x100, 1, 0, 0, 0) + pack_name(name) + struct.pack(">HH", 1, 1)


def labels_of(text):
    return tuple(label.encode() for label in text.rstrip(".").split("."))


def count_answers(sockets, wanted, seconds, address_only):
    """Answers on any of the sockets until there are enough, or time is over."""
    got, until = 0, time.time() + seconds
    while got < wanted and time.time() < until:
        idle = True
        for s in sockets:
            try:
                msg = s.recv(4096, socket.MSG_DONTWAIT)
            except BlockingIOError:
                continue
            idle = False
            got += not address_only or msg.endswith(socket.inet_aton(TRUTH))
        if idle:
            time.sleep(0.01)
    return got


def flood(server, cnt, zone):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    s.connect((server, 53))
    for n in range(cnt):
        s.send(question((b"n%d" % n, *labels_of(zone)), n))
        if n % 50 == 0:
            time.sleep(0.005)
    print(count_answers([s], cnt, 1, False))


def same(server, cnt, name):
    sockets = []
    for n in range(cnt):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.connect((server, 53))
        s.send(question(labels_of(name), n))
        sockets.append(s)
    print(count_answers(sockets, cnt, 5, True))


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2], sys.argv[3])
    elif sys.argv[1] == "flood":
        flood(sys.argv[2], int(sys.argv[3]), sys.argv[4])
    else:
        same(sys.argv[2], int(sys.argv[3]), sys.argv[4])
