/* SPDX-License-Identifier: ISC */

/* Any octets as an image, with magic and checksum put right: refused, or safe to answer from. */

#include <stdlib.h>

#include "tests/fuzz/dns_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What passes the gate may hold rdata that is no sound record: it is safe to serve, not right. */
static void ask_safely(const struct gyl_dns_image *im)
{
	static uint8_t out[65536];
	struct gyl_dns_data d = {.image = im, .overlay = small_overlay()};
	struct gyl_dns_policy policy = {.lease_ttl_s = 60, .udp_size = 1232};
	struct gyl_dns_from from = {.tcp = true};
	struct gyl_now now = {1000, 1000};

	const struct gyl_dns_node *n;
	uint32_t off = im->node_off;

	while ((n = gyl_dns_image_walk(im, &off)) != NULL) {
		uint8_t msg[300] = {0, 1, 1, 0, 0, 1};
		struct gyl_dns_verdict v;

		memcpy(msg + 12, n->name, n->name_len);
		gyl_set_u16(msg + 12 + n->name_len, GYL_DNS_TYPE_ANY);
		gyl_set_u16(msg + 14 + n->name_len, GYL_DNS_CLASS_IN);
		gyl_dns_answer(
			&d, &policy, now, &from, gyl_view(msg, 16u + n->name_len), out, 65535, &v);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gyl_dns_image *im;
	uint8_t *copy;

	if (size < sizeof *im)
		return 0;
	copy = aligned_alloc(8, (size + 7) & ~(size_t)7);
	REQUIRE(copy != NULL);
	memcpy(copy, data, size);
	im = (struct gyl_dns_image *)(void *)copy;
	im->magic = GYL_DNS_IMAGE_MAGIC;
	im->version = GYL_DNS_IMAGE_VERSION;
	im->len = (uint32_t)size;
	im->checksum = gyl_dns_image_checksum(im);
	if (gyl_dns_image_open(gyl_view(copy, size)) != NULL)
		ask_safely(im);
	free(copy);
	return 0;
}
