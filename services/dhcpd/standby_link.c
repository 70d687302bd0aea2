/* SPDX-License-Identifier: ISC */

/* The connection: the second server opens it, the first listens. Who serves is settled anew in
 * each. */

#include <gyl/rng.h>
#include <gyl/time.h>

#include "services/dhcpd/standby.h"
#include "services/dhcpd/state.h"

enum {
	LOST_MS = 3000,  /* nothing heard for so long: the connection is cut */
	LATE_MS = 2000,  /* a frame not answered for so long: the other is too slow */
	AGAIN_MS = 1000, /* between two attempts */
	TELL_S = 30,     /* between two reasons why they failed */
	FRAME_RECORDS = 17,
	FLOW_MAX = 0xffff
};

enum state_flag { /* of a STATE frame */
	STATE_FIRST = 1,
	STATE_SERVES = 2,
	STATE_HAS_MODE = 4,
	STATE_ELIGIBLE = 8 /* it may take over when it hears nothing */
};

/* What a frame may cause at worst: its records taken and told, a change of role, an answer. */
static const struct gyl_cost frame_cost = {
	.send_cnt = 2,
	.op_cnt = GYL_DHCPD_SERVICE_MAX + 1,
	.event_cnt = FRAME_RECORDS + 4,
	.store_len = FRAME_RECORDS *
			     (GYL_DHCPD_KEY_LEN_MAX + GYL_DHCPD_VAL_LEN_MAX + GYL_OUT_RECORD_HEAD) +
		     1024,
};

/* ---- saying ---- */

uint8_t *gyl__dhcpd_link_begin(
	struct gyl_dhcpd *d, struct gyl_out *o, uint64_t after, struct gyl_writer *ret_w)
{
	struct gyl_dhcpd_standby *s = d->standby;
	size_t cap;
	uint8_t *buf;

	/* Frames leave in their order: none overtakes one that waits for the store. */
	if (after > s->said_after)
		s->said_after = after;
	buf = gyl_out_send(o, s->port, &s->peer, s->flow, s->said_after, &cap);
	gyl_replica_body(ret_w, buf);
	return buf;
}

void gyl__dhcpd_link_end(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, uint8_t type,
	const struct gyl_writer *w, uint8_t *buf)
{
	struct gyl_dhcpd_standby *s = d->standby;
	size_t len = gyl_replica_seal(&s->replica, type, w, buf);

	gyl_out_sent(o, len);
	s->room -= len < s->room ? (uint32_t)len : s->room;
	s->said_ns = now.mono_ns;
}

static void say_plain(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, uint8_t type)
{
	struct gyl_writer w;
	uint8_t *buf = gyl__dhcpd_link_begin(d, o, 0, &w);

	gyl__dhcpd_link_end(d, now, o, type, &w, buf);
}

static bool will_serve(const struct gyl_dhcpd *d)
{
	return gyl__dhcpd_serves(d) || d->standby->role == GYL_DHCPD_ROLE_CLOSING;
}

/* Might it serve when it hears nothing? */
static bool may_begin(const struct gyl_dhcpd_standby *s)
{
	return s->eligible || (s->cf.first && !s->has_mode);
}

void gyl__dhcpd_link_say_state(
	struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, uint64_t after)
{
	const struct gyl_dhcpd_standby *s = d->standby;
	struct gyl_writer w;
	uint8_t *buf = gyl__dhcpd_link_begin(d, o, after, &w);

	gyl_put_u8(
		&w, (uint8_t)((s->cf.first ? STATE_FIRST : 0) | (will_serve(d) ? STATE_SERVES : 0) |
			      (s->has_mode ? STATE_HAS_MODE : 0) |
			      (may_begin(s) ? STATE_ELIGIBLE : 0)));
	gyl_put_u8(&w, (uint8_t)s->own_cnt);
	for (uint32_t i = 0; i < s->own_cnt; i++) {
		gyl_put_u32(&w, s->own[i].ip);
		gyl_put_u8(&w, (uint8_t)s->own[i].prefix);
	}
	gyl__dhcpd_link_end(d, now, o, GYL_DHCPD_FRAME_STATE, &w, buf);
}

/* ---- beginning and end ---- */

/* Why the two do not come together, once each; a change of role says it by itself. */
static void tell_why(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, const char *why)
{
	struct gyl_dhcpd_standby *s = d->standby;

	/* A first that waits calls nobody, if all is well. */
	if (s->phase == GYL_DHCPD_LINK_LIVE || why == s->told || s->clash ||
		(s->refused && s->cf.first) ||
		(s->told != NULL && gyl_time_sub(now.mono_ns, s->told_ns) < TELL_S * GYL_NS_PER_S))
		return;
	s->told = why;
	s->told_ns = now.mono_ns;
	gyl__dhcpd_standby_say(d, o, GYL_SEV_WARNING, why);
}

void gyl__dhcpd_link_close(
	struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, const char *why)
{
	struct gyl_dhcpd_standby *s = d->standby;

	if (s->flow != 0)
		gyl_out_flow(o, s->flow, GYL_FLOW_RESET, NULL);
	s->flow = 0;
	s->open_at_ns = gyl_time_add(now.mono_ns, gyl_time_from_ms(AGAIN_MS));
	gyl_replica_end(&s->replica);
	tell_why(d, now, o, why);
	gyl__dhcpd_standby_cut(d, now, o, why);
}

static void begin(
	struct gyl_dhcpd *d, struct gyl_now now, const struct gyl_in *in, struct gyl_out *o)
{
	struct gyl_dhcpd_standby *s = d->standby;
	uint8_t nonce[GYL_REPLICA_NONCE_LEN];
	size_t cap;
	uint8_t *buf;

	s->flow = in->flow;
	s->port = in->port;
	s->peer = in->peer;
	s->room = in->room;
	s->heard_ns = s->up_ns = now.mono_ns;
	s->phase = GYL_DHCPD_LINK_OPENING;
	s->refused = false;
	s->taken_no = 0;
	s->leads = false;
	s->said_after = 0;
	if (gyl_rng_read(s->cf.rng, nonce, sizeof nonce) != GYL_CRYPTO_OK) {
		gyl__dhcpd_link_close(d, now, o, "no randomness yet");
		return;
	}
	buf = gyl_out_send(o, s->port, &s->peer, s->flow, 0, &cap);
	gyl_replica_begin(&s->replica, in->flow <= FLOW_MAX, nonce, buf);
	gyl_out_sent(o, GYL_REPLICA_HELLO_LEN);
}

/* A stranger, or the other while its last connection still speaks, is not let in. */
static bool is_welcome(const struct gyl_dhcpd *d, struct gyl_now now, const struct gyl_in *in)
{
	const struct gyl_dhcpd_standby *s = d->standby;

	if (!s->cf.first || in->peer.ip != s->cf.peer_ip || s->role == GYL_DHCPD_ROLE_BOOT)
		return false;
	return s->flow == 0 || !s->replica.proven ||
	       gyl_time_sub(now.mono_ns, s->heard_ns) >= gyl_time_from_ms(AGAIN_MS);
}

static void opened(
	struct gyl_dhcpd *d, struct gyl_now now, const struct gyl_in *in, struct gyl_out *o)
{
	struct gyl_dhcpd_standby *s = d->standby;

	if (in->flow == s->flow) {
		begin(d, now, in, o);
		return;
	}
	if (!is_welcome(d, now, in)) {
		gyl_out_flow(o, in->flow, GYL_FLOW_RESET, NULL);
		return;
	}
	if (s->flow != 0)
		gyl__dhcpd_link_close(d, now, o, "the other has opened another connection");
	begin(d, now, in, o);
}

/* The second server does. A first that waits, too: if somebody listens there, both are configured
 * to be the first, and would never hear of each other otherwise. */
static bool calls(const struct gyl_dhcpd_standby *s)
{
	return !s->cf.first || s->role == GYL_DHCPD_ROLE_WAIT;
}

static void dial(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o)
{
	struct gyl_dhcpd_standby *s = d->standby;
	struct gyl_peer to = {.ip = s->cf.peer_ip, .port = s->cf.peer_port};

	s->dialled = s->dialled % FLOW_MAX + 1;
	s->flow = s->dialled;
	s->heard_ns = now.mono_ns;
	s->phase = GYL_DHCPD_LINK_OPENING;
	gyl_out_flow(o, s->flow, GYL_FLOW_OPEN_TCP, &to);
}

/* ---- who serves ---- */

static void be_copy(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, const char *why)
{
	struct gyl_dhcpd_standby *s = d->standby;
	bool fresh = !s->has_mode;

	s->phase = GYL_DHCPD_LINK_REST;
	s->eligible = false;
	s->all = s->mixed = false;
	gyl__dhcpd_arp_leave(d, o);
	gyl__dhcpd_standby_role(d, o, GYL_DHCPD_ROLE_WAIT, why);
	if (fresh) /* from now on there is something that it could not know */
		gyl__dhcpd_standby_store_mode(d, now, o);
}

static void both_serve(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o)
{
	struct gyl_dhcpd_standby *s = d->standby;

	s->phase = GYL_DHCPD_LINK_REST;
	if (s->cf.first)
		return;
	gyl__dhcpd_arp_leave(d, o);
	gyl__dhcpd_standby_role(d, o, GYL_DHCPD_ROLE_MERGING, "the first serves, too");
	gyl__dhcpd_copy_begin(d, now, GYL_DHCPD_LINK_MERGE);
}

/* We are to serve, when the other has said that it will not do so by itself. */
static void lead(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, uint8_t theirs)
{
	struct gyl_dhcpd_standby *s = d->standby;

	s->phase = GYL_DHCPD_LINK_REST;
	if ((theirs & (STATE_ELIGIBLE | STATE_SERVES)) != 0)
		return;
	s->leads = false;
	s->all = true; /* it is silent, and will not serve without us */
	gyl__dhcpd_standby_begin_alone(d, now, o, "the other does not serve");
	gyl__dhcpd_copy_begin(d, now, GYL_DHCPD_LINK_SEND);
}

/* We serve and the other does not: it gave all that it had before it noted down that it waits. */
static void give_all(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o)
{
	struct gyl_dhcpd_standby *s = d->standby;

	if (s->mixed) {
		s->mixed = false;
		gyl__dhcpd_part_trust(d);
		gyl__dhcpd_standby_store_mode(d, now, o);
	}
	gyl__dhcpd_copy_begin(d, now, GYL_DHCPD_LINK_SEND);
}

static void none_serves(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, uint8_t theirs)
{
	struct gyl_dhcpd_standby *s = d->standby;
	bool their_mode = (theirs & STATE_HAS_MODE) != 0, could = may_begin(s);

	if (s->has_mode != their_mode ? s->has_mode : s->cf.first) {
		s->leads = true;
		lead(d, now, o, theirs);
		return;
	}
	be_copy(d, now, o, "the other is to serve");
	if (could)
		gyl__dhcpd_link_say_state(d, now, o, s->after);
}

static void decide(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, uint8_t theirs)
{
	bool they = (theirs & STATE_SERVES) != 0, we = will_serve(d);

	if (we && they)
		both_serve(d, now, o);
	else if (we)
		give_all(d, now, o);
	else if (they)
		be_copy(d, now, o, "the other serves");
	else
		none_serves(d, now, o, theirs);
}

/* Both are the first, or the second. The connection is left to end by itself, for the other has to
 * hear of it, too. */
static bool is_clash(struct gyl_dhcpd *d, struct gyl_out *o, uint8_t theirs)
{
	struct gyl_dhcpd_standby *s = d->standby;
	bool clash = ((theirs & STATE_FIRST) != 0) == s->cf.first;

	if (clash && !s->clash)
		gyl__dhcpd_standby_say(d, o, GYL_SEV_ERR,
			"one of the two, and not both, is to be the first: see standby_as");
	s->clash = clash;
	if (clash)
		s->phase = GYL_DHCPD_LINK_REST;
	return clash;
}

static void tell_crowd(struct gyl_dhcpd *d, struct gyl_out *o)
{
	_Static_assert(GYL_DHCPD_SERVICE_MAX == 16, "the sentence says so");

	if (!d->standby->crowded)
		gyl__dhcpd_standby_say(d, o, GYL_SEV_ERR,
			"it has more than 16 addresses: those above are not taken over; name the networks to serve in dhcpd.interfaces");
	d->standby->crowded = true;
}

static const char *take_state(
	struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o, struct gyl_view body)
{
	struct gyl_dhcpd_standby *s = d->standby;

	if (body.len < 2 || body.len != 2u + 5u * body.p[1])
		return "a frame that makes no sense";
	if (is_clash(d, o, body.p[0]))
		return NULL;
	if (!gyl__dhcpd_arp_note(d, gyl_view_sub(body, 2, body.len)) && !s->cf.first)
		tell_crowd(d, o);
	if (s->phase == GYL_DHCPD_LINK_STATE)
		decide(d, now, o, body.p[0]);
	else if (s->phase == GYL_DHCPD_LINK_REST && s->leads)
		lead(d, now, o, body.p[0]);
	else if (s->phase == GYL_DHCPD_LINK_REST && will_serve(d) &&
		 (body.p[0] & STATE_SERVES) == 0)
		give_all(d, now, o);
	return NULL;
}

/* ---- hearing ---- */

static void take_yield(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o)
{
	struct gyl_dhcpd_standby *s = d->standby;

	if (s->role != GYL_DHCPD_ROLE_STANDBY)
		return;
	s->all = true; /* it waits from now on, and we have all that it said */
	gyl__dhcpd_standby_begin_alone(d, now, o, "the other has stepped back");
	gyl__dhcpd_link_close(d, now, o, "roles change");
}

/* NULL, or why the connection is to be closed. */
static const char *frame(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o,
	const struct gyl_replica_frame *f)
{
	struct gyl_dhcpd_standby *s = d->standby;
	bool good = true;

	switch (f->type) {
	case GYL_DHCPD_FRAME_STATE:
		return take_state(d, now, o, f->body);
	case GYL_DHCPD_FRAME_DATA:
		good = gyl__dhcpd_copy_take(d, now, o, f->body);
		break;
	case GYL_DHCPD_FRAME_ACK:
		good = gyl__dhcpd_copy_acked(d, now, o, f->body);
		break;
	case GYL_DHCPD_FRAME_ASK:
		if (s->role == GYL_DHCPD_ROLE_BOTH)
			gyl__dhcpd_standby_role(
				d, o, GYL_DHCPD_ROLE_YIELDING, "the other asks to serve");
		break;
	case GYL_DHCPD_FRAME_YIELD:
		take_yield(d, now, o);
		break;
	default:
		good = false;
	}
	return good ? NULL : "a frame that makes no sense";
}

/* One thing of what came. False: the rest has to wait, or there is none. */
static bool take_one(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_in *in, struct gyl_out *o)
{
	struct gyl_dhcpd_standby *s = d->standby;
	struct gyl_replica_frame f;
	const char *why = NULL;
	size_t used;

	switch (gyl_replica_take(
		&s->replica, gyl_view_sub(in->data, in->used, in->data.len), &used, &f)) {
	case GYL_REPLICA_MORE:
		return false;
	case GYL_REPLICA_HELLOED:
		s->phase = GYL_DHCPD_LINK_STATE;
		gyl__dhcpd_link_say_state(d, now, o, 0);
		break;
	case GYL_REPLICA_FRAME:
		s->heard_ns = s->alive_ns = s->word_ns = now.mono_ns;
		why = frame(d, now, o, &f);
		break;
	default:
		why = s->replica.proven ? "a frame that is not the other's"
					: "it does not know our secret";
	}
	in->used += (uint32_t)used;
	if (why != NULL)
		gyl__dhcpd_link_close(d, now, o, why);
	return s->flow == in->flow;
}

static const char *why_gone(const struct gyl_dhcpd_standby *s)
{
	if (s->refused)
		return "nobody listens there";
	/* Who cannot prove that it has the secret is closed, and never told why. */
	if (s->phase == GYL_DHCPD_LINK_STATE && !s->replica.proven)
		return "it has closed when the secret was shown: the two may differ";
	return "the other is gone";
}

bool gyl__dhcpd_link_input(
	struct gyl_dhcpd *d, struct gyl_now now, struct gyl_in *in, struct gyl_out *o)
{
	struct gyl_dhcpd_standby *s = d->standby;

	if (!gyl_out_room(o, &frame_cost))
		return false;
	if (in->kind == GYL_IN_OPENED) {
		opened(d, now, in, o);
		return true;
	}
	if (in->flow != s->flow || in->flow == 0) {
		in->used = (uint32_t)in->data.len;
		return true;
	}
	s->room = in->room;
	in->used = 0;
	while (in->data.len != 0 && take_one(d, now, in, o))
		if (!gyl_out_room(o, &frame_cost))
			return false;
	if (s->flow != in->flow) {
		in->used = (uint32_t)in->data.len;
	} else if (in->kind == GYL_IN_EOF || in->kind == GYL_IN_CLOSED) {
		s->refused =
			s->phase == GYL_DHCPD_LINK_OPENING && s->replica.state == GYL_REPLICA_IDLE;
		if (in->kind == GYL_IN_CLOSED)
			s->flow = 0;
		gyl__dhcpd_link_close(d, now, o, why_gone(s));
	}
	return true;
}

/* ---- time ---- */

static const char *is_over(const struct gyl_dhcpd_standby *s, uint64_t now_ns)
{
	const struct gyl_dhcpd_sent *f = &s->flight[s->flight_acked % GYL_DHCPD_SENT_MAX];

	if (s->overflow)
		return "it cannot follow";
	if (s->adrift)
		return "its clock goes at another pace than ours";
	if (gyl_time_sub(now_ns, s->heard_ns) >= gyl_time_from_ms(LOST_MS))
		return "nothing is heard of it";
	if (s->flight_acked != s->flight_end &&
		gyl_time_sub(now_ns, f->sent_ns) >= gyl_time_from_ms(LATE_MS))
		return "it takes too long to store";
	return NULL;
}

/* All that we know the other knows. */
static bool is_known(const struct gyl_dhcpd_standby *s)
{
	return s->role == GYL_DHCPD_ROLE_BOTH && s->pend_acked == s->pend_end;
}

static void step_back(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o)
{
	struct gyl_dhcpd_standby *s = d->standby;

	if (s->pend_acked != s->pend_end || s->flight_acked != s->flight_end)
		return;
	say_plain(d, now, o, GYL_DHCPD_FRAME_YIELD);
	gyl_out_gate(o, UINT64_MAX);
	be_copy(d, now, o, "the other serves");
}

void gyl__dhcpd_link_tick(struct gyl_dhcpd *d, struct gyl_now now, struct gyl_out *o)
{
	struct gyl_dhcpd_standby *s = d->standby;
	const char *why;

	if (!gyl_out_room(o, &frame_cost) || s->role == GYL_DHCPD_ROLE_BOOT)
		return;
	if (s->phase == GYL_DHCPD_LINK_DOWN) {
		if (calls(s) && now.mono_ns >= s->open_at_ns)
			dial(d, now, o);
		return;
	}
	why = is_over(s, now.mono_ns);
	if (why != NULL) {
		s->refused = false;
		gyl__dhcpd_link_close(d, now, o, why);
		return;
	}
	if (s->cleaning)
		gyl__dhcpd_copy_clean(d, now, o);
	if (s->ask && s->role == GYL_DHCPD_ROLE_STANDBY) {
		s->ask = false;
		say_plain(d, now, o, GYL_DHCPD_FRAME_ASK);
	}
	if (is_known(s) && !d->change.on)
		gyl__dhcpd_set_tidy(d, o, FRAME_RECORDS);
	gyl__dhcpd_copy_pump(d, now, o);
	if (s->role == GYL_DHCPD_ROLE_YIELDING)
		step_back(d, now, o);
}

uint64_t gyl__dhcpd_link_deadline_ns(const struct gyl_dhcpd *d)
{
	const struct gyl_dhcpd_standby *s = d->standby;
	uint64_t at;

	if (s->phase == GYL_DHCPD_LINK_DOWN)
		return calls(s) ? s->open_at_ns : UINT64_MAX;
	if (s->overflow || s->adrift || s->ask || s->role == GYL_DHCPD_ROLE_YIELDING)
		return 0;
	at = gyl_time_min(gyl__dhcpd_copy_deadline_ns(d),
		gyl_time_add(s->heard_ns, gyl_time_from_ms(LOST_MS)));
	if (s->flight_acked == s->flight_end)
		return at;
	return gyl_time_min(
		at, gyl_time_add(s->flight[s->flight_acked % GYL_DHCPD_SENT_MAX].sent_ns,
			    gyl_time_from_ms(LATE_MS)));
}
