/* SPDX-License-Identifier: ISC */

/* The cache: what it keeps, what it gives up, and that its memory is a bound. */

#include "services/dns/cache.h"

#include <gyl/time.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/support.h"

enum {
	LEN = 1 << 20,
	BLOCK = 64 /* octets past the end that nobody may touch */
};

struct rig {
	struct gyl_dns_cache c;
	uint8_t *mem;
	size_t need;
	uint64_t now_ns;
};

static void rig_open(struct rig *r)
{
	static const uint64_t key[2] = {7, 9};

	r->need = gyl_dns_cache_need(LEN);
	r->mem = aligned_alloc(16, r->need + BLOCK);
	assert_non_null(r->mem);
	memset(r->mem, 0xa5, r->need + BLOCK);
	gyl_dns_cache_init(&r->c, r->mem, LEN, key);
	r->c.keep_ns = GYL_NS_PER_DAY;
	r->now_ns = 1000 * GYL_NS_PER_S;
}

static void rig_close(struct rig *r)
{
	for (size_t i = 0; i < BLOCK; i++)
		assert_int_equal(r->mem[r->need + i], 0xa5);
	free(r->mem);
}

static size_t name_of(uint32_t number, uint8_t name[64])
{
	int len = snprintf((char *)name + 1, 60, "n%u", (unsigned)number);

	name[0] = (uint8_t)len;
	memcpy(name + 1 + len, "\004test", 6);
	return (size_t)len + 7;
}

static struct gyl_dns_entry *put(struct rig *r, uint32_t number, uint16_t wire_len)
{
	struct gyl_dns_entry e = {.qtype = 1, .ttl_s = 3600, .wire_len = wire_len};
	static uint8_t wire[UINT16_MAX];
	uint8_t name[64];

	memset(wire, (int)number, wire_len);
	e.born_ns = r->now_ns;
	e.name_len = (uint8_t)name_of(number, name);
	return gyl_dns_cache_put(&r->c, &e, name, wire);
}

static struct gyl_dns_entry *get(struct rig *r, uint32_t number)
{
	uint8_t name[64];
	size_t len = name_of(number, name);
	struct gyl_dns_entry *e =
		gyl_dns_cache_find(&r->c, name, len, gyl_dns_cache_hash(&r->c, name, len), 1, 0);

	if (e == NULL)
		return NULL;
	for (size_t i = 0; i < e->wire_len; i++)
		assert_int_equal(gyl_dns_entry_wire(e)[i], (uint8_t)number);
	gyl_dns_cache_hit(e);
	return e;
}

static void an_entry_is_found_by_name_type_and_variant(void **state)
{
	struct gyl_dns_entry e = {.qtype = 1, .ttl_s = 5, .wire_len = 1, .name_len = 3}, *got;
	static const uint8_t name[] = "\001a", other[] = "\001b";
	struct rig r;
	uint32_t hash;

	(void)state;
	rig_open(&r);
	e.born_ns = r.now_ns;
	hash = gyl_dns_cache_hash(&r.c, name, 3);
	assert_non_null(gyl_dns_cache_put(&r.c, &e, name, (const uint8_t *)"1"));
	e.variant = GYL_DNS_VARIANT_DO;
	assert_non_null(gyl_dns_cache_put(&r.c, &e, name, (const uint8_t *)"2"));
	e.qtype = 28;
	e.flags = GYL_DNS_ENTRY_AD | GYL_DNS_ENTRY_DEAD;
	assert_non_null(gyl_dns_cache_put(&r.c, &e, name, (const uint8_t *)"3"));
	got = gyl_dns_cache_find(&r.c, name, 3, hash, 1, 0);
	assert_int_equal(gyl_dns_entry_wire(got)[0], '1');
	got = gyl_dns_cache_find(&r.c, name, 3, hash, 1, GYL_DNS_VARIANT_DO);
	assert_int_equal(gyl_dns_entry_wire(got)[0], '2');
	got = gyl_dns_cache_find(&r.c, name, 3, hash, 28, GYL_DNS_VARIANT_DO);
	assert_int_equal(gyl_dns_entry_wire(got)[0], '3');
	assert_int_equal(got->flags, GYL_DNS_ENTRY_AD);
	assert_null(gyl_dns_cache_find(&r.c, name, 3, hash, 28, 0));
	assert_null(gyl_dns_cache_find(&r.c, other, 3, gyl_dns_cache_hash(&r.c, other, 3), 1, 0));
	/* a new answer takes the place of the old one */
	assert_non_null(gyl_dns_cache_put(&r.c, &e, name, (const uint8_t *)"4"));
	got = gyl_dns_cache_find(&r.c, name, 3, hash, 28, GYL_DNS_VARIANT_DO);
	assert_int_equal(gyl_dns_entry_wire(got)[0], '4');
	assert_int_equal(r.c.entry_cnt, 3);
	gyl_dns_cache_remove(&r.c, got);
	assert_null(gyl_dns_cache_find(&r.c, name, 3, hash, 28, GYL_DNS_VARIANT_DO));
	gyl_dns_cache_clear(&r.c);
	assert_null(gyl_dns_cache_find(&r.c, name, 3, hash, 1, 0));
	assert_int_equal(r.c.entry_cnt, 0);
	rig_close(&r);
}

/* What 500 guests ask for stays, however many names somebody makes up. */
static void a_flood_of_new_names_does_not_push_out_what_is_asked_for(void **state)
{
	enum {
		POPULAR = 1000,
		FLOOD = 200000
	};
	struct gyl_dns_cache_stat st;
	struct rig r;
	unsigned left = 0;

	(void)state;
	rig_open(&r);
	for (uint32_t i = 0; i < POPULAR; i++) {
		put(&r, i, 60);
		assert_non_null(get(&r, i));
	}
	for (uint32_t i = 0; i < FLOOD; i++)
		put(&r, POPULAR + i, 60);
	for (uint32_t i = 0; i < POPULAR; i++)
		left += get(&r, i) != NULL;
	assert_true(left == POPULAR);
	gyl_dns_cache_stat(&r.c, &st);
	assert_true(st.used <= LEN && st.evict_cnt > FLOOD / 2);
	/* nor does one whose names are all asked for twice push out what is asked for all the time
	 */
	for (uint32_t i = 0; i < FLOOD; i++) {
		put(&r, POPULAR + FLOOD + i, 60);
		(void)get(&r, POPULAR + FLOOD + i);
		(void)get(&r, i % POPULAR);
	}
	left = 0;
	for (uint32_t i = 0; i < POPULAR; i++)
		left += get(&r, i) != NULL;
	assert_true(left == POPULAR);
	rig_close(&r);
}

/* As long as there is room, what nobody has asked for twice stays, too. */
static void nothing_is_given_up_while_there_is_room(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r);
	for (uint32_t i = 0; i < 7000; i++)
		put(&r, i, 60);
	for (uint32_t i = 0; i < 7000; i++)
		assert_non_null(get(&r, i));
	assert_int_equal(r.c.evict_cnt, 0);
	rig_close(&r);
}

static void what_is_over_for_good_goes_first(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r);
	for (uint32_t i = 0; i < 1000; i++) {
		put(&r, i, 60);
		assert_non_null(get(&r, i));
	}
	r.now_ns += 3600 * GYL_NS_PER_S + GYL_NS_PER_DAY;
	for (uint32_t i = 0; i < 3000; i++)
		put(&r, 1000 + i, 60);
	for (uint32_t i = 0; i < 100; i++)
		assert_null(get(&r, i));
	assert_int_equal(r.c.evict_cnt, 0);
	rig_close(&r);
}

/* Entries of all sizes, found again with the octets they were put with, or not at all. */
static void any_sizes_in_any_order(void **state)
{
	uint64_t seed = 12345, found = 0;
	struct gyl_dns_cache_stat st;
	uint32_t cnt = 0;
	struct rig r;

	(void)state;
	rig_open(&r);
	for (uint32_t i = 0; i < 300000; i++) {
		uint32_t pick, number;

		seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
		pick = (uint32_t)(seed >> 33);
		number = pick % 5000;
		if (pick % 7 == 0)
			found += get(&r, number) != NULL;
		else if (pick % 1009 == 0)
			put(&r, number, 65000);
		else if (pick % 101 == 0 && get(&r, number) != NULL)
			gyl_dns_cache_remove(&r.c, get(&r, number));
		else
			put(&r, number, (uint16_t)(pick >> 8 & 511));
		gyl_dns_cache_stat(&r.c, &st);
		assert_true(st.used <= LEN);
	}
	assert_true(found > 1000);
	for (uint32_t b = 0; b < gyl_dns_cache_bucket_cnt(&r.c); b++)
		for (struct gyl_dns_entry *e = gyl_dns_cache_first(&r.c, b); e != NULL;
			e = gyl_dns_cache_next(&r.c, e))
			cnt++;
	assert_int_equal(cnt, r.c.entry_cnt); /* each stands in its bucket, once */
	rig_close(&r);
}

static void what_is_larger_than_the_young_ring_is_not_kept(void **state)
{
	static const uint64_t key[2] = {1, 2};
	struct gyl_dns_cache c;
	void *mem = aligned_alloc(16, gyl_dns_cache_need(1 << 18));
	static uint8_t wire[UINT16_MAX];
	struct gyl_dns_entry e = {.qtype = 1, .ttl_s = 5, .wire_len = 40000, .name_len = 1};

	(void)state;
	assert_non_null(mem);
	gyl_dns_cache_init(&c, mem, 1 << 18, key);
	assert_null(gyl_dns_cache_put(&c, &e, (const uint8_t *)"", wire));
	assert_int_equal(c.entry_cnt, 0);
	e.wire_len = 30000;
	assert_non_null(gyl_dns_cache_put(&c, &e, (const uint8_t *)"", wire));
	free(mem);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_is_found_by_name_type_and_variant),
		cmocka_unit_test(a_flood_of_new_names_does_not_push_out_what_is_asked_for),
		cmocka_unit_test(nothing_is_given_up_while_there_is_room),
		cmocka_unit_test(what_is_over_for_good_goes_first),
		cmocka_unit_test(any_sizes_in_any_order),
		cmocka_unit_test(what_is_larger_than_the_young_ring_is_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
