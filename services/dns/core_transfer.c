/* SPDX-License-Identifier: ISC */

/*
 * Zones on their way to those who keep copies of them (transfer.h).
 *
 * The query stays where it is in its stream until all of the zone has left: so the stream is
 * offered again whenever it has room, and what was asked behind it waits. A place is taken for as
 * long, and who reads nothing loses it with the stream when that is idle. GYL__DNS_OUT_MAX at once;
 * one more is told to come again by the end of its stream.
 */

#include <gyl/time.h>

#include "services/dns/core_own.h"

enum {
	OUT_ROOM =
		2 * GYL_DNS_TRANSFER_MSG + 768, /* of a stream, for a message of the usual length */
	OUT_TURN = 128 * 1024                   /* octets that leave in one turn, all together */
};

static const uint64_t refused_pause_ns = 10 * GYL_NS_PER_S;

bool gyl__dns_wants_transfer(const struct gyl_dns_verdict *v)
{
	return v->readable && v->rcode == GYL_DNS_REFUSED &&
	       (v->qtype == GYL_DNS_TYPE_AXFR || v->qtype == GYL_DNS_TYPE_IXFR);
}

static void say(const struct gyl__dns_out *x, const char *what, uint8_t severity, struct gyl_out *o)
{
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_DNS_TRANSFER);
	e.severity = severity;
	gyl__dns_event_name(&e, "zone", x->t.walk.apex);
	gyl_event_u64(&e, "serial", x->t.walk.serial);
	gyl_event_ip(&e, "ip", x->ip);
	gyl__dns_event_name(&e, "key", x->t.is_signed ? x->t.sign.key->name : NULL);
	gyl_event_str(&e, "what", gyl_view_str(what));
	gyl_event_u64(&e, "records", x->t.rr_cnt);
	gyl_event_u64(&e, "octets", x->t.octet_cnt);
	gyl_event_u64(&e, "messages", x->t.message_cnt);
	gyl_out_event(o, &e, 0);
}

static const char *const kind_text[] = {
	[GYL_DNS_TRANSFER_FULL] = "all of it",
	[GYL_DNS_TRANSFER_CHANGES] = "what has changed",
	[GYL_DNS_TRANSFER_SOA] = "its serial",
};

/* The place is free; a zone may be on its way to nobody any more. */
static void leave(struct gyl_dns *d, struct gyl__dns_out *x)
{
	x->flow = 0;
	d->zones_tidy = true;
}

static void done(struct gyl_dns *d, struct gyl__dns_out *x, struct gyl_out *o)
{
	d->stat.transfer_cnt[x->t.kind]++;
	say(x, kind_text[x->t.kind], GYL_SEV_INFO, o);
	leave(d, x);
}

static void lost(struct gyl_dns *d, struct gyl__dns_out *x, struct gyl_out *o)
{
	d->stat.transfer_lost_cnt++;
	say(x, "broken off: the zone has changed too much meanwhile", GYL_SEV_NOTICE, o);
	leave(d, x);
}

/* ---- who may ---- */

static const struct gyl_dns_conf_zone *zone_of(const struct gyl_dns *d, const uint8_t *name)
{
	const struct gyl_dns_conf_zone *zone = gyl_flat_at(d->flat, d->conf->zones);

	for (uint32_t i = 0; i < d->conf->zones.cnt; i++)
		if (gyl_dns_name_eq(gyl_flat_view(d->flat, zone[i].name).p, name))
			return &zone[i];
	return NULL;
}

/* The query is one of somebody who may. */
static bool allowed(const struct gyl_dns *d, struct gyl_now now, uint32_t ip, struct gyl_view msg,
	const struct gyl_dns_query *q, struct gyl_dns_sign *sign)
{
	const struct gyl_dns_conf_zone *zone = zone_of(d, q->qname.p);
	const uint8_t *key = NULL;

	if (q->tsig_off != 0) {
		if (gyl_dns_tsig_verify(&d->keys, now.wall_ns, msg, q->tsig_off, sign) !=
			GYL_DNS_NOERROR)
			return false;
		key = sign->key->name;
	}
	return zone != NULL && gyl_dns_transfer_allowed(d->flat, zone->transfer, ip, key);
}

static void say_refused(struct gyl_dns *d, struct gyl_now now, uint32_t ip,
	const struct gyl_dns_query *q, struct gyl_out *o)
{
	struct gyl__dns_out x = {.ip = ip};

	d->stat.transfer_refused_cnt++;
	if (now.mono_ns < d->refused_at_ns)
		return;
	d->refused_at_ns = now.mono_ns + refused_pause_ns;
	memcpy(x.t.walk.apex, q->qname.p, q->qname.len);
	say(&x, "refused", GYL_SEV_NOTICE, o);
}

static bool begin(struct gyl_dns *d, struct gyl_now now, const struct gyl_in *in,
	struct gyl_view msg, struct gyl__dns_out *x, struct gyl_dns_sign *sign, struct gyl_out *o)
{
	struct gyl_dns_query q;

	if (gyl_failed(gyl_dns_decode_query(msg, &q)) || q.qclass != GYL_DNS_CLASS_IN)
		return false;
	gyl__dns_zones_ready(d);
	sign->key = NULL;
	if (!allowed(d, now, in->peer.ip, msg, &q, sign)) {
		say_refused(d, now, in->peer.ip, &q, o);
		return false;
	}
	x->ip = in->peer.ip;
	x->gone = false;
	x->tight = false;
	x->turn_ns = x->turn_len = 0;
	if (!gyl_dns_transfer_begin(&x->t, &d->data, &d->policy, msg, &q, sign))
		return false;
	if (sign->key != NULL) {
		x->key = *sign->key;
		x->t.sign.key = sign->key = &x->key;
	}
	return true;
}

/* ---- streams ---- */

struct gyl__dns_out *gyl__dns_out_find(struct gyl_dns *d, uint32_t flow)
{
	for (unsigned i = 0; d->out_cnt != 0 && i < GYL__DNS_OUT_MAX; i++)
		if (d->out[i].flow == flow)
			return &d->out[i];
	return NULL;
}

void gyl__dns_out_drop(struct gyl_dns *d, uint32_t flow)
{
	struct gyl__dns_out *x = gyl__dns_out_find(d, flow);

	if (x == NULL)
		return;
	leave(d, x);
	d->out_cnt--;
}

static bool walks(const struct gyl__dns_out *x, const struct gyl_dns_live *z)
{
	return x->flow != 0 && !x->gone && x->t.walk.live == z &&
	       x->t.kind == GYL_DNS_TRANSFER_FULL;
}

static bool is_walked(const struct gyl_dns *d, const struct gyl_dns_live *z)
{
	for (unsigned i = 0; d->out_cnt != 0 && i < GYL__DNS_OUT_MAX; i++)
		if (walks(&d->out[i], z))
			return true;
	return false;
}

/* Has the zone changed since its walk began? */
static bool has_moved_on(const struct gyl_dns *d, const struct gyl__dns_out *x)
{
	uint64_t at = x->t.walk.since;
	struct gyl_dns_change c;

	return x->t.walk.book != NULL && gyl_dns_ledger_walk(&d->ledger, x->t.walk.book, &at, &c);
}

void gyl__dns_out_move(
	struct gyl_dns *d, const struct gyl_dns_image *was, const struct gyl_dns_image *is)
{
	for (unsigned i = 0; was != NULL && d->out_cnt != 0 && i < GYL__DNS_OUT_MAX; i++) {
		struct gyl__dns_out *x = &d->out[i];

		if (x->flow == 0 || x->gone || x->t.kind != GYL_DNS_TRANSFER_FULL ||
			x->t.walk.image != was)
			continue;
		/* what has changed will be forgotten: core_serial.c */
		x->gone = is == NULL || has_moved_on(d, x) || !gyl_dns_walk_move(&x->t.walk, is);
	}
}

void gyl__dns_out_retire(struct gyl_dns *d, struct gyl_dns_live *z)
{
	z->hidden = z->retired = true;
	for (unsigned i = 0; i < GYL__DNS_OUT_MAX; i++) {
		struct gyl__dns_out *x = &d->out[i];

		if (walks(x, z) && has_moved_on(d, x))
			x->gone = true;
	}
}

void gyl__dns_out_release(struct gyl_dns *d)
{
	for (uint32_t i = 0; i < d->lives.cnt; i++)
		if (d->lives.zone[i].retired && !is_walked(d, &d->lives.zone[i]))
			gyl_dns_live_drop_later(&d->lives, &d->lives.zone[i]);
}

enum gyl__dns_out_begun gyl__dns_out_begin(struct gyl_dns *d, struct gyl_now now,
	const struct gyl_in *in, struct gyl_view msg, struct gyl_out *o)
{
	struct gyl_dns_sign sign;
	unsigned i = 0;

	while (i < GYL__DNS_OUT_MAX && d->out[i].flow != 0)
		i++;
	if (i == GYL__DNS_OUT_MAX)
		return GYL__DNS_OUT_FULL;
	if (!begin(d, now, in, msg, &d->out[i], &sign, o))
		return GYL__DNS_OUT_REFUSED;
	d->out[i].flow = in->flow;
	d->out_cnt++;
	return GYL__DNS_OUT_BEGUN;
}

/* All that are under way share a turn; but each has one message. */
size_t gyl__dns_out_cap(
	const struct gyl_dns *d, struct gyl_now now, struct gyl__dns_out *x, size_t room)
{
	if (x->turn_ns != now.mono_ns)
		x->turn_len = 0;
	x->turn_ns = now.mono_ns;
	if (room < (x->tight ? GYL__DNS_FRAMED_MAX : OUT_ROOM) ||
		(x->turn_len != 0 && x->turn_len >= OUT_TURN / d->out_cnt))
		return 0;
	return room < GYL__DNS_FRAMED_MAX ? room - 2 : GYL_DNS_MSG_MAX;
}

enum gyl_dns_next gyl__dns_out_next(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_out *x,
	uint8_t *p, size_t cap, size_t *ret_len, struct gyl_out *o)
{
	enum gyl_dns_next got = GYL_DNS_GONE;

	*ret_len = 0;
	if (!x->gone)
		got = gyl_dns_transfer_next(&x->t, now.wall_ns, p, cap, ret_len);
	if (got == GYL_DNS_NEXT && *ret_len == 0 && x->tight)
		got = GYL_DNS_GONE; /* of a message alone it wants more than there can be */
	x->tight = *ret_len == 0;
	x->turn_len += *ret_len;
	if (got == GYL_DNS_NEXT)
		return got;
	if (got == GYL_DNS_END)
		done(d, x, o);
	else
		lost(d, x, o);
	d->out_cnt--;
	return got;
}

/* ---- datagrams ---- */

/* RFC 1995 2: an answer that does not fit is one SOA. */
size_t gyl__dns_out_dgram(struct gyl_dns *d, struct gyl_now now, const struct gyl_in *in,
	const struct gyl_dns_verdict *v, uint8_t *p, size_t cap, size_t len, struct gyl_out *o)
{
	struct gyl_dns_sign sign;
	struct gyl_dns_query q;
	struct gyl__dns_out *x = &d->out_dgram;
	size_t limit = GYL_DNS_UDP_MAX, own_len;
	enum gyl_dns_next got;

	if (v->qtype != GYL_DNS_TYPE_IXFR || !begin(d, now, in, in->data, x, &sign, o))
		return len;
	(void)gyl_dns_decode_query(in->data, &q);
	if (q.edns.present && q.edns.udp_size > limit)
		limit = q.edns.udp_size < d->policy.udp_size ? q.edns.udp_size : d->policy.udp_size;
	limit = limit < cap ? limit : cap;
	if (x->t.kind == GYL_DNS_TRANSFER_FULL)
		gyl_dns_transfer_soa(&x->t, &sign);
	got = gyl_dns_transfer_next(&x->t, now.wall_ns, p, limit, &own_len);
	if (got != GYL_DNS_END) {
		gyl_dns_transfer_soa(&x->t, &sign);
		got = gyl_dns_transfer_next(&x->t, now.wall_ns, p, limit, &own_len);
	}
	if (got != GYL_DNS_END)
		return 0;
	done(d, x, o);
	return own_len;
}
