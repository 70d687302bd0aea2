/* SPDX-License-Identifier: ISC */

/* Copies of zones (copy.h): which, and time. */

#include <gyl/time.h>

#include "services/dns/core_copy_own.h"
#include "services/dns/core_own.h"

static const uint64_t pause_max_ns = 10 * GYL_NS_PER_MIN; /* without a SOA that says it */

void gyl__dns_copy_say(
	const struct gyl__dns_copy *c, const char *what, uint8_t severity, struct gyl_out *o)
{
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_DNS_PRIMARY);
	e.severity = severity;
	gyl__dns_event_name(&e, "zone", c->take.apex);
	gyl_event_u64(&e, "serial", c->take.z == NULL ? 0 : gyl_dns_live_serial(c->take.z));
	gyl_event_ip(&e, "ip", c->to_ip);
	gyl_event_str(&e, "what", gyl_view_str(what));
	gyl_out_event(o, &e, 0);
}

/* ---- the configuration ---- */

struct gyl__dns_copy *gyl__dns_copy_named(struct gyl_dns *d, const uint8_t *name)
{
	for (unsigned i = 0; i < GYL_DNS_COPY_MAX; i++)
		if (d->copy[i].used && gyl_dns_name_eq(d->copy[i].take.apex, name))
			return &d->copy[i];
	return NULL;
}

static struct gyl__dns_copy *place(struct gyl_dns *d, const uint8_t *name)
{
	struct gyl__dns_copy *c = gyl__dns_copy_named(d, name);

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
		c->tried_cnt = 0;
		c->at_ns = c->state == GYL__DNS_COPY_IDLE ? 0 : c->at_ns;
	}
	d->copy_changed = true;
}

void gyl__dns_copy_begin(struct gyl_dns *d)
{
	for (unsigned i = 0; i < GYL_DNS_COPY_MAX; i++) {
		struct gyl__dns_take *t = &d->copy[i].take;

		if (d->copy[i].used && t->z == NULL)
			t->z = gyl__dns_copy_blank(&d->lives, t->apex, t->apex_len);
	}
}

/* ---- what the SOA says ---- */

enum {
	REFRESH,
	RETRY,
	EXPIRE
};

static uint64_t soa_ns(const struct gyl_dns_live *z, unsigned which)
{
	const struct gyl_dns_rrset *soa =
		gyl_dns_image_soa(z->view, gyl_dns_image_zone(z->view, 0));
	uint64_t s = gyl_get_u32(gyl_dns_rrset_wire(soa) + soa->wire_len - 16 + (size_t)4 * which);

	return s * GYL_NS_PER_S;
}

static uint64_t within(uint64_t ns, uint64_t min_ns, uint64_t max_ns)
{
	return ns < min_ns ? min_ns : ns > max_ns ? max_ns : ns;
}

static uint64_t refresh_ns(const struct gyl_dns_live *z)
{
	return within(soa_ns(z, REFRESH), GYL__DNS_REFRESH_MIN_NS, GYL__DNS_REFRESH_MAX_NS);
}

static uint64_t retry_ns(const struct gyl_dns_live *z)
{
	return within(soa_ns(z, RETRY), GYL__DNS_RETRY_MIN_NS, GYL__DNS_RETRY_MAX_NS);
}

/* A zone does not go away between two looks at it (RFC 1912 2.2). */
static uint64_t expire_ns(const struct gyl_dns_live *z)
{
	return within(soa_ns(z, EXPIRE), refresh_ns(z) + retry_ns(z), UINT64_MAX);
}

/* ---- serving ---- */

static void expired(struct gyl__dns_copy *c, struct gyl_out *o)
{
	c->take.z->hidden = c->take.z->expired = true;
	gyl__dns_copy_say(
		c, "has not been reached for too long: the zone is served no more", GYL_SEV_ERR, o);
}

/* The rest of the time that the copy had when it was stored. */
static void go_on(struct gyl_now now, struct gyl__dns_copy *c)
{
	uint64_t age_ns = gyl_time_sub(now.wall_ns, c->good_wall_ns), all_ns;

	all_ns = expire_ns(c->take.z);
	if (c->good_wall_ns == 0)
		age_ns = 0;
	c->expire_ns = gyl_time_add(now.mono_ns, gyl_time_sub(all_ns, age_ns));
}

/* What came before is not known. */
static void forget_changes(struct gyl_dns *d, const struct gyl__dns_copy *c)
{
	const struct gyl__dns_take *t = &c->take;
	struct gyl_dns_book *b = gyl_dns_book_find(&d->ledger, t->apex, t->apex_len);

	if (b != NULL)
		gyl_dns_book_forget(&d->ledger, b, gyl_dns_live_serial(t->z));
}

/* What was read back is served, if it is whole. Nobody waits yet: it takes as long as it takes. */
static void get_ready(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_copy *c)
{
	struct gyl_dns_live *z = c->take.z;
	enum gyl_dns_sealed sealed = GYL_DNS_SEAL_MORE;

	c->ready = true;
	if (z == NULL)
		return;
	while (gyl__dns_copy_whole(z) && sealed == GYL_DNS_SEAL_MORE)
		sealed = gyl_dns_live_seal(&d->lives, z);
	if (sealed == GYL_DNS_SEAL_DONE) {
		z->hidden = false;
		z->fresh = true;
		forget_changes(d, c);
		go_on(now, c);
		gyl__dns_notify_data(d);
		return;
	}
	gyl_dns_live_drop(&d->lives, z);
	c->take.z = NULL;
}

/* Who walks the old zone walks it to its end: core_transfer.c. */
static void take_place(struct gyl_dns *d, struct gyl__dns_copy *c)
{
	struct gyl__dns_take *t = &c->take;

	if (t->z != NULL)
		gyl__dns_out_retire(d, t->z);
	t->z = t->in;
	t->in = NULL;
	t->cloned = false;
	t->z->hidden = false;
	t->z->fresh = true;
	forget_changes(d, c);
	gyl__dns_copy_keep(c);
	gyl__dns_notify_data(d);
}

/* ---- how it went ---- */

/* RFC 1034 4.3.5: after a failure all are tried again after retry. Those who have not been asked
 * are asked at once. */
static uint64_t pause_of(const struct gyl_dns *d, struct gyl__dns_copy *c)
{
	uint64_t ns = GYL__DNS_RETRY_MIN_NS << (c->fail_cnt < 7 ? c->fail_cnt : 7);

	if (++c->tried_cnt < gyl__dns_copy_zone(d, c)->primary.cnt)
		return 0;
	c->tried_cnt = 0;
	c->fail_cnt++;
	if (c->take.z != NULL)
		return retry_ns(c->take.z);
	return ns < pause_max_ns ? ns : pause_max_ns;
}

void gyl__dns_copy_failed(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_copy *c,
	const char *why, struct gyl_out *o)
{
	d->stat.copy_failed_cnt++;
	gyl__dns_copy_say(c, why, GYL_SEV_WARNING, o);
	/* what is told of changes may be what is wrong with it */
	c->all = c->take.ixfr && c->take.rr_cnt != 0;
	c->primary = (uint8_t)((c->primary + 1) % gyl__dns_copy_zone(d, c)->primary.cnt);
	c->at_ns = gyl_time_add(now.mono_ns, pause_of(d, c));
	c->work = GYL__DNS_WORK_NONE;
	gyl__dns_take_drop(&c->take);
	gyl__dns_copy_close(d, c, o);
}

void gyl__dns_copy_done(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_copy *c,
	const char *what, uint8_t severity, struct gyl_out *o)
{
	struct gyl_dns_live *z = c->take.z;

	d->stat.copy_cnt++;
	c->fail_cnt = c->tried_cnt = 0;
	c->all = false;
	z->hidden = z->expired = false;
	c->good_wall_ns = now.wall_ns;
	c->expire_ns = gyl_time_add(now.mono_ns, expire_ns(z));
	c->at_ns = gyl_time_add(now.mono_ns, refresh_ns(z));
	if (c->again)
		c->at_ns = gyl_time_add(c->begun_ns, GYL__DNS_NOTIFIED_NS);
	c->again = false;
	gyl__dns_copy_say(c, what, severity, o);
	gyl__dns_take_drop(&c->take);
	gyl__dns_copy_close(d, c, o);
	/* the store need not know each time */
	if (now.wall_ns - c->stored_wall_ns > expire_ns(z) / 16)
		gyl__dns_copy_stamp(d, c, o);
}

void gyl__dns_copy_notice(struct gyl_now now, struct gyl__dns_copy *c)
{
	if (c->state == GYL__DNS_COPY_IDLE && c->work == GYL__DNS_WORK_NONE) {
		uint64_t at_ns = gyl_time_add(c->begun_ns, GYL__DNS_NOTIFIED_NS);

		if (c->begun_ns == 0 || at_ns < now.mono_ns)
			at_ns = now.mono_ns;
		c->at_ns = gyl_time_min(c->at_ns, at_ns);
		c->tried_cnt = 0;
	} else {
		c->again = true;
	}
}

/* ---- time ---- */

static void drop(struct gyl_dns *d, struct gyl__dns_copy *c, struct gyl_out *o)
{
	gyl__dns_take_drop(&c->take);
	gyl__dns_copy_close(d, c, o);
	if (c->take.z != NULL) {
		gyl__dns_copy_forget(d, c, o);
		gyl_dns_live_drop_later(&d->lives, c->take.z);
		c->take.z = NULL;
	}
	c->used = false;
}

/* A slice of what needs no primary. */
static void work(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_copy *c, struct gyl_out *o)
{
	if (c->work == GYL__DNS_WORK_CLONE) {
		enum gyl__dns_got got = gyl__dns_take_clone(&c->take);

		if (got == GYL__DNS_GOT_CLONE) {
			c->work = GYL__DNS_WORK_NONE;
			c->at_ns = now.mono_ns;
		} else if (got == GYL__DNS_GOT_BAD) {
			gyl__dns_copy_failed(d, now, c,
				"has changes that there is no room for (dns.zone_space)", o);
		}
		return;
	}
	switch (gyl_dns_live_seal(&d->lives, c->take.in)) {
	case GYL_DNS_SEAL_DONE:
		c->work = GYL__DNS_WORK_NONE;
		take_place(d, c);
		gyl__dns_copy_done(d, now, c, c->got, GYL_SEV_INFO, o);
		return;
	case GYL_DNS_SEAL_FULL:
		gyl__dns_copy_failed(
			d, now, c, "has more than there is room for (dns.zone_space)", o);
		return;
	default:
		return;
	}
}

static void tick_one(
	struct gyl_dns *d, struct gyl_now now, struct gyl__dns_copy *c, struct gyl_out *o)
{
	const struct gyl_dns_live *z;

	if (!c->wanted) {
		drop(d, c, o);
		return;
	}
	if (!c->ready)
		get_ready(d, now, c);
	z = c->take.z;
	if (z != NULL && !z->hidden && now.mono_ns >= c->expire_ns)
		expired(c, o);
	if (c->keeping)
		gyl__dns_copy_keep_on(d, c, o);
	if (c->work != GYL__DNS_WORK_NONE || c->at_ns > now.mono_ns)
		return;
	if (c->state == GYL__DNS_COPY_IDLE)
		gyl__dns_copy_ask(d, now, c, o);
	else if (c->state == GYL__DNS_COPY_OPENING)
		gyl__dns_copy_failed(d, now, c, "cannot be reached", o);
	else if (c->state == GYL__DNS_COPY_ASKED)
		gyl__dns_copy_failed(d, now, c,
			now.mono_ns < c->end_ns ? "says nothing for too long" : "takes too long",
			o);
}

/* One slice for all of them: the loop has others to serve. */
static void work_any(struct gyl_dns *d, struct gyl_now now, struct gyl_out *o)
{
	for (unsigned i = 0; i < GYL_DNS_COPY_MAX; i++) {
		struct gyl__dns_copy *c = &d->copy[(d->copy_turn + i) % GYL_DNS_COPY_MAX];

		if (!c->used || c->work == GYL__DNS_WORK_NONE ||
			!gyl_out_room(o, &gyl__dns_copy_cost))
			continue;
		d->copy_turn = (uint8_t)(c - d->copy + 1);
		work(d, now, c, o);
		return;
	}
}

void gyl__dns_copy_tick(struct gyl_dns *d, struct gyl_now now, struct gyl_out *o)
{
	d->copy_changed = false;
	if (d->forward.rng == NULL)
		return;
	for (unsigned i = 0; i < GYL_DNS_COPY_MAX && gyl_out_room(o, &gyl__dns_copy_cost); i++)
		if (d->copy[i].used)
			tick_one(d, now, &d->copy[i], o);
	work_any(d, now, o);
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
		if (c->keeping || c->work != GYL__DNS_WORK_NONE)
			return 0;
		if (c->state != GYL__DNS_COPY_CLOSING)
			at = gyl_time_min(at, c->at_ns);
		if (c->take.z != NULL && !c->take.z->hidden)
			at = gyl_time_min(at, c->expire_ns);
	}
	return at;
}
