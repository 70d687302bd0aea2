/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_DHCPD_PAIR_H
#define GYL_TESTS_DHCPD_PAIR_H

/*
 * Two servers with one set of leases, in one virtual time: each with its own clocks, its own store
 * that is durable when the test says so, and a stream between them that the test may cut, hold and
 * heal. Clients believe what they hear, from either. A witness ends the test when an address has
 * two holders, is offered while somebody holds it, or when a holder is told that it is none.
 */

#include <gyl/rng.h>

#include "services/base/store.h"
#include "services/dhcpd/standby.h"
#include "services/dhcpd/state.h"
#include "tests/unit/dhcpd/world.h"

enum {
	PAIR_CLIENTS = 14,
	PAIR_POOL = 12, /* addresses from POOL on */
	PAIR_LOG = 60000,
	PAIR_PARK = 512,
	PAIR_WIRE = 1 << 17,
	PAIR_LEASE_S = 120
};

struct pair_record {
	uint8_t key[32], val[300];
	size_t key_len, val_len;
	bool remove;
	uint64_t seq, mono_ns;
};

struct pair_parked {
	struct gyl_send s;
	uint8_t data[1500];
};

/* One direction of the stream. */
struct wire {
	uint8_t p[PAIR_WIRE];
	size_t len;     /* octets on their way or waiting */
	size_t arrived; /* of them */
};

struct node {
	struct outbox b;
	struct gyl_dhcpd *d;
	void *mem, *standby_mem;
	struct gyl_rng rng;
	uint64_t mono_off, wall_off; /* of its clocks to the time of the test */
	uint32_t ppm;                /* it goes faster by that */
	bool up, first;
	bool deaf;       /* nothing of the other's arrives, one way */
	bool slow;       /* its disk writes nothing */
	char told[400];  /* the last event about the two */
	char grave[400]; /* the last error about them */
	struct pair_record *log;
	uint32_t log_cnt;
	uint64_t seq, durable, gate;
	struct pair_parked *park;
	unsigned park_cnt;
	uint32_t flow;    /* of the stream as it knows it; 0: none */
	bool told_opened; /* of it */
	bool owes_closed;
	uint32_t closed_flow;
};

struct client {
	uint32_t ip; /* it holds; 0: none */
	uint64_t until_ns, asked_ns;
	uint32_t xid;
	uint32_t offer; /* the last it heard of in this exchange */
	unsigned nak_cnt;
};

struct pair {
	struct node n[2];    /* 0 is the first */
	struct wire wire[2]; /* from node i to the other */
	bool joined;         /* the stream stands */
	bool cut;            /* nothing passes between the two */
	bool dialling[2];
	uint64_t dial_ns[2];
	bool two_firsts;    /* both are configured so */
	const char *secret; /* of the second; NULL: the same */
	uint32_t room;      /* of the stream */
	unsigned name_no; /* clients call themselves differently each time; 0: they have no name */
	uint32_t accepted;
	uint64_t now_ns;
	uint64_t rand, seed;
	void *flat;
	struct plan plan;
	struct client client[PAIR_CLIENTS];
	uint64_t ack_cnt, takeover_ns;
	bool take_back;
};

static inline uint32_t pair_rand(struct pair *p, uint32_t below)
{
	p->rand = p->rand * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((p->rand >> 33) % below);
}

/* ---- the store ---- */

static inline uint64_t pair_keep(void *arg, const struct gyl_record *rec, size_t cnt)
{
	struct node *n = arg;

	n->seq++;
	for (size_t i = 0; i < cnt; i++) {
		struct pair_record *r = &n->log[n->log_cnt++];

		assert_true(n->log_cnt < PAIR_LOG);
		assert_true(rec[i].key.len <= sizeof r->key && rec[i].val.len <= sizeof r->val);
		memcpy(r->key, rec[i].key.p, rec[i].key.len);
		if (rec[i].val.len != 0)
			memcpy(r->val, rec[i].val.p, rec[i].val.len);
		r->key_len = rec[i].key.len;
		r->val_len = rec[i].val.len;
		r->remove = rec[i].remove;
		r->seq = n->seq;
		r->mono_ns = n->b.now.mono_ns;
	}
	return n->seq;
}

static inline void pair_clock(const struct pair *p, struct node *n)
{
	n->b.now.mono_ns = p->now_ns + n->mono_off + p->now_ns / 1000000 * n->ppm;
	n->b.now.wall_ns = p->now_ns + n->wall_off;
	n->b.out.now = n->b.now;
}

/* ---- start and end ---- */

static inline bool pair_is_last(const struct node *n, uint32_t at)
{
	const struct pair_record *r = &n->log[at];

	for (uint32_t i = at + 1; i < n->log_cnt; i++)
		if (n->log[i].key_len == r->key_len &&
			memcmp(n->log[i].key, r->key, r->key_len) == 0)
			return false;
	return true;
}

static inline void pair_start(struct pair *p, struct node *n)
{
	static const uint8_t secret[] = "a secret of the two servers";
	const char *own = n->first || p->secret == NULL ? (const char *)secret : p->secret;
	struct gyl_dhcpd_standby_env s = {.first = n->first || p->two_firsts,
		.take_back = p->take_back,
		.peer_ip = n->first ? US + 1 : US,
		.peer_port = 647,
		.takeover_ns = p->takeover_ns,
		.secret = gyl_view_str(own),
		.rng = &n->rng};
	struct gyl_dhcpd_env env = {.flat = plan_make(&p->plan, p->flat),
		.iface = {{.ip = n->first ? US : US + 1, .prefix = 24}},
		.iface_cnt = 1,
		.seed = {1, n->first},
		.cap = {1024, 4, 64, 16, PLAN_LEN},
		.standby = &s};
	uint64_t seed[4] = {p->rand, n->first, 3, 4};
	struct gyl_writer why;
	uint8_t text[200];

	gyl_rng_init(&n->rng, GYL_RNG_CHACHA20, 0, 0);
	gyl_rng_reseed(&n->rng, seed, sizeof seed);
	free(n->mem);
	free(n->standby_mem);
	n->mem = calloc(1, gyl_dhcpd_need(&env.cap));
	n->standby_mem = calloc(1, gyl_dhcpd_standby_need(&env.cap));
	assert_true(n->mem != NULL && n->standby_mem != NULL);
	env.standby_mem = n->standby_mem;
	gyl_writer_init(&why, text, sizeof text);
	n->d = gyl_dhcpd_init(n->mem, &env, &why);
	assert_non_null(n->d);
	n->mono_off = GYL_NS_PER_S * (1 + pair_rand(p, 100000));
	n->gate = UINT64_MAX;
	n->up = true;
	pair_clock(p, n);
	for (uint32_t i = 0; i < n->log_cnt; i++) {
		struct gyl_in in = {.kind = GYL_IN_RECORD, .seq = n->b.now.wall_ns};
		const struct pair_record *r = &n->log[i];

		if (r->remove || !pair_is_last(n, i))
			continue;
		in.key = gyl_view(r->key, r->key_len);
		in.data = gyl_view(r->val, r->val_len);
		assert_int_equal(gyl_dhcpd_core.input(n->d, n->b.now, &in, 1, &n->b.out), 1);
	}
}

static inline void pair_unjoin(struct pair *p)
{
	for (int i = 0; i < 2; i++) {
		struct node *n = &p->n[i];

		p->wire[i].len = p->wire[i].arrived = 0;
		if (n->flow == 0)
			continue;
		n->owes_closed = n->up;
		n->closed_flow = n->flow;
		n->flow = 0;
	}
	p->joined = false;
}

static inline void pair_crash(struct pair *p, struct node *n)
{
	if (!n->up)
		return;
	n->up = false;
	while (n->log_cnt != 0 && n->log[n->log_cnt - 1].seq > n->durable)
		n->log_cnt--;
	n->seq = n->durable;
	n->park_cnt = 0;
	n->owes_closed = false;
	n->flow = 0;
	/* Sometimes the other hears of it at once, sometimes never. */
	if (!p->cut && pair_rand(p, 2) == 0)
		pair_unjoin(p);
	p->dialling[!n->first] = false;
}

/* Its disk is lost with it. */
static inline void pair_wipe(struct pair *p, struct node *n)
{
	pair_crash(p, n);
	n->log_cnt = 0;
	n->seq = n->durable = 0;
}

static inline bool pair_is_lease(const struct pair_record *r)
{
	return r->key_len > 12 && memcmp(r->key, "dhcpd/lease/", 12) == 0;
}

/* The journal is written anew from what the core knows, as run_store.c does, also when the clock
 * was set. */
static inline void pair_compact(struct node *n)
{
	uint32_t kept = 0, top = gyl__dhcpd_owner.top(n->d);

	if (!n->up || n->seq != n->durable)
		return;
	for (uint32_t i = 0; i < n->log_cnt; i++)
		if (!pair_is_lease(&n->log[i]))
			n->log[kept++] = n->log[i];
	n->log_cnt = kept;
	n->d->now = n->b.now;
	for (uint32_t i = 1; i <= top; i++) {
		struct pair_record *r = &n->log[n->log_cnt];
		struct gyl_writer name, val;
		uint64_t wall_ns;

		memcpy(r->key, "dhcpd/lease/", 12);
		gyl_writer_init(&name, r->key + 12, sizeof r->key - 12);
		gyl_writer_init(&val, r->val, sizeof r->val);
		if (!gyl__dhcpd_owner.print(n->d, i, &name, &val, &wall_ns))
			continue;
		r->key_len = 12 + name.len;
		r->val_len = val.len;
		r->remove = false;
		r->seq = n->durable;
		r->mono_ns = UINT64_MAX; /* when is not known any more */
		n->log_cnt++;
	}
}

/* ---- what clients hear ---- */

/* Who says something alone has noted down before that it is. */
static inline void pair_check_alone(const struct node *n)
{
	const struct gyl_dhcpd_standby *s = n->d->standby;

	if (s->role != GYL_DHCPD_ROLE_ALONE || s->phase == GYL_DHCPD_LINK_GO)
		return;
	for (uint32_t i = n->log_cnt; i-- != 0;)
		if (n->log[i].seq <= n->durable && n->log[i].key_len == 13 &&
			memcmp(n->log[i].key, "dhcpd/standby", 13) == 0) {
			assert_memory_equal(n->log[i].val, "1 al", 4);
			return;
		}
	fail();
}

static inline bool pair_is_held(const struct pair *p, uint32_t ip, unsigned not_by)
{
	for (unsigned i = 0; i < PAIR_CLIENTS; i++)
		if (i != not_by && p->client[i].ip == ip && p->client[i].until_ns > p->now_ns)
			return true;
	return false;
}

static inline void pair_hear(struct pair *p, const uint8_t *data, size_t len)
{
	struct gyl_dhcp_msg m;
	struct client *c;
	uint32_t lease_s = 0;
	unsigned who;

	assert_false(gyl_failed(gyl_dhcp_decode(gyl_view(data, len), &m)));
	who = m.hdr.chaddr[5];
	assert_true(who < PAIR_CLIENTS);
	c = &p->client[who];
	if (m.type == GYL_DHCP_OFFER) {
		if (pair_is_held(p, m.hdr.yiaddr, who))
			fail_msg("seed %u: client %u is offered .%u of another", (unsigned)p->seed,
				who, m.hdr.yiaddr & 255);
		c->offer = m.hdr.yiaddr;
		return;
	}
	if (m.type == GYL_DHCP_ACK) {
		uint64_t until_ns;

		assert_true(gyl_dhcp_find_u32(&m, GYL_DHCP_OPT_LEASE_TIME, &lease_s));
		/* RFC 2131 4.4.1: from when it asked. A clock of 1 % may be on either side. */
		until_ns = c->asked_ns + GYL_NS_PER_MS * 980 * lease_s;
		/* To an exchange that is over it means nothing, nor when it is so late that the
		 * lease is. Else, whether the client hears of it or not: somebody might have. */
		if (m.hdr.xid != c->xid || until_ns <= p->now_ns)
			return;
		if (pair_is_held(p, m.hdr.yiaddr, who))
			fail_msg("seed %u: client %u gets .%u of another", (unsigned)p->seed, who,
				m.hdr.yiaddr & 255);
		if (pair_rand(p, 8) == 0)
			return;
		c->ip = m.hdr.yiaddr;
		c->until_ns = until_ns;
		p->ack_cnt++;
		return;
	}
	assert_int_equal(m.type, GYL_DHCP_NAK);
	if (m.hdr.xid == c->xid)
		c->nak_cnt++;
}

/* ---- what a core said ---- */

static inline void pair_put_wire(struct pair *p, struct node *n, const struct gyl_send *s)
{
	struct wire *w = &p->wire[n - p->n];

	if (!p->joined || s->flow != n->flow)
		return;
	assert_true(w->len + s->len <= PAIR_WIRE);
	memcpy(w->p + w->len, s->p, s->len);
	w->len += s->len;
}

static inline void pair_emit(struct pair *p, struct node *n, const struct gyl_send *s)
{
	if (s->flow != 0) {
		pair_put_wire(p, n, s);
		return;
	}
	pair_check_alone(n);
	pair_hear(p, s->p, s->len);
}

static inline void pair_flow(struct pair *p, struct node *n, const struct gyl_out_op *op)
{
	if (op->op == GYL_FLOW_OPEN_TCP) {
		n->flow = op->flow;
		p->dialling[!n->first] = true;
		p->dial_ns[!n->first] = p->now_ns;
	} else if (op->op == GYL_FLOW_RESET && op->flow == n->flow) {
		struct node *other = &p->n[n->first];

		n->owes_closed = true;
		n->closed_flow = n->flow;
		n->flow = 0;
		p->dialling[!n->first] = false;
		if (!p->cut && other->flow != 0 && p->joined)
			pair_unjoin(p);
		p->joined = false;
	}
}

static inline void pair_release(struct pair *p, struct node *n)
{
	uint64_t safe = n->durable < n->gate ? n->durable : n->gate;
	unsigned kept = 0;

	for (unsigned i = 0; i < n->park_cnt; i++) {
		struct pair_parked *k = &n->park[i];

		k->s.p = k->data;
		if (k->s.after <= safe)
			pair_emit(p, n, &k->s);
		else
			n->park[kept++] = *k;
	}
	n->park_cnt = kept;
}

static inline void pair_drop_strict(struct node *n)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < n->park_cnt; i++)
		if (!n->park[i].s.strict || n->park[i].s.after <= n->b.out.gate_was)
			n->park[kept++] = n->park[i];
	n->park_cnt = kept;
}

static inline void pair_begin(struct pair *p, struct node *n)
{
	struct gyl_out *o = &n->b.out;

	pair_clock(p, n);
	o->send_cnt = 0;
	o->op_cnt = 0;
	o->stored = n->durable;
	o->gate = n->gate;
	o->durable = n->durable < n->gate ? n->durable : n->gate;
	o->gate_broken = false;
	o->strict = false;
	gyl_ring_init(&n->b.ring, n->b.ring_mem, sizeof n->b.ring_mem);
}

static inline void pair_tell(struct pair *p, struct node *n)
{
	static int loud = -1;
	struct gyl_out_event *e;
	struct gyl_writer w;
	char text[300];
	size_t len;
	void *at;

	if (loud < 0)
		loud = getenv("GYL_LOUD") != NULL;
	for (; gyl_ring_peek(&n->b.ring, &at, &len); gyl_ring_drop(&n->b.ring)) {
		e = at;
		gyl_writer_init(&w, text, sizeof text - 1);
		gyl_event_print(&e->e, &w);
		text[w.len] = '\0';
		if (e->e.kind == GYL_EV_DHCPD_STANDBY)
			memcpy(e->e.severity <= GYL_SEV_ERR ? n->grave : n->told, text,
				sizeof text);
		if (loud)
			fprintf(stderr, "%8.3f %c %s\n", (double)(p->now_ns / 1000000) / 1000,
				n->first ? 'A' : 'B', text);
	}
}

/* What a frame says of time: all that was changed before is in it, or in earlier ones. */
static inline void pair_check_sync(const struct node *n)
{
	const struct gyl_dhcpd_standby *s = n->d->standby;
	uint64_t seq;

	if (s->pend_sent == s->pend_end || s->flight_end == s->flight_acked ||
		s->role != GYL_DHCPD_ROLE_BOTH)
		return;
	seq = s->pend[s->pend_sent % GYL_DHCPD_PEND_MAX].seq;
	for (uint32_t i = n->log_cnt; i-- != 0;)
		if (n->log[i].seq == seq) {
			assert_true(s->sync_ns <= n->log[i].mono_ns);
			return;
		}
}

static inline void pair_end(struct pair *p, struct node *n)
{
	struct gyl_out *o = &n->b.out;

	pair_tell(p, n);
	pair_check_sync(n);

	for (unsigned i = 0; i < o->send_cnt; i++) {
		if (o->send[i].after <= o->durable) {
			pair_emit(p, n, &o->send[i]);
			continue;
		}
		assert_true(n->park_cnt < PAIR_PARK && o->send[i].len <= 1500);
		n->park[n->park_cnt].s = o->send[i];
		memcpy(n->park[n->park_cnt++].data, o->send[i].p, o->send[i].len);
	}
	n->gate = o->gate;
	if (o->gate_broken)
		pair_drop_strict(n);
	for (unsigned i = 0; i < o->op_cnt; i++)
		pair_flow(p, n, &o->op[i]);
	pair_release(p, n);
}

static inline size_t pair_give(struct pair *p, struct node *n, struct gyl_in *in)
{
	size_t taken;

	pair_begin(p, n);
	taken = gyl_dhcpd_core.input(n->d, n->b.now, in, 1, &n->b.out);
	pair_end(p, n);
	return taken;
}

static inline void pair_ticks(struct pair *p, struct node *n)
{
	for (unsigned i = 0; i < 200 && n->up; i++) {
		pair_clock(p, n);
		if (gyl_dhcpd_core.deadline_ns(n->d) > n->b.now.mono_ns)
			return;
		pair_begin(p, n);
		gyl_dhcpd_core.tick(n->d, n->b.now, &n->b.out);
		pair_end(p, n);
	}
}

static inline void pair_set_clock(struct pair *p, struct node *n, uint64_t by_ns)
{
	/* A clock that is set while the server is down ends leases, with one server as with two. */
	if (!n->up)
		return;
	n->wall_off += by_ns;
	pair_begin(p, n);
	gyl_dhcpd_core.tick(n->d, n->b.now, &n->b.out);
	pair_end(p, n);
	n->durable = n->seq;
	pair_compact(n);
}

/* ---- the stream ---- */

/* A call that nobody takes, or that takes too long. */
static inline void pair_no_answer(struct pair *p, unsigned from)
{
	struct node *n = &p->n[from];

	p->dialling[from] = false;
	n->owes_closed = true;
	n->closed_flow = n->flow;
	n->flow = 0;
}

static inline void pair_connect(struct pair *p, unsigned from)
{
	struct node *to = &p->n[!from], *by = &p->n[from];
	struct gyl_in in = {.kind = GYL_IN_OPENED, .room = p->room, .role = GYL_DHCPD_PEER};

	if (to->flow != 0) { /* the old one: its end comes late */
		to->owes_closed = true;
		to->closed_flow = to->flow;
	}
	p->dialling[0] = p->dialling[1] = false;
	p->joined = true;
	memset(p->wire, 0, sizeof p->wire);
	to->flow = 0x80000000u | ++p->accepted;
	in.flow = to->flow;
	in.peer.ip = by->first ? US : US + 1;
	pair_give(p, to, &in);
	in.flow = by->flow;
	in.peer.ip = to->first ? US : US + 1;
	in.port = GYL_PORT_OPENED;
	if (by->flow != 0)
		pair_give(p, by, &in);
}

static inline void pair_dial(struct pair *p, unsigned from)
{
	struct node *by = &p->n[from], *to = &p->n[!from];
	bool through = !p->cut && to->up;

	if (!p->dialling[from] || !by->up || by->owes_closed || to->owes_closed)
		return;
	if (through && !to->first && !p->two_firsts)
		pair_no_answer(p, from); /* the second does not listen */
	else if (through && !by->deaf && !to->deaf)
		pair_connect(p, from);
	else if (p->now_ns - p->dial_ns[from] > GYL_NS_PER_S)
		pair_no_answer(p, from);
}

static inline void pair_closed(struct pair *p, struct node *n)
{
	struct gyl_in in = {.kind = GYL_IN_CLOSED, .flow = n->closed_flow};

	if (!n->owes_closed || !n->up)
		return;
	n->owes_closed = false;
	pair_give(p, n, &in);
}

/* Some of what is on its way arrives. */
static inline void pair_carry(struct pair *p, unsigned from)
{
	struct wire *w = &p->wire[from];
	struct node *to = &p->n[!from];
	struct gyl_in in = {.kind = GYL_IN_BYTES, .room = p->room};

	if (!p->joined || p->cut || to->deaf || w->len == 0 || !to->up || to->flow == 0)
		return;
	w->arrived += pair_rand(p, (uint32_t)(w->len - w->arrived) + 1);
	if (pair_rand(p, 2) != 0)
		w->arrived = w->len;
	in.flow = to->flow;
	in.data = gyl_view(w->p, w->arrived);
	pair_give(p, to, &in);
	if (!p->joined)
		return;
	memmove(w->p, w->p + in.used, w->len - in.used);
	w->len -= in.used;
	w->arrived -= in.used;
}

static inline void pair_flush(struct pair *p, struct node *n)
{
	if (!n->up || n->slow)
		return;
	n->durable = n->seq;
	pair_begin(p, n);
	pair_end(p, n);
}

/* Everything that has to happen happens, in some order. */
static inline void pair_turn(struct pair *p, uint64_t ns)
{
	p->now_ns += ns;
	for (unsigned k = 0; k < 2; k++) {
		unsigned i = k ^ pair_rand(p, 2);

		pair_closed(p, &p->n[i]);
		pair_ticks(p, &p->n[i]);
		pair_carry(p, !i);
		if (pair_rand(p, 4) != 0)
			pair_flush(p, &p->n[i]);
	}
	pair_dial(p, 0);
	pair_dial(p, 1);
}

static inline void pair_run(struct pair *p, uint64_t ns, uint64_t turn_ns)
{
	for (; ns > turn_ns; ns -= turn_ns)
		pair_turn(p, turn_ns);
	pair_turn(p, ns);
}

static inline void pair_step(struct pair *p, uint64_t ns)
{
	pair_run(p, ns, 20 * GYL_NS_PER_MS);
}

static inline void pair_pass(struct pair *p, uint64_t ns)
{
	pair_run(p, ns, 60 * GYL_NS_PER_MS);
}

/* ---- clients ---- */

/* A message that both servers hear, if they are up. */
static inline void pair_send(struct pair *p, unsigned who, struct ask q)
{
	uint8_t buf[1500];
	struct gyl_in in = {.kind = GYL_IN_DGRAM, .role = GYL_DHCPD_LINK};
	unsigned one = pair_rand(p, 2);
	char name[64];

	if (p->name_no != 0) {
		snprintf(name, sizeof name, "c%u-%u-%040u", who, p->name_no++, 7u);
		q.name = name;
	}
	q.client = (uint8_t)who;
	q.xid = p->client[who].xid;
	p->client[who].asked_ns = p->now_ns; /* RFC 2131 4.4.1: a lease counts from then */
	in.peer = ask_peer(&q);
	in.data = gyl_view(buf, ask_build(&q, buf, sizeof buf));
	for (unsigned i = 0; i < 2; i++) {
		struct node *n = &p->n[i ^ one];

		if (n->up && pair_rand(p, 10) != 0)
			assert_int_equal(pair_give(p, n, &in), 1);
	}
}

static inline void pair_begin_exchange(struct client *c)
{
	c->xid++;
	c->offer = 0;
	c->nak_cnt = 0;
}

/* DISCOVER, and what is offered is asked for, by repeating it until it is answered. */
static inline void pair_acquire(struct pair *p, unsigned who)
{
	struct client *c = &p->client[who];
	uint32_t offer;

	pair_begin_exchange(c);
	c->ip = 0;
	pair_send(p, who, (struct ask){.type = GYL_DHCP_DISCOVER});
	pair_step(p, GYL_NS_PER_MS * 20);
	offer = c->offer;
	for (unsigned i = 0; i < 3 && offer != 0 && c->ip == 0; i++) {
		pair_send(p, who,
			(struct ask){.type = GYL_DHCP_REQUEST, .want = offer, .server = US});
		pair_step(p, GYL_NS_PER_MS * (10 + pair_rand(p, 800)));
	}
}

/* A holder is not told that it is none. It repeats its question so often at most. */
static inline void pair_renew(struct pair *p, unsigned who, bool reboot, unsigned tries)
{
	struct client *c = &p->client[who];
	uint64_t until = c->until_ns;
	uint32_t ip = c->ip;

	if (ip == 0 || until <= p->now_ns)
		return;
	pair_begin_exchange(c);
	for (unsigned i = 0; i < tries && c->until_ns == until && until > p->now_ns; i++) {
		pair_send(p, who,
			reboot ? (struct ask){.type = GYL_DHCP_REQUEST, .want = ip}
			       : (struct ask){.type = GYL_DHCP_REQUEST, .ciaddr = ip});
		pair_step(p, GYL_NS_PER_MS * (10 + pair_rand(p, 200)));
		assert_int_equal(c->nak_cnt, 0);
	}
}

static inline void pair_give_up(struct pair *p, unsigned who)
{
	struct client *c = &p->client[who];
	uint32_t ip = c->ip;

	if (ip == 0 || c->until_ns <= p->now_ns)
		return;
	pair_begin_exchange(c);
	c->ip = 0;
	pair_send(p, who,
		pair_rand(p, 8) == 0
			? (struct ask){.type = GYL_DHCP_DECLINE, .want = ip, .server = US}
			: (struct ask){.type = GYL_DHCP_RELEASE, .ciaddr = ip, .server = US});
}

/* ---- the whole ---- */

static inline struct pair *pair_open(uint64_t seed)
{
	struct pair *p = calloc(1, sizeof *p);

	assert_non_null(p);
	p->seed = seed;
	p->rand = seed * 0x9e3779b97f4a7c15u + 1;
	p->now_ns = UINT64_C(1000) * GYL_NS_PER_S;
	p->takeover_ns = 5 * GYL_NS_PER_S;
	p->room = 65536;
	p->plan = plan_usual();
	p->plan.pool[0] = (struct gyl_conf_range){POOL, POOL + PAIR_POOL - 1};
	p->plan.cf.lease_ns = PAIR_LEASE_S * GYL_NS_PER_S;
	p->plan.cf.decline_ns = 60 * GYL_NS_PER_S;
	p->flat = aligned_alloc(16, PLAN_LEN);
	assert_non_null(p->flat);
	for (unsigned i = 0; i < 2; i++) {
		struct node *n = &p->n[i];

		outbox_open(&n->b);
		n->first = i == 0;
		n->log = calloc(PAIR_LOG, sizeof *n->log);
		n->park = calloc(PAIR_PARK, sizeof *n->park);
		assert_true(n->log != NULL && n->park != NULL);
		n->b.out.store = pair_keep;
		n->b.out.store_arg = n;
		n->wall_off = UINT64_C(1795000000000000000) + i * 3600 * GYL_NS_PER_S;
		pair_start(p, n);
	}
	for (unsigned i = 0; i < PAIR_CLIENTS; i++)
		p->client[i].xid = 0x1000 * (i + 1);
	return p;
}

static inline void pair_close(struct pair *p)
{
	for (unsigned i = 0; i < 2; i++) {
		outbox_close(&p->n[i].b);
		free(p->n[i].mem);
		free(p->n[i].standby_mem);
		free(p->n[i].log);
		free(p->n[i].park);
	}
	free(p->flat);
	free(p);
}

static inline unsigned pair_role(const struct pair *p, unsigned i)
{
	return p->n[i].up ? p->n[i].d->standby->role : 99;
}

#endif
