/* SPDX-License-Identifier: ISC */
#include "services/dns/zonec/compile_own.h"

enum {
	FETCH_AHEAD = 16 /* nodes */
};

/* Of four slots of the index three are used at most. */
static uint32_t slot_cnt(uint32_t node_cnt)
{
	return node_cnt + node_cnt / 3 + 1;
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

/* The node that was put last, at start: when it fits a line, it gets one for itself. */
static bool align(struct gyl_dns_compile *c, size_t *start)
{
	size_t len = c->out_len - *start, used = *start % GYL_DNS_NODE_LINE,
	       pad = GYL_DNS_NODE_LINE - used;

	if (used + len <= GYL_DNS_NODE_LINE || len > GYL_DNS_NODE_LINE)
		return true;
	if (gyl__zc_reserve(c, pad) == NULL)
		return false;
	memmove(c->out + *start + pad, c->out + *start, len);
	memset(c->out + *start, 0, pad);
	*start += pad;
	return true;
}

/* Does it refer to other nodes? Their offsets are set when all are known. */
static bool note_fix(struct gyl_dns_compile *c, uint32_t off)
{
	const struct gyl_dns_node *n = (const struct gyl_dns_node *)(const void *)(c->out + off);
	const struct gyl_dns_rrset *s = gyl_dns_node_first(n);
	bool any = (n->flags & GYL_DNS_NODE_MORE) != 0;

	for (unsigned i = 0; i < n->rrset_cnt && !any; i++, s = gyl_dns_rrset_next(s))
		any = s->extra_cnt != 0;
	if (!any)
		return true;
	if (!gyl__zc_grow(c, &c->fix, &c->fix_cap, c->fix_cnt, 1, sizeof *c->fix))
		return false;
	c->fix[c->fix_cnt++] = off;
	return true;
}

/* The place of the index that a node some steps ahead will need. */
static const struct gyl_dns_slot *slot_ahead(
	const struct gyl_dns_compile *c, const struct gyl_dns_image *im, uint32_t node)
{
	const struct gyl_dns_slot *slot =
		(const struct gyl_dns_slot *)(const void *)(c->out + im->slot_off);
	uint64_t hash = node < c->node_cnt ? c->node[node].hash : 0;

	return &slot[(hash >> 32) * im->slot_cnt >> 32];
}

static bool put_nodes(struct gyl_dns_compile *c, struct gyl_dns_image *im)
{
	for (uint32_t i = 0; i < c->node_cnt; i++) {
		struct gyl_zc_node *n = &c->node[i];
		size_t start = c->out_len;

		gyl__zc_tell(c, "names written", i, c->node_cnt);
		__builtin_prefetch(slot_ahead(c, im, i + FETCH_AHEAD));
		if (n->flags & (GYL_ZC_SHADOW | GYL_ZC_HASHED))
			continue;
		if (n->label_cnt > im->label_max)
			im->label_max = n->label_cnt;
		if (!gyl__zc_put_node(c, i, false) || !align(c, &start))
			return false;
		n->off = (uint32_t)start;
		put_slot(c, im, n);
		if (!note_fix(c, n->off))
			return false;
	}
	return true;
}

static uint32_t offset_of(const struct gyl_dns_compile *c, uint32_t node_plus_1)
{
	return node_plus_1 == 0 ? 0 : c->node[node_plus_1 - 1].off;
}

static struct gyl_dns_zone *zone_out(
	const struct gyl_dns_compile *c, const struct gyl_dns_image *im, uint32_t i)
{
	return (struct gyl_dns_zone *)(void *)(c->out + im->zone_off) + i;
}

static uint32_t hashed_off(const struct gyl_dns_compile *c, const struct gyl_dns_image *im,
	uint16_t zone, uint32_t denial)
{
	return zone_out(c, im, zone)->denial_off +
	       (denial - c->zone[zone].denial_first) * (uint32_t)sizeof(struct gyl_dns_hashed);
}

/* Indexes become offsets, now that all are known. */
static void set_offsets(struct gyl_dns_compile *c, const struct gyl_dns_image *im, uint32_t off)
{
	const struct gyl_dns_node *n = (const struct gyl_dns_node *)(const void *)(c->out + off);
	struct gyl_dns_more *more =
		(struct gyl_dns_more *)(void *)(c->out + off +
						gyl_dns_node_head(n->name_len, false));
	uint8_t *p =
		c->out + off + gyl_dns_node_head(n->name_len, (n->flags & GYL_DNS_NODE_MORE) != 0);

	if (n->flags & GYL_DNS_NODE_MORE) {
		more->over_off = offset_of(c, more->over_off);
		more->wild_off = offset_of(c, more->wild_off);
		if (more->proof_off != 0)
			more->proof_off = hashed_off(c, im, n->zone, more->proof_off - 1);
	}
	for (unsigned i = 0; i < n->rrset_cnt; i++) {
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

static uint8_t zone_flags(const struct gyl_zc_zone *z)
{
	unsigned flags = z->is_signed ? GYL_DNS_ZONE_SIGNED : 0;

	if (z->is_hosts)
		flags |= GYL_DNS_ZONE_HOSTS;
	if (z->denial_cnt != 0 && z->param != GYL_ZC_NONE)
		flags |= GYL_DNS_ZONE_NSEC3;
	return (uint8_t)flags;
}

/* The cut above a zone, and its SOA. */
static bool put_tail_of(struct gyl_dns_compile *c, uint32_t i, struct gyl_dns_zone *out)
{
	const struct gyl_zc_zone *z = &c->zone[i];
	const struct gyl_zc_rec *soa = &c->rec[z->soa];

	out->serial = gyl_get_u32(c->octet + soa->rdata_at + soa->rdata_len - 20);
	if (z->parent_cut != GYL_ZC_NONE) {
		out->parent_off = (uint32_t)c->out_len;
		c->node[z->parent_cut].off = out->parent_off;
		if (!gyl__zc_put_node(c, z->parent_cut, true) || !note_fix(c, out->parent_off))
			return false;
	}
	out->soa_off = (uint32_t)c->out_len;
	return gyl__zc_put_soa(c, i);
}

static bool put_tail(struct gyl_dns_compile *c, const struct gyl_dns_image *im)
{
	for (uint32_t i = 0; i < c->zone_cnt; i++) {
		const struct gyl_zc_zone *z = &c->zone[i];
		struct gyl_dns_zone out = {.apex_off = c->node[z->apex].off,
			.name_cnt = z->name_cnt,
			.rr_cnt = z->rr_cnt,
			.flags = zone_flags(z)};

		if (!z->is_hosts && !put_tail_of(c, i, &out))
			return false;
		*zone_out(c, im, i) = out;
	}
	return true;
}

static bool put_nsec(struct gyl_dns_compile *c, const struct gyl_zc_zone *z)
{
	for (uint32_t i = 0; i < z->denial_cnt; i++) {
		uint8_t *p = gyl__zc_reserve(c, sizeof(uint32_t));

		if (p == NULL)
			return false;
		memcpy(p, &c->node[c->denial[z->denial_first + i].node].off, sizeof(uint32_t));
	}
	return true;
}

static bool put_hashed(struct gyl_dns_compile *c, const struct gyl_zc_zone *z)
{
	struct gyl_view salt = gyl__zc_param(c, &c->rec[z->param]).salt;
	size_t list_off = c->out_len, len = z->denial_cnt * sizeof(struct gyl_dns_hashed);
	uint8_t *p = gyl__zc_reserve(c, len + ((salt.len + 3) & ~(size_t)3));

	if (p == NULL)
		return false;
	if (salt.len != 0)
		memcpy(p + len, salt.p, salt.len);
	for (uint32_t i = 0; i < z->denial_cnt; i++) {
		const struct gyl_zc_denial *d = &c->denial[z->denial_first + i];
		struct gyl_dns_hashed out = {.rrset_off = (uint32_t)c->out_len};

		memcpy(out.hash, d->hash, sizeof out.hash);
		memcpy(c->out + list_off + i * sizeof out, &out, sizeof out);
		if (!gyl__zc_put_nsec3(c, d->node))
			return false;
	}
	return true;
}

static bool put_denial(struct gyl_dns_compile *c, const struct gyl_dns_image *im)
{
	for (uint32_t i = 0; i < c->zone_cnt; i++) {
		const struct gyl_zc_zone *z = &c->zone[i];
		struct gyl_dns_zone *out = zone_out(c, im, i);

		if (z->denial_cnt == 0)
			continue;
		out->denial_off = (uint32_t)c->out_len;
		out->denial_cnt = z->denial_cnt;
		if (z->param != GYL_ZC_NONE) {
			struct gyl_zc_param param = gyl__zc_param(c, &c->rec[z->param]);

			out->iterations = param.iterations;
			out->salt_len = (uint8_t)param.salt.len;
		}
		if (!(z->param == GYL_ZC_NONE ? put_nsec(c, z) : put_hashed(c, z)))
			return false;
	}
	return true;
}

static void plan(const struct gyl_dns_compile *c, struct gyl_dns_image *im)
{
	uint32_t end;

	*im = (struct gyl_dns_image){.magic = GYL_DNS_IMAGE_MAGIC,
		.version = GYL_DNS_IMAGE_VERSION,
		.conf_sum = c->conf_sum};
	for (size_t i = 0; i < c->node_cnt; i++)
		im->node_cnt += (c->node[i].flags & (GYL_ZC_SHADOW | GYL_ZC_HASHED)) == 0;
	im->zone_cnt = (uint32_t)c->zone_cnt;
	im->zone_off = sizeof *im;
	im->slot_cnt = slot_cnt(im->node_cnt);
	im->slot_off = im->zone_off + im->zone_cnt * (uint32_t)sizeof(struct gyl_dns_zone);
	end = im->slot_off + im->slot_cnt * (uint32_t)sizeof(struct gyl_dns_slot);
	im->node_off = (end + GYL_DNS_NODE_LINE - 1) & ~(uint32_t)(GYL_DNS_NODE_LINE - 1);
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
	/* about as much as it will be */
	if (!gyl__zc_grow(c, &c->out, &c->out_cap, 0,
		    im.node_off + (size_t)im.node_cnt * GYL_DNS_NODE_LINE + c->octet_cnt, 1))
		return false;
	memset(c->out, 0, im.node_off);
	c->out_len = im.node_off;
	if (!put_nodes(c, &im))
		return false;
	im.node_end = im.tail_off = (uint32_t)c->out_len;
	if (!put_tail(c, &im) || !put_denial(c, &im) || !gyl__zc_put_names(c, &im.names_off))
		return false;
	if (c->out_len > UINT32_MAX)
		return too_long(c);
	for (size_t i = 0; i < c->fix_cnt; i++)
		set_offsets(c, &im, c->fix[i]);
	im.len = (uint32_t)c->out_len;
	memcpy(c->out, &im, sizeof im);
	im.checksum = gyl_dns_image_checksum((const struct gyl_dns_image *)(const void *)c->out);
	memcpy(c->out, &im, sizeof im);
	return true;
}
