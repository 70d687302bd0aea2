/* SPDX-License-Identifier: ISC */
#include "libnet/src/stack.h"

struct gyl_stack_iface_conf gyl_stack_iface_defaults(
	const uint8_t mac[6], uint32_t ip, uint8_t prefix, uint32_t gateway, uint64_t seed)
{
	struct gyl_stack_iface_conf cf = {
		.vlan = GYL_STACK_VLAN_ANY,
		.mtu = 1500,
		.gateway = gateway,
		.addr_cnt = 1,
		.addr = {{.ip = ip, .prefix = prefix}},
		.arp = gyl_arp_cache_defaults(mac, seed),
	};

	return cf;
}

struct gyl_stack_conf gyl_stack_defaults(const struct gyl_stack_iface_conf *iface,
	uint8_t iface_cnt, uint64_t seed, const uint8_t tcp_key[16])
{
	struct gyl_stack_conf cf = {
		.iface = iface,
		.iface_cnt = iface_cnt,
		.sock_max = 1024,
		.park_max = 64,
		.reass_len = GYL__REASS_MEM_LEN,
		.path_max = 256,
		.ttl = 64, /* RFC 1700 */
		.echo_rate = 1000,
		.error_rate = 100,
		.seed = seed,
		.tcp = gyl_streams_defaults(tcp_key),
	};

	return cf;
}

/* ---- what is allowed ---- */

/* A gateway is another station of a network here. */
static bool is_good_gateway(const struct gyl_stack_iface_conf *cf)
{
	bool is_near = false;

	for (unsigned i = 0; i < cf->addr_cnt; i++) {
		if (cf->gateway == cf->addr[i].ip)
			return false;
		is_near |=
			((cf->gateway ^ cf->addr[i].ip) & gyl_ipv4_mask(cf->addr[i].prefix)) == 0;
	}
	return cf->gateway == 0 || is_near;
}

static bool is_good_iface(const struct gyl_stack_iface_conf *cf)
{
	if (cf->dev >= GYL_STACK_DEV_MAX || cf->addr_cnt > GYL_STACK_ADDR_MAX)
		return false;
	if (cf->vlan > 4094 && cf->vlan != GYL_STACK_VLAN_ANY)
		return false;
	for (unsigned i = 0; i < cf->addr_cnt; i++) {
		if (!gyl__iface_can_have(cf->addr[i]))
			return false;
	}
	return cf->mtu >= 576 && cf->mtu <= 1984 && is_good_gateway(cf) &&
	       gyl_arp_cache_need(&cf->arp) != 0;
}

/* An address stands once, or its interface would be a matter of luck. */
static bool has_address(const struct gyl_stack_iface_conf *cf, unsigned addr_cnt, uint32_t ip)
{
	for (unsigned i = 0; i < addr_cnt; i++) {
		if (cf->addr[i].ip == ip)
			return true;
	}
	return false;
}

static bool is_apart(const struct gyl_stack_iface_conf *a, const struct gyl_stack_iface_conf *b)
{
	if (a->dev == b->dev && a->vlan == b->vlan)
		return false;
	for (unsigned i = 0; i < b->addr_cnt; i++) {
		if (has_address(a, a->addr_cnt, b->addr[i].ip))
			return false;
	}
	return true;
}

static bool are_good_ifaces(const struct gyl_stack_conf *cf)
{
	for (unsigned i = 0; i < cf->iface_cnt; i++) {
		const struct gyl_stack_iface_conf *f = &cf->iface[i];

		if (!is_good_iface(f))
			return false;
		for (unsigned j = 1; j < f->addr_cnt; j++) {
			if (has_address(f, j, f->addr[j].ip))
				return false;
		}
		for (unsigned j = 0; j < i; j++) {
			if (!is_apart(&cf->iface[j], f))
				return false;
		}
	}
	return cf->iface_cnt >= 1 && cf->iface_cnt <= GYL_STACK_IFACE_MAX;
}

static bool is_good(const struct gyl_stack_conf *cf)
{
	return are_good_ifaces(cf) && cf->sock_max >= 1 && cf->sock_max <= 16384 &&
	       cf->park_max >= 1 && cf->park_max <= 1024 && cf->path_max >= 1 &&
	       cf->path_max <= 4096 && cf->ttl >= 1 && cf->echo_rate > 0 && cf->error_rate > 0 &&
	       (cf->tcp.conn_max == 0 || gyl_streams_need(&cf->tcp) != 0);
}

/* ---- opening ---- */

static struct gyl__reass_conf reass_conf(const struct gyl_stack_conf *cf)
{
	struct gyl__reass_conf rc = gyl__reass_defaults(cf->seed);

	rc.mem_len = cf->reass_len;
	return rc;
}

static size_t align64(size_t len)
{
	return (len + 63) & ~(size_t)63;
}

static size_t streams_need(const struct gyl_stack_conf *cf)
{
	return cf->tcp.conn_max == 0 ? 0 : gyl_streams_need(&cf->tcp);
}

size_t gyl_stack_need(const struct gyl_stack_conf *cf)
{
	size_t len = align64(sizeof(struct gyl_stack));
	struct gyl__reass_conf rc = reass_conf(cf);

	if (!is_good(cf) || gyl__reass_need(&rc) == 0)
		return 0;
	for (unsigned i = 0; i < cf->iface_cnt; i++)
		len += align64(gyl_arp_cache_need(&cf->iface[i].arp));
	return len + align64(cf->park_max * sizeof(struct gyl_parked)) +
	       align64(gyl__ports_need(cf->sock_max)) + align64(gyl__paths_need(cf->path_max)) +
	       align64(gyl__reass_need(&rc)) + align64(streams_need(cf));
}

/* Cut the next piece off the memory. */
static void *carve(uint8_t **at, size_t len)
{
	uint8_t *p = *at;

	*at += align64(len);
	return p;
}

static void init_parts(struct gyl_stack *s, const struct gyl_stack_conf *cf, uint8_t **at)
{
	struct gyl__reass_conf rc = reass_conf(cf);

	s->ttl = cf->ttl;
	s->park.cap = cf->park_max;
	s->park.at = carve(at, cf->park_max * sizeof(struct gyl_parked));
	for (size_t i = 0; i < s->park.cap; i++)
		s->park.at[i].len = 0;
	gyl__ports_init(&s->ports, carve(at, gyl__ports_need(cf->sock_max)), cf->sock_max);
	gyl__paths_init(
		&s->paths, carve(at, gyl__paths_need(cf->path_max)), cf->path_max, cf->seed);
	s->reass = gyl__reass_init(carve(at, gyl__reass_need(&rc)), &rc);
	if (cf->tcp.conn_max != 0)
		s->streams = gyl_streams_init(carve(at, streams_need(cf)), &cf->tcp);
	s->echo = gyl__rate(cf->echo_rate, cf->echo_rate / 2 + 1);
	s->error = gyl__rate(cf->error_rate, cf->error_rate / 2 + 1);
	s->ident = gyl__ident(cf->seed);
}

static bool open_iface(struct gyl_stack *s, const struct gyl_stack_iface_conf *cf, void *arp_mem)
{
	uint8_t index = s->iface_cnt++;
	struct gyl_iface *f = &s->iface[index];
	bool was_asked;

	gyl__iface_init(f, index, cf, arp_mem);
	if (cf->vlan == 0)
		s->untagged[cf->dev] = index;
	if (cf->vlan == GYL_STACK_VLAN_ANY)
		s->any[cf->dev] = index;
	for (unsigned i = 0; i < cf->addr_cnt; i++) {
		if (!gyl__iface_addr_add(f, cf->addr[i], &was_asked))
			return false;
	}
	return true;
}

struct gyl_stack *gyl_stack_init(void *mem, const struct gyl_stack_conf *cf)
{
	struct gyl_stack *s = mem;
	uint8_t *at = mem;

	if (gyl_stack_need(cf) == 0)
		return NULL;
	carve(&at, sizeof(*s));
	memset(s, 0, sizeof(*s));
	memset(s->untagged, GYL_IFACE_NONE, sizeof(s->untagged));
	memset(s->any, GYL_IFACE_NONE, sizeof(s->any));
	init_parts(s, cf, &at);
	for (unsigned i = 0; i < cf->iface_cnt; i++) {
		void *arp_mem = carve(&at, gyl_arp_cache_need(&cf->iface[i].arp));

		if (!open_iface(s, &cf->iface[i], arp_mem))
			return NULL;
	}
	for (unsigned i = 0; i < GYL_STACK_DEV_MAX; i++) {
		if (s->untagged[i] == GYL_IFACE_NONE)
			s->untagged[i] = s->any[i];
	}
	return s;
}

/* ---- while it runs ---- */

bool gyl_stack_addr_add(struct gyl_stack *s, uint8_t iface, struct gyl_stack_addr a)
{
	bool was_asked;

	for (unsigned i = 0; i < s->iface_cnt; i++) {
		if (gyl__iface_addr_state(&s->iface[i], a.ip) != GYL_STACK_ADDR_NONE)
			return false;
	}
	if (iface >= s->iface_cnt || !gyl__iface_addr_add(&s->iface[iface], a, &was_asked))
		return false;
	if (was_asked)
		gyl__arp_drop_waiting(s, (struct gyl_park_key){.ip = a.ip, .iface = iface});
	return true;
}

bool gyl_stack_addr_del(struct gyl_stack *s, uint8_t iface, uint32_t ip)
{
	return iface < s->iface_cnt && gyl__iface_addr_del(&s->iface[iface], ip);
}

enum gyl_stack_addr_state gyl_stack_addr_state(
	const struct gyl_stack *s, uint8_t iface, uint32_t ip)
{
	return iface < s->iface_cnt ? gyl__iface_addr_state(&s->iface[iface], ip)
				    : GYL_STACK_ADDR_NONE;
}

bool gyl_stack_join(struct gyl_stack *s, uint8_t iface, uint32_t group)
{
	return iface < s->iface_cnt && gyl__iface_join(&s->iface[iface], group);
}

void gyl_stack_leave(struct gyl_stack *s, uint8_t iface, uint32_t group)
{
	if (iface < s->iface_cnt)
		gyl__iface_leave(&s->iface[iface], group);
}

bool gyl_stack_adopt(struct gyl_stack *s, uint8_t iface, uint32_t ip)
{
	for (unsigned i = 0; i < s->iface_cnt; i++) {
		if (gyl__iface_addr_state(&s->iface[i], ip) != GYL_STACK_ADDR_NONE)
			return false;
	}
	return iface < s->iface_cnt && gyl__iface_adopt(&s->iface[iface], ip);
}

void gyl_stack_disown(struct gyl_stack *s, uint8_t iface, uint32_t ip)
{
	if (iface < s->iface_cnt)
		gyl__iface_disown(&s->iface[iface], ip);
}

enum gyl_stack_bound gyl_stack_bind(struct gyl_stack *s, const struct gyl_stack_sock *sock)
{
	return gyl__ports_add(&s->ports, sock);
}

void gyl_stack_unbind(struct gyl_stack *s, uint16_t local_port, uint64_t ifaces)
{
	gyl__ports_del(&s->ports, local_port, ifaces);
}

enum gyl_stack_bound gyl_stack_bind_frame(struct gyl_stack *s, uint16_t ethertype, uint8_t port)
{
	/* With the copies and what else it makes, a frame stays within GYL_STACK_IN_MAX. */
	unsigned most = ethertype == GYL_ETH_IPV4 ? GYL_STACK_IN_MAX - 1 : GYL_STACK_IN_MAX,
		 cnt = 0;

	for (size_t i = 0; i < s->tap_cnt; i++)
		cnt += s->tap[i].ethertype == ethertype;
	if (cnt == most)
		return GYL_STACK_IN_USE;
	if (s->tap_cnt == GYL_STACK_TAP_MAX)
		return GYL_STACK_FULL;
	s->tap[s->tap_cnt].ethertype = ethertype;
	s->tap[s->tap_cnt++].port = port;
	return GYL_STACK_BOUND;
}

size_t gyl_stack_input(struct gyl_stack *s, uint64_t now_ns, uint8_t dev,
	const struct gyl_netframe *f, size_t cnt, struct gyl_stack_batch *b)
{
	const struct gyl_stack_out *out = &b->out[dev];
	size_t i;

	if (b->in_cnt == 0)
		s->whole_given = false;
	for (i = 0; i < cnt && !s->whole_given; i++) {
		if (b->in_cap - b->in_cnt < GYL_STACK_IN_MAX ||
			out->cap - out->cnt < GYL_STACK_OUT_MAX)
			break;
		gyl__eth_input(s, now_ns, dev, &f[i], b);
	}
	return i;
}

void gyl_stack_tick(struct gyl_stack *s, uint64_t now_ns, struct gyl_stack_batch *b)
{
	struct gyl__reass_late late;

	for (unsigned i = 0; i < s->iface_cnt; i++)
		gyl__arp_tick(s, &s->iface[i], now_ns, b);
	while (gyl__reass_tick(s->reass, now_ns, &late))
		gyl__icmp_late(s, now_ns, &late, b);
	gyl__tcp_tick(s, now_ns, b);
}

uint64_t gyl_stack_deadline_ns(const struct gyl_stack *s)
{
	uint64_t at_ns = gyl__reass_deadline_ns(s->reass);

	if (s->streams != NULL)
		at_ns = gyl_time_min(at_ns, gyl_streams_deadline_ns(s->streams));

	for (unsigned i = 0; i < s->iface_cnt; i++)
		at_ns = gyl_time_min(at_ns, gyl_arp_cache_deadline_ns(s->iface[i].arp));
	return at_ns;
}

bool gyl_stack_conflict(
	struct gyl_stack *s, uint8_t *ret_iface, uint32_t *ret_ip, uint8_t ret_mac[6])
{
	for (uint8_t i = 0; i < s->iface_cnt; i++) {
		struct gyl_iface *f = &s->iface[i];

		if (!f->has_conflict)
			continue;
		f->has_conflict = false;
		*ret_iface = i;
		*ret_ip = f->conflict_ip;
		memcpy(ret_mac, f->conflict_mac, 6);
		return true;
	}
	return false;
}

struct gyl_arp_cache *gyl_stack_arp(struct gyl_stack *s, uint8_t iface)
{
	return iface < s->iface_cnt ? s->iface[iface].arp : NULL;
}

struct gyl_stack_stat gyl_stack_stat(const struct gyl_stack *s)
{
	const struct gyl__reass_stat *r = gyl__reass_stat(s->reass);
	const uint64_t *v = r->verdict_cnt;
	struct gyl_stack_stat stat = s->stat;

	stat.reass_piece_cnt = v[GYL__REASS_HELD] + v[GYL__REASS_WHOLE];
	stat.reass_whole_cnt = v[GYL__REASS_WHOLE];
	stat.reass_bad_cnt =
		v[GYL__REASS_EMPTY] + v[GYL__REASS_UNEVEN] + v[GYL__REASS_LONG] + v[GYL__REASS_END];
	stat.reass_dup_drop_cnt = v[GYL__REASS_DUPLICATE];
	stat.reass_overlap_drop_cnt = v[GYL__REASS_OVERLAP];
	stat.reass_many_drop_cnt = v[GYL__REASS_MANY];
	stat.reass_room_drop_cnt = v[GYL__REASS_ROOM];
	stat.reass_poison_drop_cnt = v[GYL__REASS_POISONED];
	stat.reass_late_cnt = r->late_cnt;
	stat.reass_evict_cnt = r->evict_cnt;
	return stat;
}
