/* SPDX-License-Identifier: ISC */
#include "libnet/dev/mem.h"

#include <stdlib.h>

#include "libnet/dev/dev.h"

struct slot {
	uint32_t len;
	uint8_t octet[GYL_DEV_BUF_LEN];
};

struct port {
	struct gyl_netdev dev;
	struct gyl_mem_hub *hub;
	struct gyl_dev_pool pool;
	uint32_t flags;
	bool plugged;
	size_t tail, queued_cnt,
		lent_cnt; /* lent: received frames not given back yet, oldest first */
	struct slot *queue;
};

/* Where a station is. A place for each hash; who comes later has it, and the other is flooded to
 * again. */
struct known {
	uint8_t mac[6];
	uint8_t port;
	bool used;
};

enum {
	KNOWN_CNT = 256,
	TRAILING_MAX = 9
};

struct gyl_mem_hub {
	unsigned port_cnt;
	size_t queue_cnt;
	bool learn, trailing;
	uint64_t random;
	struct known known[KNOWN_CNT];
	struct port port[];
};

static struct known *known_at(struct gyl_mem_hub *h, const uint8_t mac[6])
{
	return &h->known[(gyl_get_u32(mac + 2) * UINT32_C(0x9e3779b1)) >> 24];
}

static void learn(struct gyl_mem_hub *h, unsigned port, const uint8_t mac[6])
{
	struct known *k = known_at(h, mac);

	if (gyl_eth_is_group(mac))
		return;
	memcpy(k->mac, mac, 6);
	k->port = (uint8_t)port;
	k->used = true;
}

/* The one port for a destination, or port_cnt: all. */
static unsigned way(struct gyl_mem_hub *h, const uint8_t mac[6])
{
	const struct known *k = known_at(h, mac);

	return h->learn && k->used && memcmp(k->mac, mac, 6) == 0 ? k->port : h->port_cnt;
}

static void forget(struct gyl_mem_hub *h, unsigned port)
{
	for (size_t i = 0; i < KNOWN_CNT; i++)
		h->known[i].used &= h->known[i].port != port;
}

/* Octets that nobody may look at, how many: all from one seed (an LCG of Knuth's). */
static size_t put_trailing(struct gyl_mem_hub *h, uint8_t *p)
{
	size_t cnt;

	if (!h->trailing)
		return 0;
	h->random = h->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	cnt = (h->random >> 33) % (TRAILING_MAX + 1);
	for (size_t i = 0; i < cnt; i++)
		p[i] = (uint8_t)(h->random >> (8 * (i % 5) + 11));
	return cnt;
}

static void queue_put(struct port *p, struct gyl_view frame)
{
	size_t cap = p->hub->queue_cnt;

	if (!p->plugged)
		return;
	if (p->queued_cnt == cap || frame.len > p->dev.mtu + GYL_ETH_HEADER_LEN + GYL_ETH_TAG_LEN) {
		p->dev.stat.rx_lost_cnt++;
		return;
	}
	struct slot *s = &p->queue[(p->tail + p->queued_cnt++) % cap];

	memcpy(s->octet, frame.p, frame.len);
	s->len = (uint32_t)(frame.len + put_trailing(p->hub, s->octet + frame.len));
}

static size_t mem_lend(struct gyl_netdev *d, struct gyl_netbuf *ret, size_t cnt)
{
	return gyl__dev_pool_lend(&((struct port *)d)->pool, ret, cnt);
}

static void mem_send_one(struct port *p, const struct gyl_netbuf *b)
{
	struct gyl_mem_hub *h = p->hub;
	unsigned to, from = (unsigned)(p - h->port);
	struct gyl_view frame;

	if (!gyl__dev_frame(&p->dev, b, &frame))
		return;
	if (!p->plugged) {
		p->dev.stat.tx_lost_cnt++;
		return;
	}
	p->dev.stat.tx_cnt++;
	p->dev.stat.tx_octets += frame.len;
	learn(h, from, frame.p + 6);
	to = way(h, frame.p);
	for (unsigned i = 0; i < h->port_cnt; i++) {
		if (i != from && (to == h->port_cnt || to == i))
			queue_put(&h->port[i], frame);
	}
}

static void mem_send(struct gyl_netdev *d, const struct gyl_netbuf *b, size_t cnt)
{
	struct port *p = (struct port *)d;

	for (size_t i = 0; i < cnt; i++) {
		mem_send_one(p, &b[i]);
		gyl__dev_pool_back(&p->pool, &b[i]);
	}
}

static void give_back(struct port *p)
{
	p->tail = (p->tail + p->lent_cnt) % p->hub->queue_cnt;
	p->queued_cnt -= p->lent_cnt;
	p->lent_cnt = 0;
}

static size_t mem_recv(struct gyl_netdev *d, struct gyl_netframe *ret, size_t cap)
{
	struct port *p = (struct port *)d;

	give_back(p);
	if (cap > p->queued_cnt)
		cap = p->queued_cnt;
	for (size_t i = 0; i < cap; i++) {
		const struct slot *s = &p->queue[(p->tail + i) % p->hub->queue_cnt];

		ret[i].p = s->octet;
		ret[i].len = s->len;
		ret[i].flags = p->flags;
		d->stat.rx_octets += s->len;
	}
	d->stat.rx_cnt += cap;
	p->lent_cnt = cap;
	return cap;
}

static uint64_t mem_deadline_ns(const struct gyl_netdev *d)
{
	const struct port *p = (const struct port *)d;

	return p->queued_cnt > p->lent_cnt ? 0 : UINT64_MAX;
}

static void mem_close(struct gyl_netdev *d)
{
	((struct port *)d)->plugged = false;
}

static const struct gyl_netdev_ops mem_ops = {
	.lend = mem_lend,
	.send = mem_send,
	.recv = mem_recv,
	.deadline_ns = mem_deadline_ns,
	.close = mem_close,
};

static bool port_init(struct gyl_mem_hub *h, unsigned i, uint32_t mtu)
{
	struct port *p = &h->port[i];

	p->dev.ops = &mem_ops;
	p->dev.mtu = mtu;
	p->dev.fd = -1;
	p->hub = h;
	p->plugged = true;
	p->queue = malloc(h->queue_cnt * sizeof(*p->queue));
	gyl__dev_pool_init(&p->pool);
	return p->queue != NULL;
}

struct gyl_mem_hub *gyl_mem_hub_open(unsigned port_cnt, size_t queue_cnt, uint32_t mtu)
{
	struct gyl_mem_hub *h;

	if (port_cnt < 2 || port_cnt > GYL_MEM_PORT_MAX || queue_cnt == 0 || queue_cnt > 65536 ||
		mtu < 68 || mtu > GYL_DEV_MTU_MAX)
		return NULL;
	h = calloc(1, sizeof(*h) + port_cnt * sizeof(h->port[0]));
	if (h == NULL)
		return NULL;
	h->port_cnt = port_cnt;
	h->queue_cnt = queue_cnt;
	for (unsigned i = 0; i < port_cnt; i++) {
		if (!port_init(h, i, mtu)) {
			gyl_mem_hub_close(h);
			return NULL;
		}
	}
	return h;
}

void gyl_mem_hub_close(struct gyl_mem_hub *h)
{
	for (unsigned i = 0; i < h->port_cnt; i++)
		free(h->port[i].queue);
	free(h);
}

struct gyl_netdev *gyl_mem_port(struct gyl_mem_hub *h, unsigned i)
{
	return &h->port[i].dev;
}

void gyl_mem_port_flags(struct gyl_mem_hub *h, unsigned i, uint32_t flags)
{
	h->port[i].flags = flags;
}

void gyl_mem_port_plug(struct gyl_mem_hub *h, unsigned i, bool plugged)
{
	struct port *p = &h->port[i];

	p->plugged = plugged;
	give_back(p);
	if (!plugged) {
		p->queued_cnt = 0;
		forget(h, i);
	}
}

void gyl_mem_hub_learn(struct gyl_mem_hub *h, bool on)
{
	h->learn = on;
}

void gyl_mem_port_mac(unsigned i, uint8_t ret_mac[6])
{
	gyl_set_u16(ret_mac, 0x0267);
	gyl_set_u32(ret_mac + 2, UINT32_C(0x796c0000) + i);
}

void gyl_mem_port_mtu(struct gyl_mem_hub *h, unsigned i, uint32_t mtu)
{
	h->port[i].dev.mtu = mtu;
}

void gyl_mem_hub_trailing(struct gyl_mem_hub *h, uint64_t seed)
{
	h->trailing = true;
	h->random = seed;
}
