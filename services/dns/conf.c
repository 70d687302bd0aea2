/* SPDX-License-Identifier: ISC */
#include "services/dns/conf.h"

#include <gyl/dns.h>
#include <gyl/time.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf/top.h"
#include "services/dns/answer.h"
#include "services/dns/conf_own.h"
#include "services/dns/service.h"
#include "services/dns/worker.h"

#define ZONE_OFF(member) .off = offsetof(struct gyl_dns_conf_zone, member)
#define OFF(member)      .off = offsetof(struct gyl_dns_conf, member)

static const struct gyl_conf_key zone_keys[] = {
	{.name = "name",
		.type = GYL_CONF_NAME,
		.flags = GYL_CONF_REQUIRED,
		ZONE_OFF(name),
		.help = "the zone's name"},
	{.name = "file",
		.type = GYL_CONF_PATH,
		ZONE_OFF(file),
		.help = "its master file; not given: names of leases make it"},
	{.name = "primary",
		.type = GYL_CONF_OBJECT,
		.flags = GYL_CONF_LIST,
		ZONE_OFF(primary),
		.table = &gyl__dns_conf_peer_table,
		.help = "instead of a file: servers that it is copied from"},
	{.name = "holes",
		.type = GYL_CONF_OBJECT,
		.flags = GYL_CONF_LIST,
		ZONE_OFF(holes),
		.table = &gyl__dns_conf_hole_table,
		.help = "names below the zone that it does not answer for"},
	{.name = "update",
		.type = GYL_CONF_OBJECT,
		.flags = GYL_CONF_LIST,
		ZONE_OFF(update),
		.table = &gyl__dns_conf_grant_table,
		.help = "who may change it by UPDATE (RFC 2136)"},
	{.name = "transfer",
		.type = GYL_CONF_STRING,
		.flags = GYL_CONF_LIST,
		ZONE_OFF(transfer),
		.help = "networks, and names of keys, whose owners may have all of it (AXFR, IXFR)"},
	{.name = "notify",
		.type = GYL_CONF_OBJECT,
		.flags = GYL_CONF_LIST,
		ZONE_OFF(notify),
		.table = &gyl__dns_conf_peer_table,
		.help = "secondaries that are told when it has changed (RFC 1996)"},
};

static const struct gyl_conf_table zone_table = {
	zone_keys, sizeof zone_keys / sizeof zone_keys[0], sizeof(struct gyl_dns_conf_zone)};

static const struct gyl_conf_key keys[] = {
	{.name = "interfaces",
		.type = GYL_CONF_STRING,
		.flags = GYL_CONF_LIST,
		OFF(interfaces),
		.help = GYL_TOP_IFACES_HELP},
	{.name = "zones",
		.type = GYL_CONF_OBJECT,
		.flags = GYL_CONF_LIST,
		OFF(zones),
		.table = &zone_table,
		.help = "zones to answer for"},
	{.name = "image",
		.type = GYL_CONF_PATH,
		OFF(image),
		.help = "what guyline-zonec has made of zones, hosts files and lists, served instead of reading them"},
	{.name = "hosts",
		.type = GYL_CONF_PATH,
		.flags = GYL_CONF_LIST,
		OFF(hosts),
		.help = "hosts files; names in them may be wildcards"},
	{.name = "block",
		.type = GYL_CONF_OBJECT,
		.flags = GYL_CONF_LIST,
		OFF(block),
		.table = &gyl__dns_conf_block_table,
		.help = "lists of names that are not resolved"},
	{.name = "allow",
		.type = GYL_CONF_NAME,
		.flags = GYL_CONF_LIST,
		OFF(allow),
		.help = "domains that no list blocks"},
	{.name = "private_answers",
		.type = GYL_CONF_NAME,
		.flags = GYL_CONF_LIST,
		OFF(private_answers),
		.help = "domains that may have private addresses in answers from upstream"},
	{.name = "special_zones",
		.type = GYL_CONF_BOOL,
		OFF(special_zones),
		.def = "true",
		.help = "answer for private and special names here, never ask upstream (RFC 6303, RFC 6761)"},
	{.name = "lease_domain",
		.type = GYL_CONF_NAME,
		OFF(lease_domain),
		.help = "domain of hosts with leases whose subnet has none"},
	{.name = "lease_ttl",
		.type = GYL_CONF_DURATION,
		OFF(lease_ttl_ns),
		.def = "60s",
		.min = GYL_NS_PER_S,
		.max = 7 * GYL_NS_PER_DAY,
		.help = "longest TTL of names that leases make"},
	{.name = "leases",
		.type = GYL_CONF_U32,
		OFF(lease_cnt),
		.def = "10000",
		.min = 16,
		.max = GYL_DNS_LEASE_CNT_MAX,
		.help = "most names of leases"},
	{.name = "port", .type = GYL_CONF_PORT, OFF(port), .def = "53", .help = "UDP and TCP port"},
	{.name = "udp_size",
		.type = GYL_CONF_U16,
		OFF(udp_size),
		.def = "1232",
		.min = GYL_DNS_UDP_MAX,
		.max = 1472,
		.help = "longest UDP answer, octets"},
	{.name = "workers",
		.type = GYL_CONF_U8,
		OFF(workers),
		.def = "1",
		.max = GYL_DNS_LOOP_MAX,
		.help = "threads that answer by UDP, the first one counted; 0: one a processor"},
	{.name = "nsid",
		.type = GYL_CONF_STRING,
		OFF(nsid),
		.max = GYL_DNS_LABEL_TEXT_MAX,
		.help = "which server this is, for those who ask (RFC 5001)"},
	{.name = "version",
		.type = GYL_CONF_STRING,
		OFF(version),
		.max = GYL_DNS_LABEL_TEXT_MAX,
		.help = "answer to CH TXT version.bind; not given: refused"},
	{.name = "forward",
		.type = GYL_CONF_OBJECT,
		OFF(forward),
		.table = &gyl__dns_conf_forward_table,
		.help = "names that are not ours: who is asked"},
	{.name = "keys",
		.type = GYL_CONF_OBJECT,
		.flags = GYL_CONF_LIST,
		OFF(keys),
		.table = &gyl__dns_conf_key_table,
		.help = "secrets shared with others (TSIG, RFC 8945)"},
	{.name = "zone_space",
		.type = GYL_CONF_SIZE,
		OFF(zone_space),
		.def = "16MiB",
		.min = 2 << 20,
		.max = 1 << 30,
		.help = "memory for zones that change; used when there are any at the start"},
	{.name = "cookies",
		.type = GYL_CONF_BOOL,
		OFF(cookies),
		.def = "true",
		.help = "tell clients whose address is not forged from others (RFC 7873)"},
	{.name = "cookie_secrets",
		.type = GYL_CONF_BYTES,
		.flags = GYL_CONF_LIST,
		OFF(cookie_secrets),
		.min = GYL_DNS_COOKIE_SECRET_LEN,
		.max = GYL_DNS_COOKIE_SECRET_LEN,
		.help = "secrets that servers share (RFC 9018): the first makes cookies, all are known"},
	{.name = "rate_limit",
		.type = GYL_CONF_OBJECT,
		OFF(rate_limit),
		.table = &gyl__dns_conf_limit_table,
		.help = "how often forged sources get the same answer"},
	{.name = "tcp_connections",
		.type = GYL_CONF_U32,
		OFF(tcp_cnt),
		.def = "128",
		.min = GYL_DNS_TCP_CNT_MIN,
		.max = GYL_DNS_TCP_CNT_MAX,
		.help = "most TCP connections; an address has a quarter of them"},
	{.name = "tcp_idle",
		.type = GYL_CONF_DURATION,
		OFF(tcp_idle_ns),
		.def = "10s",
		.min = GYL_NS_PER_S,
		.max = GYL_NS_PER_HOUR,
		.help = "close a connection that asks nothing for so long"},
	{.name = "encrypted_by",
		.type = GYL_CONF_NETWORK,
		.flags = GYL_CONF_LIST,
		OFF(encrypted_by),
		.help = "proxies that encrypt: by TCP from there answers are padded on request"},
	{.name = "log_queries",
		.type = GYL_CONF_BOOL,
		OFF(log_queries),
		.def = "false",
		.help = "an event for each query"},
	{.name = "log_queries_rate",
		.type = GYL_CONF_U32,
		OFF(log_rate),
		.def = "1000",
		.max = 1000000,
		.help = "most of them a second; the others are counted; 0: no bound"},
	{.name = "debug_answers",
		.type = GYL_CONF_NETWORK,
		.flags = GYL_CONF_LIST,
		OFF(debug_answers),
		.help = "networks that are told with each answer which rule it is of (RFC 8914)"},
	{.name = "top",
		.type = GYL_CONF_BOOL,
		OFF(top),
		.def = "true",
		.help = "count what is asked most, and by whom, for guyline dns top"},
};

static const struct gyl_conf_table table = {
	keys, sizeof keys / sizeof keys[0], sizeof(struct gyl_dns_conf)};

struct named {
	const uint8_t *name;
	uint32_t zone;
};

static int by_name(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int cmp = gyl_dns_name_cmp(x->name, y->name);

	return cmp != 0 ? cmp : (x->zone > y->zone) - (x->zone < y->zone);
}

static void worker_check(const struct gyl_dns_conf *cf, struct gyl_conf_check *ck)
{
	const struct gyl_top_conf *top = gyl_conf_check_top(ck);

	if (top != NULL && top->host == GYL_TOP_STACK && cf->workers != 1)
		gyl_conf_fail(ck, "workers",
			"expected 1: our own stack is one thread's; several need \"host\": \"kernel\"");
}

/* A zone is there once. */
static void check_names(
	const struct gyl_flat *f, const struct gyl_dns_conf *cf, struct gyl_conf_check *ck)
{
	const struct gyl_dns_conf_zone *zone = gyl_flat_at(f, cf->zones);
	uint32_t cnt = cf->zones.cnt, first = 0;
	struct named *list = malloc((cnt + 1) * sizeof *list);

	if (list == NULL) {
		gyl_conf_fail(ck, "zones", "no memory");
		return;
	}
	for (uint32_t i = 0; i < cnt; i++)
		list[i] = (struct named){gyl_flat_view(f, zone[i].name).p, i};
	qsort(list, cnt, sizeof *list, by_name);
	for (uint32_t i = 1; i < cnt; i++) {
		char path[40];

		if (!gyl_dns_name_eq(list[first].name, list[i].name)) {
			first = i;
			continue;
		}
		(void)snprintf(path, sizeof path, "zones.%u.name", list[i].zone);
		gyl_conf_fail(ck, path, "expected another name: zones.%u is the same zone",
			list[first].zone);
	}
	free(list);
}

static void check(const struct gyl_flat *f, const void *root, struct gyl_conf_check *ck)
{
	const struct gyl_dns_conf *cf = root;

	gyl_top_iface_check(f, cf->interfaces, ck);
	worker_check(cf, ck);
	gyl__dns_conf_cookie_check(cf, ck);
	gyl__dns_conf_forward_check(f, cf, ck);
	gyl__dns_conf_route_check(f, cf, ck);
	gyl__dns_conf_key_check(f, cf, ck);
	gyl__dns_conf_transfer_check(f, cf, ck);
	check_names(f, cf, ck);
}

const struct gyl_conf_section gyl_dns_conf_section = {"dns", &table, check};
