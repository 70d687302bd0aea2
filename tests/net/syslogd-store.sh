#!/bin/sh
# SPDX-License-Identifier: ISC
#
# A collector on loopback of a namespace closes its log file every 4 MiB while 80,000 numbered messages come in, and
# packs what it closed, fenced in by its sandbox and as nobody. What zstdcat gives of all files together are exactly
# these messages, and record numbers that grow by one; zstdgrep finds one of them; so does `guyline log`, with its
# index, with a broken one and with none. kill -9 again and again while it packs loses no record that was on the disk.
# A full disk leaves the plain file and is told. Old files go by number, size and age, each with its index.
. "$(dirname "$0")/lib/net.sh"
need python3 zstd zstdcat zstdgrep
[ -x "$BIN/guyline-syslogd" ] || skip "guyline-syslogd is not built"
namespace box
chmod 755 "$WORK"
mkdir "$WORK/log"
mount -t tmpfs -o size=200m none "$WORK/log" || skip "no tmpfs"
trap 'umount -l "$WORK/log"; cleanup' EXIT
LOG=$WORK/log/l
chmod 777 "$WORK/log"

cat >"$WORK/send.py" <<'EOP'
# send.py FROM COUNT: numbered messages over TCP; prints how many were sent before the collector went away.
import socket, sys
first, count = int(sys.argv[1]), int(sys.argv[2])
s = socket.create_connection(("127.0.0.1", 5514))
n = first
try:
    for n in range(first, first + count, 50):
        s.sendall(b"".join(b"<14>store: %d word%d %s\n" % (i, i, b"%x" % (i * 2654435761 % 2**64) * 8) for i in range(n, n + 50)))
except OSError:
    pass
print(n + 50 - first)
EOP
cat >"$WORK/count.py" <<'EOP'
# count.py DIRECTORY: distinct numbers stored, the least, the greatest, how often one is there twice, gaps in seq, lines
# that are no JSON; zstdcat reads what is packed.
import glob, json, os, re, subprocess, sys
names = glob.glob(sys.argv[1] + "/guyline-*.jsonl") + glob.glob(sys.argv[1] + "/guyline-*.jsonl.zst")
names.sort(key=lambda f: int(re.search(r"-(\d+)\.jsonl", f).group(1)))
text = b""
for f in names + [sys.argv[1] + "/guyline.jsonl"]:
    if os.path.exists(f):
        text += subprocess.run(["zstdcat", f], check=True, stdout=subprocess.PIPE).stdout if f.endswith(".zst") else open(f, "rb").read()
seen, twice, last, gaps, bad = set(), 0, None, 0, 0
for line in text.splitlines():
    try:
        r = json.loads(line)
    except ValueError:
        bad += 1
        continue
    gaps += last is not None and r["seq"] != last + 1
    last = r["seq"]
    if r["app"] == "store":
        n = int(r["msg"].split()[0])
        twice += n in seen
        seen.add(n)
print(len(seen), min(seen), max(seen), twice, gaps, bad)
EOP

# collector KEY=VALUE...: start it, its configuration with these keys of its section.
collector() {
	python3 - "$WORK" "$@" <<-'PY'
		import json, sys
		work = sys.argv[1]
		c = {"host": "kernel", "device": "lo", "state": work + "/state", "control": work + "/syslogd.ctl", "user": "nobody",
		     "syslogd": {"port": 5514, "socket": "", "dir": work + "/log/l", "rotate_size": "4MiB"}}
		for key, value in (o.split("=", 1) for o in sys.argv[2:]):
		    c["syslogd"][key] = json.loads(value) if value.isdigit() or value in ("true", "false") else value
		json.dump(c, open(work + "/c.json", "w"))
	PY
	start syslogd box "$BIN/guyline-syslogd" -d -c "$WORK/c.json"
	COLLECTOR=$STARTED
	wait_for 5 "the collector answers" in_ns box "$BIN/guyline" --at "$WORK/syslogd.ctl" status
}
stop() { kill "$COLLECTOR" && wait "$COLLECTOR"; }
fresh() {
	rm -rf "$LOG" "$WORK/state"
	collector "$@"
}
send() { in_ns box python3 "$WORK/send.py" "$@"; }
# files ENDING: how many there are.
files() { find "$LOG" -name "guyline-*$1" | wc -l; }
all_packed() { [ "$(files .jsonl)$(files .tmp)" = 00 ] && [ "$(files .jsonl.zst)" -gt 0 ]; }
is_told() { [ "$(grep -c "$1" "$WORK/syslogd.log")" -eq "$2" ]; }
# a search that asks no daemon
search() { "$BIN/guyline" log --dir "$LOG" "$@"; }

# --- rotation under load
fresh
send 0 80000 >/dev/null
wait_for 15 "all that was closed is packed" all_packed
check "several files, each with its index" test "$(files .jsonl.zst)" -ge 5 -a "$(files .jsonl.zst)" -eq "$(files .idx)"
check "each is told once" is_told ' packed: ' "$(files .jsonl.zst)"
check "zstd finds nothing wrong with them" zstd -q -t "$LOG"/*.zst
check "zstdgrep finds a message" answer_is 1 sh -c "zstdgrep -h '\"msg\":\"7777 ' '$LOG'/*.zst | wc -l"
check "the last 10,000 come from packed files, too" sh -c "
	'$BIN/guyline' --at '$WORK/syslogd.ctl' log --json 10000 | python3 -c '
import json, sys
seq = [json.loads(l)[\"seq\"] for l in sys.stdin]
assert len(seq) == 10000 and seq == list(range(seq[0], seq[0] + 10000)), (len(seq), seq[:2], seq[-1])'"
check "a clean stop" stop
check "zstdcat gives each message once" answer_is "80000 0 79999 0 0 0" python3 "$WORK/count.py" "$LOG"
size=$(cat "$LOG"/*.zst "$LOG"/*.idx | wc -c)
echo "   $((size / 800)) / 100 octets a message in all"

# --- searching them: with the index, with a broken one, with none
idx=$(find "$LOG" -name '*.idx' | sort -t- -k3 -n | head -n 1)
check "a search finds a message by a word of it" has ' 7777 ' search word7777
printf x | dd of="$idx" bs=1 seek=200 conv=notrunc 2>/dev/null
check "a broken index is told" has 'bad checksum' search word7777
check "and hides nothing" answer_is 1 sh -c "'$BIN/guyline' log --dir '$LOG' word7777 2>/dev/null | grep -c ' 7777 '"
rm "$idx"
check "a lost one, too" has 'idx: No such file' search word7777
check "and hides nothing" answer_is 1 sh -c "'$BIN/guyline' log --dir '$LOG' word7777 2>/dev/null | grep -c ' 7777 '"

# --- numbers go on when all there is, is packed and the state is gone
seq=$(tail -n 1 "$LOG/guyline.jsonl" | sed 's/{"seq":\([0-9]*\),.*/\1/')
mv "$LOG/guyline.jsonl" "$LOG/guyline-20261121T130000Z-$seq.jsonl"
rm -rf "$WORK/state"
collector
wait_for 5 "what another run left is packed" all_packed
check "a clean stop" stop
check "the next record has the next number" has "^\{\"seq\":$((seq + 1))," head -n 1 "$LOG/guyline.jsonl"

# --- kill -9 while it packs
fresh rotate_size=2MiB
at=0
for round in 1 2 3; do
	send "$at" 2000000 >"$WORK/sent" &
	sender=$!
	python3 - "$LOG" "$COLLECTOR" <<-'PY' || fail "nothing was packed"
		import glob, os, sys, time
		end = time.monotonic() + 10
		while time.monotonic() < end:
		    if glob.glob(sys.argv[1] + "/*.tmp"):
		        os.kill(int(sys.argv[2]), 9)
		        sys.exit(0)
		    time.sleep(0.001)
		sys.exit(1)
	PY
	wait "$sender"
	wait "$COLLECTOR" 2>/dev/null
	at=$((at + 10000000))
	files .tmp >>"$WORK/cut"
	# shellcheck disable=SC2046
	set -- $(python3 "$WORK/count.py" "$LOG")
	check "round $round: $1 on the disk, none twice, no gap" test "$4 $5" = "0 0"
	before=$1
	collector rotate_size=2MiB
done
check "packing was cut off" sh -c "[ \$(sort -rn '$WORK/cut' | head -n 1) -gt 0 ]"
wait_for 15 "the next start packs all" all_packed
check "a clean stop" stop
# shellcheck disable=SC2046
set -- $(python3 "$WORK/count.py" "$LOG")
check "and what was on the disk is there, once, without a gap" test "$1 $4 $5 $6" = "$before 0 0 0"

# --- a full disk
fresh compress=false
send 0 30000 >/dev/null
check "a clean stop" stop
plain=$(files .jsonl)
check "switched off nothing is packed" test "$plain" -ge 2 -a "$(files .zst)" -eq 0
dd if=/dev/zero of="$WORK/log/fill" bs=64k 2>/dev/null
collector
wait_for 5 "without room for the packed file that is told" grep -q 'cannot be packed: No space left' "$WORK/syslogd.log"
check "nothing half done stays" answer_is "$plain 0 0" echo "$(files .jsonl) $(files .tmp) $(files .zst)"
kill -9 "$COLLECTOR"
wait "$COLLECTOR" 2>/dev/null
rm "$WORK/log/fill"
collector
wait_for 5 "with room all is packed" all_packed
check "a clean stop" stop
check "and nothing is lost" answer_is "30000 0 29999 0 0 0" python3 "$WORK/count.py" "$LOG"

# --- what is kept
: >"$LOG/guyline-20200101T000000Z-1.jsonl.zst"
: >"$LOG/guyline-20200101T000000Z-1.idx"
: >"$LOG/guyline-notes.jsonl"
collector keep_time=1h
wait_for 5 "what is too old goes with its index" sh -c "! ls '$LOG'/guyline-2020* 2>/dev/null"
check "and nothing else" test "$(files .jsonl.zst)" -eq "$plain" -a -e "$LOG/guyline-notes.jsonl"
check "a clean stop" stop
rm "$LOG/guyline-notes.jsonl"
collector keep=2
send 30000 30000 >/dev/null
kept() { all_packed && [ "$(files .jsonl.zst) $(files .idx)" = "2 2" ]; }
wait_for 5 "two files are kept, with their indexes" kept
check "a clean stop" stop
# shellcheck disable=SC2046
set -- $(python3 "$WORK/count.py" "$LOG")
check "the newest" test "$3 $4 $5" = "59999 0 0"
fresh compress=false keep_size=8MiB rotate_size=1MiB
send 0 30000 >/dev/null
check "a clean stop" stop
check "8 MiB are kept" test "$(cat "$LOG"/guyline-*.jsonl | wc -c)" -le 8388608 -a "$(files .jsonl)" -ge 3
done_well
