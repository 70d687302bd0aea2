/* SPDX-License-Identifier: ISC */
#include "services/syslogd/sender.h"

#include <gyl/time.h>

enum {
	QUARTER_S = 900,
	ZONE_MAX_S = 14 * 3600, /* Kiribati; the other way it is 12 */
	SLACK_S = 30,           /* on the way, and by the clock; less is no skew */
	JITTER_S = 15,
	LATE = 32,        /* numbers so far back are late, not begun anew */
	GAP_MAX = 1 << 20 /* numbers further ahead are begun anew, too */
};
static const uint64_t learn_ns = GYL_NS_PER_MIN, told_pause_ns = GYL_NS_PER_HOUR;
static const uint64_t late_ns = 10 * GYL_NS_PER_S;

void gyl_syslogd_senders_init(struct gyl_syslogd_senders *t)
{
	memset(t, 0, sizeof *t);
	t->gap_at_ns = UINT64_MAX;
}

/* ---- places ---- */

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

static uint64_t mix_view(uint64_t h, struct gyl_view v)
{
	uint64_t word;
	size_t at = 0;

	for (; v.len - at >= sizeof word; at += sizeof word) {
		memcpy(&word, v.p + at, sizeof word);
		h = mix(h, word);
	}
	for (word = v.len; at < v.len; at++)
		word = word << 8 | v.p[at];
	return mix(h, word);
}

struct gyl_syslogd_sender *gyl_syslogd_sender_get(
	struct gyl_syslogd_senders *t, uint32_t ip, uint64_t mono_ns)
{
	size_t set = mix(1, ip) % (GYL_SYSLOGD_SENDER_MAX / GYL_SYSLOGD_WAYS);
	struct gyl_syslogd_sender *way = &t->sender[set * GYL_SYSLOGD_WAYS], *oldest = way;

	for (unsigned i = 0; i < GYL_SYSLOGD_WAYS; i++) {
		if (way[i].seen_ns != 0 && way[i].ip == ip) {
			way[i].seen_ns = mono_ns | 1;
			return &way[i];
		}
		if (way[i].seen_ns < oldest->seen_ns)
			oldest = &way[i];
	}
	*oldest = (struct gyl_syslogd_sender){.seen_ns = mono_ns | 1, .ip = ip};
	return oldest;
}

static struct gyl_syslogd_counter *counter_get(
	struct gyl_syslogd_senders *t, uint64_t key, uint64_t mono_ns, bool *ret_new)
{
	size_t set = key % (GYL_SYSLOGD_COUNTER_MAX / GYL_SYSLOGD_WAYS);
	struct gyl_syslogd_counter *way = &t->counter[set * GYL_SYSLOGD_WAYS], *c = way;

	for (unsigned i = 0; i < GYL_SYSLOGD_WAYS; i++) {
		if (way[i].key == key) {
			way[i].seen_ns = mono_ns;
			*ret_new = false;
			return &way[i];
		}
		if (way[i].seen_ns < c->seen_ns)
			c = &way[i];
	}
	*c = (struct gyl_syslogd_counter){.key = key, .seen_ns = mono_ns};
	*ret_new = true;
	return c;
}

/* ---- zone and clock ---- */

static int64_t distance(int64_t a, int64_t b)
{
	return a > b ? a - b : b - a;
}

/* One more observation, which differs from the first by no more than slack_s; true: it is certain.
 */
static bool trial(struct gyl_syslogd_trial *t, int64_t s, int64_t slack_s, uint64_t wall_ns)
{
	if (t->cnt == 0 || distance(s, t->s) > slack_s || wall_ns < t->since_ns)
		*t = (struct gyl_syslogd_trial){(int32_t)s, 0, wall_ns};
	if (t->cnt < GYL_SYSLOGD_LEARN_CNT)
		t->cnt++;
	return t->cnt == GYL_SYSLOGD_LEARN_CNT && wall_ns - t->since_ns >= learn_ns;
}

/* Its clock shows `local_s` seconds more than UTC: which zone is that? */
static bool zone_of(int64_t local_s, int64_t *ret_zone_s)
{
	int64_t half = local_s < 0 ? -QUARTER_S / 2 : QUARTER_S / 2;

	*ret_zone_s = (local_s + half) / QUARTER_S * QUARTER_S;
	return distance(local_s, *ret_zone_s) <= SLACK_S && distance(*ret_zone_s, 0) <= ZONE_MAX_S;
}

static bool note_zone(
	struct gyl_syslogd_sender *s, int64_t local_s, uint64_t wall_ns, int32_t zone_s)
{
	int64_t found_s;

	if (!zone_of(local_s, &found_s)) {
		s->zone.cnt = 0;
		return false;
	}
	if (!trial(&s->zone, found_s, 0, wall_ns) || found_s == zone_s)
		return false;
	s->has_zone = true;
	s->zone_s = (int32_t)found_s;
	s->skew.cnt = 0;
	return true;
}

static enum gyl_syslogd_news note_skew(
	struct gyl_syslogd_sender *s, int64_t off_s, uint64_t wall_ns)
{
	int32_t told_s = s->skew_s, is_s;

	if (distance(off_s, 0) > INT32_MAX / 2) {
		s->skew.cnt = 0;
		return GYL_SYSLOGD_NO_NEWS;
	}
	if (!trial(&s->skew, off_s, JITTER_S, wall_ns))
		return GYL_SYSLOGD_NO_NEWS;
	is_s = distance(s->skew.s, 0) < SLACK_S ? 0 : s->skew.s;
	if (distance(is_s, told_s) <= JITTER_S ||
		(s->told_ns != 0 && wall_ns - s->told_ns < told_pause_ns))
		return GYL_SYSLOGD_NO_NEWS;
	s->skew_s = is_s;
	s->told_ns = wall_ns;
	return is_s == 0 ? GYL_SYSLOGD_NEW_RIGHT : GYL_SYSLOGD_NEW_SKEW;
}

enum gyl_syslogd_news gyl_syslogd_sender_note(struct gyl_syslogd_sender *s,
	const struct gyl_syslog *m, uint64_t wall_ns, int32_t zone_s, bool learn)
{
	int64_t off_s;

	if (!m->has_ts)
		return GYL_SYSLOGD_NO_NEWS;
	off_s = m->ts_s - (int64_t)(wall_ns / GYL_NS_PER_S);
	if (learn && !m->has_zone) {
		if (note_zone(s, off_s + zone_s, wall_ns, zone_s))
			return GYL_SYSLOGD_NEW_ZONE;
		/* on its way to be another zone: no error of the clock yet */
		if (s->zone.cnt != 0 && s->zone.s != zone_s)
			return GYL_SYSLOGD_NO_NEWS;
	}
	return note_skew(s, off_s, wall_ns);
}

/* ---- sequence numbers ---- */

static bool digits(struct gyl_view v, uint64_t *ret)
{
	*ret = 0;
	for (size_t i = 0; i < v.len; i++)
		*ret = *ret * 10 + (uint64_t)(v.p[i] - '0');
	return v.len != 0 && v.len <= 10;
}

static bool number_of(const struct gyl_syslog *m, uint64_t *ret)
{
	*ret = m->seq_id;
	if (m->vendor == GYL_SYSLOG_X_CISCO)
		return digits(m->x.cisco.count, ret);
	return m->has_seq_id;
}

void gyl_syslogd_sender_count(struct gyl_syslogd_senders *t, struct gyl_syslogd_sender *s,
	const struct gyl_syslog *m, uint64_t mono_ns, uint64_t wall_ns)
{
	struct gyl_syslogd_counter *c;
	uint64_t n, key;
	bool fresh;

	if (!number_of(m, &n))
		return;
	key = mix_view(mix(2, s->ip), m->host);
	if (m->vendor != GYL_SYSLOG_X_CISCO)
		key = mix_view(mix_view(key, m->app), m->pid);
	c = counter_get(t, key | 1, mono_ns, &fresh);
	if (!fresh && n <= c->last && c->last - n < LATE) {
		s->gap_cnt -= s->gap_cnt != 0 && n != c->last;
		return;
	}
	if (!fresh && n > c->last + 1 && n - c->last <= GAP_MAX) {
		if (s->gap_cnt == 0)
			s->gap_ns = wall_ns;
		s->gap_cnt += (uint32_t)(n - c->last - 1);
		t->gap_at_ns = gyl_time_min(t->gap_at_ns, mono_ns + late_ns);
	}
	c->last = n;
}

struct gyl_syslogd_sender *gyl_syslogd_sender_gap(struct gyl_syslogd_senders *t)
{
	for (size_t i = 0; i < GYL_SYSLOGD_SENDER_MAX; i++)
		if (t->sender[i].gap_cnt != 0)
			return &t->sender[i];
	t->gap_at_ns = UINT64_MAX;
	return NULL;
}
