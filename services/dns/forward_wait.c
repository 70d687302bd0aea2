/* SPDX-License-Identifier: ISC */

/*
 * Who waits for answers of others: a query as it came, answered as if it came when the answer is
 * there.
 *
 * Places are few, and clients may ask for what nobody can answer. A client gets another place only
 * while it has fewer than are free: one that takes all it can get leaves half of them, two leave a
 * third (Choudhury and Hahne, "Dynamic queue length thresholds", 1998). No number has to be chosen,
 * and a hall behind one address gets along as well.
 */

#include "services/dns/core_own.h"
#include "services/dns/forward.h"

enum {
	LATEST_CNT = 256,
	HOP_MAX = 8 /* asks for one query */
};

/* ---- places ---- */

static void *place(const struct gyl__dns_pool *p, uint32_t i)
{
	return p->base + (size_t)i * p->size;
}

uint32_t gyl__dns_pool_take(struct gyl__dns_pool *p)
{
	uint32_t i = p->free;

	if (i != GYL__DNS_NONE)
		memcpy(&p->free, (uint8_t *)place(p, i) + p->link_off, sizeof p->free);
	else if (p->fresh < p->cap)
		i = p->fresh++;
	p->used += i != GYL__DNS_NONE;
	return i;
}

void gyl__dns_pool_give(struct gyl__dns_pool *p, uint32_t i)
{
	memcpy((uint8_t *)place(p, i) + p->link_off, &p->free, sizeof p->free);
	p->free = i;
	p->used--;
}

/* ---- sources ---- */

static uint32_t *source_bucket(const struct gyl__dns_forward *fw, uint32_t ip)
{
	uint32_t h = (ip ^ (uint32_t)fw->key[0]) * 0x9e3779b1u;

	h ^= (uint32_t)(fw->key[0] >> 32);
	h = (h ^ h >> 15) * 0x85ebca6bu;
	return &fw->source_bucket[(h ^ h >> 13) & fw->bucket_mask];
}

static uint32_t source_find(const struct gyl__dns_forward *fw, uint32_t ip)
{
	uint32_t i = *source_bucket(fw, ip);

	while (i != GYL__DNS_NONE && fw->source[i].ip != ip)
		i = fw->source[i].chain;
	return i;
}

/* There are as many places for sources as for waiters. */
static uint32_t source_hold(struct gyl__dns_forward *fw, uint32_t ip)
{
	uint32_t i = source_find(fw, ip), *bucket = source_bucket(fw, ip);

	if (i == GYL__DNS_NONE) {
		i = gyl__dns_pool_take(&fw->sources);
		fw->source[i] = (struct gyl__dns_source){.ip = ip, .chain = *bucket};
		*bucket = i;
	}
	fw->source[i].cnt++;
	return i;
}

static void source_release(struct gyl__dns_forward *fw, uint32_t i)
{
	uint32_t *link = source_bucket(fw, fw->source[i].ip);

	if (--fw->source[i].cnt != 0)
		return;
	while (*link != i)
		link = &fw->source[*link].chain;
	*link = fw->source[i].chain;
	gyl__dns_pool_give(&fw->sources, i);
}

bool gyl__dns_share(const struct gyl__dns_forward *fw, uint32_t ip, bool fresh)
{
	uint32_t i = source_find(fw, ip), cnt = i == GYL__DNS_NONE ? 0 : fw->source[i].cnt;

	return cnt < fw->waiters.cap - fw->waiters.used &&
	       (!fresh || cnt < fw->asks.cap - fw->asks.used);
}

/* ---- waiters ---- */

/* A query that is longer than its place: header, question and the OPT without options. */
static uint16_t shortened(struct gyl_view msg, uint8_t *p)
{
	struct gyl_dns_query q;
	size_t len;

	if (msg.len <= GYL__DNS_WAITER_LEN) {
		memcpy(p, msg.p, msg.len);
		return (uint16_t)msg.len;
	}
	if (gyl_failed(gyl_dns_decode_query(msg, &q)))
		return 0;
	len = q.question_end;
	memcpy(p, msg.p, len);
	gyl_set_u32(p + 6, 0);
	gyl_set_u16(p + 10, q.edns.present);
	if (!q.edns.present)
		return (uint16_t)len;
	memset(p + len, 0, GYL_DNS_OPT_LEN);
	gyl_set_u16(p + len + 1, GYL_DNS_TYPE_OPT);
	gyl_set_u16(p + len + 3, q.edns.udp_size);
	gyl_set_u16(p + len + 7, q.edns.flags);
	return (uint16_t)(len + GYL_DNS_OPT_LEN);
}

/* Clients ask again when it takes long: one answer is enough. The latest are looked at. */
static bool waits_already(
	const struct gyl__dns_forward *fw, const struct gyl__dns_ask *a, const struct gyl_in *in)
{
	unsigned left = LATEST_CNT;

	for (uint32_t i = a->waiter; i != GYL__DNS_NONE && left-- != 0; i = fw->waiter[i].next) {
		const struct gyl__dns_waiter *w = &fw->waiter[i];

		if (w->peer.ip == in->peer.ip && w->peer.port == in->peer.port &&
			w->flow == in->flow && memcmp(w->msg, in->data.p, 2) == 0)
			return true;
	}
	return false;
}

enum gyl__dns_joined gyl__dns_join(
	struct gyl_dns *d, struct gyl__dns_ask *a, const struct gyl_in *in)
{
	struct gyl__dns_forward *fw = &d->forward;
	struct gyl__dns_waiter *w;
	uint32_t i;

	if (waits_already(fw, a, in))
		return GYL__DNS_JOINED_AGAIN;
	if (!gyl__dns_share(fw, in->peer.ip, false))
		return GYL__DNS_NO_PLACE;
	i = gyl__dns_pool_take(&fw->waiters);
	w = &fw->waiter[i];
	w->source = source_hold(fw, in->peer.ip);
	w->flow = in->flow;
	w->peer = in->peer;
	w->port = in->port;
	w->hop_cnt = fw->hop_cnt;
	w->len = shortened(in->data, w->msg);
	w->next = a->waiter;
	a->waiter = i;
	return GYL__DNS_JOINED;
}

static void leave(struct gyl__dns_forward *fw, uint32_t *link)
{
	uint32_t i = *link;

	*link = fw->waiter[i].next;
	source_release(fw, fw->waiter[i].source);
	gyl__dns_pool_give(&fw->waiters, i);
}

/* ---- answers ---- */

/* True: it was answered, or can never be. */
static bool answer_dgram(struct gyl_dns *d, struct gyl_now now, const struct gyl_in *in,
	const struct gyl_dns_from *from, struct gyl_dns_verdict *v, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.send_cnt = 1, .event_cnt = 2};
	size_t cap, len;
	uint8_t *p;

	v->forward = false;
	if (!gyl_out_room(o, &cost))
		return false;
	p = gyl_out_send(o, in->port, &in->peer, 0, 0, &cap);
	len = gyl_dns_answer(&d->data, &d->policy, now, from, in->data, p, cap, v);
	gyl_out_sent(o, len);
	if (len != 0 || v->blocked)
		gyl__dns_note(d, now, in, v, o);
	return len != 0 || !v->forward;
}

bool gyl__dns_answer_now(struct gyl_dns *d, struct gyl_now now, const struct gyl_in *in,
	struct gyl_dns_from from, struct gyl_dns_verdict *v, struct gyl_out *o)
{
	from.ip = in->peer.ip;
	from.tcp = in->flow != 0;
	from.recursion = true;
	from.trace = gyl__dns_see_why(d, in->peer.ip);
	return from.tcp ? gyl__dns_stream_answer(d, now, in, &from, v, o)
			: answer_dgram(d, now, in, &from, v, o);
}

/* What came leads to another name: the query waits for that. False: no room. */
static bool ask_on(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a,
	const struct gyl_in *in, const struct gyl_dns_verdict *v, struct gyl_out *o)
{
	static const struct gyl_cost cost = GYL__DNS_FORWARD_COST;
	struct gyl__dns_forward *fw = &d->forward;
	uint8_t msg[GYL__DNS_WAITER_LEN];
	struct gyl_in again = *in;

	if (!gyl_out_room(o, &cost))
		return false;
	memcpy(msg, in->data.p, in->data.len);
	again.data.p = msg;
	fw->hop_cnt = (uint8_t)(fw->waiter[a->waiter].hop_cnt + 1);
	leave(fw, &a->waiter);
	if (!gyl__dns_forward(d, now, &again, v, o) && in->flow != 0)
		gyl__dns_stream_forget(d, in->flow);
	fw->hop_cnt = 0;
	return true;
}

/* Answers a waiter; false: not now. *link moves on to the next one when this one stays. */
static bool answer_one(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a,
	uint32_t **link, struct gyl_out *o)
{
	struct gyl__dns_forward *fw = &d->forward;
	struct gyl__dns_waiter *w = &fw->waiter[**link];
	bool outdated = gyl__dns_ask_is_outdated(fw, a);
	struct gyl_dns_from from = {.turn = a->turn,
		.ede = a->ede,
		.begun_ns = a->begun_ns,
		.asked = gyl_view(a->name, outdated ? 0 : a->name_len)};
	struct gyl_in in = {.kind = GYL_IN_DGRAM,
		.port = w->port,
		.flow = w->flow,
		.peer = w->peer,
		.data = gyl_view(w->msg, w->len)};
	struct gyl_dns_verdict v;

	if (a->turn == GYL_DNS_TURN_ANSWERED && w->hop_cnt == HOP_MAX)
		from.turn = GYL_DNS_TURN_LOST;
	if (gyl__dns_answer_now(d, now, &in, from, &v, o))
		leave(fw, *link);
	else if (v.forward && a->turn == GYL_DNS_TURN_LATE)
		*link = &w->next; /* nothing stale is there for it */
	else
		return v.forward && ask_on(d, now, a, &in, &v, o);
	return true;
}

bool gyl__dns_answer_waiters(
	struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a, struct gyl_out *o)
{
	static const struct gyl_cost least = {.send_cnt = 1, .op_cnt = 1, .event_cnt = 2};
	uint32_t *link = &a->waiter;

	while (*link != GYL__DNS_NONE)
		if (!gyl_out_room(o, &least) || !answer_one(d, now, a, &link, o))
			return false;
	return true;
}

void gyl__dns_wait_init(struct gyl__dns_forward *fw)
{
	for (uint32_t i = 0; i <= fw->bucket_mask; i++)
		fw->source_bucket[i] = fw->ask_bucket[i] = GYL__DNS_NONE;
}
