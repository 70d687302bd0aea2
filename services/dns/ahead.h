/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_AHEAD_H
#define GYL_SERVICES_DNS_AHEAD_H

/*
 * While one query of a batch is answered, the memory that the next ones need is on its way: of a
 * large image nearly every name is a miss in the index and one in its node. For a query that comes
 * alone the index is asked for before the message is looked at.
 *
 * It changes nothing but the time: what cannot be read so is answered as if nobody had looked.
 * Pure.
 */

#include "libnet/host/io.h"
#include "services/dns/image.h"

enum {
	GYL_DNS_AHEAD_SLOT = 4, /* queries between looking at the name and answering it */
	GYL_DNS_AHEAD_NODE = 2, /* ... between looking into the index and answering */
	GYL_DNS_AHEAD_KEYS = 8  /* more than are under way */
};

struct gyl_dns_ahead {
	const struct gyl_dns_image *image; /* NULL: there is nothing to look at */
	const struct gyl_in *in;
	size_t cnt;
	struct gyl_dns_key key[GYL_DNS_AHEAD_KEYS]; /* of input i at i % so many; len 0: none */
};

/* A batch has come. im may be NULL. */
void gyl_dns_ahead_begin(struct gyl_dns_ahead *a, const struct gyl_dns_image *im,
	const struct gyl_in *in, size_t cnt);
/* Input i is answered next. Returns its name's key, good until the next call and the caller's to
 * change; NULL: none was made. */
struct gyl_dns_key *gyl_dns_ahead_step(struct gyl_dns_ahead *a, size_t i);

#endif
