/* SPDX-License-Identifier: ISC */

/*
 * The three requests of rtnetlink(7) that a macvtap interface takes: one message each, sent and
 * answered at once on a socket of its own.
 */

#include "libnet/dev/link.h"

#include <errno.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

enum {
	REQUEST_LEN = 512,
	REPLY_LEN = 32 * 1024 /* statistics of an interface make its description long */
};

struct request {
	struct nlmsghdr h;
	struct ifinfomsg info;
	uint8_t attr[REQUEST_LEN];
};

static void begin(struct request *q, uint16_t type, unsigned flags)
{
	memset(q, 0, sizeof(*q));
	q->h.nlmsg_len = NLMSG_LENGTH(sizeof(q->info));
	q->h.nlmsg_type = type;
	q->h.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	q->info.ifi_family = AF_UNSPEC;
}

/* Lengths here are constants and interface names: REQUEST_LEN holds them all. */
static struct rtattr *put(struct request *q, unsigned short type, const void *data, size_t len)
{
	struct rtattr *a = (struct rtattr *)(void *)((uint8_t *)q + NLMSG_ALIGN(q->h.nlmsg_len));

	a->rta_type = type;
	a->rta_len = (unsigned short)RTA_LENGTH(len);
	if (len > 0)
		memcpy(RTA_DATA(a), data, len);
	q->h.nlmsg_len = (uint32_t)(NLMSG_ALIGN(q->h.nlmsg_len) + RTA_ALIGN(a->rta_len));
	return a;
}

/* All that was put since then lies in it. */
static void nest_end(struct request *q, struct rtattr *nest)
{
	nest->rta_len = (unsigned short)((uint8_t *)q + q->h.nlmsg_len - (uint8_t *)nest);
}

/* The kernel answers a request before send returns. Length of its first message, or -errno. */
static ssize_t exchange(struct request *q, void *reply, size_t cap)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct nlmsghdr *h = reply;
	ssize_t n;

	memset(h, 0, sizeof(*h));
	if (fd < 0)
		return -errno;
	n = send(fd, q, q->h.nlmsg_len, 0);
	if (n >= 0)
		n = recv(fd, reply, cap, 0);
	if (n < 0)
		n = -errno;
	close(fd);
	if (n >= 0 && ((size_t)n < sizeof(*h) || h->nlmsg_len > (size_t)n))
		return -EBADMSG;
	if (n >= 0 && h->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *e = NLMSG_DATA(h);

		return h->nlmsg_len < NLMSG_LENGTH(sizeof(*e)) ? -EBADMSG : e->error;
	}
	return n;
}

static int order(struct request *q)
{
	union {
		struct nlmsghdr h;
		uint8_t octet[REPLY_LEN];
	} reply;
	ssize_t n = exchange(q, &reply, sizeof(reply));

	return n < 0 ? (int)n : 0;
}

/* IFLA_LINKINFO: is its kind macvtap? */
static bool is_macvtap(struct rtattr *info)
{
	size_t left = RTA_PAYLOAD(info);

	for (struct rtattr *a = RTA_DATA(info); RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		if (a->rta_type == IFLA_INFO_KIND)
			return RTA_PAYLOAD(a) >= 8 && memcmp(RTA_DATA(a), "macvtap", 8) == 0;
	}
	return false;
}

int gyl__link_find(const char *name, struct gyl__link_info *ret)
{
	union {
		struct nlmsghdr h;
		uint8_t octet[REPLY_LEN];
	} reply;
	struct request q;
	struct ifinfomsg *i = NLMSG_DATA(&reply.h);
	size_t left;
	ssize_t n;

	begin(&q, RTM_GETLINK, 0);
	put(&q, IFLA_IFNAME, name, strlen(name) + 1);
	n = exchange(&q, &reply, sizeof(reply));
	if (n < 0)
		return (int)n;
	if (reply.h.nlmsg_type != RTM_NEWLINK || reply.h.nlmsg_len < NLMSG_LENGTH(sizeof(*i)))
		return -EBADMSG;
	memset(ret, 0, sizeof(*ret));
	ret->index = (unsigned)i->ifi_index;
	left = IFLA_PAYLOAD(&reply.h);
	for (struct rtattr *a = IFLA_RTA(i); RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		if (a->rta_type == IFLA_LINK && RTA_PAYLOAD(a) >= sizeof(ret->parent))
			memcpy(&ret->parent, RTA_DATA(a), sizeof(ret->parent));
		else if (a->rta_type == IFLA_LINKINFO)
			ret->macvtap = is_macvtap(a);
	}
	return 0;
}

int gyl__link_add_macvtap(const char *name, unsigned parent)
{
	const uint32_t mode = MACVLAN_MODE_BRIDGE;
	struct rtattr *info, *data;
	struct request q;

	begin(&q, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
	put(&q, IFLA_IFNAME, name, strlen(name) + 1);
	put(&q, IFLA_LINK, &parent, sizeof(parent));
	info = put(&q, IFLA_LINKINFO, NULL, 0);
	put(&q, IFLA_INFO_KIND, "macvtap", 7);
	data = put(&q, IFLA_INFO_DATA, NULL, 0);
	put(&q, IFLA_MACVLAN_MODE, &mode, sizeof(mode));
	nest_end(&q, data);
	nest_end(&q, info);
	return order(&q);
}

int gyl__link_remove(unsigned index)
{
	struct request q;

	begin(&q, RTM_DELLINK, NLM_F_ACK);
	q.info.ifi_index = (int)index;
	return order(&q);
}
