#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Names of others through our forwarder, on the kernel's sockets and on our stack: Unbound as an upstream that is right,
# and one that lies, truncates, fails, is silent or slow as the name asks it to (dns/upstream.py); then upstreams that
# die and come back, one that is ourselves, and a guest that floods.
. "$(dirname "$0")/lib/net.sh"
. "$(dirname "$0")/lib/dns.sh"
need python3 dig unbound

DIG_TIME=9 # seconds
export DIG_TIME
dns_lan 53 54
unbound_conf <<'CONF'
  local-zone: "test." static
  local-data: "test. 300 SOA ns.test. host.test. 1 2 3 4 5"
  local-data: "www.test. 300 A 198.51.100.1"
  local-data: "brief.test. 1 A 198.51.100.2"
CONF

cat >"$WORK/lab.zone" <<'ZONE'
$TTL 300
@       SOA     ns hostmaster 1 3600 900 604800 60
        NS      ns
ns      A       10.77.0.1
out     CNAME   www.test.
ZONE

# conf HOST DEVICE
conf() {
	cat >"$WORK/box.json" <<-CONF
		{
		  "host": "$1", "device": "$2", "address": "10.77.0.1/24", "probe": false, "state": "$WORK/state",
		  "control": "$WORK/box.sock", "log": { "level": "*=info" },
		  "dns": {
		    "rate_limit": { "answers": 0 },
		    "zones": { "name": "lab", "file": "lab.zone" }, "special_zones": false,
		    "forward": {
		      "to": "10.77.0.53", "pending": 200,
		      "domains": [
		        { "name": "bad", "to": "10.77.0.54" },
		        { "name": "race.test", "to": ["10.77.0.99", "10.77.0.53"] },
		        { "name": "self.test", "to": "10.77.0.1" }
		      ]
		    }
		  }
		}
	CONF
}
# asked PATTERN: how many questions of that kind came to the second upstream
asked() {
	grep -ic "$1" "$WORK/asked.log"
}
# is NUMBER -ge|-le|-eq NUMBER
is() {
	test "$1" "$2" "$3" || { echo "not so: $*"; return 1; }
}
# within MS command...: it succeeds and takes no longer.
within() {
	limit=$1
	shift
	begun=$(($(date +%s%N) / 1000000))
	"$@" || return 1
	is $(($(date +%s%N) / 1000000 - begun)) -le "$limit"
}
# --- what an upstream may do ---------------------------------------------------------------------------

run_box() {
	: >"$WORK/asked.log"
	unbound_starts
	start bad inet python3 tests/net/dns/upstream.py serve 10.77.0.54 "$WORK/asked.log"
	BAD=$STARTED
	box_starts guyline-dns
	wait_for 15 "$1: an answer from upstream" answer_is 198.51.100.1 short www.test
}

right() {
	check "$1: its TTL goes down" has '^www\.test\.[[:space:]]+29[0-9][[:space:]]' sh -c "sleep 1; ip netns exec $ID-guest dig +noall +answer @10.77.0.1 www.test"
	check "$1: recursion is available, nothing is authoritative" has 'flags: qr rd ra;' status www.test
	check "$1: over TCP" answer_is 198.51.100.1 short +tcp www.test
	check "$1: a chain of ours" answer_is "www.test.
198.51.100.1" short out.lab
	check "$1: no such name" has 'status: NXDOMAIN' status nix.test
	check "$1: nor below it" has 'status: NXDOMAIN' status a.b.nix.test
	check "$1: no such type" has 'status: NOERROR.*' status www.test MX
	check "$1: who does not desire recursion has it from the cache" answer_is 198.51.100.1 short +norec www.test
	check "$1: or not at all" has 'status: REFUSED' status +norec other.test
}

wrong() {
	check "$1: a chain" answer_is "a.good.bad.
198.51.100.7" short www.alias.bad
	for kind in good slow cut id name type case fold old extra half junk; do
		check "$1: $kind" answer_is 198.51.100.7 short "www.$kind.bad"
	done
	check "$1: what was extra is not believed" answer_is 198.51.100.7 short bank.good.bad
	check "$1: 40 long records over TCP" is "$(short +tcp www.big.bad TXT | wc -l)" -eq 40
	check "$1: too many for a datagram" has 'flags: qr tc rd' status +ignore www.big.bad TXT
	for kind in servfail refused loop; do
		check "$1: $kind" has 'status: SERVFAIL' status "www.$kind.bad"
	done
	check "$1: a failure is kept for a moment" is "$(asked 'www.servfail.bad$')" -eq 1
	check "$1: it was found out who folds" is "$(grep -ci 'tcp.*www.fold.bad' "$WORK/asked.log")" -eq 1
	# RFC 7766 6.2.1: one connection for all, another one when the server has ended it
	for n in 1 2 3 4 5 6; do
		short "n$n.cut.bad" >/dev/null
	done
	check "$1: questions share a connection" is "$(grep -i 'tcp.*n[0-9].cut.bad' "$WORK/asked.log" | cut -d' ' -f3 | sort -u | wc -l)" -eq 1
	check "$1: answers that a server ends a connection with" answer_is 198.51.100.7 short www.once.cut.bad
	check "$1: after which there is another one" answer_is 198.51.100.7 short x.once.cut.bad
	check "$1: many at the same time" answer_is 30 in_ns guest python3 tests/net/dns/upstream.py flood 10.77.0.1 30 f.cut.bad
	# RFC 5452 9.2: each question has a port, an id and a spelling of its own
	for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
		short "port$n.good.bad" >/dev/null
	done
	check "$1: ports" is "$(grep -i 'udp.*port[0-9]*.good' "$WORK/asked.log" | cut -d' ' -f3 | sort -u | wc -l)" -ge 15
	check "$1: ids" is "$(grep -i 'udp.*port[0-9]*.good' "$WORK/asked.log" | cut -d' ' -f5 | sort -u | wc -l)" -ge 15
	check "$1: spellings" is "$(grep -c '[A-Z].*good\|good.*[A-Z]\|[A-Z]' "$WORK/asked.log")" -ge 30
}

many() {
	before=$(asked .)
	check "$1: 100 clients wait for one answer" answer_is 100 in_ns guest python3 tests/net/dns/upstream.py same 10.77.0.1 100 many.slow.bad
	check "$1: one question was asked" is "$(($(asked .) - before))" -le 2
	# A guest asks for what nobody will answer: others are served, and it hears so at once.
	in_ns guest python3 tests/net/dns/upstream.py flood 10.77.0.1 1000 silent.bad >"$WORK/flood.out" &
	flood=$!
	sleep 0.5
	in_ns guest ip addr add 10.77.0.3/24 dev eth0 2>/dev/null
	check "$1: another guest is served" answer_is 198.51.100.7 in_ns guest dig +short +tries=1 +time=3 -b 10.77.0.3 @10.77.0.1 flood.good.bad
	wait "$flood"
	check "$1: the flood was refused places" is "$(cat "$WORK/flood.out")" -ge 800
	check "$1: it is counted" has '"full":[1-9]' tool cache --json
	wait_for 15 "$1: nobody waits any more" has '"pending":0,"waiting":0' tool cache --json
}

# --- upstreams that come and go ------------------------------------------------------------------------


run_all() {
	run_box "$1"
	right "$1"
	wrong "$1"
	many "$1"
	# the first of the two servers is not there
	short a.race.test >/dev/null
	check "$1: a server that is not there is passed over" within 1500 has 'status: NXDOMAIN' status b.race.test
	check "$1: ourselves is no server" within 2000 has 'status: SERVFAIL' status www.self.test
	# our own stack sends nothing to itself
	[ "$1" = stack ] || check "$1: and told so" grep -q 'dns.upstream: server 10.77.0.1:53 is loop' "$WORK/box.log"
	check "$1: an answer that will be stale" answer_is 198.51.100.2 short brief.test
	unbound_ends
	sleep 1.2
	check "$1: what is stale" within 4500 has '^brief\.test\.[[:space:]]+30[[:space:]]' ask brief.test
	check "$1: is called so" has 'EDE: 3 \(Stale Answer\)' ask brief.test
	for n in 1 2 3 4 5 6; do
		short "dead$n.test" >/dev/null
		sleep 0.7
	done
	wait_for 15 "$1: the server is dead" grep -q 'dns.upstream: server 10.77.0.53:53 is dead' "$WORK/box.log"
	check "$1: nobody waits for the dead" within 1500 has 'EDE: 22 \(No Reachable Authority\)' ask other.test
	unbound_starts
	wait_for 40 "$1: it is back" grep -q 'dns.upstream: server 10.77.0.53:53 is back' "$WORK/box.log"
	wait_for 40 "$1: and asked" answer_is 198.51.100.2 short brief.test
	check "$1: what is kept can be looked at" has 'www\.test\. [0-9]+ A 198\.51\.100\.1' tool cache dump www.test
	check "$1: and forgotten" has 'answers? forgotten' tool cache flush test
	check "$1: which is so" answer_is "" tool cache dump www.test --json
	check "$1: how servers do" has '10\.77\.0\.53 +53 +good' tool upstreams
	kill "$BOX" "$BAD" "$UNBOUND"
	wait "$BOX" 2>/dev/null
}

on_both_hosts
