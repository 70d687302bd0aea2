#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The collector forwards on loopback of a namespace. 20,000 numbered messages go over TCP to rsyslog, to syslog-ng and
# to a second guyline, and over UDP to one: all arrive once. Receivers are down while 20,000 more come, then get them.
# The sender is killed with -9 while nobody takes anything, and while a receiver does: all that it has stored arrives,
# twice at most what was on its way. A queue that is full drops the newest or the oldest, and counts to the message.
. "$(dirname "$0")/lib/net.sh"
need python3 "$PEERS/usr/sbin/rsyslogd" "$PEERS/usr/sbin/syslog-ng"
. "$(dirname "$0")/lib/forward.sh"

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

# --- three collectors over TCP, one over UDP
rsyslog
syslog_ng
collector b 6603 ''
wait_for 10 "rsyslog and syslog-ng listen" sh -c "ip netns exec $ID-box ss -lntH | grep -q :6601 && ip netns exec $ID-box ss -lntH | grep -q :6602"
TO='"rs": { "forward": "tcp://127.0.0.1:6601" }, "rsu": { "forward": "udp://127.0.0.1:6601", "pace": 20000 },
    "ng": { "forward": "tcp://127.0.0.1:6602" }, "gl": { "forward": "tcp://127.0.0.1:6603" }'
collector a 5514 "$TO"
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
done_well
