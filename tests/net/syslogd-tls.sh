#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Syslog over TLS (RFC 5425): openssl s_client, rsyslog and syslog-ng send to the collector over TLS 1.3 and 1.2, once on
# the kernel's sockets and once on our own stack on a tap. A new certificate is taken while a connection stays; a bad
# one changes nothing. Senders with and without a certificate, when one is asked for. Plain text on the TLS port, TLS on
# the plain one, and 21 who begin a handshake and say no more: nobody is kept out by them, and after 10 s they are gone.
. "$(dirname "$0")/lib/net.sh"
need openssl python3
[ -c /dev/net/tun ] || skip "no /dev/net/tun"
for program in rsyslogd syslog-ng; do
	[ -x "$PEERS/usr/sbin/$program" ] || skip "$program is not unpacked"
done
chmod 755 "$WORK"
IP=10.77.0.1

# identity NAME SUBJECT [BY [DAYS]]: NAME.pem and NAME.key.
identity() {
	name=$1 subject=$2 by=${3-} days=${4-30}
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "$subject" \
		-addext "subjectAltName=DNS:${subject#/CN=},IP:$IP" -keyout "$WORK/$name.key" -out "$WORK/$name.csr" ||
		return 1
	if [ -n "$by" ]; then
		openssl x509 -req -in "$WORK/$name.csr" -CA "$WORK/$by.pem" -CAkey "$WORK/$by.key" -CAcreateserial \
			-copy_extensions copy -days "$days" -out "$WORK/$name.pem"
	else
		openssl x509 -req -in "$WORK/$name.csr" -signkey "$WORK/$name.key" -copy_extensions copy -days "$days" \
			-out "$WORK/$name.pem"
	fi
}
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=Test CA" \
		-keyout "$WORK/ca.key" -out "$WORK/ca.pem" &&
		identity log /CN=log.example.com ca && identity new /CN=new.example.com ca &&
		identity ap1 /CN=ap1.example.com ca && identity ap2 /CN=ap2.example.com ca &&
		identity stranger /CN=ap1.example.com
} >"$WORK/openssl.out" 2>&1 || { cat "$WORK/openssl.out"; fail "no certificates"; }

cat >"$WORK/tls.py" <<'PY'
# tls.py hold IP PORT CA TEXT FIFO: a connection that sends "TEXT 1", and for every line that FIFO brings one more.
# tls.py stall IP PORT COUNT: begin so many handshakes, and say how long the quickest and the slowest are let wait.
import socket, ssl, sys, time
what, ip, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
if what == "hold":
    c = ssl.create_default_context(cafile=sys.argv[4])
    c.check_hostname = False
    s = c.wrap_socket(socket.create_connection((ip, port)))
    n = 1
    s.sendall(b"<13>hold: %s 1\n" % sys.argv[5].encode())
    for line in open(sys.argv[6]):
        n += 1
        s.sendall(b"<13>hold: %s %d\n" % (sys.argv[5].encode(), n))
    s.unwrap()
else:
    held = []
    for i in range(int(sys.argv[4])):
        s = socket.create_connection((ip, port))
        s.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" if i % 2 else b"")
        held.append((s, time.monotonic()))
    print("begun", flush=True)
    took = []
    for s, since in held:
        s.settimeout(20)
        try:
            s.recv(1)
        except ConnectionError:
            pass
        took.append(time.monotonic() - since)
    print(int(min(took) * 10), int(max(took) * 10))
PY

# conf HOST [KEY VALUE]...: the collector's, with these keys, given as JSON.
conf() {
	python3 - "$WORK" "$@" <<-'PY'
		import json, sys
		work, host = sys.argv[1:3]
		c = {"host": host, "state": "%s/%s" % (work, host), "control": "%s/%s.ctl" % (work, host), "user": "root",
		     "syslogd": {"port": 5514, "tls_port": 6514, "tls_cert": work + "/cert.pem", "tls_key": work + "/cert.key",
		                 "socket": "", "dir": "%s/log-%s" % (work, host)}}
		for key, value in zip(sys.argv[3::2], sys.argv[4::2]):
		    c["syslogd"][key] = json.loads(value)
		json.dump(c, open("%s/%s.json.new" % (work, host), "w"))
	PY
	mv "$WORK/$1.json.new" "$WORK/$1.json"
}

# s_client TEXT OPTION...: a message by it.
s_client() {
	text=$1
	shift
	{
		echo "<13>s_client: $text"
		sleep 0.2 # who is not let in hears of it after its handshake
	} | in_ns box timeout 5 openssl s_client -connect "$IP:6514" -CAfile "$WORK/ca.pem" -quiet -no_ign_eof "$@"
}

stored() { grep -q "$1" "$LOG"; }
not() { ! "$@"; }
told() { grep -q "$1" "$WORK/$NAME.log"; }

# rsyslog TEXT [OPTION]: it sends TEXT, certificate of its own ap1; OPTION for OpenSSL.
rsyslog() {
	rm -rf "$WORK/rs"
	mkdir "$WORK/rs"
	cat >"$WORK/rs/conf" <<-CONF
		global(workDirectory="$WORK/rs" defaultNetstreamDriverCAFile="$WORK/ca.pem"
			defaultNetstreamDriverCertFile="$WORK/ap1.pem" defaultNetstreamDriverKeyFile="$WORK/ap1.key")
		module(load="imfile")
		input(type="imfile" file="$WORK/rs/in" tag="rsyslog:")
		action(type="omfwd" target="$IP" port="6514" protocol="tcp" tcp_framing="octet-counted"
			template="RSYSLOG_SyslogProtocol23Format" streamDriver="ossl" streamDriverMode="1"
			streamDriverAuthMode="x509/name" streamDriverPermittedPeers="$PEER_NAME"
			gnutlsPriorityString="${2-}")
	CONF
	echo "$1" >"$WORK/rs/in"
	LD_LIBRARY_PATH=$PEERS/usr/lib/$(uname -m)-linux-gnu start rsyslog box "$PEERS/usr/sbin/rsyslogd" -n \
		-f "$WORK/rs/conf" -i "$WORK/rs/pid" -M "$PEERS/usr/lib/$(uname -m)-linux-gnu/rsyslog"
	sender=$STARTED
	wait_for 8 "rsyslog: $1" stored "\"app\":\"rsyslog\".*\"msg\":\" *$1\""
	kill "$sender"
	wait "$sender"
}

# syslog_ng TEXT OPTION: the same.
syslog_ng() {
	cat >"$WORK/ng.conf" <<-CONF
		@version: 3.38
		options { stats-freq(0); use-dns(no); keep-hostname(yes); };
		source s { file("$WORK/ng.in" flags(no-parse) follow-freq(0.1) program-override("ng")); };
		destination d { syslog("$IP" port(6514) transport("tls") tls(ca-file("$WORK/ca.pem") peer-verify(yes)
			cert-file("$WORK/ap1.pem") key-file("$WORK/ap1.key") ssl-options($2)) time-reopen(1)); };
		log { source(s); destination(d); };
	CONF
	echo "$1" >"$WORK/ng.in"
	rm -f "$WORK"/ng.persist*
	LD_LIBRARY_PATH=$PEERS/usr/lib/syslog-ng:$PEERS/usr/lib/$(uname -m)-linux-gnu start ng box "$PEERS/usr/sbin/syslog-ng" -F \
		--no-caps -f "$WORK/ng.conf" -R "$WORK/ng.persist" -p "$WORK/ng.pid" -c "$WORK/ng.ctl" \
		--module-path "$PEERS/usr/lib/syslog-ng/3.38"
	sender=$STARTED
	wait_for 8 "syslog-ng: $1" stored "\"app\":\"ng\".*\"msg\":\"$1\""
	kill "$sender"
	wait "$sender"
}

# use NAME: a certificate.
use() {
	cp "$WORK/$1.key" "$WORK/cert.key.new" && cp "$WORK/$1.pem" "$WORK/cert.pem.new" &&
		mv "$WORK/cert.key.new" "$WORK/cert.key" && mv "$WORK/cert.pem.new" "$WORK/cert.pem"
}

shows() { has "CN = $1" s_client "who are you"; }
ready() { in_ns box "$BIN/guyline" --at "$WORK/$NAME.ctl" status; }

# run_all HOST OPTION...: everything, the collector with these options.
run_all() {
	NAME=$1
	LOG=$WORK/log-$1/guyline.jsonl
	PEER_NAME=log.example.com
	shift
	use log
	conf "$NAME"
	start "$NAME" box "$BIN/guyline-syslogd" -d -c "$WORK/$NAME.json" "$@"
	collector=$STARTED
	wait_for 5 "$NAME: the collector answers" ready
	[ "$NAME" = kernel ] || for n in 3 4; do in_ns box ip addr add 10.77.0.$n/24 dev gyltls0; done
	in_ns box python3 "$WORK/tls.py" stall "$IP" 6514 21 >"$WORK/$NAME.stall" &
	stalled=$!
	wait_for 5 "21 handshakes have begun" grep -q begun "$WORK/$NAME.stall"

	check "s_client by TLS 1.3" s_client one-three -tls1_3
	check "and by TLS 1.2" s_client one-two -tls1_2
	check "but by nothing older" not s_client one-one -tls1_1 -cipher 'DEFAULT@SECLEVEL=0'
	wait_for 2 "both are stored" stored one-three
	wait_for 2 "both are stored" stored one-two
	rsyslog by-1.3 "MinProtocol=TLSv1.3"
	rsyslog by-1.2 "MaxProtocol=TLSv1.2"
	syslog_ng by-1.3 "no-sslv3"
	syslog_ng by-1.2 "no-tlsv13"

	for _ in 1 2 3; do
		in_ns box python3 -c "
import socket
for port, source, text in (6514, '10.77.0.3', b'<13>plain: text\n'), (5514, '10.77.0.4', b'\x16\x03\x01\x02\x00\x01'):
    s = socket.create_connection(('$IP', port), source_address=(source, 0)); s.sendall(text); s.settimeout(5)
    try: s.recv(10)
    except ConnectionResetError: pass"
	done
	wait_for 2 "plain text on the TLS port is told" \
		told 'no TLS with 10.77.0.3: it sends plain messages, and this port wants TLS (times: 1)'
	wait_for 2 "TLS on the plain port is told" \
		told 'no TLS with 10.77.0.4: it begins with a TLS handshake, and this port speaks none (times: 1)'
	check "each once in a minute" test "$(grep -c 'no TLS with 10.77.0.[34]' "$WORK/$NAME.log")" -eq 2
	check "none of it is stored" not stored 'plain: text'

	mkfifo "$WORK/$NAME.fifo"
	in_ns box python3 "$WORK/tls.py" hold "$IP" 6514 "$WORK/ca.pem" "$NAME" "$WORK/$NAME.fifo" >"$WORK/hold.log" 2>&1 &
	holder=$!
	exec 8>"$WORK/$NAME.fifo"
	wait_for 3 "somebody is connected" stored "$NAME 1\""
	use new
	wait_for 3 "a new certificate is taken" shows new.example.com
	echo x >&8
	wait_for 2 "who was connected goes on" stored "$NAME 2\""
	cp "$WORK/log.key" "$WORK/cert.key"
	wait_for 3 "a key of another certificate is refused" \
		told "$WORK/cert.key:0:0: the key does not belong to the certificate"
	check "and the certificate stays" shows new.example.com

	conf "$NAME" tls_client_ca "\"$WORK/ca.pem\"" tls_client '["ap1.example.com"]'
	use log
	wait_for 3 "now senders have to show one" not s_client none
	check "with one they are let in" s_client with-cert -cert "$WORK/ap1.pem" -key "$WORK/ap1.key"
	wait_for 2 "its name is in the record" stored '"peer":{"name":"ap1.example.com"},.*with-cert'
	check "not with that of another" not s_client other -cert "$WORK/ap2.pem" -key "$WORK/ap2.key"
	check "nor with one of his own making" not s_client own -cert "$WORK/stranger.pem" -key "$WORK/stranger.key"
	rsyslog with-cert
	echo x >&8
	exec 8>&-
	wait "$holder"
	wait_for 2 "who was connected goes on" stored "$NAME 3\""
	conf "$NAME" tls_client "\"sha256:$(openssl x509 -in "$WORK/stranger.pem" -noout -fingerprint -sha256 | cut -d= -f2)\""
	wait_for 3 "by his fingerprint he is let in" s_client finger -cert "$WORK/stranger.pem" -key "$WORK/stranger.key"

	wait "$stalled"
	check "those who stalled were let wait for 10 s" sh -c "
		tail -n 1 '$WORK/$NAME.stall' | { read -r min max; echo \$min \$max; [ \$min -ge 99 ] && [ \$max -le 115 ]; }"
	kill "$collector"
	wait "$collector"
	check "which is told" told 'no TLS with 10.77.0.[12]: .* (times: [0-9]*)'
}

# ---- what is wrong is told before it starts -------------------------------------------------------------------

refuses() { has "$1" "$BIN/guyline-syslogd" -n -c "$WORK/kernel.json"; }
conf kernel
check "no certificate" refuses "cert.pem: No such file or directory"
use log
check "a good one" "$BIN/guyline-syslogd" -n -c "$WORK/kernel.json"
cp "$WORK/new.key" "$WORK/cert.key"
check "a key of another" refuses "cert.key: the key does not belong to the certificate"
echo nonsense >"$WORK/cert.key"
check "no key" refuses "cert.key: expected a private key in PEM form"
use log
conf kernel tls_client '["name"]'
check "names without a CA" refuses "syslogd.tls_client_ca: expected a file: names are worth nothing when no CA vouches for them"

# ---- on the kernel's sockets, and on our stack ----------------------------------------------------------------

namespace box
for n in 1 3 4; do in_ns box ip addr add 10.77.0.$n/24 dev lo; done
run_all kernel --device=lo
in_ns box ip addr flush dev lo to 10.77.0.0/24
run_all stack --device=tap:gyltls0,peer=10.77.0.2/24 --address="$IP/24"
done_well
