/* SPDX-License-Identifier: ISC */

/*
 * `guyline net resolve`: who has an address, by ARP. Without an address of ours it is asked as a
 * probe (RFC 5227 2.1.1), which teaches nobody anything. All answers within the time are told:
 * two stations with one address are what one looks for.
 */

#include <stdio.h>

#include <gyl/arp.h>
#include <gyl/eth.h>
#include <gyl/text.h>
#include <gyl/time.h>

#include "services/guyline/net_own.h"

enum {
	ASK_CNT = 3, /* within the time to wait */
	ANSWER_MAX = 8
};

struct asked {
	uint32_t ip;
	uint64_t sent_ns;
	unsigned answer_cnt;
	uint8_t mac[ANSWER_MAX][6];
};

struct resolver {
	struct gyl_netdev *dev;
	const struct gyl__net_opts *o;
	uint8_t mac[6];
	struct asked asked[16];
};

static void ask(struct resolver *r, struct asked *a)
{
	struct gyl_arp msg = r->o->ip == 0 ? gyl_arp_probe(r->mac, a->ip)
					   : gyl_arp_request(r->mac, r->o->ip, a->ip);
	struct gyl_eth e = {
		.type = GYL_ETH_ARP, .tag_cnt = r->o->vlan != 0, .tag[0].tpid = GYL_ETH_VLAN};
	struct gyl_netbuf buf;
	struct gyl_writer w;

	if (gyl_netdev_lend(r->dev, &buf, 1) != 1)
		return;
	e.tag[0].vid = r->o->vlan;
	memset(e.dst, 0xff, 6);
	memcpy(e.src, r->mac, 6);
	gyl_writer_init(&w, buf.p, buf.cap);
	gyl_eth_put_header(&w, &e);
	gyl_arp_encode(&w, &msg);
	buf.len = gyl_writer_ok(&w) ? (uint32_t)w.len : 0;
	gyl_netdev_send(r->dev, &buf, 1);
	if (a->sent_ns == 0)
		a->sent_ns = r->dev->mono_ns;
}

static bool is_new(const struct asked *a, const uint8_t mac[6])
{
	for (unsigned i = 0; i < a->answer_cnt; i++) {
		if (gyl_eth_mac_eq(a->mac[i], mac))
			return false;
	}
	return a->answer_cnt < ANSWER_MAX;
}

static void told(struct resolver *r, struct asked *a, const uint8_t mac[6], const uint8_t src[6])
{
	char text[GYL_TEXT_MAC_MAX];
	struct gyl_writer w;

	if (!is_new(a, mac))
		return;
	memcpy(a->mac[a->answer_cnt++], mac, 6);
	gyl_writer_init(&w, text, sizeof text);
	gyl_text_mac(&w, mac);
	printf("%s is at %.*s  %.3f ms%s%s%s\n", gyl__net_ip(a->ip), (int)w.len, text,
		(double)(r->dev->mono_ns - a->sent_ns) / 1e6,
		gyl_eth_is_local(mac) ? "  (locally administered)" : "",
		gyl_eth_mac_eq(mac, src) ? "" : "  (sent by another station)",
		a->answer_cnt > 1 ? "  CONFLICT: more than one station has it" : "");
	fflush(stdout);
}

static void take(struct resolver *r, const struct gyl_netframe *f)
{
	struct gyl_eth e;
	struct gyl_arp msg;

	if (gyl_failed(gyl_eth_decode(gyl_view(f->p, f->len), &e)) || e.type != GYL_ETH_ARP ||
		gyl_eth_vid(&e) != r->o->vlan || gyl_failed(gyl_arp_decode(e.payload, &msg)) ||
		gyl_eth_mac_eq(msg.sha, r->mac))
		return;
	/* Announcements and questions of its owner tell of an address as well as replies. */
	for (unsigned i = 0; i < r->o->target_cnt; i++) {
		if (msg.spa == r->asked[i].ip && r->asked[i].sent_ns != 0)
			told(r, &r->asked[i], msg.sha, e.src);
	}
}

static bool listen_until(struct resolver *r, uint64_t until_ns)
{
	struct gyl_netframe f[GYL_NETDEV_BATCH];

	do {
		size_t cnt;

		if (!gyl__net_wait(r->dev, until_ns))
			return false;
		cnt = gyl_netdev_recv(r->dev, f, GYL_NETDEV_BATCH);
		for (size_t i = 0; i < cnt; i++)
			take(r, &f[i]);
	} while (r->dev->mono_ns < until_ns);
	return true;
}

int gyl__net_resolve(struct gyl_netdev *dev, const struct gyl__net_opts *o)
{
	struct resolver r = {.dev = dev, .o = o};
	bool all = true;

	if (!gyl__net_mac(r.mac))
		return 1;
	if (gyl_netdev_set_mac(dev, r.mac) != 0) {
		fprintf(stderr, "guyline net: the device takes no hardware address of ours\n");
		return 1;
	}
	for (unsigned i = 0; i < o->target_cnt; i++)
		r.asked[i].ip = o->target[i];
	gyl__net_wait(dev, 0);
	for (unsigned n = 0; n < ASK_CNT; n++) {
		for (unsigned i = 0; i < o->target_cnt; i++) {
			if (r.asked[i].answer_cnt == 0)
				ask(&r, &r.asked[i]);
		}
		if (!listen_until(&r, dev->mono_ns + o->wait_ns / ASK_CNT))
			break;
	}
	for (unsigned i = 0; i < o->target_cnt; i++) {
		if (r.asked[i].answer_cnt != 0)
			continue;
		printf("%s: nobody answers\n", gyl__net_ip(o->target[i]));
		all = false;
	}
	return !all;
}
