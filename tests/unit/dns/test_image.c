/* SPDX-License-Identifier: ISC */

/* The image's gate, and its promises about size and place. */

#include <unistd.h>

#include "tests/unit/dns/ask.h"

static const struct zone_text zones[] = {
	{"z.", "$TTL 60\n@ SOA a b 1 0 0 0 30\n@ NS ns\n@ MX 1 ns\nns A 192.0.2.1\n* CNAME ns\n"
	       "x.y TXT q\nd DNAME e\nsub NS ns.sub\nns.sub A 192.0.2.2\nlow NS ns.low\nlow DS 1 8 1 "
	       "0102030405060708090001020304050607080900\n"},
	{"low.z.", "$TTL 60\n@ SOA a b 1 0 0 0 30\n@ NS ns\nns A 192.0.2.1\n"},
};

/* A copy that may be changed, aligned as the gate wants it. */
static uint8_t *copy_of(struct gyl_view image)
{
	uint8_t *p = aligned_alloc(16, (image.len + 15) & ~(size_t)15);

	if (p == NULL || image.p == NULL)
		abort();
	memcpy(p, image.p, image.len);
	return p;
}

static void every_prefix_is_refused(void **state)
{
	struct gyl_view image = image_of(zones, 2, NULL, 0);

	(void)state;
	assert_non_null(gyl_dns_image_open(image));
	for (size_t len = 0; len < image.len; len++) {
		struct guard g;

		if (len % 8 != 0)
			continue; /* the guard aligns the end */
		guard_open(&g, gyl_view_sub(image, 0, len));
		assert_null(gyl_dns_image_open(g.view));
		guard_close(&g);
	}
	gyl_build_unmap(image);
}

static void every_flipped_bit_is_refused(void **state)
{
	struct gyl_view image = image_of(zones, 2, NULL, 0);
	uint8_t *p = copy_of(image);

	(void)state;
	for (size_t i = 0; i < image.len * 8; i++) {
		p[i / 8] ^= (uint8_t)(1u << i % 8);
		if (gyl_dns_image_open(gyl_view(p, image.len)) != NULL)
			fail_msg("bit %zu of octet %zu", i % 8, i / 8);
		p[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	free(p);
	gyl_build_unmap(image);
}

/* Names that lead into every part of an answer. */
static void ask_everything(const struct gyl_dns_image *im)
{
	static const char *const qname[] = {"z.", "ns.z.", "other.z.", "y.z.", "x.y.z.", "a.y.z.",
		"a.d.z.", "sub.z.", "a.sub.z.", "low.z.", "ns.low.z.", "nix.low.z.", "a.", "e.z."};
	static const char *const qtype[] = {"A", "NS", "MX", "TXT", "SOA", "DS", "ANY", "CNAME"};
	struct world *w = world_open(zones, 2);

	w->data.image = im;
	for (size_t i = 0; i < TEST_CNT(qname); i++)
		for (size_t j = 0; j < TEST_CNT(qtype); j++) {
			size_t len = make_query(w, qname[i], qtype[j]);

			give(w, gyl_view(w->query, len));
		}
	world_close(w);
}

/*
 * With a checksum that is right the other checks stand alone: whatever they let pass must be safe
 * to answer from. The copy ends at an inaccessible page.
 */
static void what_passes_the_gate_is_safe(void **state)
{
	static const uint8_t wrong[] = {0x00, 0x01, 0x03, 0x04, 0x7f, 0x80, 0xc0, 0xff};
	struct gyl_view image = image_of(zones, 2, NULL, 0);
	uint8_t *p = copy_of(image);
	unsigned refused = 0;

	(void)state;
	for (size_t i = offsetof(struct gyl_dns_image, zone_off); i < image.len; i++) {
		for (size_t j = 0; j < sizeof wrong; j++) {
			uint8_t was = p[i];
			const struct gyl_dns_image *im;
			struct guard g;

			p[i] = wrong[j];
			((struct gyl_dns_image *)(void *)p)->checksum = gyl_dns_image_checksum(
				(const struct gyl_dns_image *)(const void *)p);
			guard_open(&g, gyl_view(p, image.len));
			im = (uintptr_t)g.view.p % 8 == 0
				     ? gyl_dns_image_open(g.view)
				     : gyl_dns_image_open(gyl_view(p, image.len));
			if (im != NULL)
				ask_everything(im);
			refused += im == NULL;
			guard_close(&g);
			p[i] = was;
		}
	}
	assert_true(refused > image.len); /* most of it is structure */
	free(p);
	gyl_build_unmap(image);
}

static void an_image_without_zones_refuses_all(void **state)
{
	struct world *w = world_open(NULL, 0);

	(void)state;
	assert_string_equal(ask(w, "z.", "A"), "REFUSED");
	world_close(w);
}

static void one_address_names_are_small(void **state)
{
	enum {
		NAMES = 20000
	};
	size_t cap = NAMES * 40 + 200, len;
	char *text = malloc(cap);
	struct zone_text zone = {"lab.example.", text};
	struct world *w;

	(void)state;
	assert_non_null(text);
	len = (size_t)sprintf(text, "$TTL 60\n@ SOA . . 1 0 0 0 60\n@ NS ns.\n");
	for (unsigned i = 0; i < NAMES; i++)
		len += (size_t)snprintf(
			text + len, cap - len, "host%06u A 10.%u.%u.1\n", i, i >> 8, i & 255);
	w = world_open(&zone, 1);
	if (w->image.len / NAMES > 90)
		fail_msg("%zu octets a name", w->image.len / NAMES);
	for (unsigned i = 0; i < NAMES; i += 997) {
		char name[40], want[100];

		(void)snprintf(name, sizeof name, "host%06u.lab.example.", i);
		(void)snprintf(want, sizeof want, "NOERROR AA; an %s 60 A 10.%u.%u.1", name, i >> 8,
			i & 255);
		assert_string_equal(ask(w, name, "A"), want);
	}
	world_close(w);
	free(text);
}

static void an_rrset_that_no_answer_can_hold_is_an_error(void **state)
{
	size_t cap = 400000, len;
	char *text = malloc(cap), notes[512];
	struct zone_text zone = {"z.", text};

	(void)state;
	assert_non_null(text);
	len = (size_t)sprintf(text, "$TTL 60\n@ SOA . . 1 0 0 0 60\n@ NS ns.\n");
	for (unsigned i = 0; i < 4100; i++)
		len += (size_t)snprintf(text + len, cap - len, "a A 10.0.%u.%u\n", i >> 8, i & 255);
	assert_int_equal(image_of(&zone, 1, notes, sizeof notes).len, 0);
	assert_non_null(
		strstr(notes, "z.zone:4:1: the records of this type make more than 64000 octets"));
	free(text);
}

static void fill(struct gyl_build *b, size_t len)
{
	assert_int_equal(gyl_build_open(b), 0);
	for (size_t at = 0; at < len; at++)
		(void)fputc((int)(at * 31 + at / 4096) & 0xff, gyl_build_out(b));
}

static void assert_filled(struct gyl_view v, size_t len)
{
	assert_int_equal(v.len, len);
	assert_int_equal((uintptr_t)v.p % (len < 2 << 20 ? 4096 : 2 << 20), 0);
	for (size_t at = 0; at < len; at++)
		if (v.p[at] != (uint8_t)(at * 31 + at / 4096))
			fail_msg("octet %zu of %zu", at, len);
}

static const size_t block_lens[] = {5000, (2 << 20) - 1, 2 << 20, (5 << 20) + 17};

/* Long blocks lie in large pages, made so or laid there later, short ones do not: the octets are
 * the same. */
static void a_block_is_taken_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(block_lens); i++) {
		struct gyl_build b;
		struct gyl_view v;

		fill(&b, block_lens[i]);
		assert_int_equal(gyl_build_take(&b, &v), 0);
		gyl_build_close(&b);
		assert_filled(v, block_lens[i]);
		gyl_build_unmap(v);
	}
}

static void a_block_is_handed_over_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(block_lens); i++) {
		struct gyl_build b;
		struct gyl_view here, there;
		int fd;

		fill(&b, block_lens[i]);
		fd = gyl_build_seal(&b);
		gyl_build_close(&b);
		assert_true(fd >= 0);
		here = gyl_build_map(fd);
		gyl_build_large(here);
		there = gyl_build_map(fd);
		close(fd);
		assert_filled(here, block_lens[i]);
		assert_filled(there, block_lens[i]);
		gyl_build_unmap(here);
		gyl_build_unmap(there);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_prefix_is_refused),
		cmocka_unit_test(every_flipped_bit_is_refused),
		cmocka_unit_test(what_passes_the_gate_is_safe),
		cmocka_unit_test(an_image_without_zones_refuses_all),
		cmocka_unit_test(one_address_names_are_small),
		cmocka_unit_test(an_rrset_that_no_answer_can_hold_is_an_error),
		cmocka_unit_test(a_block_is_taken_whole),
		cmocka_unit_test(a_block_is_handed_over_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
