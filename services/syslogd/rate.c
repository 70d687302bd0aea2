/* SPDX-License-Identifier: ISC */
#include "services/syslogd/rate.h"

#include <gyl/siphash.h>
#include <gyl/time.h>

void gyl_syslogd_rates_init(struct gyl_syslogd_rates *t, const uint64_t key[2])
{
	memset(t, 0, sizeof *t);
	t->key[0] = key[0];
	t->key[1] = key[1];
	t->due_ns = UINT64_MAX;
}

/* The first of the places that a sender may have. */
static struct gyl_syslogd_rate *places_of(
	struct gyl_syslogd_rates *t, uint8_t rule, uint32_t ip, uint32_t uid)
{
	const uint32_t id[3] = {ip, uid, rule};
	uint64_t hash = gyl_siphash(t->key, id, sizeof id);

	return &t->place[hash % (GYL_SYSLOGD_RATE_MAX / GYL_SYSLOGD_RATE_WAYS) *
			 GYL_SYSLOGD_RATE_WAYS];
}

static bool is_of(const struct gyl_syslogd_rate *r, uint8_t rule, uint32_t ip, uint32_t uid)
{
	return r->end_ns != 0 && r->rule == rule && r->ip == ip && r->uid == uid;
}

/* Its place, or the one to take for it: free or ending first. */
static struct gyl_syslogd_rate *find(
	struct gyl_syslogd_rate *way, uint8_t rule, uint32_t ip, uint32_t uid)
{
	struct gyl_syslogd_rate *first = way;

	for (unsigned i = 0; i < GYL_SYSLOGD_RATE_WAYS; i++) {
		if (is_of(&way[i], rule, ip, uid))
			return &way[i];
		if (way[i].end_ns < first->end_ns)
			first = &way[i];
	}
	return first;
}

/* What is still to be told of a sender that loses its place. */
static void put_aside(struct gyl_syslogd_rates *t, const struct gyl_syslogd_rate *r)
{
	struct gyl_syslogd_rate *other = &t->other[r->rule];

	if (r->held == 0)
		return;
	if (other->held == 0)
		*other = (struct gyl_syslogd_rate){.since_ns = r->since_ns,
			.tell_ns = r->tell_ns,
			.rule = r->rule,
			.others = true};
	other->held += r->held;
}

/* What was held back before and is not told yet stays noted down. */
static void begin(struct gyl_syslogd_rate *r, uint64_t interval_ns, uint64_t mono_ns)
{
	r->end_ns = gyl_time_add(mono_ns, interval_ns);
	r->cnt = 0;
	if (r->held == 0)
		r->since_ns = mono_ns;
}

bool gyl_syslogd_rate_pass(struct gyl_syslogd_rates *t, uint8_t rule, uint32_t ip, uint32_t uid,
	uint32_t burst, uint64_t interval_ns, uint64_t mono_ns)
{
	struct gyl_syslogd_rate *r = find(places_of(t, rule, ip, uid), rule, ip, uid);

	if (!is_of(r, rule, ip, uid)) {
		put_aside(t, r);
		*r = (struct gyl_syslogd_rate){.ip = ip, .uid = uid, .rule = rule};
	}
	if (r->end_ns <= mono_ns)
		begin(r, interval_ns, mono_ns);
	if (r->cnt < burst) {
		r->cnt++;
		return true;
	}
	if (r->held++ == 0)
		r->tell_ns = r->end_ns;
	t->due_ns = gyl_time_min(t->due_ns, r->tell_ns);
	return false;
}

/* Told when it is time; *first becomes when it is, if that is sooner. */
static bool take_due(struct gyl_syslogd_rate *r, uint64_t mono_ns, bool all, uint64_t *first,
	struct gyl_syslogd_rate *ret_r)
{
	if (r->held == 0)
		return false;
	if (!all && r->tell_ns > mono_ns) {
		*first = gyl_time_min(*first, r->tell_ns);
		return false;
	}
	*ret_r = *r;
	r->held = 0;
	r->since_ns = mono_ns;
	return true;
}

bool gyl_syslogd_rate_due(
	struct gyl_syslogd_rates *t, uint64_t mono_ns, bool all, struct gyl_syslogd_rate *ret_r)
{
	uint64_t first = UINT64_MAX;

	for (unsigned i = 0; i < GYL_SYSLOGD_RATE_MAX; i++)
		if (take_due(&t->place[i], mono_ns, all, &first, ret_r))
			return true;
	for (unsigned i = 0; i < GYL_SYSLOGD_RULE_MAX; i++)
		if (take_due(&t->other[i], mono_ns, all, &first, ret_r))
			return true;
	t->due_ns = first;
	return false;
}

void gyl_syslogd_rates_sum(struct gyl_syslogd_rates *t)
{
	for (unsigned i = 0; i < GYL_SYSLOGD_RATE_MAX; i++) {
		put_aside(t, &t->place[i]);
		t->place[i].held = 0;
	}
}
