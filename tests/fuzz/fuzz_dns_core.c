/* SPDX-License-Identifier: ISC */

/* Any octets as a datagram, and as a stream's message: the answer is sound or there is none, and
 * who looked at the name ahead gets the same. */

#include <stdlib.h>

#include "services/dns/ahead.h"
#include "tests/fuzz/dns_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char zone[] =
	"$TTL 60\n@ SOA a b 1 0 0 0 30\n@ NS ns\n@ MX 1 ns\nns A 192.0.2.1\n* CNAME ns\nx.y TXT q\n"
	"d DNAME z.\nsub NS ns.sub\nsub NS ns\nns.sub A 192.0.2.2\nl CNAME m\nm CNAME l\n*.w MX 1 *.w\n"
	"s SRV 1 2 3 ns\n\\000\\255 A 192.0.2.3\n";

/* A batch of it, cut off at each octet: nothing reads past the end. */
static void look_ahead(const struct gyl_dns_image *im, struct gyl_view msg)
{
	enum {
		BATCH = 16
	};
	struct gyl_in in[BATCH];
	struct gyl_dns_ahead a;

	for (size_t first = 0; first < msg.len && first < 300; first += BATCH) {
		memset(in, 0, sizeof in);
		for (size_t i = 0; i < BATCH; i++) {
			size_t len = first + i < msg.len ? first + i : msg.len;
			uint8_t *copy = malloc(len + 1);

			REQUIRE(copy != NULL);
			memcpy(copy + 1, msg.p, len); /* so that it ends where the memory does */
			in[i].data = gyl_view(copy + 1, len);
		}
		gyl_dns_ahead_begin(&a, im, in, BATCH);
		for (size_t i = 0; i < BATCH; i++)
			gyl_dns_ahead_step(&a, i);
		for (size_t i = 0; i < BATCH; i++)
			free((void *)(uintptr_t)(in[i].data.p - 1));
	}
}

/* The key that looking ahead made is the one that the answer would make. */
static void answer_the_same(
	const struct gyl_dns_image *im, struct gyl_dns_overlay *ov, struct gyl_view msg)
{
	static const struct gyl_dns_policy policy = {.lease_ttl_s = 60, .udp_size = 1232};
	static uint8_t plain[1472], ahead[1472];
	const struct gyl_dns_data data = {.image = im, .overlay = ov};
	const struct gyl_now now = {1000, 1000};
	const struct gyl_in in = {.data = msg};
	struct gyl_dns_from from = {.ip = 0x0a000001};
	struct gyl_dns_verdict v;
	struct gyl_dns_ahead a;
	size_t len = gyl_dns_answer(&data, &policy, now, &from, msg, plain, sizeof plain, &v);

	gyl_dns_ahead_begin(&a, im, &in, 1);
	from.key = gyl_dns_ahead_step(&a, 0);
	REQUIRE(gyl_dns_answer(&data, &policy, now, &from, msg, ahead, sizeof ahead, &v) == len);
	REQUIRE(memcmp(plain, ahead, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct gyl_dns_image *im;
	static struct gyl_dns_overlay *ov;

	if (im == NULL) {
		im = gyl_dns_image_open(zone_image(gyl_view_str(zone)));
		ov = small_overlay();
		REQUIRE(im != NULL);
	}
	look_ahead(im, gyl_view(data, size));
	answer_the_same(im, ov, gyl_view(data, size));
	answer_soundly(im, ov, gyl_view(data, size), false);
	answer_soundly(im, ov, gyl_view(data, size), true);
	return 0;
}
