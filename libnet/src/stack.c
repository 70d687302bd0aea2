/* SPDX-License-Identifier: ISC */
#include "libnet/src/stack.h"

struct gyl_stack_conf gyl_stack_defaults(
	const uint8_t mac[6], uint32_t ip, uint8_t prefix, uint32_t gateway, uint64_t seed)
{
	struct gyl_stack_conf cf = {
		.ip = ip,
		.gateway = gateway,
		.prefix = prefix,
		.mtu = 1500,
		.sock_max = 1024,
		.park_max = 64,
		.echo_rate = 1000,
		.error_rate = 100,
		.arp = gyl_arp_cache_defaults(mac, seed),
		.seed = seed,
	};

	return cf;
}

static size_t align16(size_t len)
{
	return (len + 15) & ~(size_t)15;
}

/* Neither the network itself nor its broadcast address; a gateway is another station of it. */
static bool is_good_ip(const struct gyl_stack_conf *cf)
{
	uint32_t mask = gyl_ipv4_mask(cf->prefix);
	uint32_t host = cf->ip & ~mask;

	if (cf->prefix < 31 && (host == 0 || host == ~mask))
		return false;
	return cf->gateway == 0 || (cf->gateway != cf->ip && ((cf->gateway ^ cf->ip) & mask) == 0);
}

static bool is_good(const struct gyl_stack_conf *cf)
{
	return is_good_ip(cf) && cf->prefix >= 1 && cf->prefix <= 32 && cf->mtu >= 576 &&
	       cf->mtu <= 1984 && cf->sock_max >= 1 && cf->sock_max <= 16384 && cf->park_max >= 1 &&
	       cf->park_max <= 1024 && cf->echo_rate > 0 && cf->error_rate > 0;
}

size_t gyl_stack_need(const struct gyl_stack_conf *cf)
{
	size_t arp_len = gyl_arp_cache_need(&cf->arp);

	if (!is_good(cf) || arp_len == 0)
		return 0;
	return align16(sizeof(struct gyl_stack)) + align16(arp_len) +
	       align16(cf->park_max * sizeof(struct gyl_parked)) +
	       align16(gyl__ports_need(cf->sock_max));
}

/* Cut the next piece off the memory. */
static void *carve(uint8_t **at, size_t len)
{
	uint8_t *p = *at;

	*at += align16(len);
	return p;
}

static void init_parts(struct gyl_stack *s, uint8_t *at)
{
	const struct gyl_stack_conf *cf = &s->cf;

	s->arp = gyl_arp_cache_init(carve(&at, gyl_arp_cache_need(&cf->arp)), &cf->arp);
	s->park.cap = cf->park_max;
	s->park.at = carve(&at, cf->park_max * sizeof(struct gyl_parked));
	for (size_t i = 0; i < s->park.cap; i++)
		s->park.at[i].len = 0;
	gyl__ports_init(&s->ports, carve(&at, gyl__ports_need(cf->sock_max)), cf->sock_max);
	s->echo = gyl__rate(cf->echo_rate, cf->echo_rate / 2 + 1);
	s->error = gyl__rate(cf->error_rate, cf->error_rate / 2 + 1);
	s->ident = gyl__ident(cf->seed);
}

struct gyl_stack *gyl_stack_init(void *mem, const struct gyl_stack_conf *cf)
{
	struct gyl_stack *s = mem;
	uint8_t *at = mem;
	bool was_asked;

	if (gyl_stack_need(cf) == 0)
		return NULL;
	carve(&at, sizeof(*s));
	memset(s, 0, sizeof(*s));
	s->cf = *cf;
	s->mask = gyl_ipv4_mask(cf->prefix);
	/* RFC 3021: a network of one or two addresses has no broadcast address. */
	s->broadcast = cf->prefix >= 31 ? 0 : cf->ip | ~s->mask;
	init_parts(s, at);
	if (!gyl_arp_cache_own(s->arp, cf->ip, &s->announcement, &was_asked))
		return NULL;
	s->announce = true;
	return s;
}

enum gyl_stack_bound gyl_stack_bind(struct gyl_stack *s, const struct gyl_stack_sock *sock)
{
	return gyl__ports_add(&s->ports, sock);
}

void gyl_stack_unbind(struct gyl_stack *s, uint16_t local_port)
{
	gyl__ports_del(&s->ports, local_port);
}

enum gyl_stack_bound gyl_stack_bind_frame(struct gyl_stack *s, uint16_t ethertype, uint8_t port)
{
	for (size_t i = 0; i < s->tap_cnt; i++) {
		if (s->tap[i].ethertype == ethertype)
			return GYL_STACK_IN_USE;
	}
	if (s->tap_cnt == GYL_STACK_TAP_MAX)
		return GYL_STACK_FULL;
	s->tap[s->tap_cnt].ethertype = ethertype;
	s->tap[s->tap_cnt++].port = port;
	return GYL_STACK_BOUND;
}

size_t gyl_stack_input(struct gyl_stack *s, uint64_t now_ns, const struct gyl_netframe *f,
	size_t cnt, struct gyl_stack_batch *b)
{
	size_t i;

	for (i = 0; i < cnt; i++) {
		if (b->in_cap - b->in_cnt < GYL_STACK_IN_MAX ||
			b->out_cap - b->out_cnt < GYL_STACK_OUT_MAX)
			break;
		gyl__eth_input(s, now_ns, &f[i], b);
	}
	return i;
}

void gyl_stack_tick(struct gyl_stack *s, uint64_t now_ns, struct gyl_stack_batch *b)
{
	if (s->announce && b->out_cnt < b->out_cap) {
		gyl__arp_send(s, &s->announcement, b);
		s->announce = false;
	}
	gyl__arp_tick(s, now_ns, b);
}

uint64_t gyl_stack_deadline_ns(const struct gyl_stack *s)
{
	return s->announce ? 0 : gyl_arp_cache_deadline_ns(s->arp);
}

bool gyl_stack_conflict(struct gyl_stack *s, uint32_t *ret_ip, uint8_t ret_mac[6])
{
	if (!s->has_conflict)
		return false;
	s->has_conflict = false;
	*ret_ip = s->conflict_ip;
	memcpy(ret_mac, s->conflict_mac, 6);
	return true;
}

struct gyl_arp_cache *gyl_stack_arp(struct gyl_stack *s)
{
	return s->arp;
}

struct gyl_stack_stat gyl_stack_stat(const struct gyl_stack *s)
{
	return s->stat;
}
