/* SPDX-License-Identifier: ISC */

/* What kinds of client a message is from. */

#include "services/dhcpd/state.h"

static bool begins(struct gyl_view v, struct gyl_view prefix)
{
	return prefix.len == 0 || (v.len >= prefix.len && memcmp(v.p, prefix.p, prefix.len) == 0);
}

/* The value of an option, all its pieces (RFC 3396). Of one that is longer only that it begins so
 * could be said: it is in no class. */
struct value {
	uint8_t join[512];
	struct gyl_view v;
};

static bool value_of(const struct gyl_dhcpd_req *r, uint8_t code, struct value *ret)
{
	return gyl__dhcpd_join(r, code, ret->join, sizeof ret->join, &ret->v);
}

static bool option_begins(const struct gyl_dhcpd_req *r, uint8_t code, struct gyl_view prefix)
{
	struct value val;

	return value_of(r, code, &val) && begins(val.v, prefix);
}

/* RFC 3004 4: items, each behind its length. Microsoft and iPXE send plain text instead. */
static bool user_class_begins(const struct gyl_dhcpd_req *r, struct gyl_view prefix)
{
	struct value val;
	struct gyl_view v;

	if (!value_of(r, GYL_DHCP_OPT_USER_CLASS, &val))
		return false;
	v = val.v;
	if (begins(v, prefix))
		return true;
	for (size_t at = 0; at < v.len; at += 1u + v.p[at]) {
		if (v.p[at] > v.len - at - 1)
			return false;
		if (begins(gyl_view_sub(v, at + 1, v.p[at]), prefix))
			return true;
	}
	return false;
}

/* RFC 4578 2.1: one architecture or more, two octets each. */
static bool has_arch(const struct gyl_dhcpd_req *r, const uint16_t *arch, uint32_t cnt)
{
	struct value val;

	if (!value_of(r, GYL_DHCP_OPT_CLIENT_ARCH, &val))
		return false;
	for (size_t at = 0; at + 2 <= val.v.len; at += 2)
		for (uint32_t i = 0; i < cnt; i++)
			if (gyl_get_u16(val.v.p + at) == arch[i])
				return true;
	return false;
}

static bool says_all(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, struct gyl_ref match)
{
	const struct gyl_conf_entry *e = gyl_flat_at(d->layout->flat, match);
	struct value val;

	for (uint32_t i = 0; i < match.cnt; i++)
		if (!value_of(r, (uint8_t)e[i].code, &val) ||
			!gyl_view_eq(val.v, gyl_flat_view(d->layout->flat, e[i].octet)))
			return false;
	return true;
}

static bool is_in(const struct gyl_dhcpd_req *r, struct gyl_conf_prefix net)
{
	uint32_t mask = gyl_conf_mask(net.len);

	return (r->subnet->ip & mask) == net.ip && (r->subnet->mask & mask) == mask;
}

/* Is where it comes from right? */
static bool fits_place(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r,
	const struct gyl_dhcpd_class_conf *k)
{
	const struct gyl_flat *f = d->layout->flat;

	return is_in(r, k->subnet) &&
	       begins(r->relay.circuit_id, gyl_flat_view(f, k->circuit_id)) &&
	       begins(r->relay.remote_id, gyl_flat_view(f, k->remote_id)) &&
	       (k->mac.cnt == 0 || (r->key.has_mac && begins(gyl_view(r->key.mac, 6),
							      gyl_flat_view(f, k->mac))));
}

/* Is what it says right? */
static bool fits_words(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r,
	const struct gyl_dhcpd_class_conf *k)
{
	const struct gyl_flat *f = d->layout->flat;

	return (k->vendor_class.cnt == 0 || option_begins(r, GYL_DHCP_OPT_VENDOR_CLASS,
						    gyl_flat_view(f, k->vendor_class))) &&
	       (k->user_class.cnt == 0 || user_class_begins(r, gyl_flat_view(f, k->user_class))) &&
	       (k->arch.cnt == 0 || has_arch(r, gyl_flat_at(f, k->arch), k->arch.cnt)) &&
	       says_all(d, r, k->match);
}

void gyl__dhcpd_class_read(const struct gyl_dhcpd *d, struct gyl_dhcpd_req *r)
{
	const struct gyl_dhcpd_layout *y = d->layout;

	r->class_bits = 0;
	for (uint32_t i = 0; i < y->class_cnt; i++)
		if (fits_place(d, r, y->class[i].cf) && fits_words(d, r, y->class[i].cf))
			r->class_bits |= UINT64_C(1) << i;
}

uint32_t gyl__dhcpd_usual_s(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r)
{
	const struct gyl_dhcpd_class *k = d->layout->class;

	for (uint64_t bits = r->class_bits; bits != 0; bits >>= 1, k++)
		if ((bits & 1) != 0 && k->lease_s != 0)
			return k->lease_s;
	return r->subnet->lease_s;
}
