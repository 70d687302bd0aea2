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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc4035_3_1_3_every_denial_by_nsec_is_proven),
		cmocka_unit_test(rfc5155_7_2_every_denial_by_nsec3_is_proven),
		cmocka_unit_test(rfc5155_6_every_denial_with_opt_out_is_proven),
		cmocka_unit_test(chains_into_a_signed_child_are_proven_by_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
