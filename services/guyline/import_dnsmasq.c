/* SPDX-License-Identifier: ISC */

/* dnsmasq.conf: a key a line, its value split at commas. And `ethers`. */

#include "services/guyline/import_dnsmasq.h"

#include <dirent.h>
#include <gyl/text.h>
#include <stdlib.h>

enum {
	LATER_MAX = 4096, /* lines for tags */
	TIME = 3600,      /* what dnsmasq leases for, unless told */
	MIN_TIME = 120    /* nobody gets less by asking */
};

static const char not_dhcp[] = "DNS is not for dhcpd";

void gyl__dnsmasq_left(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l, const char *why)
{
	gyl__import_left(r->i, l->at, l->key, "%s", why);
}

static bool begins(struct gyl_view v, const char *text, struct gyl_view *ret_rest)
{
	size_t len = strlen(text);

	if (!gyl_view_eq(gyl_view_sub(v, 0, len), gyl_view_str(text)))
		return false;
	*ret_rest = gyl_view_sub(v, len, v.len);
	return true;
}

bool gyl__dnsmasq_set(struct gyl_view word, struct gyl_view *ret_tag)
{
	return begins(word, "set:", ret_tag) || begins(word, "net:", ret_tag);
}

bool gyl__dnsmasq_tag(struct gyl_view word, struct gyl_view *ret_tag)
{
	return begins(word, "tag:", ret_tag) || begins(word, "net:", ret_tag);
}

void gyl__dnsmasq_later(
	struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l, gyl_dnsmasq_read *apply)
{
	struct gyl_dnsmasq_line *own;

	if (r->later_cnt++ > LATER_MAX) {
		gyl__import_bad(r->i, l->at, "too many lines with tags");
		return;
	}
	own = gyl_conf_alloc(r->i->c, sizeof *own);
	*own = *l;
	own->next = NULL;
	own->apply = apply;
	*r->later_end = own;
	r->later_end = &own->next;
}

/* ---- keys ---- */

static void read_domain(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l)
{
	if (l->cnt == 1)
		gyl__import_set(
			r->i, r->i->dhcpd, "domain", gyl__import_text(r->i, l->at, l->word[0]));
	else
		gyl__dnsmasq_left(
			r, l, "a domain for some addresses; subnets have the option domain-name");
}

static void read_authoritative(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l)
{
	(void)l;
	r->authoritative = true;
}

static void read_interface(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l)
{
	if (l->cnt == 1 && gyl__import_get(gyl_conf_root(r->i->c), "device") == NULL &&
		memchr(l->word[0].p, '*', l->word[0].len) == NULL)
		gyl__import_set(r->i, gyl_conf_root(r->i->c), "device",
			gyl__import_text(r->i, l->at, l->word[0]));
	else
		gyl__dnsmasq_left(r, l, "write several as \"interfaces\" at the top");
}

static void read_no_ping(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l)
{
	gyl__import_set(r->i, r->i->dhcpd, "probe", gyl__import_bool(r->i, l->at, false));
}

static void read_ignore_id(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l)
{
	gyl__import_set(r->i, r->i->dhcpd, "ignore_client_id", gyl__import_bool(r->i, l->at, true));
}

/* Port 0 is no DNS at all. */
static void read_port(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l)
{
	if (l->cnt != 1 || !gyl_view_eq(l->word[0], gyl_view_str("0")))
		gyl__dnsmasq_left(r, l, not_dhcp);
}

static void read_forced(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l)
{
	gyl__import_but(
		r->i, l->at, l->key, "sent unasked to members of a class and to reservations only");
	gyl__dnsmasq_option(r, l);
}

static void read_ethers_key(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l)
{
	gyl__dnsmasq_left(r, l, "name the file as another one to import: /etc/ethers");
}

static void read_nothing(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l)
{
	(void)r;
	(void)l;
}

static void read_moot(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l)
{
	gyl__import_moot(r->i, l->at, l->key);
}

static void read_log(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l)
{
	gyl__dnsmasq_left(r, l, "see \"log\" at the top");
}

static void read_sequential(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l)
{
	gyl__dnsmasq_left(r, l, "the address that was free for the longest time comes first");
}

static void read_lease_max(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l)
{
	gyl__dnsmasq_left(r, l, "there are as many leases as the pools have addresses");
}

static gyl_dnsmasq_read read_include, read_include_dir;

static const struct {
	const char *key;
	gyl_dnsmasq_read *read;
} keys[] = {
	{"dhcp-range", gyl__dnsmasq_range},
	{"dhcp-host", gyl__dnsmasq_host},
	{"dhcp-option", gyl__dnsmasq_option},
	{"dhcp-option-force", read_forced},
	{"dhcp-boot", gyl__dnsmasq_boot},
	{"dhcp-vendorclass", gyl__dnsmasq_class},
	{"dhcp-userclass", gyl__dnsmasq_class},
	{"dhcp-mac", gyl__dnsmasq_class},
	{"dhcp-match", gyl__dnsmasq_class},
	{"dhcp-circuitid", gyl__dnsmasq_class},
	{"dhcp-remoteid", gyl__dnsmasq_class},
	{"dhcp-authoritative", read_authoritative},
	{"dhcp-ignore-clid", read_ignore_id},
	{"no-ping", read_no_ping},
	{"domain", read_domain},
	{"interface", read_interface},
	{"conf-file", read_include},
	{"conf-dir", read_include_dir},
	{"read-ethers", read_ethers_key},
	/* So it is here, too, or it is of no effect. */
	{"dhcp-rapid-commit", read_nothing},
	{"dhcp-no-override", read_nothing},
	{"port", read_port},
	{"dhcp-sequential-ip", read_sequential},
	{"dhcp-lease-max", read_lease_max},
	{"bind-interfaces", read_moot},
	{"bind-dynamic", read_moot},
	{"keep-in-foreground", read_moot},
	{"no-daemon", read_moot},
	{"user", read_moot},
	{"group", read_moot},
	{"pid-file", read_moot},
	{"dhcp-leasefile", read_moot},
	{"dhcp-client-update", read_nothing},
	{"log-async", read_moot},
	{"log-facility", read_log},
	{"log-dhcp", read_log},
	{"quiet-dhcp", read_log},
};

static const char *const dns_keys[] = {"address", "server", "local", "rev-server", "no-resolv",
	"resolv-file", "no-poll", "strict-order", "all-servers", "bogus-priv", "domain-needed",
	"filterwin2k", "cache-size", "no-negcache", "neg-ttl", "local-ttl", "max-ttl",
	"min-cache-ttl", "max-cache-ttl", "expand-hosts", "no-hosts", "addn-hosts", "hostsdir",
	"cname", "host-record", "mx-host", "mx-target", "srv-host", "txt-record", "ptr-record",
	"naptr-record", "dns-rr", "caa-record", "selfmx", "localmx", "localise-queries",
	"stop-dns-rebind", "rebind-localhost-ok", "rebind-domain-ok", "bogus-nxdomain",
	"ignore-address", "alias", "ipset", "nftset", "dnssec", "trust-anchor",
	"dnssec-check-unsigned", "log-queries", "dns-forward-max", "edns-packet-max", "query-port",
	"auth-zone", "auth-server", "auth-soa", "proxy-dnssec", "add-mac", "add-subnet",
	"local-service", "interface-name", "dns-loop-detect", "filter-A", "filter-AAAA",
	"clear-on-reload", "synth-domain", "dhcp-fqdn", "host-record"};

static void read_key(struct gyl_dnsmasq *r, struct gyl_dnsmasq_line *l)
{
	for (size_t n = 0; n < sizeof keys / sizeof keys[0]; n++) {
		if (!gyl_view_eq(l->key, gyl_view_str(keys[n].key)))
			continue;
		r->known_cnt++;
		keys[n].read(r, l);
		return;
	}
	for (size_t n = 0; n < sizeof dns_keys / sizeof dns_keys[0]; n++) {
		if (!gyl_view_eq(l->key, gyl_view_str(dns_keys[n])))
			continue;
		r->known_cnt++;
		gyl__dnsmasq_left(r, l, not_dhcp);
		return;
	}
	r->unknown_cnt++;
	gyl__dnsmasq_left(r, l, "there is nothing like it here");
}

/* ---- lines ---- */

static struct gyl_view trim(struct gyl_view v)
{
	while (v.len != 0 && strchr(" \t\r", v.p[0]) != NULL)
		v = gyl_view_sub(v, 1, v.len);
	while (v.len != 0 && strchr(" \t\r", v.p[v.len - 1]) != NULL)
		v.len--;
	return v;
}

/* Quotes keep commas and what looks like a comment; a comment begins behind white space. Octets of
 * the value go to buf, with \x01 for a comma that separates. */
static size_t unquote(struct gyl_view v, uint8_t *buf)
{
	static const char from[] = "\"\\tnbre", to[] = "\"\\\t\n\b\r\x1b";
	bool quoted = false;
	size_t len = 0;

	for (size_t n = 0; n < v.len; n++) {
		bool blank = n == 0 || strchr(" \t", v.p[n - 1]) != NULL;

		if (v.p[n] == '"')
			quoted = !quoted;
		else if (!quoted && v.p[n] == '#' && blank)
			break;
		else if (quoted && v.p[n] == '\\' && n + 1 < v.len &&
			 memchr(from, v.p[n + 1], sizeof from - 1) != NULL) {
			n++;
			buf[len++] = (uint8_t)
				to[(const char *)memchr(from, v.p[n], sizeof from - 1) - from];
		} else
			buf[len++] = !quoted && v.p[n] == ',' ? 1 : v.p[n];
	}
	return len;
}

/* False: too many words. */
static bool split(struct gyl_dnsmasq *r, struct gyl_view v, struct gyl_dnsmasq_line *l)
{
	uint8_t *buf = gyl_conf_alloc(r->i->c, v.len + 1);
	struct gyl_view all = gyl_view(buf, unquote(v, buf));
	size_t at = 0;

	all = trim(all);
	for (l->cnt = 0; at <= all.len && all.len != 0; l->cnt++) {
		size_t end = at;

		if (l->cnt == GYL_DNSMASQ_WORD_MAX)
			return false;
		while (end < all.len && all.p[end] != 1)
			end++;
		l->word[l->cnt] = trim(gyl_view_sub(all, at, end - at));
		at = end + 1;
	}
	if (l->cnt == 0)
		l->word[l->cnt++] = gyl_view("", 0);
	return true;
}

static void read_line(struct gyl_dnsmasq *r, struct gyl_view line, uint32_t number)
{
	struct gyl_dnsmasq_line l = {0};
	const uint8_t *eq, *start = line.p;
	size_t at;

	line = trim(line);
	l.at = (struct gyl_import_place){
		r->file << GYL_IMPORT_FILE_SHIFT | number, (uint32_t)(line.p - start) + 1};
	if (line.len == 0 || line.p[0] == '#')
		return;
	eq = memchr(line.p, '=', line.len);
	at = eq == NULL ? line.len : (size_t)(eq - line.p);
	l.key = gyl_view_sub(line, 0, at);
	for (size_t n = 0; eq == NULL && n < line.len; n++) /* a comment behind a bare key */
		if (line.p[n] == '#')
			l.key.len = n < l.key.len ? n : l.key.len;
	l.key = trim(l.key);
	if (split(r, gyl_view_sub(line, at + 1, line.len), &l))
		read_key(r, &l);
	else
		gyl__dnsmasq_left(r, &l, "too many words");
}

static void read_text(struct gyl_dnsmasq *r, struct gyl_view text)
{
	uint32_t number = 1;

	for (size_t at = 0; at < text.len && !r->i->bad; number++) {
		size_t end = at;

		while (end < text.len && text.p[end] != '\n')
			end++;
		read_line(r, gyl_view_sub(text, at, end - at), number);
		at = end + 1;
	}
}

/* ---- included files ---- */

static void include(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l, const char *path)
{
	uint32_t before = r->file, file;
	const char *why = "too many files";
	struct gyl_view text;

	if (gyl__import_loops(r->i, before, path)) {
		gyl__import_left(
			r->i, l->at, gyl_view_str(path), "this file is being read already");
		return;
	}
	file = gyl__import_file_add(r->i, path, before);
	if (file == 0 || !gyl__import_read(r->i, path, &text, &why)) {
		gyl__import_left(r->i, l->at, gyl_view_str(path), "cannot be read: %s", why);
		return;
	}
	r->file = file;
	read_text(r, text);
	r->file = before;
}

static void read_include(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l)
{
	include(r, l, gyl__import_beside(r->i, r->file, l->word[0]));
}

static bool ends_with(const char *s, struct gyl_view end)
{
	size_t len = strlen(s);

	return len >= end.len && gyl_view_eq(gyl_view(s + len - end.len, end.len), end);
}

/* dnsmasq's rules: *.ext takes those files only, .ext leaves them out; never backups and hidden
 * ones. */
static bool is_wanted(const char *name, const struct gyl_dnsmasq_line *l)
{
	bool only = false, match = false;

	if (name[0] == '.' || name[0] == '\0' || ends_with(name, gyl_view_str("~")) ||
		(name[0] == '#' && ends_with(name, gyl_view_str("#"))))
		return false;
	for (size_t n = 1; n < l->cnt; n++) {
		struct gyl_view ext;

		if (begins(l->word[n], "*", &ext)) {
			only = true;
			match = match || ends_with(name, ext);
		} else if (l->word[n].len != 0 && ends_with(name, l->word[n])) {
			return false;
		}
	}
	return !only || match;
}

static void read_include_dir(struct gyl_dnsmasq *r, const struct gyl_dnsmasq_line *l)
{
	const char *dir = gyl__import_beside(r->i, r->file, l->word[0]);
	struct dirent **names = NULL;
	int cnt = r->i->text_only ? -1 : scandir(dir, &names, NULL, alphasort);

	if (cnt < 0)
		gyl__import_left(r->i, l->at, gyl_view_str(dir), "cannot be read");
	for (int n = 0; n < cnt; n++) {
		if (is_wanted(names[n]->d_name, l))
			include(r, l,
				gyl__import_cstr(r->i,
					gyl__import_printf(r->i, "%s/%s", dir, names[n]->d_name)));
		free(names[n]);
	}
	free(names);
}

/* ---- the end ---- */

static bool says(const struct gyl_conf_node *obj, const char *option)
{
	const struct gyl_conf_node *options = gyl__import_get(obj, "options");

	return options != NULL && gyl__import_get(options, option) != NULL;
}

/* dnsmasq tells clients its own address as router and resolver unless it is told another. */
static void tell_own_address(struct gyl_dnsmasq *r, const char *option, bool silenced)
{
	bool all = says(r->i->dhcpd, option) || r->range.line == 0 || silenced;

	for (const struct gyl_conf_node *n = r->i->subnets->first; !all && n != NULL; n = n->next) {
		if (says(n, option))
			continue;
		gyl__import_left(r->i, gyl__import_at(n), gyl_view_str(option),
			"dnsmasq tells its own address here, which is not in the file: add the option");
		return;
	}
	if (!all && r->i->subnets->cnt == 0)
		gyl__import_left(r->i, r->range, gyl_view_str(option),
			"dnsmasq tells its own address here, which is not in the file: add the option");
}

static void finish(struct gyl_dnsmasq *r)
{
	struct gyl_import *i = r->i;
	struct gyl_import_place at = {r->file << GYL_IMPORT_FILE_SHIFT | 1, 1};

	for (struct gyl_dnsmasq_line *l = r->later; l != NULL; l = l->next)
		l->apply(r, l);
	gyl__dnsmasq_finish_tags(r);
	tell_own_address(r, "routers", r->no_router);
	tell_own_address(r, "domain-name-servers", r->no_resolver);
	if (r->range.line == 0)
		return; /* no server yet: some reservations, perhaps */
	if (gyl__import_get(i->dhcpd, "lease_time") == NULL)
		gyl__import_set(i, i->dhcpd, "lease_time", gyl__import_seconds(i, at, TIME));
	if (gyl__import_get(i->dhcpd, "max_lease_time") == NULL)
		gyl__import_set(i, i->dhcpd, "max_lease_time",
			gyl__import_copy(i, gyl__import_get(i->dhcpd, "lease_time")));
	gyl__import_set(i, i->dhcpd, "min_lease_time", gyl__import_seconds(i, at, MIN_TIME));
	gyl__import_set(i, i->dhcpd, "authoritative", gyl__import_bool(i, at, r->authoritative));
}

bool gyl__import_dnsmasq(struct gyl_import *i, uint32_t file, struct gyl_view text)
{
	struct gyl_dnsmasq r = {.i = i, .file = file, .later_end = &r.later};
	struct gyl_import_place at = {file << GYL_IMPORT_FILE_SHIFT, 0};

	r.sub = gyl__import_node(i, GYL_CONF_IS_OBJECT, at);
	read_text(&r, text);
	if (r.known_cnt == 0 && r.unknown_cnt != 0)
		return gyl__import_bad(i, at, "nothing of a dnsmasq.conf in it");
	finish(&r);
	return !i->bad;
}

/* ---- ethers ---- */

static void read_ether(struct gyl_import *i, struct gyl_import_place at, struct gyl_view line)
{
	size_t end = 0;
	struct gyl_conf_node *host;
	struct gyl_view mac, rest;
	uint8_t octets[6];
	uint32_t ip;

	while (end < line.len && line.p[end] != ' ' && line.p[end] != '\t')
		end++;
	mac = gyl_view_sub(line, 0, end);
	rest = trim(gyl_view_sub(line, end, line.len));
	if (gyl_failed(gyl_parse_mac(mac, octets)) || rest.len == 0) {
		gyl__import_left(i, at, line, "expected a MAC address and an address or a name");
		return;
	}
	host = gyl__import_node(i, GYL_CONF_IS_OBJECT, at);
	gyl__import_set(i, host, "mac", gyl__import_text(i, at, mac));
	if (!gyl_failed(gyl_parse_ipv4(rest, &ip)))
		gyl__import_set(i, host, "address", gyl__import_ip(i, at, ip));
	else
		gyl__import_set(i, host, "hostname", gyl__import_text(i, at, rest));
	gyl_conf_node_add(i->hosts, host);
}

bool gyl__import_ethers(struct gyl_import *i, uint32_t file, struct gyl_view text)
{
	uint32_t number = 1, before = i->hosts->cnt;
	size_t left = i->message_cnt;

	for (size_t at = 0; at < text.len; number++) {
		struct gyl_import_place place = {file << GYL_IMPORT_FILE_SHIFT | number, 1};
		size_t end = at, stop;
		struct gyl_view line;

		while (end < text.len && text.p[end] != '\n')
			end++;
		for (stop = at; stop < end && text.p[stop] != '#';)
			stop++;
		line = trim(gyl_view_sub(text, at, stop - at));
		if (line.len != 0)
			read_ether(i, place, line);
		at = end + 1;
	}
	if (i->hosts->cnt == before && i->message_cnt != left)
		return gyl__import_bad(i,
			(struct gyl_import_place){file << GYL_IMPORT_FILE_SHIFT, 0},
			"nothing of `ethers` in it");
	return true;
}
