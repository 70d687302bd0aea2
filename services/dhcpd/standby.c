/* SPDX-License-Identifier: ISC */

/* The roles: services/dhcpd/docs/standby.md, "States". */

#include "services/dhcpd/standby.h"

#include <gyl/text.h>
#include <gyl/time.h>

#include "services/dhcpd/state.h"
#include "services/dhcpd/word.h"

enum {
	SLICE = 16,         /* undone leases that are stored in one tick */
	MODE_LEN_MAX = 512, /* of the record of the role */
	FIRST_WAIT_S = 10,  /* a first that never met its other looks for it so long */
	MARGIN_S = 12       /* ends and cuts are stored in whole seconds, more than once, and a step
			       of the clock up to 10 s is none (run_clock.c) */
};

static const char mode_key[] = "dhcpd/standby";

static const struct gyl_cost slice_cost = {
	.event_cnt = 2,
	.op_cnt = GYL_DHCPD_SERVICE_MAX,
	.store_len = SLICE * (GYL_DHCPD_KEY_LEN_MAX + GYL_DHCPD_VAL_LEN_MAX + GYL_OUT_RECORD_HEAD) +
		     GYL_DHCPD_KEY_LEN_MAX + MODE_LEN_MAX + GYL_OUT_RECORD_HEAD,
};

static size_t aligned(size_t len)
{
	return (len + 15) & ~(size_t)15;
}

size_t gyl__dhcpd_standby_need(uint32_t slot_cap)
{
	return aligned(sizeof(struct gyl_dhcpd_standby)) +
	       aligned(((size_t)slot_cap + 1) * sizeof(struct gyl_dhcpd_mark));
}

bool gyl__dhcpd_standby_init(
	struct gyl_dhcpd *d, void *mem, const struct gyl_dhcpd_standby_env *env)
{
	struct gyl_dhcpd_standby *s = mem;

	s->cf = *env;
	s->cf.secret = gyl_view(NULL, 0);
	s->mark = (void *)((uint8_t *)mem + aligned(sizeof *s));
	if (!gyl_replica_init(&s->replica, env->secret))
		return false;
	d->standby = s;
	gyl__dhcpd_arp_init(d);
	return true;
}

bool gyl__dhcpd_serves(const struct gyl_dhcpd *d)
{
	return d->standby == NULL || d->standby->role == GYL_DHCPD_ROLE_BOTH ||
	       d->standby->role == GYL_DHCPD_ROLE_ALONE;
}

const char *gyl__dhcpd_role_name(uint8_t role)
{
	static const char *const name[] = {"starting", "waiting", "standby", "serving", "closing",
		"alone", "merging", "yielding"};

	return name[role];
}

void gyl__dhcpd_standby_say(
	const struct gyl_dhcpd *d, struct gyl_out *o, uint8_t severity, const char *why)
{
	const struct gyl_dhcpd_standby *s = d->standby;
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_DHCPD_STANDBY);
	e.severity = severity < e.severity ? severity : e.severity;
	gyl_event_str(&e, "role", gyl_view_str(gyl__dhcpd_role_name(s->role)));
	gyl_event_ip(&e, "peer", s->cf.peer_ip);
	gyl_event_str(&e, "reason", gyl_view_str(why));
	gyl_out_event(o, &e, 0);
}

void gyl__dhcpd_standby_role(struct gyl_dhcpd *d, struct gyl_out *o, uint8_t role, const char *why)
{
	bool warn = role == GYL_DHCPD_ROLE_CLOSING || role == GYL_DHCPD_ROLE_ALONE;

	d->standby->role = role;
	d->standby->since_ns = d->mono_ns;
	gyl__dhcpd_standby_say(d, o, warn ? GYL_SEV_WARNING : GYL_SEV_DEBUG, why);
}

/*
 * ---- the record of the role ----
 *
 * "1 wait", "1 all", "1 alone LO HI", or "1 alone-mixed LO HI" when records of the other's half may
 * be what it told us since; and the other's addresses.
 */

static void print_time(struct gyl_writer *w, uint64_t at_ns, int64_t margin_s, struct gyl_now now)
{
	uint64_t wall_ns = now.wall_ns + (at_ns - now.mono_ns);

	gyl_text_char(w, ' ');
	gyl_time_print_rfc3339(w, wall_ns + (uint64_t)margin_s * GYL_NS_PER_S, 0);
}

static void print_mode(struct gyl_writer *w, const struct gyl_dhcpd_standby *s, struct gyl_now now)
{
	/* From GO on the other may count on us to wait. */
	bool alone = s->role == GYL_DHCPD_ROLE_CLOSING || s->role == GYL_DHCPD_ROLE_MERGING ||
		     (s->role == GYL_DHCPD_ROLE_ALONE && s->phase != GYL_DHCPD_LINK_GO);

	gyl_text_str(w, !alone     ? "1 wait"
			: s->all   ? "1 all"
			: s->mixed ? "1 alone-mixed"
				   : "1 alone");
	if (alone && !s->all) {
		/* Rounded down, and what is read back is rounded up: away from each other. */
		print_time(w, s->lo_ns, -MARGIN_S, now);
		print_time(w, s->hi_ns, MARGIN_S, now);
	}
	for (unsigned i = 0; i < s->service_cnt; i++) {
		gyl_text_char(w, ' ');
		gyl_text_ipv4(w, s->service[i].ip);
		gyl_text_char(w, '/');
		gyl_text_u64(w, s->service[i].prefix);
	}
}

void gyl__dhcpd_standby_store_mode(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o)
{
	struct gyl_dhcpd_standby *s = d->standby;
	uint8_t val[MODE_LEN_MAX];
	struct gyl_record rec = {.key = gyl_view_str(mode_key)};
	struct gyl_writer w;

	gyl_writer_init(&w, val, sizeof val);
	print_mode(&w, s, now);
	rec.val = gyl_writer_view(&w);
	s->lead_ns = now.wall_ns - now.mono_ns;
	s->after = gyl_out_store(o, &rec, 1);
	s->has_mode = s->has_mode || s->after != 0;
}

static bool parse_time(struct gyl_view v, struct gyl_now now, uint64_t *ret_ns)
{
	uint64_t wall_ns;

	if (gyl_failed(gyl_time_parse_rfc3339(v, &wall_ns)))
		return false;
	*ret_ns = now.mono_ns + (wall_ns - now.wall_ns);
	return true;
}

static bool parse_service(struct gyl_view v, struct gyl_dhcpd_iface *ret)
{
	const uint8_t *slash = memchr(v.p, '/', v.len);
	size_t at = slash == NULL ? 0 : (size_t)(slash - v.p);
	uint64_t prefix;

	if (gyl_failed(gyl_parse_ipv4(gyl_view_sub(v, 0, at), &ret->ip)) ||
		gyl_failed(gyl_parse_u64(gyl_view_sub(v, at + 1, v.len), 32, &prefix)))
		return false;
	ret->prefix = (uint32_t)prefix;
	return true;
}

bool gyl__dhcpd_standby_restore(
	struct gyl_dhcpd *d, struct gyl_now now, struct gyl_view key, struct gyl_view val)
{
	struct gyl_dhcpd_standby *s = d->standby;
	struct gyl_view mode;

	if (!gyl_view_eq(key, gyl_view_str(mode_key)))
		return false;
	if (s == NULL || !gyl_view_eq(gyl__dhcpd_word(&val), gyl_view_str("1")))
		return true;
	mode = gyl__dhcpd_word(&val);
	s->has_mode = true;
	s->lead_ns = now.wall_ns - now.mono_ns; /* a clock may be set before the first tick */
	s->all = gyl_view_eq(mode, gyl_view_str("all"));
	s->mixed = gyl_view_eq(mode, gyl_view_str("alone-mixed"));
	s->was_alone = (s->mixed || gyl_view_eq(mode, gyl_view_str("alone"))) &&
		       parse_time(gyl__dhcpd_word(&val), now, &s->lo_ns) &&
		       parse_time(gyl__dhcpd_word(&val), now, &s->hi_ns);
	while (val.len != 0 && s->service_cnt < GYL_DHCPD_SERVICE_MAX &&
		parse_service(gyl__dhcpd_word(&val), &s->service[s->service_cnt]))
		s->service_cnt++;
	return true;
}

/* ---- alone ---- */

/* Silent until what it may do is noted down, so that another start knows it, too. */
static void close_books(struct gyl_dhcpd *d, struct gyl_out *o, const char *why)
{
	d->standby->close_at = 0;
	d->standby->after = 0;
	d->standby->eligible = false;
	gyl__dhcpd_standby_role(d, o, GYL_DHCPD_ROLE_CLOSING, why);
}

void gyl__dhcpd_standby_begin_alone(
	struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, const char *why)
{
	d->standby->mixed = false;
	if (d->standby->all)
		gyl__dhcpd_unpart_all(d);
	else
		gyl__dhcpd_part_all(d, now.mono_ns, false);
	close_books(d, o, why);
}

static void serve_alone(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, const char *why)
{
	gyl_out_gate(o, UINT64_MAX);
	gyl__dhcpd_arp_adopt(d, now, o);
	gyl__dhcpd_standby_role(d, o, GYL_DHCPD_ROLE_ALONE, why);
}

static void tick_closing(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o)
{
	struct gyl_dhcpd_standby *s = d->standby;

	if (s->after != 0) {
		if (o->stored >= s->after)
			serve_alone(d, now, o, "leases are on one machine only");
		return;
	}
	for (unsigned n = 0; s->close_at < d->slot_cnt && n < SLICE;) {
		uint32_t slot = ++s->close_at;
		struct gyl_dhcpd_mark *m = &s->mark[slot];

		if (!m->dirty)
			continue;
		m->dirty = false;
		n += d->lease[slot].ip != 0 && gyl__dhcpd_store(d, now, o, slot);
	}
	if (s->close_at >= d->slot_cnt)
		gyl__dhcpd_standby_store_mode(d, now, o);
}

void gyl__dhcpd_standby_cut(
	struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, const char *why)
{
	struct gyl_dhcpd_standby *s = d->standby;
	uint8_t phase = s->phase;

	s->phase = GYL_DHCPD_LINK_DOWN;
	s->pend_acked = s->pend_sent = s->pend_end = 0;
	s->flight_acked = s->flight_end = 0;
	s->begun = s->cleaning = s->overflow = s->adrift = false;
	if (s->role == GYL_DHCPD_ROLE_BOTH || s->role == GYL_DHCPD_ROLE_YIELDING) {
		gyl_out_gate_break(o);
		s->hi_ns = now.mono_ns;
		gyl__dhcpd_part_all(d, now.mono_ns, true);
		close_books(d, o, why);
	} else if (s->role == GYL_DHCPD_ROLE_ALONE && phase == GYL_DHCPD_LINK_GO) {
		close_books(d, o, why); /* parted already, as of then */
	} else if (s->role == GYL_DHCPD_ROLE_MERGING) {
		close_books(d, o, why); /* it may have begun before they were closed */
	} else if (s->role == GYL_DHCPD_ROLE_STANDBY && phase == GYL_DHCPD_LINK_LIVE) {
		s->alive_ns = now.mono_ns;
		gyl__dhcpd_standby_role(d, o, GYL_DHCPD_ROLE_STANDBY, why);
	}
}

void gyl__dhcpd_standby_lost(struct gyl_dhcpd *d)
{
	if (d->standby != NULL && d->standby->phase != GYL_DHCPD_LINK_DOWN)
		d->standby->overflow = true; /* what was to be said of it may be lost, too */
}

/* ---- time ---- */

static void tick_boot(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o)
{
	struct gyl_dhcpd_standby *s = d->standby;

	s->alive_ns = now.mono_ns;
	if (s->was_alone)
		gyl__dhcpd_part_all(d, now.mono_ns, false);
	if (s->mixed)
		gyl__dhcpd_part_doubt(d);
	if (s->was_alone || s->all)
		serve_alone(d, now, o, "as before the start");
	else
		gyl__dhcpd_standby_role(
			d, o, GYL_DHCPD_ROLE_WAIT, "it does not know what the other has done");
}

static uint64_t patience_ns(const struct gyl_dhcpd_standby *s)
{
	if (s->role == GYL_DHCPD_ROLE_STANDBY && s->eligible)
		return s->cf.takeover_ns;
	/* A first that was never one of two: there is nothing that it could not know. */
	if (!s->clash && s->role == GYL_DHCPD_ROLE_WAIT && s->cf.first && !s->has_mode)
		return s->cf.takeover_ns != 0 ? s->cf.takeover_ns : gyl_time_from_s(FIRST_WAIT_S);
	return 0;
}

/* When nothing was heard of the other for so long; UINT64_MAX: not by itself. */
static uint64_t takeover_at(const struct gyl_dhcpd_standby *s)
{
	uint64_t patience = patience_ns(s), from;

	if (patience == 0 || s->phase > GYL_DHCPD_LINK_OPENING)
		return UINT64_MAX;
	from = s->since_ns > s->alive_ns ? s->since_ns : s->alive_ns;
	return gyl_time_add(from, patience);
}

static void tick_takeover(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o)
{
	struct gyl_dhcpd_standby *s = d->standby;

	if (takeover_at(s) > now.mono_ns)
		return;
	s->all = s->role == GYL_DHCPD_ROLE_WAIT;
	gyl__dhcpd_standby_begin_alone(d, now, o, "nothing was heard of the other");
}

/* The clock was set. The leases' records are written again, and so is what is compared with them.
 */
static void tick_clock(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o)
{
	struct gyl_dhcpd_standby *s = d->standby;
	int64_t by_ns = (int64_t)(now.wall_ns - now.mono_ns - s->lead_ns);
	uint64_t after = s->after;

	if (!s->parted || s->phase == GYL_DHCPD_LINK_GO ||
		(s->role == GYL_DHCPD_ROLE_CLOSING && after == 0) ||
		(by_ns < (int64_t)GYL_NS_PER_S && by_ns > -(int64_t)GYL_NS_PER_S))
		return;
	gyl__dhcpd_standby_store_mode(d, now, o);
	if (s->after == 0)
		s->after = after;
}

void gyl__dhcpd_standby_tick(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o)
{
	struct gyl_dhcpd_standby *s = d->standby;

	if (s == NULL || !gyl_out_room(o, &slice_cost))
		return;
	if (s->role == GYL_DHCPD_ROLE_BOOT)
		tick_boot(d, now, o);
	tick_clock(d, now, o);
	gyl__dhcpd_link_tick(d, now, o);
	if (s->role == GYL_DHCPD_ROLE_CLOSING)
		tick_closing(d, now, o);
	else
		tick_takeover(d, now, o);
	gyl__dhcpd_arp_tick(d, now, o);
}

uint64_t gyl__dhcpd_standby_deadline_ns(const struct gyl_dhcpd *d)
{
	const struct gyl_dhcpd_standby *s = d->standby;
	uint64_t at;

	if (s == NULL)
		return UINT64_MAX;
	if (s->role == GYL_DHCPD_ROLE_BOOT || s->role == GYL_DHCPD_ROLE_CLOSING)
		return 0;
	at = gyl_time_min(takeover_at(s), gyl__dhcpd_link_deadline_ns(d));
	return gyl_time_min(at, gyl__dhcpd_arp_deadline_ns(d));
}

const char *gyl__dhcpd_standby_takeover(
	struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, bool all)
{
	struct gyl_dhcpd_standby *s = d->standby;

	if (s == NULL)
		return "no standby is configured";
	if (s->role == GYL_DHCPD_ROLE_BOOT)
		return "it is starting: ask again in a moment";
	if (s->clash)
		return "both servers are configured to be the first, or the second: change one";
	if (gyl__dhcpd_serves(d) && !(all && s->role == GYL_DHCPD_ROLE_ALONE && !s->all))
		return "it serves already";
	if (s->phase > GYL_DHCPD_LINK_OPENING) {
		if (s->role != GYL_DHCPD_ROLE_STANDBY)
			return "the two are being brought together: ask again in a moment";
		s->ask = true;
		return NULL;
	}
	/* Who does not know of the cut takes the operator's word that the other is down. */
	if (!all && s->role == GYL_DHCPD_ROLE_WAIT)
		return "it does not know what the other has done since: only with --all, when the "
		       "other is down and stays so";
	s->all = all;
	gyl__dhcpd_standby_begin_alone(d, now, o, "by command");
	return NULL;
}
