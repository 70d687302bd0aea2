/* SPDX-License-Identifier: ISC */

/* NOTIFY to secondaries (RFC 1996): when, how often, and whose word ends it. */

#include "tests/unit/dns/rig.h"

#include <gyl/rng.h>

#include "services/dns/core_own.h"

#define SECONDARY UINT32_C(0xc0000235)

/* A configuration with a zone that has a secondary. */
struct shared {
	struct block block;
	struct gyl_dns_conf_zone zone;
	struct gyl_dns_conf_peer to[1];
	uint8_t name[256], key[256];
};

struct teller {
	struct rig *r;
	struct gyl_rng rng;
	struct shared s;
	struct world *next; /* the zones of a new file */
};

static uint32_t off_in(const struct shared *s, const void *p)
{
	return (uint32_t)((const uint8_t *)p - (const uint8_t *)s);
}

static struct teller *teller_open(void)
{
	struct teller *t = calloc(1, sizeof *t);
	struct gyl_dns_init init = {.seed = {1, 2}};
	struct shared *s = &t->s;

	t->r = rig_open("lab.");
	make_block(&s->block, "lab.", 60 * GYL_NS_PER_S);
	s->block.flat.len = sizeof *s;
	s->to[0].address.ip = SECONDARY;
	s->zone.name = (struct gyl_ref){off_in(s, s->name), (uint32_t)name_of("lab.", s->name)};
	s->zone.notify = (struct gyl_ref){off_in(s, s->to), 1};
	s->block.conf.zones = (struct gyl_ref){off_in(s, &s->zone), 1};
	s->block.flat.checksum = gyl_flat_checksum(&s->block.flat);
	gyl_rng_init(&t->rng, GYL_RNG_CHACHA20, 0, 0);
	gyl_rng_reseed(&t->rng, "teller", 6);
	init.flat = &s->block.flat;
	init.cf = &s->block.conf;
	init.image = t->r->w->data.image;
	init.rng = &t->rng;
	t->r->d = gyl_dns_init(t->r->mem, &init);
	return t;
}

static void teller_close(struct teller *t)
{
	if (t->next != NULL)
		world_close(t->next);
	rig_close(t->r);
	free(t);
}

static void bring(struct teller *t, uint8_t kind, uint32_t flow, const uint8_t *p, size_t len)
{
	struct gyl_in in = {.kind = kind, .port = GYL_PORT_OPENED, .flow = flow};

	in.data = gyl_view(p, len);
	outbox_input(&t->r->b, &gyl_dns_core, t->r->d, &in, 1);
}

/* Time goes on; the flow that was opened meanwhile. */
static uint32_t opened(struct teller *t, uint64_t ns)
{
	const struct outbox *b = &t->r->b;

	after(t->r, ns);
	for (uint32_t i = 0; i < b->out.op_cnt; i++)
		if (b->out.op[i].op == GYL_FLOW_OPEN_UDP) {
			assert_int_equal(b->out.op[i].to.ip, SECONDARY);
			assert_int_equal(b->out.op[i].to.port, 53);
			assert_in_range(b->out.op[i].flow, 0x100000, 0x17ffff);
			return b->out.op[i].flow;
		}
	return 0;
}

static unsigned closed(const struct teller *t)
{
	unsigned cnt = 0;

	for (uint32_t i = 0; i < t->r->b.out.op_cnt; i++)
		cnt += t->r->b.out.op[i].op == GYL_FLOW_CLOSE;
	return cnt;
}

/* RFC 1996 3.7: opcode, AA, the question, and the SOA as a hint. Its serial. */
static uint32_t told(const struct teller *t, uint16_t *ret_id)
{
	struct gyl_dns_question q;
	struct gyl_dns_cursor cur;
	struct gyl_dns_soa soa;
	struct gyl_dns_rr rr;
	struct gyl_dns_msg m;

	assert_int_equal(t->r->b.out.send_cnt, 1);
	assert_int_equal(gyl_dns_decode(outbox_sent(&t->r->b, 0), &m).err, GYL_OK);
	assert_int_equal(m.header.flags, gyl_dns_opcode_bits(GYL_DNS_OP_NOTIFY) | GYL_DNS_AA);
	gyl_dns_question_init(&cur, &m);
	assert_true(gyl_dns_question_next(&cur, &q));
	assert_int_equal(q.qtype, GYL_DNS_TYPE_SOA);
	assert_memory_equal(m.raw.p + q.name_off, t->s.name, t->s.zone.name.cnt);
	gyl_dns_rr_init(&cur, &m, GYL_DNS_ANSWER);
	assert_true(gyl_dns_rr_next(&cur, &rr));
	assert_true(gyl_dns_rdata_soa(m.raw, &rr, &soa));
	*ret_id = m.header.id;
	return soa.serial;
}

static void reply(struct teller *t, uint32_t flow, uint16_t id, uint16_t flags)
{
	uint8_t msg[GYL_DNS_HEADER_LEN] = {0};

	gyl_set_u16(msg, id);
	gyl_set_u16(msg + 2, (uint16_t)(flags | gyl_dns_opcode_bits(GYL_DNS_OP_NOTIFY)));
	bring(t, GYL_IN_DGRAM, flow, msg, sizeof msg);
}

static void new_file(struct teller *t, const char *serial)
{
	struct gyl_in in = {.kind = GYL_IN_DATA, .key = gyl_view_str("dns")};
	char text[200];
	const struct zone_text zone = {"lab.", text};
	struct world *was = t->next;

	snprintf(text, sizeof text, "@ 60 SOA . . %s 0 0 0 60\n@ 60 NS ns.other.\n", serial);
	t->next = world_open(&zone, 1);
	in.data = t->next->image;
	outbox_input(&t->r->b, &gyl_dns_core, t->r->d, &in, 1);
	if (was != NULL)
		world_close(was);
}

static void rfc1996_3_6_until_it_answers(void **state)
{
	struct teller *t = teller_open();
	uint16_t id = 0, other = 0;
	uint32_t flow;

	(void)state;
	flow = opened(t, 0);
	assert_int_not_equal(flow, 0);
	bring(t, GYL_IN_OPENED, flow, NULL, 0);
	assert_int_equal(told(t, &id), 1);
	/* nobody else's word, and no question of its own, is an answer */
	reply(t, flow, (uint16_t)(id + 1), GYL_DNS_QR);
	assert_int_equal(closed(t), 0);
	reply(t, flow, id, 0);
	assert_int_equal(closed(t), 0);
	after(t->r, GYL_NS_PER_S);
	assert_int_equal(told(t, &other), 1);
	assert_int_not_equal(other, id);
	reply(t, flow, other, GYL_DNS_QR);
	assert_int_equal(closed(t), 1);
	bring(t, GYL_IN_CLOSED, flow, NULL, 0);
	assert_int_equal(opened(t, GYL_NS_PER_HOUR), 0);
	assert_int_equal(t->r->d->stat.notify_cnt, 1);
	/* the same serial is nothing to tell; another one is, a second after at most */
	new_file(t, "1");
	assert_int_equal(opened(t, 2 * GYL_NS_PER_S), 0);
	new_file(t, "2");
	flow = opened(t, GYL_NS_PER_S);
	assert_int_not_equal(flow, 0);
	bring(t, GYL_IN_OPENED, flow, NULL, 0);
	assert_int_equal(told(t, &id), 2);
	/* while it is being told it changes again: the new one counts, after a second */
	new_file(t, "3");
	after(t->r, GYL_NS_PER_S - 1);
	assert_int_equal(told(t, &other), 3);
	teller_close(t);
}

/* 1, 2, 4, 8, 16 and 32 s; then the secondary's own refresh has to do. */
static void who_does_not_answer_is_left_alone(void **state)
{
	struct teller *t = teller_open();
	uint32_t flow = opened(t, 0);
	uint16_t id;

	(void)state;
	bring(t, GYL_IN_OPENED, flow, NULL, 0);
	for (unsigned i = 0; i < 5; i++) {
		after(t->r, (GYL_NS_PER_S << i) - 1);
		assert_int_equal(t->r->b.out.send_cnt, 0);
		after(t->r, 1);
		assert_int_equal(told(t, &id), 1);
	}
	after(t->r, 32 * GYL_NS_PER_S);
	assert_int_equal(t->r->b.out.send_cnt, 0);
	assert_int_equal(closed(t), 1);
	assert_int_equal(t->r->d->stat.notify_lost_cnt, 1);
	assert_non_null(outbox_event(&t->r->b, GYL_EV_DNS_NOTIFY));
	bring(t, GYL_IN_CLOSED, flow, NULL, 0);
	assert_int_equal(opened(t, GYL_NS_PER_HOUR), 0);
	teller_close(t);
}

/* A port that is closed now may be open at the next try; a new configuration begins anew. */
static void sockets_that_close_are_opened_again(void **state)
{
	struct teller *t = teller_open();
	uint32_t flow = opened(t, 0), again;
	struct gyl_in in = {.kind = GYL_IN_DATA, .key = gyl_view_str("conf")};

	(void)state;
	bring(t, GYL_IN_OPENED, flow, NULL, 0);
	bring(t, GYL_IN_CLOSED, flow, NULL, 0);
	again = opened(t, GYL_NS_PER_S);
	assert_int_not_equal(again, 0);
	assert_int_not_equal(again, flow);
	bring(t, GYL_IN_OPENED, again, NULL, 0);
	in.data = gyl_view(&t->s, sizeof t->s);
	outbox_input(&t->r->b, &gyl_dns_core, t->r->d, &in, 1);
	after(t->r, 0);
	assert_int_equal(closed(t), 1);
	bring(t, GYL_IN_CLOSED, again, NULL, 0);
	assert_int_not_equal(opened(t, 2 * GYL_NS_PER_S), 0);
	teller_close(t);
}

/* RFC 8945: who has a key is told with it, and answers with it. */
static void who_has_a_key_signs(void **state)
{
	struct teller *t = teller_open();
	uint8_t part[256], answer[512] = {0};
	struct gyl_dns_sign sign;
	struct gyl_dns_query q;
	struct gyl_view msg;
	struct gyl_writer w;
	uint32_t flow;
	uint16_t id = 0;

	(void)state;
	gyl_writer_init(&w, part, sizeof part);
	gyl_dns_tsig_put_key(
		&w, (const uint8_t *)"\003key", GYL_DNS_TSIG_SHA256, gyl_view_str("a secret"));
	assert_true(gyl_dns_tsig_load(&t->r->d->keys, gyl_writer_view(&w), 0));
	t->r->d->notify.one[0].key =
		(struct gyl_ref){off_in(&t->s, t->s.key), (uint32_t)name_of("key.", t->s.key)};
	flow = opened(t, 0);
	bring(t, GYL_IN_OPENED, flow, NULL, 0);
	assert_int_equal(told(t, &id), 1);
	msg = outbox_sent(&t->r->b, 0);
	assert_int_equal(gyl_dns_decode_query(msg, &q).err, GYL_OK);
	assert_int_not_equal(q.tsig_off, 0);
	assert_int_equal(
		gyl_dns_tsig_verify(&t->r->d->keys, t->r->b.now.wall_ns, msg, q.tsig_off, &sign),
		GYL_DNS_NOERROR);
	/* nobody without the key answers for the secondary */
	reply(t, flow, id, GYL_DNS_QR);
	assert_int_equal(closed(t), 0);
	assert_true(t->r->d->notify.one[0].due);
	gyl_set_u16(answer, id);
	gyl_set_u16(answer + 2, (uint16_t)(GYL_DNS_QR | gyl_dns_opcode_bits(GYL_DNS_OP_NOTIFY)));
	gyl_writer_init(&w, answer, sizeof answer);
	w.len = GYL_DNS_HEADER_LEN;
	gyl_dns_tsig_sign(&sign, t->r->b.now.wall_ns, &w);
	answer[w.len - 10] ^= 1;
	bring(t, GYL_IN_DGRAM, flow, answer, w.len);
	assert_int_equal(closed(t), 0);
	answer[w.len - 10] ^= 1;
	bring(t, GYL_IN_DGRAM, flow, answer, w.len);
	assert_int_equal(closed(t), 1);
	assert_int_equal(t->r->d->stat.notify_cnt, 1);
	teller_close(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc1996_3_6_until_it_answers),
		cmocka_unit_test(who_does_not_answer_is_left_alone),
		cmocka_unit_test(sockets_that_close_are_opened_again),
		cmocka_unit_test(who_has_a_key_signs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
