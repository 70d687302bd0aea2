/* SPDX-License-Identifier: ISC */

/*
 * From the devices to the cores. A batch of frames of each goes through the stack at once; what
 * comes out waits in a queue a port, as views into the devices' buffers. They are good until a
 * device is read again, in a later wait, so what a core has not taken by then is copied; when the
 * copies run out, the newest input is lost and counted. Usually nothing is copied.
 */

#include "libnet/host/stack.h"

static bool is_copy(uint16_t node)
{
	return node >= GYL__IN_BATCH && node < GYL__IN_CNT;
}

void gyl__stack_in_init(struct gyl__stack_host *k)
{
	for (unsigned i = 0; i <= GYL_PORT_OPENED; i++) {
		k->port[i].given = GYL__NODE_NONE;
		k->port[i].head = GYL__NODE_NONE;
		k->port[i].tail = GYL__NODE_NONE;
	}
	k->stash_free = GYL__NODE_NONE;
	for (uint16_t node = GYL__IN_CNT; node-- > GYL__IN_BATCH;) {
		k->next[node] = k->stash_free;
		k->stash_free = node;
	}
}

static uint8_t *copy_buf(struct gyl__stack_host *k, uint16_t node)
{
	return k->stash[node - GYL__IN_BATCH];
}

static void free_node(struct gyl__stack_host *k, uint16_t node)
{
	if (is_copy(node)) {
		k->next[node] = k->stash_free;
		k->stash_free = node;
	} else if (node >= GYL__IN_CNT && (node - GYL__IN_CNT) % 2 == 1) {
		gyl__stack_flow_free(k, (node - GYL__IN_CNT) / 2u);
	}
}

void gyl__stack_queue(struct gyl__stack_host *k, unsigned port, uint16_t node)
{
	struct gyl__stack_port *p = &k->port[port];

	k->next[node] = GYL__NODE_NONE;
	if (p->tail == GYL__NODE_NONE)
		p->given = node;
	else
		k->next[p->tail] = node;
	if (p->head == GYL__NODE_NONE)
		p->head = node;
	p->tail = node;
	k->ready |= UINT64_C(1) << port;
	p->held = false;
}

/* What was handed out is done with. */
static void free_given(struct gyl__stack_host *k, struct gyl__stack_port *p)
{
	while (p->given != p->head) {
		uint16_t node = p->given;

		p->given = k->next[node];
		free_node(k, node);
	}
	if (p->given == GYL__NODE_NONE)
		p->tail = GYL__NODE_NONE;
}

/* ---- handing out ---- */

void gyl__stack_from_peer(const struct gyl_net_peer *from, struct gyl_peer *to)
{
	to->ip = from->ip;
	to->local_ip = from->local_ip;
	to->port = from->port;
	to->local_port = from->local_port;
	to->vlan = from->vlan;
	to->iface = from->iface;
	to->has_mac = from->has_mac;
	memcpy(to->mac, from->mac, sizeof(to->mac));
}

static void give_notice(const struct gyl__stack_host *k, uint16_t node, struct gyl_in *in)
{
	const struct gyl__flow *f = &k->flow[(node - GYL__IN_CNT) / 2];

	in->kind = (node - GYL__IN_CNT) % 2 == 0 ? GYL_IN_OPENED : GYL_IN_CLOSED;
	in->flow = f->flow;
	in->peer = f->peer;
}

static void give_data(const struct gyl__stack_host *k, uint16_t node, struct gyl_in *in)
{
	const struct gyl_stack_in *from = &k->in[node];

	in->kind = from->kind == GYL_STACK_FRAME ? GYL_IN_FRAME : GYL_IN_DGRAM;
	in->data = from->data;
	if (from->port == GYL_PORT_OPENED)
		in->flow = k->flow[from->flow].flow;
	gyl__stack_from_peer(&from->peer, &in->peer);
}

/* A datagram, or that it was opened, for a flow that its core has closed meanwhile. */
static bool is_stale(const struct gyl__stack_host *k, unsigned port, uint16_t node)
{
	if (port != GYL_PORT_OPENED)
		return false;
	if (node >= GYL__IN_CNT)
		return (node - GYL__IN_CNT) % 2 == 0 &&
		       k->flow[(node - GYL__IN_CNT) / 2].state != GYL__FLOW_OPEN;
	return k->flow[k->in[node].flow].state != GYL__FLOW_OPEN;
}

/* Take the node at the head out of the queue; prev is the one before it, or none. */
static void unlink_head(struct gyl__stack_host *k, struct gyl__stack_port *p, uint16_t prev)
{
	uint16_t node = p->head;

	p->head = k->next[node];
	if (prev == GYL__NODE_NONE)
		p->given = p->head;
	else
		k->next[prev] = p->head;
	if (p->tail == node)
		p->tail = prev;
	free_node(k, node);
}

/* What waits as a node. */
static size_t recv_nodes(struct gyl__stack_host *k, unsigned port, struct gyl_in *in, size_t cap)
{
	struct gyl__stack_port *p = &k->port[port];
	uint16_t prev = GYL__NODE_NONE;
	size_t cnt = 0;

	while (cnt < cap && p->head != GYL__NODE_NONE) {
		uint16_t node = p->head;

		if (is_stale(k, port, node)) {
			unlink_head(k, p, prev);
			continue;
		}
		memset(&in[cnt], 0, sizeof(in[cnt]));
		in[cnt].port = (uint8_t)port;
		in[cnt].role = p->role;
		if (node < GYL__IN_CNT)
			give_data(k, node, &in[cnt]);
		else
			give_notice(k, node, &in[cnt]);
		cnt++;
		prev = node;
		p->head = k->next[node];
	}
	return cnt;
}

/* Port GYL_PORT_OPENED has both: datagrams of flows first, then streams. */
size_t gyl__stack_recv(struct gyl__stack_host *k, unsigned port, struct gyl_in *in, size_t cap)
{
	struct gyl__stack_port *p = &k->port[port];
	size_t cnt;

	free_given(k, p);
	p->held = false;
	if (cap > GYL_NETDEV_BATCH)
		cap = GYL_NETDEV_BATCH;
	cnt = recv_nodes(k, port, in, cap);
	p->node_cnt = (uint8_t)cnt;
	cnt += gyl__stack_tcp_recv(k, port, in + cnt, cap - cnt);
	if (cnt == 0)
		k->ready &= ~(UINT64_C(1) << port);
	return cnt;
}

static void unread_nodes(struct gyl__stack_host *k, struct gyl__stack_port *p, size_t taken)
{
	uint16_t node = p->given;

	if (taken >= p->node_cnt)
		return;
	while (taken-- > 0)
		node = k->next[node];
	p->head = node;
}

void gyl__stack_unread(
	struct gyl__stack_host *k, unsigned port, const struct gyl_in *in, size_t cnt, size_t taken)
{
	struct gyl__stack_port *p = &k->port[port];
	size_t n = p->node_cnt;

	unread_nodes(k, p, taken);
	gyl__stack_tcp_unread(k, in + n, cnt - n, taken > n ? taken - n : 0);
	if (taken < cnt) {
		p->held = taken == 0;
		k->ready |= UINT64_C(1) << port;
	}
}

/* ---- taking in ---- */

/* A copy of a batch node that outlives the batch, or none. */
static uint16_t copy_node(struct gyl__stack_host *k, uint16_t node)
{
	uint16_t copy = k->stash_free;
	size_t len = k->in[node].data.len;

	if (copy == GYL__NODE_NONE || len > GYL__STASH_LEN) {
		k->stat.in_lost_cnt++;
		return GYL__NODE_NONE;
	}
	k->stash_free = k->next[copy];
	k->in[copy] = k->in[node];
	memcpy(copy_buf(k, copy), k->in[node].data.p, len);
	k->in[copy].data = gyl_view(copy_buf(k, copy), len);
	return copy;
}

/* Rebuild the queue of a port without views into the device. */
static void keep_rest(struct gyl__stack_host *k, unsigned port)
{
	struct gyl__stack_port *p = &k->port[port];
	bool held = p->held;
	uint16_t node, next;

	free_given(k, p);
	node = p->head;
	p->given = GYL__NODE_NONE;
	p->head = GYL__NODE_NONE;
	p->tail = GYL__NODE_NONE;
	k->ready &= ~(UINT64_C(1) << port);
	for (; node != GYL__NODE_NONE; node = next) {
		next = k->next[node];
		if (node < GYL__IN_BATCH)
			node = copy_node(k, node);
		if (node != GYL__NODE_NONE)
			gyl__stack_queue(k, port, node);
	}
	p->held = held;
}

/* Through the stack with them, in as many goes as its answers need. It stops early after a datagram
 * that came in pieces: the cores get that first. */
static void take_frames(struct gyl__stack_host *k, unsigned dev, struct gyl_stack_batch *b)
{
	struct gyl__stack_dev *d = &k->dev[dev];

	for (;;) {
		d->frame_at += gyl_stack_input(k->stack, k->now.mono_ns, (uint8_t)dev,
			d->frame + d->frame_at, d->frame_cnt - d->frame_at, b);
		if (d->frame_at == d->frame_cnt || b->out[dev].cnt == 0)
			return;
		gyl__stack_flush(k, b);
	}
}

/* Copies of frames go to the port of their ethertype, which may serve some interfaces only. */
static bool is_served(const struct gyl__stack_host *k, const struct gyl_stack_in *in)
{
	uint64_t ifaces = k->port[in->port].ifaces;

	return in->kind != GYL_STACK_FRAME || ifaces == 0 || (ifaces >> in->peer.iface & 1) != 0;
}

static void queue_batch(struct gyl__stack_host *k, unsigned dev, const struct gyl_stack_batch *b)
{
	for (size_t i = 0; i < b->in_cnt; i++) {
		if (!is_served(k, &b->in[i]))
			continue;
		k->stat.in_cnt++;
		k->stat.in_octets += b->in[i].data.len;
		gyl__stack_queue(k, b->in[i].port, (uint16_t)(dev * GYL__DEV_BATCH + i));
		k->in_dev = dev;
	}
}

/* Is this octet in one of the device's frames? Mostly in the last one looked at. */
static bool in_frames(const struct gyl__stack_dev *d, const uint8_t *p)
{
	for (size_t i = d->frame_at; i-- > 0;) {
		if (p >= d->frame[i].p && p <= d->frame[i].p + d->frame[i].len)
			return true;
	}
	return false;
}

/* False: the last input is a datagram that came in pieces. It lies in the stack, which must not be
 * given more until the cores have seen it. */
static bool read_device(struct gyl__stack_host *k, unsigned dev, struct gyl_stack_batch *b)
{
	struct gyl__stack_dev *d = &k->dev[dev];

	if (d->frame_at == d->frame_cnt) {
		d->frame_at = 0;
		d->frame_cnt = gyl_netdev_recv(d->dev, d->frame, GYL_NETDEV_BATCH);
	}
	if (d->dev->gone != 0) { /* its descriptor stays readable for ever */
		gyl_loop_unwatch(d->watch);
		d->watch = NULL;
	}
	b->in = &k->in[dev * GYL__DEV_BATCH];
	b->in_cnt = 0;
	b->in_cap = GYL__DEV_BATCH;
	take_frames(k, dev, b);
	d->readable = d->frame_at < d->frame_cnt || d->frame_cnt == GYL_NETDEV_BATCH;
	queue_batch(k, dev, b);
	return b->in_cnt == 0 || in_frames(d, b->in[b->in_cnt - 1].data.p);
}

void gyl__stack_readable(void *arg)
{
	((struct gyl__stack_dev *)arg)->readable = true;
}

static bool is_due(const struct gyl__stack_host *k, const struct gyl__stack_dev *d)
{
	return d->readable || gyl_netdev_deadline_ns(d->dev) <= k->now.mono_ns;
}

/* Views into the last batches are good no longer when a device is read again. */
static void keep_rests(struct gyl__stack_host *k)
{
	for (unsigned i = 0; i <= GYL_PORT_OPENED; i++) {
		if (k->port[i].tail != GYL__NODE_NONE)
			keep_rest(k, i);
	}
}

/* Another one first each time: a flooded device does not silence the others. */
static void read_devices(struct gyl__stack_host *k, struct gyl_stack_batch *b)
{
	unsigned at = k->turn;
	bool more = true, kept = false;

	k->turn = k->turn + 1 < k->dev_cnt ? k->turn + 1 : 0;
	for (unsigned i = 0; i < k->dev_cnt && more; i++) {
		if (is_due(k, &k->dev[at])) {
			if (!kept)
				keep_rests(k);
			kept = true;
			more = read_device(k, at, b);
		}
		at = at + 1 < k->dev_cnt ? at + 1 : 0;
	}
}

void gyl__stack_pump(struct gyl__stack_host *k)
{
	struct gyl_stack_batch b;

	gyl__stack_batch(k, &b);
	for (unsigned i = 0; i < k->dev_cnt; i++) {
		k->dev[i].dev->mono_ns = k->now.mono_ns;
		k->dev[i].dev->wall_ns = k->now.wall_ns;
	}
	read_devices(k, &b);
	if (gyl_stack_deadline_ns(k->stack) <= k->now.mono_ns)
		gyl_stack_tick(k->stack, k->now.mono_ns, &b);
	gyl__stack_flush(k, &b);
	gyl__stack_tcp_events(k);
}

void gyl__stack_push(struct gyl__stack_host *k)
{
	struct gyl_stack_batch b;

	if (gyl_stack_deadline_ns(k->stack) == 0) {
		gyl__stack_batch(k, &b);
		gyl_stack_tick(k->stack, k->now.mono_ns, &b);
		gyl__stack_flush(k, &b);
	}
	gyl__stack_tcp_events(k);
}
