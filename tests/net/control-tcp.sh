#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The control protocol over TCP. A box on the kernel's sockets gives addresses and names while passwords stored
# with scrypt, N = 2^17 (128 MiB each time), are verified: laptops do not notice, no turn of the loop takes 2 ms.
# Who is wrong is refused and then has to wait, who is silent or gone is dropped, all of it is told as events.
. "$(dirname "$0")/lib/net.sh"
need busybox dig python3
python3 -c 'import hashlib; hashlib.scrypt' 2>/dev/null || skip "this python3 has no scrypt"

lan
for name in box adm lap gone; do
	namespace "$name"
	join "$name"
done
in_ns box ip addr add 10.77.0.1/24 dev eth0
in_ns adm ip addr add 10.77.0.50/24 dev eth0
in_ns gone ip addr add 10.77.0.52/24 dev eth0
PORT=10.77.0.1:7077

# stored PASSWORD: a string as guyline passwd prints it, made by somebody else.
stored() {
	python3 - "$1" <<-'PY'
		import base64, hashlib, os, sys
		salt = os.urandom(16)
		key = hashlib.scrypt(sys.argv[1].encode(), salt=salt, n=1 << 17, r=8, p=1, maxmem=1 << 28, dklen=32)
		b64 = lambda b: base64.b64encode(b).decode().rstrip("=")
		print("$scrypt$ln=17,r=8,p=1$%s$%s" % (b64(salt), b64(key)))
	PY
}

# conf AUTH: the configuration with this member more.
conf() {
	cat >"$WORK/box.json.new" <<-CONF
		{
		  "host": "kernel", "device": "eth0", "address": "10.77.0.1/24", "state": "$WORK/state",
		  "control": ["$WORK/box.sock", "$PORT"],$1
		  "dhcpd": { "pool": "10.77.0.100-10.77.0.150", "lease_time": "10m" },
		  "dns": { "zones": { "name": "event.example", "file": "event.zone" } }
		}
	CONF
	mv "$WORK/box.json.new" "$WORK/box.json"
}
cat >"$WORK/event.zone" <<'ZONE'
$ORIGIN event.example.
$TTL 300
@       SOA     ns hostmaster 1 3600 900 604800 60
        NS      ns
ns      A       10.77.0.1
*.wild  A       10.77.0.42
ZONE

# --- configuration -------------------------------------------------------------------------------------

conf ''
check "a port without a password is refused" has 'box.json:3:[0-9]+: control.1: a TCP port needs a password.*guyline passwd' \
	"$BIN/guyline" run -n -c "$WORK/box.json"
conf '"control_auth": "$scrypt$ln=17,r=8,p=0$MDEyMzQ1Njc4OWFiY2RlZg$LfBFdbBxoBzvVvXDYlGRAD9pmtZp8ZzR2QjTXwJkUFk",'
check "a stored password that can be none is refused" has 'box.json:3:[0-9]+: control_auth: .*octet [0-9]+' \
	"$BIN/guyline" run -n -c "$WORK/box.json"
GEHEIM=$(stored geheim)
conf "\"control_auth\": \"$GEHEIM\","
check "a good one is accepted" "$BIN/guyline" run -n -c "$WORK/box.json"
check "on the command line, too" "$BIN/guyline" run -n -c "$WORK/box.json" --control 10.0.0.1:7077 --control_auth "$GEHEIM"

# --- passwords -----------------------------------------------------------------------------------------

# In front of what else the machine does: what is measured is how long we take, not how long we are kept waiting.
FIRST="chrt -f 1"
$FIRST true 2>/dev/null || FIRST=
# shellcheck disable=SC2086
start box box $FIRST "$BIN/guyline" run -d -c "$WORK/box.json"
here() {
	"$BIN/guyline" --at "$WORK/box.sock" "$@"
}
# there NAMESPACE PASSWORD ARGUMENT...: ask over the network.
there() {
	ns=$1 password=$2
	shift 2
	in_ns "$ns" env GUYLINE_PASSWORD="$password" "$BIN/guyline" --at "$PORT" "$@"
}
# refused STATUS PATTERN command...: it leaves with that status and says that.
refused() {
	want=$1 pattern=$2
	shift 2
	"$@" >"$WORK/refused.out" 2>&1
	got=$?
	cat "$WORK/refused.out"
	[ "$got" -eq "$want" ] && grep -Eq "$pattern" "$WORK/refused.out"
}
wait_for 15 "the box runs" here status
for pid in $(ip netns pids "$ID-box"); do
	case $(cat "/proc/$pid/comm" 2>/dev/null) in
	guyline*) check "the sandbox is closed ($pid)" grep -q '^Seccomp:.*2$' "/proc/$pid/status" ;;
	esac
done
check "the right password opens" has 'guests_let_in: 1' there adm geheim status
printf 'geheim\n' >"$WORK/password"
check "a file has it, too" has 'guests_let_in: 2' in_ns adm "$BIN/guyline" --at "$PORT" --password-file "$WORK/password" status
check "without a terminal there is nobody to ask" refused 77 'no terminal to ask on' \
	in_ns adm setsid "$BIN/guyline" --at "$PORT" status </dev/null
for n in 1 2 3; do
	check "a wrong one does not ($n)" refused 77 'wrong password' there adm falsch status
done
check "and then one has to wait" refused 77 'too many wrong passwords.*try again in 1 s' there adm geheim status
check "others have not" has 'guests_let_in: 3' there gone geheim status
sleep 1
check "the wait is over" there adm geheim status
check "the Unix socket asks nobody" here status
check "the right one is an event" has 'base\.auth: 10\.77\.0\.50 was let in' cat "$WORK/box.log"
check "a wrong one is an event" has 'base\.auth_failed: 10\.77\.0\.50 was refused .*: wrong password' cat "$WORK/box.log"
check "waiting is an event" has 'base\.auth_failed: 10\.77\.0\.50 .*: has to wait' cat "$WORK/box.log"

# --- nobody notices ------------------------------------------------------------------------------------

# lease: an address by DHCP, noted by the script.
lease() {
	in_ns lap env NOTE="$WORK/lap.note" busybox udhcpc -f -i eth0 -n -q -t 5 -T 1 -s "$PWD/tests/net/lib/dhcp-script.sh"
}
check "a lease with nothing else to do" lease
n=0
while [ $n -lt 60 ]; do
	echo "name$n.wild.event.example A"
	n=$((n + 1))
done >"$WORK/names"
# laptop: queries and a lease while somebody proves himself, right and wrong by turns; all of them answered.
laptop() {
	there adm geheim level >"$WORK/load.right" 2>&1 &
	right=$!
	there gone falsch level >"$WORK/load.wrong" 2>&1 &
	wrong=$!
	[ "$(in_ns lap dig @10.77.0.1 +short +tries=1 +timeout=2 -f "$WORK/names" | grep -c '^10\.77\.0\.42$')" -eq 60 ] || return 1
	lease || return 1
	wait "$right" || return 1
	! wait "$wrong"
}
turn_us() {
	here --json status | sed -n 's/.*"longest_turn_us":\([0-9]*\).*/\1/p'
}
best=1000000
turns=
for n in 1 2 3 4 5; do
	turn_us >/dev/null # begins anew
	check "queries and leases are answered meanwhile ($n)" laptop
	check "the right password was right ($n)" grep -q 'base=info' "$WORK/load.right"
	check "the wrong one was wrong ($n)" grep -Eq 'wrong password|has to wait|try again' "$WORK/load.wrong"
	us=$(turn_us)
	turns="$turns $us"
	[ "$us" -ge "$best" ] || best=$us
	there gone geheim level >/dev/null 2>&1 # forgiven
done
echo "longest turns in us:$turns"
check "no turn took 2 ms (best of five)" test "$best" -lt 2000

# --- who says nothing, who is gone ---------------------------------------------------------------------

guests() {
	has "guests: $1\$" here status
}
cat >"$WORK/idle.py" <<'PY'
import socket, sys, time
peers = [socket.create_connection(("10.77.0.1", 7077)) for _ in range(int(sys.argv[1]))]
begin = time.monotonic()
for peer in peers:
    peer.sendall(b'{"do":"auth",')
for peer in peers:
    text = b""
    while (more := peer.recv(4096)):
        text += more
    print("%4.1f s: %s" % (time.monotonic() - begin, text.decode().strip()))
PY
start gone gone python3 "$WORK/idle.py" 2
wait_for 5 "two guests are there" guests 2
in_ns gone ip link set eth0 down
start idle adm python3 "$WORK/idle.py" 5
wait_for 5 "and as many as one address may have" guests 6
wait_for 5 "one too many is turned away" has 'guests_turned_away: 1' here status
wait_for 15 "all are dropped, those too whose network is gone" guests 0
wait_for 3 "the silent ones were told after ten seconds" has '^(9\.9|1[0-2]\..) s: .*no request came in time' sed 's/^ *//' "$WORK/idle.log"
check "and in the log" has '10\.77\.0\.52 was refused at the control port: did not send a password in time' cat "$WORK/box.log"

# --- following, and another password -------------------------------------------------------------------

start follow adm env GUYLINE_PASSWORD=geheim "$BIN/guyline" --at "$PORT" events base
follow=$STARTED
wait_for 5 "one who follows is there" has '^  clients: 2' here status
there adm falsch status >/dev/null 2>&1
wait_for 3 "events come over TCP" has 'base\.auth_failed .*10\.77\.0\.50 was refused' cat "$WORK/follow.log"
conf "\"control_auth\": [\"$(stored anders)\", \"$(stored zweites)\"],"
gone_away() {
	! kill -0 "$follow" 2>/dev/null
}
wait_for 5 "another password puts out who came with the old one" gone_away
check "which opens no more" refused 77 'wrong password' there adm geheim status
check "the new one does" there adm anders status
check "and the second" there adm zweites status
check "the Unix socket works as ever" here status
done_well
