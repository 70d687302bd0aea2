/* SPDX-License-Identifier: ISC */

/* Images that guyline-zonec has made, served instead of what they were made from. */

#include <sys/stat.h>
#include <unistd.h>

#include "conf/conf.h"
#include "conf/top.h"
#include "services/dns/build.h"
#include "services/dns/names.h"
#include "services/dns/service.h"
#include "tests/unit/dns/ask.h"

#define HEAD "@ 60 SOA ns root 1 60 60 60 60\n@ 60 NS ns\nns 60 A 192.0.2.1\n* 60 A 192.0.2.2\n"

static char dir[] = "/tmp/gyl-ready-XXXXXX";

static void put_file(const char *name, const void *p, size_t len)
{
	char path[100];
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static int make_dir(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(dir));
	put_file("z.zone", HEAD, strlen(HEAD));
	put_file("up.zone", HEAD, strlen(HEAD));
	put_file("hosts", "10.0.0.9 nas.home\n", 18);
	put_file("list", "ads.example\n", 12);
	return 0;
}

static int remove_dir(void **state)
{
	char command[100];

	(void)state;
	(void)snprintf(command, sizeof command, "rm -rf %s", dir);
	return system(command);
}

/* A configuration, what was built of it, and a world that is asked. */
struct ready {
	struct gyl_view conf, block;
	const struct gyl_flat *flat;
	const struct gyl_dns_conf *cf;
	struct gyl_build b;
	struct world w;
	char notes[1000];
};

static void read_conf(struct ready *r, const char *dns)
{
	static const struct gyl_conf_section *const section[] = {&gyl_dns_conf_section};
	static const struct gyl_conf_set set = {
		.top = &gyl_top_conf_section, .section = section, .section_cnt = 1};
	struct gyl_conf *c = gyl_conf_new();
	char text[1000];

	memset(r, 0, sizeof *r);
	(void)snprintf(text, sizeof text, "{\"host\": \"kernel\", \"dns\": {%s}}", dns);
	if (!gyl_conf_load_text(c, "x.json", dir, gyl_view_str(text), GYL_CONF_JSON) ||
		!gyl_conf_compile(c, &set, &r->conf))
		fail_msg("%s", gyl_conf_error(c, 0)->text);
	gyl_conf_free(c);
	r->flat = gyl_flat_open(r->conf);
	r->cf = gyl_flat_section(r->flat, "dns");
	assert_int_equal(gyl_build_open(&r->b), 0);
}

/* What the daemon does. between: called when all is built and not yet taken. */
static bool load(struct ready *r, const char *dns, void (*between)(void))
{
	bool ok;

	read_conf(r, dns);
	ok = gyl_dns_service.build(r->flat, r->cf, &r->b);
	if (ok && between != NULL)
		between();
	ok = ok && gyl_build_take(&r->b, &r->block) == 0 &&
	     gyl_dns_service.check(r->flat, r->cf, r->block, &r->b);
	notes_of(&r->b, r->notes, sizeof r->notes);
	return ok;
}

static void unload(struct ready *r)
{
	gyl_build_unmap(r->block);
	gyl_build_close(&r->b);
	free((void *)(uintptr_t)r->conf.p);
	free(r->w.overlay_mem);
}

/* What guyline-zonec -c does. */
static void make(const char *dns)
{
	struct gyl_view made;
	struct ready r;

	read_conf(&r, dns);
	assert_true(gyl__dns_build_compiled(r.flat, r.cf, &r.b, false, NULL));
	made = gyl_build_map(r.b.fd);
	put_file("image", made.p, made.len);
	gyl_build_unmap(made);
	unload(&r);
}

/* What guyline-zonec -o does. */
static void make_of_zone(void)
{
	static const struct zone_text zone = {"z.", HEAD};
	struct gyl_view image = image_of(&zone, 1, NULL, 0);

	put_file("image", image.p, image.len);
	gyl_build_unmap(image);
}

static const char *ask_ready(struct ready *r, const char *qname, const char *qtype)
{
	static const uint64_t seed[2] = {1, 2};
	struct gyl_view part = {NULL, 0};
	struct world *w = &r->w;

	if (w->overlay_mem == NULL) {
		w->overlay_mem = aligned_alloc(16, (gyl_dns_overlay_need(64) + 15) & ~(size_t)15);
		gyl_dns_overlay_init(&w->overlay, w->overlay_mem, 64, seed);
	}
	assert_true(gyl_dns_bundle_find(r->block, GYL_DNS_PART_IMAGE, 0, &part));
	w->data.image = gyl_dns_image_open(part);
	w->data.names = gyl_dns_bundle_find(r->block, GYL_DNS_PART_NAMES, 0, &part)
				? gyl_dns_image_open(part)
				: NULL;
	w->data.overlay = &w->overlay;
	w->policy.udp_size = GYL_DNS_EDNS_UDP;
	w->policy.lease_ttl_s = 60;
	return ask(w, qname, qtype);
}

#define ALL                                                        \
	"\"zones\": {\"name\": \"z\", \"file\": \"z.zone\", "      \
	"\"holes\": {\"name\": \"hole.z\", \"do\": \"refuse\"}}, " \
	"\"hosts\": \"hosts\", \"block\": {\"file\": \"list\"}, \"forward\": {\"to\": \"192.0.2.53\"}"

static void all_that_a_configuration_names_is_in_the_file(void **state)
{
	struct ready r;

	(void)state;
	make(ALL);
	/* what it was made from is not read again */
	assert_true(load(&r, "\"image\": \"image\", " ALL, NULL));
	assert_int_equal(r.b.files.cnt, 1);
	assert_string_equal(ask_ready(&r, "x.z.", "A"), "NOERROR AA; an x.z. 60 A 192.0.2.2");
	assert_string_equal(ask_ready(&r, "hole.z.", "A"), "REFUSED");
	assert_string_equal(
		ask_ready(&r, "nas.home.", "A"), "NOERROR AA; an nas.home. 60 A 10.0.0.9");
	assert_non_null(strstr(ask_ready(&r, "x.ads.example.", "A"), "NXDOMAIN"));
	assert_string_equal(
		ask_ready(&r, "localhost.", "A"), "NOERROR AA; an localhost. 60 A 127.0.0.1");
	unload(&r);
}

static void an_image_of_zones_gets_the_names_of_the_configuration(void **state)
{
	struct ready r;

	(void)state;
	make_of_zone();
	assert_true(load(&r,
		"\"image\": \"image\", \"zones\": [{\"name\": \"z\"}, {\"name\": \"gone\"}], "
		"\"block\": {\"file\": \"list\"}, \"forward\": {\"to\": \"192.0.2.53\"}",
		NULL));
	assert_string_equal(ask_ready(&r, "x.z.", "A"), "NOERROR AA; an x.z. 60 A 192.0.2.2");
	assert_string_equal(ask_ready(&r, "x.gone.", "A"), "SERVFAIL");
	assert_non_null(strstr(ask_ready(&r, "x.ads.example.", "A"), "NXDOMAIN"));
	assert_string_equal(
		ask_ready(&r, "localhost.", "A"), "NOERROR AA; an localhost. 60 A 127.0.0.1");
	unload(&r);
	assert_false(load(&r, "\"image\": \"image\", \"hosts\": \"hosts\"", NULL));
	assert_non_null(strstr(r.notes, "/image:0:0: was made of zones alone"));
	unload(&r);
	assert_false(load(&r,
		"\"image\": \"image\", \"zones\": {\"name\": \"z\", \"holes\": "
		"{\"name\": \"a.z\", \"do\": \"refuse\"}}",
		NULL));
	assert_non_null(strstr(r.notes, "was made of zones alone"));
	unload(&r);
}

#define KEY "\"keys\": {\"name\": \"k\", \"secret\": \"c2VjcmV0\"}"
#define LIVE                                                                                 \
	"\"zones\": [{\"name\": \"z\", \"file\": \"z.zone\"}, {\"name\": \"up\", \"file\": " \
	"\"up.zone\", \"update\": {\"key\": \"k\"}}], " KEY

static void zones_that_change_come_with_it_and_keys_do_not(void **state)
{
	struct gyl_view part;
	struct stat st;
	struct ready r;
	char path[100];

	(void)state;
	make(LIVE);
	assert_true(load(&r, "\"image\": \"image\", " LIVE, NULL));
	assert_true(gyl_dns_bundle_find(r.block, GYL_DNS_PART_ZONE, 0, &part));
	assert_int_equal(gyl_dns_image_open(part)->zone_cnt, 1);
	assert_true(gyl_dns_bundle_find(r.block, GYL_DNS_PART_KEYS, 0, &part));
	/* behind all that is in the file */
	(void)snprintf(path, sizeof path, "%s/image", dir);
	assert_int_equal(stat(path, &st), 0);
	assert_true(part.p - r.block.p >= st.st_size);
	unload(&r);
	make_of_zone();
	assert_true(load(&r, "\"image\": \"image\", " LIVE, NULL));
	assert_true(gyl_dns_bundle_find(r.block, GYL_DNS_PART_ZONE, 0, &part));
	unload(&r);
}

static void another_configuration_is_refused(void **state)
{
	static const char *const rows[] = {
		"\"zones\": {\"name\": \"y\"}, \"hosts\": \"hosts\", \"block\": {\"file\": \"list\"}, "
		"\"forward\": {\"to\": \"192.0.2.53\"}",
		ALL ", \"allow\": \"good.example\"",
		ALL ", \"special_zones\": false",
		ALL ", \"private_answers\": \"a\"",
		ALL ", \"lease_domain\": \"lan\"",
	};
	struct ready r;

	(void)state;
	make(ALL);
	for (size_t i = 0; i < TEST_CNT(rows); i++) {
		char text[900];

		(void)snprintf(text, sizeof text, "\"image\": \"image\", %s", rows[i]);
		if (load(&r, text, NULL) || strstr(r.notes, "another configuration") == NULL)
			fail_msg("%s: %s", rows[i], r.notes);
		unload(&r);
	}
	/* paths and servers are not in the image */
	put_file("other", "", 0);
	assert_true(load(&r,
		"\"image\": \"image\", \"zones\": {\"name\": \"z\", \"holes\": {\"name\": \"hole.z\", "
		"\"do\": \"refuse\"}}, \"hosts\": \"other\", \"block\": {\"file\": \"nowhere\"}, "
		"\"forward\": {\"to\": \"192.0.2.99\"}",
		NULL));
	unload(&r);
}

static const struct change {
	size_t at;
	uint32_t value;
	const char *want;
} changes[] = {
	{0, 0x12345678, "at octet 0: this is no image"},
	{0, __builtin_bswap32(GYL_DNS_IMAGE_MAGIC), "of the other byte order"},
	{4, 1, "at octet 4: another version"},
	{8, 4, "at octet 8: a length too short"},
	{12, 0, "at octet 12: the checksum"},
	{200, 0xffffffff, "at octet 12: the checksum"},
};

static void what_is_wrong_with_a_file_is_told(void **state)
{
	static const struct zone_text zone = {"z.", HEAD};
	struct gyl_view image = image_of(&zone, 1, NULL, 0);
	uint8_t *copy = malloc(image.len + 1);
	struct ready r;

	(void)state;
	if (image.p == NULL || copy == NULL) {
		free(copy);
		fail();
		return;
	}
	for (size_t i = 0; i < TEST_CNT(changes); i++) {
		memcpy(copy, image.p, image.len);
		memcpy(copy + changes[i].at, &changes[i].value, sizeof changes[i].value);
		put_file("image", copy, image.len);
		if (load(&r, "\"image\": \"image\"", NULL) ||
			strstr(r.notes, changes[i].want) == NULL)
			fail_msg("row %zu: %s", i, r.notes);
		unload(&r);
	}
	free(copy);
	gyl_build_unmap(image);
	assert_false(load(&r, "\"image\": \"nowhere\"", NULL));
	assert_non_null(strstr(r.notes, "/nowhere:0:0: cannot read: No such file"));
	unload(&r);
	assert_false(load(&r, "\"image\": \".\"", NULL));
	assert_non_null(strstr(r.notes, "is no file"));
	unload(&r);
}

/* The file as it is while somebody copies another one over it. */
static void every_beginning_of_a_file_is_refused(void **state)
{
	char path[100];
	struct ready r;
	uint8_t octet[8192];
	size_t len;
	FILE *f;

	(void)state;
	make(LIVE);
	(void)snprintf(path, sizeof path, "%s/image", dir);
	f = fopen(path, "r");
	len = fread(octet, 1, sizeof octet, f);
	assert_int_equal(fclose(f), 0);
	assert_in_range(len, 600, sizeof octet - 1);
	for (size_t cut = 0; cut < len; cut++) {
		/* one of these is a whole image, without its zone that changes */
		put_file("image", octet, cut);
		if (load(&r, "\"image\": \"image\", " LIVE, NULL))
			fail_msg("%zu of %zu octets", cut, len);
		unload(&r);
	}
}

static void cut_off(void)
{
	char path[100];

	(void)snprintf(path, sizeof path, "%s/image", dir);
	assert_int_equal(truncate(path, 100), 0);
}

static void write_over(void)
{
	char path[100];
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/image", dir);
	f = fopen(path, "r+");
	assert_non_null(f);
	assert_int_equal(fseek(f, 300, SEEK_SET), 0);
	for (int i = 0; i < 64; i++)
		(void)fputc(0xa5, f);
	assert_int_equal(fclose(f), 0);
}

/* Between the look at a file and its copy. */
static void a_file_that_changes_meanwhile_is_refused(void **state)
{
	struct ready r;

	(void)state;
	make(ALL);
	assert_false(load(&r, "\"image\": \"image\", " ALL, cut_off));
	assert_non_null(strstr(r.notes, "/image:0:0: has changed while it was read"));
	unload(&r);
	make(ALL);
	assert_false(load(&r, "\"image\": \"image\", " ALL, write_over));
	assert_non_null(strstr(r.notes, "at octet 12: the checksum"));
	unload(&r);
}

/* SIGBUS is what mapping it would give. */
static void a_file_that_is_cut_off_while_it_is_served_changes_nothing(void **state)
{
	struct ready r;

	(void)state;
	make(ALL);
	assert_true(load(&r, "\"image\": \"image\", " ALL, NULL));
	cut_off();
	assert_string_equal(ask_ready(&r, "x.z.", "A"), "NOERROR AA; an x.z. 60 A 192.0.2.2");
	unload(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_a_configuration_names_is_in_the_file),
		cmocka_unit_test(an_image_of_zones_gets_the_names_of_the_configuration),
		cmocka_unit_test(zones_that_change_come_with_it_and_keys_do_not),
		cmocka_unit_test(another_configuration_is_refused),
		cmocka_unit_test(what_is_wrong_with_a_file_is_told),
		cmocka_unit_test(every_beginning_of_a_file_is_refused),
		cmocka_unit_test(a_file_that_changes_meanwhile_is_refused),
		cmocka_unit_test(a_file_that_is_cut_off_while_it_is_served_changes_nothing),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
