# SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2034
# Sourced behind net.sh by scenarios of the DNS server between clients and upstream servers: ours is in namespace box at
# 10.77.0.1, "ask" asks it from guest, 10.77.0.2, and servers of others are in inet.

# dns_lan N...: the servers of others are at 10.77.0.N.
dns_lan() {
	lan
	for name in box guest inet; do
		namespace "$name"
		join "$name"
	done
	in_ns guest ip addr add 10.77.0.2/24 dev eth0
	for n in "$@"; do
		in_ns inet ip addr add "10.77.0.$n/24" dev eth0
	done
}

# ask WORD...: dig, which asks once; DIG_TIME: seconds that it waits.
ask() {
	in_ns guest dig +tries=1 "+time=${DIG_TIME:-5}" @10.77.0.1 "$@"
}
short() {
	ask +short "$@"
}
status() {
	ask +noall +comments "$@"
}
# tool WORD...: guyline dns, about ours.
tool() {
	"$BIN/guyline" --at "$WORK/box.sock" dns "$@"
}

# unbound_conf: an Unbound at 10.77.0.53 that knows the zones on stdin, and nobody else.
unbound_conf() {
	cat >"$WORK/unbound.conf" <<-CONF
		remote-control:
		  control-enable: no
		server:
		  interface: 10.77.0.53
		  access-control: 0.0.0.0/0 allow
		  do-daemonize: no
		  username: ""
		  chroot: ""
		  directory: "$WORK"
		  pidfile: ""
		  use-syslog: no
		  module-config: "iterator"
		  edns-buffer-size: 1232
	CONF
	cat >>"$WORK/unbound.conf"
}
unbound_starts() {
	LD_LIBRARY_PATH=$PEERS/usr/lib/$(uname -m)-linux-gnu start unbound inet unbound -c "$WORK/unbound.conf"
	UNBOUND=$STARTED
}
unbound_ends() {
	kill -9 "$UNBOUND"
	wait "$UNBOUND" 2>/dev/null
}

# box_starts PROGRAM WORD...: ours, with nothing kept from before; $WORK/box.json is there.
box_starts() {
	rm -rf "$WORK/state" "$WORK/box.log"
	program=$1
	shift
	start box box "$BIN/$program" "$@" -d -c "$WORK/box.json"
	BOX=$STARTED
}

# on_both_hosts: "conf HOST DEVICE" writes $WORK/box.json, "run_all HOST" goes through everything, on the kernel's sockets
# and on our stack.
on_both_hosts() {
	in_ns box ip addr add 10.77.0.1/24 dev eth0
	conf kernel eth0
	run_all kernel
	in_ns box ip addr del 10.77.0.1/24 dev eth0
	conf stack packet:eth0
	run_all stack
	done_well
}
