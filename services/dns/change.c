/* SPDX-License-Identifier: ISC */
#include "services/dns/change.h"

#include <gyl/dns.h>

enum kind {
	PAD,    /* up to where the ring begins anew */
	RECORD, /* removed or added */
	STEP    /* closes one */
};

struct entry {
	uint32_t len; /* with name and rdata, a multiple of 8 */
	uint8_t kind; /* enum kind */
	bool added;
	bool undone; /* by a later one of the same step */
	uint8_t name_len;
	uint16_t book;
	uint16_t type;
	uint32_t from;
	uint32_t ttl; /* STEP: the serial that it leads to */
	uint32_t ip;
	uint32_t hash;
	uint32_t rdata_len;
};

enum {
	PASS_OLD_SOA,
	PASS_REMOVED,
	PASS_NEW_SOA,
	PASS_ADDED,
	PASS_CNT
};

void gyl_dns_ledger_init(struct gyl_dns_ledger *l, void *mem, size_t cap)
{
	memset(l, 0, sizeof *l);
	l->p = mem;
	l->cap = cap & ~(size_t)7;
}

struct gyl_dns_book *gyl_dns_book_find(struct gyl_dns_ledger *l, const uint8_t *apex, size_t len)
{
	for (unsigned i = 0; i < GYL_DNS_BOOK_MAX; i++)
		if (l->book[i].used && l->book[i].apex_len == len &&
			memcmp(l->book[i].apex, apex, len) == 0)
			return &l->book[i];
	return NULL;
}

struct gyl_dns_book *gyl_dns_book_begin(
	struct gyl_dns_ledger *l, const uint8_t *apex, size_t len, uint32_t serial)
{
	struct gyl_dns_book *b = gyl_dns_book_find(l, apex, len);

	for (unsigned i = 0; b == NULL && i < GYL_DNS_BOOK_MAX; i++) {
		if (l->book[i].used)
			continue;
		b = &l->book[i];
		memset(b, 0, sizeof *b);
		b->used = true;
		l->book_cnt++;
		b->apex_len = (uint8_t)len;
		memcpy(b->apex, apex, len);
		b->serial = serial;
		b->known_at = l->head;
	}
	return b;
}

uint32_t gyl_dns_serial_next(uint32_t serial)
{
	return serial + 1 == 0 ? 1 : serial + 1;
}

bool gyl_dns_serial_after(uint32_t a, uint32_t b)
{
	return a != b && (int32_t)(a - b) > 0;
}

/* --- the ring --- */

static struct entry *entry_at(const struct gyl_dns_ledger *l, uint64_t at)
{
	return (struct entry *)(void *)(l->p + at % l->cap);
}

static uint16_t index_of(const struct gyl_dns_ledger *l, const struct gyl_dns_book *b)
{
	return (uint16_t)(b - l->book);
}

/* The oldest entry goes. A step without all that belongs to it is worth nothing. */
static void evict(struct gyl_dns_ledger *l)
{
	const struct entry *e = entry_at(l, l->tail);

	if (e->kind != PAD) {
		l->book[e->book].lost = true;
		l->book[e->book].lost_from = e->from;
	}
	l->tail += e->len;
}

static struct entry *push(struct gyl_dns_ledger *l, size_t len)
{
	size_t left = l->cap - (size_t)(l->head % l->cap);
	struct entry *e;

	len = (len + 7) & ~(size_t)7;
	if (len > l->cap / 2)
		return NULL;
	if (left < len) {
		while (l->head + left - l->tail > l->cap)
			evict(l);
		/* a head fits always: all is a multiple of 8, and a pad of 8 has its length only */
		memcpy(l->p + l->head % l->cap, &(uint32_t){(uint32_t)left}, 4);
		l->p[l->head % l->cap + offsetof(struct entry, kind)] = PAD;
		l->head += left;
	}
	while (l->head + len - l->tail > l->cap)
		evict(l);
	e = entry_at(l, l->head);
	memset(e, 0, sizeof *e);
	e->len = (uint32_t)len;
	l->head += len;
	return e;
}

static uint32_t hash_of(const struct gyl_dns_change *c)
{
	uint32_t h = c->type * 0x9e3779b9u ^ c->ttl;

	for (size_t i = 0; i < c->name_len; i++)
		h = (h ^ c->name[i]) * 0x01000193u;
	for (size_t i = 0; i < c->rdata.len; i++)
		h = (h ^ c->rdata.p[i]) * 0x01000193u;
	return h;
}

/* A lease's record and the like one of the zone are two: a walk meets them in different places. */
static bool is_about(const struct entry *e, const struct gyl_dns_change *c)
{
	const uint8_t *p = (const uint8_t *)(e + 1);

	return e->type == c->type && e->ttl == c->ttl && e->ip == c->ip &&
	       e->name_len == c->name_len && e->rdata_len == c->rdata.len &&
	       memcmp(p, c->name, c->name_len) == 0 &&
	       (c->rdata.len == 0 || memcmp(p + e->name_len, c->rdata.p, c->rdata.len) == 0);
}

/* The opposite of a change in the step that is open, when it stands. */
static struct entry *opposite(const struct gyl_dns_ledger *l, const struct gyl_dns_book *b,
	const struct gyl_dns_change *c, uint32_t hash)
{
	uint64_t at = b->open_at < l->tail ? l->tail : b->open_at;

	for (; b->open && at != l->head; at += entry_at(l, at)->len) {
		struct entry *e = entry_at(l, at);

		if (e->kind == RECORD && e->hash == hash && e->book == index_of(l, b) &&
			!e->undone && e->added != c->added && e->from == b->serial &&
			is_about(e, c))
			return e;
	}
	return NULL;
}

void gyl_dns_book_lose(struct gyl_dns_ledger *l, struct gyl_dns_book *b, bool lost)
{
	b->open_lost = lost;
	/* a walk that began just now does not know it either */
	b->known_at = l->head + lost;
}

void gyl_dns_book_hold(const struct gyl_dns_ledger *l, struct gyl_dns_book *b, uint64_t after)
{
	struct gyl_dns_mark now = {0, b->open ? b->open_at : l->head, b->serial}, *last;

	if (b->held_cnt == 0)
		b->sure = now;
	if (b->held_cnt < 2)
		b->held[b->held_cnt++] = now;
	last = &b->held[b->held_cnt - 1];
	if (after > last->after)
		last->after = after;
}

void gyl_dns_book_hold_for(struct gyl_dns_book *b, uint64_t after)
{
	for (unsigned i = 0; i < b->held_cnt; i++)
		if (b->held[i].after == UINT64_MAX)
			b->held[i].after = after;
}

bool gyl_dns_book_durable(struct gyl_dns_book *b, uint64_t durable)
{
	bool moved = false;

	for (; b->held_cnt != 0 && b->held[0].after <= durable; moved = true) {
		b->sure = b->held[0];
		b->held[0] = b->held[1];
		b->held_cnt--;
	}
	return moved;
}

void gyl_dns_book_note(struct gyl_dns_ledger *l, struct gyl_dns_book *b,
	const struct gyl_dns_change *c, bool unique)
{
	uint32_t hash = hash_of(c);
	struct entry *e = unique ? NULL : opposite(l, b, c, hash);

	if (e != NULL) {
		e->undone = true;
		return;
	}
	if (!b->open) {
		b->open_at = l->head;
		b->open_cnt = 0;
	}
	b->open = true;
	b->open_cnt++;
	e = l->cap == 0 ? NULL : push(l, sizeof *e + c->name_len + c->rdata.len);
	if (e == NULL) {
		gyl_dns_book_lose(l, b, true);
		return;
	}
	e->kind = RECORD;
	e->added = c->added;
	e->name_len = c->name_len;
	e->book = index_of(l, b);
	e->type = c->type;
	e->from = b->serial;
	e->ttl = c->ttl;
	e->ip = c->ip;
	e->hash = hash;
	e->rdata_len = (uint32_t)c->rdata.len;
	memcpy(e + 1, c->name, c->name_len);
	if (c->rdata.len != 0)
		memcpy((uint8_t *)(e + 1) + c->name_len, c->rdata.p, c->rdata.len);
}

struct gyl_dns_book *gyl_dns_book_ahead(struct gyl_dns_ledger *l)
{
	struct gyl_dns_book *a = &l->book[GYL_DNS_BOOK_MAX];

	memset(a, 0, sizeof *a);
	return a;
}

bool gyl_dns_book_adopt(struct gyl_dns_ledger *l, struct gyl_dns_book *b, uint64_t from)
{
	const struct gyl_dns_book *a = &l->book[GYL_DNS_BOOK_MAX];
	uint64_t at = from, end = l->head;
	struct gyl_dns_change c;

	/* what is copied goes behind what it is copied from, and not over it */
	if (from < l->tail || end - from > l->cap / 4 || a->open_lost ||
		a->open_cnt > GYL_DNS_AHEAD_MAX)
		return false;
	while (at != end && gyl_dns_ledger_walk(l, a, &at, &c) && at <= end)
		gyl_dns_book_note(l, b, &c, true);
	return true;
}

/* The zone has the serial from here on. */
static void stepped(const struct gyl_dns_ledger *l, struct gyl_dns_book *b, uint32_t serial)
{
	b->serial = serial;
	b->open = false;
	if (b->held_cnt != 0) {
		b->held[b->held_cnt - 1].at = l->head;
		b->held[b->held_cnt - 1].serial = serial;
	}
}

void gyl_dns_book_close(struct gyl_dns_ledger *l, struct gyl_dns_book *b, uint32_t serial)
{
	struct entry *e = l->cap == 0 ? NULL : push(l, sizeof *e);

	if (e != NULL) {
		e->kind = STEP;
		e->book = index_of(l, b);
		e->from = b->serial;
		e->ttl = serial;
	}
	if (e == NULL || b->open_lost)
		gyl_dns_book_lose(l, b, false);
	stepped(l, b, serial);
}

void gyl_dns_book_forget(struct gyl_dns_ledger *l, struct gyl_dns_book *b, uint32_t serial)
{
	/* a walk that began just now stands before this, one that begins now behind it */
	if (l->cap != 0)
		(void)push(l, sizeof(struct entry));
	gyl_dns_book_lose(l, b, false);
	stepped(l, b, serial);
}

/* --- reading --- */

static void tell(const struct entry *e, struct gyl_dns_change *ret_change)
{
	const uint8_t *p = (const uint8_t *)(e + 1);

	ret_change->added = e->added;
	ret_change->name_len = e->name_len;
	ret_change->type = e->type;
	ret_change->ttl = e->ttl;
	ret_change->ip = e->ip;
	ret_change->name = p;
	ret_change->rdata = gyl_view(p + e->name_len, e->rdata_len);
	ret_change->from = e->from;
}

static bool is_of(const struct gyl_dns_ledger *l, const struct gyl_dns_book *b,
	const struct entry *e, enum kind kind)
{
	return e->kind == kind && !e->undone && e->book == index_of(l, b);
}

bool gyl_dns_ledger_walk(const struct gyl_dns_ledger *l, const struct gyl_dns_book *b, uint64_t *at,
	struct gyl_dns_change *ret_change)
{
	if (*at < l->tail)
		*at = l->tail;
	while (*at != l->head) {
		const struct entry *e = entry_at(l, *at);

		*at += e->len;
		if (!is_of(l, b, e, RECORD))
			continue;
		tell(e, ret_change);
		return true;
	}
	return false;
}

bool gyl_dns_changes_begin(const struct gyl_dns_ledger *l, const struct gyl_dns_book *b,
	uint32_t serial, struct gyl_dns_changes *ret_cur)
{
	*ret_cur = (struct gyl_dns_changes){.from = serial, .start = l->head, .at = l->head};
	if (serial == b->serial)
		return true;
	if (b->lost && b->lost_from == serial)
		return false;
	for (uint64_t at = l->tail; at != l->head; at += entry_at(l, at)->len) {
		const struct entry *e = entry_at(l, at);

		if (e->kind == PAD || e->book != index_of(l, b) || e->from != serial ||
			at < b->known_at)
			continue;
		ret_cur->start = ret_cur->at = at;
		return true;
	}
	return false;
}

static bool fits_pass(const struct entry *e, uint8_t pass)
{
	return e->added == (pass >= PASS_NEW_SOA) &&
	       (e->type == GYL_DNS_TYPE_SOA) == (pass == PASS_OLD_SOA || pass == PASS_NEW_SOA);
}

/* Behind the last record of a pass: the next pass over the same step, or the next step. */
static void next_pass(struct gyl_dns_changes *cur, const struct entry *step, uint64_t behind)
{
	cur->pass++;
	if (cur->pass == PASS_CNT) {
		cur->pass = 0;
		cur->from = step->ttl;
		cur->start = behind;
	}
	cur->at = cur->start;
}

enum gyl_dns_next gyl_dns_changes_next(const struct gyl_dns_ledger *l, const struct gyl_dns_book *b,
	struct gyl_dns_changes *cur, struct gyl_dns_change *ret_change)
{
	while (cur->from != b->serial) {
		const struct entry *e;

		if (!gyl_dns_book_knows(l, b, cur->start))
			return GYL_DNS_GONE;
		if (cur->at == l->head)
			return GYL_DNS_GONE; /* the step to b->serial could not be told */
		e = entry_at(l, cur->at);
		cur->at += e->len;
		if (e->kind == PAD || e->book != index_of(l, b) || e->from != cur->from)
			continue;
		if (e->kind == STEP) {
			next_pass(cur, e, cur->at);
		} else if (!e->undone && fits_pass(e, cur->pass)) {
			tell(e, ret_change);
			return GYL_DNS_NEXT;
		}
	}
	return GYL_DNS_END;
}
