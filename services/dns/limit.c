/* SPDX-License-Identifier: ISC */
#include "services/dns/limit.h"

#include <gyl/siphash.h>
#include <gyl/time.h>

size_t gyl_dns_limit_need(void)
{
	return GYL_DNS_LIMIT_CNT * sizeof(struct gyl_dns_limit_pair);
}

void gyl_dns_limit_init(struct gyl_dns_limit *l, void *mem, const uint64_t seed[2])
{
	memset(mem, 0, gyl_dns_limit_need());
	l->pair = mem;
	l->seed[0] = seed[0];
	l->seed[1] = seed[1];
	l->slipped = 0;
}

/* The pair's place, or the one that it takes: free, or the one that is due first. */
static struct gyl_dns_limit_pair *place(struct gyl_dns_limit *l, uint64_t tag)
{
	struct gyl_dns_limit_pair *way =
		&l->pair[tag % (GYL_DNS_LIMIT_CNT / GYL_DNS_LIMIT_WAYS) * GYL_DNS_LIMIT_WAYS];
	struct gyl_dns_limit_pair *best = way;

	for (int i = 0; i < GYL_DNS_LIMIT_WAYS; i++) {
		if (way[i].tag == tag)
			return &way[i];
		if (way[i].due_ns < best->due_ns)
			best = &way[i];
	}
	best->tag = tag;
	best->due_ns = 0;
	return best;
}

bool gyl_dns_limit_over(struct gyl_dns_limit *l, uint64_t now_ns, uint32_t rate, uint32_t ip,
	uint32_t kind, uint32_t subject)
{
	uint8_t key[11];
	struct gyl_dns_limit_pair *p;

	gyl_set_u32(key, ip);
	gyl_set_u32(key + 3, kind); /* over the host's octet of the address */
	gyl_set_u32(key + 7, subject);
	p = place(l, gyl_siphash(l->seed, key, sizeof key) | 1);
	if (p->due_ns < now_ns)
		p->due_ns = now_ns;
	if (p->due_ns - now_ns > GYL_NS_PER_S - GYL_NS_PER_S / rate)
		return true;
	p->due_ns += GYL_NS_PER_S / rate;
	return false;
}

bool gyl_dns_limit_slip(struct gyl_dns_limit *l, uint32_t slip)
{
	if (slip == 0 || ++l->slipped < slip)
		return false;
	l->slipped = 0;
	return true;
}
