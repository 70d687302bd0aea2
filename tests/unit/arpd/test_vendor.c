/* SPDX-License-Identifier: ISC */

/* The IEEE's lists, and who an address belongs to. */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "services/arpd/vendor.h"
#include "services/arpd/vendor_build.h"
#include "services/base/build_own.h"
#include "tests/support/support.h"

static const char txt[] =
	"OUI/MA-L                                                    Organization\r\n"
	"company_id                                                  Organization\r\n"
	"\r\n"
	"00-22-72   (hex)\t\tAmerican Micro-Fuel Device Corp.\r\n"
	"002272     (base 16)\t\tAmerican Micro-Fuel Device Corp.\r\n"
	"\t\t\t\t2181 Buchanan Loop\r\n"
	"\r\n"
	"00-D0-EF   (hex)\t\tIGT\r\n"
	"00D0EF     (base 16)\t\tIGT\r\n";
static const char mam[] = "74-1A-E0   (hex)\t\tPrivate\r\n"
			  "900000-9FFFFF     (base 16)\t\tPrivate\r\n"
			  "20-85-93   (hex)\t\tOdd\r\n"
			  "B00001-BFFFFF     (base 16)\t\tOdd\r\n"
			  "70-B3-D5   (hex)\t\tSmall\r\n"
			  "5C8000-5C8FFF     (base 16)\t\tSmall\r\n";
static const char csv[] = "Registry,Assignment,Organization Name,Organization Address\n"
			  "MA-L,002272,\"Fuel, Inc.\",2181 Buchanan Loop\n"
			  "MA-S,70B3D55C8,Small,Somewhere\n"
			  "MA-L,00227,Short,Nowhere\n"
			  "MA-L,00D0EF,IGT,9295 PROTOTYPE DRIVE\n";

static void lines_are(const char *text, const char *const *want)
{
	struct gyl_arpd_oui_line line;
	struct gyl_arpd_oui p;
	char got[200];

	gyl_arpd_oui_init(&p, gyl_view_str(text));
	for (; *want != NULL; want++) {
		assert_true(gyl_arpd_oui_next(&p, &line));
		snprintf(got, sizeof got, "%012llx/%u %.*s", (unsigned long long)line.prefix,
			line.bits, (int)line.name.len, (const char *)line.name.p);
		assert_string_equal(got, *want);
	}
	assert_false(gyl_arpd_oui_next(&p, &line));
}

static void lists_are_read_in_both_forms(void **state)
{
	static const char *const of_txt[] = {
		"002272000000/24 American Micro-Fuel Device Corp.", "00d0ef000000/24 IGT", NULL};
	static const char *const of_mam[] = {
		"741ae0900000/28 Private", "70b3d55c8000/36 Small", NULL};
	static const char *const of_csv[] = {
		"002272000000/24 Fuel, Inc.", "70b3d55c8000/36 Small", "00d0ef000000/24 IGT", NULL};

	(void)state;
	lines_are(txt, of_txt);
	lines_are(mam, of_mam);
	lines_are(csv, of_csv);
	lines_are("", of_txt + 2);
}

struct files {
	char dir[40];
	struct gyl_build b;
	struct gyl_view block;
};

static void put(const struct files *f, const char *name, const char *text)
{
	char path[80];
	FILE *out;

	snprintf(path, sizeof path, "%s/%s", f->dir, name);
	out = fopen(path, "w");
	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
}

static void build(struct files *f, const char *name)
{
	char path[80];
	int fd;

	snprintf(path, sizeof path, "%s/%s", f->dir, name);
	assert_int_equal(gyl_build_open(&f->b), 0);
	assert_true(gyl_arpd_vendors_build(path, &f->b));
	fd = gyl_build_seal(&f->b);
	assert_true(fd >= 0);
	f->block = gyl_build_map(fd);
	(void)close(fd);
	gyl_build_close(&f->b);
}

static void vendor_is(const struct files *f, uint64_t mac, const char *want)
{
	struct gyl_view got;
	uint8_t m[6];

	gyl_set_u16(m, (uint16_t)(mac >> 32));
	gyl_set_u32(m + 2, (uint32_t)mac);
	got = gyl_arpd_vendor(f->block, m);
	if (!gyl_view_eq(got, gyl_view_str(want)))
		fail_msg("%012llx: %.*s, not %s", (unsigned long long)mac, (int)got.len,
			(const char *)got.p, want);
}

static int open_files(void **state)
{
	struct files *f = calloc(1, sizeof *f);

	assert_non_null(f);
	strcpy(f->dir, "/tmp/gyl-vendor-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	*state = f;
	return 0;
}

static int close_files(void **state)
{
	static const char *const name[] = {"oui.txt", "mam.txt", "oui.csv", "oui36.csv"};
	struct files *f = *state;
	char path[80];

	for (size_t i = 0; i < TEST_CNT(name); i++) {
		snprintf(path, sizeof path, "%s/%s", f->dir, name[i]);
		(void)unlink(path);
	}
	(void)rmdir(f->dir);
	if (f->block.len != 0)
		gyl_build_unmap(f->block);
	free(f);
	return 0;
}

static void the_longest_prefix_is_the_vendor(void **state)
{
	struct files *f = *state;

	put(f, "oui.txt", txt);
	put(f, "mam.txt", mam);
	build(f, "oui.txt");
	assert_true(gyl_arpd_vendors_good(f->block));
	vendor_is(f, 0x002272123456, "American Micro-Fuel Device Corp.");
	vendor_is(f, 0x00d0ef000000, "IGT");
	vendor_is(f, 0x741ae0912345, "Private");
	vendor_is(f, 0x741ae0812345, "");
	vendor_is(f, 0x70b3d55c8fff, "Small");
	vendor_is(f, 0x70b3d55c9000, "");
	vendor_is(f, 0x02d0ef000000, "(made up)");
}

static void a_list_that_is_not_there_is_empty(void **state)
{
	struct files *f = *state;
	struct gyl_view none = {NULL, 0};

	build(f, "oui.txt");
	assert_int_equal(f->block.len, 0);
	vendor_is(f, 0x002272123456, "");
	assert_false(gyl_arpd_vendors_good(none));
}

static void a_list_that_is_none_is_empty(void **state)
{
	struct files *f = *state;

	put(f, "oui.csv", "\x01\x02\n(hex)\n(base 16)\n,,,\n");
	build(f, "oui.csv");
	vendor_is(f, 0x002272123456, "");
}

#define F(fn) cmocka_unit_test_setup_teardown(fn, open_files, close_files)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_read_in_both_forms),
		F(the_longest_prefix_is_the_vendor),
		F(a_list_that_is_not_there_is_empty),
		F(a_list_that_is_none_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
