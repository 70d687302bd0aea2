/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_ZONE_READ_H
#define GYL_SERVICES_DNS_ZONE_READ_H

/* One master file being read, shared by the files of the reader. */

#include <gyl/writer.h>

#include "services/dns/zonec/zone.h"
#include "services/dns/zonec/zone_scan.h"

struct gyl_zone_file {
	const struct gyl_zone_reader *rd;
	const struct gyl_zone_file *from; /* the file that includes this one, NULL: none */
	const char *path;                 /* kept */
	struct gyl_zone_scan scan;
	uint8_t origin[GYL_DNS_NAME_MAX];
	uint8_t owner[GYL_DNS_NAME_MAX];
	size_t owner_len; /* 0: no owner yet */
	struct gyl_zone_state *all;
};

/* What all files of a zone share. */
struct gyl_zone_state {
	uint8_t apex[GYL_DNS_NAME_MAX];
	uint32_t ttl, last_ttl;
	bool has_ttl, has_last_ttl;
	bool failed;
	uint8_t rdata[65535];
};

/* Report at a word, `off` octets into its text. */
void gyl_zone_fail(struct gyl_zone_file *f, const struct gyl_zone_word *w, size_t off,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void gyl_zone_warn(struct gyl_zone_file *f, const struct gyl_zone_word *w, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The entry that was scanned is a record. */
void gyl_zone_record(struct gyl_zone_file *f);
/* zone_generate.c */
void gyl_zone_directive_generate(struct gyl_zone_file *f);

/*
 * Rdata in presentation form that our codec does not read, through ldns. Appends to w. An empty
 * string in why[] means success.
 */
bool gyl_zone_ldns(uint16_t type, const struct gyl_dns_token *tok, size_t tok_cnt,
	const uint8_t *origin, struct gyl_writer *w, char why[120]);

#endif
