/* SPDX-License-Identifier: ISC */

/*
 * Conditions of classes: comparisons of the beginning, or of all, of an option or of the hardware
 * address with a constant, joined by `and`. ISC and Kea write the same thing a little differently:
 *
 *   substring(option vendor-class-identifier, 0, 9) = "PXEClient"
 *   substring(option[60].hex,0,9) == 'PXEClient'
 *   substring(hardware, 1, 3) = 02:00:5e         substring(pkt4.mac, 0, 3) == 0x02005e
 *   option agent.circuit-id = "port 1"           relay4[1].hex == 'port 1'
 *   option arch = 00:07                          option[93].hex == 0x0007
 */

#include <gyl/dhcp_opt.h>
#include <gyl/text.h>

#include "services/guyline/import_lex.h"
#include "services/guyline/import_option.h"

enum {
	HARDWARE = 0,
	RELAY = 256, /* plus the number of a sub-option of 82 */
	VALUE_MAX = 512
};

struct side {
	unsigned code;      /* HARDWARE, an option, RELAY + sub-option */
	uint32_t skip, len; /* of what, len UINT32_MAX: all */
	bool typed;         /* ISC's `hardware` begins with the type */
};

static bool no(const char **ret_why, const char *why)
{
	*ret_why = why;
	return false;
}

static bool number(struct gyl_import_lexer *l, uint32_t *ret_v)
{
	uint64_t v;

	if (l->tok.kind != GYL_IMPORT_WORD ||
		gyl_failed(gyl_parse_u64(l->tok.text, UINT32_MAX, &v)))
		return false;
	*ret_v = (uint32_t)v;
	gyl__import_lex_next(l);
	return true;
}

/* `[60].hex`, behind "option" or "relay4"; a name may stand for the number. */
static bool kea_option(struct gyl_import_lexer *l, bool relay, unsigned *ret_code)
{
	uint64_t sub;
	uint8_t code;

	gyl__import_lex_next(l); /* the bracket */
	if (relay && !gyl_failed(gyl_parse_u64(l->tok.text, 255, &sub)))
		*ret_code = RELAY + (unsigned)sub;
	else if (!relay && gyl__import_code(l->tok.text, &code))
		*ret_code = code;
	else
		return false;
	gyl__import_lex_next(l);
	return gyl__import_lex_take(l, "]") &&
	       (gyl__import_lex_take(l, ".hex") || gyl__import_lex_take(l, ".text"));
}

static bool isc_option(struct gyl_import_lexer *l, unsigned *ret_code)
{
	const struct gyl_import_def *def;

	if (gyl__import_lex_is(l, "agent.circuit-id"))
		*ret_code = RELAY + GYL_DHCP_RELAY_CIRCUIT_ID;
	else if (gyl__import_lex_is(l, "agent.remote-id"))
		*ret_code = RELAY + GYL_DHCP_RELAY_REMOTE_ID;
	else if ((def = gyl__import_def_find(l->i, gyl_view_str("dhcp"), l->tok.text)) != NULL)
		*ret_code = def->code;
	else
		return false;
	gyl__import_lex_next(l);
	return true;
}

static bool thing(struct gyl_import_lexer *l, struct side *s)
{
	bool relay;

	s->skip = 0;
	s->len = UINT32_MAX;
	s->typed = gyl__import_lex_is(l, "hardware");
	s->code = HARDWARE;
	if (gyl__import_lex_take(l, "hardware") || gyl__import_lex_take(l, "pkt4.mac"))
		return true;
	relay = gyl__import_lex_is(l, "relay4");
	if (!relay && !gyl__import_lex_is(l, "option"))
		return false;
	gyl__import_lex_next(l);
	if (gyl__import_lex_is(l, "["))
		return kea_option(l, relay, &s->code);
	return !relay && isc_option(l, &s->code);
}

static bool left_side(struct gyl_import_lexer *l, struct side *s)
{
	if (!gyl__import_lex_take(l, "substring"))
		return thing(l, s);
	return gyl__import_lex_take(l, "(") && thing(l, s) && gyl__import_lex_take(l, ",") &&
	       number(l, &s->skip) && gyl__import_lex_take(l, ",") &&
	       (gyl__import_lex_take(l, "all") || number(l, &s->len)) &&
	       gyl__import_lex_take(l, ")");
}

static bool right_side(struct gyl_import_lexer *l, struct gyl_writer *w)
{
	bool good = false;

	if (l->tok.kind == GYL_IMPORT_STRING) {
		gyl_put_view(w, l->tok.text);
		good = true;
	} else if (l->tok.kind == GYL_IMPORT_WORD) {
		good = gyl__import_hex(l->tok.text, w);
	}
	gyl__import_lex_next(l);
	return good && gyl_writer_ok(w) && w->len != 0;
}

/* ---- into a class ---- */

static bool put_arch(struct gyl_import *i, struct gyl_conf_node *obj, struct gyl_view octets,
	struct gyl_import_place at)
{
	struct gyl_conf_node *n;

	if (octets.len != 2)
		return false;
	n = gyl__import_node(i, GYL_CONF_IS_INT, at);
	n->text = gyl__import_printf(i, "%u", (unsigned)gyl_get_u16(octets.p));
	gyl_conf_node_add(gyl__import_child(i, obj, "arch", GYL_CONF_IS_LIST, at), n);
	return true;
}

static struct gyl_conf_node *mac_text(
	struct gyl_import *i, struct gyl_import_place at, struct gyl_view octets)
{
	char buf[3 * 6];
	struct gyl_writer w;

	gyl_writer_init(&w, buf, sizeof buf);
	for (size_t n = 0; n < octets.len; n++) {
		if (n != 0)
			gyl_text_char(&w, ':');
		gyl_text_hex_u64(&w, octets.p[n], 2);
	}
	return gyl__import_text(i, at, gyl_writer_view(&w));
}

/* The key of a class whose value is compared with the beginning; NULL: none for that. */
static const char *prefix_key(unsigned code)
{
	return code == GYL_DHCP_OPT_VENDOR_CLASS           ? "vendor_class"
	       : code == GYL_DHCP_OPT_USER_CLASS           ? "user_class"
	       : code == RELAY + GYL_DHCP_RELAY_CIRCUIT_ID ? "circuit_id"
	       : code == RELAY + GYL_DHCP_RELAY_REMOTE_ID  ? "remote_id"
							   : NULL;
}

bool gyl__import_match_value(struct gyl_import *i, struct gyl_conf_node *obj, unsigned code,
	bool prefix, struct gyl_view octets, struct gyl_import_place at, const char **ret_why)
{
	const char *key = code == HARDWARE ? "mac" : prefix_key(code), *name;
	struct gyl_conf_node *n;

	if (code == HARDWARE && (octets.len > 6 || (!prefix && octets.len != 6)))
		return no(ret_why, "this is no MAC address");
	if (code == GYL_DHCP_OPT_CLIENT_ARCH && put_arch(i, obj, octets, at))
		return true;
	/* All of an option is asked for exactly; of a relay's there is only the beginning. */
	if (key != NULL && !prefix && code >= RELAY)
		return no(ret_why,
			"classes compare the beginning of what a relay says; reservations all of it");
	if (key != NULL && (prefix || code == HARDWARE)) {
		n = code == HARDWARE ? mac_text(i, at, octets) : gyl__import_octets(i, at, octets);
		if (gyl__import_get(obj, key) != NULL)
			return no(ret_why, "two conditions for the same thing");
		gyl__import_set(i, obj, key, n);
		return true;
	}
	if (prefix || code >= RELAY)
		return no(ret_why,
			"the beginning is compared of the vendor class, user class, circuit and MAC only");
	name = gyl_dhcp_opt_get((uint8_t)code).name;
	n = gyl__import_child(i, obj, "option", GYL_CONF_IS_OBJECT, at);
	gyl__import_set(i, n,
		name != NULL ? name : gyl__import_cstr(i, gyl__import_printf(i, "%u", code)),
		gyl__import_value(i, (uint8_t)code, octets, at));
	return true;
}

static bool comparison(struct gyl_import_lexer *l, struct gyl_conf_node *obj, const char **ret_why)
{
	struct gyl_import_place at = l->tok.at;
	uint8_t buf[VALUE_MAX];
	struct side s;
	struct gyl_writer w;
	struct gyl_view octets;

	gyl_writer_init(&w, buf, sizeof buf);
	if (!left_side(l, &s))
		return no(ret_why, "only comparisons of options and hardware addresses");
	if (!gyl__import_lex_take(l, "="))
		return no(ret_why, "only comparisons with '='");
	gyl__import_lex_take(l, "="); /* Kea writes two */
	if (!right_side(l, &w))
		return no(ret_why, "only comparisons with constants");
	octets = gyl_writer_view(&w);
	if (s.len != UINT32_MAX && s.len != octets.len)
		return no(ret_why, "this compares unequal lengths");
	if (s.typed && s.skip == 0) { /* 1:02:00:5e... */
		if (octets.p[0] != 1 || octets.len < 2)
			return no(ret_why, "only Ethernet");
		octets = gyl_view_sub(octets, 1, octets.len);
		s.skip = 1;
	}
	if (s.skip != (s.typed ? 1u : 0u))
		return no(ret_why, "only the beginning can be compared");
	return gyl__import_match_value(l->i, obj, s.code, s.len != UINT32_MAX, octets, at, ret_why);
}

/* With any number of parentheses around it. */
static bool enclosed(struct gyl_import_lexer *l, struct gyl_conf_node *obj, const char **ret_why)
{
	unsigned depth = 0;

	while (gyl__import_lex_take(l, "("))
		depth++;
	if (!comparison(l, obj, ret_why))
		return false;
	while (depth > 0 && gyl__import_lex_take(l, ")"))
		depth--;
	return depth == 0 || no(ret_why, "only comparisons that are joined by 'and'");
}

bool gyl__import_match(struct gyl_import *i, struct gyl_conf_node *obj, struct gyl_view text,
	struct gyl_import_place at, const char **ret_why)
{
	struct gyl_import_lexer l;

	gyl__import_lex_init(&l, i, 0, text);
	do {
		l.tok.at = at;
		if (!enclosed(&l, obj, ret_why))
			return false;
	} while (gyl__import_lex_take(&l, "and"));
	if (l.tok.kind != GYL_IMPORT_END)
		return no(ret_why, "only comparisons that are joined by 'and'");
	return true;
}
