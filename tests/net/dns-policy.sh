#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What is answered how, on the kernel's sockets and on our stack: a wildcard with holes (the manual's example), hosts
# files, special names, blocked names, answers that lead into the own network; and above all what two upstreams are asked,
# which dns/scripted.py writes down. Clients: dig, programs of glibc and musl, systemd-resolved.
. "$(dirname "$0")/lib/net.sh"
. "$(dirname "$0")/lib/dns.sh"
need python3 dig gcc
MUSL=$PEERS/usr/lib/$(uname -m)-linux-musl
RESOLVED=$PEERS/lib/systemd/systemd-resolved
[ -e "$MUSL/libc.a" ] || skip "musl is not unpacked"
[ -x "$RESOLVED" ] || skip "systemd-resolved is not unpacked"

DIG_TIME=3 # seconds
export DIG_TIME
dns_lan 53 54

gcc -o "$WORK/lookup-glibc" tests/net/dns/lookup.c || fail "lookup for glibc"
gcc -static -nostdlib -nostdinc -isystem "$PEERS/usr/include/$(uname -m)-linux-musl" -o "$WORK/lookup-musl" \
	"$MUSL/crt1.o" "$MUSL/crti.o" tests/net/dns/lookup.c "$MUSL/libc.a" "$(gcc -print-libgcc-file-name)" \
	"$MUSL/crtn.o" || fail "lookup for musl"

# The manual's example of a wildcard with holes, as its readers see it.
awk '/^\.Sh / { on = ($0 ~ /EXAMPLES/) } on && /^\.Bd -literal/ { take = 1; n++; next } /^\.Ed/ { take = 0 }
	take && n == 3 { print > json } take && n == 4 { print > zone }' \
	json="$WORK/example.json" zone="$WORK/lab.zone" services/dns/man/guyline-dns.conf.5
[ -s "$WORK/lab.zone" ] || fail "the manual has no example of holes"

cat >"$WORK/dev.hosts" <<'HOSTS'
127.0.0.1   localhost
10.77.0.9   nas.home nas
fd00::9     six.home
*.dev.lan   10.77.0.8 fd00::8
10.77.0.7   box.dev.lan
HOSTS
printf '%s\n' '! a list' '||ads.example^' '@@||ok.ads.example^' 'track.example' 'rule##.ad' >"$WORK/ads.txt"
# shellcheck disable=SC2016
printf '%s\n' '$TTL 60' '@ SOA . . 1 1 1 1 1' 'evil.example CNAME .' '*.evil.example CNAME *.' \
	'garden.example A 10.77.0.1' '1.0.0.10.rpz-ip CNAME .' >"$WORK/policy.rpz"

# conf HOST DEVICE: the example, and everything else beside it.
conf() {
	python3 - "$WORK" "$1" "$2" <<'PY'
import json, sys
work, host, device = sys.argv[1:]
conf = json.load(open(work + "/example.json"))
dns = conf["dns"]
conf.update({"host": host, "device": device, "address": "10.77.0.1/24", "probe": False, "state": work + "/state",
             "control": work + "/box.sock", "log": {"level": "*=info"}})
dns.update({"rate_limit": {"answers": 0}, "hosts": "dev.hosts", "lease_domain": "guests.lan", "allow": "good.ads.example",
            "private_answers": "split.example",
            "block": [{"file": "ads.txt"}, {"file": "policy.rpz", "format": "rpz"}]})
dns["forward"] = {"to": "10.77.0.53", "domains": [{"name": "corp.example", "to": "10.77.0.54"}]}
json.dump(conf, open(work + "/box.json", "w"), indent=1)
PY
}

asked() {
	grep -qF "$1" "$WORK/asked.log"
}
never_asked() {
	! grep -Ei "$1" "$WORK/asked.log"
}

# in_room COMMAND...: with an /etc of its own, whose resolv.conf names our box.
in_room() {
	in_ns guest unshare -m sh -c 'mount --make-rprivate / && mount --bind "$0/etc" /etc && mount -t tmpfs none /run &&
		exec "$@"' "$WORK" "$@"
}

prepare_room() {
	mkdir -p "$WORK/etc/systemd"
	cp /etc/passwd /etc/group "$WORK/etc/"
	echo 'systemd-resolve:x:990:990::/:/usr/sbin/nologin' >>"$WORK/etc/passwd"
	echo 'systemd-resolve:x:990:' >>"$WORK/etc/group"
	echo 'nameserver 10.77.0.1' >"$WORK/etc/resolv.conf"
	echo 'hosts: files dns' >"$WORK/etc/nsswitch.conf"
	: >"$WORK/etc/hosts"
	printf '%s\n' '[Resolve]' 'DNS=10.77.0.1' 'Domains=~.' 'LLMNR=no' 'MulticastDNS=no' 'DNSSEC=no' \
		'FallbackDNS=' >"$WORK/etc/systemd/resolved.conf"
}

# --- the rules ---------------------------------------------------------------------------------------------

holes() {
	check "$1: the wildcard" answer_is 10.77.0.1 short any.thing.lab.example
	check "$1: a hole is asked upstream" answer_is '"token"' short _acme-challenge.www.lab.example TXT
	check "$1: and its server heard of it" asked '10.77.0.54 _acme-challenge.www.lab.example. TXT'
	check "$1: the name above it is the wildcard's" answer_is 10.77.0.1 short www.lab.example
	check "$1: a hole without data" has 'status: NOERROR' status x.guests.lab.example
	check "$1: has none" answer_is "" short x.guests.lab.example
	check "$1: a hole that refuses" has 'status: REFUSED' status x.y.secret.lab.example
	check "$1: a domain has its own server" answer_is 203.0.113.5 short www.corp.example
	check "$1: the rest has the other" answer_is 198.51.100.1 short www.example
}

hosts() {
	check "$1: a hosts file" answer_is 10.77.0.9 short nas.home
	check "$1: and reverse" answer_is nas.home. short -x 10.77.0.9
	check "$1: no IPv6 address is no data" has 'status: NOERROR, .*' status nas.home AAAA
	check "$1: a wildcard of hosts" answer_is 10.77.0.8 short a.b.dev.lan
	check "$1: which a host hides" has 'status: NXDOMAIN' status x.box.dev.lan
}

blocked() {
	check "$1: a blocked domain" has 'status: NXDOMAIN' status ads.example
	check "$1: with all below" has 'EDE: 15 \(Blocked\)' ask x.y.ads.example AAAA
	check "$1: the list lets it pass" answer_is 198.51.100.1 short ok.ads.example
	check "$1: allowed" answer_is 198.51.100.1 short good.ads.example
	check "$1: a policy zone" has 'status: NXDOMAIN' status evil.example
	check "$1: ... below" has 'status: NOERROR' status x.evil.example
	check "$1: ... instead" answer_is 10.77.0.1 short garden.example
	check "$1: nobody was asked" never_asked '(evil|garden|track)\.example\. |[^k]\.ads\.example\. AAAA'
	check "$1: it is told" grep -q 'dns.block: .* asks ads.example' "$WORK/box.log"
	check "$1: what a list says in vain, too" grep -q 'ads.txt:5:1: warning: "rule##.ad" is left out' "$WORK/box.log"
}

rebind() {
	check "$1: the public address is left" answer_is 198.51.100.1 short rebind.example
	check "$1: no private one of IPv6" answer_is "" short rebind.example AAAA
	check "$1: no hint at a private one" answer_is "" short rebind.example HTTPS
	check "$1: which is told, too" has 'EDE: 15 \(Blocked\)' ask rebind.example HTTPS
	check "$1: none behind an alias elsewhere" answer_is nas.home. short to--nas--home.example
	check "$1: but where it may be" answer_is "nas.home.
10.77.0.9" short to--nas--home.split.example
	check "$1: an alias of a blocked name" has 'EDE: 15 \(Blocked\)' ask to--ads--example.example
	check "$1: gets what the list says" answer_is "garden.example.
10.77.0.1" short to--garden--example.example
	check "$1: unless it is allowed" answer_is "ads.example.
203.0.113.66" short to--ads--example.good.ads.example
	check "$1: nothing is left" answer_is "" short inside.example
	check "$1: which is told" has 'EDE: 15 \(Blocked\)' ask inside.example
	check "$1: unless it may be" answer_is 10.77.0.9 short inside.split.example
	check "$1: or the domain is known" answer_is 10.77.0.9 short inside.corp.example
}

# Names that nobody else may hear of, in every form; then the upstreams' record.
leaks() {
	while read -r name types; do
		for type in $types; do
			ask "$name" "$type" >/dev/null
		done
	done <<-'NAMES'
		nope.guests.lan A AAAA
		guests.lan MX
		printer A AAAA HTTPS MX
		wpad A
		x.local A
		x.localhost A AAAA TXT
		y.invalid A
		x.test A
		abc.onion A
		nas.home.arpa A
		_dns.resolver.arpa SVCB
		lab.example A MX TXT SOA DS DNSKEY
		ns.lab.example AAAA
		x.box.dev.lan A
		x.secret.lab.example A
		x.guests.lab.example A AAAA
		nas.home MX TXT
		1.1.0.10.in-addr.arpa PTR
		77.10.in-addr.arpa PTR
		3.0.77.10.in-addr.arpa PTR
		4.3.168.192.in-addr.arpa PTR SOA
		1.0.16.172.in-addr.arpa PTR
		1.1.254.169.in-addr.arpa PTR
		1.2.64.100.in-addr.arpa PTR
		b.e.f.ip6.arpa PTR
		1.0.0.d.f.ip6.arpa PTR
	NAMES
	check "$1: localhost is this machine" answer_is 127.0.0.1 short x.localhost
	check "$1: a special zone has a top" has 'home\.arpa\..*SOA.*nobody\.invalid' ask +noall +authority x.home.arpa
	check "$1: nothing of it was asked upstream" never_asked '(guests\.lan|printer|wpad|local|localhost|invalid|test|onion|home\.arpa|resolver\.arpa|dev\.lan|home|arpa)\. '
	check "$1: nothing of our zone but its hole" never_asked '(^|[^e]\.www\.|secret\.|guests\.|ns\.| )lab\.example\. '
	check "$1: a public reverse name is" answer_is "" short -x 192.88.99.1
	check "$1: ... asked" asked '1.99.88.192.in-addr.arpa. PTR'
}

# A zone that has become broken is served as it was, and its names stay here.
broken() {
	cp "$WORK/lab.zone" "$WORK/lab.good"
	echo 'x.secret A 10.77.0.66' >>"$WORK/lab.zone"
	wait_for 15 "$1: a record in a hole is refused with its place" grep -Eq \
		'lab.zone:[0-9]+:1: x.secret.lab.example.: hidden by a hole of the zone above' "$WORK/box.log"
	check "$1: -n says the same" has 'lab.zone:[0-9]+:1: x.secret.lab.example.: hidden' "$BIN/guyline-dns" -n -c "$WORK/box.json"
	check "$1: the zone is served as before" answer_is 10.77.0.1 short other.lab.example
	check "$1: and asked of nobody" never_asked 'other\.lab\.example'
	cp "$WORK/lab.good" "$WORK/lab.zone"
	printf '10.77.0.6 new.home\n' >>"$WORK/dev.hosts"
	wait_for 15 "$1: a hosts file that changes" answer_is 10.77.0.6 short new.home
	sed -i '/new.home/d' "$WORK/dev.hosts"
	echo late.example >>"$WORK/ads.txt"
	wait_for 15 "$1: a list that grows" has 'status: NXDOMAIN' status late.example
	sed -i '/late/d' "$WORK/ads.txt"
}

# lookup LIBRARY NAME
lookup() {
	in_room "$WORK/lookup-$1" "$2"
}

clients() {
	for libc in glibc musl; do
		check "$1: $libc: a name with one address" answer_is 10.77.0.9 lookup "$libc" nas.home
		check "$1: $libc: an IPv6 address alone" answer_is fd00::9 lookup "$libc" six.home
		check "$1: $libc: the wildcard" answer_is 10.77.0.1 lookup "$libc" any.lab.example
		check "$1: $libc: no such name" answer_is "no such name" lookup "$libc" x.box.dev.lan
		check "$1: $libc: a name of one label" has 'such name|no address|No address' lookup "$libc" printer
	done
	check "$1: getent" has '^10\.77\.0\.9 ' in_room getent hosts nas.home
	check "$1: getent, reverse" has 'nas\.home' in_room getent hosts 10.77.0.9
	check "$1: systemd-resolved" has '10\.77\.0\.9' resolved nas.home
	check "$1: systemd-resolved: the wildcard" has '10\.77\.0\.1$' resolved any.lab.example
	check "$1: systemd-resolved: no data" has 'status: NOERROR' resolved nas.home AAAA
	check "$1: systemd-resolved: no such name" has 'status: NXDOMAIN' resolved x.box.dev.lan
}

# resolved NAME [TYPE]: dig asks systemd-resolved, which asks us.
resolved() {
	# shellcheck disable=SC2016
	LD_LIBRARY_PATH=$PEERS/usr/lib/$(uname -m)-linux-gnu/systemd:$PEERS/usr/lib/$(uname -m)-linux-gnu in_room sh -c '
		mkdir -p /run/systemd/resolve && chown 990:990 /run/systemd/resolve
		SYSTEMD_LOG_TARGET=console "$0" 2>/dev/null & pid=$!
		unset LD_LIBRARY_PATH
		for try in 1 2 3 4 5 6 7 8; do
			sleep 0.3
			dig +tries=1 +time=2 @127.0.0.53 "$@" && break
		done
		kill $pid' "$RESOLVED" "$@"
}

run_all() {
	: >"$WORK/asked.log"
	start upstream inet python3 tests/net/dns/scripted.py "$WORK/asked.log" 10.77.0.53=198.51.100.1 10.77.0.54=203.0.113.5
	UPSTREAM=$STARTED
	box_starts guyline-dns
	wait_for 15 "$1: an answer from upstream" answer_is 198.51.100.1 short ready.example
	holes "$1"
	hosts "$1"
	blocked "$1"
	rebind "$1"
	leaks "$1"
	clients "$1"
	broken "$1"
	kill "$BOX" "$UPSTREAM"
	wait "$BOX" 2>/dev/null
}

prepare_room
on_both_hosts
