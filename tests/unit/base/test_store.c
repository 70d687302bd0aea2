/* SPDX-License-Identifier: ISC */

/*
 * What a store does, whatever it stands on: one table of little stories for all back ends, after
 * the rules of mirage-kv. At the end of each, durable back ends are opened anew and must look the
 * same.
 */

#include "tests/unit/base/store_world.h"

enum op {
	SET = 1,
	REMOVE,
	GET,
	KIND,
	LIST
};

#define LEN_64  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define LEN_160 LEN_64 "/" LEN_64 "/0123456789abcdef0123456789abcd"

struct step {
	enum op op;
	const char *key, *val; /* val: to set, expected of get, kind ("v" or "d") or list */
	enum gyl_store_err err;
};

static const struct story {
	const char *name;
	struct step step[13];
} stories[] = {
	{"nothing there",
		{{KIND, "", "d", GYL_STORE_OK}, {LIST, "", "", GYL_STORE_OK},
			{GET, "a", "", GYL_STORE_NOT_FOUND}, {KIND, "a", "", GYL_STORE_NOT_FOUND},
			{LIST, "a", "", GYL_STORE_NOT_FOUND},
			{REMOVE, "a", "", GYL_STORE_NOT_FOUND}}},
	{"set and get", {{SET, "a", "1", GYL_STORE_OK}, {GET, "a", "1", GYL_STORE_OK},
				{SET, "a", "a longer value than before", GYL_STORE_OK},
				{GET, "a", "a longer value than before", GYL_STORE_OK},
				{SET, "a", "", GYL_STORE_OK}, {GET, "a", "", GYL_STORE_OK},
				{KIND, "a", "v", GYL_STORE_OK}}},
	{"dictionaries come with their members",
		{{SET, "dhcpd/lease/10.0.0.17", "x", GYL_STORE_OK},
			{KIND, "dhcpd", "d", GYL_STORE_OK},
			{KIND, "dhcpd/lease", "d", GYL_STORE_OK},
			{KIND, "dhcpd/lease/10.0.0.17", "v", GYL_STORE_OK},
			{KIND, "dhcp", "", GYL_STORE_NOT_FOUND},
			{KIND, "dhcpd/lease/10.0.0.1", "", GYL_STORE_NOT_FOUND}}},
	{"and go with the last of them",
		{{SET, "a/b/c", "1", GYL_STORE_OK}, {SET, "a/d", "2", GYL_STORE_OK},
			{REMOVE, "a/b/c", "", GYL_STORE_OK}, {KIND, "a/b", "", GYL_STORE_NOT_FOUND},
			{KIND, "a", "d", GYL_STORE_OK}, {REMOVE, "a/d", "", GYL_STORE_OK},
			{KIND, "a", "", GYL_STORE_NOT_FOUND},
			{SET, "a", "a value now", GYL_STORE_OK}, {KIND, "a", "v", GYL_STORE_OK}}},
	{"a key is a value or a dictionary",
		{{SET, "a/b", "1", GYL_STORE_OK}, {SET, "a", "2", GYL_STORE_VALUE_EXPECTED},
			{SET, "a/b/c", "3", GYL_STORE_DICT_EXPECTED},
			{SET, "a/b/c/d", "3", GYL_STORE_DICT_EXPECTED},
			{GET, "a", "", GYL_STORE_VALUE_EXPECTED},
			{GET, "", "", GYL_STORE_VALUE_EXPECTED},
			{LIST, "a/b", "", GYL_STORE_DICT_EXPECTED},
			{GET, "a/b", "1", GYL_STORE_OK}}},
	{"a dictionary is removed whole",
		{{SET, "a/b/c", "1", GYL_STORE_OK}, {SET, "a/b/d/e", "2", GYL_STORE_OK},
			{SET, "a/bb", "3", GYL_STORE_OK}, {SET, "a/b!", "4", GYL_STORE_OK},
			{REMOVE, "a/b", "", GYL_STORE_OK}, {LIST, "a", "b! bb ", GYL_STORE_OK},
			{KIND, "a/b/d", "", GYL_STORE_NOT_FOUND}, {REMOVE, "a", "", GYL_STORE_OK},
			{LIST, "", "", GYL_STORE_OK}}},
	{"lists are sorted by octets, members only",
		{{SET, "z", "1", GYL_STORE_OK}, {SET, "a/y", "1", GYL_STORE_OK},
			{SET, "a/x/deep", "1", GYL_STORE_OK}, {SET, "a!", "1", GYL_STORE_OK},
			{SET, "a-", "1", GYL_STORE_OK}, {SET, "B", "1", GYL_STORE_OK},
			{SET, "\xff", "1", GYL_STORE_OK}, {SET, "\x01", "1", GYL_STORE_OK},
			{LIST, "", "\x01 B a/ a! a- z \xff ", GYL_STORE_OK},
			{LIST, "a", "x/ y ", GYL_STORE_OK}}},
	{"keys", {{SET, "", "1", GYL_STORE_BAD_KEY}, {SET, "/a", "1", GYL_STORE_BAD_KEY},
			 {SET, "a/", "1", GYL_STORE_BAD_KEY}, {SET, "a//b", "1", GYL_STORE_BAD_KEY},
			 {SET, LEN_64 "x", "1", GYL_STORE_BAD_KEY},
			 {SET, LEN_160 "x", "1", GYL_STORE_BAD_KEY},
			 {SET, "1/2/3/4/5/6/7/8/9", "1", GYL_STORE_BAD_KEY},
			 {GET, "a/", "", GYL_STORE_BAD_KEY}, {REMOVE, "", "", GYL_STORE_BAD_KEY},
			 {SET, LEN_64, "1", GYL_STORE_OK},
			 {SET, "1/2/3/4/5/6/7/8", "1", GYL_STORE_OK},
			 {LIST, "1/2/3/4/5/6/7", "8 ", GYL_STORE_OK}}},
	{"the longest key",
		{{SET, "0/" LEN_64, "1", GYL_STORE_OK}, {SET, LEN_160, "2", GYL_STORE_OK},
			{GET, LEN_160, "2", GYL_STORE_OK},
			{LIST, LEN_64 "/" LEN_64, "0123456789abcdef0123456789abcd ", GYL_STORE_OK},
			{REMOVE, LEN_64, "", GYL_STORE_OK}, {GET, LEN_160, "", GYL_STORE_NOT_FOUND},
			{LIST, "0", LEN_64 " ", GYL_STORE_OK}}},
};

static enum gyl_store_err show_list(const struct gyl_store *s, struct gyl_view key, char *ret_text)
{
	struct gyl_store_cursor c;
	enum gyl_store_err err = gyl_store_list(s, key, &c);
	struct gyl_view name;
	bool is_dict;

	while (err == GYL_STORE_OK && gyl_store_next(s, &c, &name, &is_dict))
		ret_text += sprintf(ret_text, "%.*s%s ", (int)name.len, name.p, is_dict ? "/" : "");
	return err;
}

static enum gyl_store_err tell(struct world *w, const struct step *st, char *ret_text)
{
	struct gyl_view key = gyl_view_str(st->key), val;
	enum gyl_store_err err;
	uint64_t seq;
	bool is_dict;

	*ret_text = '\0';
	switch (st->op) {
	case SET:
		return gyl_store_set(w->s, ++w->wall_ns, key, gyl_view_str(st->val), &seq);
	case REMOVE:
		return gyl_store_remove(w->s, ++w->wall_ns, key, &seq);
	case GET:
		err = gyl_store_get(w->s, key, &val);
		if (err == GYL_STORE_OK)
			sprintf(ret_text, "%.*s", (int)val.len, val.p);
		return err;
	case KIND:
		err = gyl_store_exists(w->s, key, &is_dict);
		if (err == GYL_STORE_OK)
			sprintf(ret_text, "%s", is_dict ? "d" : "v");
		return err;
	default:
		return show_list(w->s, key, ret_text);
	}
}

static void play(struct world *w, const struct story *story)
{
	for (const struct step *st = story->step; st->op != 0; st++) {
		char text[400];
		enum gyl_store_err err = tell(w, st, text);

		if (err != st->err)
			fail_msg("%s: step %d: %s", story->name, (int)(st - story->step),
				gyl_store_err_text(err));
		if (st->op >= GET && err == GYL_STORE_OK && strcmp(text, st->val) != 0)
			fail_msg("%s: step %d: '%s'", story->name, (int)(st - story->step), text);
		world_audit(w);
	}
}

enum back_end {
	MEMORY,
	DEVICE,
	FILES
};

static void back_end_open(struct world *w, enum back_end kind)
{
	world_open(w, 40, 4000, kind == MEMORY ? 0 : 200);
	if (kind == FILES)
		world_use_files(w);
}

/* The same after a restart: times and digests included. */
static void reopen(struct world *w, enum back_end kind)
{
	uint64_t hash = world_hash(w);
	uint8_t before[32], after[32];

	if (kind == MEMORY)
		return;
	world_settle(w);
	assert_int_equal(gyl_store_digest(w->s, gyl_view("", 0), before), GYL_STORE_OK);
	world_boot(w);
	world_replay(w);
	assert_true(world_hash(w) == hash);
	assert_int_equal(gyl_store_digest(w->s, gyl_view("", 0), after), GYL_STORE_OK);
	assert_memory_equal(before, after, sizeof before);
}

static void all_stories(void **state)
{
	(void)state;
	for (int kind = MEMORY; kind <= FILES; kind++) {
		for (size_t i = 0; i < TEST_CNT(stories); i++) {
			struct world w;

			back_end_open(&w, (enum back_end)kind);
			play(&w, &stories[i]);
			reopen(&w, (enum back_end)kind);
			world_close(&w);
		}
	}
}

#define ON(text) gyl_view_str(text)
#define REC(k, v)                                             \
	{                                                     \
		.key = {(const uint8_t *)(k), sizeof(k) - 1}, \
		.val = {(const uint8_t *)(v),                 \
			sizeof(v) - 1 }                       \
	}
#define DEL(k)                                                               \
	{                                                                    \
		.key = {(const uint8_t *)(k), sizeof(k) - 1}, .remove = true \
	}

/* All or nothing: each batch is put on { a = 1, d/e = 2 }. */
static const struct {
	const char *name;
	struct gyl_record rec[4];
	size_t cnt;
	enum gyl_store_err err;
	const char *list; /* of the root afterwards */
} batches[] = {
	{"empty", {DEL("x")}, 0, GYL_STORE_OK, "a d/ "},
	{"two sets", {REC("b", "1"), REC("c/x", "2")}, 2, GYL_STORE_OK, "a b c/ d/ "},
	{"bad key at the end", {REC("b", "1"), REC("c//x", "2")}, 2, GYL_STORE_BAD_KEY, "a d/ "},
	{"conflict with the table", {REC("b", "1"), REC("a/x", "2")}, 2, GYL_STORE_DICT_EXPECTED,
		"a d/ "},
	{"value for a dictionary", {REC("b", "1"), REC("d", "2")}, 2, GYL_STORE_VALUE_EXPECTED,
		"a d/ "},
	{"conflict within", {REC("b", "1"), REC("b/x", "2")}, 2, GYL_STORE_DICT_EXPECTED, "a d/ "},
	{"the other way round", {REC("b/x", "1"), REC("b", "2")}, 2, GYL_STORE_VALUE_EXPECTED,
		"a d/ "},
	{"removing what is not there", {DEL("q"), REC("b", "1")}, 2, GYL_STORE_OK, "a b d/ "},
	{"value becomes dictionary", {DEL("a"), REC("a/x", "1")}, 2, GYL_STORE_OK, "a/ d/ "},
	{"dictionary becomes value", {DEL("d"), REC("d", "1")}, 2, GYL_STORE_OK, "a d "},
	{"not member by member", {DEL("d/e"), REC("d", "1")}, 2, GYL_STORE_VALUE_EXPECTED, "a d/ "},
	{"set, then removed", {REC("b/x", "1"), DEL("b"), REC("b", "2")}, 3, GYL_STORE_OK,
		"a b d/ "},
	{"same key twice", {REC("b", "1"), REC("b", "22")}, 2, GYL_STORE_OK, "a b d/ "},
};

static void batch_table(void **state)
{
	(void)state;
	for (int kind = MEMORY; kind <= FILES; kind++) {
		for (size_t i = 0; i < TEST_CNT(batches); i++) {
			struct world w;
			char text[400] = "";
			uint64_t seq = 0, hash;
			enum gyl_store_err err;

			back_end_open(&w, (enum back_end)kind);
			world_set(&w, "a", "1");
			world_set(&w, "d/e", "2");
			hash = world_hash(&w);
			err = gyl_store_batch(w.s, 5, batches[i].rec, batches[i].cnt, &seq);
			show_list(w.s, ON(""), text);
			if (err != batches[i].err || strcmp(text, batches[i].list) != 0)
				fail_msg("%s: %s, '%s'", batches[i].name, gyl_store_err_text(err),
					text);
			assert_int_equal(seq, err == GYL_STORE_OK ? 3 : 0);
			assert_true(err == GYL_STORE_OK || world_hash(&w) == hash);
			world_audit(&w);
			reopen(&w, (enum back_end)kind);
			world_close(&w);
		}
	}
}

static void bounds(void **state)
{
	static uint8_t big[GYL_STORE_VALUE_MAX + 1];
	struct gyl_record rec[GYL_STORE_BATCH_MAX + 1];
	struct gyl_view val;
	struct world w;
	uint64_t seq;

	(void)state;
	world_open(&w, 100, 200000, 1000);
	assert_int_equal(gyl_store_set(w.s, 1, ON("k"), gyl_view(big, sizeof big), &seq),
		GYL_STORE_TOO_LONG);
	assert_int_equal(
		gyl_store_set(w.s, 1, ON("k"), gyl_view(big, sizeof big - 1), &seq), GYL_STORE_OK);
	assert_int_equal(gyl_store_get(w.s, ON("k"), &val), GYL_STORE_OK);
	assert_int_equal(val.len, GYL_STORE_VALUE_MAX);
	for (size_t i = 0; i < TEST_CNT(rec); i++)
		rec[i] = (struct gyl_record){.key = ON("k"), .val = ON("v")};
	assert_int_equal(gyl_store_batch(w.s, 1, rec, TEST_CNT(rec), &seq), GYL_STORE_TOO_LONG);
	assert_int_equal(gyl_store_batch(w.s, 1, rec, TEST_CNT(rec) - 1, &seq), GYL_STORE_OK);
	for (size_t i = 0; i < 16; i++)
		rec[i].val = gyl_view(big, sizeof big - 1);
	assert_int_equal(gyl_store_batch(w.s, 1, rec, 16, &seq), GYL_STORE_TOO_LONG);
	world_settle(&w);
	assert_int_equal(gyl_store_batch(w.s, 1, rec, 15, &seq), GYL_STORE_OK);
	world_close(&w);
}

/* Of a value: when it was set. Of a dictionary: the latest change below, removals included. */
static void modified(void **state)
{
	static const struct {
		const char *key;
		uint64_t wall_ns;
	} want[] = {{"", 60}, {"a", 60}, {"a/b", 50}, {"a/b/y", 20}, {"a/c", 60}, {"a/c/x", 60}};

	(void)state;
	for (int kind = MEMORY; kind <= FILES; kind++) {
		struct world w;
		uint64_t seq, wall_ns;

		back_end_open(&w, (enum back_end)kind);
		gyl_store_set(w.s, 10, ON("a/b/x"), ON("1"), &seq);
		gyl_store_set(w.s, 20, ON("a/b/y"), ON("1"), &seq);
		gyl_store_set(w.s, 30, ON("a/c/x"), ON("1"), &seq);
		gyl_store_remove(w.s, 50, ON("a/b/x"), &seq);
		gyl_store_set(w.s, 60, ON("a/c/x"), ON("1"), &seq);
		for (int round = 0; round < 2; round++) {
			for (size_t i = 0; i < TEST_CNT(want); i++) {
				assert_int_equal(gyl_store_modified(w.s, ON(want[i].key), &wall_ns),
					GYL_STORE_OK);
				assert_int_equal(wall_ns, want[i].wall_ns);
			}
			reopen(&w, (enum back_end)kind);
		}
		world_close(&w);
	}
}

static void digest(void **state)
{
	uint8_t want[32], got[32], other[32];
	struct world w;

	(void)state;
	world_open(&w, 40, 4000, 0);
	/* Of a value: SHA-256 of "abc". */
	world_set(&w, "a", "abc");
	assert_int_equal(gyl_store_digest(w.s, ON("a"), got), GYL_STORE_OK);
	hex_bytes("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", want,
		sizeof want);
	assert_memory_equal(got, want, sizeof want);
	/* Of a dictionary: the same for the same members, however they came, and no other. */
	world_set(&w, "d/x/y", "1");
	world_set(&w, "e/x/y", "2");
	world_set(&w, "e/x/y", "1");
	world_set(&w, "e/z", "1");
	world_remove(&w, "e/z");
	gyl_store_digest(w.s, ON("d"), got);
	gyl_store_digest(w.s, ON("e"), other);
	assert_memory_equal(got, other, sizeof got);
	world_set(&w, "e/x/yy", "");
	gyl_store_digest(w.s, ON("e"), other);
	assert_memory_not_equal(got, other, sizeof got);
	assert_int_equal(gyl_store_digest(w.s, ON("f"), got), GYL_STORE_NOT_FOUND);
	world_close(&w);
}

struct seen {
	const struct gyl_store *s;
	char text[200];
};

static void on_change(void *arg, struct gyl_view key, struct gyl_view val, bool removed)
{
	struct seen *seen = arg;
	struct gyl_view now;

	/* The change is there to be read. */
	assert_int_equal(gyl_store_get(seen->s, key, &now) == GYL_STORE_OK, !removed);
	sprintf(seen->text + strlen(seen->text), "%.*s%s%.*s ", (int)key.len, key.p,
		removed ? "-" : "=", (int)val.len, val.p);
}

static void watch(void **state)
{
	struct world w;
	struct seen seen;

	(void)state;
	world_open(&w, 40, 4000, 0);
	seen = (struct seen){.s = w.s};
	assert_true(gyl_store_watch(w.s, ON("a/b"), on_change, &seen));
	world_set(&w, "a/b/c", "1");
	world_set(&w, "a/bb", "2");
	world_set(&w, "x", "3");
	world_set(&w, "a/b/d", "4");
	world_remove(&w, "a/b/c");
	world_remove(&w, "a");
	world_set(&w, "a/b", "5");
	assert_string_equal(seen.text, "a/b/c=1 a/b/d=4 a/b/c- a- a/b=5 ");
	for (int i = 1; i < GYL_STORE_WATCH_MAX; i++)
		assert_true(gyl_store_watch(w.s, ON("q"), on_change, &seen));
	assert_false(gyl_store_watch(w.s, ON("q"), on_change, &seen));
	world_close(&w);
}

static void walk(void **state)
{
	struct gyl_view key, val;
	struct world w;
	uint32_t at = 0, sum = 0, cnt = 0;
	uint64_t wall_ns;

	(void)state;
	world_open(&w, 40, 4000, 0);
	world_set(&w, "a/b/c", "1");
	world_set(&w, "a/bb", "2");
	world_set(&w, "a/b/d/e", "4");
	world_set(&w, "f", "8");
	for (; gyl_store_walk(w.s, ON("a/b"), &at, &key, &val, &wall_ns); cnt++)
		sum += val.p[0] - '0';
	assert_int_equal(cnt, 2);
	assert_int_equal(sum, 5);
	for (at = 0, sum = 0; gyl_store_walk(w.s, ON(""), &at, &key, &val, &wall_ns);)
		sum += val.p[0] - '0';
	assert_int_equal(sum, 15);
	world_close(&w);
}

/* ---- the reserve ---- */

static enum gyl_store_err put_key(struct world *w, unsigned n, size_t val_len)
{
	static const uint8_t val[300] = {'v'};
	struct gyl_record rec = {.val = gyl_view(val, val_len)};
	enum gyl_store_err err;
	char key[20];
	uint64_t seq;

	snprintf(key, sizeof key, "lease/k%u", n);
	rec.key = gyl_view_str(key);
	do {
		err = world_batch(w, &rec, 1, &seq);
		if (err == GYL_STORE_BUSY)
			world_settle(w);
	} while (err == GYL_STORE_BUSY);
	return err;
}

/* When newcomers are refused, what is there can be written again and again, amidst compactions,
 * and somewhat longer, too. */
static void expect_reserve(bool owned)
{
	unsigned cnt = 0, refused = 0;
	struct world w;

	world_open(&w, 200, 200000, 130);
	if (owned)
		world_own(&w);
	while (cnt < SHELF_CNT && put_key(&w, cnt, 250) == GYL_STORE_OK)
		cnt++;
	assert_in_range(cnt, 20, SHELF_CNT - 1);
	for (unsigned round = 0; round < 40; round++)
		for (unsigned n = 0; n < cnt; n++) {
			assert_int_equal(put_key(&w, n, 250 + n % 10), GYL_STORE_OK);
			refused += put_key(&w, cnt, 250) == GYL_STORE_NO_SPACE;
			if ((n + round) % 7 == 0)
				world_settle(&w);
		}
	assert_true(w.s->j.end.gen > 3);
	assert_int_equal(refused, 40 * cnt);
	world_settle(&w);
	world_boot(&w);
	world_replay(&w);
	for (unsigned n = 0; n < cnt; n++)
		assert_int_equal(put_key(&w, n, 250), GYL_STORE_OK);
	/* Room comes back with what is removed. */
	for (unsigned n = 0; n < 4; n++) {
		char key[20];
		struct gyl_record rec = {.remove = true};
		uint64_t seq;

		snprintf(key, sizeof key, "lease/k%u", n);
		rec.key = gyl_view_str(key);
		assert_int_equal(world_batch(&w, &rec, 1, &seq), GYL_STORE_OK);
	}
	assert_int_equal(put_key(&w, cnt, 250), GYL_STORE_OK);
	world_close(&w);
}

static void a_full_store_takes_renewals(void **state)
{
	(void)state;
	expect_reserve(false);
}

static void a_full_store_takes_an_owners_renewals(void **state)
{
	(void)state;
	expect_reserve(true);
}

/* ---- writing all once more ---- */

static void a_rewrite_leaves_nothing_in_the_old_extent(void **state)
{
	struct world w;
	uint64_t hash;
	uint32_t gen;

	(void)state;
	world_open(&w, 200, 200000, 600);
	world_own(&w);
	for (unsigned n = 0; n < 50; n++)
		put_key(&w, n, 100);
	world_set(&w, "seed", "x");
	world_settle(&w);
	hash = world_hash(&w);
	gen = w.s->j.end.gen;
	assert_int_equal(gyl_store_deadline_ns(w.s), UINT64_MAX);
	gyl_store_rewrite(w.s, 1);
	world_settle(&w);
	assert_int_equal(w.s->j.end.gen, gen + 1);
	assert_int_equal(w.s->compact, GYL_STORE_COPY_IDLE);
	memset(w.ext[!w.s->j.end.dev], 0, (size_t)w.cf.unit_cnt * GYL_UNIT_LEN);
	world_boot(&w);
	world_replay(&w);
	assert_true(world_hash(&w) == hash);
	world_close(&w);
}

/* ---- digests ---- */

/* Step by step it is the same, at any depth; and a change in between is noticed. */
static void a_digest_is_made_in_steps(void **state)
{
	static const char *const keys[] = {"a/b/c/d/e/f/g/h", "a/b/x", "a/y", "b"};
	struct world w;
	struct gyl_store_digest x;
	uint8_t whole[32];
	unsigned steps = 0;

	(void)state;
	world_open(&w, 200, 200000, 600);
	world_own(&w);
	put_key(&w, 1, 20);
	for (unsigned i = 0; i < 4; i++)
		world_set(&w, keys[i], "v");
	assert_int_equal(gyl_store_digest(w.s, gyl_view("", 0), whole), GYL_STORE_OK);
	assert_int_equal(gyl_store_digest_begin(w.s, gyl_view("", 0), &x), GYL_STORE_OK);
	while (gyl_store_digest_step(w.s, &x))
		steps++;
	assert_int_equal(
		steps, 21); /* 13 members; and the end of 9 dictionaries, the last of them */
	assert_memory_equal(x.digest, whole, 32);
	assert_false(gyl_store_digest_step(w.s, &x));
	assert_true(gyl_store_digest_holds(w.s, &x));
	world_set(&w, "b", "v");
	assert_false(gyl_store_digest_holds(w.s, &x));
	world_close(&w);
}

/* ---- owned dictionaries ---- */

static void what_has_an_owner_is_the_owners(void **state)
{
	static const char *const keys[] = {"lease", "lease/k1", "lease/k1/x", "lease/other"};
	struct world w;
	uint64_t seq;

	(void)state;
	world_open(&w, 50, 20000, 600);
	world_own(&w);
	for (unsigned i = 0; i < TEST_CNT(keys); i++) {
		assert_int_equal(
			gyl_store_set(w.s, 1, gyl_view_str(keys[i]), gyl_view_str("x"), &seq),
			GYL_STORE_OWNED);
		assert_int_equal(
			gyl_store_remove(w.s, 1, gyl_view_str(keys[i]), &seq), GYL_STORE_OWNED);
	}
	world_set(&w, "leases", "x"); /* only looks like it */
	world_close(&w);
}

static struct gyl_record owned_record(const char *key, const char *val)
{
	return (struct gyl_record){
		.key = gyl_view_str(key), .val = gyl_view_str(val), .remove = val[0] == '\0'};
}

/* The store's own memory has none of them, and it reads as if it had. */
static void owned_values_read_as_others_do(void **state)
{
	struct gyl_record rec[] = {owned_record("lease/k10", "ten"),
		owned_record("lease/k2", "two"), owned_record("lease/k3", "three"),
		owned_record("lease/k3", "")};
	struct world w, plain;
	uint64_t seq, ms;
	uint8_t digest[2][32];
	struct gyl_view val;
	bool dict = true;

	(void)state;
	world_open(&w, 50, 20000, 600);
	world_open(&plain, 50, 20000, 600);
	world_own(&w);
	assert_int_equal(world_batch(&w, rec, TEST_CNT(rec), &seq), GYL_STORE_OK);
	assert_int_equal(world_batch(&plain, rec, TEST_CNT(rec), &seq), GYL_STORE_OK);
	assert_int_equal(w.s->arena.live, gyl__store_block_len(5, 0));
	assert_true(world_hash(&w) == world_hash(&plain));
	gyl_store_digest(w.s, gyl_view_str(""), digest[0]);
	gyl_store_digest(plain.s, gyl_view_str(""), digest[1]);
	assert_memory_equal(digest[0], digest[1], 32);
	assert_int_equal(gyl_store_get(w.s, gyl_view_str("lease/k10"), &val), GYL_STORE_OK);
	assert_true(gyl_view_eq(val, gyl_view_str("ten")));
	assert_int_equal(gyl_store_exists(w.s, gyl_view_str("lease/k2"), &dict), GYL_STORE_OK);
	assert_false(dict);
	assert_int_equal(gyl_store_get(w.s, gyl_view_str("lease/k3"), &val), GYL_STORE_NOT_FOUND);
	assert_int_equal(gyl_store_modified(w.s, gyl_view_str("lease/k2"), &ms), GYL_STORE_OK);
	assert_int_equal(gyl_store_digest(w.s, gyl_view_str("lease/k2"), digest[0]), GYL_STORE_OK);
	world_close(&plain);
	world_close(&w);
}

/* The dictionary goes with its last value, its time stays above it. */
static void an_owned_dictionary_comes_and_goes(void **state)
{
	struct gyl_record set = owned_record("lease/k1", "x"), gone = owned_record("lease/k1", "");
	struct world w;
	uint64_t seq, ms;
	bool dict;

	(void)state;
	world_open(&w, 50, 20000, 600);
	world_own(&w);
	assert_int_equal(gyl_store_exists(w.s, gyl_view_str("lease"), &dict), GYL_STORE_NOT_FOUND);
	assert_int_equal(world_batch(&w, &set, 1, &seq), GYL_STORE_OK);
	assert_int_equal(gyl_store_exists(w.s, gyl_view_str("lease"), &dict), GYL_STORE_OK);
	assert_true(dict);
	w.wall_ns += 500;
	assert_int_equal(world_batch(&w, &gone, 1, &seq), GYL_STORE_OK);
	assert_int_equal(gyl_store_exists(w.s, gyl_view_str("lease"), &dict), GYL_STORE_NOT_FOUND);
	assert_int_equal(gyl_store_modified(w.s, gyl_view_str(""), &ms), GYL_STORE_OK);
	assert_int_equal(ms, w.wall_ns);
	world_settle(&w);
	world_boot(&w);
	world_replay(&w);
	assert_int_equal(gyl_store_exists(w.s, gyl_view_str("lease"), &dict), GYL_STORE_NOT_FOUND);
	assert_int_equal(w.shelf->take_cnt, 1);
	world_close(&w);
}

/* What was written before there was an owner, by an earlier version, is told to it. */
static void an_owner_takes_over_what_is_there(void **state)
{
	struct world w;
	uint64_t hash;

	(void)state;
	world_open(&w, 50, 20000, 600);
	world_set(&w, "lease/k1", "one");
	world_set(&w, "lease/k2", "two");
	world_set(&w, "seed", "x");
	world_remove(&w, "lease");
	world_set(&w, "lease/k7", "seven");
	world_settle(&w);
	hash = world_hash(&w);
	w.shelf = calloc(1, sizeof *w.shelf);
	assert_non_null(w.shelf);
	world_boot(&w);
	world_replay(&w);
	assert_int_equal(w.shelf->take_cnt, 3);
	assert_true(world_hash(&w) == hash);
	world_audit(&w);
	world_close(&w);
}

/* A record that its owner cannot make sense of would be gone with the next compaction. */
static void an_odd_record_is_counted(void **state)
{
	struct world w;

	(void)state;
	world_open(&w, 50, 20000, 600);
	world_set(&w, "lease/what", "?");
	world_settle(&w);
	w.shelf = calloc(1, sizeof *w.shelf);
	assert_non_null(w.shelf);
	world_boot(&w);
	world_replay(&w);
	assert_int_equal(w.s->info.refused_cnt, 1);
	world_close(&w);
}

/* Nothing may be written, and no compaction ended, before owners know what they have. */
static void nothing_is_written_before_owners_are_told(void **state)
{
	struct gyl_record set = owned_record("lease/k1", "x");
	struct gyl_store_write write;
	struct world w;
	uint64_t seq;

	(void)state;
	world_open(&w, 50, 20000, 600);
	w.shelf = calloc(1, sizeof *w.shelf);
	assert_non_null(w.shelf);
	world_boot(&w);
	world_scan(&w);
	world_set(&w, "seed", "x");
	set.place = 2;
	assert_int_equal(gyl_store_batch(w.s, 1, &set, 1, &seq), GYL_STORE_BUSY);
	assert_false(gyl_store_write_next(w.s, UINT64_MAX / 2, &write));
	assert_int_equal(gyl_store_deadline_ns(w.s), UINT64_MAX);
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_stories),
		cmocka_unit_test(batch_table),
		cmocka_unit_test(bounds),
		cmocka_unit_test(modified),
		cmocka_unit_test(digest),
		cmocka_unit_test(watch),
		cmocka_unit_test(walk),
		cmocka_unit_test(a_full_store_takes_renewals),
		cmocka_unit_test(a_full_store_takes_an_owners_renewals),
		cmocka_unit_test(a_digest_is_made_in_steps),
		cmocka_unit_test(a_rewrite_leaves_nothing_in_the_old_extent),
		cmocka_unit_test(what_has_an_owner_is_the_owners),
		cmocka_unit_test(owned_values_read_as_others_do),
		cmocka_unit_test(an_owned_dictionary_comes_and_goes),
		cmocka_unit_test(an_owner_takes_over_what_is_there),
		cmocka_unit_test(an_odd_record_is_counted),
		cmocka_unit_test(nothing_is_written_before_owners_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
