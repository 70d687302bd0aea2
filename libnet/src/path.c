/* SPDX-License-Identifier: ISC */
#include "libnet/src/path.h"

#include "libnet/src/heads.h"

enum {
	HEAD_MIN = 16
};

size_t gyl__paths_need(uint16_t cnt)
{
	return cnt * sizeof(struct gyl_path) + gyl__head_cnt(cnt, HEAD_MIN) * sizeof(uint16_t);
}

void gyl__paths_init(struct gyl_paths *t, void *mem, uint16_t cnt, uint64_t seed)
{
	t->at = mem;
	t->head = (uint16_t *)(void *)(t->at + cnt);
	t->mask = (uint16_t)(gyl__head_cnt(cnt, HEAD_MIN) - 1);
	memset(t->head, 0xff, gyl__head_cnt(cnt, HEAD_MIN) * sizeof(uint16_t));
	t->cnt = 0;
	t->newest = GYL_PATH_NONE;
	t->oldest = GYL_PATH_NONE;
	t->hash_mul = seed | 1;
	t->free = GYL_PATH_NONE;
	for (uint16_t i = cnt; i-- > 0;) {
		t->at[i].chain = t->free;
		t->free = i;
	}
}

/* ---- by address ---- */

/* Multiply-shift (Dietzfelbinger et al. 1997). */
static uint16_t *chain_of(const struct gyl_paths *t, uint32_t ip)
{
	return &t->head[(ip * t->hash_mul >> 40) & t->mask];
}

static uint16_t find(const struct gyl_paths *t, uint32_t ip)
{
	uint16_t i = *chain_of(t, ip);

	while (i != GYL_PATH_NONE && t->at[i].ip != ip)
		i = t->at[i].chain;
	return i;
}

/* ---- by use ---- */

static void unlink_use(struct gyl_paths *t, uint16_t i)
{
	struct gyl_path *p = &t->at[i];

	*(p->prev == GYL_PATH_NONE ? &t->newest : &t->at[p->prev].next) = p->next;
	*(p->next == GYL_PATH_NONE ? &t->oldest : &t->at[p->next].prev) = p->prev;
}

static void link_use(struct gyl_paths *t, uint16_t i)
{
	struct gyl_path *p = &t->at[i];

	p->prev = GYL_PATH_NONE;
	p->next = t->newest;
	*(p->next == GYL_PATH_NONE ? &t->oldest : &t->at[p->next].prev) = i;
	t->newest = i;
}

/* ---- entries ---- */

static void del(struct gyl_paths *t, uint16_t i)
{
	uint16_t *at = chain_of(t, t->at[i].ip);

	while (*at != i)
		at = &t->at[*at].chain;
	*at = t->at[i].chain;
	unlink_use(t, i);
	t->at[i].chain = t->free;
	t->free = i;
	t->cnt--;
}

static uint16_t add(struct gyl_paths *t, uint32_t ip)
{
	uint16_t *head = chain_of(t, ip);
	uint16_t i;

	if (t->free == GYL_PATH_NONE)
		del(t, t->oldest);
	i = t->free;
	t->free = t->at[i].chain;
	t->at[i].ip = ip;
	t->at[i].mtu = UINT16_MAX;
	t->at[i].chain = *head;
	*head = i;
	link_use(t, i);
	t->cnt++;
	return i;
}

uint16_t gyl__path_mtu(const struct gyl_paths *t, uint64_t now_ns, uint32_t ip)
{
	uint16_t i = t->cnt == 0 ? GYL_PATH_NONE : find(t, ip);

	return i == GYL_PATH_NONE || t->at[i].until_ns <= now_ns ? 0 : t->at[i].mtu;
}

void gyl__path_used(struct gyl_paths *t, uint32_t ip)
{
	uint16_t i = t->cnt == 0 ? GYL_PATH_NONE : find(t, ip);

	if (i == GYL_PATH_NONE || i == t->newest)
		return;
	unlink_use(t, i);
	link_use(t, i);
}

void gyl__path_lower(struct gyl_paths *t, uint64_t now_ns, uint32_t ip, uint16_t mtu)
{
	uint16_t i = find(t, ip);

	if (i != GYL_PATH_NONE && t->at[i].until_ns <= now_ns) {
		del(t, i);
		i = GYL_PATH_NONE;
	}
	if (i == GYL_PATH_NONE)
		i = add(t, ip);
	if (mtu > t->at[i].mtu)
		return;
	t->at[i].mtu = mtu;
	t->at[i].until_ns = gyl_time_add(now_ns, GYL_PATH_LIFE_NS);
}

uint16_t gyl__path_plateau(uint16_t len)
{
	static const uint16_t mtu[] = {32000, 17914, 8166, 4352, 2002, 1492, 1006};

	for (size_t i = 0; i < sizeof(mtu) / sizeof(mtu[0]); i++) {
		if (mtu[i] < len)
			return mtu[i];
	}
	return GYL_PATH_MTU_MIN; /* 508 and less: see there */
}
