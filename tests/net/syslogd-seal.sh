#!/bin/sh
# SPDX-License-Identifier: ISC
#
# A collector that seals what it closes. Numbered messages go in until several log files were closed; all of them
# are sealed within seconds, nothing of them can be read on the disk, and verification says OK. A search finds
# messages in them with the passphrase, with none or another one it says why it does not. Then copies of the
# directory are tampered with, each in one way: cut off, altered, frames exchanged, segments renamed, taken
# away from the middle, from either end, replaced by a plain file; each is found, and the right file is named.
# Killed while it seals, the collector goes on at the next start: nothing is lost or twice, and the chain holds.
# Retention removes the oldest without an alarm. A passphrase file that is missing, empty or readable by others is an error before anything starts.
. "$(dirname "$0")/lib/net.sh"
need python3
[ -x "$BIN/guyline" ] || skip "guyline is not built"
namespace box
DIR=$WORK/l

printf 'correct horse battery staple\n' >"$WORK/pass"
printf 'correct house\n' >"$WORK/other"
chmod 600 "$WORK/pass" "$WORK/other"

cat >"$WORK/send.py" <<'PY'
# send.py FIRST COUNT: numbered messages over TCP, which waits for the collector.
import socket, sys
first, count = int(sys.argv[1]), int(sys.argv[2])
s = socket.create_connection(("127.0.0.1", 5514))
pad = "whisper " * 20
s.sendall(b"".join(b"<14>seal: number%d %s\n" % (n, pad.encode()) for n in range(first, first + count)))
s.shutdown(socket.SHUT_WR)
s.recv(1)
PY
cat >"$WORK/swap.py" <<'PY'
# swap.py FILE: the first two frames of a sealed file change places.
import sys
b = open(sys.argv[1], "rb").read()
n = lambda at: 4 + int.from_bytes(b[at:at + 4], "big")
a = 128
c = a + n(a)
e = c + n(c)
open(sys.argv[1], "wb").write(b[:a] + b[c:e] + b[a:c] + b[e:])
PY

# conf KEY=VALUE...: write the configuration.
conf() {
	python3 - "$WORK" "$@" <<-'PY'
		import json, sys
		work = sys.argv[1]
		c = {"host": "kernel", "device": "lo", "state": work + "/state", "control": work + "/ctl", "user": "root",
		     "syslogd": {"port": 5514, "socket": work + "/log.sock", "dir": work + "/l", "rotate_size": "2MiB",
		                 "seal": {"passphrase_file": work + "/pass"}}}
		for key, value in (o.split("=", 1) for o in sys.argv[2:]):
		    c["syslogd"][key] = json.loads(value)
		json.dump(c, open(work + "/c.json", "w"))
	PY
}
collector() {
	conf "$@"
	start syslogd box "$BIN/guyline-syslogd" -d -c "$WORK/c.json"
	COLLECTOR=$STARTED
	wait_for 5 "the collector answers" in_ns box "$BIN/guyline" --at "$WORK/ctl" status
}
stop() { kill "$COLLECTOR" && wait "$COLLECTOR"; }
send() { in_ns box timeout 20 python3 "$WORK/send.py" "$@" || fail "send $*"; }
# By the numbers in their names.
sealed() { find "$1" -name 'guyline-*.jsonl.zst.seal' | sed 's/.*-\([0-9]*\)\.jsonl.*/\1 &/' | sort -n | cut -d' ' -f2-; }
nth() { sealed "$1" | sed -n "$2p"; }
no_plain() { [ -z "$(find "$DIR" -name 'guyline-*.jsonl' -o -name '*.tmp')" ]; }
# verify DIR [FILE]: exit status of guyline log --verify; what it says is in $WORK/verdict.
verify() { "$BIN/guyline" log --verify --dir "$1" --passphrase-file "${2:-$WORK/pass}" >"$WORK/verdict" 2>&1; }
said() { grep -q -- "$1" "$WORK/verdict" || { cat "$WORK/verdict"; return 1; }; }
# tampered WHAT WORDS...: the copy is not OK, and the words are said of it.
tampered() {
	what=$1
	shift
	verify "$WORK/copy"
	check "$what: found" test $? -eq 1
	for word; do check "  and told: $word" said "$word"; done
}
copy() {
	rm -rf "$WORK/copy"
	cp -a "$DIR" "$WORK/copy"
}

# --- what is wrong with a passphrase is told before the start
for bad in missing empty open; do
	rm -f "$WORK/bad"
	case $bad in
	empty) : >"$WORK/bad"; chmod 600 "$WORK/bad" ;;
	open) echo x >"$WORK/bad"; chmod 644 "$WORK/bad" ;;
	esac
	conf "seal={\"passphrase_file\":\"$WORK/bad\"}"
	check "a passphrase file that is $bad: -n says so" sh -c \
		"! '$BIN/guyline-syslogd' -n -c '$WORK/c.json' 2>'$WORK/n.log' && grep -q 'seal.passphrase_file: $WORK/bad: ' '$WORK/n.log'"
	check "and nothing starts" sh -c "! timeout 5 '$BIN/guyline-syslogd' -d -c '$WORK/c.json' 2>/dev/null"
done

# --- sealed, searched, verified
collector
for i in 0 1 2 3 4; do # 2 MB each: at least one file is full
	send $((4000 * i)) 4000
done
wait_for 10 "four files are closed and sealed" sh -c "[ \$(find '$DIR' -name '*.jsonl.zst.seal' | wc -l) -ge 4 ]"
wait_for 10 "no closed file is left in the clear" no_plain
check "nothing can be read in what is sealed" sh -c "! cat '$DIR'/guyline-* | grep -q -a -e whisper -e seal -e number"
check "verification says OK while the collector runs" verify "$DIR"
check "all records are there" said " 200[0-9][0-9] records, seq 1 to 200"
find_it() { "$BIN/guyline" log --dir "$DIR" --passphrase-file "$WORK/pass" number123 >"$WORK/found"; }
check "the passphrase finds a message in a sealed file" find_it
check "that one, once" test "$(grep -c 'number123 ' "$WORK/found")" -eq 1
check "another passphrase does not" sh -c "! '$BIN/guyline' log --dir '$DIR' --passphrase-file '$WORK/other' number123 >/dev/null 2>'$WORK/other.err'"
check "and why is told" grep -q 'another key or passphrase' "$WORK/other.err"
"$BIN/guyline" log --dir "$DIR" number123 >"$WORK/found" 2>"$WORK/found.err" </dev/null
check "without one it is asked for, or told" grep -q 'passphrase' "$WORK/found.err"
check "a clean stop" stop
check "verification says OK" verify "$DIR"
check "in JSON, too" sh -c "'$BIN/guyline' log --verify --json --dir '$DIR' --passphrase-file '$WORK/pass' | tail -1 | grep -q '\"ok\":true,\"findings\":0'"
check "with another passphrase it does not" sh -c "! '$BIN/guyline' log --verify --dir '$DIR' --passphrase-file '$WORK/other' >/dev/null"

# --- each kind of tampering
second=$(basename "$(nth "$DIR" 2)")
third=$(basename "$(nth "$DIR" 3)")
newest=$(basename "$(sealed "$DIR" | tail -1)")
# The one with the most frames.
big=$(basename "$(find "$DIR" -name '*.jsonl.zst.seal' -exec ls -S {} + | head -1)")
copy
truncate -s -1 "$WORK/copy/$second"
tampered "cut off by an octet" "$second: frame [0-9]* at octet [0-9]*: "
copy
truncate -s 100 "$WORK/copy/$second"
tampered "cut off in its header" "$second: it ends before"
copy
printf 'X' | dd of="$WORK/copy/$second" bs=1 seek=5000 conv=notrunc 2>/dev/null
tampered "an octet altered" "$second: frame 0 at octet 128: the frame is not what was sealed here"
copy
python3 "$WORK/swap.py" "$WORK/copy/$big"
tampered "two frames exchanged" "$big: frame 0 at octet 128: frame 1 of this segment stands here"
copy
printf 'more' >>"$WORK/copy/$second"
tampered "something appended" "$second: frame"
copy
cp "$WORK/copy/$third" "$WORK/copy/$second"
tampered "a segment under another name" "$second: the segment was sealed as ${third%.jsonl*}"
copy
rm "$WORK/copy/${second%.jsonl*}".*
tampered "a segment taken away" "$third: the segment that was sealed before it is missing"
copy
rm "$WORK/copy/${second%.jsonl*}".idx.seal
tampered "an index taken away" "$second: its index"
copy
rm "$WORK/copy/${newest%.jsonl*}".* "$WORK/copy/guyline.jsonl"
tampered "the newest taken away" "guyline.seal: the newest sealed segment, which ends with record"
copy
oldest=$(basename "$(nth "$DIR" 1)")
rm "$WORK/copy/${oldest%.jsonl*}".*
tampered "the oldest taken away" "$second: frame 0 at octet 128: records 1 to"
copy
rm "$WORK/copy/guyline.seal"
tampered "the head taken away" "guyline.seal: No such file"
copy
"$BIN/guyline" log --dir "$DIR" --passphrase-file "$WORK/pass" --json -n 100000 "whisper*" >"$WORK/all.jsonl"
python3 - "$WORK/all.jsonl" "$WORK/copy/${second%.jsonl*}.jsonl" "${oldest%.jsonl*}" "${second%.jsonl*}" <<'PY'
import json, sys
first, last = (int(b.rsplit("-", 1)[1]) for b in sys.argv[3:5])
with open(sys.argv[2], "w") as out:
    for line in open(sys.argv[1]):
        if first < json.loads(line)["seq"] <= last:
            out.write(line.replace("whisper", "shouted"))
PY
rm "$WORK/copy/$second" "$WORK/copy/${second%.jsonl*}.idx.seal"
tampered "a plain file in place of a sealed one" "$third: the segment that was sealed before it is missing"

# --- killed while it seals, several times
collector
for i in 1 2 3 4; do
	send $((20000 * i)) 12000
	kill -9 "$COLLECTOR"
	wait "$COLLECTOR" 2>/dev/null
	collector
done
wait_for 10 "what was left is sealed" no_plain
check "a clean stop" stop
check "the chain holds" verify "$DIR"
check "nothing is wrong with the head for the collector" sh -c "! grep -q 'sealed log files in' '$WORK/syslogd.log'"
cnt=$("$BIN/guyline" log --dir "$DIR" --passphrase-file "$WORK/pass" --json -n 1000000 "number*" | python3 -c "
import json, sys
n = [int(json.loads(l)['msg'].split()[0][6:]) for l in sys.stdin]
print(len(n) - len(set(n)), len([x for x in set(n) if x < 20000]))")
check "nothing sealed is lost, nothing is there twice" test "$cnt" = "0 20000"

# --- retention, and another passphrase
collector keep=3
send 200000 12000
wait_for 10 "the oldest are removed" sh -c "[ \$(find '$DIR' -name '*.seal' -name 'guyline-*' | wc -l) -le 8 ]"
wait_for 10 "and the newest are sealed" no_plain
check "a clean stop" stop
check "which is no alarm" verify "$DIR"
cp "$WORK/other" "$WORK/pass"
collector
check "a changed passphrase is told" grep -q 'older segments are sealed with another passphrase' "$WORK/syslogd.log"
stop
done_well
