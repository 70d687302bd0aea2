/* SPDX-License-Identifier: ISC */

/*
 * Records on their way to the other server, and from it.
 *
 * A round begins with all records that there are, in slices, and what changes meanwhile behind
 * them; then GO, from which on the copy counts; then each record as it is made. A DATA frame has
 * flags, a time and records; the other answers with the number of such frames that it has taken and
 * stored. The time is ours, a clock that goes evenly as long as the connection lasts: whatever
 * ended or was changed before it, the other knows.
 */

#include <gyl/time.h>

#include "services/dhcpd/standby.h"
#include "services/dhcpd/state.h"

enum flag {
	FLAG_BEGIN = 1, /* of a round: what was told before does not count */
	FLAG_END = 2,   /* that was all there is */
	FLAG_GO = 4,    /* it counts */
	FLAG_MERGE = 8  /* a round of what was done while both served */
};

enum {
	RECORD_MAX = 16, /* in a frame */
	SLICE = 16,      /* forgotten in one tick */
	BEAT_MS = 500,   /* a frame at least so often */
	DRIFT_S = 5      /* the clocks may go apart by so much; a frame is under 2 s on its way */
};

static const struct gyl_cost frame_cost = {.send_cnt = 1};

/* ---- what there is to say ---- */

static struct gyl_dhcpd_pend *pend_at(struct gyl_dhcpd_standby *s, uint32_t n)
{
	return &s->pend[n % GYL_DHCPD_PEND_MAX];
}

/* Does what is said to clients wait for the other? */
static bool is_gated(const struct gyl_dhcpd_standby *s)
{
	return s->phase == GYL_DHCPD_LINK_GO || s->role == GYL_DHCPD_ROLE_BOTH ||
	       s->role == GYL_DHCPD_ROLE_YIELDING;
}

/* Do new records have to be said? */
static bool is_giving(const struct gyl_dhcpd_standby *s)
{
	return s->phase == GYL_DHCPD_LINK_SEND || is_gated(s);
}

/* Up to the record before the oldest that the other does not have. */
static void set_gate(struct gyl_dhcpd_standby *s, struct gyl_out *o)
{
	if (is_gated(s))
		gyl_out_gate(o, s->pend_acked == s->pend_end ? UINT64_MAX
							     : pend_at(s, s->pend_acked)->seq - 1);
}

void gyl__dhcpd_copy_push(struct gyl_dhcpd *d, struct gyl_out *o, struct gyl_dhcpd_pend p)
{
	struct gyl_dhcpd_standby *s = d->standby;

	if (!is_giving(s))
		return;
	if (s->pend_end - s->pend_acked == GYL_DHCPD_PEND_MAX) {
		s->overflow = true;
		return;
	}
	*pend_at(s, s->pend_end++) = p;
	set_gate(s, o);
}

void gyl__dhcpd_standby_note(struct gyl_dhcpd *d, struct gyl_out *o, uint32_t slot, uint64_t seq)
{
	struct gyl_dhcpd_standby *s = d->standby;

	if (s == NULL)
		return;
	if (s->mark[slot].both != d->lease[slot].hash)
		s->mark[slot].both = 0;
	gyl__dhcpd_copy_push(d, o,
		(struct gyl_dhcpd_pend){.slot = slot,
			.hash = d->lease[slot].hash,
			.seq = seq,
			.binding = s->mark[slot].binding});
}

void gyl__dhcpd_copy_begin(struct gyl_dhcpd *d, struct gyl_now now, uint8_t phase)
{
	struct gyl_dhcpd_standby *s = d->standby;

	s->phase = phase;
	s->at = s->set_at = 0;
	s->begun = s->ended = false;
	s->pend_acked = s->pend_sent = s->pend_end = 0;
	s->flight_acked = s->flight_end = 0;
	s->offset = now.wall_ns - now.mono_ns;
}

/* Also when it is offered to somebody: what its last record says is not over by that. */
static bool is_worth(const struct gyl_dhcpd_lease *l)
{
	return l->ip != 0 && !l->dropped && l->written_ns != 0 && l->state != GYL_DHCPD_OURS;
}

static bool put_slot(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_writer *w, uint32_t slot)
{
	uint8_t key[GYL_DHCPD_KEY_LEN_MAX], val[GYL_DHCPD_VAL_LEN_MAX];
	struct gyl_record rec;

	if (!is_worth(&d->lease[slot]))
		return true;
	now.wall_ns = now.mono_ns + d->standby->offset;
	gyl__dhcpd_record(d, now, slot, key, val, &rec);
	return gyl_replica_put_record(w, &rec);
}

/* Returns whether that was all. */
static bool put_all(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_writer *w)
{
	struct gyl_dhcpd_standby *s = d->standby;
	unsigned n;

	for (n = 0; s->at < d->slot_cnt && n < RECORD_MAX; n++) {
		while (s->at < d->slot_cnt && !is_worth(&d->lease[s->at + 1]))
			s->at++;
		if (s->at < d->slot_cnt && !put_slot(d, now, w, s->at + 1))
			return false;
		s->at += s->at < d->slot_cnt;
	}
	return s->at >= d->slot_cnt &&
	       gyl__dhcpd_set_put_all(d, w, RECORD_MAX - n, s->phase == GYL_DHCPD_LINK_MERGE);
}

static void put_pending(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_writer *w)
{
	struct gyl_dhcpd_standby *s = d->standby;

	for (unsigned n = 0; s->pend_sent != s->pend_end && n < RECORD_MAX; n++) {
		const struct gyl_dhcpd_pend *p = pend_at(s, s->pend_sent);

		if (p->of == GYL_DHCPD_PEND_LEASE ? !put_slot(d, now, w, p->slot)
						  : !gyl__dhcpd_set_put(d, w, p))
			return;
		s->pend_sent++;
	}
}

/* ---- saying it ---- */

static uint8_t *begin_data(
	struct gyl_dhcpd *d, struct gyl_out *o, uint64_t after, struct gyl_writer *ret_w)
{
	uint8_t *buf = gyl__dhcpd_link_begin(d, o, after, ret_w);

	gyl_put_zero(ret_w, 9); /* flags and time, when it is known what is in it */
	return buf;
}

static void end_data(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, uint8_t flags,
	struct gyl_writer *w, uint8_t *buf)
{
	struct gyl_dhcpd_standby *s = d->standby;
	struct gyl_dhcpd_sent *f = &s->flight[s->flight_end++ % GYL_DHCPD_SENT_MAX];

	/* What is not said yet was changed before now: an earlier time stands until it is. */
	if (s->pend_sent == s->pend_end || (flags & (FLAG_BEGIN | FLAG_GO)) != 0)
		s->sync_ns = now.mono_ns;
	w->p[0] = flags;
	gyl_set_u64(w->p + 1, s->sync_ns + s->offset);
	*f = (struct gyl_dhcpd_sent){.pend_end = s->pend_sent,
		.flags = flags,
		.sync_ns = s->sync_ns,
		.sent_ns = now.mono_ns};
	gyl__dhcpd_link_end(d, now, o, GYL_DHCPD_FRAME_DATA, w, buf);
}

static bool is_drained(const struct gyl_dhcpd_standby *s)
{
	return s->pend_sent == s->pend_end && s->flight_acked == s->flight_end;
}

static void say_some(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o)
{
	struct gyl_dhcpd_standby *s = d->standby;
	bool snapshot = s->phase == GYL_DHCPD_LINK_SEND || s->phase == GYL_DHCPD_LINK_MERGE;
	uint8_t flags = s->phase == GYL_DHCPD_LINK_MERGE ? FLAG_MERGE : 0;
	struct gyl_writer w;
	uint8_t *buf = begin_data(d, o, 0, &w);

	if (snapshot && !s->begun)
		flags |= FLAG_BEGIN;
	s->begun = true;
	if (snapshot && !s->ended) {
		s->ended = put_all(d, now, &w);
		flags |= s->ended ? FLAG_END : 0;
	} else {
		put_pending(d, now, &w);
	}
	end_data(d, now, o, flags, &w, buf);
}

/*
 * The other has all there is: from the answer to this on its copy counts. Until then we do what we
 * may when it counts already and we do not hear so.
 */
static void say_go(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o)
{
	struct gyl_dhcpd_standby *s = d->standby;
	struct gyl_writer w;
	uint8_t *buf;

	s->all = s->mixed = false;
	s->phase = GYL_DHCPD_LINK_GO;
	s->lo_ns = s->hi_ns = now.mono_ns;
	gyl__dhcpd_part_all(d, now.mono_ns, false);
	gyl__dhcpd_part_known(d);
	gyl__dhcpd_standby_store_mode(d, now, o);
	buf = begin_data(d, o, s->after, &w);
	end_data(d, now, o, FLAG_GO, &w, buf);
}

static bool is_due(const struct gyl_dhcpd *d, uint64_t now_ns)
{
	const struct gyl_dhcpd_standby *s = d->standby;

	switch (s->phase) {
	case GYL_DHCPD_LINK_SEND:
		return s->role == GYL_DHCPD_ROLE_ALONE &&
		       (!s->ended || s->pend_sent != s->pend_end || is_drained(s));
	case GYL_DHCPD_LINK_MERGE:
		return !s->ended;
	case GYL_DHCPD_LINK_LIVE:
		return s->role != GYL_DHCPD_ROLE_STANDBY &&
		       (s->pend_sent != s->pend_end ||
			       now_ns >= s->said_ns + gyl_time_from_ms(BEAT_MS));
	default:
		return false;
	}
}

static bool has_way(const struct gyl_dhcpd_standby *s)
{
	return s->flight_end - s->flight_acked < GYL_DHCPD_SENT_MAX &&
	       s->room >= GYL_REPLICA_FRAME_MAX;
}

void gyl__dhcpd_copy_pump(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o)
{
	static const struct gyl_cost go_cost = {.send_cnt = 1, .store_len = 1024};
	struct gyl_dhcpd_standby *s = d->standby;

	while (is_due(d, now.mono_ns) && has_way(s) && gyl_out_room(o, &frame_cost)) {
		bool go = s->phase == GYL_DHCPD_LINK_SEND && s->ended && is_drained(s);

		if (go && !gyl_out_room(o, &go_cost))
			return;
		if (go)
			say_go(d, now, o);
		else
			say_some(d, now, o);
	}
}

uint64_t gyl__dhcpd_copy_deadline_ns(const struct gyl_dhcpd *d)
{
	const struct gyl_dhcpd_standby *s = d->standby;

	if (s->cleaning || (has_way(s) && is_due(d, 0)))
		return 0;
	if (s->phase == GYL_DHCPD_LINK_LIVE && s->role != GYL_DHCPD_ROLE_STANDBY && has_way(s))
		return gyl_time_add(s->said_ns, gyl_time_from_ms(BEAT_MS));
	return UINT64_MAX;
}

/* ---- answers ---- */

static void known(struct gyl_dhcpd *d, const struct gyl_dhcpd_pend *p)
{
	uint32_t slot = p->of == GYL_DHCPD_PEND_LEASE ? p->slot : 0;
	const struct gyl_dhcpd_lease *l = &d->lease[slot];
	struct gyl_dhcpd_mark *m = &d->standby->mark[slot];

	/* Also when there is a later record of the same binding: its client was told of it now. */
	if (slot != 0 && l->state == GYL_DHCPD_LEASED && l->hash == p->hash &&
		m->binding == p->binding)
		m->both = p->hash;
}

static void go_acked(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o)
{
	struct gyl_dhcpd_standby *s = d->standby;

	s->phase = GYL_DHCPD_LINK_LIVE;
	s->told = NULL;
	gyl__dhcpd_unpart_all(d);
	gyl__dhcpd_arp_adopt(d, now, o);
	gyl__dhcpd_standby_role(d, o, GYL_DHCPD_ROLE_BOTH, "the other has all leases");
}

/* The other has what we did while both served, and serves: we are a copy from now on. */
static void merged(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o)
{
	struct gyl_dhcpd_standby *s = d->standby;

	s->all = false;
	s->phase = GYL_DHCPD_LINK_REST;
	/* The gate of the cut still stands when its books were not closed before the two met. */
	gyl_out_gate(o, UINT64_MAX);
	gyl__dhcpd_unpart_all(d);
	gyl__dhcpd_standby_role(d, o, GYL_DHCPD_ROLE_WAIT, "the other has what was done meanwhile");
	gyl__dhcpd_standby_store_mode(d, now, o);
	gyl__dhcpd_link_say_state(d, now, o, s->after);
}

bool gyl__dhcpd_copy_acked(
	struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, struct gyl_view body)
{
	struct gyl_dhcpd_standby *s = d->standby;
	uint8_t flags = 0;
	uint64_t no;

	if (body.len != 8)
		return false;
	no = gyl_get_u64(body.p);
	if (no - s->flight_acked > s->flight_end - s->flight_acked)
		return false;
	for (; s->flight_acked != no; s->flight_acked++) {
		const struct gyl_dhcpd_sent *f = &s->flight[s->flight_acked % GYL_DHCPD_SENT_MAX];

		for (; s->pend_acked != f->pend_end; s->pend_acked++)
			known(d, pend_at(s, s->pend_acked));
		flags |= f->flags;
		if (is_gated(s))
			s->lo_ns = f->sync_ns;
	}
	if ((flags & FLAG_GO) != 0)
		go_acked(d, now, o);
	if ((flags & FLAG_MERGE) != 0 && (flags & FLAG_END) != 0)
		merged(d, now, o);
	set_gate(s, o);
	return true;
}

/* ---- taking ---- */

/* What comes is younger than the cut, and a start could not tell it from what is not. */
static bool note_mixed(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o)
{
	struct gyl_dhcpd_standby *s = d->standby;

	if (s->mixed || s->all)
		return true;
	s->mixed = true;
	gyl__dhcpd_standby_store_mode(d, now, o);
	s->mixed = s->after != 0;
	return s->mixed;
}

static void begin_round(struct gyl_dhcpd *d, struct gyl_now now, uint64_t time_ns, bool merge)
{
	struct gyl_dhcpd_standby *s = d->standby;

	s->base = (struct gyl_now){now.mono_ns, time_ns};
	s->begun = true;
	s->cleaning = false;
	s->eligible = s->eligible && merge;
	for (uint32_t i = 1; i <= d->slot_cnt && !merge; i++)
		s->mark[i].stale = true;
	if (!merge)
		gyl__dhcpd_set_doubt(d);
}

static void say_taken(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o)
{
	struct gyl_dhcpd_standby *s = d->standby;
	struct gyl_writer w;
	uint8_t *buf = gyl__dhcpd_link_begin(d, o, s->after, &w);

	gyl_put_u32(&w, (uint32_t)(s->taken_no >> 32));
	gyl_put_u32(&w, (uint32_t)s->taken_no);
	gyl__dhcpd_link_end(d, now, o, GYL_DHCPD_FRAME_ACK, &w, buf);
}

/* Both served: of our half what we say counts, of the other's half what it says, and of what
 * either may have renewed the later end. Where that is in doubt, a client that we do not know to
 * have the address got it from the other. */
static bool is_ours_better(
	const struct gyl_dhcpd *d, const struct gyl_record *rec, struct gyl_now base)
{
	const struct gyl_dhcpd_mark *m;
	uint64_t end_ns;
	uint32_t ip, slot;
	bool anothers;

	if (!gyl__dhcpd_record_end(d, rec, base, &ip, &end_ns, &anothers))
		return true;
	slot = gyl__dhcpd_slot(d, ip);
	m = &d->standby->mark[slot];
	if (slot == 0 || m->part == GYL_DHCPD_MAY_ALL)
		return gyl__dhcpd_is_half(d, ip);
	return (m->part == GYL_DHCPD_MAY_HOLDER || (m->doubted && !anothers)) &&
	       (int64_t)(d->lease[slot].written_ns - end_ns) >= 0;
}

static bool take_record(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o,
	const struct gyl_record *rec, bool merge)
{
	static const char *const state[] = {[GYL_DHCPD_FREE] = "released",
		[GYL_DHCPD_LEASED] = "leased",
		[GYL_DHCPD_DECLINED] = "declined"};
	struct gyl_dhcpd_standby *s = d->standby;
	uint32_t slot;
	bool is;

	if (!gyl__dhcpd_set_take(d, now, o, rec, merge, &is))
		return false;
	if (is || (merge && is_ours_better(d, rec, s->base)))
		return true;
	slot = gyl__dhcpd_replace(d, now, s->base, rec);
	if (slot == 0)
		return true; /* of none of our subnets: nothing that we could answer for */
	s->mark[slot].stale = false;
	if (!gyl__dhcpd_store_again(d, now, o, slot))
		return false;
	s->after = d->lease[slot].seq;
	gyl__dhcpd_say_lease(
		d, now, o, slot, state[d->lease[slot].state], GYL_SEV_DEBUG, d->lease[slot].seq);
	return true;
}

static void take_go(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o)
{
	struct gyl_dhcpd_standby *s = d->standby;

	s->eligible = true;
	s->told = NULL;
	s->phase = GYL_DHCPD_LINK_LIVE;
	gyl__dhcpd_standby_role(d, o, GYL_DHCPD_ROLE_STANDBY, "it has all leases");
	gyl__dhcpd_standby_store_mode(d, now, o);
	s->ask = s->cf.first && s->cf.take_back;
}

/* A frame without records is of the other's now: by our clock it is not. Ends that were taken over
 * long ago are off by as much, so the two begin anew. */
static bool is_adrift(uint64_t theirs_ns, uint64_t ours_ns)
{
	int64_t by_ns = (int64_t)(ours_ns - theirs_ns);

	return by_ns > (int64_t)(DRIFT_S * GYL_NS_PER_S) ||
	       by_ns < -(int64_t)(DRIFT_S * GYL_NS_PER_S);
}

bool gyl__dhcpd_copy_take(
	struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, struct gyl_view body)
{
	struct gyl_dhcpd_standby *s = d->standby;
	uint8_t flags = body.len == 0 ? 0 : body.p[0];
	bool merge = (flags & FLAG_MERGE) != 0;
	struct gyl_record rec;
	uint64_t time_ns;
	unsigned n = 0;

	if (body.len < 9 ||
		(s->phase != GYL_DHCPD_LINK_REST && (s->phase != GYL_DHCPD_LINK_LIVE || merge)) ||
		gyl__dhcpd_serves(d) != merge)
		return false;
	time_ns = gyl_get_u64(body.p + 1);
	if ((flags & FLAG_BEGIN) != 0)
		begin_round(d, now, time_ns, merge);
	if (!s->begun || (merge && !note_mixed(d, now, o)))
		return false;
	for (body = gyl_view_sub(body, 9, body.len); gyl_replica_next_record(&body, &rec);)
		if (n++ == RECORD_MAX || !take_record(d, now, o, &rec, merge))
			return false;
	if ((flags & FLAG_GO) != 0)
		take_go(d, now, o);
	if (s->eligible && s->phase == GYL_DHCPD_LINK_LIVE) {
		s->lo_ns = s->hi_ns = s->base.mono_ns + (time_ns - s->base.wall_ns);
		s->adrift = n == 0 && is_adrift(s->lo_ns, now.mono_ns);
	}
	s->taken_no++;
	if ((flags & FLAG_END) != 0 && !merge) {
		s->cleaning = true;
		s->at = 0;
	}
	if (!s->cleaning)
		say_taken(d, now, o);
	return body.len == 0;
}

void gyl__dhcpd_copy_clean(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o)
{
	struct gyl_dhcpd_standby *s = d->standby;
	unsigned n = 0;

	while (s->at < d->slot_cnt && n < SLICE) {
		uint32_t slot = ++s->at;
		struct gyl_dhcpd_lease *l = &d->lease[slot];
		bool stale = s->mark[slot].stale;

		s->mark[slot].stale = false;
		if (!stale || !is_worth(l))
			continue;
		n++;
		gyl__dhcpd_name_drop(d, slot);
		gyl__dhcpd_client_bind(d, slot, NULL);
		gyl__dhcpd_slot_set(d, slot, GYL_DHCPD_FREE, 0);
		gyl__dhcpd_store_remove(d, o, slot);
		l->written_ns = 0;
	}
	if (s->at < d->slot_cnt || !gyl__dhcpd_set_clean(d, o, SLICE - n))
		return;
	s->cleaning = false;
	say_taken(d, now, o);
}
