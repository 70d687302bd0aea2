/* SPDX-License-Identifier: ISC */
#include <malloc.h>

#include "services/dns/build.h"
#include "services/dns/build_sum.h"
#include "services/dns/group.h"
#include "services/dns/zonec/compile.h"

/* What is being built. */
struct making {
	const struct gyl_flat *flat;
	const struct gyl_dns_conf *cf;
	struct gyl_dns_compile *c;
};

static const uint8_t *name_of(const struct making *m, struct gyl_ref ref)
{
	return gyl_flat_view(m->flat, ref).p;
}

static const char *path_of(const struct making *m, struct gyl_ref ref)
{
	return (const char *)gyl_flat_view(m->flat, ref).p;
}

static void add_holes(const struct making *m, uint32_t i)
{
	const struct gyl_dns_conf_zone *zone = gyl_flat_at(m->flat, m->cf->zones);
	const struct gyl_dns_conf_hole *hole = gyl_flat_at(m->flat, zone[i].holes);

	for (uint32_t j = 0; j < zone[i].holes.cnt; j++)
		gyl_dns_compile_hole(m->c, name_of(m, zone[i].name), name_of(m, hole[j].name),
			hole[j].action, gyl__dns_group_hole(m->flat, m->cf, i, j));
}

static void add_hosts(const struct making *m)
{
	const struct gyl_ref *path = gyl_flat_at(m->flat, m->cf->hosts);

	for (uint32_t i = 0; i < m->cf->hosts.cnt; i++)
		gyl_dns_compile_hosts(m->c, path_of(m, path[i]));
}

static void add_blocks(const struct making *m)
{
	const struct gyl_dns_conf_block *block = gyl_flat_at(m->flat, m->cf->block);

	for (uint32_t i = 0; i < m->cf->block.cnt; i++) {
		const struct gyl_ref *text = gyl_flat_at(m->flat, block[i].answer);
		struct gyl_view answer[GYL_DNS_BLOCK_ADDRESS_MAX];
		uint32_t cnt = block[i].answer.cnt;

		for (uint32_t j = 0; j < cnt; j++)
			answer[j] = gyl_flat_view(m->flat, text[j]);
		gyl_dns_compile_block(
			m->c, path_of(m, block[i].file), block[i].format, answer, cnt);
	}
}

static void add_zones(const struct making *m)
{
	const struct gyl_dns_conf_zone *zone = gyl_flat_at(m->flat, m->cf->zones);

	for (uint32_t i = 0; i < m->cf->zones.cnt; i++) {
		const uint8_t *name = name_of(m, zone[i].name);

		if (!gyl__dns_is_live(&zone[i]) && zone[i].file.cnt != 0) {
			gyl_dns_compile_zone(m->c, name, path_of(m, zone[i].file));
			add_holes(m, i);
		}
		/* whatever becomes of the zone, nobody else is asked about its names */
		gyl_dns_compile_name(m->c, GYL_DNS_TABLE_ROUTE, name, GYL_DNS_ROUTE_ZONE);
	}
}

static void add_all(const struct making *m, struct gyl_ref list, enum gyl_dns_table table)
{
	const struct gyl_ref *name = gyl_flat_at(m->flat, list);

	for (uint32_t i = 0; i < list.cnt; i++)
		gyl_dns_compile_name(m->c, table, name_of(m, name[i]), 1);
}

/* What is said first of a name counts: zones, then domains, then what is special anyway. */
static void add_routes(const struct making *m)
{
	const struct gyl_dns_conf_forward *fw = &m->cf->forward;
	const struct gyl_dns_conf_domain *domain = gyl_flat_at(m->flat, fw->domains);
	static const uint8_t root = 0;

	for (uint32_t i = 0; i < fw->domains.cnt; i++)
		gyl_dns_compile_name(m->c, GYL_DNS_TABLE_ROUTE, name_of(m, domain[i].name),
			(uint16_t)(GYL_DNS_ROUTE_GROUP + 1 + i));
	if (fw->to.cnt != 0)
		gyl_dns_compile_name(m->c, GYL_DNS_TABLE_ROUTE, &root, GYL_DNS_ROUTE_GROUP);
	if (m->cf->special_zones)
		gyl_dns_compile_special(m->c);
}

/* What is said of names that no zone has. */
static void add_names(const struct making *m)
{
	add_blocks(m);
	add_routes(m);
	add_all(m, m->cf->allow, GYL_DNS_TABLE_ALLOW);
	add_all(m, m->cf->private_answers, GYL_DNS_TABLE_PRIVATE);
}

static bool begin(struct making *m, struct gyl_build *b)
{
	m->c = gyl_dns_compile_open(b);
	if (m->c == NULL)
		gyl_build_error(b, "zones", 0, 0, "no memory");
	return m->c != NULL;
}

static bool end(struct making *m)
{
	bool ok = gyl_dns_compile_end(m->c);

	gyl_dns_compile_close(m->c);
	/* the heap was filled once, and will be as full at the next change only */
	(void)malloc_trim(0);
	return ok;
}

bool gyl__dns_build_image(const struct gyl_flat *flat, const struct gyl_dns_conf *cf,
	struct gyl_build *b, const struct gyl__dns_told *told)
{
	struct making m = {flat, cf, NULL};

	if (!begin(&m, b))
		return false;
	gyl_dns_compile_sum(m.c, gyl__dns_build_sum(flat, cf));
	if (told != NULL)
		gyl_dns_compile_progress(m.c, told->fn, told->arg);
	add_zones(&m);
	if (cf->lease_domain.cnt != 0)
		gyl_dns_compile_dynamic(m.c, name_of(&m, cf->lease_domain), "\"lease_domain\"");
	add_hosts(&m);
	add_names(&m);
	return end(&m);
}

bool gyl__dns_build_names(
	const struct gyl_flat *flat, const struct gyl_dns_conf *cf, struct gyl_build *b)
{
	struct making m = {flat, cf, NULL};
	const struct gyl_dns_conf_zone *zone = gyl_flat_at(flat, cf->zones);

	if (!begin(&m, b))
		return false;
	for (uint32_t i = 0; i < cf->zones.cnt; i++)
		gyl_dns_compile_name(
			m.c, GYL_DNS_TABLE_ROUTE, name_of(&m, zone[i].name), GYL_DNS_ROUTE_ZONE);
	add_names(&m);
	return end(&m);
}
