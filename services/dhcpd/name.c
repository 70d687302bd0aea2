/* SPDX-License-Identifier: ISC */
#include <gyl/siphash.h>

#include "services/dhcpd/state.h"

enum {
	SUFFIX_MAX = 9 /* name-2 to name-9 */
};

bool gyl__dhcpd_name_eq(struct gyl_view a, struct gyl_view b)
{
	if (a.len != b.len)
		return false;
	if (a.p == b.p) /* as the domains of one subnet are */
		return true;
	for (size_t i = 0; i < a.len; i++)
		if (gyl__dhcpd_lower(a.p[i]) != gyl__dhcpd_lower(b.p[i]))
			return false;
	return true;
}

/* What an octet becomes; 0: left out. */
static uint8_t clean_octet(uint8_t c)
{
	c = gyl__dhcpd_lower(c);
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')
		return c;
	return c == ' ' || c == '_' ? '-' : 0;
}

size_t gyl__dhcpd_name_clean(struct gyl_view from, char *ret_name)
{
	size_t len = 0;

	for (size_t i = 0; i < from.len && from.p[i] != '.' && len < GYL_DHCPD_NAME_MAX; i++) {
		uint8_t c = clean_octet(from.p[i]);

		if (c != 0 && !(c == '-' && len == 0))
			ret_name[len++] = (char)c;
	}
	while (len != 0 && ret_name[len - 1] == '-')
		len--;
	return len;
}

/* ---- what a client calls itself ---- */

static size_t name_of_fqdn(struct gyl_view val, char *ret_name)
{
	struct gyl_dhcp_fqdn fqdn;
	struct gyl_dhcp_name name;
	bool full;

	if (gyl_failed(gyl_dhcp_fqdn_decode(val, &fqdn)))
		return 0;
	/* RFC 4702 4: the client wants no updates made in its name. */
	if ((fqdn.flags & GYL_DHCP_FQDN_N) != 0)
		return 0;
	if (gyl_failed(gyl_dhcp_fqdn_name(&fqdn, &name, &full)) || name.wire[0] == 0)
		return 0;
	return gyl__dhcpd_name_clean(gyl_view(name.wire + 1, name.wire[0]), ret_name);
}

/* RFC 4702 3.1: option 81 before option 12. */
static size_t wanted(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, char *ret_name,
	bool *ret_reserved)
{
	uint8_t join[GYL_DHCP_NAME_MAX + 3];
	struct gyl_view v;

	*ret_reserved = r->host != NULL && r->host->cf->hostname.cnt != 0;
	if (*ret_reserved)
		return gyl__dhcpd_name_clean(
			gyl_flat_view(d->layout->flat, r->host->cf->hostname), ret_name);
	if (gyl__dhcpd_join(r, GYL_DHCP_OPT_FQDN, join, sizeof join, &v))
		return name_of_fqdn(v, ret_name);
	if (gyl__dhcpd_join(r, GYL_DHCP_OPT_HOST_NAME, join, sizeof join, &v))
		return gyl__dhcpd_name_clean(v, ret_name);
	return 0;
}

/* ---- the index ---- */

static uint32_t hash_of(const struct gyl_dhcpd *d, struct gyl_view name)
{
	return (uint32_t)gyl_siphash(d->seed, name.p, name.len);
}

static struct gyl_view domain_of(const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l)
{
	return l->dropped ? gyl_view(NULL, 0) : d->layout->subnet[l->subnet].domain;
}

void gyl__dhcpd_name_drop(struct gyl_dhcpd *d, uint32_t slot)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];

	if (!l->named)
		return;
	gyl__dhcpd_index_drop(&d->names, slot);
	l->named = false;
}

static void forget(struct gyl_dhcpd *d, uint32_t slot)
{
	gyl__dhcpd_tail_set(d, slot, GYL_DHCPD_PART_NAME, gyl_view(NULL, 0));
}

/* *ret_hash: of the name. */
static uint32_t holder_of(
	struct gyl_dhcpd *d, struct gyl_view name, struct gyl_view domain, uint32_t *ret_hash)
{
	uint32_t hash = *ret_hash = hash_of(d, name);
	struct gyl_dhcpd_walk w = gyl__dhcpd_index_walk(&d->names, hash);
	uint32_t i;

	while ((i = gyl__dhcpd_index_next(&w)) != 0) {
		const struct gyl_dhcpd_lease *l = &d->lease[i];

		if (gyl_view_eq(gyl__dhcpd_lease_name(d, l), name) &&
			gyl__dhcpd_name_eq(domain_of(d, l), domain))
			return i;
	}
	return 0;
}

static void take(struct gyl_dhcpd *d, uint32_t slot, struct gyl_view name, uint32_t hash)
{
	struct gyl_dhcpd_lease *l = &d->lease[slot];

	l->name_hash = hash;
	l->named = true;
	gyl__dhcpd_tail_set(d, slot, GYL_DHCPD_PART_NAME, name);
	gyl__dhcpd_index_add(&d->names, slot);
}

/* ---- claims ---- */

/* name with "-n" behind it, cut so that it stays a label; n = 1 is the name itself. */
static struct gyl_view with_suffix(char *buf, struct gyl_view name, unsigned n)
{
	size_t len = name.len;

	memcpy(buf, name.p, len);
	if (n == 1)
		return gyl_view(buf, len);
	if (len > GYL_DHCPD_NAME_MAX - 2)
		len = GYL_DHCPD_NAME_MAX - 2;
	buf[len++] = '-';
	buf[len++] = (char)('0' + n);
	return gyl_view(buf, len);
}

/* Does the lease have that name already, maybe with a suffix? Then it keeps what it has. */
static bool has_it(const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l, struct gyl_view name,
	bool reserved)
{
	struct gyl_view own = gyl__dhcpd_lease_name(d, l);
	char buf[GYL_DHCPD_NAME_MAX + 2];

	for (unsigned n = 1; l->named && n <= (reserved ? 1u : SUFFIX_MAX); n++)
		if (gyl_view_eq(own, with_suffix(buf, name, n)))
			return true;
	return false;
}

/* The first of name, name-2 and so on that nobody has; empty: all are taken. */
static struct gyl_view first_free(struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, char *buf,
	struct gyl_view name, uint32_t *ret_hash)
{
	struct gyl_view domain = r->subnet->domain;

	for (unsigned n = 1; n <= SUFFIX_MAX; n++) {
		struct gyl_view v = with_suffix(buf, name, n);

		if (!gyl__dhcpd_layout_name_taken(d->layout, v, domain, r->host) &&
			holder_of(d, v, domain, ret_hash) == 0)
			return v;
	}
	return gyl_view(NULL, 0);
}

static uint32_t take_over(
	struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, uint32_t slot, struct gyl_view name)
{
	uint32_t hash, holder = holder_of(d, name, r->subnet->domain, &hash);

	if (holder != 0) {
		gyl__dhcpd_name_drop(d, holder);
		forget(d, holder);
	}
	take(d, slot, name, hash);
	return holder;
}

/* What the client wants to be called, or, when it says nothing of it, was called; its length. */
static size_t wanted_or_own(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r,
	const struct gyl_dhcpd_lease *l, char *ret_name, bool *ret_reserved)
{
	struct gyl_view own = gyl__dhcpd_lease_name(d, l);
	size_t len = wanted(d, r, ret_name, ret_reserved);

	if (len != 0)
		return len;
	if (own.len != 0)
		memcpy(ret_name, own.p, own.len);
	return own.len;
}

struct gyl_view gyl__dhcpd_name_preview(
	struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, uint32_t slot, char *buf)
{
	const struct gyl_dhcpd_lease *l = &d->lease[slot];
	char want[GYL_DHCPD_NAME_MAX];
	bool reserved;
	uint32_t hash;
	size_t len = wanted_or_own(d, r, l, want, &reserved);

	if (len == 0 || has_it(d, l, gyl_view(want, len), reserved))
		return gyl__dhcpd_lease_name(d, l);
	return reserved ? with_suffix(buf, gyl_view(want, len), 1)
			: first_free(d, r, buf, gyl_view(want, len), &hash);
}

uint32_t gyl__dhcpd_name_claim(struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, uint32_t slot)
{
	const struct gyl_dhcpd_lease *l = &d->lease[slot];
	char want[GYL_DHCPD_NAME_MAX], buf[GYL_DHCPD_NAME_MAX + 2];
	struct gyl_view name;
	bool reserved;
	uint32_t hash;
	size_t len = wanted_or_own(d, r, l, want, &reserved);

	if (len == 0 || has_it(d, l, gyl_view(want, len), reserved))
		return 0;
	gyl__dhcpd_name_drop(d, slot);
	if (reserved)
		return take_over(d, r, slot, gyl_view(want, len));
	name = first_free(d, r, buf, gyl_view(want, len), &hash);
	if (name.len != 0)
		take(d, slot, name, hash);
	else
		forget(d, slot);
	return 0;
}

void gyl__dhcpd_name_restore(struct gyl_dhcpd *d, uint32_t slot, struct gyl_view name)
{
	const struct gyl_dhcpd_lease *l = &d->lease[slot];
	uint32_t holder, hash;

	if (name.len != 0 && gyl_view_eq(gyl__dhcpd_lease_name(d, l), name) &&
		l->named == (l->state == GYL_DHCPD_LEASED))
		return;
	gyl__dhcpd_name_drop(d, slot);
	gyl__dhcpd_tail_set(d, slot, GYL_DHCPD_PART_NAME, name);
	if (name.len == 0 || l->state != GYL_DHCPD_LEASED)
		return;
	holder = holder_of(d, name, domain_of(d, l), &hash);
	if (holder != 0) { /* a reservation took it over, or its lease had ended by then */
		gyl__dhcpd_name_drop(d, holder);
		forget(d, holder);
	}
	take(d, slot, name, hash);
}
