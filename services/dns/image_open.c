/* SPDX-License-Identifier: ISC */

/*
 * The gate of the image. First the frames (image_frame.c): areas that touch each other, nodes one
 * after the other, each in the index exactly once. Then what refers to nodes (image_refs.c), for
 * which the index is the judge.
 */

#include "services/dns/image_own.h"

enum {
	BATCH = 32, /* nodes whose places in the index are fetched at once */
	LANES = 4
};

static const uint8_t *summed(const struct gyl_dns_image *im, size_t *ret_len)
{
	*ret_len = im->len - offsetof(struct gyl_dns_image, zone_off);
	return (const uint8_t *)im + offsetof(struct gyl_dns_image, zone_off);
}

/* Whole rounds of the lanes, max octets of them or all there are. True: there are more. */
static bool sum_on(struct gyl_dns_gate *g, size_t max)
{
	size_t left;
	const uint8_t *p = summed(g->im, &left) + g->at;

	left -= g->at;
	max = max < left ? max : left;
	for (; max >= sizeof g->sum; p += sizeof g->sum, max -= sizeof g->sum) {
		for (unsigned i = 0; i < LANES; i++) {
			g->sum[i] += gyl__dns_load(p + sizeof g->sum[0] * i);
			g->sums[i] += g->sum[i];
		}
		g->at += sizeof g->sum;
		left -= sizeof g->sum;
	}
	return left >= sizeof g->sum;
}

static uint32_t sum_end(const struct gyl_dns_gate *g)
{
	size_t len;
	const uint8_t *p = summed(g->im, &len);
	uint64_t hash = len;

	for (unsigned i = 0; i < LANES; i++)
		hash = gyl__dns_mix(gyl__dns_mix(hash, g->sum[i]), g->sums[i]);
	for (size_t at = g->at; at < len; at++)
		hash = gyl__dns_mix(hash, p[at]);
	return (uint32_t)gyl__dns_hash_end(hash);
}

/*
 * Sums of words and sums of those sums (Fletcher), in four lanes so that none waits for another: at
 * the speed of memory in plain C, where a CRC would cost more than all other checks. A word that
 * is wrong is always noticed but for the folding to 32 bits at the end, one that moved, too.
 */
uint32_t gyl_dns_image_checksum(const struct gyl_dns_image *im)
{
	struct gyl_dns_gate g = {.im = im};

	(void)sum_on(&g, SIZE_MAX);
	return sum_end(&g);
}

/* Nodes begin on a line. */
static uint64_t node_area(uint64_t off)
{
	return (off + GYL_DNS_NODE_LINE - 1) & ~(uint64_t)(GYL_DNS_NODE_LINE - 1);
}

static bool check_areas(const struct gyl_dns_image *im)
{
	uint64_t slot_off = sizeof *im + (uint64_t)im->zone_cnt * sizeof(struct gyl_dns_zone);
	uint64_t node_off =
		node_area(slot_off + (uint64_t)im->slot_cnt * sizeof(struct gyl_dns_slot));

	return im->zone_off == sizeof *im && im->slot_off == slot_off && im->node_off == node_off &&
	       im->node_off <= im->node_end && im->tail_off == im->node_end &&
	       im->tail_off <= im->len && im->len % 4 == 0 && im->node_end % 4 == 0 &&
	       im->node_cnt < im->slot_cnt && im->zone_cnt <= UINT16_MAX && im->zero == 0;
}

static const struct gyl_dns_slot *slots(const struct gyl_dns_image *im)
{
	return (const struct gyl_dns_slot *)(const void *)((const uint8_t *)im + im->slot_off);
}

static uint32_t first_slot(const struct gyl_dns_image *im, uint64_t hash)
{
	return (uint32_t)((hash >> 32) * im->slot_cnt >> 32);
}

bool gyl__dns_leads_to(const struct gyl_dns_image *im, uint64_t hash, uint32_t off)
{
	const struct gyl_dns_slot *slot = slots(im);
	uint32_t at = first_slot(im, hash);

	for (uint32_t i = 0; i < im->slot_cnt && slot[at].off != 0; i++) {
		if (slot[at].off == off)
			return slot[at].tag == (uint32_t)hash;
		at = at + 1 == im->slot_cnt ? 0 : at + 1;
	}
	return false;
}

/* Some nodes on their way into the index: all are under way before the first is looked at. */
struct batch {
	uint64_t hash[BATCH];
	uint32_t off[BATCH];
	unsigned cnt;
};

static bool check_batch(const struct gyl_dns_image *im, struct batch *b)
{
	for (unsigned i = 0; i < b->cnt; i++)
		if (!gyl__dns_leads_to(im, b->hash[i], b->off[i]))
			return false;
	b->cnt = 0;
	return true;
}

static void add(const struct gyl_dns_image *im, struct batch *b, uint64_t hash, size_t off)
{
	__builtin_prefetch(&slots(im)[first_slot(im, hash)]);
	b->hash[b->cnt] = hash;
	b->off[b->cnt++] = (uint32_t)off;
}

static bool is_padding(const struct gyl_dns_image *im, size_t off)
{
	uint32_t word;

	memcpy(&word, (const uint8_t *)im + off, sizeof word);
	return word == 0;
}

/* Places of the index that are taken. True: there are more to be counted. */
static bool count_on(struct gyl_dns_gate *g, uint32_t max)
{
	const struct gyl_dns_image *im = g->im;

	for (; max != 0 && g->at < im->slot_cnt; max--, g->at++)
		g->used += slots(im)[g->at].off != 0;
	return g->at < im->slot_cnt;
}

/*
 * Walks the nodes. Each is found by the index, and the index has no more entries than there are
 * nodes: so every entry is a node, and one slot at least is free to end a search. False: a broken
 * one, at g->at.
 */
static bool nodes_on(struct gyl_dns_gate *g, uint32_t max)
{
	const struct gyl_dns_image *im = g->im;
	struct gyl_dns_key key;
	struct batch b = {.cnt = 0};
	size_t len;

	for (; max != 0 && g->at < im->node_end; g->at += len) {
		len = 4;
		if (is_padding(im, g->at))
			continue;
		len = gyl__dns_check_node(im, g->at, im->node_end, &key);
		if (len == 0 || (b.cnt == BATCH && !check_batch(im, &b)))
			return false;
		add(im, &b, key.hash, g->at);
		g->cnt++;
		max--;
	}
	return check_batch(im, &b);
}

/* What they refer to. */
static bool refs_on(struct gyl_dns_gate *g, uint32_t max)
{
	const struct gyl_dns_node *n;
	uint32_t off = (uint32_t)g->at;

	for (; max != 0 && (n = gyl_dns_image_walk(g->im, &off)) != NULL; max--) {
		if (!gyl__dns_check_refs(g->im, n)) {
			g->at = (uint64_t)((const uint8_t *)n - (const uint8_t *)g->im);
			return false;
		}
		g->at = off;
	}
	if (max != 0)
		g->at = g->im->node_end;
	return true;
}

static bool fail(struct gyl_dns_image_fault *f, uint64_t off, const char *text)
{
	*f = (struct gyl_dns_image_fault){text, off};
	return false;
}

bool gyl_dns_image_head_check(const struct gyl_dns_image *im, size_t have, uint64_t len,
	struct gyl_dns_image_fault *ret_fault)
{
	static const uint32_t swapped = __builtin_bswap32(GYL_DNS_IMAGE_MAGIC);

	if (have < sizeof im->magic || (im->magic != GYL_DNS_IMAGE_MAGIC && im->magic != swapped))
		return fail(ret_fault, 0, "this is no image of guyline-zonec");
	if (im->magic == swapped)
		return fail(ret_fault, 0, "made for a machine of the other byte order");
	if (have < sizeof *im)
		return fail(ret_fault, have, "the file ends in the header");
	if (im->version != GYL_DNS_IMAGE_VERSION)
		return fail(ret_fault, offsetof(struct gyl_dns_image, version),
			"another version of the format: make it with the guyline-zonec of this"
			" server");
	if (im->len < sizeof *im)
		return fail(ret_fault, offsetof(struct gyl_dns_image, len), "a length too short");
	return im->len <= len || fail(ret_fault, len, "the file ends before the image does");
}

/* ---- one after the other ---- */

enum stage {
	HEAD,
	SUM,
	COUNT,
	NODES,
	REFS,
	SOUND
};

enum {
	SUM_OCTETS = 512, /* take as long as a name does */
	COUNT_SLOTS = 64
};

static enum gyl_dns_gated unsound(struct gyl_dns_gate *g, uint64_t off, const char *text)
{
	(void)fail(&g->fault, off, text);
	return GYL_DNS_GATE_UNSOUND;
}

static enum gyl_dns_gated next(struct gyl_dns_gate *g, enum stage stage, uint64_t at)
{
	g->stage = (uint8_t)stage;
	g->at = at;
	return stage == SOUND ? GYL_DNS_GATE_SOUND : GYL_DNS_GATE_MORE;
}

static size_t times(uint32_t cnt, size_t each)
{
	return cnt == UINT32_MAX ? SIZE_MAX : cnt * each;
}

static enum gyl_dns_gated sum(struct gyl_dns_gate *g, uint32_t cnt)
{
	if (sum_on(g, times(cnt, SUM_OCTETS)))
		return GYL_DNS_GATE_MORE;
	if (g->im->checksum != sum_end(g))
		return unsound(g, offsetof(struct gyl_dns_image, checksum),
			"the checksum is another one: the file was damaged, or is being written");
	if (!check_areas(g->im)) /* all else relies on them */
		return unsound(
			g, offsetof(struct gyl_dns_image, zone_off), "areas that do not meet");
	return next(g, COUNT, 0);
}

static enum gyl_dns_gated nodes(struct gyl_dns_gate *g, uint32_t cnt)
{
	bool good = nodes_on(g, cnt);

	if (good && g->at < g->im->node_end)
		return GYL_DNS_GATE_MORE;
	if (!good || g->cnt != g->im->node_cnt || g->used != g->cnt)
		return unsound(g, g->at, "a name that is broken, or not in the index");
	if (!gyl__dns_check_zones(g->im))
		return unsound(g, g->im->tail_off, "a zone that is broken");
	return next(g, REFS, g->im->node_off);
}

enum gyl_dns_gated gyl_dns_gate_next(struct gyl_dns_gate *g, uint32_t cnt)
{
	switch ((enum stage)g->stage) {
	case HEAD:
		return g->fault.text != NULL ? GYL_DNS_GATE_UNSOUND : next(g, SUM, 0);
	case SUM:
		return sum(g, cnt);
	case COUNT:
		if (count_on(g, (uint32_t)(times(cnt, COUNT_SLOTS) & UINT32_MAX)))
			return GYL_DNS_GATE_MORE;
		return next(g, NODES, g->im->node_off);
	case NODES:
		return nodes(g, cnt);
	case REFS:
		if (!refs_on(g, cnt))
			return unsound(g, g->at, "a name that refers to nothing");
		return g->at < g->im->node_end ? GYL_DNS_GATE_MORE : next(g, SOUND, 0);
	default:
		return GYL_DNS_GATE_SOUND;
	}
}

void gyl_dns_gate_begin(struct gyl_dns_gate *g, struct gyl_view block)
{
	const struct gyl_dns_image *im = (const struct gyl_dns_image *)(const void *)block.p;

	memset(g, 0, sizeof *g);
	g->im = im;
	if ((uintptr_t)block.p % 8 != 0)
		(void)fail(&g->fault, 0, "not aligned");
	else if (gyl_dns_image_head_check(im, block.len, block.len, &g->fault) &&
		 im->len != block.len)
		(void)fail(&g->fault, im->len, "something follows the image");
}

const struct gyl_dns_image *gyl_dns_image_judge(
	struct gyl_view block, struct gyl_dns_image_fault *ret_fault)
{
	enum gyl_dns_gated got = GYL_DNS_GATE_MORE;
	struct gyl_dns_gate g;

	gyl_dns_gate_begin(&g, block);
	while (got == GYL_DNS_GATE_MORE)
		got = gyl_dns_gate_next(&g, UINT32_MAX);
	*ret_fault = g.fault;
	return got == GYL_DNS_GATE_SOUND ? g.im : NULL;
}

const struct gyl_dns_image *gyl_dns_image_open(struct gyl_view block)
{
	struct gyl_dns_image_fault fault;

	return gyl_dns_image_judge(block, &fault);
}
