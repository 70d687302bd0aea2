/* SPDX-License-Identifier: ISC */

/*
 * The forwarder as the core sees it: its memory, its configuration, what is asked of it, and time.
 */

#include <gyl/time.h>

#include "conf/schema.h"
#include "services/dns/build_sum.h"
#include "services/dns/core_own.h"
#include "services/dns/forward.h"

enum {
	WAITERS_EACH = 2, /* a question: some ask what others have asked */
	SLICE = 64        /* asks that a tick looks at */
};

/* ---- memory ---- */

static uint32_t buckets_of(uint32_t pending)
{
	uint32_t cnt = 32;

	while (cnt < 2 * pending)
		cnt *= 2;
	return cnt;
}

static size_t aligned(size_t len)
{
	return (len + 15) & ~(size_t)15;
}

static void *carve(uint8_t **at, size_t len)
{
	void *p = *at;

	*at += aligned(len);
	return p;
}

size_t gyl__dns_forward_need(const struct gyl_dns_conf *cf)
{
	size_t pending = cf->forward.pending_cnt, waiters = WAITERS_EACH * pending;
	size_t buckets = buckets_of(cf->forward.pending_cnt) * sizeof(uint32_t);

	return aligned(pending * sizeof(struct gyl__dns_ask)) +
	       aligned(waiters * sizeof(struct gyl__dns_waiter)) +
	       aligned(waiters * sizeof(struct gyl__dns_source)) + 2 * aligned(buckets) +
	       aligned(pending * sizeof(uint32_t)) +
	       aligned(gyl_dns_cache_need(cf->forward.cache_len));
}

static struct gyl__dns_pool pool_of(void *base, uint32_t cap, size_t size, size_t link_off)
{
	return (struct gyl__dns_pool){.base = base,
		.size = (uint32_t)size,
		.link_off = (uint32_t)link_off,
		.cap = cap,
		.free = GYL__DNS_NONE};
}

void gyl__dns_forward_init(struct gyl_dns *d, void *mem, const struct gyl_dns_init *init)
{
	struct gyl__dns_forward *fw = &d->forward;
	uint32_t pending = init->cf->forward.pending_cnt, waiters = WAITERS_EACH * pending;
	uint8_t *at = mem;

	fw->rng = init->rng;
	fw->bucket_mask = buckets_of(pending) - 1;
	fw->ask = carve(&at, pending * sizeof *fw->ask);
	fw->waiter = carve(&at, waiters * sizeof *fw->waiter);
	fw->source = carve(&at, waiters * sizeof *fw->source);
	fw->ask_bucket = carve(&at, (fw->bucket_mask + 1) * sizeof(uint32_t));
	fw->source_bucket = carve(&at, (fw->bucket_mask + 1) * sizeof(uint32_t));
	fw->heap = carve(&at, pending * sizeof *fw->heap);
	fw->cache_mem = at;
	fw->cache_len = init->cf->forward.cache_len;
	memcpy(fw->key, init->seed, sizeof fw->key);
	fw->asks = pool_of(fw->ask, pending, sizeof *fw->ask, offsetof(struct gyl__dns_ask, chain));
	fw->waiters = pool_of(
		fw->waiter, waiters, sizeof *fw->waiter, offsetof(struct gyl__dns_waiter, next));
	fw->sources = pool_of(
		fw->source, waiters, sizeof *fw->source, offsetof(struct gyl__dns_source, chain));
}

/* Is the image made from another configuration? One of zones alone fits all. */
static bool is_of_another(
	const struct gyl_dns_image *im, const struct gyl_flat *flat, const struct gyl_dns_conf *cf)
{
	return im != NULL && im->conf_sum != 0 && im->conf_sum != gyl__dns_build_sum(flat, cf);
}

/* The image says by number who is asked, and comes right behind its configuration. Until then its
 * groups stay who they were, so that no server hears of names that are for another. */
static void set_upstreams(
	struct gyl_dns *d, const struct gyl_flat *flat, const struct gyl_dns_conf *cf)
{
	struct gyl__dns_forward *fw = &d->forward;

	fw->epoch++;
	gyl_dns_upstreams_set(&fw->up, flat, cf, !is_of_another(d->data.image, flat, cf));
}

void gyl__dns_forward_data(struct gyl_dns *d)
{
	set_upstreams(d, d->flat, d->conf);
}

void gyl__dns_forward_clients(
	struct gyl_dns *d, const struct gyl_flat *flat, const struct gyl_dns_conf *cf)
{
	d->forward.client = gyl_flat_at(flat, cf->forward.clients);
	d->forward.client_cnt = cf->forward.clients.cnt;
}

/* What was learned stays; memory that nobody needs is not touched. */
void gyl__dns_forward_conf(
	struct gyl_dns *d, const struct gyl_flat *flat, const struct gyl_dns_conf *cf)
{
	struct gyl__dns_forward *fw = &d->forward;
	bool wanted;

	set_upstreams(d, flat, cf);
	wanted = (fw->up.group_cnt > 1 || fw->up.group[0] != 0) && fw->rng != NULL;
	fw->min_ttl_ns = cf->forward.min_ttl_ns;
	fw->max_ttl_ns = cf->forward.max_ttl_ns;
	d->policy.prefetch = cf->forward.prefetch;
	d->policy.trust_ad = cf->forward.trust_ad;
	if (wanted && !fw->ready) {
		gyl_dns_cache_init(&fw->cache, fw->cache_mem, fw->cache_len, fw->key);
		gyl__dns_wait_init(fw);
		fw->ready = true;
	}
	fw->cache.keep_ns = cf->forward.stale_ns;
	d->data.cache = wanted ? &fw->cache : NULL;
	d->data.upstreams = &fw->up;
}

static bool is_in(uint32_t ip, uint32_t net, uint32_t len)
{
	return ((ip ^ net) & gyl_conf_mask(len)) == 0;
}

bool gyl__dns_forward_allows(const struct gyl_dns *d, uint32_t ip)
{
	const struct gyl__dns_forward *fw = &d->forward;

	for (unsigned i = 0; i < d->data.net_cnt; i++)
		if (is_in(ip, d->data.net[i].ip, d->data.net[i].prefix_len))
			return true;
	for (uint32_t i = 0; i < fw->client_cnt; i++)
		if (is_in(ip, fw->client[i].ip, fw->client[i].len))
			return true;
	return false;
}

/* ---- from the core ---- */

/* Does our own question come back to us? */
static bool is_loop(const struct gyl__dns_ask *a, struct gyl_view msg, unsigned *ret_upstream)
{
	for (unsigned i = 0; i < GYL__DNS_ATTEMPT_MAX; i++) {
		const struct gyl__dns_attempt *t = &a->attempt[i];

		if (t->state != GYL__DNS_ATTEMPT_SENT || gyl_get_u16(msg.p) != t->id ||
			!gyl__dns_query_is(a, t, msg))
			continue;
		*ret_upstream = t->upstream;
		return true;
	}
	return false;
}

static void cut_loop(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a,
	unsigned upstream, struct gyl_out *o)
{
	d->forward.stat.loop_cnt++;
	if (gyl_dns_upstream_kill(&d->forward.up.one[upstream], now.mono_ns))
		gyl__dns_say_upstream(d, upstream, "loop", GYL_SEV_ERR, o);
	for (unsigned i = 0; i < GYL__DNS_ATTEMPT_MAX; i++)
		if (a->attempt[i].state != GYL__DNS_ATTEMPT_FREE &&
			a->attempt[i].upstream == upstream)
			gyl__dns_attempt_end(d, now, a, i, o);
	gyl__dns_ask_outcome(d, now, a, GYL__DNS_GONE, o);
}

static struct gyl_dns_verdict probe_of(unsigned upstream)
{
	/* "Who serves the root?": every server has something to say to that. */
	struct gyl_dns_verdict v = {.qtype = GYL_DNS_TYPE_NS,
		.target_len = 1,
		.variant = (uint8_t)(GYL__DNS_VARIANT_PROBE | upstream)};

	return v;
}

/* A probe of ourselves comes back as a question of somebody. */
static bool cut_probe(struct gyl_dns *d, struct gyl_now now, const struct gyl_in *in,
	const struct gyl_dns_verdict *v, struct gyl_out *o)
{
	if (v->target_len != 1 || v->qtype != GYL_DNS_TYPE_NS)
		return false;
	for (unsigned i = 0; i < GYL_DNS_UPSTREAM_MAX; i++) {
		struct gyl_dns_verdict own = probe_of(i);
		struct gyl__dns_ask *a =
			gyl__dns_ask_find(&d->forward, &own, gyl__dns_ask_hash(&d->forward, &own));
		unsigned upstream;

		if (a == NULL || !is_loop(a, in->data, &upstream))
			continue;
		cut_loop(d, now, a, upstream, o);
		return true;
	}
	return false;
}

static void no_place(
	struct gyl_dns *d, struct gyl_now now, const struct gyl_in *in, struct gyl_out *o)
{
	const struct gyl_dns_from from = {
		.turn = GYL_DNS_TURN_LOST, .ede = GYL_DNS_EDE_NETWORK + 1};
	struct gyl_dns_verdict v;

	d->forward.stat.full_cnt++;
	(void)gyl__dns_answer_now(d, now, in, from, &v, o);
}

/* One more who wants to know what is being asked already. */
static bool join(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a,
	const struct gyl_in *in, struct gyl_out *o)
{
	const struct gyl_dns_from late = {.turn = GYL_DNS_TURN_LATE};
	enum gyl__dns_joined joined;
	struct gyl_dns_verdict v;

	d->forward.stat.joined_cnt++;
	if (a->late && gyl__dns_answer_now(d, now, in, late, &v, o))
		return true;
	joined = gyl__dns_join(d, a, in);
	if (joined == GYL__DNS_NO_PLACE)
		no_place(d, now, in, o);
	return joined != GYL__DNS_JOINED_AGAIN;
}

bool gyl__dns_forward(struct gyl_dns *d, struct gyl_now now, const struct gyl_in *in,
	const struct gyl_dns_verdict *v, struct gyl_out *o)
{
	struct gyl__dns_forward *fw = &d->forward;
	uint32_t hash = gyl__dns_ask_hash(fw, v);
	struct gyl__dns_ask *a = gyl__dns_ask_find(fw, v, hash);
	unsigned upstream;

	if (a != NULL && is_loop(a, in->data, &upstream)) {
		cut_loop(d, now, a, upstream, o);
		return false;
	}
	if (a != NULL)
		return join(d, now, a, in, o);
	if (cut_probe(d, now, in, v, o))
		return false;
	if (!gyl__dns_share(fw, in->peer.ip, true)) {
		no_place(d, now, in, o);
		return true;
	}
	fw->stat.miss_cnt++;
	a = gyl__dns_ask_add(d, now, v, hash);
	(void)gyl__dns_join(d, a, in);
	gyl__dns_ask_go_on(d, now, a, true, o);
	return true;
}

void gyl__dns_forward_refresh(
	struct gyl_dns *d, struct gyl_now now, const struct gyl_dns_verdict *v, struct gyl_out *o)
{
	struct gyl__dns_forward *fw = &d->forward;
	uint32_t hash = gyl__dns_ask_hash(fw, v);

	if (gyl__dns_ask_find(fw, v, hash) != NULL || fw->asks.used >= fw->asks.cap / 2)
		return;
	fw->stat.refresh_cnt++;
	gyl__dns_ask_go_on(d, now, gyl__dns_ask_add(d, now, v, hash), true, o);
}

static void probe(struct gyl_dns *d, struct gyl_now now, unsigned upstream, struct gyl_out *o)
{
	struct gyl_dns_verdict v = probe_of(upstream);
	struct gyl__dns_ask *a;

	if (d->forward.asks.used == d->forward.asks.cap)
		return;
	a = gyl__dns_ask_add(d, now, &v, gyl__dns_ask_hash(&d->forward, &v));
	a->probe = a->late = true;
	if (gyl__dns_attempt_begin(d, now, a, upstream, false, o))
		gyl__dns_ask_wait(d, a, now.mono_ns + GYL__DNS_AGAIN_NS);
	else
		gyl__dns_ask_finish(d, now, a, GYL_DNS_TURN_LOST, o);
}

void gyl__dns_forward_tick(struct gyl_dns *d, struct gyl_now now, struct gyl_out *o)
{
	static const struct gyl_cost cost = GYL__DNS_FORWARD_COST;
	struct gyl__dns_forward *fw = &d->forward;
	int dead;

	for (int n = 0; n < SLICE && fw->heap_cnt != 0 && gyl_out_room(o, &cost); n++) {
		struct gyl__dns_ask *a = &fw->ask[fw->heap[0]];

		if (a->at_ns > now.mono_ns)
			break;
		gyl__dns_ask_wake(d, now, a, o);
	}
	gyl__dns_streams_tick(d, now, o);
	while (gyl_out_room(o, &cost) &&
		(dead = gyl_dns_upstreams_probe(&fw->up, now.mono_ns)) >= 0)
		probe(d, now, (unsigned)dead, o);
}

uint64_t gyl__dns_forward_at_ns(const struct gyl_dns *d)
{
	const struct gyl__dns_forward *fw = &d->forward;
	uint64_t at = gyl_dns_upstreams_probe_ns(&fw->up);

	if (fw->idle_ns != 0)
		at = gyl_time_min(at, fw->idle_ns);
	return fw->heap_cnt == 0 ? at : gyl_time_min(at, fw->ask[fw->heap[0]].at_ns);
}
