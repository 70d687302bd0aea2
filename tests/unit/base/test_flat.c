/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include "services/base/flat.h"

struct sample {
	struct gyl_flat head;
	struct gyl_flat_section section[2];
	uint64_t root[2];
};

static void sample_init(struct sample *s)
{
	memset(s, 0, sizeof *s);
	s->head.magic = GYL_FLAT_MAGIC;
	s->head.version = GYL_FLAT_VERSION;
	s->head.len = sizeof *s;
	s->head.section.off = offsetof(struct sample, section);
	s->head.section.cnt = 2;
	memcpy(s->section[0].name, "dns", 4);
	s->section[0].root.off = offsetof(struct sample, root);
	s->section[0].root.cnt = 1;
	memcpy(s->section[1].name, "dhcpd", 6);
	s->section[1].root.off = offsetof(struct sample, root) + 8;
	s->section[1].root.cnt = 1;
	s->head.checksum = gyl_flat_checksum(&s->head);
}

static void sections_are_found(void **state)
{
	struct sample s;
	const struct gyl_flat *f;

	(void)state;
	sample_init(&s);
	f = gyl_flat_open(gyl_view(&s, sizeof s));
	assert_non_null(f);
	assert_ptr_equal(gyl_flat_section(f, "dns"), &s.root[0]);
	assert_ptr_equal(gyl_flat_section(f, "dhcpd"), &s.root[1]);
	assert_null(gyl_flat_section(f, "dhcp"));
	assert_null(gyl_flat_section(f, "dhcpdd"));
	assert_null(gyl_flat_section(f, ""));
}

/* Any single octet changed is seen, and so is a short block. */
static void damage_is_seen(void **state)
{
	struct sample s;

	(void)state;
	sample_init(&s);
	for (size_t i = 0; i < sizeof s; i++) {
		((uint8_t *)&s)[i] ^= 0x10;
		assert_null(gyl_flat_open(gyl_view(&s, sizeof s)));
		((uint8_t *)&s)[i] ^= 0x10;
		assert_null(gyl_flat_open(gyl_view(&s, i)));
	}
	assert_non_null(gyl_flat_open(gyl_view(&s, sizeof s)));
}

/* The checksum is right, and yet what it covers is refused. */
static void lies_are_refused(void **state)
{
	static const struct {
		size_t off;
		uint32_t val;
	} lies[] = {
		{offsetof(struct gyl_flat, section.off), 28},
		{offsetof(struct gyl_flat, section.off), 4096},
		{offsetof(struct gyl_flat, section.cnt), 1u << 30},
		{offsetof(struct sample, section[0].name), 0},
		{offsetof(struct sample, section[1].root.off), 4096},
		{offsetof(struct sample, section[1].root.off), 4},
		{offsetof(struct sample, section[1].root.cnt), 2},
	};
	struct sample s;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(lies); i++) {
		sample_init(&s);
		memcpy((uint8_t *)&s + lies[i].off, &lies[i].val, sizeof lies[i].val);
		s.head.checksum = gyl_flat_checksum(&s.head);
		assert_null(gyl_flat_open(gyl_view(&s, sizeof s)));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections_are_found),
		cmocka_unit_test(damage_is_seen),
		cmocka_unit_test(lies_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
