/* SPDX-License-Identifier: ISC */

/*
 * Leases of other servers. Golden files: tests/conf/import/leases/NAME.isc (.kea, .dnsmasq) gives
 * NAME.isc.json, the leases that are in it, and NAME.isc.err, what was no lease. GYL_UPDATE=1 in
 * the environment writes them. What is written for a server is read back the same.
 */

#include "tests/support/support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "services/guyline/import_lease.h"
#include "tests/conf/golden.h"

enum {
	NOW_S = 1795080000
};

static char *written(struct gyl_leases *l, enum gyl_lease_form form)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_true(gyl_leases_write(l, form, NOW_S, out));
	fclose(out);
	return text;
}

static int is_input(const struct dirent *e)
{
	enum gyl_lease_form form;
	const char *dot = strrchr(e->d_name, '.');

	return dot != NULL && dot != e->d_name && gyl_lease_form(dot + 1, &form) &&
	       form != GYL_LEASE_JSON;
}

static void golden_file(const char *name)
{
	struct gyl_import *i = gyl_import_new();
	enum gyl_lease_form form;
	struct gyl_leases l;
	char *text = strdup(""), *messages;
	size_t len;
	FILE *err = open_memstream(&messages, &len);

	assert_true(gyl_lease_form(strrchr(name, '.') + 1, &form));
	if (strncmp(name, "bad", 3) != 0)
		form = GYL_LEASE_GUESS;
	gyl_leases_init(&l, i);
	if (gyl_leases_file(&l, name, form)) {
		free(text);
		text = written(&l, GYL_LEASE_JSON);
	}
	gyl_import_messages(i, err);
	fclose(err);
	golden_expect(name, ".json", text);
	golden_expect(name, ".err", messages);
	free(text);
	free(messages);
	gyl_leases_free(&l);
	gyl_import_free(i);
}

/* One line without an end, the second. */
static void json_without_an_end_is_refused(void **state)
{
	static const char text[] =
		"{\"ip\":\"10.0.0.1\",\"state\":\"leased\",\"mac\":\"02:00:00:00:00:01\",\"end\":\"infinite\"}\n"
		"{\"ip\":\"10.0.0.2\",\"state\":\"leased\",\"mac\":\"02:00:00:00:00:02\"}\n";
	struct gyl_import *i = gyl_import_new();
	struct gyl_leases l;
	char *messages;
	size_t len;
	FILE *err = open_memstream(&messages, &len);

	(void)state;
	gyl_leases_init(&l, i);
	assert_false(gyl_leases_text(&l, "some.json", gyl_view_str(text), GYL_LEASE_JSON));
	gyl_import_messages(i, err);
	fclose(err);
	assert_non_null(strstr(messages, "some.json:2:"));
	assert_non_null(strstr(messages, "\"end\" is missing"));
	free(messages);
	gyl_leases_free(&l);
	gyl_import_free(i);
}

static void golden(void **state)
{
	struct dirent **names;
	int cnt;

	(void)state;
	assert_int_equal(chdir(GYL_TEST_DIR "/conf/import/leases"), 0);
	cnt = scandir(".", &names, is_input, alphasort);
	assert_true(cnt > 5);
	for (int n = 0; n < cnt; n++) {
		golden_file(names[n]->d_name);
		free(names[n]);
	}
	free(names);
}

/* What every form can say: of dnsmasq's, leases that live, and no beginnings. */
static void fill(struct gyl_leases *l, enum gyl_lease_form form)
{
	static const uint8_t option82[] = {1, 3, 'e', '0', 0xff};
	static const uint8_t id[] = {0xff, '"', '\\', 'a', 0, 0x7f, '1'};
	struct gyl_lease one = {.ip = 0x0a4d0014,
		.has_mac = true,
		.mac = {2, 0, 0x5e, 0, 0, 1},
		.start_s = NOW_S - 60,
		.end_s = NOW_S + 540,
		.id = {id, sizeof id},
		.name = gyl_view_str("laptop")};

	if (form == GYL_LEASE_DNSMASQ)
		one.start_s = 0;
	gyl_leases_put(l, &one);
	one.ip++;
	one.id = one.name = gyl_view("", 0);
	gyl_leases_put(l, &one);
	if (form == GYL_LEASE_JSON) {
		one.ip += 100;
		one.giaddr = 0x0a4d0001;
		one.option82 = (struct gyl_view){option82, sizeof option82};
		gyl_leases_put(l, &one);
		one.ip -= 100;
		one.giaddr = 0;
		one.option82.len = 0;
	}
	one.ip++;
	one.start_s = form == GYL_LEASE_KEA ? NOW_S : 0;
	one.end_s = UINT64_MAX;
	gyl_leases_put(l, &one);
	if (form == GYL_LEASE_DNSMASQ)
		return;
	one.ip++;
	one.end_s = NOW_S - 5;
	one.start_s = NOW_S - 65;
	one.released = true;
	gyl_leases_put(l, &one);
	one.ip++;
	one.released = one.has_mac = false;
	one.declined = true;
	gyl_leases_put(l, &one);
}

static void round_trip(enum gyl_lease_form form)
{
	struct gyl_import *i = gyl_import_new(), *j = gyl_import_new();
	struct gyl_leases l, back;
	char *text, *before, *after;

	gyl_leases_init(&l, i);
	gyl_leases_init(&back, j);
	fill(&l, form);
	text = written(&l, form);
	assert_true(gyl_leases_text(&back, "written", gyl_view_str(text), form));
	assert_int_equal(gyl_import_messages(j, stderr), 0);
	before = written(&l, GYL_LEASE_JSON);
	after = written(&back, GYL_LEASE_JSON);
	assert_string_equal(after, before);
	free(text);
	free(before);
	free(after);
	gyl_leases_free(&l);
	gyl_leases_free(&back);
	gyl_import_free(i);
	gyl_import_free(j);
}

static void what_is_written_is_read_back_the_same(void **state)
{
	(void)state;
	round_trip(GYL_LEASE_ISC);
	round_trip(GYL_LEASE_KEA);
	round_trip(GYL_LEASE_DNSMASQ);
	round_trip(GYL_LEASE_JSON);
}

/* Many, and one of them often: the last one counts. */
static void the_last_one_about_an_address_counts(void **state)
{
	struct gyl_import *i = gyl_import_new();
	struct gyl_leases l;

	(void)state;
	gyl_leases_init(&l, i);
	for (uint32_t round = 0; round < 2; round++) {
		for (uint32_t n = 0; n < 5000; n++) {
			struct gyl_lease one = {.ip = 0x0a000000 + n, .start_s = round};

			gyl_leases_put(&l, &one);
		}
	}
	gyl_leases_sort(&l);
	assert_int_equal(l.cnt, 5000);
	for (uint32_t n = 0; n < 5000; n++) {
		assert_int_equal(l.sorted[n]->ip, 0x0a000000 + n);
		assert_int_equal(l.sorted[n]->start_s, 1);
	}
	gyl_leases_free(&l);
	gyl_import_free(i);
}

static bool has(const char *dir, const char *record)
{
	char path[512];
	static char buf[1 << 20];
	size_t len;
	FILE *f;

	snprintf(path, sizeof path, "%s/journal.a", dir);
	f = fopen(path, "r");
	assert_non_null(f);
	len = fread(buf, 1, sizeof buf, f);
	fclose(f);
	return memmem(buf, len, record, strlen(record)) != NULL;
}

static void a_store_gets_records_of_the_daemons_own_form(void **state)
{
	char dir[] = "/tmp/guyline-test-XXXXXX", path[64];
	struct gyl_import *i = gyl_import_new();
	struct gyl_leases l;

	(void)state;
	assert_non_null(mkdtemp(dir));
	gyl_leases_init(&l, i);
	fill(&l, GYL_LEASE_ISC);
	assert_int_equal(gyl_leases_store(&l, dir), 0);
	assert_int_equal(gyl_leases_store(&l, dir), 0); /* once more, over what is there */
	assert_true(has(dir, "2 leased 2026-11-19T09:29:00Z 600 02:00:5e:00:00:01 "
			     "ff225c61007f31 laptop - -"));
	assert_true(has(dir, "2 leased infinite 4294967295 02:00:5e:00:00:01 - - - -"));
	assert_true(has(dir, "2 declined 2026-11-19T09:19:55Z 60 - - - - -"));
	gyl_leases_free(&l);
	gyl_import_free(i);
	for (const char *c = "ab"; *c != '\0'; c++) {
		snprintf(path, sizeof path, "%s/journal.%c", dir, *c);
		remove(path);
	}
	rmdir(dir);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden),
		cmocka_unit_test(json_without_an_end_is_refused),
		cmocka_unit_test(what_is_written_is_read_back_the_same),
		cmocka_unit_test(the_last_one_about_an_address_counts),
		cmocka_unit_test(a_store_gets_records_of_the_daemons_own_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
