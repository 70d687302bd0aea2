/* SPDX-License-Identifier: ISC */

/*
 * Datagram ports: UDP and Unix.
 *
 * Replies leave with the address the query came to as their source (IP_PKTINFO), by the route of
 * the kernel's choice: naming the interface too would bypass the routing table, and is done only
 * for broadcasts, which have no other way to say where they go.
 */

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "libnet/host/packet.h"
#include "libnet/host/socks_int.h"

static uint16_t bound_port(int fd)
{
	struct sockaddr_in sin = {0};
	socklen_t len = sizeof(sin);

	if (getsockname(fd, (struct sockaddr *)&sin, &len) != 0 || sin.sin_family != AF_INET)
		return 0;
	return ntohs(sin.sin_port);
}

int gyl__dgram_open(struct gyl__port *p)
{
	static const int on = 1;

	p->batch = malloc(sizeof(*p->batch));
	if (p->batch == NULL)
		return -ENOMEM;
	p->batch->mem = NULL;
	if (p->fd < 0)
		return gyl__batch_open(p->batch, false);
	p->local_port = bound_port(p->fd);
	if (setsockopt(p->fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof(on)) != 0)
		return -errno;
	if ((p->unix_domain ? setsockopt(p->fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on))
			    : setsockopt(p->fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on))) != 0)
		return -errno;
	return gyl__batch_open(p->batch, true);
}

static void fill_peer(const struct gyl__port *p, const union gyl__name *name,
	const struct gyl__beside *x, struct gyl_peer *peer)
{
	peer->ip = ntohl(name->in.sin_addr.s_addr);
	peer->port = ntohs(name->in.sin_port);
	peer->local_ip = x->local_ip;
	peer->local_port = p->local_port;
	peer->iface = gyl__ifaces_find(p->s->ifaces, x->ifindex);
}

/* With names given the table has only those and loopback: anything else came by a way not served.
 */
static bool not_served(const struct gyl__port *p, const struct gyl_in *in)
{
	const struct gyl__ifaces *t = p->s->ifaces;

	return (t->named && in->peer.iface == GYL__IFACE_NONE) ||
	       !gyl__ifaces_in(t, p->ifaces, in->peer.iface);
}

static bool fill(struct gyl__port *p, size_t i, struct gyl_in *in)
{
	struct gyl__beside x = gyl__batch_beside(p->batch, i);
	size_t cut;

	if (x.has_drops && p->packet == NULL) /* a mute socket counts what its filter refuses */
		gyl__drops_note(&p->drops, x.drop_cnt);
	gyl__in_init(in, p, GYL_IN_DGRAM);
	in->data = gyl__batch_data(p->batch, i, &cut);
	in->seq = cut;
	if (p->unix_domain) {
		in->peer.pid = x.pid;
		in->peer.uid = x.uid;
	} else {
		fill_peer(p, &p->batch->name[i], &x, &in->peer);
		if (not_served(p, in)) {
			p->s->stat.in_bad_cnt++;
			return false;
		}
	}
	gyl__count_in(p->s, in->data.len);
	return true;
}

static size_t tell_drops(struct gyl__port *p, struct gyl_in *in)
{
	if (p->drops.due == 0)
		return 0;
	gyl__in_init(in, p, GYL_IN_DROPPED);
	in->seq = gyl__drops_take(&p->drops);
	return 1;
}

/*
 * The queue is empty. After a burst that filled a batch ask for losses at once: the notice that
 * rides on datagrams would come with the next one, maybe tomorrow.
 */
static void queue_empty(struct gyl__port *p)
{
	p->dry = true;
	if (p->burst >= GYL_SOCKS_BATCH && p->packet == NULL)
		gyl__drops_ask(&p->drops, p->fd);
	p->burst = 0;
}

static size_t sock_recv(struct gyl__port *p, struct gyl_in *in, size_t cap)
{
	enum {
		BATCHES = 4
	}; /* that are not for us, at once: whoever sends them may go on for ever */
	size_t n = 0;

	for (int turn = 0; turn < BATCHES && !p->dry && n == 0; turn++) {
		size_t got = gyl__batch_read(p->batch, p->fd, 0, cap);

		p->burst += (uint32_t)got;
		if (got < cap)
			queue_empty(p);
		for (size_t i = 0; i < got; i++)
			n += fill(p, i, &in[n]);
	}
	if (n < cap)
		n += tell_drops(p, &in[n]);
	return n;
}

size_t gyl__dgram_recv(struct gyl__port *p, struct gyl_in *in, size_t cap)
{
	size_t n = 0;

	if (p->batch->rest_cnt != 0)
		return gyl__batch_kept(p->batch, in, cap);
	gyl__port_resume(p);
	if (cap > GYL_SOCKS_BATCH)
		cap = GYL_SOCKS_BATCH;
	if (p->packet != NULL)
		n = gyl__packet_recv(p, in, cap);
	return n == 0 && p->fd >= 0 ? sock_recv(p, in, cap) : n;
}

static void put_source(const struct gyl__port *p, const struct gyl_peer *to, struct msghdr *m)
{
	const struct gyl__ifaces *t = p->s->ifaces;
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	struct in_pktinfo info = {0};

	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(info));
	if (gyl__ifaces_ours(t, to->local_ip)) /* a broadcast can be no source */
		info.ipi_spec_dst.s_addr = htonl(to->local_ip);
	if (to->iface < t->iface_cnt && gyl__ifaces_broadcast(t, to->iface, to->ip))
		info.ipi_ifindex = t->iface[to->iface].ifindex;
	memcpy(CMSG_DATA(c), &info, sizeof(info));
}

static void put_msg(struct gyl__port *p, size_t i, const struct gyl_send *slot)
{
	struct gyl_socks *s = p->s;
	struct msghdr *m = &s->msg[i].msg_hdr;

	s->iov[i] = (struct iovec){slot->p, slot->len};
	s->name[i] = (struct sockaddr_in){.sin_family = AF_INET,
		.sin_port = htons(slot->to.port),
		.sin_addr.s_addr = htonl(slot->to.ip)};
	*m = (struct msghdr){.msg_name = &s->name[i],
		.msg_namelen = sizeof(s->name[i]),
		.msg_iov = &s->iov[i],
		.msg_iovlen = 1,
		.msg_control = s->ctl[i],
		.msg_controllen = sizeof(s->ctl[i])};
	put_source(p, &slot->to, m);
}

/*
 * Messages from i on. Returns how many are dealt with. The first one's error is this call's: an
 * address that went away since the start may not be a source any more, then the kernel picks one.
 */
static size_t send_some(struct gyl_socks *s, int fd, size_t i, size_t cnt)
{
	int n = sendmmsg(fd, s->msg + i, (unsigned)(cnt - i), MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n > 0) {
		s->stat.out_cnt += (uint64_t)n;
		for (size_t k = i; k < i + (size_t)n; k++)
			s->stat.out_octets += s->iov[k].iov_len;
		return (size_t)n;
	}
	if (n < 0 && errno == EINTR)
		return 0;
	if (n < 0 && errno == EINVAL && s->msg[i].msg_hdr.msg_controllen != 0) {
		s->msg[i].msg_hdr.msg_controllen = 0;
		return 0;
	}
	s->stat.out_lost_cnt++;
	return 1;
}

void gyl__msgs_send(struct gyl_socks *s, int fd, size_t cnt)
{
	for (size_t i = 0; i < cnt;)
		i += send_some(s, fd, i, cnt);
}

static void sock_send(struct gyl__port *p, const struct gyl_send *slot, size_t cnt)
{
	if (p->fd < 0) { /* a FRAME port, for an interface it does not have */
		p->s->stat.out_lost_cnt += cnt;
		return;
	}
	for (size_t i = 0; i < cnt; i++)
		put_msg(p, i, &slot[i]);
	gyl__msgs_send(p->s, p->fd, cnt);
}

void gyl__dgram_send(struct gyl__port *p, const struct gyl_send *slot, size_t cnt)
{
	if (p->packet == NULL) {
		sock_send(p, slot, cnt);
		return;
	}
	for (size_t i = 0, n; i < cnt; i += n) {
		int way = gyl__packet_way(p, &slot[i]);

		for (n = 1; i + n < cnt && gyl__packet_way(p, &slot[i + n]) == way;)
			n++;
		if (way < 0)
			sock_send(p, &slot[i], n);
		else
			gyl__packet_send(p, way, &slot[i], n);
	}
}
