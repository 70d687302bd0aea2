#!/bin/sh
# SPDX-License-Identifier: ISC
#
# A hall with video boxes and telephones (ISC's dhcpd), the wireless network of an event (Kea), a home (dnsmasq): the same
# clients ask the server that the configuration was written for, and then ours with what `guyline import` makes of it.
# They get addresses of the same pools, their own ones where they have one, and the same options.
#
# Pools have hosts 100 and up in the third octet of their own; what is below is reserved.
. "$(dirname "$0")/lib/net.sh"
need busybox

cat >"$WORK/isc.conf" <<'CONF'
authoritative;
ddns-update-style none;
default-lease-time 900;
max-lease-time 1800;
ping-check off;
use-host-decl-names on;
option domain-name "conf.example";
option domain-name-servers 10.20.0.2, 10.20.0.3;
option arch code 93 = unsigned integer 16;
option space vid;
option vid.server code 1 = ip-address;
option vid.profile code 2 = text;
class "uefi" {
	match if substring(option vendor-class-identifier, 0, 9) = "PXEClient" and option arch = 00:07;
	next-server 10.20.0.9;
	filename "boot/ipxe.efi";
}
class "bios" {
	match if substring(option vendor-class-identifier, 0, 20) = "PXEClient:Arch:00000";
	next-server 10.20.0.9;
	filename "boot/undionly.kpxe";
}
class "phones" {
	match if substring(option vendor-class-identifier, 0, 5) = "Phone";
	vendor-option-space vid;
	option vid.server 10.20.0.7;
	option vid.profile "hall";
	option tftp-server-name "10.20.0.8";
}
class "boxes" { match hardware; option log-servers 10.20.0.6; }
subclass "boxes" 1:02:00:5e:20:00:05;
shared-network hall {
	option interface-mtu 1400;
	subnet 10.20.0.0 netmask 255.255.0.0 {
		option routers 10.20.0.1;
		option ntp-servers 10.20.0.4, 10.20.0.5;
		pool { allow members of "phones"; range 10.20.1.100 10.20.1.199; }
		pool { deny members of "phones"; range 10.20.2.100 10.20.2.250; }
	}
}
group {
	option domain-name "video.conf.example";
	host mixer { hardware ethernet 02:00:5e:20:00:06; fixed-address 10.20.0.16; }
	host camera { hardware ethernet 02:00:5e:20:00:07; fixed-address 10.20.0.17; option routers 10.20.0.99; }
}
CONF
cat >"$WORK/isc.clients" <<'CLIENTS'
02:00:5e:20:00:01
02:00:5e:20:00:02 -V Phone-7 -O tftp
02:00:5e:20:00:03 -V PXEClient:Arch:00007:UNDI:003016 -x 0x5d:0007
02:00:5e:20:00:04 -V PXEClient:Arch:00000:UNDI:002001 -x 0x5d:0000
02:00:5e:20:00:05 -V recorder
02:00:5e:20:00:06
02:00:5e:20:00:07 -V Phone-7 -O tftp
CLIENTS

cat >"$WORK/kea.conf" <<'CONF'
{ "Dhcp4": {
    "interfaces-config": { "interfaces": [ "eth0" ] },
    "lease-database": { "type": "memfile", "persist": false },
    "valid-lifetime": 1440, "authoritative": true, // a day's end
    "option-def": [
      { "name": "image", "code": 1, "space": "vendor-encapsulated-options-space", "type": "string" },
      { "name": "config", "code": 2, "space": "vendor-encapsulated-options-space", "type": "ipv4-address" },
      { "name": "radio", "code": 224, "type": "uint8" } ],
    "option-data": [
      { "name": "domain-name-servers", "data": "10.30.0.2, 10.30.0.3" },
      { "name": "domain-name", "data": "scale.example" },
      { "name": "domain-search", "data": "scale.example, example" },
      { "name": "ntp-servers", "data": "10.30.0.4" } ],
    "client-classes": [
      { "name": "radios", "test": "substring(option[60].hex,0,6) == 'OpenAP'",
        "option-data": [ { "name": "vendor-encapsulated-options" },
          { "name": "image", "space": "vendor-encapsulated-options-space", "data": "ap.img" },
          { "name": "config", "space": "vendor-encapsulated-options-space", "data": "10.30.0.7" } ] },
      { "name": "uefi", "test": "option[93].hex == 0x0007", "boot-file-name": "boot.efi", "next-server": "10.30.0.9" } ],
    "subnet4": [
      { "id": 30, "subnet": "10.30.0.0/16",
        "pools": [ { "pool": "10.30.1.100-10.30.1.199", "client-class": "radios" }, { "pool": "10.30.2.100-10.30.2.250" } ],
        "option-data": [ { "name": "routers", "data": "10.30.0.1" }, { "name": "interface-mtu", "data": "1400" } ],
        "reservations": [
          { "hw-address": "02:00:5e:30:00:04", "ip-address": "10.30.0.14", "hostname": "ap4",
            "option-data": [ { "name": "radio", "data": "36" }, { "name": "ntp-servers", "data": "10.30.0.5" } ] },
          { "client-id": "ff010203", "ip-address": "10.30.0.15" } ] } ]
} }
CONF
cat >"$WORK/kea.clients" <<'CLIENTS'
02:00:5e:30:00:02 -V OpenAP-3
02:00:5e:30:00:01
02:00:5e:30:00:03 -V PXEClient:Arch:00007:UNDI:003016 -x 0x5d:0007
02:00:5e:30:00:04 -V OpenAP-3 -O 224
02:00:5e:30:00:05 -C -x 0x3d:ff010203
CLIENTS

cat >"$WORK/dnsmasq.conf" <<'CONF'
port=0
interface=eth0
dhcp-authoritative
no-ping
domain=home.example
dhcp-range=set:lan,10.40.2.100,10.40.2.199,255.255.0.0,2h
dhcp-option=option:router,10.40.0.1
dhcp-option=6,10.40.0.1
dhcp-option=tag:lan,option:ntp-server,10.40.0.4
dhcp-option=119,home.example,lan.home.example
dhcp-vendorclass=set:tv,TeleVision
dhcp-option=tag:tv,26,1400
dhcp-option=tag:tv,option:log-server,10.40.0.6
dhcp-match=set:efi,option:client-arch,7
dhcp-boot=tag:efi,boot.efi,boothost,10.40.0.9
dhcp-option=vendor:MSFT,2,1i
dhcp-host=02:00:5e:40:00:05,set:nas,10.40.0.15,nas,2h
dhcp-option=tag:nas,option:router,10.40.0.99
CONF
cat >"$WORK/dnsmasq.clients" <<'CLIENTS'
02:00:5e:40:00:01
02:00:5e:40:00:02 -V TeleVision-8
02:00:5e:40:00:03 -V PXEClient:Arch:00007:UNDI:003016 -x 0x5d:0007
02:00:5e:40:00:04 -V MSFT
02:00:5e:40:00:05
CLIENTS

cat >"$WORK/note.sh" <<'SCRIPT'
#!/bin/sh
[ "$1" != bound ] || env | grep -Ev '^(PATH|PWD|SHLVL|NOTE|interface|serverid|_|OLDPWD|HOME|TERM|LANG|USER|LOGNAME)=' >"$NOTE"
SCRIPT
chmod +x "$WORK/note.sh"

# A wire between KIND-s, which serves, and KIND-c.
wire() {
	namespace "$1-s"
	namespace "$1-c"
	ip link add eth0 netns "$ID-$1-s" type veth peer name eth0 netns "$ID-$1-c" || fail "veth"
	in_ns "$1-s" ip addr add "$2" dev eth0
	in_ns "$1-s" ip link set eth0 up
	in_ns "$1-c" ip link set eth0 up
}

original() {
	case $1 in
	isc)
		: >"$WORK/isc.leases"
		set -- isc "$PEERS/usr/sbin/dhcpd" -f -d -4 -user root -group root -cf "$WORK/isc.conf" -lf "$WORK/isc.leases" \
			-pf "$WORK/isc.pid" eth0
		;;
	kea) set -- kea "$PEERS/usr/sbin/kea-dhcp4" -c "$WORK/kea.conf" ;;
	dnsmasq)
		set -- dnsmasq "$PEERS/usr/sbin/dnsmasq" -k -u root -C "$WORK/dnsmasq.conf" -l "$WORK/dnsmasq.leases" \
			--log-facility=-
		;;
	esac
	kind=$1
	shift
	start "$kind.original" "$kind-s" env LD_LIBRARY_PATH="$PEERS/usr/lib/$(uname -m)-linux-gnu" \
		KEA_PIDFILE_DIR="$WORK" KEA_LOCKFILE_DIR="$WORK" KEA_LOGGER_DESTINATION=stdout "$@"
}

ours() {
	"$BIN/guyline" import --from "$1" "$WORK/$1.conf" >"$WORK/$1.json" 2>"$WORK/$1.told"
	[ $? -le 1 ] || return 1
	start "$1.ours" "$1-s" "$BIN/guyline-dhcpd" -d -c "$WORK/$1.json" --device=eth0 --state="$WORK/$1.state" \
		--control="$WORK/$1.sock"
}

# One client: what it was told, an address of a pool as the pool's network, without what some servers say anyway: the
# broadcast address, when to renew, the client's own identifier and class; of dnsmasq its own address as the server of
# a boot file that is not there, and the end of option 43.
lease() {
	in_ns "$1-c" ip link set eth0 address "$3"
	note=$WORK/$1.$2.$3
	where=$1-c
	shift 3
	in_ns "$where" env -i PATH="$PATH" NOTE="$note" busybox udhcpc -f -i eth0 -n -q -t 8 -T 1 -s "$WORK/note.sh" -O mtu -O ntpsrv -O search \
		-O 7 -O 43 "$@" >/dev/null 2>&1
	sed -E 's/^(ip=[0-9]+\.[0-9]+\.[0-9]+)\.[12][0-9][0-9]$/\1.*/; /^(broadcast|opt58|opt59|opt61|vendor)=/d
		/^siaddr=10\.40\.0\.1$/d; s/^(opt43=.*)ff$/\1/' "$note" | sort
}

# compare KIND ADDRESS: both servers, all clients.
compare() {
	wire "$1" "$2"
	for who in original ours; do
		$who "$1" || return 1
		while read -r mac options; do
			echo "== $mac $options"
			# shellcheck disable=SC2086
			lease "$1" $who "$mac" $options </dev/null
		done <"$WORK/$1.clients" >"$WORK/$1.$who.got"
		kill "$STARTED"
		wait "$STARTED" 2>/dev/null
	done
	return 0
}

# What tests/unit/import takes for configurations of those servers is such; but for what is wrong on purpose.
judge() {
	case $1 in
	isc) peer dhcpd -t -cf "$2" ;;
	kea) KEA_PIDFILE_DIR=$WORK KEA_LOCKFILE_DIR=$WORK peer kea-dhcp4 -t "$2" ;;
	dnsmasq) peer dnsmasq --test -C "$2" ;;
	esac
}
for sample in meaning.isc meaning.kea meaning.dnsmasq small.dnsmasq two-ranges.dnsmasq; do
	case $sample in
	*.isc) program=dhcpd ;;
	*.kea) program=kea-dhcp4 ;;
	*.dnsmasq) program=dnsmasq ;;
	esac
	command -v "$program" >/dev/null || continue
	check "$program accepts $sample" judge "${sample##*.}" "tests/conf/import/$sample"
done

for kind in isc kea dnsmasq; do
	case $kind in
	isc) program=dhcpd address=10.20.0.1/16 ;;
	kea) program=kea-dhcp4 address=10.30.0.1/16 ;;
	dnsmasq) program=dnsmasq address=10.40.0.1/16 ;;
	esac
	if ! command -v "$program" >/dev/null; then
		echo "$program is not here: its comparison is left out"
		continue
	fi
	compare $kind "$address" || fail "$kind: no server"
	[ "$(grep -c '^ip=' "$WORK/$kind.original.got")" = "$(wc -l <"$WORK/$kind.clients")" ] || fail "$kind itself does not serve all"
	check "$kind: the same addresses and options" diff -u "$WORK/$kind.original.got" "$WORK/$kind.ours.got"
done

done_well
