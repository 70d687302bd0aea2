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

/*
 * Sums of words and sums of those sums (Fletcher), in four lanes so that none waits for another: at
 * the speed of memory in plain C, where a CRC would cost more than all other checks. A word that
 * is wrong is always noticed but for the folding to 32 bits at the end, one that moved, too.
 */
uint32_t gyl_dns_image_checksum(const struct gyl_dns_image *im)
{
	const uint8_t *p = (const uint8_t *)im + offsetof(struct gyl_dns_image, zone_off);
	size_t left = im->len - offsetof(struct gyl_dns_image, zone_off);
	uint64_t sum[LANES] = {0}, sums[LANES] = {0}, hash = left;

	for (; left >= sizeof sum; p += sizeof sum, left -= sizeof sum)
		for (unsigned i = 0; i < LANES; i++) {
			sum[i] += gyl__dns_load(p + sizeof sum[0] * i);
			sums[i] += sum[i];
		}
	for (unsigned i = 0; i < LANES; i++)
		hash = gyl__dns_mix(gyl__dns_mix(hash, sum[i]), sums[i]);
	for (; left != 0; p++, left--)
		hash = gyl__dns_mix(hash, *p);
	return (uint32_t)gyl__dns_hash_end(hash);
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

/*
 * Walks the nodes. Each is found by the index, and the index has no more entries than there are
 * nodes: so every entry is a node, and one slot at least is free to end a search.
 */
static bool check_nodes(const struct gyl_dns_image *im, uint64_t *ret_off)
{
	uint32_t used = 0, cnt = 0;
	struct gyl_dns_key key;
	struct batch b = {.cnt = 0};
	size_t len;

	for (uint32_t i = 0; i < im->slot_cnt; i++)
		used += slots(im)[i].off != 0;
	for (size_t off = im->node_off; off < im->node_end; off += len) {
		len = 4;
		if (is_padding(im, off))
			continue;
		*ret_off = off;
		len = gyl__dns_check_node(im, off, im->node_end, &key);
		if (len == 0 || (b.cnt == BATCH && !check_batch(im, &b)))
			return false;
		add(im, &b, key.hash, off);
		cnt++;
	}
	return check_batch(im, &b) && cnt == im->node_cnt && used == cnt;
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

/* Behind the header; areas stand first, for all else relies on them. */
static bool check_body(const struct gyl_dns_image *im, struct gyl_dns_image_fault *f)
{
	uint64_t off = im->node_off;

	if (im->checksum != gyl_dns_image_checksum(im))
		return fail(f, offsetof(struct gyl_dns_image, checksum),
			"the checksum is another one: the file was damaged, or is being written");
	if (!check_areas(im))
		return fail(f, offsetof(struct gyl_dns_image, zone_off), "areas that do not meet");
	if (!check_nodes(im, &off))
		return fail(f, off, "a name that is broken, or not in the index");
	if (!gyl__dns_check_zones(im))
		return fail(f, im->tail_off, "a zone that is broken");
	return gyl__dns_check_refs(im, &off) || fail(f, off, "a name that refers to nothing");
}

const struct gyl_dns_image *gyl_dns_image_judge(
	struct gyl_view block, struct gyl_dns_image_fault *ret_fault)
{
	const struct gyl_dns_image *im = (const struct gyl_dns_image *)(const void *)block.p;

	if ((uintptr_t)block.p % 8 != 0) {
		(void)fail(ret_fault, 0, "not aligned");
		return NULL;
	}
	if (!gyl_dns_image_head_check(im, block.len, block.len, ret_fault))
		return NULL;
	if (im->len != block.len) {
		(void)fail(ret_fault, im->len, "something follows the image");
		return NULL;
	}
	return check_body(im, ret_fault) ? im : NULL;
}

const struct gyl_dns_image *gyl_dns_image_open(struct gyl_view block)
{
	struct gyl_dns_image_fault fault;

	return gyl_dns_image_judge(block, &fault);
}
