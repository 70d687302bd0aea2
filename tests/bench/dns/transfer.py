#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""AXFR from one server, as fast as it comes: transfer.py ADDRESS PORT ZONE RECORDS prints seconds and messages. With a
sixth argument PORT2 another socket asks the server for the SOA by UDP meanwhile, and the longest answer is the third word,
in milliseconds."""
import socket
import struct
import sys
import threading
import time


def question(zone, qtype):
    name = b"".join(bytes([len(l)]) + l.encode() for l in zone.split(".") if l) + b"\0"
    return struct.pack(">6H", 7, 0, 1, 0, 0, 0) + name + struct.pack(">2H", qtype, 1)


def probe(address, port, zone, stop, longest):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(5)
    s.connect((address, port))
    while not stop.is_set():
        at = time.monotonic()
        s.send(question(zone, 6))
        s.recv(4096)
        longest[0] = max(longest[0], time.monotonic() - at)
        time.sleep(0.0005)


def main():
    address, port, zone, records = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    stop, longest = threading.Event(), [0.0]
    if len(sys.argv) > 5:
        threading.Thread(target=probe, args=(address, port, zone, stop, longest), daemon=True).start()
    s = socket.create_connection((address, port))
    at = time.monotonic()
    q = question(zone, 252)
    s.sendall(struct.pack(">H", len(q)) + q)
    rest, got, messages = b"", 0, 0
    while got < records:
        data = s.recv(1 << 20)
        if not data:
            sys.exit("%s port %d: the stream ends after %d records" % (address, port, got))
        data = rest + data
        pos = 0
        while len(data) - pos >= 2:
            size = data[pos] << 8 | data[pos + 1]
            if len(data) - pos < size + 2:
                break
            got += data[pos + 8] << 8 | data[pos + 9]
            messages += 1
            pos += size + 2
        rest = data[pos:]
    stop.set()
    print("%.3f %d %.2f" % (time.monotonic() - at, messages, longest[0] * 1000))


main()
