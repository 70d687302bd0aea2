/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_DNS_HALL_H
#define GYL_TESTS_DNS_HALL_H

/*
 * A forwarder in virtual time, between clients and servers that a script plays.
 *
 * What the core sends to a server goes to its script at once; what the script says comes back after
 * the server's delay. Answers to clients are kept, the last one as text (ask.h).
 */

#include <gyl/time.h>

#include "conf/schema.h"
#include "services/dns/core_own.h"
#include "tests/support/outbox.h"
#include "tests/unit/dns/ask.h"

enum {
	HALL_SERVERS = 4,
	HALL_QUEUE = 4096,
	HALL_FLOWS = 1024,
	HALL_RAW_MAX = 65537
};

#define HALL_SERVER_IP UINT32_C(0xc0000201) /* 192.0.2.1, .2 and so on */
#define HALL_CLIENT_IP UINT32_C(0x0a4d0100)

struct hall;

/* A question that came to a server. */
struct asked {
	unsigned server;
	uint32_t flow;
	bool tcp;
	struct gyl_view msg;
	struct gyl_dns_query q;
	char name[GYL_DNS_NAME_TEXT_MAX]; /* folded, with the final dot */
};

struct said;
typedef void hall_script(struct hall *h, const struct asked *q);

struct hall_event {
	uint64_t at_ns, order;
	uint32_t flow;
	uint8_t kind;
	uint8_t *p;
	size_t len;
};

struct hall_flow {
	uint32_t number;
	unsigned server;
	bool tcp, used;
};

struct hall {
	struct outbox b;
	struct gyl_dns *d;
	void *mem;
	struct world *w;
	struct gyl_rng rng;
	struct {
		struct gyl_flat flat;
		struct gyl_flat_section section;
		struct gyl_dns_conf conf;
		struct gyl_conf_server server[HALL_SERVERS];
		struct gyl_conf_prefix client[1];
		struct gyl_dns_conf_domain domain[1]; /* group 1, when there is one */
		uint8_t domain_name[GYL_DNS_NAME_MAX];
	} block;
	const struct said *said; /* what servers say to which question */
	size_t said_cnt;
	hall_script *otherwise; /* and to all others; NULL: that there is no such name */
	hall_script *script[HALL_SERVERS];
	uint64_t delay_ns[HALL_SERVERS];
	unsigned asked_cnt[HALL_SERVERS], tcp_cnt[HALL_SERVERS];
	struct hall_flow flow[HALL_FLOWS];
	unsigned open_cnt, open_max, stream_cnt; /* now, at most; streams so far */
	struct hall_event queue[HALL_QUEUE];
	unsigned queue_cnt;
	uint64_t order;
	void (*on_answer)(struct hall *h, struct gyl_view msg); /* NULL: nobody looks */
	unsigned answer_cnt;                                    /* that clients got */
	struct gyl_peer answered;                               /* who got the last one */
	uint32_t answered_flow;
	uint64_t answered_ns;
	uint16_t ede;                 /* of the last one, code + 1 */
	struct gyl_dns_header header; /* of the last one */
	uint8_t stream[HALL_RAW_MAX];
	size_t stream_len;
	unsigned dead_cnt, back_cnt, loop_cnt, closed_cnt;
	uint64_t took_us, took_cnt; /* as the last query's event says, events that do */
};

static inline void hall_push(
	struct hall *h, uint64_t at_ns, uint32_t flow, uint8_t kind, const void *p, size_t len)
{
	struct hall_event *e = &h->queue[h->queue_cnt++];

	assert_true(h->queue_cnt < HALL_QUEUE);
	*e = (struct hall_event){.at_ns = at_ns, .order = h->order++, .flow = flow, .kind = kind};
	e->len = len;
	e->p = malloc(len + 1);
	assert_non_null(e->p);
	if (len != 0)
		memcpy(e->p, p, len);
}

static inline struct hall_flow *hall_flow(struct hall *h, uint32_t number)
{
	for (unsigned i = 0; i < HALL_FLOWS; i++)
		if (h->flow[i].used && h->flow[i].number == number)
			return &h->flow[i];
	return NULL;
}

/* A server says something: octets as they are, later by its delay. */
static inline void hall_say(struct hall *h, const struct asked *q, const void *p, size_t len)
{
	static uint8_t framed[HALL_RAW_MAX];
	uint64_t at = h->b.now.mono_ns + h->delay_ns[q->server];

	if (!q->tcp) {
		hall_push(h, at, q->flow, GYL_IN_DGRAM, p, len);
		return;
	}
	gyl_set_u16(framed, (uint16_t)len);
	memcpy(framed + 2, p, len);
	hall_push(h, at, q->flow, GYL_IN_BYTES, framed, len + 2);
}

/* "an www.example. 300 A 192.0.2.1": one record. */
static inline void hall_record(struct gyl_dns_writer *w, char *text)
{
	static const char *const sections[] = {"", "an", "ns", "ar"};
	struct gyl_dns_token tok[40];
	char *word[40] = {NULL}, *save = NULL;
	size_t cnt = 0;
	uint8_t owner[GYL_DNS_NAME_MAX], rdata[4096], root = 0;
	uint16_t type = 0;
	unsigned section = 1;
	struct gyl_writer out;
	size_t bad;

	for (char *p = strtok_r(text, " ", &save); p != NULL; p = strtok_r(NULL, " ", &save))
		word[cnt++] = p;
	if (cnt < 5) {
		fail_msg("a record has five words at least");
		return;
	}
	while (strcmp(sections[section], word[0]) != 0)
		section++;
	name_of(word[1], owner);
	assert_int_equal(gyl_dns_type_parse(gyl_view_str(word[3]), &type).err, GYL_OK);
	for (size_t i = 4; i < cnt; i++)
		tok[i - 4] = (struct gyl_dns_token){.text = gyl_view_str(word[i])};
	gyl_writer_init(&out, rdata, sizeof rdata);
	assert_int_equal(gyl_dns_rdata_parse(type, tok, cnt - 4, &root, &out, &bad).err, GYL_OK);
	gyl_dns_put_rr(w, section, owner, type, GYL_DNS_CLASS_IN, (uint32_t)atoi(word[2]),
		gyl_writer_view(&out));
}

/* The server ends a flow: nobody listens, or the connection is over. */
static inline void hall_end(struct hall *h, uint32_t flow)
{
	struct hall_flow *f = hall_flow(h, flow);

	f->used = false;
	h->open_cnt--;
	hall_push(h, h->b.now.mono_ns, flow, GYL_IN_CLOSED, NULL, 0);
}

/* The message with these records: the question as asked, flags and rcode added. */
static inline size_t hall_make(
	const struct asked *q, uint16_t flags, const char *records, uint8_t *p, size_t cap)
{
	struct gyl_dns_writer w;
	char text[4096], *save = NULL;
	struct gyl_dns_edns edns = {.udp_size = 1232, .dnssec_ok = q->q.edns.dnssec_ok};
	size_t len = 0;

	(void)snprintf(text, sizeof text, "%s", records);
	gyl_dns_begin_reply(&w, p, cap, &q->q, flags);
	if (q->q.edns.present)
		gyl_dns_reserve(&w, GYL_DNS_OPT_LEN);
	for (char *one = strtok_r(text, ";", &save); one != NULL; one = strtok_r(NULL, ";", &save))
		hall_record(&w, one);
	if (q->q.edns.present)
		gyl_dns_put_opt(&w, &edns);
	assert_int_equal(gyl_dns_end(&w, &len).err, GYL_OK);
	return len;
}

static inline void hall_reply(
	struct hall *h, const struct asked *q, uint16_t flags, const char *records)
{
	static uint8_t msg[HALL_RAW_MAX];
	size_t len = hall_make(q, flags, records, msg, q->tcp ? 65535 : 4096);

	hall_say(h, q, msg, len);
}

/* A script as a table: the first row that fits counts. */
struct said {
	const char *name; /* lower case */
	const char *type; /* NULL: any */
	uint16_t flags;
	const char *records;
};

static inline void hall_told(struct hall *h, const struct asked *q)
{
	for (size_t i = 0; i < h->said_cnt; i++) {
		const struct said *one = &h->said[i];
		uint16_t type = q->q.qtype;

		if (one->type != NULL)
			assert_int_equal(
				gyl_dns_type_parse(gyl_view_str(one->type), &type).err, GYL_OK);
		if (type != q->q.qtype || strcmp(one->name, q->name) != 0)
			continue;
		hall_reply(h, q, one->flags | GYL_DNS_RA, one->records);
		return;
	}
	if (h->otherwise != NULL)
		h->otherwise(h, q);
	else
		hall_reply(h, q, GYL_DNS_NXDOMAIN, "ns . 600 SOA . . 1 2 3 60 4");
}

/* ---- what the core does ---- */

static inline void hall_to_server(struct hall *h, const struct gyl_send *s)
{
	struct hall_flow *f = hall_flow(h, s->flow);
	struct asked q = {.flow = s->flow, .msg = gyl_view(s->p, s->len)};
	struct gyl_writer w;
	uint8_t folded[GYL_DNS_NAME_MAX];

	assert_non_null(f);
	q.server = f->server;
	q.tcp = f->tcp;
	if (q.tcp) {
		assert_int_equal(gyl_get_u16(s->p), s->len - 2);
		q.msg = gyl_view(s->p + 2, s->len - 2);
	}
	assert_int_equal(gyl_dns_decode_query(q.msg, &q.q).err, GYL_OK);
	assert_true((q.q.header.flags & GYL_DNS_RD) != 0);
	gyl_dns_name_fold(folded, q.q.qname.p, q.q.qname.len);
	gyl_writer_init(&w, q.name, sizeof q.name - 1);
	gyl_dns_name_print(&w, folded);
	q.name[w.len] = '\0';
	h->asked_cnt[q.server]++;
	h->tcp_cnt[q.server] += q.tcp;
	if (h->script[q.server] != NULL)
		h->script[q.server](h, &q);
}

static inline uint16_t hall_ede(const struct gyl_dns_msg *m)
{
	struct gyl_dns_option opt;
	size_t off = 0;

	while (m->edns.present && gyl_dns_option_next(m->edns.options, &off, &opt))
		if (opt.code == GYL_DNS_OPT_EDE)
			return (uint16_t)(gyl_get_u16(opt.val.p) + 1);
	return 0;
}

static inline void hall_answer(struct hall *h, struct gyl_view msg)
{
	struct gyl_dns_msg m;

	memcpy(h->w->msg, msg.p, msg.len);
	h->w->len = msg.len;
	show_answer(h->w);
	assert_int_equal(gyl_dns_decode(msg, &m).err, GYL_OK);
	h->ede = hall_ede(&m);
	h->header = m.header;
	h->answered_ns = h->b.now.mono_ns;
	h->answer_cnt++;
	if (h->on_answer != NULL)
		h->on_answer(h, msg);
}

static inline void hall_to_client(struct hall *h, const struct gyl_send *s)
{
	h->answered = s->to;
	h->answered_flow = s->flow;
	if (s->flow == 0) {
		hall_answer(h, gyl_view(s->p, s->len));
		return;
	}
	memcpy(h->stream + h->stream_len, s->p, s->len);
	h->stream_len += s->len;
	while (h->stream_len >= 2 && h->stream_len - 2 >= gyl_get_u16(h->stream)) {
		size_t len = gyl_get_u16(h->stream) + (size_t)2;

		hall_answer(h, gyl_view(h->stream + 2, len - 2));
		memmove(h->stream, h->stream + len, h->stream_len - len);
		h->stream_len -= len;
	}
}

static inline void hall_op(struct hall *h, const struct gyl_out_op *op)
{
	struct hall_flow *f = hall_flow(h, op->flow);

	if (op->flow >> 31 != 0) { /* a client's */
		h->closed_cnt++;
		return;
	}
	if (op->op == GYL_FLOW_CLOSE || op->op == GYL_FLOW_RESET) {
		assert_non_null(f);
		f->used = false;
		h->open_cnt--;
		hall_push(h, h->b.now.mono_ns, op->flow, GYL_IN_CLOSED, NULL, 0);
		return;
	}
	assert_null(f); /* a number is free before it is used again */
	assert_true(op->flow != 0 && op->flow <= 0x0fffff);
	for (unsigned i = 0; i < HALL_FLOWS && f == NULL; i++)
		if (!h->flow[i].used)
			f = &h->flow[i];
	assert_non_null(f);
	*f = (struct hall_flow){.number = op->flow, .used = true};
	f->tcp = op->op == GYL_FLOW_OPEN_TCP;
	f->server = op->to.ip - HALL_SERVER_IP;
	assert_true(f->server < HALL_SERVERS && op->to.port == 53);
	h->open_cnt++;
	h->stream_cnt += f->tcp;
	if (h->open_cnt > h->open_max)
		h->open_max = h->open_cnt;
	hall_push(h, h->b.now.mono_ns, op->flow, GYL_IN_OPENED, NULL, 0);
}

static inline void hall_note(struct hall *h, const struct gyl_event *e)
{
	struct gyl_view state;

	if (e->kind == GYL_EV_DNS_QUERY && gyl_event_get_u64(e, "took_us", &h->took_us))
		h->took_cnt++;
	if (e->kind != GYL_EV_DNS_UPSTREAM || !gyl_event_get_str(e, "state", &state))
		return;
	h->dead_cnt += gyl_view_eq(state, gyl_view_str("dead"));
	h->back_cnt += gyl_view_eq(state, gyl_view_str("back"));
	h->loop_cnt += gyl_view_eq(state, gyl_view_str("loop"));
}

static inline void hall_collect(struct hall *h)
{
	for (uint32_t i = 0; i < h->b.out.send_cnt; i++) {
		const struct gyl_send *s = &h->b.out.send[i];

		if (s->len != 0 && s->flow != 0 && s->flow >> 31 == 0)
			hall_to_server(h, s);
		else if (s->len != 0)
			hall_to_client(h, s);
	}
	for (uint32_t i = 0; i < h->b.out.op_cnt; i++)
		hall_op(h, &h->b.out.op[i]);
	for (unsigned i = 0; i < h->b.event_cnt; i++)
		hall_note(h, &h->b.event[i].e);
	h->b.out.send_cnt = h->b.out.op_cnt = h->b.event_cnt = 0;
}

/* An input, offered until it is taken. */
static inline void hall_give(struct hall *h, struct gyl_in *in)
{
	for (unsigned n = 0; outbox_input(&h->b, &gyl_dns_core, h->d, in, 1) == 0; n++) {
		assert_true(n < 100);
		hall_collect(h);
	}
	hall_collect(h);
}

/* A query goes in; answers come while the hall runs. */
static inline void hall_send(
	struct hall *h, uint32_t client, uint16_t port, const void *p, size_t len)
{
	struct gyl_in in = {.kind = GYL_IN_DGRAM, .role = GYL_DNS_UDP};
	struct guard g;

	guard_open(&g, gyl_view(p, len));
	in.peer.ip = HALL_CLIENT_IP + client;
	in.peer.port = port;
	in.data = g.view;
	hall_give(h, &in);
	guard_close(&g);
}

/* Flow 0: a query, from somebody who is no client of the script. */
static inline void hall_deliver(struct hall *h, struct hall_event *e)
{
	struct gyl_in in = {.kind = e->kind, .port = GYL_PORT_OPENED, .flow = e->flow};
	struct guard g;

	if (e->flow == 0)
		hall_send(h, 99, 53, e->p, e->len);
	if (e->kind != GYL_IN_CLOSED && hall_flow(h, e->flow) == NULL)
		return;
	guard_open(&g, gyl_view(e->p, e->len));
	in.data = g.view;
	hall_give(h, &in);
	guard_close(&g);
}

/* Until then: events and ticks in order. */
static inline void hall_run(struct hall *h, uint64_t ns)
{
	uint64_t end = h->b.now.mono_ns + ns;

	for (unsigned n = 0;; n++) {
		uint64_t due = gyl_dns_core.deadline_ns(h->d);
		unsigned first = 0;
		bool event;

		for (unsigned i = 1; i < h->queue_cnt; i++)
			if (h->queue[i].at_ns < h->queue[first].at_ns ||
				(h->queue[i].at_ns == h->queue[first].at_ns &&
					h->queue[i].order < h->queue[first].order))
				first = i;
		event = h->queue_cnt != 0 && h->queue[first].at_ns <= due;
		if (event)
			due = h->queue[first].at_ns;
		if (due > end)
			break;
		assert_true(n < 1000000);
		if (due > h->b.now.mono_ns) {
			h->b.now.wall_ns += due - h->b.now.mono_ns;
			h->b.now.mono_ns = due;
		}
		if (event) {
			struct hall_event e = h->queue[first];

			h->queue[first] = h->queue[--h->queue_cnt];
			hall_deliver(h, &e);
			free(e.p);
		} else {
			outbox_tick(&h->b, &gyl_dns_core, h->d);
			hall_collect(h);
		}
	}
	h->b.now.wall_ns += end - h->b.now.mono_ns;
	h->b.now.mono_ns = end;
}

/* ---- clients ---- */

static inline void hall_query(struct hall *h, uint32_t client, const char *qname, const char *qtype)
{
	size_t len = make_query(h->w, qname, qtype);

	hall_send(h, client, 5353, h->w->query, len);
}

/* Ask and wait for so long. The answer as text, "" for none. */
static inline const char *hall_ask_for(
	struct hall *h, uint64_t ns, const char *qname, const char *qtype)
{
	unsigned before = h->answer_cnt;

	h->w->text[0] = '\0';
	hall_query(h, 0, qname, qtype);
	hall_run(h, ns);
	if (h->answer_cnt == before)
		h->w->text[0] = '\0';
	return h->w->text;
}

/* A configuration, or an image, that has changed. */
static inline void hall_data(struct hall *h, const char *key, struct gyl_view data)
{
	struct gyl_in in = {.kind = GYL_IN_DATA, .key = gyl_view_str(key), .data = data};

	hall_give(h, &in);
}

static inline void hall_row(struct hall *h, const char *qname, const char *qtype, const char *want)
{
	const char *got = hall_ask_for(h, 1001 * GYL_NS_PER_MS, qname, qtype);

	if (strcmp(got, want) != 0)
		fail_msg("%s %s\n  got  %s\n  want %s", qname, qtype, got, want);
}

/* ---- the hall ---- */

static inline void hall_seal(struct hall *h)
{
	h->block.flat.checksum = gyl_flat_checksum(&h->block.flat);
}

static inline void hall_conf(struct hall *h, unsigned server_cnt)
{
	struct gyl_dns_conf *cf = &h->block.conf;

	h->block.flat.magic = GYL_FLAT_MAGIC;
	h->block.flat.version = GYL_FLAT_VERSION;
	h->block.flat.len = sizeof h->block;
	h->block.flat.section = (struct gyl_ref){
		(uint32_t)((uint8_t *)&h->block.section - (uint8_t *)&h->block), 1};
	memcpy(h->block.section.name, "dns", 3);
	h->block.section.root =
		(struct gyl_ref){(uint32_t)((uint8_t *)cf - (uint8_t *)&h->block), 1};
	cf->lease_cnt = 16;
	cf->lease_ttl_ns = 60 * GYL_NS_PER_S;
	cf->port = 53;
	cf->udp_size = 1232;
	cf->tcp_cnt = 128;
	cf->tcp_idle_ns = 10 * GYL_NS_PER_S;
	cf->forward.to = (struct gyl_ref){
		(uint32_t)((uint8_t *)h->block.server - (uint8_t *)&h->block), server_cnt};
	cf->forward.clients =
		(struct gyl_ref){(uint32_t)((uint8_t *)h->block.client - (uint8_t *)&h->block), 1};
	cf->forward.cache_len = 1 << 20;
	cf->forward.pending_cnt = 64;
	cf->forward.stale_ns = GYL_NS_PER_DAY;
	cf->forward.max_ttl_ns = GYL_NS_PER_DAY;
	cf->forward.prefetch = true;
	for (unsigned i = 0; i < HALL_SERVERS; i++)
		h->block.server[i].ip = HALL_SERVER_IP + i;
	h->block.client[0] = (struct gyl_conf_prefix){0x0a4d0000, 16};
	hall_seal(h);
}

static const struct zone_text hall_zones[] = {
	{"lab.", "$TTL 300\n@ SOA . . 1 0 0 0 60\n@ NS ns\nns A 10.0.0.1\nout CNAME www.example.\n"
		 "far CNAME deep.down.www.example.\nd DNAME example.\npub A 198.51.100.77\n"}};

static inline void hall_reload(struct hall *h)
{
	hall_seal(h);
	hall_data(h, "conf", gyl_view(&h->block, sizeof h->block));
}

/* Other zones, or what image_more adds now. */
static inline void hall_image(struct hall *h, const struct zone_text *zone, size_t cnt)
{
	struct gyl_view old = h->w->image;

	h->w->image = image_of(zone, cnt, NULL, 0);
	hall_data(h, "dns", h->w->image);
	gyl_build_unmap(old);
}

/* Group 1: a domain with one server. Counts with the next reload. */
static inline void hall_domain(struct hall *h, const char *name, unsigned server)
{
	h->block.domain[0].name =
		(struct gyl_ref){(uint32_t)(h->block.domain_name - (uint8_t *)&h->block),
			(uint32_t)name_of(name, h->block.domain_name)};
	h->block.domain[0].to = (struct gyl_ref){
		(uint32_t)((uint8_t *)&h->block.server[server] - (uint8_t *)&h->block), 1};
	h->block.conf.forward.domains =
		(struct gyl_ref){(uint32_t)((uint8_t *)h->block.domain - (uint8_t *)&h->block), 1};
}

/* The core anew, with nothing in its cache, and nothing on its way. */
static inline void hall_begin(struct hall *h)
{
	const struct gyl_dns_init init = {.flat = &h->block.flat,
		.cf = &h->block.conf,
		.image = h->w->data.image,
		.rng = &h->rng,
		.seed = {1, 2, 3, 4}};

	for (unsigned i = 0; i < h->queue_cnt; i++)
		free(h->queue[i].p);
	h->queue_cnt = h->open_cnt = 0;
	memset(h->flow, 0, sizeof h->flow);
	gyl_rng_init(&h->rng, GYL_RNG_CHACHA20, 0, 0);
	gyl_rng_reseed(&h->rng, "hall", 4);
	h->d = gyl_dns_init(h->mem, &init);
	hall_run(h, 0);
}

/* All servers play the same script, a millisecond away. */
static inline struct hall *hall_open(unsigned server_cnt, hall_script *script)
{
	struct hall *h = calloc(1, sizeof *h);

	assert_non_null(h);
	outbox_open(&h->b);
	hall_conf(h, server_cnt);
	h->w = world_open(hall_zones, 1);
	h->mem = aligned_alloc(16, (gyl_dns_need(&h->block.conf) + 15) & ~(size_t)15);
	assert_non_null(h->mem);
	for (unsigned i = 0; i < HALL_SERVERS; i++) {
		h->script[i] = script;
		h->delay_ns[i] = GYL_NS_PER_MS;
	}
	hall_begin(h);
	return h;
}

/* They say what the table has, and otherwise's word to all other questions. */
static inline struct hall *hall_open_told(
	unsigned server_cnt, const struct said *said, size_t said_cnt, hall_script *otherwise)
{
	struct hall *h = hall_open(server_cnt, hall_told);

	h->said = said;
	h->said_cnt = said_cnt;
	h->otherwise = otherwise;
	return h;
}

static inline void hall_close(struct hall *h)
{
	for (unsigned i = 0; i < h->queue_cnt; i++)
		free(h->queue[i].p);
	outbox_close(&h->b);
	world_close(h->w);
	free(h->mem);
	free(h);
}

/* Nothing is left that waits: whatever happened, everything was given back. */
static inline void hall_is_quiet(struct hall *h)
{
	const struct gyl__dns_forward *fw = &h->d->forward;

	hall_run(h, 20 * GYL_NS_PER_S);
	for (int i = 0; i < 5 && fw->asks.used != 0; i++) /* a probe may be on its way */
		hall_run(h, GYL_NS_PER_S);
	assert_int_equal(fw->asks.used, 0);
	assert_int_equal(fw->waiters.used, 0);
	assert_int_equal(fw->sources.used, 0);
	assert_int_equal(fw->heap_cnt, 0);
	assert_int_equal(h->open_cnt, 0);
	for (unsigned i = 0; i < GYL__DNS_FLOW_MAX; i++)
		assert_int_equal(fw->flow[i].state, GYL__DNS_FLOW_FREE);
}

/* The end of a test. */
static inline void hall_done(struct hall *h)
{
	hall_is_quiet(h);
	hall_close(h);
}

#endif
