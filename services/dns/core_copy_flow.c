/* SPDX-License-Identifier: ISC */

/* Copies of zones (copy.h): what is said to primaries, and what they say. */

#include <gyl/dns_rdata.h>
#include <gyl/rng.h>
#include <gyl/time.h>

#include "services/dns/core_copy_own.h"

const struct gyl_cost gyl__dns_copy_cost = {
	.send_cnt = 1, .op_cnt = 1, .event_cnt = 2, .store_len = GYL__DNS_BATCH_COST + 1024};

static const struct gyl_peer nobody = {0};

static const struct gyl_dns_conf_peer *primary_of(
	const struct gyl_dns *d, const struct gyl__dns_copy *c)
{
	const struct gyl_dns_conf_zone *z = gyl__dns_copy_zone(d, c);

	return (const struct gyl_dns_conf_peer *)gyl_flat_at(d->flat, z->primary) +
	       c->primary % z->primary.cnt;
}

static uint32_t flow_of(const struct gyl_dns *d, const struct gyl__dns_copy *c)
{
	return GYL__DNS_COPY_FLOW + (uint32_t)(c - d->copy) +
	       (uint32_t)GYL_DNS_COPY_MAX * c->generation;
}

void gyl__dns_copy_close(struct gyl_dns *d, struct gyl__dns_copy *c, struct gyl_out *o)
{
	if (c->state != GYL__DNS_COPY_OPENING && c->state != GYL__DNS_COPY_ASKED)
		return;
	c->state = GYL__DNS_COPY_CLOSING;
	gyl_out_flow(o, flow_of(d, c), GYL_FLOW_RESET, &nobody);
}

/* ---- asking ---- */

void gyl__dns_copy_ask(
	struct gyl_dns *d, struct gyl_now now, struct gyl__dns_copy *c, struct gyl_out *o)
{
	const uint16_t generations =
		(GYL__DNS_COPY_FLOW_END - GYL__DNS_COPY_FLOW) / GYL_DNS_COPY_MAX;
	const struct gyl_dns_conf_peer *p = primary_of(d, c);
	struct gyl_peer to = {
		.ip = p->address.ip, .port = p->address.port == 0 ? 53 : (uint16_t)p->address.port};

	c->to_ip = to.ip;
	c->generation = (uint16_t)((c->generation + 1) % generations);
	c->state = GYL__DNS_COPY_OPENING;
	c->begun_ns = now.mono_ns;
	c->at_ns = gyl_time_add(now.mono_ns, GYL__DNS_SILENCE_NS);
	gyl_out_flow(o, flow_of(d, c), GYL_FLOW_OPEN_TCP, &to);
}

/* RFC 1995 3: with the SOA that there is. */
static size_t question(
	struct gyl_dns *d, struct gyl_now now, struct gyl__dns_copy *c, uint8_t *p, size_t cap)
{
	const struct gyl_dns_conf_peer *primary = primary_of(d, c);
	struct gyl__dns_take *t = &c->take;
	struct gyl_dns_writer w;
	struct gyl_writer signed_w;
	uint8_t soa[22] = {0};
	size_t len = 0;

	gyl_dns_begin(&w, p, cap, t->id, 0, 0);
	gyl_dns_put_question(
		&w, t->apex, t->ixfr ? GYL_DNS_TYPE_IXFR : GYL_DNS_TYPE_AXFR, GYL_DNS_CLASS_IN);
	if (t->ixfr) {
		gyl_set_u32(soa + 2, gyl_dns_live_serial(t->z));
		gyl_dns_put_rr(&w, GYL_DNS_AUTHORITY, t->apex, GYL_DNS_TYPE_SOA, GYL_DNS_CLASS_IN,
			0, gyl_view(soa, sizeof soa));
	}
	if (gyl_failed(gyl_dns_end(&w, &len)))
		return 0;
	gyl_writer_init(&signed_w, p, cap);
	signed_w.len = len;
	memset(&t->sign, 0, sizeof t->sign);
	if (primary->key.cnt != 0) {
		const struct gyl_dns_tsig_key *key =
			gyl_dns_tsig_find(&d->keys, gyl_flat_view(d->flat, primary->key).p);

		if (key == NULL)
			return 0;
		t->key = *key; /* the configuration may change before the answer is there */
		gyl_dns_tsig_request(&t->sign, &t->key, now.wall_ns, &signed_w);
	}
	return gyl_writer_ok(&signed_w) ? signed_w.len : 0;
}

static void send(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_copy *c, struct gyl_out *o)
{
	size_t cap, len = 0;
	uint8_t *p = gyl_out_send(o, GYL_PORT_OPENED, &nobody, flow_of(d, c), 0, &cap);

	c->state = GYL__DNS_COPY_ASKED;
	c->octet_cnt = 0;
	c->end_ns = gyl_time_add(now.mono_ns, GYL__DNS_TAKE_NS);
	c->at_ns = gyl_time_add(now.mono_ns, GYL__DNS_SILENCE_NS);
	gyl__dns_take_begin(&c->take, c->take.z != NULL && !c->all);
	if (gyl_rng_u16(d->forward.rng, &c->take.id) == GYL_CRYPTO_OK)
		len = question(d, now, c, p + 2, cap - 2);
	gyl_set_u16(p, (uint16_t)len);
	gyl_out_sent(o, len == 0 ? 0 : len + 2);
	if (len == 0)
		gyl__dns_copy_failed(d, now, c, "cannot be asked: its key is not known", o);
}

/* ---- answers ---- */

/* The same primary is asked again at once, otherwise. */
static void ask_again(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_copy *c,
	enum gyl__dns_copy_work work, struct gyl_out *o)
{
	gyl__dns_take_drop(&c->take);
	c->work = (uint8_t)work;
	c->at_ns = now.mono_ns;
	gyl__dns_copy_close(d, c, o);
}

static void seal(struct gyl_dns *d, struct gyl__dns_copy *c, const char *what, struct gyl_out *o)
{
	c->work = GYL__DNS_WORK_SEAL;
	c->got = what;
	gyl__dns_copy_close(d, c, o);
}

/* All of it is asked for when the copy is too old for anything: whatever it says then counts. */
static void older(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_copy *c, struct gyl_out *o)
{
	if (c->take.z->expired) {
		c->all = true;
		ask_again(d, now, c, GYL__DNS_WORK_NONE, o);
		return;
	}
	gyl__dns_copy_done(
		d, now, c, "has an older serial than the copy, which stays", GYL_SEV_NOTICE, o);
}

/* False: the same has to be offered again. */
static bool one_message(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_copy *c,
	struct gyl_view msg, struct gyl_out *o)
{
	struct gyl__dns_take *t = &c->take;

	switch (gyl__dns_take_message(t, now.wall_ns, msg)) {
	case GYL__DNS_GOT_MORE:
		break;
	case GYL__DNS_GOT_BUSY:
		return false;
	case GYL__DNS_GOT_SAME:
		gyl__dns_copy_done(d, now, c, "says that it is up to date", GYL_SEV_DEBUG, o);
		break;
	case GYL__DNS_GOT_OLDER:
		older(d, now, c, o);
		break;
	case GYL__DNS_GOT_ZONE:
		seal(d, c, "sends all of it", o);
		break;
	case GYL__DNS_GOT_STEPS:
		seal(d, c, "sends what has changed", o);
		break;
	case GYL__DNS_GOT_EDIT:
		gyl__dns_copy_keep_edit(d, c, o);
		gyl_dns_edit_end(t->edit);
		gyl__dns_notify_data(d);
		gyl__dns_copy_done(d, now, c, "sends what has changed", GYL_SEV_INFO, o);
		break;
	case GYL__DNS_GOT_CLONE:
		ask_again(d, now, c, GYL__DNS_WORK_CLONE, o);
		break;
	case GYL__DNS_GOT_TRY_ALL:
		c->all = true;
		ask_again(d, now, c, GYL__DNS_WORK_NONE, o);
		break;
	default:
		gyl__dns_copy_failed(d, now, c, t->why, o);
		break;
	}
	return true;
}

/* Is there time for another message? All that come at one time share it. */
static bool has_time(struct gyl_dns *d, struct gyl_now now)
{
	if (d->copy_now_ns != now.mono_ns)
		d->copy_taken = 0;
	d->copy_now_ns = now.mono_ns;
	return d->copy_taken < GYL__DNS_TAKE_CNT;
}

/* A message costs something even when it has no records. */
static bool timed_message(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_copy *c,
	struct gyl_view msg, struct gyl_out *o)
{
	bool taken = one_message(d, now, c, msg, o);

	d->copy_taken += (uint32_t)msg.len / 1024 + 4 + c->take.cost;
	return taken;
}

/* All whole messages. False: nothing could be done, the same has to be offered again. */
static bool bytes(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_copy *c, struct gyl_in *in,
	struct gyl_out *o)
{
	while (c->state == GYL__DNS_COPY_ASKED) {
		struct gyl_view rest = gyl_view_sub(in->data, in->used, in->data.len), msg;
		size_t len = rest.len < 2 ? 0 : gyl_get_u16(rest.p);

		if (rest.len < 2 || rest.len - 2 < len)
			break;
		if (!gyl_out_room(o, &gyl__dns_copy_cost))
			return false;
		if (!has_time(d, now)) {
			in->again = true;
			return true;
		}
		msg = gyl_view_sub(rest, 2, len);
		c->at_ns = gyl_time_min(gyl_time_add(now.mono_ns, GYL__DNS_SILENCE_NS), c->end_ns);
		if (!timed_message(d, now, c, msg, o)) {
			in->again = true;
			return true;
		}
		in->used += (uint32_t)len + 2;
		c->octet_cnt += len;
		if (c->state == GYL__DNS_COPY_ASKED && c->octet_cnt > d->cf.zone_space)
			gyl__dns_copy_failed(d, now, c, "sends without end", o);
	}
	if (c->state != GYL__DNS_COPY_ASKED)
		in->used = (uint32_t)in->data.len;
	else if (in->kind == GYL_IN_EOF)
		gyl__dns_copy_failed(d, now, c, "ends before the closing SOA", o);
	return true;
}

static void closed(
	struct gyl_dns *d, struct gyl_now now, struct gyl__dns_copy *c, struct gyl_out *o)
{
	bool ours = c->state == GYL__DNS_COPY_CLOSING, opening = c->state == GYL__DNS_COPY_OPENING;

	c->state = GYL__DNS_COPY_IDLE; /* there is nothing left to close */
	if (!ours)
		gyl__dns_copy_failed(
			d, now, c, opening ? "cannot be reached" : "breaks off the connection", o);
	if (c->again && c->work == GYL__DNS_WORK_NONE) {
		c->again = false;
		gyl__dns_copy_notice(now, c);
	}
}

bool gyl__dns_copy_input(
	struct gyl_dns *d, struct gyl_now now, struct gyl_in *in, struct gyl_out *o)
{
	struct gyl__dns_copy *c = &d->copy[(in->flow - GYL__DNS_COPY_FLOW) % GYL_DNS_COPY_MAX];

	if (!gyl_out_room(o, &gyl__dns_copy_cost))
		return false;
	if (c->state == GYL__DNS_COPY_IDLE || flow_of(d, c) != in->flow) {
		in->used = (uint32_t)in->data.len;
		return true;
	}
	/* a configuration without the zone: the next tick drops it */
	if (!c->wanted) {
		in->used = (uint32_t)in->data.len;
		if (in->kind == GYL_IN_CLOSED)
			c->state = GYL__DNS_COPY_IDLE;
		return true;
	}
	if (in->kind == GYL_IN_CLOSED)
		closed(d, now, c, o);
	else if (in->kind == GYL_IN_OPENED && c->state == GYL__DNS_COPY_OPENING)
		send(d, now, c, o);
	else if (in->kind != GYL_IN_OPENED)
		return bytes(d, now, c, in, o);
	return true;
}

/* ---- NOTIFY ---- */

static bool is_notify(struct gyl_view msg, struct gyl_dns_query *q)
{
	return msg.len >= GYL_DNS_HEADER_LEN &&
	       (gyl_get_u16(msg.p + 2) & (GYL_DNS_QR | GYL_DNS_OPCODE_MASK)) ==
		       gyl_dns_opcode_bits(GYL_DNS_OP_NOTIFY) &&
	       !gyl_failed(gyl_dns_decode_query(msg, q)) && q->qclass == GYL_DNS_CLASS_IN &&
	       q->qtype == GYL_DNS_TYPE_SOA;
}

/* RFC 1996 3.10: only a primary's word counts: by its address, or by a key that we share with it.
 * What is signed has to be signed well. */
static bool is_from(struct gyl_dns *d, struct gyl_now now, const struct gyl__dns_copy *c,
	uint32_t ip, struct gyl_view msg, const struct gyl_dns_query *q, uint8_t *ret_primary)
{
	const struct gyl_dns_conf_zone *z = gyl__dns_copy_zone(d, c);
	const struct gyl_dns_conf_peer *p = gyl_flat_at(d->flat, z->primary);
	struct gyl_dns_sign sign;

	if (q->tsig_off != 0 && gyl_dns_tsig_verify(&d->keys, now.wall_ns, msg, q->tsig_off,
					&sign) != GYL_DNS_NOERROR)
		return false;
	for (uint32_t i = 0; i < z->primary.cnt; i++) {
		bool has_key = p[i].key.cnt != 0 && q->tsig_off != 0 &&
			       gyl_dns_name_eq(gyl_flat_view(d->flat, p[i].key).p, sign.key->name);

		*ret_primary = (uint8_t)i;
		if (p[i].address.ip == ip || has_key)
			return true;
	}
	return false;
}

/* RFC 1996 3.7: the SOA that comes along is a hint. False: there is none. */
static bool hint(struct gyl_view msg, uint32_t *ret_serial)
{
	struct gyl_dns_cursor cur;
	struct gyl_dns_rr rr;
	struct gyl_dns_soa soa;
	struct gyl_dns_msg m;

	if (gyl_failed(gyl_dns_decode(msg, &m)))
		return false;
	gyl_dns_rr_init(&cur, &m, GYL_DNS_ANSWER);
	if (!gyl_dns_rr_next(&cur, &rr) || rr.section != GYL_DNS_ANSWER ||
		rr.type != GYL_DNS_TYPE_SOA || !gyl_dns_rdata_soa(m.raw, &rr, &soa))
		return false;
	*ret_serial = soa.serial;
	return true;
}

/* Is that serial here already, or on its way? */
static bool is_known(const struct gyl__dns_copy *c, uint32_t serial)
{
	const struct gyl__dns_take *t = &c->take;
	bool coming = (c->state == GYL__DNS_COPY_ASKED && t->stage != GYL__DNS_TAKE_FIRST) ||
		      c->work == GYL__DNS_WORK_SEAL;

	if (t->z == NULL || t->z->expired)
		return coming && !gyl_dns_serial_after(serial, t->serial);
	return !gyl_dns_serial_after(serial, gyl_dns_live_serial(t->z)) ||
	       (coming && !gyl_dns_serial_after(serial, t->serial));
}

bool gyl__dns_copy_notified(struct gyl_dns *d, struct gyl_now now, uint32_t ip, struct gyl_view msg)
{
	struct gyl__dns_copy *c;
	struct gyl_dns_query q;
	uint8_t primary = 0;
	uint32_t serial;

	if (!is_notify(msg, &q))
		return false;
	c = gyl__dns_copy_named(d, q.qname.p);
	if (c == NULL || !c->wanted || !is_from(d, now, c, ip, msg, &q, &primary))
		return false;
	if (hint(msg, &serial) && is_known(c, serial))
		return true;
	if (c->state == GYL__DNS_COPY_IDLE && c->work == GYL__DNS_WORK_NONE)
		c->primary = primary;
	gyl__dns_copy_notice(now, c);
	return true;
}
