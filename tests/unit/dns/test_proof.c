/* SPDX-License-Identifier: ISC */

/*
 * Answers from signed zones. The zones in tests/data/zones/signed were signed by ldns-signzone and
 * dnssec-signzone; every question that one can think of is asked, and each answer must be what the
 * zone gives unsigned, with the proofs that a strict validator wants and no others.
 */

#include "tests/unit/dns/signed.h"

static const uint8_t top[] = "\004hard\007example";

static const char *const parents[] = {"nsec", "nsec3", "optout"};

static char *file_text(const char *name)
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

static struct world *open_files(const char *parent, const char *child)
{
	char *text[2] = {file_text(parent), child == NULL ? NULL : file_text(child)};
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
	char notes[4096], *text = file_text(parent);
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
