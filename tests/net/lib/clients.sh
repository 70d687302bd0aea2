# SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2317
# Sourced by scenarios with real DHCP clients: each function asks for an address on eth0 of a namespace, configures
# it there, and fails when there is none within some seconds.

SCRIPT=$PWD/tests/net/lib/dhcp-script.sh
NETWORKD=/lib/systemd/systemd-networkd
need busybox dhclient dhcpcd

# client_udhcpc NAMESPACE [option...]
client_udhcpc() {
	where=$1
	shift
	in_ns "$where" env NOTE="$WORK/$where.note" busybox udhcpc -f -i eth0 -n -q -t 5 -T 1 -A 1 -s "$SCRIPT" "$@"
}

client_dhclient() {
	echo "send host-name \"$1\"; timeout 10; retry 1; initial-interval 1;" >"$WORK/$1.conf"
	in_ns "$1" dhclient -1 -4 -e "NOTE=$WORK/$1.note" -sf "$SCRIPT" -cf "$WORK/$1.conf" -lf "$WORK/$1.leases" \
		-pf "$WORK/$1.pid" eth0
}

# It keeps pid and lease files by interface name in places that all namespaces share.
in_dhcpcd() {
	where=$1
	shift
	mkdir -p "$WORK/$where.run" "$WORK/$where.lib" /run/dhcpcd /var/lib/dhcpcd
	in_ns "$where" sh -c "mount --bind '$WORK/$where.run' /run/dhcpcd &&
		mount --bind '$WORK/$where.lib' /var/lib/dhcpcd && exec dhcpcd \"\$@\"" dhcpcd "$@"
}

client_dhcpcd() {
	in_dhcpcd "$1" -4 -1 -t 15 -A -h "$1" -c /bin/true -f /dev/null eth0
}

dhcpcd_ends() {
	in_dhcpcd "$1" -x eth0
}

# With /sys read-only it takes itself to be in a container and does not wait for udev; its own /run keeps it from
# seeing, and changing, what the system has there.
client_networkd() {
	[ -x "$NETWORKD" ] || skip "systemd-networkd is not installed"
	cat >"$WORK/$1.network" <<-CONF
		[Match]
		Name=eth0
		[Network]
		DHCP=ipv4
		LinkLocalAddressing=no
		IPv6AcceptRA=no
	CONF
	start "$1.networkd" "$1" unshare -m sh -c "mount -o remount,bind,ro /sys && mount -t tmpfs tmpfs /run &&
		mkdir -p /run/systemd/network && cp '$WORK/$1.network' /run/systemd/network/10-eth0.network 2>/dev/null
		exec $NETWORKD"
	n=0
	until address_of "$1" | grep -q .; do
		n=$((n + 1))
		[ "$n" -lt 100 ] || return 1
		sleep 0.1
	done
}

address_of() {
	in_ns "$1" ip -4 -o addr show dev eth0 | sed -n 's/.* inet \([0-9.]*\)\/.*/\1/p' | head -n 1
}
