/* SPDX-License-Identifier: ISC */

/*
 * Copies of signed zones. Zones signed by ldns-signzone and dnssec-signzone leave by AXFR, come in
 * as copies, and every question about the copies gets what a strict validator wants, as from the
 * zones themselves (test_proof.c).
 */

#include "tests/unit/dns/signed.h"

#include "services/dns/live_own.h"
#include "services/dns/second.h"
#include "services/dns/transfer.h"

enum {
	SPACE = 8 << 20,
	ID = 4711
};

static const uint8_t top[] = "\004hard\007example";

struct copy {
	void *mem;
	struct gyl_dns_lives all;
	struct gyl_dns_ledger ledger;
	struct gyl_dns_edit edit;
	struct gyl__dns_take t;
	struct world *from, *to;
	uint8_t msg[65535];
};

static struct world *open_file(const char *name)
{
	char *text = signed_zone_text(name);
	const struct zone_text zone = {"hard.example.", text};
	struct world *w = world_open(&zone, 1);

	want_proofs(w);
	free(text);
	return w;
}

static void seal(struct copy *c)
{
	enum gyl_dns_sealed sealed = GYL_DNS_SEAL_MORE;

	while (sealed == GYL_DNS_SEAL_MORE) {
		sealed = gyl_dns_live_seal(&c->all, c->t.in);
		(void)gyl_dns_lives_tidy(&c->all);
	}
	assert_int_equal(sealed, GYL_DNS_SEAL_DONE);
	if (c->t.z != NULL)
		gyl_dns_live_drop_later(&c->all, c->t.z);
	c->t.z = c->t.in;
	c->t.in = NULL;
	c->t.cloned = false;
	c->t.z->hidden = false;
}

static struct gyl_view begin_question(struct copy *c, struct gyl_dns_query *q)
{
	size_t len = make_query(c->from, "hard.example.", "AXFR");
	struct gyl_view query = gyl_view(c->from->query, len);

	assert_int_equal(gyl_dns_decode_query(query, q).err, GYL_OK);
	return query;
}

/* All that the zone's server sends. */
static void transfer(struct copy *c)
{
	enum gyl_dns_next next = GYL_DNS_NEXT;
	enum gyl__dns_got got = GYL__DNS_GOT_MORE;
	struct gyl_dns_transfer out;
	struct gyl_dns_query q;
	struct gyl_view query = begin_question(c, &q);
	size_t len;

	gyl__dns_take_begin(&c->t, false);
	assert_true(
		gyl_dns_transfer_begin(&out, &c->from->data, &c->from->policy, query, &q, NULL));
	while (next == GYL_DNS_NEXT) {
		assert_int_equal(got, GYL__DNS_GOT_MORE);
		next = gyl_dns_transfer_next(&out, 0, c->msg, sizeof c->msg, &len);
		assert_int_not_equal(next, GYL_DNS_GONE);
		do
			got = gyl__dns_take_message(&c->t, 0, gyl_view(c->msg, len));
		while (got == GYL__DNS_GOT_BUSY);
	}
	if (got != GYL__DNS_GOT_ZONE)
		fail_msg("%s", c->t.why);
	seal(c);
}

static struct copy *copy_open(const char *name)
{
	static const uint64_t seed[2] = {1, 2};
	struct copy *c = calloc(1, sizeof *c);

	assert_non_null(c);
	c->mem = aligned_alloc(16, SPACE);
	assert_non_null(c->mem);
	gyl_dns_lives_init(&c->all, c->mem, SPACE);
	gyl_dns_ledger_init(&c->ledger, c->all.log_mem, c->all.log_cap);
	c->t = (struct gyl__dns_take){.all = &c->all,
		.ledger = &c->ledger,
		.edit = &c->edit,
		.id = ID,
		.apex_len = sizeof top};
	memcpy(c->t.apex, top, sizeof top);
	c->from = open_file(name);
	transfer(c);
	c->to = open_file(name);
	c->to->data.image = NULL;
	c->to->data.lives = &c->all;
	gyl_dns_overlay_init(&c->to->overlay, c->to->overlay_mem, 64, seed);
	return c;
}

static void copy_close(struct copy *c)
{
	world_close(c->from);
	world_close(c->to);
	free(c->mem);
	free(c);
}

static void check_copy(struct copy *c, struct world *without)
{
	struct pair *p = calloc(1, sizeof *p);
	const struct gyl_dns_image *im = c->from->data.image;
	const struct gyl_dns_node *n;
	uint32_t off = im->node_off;

	assert_non_null(p);
	p->with = c->to;
	p->without = without;
	p->top = top;
	while ((n = gyl_dns_image_walk(im, &off)) != NULL)
		check_around(p, n->name);
	assert_true(p->asked > 5000);
	free(p);
}

static void rfc4035_3_1_every_answer_of_a_copy_is_proven(void **state)
{
	static const char *const name[] = {"nsec", "nsec3", "optout"};
	struct world *without = open_file("unsigned");

	(void)state;
	for (size_t i = 0; i < TEST_CNT(name); i++) {
		struct copy *c = copy_open(name[i]);
		const struct gyl_dns_zone *is = gyl_dns_image_zone(c->t.z->view, 0);
		const struct gyl_dns_zone *was = gyl_dns_image_zone(c->from->data.image, 0);

		assert_int_equal(is->denial_cnt, was->denial_cnt);
		assert_int_equal(is->rr_cnt, was->rr_cnt);
		assert_int_equal(is->name_cnt, was->name_cnt);
		check_copy(c, without);
		copy_close(c);
	}
	world_close(without);
}

/* What lies in front of the zone goes: all of it moves, the order of denial too. */
static void a_copy_that_moves_is_proven(void **state)
{
	static const char *const name[] = {"nsec", "nsec3"};
	struct world *without = open_file("unsigned");

	(void)state;
	for (size_t i = 0; i < TEST_CNT(name); i++) {
		struct copy *c = copy_open(name[i]);

		struct gyl_dns_live *first = c->t.z;

		c->all.heap.tidy_min = 0;
		c->t.z = NULL;
		transfer(c);
		gyl_dns_live_drop(&c->all, first);
		while (gyl_dns_lives_tidy(&c->all))
			;
		/* who still looks where it was finds nothing good */
		memset(c->all.heap.base + c->all.heap.end, 0xff, c->all.heap.cap - c->all.heap.end);
		check_copy(c, without);
		copy_close(c);
	}
	world_close(without);
}

/* The copy of a copy is the same zone, NSEC3 and all signatures included. */
static void a_copy_is_copied_whole(void **state)
{
	struct copy *c = copy_open("nsec3"), *again = copy_open("nsec3");

	(void)state;
	again->from->data = c->to->data;
	again->t.z->expired = true; /* the same serial is good enough */
	transfer(again);
	assert_int_equal(gyl_dns_image_zone(again->t.z->view, 0)->rr_cnt,
		gyl_dns_image_zone(c->t.z->view, 0)->rr_cnt);
	assert_int_equal(gyl_dns_image_zone(again->t.z->view, 0)->denial_cnt,
		gyl_dns_image_zone(c->t.z->view, 0)->denial_cnt);
	copy_close(again);
	copy_close(c);
}

/* Changes of a signed zone are made in a copy of it, whose order of denial is made anew. */
static void changes_of_a_signed_zone(void **state)
{
	struct world *without = open_file("unsigned");
	struct copy *c = copy_open("nsec3");
	enum gyl__dns_got got = GYL__DNS_GOT_MORE;

	(void)state;
	assert_true(gyl_dns_live_signed(c->t.z));
	while (got == GYL__DNS_GOT_MORE)
		got = gyl__dns_take_clone(&c->t);
	assert_int_equal(got, GYL__DNS_GOT_CLONE);
	seal(c);
	assert_int_equal(gyl_dns_image_zone(c->t.z->view, 0)->denial_cnt,
		gyl_dns_image_zone(c->from->data.image, 0)->denial_cnt);
	check_copy(c, without);
	copy_close(c);
	world_close(without);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc4035_3_1_every_answer_of_a_copy_is_proven),
		cmocka_unit_test(a_copy_that_moves_is_proven),
		cmocka_unit_test(a_copy_is_copied_whole),
		cmocka_unit_test(changes_of_a_signed_zone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
