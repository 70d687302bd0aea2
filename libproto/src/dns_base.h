/* SPDX-License-Identifier: ISC */
#ifndef GYL_SRC_DNS_BASE_H
#define GYL_SRC_DNS_BASE_H

/* Encodings that rdata text is made of. */

#include <gyl/base.h>
#include <gyl/writer.h>

void gyl__base64_print(struct gyl_writer *w, struct gyl_view v);
/* Lower case, without padding (RFC 5155 3.3). */
void gyl__base32hex_print(struct gyl_writer *w, struct gyl_view v);
struct gyl_fault gyl__base32hex_parse(struct gyl_view in, struct gyl_writer *w);

/* Decoder of text that comes in words: the state between them. */
struct gyl__bits {
	uint32_t acc;
	unsigned bit_cnt, pad_cnt;
};
struct gyl_fault gyl__base64_parse(struct gyl__bits *b, struct gyl_view in, struct gyl_writer *w);
/* Whether the text may end here. */
bool gyl__base64_done(const struct gyl__bits *b);
struct gyl_fault gyl__hex_parse(struct gyl__bits *b, struct gyl_view in, struct gyl_writer *w);

/* Seconds since 1970 as YYYYMMDDHHMMSS (RFC 4034 3.2). */
void gyl__stamp_print(struct gyl_writer *w, uint32_t time_s);
/* The same, or plain seconds when there are not 14 digits. */
struct gyl_fault gyl__stamp_parse(struct gyl_view in, uint32_t *ret_time_s);

/* Characters between quotes: `"` and `\` escaped, printable ASCII and tab bare, all else \DDD. */
void gyl__quoted_print(struct gyl_writer *w, struct gyl_view v);
/* Undoes the escapes of a word. GYL_E_COUNT at the first octet over max. */
struct gyl_fault gyl__unescape(struct gyl_view in, size_t max, struct gyl_writer *w);
/* What the escape at in.p[*at] (a backslash) stands for; moves *at behind it. */
struct gyl_fault gyl__escape_parse(struct gyl_view in, size_t *at, uint8_t *ret_c);

/* Letters compared without their case. */
bool gyl__word_eq(struct gyl_view text, const char *word);

#endif
