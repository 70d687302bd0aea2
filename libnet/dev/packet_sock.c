/* SPDX-License-Identifier: ISC */
#include "libnet/dev/packet_int.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <gyl/eth.h>
#include <gyl/time.h>
#include <linux/if_ether.h>

#include "libnet/dev/link.h"

/* While it is down: how often is looked whether it is gone. */
#define LOOK_NS (200 * GYL_NS_PER_MS)

static int check_iface(struct gyl__packet_sock *s, const char *name, char err[200])
{
	uint8_t mac[6];
	int r = gyl__link_mac(name, mac);

	if (r == -EINVAL)
		snprintf(err, 200, "packet %s: it has no Ethernet frames", name);
	else if (r != 0)
		snprintf(err, 200, "packet %s: no such interface: %s", name, strerror(-r));
	s->index = (int)if_nametoindex(name);
	return r;
}

int gyl__packet_sock_open(struct gyl__packet_sock *s, const char *name, char err[200])
{
	int r = check_iface(s, name, err);

	if (r != 0)
		return r;
	s->map = MAP_FAILED;
	s->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd >= 0)
		return 0;
	r = -errno;
	snprintf(err, 200, "packet %s: cannot open a packet socket%s: %s", name,
		r == -EPERM || r == -EACCES ? " (needs CAP_NET_RAW)" : "", strerror(-r));
	return r;
}

void gyl__packet_sock_close(struct gyl__packet_sock *s)
{
	if (s->map != MAP_FAILED)
		munmap(s->map, s->map_len);
	close(s->fd);
}

int gyl__packet_sock_ring(struct gyl__packet_sock *s, int version, const struct tpacket_req3 *req)
{
	socklen_t len = version == TPACKET_V3 ? sizeof(*req) : sizeof(struct tpacket_req);

	if (setsockopt(s->fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) != 0 ||
		setsockopt(s->fd, SOL_PACKET, PACKET_RX_RING, req, len) != 0)
		return -errno;
	s->map_len = (size_t)req->tp_block_size * req->tp_block_nr;
	s->map = mmap(NULL, s->map_len, PROT_READ | PROT_WRITE, MAP_SHARED, s->fd, 0);
	return s->map == MAP_FAILED ? -errno : 0;
}

int gyl__packet_sock_start(struct gyl__packet_sock *s)
{
	struct sockaddr_ll sll = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = s->index};

	return bind(s->fd, (const struct sockaddr *)&sll, sizeof(sll)) == 0 ? 0 : -errno;
}

int gyl__packet_sock_member(
	const struct gyl__packet_sock *s, unsigned type, const uint8_t mac[6], bool add)
{
	struct packet_mreq m = {
		.mr_ifindex = s->index, .mr_type = (unsigned short)type, .mr_alen = 6};

	if (mac != NULL)
		memcpy(m.mr_address, mac, 6);
	return setsockopt(s->fd, SOL_PACKET, add ? PACKET_ADD_MEMBERSHIP : PACKET_DROP_MEMBERSHIP,
		       &m, sizeof(m)) == 0
		       ? 0
		       : -errno;
}

uint64_t gyl__packet_sock_lost(const struct gyl__packet_sock *s)
{
	struct tpacket_stats_v3 st; /* begins as that of version 2 */
	socklen_t len = sizeof(st);

	memset(&st, 0, sizeof(st));
	return getsockopt(s->fd, SOL_PACKET, PACKET_STATISTICS, &st, &len) == 0 ? st.tp_drops : 0;
}

/* The kernel forgets the interface of a socket when that is removed. */
static bool is_removed(const struct gyl__packet_sock *s)
{
	struct sockaddr_ll sll = {.sll_ifindex = 0};
	socklen_t len = sizeof(sll);

	return getsockname(s->fd, (struct sockaddr *)&sll, &len) == 0 &&
	       sll.sll_ifindex != s->index;
}

void gyl__packet_sock_look(struct gyl__packet_sock *s, struct gyl_netdev *d)
{
	socklen_t len = sizeof(int);
	int e = 0;

	if (s->down && d->mono_ns < s->look_ns)
		return;
	/* Also clears it: a descriptor with an error would end every wait at once. */
	if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &e, &len) == 0 && e == ENETDOWN)
		s->down = true;
	if (!s->down)
		return;
	s->look_ns = gyl_time_add(d->mono_ns, LOOK_NS);
	if (is_removed(s))
		d->gone = ENODEV;
}

uint8_t *gyl__packet_retag(uint8_t *frame, uint16_t tpid, uint16_t tci)
{
	memmove(frame - GYL_ETH_TAG_LEN, frame, 12);
	frame -= GYL_ETH_TAG_LEN;
	gyl_set_u16(frame + 12, tpid);
	gyl_set_u16(frame + 14, tci);
	return frame;
}
