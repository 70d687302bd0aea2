/* SPDX-License-Identifier: ISC */

/*
 * The share of a pool that one circuit, or one relay, may hold.
 *
 * Behind a relay a laptop can invent as many clients as it likes; all that is not its own word is
 * the port (option 82) and the relay it is behind. On the link it is the Ethernet source, which a
 * bridge may have put there for many; with another chaddr it counts as a circuit. A plain limit
 * would be wrong, though: a hall behind one relay that names one port for everybody is the whole
 * world, and has to be able to use the whole pool. So a share bites only
 *
 * - beside others: when another circuit (or none), or another relay, holds addresses of the pool or
 *   asked for some within the last hour; a relay alone is not limited at all; or
 * - in the last sixteenth of the pool, for a circuit alone: others may come yet;
 *
 * and then who comes over the share has to ask twice, half a second to a minute apart, as every
 * real client does (RFC 2131 4.1) and an invented one, of which each message is a new one, does
 * not. Once is not enough either in the last sixteenth while others ask: that much is theirs.
 */

#include <gyl/time.h>

#include "services/dhcpd/state.h"

enum {
	RESERVE = 16, /* one in so many addresses of a pool is kept for the others */
	ASK_MIN_MS = 500,
	ASK_MAX_MS = 60000
};

static const uint64_t beside_ns = GYL_NS_PER_HOUR; /* others that asked are there so long */
static const uint64_t want_ns = 10 * GYL_NS_PER_S; /* and want addresses so long */

/* A real client of this link identity comes back; one entry a place, the later one stays. */
static bool asked_before(struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r)
{
	uint32_t now_ms = (uint32_t)(r->now.mono_ns / GYL_NS_PER_MS), age;
	struct gyl_dhcpd_asked *a = &d->budget.asked[r->link % GYL_DHCPD_ASKED_MAX];

	age = now_ms - a->at_ms;
	if (a->link == r->link && age <= ASK_MAX_MS)
		return age >= ASK_MIN_MS;
	a->link = r->link;
	a->at_ms = now_ms;
	return false;
}

/* Who of a kind asks for addresses of the subnet: the last one, and when another did. */
static void note(struct gyl_dhcpd_asker *a, uint32_t id, uint64_t now_ns)
{
	if (a->last_ns != 0 && a->last != id)
		a->other_ns = a->last_ns;
	a->last = id;
	a->last_ns = now_ns;
}

static bool within(uint64_t then_ns, uint64_t now_ns, uint64_t span_ns)
{
	return then_ns != 0 && now_ns - then_ns < span_ns;
}

/* What the link has for the client: the pools of all its subnets together. Offers are no leases
 * yet: what is left they do not make less, for where they heap up they are given up. */
struct pools {
	uint32_t size, used, left;
};

static struct pools pools_of(const struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r)
{
	const struct gyl_dhcpd_subnet *first = &d->layout->subnet[r->subnet->link];
	struct pools p = {first->sum.size, first->sum.used, first->sum.size - first->sum.taken};
	uint32_t i = r->subnet_no;

	if (r->class_bits == 0 || !first->has_class_pools)
		return p;

	do {
		const struct gyl_dhcpd_subnet *s = &d->layout->subnet[i];

		if (s->class_no != 0 && gyl__dhcpd_is_member(r, s->class_no)) {
			p.size += s->size;
			p.left += gyl__dhcpd_fill_free(s) + s->fill.offered;
		}
		i = s->link_next;
	} while (i != r->subnet_no);
	return p;
}

struct share {
	const struct gyl_dhcpd_asker *asker;
	uint32_t cnt, percent;
	bool reserve; /* when it is alone, too */
};

static bool is_over(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r, const struct share *h)
{
	struct pools p = pools_of(d, r);
	uint64_t limit = (uint64_t)p.size * h->percent / 100;
	bool last = p.left <= p.size / RESERVE, beside;

	if (h->percent >= 100 || h->cnt < limit || p.left > p.size - limit)
		return false;
	beside = p.used > h->cnt || within(h->asker->other_ns, r->now.mono_ns, beside_ns);
	if (!beside && !(h->reserve && last))
		return false;
	return !asked_before(d, r) ||
	       (beside && last && within(h->asker->other_ns, r->now.mono_ns, want_ns));
}

enum gyl_dhcpd_limit gyl__dhcpd_share(struct gyl_dhcpd *d, struct gyl_dhcpd_req *r)
{
	const struct gyl_dhcpd_conf *cf = d->layout->cf;
	struct gyl_dhcpd_subnet *s = &d->layout->subnet[r->subnet->link];
	struct share circuit = {
		.asker = &s->circuit_asker, .percent = cf->share_circuit, .reserve = true};
	struct share relay = {.asker = &s->relay_asker,
		.cnt = gyl__dhcpd_budget_relay(d, r->subnet_no, r->msg.hdr.giaddr),
		.percent = cf->share_relay};

	note(&s->circuit_asker, r->circuit, r->now.mono_ns);
	note(&s->relay_asker, r->msg.hdr.giaddr, r->now.mono_ns);
	if (r->circuit != 0) {
		circuit.cnt = gyl__dhcpd_budget_circuit(d, r->subnet_no, r->circuit);
		if (is_over(d, r, &circuit))
			return GYL_DHCPD_LIMIT_CIRCUIT;
	}
	return is_over(d, r, &relay) ? GYL_DHCPD_LIMIT_RELAY : GYL_DHCPD_LIMIT_NONE;
}
