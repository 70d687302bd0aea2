/* SPDX-License-Identifier: ISC */

/* Leases into the store as records, and back: record_text.c has their form. */

#include <gyl/time.h>

#include "services/dhcpd/standby.h"
#include "services/dhcpd/state.h"

static uint64_t end_of(const struct gyl_dhcpd_lease *l)
{
	return l->state == GYL_DHCPD_LEASED ? l->written_ns : l->expiry_ns;
}

/* Who it is bound to, as the key that it was bound by. */
static void get_key(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l, struct gyl_dhcpd_key *k)
{
	struct gyl_view id = gyl__dhcpd_lease_id(d, l);

	k->form = l->form;
	k->len = (uint8_t)id.len;
	if (id.len != 0)
		memcpy(k->octet, id.p, id.len);
	k->has_mac = l->has_mac;
	if (l->has_mac)
		memcpy(k->mac, l->mac, 6);
}

void gyl__dhcpd_print(const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l,
	struct gyl_now now, struct gyl_writer *w)
{
	uint64_t end_ns = end_of(l);
	struct gyl_view source = gyl__dhcpd_lease_source(d, l),
			relay = gyl__dhcpd_lease_relay(d, l);
	struct gyl_dhcpd_record r;

	r.state = l->state;
	r.until_ns = gyl__dhcpd_wall_ns(end_ns, now);
	r.granted_s = l->granted_s;
	get_key(d, l, &r.key);
	r.name = gyl__dhcpd_lease_name(d, l);
	r.giaddr = l->giaddr;
	r.has_source = source.len == 6;
	if (r.has_source)
		memcpy(r.source, source.p, 6);
	r.relay_len = relay.len;
	if (relay.len != 0)
		memcpy(r.relay, relay.p, relay.len);
	gyl__dhcpd_record_print(w, &r);
}

/*
 * A record says that the lease ends one lease time later than the client was told. Whoever renews
 * before that needs no other, and most renewals do: they come at half of the time. A restart, which
 * knows no better, honours the lease until then.
 */
static uint64_t ahead(const struct gyl_dhcpd_lease *l)
{
	return l->expiry_ns == GYL_TIME_INFINITE
		       ? l->expiry_ns
		       : gyl_time_add(l->expiry_ns, gyl_time_from_s(l->granted_s));
}

/* Not one of a longer lease of earlier: a restart would keep the address for long. */
bool gyl__dhcpd_is_covered(const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l)
{
	if (l->state != GYL_DHCPD_LEASED || !l->kept || l->stale || !gyl__dhcpd_is_stored(d, l))
		return false;
	if (l->expiry_ns == GYL_TIME_INFINITE || l->written_ns == GYL_TIME_INFINITE)
		return l->expiry_ns == l->written_ns;
	return l->expiry_ns <= l->written_ns &&
	       l->written_ns - l->expiry_ns <= 2 * gyl_time_from_s(l->granted_s);
}

void gyl__dhcpd_record(const struct gyl_dhcpd *d, struct gyl_now now, uint32_t slot,
	uint8_t key[GYL_DHCPD_KEY_LEN_MAX], uint8_t val[GYL_DHCPD_VAL_LEN_MAX],
	struct gyl_record *ret_rec)
{
	struct gyl_dhcpd_lease l = d->lease[slot];
	struct gyl_writer w;

	l.expiry_ns = l.written_ns; /* as its record says, also when it ran out before that */
	gyl_writer_init(&w, val, GYL_DHCPD_VAL_LEN_MAX);
	gyl__dhcpd_print(d, &l, now, &w);
	*ret_rec = (struct gyl_record){
		.key = gyl__dhcpd_record_key(key, l.ip), .val = gyl_writer_view(&w)};
}

/* A record that says this end. */
static bool store_until(
	struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, uint32_t slot, uint64_t end_ns)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];
	uint8_t key[GYL_DHCPD_KEY_LEN_MAX], val[GYL_DHCPD_VAL_LEN_MAX];
	uint64_t before_ns = l->written_ns, seq;
	struct gyl_record rec = {.key = gyl__dhcpd_record_key(key, l->ip), .place = slot};
	struct gyl_writer w;

	l->written_ns = end_ns;
	gyl_writer_init(&w, val, sizeof val);
	gyl__dhcpd_print(d, l, now, &w);
	rec.val = gyl_writer_view(&w);
	seq = gyl_out_store(o, &rec, 1);
	if (seq == 0) {
		l->written_ns = before_ns;
		return false;
	}
	l->kept = true;
	l->stale = false;
	l->written_s = (uint32_t)(now.wall_ns / GYL_NS_PER_S);
	l->seq = seq;
	d->seq = seq;
	gyl__dhcpd_standby_note(d, o, slot, seq);
	return true;
}

bool gyl__dhcpd_store(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, uint32_t slot)
{
	const struct gyl_dhcpd_lease *l = &d->lease[slot];

	return store_until(d, now, o, slot, l->state == GYL_DHCPD_LEASED ? ahead(l) : l->expiry_ns);
}

bool gyl__dhcpd_store_again(
	struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, uint32_t slot)
{
	return store_until(d, now, o, slot, d->lease[slot].written_ns);
}

uint64_t gyl__dhcpd_store_remove(struct gyl_dhcpd *d, struct gyl_out *o, uint32_t slot)
{
	uint8_t key[GYL_DHCPD_KEY_LEN_MAX];
	struct gyl_record rec = {.key = gyl__dhcpd_record_key(key, d->lease[slot].ip),
		.remove = true,
		.place = slot};
	uint64_t seq = gyl_out_store(o, &rec, 1); /* it makes room, if anything */

	d->lease[slot].kept = false;
	if (seq != 0)
		d->seq = seq;
	return seq;
}

bool gyl__dhcpd_is_stored(const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l)
{
	return l->seq < d->lost_from || l->seq >= d->lost_to;
}

/* ---- taking up ---- */

/* The wall-clock end on the monotonic clock; it may lie before that clock's zero. */
static uint64_t to_mono(uint64_t until_ns, struct gyl_now now)
{
	return until_ns == GYL_TIME_INFINITE ? until_ns : now.mono_ns + (until_ns - now.wall_ns);
}

/* As link.c finds it from a message. */
static void fill_place(struct gyl_dhcpd *d, uint32_t slot, const struct gyl_dhcpd_record *f)
{
	struct gyl_view relay = gyl_view(f->relay, f->relay_len);
	struct gyl_view source = gyl_view(f->source, f->has_source ? 6 : 0);
	struct gyl_dhcp_relay r;
	uint32_t link, circuit;

	memset(&r, 0, sizeof r);
	if (relay.len != 0)
		gyl_dhcp_relay_decode(relay, &r);
	link = gyl__dhcpd_link_hash(d, f->giaddr, gyl__dhcpd_link_octets(&f->key));
	circuit = gyl__dhcpd_circuit_hash(d, f->giaddr, r.circuit_id);
	if (f->has_source)
		gyl__dhcpd_source_hash(
			d, f->source, f->key.has_mac ? f->key.mac : NULL, &link, &circuit);
	gyl__dhcpd_budget_bind(d, slot, link, circuit, f->giaddr);
	gyl__dhcpd_tail_set(d, slot, GYL_DHCPD_PART_SOURCE, source);
	gyl__dhcpd_tail_set(d, slot, GYL_DHCPD_PART_RELAY, relay);
}

static void fill(struct gyl_dhcpd *d, uint32_t slot, struct gyl_dhcpd_record *f)
{
	struct gyl_dhcpd_key *k = &f->key;

	if (k->form == GYL_DHCPD_NOBODY || f->state == GYL_DHCPD_DECLINED) {
		gyl__dhcpd_client_bind(d, slot, NULL);
	} else {
		k->hash = gyl__dhcpd_client_hash(d, k->form, gyl_view(k->octet, k->len));
		gyl__dhcpd_client_bind(d, slot, k);
		fill_place(d, slot, f);
	}
}

/* When it was written, on the monotonic clock: the client was heard then. */
static uint32_t heard_s(struct gyl_now now, uint64_t wall_ns)
{
	return (uint32_t)(now.mono_ns / GYL_NS_PER_S) -
	       (uint32_t)(gyl_time_sub(now.wall_ns, wall_ns) / GYL_NS_PER_S);
}

/* Of no pool, and over: nothing of it is kept. */
static void pass_over(struct gyl_dhcpd *d, uint32_t slot)
{
	if (slot == 0)
		return;
	gyl__dhcpd_slot_set(d, slot, GYL_DHCPD_FREE, 0);
	gyl__dhcpd_slot_forget(d, slot);
}

static void take_up(
	struct gyl_dhcpd *d, uint32_t slot, struct gyl_dhcpd_record *f, uint64_t end_ns, bool live)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];

	fill(d, slot, f);
	l->granted_s = (uint32_t)f->granted_s;
	l->kept = true;
	l->stale = false;
	l->written_ns = end_ns;
	gyl__dhcpd_slot_set(d, slot, live ? f->state : GYL_DHCPD_FREE, end_ns);
	gyl__dhcpd_name_restore(d, slot, l->form == GYL_DHCPD_NOBODY ? gyl_view(NULL, 0) : f->name);
}

void gyl__dhcpd_before_take(const struct gyl_dhcpd *d, struct gyl_now now, uint32_t slot,
	struct gyl_dhcpd_before *ret_before)
{
	struct gyl_writer w;

	ret_before->lease = d->lease[slot];
	gyl_writer_init(&w, ret_before->val, sizeof ret_before->val);
	gyl__dhcpd_print(d, &d->lease[slot], now, &w);
	ret_before->val_len = w.len;
}

void gyl__dhcpd_before_put_back(
	struct gyl_dhcpd *d, uint32_t slot, const struct gyl_dhcpd_before *c)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];
	struct gyl_dhcpd_record f;

	if (!gyl__dhcpd_record_parse(gyl_view(c->val, c->val_len), &f))
		return; /* of what we printed ourselves it does not happen */
	gyl__dhcpd_name_drop(d, slot);
	take_up(d, slot, &f, c->lease.expiry_ns, true);
	l->kept = c->lease.kept;
	l->stale = c->lease.stale;
	l->written_ns = c->lease.written_ns;
	l->since_ns = c->lease.since_ns;
	l->heard_s = c->lease.heard_s;
	l->xid = c->lease.xid;
}

uint32_t gyl__dhcpd_restore(struct gyl_dhcpd *d, struct gyl_now now, uint32_t ip,
	struct gyl_view val, uint64_t wall_ns, bool *ret_odd)
{
	struct gyl_dhcpd_record f;
	bool live;
	uint32_t slot;

	*ret_odd = !gyl__dhcpd_record_parse(val, &f);
	if (*ret_odd)
		return 0;
	live = f.state != GYL_DHCPD_FREE && f.until_ns > now.wall_ns;
	slot = gyl__dhcpd_slot_make(d, ip);
	if (slot == 0 && !live)
		pass_over(d, gyl__dhcpd_slot_beside(d, ip));
	else if (slot == 0)
		slot = gyl__dhcpd_slot_aside(d, ip);
	if (slot == 0 || d->lease[slot].state == GYL_DHCPD_OURS)
		return 0;
	take_up(d, slot, &f, to_mono(f.until_ns, now), live);
	d->lease[slot].written_s = (uint32_t)(wall_ns / GYL_NS_PER_S);
	d->lease[slot].heard_s = heard_s(now, wall_ns);
	d->unsorted = true;
	return slot;
}

void gyl__dhcpd_restore_input(struct gyl_dhcpd *d, struct gyl_now now, const struct gyl_in *in)
{
	uint32_t ip;
	bool odd;

	if (gyl__dhcpd_record_ip(in->key, &ip))
		gyl__dhcpd_restore(d, now, ip, in->data, in->seq, &odd);
}

/* Does it name a client, and not the one that the lease is of? */
static bool is_anothers(const struct gyl_dhcpd *d, uint32_t slot, struct gyl_dhcpd_key *k)
{
	if (k->form == GYL_DHCPD_NOBODY)
		return false;
	k->hash = gyl__dhcpd_client_hash(d, k->form, gyl_view(k->octet, k->len));
	return slot == 0 || !gyl__dhcpd_client_is(d, &d->lease[slot], k);
}

bool gyl__dhcpd_record_end(const struct gyl_dhcpd *d, const struct gyl_record *rec,
	struct gyl_now base, uint32_t *ret_ip, uint64_t *ret_end_ns, bool *ret_anothers)
{
	struct gyl_dhcpd_record f;

	if (rec->remove || !gyl__dhcpd_record_ip(rec->key, ret_ip) ||
		!gyl__dhcpd_record_parse(rec->val, &f))
		return false;
	*ret_end_ns = to_mono(f.until_ns, base);
	*ret_anothers = is_anothers(d, gyl__dhcpd_slot(d, *ret_ip), &f.key);
	return true;
}

uint32_t gyl__dhcpd_replace(
	struct gyl_dhcpd *d, struct gyl_now now, struct gyl_now base, const struct gyl_record *rec)
{
	struct gyl_dhcpd_record f;
	uint64_t end_ns;
	uint32_t ip, slot;
	bool live;

	if (rec->remove || !gyl__dhcpd_record_ip(rec->key, &ip) ||
		!gyl__dhcpd_record_parse(rec->val, &f))
		return 0;
	slot = gyl__dhcpd_slot_make(d, ip);
	if (slot == 0 || d->lease[slot].state == GYL_DHCPD_OURS)
		return 0;
	end_ns = to_mono(f.until_ns, base);
	live = f.state != GYL_DHCPD_FREE && (int64_t)(end_ns - now.mono_ns) > 0;
	gyl__dhcpd_name_drop(d, slot);
	take_up(d, slot, &f, end_ns,
		live || (f.state != GYL_DHCPD_FREE && f.until_ns == GYL_TIME_INFINITE));
	d->lease[slot].heard_s = (uint32_t)(now.mono_ns / GYL_NS_PER_S);
	return slot;
}
