/* SPDX-License-Identifier: ISC */

/*
 * DNS over TCP (RFC 7766): messages with two octets of length in front, pipelined, answered in
 * order. A connection that says nothing for a while is closed, and so is the one idle the longest
 * when a new one finds no place.
 */

#include <gyl/time.h>

#include "services/dns/core_own.h"

/* RFC 7766 6.2.3: on the order of a few seconds. */
static const uint64_t idle_ns = 10 * GYL_NS_PER_S;

static struct gyl__dns_flow *flow_find(struct gyl_dns *d, uint32_t flow)
{
	for (uint32_t i = 0; i < d->flow_cnt; i++)
		if (d->flow[i].flow == flow)
			return &d->flow[i];
	return NULL;
}

static struct gyl__dns_flow *flow_oldest(struct gyl_dns *d)
{
	struct gyl__dns_flow *f = &d->flow[0];

	for (uint32_t i = 1; i < d->flow_cnt; i++)
		if (d->flow[i].seen_ns < f->seen_ns)
			f = &d->flow[i];
	return f;
}

static void flow_drop(struct gyl_dns *d, struct gyl__dns_flow *f)
{
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

static void flow_open(struct gyl_dns *d, struct gyl_now now, uint32_t flow, struct gyl_out *o)
{
	if (d->flow_cnt == GYL__DNS_TCP_MAX)
		flow_close(d, flow_oldest(d)->flow, o);
	d->flow[d->flow_cnt].flow = flow;
	d->flow[d->flow_cnt++].seen_ns = now.mono_ns;
	d->stat.tcp_cnt++;
}

/* The answer goes out in pieces as large as the slots are. */
static void put_stream(
	const struct gyl_dns *d, const struct gyl_in *in, size_t len, struct gyl_out *o)
{
	for (size_t at = 0; at < len;) {
		size_t cap, part = len - at;
		uint8_t *p = gyl_out_send(o, in->port, &in->peer, in->flow, 0, &cap);

		if (part > cap)
			part = cap;
		memcpy(p, d->stream + at, part);
		gyl_out_sent(o, part);
		at += part;
	}
}

static bool room_for(const struct gyl_in *in, size_t sent, size_t len, const struct gyl_out *o)
{
	struct gyl_cost cost = {.event_cnt = 1};

	cost.send_cnt = (uint16_t)(len / GYL_SEND_CAP_MIN + 1);
	return len <= in->room - sent && gyl_out_room(o, &cost);
}

/* The messages that are there whole. False: no room for an answer, the rest is offered again. */
static bool bytes(struct gyl_dns *d, struct gyl_now now, struct gyl_in *in, struct gyl_out *o)
{
	struct gyl_dns_verdict v;
	size_t sent = 0;

	while (in->data.len - in->used >= 2) {
		struct gyl_view msg =
			gyl_view_sub(in->data, in->used + 2, gyl_get_u16(in->data.p + in->used));
		size_t want = gyl_get_u16(in->data.p + in->used), len;

		if (msg.len < want)
			break;
		len = gyl_dns_answer(
			&d->data, &d->policy, now, msg, true, d->stream + 2, GYL_DNS_MSG_MAX, &v);
		if (len == 0) { /* what is no query will not become one */
			in->used = (uint32_t)in->data.len;
			d->stat.dropped_cnt++;
			flow_close(d, in->flow, o);
			return true;
		}
		gyl_set_u16(d->stream, (uint16_t)len);
		if (!room_for(in, sent, len + 2, o))
			return sent != 0 || in->used != 0;
		put_stream(d, in, len + 2, o);
		gyl__dns_note(d, now, in, &v, o);
		d->stat.query_cnt++;
		sent += len + 2;
		in->used += (uint32_t)want + 2;
	}
	return true;
}

bool gyl__dns_stream(struct gyl_dns *d, struct gyl_now now, struct gyl_in *in, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.op_cnt = 2};
	struct gyl__dns_flow *f = flow_find(d, in->flow);

	if (!gyl_out_room(o, &cost))
		return false;
	if (in->kind == GYL_IN_OPENED) {
		flow_open(d, now, in->flow, o);
	} else if (in->kind == GYL_IN_BYTES && f != NULL) {
		f->seen_ns = now.mono_ns;
		return bytes(d, now, in, o);
	} else if (in->kind == GYL_IN_BYTES) {
		in->used = (uint32_t)in->data.len; /* we have closed it already */
	} else if (in->kind == GYL_IN_EOF) {
		/* what was asked before the end is answered as far as there is room, then both ends
		 * close */
		if (f != NULL)
			bytes(d, now, in, o);
		flow_close(d, in->flow, o);
	} else if (in->kind == GYL_IN_CLOSED && f != NULL) {
		flow_drop(d, f);
	}
	return true;
}

void gyl__dns_idle(struct gyl_dns *d, struct gyl_now now, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.op_cnt = 1};

	while (gyl__dns_idle_at_ns(d) <= now.mono_ns && gyl_out_room(o, &cost))
		flow_close(d, flow_oldest(d)->flow, o);
}

uint64_t gyl__dns_idle_at_ns(const struct gyl_dns *d)
{
	uint64_t first = UINT64_MAX;

	for (uint32_t i = 0; i < d->flow_cnt; i++)
		first = gyl_time_min(first, d->flow[i].seen_ns);
	return gyl_time_add(first, idle_ns);
}
