/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_CONF_OWN_H
#define GYL_SERVICES_DNS_CONF_OWN_H

/* Inside the configuration of dns: tables of keys that stand in files of their own. */

#include "conf/schema.h"
#include "services/dns/conf.h"

/* conf_forward.c */
extern const struct gyl_conf_table gyl__dns_conf_forward_table;
void gyl__dns_conf_forward_check(
	const struct gyl_flat *f, const struct gyl_dns_conf *cf, struct gyl_conf_check *ck);

#endif
