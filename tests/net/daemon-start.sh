#!/bin/sh
# SPDX-License-Identifier: ISC
#
# A start that fails says what, where and what to do, leaves with a status of sysexits.h, and removes
# nothing that it did not make; in the foreground and in the background. A start that works lets go of
# the terminal, keeps no privilege, and sleeps when nothing happens.
. "$(dirname "$0")/lib/net.sh"
need setpriv python3
ARPD=$BIN/guyline-arpd
[ -x "$ARPD" ] && [ -x "$BIN/guyline-syslogd" ] || skip "guyline-arpd and guyline-syslogd are not built"
[ -c /dev/net/tun ] || skip "no /dev/net/tun"
namespace box
chmod 755 "$WORK"

# conf KEY=VALUE...: write $WORK/c.json, these keys over the usual ones.
conf() {
	python3 - "$WORK" "$@" <<-'PY'
		import json, sys
		work, over = sys.argv[1], sys.argv[2:]
		c = {"host": "stack", "device": "tap:gyl0,peer=10.77.0.2/24", "address": "10.77.0.1/24",
		     "state": work + "/state", "control": work + "/arpd.sock", "user": "nobody", "arpd": {}}
		for key, value in (o.split("=", 1) for o in over):
		    c[key] = value
		json.dump(c, open(work + "/c.json", "w"))
	PY
}

# fails STATUS PATTERN command...: it ends by itself with that status and a line like that.
fails() {
	want=$1
	pattern=$2
	shift 2
	in_ns box timeout 10 "$@" >"$WORK/fails.out" 2>&1
	got=$?
	[ "$got" -eq "$want" ] || { echo "status $got, wanted $want"; cat "$WORK/fails.out"; return 1; }
	grep -Eq "$pattern" "$WORK/fails.out" || { echo "no line with: $pattern"; cat "$WORK/fails.out"; return 1; }
	[ "$(wc -l <"$WORK/fails.out")" -eq 1 ] || { echo "more than one line"; cat "$WORK/fails.out"; return 1; }
}

# both "what" STATUS PATTERN KEY=VALUE...: fails so in the foreground and in the background.
both() {
	what=$1
	status=$2
	line=$3
	shift 3
	conf "$@"
	check "$what" fails "$status" "$line" "$ARPD" -d -c "$WORK/c.json"
	check "$what, in the background" fails "$status" "$line" "$ARPD" -c "$WORK/c.json"
}

both "a missing interface" 69 'interface none0: there is none of that name' host=kernel device=none0
both "a device that is none" 69 "device: 'wire:eth' is none of tap:NAME" device=wire:eth
both "a device that is not there" 69 'packet eth: no such interface' device=eth
both "a state directory that cannot be made" 73 "$WORK/no/state: No such file" "state=$WORK/no/state"
: >"$WORK/plain"
both "a state directory that is a file" 73 "$WORK/plain/journal.a: Not a directory" "state=$WORK/plain"
both "an unknown user" 67 'nobody-of-that-name: no such user; create it' user=nobody-of-that-name \
	"state=$WORK/unmade"
check "an unknown user leaves no state behind" test ! -e "$WORK/unmade"
both "a file in the place of the control socket" 69 'plain: something that is no socket stands there' \
	"control=$WORK/plain"
check "the file is still there" test -f "$WORK/plain"
both "a control socket without a directory" 69 'x.sock: No such file' "control=$WORK/no/such/x.sock"
conf
check "no permission" fails 69 'tap gyl0: cannot open|tap gyl0: cannot be made|journal.a: Permission denied' \
	setpriv --reuid 65534 --regid 65534 --clear-groups "$ARPD" -d -c "$WORK/c.json"

conf
cp "$WORK/c.json" "$WORK/own.json" # the other one changes, and would be loaded again
start arpd box "$ARPD" -d -c "$WORK/own.json"
arpd=$STARTED
wait_for 10 "it runs" has 'base.start: guyline-arpd' cat "$WORK/arpd.log"
check "it tells its address" has 'net.address: tap:gyl0.*: 10.77.0.1 at 02:' cat "$WORK/arpd.log"
both "a state directory in use" 75 'journal.a: another guyline uses this state directory' \
	device=tap:gyl1 "control=$WORK/other.sock"
both "a control socket in use" 69 'arpd.sock: another guyline is running there' \
	device=tap:gyl1 "state=$WORK/state2"
both "a device in use" 69 'tap gyl0: in use by another program' "state=$WORK/state2" "control=$WORK/other.sock"

# privileges, of every thread
privileges() {
	for task in /proc/"$arpd"/task/*; do
		grep -q '^CapEff:.0000000000000000$' "$task/status" && grep -q '^CapBnd:.0000000000000000$' "$task/status" &&
			grep -q '^Seccomp:.2$' "$task/status" && grep -q '^NoNewPrivs:.1$' "$task/status" &&
			grep -q "^Uid:.$(id -u nobody)" "$task/status" || { cat "$task/status"; return 1; }
	done
	[ "$(cat /proc/"$arpd"/task/*/comm | sort | tr '\n' ' ')" = "flush guyline-arpd work " ]
}
arpd=$(ip netns pids "$ID-box" | while read -r pid; do
	[ "$(cat /proc/"$pid"/comm)" = guyline-arpd ] && grep -q "^Uid:.$(id -u nobody)" /proc/"$pid"/status && echo "$pid"
done | head -n 1)
check "no thread keeps a privilege" privileges

# Nothing happens: the network is silent, and so is the daemon but for the end of the log's first window.
switches() {
	awk '/^voluntary/ { print $2 }' /proc/"$arpd"/status
}
sleeps() {
	before=$(switches)
	sleep 3
	woken=$(($(switches) - before))
	[ "$woken" -le 1 ] || { echo "woken $woken times in 3 s"; return 1; }
}
in_ns box ip link set gyl0 down
sleep 6
check "an idle daemon sleeps" sleeps

# The interface is taken away: the daemon says so and ends.
in_ns box ip link del gyl0
wait_for 5 "without its device it ends" test ! -d "/proc/$arpd"
check "and says why" has 'net.gone: the network device was taken away' cat "$WORK/arpd.log"

# A journal that is spoilt
printf 'garbage' | dd of="$WORK/state/journal.a" conv=notrunc 2>/dev/null
printf 'garbage' | dd of="$WORK/state/journal.b" conv=notrunc 2>/dev/null
conf
start spoilt box "$ARPD" -d -c "$WORK/c.json"
wait_for 10 "a spoilt journal is told" has 'base.unclean: .* 2048 octets' cat "$WORK/spoilt.log"
kill "$(ip netns pids "$ID-box" | head -n 1)"
wait_for 10 "it stops" has 'base.stop' cat "$WORK/spoilt.log"

# In the background: the command is through when the daemon runs, and nothing holds its output open.
conf
out=$(in_ns box timeout 10 "$ARPD" -c "$WORK/c.json" 2>&1)
check "a start in the background works" test "$? $out" = "0 "
check "and the daemon answers" python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(b"{\"do\":\"status\"}\n")
s.shutdown(socket.SHUT_WR)
sys.exit(b"guyline-arpd" not in s.makefile("rb").read())' "$WORK/arpd.sock"

# A port in use
python3 - "$WORK" <<-'PY'
	import json, sys
	work = sys.argv[1]
	c = {"host": "kernel", "device": "lo", "state": work + "/log-state", "control": work + "/syslogd.sock", "user": "nobody",
	     "syslogd": {"socket": work + "/log.sock"}}
	json.dump(c, open(work + "/s.json", "w"))
PY
start holder box python3 -c '
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 514))
print("held", flush=True)
time.sleep(60)'
wait_for 5 "port 514 is held" has held cat "$WORK/holder.log"
check "a port in use" fails 69 'cannot listen on UDP port 514: Address already in use; another syslog daemon' \
	"$BIN/guyline-syslogd" -d -c "$WORK/s.json"
done_well
