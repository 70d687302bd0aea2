/* SPDX-License-Identifier: ISC */

/*
 * Reading DHCPv4 messages. Decode walks each field once, cuts it where its framing ends, and notes
 * the few options that matter to the message itself; everything after it works on proven octets.
 */

#include "libproto/src/dhcp_kind.h"

enum {
	CHADDR_OFF = 28,
	SNAME_OFF = 44,
	SNAME_LEN = 64,
	FILE_OFF = 108,
	FILE_LEN = 128
};

/*
 * What the walk over one message has seen. The message is filled in from here when nothing can fail
 * any more. Offsets are from the start of the message, 0 = not seen.
 */
struct scan {
	const uint8_t *p;
	struct gyl_view area[GYL_DHCP_AREA_CNT];
	uint64_t bad[4];     /* codes with an instance whose length is impossible by itself */
	size_t odd_off;      /* first remark */
	size_t type_off;     /* first option 53 */
	size_t overload_off; /* first option 52 */
	uint8_t overload;    /* its value when it makes sense */
	bool any_bad;
};

static void remark(struct scan *s, size_t off)
{
	if (s->odd_off == 0 || off < s->odd_off)
		s->odd_off = off;
}

static inline void first(size_t *slot, size_t at)
{
	if (*slot == 0)
		*slot = at;
}

static bool bit_get(const uint64_t bits[4], uint8_t code)
{
	return bits[code >> 6] >> (code & 63) & 1;
}

static void bit_set(uint64_t bits[4], uint8_t code)
{
	bits[code >> 6] |= UINT64_C(1) << (code & 63);
}

static inline void scan_option(struct scan *s, const uint8_t *opt)
{
	if (!gyl__dhcp_len_ok(opt[0], opt[1])) {
		bit_set(s->bad, opt[0]);
		s->any_bad = true;
	}
	switch (opt[0]) {
	case GYL_DHCP_OPT_TYPE:
		first(&s->type_off, (size_t)(opt - s->p));
		break;
	case GYL_DHCP_OPT_OVERLOAD:
		first(&s->overload_off, (size_t)(opt - s->p));
		break;
	default:
		break;
	}
}

/* Walk one field. Gives the part of it whose framing holds. */
static struct gyl_view scan_area(struct scan *s, size_t start, size_t len)
{
	const uint8_t *opt = s->p + start, *end = opt + len;

	while (opt < end) {
		if (*opt == GYL_DHCP_OPT_PAD) {
			opt++;
			continue;
		}
		if (*opt == GYL_DHCP_OPT_END)
			return gyl_view(s->p + start, (size_t)(opt - s->p) - start);
		if (end - opt < 2 || opt[1] > end - opt - 2)
			break;
		scan_option(s, opt);
		opt += 2 + opt[1];
	}
	/* RFC 2132 3.2 wants END; without it the field's own end has to do. */
	remark(s, (size_t)(opt - s->p));
	return gyl_view(s->p + start, (size_t)(opt - s->p) - start);
}

/* A field used for its name: what stands before the first NUL. */
static struct gyl_view field_text(const uint8_t *p, size_t len)
{
	const uint8_t *nul = (const uint8_t *)memchr(p, 0, len);

	return gyl_view(p, nul == NULL ? len : (size_t)(nul - p));
}

static void decode_hdr(const uint8_t *p, struct gyl_dhcp_hdr *h)
{
	h->op = p[0];
	h->htype = p[1];
	h->hlen = p[2];
	h->hops = p[3];
	h->xid = gyl_get_u32(p + 4);
	h->secs = gyl_get_u16(p + 8);
	h->flags = gyl_get_u16(p + 10);
	h->ciaddr = gyl_get_u32(p + 12);
	h->yiaddr = gyl_get_u32(p + 16);
	h->siaddr = gyl_get_u32(p + 20);
	h->giaddr = gyl_get_u32(p + 24);
	memcpy(h->chaddr, p + CHADDR_OFF, sizeof h->chaddr);
}

/* RFC 2132 9.3: only the options field can say that the other two hold options, file first. */
static void scan_areas(struct scan *s, size_t len)
{
	const uint8_t *opt;

	s->area[GYL_DHCP_AREA_OPTIONS] = scan_area(s, GYL_DHCP_OPTS_OFF, len - GYL_DHCP_OPTS_OFF);
	if (s->overload_off == 0)
		return;
	opt = s->p + s->overload_off;
	if (opt[1] != 1)
		return;
	if (opt[2] < GYL_DHCP_OVERLOAD_FILE || opt[2] > GYL_DHCP_OVERLOAD_BOTH) {
		remark(s, s->overload_off);
		return;
	}
	s->overload = opt[2];
	if (s->overload & GYL_DHCP_OVERLOAD_FILE)
		s->area[GYL_DHCP_AREA_FILE] = scan_area(s, FILE_OFF, FILE_LEN);
	if (s->overload & GYL_DHCP_OVERLOAD_SNAME)
		s->area[GYL_DHCP_AREA_SNAME] = scan_area(s, SNAME_OFF, SNAME_LEN);
}

/* The octets of all instances, the length of the first, and where the first impossible one stands.
 */
struct pieces {
	size_t total, first_len, odd_off;
	unsigned cnt;
};

static void walk_init(struct gyl_dhcp_cursor *c, const uint8_t *msg, const struct gyl_view *area)
{
	c->msg = c->at = c->end = msg;
	c->area = area;
	c->left = GYL_DHCP_AREA_CNT;
}

static struct pieces pieces_of(const uint8_t *msg, const struct gyl_view *area, uint8_t code)
{
	struct pieces sum = {0, 0, 0, 0};
	struct gyl_dhcp_cursor c;
	struct gyl_dhcp_opt o;

	for (walk_init(&c, msg, area); gyl_dhcp_cursor_next(&c, &o);) {
		if (o.code != code)
			continue;
		if (sum.cnt++ == 0)
			sum.first_len = o.val.len;
		if (!gyl__dhcp_len_ok(code, o.val.len))
			first(&sum.odd_off, o.off);
		sum.total += o.val.len;
	}
	return sum;
}

/*
 * RFC 3396 section 5: lengths are judged after joining. An instance that is odd by itself may be a
 * piece of a good value; or one bad repetition of a good one, which stands; or bad.
 */
static void judge_bad(struct scan *s)
{
	uint64_t odd[4];

	memcpy(odd, s->bad, sizeof odd);
	memset(s->bad, 0, sizeof s->bad);
	for (unsigned i = 1; i < GYL_DHCP_OPT_END; i++) {
		uint8_t code = (uint8_t)i;
		struct pieces sum;

		if (!bit_get(odd, code))
			continue;
		sum = pieces_of(s->p, s->area, code);
		if (sum.cnt > 1 && gyl__dhcp_len_ok(code, sum.total))
			continue;
		remark(s, sum.odd_off);
		if (!gyl__dhcp_len_fixed(code) || !gyl__dhcp_len_ok(code, sum.first_len))
			bit_set(s->bad, code);
	}
}

/* What nobody can do without. */
static struct gyl_fault check_type(const struct scan *s)
{
	const uint8_t *type = s->p + s->type_off;

	if (s->type_off != 0 && (type[1] != 1 || type[2] == 0))
		return gyl_fault(GYL_E_OPTION, s->type_off);
	return gyl_ok();
}

static struct gyl_fault scan_options(struct scan *s, size_t len)
{
	struct gyl_fault f;

	scan_areas(s, len);
	if (s->any_bad)
		judge_bad(s);
	/* of the right length, and a value that says nothing */
	if (s->overload_off != 0 && s->p[s->overload_off + 1] == 1 && s->overload == 0)
		bit_set(s->bad, GYL_DHCP_OPT_OVERLOAD);
	f = check_type(s);
	if (gyl_failed(f))
		return f;
	return s->odd_off == 0 ? gyl_ok() : gyl_fault(GYL_LENIENT, s->odd_off);
}

static struct gyl_fault check_fixed(struct gyl_view in)
{
	if (in.len < GYL_DHCP_HDR_LEN)
		return gyl_fault(GYL_E_SHORT, GYL_DHCP_HDR_LEN);
	if (in.len > UINT16_MAX)
		return gyl_fault(GYL_E_LENGTH, UINT16_MAX);
	if (in.p[0] != GYL_DHCP_BOOTREQUEST && in.p[0] != GYL_DHCP_BOOTREPLY)
		return gyl_fault(GYL_E_FIELD, 0);
	if (in.p[2] > 16)
		return gyl_fault(GYL_E_FIELD, 2);
	return gyl_ok();
}

static void fill_names(const struct scan *s, struct gyl_dhcp_msg *m)
{
	m->file = s->overload & GYL_DHCP_OVERLOAD_FILE ? gyl_view(NULL, 0)
						       : field_text(s->p + FILE_OFF, FILE_LEN);
	m->sname = s->overload & GYL_DHCP_OVERLOAD_SNAME ? gyl_view(NULL, 0)
							 : field_text(s->p + SNAME_OFF, SNAME_LEN);
}

struct gyl_fault gyl_dhcp_decode(struct gyl_view in, struct gyl_dhcp_msg *ret_msg)
{
	struct gyl_fault f = check_fixed(in);
	struct scan s = {.p = in.p};
	bool cookie;

	if (gyl_failed(f))
		return f;
	cookie = in.len >= GYL_DHCP_OPTS_OFF &&
		 gyl_get_u32(in.p + GYL_DHCP_HDR_LEN) == GYL_DHCP_COOKIE;
	f = cookie ? scan_options(&s, in.len) : gyl_fault(GYL_LENIENT, GYL_DHCP_HDR_LEN);
	if (gyl_failed(f))
		return f;
	ret_msg->in = in;
	decode_hdr(in.p, &ret_msg->hdr);
	memcpy(ret_msg->area, s.area, sizeof s.area);
	memcpy(ret_msg->bad, s.bad, sizeof s.bad);
	fill_names(&s, ret_msg);
	ret_msg->type = s.type_off == 0 ? 0 : in.p[s.type_off + 2];
	ret_msg->overload = s.overload;
	ret_msg->cookie = cookie;
	return f;
}

void gyl_dhcp_cursor_init(struct gyl_dhcp_cursor *c, const struct gyl_dhcp_msg *msg)
{
	walk_init(c, msg->in.p, msg->area);
}

/* Moves on to the next area that holds something. */
static bool area_next(struct gyl_dhcp_cursor *c)
{
	while (c->left != 0) {
		const struct gyl_view *area = c->area++;

		c->left--;
		if (area->len == 0)
			continue;
		c->at = area->p;
		c->end = area->p + area->len;
		return true;
	}
	return false;
}

bool gyl_dhcp_cursor_next(struct gyl_dhcp_cursor *c, struct gyl_dhcp_opt *ret_opt)
{
	do {
		while (c->at < c->end) {
			const uint8_t *opt = c->at;

			if (*opt == GYL_DHCP_OPT_PAD) {
				c->at++;
				continue;
			}
			ret_opt->code = opt[0];
			ret_opt->val = gyl_view(opt + 2, opt[1]);
			ret_opt->off = (size_t)(opt - c->msg);
			c->at = opt + 2 + opt[1];
			return true;
		}
	} while (area_next(c));
	return false;
}

bool gyl_dhcp_find(const struct gyl_dhcp_msg *msg, uint8_t code, struct gyl_view *ret_val)
{
	struct gyl_dhcp_cursor c;
	struct gyl_dhcp_opt o;

	if (gyl_dhcp_is_bad(msg, code))
		return false;
	for (gyl_dhcp_cursor_init(&c, msg); gyl_dhcp_cursor_next(&c, &o);) {
		if (o.code != code)
			continue;
		*ret_val = o.val;
		return true;
	}
	return false;
}

bool gyl_dhcp_find_u8(const struct gyl_dhcp_msg *msg, uint8_t code, uint8_t *ret_v)
{
	struct gyl_view v;

	if (!gyl_dhcp_find(msg, code, &v) || v.len != 1)
		return false;
	*ret_v = v.p[0];
	return true;
}

bool gyl_dhcp_find_u16(const struct gyl_dhcp_msg *msg, uint8_t code, uint16_t *ret_v)
{
	struct gyl_view v;

	if (!gyl_dhcp_find(msg, code, &v) || v.len != 2)
		return false;
	*ret_v = gyl_get_u16(v.p);
	return true;
}

bool gyl_dhcp_find_u32(const struct gyl_dhcp_msg *msg, uint8_t code, uint32_t *ret_v)
{
	struct gyl_view v;

	if (!gyl_dhcp_find(msg, code, &v) || v.len != 4)
		return false;
	*ret_v = gyl_get_u32(v.p);
	return true;
}

static void copy_pieces(const struct gyl_dhcp_msg *msg, uint8_t code, uint8_t *buf)
{
	struct gyl_dhcp_cursor c;
	struct gyl_dhcp_opt o;

	for (gyl_dhcp_cursor_init(&c, msg); gyl_dhcp_cursor_next(&c, &o);) {
		if (o.code != code || o.val.len == 0)
			continue;
		memcpy(buf, o.val.p, o.val.len);
		buf += o.val.len;
	}
}

struct gyl_fault gyl_dhcp_join(const struct gyl_dhcp_msg *msg, uint8_t code, void *buf, size_t cap,
	struct gyl_view *ret_val)
{
	struct gyl_view one;
	struct pieces sum;

	if (!gyl_dhcp_find(msg, code, &one))
		return gyl_fault(GYL_E_MISSING, 0);
	sum = pieces_of(msg->in.p, msg->area, code);
	/* Two lease times are not a lease time of eight octets, but one in two halves is one. */
	if (sum.cnt == 1 || (gyl__dhcp_len_fixed(code) && !gyl__dhcp_len_ok(code, sum.total))) {
		*ret_val = one;
		return gyl_ok();
	}
	if (sum.total > cap)
		return gyl_fault(GYL_E_SPACE, sum.total);
	copy_pieces(msg, code, (uint8_t *)buf);
	*ret_val = gyl_view(buf, sum.total);
	return gyl_ok();
}

static void index_area(struct gyl_dhcp_index *ix, const uint8_t *msg, struct gyl_view area)
{
	const uint8_t *p = area.p, *end = area.len == 0 ? p : p + area.len;

	while (p < end) {
		if (*p == GYL_DHCP_OPT_PAD) {
			p++;
			continue;
		}
		if (ix->off[*p] == 0)
			ix->off[*p] = (uint16_t)(p - msg);
		else
			bit_set(ix->more, *p);
		p += 2 + (size_t)p[1];
	}
}

void gyl_dhcp_index_init(struct gyl_dhcp_index *ix, const struct gyl_dhcp_msg *msg)
{
	memset(ix, 0, sizeof *ix);
	index_area(ix, msg->in.p, msg->area[GYL_DHCP_AREA_OPTIONS]);
	if (msg->overload & GYL_DHCP_OVERLOAD_FILE)
		index_area(ix, msg->in.p, msg->area[GYL_DHCP_AREA_FILE]);
	if (msg->overload & GYL_DHCP_OVERLOAD_SNAME)
		index_area(ix, msg->in.p, msg->area[GYL_DHCP_AREA_SNAME]);
	if ((msg->bad[0] | msg->bad[1] | msg->bad[2] | msg->bad[3]) == 0)
		return;
	for (unsigned code = 0; code < 256; code++)
		if (gyl_dhcp_is_bad(msg, (uint8_t)code))
			ix->off[code] = 0;
}

size_t gyl_dhcp_reply_max(const struct gyl_dhcp_msg *msg)
{
	enum {
		IP_UDP_LEN = 28
	};
	uint16_t size;

	if (!gyl_dhcp_find_u16(msg, GYL_DHCP_OPT_MAX_SIZE, &size))
		return GYL_DHCP_LEN_DEFAULT;
	if (size < GYL_DHCP_LEN_MIN + IP_UDP_LEN)
		return GYL_DHCP_LEN_MIN;
	return (size_t)size - IP_UDP_LEN;
}
