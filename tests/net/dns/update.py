# SPDX-License-Identifier: ISC
"""Signed UPDATEs without end, one after the other: each name that the server has acknowledged is a line of the output.

usage: update.py SERVER ZONE KEY SECRET PREFIX [udp|tcp]
It goes on until it is killed; a server that does not answer is asked again with the next name.
"""
import base64
import hashlib
import hmac
import socket
import struct
import sys
import time

server, zone, key, secret, prefix = sys.argv[1:6]
tcp = sys.argv[6:] == ["tcp"]
secret = base64.b64decode(secret)


def name(text):
    return b"".join(bytes([len(x)]) + x.encode() for x in text.split(".") if x) + b"\0"


def update(ident, host):
    """A record for a host, and the TSIG of RFC 8945 behind it."""
    body = struct.pack(">HHHHHH", ident, 5 << 11, 1, 0, 1, 0) + name(zone) + struct.pack(">HH", 6, 1)
    body += name(host + "." + zone) + struct.pack(">HHIH", 1, 1, 60, 4) + socket.inet_aton("192.0.2.1")
    alg, now = name("hmac-sha256"), struct.pack(">HI", 0, int(time.time()))
    variables = name(key) + struct.pack(">HI", 255, 0) + alg + now + struct.pack(">HHH", 300, 0, 0)
    mac = hmac.new(secret, body + variables, hashlib.sha256).digest()
    rdata = alg + now + struct.pack(">HH", 300, len(mac)) + mac + struct.pack(">HHH", ident, 0, 0)
    body = body[:10] + struct.pack(">H", 1) + body[12:]
    return body + name(key) + struct.pack(">HHIH", 250, 255, 0, len(rdata)) + rdata


def connect():
    if tcp:
        return socket.create_connection((server, 53), timeout=1)
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.connect((server, 53))
    s.settimeout(1)
    return s


def asked(s, msg):
    s.send(struct.pack(">H", len(msg)) + msg if tcp else msg)
    got = s.recv(2000)
    return got[2:] if tcp else got


s = None
for i in range(1, 65536):
    try:
        s = s or connect()
        answer = asked(s, update(i, "%s%d" % (prefix, i)))
        if len(answer) > 12 and answer[:2] == struct.pack(">H", i) and answer[3] & 15 == 0:
            print("%s%d" % (prefix, i), flush=True)
    except OSError:
        s = None
        time.sleep(0.02)
