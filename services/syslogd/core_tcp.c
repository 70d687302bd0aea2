/* SPDX-License-Identifier: ISC */

/*
 * Syslog over TCP (RFC 6587): octet counts, lines and NULs, decided frame by frame
 * (gyl/syslog_frame.h). What is no whole message yet stays with the host, and so does everything
 * when the log has no room: then the window closes and the sender waits.
 *
 * Nobody is closed for being slow alone. Places are few, though: when there are none, or a sender
 * has its quarter of them, the one idle the longest makes room. What of an unfinished message goes
 * with a connection that we close is told.
 */

#include <gyl/time.h>

#include "services/syslogd/core_own.h"

enum {
	SHARE = 4 /* one sender: a quarter of the places */
};

/* Index of a connection; conn_cnt: there is none. */
static uint32_t conn_find(const struct gyl_syslogd *d, uint32_t flow)
{
	uint32_t i = 0;

	while (i < d->conn_cnt && d->flow[i] != flow)
		i++;
	return i;
}

static void conn_drop(struct gyl_syslogd *d, uint32_t i)
{
	d->conn_cnt--;
	d->flow[i] = d->flow[d->conn_cnt];
	d->conn[i] = d->conn[d->conn_cnt];
}

/*
 * Costs one operation and one event. With a reset the place is free at once, and the sender hears
 * of it with its next write: a close would wait for a peer that says nothing to close, too.
 */
static void conn_close(struct gyl_syslogd *d, uint32_t i, const char *reason, enum gyl_flow_op op,
	struct gyl_out *o)
{
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_SYSLOGD_CLOSED);
	gyl_event_ip(&e, "ip", d->conn[i].ip);
	gyl_event_str(&e, "reason", gyl_view_str(reason));
	gyl_event_u64(&e, "octets", d->conn[i].rest_len);
	gyl_out_event(o, &e, 0);
	gyl_out_flow(o, d->flow[i], op, NULL);
	conn_drop(d, i);
}

/* Of one sender, or of all when it is NULL: how many, and which of them was silent the longest. */
static uint32_t conn_count(
	const struct gyl_syslogd *d, const struct gyl_peer *of, uint32_t *ret_idlest)
{
	uint32_t cnt = 0;

	for (uint32_t i = 0; i < d->conn_cnt; i++) {
		if (of != NULL && (d->conn[i].ip != of->ip || d->conn[i].uid != of->uid))
			continue;
		if (cnt++ == 0 || d->conn[i].seen_ns < d->conn[*ret_idlest].seen_ns)
			*ret_idlest = i;
	}
	return cnt;
}

/* What a peer does wrong again and again is told once a minute. Costs an event. */
static void say_notice(struct gyl_syslogd *d, struct gyl_now now, enum gyl_syslogd_notice_kind kind,
	uint32_t ip, struct gyl_view reason, struct gyl_out *o)
{
	uint32_t cnt = gyl_syslogd_notice(&d->notices, kind, ip, now.mono_ns);
	struct gyl_event e;

	if (cnt == 0)
		return;
	gyl_event_init(
		&e, kind == GYL_SYSLOGD_NOTICE_TLS ? GYL_EV_SYSLOGD_TLS : GYL_EV_SYSLOGD_COUNT);
	gyl_event_ip(&e, "ip", ip);
	if (kind == GYL_SYSLOGD_NOTICE_TLS)
		gyl_event_str(&e, "reason", reason);
	gyl_event_u64(&e, "count", cnt);
	gyl_out_event(o, &e, 0);
}

/* The end of a line that was cut is there: only now is its length known. Costs an event. */
static void say_cut(const struct gyl_syslogd_conn *c, struct gyl_out *o)
{
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_SYSLOGD_CUT);
	gyl_event_ip(&e, "ip", c->ip);
	gyl_event_u64(&e, "record", c->cut_seq);
	gyl_event_u64(&e, "octets", c->split.cut_len);
	gyl_out_event(o, &e, 0);
}

/* What the splitter has noted beside messages. */
static void say_notes(
	struct gyl_syslogd *d, struct gyl_now now, struct gyl_syslogd_conn *c, struct gyl_out *o)
{
	if (c->split.notes & GYL_SYSLOG_NOTE_BAD_COUNT)
		say_notice(d, now, GYL_SYSLOGD_NOTICE_COUNT, c->ip, gyl_view(NULL, 0), o);
	if (c->split.notes & GYL_SYSLOG_NOTE_CUT_END)
		say_cut(c, o);
	c->split.notes &= ~(uint32_t)(GYL_SYSLOG_NOTE_BAD_COUNT | GYL_SYSLOG_NOTE_CUT_END);
}

static void conn_open(
	struct gyl_syslogd *d, struct gyl_now now, const struct gyl_in *in, struct gyl_out *o)
{
	struct gyl_syslogd_conn *c;
	uint32_t idlest = 0;

	if (conn_count(d, &in->peer, &idlest) >= d->cf.tcp_max / SHARE)
		conn_close(d, idlest, "its sender has a quarter of all connections", GYL_FLOW_RESET,
			o);
	else if (conn_count(d, NULL, &idlest) >= d->cf.tcp_max)
		conn_close(d, idlest, "there are too many", GYL_FLOW_RESET, o);
	d->flow[d->conn_cnt] = in->flow;
	c = &d->conn[d->conn_cnt++];
	c->ip = in->peer.ip;
	c->uid = in->peer.uid;
	c->seen_ns = now.mono_ns;
	c->rest_len = 0;
	c->cut_seq = 0;
	c->name_len = (uint8_t)(in->key.len < sizeof c->name ? in->key.len : sizeof c->name);
	if (c->name_len != 0)
		memcpy(c->name, in->key.p, c->name_len);
	gyl_syslog_splitter_init(&c->split, GYL_SYSLOGD_STREAM_MAX);
	d->stat.conn_cnt++;
	d->idle_at_ns = gyl_time_min(d->idle_at_ns, gyl_time_add(now.mono_ns, d->cf.tcp_idle_ns));
}

/* The messages that are there whole. False: no room for the next one, which the splitter then has
 * not seen. */
static bool take_frames(struct gyl_syslogd *d, struct gyl_now now, struct gyl_syslogd_conn *c,
	struct gyl_in *in, struct gyl_out *o)
{
	static const struct gyl_cost notes = {.op_cnt = 1, .event_cnt = 4};
	struct gyl_syslog_splitter split;
	struct gyl_syslog_frame f;
	size_t used;
	bool more;

	in->key = gyl_view(c->name, c->name_len);
	do {
		split = c->split;
		more = gyl_syslog_split(
			&split, gyl_view_sub(in->data, in->used, in->data.len), &f, &used);
		if ((split.notes != 0 && !gyl_out_room(o, &notes)) ||
			(more && !gyl__syslogd_keep(d, now, in, &f, o)))
			return false;
		c->split = split;
		in->used += (uint32_t)used;
		if (split.notes != 0)
			say_notes(d, now, c, o);
		if (more && f.flags & GYL_SYSLOG_CUT)
			c->cut_seq = d->seq - 1;
	} while (more);
	c->rest_len = (uint32_t)in->data.len - in->used;
	return true;
}

static bool bytes(
	struct gyl_syslogd *d, struct gyl_now now, uint32_t i, struct gyl_in *in, struct gyl_out *o)
{
	struct gyl_syslogd_conn *c = &d->conn[i];

	if (!take_frames(d, now, c, in, o))
		return false;
	if (c->split.notes & GYL_SYSLOG_NOTE_TLS) {
		in->used = (uint32_t)in->data.len;
		say_notice(d, now, GYL_SYSLOGD_NOTICE_TLS, c->ip,
			gyl_view_str("it begins with a TLS handshake, and this port speaks none"),
			o);
		gyl_out_flow(o, in->flow, GYL_FLOW_CLOSE, NULL);
		conn_drop(d, i);
	}
	return true;
}

/*
 * RFC 6587 3.4: what stands before the end without a trailer is a message, too; one that lacks
 * octets of its count says so. So does any when TLS was not told of the end (RFC 5425 4.4): then
 * somebody on the way may have made it.
 */
static bool end(
	struct gyl_syslogd *d, struct gyl_now now, uint32_t i, struct gyl_in *in, struct gyl_out *o)
{
	static const struct gyl_cost notes = {.op_cnt = 1, .event_cnt = 3};
	struct gyl_syslogd_conn *c = &d->conn[i];
	struct gyl_syslog_splitter split;
	struct gyl_syslog_frame f = {.flags = 0};
	bool more;

	if (!take_frames(d, now, c, in, o))
		return false;
	split = c->split;
	more = gyl_syslog_split_end(&split, gyl_view_sub(in->data, in->used, in->data.len), &f);
	if (in->seq != 0)
		f.flags |= GYL_SYSLOG_INCOMPLETE;
	if (!gyl_out_room(o, &notes) || (more && !gyl__syslogd_keep(d, now, in, &f, o)))
		return false;
	c->split = split;
	say_notes(d, now, c, o);
	in->used = (uint32_t)in->data.len;
	gyl_out_flow(o, in->flow, GYL_FLOW_CLOSE, NULL);
	conn_drop(d, i);
	return true;
}

bool gyl__syslogd_stream(
	struct gyl_syslogd *d, struct gyl_now now, struct gyl_in *in, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.op_cnt = 1, .event_cnt = 1};
	uint32_t i = conn_find(d, in->flow);

	if (!gyl_out_room(o, &cost))
		return false;
	if (in->kind == GYL_IN_OPENED) {
		conn_open(d, now, in, o);
		return true;
	}
	if (in->kind == GYL_IN_CLOSED && in->data.len != 0) /* TLS that failed, or never began */
		say_notice(d, now, GYL_SYSLOGD_NOTICE_TLS, in->peer.ip, in->data, o);
	if (i == d->conn_cnt) { /* we have closed it already */
		in->used = (uint32_t)in->data.len;
		return true;
	}
	d->conn[i].seen_ns = now.mono_ns;
	if (in->kind == GYL_IN_BYTES)
		return bytes(d, now, i, in, o);
	if (in->kind == GYL_IN_EOF)
		return end(d, now, i, in, o);
	conn_drop(d, i);
	return true;
}

/* idle_at_ns is a lower bound: it is made exact when it comes. */
void gyl__syslogd_idle(struct gyl_syslogd *d, struct gyl_now now, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.op_cnt = 1, .event_cnt = 1};
	uint64_t first = UINT64_MAX;

	if (now.mono_ns < d->idle_at_ns)
		return;
	for (uint32_t i = d->conn_cnt; i-- > 0;) {
		uint64_t at = gyl_time_add(d->conn[i].seen_ns, d->cf.tcp_idle_ns);

		if (at <= now.mono_ns && gyl_out_room(o, &cost))
			conn_close(d, i, "nothing came for too long", GYL_FLOW_RESET, o);
		else
			first = gyl_time_min(first, at);
	}
	d->idle_at_ns = first;
}
