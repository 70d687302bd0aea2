/* SPDX-License-Identifier: ISC */

/*
 * The kernel host: the machine's own sockets behind gyl_host_ops.
 *
 * It opens sockets and lends slots; all that happens on them afterwards is in socks.c and its
 * neighbours. The time goes with the batches: one wait, one recvmmsg, one call of the core, one
 * sendmmsg.
 *
 * UDP ports are not opened with SO_REUSEADDR: on Linux that would let a second server take the
 * port over without an error. SO_REUSEPORT only where the program asks for it (GYL_BIND_SHARED),
 * and for the first of its sockets after it has the port (GYL_BIND_FIRST), for the same reason.
 */

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gyl/frame.h>

#include "libnet/host/packet.h"
#include "libnet/host/unix.h"

enum {
	SLOT_CNT = 2 * GYL_SOCKS_BATCH,
	SLOT_ROOM = 64, /* for headers: GYL_FRAME_UDP_ROOM, and 16 more keep the payload aligned */
	SLOT_CAP = 4096,
	BACKLOG = 512
};

_Static_assert(SLOT_ROOM >= GYL_FRAME_UDP_ROOM && SLOT_CAP >= GYL_SEND_CAP_MIN, "slot size");

struct kernel {
	struct gyl_loop *loop;
	struct gyl_socks *socks;
	struct gyl__ifaces ifaces;
	int port_cnt;
	size_t lent_cnt;
	uint8_t slot[SLOT_CNT][SLOT_ROOM + SLOT_CAP];
};

/* ---- opening sockets ---- */

static int set_on(int fd, int level, int option)
{
	static const int on = 1;

	return setsockopt(fd, level, option, &on, sizeof(on)) == 0 ? 0 : -errno;
}

static int bind_inet(int fd, const struct gyl_bind *b)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET, .sin_port = htons(b->port), .sin_addr.s_addr = htonl(b->ip)};

	return bind(fd, (const struct sockaddr *)&sin, sizeof(sin)) == 0 ? 0 : -errno;
}

/*
 * Path MTU discovery off: a forged ICMP cannot make us fragment answers. With IP_PMTUDISC_OMIT what
 * is larger than the interface takes is fragmented without asking, with IP_PMTUDISC_PROBE nothing
 * is, here or on the way; and the kernel needs no identification for it.
 */
static int set_udp(const struct kernel *k, int fd, const struct gyl_bind *b)
{
	int mode = (b->flags & GYL_BIND_WHOLE) != 0 ? IP_PMTUDISC_PROBE : IP_PMTUDISC_OMIT;
	bool mute = gyl__packet_needed(&k->ifaces, b);
	int err;

	(void)setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &mode, sizeof(mode));
	if (!mute)
		gyl__set_rcvbuf(fd, b->rcvbuf_len);
	err = set_on(fd, SOL_SOCKET, SO_BROADCAST);
	if (err == 0 && mute)
		err = gyl__packet_mute(&k->ifaces, fd);
	return err != 0 ? err : bind_inet(fd, b);
}

static int set_tcp(int fd, const struct gyl_bind *b)
{
	int err = set_on(fd, SOL_SOCKET, SO_REUSEADDR);

	if (err == 0) /* accepted sockets inherit it: answers are written whole */
		err = set_on(fd, IPPROTO_TCP, TCP_NODELAY);
	if (err == 0)
		err = bind_inet(fd, b);
	if (err == 0 && listen(fd, BACKLOG) != 0)
		err = -errno;
	return err;
}

static int open_inet(const struct kernel *k, const struct gyl_bind *b)
{
	int shared = b->flags & (GYL_BIND_SHARED | GYL_BIND_FIRST);
	bool udp = b->type == GYL_BIND_UDP;
	int fd, err = 0;

	fd = socket(AF_INET, (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (shared == GYL_BIND_SHARED)
		err = set_on(fd, SOL_SOCKET, SO_REUSEPORT);
	if (err == 0)
		err = udp ? set_udp(k, fd, b) : set_tcp(fd, b);
	if (err == 0 && shared == (GYL_BIND_SHARED | GYL_BIND_FIRST))
		err = set_on(fd, SOL_SOCKET, SO_REUSEPORT);
	if (err == 0)
		return fd;
	(void)close(fd);
	return err;
}

static int open_socket(const struct kernel *k, const struct gyl_bind *b)
{
	switch (b->type) {
	case GYL_BIND_UDP:
	case GYL_BIND_TCP:
		return open_inet(k, b);
	case GYL_BIND_UNIX_DGRAM:
	case GYL_BIND_UNIX_STREAM:
		return gyl_unix_open(b);
	default:
		return -EINVAL;
	}
}

static int kernel_listen(void *h, const struct gyl_bind *b)
{
	struct kernel *k = h;
	int fd, err;

	if (k->port_cnt == GYL_PORT_OPENED)
		return -ENOSPC;
	fd = b->type == GYL_BIND_FRAME ? -1 : open_socket(k, b);
	if (fd < 0 && b->type != GYL_BIND_FRAME)
		return fd;
	if (gyl__packet_needed(&k->ifaces, b))
		err = gyl__socks_packet(k->socks, k->port_cnt, b, fd);
	else
		err = gyl_socks_listen(k->socks, k->port_cnt, b, fd);
	return err != 0 ? err : k->port_cnt++;
}

/* ---- running ---- */

static uint64_t kernel_wait(void *h, uint64_t until_ns, struct gyl_now *ret_now)
{
	struct kernel *k = h;

	gyl_loop_wait(k->loop, gyl_socks_until(k->socks, until_ns));
	gyl_loop_now(ret_now);
	return gyl_socks_ready(k->socks);
}

static size_t kernel_recv(void *h, int port, struct gyl_in *in, size_t cap)
{
	return gyl_socks_recv(((struct kernel *)h)->socks, port, in, cap);
}

static void kernel_unread(void *h, int port, const struct gyl_in *in, size_t cnt, size_t taken)
{
	gyl_socks_unread(((struct kernel *)h)->socks, port, in, cnt, taken);
}

/* From the first slot on each time: the ones used last are in the cache. */
static size_t kernel_lend(void *h, struct gyl_send *slot, size_t cnt)
{
	struct kernel *k = h;

	if (cnt > SLOT_CNT - k->lent_cnt)
		cnt = SLOT_CNT - k->lent_cnt;
	for (size_t i = 0; i < cnt; i++) {
		memset(&slot[i], 0, sizeof(slot[i]));
		slot[i].p = k->slot[k->lent_cnt + i] + SLOT_ROOM;
		slot[i].cap = SLOT_CAP;
	}
	k->lent_cnt += cnt;
	return cnt;
}

static void kernel_send(void *h, struct gyl_send *s, size_t cnt)
{
	struct kernel *k = h;

	for (size_t i = 0; i < cnt;)
		i += gyl_socks_send(k->socks, s + i, cnt - i);
	k->lent_cnt = 0;
}

static int kernel_flow(void *h, uint32_t flow, int op, const struct gyl_peer *to)
{
	struct kernel *k = h;

	if (op == GYL_FLOW_ADOPT)
		return gyl__ifaces_adopt(&k->ifaces, to->iface, to->local_ip);
	if (op == GYL_FLOW_LEAVE)
		return gyl__ifaces_leave(&k->ifaces, to->iface, to->local_ip);
	return gyl_socks_flow(k->socks, flow, op, to);
}

static int kernel_blk_read(void *h, int dev, uint64_t unit, uint8_t *buf, size_t cnt)
{
	return gyl_loop_blk_read(((struct kernel *)h)->loop, dev, unit, buf, cnt);
}

static int kernel_blk_write(
	void *h, int dev, uint64_t unit, const uint8_t *buf, size_t cnt, uint64_t token)
{
	return gyl_loop_blk_write(((struct kernel *)h)->loop, dev, unit, buf, cnt, token);
}

static bool kernel_blk_done(void *h, uint64_t *ret_token, int *ret_err)
{
	return gyl_loop_blk_done(((struct kernel *)h)->loop, ret_token, ret_err);
}

static int kernel_job(void *h, void (*fn)(void *), void (*done)(void *), void *arg)
{
	return gyl_loop_job(((struct kernel *)h)->loop, fn, done, arg);
}

static void kernel_stat(void *h, struct gyl_host_stat *ret_stat)
{
	memset(ret_stat, 0, sizeof(*ret_stat));
	gyl_socks_stat(((struct kernel *)h)->socks, ret_stat);
}

static bool kernel_addr(void *h, unsigned iface, unsigned n, uint32_t *ret_ip, uint8_t *ret_prefix,
	uint8_t ret_mac[6])
{
	const struct gyl__ifaces *t = &((struct kernel *)h)->ifaces;
	const struct gyl__addr *a = gyl__ifaces_addr(t, iface, n);

	if (iface >= t->iface_cnt || (a == NULL && n != 0))
		return false;
	*ret_ip = a == NULL ? 0 : a->ip;
	*ret_prefix = a == NULL ? 0 : a->prefix;
	memcpy(ret_mac, t->iface[iface].mac, sizeof(t->iface[iface].mac));
	return true;
}

static uint64_t kernel_clock_ns(void *h)
{
	(void)h;
	return gyl_loop_clock_ns();
}

static void kernel_hush(void *h)
{
	gyl_socks_hush(((struct kernel *)h)->socks);
}

static void kernel_nap(void *h, uint64_t until_ns)
{
	gyl_loop_nap(((struct kernel *)h)->loop, until_ns);
}

static uint32_t kernel_room(void *h, uint32_t flow)
{
	return gyl_socks_room(((struct kernel *)h)->socks, flow);
}

static uint32_t kernel_unacked(void *h, uint32_t flow, uint64_t *ret_silent_ns)
{
	return gyl_socks_unacked(((struct kernel *)h)->socks, flow, ret_silent_ns);
}

static void kernel_close(void *h)
{
	struct kernel *k = h;

	gyl_socks_close(k->socks);
	free(k);
}

static int open_ifaces(struct kernel *k, const struct gyl_net_conf *cf, char err[200])
{
	const char *name[GYL_NET_IFACE_MAX];
	unsigned cnt = 0;

	while (cnt < cf->iface_cnt && cnt < GYL_NET_IFACE_MAX) {
		name[cnt] = cf->iface[cnt].device;
		cnt++;
	}
	return gyl__ifaces_open(&k->ifaces, name, cnt, err);
}

static const struct gyl_host_ops kernel_ops = {.listen = kernel_listen,
	.wait = kernel_wait,
	.recv = kernel_recv,
	.unread = kernel_unread,
	.lend = kernel_lend,
	.send = kernel_send,
	.flow = kernel_flow,
	.blk_read = kernel_blk_read,
	.blk_write = kernel_blk_write,
	.blk_done = kernel_blk_done,
	.job = kernel_job,
	.stat = kernel_stat,
	.addr = kernel_addr,
	.close = kernel_close,
	.clock_ns = kernel_clock_ns,
	.nap = kernel_nap,
	.hush = kernel_hush,
	.room = kernel_room,
	.unacked = kernel_unacked};

/* Without interfaces yet. NULL with a sentence in err, and errno. */
static struct kernel *kernel_new(struct gyl_loop *l, unsigned conn_max, char err[200])
{
	struct kernel *k = malloc(sizeof(*k)); /* not cleared: slots are pages when they are used */

	if (k != NULL)
		k->socks = gyl_socks_open(l, conn_max);
	if (k == NULL || k->socks == NULL) {
		free(k);
		(void)snprintf(err, 200, "no memory for the host");
		errno = ENOMEM;
		return NULL;
	}
	k->loop = l;
	k->port_cnt = 0;
	k->lent_cnt = 0;
	gyl__socks_ifaces(k->socks, &k->ifaces);
	return k;
}

int gyl_host_kernel_open(
	struct gyl_loop *l, const struct gyl_net_conf *cf, struct gyl_host *ret_host, char err[200])
{
	struct kernel *k = kernel_new(l, GYL_SOCKS_CONN_MAX, err);
	int e;

	if (k == NULL)
		return -errno;
	e = open_ifaces(k, cf, err);
	if (e != 0) {
		kernel_close(k);
		return e;
	}
	*ret_host = (struct gyl_host){.ops = &kernel_ops, .h = k};
	return 0;
}

int gyl_host_kernel_beside(
	const struct gyl_host *first, struct gyl_loop *l, struct gyl_host *ret_host, char err[200])
{
	struct kernel *k;

	if (first->ops != &kernel_ops) {
		(void)snprintf(
			err, 200, "only the kernel's sockets can be shared by several loops");
		return -ENOTSUP;
	}
	k = kernel_new(l, 1, err);
	if (k == NULL)
		return -errno;
	k->ifaces = ((const struct kernel *)first->h)->ifaces;
	*ret_host = (struct gyl_host){.ops = &kernel_ops, .h = k};
	return 0;
}
