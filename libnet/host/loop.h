/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_HOST_LOOP_H
#define GYL_LIBNET_HOST_LOOP_H

/*
 * What the two Linux hosts share: libevent's base, the clock, durable files, helper threads.
 *
 * A loop belongs to one thread. Things outside a host (control sockets, file watching, signals) put
 * their own events on gyl_loop_base() and are served during `wait`.
 */

#include <gyl/rng.h>
#include <pthread.h>

#include "libnet/host/host.h"

struct event_base;
struct gyl_loop;

/* NULL with errno on failure. */
struct gyl_loop *gyl_loop_open(void);
void gyl_loop_close(struct gyl_loop *l);

struct event_base *gyl_loop_base(struct gyl_loop *l);
void gyl_loop_now(struct gyl_now *ret_now);
uint64_t gyl_loop_clock_ns(void);

/* Call fn(arg) during `wait` when fd is readable. NULL with errno on failure. Level-triggered. */
struct gyl_loop_fd;
struct gyl_loop_fd *gyl_loop_watch(struct gyl_loop *l, int fd, void (*fn)(void *arg), void *arg);
void gyl_loop_unwatch(struct gyl_loop_fd *w);

/* Serve events until until_ns, or once something was served. 0: only look. */
void gyl_loop_wait(struct gyl_loop *l, uint64_t until_ns);

/* Sleep until until_ns, serving nothing; a signal, not a wake, ends it early. What came meanwhile
 * is served by the next wait. */
void gyl_loop_nap(struct gyl_loop *l, uint64_t until_ns);

/*
 * A turn is the time between waking and waiting again, in which nobody else is served. What puts
 * its own events on gyl_loop_base() and may take long says with gyl_loop_woke() that it has begun;
 * the end of a wait says so anyway.
 */
void gyl_loop_woke(struct gyl_loop *l);

/* When the turn began; the same for all that is served in it. 0: between two. */
uint64_t gyl_loop_turn_ns(const struct gyl_loop *l);

/* Call fn(arg, ns) at the end of every turn that something was served in. NULL: no longer. */
void gyl_loop_on_turn(struct gyl_loop *l, void (*fn)(void *arg, uint64_t ns), void *arg);

/* The longest turn since the last call; the one that is going on begins anew. */
uint64_t gyl_loop_longest_ns(struct gyl_loop *l);

/* Make a wait that is going on return; the one call that other threads and signal handlers may use.
 */
void gyl_loop_wake(struct gyl_loop *l);

/* Start a thread that never sees a signal. It gives itself its name: from outside that needs /proc,
 * which may be out of reach. 0 or -errno. */
int gyl_thread_start(pthread_t *ret_thread, void *(*thread_main)(void *), void *arg);

/*
 * The flush and the work thread start at their first use: a write, a job. A program that gives up
 * clone(2) starts them before with this, and after all that a thread inherits is given up. 0 or
 * -errno.
 */
int gyl_loop_helpers(struct gyl_loop *l);

/*
 * Durable units over files, for the hosts' blk_ functions. gyl_loop_blk_open() gives a device
 * number; the file is created with mode 0600, locked (-EBUSY: somebody else has it) and
 * preallocated to unit_cnt units. Writes go to the flush thread, which does pwrite and fdatasync,
 * nothing else; the end of one ends a wait. gyl_loop_close() waits for writes in flight.
 */
int gyl_loop_blk_open(struct gyl_loop *l, const char *path, uint64_t unit_cnt);
int gyl_loop_blk_read(struct gyl_loop *l, int dev, uint64_t unit, uint8_t *buf, size_t cnt);
int gyl_loop_blk_write(
	struct gyl_loop *l, int dev, uint64_t unit, const uint8_t *buf, size_t cnt, uint64_t token);
bool gyl_loop_blk_done(struct gyl_loop *l, uint64_t *ret_token, int *ret_err);

/*
 * Run fn(arg) on the work thread, then done(arg) (may be NULL) in the loop, during a wait. 0, or
 * -EAGAIN when 32 jobs are under way. gyl_loop_close() waits for the running one and drops the
 * rest.
 */
int gyl_loop_job(struct gyl_loop *l, void (*fn)(void *), void (*done)(void *), void *arg);

/*
 * The hosts. The loop MUST outlive them. 0 or -errno with a sentence in err. device of the stack
 * host: "tap:NAME", "packet:NAME" or just "NAME" for it, see <gyl/net/device.h>.
 */
enum {
	GYL_NET_IFACE_MAX = 16,
	GYL_NET_DEV_MAX = 8,
	GYL_NET_ADDR_MAX = 8,     /* of an interface */
	GYL_NET_VLAN_ANY = 0xffff /* as vlan: untagged, and every tag that no other interface has */
};

enum gyl_net_probe {
	GYL_NET_PROBE_AUTO, /* on real networks */
	GYL_NET_PROBE_NO,
	GYL_NET_PROBE_YES
};

struct gyl_net_addr {
	uint32_t ip;
	uint8_t prefix;
};

/* An interface, by its index known to cores (gyl_peer.iface, gyl_bind.ifaces). */
struct gyl_net_iface {
	const char *name;   /* for messages; NULL: as device */
	const char *device; /* stack: device, shared by those that say the same; kernel: its name */
	uint16_t vlan;      /* stack: 0 untagged, 1 to 4094, or GYL_NET_VLAN_ANY */
	uint8_t addr_cnt;   /* stack: our addresses, at least one */
	struct gyl_net_addr addr[GYL_NET_ADDR_MAX];
	uint32_t gateway; /* stack: 0 for none */
	uint8_t mac[6];   /* stack: of the device; all zero for a random locally administered one */
	uint8_t probe;    /* stack: enum gyl_net_probe: RFC 5227 before the start */
};

struct gyl_net_conf {
	const struct gyl_net_iface *iface; /* borrowed for the call */
	unsigned iface_cnt;                /* kernel: 0 for all that the machine has */
	struct gyl_rng *rng; /* stack: of keys, identifications, ports; MUST outlive the host */
};
int gyl_host_kernel_open(struct gyl_loop *l, const struct gyl_net_conf *cf,
	struct gyl_host *ret_host, char err[200]);
/*
 * For another thread's loop: a host over the same interfaces, with the same numbers, as `first`
 * sees them now; datagrams only. 0 or -errno with a sentence in err; -ENOTSUP: first has a stack of
 * its own, which is one thread's.
 */
int gyl_host_kernel_beside(
	const struct gyl_host *first, struct gyl_loop *l, struct gyl_host *ret_host, char err[200]);
int gyl_host_stack_open(struct gyl_loop *l, const struct gyl_net_conf *cf,
	struct gyl_host *ret_host, char err[200]);

#endif
