/* SPDX-License-Identifier: ISC */

/* UPDATE (RFC 2136) on its way: stored before it is answered. */

#include <gyl/siphash.h>

#include "services/dns/core_own.h"

enum {
	FORGET_COST = 512 /* the removal of what a new file has put an end to */
};

static const struct gyl_cost cost = {
	.send_cnt = 1, .event_cnt = 2, .store_len = GYL__DNS_BATCH_COST + FORGET_COST};

bool gyl__dns_is_update(const struct gyl_dns *d, struct gyl_view msg)
{
	return d->lives.cnt != 0 && msg.len >= GYL_DNS_HEADER_LEN &&
	       (gyl_get_u16(msg.p + 2) & (GYL_DNS_QR | GYL_DNS_OPCODE_MASK)) ==
		       gyl_dns_opcode_bits(GYL_DNS_OP_UPDATE);
}

static void say(struct gyl_dns *d, uint16_t rcode, const uint8_t *key, struct gyl_out *o)
{
	const struct gyl_dns_update *u = &d->update.u;
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_DNS_UPDATE);
	gyl__dns_event_name(&e, "zone", u->z == NULL ? NULL : u->z->apex);
	gyl__dns_event_name(&e, "key", key);
	gyl_event_ip(&e, "ip", d->update.ip);
	gyl__dns_event_rcode(&e, "rcode", rcode);
	gyl_event_str(&e, "reason", gyl_view_str(u->why));
	gyl_event_u64(&e, "added", u->edit.added_cnt);
	gyl_event_u64(&e, "removed", u->edit.removed_cnt);
	if (u->z != NULL)
		gyl_event_u64(&e, "serial", gyl_dns_live_serial(u->z));
	gyl_out_event(o, &e, d->update.after);
}

/* --- messages that come again --- */

/*
 * A client whose answer was lost sends the same octets again, with the same TSIG, and nobody else
 * can send these. Done again it would fail for its own prerequisites, or undo what others changed
 * meanwhile. Who changed nothing has nothing to be done twice.
 */
static uint64_t print_of(const struct gyl_dns *d, struct gyl_view msg)
{
	const uint64_t key[2] = {d->own_secret[0], ~d->own_secret[1]};
	uint64_t print = gyl_siphash(key, msg.p, msg.len);

	return print == 0 ? 1 : print;
}

static void remember(struct gyl_dns *d)
{
	struct gyl__dns_update *u = &d->update;

	u->done[u->done_at].print = u->print;
	u->done[u->done_at].after = u->after;
	u->done_at = (u->done_at + 1) % GYL__DNS_DONE_MAX;
}

static bool is_done(struct gyl_dns *d)
{
	struct gyl__dns_update *u = &d->update;

	for (unsigned i = 0; i < GYL__DNS_DONE_MAX; i++) {
		if (u->done[i].print != u->print)
			continue;
		u->after = u->done[i].after;
		u->u.z = NULL;
		u->u.ede = 0;
		u->u.why = "it came again";
		u->u.edit.added_cnt = u->u.edit.removed_cnt = 0;
		return true;
	}
	return false;
}

/* --- the work --- */

/* What was changed goes to the store; without it nothing has changed. */
static uint16_t keep(struct gyl_dns *d, struct gyl_out *o)
{
	struct gyl_dns_update *u = &d->update.u;
	bool fits;

	gyl__dns_zone_forget(d, u->z, o);
	fits = gyl__dns_batch_make(&d->update.batch, &u->edit);
	if (fits)
		d->update.after = gyl_out_store(o, d->update.batch.rec, d->update.batch.cnt);
	if (d->update.after != 0) {
		gyl_dns_book_hold(&d->ledger, u->edit.b, d->update.after);
		d->ledger_held = true;
		/* with names of leases it will be another zone when it is read back */
		if (d->overlay.cnt != 0 && u->edit.b->promised == 0)
			gyl__dns_serial_bare(d, u->edit.b);
		gyl_dns_edit_end(&u->edit);
		u->z->sum_stored = true;
		d->stat.changed_cnt++;
		remember(d);
		return GYL_DNS_NOERROR;
	}
	gyl_dns_edit_undo(&u->edit);
	u->ede = GYL_DNS_EDE_OTHER + 1;
	u->why = fits ? "the store is full" : "too much for one message";
	return GYL_DNS_SERVFAIL;
}

static uint16_t run(struct gyl_dns_updater *updater, struct gyl_view msg, const uint8_t *key,
	uint16_t *ret_ede, const char **ret_rule)
{
	struct gyl_dns *d = updater->arg;
	struct gyl_dns_update *u = &d->update.u;
	uint16_t rcode = GYL_DNS_NOERROR;

	gyl__dns_zones_ready(d);
	u->data = &d->data;
	u->all = &d->lives;
	u->ledger = &d->ledger;
	u->flat = d->flat;
	u->conf = d->conf;
	u->key = key;
	if (is_done(d)) {
		d->stat.update_again_cnt++;
	} else {
		rcode = gyl_dns_update(u, msg);
		if (rcode == GYL_DNS_NOERROR && gyl_dns_edit_any(&u->edit))
			rcode = keep(d, d->update.o);
	}
	d->stat.update_cnt++;
	d->stat.update_refused_cnt += rcode != GYL_DNS_NOERROR;
	say(d, rcode, key, d->update.o);
	*ret_ede = u->ede;
	*ret_rule = "update";
	return rcode;
}

/* Octets of the answer in d->update.answer, 0: there is none. */
static size_t answer(struct gyl_dns *d, struct gyl_now now, const struct gyl_in *in,
	struct gyl_view msg, bool tcp, struct gyl_out *o)
{
	struct gyl_dns_updater updater = {run, d};
	const struct gyl_dns_from from = {.ip = in->peer.ip, .tcp = tcp, .updater = &updater};
	struct gyl_dns_verdict v;
	size_t len;

	d->update.o = o;
	d->update.ip = in->peer.ip;
	d->update.after = 0;
	d->update.print = print_of(d, msg);
	len = gyl_dns_answer(&d->data, &d->policy, now, &from, msg, d->update.answer + 2,
		sizeof d->update.answer - 2, &v);
	if (len != 0)
		gyl__dns_note(d, now, in, &v, o);
	gyl_set_u16(d->update.answer, (uint16_t)len);
	return len;
}

bool gyl__dns_update_dgram(
	struct gyl_dns *d, struct gyl_now now, const struct gyl_in *in, struct gyl_out *o)
{
	size_t len, cap;
	uint8_t *p;

	if (!gyl_out_room(o, &cost))
		return false;
	d->stat.query_cnt++;
	len = answer(d, now, in, in->data, false, o);
	p = gyl_out_send(o, in->port, &in->peer, 0, d->update.after, &cap);
	memcpy(p, d->update.answer + 2, len);
	gyl_out_sent(o, len);
	d->stat.dropped_cnt += len == 0;
	return true;
}

size_t gyl__dns_update_stream(struct gyl_dns *d, struct gyl_now now, const struct gyl_in *in,
	struct gyl_view msg, struct gyl_out *o)
{
	size_t len, cap;
	uint8_t *p;

	if (!gyl_out_room(o, &cost))
		return SIZE_MAX;
	d->stat.query_cnt++;
	len = answer(d, now, in, msg, true, o);
	if (len == 0)
		return 0;
	p = gyl_out_send(o, in->port, &in->peer, in->flow, d->update.after, &cap);
	memcpy(p, d->update.answer, len + 2);
	gyl_out_sent(o, len + 2);
	return len + 2;
}
