/* SPDX-License-Identifier: ISC */

/* What two servers say to each other, and what somebody in between may do about it: nothing. */

#include "services/base/replica.h"
#include "tests/support/support.h"

static const char secret[] = "a secret of the two servers";

struct pair {
	struct gyl_replica a, b; /* a opens */
	uint8_t hello_a[GYL_REPLICA_HELLO_LEN], hello_b[GYL_REPLICA_HELLO_LEN];
};

static struct gyl_view str(const char *s)
{
	return gyl_view(s, strlen(s));
}

static void begin(struct pair *p, const char *secret_b)
{
	uint8_t nonce[GYL_REPLICA_NONCE_LEN];

	assert_true(gyl_replica_init(&p->a, str(secret)));
	assert_true(gyl_replica_init(&p->b, str(secret_b)));
	memset(nonce, 1, sizeof nonce);
	gyl_replica_begin(&p->a, true, nonce, p->hello_a);
	memset(nonce, 2, sizeof nonce);
	gyl_replica_begin(&p->b, false, nonce, p->hello_b);
}

static enum gyl_replica_got take(struct gyl_replica *r, const uint8_t *p, size_t len)
{
	struct gyl_replica_frame f;
	size_t used;

	return gyl_replica_take(r, gyl_view(p, len), &used, &f);
}

static void open_pair(struct pair *p, const char *secret_b)
{
	begin(p, secret_b);
	assert_int_equal(take(&p->a, p->hello_b, sizeof p->hello_b), GYL_REPLICA_HELLOED);
	assert_int_equal(take(&p->b, p->hello_a, sizeof p->hello_a), GYL_REPLICA_HELLOED);
}

static size_t frame(struct gyl_replica *r, uint8_t type, const char *body, uint8_t *buf)
{
	struct gyl_writer w;

	gyl_replica_body(&w, buf);
	gyl_put_bytes(&w, body, strlen(body));
	return gyl_replica_seal(r, type, &w, buf);
}

static void a_short_secret_is_refused(void **state)
{
	struct gyl_replica r;

	(void)state;
	assert_false(gyl_replica_init(&r, str("")));
	assert_false(gyl_replica_init(&r, str("fifteen octets.")));
	assert_true(gyl_replica_init(&r, str("sixteen octets..")));
}

static void both_hear_what_the_other_says(void **state)
{
	uint8_t buf[GYL_REPLICA_FRAME_MAX], back[GYL_REPLICA_FRAME_MAX];
	struct gyl_replica_frame f;
	struct pair p;
	size_t used, len;

	(void)state;
	open_pair(&p, secret);
	assert_false(p.b.proven);
	for (int i = 0; i < 3; i++) {
		len = frame(&p.a, 7, "there", buf);
		assert_int_equal(
			gyl_replica_take(&p.b, gyl_view(buf, len), &used, &f), GYL_REPLICA_FRAME);
		assert_int_equal(used, len);
		assert_int_equal(f.type, 7);
		assert_true(gyl_view_eq(f.body, str("there")));
		len = frame(&p.b, 9, "and back", back);
		assert_int_equal(
			gyl_replica_take(&p.a, gyl_view(back, len), &used, &f), GYL_REPLICA_FRAME);
		assert_true(gyl_view_eq(f.body, str("and back")));
	}
	assert_true(p.a.proven && p.b.proven);
}

/* Every prefix of a hello and of a frame waits for the rest; more than one is taken one by one. */
static void pieces_wait_for_the_rest(void **state)
{
	uint8_t buf[2 * GYL_REPLICA_FRAME_MAX];
	struct gyl_replica_frame f;
	struct pair p;
	size_t used, first, len;

	(void)state;
	begin(&p, secret);
	for (size_t n = 0; n < sizeof p.hello_b; n++)
		assert_int_equal(take(&p.a, p.hello_b, n), GYL_REPLICA_MORE);
	open_pair(&p, secret);
	first = frame(&p.a, 1, "one", buf);
	len = first + frame(&p.a, 2, "two", buf + first);
	for (size_t n = 0; n < first; n++)
		assert_int_equal(take(&p.b, buf, n), GYL_REPLICA_MORE);
	assert_int_equal(gyl_replica_take(&p.b, gyl_view(buf, len), &used, &f), GYL_REPLICA_FRAME);
	assert_int_equal(used, first);
	assert_int_equal(gyl_replica_take(&p.b, gyl_view(buf + used, len - used), &used, &f),
		GYL_REPLICA_FRAME);
	assert_int_equal(f.type, 2);
}

static void whoever_lacks_the_secret_says_nothing_that_counts(void **state)
{
	uint8_t buf[GYL_REPLICA_FRAME_MAX];
	struct pair p;

	(void)state;
	open_pair(&p, "another secret, as long");
	assert_int_equal(take(&p.b, buf, frame(&p.a, 1, "hello", buf)), GYL_REPLICA_BAD);
	assert_false(p.b.proven);
}

static void a_changed_frame_is_bad(void **state)
{
	uint8_t buf[GYL_REPLICA_FRAME_MAX];
	struct pair p;
	size_t len = 3;

	(void)state;
	for (size_t at = 2; at < len; at++) {
		open_pair(&p, secret);
		len = frame(&p.a, 1, "0123456789", buf);
		buf[at] ^= 0x40;
		assert_int_equal(take(&p.b, buf, len), GYL_REPLICA_BAD);
	}
}

static void lengths_out_of_bounds_are_bad(void **state)
{
	static const uint16_t bad[] = {0, 4, 35, GYL_REPLICA_FRAME_MAX + 1, 65535};
	uint8_t buf[GYL_REPLICA_FRAME_MAX];
	struct pair p;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(bad); i++) {
		open_pair(&p, secret);
		memset(buf, 0, sizeof buf);
		gyl_set_u16(buf, bad[i]);
		assert_int_equal(take(&p.b, buf, sizeof buf), GYL_REPLICA_BAD);
	}
}

static void frames_said_again_left_out_or_exchanged_are_bad(void **state)
{
	uint8_t one[GYL_REPLICA_FRAME_MAX], two[GYL_REPLICA_FRAME_MAX];
	size_t one_len, two_len;
	struct pair p;

	(void)state;
	open_pair(&p, secret);
	frame(&p.a, 1, "one", one);
	two_len = frame(&p.a, 1, "two", two);
	assert_int_equal(take(&p.b, two, two_len), GYL_REPLICA_BAD);
	open_pair(&p, secret);
	one_len = frame(&p.a, 1, "one", one);
	assert_int_equal(take(&p.b, one, one_len), GYL_REPLICA_FRAME);
	assert_int_equal(take(&p.b, one, one_len), GYL_REPLICA_BAD);
}

/* Sent back to where it came from: neither a hello nor a frame is taken for the other's. */
static void reflections_are_bad(void **state)
{
	uint8_t buf[GYL_REPLICA_FRAME_MAX];
	struct pair p;

	(void)state;
	begin(&p, secret);
	assert_int_equal(take(&p.a, p.hello_a, sizeof p.hello_a), GYL_REPLICA_BAD);
	open_pair(&p, secret);
	assert_int_equal(take(&p.a, buf, frame(&p.a, 1, "me", buf)), GYL_REPLICA_BAD);
}

/* A frame of an earlier connection, in which both had other numbers. */
static void an_old_frame_is_bad_in_a_new_connection(void **state)
{
	uint8_t buf[GYL_REPLICA_FRAME_MAX], nonce[GYL_REPLICA_NONCE_LEN] = {3};
	struct pair p;
	size_t len;

	(void)state;
	open_pair(&p, secret);
	len = frame(&p.a, 1, "one", buf);
	gyl_replica_begin(&p.b, false, nonce, p.hello_b);
	assert_int_equal(take(&p.b, p.hello_a, sizeof p.hello_a), GYL_REPLICA_HELLOED);
	assert_int_equal(take(&p.b, buf, len), GYL_REPLICA_BAD);
}

static void records_come_out_as_they_went_in(void **state)
{
	uint8_t buf[GYL_REPLICA_FRAME_MAX];
	struct gyl_record rec = {.key = str("dhcpd/lease/10.0.0.7"),
				  .val = str("1 leased"),
				  .remove = false},
			  got;
	struct gyl_view rest;
	struct gyl_writer w;
	unsigned cnt = 0;

	(void)state;
	gyl_replica_body(&w, buf);
	for (; gyl_replica_put_record(&w, &rec); cnt++)
		rec.remove = !rec.remove;
	assert_in_range(cnt, 40, 60);
	rest = gyl_writer_view(&w);
	for (unsigned i = 0; i < cnt; i++) {
		assert_true(gyl_replica_next_record(&rest, &got));
		assert_true(gyl_view_eq(got.key, rec.key));
		assert_int_equal(got.remove, i & 1);
		assert_int_equal(got.val.len, got.remove ? 0 : rec.val.len);
	}
	assert_false(gyl_replica_next_record(&rest, &got));
	assert_int_equal(rest.len, 0);
}

static void records_that_lie_about_their_length_are_none(void **state)
{
	static const uint8_t bad[][6] = {
		{2, 1, 0, 0, 'k', 'v'}, {0, 3, 0, 0, 'k', 'v'}, {0, 1, 0, 2, 'k', 'v'}};
	struct gyl_record got;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(bad); i++) {
		struct gyl_view rest = gyl_view(bad[i], 6);

		assert_false(gyl_replica_next_record(&rest, &got));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_short_secret_is_refused),
		cmocka_unit_test(both_hear_what_the_other_says),
		cmocka_unit_test(pieces_wait_for_the_rest),
		cmocka_unit_test(whoever_lacks_the_secret_says_nothing_that_counts),
		cmocka_unit_test(a_changed_frame_is_bad),
		cmocka_unit_test(lengths_out_of_bounds_are_bad),
		cmocka_unit_test(frames_said_again_left_out_or_exchanged_are_bad),
		cmocka_unit_test(reflections_are_bad),
		cmocka_unit_test(an_old_frame_is_bad_in_a_new_connection),
		cmocka_unit_test(records_come_out_as_they_went_in),
		cmocka_unit_test(records_that_lie_about_their_length_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
