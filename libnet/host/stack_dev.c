/* SPDX-License-Identifier: ISC */

/*
 * The devices of the stack host, opened by their texts. On a real LAN our addresses must not be
 * this machine's: its kernel would answer for them, too, refuse our connections and hear half of
 * what is for us.
 */

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdio.h>

#include <gyl/net/device.h>
#include <gyl/text.h>

#include "libnet/host/stack.h"

static uint32_t ip_of(const struct ifaddrs *a)
{
	struct sockaddr_in sin;

	if (a->ifa_addr == NULL || a->ifa_addr->sa_family != AF_INET)
		return 0;
	memcpy(&sin, a->ifa_addr, sizeof(sin));
	return ntohl(sin.sin_addr.s_addr);
}

static int refuse_own(uint32_t ip, const char *where, char err[200])
{
	char text[16];
	struct gyl_writer w;

	gyl_writer_init(&w, text, sizeof(text));
	gyl_text_ipv4(&w, ip);
	(void)snprintf(err, 200,
		"%s is this machine's own address on %s: choose a free one, or use --host=kernel",
		gyl_text_cstr(&w), where);
	return -EADDRINUSE;
}

/* None of f's addresses is one of the machine's, whichever interface has it. */
static int check_own(const struct gyl_net_iface *f, char err[200])
{
	struct ifaddrs *all;
	int r = 0;

	if (getifaddrs(&all) != 0) {
		r = -errno;
		(void)snprintf(err, 200, "cannot list this machine's addresses: %s", strerror(-r));
		return r;
	}
	for (const struct ifaddrs *a = all; a != NULL && r == 0; a = a->ifa_next) {
		for (unsigned i = 0; i < f->addr_cnt && r == 0; i++) {
			if (ip_of(a) == f->addr[i].ip)
				r = refuse_own(f->addr[i].ip, a->ifa_name, err);
		}
	}
	freeifaddrs(all);
	return r;
}

/* A bare name is a real interface. */
static void full_text(const char *text, char ret[300])
{
	(void)snprintf(ret, 300, "%s%s",
		strchr(text, ':') == NULL && text[0] != '\0' ? "packet:" : "", text);
}

/* ret_dev NULL: it is open already, and shared. */
static int open_iface(const struct gyl_net_iface *f, struct gyl_netdev **ret_dev, char err[200])
{
	struct gyl_dev_about about;
	char text[300];
	int r;

	full_text(f->device, text);
	r = gyl_dev_about(text, &about, err);
	if (r == 0 && about.lan)
		r = check_own(f, err);
	if (r == 0 && ret_dev != NULL)
		r = gyl_dev_open(text, ret_dev, err);
	return r;
}

int gyl_host_stack_open(
	struct gyl_loop *l, const struct gyl_net_conf *cf, struct gyl_host *ret_host, char err[200])
{
	struct gyl_netdev *dev[GYL_NET_DEV_MAX];
	unsigned cnt = 0;
	int r = gyl__stack_check(cf, err);

	for (unsigned i = 0; i < cf->iface_cnt && r == 0; i++) {
		bool is_new = gyl__stack_dev_of(cf, i) == cnt;

		if (is_new && cnt == GYL_NET_DEV_MAX) {
			(void)snprintf(err, 200, "more than %d devices", GYL_NET_DEV_MAX);
			r = -EINVAL;
		} else {
			r = open_iface(&cf->iface[i], is_new ? &dev[cnt] : NULL, err);
			cnt += r == 0 && is_new;
		}
	}
	if (r == 0)
		return gyl_host_stack_on(l, cf, dev, cnt, ret_host, err);
	for (unsigned i = 0; i < cnt; i++)
		gyl_netdev_close(dev[i]);
	return r;
}
