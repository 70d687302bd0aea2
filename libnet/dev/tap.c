/* SPDX-License-Identifier: ISC */
#include "libnet/dev/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gyl/ipv4.h>
#include <linux/if_tun.h>
#include <netinet/in.h>

#include "libnet/dev/dev.h"

struct tap {
	struct gyl_netdev dev;
	struct gyl_dev_pool pool;
	uint8_t rx[GYL_NETDEV_BATCH][GYL_DEV_BUF_LEN];
};

static size_t tap_lend(struct gyl_netdev *d, struct gyl_netbuf *ret, size_t cnt)
{
	return gyl__dev_pool_lend(&((struct tap *)d)->pool, ret, cnt);
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
		gyl__dev_pool_back(&((struct tap *)d)->pool, &b[i]);
	}
}

/* One frame a read. A frame that fills the buffer may have been cut: it was longer than any mtu
 * here. */
static size_t tap_recv(struct gyl_netdev *d, struct gyl_netframe *ret, size_t cap)
{
	struct tap *t = (struct tap *)d;
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
	close(d->fd);
	free(d);
}

static const struct gyl_netdev_ops tap_ops = {
	.lend = tap_lend,
	.send = tap_send,
	.recv = tap_recv,
	.deadline_ns = tap_deadline_ns,
	.close = tap_close,
};

/* Say what was tried on which interface; errno becomes the result. */
static int failed(char err[200], const char *name, const char *what)
{
	int e = errno;

	snprintf(err, 200, "tap %s: %s: %s", name, what, strerror(e));
	return -e;
}

static int tap_attach(const char *name, struct ifreq *req, char err[200])
{
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return failed(err, name, "cannot open /dev/net/tun");
	memset(req, 0, sizeof(*req));
	snprintf(req->ifr_name, sizeof(req->ifr_name), "%s", name);
	req->ifr_flags = IFF_TAP | IFF_NO_PI;
	if (ioctl(fd, TUNSETIFF, req) < 0) {
		int r = failed(err, name,
			errno == EBUSY   ? "in use by another program"
			: errno == EPERM ? "cannot be made or opened (needs CAP_NET_ADMIN, or "
					   "`ip tuntap add mode tap user ...` beforehand)"
					 : "cannot be opened as a tap interface");
		close(fd);
		return r;
	}
	return fd;
}

static void set_address(struct ifreq *req, uint32_t ip)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};

	gyl_set_u32((uint8_t *)&sin.sin_addr, ip);
	memcpy(&req->ifr_addr, &sin, sizeof(sin));
}

static int tap_address(int ctl, struct ifreq *req, const struct gyl_tap_conf *cf, char err[200])
{
	set_address(req, cf->peer_ip);
	if (ioctl(ctl, SIOCSIFADDR, req) < 0)
		return failed(err, cf->name, "cannot set the kernel side's address");
	set_address(req, gyl_ipv4_mask(cf->peer_prefix));
	if (ioctl(ctl, SIOCSIFNETMASK, req) < 0)
		return failed(err, cf->name, "cannot set the kernel side's netmask");
	return 0;
}

static int tap_up(int ctl, struct ifreq *req, const char *name, char err[200])
{
	if (ioctl(ctl, SIOCGIFFLAGS, req) < 0)
		return failed(err, name, "cannot read its flags");
	if ((req->ifr_flags & IFF_UP) != 0)
		return 0;
	req->ifr_flags = (short)(req->ifr_flags | IFF_UP);
	if (ioctl(ctl, SIOCSIFFLAGS, req) < 0)
		return failed(err, name, "is down and cannot be set up");
	return 0;
}

static int tap_mtu(int ctl, struct ifreq *req, const char *name, uint32_t *ret_mtu, char err[200])
{
	if (ioctl(ctl, SIOCGIFMTU, req) < 0)
		return failed(err, name, "cannot read its mtu");
	*ret_mtu = (uint32_t)req->ifr_mtu;
	if (*ret_mtu < 576 || *ret_mtu > GYL_DEV_MTU_MAX) {
		snprintf(err, 200, "tap %s: its mtu is %u; 576 to %u can be used", name,
			(unsigned)*ret_mtu, (unsigned)GYL_DEV_MTU_MAX);
		return -ERANGE;
	}
	return 0;
}

/* Everything that goes through a socket's ioctl: address, up, mtu. */
static int tap_setup(
	const struct gyl_tap_conf *cf, struct ifreq *req, uint32_t *ret_mtu, char err[200])
{
	int ctl = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int r = 0;

	if (ctl < 0)
		return failed(err, cf->name, "cannot open a socket");
	if (cf->peer_ip != 0)
		r = tap_address(ctl, req, cf, err);
	if (r == 0)
		r = tap_up(ctl, req, cf->name, err);
	if (r == 0)
		r = tap_mtu(ctl, req, cf->name, ret_mtu, err);
	close(ctl);
	return r;
}

static struct tap *tap_new(int fd, uint32_t mtu)
{
	struct tap *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->dev.ops = &tap_ops;
	t->dev.mtu = mtu;
	t->dev.fd = fd;
	gyl__dev_pool_init(&t->pool);
	return t;
}

int gyl_tap_open(const struct gyl_tap_conf *cf, struct gyl_netdev **ret_dev, char err[200])
{
	struct ifreq req;
	struct tap *t = NULL;
	uint32_t mtu = 0;
	int fd = tap_attach(cf->name, &req, err);
	int r;

	if (fd < 0)
		return fd;
	r = tap_setup(cf, &req, &mtu, err);
	if (r == 0) {
		t = tap_new(fd, mtu);
		errno = ENOMEM;
		if (t == NULL)
			r = failed(err, cf->name, "cannot be used");
	}
	if (r != 0) {
		close(fd);
		return r;
	}
	*ret_dev = &t->dev;
	return 0;
}
