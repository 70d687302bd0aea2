/* SPDX-License-Identifier: ISC */

/* Messages that go through the rules: into the log or not, to outputs, and what is said of those
 * that were held back or folded. */

#include <gyl/text.h>
#include <gyl/time.h>

#include "services/syslogd/core_own.h"
#include "services/syslogd/entry.h"

enum {
	HELD_MAX =
		16 /* senders told of in one turn: their notices must fit into the log's reserve */
};

/* ---- to the outputs ---- */

/* Where an entry of len octets can go; NULL when no buffer is large enough. */
static uint8_t *entry_room(struct gyl_syslogd *d, size_t len, struct gyl_out *o)
{
	const struct gyl_syslogd_helper *h = d->rules.helper;
	size_t cap = 0;
	uint8_t *p = NULL;

	if (o->log[GYL_SYSLOGD_OUT_LOG] == NULL)
		return NULL;
	p = gyl_out_append(o, GYL_SYSLOGD_OUT_LOG, &cap);
	if (cap < len && h != NULL) {
		h->drain(h->arg);
		p = gyl_out_append(o, GYL_SYSLOGD_OUT_LOG, &cap);
	}
	return cap < len ? NULL : p;
}

static void put_entry(struct gyl_syslogd *d, unsigned output, const struct gyl_syslogd_item *it,
	struct gyl_out *o)
{
	struct gyl_syslogd_output *to = &d->rules.output[output];
	struct gyl_syslogd_entry e = {.output = output};
	size_t max = sizeof e + gyl_syslogd_template_max(&to->text, it) +
		     (to->has_path ? GYL_SYSLOGD_PATH_MAX : 0);
	uint8_t *p = entry_room(d, max, o);
	struct gyl_writer w;

	if (p == NULL) {
		to->long_cnt++;
		return;
	}
	gyl_writer_init(&w, p, max);
	gyl_put_zero(&w, sizeof e);
	if (to->has_path)
		gyl_syslogd_template_put(&to->path, it, &w);
	e.path_len = (uint32_t)(w.len - sizeof e);
	gyl_syslogd_template_put(&to->text, it, &w);
	e.text_len = (uint32_t)(w.len - sizeof e - e.path_len);
	memcpy(p, &e, sizeof e);
	gyl_out_appended(o, GYL_SYSLOGD_OUT_LOG, w.len);
}

static void put_out(
	struct gyl_syslogd *d, uint32_t to, const struct gyl_syslogd_item *it, struct gyl_out *o)
{
	for (unsigned i = 0; to >> i != 0 && i < d->rules.output_cnt; i++)
		if (to >> i & 1)
			put_entry(d, i, it, o);
}

/* ---- folded messages ---- */

static struct gyl_view sender_text(uint32_t ip, char buf[16])
{
	struct gyl_writer w;

	if (ip == 0)
		return gyl_view_str("unix");
	gyl_writer_init(&w, buf, 16);
	gyl_text_ipv4(&w, ip);
	return gyl_writer_view(&w);
}

/* Programs of this machine are on this machine. */
static struct gyl_view host_of(const struct gyl_syslogd *d, uint32_t ip, struct gyl_view from)
{
	return ip == 0 && d->host_len != 0 ? gyl_view(d->host, d->host_len) : from;
}

/* There MUST be room in the log for a record of GYL_SYSLOGD_FOLD_RAW_LEN, when it is stored. */
static void tell_fold(
	struct gyl_syslogd *d, struct gyl_now now, struct gyl_syslogd_fold *f, struct gyl_out *o)
{
	uint8_t raw[GYL_SYSLOGD_FOLD_RAW_LEN];
	char ip[16];
	struct gyl_syslogd_head head = {.from = sender_text(f->ip, ip), .of = f->seq};
	struct gyl_syslog m;
	struct gyl_syslogd_item it = {&m, &head, now.wall_ns, host_of(d, f->ip, head.from)};

	gyl_syslogd_fold_message(f, raw, &m);
	head.recv = gyl__syslogd_recv_text(d, now.wall_ns);
	if (f->store)
		gyl__syslogd_append(d, now, &head, &m, o);
	put_out(d, f->to, &it, o);
	f->cnt = 0;
}

static void keep_fold(const struct gyl_syslogd_about *a, const struct gyl_syslogd_verdict *v,
	uint64_t seq, struct gyl_syslogd_fold *f)
{
	f->end_ns = v->fold_end_ns;
	f->hash = v->fold_hash;
	f->cnt = 0;
	f->seq = seq;
	f->ip = a->ip;
	f->uid = a->uid;
	f->to = v->fold_to;
	f->rule = v->fold_rule;
	f->store = v->store;
	gyl_syslogd_fold_keep(f, a->m);
}

/* ---- a message ---- */

void gyl__syslogd_by_rules(struct gyl_syslogd *d, struct gyl_now now,
	const struct gyl_syslogd_about *a, uint32_t mute, struct gyl_syslogd_head *head,
	struct gyl_out *o)
{
	struct gyl_syslogd_about about = *a;
	struct gyl_syslogd_item it = {a->m, head, now.wall_ns, host_of(d, a->ip, a->host)};
	struct gyl_syslogd_fold *fold = NULL;
	struct gyl_syslogd_verdict v;

	about.host = it.host;
	gyl_syslogd_rules_decide(&d->rules, &about, now.mono_ns, &v);
	if (v.fold_end_ns != 0)
		fold = gyl_syslogd_fold_place(&d->rules.folds, v.fold_hash);
	if (fold != NULL && fold->cnt != 0)
		tell_fold(d, now, fold, o);
	head->recv = gyl__syslogd_recv_text(d, now.wall_ns);
	if (v.store)
		gyl__syslogd_append(d, now, head, a->m, o);
	put_out(d, v.to & ~mute, &it, o);
	if (fold != NULL)
		keep_fold(a, &v, head->seq, fold);
}

uint32_t gyl__syslogd_rules_mute(const struct gyl_syslogd *d, const struct gyl_event *e)
{
	struct gyl_view name;

	if (e->kind != GYL_EV_SYSLOGD_LOST && e->kind != GYL_EV_SYSLOGD_OUTPUT &&
		e->kind != GYL_EV_SYSLOGD_WELL && e->kind != GYL_EV_SYSLOGD_UP &&
		e->kind != GYL_EV_SYSLOGD_DOWN)
		return 0;
	if (!gyl_event_get_str(e, "output", &name))
		return 0;
	for (unsigned i = 0; i < d->rules.output_cnt; i++)
		if (gyl_view_eq(gyl_view_str(d->rules.output[i].name), name))
			return UINT32_C(1) << i;
	return 0;
}

/* ---- what is told later ---- */

static void say_held(struct gyl_syslogd *d, struct gyl_now now, const struct gyl_syslogd_rate *r,
	struct gyl_out *o)
{
	struct gyl_event e;
	char ip[16];

	gyl_event_init(&e, GYL_EV_SYSLOGD_HELD);
	gyl_event_u64(&e, "count", r->held);
	gyl_event_str(
		&e, "from", r->others ? gyl_view_str("other senders") : sender_text(r->ip, ip));
	gyl_event_u64(
		&e, "time", gyl_time_sub(now.mono_ns, r->since_ns) / GYL_NS_PER_MS * GYL_NS_PER_MS);
	gyl_event_str(&e, "rule", gyl_view_str(d->rules.rule[r->rule].name));
	gyl_out_event(o, &e, 0);
}

/* At the end of all there is one turn: who is not told of alone in it is told of with others. */
static void tell_rates(struct gyl_syslogd *d, struct gyl_now now, bool all, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.event_cnt = 1};
	struct gyl_syslogd_rates *t = &d->rules.rates;
	struct gyl_syslogd_rate r;

	if (t->due_ns == UINT64_MAX || (!all && now.mono_ns < t->due_ns))
		return;
	for (unsigned i = 0; i < HELD_MAX && gyl_out_room(o, &cost) &&
			     gyl_syslogd_rate_due(t, now.mono_ns, all, &r);
		i++)
		say_held(d, now, &r, o);
	if (!all)
		return;
	gyl_syslogd_rates_sum(t);
	while (gyl_out_room(o, &cost) && gyl_syslogd_rate_due(t, now.mono_ns, all, &r))
		say_held(d, now, &r, o);
}

static void tell_folds(struct gyl_syslogd *d, struct gyl_now now, bool all, struct gyl_out *o)
{
	static const struct gyl_cost cost = {
		.append_len = GYL_SYSLOGD_LINE_MAX(GYL_SYSLOGD_FOLD_RAW_LEN)};
	struct gyl_syslogd_folds *t = &d->rules.folds;
	struct gyl_syslogd_fold *f;

	if (t->due_ns == UINT64_MAX || (!all && now.mono_ns < t->due_ns))
		return;
	while (gyl_out_room(o, &cost)) {
		f = gyl_syslogd_fold_due(t, now.mono_ns, all);
		if (f == NULL)
			return;
		tell_fold(d, now, f, o);
	}
}

void gyl__syslogd_rules_tell(struct gyl_syslogd *d, struct gyl_now now, bool all, struct gyl_out *o)
{
	tell_rates(d, now, all, o);
	tell_folds(d, now, all, o);
}

/* ---- another configuration ---- */

/*
 * Rules and outputs are about to become others. Outputs get the counts that are theirs now; what
 * the log has no room for waits, and is a record with the next tick. Senders begin anew.
 */
static void leave_old(struct gyl_syslogd *d, struct gyl_now now, struct gyl_out *o)
{
	struct gyl_syslogd_folds *t = &d->rules.folds;

	gyl__syslogd_rules_tell(d, now, true, o);
	for (unsigned i = 0; i < GYL_SYSLOGD_FOLD_MAX; i++) {
		struct gyl_syslogd_fold *f = &t->place[i];
		uint64_t cnt = f->cnt;
		bool store = f->store;

		f->hash = 0;
		f->end_ns = 0;
		if (cnt == 0)
			continue;
		f->store = false;
		tell_fold(d, now, f, o);
		f->to = 0;
		f->store = store;
		f->cnt = store ? cnt : 0;
		if (store)
			t->due_ns = 0;
	}
	for (unsigned i = 0; i < GYL_SYSLOGD_RATE_MAX; i++)
		d->rules.rates.place[i].end_ns = 0;
}

void gyl__syslogd_rules_changed(struct gyl_syslogd *d, struct gyl_now now,
	const struct gyl_syslogd_conf *cf, const struct gyl_flat *f, struct gyl_out *o)
{
	const struct gyl_syslogd_helper *h = d->rules.helper;

	if (o != NULL)
		leave_old(d, now, o);
	if (h != NULL)
		h->changed(h->arg, f, cf);
	gyl_syslogd_rules_load(&d->rules, cf, f); /* the check vouches for the room */
}
