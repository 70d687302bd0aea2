#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The collector forwards on loopback of a namespace. 20,000 numbered messages go over TCP to rsyslog, to syslog-ng and
# to a second guyline, and over UDP to one: all arrive once. Receivers are down while 20,000 more come, then get them.
# The sender is killed with -9 while nobody takes anything, and while a receiver does: all that it has stored arrives,
# twice at most what was on its way. A queue that is full drops the newest or the oldest, and counts to the message.
# A message arrives as RFC 5424, RFC 3164, JSON or as it came. On our own stack over a veth the same goes through
# another machine's collector. Who would forward to himself does not start.
. "$(dirname "$0")/lib/net.sh"
need python3 "$PEERS/usr/sbin/rsyslogd" "$PEERS/usr/sbin/syslog-ng"
[ -x "$BIN/guyline-syslogd" ] || skip "guyline-syslogd is not built"
namespace box
chmod 755 "$WORK"
mkdir "$WORK/rs" "$WORK/ng"

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

# collector NAME PORT OUTPUTS: a guyline that sends what the sender of the numbers says to all of them.
collector() {
	cat >"$WORK/$1.json" <<-CONF
		{ "host": "kernel", "device": "lo", "state": "$WORK/$1", "control": "$WORK/$1.ctl", "user": "root",
		  "syslogd": { "port": $2, "socket": "", "dir": "$WORK/$1/log", "rotate_size": "1GiB", "outputs": { $3 },
		    "rules": [ { "app": "load", "to": [ $(printf '%s' "$3" | grep -o '"[a-z0-9-]*": {' | cut -d: -f1 | paste -sd,) ] } ] } }
	CONF
	mkdir -p "$WORK/$1"
	start "$1" box "$BIN/guyline-syslogd" -d -c "$WORK/$1.json"
	eval "PID_$1=$STARTED"
	wait_for 5 "$1 answers" in_ns box "$BIN/guyline" --at "$WORK/$1.ctl" status
}
stop() { kill "$1" && wait "$1"; }
outputs() { in_ns box "$BIN/guyline" --at "$WORK/$1.ctl" --json syslog outputs; }
# of OUTPUT MEMBER
of() { outputs a | python3 -c "import json, sys; print(next(r['$2'] for r in map(json.loads, sys.stdin) if r.get('output') == '$1'))"; }
send() { in_ns box python3 "$WORK/send.py" "$@"; }
# arrived FIRST COUNT FILE...: all of them, none of them twice.
arrived() { answer_is "$2 0" python3 "$WORK/count.py" "$@"; }

rsyslog() {
	cat >"$WORK/rs/conf" <<-CONF
		global(workDirectory="$WORK/rs" maxMessageSize="64k" net.enableDNS="off")
		module(load="imptcp")
		module(load="imudp")
		template(name="t" type="string" string="%hostname%|%app-name%|%procid%|%msgid%|%structured-data%|%msg%\n")
		input(type="imptcp" address="127.0.0.1" port="6601")
		input(type="imudp" address="127.0.0.1" port="6601" rcvbufSize="16m")
		if \$inputname == "imudp" then { action(type="omfile" file="$WORK/rs/udp" template="t") stop }
		action(type="omfile" file="$WORK/rs/tcp" template="t")
	CONF
	start rsyslog box env LD_LIBRARY_PATH="$PEERS/usr/lib/$(uname -m)-linux-gnu" "$PEERS/usr/sbin/rsyslogd" -n -f "$WORK/rs/conf" \
		-i "$WORK/rs/pid" -M "$PEERS/usr/lib/$(uname -m)-linux-gnu/rsyslog"
	RSYSLOG=$STARTED
}
syslog_ng() {
	cat >"$WORK/ng/conf" <<-CONF
		@version: 3.38
		options { use-dns(no); dns-cache(no); keep-hostname(yes); stats-freq(0); };
		source s { syslog(transport("tcp") ip("127.0.0.1") port(6602)); };
		destination d { file("$WORK/ng/tcp" template("\$HOST|\$PROGRAM|\$PID|\$MSGID|\$MSG\n")); };
		log { source(s); destination(d); flags(flow-control); };
	CONF
	start syslog-ng box env LD_LIBRARY_PATH="$PEERS/usr/lib/syslog-ng:$PEERS/usr/lib/$(uname -m)-linux-gnu" "$PEERS/usr/sbin/syslog-ng" -F \
		--no-caps -f "$WORK/ng/conf" -R "$WORK/ng/persist" -p "$WORK/ng/pid" -c "$WORK/ng/ctl" --module-path "$PEERS/usr/lib/syslog-ng/3.38"
}
listens() { in_ns box ss -lntH | grep -q "127.0.0.1:$1 "; }

# --- three collectors over TCP, one over UDP
rsyslog
syslog_ng
collector b 6603 ''
wait_for 10 "rsyslog and syslog-ng listen" sh -c "ip netns exec $ID-box ss -lntH | grep -q :6601 && ip netns exec $ID-box ss -lntH | grep -q :6602"
TO='"rs": { "forward": "tcp://127.0.0.1:6601" }, "rsu": { "forward": "udp://127.0.0.1:6601", "pace": 20000 },
    "ng": { "forward": "tcp://127.0.0.1:6602" }, "gl": { "forward": "tcp://127.0.0.1:6603" }'
B=$WORK/b/log/guyline.jsonl
collector a 5514 "$TO"
A=$WORK/a/log/guyline.jsonl
send 0 20000
wait_for 10 "20,000 messages: the second guyline has all, once" arrived 0 20000 "$B"
wait_for 10 "rsyslog by TCP" arrived 0 20000 "$WORK/rs/tcp"
wait_for 10 "rsyslog by UDP" arrived 0 20000 "$WORK/rs/udp"
wait_for 10 "syslog-ng" arrived 0 20000 "$WORK/ng/tcp"
check "with all that they said of themselves" grep -q '^far|load|7|M1|\[x@1 n="4711"\]|.*n=4711 y' "$WORK/rs/tcp"
check "at syslog-ng, too" grep -q '^far|load|7|M1|n=4711 y' "$WORK/ng/tcp"
check "in the order in which they came" sh -c "grep -o 'n=[0-9]* y' $B | cut -c3- | sort -nc"

# --- receivers that are down
# shellcheck disable=SC2154 # set by collector
stop "$PID_b"
kill "$RSYSLOG" && wait "$RSYSLOG"
send 20000 20000
wait_for 5 "syslog-ng hears them at once" arrived 20000 20000 "$WORK/ng/tcp"
check "others wait" test "$(of gl waiting)" -ge 20000
rsyslog
collector b 6603 ''
wait_for 10 "rsyslog is there again, and has all, once" arrived 20000 20000 "$WORK/rs/tcp"
wait_for 10 "the second guyline" arrived 20000 20000 "$B"
check "which is told" grep -q 'syslogd.up: output gl is connected to 127.0.0.1 port 6603; 200[0-9]* messages wait for it' "$WORK/a.log"

# --- the sender is killed
stop "$PID_b"
send 40000 20000
# shellcheck disable=SC2154
kill -9 "$PID_a"
wait "$PID_a" 2>/dev/null
collector b 6603 ''
collector a 5514 "$TO"
wait_for 10 "killed: all that it has stored arrives" answer_is "0 0" python3 "$WORK/missing.py" "$A" "$B"
send 60000 200000 40000 &
sender=$!
sleep 1
kill -9 "$PID_a"
wait "$PID_a" 2>/dev/null
wait $sender
collector a 5514 "$TO"
delivered() { python3 "$WORK/missing.py" "$A" "$B" >"$WORK/twice" && grep -q '^0 ' "$WORK/twice"; }
wait_for 10 "killed while it sends: all that it has stored arrives" delivered
echo "   $(cut -d' ' -f2 "$WORK/twice") messages were on their way, and arrived twice"
check "and twice what was on its way at most" test "$(cut -d' ' -f2 "$WORK/twice")" -lt 8192
stop "$PID_a"
stop "$PID_b"

# --- a queue that is full
rm -r "$WORK/a"
collector a 5514 '"new": { "forward": "tcp://127.0.0.1:6610", "queue_size": "1MiB", "framing": "lf" },
	"old": { "forward": "tcp://127.0.0.1:6611", "queue_size": "1MiB", "queue_full": "oldest", "framing": "lf" }'
send 0 20000
counted() { [ $(($(of "$1" waiting) + $(of "$1" lost))) -eq 20000 ]; }
wait_for 5 "the newest are dropped, and counted to the message" counted new
wait_for 5 "the oldest" counted old
lost_new=$(of new lost) lost_old=$(of old lost)
echo "   $lost_new of the newest dropped, $lost_old of the oldest"
check "some were" test "$lost_new" -gt 1000 -a "$lost_old" -gt 1000
check "within the bound" test "$(du -sb "$WORK/a/queue/new" | cut -f1)" -lt 1060000 -a "$(du -sb "$WORK/a/queue/old" | cut -f1)" -lt 1060000
check "which is told" grep -q 'syslogd.lost: [0-9]* messages for output new lost: the queue is full' "$WORK/a.log"
start l1 box python3 "$WORK/listen.py" 6610 "$WORK/new"
start l2 box python3 "$WORK/listen.py" 6611 "$WORK/old"
wait_for 10 "the first ones arrive" arrived 0 $((20000 - lost_new)) "$WORK/new"
wait_for 10 "the last ones" arrived "$lost_old" $((20000 - lost_old)) "$WORK/old"
stop "$PID_a"

# --- formats
rm -r "$WORK/a"
for n in 1 2 3 4; do
	start "f$n" box python3 "$WORK/listen.py" 662$n "$WORK/f$n"
done
collector a 5514 '"f-new": { "forward": "tcp://127.0.0.1:6621" }, "f-old": { "forward": "tcp://127.0.0.1:6622", "format": "rfc3164" },
	"f-json": { "forward": "tcp://127.0.0.1:6623", "format": "json", "framing": "lf" },
	"f-raw": { "forward": ["tcp://127.0.0.1:6699", "tcp://127.0.0.1:6624"], "format": "raw", "framing": "nul" }'
in_ns box python3 -c "
import socket
s = socket.create_connection(('127.0.0.1', 5514))
s.sendall(b'<165>1 2026-11-22T10:00:00.25+01:00 h load 7 M1 [x@1 a=\"b\"] one\n<34>Nov 22 10:00:00 old load[9]: two\n')"
wait_for 5 "JSON" has '^\{"seq":.*"host":"old","app":"load","pid":"9".*"msg":"two"' cat "$WORK/f3"
wait_for 5 "as they came; the first of two places is dead" answer_is \
	'<165>1 2026-11-22T10:00:00.25+01:00 h load 7 M1 [x@1 a="b"] one|<34>Nov 22 10:00:00 old load[9]: two|' sh -c "tr '\\000' '|' <$WORK/f4"
wait_for 5 "RFC 5424, what was RFC 3164 too" answer_is \
	'63 <165>1 2026-11-22T10:00:00.25+01:00 h load 7 M1 [x@1 a="b"] one45 <34>1 2026-11-22T10:00:00Z old load 9 - - two' cat "$WORK/f1"
wait_for 5 "RFC 3164" answer_is '35 <165>Nov 22 09:00:00 h load[7]: one36 <34>Nov 22 10:00:00 old load[9]: two' cat "$WORK/f2"
stop "$PID_a"

# --- a loop
sed 's/6621/5514/' "$WORK/a.json" >"$WORK/loop.json"
in_ns box "$BIN/guyline-syslogd" -d -c "$WORK/loop.json" >"$WORK/loop.out" 2>&1
check "who forwards to himself does not start" grep -q 'output f-new forwards to this collector itself: a loop' "$WORK/loop.out"
done_well
