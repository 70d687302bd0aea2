/* SPDX-License-Identifier: ISC */

/* dnsmasq.conf: dhcp-range and dhcp-host. */

#include <gyl/text.h>

#include "services/guyline/import_dnsmasq.h"

static bool is(struct gyl_view v, const char *text)
{
	return gyl_view_eq(v, gyl_view_str(text));
}

bool gyl__dnsmasq_time(struct gyl_view word, uint64_t *ret_s)
{
	static const struct {
		char unit;
		uint32_t s;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
	uint64_t v, factor = 1;

	if (is(word, "infinite")) {
		*ret_s = UINT32_MAX;
		return true;
	}
	for (size_t n = 0; n < sizeof units / sizeof units[0] && word.len != 0; n++) {
		if ((word.p[word.len - 1] | 0x20) != units[n].unit)
			continue;
		factor = units[n].s;
		word.len--;
		break;
	}
	if (gyl_failed(gyl_parse_u64(word, UINT32_MAX, &v)) || v == 0)
		return false;
	*ret_s = v * factor > UINT32_MAX ? UINT32_MAX : v * factor;
	return true;
}

/* ---- dhcp-range ---- */

struct range {
	uint32_t first, last, mask;
	bool has_first, has_last, has_mask,
		fixed; /* fixed: "static", no addresses to choose from */
	uint64_t time; /* 0: not given */
	struct gyl_view set;
};

static bool range_word(struct range *g, struct gyl_view w)
{
	uint32_t ip;

	if (!gyl_failed(gyl_parse_ipv4(w, &ip))) {
		if (!g->has_first)
			g->first = ip;
		else if (!g->has_last && !g->fixed && gyl_conf_mask_len(ip) > 32)
			g->last = ip;
		else if (!g->has_mask)
			g->mask = ip;
		else
			return true; /* the broadcast address follows from the mask */
		if (!g->has_first)
			g->has_first = true;
		else if (g->last != 0 && !g->has_last)
			g->has_last = true;
		else
			g->has_mask = true;
		return true;
	}
	if (is(w, "static")) {
		g->fixed = true;
		return true;
	}
	return gyl__dnsmasq_set(w, &g->set) || gyl__dnsmasq_time(w, &g->time);
}

static struct gyl_conf_node *subnet_for(
	struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l, const struct range *g)
{
	uint32_t len = gyl_conf_mask_len(g->mask), net = g->first & g->mask, ip = 0, have = 0;
	struct gyl_conf_node *n = r->i->subnets->first;

	for (; n != NULL; n = n->next)
		if (gyl__import_prefix(gyl__import_get(n, "subnet")->text, &ip, &have) &&
			ip == net && have == len)
			return n;
	n = gyl__import_node(r->i, GYL_CONF_IS_OBJECT, l->at);
	gyl__import_set(r->i, n, "subnet",
		gyl__import_text(r->i, l->at,
			gyl__import_printf(r->i, "%u.%u.%u.%u/%u", (unsigned)(net >> 24),
				(unsigned)(net >> 16 & 255), (unsigned)(net >> 8 & 255),
				(unsigned)(net & 255), (unsigned)len)));
	gyl_conf_node_add(r->i->subnets, n);
	return n;
}

/* A range without a netmask is one on the network of an address of the machine's own. */
static void put_range(
	struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l, const struct range *g)
{
	struct gyl_import *i = r->i;
	struct gyl_conf_node *owner = g->has_mask ? subnet_for(r, l, g) : i->dhcpd, *old;

	if (!g->fixed)
		gyl__import_range_add(i,
			gyl__import_child(i, owner, "pool", GYL_CONF_IS_LIST, l->at), l->at,
			g->first, g->has_last ? g->last : g->first);
	if (g->time != 0) {
		struct gyl_conf_node *time = gyl__import_seconds(i, l->at, g->time);

		old = gyl__import_get(owner, "lease_time");
		if (old != NULL && !gyl_view_eq(old->text, time->text)) {
			gyl__dnsmasq_left(r, l, "another lease time for the same subnet");
		} else { /* nobody gets a longer one by asking */
			gyl__import_set(i, owner, "lease_time", time);
			gyl__import_set(i, owner, "max_lease_time", gyl__import_copy(i, time));
		}
	}
	if (g->set.len != 0)
		gyl__dnsmasq_tag_set(r, g->set, owner);
}

void gyl__dnsmasq_range(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l)
{
	struct range g = {0};
	struct gyl_view tag;

	for (size_t n = 0; n < l->cnt; n++) {
		if (memchr(l->word[n].p, ':', l->word[n].len) != NULL &&
			!gyl__dnsmasq_set(l->word[n], &tag)) {
			gyl__dnsmasq_left(r, l,
				gyl__dnsmasq_tag(l->word[n], &tag)
					? "addresses for a tag: here a class may have a pool"
					: "DHCPv6 and router advertisements are not for dhcpd");
			return;
		}
		if (range_word(&g, l->word[n]))
			continue;
		gyl__dnsmasq_left(r, l,
			is(l->word[n], "proxy") ? "proxy DHCP has nothing like it here"
						: "this range cannot be read");
		return;
	}
	if (!g.has_first || (g.has_mask && gyl_conf_mask_len(g.mask) > 32) ||
		(g.fixed && !g.has_mask && g.has_last)) {
		gyl__dnsmasq_left(r, l, "this range cannot be read");
		return;
	}
	if (r->range.line == 0)
		r->range = l->at;
	put_range(r, l, &g);
}

/* ---- dhcp-host ---- */

struct host {
	struct gyl_conf_node *obj;
	struct gyl_view mac[8], set[8];
	size_t mac_cnt, set_cnt;
	bool ignore_id;
};

/* "11:22:33:44:55:66", maybe with the hardware type before it: "01-11:22:...". */
static bool host_mac(struct host *h, struct gyl_view w)
{
	uint8_t mac[6];

	if (w.len == 20 && w.p[2] == '-' && is(gyl_view_sub(w, 0, 2), "01"))
		w = gyl_view_sub(w, 3, w.len);
	if (gyl_failed(gyl_parse_mac(w, mac)) || h->mac_cnt == 8)
		return false;
	h->mac[h->mac_cnt++] = w;
	return true;
}

static bool host_id(
	struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l, struct host *h, struct gyl_view w)
{
	uint8_t buf[256];
	struct gyl_writer wr;

	if (!is(gyl_view_sub(w, 0, 3), "id:"))
		return false;
	w = gyl_view_sub(w, 3, w.len);
	h->ignore_id = is(w, "*");
	if (h->ignore_id)
		return true;
	gyl_writer_init(&wr, buf, sizeof buf);
	if (memchr(w.p, ':', w.len) == NULL || !gyl__import_hex(w, &wr)) {
		gyl_writer_init(&wr, buf, sizeof buf);
		gyl_put_view(&wr, w);
	}
	gyl__import_set(
		r->i, h->obj, "client_id", gyl__import_octets(r->i, l->at, gyl_writer_view(&wr)));
	return true;
}

static bool is_name(struct gyl_view w)
{
	for (size_t n = 0; n < w.len; n++)
		if (!((w.p[n] | 0x20) >= 'a' && (w.p[n] | 0x20) <= 'z') &&
			!(w.p[n] >= '0' && w.p[n] <= '9') && w.p[n] != '-' && w.p[n] != '_' &&
			w.p[n] != '.')
			return false;
	return w.len != 0;
}

/* NULL, or why the word cannot be. */
static const char *host_word(
	struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l, struct host *h, struct gyl_view w)
{
	struct gyl_view tag;
	const uint8_t *dot;
	uint64_t s;
	uint32_t ip;

	if (w.len == 0 || host_mac(h, w) || host_id(r, l, h, w))
		return NULL;
	if (gyl__dnsmasq_set(w, &tag)) {
		if (h->set_cnt < 8)
			h->set[h->set_cnt++] = tag;
		return NULL;
	}
	if (gyl__dnsmasq_tag(w, &tag))
		return "a host for some tags only: subnets have their own reservations";
	if (is(w, "ignore"))
		return "there is no way to ignore a client";
	if (w.p[0] == '[' || memchr(w.p, '*', w.len) != NULL || memchr(w.p, ':', w.len) != NULL)
		return w.p[0] == '['
			       ? "IPv6 is not for dhcpd"
			       : "reservations know whole MAC addresses only; see \"classes\"";
	if (!gyl_failed(gyl_parse_ipv4(w, &ip))) {
		gyl__import_set(r->i, h->obj, "address", gyl__import_ip(r->i, l->at, ip));
		return NULL;
	}
	if (gyl__dnsmasq_time(w, &s)) {
		gyl__dnsmasq_left(r, l, "a lease time of one client; it has that of its subnet");
		return NULL;
	}
	if (!is_name(w))
		return "this host cannot be read";
	dot = memchr(w.p, '.', w.len);
	if (dot != NULL)
		gyl__import_but(r->i, l->at, w,
			"its first label is the name, the domain is that of the subnet");
	gyl__import_set(r->i, h->obj, "hostname",
		gyl__import_text(r->i, l->at,
			gyl_view_sub(w, 0, dot == NULL ? w.len : (size_t)(dot - w.p))));
	return NULL;
}

/* Several MACs for one address: dnsmasq gives it to whichever is there. */
static void put_host(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l, struct host *h)
{
	bool fixed = gyl__import_get(h->obj, "address") != NULL;

	if (h->ignore_id)
		gyl__dnsmasq_left(
			r, l, "\"id:*\" of one client; see \"ignore_client_id\" for subnets");
	for (size_t n = 0; n < h->mac_cnt || n == 0; n++) {
		struct gyl_conf_node *obj = gyl__import_node(r->i, GYL_CONF_IS_OBJECT, l->at);

		if (n > 0 && fixed) {
			gyl__import_left(r->i, l->at, h->mac[n],
				"another MAC for the same address; an address has one");
			continue;
		}
		gyl__import_inherit(r->i, obj, h->obj);
		if (h->mac_cnt != 0)
			gyl__import_set(r->i, obj, "mac", gyl__import_text(r->i, l->at, h->mac[n]));
		gyl_conf_node_add(r->i->hosts, obj);
		for (size_t t = 0; t < h->set_cnt; t++)
			gyl__dnsmasq_tag_set(r, h->set[t], obj);
	}
}

void gyl__dnsmasq_host(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l)
{
	struct host h = {.obj = gyl__import_node(r->i, GYL_CONF_IS_OBJECT, l->at)};

	for (size_t n = 0; n < l->cnt; n++) {
		const char *why = host_word(r, l, &h, l->word[n]);

		if (why == NULL)
			continue;
		gyl__dnsmasq_left(r, l, why);
		for (size_t t = 0; t < h.set_cnt; t++)
			gyl__dnsmasq_tag_lost(r, h.set[t]);
		return;
	}
	if (h.mac_cnt == 0 && gyl__import_get(h.obj, "client_id") == NULL) {
		gyl__dnsmasq_left(r, l,
			"a client that is known by its name alone: names are for anybody to take");
		return;
	}
	put_host(r, l, &h);
}
