/* SPDX-License-Identifier: ISC */
#include "services/dns/answer_own.h"
#include "services/dns/change.h"

enum {
	RR_HEAD = 12,
	POINTER_MAX = 0x3fff
};

static size_t follow(const uint8_t *p, size_t pos)
{
	while (p[pos] > GYL_DNS_LABEL_MAX)
		pos = gyl_get_u16(p + pos) & POINTER_MAX;
	return pos;
}

size_t gyl__dns_suffix_pos(const struct gyl_dns_reply *r, struct gyl_dns_at name, size_t suffix_len)
{
	if (name.pos == GYL_DNS_HEADER_LEN)
		return name.pos + name.len - suffix_len;
	name.pos = follow(r->p, name.pos);
	while (name.len > suffix_len) {
		size_t step = (size_t)r->p[name.pos] + 1;

		name.len -= step;
		name.pos = follow(r->p, name.pos + step);
	}
	return name.pos;
}

/* The octets were made for a question that is the owner: here it stands elsewhere, or is longer. */
static void move_pointers(const struct gyl_dns_reply *r, const struct gyl_dns_rrset *s,
	uint8_t *wire, size_t len, struct gyl_dns_at owner)
{
	const struct gyl_dns_patch *patch = gyl_dns_rrset_patch(s);
	uint16_t pointer = (uint16_t)(0xc000u | owner.pos);

	for (uint8_t *rr = wire; rr < wire + len; rr += RR_HEAD + (size_t)gyl_get_u16(rr + 10))
		gyl_set_u16(rr, pointer);
	for (unsigned i = 0; i < s->patch_cnt; i++)
		gyl_set_u16(wire + patch[i].at,
			(uint16_t)(0xc000u | gyl__dns_suffix_pos(r, owner, patch[i].suffix_len)));
}

static unsigned count(const uint8_t *rr, size_t len)
{
	const uint8_t *end = rr + len;
	unsigned cnt = 0;

	for (; rr < end; rr += RR_HEAD + (size_t)gyl_get_u16(rr + 10))
		cnt++;
	return cnt;
}

/* A zone that stands as it is in its file, but has names of leases: its serial moves with them. */
static void set_serial(const struct gyl_dns_reply *r, uint8_t *wire_end, struct gyl_dns_at owner)
{
	const struct gyl_dns_book *b;
	uint8_t apex[GYL_DNS_NAME_MAX];
	size_t len = gyl_dns_name_get(gyl_view(r->p, r->len), owner.pos, apex);

	gyl_dns_name_fold(apex, apex, len);
	b = gyl_dns_book_find(r->data->ledger, apex, len);
	if (b != NULL)
		gyl_set_u32(wire_end - 20, b->serial);
}

bool gyl__dns_put_set(struct gyl_dns_reply *r, enum gyl_dns_section section,
	const struct gyl_dns_rrset *s, struct gyl_dns_at owner, size_t node_len, size_t *ret_pos)
{
	uint8_t *wire = r->p + r->len;
	size_t room = r->limit - r->len, len = s->wire_len;

	if (r->q.edns.dnssec_ok)
		len += s->sig_len;
	/* RFC 4035 3.1.1: additional records may go without their signatures */
	if (len > room && section == GYL_DNS_ADDITIONAL)
		len = s->wire_len;
	if (len > room || owner.pos > POINTER_MAX) {
		if (section != GYL_DNS_ADDITIONAL)
			r->flags |= GYL_DNS_TC;
		return false;
	}
	memcpy(wire, gyl_dns_rrset_wire(s), len);
	if (owner.pos != GYL_DNS_HEADER_LEN || owner.len != node_len)
		move_pointers(r, s, wire, len, owner);
	*ret_pos = r->len;
	if (s->type == GYL_DNS_TYPE_SOA && r->data->ledger != NULL &&
		r->data->ledger->book_cnt != 0)
		set_serial(r, wire + s->wire_len, owner);
	r->len += len;
	r->cnt[section] =
		(uint16_t)(r->cnt[section] + s->cnt + count(wire + s->wire_len, len - s->wire_len));
	return true;
}

/* Whose addresses an extra means. NULL: it has none that are the zone's to give. */
static const struct gyl_dns_node *extra_node(const struct gyl_dns_reply *r,
	const struct gyl_dns_image *im, const struct gyl_dns_extra *e, size_t pos)
{
	uint8_t name[GYL_DNS_NAME_MAX];
	const struct gyl_dns_node *n;
	struct gyl_dns_key k;

	if (e->node_off != 0)
		return gyl_dns_image_node(im, e->node_off);
	/* a zone that changes: what the name has is looked up */
	gyl_dns_key_init(&k, name, gyl_dns_name_get(gyl_view(r->p, r->len), pos, name));
	n = gyl_dns_image_find(im, k.name, k.len, k.hash);
	if (n != NULL && (e->glue & GYL_DNS_EXTRA_OF_CUT) == 0 && gyl_dns_node_over(n) != 0)
		return NULL;
	return n;
}

void gyl__dns_put_extra(struct gyl_dns_reply *r, const struct gyl_dns_image *im,
	const struct gyl_dns_rrset *s, size_t pos)
{
	static const uint16_t type[] = {GYL_DNS_TYPE_A, GYL_DNS_TYPE_AAAA};
	const struct gyl_dns_extra *e = gyl_dns_rrset_extra(s);

	for (unsigned i = 0; i < s->extra_cnt; i++) {
		struct gyl_dns_at owner = {follow(r->p, pos + e[i].at), 0};
		const struct gyl_dns_node *n = extra_node(r, im, &e[i], owner.pos);

		if (n == NULL)
			continue;
		owner.len = n->name_len;

		for (int j = 0; j < 2; j++) {
			const struct gyl_dns_rrset *addr = gyl_dns_node_rrset(n, type[j]);
			size_t at;

			if (addr == NULL || gyl__dns_put_set(r, GYL_DNS_ADDITIONAL, addr, owner,
						    n->name_len, &at))
				continue;
			/* RFC 9471 3.1: glue that only this zone has must not be missing unsaid */
			if ((e[i].glue & GYL_DNS_EXTRA_GLUE) != 0)
				r->flags |= GYL_DNS_TC;
			return;
		}
	}
}

uint8_t *gyl__dns_put_rr(struct gyl_dns_reply *r, enum gyl_dns_section section, size_t owner_pos,
	uint16_t type, uint32_t ttl, size_t rdata_len)
{
	uint8_t *rr = r->p + r->len;

	if (RR_HEAD + rdata_len > r->limit - r->len) {
		r->flags |= GYL_DNS_TC;
		return NULL;
	}
	gyl_set_u16(rr, (uint16_t)(0xc000u | owner_pos));
	gyl_set_u16(rr + 2, type);
	gyl_set_u16(rr + 4, GYL_DNS_CLASS_IN);
	gyl_set_u32(rr + 6, ttl);
	gyl_set_u16(rr + 10, (uint16_t)rdata_len);
	r->len += RR_HEAD + rdata_len;
	r->cnt[section]++;
	return rr + RR_HEAD;
}
