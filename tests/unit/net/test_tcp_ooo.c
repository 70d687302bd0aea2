/* SPDX-License-Identifier: ISC */
#include "libnet/src/ident.h"
#include "libnet/src/tcp_ooo.h"
#include "libnet/src/tcp_seq.h"
#include "tests/support/support.h"

enum {
	SPACE = 512
};

static bool same(struct gyl_tcp_sack r, uint32_t left, uint32_t right)
{
	return r.left == left && r.right == right;
}

/* A bit an octet from `base` on. */
struct model {
	uint32_t base;
	bool has[SPACE];
};

static unsigned runs(const struct model *m)
{
	unsigned cnt = 0;

	for (unsigned i = 0; i < SPACE; i++)
		cnt += m->has[i] && (i == 0 || !m->has[i - 1]);
	return cnt;
}

static void compare(const struct model *m, const struct gyl__ooo *o)
{
	bool has[SPACE] = {false};

	assert_int_equal(o->cnt, runs(m)); /* joined: as many ranges as runs */
	for (uint8_t i = 0; i < o->cnt; i++) {
		uint32_t left = o->range[i].left - m->base, right = o->range[i].right - m->base;

		assert_in_range(right, left + 1, SPACE);
		for (uint32_t k = left; k < right; k++) {
			assert_false(has[k]);
			has[k] = true;
		}
	}
	assert_memory_equal(has, m->has, sizeof has);
}

static void add(struct model *m, struct gyl__ooo *o, uint32_t left, uint32_t right)
{
	struct model was = *m;
	bool overlaps = false;

	for (uint32_t k = left; k < right; k++) {
		overlaps = overlaps || m->has[k];
		m->has[k] = true;
	}
	o->has_dup = false;
	if (!gyl__ooo_add(o, m->base + left, m->base + right)) {
		assert_int_equal(o->cnt, GYL__OOO_MAX);
		assert_int_equal(
			runs(m), GYL__OOO_MAX + 1); /* only a range of its own is refused */
		*m = was;
		return;
	}
	assert_int_equal(o->has_dup, overlaps);
	assert_true(gyl__seq_le(o->range[0].left, m->base + left)); /* RFC 2018 4: it comes first */
	assert_true(gyl__seq_le(m->base + right, o->range[0].right));
}

static void advance(struct model *m, struct gyl__ooo *o, uint32_t by)
{
	uint32_t end = by;

	while (end < SPACE && m->has[end])
		end++;
	assert_int_equal(gyl__ooo_advance(o, m->base + by), (uint32_t)(m->base + end));
	memmove(m->has, m->has + end, SPACE - end);
	memset(m->has + SPACE - end, 0, end);
	m->base += end;
}

/* Random pieces and steps, beginning before and at the point where numbers go round. */
static void equals_a_bitmap(void **state)
{
	static const uint32_t bases[] = {0, 1000, 0xffffff00, 0xfffffffe, 0x7fffff80};
	uint64_t seed = 2018;

	(void)state;
	for (unsigned round = 0; round < 2000; round++) {
		struct model m = {bases[round % TEST_CNT(bases)], {false}};
		uint32_t longest = 1 + round % 60;
		struct gyl__ooo o;

		gyl__ooo_init(&o);
		for (unsigned step = 0; step < 60; step++) {
			uint32_t r = (uint32_t)gyl__ident_mix(&seed);
			uint32_t left = r % (SPACE - longest), len = 1 + (r >> 16) % longest;

			if (r >> 28 == 0)
				advance(&m, &o, len % 16);
			else
				add(&m, &o, left, left + len);
			compare(&m, &o);
		}
	}
}

/* RFC 2018 4: the block of the segment that came last is first, then the ones told last. */
static void most_recent_first(void **state)
{
	struct gyl_tcp_sack b[GYL_TCP_SACK_MAX];
	struct gyl__ooo o;

	(void)state;
	gyl__ooo_init(&o);
	for (uint32_t i = 1; i <= 6; i++)
		assert_true(gyl__ooo_add(&o, i * 100, i * 100 + 10));
	assert_true(gyl__ooo_add(&o, 210, 220));
	assert_int_equal(gyl__ooo_blocks(&o, b, 4), 4);
	assert_true(same(b[0], 200, 220));
	assert_true(same(b[1], 600, 610));
	assert_true(same(b[2], 500, 510));
	assert_true(same(b[3], 400, 410));
	assert_int_equal(gyl__ooo_blocks(&o, b, 0), 0);
	assert_int_equal(gyl__ooo_blocks(&o, b, 1), 1);
}

/* RFC 2883 4: first block, told once; the range around it second. */
static void duplicate_told_once(void **state)
{
	struct gyl_tcp_sack b[GYL_TCP_SACK_MAX];
	struct gyl__ooo o;

	(void)state;
	gyl__ooo_init(&o);
	assert_true(gyl__ooo_add(&o, 1000, 2000));
	assert_true(gyl__ooo_add(&o, 3000, 4000));
	gyl__ooo_dup(&o, 100, 200); /* below rcv_nxt */
	assert_int_equal(gyl__ooo_blocks(&o, b, 3), 3);
	assert_true(same(b[0], 100, 200));
	assert_true(same(b[1], 3000, 4000));
	assert_int_equal(gyl__ooo_blocks(&o, b, 3), 2);
	gyl__ooo_dup(&o, 1100, 1200);
	assert_int_equal(gyl__ooo_blocks(&o, b, 2), 2);
	assert_true(same(b[0], 1100, 1200));
	assert_true(same(b[1], 1000, 2000));
	assert_true(gyl__ooo_add(&o, 3500, 4500)); /* noted by itself */
	assert_int_equal(gyl__ooo_blocks(&o, b, 4), 3);
	assert_true(same(b[0], 3500, 4000));
	assert_true(same(b[1], 3000, 4500));
	assert_int_equal(gyl__ooo_blocks(&o, b, 4), 2);
	gyl__ooo_dup(&o, 1, 2);
	assert_int_equal(gyl__ooo_blocks(&o, b, 0), 0); /* no room: not told, so kept */
	assert_int_equal(gyl__ooo_blocks(&o, b, 1), 1);
	assert_true(same(b[0], 1, 2));
}

static void seventeenth_range(void **state)
{
	struct gyl__ooo o, was;

	(void)state;
	gyl__ooo_init(&o);
	for (uint32_t i = 1; i <= GYL__OOO_MAX; i++)
		assert_true(gyl__ooo_add(&o, i * 100, i * 100 + 10));
	was = o;
	assert_false(gyl__ooo_add(&o, 1750, 1760));
	assert_memory_equal(&o, &was, sizeof o);
	assert_true(gyl__ooo_add(&o, 110, 120)); /* joins one */
	assert_true(gyl__ooo_add(&o, 120, 200)); /* joins two */
	assert_int_equal(o.cnt, GYL__OOO_MAX - 1);
	assert_true(gyl__ooo_add(&o, 1750, 1760));
	assert_true(gyl__ooo_add(&o, 50, 5000)); /* over all of them */
	assert_int_equal(o.cnt, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equals_a_bitmap),
		cmocka_unit_test(most_recent_first),
		cmocka_unit_test(duplicate_told_once),
		cmocka_unit_test(seventeenth_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
