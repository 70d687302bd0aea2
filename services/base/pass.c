/* SPDX-License-Identifier: ISC */
#include "services/base/pass.h"

#include "services/base/event.h"

/*
 * Entries are whole, one after the other, and none goes over the end of the memory: what does not
 * fit there begins anew at the start.
 */
enum {
	ALIGN = 16
};

struct entry {
	uint32_t len; /* with this head, a multiple of ALIGN */
	uint32_t data_len;
	uint8_t kind; /* enum gyl_in_kind; 0: only fills up to the end of the memory */
	uint8_t port, role;
	uint64_t cut;
	struct gyl_peer peer;
};

_Static_assert(offsetof(struct entry, kind) < ALIGN, "what fills may have no more than this");

static size_t head_len(void)
{
	return (sizeof(struct entry) + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

static struct entry *at(const struct gyl_pass *p, uint32_t pos)
{
	return (struct entry *)(void *)(p->p + pos % GYL_PASS_LEN);
}

void gyl_pass_init(struct gyl_pass *p, void *mem, void (*wake)(void *arg), void *wake_arg)
{
	memset(p, 0, sizeof *p);
	p->p = mem;
	p->wake = wake;
	p->wake_arg = wake_arg;
}

/* ---- the writer's ---- */

static bool has_room(struct gyl_pass *p, uint32_t tail, uint32_t len)
{
	if (tail + len - p->head_seen <= GYL_PASS_LEN)
		return true;
	p->head_seen = atomic_load_explicit(&p->head, memory_order_acquire);
	return tail + len - p->head_seen <= GYL_PASS_LEN;
}

/* Where an entry with so much data goes, *tail its position; NULL: no room. */
static struct entry *begin(struct gyl_pass *p, size_t data_len, uint32_t *tail)
{
	size_t whole = (head_len() + data_len + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	uint32_t len = (uint32_t)whole, rest;
	struct entry *e;

	*tail = atomic_load_explicit(&p->tail, memory_order_relaxed);
	rest = GYL_PASS_LEN - *tail % GYL_PASS_LEN;
	if (whole > GYL_PASS_LEN / 2 || !has_room(p, *tail, len <= rest ? len : rest + len))
		return NULL;
	if (len > rest) {
		e = at(p, *tail);
		e->kind = 0;
		e->len = rest;
		*tail += rest;
	}
	e = at(p, *tail);
	e->len = len;
	e->data_len = (uint32_t)data_len;
	return e;
}

/*
 * The two orders that must not both fail: we publish, then look whether the reader sleeps; it says
 * that it sleeps, then looks whether there is something. Hence the strong order here and there.
 */
static void end(struct gyl_pass *p, uint32_t tail)
{
	atomic_store(&p->tail, tail);
	if (atomic_load(&p->asleep) && atomic_exchange(&p->asleep, false))
		p->wake(p->wake_arg);
}

bool gyl_pass_dgram(struct gyl_pass *p, const struct gyl_in *in, uint8_t port, uint8_t role)
{
	uint32_t tail;
	struct entry *e = begin(p, in->data.len, &tail);

	if (e == NULL) {
		p->lost_cnt++;
		return false;
	}
	e->kind = GYL_IN_DGRAM;
	e->port = port;
	e->role = role;
	e->cut = in->seq;
	e->peer = in->peer;
	memcpy((uint8_t *)e + head_len(), in->data.p, in->data.len);
	p->cnt++;
	end(p, tail + e->len);
	return true;
}

bool gyl_pass_event(struct gyl_pass *p, const struct gyl_event *event)
{
	uint32_t tail;
	struct entry *e = begin(p, offsetof(struct gyl_event, text) + event->text_len, &tail);

	if (e == NULL) {
		p->event_lost_cnt++;
		return false;
	}
	e->kind = GYL_IN_EVENT;
	gyl_event_copy((struct gyl_event *)(void *)((uint8_t *)e + head_len()), event);
	end(p, tail + e->len);
	return true;
}

/* ---- the reader's ---- */

/* The entry at *pos, which is moved over what only fills; NULL: there is none. */
static const struct entry *entry(const struct gyl_pass *p, uint32_t *pos, uint32_t tail)
{
	const struct entry *e;

	if (*pos == tail)
		return NULL;
	e = at(p, *pos);
	if (e->kind == 0) {
		*pos += e->len;
		e = at(p, *pos);
	}
	return e;
}

static void give(const struct entry *e, struct gyl_in *in)
{
	const uint8_t *data = (const uint8_t *)e + head_len();

	memset(in, 0, sizeof *in);
	in->kind = e->kind;
	if (e->kind == GYL_IN_EVENT) {
		in->event = (const struct gyl_event *)(const void *)data;
		return;
	}
	in->port = e->port;
	in->role = e->role;
	in->seq = e->cut;
	in->peer = e->peer;
	in->data = gyl_view(data, e->data_len);
}

size_t gyl_pass_look(const struct gyl_pass *p, struct gyl_in *in, size_t cap)
{
	uint32_t tail = atomic_load_explicit(&p->tail, memory_order_acquire);
	uint32_t pos = atomic_load_explicit(&p->head, memory_order_relaxed);
	const struct entry *e;
	size_t n = 0;

	while (n < cap && (e = entry(p, &pos, tail)) != NULL) {
		if (e->kind == GYL_IN_EVENT && n != 0)
			break;
		give(e, &in[n++]);
		if (e->kind == GYL_IN_EVENT)
			break;
		pos += e->len;
	}
	return n;
}

void gyl_pass_drop(struct gyl_pass *p, size_t cnt)
{
	uint32_t tail = atomic_load_explicit(&p->tail, memory_order_acquire);
	uint32_t pos = atomic_load_explicit(&p->head, memory_order_relaxed);

	for (; cnt != 0; cnt--)
		pos += entry(p, &pos, tail)->len;
	atomic_store_explicit(&p->head, pos, memory_order_release);
}

bool gyl_pass_sleep(struct gyl_pass *p)
{
	atomic_store(&p->asleep, true);
	return atomic_load(&p->tail) == atomic_load_explicit(&p->head, memory_order_relaxed);
}

void gyl_pass_awake(struct gyl_pass *p)
{
	atomic_store_explicit(&p->asleep, false, memory_order_relaxed);
}
