/* SPDX-License-Identifier: ISC */
#include "libnet/dev/link.h"

#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libnet/dev/dev.h"

bool gyl__link_name_ok(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len < IFNAMSIZ && strpbrk(name, "/ %:") == NULL &&
	       strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* One question or order about an interface. */
static int ask(const char *name, unsigned long what, struct ifreq *req)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int r = 0;

	if (fd < 0)
		return -errno;
	snprintf(req->ifr_name, sizeof(req->ifr_name), "%s", name);
	if (ioctl(fd, what, req) < 0)
		r = -errno;
	close(fd);
	return r;
}

int gyl__link_mtu(const char *name, uint32_t *ret_mtu)
{
	struct ifreq req = {.ifr_mtu = 0};
	int r = ask(name, SIOCGIFMTU, &req);

	if (r == 0)
		*ret_mtu = (uint32_t)req.ifr_mtu;
	return r;
}

int gyl__link_mac(const char *name, uint8_t ret_mac[6])
{
	struct ifreq req = {.ifr_mtu = 0};
	int r = ask(name, SIOCGIFHWADDR, &req);

	if (r == 0 && req.ifr_hwaddr.sa_family != ARPHRD_ETHER)
		r = -EINVAL;
	if (r == 0)
		memcpy(ret_mac, req.ifr_hwaddr.sa_data, 6);
	return r;
}

static int get_flags(const char *name, unsigned *ret_flags)
{
	struct ifreq req = {.ifr_mtu = 0};
	int r = ask(name, SIOCGIFFLAGS, &req);

	if (r == 0)
		*ret_flags = (unsigned short)req.ifr_flags;
	return r;
}

int gyl__link_is_up(const char *name, bool *ret_up)
{
	unsigned flags;
	int r = get_flags(name, &flags);

	if (r == 0)
		*ret_up = (flags & IFF_UP) != 0;
	return r;
}

int gyl__link_up(const char *name, unsigned flags)
{
	unsigned now;
	struct ifreq req = {.ifr_mtu = 0};
	int r = get_flags(name, &now);

	flags |= IFF_UP;
	if (r != 0 || (now & flags) == flags)
		return r;
	req.ifr_flags = (short)(now | flags);
	return ask(name, SIOCSIFFLAGS, &req);
}

int gyl__link_mtu_check(const char *what, const char *name, uint32_t *ret_mtu, char err[200])
{
	int r = gyl__link_mtu(name, ret_mtu);

	if (r != 0) {
		snprintf(err, 200, "%s: cannot read the mtu of %s: %s", what, name, strerror(-r));
		return r;
	}
	if (*ret_mtu < GYL_DEV_MTU_MIN || *ret_mtu > GYL_DEV_MTU_MAX) {
		snprintf(err, 200, "%s: its mtu is %u; %u to %u can be used", what,
			(unsigned)*ret_mtu, (unsigned)GYL_DEV_MTU_MIN, (unsigned)GYL_DEV_MTU_MAX);
		return -ERANGE;
	}
	return 0;
}
