/* SPDX-License-Identifier: ISC */

/*
 * From the cores to the devices. A slot that is lent lies inside a buffer of a device, with room
 * for headers in front of it; the headers are put there and the buffer goes, nothing is copied.
 * Slots are those of the device where the last input came from, which is where most answers go; a
 * frame that is to leave by another one is copied into a buffer of that.
 */

#include "libnet/host/stack.h"

#include <gyl/eth.h>

void gyl__stack_batch(struct gyl__stack_host *k, struct gyl_stack_batch *b)
{
	memset(b, 0, sizeof(*b));
	for (unsigned i = 0; i < k->dev_cnt; i++)
		b->out[i] = (struct gyl_stack_out){.buf = k->dev[i].out, .cap = GYL_NETDEV_BATCH};
}

static void flush_dev(struct gyl__stack_host *k, struct gyl_stack_batch *b, unsigned dev)
{
	struct gyl_stack_out *out = &b->out[dev];

	if (out->cnt == 0)
		return;
	gyl_netdev_send(k->dev[dev].dev, out->buf, out->cnt);
	/* the same number is there: just given back */
	gyl_netdev_lend(k->dev[dev].dev, out->buf, out->cnt);
	out->cnt = 0;
}

void gyl__stack_flush(struct gyl__stack_host *k, struct gyl_stack_batch *b)
{
	for (unsigned i = 0; i < k->dev_cnt; i++)
		flush_dev(k, b, i);
}

size_t gyl__stack_lend(struct gyl__stack_host *k, struct gyl_send *slot, size_t cnt)
{
	if (k->lent_cnt == 0)
		k->lent_dev = k->in_dev;
	if (cnt > GYL_NETDEV_BATCH - k->lent_cnt)
		cnt = GYL_NETDEV_BATCH - k->lent_cnt;
	for (size_t i = 0; i < cnt; i++) {
		memset(&slot[i], 0, sizeof(slot[i]));
		slot[i].p = k->dev[k->lent_dev].slot[k->lent_cnt + i].p + GYL_STACK_ROOM;
		slot[i].cap = GYL_SEND_CAP_MIN;
	}
	k->lent_cnt += cnt;
	return cnt;
}

/* Whose buffer a slot is; slots come back in the order they went, so the guess is mostly right. */
static size_t slot_of(const struct gyl__stack_host *k, const uint8_t *p, size_t guess)
{
	const struct gyl_netbuf *slot = k->dev[k->lent_dev].slot;

	if (guess < k->lent_cnt && slot[guess].p + GYL_STACK_ROOM == p)
		return guess;
	for (size_t i = 0; i < k->lent_cnt; i++) {
		if (slot[i].p + GYL_STACK_ROOM == p)
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

void gyl__stack_peer(const struct gyl_peer *from, uint16_t local_port, struct gyl_net_peer *to)
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
		gyl__stack_peer(&f->peer, f->peer.local_port, to);
		return true;
	}
	if (s->port >= GYL_PORT_OPENED || k->port[s->port].type != GYL__STACK_PORT_UDP)
		return false;
	gyl__stack_peer(&s->to, k->port[s->port].udp_port, to);
	return true;
}

/* A whole frame, by the interface that it names, with a tag when that is a VLAN. */
static bool whole_frame(const struct gyl__stack_host *k, const struct gyl_send *s,
	struct gyl_netbuf *buf, uint8_t *ret_dev)
{
	const struct gyl__stack_iface *f = &k->iface[s->to.iface < k->iface_cnt ? s->to.iface : 0];
	uint16_t vlan = f->vlan == GYL_NET_VLAN_ANY ? s->to.vlan : f->vlan;
	uint8_t *p = s->p;

	if (s->len < GYL_ETH_HEADER_LEN)
		return false;
	if (vlan != 0 && gyl_get_u16(p + 12) != GYL_ETH_VLAN) {
		memmove(p - GYL_ETH_TAG_LEN, p, 12);
		p -= GYL_ETH_TAG_LEN;
		gyl_set_u16(p + 12, GYL_ETH_VLAN);
		gyl_set_u16(p + 14, vlan);
	}
	buf->off = (uint32_t)(p - buf->p);
	buf->len = s->len + (uint32_t)(s->p - p);
	*ret_dev = f->dev;
	return true;
}

/* Make the frame of a slot in its buffer: it is to leave by *ret_dev, unless its length is 0, for
 * then it waits. False: it is lost. */
static bool frame(struct gyl__stack_host *k, const struct gyl_send *s, struct gyl_netbuf *buf,
	uint8_t *ret_dev, struct gyl_stack_batch *b)
{
	struct gyl_net_peer to;

	buf->len = 0;
	if (s->len > s->cap)
		return false;
	if (s->flow == 0 && s->port < GYL_PORT_OPENED &&
		k->port[s->port].type == GYL__STACK_PORT_FRAME)
		return whole_frame(k, s, buf, ret_dev);
	return address(k, s, &to) &&
	       gyl_stack_udp_output(k->stack, k->now.mono_ns, &to, NULL, buf, GYL_STACK_ROOM,
		       s->len, ret_dev, b) != GYL_STACK_DROPPED;
}

/* Into a buffer of the device that the frame is to leave by. */
static void copy_frame(struct gyl__stack_host *k, const struct gyl_netbuf *from, unsigned dev,
	struct gyl_stack_batch *b)
{
	struct gyl_stack_out *out = &b->out[dev];
	struct gyl_netbuf *to;

	if (out->cnt == out->cap)
		flush_dev(k, b, dev);
	to = &out->buf[out->cnt];
	if (dev >= k->dev_cnt || from->len > to->cap) {
		k->stat.out_lost_cnt++;
		return;
	}
	to->off = from->off + from->len <= to->cap ? from->off : 0;
	to->len = from->len;
	memcpy(to->p + to->off, from->p + from->off, from->len);
	out->cnt++;
}

/* The frames that were made go to the device, which gives as many fresh buffers for them. */
static void send_made(struct gyl__stack_dev *d, const uint8_t *made, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++)
		d->made[i] = d->slot[made[i]];
	gyl_netdev_send(d->dev, d->made, cnt);
	gyl_netdev_lend(d->dev, d->made, cnt);
	for (size_t i = 0; i < cnt; i++)
		d->slot[made[i]] = d->made[i];
}

static size_t socks_run(const struct gyl__stack_host *k, const struct gyl_send *s, size_t cnt)
{
	size_t n = 1;

	while (n < cnt && is_for_socks(k, &s[n]))
		n++;
	return n;
}

/* The frame of slot number i. True: it is in made[], for the device of the slots. */
static bool send_one(struct gyl__stack_host *k, const struct gyl_send *s, size_t guess,
	uint8_t *ret_made, struct gyl_stack_batch *b)
{
	size_t i = slot_of(k, s->p, guess);
	struct gyl_netbuf *buf;
	uint8_t dev;

	if (i == k->lent_cnt || !frame(k, s, &k->dev[k->lent_dev].slot[i], &dev, b)) {
		k->stat.out_lost_cnt++;
		return false;
	}
	k->stat.out_cnt++;
	k->stat.out_octets += s->len;
	buf = &k->dev[k->lent_dev].slot[i];
	*ret_made = (uint8_t)i;
	if (buf->len == 0 || dev == k->lent_dev)
		return buf->len != 0;
	copy_frame(k, buf, dev, b);
	buf->len = 0;
	return false;
}

void gyl__stack_send(struct gyl__stack_host *k, const struct gyl_send *s, size_t cnt)
{
	uint8_t made[GYL_NETDEV_BATCH];
	size_t made_cnt = 0;
	struct gyl_stack_batch b;
	struct gyl__stack_tcp *c;

	gyl__stack_batch(k, &b);
	for (size_t i = 0; i < cnt;) {
		if (s[i].len == 0) {
			i++;
		} else if (is_for_socks(k, &s[i])) {
			i += gyl_socks_send(k->socks, s + i, socks_run(k, s + i, cnt - i));
		} else if (s[i].flow != 0 && (c = gyl__stack_tcp_find(k, s[i].flow)) != NULL) {
			i += gyl__stack_tcp_send(k, c, s + i, cnt - i);
		} else if (made_cnt == GYL_NETDEV_BATCH) { /* a slot that was given twice */
			k->stat.out_lost_cnt++;
			i++;
		} else {
			made_cnt += send_one(k, &s[i], i, &made[made_cnt], &b);
			i++;
		}
	}
	k->lent_cnt = 0;
	if (made_cnt != 0)
		send_made(&k->dev[k->lent_dev], made, made_cnt);
	gyl__stack_flush(k, &b);
}
