/* SPDX-License-Identifier: ISC */
#include "services/dns/bundle.h"

#include "services/dns/image.h"

static bool is_image_alone(struct gyl_view block)
{
	const struct gyl_dns_image *im = (const struct gyl_dns_image *)(const void *)block.p;

	return block.len >= sizeof *im && im->magic == GYL_DNS_IMAGE_MAGIC && im->len == block.len;
}

static const struct gyl_dns_part_entry *table_of(struct gyl_view block, uint32_t *ret_cnt)
{
	struct gyl_dns_bundle_end end;
	size_t len;

	*ret_cnt = 0;
	if (block.len < sizeof end || block.len % 8 != 0)
		return NULL;
	memcpy(&end, block.p + block.len - sizeof end, sizeof end);
	len = end.part_cnt * sizeof(struct gyl_dns_part_entry);
	if (end.magic != GYL_DNS_BUNDLE_MAGIC || end.part_cnt > UINT16_MAX ||
		len > block.len - sizeof end)
		return NULL;
	*ret_cnt = end.part_cnt;
	return (const struct gyl_dns_part_entry *)(const void *)(block.p + block.len - sizeof end -
								 len);
}

bool gyl_dns_bundle_find(
	struct gyl_view block, enum gyl_dns_part kind, uint32_t i, struct gyl_view *ret_part)
{
	const struct gyl_dns_part_entry *e;
	uint32_t cnt;

	if (is_image_alone(block)) {
		*ret_part = block;
		return kind == GYL_DNS_PART_IMAGE && i == 0;
	}
	e = table_of(block, &cnt);
	for (; cnt != 0; cnt--, e++) {
		if (e->kind != kind || i-- != 0)
			continue;
		*ret_part = gyl_view_sub(block, e->off, e->len);
		return e->off % 8 == 0 && ret_part->len == e->len;
	}
	return false;
}
