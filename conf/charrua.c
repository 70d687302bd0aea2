/* SPDX-License-Identifier: ISC */
#include <gyl/text.h>

#include "conf/charrua_token.h"

/*
 * dhcpd.conf as Charrua (3.1) reads it: a small part of ISC's language.
 *
 *   file      = statement+ subnet+
 *   subnet    = "subnet" IP "netmask" IP "{" statement* host* "}"
 *   host      = "host" WORD "{" statement* "}"
 *   statement = "option" "domain-name" STRING ";" | "option" "domain-name-servers" IP ("," IP)* ";"
 *             | "option" "routers" IP ("," IP)* ";" | "default-lease-time" N ";"
 *             | "max-lease-time" N ";" | "range" IP IP ";" | "hardware" "ethernet" MAC ";"
 *             | "fixed-address" IP ";"
 *
 * Which statement may stand where is a rule beside the grammar, there as here. What comes out is
 * the tree that the same configuration has as JSON in the section "dhcpd". Where Charrua has
 * several of a statement, the last one counts; only ranges add up.
 */

enum scope {
	IN_FILE = 1,
	IN_SUBNET = 2,
	IN_HOST = 4
};

/* ---- pieces ---- */

/* A node with the place of a token. Past the limit of nodes reading ends, but the node is there. */
static struct gyl_conf_node *make(
	struct gyl__dhcpd_reader *r, enum gyl_conf_kind kind, const struct gyl__dhcpd_token *t)
{
	struct gyl_conf_node *n = gyl__conf_node(r->c, kind);

	if (n == NULL) {
		gyl__dhcpd_wrong(r, t, "too many values in one file");
		r->failed = true;
		n = gyl__conf_alloc(r->c, sizeof *n);
	}
	n->line = n->key_line = t->line;
	n->col = n->key_col = t->col;
	return n;
}

static void set(struct gyl_conf_node *obj, const char *key, struct gyl_conf_node *n)
{
	struct gyl_conf_node *old = gyl__conf_member(obj, gyl_view_str(key));

	n->key = gyl_view_str(key);
	if (old == NULL)
		gyl__conf_add(obj, n);
	else
		gyl__conf_replace(old, n);
}

/* The member of that key, made when it is not there. */
static struct gyl_conf_node *child(struct gyl__dhcpd_reader *r, struct gyl_conf_node *obj,
	const char *key, enum gyl_conf_kind kind)
{
	struct gyl_conf_node *n = gyl__conf_member(obj, gyl_view_str(key));

	if (n == NULL) {
		n = make(r, kind, &r->tok);
		set(obj, key, n);
	}
	return n;
}

static struct gyl_conf_node *text_node(
	struct gyl__dhcpd_reader *r, const struct gyl__dhcpd_token *t, struct gyl_view text)
{
	struct gyl_conf_node *n = make(r, GYL_CONF_IS_STRING, t);

	n->text = gyl__conf_copy(r->c, text);
	return n;
}

static bool take(struct gyl__dhcpd_reader *r, const char *text)
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

static bool take_ip(struct gyl__dhcpd_reader *r, uint32_t *ret_ip)
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

		if (!take_ip(r, &ip))
			return false;
		gyl__conf_add(list, text_node(r, &t, t.text));
		if (!gyl__dhcpd_is(&r->tok, ","))
			return !r->failed;
		gyl__dhcpd_advance(r);
	}
}

static bool read_option(struct gyl__dhcpd_reader *r, struct gyl_conf_node *obj)
{
	struct gyl_conf_node *options = child(r, obj, "options", GYL_CONF_IS_OBJECT), *list;
	const char *name = NULL;

	if (gyl__dhcpd_is(&r->tok, "domain-name")) {
		gyl__dhcpd_advance(r);
		if (r->tok.kind != GYL__DHCPD_STRING)
			return gyl__dhcpd_expected(r, "a string in double quotes");
		set(options, "domain-name", text_node(r, &r->tok, r->tok.text));
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
	list = make(r, GYL_CONF_IS_LIST, &r->tok);
	set(options, name, list);
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
	set(obj, key, text_node(r, &r->tok, gyl_writer_view(&w)));
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
	struct gyl_conf_node *pool = child(r, obj, "pool", GYL_CONF_IS_LIST);
	struct gyl__dhcpd_token low = r->tok, high;
	uint32_t first, last;
	char buf[2 * GYL_TEXT_IPV4_MAX];
	struct gyl_writer w;

	if (!take_ip(r, &first))
		return false;
	high = r->tok;
	if (!take_ip(r, &last))
		return false;
	if (first >= last)
		gyl__dhcpd_wrong(
			r, &high, "a range is 'low high': expected an address above the low one");
	gyl_writer_init(&w, buf, sizeof buf);
	gyl_text_ipv4(&w, first);
	gyl_text_char(&w, '-');
	gyl_text_ipv4(&w, last);
	gyl__conf_add(pool, text_node(r, &low, gyl_writer_view(&w)));
	return true;
}

static bool read_hardware(struct gyl__dhcpd_reader *r, struct gyl_conf_node *obj)
{
	uint8_t mac[6];

	if (!take(r, "ethernet"))
		return false;
	if (r->tok.kind != GYL__DHCPD_WORD || gyl_failed(gyl_parse_mac(r->tok.text, mac)) ||
		r->tok.text.p[2] != ':')
		return gyl__dhcpd_expected(r, "a MAC address such as 02:00:5e:10:00:01");
	set(obj, "mac", text_node(r, &r->tok, r->tok.text));
	gyl__dhcpd_advance(r);
	return !r->failed;
}

static bool read_address(struct gyl__dhcpd_reader *r, struct gyl_conf_node *obj)
{
	struct gyl__dhcpd_token t = r->tok;
	uint32_t ip;

	if (!take_ip(r, &ip))
		return false;
	set(obj, "address", text_node(r, &t, t.text));
	return true;
}

static const struct statement {
	const char *word;
	unsigned scopes;
	bool (*read)(struct gyl__dhcpd_reader *r, struct gyl_conf_node *obj);
	const char *misplaced;
} statements[] = {
	{"option", IN_FILE | IN_SUBNET | IN_HOST, read_option, NULL},
	{"default-lease-time", IN_FILE | IN_SUBNET | IN_HOST, read_default_time, NULL},
	{"max-lease-time", IN_FILE | IN_SUBNET | IN_HOST, read_max_time, NULL},
	{"range", IN_SUBNET, read_range, "'range' belongs directly into a subnet"},
	{"hardware", IN_HOST, read_hardware, "'hardware' belongs into a host"},
	{"fixed-address", IN_HOST, read_address, "'fixed-address' belongs into a host"},
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

/*
 * Read a statement into obj. Charrua takes lease times in a host and forgets them: they are read
 * and dropped like what is misplaced.
 */
static bool read_statement(struct gyl__dhcpd_reader *r, struct gyl_conf_node *obj, enum scope scope,
	const char *or_what)
{
	const struct statement *s = statement_find(&r->tok);
	bool dropped;

	if (s == NULL || r->tok.kind != GYL__DHCPD_WORD)
		return expected_statement(r, or_what);
	if ((s->scopes & scope) == 0)
		gyl__dhcpd_wrong(r, &r->tok, s->misplaced);
	dropped = (s->scopes & scope) == 0 ||
		  (scope == IN_HOST && (s->read == read_default_time || s->read == read_max_time));
	gyl__dhcpd_advance(r);
	if (dropped)
		obj = make(r, GYL_CONF_IS_OBJECT, &r->tok);
	return !r->failed && s->read(r, obj) && take(r, ";");
}

/* ---- blocks ---- */

/* Not an address: Charrua's words have no dot and no colon. */
static bool is_hostname(const struct gyl__dhcpd_token *t)
{
	return t->kind == GYL__DHCPD_WORD && memchr(t->text.p, '.', t->text.len) == NULL &&
	       memchr(t->text.p, ':', t->text.len) == NULL;
}

static bool read_host(struct gyl__dhcpd_reader *r, struct gyl_conf_node *subnet)
{
	struct gyl__dhcpd_token start = r->tok;
	struct gyl_conf_node *list = child(r, subnet, "reservations", GYL_CONF_IS_LIST);
	struct gyl_conf_node *host = make(r, GYL_CONF_IS_OBJECT, &start);

	gyl__conf_add(list, host);
	gyl__dhcpd_advance(r);
	if (!is_hostname(&r->tok))
		return gyl__dhcpd_expected(r, "the name of the host");
	set(host, "hostname", text_node(r, &r->tok, r->tok.text));
	gyl__dhcpd_advance(r);
	if (!take(r, "{"))
		return false;
	while (!gyl__dhcpd_is(&r->tok, "}")) {
		if (!read_statement(r, host, IN_HOST, " or '}'"))
			return false;
	}
	if (gyl__conf_member(host, gyl_view_str("mac")) == NULL)
		gyl__dhcpd_wrong(r, &start, "missing in this host: 'hardware ethernet'");
	return take(r, "}");
}

static bool read_subnet_body(struct gyl__dhcpd_reader *r, struct gyl_conf_node *subnet)
{
	bool host = false;

	while (!gyl__dhcpd_is(&r->tok, "}")) {
		struct gyl__dhcpd_token start = r->tok;

		if (gyl__dhcpd_is(&r->tok, "host")) {
			host = true;
			if (!read_host(r, subnet))
				return false;
			continue;
		}
		if (host && statement_find(&start) != NULL)
			gyl__dhcpd_wrong(
				r, &start, "statements of a subnet stand before its hosts");
		if (!read_statement(r, subnet, IN_SUBNET, ", 'host' or '}'"))
			return false;
	}
	return take(r, "}");
}

/* Length of a prefix by its mask; 33: the mask has holes. */
static uint32_t mask_len(uint32_t mask)
{
	uint32_t len = 0;

	while (len < 32 && gyl_conf_mask(len) != mask)
		len++;
	return gyl_conf_mask(len) == mask ? len : 33;
}

static bool read_network(struct gyl__dhcpd_reader *r, struct gyl_conf_node *subnet)
{
	struct gyl__dhcpd_token start = r->tok, mask_tok;
	char buf[GYL_TEXT_IPV4_MAX + 4];
	struct gyl_writer w;
	uint32_t ip, mask, len;

	if (!take_ip(r, &ip) || !take(r, "netmask"))
		return false;
	mask_tok = r->tok;
	if (!take_ip(r, &mask))
		return false;
	len = mask_len(mask);
	if (len > 32)
		gyl__dhcpd_wrong(r, &mask_tok, "expected a netmask such as 255.255.255.0");
	gyl_writer_init(&w, buf, sizeof buf);
	gyl_text_ipv4(&w, ip & mask);
	gyl_text_char(&w, '/');
	gyl_text_u64(&w, len);
	set(subnet, "subnet", text_node(r, &start, gyl_writer_view(&w)));
	return true;
}

static bool read_subnet(struct gyl__dhcpd_reader *r, struct gyl_conf_node *dhcpd)
{
	struct gyl__dhcpd_token start = r->tok;
	struct gyl_conf_node *list = child(r, dhcpd, "subnets", GYL_CONF_IS_LIST);
	struct gyl_conf_node *subnet = make(r, GYL_CONF_IS_OBJECT, &start);

	gyl__conf_add(list, subnet);
	gyl__dhcpd_advance(r);
	if (!read_network(r, subnet) || !take(r, "{") || !read_subnet_body(r, subnet))
		return false;
	if (gyl__conf_member(subnet, gyl_view_str("pool")) == NULL)
		gyl__dhcpd_wrong(r, &start, "missing in this subnet: 'range'");
	return true;
}

static bool read_file(struct gyl__dhcpd_reader *r, struct gyl_conf_node *dhcpd)
{
	struct gyl__dhcpd_token start = r->tok;

	if (gyl__dhcpd_is(&start, "subnet"))
		gyl__dhcpd_wrong(r, &start,
			"expected a global statement before the first subnet, such as 'default-lease-time 3600;'");
	while (!gyl__dhcpd_is(&r->tok, "subnet")) {
		if (!read_statement(r, dhcpd, IN_FILE, " or 'subnet'"))
			return false;
	}
	while (gyl__dhcpd_is(&r->tok, "subnet")) {
		if (!read_subnet(r, dhcpd))
			return false;
	}
	if (statement_find(&r->tok) != NULL)
		gyl__dhcpd_wrong(r, &r->tok, "global statements stand before the first subnet");
	else if (r->tok.kind != GYL__DHCPD_END)
		gyl__dhcpd_expected(r, "'subnet' or the end of the file");
	return !r->wrong;
}

bool gyl__conf_read_dhcpd(struct gyl_conf *c, struct gyl_view text)
{
	struct gyl__dhcpd_reader r = {.c = c};
	struct gyl_conf_node *dhcpd;

	gyl__conf_cursor_init(&r.at, text);
	gyl__dhcpd_advance(&r);
	if (r.failed)
		return false;
	dhcpd = make(&r, GYL_CONF_IS_OBJECT, &r.tok);
	c->root->line = c->root->col = 1;
	set(c->root, "dhcpd", dhcpd);
	return read_file(&r, dhcpd) && !r.wrong;
}
