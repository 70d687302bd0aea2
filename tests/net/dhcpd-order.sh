#!/bin/sh
# SPDX-License-Identifier: ISC
#
# An ACK means that the lease is on the disk. strace writes down what the daemon asks of the system, in order; then
# each ACK that was sent must come after an fdatasync that began when the record of its address had been written,
# and had returned.

. "$(dirname "$0")/lib/net.sh"
need ip strace
LOAD=${GUYLINE_LOAD:-$BIN/../load}/dhcp_load
[ -x "$LOAD" ] || skip "dhcp_load is not built"

lan
for name in box crowd; do
	namespace "$name"
	join "$name"
done
in_ns box ip addr add 10.77.0.1/15 dev eth0
in_ns crowd ip addr add 10.77.0.2/15 dev eth0
start strace box strace -f -xx -s 70000 -o "$WORK/calls" -e trace=pwrite64,fdatasync,sendmmsg,sendto,sendmsg \
	"$BIN/guyline-dhcpd" -d --host=kernel --device=eth0 --address=10.77.0.1/15 --state="$WORK/state" --sandbox=false \
	--control="$WORK/dhcpd.sock" --dhcpd.pool=10.76.1.0-10.76.255.255 --dhcpd.lease_time=1h --log.level='*=notice'

answers() {
	"$BIN/guyline" --at "$WORK/dhcpd.sock" status >"$WORK/status"
}

load() {
	in_ns crowd "$LOAD" --server 10.77.0.1 --relay 10.77.0.2 "$@"
}

wait_for 20 "the box runs" answers
check "400 leases" has 'done 400 ' load --rate 400 --seconds 1 --clients 400
check "and 2,000 a second" has 'done 2000 ' load --rate 2000 --seconds 1 --clients 2000 --first 1000
pkill -INT -f "guyline-dhcpd.*$WORK" 2>/dev/null
sleep 1

# Units of the journal are 1,024 octets: 40 of header, 8 of check; the rest is text.
in_order() {
	sed 's/\\x//g' "$WORK/calls" | awk '
	function records(hex, at, ip) {
		text = ""
		for (at = 1; at < length(hex); at += 2048)
			text = text substr(hex, at + 80, 1952)
		while ((at = index(text, "64686370642f6c656173652f")) != 0) { # "dhcpd/lease/"
			text = substr(text, at + 24)
			for (ip = ""; substr(text, 1, 2) ~ /^(3[0-9]|2e)$/; text = substr(text, 3))
				ip = ip substr(text, 1, 2)
			written[substr(ip, 1, length(ip) - 2)] = 1 # the digit behind it begins the value
		}
	}
	function octet(hex) {
		return 16 * (index("0123456789abcdef", substr(hex, 1, 1)) - 1) + index("0123456789abcdef", substr(hex, 2, 1)) - 1
	}
	function dotted(hex, out, i) {
		for (i = 0; i < 4; i++)
			out = out (i == 0 ? "" : ".") octet(substr(hex, 1 + 2 * i, 2))
		hex = ""
		for (i = 1; i <= length(out); i++)
			hex = hex (substr(out, i, 1) == "." ? "2e" : "3" substr(out, i, 1))
		return hex
	}
	function acks(line, began, ip) {
		# A BOOTREPLY over Ethernet: op, htype, hlen; its type is 5.
		while (match(line, /"020106[0-9a-f]+"/)) {
			message = substr(line, RSTART + 1, RLENGTH - 2)
			line = substr(line, RSTART + RLENGTH)
			if (message !~ /63825363350105/)
				continue
			ip = dotted(substr(message, 33, 8))
			ack_cnt++
			if (!(ip in durable) || durable[ip] > began) {
				print "an ACK before its record was durable: line " NR ", yiaddr " substr(message, 33, 8)
				bad = 1
			}
		}
	}
	/pwrite64\(/ { match($0, /"[0-9a-f]*"/); records(substr($0, RSTART + 1, RLENGTH - 2)) }
	/fdatasync\(/ { for (ip in written) covered[ip] = 1; delete written }
	/fdatasync(\(| resumed).*= 0/ { for (ip in covered) if (!(ip in durable)) durable[ip] = NR; delete covered; sync_cnt++ }
	# What is sent is written down when the call returns; it began where it says "unfinished", if it does.
	/send(mmsg|msg|to)\(.*unfinished/ { began[$1] = NR; next }
	/send(mmsg|msg|to)\(/ { acks($0, NR) }
	/send(mmsg|msg|to) resumed/ { acks($0, began[$1]) }
	END { print ack_cnt " ACKs, " sync_cnt " flushes"; exit bad || ack_cnt < 2400 || sync_cnt < 10 }'
}
check "every ACK comes after the fdatasync that covers it" in_order
cat "$WORK/check.out"
done_well
