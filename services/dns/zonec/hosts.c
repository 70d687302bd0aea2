/* SPDX-License-Identifier: ISC */

/* Hosts files: names and addresses without zones. */

#include <errno.h>
#include <gyl/dns.h>
#include <stdlib.h>

#include "services/dns/zonec/address.h"
#include "services/dns/zonec/compile_own.h"
#include "services/dns/zonec/file.h"
#include "services/dns/zonec/line.h"

enum {
	HOSTS_REC_MAX = 1000, /* of one name */
	HOSTS_TTL_S = 60      /* a file that is edited by hand is to count soon */
};

struct hosts {
	struct gyl_dns_compile *c;
	struct gyl_zc_line line;
	struct gyl_view word; /* the one that is looked at */
	const char *path;     /* kept */
	bool failed;
};

static void fail(struct hosts *h, struct gyl_view word, const char *text)
{
	h->failed = true;
	gyl_build_error(h->c->build, h->line.path, h->line.number, gyl__zc_col(&h->line, word),
		"\"%.*s\" %s", gyl__zc_shown(word), (const char *)word.p, text);
}

/* The zone that a name lies in, the longest; the one of names without a zone, made when it is not
 * there yet. NONE: no memory. */
static uint32_t zone_of(struct hosts *h, const uint8_t *name)
{
	static const uint8_t root = 0;
	struct gyl_dns_compile *c = h->c;
	uint32_t zone = gyl__zc_zone(c, name);

	if (zone == GYL_ZC_NONE || c->zone[zone].is_hosts)
		zone = gyl__zc_zone_above(c, name);
	if (zone != GYL_ZC_NONE || c->hosts_zone != 0)
		return zone != GYL_ZC_NONE ? zone : c->hosts_zone - 1;
	if (!gyl__zc_begin_zone(c, &root, h->path))
		return GYL_ZC_NONE;
	c->zone[c->zone_cnt - 1].is_hosts = true;
	c->hosts_zone = (uint32_t)c->zone_cnt;
	return c->hosts_zone - 1;
}

/* Does the name lie in a zone that changes while it is served? Such a one is not compiled here. */
static bool in_live(const struct hosts *h, const uint8_t *name, uint32_t zone)
{
	const struct gyl_dns_compile *c = h->c;
	size_t len = gyl_dns_name_len(name), apex_len = c->node[c->zone[zone].apex].name_len;

	for (; len > apex_len; len -= (size_t)*name + 1, name += *name + 1)
		if (gyl__zc_said(&c->names[GYL_DNS_TABLE_ROUTE], name, len) == GYL_DNS_ROUTE_ZONE)
			return true;
	return false;
}

static void no_effect(const struct hosts *h, const struct gyl_zone_rr *rr, const char *why)
{
	gyl_build_warn(h->c->build, rr->file, rr->line, rr->col, "\"%.*s\" has no effect: %s",
		gyl__zc_shown(h->word), (const char *)h->word.p, why);
}

/* A record, unless a zone has the name. told: the line is to know. */
static void add(struct hosts *h, const struct gyl_zone_rr *rr, bool told)
{
	struct gyl_dns_compile *c = h->c;
	uint32_t zone = zone_of(h, rr->owner), at;
	struct gyl_zc_node *n;

	if (zone == GYL_ZC_NONE)
		return;
	if (in_live(h, rr->owner, zone)) {
		if (told)
			no_effect(h, rr, "its zone changes while it is served");
		return;
	}
	at = gyl__zc_intern(c, (uint16_t)zone, 0, rr->owner, rr->owner_len);
	if (at == GYL_ZC_NONE ||
		!gyl__zc_grow(c, &c->rec, &c->rec_cap, c->rec_cnt, 1, sizeof *c->rec))
		return;
	n = &c->node[at];
	if (n->first != GYL_ZC_NONE && (n->flags & GYL_ZC_HOSTS) == 0) {
		if (told)
			no_effect(h, rr, "a zone has records of the name");
		return;
	}
	if (rr->type == GYL_DNS_TYPE_PTR && n->first != GYL_ZC_NONE)
		return; /* the first name of an address is its own */
	if (n->rec_cnt == HOSTS_REC_MAX) {
		fail(h, h->word, "has too many addresses");
		return;
	}
	n->flags |= GYL_ZC_HOSTS;
	if (n->first == GYL_ZC_NONE)
		gyl__zc_origin_node(c, at, rr->file, rr->line);
	gyl__zc_append(c, at, rr);
	c->zone[zone].rr_cnt++;
}

static void add_address(struct hosts *h, const uint8_t *name, size_t len,
	const struct gyl_zc_address *a, bool reverse)
{
	uint8_t arpa[GYL_DNS_NAME_MAX];
	struct gyl_zone_rr rr = {.owner = name,
		.owner_len = len,
		.type = a->type,
		.ttl = HOSTS_TTL_S,
		.rdata = gyl_view(a->octet, a->len),
		.file = h->path,
		.line = h->line.number,
		.col = gyl__zc_col(&h->line, h->word)};

	add(h, &rr, true);
	if (!reverse || gyl_dns_name_is_wildcard(name))
		return;
	rr.owner = arpa;
	rr.owner_len = gyl__zc_address_name(a, arpa);
	rr.type = GYL_DNS_TYPE_PTR;
	rr.rdata = gyl_view(name, len);
	add(h, &rr, false);
}

static bool parse_name(struct hosts *h, uint8_t name[GYL_DNS_NAME_MAX], size_t *ret_len)
{
	static const uint8_t root = 0;
	struct gyl_zc_address a;

	if (gyl__zc_address_parse(h->word, &a)) {
		fail(h, h->word, "is an address where a name is expected");
		return false;
	}
	if (!gyl_failed(gyl_dns_name_parse(h->word, &root, name, ret_len)) && name[0] != 0)
		return true;
	fail(h, h->word, "is no name");
	return false;
}

/* "10.0.0.9 nas.lab nas": the first name is that of the address. */
static void names_of_address(struct hosts *h, const struct gyl_zc_address *a)
{
	struct gyl_view first = h->word;
	uint8_t name[GYL_DNS_NAME_MAX];
	unsigned cnt = 0;
	size_t len;

	for (; gyl__zc_word_next(&h->line, &h->word); cnt++)
		if (parse_name(h, name, &len))
			add_address(h, name, len, a, cnt == 0);
	if (cnt == 0)
		fail(h, first, "has no name behind it");
}

/* "*.dev.lab 10.0.0.9 fd00::9" */
static void addresses_of_name(struct hosts *h)
{
	struct gyl_view first = h->word, word;
	uint8_t name[GYL_DNS_NAME_MAX];
	struct gyl_zc_address a;
	size_t len;

	if (!gyl__zc_word_next(&h->line, &word) || !gyl__zc_address_parse(word, &a)) {
		fail(h, first, "is no address");
		return;
	}
	if (!parse_name(h, name, &len))
		return;
	do {
		if (!gyl__zc_address_parse(word, &a))
			fail(h, word, "is no address");
		else
			add_address(h, name, len, &a, true);
	} while (gyl__zc_word_next(&h->line, &word));
}

bool gyl_dns_compile_hosts_text(struct gyl_dns_compile *c, const char *path, struct gyl_view text)
{
	struct hosts h = {.c = c, .path = gyl__zc_keep_file(c, path)};
	struct gyl_zc_address a;

	gyl__zc_line_init(&h.line, path, text);
	while (h.path != NULL && gyl__zc_line_next(&h.line)) {
		if (!gyl__zc_word_next(&h.line, &h.word))
			continue;
		if (gyl__zc_address_parse(h.word, &a))
			names_of_address(&h, &a);
		else
			addresses_of_name(&h);
	}
	if (c->no_memory || h.path == NULL)
		gyl_build_error(c->build, path, 0, 0, "no memory");
	if (h.failed || c->no_memory || h.path == NULL)
		c->failed = true;
	return !c->failed;
}

bool gyl_dns_compile_hosts(struct gyl_dns_compile *c, const char *path)
{
	size_t len;
	uint8_t *p;
	bool ok;

	gyl_build_file(c->build, path);
	p = gyl__zc_slurp(path, &len);
	if (p == NULL) {
		c->failed = true;
		gyl_build_error(c->build, path, 0, 0, "cannot read: %s", strerror(errno));
		return false;
	}
	ok = gyl_dns_compile_hosts_text(c, path, gyl_view(p, len));
	free(p);
	return ok;
}
