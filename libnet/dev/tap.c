/* SPDX-License-Identifier: ISC */
#include "libnet/dev/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gyl/ipv4.h>
#include <linux/if_tun.h>
#include <netinet/in.h>

#include "libnet/dev/link.h"
#include "libnet/dev/tap_int.h"

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

/* The kernel's side: address, up, mtu. */
static int tap_setup(
	const struct gyl_tap_conf *cf, struct ifreq *req, uint32_t *ret_mtu, char err[200])
{
	char what[32];
	int r;

	if (cf->peer_ip != 0) {
		int ctl = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

		if (ctl < 0)
			return failed(err, cf->name, "cannot open a socket");
		r = tap_address(ctl, req, cf, err);
		close(ctl);
		if (r != 0)
			return r;
	}
	errno = -gyl__link_up(cf->name, 0);
	if (errno != 0)
		return failed(err, cf->name, "is down and cannot be set up");
	snprintf(what, sizeof(what), "tap %s", cf->name);
	return gyl__link_mtu_check(what, cf->name, ret_mtu, err);
}

int gyl_tap_open(const struct gyl_tap_conf *cf, struct gyl_netdev **ret_dev, char err[200])
{
	struct ifreq req;
	struct gyl__tap *t = NULL;
	uint32_t mtu = 0;
	int fd = tap_attach(cf->name, &req, err);
	int r;

	if (fd < 0)
		return fd;
	r = tap_setup(cf, &req, &mtu, err);
	if (r == 0) {
		t = gyl__tap_new(fd, mtu);
		errno = ENOMEM;
		if (t == NULL)
			r = failed(err, cf->name, "cannot be used");
	}
	if (r != 0) {
		close(fd);
		return r;
	}
	*ret_dev = gyl__tap_dev(t);
	return 0;
}
