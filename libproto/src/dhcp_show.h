/* SPDX-License-Identifier: ISC */
#ifndef GYL_SRC_DHCP_SHOW_H
#define GYL_SRC_DHCP_SHOW_H

/* What the printers of option values write to. */

#include <gyl/dhcp_opt.h>

enum {
	GYL__SHOW_LEVEL_MAX = 5
};

/* JSON when j is set, else text in w. In text each open level has its separator. */
struct gyl__show {
	struct gyl_writer *w;
	struct gyl_json *j;
	const char *sep[GYL__SHOW_LEVEL_MAX]; /* between items of this level */
	const char *key[GYL__SHOW_LEVEL_MAX]; /* written before the level, once it has an item */
	bool filled[GYL__SHOW_LEVEL_MAX];
	unsigned level, written; /* innermost open; innermost that has been written */
};

/* The key is written in JSON objects, and in text inside other values; NULL for none. */
void gyl__show_list(struct gyl__show *s, const char *key, const char *sep);
void gyl__show_obj(struct gyl__show *s, const char *key);
void gyl__show_end(struct gyl__show *s);
void gyl__show_u64(struct gyl__show *s, const char *key, uint64_t v);
void gyl__show_ipv4(struct gyl__show *s, const char *key, uint32_t ip);
void gyl__show_hex(struct gyl__show *s, const char *key, struct gyl_view v);
void gyl__show_text(struct gyl__show *s, const char *key, struct gyl_view v);
void gyl__show_name(struct gyl__show *s, const char *key, const struct gyl_dhcp_name *n);
/* Octets of unknown meaning: `text x` when that is all they are, else `hex 00`. */
void gyl__show_octets(struct gyl__show *s, struct gyl_view v);

#endif
