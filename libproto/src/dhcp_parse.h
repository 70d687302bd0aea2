/* SPDX-License-Identifier: ISC */
#ifndef GYL_SRC_DHCP_PARSE_H
#define GYL_SRC_DHCP_PARSE_H

/* What the parsers of option values share: words, faults with a place in the whole text, entries.
 */

#include <gyl/dhcp_opt.h>

/* The whole text, for the places of faults, and where the octets go. */
struct gyl__parse {
	struct gyl_view text;
	struct gyl_writer *w;
	size_t base; /* w->len where a list of names begins */
};

/* A fault at an octet of the text. */
struct gyl_fault gyl__parse_fault(const struct gyl__parse *p, const uint8_t *at, enum gyl_err err);
/* A fault inside a word, in the text's own count; no fault stays none. */
struct gyl_fault gyl__parse_fault_in(
	const struct gyl__parse *p, struct gyl_view word, struct gyl_fault f);
/* Take the next word; it ends at a blank or, unless escaped, a comma. False when there is none. */
bool gyl__parse_next_word(struct gyl_view *rest, struct gyl_view *ret_word);
bool gyl__parse_is_word(struct gyl_view word, const char *text);

/* One word as octets. */
struct gyl_fault gyl__parse_u8(struct gyl__parse *p, struct gyl_view word);
struct gyl_fault gyl__parse_u16(struct gyl__parse *p, struct gyl_view word);
struct gyl_fault gyl__parse_u32(struct gyl__parse *p, struct gyl_view word);
struct gyl_fault gyl__parse_ipv4(struct gyl__parse *p, struct gyl_view word);
struct gyl_fault gyl__parse_name(struct gyl__parse *p, struct gyl_view word);
/* Pairs of hexadecimal digits; blanks and colons between pairs. */
struct gyl_fault gyl__parse_octets(struct gyl__parse *p, struct gyl_view v);
/* Text as gyl_text_safe() prints it; a backslash that begins no escape stands for itself. */
struct gyl_fault gyl__parse_text(struct gyl__parse *p, struct gyl_view v);

/* One entry of a list. */
struct gyl_fault gyl__parse_entry_route(struct gyl__parse *p, struct gyl_view e);
struct gyl_fault gyl__parse_entry_sub(struct gyl__parse *p, struct gyl_view e);
struct gyl_fault gyl__parse_entry_vi_class(struct gyl__parse *p, struct gyl_view e);
struct gyl_fault gyl__parse_entry_vi_options(struct gyl__parse *p, struct gyl_view e);
struct gyl_fault gyl__parse_entry_dnr(struct gyl__parse *p, struct gyl_view e);

#endif
