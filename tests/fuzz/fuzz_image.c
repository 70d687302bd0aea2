/* SPDX-License-Identifier: ISC */

/* Any octets as an image, with magic and checksum put right: refused, or safe to answer from. */

#include <stdlib.h>

#include "tests/fuzz/dns_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One question, with DO: proofs come along. */
static void ask_one(const struct gyl_dns_data *d, const uint8_t *name, uint16_t qtype)
{
	static const uint8_t opt[] = {0, 0, 41, 4, 0xd0, 0, 0, 0x80, 0, 0, 0};
	static uint8_t out[65536];
	struct gyl_dns_policy policy = {.lease_ttl_s = 60, .udp_size = 1232};
	struct gyl_dns_from from = {.tcp = true};
	struct gyl_now now = {1000, 1000};
	uint8_t msg[300] = {0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1};
	size_t len = 12 + gyl_dns_name_len(name);
	struct gyl_dns_verdict v;

	memcpy(msg + 12, name, len - 12);
	gyl_set_u16(msg + len, qtype);
	gyl_set_u16(msg + len + 2, GYL_DNS_CLASS_IN);
	memcpy(msg + len + 4, opt, sizeof opt);
	len += 4 + sizeof opt;
	gyl_dns_answer(d, &policy, now, &from, gyl_view(msg, len), out, 65535, &v);
}

/* What passes the gate may hold rdata that is no sound record: it is safe to serve, not right. */
static void ask_safely(const struct gyl_dns_image *im)
{
	static const uint16_t qtype[] = {
		GYL_DNS_TYPE_ANY, GYL_DNS_TYPE_DS, GYL_DNS_TYPE_MX, GYL_DNS_TYPE_RRSIG};
	struct gyl_dns_data d = {.image = im, .overlay = small_overlay()};
	const struct gyl_dns_node *n;
	uint32_t off = im->node_off;

	while ((n = gyl_dns_image_walk(im, &off)) != NULL) {
		uint8_t below[GYL_DNS_NAME_MAX];
		bool fits = !gyl_failed(
			gyl_dns_name_concat((const uint8_t *)"\001q", 2, n->name, below, NULL));

		for (size_t i = 0; i < sizeof qtype / sizeof qtype[0]; i++) {
			ask_one(&d, n->name, qtype[i]);
			if (fits)
				ask_one(&d, below, qtype[i]);
		}
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
