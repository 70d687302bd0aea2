/* SPDX-License-Identifier: ISC */
#include "services/dns/build.h"

bool gyl__dns_build_compiled(const struct gyl_flat *flat, const struct gyl_dns_conf *cf,
	struct gyl_build *b, bool with_keys, const struct gyl__dns_told *told)
{
	static struct gyl__dns_parts p;
	bool ok;

	p.b = b;
	p.base = 0;
	p.ok = true;
	p.cnt = 0;
	gyl__dns_part_begin(&p, GYL_DNS_PART_IMAGE);
	ok = gyl__dns_build_image(flat, cf, b, told);
	gyl__dns_part_end(&p);
	gyl__dns_build_live(&p, flat, cf);
	if (with_keys)
		gyl__dns_build_keys(&p, flat, cf);
	return gyl__dns_parts_end(&p) && ok;
}
