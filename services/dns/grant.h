/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_GRANT_H
#define GYL_SERVICES_DNS_GRANT_H

/*
 * What the owner of a key may change: names and types.
 *
 * Names are written "www.lab.example" (that name), "under lab.example" (it and all below), "self"
 * (the key's own name) and "under self". Pure.
 */

#include <gyl/dns_name.h>

#include "services/dns/conf.h"

struct gyl_dns_grant_name {
	bool under;
	bool self;
	uint8_t name[GYL_DNS_NAME_MAX]; /* unless self */
};

/* Read a pattern. GYL_E_NAME and its kin: with the place in the text. */
struct gyl_fault gyl_dns_grant_parse(struct gyl_view text, struct gyl_dns_grant_name *ret_name);

/* May the owner of `key` (folded wire form) change records of that type and owner? type 255: all
 * types of the name at once. */
bool gyl_dns_granted(const struct gyl_flat *f, struct gyl_ref grants, const uint8_t *key,
	const uint8_t *owner, uint16_t type);

/* May it change anything at all? */
bool gyl_dns_granted_any(const struct gyl_flat *f, struct gyl_ref grants, const uint8_t *key);

#endif
