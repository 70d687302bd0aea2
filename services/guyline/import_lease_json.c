/* SPDX-License-Identifier: ISC */

/* Leases as `guyline leases --export json` writes them, an object a line. */

#include <gyl/text.h>
#include <gyl/time.h>

#include "services/guyline/import_lease.h"
#include "services/guyline/import_own.h"

static struct gyl_view text_of(const struct gyl_conf_node *obj, const char *key)
{
	const struct gyl_conf_node *n = gyl__import_get(obj, key);

	return n != NULL && n->kind == GYL_CONF_IS_STRING ? n->text : gyl_view("", 0);
}

static bool read_time(struct gyl_view v, uint64_t *ret_s)
{
	uint64_t ns = 0;

	if (gyl_view_eq(v, gyl_view_str("infinite"))) {
		*ret_s = UINT64_MAX;
		return true;
	}
	if (v.len != 0 && gyl_failed(gyl_time_parse_rfc3339(v, &ns)))
		return false;
	*ret_s = ns / GYL_NS_PER_S;
	return true;
}

/* In hexadecimal; none is none. */
static bool read_octets(
	struct gyl_import *i, struct gyl_view text, size_t max, struct gyl_view *ret)
{
	struct gyl_writer w;

	gyl_writer_init(&w, gyl_conf_alloc(i->c, text.len + 1), text.len + 1);
	if (text.len != 0 && !gyl__import_hex(text, &w))
		return false;
	*ret = gyl_writer_view(&w);
	return w.len <= max;
}

static bool read_lease(struct gyl_import *i, const struct gyl_conf_node *n, struct gyl_lease *l)
{
	struct gyl_view state = text_of(n, "state"), mac = text_of(n, "mac"),
			relay = text_of(n, "relay");

	if (gyl_failed(gyl_parse_ipv4(text_of(n, "ip"), &l->ip)) ||
		!read_time(text_of(n, "start"), &l->start_s) ||
		!read_time(text_of(n, "end"), &l->end_s))
		return false;
	l->has_mac = mac.len != 0;
	if (l->has_mac && gyl_failed(gyl_parse_mac(mac, l->mac)))
		return false;
	if (relay.len != 0 && gyl_failed(gyl_parse_ipv4(relay, &l->giaddr)))
		return false;
	if (!read_octets(i, text_of(n, "id"), SIZE_MAX, &l->id) ||
		!read_octets(i, text_of(n, "option82"), GYL_DHCPD_RELAY_MAX, &l->option82))
		return false;
	l->name = text_of(n, "name");
	l->subnet = text_of(n, "subnet");
	l->declined = gyl_view_eq(state, gyl_view_str("declined"));
	l->released = gyl_view_eq(state, gyl_view_str("released"));
	return l->declined || l->released || gyl_view_eq(state, gyl_view_str("leased"));
}

/* Without an end it would be over since 1970, and its address somebody else's. */
static bool lacks_end(const struct gyl_conf_node *n)
{
	return n != NULL && n->kind == GYL_CONF_IS_OBJECT && text_of(n, "end").len == 0 &&
	       !gyl_view_eq(text_of(n, "state"), gyl_view_str("released"));
}

static void read_line(struct gyl_leases *l, struct gyl_import_place at, struct gyl_view line)
{
	struct gyl_conf *c = gyl_conf_new();
	const struct gyl_conf_node *n = gyl_conf_node_parse(c, gyl_conf_copy(c, line));
	struct gyl_lease lease = {0};

	if (lacks_end(n))
		gyl__import_bad(l->i, at,
			"\"end\" is missing: a time such as \"2026-11-22T10:00:00Z\", or \"infinite\"");
	else if (n != NULL && n->kind == GYL_CONF_IS_OBJECT && read_lease(l->i, n, &lease))
		gyl_leases_put(l, &lease);
	else
		gyl__import_left(l->i, at, line, "no lease");
	gyl_conf_free(c);
}

bool gyl__leases_json(struct gyl_leases *l, uint32_t file, struct gyl_view text)
{
	struct gyl_import_place at = {file << GYL_IMPORT_FILE_SHIFT, 1};

	while (text.len != 0) {
		size_t end = 0;

		while (end < text.len && text.p[end] != '\n')
			end++;
		at.line++;
		if (end != 0)
			read_line(l, at, gyl_view_sub(text, 0, end));
		text = gyl_view_sub(text, end + 1, text.len);
	}
	return true;
}
