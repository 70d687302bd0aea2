/* SPDX-License-Identifier: ISC */
#include "services/syslogd/collect.h"

#include <gyl/time.h>

#include "services/syslogd/token.h"

enum {
	TOKEN_SLOTS = 2 * GYL_SYSLOGD_TOKEN_MAX,
	HOST_SLOTS = 2 * GYL_SYSLOGD_HOST_CNT_MAX,
	PROBE_MAX = 64, /* slots that are looked at for one token or host */
	TOKEN_BITS = 10,
	SECOND_LEN = 19 /* 2026-11-21T13:00:00 */
};

/* Times of records, as text: they are read once a frame. */
struct span {
	struct gyl_view min, max;
	bool is_odd; /* a time that is not as we write them */
};

/* ---- tokens ---- */

static void put_token(void *arg, uint64_t hash)
{
	struct gyl_syslogd_collect *c = arg;
	size_t at = hash & (TOKEN_SLOTS - 1);

	if (hash == 0) /* of this one the filter's first bit is always set */
		return;
	for (unsigned i = 0; i < PROBE_MAX; i++) {
		if (c->token[at] == hash)
			return;
		if (c->token[at] == 0 && c->token_cnt < GYL_SYSLOGD_TOKEN_MAX) {
			c->token[at] = hash;
			c->used[c->token_cnt++] = (uint32_t)at;
			return;
		}
		at = (at + 1) & (TOKEN_SLOTS - 1);
	}
	c->too_many = true;
}

static void forget_tokens(struct gyl_syslogd_collect *c)
{
	while (c->token_cnt != 0)
		c->token[c->used[--c->token_cnt]] = 0;
	c->too_many = false;
}

static struct gyl_view make_filter(struct gyl_syslogd_collect *c)
{
	size_t len = ((size_t)c->token_cnt * TOKEN_BITS + 7) / 8;

	if (c->too_many)
		return gyl_view(NULL, 0);
	len = len == 0 ? 1 : len;
	memset(c->filter, 0, len);
	c->filter[0] = 1;
	for (uint32_t i = 0; i < c->token_cnt; i++)
		gyl_syslogd_filter_put(c->filter, len, c->token[c->used[i]]);
	return gyl_view(c->filter, len);
}

/* ---- hosts ---- */

static bool is_host(const struct gyl_syslogd_collect_host *h, uint64_t hash, struct gyl_view name)
{
	return h->hash == hash && gyl_view_eq(gyl_view(h->name, h->len), name);
}

/* NULL: there are too many. */
static struct gyl_syslogd_collect_host *add_host(
	struct gyl_syslogd_collect *c, size_t at, uint64_t hash, struct gyl_view name)
{
	struct gyl_syslogd_collect_host *h = &c->host[c->host_cnt];

	if (c->host_cnt == GYL_SYSLOGD_HOST_CNT_MAX)
		return NULL;
	h->hash = hash;
	h->cnt = 0;
	h->len = (uint8_t)name.len;
	memcpy(h->name, name.p, name.len);
	c->host_at[at] = (uint16_t)++c->host_cnt;
	return h;
}

static void count_host(struct gyl_syslogd_collect *c, struct gyl_view name)
{
	struct gyl_syslogd_collect_host *h = NULL;
	uint64_t hash = gyl_syslogd_token_field(GYL_SYSLOGD_TAG_HOST, name);
	size_t at = hash & (HOST_SLOTS - 1);
	bool fits = name.len != 0 && name.len <= GYL_SYSLOGD_HOST_LEN_MAX;

	for (unsigned i = 0; i < PROBE_MAX && fits && h == NULL; i++) {
		if (c->host_at[at] == 0) {
			h = add_host(c, at, hash, name);
			break;
		}
		if (is_host(&c->host[c->host_at[at] - 1], hash, name))
			h = &c->host[c->host_at[at] - 1];
		at = (at + 1) & (HOST_SLOTS - 1);
	}
	if (h != NULL)
		h->cnt++;
	else
		c->nameless_cnt++;
}

static void put_host(struct gyl_writer *w, struct gyl_view name, uint32_t cnt)
{
	gyl_put_u32(w, cnt);
	gyl_put_u8(w, (uint8_t)name.len);
	gyl_put_view(w, name);
}

uint32_t gyl_syslogd_collect_hosts(const struct gyl_syslogd_collect *c, struct gyl_writer *w)
{
	for (uint32_t i = 0; i < c->host_cnt; i++)
		put_host(w, gyl_view(c->host[i].name, c->host[i].len), c->host[i].cnt);
	if (c->nameless_cnt != 0)
		put_host(w, gyl_view(NULL, 0), c->nameless_cnt);
	return c->host_cnt + (c->nameless_cnt != 0);
}

/* ---- times ---- */

static uint64_t time_of(struct gyl_view text)
{
	uint64_t ns = 0;

	gyl_time_parse_rfc3339(text, &ns);
	return ns;
}

/* Both are RFC 3339 in UTC with four digits of year: what differs before the second's fraction is
 * in order as text. */
static bool is_before(struct gyl_view a, struct gyl_view b)
{
	int d = memcmp(a.p, b.p, SECOND_LEN);

	if (d == 0 && a.len == b.len)
		d = memcmp(a.p, b.p, a.len);
	else if (d == 0)
		return time_of(a) < time_of(b);
	return d < 0;
}

static void note_time(struct span *s, struct gyl_view text)
{
	if (text.p == NULL)
		return;
	if (text.len <= SECOND_LEN || text.p[4] != '-' || text.p[text.len - 1] != 'Z') {
		s->is_odd = true;
		return;
	}
	if (s->min.p == NULL || is_before(text, s->min))
		s->min = text;
	if (s->max.p == NULL || is_before(s->max, text))
		s->max = text;
}

/* Without any time min is above max. */
static void end_span(const struct span *s, uint64_t *ret_min_ns, uint64_t *ret_max_ns)
{
	*ret_min_ns = s->min.p == NULL ? UINT64_MAX : time_of(s->min);
	*ret_max_ns = s->max.p == NULL ? 0 : time_of(s->max);
	if (s->is_odd) {
		*ret_min_ns = 0;
		*ret_max_ns = UINT64_MAX;
	}
}

/* ---- frames ---- */

static void note_seq(struct gyl_syslogd_frame *f, uint64_t seq)
{
	if (f->first_seq == 0 || seq < f->first_seq)
		f->first_seq = seq;
	if (seq > f->last_seq)
		f->last_seq = seq;
}

/* A line that is none of ours may be anything. */
static void collect_other(
	struct gyl_syslogd_collect *c, struct gyl_view line, struct gyl_syslogd_frame *f)
{
	struct gyl_syslogd_tokens t;
	struct gyl_syslogd_token tok;

	f->severities = 0xff;
	gyl_syslogd_tokens_init(&t, line, false);
	while (gyl_syslogd_tokens_next(&t, &tok))
		put_token(c, tok.hash);
}

static void collect_line(struct gyl_syslogd_collect *c, struct gyl_view line,
	struct gyl_syslogd_frame *f, struct span *recv, struct span *ts)
{
	struct gyl_syslogd_fields fields;
	uint64_t sev;

	f->cnt++;
	if (!gyl_syslogd_fields(line, &fields)) {
		recv->is_odd = ts->is_odd = true;
		collect_other(c, line, f);
		return;
	}
	note_seq(f, gyl_syslogd_number(&fields, GYL_SYSLOGD_SEQ, 0));
	note_time(recv, fields.v[GYL_SYSLOGD_RECV]);
	note_time(ts, fields.v[GYL_SYSLOGD_TS]);
	sev = gyl_syslogd_number(&fields, GYL_SYSLOGD_SEV, 8);
	f->severities |= (uint8_t)(sev < 8 ? 1u << sev : 0xff);
	count_host(c, fields.v[GYL_SYSLOGD_HOST]);
	gyl_syslogd_record_tokens(&fields, c->text, sizeof c->text, put_token, c);
}

void gyl_syslogd_collect_init(struct gyl_syslogd_collect *c)
{
	forget_tokens(c);
	memset(c->host_at, 0, sizeof c->host_at);
	c->host_cnt = c->nameless_cnt = 0;
}

void gyl_syslogd_collect_frame(
	struct gyl_syslogd_collect *c, struct gyl_view text, struct gyl_syslogd_frame *ret_f)
{
	struct span recv = {0}, ts = {0};

	forget_tokens(c);
	memset(ret_f, 0, sizeof *ret_f);
	ret_f->text_len = (uint32_t)text.len;
	while (text.len != 0) {
		const uint8_t *lf = memchr(text.p, '\n', text.len);
		size_t len = lf == NULL ? text.len : (size_t)(lf - text.p);

		collect_line(c, gyl_view_sub(text, 0, len), ret_f, &recv, &ts);
		text = gyl_view_sub(text, lf == NULL ? len : len + 1, text.len);
	}
	end_span(&recv, &ret_f->recv_min_ns, &ret_f->recv_max_ns);
	end_span(&ts, &ret_f->ts_min_ns, &ret_f->ts_max_ns);
	ret_f->filter = make_filter(c);
}
