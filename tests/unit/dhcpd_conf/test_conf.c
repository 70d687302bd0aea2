/* SPDX-License-Identifier: ISC */

/*
 * The section "dhcpd". Golden files: tests/conf/dhcpd/NAME.json gives NAME.ok, the configuration
 * printed back, or NAME.err, every error with its place; GYL_UPDATE=1 in the environment writes
 * them. The example of the manual, the shipped configuration and Charrua's files are good as they
 * are, and make a server.
 */

#include "tests/support/support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf/top.h"
#include "services/dhcpd/core.h"
#include "services/dhcpd/service.h"
#include "services/dhcpd/state.h"
#include "tests/conf/golden.h"

static const struct gyl_conf_section *const sections[] = {&gyl_dhcpd_conf_section};
static const struct gyl_conf_set set = {
	.top = &gyl_top_conf_section, .section = sections, .section_cnt = 1, .skip = gyl_top_skip};

static void free_block(struct gyl_view block)
{
	free((void *)(uintptr_t)block.p);
}

static char *printed(struct gyl_view block)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_true(gyl_conf_print(gyl_flat_open(block), &set, out));
	fclose(out);
	return text;
}

static char *errors(struct gyl_conf *c)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	gyl_conf_errors_print(c, out);
	fclose(out);
	return text;
}

/* A server at 10.77.0.1/24 and 10.78.0.1/24 can be made of it. */
static void makes_a_server(struct gyl_view block)
{
	struct gyl_dhcpd_env env = {.flat = gyl_flat_open(block),
		.iface = {{0x0a4d0001, 24, 0}, {0x0a4e0001, 24, 0}},
		.iface_cnt = 2};
	struct gyl_writer why;
	char text[200];
	void *mem;

	env.cap = gyl_dhcpd_size(env.flat);
	mem = calloc(1, gyl_dhcpd_need(&env.cap));
	assert_non_null(mem);
	gyl_writer_init(&why, text, sizeof text);
	if (gyl_dhcpd_init(mem, &env, &why) == NULL)
		fail_msg("%.*s", (int)why.len, text);
	free(mem);
}

/* The printed configuration, or the errors. */
static char *answer(const char *name, const char *text, enum gyl_conf_form form, bool *ret_good)
{
	struct gyl_conf *c = gyl_conf_new();
	struct gyl_view block;
	char *said;

	*ret_good = gyl_conf_load_text(c, name, "/conf", gyl_view_str(text), form);
	if (strstr(text, "\"device\"") == NULL) /* of one that speaks of interfaces */
		gyl_conf_set(c, &set, "address", "10.77.0.1/24");
	*ret_good = *ret_good && gyl_conf_compile(c, &set, &block);
	if (*ret_good) {
		makes_a_server(block);
		said = printed(block);
		free_block(block);
	} else {
		said = errors(c);
	}
	gyl_conf_free(c);
	return said;
}

static void expect_file(const char *name, const char *ext, const char *text)
{
	char stem[400];

	snprintf(stem, sizeof stem, "%s/conf/dhcpd/%.*s", GYL_TEST_DIR, (int)strcspn(name, "."),
		name);
	golden_expect(stem, ext, text);
}

static bool ends_with(const char *s, const char *end)
{
	return strlen(s) > strlen(end) && strcmp(s + strlen(s) - strlen(end), end) == 0;
}

static void golden(void **state)
{
	struct dirent **names;
	unsigned seen = 0;
	int cnt = scandir(GYL_TEST_DIR "/conf/dhcpd", &names, NULL, alphasort);

	(void)state;
	assert_true(cnt > 0);
	for (int i = 0; i < cnt; i++) {
		const char *name = names[i]->d_name;
		char path[512], *text, *said;
		bool good;

		if (ends_with(name, ".json")) {
			snprintf(path, sizeof path, "%s/conf/dhcpd/%s", GYL_TEST_DIR, name);
			text = golden_read(path);
			said = answer(name, text, GYL_CONF_JSON, &good);
			expect_file(name, good ? ".ok" : ".err", said);
			free(said);
			free(text);
			seen++;
		}
		free(names[i]);
	}
	free(names);
	assert_true(seen > 5);
}

/* The octets that an option's value, as JSON, comes to. */
static void expect_octets(const char *code, const char *json, const char *hex)
{
	struct gyl_conf *c = gyl_conf_new();
	const struct gyl_dhcpd_conf *cf;
	const struct gyl_conf_entry *e;
	const struct gyl_flat *f;
	struct gyl_view block, got;
	uint8_t want[600];
	char text[600];

	snprintf(text, sizeof text,
		"{\"address\": \"10.77.0.1/24\", \"dhcpd\": {\"pool\": \"10.77.0.9\", \"options\": "
		"{\"%s\": %s}}}",
		code, json);
	assert_true(gyl_conf_load_text(c, "x", "/conf", gyl_view_str(text), GYL_CONF_JSON));
	assert_true(gyl_conf_compile(c, &set, &block));
	f = gyl_flat_open(block);
	cf = gyl_flat_section(f, "dhcpd");
	e = gyl_flat_at(f, cf->options);
	got = gyl_flat_view(f, e->octet);
	assert_int_equal(got.len, hex_bytes(hex, want, sizeof want));
	assert_memory_equal(got.p, want, got.len);
	gyl_conf_free(c);
	free_block(block);
}

static void values_inside_values(void **state)
{
	(void)state;
	expect_octets("43", "{\"1\": \"hex 0a0b\", \"2\": \"ab\"}", "01020a0b 02026162");
	expect_octets("43", "{\"241\": \"ip 10.77.0.1, 10.77.0.2\"}", "f1080a4d0001 0a4d0002");
	expect_octets("43", "{\"1\": {\"2\": true}, \"3\": 7, \"4\": false}",
		"0103 020101 030107 040100");
	expect_octets("43", "{\"5\": [\"u16 260\", \"u32 1\", \"u8 9\", \"text ip 1\"]}",
		"050b 0104 00000001 09 69702031");
	expect_octets("43", "{\"6\": \"name a.b\", \"7\": \"\"}", "0605 0161 0162 00 0700");
	expect_octets("43", "\"1 hex 0a0b\"", "01020a0b");
	/* RFC 3925 3 and 4 */
	expect_octets("124", "{\"4491\": \"ab\", \"1\": [\"c\", \"de\"]}",
		"0000118b 03 026162 00000001 05 0163 026465");
	expect_octets("125",
		"{\"4491\": {\"1\": \"ab\", \"255\": 1}, \"9\": {\"2\": {\"3\": \"c\"}}}",
		"0000118b 07 01026162 ff0101 00000009 05 0203 030163");
	/* An option that nobody has a type for. */
	expect_octets("224", "\"text site-7\"", "736974652d37");
	expect_octets("224", "\"u16 300\"", "012c");
	expect_octets("224", "7", "07");
	expect_octets("224", "[\"ip 10.77.0.1\", 5]", "0a4d000105");
	expect_octets("224", "\"hex 0a\"", "0a");
}

static void expect_good(const char *name, const char *text, enum gyl_conf_form form)
{
	bool good;
	char *said = answer(name, text, form, &good);

	if (!good)
		fail_msg("%s", said);
	free(said);
}

/* What stands between ".Bd -literal" and ".Ed" of EXAMPLES, each time. */
static void the_examples_of_the_manual_are_good(void **state)
{
	unsigned cnt = 0;

	char *page = golden_read(GYL_TEST_DIR "/../services/dhcpd/man/guyline-dhcpd.conf.5");
	char *at = strstr(page, ".Sh EXAMPLES"), *end;

	(void)state;
	assert_non_null(at);
	for (; (at = strstr(at, ".Bd -literal")) != NULL; at = end + 1) {
		at = strchr(at, '\n') + 1;
		end = strstr(at, ".Ed");
		assert_non_null(end);
		*end = '\0';
		expect_good("manual", at, GYL_CONF_JSON);
		cnt++;
	}
	assert_int_equal(cnt, 2);
	free(page);
}

static void the_shipped_configuration_is_good(void **state)
{
	char *text = golden_read(GYL_TEST_DIR "/../conf/event.json");

	(void)state;
	expect_good("event.json", text, GYL_CONF_JSON);
	free(text);
}

static void charruas_files_are_good(void **state)
{
	static const char *const names[] = {"shop.conf", "twice.conf"};

	(void)state;
	for (unsigned i = 0; i < TEST_CNT(names); i++) {
		char path[512], *text;

		snprintf(path, sizeof path, "%s/conf/charrua/%s", GYL_TEST_DIR, names[i]);
		text = golden_read(path);
		expect_good(names[i], text, GYL_CONF_DHCPD);
		free(text);
	}
}

/* ---- our addresses ---- */

static unsigned host_addresses; /* of a host with one interface */

static bool host_addr(void *h, unsigned iface, unsigned n, uint32_t *ret_ip, uint8_t *ret_prefix,
	uint8_t ret_mac[6])
{
	(void)h;
	if (iface != 0 || n >= host_addresses)
		return false;
	*ret_ip = 0x0a4d0001 + (n << 8);
	*ret_prefix = 24;
	memset(ret_mac, 0, 6);
	return true;
}

static void all_addresses_of_the_host_are_known_or_it_is_told(void **state)
{
	static const struct gyl_host_ops ops = {.addr = host_addr};
	static const char text[] = "{\"dhcpd\":{\"pool\":\"10.77.0.10-10.77.0.20\"}}";
	struct gyl_conf *c = gyl_conf_new();
	struct gyl_service_env env = {.host = {.ops = &ops}};
	struct gyl_view block;
	char err[200] = "";
	void *core;

	(void)state;
	assert_true(gyl_conf_load_text(c, "it", "/conf", gyl_view_str(text), GYL_CONF_JSON));
	gyl_conf_set(c, &set, "address", "10.77.0.1/24");
	assert_true(gyl_conf_compile(c, &set, &block));
	env.flat = gyl_flat_open(block);
	env.top = gyl_flat_section(env.flat, "top");
	env.conf = gyl_flat_section(env.flat, "dhcpd");
	host_addresses = 100;
	core = gyl_dhcpd_service.open(&env, gyl_view(NULL, 0), err);
	if (core == NULL)
		fail_msg("%s", err);
	assert_int_equal(((struct gyl_dhcpd *)core)->iface_cnt, 100);
	gyl_dhcpd_service.close(&env, core);
	host_addresses = GYL_DHCPD_IFACE_MAX + 1;
	assert_null(gyl_dhcpd_service.open(&env, gyl_view(NULL, 0), err));
	assert_string_equal(err,
		"our interfaces have more than 128 addresses: name those to serve in dhcpd.interfaces");
	free_block(block);
	gyl_conf_free(c);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden),
		cmocka_unit_test(values_inside_values),
		cmocka_unit_test(the_examples_of_the_manual_are_good),
		cmocka_unit_test(the_shipped_configuration_is_good),
		cmocka_unit_test(charruas_files_are_good),
		cmocka_unit_test(all_addresses_of_the_host_are_known_or_it_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
