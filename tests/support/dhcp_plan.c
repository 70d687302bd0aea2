/* SPDX-License-Identifier: ISC */
#include "tests/support/dhcp_plan.h"

#include <gyl/dhcp.h>
#include <inttypes.h>

const uint8_t dhcp_plan_reserved[6] = {0x02, 0x1a, 0xb0, 0, 0, 1};
const uint8_t dhcp_plan_reserved_2[6] = {0x02, 0x1a, 0xb0, 0, 0, 2};

#define HEX_20  "00112233445566778899aabbccddeeff00112233"
#define HEX_200 HEX_20 HEX_20 HEX_20 HEX_20 HEX_20 HEX_20 HEX_20 HEX_20 HEX_20 HEX_20

const struct dhcp_plan_option dhcp_plan_options[] = {
	{GYL_DHCP_OPT_ROUTERS, "3", "10.20.0.1"},
	{GYL_DHCP_OPT_DNS_SERVERS, "6", "10.20.0.2, 10.20.0.3"},
	{GYL_DHCP_OPT_NTP_SERVERS, "42", "10.20.0.4"},
	{GYL_DHCP_OPT_CAPTIVE_PORTAL, "114", "https://portal.example/"},
	{GYL_DHCP_OPT_DOMAIN_SEARCH, "119", "a.event.example, b.event.example"},
	{GYL_DHCP_OPT_ROUTES, "121",
		"0.0.0.0/0 via 10.20.0.1, 192.0.2.0/25 via 10.20.0.5, 198.51.100.7/32 via 10.20.0.6"},
	{0, NULL, NULL},
};

static const struct dhcp_plan_option rich[] = {
	{224, "224", "hex " HEX_200},
	{225, "225", "hex " HEX_200},
	{226, "226", "hex " HEX_20},
	{227, "227", "hex " HEX_200 HEX_200},
	{0, NULL, NULL},
};
static const struct dhcp_plan_option mostly[] = {
	{GYL_DHCP_OPT_IPV6_ONLY, "108", "1800"},
	{0, NULL, NULL},
};
static const struct dhcp_plan_option plain[] = {
	{GYL_DHCP_OPT_ROUTERS, "3", "10.21.0.1"},
	{0, NULL, NULL},
};

#define POOL(at, from, to) .net = (at), .prefix = 16, .first = (at) + (from), .last = (at) + (to)
#define TINY(n)                                                                            \
	{                                                                                  \
		.net = LAB_TINY + (n)*256, .prefix = 24, .first = LAB_TINY + (n)*256 + 10, \
		.last = LAB_TINY + (n)*256 + 10, .option = plain                           \
	}

const struct dhcp_plan_subnet dhcp_plan_subnets[] = {
	{POOL(LAB_NET, 0x1000, 0x1fff), .option = NULL},
	{POOL(LAB_BRANCH, 0x1000, 0x11ff), .option = plain},
	{POOL(LAB_RICH, 0x1000, 0x10ff), .option = rich},
	TINY(0),
	TINY(1),
	TINY(2),
	TINY(3),
	{POOL(LAB_MOSTLY, 0x1000, 0x10ff), .option = mostly},
	{POOL(LAB_NO_ID, 0x1000, 0x10ff), .ignore_client_id = true, .next_server = LAB_NO_ID + 9,
		.boot_file = "pxe.0", .server_name = "boot", .option = plain},
};
const unsigned dhcp_plan_subnet_cnt = sizeof dhcp_plan_subnets / sizeof dhcp_plan_subnets[0];

/* ---- as a file ---- */

static void put_ip(FILE *f, uint32_t ip)
{
	fprintf(f, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 255, ip >> 8 & 255, ip & 255);
}

static void put_pool(FILE *f, const struct dhcp_plan_subnet *s)
{
	fprintf(f, "\"pool\": \"");
	put_ip(f, s->first);
	fputc('-', f);
	put_ip(f, s->last);
	fprintf(f, "\"");
}

static void put_options(FILE *f, const struct dhcp_plan_option *o)
{
	fprintf(f, "\"options\": {");
	for (unsigned i = 0; o[i].code != 0; i++)
		fprintf(f, "%s \"%s\": \"%s\"", i == 0 ? "" : ",", o[i].name, o[i].text);
	fprintf(f, " }");
}

static void put_boot(FILE *f, const struct dhcp_plan_subnet *s)
{
	fprintf(f, "\"next_server\": \"");
	put_ip(f, s->next_server);
	fprintf(f, "\", \"boot_file\": \"%s\", \"server_name\": \"%s\", ", s->boot_file,
		s->server_name);
}

static void put_subnet(FILE *f, const struct dhcp_plan_subnet *s)
{
	fprintf(f, "    { \"subnet\": \"");
	put_ip(f, s->net);
	fprintf(f, "/%u\", ", s->prefix);
	put_pool(f, s);
	fprintf(f, ", ");
	if (s->ignore_client_id)
		fprintf(f, "\"ignore_client_id\": true, ");
	if (s->next_server != 0)
		put_boot(f, s);
	put_options(f, s->option);
	fprintf(f, " }");
}

static void put_reservation(FILE *f, const uint8_t mac[6], uint32_t ip, const char *name)
{
	fprintf(f, "    { \"mac\": \"%02x:%02x:%02x:%02x:%02x:%02x\", \"address\": \"", mac[0],
		mac[1], mac[2], mac[3], mac[4], mac[5]);
	put_ip(f, ip);
	fprintf(f, "\", \"hostname\": \"%s\" }", name);
}

static void put_service(FILE *f, enum dhcp_plan_kind kind)
{
	const char *yes = kind == DHCP_PLAN_USUAL ? "true" : "false";

	fprintf(f, "  \"dhcpd\": { ");
	put_pool(f, &dhcp_plan_subnets[0]);
	fprintf(f, ", \"domain\": \"event.example\", \"authoritative\": %s,\n", yes);
	fprintf(f, "    \"rapid_commit\": %s, \"leasequery\": %s, \"probe\": false,\n", yes, yes);
	fprintf(f,
		"    \"lease_time\": \"%ds\", \"min_lease_time\": \"%ds\", \"max_lease_time\": \"%ds\",\n    ",
		DHCP_PLAN_LEASE_S, DHCP_PLAN_MIN_S, DHCP_PLAN_MAX_S);
	put_options(f, dhcp_plan_options);
	fprintf(f, ",\n    \"reservations\": [\n");
	put_reservation(f, dhcp_plan_reserved, LAB_RESERVED, "printer");
	fprintf(f, ",\n");
	put_reservation(f, dhcp_plan_reserved_2, LAB_RESERVED_2, "scanner");
	fprintf(f, " ],\n    \"subnets\": [\n");
	for (unsigned i = 1; i < dhcp_plan_subnet_cnt; i++) {
		put_subnet(f, &dhcp_plan_subnets[i]);
		fprintf(f, i + 1 < dhcp_plan_subnet_cnt ? ",\n" : " ] }\n");
	}
}

void dhcp_plan_json(FILE *f, enum dhcp_plan_kind kind, const char *host, const char *device,
	const char *state, const char *control)
{
	fprintf(f, "{\n  \"host\": \"%s\", \"device\": \"%s\", \"address\": \"", host, device);
	put_ip(f, LAB_US);
	fprintf(f, "/%d\", \"gateway\": \"", LAB_PREFIX);
	put_ip(f, LAB_GATEWAY);
	fprintf(f, "\",\n  \"state\": \"%s\", \"control\": \"%s\",\n", state, control);
	put_service(f, kind);
	fprintf(f, "}\n");
}
