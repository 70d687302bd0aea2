/* SPDX-License-Identifier: ISC */

/*
 * Writing DHCPv4 messages. The options field always keeps room for what has to come last: END,
 * option 82 and, where overloading is allowed, option 52. So nothing can fail at the end.
 */

#include <gyl/dhcp.h>

enum {
	PIECE_MAX = 255,
	OVERLOAD_LEN = 3
};

/* The two fields that may hold a name or options. Written by gyl_dhcp_end() alone, whatever was
 * tried before. */
static const struct field {
	unsigned area;
	uint8_t bit;
	size_t off, len;
} fields[] = {
	{GYL_DHCP_AREA_FILE, GYL_DHCP_OVERLOAD_FILE, 108, 128},
	{GYL_DHCP_AREA_SNAME, GYL_DHCP_OVERLOAD_SNAME, 44, 64},
};
enum {
	FIELD_CNT = sizeof fields / sizeof fields[0]
};

static void fail(struct gyl_dhcp_writer *w, enum gyl_err err)
{
	if (gyl_dhcp_ok(w))
		w->fault = gyl_fault(err, w->at[GYL_DHCP_AREA_OPTIONS]);
}

static void write_hdr(uint8_t *p, const struct gyl_dhcp_hdr *h)
{
	p[0] = h->op;
	p[1] = h->htype;
	p[2] = h->hlen;
	p[3] = h->hops;
	gyl_set_u32(p + 4, h->xid);
	gyl_set_u16(p + 8, h->secs);
	gyl_set_u16(p + 10, h->flags);
	gyl_set_u32(p + 12, h->ciaddr);
	gyl_set_u32(p + 16, h->yiaddr);
	gyl_set_u32(p + 20, h->siaddr);
	gyl_set_u32(p + 24, h->giaddr);
	memcpy(p + 28, h->chaddr, sizeof h->chaddr);
	gyl_set_u32(p + GYL_DHCP_HDR_LEN, GYL_DHCP_COOKIE);
}

void gyl_dhcp_begin(
	struct gyl_dhcp_writer *w, void *buf, size_t cap, const struct gyl_dhcp_hdr *hdr)
{
	memset(w, 0, sizeof *w);
	w->p = (uint8_t *)buf;
	w->cap = cap > UINT16_MAX ? UINT16_MAX : cap;
	w->at[GYL_DHCP_AREA_OPTIONS] = GYL_DHCP_OPTS_OFF;
	for (unsigned i = 0; i < FIELD_CNT; i++)
		w->at[fields[i].area] = w->end[fields[i].area] = fields[i].off;
	if (cap < GYL_DHCP_OPTS_OFF + 1) {
		w->fault = gyl_fault(GYL_E_SPACE, 0);
		return;
	}
	w->end[GYL_DHCP_AREA_OPTIONS] = w->cap - 1;
	write_hdr(w->p, hdr);
}

/* Octets that a value takes as an option, with a header for each piece of 255. */
static size_t wire_len(size_t len)
{
	size_t pieces = len == 0 ? 1 : (len + PIECE_MAX - 1) / PIECE_MAX;

	return len + 2 * pieces;
}

static void write_piece(
	struct gyl_dhcp_writer *w, unsigned area, uint8_t code, const uint8_t *p, size_t len)
{
	uint8_t *to = w->p + w->at[area];

	to[0] = code;
	to[1] = (uint8_t)len;
	if (len != 0)
		memcpy(to + 2, p, len);
	w->at[area] += 2 + len;
}

static bool try_short(struct gyl_dhcp_writer *w, uint8_t code, struct gyl_view val)
{
	for (unsigned area = 0; area < GYL_DHCP_AREA_CNT; area++) {
		if (w->end[area] - w->at[area] < 2 + val.len)
			continue;
		write_piece(w, area, code, val.p, val.len);
		return true;
	}
	return false;
}

static size_t area_off(unsigned area)
{
	return area == GYL_DHCP_AREA_OPTIONS ? GYL_DHCP_OPTS_OFF : fields[area - 1].off;
}

/* RFC 3396 section 7: pieces follow each other through the fields in the order of reading, so the
 * value goes on only in a field that holds nothing yet. */
static bool try_long_from(
	struct gyl_dhcp_writer *w, unsigned area, uint8_t code, struct gyl_view val)
{
	struct gyl_dhcp_writer mark = *w;

	for (unsigned first = area; area < GYL_DHCP_AREA_CNT; area++) {
		if (area != first && w->at[area] != area_off(area))
			break;
		while (val.len != 0 && w->end[area] - w->at[area] > 2) {
			size_t len = w->end[area] - w->at[area] - 2;

			if (len > PIECE_MAX)
				len = PIECE_MAX;
			if (len > val.len)
				len = val.len;
			write_piece(w, area, code, val.p, len);
			val = gyl_view(val.p + len, val.len - len);
		}
	}
	if (val.len == 0)
		return true;
	*w = mark;
	return false;
}

static bool try_long(struct gyl_dhcp_writer *w, uint8_t code, struct gyl_view val)
{
	for (unsigned area = 0; area < GYL_DHCP_AREA_CNT; area++)
		if (try_long_from(w, area, code, val))
			return true;
	return false;
}

/* Take room from the end of the options field for what is written last. */
static bool reserve(struct gyl_dhcp_writer *w, size_t len)
{
	size_t *end = &w->end[GYL_DHCP_AREA_OPTIONS];

	if (*end - w->at[GYL_DHCP_AREA_OPTIONS] < len)
		return false;
	*end -= len;
	return true;
}

static bool try_relay(struct gyl_dhcp_writer *w, struct gyl_view val)
{
	size_t old = w->relay.len == 0 ? 0 : wire_len(w->relay.len);
	size_t want = val.len == 0 ? 0 : wire_len(val.len);

	w->end[GYL_DHCP_AREA_OPTIONS] += old;
	if (!reserve(w, want)) {
		w->end[GYL_DHCP_AREA_OPTIONS] -= old;
		return false;
	}
	w->relay = val;
	return true;
}

static bool is_framing(uint8_t code)
{
	return code == GYL_DHCP_OPT_PAD || code == GYL_DHCP_OPT_END ||
	       code == GYL_DHCP_OPT_OVERLOAD;
}

/* Apart, so that the usual way saves no registers for it. */
__attribute__((noinline)) static bool try_other(
	struct gyl_dhcp_writer *w, uint8_t code, struct gyl_view val)
{
	if (!gyl_dhcp_ok(w))
		return false;
	if (is_framing(code)) {
		fail(w, GYL_E_OPTION);
		return false;
	}
	if (code == GYL_DHCP_OPT_RELAY)
		return try_relay(w, val);
	return val.len <= PIECE_MAX ? try_short(w, code, val) : try_long(w, code, val);
}

/* In one piece, in the options field, as nearly all are. */
bool gyl_dhcp_try(struct gyl_dhcp_writer *w, uint8_t code, struct gyl_view val)
{
	size_t at = w->at[GYL_DHCP_AREA_OPTIONS];
	uint8_t *to;

	if (val.len > PIECE_MAX || w->end[GYL_DHCP_AREA_OPTIONS] - at < 2 + val.len ||
		is_framing(code) || code == GYL_DHCP_OPT_RELAY || !gyl_dhcp_ok(w))
		return try_other(w, code, val);
	to = w->p + at;
	to[0] = code;
	to[1] = (uint8_t)val.len;
	w->at[GYL_DHCP_AREA_OPTIONS] = at + 2 + val.len;
	if (val.len == 4) /* an address or a time: no call */
		memcpy(to + 2, val.p, 4);
	else if (val.len != 0)
		memcpy(to + 2, val.p, val.len);
	return true;
}

void gyl_dhcp_put(struct gyl_dhcp_writer *w, uint8_t code, struct gyl_view val)
{
	if (!gyl_dhcp_try(w, code, val))
		fail(w, GYL_E_SPACE);
}

void gyl_dhcp_put_u8(struct gyl_dhcp_writer *w, uint8_t code, uint8_t v)
{
	gyl_dhcp_put(w, code, gyl_view(&v, 1));
}

void gyl_dhcp_put_u16(struct gyl_dhcp_writer *w, uint8_t code, uint16_t v)
{
	uint8_t val[2];

	gyl_set_u16(val, v);
	gyl_dhcp_put(w, code, gyl_view(val, sizeof val));
}

void gyl_dhcp_put_u32(struct gyl_dhcp_writer *w, uint8_t code, uint32_t v)
{
	uint8_t val[4];

	gyl_set_u32(val, v);
	gyl_dhcp_put(w, code, gyl_view(val, sizeof val));
}

void gyl_dhcp_put_ipv4s(struct gyl_dhcp_writer *w, uint8_t code, const uint32_t *ip, size_t cnt)
{
	uint8_t val[4 * GYL_DHCP_IPV4S_MAX];

	if (cnt > GYL_DHCP_IPV4S_MAX) {
		fail(w, GYL_E_COUNT);
		return;
	}
	for (size_t i = 0; i < cnt; i++)
		gyl_set_u32(val + 4 * i, ip[i]);
	gyl_dhcp_put(w, code, gyl_view(val, 4 * cnt));
}

void gyl_dhcp_put_str(struct gyl_dhcp_writer *w, uint8_t code, const char *s)
{
	gyl_dhcp_put(w, code, gyl_view_str(s));
}

void gyl_dhcp_put_relay(struct gyl_dhcp_writer *w, struct gyl_view val)
{
	gyl_dhcp_put(w, GYL_DHCP_OPT_RELAY, val);
}

static void put_name(struct gyl_dhcp_writer *w, const struct field *f, struct gyl_view name)
{
	if (name.len >= f->len || w->allowed & f->bit)
		fail(w, GYL_E_SPACE);
	else if (gyl_dhcp_ok(w))
		w->name[f->area] = name;
}

void gyl_dhcp_put_file(struct gyl_dhcp_writer *w, struct gyl_view name)
{
	put_name(w, &fields[0], name);
}

void gyl_dhcp_put_sname(struct gyl_dhcp_writer *w, struct gyl_view name)
{
	put_name(w, &fields[1], name);
}

void gyl_dhcp_overload(struct gyl_dhcp_writer *w, unsigned which)
{
	unsigned allow = 0;

	for (unsigned i = 0; i < FIELD_CNT; i++)
		if (which & ~(unsigned)w->allowed & fields[i].bit &&
			w->name[fields[i].area].len == 0)
			allow |= fields[i].bit;
	/* Without room for option 52 itself there is no way to tell the client. */
	if (!gyl_dhcp_ok(w) || allow == 0 || (w->allowed == 0 && !reserve(w, OVERLOAD_LEN)))
		return;
	w->allowed |= (uint8_t)allow;
	for (unsigned i = 0; i < FIELD_CNT; i++)
		if (allow & fields[i].bit)
			w->end[fields[i].area] = fields[i].off + fields[i].len - 1;
}

/* Write one field: options and END, or the name, then zeros. Gives its bit when it holds options.
 */
static uint8_t end_field(struct gyl_dhcp_writer *w, const struct field *f)
{
	struct gyl_view name = w->name[f->area];
	size_t used = w->at[f->area] - f->off;

	if (used != 0)
		w->p[f->off + used++] = GYL_DHCP_OPT_END;
	else if (name.len != 0)
		memcpy(w->p + f->off, name.p, used = name.len);
	memset(w->p + f->off + used, 0, f->len - used);
	return w->at[f->area] != f->off ? f->bit : 0;
}

static void end_fields(struct gyl_dhcp_writer *w)
{
	uint8_t overload = 0;

	for (unsigned i = 0; i < FIELD_CNT; i++)
		overload |= end_field(w, &fields[i]);
	if (overload != 0)
		write_piece(w, GYL_DHCP_AREA_OPTIONS, GYL_DHCP_OPT_OVERLOAD, &overload, 1);
}

static void put_last(struct gyl_dhcp_writer *w)
{
	struct gyl_view v = w->relay;

	while (v.len != 0) {
		size_t len = v.len > PIECE_MAX ? PIECE_MAX : v.len;

		write_piece(w, GYL_DHCP_AREA_OPTIONS, GYL_DHCP_OPT_RELAY, v.p, len);
		v = gyl_view(v.p + len, v.len - len);
	}
	w->p[w->at[GYL_DHCP_AREA_OPTIONS]++] = GYL_DHCP_OPT_END;
}

struct gyl_fault gyl_dhcp_end(struct gyl_dhcp_writer *w, size_t min_len, size_t *ret_len)
{
	size_t *len = &w->at[GYL_DHCP_AREA_OPTIONS];

	if (min_len > w->cap)
		fail(w, GYL_E_SPACE);
	if (!gyl_dhcp_ok(w))
		return w->fault;
	end_fields(w);
	put_last(w);
	if (*len < min_len) {
		memset(w->p + *len, 0, min_len - *len);
		*len = min_len;
	}
	*ret_len = *len;
	return gyl_ok();
}
