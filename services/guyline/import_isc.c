/* SPDX-License-Identifier: ISC */

/* ISC's dhcpd.conf: its blocks, and what they hand down. */

#include "services/guyline/import_isc.h"

#include <gyl/text.h>

enum {
	DEFAULT_TIME = 43200, /* what ISC leases for, unless told */
	DEFAULT_MAX = 86400,
	VENDOR = 43
};

struct gyl_isc_scope *gyl__isc_scope(
	struct gyl_isc *r, struct gyl_isc_scope *up, unsigned kind, struct gyl_import_place at)
{
	struct gyl_isc_scope *s = gyl_conf_alloc(r->i->c, sizeof *s);

	s->up = up;
	s->kind = kind;
	s->depth = up == NULL ? 0 : up->depth + 1;
	s->at = at;
	s->obj = gyl__import_node(r->i, GYL_CONF_IS_OBJECT, at);
	s->sub = gyl__import_node(r->i, GYL_CONF_IS_OBJECT, at);
	s->ranges = gyl__import_node(r->i, GYL_CONF_IS_LIST, at);
	s->address = gyl__import_node(r->i, GYL_CONF_IS_LIST, at);
	*r->end = s;
	r->end = &s->next;
	return s;
}

bool gyl__isc_semicolon(struct gyl_isc *r)
{
	return gyl__import_lex_take(&r->lex, ";") || gyl__import_lex_expected(&r->lex, "';'");
}

bool gyl__isc_leave(struct gyl_isc *r, const struct gyl_import_token *what, const char *why)
{
	gyl__import_left(r->i, what->at, what->text, "%s", why);
	return gyl__import_lex_skip(&r->lex);
}

bool gyl__isc_braces(struct gyl_isc *r, struct gyl_isc_scope *s)
{
	if (!gyl__import_lex_is(&r->lex, "{"))
		return gyl__import_lex_expected(&r->lex, "'{'");
	if (s->depth > GYL_IMPORT_DEPTH_MAX)
		return gyl__import_bad(r->i, s->at, "blocks are nested too deeply");
	gyl__import_lex_next(&r->lex);
	return gyl__isc_block(r, s) &&
	       (gyl__import_lex_take(&r->lex, "}") || gyl__import_lex_expected(&r->lex, "'}'"));
}

/* ---- blocks ---- */

static bool read_ip(struct gyl_isc *r, uint32_t *ret_ip)
{
	if (r->lex.tok.kind != GYL_IMPORT_WORD ||
		gyl_failed(gyl_parse_ipv4(r->lex.tok.text, ret_ip)))
		return gyl__import_lex_expected(&r->lex, "an IPv4 address");
	gyl__import_lex_next(&r->lex);
	return true;
}

static bool read_subnet(struct gyl_isc *r, struct gyl_isc_scope *up)
{
	struct gyl_isc_scope *s = gyl__isc_scope(r, up, GYL_ISC_SUBNET, r->lex.tok.at);
	struct gyl_import_place at;
	uint32_t ip = 0, mask = 0;
	struct gyl_view text;

	gyl__import_lex_next(&r->lex);
	if (!read_ip(r, &ip))
		return false;
	if (!gyl__import_lex_take(&r->lex, "netmask"))
		return gyl__import_lex_expected(&r->lex, "'netmask'");
	at = r->lex.tok.at;
	if (!read_ip(r, &mask))
		return false;
	if (gyl_conf_mask_len(mask) > 32)
		return gyl__import_bad(r->i, at, "expected a netmask such as 255.255.255.0");
	ip &= mask;
	text = gyl__import_printf(r->i, "%u.%u.%u.%u/%u", (unsigned)(ip >> 24),
		(unsigned)(ip >> 16 & 255), (unsigned)(ip >> 8 & 255), (unsigned)(ip & 255),
		(unsigned)gyl_conf_mask_len(mask));
	gyl__import_set(r->i, s->obj, "subnet", gyl__import_text(r->i, s->at, text));
	return gyl__isc_braces(r, s);
}

/* A name, with quotes or without. */
static bool read_name(struct gyl_isc *r, struct gyl_view *ret_name, const char *what)
{
	if (r->lex.tok.kind != GYL_IMPORT_WORD && r->lex.tok.kind != GYL_IMPORT_STRING)
		return gyl__import_lex_expected(&r->lex, what);
	*ret_name = r->lex.tok.text;
	gyl__import_lex_next(&r->lex);
	return true;
}

static bool read_shared(struct gyl_isc *r, struct gyl_isc_scope *up)
{
	struct gyl_isc_scope *s = gyl__isc_scope(r, up, GYL_ISC_SHARED, r->lex.tok.at);

	gyl__import_lex_next(&r->lex);
	return read_name(r, &s->name, "the name of the network") && gyl__isc_braces(r, s);
}

static bool read_host(struct gyl_isc *r, struct gyl_isc_scope *up)
{
	struct gyl_isc_scope *s = gyl__isc_scope(r, up, GYL_ISC_HOST, r->lex.tok.at);

	gyl__import_lex_next(&r->lex);
	return read_name(r, &s->name, "the name of the host") && gyl__isc_braces(r, s);
}

static bool read_group(struct gyl_isc *r, struct gyl_isc_scope *up)
{
	struct gyl_isc_scope *s = gyl__isc_scope(r, up, GYL_ISC_GROUP, r->lex.tok.at);

	gyl__import_lex_next(&r->lex);
	if (r->lex.tok.kind == GYL_IMPORT_WORD || r->lex.tok.kind == GYL_IMPORT_STRING)
		gyl__import_lex_next(&r->lex); /* a name, of no meaning */
	return gyl__isc_braces(r, s);
}

static bool read_pool(struct gyl_isc *r, struct gyl_isc_scope *up)
{
	struct gyl_isc_scope *s = gyl__isc_scope(r, up, GYL_ISC_POOL, r->lex.tok.at);

	gyl__import_lex_next(&r->lex);
	return gyl__isc_braces(r, s);
}

/* ---- include ---- */

static bool read_included(
	struct gyl_isc *r, struct gyl_isc_scope *s, uint32_t file, struct gyl_view text)
{
	struct gyl_import_lexer before = r->lex;
	bool good;

	gyl__import_lex_init(&r->lex, r->i, file, text);
	good = gyl__isc_block(r, s) && (r->lex.tok.kind == GYL_IMPORT_END ||
					       gyl__import_lex_expected(&r->lex, "a statement"));
	r->lex = before;
	return good;
}

static bool read_include(struct gyl_isc *r, struct gyl_isc_scope *s)
{
	struct gyl_import_token name;
	struct gyl_view text;
	const char *path, *why = "too many files";
	uint32_t file;

	gyl__import_lex_next(&r->lex);
	name = r->lex.tok;
	if (name.kind != GYL_IMPORT_STRING)
		return gyl__import_lex_expected(&r->lex, "the name of a file in quotes");
	gyl__import_lex_next(&r->lex);
	if (!gyl__isc_semicolon(r))
		return false;
	path = gyl__import_beside(r->i, r->lex.file, name.text);
	if (gyl__import_loops(r->i, r->lex.file, path)) {
		gyl__import_left(r->i, name.at, name.text, "this file is being read already");
		return true;
	}
	file = gyl__import_file_add(r->i, path, r->lex.file);
	if (file != 0 && gyl__import_read(r->i, path, &text, &why))
		return read_included(r, s, file, text);
	gyl__import_left(r->i, name.at, name.text, "cannot be read: %s", why);
	return true;
}

/* ---- statements ---- */

static const struct {
	const char *word;
	unsigned in; /* enum gyl_isc_kind, several */
	bool (*read)(struct gyl_isc *r, struct gyl_isc_scope *s);
} blocks[] = {
	{"subnet", GYL_ISC_FILE | GYL_ISC_SHARED | GYL_ISC_GROUP, read_subnet},
	{"shared-network", GYL_ISC_FILE | GYL_ISC_GROUP, read_shared},
	{"group", GYL_ISC_FILE | GYL_ISC_SHARED | GYL_ISC_SUBNET | GYL_ISC_GROUP, read_group},
	{"host", GYL_ISC_FILE | GYL_ISC_SHARED | GYL_ISC_SUBNET | GYL_ISC_GROUP, read_host},
	{"pool", GYL_ISC_SHARED | GYL_ISC_SUBNET | GYL_ISC_GROUP, read_pool},
	{"class", GYL_ISC_FILE | GYL_ISC_SHARED | GYL_ISC_SUBNET | GYL_ISC_GROUP, gyl__isc_class},
	{"subclass", GYL_ISC_FILE | GYL_ISC_SHARED | GYL_ISC_SUBNET | GYL_ISC_GROUP,
		gyl__isc_subclass},
	{"include", ~0u, read_include},
};

/* `if ... { } elsif ... { } else { }` is one statement. */
static bool leave_unknown(struct gyl_isc *r)
{
	struct gyl_import_token start = r->lex.tok;
	bool condition = gyl__import_lex_is(&r->lex, "if");

	r->unknown_cnt++;
	if (!gyl__isc_leave(r, &start,
		    condition ? "conditions stand in classes here"
			      : "there is nothing like it here"))
		return false;
	while (condition &&
		(gyl__import_lex_is(&r->lex, "else") || gyl__import_lex_is(&r->lex, "elsif")))
		if (!gyl__import_lex_skip(&r->lex))
			return false;
	return true;
}

static bool read_statement(struct gyl_isc *r, struct gyl_isc_scope *s)
{
	bool known = false;

	for (size_t n = 0; n < sizeof blocks / sizeof blocks[0]; n++) {
		if (!gyl__import_lex_is(&r->lex, blocks[n].word))
			continue;
		if ((blocks[n].in & s->kind) == 0) {
			struct gyl_import_token start = r->lex.tok;

			return gyl__isc_leave(r, &start, "cannot stand here");
		}
		r->known_cnt++;
		return blocks[n].read(r, s);
	}
	if (!gyl__isc_word(r, s, &known))
		return false;
	r->known_cnt += known;
	return known || leave_unknown(r);
}

bool gyl__isc_block(struct gyl_isc *r, struct gyl_isc_scope *s)
{
	while (r->lex.tok.kind != GYL_IMPORT_END && !gyl__import_lex_is(&r->lex, "}")) {
		if (gyl__import_lex_take(&r->lex, ";"))
			continue;
		if (r->lex.tok.kind != GYL_IMPORT_WORD)
			return gyl__import_lex_expected(&r->lex, "a statement");
		if (!read_statement(r, s) || r->i->bad)
			return false;
	}
	return true;
}

/* ---- handing down ---- */

/* ISC looks from the inside out: what encloses a scope fills its gaps, up to the whole file, which
 * is the service here. A host has its groups' settings for its own; those of its subnet come to it
 * as to everybody there. */
static void inherit(struct gyl_isc *r, struct gyl_isc_scope *s)
{
	for (struct gyl_isc_scope *up = s->up; up != NULL && up->kind != GYL_ISC_FILE;
		up = up->up) {
		if (s->kind == GYL_ISC_HOST && up->kind != GYL_ISC_GROUP)
			break;
		if (s->kind == GYL_ISC_POOL && up->kind == GYL_ISC_SUBNET)
			break;
		gyl__import_inherit(r->i, s->obj, up->obj);
	}
}

/* Does a host have for its own what that scope says? */
static bool is_hosts(const struct gyl_isc_scope *s, const struct gyl_isc_scope *up)
{
	return s->kind != GYL_ISC_HOST || up == s || up->kind == GYL_ISC_GROUP;
}

/*
 * Sub-options of the vendor's space make option 43, others what they are defined for: those of the
 * scope and of what encloses it together, unless all of them are the whole file's, which says it
 * for everybody.
 */
static void encapsulate(struct gyl_isc *r, struct gyl_isc_scope *s)
{
	struct gyl_conf_node *all = gyl__import_node(r->i, GYL_CONF_IS_OBJECT, s->at);
	struct gyl_view own = {0}, space;

	for (const struct gyl_isc_scope *up = s; up != NULL; up = up->up) {
		if (!is_hosts(s, up) || (up->kind == GYL_ISC_FILE && up != s))
			continue;
		gyl__import_inherit(r->i, all, up->sub);
		if (own.len == 0)
			own = up->vendor_space;
	}
	if (s != r->first)
		gyl__import_inherit_spaces(r->i, all, r->first->sub, own);
	space = own.len != 0 ? own : r->first->vendor_space;
	if (all->cnt == 0)
		return;
	if (space.len != 0)
		gyl__import_encapsulate(r->i, s->obj, all, space, VENDOR);
	gyl__import_encapsulate_all(r->i, s->obj, all);
}

static const struct gyl_isc_scope *enclosing(const struct gyl_isc_scope *s, unsigned kind)
{
	while (s != NULL && s->kind != kind)
		s = s->up;
	return s;
}

static void finish_subnet(struct gyl_isc *r, struct gyl_isc_scope *s)
{
	const struct gyl_isc_scope *shared = enclosing(s, GYL_ISC_SHARED);

	inherit(r, s);
	encapsulate(r, s);
	if (shared != NULL)
		gyl__import_set(
			r->i, s->obj, "shared", gyl__import_text(r->i, shared->at, shared->name));
	gyl_conf_node_add(r->i->subnets, s->obj);
}

/*
 * The pool of a class and beside it the one that `deny members of` it: here, too, members get the
 * addresses of their own pool before others.
 */
static bool is_for_others(struct gyl_isc *r, const struct gyl_isc_scope *s)
{
	const struct gyl_isc_scope *own = r->first;

	if (s->denied.len == 0)
		return true;
	while (own != NULL &&
		(own->kind != GYL_ISC_POOL || !gyl_view_eq(own->member_of, s->denied)))
		own = own->next;
	if (own != NULL)
		gyl__import_but(r->i, s->denied_at, s->denied,
			"members get these addresses, too, when their own pool has no more");
	else
		gyl__import_left(r->i, s->denied_at, s->denied,
			"its members have no pool of their own; the one without them is left out");
	return own != NULL;
}

static void finish_pool(struct gyl_isc *r, struct gyl_isc_scope *s)
{
	const struct gyl_isc_scope *subnet = enclosing(s, GYL_ISC_SUBNET);
	struct gyl_import_pool p = {.subnet = subnet == NULL ? NULL : subnet->obj,
		.obj = s->kind == GYL_ISC_POOL ? s->obj : NULL,
		.ranges = s->ranges,
		.class_name = s->member_of,
		.at = s->at};

	if (s->kind == GYL_ISC_POOL && (s->restricted || !is_for_others(r, s)))
		return; /* told already */
	gyl__import_pool_add(r->i, &p);
}

/* A name with a domain: its first label is the host's. */
static struct gyl_view label(struct gyl_view name)
{
	const uint8_t *dot = name.len == 0 ? NULL : memchr(name.p, '.', name.len);

	return gyl_view_sub(name, 0, dot == NULL ? name.len : (size_t)(dot - name.p));
}

static void name_host(struct gyl_isc *r, struct gyl_isc_scope *s)
{
	struct gyl_conf_node *options = gyl__import_get(s->obj, "options"),
			     *said = options == NULL ? NULL : gyl__import_get(options, "host-name");
	struct gyl_view name = said == NULL ? label(s->name) : label(said->text);

	if (name.len != (said == NULL ? s->name : said->text).len)
		gyl__import_but(r->i, s->at, said == NULL ? s->name : said->text,
			"its first label is the name, the domain is that of the subnet");
	if (said == NULL && !r->names_told && gyl__import_get(s->obj, "hostname") == NULL) {
		gyl__import_but(r->i, s->at, s->name,
			"hosts are told the names that they have here; ISC does that with use-host-decl-names");
		r->names_told = true; /* once is enough */
	}
	if (said != NULL)
		gyl__import_drop(options, said);
	if (options != NULL && options->cnt == 0)
		gyl__import_drop(s->obj, options);
	if (gyl__import_get(s->obj, "hostname") == NULL && name.len != 0 && name.len <= 63)
		gyl__import_set(r->i, s->obj, "hostname", gyl__import_text(r->i, s->at, name));
}

/* What a group says that hosts cannot have here. */
static void drop_times(struct gyl_isc *r, struct gyl_isc_scope *s)
{
	static const char *const keys[] = {"lease_time", "max_lease_time", "ignore_client_id"};

	for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
		struct gyl_conf_node *n = gyl__import_get(s->obj, keys[k]);

		if (n == NULL)
			continue;
		gyl__import_left(
			r->i, gyl__import_at(n), n->key, "hosts have the times of their subnet");
		gyl__import_drop(s->obj, n);
	}
}

/* Several addresses are for several subnets: a reservation each. */
static void finish_host(struct gyl_isc *r, struct gyl_isc_scope *s)
{
	inherit(r, s);
	encapsulate(r, s);
	drop_times(r, s);
	name_host(r, s);
	for (const struct gyl_conf_node *a = s->address->first; a != NULL; a = a->next) {
		struct gyl_conf_node *host = gyl__import_node(r->i, GYL_CONF_IS_OBJECT, s->at);

		gyl__import_inherit(r->i, host, s->obj);
		gyl__import_set(r->i, host, "address", gyl__import_copy(r->i, a));
		gyl_conf_node_add(r->i->hosts, host);
	}
	if (s->address->cnt == 0)
		gyl_conf_node_add(r->i->hosts, s->obj);
}

/* Silence about it means no in ISC, and yes here. */
static void finish_authoritative(struct gyl_isc *r)
{
	uint32_t yes = 0, no = 0;
	const struct gyl_isc_scope *odd = NULL;

	for (const struct gyl_isc_scope *s = r->first; s != NULL; s = s->next) {
		const struct gyl_isc_scope *up = s;

		if (s->kind != GYL_ISC_SUBNET)
			continue;
		while (up != NULL && up->authoritative == 0)
			up = up->up;
		if (up == NULL || up->authoritative < 0)
			no++;
		else
			yes++;
		if (odd == NULL && up != NULL && up->kind != GYL_ISC_FILE)
			odd = up;
	}
	if (yes != 0 && no != 0)
		gyl__import_left(r->i, odd == NULL ? r->first->at : odd->at,
			gyl_view_str("authoritative"),
			"for some subnets only; here it is for all or none, and now for none");
	if (yes == 0 && no == 0)
		yes = r->first->authoritative > 0;
	gyl__import_set(r->i, r->i->dhcpd, "authoritative",
		gyl__import_bool(r->i, r->first->at, yes != 0 && no == 0));
}

static void finish_file(struct gyl_isc *r, struct gyl_isc_scope *s)
{
	struct gyl_import *i = r->i;

	encapsulate(r, s);
	gyl__import_inherit(i, i->dhcpd, s->obj);
	if (gyl__import_get(i->dhcpd, "lease_time") == NULL)
		gyl__import_set(
			i, i->dhcpd, "lease_time", gyl__import_seconds(i, s->at, DEFAULT_TIME));
	if (gyl__import_get(i->dhcpd, "max_lease_time") == NULL)
		gyl__import_set(
			i, i->dhcpd, "max_lease_time", gyl__import_seconds(i, s->at, DEFAULT_MAX));
	finish_authoritative(r);
}

static void finish(struct gyl_isc *r)
{
	for (struct gyl_isc_scope *s = r->first; s != NULL && !r->i->bad; s = s->next) {
		if (s->kind == GYL_ISC_FILE) {
			finish_file(r, s);
		} else if (s->kind == GYL_ISC_SUBNET) {
			finish_subnet(r, s);
		} else if (s->kind == GYL_ISC_HOST) {
			finish_host(r, s);
		} else if (s->kind == GYL_ISC_CLASS) {
			encapsulate(r, s);
			gyl__isc_class_done(r, s);
		}
		if (s->kind == GYL_ISC_POOL || s->ranges->cnt != 0)
			finish_pool(r, s);
	}
}

bool gyl__import_isc(struct gyl_import *i, uint32_t file, struct gyl_view text)
{
	struct gyl_isc r = {.i = i, .end = &r.first};
	struct gyl_isc_scope *s;

	gyl__import_lex_init(&r.lex, i, file, text);
	s = gyl__isc_scope(&r, NULL, GYL_ISC_FILE, r.lex.tok.at);
	if (!gyl__isc_block(&r, s))
		return false;
	if (r.lex.tok.kind != GYL_IMPORT_END)
		return gyl__import_lex_expected(&r.lex, "a statement");
	if (r.known_cnt == 0)
		return gyl__import_bad(i, s->at, "nothing of a dhcpd.conf in it");
	finish(&r);
	return !i->bad;
}
