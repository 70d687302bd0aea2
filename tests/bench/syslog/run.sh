#!/bin/sh
# SPDX-License-Identifier: ISC
#
# guyline-syslogd beside rsyslog and syslog-ng: numbered messages of 200 octets from tests/load/syslog_load, over
# loopback, CPU of the collector for each one stored (lib.sh). All begin each turn with an empty directory; after it they
# are ended, and tests/load/syslog_count looks for the numbers in what they wrote: one missing or twice is told.
# Ours writes JSON with all fields, as always, and has its default configuration but for one file for everything; the
# others are tuned, and write lines of text, their fastest, or JSON.
#
# usage: tests/bench/syslog/run.sh [BUILD [ROUNDS [WHAT...]]]   (as root; `cmake --build build --target bench-syslog` does it)
#
# WHAT:
#   udp udp5424 slow fast   datagrams at 50,000 a second, RFC 3164 and 5424; at 5,000; at 300,000
#   tcp octet               1,000,000 by TCP as fast as it goes: lines of RFC 3164; RFC 5424 with octet counts
#   tls                     500,000 by TLS 1.3 with octet counts, by openssl s_client
#   lossless                the highest rate of datagrams for 10 s without a loss, ours in its default configuration
#   kill                    kill -9 under 30,000 a second by TCP, by UDP: how many of those sent before are not there
set -eu
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/../lib.sh"
[ $# -lt 2 ] || shift
[ $# -lt 1 ] || shift
what=${*:-udp udp5424 slow fast tcp octet tls lossless kill}
need_peer usr/sbin/rsyslogd usr/sbin/syslog-ng
space s
store=$dir/store
stream=network dgram=network

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=bench -keyout "$dir/key.pem" \
	-out "$dir/cert.pem" 2>"$dir/openssl" || die "no certificate: $(cat "$dir/openssl")"

# ---- collectors -------------------------------------------------------------------------------------------------

ours() {
	at s 0 "$build/bin/guyline-syslogd" -d --host=kernel --device=lo --state="$dir/state" --control="$dir/sock" --user=root \
		--syslogd.port=5514 --syslogd.tls_port=6514 --syslogd.tls_cert="$dir/cert.pem" --syslogd.tls_key="$dir/key.pem" --syslogd.socket= --syslogd.dir="$store" --log.level='*=warning' "$@"
}
serve_ours() { ours --syslogd.rotate_size=100GiB --syslogd.keep_size=100GiB; }
serve_default() { ours; }

# rsyslog TEMPLATE: forced buffer of 64 MiB, large batches and queue, a file that is written by another thread.
rsyslog() {
	cat >"$dir/rsyslog.conf" <<-CONF
		global(workDirectory="$dir" maxMessageSize="64k" net.enableDNS="off" defaultNetstreamDriverCAFile="$dir/cert.pem"
			defaultNetstreamDriverCertFile="$dir/cert.pem" defaultNetstreamDriverKeyFile="$dir/key.pem")
		module(load="imudp" batchSize="256" timeRequery="8")
		module(load="imptcp" threads="1")
		module(load="imtcp" streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="anon")
		template(name="text" type="string"
			string="%timegenerated:::date-rfc3339% %HOSTNAME% %syslogtag%%msg:::sp-if-no-1st-sp%%msg:::drop-last-lf%\n")
		template(name="json" type="list" option.jsonf="on") {
			property(outname="recv" name="timegenerated" dateFormat="rfc3339" format="jsonf")
			property(outname="ts" name="timereported" dateFormat="rfc3339" format="jsonf")
			property(outname="from" name="fromhost-ip" format="jsonf")
			property(outname="pri" name="pri" format="jsonf")
			property(outname="host" name="hostname" format="jsonf")
			property(outname="app" name="app-name" format="jsonf")
			property(outname="pid" name="procid" format="jsonf")
			property(outname="msgid" name="msgid" format="jsonf")
			property(outname="sd" name="structured-data" format="jsonf")
			property(outname="msg" name="msg" format="jsonf")
		}
		ruleset(name="all" queue.type="FixedArray" queue.size="2000000" queue.dequeueBatchSize="1024"
				queue.workerThreads="1") {
			action(type="omfile" file="$store/log" template="$1" asyncWriting="on" ioBufferSize="512k" flushOnTXEnd="off")
		}
		input(type="imudp" address="127.0.0.1" port="5514" rcvbufSize="64m" ruleset="all")
		input(type="imptcp" address="127.0.0.1" port="5514" ruleset="all")
		input(type="imtcp" address="127.0.0.1" port="6514" ruleset="all")
	CONF
	peer_at s 0 usr/sbin/rsyslogd -n -f "$dir/rsyslog.conf" -i "$dir/rsyslog.pid" \
		-M "$peers/usr/lib/$(uname -m)-linux-gnu/rsyslog"
}
serve_rsyslog() { rsyslog text; }
serve_rsyslog_json() { rsyslog json; }

# syslog_ng TEMPLATE: the largest buffer that it can get, large windows and queue, flow control for streams. It has a source for
# each format: network() and syslog().
syslog_ng() {
	cat >"$dir/ng.conf" <<-CONF
		@version: 3.38
		options { use-dns(no); dns-cache(no); keep-hostname(yes); stats-freq(0); log-fifo-size(2000000); threaded(yes); };
		source s {
			$stream(transport("tcp") ip("127.0.0.1") port(5514) log-fetch-limit(1000) log-iw-size(100000));
			$dgram(transport("udp") ip("127.0.0.1") port(5514) so-rcvbuf(67108864) log-fetch-limit(1000)
				log-iw-size(100000));
			syslog(transport("tls") ip("127.0.0.1") port(6514) log-fetch-limit(1000) log-iw-size(100000)
				tls(key-file("$dir/key.pem") cert-file("$dir/cert.pem") peer-verify(optional-untrusted)));
		};
		destination d { file("$store/log" flush-lines(1000)$1); };
		log { source(s); destination(d); flags(flow-control); };
	CONF
	LD_LIBRARY_PATH=$peers/usr/lib/syslog-ng:$peers/usr/lib/$(uname -m)-linux-gnu
	export LD_LIBRARY_PATH
	at s 0 "$peers/usr/sbin/syslog-ng" -F --no-caps -f "$dir/ng.conf" -R "$dir/ng.persist" -p "$dir/ng.pid" -c "$dir/ng.ctl" \
		--module-path "$peers/usr/lib/syslog-ng/3.38"
}
serve_ng() { syslog_ng ""; }
# shellcheck disable=SC2016 # macros of its own
serve_ng_json() { syslog_ng ' template("$(format-json --scope rfc5424 --key R_ISODATE --key SOURCEIP)\n")'; }

listens() {
	ip netns exec "$id-s" ss -lntuH | awk '/:5514 / { n[$1] = 1 } END { exit !(n["udp"] && n["tcp"]) }'
}

# begin NAME
begin() {
	rm -rf "$store" "$dir/state" "$dir"/ng.persist*
	mkdir "$store"
	start "$1"
	tries=0
	until listens; do
		tries=$((tries + 1))
		[ "$tries" -lt 50 ] || die "$1 does not listen"
		sleep 0.2
	done
}

# ---- load -------------------------------------------------------------------------------------------------------

# load OPTION...: becomes it, for a subshell.
load() {
	at s 1 "$build/load/syslog_load" "$@"
}

# stored FIRST COUNT: "stored N twice N odd N".
stored() {
	find "$store" -name '*.zst' -exec zstdcat {} + >"$dir/unpacked"
	find "$store" -type f ! -name '*.zst' ! -name '*.idx' -exec cat {} + |
		cat "$dir/unpacked" - | "$build/load/syslog_count" "$1" "$2"
}

# turn ROW NAME KIND COUNT [OPTION...]: CPU ns for each message stored, how many of COUNT were lost, us of sending.
turn() {
	into=$1-$2 name=$2 how=$3 cnt=$4
	shift 4
	case "$*" in *--ietf*) stream=syslog dgram=syslog ;; esac
	begin "$name"
	(load "$how" 127.0.0.1 5514 20000 --rate 20000 "$@") >"$dir/line"
	quiet "$name"
	before=$(cpu "$name")
	(load "$how" 127.0.0.1 5514 "$cnt" --first 1000000 "$@") >"$dir/line"
	quiet "$name"
	after=$(cpu "$name")
	stop "$name"
	stored 1000000 "$cnt" >"$dir/stored"
	read -r _ is _ twice _ odd <"$dir/stored"
	read -r _ _ _ us <"$dir/line"
	stream=network dgram=network
	[ "$twice $odd" = "0 0" ] || echo "bench/$bench: $into: $(cat "$dir/stored")" >&2
	row "$into" $(((after - before) / (is + 1))) $((cnt - is)) "$us"
}

# turn_tls NAME: the same by TLS. What s_client has sent nobody says, but everything is there at the end.
turn_tls() {
	begin "$1"
	(load octet - 0 20000 --ietf) >"$dir/octets"
	(at s 1 openssl s_client -quiet -tls1_3 -connect 127.0.0.1:6514) <"$dir/octets" >"$dir/client" 2>&1 &
	clients=$!
	quiet "$1"
	(load octet - 0 500000 --first 1000000 --ietf) >"$dir/octets"
	before=$(cpu "$1")
	(at s 1 openssl s_client -quiet -tls1_3 -connect 127.0.0.1:6514) <"$dir/octets" >"$dir/client" 2>&1 &
	clients="$clients $!"
	quiet "$1"
	after=$(cpu "$1")
	# shellcheck disable=SC2086 # two
	kill $clients
	stop "$1"
	stored 1000000 500000 >"$dir/stored"
	read -r _ is _ <"$dir/stored"
	row "tls-$1" $(((after - before) / (is + 1))) $((500000 - is))
}

# lost_at NAME RATE: in ten seconds.
lost_at() {
	begin "$1"
	(load udp 127.0.0.1 5514 $((10 * $2)) --rate "$2" --first 1000000) >"$dir/line"
	quiet "$1"
	stop "$1"
	stored 1000000 $((10 * $2)) >"$dir/stored"
	read -r _ is _ <"$dir/stored"
	read -r _ _ _ us <"$dir/line"
	[ "$us" -lt 10200000 ] || return 1 # the load does not get there
	echo $((10 * $2 - is))
}

# lossless NAME RATE...: the last of the rates, upwards, at which nothing is lost; each is tried twice.
lossless() {
	name=$1
	best=0
	shift
	for rate in "$@"; do
		lost=$(lost_at "$name" "$rate") || break
		[ "$lost" -eq 0 ] || lost=$(lost_at "$name" "$rate") || break
		[ "$lost" -eq 0 ] || break
		best=$rate
	done
	row "lossless-$name" "$best"
}

# killed NAME KIND: how many were handed over and are not there, and records that are torn.
killed() {
	begin "$1"
	(load "$2" 127.0.0.1 5514 10000000 --rate 30000 --first 1000000) >"$dir/line" &
	loader=$!
	sleep 1.5
	victim=$(pid "$1")
	kill -KILL "$victim"
	kill "$loader" || true
	wait "$loader" || true
	stop "$1"
	read -r _ sent _ <"$dir/line"
	stored 1000000 10000000 >"$dir/stored"
	read -r _ is _ _ _ odd <"$dir/stored"
	row "kill-$2-$1" $((sent - is)) "$odd"
}

# ---- rounds -----------------------------------------------------------------------------------------------------

all=${SERVERS:-ours rsyslog rsyslog_json ng ng_json}
for _ in $(seq "$rounds"); do
	for kind in $what; do
		for name in $all; do
			case $kind in
			udp) turn udp "$name" udp 150000 --rate 50000 ;;
			udp5424) turn udp5424 "$name" udp 150000 --rate 50000 --ietf ;;
			slow) turn slow "$name" udp 20000 --rate 5000 ;;
			fast) turn fast "$name" udp 900000 --rate 300000 ;;
			tcp) turn tcp "$name" lf 1000000 ;;
			tls) turn_tls "$name" ;;
			octet) turn octet "$name" octet 1000000 --ietf ;;
			kill) killed "$name" lf && killed "$name" udp ;;
			esac
		done
	done
done
case " $what " in *" lossless "*)
	# Where the kernel shares time among sessions first (autogroup), this one is not to wait for others.
	echo -20 2>/dev/null >/proc/self/autogroup || true
	lossless default 300000 500000 600000 700000 800000
	lossless rsyslog 300000 500000 600000 700000 800000
	lossless ng 50000 100000 200000 300000 ;;
esac

# ---- tables -----------------------------------------------------------------------------------------------------

us() {
	awk -v v="$1" 'BEGIN { printf "%.2f", v / 1000 }'
}

# figures ROW: a line.
figures() {
	[ -s "$dir/row-$1-ours" ] || return 0
	mine=$(median "$1-ours")
	printf '| %s | %s |' "$2" "$(us "$mine")"
	for name in ${all#ours}; do
		theirs=$(median "$1-$name")
		printf ' %s (%s) |' "$(us "$theirs")" "$(ratio "$mine" "$theirs")"
	done
	printf ' '
	for name in $all; do
		printf '%s ' "$(most "$1-$name" 2)"
	done
	echo '|'
}

echo "| CPU for a message, us (ours / theirs) | ours, JSON | rsyslog | rsyslog, JSON | syslog-ng | syslog-ng, JSON | lost, at most |"
echo "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
figures udp "UDP, RFC 3164, 50,000/s"
figures udp5424 "UDP, RFC 5424, 50,000/s"
figures slow "UDP, RFC 3164, 5,000/s"
figures fast "UDP, RFC 3164, 300,000/s"
figures tcp "TCP, lines of RFC 3164"
figures octet "TCP, RFC 5424 with octet counts"
figures tls "TLS 1.3, RFC 5424 with octet counts"
for kind in lf udp; do
	[ -s "$dir/row-kill-$kind-ours" ] || continue
	printf 'kill -9 at 30,000/s, %s: missing (torn):' "$kind"
	for name in $all; do
		printf ' %s %s (%s)' "$name" "$(median "kill-$kind-$name")" "$(most "kill-$kind-$name" 2)"
	done
	echo
done
for name in default rsyslog ng; do
	[ ! -s "$dir/row-lossless-$name" ] || echo "nothing lost in 10 s, UDP, $name: $(median "lossless-$name")/s"
done
