/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_ANSWER_OWN_H
#define GYL_SERVICES_DNS_ANSWER_OWN_H

/* An answer while it is being made: what answer.c, which decides, tells answer_put.c to write. */

#include <gyl/dns.h>

#include "services/dns/answer.h"
#include "services/dns/cache.h"
#include "services/dns/tsig.h"

/* A name in the message: where it stands, and octets it has when it is written out. */
struct gyl_dns_at {
	size_t pos, len;
};

/* What the options of the query ask for. */
struct gyl_dns_wish {
	bool nsid, keepalive, padding;
	enum gyl_dns_cookie cookie;
	uint8_t answer_cookie[GYL_DNS_COOKIE_LEN];
};

enum {
	GYL_DNS_PROOF_MAX = GYL_DNS_CHAIN_MAX + 3 /* one for each expansion, four for the end */
};

/* An NSEC or NSEC3 record that goes with the answer. */
struct gyl_dns_proof {
	const struct gyl_dns_rrset *set;
	const uint8_t *owner; /* of NSEC */
	const uint8_t *hash;  /* of NSEC3: its owner */
	struct gyl_dns_at at; /* a name in the message of the same zone */
	size_t apex_len;
};

struct gyl_dns_reply {
	const struct gyl_dns_data *data;
	const struct gyl_dns_policy *policy;
	const struct gyl_dns_from *from;
	struct gyl_now now;
	struct gyl_dns_query q;
	uint8_t *p;
	size_t len, limit; /* room for the OPT is kept behind limit */
	uint16_t cnt[GYL_DNS_SECTION_CNT];
	uint16_t flags, rcode;
	uint16_t ede; /* RFC 8914 code + 1; 0: none */
	uint32_t subject;
	const char *rule;
	struct gyl_dns_verdict *verdict; /* of what has to be asked for */
	struct gyl_dns_wish wish;
	struct gyl_dns_sign sign; /* of a query with TSIG only */
	const struct gyl_dns_node
		*dname[GYL_DNS_CHAIN_MAX]; /* whose DNAME is in the answer already */
	unsigned dname_cnt;
	unsigned proof_cnt;
	struct gyl_dns_proof proof[GYL_DNS_PROOF_MAX];
	const struct gyl_dns_rrset
		*extra; /* whose addresses go along; NULL: none; put at extra_pos */
	const struct gyl_dns_image *extra_image; /* where it is from */
	size_t extra_pos;
	bool drop;          /* a policy zone says so */
	size_t watched_len; /* of the answer that others have led here; 0: nobody has */
	uint16_t watched_cnt;
};

/* The records of an RRset, with their signatures for those who want them; false, and TC set unless
 * the section is ADDITIONAL, when they do not fit. */
bool gyl__dns_put_set(struct gyl_dns_reply *r, enum gyl_dns_section section,
	const struct gyl_dns_rrset *s, struct gyl_dns_at owner, size_t node_len, size_t *ret_pos);
/* Addresses that go with an RRset that was put at pos. */
void gyl__dns_put_extra(struct gyl_dns_reply *r, const struct gyl_dns_image *im,
	const struct gyl_dns_rrset *s, size_t pos);

/* answer_proof.c: what denies that which was not found, for those who validate. answered: an RRset
 * was found, so only that it may come from a wildcard is to be proven. */
void gyl__dns_prove(struct gyl_dns_reply *r, const struct gyl_dns_found *f,
	const struct gyl_dns_key *k, struct gyl_dns_at name, bool answered);
/* All that was proven, into the authority section. */
void gyl__dns_put_proofs(struct gyl_dns_reply *r);
/* QTYPE RRSIG: the signatures of all records of a node. False when there are none. */
bool gyl__dns_put_sigs(
	struct gyl_dns_reply *r, const struct gyl_dns_node *n, struct gyl_dns_at owner);

/* Where the suffix of a name in the message stands. */
size_t gyl__dns_suffix_pos(
	const struct gyl_dns_reply *r, struct gyl_dns_at name, size_t suffix_len);

/* Begin a record: owner pointer to TTL, and room for rdata_len octets. NULL: does not fit, TC is
 * set. */
uint8_t *gyl__dns_put_rr(struct gyl_dns_reply *r, enum gyl_dns_section section, size_t owner_pos,
	uint16_t type, uint32_t ttl, size_t rdata_len);

/* answer.c: the name at pos is the next one to look for. */
void gyl__dns_go_on(
	const struct gyl_dns_reply *r, size_t pos, struct gyl_dns_key *k, struct gyl_dns_at *name);
void gyl__dns_set_aa(struct gyl_dns_reply *r, bool first);
/* The SOA that goes with a negative answer. */
void gyl__dns_put_negative(struct gyl_dns_reply *r, const struct gyl_dns_found *f,
	const struct gyl_dns_key *k, struct gyl_dns_at name);

/* What there is about a name, for the type that is asked for. */
void gyl__dns_decide(const struct gyl_dns_reply *r, const struct gyl_dns_key *k,
	struct gyl_dns_found *ret_found);

/* answer_route.c: names that no zone has; true when there is another name to look for. first: it is
 * the name that was asked for. */
bool gyl__dns_put_outside(struct gyl_dns_reply *r, const struct gyl_dns_found *f, bool first,
	struct gyl_dns_key *k, struct gyl_dns_at *name);
bool gyl__dns_put_hole(struct gyl_dns_reply *r, const struct gyl_dns_found *f, bool first,
	struct gyl_dns_key *k, struct gyl_dns_at *name);

/* answer_opt.c: EDNS. What the query's options ask for, into r->wish. */
void gyl__dns_opt_read(struct gyl_dns_reply *r);
/* Octets that gyl__dns_opt_put() may write, whatever the answer will be. */
size_t gyl__dns_opt_room(const struct gyl_dns_reply *r);
void gyl__dns_opt_put(struct gyl_dns_reply *r);
/* RFC 7873 5.4: a query without a question that is there to get a cookie. False: it is none. */
bool gyl__dns_opt_alone(struct gyl_dns_reply *r, struct gyl_view msg, size_t cap);

/* answer_foreign.c: a name of others, which the servers of a group know. True when it is another
 * name for *k, which is to be looked for. */
bool gyl__dns_put_foreign(
	struct gyl_dns_reply *r, uint16_t group, struct gyl_dns_key *k, struct gyl_dns_at *name);

/* answer_local.c: names that leases made, and the zones that are there because of them only. */
void gyl__dns_put_lease(
	struct gyl_dns_reply *r, const struct gyl_dns_found *f, struct gyl_dns_at name);
void gyl__dns_put_local(struct gyl_dns_reply *r, struct gyl_dns_at name);
void gyl__dns_put_local_soa(struct gyl_dns_reply *r, enum gyl_dns_section section,
	struct gyl_dns_at name, size_t apex_len);
/* Class CH: version.bind and its like. */
void gyl__dns_put_chaos(struct gyl_dns_reply *r);

/*
 * answer_tsig.c: a query with TSIG. Begin keeps room for that of the answer and returns NOERROR, or
 * the rcode of a query that is not to be answered. End signs the finished message.
 */
uint16_t gyl__dns_tsig_begin(struct gyl_dns_reply *r, struct gyl_view msg);
void gyl__dns_tsig_end(struct gyl_dns_reply *r);

/* answer_entry.c: all records of an entry, at name or at the name in it that the entry is about.
 * stale: its time is over. False: no room, TC is set. */
bool gyl__dns_put_entry(
	struct gyl_dns_reply *r, const struct gyl_dns_entry *e, struct gyl_dns_at name, bool stale);
/*
 * The entry just put is a chain of CNAMEs. Where it leads to a name that the group is not asked
 * about, the rest of it goes: nobody's word counts about names of others, least of all about ours.
 * True when there is another name to look for.
 */
bool gyl__dns_follow_entry(struct gyl_dns_reply *r, const struct gyl_dns_entry *e, uint16_t group,
	struct gyl_dns_key *k, struct gyl_dns_at *name);
/*
 * A name of others has led to the next one. When addresses of this network are found there, by
 * whoever knows them, they go in the end: a browser would take them for those of the first name.
 * What a list gives instead is meant for that.
 */
void gyl__dns_watch(struct gyl_dns_reply *r);
void gyl__dns_watch_end(struct gyl_dns_reply *r);

#endif
