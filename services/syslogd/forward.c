/* SPDX-License-Identifier: ISC */
#include "services/syslogd/forward.h"

#include <gyl/text.h>
#include <gyl/time.h>

#include "services/syslogd/forward_own.h"

enum {
	WAIT, /* for at_ns, to try */
	OPENING,
	OPEN
};

static const uint64_t pause_min_ns = GYL_NS_PER_S, pause_max_ns = GYL_NS_PER_MIN;
static const uint64_t open_ns = 10 * GYL_NS_PER_S; /* to connect in */
static const uint64_t good_ns = 10 * GYL_NS_PER_S; /* a connection that holds so long was good */
static const uint64_t silent_ns = 30 * GYL_NS_PER_S;

/* ---- links ---- */

bool gyl_syslogd_forward_add(struct gyl_syslogd_forward *f, struct gyl_syslogd_link *link,
	const struct gyl_syslogd_link_conf *cf, const struct gyl_syslogd_link_ops *ops, void *arg)
{
	uint32_t i = 0;

	while (i < f->link_cnt && f->link[i] != NULL)
		i++;
	if (i == GYL_SYSLOGD_LINK_MAX)
		return false;
	if (i == f->link_cnt)
		f->link_cnt++;
	f->link[i] = link;
	link->cf = *cf;
	link->ops = ops;
	link->arg = arg;
	link->pause_ns = pause_min_ns;
	return true;
}

void gyl_syslogd_forward_remove(struct gyl_syslogd_forward *f, struct gyl_syslogd_link *link)
{
	uint32_t i = 0;

	while (f->link[i] != link)
		i++;
	f->link[i] = NULL;
	if (link->state != WAIT && f->stale_cnt < GYL_SYSLOGD_LINK_MAX)
		f->stale[f->stale_cnt++] = link->flow;
}

static bool same_place(const struct gyl_syslogd_link *l, const struct gyl_syslogd_link_conf *cf)
{
	const struct gyl_syslogd_place *old = &l->cf.place[l->place];

	for (unsigned i = 0; i < cf->place_cnt; i++)
		if (cf->place[i].ip == old->ip && cf->place[i].port == old->port)
			return l->place == i && cf->way == l->cf.way &&
			       cf->framing == l->cf.framing && cf->tls == l->cf.tls;
	return false;
}

void gyl_syslogd_forward_change(
	struct gyl_syslogd_link *link, const struct gyl_syslogd_link_conf *cf)
{
	link->anew = !same_place(link, cf);
	link->cf = *cf;
}

/* ---- what is told ---- */

static void event_begin(
	struct gyl_event *e, enum gyl_event_kind kind, const struct gyl_syslogd_link *l)
{
	const struct gyl_syslogd_place *to = &l->cf.place[l->place];

	gyl_event_init(e, kind);
	gyl_event_str(e, "output", gyl_view_str(l->cf.name));
	gyl_event_ip(e, "ip", to->ip);
	gyl_event_u64(e, "port", to->port);
	gyl_event_u64(e, "count", l->ops->waiting(l->arg));
}

static void say_up(struct gyl_syslogd_link *l, struct gyl_out *o)
{
	struct gyl_event e;

	if (l->told_up)
		return;
	event_begin(&e, GYL_EV_SYSLOGD_UP, l);
	gyl_out_event(o, &e, 0);
	l->told_up = true;
	l->told_down = false;
}

static void say_down(struct gyl_syslogd_link *l, struct gyl_view reason, struct gyl_out *o)
{
	struct gyl_event e;

	if (l->told_down)
		return;
	event_begin(&e, GYL_EV_SYSLOGD_DOWN, l);
	gyl_event_str(&e, "reason", reason);
	gyl_out_event(o, &e, 0);
	l->told_down = true;
	l->told_up = false;
}

/* ---- connections ---- */

/* The pause before the next try, less a random part of it. */
static uint64_t pause_of(struct gyl_syslogd_forward *f, const struct gyl_syslogd_link *l)
{
	uint64_t less;

	if (f->rng == NULL || gyl_rng_below(f->rng, l->pause_ns / 4, &less) != GYL_CRYPTO_OK)
		less = 0;
	return l->pause_ns - less;
}

/* It ended or never began. Costs an event. */
static void down(struct gyl_syslogd_forward *f, struct gyl_syslogd_link *l, struct gyl_now now,
	struct gyl_view reason, struct gyl_out *o)
{
	bool good = l->state == OPEN && (l->acked != 0 || now.mono_ns - l->up_ns >= good_ns);

	say_down(l, reason, o);
	l->stat.fail_cnt++;
	l->stat.again_cnt += gyl__forward_forget(l);
	l->state = WAIT;
	l->is_up = false;
	l->at_ns = now.mono_ns;
	if (good) {
		l->pause_ns = pause_min_ns;
	} else {
		l->place = (uint8_t)((l->place + 1) % l->cf.place_cnt);
		if (l->place != 0)
			return; /* the next one at once */
	}
	l->at_ns += pause_of(f, l);
	l->pause_ns = gyl_time_min(2 * l->pause_ns, pause_max_ns);
}

/* Costs an operation and an event. */
static void give_up(struct gyl_syslogd_forward *f, struct gyl_syslogd_link *l, struct gyl_now now,
	const char *reason, struct gyl_out *o)
{
	gyl_out_flow(o, l->flow, GYL_FLOW_RESET, NULL);
	down(f, l, now, gyl_view_str(reason), o);
}

/* Each attempt has a number of its own: what comes late of another one is not mistaken. */
static uint32_t next_flow(struct gyl_syslogd_link *l, uint32_t index)
{
	enum {
		TURNS = 0xffffff / GYL_SYSLOGD_LINK_MAX
	};

	l->turn = l->turn % (TURNS - 1) + 1;
	return l->turn * GYL_SYSLOGD_LINK_MAX + index;
}

static void connect(
	struct gyl_syslogd_link *l, uint32_t index, struct gyl_now now, struct gyl_out *o)
{
	static const enum gyl_flow_op op[] = {[GYL_SYSLOGD_BY_UDP] = GYL_FLOW_OPEN_UDP,
		[GYL_SYSLOGD_BY_TCP] = GYL_FLOW_OPEN_TCP,
		[GYL_SYSLOGD_BY_TLS] = GYL_FLOW_OPEN_TLS};
	struct gyl_peer to = {.ip = l->cf.place[l->place].ip,
		.port = l->cf.place[l->place].port,
		.tls = l->cf.tls};

	l->flow = next_flow(l, index);
	l->state = OPENING;
	l->at_ns = now.mono_ns + open_ns;
	gyl_out_flow(o, l->flow, op[l->cf.way], &to);
}

static void opened(struct gyl_syslogd_link *l, struct gyl_now now, struct gyl_out *o)
{
	l->state = OPEN;
	l->up_ns = now.mono_ns;
	gyl__forward_begin(l, now);
	if (l->cf.way == GYL_SYSLOGD_BY_UDP)
		return; /* that means nothing yet */
	l->is_up = true;
	l->stat.up_cnt++;
	say_up(l, o);
}

static void look(struct gyl_syslogd_forward *f, struct gyl_syslogd_link *l, struct gyl_now now,
	struct gyl_out *o)
{
	if (l->anew) {
		l->anew = false;
		give_up(f, l, now, "it has another address now", o);
	} else if (l->cf.way == GYL_SYSLOGD_BY_UDP) {
		if (gyl__forward_lag(l, now) && !l->is_up) {
			l->is_up = true;
			l->stat.up_cnt++;
			say_up(l, o);
		}
	} else if (gyl__forward_acked(l, now) >= silent_ns) {
		give_up(f, l, now, "nothing comes back from it", o);
	}
}

/* Everything that time brings to a link. */
static void turn(
	struct gyl_syslogd_forward *f, uint32_t index, struct gyl_now now, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.op_cnt = 1, .event_cnt = 1};
	struct gyl_syslogd_link *l = f->link[index];

	if (l == NULL || !gyl_out_room(o, &cost))
		return;
	if (l->state == WAIT && now.mono_ns >= l->at_ns)
		connect(l, index, now, o);
	else if (l->state == OPENING && now.mono_ns >= l->at_ns)
		give_up(f, l, now, "no answer", o);
	else if (l->state == OPEN)
		look(f, l, now, o);
	if (l->state == OPEN && !gyl__forward_send(l, now, o))
		give_up(f, l, now, "its queue is damaged", o);
}

/* ---- the core ---- */

static bool take(struct gyl_syslogd_forward *f, struct gyl_syslogd_link *l, struct gyl_now now,
	const struct gyl_in *in, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.op_cnt = 1, .event_cnt = 1};

	if (!gyl_out_room(o, &cost))
		return false;
	if (in->kind == GYL_IN_OPENED && l->state == OPENING) {
		opened(l, now, o);
	} else if (in->kind == GYL_IN_BYTES) {
		l->blocked = false;
	} else if (in->kind == GYL_IN_EOF) {
		gyl__forward_acked(l, now);
		give_up(f, l, now, "it closed the connection", o);
	} else if (in->kind == GYL_IN_CLOSED) {
		struct gyl_view why = in->data;

		if (why.len == 0)
			why = gyl_view_str(l->state == OPENING || l->cf.way == GYL_SYSLOGD_BY_UDP
						   ? "refused, or not to be reached"
						   : "the connection broke");
		down(f, l, now, why, o);
	}
	return true;
}

static size_t input(
	void *core, struct gyl_now now, struct gyl_in *in, size_t in_cnt, struct gyl_out *o)
{
	struct gyl_syslogd_forward *f = core;
	size_t i;

	for (i = 0; i < in_cnt; i++) {
		struct gyl_syslogd_link *l = f->link[in[i].flow % GYL_SYSLOGD_LINK_MAX];

		in[i].used = (uint32_t)in[i].data.len; /* nobody has anything to say to us */
		if (in[i].flow != 0 && l != NULL && l->state != WAIT && l->flow == in[i].flow &&
			!take(f, l, now, &in[i], o))
			break;
	}
	return i;
}

/* Another one is the first to fill the slots each time. */
static void tick(void *core, struct gyl_now now, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.op_cnt = 1};
	struct gyl_syslogd_forward *f = core;

	while (f->stale_cnt != 0 && gyl_out_room(o, &cost))
		gyl_out_flow(o, f->stale[--f->stale_cnt], GYL_FLOW_RESET, NULL);
	for (uint32_t i = 0; i < f->link_cnt; i++)
		turn(f, (f->first + i) % f->link_cnt, now, o);
	if (f->link_cnt != 0)
		f->first = (f->first + 1) % f->link_cnt;
}

static uint64_t deadline_ns(const void *core)
{
	const struct gyl_syslogd_forward *f = core;
	uint64_t at = f->stale_cnt != 0 ? 0 : UINT64_MAX;

	for (uint32_t i = 0; i < f->link_cnt; i++)
		if (f->link[i] != NULL)
			at = gyl_time_min(at, f->link[i]->state == OPEN
						      ? gyl__forward_due(f->link[i])
						      : f->link[i]->at_ns);
	return at;
}

bool gyl_syslogd_forward_look(struct gyl_syslogd_link *link, struct gyl_now now)
{
	if (link->state != OPEN)
		return true;
	if (link->cf.way == GYL_SYSLOGD_BY_UDP)
		return true; /* nobody will tell */
	gyl__forward_acked(link, now);
	return link->acked == link->sent;
}

const struct gyl_core_ops gyl_syslogd_forward_core = {
	.name = "syslogd-forward",
	.input = input,
	.tick = tick,
	.deadline_ns = deadline_ns,
	.patience_ns = UINT64_MAX, /* the others' is the measure */
};
