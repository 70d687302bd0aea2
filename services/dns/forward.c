/* SPDX-License-Identifier: ISC */

/*
 * Questions on their way: who is asked when, and what becomes of it.
 *
 * The server that is nearest is asked. When it has not answered after its usual time, the next one
 * is asked, too, and the first good answer counts; when all were asked, they are asked again, with
 * pauses that double. After LATE clients get what is stale, if there is something; after LOST
 * nobody waits any more.
 */

#include <gyl/time.h>

#include "conf/schema.h"
#include "services/dns/core_own.h"
#include "services/dns/forward.h"

static const uint64_t late_ns = 1800 * GYL_NS_PER_MS; /* RFC 8767 5: client response timer */
static const uint64_t lost_ns = 6 * GYL_NS_PER_S;
static const uint64_t again_ns = 400 * GYL_NS_PER_MS;
static const uint64_t probe_ns = 2 * GYL_NS_PER_S;

enum {
	WAITERS_EACH = 2, /* a question: some ask what others have asked */
	SLICE = 64,       /* asks that a tick looks at */
	VARIANT_PROBE = 0x80
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

/* What was learned stays; memory that nobody needs is not touched. */
void gyl__dns_forward_conf(
	struct gyl_dns *d, const struct gyl_flat *flat, const struct gyl_dns_conf *cf)
{
	struct gyl__dns_forward *fw = &d->forward;
	bool wanted;

	gyl_dns_upstreams_set(&fw->up, flat, cf);
	wanted = (fw->up.group_cnt > 1 || fw->up.group[0] != 0) && fw->rng != NULL;
	fw->client = gyl_flat_at(flat, cf->forward.clients);
	fw->client_cnt = cf->forward.clients.cnt;
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

/* ---- the heap: whose time comes next ---- */

static void heap_put(struct gyl__dns_forward *fw, uint32_t at, uint32_t ask)
{
	fw->heap[at] = ask;
	fw->ask[ask].heap_at = at;
}

static void heap_sift(struct gyl__dns_forward *fw, uint32_t at)
{
	uint32_t ask = fw->heap[at];
	uint64_t ns = fw->ask[ask].at_ns;

	while (at != 0 && fw->ask[fw->heap[(at - 1) / 2]].at_ns > ns) {
		heap_put(fw, at, fw->heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	for (;;) {
		uint32_t child = 2 * at + 1;

		if (child + 1 < fw->heap_cnt &&
			fw->ask[fw->heap[child + 1]].at_ns < fw->ask[fw->heap[child]].at_ns)
			child++;
		if (child >= fw->heap_cnt || fw->ask[fw->heap[child]].at_ns >= ns)
			break;
		heap_put(fw, at, fw->heap[child]);
		at = child;
	}
	heap_put(fw, at, ask);
}

static void set_time(struct gyl__dns_forward *fw, struct gyl__dns_ask *a, uint64_t at_ns)
{
	a->at_ns = at_ns;
	heap_sift(fw, a->heap_at);
}

/* When an open ask is to be looked at again. */
static void schedule(struct gyl__dns_forward *fw, struct gyl__dns_ask *a)
{
	uint64_t at = gyl_time_min(a->next_ns, a->begun_ns + (a->probe ? probe_ns : lost_ns));

	set_time(fw, a, a->late ? at : gyl_time_min(at, a->begun_ns + late_ns));
}

void gyl__dns_ask_wait(struct gyl_dns *d, struct gyl__dns_ask *a, uint64_t until_ns)
{
	a->next_ns = until_ns;
	schedule(&d->forward, a);
}

/* ---- asks ---- */

static uint32_t *ask_bucket(const struct gyl__dns_forward *fw, uint32_t hash)
{
	return &fw->ask_bucket[hash & fw->bucket_mask];
}

static struct gyl__dns_ask *ask_find(
	const struct gyl__dns_forward *fw, const struct gyl_dns_verdict *v, uint32_t hash)
{
	for (uint32_t i = *ask_bucket(fw, hash); i != GYL__DNS_NONE; i = fw->ask[i].chain) {
		struct gyl__dns_ask *a = &fw->ask[i];

		if (a->hash == hash && a->state == GYL__DNS_ASK_OPEN && a->qtype == v->qtype &&
			a->variant == v->variant && a->name_len == v->target_len &&
			memcmp(a->name, v->target, a->name_len) == 0)
			return a;
	}
	return NULL;
}

static uint32_t hash_of(const struct gyl__dns_forward *fw, const struct gyl_dns_verdict *v)
{
	return gyl_dns_cache_hash(&fw->cache, v->target, v->target_len) + v->qtype * 0x9e3779b1u +
	       v->variant;
}

static struct gyl__dns_ask *ask_add(
	struct gyl_dns *d, struct gyl_now now, const struct gyl_dns_verdict *v, uint32_t hash)
{
	struct gyl__dns_forward *fw = &d->forward;
	uint32_t i = gyl__dns_pool_take(&fw->asks), *bucket = ask_bucket(fw, hash);
	struct gyl__dns_ask *a = &fw->ask[i];

	memset(a, 0, offsetof(struct gyl__dns_ask, name));
	a->hash = hash;
	a->waiter = GYL__DNS_NONE;
	a->begun_ns = now.mono_ns;
	a->next_ns = now.mono_ns;
	a->qtype = v->qtype;
	a->group = v->group;
	a->variant = v->variant;
	a->name_len = v->target_len;
	memcpy(a->name, v->target, v->target_len);
	a->state = GYL__DNS_ASK_OPEN;
	a->chain = *bucket;
	*bucket = i;
	heap_put(fw, fw->heap_cnt++, i);
	schedule(fw, a);
	return a;
}

static void ask_remove(struct gyl__dns_forward *fw, struct gyl__dns_ask *a)
{
	uint32_t i = (uint32_t)(a - fw->ask), *link = ask_bucket(fw, a->hash), last;

	while (*link != i)
		link = &fw->ask[*link].chain;
	*link = a->chain;
	last = fw->heap[--fw->heap_cnt];
	if (last != i) {
		heap_put(fw, a->heap_at, last);
		heap_sift(fw, a->heap_at);
	}
	a->state = GYL__DNS_ASK_FREE;
	gyl__dns_pool_give(&fw->asks, i);
}

/* ---- ends ---- */

static void end_attempts(struct gyl_dns *d, struct gyl__dns_ask *a, struct gyl_out *o)
{
	for (unsigned i = 0; i < GYL__DNS_ATTEMPT_MAX; i++)
		if (a->attempt[i].state != GYL__DNS_ATTEMPT_FREE)
			gyl__dns_attempt_end(d, a, i, o);
}

/* Waiters are answered as far as there is room, the rest in the next ticks. */
static void settle(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a, struct gyl_out *o)
{
	if (gyl__dns_answer_waiters(d, now, a, o))
		ask_remove(&d->forward, a);
}

static void finish(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a,
	enum gyl_dns_turn turn, struct gyl_out *o)
{
	end_attempts(d, a, o);
	a->state = GYL__DNS_ASK_DONE;
	a->turn = (uint8_t)turn;
	set_time(&d->forward, a, 0);
	settle(d, now, a, o);
}

/* Not even "." is known to it. */
static void fail_probe(
	struct gyl_dns *d, struct gyl_now now, const struct gyl__dns_ask *a, struct gyl_out *o)
{
	unsigned upstream = a->variant & (VARIANT_PROBE - 1u);

	if (gyl_dns_upstream_mute(&d->forward.up.one[upstream], now.mono_ns))
		gyl__dns_say_upstream(d, upstream, "dead", GYL_SEV_WARNING, o);
}

/* No server of the group has answered, or all have said that they cannot. */
static void fail(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a, struct gyl_out *o)
{
	if (a->probe) {
		fail_probe(d, now, a, o);
	} else {
		if (a->ede == 0)
			a->ede = (a->refused ? GYL_DNS_EDE_NETWORK : GYL_DNS_EDE_NO_REACHABLE) + 1;
		d->forward.stat.fail_cnt++;
		gyl__dns_take_failure(d, now, a, a->ede, a->refused);
	}
	finish(d, now, a, GYL_DNS_TURN_LOST, o);
}

/* ---- asking ---- */

static uint64_t mask_of(const struct gyl_dns *d, const struct gyl__dns_ask *a)
{
	return gyl_dns_upstreams_group(&d->forward.up, a->group);
}

static bool has_attempt(const struct gyl__dns_ask *a)
{
	for (unsigned i = 0; i < GYL__DNS_ATTEMPT_MAX; i++)
		if (a->attempt[i].state != GYL__DNS_ATTEMPT_FREE)
			return true;
	return false;
}

static int free_attempt(const struct gyl__dns_ask *a)
{
	for (int i = 0; i < GYL__DNS_ATTEMPT_MAX; i++)
		if (a->attempt[i].state == GYL__DNS_ATTEMPT_FREE)
			return i;
	return -1;
}

/* The attempt that was sent the longest ago. */
static int oldest_attempt(const struct gyl__dns_ask *a)
{
	int oldest = -1;

	for (int i = 0; i < GYL__DNS_ATTEMPT_MAX; i++)
		if (a->attempt[i].state == GYL__DNS_ATTEMPT_SENT &&
			(oldest < 0 || a->attempt[i].sent_ns < a->attempt[oldest].sent_ns))
			oldest = i;
	return oldest;
}

/* Before the next server is asked, too, the last one has its usual time. Before all are asked again
 * they have more, and twice as much with every round: what is lost is rare, what they have to ask
 * others for is not. */
static uint64_t pause_ns(struct gyl_dns *d, const struct gyl__dns_ask *a, unsigned upstream)
{
	unsigned round_len = 0;
	uint64_t ns = gyl_dns_upstream_wait_ns(&d->forward.up.one[upstream]);

	if (gyl_dns_upstreams_any(&d->forward.up, mask_of(d, a) & ~a->asked))
		return ns;
	for (uint64_t m = a->asked; m != 0; m &= m - 1)
		round_len++;
	return (ns < again_ns ? again_ns : ns)
	       << (a->send_cnt - 1u) / (round_len == 0 ? 1 : round_len);
}

static bool ask_another(
	struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a, struct gyl_out *o)
{
	int up = gyl_dns_upstreams_pick(&d->forward.up, mask_of(d, a) & ~a->asked);

	if (up < 0 || free_attempt(a) < 0 ||
		!gyl__dns_attempt_begin(d, now, a, (unsigned)up, false, o))
		return false;
	a->next_ns = now.mono_ns + pause_ns(d, a, (unsigned)up);
	return true;
}

static bool ask_again(
	struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a, struct gyl_out *o)
{
	int i = oldest_attempt(a);

	if (i < 0)
		return false;
	a->attempt[i].sent_ns = now.mono_ns;
	gyl__dns_attempt_again(d, a, (unsigned)i, o);
	a->last = (uint8_t)i;
	a->next_ns = now.mono_ns + pause_ns(d, a, a->attempt[i].upstream);
	return true;
}

/* The next server, or one of them again when its time is over. Nobody is left: it is lost. */
static void go_on(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a, bool again,
	struct gyl_out *o)
{
	if (again)
		a->next_ns = UINT64_MAX;
	if (a->send_cnt < GYL__DNS_SEND_MAX && (a->probe || !ask_another(d, now, a, o)) && again)
		(void)ask_again(d, now, a, o);
	if (!has_attempt(a))
		fail(d, now, a, o);
	else
		schedule(&d->forward, a);
}

void gyl__dns_say_upstream(struct gyl_dns *d, unsigned upstream, const char *state,
	uint8_t severity, struct gyl_out *o)
{
	const struct gyl_dns_upstream *up = &d->forward.up.one[upstream];
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_DNS_UPSTREAM);
	e.severity = severity;
	gyl_event_ip(&e, "ip", up->ip);
	gyl_event_u64(&e, "port", up->port);
	gyl_event_str(&e, "state", gyl_view_str(state));
	gyl_out_event(o, &e, 0);
}

/* The attempt that was sent last has had its time. */
static void note_timeout(struct gyl_dns *d, struct gyl_now now, const struct gyl__dns_ask *a)
{
	const struct gyl__dns_attempt *t = &a->attempt[a->last];

	if (t->state != GYL__DNS_ATTEMPT_FREE)
		gyl_dns_upstream_failed(&d->forward.up.one[t->upstream], now.mono_ns);
}

static void wake(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a, struct gyl_out *o)
{
	if (a->state == GYL__DNS_ASK_DONE) {
		settle(d, now, a, o);
	} else if (now.mono_ns >= a->begun_ns + (a->probe ? probe_ns : lost_ns)) {
		note_timeout(d, now, a);
		fail(d, now, a, o);
	} else if (!a->late && now.mono_ns >= a->begun_ns + late_ns) {
		a->late = true;
		a->turn = GYL_DNS_TURN_LATE;
		(void)gyl__dns_answer_waiters(d, now, a, o);
		schedule(&d->forward, a);
	} else {
		note_timeout(d, now, a);
		go_on(d, now, a, true, o);
	}
}

void gyl__dns_ask_outcome(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a,
	enum gyl__dns_outcome outcome, struct gyl_out *o)
{
	if (outcome == GYL__DNS_GOOD) {
		finish(d, now, a, GYL_DNS_TURN_ANSWERED, o);
		return;
	}
	a->refused = a->refused || outcome == GYL__DNS_FAILED;
	go_on(d, now, a, false, o);
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
			gyl__dns_attempt_end(d, a, i, o);
	gyl__dns_ask_outcome(d, now, a, GYL__DNS_GONE, o);
}

static struct gyl_dns_verdict probe_of(unsigned upstream)
{
	/* "Who serves the root?": every server has something to say to that. */
	struct gyl_dns_verdict v = {.qtype = GYL_DNS_TYPE_NS,
		.target_len = 1,
		.variant = (uint8_t)(VARIANT_PROBE | upstream)};

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
		struct gyl__dns_ask *a = ask_find(&d->forward, &own, hash_of(&d->forward, &own));
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
	uint32_t hash = hash_of(fw, v);
	struct gyl__dns_ask *a = ask_find(fw, v, hash);
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
	a = ask_add(d, now, v, hash);
	(void)gyl__dns_join(d, a, in);
	go_on(d, now, a, true, o);
	return true;
}

void gyl__dns_forward_refresh(
	struct gyl_dns *d, struct gyl_now now, const struct gyl_dns_verdict *v, struct gyl_out *o)
{
	struct gyl__dns_forward *fw = &d->forward;
	uint32_t hash = hash_of(fw, v);

	if (ask_find(fw, v, hash) != NULL || fw->asks.used >= fw->asks.cap / 2)
		return;
	fw->stat.refresh_cnt++;
	go_on(d, now, ask_add(d, now, v, hash), true, o);
}

static void probe(struct gyl_dns *d, struct gyl_now now, unsigned upstream, struct gyl_out *o)
{
	struct gyl_dns_verdict v = probe_of(upstream);
	struct gyl__dns_ask *a;

	if (d->forward.asks.used == d->forward.asks.cap)
		return;
	a = ask_add(d, now, &v, hash_of(&d->forward, &v));
	a->probe = a->late = true;
	a->next_ns = now.mono_ns + again_ns;
	if (gyl__dns_attempt_begin(d, now, a, upstream, false, o))
		schedule(&d->forward, a);
	else
		finish(d, now, a, GYL_DNS_TURN_LOST, o);
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
		wake(d, now, a, o);
	}
	while (gyl_out_room(o, &cost) &&
		(dead = gyl_dns_upstreams_probe(&fw->up, now.mono_ns)) >= 0)
		probe(d, now, (unsigned)dead, o);
}

uint64_t gyl__dns_forward_at_ns(const struct gyl_dns *d)
{
	const struct gyl__dns_forward *fw = &d->forward;
	uint64_t at = gyl_dns_upstreams_probe_ns(&fw->up);

	return fw->heap_cnt == 0 ? at : gyl_time_min(at, fw->ask[fw->heap[0]].at_ns);
}
