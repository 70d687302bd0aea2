/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_DHCPD_PLAN_H
#define GYL_TESTS_DHCPD_PLAN_H

/* A configuration with some of everything, and how it may change. */

#include "tests/unit/dhcpd/world.h"

static const uint8_t plan_v6_wait[] = {0, 0, 7, 8}, plan_router[] = {10, 0, 0, 1};

static inline void plan_reservations(struct plan *p)
{
	p->host[0] = (struct plan_host){{2, 0, 0, 0, 0, 3}, POOL + 2, "printer"};
	p->host[1] = (struct plan_host){{0, 0, 0, 0, 0, 4}, IP(10, 0, 0, 200), NULL};
	p->reserved[0] = (struct plan_reserved){
		.host = {.address = FAR_POOL + 3, .name = "desk"}, .id = "ff0000000002"};
	p->reserved[1] = (struct plan_reserved){.host = {.address = FAR_POOL + 4}, .circuit = "42"};
	p->reserved[2] = (struct plan_reserved){.host = {{2, 0, 0, 0, 0, 9}, 0, "phone"}};
}

/* Two networks on one link behind a relay. */
static inline void plan_shared(struct plan *p, bool shared, bool drain)
{
	for (unsigned i = 0; i < 2; i++) {
		struct plan_subnet *s = &p->subnet[i];
		uint32_t ip = IP(10, 2 + i, 0, 0);

		*s = (struct plan_subnet){.ip = ip,
			.len = 24,
			.shared = shared ? "hall" : NULL,
			.pool = {{ip + 10, ip + 13}}};
		s->cf.drain = drain && i == 0;
	}
}

static inline void plan_classes(struct plan *p, bool pool)
{
	p->class[0] = (struct plan_class){
		.name = "phones", .vendor_class = "70", .boot = {.file = "phone.cfg"}};
	if (pool)
		p->class[0].pool[0] = (struct gyl_conf_range){POOL + 12, POOL + 13};
	p->class[1] = (struct plan_class){
		.name = "boot", .arch = {7, UINT16_MAX}, .cf.lease_ns = 90 * GYL_NS_PER_S};
}

static inline struct plan plan_of_hall(void)
{
	struct plan p = plan_usual();

	p.cap = (struct gyl_dhcpd_size){256, 8, 48, 16, 1 << 14};
	p.cf.probe = true;
	p.cf.leasequery = true;
	p.cf.client_leases = 3;
	p.cf.client_offers = 2;
	p.option[0] = (struct plan_option){GYL_DHCP_OPT_ROUTERS, plan_router, 4};
	p.far_option[0] = (struct plan_option){GYL_DHCP_OPT_IPV6_ONLY, plan_v6_wait, 4};
	plan_reservations(&p);
	plan_shared(&p, true, false);
	plan_classes(&p, true);
	return p;
}

/* Pools shrink and grow, subnets come and go, rules change. */
static inline void plan_vary(struct plan *p, uint8_t pools, uint8_t rules, uint8_t times)
{
	p->pool[0].first = POOL + (pools & 3);
	p->pool[0].last = POOL + 3 + (pools >> 2 & 7);
	p->no_far = (pools & 0x20) != 0;
	p->far_pool[0].last = FAR_POOL + ((pools & 0x40) != 0 ? 1 : 9);
	plan_shared(p, (rules & 1) == 0, (rules & 2) != 0);
	plan_classes(p, (pools & 0x80) == 0);
	p->cf.rapid_commit = (rules & 4) != 0;
	p->cf.authoritative = (rules & 8) == 0;
	p->cf.probe = (rules & 16) == 0;
	p->cf.ignore_client_id = (rules & 32) != 0;
	p->cf.client_leases = (rules & 64) != 0 ? 1 : 3;
	p->cf.share_relay = p->cf.share_circuit = (rules & 128) != 0 ? 20 : 50;
	plan_reservations(p);
	if ((times & 1) != 0)
		memset(p->host, 0, sizeof p->host);
	if (p->no_far)
		memset(p->reserved, 0, sizeof p->reserved);
	p->cf.lease_ns = (times & 2) != 0 ? 5 * GYL_NS_PER_MIN : GYL_NS_PER_HOUR;
	if ((times & 0x1c) == 0x1c)
		p->cf.lease_ns = GYL_TIME_INFINITE;
	p->cf.random_ns = (times & 4) != 0 ? 2 * GYL_NS_PER_MIN : 0;
	p->cf.full_ns = (times & 8) != 0 ? GYL_NS_PER_MIN : 0;
	p->cf.full_mark = 50;
	p->cf.offer_ns = (times & 16) != 0 ? 5 * GYL_NS_PER_S : GYL_NS_PER_MIN;
	p->cf.decline_ns = (times & 32) != 0 ? GYL_NS_PER_MIN : 10 * GYL_NS_PER_MIN;
}

#endif
