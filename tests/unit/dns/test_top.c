/* SPDX-License-Identifier: ISC */

/* What is asked most: the promises of the sketch, sampling, and the counters of zones. */

#include <gyl/dns.h>
#include <gyl/time.h>
#include <stdio.h>
#include <stdlib.h>

#include "services/dns/top.h"
#include "services/dns/zone_stat.h"
#include "tests/support/support.h"

static const uint64_t key[2] = {7, 8};

static const struct gyl_dns_top_entry *place_of(const struct gyl_dns_top *t, const char *what)
{
	for (uint32_t i = 0; i < t->cnt; i++)
		if (t->entry[i].len == strlen(what) &&
			memcmp(t->entry[i].key, what, strlen(what)) == 0)
			return &t->entry[i];
	return NULL;
}

static void add(struct gyl_dns_top *t, const char *what, uint32_t weight)
{
	gyl_dns_top_add(t, key, (const uint8_t *)what, strlen(what), weight);
}

/* Every place has its chain, the heap is one, and all that came is counted somewhere. */
static void assert_sound(const struct gyl_dns_top *t)
{
	unsigned chained = 0;
	uint64_t sum = 0;

	for (unsigned b = 0; b < GYL_DNS_TOP_BUCKETS; b++)
		for (unsigned i = t->bucket[b]; i != 0; i = t->entry[i - 1].chain)
			chained++;
	assert_int_equal(chained, t->cnt);
	for (unsigned i = 0; i < t->cnt; i++) {
		sum += t->entry[i].cnt;
		assert_int_equal(t->entry[t->heap[i]].heap_at, i);
		assert_true(
			t->entry[t->heap[(i + (i == 0) - 1) / 2]].cnt <= t->entry[t->heap[i]].cnt);
	}
	assert_int_equal(sum, t->total);
}

static void few_are_counted_exactly_and_told_in_order(void **state)
{
	struct gyl_dns_top *t = calloc(1, sizeof *t);
	const struct gyl_dns_top_entry *e[GYL_DNS_TOP_CNT];

	(void)state;
	assert_non_null(t);
	add(t, "one", 1);
	add(t, "three", 2);
	add(t, "two", 2);
	add(t, "three", 1);
	assert_int_equal(gyl_dns_top_sorted(t, e), 3);
	assert_ptr_equal(e[0], place_of(t, "three"));
	assert_ptr_equal(e[1], place_of(t, "two"));
	assert_ptr_equal(e[2], place_of(t, "one"));
	assert_int_equal(e[0]->cnt, 3);
	assert_int_equal(e[0]->over, 0);
	assert_int_equal(t->total, 6);
	assert_sound(t);
	free(t);
}

/* The theorem: what is more than one in GYL_DNS_TOP_CNT of all is there, counted too high by no
 * more than `over`. */
static void frequent_names_stay_in_a_flood_of_others(void **state)
{
	struct gyl_dns_top *t = calloc(1, sizeof *t);
	char name[20];

	(void)state;
	assert_non_null(t);
	for (unsigned i = 0; i < 20000; i++) {
		(void)snprintf(name, sizeof name, "random%u", i);
		add(t, name, 1);
		if (i % 50 == 0)
			add(t, "often", 1);
	}
	assert_int_equal(t->cnt, GYL_DNS_TOP_CNT);
	assert_sound(t);
	assert_non_null(place_of(t, "often"));
	assert_true(place_of(t, "often")->cnt >= 400);
	assert_true(place_of(t, "often")->cnt - place_of(t, "often")->over <= 400);
	free(t);
}

struct seen {
	uint64_t sum, often; /* for how many was counted; of these, every hundredth */
	unsigned counted;
};

/* So many queries, all in one second. */
static struct seen second_of(struct gyl_dns_tops *t, uint64_t second, unsigned cnt)
{
	struct seen s = {0, 0, 0};

	for (unsigned i = 0; i < cnt; i++) {
		uint32_t weight = gyl_dns_tops_weight(t, second * GYL_NS_PER_S);

		s.sum += weight;
		s.often += i % 100 == 0 ? weight : 0;
		s.counted += weight != 0;
	}
	return s;
}

/* At any rate about as many are counted, and the sum stays about right. */
static void a_busy_server_counts_samples(void **state)
{
	struct gyl_dns_tops *t = calloc(1, sizeof *t);
	struct seen s;

	(void)state;
	assert_non_null(t);
	gyl_dns_tops_init(t, key);
	for (uint64_t second = 1; second < 4; second++) {
		s = second_of(t, second, GYL_DNS_TOP_RATE);
		assert_in_range(s.sum, GYL_DNS_TOP_RATE * 95 / 100, GYL_DNS_TOP_RATE * 105 / 100);
	}
	for (uint64_t second = 4; second < 20; second++) {
		s = second_of(t, second, 320000);
		assert_in_range(s.sum, 290000, 350000);
		/* a flood is noticed in its first second */
		assert_in_range(
			s.counted, GYL_DNS_TOP_RATE / 2, (second == 4 ? 6 : 1) * GYL_DNS_TOP_RATE);
	}
	/* and a quiet second counts all again, whatever was before */
	assert_int_equal(second_of(t, 21, 1).counted, 0);
	s = second_of(t, 22, 10);
	assert_in_range(s.counted, 9, 10);
	assert_int_equal(s.counted, s.sum);
	free(t);
}

/* The bound that the header tells: 12 % for one in a hundred after a minute. */
static void what_is_sampled_is_told_about_right(void **state)
{
	struct gyl_dns_tops *t = calloc(1, sizeof *t);
	uint64_t often = 0;

	(void)state;
	assert_non_null(t);
	gyl_dns_tops_init(t, key);
	for (uint64_t second = 1; second <= 60; second++)
		often += second_of(t, second, 50000).often;
	assert_in_range(often, 500 * 60 * 88 / 100, 500 * 60 * 112 / 100);
	free(t);
}

static void names_are_one_in_any_case_and_in_their_lists(void **state)
{
	static const uint8_t upper[] = "\003WWW\003lab", lower[] = "\003www\003lab";
	struct gyl_dns_tops *t = calloc(1, sizeof *t);

	(void)state;
	assert_non_null(t);
	gyl_dns_tops_init(t, key);
	gyl_dns_tops_note(t, 1, 0x0a000001, gyl_view(upper, sizeof upper), true, false);
	gyl_dns_tops_note(t, 1, 0x0a000001, gyl_view(lower, sizeof lower), false, true);
	assert_int_equal(t->list[GYL_DNS_TOP_NAMES].cnt, 1);
	assert_int_equal(t->list[GYL_DNS_TOP_NAMES].entry[0].cnt, 2);
	assert_int_equal(t->list[GYL_DNS_TOP_CLIENTS].entry[0].cnt, 2);
	assert_int_equal(gyl_get_u32(t->list[GYL_DNS_TOP_CLIENTS].entry[0].key), 0x0a000001);
	assert_int_equal(t->list[GYL_DNS_TOP_MISSING].entry[0].cnt, 1);
	assert_int_equal(t->list[GYL_DNS_TOP_BLOCKED].entry[0].cnt, 1);
	gyl_dns_tops_clear(t);
	assert_int_equal(t->list[GYL_DNS_TOP_NAMES].cnt, 0);
	assert_int_equal(t->key[1], key[1]);
	free(t);
}

static void zones_have_counters_until_places_end(void **state)
{
	struct gyl_dns_zone_stats *s = calloc(1, sizeof *s);
	static uint8_t name[GYL_DNS_ZONE_STAT_MAX + 1][8];

	(void)state;
	assert_non_null(s);
	for (unsigned round = 0; round < 2; round++)
		for (unsigned i = 0; i <= GYL_DNS_ZONE_STAT_MAX; i++) {
			(void)snprintf((char *)name[i], sizeof name[i], "\003%03u", i);
			gyl_dns_zone_count(s, name[i], 5)->query_cnt++;
		}
	assert_int_equal(s->cnt, GYL_DNS_ZONE_STAT_MAX);
	assert_int_equal(s->others.query_cnt, 2);
	for (unsigned i = 0; i < GYL_DNS_ZONE_STAT_MAX; i++)
		assert_int_equal(gyl_dns_zone_count_of(s, name[i], 5)->query_cnt, 2);
	assert_null(gyl_dns_zone_count_of(s, name[GYL_DNS_ZONE_STAT_MAX], 5));
	/* another zone where one has been: no hint misleads */
	memcpy(name[0], name[1], 5);
	gyl_dns_zone_count(s, name[0], 5)->query_cnt++;
	assert_int_equal(gyl_dns_zone_count_of(s, name[1], 5)->query_cnt, 3);
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_are_counted_exactly_and_told_in_order),
		cmocka_unit_test(frequent_names_stay_in_a_flood_of_others),
		cmocka_unit_test(a_busy_server_counts_samples),
		cmocka_unit_test(what_is_sampled_is_told_about_right),
		cmocka_unit_test(names_are_one_in_any_case_and_in_their_lists),
		cmocka_unit_test(zones_have_counters_until_places_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
