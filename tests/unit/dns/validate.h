/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_DNS_VALIDATE_H
#define GYL_TESTS_DNS_VALIDATE_H

/*
 * A validator that is stricter than any: each answer must come with exactly the proofs that it
 * needs. It goes by RFC 4035 5.4, RFC 4592 and RFC 5155 8, and knows nothing of the zone but what
 * the answer says. Signatures are looked for, not verified: ldns and delv do that elsewhere.
 */

#include <gyl/dns.h>
#include <gyl/dns_rdata.h>

#include "services/dns/nsec3.h"
#include "tests/support/support.h"

enum {
	VALIDATE_RR_MAX = 300
};

struct seen {
	enum gyl_dns_section section;
	uint16_t type;
	uint8_t owner[GYL_DNS_NAME_MAX + 9]; /* folded */
	struct gyl_dns_rr rr;
	bool used;
	bool top;                       /* of the highest zone here */
	uint8_t hash[GYL_DNS_HASH_LEN]; /* of NSEC3 */
	struct gyl_dns_nsec3 nsec3;
	uint8_t next[GYL_DNS_NAME_MAX]; /* of NSEC, folded */
	struct gyl_view types;
	struct gyl_dns_rrsig sig;
	uint8_t signer[GYL_DNS_NAME_MAX];
};

struct validator {
	struct gyl_dns_msg m;
	struct seen rr[VALIDATE_RR_MAX];
	unsigned cnt;
	uint16_t qtype;
	unsigned rcode;
	const char *why;
};

static inline void read_denial(struct validator *v, struct seen *s)
{
	struct gyl_dns_nsec nsec;

	if (s->type == GYL_DNS_TYPE_NSEC && gyl_dns_rdata_nsec(v->m.raw, &s->rr, &nsec)) {
		size_t len = gyl_dns_name_get(v->m.raw, nsec.next_off, s->next);

		gyl_dns_name_fold(s->next, s->next, len);
		s->types = nsec.types;
	}
	if (s->type == GYL_DNS_TYPE_NSEC3 && gyl_dns_rdata_nsec3(&s->rr, &s->nsec3)) {
		if (!gyl_dns_nsec3_unlabel(s->owner, s->hash))
			v->why = "an NSEC3 whose owner is no hash";
		s->types = s->nsec3.types;
	}
	if (s->type == GYL_DNS_TYPE_RRSIG && gyl_dns_rdata_rrsig(v->m.raw, &s->rr, &s->sig))
		gyl_dns_name_get(v->m.raw, s->sig.signer_off, s->signer);
}

static inline void validate_read(struct validator *v, struct gyl_view msg)
{
	struct gyl_dns_cursor cur;
	struct gyl_dns_rr rr;

	memset(v, 0, sizeof *v);
	assert_int_equal(gyl_dns_decode(msg, &v->m).err, GYL_OK);
	v->rcode = gyl_dns_rcode(v->m.header.flags, &v->m.edns);
	for (gyl_dns_rr_init(&cur, &v->m, GYL_DNS_QUESTION); gyl_dns_rr_next(&cur, &rr);) {
		struct seen *s = &v->rr[v->cnt];
		size_t len;

		if (rr.type == GYL_DNS_TYPE_OPT)
			continue;
		assert_true(v->cnt < VALIDATE_RR_MAX);
		s->section = rr.section;
		s->type = rr.type;
		s->rr = rr;
		len = gyl_dns_name_get(v->m.raw, rr.name_off, s->owner);
		gyl_dns_name_fold(s->owner, s->owner, len);
		read_denial(v, s);
		v->cnt++;
	}
}

static inline struct seen *rr_at(
	struct validator *v, enum gyl_dns_section section, const uint8_t *owner, uint16_t type)
{
	for (unsigned i = 0; i < v->cnt; i++)
		if (v->rr[i].section == section &&
			(type == GYL_DNS_TYPE_ANY || v->rr[i].type == type) &&
			gyl_dns_name_eq(v->rr[i].owner, owner))
			return &v->rr[i];
	return NULL;
}

/* The signature of an RRset, in the same section. */
static inline struct seen *sig_at(struct validator *v, const struct seen *s)
{
	for (unsigned i = 0; i < v->cnt; i++)
		if (v->rr[i].section == s->section && v->rr[i].type == GYL_DNS_TYPE_RRSIG &&
			v->rr[i].sig.type_covered == s->type && v->rr[i].rr.ttl == s->rr.ttl &&
			gyl_dns_name_eq(v->rr[i].owner, s->owner))
			return &v->rr[i];
	return NULL;
}

/* The last labels of a name. */
static inline const uint8_t *last_labels(const uint8_t *name, unsigned labels)
{
	for (unsigned n = gyl_dns_name_label_cnt(name); n > labels; n--)
		name = gyl_dns_name_parent(name);
	return name;
}

static inline const uint8_t *wildcard_at(const uint8_t *encloser, uint8_t name[GYL_DNS_NAME_MAX])
{
	assert_int_equal(
		gyl_dns_name_concat((const uint8_t *)"\001*", 2, encloser, name, NULL).err, GYL_OK);
	return name;
}

static inline bool lacks(const struct seen *s, uint16_t type)
{
	bool ns = gyl_dns_bitmap_has(s->types, GYL_DNS_TYPE_NS),
	     soa = gyl_dns_bitmap_has(s->types, GYL_DNS_TYPE_SOA);

	/* RFC 4035 5.4, RFC 6840 4.1, 4.3: an NSEC of the other side of a cut proves nothing. Above
	 * the top nobody is there to be asked. */
	if (type == GYL_DNS_TYPE_DS ? soa && !s->top : (ns && !soa))
		return false;
	return !gyl_dns_bitmap_has(s->types, type) &&
	       !gyl_dns_bitmap_has(s->types, GYL_DNS_TYPE_CNAME);
}

/* --- NSEC --- */

static inline bool nsec_covers(const struct seen *s, const uint8_t *name)
{
	bool wraps = gyl_dns_name_cmp(s->next, s->owner) <= 0;

	if (gyl_dns_name_is_under(name, s->owner) &&
		(gyl_dns_bitmap_has(s->types, GYL_DNS_TYPE_DNAME) ||
			(gyl_dns_bitmap_has(s->types, GYL_DNS_TYPE_NS) &&
				!gyl_dns_bitmap_has(s->types, GYL_DNS_TYPE_SOA))))
		return false;
	return gyl_dns_name_cmp(s->owner, name) < 0 && gyl_dns_name_is_under(name, s->signer) &&
	       (wraps || gyl_dns_name_cmp(name, s->next) < 0);
}

static inline struct seen *nsec_over(struct validator *v, const uint8_t *name)
{
	for (unsigned i = 0; i < v->cnt; i++)
		if (v->rr[i].section == GYL_DNS_AUTHORITY && v->rr[i].type == GYL_DNS_TYPE_NSEC &&
			nsec_covers(&v->rr[i], name)) {
			v->rr[i].used = true;
			return &v->rr[i];
		}
	return NULL;
}

static inline struct seen *nsec_at(struct validator *v, const uint8_t *name)
{
	struct seen *s = rr_at(v, GYL_DNS_AUTHORITY, name, GYL_DNS_TYPE_NSEC);

	if (s != NULL)
		s->used = true;
	return s;
}

static inline unsigned nsec_encloser(const struct seen *s, const uint8_t *name)
{
	unsigned a = gyl_dns_name_common(name, s->owner), b = gyl_dns_name_common(name, s->next);

	return a > b ? a : b;
}

static inline bool nsec_no_name(struct validator *v, const uint8_t *name)
{
	struct seen *s = nsec_over(v, name);
	uint8_t wild[GYL_DNS_NAME_MAX];

	if (s == NULL || gyl_dns_name_is_under(s->next, name))
		return false;
	wildcard_at(last_labels(name, nsec_encloser(s, name)), wild);
	s = nsec_over(v, wild);
	return s != NULL && !gyl_dns_name_is_under(s->next, wild);
}

/* It exists and has nothing, or its wildcard does. */
static inline bool nsec_empty(struct validator *v, const uint8_t *name, uint16_t type)
{
	struct seen *s = nsec_at(v, name);

	if (s != NULL)
		return lacks(s, type);
	s = nsec_over(v, name);
	return s != NULL && gyl_dns_name_is_under(s->next, name);
}

static inline bool nsec_no_data(struct validator *v, const uint8_t *name, uint16_t type)
{
	uint8_t wild[GYL_DNS_NAME_MAX];
	struct seen *s;

	if (nsec_empty(v, name, type))
		return true;
	s = nsec_over(v, name);
	if (s == NULL)
		return false;
	return nsec_empty(v, wildcard_at(last_labels(name, nsec_encloser(s, name)), wild), type);
}

/* --- NSEC3 --- */

static inline void hash_name(
	const struct seen *s, const uint8_t *name, uint8_t hash[GYL_DNS_HASH_LEN])
{
	uint8_t folded[GYL_DNS_NAME_MAX];
	size_t len = gyl_dns_name_len(name);

	gyl_dns_name_fold(folded, name, len);
	gyl_dns_nsec3_hash(gyl_view(folded, len), s->nsec3.salt, s->nsec3.iterations, hash);
}

static inline bool hash_covers(const struct seen *s, const uint8_t *hash)
{
	bool above = memcmp(hash, s->hash, GYL_DNS_HASH_LEN) > 0,
	     below = memcmp(hash, s->nsec3.next_hash.p, GYL_DNS_HASH_LEN) < 0,
	     wraps = memcmp(s->nsec3.next_hash.p, s->hash, GYL_DNS_HASH_LEN) <= 0;

	return wraps ? above || below : above && below;
}

/* The NSEC3 that has the name (exact), or covers it. */
static inline struct seen *hashed(struct validator *v, const uint8_t *name, bool exact)
{
	for (unsigned i = 0; i < v->cnt; i++) {
		struct seen *s = &v->rr[i];
		uint8_t hash[GYL_DNS_HASH_LEN];

		if (s->section != GYL_DNS_AUTHORITY || s->type != GYL_DNS_TYPE_NSEC3 ||
			!gyl_dns_name_is_under(name, gyl_dns_name_parent(s->owner)))
			continue;
		hash_name(s, name, hash);
		if (exact ? memcmp(hash, s->hash, sizeof hash) == 0 : hash_covers(s, hash)) {
			s->used = true;
			return s;
		}
	}
	return NULL;
}

/* RFC 5155 8.3: labels of the closest encloser, -1 without proof. *ret_opt_out: the names that are
 * denied may be delegations. */
static inline int hashed_encloser(struct validator *v, const uint8_t *name, bool *ret_opt_out)
{
	for (int labels = (int)gyl_dns_name_label_cnt(name) - 1; labels >= 0; labels--) {
		struct seen *s = hashed(v, last_labels(name, (unsigned)labels), true);

		if (s == NULL)
			continue;
		if (gyl_dns_bitmap_has(s->types, GYL_DNS_TYPE_DNAME) ||
			(gyl_dns_bitmap_has(s->types, GYL_DNS_TYPE_NS) &&
				!gyl_dns_bitmap_has(s->types, GYL_DNS_TYPE_SOA)))
			return -1;
		s = hashed(v, last_labels(name, (unsigned)labels + 1), false);
		if (s == NULL)
			return -1;
		*ret_opt_out = (s->nsec3.flags & 1) != 0;
		return labels;
	}
	return -1;
}

static inline bool hashed_no_name(struct validator *v, const uint8_t *name)
{
	uint8_t wild[GYL_DNS_NAME_MAX];
	bool opt_out;
	int labels = hashed_encloser(v, name, &opt_out);

	if (labels < 0)
		return false;
	wildcard_at(last_labels(name, (unsigned)labels), wild);
	if (hashed(v, wild, false) != NULL)
		return true;
	/* an encloser that opt-out hides: the wildcard may be there, and does not matter */
	return opt_out && hashed(v, wild, true) != NULL;
}

static inline bool hashed_no_data(struct validator *v, const uint8_t *name, uint16_t type)
{
	uint8_t wild[GYL_DNS_NAME_MAX];
	struct seen *s = hashed(v, name, true);
	bool opt_out;
	int labels;

	if (s != NULL)
		return lacks(s, type);
	labels = hashed_encloser(v, name, &opt_out);
	if (labels < 0)
		return false;
	s = hashed(v, wildcard_at(last_labels(name, (unsigned)labels), wild), true);
	if (opt_out && type == GYL_DNS_TYPE_DS)
		return true; /* RFC 5155 8.6 */
	return s == NULL ? opt_out : lacks(s, type);
}

/* --- answers --- */

/* A signature for this owner: when a wildcard made it, nothing may be nearer. */
static inline bool validate_sig(struct validator *v, const uint8_t *owner, const struct seen *sig)
{
	unsigned labels = gyl_dns_name_label_cnt(owner);
	struct seen *over;

	/* the asterisk of the wildcard itself does not count (RFC 4034 3.1.3) */
	if (sig->sig.labels == labels ||
		(gyl_dns_name_is_wildcard(owner) && sig->sig.labels + 1u == labels))
		return true;
	over = nsec_over(v, owner);
	if (over != NULL)
		return nsec_encloser(over, owner) == sig->sig.labels;
	return hashed(v, last_labels(owner, sig->sig.labels + 1u), false) != NULL;
}

static inline bool validate_set(struct validator *v, const struct seen *s)
{
	struct seen *sig = s->type == GYL_DNS_TYPE_RRSIG ? &v->rr[s - v->rr] : sig_at(v, s);

	return sig != NULL && validate_sig(v, s->owner, sig);
}

/* The DNAME above a name, that has no record of its own. */
static inline struct seen *dname_above(struct validator *v, const uint8_t *name)
{
	for (const uint8_t *up = name; *up != 0;) {
		struct seen *s;

		up = gyl_dns_name_parent(up);
		s = rr_at(v, GYL_DNS_ANSWER, up, GYL_DNS_TYPE_DNAME);
		if (s != NULL)
			return s;
	}
	return NULL;
}

/* What comes after this link of the chain, into name. False: the chain ends here. */
static inline bool next_link(
	struct validator *v, uint8_t name[GYL_DNS_NAME_MAX], const struct seen *dname)
{
	struct seen *s = rr_at(v, GYL_DNS_ANSWER, name, GYL_DNS_TYPE_CNAME);
	uint8_t target[GYL_DNS_NAME_MAX], made[GYL_DNS_NAME_MAX], to[GYL_DNS_NAME_MAX];
	uint16_t off;

	if (s == NULL || v->qtype == GYL_DNS_TYPE_CNAME)
		return false;
	s->used = true;
	assert_true(gyl_dns_rdata_name(v->m.raw, &s->rr, &off));
	gyl_dns_name_get(v->m.raw, off, target);
	if (dname != NULL && sig_at(v, s) == NULL) {
		assert_true(gyl_dns_rdata_name(v->m.raw, &dname->rr, &off));
		gyl_dns_name_get(v->m.raw, off, to);
		gyl_dns_name_concat(name, gyl_dns_name_len(name) - gyl_dns_name_len(dname->owner),
			to, made, NULL);
		if (!gyl_dns_name_eq(made, target))
			v->why = "a CNAME that the DNAME does not make";
	} else if (!validate_set(v, s)) {
		v->why = "a CNAME without signature or proof";
	}
	memcpy(name, target, gyl_dns_name_len(target));
	return true;
}

/* RFC 4035 5.2, RFC 5155 8.9 */
static inline bool referral_proven(struct validator *v, const struct seen *ns)
{
	struct seen *ds = rr_at(v, GYL_DNS_AUTHORITY, ns->owner, GYL_DNS_TYPE_DS), *s;
	bool opt_out;

	if (ds != NULL)
		return sig_at(v, ds) != NULL;
	s = nsec_at(v, ns->owner);
	if (s == NULL)
		s = hashed(v, ns->owner, true);
	if (s != NULL)
		return gyl_dns_bitmap_has(s->types, GYL_DNS_TYPE_NS) && lacks(s, GYL_DNS_TYPE_DS);
	return hashed_encloser(v, ns->owner, &opt_out) >= 0 && opt_out;
}

static inline void validate_end(struct validator *v, const uint8_t *name)
{
	struct seen *soa = NULL, *ns = NULL;
	bool nsec3 = false, proven;

	for (unsigned i = 0; i < v->cnt; i++) {
		if (v->rr[i].section != GYL_DNS_AUTHORITY)
			continue;
		if (v->rr[i].type == GYL_DNS_TYPE_SOA)
			soa = &v->rr[i];
		if (v->rr[i].type == GYL_DNS_TYPE_NS)
			ns = &v->rr[i];
		nsec3 |= v->rr[i].type == GYL_DNS_TYPE_NSEC3;
	}
	if (soa == NULL && ns != NULL) {
		if (!referral_proven(v, ns))
			v->why = "a referral without proof";
		return;
	}
	if (soa == NULL)
		return; /* the chain has led outside */
	if (sig_at(v, soa) == NULL)
		v->why = "an SOA without signature";
	if (v->rcode == GYL_DNS_NXDOMAIN)
		proven = nsec3 ? hashed_no_name(v, name) : nsec_no_name(v, name);
	else
		proven =
			nsec3 ? hashed_no_data(v, name, v->qtype) : nsec_no_data(v, name, v->qtype);
	if (!proven)
		v->why = v->rcode == GYL_DNS_NXDOMAIN ? "NXDOMAIN without proof"
						      : "no data without proof";
}

/* Does the last name of the chain have what was asked for? */
static inline bool validate_data(struct validator *v, const uint8_t *name)
{
	struct seen *s = rr_at(v, GYL_DNS_ANSWER, name, v->qtype);

	if (s == NULL)
		return false;
	if (!validate_set(v, s))
		v->why = "an answer without signature or proof";
	return true;
}

/* Nothing is there in vain. */
static inline void validate_rest(struct validator *v)
{
	for (unsigned i = 0; i < v->cnt; i++) {
		const struct seen *s = &v->rr[i];

		if (s->section != GYL_DNS_AUTHORITY ||
			(s->type != GYL_DNS_TYPE_NSEC && s->type != GYL_DNS_TYPE_NSEC3))
			continue;
		if (sig_at(v, s) == NULL)
			v->why = "a proof without signature";
		else if (!s->used)
			v->why = "a proof that proves nothing";
	}
}

/* What is wrong with the answer to a question of signed zones below top, NULL: nothing. */
static inline const char *validate(struct validator *v, struct gyl_view msg, const uint8_t *top,
	const uint8_t *qname, uint16_t qtype)
{
	uint8_t name[GYL_DNS_NAME_MAX];

	validate_read(v, msg);
	v->qtype = qtype;
	/* a covering NSEC must be of the name's own zone: that is who signed it */
	for (unsigned i = 0; i < v->cnt; i++) {
		struct seen *sig = v->rr[i].type == GYL_DNS_TYPE_NSEC ? sig_at(v, &v->rr[i]) : NULL;

		if (sig != NULL)
			memcpy(v->rr[i].signer, sig->signer, sizeof sig->signer);
		v->rr[i].top = gyl_dns_name_eq(qname, top);
	}
	memcpy(name, qname, gyl_dns_name_len(qname));
	for (unsigned hop = 0; hop < 25 && v->why == NULL; hop++) {
		struct seen *dname = dname_above(v, name);

		if (dname != NULL && !validate_set(v, dname))
			v->why = "a DNAME without signature";
		if (v->rcode == GYL_DNS_YXDOMAIN ||
			(v->qtype == GYL_DNS_TYPE_CNAME && dname != NULL))
			return v->why;
		if (validate_data(v, name)) {
			validate_rest(v);
			return v->why;
		}
		if (!next_link(v, name, dname)) {
			validate_end(v, name);
			validate_rest(v);
			return v->why;
		}
	}
	return v->why; /* a loop */
}

#endif
