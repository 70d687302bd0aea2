/* SPDX-License-Identifier: ISC */
#include "services/dns/overlay.h"

#include <gyl/siphash.h>

static uint32_t bucket_cnt(uint32_t cap)
{
	uint32_t n = 16;

	while (n < cap)
		n *= 2;
	return n;
}

size_t gyl_dns_overlay_need(uint32_t cap)
{
	return cap * sizeof(struct gyl_dns_lease) +
	       ((size_t)bucket_cnt(cap) + 2 * (size_t)cap) * sizeof(uint32_t);
}

void gyl_dns_overlay_init(
	struct gyl_dns_overlay *ov, void *mem, uint32_t cap, const uint64_t seed[2])
{
	uint32_t buckets = bucket_cnt(cap);

	memset(ov, 0, sizeof *ov);
	ov->lease = mem;
	ov->bucket = (uint32_t *)(void *)(ov->lease + cap);
	ov->by_ip = ov->bucket + buckets;
	ov->heap = ov->by_ip + cap;
	ov->cap = cap;
	ov->bucket_mask = buckets - 1;
	ov->seed[0] = seed[0];
	ov->seed[1] = seed[1];
	ov->domain_cnt = 1;
	ov->free = GYL_DNS_NO_LEASE;
	memset(ov->bucket, 0xff, buckets * sizeof *ov->bucket);
}

int gyl_dns_overlay_domain(struct gyl_dns_overlay *ov, const uint8_t *name)
{
	struct gyl_dns_domain *d;

	for (uint32_t i = 0; i < ov->domain_cnt; i++)
		if (ov->domain[i].name_len != 0 && gyl_dns_name_eq(ov->domain[i].name, name))
			return (int)i;
	if (ov->domain_cnt == GYL_DNS_DOMAIN_MAX)
		return -1;
	d = &ov->domain[ov->domain_cnt];
	d->name_len = (uint8_t)gyl_dns_name_len(name);
	gyl_dns_name_fold(d->name, name, d->name_len);
	return (int)ov->domain_cnt++;
}

static uint32_t index_of(const struct gyl_dns_overlay *ov, const struct gyl_dns_lease *l)
{
	return (uint32_t)(l - ov->lease);
}

static uint32_t *bucket_of(const struct gyl_dns_overlay *ov, const uint8_t *name, size_t len)
{
	return &ov->bucket[gyl_siphash(ov->seed, name, len) & ov->bucket_mask];
}

struct gyl_dns_lease *gyl_dns_overlay_name(
	const struct gyl_dns_overlay *ov, const uint8_t *name, size_t len)
{
	for (uint32_t i = *bucket_of(ov, name, len); i != GYL_DNS_NO_LEASE; i = ov->lease[i].chain)
		if (ov->lease[i].name_len == len && memcmp(ov->lease[i].name, name, len) == 0)
			return &ov->lease[i];
	return NULL;
}

/* Where in by_ip the first address that is not below ip stands. */
static uint32_t lower_bound(const struct gyl_dns_overlay *ov, uint32_t ip)
{
	uint32_t low = 0, high = ov->cnt;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (ov->lease[ov->by_ip[mid]].ip < ip)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct gyl_dns_lease *gyl_dns_overlay_from(const struct gyl_dns_overlay *ov, uint32_t ip)
{
	uint32_t at = lower_bound(ov, ip);

	return at == ov->cnt ? NULL : &ov->lease[ov->by_ip[at]];
}

struct gyl_dns_lease *gyl_dns_overlay_ip(const struct gyl_dns_overlay *ov, uint32_t ip)
{
	struct gyl_dns_lease *l = gyl_dns_overlay_from(ov, ip);

	return l != NULL && l->ip == ip ? l : NULL;
}

bool gyl_dns_overlay_any(const struct gyl_dns_overlay *ov, uint32_t first, uint32_t last)
{
	const struct gyl_dns_lease *l = gyl_dns_overlay_from(ov, first);

	return l != NULL && l->ip <= last;
}

struct gyl_dns_lease *gyl_dns_overlay_next(const struct gyl_dns_overlay *ov)
{
	return ov->cnt == 0 ? NULL : &ov->lease[ov->heap[0]];
}

/* --- a binary heap by expiry; each lease knows its place --- */

static uint64_t expiry_at(const struct gyl_dns_overlay *ov, uint32_t at)
{
	return ov->lease[ov->heap[at]].expiry_ns;
}

static void heap_put(struct gyl_dns_overlay *ov, uint32_t at, uint32_t lease)
{
	ov->heap[at] = lease;
	ov->lease[lease].heap_at = at;
}

/* The lease at a place may have become earlier or later than its neighbours. */
static void heap_fix(struct gyl_dns_overlay *ov, uint32_t at, uint32_t cnt)
{
	uint32_t lease = ov->heap[at];
	uint64_t expiry = ov->lease[lease].expiry_ns;

	for (; at != 0 && expiry < expiry_at(ov, (at - 1) / 2); at = (at - 1) / 2)
		heap_put(ov, at, ov->heap[(at - 1) / 2]);
	for (;;) {
		uint32_t child = 2 * at + 1;

		if (child + 1 < cnt && expiry_at(ov, child + 1) < expiry_at(ov, child))
			child++;
		if (child >= cnt || expiry <= expiry_at(ov, child))
			break;
		heap_put(ov, at, ov->heap[child]);
		at = child;
	}
	heap_put(ov, at, lease);
}

/* One that was freed, else one that was never used: memory is touched when it is needed. */
static uint32_t take_free(struct gyl_dns_overlay *ov)
{
	uint32_t i = ov->free;

	if (i == GYL_DNS_NO_LEASE)
		return ov->used++;
	ov->free = ov->lease[i].chain;
	return i;
}

static void add(struct gyl_dns_overlay *ov, const struct gyl_dns_lease *l)
{
	uint32_t i = take_free(ov), at = lower_bound(ov, l->ip);
	uint32_t *bucket = bucket_of(ov, l->name, l->name_len);
	struct gyl_dns_lease *own = &ov->lease[i];

	*own = *l;
	own->chain = *bucket;
	*bucket = i;
	memmove(ov->by_ip + at + 1, ov->by_ip + at, (ov->cnt - at) * sizeof *ov->by_ip);
	ov->by_ip[at] = i;
	heap_put(ov, ov->cnt, i);
	ov->cnt++;
	heap_fix(ov, ov->cnt - 1, ov->cnt);
	ov->domain[l->domain].lease_cnt++;
	ov->serial++;
}

void gyl_dns_overlay_remove(struct gyl_dns_overlay *ov, struct gyl_dns_lease *l)
{
	uint32_t i = index_of(ov, l), at = lower_bound(ov, l->ip);
	uint32_t *link = bucket_of(ov, l->name, l->name_len);

	while (*link != i)
		link = &ov->lease[*link].chain;
	*link = l->chain;
	ov->cnt--;
	memmove(ov->by_ip + at, ov->by_ip + at + 1, (ov->cnt - at) * sizeof *ov->by_ip);
	if (l->heap_at != ov->cnt) {
		heap_put(ov, l->heap_at, ov->heap[ov->cnt]);
		heap_fix(ov, l->heap_at, ov->cnt);
	}
	ov->domain[l->domain].lease_cnt--;
	ov->serial++;
	l->chain = ov->free;
	ov->free = i;
}

enum gyl_dns_taken gyl_dns_overlay_set(
	struct gyl_dns_overlay *ov, const struct gyl_dns_lease *l, struct gyl_dns_lease *ret_old)
{
	struct gyl_dns_lease *by_name = gyl_dns_overlay_name(ov, l->name, l->name_len);
	struct gyl_dns_lease *by_ip = gyl_dns_overlay_ip(ov, l->ip);

	ret_old->name_len = 0;
	if (by_name != NULL && by_name == by_ip) {
		memcpy(by_ip->mac, l->mac, sizeof by_ip->mac);
		by_ip->expiry_ns = l->expiry_ns;
		by_ip->expiry_wall_ns = l->expiry_wall_ns;
		heap_fix(ov, by_ip->heap_at, ov->cnt);
		return GYL_DNS_LEASE_SAME;
	}
	if (by_ip != NULL) {
		*ret_old = *by_ip;
		gyl_dns_overlay_remove(ov, by_ip);
	}
	/* A host that moves takes its name along; a stranger does not get it. */
	if (by_name != NULL && memcmp(by_name->mac, l->mac, sizeof l->mac) != 0)
		return GYL_DNS_LEASE_TAKEN;
	if (by_name != NULL)
		gyl_dns_overlay_remove(ov, by_name);
	if (ov->cnt == ov->cap)
		return GYL_DNS_LEASE_FULL;
	add(ov, l);
	return GYL_DNS_LEASE_NEW;
}

/* The suffix of name that has one label more than its suffix of domain_len octets. */
static const uint8_t *host_suffix(const uint8_t *name, size_t len, size_t domain_len)
{
	while (len - (size_t)*name - 1 != domain_len) {
		len -= (size_t)*name + 1;
		name += *name + 1;
	}
	return name;
}

/* Octets of the longest common suffix, root included. */
static size_t common_len(const uint8_t *name, const uint8_t *other)
{
	unsigned cnt = gyl_dns_name_common(name, other), skip = gyl_dns_name_label_cnt(name) - cnt;

	for (; skip != 0; skip--)
		name += *name + 1;
	return gyl_dns_name_len(name);
}

/* One domain's part of the question: the host in it, the domain, or what leads to the domain. */
static size_t find_in_domain(const struct gyl_dns_overlay *ov, const struct gyl_dns_domain *d,
	const uint8_t *name, size_t len, const struct gyl_dns_lease **ret_lease)
{
	const uint8_t *host;

	*ret_lease = NULL;
	if (len <= d->name_len || !gyl_dns_name_is_under(name, d->name))
		return common_len(name, d->name);
	host = host_suffix(name, len, d->name_len);
	*ret_lease = gyl_dns_overlay_name(ov, host, len - (size_t)(host - name));
	return *ret_lease != NULL ? (*ret_lease)->name_len : d->name_len;
}

/* The octet that a label of digits stands for, -1 for none. Leading zeros are no number. */
static int label_octet(const uint8_t *label)
{
	int v = 0;

	if (label[0] == 0 || label[0] > 3 || (label[1] == '0' && label[0] > 1))
		return -1;
	for (unsigned i = 1; i <= label[0]; i++) {
		if (label[i] < '0' || label[i] > '9')
			return -1;
		v = 10 * v + (label[i] - '0');
	}
	return v > 255 ? -1 : v;
}

static const uint8_t in_addr_arpa[] = "\007in-addr\004arpa";

/* Below in-addr.arpa: one label after the other narrows the range of addresses (RFC 1035 3.5). */
static size_t find_reverse(const struct gyl_dns_overlay *ov, const uint8_t *name, size_t len,
	const struct gyl_dns_lease **ret_lease)
{
	size_t found = sizeof in_addr_arpa;
	uint32_t ip = 0;

	*ret_lease = NULL;
	for (unsigned bits = 24; found < len; bits -= 8) {
		const uint8_t *label = host_suffix(name, len, found);
		int octet = label_octet(label);

		if (octet < 0)
			return found;
		ip |= (uint32_t)octet << bits;
		if (!gyl_dns_overlay_any(ov, ip, ip | ((1u << bits) - 1)))
			return found;
		found += (size_t)*label + 1;
		if (bits == 0) {
			*ret_lease = gyl_dns_overlay_ip(ov, ip);
			return found;
		}
	}
	return found;
}

static bool is_reverse(const uint8_t *name, size_t len)
{
	return len >= sizeof in_addr_arpa && gyl_dns_name_is_under(name, in_addr_arpa);
}

bool gyl_dns_overlay_may(const struct gyl_dns_overlay *ov, const uint8_t *name, size_t len)
{
	if (is_reverse(name, len))
		return true;
	for (uint32_t i = 0; i < ov->domain_cnt; i++)
		if (ov->domain[i].lease_cnt != 0 && len > ov->domain[i].name_len &&
			gyl_dns_name_is_under(name, ov->domain[i].name))
			return true;
	return false;
}

size_t gyl_dns_overlay_find(const struct gyl_dns_overlay *ov, const uint8_t *name, size_t len,
	const struct gyl_dns_lease **ret_lease, bool *ret_ptr)
{
	size_t best = 0;

	*ret_lease = NULL;
	*ret_ptr = false;
	if (is_reverse(name, len)) {
		best = find_reverse(ov, name, len, ret_lease);
		*ret_ptr = *ret_lease != NULL;
	}
	for (uint32_t i = 0; i < ov->domain_cnt; i++) {
		const struct gyl_dns_lease *lease;
		size_t found;

		if (ov->domain[i].lease_cnt == 0)
			continue;
		found = find_in_domain(ov, &ov->domain[i], name, len, &lease);
		if (found < best || (found == best && lease == NULL))
			continue;
		best = found;
		*ret_lease = lease;
		*ret_ptr = false;
	}
	return best;
}
