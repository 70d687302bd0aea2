/* SPDX-License-Identifier: ISC */

/*
 * What comes by the flows of the forwarder: answers, guesses, and ends.
 */

#include <gyl/time.h>

#include "services/dns/core_own.h"
#include "services/dns/forward.h"

enum {
	STRANGE_MAX = 16 /* wrong answers on one flow: somebody is guessing (RFC 5452 9.3) */
};

static const uint64_t tcp_ns = 3 * GYL_NS_PER_S;
static const uint64_t unable_ns = GYL_NS_PER_HOUR; /* what a server cannot is remembered */

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

	gyl__dns_attempt_end(d, now, a, i, o);
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

/* The server cannot, whatever it says. */
static void note_failure(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a, unsigned i,
	struct gyl_out *o)
{
	d->forward.up.one[a->attempt[i].upstream].stat.fail_cnt++;
	gyl__dns_attempt_end(d, now, a, i, o);
	gyl__dns_ask_outcome(d, now, a, GYL__DNS_FAILED, o);
}

static void take_answer(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a, unsigned i,
	const struct gyl_dns_msg *m, struct gyl_out *o)
{
	if (!a->probe && !gyl__dns_take(d, now, a, &a->attempt[i], m)) {
		note_failure(d, now, a, i, o);
		return;
	}
	gyl__dns_attempt_end(d, now, a, i, o);
	gyl__dns_ask_outcome(d, now, a, GYL__DNS_GOOD, o);
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
	t->state = GYL__DNS_ATTEMPT_ANSWERED;
	d->forward.flow[t->flow].served = tcp;
	if (t->tenure != up->tenure) { /* it is no server of ours any more */
		gyl__dns_attempt_end(d, now, a, i, o);
		gyl__dns_ask_outcome(d, now, a, GYL__DNS_GONE, o);
		return true;
	}
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
		note_reason(a, &m);
		note_failure(d, now, a, i, o);
	} else {
		take_answer(d, now, a, i, &m, o);
	}
	return true;
}

/* The question on the flow with the id of a message, NONE. */
static uint32_t find_by_id(
	const struct gyl__dns_forward *fw, const struct gyl__dns_upflow *f, struct gyl_view msg)
{
	uint32_t n = msg.len < 2 ? GYL__DNS_NONE : f->attempt;

	while (n != GYL__DNS_NONE) {
		const struct gyl__dns_attempt *t = gyl__dns_attempt_at(fw, n);

		if (t->id == gyl_get_u16(msg.p) && t->state == GYL__DNS_ATTEMPT_SENT)
			break;
		n = t->next;
	}
	return n;
}

/* False: it answers none of the questions on the flow. */
static bool message(struct gyl_dns *d, struct gyl_now now, const struct gyl__dns_upflow *f,
	struct gyl_view msg, struct gyl_out *o)
{
	uint32_t n = find_by_id(&d->forward, f, msg);
	unsigned i = n % GYL__DNS_ATTEMPT_MAX;
	struct gyl__dns_ask *a;

	if (n == GYL__DNS_NONE)
		return false;
	a = gyl__dns_attempt_owner(&d->forward, n);
	if (take(d, now, a, i, msg, f->tcp, o))
		return true;
	if (f->tcp) /* nobody guesses into a stream: it is the server that is confused */
		note_failure(d, now, a, i, o);
	return f->tcp;
}

/* ---- inputs ---- */

/* One of the questions on the flow, which is not to be used again. RFC 7766 6.2.4: a connection
 * that has served may end at any time, which says nothing of the server. */
static void lose(struct gyl_dns *d, struct gyl_now now, const struct gyl__dns_upflow *f, uint32_t n,
	struct gyl_out *o)
{
	struct gyl__dns_ask *a = gyl__dns_attempt_owner(&d->forward, n);

	if (f->served && a->send_cnt < GYL__DNS_SEND_MAX) {
		once_more(d, now, a, n % GYL__DNS_ATTEMPT_MAX, true, o);
		return;
	}
	gyl__dns_attempt_end(d, now, a, n % GYL__DNS_ATTEMPT_MAX, o);
	gyl__dns_ask_outcome(d, now, a, GYL__DNS_GONE, o);
}

/* All of them. False: no room for the rest. */
static bool lose_all(
	struct gyl_dns *d, struct gyl_now now, struct gyl__dns_upflow *f, struct gyl_out *o)
{
	static const struct gyl_cost cost = GYL__DNS_FORWARD_COST;

	while (f->attempt != GYL__DNS_NONE) {
		if (!gyl_out_room(o, &cost))
			return false;
		lose(d, now, f, f->attempt, o);
	}
	return true;
}

/* The port is closed, the net is not there, the stream was reset. */
static bool closed(
	struct gyl_dns *d, struct gyl_now now, struct gyl__dns_upflow *f, struct gyl_out *o)
{
	/* while it is being opened it is our own network that is at fault, or there are no sockets
	 */
	if (f->attempt != GYL__DNS_NONE && !f->served &&
		(f->state == GYL__DNS_FLOW_OPEN || (f->state == GYL__DNS_FLOW_OPENING && f->tcp)))
		gyl_dns_upstream_failed(&d->forward.up.one[f->upstream], now.mono_ns);
	f->state = GYL__DNS_FLOW_CLOSING;
	if (!lose_all(d, now, f, o))
		return false;
	f->state = GYL__DNS_FLOW_FREE;
	return true;
}

static bool opened(
	struct gyl_dns *d, struct gyl_now now, struct gyl__dns_upflow *f, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.send_cnt = 1};
	const struct gyl__dns_forward *fw = &d->forward;

	for (uint32_t n = f->attempt; n != GYL__DNS_NONE; n = gyl__dns_attempt_at(fw, n)->next) {
		struct gyl__dns_attempt *t = gyl__dns_attempt_at(fw, n);
		struct gyl__dns_ask *a = gyl__dns_attempt_owner(fw, n);

		if (t->state != GYL__DNS_ATTEMPT_OPENING || gyl__dns_ask_is_outdated(fw, a))
			continue;
		if (!gyl_out_room(o, &cost))
			return false;
		gyl__dns_attempt_send(d, now, f, a, t, o);
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
		once_more(d, now, gyl__dns_attempt_owner(&d->forward, n), n % GYL__DNS_ATTEMPT_MAX,
			true, o);
}

/* Nothing of ours is answered by it: what was given up since, or nonsense. */
static void note_strange(struct gyl_dns *d, struct gyl__dns_upflow *f, struct gyl_out *o)
{
	d->forward.up.one[f->upstream].stat.strange_cnt++;
	f->strange_cnt++;
	f->tired = f->tired || f->strange_cnt >= STRANGE_MAX;
	if (f->attempt == GYL__DNS_NONE)
		gyl__dns_upflow_close(f, o);
}

/* A stream: messages with their length in front. False: no room, offer the rest again. */
static bool octets(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_upflow *f,
	struct gyl_in *in, struct gyl_out *o)
{
	static const struct gyl_cost cost = GYL__DNS_FORWARD_COST;
	struct gyl_view msg;

	while (f->state != GYL__DNS_FLOW_CLOSING && gyl_out_room(o, &cost) &&
		gyl__dns_stream_next(in, &msg))
		if (!message(d, now, f, msg, o))
			note_strange(d, f, o);
	if (!gyl_out_room(o, &cost))
		return false;
	if (f->state == GYL__DNS_FLOW_CLOSING) {
		in->used = (uint32_t)in->data.len;
	} else if (in->kind == GYL_IN_EOF) {
		in->used = (uint32_t)in->data.len;
		if (f->attempt == GYL__DNS_NONE)
			gyl__dns_upflow_close(f, o);
		else
			return lose_all(d, now, f, o);
	}
	return true;
}

bool gyl__dns_forward_input(
	struct gyl_dns *d, struct gyl_now now, struct gyl_in *in, struct gyl_out *o)
{
	static const struct gyl_cost cost = GYL__DNS_FORWARD_COST;
	struct gyl__dns_upflow *f = gyl__dns_upflow_find(&d->forward, in->flow);

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
		return octets(d, now, f, in, o);
	}
}
