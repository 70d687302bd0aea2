#!/bin/sh
# SPDX-License-Identifier: ISC
#
# guyline dns explain, top, zones and queries, on the kernel's sockets and on our stack: every rule that can answer, with what
# dig is given beside it; the example is the one in guyline(1), and what it tells agrees with the answer that clients get.
. "$(dirname "$0")/lib/net.sh"
. "$(dirname "$0")/lib/dns.sh"
need dig python3 unbound curl

dns_lan 53
unbound_conf <<'CONF'
  local-zone: "partner.example." static
  local-data: "partner.example. 300 SOA ns.partner.example. host.partner.example. 1 2 3 4 5"
  local-data: "www.partner.example. 300 A 198.51.100.1"
CONF

cat >"$WORK/lab.zone" <<'ZONE'
$TTL 300
@       SOA     ns hostmaster 1 3600 900 604800 60
        NS      ns
ns      A       10.77.0.1
*       A       10.77.0.80
www     A       10.77.0.81
_443._tcp.mail TLSA 3 1 1 00
out     CNAME   www.partner.example.
alias   CNAME   www
sub     NS      ns.sub
ns.sub  A       10.77.0.3
old     DNAME   new
a.new   A       10.77.0.9
ZONE
echo 'ads.example' >"$WORK/ads.txt"
echo '10.77.0.5 printer.home' >"$WORK/hosts"

# conf HOST DEVICE
conf() {
	cat >"$WORK/box.json" <<-CONF
		{
		  "host": "$1", "device": "$2", "address": "10.77.0.1/24", "probe": false, "state": "$WORK/state",
		  "control": "$WORK/box.sock", "metrics": "127.0.0.1:9547",
		  "dns": {
		    "zones": {
		      "name": "lab", "file": "lab.zone",
		      "holes": [ { "name": "acme.lab", "do": "forward" }, { "name": "no.lab", "do": "refuse" } ]
		    },
		    "hosts": "hosts", "block": { "file": "ads.txt", "format": "domains" }, "special_zones": true,
		    "forward": { "to": "10.77.0.53" }, "debug_answers": "10.77.0.2/32"
		  }
		}
	CONF
}
explain() {
	tool explain "$@"
}
# agrees NAME TYPE: the records that explain tells are those that dig gets.
agrees() {
	ask +noall +answer "$1" "$2" | awk '{$3 = ""; $1 = $1; print}' | sed 's/  */ /g' | sort >"$WORK/dig.out"
	explain "$1" "$2" --from 10.77.0.2 | sed -n 's/^  //p' | sed 's/[[:space:]][[:space:]]*/ /g' | sort >"$WORK/explain.out"
	test -s "$WORK/dig.out" && diff "$WORK/dig.out" "$WORK/explain.out"
}

# --- guyline(1) -----------------------------------------------------------------------------------------

example() {
	sed -n '/^\$ guyline dns explain x.mail.lab$/,/^\.Ed$/p' services/guyline/man/guyline.1 | sed '1d;$d' |
		sed -e ':join' -e '$!N' -e 's/\n  / /' -e 't join' -e 'P' -e 'D' | sed "s|/etc/guyline/lab.zone|$WORK/lab.zone|" >"$WORK/example"
	explain x.mail.lab | diff "$WORK/example" -
}

# --- every rule -----------------------------------------------------------------------------------------

zones_say() {
	check "$1: the example of the manual" example
	check "$1: a name of a zone" has '^www.lab. has A in the zone lab. \(.*/lab.zone\)\.' explain www.lab
	check "$1: a wildcard" has 'the wildcard \*\.lab\. stands for it' explain x.lab
	check "$1: an alias" has '^alias.lab. is an alias' explain alias.lab
	check "$1: a delegation" has 'delegated to other servers by the zone lab\.' explain a.sub.lab
	check "$1: a DNAME" has '^The DNAME of old.lab. .* moves all below it to new.lab.' explain a.old.lab
	check "$1: a hole" has 'hole no.lab. of the zone lab., where questions are refused' explain x.no.lab
	check "$1: a hosts file" has 'has A in the hosts file .*/hosts' explain printer.home
	check "$1: an address" has '^5.0.77.10.in-addr.arpa. has PTR in the hosts file' explain 10.77.0.5
	check "$1: a special zone" has 'lies in the special zone localhost\.' explain localhost
	check "$1: a blocked name" has 'is blocked: the list .*ads.txt:1 has ads.example\.' explain ads.example
	for name in www.lab x.lab alias.lab a.old.lab printer.home; do
		check "$1: $name is what clients get" agrees "$name" A
	done
}

others_say() {
	check "$1: a name of others" has 'is forwarded by way of 10.77.0.53:53; nothing is kept here' explain www.partner.example
	check "$1: for whom it is not" has 'but 192.0.2.1 may not have such names' explain www.partner.example --from 192.0.2.1
	check "$1: a forwarding hole" has 'hole acme.lab. .* forwarded by way of 10.77.0.53:53' explain acme.lab
	check "$1: it is asked" answer_is 198.51.100.1 short www.partner.example
	check "$1: it is kept" has 'the answer is kept here already' explain out.lab
	check "$1: as JSON" has '"rcode":"NOERROR","rule":"cache","source":"cache","records":2' explain out.lab --json
	check "$1: no name" has 'is no name' explain no..name
}

why_in_answers() {
	check "$1: dig is told why" has 'EDE: 0 \(Other\): \(wildcard: \*\.lab\.\)' ask x.lab
	check "$1: over TCP" has 'EDE: 0 \(Other\): \(no such name: below mail\.lab\.\)' ask +tcp x.mail.lab
	check "$1: about the blocked" has 'EDE: 15 \(Blocked\): \(blocked' ask ads.example
}

# --- counters -------------------------------------------------------------------------------------------

counted() {
	check "$1: counting anew" has 'counting begins anew' tool top --reset
	for n in 1 2 3; do
		short often.lab >/dev/null
		short x.mail.lab >/dev/null
	done
	short often.lab >/dev/null
	check "$1: the most asked name" answer_is '{"name":"often.lab.","count":4,"over":0,"permille":571}' tool top --count 1 --json
	check "$1: the client" has '^10\.77\.0\.2 +7 +0 +1000' tool top clients
	check "$1: the missing" has '^x.mail.lab. +3 +0 +1000' tool top missing
	check "$1: the zone" has '^lab. +file +1 .* no +[0-9]+ +[0-9]+' tool zones
	check "$1: Prometheus, too" has '^guyline_dns_zone_nxdomain_total\{zone="lab."\} [1-9]' \
		in_ns box curl -s http://127.0.0.1:9547/metrics
	timeout 4 "$BIN/guyline" --at "$WORK/box.sock" dns queries --follow --name 'seen*' >"$WORK/queries.out" 2>&1 &
	QUERIES=$!
	wait_for 5 "$1: queries as they are answered" sh -c "ip netns exec $ID-guest dig +short @10.77.0.1 seen.lab >/dev/null; grep -q 'seen.lab. *A *NOERROR *wildcard' '$WORK/queries.out'"
	short www.lab >/dev/null
	wait "$QUERIES"
	check "$1: and no others" sh -c "! grep -q www.lab '$WORK/queries.out'"
}

run_all() {
	unbound_starts
	box_starts guyline-dns
	wait_for 15 "$1: an answer" answer_is 10.77.0.81 short www.lab
	zones_say "$1"
	others_say "$1"
	why_in_answers "$1"
	counted "$1"
	kill "$BOX" "$UNBOUND"
	wait "$BOX" "$UNBOUND" 2>/dev/null
}

on_both_hosts
