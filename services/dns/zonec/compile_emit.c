/* SPDX-License-Identifier: ISC */
#include "services/dns/zonec/compile_own.h"

/* Of four slots of the index three are used at most. */
static uint32_t slot_cnt(uint32_t node_cnt)
{
	return node_cnt + node_cnt / 3 + 1;
}

static bool put_nodes(struct gyl_dns_compile *c, uint32_t *ret_label_max)
{
	*ret_label_max = 0;
	for (uint32_t i = 0; i < c->node_cnt; i++) {
		if (c->node[i].flags & GYL_ZC_SHADOW)
			continue;
		if (c->node[i].label_cnt > *ret_label_max)
			*ret_label_max = c->node[i].label_cnt;
		c->node[i].off = (uint32_t)c->out_len;
		if (!gyl__zc_put_node(c, i, false))
			return false;
	}
	return true;
}

static void put_slot(
	struct gyl_dns_compile *c, const struct gyl_dns_image *im, const struct gyl_zc_node *n)
{
	struct gyl_dns_slot *slot = (struct gyl_dns_slot *)(void *)(c->out + im->slot_off);
	uint32_t at = (uint32_t)((n->hash >> 32) * im->slot_cnt >> 32);

	while (slot[at].off != 0)
		at = at + 1 == im->slot_cnt ? 0 : at + 1;
	slot[at].tag = (uint32_t)n->hash;
	slot[at].off = n->off;
}

/* Indexes become offsets, now that all are known. */
static void set_offsets(struct gyl_dns_compile *c, uint32_t off)
{
	struct gyl_dns_node *out = (struct gyl_dns_node *)(void *)(c->out + off);
	uint8_t *p = c->out + off + gyl_dns_node_head(out->name_len);

	if (out->over_off != 0)
		out->over_off = c->node[out->over_off - 1].off;
	if (out->wild_off != 0)
		out->wild_off = c->node[out->wild_off - 1].off;
	for (unsigned i = 0; i < out->rrset_cnt; i++) {
		struct gyl_dns_rrset *s = (struct gyl_dns_rrset *)(void *)p;
		struct gyl_dns_extra *e =
			(struct gyl_dns_extra *)(void *)(p + sizeof *s +
							 s->patch_cnt *
								 sizeof(struct gyl_dns_patch));

		for (unsigned j = 0; j < s->extra_cnt; j++)
			e[j].node_off = c->node[e[j].node_off].off;
		p += gyl_dns_rrset_len(s);
	}
}

static bool put_tail(struct gyl_dns_compile *c, const struct gyl_dns_image *im)
{
	for (uint32_t i = 0; i < c->zone_cnt; i++) {
		const struct gyl_zc_zone *z = &c->zone[i];
		const struct gyl_zc_rec *soa = &c->rec[z->soa];
		struct gyl_dns_zone out = {.apex_off = c->node[z->apex].off,
			.serial = gyl_get_u32(c->octet + soa->rdata_at + soa->rdata_len - 20),
			.name_cnt = z->name_cnt,
			.rr_cnt = z->rr_cnt};

		if (z->parent_cut != GYL_ZC_NONE) {
			out.parent_off = (uint32_t)c->out_len;
			if (!gyl__zc_put_node(c, z->parent_cut, true))
				return false;
			set_offsets(c, out.parent_off);
		}
		out.soa_off = (uint32_t)c->out_len;
		if (!gyl__zc_put_soa(c, i))
			return false;
		memcpy(c->out + im->zone_off + i * sizeof out, &out, sizeof out);
	}
	return true;
}

static void plan(const struct gyl_dns_compile *c, struct gyl_dns_image *im)
{
	*im = (struct gyl_dns_image){
		.magic = GYL_DNS_IMAGE_MAGIC, .version = GYL_DNS_IMAGE_VERSION};
	for (size_t i = 0; i < c->node_cnt; i++)
		im->node_cnt += (c->node[i].flags & GYL_ZC_SHADOW) == 0;
	im->zone_cnt = (uint32_t)c->zone_cnt;
	im->zone_off = sizeof *im;
	im->slot_cnt = slot_cnt(im->node_cnt);
	im->slot_off = im->zone_off + im->zone_cnt * (uint32_t)sizeof(struct gyl_dns_zone);
	im->node_off = im->slot_off + im->slot_cnt * (uint32_t)sizeof(struct gyl_dns_slot);
}

static bool too_long(struct gyl_dns_compile *c)
{
	c->failed = true;
	gyl_build_error(c->build, "zones", 0, 0, "the image would be longer than 4 GiB");
	return false;
}

bool gyl__zc_emit(struct gyl_dns_compile *c)
{
	struct gyl_dns_image im;

	if (c->node_cnt > UINT32_MAX / 64)
		return too_long(c);
	plan(c, &im);
	if (!gyl__zc_grow(c, &c->out, &c->out_cap, 0, im.node_off, 1))
		return false;
	memset(c->out, 0, im.node_off);
	c->out_len = im.node_off;
	if (!put_nodes(c, &im.label_max))
		return false;
	im.node_end = im.tail_off = (uint32_t)c->out_len;
	if (!put_tail(c, &im))
		return false;
	if (c->out_len > UINT32_MAX)
		return too_long(c);
	for (size_t i = 0; i < c->node_cnt; i++) {
		if (c->node[i].flags & GYL_ZC_SHADOW)
			continue;
		put_slot(c, &im, &c->node[i]);
		set_offsets(c, c->node[i].off);
	}
	im.len = (uint32_t)c->out_len;
	memcpy(c->out, &im, sizeof im);
	im.checksum = gyl_dns_image_checksum((const struct gyl_dns_image *)(const void *)c->out);
	memcpy(c->out, &im, sizeof im);
	return true;
}
