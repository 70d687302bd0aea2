/* SPDX-License-Identifier: ISC */

/* UPDATE through the core: stored before it is answered, there again after a start, and its file.
 */

#include "tests/unit/dns/rig.h"

#include "services/dns/bundle.h"
#include "services/dns/core_own.h"
#include "services/dns/tsig.h"

enum {
	SPACE = 3 << 20
};

/* The configuration: one zone, that "k." may change. */
struct grants {
	struct block block;
	struct gyl_dns_conf_zone zone;
	struct gyl_dns_conf_grant grant;
	uint8_t name[8], key[4];
};

struct bench {
	struct outbox b;
	struct gyl_dns *d;
	void *mem;
	struct grants cf;
	struct world *w;
	struct gyl_dns_tsig_keys keys;
	uint8_t *bundle;
	size_t bundle_len;
	struct gyl_dns_sign sign;
};

static struct gyl_ref at(size_t off, uint32_t cnt)
{
	return (struct gyl_ref){(uint32_t)off, cnt};
}

static void put_part(struct bench *t, struct gyl_dns_part_entry *e, enum gyl_dns_part kind,
	const void *p, size_t len)
{
	*e = (struct gyl_dns_part_entry){kind, (uint32_t)t->bundle_len, (uint32_t)len, 0};
	if (len != 0)
		memcpy(t->bundle + t->bundle_len, p, len);
	t->bundle_len += (len + 7) & ~(size_t)7;
}

/* What the loader hands over: the fixed zones, the zone that changes, a key. */
static struct gyl_view make_bundle(struct bench *t, unsigned serial)
{
	struct gyl_dns_part_entry e[3];
	struct gyl_dns_bundle_end end = {3, GYL_DNS_BUNDLE_MAGIC};
	char text[200];
	struct zone_text zone = {"z.test.", text};
	struct gyl_view image;
	uint8_t part[100];
	struct gyl_writer w;

	(void)snprintf(text, sizeof text, "@ 60 SOA ns root %u 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n",
		serial);
	image = image_of(&zone, 1, NULL, 0);
	gyl_writer_init(&w, part, sizeof part);
	gyl_dns_tsig_put_key(&w, (const uint8_t *)"\001k", GYL_DNS_TSIG_SHA256,
		gyl_view_str("something secret"));
	free(t->bundle);
	t->bundle = aligned_alloc(8, 1 << 20);
	t->bundle_len = 0;
	assert_non_null(t->bundle);
	memset(t->bundle, 0, 1 << 20);
	put_part(t, &e[0], GYL_DNS_PART_IMAGE, t->w->image.p, t->w->image.len);
	put_part(t, &e[1], GYL_DNS_PART_ZONE, image.p, image.len);
	put_part(t, &e[2], GYL_DNS_PART_KEYS, part, w.len);
	gyl_build_unmap(image);
	memcpy(t->bundle + t->bundle_len, e, sizeof e);
	memcpy(t->bundle + t->bundle_len + sizeof e, &end, sizeof end);
	t->bundle_len += sizeof e + sizeof end;
	assert_true(gyl_dns_tsig_load(&t->keys, gyl_writer_view(&w), 0));
	return gyl_view(t->bundle, t->bundle_len);
}

static void start_core(struct bench *t, unsigned serial)
{
	struct gyl_dns_init init = {.seed = {1, 2}};

	init.data = make_bundle(t, serial);
	init.flat = &t->cf.block.flat;
	init.cf = &t->cf.block.conf;
	assert_true(
		gyl_dns_bundle_find(init.data, GYL_DNS_PART_IMAGE, 0, &(struct gyl_view){NULL, 0}));
	init.image = t->w->data.image;
	free(t->mem);
	t->mem = aligned_alloc(16, (gyl_dns_need(init.cf) + 15) & ~(size_t)15);
	assert_non_null(t->mem);
	t->d = gyl_dns_init(t->mem, &init);
}

static struct bench *bench_open(void)
{
	struct bench *t = calloc(1, sizeof *t);
	struct grants *c;

	assert_non_null(t);
	c = &t->cf;
	outbox_open(&t->b);
	make_block(&c->block, "", 60 * GYL_NS_PER_S);
	memcpy(c->name, "\001z\004test", sizeof c->name);
	memcpy(c->key, "\001k", 3);
	c->block.conf.zones = at(offsetof(struct grants, zone), 1);
	c->block.conf.zone_space = SPACE;
	c->zone.name = at(offsetof(struct grants, name), sizeof c->name);
	c->zone.update = at(offsetof(struct grants, grant), 1);
	c->grant.key = at(offsetof(struct grants, key), 3);
	t->w = world_open(zones, 2);
	start_core(t, 10);
	return t;
}

static void bench_close(struct bench *t)
{
	outbox_close(&t->b);
	world_close(t->w);
	free(t->mem);
	free(t->bundle);
	free(t);
}

/* A signed UPDATE that adds an address. */
static struct gyl_view make_update(struct bench *t, const char *host, bool signed_)
{
	static uint8_t buf[600];
	struct gyl_dns_writer d;
	struct gyl_writer w;
	uint8_t zone[GYL_DNS_NAME_MAX], name[GYL_DNS_NAME_MAX];
	size_t len = 0;

	name_of("z.test.", zone);
	name_of(host, name);
	gyl_dns_begin(&d, buf, sizeof buf, 77, gyl_dns_opcode_bits(GYL_DNS_OP_UPDATE), 0);
	gyl_dns_put_question(&d, zone, GYL_DNS_TYPE_SOA, GYL_DNS_CLASS_IN);
	gyl_dns_put_a(&d, GYL_DNS_AUTHORITY, name, 60, 0xc0000209);
	assert_int_equal(gyl_dns_end(&d, &len).err, GYL_OK);
	gyl_writer_init(&w, buf, sizeof buf);
	w.len = len;
	if (signed_)
		gyl_dns_tsig_request(&t->sign, &t->keys.key[0], t->b.now.wall_ns, &w);
	return gyl_writer_view(&w);
}

/* A signed UPDATE that adds an address when the name is not in use, or deletes it. */
static struct gyl_view make_guarded(struct bench *t, const char *host, uint16_t id, bool added)
{
	static uint8_t buf[600];
	struct gyl_dns_writer d;
	struct gyl_writer w;
	uint8_t zone[GYL_DNS_NAME_MAX], name[GYL_DNS_NAME_MAX];
	const struct gyl_view none = {NULL, 0};
	size_t len = 0;

	name_of("z.test.", zone);
	name_of(host, name);
	gyl_dns_begin(&d, buf, sizeof buf, id, gyl_dns_opcode_bits(GYL_DNS_OP_UPDATE), 0);
	gyl_dns_put_question(&d, zone, GYL_DNS_TYPE_SOA, GYL_DNS_CLASS_IN);
	if (added) {
		gyl_dns_put_rr(
			&d, GYL_DNS_ANSWER, name, GYL_DNS_TYPE_ANY, GYL_DNS_CLASS_NONE, 0, none);
		gyl_dns_put_a(&d, GYL_DNS_AUTHORITY, name, 60, 0xc0000209);
	} else {
		gyl_dns_put_rr(
			&d, GYL_DNS_AUTHORITY, name, GYL_DNS_TYPE_ANY, GYL_DNS_CLASS_ANY, 0, none);
	}
	assert_int_equal(gyl_dns_end(&d, &len).err, GYL_OK);
	gyl_writer_init(&w, buf, sizeof buf);
	w.len = len;
	gyl_dns_tsig_request(&t->sign, &t->keys.key[0], t->b.now.wall_ns, &w);
	return gyl_writer_view(&w);
}

static const struct gyl_peer peer = {.ip = 0x0a4d0009, .port = 5353};

/* The rcode of the answer that was sent, and that its TSIG is good. */
static unsigned answer_of(struct bench *t, size_t skip, bool signed_)
{
	struct gyl_view a = outbox_sent(&t->b, 0);
	struct gyl_dns_msg m;

	a = gyl_view_sub(a, skip, a.len);
	assert_int_equal(gyl_dns_decode(a, &m).err, GYL_OK);
	assert_int_equal(m.header.id, 77);
	if (signed_) {
		assert_int_not_equal(m.tsig_off, 0);
		assert_true(gyl_dns_tsig_check(&t->sign, t->b.now.wall_ns, m.raw, m.tsig_off));
	}
	return m.header.flags & GYL_DNS_RCODE_MASK;
}

static unsigned update(struct bench *t, const char *host, bool signed_)
{
	struct gyl_view msg = make_update(t, host, signed_);

	outbox_dgram(&t->b, &gyl_dns_core, t->d, GYL_DNS_UDP, &peer, msg.p, msg.len);
	assert_int_equal(t->b.out.send_cnt, 1);
	return answer_of(t, 0, signed_);
}

static void row(struct bench *t, const char *name, const char *type, const char *want)
{
	struct gyl_view a;

	outbox_dgram(&t->b, &gyl_dns_core, t->d, GYL_DNS_UDP, &peer, t->w->query,
		make_query(t->w, name, type));
	assert_int_equal(t->b.out.send_cnt, 1);
	a = outbox_sent(&t->b, 0);
	memcpy(t->w->msg, a.p, a.len);
	t->w->len = a.len;
	show_answer(t->w);
	assert_string_equal(t->w->text, want);
}

#define THERE     "NOERROR AA; an x.z.test. 60 A 192.0.2.9"
#define NOT_THERE "NXDOMAIN AA; ns SOA z.test. 5"
#define SOA_IS(n) "NOERROR AA; an z.test. 60 SOA ns.z.test. root.z.test. " #n " 2 3 4 5"

/* RFC 2136 3.5: the answer waits until the change is durable. */
static void rfc2136_3_5_durable_before_said(void **state)
{
	struct bench *t = bench_open();

	(void)state;
	assert_int_equal(update(t, "x.z.test.", true), GYL_DNS_NOERROR);
	assert_int_not_equal(t->b.seq, 0);
	assert_int_equal(t->b.send[0].after, t->b.seq);
	assert_non_null(outbox_event(&t->b, GYL_EV_DNS_UPDATE));
	row(t, "x.z.test.", "A", THERE);
	row(t, "z.test.", "SOA", SOA_IS(11));
	/* what changes nothing is stored by nobody, and waits for nothing; signed a second later
	 * it is another message */
	outbox_advance(&t->b, &gyl_dns_core, t->d, GYL_NS_PER_S);
	assert_int_equal(update(t, "x.z.test.", true), GYL_DNS_NOERROR);
	assert_int_equal(t->b.send[0].after, 0);
	row(t, "z.test.", "SOA", SOA_IS(11));
	bench_close(t);
}

static void rfc2136_over_a_stream(void **state)
{
	struct bench *t = bench_open();
	struct gyl_view msg;
	uint8_t buf[700];
	struct gyl_in open = {.kind = GYL_IN_OPENED, .role = GYL_DNS_TCP, .flow = 0x80000001u};
	struct gyl_in in = {
		.kind = GYL_IN_BYTES, .role = GYL_DNS_TCP, .flow = 0x80000001u, .room = 65536};

	(void)state;
	msg = make_update(t, "x.z.test.", true);
	gyl_set_u16(buf, (uint16_t)msg.len);
	memcpy(buf + 2, msg.p, msg.len);
	in.data = gyl_view(buf, msg.len + 2);
	assert_int_equal(outbox_input(&t->b, &gyl_dns_core, t->d, &open, 1), 1);
	assert_int_equal(outbox_input(&t->b, &gyl_dns_core, t->d, &in, 1), 1);
	assert_int_equal(in.used, in.data.len);
	assert_int_equal(t->b.out.send_cnt, 1);
	assert_int_equal(t->b.send[0].flow, in.flow);
	assert_int_equal(t->b.send[0].after, t->b.seq);
	assert_int_equal(answer_of(t, 2, true), GYL_DNS_NOERROR);
	row(t, "x.z.test.", "A", THERE);
	bench_close(t);
}

static unsigned rcode_of(struct bench *t, struct gyl_view msg)
{
	struct gyl_dns_header h;

	outbox_dgram(&t->b, &gyl_dns_core, t->d, GYL_DNS_UDP, &peer, msg.p, msg.len);
	assert_int_equal(t->b.out.send_cnt, 1);
	assert_int_equal(gyl_dns_header_decode(outbox_sent(&t->b, 0), &h).err, GYL_OK);
	return h.flags & GYL_DNS_RCODE_MASK;
}

/* The answer was lost: the same octets come again, and must not fail for what they did themselves,
 * nor undo what came after them. */
static void an_update_that_comes_again_is_not_done_again(void **state)
{
	struct bench *t = bench_open();
	static uint8_t copy[600];
	struct gyl_view msg = make_guarded(t, "x.z.test.", 1, true), other;
	struct gyl_dns_stat stat;
	uint64_t after;

	(void)state;
	memcpy(copy, msg.p, msg.len);
	msg.p = copy;
	assert_int_equal(rcode_of(t, msg), GYL_DNS_NOERROR);
	after = t->b.send[0].after;
	assert_int_equal(after, t->b.seq);
	assert_int_equal(rcode_of(t, msg), GYL_DNS_NOERROR);
	/* it is said no sooner than the first time, and the change is one */
	assert_int_equal(t->b.send[0].after, after);
	row(t, "z.test.", "SOA", SOA_IS(11));
	other = make_guarded(t, "x.z.test.", 2, false);
	assert_int_equal(rcode_of(t, other), GYL_DNS_NOERROR);
	assert_int_equal(rcode_of(t, msg), GYL_DNS_NOERROR);
	row(t, "x.z.test.", "A", NOT_THERE);
	gyl_dns_stat(t->d, &stat);
	assert_int_equal(stat.update_again_cnt, 2);
	assert_int_equal(stat.changed_cnt, 2);
	/* the same in a message of its own is another one */
	assert_int_equal(rcode_of(t, make_guarded(t, "x.z.test.", 3, true)), GYL_DNS_NOERROR);
	assert_int_equal(rcode_of(t, make_guarded(t, "x.z.test.", 4, true)), GYL_DNS_YXDOMAIN);
	/* what was refused is tried again */
	t->b.store_full = true;
	other = make_guarded(t, "y.z.test.", 5, true);
	assert_int_equal(rcode_of(t, other), GYL_DNS_SERVFAIL);
	t->b.store_full = false;
	assert_int_equal(rcode_of(t, other), GYL_DNS_NOERROR);
	bench_close(t);
}

/* More than are remembered: the oldest is done again, the others are not. */
static void updates_are_remembered_up_to_a_bound(void **state)
{
	struct bench *t = bench_open();
	static uint8_t first[600], second[600];
	size_t len[2] = {0, 0};
	char host[40];

	(void)state;
	for (unsigned i = 0; i <= GYL__DNS_DONE_MAX; i++) {
		struct gyl_view msg;

		(void)snprintf(host, sizeof host, "h%u.z.test.", i % 50);
		msg = make_guarded(t, host, (uint16_t)i, i / 50 % 2 == 0);
		if (i < 2) {
			memcpy(i == 0 ? first : second, msg.p, msg.len);
			len[i] = msg.len;
		}
		assert_int_equal(rcode_of(t, msg), GYL_DNS_NOERROR);
		t->b.record_cnt = 0;
	}
	assert_int_equal(rcode_of(t, gyl_view(second, len[1])), GYL_DNS_NOERROR);
	assert_int_equal(rcode_of(t, gyl_view(first, len[0])), GYL_DNS_YXDOMAIN);
	bench_close(t);
}

static void a_full_store_changes_nothing(void **state)
{
	struct bench *t = bench_open();

	(void)state;
	t->b.store_full = true;
	assert_int_equal(update(t, "x.z.test.", true), GYL_DNS_SERVFAIL);
	t->b.store_full = false;
	row(t, "x.z.test.", "A", NOT_THERE);
	row(t, "z.test.", "SOA", SOA_IS(10));
	assert_int_equal(update(t, "x.z.test.", true), GYL_DNS_NOERROR);
	row(t, "z.test.", "SOA", SOA_IS(11));
	bench_close(t);
}

static void who_has_no_key_changes_nothing(void **state)
{
	struct bench *t = bench_open();

	(void)state;
	assert_int_equal(update(t, "x.z.test.", false), GYL_DNS_REFUSED);
	row(t, "x.z.test.", "A", NOT_THERE);
	assert_int_equal(t->b.seq, 0);
	bench_close(t);
}

/* A start with the same file has the changes, with a later one it has the file, and the store
 * forgets. */
static void a_start_meets_the_file(void **state)
{
	struct bench *t = bench_open();

	(void)state;
	assert_int_equal(update(t, "x.z.test.", true), GYL_DNS_NOERROR);
	start_core(t, 10);
	outbox_restore(&t->b, &gyl_dns_core, t->d);
	row(t, "x.z.test.", "A", THERE);
	row(t, "z.test.", "SOA", SOA_IS(11));
	start_core(t, 12);
	outbox_restore(&t->b, &gyl_dns_core, t->d);
	outbox_tick(&t->b, &gyl_dns_core, t->d);
	assert_non_null(outbox_event(&t->b, GYL_EV_DNS_CHANGED));
	row(t, "x.z.test.", "A", NOT_THERE);
	row(t, "z.test.", "SOA", SOA_IS(12));
	/* then it knows the new file */
	assert_true(t->b.record[t->b.record_cnt - 2].remove);
	assert_memory_equal(t->b.record[t->b.record_cnt - 2].key, "dns/zone/z.test.", 16);
	assert_false(t->b.record[t->b.record_cnt - 1].remove);
	assert_memory_equal(t->b.record[t->b.record_cnt - 1].key, "dns/zone/z.test./#file", 22);
	bench_close(t);
}

/* The serial that secondaries are told; 0: the zone is not told now. */
static uint32_t told(struct bench *t)
{
	static const uint8_t apex[] = "\001z\004test";
	struct gyl_dns_walk w;

	outbox_advance(&t->b, &gyl_dns_core, t->d, 10 * GYL_NS_PER_MS);
	assert_true(gyl_dns_walk_begin(&t->d->data, &t->d->policy, apex, sizeof apex, &w));
	return gyl_dns_walk_stands(&w) ? w.serial : 0;
}

static void new_file(struct bench *t, unsigned serial)
{
	uint8_t *was = t->bundle;
	struct gyl_in in = {.kind = GYL_IN_DATA, .key = gyl_view_str("dns")};

	t->bundle = NULL;
	in.data = make_bundle(t, serial);
	assert_int_equal(outbox_input(&t->b, &gyl_dns_core, t->d, &in, 1), 1);
	free(was);
}

/* After a crash that takes back what the store heard of a file, one with the same serial and other
 * records could not be told from it: until it knows the file for good, nobody else does. */
static void a_file_is_told_when_the_store_knows_it(void **state)
{
	struct bench *t = bench_open();

	(void)state;
	t->b.out.durable = 0;
	assert_int_equal(told(t), 0);
	row(t, "z.test.", "SOA", SOA_IS(10));
	t->b.out.durable = t->b.seq;
	assert_int_equal(told(t), 10);
	new_file(t, 12);
	assert_int_equal(told(t), 10);
	row(t, "z.test.", "SOA", SOA_IS(12));
	t->b.out.durable = t->b.seq;
	assert_int_equal(told(t), 12);
	bench_close(t);
}

/* A new file that changes nothing does not tell of an update before its time. */
static void the_same_file_again_tells_nothing_early(void **state)
{
	struct bench *t = bench_open();
	uint64_t first;

	(void)state;
	assert_int_equal(told(t), 10);
	t->b.out.durable = t->b.seq;
	assert_int_equal(update(t, "x.z.test.", true), GYL_DNS_NOERROR);
	first = t->b.seq;
	assert_int_equal(update(t, "y.z.test.", true), GYL_DNS_NOERROR);
	new_file(t, 9);
	t->b.out.durable = first;
	assert_int_equal(told(t), 11);
	t->b.out.durable = t->b.seq;
	assert_int_equal(told(t), 12);
	bench_close(t);
}

/* A bundle that is broken in any place replaces nothing. */
static void a_broken_bundle_is_not_taken(void **state)
{
	struct bench *t = bench_open();
	struct gyl_in in = {.kind = GYL_IN_DATA, .key = gyl_view_str("dns")};
	uint8_t *copy = aligned_alloc(8, 1 << 20);
	size_t len = t->bundle_len;

	(void)state;
	assert_non_null(copy);
	assert_int_equal(update(t, "x.z.test.", true), GYL_DNS_NOERROR);
	memcpy(copy, t->bundle, len);
	copy[len - 200] ^= 1; /* in the zone's image */
	for (size_t i = t->w->image.len; i < len - 100; i += 13)
		copy[i] ^= 0x55;
	in.data = gyl_view(copy, len);
	assert_int_equal(outbox_input(&t->b, &gyl_dns_core, t->d, &in, 1), 1);
	row(t, "x.z.test.", "A", THERE);
	free(copy);
	bench_close(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc2136_3_5_durable_before_said),
		cmocka_unit_test(rfc2136_over_a_stream),
		cmocka_unit_test(an_update_that_comes_again_is_not_done_again),
		cmocka_unit_test(updates_are_remembered_up_to_a_bound),
		cmocka_unit_test(a_full_store_changes_nothing),
		cmocka_unit_test(who_has_no_key_changes_nothing),
		cmocka_unit_test(a_start_meets_the_file),
		cmocka_unit_test(a_file_is_told_when_the_store_knows_it),
		cmocka_unit_test(the_same_file_again_tells_nothing_early),
		cmocka_unit_test(a_broken_bundle_is_not_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
