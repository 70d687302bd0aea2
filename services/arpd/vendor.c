/* SPDX-License-Identifier: ISC */
#include "services/arpd/vendor.h"

#include <gyl/eth.h>

static const struct gyl_arpd_vendor_entry *entries(struct gyl_view block)
{
	return (const struct gyl_arpd_vendor_entry *)(const void
			*)(block.p + sizeof(struct gyl_arpd_vendors));
}

bool gyl_arpd_vendors_good(struct gyl_view block)
{
	const struct gyl_arpd_vendors *v = (const struct gyl_arpd_vendors *)(const void *)block.p;
	const struct gyl_arpd_vendor_entry *e;

	if (block.len < sizeof *v || v->magic != GYL_ARPD_VENDORS_MAGIC || v->len > block.len ||
		v->cnt > (v->len - sizeof *v) / sizeof *e)
		return false;
	e = entries(block);
	for (uint32_t i = 0; i < v->cnt; i++)
		if (e[i].off > v->len || e[i].len > v->len - e[i].off ||
			(i != 0 && e[i].key <= e[i - 1].key))
			return false;
	return true;
}

static const struct gyl_arpd_vendor_entry *find(struct gyl_view block, uint64_t key)
{
	const struct gyl_arpd_vendors *v = (const struct gyl_arpd_vendors *)(const void *)block.p;
	const struct gyl_arpd_vendor_entry *e = entries(block);
	uint32_t low = 0, high = v->cnt;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (e[mid].key < key)
			low = mid + 1;
		else
			high = mid;
	}
	return low < v->cnt && e[low].key == key ? &e[low] : NULL;
}

struct gyl_view gyl_arpd_vendor(struct gyl_view block, const uint8_t mac[6])
{
	static const unsigned bits[] = {36, 28, 24};
	uint64_t value = (uint64_t)gyl_get_u32(mac) << 16 | gyl_get_u16(mac + 4);

	if (gyl_eth_is_local(mac))
		return gyl_view_str("(made up)");
	for (unsigned i = 0; block.len != 0 && i < sizeof bits / sizeof bits[0]; i++) {
		const struct gyl_arpd_vendor_entry *e =
			find(block, gyl_arpd_vendor_key(value, bits[i]));

		if (e != NULL)
			return gyl_view(block.p + e->off, e->len);
	}
	return gyl_view(NULL, 0);
}
