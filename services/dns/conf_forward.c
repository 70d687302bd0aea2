/* SPDX-License-Identifier: ISC */

/* "forward": names of others, by way of servers that know them. */

#include <gyl/dns_name.h>
#include <gyl/time.h>
#include <stdio.h>

#include "services/dns/conf_own.h"
#include "services/dns/group.h"

#define CNT(array)    (sizeof(array) / sizeof((array)[0]))
#define DOMAIN_OFF(m) .off = offsetof(struct gyl_dns_conf_domain, m)
#define OFF(m)        .off = offsetof(struct gyl_dns_conf_forward, m)

/* Who may ask when nothing is said: networks that are nobody's on the Internet (RFC 1918, RFC 6598,
 * RFC 3927) and this machine. A forwarder for everybody is a weapon (RFC 5358 4). */
#define PRIVATE_NETWORKS \
	"127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10,169.254.0.0/16"

static const struct gyl_conf_key domain_keys[] = {
	{.name = "name",
		.type = GYL_CONF_NAME,
		.flags = GYL_CONF_REQUIRED,
		DOMAIN_OFF(name),
		.help = "the domain"},
	{.name = "to",
		.type = GYL_CONF_SERVER,
		.flags = GYL_CONF_LIST | GYL_CONF_REQUIRED,
		DOMAIN_OFF(to),
		.help = "servers that know its names; port 53 when not given"},
};

static const struct gyl_conf_table domain_table = {
	domain_keys, CNT(domain_keys), sizeof(struct gyl_dns_conf_domain)};

static const struct gyl_conf_key keys[] = {
	{.name = "to",
		.type = GYL_CONF_SERVER,
		.flags = GYL_CONF_LIST,
		OFF(to),
		.help = "servers that are asked about all other names; port 53 when not given"},
	{.name = "domains",
		.type = GYL_CONF_OBJECT,
		.flags = GYL_CONF_LIST,
		OFF(domains),
		.table = &domain_table,
		.help = "domains with servers of their own; the longest that fits counts"},
	{.name = "clients",
		.type = GYL_CONF_NETWORK,
		.flags = GYL_CONF_LIST,
		OFF(clients),
		.def = PRIVATE_NETWORKS,
		.help = "networks that may ask for names of others, besides our own"},
	{.name = "cache_size",
		.type = GYL_CONF_SIZE,
		OFF(cache_len),
		.def = "16MiB",
		.min = 1 << 20,
		.max = 1 << 30,
		.help = "memory for answers"},
	{.name = "pending",
		.type = GYL_CONF_U32,
		OFF(pending_cnt),
		.def = "1000",
		.min = 16,
		.max = GYL_DNS_PENDING_MAX,
		.help = "different questions that may wait for answers at once"},
	{.name = "stale",
		.type = GYL_CONF_DURATION,
		OFF(stale_ns),
		.def = "1d",
		.max = 7 * GYL_NS_PER_DAY,
		.help = "answers serve so long past their end when no server can be reached (RFC 8767)"},
	{.name = "prefetch",
		.type = GYL_CONF_BOOL,
		OFF(prefetch),
		.def = "true",
		.help = "ask again for what is asked in the last tenth of its time"},
	{.name = "min_ttl",
		.type = GYL_CONF_DURATION,
		OFF(min_ttl_ns),
		.def = "0s",
		.max = GYL_NS_PER_HOUR,
		.help = "answers are kept at least so long"},
	{.name = "max_ttl",
		.type = GYL_CONF_DURATION,
		OFF(max_ttl_ns),
		.def = "1d",
		.min = GYL_NS_PER_S,
		.max = 7 * GYL_NS_PER_DAY,
		.help = "and at most so long"},
	{.name = "trust_ad",
		.type = GYL_CONF_BOOL,
		OFF(trust_ad),
		.def = "false",
		.help = "pass on that a server has validated: only where nobody can forge its answers"},
};

const struct gyl_conf_table gyl__dns_conf_forward_table = {
	keys, CNT(keys), sizeof(struct gyl_dns_conf_forward)};

/* Servers seen so far. */
struct servers {
	struct gyl_conf_server known[GYL_DNS_UPSTREAM_MAX];
	unsigned cnt;
};

static bool is_known(const struct servers *s, const struct gyl_conf_server *one)
{
	for (unsigned i = 0; i < s->cnt; i++)
		if (s->known[i].ip == one->ip && s->known[i].port == one->port)
			return true;
	return false;
}

/* An address that no answer can come from. */
static bool is_no_server(uint32_t ip)
{
	return ip >> 24 == 0 || ip >> 28 >= 14;
}

static void check_servers(const struct gyl_flat *f, struct gyl_ref to, const char *path,
	struct servers *s, struct gyl_conf_check *ck)
{
	const struct gyl_conf_server *server = gyl_flat_at(f, to);

	for (uint32_t i = 0; i < to.cnt; i++) {
		char at[60];

		(void)snprintf(at, sizeof at, "%s.%u", path, i);
		if (is_no_server(server[i].ip)) {
			gyl_conf_fail(ck, at, "expected the address of one server");
			continue;
		}
		if (is_known(s, &server[i]))
			continue;
		if (s->cnt == GYL_DNS_UPSTREAM_MAX) {
			gyl_conf_fail(ck, at, "expected at most %d different servers",
				GYL_DNS_UPSTREAM_MAX);
			return;
		}
		s->known[s->cnt++] = server[i];
	}
}

/* A domain is there once. */
static void check_domain(const struct gyl_flat *f, const struct gyl_dns_conf_domain *domain,
	uint32_t i, struct gyl_conf_check *ck)
{
	for (uint32_t j = 0; j < i; j++) {
		char path[60];

		if (!gyl_dns_name_eq(
			    gyl_flat_view(f, domain[i].name).p, gyl_flat_view(f, domain[j].name).p))
			continue;
		(void)snprintf(path, sizeof path, "forward.domains.%u.name", i);
		gyl_conf_fail(ck, path,
			"expected another name: forward.domains.%u is the same domain", j);
		return;
	}
}

/* Holes of zones may have servers of their own. */
static void check_holes(const struct gyl_flat *f, const struct gyl_dns_conf *cf, struct servers *s,
	struct gyl_conf_check *ck)
{
	const struct gyl_dns_conf_zone *zone = gyl_flat_at(f, cf->zones);

	for (uint32_t i = 0; i < cf->zones.cnt; i++) {
		const struct gyl_dns_conf_hole *hole = gyl_flat_at(f, zone[i].holes);

		for (uint32_t j = 0; j < zone[i].holes.cnt; j++) {
			char path[60];

			(void)snprintf(path, sizeof path, "zones.%u.holes.%u.to", i, j);
			check_servers(f, hole[j].to, path, s, ck);
		}
	}
}

void gyl__dns_conf_forward_check(
	const struct gyl_flat *f, const struct gyl_dns_conf *cf, struct gyl_conf_check *ck)
{
	const struct gyl_dns_conf_forward *fw = &cf->forward;
	const struct gyl_dns_conf_domain *domain = gyl_flat_at(f, fw->domains);
	struct servers s = {.cnt = 0};

	check_servers(f, fw->to, "forward.to", &s, ck);
	check_holes(f, cf, &s, ck);
	if (gyl__dns_group_cnt(f, cf) > GYL_DNS_GROUP_MAX)
		gyl_conf_fail(ck, "forward.domains",
			"expected fewer than %d domains and holes with servers of their own",
			GYL_DNS_GROUP_MAX);
	for (uint32_t i = 0; i < fw->domains.cnt; i++) {
		char path[60];

		(void)snprintf(path, sizeof path, "forward.domains.%u.to", i);
		check_servers(f, domain[i].to, path, &s, ck);
		check_domain(f, domain, i, ck);
	}
	if (fw->min_ttl_ns > fw->max_ttl_ns)
		gyl_conf_fail(ck, "forward.min_ttl", "expected no more than max_ttl");
}
