/* SPDX-License-Identifier: ISC */

/*
 * The store beside a model that is too simple to be wrong: an array of keys and values. Small
 * arenas and few entries, so that blocks move and space runs out all the time.
 */

#include "tests/unit/base/store_world.h"

enum {
	NAME_CNT = 60,
	STEP_CNT = 6000,
	VAL_MAX = 600
};

struct model {
	struct {
		bool there;
		size_t len;
		uint8_t val[VAL_MAX];
		uint64_t wall_ns;
	} at[NAME_CNT];
};

static struct gyl_view name(unsigned n, char *buf)
{
	static const char *const dicts[] = {"", "a/", "lease/", "a/b/c/", "k5/", "lease/k4/"};

	/* "k5" and "lease/k4" are values for some names and dictionaries for others. */
	sprintf(buf, "%sk%u", dicts[n % TEST_CNT(dicts)], n / (unsigned)TEST_CNT(dicts));
	return gyl_view_str(buf);
}

static struct gyl_view model_val(const struct model *m, unsigned n)
{
	return gyl_view(m->at[n].val, m->at[n].len);
}

static bool model_any(const struct model *m, struct gyl_view dict)
{
	char buf[32];

	for (unsigned n = 0; n < NAME_CNT; n++)
		if (m->at[n].there && gyl__store_key_below(name(n, buf), dict))
			return true;
	return false;
}

static enum gyl_store_err model_conflict(const struct model *m, struct gyl_view key)
{
	char buf[32];

	for (unsigned n = 0; n < NAME_CNT; n++)
		if (m->at[n].there && gyl__store_key_below(key, name(n, buf)))
			return GYL_STORE_DICT_EXPECTED;
	return model_any(m, key) ? GYL_STORE_VALUE_EXPECTED : GYL_STORE_OK;
}

/* Entries and octets of all there is, dictionaries included. */
static void model_size(const struct model *m, uint64_t *ret_cnt, uint64_t *ret_len)
{
	static const char *const dicts[] = {"a", "lease", "a/b", "a/b/c", "k5", "lease/k4"};
	char buf[32];

	*ret_cnt = *ret_len = 0;
	for (unsigned n = 0; n < NAME_CNT; n++) {
		*ret_cnt += m->at[n].there;
		*ret_len += m->at[n].there ? name(n, buf).len + m->at[n].len : 0;
	}
	for (size_t i = 0; i < TEST_CNT(dicts); i++) {
		bool any = model_any(m, gyl_view_str(dicts[i]));

		*ret_cnt += any;
		*ret_len += any ? strlen(dicts[i]) : 0;
	}
}

static void compare(const struct world *w, const struct model *m)
{
	char buf[32];
	uint64_t cnt, len;

	for (unsigned n = 0; n < NAME_CNT; n++) {
		struct gyl_view key = name(n, buf), val;
		uint64_t wall_ns;
		enum gyl_store_err err = gyl_store_get(w->s, key, &val);

		if (m->at[n].there) {
			assert_int_equal(err, GYL_STORE_OK);
			assert_true(gyl_view_eq(val, model_val(m, n)));
			gyl_store_modified(w->s, key, &wall_ns);
			assert_true(wall_ns == m->at[n].wall_ns);
		} else {
			assert_int_equal(err,
				model_any(m, key) ? GYL_STORE_VALUE_EXPECTED : GYL_STORE_NOT_FOUND);
		}
	}
	model_size(m, &cnt, &len);
	assert_int_equal(w->s->entry_cnt, cnt + 1);
	world_audit(w);
}

static void do_set(struct world *w, struct model *m, unsigned n)
{
	static struct model after;
	char buf[32];
	struct gyl_view key = name(n, buf);
	size_t len = world_random(w, world_random(w, 4) == 0 ? VAL_MAX : 80);
	enum gyl_store_err err, want = model_conflict(m, key);
	uint64_t seq, cnt, all_len;

	after = *m;
	after.at[n].there = true;
	after.at[n].len = len;
	after.at[n].wall_ns = ++w->wall_ns;
	for (size_t i = 0; i < len; i++)
		after.at[n].val[i] = (uint8_t)world_random(w, 256);
	err = gyl_store_set(w->s, w->wall_ns, key, model_val(&after, n), &seq);
	if (want != GYL_STORE_OK) {
		assert_int_equal(err, want);
		return;
	}
	/* No space is said when there is none, and never else. */
	model_size(&after, &cnt, &all_len);
	if (cnt <= w->cf.key_cnt && all_len <= w->cf.data_len)
		assert_int_equal(err, GYL_STORE_OK);
	if (cnt > w->cf.key_cnt || all_len > w->cf.data_len + 7 * (uint64_t)w->cf.key_cnt + 4)
		assert_int_equal(err, GYL_STORE_NO_SPACE);
	if (err == GYL_STORE_OK)
		*m = after;
}

static void do_remove(struct world *w, struct model *m, struct gyl_view key)
{
	char buf[32];
	bool any = false;
	uint64_t seq;
	enum gyl_store_err err = gyl_store_remove(w->s, ++w->wall_ns, key, &seq);

	for (unsigned n = 0; n < NAME_CNT; n++) {
		struct gyl_view k = name(n, buf);

		if (!gyl_view_eq(k, key) && !gyl__store_key_below(k, key))
			continue;
		any = any || m->at[n].there;
		m->at[n].there = false;
	}
	assert_int_equal(err, any ? GYL_STORE_OK : GYL_STORE_NOT_FOUND);
}

static void one_step(struct world *w, struct model *m)
{
	char buf[32];

	if (world_random(w, 300) == 0)
		do_remove(w, m, gyl_view_str("lease"));
	else if (world_random(w, 4) == 0)
		do_remove(w, m, name(world_random(w, NAME_CNT), buf));
	else
		do_set(w, m, world_random(w, NAME_CNT));
	if (world_random(w, 5) == 0)
		world_settle(w);
	if (w->cf.unit_cnt != 0 && gyl_store_room(w->s) < 1000)
		world_settle(w);
	if (w->cf.unit_cnt != 0 && world_random(w, 100) == 0) {
		world_settle(w);
		world_boot(w);
		world_replay(w);
		assert_int_equal(w->s->info.refused_cnt, 0);
	}
}

static void run(uint32_t key_cnt, uint64_t data_len, uint64_t unit_cnt)
{
	static struct model m;
	struct world w;

	memset(&m, 0, sizeof m);
	world_open(&w, key_cnt, data_len, unit_cnt);
	w.rng = key_cnt + data_len;
	for (unsigned i = 0; i < STEP_CNT; i++) {
		one_step(&w, &m);
		compare(&w, &m);
	}
	world_close(&w);
}

static void memory(void **state)
{
	(void)state;
	run(40, 3000, 0);
	run(80, 1000, 0);
	run(20, 30000, 0);
	run(1, 100, 0);
}

static void device(void **state)
{
	(void)state;
	run(40, 6000, 200);
	run(60, 20000, 300);
}

/* Blocks of all sizes, nearly full: whatever the order, what fits in sum fits. */
static void no_fragments(void **state)
{
	static const uint8_t val[GYL_STORE_VALUE_MAX];
	enum {
		CNT = 400,
		LEN = 200000
	};
	struct world w;
	size_t len[CNT] = {0}, sum = 0;
	uint64_t seq;

	(void)state;
	world_open(&w, CNT, LEN, 0);
	for (unsigned i = 0; i < 200000; i++) {
		unsigned n = world_random(&w, CNT);
		char key[8];
		size_t next = world_random(&w, GYL_STORE_VALUE_MAX);

		sprintf(key, "%04u", n);
		if (sum - len[n] + next + 4 > LEN)
			next = 0;
		sum -= len[n];
		len[n] = next + 4;
		sum += len[n];
		if (sum > LEN)
			continue;
		assert_int_equal(
			gyl_store_set(w.s, 1, gyl_view_str(key), gyl_view(val, next), &seq),
			GYL_STORE_OK);
	}
	world_audit(&w);
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory),
		cmocka_unit_test(device),
		cmocka_unit_test(no_fragments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
