/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_GUYLINE_IMPORT_DNSMASQ_H
#define GYL_SERVICES_GUYLINE_IMPORT_DNSMASQ_H

/* Inside the reader of dnsmasq.conf: import_dnsmasq.c (lines, files), import_dnsmasq_host.c
 * (dhcp-range, dhcp-host), import_dnsmasq_tag.c (options, boot files, what sets tags). */

#include "services/guyline/import_own.h"

enum {
	GYL_DNSMASQ_WORD_MAX = 64 /* of one line, between commas */
};

struct gyl_dnsmasq;

/* Who a tag belongs to: a subnet, a class, or hosts that have it set. */
struct gyl_dnsmasq_tag {
	struct gyl_dnsmasq_tag *next;
	struct gyl_view name;
	struct gyl_conf_node *owner, *sub;
	bool lost; /* it is set by what cannot be said here: what it is for is told and left out */
};

/* A line with tags, kept until it is known who sets them. */
struct gyl_dnsmasq_line {
	struct gyl_dnsmasq_line *next;
	void (*apply)(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l);
	struct gyl_import_place at;
	struct gyl_view key;
	struct gyl_view word[GYL_DNSMASQ_WORD_MAX];
	size_t cnt;
};

struct gyl_dnsmasq {
	struct gyl_import *i;
	uint32_t file;
	uint32_t known_cnt, unknown_cnt;
	struct gyl_dnsmasq_tag *tag;
	uint32_t tag_cnt, later_cnt;
	struct gyl_dnsmasq_line *later, **later_end;
	struct gyl_conf_node *sub;     /* options of spaces, of the service */
	struct gyl_import_place range; /* of the first dhcp-range; line 0: none */
	bool authoritative;
	bool no_router, no_resolver; /* its own address is not to be told as such */
};

/* The reader of a key's value, split at its commas. */
typedef void gyl_dnsmasq_read(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l);

void gyl__dnsmasq_left(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l, const char *why);
/* "set:x" and, as it used to be, "net:x"; "tag:x" likewise. */
bool gyl__dnsmasq_set(struct gyl_view word, struct gyl_view *ret_tag);
bool gyl__dnsmasq_tag(struct gyl_view word, struct gyl_view *ret_tag);
/* Hold a line back until all tags are known. */
void gyl__dnsmasq_later(
	struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l, gyl_dnsmasq_read *apply);

gyl_dnsmasq_read gyl__dnsmasq_range, gyl__dnsmasq_host;
/* "45", "12h", "infinite" as seconds. */
bool gyl__dnsmasq_time(struct gyl_view word, uint64_t *ret_s);

gyl_dnsmasq_read gyl__dnsmasq_option, gyl__dnsmasq_boot, gyl__dnsmasq_class;
/* This owner has the tag from now on. */
void gyl__dnsmasq_tag_set(struct gyl_dnsmasq *r, struct gyl_view name, struct gyl_conf_node *owner);
void gyl__dnsmasq_tag_lost(struct gyl_dnsmasq *r, struct gyl_view name);
/* Sub-options become option 43 of whom they are for. */
void gyl__dnsmasq_finish_tags(struct gyl_dnsmasq *r);

#endif
