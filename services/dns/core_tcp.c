/* SPDX-License-Identifier: ISC */

/*
 * DNS over TCP (RFC 7766): messages with two octets of length in front, pipelined. What can be
 * answered at once is, in order, and all of it leaves in one piece; answers that have to be waited
 * for come when they are there (6.2.1.1: in any order). A connection that asks nothing for a while
 * is closed, and so is the one idle the longest when a new one finds no place. An address has a
 * quarter of the places: past that it is one of its own that goes, so that nobody takes them from
 * the others (RFC 7766 6.2.2).
 */

#include <gyl/time.h>

#include "services/dns/core_own.h"

/* An answer of others has come by then, or never will. */
static const uint64_t wait_ns = 6 * GYL_NS_PER_S;

/*
 * How long a connection may ask nothing (RFC 7766 6.2.3). While half of the places are free it is
 * what is configured; from there on it goes down to a tenth of that, so that those who ask find a
 * place (RFC 9210 5.1). A longer promise that was made to a client (RFC 7828 3.4) does not bind us.
 */
static uint64_t idle_ns(const struct gyl_dns *d)
{
	uint32_t max = d->cf.tcp_cnt, free_cnt = max - d->flow_cnt;

	if (free_cnt >= max / 2)
		return d->cf.tcp_idle_ns;
	return d->cf.tcp_idle_ns / 10 + d->cf.tcp_idle_ns / 10 * 9 / (max / 2) * free_cnt;
}

/* Most are where their number was last found. */
static struct gyl__dns_flow *flow_find(struct gyl_dns *d, uint32_t flow)
{
	uint16_t *hint = &d->flow_hint[flow % GYL_DNS_TCP_CNT_MAX];

	if (*hint < d->flow_cnt && d->flow[*hint].flow == flow)
		return &d->flow[*hint];
	for (uint32_t i = 0; i < d->flow_cnt; i++)
		if (d->flow[i].flow == flow) {
			*hint = (uint16_t)i;
			return &d->flow[i];
		}
	return NULL;
}

/* The one idle the longest, of an address or (0) of all; ret_cnt: of how many. */
static struct gyl__dns_flow *flow_oldest(struct gyl_dns *d, uint32_t ip, uint32_t *ret_cnt)
{
	struct gyl__dns_flow *oldest = NULL;

	*ret_cnt = 0;
	for (uint32_t i = 0; i < d->flow_cnt; i++) {
		struct gyl__dns_flow *f = &d->flow[i];

		if (ip != 0 && f->ip != ip)
			continue;
		++*ret_cnt;
		if (oldest == NULL || f->seen_ns < oldest->seen_ns)
			oldest = f;
	}
	return oldest;
}

static void flow_drop(struct gyl_dns *d, struct gyl__dns_flow *f)
{
	gyl__dns_out_drop(d, f->flow);
	*f = d->flow[--d->flow_cnt];
}

static void flow_close(struct gyl_dns *d, uint32_t flow, struct gyl_out *o)
{
	struct gyl__dns_flow *f = flow_find(d, flow);

	if (f == NULL)
		return;
	flow_drop(d, f);
	gyl_out_flow(o, flow, GYL_FLOW_CLOSE, NULL);
}

static void flow_open(
	struct gyl_dns *d, struct gyl_now now, const struct gyl_in *in, struct gyl_out *o)
{
	uint32_t cnt;
	struct gyl__dns_flow *f = flow_oldest(d, in->peer.ip, &cnt);

	if (cnt < d->cf.tcp_cnt / 4)
		f = d->flow_cnt < d->cf.tcp_cnt ? NULL : flow_oldest(d, 0, &cnt);
	if (f != NULL)
		flow_close(d, f->flow, o);
	f = &d->flow[d->flow_cnt++];
	f->flow = in->flow;
	f->ip = in->peer.ip;
	f->seen_ns = now.mono_ns;
	f->waiting_cnt = 0;
	f->ended = false;
	d->stat.tcp_cnt++;
}

/* The answers gathered go out in pieces as large as the slots are: the host writes all of them at
 * once. */
static void put_stream(struct gyl_dns *d, const struct gyl_in *in, struct gyl_out *o)
{
	for (size_t at = 0; at < d->stream_len;) {
		size_t cap, part = d->stream_len - at;
		uint8_t *p = gyl_out_send(o, in->port, &in->peer, in->flow, 0, &cap);

		if (part > cap)
			part = cap;
		memcpy(p, d->stream + at, part);
		gyl_out_sent(o, part);
		at += part;
	}
	d->stream_len = 0;
}

/* What became of the octets of a stream. */
enum progress {
	ALL_ANSWERED,   /* what is left is no whole message */
	STREAM_IS_FULL, /* the rest comes again when the peer has read, or in its turn (again) */
	AGAIN,          /* nothing could be done: the same has to be offered again */
	STREAM_IS_GONE, /* it was closed meanwhile */
	CLOSED
};

/* The next message, when it is there whole. */
static bool next_message(const struct gyl_in *in, struct gyl_view *ret_msg)
{
	struct gyl_view rest = gyl_view_sub(in->data, in->used, in->data.len);

	if (rest.len < 2 || rest.len - 2 < gyl_get_u16(rest.p))
		return false;
	*ret_msg = gyl_view_sub(rest, 2, gyl_get_u16(rest.p));
	return true;
}

/* Is there room for what was gathered and len octets more, and for what is told about them? */
static bool has_room(const struct gyl_dns *d, size_t len, const struct gyl_out *o)
{
	struct gyl_cost cost = {.event_cnt = 2};

	len += d->stream_len;
	cost.send_cnt = (uint16_t)((len + GYL_SEND_CAP_MIN - 1) / GYL_SEND_CAP_MIN);
	return gyl_out_room(o, &cost);
}

/* An answer behind those that were gathered: octets with its length, 0 when there is none. */
static size_t make(struct gyl_dns *d, struct gyl_now now, const struct gyl_dns_from *from,
	struct gyl_view msg, struct gyl_dns_verdict *v)
{
	uint8_t *p = d->stream + d->stream_len;
	size_t len =
		gyl_dns_answer(&d->data, &d->policy, now, from, msg, p + 2, GYL_DNS_MSG_MAX, v);

	if (len == 0)
		return 0;
	gyl_set_u16(p, (uint16_t)len);
	return len + 2;
}

/* An answer will come from elsewhere, maybe at once. */
static enum progress ask_others(struct gyl_dns *d, struct gyl_now now, struct gyl_view msg,
	struct gyl_in *in, const struct gyl_dns_verdict *v, struct gyl_out *o)
{
	static const struct gyl_cost cost = GYL__DNS_FORWARD_COST;
	struct gyl__dns_flow *f = flow_find(d, in->flow);
	struct gyl_in one = *in;

	put_stream(d, in, o);
	if (!gyl_out_room(o, &cost))
		return AGAIN;
	one.data = msg;
	f->room = in->room;
	f->waiting_cnt++;
	d->stat.query_cnt++;
	in->used += (uint32_t)msg.len + 2;
	if (gyl__dns_forward(d, now, &one, v, o))
		f = flow_find(d, in->flow);
	else
		f->waiting_cnt--;
	if (f == NULL)
		return STREAM_IS_GONE;
	in->room = f->room;
	return ALL_ANSWERED;
}

static void refresh(
	struct gyl_dns *d, struct gyl_now now, const struct gyl_dns_verdict *v, struct gyl_out *o)
{
	static const struct gyl_cost cost = GYL__DNS_FORWARD_COST;

	if (v->refresh && d->stream_len == 0 && gyl_out_room(o, &cost))
		gyl__dns_forward_refresh(d, now, v, o);
}

/* An UPDATE is answered in a piece of its own, which may have to wait for the store. */
static enum progress update(struct gyl_dns *d, struct gyl_now now, struct gyl_view msg,
	struct gyl_in *in, struct gyl_out *o)
{
	size_t len;

	put_stream(d, in, o);
	if (in->room < sizeof d->update.answer)
		return STREAM_IS_FULL;
	len = gyl__dns_update_stream(d, now, in, msg, o);
	if (len == SIZE_MAX)
		return AGAIN;
	if (len == 0)
		return CLOSED;
	in->room -= (uint32_t)len;
	in->used += (uint32_t)msg.len + 2;
	return ALL_ANSWERED;
}

/* A zone, as far as it can leave now. Its query is used up with the last message. */
static enum progress transfer(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_out *x,
	struct gyl_view msg, struct gyl_in *in, struct gyl_out *o)
{
	enum gyl_dns_next got = GYL_DNS_NEXT;
	bool any = false;

	put_stream(d, in, o);
	while (got == GYL_DNS_NEXT) {
		size_t cap = gyl__dns_out_cap(d, now, x, in->room), len = 0;

		if (cap == 0) {
			in->again = any || in->room >= GYL__DNS_FRAMED_MAX;
			return STREAM_IS_FULL;
		}
		if (!has_room(d, cap + 2, o))
			return AGAIN;
		got = gyl__dns_out_next(d, now, x, d->stream + 2, cap, &len, o);
		if (got == GYL_DNS_GONE)
			return CLOSED;
		any = true;
		if (len == 0)
			continue;
		gyl_set_u16(d->stream, (uint16_t)len);
		d->stream_len = (uint32_t)len + 2;
		in->room -= d->stream_len;
		put_stream(d, in, o);
		flow_find(d, in->flow)->seen_ns = now.mono_ns;
	}
	in->used += (uint32_t)msg.len + 2;
	return ALL_ANSWERED;
}

/* in->room goes down with every answer: the same input may come again before the host has counted
 * them. */
static enum progress answer(struct gyl_dns *d, struct gyl_now now, const struct gyl_dns_from *from,
	struct gyl_view msg, struct gyl_in *in, struct gyl_out *o)
{
	struct gyl__dns_out *x = gyl__dns_out_find(d, in->flow);
	struct gyl_dns_from how = *from;
	struct gyl_dns_verdict v;
	size_t len;

	if (x != NULL)
		return transfer(d, now, x, msg, in, o);
	if (gyl__dns_is_update(d, msg))
		return update(d, now, msg, in, o);
	how.notified = gyl__dns_copy_notified(d, now, in->peer.ip, msg);
	len = make(d, now, &how, msg, &v);
	if (len != 0 && gyl__dns_wants_transfer(&v)) {
		enum gyl__dns_out_begun begun;

		if (!has_room(d, len, o))
			return AGAIN;
		begun = gyl__dns_out_begin(d, now, in, msg, o);
		if (begun == GYL__DNS_OUT_BEGUN)
			d->stat.query_cnt++;
		if (begun == GYL__DNS_OUT_BEGUN)
			return transfer(d, now, gyl__dns_out_find(d, in->flow), msg, in, o);
		if (begun == GYL__DNS_OUT_FULL)
			return CLOSED;
	}
	if (v.forward)
		return ask_others(d, now, msg, in, &v, o);
	if (v.blocked && len == 0)
		gyl__dns_note(d, now, in, &v, o);
	if (len == 0) /* what is no query will not become one, and silence is a list's wish */
		return CLOSED;
	if (len > in->room)
		return STREAM_IS_FULL;
	if (!has_room(d, len, o))
		return AGAIN;
	d->stream_len += (uint32_t)len;
	gyl__dns_note(d, now, in, &v, o);
	d->stat.query_cnt++;
	in->room -= (uint32_t)len;
	in->used += (uint32_t)msg.len + 2;
	if (d->stream_len > sizeof d->stream - GYL__DNS_FRAMED_MAX)
		put_stream(d, in, o);
	refresh(d, now, &v, o);
	return ALL_ANSWERED;
}

/* RFC 7766 6.2.3: nobody is idle who waits for us. */
static void rest(struct gyl__dns_flow *f, struct gyl_now now)
{
	if (f->waiting_cnt != 0)
		f->seen_ns = now.mono_ns + wait_ns;
}

/* Only a query that was answered counts as a sign of life: neither one octet now and then nor
 * reading nothing keeps a place (RFC 7766 6.2.3, RFC 9210 4.2). */
static enum progress bytes(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_flow *f,
	struct gyl_in *in, struct gyl_out *o)
{
	const struct gyl_dns_from from = {.ip = in->peer.ip,
		.tcp = true,
		.recursion = gyl__dns_forward_allows(d, in->peer.ip),
		.encrypted = gyl__dns_in_nets(&d->encrypted_by, in->peer.ip),
		.idle_ds = (uint16_t)(idle_ns(d) / (100 * GYL_NS_PER_MS)),
		.trace = gyl__dns_see_why(d, in->peer.ip)};
	enum progress p = ALL_ANSWERED;
	uint32_t used = in->used;
	struct gyl_view msg;

	while (p == ALL_ANSWERED && next_message(in, &msg)) {
		p = answer(d, now, &from, msg, in, o);
		f = flow_find(d, in->flow); /* an answer to another may have closed that one */
		if (p == ALL_ANSWERED)
			f->seen_ns = now.mono_ns;
	}
	put_stream(d, in, o);
	if ((p == AGAIN || p == STREAM_IS_FULL) && in->used != used) {
		/* what was sent may have left at once, and then nothing tells of room */
		in->again = true;
		p = STREAM_IS_FULL;
	}
	if (p == STREAM_IS_GONE) {
		in->used = (uint32_t)in->data.len;
	} else {
		f->room = in->room;
		rest(f, now);
	}
	if (p == CLOSED) {
		in->used = (uint32_t)in->data.len;
		d->stat.dropped_cnt++;
		flow_close(d, in->flow, o);
	}
	return p;
}

bool gyl__dns_stream(struct gyl_dns *d, struct gyl_now now, struct gyl_in *in, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.op_cnt = 2};
	struct gyl__dns_flow *f = flow_find(d, in->flow);
	enum progress p;

	if (!gyl_out_room(o, &cost))
		return false;
	if (in->kind == GYL_IN_OPENED) {
		flow_open(d, now, in, o);
	} else if (f == NULL) {
		in->used = (uint32_t)in->data.len; /* we have closed it already */
	} else if (in->kind == GYL_IN_BYTES) {
		return bytes(d, now, f, in, o) != AGAIN;
	} else if (in->kind == GYL_IN_EOF) {
		/* what was asked before the end is answered, however long it takes; then both ends
		 * close */
		p = bytes(d, now, f, in, o);
		f = flow_find(d, in->flow);
		if (f == NULL)
			return true;
		f->ended = p == ALL_ANSWERED;
		if (f->ended && f->waiting_cnt == 0)
			flow_close(d, in->flow, o);
		return p != AGAIN;
	} else {
		flow_drop(d, f);
	}
	return true;
}

/* No input tells how much has left meanwhile, so only what the stream could take then is counted
 * on: a client that asks for more than it reads loses its stream. */
bool gyl__dns_stream_answer(struct gyl_dns *d, struct gyl_now now, const struct gyl_in *in,
	const struct gyl_dns_from *from, struct gyl_dns_verdict *v, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.op_cnt = 1, .event_cnt = 2};
	struct gyl__dns_flow *f = flow_find(d, in->flow);
	size_t len;

	v->forward = false;
	if (f == NULL)
		return true;
	len = make(d, now, from, in->data, v);
	if (v->forward || !has_room(d, len, o) || !gyl_out_room(o, &cost))
		return false;
	if (len > f->room) {
		flow_close(d, in->flow, o);
		return true;
	}
	d->stream_len = (uint32_t)len;
	put_stream(d, in, o);
	gyl__dns_note(d, now, in, v, o);
	f->room -= (uint32_t)len;
	f->seen_ns = now.mono_ns;
	f->waiting_cnt--;
	rest(f, now);
	if (f->waiting_cnt == 0 && f->ended)
		flow_close(d, in->flow, o);
	return true;
}

void gyl__dns_stream_forget(struct gyl_dns *d, uint32_t flow)
{
	struct gyl__dns_flow *f = flow_find(d, flow);

	if (f != NULL)
		f->waiting_cnt--;
}

void gyl__dns_idle(struct gyl_dns *d, struct gyl_now now, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.op_cnt = 1};
	uint32_t cnt;

	while (gyl__dns_idle_at_ns(d) <= now.mono_ns && gyl_out_room(o, &cost))
		flow_close(d, flow_oldest(d, 0, &cnt)->flow, o);
}

uint64_t gyl__dns_idle_at_ns(const struct gyl_dns *d)
{
	uint64_t first = UINT64_MAX;

	for (uint32_t i = 0; i < d->flow_cnt; i++)
		first = gyl_time_min(first, d->flow[i].seen_ns);
	return gyl_time_add(first, idle_ns(d));
}
