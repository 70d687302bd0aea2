/* SPDX-License-Identifier: ISC */
#include <gyl/tcp.h>

/* The options of gyl/tcp.h, one by one. */

void gyl_tcp_cursor_init(struct gyl_tcp_cursor *cur, struct gyl_view options)
{
	cur->rest = options;
}

bool gyl_tcp_cursor_next(struct gyl_tcp_cursor *cur, struct gyl_tcp_opt *ret_opt)
{
	struct gyl_view at = cur->rest;

	while (at.len != 0 && at.p[0] == GYL_TCP_OPT_NOP)
		at = gyl_view(at.p + 1, at.len - 1);
	if (at.len < 2 || at.p[0] == GYL_TCP_OPT_EOL || at.p[1] < 2 || at.p[1] > at.len) {
		cur->rest = gyl_view(at.p, 0);
		return false;
	}
	cur->rest = gyl_view(at.p + at.p[1], at.len - at.p[1]);
	ret_opt->kind = at.p[0];
	ret_opt->val = gyl_view(at.p + 2, (size_t)at.p[1] - 2);
	return true;
}

/* RFC 9293 3.2, RFC 7323 2.2 and 3.2, RFC 2018 2 and 3: the lengths that the known kinds have. */
static bool is_right_length(const struct gyl_tcp_opt *o)
{
	switch (o->kind) {
	case GYL_TCP_OPT_MSS:
		return o->val.len == 2;
	case GYL_TCP_OPT_WSCALE:
		return o->val.len == 1;
	case GYL_TCP_OPT_SACK_PERMITTED:
		return o->val.len == 0;
	case GYL_TCP_OPT_SACK:
		return o->val.len != 0 && o->val.len % 8 == 0;
	case GYL_TCP_OPT_TIMESTAMPS:
		return o->val.len == 8;
	default:
		return true;
	}
}

static void sack_take(struct gyl_view val, struct gyl_tcp_known *known)
{
	for (size_t off = 0; off < val.len && known->sack_cnt < GYL_TCP_SACK_MAX; off += 8) {
		struct gyl_tcp_sack *s = &known->sack[known->sack_cnt++];

		s->left = gyl_get_u32(val.p + off);
		s->right = gyl_get_u32(val.p + off + 4);
	}
}

static void take(const struct gyl_tcp_opt *o, struct gyl_tcp_known *known)
{
	const uint8_t *p = o->val.p;

	if (o->kind == GYL_TCP_OPT_MSS && !known->has_mss) {
		known->has_mss = true;
		known->mss = gyl_get_u16(p);
	} else if (o->kind == GYL_TCP_OPT_WSCALE && !known->has_wscale) {
		known->has_wscale = true;
		/* RFC 7323 2.3: a shift over 14 MUST be taken as 14. */
		known->wscale = p[0] < 14 ? p[0] : 14;
	} else if (o->kind == GYL_TCP_OPT_SACK_PERMITTED) {
		known->sack_permitted = true;
	} else if (o->kind == GYL_TCP_OPT_SACK && known->sack_cnt == 0) {
		sack_take(o->val, known);
	} else if (o->kind == GYL_TCP_OPT_TIMESTAMPS && !known->has_timestamps) {
		known->has_timestamps = true;
		known->ts_val = gyl_get_u32(p);
		known->ts_ecr = gyl_get_u32(p + 4);
	}
}

struct gyl_fault gyl_tcp_known_get(struct gyl_view options, struct gyl_tcp_known *ret_known)
{
	struct gyl_fault f = gyl_ok();
	struct gyl_tcp_cursor cur;
	struct gyl_tcp_opt opt;

	memset(ret_known, 0, sizeof *ret_known);
	gyl_tcp_cursor_init(&cur, options);
	while (gyl_tcp_cursor_next(&cur, &opt)) {
		if (is_right_length(&opt))
			take(&opt, ret_known);
		else if (f.err == GYL_OK)
			f = gyl_fault(GYL_LENIENT, (size_t)(opt.val.p - options.p) - 2);
	}
	return f;
}

/* Kind and length, and room for the value. */
static uint8_t *put_head(struct gyl_writer *w, uint8_t kind, size_t val_len)
{
	uint8_t *p = gyl_put_room(w, 2 + val_len);

	if (p == NULL)
		return NULL;
	p[0] = kind;
	p[1] = (uint8_t)(2 + val_len);
	return p + 2;
}

void gyl_tcp_put_mss(struct gyl_writer *w, uint16_t mss)
{
	uint8_t *p = put_head(w, GYL_TCP_OPT_MSS, 2);

	if (p != NULL)
		gyl_set_u16(p, mss);
}

void gyl_tcp_put_wscale(struct gyl_writer *w, uint8_t shift)
{
	uint8_t *p;

	if (shift > 14) {
		gyl_writer_fail(w, GYL_E_FIELD);
		return;
	}
	p = put_head(w, GYL_TCP_OPT_WSCALE, 1);
	if (p != NULL)
		p[0] = shift;
}

void gyl_tcp_put_sack_permitted(struct gyl_writer *w)
{
	put_head(w, GYL_TCP_OPT_SACK_PERMITTED, 0);
}

void gyl_tcp_put_sack(struct gyl_writer *w, const struct gyl_tcp_sack *sack, size_t sack_cnt)
{
	uint8_t *p;

	if (sack_cnt == 0 || sack_cnt > GYL_TCP_SACK_MAX) {
		gyl_writer_fail(w, GYL_E_COUNT);
		return;
	}
	p = put_head(w, GYL_TCP_OPT_SACK, 8 * sack_cnt);
	for (size_t i = 0; p != NULL && i < sack_cnt; i++) {
		gyl_set_u32(p + 8 * i, sack[i].left);
		gyl_set_u32(p + 8 * i + 4, sack[i].right);
	}
}

void gyl_tcp_put_timestamps(struct gyl_writer *w, uint32_t ts_val, uint32_t ts_ecr)
{
	uint8_t *p = put_head(w, GYL_TCP_OPT_TIMESTAMPS, 8);

	if (p == NULL)
		return;
	gyl_set_u32(p, ts_val);
	gyl_set_u32(p + 4, ts_ecr);
}

void gyl_tcp_put_option(struct gyl_writer *w, uint8_t kind, struct gyl_view val)
{
	uint8_t *p;

	if (kind <= GYL_TCP_OPT_NOP || val.len > 253) {
		gyl_writer_fail(w, kind <= GYL_TCP_OPT_NOP ? GYL_E_FIELD : GYL_E_LENGTH);
		return;
	}
	p = put_head(w, kind, val.len);
	if (p != NULL && val.len != 0)
		memcpy(p, val.p, val.len);
}
