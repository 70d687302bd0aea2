#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What was logged is found again. All services run in the namespace box on a LAN; a laptop there gets its address from
# dhcpd, and logger sends to the collector, which closes its file every MiB and packs the closed ones. Searches run
# over the open file, closed and packed ones, by time, host, app, sender, severity, words and expression; a follower sees
# everything once while files are closed and packed under it; a bar chart counts all; and an address in a message is
# shown with the name that its lease had at that time.
. "$(dirname "$0")/lib/net.sh"
need python3 logger dhclient zstdcat
lan
for ns in box laptop; do
	namespace "$ns"
	join "$ns"
done
chmod 755 "$WORK"
in_ns box ip address add 10.77.0.1/24 dev eth0
in_ns laptop ip link set eth0 address 02:00:5e:10:00:07
cat >"$WORK/c.json" <<EOJ
{ "host": "kernel", "device": "eth0", "state": "$WORK/state", "control": "$WORK/box.sock", "user": "root",
  "dhcpd": { "subnets": [ { "subnet": "10.77.0.0/24", "pool": ["10.77.0.100-10.77.0.150"] } ] },
  "syslogd": { "port": 514, "socket": "$WORK/log.sock", "dir": "$WORK/log", "rotate_size": "1MiB", "keep": 1000 } }
EOJ
start box box "$BIN/guyline" run -d -c "$WORK/c.json"
wait_for 5 "the services run" test -S "$WORK/box.sock"
log() { in_ns box "$BIN/guyline" --at "$WORK/box.sock" log "$@"; }
is() { answer_is "$@"; }
finds() { # finds COUNT OPTION...: so many messages, and the status that says so
	want=$1
	shift
	got=$(log "$@" | wc -l)
	[ "$got" -eq "$want" ] || { echo "wanted $want messages, got $got: log $*"; return 1; }
}
status() { # status WANTED OPTION...
	want=$1
	shift
	log "$@" >/dev/null 2>&1
	got=$?
	[ "$got" -eq "$want" ] || { echo "wanted status $want, got $got: log $*"; return 1; }
}

# --- a laptop gets its address, and is named in a message
cat >"$WORK/dhclient.conf" <<EOC
send host-name "laptop";
request subnet-mask;
EOC
in_ns laptop dhclient -1 -cf "$WORK/dhclient.conf" -lf "$WORK/leases" -pf "$WORK/pid" -sf /bin/true eth0 >"$WORK/dhclient.log" 2>&1 ||
	fail "no lease"
IP=$(sed -n 's/.*fixed-address \(.*\);/\1/p' "$WORK/leases" | tail -1)
in_ns laptop ip address add "$IP/24" dev eth0
in_ns laptop logger -n 10.77.0.1 -P 514 -d --rfc3164 -t sshd -p auth.warning "Failed password for root from $IP"
in_ns laptop logger -n 10.77.0.1 -P 514 -d --rfc5424 -t wifi -p local0.err "assoc 0200.5e10.0007 on ap-7"

# --- 12,000 numbered messages close the file again and again, while somebody follows
ip netns exec "$ID-box" "$BIN/guyline" --at "$WORK/box.sock" log -f -n 1 --app flood >"$WORK/follow.out" 2>"$WORK/follow.log" &
FOLLOWER=$!
PIDS="$PIDS $FOLLOWER"
sleep 0.3
cat >"$WORK/send.py" <<'EOP'
import socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect(sys.argv[1])
for n in range(12000):
    s.send(b"<%d>flood[%d]: number %d of a flood, %s" % (8 + n % 8, n, n, b"x" * 150))
    if n % 200 == 0:
        time.sleep(0.02)
EOP
in_ns box python3 "$WORK/send.py" "$WORK/log.sock" || fail send
wait_for 5 "the last one is found" finds 1 --app flood 'number 11999'
ls "$WORK/log" >"$WORK/ls.log"
check "files were closed" sh -c "ls $WORK/log | grep -c 'guyline-.*jsonl' | grep -qE '^[3-9]'"
wait_for 10 "and packed" sh -c "ls $WORK/log | grep -q 'jsonl.zst$'"

# --- searches
check "all of them" finds 12000 --app flood
check "by severity" finds 1500 --app flood --severity warning
check "by severity and worse" finds 7500 --app flood --severity '<=warning'
check "by facility" finds 1 --facility auth
check "by words, small and capital letters the same" finds 1 FAILED password
check "by an address, however it is written" finds 1 02:00:5e:10:00:07 --app wifi
check "by a pattern" finds 10 number '299?' --app 'flo*' --grep '^number 299[0-9]'
check "by an expression" finds 100 --app flood --grep 'number 1[0-9]{2} '
check "by sender" finds 2 --from 10.77.0.0/24
check "by sender's address" finds 2 --from "$IP"
check "by host" finds 12002 --host '*' --app 'flood,sshd,wifi'
check "the newest" is "$(seq 11995 11999)" sh -c "$BIN/guyline --at $WORK/box.sock log --app flood -n 5 | sed 's/.*number \([0-9]*\).*/\1/'"
check "nothing that is still to come" status 1 --app flood --until 2020-01-01
check "all of the last hour" finds 12000 --app flood --since 1h
check "found: 0" status 0 sshd
check "not found: 1" status 1 nobody
check "trouble: 2" status 2 --severity loud
check "which names the option" has 'guyline: --since: expected a time' log --since soon
check "a reader that has enough ends it" sh -c "$BIN/guyline --at $WORK/box.sock log --app flood | head -1 | grep -q 'number 0 '"
check "as does one that follows" timeout 5 sh -c "$BIN/guyline --at $WORK/box.sock log -f --app flood | head -1 | grep -q number"
check "quietly, whatever SIGPIPE does" is "" sh -c "trap '' PIPE; { $BIN/guyline --at $WORK/box.sock log --app flood | true; } 2>&1"
check "-n5 is -n 5" finds 5 -n5 --app flood
check "a number behind -n is a word" finds 1 -n 20 11998
check "-- ends options" finds 1 --app flood -- number -11997
check "an option that is none" has 'guyline: -x: there is no such option' log -x
check "a search runs where the files are" has 'it runs on the machine that has them' "$BIN/guyline" --at 127.0.0.1:7077 log sshd
check "bars count all" is 12000 sh -c "$BIN/guyline --at $WORK/box.sock log --app flood --histogram 1h | awk '{ n += \$3 } END { print n }'"
check "what is packed is standard zstd" sh -c "zstdcat $WORK/log/*.jsonl.zst | grep -q '\"app\":\"flood\"'"
mkdir "$WORK/copy"
cp "$WORK/log/"* "$WORK/copy"
check "without a daemon" is 12000 sh -c "$BIN/guyline log --dir $WORK/copy --app flood | wc -l"
rm -f "$WORK/copy/"*.idx
check "without an index" is 12000 sh -c "$BIN/guyline log --dir $WORK/copy --app flood 2>/dev/null | wc -l"

# --- names
check "an address is shown with its lease's name" has "Failed password.*{$IP = laptop 02:00:5e:10:00:07" log --names sshd
check "a MAC with its address" has "assoc .*02:00:5e:10:00:07 = laptop $IP" log --names --app wifi
check "as JSON" has "\"names\":.*\"$IP\":{\"name\":\"laptop\",\"mac\":\"02:00:5e:10:00:07\"}" log --names --json sshd
check "and without a daemon, by the log alone" has "{$IP = laptop" "$BIN/guyline" log --names --dir "$WORK/copy" sshd

# --- an address that had two holders, in a log that is all known
mkdir "$WORK/old"
python3 - "$WORK/old/guyline.jsonl" <<'EOP'
import json, sys
seq, out = 0, open(sys.argv[1], "w")
def put(time, app, msg, sender="10.77.0.9", msgid=None, sev=6, **sd):
    global seq
    seq += 1
    sd = {"gyl@32473": [[k, v] for k, v in sd.items()]} if sd else {}
    json.dump({"seq": seq, "recv": "2026-11-21T%s.000000Z" % time, "from": sender, "fmt": "5424", "pri": 24 + sev, "fac": 3, "sev": sev, "ts": None,
               "host": "box", "app": app, "pid": None, "msgid": msgid, "sd": sd, "msg": msg, "flags": []}, out, separators=(",", ":"), ensure_ascii=False)
    out.write("\n")
def lease(time, mac, name, state, expiry="1795341600000000000"):
    put(time, "guyline-dhcpd", "10.77.0.5 %s %s %s" % (state, mac, name), "guyline", "dhcpd.lease", ip="10.77.0.5", mac=mac, name=name, state=state, expiry=expiry)
def said(time, sev=6):
    put(time, "fw", "drop 10.77.0.5 \u001b[2J", sev=sev)
said("12:00:00")
lease("12:01:00", "02:00:5e:10:00:01", "one", "leased")
said("12:02:00", 3)
lease("12:03:00", "02:00:5e:10:00:01", "one", "released")
said("12:04:00", 4)
lease("12:05:00", "02:00:5e:10:00:02", "two", "leased", "1795262820000000000") # until 12:07
said("12:06:00")
said("13:08:00")
EOP
old() { TZ=UTC-1 "$BIN/guyline" log --dir "$WORK/old" "$@"; }
check "an address has the name of who had it then" is "one two" sh -c "TZ=UTC $BIN/guyline log --dir $WORK/old --names --app fw | sed -n 's/.*= \([a-z]*\) .*/\1/p' | xargs"
check "shown so" is '2026-11-21 12:06:00.000Z box fw: drop 10.77.0.5 \x1b[2J {10.77.0.5 = two 02:00:5e:10:00:02}' old --utc --names --app fw --since 2026-11-21T12:05:00Z --until 2026-11-21T12:07:00Z
check "in the zone of TZ" is '2026-11-21 13:04:00.000 box fw: drop 10.77.0.5 \x1b[2J' old --app fw --since '2026-11-21 13:03' --until '2026-11-21 13:05'
check "bars" is "$(printf '2026-11-21 13:00:00        7  #######=======------------------------------------\n2026-11-21 14:00:00        1  -------')" \
	old --histogram 1h
check "bars as JSON" is "$(printf '{"time":"2026-11-21T12:00:00Z","seconds":3600,"count":4,"err":1,"warning":1,"info":2}\n{"time":"2026-11-21T13:00:00Z","seconds":3600,"count":1,"info":1}')" \
	old --histogram 1h --json --app fw
check "bars of any length" has '^2026-11-21 14:05:00 +1 ' old --histogram

# --- the examples of the man page
sed -n 's/^\$ guyline log/log/p' services/guyline/man/guyline.1 >"$WORK/examples"
check "the man page has examples" test "$(wc -l <"$WORK/examples")" -ge 5
while read -r example; do
	# one that follows ends by itself when nobody reads it
	example=$(echo "$example" | sed 's/^log/timeout -s INT 1 "$BIN\/guyline" --at "$WORK\/box.sock" log/')
	eval "$example" >"$WORK/example.out" 2>"$WORK/example.err"
	code=$?
	[ $code -le 1 ] || [ $code -eq 124 ] || fail "$example: status $code: $(cat "$WORK/example.err")"
	[ ! -s "$WORK/example.err" ] || fail "$example: $(cat "$WORK/example.err")"
done <"$WORK/examples"

# --- the follower
wait_for 5 "the follower saw the last one" grep -q 'number 11999 ' "$WORK/follow.out"
check "and each one once, in order" is "$(seq 0 11999)" sh -c "sed 's/.*number \([0-9]*\).*/\1/' $WORK/follow.out"
: >"$WORK/log/guyline.jsonl"
in_ns box logger --socket "$WORK/log.sock" -t flood "number 12000 after a cut"
wait_for 5 "it goes on when the file is cut" grep -q 'number 12000 ' "$WORK/follow.out"
kill "$FOLLOWER" && wait "$FOLLOWER"
check "interrupted, it ends well" test $? -eq 0
done_well
