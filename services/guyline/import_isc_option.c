/* SPDX-License-Identifier: ISC */

/*
 * ISC's dhcpd.conf: `option NAME VALUES`, `option SPACE.NAME VALUES`, `option NAME code N = TYPE`,
 * `option space NAME`.
 */

#include <gyl/text.h>

#include "services/guyline/import_isc.h"

enum {
	ATOM_MAX = 512,
	VALUE_MAX = 4096
};

static bool split(struct gyl_view name, struct gyl_view *ret_space, struct gyl_view *ret_name)
{
	const uint8_t *dot = memchr(name.p, '.', name.len);
	size_t at = dot == NULL ? 0 : (size_t)(dot - name.p);

	*ret_space = dot == NULL ? gyl_view_str("dhcp") : gyl_view_sub(name, 0, at);
	*ret_name = dot == NULL ? name : gyl_view_sub(name, at + 1, name.len);
	return dot != NULL;
}

/* ---- definitions ---- */

/* The type at the token, as one character of gyl__import_encode(); 0: it is none of these. */
static char read_type(struct gyl_import_lexer *l)
{
	bool is_signed;

	if (gyl__import_lex_take(l, "boolean") || gyl__import_lex_take(l, "flag"))
		return 'B';
	if (gyl__import_lex_take(l, "ip-address"))
		return 'I';
	if (gyl__import_lex_take(l, "text"))
		return 't';
	if (gyl__import_lex_take(l, "string"))
		return 'X';
	if (gyl__import_lex_take(l, "domain-name"))
		return 'D';
	if (gyl__import_lex_take(l, "domain-list")) {
		gyl__import_lex_take(l, "compressed");
		return 'd';
	}
	is_signed = gyl__import_lex_take(l, "signed");
	if (!is_signed)
		gyl__import_lex_take(l, "unsigned");
	if (!gyl__import_lex_take(l, "integer"))
		return 0;
	if (gyl__import_lex_take(l, "8"))
		return is_signed ? 'b' : '1';
	if (gyl__import_lex_take(l, "16"))
		return is_signed ? 'h' : '2';
	return gyl__import_lex_take(l, "32") ? (is_signed ? 'w' : '4') : 0;
}

static bool read_types(struct gyl_isc *r, struct gyl_import_def *def)
{
	char types[32];
	size_t cnt = 0;
	bool record;

	if (gyl__import_lex_take(&r->lex, "array")) {
		def->array = true;
		gyl__import_lex_take(&r->lex, "of");
	}
	if (gyl__import_lex_take(&r->lex, "encapsulate")) {
		def->encapsulate = r->lex.tok.text;
		def->types = "X";
		gyl__import_lex_next(&r->lex);
		return true;
	}
	record = gyl__import_lex_take(&r->lex, "{");
	do {
		char t = read_type(&r->lex);

		if (t == 0 || cnt + 1 == sizeof types)
			return false;
		types[cnt++] = t;
	} while (record && gyl__import_lex_take(&r->lex, ","));
	types[cnt] = '\0';
	def->types = gyl__import_cstr(r->i, gyl_view_str(types));
	return !record || gyl__import_lex_take(&r->lex, "}");
}

static bool read_definition(struct gyl_isc *r, struct gyl_import_token start, struct gyl_view name)
{
	struct gyl_import_def def = {0};
	uint64_t code;

	split(name, &def.space, &def.name);
	gyl__import_lex_next(&r->lex); /* "code" */
	if (gyl_failed(gyl_parse_u64(r->lex.tok.text, UINT32_MAX, &code)))
		return gyl__import_lex_expected(&r->lex, "the number of the option");
	def.code = (uint32_t)code;
	gyl__import_lex_next(&r->lex);
	if (!gyl__import_lex_take(&r->lex, "="))
		return gyl__import_lex_expected(&r->lex, "'='");
	if (!read_types(r, &def))
		return gyl__isc_leave(r, &start, "an option of a type that is not known");
	gyl__import_def_add(r->i, &def);
	return gyl__isc_semicolon(r);
}

/* Spaces are told by their options; ours have codes and lengths of one octet. */
static bool read_space(struct gyl_isc *r, struct gyl_import_token start)
{
	gyl__import_lex_next(&r->lex);
	gyl__import_lex_next(&r->lex); /* its name */
	while (gyl__import_lex_is(&r->lex, "code") || gyl__import_lex_is(&r->lex, "length") ||
		gyl__import_lex_is(&r->lex, "hash")) {
		bool hash = gyl__import_lex_is(&r->lex, "hash");

		gyl__import_lex_next(&r->lex);
		gyl__import_lex_next(&r->lex); /* "width", "size" */
		if (!hash && !gyl__import_lex_is(&r->lex, "1"))
			return gyl__isc_leave(
				r, &start, "codes and lengths of sub-options have one octet");
		gyl__import_lex_next(&r->lex);
	}
	return gyl__isc_semicolon(r);
}

/* ---- values ---- */

/* Everything up to the semicolon, commas between. 0: too many, or something else. */
static size_t read_atoms(struct gyl_isc *r, struct gyl_import_atom *atom)
{
	size_t cnt = 0;

	while (cnt < ATOM_MAX &&
		(r->lex.tok.kind == GYL_IMPORT_WORD || r->lex.tok.kind == GYL_IMPORT_STRING)) {
		atom[cnt].quoted = r->lex.tok.kind == GYL_IMPORT_STRING;
		atom[cnt].text = r->lex.tok.text;
		atom[cnt++].at = r->lex.tok.at;
		gyl__import_lex_next(&r->lex);
		gyl__import_lex_take(&r->lex, ",");
	}
	return gyl__import_lex_is(&r->lex, ";") ? cnt : 0;
}

/* A client identifier in a host is who it is, not what it is told. */
static bool is_identity(
	const struct gyl_isc_scope *s, const struct gyl_import_def *def, const char *space)
{
	return s->kind == GYL_ISC_HOST && gyl_view_eq(def->space, gyl_view_str(space)) &&
	       def->code == 61;
}

static void put(struct gyl_isc *r, struct gyl_isc_scope *s, const struct gyl_import_def *def,
	struct gyl_import_token start, struct gyl_view name, size_t cnt,
	const struct gyl_import_atom *atom)
{
	uint8_t buf[VALUE_MAX];
	const char *why;
	struct gyl_writer w;

	gyl_writer_init(&w, buf, sizeof buf);
	if (!gyl__import_encode(def, atom, cnt, &w, &why))
		gyl__import_left(r->i, start.at, name, "%s", why);
	else if (is_identity(s, def, "dhcp"))
		gyl__import_set(r->i, s->obj, "client_id",
			gyl__import_octets(r->i, start.at, gyl_writer_view(&w)));
	else
		gyl__import_option(r->i, s->obj, s->sub, def, gyl_writer_view(&w), start.at, name);
}

static bool read_value(struct gyl_isc *r, struct gyl_isc_scope *s, struct gyl_import_token start,
	struct gyl_view name)
{
	struct gyl_import_atom atom[ATOM_MAX];
	const struct gyl_import_def *def;
	struct gyl_view space, own;
	struct gyl_import_token what = start;
	size_t cnt;

	what.text = name;
	split(name, &space, &own);
	def = gyl__import_def_find(r->i, space, own);
	if (def == NULL)
		return gyl__isc_leave(r, &what, "an option that nobody has defined");
	gyl__import_lex_take(&r->lex, "=");
	cnt = read_atoms(r, atom);
	if (cnt == 0 && !gyl__import_lex_is(&r->lex, ";"))
		return gyl__isc_leave(r, &what, "values that are not constant");
	put(r, s, def, start, name, cnt, atom);
	return gyl__isc_semicolon(r);
}

/* `option host-identifier agent.circuit-id "x"` in ISC is `host-identifier option ...`, which is
 * no option. */
bool gyl__isc_option(struct gyl_isc *r, struct gyl_isc_scope *s, struct gyl_import_token start)
{
	struct gyl_view name = r->lex.tok.text;

	if (r->lex.tok.kind != GYL_IMPORT_WORD)
		return gyl__import_lex_expected(&r->lex, "the name of an option");
	if (gyl__import_lex_is(&r->lex, "space"))
		return read_space(r, start);
	gyl__import_lex_next(&r->lex);
	if (gyl__import_lex_is(&r->lex, "code"))
		return read_definition(r, start, name);
	return read_value(r, s, start, name);
}
