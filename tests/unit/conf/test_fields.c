/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/time.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/conf/sample.h"

/* A block of a text, or NULL after errors. The caller frees it. */
static const struct gyl_flat *compiled(struct gyl_conf *c, const char *text)
{
	struct gyl_view block;

	if (!gyl_conf_load_text(c, "x.json", "/dir", gyl_view_str(text), GYL_CONF_JSON) ||
		!gyl_conf_compile(c, &sample_set, &block))
		return NULL;
	assert_int_equal((uintptr_t)block.p % 8, 0);
	return gyl_flat_open(block);
}

/* Every type arrives in its field. */
static void types_arrive(void **state)
{
	static const char text[] =
		"{ \"host\": \"kernel\", \"sandbox\": false, \"sample\": { \"flag\": false, \"u8\": 255,"
		"\"u16\": 1000, \"u32\": 4294967295, \"big\": 9223372036854775807, \"port\": 65535,"
		"\"lease_time\": \"1m30s\", \"hold_time\": \"infinite\", \"size\": \"3KiB\","
		"\"ip\": \"10.1.2.3\", \"net\": \"10.77.0.0/16\", \"address\": \"10.77.3.4/17\","
		"\"range\": \"10.0.0.1-10.0.0.9\", \"mac\": \"02:00:5e:10:00:0a\","
		"\"name\": \"WWW.event.example.\", \"text\": \"x\", \"path\": \"a/b\","
		"\"mode\": \"strict\", \"sizes\": [\"1B\", \"1kB\"], \"extra\": { \"port\": 9 } } }";
	static const uint8_t mac[6] = {2, 0, 0x5e, 0x10, 0, 0x0a};
	struct gyl_conf *c = gyl_conf_new();
	const struct gyl_flat *f = compiled(c, text);
	const struct sample_conf *cf;
	const struct gyl_top_conf *top;
	const uint64_t *sizes;

	(void)state;
	assert_non_null(f);
	top = gyl_flat_section(f, "top");
	assert_int_equal(top->host, GYL_TOP_KERNEL);
	assert_false(top->sandbox);
	assert_int_equal(top->device.cnt, 0); /* the program chooses */
	cf = gyl_flat_section(f, "sample");
	assert_false(cf->flag);
	assert_int_equal(cf->u8, 255);
	assert_int_equal(cf->u16, 1000);
	assert_int_equal(cf->u32, UINT32_MAX);
	assert_true(cf->big == INT64_MAX);
	assert_int_equal(cf->port, 65535);
	assert_true(cf->lease_ns == 90 * GYL_NS_PER_S);
	assert_true(cf->hold_ns == GYL_TIME_INFINITE);
	assert_int_equal(cf->size, 3072);
	assert_int_equal(cf->ip, 0x0a010203);
	assert_true(cf->has_ip);
	assert_int_equal(cf->net.ip, 0x0a4d0000);
	assert_int_equal(cf->net.len, 16);
	assert_int_equal(cf->address.ip, 0x0a4d0304);
	assert_int_equal(cf->address.len, 17);
	assert_int_equal(cf->range.first, 0x0a000001);
	assert_int_equal(cf->range.last, 0x0a000009);
	assert_memory_equal(cf->mac, mac, 6);
	assert_int_equal(cf->name.cnt, 19);
	assert_memory_equal(gyl_flat_at(f, cf->name), "\3WWW\5event\7example", 19);
	assert_string_equal(gyl_flat_at(f, cf->text), "x");
	assert_int_equal(cf->text.cnt, 1);
	assert_string_equal(gyl_flat_at(f, cf->path), "/dir/a/b");
	assert_int_equal(cf->mode, 9);
	assert_int_equal(cf->sizes.cnt, 2);
	sizes = gyl_flat_at(f, cf->sizes);
	assert_int_equal(sizes[0], 1);
	assert_int_equal(sizes[1], 1000);
	assert_true(cf->has_extra);
	assert_int_equal(cf->extra.port, 9);
	assert_int_equal(cf->inner.port, 53);
	assert_null(gyl_flat_section(f, "small"));
	free((void *)(uintptr_t)f);
	gyl_conf_free(c);
}

static void map_arrives(void **state)
{
	struct gyl_conf *c = gyl_conf_new();
	const struct gyl_flat *f = compiled(c,
		"{ \"host\": \"kernel\", \"sample\": { \"options\": { \"list\": [ \"a\", \"b\" ] } } }");
	const struct sample_conf *cf;
	const struct gyl_conf_entry *e;

	(void)state;
	assert_non_null(f);
	cf = gyl_flat_section(f, "sample");
	assert_int_equal(cf->options.cnt, 1);
	e = gyl_flat_at(f, cf->options);
	assert_int_equal(e->code, 3);
	assert_string_equal(gyl_flat_at(f, e->name), "list");
	assert_string_equal(gyl_flat_at(f, e->text), "[\"a\", \"b\"]");
	assert_int_equal(e->octet.cnt, 4);
	assert_memory_equal(gyl_flat_at(f, e->octet), "a\0b", 4);
	free((void *)(uintptr_t)f);
	gyl_conf_free(c);
}

/* A file with more errors than anybody reads keeps the first and counts the rest. */
static void errors_are_bounded(void **state)
{
	char *text = malloc(100000), *err = NULL;
	struct gyl_conf *c = gyl_conf_new();
	size_t at, len;
	FILE *f;

	(void)state;
	assert_non_null(text);
	at = (size_t)sprintf(text, "{\"host\": \"kernel\", \"sample\": {\"macs\": [1");
	for (int i = 1; i < GYL_CONF_ERROR_MAX + 7; i++)
		at += (size_t)sprintf(text + at, ",%d", i);
	sprintf(text + at, "]}}");
	assert_null(compiled(c, text));
	assert_int_equal(gyl_conf_error_cnt(c), GYL_CONF_ERROR_MAX);
	assert_string_equal(gyl_conf_error(c, 1)->path, "sample.macs.1");
	assert_int_equal(gyl_conf_error(c, 1)->line, 1);
	f = open_memstream(&err, &len);
	gyl_conf_errors_print(c, f);
	fclose(f);
	assert_non_null(strstr(err, "\n7 more errors\n"));
	free(err);
	free(text);
	gyl_conf_free(c);
}

static void text_is_bounded(void **state)
{
	char *text = malloc(GYL_CONF_TEXT_MAX + 2);
	struct gyl_conf *c = gyl_conf_new();

	(void)state;
	assert_non_null(text);
	memset(text, ' ', GYL_CONF_TEXT_MAX + 1);
	text[GYL_CONF_TEXT_MAX + 1] = '\0';
	assert_null(compiled(c, text));
	assert_string_equal(gyl_conf_error(c, 0)->text, "larger than 16 MiB");
	gyl_conf_free(c);

	/* a list item takes two octets, a node fifty times that: the count is bounded too */
	c = gyl_conf_new();
	memcpy(text, "{\"x\":[0", 7);
	for (size_t i = 0; i < GYL_CONF_NODE_MAX; i++)
		memcpy(text + 7 + 2 * i, ",0", 2);
	text[7 + 2 * GYL_CONF_NODE_MAX] = '\0';
	assert_null(compiled(c, text));
	assert_string_equal(gyl_conf_error(c, 0)->text, "too many values in one file");
	gyl_conf_free(c);
	free(text);
}

/* Paths become absolute: a long directory makes a large block of a small file. */
static void block_is_bounded(void **state)
{
	char *text = malloc(1 << 20), dir[4001];
	struct gyl_conf *c = gyl_conf_new();
	struct gyl_view block;
	size_t at;

	(void)state;
	assert_non_null(text);
	memset(dir, 'd', sizeof dir - 1);
	dir[0] = '/';
	dir[sizeof dir - 1] = '\0';
	at = (size_t)sprintf(text, "{\"host\": \"kernel\", \"sample\": {\"zones\": [");
	for (int i = 0; i < 20000; i++)
		at += (size_t)sprintf(text + at, "{\"name\":\".\",\"file\":\"x\"},");
	sprintf(text + at - 1, "]}}");
	assert_true(gyl_conf_load_text(c, "x.json", dir, gyl_view_str(text), GYL_CONF_JSON));
	assert_false(gyl_conf_compile(c, &sample_set, &block));
	assert_int_equal(gyl_conf_error_cnt(c), 1);
	assert_string_equal(gyl_conf_error(c, 0)->text, "larger than 64 MiB when compiled");
	gyl_conf_free(c);
	free(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_arrive),
		cmocka_unit_test(map_arrives),
		cmocka_unit_test(errors_are_bounded),
		cmocka_unit_test(text_is_bounded),
		cmocka_unit_test(block_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
