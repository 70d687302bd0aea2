/* SPDX-License-Identifier: ISC */

/*
 * Flows of the forwarder: questions out, answers in.
 *
 * A question has a socket of its own, with a port that the host draws (RFC 5452 9.2). Only when
 * there are no more it shares one of those that lead to the same server. A socket goes when nothing
 * is asked on it any more. Streams carry one question each.
 */

#include <gyl/time.h>

#include "services/dns/core_own.h"
#include "services/dns/forward.h"

enum {
	STRANGE_MAX = 16, /* wrong answers on one flow: somebody is guessing (RFC 5452 9.3) */
	ID_TRIES = 8
};

static const uint64_t tcp_ns = 3 * GYL_NS_PER_S;
static const uint64_t unable_ns = GYL_NS_PER_HOUR; /* what a server cannot is remembered */

static uint32_t attempt_number(const struct gyl__dns_forward *fw, const struct gyl__dns_attempt *t)
{
	const uint8_t *base = (const uint8_t *)fw->ask;
	size_t ask = (size_t)((const uint8_t *)t - base) / sizeof *fw->ask;

	return (uint32_t)(ask * GYL__DNS_ATTEMPT_MAX + (size_t)(t - fw->ask[ask].attempt));
}

static struct gyl__dns_ask *ask_of(const struct gyl__dns_forward *fw, uint32_t number)
{
	return &fw->ask[number / GYL__DNS_ATTEMPT_MAX];
}

static struct gyl__dns_attempt *attempt_of(const struct gyl__dns_forward *fw, uint32_t number)
{
	return &ask_of(fw, number)->attempt[number % GYL__DNS_ATTEMPT_MAX];
}

/* ---- flows ---- */

static struct gyl__dns_upflow *flow_find(struct gyl__dns_forward *fw, uint32_t number)
{
	struct gyl__dns_upflow *f = &fw->flow[(number - 1) % GYL__DNS_FLOW_MAX];

	return f->state != GYL__DNS_FLOW_FREE && f->number == number ? f : NULL;
}

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
	f->strange_cnt = 0;
	f->tcp = tcp;
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
			(f->state == GYL__DNS_FLOW_OPEN || f->state == GYL__DNS_FLOW_OPENING))
			return f;
	}
	return NULL;
}

static void flow_close(struct gyl__dns_upflow *f, struct gyl_out *o)
{
	static const struct gyl_peer nobody = {0};

	f->state = GYL__DNS_FLOW_CLOSING;
	gyl_out_flow(o, f->number, f->tcp ? GYL_FLOW_RESET : GYL_FLOW_CLOSE, &nobody);
}

/* ---- attempts ---- */

static bool id_is_taken(
	const struct gyl__dns_forward *fw, const struct gyl__dns_upflow *f, uint16_t id)
{
	for (uint32_t n = f->attempt; n != GYL__DNS_NONE; n = attempt_of(fw, n)->next)
		if (attempt_of(fw, n)->id == id)
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

static void ask_now(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_upflow *f,
	struct gyl__dns_ask *a, struct gyl__dns_attempt *t, struct gyl_out *o)
{
	t->state = GYL__DNS_ATTEMPT_SENT;
	t->sent_ns = now.mono_ns;
	send_dgram(d, f, a, t, o);
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
	struct gyl__dns_upflow *f = flow_open(fw, upstream, tcp, o);
	unsigned i = free_place(a);
	struct gyl__dns_attempt *t = &a->attempt[i];

	if (f == NULL && !tcp)
		f = flow_share(fw, upstream);
	if (f == NULL)
		return false;
	t->edns = up->no_edns_ns <= now.mono_ns;
	t->again = false;
	if (!draw(fw, f, t)) {
		if (f->attempt == GYL__DNS_NONE)
			flow_close(f, o);
		return false;
	}
	t->upstream = (uint8_t)upstream;
	t->flow = (uint16_t)(f - fw->flow);
	t->state = GYL__DNS_ATTEMPT_OPENING;
	t->sent_ns = now.mono_ns;
	t->next = f->attempt;
	f->attempt = attempt_number(fw, t);
	a->asked |= UINT64_C(1) << upstream;
	a->last = (uint8_t)i;
	a->send_cnt++;
	up->stat.ask_cnt++;
	up->stat.tcp_cnt += tcp;
	if (f->state == GYL__DNS_FLOW_OPEN)
		ask_now(d, now, f, a, t, o);
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

void gyl__dns_attempt_end(struct gyl_dns *d, struct gyl__dns_ask *a, unsigned i, struct gyl_out *o)
{
	struct gyl__dns_forward *fw = &d->forward;
	struct gyl__dns_attempt *t = &a->attempt[i];
	struct gyl__dns_upflow *f = &fw->flow[t->flow];
	uint32_t *link = &f->attempt, number = attempt_number(fw, t);

	while (*link != number)
		link = &attempt_of(fw, *link)->next;
	*link = t->next;
	t->state = GYL__DNS_ATTEMPT_FREE;
	if (f->attempt == GYL__DNS_NONE && f->state != GYL__DNS_FLOW_CLOSING)
		flow_close(f, o);
}

/* ---- answers ---- */

/* The server is there, whatever it says. */
static void note_answer(struct gyl_dns *d, struct gyl_now now, const struct gyl__dns_attempt *t,
	bool tcp, struct gyl_out *o)
{
	/* Karn: of a question that was repeated nobody knows which one was answered */
	uint64_t rtt_ns = t->again || tcp ? 0 : gyl_time_sub(now.mono_ns, t->sent_ns);

	if (gyl_dns_upstream_answered(&d->forward.up.one[t->upstream], rtt_ns))
		gyl__dns_say_upstream(d, t->upstream, "back", GYL_SEV_NOTICE, o);
}

/* The same server once more, another way. */
static void once_more(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a, unsigned i,
	bool tcp, struct gyl_out *o)
{
	unsigned upstream = a->attempt[i].upstream;

	gyl__dns_attempt_end(d, a, i, o);
	if (!gyl__dns_attempt_begin(d, now, a, upstream, tcp, o))
		gyl__dns_ask_outcome(d, now, a, GYL__DNS_GONE, o);
	else if (tcp)
		gyl__dns_ask_wait(d, a, now.mono_ns + tcp_ns);
}

/* RFC 8914: why the server cannot, for our client. */
static void note_reason(struct gyl__dns_ask *a, const struct gyl_dns_msg *m)
{
	struct gyl_dns_option opt;
	size_t off = 0;

	while (m->edns.present && gyl_dns_option_next(m->edns.options, &off, &opt))
		if (opt.code == GYL_DNS_OPT_EDE && opt.val.len >= 2)
			a->ede = (uint16_t)(gyl_get_u16(opt.val.p) + 1);
}

static void take_answer(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a, unsigned i,
	const struct gyl_dns_msg *m, struct gyl_out *o)
{
	bool good = a->probe || gyl__dns_take(d, now, a, m);

	if (!good)
		d->forward.up.one[a->attempt[i].upstream].stat.fail_cnt++;
	gyl__dns_attempt_end(d, a, i, o);
	gyl__dns_ask_outcome(d, now, a, good ? GYL__DNS_GOOD : GYL__DNS_FAILED, o);
}

/* True: the message was about that attempt, which has ended. */
static bool take(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a, unsigned i,
	struct gyl_view msg, bool tcp, struct gyl_out *o)
{
	struct gyl__dns_attempt *t = &a->attempt[i];
	struct gyl_dns_upstream *up = &d->forward.up.one[t->upstream];
	struct gyl_dns_msg m;
	enum gyl__dns_reply reply = gyl__dns_reply_judge(a, t, msg, tcp, &m);

	if (reply == GYL__DNS_REPLY_STRANGE)
		return false;
	if (reply == GYL__DNS_REPLY_CASE && !tcp && up->no_case_ns <= now.mono_ns) {
		once_more(d, now, a, i, true, o); /* a guess, or a server that folds: TCP tells */
		return true;
	}
	if (reply == GYL__DNS_REPLY_CASE) {
		if (tcp)
			up->no_case_ns = now.mono_ns + unable_ns;
		reply = gyl__dns_reply_kind(t, &m, tcp);
	}
	note_answer(d, now, t, tcp, o);
	if (a->probe) {
		take_answer(d, now, a, i, &m, o);
	} else if (reply == GYL__DNS_REPLY_CUT) {
		once_more(d, now, a, i, true, o);
	} else if (reply == GYL__DNS_REPLY_NO_EDNS) {
		up->no_edns_ns = now.mono_ns + unable_ns;
		once_more(d, now, a, i, tcp, o);
	} else if (reply == GYL__DNS_REPLY_REFUSED) {
		up->stat.fail_cnt++;
		note_reason(a, &m);
		gyl__dns_attempt_end(d, a, i, o);
		gyl__dns_ask_outcome(d, now, a, GYL__DNS_FAILED, o);
	} else {
		take_answer(d, now, a, i, &m, o);
	}
	return true;
}

/* Which of the questions on the flow it answers. */
static bool message(struct gyl_dns *d, struct gyl_now now, const struct gyl__dns_upflow *f,
	struct gyl_view msg, struct gyl_out *o)
{
	const struct gyl__dns_forward *fw = &d->forward;

	for (uint32_t n = f->attempt; msg.len >= 2 && n != GYL__DNS_NONE;) {
		uint32_t next = attempt_of(fw, n)->next;

		if (attempt_of(fw, n)->id == gyl_get_u16(msg.p) &&
			attempt_of(fw, n)->state == GYL__DNS_ATTEMPT_SENT)
			return take(
				d, now, ask_of(fw, n), n % GYL__DNS_ATTEMPT_MAX, msg, f->tcp, o);
		n = next;
	}
	return false;
}

/* ---- inputs ---- */

/* One of the questions on the flow at a time; false: there is none. */
static bool lose_one(
	struct gyl_dns *d, struct gyl_now now, const struct gyl__dns_upflow *f, struct gyl_out *o)
{
	struct gyl__dns_forward *fw = &d->forward;
	uint32_t n = f->attempt;
	struct gyl__dns_ask *a;

	if (n == GYL__DNS_NONE)
		return false;
	a = ask_of(fw, n);
	gyl__dns_attempt_end(d, a, n % GYL__DNS_ATTEMPT_MAX, o);
	gyl__dns_ask_outcome(d, now, a, GYL__DNS_GONE, o);
	return true;
}

/* The port is closed, the net is not there, the stream was reset. */
static bool closed(
	struct gyl_dns *d, struct gyl_now now, struct gyl__dns_upflow *f, struct gyl_out *o)
{
	static const struct gyl_cost cost = GYL__DNS_FORWARD_COST;

	/* while it is being opened it is our own network that is at fault, or there are no sockets
	 */
	if (f->attempt != GYL__DNS_NONE &&
		(f->state == GYL__DNS_FLOW_OPEN || (f->state == GYL__DNS_FLOW_OPENING && f->tcp)))
		gyl_dns_upstream_failed(&d->forward.up.one[f->upstream], now.mono_ns);
	f->state = GYL__DNS_FLOW_CLOSING;
	while (lose_one(d, now, f, o))
		if (!gyl_out_room(o, &cost))
			return false;
	f->state = GYL__DNS_FLOW_FREE;
	return true;
}

static bool opened(
	struct gyl_dns *d, struct gyl_now now, struct gyl__dns_upflow *f, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.send_cnt = 1};
	const struct gyl__dns_forward *fw = &d->forward;

	for (uint32_t n = f->attempt; n != GYL__DNS_NONE; n = attempt_of(fw, n)->next) {
		struct gyl__dns_attempt *t = attempt_of(fw, n);

		if (t->state != GYL__DNS_ATTEMPT_OPENING)
			continue;
		if (!gyl_out_room(o, &cost))
			return false;
		ask_now(d, now, f, ask_of(fw, n), t, o);
	}
	if (f->state == GYL__DNS_FLOW_OPENING)
		f->state = GYL__DNS_FLOW_OPEN;
	return true;
}

static void dgram(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_upflow *f,
	struct gyl_view msg, struct gyl_out *o)
{
	uint32_t n = f->attempt;

	if (f->state != GYL__DNS_FLOW_OPEN || message(d, now, f, msg, o))
		return;
	d->forward.up.one[f->upstream].stat.strange_cnt++;
	if (++f->strange_cnt >= STRANGE_MAX && n != GYL__DNS_NONE)
		once_more(d, now, ask_of(&d->forward, n), n % GYL__DNS_ATTEMPT_MAX, true, o);
}

/* A stream: one message, with its length in front. */
static void octets(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_upflow *f,
	struct gyl_in *in, struct gyl_out *o)
{
	struct gyl_view v = in->data;

	if (f->state == GYL__DNS_FLOW_CLOSING) {
		in->used = (uint32_t)v.len;
		return;
	}
	if (v.len >= 2 && v.len - 2 >= gyl_get_u16(v.p)) {
		in->used = (uint32_t)v.len;
		if (!message(d, now, f, gyl_view_sub(v, 2, gyl_get_u16(v.p)), o))
			(void)lose_one(d, now, f, o);
	} else if (in->kind == GYL_IN_EOF) {
		in->used = (uint32_t)v.len;
		(void)lose_one(d, now, f, o);
	}
}

bool gyl__dns_forward_input(
	struct gyl_dns *d, struct gyl_now now, struct gyl_in *in, struct gyl_out *o)
{
	static const struct gyl_cost cost = GYL__DNS_FORWARD_COST;
	struct gyl__dns_upflow *f = flow_find(&d->forward, in->flow);

	if (!gyl_out_room(o, &cost))
		return false;
	if (f == NULL) {
		in->used = (uint32_t)in->data.len;
		return true;
	}
	switch (in->kind) {
	case GYL_IN_OPENED:
		return opened(d, now, f, o);
	case GYL_IN_CLOSED:
		return closed(d, now, f, o);
	case GYL_IN_DGRAM:
		dgram(d, now, f, in->data, o);
		return true;
	default:
		octets(d, now, f, in, o);
		return true;
	}
}
