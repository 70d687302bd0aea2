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

/* ret_dev NULL: it is open already, and shared. What is to be decided about f is decided. */
static int open_iface(struct gyl_net_iface *f, struct gyl_netdev **ret_dev, char err[200])
{
	struct gyl_dev_about about;
	char text[300];
	int r;

	full_text(f->device, text);
	r = gyl_dev_about(text, &about, err);
	if (r == 0 && about.lan)
		r = check_own(f, err);
	if (r == 0 && f->probe == GYL_NET_PROBE_AUTO)
		f->probe = about.lan ? GYL_NET_PROBE_YES : GYL_NET_PROBE_NO;
	if (r == 0 && ret_dev != NULL)
		r = gyl_dev_open(text, ret_dev, err);
	return r;
}

static int open_devs(struct gyl_net_iface *iface, const struct gyl_net_conf *cf,
	struct gyl_netdev **dev, unsigned *dev_cnt, char err[200])
{
	int r = 0;

	for (unsigned i = 0; i < cf->iface_cnt && r == 0; i++) {
		bool is_new = gyl__stack_dev_of(cf, i) == *dev_cnt;

		if (is_new && *dev_cnt == GYL_NET_DEV_MAX) {
			(void)snprintf(err, 200, "more than %d devices", GYL_NET_DEV_MAX);
			return -EINVAL;
		}
		r = open_iface(&iface[i], is_new ? &dev[*dev_cnt] : NULL, err);
		*dev_cnt += r == 0 && is_new;
	}
	return r;
}

/* ---- addresses that others may have ---- */

static int refuse_taken(
	struct gyl_stack *s, const struct gyl_net_iface *f, uint32_t ip, char err[200])
{
	uint8_t iface, mac[6];
	char text[16], who[18] = "";
	struct gyl_writer w;
	uint32_t at;

	gyl_writer_init(&w, who, sizeof(who));
	while (gyl_stack_conflict(s, &iface, &at, mac)) {
		if (at != ip)
			continue;
		gyl_writer_init(&w, who, sizeof(who));
		gyl_text_mac(&w, mac);
	}
	(void)gyl_text_cstr(&w);
	gyl_writer_init(&w, text, sizeof(text));
	gyl_text_ipv4(&w, ip);
	(void)snprintf(err, 200,
		"%s is in use on %.40s by the station %s: choose a free address, or make that one "
		"give it up",
		gyl_text_cstr(&w), f->device, who);
	return -EADDRINUSE;
}

/* 0: all addresses are ours; 1: some are being asked for; or -errno with a sentence in err. */
static int look(struct gyl_stack *s, const struct gyl_net_conf *cf, char err[200])
{
	int r = 0;

	for (uint8_t i = 0; i < cf->iface_cnt; i++) {
		const struct gyl_net_iface *f = &cf->iface[i];

		for (unsigned n = 0; n < f->addr_cnt; n++) {
			switch (gyl_stack_addr_state(s, i, f->addr[n].ip)) {
			case GYL_STACK_ADDR_USABLE:
				break;
			case GYL_STACK_ADDR_PROBING:
				r = 1;
				break;
			default:
				return refuse_taken(s, f, f->addr[n].ip, err);
			}
		}
	}
	return r;
}

/* RFC 5227 2.1: nothing is served before it is known that nobody else has the addresses. Takes no
 * time when nothing is to be asked, 4 to 7 s otherwise. */
static int claim(const struct gyl_host *h, const struct gyl_net_conf *cf, char err[200])
{
	struct gyl_stack *s = gyl_host_stack_get(h);
	struct gyl_now now;
	int r;

	while ((r = look(s, cf, err)) == 1)
		(void)h->ops->wait(h->h, UINT64_MAX, &now);
	return r;
}

int gyl_host_stack_open(
	struct gyl_loop *l, const struct gyl_net_conf *cf, struct gyl_host *ret_host, char err[200])
{
	struct gyl_net_iface iface[GYL_NET_IFACE_MAX];
	struct gyl_net_conf own = {.iface = iface, .iface_cnt = cf->iface_cnt, .rng = cf->rng};
	struct gyl_netdev *dev[GYL_NET_DEV_MAX];
	struct gyl_host h;
	unsigned cnt = 0;
	int r = gyl__stack_check(cf, err);

	if (r != 0)
		return r;
	memcpy(iface, cf->iface, cf->iface_cnt * sizeof(iface[0]));
	r = open_devs(iface, cf, dev, &cnt, err);
	if (r != 0) {
		for (unsigned i = 0; i < cnt; i++)
			gyl_netdev_close(dev[i]);
		return r;
	}
	r = gyl_host_stack_on(l, &own, dev, cnt, &h, err);
	if (r != 0)
		return r;
	r = claim(&h, &own, err);
	if (r != 0)
		h.ops->close(h.h);
	else
		*ret_host = h;
	return r;
}
