/* SPDX-License-Identifier: ISC */

/* Copies of zones (copy.h): flows to primaries, and time. */

#include <gyl/rng.h>
#include <gyl/time.h>

#include "services/dns/core_own.h"

static const struct gyl_cost cost = {
	.send_cnt = 1, .op_cnt = 1, .event_cnt = 2, .store_len = GYL__DNS_BATCH_COST};
static const struct gyl_peer nobody = {0};
static const uint64_t transfer_ns = 5 * GYL_NS_PER_MIN; /* the longest transfer */
static const uint64_t answer_ns = 20 * GYL_NS_PER_S;    /* the longest silence in one */
static const uint64_t pause_min_ns = 5 * GYL_NS_PER_S, pause_max_ns = 10 * GYL_NS_PER_MIN;

static const struct gyl_dns_conf_zone *zone_of(
	const struct gyl_dns *d, const struct gyl__dns_copy *c)
{
	return (const struct gyl_dns_conf_zone *)gyl_flat_at(d->flat, d->conf->zones) + c->zone;
}

static const struct gyl_dns_conf_primary *primary_of(
	const struct gyl_dns *d, const struct gyl__dns_copy *c)
{
	const struct gyl_dns_conf_zone *z = zone_of(d, c);

	return (const struct gyl_dns_conf_primary *)gyl_flat_at(d->flat, z->primary) +
	       c->primary % z->primary.cnt;
}

static void say(const struct gyl_dns *d, const struct gyl__dns_copy *c, const char *what,
	uint8_t severity, struct gyl_out *o)
{
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_DNS_PRIMARY);
	e.severity = severity;
	gyl__dns_event_name(&e, "zone", c->take.apex);
	gyl_event_u64(&e, "serial", c->take.z == NULL ? 0 : gyl_dns_live_serial(c->take.z));
	gyl_event_ip(&e, "ip", primary_of(d, c)->address.ip);
	gyl_event_str(&e, "what", gyl_view_str(what));
	gyl_out_event(o, &e, 0);
}

/* ---- the configuration ---- */

static struct gyl__dns_copy *copy_named(struct gyl_dns *d, const uint8_t *name)
{
	for (unsigned i = 0; i < GYL_DNS_COPY_MAX; i++)
		if (d->copy[i].used && gyl_dns_name_eq(d->copy[i].take.apex, name))
			return &d->copy[i];
	return NULL;
}

static struct gyl__dns_copy *place(struct gyl_dns *d, const uint8_t *name)
{
	struct gyl__dns_copy *c = copy_named(d, name);

	for (unsigned i = 0; c == NULL && i < GYL_DNS_COPY_MAX; i++)
		if (!d->copy[i].used && d->copy[i].state == GYL__DNS_COPY_IDLE)
			c = &d->copy[i];
	if (c == NULL || c->used)
		return c;
	memset(c, 0, sizeof *c);
	c->used = true;
	c->take.all = &d->lives;
	c->take.ledger = &d->ledger;
	c->take.edit = &d->update.u.edit;
	c->take.apex_len = (uint8_t)gyl_dns_name_len(name);
	gyl_dns_name_fold(c->take.apex, name, c->take.apex_len);
	return c;
}

void gyl__dns_copy_conf(struct gyl_dns *d)
{
	const struct gyl_dns_conf_zone *zone = gyl_flat_at(d->flat, d->conf->zones);

	for (unsigned i = 0; i < GYL_DNS_COPY_MAX; i++)
		d->copy[i].wanted = false;
	for (uint32_t i = 0; i < d->conf->zones.cnt; i++) {
		struct gyl__dns_copy *c = NULL;

		if (zone[i].primary.cnt != 0)
			c = place(d, gyl_flat_view(d->flat, zone[i].name).p);
		if (c == NULL)
			continue;
		c->wanted = true;
		c->zone = i;
		c->at_ns = c->state == GYL__DNS_COPY_IDLE ? 0 : c->at_ns;
	}
	d->copy_changed = true;
}

/* Where values of the store go before anything is served. */
void gyl__dns_copy_begin(struct gyl_dns *d)
{
	for (unsigned i = 0; i < GYL_DNS_COPY_MAX; i++) {
		struct gyl__dns_take *t = &d->copy[i].take;

		if (d->copy[i].used && t->z == NULL)
			t->z = gyl__dns_copy_blank(&d->lives, t->apex, t->apex_len);
	}
}

/* ---- serving ---- */

/* What of the zone's SOA: 0 refresh, 1 retry, 2 expire. */
static uint64_t soa_ns(const struct gyl_dns_live *z, unsigned which)
{
	const struct gyl_dns_rrset *soa =
		gyl_dns_image_soa(z->view, gyl_dns_image_zone(z->view, 0));
	uint64_t s = gyl_get_u32(gyl_dns_rrset_wire(soa) + soa->wire_len - 16 + (size_t)4 * which);

	return s * GYL_NS_PER_S;
}

static uint64_t at_least(uint64_t ns)
{
	return ns < pause_min_ns ? pause_min_ns : ns;
}

static void changed(struct gyl_dns *d)
{
	gyl__dns_out_break(d);
	gyl__dns_notify_data(d);
}

/* What was read back is served, if it is whole. */
static void get_ready(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_copy *c)
{
	c->ready = true;
	c->good_ns = now.mono_ns;
	if (c->take.z == NULL)
		return;
	if (gyl__dns_copy_whole(c->take.z)) {
		c->take.z->hidden = false;
		c->take.z->fresh = true;
		changed(d);
		return;
	}
	gyl_dns_live_drop(&d->lives, c->take.z);
	c->take.z = NULL;
}

static void take_place(struct gyl_dns *d, struct gyl__dns_copy *c)
{
	struct gyl__dns_take *t = &c->take;
	struct gyl_dns_book *b = gyl_dns_book_find(&d->ledger, t->apex, t->apex_len);

	if (t->z != NULL)
		gyl_dns_live_drop(&d->lives, t->z);
	t->z = t->in;
	t->in = NULL;
	t->z->hidden = false;
	t->z->fresh = true;
	if (b != NULL)
		gyl_dns_book_forget(&d->ledger, b, t->serial);
	gyl__dns_copy_keep(c);
	changed(d);
}

static void keep_edit(struct gyl_dns *d, struct gyl__dns_copy *c, struct gyl_out *o)
{
	const struct gyl_dns_edit *e = c->take.edit;

	/* while all of it goes to the store it begins anew */
	if (c->keeping || !gyl__dns_batch_make(&d->update.batch, e) ||
		gyl_out_store(o, d->update.batch.rec, d->update.batch.cnt) == 0)
		gyl__dns_copy_keep(c);
	gyl_dns_edit_end(c->take.edit);
	gyl__dns_notify_data(d);
}

/* ---- asking ---- */

static uint32_t flow_of(const struct gyl_dns *d, const struct gyl__dns_copy *c)
{
	return GYL__DNS_COPY_FLOW + (uint32_t)(c - d->copy) +
	       (uint32_t)GYL_DNS_COPY_MAX * c->generation;
}

static void close_flow(struct gyl_dns *d, struct gyl__dns_copy *c, struct gyl_out *o)
{
	gyl__dns_take_drop(&c->take);
	if (c->state != GYL__DNS_COPY_OPENING && c->state != GYL__DNS_COPY_ASKED)
		return;
	c->state = GYL__DNS_COPY_CLOSING;
	gyl_out_flow(o, flow_of(d, c), GYL_FLOW_RESET, &nobody);
}

/* RFC 1035 4.3.5: after a failure it is tried again after retry, with the next primary. */
static void failed(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_copy *c, const char *why,
	struct gyl_out *o)
{
	uint64_t pause_ns = pause_min_ns << (c->fail_cnt < 7 ? c->fail_cnt : 7);

	if (c->take.z != NULL)
		pause_ns = at_least(soa_ns(c->take.z, 1));
	if (pause_ns > pause_max_ns)
		pause_ns = pause_max_ns;
	d->stat.copy_failed_cnt++;
	say(d, c, why, GYL_SEV_WARNING, o);
	c->fail_cnt++;
	c->primary++;
	c->at_ns = gyl_time_add(now.mono_ns, pause_ns);
	close_flow(d, c, o);
}

static void done(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_copy *c, const char *what,
	uint8_t severity, struct gyl_out *o)
{
	d->stat.copy_cnt++;
	c->fail_cnt = 0;
	c->all = false;
	c->good_ns = now.mono_ns;
	c->take.z->hidden = false;
	c->at_ns = gyl_time_add(now.mono_ns, c->again ? 0 : at_least(soa_ns(c->take.z, 0)));
	c->again = false;
	say(d, c, what, severity, o);
	close_flow(d, c, o);
}

static void begin(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_copy *c, struct gyl_out *o)
{
	const uint16_t generations =
		(GYL__DNS_COPY_FLOW_END - GYL__DNS_COPY_FLOW) / GYL_DNS_COPY_MAX;
	const struct gyl_dns_conf_primary *p = primary_of(d, c);
	struct gyl_peer to = {
		.ip = p->address.ip, .port = p->address.port == 0 ? 53 : (uint16_t)p->address.port};

	c->generation = (uint16_t)((c->generation + 1) % generations);
	c->state = GYL__DNS_COPY_OPENING;
	c->at_ns = gyl_time_add(now.mono_ns, answer_ns);
	gyl_out_flow(o, flow_of(d, c), GYL_FLOW_OPEN_TCP, &to);
}

/* RFC 1995 3: with the SOA that there is. */
static size_t question(
	struct gyl_dns *d, struct gyl_now now, struct gyl__dns_copy *c, uint8_t *p, size_t cap)
{
	const struct gyl_dns_conf_primary *primary = primary_of(d, c);
	struct gyl__dns_take *t = &c->take;
	struct gyl_dns_writer w;
	struct gyl_writer signed_w;
	uint8_t soa[22] = {0};
	size_t len = 0;

	t->ixfr = t->z != NULL && !c->all;
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
	t->sign.key = NULL;
	t->sign.gap = 0;
	if (primary->key.cnt != 0) {
		const struct gyl_dns_tsig_key *key =
			gyl_dns_tsig_find(&d->keys, gyl_flat_view(d->flat, primary->key).p);

		if (key == NULL)
			return 0;
		gyl_dns_tsig_request(&t->sign, key, now.wall_ns, &signed_w);
	}
	return gyl_writer_ok(&signed_w) ? signed_w.len : 0;
}

static void ask(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_copy *c, struct gyl_out *o)
{
	size_t cap, len;
	uint8_t *p = gyl_out_send(o, GYL_PORT_OPENED, &nobody, flow_of(d, c), 0, &cap);

	c->state = GYL__DNS_COPY_ASKED;
	c->octet_cnt = 0;
	c->take.rr_cnt = 0;
	c->at_ns = gyl_time_add(now.mono_ns, transfer_ns);
	len = gyl_rng_u16(d->forward.rng, &c->take.id) == GYL_CRYPTO_OK
		      ? question(d, now, c, p + 2, cap - 2)
		      : 0;
	gyl_set_u16(p, (uint16_t)len);
	gyl_out_sent(o, len == 0 ? 0 : len + 2);
	if (len == 0)
		failed(d, now, c, "cannot be asked: its key is not known", o);
}

/* ---- answers ---- */

static void one_message(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_copy *c,
	struct gyl_view msg, struct gyl_out *o)
{
	c->octet_cnt += msg.len;
	if (c->octet_cnt > d->cf.zone_space) {
		failed(d, now, c, "sends without end", o);
		return;
	}
	switch (gyl__dns_take_message(&c->take, now.wall_ns, msg)) {
	case GYL__DNS_GOT_MORE:
		return;
	case GYL__DNS_GOT_SAME:
		done(d, now, c, "says that it is up to date", GYL_SEV_DEBUG, o);
		return;
	case GYL__DNS_GOT_ZONE:
		take_place(d, c);
		done(d, now, c, "sends all of it", GYL_SEV_INFO, o);
		return;
	case GYL__DNS_GOT_EDIT:
		keep_edit(d, c, o);
		done(d, now, c, "sends what has changed", GYL_SEV_INFO, o);
		return;
	case GYL__DNS_GOT_TRY_ALL:
		c->all = true;
		close_flow(d, c, o);
		c->at_ns = now.mono_ns;
		return;
	default:
		failed(d, now, c, c->take.why, o);
		return;
	}
}

/* All whole messages. False: the rest has to be offered again. */
static bool bytes(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_copy *c, struct gyl_in *in,
	struct gyl_out *o)
{
	while (c->state == GYL__DNS_COPY_ASKED) {
		struct gyl_view rest = gyl_view_sub(in->data, in->used, in->data.len);
		size_t len = rest.len < 2 ? 0 : gyl_get_u16(rest.p);

		if (rest.len < 2 || rest.len - 2 < len)
			break;
		if (!gyl_out_room(o, &cost))
			return false;
		one_message(d, now, c, gyl_view_sub(rest, 2, len), o);
		in->used += (uint32_t)len + 2;
	}
	if (c->state != GYL__DNS_COPY_ASKED)
		in->used = (uint32_t)in->data.len;
	else if (in->kind == GYL_IN_EOF)
		failed(d, now, c, "ends before the closing SOA", o);
	return true;
}

bool gyl__dns_copy_input(
	struct gyl_dns *d, struct gyl_now now, struct gyl_in *in, struct gyl_out *o)
{
	struct gyl__dns_copy *c = &d->copy[(in->flow - GYL__DNS_COPY_FLOW) % GYL_DNS_COPY_MAX];

	if (!gyl_out_room(o, &cost))
		return false;
	if (c->state == GYL__DNS_COPY_IDLE || flow_of(d, c) != in->flow) {
		in->used = (uint32_t)in->data.len;
		return true;
	}
	if (in->kind == GYL_IN_CLOSED) {
		if (c->state != GYL__DNS_COPY_CLOSING)
			failed(d, now, c,
				c->state == GYL__DNS_COPY_OPENING ? "cannot be reached"
								  : "breaks off the connection",
				o);
		c->state = GYL__DNS_COPY_IDLE;
		if (c->again)
			c->at_ns = now.mono_ns;
		c->again = false;
		return true;
	}
	if (in->kind == GYL_IN_OPENED && c->state == GYL__DNS_COPY_OPENING)
		ask(d, now, c, o);
	else if (in->kind != GYL_IN_OPENED)
		return bytes(d, now, c, in, o);
	return true;
}

/* RFC 1996 4.7, 3.10: only a primary's word counts. */
bool gyl__dns_copy_notified(struct gyl_dns *d, struct gyl_now now, uint32_t ip, struct gyl_view msg)
{
	const struct gyl_dns_conf_primary *p;
	struct gyl__dns_copy *c;
	struct gyl_dns_query q;

	if (msg.len < GYL_DNS_HEADER_LEN ||
		(gyl_get_u16(msg.p + 2) & (GYL_DNS_QR | GYL_DNS_OPCODE_MASK)) !=
			gyl_dns_opcode_bits(GYL_DNS_OP_NOTIFY) ||
		gyl_failed(gyl_dns_decode_query(msg, &q)))
		return false;
	c = copy_named(d, q.qname.p);
	if (c == NULL || !c->wanted || q.qtype != GYL_DNS_TYPE_SOA)
		return false;
	p = gyl_flat_at(d->flat, zone_of(d, c)->primary);
	for (uint32_t i = 0; i < zone_of(d, c)->primary.cnt; i++) {
		if (p[i].address.ip != ip)
			continue;
		c->primary = (uint8_t)i;
		if (c->state == GYL__DNS_COPY_IDLE)
			c->at_ns = now.mono_ns;
		else
			c->again = true;
		return true;
	}
	return false;
}

/* ---- time ---- */

static void drop(struct gyl_dns *d, struct gyl__dns_copy *c, struct gyl_out *o)
{
	close_flow(d, c, o);
	if (c->take.z != NULL) {
		gyl__dns_batch_forget(&d->update.batch, c->take.z);
		(void)gyl_out_store(o, d->update.batch.rec, d->update.batch.cnt);
		gyl_dns_live_drop(&d->lives, c->take.z);
		c->take.z = NULL;
	}
	c->used = false;
	changed(d);
}

static void tick_one(
	struct gyl_dns *d, struct gyl_now now, struct gyl__dns_copy *c, struct gyl_out *o)
{
	if (!c->wanted) {
		drop(d, c, o);
		return;
	}
	if (!c->ready)
		get_ready(d, now, c);
	if (c->take.z != NULL && !c->take.z->hidden &&
		now.mono_ns - c->good_ns > soa_ns(c->take.z, 2)) {
		c->take.z->hidden = true;
		say(d, c, "has not been reached for too long: the zone is served no more",
			GYL_SEV_ERR, o);
	}
	if (c->keeping)
		gyl__dns_copy_keep_on(d, c, o);
	if (c->at_ns > now.mono_ns)
		return;
	if (c->state == GYL__DNS_COPY_IDLE)
		begin(d, now, c, o);
	else if (c->state != GYL__DNS_COPY_CLOSING)
		failed(d, now, c, "does not answer", o);
}

void gyl__dns_copy_tick(struct gyl_dns *d, struct gyl_now now, struct gyl_out *o)
{
	d->copy_changed = false;
	if (d->forward.rng == NULL)
		return;
	for (unsigned i = 0; i < GYL_DNS_COPY_MAX && gyl_out_room(o, &cost); i++)
		if (d->copy[i].used)
			tick_one(d, now, &d->copy[i], o);
}

uint64_t gyl__dns_copy_at_ns(const struct gyl_dns *d)
{
	uint64_t at = UINT64_MAX;

	if (d->forward.rng == NULL)
		return at;
	if (d->copy_changed)
		return 0;
	for (unsigned i = 0; i < GYL_DNS_COPY_MAX; i++) {
		const struct gyl__dns_copy *c = &d->copy[i];

		if (!c->used)
			continue;
		if (c->keeping)
			return 0;
		if (c->state != GYL__DNS_COPY_CLOSING)
			at = gyl_time_min(at, c->at_ns);
		if (c->take.z != NULL && !c->take.z->hidden)
			at = gyl_time_min(at, gyl_time_add(c->good_ns, soa_ns(c->take.z, 2) + 1));
	}
	return at;
}
