/* SPDX-License-Identifier: ISC */

/*
 * A search in any text, for anything. What the search for lines passes over does not fit; what
 * fits has every token that an index would be asked for; everything that is read lies inside of
 * the text; and what is shown of a line is one line that no terminal acts on.
 *
 * The input: an octet of options, then two words, host, app, sender, severities, facilities and a
 * time, each up to a LF, then the text.
 */

#include <gyl/json.h>
#include <gyl/time.h>

#include "services/syslogd/query.h"
#include "services/syslogd/query_text.h"
#include "tests/fuzz/require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	TOKEN_MAX = 4096
};

static uint8_t scratch[GYL_SYSLOGD_QUERY_SCRATCH], shown[TEXT_CAP];

struct tokens {
	uint64_t hash[TOKEN_MAX];
	size_t cnt;
};

static void put(void *arg, uint64_t hash)
{
	struct tokens *t = arg;

	if (t->cnt < TOKEN_MAX)
		t->hash[t->cnt++] = hash;
}

UNWATCHED static bool has(const struct tokens *t, uint64_t hash)
{
	for (size_t i = 0; i < t->cnt; i++)
		if (t->hash[i] == hash)
			return true;
	return t->cnt == TOKEN_MAX;
}

static struct gyl_view take_line(struct gyl_view *rest)
{
	const uint8_t *lf = rest->len == 0 ? NULL : memchr(rest->p, '\n', rest->len);
	size_t len = lf == NULL ? rest->len : (size_t)(lf - rest->p);
	struct gyl_view line = gyl_view_sub(*rest, 0, len);

	*rest = gyl_view_sub(*rest, len + 1, rest->len);
	return line;
}

static void read_query(struct gyl_view *rest, struct gyl_syslogd_query *q)
{
	const struct gyl_civil today = {.year = 2026, .month = 11, .day = 21};
	unsigned options = rest->len == 0 ? 0 : rest->p[0];
	struct gyl_syslogd_when when;
	struct gyl_view v;

	*rest = gyl_view_sub(*rest, 1, rest->len);
	gyl_syslogd_query_init(q);
	for (int i = 0; i < 2; i++) {
		v = take_line(rest);
		if (options & 1u << i && gyl_failed(gyl_syslogd_query_word(q, v)))
			gyl_syslogd_query_init(q);
	}
	v = take_line(rest);
	q->host = options & 4 ? v : q->host;
	v = take_line(rest);
	q->app = options & 8 ? v : q->app;
	v = take_line(rest);
	q->from = options & 16 && !gyl_failed(gyl_syslogd_senders(v)) ? v : q->from;
	v = take_line(rest);
	if (options & 32)
		gyl_syslogd_severities(v, &q->severities);
	v = take_line(rest);
	if (options & 64)
		gyl_syslogd_facilities(v, &q->facilities);
	v = take_line(rest);
	if (options & 128 && !gyl_failed(gyl_syslogd_when(v, GYL_NS_PER_DAY, &today, &when))) {
		REQUIRE(!when.local || (when.c.month >= 1 && when.c.month <= 12));
		q->since_ns = when.local ? 0 : when.wall_ns;
	}
	gyl_syslogd_query_ready(q);
}

UNWATCHED static void check_shown(const struct gyl_syslogd_fields *f)
{
	const struct gyl_syslogd_style style = {.utc = true};
	struct gyl_writer w;
	struct gyl_view v;

	gyl_writer_init(&w, shown, sizeof shown);
	gyl_syslogd_print_record(&w, f, &style, gyl_view(NULL, 0), scratch);
	v = gyl_writer_view(&w);
	REQUIRE(v.len != 0 && v.p[v.len - 1] == '\n' && gyl_utf8_prefix(v) == v.len);
	for (size_t i = 0; i + 1 < v.len; i++)
		REQUIRE(v.p[i] >= 0x20 && v.p[i] != 0x7f);
}

static bool fits(const struct gyl_syslogd_query *q, struct gyl_view line)
{
	static struct tokens t;
	struct gyl_syslogd_fields f;

	if (!gyl_syslogd_fields(line, &f))
		return false;
	for (unsigned i = 0; i < GYL_SYSLOGD_FIELD_CNT; i++)
		REQUIRE(inside(line, f.v[i]));
	check_shown(&f);
	if (!gyl_syslogd_query_match(q, &f, NULL, scratch))
		return false;
	t.cnt = 0;
	gyl_syslogd_record_tokens(&f, scratch, sizeof scratch, put, &t);
	for (unsigned i = 0; i < q->token_cnt; i++)
		REQUIRE(has(&t, q->token[i].hash));
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct gyl_syslogd_query q;
	struct gyl_view rest = gyl_view(data, size), text, line;
	struct gyl_syslogd_query_cursor cur;

	read_query(&rest, &q);
	text = rest;
	gyl_syslogd_query_begin(&cur, &q, text);
	while (gyl_syslogd_query_next(&cur, &line)) {
		REQUIRE(inside(text, line) && rest.p <= line.p);
		while (rest.p != line.p)
			REQUIRE(!fits(&q, take_line(&rest)));
		fits(&q, line);
		REQUIRE(gyl_view_eq(take_line(&rest), line));
	}
	while (rest.len != 0)
		REQUIRE(!fits(&q, take_line(&rest)));
	return 0;
}
