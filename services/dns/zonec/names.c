/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "services/dns/zonec/compile_own.h"

static struct gyl_dns_named *entry_at(const struct gyl_zc_names *t, size_t off)
{
	return (struct gyl_dns_named *)(void *)(t->entry + off);
}

static uint32_t *slot_of(const struct gyl_zc_names *t, const struct gyl_dns_key *k)
{
	size_t at = k->hash & (t->index_cap - 1);

	for (; t->index[at] != 0; at = (at + 1) & (t->index_cap - 1)) {
		const struct gyl_dns_named *e = entry_at(t, ((size_t)t->index[at] - 1) * 4);

		if (e->name_len == k->len && memcmp(e->name, k->name, k->len) == 0)
			break;
	}
	return &t->index[at];
}

static bool grow_index(struct gyl_dns_compile *c, struct gyl_zc_names *t)
{
	size_t cap = t->index_cap == 0 ? 64 : 2 * t->index_cap;

	if (2 * ((size_t)t->cnt + 1) <= t->index_cap)
		return true;
	free(t->index);
	t->index = calloc(cap, sizeof *t->index);
	t->index_cap = t->index == NULL ? 0 : cap;
	if (t->index == NULL) {
		c->no_memory = true;
		return false;
	}
	for (size_t off = 0; off < t->entry_len; off += gyl_dns_named_len(entry_at(t, off))) {
		struct gyl_dns_key k;

		gyl_dns_key_init(&k, entry_at(t, off)->name, entry_at(t, off)->name_len);
		*slot_of(t, &k) = (uint32_t)(off / 4 + 1);
	}
	return true;
}

struct gyl_dns_named *gyl__zc_named(
	struct gyl_dns_compile *c, struct gyl_zc_names *t, const uint8_t *name, size_t len)
{
	struct gyl_dns_named *e;
	struct gyl_dns_key k;
	uint32_t *slot;
	unsigned labels;

	gyl_dns_key_init(&k, name, len);
	if (!grow_index(c, t) || !gyl__zc_grow(c, &t->entry, &t->entry_cap, t->entry_len,
					 sizeof *e + GYL_DNS_NAME_MAX + 3, 1))
		return NULL;
	slot = slot_of(t, &k);
	if (*slot != 0)
		return entry_at(t, ((size_t)*slot - 1) * 4);
	*slot = (uint32_t)(t->entry_len / 4 + 1);
	e = entry_at(t, t->entry_len);
	memset(e, 0, sizeof *e + len + 3);
	e->name_len = (uint8_t)len;
	memcpy(e->name, k.name, len);
	t->entry_len += gyl_dns_named_len(e);
	t->cnt++;
	labels = gyl_dns_name_label_cnt(k.name);
	if (labels > t->label_max)
		t->label_max = labels;
	return e;
}

uint16_t gyl__zc_said(const struct gyl_zc_names *t, const uint8_t *name, size_t len)
{
	struct gyl_dns_key k;
	uint32_t at;

	if (t->index_cap == 0)
		return 0;
	gyl_dns_key_init(&k, name, len);
	at = *slot_of(t, &k);
	return at == 0 ? 0 : entry_at(t, ((size_t)at - 1) * 4)->self;
}

/* Most lists have one answer for all, and policy zones few: the first ones are looked through. */
static int find_answer(
	const struct gyl_zc_answers *as, uint16_t rcode, uint16_t rr_cnt, struct gyl_view rr)
{
	for (size_t i = 0; i < as->cnt && i < 256; i++) {
		const struct gyl_dns_block_answer *a = &as->answer[i];
		size_t end = i + 1 < as->cnt ? as->answer[i + 1].rr_off : as->rr_len;

		if (a->rcode == rcode && a->rr_cnt == rr_cnt && end - a->rr_off == rr.len &&
			(rr.len == 0 || memcmp(as->rr + a->rr_off, rr.p, rr.len) == 0))
			return (int)i;
	}
	return -1;
}

int gyl__zc_answer(struct gyl_dns_compile *c, uint16_t rcode, uint16_t rr_cnt, struct gyl_view rr)
{
	struct gyl_zc_answers *as = &c->answers;
	int found = find_answer(as, rcode, rr_cnt, rr);

	if (found >= 0)
		return found;
	if (as->cnt == GYL_DNS_BLOCK_ANSWER_MAX ||
		!gyl__zc_grow(c, &as->answer, &as->cap, as->cnt, 1, sizeof *as->answer) ||
		!gyl__zc_grow(c, &as->rr, &as->rr_cap, as->rr_len, rr.len + 1, 1))
		return -1;
	as->answer[as->cnt] = (struct gyl_dns_block_answer){
		.rr_off = (uint32_t)as->rr_len, .rr_cnt = rr_cnt, .rcode = rcode};
	if (rr.len != 0)
		memcpy(as->rr + as->rr_len, rr.p, rr.len);
	as->rr_len += rr.len;
	return (int)as->cnt++;
}

/* Of four slots three are used at most. */
static uint32_t slot_cnt(uint32_t cnt)
{
	return cnt == 0 ? 1 : cnt + cnt / 3 + 1;
}

static void put_slots(struct gyl_dns_compile *c, const struct gyl_dns_names *t)
{
	struct gyl_dns_slot *slot = (struct gyl_dns_slot *)(void *)(c->out + t->slot_off);

	for (uint32_t off = t->entry_off; off < t->entry_end;) {
		const struct gyl_dns_named *e =
			(const struct gyl_dns_named *)(const void *)(c->out + off);
		struct gyl_dns_key k;
		uint32_t at;

		gyl_dns_key_init(&k, e->name, e->name_len);
		at = (uint32_t)((k.hash >> 32) * t->slot_cnt >> 32);
		while (slot[at].off != 0)
			at = at + 1 == t->slot_cnt ? 0 : at + 1;
		slot[at].tag = (uint32_t)k.hash;
		slot[at].off = off;
		off += (uint32_t)gyl_dns_named_len(e);
	}
}

static bool put_table(
	struct gyl_dns_compile *c, const struct gyl_zc_names *from, struct gyl_dns_names *t)
{
	uint8_t *p;

	t->cnt = from->cnt;
	t->label_max = from->label_max;
	t->slot_cnt = slot_cnt(from->cnt);
	t->slot_off = (uint32_t)c->out_len;
	if (c->out_len + from->entry_len > UINT32_MAX ||
		gyl__zc_reserve(c, t->slot_cnt * sizeof(struct gyl_dns_slot)) == NULL)
		return false;
	t->entry_off = (uint32_t)c->out_len;
	p = gyl__zc_reserve(c, from->entry_len);
	if (p == NULL)
		return false;
	if (from->entry_len != 0)
		memcpy(p, from->entry, from->entry_len);
	t->entry_end = (uint32_t)c->out_len;
	put_slots(c, t);
	return true;
}

static bool put_answers(struct gyl_dns_compile *c, struct gyl_dns_names_head *head)
{
	size_t len = c->answers.cnt * sizeof *c->answers.answer;
	uint8_t *p;

	head->answer_off = (uint32_t)c->out_len;
	head->answer_cnt = (uint32_t)c->answers.cnt;
	for (size_t i = 0; i < c->answers.cnt; i++)
		c->answers.answer[i].rr_off += (uint32_t)(c->out_len + len);
	p = gyl__zc_reserve(c, len + c->answers.rr_len);
	if (p == NULL)
		return false;
	if (len != 0)
		memcpy(p, c->answers.answer, len);
	if (c->answers.rr_len != 0)
		memcpy(p + len, c->answers.rr, c->answers.rr_len);
	return true;
}

bool gyl__zc_put_names(struct gyl_dns_compile *c, uint32_t *ret_off)
{
	struct gyl_dns_names_head head = {.plain = c->plain};
	size_t off = c->out_len, any = 0;

	for (unsigned i = 0; i < GYL_DNS_TABLE_CNT; i++)
		any += c->names[i].cnt;
	*ret_off = 0;
	if (any == 0)
		return true;
	*ret_off = (uint32_t)off;
	if (gyl__zc_reserve(c, sizeof head) == NULL)
		return false;
	for (unsigned i = 0; i < GYL_DNS_TABLE_CNT; i++)
		if (!put_table(c, &c->names[i], &head.table[i]))
			return false;
	if (!put_answers(c, &head) ||
		!gyl__zc_put_origins(c, head.table[GYL_DNS_TABLE_BLOCK].entry_off, &head))
		return false;
	memcpy(c->out + off, &head, sizeof head);
	return true;
}

void gyl__zc_free_names(struct gyl_dns_compile *c)
{
	gyl__zc_free_origins(c);
	for (unsigned i = 0; i < GYL_DNS_TABLE_CNT; i++) {
		free(c->names[i].entry);
		free(c->names[i].index);
	}
	free(c->answers.answer);
	free(c->answers.rr);
}
