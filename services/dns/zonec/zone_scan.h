/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_ZONE_SCAN_H
#define GYL_SERVICES_DNS_ZONE_SCAN_H

/* Words and entries of a master file: quotes, escapes, comments, parentheses. */

#include <gyl/dns_rdata.h>

struct gyl_zone_word {
	struct gyl_dns_token tok; /* what gyl_dns_rdata_parse() takes */
	uint32_t line, col;       /* of its first octet, a quote included */
};

struct gyl_zone_scan {
	const uint8_t *p, *end;
	const uint8_t *line_start;
	uint32_t line;

	/* The entry: what stands on a line, or on several within parentheses. */
	struct gyl_zone_word *word;
	struct gyl_dns_token *tok; /* the same words, for the parser */
	size_t word_cnt, word_cap;
	bool blank; /* begins with white space: the owner is the one before */
	uint32_t first_line;

	const char *err; /* what is wrong with the entry, NULL: nothing; and where */
	uint32_t err_line, err_col;
	bool no_memory;
};

void gyl_zone_scan_init(struct gyl_zone_scan *s, struct gyl_view text);
void gyl_zone_scan_free(struct gyl_zone_scan *s);

/* The next entry that has words or an error; false at the end. After an error the rest of the entry
 * is skipped. */
bool gyl_zone_scan_next(struct gyl_zone_scan *s);

#endif
