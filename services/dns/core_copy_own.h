/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_CORE_COPY_OWN_H
#define GYL_SERVICES_DNS_CORE_COPY_OWN_H

/* What the files about copies of zones share: core_copy.c decides, core_copy_flow.c talks with
 * primaries, core_copy_store.c keeps. */

#include "services/dns/core_own.h"

/* What any step of one copy may put out. */
extern const struct gyl_cost gyl__dns_copy_cost;

static inline const struct gyl_dns_conf_zone *gyl__dns_copy_zone(
	const struct gyl_dns *d, const struct gyl__dns_copy *c)
{
	return (const struct gyl_dns_conf_zone *)gyl_flat_at(d->flat, d->conf->zones) + c->zone;
}

/* core_copy.c */
struct gyl__dns_copy *gyl__dns_copy_named(struct gyl_dns *d, const uint8_t *name);
void gyl__dns_copy_say(
	const struct gyl__dns_copy *c, const char *what, uint8_t severity, struct gyl_out *o);
/* The transfer is over: in vain; with what there is now. */
void gyl__dns_copy_failed(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_copy *c,
	const char *why, struct gyl_out *o);
void gyl__dns_copy_done(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_copy *c,
	const char *what, uint8_t severity, struct gyl_out *o);
/* It may have changed: it is asked for soon. */
void gyl__dns_copy_notice(struct gyl_now now, struct gyl__dns_copy *c);

/* core_copy_flow.c: the next primary is asked; the flow is closed, if there is one. */
void gyl__dns_copy_ask(
	struct gyl_dns *d, struct gyl_now now, struct gyl__dns_copy *c, struct gyl_out *o);
void gyl__dns_copy_close(struct gyl_dns *d, struct gyl__dns_copy *c, struct gyl_out *o);

/* core_copy_store.c: a hidden zone for values of the store; NULL: no room. Has it become one? */
struct gyl_dns_live *gyl__dns_copy_blank(
	struct gyl_dns_lives *all, const uint8_t *apex, size_t len);
bool gyl__dns_copy_whole(const struct gyl_dns_live *z);
/* All of it goes to the store, from the beginning; a slice of that. */
void gyl__dns_copy_keep(struct gyl__dns_copy *c);
void gyl__dns_copy_keep_on(struct gyl_dns *d, struct gyl__dns_copy *c, struct gyl_out *o);
/* An edit of it does. */
void gyl__dns_copy_keep_edit(struct gyl_dns *d, struct gyl__dns_copy *c, struct gyl_out *o);
/* When the primary was heard last; nothing of it any more. */
void gyl__dns_copy_stamp(struct gyl_dns *d, struct gyl__dns_copy *c, struct gyl_out *o);
void gyl__dns_copy_forget(struct gyl_dns *d, struct gyl__dns_copy *c, struct gyl_out *o);

#endif
