/* SPDX-License-Identifier: ISC */

/*
 * The first octet is a code, the rest a value and also a text of one. Values show and check in
 * bounds; the text of a good one reads back; a text that is read gives a good value.
 */

#include <gyl/dhcp_opt.h>

#include "tests/fuzz/require.h"

enum {
	TEXT_MAX = 1 << 20,
	VAL_MAX = 1 << 16,
	SHORT_MAX = 255
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void show(uint8_t code, struct gyl_view val, struct gyl_writer *ret_text)
{
	static uint8_t text[TEXT_MAX], json[TEXT_MAX];
	struct gyl_writer w;
	struct gyl_json j;

	gyl_writer_init(&w, json, sizeof json);
	gyl_json_init(&j, &w);
	gyl_dhcp_opt_json(&j, NULL, code, val);
	gyl_writer_init(ret_text, text, sizeof text);
	gyl_dhcp_opt_print(ret_text, code, val);
}

/* The other kinds are those that only clients and relays send. */
static bool is_set_by_text(uint8_t code)
{
	uint8_t kind = gyl_dhcp_opt_get(code).kind;

	return kind <= GYL_DHCP_KIND_SUBOPTS || kind == GYL_DHCP_KIND_VI_CLASS ||
	       kind == GYL_DHCP_KIND_VI_OPTIONS || kind == GYL_DHCP_KIND_SIP ||
	       kind == GYL_DHCP_KIND_DNR;
}

/* The text of a good value reads back, and then its text is the same. */
static void read_again(uint8_t code, struct gyl_view val)
{
	static uint8_t again[VAL_MAX], before[TEXT_MAX];
	struct gyl_writer text, w;
	size_t len;

	show(code, val, &text);
	len = text.len;
	memcpy(before, text.p, len);
	gyl_writer_init(&w, again, sizeof again);
	if (gyl_failed(gyl_dhcp_opt_parse(code, gyl_writer_view(&text), &w))) {
		REQUIRE(!is_set_by_text(code));
		return;
	}
	show(code, gyl_writer_view(&w), &text);
	REQUIRE(gyl_view_eq(gyl_writer_view(&text), gyl_view(before, len)));
}

static bool is_octets(struct gyl_view text)
{
	while (text.len != 0 && text.p[0] <= ' ')
		text = gyl_view(text.p + 1, text.len - 1);
	return text.len >= 3 && memcmp(text.p, "hex", 3) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t val[VAL_MAX];
	struct gyl_writer w, text;
	struct gyl_dhcp_relay relay;
	struct gyl_view rest;

	if (size == 0 || size > 4096)
		return 0;
	rest = gyl_view(data + 1, size - 1);
	show(data[0], rest, &text);
	(void)gyl_dhcp_relay_decode(rest, &relay);
	/* A longer list may have so many pointers that the names in full are too long for text. */
	if (rest.len <= SHORT_MAX && !gyl_failed(gyl_dhcp_opt_check(data[0], rest)))
		read_again(data[0], rest);
	gyl_writer_init(&w, val, sizeof val);
	/* Octets given as such are not checked, so they need not be a value of the kind. */
	if (gyl_failed(gyl_dhcp_opt_parse(data[0], rest, &w)) || is_octets(rest))
		return 0;
	REQUIRE(!gyl_failed(gyl_dhcp_opt_check(data[0], gyl_writer_view(&w))));
	read_again(data[0], gyl_writer_view(&w));
	return 0;
}
