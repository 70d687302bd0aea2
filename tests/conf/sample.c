/* SPDX-License-Identifier: ISC */
#include "tests/conf/sample.h"

#include <gyl/text.h>
#include <gyl/time.h>

#define OFF(member)  offsetof(struct sample_conf, member)
#define IN(member)   offsetof(struct sample_inner, member)
#define ZONE(member) offsetof(struct sample_zone, member)
#define CNT(array)   (sizeof(array) / sizeof((array)[0]))

/* A map for options: "number" takes a number, "text" anything, "list" strings. */

static const char *map_name(uint32_t i)
{
	static const char *const names[] = {"number", "text", "list"};

	return i < CNT(names) ? names[i] : NULL;
}

static bool parse_number(
	const struct gyl_conf_node *val, struct gyl_writer *w, struct gyl_writer *why)
{
	uint64_t v;

	if (gyl_conf_kind(val) != GYL_CONF_IS_INT ||
		gyl_failed(gyl_parse_u64(gyl_conf_text(val), UINT32_MAX, &v))) {
		gyl_text_str(why, "expected a number below 2^32");
		return false;
	}
	gyl_put_u32(w, (uint32_t)v);
	return true;
}

static bool parse_list(
	const struct gyl_conf_node *val, struct gyl_writer *w, struct gyl_writer *why)
{
	if (gyl_conf_kind(val) != GYL_CONF_IS_LIST) {
		gyl_text_str(why, "expected a list of strings");
		return false;
	}
	for (const struct gyl_conf_node *n = gyl_conf_first(val); n != NULL; n = gyl_conf_next(n)) {
		gyl_put_view(w, gyl_conf_text(n));
		gyl_put_u8(w, 0);
	}
	return true;
}

static bool parse_entry(struct gyl_view name, const struct gyl_conf_node *val, struct gyl_writer *w,
	uint32_t *ret_code, bool *ret_name, struct gyl_writer *why)
{
	for (uint32_t i = 0; map_name(i) != NULL; i++) {
		if (!gyl_view_eq(name, gyl_view_str(map_name(i))))
			continue;
		*ret_code = i + 1;
		if (i == 0)
			return parse_number(val, w, why);
		if (i == 2)
			return parse_list(val, w, why);
		gyl_put_view(w, gyl_conf_text(val));
		return true;
	}
	*ret_name = true;
	gyl_text_str(why, "unknown option");
	return false;
}

static const struct gyl_conf_map map = {parse_entry, map_name};

static const struct gyl_conf_word mode_words[] = {
	{"off", 0}, {"learning", 3}, {"strict", 9}, {NULL, 0}};

/* clang-format off */
static const struct gyl_conf_key zone_keys[] = {
	{ "name", GYL_CONF_NAME, GYL_CONF_REQUIRED, .off = ZONE(name), .help = "name of the zone" },
	{ "file", GYL_CONF_PATH, GYL_CONF_REQUIRED, .off = ZONE(file), .help = "its master file" },
	{ "refresh", GYL_CONF_DURATION, .off = ZONE(refresh_ns), .has_off = ZONE(has_refresh),
	  .help = "look for changes so often" },
};
static const struct gyl_conf_table zone_table = {
	zone_keys, CNT(zone_keys), sizeof(struct sample_zone)
};

static const struct gyl_conf_key inner_keys[] = {
	{ "port", GYL_CONF_PORT, .off = IN(port), .def = "53", .help = "port to listen on" },
	{ "depth", GYL_CONF_U8, .off = IN(depth), .min = 2, .max = 9, .def = "3", .help = "how deep" },
};
static const struct gyl_conf_table inner_table = {
	inner_keys, CNT(inner_keys), sizeof(struct sample_inner)
};

static const struct gyl_conf_key extra_keys[] = {
	{ "port", GYL_CONF_PORT, GYL_CONF_REQUIRED, .off = IN(port), .help = "port to call" },
};
static const struct gyl_conf_table extra_table = {
	extra_keys, CNT(extra_keys), sizeof(struct sample_inner)
};

static const struct gyl_conf_key keys[] = {
	{ "flag", GYL_CONF_BOOL, .off = OFF(flag), .def = "true", .help = "a switch" },
	{ "u8", GYL_CONF_U8, .off = OFF(u8), .help = "a small number" },
	{ "u16", GYL_CONF_U16, .off = OFF(u16), .min = 100, .max = 1000, .def = "500", .help = "a number" },
	{ "u32", GYL_CONF_U32, .off = OFF(u32), .help = "a larger number" },
	{ "big", GYL_CONF_U64, .off = OFF(big), .help = "a large number" },
	{ "port", GYL_CONF_PORT, .off = OFF(port), .help = "a port" },
	{ "lease_time", GYL_CONF_DURATION, .off = OFF(lease_ns), .def = "10m", .min = GYL_NS_PER_S,
	  .max = 7 * GYL_NS_PER_DAY, .help = "a bounded duration" },
	{ "hold_time", GYL_CONF_DURATION, .off = OFF(hold_ns), .help = "a duration" },
	{ "size", GYL_CONF_SIZE, .off = OFF(size), .def = "64MiB", .min = 1024, .help = "a size" },
	{ "ip", GYL_CONF_IPV4, .off = OFF(ip), .has_off = OFF(has_ip), .help = "an address" },
	{ "net", GYL_CONF_NETWORK, .off = OFF(net), .help = "a network" },
	{ "address", GYL_CONF_ADDRESS, .off = OFF(address), .help = "an address with its prefix" },
	{ "range", GYL_CONF_RANGE, .off = OFF(range), .help = "a range" },
	{ "pool", GYL_CONF_RANGE, GYL_CONF_LIST, .off = OFF(pool), .help = "some ranges" },
	{ "mac", GYL_CONF_MAC, .off = OFF(mac), .help = "a MAC address" },
	{ "macs", GYL_CONF_MAC, GYL_CONF_LIST, .off = OFF(macs), .help = "some MAC addresses" },
	{ "name", GYL_CONF_NAME, .off = OFF(name), .def = "event.example", .help = "a DNS name" },
	{ "text", GYL_CONF_STRING, .off = OFF(text), .max = 20, .help = "a string" },
	{ "path", GYL_CONF_PATH, .off = OFF(path), .help = "a path" },
	{ "mode", GYL_CONF_ENUM, .off = OFF(mode), .def = "learning", .word = mode_words, .help = "a word" },
	{ "words", GYL_CONF_STRING, GYL_CONF_LIST, .off = OFF(words), .def = "a,b", .help = "some strings" },
	{ "sizes", GYL_CONF_SIZE, GYL_CONF_LIST, .off = OFF(sizes), .help = "some sizes" },
	{ "zones", GYL_CONF_OBJECT, GYL_CONF_LIST, .off = OFF(zones), .table = &zone_table,
	  .help = "some objects" },
	{ "options", GYL_CONF_MAP, .off = OFF(options), .map = &map, .help = "a map" },
	{ "inner", GYL_CONF_OBJECT, .off = OFF(inner), .table = &inner_table, .help = "an object" },
	{ "extra", GYL_CONF_OBJECT, .off = OFF(extra), .has_off = OFF(has_extra), .table = &extra_table,
	  .help = "an object that may be missing" },
};
static const struct gyl_conf_table table = { keys, CNT(keys), sizeof(struct sample_conf) };

static const struct gyl_conf_key small_keys[] = {
	{ "port", GYL_CONF_PORT, .off = IN(port), .def = "67", .help = "port to listen on" },
};
static const struct gyl_conf_table small_table = {
	small_keys, CNT(small_keys), sizeof(struct sample_inner)
};
/* clang-format on */

static bool overlap(struct gyl_conf_range a, struct gyl_conf_range b)
{
	return a.first <= b.last && b.first <= a.last;
}

/* Ranges of the pool must not overlap; two numbers are not liked. */
static void check(const struct gyl_flat *f, const void *root, struct gyl_conf_check *ck)
{
	const struct sample_conf *cf = root;
	const struct gyl_conf_range *r = gyl_flat_at(f, cf->pool);
	char path[32];

	for (uint32_t i = 0; i < cf->pool.cnt; i++) {
		for (uint32_t j = 0; j < i; j++) {
			if (!overlap(r[i], r[j]))
				continue;
			snprintf(path, sizeof path, "pool.%u", (unsigned)i);
			gyl_conf_fail(ck, path, "overlaps pool.%u", (unsigned)j);
		}
	}
	if (cf->u16 == 666)
		gyl_conf_fail(ck, "u16", "not that one");
	if (cf->u8 == 66)
		gyl_conf_fail(ck, "", "not with a u8 of %u", (unsigned)cf->u8);
	if (cf->pool.cnt == 1 && r[0].first == 0)
		gyl_conf_fail(ck, "pool.0", "not from 0.0.0.0");
}

const struct gyl_conf_section sample_section = {"sample", &table, check};
static const struct gyl_conf_section small_section = {"small", &small_table, NULL};

static const struct gyl_conf_section *const sections[] = {&sample_section, &small_section};

const struct gyl_conf_set sample_set = {
	.top = &gyl_top_conf_section,
	.section = sections,
	.section_cnt = CNT(sections),
	.skip = gyl_top_skip,
};
