/* SPDX-License-Identifier: ISC */

/*
 * The core and a real store that has no leases of its own: what is read back, listed and compacted
 * is what the slots say. The journal is cut at every octet, and a restart finds no lease that was
 * not promised, and every one that was.
 */

#include <gyl/text.h>

#include "services/base/store_int.h"
#include "services/dhcpd/state.h"
#include "tests/unit/dhcpd/world.h"

enum {
	UNITS = 400,
	CLIENTS = 120
};

struct shop {
	struct world *w;
	struct gyl_store *s;
	uint8_t *ext[2];
	uint8_t load[GYL_STORE_LOAD_LEN];
	uint64_t hash_key, disk_ns;
};

static uint64_t keep_all(void *arg, const struct gyl_record *rec, size_t cnt)
{
	struct shop *h = arg;
	uint64_t seq = 0;

	return gyl_store_batch(h->s, h->w->b.now.wall_ns, rec, cnt, &seq) == GYL_STORE_OK ? seq : 0;
}

static void flush(struct shop *h)
{
	struct gyl_store_write w;
	uint64_t lost;

	for (; gyl_store_write_next(h->s, h->disk_ns, &w); h->disk_ns += 1000000) {
		memcpy(h->ext[w.dev] + w.unit * GYL_UNIT_LEN, w.buf, (size_t)w.cnt * GYL_UNIT_LEN);
		assert_false(gyl_store_written(h->s, w.token, 0, &lost));
		h->w->b.out.durable = gyl_store_durable(h->s);
	}
}

static void scan(struct shop *h)
{
	struct gyl_store_read rd;

	while (gyl_store_replay_next(h->s, &rd)) {
		memcpy(rd.buf, h->ext[rd.dev] + rd.unit * GYL_UNIT_LEN,
			(size_t)rd.cnt * GYL_UNIT_LEN);
		gyl_store_replay_done(h->s, 0);
	}
}

/* A new process over what is on the disk. */
static void boot(struct shop *h)
{
	struct gyl_store_conf cf = {64, 4096, UNITS, {++h->hash_key, 2}};
	const struct gyl_core_ops *ops = &gyl_dhcpd_core;
	struct gyl_view dict = gyl_view_str(ops->owns);
	uint32_t cnt;
	void *places;

	free(h->s);
	h->s = aligned_alloc(16, (gyl_store_need(&cf) + 15) / 16 * 16);
	assert_non_null(h->s);
	gyl_store_init(h->s, &cf);
	gyl_store_own(h->s, dict);
	scan(h);
	world_start(h->w);
	places = ops->places(h->w->d, &cnt);
	gyl_store_owner(h->s, dict, ops->owner, h->w->d, places, cnt);
	gyl_store_load(h->s, h->w->b.now, h->load);
	scan(h);
	h->w->b.out.store = keep_all;
	h->w->b.out.store_arg = h;
	outbox_tick(&h->w->b, ops, h->w->d);
}

static int shop_open(void **state)
{
	struct shop *h = calloc(1, sizeof *h);
	void *w;

	assert_non_null(h);
	world_open(&w);
	h->w = w;
	h->w->plan.prefix = 16;
	h->w->plan.pool[0] = (struct gyl_conf_range){IP(10, 0, 0, 10), IP(10, 0, 1, 120)};
	for (unsigned i = 0; i < 2; i++)
		h->ext[i] = calloc(UNITS, GYL_UNIT_LEN);
	boot(h);
	*state = h;
	return 0;
}

static int shop_close(void **state)
{
	struct shop *h = *state;
	void *w = h->w;

	world_close(&w);
	free(h->s);
	free(h->ext[0]);
	free(h->ext[1]);
	free(h);
	return 0;
}

static const char *text_at(const struct shop *h, uint32_t ip)
{
	static char text[GYL_DHCPD_VAL_LEN_MAX + 1];
	uint8_t key[GYL_DHCPD_KEY_LEN_MAX];
	struct gyl_writer w;
	struct gyl_view val;

	gyl_writer_init(&w, key, sizeof key);
	gyl_text_str(&w, "dhcpd/lease/");
	gyl_text_ipv4(&w, ip);
	if (gyl_store_get(h->s, gyl_writer_view(&w), &val) != GYL_STORE_OK)
		return "";
	memcpy(text, val.p, val.len);
	text[val.len] = '\0';
	return text;
}

/* Turn to the other extent and copy all there is; what is there then is what the slots print. */
static void compact(struct shop *h)
{
	uint32_t gen = h->s->j.end.gen;
	uint64_t seq;

	flush(h);
	h->s->j.end.unit = UNITS; /* as if it were full */
	assert_int_equal(
		gyl_store_set(h->s, 1, gyl_view_str("x"), gyl_view_str("y"), &seq), GYL_STORE_OK);
	flush(h);
	assert_int_equal(h->s->j.end.gen, gen + 1);
	assert_int_equal(h->s->compact, GYL_STORE_COPY_IDLE);
	memset(h->ext[!h->s->j.end.dev], 0, (size_t)UNITS * GYL_UNIT_LEN);
}

/* ---- the view ---- */

static void members_are_sorted_by_name(void **state)
{
	struct shop *h = *state;
	struct gyl_store_cursor c;
	struct gyl_view name;
	char last[20] = "";
	unsigned cnt = 0;
	bool dict;

	for (unsigned i = 1; i <= CLIENTS; i++)
		get_lease(h->w, (struct ask){.client = (uint8_t)i});
	get_lease(h->w, (struct ask){.client = 200, .giaddr = RELAY});
	/* Most of the pool goes: what is leased there is of no pool, and listed all the same. */
	h->w->plan.pool[0].last = IP(10, 0, 0, 30);
	world_reload(h->w);
	assert_int_equal(gyl_store_list(h->s, gyl_view_str("dhcpd/lease"), &c), GYL_STORE_OK);
	for (; gyl_store_next(h->s, &c, &name, &dict); cnt++) {
		char text[20];

		memcpy(text, name.p, name.len);
		text[name.len] = '\0';
		assert_false(dict);
		assert_true(strcmp(last, text) < 0);
		memcpy(last, text, sizeof last);
	}
	assert_int_equal(cnt, CLIENTS + 1);
	assert_string_equal(last, "10.1.0.10");
}

static void what_is_read_is_what_was_written(void **state)
{
	struct shop *h = *state;
	uint32_t ip = get_lease(
		h->w, (struct ask){.client = 1, .id = "ff0011", .name = "phone", .giaddr = RELAY});

	assert_string_equal(text_at(h, ip), "2 leased 2026-11-18T13:06:40Z 3600 02:00:00:00:00:01 "
					    "ff0011 phone 10.1.0.1 -");
	assert_string_equal(text_at(h, ip + 1), "");
	assert_int_equal(h->s->live_cnt, 4); /* root, dhcpd, lease and this one */
}

/* ---- what compaction writes of each state ---- */

static void a_lease_that_ran_out_is_still_its_clients(void **state)
{
	struct shop *h = *state;
	uint32_t ip = get_lease(h->w, (struct ask){.client = 1, .name = "phone"});

	world_pass(h->w, 3 * GYL_NS_PER_HOUR);
	assert_int_equal(state_of(h->w, ip), GYL_DHCPD_FREE);
	compact(h);
	boot(h);
	assert_int_equal(state_of(h->w, ip), GYL_DHCPD_FREE);
	assert_memory_equal(text_at(h, ip), "2 released ", 11);
	get_lease(h->w, (struct ask){.client = 2});
	assert_int_equal(get_lease(h->w, (struct ask){.client = 1}), ip);
}

/* What ended in 1970, by a clock that has been set since, does not end in 2554. */
static void an_end_before_all_time_is_its_beginning(void **state)
{
	static const char text[] =
		"2 released 1970-01-01T00:00:00Z 3600 02:00:00:00:00:01 - laptop - -";
	struct shop *h = *state;
	struct gyl_record rec = {.key = gyl_view_str("dhcpd/lease/10.0.0.11"),
		.val = gyl_view_str(text),
		.place = 1};
	uint64_t seq;

	assert_int_equal(gyl_store_batch(h->s, 1, &rec, 1, &seq), GYL_STORE_OK);
	flush(h);
	boot(h);
	h->w->b.now.wall_ns -= 1;
	outbox_tick(&h->w->b, &gyl_dhcpd_core, h->w->d);
	assert_string_equal(text_at(h, IP(10, 0, 0, 11)), text);
}

static void an_offer_to_another_is_no_record(void **state)
{
	struct shop *h = *state;
	uint32_t ip;

	h->w->plan.pool[0] = (struct gyl_conf_range){POOL, POOL};
	boot(h);
	ip = get_lease(h->w, (struct ask){.client = 1});
	world_pass(h->w, 3 * GYL_NS_PER_HOUR);
	assert_int_equal(offered(h->w, (struct ask){.client = 2}), ip);
	assert_string_equal(text_at(h, ip), "");
	compact(h);
	boot(h);
	assert_string_equal(text_at(h, ip), "");
	assert_int_equal(get_lease(h->w, (struct ask){.client = 3}), ip);
}

static void an_offer_to_whom_it_was_leaves_the_record(void **state)
{
	struct shop *h = *state;
	uint32_t ip = get_lease(h->w, (struct ask){.client = 1});

	world_pass(h->w, 3 * GYL_NS_PER_HOUR);
	assert_int_equal(offered(h->w, (struct ask){.client = 1}), ip);
	compact(h);
	boot(h);
	assert_int_equal(state_of(h->w, ip), GYL_DHCPD_FREE);
	assert_memory_equal(text_at(h, ip), "2 released ", 11);
}

static void a_quarantine_is_compacted(void **state)
{
	struct shop *h = *state;
	uint32_t ip = get_lease(h->w, (struct ask){.client = 1});

	ask(h->w, (struct ask){.type = GYL_DHCP_DECLINE, .client = 1, .want = ip, .server = US});
	compact(h);
	boot(h);
	assert_int_equal(state_of(h->w, ip), GYL_DHCPD_DECLINED);
}

static void a_renewal_while_it_is_compacted_is_not_undone(void **state)
{
	struct shop *h = *state;
	uint32_t ip[CLIENTS + 1];

	for (unsigned i = 1; i <= CLIENTS; i++)
		ip[i] = get_lease(h->w, (struct ask){.client = (uint8_t)i});
	flush(h);
	h->s->j.end.unit = UNITS;
	world_pass(h->w, 1800 * GYL_NS_PER_S);
	for (unsigned i = 1; i <= CLIENTS; i += 3) {
		assert_int_equal(request(h->w, (struct ask){.client = (uint8_t)i,
						       .ciaddr = ip[i],
						       .unicast = true}),
			GYL_DHCP_ACK);
	}
	flush(h);
	boot(h);
	world_pass(h->w, 1900 * GYL_NS_PER_S);
	for (unsigned i = 1; i <= CLIENTS; i += 3)
		assert_int_equal(state_of(h->w, ip[i]), GYL_DHCPD_LEASED);
}

/* ---- the journal, cut ---- */

static void every_cut_gives_the_leases_before_it(void **state)
{
	struct shop *h = *state;
	uint32_t ip[20], unit[20];
	uint8_t *whole = malloc((size_t)UNITS * GYL_UNIT_LEN);
	unsigned dev;

	assert_non_null(whole);
	for (uint8_t i = 0; i < 20; i++) {
		ip[i] = get_lease(h->w, (struct ask){.client = (uint8_t)(i + 1)});
		flush(h);
		unit[i] = (uint32_t)h->s->j.end.unit; /* durable from here on */
	}
	dev = h->s->j.end.dev;
	memcpy(whole, h->ext[dev], (size_t)UNITS * GYL_UNIT_LEN);
	for (uint32_t cut = 0; cut <= unit[19] * GYL_UNIT_LEN; cut += 61) {
		memset(h->ext[dev], 0, (size_t)UNITS * GYL_UNIT_LEN);
		memcpy(h->ext[dev], whole, cut);
		boot(h);
		assert_int_equal(h->s->info.refused_cnt, 0);
		for (unsigned i = 0; i < 20; i++)
			assert_true(state_of(h->w, ip[i]) == GYL_DHCPD_LEASED ||
				    unit[i] * GYL_UNIT_LEN > cut);
	}
	free(whole);
}

/* A form that only a later version knows must not be compacted away. */
static void a_record_of_tomorrow_is_told(void **state)
{
	struct shop *h = *state;
	struct gyl_record rec = {.key = gyl_view_str("dhcpd/lease/10.0.0.10"),
		.val = gyl_view_str("3 leased"),
		.place = 1};
	uint64_t seq;

	assert_int_equal(gyl_store_batch(h->s, 1, &rec, 1, &seq), GYL_STORE_OK);
	flush(h);
	boot(h);
	assert_int_equal(h->s->info.refused_cnt, 1);
}

/* Live leases of a pool that is not configured any more, in several records each. */
static void what_is_of_no_pool_is_kept_once(void **state)
{
	struct shop *h = *state;
	uint32_t ip = 0, cnt = 0;
	struct gyl_store_cursor c;
	struct gyl_view name;
	struct gyl_dhcpd_stat st;
	bool dict;

	for (uint8_t i = 1; i <= 5; i++)
		ip = get_lease(h->w, (struct ask){.client = (uint8_t)i});
	world_pass(h->w, 1800 * GYL_NS_PER_S);
	for (uint8_t i = 1; i <= 5; i++)
		get_lease(h->w, (struct ask){.client = (uint8_t)i});
	flush(h);
	h->w->plan.pool[0] = (struct gyl_conf_range){ip + 1, ip + 2};
	boot(h);
	gyl_dhcpd_stat(h->w->d, &st);
	assert_int_equal(st.lease_cnt, 5);
	assert_int_equal(gyl_store_list(h->s, gyl_view_str("dhcpd/lease"), &c), GYL_STORE_OK);
	while (gyl_store_next(h->s, &c, &name, &dict))
		cnt++;
	assert_int_equal(cnt, 5);
	world_pass(h->w, 3 * GYL_NS_PER_HOUR);
	flush(h);
	assert_int_equal(
		gyl_store_exists(h->s, gyl_view_str("dhcpd/lease"), &dict), GYL_STORE_NOT_FOUND);
	boot(h);
	gyl_dhcpd_stat(h->w->d, &st);
	assert_int_equal(st.lease_cnt, 0);
}

/* ---- clocks ---- */

/* A board without a battery gave leases in 1970, and then its clock was set: a restart after that
 * finds them neither over nor without end, for they were written once more. */
static void a_clock_that_is_set_ends_no_lease(void **state)
{
	static const int64_t steps[] = {INT64_C(1700000000), 86400, -86400, -INT64_C(1500000000)};
	struct shop *h = *state;

	for (unsigned i = 0; i < TEST_CNT(steps); i++) {
		uint8_t client = (uint8_t)(i + 1);
		uint32_t ip;

		h->w->b.now.wall_ns = (uint64_t)1600000000 * GYL_NS_PER_S;
		ip = get_lease(h->w, (struct ask){.client = client});
		h->w->b.now.wall_ns += (uint64_t)steps[i] * GYL_NS_PER_S;
		outbox_tick(&h->w->b, &gyl_dhcpd_core, h->w->d);
		gyl_store_rewrite(h->s, h->w->b.now.wall_ns);
		flush(h);
		world_pass(h->w, 100 * GYL_NS_PER_S);
		assert_int_equal(state_of(h->w, ip), GYL_DHCPD_LEASED);
		h->w->b.now.mono_ns = 9 * GYL_NS_PER_S; /* another boot */
		boot(h);
		assert_int_equal(state_of(h->w, ip), GYL_DHCPD_LEASED);
		world_pass(h->w, 7201 * GYL_NS_PER_S);
		assert_int_equal(state_of(h->w, ip), GYL_DHCPD_FREE);
	}
}

#define S(fn) cmocka_unit_test_setup_teardown(fn, shop_open, shop_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		S(members_are_sorted_by_name),
		S(what_is_read_is_what_was_written),
		S(a_lease_that_ran_out_is_still_its_clients),
		S(an_end_before_all_time_is_its_beginning),
		S(an_offer_to_another_is_no_record),
		S(an_offer_to_whom_it_was_leaves_the_record),
		S(a_quarantine_is_compacted),
		S(a_renewal_while_it_is_compacted_is_not_undone),
		S(every_cut_gives_the_leases_before_it),
		S(a_record_of_tomorrow_is_told),
		S(what_is_of_no_pool_is_kept_once),
		S(a_clock_that_is_set_ends_no_lease),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
