/* SPDX-License-Identifier: ISC */
#include <gyl/text.h>

#include "services/base/event.h"
#include "services/base/ring.h"
#include "tests/support/support.h"

/* A value of its type in every field of an event. */
static void fill(struct gyl_event *e, unsigned kind)
{
	static const uint8_t mac[6] = {2, 0, 0, 0xab, 0xcd, 0xef};
	const struct gyl_event_desc *d = gyl_event_desc(kind);

	gyl_event_init(e, (enum gyl_event_kind)kind);
	e->wall_ns = UINT64_C(1795000000123456000);
	for (unsigned i = 0; i < GYL_EVENT_FIELD_MAX && d->field[i].name != NULL; i++) {
		const char *name = d->field[i].name;

		switch (d->field[i].type) {
		case GYL_F_MAC:
			gyl_event_mac(e, name, mac);
			break;
		case GYL_F_STR:
			gyl_event_str(e, name, gyl_view_str("a\"b\\c]d e"));
			break;
		case GYL_F_IP:
			gyl_event_ip(e, name, 0x0a000001);
			break;
		default:
			gyl_event_u64(e, name, UINT64_C(1795000000000000001) + i);
			break;
		}
		assert_true(e->val[i].set);
	}
}

static void every_kind_survives_its_text_form(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < GYL_EV_CNT; kind++) {
		struct gyl_event e, back;
		struct gyl_writer w;
		char line[1500];

		fill(&e, kind);
		gyl_writer_init(&w, line, sizeof line);
		gyl_event_encode(&e, gyl_view_str("box"), &w);
		assert_true(gyl_writer_ok(&w));
		assert_int_equal(gyl_event_decode(gyl_writer_view(&w), &back).err, GYL_OK);
		assert_int_equal(back.kind, e.kind);
		assert_int_equal(back.severity, e.severity);
		assert_true(back.wall_ns == e.wall_ns);
		for (unsigned i = 0; i < GYL_EVENT_FIELD_MAX; i++)
			assert_memory_equal(&back.val[i], &e.val[i], sizeof e.val[i]);
		assert_int_equal(back.text_len, e.text_len);
		assert_memory_equal(back.text, e.text, e.text_len);
	}
}

static void no_prefix_of_a_line_is_taken_for_an_event(void **state)
{
	struct gyl_event e, back;
	struct gyl_writer w;
	char line[1500];
	const char *end;

	(void)state;
	fill(&e, GYL_EV_DHCPD_LEASE);
	gyl_writer_init(&w, line, sizeof line);
	gyl_event_encode(&e, gyl_view_str("box"), &w);
	end = strstr(gyl_text_cstr(&w), "\"] ") + 1; /* the bracket that ends the structured data */
	for (size_t len = 0; len <= (size_t)(end - line); len++) {
		struct guard g;

		guard_open(&g, gyl_view(line, len));
		assert_true(gyl_failed(gyl_event_decode(g.view, &back)));
		guard_close(&g);
	}
}

static void sentences_name_only_fields_that_exist(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < GYL_EV_CNT; kind++) {
		struct gyl_event e;
		struct gyl_writer w;
		char text[1500];

		fill(&e, kind);
		gyl_writer_init(&w, text, sizeof text);
		gyl_event_print(&e, &w);
		assert_true(gyl_writer_ok(&w) && w.len > 5);
		if (strstr(gyl_text_cstr(&w), " -") != NULL || text[0] == '-' ||
			strchr(text, '{') != NULL)
			fail_msg("%s: %s", gyl_event_desc(kind)->name, text);
		assert_int_equal(gyl_event_find(gyl_view_str(gyl_event_desc(kind)->name)), kind);
	}
}

static void an_event_reads_as_json_and_as_a_sentence(void **state)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 9};
	struct gyl_event e;
	struct gyl_writer w;
	char text[600];

	(void)state;
	gyl_event_init(&e, GYL_EV_DHCPD_DECLINE);
	e.wall_ns = UINT64_C(1795000000123456000);
	gyl_event_ip(&e, "ip", 0x0a000001);
	gyl_event_mac(&e, "mac", mac);
	gyl_event_u64(&e, "hold", UINT64_C(600000000000));
	gyl_writer_init(&w, text, sizeof text);
	gyl_event_print(&e, &w);
	assert_string_equal(gyl_text_cstr(&w),
		"10.0.0.1 declined by 02:00:00:00:00:09: somebody else uses it; kept aside for 10m");
	gyl_writer_init(&w, text, sizeof text);
	gyl_event_json(&e, &w);
	assert_string_equal(gyl_text_cstr(&w),
		"{\"time\":\"2026-11-18T11:06:40.123456Z\",\"severity\":\"warning\",\"event\":\"dhcpd.decline\","
		"\"ip\":\"10.0.0.1\",\"mac\":\"02:00:00:00:00:09\",\"hold\":\"10m\","
		"\"sentence\":\"10.0.0.1 declined by 02:00:00:00:00:09: somebody else uses it; kept aside for 10m\"}");
}

static void text_that_does_not_fit_is_cut_not_lost(void **state)
{
	struct gyl_event e;
	struct gyl_view v;
	char big[GYL_EVENT_TEXT_MAX + 50];

	(void)state;
	memset(big, 'x', sizeof big);
	gyl_event_init(&e, GYL_EV_BASE_REFUSED);
	gyl_event_str(&e, "file", gyl_view(big, sizeof big));
	gyl_event_str(&e, "reason", gyl_view_str("late"));
	assert_true(gyl_event_get_str(&e, "file", &v));
	assert_int_equal(v.len, GYL_EVENT_TEXT_MAX);
	assert_true(gyl_event_get_str(&e, "reason", &v));
	assert_int_equal(v.len, 0);
}

/* Entries of many lengths go in and come out in order, at every fill, and never overlap. */
static void ring_keeps_order_at_every_fill(void **state)
{
	static _Alignas(8) uint64_t mem[64]; /* i386 would do with 4 */
	struct gyl_ring r;
	unsigned put = 0, got = 0, seed = 1;

	(void)state;
	gyl_ring_init(&r, mem, sizeof mem);
	for (int i = 0; i < 200000; i++) {
		size_t len;
		void *p;

		seed = seed * 1103515245 + 12345;
		len = 1 + (seed >> 16) % 120;
		if ((seed & 0x7000) == 0)
			gyl_ring_rewind(&r);
		if (seed & 0x8000) {
			bool room = gyl_ring_room(&r, len, 1);
			uint8_t *q = gyl_ring_put(&r, len);

			assert_true(room == (q != NULL));
			if (q == NULL)
				continue;
			assert_int_equal((uintptr_t)q % 8, 0);
			memset(q, (int)(put++ & 255), len);
		} else if (gyl_ring_peek(&r, &p, &len)) {
			for (size_t k = 0; k < len; k++)
				assert_int_equal(((uint8_t *)p)[k], got & 255);
			got++;
			gyl_ring_drop(&r);
		}
	}
	assert_true(put > 10000 && put - got == r.entry_cnt);
}

static void ring_that_is_never_empty_stays_low(void **state)
{
	static uint64_t mem[8192 / 8];
	struct gyl_ring r;
	uint32_t in = 0, out = 0;
	size_t highest = 0, len;
	void *p;

	(void)state;
	gyl_ring_init(&r, mem, sizeof mem);
	for (; in < 10000; in++) {
		uint32_t *q = gyl_ring_put(&r, 40);

		assert_non_null(q);
		*q = in;
		highest = (size_t)((uint8_t *)q - r.p) > highest ? (size_t)((uint8_t *)q - r.p)
								 : highest;
		if (in < 5)
			continue;
		assert_true(gyl_ring_peek(&r, &p, &len));
		assert_int_equal(*(const uint32_t *)p, out++);
		gyl_ring_drop(&r);
		gyl_ring_rewind(&r);
	}
	assert_int_equal(r.entry_cnt, 5);
	assert_true(highest < sizeof mem / 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_survives_its_text_form),
		cmocka_unit_test(no_prefix_of_a_line_is_taken_for_an_event),
		cmocka_unit_test(sentences_name_only_fields_that_exist),
		cmocka_unit_test(an_event_reads_as_json_and_as_a_sentence),
		cmocka_unit_test(text_that_does_not_fit_is_cut_not_lost),
		cmocka_unit_test(ring_keeps_order_at_every_fill),
		cmocka_unit_test(ring_that_is_never_empty_stays_low),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
