/* SPDX-License-Identifier: ISC */
#include <gyl/time.h>

#include "services/dns/answer_own.h"
#include "services/dns/change.h"
#include "services/dns/walk.h"

enum {
	NEGATIVE_TTL_S = 10, /* a host may come at any moment: nobody shall remember long that it is
				not there */
	SOA_NUMBERS_LEN = 20
};

/* RFC 6303 3: the address of nobody, for zones that nobody administers. */
static const uint8_t nobody[] = "\006nobody\007invalid";

/* Whole seconds that the lease still has, but no more than configured. */
static uint32_t lease_ttl_s(const struct gyl_dns_reply *r, const struct gyl_dns_lease *l)
{
	uint64_t left_s = gyl_time_sub(l->expiry_ns, r->now.mono_ns) / GYL_NS_PER_S;

	return left_s < r->policy->lease_ttl_s ? (uint32_t)left_s : r->policy->lease_ttl_s;
}

void gyl__dns_put_lease(
	struct gyl_dns_reply *r, const struct gyl_dns_found *f, struct gyl_dns_at name)
{
	const struct gyl_dns_lease *l = f->lease;
	uint8_t *rdata;

	if (f->ptr) {
		rdata = gyl__dns_put_rr(r, GYL_DNS_ANSWER, name.pos, GYL_DNS_TYPE_PTR,
			lease_ttl_s(r, l), l->name_len);
		if (rdata != NULL)
			memcpy(rdata, l->name, l->name_len);
		return;
	}
	rdata = gyl__dns_put_rr(r, GYL_DNS_ANSWER, name.pos, GYL_DNS_TYPE_A, lease_ttl_s(r, l), 4);
	if (rdata != NULL)
		gyl_set_u32(rdata, l->ip);
}

/* What the SOA of such a zone says, behind its own name and that of nobody. */
static void put_numbers(const struct gyl_dns_data *d, const uint8_t *apex, size_t len, uint8_t *p)
{
	const struct gyl_dns_book *b =
		d->ledger == NULL ? NULL : gyl_dns_book_find(d->ledger, apex, len);
	const uint32_t number[] = {
		b != NULL ? b->serial : d->overlay->serial, 3600, 1200, 604800, NEGATIVE_TTL_S};

	for (unsigned i = 0; i < SOA_NUMBERS_LEN / 4; i++)
		gyl_set_u32(p + (size_t)4 * i, number[i]);
}

size_t gyl__dns_local_soa(
	const struct gyl_dns_data *d, const uint8_t *apex, uint8_t *rdata, uint32_t *ret_ttl)
{
	size_t len = gyl_dns_name_len(apex);

	memcpy(rdata, apex, len);
	memcpy(rdata + len, nobody, sizeof nobody);
	put_numbers(d, apex, len, rdata + len + sizeof nobody);
	*ret_ttl = NEGATIVE_TTL_S;
	return len + sizeof nobody + SOA_NUMBERS_LEN;
}

void gyl__dns_put_local_soa(struct gyl_dns_reply *r, enum gyl_dns_section section,
	struct gyl_dns_at name, size_t apex_len)
{
	size_t apex_pos = gyl__dns_suffix_pos(r, name, apex_len);
	uint8_t *p = gyl__dns_put_rr(r, section, apex_pos, GYL_DNS_TYPE_SOA, NEGATIVE_TTL_S,
		2 + sizeof nobody + SOA_NUMBERS_LEN);
	uint8_t apex[GYL_DNS_NAME_MAX];

	if (p == NULL)
		return;
	gyl_dns_name_get(gyl_view(r->p, r->len), apex_pos, apex);
	gyl_dns_name_fold(apex, apex, apex_len);
	gyl_set_u16(p, (uint16_t)(0xc000u | apex_pos));
	memcpy(p + 2, nobody, sizeof nobody);
	put_numbers(r->data, apex, apex_len, p + 2 + sizeof nobody);
}

/* The top of a local zone has SOA and NS, which names itself (RFC 6303 3). */
void gyl__dns_put_local(struct gyl_dns_reply *r, struct gyl_dns_at name)
{
	uint8_t *p;

	if (r->q.qtype == GYL_DNS_TYPE_NS) {
		p = gyl__dns_put_rr(
			r, GYL_DNS_ANSWER, name.pos, GYL_DNS_TYPE_NS, r->policy->lease_ttl_s, 2);
		if (p != NULL)
			gyl_set_u16(p, (uint16_t)(0xc000u | name.pos));
	} else {
		bool soa = r->q.qtype == GYL_DNS_TYPE_SOA || r->q.qtype == GYL_DNS_TYPE_ANY;

		gyl__dns_put_local_soa(r, soa ? GYL_DNS_ANSWER : GYL_DNS_AUTHORITY, name, name.len);
	}
}

/* The names that BIND has given to these questions, and RFC 4892 the second one of each. */
void gyl__dns_put_chaos(struct gyl_dns_reply *r)
{
	static const struct {
		uint8_t name[17];
		bool version;
	} table[] = {
		{"\007version\004bind", true},
		{"\007version\006server", true},
		{"\010hostname\004bind", false},
		{"\002id\006server", false},
	};
	uint8_t *p;

	r->rcode = GYL_DNS_REFUSED;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct gyl_view text = table[i].version ? r->policy->version : r->policy->nsid;

		if (text.len == 0 || !gyl_dns_name_eq(r->q.qname.p, table[i].name))
			continue;
		r->rcode = GYL_DNS_NOERROR;
		r->flags |= GYL_DNS_AA;
		if (r->q.qtype != GYL_DNS_TYPE_TXT && r->q.qtype != GYL_DNS_TYPE_ANY)
			return;
		p = gyl__dns_put_rr(
			r, GYL_DNS_ANSWER, GYL_DNS_HEADER_LEN, GYL_DNS_TYPE_TXT, 0, text.len + 1);
		if (p == NULL)
			return;
		gyl_set_u16(p - 8, GYL_DNS_CLASS_CH);
		p[0] = (uint8_t)text.len;
		memcpy(p + 1, text.p, text.len);
	}
}
