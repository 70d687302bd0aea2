/* SPDX-License-Identifier: ISC */

/* Rdata as a whole, and the lists inside it: checking, expanded and canonical form, bitmaps, items.
 */

#include <gyl/dns_rdata.h>

#include "libproto/src/dns_layout.h"
#include "libproto/src/dns_name.h"

bool gyl_dns_str_next(struct gyl_view strs, size_t *off, struct gyl_view *ret_str)
{
	if (*off >= strs.len)
		return false;
	*ret_str = gyl_view_sub(strs, *off + 1, strs.p[*off]);
	*off += 1 + ret_str->len;
	return true;
}

bool gyl_dns_svcparam_next(struct gyl_view params, size_t *off, struct gyl_dns_svcparam *ret_param)
{
	struct gyl_dns_option item;

	if (!gyl_dns_option_next(params, off, &item))
		return false;
	ret_param->key = item.code;
	ret_param->val = item.val;
	return true;
}

bool gyl_dns_bitmap_next(struct gyl_view types, uint16_t from, uint16_t *ret_type)
{
	for (size_t at = 0; types.len - at >= 2 && types.p[at + 1] <= types.len - at - 2;
		at += 2u + types.p[at + 1]) {
		unsigned base = (unsigned)types.p[at] << 8, cnt = types.p[at + 1] * 8u;

		for (unsigned bit = from > base ? from - base : 0; bit < cnt; bit++) {
			if (!(types.p[at + 2 + bit / 8] & 0x80u >> bit % 8))
				continue;
			*ret_type = (uint16_t)(base + bit);
			return true;
		}
	}
	return false;
}

bool gyl_dns_bitmap_has(struct gyl_view types, uint16_t type)
{
	uint16_t next = 0;

	return gyl_dns_bitmap_next(types, type, &next) && next == type;
}

/* The lowest window above last that a type falls into, or 256. */
static unsigned window_next(const uint16_t *types, size_t cnt, int last)
{
	unsigned best = 256;

	for (size_t i = 0; i < cnt; i++) {
		unsigned window = types[i] >> 8;

		if ((int)window > last && window < best)
			best = window;
	}
	return best;
}

void gyl_dns_bitmap_put(struct gyl_writer *w, const uint16_t *types, size_t cnt)
{
	int last = -1;
	unsigned window;

	while ((window = window_next(types, cnt, last)) < 256) {
		uint8_t bits[32] = {0};
		unsigned len = 0;

		for (size_t i = 0; i < cnt; i++) {
			unsigned octet = (types[i] & 255u) / 8;

			if (types[i] >> 8 != window)
				continue;
			bits[octet] |= (uint8_t)(0x80u >> types[i] % 8);
			len = octet >= len ? octet + 1 : len;
		}
		gyl_put_u8(w, (uint8_t)window);
		gyl_put_u8(w, (uint8_t)len);
		gyl_put_bytes(w, bits, len);
		last = (int)window;
	}
}

/* RFC 1035 3.4.1 describes addresses of the internet; those of Chaosnet look different. */
static const struct gyl__dns_layout *layout_of(uint16_t type, uint16_t rrclass)
{
	return gyl__dns_layout(type == GYL_DNS_TYPE_A && rrclass == GYL_DNS_CLASS_CH ? 0 : type);
}

struct gyl_fault gyl_dns_rdata_check(uint16_t type, uint16_t rrclass, struct gyl_view rdata)
{
	/* with the floor past the end no pointer is allowed */
	return gyl__dns_check(rdata.p, 0, rdata.len, layout_of(type, rrclass), rdata.len, NULL);
}

static void name_put(struct gyl_writer *w, struct gyl_view msg, size_t off, bool fold)
{
	uint8_t name[GYL_DNS_NAME_MAX];
	size_t len = gyl_dns_name_get(msg, off, name);

	if (fold)
		gyl_dns_name_fold(name, name, len);
	gyl_put_bytes(w, name, len);
}

static void form_put(
	struct gyl_writer *w, struct gyl_view msg, const struct gyl_dns_rr *rr, bool canonical)
{
	struct gyl__dns_field field[GYL__DNS_FIELD_MAX];
	unsigned cnt = gyl__dns_fields(msg.p, rr->rdata_off, rr->rdata_off + rr->rdata.len,
		layout_of(rr->type, rr->rrclass), field);

	if (cnt == 0)
		gyl_put_view(w, rr->rdata);
	for (unsigned i = 0; i < cnt; i++) {
		bool is_name = field[i].kind >= GYL__DNS_NAME_C && field[i].kind <= GYL__DNS_NAME;

		if (is_name)
			name_put(w, msg, field[i].off, canonical && field[i].kind != GYL__DNS_NAME);
		else
			gyl_put_bytes(w, msg.p + field[i].off, field[i].len);
	}
}

void gyl_dns_rdata_expand(struct gyl_writer *w, struct gyl_view msg, const struct gyl_dns_rr *rr)
{
	form_put(w, msg, rr, false);
}

void gyl_dns_rdata_canonical(struct gyl_writer *w, struct gyl_view msg, const struct gyl_dns_rr *rr)
{
	form_put(w, msg, rr, true);
}
