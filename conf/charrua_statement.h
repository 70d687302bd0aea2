/* SPDX-License-Identifier: ISC */
#ifndef GYL_CONF_CHARRUA_STATEMENT_H
#define GYL_CONF_CHARRUA_STATEMENT_H

/* Inside conf/: statements of a dhcpd.conf, and the pieces that its blocks are made of, too. */

#include "conf/charrua_token.h"

/* Where a statement stands. */
enum gyl__dhcpd_scope {
	GYL__DHCPD_IN_FILE = 1,
	GYL__DHCPD_IN_SUBNET = 2,
	GYL__DHCPD_IN_HOST = 4
};

/* A node with the place of a token. Past the limit of nodes reading ends, but the node is there. */
struct gyl_conf_node *gyl__dhcpd_node(
	struct gyl__dhcpd_reader *r, enum gyl_conf_kind kind, const struct gyl__dhcpd_token *t);
struct gyl_conf_node *gyl__dhcpd_text(
	struct gyl__dhcpd_reader *r, const struct gyl__dhcpd_token *t, struct gyl_view text);

/* Make n the member of that key, in place of one that is there. */
void gyl__dhcpd_set(struct gyl_conf_node *obj, const char *key, struct gyl_conf_node *n);

/* The member of that key, made when it is not there. */
struct gyl_conf_node *gyl__dhcpd_child(struct gyl__dhcpd_reader *r, struct gyl_conf_node *obj,
	const char *key, enum gyl_conf_kind kind);

/* Step over this text or an address; false after an error when something else is there. */
bool gyl__dhcpd_take(struct gyl__dhcpd_reader *r, const char *text);
bool gyl__dhcpd_take_ip(struct gyl__dhcpd_reader *r, uint32_t *ret_ip);

/* Does a statement begin with this token? */
bool gyl__dhcpd_at_statement(const struct gyl__dhcpd_token *t);

/*
 * Read a statement into obj. or_what: what else might stand there, for the message when it is none.
 * False: reading cannot go on.
 */
bool gyl__dhcpd_statement(struct gyl__dhcpd_reader *r, struct gyl_conf_node *obj,
	enum gyl__dhcpd_scope scope, const char *or_what);

#endif
