/* SPDX-License-Identifier: ISC */

/*
 * Flows of the forwarder: questions out.
 *
 * A question has a socket of its own, with a port that the host draws (RFC 5452 9.2). Only when
 * there are no more it shares one of those that lead to the same server. A socket goes when nothing
 * is asked on it any more. Streams are for all: forward_stream.c.
 */

#include <gyl/time.h>

#include "services/dns/core_own.h"
#include "services/dns/forward.h"

enum {
	ID_TRIES = 8
};

static uint32_t attempt_number(const struct gyl__dns_forward *fw, const struct gyl__dns_attempt *t)
{
	const uint8_t *base = (const uint8_t *)fw->ask;
	size_t ask = (size_t)((const uint8_t *)t - base) / sizeof *fw->ask;

	return (uint32_t)(ask * GYL__DNS_ATTEMPT_MAX + (size_t)(t - fw->ask[ask].attempt));
}

/* ---- flows ---- */

static struct gyl_peer peer_of(const struct gyl_dns_upstream *up)
{
	struct gyl_peer peer = {.ip = up->ip, .port = up->port};

	return peer;
}

static struct gyl__dns_upflow *flow_open(
	struct gyl__dns_forward *fw, unsigned upstream, bool tcp, struct gyl_out *o)
{
	struct gyl_peer to = peer_of(&fw->up.one[upstream]);
	unsigned i = 0;
	struct gyl__dns_upflow *f;

	while (i < GYL__DNS_FLOW_MAX && fw->flow[i].state != GYL__DNS_FLOW_FREE)
		i++;
	if (i == GYL__DNS_FLOW_MAX)
		return NULL;
	f = &fw->flow[i];
	f->generation = (uint16_t)((f->generation + 1) % GYL__DNS_FLOW_GENERATION);
	f->number = 1 + i + (uint32_t)GYL__DNS_FLOW_MAX * f->generation;
	f->attempt = GYL__DNS_NONE;
	f->state = GYL__DNS_FLOW_OPENING;
	f->upstream = (uint8_t)upstream;
	f->tenure = fw->up.one[upstream].tenure;
	f->strange_cnt = 0;
	f->cnt = 0;
	f->idle_ns = 0;
	f->tcp = tcp;
	f->served = f->tired = false;
	gyl_out_flow(o, f->number, tcp ? GYL_FLOW_OPEN_TCP : GYL_FLOW_OPEN_UDP, &to);
	return f;
}

/* Any of those that lead to the server, from a place that nobody can guess. */
static struct gyl__dns_upflow *flow_share(struct gyl__dns_forward *fw, unsigned upstream)
{
	uint16_t start = 0;

	(void)gyl_rng_u16(fw->rng, &start);
	for (unsigned i = 0; i < GYL__DNS_FLOW_MAX; i++) {
		struct gyl__dns_upflow *f = &fw->flow[(start + i) % GYL__DNS_FLOW_MAX];

		if (!f->tcp && f->upstream == upstream &&
			f->tenure == fw->up.one[upstream].tenure &&
			(f->state == GYL__DNS_FLOW_OPEN || f->state == GYL__DNS_FLOW_OPENING))
			return f;
	}
	return NULL;
}

void gyl__dns_upflow_close(struct gyl__dns_upflow *f, struct gyl_out *o)
{
	static const struct gyl_peer nobody = {0};

	f->state = GYL__DNS_FLOW_CLOSING;
	gyl_out_flow(o, f->number, f->tcp ? GYL_FLOW_RESET : GYL_FLOW_CLOSE, &nobody);
}

/* ---- attempts ---- */

static bool id_is_taken(
	const struct gyl__dns_forward *fw, const struct gyl__dns_upflow *f, uint16_t id)
{
	for (uint32_t n = f->attempt; n != GYL__DNS_NONE; n = gyl__dns_attempt_at(fw, n)->next)
		if (gyl__dns_attempt_at(fw, n)->id == id)
			return true;
	return false;
}

/* An id that no other question on the flow has, and a spelling. */
static bool draw(
	struct gyl__dns_forward *fw, const struct gyl__dns_upflow *f, struct gyl__dns_attempt *t)
{
	unsigned tries = 0;

	do {
		if (gyl_rng_u16(fw->rng, &t->id) != GYL_CRYPTO_OK || tries++ == ID_TRIES)
			return false;
	} while (id_is_taken(fw, f, t->id));
	return gyl_rng_read(fw->rng, t->upper, sizeof t->upper) == GYL_CRYPTO_OK;
}

static void send_dgram(const struct gyl_dns *d, const struct gyl__dns_upflow *f,
	const struct gyl__dns_ask *a, const struct gyl__dns_attempt *t, struct gyl_out *o)
{
	struct gyl_peer to = peer_of(&d->forward.up.one[f->upstream]);
	size_t cap, lead = f->tcp ? 2 : 0, len;
	uint8_t *p = gyl_out_send(o, GYL_PORT_OPENED, &to, f->number, 0, &cap);

	len = gyl__dns_query_put(d, a, t, p + lead);
	if (f->tcp)
		gyl_set_u16(p, (uint16_t)len);
	gyl_out_sent(o, lead + len);
}

void gyl__dns_attempt_send(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_upflow *f,
	struct gyl__dns_ask *a, struct gyl__dns_attempt *t, struct gyl_out *o)
{
	t->state = GYL__DNS_ATTEMPT_SENT;
	t->sent_ns = now.mono_ns;
	send_dgram(d, f, a, t, o);
}

static struct gyl__dns_upflow *flow_for(
	struct gyl__dns_forward *fw, unsigned upstream, bool tcp, struct gyl_out *o)
{
	struct gyl__dns_upflow *f = tcp ? gyl__dns_stream_find(fw, upstream) : NULL;

	if (f == NULL)
		f = flow_open(fw, upstream, tcp, o);
	return f == NULL && !tcp ? flow_share(fw, upstream) : f;
}

static unsigned free_place(const struct gyl__dns_ask *a)
{
	unsigned i = 0;

	while (i < GYL__DNS_ATTEMPT_MAX && a->attempt[i].state != GYL__DNS_ATTEMPT_FREE)
		i++;
	return i;
}

bool gyl__dns_attempt_begin(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a,
	unsigned upstream, bool tcp, struct gyl_out *o)
{
	struct gyl__dns_forward *fw = &d->forward;
	struct gyl_dns_upstream *up = &fw->up.one[upstream];
	struct gyl__dns_upflow *f = flow_for(fw, upstream, tcp, o);
	unsigned i = free_place(a);
	struct gyl__dns_attempt *t = &a->attempt[i];

	if (f == NULL)
		return false;
	t->edns = up->no_edns_ns <= now.mono_ns;
	t->again = false;
	if (!draw(fw, f, t)) {
		if (f->attempt == GYL__DNS_NONE)
			gyl__dns_upflow_close(f, o);
		return false;
	}
	t->upstream = (uint8_t)upstream;
	t->tenure = up->tenure;
	t->flow = (uint16_t)(f - fw->flow);
	t->state = GYL__DNS_ATTEMPT_OPENING;
	t->sent_ns = now.mono_ns;
	t->next = f->attempt;
	f->attempt = attempt_number(fw, t);
	f->cnt++;
	f->idle_ns = 0;
	a->asked |= UINT64_C(1) << upstream;
	a->last = (uint8_t)i;
	a->send_cnt++;
	up->stat.ask_cnt++;
	up->stat.tcp_cnt += tcp;
	if (f->state == GYL__DNS_FLOW_OPEN)
		gyl__dns_attempt_send(d, now, f, a, t, o);
	return true;
}

void gyl__dns_attempt_again(
	struct gyl_dns *d, struct gyl__dns_ask *a, unsigned i, struct gyl_out *o)
{
	struct gyl__dns_attempt *t = &a->attempt[i];
	const struct gyl__dns_upflow *f = &d->forward.flow[t->flow];

	a->send_cnt++;
	t->again = true;
	if (!f->tcp) /* TCP repeats by itself */
		send_dgram(d, f, a, t, o);
}

void gyl__dns_attempt_end(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a, unsigned i,
	struct gyl_out *o)
{
	struct gyl__dns_forward *fw = &d->forward;
	struct gyl__dns_attempt *t = &a->attempt[i];
	struct gyl__dns_upflow *f = &fw->flow[t->flow];
	uint32_t *link = &f->attempt, number = attempt_number(fw, t);

	while (*link != number)
		link = &gyl__dns_attempt_at(fw, *link)->next;
	*link = t->next;
	f->cnt--;
	f->tired = f->tired || t->state != GYL__DNS_ATTEMPT_ANSWERED;
	t->state = GYL__DNS_ATTEMPT_FREE;
	if (f->attempt != GYL__DNS_NONE || f->state == GYL__DNS_FLOW_CLOSING)
		return;
	if (f->tcp)
		gyl__dns_stream_rest(fw, now, f, o);
	else
		gyl__dns_upflow_close(f, o);
}
