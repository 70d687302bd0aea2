/* SPDX-License-Identifier: ISC */

/*
 * Reservations and drains that are set while the servers run (live.h) are of both: the one that
 * serves takes them, and tells them as it tells leases. When both served, of each the later word
 * counts, by how long ago it was said; so what was taken back is remembered until the other knows.
 */

#include <gyl/text.h>
#include <gyl/time.h>

#include "services/dhcpd/name.h"
#include "services/dhcpd/standby.h"
#include "services/dhcpd/state.h"

/* ---- saying ---- */

void gyl__dhcpd_set_note_host(
	struct gyl_dhcpd *d, struct gyl_out *o, const uint8_t mac[6], uint64_t seq)
{
	struct gyl_dhcpd_pend p = {.of = GYL_DHCPD_PEND_HOST, .seq = seq};

	if (d->standby == NULL)
		return;
	p.slot = gyl_get_u32(mac);
	p.hash = gyl_get_u16(mac + 4);
	gyl__dhcpd_copy_push(d, o, p);
}

void gyl__dhcpd_set_note_drain(
	struct gyl_dhcpd *d, struct gyl_out *o, uint32_t ip, uint32_t mask, uint64_t seq)
{
	struct gyl_dhcpd_pend p = {
		.of = GYL_DHCPD_PEND_DRAIN, .slot = ip, .hash = mask, .seq = seq};

	if (d->standby != NULL)
		gyl__dhcpd_copy_push(d, o, p);
}

static bool put_host(struct gyl_writer *w, const struct gyl_dhcpd_live_host *h, bool remove)
{
	uint8_t key[GYL_DHCPD_KEY_LEN_MAX], val[GYL_DHCPD_LIVE_VAL_MAX];
	struct gyl_record rec;

	gyl__dhcpd_live_print(h, key, val, &rec);
	rec.remove = remove;
	return gyl_replica_put_record(w, &rec);
}

static bool put_drain(struct gyl_writer *w, const struct gyl_dhcpd_live_drain *n, bool remove)
{
	uint8_t key[GYL_DHCPD_KEY_LEN_MAX], val[GYL_DHCPD_LIVE_VAL_MAX];
	struct gyl_record rec;

	gyl__dhcpd_live_print_drain(n, key, val, &rec);
	rec.remove = remove;
	return gyl_replica_put_record(w, &rec);
}

bool gyl__dhcpd_set_put(struct gyl_dhcpd *d, struct gyl_writer *w, const struct gyl_dhcpd_pend *p)
{
	struct gyl_dhcpd_live_drain drain = {.ip = p->slot, .mask = p->hash};
	struct gyl_dhcpd_live_host host = {.gone = true};
	const struct gyl_dhcpd_live_drain *n;
	const struct gyl_dhcpd_live_host *h;

	if (p->of == GYL_DHCPD_PEND_DRAIN) {
		n = gyl__dhcpd_live_drain_any(&d->live, p->slot, p->hash);
		return put_drain(w, n == NULL ? &drain : n, n == NULL || n->gone);
	}
	gyl_set_u32(host.mac, p->slot);
	gyl_set_u16(host.mac + 4, (uint16_t)p->hash);
	h = gyl__dhcpd_live_find(&d->live, host.mac);
	return put_host(w, h == NULL ? &host : h, h == NULL);
}

bool gyl__dhcpd_set_put_all(struct gyl_dhcpd *d, struct gyl_writer *w, unsigned n, bool gone)
{
	const struct gyl_dhcpd_live *v = &d->live;
	uint32_t *at = &d->standby->set_at, end = v->host_cnt + v->drain_cnt;

	for (; *at < end; (*at)++) {
		bool host = *at < v->host_cnt;
		const struct gyl_dhcpd_live_host *h = &v->host[host ? *at : 0];
		const struct gyl_dhcpd_live_drain *r = &v->drain[host ? 0 : *at - v->host_cnt];

		if ((host ? h->gone : r->gone) && !gone)
			continue;
		if (n-- == 0 || !(host ? put_host(w, h, false) : put_drain(w, r, false)))
			return false;
	}
	return true;
}

/* ---- taking ---- */

void gyl__dhcpd_set_doubt(struct gyl_dhcpd *d)
{
	for (uint32_t i = 0; i < d->live.host_cnt; i++)
		d->live.host[i].stale = true;
	for (uint32_t i = 0; i < d->live.drain_cnt; i++)
		d->live.drain[i].stale = true;
}

/* By our clock: as long ago as it was by the other's. */
static uint32_t our_time(const struct gyl_dhcpd *d, struct gyl_now now, uint32_t since_s)
{
	const struct gyl_now *base = &d->standby->base;
	int64_t by_ns = (int64_t)((now.wall_ns - now.mono_ns) - (base->wall_ns - base->mono_ns));

	return since_s + (uint32_t)(by_ns / (int64_t)GYL_NS_PER_S);
}

static void told(struct gyl_dhcpd *d, struct gyl_out *o, uint64_t seq, const char *what,
	const struct gyl_record *rec)
{
	uint8_t text[80];
	struct gyl_writer w;
	struct gyl_event e;

	d->standby->after = seq;
	gyl_writer_init(&w, text, sizeof text);
	gyl_text_str(&w, what);
	gyl_put_view(&w, rec->key);
	gyl_event_init(&e, GYL_EV_DHCPD_STEER);
	gyl_event_str(&e, "by", gyl_view_str("the other server"));
	gyl_event_str(&e, "what", gyl_writer_view(&w));
	gyl_out_event(o, &e, seq);
}

/* Is that client's reservation of the same address, or name? */
static bool is_rival(const struct gyl_dhcpd_live_host *a, const struct gyl_dhcpd_live_host *b)
{
	return !a->gone && !b->gone && memcmp(a->mac, b->mac, sizeof a->mac) != 0 &&
	       ((a->address != 0 && a->address == b->address) ||
		       (a->name_len != 0 && gyl__dhcpd_name_eq(gyl_view(a->name, a->name_len),
						    gyl_view(b->name, b->name_len))));
}

/* A configuration that is made ready walks the table, too, and has to begin anew. */
static void drop_host(struct gyl_dhcpd *d, struct gyl_out *o, uint32_t i)
{
	d->live.changed |= !d->live.host[i].gone || d->change.on;
	gyl__dhcpd_live_store(d, o, &d->live.host[i], true);
	gyl__dhcpd_live_remove(&d->live, &d->live.host[i]);
}

static void drop_drain(struct gyl_dhcpd *d, struct gyl_out *o, uint32_t i)
{
	d->live.changed |= !d->live.drain[i].gone;
	gyl__dhcpd_live_store_drain(d, o, &d->live.drain[i], true);
	gyl__dhcpd_live_drain_remove(&d->live, &d->live.drain[i]);
}

/* What was said later of the same client, address or name. */
static bool is_host_older(const struct gyl_dhcpd *d, const struct gyl_dhcpd_live_host *h)
{
	for (uint32_t i = 0; i < d->live.host_cnt; i++) {
		const struct gyl_dhcpd_live_host *m = &d->live.host[i];

		if ((memcmp(m->mac, h->mac, sizeof m->mac) == 0 || is_rival(m, h)) &&
			m->since_s >= h->since_s)
			return true;
	}
	return false;
}

static bool is_same_host(const struct gyl_dhcpd_live_host *a, const struct gyl_dhcpd_live_host *b)
{
	return a->gone == b->gone && a->address == b->address &&
	       gyl_view_eq(gyl_view(a->name, a->name_len), gyl_view(b->name, b->name_len));
}

static bool take_host(struct gyl_dhcpd *d, struct gyl_out *o, struct gyl_dhcpd_live_host *h,
	const struct gyl_record *rec, bool merge)
{
	struct gyl_dhcpd_live_host *old = gyl__dhcpd_live_any(&d->live, h->mac);
	uint64_t seq;

	if (old != NULL)
		old->stale = false;
	if (old == NULL ? h->gone : is_same_host(old, h))
		return true;
	if (merge && is_host_older(d, h))
		return true;
	for (uint32_t i = d->live.host_cnt; i-- != 0;)
		if (is_rival(&d->live.host[i], h) ||
			(h->gone && memcmp(d->live.host[i].mac, h->mac, sizeof h->mac) == 0))
			drop_host(d, o, i);
	seq = d->seq;
	if (!h->gone) {
		seq = gyl__dhcpd_live_store(d, o, h, false);
		if (seq == 0 || gyl__dhcpd_live_put(&d->live, h) == NULL)
			return false;
		d->live.changed = true;
	}
	told(d, o, seq, h->gone ? "took back " : "set ", rec);
	return true;
}

static bool take_drain(struct gyl_dhcpd *d, struct gyl_out *o, struct gyl_dhcpd_live_drain *n,
	const struct gyl_record *rec, bool merge)
{
	struct gyl_dhcpd_live_drain *old = gyl__dhcpd_live_drain_any(&d->live, n->ip, n->mask);
	uint64_t seq;

	if (old != NULL)
		old->stale = false;
	if (old == NULL ? n->gone : old->gone == n->gone && old->on == n->on)
		return true;
	if (merge && old != NULL && old->since_s >= n->since_s)
		return true;
	if (n->gone) {
		drop_drain(d, o, (uint32_t)(old - d->live.drain));
		seq = d->seq;
	} else {
		seq = gyl__dhcpd_live_store_drain(d, o, n, false);
		if (seq == 0 || !gyl__dhcpd_live_drain_put(&d->live, n))
			return false;
		d->live.changed = true;
	}
	told(d, o, seq, n->gone ? "took back " : "set ", rec);
	return true;
}

bool gyl__dhcpd_set_take(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o,
	const struct gyl_record *rec, bool merge, bool *ret_is)
{
	struct gyl_view val = rec->remove ? gyl_view(NULL, 0) : rec->val;
	struct gyl_dhcpd_live_host h;
	struct gyl_dhcpd_live_drain n;
	bool odd;

	*ret_is = true;
	if (gyl__dhcpd_live_parse(rec->key, val, &h, &odd)) {
		h.since_s = our_time(d, now, h.since_s);
		return odd || take_host(d, o, &h, rec, merge);
	}
	if (gyl__dhcpd_live_parse_drain(rec->key, val, &n, &odd)) {
		n.since_s = our_time(d, now, n.since_s);
		return odd || take_drain(d, o, &n, rec, merge);
	}
	*ret_is = false;
	return true;
}

/* ---- forgetting ---- */

static bool forget(struct gyl_dhcpd *d, struct gyl_out *o, unsigned n, bool stale)
{
	for (uint32_t i = d->live.host_cnt; i-- != 0;) {
		const struct gyl_dhcpd_live_host *h = &d->live.host[i];

		if (!(stale ? h->stale : h->gone))
			continue;
		if (n-- == 0)
			return false;
		drop_host(d, o, i);
	}
	for (uint32_t i = d->live.drain_cnt; i-- != 0;) {
		const struct gyl_dhcpd_live_drain *r = &d->live.drain[i];

		if (!(stale ? r->stale : r->gone))
			continue;
		if (n-- == 0)
			return false;
		drop_drain(d, o, i);
	}
	return true;
}

bool gyl__dhcpd_set_clean(struct gyl_dhcpd *d, struct gyl_out *o, unsigned n)
{
	return forget(d, o, n, true);
}

bool gyl__dhcpd_set_tidy(struct gyl_dhcpd *d, struct gyl_out *o, unsigned n)
{
	return forget(d, o, n, false);
}
