/* SPDX-License-Identifier: ISC */

/* Any octets as a datagram, and as a stream's message: the answer is sound or there is none. */

#include "tests/fuzz/dns_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char zone[] =
	"$TTL 60\n@ SOA a b 1 0 0 0 30\n@ NS ns\n@ MX 1 ns\nns A 192.0.2.1\n* CNAME ns\nx.y TXT q\n"
	"d DNAME z.\nsub NS ns.sub\nsub NS ns\nns.sub A 192.0.2.2\nl CNAME m\nm CNAME l\n*.w MX 1 *.w\n"
	"s SRV 1 2 3 ns\n\\000\\255 A 192.0.2.3\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct gyl_dns_image *im;
	static struct gyl_dns_overlay *ov;

	if (im == NULL) {
		im = gyl_dns_image_open(zone_image(gyl_view_str(zone)));
		ov = small_overlay();
		REQUIRE(im != NULL);
	}
	answer_soundly(im, ov, gyl_view(data, size), false);
	answer_soundly(im, ov, gyl_view(data, size), true);
	return 0;
}
