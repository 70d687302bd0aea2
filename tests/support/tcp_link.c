/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "libnet/src/ident.h"
#include "tests/support/tcp_link.h"

enum {
	IP_LEN = 20,
	FRAMING_LEN = 38 /* preamble, Ethernet header, checksum, gap */
};

void link_open(struct link *l, const struct link_conf *cf, uint64_t seed)
{
	memset(l, 0, sizeof *l);
	l->cf = *cf;
	l->seed = seed;
}

void link_close(struct link *l)
{
	while (l->cnt > 0)
		free(l->heap[--l->cnt]);
	free(l->heap);
	l->heap = NULL;
}

uint32_t link_draw(struct link *l, uint32_t n)
{
	return n == 0 ? 0 : (uint32_t)((gyl__ident_mix(&l->seed) >> 32) % n);
}

static bool happens(struct link *l, uint32_t ppm)
{
	return ppm != 0 && link_draw(l, LINK_PPM) < ppm;
}

/* ---- what is under way ---- */

static bool is_before(const struct link_packet *a, const struct link_packet *b)
{
	return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->order < b->order;
}

static void push(struct link *l, struct link_packet *p)
{
	unsigned i = l->cnt++;

	if (i == l->cap) {
		l->cap = l->cap == 0 ? 64 : 2 * l->cap;
		l->heap = realloc(l->heap, l->cap * sizeof(struct link_packet *));
		if (l->heap == NULL)
			abort();
	}
	for (; i > 0 && is_before(p, l->heap[(i - 1) / 2]); i = (i - 1) / 2)
		l->heap[i] = l->heap[(i - 1) / 2];
	l->heap[i] = p;
}

static struct link_packet *pop(struct link *l)
{
	struct link_packet *first = l->heap[0], *last = l->heap[--l->cnt];
	unsigned i = 0;

	for (;;) {
		unsigned child = 2 * i + 1;

		if (child + 1 < l->cnt && is_before(l->heap[child + 1], l->heap[child]))
			child++;
		if (child >= l->cnt || !is_before(l->heap[child], last))
			break;
		l->heap[i] = l->heap[child];
		i = child;
	}
	l->heap[i] = last;
	return first;
}

static struct link_packet *put(struct link *l, uint64_t at_ns, struct gyl_view segment)
{
	struct link_packet *p = malloc(sizeof *p + segment.len);

	if (p == NULL)
		abort();
	p->at_ns = at_ns;
	p->order = l->order++;
	p->icmp_mtu = 0;
	p->len = (uint16_t)segment.len;
	memcpy(p->data, segment.p, segment.len);
	push(l, p);
	return p;
}

/* ---- sending ---- */

static bool is_silent(struct link *l, uint64_t now_ns, size_t len)
{
	if (l->cf.silence_at == 0)
		return false;
	l->carried += len;
	if (l->carried >= l->cf.silence_at) {
		l->carried = 0;
		l->quiet_ns = now_ns + l->cf.silence_ns;
	}
	return now_ns < l->quiet_ns;
}

/* Waits for its turn at the rate. @return false: the queue is full. */
static bool queue(struct link *l, uint64_t now_ns, size_t len)
{
	uint64_t start_ns = l->free_ns > now_ns ? l->free_ns : now_ns;
	uint64_t bits = (len + IP_LEN + FRAMING_LEN) * 8;

	if (l->cf.rate == 0) {
		l->free_ns = now_ns;
		return true;
	}
	if (l->cf.queue_len != 0 &&
		(start_ns - now_ns) * l->cf.rate / 8000000000u > l->cf.queue_len)
		return false;
	l->free_ns = start_ns + bits * 1000000000u / l->cf.rate;
	return true;
}

static uint64_t arrival_ns(struct link *l)
{
	uint64_t at_ns = l->free_ns + l->cf.delay_ns;

	if (l->cf.jitter_ns != 0)
		at_ns += gyl__ident_mix(&l->seed) % l->cf.jitter_ns;
	if (happens(l, l->cf.late_ppm))
		return at_ns + l->cf.late_ns;
	if (!l->cf.may_overtake && at_ns < l->last_ns)
		at_ns = l->last_ns;
	l->last_ns = at_ns;
	return at_ns;
}

static enum link_fate carry(struct link *l, struct gyl_view segment)
{
	struct link_packet *p = put(l, arrival_ns(l), segment);

	if (happens(l, l->cf.corrupt_ppm)) {
		uint32_t bit = link_draw(l, 8 * (uint32_t)segment.len);

		p->data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		return LINK_CORRUPTED;
	}
	if (happens(l, l->cf.dup_ppm)) {
		put(l, arrival_ns(l), segment);
		return LINK_DOUBLED;
	}
	return LINK_CARRIED;
}

static enum link_fate fate(struct link *l, uint64_t now_ns, struct gyl_view segment)
{
	uint32_t loss_ppm = l->cf.loss_ppm;

	if (segment.len < LINK_SMALL && l->cf.small_loss_ppm > loss_ppm)
		loss_ppm = l->cf.small_loss_ppm;
	if (segment.len + IP_LEN > l->cf.mtu)
		return LINK_TOO_BIG;
	if (l->cf.is_off || is_silent(l, now_ns, segment.len))
		return LINK_OFF;
	if (happens(l, loss_ppm))
		return LINK_LOST;
	if (!queue(l, now_ns, segment.len))
		return LINK_QUEUE_FULL;
	return carry(l, segment);
}

enum link_fate link_send(struct link *l, uint64_t now_ns, struct gyl_view segment)
{
	enum link_fate f = fate(l, now_ns, segment);

	l->fate_cnt[f]++;
	return f;
}

void link_send_icmp(struct link *l, uint64_t now_ns, struct gyl_view segment, uint16_t mtu)
{
	if (l->cf.is_off || happens(l, l->cf.loss_ppm))
		return;
	put(l, now_ns + l->cf.delay_ns, gyl_view_sub(segment, 0, 8))->icmp_mtu = mtu;
}

uint64_t link_deadline_ns(const struct link *l)
{
	return l->cnt > 0 ? l->heap[0]->at_ns : UINT64_MAX;
}

struct link_packet *link_take(struct link *l, uint64_t now_ns)
{
	return l->cnt > 0 && l->heap[0]->at_ns <= now_ns ? pop(l) : NULL;
}

const char *link_fate_text(enum link_fate fate)
{
	static const char *const text[LINK_FATES] = {
		"", " LOST", " QUEUE FULL", " TOO BIG", " OFF", " doubled", " CORRUPTED"};

	return text[fate];
}
