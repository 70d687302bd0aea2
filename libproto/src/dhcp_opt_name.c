/* SPDX-License-Identifier: ISC */

/* Domain names inside options: RFC 1035 wire form, compressed within one value (RFC 3397), and
 * option 81. */

#include <gyl/dhcp_opt.h>
#include <gyl/text.h>

enum {
	LABEL_MAX = 63,
	POINTER = 0xc0,
	POINTER_MAX = 0x3fff,
	JUMPS_MAX = 127
};

/* Append a label with its length octet; room for the root label is kept. */
static bool add_label(struct gyl_dhcp_name *n, const uint8_t *label, size_t len)
{
	if (n->len + 1 + len + (len != 0) > GYL_DHCP_NAME_MAX)
		return false;
	n->wire[n->len] = (uint8_t)len;
	if (len != 0)
		memcpy(n->wire + n->len + 1, label, len);
	n->len = (uint8_t)(n->len + 1 + len);
	return true;
}

/*
 * Follow a pointer. Each must lead below everything read since the last one, which rules out loops
 * (RFC 3397 section 2), and a name has no more labels than JUMPS_MAX, so more jumps than that are
 * mischief.
 */
static bool follow(struct gyl_view v, size_t *at, size_t *low, unsigned *jumps)
{
	size_t to = (size_t)(v.p[*at] & LABEL_MAX) << 8 | v.p[*at + 1];

	if (to >= *low || ++*jumps > JUMPS_MAX)
		return false;
	*at = *low = to;
	return true;
}

static struct gyl_fault read_name(
	struct gyl_view v, size_t at, struct gyl_dhcp_name *n, size_t *ret_next)
{
	size_t low = at, next = 0, len;
	unsigned jumps = 0;

	n->len = 0;
	do {
		if (at >= v.len)
			return gyl_fault(GYL_E_SHORT, at + 1);
		len = v.p[at];
		if ((len & POINTER) == POINTER) {
			if (at + 1 >= v.len)
				return gyl_fault(GYL_E_SHORT, at + 2);
			next = next == 0 ? at + 2 : next;
			if (!follow(v, &at, &low, &jumps))
				return gyl_fault(GYL_E_POINTER, at);
			continue;
		}
		if (len > LABEL_MAX)
			return gyl_fault(GYL_E_NAME, at);
		if (len > v.len - at - 1)
			return gyl_fault(GYL_E_SHORT, at + 1 + len);
		if (!add_label(n, v.p + at + 1, len))
			return gyl_fault(GYL_E_NAME, at);
		at += 1 + len;
	} while (len != 0);
	*ret_next = next == 0 ? at : next;
	return gyl_ok();
}

void gyl_dhcp_name_init(struct gyl_dhcp_name_cursor *c, struct gyl_view val)
{
	c->val = val;
	c->at = 0;
}

bool gyl_dhcp_name_next(struct gyl_dhcp_name_cursor *c, struct gyl_dhcp_name *ret_name)
{
	struct gyl_dhcp_name n;

	if (c->at >= c->val.len || gyl_failed(read_name(c->val, c->at, &n, &c->at)))
		return false;
	ret_name->len = n.len;
	memcpy(ret_name->wire, n.wire, n.len);
	return true;
}

struct gyl_fault gyl_dhcp_names_check(struct gyl_view val)
{
	struct gyl_fault f = gyl_ok();
	struct gyl_dhcp_name n;

	for (size_t at = 0; at < val.len && !gyl_failed(f);)
		f = read_name(val, at, &n, &at);
	return f;
}

static bool is_label_start(const struct gyl_dhcp_name *name, size_t off)
{
	size_t at = 0;

	while (at < off)
		at += 1 + (size_t)name->wire[at];
	return at == off;
}

/*
 * The octets of a name in front of the longest tail that stands in v (whole names), and where it
 * stands. Letters keep their case. One look at each place, however many labels the name has.
 */
static size_t find_tail(struct gyl_view v, const struct gyl_dhcp_name *name, size_t *ret_to)
{
	size_t own = name->len - 1u, at = 0, tail, next;
	struct gyl_dhcp_name n;

	while (at < v.len && at <= POINTER_MAX) {
		if (v.p[at] != 0 && v.p[at] < POINTER && !gyl_failed(read_name(v, at, &n, &next)) &&
			n.len <= name->len) {
			tail = (size_t)name->len - n.len;
			if (tail < own && memcmp(n.wire, name->wire + tail, n.len) == 0 &&
				is_label_start(name, tail)) {
				own = tail;
				*ret_to = at;
			}
		}
		at += v.p[at] >= POINTER ? 2 : 1 + (size_t)v.p[at];
	}
	return own;
}

void gyl_dhcp_name_put(struct gyl_writer *w, size_t base, const struct gyl_dhcp_name *name)
{
	size_t start = w->len, to = 0;
	size_t own = find_tail(gyl_view(w->p + base, w->len - base), name, &to);

	gyl_put_bytes(w, name->wire, own);
	if (own + 1 == name->len)
		gyl_put_u8(w, 0);
	else
		gyl_put_u16(w, (uint16_t)(POINTER << 8 | to));
	if (!gyl_writer_ok(w))
		w->len = start;
}

static void print_octet(struct gyl_writer *w, uint8_t c)
{
	if (c <= ' ' || c >= 0x7f) {
		gyl_text_char(w, '\\');
		gyl_text_u64_pad(w, c, 3);
		return;
	}
	if (c == '.' || c == '\\' || c == ',')
		gyl_text_char(w, '\\');
	gyl_put_u8(w, c);
}

void gyl_dhcp_name_print(struct gyl_writer *w, const struct gyl_dhcp_name *name)
{
	size_t start = w->len;

	if (name->wire[0] == 0)
		gyl_text_char(w, '.');
	for (size_t at = 0; name->wire[at] != 0; at += 1 + (size_t)name->wire[at]) {
		if (at != 0)
			gyl_text_char(w, '.');
		for (size_t i = 1; i <= name->wire[at]; i++)
			print_octet(w, name->wire[at + i]);
	}
	if (!gyl_writer_ok(w))
		w->len = start;
}

/* An octet after a backslash: three digits, or the octet itself. */
static bool parse_escape(struct gyl_view text, size_t *at, uint8_t *ret_c)
{
	uint64_t v;

	if (*at >= text.len)
		return false;
	if (text.p[*at] < '0' || text.p[*at] > '9') {
		*ret_c = text.p[(*at)++];
		return true;
	}
	if (text.len - *at < 3 || gyl_failed(gyl_parse_u64(gyl_view_sub(text, *at, 3), 255, &v)))
		return false;
	*at += 3;
	*ret_c = (uint8_t)v;
	return true;
}

/* One label up to a dot or the end. */
static struct gyl_fault parse_label(
	struct gyl_view text, size_t *at, uint8_t label[LABEL_MAX], size_t *ret_len)
{
	size_t start = *at, len = 0;

	while (*at < text.len && text.p[*at] != '.') {
		size_t here = *at;
		uint8_t c = text.p[(*at)++];

		if (c == '\\' && !parse_escape(text, at, &c))
			return gyl_fault(GYL_E_SYNTAX, here);
		if (len == LABEL_MAX)
			return gyl_fault(GYL_E_NAME, start);
		label[len++] = c;
	}
	if (len == 0)
		return gyl_fault(GYL_E_NAME, start);
	*ret_len = len;
	return gyl_ok();
}

struct gyl_fault gyl_dhcp_name_parse(struct gyl_view text, struct gyl_dhcp_name *ret_name)
{
	struct gyl_dhcp_name n = {.len = 0};
	uint8_t label[LABEL_MAX];
	size_t at = 0, len;

	if (text.len == 0)
		return gyl_fault(GYL_E_NAME, 0);
	if (text.len == 1 && text.p[0] == '.')
		at = 1;
	while (at < text.len) {
		size_t start = at;
		struct gyl_fault f = parse_label(text, &at, label, &len);

		if (gyl_failed(f))
			return f;
		if (!add_label(&n, label, len))
			return gyl_fault(GYL_E_NAME, start);
		at += at < text.len; /* the dot */
	}
	add_label(&n, NULL, 0);
	*ret_name = n;
	return gyl_ok();
}

/* RFC 4702 2.3.1: wire form, in which a partial name has no root label. Gives whether it had one.
 */
static struct gyl_fault read_partial(struct gyl_view v, struct gyl_dhcp_name *n, bool *ret_full)
{
	size_t at = 0;

	n->len = 0;
	while (at < v.len && v.p[at] != 0) {
		size_t len = v.p[at];

		if (len > LABEL_MAX || len > v.len - at - 1 || !add_label(n, v.p + at + 1, len))
			return gyl_fault(GYL_E_NAME, at);
		at += 1 + len;
	}
	if (v.len > at + 1)
		return gyl_fault(GYL_E_NAME, at + 1);
	*ret_full = at < v.len;
	add_label(n, NULL, 0);
	return gyl_ok();
}

struct gyl_fault gyl_dhcp_fqdn_decode(struct gyl_view val, struct gyl_dhcp_fqdn *ret_fqdn)
{
	struct gyl_dhcp_fqdn q;
	struct gyl_dhcp_name n;
	struct gyl_fault f;
	bool full;

	if (val.len < 3)
		return gyl_fault(GYL_E_LENGTH, 0);
	q.flags = val.p[0];
	q.rcode1 = val.p[1];
	q.rcode2 = val.p[2];
	q.name = gyl_view_sub(val, 3, SIZE_MAX);
	if (q.flags & GYL_DHCP_FQDN_E) {
		f = read_partial(q.name, &n, &full);
		if (gyl_failed(f))
			return gyl_fault(f.err, f.off + 3);
	}
	*ret_fqdn = q;
	return gyl_ok();
}

void gyl_dhcp_fqdn_encode(struct gyl_writer *w, const struct gyl_dhcp_fqdn *fqdn)
{
	uint8_t *p = gyl_put_room(w, 3 + fqdn->name.len);

	if (p == NULL)
		return;
	p[0] = fqdn->flags;
	p[1] = fqdn->rcode1;
	p[2] = fqdn->rcode2;
	if (fqdn->name.len != 0)
		memcpy(p + 3, fqdn->name.p, fqdn->name.len);
}

struct gyl_fault gyl_dhcp_fqdn_name(
	const struct gyl_dhcp_fqdn *fqdn, struct gyl_dhcp_name *ret_name, bool *ret_full)
{
	struct gyl_view text = fqdn->name;
	struct gyl_dhcp_name n;
	struct gyl_fault f;
	bool full;

	if (fqdn->flags & GYL_DHCP_FQDN_E) {
		f = read_partial(text, &n, &full);
	} else {
		/* Old Windows clients end the ASCII form with a NUL. */
		while (text.len != 0 && text.p[text.len - 1] == 0)
			text.len--;
		full = text.len != 0 && text.p[text.len - 1] == '.';
		f = gyl_dhcp_name_parse(text, &n);
	}
	if (gyl_failed(f))
		return f;
	if (n.len == 1)
		return gyl_fault(GYL_E_NAME, 0);
	*ret_name = n;
	*ret_full = full;
	return gyl_ok();
}
