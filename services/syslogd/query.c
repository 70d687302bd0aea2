/* SPDX-License-Identifier: ISC */
#include "services/syslogd/query.h"

#include <gyl/json.h>
#include <gyl/text.h>

#include "services/base/match.h"
#include "services/syslogd/query_own.h"

enum {
	GAP_MAX = 64 /* octets between two tokens of a word are fewer */
};

void gyl_syslogd_query_init(struct gyl_syslogd_query *q)
{
	memset(q, 0, sizeof *q);
	q->until_ns = UINT64_MAX;
	q->facilities = UINT32_MAX;
	q->severities = UINT8_MAX;
}

static bool is_pattern(struct gyl_view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (v.p[i] == '*' || v.p[i] == '?')
			return true;
	return false;
}

/* ---- words ---- */

static bool put_token(
	struct gyl_syslogd_query *q, const struct gyl_syslogd_token *tok, struct gyl_view gap)
{
	struct gyl_syslogd_query_token *t = &q->token[q->token_cnt];
	uint8_t *norm = q->norm[q->token_cnt];

	if (q->token_cnt == GYL_SYSLOGD_QUERY_TOKEN_MAX || gap.len >= GAP_MAX)
		return false;
	*t = (struct gyl_syslogd_query_token){.gap = gap,
		.norm = tok->norm,
		.hash = tok->hash,
		.address = tok->norm.p != tok->text.p};
	if (t->address) {
		memcpy(norm, tok->norm.p, tok->norm.len);
		t->norm.p = norm;
	}
	q->token_cnt++;
	return true;
}

struct gyl_fault gyl_syslogd_query_word(struct gyl_syslogd_query *q, struct gyl_view text)
{
	struct gyl_syslogd_query_word *w = &q->word[q->word_cnt];
	struct gyl_syslogd_tokens t;
	struct gyl_syslogd_token tok;
	const uint8_t *end = NULL;

	if (q->word_cnt == GYL_SYSLOGD_QUERY_WORD_MAX)
		return gyl_fault(GYL_E_COUNT, 0);
	*w = (struct gyl_syslogd_query_word){
		.text = text, .pattern = is_pattern(text), .first = (uint8_t)q->token_cnt};
	gyl_syslogd_tokens_init(&t, text, false);
	while (!w->pattern && gyl_syslogd_tokens_next(&t, &tok)) {
		if (!put_token(q, &tok,
			    end == NULL ? gyl_view(NULL, 0)
					: gyl_view(end, (size_t)(tok.text.p - end))))
			return gyl_fault(GYL_E_COUNT, (size_t)(tok.text.p - text.p));
		end = tok.text.p + tok.text.len;
	}
	w->cnt = (uint8_t)(q->token_cnt - w->first);
	if (text.len == 0 || (w->cnt == 0 && !w->pattern))
		return gyl_fault(GYL_E_SYNTAX, 0);
	q->word_cnt++;
	return gyl_ok();
}

static bool same_folded(struct gyl_view a, struct gyl_view b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (gyl__query_fold(a.p[i]) != gyl__query_fold(b.p[i]))
			return false;
	return true;
}

/* Do the word's other tokens follow that one, with what stands between them? */
static bool goes_on(const struct gyl_syslogd_query *q, const struct gyl_syslogd_query_word *w,
	struct gyl_syslogd_tokens t, const uint8_t *end)
{
	struct gyl_syslogd_token tok;

	for (unsigned i = 1; i < w->cnt; i++) {
		const struct gyl_syslogd_query_token *want = &q->token[w->first + i];
		uint8_t undone[GAP_MAX];
		struct gyl_view gap;

		if (!gyl_syslogd_tokens_step(&t, &tok) || !same_folded(tok.norm, want->norm))
			return false;
		gap = gyl_view(end, (size_t)(tok.text.p - end));
		if (t.json)
			gap = gyl_syslogd_octets(gap, undone, sizeof undone);
		if (!gyl_view_eq(gap, want->gap))
			return false;
		end = tok.text.p + tok.text.len;
	}
	return true;
}

static bool has_word(const struct gyl_syslogd_query *q, const struct gyl_syslogd_query_word *w,
	struct gyl_view text, bool json)
{
	struct gyl_syslogd_tokens t;
	struct gyl_syslogd_token tok;

	gyl_syslogd_tokens_init(&t, text, json);
	while (gyl_syslogd_tokens_step(&t, &tok))
		if (same_folded(tok.norm, q->token[w->first].norm) &&
			goes_on(q, w, t, tok.text.p + tok.text.len))
			return true;
	return false;
}

static bool has_piece_like(struct gyl_view pattern, struct gyl_view text)
{
	while (text.len != 0) {
		size_t len = 0;

		while (len < text.len && text.p[len] != ' ')
			len++;
		if (gyl_match_text(pattern, gyl_view_sub(text, 0, len)))
			return true;
		text = gyl_view_sub(text, len + 1, text.len);
	}
	return false;
}

static bool has_pattern(struct gyl_view pattern, struct gyl_view text, bool json, uint8_t *scratch)
{
	struct gyl_syslogd_tokens t;
	struct gyl_syslogd_token tok;

	gyl_syslogd_tokens_init(&t, text, json);
	while (gyl_syslogd_tokens_step(&t, &tok))
		if (gyl_match_text(pattern, tok.norm))
			return true;
	if (json)
		text = gyl_syslogd_octets(text, scratch, GYL_SYSLOGD_QUERY_SCRATCH);
	return has_piece_like(pattern, text);
}

static bool says_word(const struct gyl_syslogd_query *q, const struct gyl_syslogd_query_word *w,
	const struct gyl_syslogd_fields *f, uint8_t *scratch)
{
	for (unsigned i = 0; i < GYL_SYSLOGD_WORD_TEXTS; i++) {
		bool json;
		struct gyl_view text =
			gyl_syslogd_word_text(f, i, scratch, GYL_SYSLOGD_QUERY_SCRATCH, &json);

		if (w->pattern ? has_pattern(w->text, text, json, scratch)
			       : has_word(q, w, text, json))
			return true;
	}
	return false;
}

/* ---- fields ---- */

struct gyl_view gyl__query_item(struct gyl_view *list)
{
	struct gyl_view item;
	size_t len = 0;

	while (len < list->len && list->p[len] != ',')
		len++;
	item = gyl_view_sub(*list, 0, len);
	*list = gyl_view_sub(*list, len + 1, list->len);
	return item;
}

static bool is_like(struct gyl_view list, struct gyl_view text)
{
	while (list.len != 0)
		if (gyl_match_text(gyl__query_item(&list), text))
			return true;
	return false;
}

static bool fits_text(struct gyl_view list, struct gyl_view field, uint8_t *scratch)
{
	return list.p == NULL ||
	       (field.p != NULL && is_like(list, gyl_syslogd_octets(field, scratch,
							 GYL_SYSLOGD_QUERY_SCRATCH)));
}

bool gyl__query_prefix(struct gyl_view v, uint32_t *ret_ip, uint32_t *ret_mask)
{
	size_t at = 0;
	uint64_t len;

	while (at < v.len && v.p[at] != '/')
		at++;
	if (at == v.len || gyl_failed(gyl_parse_ipv4(gyl_view_sub(v, 0, at), ret_ip)) ||
		gyl_failed(gyl_parse_u64(gyl_view_sub(v, at + 1, v.len), 32, &len)))
		return false;
	*ret_mask = len == 0 ? 0 : UINT32_MAX << (32 - len);
	return true;
}

static bool fits_sender(struct gyl_view list, struct gyl_view from)
{
	uint32_t ip = 0, net, mask;
	bool is_ip = !gyl_failed(gyl_parse_ipv4(from, &ip));

	if (list.p == NULL)
		return true;
	while (list.len != 0) {
		struct gyl_view item = gyl__query_item(&list);

		if (gyl__query_prefix(item, &net, &mask)) {
			if (is_ip && ((ip ^ net) & mask) == 0)
				return true;
		} else if (from.p != NULL && gyl_match_text(item, from)) {
			return true;
		}
	}
	return false;
}

static bool fits_head(const struct gyl_syslogd_query *q, const struct gyl_syslogd_fields *f)
{
	uint64_t sev = gyl_syslogd_number(f, GYL_SYSLOGD_SEV, 8);
	uint64_t fac = gyl_syslogd_number(f, GYL_SYSLOGD_FAC, 32), recv_ns;

	if (q->severities != UINT8_MAX && (sev > 7 || !(q->severities >> sev & 1)))
		return false;
	if (q->facilities != UINT32_MAX && (fac > 31 || !(q->facilities >> fac & 1)))
		return false;
	if (gyl_syslogd_number(f, GYL_SYSLOGD_SEQ, 0) <= q->after_seq)
		return false;
	if (q->since_ns == 0 && q->until_ns == UINT64_MAX)
		return true;
	recv_ns = gyl_syslogd_time(f, GYL_SYSLOGD_RECV);
	return recv_ns >= q->since_ns && recv_ns < q->until_ns;
}

static struct gyl_view host_of(const struct gyl_syslogd_fields *f)
{
	return f->v[GYL_SYSLOGD_HOST].p != NULL ? f->v[GYL_SYSLOGD_HOST] : f->v[GYL_SYSLOGD_FROM];
}

bool gyl_syslogd_query_match(const struct gyl_syslogd_query *q, const struct gyl_syslogd_fields *f,
	void *grep_arg, uint8_t *scratch)
{
	if (!fits_head(q, f) || !fits_sender(q->from, f->v[GYL_SYSLOGD_FROM]) ||
		!fits_text(q->app, f->v[GYL_SYSLOGD_APP], scratch) ||
		!fits_text(q->host, host_of(f), scratch))
		return false;
	for (unsigned i = 0; i < q->word_cnt; i++)
		if (!says_word(q, &q->word[i], f, scratch))
			return false;
	return q->grep == NULL ||
	       q->grep(grep_arg, gyl_syslogd_message(f, scratch, GYL_SYSLOGD_QUERY_SCRATCH));
}

/* ---- frames ---- */

/* The hash of a field as it stands in a record, where it is escaped. */
static uint64_t field_hash(enum gyl_syslogd_tag tag, struct gyl_view item)
{
	uint8_t buf[1600];
	struct gyl_writer w;
	struct gyl_json j;

	gyl_writer_init(&w, buf, sizeof buf);
	gyl_json_init(&j, &w);
	gyl_json_str(&j, NULL, item);
	return gyl_syslogd_token_field(tag, gyl_view_sub(gyl_writer_view(&w), 1, w.len - 2));
}

/* Might one of the patterns be the field of a record of the frame? */
static bool may_have_field(const struct gyl_syslogd_frame *f, struct gyl_view list,
	enum gyl_syslogd_tag tag, enum gyl_syslogd_tag or_tag)
{
	if (list.p == NULL)
		return true;
	while (list.len != 0) {
		struct gyl_view item = gyl__query_item(&list);
		uint32_t net, mask;

		if (item.len > 255 || is_pattern(item) || gyl__query_prefix(item, &net, &mask) ||
			gyl_syslogd_frame_may_have(f, field_hash(tag, item)) ||
			(or_tag != tag && gyl_syslogd_frame_may_have(f, field_hash(or_tag, item))))
			return true;
	}
	return false;
}

bool gyl_syslogd_query_frame(const struct gyl_syslogd_query *q, const struct gyl_syslogd_frame *f)
{
	if (!(q->severities & f->severities) || f->recv_max_ns < q->since_ns ||
		f->recv_min_ns >= q->until_ns || f->last_seq <= q->after_seq)
		return false;
	if (f->filter.len == 0)
		return true;
	for (unsigned i = 0; i < q->token_cnt; i++)
		if (!gyl_syslogd_frame_may_have(f, q->token[i].hash))
			return false;
	return may_have_field(f, q->host, GYL_SYSLOGD_TAG_HOST, GYL_SYSLOGD_TAG_FROM) &&
	       may_have_field(f, q->app, GYL_SYSLOGD_TAG_APP, GYL_SYSLOGD_TAG_APP) &&
	       may_have_field(f, q->from, GYL_SYSLOGD_TAG_FROM, GYL_SYSLOGD_TAG_FROM);
}
