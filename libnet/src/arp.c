/* SPDX-License-Identifier: ISC */
#include "libnet/src/stack.h"

void gyl__arp_send(struct gyl_stack *s, const struct gyl_arp_send *send, struct gyl_stack_batch *b)
{
	struct gyl_writer w;
	struct gyl_netbuf *buf = gyl__eth_begin(s, b, &w, send->dst, send->vlan, GYL_ETH_ARP);

	if (buf == NULL)
		return;
	gyl_arp_encode(&w, &send->msg);
	gyl__eth_end(b, buf, &w);
}

/* The hardware address is known now: what waited for it goes, in order. */
static void release(struct gyl_stack *s, uint16_t vlan, uint32_t ip, const uint8_t mac[6],
	struct gyl_stack_batch *b)
{
	struct gyl_parked *f;

	while (b->out_cnt < b->out_cap && (f = gyl__park_next(&s->park, vlan, ip)) != NULL) {
		struct gyl_netbuf *buf = &b->out[b->out_cnt++];

		memcpy(buf->p, f->frame, f->len);
		memcpy(buf->p, mac, 6);
		buf->off = 0;
		buf->len = f->len;
		gyl__park_drop(&s->park, f);
		s->stat.out_ok_cnt++;
	}
}

static void drop_waiting(struct gyl_stack *s, uint16_t vlan, uint32_t ip)
{
	struct gyl_parked *f;

	while ((f = gyl__park_next(&s->park, vlan, ip)) != NULL) {
		gyl__park_drop(&s->park, f);
		s->stat.out_wait_drop_cnt++;
	}
}

static void note_conflict(struct gyl_stack *s, const struct gyl_arp_result *res)
{
	s->has_conflict = true;
	s->conflict_ip = res->ip;
	memcpy(s->conflict_mac, res->mac, 6);
}

void gyl__arp_input(struct gyl_stack *s, const struct gyl_rx *rx, struct gyl_stack_batch *b)
{
	struct gyl_arp_result res;
	struct gyl_arp msg;

	if (gyl_failed(gyl_arp_decode(rx->eth.payload, &msg))) {
		s->stat.arp_bad_cnt++;
		return;
	}
	gyl_arp_cache_input(s->arp, rx->now_ns, rx->vlan, &msg, &res);
	if (res.verdict == GYL_ARP_BAD)
		s->stat.arp_bad_cnt++;
	else
		s->stat.arp_ok_cnt++;
	if (res.verdict == GYL_ARP_CONFLICT)
		note_conflict(s, &res);
	if (res.has_send)
		gyl__arp_send(s, &res.send, b);
	if (res.verdict == GYL_ARP_LEARNED)
		release(s, rx->vlan, res.ip, res.mac, b);
}

void gyl__arp_tick(struct gyl_stack *s, uint64_t now_ns, struct gyl_stack_batch *b)
{
	struct gyl_arp_action act;

	while (b->out_cnt < b->out_cap && gyl_arp_cache_tick(s->arp, now_ns, &act)) {
		if (act.due == GYL_ARP_SEND)
			gyl__arp_send(s, &act.send, b);
		else
			drop_waiting(s, act.vlan, act.ip);
	}
}
