/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_DNS_SIGNED_H
#define GYL_TESTS_DNS_SIGNED_H

/*
 * A signed zone beside the same unsigned: each answer must be what the zone gives unsigned, with
 * the proofs that a strict validator wants and no others.
 */

#include "tests/unit/dns/ask.h"
#include "tests/unit/dns/validate.h"

/* A zone of tests/data/zones/signed; to be freed. */
static inline char *signed_zone_text(const char *name)
{
	char path[300];
	FILE *f;
	char *text = calloc(1, 100000);

	(void)snprintf(path, sizeof path, "%s/data/zones/signed/%s.zone", GYL_TEST_DIR, name);
	f = fopen(path, "r");
	if (f == NULL || text == NULL)
		fail_msg("cannot read %s", path);
	assert_true(fread(text, 1, 99999, f) > 100);
	(void)fclose(f);
	return text;
}

static const uint16_t qtypes[] = {GYL_DNS_TYPE_A, GYL_DNS_TYPE_TXT, GYL_DNS_TYPE_MX,
	GYL_DNS_TYPE_DS, GYL_DNS_TYPE_NS, GYL_DNS_TYPE_CNAME, GYL_DNS_TYPE_SOA, GYL_DNS_TYPE_NSEC,
	GYL_DNS_TYPE_RRSIG, GYL_DNS_TYPE_DNSKEY, GYL_DNS_TYPE_NSEC3};

static inline void ask_name(struct world *w, const uint8_t *name, uint16_t qtype)
{
	struct gyl_dns_writer d;
	struct gyl_dns_edns edns = {.udp_size = w->udp_size, .dnssec_ok = w->dnssec_ok};
	size_t len = 0;

	gyl_dns_begin(&d, w->query, sizeof w->query, 4711, 0, 0);
	gyl_dns_put_question(&d, name, qtype, GYL_DNS_CLASS_IN);
	gyl_dns_put_opt(&d, &edns);
	assert_int_equal(gyl_dns_end(&d, &len).err, GYL_OK);
	give(w, gyl_view(w->query, len));
	assert_int_not_equal(w->len, 0);
}

static inline bool is_dnssec(uint16_t type)
{
	return type == GYL_DNS_TYPE_RRSIG || type == GYL_DNS_TYPE_NSEC ||
	       type == GYL_DNS_TYPE_NSEC3;
}

/* The answer without what makes it provable. */
static inline void plain_text(struct world *w, char text[8192])
{
	struct gyl_dns_msg m;
	struct gyl_dns_cursor cur;
	struct gyl_dns_rr rr;
	struct gyl_writer t;

	gyl_writer_init(&t, text, 8191);
	assert_int_equal(gyl_dns_decode(gyl_view(w->msg, w->len), &m).err, GYL_OK);
	gyl_dns_rcode_print(&t, gyl_dns_rcode(m.header.flags, &m.edns));
	if (m.header.flags & GYL_DNS_AA)
		gyl_text_str(&t, " AA");
	for (gyl_dns_rr_init(&cur, &m, GYL_DNS_QUESTION); gyl_dns_rr_next(&cur, &rr);)
		if (!is_dnssec(rr.type))
			show_rr(&t, m.raw, &rr);
	text[t.len] = '\0';
}

struct pair {
	struct world *with, *without;
	const uint8_t *top; /* the zone's name */
	struct validator v;
	unsigned asked;
};

static inline void show_failure(
	struct pair *p, const uint8_t *name, uint16_t qtype, const char *why)
{
	char buf[GYL_DNS_NAME_TEXT_MAX];
	struct gyl_writer t;

	gyl_writer_init(&t, buf, sizeof buf - 1);
	gyl_dns_name_print(&t, name);
	buf[t.len] = '\0';
	show_answer(p->with);
	fail_msg("%s type %u: %s\n%s", buf, qtype, why, p->with->text);
}

static inline void check_one(struct pair *p, const uint8_t *name, uint16_t qtype)
{
	static char with[8192], without[8192];
	const char *why;

	ask_name(p->with, name, qtype);
	why = validate(&p->v, gyl_view(p->with->msg, p->with->len), p->top, name, qtype);
	if (why != NULL)
		show_failure(p, name, qtype, why);
	p->asked++;
	if (is_dnssec(qtype) || qtype == GYL_DNS_TYPE_DNSKEY)
		return; /* there is none in the other */
	plain_text(p->with, with);
	ask_name(p->without, name, qtype);
	plain_text(p->without, without);
	/* a delegation tells of its DS to those who want to validate only */
	if (strcmp(with, without) != 0 && strstr(with, " DS ") == NULL)
		show_failure(p, name, qtype, without);
}

static inline void check_types(struct pair *p, const uint8_t *name)
{
	for (size_t i = 0; i < TEST_CNT(qtypes); i++)
		check_one(p, name, qtypes[i]);
}

/* Names around one that exists: below it, beside it, before and behind it in the order. */
static inline void check_around(struct pair *p, const uint8_t *name)
{
	static const char *const before[] = {"\001q", "\001*", "\001a\001q", "\001q\001*",
		"\001*\001q", "\001*\001*", "\001\001", "\001~", "\003sub", "\001b"};

	check_types(p, name);
	for (size_t i = 0; i < TEST_CNT(before); i++) {
		uint8_t made[GYL_DNS_NAME_MAX];

		if (!gyl_failed(gyl_dns_name_concat(
			    (const uint8_t *)before[i], strlen(before[i]), name, made, NULL)))
			check_types(p, made);
	}
}

/* Names around all that exist. */
static inline void check_nodes(struct pair *p)
{
	const struct gyl_dns_image *im = p->with->data.image;
	const struct gyl_dns_node *n;
	uint32_t off = im->node_off;

	while ((n = gyl_dns_image_walk(im, &off)) != NULL)
		check_around(p, n->name);
}

/* Want what a validator wants, by TCP so that everything fits. */
static inline void want_proofs(struct world *w)
{
	w->udp_size = GYL_DNS_EDNS_UDP;
	w->dnssec_ok = true;
	w->tcp = true;
}

#endif
