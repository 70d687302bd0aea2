/* SPDX-License-Identifier: ISC */

/*
 * The dictionary "dhcpd/lease" of the store is ours: a lease is in its slot, and nowhere else in
 * memory. What the journal says at the start becomes slots, and slots are printed as records when
 * the journal is compacted or somebody looks. A slot's number is its place.
 */

#include <gyl/text.h>
#include <gyl/time.h>

#include "services/base/store.h"
#include "services/dhcpd/state.h"

/* What a restart would do well to know of a slot. An offer is forgotten by it; but whose address it
 * was before, when that is whom it is offered to, is not. */
static bool has_record(const struct gyl_dhcpd *d, const struct gyl_dhcpd_lease *l)
{
	if (l->ip == 0)
		return false;
	/* Of two servers the other may hold on to what the last record said. */
	if (d->standby != NULL && l->written_ns != 0 && l->state != GYL_DHCPD_OURS)
		return true;
	if (!l->kept)
		return false;
	return l->state == GYL_DHCPD_LEASED || l->state == GYL_DHCPD_DECLINED ||
	       (l->state != GYL_DHCPD_OURS && l->form != GYL_DHCPD_NOBODY);
}

static uint32_t slot_of(const struct gyl_dhcpd *d, uint32_t ip)
{
	uint32_t slot = gyl__dhcpd_slot(d, ip);

	return slot != 0 ? slot : gyl__dhcpd_slot_beside(d, ip);
}

static uint32_t find(const void *arg, struct gyl_view name)
{
	const struct gyl_dhcpd *d = arg;
	uint32_t ip, slot;

	if (gyl_failed(gyl_parse_ipv4(name, &ip)))
		return 0;
	slot = slot_of(d, ip);
	return has_record(d, &d->lease[slot]) ? slot : 0;
}

/* ---- replay ---- */

static uint32_t take(void *arg, struct gyl_now now, struct gyl_view name, struct gyl_view val,
	uint64_t wall_ns, bool *ret_odd)
{
	struct gyl_dhcpd *d = arg;
	uint32_t ip;

	d->now = now;
	*ret_odd = gyl_failed(gyl_parse_ipv4(name, &ip));
	return *ret_odd ? 0 : gyl__dhcpd_restore(d, now, ip, val, wall_ns, ret_odd);
}

static void drop_slot(struct gyl_dhcpd *d, uint32_t slot)
{
	if (!has_record(d, &d->lease[slot]))
		return;
	gyl__dhcpd_slot_set(d, slot, GYL_DHCPD_FREE, 0);
	gyl__dhcpd_client_bind(d, slot, NULL);
	d->lease[slot].kept = false;
	if (d->lease[slot].dropped)
		gyl__dhcpd_slot_forget(d, slot);
}

static void drop(void *arg, struct gyl_view name)
{
	struct gyl_dhcpd *d = arg;

	if (name.len != 0) {
		drop_slot(d, find(d, name));
		return;
	}
	for (uint32_t i = 1; i <= d->slot_cnt; i++)
		drop_slot(d, i);
}

/* ---- in the order of names ---- */

/*
 * "10.0.0.9" comes after "10.0.0.10": the order of text is, octet by octet, that of the decimal
 * numbers as words. The word after n; 256: there is none.
 */
static unsigned word_after(unsigned n)
{
	if (n == 0)
		return 1;
	if (10 * n <= 255)
		return 10 * n;
	while (n % 10 == 9 || n == 255)
		n /= 10;
	return n == 0 ? 256 : n + 1;
}

static bool in_use(const struct gyl_dhcpd_layout *y, const struct gyl_dhcpd_range *g, uint32_t low,
	uint32_t high)
{
	const uint32_t *slot;

	low = low > g->first ? low : g->first;
	high = high < g->last ? high : g->last;
	slot = gyl__dhcpd_layout_slot(y, g, low);
	for (uint32_t i = 0; i <= high - low; i++)
		if (slot[i] != 0)
			return true;
	return false;
}

/* May anything be known of addresses that begin as ip does, by so many octets? Of a few octets it
 * says yes when there is a range; of three, when an address there has been used. */
static bool may_have(const struct gyl_dhcpd *d, uint32_t ip, unsigned octets)
{
	const struct gyl_dhcpd_layout *y = d->layout;
	uint32_t rest = UINT32_MAX >> (8 * octets), low = 0, high = y->cnt.range_cnt;

	while (low < high) {
		uint32_t mid = (low + high) / 2;

		if (y->range[mid].last < (ip & ~rest))
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < y->cnt.range_cnt && y->range[low].first <= (ip | rest); low++)
		if (octets < 3 || in_use(y, &y->range[low], ip & ~rest, ip | rest))
			return true;
	return false;
}

/* The next address in the order of names that begins otherwise, within so many octets. 0: none. */
static uint32_t skip(uint32_t ip, unsigned octets)
{
	for (; octets != 0; octets--) {
		unsigned shift = 32 - 8 * octets, word = word_after(ip >> shift & 255);

		ip &= ~(UINT32_MAX >> (8 * (octets - 1)));
		if (word < 256)
			return (uint32_t)(ip | word << shift);
	}
	return 0;
}

/* The first octets by which nothing may be known, 4 when the address has a record. */
static unsigned barren(const struct gyl_dhcpd *d, uint32_t ip)
{
	unsigned octets = 1;

	while (octets < 4 && may_have(d, ip, octets))
		octets++;
	return octets;
}

static uint32_t pooled_after(const struct gyl_dhcpd *d, uint32_t ip)
{
	for (ip = skip(ip, 4); ip != 0;) {
		unsigned octets = barren(d, ip);
		uint32_t slot = octets < 4 ? 0 : gyl__dhcpd_slot(d, ip);

		if (has_record(d, &d->lease[slot]))
			return ip;
		ip = skip(ip, octets);
	}
	return 0;
}

/* Does a come before b by their names? */
static bool before(uint32_t a, uint32_t b)
{
	uint8_t text[2][16];
	struct gyl_writer w[2];
	struct gyl_view v[2];
	int order;

	for (unsigned i = 0; i < 2; i++) {
		gyl_writer_init(&w[i], text[i], sizeof text[i]);
		gyl_text_ipv4(&w[i], i == 0 ? a : b);
		v[i] = gyl_writer_view(&w[i]);
	}
	order = memcmp(text[0], text[1], v[0].len < v[1].len ? v[0].len : v[1].len);
	return order < 0 || (order == 0 && v[0].len < v[1].len);
}

/* The first of a chain of those of no pool, or best. */
static uint32_t chain_after(
	const struct gyl_dhcpd *d, uint32_t chain, uint32_t ip, bool any, uint32_t best)
{
	for (uint32_t i = chain; i != 0; i = d->lease[i].beside_chain) {
		const struct gyl_dhcpd_lease *l = &d->lease[i];

		if (has_record(d, l) && (any || before(ip, l->ip)) &&
			(best == 0 || before(l->ip, best)))
			best = l->ip;
	}
	return best;
}

/* They are in no order, and seldom any. */
static uint32_t beside_after(const struct gyl_dhcpd *d, uint32_t ip, bool any, uint32_t best)
{
	for (uint32_t n = 0; d->beside_cnt != 0 && n < GYL_DHCPD_BESIDE_MAX; n++)
		best = chain_after(d, d->beside[n], ip, any, best);
	return best;
}

static uint32_t after(const void *arg, struct gyl_view name)
{
	const struct gyl_dhcpd *d = arg;
	bool any = name.len == 0;
	uint32_t ip = 0;

	if (!any && gyl_failed(gyl_parse_ipv4(name, &ip)))
		return 0;
	return slot_of(d, beside_after(d, ip, any, pooled_after(d, ip)));
}

/* ---- printing ---- */

static bool print(const void *arg, uint32_t place, struct gyl_writer *name, struct gyl_writer *val,
	uint64_t *ret_wall_ns)
{
	const struct gyl_dhcpd *d = arg;
	struct gyl_dhcpd_lease l = d->lease[place];

	if (!has_record(d, &l))
		return false;
	if (d->standby != NULL) {
		l.expiry_ns = l.written_ns; /* as the other has it, though it ran out */
		if (!l.kept)
			l.form = GYL_DHCPD_NOBODY;
	}
	gyl_text_ipv4(name, l.ip);
	gyl__dhcpd_print(d, &l, d->now, val);
	*ret_wall_ns = gyl_time_from_s(l.written_s);
	return true;
}

static uint32_t top(const void *arg)
{
	const struct gyl_dhcpd *d = arg;

	return d->slot_cnt;
}

const struct gyl_store_owner gyl__dhcpd_owner = {
	.take = take,
	.drop = drop,
	.find = find,
	.after = after,
	.print = print,
	.top = top,
};
