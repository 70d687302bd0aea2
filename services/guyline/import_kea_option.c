/* SPDX-License-Identifier: ISC */

/* Kea's configuration: options, their definitions, and classes. */

#include <gyl/dhcp_opt.h>
#include <gyl/text.h>

#include "services/guyline/import_kea.h"

enum {
	ATOM_MAX = 512,
	VALUE_MAX = 4096
};

/* ---- definitions ---- */

static const struct {
	const char *name;
	char type;
} types[] = {
	{"binary", 'X'},
	{"boolean", 'B'},
	{"empty", '-'},
	{"fqdn", 'D'},
	{"ipv4-address", 'I'},
	{"string", 't'},
	{"uint8", '1'},
	{"uint16", '2'},
	{"uint32", '4'},
	{"int8", 'b'},
	{"int16", 'h'},
	{"int32", 'w'},
};

static char type_of(struct gyl_view name)
{
	for (size_t n = 0; n < sizeof types / sizeof types[0]; n++)
		if (gyl_view_eq(name, gyl_view_str(types[n].name)))
			return types[n].type;
	return 0;
}

static struct gyl_view text_of(const struct gyl_conf_node *obj, const char *key, const char *def)
{
	const struct gyl_conf_node *n = gyl__import_get(obj, key);

	return n != NULL && n->kind == GYL_CONF_IS_STRING ? n->text : gyl_view_str(def);
}

static bool flag_of(const struct gyl_conf_node *obj, const char *key, bool def)
{
	const struct gyl_conf_node *n = gyl__import_get(obj, key);

	return n == NULL ? def : gyl_view_eq(n->text, gyl_view_str("true"));
}

/* "uint8, ipv4-address, string" */
static const char *record_types(struct gyl_kea *r, struct gyl_view text)
{
	char all[32];
	size_t cnt = 0, at = 0;

	while (at < text.len) {
		size_t end = at;

		while (end < text.len && text.p[end] != ',' && text.p[end] != ' ')
			end++;
		if (end != at) {
			all[cnt] = type_of(gyl_view_sub(text, at, end - at));
			if (all[cnt] == 0 || ++cnt + 1 == sizeof all)
				return NULL;
		}
		at = end + 1;
	}
	all[cnt] = '\0';
	return cnt == 0 ? NULL : gyl__import_cstr(r->i, gyl_view_str(all));
}

static struct gyl_view space_of(const struct gyl_conf_node *obj)
{
	struct gyl_view space = text_of(obj, "space", "dhcp4");

	return gyl_view_eq(space, gyl_view_str("dhcp4")) ? gyl_view_str("dhcp") : space;
}

static const struct gyl_kea_key def_keys[] = {
	{"name", NULL, NULL},
	{"code", NULL, NULL},
	{"space", NULL, NULL},
	{"type", NULL, NULL},
	{"array", NULL, NULL},
	{"record-types", NULL, NULL},
	{"encapsulate", NULL, NULL},
	{"user-context", NULL, NULL},
	{"comment", NULL, NULL},
	{NULL, NULL, NULL},
};

static void read_def(struct gyl_kea *r, const struct gyl_conf_node *n)
{
	struct gyl_import *i = r->i;
	const struct gyl_conf_node *code = gyl__import_get(n, "code");
	struct gyl_view type = text_of(n, "type", "binary");
	struct gyl_import_def def = {.space = gyl_conf_copy(i->c, space_of(n)),
		.name = gyl_conf_copy(i->c, text_of(n, "name", "")),
		.array = flag_of(n, "array", false),
		.encapsulate = gyl_conf_copy(i->c, text_of(n, "encapsulate", ""))};
	uint64_t v;

	if (gyl_view_eq(type, gyl_view_str("record")))
		def.types = record_types(r, text_of(n, "record-types", ""));
	else if (type_of(type) != 0)
		def.types = gyl__import_cstr(i, gyl__import_printf(i, "%c", type_of(type)));
	if (code == NULL || !gyl__kea_number(r, code, &v) || def.types == NULL) {
		gyl__import_left(
			i, gyl__import_at(n), def.name, "an option of a type that is not known");
		return;
	}
	gyl__kea_keys(r, NULL, n, def_keys);
	def.code = (uint32_t)v;
	gyl__import_def_add(i, &def);
}

void gyl__kea_defs(
	struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n, const char *to)
{
	(void)s;
	(void)to;
	if (!gyl__kea_is(r, n, GYL_CONF_IS_LIST))
		return;
	for (const struct gyl_conf_node *at = n->first; at != NULL; at = at->next)
		read_def(r, at);
}

/* ---- values ---- */

static struct gyl_view trimmed(struct gyl_view v)
{
	while (v.len != 0 && (v.p[0] == ' ' || v.p[0] == '\t'))
		v = gyl_view_sub(v, 1, v.len);
	while (v.len != 0 && (v.p[v.len - 1] == ' ' || v.p[v.len - 1] == '\t'))
		v.len--;
	return v;
}

/* A comma that a backslash stands before is none. */
static struct gyl_view unescaped(struct gyl_kea *r, struct gyl_view v)
{
	uint8_t *p = gyl_conf_alloc(r->i->c, v.len + 1);
	size_t len = 0;

	for (size_t n = 0; n < v.len; n++) {
		n += v.p[n] == '\\' && n + 1 < v.len && v.p[n + 1] == ',';
		p[len++] = v.p[n];
	}
	return gyl_view(p, len);
}

static size_t split(struct gyl_kea *r, struct gyl_view text, struct gyl_import_atom *atom)
{
	size_t cnt = 0, at = 0;

	while (at < text.len && cnt < ATOM_MAX) {
		size_t end = at;

		while (end < text.len && text.p[end] != ',')
			end += text.p[end] == '\\' && end + 1 < text.len ? 2 : 1;
		atom[cnt].quoted = false;
		atom[cnt++].text = unescaped(r, trimmed(gyl_view_sub(text, at, end - at)));
		at = end + 1;
	}
	return cnt;
}

/* Octets in hexadecimal, with blanks or colons or without. */
static bool raw(struct gyl_view text, struct gyl_writer *w)
{
	uint8_t packed[VALUE_MAX];
	size_t len = 0;

	for (size_t n = 0; n < text.len && len < sizeof packed; n++)
		if (text.p[n] != ' ')
			packed[len++] = text.p[n];
	if (len == 0)
		return true;
	if (packed[0] == '\'' && len >= 2) { /* text after all */
		gyl_put_view(w, gyl_view_sub(trimmed(text), 1, trimmed(text).len - 2));
		return gyl_writer_ok(w);
	}
	return gyl__import_hex(gyl_view(packed, len), w);
}

static bool encode(struct gyl_kea *r, const struct gyl_conf_node *n,
	const struct gyl_import_def *def, struct gyl_writer *w, const char **ret_why)
{
	struct gyl_import_atom atom[ATOM_MAX];
	struct gyl_view data = text_of(n, "data", "");
	bool octets = def->types[0] == 'X' && def->types[1] == '\0';

	*ret_why = "expected octets in hexadecimal";
	if (!flag_of(n, "csv-format", !octets) || octets)
		return raw(data, w);
	if (strcmp(def->types, "t") == 0) { /* commas are text */
		atom[0] = (struct gyl_import_atom){.text = unescaped(r, data)};
		return gyl__import_encode(def, atom, 1, w, ret_why);
	}
	return gyl__import_encode(def, atom, split(r, data, atom), w, ret_why);
}

static const struct gyl_import_def *find_def(struct gyl_kea *r, const struct gyl_conf_node *n)
{
	const struct gyl_conf_node *code = gyl__import_get(n, "code");
	struct gyl_view name = text_of(n, "name", ""), space = space_of(n);
	const struct gyl_import_def *def = NULL;
	struct gyl_import_def own = {.types = "X"};
	uint64_t v;

	if (name.len != 0)
		def = gyl__import_def_find(r->i, space, name);
	if (def == NULL && code != NULL)
		def = gyl__import_def_find(r->i, space, code->text);
	if (def != NULL || code == NULL || !gyl__kea_number(r, code, &v))
		return def;
	/* Of a code that nobody has defined the octets are enough. */
	own.space = gyl_conf_copy(r->i->c, space);
	own.code = (uint32_t)v;
	own.name = gyl_conf_copy(r->i->c, name);
	gyl__import_def_add(r->i, &own);
	return r->i->def;
}

/* A class and a reservation send theirs in any case. */
static void read_always(
	struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n, const char *to)
{
	(void)to;
	if (gyl_view_eq(n->text, gyl_view_str("true")) && !s->unasked)
		gyl__import_but(r->i, gyl__kea_at(n), n->key,
			"sent to clients that ask for it, or do not say what they want");
}

static void read_for_classes(
	struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n, const char *to)
{
	(void)s;
	(void)to;
	if (gyl__kea_is(r, n, GYL_CONF_IS_LIST) && n->cnt != 0)
		gyl__kea_left(r, n, "the option is left out: classes have options of their own");
}

static const struct gyl_kea_key option_keys[] = {
	{"name", NULL, NULL},
	{"code", NULL, NULL},
	{"space", NULL, NULL},
	{"data", NULL, NULL},
	{"csv-format", NULL, NULL},
	{"always-send", read_always, NULL},
	{"never-send", gyl__kea_never, "an option that is left out here; others may say it"},
	{"client-classes", read_for_classes, NULL},
	{"user-context", NULL, NULL},
	{"comment", NULL, NULL},
	{NULL, NULL, NULL},
};

/* It stands there for Kea to send it; its sub-options make it: { "name":
 * "vendor-encapsulated-options" }, or the enterprise number alone of option 125. */
static bool is_made_of_others(const struct gyl_import_def *def, size_t len)
{
	if (def->encapsulate.len != 0 && len == 0)
		return true;
	return gyl_view_eq(def->space, gyl_view_str("dhcp")) &&
	       ((def->code == GYL_DHCP_OPT_VENDOR && len == 0) ||
		       (def->code == GYL_DHCP_OPT_VI_OPTIONS && len < 5));
}

static bool is_for_nobody(const struct gyl_conf_node *n)
{
	const struct gyl_conf_node *classes = gyl__import_get(n, "client-classes");

	return flag_of(n, "never-send", false) || (classes != NULL && classes->cnt != 0);
}

static void read_option(struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n)
{
	const struct gyl_conf_node *name = gyl__import_get(n, "name"),
				   *code = gyl__import_get(n, "code");
	struct gyl_view what = name != NULL   ? name->text
			       : code != NULL ? code->text
					      : gyl_view_str("option-data");
	const struct gyl_import_def *def = find_def(r, n);
	uint8_t buf[VALUE_MAX];
	const char *why = "an option that nobody has defined";
	struct gyl_writer w;

	gyl_writer_init(&w, buf, sizeof buf);
	if (def == NULL || !encode(r, n, def, &w, &why)) {
		gyl__import_left(r->i, gyl__import_at(n), what, "%s", why);
		return;
	}
	gyl__kea_keys(r, s, n, option_keys);
	if (is_made_of_others(def, w.len))
		return;
	if (!is_for_nobody(n))
		gyl__import_option(
			r->i, s->obj, s->sub, def, gyl_writer_view(&w), gyl__import_at(n), what);
}

void gyl__kea_options(
	struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n, const char *to)
{
	(void)to;
	if (!gyl__kea_is(r, n, GYL_CONF_IS_LIST))
		return;
	for (const struct gyl_conf_node *at = n->first; at != NULL; at = at->next)
		read_option(r, s, at);
}

/* ---- classes ---- */

static const struct gyl_kea_key class_keys[] = {
	{"name", NULL, NULL},
	{"test", NULL, NULL},
	{"option-def", NULL, NULL},
	{"option-data", gyl__kea_options, NULL},
	{"next-server", gyl__kea_ip, "next_server"},
	{"server-hostname", gyl__kea_string, "server_name"},
	{"boot-file-name", gyl__kea_string, "boot_file"},
	{"valid-lifetime", gyl__kea_seconds, "lease_time"},
	{"user-context", NULL, NULL},
	{"comment", NULL, NULL},
	{NULL, NULL, NULL},
};

static void read_class(struct gyl_kea *r, struct gyl_kea_scope *up, const struct gyl_conf_node *n)
{
	struct gyl_kea_scope *s = gyl__kea_scope(r, up, gyl__import_at(n));
	const struct gyl_conf_node *test = gyl__import_get(n, "test"),
				   *defs = gyl__import_get(n, "option-def");
	struct gyl_view name = text_of(n, "name", "");
	const char *why = "a class without a test";

	gyl__import_set(r->i, s->obj, "name", gyl__import_text(r->i, gyl__import_at(n), name));
	if (test == NULL || test->kind != GYL_CONF_IS_STRING ||
		!gyl__import_match(r->i, s->obj, gyl_conf_copy(r->i->c, test->text),
			gyl__import_at(test), &why)) {
		gyl__import_left(r->i, gyl__import_at(test == NULL ? n : test), name,
			"the class is left out: %s", why);
		return;
	}
	if (defs != NULL)
		gyl__kea_defs(r, s, defs, NULL);
	s->unasked = true;
	gyl__kea_keys(r, s, n, class_keys);
	gyl__kea_encapsulate(r, s);
	gyl_conf_node_add(r->i->classes, s->obj);
}

void gyl__kea_classes(
	struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n, const char *to)
{
	(void)to;
	if (!gyl__kea_is(r, n, GYL_CONF_IS_LIST))
		return;
	for (const struct gyl_conf_node *at = n->first; at != NULL; at = at->next)
		read_class(r, s, at);
}
