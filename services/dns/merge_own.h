/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_MERGE_OWN_H
#define GYL_SERVICES_DNS_MERGE_OWN_H

/* What a name of a zone becomes that meets its new file: merge.c decides, for itself and reload.c.
 */

#include "services/dns/merge.h"

struct gyl__dns_merging {
	struct gyl_dns_edit *e;
	struct gyl_dns_lives *all;
	struct gyl_dns_live *z; /* NULL: there is none yet, all is as in the file */
	const struct gyl_dns_image *is, *was;
	bool file_wins;
};

/* A name that the file has with records: does the zone have others, and is to have these? */
bool gyl__dns_merge_comes(const struct gyl__dns_merging *m, const struct gyl_dns_node *n);
/* A name of the zone: does the file not have it, and is it to go? */
bool gyl__dns_merge_goes(const struct gyl__dns_merging *m, const struct gyl_dns_node *n);
/* The records that a name is to have, in scratch->content. */
struct gyl_dns_content *gyl__dns_merge_content(
	const struct gyl__dns_merging *m, const uint8_t *name);
/* The name gets them, as a part of the edit. False: no room. */
bool gyl__dns_merge_name(const struct gyl__dns_merging *m, const uint8_t *name);
/* All that was to be done is: the serial, and what has become of it. */
enum gyl_dns_merged gyl__dns_merge_end(struct gyl__dns_merging *m, bool fits);

#endif
