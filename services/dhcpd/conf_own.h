/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DHCPD_CONF_OWN_H
#define GYL_SERVICES_DHCPD_CONF_OWN_H

/* Between the files conf*.c alone. */

#include "services/dhcpd/conf.h"

/* clang-format off */
/* The keys of a struct gyl_dhcpd_boot_conf that is a member of a struct. */
#define GYL__DHCPD_CONF_BOOT(type_, member) \
	{ .name = "next_server", .type = GYL_CONF_IPV4, \
	  .off = offsetof(type_, member.next_server), \
	  .help = "server that boot ROMs load from (siaddr)" }, \
	{ .name = "boot_file", .type = GYL_CONF_STRING, \
	  .off = offsetof(type_, member.boot_file), .min = 1, .max = 127, \
	  .help = "what boot ROMs load (file, or bootfile-name for those who ask for that)" }, \
	{ .name = "server_name", .type = GYL_CONF_STRING, \
	  .off = offsetof(type_, member.server_name), .min = 1, .max = 63, \
	  .help = "name of the server (sname, or tftp-server-name for those who ask for that)" }
/* clang-format on */

extern const char gyl__dhcpd_conf_options_help[];
extern const struct gyl_conf_table gyl__dhcpd_conf_host, gyl__dhcpd_conf_subnet,
	gyl__dhcpd_conf_class;
/* The members of "options", and those of a class's "option". */
extern const struct gyl_conf_map gyl__dhcpd_conf_options, gyl__dhcpd_conf_match;
void gyl__dhcpd_conf_check(const struct gyl_flat *f, const void *root, struct gyl_conf_check *ck);

#endif
