# SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2034,SC2154
# Sourced by the scenarios in which collectors forward: numbered messages, collectors, what arrived.
namespace box
chmod 755 "$WORK"
mkdir "$WORK/rs" "$WORK/ng"
A=$WORK/a/log/guyline.jsonl B=$WORK/b/log/guyline.jsonl

cat >"$WORK/send.py" <<'PY'
# send.py FIRST COUNT [RATE [ADDRESS]]: RFC 5424 messages "n=NUMBER ..." over TCP; ends when the collector is gone.
import socket, sys, time
first, count = int(sys.argv[1]), int(sys.argv[2])
rate = float(sys.argv[3]) if len(sys.argv) > 3 else 0
s = socket.create_connection((sys.argv[4] if len(sys.argv) > 4 else "127.0.0.1", 5514))
t = time.monotonic()
try:
    for n in range(first, first + count, 100):
        s.sendall(b"".join(b"<14>1 2026-11-22T10:00:00.%06dZ far load 7 M1 [x@1 n=\"%d\"] n=%d %s\n" % (i % 1000000, i, i, b"y" * 120)
                           for i in range(n, min(n + 100, first + count))))
        if rate:
            time.sleep(max(0, t + (n - first) / rate - time.monotonic()))
except OSError:
    pass
PY
cat >"$WORK/count.py" <<'PY'
# count.py FIRST COUNT FILE...: how many of these numbers are in the files, and how many more than once; in-order or not.
import re, sys
first, count, seen, twice = int(sys.argv[1]), int(sys.argv[2]), set(), 0
for f in sys.argv[3:]:
    try:
        for line in open(f, errors="replace"):
            m = re.search(r'[ |">]n=(\d+) y', line)
            if m and first <= int(m[1]) < first + count:
                twice += int(m[1]) in seen
                seen.add(int(m[1]))
    except FileNotFoundError:
        pass
print(len(seen), twice)
PY
cat >"$WORK/missing.py" <<'PY'
# missing.py FILE OTHER: numbers that FILE has and OTHER does not, and how many OTHER has more than once.
import re, sys
def numbers(f):
    return [int(m[1]) for m in (re.search(r'[ |">]n=(\d+) y', l) for l in open(f, errors="replace")) if m]
a, b = numbers(sys.argv[1]), numbers(sys.argv[2])
print(len(set(a) - set(b)), len(b) - len(set(b)))
PY
cat >"$WORK/listen.py" <<'PY'
# listen.py PORT FILE: all octets of one connection after the other.
import socket, sys
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", int(sys.argv[1])))
s.listen()
with open(sys.argv[2], "ab", buffering=0) as f:
    while True:
        c, _ = s.accept()
        while d := c.recv(65536):
            f.write(d)
PY

NS=box
HOST='"host": "kernel", "device": "lo"'
# collector NAME PORT OUTPUTS [KEYS]: a guyline that sends what the sender of the numbers says to all of them.
collector() {
	cat >"$WORK/$1.json" <<-CONF
		{ $HOST, "state": "$WORK/$1", "control": "$WORK/$1.ctl", "user": "root",
		  "syslogd": { "port": $2, "socket": "", "dir": "$WORK/$1/log", "rotate_size": "1GiB"$4, "outputs": { $3 },
		    "rules": [ { "app": "load", "to": [ $(printf '%s' "$3" | grep -o '"[a-z0-9-]*": {' | cut -d: -f1 | paste -sd,) ] } ] } }
	CONF
	mkdir -p "$WORK/$1"
	start "$1" "$NS" "$BIN/guyline-syslogd" -d -c "$WORK/$1.json"
	eval "PID_$1=$STARTED"
	wait_for 5 "$1 answers" in_ns "$NS" "$BIN/guyline" --at "$WORK/$1.ctl" status
}
stop() { kill "$1" && wait "$1"; }
outputs() { in_ns "$NS" "$BIN/guyline" --at "$WORK/$1.ctl" --json syslog outputs; }
# of OUTPUT MEMBER
of() { outputs a | python3 -c "import json, sys; print(next(r['$2'] for r in map(json.loads, sys.stdin) if r.get('output') == '$1'))"; }
send() { in_ns "$NS" timeout 20 python3 "$WORK/send.py" "$@"; }
# arrived FIRST COUNT FILE...: all of them, none of them twice.
arrived() { answer_is "$2 0" python3 "$WORK/count.py" "$@"; }
# All that a has stored is with b; how much of it twice stands in the file.
delivered() { python3 "$WORK/missing.py" "$A" "$B" >"$WORK/twice" && grep -q '^0 ' "$WORK/twice"; }
