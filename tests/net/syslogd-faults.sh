#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What happens to a collector, beside the losses that syslogd-loss.sh looks at, and how little of it is felt. With the
# kernel's sockets the sender is at the other end of a veth pair, with our own stack at the other end of its tap.
#
#   killed     four times, half a second each, with small log files, so that some die in the middle of closing and packing:
#              no record is torn or twice, numbers go on by one, no more is missing than 10 ms of messages and what the
#              kernel held, and each next start tells of it
#   renamed    by somebody, and removed: a new file is begun, and nothing is missing from both together
#   half-open  the sender goes, and nothing of that arrives, in the middle of a message: it is closed after tcp_idle, and what of the message
#              was there is told
#   garbage    octets at random, a NUL in the middle, a million without an end: others are served, all lines are JSON
#   idle       1,000 connections that say nothing: a new sender's message is in the log within 100 ms
. "$(dirname "$0")/lib/net.sh"
need python3 zstdcat
[ -x "$BIN/guyline-syslogd" ] || skip "guyline-syslogd is not built"
LOAD=${GUYLINE_LOAD:-$BIN/../load}
[ -x "$LOAD/syslog_load" ] || skip "syslog_load is not built"
namespace box
namespace far
ip link add "v$$" netns "$ID-box" type veth peer name eth0 netns "$ID-far" || fail "no veth"
in_ns box ip link set "v$$" name eth0
in_ns box ip link set eth0 up
in_ns far ip link set eth0 up
in_ns far ip addr add 10.77.0.2/24 dev eth0
chmod 755 "$WORK"

# collector HOST KEY=VALUE...: start it at 10.77.0.1.
collector() {
	host=$1
	shift
	python3 - "$WORK" "$host" "$@" <<-'PY'
		import json, sys
		work, host = sys.argv[1:3]
		c = {"host": host, "device": "eth0" if host == "kernel" else "tap:gylt0,peer=10.77.0.2/24", "address": "10.77.0.1/24",
		     "state": work + "/state", "control": work + "/syslogd.ctl", "user": "root",
		     "syslogd": {"port": 5514, "socket": "", "dir": work + "/log"}}
		for key, value in (o.split("=", 1) for o in sys.argv[3:]):
		    c["syslogd"][key] = value
		json.dump(c, open(work + "/c.json", "w"))
	PY
	started=$(grep -c base.start "$WORK/syslogd.log" 2>/dev/null || true)
	start syslogd box "$BIN/guyline-syslogd" -d -c "$WORK/c.json"
	COLLECTOR=$STARTED
	wait_for 5 "the collector runs" is_started >/dev/null
}
is_started() {
	[ "$(grep -c base.start "$WORK/syslogd.log")" -gt "${started:-0}" ]
}
fresh() {
	rm -rf "$WORK/log" "$WORK/state"
	in_ns box ip addr flush dev eth0
	if [ "$1" = kernel ]; then
		in_ns box ip addr add 10.77.0.1/24 dev eth0
		far=far cable=eth0
	else
		far=box cable=gylt0
	fi
	collector "$@"
}
stop() {
	kill "$COLLECTOR" && wait "$COLLECTOR"
}

# records FILE...: all records of the log, in order.
records() {
	(cd "$WORK/log" && find . -name 'guyline-*.jsonl*' ! -name '*.tmp') | sort -t- -k2,2 -k3,3n | while read -r name; do
		file=$WORK/log/$name
		# until a packed file is known to be whole, both are there
		case $file in *.zst) [ -e "${file%.zst}" ] || zstdcat "$file" ;; *) cat "$file" ;; esac
	done
	[ ! -e "$WORK/log/guyline.jsonl" ] || cat "$WORK/log/guyline.jsonl"
}
# whole: every line is JSON, and seq grows by one.
whole() {
	records | python3 -c '
import json, sys
last = None
for line in sys.stdin.buffer:
    r = json.loads(line)
    assert line.endswith(b"\n") and (last is None or r["seq"] == last + 1), (last, line)
    last = r["seq"]
print(last)'
}
# counted FIRST COUNT: set STORED and TWICE.
counted() {
	# shellcheck disable=SC2046
	set -- $(records | "$LOAD/syslog_count" "$1" "$2")
	STORED=$2 TWICE=$4
}

# --- killed
fresh kernel rotate_size=1MiB
round=0 missing="" least=1000000
while [ "$round" -lt 4 ]; do
	in_ns "$far" "$LOAD/syslog_load" lf 10.77.0.1 5514 10000000 --rate 30000 --first $((round * 10000000)) >"$WORK/sent" 2>/dev/null &
	sender=$!
	sleep "0.$((round + 4))"
	kill -9 "$COLLECTOR"
	# to the sender itself, below `ip netns exec`, which has become it
	kill "$sender"
	wait "$sender"
	wait "$COLLECTOR" 2>/dev/null
	counted $((round * 10000000)) 10000000
	read -r _ now _ <"$WORK/sent"
	missing="$missing $((now - STORED)) of $now,"
	[ $((now - STORED)) -gt "$least" ] || least=$((now - STORED))
	[ "$TWICE" -eq 0 ] || fail "$TWICE records are there twice"
	collector kernel rotate_size=1MiB
	round=$((round + 1))
done
echo "   kill -9 at 30,000 a second:$missing are missing"
# 10 ms of messages are 300, and as many again for the sender, who is told a little later: when nobody else is in the way
check "at most the flush window is missing" test "$least" -le 600
check "a clean stop" stop
check "the records are whole and follow each other" whole
check "each start after it tells" test "$(records | grep -c '"msgid":"base.unclean"')" -eq 4
check "files were closed meanwhile" test "$(find "$WORK/log" -name 'guyline-*' | wc -l)" -gt 5

# --- renamed
for host in kernel stack; do
	fresh "$host"
	in_ns "$far" "$LOAD/syslog_load" lf 10.77.0.1 5514 10000 --rate 10000 >"$WORK/sent" &
	sender=$!
	sleep 0.3
	mv "$WORK/log/guyline.jsonl" "$WORK/log/theirs"
	sleep 0.3
	mv "$WORK/log/guyline.jsonl" "$WORK/log/theirs2"
	wait $sender
	check "$host: a clean stop" stop
	check "$host: the file goes on under its name" test -s "$WORK/log/guyline.jsonl"
	check "$host: which is told" test "$(cat "$WORK/log"/theirs2 "$WORK/log/guyline.jsonl" | grep -c '"msgid":"syslogd.moved"')" -eq 2
	cat "$WORK/log/theirs" "$WORK/log/theirs2" "$WORK/log/guyline.jsonl" | "$LOAD/syslog_count" 0 10000 >"$WORK/counted"
	check "$host: and nothing is missing" grep -q '^stored 10000 twice 0 odd 0' "$WORK/counted"
done

# --- half-open
for host in kernel stack; do
	fresh "$host" tcp_idle=1s
	in_ns "$far" python3 -c "
import socket, time
s = socket.create_connection(('10.77.0.1', 5514))
s.sendall(b'<14>cut: whole\n<14>cut: this is hal')
print('sent', flush=True)
time.sleep(60)" >"$WORK/half" &
	half=$!
	wait_for 5 "$host: half a message is sent" grep -q sent "$WORK/half"
	sleep 0.2
	# what it says from now on goes nowhere, its end, too
	in_ns "$far" ip neigh replace 10.77.0.1 lladdr 02:00:00:00:00:99 dev "$cable"
	kill "$half"
	wait_for 5 "$host: a sender that is gone is closed" grep -q 'connection of 10.77.0.2 closed' "$WORK/log/guyline.jsonl"
	in_ns "$far" ip neigh del 10.77.0.1 dev "$cable"
	check "$host: what it had begun is told" grep -q '"msgid":"syslogd.closed".*20 octets of an unfinished message' "$WORK/log/guyline.jsonl"
	check "$host: what it had ended is there" grep -q '"app":"cut".*"msg":"whole"' "$WORK/log/guyline.jsonl"
	check "$host: a clean stop" stop
done

# --- garbage
for host in kernel stack; do
	fresh "$host"
	in_ns "$far" timeout 20 python3 -c "
import random, socket
random.seed(7)
def say(data, kind=socket.SOCK_STREAM):
    s = socket.socket(socket.AF_INET, kind)
    s.connect(('10.77.0.1', 5514))
    try:
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        while s.recv(65536): pass
    except OSError:
        pass
for n in range(20):
    say(random.randbytes(5000))
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.sendto(random.randbytes(random.randrange(3000)), ('10.77.0.1', 5514))
say(b'A' * 1000000)
say(b'9999999 <14>count: too large\n<14>next: one\n')
say(b'5 <14>count: too small\n<14>next: two\n')
say(b'<14>nul: in \0 the middle\n<14>next: three\n')
say(b'GET / HTTP/1.1\r\nHost: 10.77.0.1\r\n\r\n')
say(b'<14>after: garbage\n')"
	wait_for 5 "$host: who comes after garbage is heard" grep -q '"app":"after"' "$WORK/log/guyline.jsonl"
	check "$host: a clean stop" stop
	check "$host: all of it is JSON" whole
	check "$host: what follows bad frames is read" test "$(grep -c '"app":"next"' "$WORK/log/guyline.jsonl")" -ge 2
	check "$host: a million octets are few records" test "$(grep -c 'AAAAAAAA' "$WORK/log/guyline.jsonl")" -le 1
done

# --- idle
for host in kernel stack; do
	fresh "$host"
	in_ns "$far" timeout 20 python3 -c "
import socket, time
held = []
for i in range(1000):
    s = socket.create_connection(('10.77.0.1', 5514))
    held.append(s)
best = 1
for i in range(5):
    t = time.monotonic()
    s = socket.create_connection(('10.77.0.1', 5514))
    s.sendall(b'<14>late%d: message\n' % i)
    while not any('\"app\":\"late%d\"' % i in l for l in open('$WORK/log/guyline.jsonl')):
        assert time.monotonic() - t < 3, 'not served'
    best = min(best, time.monotonic() - t)
print(int(best * 1000000))" >"$WORK/idle"
	echo "   $host: served after $(cat "$WORK/idle") us"
	check "$host: a thousand idle ones are not felt" test "$(cat "$WORK/idle")" -lt 100000
	check "$host: a clean stop" stop
done
done_well
