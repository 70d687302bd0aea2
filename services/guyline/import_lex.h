/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_GUYLINE_IMPORT_LEX_H
#define GYL_SERVICES_GUYLINE_IMPORT_LEX_H

/* Words of the languages with braces: ISC's dhcpd.conf and dhcpd.leases, and Kea's expressions. */

#include "conf/cursor.h"
#include "services/guyline/import_own.h"

enum gyl_import_token_kind {
	GYL_IMPORT_END,
	GYL_IMPORT_WORD,   /* a keyword, a number, an address, octets with colons */
	GYL_IMPORT_STRING, /* text is decoded */
	GYL_IMPORT_MARK,   /* one of , ; { } ( ) [ ] = and others */
	GYL_IMPORT_BAD     /* a string without end, a control character */
};

struct gyl_import_token {
	uint8_t kind; /* enum gyl_import_token_kind */
	struct gyl_import_place at;
	struct gyl_view text;
};

struct gyl_import_lexer {
	struct gyl_import *i;
	struct gyl_conf_cursor cur;
	uint32_t file;
	struct gyl_import_token tok; /* the one that is looked at */
};

/* file: its number. Looks at the first token. */
void gyl__import_lex_init(
	struct gyl_import_lexer *l, struct gyl_import *i, uint32_t file, struct gyl_view text);
void gyl__import_lex_next(struct gyl_import_lexer *l);
/* Is the token, which is not a string, this text? Letters of either case. */
bool gyl__import_lex_is(const struct gyl_import_lexer *l, const char *text);
/* The same, and step over it. */
bool gyl__import_lex_take(struct gyl_import_lexer *l, const char *text);
/* Step behind the next ';' outside of braces, or behind a block in braces. False: there is none. */
bool gyl__import_lex_skip(struct gyl_import_lexer *l);
/* "expected WHAT, got ..." as the file's fault. Always false. */
bool gyl__import_lex_expected(struct gyl_import_lexer *l, const char *what);

#endif
