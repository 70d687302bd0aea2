#!/bin/sh
# SPDX-License-Identifier: ISC
#
# How the collector forwards, on loopback of a namespace: as RFC 5424, RFC 3164, JSON or as it came; over TLS to
# rsyslog and to a guyline, 20,000 numbered messages once, to who is who he should be and to nobody else. From our
# own stack over a LAN to another machine, killed on the way. Who would forward to himself does not start.
. "$(dirname "$0")/lib/net.sh"
need python3 openssl "$PEERS/usr/sbin/rsyslogd"
. "$(dirname "$0")/lib/forward.sh"

# --- formats
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

# --- TLS
rm -r "$WORK/a"
# certificate NAME ADDRESS: of our CA
certificate() {
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$WORK/$1.key" -out "$WORK/$1.csr" -subj "/CN=$1" \
		-addext "subjectAltName=DNS:$1,IP:$2" &&
		openssl x509 -req -in "$WORK/$1.csr" -CA "$WORK/ca.pem" -CAkey "$WORK/ca.key" -days 2 -copy_extensions copy -out "$WORK/$1.pem"
}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$WORK/ca.key" -out "$WORK/ca.pem" -days 2 \
	-subj /CN=ours -addext basicConstraints=critical,CA:TRUE >"$WORK/openssl.out" 2>&1 || fail "a CA"
certificate logs.example 127.0.0.1 >>"$WORK/openssl.out" 2>&1 || fail "a certificate"
cat >"$WORK/rs/tls" <<-CONF
	global(workDirectory="$WORK/rs" maxMessageSize="64k" net.enableDNS="off" defaultNetstreamDriver="ossl"
		defaultNetstreamDriverCAFile="$WORK/ca.pem" defaultNetstreamDriverCertFile="$WORK/logs.example.pem"
		defaultNetstreamDriverKeyFile="$WORK/logs.example.key")
	module(load="imtcp" StreamDriver.Name="ossl" StreamDriver.Mode="1" StreamDriver.AuthMode="anon")
	input(type="imtcp" address="127.0.0.1" port="6631")
	template(name="t" type="string" string="|%msg%\n")
	action(type="omfile" file="$WORK/rs/tcp" template="t")
CONF
start rsyslog box env LD_LIBRARY_PATH="$PEERS/usr/lib/$(uname -m)-linux-gnu" "$PEERS/usr/sbin/rsyslogd" -n -f "$WORK/rs/tls" \
	-i "$WORK/rs/pid" -M "$PEERS/usr/lib/$(uname -m)-linux-gnu/rsyslog"
LISTEN=', "tls_port": 6632, "tls_cert": "'$WORK'/logs.example.pem", "tls_key": "'$WORK'/logs.example.key"'
collector b 6603 '' "$LISTEN"
CA='"tls_ca": "'$WORK'/ca.pem"'
collector a 5514 '"rs": { "forward": "tls://127.0.0.1:6631", '"$CA"' }, "gl": { "forward": "tls://127.0.0.1:6632", '"$CA"', "tls_peer": "logs.example" },
	"other": { "forward": "tls://127.0.0.1:6632", '"$CA"', "tls_peer": "other.example" }'
send 0 20000
wait_for 10 "over TLS: the second guyline has all, once" arrived 0 20000 "$B"
wait_for 10 "and rsyslog" arrived 0 20000 "$WORK/rs/tcp"
check "who is not who he should be gets nothing" test "$(of other waiting)" -eq 20000
check "and it is told why" grep -q 'syslogd.down: output other is not connected to 127.0.0.1 port 6632: .*certificate' "$WORK/a.log"
stop "$PID_b"
send 20000 20000
collector b 6603 '' "$LISTEN"
wait_for 10 "over TLS: it was down, and gets all, once" arrived 20000 20000 "$B"
stop "$PID_a"
stop "$PID_b"

# --- our own stack
cp "$WORK/a.json" "$WORK/loop.json"
rm -r "$WORK/a" "$WORK/b"
lan
for name in st far; do
	namespace "$name"
	join "$name"
done
in_ns far ip addr add 10.77.0.2/24 dev eth0
in_ns far ip link set eth0 gso_max_segs 1 # a packet socket has no room for what is to be cut up later
wait_for 5 "the LAN is up" sh -c "ip netns exec $ID-lan bridge link | grep -c forwarding | grep -q 2"
NS=far HOST='"host": "kernel", "device": "eth0"'
collector b 6603 ''
NS=st HOST='"host": "stack", "device": "packet:eth0", "address": "10.77.0.1/24", "probe": false'
collector a 5514 '"gl": { "forward": "tcp://10.77.0.2:6603" }'
NS=far
send 0 20000 0 10.77.0.1
wait_for 10 "our own stack: the other machine has all, once" arrived 0 20000 "$B"
send 20000 100000 30000 10.77.0.1 &
sender=$!
sleep 1
kill -9 "$PID_a"
wait "$PID_a" 2>/dev/null
kill $sender 2>/dev/null
wait $sender 2>/dev/null
NS=st
collector a 5514 '"gl": { "forward": "tcp://10.77.0.2:6603" }'
wait_for 10 "killed while it sends: all that it has stored arrives" delivered
echo "   $(cut -d' ' -f2 "$WORK/twice") messages were on their way, and arrived twice"
stop "$PID_a"
stop "$PID_b"
NS=box

# --- a loop
sed 's/6632/5514/; s/tls:/tcp:/g' "$WORK/loop.json" >"$WORK/self.json"
in_ns box "$BIN/guyline-syslogd" -d -c "$WORK/self.json" >"$WORK/loop.out" 2>&1
check "who forwards to himself does not start" grep -q 'output gl forwards to this collector itself: a loop' "$WORK/loop.out"
done_well
