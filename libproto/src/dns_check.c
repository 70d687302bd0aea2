/* SPDX-License-Identifier: ISC */

/* Rdata against its layout. Every length in here is checked before it is used; nothing is trusted.
 */

#include "libproto/src/dns_layout.h"
#include "libproto/src/dns_name.h"

struct span {
	const uint8_t *p;
	size_t off, end, floor;
	struct gyl__dns_memo *memo;
};

/* Checkers tell the field's length in *ret_len; s->off is its first octet. */
typedef struct gyl_fault (*checker)(const struct span *s, size_t *ret_len);

static struct gyl_fault counted(const struct span *s, size_t head, size_t body, size_t *ret_len)
{
	if (body > s->end - s->off - head)
		return gyl_fault(GYL_E_LENGTH, s->off);
	*ret_len = head + body;
	return gyl_ok();
}

static struct gyl_fault name_check(const struct span *s, size_t *ret_len)
{
	struct gyl__dns_walk walk = gyl__dns_walk(s->p, s->off, s->end, s->floor, s->memo);

	if (walk.err != GYL_OK) {
		struct gyl_fault f = gyl__dns_walk_fault(&walk);

		return f.err == GYL_E_SHORT ? gyl_fault(GYL_E_LENGTH, s->off) : f;
	}
	*ret_len = walk.next - s->off;
	return gyl_ok();
}

static struct gyl_fault plain_name_check(const struct span *s, size_t *ret_len)
{
	/* a floor at the name itself leaves pointers nowhere to go */
	struct span own = {s->p, s->off, s->end, s->off, NULL};

	return name_check(&own, ret_len);
}

static struct gyl_fault str_check(const struct span *s, size_t *ret_len)
{
	if (s->off == s->end)
		return gyl_fault(GYL_E_LENGTH, s->off);
	return counted(s, 1, s->p[s->off], ret_len);
}

static struct gyl_fault str_opt_check(const struct span *s, size_t *ret_len)
{
	*ret_len = 0;
	return s->off == s->end ? gyl_ok() : str_check(s, ret_len);
}

/* Strings that may not be empty: the hash of NSEC3, the tag of CAA. */
static struct gyl_fault filled_str_check(const struct span *s, size_t *ret_len)
{
	struct gyl_fault f = str_check(s, ret_len);

	return !gyl_failed(f) && *ret_len == 1 ? gyl_fault(GYL_E_FIELD, s->off) : f;
}

static struct gyl_fault data16_check(const struct span *s, size_t *ret_len)
{
	if (s->end - s->off < 2)
		return gyl_fault(GYL_E_LENGTH, s->off);
	return counted(s, 2, gyl_get_u16(s->p + s->off), ret_len);
}

static struct gyl_fault hip_check(const struct span *s, size_t *ret_len)
{
	const uint8_t *p = s->p + s->off;

	if (s->end - s->off < 4)
		return gyl_fault(GYL_E_LENGTH, s->off);
	/* RFC 8005 5: neither the HIT nor the key can be empty */
	if (p[0] == 0 || gyl_get_u16(p + 2) == 0)
		return gyl_fault(GYL_E_FIELD, s->off);
	return counted(s, 4, (size_t)p[0] + gyl_get_u16(p + 2), ret_len);
}

static struct gyl_fault rest_check(const struct span *s, size_t *ret_len)
{
	*ret_len = s->end - s->off;
	return gyl_ok();
}

static struct gyl_fault some_check(const struct span *s, size_t *ret_len)
{
	*ret_len = s->end - s->off;
	return *ret_len == 0 ? gyl_fault(GYL_E_LENGTH, s->off) : gyl_ok();
}

/* One or more of what item checks, up to the end. */
static struct gyl_fault all_check(const struct span *s, checker item, size_t *ret_len)
{
	struct span rest = *s;

	while (rest.off < rest.end) {
		size_t len;
		struct gyl_fault f = item(&rest, &len);

		if (gyl_failed(f))
			return f;
		rest.off += len;
	}
	return rest_check(s, ret_len);
}

static struct gyl_fault strs_check(const struct span *s, size_t *ret_len)
{
	/* RFC 1035 3.3.14: one or more */
	if (s->off == s->end)
		return gyl_fault(GYL_E_LENGTH, s->off);
	return all_check(s, str_check, ret_len);
}

static struct gyl_fault names_check(const struct span *s, size_t *ret_len)
{
	return all_check(s, plain_name_check, ret_len);
}

/* RFC 4034 4.1.2: windows in rising order, 1 to 32 octets each. */
static struct gyl_fault bitmap_check(const struct span *s, size_t *ret_len)
{
	size_t at = s->off;
	int window = -1;

	while (at < s->end) {
		if (s->end - at < 2 || s->p[at + 1] > s->end - at - 2)
			return gyl_fault(GYL_E_LENGTH, at);
		if (s->p[at] <= window || s->p[at + 1] == 0 || s->p[at + 1] > 32)
			return gyl_fault(GYL_E_FIELD, at);
		window = s->p[at];
		at += 2u + s->p[at + 1];
	}
	return rest_check(s, ret_len);
}

/* Code, length, value: EDNS options and SvcParams. */
static struct gyl_fault tlv_check(const struct span *s, size_t *ret_len)
{
	const uint8_t *p = s->p + s->off;
	size_t left = s->end - s->off;

	if (left < 4 || gyl_get_u16(p + 2) > left - 4)
		return gyl_fault(GYL_E_OPTION, s->off);
	*ret_len = 4u + gyl_get_u16(p + 2);
	return gyl_ok();
}

static struct gyl_fault options_check(const struct span *s, size_t *ret_len)
{
	return all_check(s, tlv_check, ret_len);
}

static struct gyl_fault svcparams_check(const struct span *s, size_t *ret_len)
{
	struct gyl_fault f = all_check(s, tlv_check, ret_len);
	long last = -1;

	/* RFC 9460 2.2: keys in strictly rising order */
	for (size_t at = s->off; !gyl_failed(f) && at < s->end;
		at += 4u + gyl_get_u16(s->p + at + 2)) {
		if (gyl_get_u16(s->p + at) <= last)
			return gyl_fault(GYL_E_FIELD, at);
		last = gyl_get_u16(s->p + at);
	}
	return f;
}

static struct gyl_fault apl_item_check(const struct span *s, size_t *ret_len)
{
	size_t left = s->end - s->off;

	/* RFC 3123 4: family, prefix, N and AFDLENGTH */
	if (left < 4 || (s->p[s->off + 3] & 0x7fu) > left - 4)
		return gyl_fault(GYL_E_OPTION, s->off);
	*ret_len = 4u + (s->p[s->off + 3] & 0x7f);
	return gyl_ok();
}

static struct gyl_fault apl_check(const struct span *s, size_t *ret_len)
{
	return all_check(s, apl_item_check, ret_len);
}

static struct gyl_fault ipseckey_check(const struct span *s, size_t *ret_len)
{
	static const uint8_t gateway_len[3] = {0, 4, 16};
	struct span gateway = {s->p, s->off + 3, s->end, s->off, NULL};
	struct gyl_fault f = gyl_ok();
	size_t len = 0;

	if (s->end - s->off < 3)
		return gyl_fault(GYL_E_LENGTH, s->off);
	/* RFC 4025 2.3: an unknown gateway type has no known length; the record is kept as it is */
	if (s->p[s->off + 1] == 3)
		f = plain_name_check(&gateway, &len);
	else if (s->p[s->off + 1] < 3)
		f = counted(s, 3, gateway_len[s->p[s->off + 1]], &len);
	return gyl_failed(f) ? f : rest_check(s, ret_len);
}

static struct gyl_fault amtrelay_check(const struct span *s, size_t *ret_len)
{
	static const uint8_t relay_len[3] = {0, 4, 16};
	struct span relay = {s->p, s->off + 1, s->end, s->off, NULL};
	struct gyl_fault f;
	unsigned type;
	size_t len = 0;

	if (s->off == s->end)
		return gyl_fault(GYL_E_LENGTH, s->off);
	/* RFC 8777 4.2.3: of an unknown type of relay nothing is known, its length neither */
	type = s->p[s->off] & 0x7f;
	if (type > 3)
		return rest_check(s, ret_len);
	f = type == 3 ? plain_name_check(&relay, &len) : counted(s, 1, relay_len[type], &len);
	*ret_len = type == 3 ? 1 + len : len;
	return f;
}

static struct gyl_fault loc_check(const struct span *s, size_t *ret_len)
{
	/* RFC 1876 2: only version 0 has a known shape */
	if (s->off == s->end || (s->p[s->off] == 0 && s->end - s->off != 16))
		return gyl_fault(GYL_E_LENGTH, s->off);
	return rest_check(s, ret_len);
}

static const checker checkers[GYL__DNS_KIND_CNT] = {
	[GYL__DNS_NAME_C] = name_check,
	[GYL__DNS_NAME_D] = name_check,
	[GYL__DNS_NAME_L] = plain_name_check,
	[GYL__DNS_NAME] = plain_name_check,
	[GYL__DNS_STR] = str_check,
	[GYL__DNS_STR_OPT] = str_opt_check,
	[GYL__DNS_SALT] = str_check,
	[GYL__DNS_HASH] = filled_str_check,
	[GYL__DNS_TAG] = filled_str_check,
	[GYL__DNS_DATA16] = data16_check,
	[GYL__DNS_HIP] = hip_check,
	[GYL__DNS_STRS] = strs_check,
	[GYL__DNS_LONGSTR] = rest_check,
	[GYL__DNS_BASE64] = rest_check,
	[GYL__DNS_DASH64] = rest_check,
	[GYL__DNS_HEX] = rest_check,
	[GYL__DNS_BITMAP] = bitmap_check,
	[GYL__DNS_SVCPARAMS] = svcparams_check,
	[GYL__DNS_NAMES] = names_check,
	[GYL__DNS_APL] = apl_check,
	[GYL__DNS_IPSECKEY] = ipseckey_check,
	[GYL__DNS_AMTRELAY] = amtrelay_check,
	[GYL__DNS_LOC] = loc_check,
	[GYL__DNS_WKS] = some_check,
	[GYL__DNS_NSAP] = some_check,
	[GYL__DNS_OPTIONS] = options_check,
	[GYL__DNS_OPAQUE] = rest_check,
};

static struct gyl_fault field_check(const struct span *s, unsigned kind, size_t *ret_len)
{
	if (kind == GYL__DNS_NAME_C)
		return name_check(s, ret_len);
	if (kind > GYL__DNS_IPV6)
		return checkers[kind](s, ret_len);
	if (s->end - s->off < gyl__dns_width[kind])
		return gyl_fault(GYL_E_LENGTH, s->off);
	*ret_len = gyl__dns_width[kind];
	return gyl_ok();
}

struct gyl_fault gyl__dns_check(const uint8_t *p, size_t off, size_t end,
	const struct gyl__dns_layout *layout, size_t floor, struct gyl__dns_memo *memo)
{
	struct span s = {p, off, end, floor, memo};

	for (unsigned i = 0; i < GYL__DNS_FIELD_MAX && layout->field[i] != GYL__DNS_NONE; i++) {
		size_t len = 0;
		struct gyl_fault f = field_check(&s, layout->field[i], &len);

		if (gyl_failed(f))
			return f;
		s.off += len;
	}
	return s.off == end ? gyl_ok() : gyl_fault(GYL_E_LENGTH, s.off);
}

unsigned gyl__dns_fields(const uint8_t *p, size_t off, size_t end,
	const struct gyl__dns_layout *layout, struct gyl__dns_field field[GYL__DNS_FIELD_MAX])
{
	struct span s = {p, off, end, 0, NULL};
	unsigned cnt = 0;

	while (cnt < GYL__DNS_FIELD_MAX && layout->field[cnt] != GYL__DNS_NONE) {
		struct gyl__dns_field *to = &field[cnt];

		to->kind = (enum gyl__dns_kind)layout->field[cnt];
		to->off = s.off;
		to->len = 0;
		if (gyl_failed(field_check(&s, layout->field[cnt], &to->len)))
			return 0;
		s.off += to->len;
		cnt++;
	}
	return s.off == end ? cnt : 0;
}
