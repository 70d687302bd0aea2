#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The collector on loopback of a namespace loses nothing unsaid: every message sent to it, numbered by its sender, is
# in the log or in a count that the log tells. A burst of 200,000 datagrams against a receive buffer that is too small
# and one of the default, ended with the queue full; a stopped process; a full disk under TCP, UDP and Unix senders, freed again; kill -9 under
# TCP. Programs of this machine say who they are by their sockets, whatever their messages claim.
. "$(dirname "$0")/lib/net.sh"
need python3 logger
[ -x "$BIN/guyline-syslogd" ] || skip "guyline-syslogd is not built"
namespace box
chmod 755 "$WORK"
mkdir "$WORK/log"
mount -t tmpfs -o size=256m none "$WORK/log" || skip "no tmpfs"
trap 'umount -l "$WORK/log"; cleanup' EXIT
LOG=$WORK/log/l/guyline.jsonl

cat >"$WORK/send.py" <<'EOF'
# send.py KIND WHERE FROM COUNT [RATE]: numbered messages "<14>PREFIX: NUMBER ..."; what a send refuses is tried again.
import socket, sys, time
kind, where, prefix, first, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
rate = float(sys.argv[6]) if len(sys.argv) > 6 else 0
unix = where.startswith("/")
s = socket.socket(socket.AF_UNIX if unix else socket.AF_INET, socket.SOCK_DGRAM if kind == "dgram" else socket.SOCK_STREAM)
s.connect(where if unix else (where, 5514))
t = time.monotonic()
slowest, sent = 0, 0
pad = b"x" * 150
for n in range(first, first + count):
    m = b"<14>%s: %d %s" % (prefix.encode(), n, pad)
    a = time.monotonic()
    try:
        s.sendall(m if kind == "dgram" else m + b"\n")
        sent += 1
    except OSError as e: # TCP: the collector is gone
        if kind != "dgram":
            break
    slowest = max(slowest, time.monotonic() - a)
    if rate and n % 100 == 0:
        time.sleep(max(0, t + (n - first) / rate - time.monotonic()))
s.close()
print(sent, int(slowest * 1000))
EOF
cat >"$WORK/count.py" <<'EOF'
# count.py DIRECTORY PREFIX: distinct numbers of that sender stored, how often more than once, the drops that are told
# on udp and on unix, whether seq grows by one, and whether each line is JSON.
import glob, json, os, sys
seen, twice, drop, last, gaps, bad = set(), 0, {"udp": 0, "unix": 0}, None, 0, 0
files = sorted(glob.glob(sys.argv[1] + "/guyline*.jsonl"), key=lambda f: (not "-" in os.path.basename(f), f))
files = [f for f in files if f.endswith(".jsonl")]
order = [f for f in files if "-" in os.path.basename(f)] + [f for f in files if "-" not in os.path.basename(f)]
for f in order:
    for line in open(f, "rb"):
        try:
            r = json.loads(line)
        except ValueError:
            bad += 1
            continue
        gaps += last is not None and r["seq"] != last + 1
        last = r["seq"]
        if r["app"] == sys.argv[2]:
            n = int(r["msg"].split()[0])
            twice += n in seen
            seen.add(n)
        elif r["msgid"] == "syslogd.dropped":
            f = dict(next(iter(r["sd"].values())))
            drop[f["port"].split("/")[0]] += int(f["count"])
print(len(seen), twice, drop["udp"], drop["unix"], gaps, bad)
EOF

# collector KEY=VALUE...: start it, its configuration with these keys of its section; keys may be numbers.
collector() {
	python3 - "$WORK" "$@" <<-'PY'
		import json, sys
		work = sys.argv[1]
		c = {"host": "kernel", "device": "lo", "state": work + "/state", "control": work + "/syslogd.ctl", "user": "root",
		     "syslogd": {"port": 5514, "socket": work + "/log.sock", "stream_socket": work + "/stream.sock",
		                 "dir": work + "/log/l", "rotate_size": "1GiB"}}
		for key, value in (o.split("=", 1) for o in sys.argv[2:]):
		    c["syslogd"][key] = value
		json.dump(c, open(work + "/c.json", "w"))
	PY
	start syslogd box "$BIN/guyline-syslogd" -d -c "$WORK/c.json"
	COLLECTOR=$STARTED
	wait_for 5 "the collector listens" test -S "$WORK/stream.sock"
	wait_for 5 "and answers" in_ns box "$BIN/guyline" --at "$WORK/syslogd.ctl" status
}

stop() {
	kill "$COLLECTOR" && wait "$COLLECTOR"
}

fresh() {
	rm -rf "$WORK/log/l" "$WORK/state" "$WORK/stream.sock" "$WORK/log.sock"
	collector "$@"
}

# counted PREFIX: set STORED TWICE UDP UNIX GAPS BAD.
counted() {
	# shellcheck disable=SC2046
	set -- $(python3 "$WORK/count.py" "$WORK/log/l" "$1")
	STORED=$1 TWICE=$2 UDP=$3 UNIX=$4 GAPS=$5 BAD=$6
	echo "   stored $STORED, told $UDP on udp and $UNIX on unix"
}
whole() { [ "$TWICE $GAPS $BAD" = "0 0 0" ]; }
# is_sum SENT: what was sent is stored or counted.
sum_is() { [ $((STORED + UDP + UNIX)) -eq "$1" ] || { echo "sent $1, stored $STORED, told $UDP + $UNIX"; return 1; }; }

# --- a burst against a small buffer, and the default
fresh rcvbuf=64KiB
in_ns box python3 "$WORK/send.py" dgram 127.0.0.1 u 0 200000 >"$WORK/sent" || fail send
check "a clean stop" stop
counted u
check "too small a buffer: something was lost" test "$UDP" -gt 0
check "and all of it is told" sum_is 200000
check "nothing twice, no gap, no torn line" whole
fresh
in_ns box python3 "$WORK/send.py" dgram 127.0.0.1 u 0 200000 >"$WORK/sent" || fail send
check "a clean stop" stop
counted u
check "the default: what the kernel has at the end is stored" sum_is 200000
check "nothing twice, no gap, no torn line" whole
fresh
kill -STOP "$COLLECTOR"
in_ns box python3 "$WORK/send.py" dgram 127.0.0.1 u 0 40000 >"$WORK/sent" || fail send
kill -CONT "$COLLECTOR"
check "a clean stop" stop
counted u
check "a burst of 40,000 that nobody reads is in the buffer" test "$STORED" -eq 40000
check "nothing twice, no gap, no torn line" whole

# --- stopped for two seconds at 10,000 a second
fresh
in_ns box python3 "$WORK/send.py" dgram 127.0.0.1 u 0 40000 10000 >"$WORK/sent" &
sender=$!
sleep 1
kill -STOP "$COLLECTOR"
sleep 2
kill -CONT "$COLLECTOR"
wait $sender
check "a clean stop" stop
counted u
check "two seconds asleep cost nothing" test "$STORED" -eq 40000

# --- programs of this machine
fresh
in_ns box logger --socket "$WORK/log.sock" --id=77777 -t claims one
in_ns box python3 "$WORK/send.py" stream "$WORK/stream.sock" s 0 3 >"$WORK/sent"
in_ns box python3 -c "
import socket, os
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
os.setgid(65534); os.setuid(65534)
s.sendto(b'<14>nobody: two', '$WORK/log.sock')
print(os.getpid())" >"$WORK/pid" 2>"$WORK/nobody.log" || fail "nobody cannot send"
check "a clean stop" stop
check "a claimed pid, and who it was" grep -q '"from":"unix","peer":{"pid":[0-9]*,"uid":0},.*"app":"claims","pid":"77777"' "$LOG"
check "another user" grep -q "\"peer\":{\"pid\":$(cat "$WORK/pid"),\"uid\":65534},.*\"app\":\"nobody\"" "$LOG"
check "a stream" test "$(grep -c '"from":"unix","peer":{"pid":[0-9]*,"uid":0},.*"app":"s"' "$LOG")" -eq 3

# --- TLS, half lines, and a thousand that say nothing
fresh
printf '\026\003\001\000\005hello' | in_ns box timeout 2 python3 -c "
import socket, sys
s = socket.create_connection(('127.0.0.1', 5514)); s.sendall(sys.stdin.buffer.read()); assert s.recv(10) == b''" ||
	fail "a TLS hello is not closed"
check "TLS is told in one line" test "$(grep -c 'begins with a TLS handshake' "$WORK/syslogd.log")" -le 1
in_ns box python3 -c "
import socket, time
held = []
for i in range(1000):
    s = socket.socket(); s.bind(('127.0.1.%d' % (i % 20 + 1), 0)); s.connect(('127.0.0.1', 5514)); s.sendall(b'<14>idle: half'); held.append(s)
a = time.monotonic()
s = socket.create_connection(('127.0.0.1', 5514)); s.sendall(b'<14>late: message\n')
while not any('\"app\":\"late\"' in l for l in open('$LOG')):
    assert time.monotonic() - a < 2, 'not served'
print(int((time.monotonic() - a) * 1000), 'ms')" >"$WORK/idle.log" 2>&1
check "a thousand idle ones do not lock out a sender" grep -q ' ms$' "$WORK/idle.log"
echo "   served after $(cat "$WORK/idle.log")"
check "which is served at once, as far as a busy machine lets" test "$(cut -d' ' -f1 "$WORK/idle.log")" -lt 1000
check "a clean stop" stop
check "TLS is in the log" test "$(grep -c '"msgid":"syslogd.tls".*TLS handshake' "$LOG")" -eq 1

# --- a full disk
fresh
dd if=/dev/zero of="$WORK/log/fill" bs=1M 2>/dev/null
in_ns box python3 "$WORK/send.py" stream 127.0.0.1 t 0 100000 >"$WORK/sent-t" &
tcp=$!
wait_for 10 "a full disk is told" grep -q 'cannot write' "$WORK/syslogd.log"
in_ns box python3 "$WORK/send.py" dgram "$WORK/log.sock" l 0 20000 >"$WORK/sent-l" &
local=$!
wait_for 20 "programs of this machine do not wait" sh -c "! kill -0 $local 2>/dev/null"
check "for a second at most" test "$(cut -d' ' -f2 "$WORK/sent-l")" -lt 1000
check "a sender over TCP does" kill -0 $tcp
in_ns box python3 "$WORK/send.py" dgram 127.0.0.1 u 0 1000 >"$WORK/sent-u"
rm "$WORK/log/fill"
wait_for 1 "it goes on within a second" grep -q 'can be written again' "$WORK/syslogd.log"
wait $tcp
sleep 0.5
check "a clean stop" stop
counted t
check "nothing of TCP is lost" test "$STORED" -eq 100000
check "nothing twice, no gap, no torn line" whole
t_stored=$STORED
counted u
u_stored=$STORED
counted l
STORED=$((t_stored + u_stored + STORED))
check "and what was sent is stored or counted" sum_is $((100000 + 1000 + $(cut -d' ' -f1 "$WORK/sent-l")))
check "the trouble is told once" test "$(grep -c '"msgid":"syslogd.full"' "$LOG")" -eq 1
check "and its end" test "$(grep -c '"msgid":"syslogd.resume"' "$LOG")" -eq 1

# --- kill -9
fresh
in_ns box python3 "$WORK/send.py" stream 127.0.0.1 k 0 10000000 30000 >"$WORK/sent-k" 2>/dev/null &
sender=$!
sleep 1.5
kill -9 "$COLLECTOR"
wait $sender
wait "$COLLECTOR" 2>/dev/null
rm -f "$WORK/stream.sock"
collector
in_ns box python3 "$WORK/send.py" dgram 127.0.0.1 k 20000000 10 >"$WORK/sent"
check "a clean stop" stop
check "the next start tells of it" grep -q '"msgid":"base.unclean"' "$LOG"
counted k
check "nothing twice, no gap, no torn line" whole
lost=$(($(cut -d' ' -f1 "$WORK/sent-k") + 10 - STORED))
echo "   kill -9: $lost of $(cut -d' ' -f1 "$WORK/sent-k") lost"
# 10 ms of messages, and what lay in the two socket buffers: a sender that writes a line at a time is rarely ahead.
check "at most the flush window is lost, and what the kernel held" test "$lost" -le 1500
done_well
