/* SPDX-License-Identifier: ISC */
#include <gyl/text.h>

#include "conf/charrua_statement.h"

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

/* Not an address: Charrua's words have no dot and no colon. */
static bool is_hostname(const struct gyl__dhcpd_token *t)
{
	return t->kind == GYL__DHCPD_WORD && memchr(t->text.p, '.', t->text.len) == NULL &&
	       memchr(t->text.p, ':', t->text.len) == NULL;
}

static bool read_host(struct gyl__dhcpd_reader *r, struct gyl_conf_node *subnet)
{
	struct gyl__dhcpd_token start = r->tok;
	struct gyl_conf_node *list = gyl__dhcpd_child(r, subnet, "reservations", GYL_CONF_IS_LIST);
	struct gyl_conf_node *host = gyl__dhcpd_node(r, GYL_CONF_IS_OBJECT, &start);

	gyl_conf_node_add(list, host);
	gyl__dhcpd_advance(r);
	if (!is_hostname(&r->tok))
		return gyl__dhcpd_expected(r, "the name of the host");
	gyl__dhcpd_set(host, "hostname", gyl__dhcpd_text(r, &r->tok, r->tok.text));
	gyl__dhcpd_advance(r);
	if (!gyl__dhcpd_take(r, "{"))
		return false;
	while (!gyl__dhcpd_is(&r->tok, "}")) {
		if (!gyl__dhcpd_statement(r, host, GYL__DHCPD_IN_HOST, " or '}'"))
			return false;
	}
	if (gyl_conf_node_member(host, gyl_view_str("mac")) == NULL)
		gyl__dhcpd_wrong(r, &start, "missing in this host: 'hardware ethernet'");
	return gyl__dhcpd_take(r, "}");
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
		if (host && gyl__dhcpd_at_statement(&start))
			gyl__dhcpd_wrong(
				r, &start, "statements of a subnet stand before its hosts");
		if (!gyl__dhcpd_statement(r, subnet, GYL__DHCPD_IN_SUBNET, ", 'host' or '}'"))
			return false;
	}
	return gyl__dhcpd_take(r, "}");
}

static bool read_network(struct gyl__dhcpd_reader *r, struct gyl_conf_node *subnet)
{
	struct gyl__dhcpd_token start = r->tok, mask_tok;
	char buf[GYL_TEXT_IPV4_MAX + 4];
	struct gyl_writer w;
	uint32_t ip, mask, len;

	if (!gyl__dhcpd_take_ip(r, &ip) || !gyl__dhcpd_take(r, "netmask"))
		return false;
	mask_tok = r->tok;
	if (!gyl__dhcpd_take_ip(r, &mask))
		return false;
	len = gyl_conf_mask_len(mask);
	if (len > 32)
		gyl__dhcpd_wrong(r, &mask_tok, "expected a netmask such as 255.255.255.0");
	gyl_writer_init(&w, buf, sizeof buf);
	gyl_text_ipv4(&w, ip & mask);
	gyl_text_char(&w, '/');
	gyl_text_u64(&w, len);
	gyl__dhcpd_set(subnet, "subnet", gyl__dhcpd_text(r, &start, gyl_writer_view(&w)));
	return true;
}

static bool read_subnet(struct gyl__dhcpd_reader *r, struct gyl_conf_node *dhcpd)
{
	struct gyl__dhcpd_token start = r->tok;
	struct gyl_conf_node *list = gyl__dhcpd_child(r, dhcpd, "subnets", GYL_CONF_IS_LIST);
	struct gyl_conf_node *subnet = gyl__dhcpd_node(r, GYL_CONF_IS_OBJECT, &start);

	gyl_conf_node_add(list, subnet);
	gyl__dhcpd_advance(r);
	if (!read_network(r, subnet) || !gyl__dhcpd_take(r, "{") || !read_subnet_body(r, subnet))
		return false;
	if (gyl_conf_node_member(subnet, gyl_view_str("pool")) == NULL)
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
		if (!gyl__dhcpd_statement(r, dhcpd, GYL__DHCPD_IN_FILE, " or 'subnet'"))
			return false;
	}
	while (gyl__dhcpd_is(&r->tok, "subnet")) {
		if (!read_subnet(r, dhcpd))
			return false;
	}
	if (gyl__dhcpd_at_statement(&r->tok))
		gyl__dhcpd_wrong(r, &r->tok, "global statements stand before the first subnet");
	else if (r->tok.kind != GYL__DHCPD_END)
		gyl__dhcpd_expected(r, "'subnet' or the end of the file");
	return !r->wrong;
}

bool gyl__conf_read_dhcpd(struct gyl_conf *c, struct gyl_view text)
{
	struct gyl__dhcpd_reader r = {.c = c};
	struct gyl_conf_node *dhcpd;

	gyl_conf_cursor_init(&r.at, text);
	gyl__dhcpd_advance(&r);
	if (r.failed)
		return false;
	dhcpd = gyl__dhcpd_node(&r, GYL_CONF_IS_OBJECT, &r.tok);
	c->root->line = c->root->col = 1;
	gyl__dhcpd_set(c->root, "dhcpd", dhcpd);
	return read_file(&r, dhcpd) && !r.wrong;
}
