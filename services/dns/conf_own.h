/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_CONF_OWN_H
#define GYL_SERVICES_DNS_CONF_OWN_H

/* Inside the configuration of dns: tables of keys that stand in files of their own. */

#include "conf/schema.h"
#include "services/dns/conf.h"

/* conf_limit.c */
extern const struct gyl_conf_table gyl__dns_conf_limit_table;
void gyl__dns_conf_cookie_check(const struct gyl_dns_conf *cf, struct gyl_conf_check *ck);

/* conf_forward.c */
extern const struct gyl_conf_table gyl__dns_conf_forward_table;
void gyl__dns_conf_forward_check(
	const struct gyl_flat *f, const struct gyl_dns_conf *cf, struct gyl_conf_check *ck);

/* conf_route.c: holes in zones, lists of blocked names, and what belongs to them. */
extern const struct gyl_conf_table gyl__dns_conf_hole_table;
extern const struct gyl_conf_table gyl__dns_conf_block_table;
void gyl__dns_conf_route_check(
	const struct gyl_flat *f, const struct gyl_dns_conf *cf, struct gyl_conf_check *ck);

/* An address of either family: its type of record, 0 for none. */
uint16_t gyl__dns_conf_address(struct gyl_view text, uint8_t addr[16]);

/* conf_key.c */
extern const struct gyl_conf_table gyl__dns_conf_key_table;
extern const struct gyl_conf_table gyl__dns_conf_grant_table;
void gyl__dns_conf_key_check(
	const struct gyl_flat *f, const struct gyl_dns_conf *cf, struct gyl_conf_check *ck);

/* Is it the name of one of the keys? */
bool gyl__dns_conf_is_key(
	const struct gyl_flat *f, const struct gyl_dns_conf *cf, const uint8_t *name);

/* conf_transfer.c */
extern const struct gyl_conf_table gyl__dns_conf_peer_table;
void gyl__dns_conf_transfer_check(
	const struct gyl_flat *f, const struct gyl_dns_conf *cf, struct gyl_conf_check *ck);

#endif
