/* SPDX-License-Identifier: ISC */

/*
 * From the cores to the device. A slot that is lent lies inside a buffer of the device, with room
 * for headers in front of it; the headers are put there and the buffer goes, nothing is copied.
 */

#include "libnet/host/stack.h"

void gyl__stack_batch(struct gyl__stack_host *k, struct gyl_stack_batch *b)
{
	*b = (struct gyl_stack_batch){.in = k->in,
		.in_cap = GYL__IN_BATCH,
		.out = {{.buf = k->out, .cap = GYL_NETDEV_BATCH}}};
}

void gyl__stack_flush(struct gyl__stack_host *k, struct gyl_stack_batch *b)
{
	struct gyl_stack_out *out = &b->out[0];

	if (out->cnt == 0)
		return;
	gyl_netdev_send(k->dev, out->buf, out->cnt);
	gyl_netdev_lend(k->dev, out->buf, out->cnt); /* the same number is there: just given back */
	out->cnt = 0;
}

size_t gyl__stack_lend(struct gyl__stack_host *k, struct gyl_send *slot, size_t cnt)
{
	if (cnt > GYL_NETDEV_BATCH - k->lent_cnt)
		cnt = GYL_NETDEV_BATCH - k->lent_cnt;
	for (size_t i = 0; i < cnt; i++) {
		memset(&slot[i], 0, sizeof(slot[i]));
		slot[i].p = k->slot[k->lent_cnt + i].p + GYL_STACK_ROOM;
		slot[i].cap = GYL_SEND_CAP_MIN;
	}
	k->lent_cnt += cnt;
	return cnt;
}

/* Whose buffer a slot is; slots come back in the order they went, so the guess is mostly right. */
static size_t slot_of(const struct gyl__stack_host *k, const uint8_t *p, size_t guess)
{
	if (guess < k->lent_cnt && k->slot[guess].p + GYL_STACK_ROOM == p)
		return guess;
	for (size_t i = 0; i < k->lent_cnt; i++) {
		if (k->slot[i].p + GYL_STACK_ROOM == p)
			return i;
	}
	return k->lent_cnt;
}

static bool is_for_socks(const struct gyl__stack_host *k, const struct gyl_send *s)
{
	if (s->flow != 0)
		return gyl_socks_flow_accepted(s->flow);
	return s->port < GYL_PORT_OPENED && k->port[s->port].type == GYL__STACK_PORT_SOCKS;
}

static void to_stack_peer(const struct gyl_peer *from, uint16_t local_port, struct gyl_net_peer *to)
{
	to->ip = from->ip;
	to->local_ip = from->local_ip;
	to->port = from->port;
	to->local_port = local_port;
	to->vlan = from->vlan;
	to->iface = from->iface;
	to->has_mac = from->has_mac != 0;
	memcpy(to->mac, from->mac, sizeof(to->mac));
}

/* Where it goes and from which port. False: nowhere. */
static bool address(
	const struct gyl__stack_host *k, const struct gyl_send *s, struct gyl_net_peer *to)
{
	if (s->flow != 0) {
		const struct gyl__flow *f = gyl__stack_flow_find(k, s->flow);

		if (f == NULL)
			return false;
		to_stack_peer(&f->peer, f->peer.local_port, to);
		return true;
	}
	if (s->port >= GYL_PORT_OPENED || k->port[s->port].type != GYL__STACK_PORT_UDP)
		return false;
	to_stack_peer(&s->to, k->port[s->port].udp_port, to);
	return true;
}

/* Make the frame of a slot in its buffer. False: it is lost. */
static bool frame(struct gyl__stack_host *k, const struct gyl_send *s, struct gyl_netbuf *buf,
	struct gyl_stack_batch *b)
{
	struct gyl_net_peer to;
	uint8_t dev; /* there is but one */

	buf->len = 0;
	if (s->len > s->cap)
		return false;
	if (s->flow == 0 && s->port < GYL_PORT_OPENED &&
		k->port[s->port].type == GYL__STACK_PORT_FRAME) {
		buf->off = GYL_STACK_ROOM;
		buf->len = s->len;
		return true;
	}
	return address(k, s, &to) && gyl_stack_udp_output(k->stack, k->now.mono_ns, &to, NULL, buf,
					     GYL_STACK_ROOM, s->len, &dev, b) != GYL_STACK_DROPPED;
}

/* The frames that were made go to the device, which gives as many fresh buffers for them. */
static void send_made(struct gyl__stack_host *k, const uint8_t *made, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++)
		k->made[i] = k->slot[made[i]];
	gyl_netdev_send(k->dev, k->made, cnt);
	gyl_netdev_lend(k->dev, k->made, cnt);
	for (size_t i = 0; i < cnt; i++)
		k->slot[made[i]] = k->made[i];
}

static size_t socks_run(const struct gyl__stack_host *k, const struct gyl_send *s, size_t cnt)
{
	size_t n = 1;

	while (n < cnt && is_for_socks(k, &s[n]))
		n++;
	return n;
}

void gyl__stack_send(struct gyl__stack_host *k, const struct gyl_send *s, size_t cnt)
{
	uint8_t made[GYL_NETDEV_BATCH];
	size_t made_cnt = 0;
	struct gyl_stack_batch b;

	gyl__stack_batch(k, &b);
	for (size_t i = 0; i < cnt;) {
		size_t j;

		if (s[i].len != 0 && is_for_socks(k, &s[i])) {
			i += gyl_socks_send(k->socks, s + i, socks_run(k, s + i, cnt - i));
			continue;
		}
		j = s[i].len == 0 ? k->lent_cnt : slot_of(k, s[i].p, i);
		if (j < k->lent_cnt && made_cnt < GYL_NETDEV_BATCH &&
			frame(k, &s[i], &k->slot[j], &b)) {
			k->stat.out_cnt++;
			k->stat.out_octets += s[i].len;
			made[made_cnt++] = (uint8_t)j;
		} else if (s[i].len != 0) {
			k->stat.out_lost_cnt++;
		}
		i++;
	}
	k->lent_cnt = 0;
	if (made_cnt != 0)
		send_made(k, made, made_cnt);
	gyl__stack_flush(k, &b);
}
