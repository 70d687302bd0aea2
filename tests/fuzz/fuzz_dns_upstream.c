/* SPDX-License-Identifier: ISC */

/*
 * The forwarder between clients and servers that say anything at any time.
 *
 * The input is steps: what, two octets of whom and how, and for what a server says the octets
 * behind. A witness knows each query and each question: no answer without its query, none twice, to
 * nobody else; nothing gets into the cache that no question was open for, spelled like that and on
 * that socket; places, sockets and memory stay within their bounds, and in the end all is quiet.
 */

#include "services/dns/conf.h"
#include "services/dns/names.h"
#include "tests/unit/dns/hall.h"

#include "tests/fuzz/require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	QUERIES = 300,
	ASKED = 64, /* questions that servers remember */
	STEPS = 400
};

static const char *const names[] = {"www.example.", "a.www.example.", "x.example.", "example.",
	"out.lab.", "q.d.lab.", "WWW.other.", "x.corp.example."};
static const char *const types[] = {"A", "AAAA", "CNAME", "MX", "ANY", "TXT", "DNAME", "NS"};

struct query {
	uint8_t msg[300];
	size_t len;
	bool answered;
};

static struct hall *h;
static struct query query[QUERIES];
static unsigned query_cnt;
static struct question {
	uint32_t flow;
	bool tcp;
	unsigned server;
	uint8_t msg[300];
	size_t len;
} question[ASKED];
static unsigned question_cnt;

/* The question of a message, without case. */
static bool same_question(struct gyl_view a, struct gyl_view b, bool exact)
{
	struct gyl_dns_query q;
	size_t end;

	if (gyl_failed(gyl_dns_decode_query(a, &q)))
		return false;
	end = q.question_end;
	if (b.len < end || gyl_get_u16(b.p + 4) != 1)
		return false;
	for (size_t i = 12; i < end; i++)
		if (exact || i >= end - 4 ? a.p[i] != b.p[i]
					  : gyl_dns_fold(a.p[i]) != gyl_dns_fold(b.p[i]))
			return false;
	return true;
}

/* Of names of ours and of blocked ones nothing is told but what we know. */
static void no_word_of_others(struct gyl_view msg)
{
	static const uint8_t lab[] = "\003lab", blocked[] = "\001a\003www\007example",
			     none[4] = {0};
	struct gyl_dns_cursor cur;
	struct gyl_dns_msg m;
	struct gyl_dns_rr rr;

	REQUIRE(!gyl_failed(gyl_dns_decode(msg, &m)));
	for (gyl_dns_rr_init(&cur, &m, GYL_DNS_ANSWER); gyl_dns_rr_next(&cur, &rr);) {
		uint8_t name[GYL_DNS_NAME_MAX];

		if (rr.section != GYL_DNS_ANSWER)
			break;
		gyl_dns_name_get(msg, rr.name_off, name);
		if (gyl_dns_name_is_under(name, blocked))
			REQUIRE(rr.type == GYL_DNS_TYPE_A &&
				memcmp(msg.p + rr.rdata_off, none, 4) == 0);
		REQUIRE(!gyl_dns_name_is_under(name, lab) || rr.ttl == 300 || rr.ttl == 60);
	}
}

static void on_answer(struct hall *hall, struct gyl_view msg)
{
	unsigned n = hall->answered.port;
	struct query *q = &query[n];

	REQUIRE(n < query_cnt && hall->answered.ip == HALL_CLIENT_IP + n % 5);
	REQUIRE(!q->answered);
	q->answered = true;
	REQUIRE(gyl_get_u16(q->msg) == gyl_get_u16(msg.p));
	REQUIRE(same_question(gyl_view(q->msg, q->len), msg, true));
	REQUIRE(msg.len <= 1232);
	no_word_of_others(msg);
}

static void remember(struct hall *hall, const struct asked *a)
{
	struct question *q = &question[question_cnt++ % ASKED];

	(void)hall;
	REQUIRE(a->msg.len <= sizeof q->msg);
	*q = (struct question){
		.flow = a->flow, .tcp = a->tcp, .server = a->server, .len = a->msg.len};
	memcpy(q->msg, a->msg.p, a->msg.len);
}

static void bounds(void)
{
	const struct gyl__dns_forward *fw = &h->d->forward;
	struct gyl_dns_cache_stat st;

	gyl_dns_cache_stat(&fw->cache, &st);
	REQUIRE(st.used <= fw->cache_len && st.entry_cnt <= st.used / sizeof(struct gyl_dns_entry));
	REQUIRE(fw->asks.used <= fw->asks.cap && fw->heap_cnt == fw->asks.used);
	REQUIRE(fw->waiters.used <= fw->waiters.cap && fw->sources.used <= fw->waiters.used);
	REQUIRE(h->open_cnt <= GYL__DNS_FLOW_MAX);
}

/* ---- steps ---- */

static void ask_something(uint8_t who, uint8_t how)
{
	struct query *q = &query[query_cnt];

	if (query_cnt == QUERIES)
		return;
	h->w->udp_size = (how & 1) != 0 ? 1232 : 0;
	h->w->dnssec_ok = (how & 2) != 0;
	q->len = make_query(h->w, names[who & 7], types[who >> 3 & 7]);
	REQUIRE(q->len <= sizeof q->msg);
	memcpy(q->msg, h->w->query, q->len);
	gyl_set_u16(q->msg, (uint16_t)(query_cnt * 7919));
	q->msg[2] = (uint8_t)((how & 4) != 0 ? q->msg[2] & 0xfe : q->msg[2]);
	q->msg[3] = (uint8_t)((how & 8) != 0 ? GYL_DNS_CD : 0);
	q->answered = false;
	query_cnt++;
	hall_send(h, (query_cnt - 1) % 5, (uint16_t)(query_cnt - 1), q->msg, q->len);
}

static const struct question *some_question(uint8_t who)
{
	unsigned cnt = question_cnt < ASKED ? question_cnt : ASKED;

	return cnt == 0 ? NULL : &question[who % cnt];
}

/* Is a question open on that flow which the message may answer? */
static bool is_open(uint32_t flow, struct gyl_view msg)
{
	for (unsigned i = 0; i < ASKED && i < question_cnt; i++) {
		const struct question *q = &question[i];

		if (q->flow != flow || msg.len < 12 || gyl_get_u16(q->msg) != gyl_get_u16(msg.p))
			continue;
		if (same_question(gyl_view(q->msg, q->len), msg, false) ||
			gyl_get_u16(msg.p + 4) == 0)
			return true;
	}
	return false;
}

static void say(const struct question *q, struct gyl_view msg)
{
	const struct gyl__dns_forward *fw = &h->d->forward;
	struct gyl_in in = {.kind = q->tcp ? GYL_IN_BYTES : GYL_IN_DGRAM,
		.port = GYL_PORT_OPENED,
		.flow = q->flow};
	static uint8_t framed[4096];
	uint64_t inserted = fw->cache.insert_cnt;
	unsigned answers = h->answer_cnt;
	bool open = q->tcp || is_open(q->flow, msg);

	if (hall_flow(h, q->flow) == NULL)
		return;
	in.data = msg;
	if (q->tcp) {
		gyl_set_u16(framed, (uint16_t)msg.len);
		memcpy(framed + 2, msg.p, msg.len);
		in.data = gyl_view(framed, msg.len + 2);
	}
	hall_give(h, &in);
	REQUIRE(open || (fw->cache.insert_cnt == inserted && h->answer_cnt == answers));
}

/* Header and question as asked, then what the input has. */
static size_t begin(const struct question *q, uint8_t how, uint8_t *p)
{
	struct gyl_dns_query parsed;
	static const uint8_t rcode[] = {0, 0, 0, 3, 1, 2, 5, 4};

	REQUIRE(!gyl_failed(gyl_dns_decode_query(gyl_view(q->msg, q->len), &parsed)));
	memcpy(p, q->msg, parsed.question_end);
	p[2] = (uint8_t)(0x81 | ((how & 8) != 0 ? 2 : 0));
	p[3] = (uint8_t)(0x80 | rcode[how & 7]);
	gyl_set_u32(p + 6, 0);
	gyl_set_u16(p + 10, 0);
	if ((how & 0x10) != 0)
		p[13] ^= 0x20;
	if ((how & 0x20) != 0)
		p[1] ^= 1;
	return parsed.question_end;
}

static size_t serve(uint8_t who, uint8_t how, const uint8_t *data, size_t size)
{
	const struct question *q = some_question(who);
	size_t used = size < 3 ? size : 3u + data[2] * 2u, len;
	static uint8_t msg[2048];

	used = used < size ? used : size;
	if (q == NULL || size < 3)
		return used;
	if ((how & 0x80) != 0) { /* anything at all */
		say(q, gyl_view(data + 3, used - 3));
		return used;
	}
	len = begin(q, how, msg);
	msg[7] = data[0] & 15;
	msg[9] = data[0] >> 4;
	msg[11] = data[1] & 3;
	memcpy(msg + len, data + 3, used - 3);
	say(q, gyl_view(msg, len + used - 3));
	return used;
}

static void end_flow(uint8_t who, uint8_t how)
{
	const struct question *q = some_question(who);
	struct hall_flow *f = q == NULL ? NULL : hall_flow(h, q->flow);
	struct gyl_in in = {
		.kind = (how & 1) != 0 ? GYL_IN_EOF : GYL_IN_CLOSED, .port = GYL_PORT_OPENED};

	if (f == NULL || (in.kind == GYL_IN_EOF && !q->tcp))
		return;
	in.flow = f->number;
	if (in.kind == GYL_IN_CLOSED) {
		f->used = false;
		h->open_cnt--;
	}
	hall_give(h, &in);
}

static size_t step(const uint8_t *data, size_t size)
{
	size_t used = 3;

	switch (data[0] & 7) {
	case 0:
	case 1:
		ask_something(data[1], data[2]);
		break;
	case 2:
		hall_run(h, data[1] * (UINT64_C(1) << (data[2] % 20)) * GYL_NS_PER_US);
		break;
	case 3:
		end_flow(data[1], data[2]);
		break;
	default:
		hall_run(h, 0); /* sockets open */
		used += serve(data[1], data[2], data + 3, size - 3);
	}
	return used;
}

static void all_is_told(void)
{
	hall_run(h, 10 * GYL_NS_PER_S);
	REQUIRE(h->d->forward.waiters.used == 0 && h->d->forward.sources.used == 0);
	for (unsigned i = 0; i < query_cnt; i++)
		REQUIRE(query[i].answered);
}

/* A domain with a server of its own, a blocked name, names of ours. */
static void fill(struct gyl_dns_compile *c)
{
	const struct gyl_view answer = gyl_view_str("0.0.0.0");

	gyl_dns_compile_block_text(
		c, "list", GYL_DNS_BLOCK_DOMAINS, &answer, 1, gyl_view_str("a.www.example\n"));
	name_is(c, GYL_DNS_TABLE_ROUTE, "corp.example.", GYL_DNS_ROUTE_GROUP + 1);
	name_is(c, GYL_DNS_TABLE_ROUTE, ".", GYL_DNS_ROUTE_GROUP);
	gyl_dns_compile_special(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (h == NULL) {
		image_more = fill;
		h = hall_open(2, remember);
		hall_domain(h, "corp.example.", 2);
		hall_seal(h);
		h->on_answer = on_answer;
	}
	query_cnt = question_cnt = 0;
	hall_begin(h);
	for (unsigned n = 0; n < STEPS && size >= 3; n++) {
		size_t used = step(data, size);

		data += used;
		size -= used;
		bounds();
	}
	all_is_told();
	return 0;
}
