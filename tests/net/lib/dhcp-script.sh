#!/bin/sh
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154
# What udhcpc and dhclient run on a lease: put the address on the interface and note what was given.
# udhcpc passes $1 and $ip $mask $router $dns; dhclient $reason and $new_...; NOTE is a file.
case "${1:-$reason}" in
bound | renew | BOUND | RENEW | REBIND | REBOOT)
	address=${ip:-$new_ip_address}
	mask=${subnet:-$new_subnet_mask}
	ip addr flush dev "$interface"
	ip addr add "$address/$mask" dev "$interface"
	echo "$address" >"$NOTE"
	;;
esac
exit 0
