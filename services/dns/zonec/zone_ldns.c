/* SPDX-License-Identifier: ISC */

/* The text of rare types. ldns is used here and nowhere else in the zone compiler. */

#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>

#include <gyl/dns_text.h>
#include <gyl/text.h>

#include "services/dns/zonec/zone_read.h"

enum {
	LINE_MAX_LEN = 10000 /* ldns reads no longer lines */
};

/* The record as a line: ldns wants one whole, so it gets the root as owner. */
static bool put_line(
	struct gyl_writer *w, uint16_t type, const struct gyl_dns_token *tok, size_t tok_cnt)
{
	gyl_text_str(w, ". 0 IN ");
	gyl_dns_type_print(w, type);
	for (size_t i = 0; i < tok_cnt; i++) {
		gyl_text_str(w, tok[i].quoted ? " \"" : " ");
		gyl_put_view(w, tok[i].text);
		if (tok[i].quoted)
			gyl_text_char(w, '"');
	}
	gyl_put_u8(w, 0);
	return gyl_writer_ok(w);
}

static bool put_rdata(struct gyl_writer *w, const ldns_rr *rr, char why[120])
{
	ldns_buffer *buf = ldns_buffer_new(1024);
	ldns_status st = LDNS_STATUS_MEM_ERR;

	if (buf != NULL)
		st = ldns_rr_rdata2buffer_wire(buf, rr);
	if (st == LDNS_STATUS_OK)
		gyl_put_bytes(w, ldns_buffer_begin(buf), ldns_buffer_position(buf));
	else
		snprintf(why, 120, "%s", ldns_get_errorstr_by_id(st));
	ldns_buffer_free(buf);
	return st == LDNS_STATUS_OK;
}

static ldns_rdf *origin_rdf(const uint8_t *origin)
{
	return ldns_dname_new_frm_data((uint16_t)gyl_dns_name_len(origin), origin);
}

bool gyl_zone_ldns(uint16_t type, const struct gyl_dns_token *tok, size_t tok_cnt,
	const uint8_t *origin, struct gyl_writer *w, char why[120])
{
	char line[LINE_MAX_LEN];
	struct gyl_writer lw;
	ldns_rdf *top = origin_rdf(origin), *prev = NULL;
	ldns_rr *rr = NULL;
	ldns_status st;
	bool ok = false;

	gyl_writer_init(&lw, line, sizeof line);
	if (!put_line(&lw, type, tok, tok_cnt)) {
		snprintf(why, 120, "longer than %d octets", LINE_MAX_LEN);
	} else {
		st = ldns_rr_new_frm_str(&rr, line, 0, top, &prev);
		if (st == LDNS_STATUS_OK)
			ok = put_rdata(w, rr, why);
		else
			snprintf(why, 120, "%s", ldns_get_errorstr_by_id(st));
	}
	ldns_rr_free(rr);
	ldns_rdf_deep_free(prev);
	ldns_rdf_deep_free(top);
	return ok;
}
