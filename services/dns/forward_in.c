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
	bool good = a->probe || gyl__dns_take(d, now, a, &a->attempt[i], m);

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
	if (t->tenure != up->tenure) { /* it is no server of ours any more */
		gyl__dns_attempt_end(d, a, i, o);
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
		uint32_t next = gyl__dns_attempt_at(fw, n)->next;

		if (gyl__dns_attempt_at(fw, n)->id == gyl_get_u16(msg.p) &&
			gyl__dns_attempt_at(fw, n)->state == GYL__DNS_ATTEMPT_SENT)
			return take(d, now, gyl__dns_attempt_owner(fw, n), n % GYL__DNS_ATTEMPT_MAX,
				msg, f->tcp, o);
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
	a = gyl__dns_attempt_owner(fw, n);
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
		octets(d, now, f, in, o);
		return true;
	}
}
