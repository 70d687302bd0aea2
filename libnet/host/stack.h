/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_HOST_STACK_H
#define GYL_LIBNET_HOST_STACK_H

/*
 * The stack host: our own stack over devices behind gyl_host_ops. loop.h opens it by the texts of
 * devices; here it is opened over any devices, and its parts know each other:
 *
 *	stack_dev.c	devices by their texts, and what the machine must not have there
 *	stack_open.c	checks, the stack over its devices
 *	stack.c		the face: listeners, waiting, what goes where
 *	stack_in.c	from the devices to the cores
 *	stack_out.c	from the cores to the devices
 *	stack_flow.c	flows that cores open
 *	stack_tcp.c	streams: opened, ended, what the cores are owed
 *	stack_tcp_io.c	streams: octets in and out
 */

#include <gyl/net/stack.h>

#include "libnet/host/loop.h"
#include "libnet/host/socks.h"
#include "libnet/host/stack_tcp.h"

/*
 * As gyl_host_stack_open(), over devices that are open: one for each different text in cf->iface,
 * in the order of their first appearance; the texts are only names then. The host owns the devices
 * from now on, also on failure.
 */
int gyl_host_stack_on(struct gyl_loop *l, const struct gyl_net_conf *cf,
	struct gyl_netdev *const *dev, unsigned dev_cnt, struct gyl_host *ret_host, char err[200]);

/* The stack inside, to ask for counters and ARP entries. h MUST be a stack host. */
struct gyl_stack *gyl_host_stack_get(const struct gyl_host *h);

/* ---- the inside, shared by stack*.c only ---- */

enum {
	GYL__FLOW_MAX = 1024,                                 /* sockets that cores opened */
	GYL__DEV_BATCH = GYL_STACK_IN_MAX * GYL_NETDEV_BATCH, /* inputs of one batch of frames */
	GYL__IN_BATCH = GYL_NET_DEV_MAX * GYL__DEV_BATCH,
	GYL__IN_STASH = 128, /* inputs copied because they were left over */
	GYL__IN_CNT = GYL__IN_BATCH + GYL__IN_STASH,
	GYL__NODE_CNT = GYL__IN_CNT + 2 * GYL__FLOW_MAX,
	GYL__NODE_NONE = 0xffff,
	GYL__STASH_LEN = 2048
};

enum gyl__stack_port_type {
	GYL__STACK_PORT_NONE,
	GYL__STACK_PORT_UDP,
	GYL__STACK_PORT_TCP,
	GYL__STACK_PORT_FRAME,
	GYL__STACK_PORT_SOCKS /* the kernel's, a Unix socket */
};

/*
 * Inputs wait in a queue of nodes. Those below GYL__IN_BATCH are views into the last batch of a
 * device, GYL__DEV_BATCH each, those below GYL__IN_CNT copies, the others say that a flow was
 * opened (even) or closed (odd). From `given` to `head` they are handed out and wait for the next
 * recv; from head on they are to come.
 */
struct gyl__stack_port {
	uint8_t type, role;
	bool held; /* its core took nothing the last time: it waits for something else */
	uint16_t udp_port;
	uint16_t given, head, tail;
	uint8_t node_cnt; /* inputs of the last recv that were nodes; behind them those of streams
			   */
	uint64_t ifaces;  /* of a FRAME port: those it serves, 0: all */
};

enum gyl__flow_state {
	GYL__FLOW_FREE,
	GYL__FLOW_OPEN,
	GYL__FLOW_CLOSED /* until the core has heard so */
};

struct gyl__flow {
	uint32_t flow;
	uint8_t state;
	uint16_t next; /* of its hash chain, or of the free ones */
	struct gyl_peer peer;
};

/* A device. Of its buffers on loan half are for the stack's own frames, and half are the slots that
 * cores fill; `made` are slots on their way back. */
struct gyl__stack_dev {
	struct gyl_netdev *dev;
	struct gyl_loop_fd *watch;
	bool readable; /* it may have frames */
	/* its last frames, those from frame_at on not yet looked at */
	struct gyl_netframe frame[GYL_NETDEV_BATCH];
	size_t frame_at, frame_cnt;
	struct gyl_netbuf out[GYL_NETDEV_BATCH], slot[GYL_NETDEV_BATCH], made[GYL_NETDEV_BATCH];
};

struct gyl__stack_iface {
	uint8_t addr_cnt, dev;
	struct gyl_net_addr addr[GYL_NET_ADDR_MAX];
	uint16_t vlan;
	uint8_t mac[6];
};

struct gyl__stack_host {
	struct gyl_loop *loop;
	struct gyl_rng *rng;
	struct gyl_socks *socks;
	struct gyl_stack *stack;
	void *stack_mem;
	struct gyl_now now;
	struct gyl_host_stat stat; /* of our own ports */
	unsigned dev_cnt, iface_cnt;
	unsigned turn; /* device to be read first */
	struct gyl__stack_iface iface[GYL_NET_IFACE_MAX];
	int port_cnt;
	uint64_t ready; /* ports that have input */
	struct gyl__stack_port port[GYL_PORT_OPENED + 1];
	/* nodes */
	struct gyl_stack_in in[GYL__IN_CNT];
	uint16_t next[GYL__NODE_CNT];
	uint16_t stash_free; /* first free copy */
	uint8_t (*stash)[GYL__STASH_LEN];
	/* flows */
	struct gyl__flow flow[GYL__FLOW_MAX];
	uint16_t flow_head[GYL__FLOW_MAX], flow_free;
	struct gyl__stack_tcp_host tcp;
	/* slots on loan: of the device where input came from last, so that answers are not copied
	 */
	unsigned in_dev, lent_dev;
	size_t lent_cnt;
	struct gyl__stack_dev dev[]; /* dev_cnt */
};

/* stack_open.c */
/* Is cf one that a stack can have? 0, or -EINVAL with a sentence in err. */
int gyl__stack_check(const struct gyl_net_conf *cf, char err[200]);
/* Number of the device of interface i: one for each different text, in their order. */
unsigned gyl__stack_dev_of(const struct gyl_net_conf *cf, unsigned i);

/* stack.c */
extern const struct gyl_host_ops gyl__stack_ops;
/* Is ip an address of ours on one of these interfaces (0: any)? */
bool gyl__stack_is_ours(const struct gyl__stack_host *k, uint64_t ifaces, uint32_t ip);

/* stack_in.c */
void gyl__stack_in_init(struct gyl__stack_host *k);
/* A device's descriptor became readable; arg is its struct gyl__stack_dev. */
void gyl__stack_readable(void *arg);
/* Read the devices and do what is due; new inputs are queued at their ports. */
void gyl__stack_pump(struct gyl__stack_host *k);
void gyl__stack_queue(struct gyl__stack_host *k, unsigned port, uint16_t node);
size_t gyl__stack_recv(struct gyl__stack_host *k, unsigned port, struct gyl_in *in, size_t cap);
void gyl__stack_unread(struct gyl__stack_host *k, unsigned port, const struct gyl_in *in,
	size_t cnt, size_t taken);
/* Send what is ready to go now, mostly of streams, and look at what became of them. */
void gyl__stack_push(struct gyl__stack_host *k);
void gyl__stack_from_peer(const struct gyl_net_peer *from, struct gyl_peer *to);

/* stack_out.c */
size_t gyl__stack_lend(struct gyl__stack_host *k, struct gyl_send *slot, size_t cnt);
void gyl__stack_send(struct gyl__stack_host *k, const struct gyl_send *s, size_t cnt);
/* Room for the stack's own frames; flush sends what is in it. */
void gyl__stack_batch(struct gyl__stack_host *k, struct gyl_stack_batch *b);
void gyl__stack_flush(struct gyl__stack_host *k, struct gyl_stack_batch *b);
void gyl__stack_peer(const struct gyl_peer *from, uint16_t local_port, struct gyl_net_peer *to);

/* stack_flow.c */
void gyl__stack_flow_init(struct gyl__stack_host *k);
int gyl__stack_flow(struct gyl__stack_host *k, uint32_t flow, int op, const struct gyl_peer *to);
/* An open flow by its number, NULL when there is none. */
const struct gyl__flow *gyl__stack_flow_find(const struct gyl__stack_host *k, uint32_t flow);
/* The core has heard that flow number i of the table is closed. */
void gyl__stack_flow_free(struct gyl__stack_host *k, unsigned i);

#endif
