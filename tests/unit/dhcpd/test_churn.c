/* SPDX-License-Identifier: ISC */

/* A crowd in virtual time: more clients than addresses, that come, roam, renew, leave, decline and
 * fall silent, while the server restarts and reloads. The witness of sim.h looks on. */

#include "tests/unit/dhcpd/sim.h"

enum {
	CLIENTS = 4000,
	STEPS = 200000
};

struct one {
	uint32_t ip, relay; /* what it believes to have, and where it is */
	uint64_t until_ns;
};

static struct one crowd[CLIENTS];
static uint64_t state = 88172645463325252u;

static uint32_t any(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)((state >> 16) % below);
}

static void join(struct sim *s, struct one *c, struct ask q)
{
	q.type = GYL_DHCP_DISCOVER;
	q.lease = any(3) == 0 ? 60 + any(900) : 0;
	if (!sim_ask(s, q) || s->w.m.type != GYL_DHCP_OFFER)
		return;
	q.type = GYL_DHCP_REQUEST;
	q.want = s->w.m.hdr.yiaddr;
	q.server = US;
	if (any(20) == 0) /* it likes another server better, or has gone */
		q.server = US + any(2);
	if (any(10) == 0 || !sim_ask(s, q) || s->w.m.type != GYL_DHCP_ACK)
		return;
	c->ip = q.want;
	gyl_dhcp_find_u32(&s->w.m, GYL_DHCP_OPT_LEASE_TIME, &q.lease);
	c->until_ns = s->w.b.now.mono_ns + q.lease * GYL_NS_PER_S;
}

static void renew(struct sim *s, struct one *c, struct ask q)
{
	q.type = GYL_DHCP_REQUEST;
	if (any(3) == 0)
		q.want = c->ip;
	else
		q.ciaddr = c->ip;
	q.unicast = any(2);
	if (!sim_ask(s, q))
		return;
	if (s->w.m.type == GYL_DHCP_NAK) {
		c->ip = 0;
		return;
	}
	assert_int_equal(s->w.m.hdr.yiaddr, c->ip);
	gyl_dhcp_find_u32(&s->w.m, GYL_DHCP_OPT_LEASE_TIME, &q.lease);
	c->until_ns = s->w.b.now.mono_ns + q.lease * GYL_NS_PER_S;
}

/* It asks for what it has heard of somewhere, in any of the forms. */
static void stray(struct sim *s, struct one *c, struct ask q)
{
	uint32_t ip = (any(2) == 0 ? POOL : FAR_POOL) + any(220);

	q.type = GYL_DHCP_REQUEST;
	q.unicast = any(2);
	if (any(2) == 0)
		q.want = ip;
	else
		q.ciaddr = ip;
	if (any(2) == 0)
		q.server = US;
	if (!sim_ask(s, q) || s->w.m.type != GYL_DHCP_ACK)
		return;
	c->ip = s->w.m.hdr.yiaddr;
	gyl_dhcp_find_u32(&s->w.m, GYL_DHCP_OPT_LEASE_TIME, &q.lease);
	c->until_ns = s->w.b.now.mono_ns + q.lease * GYL_NS_PER_S;
}

static void leave(struct sim *s, struct one *c, struct ask q)
{
	q.server = US;
	if (any(8) == 0) {
		q.type = GYL_DHCP_DECLINE;
		q.want = c->ip;
	} else {
		q.type = GYL_DHCP_RELEASE;
		q.ciaddr = c->ip;
	}
	assert_false(sim_ask(s, q));
	c->ip = 0;
}

static void act(struct sim *s)
{
	uint32_t n = any(CLIENTS);
	struct one *c = &crowd[n];
	uint8_t mac[6] = {2, 1, 0, 0, (uint8_t)(n >> 8), (uint8_t)n};
	struct ask q = {.mac = mac,
		.xid = 1 + any(UINT32_MAX),
		.giaddr = c->relay,
		.name = n % 3 == 0 ? "phone" : NULL};
	char id[40];

	if (n % 2 == 0) {
		snprintf(id, sizeof id, "ff00000000 0004 %08x", (unsigned)n);
		q.id = id;
	}
	if (c->ip != 0 && c->until_ns <= s->w.b.now.mono_ns)
		c->ip = 0;
	if (any(20) == 0)
		stray(s, c, q);
	else if (c->ip == 0)
		join(s, c, q);
	else if (any(4) != 0)
		renew(s, c, q);
	else
		leave(s, c, q);
	if (any(10) == 0)
		c->relay = c->relay == 0 ? RELAY : 0;
}

static void shake(struct sim *s)
{
	uint32_t what = any(3);

	if (what == 0) {
		sim_restart(s);
	} else if (what == 1) {
		s->w.plan.pool[0].last = POOL + 100 + any(130);
		world_reload(&s->w);
	} else {
		s->w.plan.no_far = !s->w.plan.no_far;
		world_reload(&s->w);
	}
}

static void a_crowd_never_shares_an_address(void **unused)
{
	struct sim *s = calloc(1, sizeof *s);

	(void)unused;
	assert_non_null(s);
	sim_open(s);
	s->w.plan.pool[0].last = POOL + 200;
	s->w.plan.far_pool[0].last = FAR_POOL + 200;
	s->w.plan.cf.lease_ns = 10 * GYL_NS_PER_MIN;
	world_start(&s->w);
	for (unsigned i = 0; i < STEPS; i++) {
		act(s);
		if (any(4) == 0)
			sim_pass(s, any(2000) * GYL_NS_PER_MS);
		if (any(500) == 0)
			sim_pass(s, any(900) * GYL_NS_PER_S);
		if (any(2000) == 0)
			shake(s);
	}
	/* It has been a crowd, and it has been served. */
	assert_true(s->ack_cnt > STEPS / 20 && s->offer_cnt > STEPS / 20 && s->nak_cnt > 100);
	sim_close(s);
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_crowd_never_shares_an_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
