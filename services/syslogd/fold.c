/* SPDX-License-Identifier: ISC */
#include "services/syslogd/fold.h"

#include <gyl/siphash.h>
#include <gyl/text.h>
#include <gyl/time.h>

enum {
	HOST,
	APP,
	PID,
	MSGID,
	MSG,
	PART_CNT
};

/* Octets that are kept of each. */
static const uint16_t part_max[PART_CNT] = {64, 48, 32, 32, 336};

_Static_assert(64 + 48 + 32 + 32 + 336 == GYL_SYSLOGD_FOLD_TEXT_LEN, "all parts fit");

void gyl_syslogd_folds_init(struct gyl_syslogd_folds *t, const uint64_t key[2])
{
	memset(t, 0, sizeof *t);
	t->key[0] = key[0];
	t->key[1] = key[1];
	t->due_ns = UINT64_MAX;
}

/* A hash of hashes: where one field ends and the next begins makes a difference. */
uint64_t gyl_syslogd_fold_hash(const struct gyl_syslogd_folds *t, uint8_t rule, uint32_t ip,
	uint32_t uid, const struct gyl_syslog *m)
{
	const struct gyl_view part[] = {m->host, m->app, m->pid, m->msgid, m->msg,
		m->has_seq_id ? gyl_view(NULL, 0) : m->sd};
	uint64_t sum[8] = {(uint64_t)ip << 32 | uid, (uint64_t)rule << 8 | m->pri};

	for (size_t i = 0; i < sizeof part / sizeof part[0]; i++)
		sum[2 + i] = part[i].p == NULL ? 0 : gyl_siphash(t->key, part[i].p, part[i].len);
	return gyl_siphash(t->key, sum, sizeof sum);
}

static struct gyl_syslogd_fold *places_of(struct gyl_syslogd_folds *t, uint64_t hash)
{
	return &t->place[hash % (GYL_SYSLOGD_FOLD_MAX / GYL_SYSLOGD_FOLD_WAYS) *
			 GYL_SYSLOGD_FOLD_WAYS];
}

bool gyl_syslogd_fold_count(struct gyl_syslogd_folds *t, uint64_t hash, uint64_t mono_ns)
{
	struct gyl_syslogd_fold *way = places_of(t, hash);

	for (unsigned i = 0; i < GYL_SYSLOGD_FOLD_WAYS; i++) {
		if (way[i].hash != hash || way[i].end_ns <= mono_ns)
			continue;
		way[i].cnt++;
		t->due_ns = gyl_time_min(t->due_ns, way[i].end_ns);
		return true;
	}
	return false;
}

struct gyl_syslogd_fold *gyl_syslogd_fold_place(struct gyl_syslogd_folds *t, uint64_t hash)
{
	struct gyl_syslogd_fold *way = places_of(t, hash), *first = way;

	for (unsigned i = 0; i < GYL_SYSLOGD_FOLD_WAYS; i++) {
		/* an equal one that has ended is to be told before it begins anew */
		if (way[i].hash == hash && way[i].end_ns != 0)
			return &way[i];
		if (way[i].end_ns < first->end_ns)
			first = &way[i];
	}
	return first;
}

void gyl_syslogd_fold_keep(struct gyl_syslogd_fold *f, const struct gyl_syslog *m)
{
	const struct gyl_view part[PART_CNT] = {m->host, m->app, m->pid, m->msgid, m->msg};
	size_t at = 0;

	f->pri = m->pri;
	f->fmt = (uint8_t)m->fmt;
	f->has = 0;
	for (unsigned i = 0; i < PART_CNT; i++) {
		struct gyl_view v = gyl_syslog_cut(part[i], part_max[i]);

		f->has |= (uint8_t)((part[i].p != NULL) << i);
		f->len[i] = (uint16_t)v.len;
		if (v.len != 0)
			memcpy(f->text + at, v.p, v.len);
		at += v.len;
	}
}

struct gyl_syslogd_fold *gyl_syslogd_fold_due(
	struct gyl_syslogd_folds *t, uint64_t mono_ns, bool all)
{
	uint64_t first = UINT64_MAX;

	for (unsigned i = 0; i < GYL_SYSLOGD_FOLD_MAX; i++) {
		struct gyl_syslogd_fold *f = &t->place[i];

		if (f->cnt == 0)
			continue;
		if (all || f->end_ns <= mono_ns)
			return f;
		first = gyl_time_min(first, f->end_ns);
	}
	t->due_ns = first;
	return NULL;
}

/* The words that other collectors use, and that our codec reads back as a count. */
static void put_msg(const struct gyl_syslogd_fold *f, struct gyl_view msg, struct gyl_writer *w)
{
	gyl_text_str(w, "message repeated ");
	gyl_text_u64(w, f->cnt);
	gyl_text_str(w, " times: [");
	gyl_put_view(w, msg);
	gyl_text_char(w, ']');
}

void gyl_syslogd_fold_message(const struct gyl_syslogd_fold *f,
	uint8_t buf[GYL_SYSLOGD_FOLD_RAW_LEN], struct gyl_syslog *ret_m)
{
	struct gyl_view part[PART_CNT];
	struct gyl_writer w;
	size_t at = 0, from;

	gyl_writer_init(&w, buf, GYL_SYSLOGD_FOLD_RAW_LEN);
	for (unsigned i = 0; i < PART_CNT; i++) {
		from = w.len;
		if (i == MSG)
			put_msg(f, gyl_view(f->text + at, f->len[i]), &w);
		else
			gyl_put_bytes(&w, f->text + at, f->len[i]);
		part[i] = f->has >> i & 1 ? gyl_view(buf + from, w.len - from) : gyl_view(NULL, 0);
		at += f->len[i];
	}
	*ret_m = (struct gyl_syslog){.raw = part[MSG],
		.fmt = f->fmt,
		.flags = GYL_SYSLOG_REPEAT |
			 (gyl_utf8_prefix(part[MSG]) == part[MSG].len ? 0 : GYL_SYSLOG_BAD_UTF8),
		.pri = f->pri,
		.fac = f->pri / 8,
		.sev = f->pri % 8,
		.repeat = f->cnt > UINT32_MAX ? UINT32_MAX : (uint32_t)f->cnt,
		.host = part[HOST],
		.app = part[APP],
		.pid = part[PID],
		.msgid = part[MSGID],
		.msg = part[MSG]};
}
