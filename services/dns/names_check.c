/* SPDX-License-Identifier: ISC */

/* The gate of the names: area after area, each name in its index once, each number one that means
 * something. */

#include <gyl/dns.h>
#include <gyl/dns_rdata.h>

#include "services/dns/conf.h"
#include "services/dns/names.h"
#include "services/dns/origin.h"

static const struct gyl_dns_slot *slots(
	const struct gyl_dns_image *im, const struct gyl_dns_names *t)
{
	return (const struct gyl_dns_slot *)(const void *)((const uint8_t *)im + t->slot_off);
}

static bool indexed(const struct gyl_dns_image *im, const struct gyl_dns_names *t,
	const struct gyl_dns_named *e, size_t off)
{
	const struct gyl_dns_slot *slot = slots(im, t);
	struct gyl_dns_key key;
	uint32_t at;

	gyl_dns_key_init(&key, e->name, e->name_len);
	at = (uint32_t)((key.hash >> 32) * t->slot_cnt >> 32);
	for (uint32_t i = 0; i < t->slot_cnt && slot[at].off != 0; i++) {
		if (slot[at].off == off)
			return slot[at].tag == (uint32_t)key.hash;
		at = at + 1 == t->slot_cnt ? 0 : at + 1;
	}
	return false;
}

static bool check_value(const struct gyl_dns_names_head *head, unsigned table, uint16_t v)
{
	switch (table) {
	case GYL_DNS_TABLE_ROUTE:
		return v < GYL_DNS_ROUTE_GROUP + GYL_DNS_GROUP_MAX;
	case GYL_DNS_TABLE_HOLE:
		return v / GYL_DNS_HOLE_GROUP <= GYL_DNS_GROUP_MAX &&
		       (v == 0 || v % GYL_DNS_HOLE_GROUP != 0);
	case GYL_DNS_TABLE_BLOCK:
		return v < GYL_DNS_BLOCK_ANSWER + head->answer_cnt;
	default:
		return v <= 1;
	}
}

static bool check_name(const struct gyl_dns_names *t, const struct gyl_dns_named *e)
{
	if (gyl_failed(gyl_dns_name_check(gyl_view(e->name, e->name_len))) ||
		gyl_dns_name_label_cnt(e->name) > t->label_max)
		return false;
	for (unsigned i = 0; i < e->name_len; i++)
		if (gyl_dns_fold(e->name[i]) != e->name[i])
			return false;
	return true;
}

/* One table from off on. Returns where it ends, 0 when it is not sound. */
static uint64_t check_table(const struct gyl_dns_image *im, const struct gyl_dns_names_head *head,
	unsigned table, uint64_t off)
{
	const struct gyl_dns_names *t = &head->table[table];
	uint32_t used = 0, cnt = 0;
	uint64_t at = off + (uint64_t)t->slot_cnt * sizeof(struct gyl_dns_slot);

	if (t->slot_off != off || t->entry_off != at || t->entry_end > im->len ||
		t->entry_end < at || t->entry_end % 4 != 0 || t->cnt >= t->slot_cnt)
		return 0;
	for (uint32_t i = 0; i < t->slot_cnt; i++)
		used += slots(im, t)[i].off != 0;
	for (; at < t->entry_end; cnt++) {
		const struct gyl_dns_named *e =
			(const struct gyl_dns_named *)(const void *)((const uint8_t *)im + at);

		if (t->entry_end - at < sizeof *e + 2 || t->entry_end - at < gyl_dns_named_len(e) ||
			e->name_len == 0 || !check_name(t, e) ||
			!check_value(head, table, e->self) || !check_value(head, table, e->below) ||
			!indexed(im, t, e, at))
			return 0;
		at += gyl_dns_named_len(e);
	}
	return cnt == t->cnt && used == cnt ? t->entry_end : 0;
}

/* The records of an answer from off on. Returns where they end, 0 when they are not sound. */
static uint64_t check_answer(
	const struct gyl_dns_image *im, const struct gyl_dns_block_answer *a, uint64_t off)
{
	if (a->rr_off != off ||
		(a->rcode != GYL_DNS_NOERROR &&
			((a->rcode != GYL_DNS_NXDOMAIN && a->rcode != GYL_DNS_BLOCK_DROP &&
				 a->rcode != GYL_DNS_BLOCK_TCP) ||
				a->rr_cnt != 0)))
		return 0;
	for (unsigned i = 0; i < a->rr_cnt; i++) {
		const struct gyl_dns_block_rr *rr =
			(const struct gyl_dns_block_rr *)(const void *)((const uint8_t *)im + off);
		struct gyl_view rdata;

		if (im->len - off < sizeof *rr || im->len - off < gyl_dns_block_rr_len(rr))
			return 0;
		rdata = gyl_view(rr->rdata, rr->len);
		if (gyl_failed(gyl_dns_rdata_check(rr->type, GYL_DNS_CLASS_IN, rdata)) ||
			(rr->type == GYL_DNS_TYPE_CNAME && a->rr_cnt != 1) || rr->ttl > INT32_MAX)
			return 0;
		off += gyl_dns_block_rr_len(rr);
	}
	return off;
}

bool gyl__dns_names_check(const struct gyl_dns_image *im)
{
	const struct gyl_dns_names_head *head = gyl_dns_names_head(im);
	uint64_t off;

	if (im->names_off % 4 != 0 || im->names_off > im->len ||
		im->len - im->names_off < sizeof *head || head->plain > 1 || head->zero != 0)
		return false;
	off = im->names_off + sizeof *head;
	for (unsigned i = 0; i < GYL_DNS_TABLE_CNT && off != 0; i++)
		off = check_table(im, head, i, off);
	if (off == 0 || head->answer_off != off || head->answer_cnt > GYL_DNS_BLOCK_ANSWER_MAX ||
		im->len - off < head->answer_cnt * sizeof(struct gyl_dns_block_answer))
		return false;
	off += head->answer_cnt * sizeof(struct gyl_dns_block_answer);
	for (uint32_t i = 0; i < head->answer_cnt && off != 0; i++)
		off = check_answer(im, gyl_dns_block_answer(im, i), off);
	return off != 0 && gyl__dns_origin_check(im, off);
}
