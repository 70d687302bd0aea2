/* SPDX-License-Identifier: ISC */

/*
 * ISC's dhcpd.leases: a log of blocks, the last one about an address counts.
 *
 *   lease 10.0.0.5 {
 *     starts 4 2026/11/19 09:15:02;  ends epoch 1795080902; # comment
 *     binding state active;
 *     hardware ethernet 02:00:5e:00:00:01;
 *     uid "\001\002\000^\000\000\001";
 *     client-hostname "laptop";
 *   }
 */

#include <gyl/text.h>
#include <gyl/time.h>

#include "services/guyline/import_lease.h"
#include "services/guyline/import_lex.h"

static bool semicolon(struct gyl_import_lexer *x)
{
	return gyl__import_lex_take(x, ";") || gyl__import_lex_expected(x, "';'");
}

/* "2026/11/19" and "09:15:02" as one time in UTC. */
static bool civil(struct gyl_view date, struct gyl_view time, uint64_t *ret_s)
{
	uint8_t text[20];
	uint64_t ns;

	if (date.len != 10 || time.len != 8)
		return false;
	memcpy(text, date.p, 10);
	text[4] = text[7] = '-';
	text[10] = 'T';
	memcpy(text + 11, time.p, 8);
	text[19] = 'Z';
	if (date.p[4] != '/' || date.p[7] != '/' ||
		gyl_failed(gyl_time_parse_rfc3339(gyl_view(text, 20), &ns)))
		return false;
	*ret_s = ns / GYL_NS_PER_S;
	return true;
}

static bool read_time(struct gyl_import_lexer *x, uint64_t *ret_s)
{
	struct gyl_view date;

	if (gyl__import_lex_take(x, "never")) {
		*ret_s = UINT64_MAX;
		return semicolon(x);
	}
	if (gyl__import_lex_take(x, "epoch")) {
		if (gyl_failed(gyl_parse_u64(x->tok.text, UINT32_MAX, ret_s)))
			return gyl__import_lex_expected(x, "seconds since 1970");
		gyl__import_lex_next(x);
		return semicolon(x);
	}
	gyl__import_lex_next(x); /* the day of the week */
	date = x->tok.text;
	gyl__import_lex_next(x);
	if (!civil(date, x->tok.text, ret_s))
		return gyl__import_lex_expected(x, "a time such as 4 2026/11/19 09:15:02");
	gyl__import_lex_next(x);
	return semicolon(x);
}

static bool read_hardware(struct gyl_import_lexer *x, struct gyl_lease *lease)
{
	uint8_t buf[32];
	struct gyl_writer w;

	gyl_writer_init(&w, buf, sizeof buf);
	if (gyl__import_lex_take(x, "ethernet") && gyl__import_hex(x->tok.text, &w) && w.len == 6) {
		memcpy(lease->mac, buf, 6);
		lease->has_mac = true;
	}
	return gyl__import_lex_skip(x);
}

/* Octets, as a string with escapes or in hexadecimal. */
static bool read_octets(struct gyl_import_lexer *x, struct gyl_view *ret)
{
	struct gyl_writer w;

	if (x->tok.kind == GYL_IMPORT_STRING) {
		*ret = x->tok.text;
	} else {
		gyl_writer_init(&w, gyl_conf_alloc(x->i->c, x->tok.text.len), x->tok.text.len);
		if (x->tok.kind != GYL_IMPORT_WORD || !gyl__import_hex(x->tok.text, &w))
			return gyl__import_lex_expected(x, "a string or octets");
		*ret = gyl_writer_view(&w);
	}
	gyl__import_lex_next(x);
	return semicolon(x);
}

static bool read_state(struct gyl_import_lexer *x, struct gyl_lease *lease)
{
	if (!gyl__import_lex_take(x, "state"))
		return gyl__import_lex_skip(x);
	lease->declined = gyl__import_lex_is(x, "abandoned");
	lease->released = !lease->declined && !gyl__import_lex_is(x, "active");
	return gyl__import_lex_skip(x);
}

static bool read_word(struct gyl_import_lexer *x, struct gyl_lease *lease)
{
	if (gyl__import_lex_take(x, "starts"))
		return read_time(x, &lease->start_s);
	if (gyl__import_lex_take(x, "ends"))
		return read_time(x, &lease->end_s);
	if (gyl__import_lex_take(x, "binding"))
		return read_state(x, lease);
	if (gyl__import_lex_take(x, "hardware"))
		return read_hardware(x, lease);
	if (gyl__import_lex_take(x, "uid"))
		return read_octets(x, &lease->id);
	if (gyl__import_lex_take(x, "client-hostname"))
		return read_octets(x, &lease->name);
	if (gyl__import_lex_take(x, "abandoned")) { /* as it was before version 3 */
		lease->declined = true;
		return semicolon(x);
	}
	return gyl__import_lex_skip(x);
}

static bool read_lease(struct gyl_import_lexer *x, struct gyl_leases *l)
{
	struct gyl_lease lease = {0};

	gyl__import_lex_next(x);
	if (gyl_failed(gyl_parse_ipv4(x->tok.text, &lease.ip)))
		return gyl__import_lex_expected(x, "an address");
	gyl__import_lex_next(x);
	if (!gyl__import_lex_take(x, "{"))
		return gyl__import_lex_expected(x, "'{'");
	while (!gyl__import_lex_is(x, "}"))
		if (!read_word(x, &lease))
			return false;
	gyl__import_lex_next(x);
	gyl_leases_put(l, &lease);
	return true;
}

bool gyl__leases_isc(struct gyl_leases *l, uint32_t file, struct gyl_view text)
{
	struct gyl_import_lexer x;

	gyl__import_lex_init(&x, l->i, file, text);
	while (x.tok.kind != GYL_IMPORT_END && !l->i->bad) {
		if (gyl__import_lex_is(&x, "lease")) {
			if (!read_lease(&x, l))
				return false;
			continue;
		}
		/* authoring-byte-order, server-duid; hosts and groups of OMAPI are no leases. */
		if (gyl__import_lex_is(&x, "host") || gyl__import_lex_is(&x, "group") ||
			gyl__import_lex_is(&x, "class") || gyl__import_lex_is(&x, "subclass"))
			gyl__import_left(l->i, x.tok.at, x.tok.text, "not a lease");
		if (!gyl__import_lex_skip(&x))
			return false;
	}
	return true;
}
