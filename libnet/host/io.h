/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_HOST_IO_H
#define GYL_LIBNET_HOST_IO_H

/*
 * What goes into a core and what comes out of it: the vocabulary that hosts and cores share.
 *
 * Pure: a core includes this and never learns whether a kernel socket, our stack or a Solo5 device
 * is behind it. Everything that points into memory is borrowed for the call that hands it over.
 */

#include <gyl/base.h>

struct gyl_event;
struct gyl_question;

/* Both clocks, read once a batch. Deadlines and expiry use mono_ns; wall_ns is for people and
 * records. */
struct gyl_now {
	uint64_t mono_ns; /* never steps back */
	uint64_t wall_ns; /* since 1970-01-01 UTC */
};

/*
 * The far side of a packet, and by which of our addresses it came. A reply copies it whole: the MAC
 * is the hint that spares an ARP request, local_ip becomes the source address, iface and vlan the
 * way out.
 */
struct gyl_peer {
	uint32_t ip; /* host order; 0 for a client without address and for Unix sockets */
	uint32_t
		local_ip; /* our address the packet was sent to, maybe a broadcast; 0: host picks */
	uint16_t port;
	uint16_t local_port;
	uint16_t vlan;   /* 802.1Q VID, 0: untagged */
	uint8_t iface;   /* index of the interface, from 0 in the host's order */
	uint8_t has_mac; /* mac is the Ethernet source (input) or destination (output) */
	uint8_t mac[6];
	uint8_t tls;       /* GYL_FLOW_OPEN_TLS: which of the host's ways to speak it (tls.h) */
	uint32_t pid, uid; /* Unix sockets: who sends, as the kernel knows it; pid 0: unknown */
};

enum gyl_in_kind {
	GYL_IN_DGRAM = 1, /* a datagram; data; seq = octets that did not fit and are lost */
	GYL_IN_FRAME,     /* a whole Ethernet frame from a FRAME port; data */
	/* stream `flow` was accepted, or one the core opened is connected; key: the other side's
	 * name, when a certificate vouches for one */
	GYL_IN_OPENED,
	GYL_IN_BYTES, /* octets of a stream; the core sets `used`, the rest is offered again */
	/* the peer will send no more, data is what was left; it may still read. seq 1: TLS was not
	 * told of the end, so somebody on the way may have made it */
	GYL_IN_EOF,
	/* the stream is gone, `flow` is free again; data: a few words on why, if the host knows.
	 * With such words also of a TLS stream that was never opened, because it was refused */
	GYL_IN_CLOSED,
	GYL_IN_EVENT,   /* something another service says; event */
	GYL_IN_RECORD,  /* at start: a stored record of this core; key, data, seq = modified, ns */
	GYL_IN_LOST,    /* nothing from seq on was stored: what waited for it was dropped */
	GYL_IN_DROPPED, /* the kernel dropped seq datagrams of this port since the last notice */
	GYL_IN_DATA,    /* new configuration or zones: key names it, data is valid until replaced */
	GYL_IN_ASK      /* somebody asks over the control socket; question */
};

struct gyl_in {
	uint8_t kind;  /* enum gyl_in_kind */
	uint8_t port;  /* which listener of the host, as `listen` returned it; replies name it */
	uint8_t role;  /* what the core called that listener in its gyl_bind */
	uint32_t flow; /* stream or core-opened socket; 0: none */
	uint32_t room; /* octets the stream can take now */
	uint32_t used; /* octets of data the core consumed; streams only, set by the core */
	bool again; /* set by the core that takes it and leaves octets: there was no more time, or
		       room, in this turn; they come again in the next batch */
	uint64_t seq;
	struct gyl_peer peer;
	struct gyl_view data;
	struct gyl_view key;
	const struct gyl_event *event;
	struct gyl_question *question;
};

/* A slot that the host lends: room for one datagram, frame or piece of a stream, filled in place.
 */
struct gyl_send {
	uint8_t *p;     /* first octet of the payload; the host keeps room for headers before it */
	uint32_t cap;   /* octets that may be written */
	uint32_t len;   /* octets that were written */
	uint32_t flow;  /* stream, or 0 */
	uint8_t port;   /* listener it leaves by */
	bool strict;    /* lost when a second copy that it waits for is given up */
	uint64_t after; /* not before the store is durable up to here; 0: now */
	struct gyl_peer to;
};

enum gyl_bind_type {
	GYL_BIND_UDP = 1,
	GYL_BIND_TCP,
	GYL_BIND_UNIX_DGRAM,
	GYL_BIND_UNIX_STREAM,
	GYL_BIND_FRAME, /* copies of Ethernet frames of one ethertype, received and sent whole */
	GYL_BIND_TLS    /* TCP, its octets over TLS: only a host that gyl_tls_open() made has it */
};

enum gyl_bind_flag {
	/*
	 * UDP that needs the link: the peer's MAC on input, and on output a frame to to.mac when
	 * to.has_mac is set (no ARP, no route, broadcast allowed). DHCP lives on this.
	 */
	GYL_BIND_LINK = 1,
	/* Several loops of this program listen here, the kernel spreads the load (SO_REUSEPORT). */
	GYL_BIND_SHARED = 2,
	/*
	 * UDP whose datagrams are never cut up on their way (DF is set; RFC 9715 3.1): what is too
	 * large for the interface is lost and counted. Our own stack does so with all that it sends
	 * whole.
	 */
	GYL_BIND_WHOLE = 4,
	/* Of several loops this is the first one: -EADDRINUSE when anybody listens there already,
	 * another run of this program with shared ports too. */
	GYL_BIND_FIRST = 8,
	/* FRAME of who only wants to hear what there is, and asks nobody: a capture has that, too.
	 */
	GYL_BIND_WATCH = 16
};

/*
 * Flow numbers: a core picks those it opens with the top bit clear, not 0 and not in use. Flows
 * that the host accepts have it set. Inputs of core-opened flows come by port GYL_PORT_OPENED,
 * which no listener has: GYL_IN_OPENED or GYL_IN_CLOSED (it failed) first, then GYL_IN_BYTES, or
 * GYL_IN_DGRAM with `flow` set.
 */
#define GYL_PORT_OPENED 63

struct gyl_bind {
	uint8_t type;        /* enum gyl_bind_type */
	uint8_t role;        /* comes back in gyl_in.role */
	uint8_t flags;       /* enum gyl_bind_flag */
	uint16_t port;       /* UDP or TCP port; ethertype of a FRAME port */
	uint32_t ip;         /* address to listen on, 0: any */
	uint32_t rcvbuf_len; /* receive buffer wanted, octets; 0: the default */
	uint32_t mode;       /* permissions of a Unix socket */
	const char *path;    /* of a Unix socket, else NULL */
	uint64_t ifaces;     /* UDP, TCP, FRAME: bit i for interface i; 0: all. Input by others is
				not for this port */
};

enum gyl_flow_op {
	GYL_FLOW_OPEN_TCP = 1, /* the core picked `flow`; connects to `to` */
	GYL_FLOW_OPEN_UDP,     /* a connected datagram socket of its own, random source port */
	GYL_FLOW_CLOSE,        /* graceful: what was sent is delivered first */
	GYL_FLOW_RESET,        /* at once */
	/* Of no flow: UDP datagrams to to.local_ip on to.iface, another station's, come to our
	 * ports from now on, or no more. The core answers ARP for it. */
	GYL_FLOW_ADOPT,
	GYL_FLOW_LEAVE,
	/* As OPEN_TCP, over TLS as to.tls says; GYL_IN_OPENED comes when the other side is who it
	 * should be. */
	GYL_FLOW_OPEN_TLS
};

#endif
