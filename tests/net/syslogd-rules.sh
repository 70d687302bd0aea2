#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The collector's rules on loopback of a namespace. Messages of numbered senders go by facility, severity, host,
# application, sender and text into files named by the sender, into programs and into the log: each output has exactly
# what its rules say. A program that dies begins anew with the first line it had not read; one that hangs holds up
# nobody, and what it cannot take is counted. A file that is moved away is made anew, a disk that is full is told and
# goes on within a second, a rate and folded repeats add up to the message, and so they do over a reload and the end.
. "$(dirname "$0")/lib/net.sh"
need python3
[ -x "$BIN/guyline-syslogd" ] || skip "guyline-syslogd is not built"
namespace box
chmod 755 "$WORK"
mkdir -p "$WORK/log" "$WORK/out/small"
mount -t tmpfs -o size=1m none "$WORK/out/small" || skip "no tmpfs"
trap 'umount -l "$WORK/out/small"; cleanup' EXIT
LOG=$WORK/log/guyline.jsonl

cat >"$WORK/send.py" <<'EOF'
# send.py PRI APP COUNT [SOURCE [TEXT]]: lines "<PRI>Nov 21 13:00:00 box-N APP[7]: TEXT" over TCP, %d in TEXT is a number.
import socket, sys
pri, app, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
source = sys.argv[4] if len(sys.argv) > 4 else "127.0.0.1"
text = sys.argv[5] if len(sys.argv) > 5 else "number %d"
s = socket.socket()
s.bind((source, 0))
s.connect(("127.0.0.1", 5514))
for n in range(count):
    t = text % n if "%d" in text else text
    s.sendall(("<%s>Nov 21 13:00:00 box-%s %s[7]: %s\n" % (pri, source.split(".")[-1], app, t)).encode())
s.close()
EOF
send() { in_ns box python3 "$WORK/send.py" "$@" || fail "send $*"; }

# Programs: one copies its lines and ends after so many of them, one reads nothing, one copies all.
cat >"$WORK/some.sh" <<EOF
#!/bin/sh
n=0
while IFS= read -r line; do
	printf '%s\n' "\$line" >>$WORK/out/some
	n=\$((n + 1))
	[ \$n -lt 150 ] || exit 3
done
EOF
printf '#!/bin/sh\nexec sleep 1000\n' >"$WORK/hang.sh"
printf '#!/bin/sh\nexec cat >>%s/out/all\n' "$WORK" >"$WORK/all.sh"
chmod 755 "$WORK"/*.sh

# configuration RULES [OUTPUTS]: more outputs than those that are always there.
configuration() {
	cat >"$WORK/c.new" <<-EOF
		{ "host": "kernel", "device": "lo", "state": "$WORK/state", "control": "$WORK/syslogd.ctl", "user": "root",
		  "syslogd": { "port": 5514, "socket": "$WORK/log.sock", "dir": "$WORK/log",
		    "outputs": {
		      "hosts": { "file": "$WORK/out/hosts/%from%/%app%.log", "template": "%facility%.%severity% %host% %app%[%pid%]: %msg%" },
		      "json": { "file": "$WORK/out/copy.jsonl" },
		      "small": { "file": "$WORK/out/small/full", "template": "%msg%" },
		      "all": { "program": "$WORK/all.sh", "template": "%app% %msg%" },
		      "some": { "program": ["$WORK/some.sh"], "template": "%msg%" },
		      "hang": { "program": ["$WORK/hang.sh"], "template": "%msg%" } $2
		    },
		    "rules": [ $1 ] } }
	EOF
	mv "$WORK/c.new" "$WORK/c.json"
}
ask() { in_ns box "$BIN/guyline" --at "$WORK/syslogd.ctl" --json "$@"; }
# number rules|outputs rule|output NAME MEMBER: of `guyline syslog`.
number() { ask syslog "$1" | sed -n "s/.*\"$2\":\"$3\".*\"$4\":\([0-9]*\).*/\1/p"; }
lines() { cat "$@" 2>/dev/null | wc -l; }
# count_is N PATTERN FILE
count_is() {
	n=$(grep -c -- "$2" "$3")
	[ "$n" -eq "$1" ] || { echo "wanted $1 of $2, got $n"; return 1; }
}
lines_are() { # N FILE
	n=$(lines "$2")
	[ "$n" -eq "$1" ] || { echo "wanted $1 lines, got $n"; return 1; }
}
# numbered COUNT FILE: each of the lines "... number N" once, in order.
numbered() {
	sed 's/.*number //; s/ x*$//' "$2" >"$WORK/have"
	seq 0 $(($1 - 1)) | cmp - "$WORK/have"
}
# sum_of COUNT OUTPUT: so many were taken or counted as lost.
sum_of() {
	n=$(number outputs output "$2" messages)
	lost=$(number outputs output "$2" lost)
	[ $((n + lost)) -eq "$1" ] || { echo "wanted $1, got $n and $lost lost"; return 1; }
}

# matched NAME: how often a rule did.
matched_is() { [ "$(number rules rule "$1" matched)" = "$2" ] || { ask syslog rules; return 1; }; }

configuration '
	{ "name": "noise", "app": "chat*", "store": false, "stop": true },
	{ "name": "auth", "facility": ["auth", "authpriv"], "severity": "<=warning", "message": "(?i)^FAILED", "to": ["hosts", "json"] },
	{ "name": "all", "app": "all", "from": ["127.0.0.0/8"], "to": "all" },
	{ "name": "some", "app": "some", "to": "some" },
	{ "name": "hang", "app": "hang", "to": "hang", "store": false },
	{ "name": "hosts", "host": "box-?", "app": ["ssh*", "move", "*etc"], "to": "hosts" },
	{ "name": "small", "app": "small", "to": "small", "store": false },
	{ "name": "rate", "app": "rate", "rate": { "burst": 100, "interval": "2s" }, "to": "json" },
	{ "name": "fold", "app": "fold", "fold": "2s", "to": "json" }'
check "the configuration is good" "$BIN/guyline-syslogd" -n -c "$WORK/c.json"
start syslogd box "$BIN/guyline-syslogd" -d -c "$WORK/c.json"
COLLECTOR=$STARTED
wait_for 5 "the collector answers" in_ns box "$BIN/guyline" --at "$WORK/syslogd.ctl" status

# --- which message goes where
send 36 sshd 10 127.0.0.2 "failed password %d" # auth.warning
send 38 sshd 10 127.0.0.2 "Failed password %d" # auth.info
send 13 chatter 1000 127.0.0.2
send 13 ../../etc 3 127.0.0.3
wait_for 5 "messages of a sender are in its file" count_is 20 'sshd\[7\]' "$WORK/out/hosts/127.0.0.2/sshd.log"
check "in the words of the template" grep -qx 'auth.warning box-2 sshd\[7\]: failed password 3' "$WORK/out/hosts/127.0.0.2/sshd.log"
check "a message gets into an output once" count_is 10 'auth.warning' "$WORK/out/hosts/127.0.0.2/sshd.log"
check "the other output has what its rule says, as JSON" lines_are 10 "$WORK/out/copy.jsonl"
wait_for 2 "what a message calls itself makes no path" lines_are 3 "$WORK/out/hosts/127.0.0.3/_._.._etc.log"
check "nothing is outside" test "$(find "$WORK" -name etc | wc -l)" -eq 0
check "an output has the record of the log, number and all" python3 -c "
import json
log = {r['seq']: r for r in map(json.loads, open('$LOG'))}
for line in open('$WORK/out/copy.jsonl'):
    r = json.loads(line)
    assert log[r['seq']] == r, r"
wait_for 2 "rules count" matched_is noise 1000
check "by what they say" matched_is auth 10
check "what is not to be stored is nowhere" sh -c "! grep -rq chatter '$WORK/out' '$LOG'"

# --- more files than may be open at once: each is opened again when it is its turn
in_ns box python3 -c "
import socket
for turn in range(2):
    for n in range(1, 101):
        s = socket.socket(); s.bind(('127.0.1.%d' % n, 0)); s.connect(('127.0.0.1', 5514))
        s.sendall(b'<13>Nov 21 13:00:00 box-x move: turn %d\n' % turn); s.close()" || fail "senders"
hundred() { [ "$(find "$WORK/out/hosts" -path '*/127.0.1.*/move.log' | wc -l)" -eq 100 ] && [ "$(lines "$WORK"/out/hosts/127.0.1.*/move.log)" -eq 200 ]; }
wait_for 3 "a hundred senders have their files, of which fewer are open" hundred
check "no more than an output may have" test "$(find "/proc/$COLLECTOR/fd" -lname '*/hosts/*' | wc -l)" -le 64

# --- programs
send 13 all 20000 127.0.0.4
wait_for 5 "a program has its lines" lines_are 20000 "$WORK/out/all"
check "each once, in order" numbered 20000 "$WORK/out/all"
send 13 some 500 127.0.0.4
send 13 hang 30000 127.0.0.4 "number %d xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
wait_for 2 "a program that hangs holds up nobody" count_is 500 '"app":"some"' "$LOG"
wait_for 2 "what it cannot take is told" grep -q 'messages for output hang lost' "$LOG"
wait_for 2 "and each is taken or counted" sum_of 30000 hang

# --- a file that is moved away, and a full disk
send 13 move 1 127.0.0.5
wait_for 2 "a file is made" test -s "$WORK/out/hosts/127.0.0.5/move.log"
in_ns box python3 "$WORK/send.py" 13 move 20000 127.0.0.5 &
sender=$!
for i in 1 2 3 4 5; do
	mv "$WORK/out/hosts/127.0.0.5/move.log" "$WORK/out/moved.$i" 2>/dev/null
	sleep 0.05
done
wait $sender
send 13 move 1 127.0.0.5
wait_for 2 "a file that was moved away is made anew" test -s "$WORK/out/hosts/127.0.0.5/move.log"
check "nothing is lost by it" test "$(lines "$WORK"/out/moved.* "$WORK/out/hosts/127.0.0.5/move.log")" -eq 20002
dd if=/dev/zero of="$WORK/out/small/fill" bs=64k 2>/dev/null
send 13 small 10000 127.0.0.5 "number %d xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
wait_for 2 "a full disk is told" grep -q 'output small: .*No space left' "$LOG"
wait_for 2 "what is lost is, too" grep -q 'messages for output small lost' "$LOG"
rm "$WORK/out/small/fill"
wait_for 1 "it goes on within a second" grep -q 'output small works again' "$LOG"
check "each is taken or counted" sum_of 10000 small
check "what was taken is in the file" lines_are "$(number outputs output small messages)" "$WORK/out/small/full"

# --- rate and repeats
send 13 rate 300 127.0.0.6
send 13 rate 250 127.0.0.7
send 13 fold 400 127.0.0.6 "link down"
send 13 fold 1 127.0.0.6 "link up"
wait_for 4 "what was held back is told" grep -q '"msg":"200 messages of 127.0.0.6 held back in [0-9a-z.]* by rule rate"' "$LOG"
wait_for 4 "for each sender" grep -q '"msg":"150 messages of 127.0.0.7 held back' "$LOG"
wait_for 4 "repeats are told" grep -q '"msg":"message repeated 399 times: \[link down\]"' "$LOG"
check "the first one, and their number" count_is 2 '"app":"fold".*link down' "$LOG"
wait_for 1 "the output has them, too" count_is 2 '"app":"fold".*link down' "$WORK/out/copy.jsonl"
check "none where there was none" count_is 1 '"app":"fold".*link up' "$LOG"
check "what passed is in the log" count_is 200 '"app":"rate"' "$LOG"

# --- another configuration, and the end
wait_for 6 "a program that ended goes on where it had stopped" numbered 500 "$WORK/out/some"
send 13 fold 51 127.0.0.6 "port flaps"
send 13 rate 110 127.0.0.8
configuration '
	{ "name": "fold", "app": "fold", "fold": "1h", "to": "json" },
	{ "name": "rate", "app": "rate", "rate": { "burst": 10, "interval": "1h" } },
	{ "name": "all", "app": "new", "to": ["all", "late", "file"] }' \
	", \"late\": { \"program\": \"/bin/cat\" }, \"file\": { \"file\": \"$WORK/out/late\", \"template\": \"%msg%\" }"
kill -HUP "$COLLECTOR"
wait_for 3 "a reload loses no count of repeats" grep -q 'message repeated 50 times: \[port flaps\]' "$LOG"
wait_for 3 "nor of what was held back" grep -q '"msg":"10 messages of 127.0.0.8 held back' "$LOG"
send 13 new 10 127.0.0.4
wait_for 3 "new rules count at once" count_is 10 '^new number' "$WORK/out/all"
wait_for 1 "new files, too" lines_are 10 "$WORK/out/late"
wait_for 2 "programs need a restart, which is told" grep -q 'messages for output late lost: programs that were not there' "$LOG"
check "and counted" sum_of 10 late
check "old ones no more" test "$(ask syslog rules | wc -l)" -eq 3
send 13 fold 11 127.0.0.6 "last words"
send 13 rate 17 127.0.0.8
wait_for 2 "they are counted" matched_is rate 677
kill "$COLLECTOR" && wait "$COLLECTOR"
check "the end loses no count of repeats" grep -q 'message repeated 10 times: \[last words\]' "$LOG"
check "nor of what was held back" grep -q '"msg":"7 messages of 127.0.0.8 held back' "$LOG"
done_well
