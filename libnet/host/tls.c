/* SPDX-License-Identifier: ISC */

/*
 * The face of the filter: a host before a host. What is none of its business passes through without
 * a copy; of the ports that have TLS, and of the port of opened flows while one of those has it,
 * the inputs of the host below are taken one after the other.
 *
 * A batch of opened flows may hold both kinds: as many of one kind as stand in front are a batch.
 *
 * When a core takes nothing, the host below has to know, or it would end every wait for octets that
 * nobody wants.
 */

#include "libnet/host/tls.h"

#include <errno.h>
#include <stdlib.h>

#include <gyl/time.h>

#include "libnet/host/tls_int.h"

enum {
	ROUNDS = 4 /* batches of a handshake's octets, of which the core hears nothing, at a go */
};

/* Handshakes may take so much of a turn of the loop; then others have their turn. */
#define TURN_NS (2 * GYL_NS_PER_MS)

static uint64_t bit_of(int port)
{
	return UINT64_C(1) << port;
}

/* ---- what the last recv was ---- */

/* What was not taken goes back to the host below, which offers it again; the rest is consumed. */
static void settle(struct gyl_tls *t)
{
	for (size_t i = 0; i < t->in_done && t->in_done < t->in_cnt; i++)
		t->in[i].used = (uint32_t)t->in[i].data.len;
	if (t->in_done < t->in_cnt)
		t->below.ops->unread(t->below.h, t->in_port, t->in, t->in_cnt, t->in_done);
	t->in_cnt = 0;
	t->in_done = 0;
	t->batch = GYL__TLS_BATCH_NONE;
	gyl__tls_sweep(t);
}

/* What is to be done with the host below: its slots are not on loan now. */
static void work(struct gyl_tls *t)
{
	struct gyl__tls_conn *c;

	while ((c = TAILQ_FIRST(&t->todo)) != NULL) {
		TAILQ_REMOVE(&t->todo, c, todo);
		c->working = false;
		gyl__tls_push(c);
	}
}

static bool is_foreign(struct gyl_tls *t, const struct gyl_in *in)
{
	return in->port == GYL_PORT_OPENED && gyl__tls_find(t, in->flow) == NULL;
}

/* ---- recv ---- */

/* Those that have been waiting in the port's queue, each once. */
static size_t give_queued(struct gyl_tls *t, int port, struct gyl_in *in, size_t cap)
{
	struct gyl__tls_conns *queue = &t->port[port].queue;
	struct gyl__tls_conn *c, *last = TAILQ_LAST(queue, gyl__tls_conns);
	size_t n = 0;

	if (last == NULL)
		return 0;
	do {
		c = TAILQ_FIRST(queue);
		n += gyl__tls_give(c, gyl_view(NULL, 0), in + n);
	} while (c != last && n + 2 <= cap);
	return n;
}

/* Handshakes had their part of this turn. */
static bool is_late(struct gyl_tls *t, const struct gyl_in *in)
{
	const struct gyl__tls_conn *c;

	if (t->shake_ns < TURN_NS || in->kind != GYL_IN_BYTES)
		return false;
	c = gyl__tls_find(t, in->flow);
	return c != NULL && c->state == GYL__TLS_SHAKING;
}

/* Inputs of the host below, from t->in_done on. */
static size_t take_ours(struct gyl_tls *t, struct gyl_in *in, size_t cap)
{
	size_t n = 0;

	for (; t->in_done < t->in_cnt && n + 2 <= cap; t->in_done++) {
		struct gyl_in *from = &t->in[t->in_done];
		struct gyl_view data = gyl_view(NULL, 0);
		struct gyl__tls_conn *c = NULL;
		bool done;

		if (is_foreign(t, from) || is_late(t, from))
			break;
		done = gyl__tls_take(t, from, &c, &data);
		if (c != NULL && c->due != 0)
			n += gyl__tls_give(c, data, in + n);
		if (!done)
			break;
	}
	return n;
}

/* Inputs of flows that are not ours, as far as they stand in front. */
static size_t pass_foreign(struct gyl_tls *t, struct gyl_in *in)
{
	size_t n = 0;

	while (n < t->in_cnt && is_foreign(t, &t->in[n]))
		n++;
	if (n != 0)
		memcpy(in, t->in, n * sizeof(*in));
	return n;
}

static size_t recv_below(struct gyl_tls *t, int port, struct gyl_in *in, size_t cap)
{
	size_t n;

	settle(t);
	t->port[port].below_held = false;
	t->plain_len = 0;
	t->in_port = port;
	t->in_done = 0;
	t->in_cnt = t->below.ops->recv(
		t->below.h, port, t->in, cap < GYL__TLS_BATCH ? cap : GYL__TLS_BATCH);
	n = port == GYL_PORT_OPENED ? pass_foreign(t, in) : 0;
	t->batch = n != 0 ? GYL__TLS_BATCH_FOREIGN : GYL__TLS_BATCH_OURS;
	if (n != 0)
		t->in_done = n;
	else
		n = take_ours(t, in, cap);
	if (t->batch == GYL__TLS_BATCH_OURS)
		work(t);
	return n;
}

static size_t tls_recv(void *h, int port, struct gyl_in *in, size_t cap)
{
	struct gyl_tls *t = h;
	struct gyl__tls_port *p = &t->port[port];
	size_t n;

	settle(t);
	if (!p->tls && (port != GYL_PORT_OPENED || t->opened_cnt == 0)) {
		t->batch = GYL__TLS_BATCH_PASSED;
		return t->below.ops->recv(t->below.h, port, in, cap);
	}
	p->held = false;
	n = give_queued(t, port, in, cap);
	for (int i = 0; n == 0 && i < ROUNDS; i++) {
		n = recv_below(t, port, in, cap);
		if (n == 0)
			n = give_queued(t, port, in, cap);
		if (t->in_cnt == 0 || t->in_done == 0)
			break;
	}
	if (TAILQ_EMPTY(&p->queue))
		t->ready &= ~bit_of(port);
	return n;
}

/* ---- unread ---- */

/* The core takes nothing: what comes still does not end a wait. */
static void hold_below(struct gyl_tls *t, int port)
{
	if (t->port[port].below_held)
		return;
	settle(t);
	t->in_port = port;
	t->in_done = 0;
	t->in_cnt = t->below.ops->recv(t->below.h, port, t->in, GYL__TLS_BATCH);
	if (t->in_cnt == 0)
		return;
	t->below.ops->unread(t->below.h, port, t->in, t->in_cnt, 0);
	t->in_cnt = 0;
	t->batch = GYL__TLS_BATCH_NONE;
	t->port[port].below_held = true;
}

static void unread_ours(
	struct gyl_tls *t, int port, const struct gyl_in *in, size_t cnt, size_t taken)
{
	for (size_t i = cnt; i-- > 0;) { /* from the end: each goes to the head of the queue */
		struct gyl__tls_conn *c = gyl__tls_find(t, in[i].flow);

		if (c != NULL)
			gyl__tls_left(c, &in[i], i < taken);
	}
	t->port[port].held = taken == 0;
	if (taken == 0)
		hold_below(t, port);
}

static void tls_unread(void *h, int port, const struct gyl_in *in, size_t cnt, size_t taken)
{
	struct gyl_tls *t = h;

	if (t->batch == GYL__TLS_BATCH_PASSED) {
		t->below.ops->unread(t->below.h, port, in, cnt, taken);
	} else if (t->batch == GYL__TLS_BATCH_FOREIGN) {
		memcpy(t->in, in, cnt * sizeof(*in));
		t->below.ops->unread(t->below.h, port, t->in, t->in_cnt, taken);
		t->in_cnt = 0;
	} else {
		unread_ours(t, port, in, cnt, taken);
	}
}

/* ---- waiting ---- */

/* A port whose core took nothing does not keep the loop spinning: it is asked again after a
 * millisecond. */
static uint64_t until(const struct gyl_tls *t, uint64_t until_ns)
{
	uint64_t held_ns = UINT64_MAX;

	for (unsigned i = 0; i <= GYL_PORT_OPENED && t->ready >> i != 0; i++) {
		if ((t->ready >> i & 1) == 0)
			continue;
		if (!t->port[i].held)
			return 0;
		held_ns = t->below.ops->clock_ns(t->below.h) + GYL_NS_PER_MS;
	}
	return gyl_time_min(gyl_time_min(until_ns, held_ns), gyl__tls_deadline_ns(t));
}

static uint64_t tls_wait(void *h, uint64_t until_ns, struct gyl_now *ret_now)
{
	struct gyl_tls *t = h;
	uint64_t ready;

	settle(t);
	work(t);
	t->shake_ns = 0;
	ready = t->below.ops->wait(t->below.h, until(t, until_ns), &t->now);
	gyl__tls_expire(t);
	work(t);
	*ret_now = t->now;
	return ready | t->ready;
}

static void tls_nap(void *h, uint64_t until_ns)
{
	struct gyl_tls *t = h;

	settle(t);
	work(t);
	t->below.ops->nap(t->below.h, until(t, until_ns));
}

/* ---- out ---- */

static size_t tls_lend(void *h, struct gyl_send *slot, size_t cnt)
{
	struct gyl_tls *t = h;

	return t->below.ops->lend(t->below.h, slot, cnt);
}

/* A stream with a hole in it would be worse than none. */
static void put(struct gyl__tls_conn *c, const struct gyl_send *s)
{
	if (gyl__tls_put(c, s->p, s->len))
		gyl__tls_work(c);
	else if (!c->forgotten && c->state <= GYL__TLS_OPEN)
		gyl__tls_fail(c, "more was sent than it had room for", true);
}

static void tls_send(void *h, struct gyl_send *s, size_t cnt)
{
	struct gyl_tls *t = h;

	for (size_t i = 0; i < cnt && t->stat.open_cnt != 0; i++) {
		struct gyl__tls_conn *c =
			s[i].flow == 0 || s[i].len == 0 ? NULL : gyl__tls_find(t, s[i].flow);

		if (c == NULL)
			continue;
		put(c, &s[i]);
		s[i].len = 0;
	}
	t->below.ops->send(t->below.h, s, cnt);
	work(t);
}

static int open_flow(struct gyl_tls *t, uint32_t flow, const struct gyl_peer *to)
{
	struct gyl_tls_ctx *ctx = to->tls < GYL_TLS_CLIENT_MAX ? t->client[to->tls] : NULL;
	struct gyl__tls_conn *c;
	int err;

	if (ctx == NULL)
		return -EINVAL;
	if (gyl__tls_find(t, flow) != NULL)
		return -EEXIST;
	c = gyl__tls_client(t, flow, ctx, to);
	if (c == NULL)
		return -EMFILE;
	err = t->below.ops->flow(t->below.h, flow, GYL_FLOW_OPEN_TCP, to);
	if (err < 0)
		gyl__tls_free(c);
	return err;
}

static int tls_flow(void *h, uint32_t flow, int op, const struct gyl_peer *to)
{
	struct gyl_tls *t = h;
	struct gyl__tls_conn *c;

	if (op == GYL_FLOW_OPEN_TLS)
		return open_flow(t, flow, to);
	c = op == GYL_FLOW_CLOSE || op == GYL_FLOW_RESET ? gyl__tls_find(t, flow) : NULL;
	if (c == NULL)
		return t->below.ops->flow(t->below.h, flow, op, to);
	if (op == GYL_FLOW_CLOSE)
		gyl__tls_close(c);
	else
		gyl__tls_reset(c);
	return 0;
}

static uint32_t tls_room(void *h, uint32_t flow)
{
	struct gyl_tls *t = h;
	const struct gyl__tls_conn *c = gyl__tls_find(t, flow);

	return c != NULL ? gyl__tls_room(c) : t->below.ops->room(t->below.h, flow);
}

static uint32_t tls_unacked(void *h, uint32_t flow, uint64_t *ret_silent_ns)
{
	struct gyl_tls *t = h;
	const struct gyl__tls_conn *c = gyl__tls_find(t, flow);
	uint32_t below = t->below.ops->unacked(t->below.h, flow, ret_silent_ns);

	return c == NULL ? below : below + c->out_len;
}

static int tls_listen(void *h, const struct gyl_bind *b)
{
	struct gyl_tls *t = h;
	struct gyl_bind tcp = *b;
	int port;

	if (b->type == GYL_BIND_TLS)
		tcp.type = GYL_BIND_TCP;
	port = t->below.ops->listen(t->below.h, &tcp);
	if (port >= 0 && b->type == GYL_BIND_TLS) {
		t->port[port].tls = true;
		t->port[port].role = b->role;
	}
	return port;
}

/* ---- what passes through ---- */

static int tls_blk_read(void *h, int dev, uint64_t unit, uint8_t *buf, size_t cnt)
{
	const struct gyl_host *below = &((struct gyl_tls *)h)->below;

	return below->ops->blk_read(below->h, dev, unit, buf, cnt);
}

static int tls_blk_write(
	void *h, int dev, uint64_t unit, const uint8_t *buf, size_t cnt, uint64_t token)
{
	const struct gyl_host *below = &((struct gyl_tls *)h)->below;

	return below->ops->blk_write(below->h, dev, unit, buf, cnt, token);
}

static bool tls_blk_done(void *h, uint64_t *ret_token, int *ret_err)
{
	const struct gyl_host *below = &((struct gyl_tls *)h)->below;

	return below->ops->blk_done(below->h, ret_token, ret_err);
}

static int tls_job(void *h, void (*fn)(void *), void (*done)(void *), void *arg)
{
	const struct gyl_host *below = &((struct gyl_tls *)h)->below;

	return below->ops->job(below->h, fn, done, arg);
}

static void tls_stat(void *h, struct gyl_host_stat *ret_stat)
{
	const struct gyl_host *below = &((struct gyl_tls *)h)->below;

	below->ops->stat(below->h, ret_stat);
}

static bool tls_addr(void *h, unsigned iface, unsigned n, uint32_t *ret_ip, uint8_t *ret_prefix,
	uint8_t ret_mac[6])
{
	const struct gyl_host *below = &((struct gyl_tls *)h)->below;

	return below->ops->addr(below->h, iface, n, ret_ip, ret_prefix, ret_mac);
}

static bool tls_conflict(void *h, uint32_t *ret_ip, uint8_t ret_mac[6])
{
	const struct gyl_host *below = &((struct gyl_tls *)h)->below;

	return below->ops->conflict(below->h, ret_ip, ret_mac);
}

static uint64_t tls_lost(void *h)
{
	const struct gyl_host *below = &((struct gyl_tls *)h)->below;

	return below->ops->lost(below->h);
}

static int tls_gone(void *h)
{
	const struct gyl_host *below = &((struct gyl_tls *)h)->below;

	return below->ops->gone(below->h);
}

static uint64_t tls_clock_ns(void *h)
{
	const struct gyl_host *below = &((struct gyl_tls *)h)->below;

	return below->ops->clock_ns(below->h);
}

static void tls_hush(void *h)
{
	const struct gyl_host *below = &((struct gyl_tls *)h)->below;

	below->ops->hush(below->h);
}

/* ---- opening ---- */

static void tls_free(struct gyl_tls *t)
{
	gyl__tls_conns_close(t);
	for (unsigned i = 0; i <= GYL_PORT_OPENED; i++)
		gyl_tls_ctx_free(t->port[i].ctx);
	for (unsigned i = 0; i < GYL_TLS_CLIENT_MAX; i++)
		gyl_tls_ctx_free(t->client[i]);
	BIO_meth_free(t->bio);
	free(t);
}

static void tls_close(void *h)
{
	struct gyl_tls *t = h;
	struct gyl_host below = t->below;

	tls_free(t);
	below.ops->close(below.h);
}

/* What the host below may lack is lacking here. */
static const struct gyl_host_ops tls_ops = {.listen = tls_listen,
	.wait = tls_wait,
	.recv = tls_recv,
	.unread = tls_unread,
	.lend = tls_lend,
	.send = tls_send,
	.flow = tls_flow,
	.blk_read = tls_blk_read,
	.blk_write = tls_blk_write,
	.blk_done = tls_blk_done,
	.job = tls_job,
	.stat = tls_stat,
	.addr = tls_addr,
	.close = tls_close,
	.conflict = tls_conflict,
	.lost = tls_lost,
	.gone = tls_gone,
	.clock_ns = tls_clock_ns,
	.nap = tls_nap,
	.hush = tls_hush,
	.room = tls_room,
	.unacked = tls_unacked};

struct gyl_tls *gyl_tls_open(struct gyl_host *host)
{
	struct gyl_tls *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->below = *host;
	t->ops = tls_ops;
	if (host->ops->unacked == NULL)
		t->ops.unacked = NULL;
	if (host->ops->conflict == NULL)
		t->ops.conflict = NULL;
	if (host->ops->lost == NULL)
		t->ops.lost = NULL;
	if (host->ops->gone == NULL)
		t->ops.gone = NULL;
	if (host->ops->nap == NULL)
		t->ops.nap = NULL;
	if (host->ops->hush == NULL)
		t->ops.hush = NULL;
	t->bio = gyl__tls_bio();
	if (!gyl__tls_conns_open(t) || t->bio == NULL) {
		tls_free(t);
		return NULL;
	}
	host->ops->wait(host->h, 0, &t->now);
	*host = (struct gyl_host){.ops = &t->ops, .h = t};
	return t;
}

void gyl_tls_close(struct gyl_tls *t, struct gyl_host *host)
{
	if (t == NULL)
		return;
	*host = t->below;
	tls_free(t);
}

static void use(struct gyl_tls_ctx **at, struct gyl_tls_ctx *ctx)
{
	gyl_tls_ctx_free(*at);
	*at = ctx;
}

void gyl_tls_serve(struct gyl_tls *t, int port, struct gyl_tls_ctx *ctx)
{
	use(&t->port[port].ctx, ctx);
}

void gyl_tls_connect(struct gyl_tls *t, uint8_t number, struct gyl_tls_ctx *ctx)
{
	use(&t->client[number], ctx);
}

void gyl_tls_stat(const struct gyl_tls *t, struct gyl_tls_stat *ret_stat)
{
	*ret_stat = t->stat;
}
