/* SPDX-License-Identifier: ISC */
#include "services/dns/build.h"

#include <inttypes.h>

#include "services/dns/image.h"

/* One part. path: the file that it may be from. */
static bool check_part(struct gyl_view block, struct gyl_view part, bool one_zone, const char *path,
	struct gyl_build *b)
{
	struct gyl_dns_image_fault fault;
	const struct gyl_dns_image *im = gyl_dns_image_judge(part, &fault);

	if (im != NULL && one_zone && im->zone_cnt != 1) {
		im = NULL;
		fault = (struct gyl_dns_image_fault){"more than one zone in its part", 0};
	}
	if (im == NULL) {
		fault.off += (uint64_t)(part.p - block.p);
		gyl_build_error(b, path, 0, 0, "at octet %" PRIu64 ": %s", fault.off, fault.text);
	}
	return im != NULL;
}

bool gyl__dns_build_check(const struct gyl_flat *flat, const struct gyl_dns_conf *cf,
	struct gyl_view block, struct gyl_build *b)
{
	const char *path =
		cf->image.cnt == 0 ? "zones" : (const char *)gyl_flat_view(flat, cf->image).p;
	struct gyl_view part;
	bool ok;

	if (!gyl_dns_bundle_find(block, GYL_DNS_PART_IMAGE, 0, &part)) {
		gyl_build_error(b, path, 0, 0, "has a table of parts that is broken");
		return false;
	}
	ok = check_part(block, part, false, path, b);
	for (uint32_t i = 0; ok && gyl_dns_bundle_find(block, GYL_DNS_PART_ZONE, i, &part); i++)
		ok = check_part(block, part, true, path, b);
	if (ok && gyl_dns_bundle_find(block, GYL_DNS_PART_NAMES, 0, &part))
		ok = check_part(block, part, false, path, b);
	return ok;
}
