/* SPDX-License-Identifier: ISC */

/*
 * Answers from signed zones. The zones in tests/data/zones/signed were signed by ldns-signzone and
 * dnssec-signzone; every question that one can think of is asked, and each answer must be what the
 * zone gives unsigned, with the proofs that a strict validator wants and no others.
 */

#include "services/dns/conf.h"
#include "services/dns/group.h"
#include "tests/unit/dns/signed.h"

static const uint8_t top[] = "\004hard\007example";

static const char *const parents[] = {"nsec", "nsec3", "optout"};

static struct world *open_files(const char *parent, const char *child)
{
	char *text[2] = {signed_zone_text(parent), child == NULL ? NULL : signed_zone_text(child)};
	struct zone_text zone[2] = {{"hard.example.", text[0]}, {"child.hard.example.", text[1]}};
	struct world *w = world_open(zone, child == NULL ? 1 : 2);

	want_proofs(w);
	free(text[0]);
	free(text[1]);
	return w;
}

static void check_all(const char *parent, const char *child, const char *plain_child)
{
	struct pair *p = calloc(1, sizeof *p);

	assert_non_null(p);
	p->with = open_files(parent, child);
	p->without = open_files("unsigned", plain_child);
	p->top = top;
	check_nodes(p);
	assert_true(p->asked > 5000);
	world_close(p->with);
	world_close(p->without);
	free(p);
}

static void rfc4035_3_1_3_every_denial_by_nsec_is_proven(void **state)
{
	(void)state;
	check_all("nsec", NULL, NULL);
}

static void rfc5155_7_2_every_denial_by_nsec3_is_proven(void **state)
{
	(void)state;
	check_all("nsec3", NULL, NULL);
}

static void rfc5155_6_every_denial_with_opt_out_is_proven(void **state)
{
	(void)state;
	check_all("optout", NULL, NULL);
}

static void chains_into_a_signed_child_are_proven_by_both(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++)
		check_all(parents[i], "child", "child-unsigned");
}

/* A host with a lease, in a domain of leases. */
static void add_lease(struct world *w, const char *label, const char *domain)
{
	struct gyl_dns_lease l = {.ip = 0x0a000001, .expiry_ns = UINT64_MAX}, old;
	uint8_t name[GYL_DNS_NAME_MAX];
	char text[200];
	int number;

	name_of(domain, name);
	number = gyl_dns_overlay_domain(&w->overlay, name);
	assert_true(number >= 0);
	(void)snprintf(text, sizeof text, "%s.%s", label, domain);
	l.name_len = (uint8_t)name_of(text, l.name);
	l.domain = (uint8_t)number;
	assert_int_equal(gyl_dns_overlay_set(&w->overlay, &l, &old), GYL_DNS_LEASE_NEW);
}

/* What nobody signed is not there: the zone proves so. */
static void names_of_leases_are_not_in_a_signed_zone(void **state)
{
	struct pair *p = calloc(1, sizeof *p);
	uint8_t name[GYL_DNS_NAME_MAX];

	(void)state;
	assert_non_null(p);
	p->with = open_files("nsec", NULL);
	p->without = open_files("unsigned", NULL);
	p->top = top;
	add_lease(p->with, "host", "e3.hard.example.");
	name_of("host.e3.hard.example.", name);
	check_types(p, name);
	world_close(p->with);
	world_close(p->without);
	free(p);
}

/* But they may be in a domain that it delegates to us, of which it proves that it is not signed. */
static void names_of_leases_are_in_a_domain_that_is_delegated(void **state)
{
	static const struct row rows[] = {
		{"host.cut.hard.example.", "A",
			"NOERROR AA; an host.cut.hard.example. 60 A 10.0.0.1"},
		{"nix.cut.hard.example.", "A", "NXDOMAIN AA; ns SOA cut.hard.example. 10"},
		{"cut.hard.example.", "A", "NOERROR AA; ns SOA cut.hard.example. 10"},
		{"cut.hard.example.", "DS", "NOERROR AA; ns SOA hard.example. 300"},
	};
	struct world *w = open_files("nsec", NULL);
	struct validator *v = calloc(1, sizeof *v);
	uint8_t name[GYL_DNS_NAME_MAX];

	(void)state;
	assert_non_null(v);
	add_lease(w, "host", "cut.hard.example.");
	name_of("cut.hard.example.", name);
	ask_name(w, name, GYL_DNS_TYPE_DS);
	assert_null(validate(v, gyl_view(w->msg, w->len), top, name, GYL_DNS_TYPE_DS));
	w->dnssec_ok = false;
	ask_all(w, rows, TEST_CNT(rows));
	world_close(w);
	free(v);
}

static void refused_with(const char *dynamic, const char *parent, const char *want)
{
	struct gyl_build b;
	struct gyl_dns_compile *c;
	uint8_t name[GYL_DNS_NAME_MAX];
	char notes[4096], *text = signed_zone_text(parent);
	bool good;

	assert_int_equal(gyl_build_open(&b), 0);
	c = gyl_dns_compile_open(&b);
	assert_non_null(c);
	gyl_dns_compile_text(c, top, "hard.zone", gyl_view_str(text));
	name_of(dynamic, name);
	gyl_dns_compile_dynamic(c, name, "\"lease_domain\"");
	good = gyl_dns_compile_end(c);
	notes_of(&b, notes, sizeof notes);
	if (good != (want == NULL) || (want != NULL && strstr(notes, want) == NULL))
		fail_msg("%s: %s", dynamic, notes);
	gyl_dns_compile_close(c);
	gyl_build_close(&b);
	free(text);
}

static void names_that_nobody_signs_are_refused_with_advice(void **state)
{
	(void)state;
	refused_with("lan.hard.example.", "nsec",
		"the zone hard.example. is signed, and nobody signs what \"lease_domain\" puts into "
		"lan.hard.example.: delegate a domain to this server for it (NS, no DS)");
	refused_with("hard.example.", "nsec3", "the zone hard.example. is signed");
	refused_with("a.scut.hard.example.", "nsec",
		"the DS of scut.hard.example. says that it is signed, and nobody signs what "
		"\"lease_domain\" puts into a.scut.hard.example.: delegate it without DS");
	refused_with("cut.hard.example.", "nsec", NULL);
	refused_with("a.cut.hard.example.", "nsec3", NULL);
	refused_with("lan.hard.example.", "unsigned", NULL);
	refused_with("elsewhere.", "nsec", NULL);
}

/* Lines of a text with the word go, or have another word instead; the first of them only when once.
 */
static char *changed(const char *text, const char *word, const char *other, bool once)
{
	char *out = calloc(2, strlen(text) + 1), *to = out;
	bool done = false;

	assert_non_null(out);
	for (const char *end; *text != '\0'; text = end) {
		const char *at = strstr(text, word);

		end = strchrnul(text, '\n');
		end += *end == '\n';
		if ((once && done) || at == NULL || at >= end)
			to += sprintf(to, "%.*s", (int)(end - text), text);
		else if (other != NULL)
			to += sprintf(to, "%.*s%s%.*s", (int)(at - text), text, other,
				(int)(end - at - (long)strlen(word)), at + strlen(word));
		done |= at != NULL && at < end;
	}
	return out;
}

static void a_signed_zone_that_is_broken_is_told(void **state)
{
	static const struct {
		const char *file, *word, *other, *want;
		bool once, good;
	} row[] = {
		{"nsec", "IN\tNSEC\tcw", NULL, "the chain of NSEC does not fit the zone", true,
			false},
		{"nsec", " MX RRSIG NSEC", " RRSIG NSEC",
			"the types of the NSEC are not those of the name", true, false},
		{"nsec3", "IN\tNSEC3\t1 0 1 -", NULL, "the chain of NSEC3 does not fit the zone",
			true, false},
		{"nsec", "IN\tNSEC\t", NULL, "is signed, but has neither NSEC nor NSEC3", false,
			false},
		{"nsec", "IN\tRRSIG\tMX", NULL, "not signed, in a zone that is", true, true},
		{"nsec", "IN\tRRSIG\tSOA", NULL, "the zone has keys, but its SOA has no signature",
			true, true},
		{"nsec", "20370101000000 20260101", "20260102000000 20260101",
			"the signature has expired", false, true},
		{"nsec", "20370101000000 20260101", "20370101000000 20360101",
			"the signature is not valid yet", false, true},
		{"nsec3", "NSEC3PARAM\t1 0 1", "NSEC3PARAM\t1 0 151",
			"151 iterations of NSEC3 cost more than they are worth, at most 150", true,
			false},
		{"nsec3", "$", "$", "iterations of NSEC3 should be 0", true, true},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(row); i++) {
		char *text = signed_zone_text(row[i].file), notes[16384];
		char *other = changed(text, row[i].word, row[i].other, row[i].once);
		struct zone_text zone = {"hard.example.", other};
		struct gyl_view image = image_of(&zone, 1, notes, sizeof notes);

		if ((image.len != 0) != row[i].good || strstr(notes, row[i].want) == NULL)
			fail_msg("%s without %s: %.3000s", row[i].file, row[i].word, notes);
		gyl_build_unmap(image);
		free(text);
		free(other);
	}
}

static void rfc5155_5_hashes_of_appendix_a(void **state)
{
	static const struct {
		const char *name, *label;
	} row[] = {
		{"example.", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom"},
		{"a.example.", "35mthgpgcu1qg68fab165klnsnk3dpvl"},
		{"*.w.example.", "r53bq7cc2uvmubfu5ocmm6pers9tk9en"},
		{"2t7b4g4vsa5smi47k61mv5bv1a22bojr.example.", "kohar7mbb8dc2ce8a9qvl8hon4k53uhi"},
	};
	static const uint8_t salt[] = {0xaa, 0xbb, 0xcc, 0xdd};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(row); i++) {
		uint8_t name[GYL_DNS_NAME_MAX], hash[GYL_DNS_HASH_LEN], back[GYL_DNS_HASH_LEN],
			label[1 + GYL_DNS_HASH_TEXT_LEN] = {GYL_DNS_HASH_TEXT_LEN};
		size_t len = name_of(row[i].name, name);

		gyl_dns_nsec3_hash(gyl_view(name, len), gyl_view(salt, sizeof salt), 12, hash);
		gyl_dns_nsec3_label(hash, label + 1);
		assert_memory_equal(label + 1, row[i].label, GYL_DNS_HASH_TEXT_LEN);
		assert_true(gyl_dns_nsec3_unlabel(label, back));
		assert_memory_equal(back, hash, sizeof hash);
	}
	assert_false(gyl_dns_nsec3_unlabel((const uint8_t *)"\003abc", (uint8_t[20]){0}));
}

/* RFC 4035 3.1.1: what a datagram cannot hold, a stream will. */
static void proofs_that_do_not_fit_are_asked_for_by_tcp(void **state)
{
	struct world *w = open_files("nsec3", NULL);

	(void)state;
	w->tcp = false;
	w->udp_size = 512;
	assert_non_null(strstr(ask(w, "q.e3.hard.example.", "A"), " TC"));
	assert_true(w->len <= 512);
	w->udp_size = 1232;
	assert_null(strstr(ask(w, "q.e3.hard.example.", "A"), " TC"));
	/* who does not ask for proofs gets none */
	w->dnssec_ok = false;
	assert_string_equal(
		ask(w, "q.e3.hard.example.", "A"), "NXDOMAIN AA; ns SOA hard.example. 300");
	world_close(w);
}

static const char *hole_name;

static void add_hole(struct gyl_dns_compile *c)
{
	uint8_t name[GYL_DNS_NAME_MAX];

	name_of(hole_name, name);
	gyl_dns_compile_hole(c, top, name, GYL_DNS_HOLE_REFUSE, GYL_DNS_GROUP_NONE);
}

/* All but the hole and what leads there. */
static void check_beside(struct pair *p)
{
	const struct gyl_dns_image *im = p->with->data.image;
	const struct gyl_dns_node *n;
	uint32_t off = im->node_off;

	while ((n = gyl_dns_image_walk(im, &off)) != NULL)
		if (strstr((const char *)n->name, "cut\004hard") == NULL ||
			strstr((const char *)n->name, "scut") != NULL)
			check_around(p, n->name);
}

/* RFC 4035 5.2: what is below a delegation that is proven to have no DS is not signed. */
static void a_hole_in_a_signed_zone_is_a_delegation_without_ds(void **state)
{
	(void)state;
	hole_name = "cut.hard.example.";
	for (size_t i = 0; i < 3; i++) {
		struct pair p = {.top = top};
		uint8_t name[GYL_DNS_NAME_MAX];

		image_more = add_hole;
		p.with = open_files(parents[i], NULL);
		image_more = NULL;
		p.without = open_files("unsigned", NULL);
		check_beside(&p);
		/* what the zone says of it, proven */
		name_of(hole_name, name);
		check_one(&p, name, GYL_DNS_TYPE_DS);
		assert_string_equal(ask(p.with, "a.cut.hard.example.", "A"), "REFUSED");
		assert_string_equal(ask(p.with, "cut.hard.example.", "NS"), "REFUSED");
		assert_string_equal(ask(p.with, "ns.cut.hard.example.", "A"), "REFUSED");
		/* an alias that leads there is answered as far as it is ours */
		assert_ptr_equal(strstr(ask(p.with, "tocut.hard.example.", "A"),
					 "NOERROR AA; an tocut.hard.example. 3600 CNAME a.cut"),
			p.with->text);
		world_close(p.with);
		world_close(p.without);
	}
}

static void a_hole_that_validators_would_refuse_is_an_error(void **state)
{
	static const struct {
		const char *name, *want;
	} rows[] = {
		{"new.hard.example.", "new.hard.example.: a hole in a signed zone"},
		{"x.w.hard.example.", "x.w.hard.example.: a hole in a signed zone"},
		{"scut.hard.example.", "scut.hard.example.: hidden by a hole of the zone"},
		{"target.hard.example.", "target.hard.example.: hidden by a hole of the zone"},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(rows); i++)
		for (size_t j = 0; j < 3; j++) {
			char notes[4096], *text = signed_zone_text(parents[j]);
			struct zone_text zone = {"hard.example.", text};

			hole_name = rows[i].name;
			image_more = add_hole;
			assert_int_equal(image_of(&zone, 1, notes, sizeof notes).len, 0);
			image_more = NULL;
			if (strstr(notes, rows[i].want) == NULL)
				fail_msg("%s: %s", rows[i].name, notes);
			free(text);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc4035_3_1_3_every_denial_by_nsec_is_proven),
		cmocka_unit_test(rfc5155_7_2_every_denial_by_nsec3_is_proven),
		cmocka_unit_test(rfc5155_6_every_denial_with_opt_out_is_proven),
		cmocka_unit_test(chains_into_a_signed_child_are_proven_by_both),
		cmocka_unit_test(names_of_leases_are_not_in_a_signed_zone),
		cmocka_unit_test(names_of_leases_are_in_a_domain_that_is_delegated),
		cmocka_unit_test(names_that_nobody_signs_are_refused_with_advice),
		cmocka_unit_test(a_signed_zone_that_is_broken_is_told),
		cmocka_unit_test(rfc5155_5_hashes_of_appendix_a),
		cmocka_unit_test(proofs_that_do_not_fit_are_asked_for_by_tcp),
		cmocka_unit_test(a_hole_in_a_signed_zone_is_a_delegation_without_ds),
		cmocka_unit_test(a_hole_that_validators_would_refuse_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
