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
/* conf_sub.c: false when the value has no such form. */
/* An object, as the value of an option of that kind (enum gyl_dhcp_kind): sub-options. *ret_bad is
 * the key of the member that is wrong. */
bool gyl__dhcpd_conf_sub_put(uint8_t kind, const struct gyl_conf_node *val, struct gyl_writer *w,
	struct gyl_view *ret_bad);
/* "ip 10.77.0.1" and so on; a list of them is one after the other. strict: a string without a type
 * is not text. */
bool gyl__dhcpd_conf_typed_put(const struct gyl_conf_node *val, struct gyl_writer *w, bool strict);
void gyl__dhcpd_conf_check(const struct gyl_flat *f, const void *root, struct gyl_conf_check *ck);

#endif
