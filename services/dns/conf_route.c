/* SPDX-License-Identifier: ISC */
#include <gyl/dns.h>
#include <gyl/dns_rdata.h>
#include <gyl/writer.h>
#include <stdio.h>

#include "services/dns/conf_own.h"
#include "services/dns/names.h"

#define HOLE_OFF(member)  .off = offsetof(struct gyl_dns_conf_hole, member)
#define BLOCK_OFF(member) .off = offsetof(struct gyl_dns_conf_block, member)

static const struct gyl_conf_word hole_words[] = {{"forward", GYL_DNS_HOLE_FORWARD},
	{"nodata", GYL_DNS_HOLE_NODATA}, {"refuse", GYL_DNS_HOLE_REFUSE}, {NULL, 0}};

static const struct gyl_conf_key hole_keys[] = {
	{.name = "name",
		.type = GYL_CONF_NAME,
		.flags = GYL_CONF_REQUIRED,
		HOLE_OFF(name),
		.help = "a name below the zone, which does not answer for it and what is below"},
	{.name = "do",
		.type = GYL_CONF_ENUM,
		.flags = GYL_CONF_REQUIRED,
		HOLE_OFF(action),
		.word = hole_words,
		.help = "what is done instead"},
	{.name = "to",
		.type = GYL_CONF_SERVER,
		.flags = GYL_CONF_LIST,
		HOLE_OFF(to),
		.help = "servers to forward to, in place of those of \"forward\""},
};

const struct gyl_conf_table gyl__dns_conf_hole_table = {
	hole_keys, sizeof hole_keys / sizeof hole_keys[0], sizeof(struct gyl_dns_conf_hole)};

static const struct gyl_conf_word format_words[] = {{"hosts", GYL_DNS_BLOCK_HOSTS},
	{"domains", GYL_DNS_BLOCK_DOMAINS}, {"rpz", GYL_DNS_BLOCK_RPZ}, {NULL, 0}};

static const struct gyl_conf_key block_keys[] = {
	{.name = "file",
		.type = GYL_CONF_PATH,
		.flags = GYL_CONF_REQUIRED,
		BLOCK_OFF(file),
		.help = "the list"},
	{.name = "format",
		.type = GYL_CONF_ENUM,
		BLOCK_OFF(format),
		.def = "domains",
		.word = format_words,
		.help = "how it is written: as a hosts file, one domain a line, or a policy zone"},
	{.name = "answer",
		.type = GYL_CONF_STRING,
		.flags = GYL_CONF_LIST,
		BLOCK_OFF(answer),
		.def = "nxdomain",
		.help = "\"nxdomain\", \"nodata\", or addresses; a policy zone has its own"},
};

const struct gyl_conf_table gyl__dns_conf_block_table = {
	block_keys, sizeof block_keys / sizeof block_keys[0], sizeof(struct gyl_dns_conf_block)};

static struct gyl_view name_of(const struct gyl_flat *f, struct gyl_ref ref)
{
	return gyl_flat_view(f, ref);
}

/* A label that is an asterisk alone, anywhere. */
static bool has_asterisk(const uint8_t *name)
{
	for (; *name != 0; name += *name + 1)
		if (gyl_dns_name_is_wildcard(name))
			return true;
	return false;
}

/* Is there somebody who can be asked about the name? */
static bool has_way(const struct gyl_flat *f, const struct gyl_dns_conf *cf, const uint8_t *name)
{
	const struct gyl_dns_conf_domain *domain = gyl_flat_at(f, cf->forward.domains);

	for (uint32_t i = 0; i < cf->forward.domains.cnt; i++)
		if (gyl_dns_name_is_under(name, name_of(f, domain[i].name).p))
			return true;
	return cf->forward.to.cnt != 0;
}

static void check_hole(const struct gyl_flat *f, const struct gyl_dns_conf *cf,
	const struct gyl_dns_conf_zone *zone, uint32_t at, const char *path,
	struct gyl_conf_check *ck)
{
	const struct gyl_dns_conf_hole *hole = gyl_flat_at(f, zone->holes);
	const uint8_t *name = name_of(f, hole[at].name).p, *apex = name_of(f, zone->name).p;

	if (zone->update.cnt != 0) {
		gyl_conf_fail(ck, path, "expected no holes in a zone that changes (\"update\")");
	} else if (gyl_dns_name_eq(name, apex) || !gyl_dns_name_is_under(name, apex)) {
		gyl_conf_fail(ck, path, "expected a name below the zone");
	} else if (has_asterisk(name)) {
		gyl_conf_fail(ck, path,
			"expected a name without asterisk: a hole covers all names below");
	} else if (hole[at].to.cnt != 0 && hole[at].action != GYL_DNS_HOLE_FORWARD) {
		gyl_conf_fail(ck, path, "expected no \"to\" where nothing is forwarded");
	} else if (hole[at].to.cnt == 0 && hole[at].action == GYL_DNS_HOLE_FORWARD &&
		   !has_way(f, cf, name)) {
		gyl_conf_fail(
			ck, path, "expected \"to\" here, or in \"forward\": who is to be asked?");
	} else {
		for (uint32_t i = 0; i < at; i++) {
			const uint8_t *other = name_of(f, hole[i].name).p;

			if (gyl_dns_name_eq(name, other))
				gyl_conf_fail(
					ck, path, "expected another name: holes.%u is the same", i);
		}
	}
}

static void check_holes(
	const struct gyl_flat *f, const struct gyl_dns_conf *cf, struct gyl_conf_check *ck)
{
	const struct gyl_dns_conf_zone *zone = gyl_flat_at(f, cf->zones);

	for (uint32_t i = 0; i < cf->zones.cnt; i++)
		for (uint32_t j = 0; j < zone[i].holes.cnt; j++) {
			char path[60];

			(void)snprintf(path, sizeof path, "zones.%u.holes.%u.name", i, j);
			check_hole(f, cf, &zone[i], j, path, ck);
		}
}

static bool is_word(struct gyl_view text)
{
	return gyl_view_eq(text, gyl_view_str("nxdomain")) ||
	       gyl_view_eq(text, gyl_view_str("nodata"));
}

uint16_t gyl__dns_conf_address(struct gyl_view text, uint8_t addr[16])
{
	static const uint16_t type[] = {GYL_DNS_TYPE_A, GYL_DNS_TYPE_AAAA};
	static const uint8_t root = 0;
	struct gyl_dns_token tok = {.text = text};

	for (int i = 0; i < 2; i++) {
		struct gyl_writer w;
		size_t bad;

		gyl_writer_init(&w, addr, 16);
		if (!gyl_failed(gyl_dns_rdata_parse(type[i], &tok, 1, &root, &w, &bad)))
			return type[i];
	}
	return 0;
}

static void check_answer(const struct gyl_flat *f, const struct gyl_dns_conf_block *block,
	uint32_t at, struct gyl_conf_check *ck)
{
	const struct gyl_ref *text = gyl_flat_at(f, block->answer);
	uint8_t addr[16];

	if (block->answer.cnt > GYL_DNS_BLOCK_ADDRESS_MAX) {
		char path[60];

		(void)snprintf(path, sizeof path, "block.%u.answer", at);
		gyl_conf_fail(ck, path, "expected at most %d addresses", GYL_DNS_BLOCK_ADDRESS_MAX);
		return;
	}
	for (uint32_t i = 0; i < block->answer.cnt; i++) {
		struct gyl_view v = gyl_flat_view(f, text[i]);
		bool word = is_word(v);
		char path[60];

		if (word ? block->answer.cnt == 1 : gyl__dns_conf_address(v, addr) != 0)
			continue;
		(void)snprintf(path, sizeof path, "block.%u.answer.%u", at, i);
		gyl_conf_fail(ck, path,
			word ? "expected \"%.*s\" alone, or addresses"
			     : "expected \"nxdomain\", \"nodata\" or an address, got \"%.*s\"",
			(int)v.len, (const char *)v.p);
	}
}

/* A zone answers for all its names: to forward some of them it needs a hole. */
static void check_domain(const struct gyl_flat *f, const struct gyl_dns_conf *cf, uint32_t at,
	struct gyl_conf_check *ck)
{
	const struct gyl_dns_conf_domain *domain = gyl_flat_at(f, cf->forward.domains);
	const struct gyl_dns_conf_zone *zone = gyl_flat_at(f, cf->zones);
	const uint8_t *name = name_of(f, domain[at].name).p;

	for (uint32_t i = 0; i < cf->zones.cnt; i++) {
		const struct gyl_dns_conf_hole *hole = gyl_flat_at(f, zone[i].holes);
		bool covered = !gyl_dns_name_is_under(name, name_of(f, zone[i].name).p);
		char path[60];

		for (uint32_t j = 0; j < zone[i].holes.cnt; j++)
			covered |= hole[j].action == GYL_DNS_HOLE_FORWARD &&
				   gyl_dns_name_is_under(name, name_of(f, hole[j].name).p);
		if (covered)
			continue;
		(void)snprintf(path, sizeof path, "forward.domains.%u.name", at);
		gyl_conf_fail(ck, path,
			"expected a name outside of zones.%u, or in a hole of it that is forwarded",
			i);
		return;
	}
}

void gyl__dns_conf_route_check(
	const struct gyl_flat *f, const struct gyl_dns_conf *cf, struct gyl_conf_check *ck)
{
	const struct gyl_dns_conf_block *block = gyl_flat_at(f, cf->block);

	check_holes(f, cf, ck);
	for (uint32_t i = 0; i < cf->forward.domains.cnt; i++)
		check_domain(f, cf, i, ck);
	for (uint32_t i = 0; i < cf->block.cnt; i++)
		check_answer(f, &block[i], i, ck);
}
