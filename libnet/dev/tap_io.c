/* SPDX-License-Identifier: ISC */
#include "libnet/dev/tap_int.h"

#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "libnet/dev/dev.h"
#include "libnet/dev/link.h"

struct gyl__tap {
	struct gyl_netdev dev;
	unsigned remove; /* index of an interface that goes with us, or 0 */
	struct gyl_dev_pool pool;
	uint8_t rx[GYL_NETDEV_BATCH][GYL_DEV_BUF_LEN];
};

static size_t tap_lend(struct gyl_netdev *d, struct gyl_netbuf *ret, size_t cnt)
{
	return gyl__dev_pool_lend(&((struct gyl__tap *)d)->pool, ret, cnt);
}

static void tap_send_one(struct gyl_netdev *d, const struct gyl_netbuf *b)
{
	struct gyl_view frame;
	ssize_t n;

	if (!gyl__dev_frame(d, b, &frame))
		return;
	do {
		n = write(d->fd, frame.p, frame.len);
	} while (n < 0 && errno == EINTR);
	if (n != (ssize_t)frame.len) {
		d->stat.tx_lost_cnt++;
		return;
	}
	d->stat.tx_cnt++;
	d->stat.tx_octets += frame.len;
}

static void tap_send(struct gyl_netdev *d, const struct gyl_netbuf *b, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++) {
		tap_send_one(d, &b[i]);
		gyl__dev_pool_back(&((struct gyl__tap *)d)->pool, &b[i]);
	}
}

/* One frame a read. A frame that fills the buffer may have been cut: it was longer than any mtu
 * here. */
static size_t tap_recv(struct gyl_netdev *d, struct gyl_netframe *ret, size_t cap)
{
	struct gyl__tap *t = (struct gyl__tap *)d;
	size_t cnt = 0;

	if (cap > GYL_NETDEV_BATCH)
		cap = GYL_NETDEV_BATCH;
	while (cnt < cap) {
		ssize_t n = read(d->fd, t->rx[cnt], sizeof(t->rx[cnt]));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			d->gone = errno; /* EBADFD: somebody removed the interface */
		if (n <= 0)
			break;
		if ((size_t)n == sizeof(t->rx[cnt])) {
			d->stat.rx_lost_cnt++;
			continue;
		}
		ret[cnt].p = t->rx[cnt];
		ret[cnt].len = (uint32_t)n;
		ret[cnt++].flags = 0;
		d->stat.rx_octets += (uint64_t)n;
	}
	d->stat.rx_cnt += cnt;
	return cnt;
}

static uint64_t tap_deadline_ns(const struct gyl_netdev *d)
{
	(void)d;
	return UINT64_MAX;
}

static void tap_close(struct gyl_netdev *d)
{
	struct gyl__tap *t = (struct gyl__tap *)d;

	close(d->fd);
	if (t->remove != 0)
		gyl__link_remove(t->remove);
	free(t);
}

static const struct gyl_netdev_ops tap_ops = {
	.lend = tap_lend,
	.send = tap_send,
	.recv = tap_recv,
	.deadline_ns = tap_deadline_ns,
	.close = tap_close,
};

/* Of a macvtap: the kernel hands over what is for its interface's address. Through the descriptor
 * that takes no right. */
static int macvtap_set_mac(struct gyl_netdev *d, const uint8_t mac[6])
{
	struct ifreq req = {.ifr_hwaddr.sa_family = ARPHRD_ETHER};

	memcpy(req.ifr_hwaddr.sa_data, mac, 6);
	return ioctl(d->fd, SIOCSIFHWADDR, &req) < 0 ? -errno : 0;
}

static const struct gyl_netdev_ops macvtap_ops = {
	.lend = tap_lend,
	.send = tap_send,
	.recv = tap_recv,
	.deadline_ns = tap_deadline_ns,
	.set_mac = macvtap_set_mac,
	.close = tap_close,
};

struct gyl__tap *gyl__tap_new(int fd, uint32_t mtu)
{
	struct gyl__tap *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->dev.ops = &tap_ops;
	t->dev.mtu = mtu;
	t->dev.fd = fd;
	gyl__dev_pool_init(&t->pool);
	return t;
}

struct gyl_netdev *gyl__tap_dev(struct gyl__tap *t)
{
	return &t->dev;
}

void gyl__tap_is_macvtap(struct gyl__tap *t, unsigned remove)
{
	t->dev.ops = &macvtap_ops;
	t->remove = remove;
}
