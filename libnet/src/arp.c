/* SPDX-License-Identifier: ISC */
#include "libnet/src/stack.h"

void gyl__arp_send(
	const struct gyl_iface *f, const struct gyl_arp_send *send, struct gyl_stack_batch *b)
{
	struct gyl_arp msg = send->msg;
	struct gyl_writer w;

	if (gyl__eth_begin(f, b, &w, send->dst, send->vlan, GYL_ETH_ARP) == NULL)
		return;
	/* A question is asked with our address in the network of the one that is asked, or the
	 * answer may take a strange way. Probes have none, announcements their own. */
	if (msg.op == GYL_ARP_REQUEST && msg.spa != 0 && msg.spa != msg.tpa)
		msg.spa = gyl__iface_src(f, msg.tpa, 0);
	gyl_arp_encode(&w, &msg);
	gyl__eth_end(f, b, &w);
}

/* The hardware address is known now: what waited for it goes, in order. */
static void release(struct gyl_stack *s, const struct gyl_rx *rx, uint32_t ip, const uint8_t mac[6],
	struct gyl_stack_batch *b)
{
	struct gyl_stack_out *out = &b->out[rx->iface->dev];
	struct gyl_park_key key = {.ip = ip, .vlan = rx->vlan, .iface = rx->iface->index};
	struct gyl_parked *f;

	while (out->cnt < out->cap && (f = gyl__park_next(&s->park, key)) != NULL) {
		struct gyl_netbuf *buf = &out->buf[out->cnt++];

		memcpy(buf->p, f->frame, f->len);
		memcpy(buf->p, mac, 6);
		buf->off = 0;
		buf->len = f->len;
		gyl__park_drop(&s->park, f);
		s->stat.out_ok_cnt++;
	}
}

void gyl__arp_drop_waiting(struct gyl_stack *s, struct gyl_park_key key)
{
	struct gyl_parked *f;

	while ((f = gyl__park_next(&s->park, key)) != NULL) {
		gyl__park_drop(&s->park, f);
		s->stat.out_wait_drop_cnt++;
	}
}

static void note_conflict(struct gyl_iface *f, const struct gyl_arp_result *res)
{
	f->has_conflict = true;
	f->conflict_ip = res->ip;
	memcpy(f->conflict_mac, res->mac, 6);
}

void gyl__arp_input(struct gyl_stack *s, const struct gyl_rx *rx, struct gyl_stack_batch *b)
{
	struct gyl_arp_result res;
	struct gyl_arp msg;

	if (gyl_failed(gyl_arp_decode(rx->eth.payload, &msg))) {
		s->stat.arp_bad_cnt++;
		return;
	}
	gyl_arp_cache_input(rx->iface->arp, rx->now_ns, rx->vlan, &msg, &res);
	if (res.verdict == GYL_ARP_BAD)
		s->stat.arp_bad_cnt++;
	else
		s->stat.arp_ok_cnt++;
	if (res.verdict == GYL_ARP_CONFLICT || res.verdict == GYL_ARP_TAKEN)
		note_conflict(rx->iface, &res);
	if (res.verdict == GYL_ARP_TAKEN)
		gyl__iface_taken(rx->iface, res.ip);
	if (res.has_send)
		gyl__arp_send(rx->iface, &res.send, b);
	if (res.verdict == GYL_ARP_LEARNED)
		release(s, rx, res.ip, res.mac, b);
}

void gyl__arp_tick(
	struct gyl_stack *s, struct gyl_iface *f, uint64_t now_ns, struct gyl_stack_batch *b)
{
	const struct gyl_stack_out *out = &b->out[f->dev];
	struct gyl_arp_action act;

	while (out->cnt < out->cap && gyl_arp_cache_tick(f->arp, now_ns, &act)) {
		if (act.due == GYL_ARP_FAILED)
			gyl__arp_drop_waiting(s, (struct gyl_park_key){act.ip, act.vlan, f->index});
		else
			gyl__arp_send(f, &act.send, b);
		if (act.due == GYL_ARP_CLAIMED)
			gyl__iface_claimed(f, act.ip);
	}
}
