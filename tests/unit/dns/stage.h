/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_DNS_STAGE_H
#define GYL_TESTS_DNS_STAGE_H

/*
 * The core with a copy of "z.test." in virtual time, and primaries that play what a script says.
 *
 * A script is one text per message, or a word for what happens to the stream. A message is records
 * parted by ';', "S7" being the SOA with serial 7; before a '|' may stand what is wrong with it:
 *
 *   "S5;a.z.test. A 192.0.2.1;S5"      "rcode=5|"      "id|S5;S5"      "END"
 *
 * Every connection gets the script from its beginning. What the core said about the primary last,
 * and when it asks next, is there to look at.
 */

#include <gyl/rng.h>
#include <gyl/time.h>

#include "services/dns/core_own.h"
#include "services/dns/names.h"
#include "tests/unit/dns/rig.h"

enum {
	STAGE_PRIMARIES = 3,
	STAGE_MESSAGES = 8
};

#define STAGE_IP UINT32_C(0xc0000201) /* of the first primary; the others follow */

struct stage;

struct stage_block {
	struct block block;
	struct gyl_dns_conf_zone zone;
	struct gyl_dns_conf_peer primary[STAGE_PRIMARIES];
	uint8_t name[256], key[256];
};

struct stage {
	struct outbox b;
	struct gyl_dns *d;
	void *mem;
	struct gyl_rng rng;
	struct stage_block s;
	struct world *w; /* makes queries, shows answers */
	unsigned primary_cnt;
	/* what the primaries do */
	const char *const *play; /* NULL: nobody is there */
	unsigned deaf;           /* bits: who is not there */
	uint32_t soa[3];         /* refresh, retry, expire of theirs */
	bool knows_ixfr;
	struct gyl_dns_tsig_keys keys; /* of theirs */
	uint64_t late_ns;              /* their clock against ours */
	/* what happened */
	uint32_t flow;
	uint32_t asked_ip;
	uint16_t qtype;
	unsigned ask_cnt; /* connections that were tried */
	uint64_t asked_ns, said_ns;
	char said[200];
	uint8_t severity;
	uint8_t msg[70000];
};

static inline uint32_t stage_off(const struct stage *t, const void *p)
{
	return (uint32_t)((const uint8_t *)p - (const uint8_t *)&t->s);
}

/* The loader tells whose names are kept from all others. */
static inline void stage_names(struct gyl_dns_compile *c)
{
	gyl_dns_compile_name(
		c, GYL_DNS_TABLE_ROUTE, (const uint8_t *)"\001z\004test", GYL_DNS_ROUTE_ZONE);
}

static inline void stage_start(struct stage *t)
{
	struct gyl_dns_init init = {.seed = {1, 2}};

	free(t->mem);
	t->mem = aligned_alloc(16, (gyl_dns_need(&t->s.block.conf) + 15) & ~(size_t)15);
	assert_non_null(t->mem);
	init.flat = &t->s.block.flat;
	init.cf = &t->s.block.conf;
	init.image = t->w->data.image;
	init.rng = &t->rng;
	t->d = gyl_dns_init(t->mem, &init);
	t->flow = 0;
	if (t->s.primary[0].key.cnt != 0)
		t->d->keys = t->keys;
}

static inline void stage_seal(struct stage *t)
{
	struct stage_block *s = &t->s;

	s->zone.primary = (struct gyl_ref){stage_off(t, s->primary), t->primary_cnt};
	s->block.flat.checksum = gyl_flat_checksum(&s->block.flat);
}

static inline struct stage *stage_open(unsigned primary_cnt)
{
	struct stage *t = calloc(1, sizeof *t);
	struct stage_block *s = &t->s;

	assert_non_null(t);
	outbox_open(&t->b);
	image_more = stage_names;
	t->w = world_open(zones, 2);
	make_block(&s->block, "lab.", 60 * GYL_NS_PER_S);
	s->block.flat.len = sizeof *s;
	s->block.conf.zone_space = 4 << 20;
	s->zone.name =
		(struct gyl_ref){stage_off(t, s->name), (uint32_t)name_of("z.test.", s->name)};
	s->block.conf.zones = (struct gyl_ref){stage_off(t, &s->zone), 1};
	for (unsigned i = 0; i < STAGE_PRIMARIES; i++)
		s->primary[i].address.ip = STAGE_IP + i;
	t->primary_cnt = primary_cnt;
	t->soa[0] = 3600;
	t->soa[1] = 600;
	t->soa[2] = 86400;
	t->knows_ixfr = true;
	stage_seal(t);
	gyl_rng_init(&t->rng, GYL_RNG_CHACHA20, 0, 0);
	gyl_rng_reseed(&t->rng, "stage", 5);
	stage_start(t);
	return t;
}

static inline void stage_close(struct stage *t)
{
	outbox_close(&t->b);
	world_close(t->w);
	free(t->mem);
	free(t);
}

/* ---- what primaries say ---- */

static inline void stage_record(
	const struct stage *t, struct gyl_dns_writer *w, char *text, uint16_t rrclass)
{
	char soa[200];

	if (text[0] == 'S') {
		(void)snprintf(soa, sizeof soa, "z.test. SOA ns. root. %s %u %u %u 60", text + 1,
			t->soa[0], t->soa[1], t->soa[2]);
		text = soa;
	}
	put_record_text(w, text, rrclass);
}

/* What is wrong with a message: words before the '|'. */
static inline bool stage_wants(const char *how, const char *word)
{
	const char *bar = strchr(how, '|'), *at = strstr(how, word);

	return bar != NULL && at != NULL && at < bar;
}

static inline size_t stage_make(
	struct stage *t, const struct gyl_dns_query *q, const char *how, bool first)
{
	const char *bar = strchr(how, '|');
	uint16_t flags = GYL_DNS_QR | GYL_DNS_AA;
	char text[2048], *save = NULL;
	struct gyl_dns_writer w;
	uint8_t name[GYL_DNS_NAME_MAX];
	size_t len = 0;

	(void)snprintf(text, sizeof text, "%s", bar == NULL ? how : bar + 1);
	if (stage_wants(how, "rcode="))
		flags = (uint16_t)(flags | atoi(strstr(how, "rcode=") + 6));
	if (stage_wants(how, "tc"))
		flags |= GYL_DNS_TC;
	if (stage_wants(how, "query"))
		flags = 0;
	name_of(stage_wants(how, "zone") ? "y.test." : "z.test.", name);
	gyl_dns_begin(&w, t->msg + 2, 65535,
		(uint16_t)(q->header.id ^ (stage_wants(how, "id") ? 1 : 0)), flags, 0);
	if (first && !stage_wants(how, "noq"))
		gyl_dns_put_question(&w, name, stage_wants(how, "type") ? GYL_DNS_TYPE_A : q->qtype,
			GYL_DNS_CLASS_IN);
	for (char *one = strtok_r(text, ";", &save); one != NULL; one = strtok_r(NULL, ";", &save))
		stage_record(t, &w, one,
			stage_wants(how, "class") ? GYL_DNS_CLASS_CH : GYL_DNS_CLASS_IN);
	assert_int_equal(gyl_dns_end(&w, &len).err, GYL_OK);
	if (stage_wants(how, "cut"))
		len -= 5;
	/* a name that points to itself */
	if (stage_wants(how, "loop"))
		gyl_set_u16(t->msg + 2 + GYL_DNS_HEADER_LEN, 0xc000 | GYL_DNS_HEADER_LEN);
	return len;
}

/* ---- the world goes on ---- */

static inline void stage_collect(struct stage *t, const uint8_t **ret_query, size_t *ret_len);

/* An input, offered until it is taken; time goes on a little in between. */
static inline void stage_give(struct stage *t, uint8_t kind, const void *p, size_t len)
{
	struct gyl_in in = {.kind = kind, .port = GYL_PORT_OPENED, .flow = t->flow};

	in.data = gyl_view(p, len);
	for (unsigned n = 0; outbox_input(&t->b, &gyl_dns_core, t->d, &in, 1) == 0 || in.again;
		n++) {
		assert_true(n < 10000);
		stage_collect(t, NULL, NULL);
		outbox_rest(&in);
		t->b.now.mono_ns += 1000;
		t->b.now.wall_ns += 1000;
	}
}

static inline void stage_note(struct stage *t)
{
	for (unsigned i = 0; i < t->b.event_cnt; i++) {
		const struct gyl_event *e = &t->b.event[i].e;
		struct gyl_view what;

		if (e->kind != GYL_EV_DNS_PRIMARY || !gyl_event_get_str(e, "what", &what))
			continue;
		(void)snprintf(
			t->said, sizeof t->said, "%.*s", (int)what.len, (const char *)what.p);
		t->severity = e->severity;
		t->said_ns = t->b.now.mono_ns;
	}
	t->b.event_cnt = 0;
}

static inline void stage_play(struct stage *t, struct gyl_view query);

/* What the core put out since the last time. */
static inline void stage_collect(struct stage *t, const uint8_t **ret_query, size_t *ret_len)
{
	stage_note(t);
	for (uint32_t i = 0; i < t->b.out.send_cnt && ret_query != NULL; i++)
		if (t->b.out.send[i].flow == t->flow && t->b.out.send[i].len != 0) {
			*ret_query = t->b.out.send[i].p;
			*ret_len = t->b.out.send[i].len;
		}
	t->b.out.send_cnt = 0;
	for (uint32_t i = 0; i < t->b.out.op_cnt; i++) {
		const struct gyl_out_op *op = &t->b.out.op[i];

		if (op->op == GYL_FLOW_OPEN_TCP) {
			t->flow = op->flow;
			t->asked_ip = op->to.ip;
			t->asked_ns = t->b.now.mono_ns;
			t->ask_cnt++;
		} else if (op->op == GYL_FLOW_RESET && op->flow == t->flow) {
			t->b.out.op_cnt = 0;
			stage_give(t, GYL_IN_CLOSED, NULL, 0);
			t->flow = 0;
			stage_collect(t, ret_query, ret_len);
			return;
		}
	}
	t->b.out.op_cnt = 0;
}

/* The primary that was connected to plays its part. */
static inline void stage_serve(struct stage *t)
{
	const uint8_t *p = NULL;
	uint8_t query[2048];
	size_t len = 0;

	if (t->play == NULL || (t->deaf >> (t->asked_ip - STAGE_IP) & 1) != 0) {
		stage_give(t, GYL_IN_CLOSED, NULL, 0);
		t->flow = 0;
		stage_collect(t, NULL, NULL);
		return;
	}
	stage_give(t, GYL_IN_OPENED, NULL, 0);
	stage_collect(t, &p, &len);
	if (p == NULL)
		return;
	assert_true(len > 2 && len - 2 == gyl_get_u16(p));
	memcpy(query, p + 2, len - 2);
	stage_play(t, gyl_view(query, len - 2));
}

static inline void stage_run(struct stage *t, uint64_t ns)
{
	uint64_t end = t->b.now.mono_ns + ns;

	for (unsigned n = 0;; n++) {
		uint64_t due = gyl_dns_core.deadline_ns(t->d);
		unsigned asked = t->ask_cnt;

		if (due > end)
			break;
		assert_true(n < 100000);
		/* what is due at once takes a moment, too */
		if (due <= t->b.now.mono_ns)
			due = t->b.now.mono_ns + 1;
		t->b.now.wall_ns += due - t->b.now.mono_ns;
		t->b.now.mono_ns = due;
		outbox_tick(&t->b, &gyl_dns_core, t->d);
		stage_collect(t, NULL, NULL);
		if (t->ask_cnt != asked)
			stage_serve(t);
	}
	if (end > t->b.now.mono_ns) {
		t->b.now.wall_ns += end - t->b.now.mono_ns;
		t->b.now.mono_ns = end;
	}
}

static inline void stage_send(struct stage *t, size_t len)
{
	gyl_set_u16(t->msg, (uint16_t)len);
	stage_give(t, GYL_IN_BYTES, t->msg, len + 2);
	stage_collect(t, NULL, NULL);
}

/* What comes without a signature is covered by the next one (RFC 8945 5.3.1). */
static inline size_t stage_sign(
	struct stage *t, struct gyl_dns_sign *sign, const char *how, size_t len)
{
	uint8_t mac_len[2] = {0, sign->mac_len}, timers[64];
	struct gyl_writer w, tw;

	if (stage_wants(how, "unsigned")) {
		if (sign->gap++ == 0 && sign->key != NULL) {
			gyl_hmac_init(&sign->run, &sign->key->hmac);
			gyl_hmac_update(&sign->run, mac_len, sizeof mac_len);
			gyl_hmac_update(&sign->run, sign->mac, sign->mac_len);
		}
		if (sign->key != NULL)
			gyl_hmac_update(&sign->run, t->msg + 2, len);
		return len;
	}
	gyl_writer_init(&w, t->msg + 2, 65535);
	w.len = len;
	if (sign->gap == 0) {
		gyl_dns_tsig_sign(sign, t->b.now.wall_ns + t->late_ns, &w);
	} else {
		sign->gap = 0;
		sign->rr.time_s = (t->b.now.wall_ns + t->late_ns) / GYL_NS_PER_S;
		gyl_writer_init(&tw, timers, sizeof timers);
		gyl_dns_tsig_put_timers(&tw, &sign->rr);
		gyl_hmac_update(&sign->run, w.p, w.len);
		gyl_hmac_update(&sign->run, timers, tw.len);
		gyl_hmac_final(&sign->run, sign->mac);
		sign->rr.mac = gyl_view(sign->mac, sign->mac_len);
		gyl_dns_tsig_append(&w, &sign->rr);
	}
	/* in the middle of the MAC, which ends six octets before the end */
	if (stage_wants(how, "forged"))
		t->msg[2 + w.len - 10] ^= 1;
	return w.len;
}

static inline void stage_play(struct stage *t, struct gyl_view query)
{
	struct gyl_dns_sign sign = {.key = NULL};
	struct gyl_dns_query q;
	bool first = true;

	assert_int_equal(gyl_dns_decode_query(query, &q).err, GYL_OK);
	t->qtype = q.qtype;
	if (q.tsig_off != 0)
		(void)gyl_dns_tsig_verify(&t->keys, t->b.now.wall_ns, query, q.tsig_off, &sign);
	for (unsigned i = 0; t->play[i] != NULL && t->flow != 0; i++) {
		const char *how = t->play[i];
		size_t len;

		if (strcmp(how, "END") == 0) {
			stage_give(t, GYL_IN_EOF, NULL, 0);
			stage_collect(t, NULL, NULL);
			continue;
		}
		if (strcmp(how, "BREAK") == 0) {
			stage_give(t, GYL_IN_CLOSED, NULL, 0);
			t->flow = 0;
			stage_collect(t, NULL, NULL);
			continue;
		}
		if (q.qtype == GYL_DNS_TYPE_IXFR && !t->knows_ixfr)
			how = "rcode=4|";
		len = stage_make(t, &q, how, first);
		first = false;
		if (q.tsig_off != 0)
			len = stage_sign(t, &sign, how, len);
		stage_send(t, len);
	}
}

/* ---- what clients see ---- */

static inline const char *stage_ask(struct stage *t, const char *qname, const char *qtype)
{
	static const struct gyl_peer peer = {.ip = 0x0a4d0009, .port = 5353};
	struct gyl_view answer;

	t->w->udp_size = 1232;
	outbox_dgram(&t->b, &gyl_dns_core, t->d, GYL_DNS_UDP, &peer, t->w->query,
		make_query(t->w, qname, qtype));
	assert_int_equal(t->b.out.send_cnt, 1);
	answer = outbox_sent(&t->b, 0);
	memcpy(t->w->msg, answer.p, answer.len);
	t->w->len = answer.len;
	show_answer(t->w);
	stage_collect(t, NULL, NULL);
	return t->w->text;
}

/* The EDE of the last answer, -1: none. */
static inline int stage_ede(const struct stage *t)
{
	struct gyl_dns_option opt;
	struct gyl_dns_msg m;
	size_t off = 0;

	assert_int_equal(gyl_dns_decode(gyl_view(t->w->msg, t->w->len), &m).err, GYL_OK);
	while (m.edns.present && gyl_dns_option_next(m.edns.options, &off, &opt))
		if (opt.code == GYL_DNS_OPT_EDE)
			return gyl_get_u16(opt.val.p);
	return -1;
}

static inline uint32_t stage_serial(const struct stage *t)
{
	const struct gyl_dns_live *z = t->d->copy[0].take.z;

	return z == NULL || z->hidden ? 0 : gyl_dns_live_serial(z);
}

/* When the core will ask next, counted from now; nobody hears it. */
static inline uint64_t stage_next_ns(struct stage *t)
{
	uint64_t from = t->b.now.mono_ns;
	unsigned asked = t->ask_cnt;
	const char *const *play = t->play;

	t->play = NULL;
	for (unsigned n = 0; t->ask_cnt == asked; n++) {
		assert_true(n < 1000);
		stage_run(t, gyl_dns_core.deadline_ns(t->d) > t->b.now.mono_ns
				     ? gyl_dns_core.deadline_ns(t->d) - t->b.now.mono_ns
				     : 1);
	}
	t->play = play;
	return t->asked_ns - from;
}

static inline void stage_restart(struct stage *t, uint64_t off_ns)
{
	t->b.now.mono_ns += off_ns;
	t->b.now.wall_ns += off_ns;
	stage_start(t);
	outbox_restore(&t->b, &gyl_dns_core, t->d);
}

#endif
