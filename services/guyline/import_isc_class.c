/* SPDX-License-Identifier: ISC */

/*
 * ISC's dhcpd.conf: classes by a condition (`match if ...`), and subclasses, which are told by the
 * value of what the class names (`match hardware`, `match substring(option x, 0, 9)`). A subclass
 * becomes a class of its own, with what its class says filled in.
 */

#include <gyl/dhcp_opt.h>
#include <gyl/text.h>

#include "services/guyline/import_isc.h"
#include "services/guyline/import_option.h"

static struct gyl_isc_scope *find(struct gyl_isc *r, struct gyl_view name)
{
	struct gyl_isc_scope *s = r->first_class;

	while (s != NULL && !gyl_view_eq(s->name, name))
		s = s->next_class;
	return s;
}

bool gyl__isc_class(struct gyl_isc *r, struct gyl_isc_scope *up)
{
	struct gyl_isc_scope *s = gyl__isc_scope(r, up, GYL_ISC_CLASS, r->lex.tok.at);

	gyl__import_lex_next(&r->lex);
	if (r->lex.tok.kind != GYL_IMPORT_STRING && r->lex.tok.kind != GYL_IMPORT_WORD)
		return gyl__import_lex_expected(&r->lex, "the name of the class");
	s->name = r->lex.tok.text;
	s->next_class = r->first_class;
	r->first_class = s;
	gyl__import_lex_next(&r->lex);
	return gyl__isc_braces(r, s);
}

/* What subclasses are told by: `hardware`, `option NAME`, or the beginning of it. */
static bool read_key(struct gyl_isc *r, struct gyl_isc_scope *s)
{
	bool part = gyl__import_lex_take(&r->lex, "substring");
	uint64_t len = UINT32_MAX;
	const struct gyl_import_def *def = NULL;

	if (part && !gyl__import_lex_take(&r->lex, "("))
		return false;
	if (!gyl__import_lex_take(&r->lex, "hardware")) {
		if (!gyl__import_lex_take(&r->lex, "option"))
			return false;
		def = gyl__import_def_find(r->i, gyl_view_str("dhcp"), r->lex.tok.text);
		if (def == NULL)
			return false;
		gyl__import_lex_next(&r->lex);
	}
	if (part) {
		if (!gyl__import_lex_take(&r->lex, ",") || !gyl__import_lex_take(&r->lex, "0") ||
			!gyl__import_lex_take(&r->lex, ",") ||
			gyl_failed(gyl_parse_u64(r->lex.tok.text, UINT32_MAX - 1, &len)))
			return false;
		gyl__import_lex_next(&r->lex);
		if (!gyl__import_lex_take(&r->lex, ")"))
			return false;
	}
	s->by_value = true;
	s->match_code = def == NULL ? 0 : def->code;
	s->match_len = (uint32_t)len;
	return gyl__import_lex_is(&r->lex, ";");
}

bool gyl__isc_match(struct gyl_isc *r, struct gyl_isc_scope *s, struct gyl_import_token start)
{
	const uint8_t *from;
	const char *why;

	if (!gyl__import_lex_take(&r->lex, "if")) {
		if (read_key(r, s))
			return gyl__isc_semicolon(r);
		s->by_value = false;
		s->restricted = true;
		return gyl__isc_leave(r, &start,
			"subclasses are told by hardware or one option; the class is left out");
	}
	from = r->lex.tok.kind == GYL_IMPORT_STRING ? r->lex.tok.text.p - 1 : r->lex.tok.text.p;
	while (r->lex.tok.kind != GYL_IMPORT_END && r->lex.tok.kind != GYL_IMPORT_BAD &&
		!gyl__import_lex_is(&r->lex, ";") && !gyl__import_lex_is(&r->lex, "}"))
		gyl__import_lex_next(&r->lex);
	if (!gyl__import_lex_is(&r->lex, ";"))
		return gyl__import_lex_expected(&r->lex, "';'");
	s->has_match = gyl__import_match(
		r->i, s->obj, gyl_view(from, (size_t)(r->lex.tok.text.p - from)), start.at, &why);
	if (!s->has_match) {
		s->restricted = true;
		gyl__import_left(r->i, start.at, s->name, "the class is left out: %s", why);
	}
	return gyl__isc_semicolon(r);
}

static bool read_subclass_value(struct gyl_isc *r, struct gyl_isc_scope *s,
	const struct gyl_isc_scope *cl, const char **ret_why)
{
	uint8_t buf[260];
	struct gyl_writer w;
	struct gyl_view octets;

	gyl_writer_init(&w, buf, sizeof buf);
	if (r->lex.tok.kind == GYL_IMPORT_STRING)
		gyl_put_view(&w, r->lex.tok.text);
	else
		gyl__import_hex(r->lex.tok.text, &w);
	octets = gyl_writer_view(&w);
	*ret_why = "expected a string or octets such as 1:02:00:5e:00:00:01";
	if (!gyl_writer_ok(&w) || w.len == 0)
		return false;
	if (cl->match_code == 0) { /* the hardware type stands before the address */
		*ret_why = "only Ethernet";
		if (octets.p[0] != 1 || octets.len < 2)
			return false;
		octets = gyl_view_sub(octets, 1, octets.len);
	}
	return gyl__import_match_value(r->i, s->obj, cl->match_code, cl->match_len != UINT32_MAX,
		octets, r->lex.tok.at, ret_why);
}

/* subclass "x" 1:02:00:5e:00:00:01;   or with a block behind. */
bool gyl__isc_subclass(struct gyl_isc *r, struct gyl_isc_scope *up)
{
	struct gyl_import_token start = r->lex.tok;
	struct gyl_isc_scope *s, *cl;
	const char *why = NULL;

	gyl__import_lex_next(&r->lex);
	if (r->lex.tok.kind != GYL_IMPORT_STRING && r->lex.tok.kind != GYL_IMPORT_WORD)
		return gyl__import_lex_expected(&r->lex, "the name of the class");
	cl = find(r, r->lex.tok.text);
	if (cl == NULL || !cl->by_value) {
		start.text = r->lex.tok.text;
		return gyl__isc_leave(r, &start, "a subclass of a class that is not known here");
	}
	gyl__import_lex_next(&r->lex);
	s = gyl__isc_scope(r, up, GYL_ISC_CLASS, start.at);
	s->member_of = cl->name;
	s->has_match = read_subclass_value(r, s, cl, &why);
	if (!s->has_match) {
		s->restricted = true;
		gyl__import_left(r->i, start.at, r->lex.tok.text, "%s", why);
	}
	gyl__import_lex_next(&r->lex);
	return gyl__import_lex_take(&r->lex, ";") || gyl__isc_braces(r, s);
}

/* Subclasses are numbered behind the name of their class. */
static struct gyl_view numbered(struct gyl_isc *r, struct gyl_isc_scope *cl)
{
	return gyl__import_printf(r->i, "%.*s-%u", (int)cl->name.len, (const char *)cl->name.p,
		(unsigned)++cl->sub_cnt);
}

void gyl__isc_class_done(struct gyl_isc *r, struct gyl_isc_scope *s)
{
	struct gyl_isc_scope *cl = s->member_of.len == 0 ? NULL : find(r, s->member_of);

	if (s->restricted || s->by_value) /* told already; or its subclasses are the classes */
		return;
	if (!s->has_match) {
		gyl__import_left(r->i, s->at, s->name, "a class that nobody can be in");
		return;
	}
	if (cl != NULL)
		gyl__import_inherit(r->i, s->obj, cl->obj);
	if (gyl__import_get(s->obj, "max_lease_time") != NULL)
		gyl__import_drop(s->obj, gyl__import_get(s->obj, "max_lease_time"));
	gyl__import_set(r->i, s->obj, "name",
		gyl__import_text(r->i, s->at, cl == NULL ? s->name : numbered(r, cl)));
	gyl_conf_node_add(r->i->classes, s->obj);
}
