/* SPDX-License-Identifier: ISC */
#ifndef GYL_CONF_CHARRUA_TOKEN_H
#define GYL_CONF_CHARRUA_TOKEN_H

/* Inside conf/: the words of a dhcpd.conf. */

#include "conf/cursor.h"
#include "conf/node.h"

enum gyl__dhcpd_token_kind {
	GYL__DHCPD_END,
	GYL__DHCPD_WORD, /* a keyword, a number, an address */
	GYL__DHCPD_STRING,
	GYL__DHCPD_MARK, /* one of , ; { } */
	GYL__DHCPD_BAD   /* a character that fits nowhere */
};

struct gyl__dhcpd_token {
	uint8_t kind; /* enum gyl__dhcpd_token_kind */
	uint32_t line, col;
	struct gyl_view text; /* of a string: decoded */
};

struct gyl__dhcpd_reader {
	struct gyl_conf *c;
	struct gyl_conf_cursor at;
	struct gyl__dhcpd_token tok; /* the one that is looked at */
	bool failed;                 /* reading cannot go on */
	bool wrong;                  /* there was an error of any kind */
};

/* Look at the next token. */
void gyl__dhcpd_advance(struct gyl__dhcpd_reader *r);

/* Is that token, which is not a string, this text? */
bool gyl__dhcpd_is(const struct gyl__dhcpd_token *t, const char *text);

/* "expected WHAT, got ..." at the token; reading ends. Returns false. */
bool gyl__dhcpd_expected(struct gyl__dhcpd_reader *r, const char *what);

/* An error at a place that leaves the rest readable. */
void gyl__dhcpd_wrong(
	struct gyl__dhcpd_reader *r, const struct gyl__dhcpd_token *t, const char *text);

#endif
