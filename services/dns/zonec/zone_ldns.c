/* SPDX-License-Identifier: ISC */

/* The text of rare types. ldns is used here and nowhere else in the zone compiler. */

#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>

#include <gyl/dns_text.h>
#include <gyl/text.h>

#include "services/dns/zonec/zone_read.h"

enum {
	LINE_MAX_LEN = 10000, /* ldns reads no longer lines */
	TYPE_IPSECKEY = 45    /* RFC 4025 */
};

/* ldns takes a relative gateway for an absolute one: it gets the whole name. */
static void put_word(struct gyl_writer *w, uint16_t type, const struct gyl_dns_token *tok,
	size_t at, const uint8_t *origin)
{
	uint8_t name[GYL_DNS_NAME_MAX];
	bool gateway =
		type == TYPE_IPSECKEY && at == 3 && gyl_view_eq(tok[1].text, gyl_view("3", 1));

	if (gateway && !gyl_failed(gyl_dns_name_parse(tok[at].text, origin, name, NULL)))
		gyl_dns_name_print(w, name);
	else
		gyl_put_view(w, tok[at].text);
}

/* The record as a line: ldns wants one whole, so it gets the root as owner. */
static bool put_line(struct gyl_writer *w, uint16_t type, const struct gyl_dns_token *tok,
	size_t tok_cnt, const uint8_t *origin)
{
	gyl_text_str(w, ". 0 IN ");
	gyl_dns_type_print(w, type);
	for (size_t i = 0; i < tok_cnt; i++) {
		gyl_text_str(w, tok[i].quoted ? " \"" : " ");
		put_word(w, type, tok, i, origin);
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
	if (!put_line(&lw, type, tok, tok_cnt, origin)) {
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
