/* SPDX-License-Identifier: ISC */
#include "conf/charrua_statement.h"

#include <gyl/text.h>

/* ---- pieces ---- */

struct gyl_conf_node *gyl__dhcpd_node(
	struct gyl__dhcpd_reader *r, enum gyl_conf_kind kind, const struct gyl__dhcpd_token *t)
{
	struct gyl_conf_node *n = gyl_conf_node_new(r->c, kind);

	if (n == NULL) {
		gyl__dhcpd_wrong(r, t, "too many values in one file");
		r->failed = true;
		n = gyl_conf_alloc(r->c, sizeof *n);
	}
	n->line = n->key_line = t->line;
	n->col = n->key_col = t->col;
	return n;
}

void gyl__dhcpd_set(struct gyl_conf_node *obj, const char *key, struct gyl_conf_node *n)
{
	struct gyl_conf_node *old = gyl_conf_node_member(obj, gyl_view_str(key));

	n->key = gyl_view_str(key);
	if (old == NULL)
		gyl_conf_node_add(obj, n);
	else
		gyl_conf_node_replace(old, n);
}

struct gyl_conf_node *gyl__dhcpd_child(struct gyl__dhcpd_reader *r, struct gyl_conf_node *obj,
	const char *key, enum gyl_conf_kind kind)
{
	struct gyl_conf_node *n = gyl_conf_node_member(obj, gyl_view_str(key));

	if (n == NULL) {
		n = gyl__dhcpd_node(r, kind, &r->tok);
		gyl__dhcpd_set(obj, key, n);
	}
	return n;
}

struct gyl_conf_node *gyl__dhcpd_text(
	struct gyl__dhcpd_reader *r, const struct gyl__dhcpd_token *t, struct gyl_view text)
{
	struct gyl_conf_node *n = gyl__dhcpd_node(r, GYL_CONF_IS_STRING, t);

	n->text = gyl_conf_copy(r->c, text);
	return n;
}

bool gyl__dhcpd_take(struct gyl__dhcpd_reader *r, const char *text)
{
	char what[32];
	struct gyl_writer w;

	if (gyl__dhcpd_is(&r->tok, text)) {
		gyl__dhcpd_advance(r);
		return !r->failed;
	}
	gyl_writer_init(&w, what, sizeof what - 1);
	gyl_text_char(&w, '\'');
	gyl_text_str(&w, text);
	gyl_text_char(&w, '\'');
	return gyl__dhcpd_expected(r, gyl_text_cstr(&w));
}

bool gyl__dhcpd_take_ip(struct gyl__dhcpd_reader *r, uint32_t *ret_ip)
{
	if (r->tok.kind != GYL__DHCPD_WORD || gyl_failed(gyl_parse_ipv4(r->tok.text, ret_ip))) {
		gyl__dhcpd_expected(r, "an IPv4 address such as 10.77.0.1");
		return false;
	}
	gyl__dhcpd_advance(r);
	return !r->failed;
}

/* ---- statements ---- */

static bool read_ips(struct gyl__dhcpd_reader *r, struct gyl_conf_node *list)
{
	for (;;) {
		struct gyl__dhcpd_token t = r->tok;
		uint32_t ip;

		if (!gyl__dhcpd_take_ip(r, &ip))
			return false;
		gyl_conf_node_add(list, gyl__dhcpd_text(r, &t, t.text));
		if (!gyl__dhcpd_is(&r->tok, ","))
			return !r->failed;
		gyl__dhcpd_advance(r);
	}
}

static bool read_option(struct gyl__dhcpd_reader *r, struct gyl_conf_node *obj)
{
	struct gyl_conf_node *options = gyl__dhcpd_child(r, obj, "options", GYL_CONF_IS_OBJECT),
			     *list;
	const char *name = NULL;

	if (gyl__dhcpd_is(&r->tok, "domain-name")) {
		gyl__dhcpd_advance(r);
		if (r->tok.kind != GYL__DHCPD_STRING)
			return gyl__dhcpd_expected(r, "a string in double quotes");
		gyl__dhcpd_set(options, "domain-name", gyl__dhcpd_text(r, &r->tok, r->tok.text));
		gyl__dhcpd_advance(r);
		return !r->failed;
	}
	if (gyl__dhcpd_is(&r->tok, "domain-name-servers"))
		name = "domain-name-servers";
	else if (gyl__dhcpd_is(&r->tok, "routers"))
		name = "routers";
	else
		return gyl__dhcpd_expected(r, "'domain-name', 'domain-name-servers' or 'routers'");
	gyl__dhcpd_advance(r);
	list = gyl__dhcpd_node(r, GYL_CONF_IS_LIST, &r->tok);
	gyl__dhcpd_set(options, name, list);
	return read_ips(r, list);
}

static bool read_time(struct gyl__dhcpd_reader *r, struct gyl_conf_node *obj, const char *key)
{
	char buf[32];
	struct gyl_writer w;
	uint64_t s;

	if (gyl_failed(gyl_parse_u64(r->tok.text, UINT32_MAX, &s)) ||
		r->tok.kind != GYL__DHCPD_WORD)
		return gyl__dhcpd_expected(r, "a number of seconds");
	gyl_writer_init(&w, buf, sizeof buf);
	gyl_text_u64(&w, s);
	gyl_text_char(&w, 's');
	gyl__dhcpd_set(obj, key, gyl__dhcpd_text(r, &r->tok, gyl_writer_view(&w)));
	gyl__dhcpd_advance(r);
	return !r->failed;
}

static bool read_default_time(struct gyl__dhcpd_reader *r, struct gyl_conf_node *obj)
{
	return read_time(r, obj, "lease_time");
}

static bool read_max_time(struct gyl__dhcpd_reader *r, struct gyl_conf_node *obj)
{
	return read_time(r, obj, "max_lease_time");
}

static bool read_range(struct gyl__dhcpd_reader *r, struct gyl_conf_node *obj)
{
	struct gyl_conf_node *pool = gyl__dhcpd_child(r, obj, "pool", GYL_CONF_IS_LIST);
	struct gyl__dhcpd_token low = r->tok, high;
	uint32_t first, last;
	char buf[2 * GYL_TEXT_IPV4_MAX];
	struct gyl_writer w;

	if (!gyl__dhcpd_take_ip(r, &first))
		return false;
	high = r->tok;
	if (!gyl__dhcpd_take_ip(r, &last))
		return false;
	if (first >= last)
		gyl__dhcpd_wrong(
			r, &high, "a range is 'low high': expected an address above the low one");
	gyl_writer_init(&w, buf, sizeof buf);
	gyl_text_ipv4(&w, first);
	gyl_text_char(&w, '-');
	gyl_text_ipv4(&w, last);
	gyl_conf_node_add(pool, gyl__dhcpd_text(r, &low, gyl_writer_view(&w)));
	return true;
}

static bool read_hardware(struct gyl__dhcpd_reader *r, struct gyl_conf_node *obj)
{
	uint8_t mac[6];

	if (!gyl__dhcpd_take(r, "ethernet"))
		return false;
	if (r->tok.kind != GYL__DHCPD_WORD || gyl_failed(gyl_parse_mac(r->tok.text, mac)) ||
		r->tok.text.p[2] != ':')
		return gyl__dhcpd_expected(r, "a MAC address such as 02:00:5e:10:00:01");
	gyl__dhcpd_set(obj, "mac", gyl__dhcpd_text(r, &r->tok, r->tok.text));
	gyl__dhcpd_advance(r);
	return !r->failed;
}

static bool read_address(struct gyl__dhcpd_reader *r, struct gyl_conf_node *obj)
{
	struct gyl__dhcpd_token t = r->tok;
	uint32_t ip;

	if (!gyl__dhcpd_take_ip(r, &ip))
		return false;
	gyl__dhcpd_set(obj, "address", gyl__dhcpd_text(r, &t, t.text));
	return true;
}

static const struct statement {
	const char *word;
	unsigned scopes;
	bool (*read)(struct gyl__dhcpd_reader *r, struct gyl_conf_node *obj);
	const char *misplaced;
} statements[] = {
	{"option", GYL__DHCPD_IN_FILE | GYL__DHCPD_IN_SUBNET | GYL__DHCPD_IN_HOST, read_option,
		NULL},
	{"default-lease-time", GYL__DHCPD_IN_FILE | GYL__DHCPD_IN_SUBNET | GYL__DHCPD_IN_HOST,
		read_default_time, NULL},
	{"max-lease-time", GYL__DHCPD_IN_FILE | GYL__DHCPD_IN_SUBNET | GYL__DHCPD_IN_HOST,
		read_max_time, NULL},
	{"range", GYL__DHCPD_IN_SUBNET, read_range, "'range' belongs directly into a subnet"},
	{"hardware", GYL__DHCPD_IN_HOST, read_hardware, "'hardware' belongs into a host"},
	{"fixed-address", GYL__DHCPD_IN_HOST, read_address, "'fixed-address' belongs into a host"},
	{NULL, 0, NULL, NULL},
};

static const char *statement_name(const void *arg, size_t i)
{
	(void)arg;
	return statements[i].word;
}

static const struct statement *statement_find(const struct gyl__dhcpd_token *t)
{
	const struct statement *s = statements;

	while (s->word != NULL && !gyl__dhcpd_is(t, s->word))
		s++;
	return s->word == NULL ? NULL : s;
}

bool gyl__dhcpd_at_statement(const struct gyl__dhcpd_token *t)
{
	return statement_find(t) != NULL;
}

static bool expected_statement(struct gyl__dhcpd_reader *r, const char *or_what)
{
	const char *meant = gyl__conf_suggest(r->tok.text, statement_name, NULL);
	char what[128];
	struct gyl_writer w;

	gyl_writer_init(&w, what, sizeof what - 1);
	gyl_text_str(&w, "a statement");
	if (r->tok.kind == GYL__DHCPD_WORD && meant != NULL) {
		gyl_text_str(&w, " such as '");
		gyl_text_str(&w, meant);
		gyl_text_str(&w, "'");
	}
	gyl_text_str(&w, or_what);
	return gyl__dhcpd_expected(r, gyl_text_cstr(&w));
}

/* Charrua takes lease times in a host and forgets them: they are dropped like what is misplaced. */
bool gyl__dhcpd_statement(struct gyl__dhcpd_reader *r, struct gyl_conf_node *obj,
	enum gyl__dhcpd_scope scope, const char *or_what)
{
	const struct statement *s = statement_find(&r->tok);
	bool dropped;

	if (s == NULL || r->tok.kind != GYL__DHCPD_WORD)
		return expected_statement(r, or_what);
	if ((s->scopes & scope) == 0)
		gyl__dhcpd_wrong(r, &r->tok, s->misplaced);
	dropped = (s->scopes & scope) == 0 ||
		  (scope == GYL__DHCPD_IN_HOST &&
			  (s->read == read_default_time || s->read == read_max_time));
	gyl__dhcpd_advance(r);
	if (dropped)
		obj = gyl__dhcpd_node(r, GYL_CONF_IS_OBJECT, &r->tok);
	return !r->failed && s->read(r, obj) && gyl__dhcpd_take(r, ";");
}
