#!/bin/sh
# SPDX-License-Identifier: ISC
#
# A dhcpd.conf as Charrua reads it, given to guyline-dhcpd as it is, on the kernel's sockets. A laptop gets an
# address of the range; the printer, which has a host statement, gets its fixed address; both get the options.
# A file with a mistake is refused with its line and column.

. "$(dirname "$0")/lib/net.sh"
need busybox ip

lan
for name in box laptop printer; do
	namespace "$name"
	join "$name"
done
in_ns box ip addr add 192.168.1.1/24 dev eth0
in_ns printer ip link set eth0 address 02:00:5e:00:00:42

cat >"$WORK/dhcpd.conf" <<'CONF'
# a whole network in a few lines
option domain-name "camp.example";
option domain-name-servers 192.168.1.1, 192.168.1.2;
default-lease-time 600;
max-lease-time 7200;
subnet 192.168.1.0 netmask 255.255.255.0 {
	option routers 192.168.1.1;
	range 192.168.1.100 192.168.1.120;
	host printer {
		hardware ethernet 02:00:5e:00:00:42;
		fixed-address 192.168.1.9;
	}
}
CONF

check "the file is accepted as it is" has 'configuration OK' "$BIN/guyline-dhcpd" -n -c "$WORK/dhcpd.conf" --host=kernel \
	--address=192.168.1.1/24
sed 's/range 192.168.1.100 192.168.1.120/range 192.168.1.100/' "$WORK/dhcpd.conf" >"$WORK/bad.conf"
check "a mistake is told with its place" has 'bad\.conf:8:[0-9]+: ' "$BIN/guyline-dhcpd" -n -c "$WORK/bad.conf" --host=kernel \
	--address=192.168.1.1/24

start dhcpd box "$BIN/guyline-dhcpd" -d -c "$WORK/dhcpd.conf" --host=kernel --device=eth0 --address=192.168.1.1/24 \
	--state="$WORK/state" --control="$WORK/dhcpd.sock"
wait_for 10 "guyline-dhcpd runs" "$BIN/guyline" --at "$WORK/dhcpd.sock" status

# lease NAMESPACE: what udhcpc was given, one variable a line.
cat >"$WORK/note.sh" <<'SCRIPT'
#!/bin/sh
[ "$1" != bound ] || env >"$NOTE"
SCRIPT
chmod +x "$WORK/note.sh"
lease() {
	in_ns "$1" env NOTE="$WORK/$1.lease" busybox udhcpc -f -i eth0 -n -q -t 5 -T 1 -s "$WORK/note.sh"
}

check "the laptop gets a lease" lease laptop
check "of the range" has '^ip=192\.168\.1\.1[0-2][0-9]$' cat "$WORK/laptop.lease"
check "with the router" has '^router=192\.168\.1\.1$' cat "$WORK/laptop.lease"
check "with both name servers" has '^dns=192\.168\.1\.1 192\.168\.1\.2$' cat "$WORK/laptop.lease"
check "with the domain" has '^domain=camp\.example$' cat "$WORK/laptop.lease"
check "for the default time" has '^lease=600$' cat "$WORK/laptop.lease"
check "the printer gets its fixed address" lease printer
check "which is the one of its host statement" has '^ip=192\.168\.1\.9$' cat "$WORK/printer.lease"

done_well
