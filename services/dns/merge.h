/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_MERGE_H
#define GYL_SERVICES_DNS_MERGE_H

/*
 * A zone that has changed meets a new version of its file.
 *
 * The file's serial decides. When it is after the zone's, the file wins: what was changed is
 * dropped. Else what was changed stays: names that differ from the file as it was keep their
 * records, all others are as in the new file, and the serial moves if that has changed anything.
 * Pure.
 */

#include "services/dns/edit.h"

enum gyl_dns_merged {
	GYL_DNS_MERGED_SAME, /* nothing is new */
	GYL_DNS_MERGED_KEPT, /* the file is new, and so is what was changed */
	GYL_DNS_MERGED_FILE, /* the zone is its file */
	GYL_DNS_MERGED_FULL  /* no room: some of the names are as in the new file */
};

/* was: the image that the zone was read from; NULL: it is not known, which is as if every name had
 * been changed. e: memory for it. O(names). */
enum gyl_dns_merged gyl_dns_merge(struct gyl_dns_edit *e, struct gyl_dns_lives *all,
	struct gyl_dns_ledger *l, struct gyl_dns_live *z, const struct gyl_dns_image *is,
	const struct gyl_dns_image *was);

#endif
