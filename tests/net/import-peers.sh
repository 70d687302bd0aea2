#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Leases go from ISC's server, Kea and dnsmasq to ours and back: a store is filled while no daemon runs, the daemon
# starts on it and tells the leases, what it exports the other programs read without complaint, and it comes in
# again the same. A daemon that runs is not written under.
. "$(dirname "$0")/lib/net.sh"
need python3
G=$BIN/guyline

namespace box
in_ns box ip addr add 10.77.0.1/16 dev lo
cat >"$WORK/dhcpd.json" <<-CONF
	{ "host": "kernel", "device": "lo", "state": "$WORK/state", "control": "$WORK/box.sock", "sandbox": false,
	  "dhcpd": { "subnets": [ { "subnet": "10.77.0.0/16", "pool": "10.77.0.10-10.77.63.250" } ] } }
CONF

# All forms of dhcpd.leases that matter, and 5000 more.
python3 - "$WORK/in.leases" <<'PY'
import sys
out = open(sys.argv[1], "w")
lease = "lease %s {\n  starts %s;\n  ends %s;\n  binding state %s;\n%s}\n"
far = "2 2099/11/17 10:00:00"
mac = "  hardware ethernet 02:00:5e:77:%02x:%02x;\n"
out.write(lease % ("10.77.0.20", "4 2026/11/19 09:15:02", "4 2026/11/19 09:25:02", "active", mac % (0, 9)))
out.write(lease % ("10.77.0.20", "4 2026/11/19 09:15:02", far, "active",
    mac % (0, 1) + '  uid "\\377\\"\\\\abc\\000";\n  client-hostname "laptop";\n'))
out.write(lease % ("10.77.0.21", "epoch 1795080902", "never", "active", mac % (0, 2)))
out.write(lease % ("10.77.0.22", "4 2026/11/19 09:15:02", "4 2026/11/19 09:25:02", "free", mac % (0, 3)))
out.write(lease % ("10.77.0.23", "4 2026/11/19 09:15:02", far, "abandoned", ""))
for i in range(5000):
    ip = "10.77.%d.%d" % (1 + i // 200, 10 + i % 200)
    out.write(lease % (ip, "4 2026/11/19 09:15:02", far, "active", mac % (1 + i // 250, i % 250)))
PY
"$G" import --leases "$WORK/in.leases" -o "$WORK/state" 2>"$WORK/import.log" || fail "import of ISC's leases"
grep -q '^5004 leases imported$' "$WORK/import.log" || fail "not all of them"

# start STATE: the daemon on it.
start() {
	in_ns box "$BIN/guyline-dhcpd" -d -c "$WORK/dhcpd.json" --state="$1" >"$WORK/daemon.log" 2>&1 &
	PIDS="$PIDS $!"
	for _ in $(seq 100); do
		grep -q base.start "$WORK/daemon.log" 2>/dev/null && [ -S "$WORK/box.sock" ] && return
		sleep 0.1
	done
	fail "the daemon does not start on $1"
}
stop() {
	ip netns pids "$ID-box" | xargs -r kill
	while [ -n "$(ip netns pids "$ID-box")" ]; do
		sleep 0.1
	done
	rm -f "$WORK/box.sock"
}
# export FORMAT FILE
export_as() {
	"$G" --at "$WORK/box.sock" leases --export "$1" >"$2" || fail "export as $1"
}
# What a lease is, without its beginning, which is not always known, and to the minute.
plain() {
	sed -E 's/"start":"[^"]*",//; s/:[0-9]{2}Z/Z/; s/"state":"released"/"state":"over"/; s/"(end)":"2026[^"]*"/"\1":"past"/' "$1"
}

start "$WORK/state"
for form in isc kea dnsmasq json csv; do
	export_as $form "$WORK/out.$form"
done
[ "$(wc -l <"$WORK/out.json")" = 5004 ] || fail "json has not all leases"
[ "$(grep -c '^lease ' "$WORK/out.isc")" = 5004 ] || fail "isc has not all leases"
[ "$(wc -l <"$WORK/out.kea")" = 5005 ] || fail "kea has not all leases"
grep -q '"ip":"10.77.0.20","state":"leased","mac":"02:00:5e:77:00:01","id":"ff225c61626300","name":"laptop"' \
	"$WORK/out.json" || fail "the last one about an address does not count"
grep -q '"ip":"10.77.0.20".*"start":"2026-11-19T09:15:02' "$WORK/out.json" || fail "the beginning of a lease is not known"
grep -q '"ip":"10.77.0.21".*"end":"infinite"' "$WORK/out.json" || fail "a lease without end"
grep -q '"ip":"10.77.0.23","state":"declined"' "$WORK/out.json" || fail "an abandoned address"
"$G" import --leases "$WORK/in.leases" -o "$WORK/state" 2>>"$WORK/import.log"
status=$?
[ $status = 75 ] || fail "the store of a daemon that runs was written"
stop

# And in again. dnsmasq keeps leases that live, and no others.
for form in isc kea json dnsmasq; do
	rm -rf "$WORK/again"
	"$G" import --leases --from $form "$WORK/out.$form" -o "$WORK/again" 2>>"$WORK/import.log" || fail "import of our own $form"
	start "$WORK/again"
	export_as json "$WORK/again.json"
	stop
	plain "$WORK/again.json" >"$WORK/got"
	case $form in
	dnsmasq) grep -v '"state":"declined"\|"end":"2026' "$WORK/out.json" ;;
	*) cat "$WORK/out.json" ;;
	esac >"$WORK/all.json"
	plain "$WORK/all.json" >"$WORK/want"
	diff "$WORK/want" "$WORK/got" >"$WORK/diff.log" || fail "by $form they are others"
done

# The judges.
if command -v dhcpd >/dev/null; then
	printf 'subnet 10.77.0.0 netmask 255.255.0.0 { range 10.77.0.10 10.77.63.250; }\n' >"$WORK/isc.conf"
	peer dhcpd -T -q -user root -group root -cf "$WORK/isc.conf" -lf "$WORK/out.isc" >"$WORK/isc.log" 2>&1 ||
		fail "dhcpd does not read its leases"
	! grep -i 'expecting\|corrupt\|error\|unable' "$WORK/isc.log" || fail "dhcpd complains"
else
	echo "dhcpd is not here: its judgement is left out"
fi
if command -v kea-lfc >/dev/null; then
	: >"$WORK/kea.conf"
	cp "$WORK/out.kea" "$WORK/kea.1"
	peer kea-lfc -4 -d -x "$WORK/kea.2" -i "$WORK/kea.1" -o "$WORK/kea.output" -f "$WORK/kea.completed" -c "$WORK/kea.conf" \
		-p "$WORK/kea.pid" >"$WORK/kea.log" 2>&1 || fail "kea-lfc does not read its leases"
	! grep -i 'LFC_FAIL\|READ_ERR\|errors: [1-9]' "$WORK/kea.log" || fail "kea-lfc complains"
else
	echo "kea-lfc is not here: its judgement is left out"
fi
echo "5004 leases went there and back"
