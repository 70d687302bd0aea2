/* SPDX-License-Identifier: ISC */

/* Records of a name in a list, and the node that they make. */

#include <gyl/dns.h>
#include <gyl/dns_rdata.h>

#include "services/dns/live_own.h"
#include "services/dns/nsec3.h"

static void content_put(struct gyl_dns_content *c, uint32_t at, const struct gyl_dns_rec *r)
{
	memmove(&c->rec[at + 1], &c->rec[at], (c->cnt - at) * sizeof c->rec[0]);
	c->cnt++;
	c->rec[at] = *r;
	c->rec[at].rdata.p = c->octet + c->len;
	if (r->rdata.len != 0)
		memcpy(c->octet + c->len, r->rdata.p, r->rdata.len);
	c->len += (uint32_t)r->rdata.len;
}

bool gyl_dns_content_add(struct gyl_dns_content *c, const struct gyl_dns_rec *r)
{
	uint32_t at = c->cnt;

	if (c->cnt == GYL_DNS_LIVE_REC_MAX || r->rdata.len > sizeof c->octet - c->len)
		return false;
	while (at != 0 && c->rec[at - 1].type > r->type)
		at--;
	content_put(c, at, r);
	return true;
}

void gyl_dns_content_remove(struct gyl_dns_content *c, uint32_t i)
{
	c->cnt--;
	memmove(&c->rec[i], &c->rec[i + 1], (c->cnt - i) * sizeof c->rec[0]);
}

void gyl_dns_content_set_serial(struct gyl_dns_content *c, uint32_t serial)
{
	for (uint32_t i = 0; i < c->cnt; i++)
		if (c->rec[i].type == GYL_DNS_TYPE_SOA)
			gyl_set_u32(c->octet + (c->rec[i].rdata.p - c->octet) +
					    c->rec[i].rdata.len - 20,
				serial);
}

uint32_t gyl_dns_content_size(const struct gyl_dns_content *c)
{
	size_t len = 0;

	for (uint32_t i = 0; i < c->cnt; i++)
		len += 8 + c->rec[i].rdata.len;
	return (uint32_t)len;
}

bool gyl_dns_content_read(struct gyl_dns_content *c, const struct gyl_dns_node *n)
{
	const struct gyl_dns_rrset *s = n == NULL ? NULL : gyl_dns_node_first(n);

	c->cnt = c->len = 0;
	for (unsigned i = n == NULL ? 0 : n->rrset_cnt; i != 0; i--, s = gyl_dns_rrset_next(s)) {
		uint8_t buf[GYL_DNS_UNPACK_LEN];
		struct gyl_dns_unpacked u;
		size_t at = 0;

		while (gyl_dns_unpack(n, s, &at, buf, &u)) {
			struct gyl_dns_rec r = {u.type, u.ttl, u.rdata};

			if (!gyl_dns_content_add(c, &r))
				return false;
		}
	}
	return true;
}

/* The form in which names compare: folded, nothing else changed. */
static size_t canonical(uint16_t type, struct gyl_view rdata, uint8_t *buf, size_t cap)
{
	struct gyl_dns_rr rr = gyl_dns_rr_alone(type, GYL_DNS_CLASS_IN, rdata);
	struct gyl_writer w;

	gyl_writer_init(&w, buf, cap);
	gyl_dns_rdata_canonical(&w, rdata, &rr);
	return w.len;
}

static bool same_rdata(uint16_t type, struct gyl_view a, struct gyl_view b)
{
	uint8_t a_buf[1024], b_buf[1024];
	size_t len;

	if (a.len != b.len || a.len > sizeof a_buf)
		return a.len == b.len && memcmp(a.p, b.p, a.len) == 0;
	if (a.len == 0 || memcmp(a.p, b.p, a.len) == 0)
		return true;
	len = canonical(type, a, a_buf, sizeof a_buf);
	return len == canonical(type, b, b_buf, sizeof b_buf) && memcmp(a_buf, b_buf, len) == 0;
}

uint32_t gyl_dns_content_find(const struct gyl_dns_content *c, uint16_t type, struct gyl_view rdata)
{
	for (uint32_t i = 0; i < c->cnt; i++)
		if (c->rec[i].type == type && same_rdata(type, c->rec[i].rdata, rdata))
			return i;
	return GYL_DNS_NO_REC;
}

uint32_t gyl_dns_content_spot(const struct gyl_dns_content *c, const struct gyl_dns_rec *r)
{
	for (uint32_t i = 0; i < c->cnt; i++)
		if (c->rec[i].type == r->type && c->rec[i].ttl == r->ttl &&
			same_rdata(r->type, c->rec[i].rdata, r->rdata))
			return i;
	return GYL_DNS_NO_REC;
}

bool gyl_dns_content_same(const struct gyl_dns_content *a, const struct gyl_dns_content *b)
{
	for (uint32_t i = 0; i < a->cnt; i++)
		if (gyl_dns_content_spot(b, &a->rec[i]) == GYL_DNS_NO_REC)
			return false;
	return a->cnt == b->cnt;
}

/* What an RRSIG covers. */
static uint16_t covered(const struct gyl_dns_rec *r)
{
	return r->type == GYL_DNS_TYPE_RRSIG && r->rdata.len >= 2 ? gyl_get_u16(r->rdata.p) : 0;
}

/* Nothing but NSEC3 and its signatures, one label below the apex. */
static bool is_hashed(
	const struct gyl_dns_live *z, const uint8_t *name, const struct gyl_dns_content *c)
{
	uint8_t hash[GYL_DNS_HASH_LEN];

	for (uint32_t i = 0; i < c->cnt; i++)
		if (c->rec[i].type != GYL_DNS_TYPE_NSEC3 &&
			covered(&c->rec[i]) != GYL_DNS_TYPE_NSEC3)
			return false;
	return c->cnt != 0 && gyl_dns_nsec3_unlabel(name, hash) &&
	       gyl_dns_name_eq(gyl_dns_name_parent(name), z->apex);
}

/* The flags of a name with such records. */
static uint8_t flags_of(
	const struct gyl_dns_live *z, const uint8_t *name, const struct gyl_dns_content *c)
{
	bool ns = false, dname = false;
	unsigned flags = GYL_DNS_NODE_MORE;

	if (is_hashed(z, name, c))
		return (uint8_t)(flags | GYL_DNS_NODE_HASHED);
	for (uint32_t i = 0; i < c->cnt; i++) {
		ns = ns || c->rec[i].type == GYL_DNS_TYPE_NS;
		dname = dname || c->rec[i].type == GYL_DNS_TYPE_DNAME;
	}
	if (gyl_dns_name_eq(name, z->apex))
		flags |= GYL_DNS_NODE_APEX;
	else if (ns)
		flags |= GYL_DNS_NODE_CUT;
	if (dname && (flags & GYL_DNS_NODE_CUT) == 0)
		flags |= GYL_DNS_NODE_DNAME;
	return (uint8_t)flags;
}

/* A node while it is being made. */
struct making {
	struct gyl_dns_live_scratch *s;
	const uint8_t *name;
	uint8_t flags;
	size_t len;                    /* of what is in s->node */
	const struct gyl_dns_rec *sig; /* all RRSIGs of the name */
	uint32_t sig_cnt;
};

/* Is the target of a record among those noted already? */
static bool noted(const struct gyl_dns_rec *first, const struct gyl_dns_rec *r, size_t target)
{
	for (; first != r; first++)
		if (gyl_dns_name_eq(first->rdata.p + target, r->rdata.p + target))
			return true;
	return false;
}

static void note_extra(struct making *m, struct gyl_dns_rrset *head,
	const struct gyl_dns_rec *first, const struct gyl_dns_rec *r, size_t wire_len)
{
	size_t target = gyl_dns_pack_target(r->type);
	struct gyl_dns_extra *e = &m->s->extra[head->extra_cnt];
	bool cut = (m->flags & GYL_DNS_NODE_CUT) != 0;

	if (target == SIZE_MAX || noted(first, r, target))
		return;
	*e = (struct gyl_dns_extra){.at = (uint16_t)(wire_len + GYL_DNS_PACK_HEAD + target)};
	if (cut)
		e->glue = GYL_DNS_EXTRA_OF_CUT;
	if (cut && gyl_dns_name_is_under(r->rdata.p + target, m->name))
		e->glue |= GYL_DNS_EXTRA_GLUE;
	head->extra_cnt++;
}

/* RFC 2181 5.2: one TTL for all of a type, the lowest. */
static uint32_t lowest_ttl(const struct gyl_dns_rec *r, uint32_t cnt, uint32_t ttl)
{
	for (uint32_t i = 0; i < cnt; i++)
		if (r[i].ttl < ttl)
			ttl = r[i].ttl;
	return ttl;
}

static size_t run_len(const struct gyl_dns_rec *r, uint32_t cnt)
{
	size_t len = 0;

	for (uint32_t i = 0; i < cnt; i++)
		len += GYL_DNS_PACK_HEAD + r[i].rdata.len;
	return len;
}

/* What scratch holds of the RRset, in one piece. */
static void set_copy(
	const struct gyl_dns_live_scratch *s, const struct gyl_dns_rrset *head, uint8_t *to)
{
	size_t patch_len = head->patch_cnt * sizeof s->patch[0];
	size_t extra_len = head->extra_cnt * sizeof s->extra[0];

	memset(to + gyl_dns_rrset_len(head) - 4, 0, 4);
	memcpy(to, head, sizeof *head);
	to += sizeof *head;
	memcpy(to, s->patch, patch_len);
	memcpy(to + patch_len, s->extra, extra_len);
	memcpy(to + patch_len + extra_len, s->wire, (size_t)head->wire_len + head->sig_len);
}

/* Octets of the signatures of a type. */
static size_t sigs_len(const struct making *m, uint16_t type)
{
	size_t len = 0;

	for (uint32_t i = 0; i < m->sig_cnt; i++)
		if (covered(&m->sig[i]) == type)
			len += run_len(&m->sig[i], 1);
	return len;
}

static void pack_sigs(const struct making *m, uint16_t type, uint32_t ttl, struct gyl_dns_pack *p)
{
	for (uint32_t i = 0; i < m->sig_cnt; i++)
		if (covered(&m->sig[i]) == type)
			gyl_dns_pack_rr(p, m->name, GYL_DNS_TYPE_RRSIG, ttl, m->sig[i].rdata);
}

/* cnt records of one type, with what signs them, into scratch; false: they are too long. */
static bool set_make(struct making *m, const struct gyl_dns_rec *r, uint32_t cnt, uint32_t ttl_max,
	bool extras, struct gyl_dns_rrset *ret_head)
{
	struct gyl_dns_pack p = {.patch = m->s->patch, .wire = m->s->wire};
	uint32_t ttl = lowest_ttl(r, cnt, ttl_max);

	*ret_head = (struct gyl_dns_rrset){.type = r->type, .cnt = (uint16_t)cnt};
	if (run_len(r, cnt) + sigs_len(m, r->type) > GYL_DNS_RRSET_MAX)
		return false;
	for (uint32_t i = 0; i < cnt; i++) {
		if (extras)
			note_extra(m, ret_head, r, &r[i], p.wire_len);
		gyl_dns_pack_rr(&p, m->name, r->type, ttl, r[i].rdata);
	}
	ret_head->patch_cnt = p.patch_cnt;
	ret_head->wire_len = (uint16_t)p.wire_len;
	pack_sigs(m, r->type, ttl, &p);
	ret_head->sig_len = (uint16_t)(p.wire_len - ret_head->wire_len);
	return true;
}

static bool put_made(struct making *m, const struct gyl_dns_rrset *head)
{
	if (gyl_dns_rrset_len(head) > sizeof m->s->node - m->len)
		return false;
	set_copy(m->s, head, (uint8_t *)m->s->node + m->len);
	m->len += gyl_dns_rrset_len(head);
	return true;
}

static bool put_set(struct making *m, const struct gyl_dns_rec *r, uint32_t cnt)
{
	struct gyl_dns_rrset head;

	return set_make(m, r, cnt, UINT32_MAX, true, &head) && put_made(m, &head);
}

static bool has_type(const struct gyl_dns_content *c, uint16_t type)
{
	for (uint32_t i = 0; i < c->cnt; i++)
		if (c->rec[i].type == type && type != GYL_DNS_TYPE_RRSIG)
			return true;
	return false;
}

/* Signatures of what is not there (yet: they may come first) are an RRset by themselves. *ret_any:
 * there are such. */
static bool put_strays(struct making *m, const struct gyl_dns_content *c, bool *ret_any)
{
	struct gyl_dns_pack p = {.patch = m->s->patch, .wire = m->s->wire};
	struct gyl_dns_rrset head = {.type = GYL_DNS_TYPE_RRSIG};

	for (uint32_t i = 0; i < m->sig_cnt; i++) {
		if (has_type(c, covered(&m->sig[i])))
			continue;
		if (p.wire_len + run_len(&m->sig[i], 1) > GYL_DNS_RRSET_MAX)
			return false;
		gyl_dns_pack_rr(&p, m->name, GYL_DNS_TYPE_RRSIG, m->sig[i].ttl, m->sig[i].rdata);
		head.cnt++;
	}
	head.wire_len = (uint16_t)p.wire_len;
	*ret_any = head.cnt != 0;
	return head.cnt == 0 || put_made(m, &head);
}

/* RFC 2308 3: negative answers live as long as the SOA or its minimum, whichever is less. */
static size_t soa_make(struct making *m, const struct gyl_dns_rec *soa)
{
	struct gyl_dns_rrset head;
	uint32_t minimum = gyl_get_u32(soa->rdata.p + soa->rdata.len - 4);

	if (!set_make(m, soa, 1, minimum, false, &head) ||
		gyl_dns_rrset_len(&head) > sizeof m->s->soa)
		return 0;
	set_copy(m->s, &head, (uint8_t *)m->s->soa);
	return gyl_dns_rrset_len(&head);
}

/* The signatures of a name, which stand together. */
static void find_sigs(struct making *m, const struct gyl_dns_content *c)
{
	for (uint32_t i = 0; i < c->cnt; i++) {
		if (c->rec[i].type != GYL_DNS_TYPE_RRSIG)
			continue;
		if (m->sig_cnt++ == 0)
			m->sig = &c->rec[i];
	}
}

/* Octets behind the RRsets that were put, how many they are; false: they are too long. */
static bool put_sets(
	struct making *m, const struct gyl_dns_content *c, unsigned *ret_cnt, size_t *ret_soa_len)
{
	bool strays = false;
	unsigned sets = 0;

	for (uint32_t i = 0, cnt; i < c->cnt; i += cnt) {
		for (cnt = 1; i + cnt < c->cnt && c->rec[i + cnt].type == c->rec[i].type;)
			cnt++;
		if (c->rec[i].type == GYL_DNS_TYPE_RRSIG)
			continue;
		if (!put_set(m, &c->rec[i], cnt))
			return false;
		sets++;
		if (c->rec[i].type == GYL_DNS_TYPE_SOA) {
			*ret_soa_len = soa_make(m, &c->rec[i]);
			if (*ret_soa_len == 0)
				return false;
		}
	}
	if (m->sig_cnt != 0 && !put_strays(m, c, &strays))
		return false;
	*ret_cnt = sets + strays;
	return *ret_cnt <= UINT8_MAX;
}

size_t gyl__dns_live_make(struct gyl_dns_live_scratch *s, const struct gyl_dns_live *z,
	const uint8_t *name, const struct gyl_dns_content *c, size_t *ret_soa_len)
{
	struct gyl_dns_node *n = (struct gyl_dns_node *)(void *)s->node;
	struct making m = {.s = s, .name = name, .flags = flags_of(z, name, c)};
	size_t name_len = gyl_dns_name_len(name);
	unsigned sets = 0;

	*ret_soa_len = 0;
	m.len = gyl_dns_node_head(name_len, true);
	memset(s->node, 0, m.len);
	find_sigs(&m, c);
	if (!put_sets(&m, c, &sets, ret_soa_len))
		return 0;
	n->name_len = (uint8_t)name_len;
	n->flags = m.flags;
	n->rrset_cnt = (uint8_t)sets;
	memcpy(n->name, name, name_len);
	return m.len;
}
