/* SPDX-License-Identifier: ISC */

/* Kea's Dhcp4 configuration: JSON with comments (#, //, and of C). */

#include <gyl/text.h>
#include <stdlib.h>

#include "services/guyline/import_kea.h"

enum {
	DEFAULT_TIME = 7200 /* what Kea leases for, unless told */
};

/* ---- reading ---- */

/* Blanks in place of comments, so that everything stays where it is. False: one does not end. */
static bool strip(uint8_t *p, size_t len, size_t *ret_at)
{
	bool string = false;

	for (size_t n = 0; n < len; n++) {
		bool line, block;

		if (string && p[n] == '\\') {
			n++;
			continue;
		}
		string = string != (p[n] == '"');
		line = !string && (p[n] == '#' || (p[n] == '/' && n + 1 < len && p[n + 1] == '/'));
		block = !string && p[n] == '/' && n + 1 < len && p[n + 1] == '*';
		*ret_at = n;
		while (line && n < len && p[n] != '\n')
			p[n++] = ' ';
		if (!block)
			continue;
		while (n + 1 < len && !(p[n] == '*' && p[n + 1] == '/')) {
			if (p[n] != '\n')
				p[n] = ' ';
			n++;
		}
		if (n + 1 >= len)
			return false;
		p[n] = p[n + 1] = ' ';
		n++;
	}
	return true;
}

/* A comma before a closing bracket is Kea's own leniency. */
static void strip_commas(uint8_t *p, size_t len)
{
	size_t comma = SIZE_MAX;
	bool string = false;

	for (size_t n = 0; n < len; n++) {
		if (string && p[n] == '\\') {
			n++;
			continue;
		}
		string = string != (p[n] == '"');
		if (string || p[n] == '"')
			comma = SIZE_MAX;
		else if (p[n] == ',')
			comma = n;
		else if (p[n] == '}' || p[n] == ']') {
			if (comma != SIZE_MAX)
				p[comma] = ' ';
			comma = SIZE_MAX;
		} else if (strchr(" \t\r\n", p[n]) == NULL || p[n] == '\0')
			comma = SIZE_MAX;
	}
}

static void number_file(struct gyl_conf_node *n, uint32_t file)
{
	n->line |= file << GYL_IMPORT_FILE_SHIFT;
	n->key_line |= file << GYL_IMPORT_FILE_SHIFT;
	for (struct gyl_conf_node *at = n->first; at != NULL; at = at->next)
		number_file(at, file);
}

/* The tree stays as long as c. */
static struct gyl_conf_node *load(
	struct gyl_import *i, struct gyl_conf *c, uint32_t file, struct gyl_view text)
{
	uint8_t *p = gyl_conf_alloc(i->c, text.len + 1);
	struct gyl_import_place at = {file << GYL_IMPORT_FILE_SHIFT, 0};
	size_t where = 0;

	memcpy(p, text.p, text.len);
	if (!strip(p, text.len, &where)) {
		gyl__import_bad(i, at, "a comment does not end");
		return NULL;
	}
	strip_commas(p, text.len);
	if (!gyl_conf_load_text(c, i->file[file], NULL, gyl_view(p, text.len), GYL_CONF_JSON)) {
		const struct gyl_conf_error *e =
			gyl_conf_error_cnt(c) == 0 ? NULL : gyl_conf_error(c, 0);

		if (e != NULL) {
			at.line |= e->line;
			at.col = e->col;
		}
		gyl__import_bad(i, at, "%s", e == NULL ? "cannot be read as JSON" : e->text);
		return NULL;
	}
	number_file(gyl_conf_root(c), file);
	return gyl_conf_root(c);
}

/* ---- walking ---- */

struct gyl_import_place gyl__kea_at(const struct gyl_conf_node *n)
{
	return (struct gyl_import_place){
		n->key_line != 0 ? n->key_line : n->line, n->key_line != 0 ? n->key_col : n->col};
}

void gyl__kea_left(struct gyl_kea *r, const struct gyl_conf_node *n, const char *why)
{
	gyl__import_left(r->i, gyl__kea_at(n), n->key, "%s", why);
}

static bool wrong(struct gyl_kea *r, const struct gyl_conf_node *n, const char *what)
{
	gyl__kea_left(r, n, what);
	return false;
}

bool gyl__kea_number(struct gyl_kea *r, const struct gyl_conf_node *n, uint64_t *ret_v)
{
	return (n->kind == GYL_CONF_IS_INT &&
		       !gyl_failed(gyl_parse_u64(n->text, UINT32_MAX, ret_v))) ||
	       wrong(r, n, "expected a number");
}

bool gyl__kea_text(struct gyl_kea *r, const struct gyl_conf_node *n)
{
	return n->kind == GYL_CONF_IS_STRING || wrong(r, n, "expected text");
}

bool gyl__kea_is(struct gyl_kea *r, const struct gyl_conf_node *n, enum gyl_conf_kind kind)
{
	return n->kind == kind ||
	       wrong(r, n, kind == GYL_CONF_IS_LIST ? "expected a list" : "expected an object");
}

void gyl__kea_keys(struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *obj,
	const struct gyl_kea_key *keys)
{
	for (const struct gyl_conf_node *n = obj->first; n != NULL && !r->i->bad; n = n->next) {
		const struct gyl_kea_key *k = keys;

		while (k->name != NULL && !gyl_view_eq(n->key, gyl_view_str(k->name)))
			k++;
		if (k->read != NULL)
			k->read(r, s, n, k->to);
		else if (k->name == NULL)
			gyl__kea_left(r, n, "there is nothing like it here");
	}
}

struct gyl_kea_scope *gyl__kea_scope(
	struct gyl_kea *r, struct gyl_kea_scope *up, struct gyl_import_place at)
{
	struct gyl_kea_scope *s = gyl_conf_alloc(r->i->c, sizeof *s);

	s->up = up;
	s->obj = gyl__import_node(r->i, GYL_CONF_IS_OBJECT, at);
	s->sub = gyl__import_node(r->i, GYL_CONF_IS_OBJECT, at);
	return s;
}

void gyl__kea_encapsulate(struct gyl_kea *r, struct gyl_kea_scope *s)
{
	struct gyl_conf_node *all =
		gyl__import_node(r->i, GYL_CONF_IS_OBJECT, gyl__import_at(s->obj));

	if (s->sub->cnt == 0)
		return;
	gyl__import_inherit(r->i, all, s->sub);
	for (const struct gyl_kea_scope *up = s->up; up != NULL; up = up->up)
		gyl__import_inherit_spaces(r->i, all, up->sub, gyl_view("", 0));
	gyl__import_encapsulate_all(r->i, s->obj, all);
}

/* ---- settings of several places ---- */

void gyl__kea_seconds(
	struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n, const char *to)
{
	uint64_t v;

	if (gyl__kea_number(r, n, &v))
		gyl__import_set(r->i, s->obj, to, gyl__import_seconds(r->i, gyl__import_at(n), v));
}

void gyl__kea_string(
	struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n, const char *to)
{
	if (gyl__kea_text(r, n) && n->text.len != 0)
		gyl__import_set(
			r->i, s->obj, to, gyl__import_text(r->i, gyl__import_at(n), n->text));
}

void gyl__kea_ip(
	struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n, const char *to)
{
	uint32_t ip;

	if (!gyl__kea_text(r, n))
		return;
	if (gyl_failed(gyl_parse_ipv4(n->text, &ip)))
		gyl__kea_left(r, n, "expected an address");
	else if (ip != 0)
		gyl__import_set(r->i, s->obj, to, gyl__import_ip(r->i, gyl__import_at(n), ip));
}

void gyl__kea_bool(
	struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n, const char *to)
{
	if (n->kind != GYL_CONF_IS_BOOL)
		gyl__kea_left(r, n, "expected true or false");
	else
		gyl__import_set(r->i, s->obj, to,
			gyl__import_bool(r->i, gyl__import_at(n),
				gyl_view_eq(n->text, gyl_view_str("true"))));
}

/* "match-client-id": false is our "ignore_client_id": true. */
void gyl__kea_match_id(
	struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n, const char *to)
{
	bool no = gyl_view_eq(n->text, gyl_view_str("false"));

	if (n->kind != GYL_CONF_IS_BOOL)
		gyl__kea_left(r, n, "expected true or false");
	else
		gyl__import_set(r->i, s->obj, to, gyl__import_bool(r->i, gyl__import_at(n), no));
}

void gyl__kea_time_left(
	struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n, const char *to)
{
	(void)s;
	(void)to;
	gyl__kea_left(r, n, "clients renew at half of the time and rebind at seven eighths");
}

/* ---- what is so here anyway ---- */

void gyl__kea_moot(
	struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n, const char *to)
{
	(void)s;
	(void)to;
	gyl__import_moot(r->i, gyl__kea_at(n), n->key);
}

static void tell_unless(struct gyl_kea *r, const struct gyl_conf_node *n, bool on, const char *why)
{
	if (n->kind != GYL_CONF_IS_BOOL)
		gyl__kea_left(r, n, "expected true or false");
	else if (gyl_view_eq(n->text, gyl_view_str("true")) != on)
		gyl__kea_left(r, n, why);
}

void gyl__kea_always(
	struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n, const char *to)
{
	(void)s;
	tell_unless(r, n, true, to);
}

void gyl__kea_never(
	struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n, const char *to)
{
	(void)s;
	tell_unless(r, n, false, to);
}

/* "out-of-pool" only spares Kea a look. */
void gyl__kea_mode(
	struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n, const char *to)
{
	(void)s;
	(void)to;
	if (gyl__kea_text(r, n) && !gyl_view_eq(n->text, gyl_view_str("all")) &&
		!gyl_view_eq(n->text, gyl_view_str("out-of-pool")))
		gyl__kea_left(r, n, "reservations of a subnet always count here, and those of all");
}

static bool lists(const struct gyl_conf_node *list, const char *word)
{
	const struct gyl_conf_node *n = list->first;

	while (n != NULL && !gyl_view_eq(n->text, gyl_view_str(word)))
		n = n->next;
	return n != NULL;
}

void gyl__kea_identifiers(
	struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n, const char *to)
{
	(void)s;
	(void)to;
	if (gyl__kea_is(r, n, GYL_CONF_IS_LIST) &&
		(!lists(n, "hw-address") || !lists(n, "client-id") || !lists(n, "circuit-id")))
		gyl__kea_left(r, n,
			"reservations are found by MAC, client identifier and circuit always");
}

/* Sockets for messages of relays alone do not hear clients on the link. */
static void read_sockets(
	struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n, const char *to)
{
	(void)s;
	(void)to;
	if (gyl__kea_text(r, n) && !gyl_view_eq(n->text, gyl_view_str("raw")))
		gyl__kea_left(r, n, "clients on the link are heard, too");
}

static const struct gyl_kea_key interface_keys[] = {
	{"interfaces", NULL, NULL},
	{"dhcp-socket-type", read_sockets, NULL},
	{"re-detect", gyl__kea_moot, NULL},
	{"service-sockets-require-all", gyl__kea_moot, NULL},
	{"service-sockets-max-retries", gyl__kea_moot, NULL},
	{"service-sockets-retry-wait-time", gyl__kea_moot, NULL},
	{"user-context", NULL, NULL},
	{"comment", NULL, NULL},
	{NULL, NULL, NULL},
};

void gyl__kea_interfaces(
	struct gyl_kea *r, struct gyl_kea_scope *s, const struct gyl_conf_node *n, const char *to)
{
	const struct gyl_conf_node *list = gyl__import_get(n, "interfaces");

	(void)to;
	if (gyl__kea_is(r, n, GYL_CONF_IS_OBJECT))
		gyl__kea_keys(r, s, n, interface_keys);
	if (list == NULL || list->kind != GYL_CONF_IS_LIST || list->cnt == 0 ||
		(list->cnt == 1 && gyl_view_eq(list->first->text, gyl_view_str("*"))))
		return;
	if (list->cnt == 1 && list->first->kind == GYL_CONF_IS_STRING &&
		memchr(list->first->text.p, '/', list->first->text.len + 1) == NULL)
		gyl__import_set(r->i, gyl_conf_root(r->i->c), "device",
			gyl__import_text(r->i, gyl__import_at(list->first), list->first->text));
	else
		gyl__kea_left(r, n, "write them as \"interfaces\" at the top");
}

/* Kea gives what a subnet says before what a class says; here the class counts more. */
static void tell_order(struct gyl_kea *r, const struct gyl_conf_node *cl, const char *key)
{
	const struct gyl_conf_node *mine = gyl__import_get(cl, key);

	for (const struct gyl_conf_node *n = r->i->subnets->first; n != NULL; n = n->next) {
		const struct gyl_conf_node *other = gyl__import_get(n, key);
		const struct gyl_conf_node *o = mine == NULL || other == NULL ? NULL : mine->first;

		for (; o != NULL; o = o->next)
			if (gyl_conf_node_member(other, o->key) != NULL)
				gyl__import_but(r->i, gyl__import_at(o), o->key,
					"a subnet says it, too: Kea takes that, here the class counts");
	}
}

static bool has_time(const struct gyl_conf_node *list)
{
	const struct gyl_conf_node *n = list->first;

	while (n != NULL && gyl__import_get(n, "lease_time") == NULL)
		n = n->next;
	return n != NULL;
}

/* Nobody gets a shorter time by asking either; one bound would not fit several times. */
static void bound_below(struct gyl_import *i)
{
	if (gyl__import_get(i->dhcpd, "min_lease_time") == NULL && !has_time(i->subnets) &&
		!has_time(i->classes))
		gyl__import_set(i, i->dhcpd, "min_lease_time",
			gyl__import_copy(i, gyl__import_get(i->dhcpd, "lease_time")));
}

static void read_dhcp4(struct gyl_kea *r, const struct gyl_conf_node *dhcp4)
{
	struct gyl_kea_scope *s = gyl__kea_scope(r, NULL, gyl__import_at(dhcp4));
	struct gyl_import *i = r->i;

	/* Definitions count for everything, wherever they stand. */
	for (const struct gyl_conf_node *n = dhcp4->first; n != NULL; n = n->next)
		if (gyl_view_eq(n->key, gyl_view_str("option-def")))
			gyl__kea_defs(r, s, n, NULL);
	gyl__kea_global(r, s, dhcp4);
	for (const struct gyl_conf_node *n = i->classes->first; n != NULL; n = n->next)
		tell_order(r, n, "options");
	gyl__kea_encapsulate(r, s);
	gyl__import_inherit(i, i->dhcpd, s->obj);
	if (gyl__import_get(i->dhcpd, "lease_time") == NULL)
		gyl__import_set(i, i->dhcpd, "lease_time",
			gyl__import_seconds(i, gyl__import_at(dhcp4), DEFAULT_TIME));
	/* Without bounds a client gets that time, whatever it asks for. */
	if (gyl__import_get(i->dhcpd, "max_lease_time") == NULL)
		gyl__import_set(i, i->dhcpd, "max_lease_time",
			gyl__import_copy(i, gyl__import_get(i->dhcpd, "lease_time")));
	bound_below(i);
	if (gyl__import_get(i->dhcpd, "authoritative") == NULL)
		gyl__import_set(i, i->dhcpd, "authoritative",
			gyl__import_bool(i, gyl__import_at(dhcp4), false));
}

static bool read_root(struct gyl_kea *r, const struct gyl_conf_node *root)
{
	const struct gyl_conf_node *dhcp4 = gyl__import_get(root, "Dhcp4");

	if (dhcp4 == NULL || dhcp4->kind != GYL_CONF_IS_OBJECT)
		return gyl__import_bad(
			r->i, gyl__import_at(root), "expected \"Dhcp4\": this is none of Kea's");
	read_dhcp4(r, dhcp4);
	for (const struct gyl_conf_node *n = root->first; n != NULL; n = n->next)
		if (n != dhcp4)
			gyl__kea_left(r, n, "not of the DHCPv4 server");
	return !r->i->bad;
}

bool gyl__import_kea(struct gyl_import *i, uint32_t file, struct gyl_view text)
{
	struct gyl_kea r = {.i = i};
	struct gyl_conf *c = gyl_conf_new();
	const struct gyl_conf_node *root = load(i, c, file, text);
	bool good = root != NULL && read_root(&r, root);

	gyl_conf_free(c);
	return good;
}
