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

struct gyl_mem_hub {
	unsigned port_cnt;
	size_t queue_cnt;
	struct port port[GYL_MEM_PORT_MAX];
};

static void queue_put(struct port *p, struct gyl_view frame)
{
	size_t cap = p->hub->queue_cnt;

	if (!p->plugged)
		return;
	if (p->queued_cnt == cap) {
		p->dev.stat.rx_lost_cnt++;
		return;
	}
	struct slot *s = &p->queue[(p->tail + p->queued_cnt++) % cap];

	s->len = (uint32_t)frame.len;
	memcpy(s->octet, frame.p, frame.len);
}

static size_t mem_lend(struct gyl_netdev *d, struct gyl_netbuf *ret, size_t cnt)
{
	return gyl__dev_pool_lend(&((struct port *)d)->pool, ret, cnt);
}

static void mem_send_one(struct port *p, const struct gyl_netbuf *b)
{
	struct gyl_view frame;

	if (!gyl__dev_frame(&p->dev, b, &frame))
		return;
	if (!p->plugged) {
		p->dev.stat.tx_lost_cnt++;
		return;
	}
	p->dev.stat.tx_cnt++;
	p->dev.stat.tx_octets += frame.len;
	for (unsigned i = 0; i < p->hub->port_cnt; i++) {
		if (&p->hub->port[i] != p)
			queue_put(&p->hub->port[i], frame);
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
	h = calloc(1, sizeof(*h));
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
	if (!plugged)
		p->queued_cnt = 0;
}
