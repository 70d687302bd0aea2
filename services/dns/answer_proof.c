/* SPDX-License-Identifier: ISC */

/*
 * Proofs that something is not there, for those who validate: which NSEC or NSEC3 records go with
 * an answer. What was found decides (find.h), this file only looks for the records. They are
 * gathered while the chain is followed and put behind the answer, each once.
 */

#include "services/dns/answer_own.h"
#include "services/dns/nsec3.h"

enum {
	RR_HEAD = 12,
	POINTER_MAX = 0x3fff
};

/* What the proofs of one name of the chain are about. */
struct claim {
	struct gyl_dns_reply *r;
	const struct gyl_dns_image *im;
	const struct gyl_dns_found *f;
	const struct gyl_dns_key *k; /* the name */
	struct gyl_dns_at at;        /* the same in the message */
};

static void add(const struct claim *c, const struct gyl_dns_rrset *set, const uint8_t *owner,
	const uint8_t *hash)
{
	struct gyl_dns_reply *r = c->r;

	for (unsigned i = 0; i < r->proof_cnt; i++)
		if (r->proof[i].set == set)
			return;
	if (set == NULL || r->proof_cnt == GYL_DNS_PROOF_MAX)
		return;
	r->proof[r->proof_cnt++] = (struct gyl_dns_proof){set, owner, hash, c->at, c->f->apex_len};
}

static struct gyl_view suffix(const struct gyl_dns_key *k, size_t len)
{
	return gyl_view(k->name + k->len - len, len);
}

/* The name one label longer than a suffix of that many octets (RFC 5155 1.3: next closer name). */
static struct gyl_view next_closer(const struct gyl_dns_key *k, size_t len)
{
	size_t at = 0;

	while (k->len - at - k->name[at] - 1 > len)
		at += (size_t)k->name[at] + 1;
	return suffix(k, k->len - at);
}

/* "*." before a suffix; it always fits, for the name asked for has another label there. */
static struct gyl_view wildcard_of(struct gyl_view encloser, uint8_t name[GYL_DNS_NAME_MAX + 2])
{
	name[0] = 1;
	name[1] = '*';
	memcpy(name + 2, encloser.p, encloser.len);
	return gyl_view(name, encloser.len + 2);
}

static void nsec_of(const struct claim *c, const struct gyl_dns_node *n)
{
	add(c, gyl_dns_node_rrset(n, GYL_DNS_TYPE_NSEC), n->name, NULL);
}

/* The NSEC whose stretch a name lies in, or that the name has. The first owner is the apex, and no
 * name of the zone is before it. */
static void nsec_covering(const struct claim *c, struct gyl_view name)
{
	const uint32_t *list = gyl_dns_zone_nsec(c->im, c->f->zone);
	uint32_t low = 0, high = c->f->zone->denial_cnt;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (gyl_dns_name_cmp(gyl_dns_image_node(c->im, list[mid])->name, name.p) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	nsec_of(c, gyl_dns_image_node(c->im, list[low == 0 ? 0 : low - 1]));
}

/* RFC 4035 3.1.3, with RFC 4592 for what wildcards are. */
static void prove_nsec(const struct claim *c, bool answered)
{
	const struct gyl_dns_found *f = c->f;
	uint8_t name[GYL_DNS_NAME_MAX + 2];

	switch (f->kind) {
	case GYL_DNS_DATA:
	case GYL_DNS_CUT:
		nsec_of(c, f->node);
		break;
	case GYL_DNS_WILDCARD:
		nsec_covering(c, suffix(c->k, c->k->len));
		/* a wildcard that is there because of names below it only has no NSEC itself */
		if (!answered)
			nsec_covering(c, gyl_view(f->node->name, f->node->name_len));
		break;
	case GYL_DNS_MISSING:
		nsec_covering(c, suffix(c->k, c->k->len));
		nsec_covering(c, wildcard_of(suffix(c->k, f->encloser_len), name));
		break;
	default:
		nsec_covering(c, suffix(c->k, c->k->len));
		break;
	}
}

static void add_hashed(const struct claim *c, const struct gyl_dns_hashed *h)
{
	add(c, gyl_dns_image_rrset(c->im, h->rrset_off), NULL, h->hash);
}

static void hash_of(const struct claim *c, struct gyl_view name, uint8_t hash[GYL_DNS_HASH_LEN])
{
	const struct gyl_dns_zone *zone = c->f->zone;

	gyl_dns_nsec3_hash(name, gyl_view(gyl_dns_zone_salt(c->im, zone), zone->salt_len),
		zone->iterations, hash);
}

/* The NSEC3 whose stretch a hash lies in, or that has it. */
static const struct gyl_dns_hashed *hashed_at(
	const struct claim *c, const uint8_t hash[GYL_DNS_HASH_LEN])
{
	const struct gyl_dns_zone *zone = c->f->zone;
	const struct gyl_dns_hashed *list = gyl_dns_zone_hashed(c->im, zone);
	uint32_t low = 0, high = zone->denial_cnt;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (memcmp(list[mid].hash, hash, GYL_DNS_HASH_LEN) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	return &list[low == 0 ? zone->denial_cnt - 1 : low - 1];
}

/* The same of a name. */
static void hashed_covering(const struct claim *c, struct gyl_view name)
{
	uint8_t hash[GYL_DNS_HASH_LEN];

	hash_of(c, name, hash);
	add_hashed(c, hashed_at(c, hash));
}

/* The NSEC3 of a name that exists, NULL: it has none. */
static const struct gyl_dns_hashed *hashed_of(const struct claim *c, const struct gyl_dns_node *n)
{
	const struct gyl_dns_zone *zone = c->f->zone;
	uint8_t hash[GYL_DNS_HASH_LEN];
	const struct gyl_dns_hashed *h;

	if ((zone->flags & GYL_DNS_ZONE_LIVE) == 0)
		return gyl_dns_node_hashed(c->im, n);
	hash_of(c, gyl_view(n->name, n->name_len), hash);
	h = hashed_at(c, hash);
	return memcmp(h->hash, hash, sizeof hash) == 0 ? h : NULL;
}

/*
 * The longest suffix, from that many octets on, whose existence can be proven (RFC 5155 1.3:
 * closest provable encloser): with opt-out names may have no NSEC3. *ret_len: octets of it.
 */
static const struct gyl_dns_node *provable(const struct claim *c, size_t len, size_t *ret_len)
{
	for (; len >= c->f->apex_len; len -= (size_t)suffix(c->k, len).p[0] + 1) {
		const uint8_t *name = suffix(c->k, len).p;
		const struct gyl_dns_node *n =
			gyl_dns_image_find(c->im, name, len, gyl_dns_hash(name, len));

		*ret_len = len;
		if (n != NULL && gyl_dns_image_zone(c->im, n->zone) == c->f->zone &&
			hashed_of(c, n) != NULL)
			return n;
		if (len == 1)
			break;
	}
	return NULL;
}

/* RFC 5155 7.2.1: the encloser is there, the name before it is not. Returns the encloser. */
static const struct gyl_dns_node *prove_encloser(const struct claim *c, size_t len, size_t *ret_len)
{
	const struct gyl_dns_node *n = provable(c, len, ret_len);

	if (n == NULL)
		return NULL;
	add_hashed(c, hashed_of(c, n));
	hashed_covering(c, next_closer(c->k, *ret_len));
	return n;
}

/* A name that exists has none of the type: RFC 5155 7.2.3, and 7.2.4 when opt-out left it out. */
static void prove_hashed_name(const struct claim *c, const struct gyl_dns_node *n)
{
	const struct gyl_dns_hashed *h = hashed_of(c, n);
	size_t len = n->name_len;

	if (h != NULL)
		add_hashed(c, h);
	else if (len > c->f->apex_len)
		prove_encloser(c, len - n->name[0] - 1, &len);
}

static void prove_wildcard_missing(const struct claim *c, size_t len)
{
	uint8_t name[GYL_DNS_NAME_MAX + 2];

	if (prove_encloser(c, len, &len) != NULL)
		hashed_covering(c, wildcard_of(suffix(c->k, len), name));
}

/* RFC 5155 7.2 */
static void prove_nsec3(const struct claim *c, bool answered)
{
	const struct gyl_dns_found *f = c->f;
	size_t len;

	switch (f->kind) {
	case GYL_DNS_DATA:
	case GYL_DNS_CUT:
		prove_hashed_name(c, f->node);
		break;
	case GYL_DNS_WILDCARD:
		if (answered) { /* 7.2.6 */
			hashed_covering(c, next_closer(c->k, f->encloser_len));
		} else { /* 7.2.5 */
			prove_encloser(c, f->encloser_len, &len);
			/* one that opt-out leaves out needs no proof */
			if (hashed_of(c, f->node) != NULL)
				add_hashed(c, hashed_of(c, f->node));
		}
		break;
	case GYL_DNS_MISSING: /* 7.2.2 */
		prove_wildcard_missing(c, f->encloser_len);
		break;
	default:
		prove_hashed_name(c, f->encloser);
		break;
	}
}

void gyl__dns_prove(struct gyl_dns_reply *r, const struct gyl_dns_found *f,
	const struct gyl_dns_key *k, struct gyl_dns_at name, bool answered)
{
	struct claim c = {r, f->image, f, k, name};

	/* what a hole hides is denied against the zone's own word: there is no proof of it */
	if (!r->q.edns.dnssec_ok || f->zone == NULL || f->zone->denial_cnt == 0 ||
		f->kind == GYL_DNS_HOLE)
		return;
	if (f->zone->flags & GYL_DNS_ZONE_NSEC3)
		prove_nsec3(&c, answered);
	else
		prove_nsec(&c, answered);
}

/* The owner's labels that the message does not have yet, in p; *ret_rest is where the others stand.
 * Returns octets. */
static size_t own_labels(const struct gyl_dns_reply *r, const struct gyl_dns_proof *proof,
	uint8_t p[GYL_DNS_NAME_MAX], size_t *ret_rest)
{
	uint8_t name[GYL_DNS_NAME_MAX];
	unsigned labels, common;
	size_t len = 0;

	*ret_rest = gyl__dns_suffix_pos(r, proof->at, proof->apex_len);
	if (proof->hash != NULL) {
		p[0] = GYL_DNS_HASH_TEXT_LEN;
		gyl_dns_nsec3_label(proof->hash, p + 1);
		return 1 + GYL_DNS_HASH_TEXT_LEN;
	}
	gyl_dns_name_get(gyl_view(r->p, r->len), proof->at.pos, name);
	labels = gyl_dns_name_label_cnt(proof->owner);
	common = gyl_dns_name_common(name, proof->owner);
	for (; labels > common; labels--)
		len += (size_t)proof->owner[len] + 1;
	memcpy(p, proof->owner, len);
	*ret_rest = gyl__dns_suffix_pos(r, proof->at, gyl_dns_name_len(proof->owner + len));
	return len;
}

/* One record, owner written out. Returns the octets of it in the image. */
static size_t put_record(struct gyl_dns_reply *r, const uint8_t *rr, const uint8_t *owner,
	size_t owner_len, size_t rest)
{
	size_t len = RR_HEAD + (size_t)gyl_get_u16(rr + 10);
	uint8_t *p = r->p + r->len;

	memcpy(p, owner, owner_len);
	gyl_set_u16(p + owner_len, (uint16_t)(0xc000u | rest));
	memcpy(p + owner_len + 2, rr + 2, len - 2);
	r->len += owner_len + len;
	r->cnt[GYL_DNS_AUTHORITY]++;
	return len;
}

static bool put_proof(struct gyl_dns_reply *r, const struct gyl_dns_proof *proof)
{
	const struct gyl_dns_rrset *s = proof->set;
	size_t left = (size_t)s->wire_len + s->sig_len, start = r->len, rest, step;
	const uint8_t *rr = gyl_dns_rrset_wire(s);
	uint8_t owner[GYL_DNS_NAME_MAX];
	size_t owner_len = own_labels(r, proof, owner, &rest);

	/* signatures point to the first record's owner */
	if (owner_len + left > r->limit - r->len || start > POINTER_MAX || rest > POINTER_MAX) {
		r->flags |= GYL_DNS_TC;
		return false;
	}
	for (; left != 0; left -= step, rr += step) {
		step = put_record(r, rr, owner, owner_len, rest);
		if (owner_len != 0)
			rest = start;
		owner_len = 0;
	}
	return true;
}

void gyl__dns_put_proofs(struct gyl_dns_reply *r)
{
	for (unsigned i = 0; i < r->proof_cnt; i++)
		if (!put_proof(r, &r->proof[i]))
			return;
}

bool gyl__dns_put_sigs(
	struct gyl_dns_reply *r, const struct gyl_dns_node *n, struct gyl_dns_at owner)
{
	const struct gyl_dns_rrset *s = gyl_dns_node_first(n);
	bool any = false;

	for (unsigned i = 0; i < n->rrset_cnt; i++, s = gyl_dns_rrset_next(s)) {
		const uint8_t *rr = gyl_dns_rrset_wire(s) + s->wire_len;
		size_t step;

		if (s->sig_len > r->limit - r->len || owner.pos > POINTER_MAX) {
			r->flags |= GYL_DNS_TC;
			return true;
		}
		for (size_t left = s->sig_len; left != 0; left -= step, rr += step) {
			step = RR_HEAD + (size_t)gyl_get_u16(rr + 10);
			memcpy(r->p + r->len, rr, step);
			gyl_set_u16(r->p + r->len, (uint16_t)(0xc000u | owner.pos));
			r->len += step;
			r->cnt[GYL_DNS_ANSWER]++;
			any = true;
		}
	}
	return any;
}
