/* SPDX-License-Identifier: ISC */
#include "libnet/host/iface.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_vlan.h>
#include <linux/sockios.h>

static uint32_t ip_of(const struct sockaddr *sa)
{
	struct sockaddr_in sin;

	if (sa == NULL || sa->sa_family != AF_INET)
		return 0;
	memcpy(&sin, sa, sizeof(sin));
	return ntohl(sin.sin_addr.s_addr);
}

/* Addresses carry a label, "eth0" or "eth0:1". */
static bool label_of(const char *label, const char *name)
{
	size_t len = strcspn(label, ":");

	return strncmp(label, name, len) == 0 && name[len] == '\0';
}

static bool is_loopback(const struct ifaddrs *a)
{
	return (a->ifa_flags & IFF_LOOPBACK) != 0;
}

/* The entry of an interface itself that is up, not one of its addresses. */
static bool is_up(const struct ifaddrs *a)
{
	return (a->ifa_flags & IFF_UP) != 0 && a->ifa_addr != NULL &&
	       a->ifa_addr->sa_family == AF_PACKET;
}

static bool has_ip(const struct ifaddrs *all, const char *name)
{
	for (const struct ifaddrs *a = all; a != NULL; a = a->ifa_next) {
		if (a->ifa_addr != NULL && a->ifa_addr->sa_family == AF_INET &&
			label_of(a->ifa_name, name))
			return true;
	}
	return false;
}

/* What the VLAN interface a is on top of; -1 when it is none. */
static int parent_of(int fd, const struct ifaddrs *a, char parent[IF_NAMESIZE])
{
	struct vlan_ioctl_args args = {.cmd = GET_VLAN_REALDEV_NAME_CMD};

	memcpy(args.device1, a->ifa_name, strnlen(a->ifa_name, IF_NAMESIZE - 1));
	if (ioctl(fd, SIOCGIFVLAN, &args) != 0)
		return -1;
	memset(parent, 0, IF_NAMESIZE);
	memcpy(parent, args.u.device2, strnlen(args.u.device2, IF_NAMESIZE - 1));
	args.cmd = GET_VLAN_VID_CMD;
	return ioctl(fd, SIOCGIFVLAN, &args) == 0 ? args.u.VID : -1;
}

static void add_vlan(struct gyl__ifaces *t, int fd, const struct ifaddrs *a)
{
	char parent[IF_NAMESIZE];
	int vid = parent_of(fd, a, parent);

	for (unsigned i = 0; i < t->iface_cnt && vid >= 0; i++) {
		if (strcmp(t->iface[i].name, parent) == 0 && t->vlan_cnt < GYL__VLAN_MAX)
			t->vlan[t->vlan_cnt++] = (struct gyl__vlan){(uint16_t)vid, (uint8_t)i};
	}
}

static void add_vlans(struct gyl__ifaces *t, const struct ifaddrs *all)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	for (const struct ifaddrs *a = all; a != NULL; a = a->ifa_next) {
		if (is_up(a))
			add_vlan(t, fd, a);
	}
	(void)close(fd);
}

static uint16_t mtu_of(const char *name)
{
	struct ifreq ifr = {0};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int mtu = 1500;

	if (fd < 0)
		return (uint16_t)mtu;
	memcpy(ifr.ifr_name, name, strnlen(name, sizeof(ifr.ifr_name) - 1));
	if (ioctl(fd, SIOCGIFMTU, &ifr) == 0)
		mtu = ifr.ifr_mtu;
	(void)close(fd);
	return mtu > UINT16_MAX ? UINT16_MAX : (uint16_t)mtu;
}

static void add_iface(struct gyl__ifaces *t, const struct ifaddrs *a)
{
	struct gyl__iface *x;
	struct sockaddr_ll ll;

	if (t->iface_cnt == GYL__IFACE_MAX)
		return;
	x = &t->iface[t->iface_cnt++];
	memcpy(&ll, a->ifa_addr, sizeof(ll));
	memcpy(x->name, a->ifa_name, strnlen(a->ifa_name, sizeof(x->name) - 1));
	x->ifindex = ll.sll_ifindex;
	x->loopback = (a->ifa_flags & IFF_LOOPBACK) != 0;
	x->ether = ll.sll_hatype == ARPHRD_ETHER && ll.sll_halen == sizeof(x->mac);
	if (x->ether)
		memcpy(x->mac, ll.sll_addr, sizeof(x->mac));
	x->mtu = mtu_of(x->name);
}

static void add_named(struct gyl__ifaces *t, const struct ifaddrs *all, const char *name)
{
	for (const struct ifaddrs *a = all; a != NULL; a = a->ifa_next) {
		if (is_up(a) && strcmp(a->ifa_name, name) == 0)
			add_iface(t, a);
	}
}

static bool is_there(const struct gyl__ifaces *t, const char *name)
{
	for (unsigned i = 0; i < t->iface_cnt; i++) {
		if (strcmp(t->iface[i].name, name) == 0)
			return true;
	}
	return false;
}

/* Those with an address: of loopback, or all others. */
static void add_all(struct gyl__ifaces *t, const struct ifaddrs *all, bool loopback)
{
	for (const struct ifaddrs *a = all; a != NULL; a = a->ifa_next) {
		if (is_up(a) && is_loopback(a) == loopback && has_ip(all, a->ifa_name) &&
			!is_there(t, a->ifa_name))
			add_iface(t, a);
	}
}

static void add_addr(struct gyl__ifaces *t, const struct ifaddrs *a)
{
	uint32_t mask = ip_of(a->ifa_netmask);

	for (unsigned i = 0; i < t->iface_cnt; i++) {
		struct gyl__iface *x = &t->iface[i];
		struct gyl__addr *addr = &t->addr[t->addr_cnt];

		if (!label_of(a->ifa_name, x->name) || t->addr_cnt == GYL__ADDR_MAX)
			continue;
		t->addr_cnt++;
		addr->ip = ip_of(a->ifa_addr);
		addr->iface = (uint8_t)i;
		if ((a->ifa_flags & IFF_BROADCAST) != 0 && ~mask > 1)
			addr->broadcast = addr->ip | ~mask;
		addr->prefix = (uint8_t)__builtin_popcount(mask);
		if (x->ip == 0)
			x->ip = addr->ip;
	}
}

static int check(const struct gyl__ifaces *t, const char *const *name, unsigned cnt, char err[200])
{
	for (unsigned i = 0; i < cnt; i++) {
		bool gone = if_nametoindex(name[i]) == 0;

		if (is_there(t, name[i]))
			continue;
		(void)snprintf(err, 200,
			"interface %.32s: %s; `ip link` lists the interfaces, `ip link set %.32s up` "
			"starts one",
			name[i], gone ? "there is none of that name" : "it is down", name[i]);
		return gone ? -ENODEV : -ENETDOWN;
	}
	return 0;
}

int gyl__ifaces_open(struct gyl__ifaces *t, const char *const *name, unsigned cnt, char err[200])
{
	struct ifaddrs *all;

	memset(t, 0, sizeof(*t));
	t->named = cnt != 0;
	if (getifaddrs(&all) != 0) {
		int e = errno;

		(void)snprintf(err, 200, "cannot list the interfaces: %s", strerror(e));
		return -e;
	}
	for (unsigned i = 0; i < cnt; i++)
		add_named(t, all, name[i]);
	if (cnt ==
		0) /* loopback last: interface 0 is one that clients are behind, if there is any */
		add_all(t, all, false);
	add_all(t, all, true);
	for (const struct ifaddrs *a = all; a != NULL; a = a->ifa_next) {
		if (a->ifa_addr != NULL && a->ifa_addr->sa_family == AF_INET)
			add_addr(t, a);
	}
	add_vlans(t, all);
	freeifaddrs(all);
	return check(t, name, cnt, err);
}

uint8_t gyl__ifaces_find(const struct gyl__ifaces *t, int ifindex)
{
	for (unsigned i = 0; i < t->iface_cnt; i++) {
		if (t->iface[i].ifindex == ifindex)
			return (uint8_t)i;
	}
	return GYL__IFACE_NONE;
}

bool gyl__ifaces_in(const struct gyl__ifaces *t, uint64_t set, uint8_t i)
{
	return set == 0 || (i < t->iface_cnt && (t->iface[i].loopback || (set >> i & 1) != 0));
}

uint8_t gyl__ifaces_by_ip(const struct gyl__ifaces *t, uint32_t ip)
{
	for (unsigned i = 0; i < t->addr_cnt; i++) {
		if (t->addr[i].ip == ip)
			return t->addr[i].iface;
	}
	for (unsigned i = 0; ip >> 24 == 127 && i < t->iface_cnt; i++) {
		if (t->iface[i].loopback)
			return (uint8_t)i;
	}
	return GYL__IFACE_NONE;
}

const struct gyl__addr *gyl__ifaces_addr(const struct gyl__ifaces *t, unsigned i, unsigned n)
{
	for (unsigned k = 0; k < t->addr_cnt; k++) {
		if (t->addr[k].iface == i && n-- == 0)
			return &t->addr[k];
	}
	return NULL;
}

bool gyl__ifaces_ours(const struct gyl__ifaces *t, uint32_t ip)
{
	return ip >> 24 == 127 || gyl__ifaces_by_ip(t, ip) != GYL__IFACE_NONE;
}

bool gyl__ifaces_vlan(const struct gyl__ifaces *t, unsigned i, uint16_t vid)
{
	for (unsigned k = 0; k < t->vlan_cnt && vid != 0; k++) {
		if (t->vlan[k].iface == i && t->vlan[k].vid == vid)
			return true;
	}
	return false;
}

bool gyl__ifaces_broadcast(const struct gyl__ifaces *t, unsigned i, uint32_t ip)
{
	if (ip == INADDR_BROADCAST)
		return true;
	for (unsigned k = 0; k < t->addr_cnt; k++) {
		if (t->addr[k].iface == i && t->addr[k].broadcast == ip && ip != 0)
			return true;
	}
	return false;
}

int gyl__ifaces_adopt(struct gyl__ifaces *t, uint8_t iface, uint32_t ip)
{
	if (iface >= t->iface_cnt)
		return -EINVAL;
	if (gyl__ifaces_by_ip(t, ip) != GYL__IFACE_NONE)
		return -EEXIST;
	if (t->addr_cnt == GYL__ADDR_MAX)
		return -ENOSPC;
	t->addr[t->addr_cnt++] =
		(struct gyl__addr){.ip = ip, .iface = iface, .prefix = 32, .adopted = true};
	return 0;
}

int gyl__ifaces_leave(struct gyl__ifaces *t, uint8_t iface, uint32_t ip)
{
	for (unsigned i = 0; i < t->addr_cnt; i++) {
		const struct gyl__addr *a = &t->addr[i];

		if (!a->adopted || a->iface != iface || a->ip != ip)
			continue;
		t->addr[i] = t->addr[--t->addr_cnt];
		return 0;
	}
	return -ENOENT;
}
