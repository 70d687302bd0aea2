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

#include "services/dns/core_own.h"
#include "services/dns/forward.h"

static const uint64_t late_ns = 1800 * GYL_NS_PER_MS; /* RFC 8767 5: client response timer */
static const uint64_t lost_ns = 6 * GYL_NS_PER_S;
static const uint64_t probe_ns = 2 * GYL_NS_PER_S;

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

struct gyl__dns_ask *gyl__dns_ask_find(
	const struct gyl__dns_forward *fw, const struct gyl_dns_verdict *v, uint32_t hash)
{
	for (uint32_t i = *ask_bucket(fw, hash); i != GYL__DNS_NONE; i = fw->ask[i].chain) {
		struct gyl__dns_ask *a = &fw->ask[i];

		if (a->hash == hash && a->state == GYL__DNS_ASK_OPEN &&
			!gyl__dns_ask_is_outdated(fw, a) && a->qtype == v->qtype &&
			a->variant == v->variant && a->name_len == v->target_len &&
			memcmp(a->name, v->target, a->name_len) == 0)
			return a;
	}
	return NULL;
}

uint32_t gyl__dns_ask_hash(const struct gyl__dns_forward *fw, const struct gyl_dns_verdict *v)
{
	return gyl_dns_cache_hash(&fw->cache, v->target, v->target_len) + v->qtype * 0x9e3779b1u +
	       v->variant;
}

struct gyl__dns_ask *gyl__dns_ask_add(
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
	a->epoch = fw->epoch;
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

static void end_attempts(
	struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a, struct gyl_out *o)
{
	for (unsigned i = 0; i < GYL__DNS_ATTEMPT_MAX; i++)
		if (a->attempt[i].state != GYL__DNS_ATTEMPT_FREE)
			gyl__dns_attempt_end(d, now, a, i, o);
}

/* Waiters are answered as far as there is room, the rest in the next ticks. */
static void settle(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a, struct gyl_out *o)
{
	if (gyl__dns_answer_waiters(d, now, a, o))
		ask_remove(&d->forward, a);
}

void gyl__dns_ask_finish(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a,
	enum gyl_dns_turn turn, struct gyl_out *o)
{
	end_attempts(d, now, a, o);
	a->state = GYL__DNS_ASK_DONE;
	a->turn = (uint8_t)turn;
	set_time(&d->forward, a, 0);
	settle(d, now, a, o);
}

/* Not even "." is known to it. */
static void fail_probe(
	struct gyl_dns *d, struct gyl_now now, const struct gyl__dns_ask *a, struct gyl_out *o)
{
	unsigned upstream = a->variant & (GYL__DNS_VARIANT_PROBE - 1u);

	if (gyl_dns_upstream_mute(&d->forward.up.one[upstream], now.mono_ns))
		gyl__dns_say_upstream(d, upstream, "dead", GYL_SEV_WARNING, o);
}

static uint64_t mask_of(const struct gyl_dns *d, const struct gyl__dns_ask *a)
{
	return gyl_dns_upstreams_group(&d->forward.up, a->group);
}

/* No server of the group has answered, or all have said that they cannot. */
static void fail(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a, struct gyl_out *o)
{
	if (a->probe) {
		fail_probe(d, now, a, o);
	} else {
		if (a->send_cnt == 0)
			gyl_dns_upstreams_hurry(&d->forward.up, mask_of(d, a), now.mono_ns);
		if (a->ede == 0)
			a->ede = (a->refused ? GYL_DNS_EDE_NETWORK : GYL_DNS_EDE_NO_REACHABLE) + 1;
		d->forward.stat.fail_cnt++;
		gyl__dns_take_failure(d, now, a, a->ede, a->refused);
	}
	gyl__dns_ask_finish(d, now, a, GYL_DNS_TURN_LOST, o);
}

/* ---- asking ---- */

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
	return (ns < GYL__DNS_AGAIN_NS ? GYL__DNS_AGAIN_NS : ns)
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

/* What it asks for may be for others to know now, or for us. */
static void start_over(
	struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a, struct gyl_out *o)
{
	gyl__dns_ask_finish(d, now, a, a->probe ? GYL_DNS_TURN_LOST : GYL_DNS_TURN_ANSWERED, o);
}

/* The next server, or one of them again when its time is over. Nobody is left: it is lost. */
void gyl__dns_ask_go_on(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a, bool again,
	struct gyl_out *o)
{
	if (gyl__dns_ask_is_outdated(&d->forward, a)) {
		start_over(d, now, a, o);
		return;
	}
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

void gyl__dns_ask_wake(
	struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a, struct gyl_out *o)
{
	if (a->state == GYL__DNS_ASK_DONE) {
		settle(d, now, a, o);
	} else if (gyl__dns_ask_is_outdated(&d->forward, a)) {
		start_over(d, now, a, o);
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
		gyl__dns_ask_go_on(d, now, a, true, o);
	}
}

void gyl__dns_ask_outcome(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a,
	enum gyl__dns_outcome outcome, struct gyl_out *o)
{
	if (outcome == GYL__DNS_GOOD) {
		gyl__dns_ask_finish(d, now, a, GYL_DNS_TURN_ANSWERED, o);
		return;
	}
	a->refused = a->refused || outcome == GYL__DNS_FAILED;
	gyl__dns_ask_go_on(d, now, a, false, o);
}
