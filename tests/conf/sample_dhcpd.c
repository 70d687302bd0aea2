/* SPDX-License-Identifier: ISC */
#include "tests/conf/sample.h"

#define CNT(array) (sizeof(array) / sizeof((array)[0]))

struct host {
	uint8_t mac[6];
	bool has_address;
	uint32_t address;
	struct gyl_ref hostname, options;
};

struct subnet {
	struct gyl_conf_prefix subnet;
	struct gyl_ref pool, options, hosts;
	uint64_t lease_ns, max_lease_ns;
};

struct dhcpd {
	uint64_t lease_ns, max_lease_ns;
	struct gyl_ref options, subnets;
};

/* Options are taken as they are: their meaning is not what is tested. */
static bool parse_option(struct gyl_view name, const struct gyl_conf_node *val,
	struct gyl_writer *w, uint32_t *ret_code, bool *ret_name, struct gyl_writer *why)
{
	(void)ret_name;
	(void)why;
	*ret_code = (uint32_t)name.len;
	gyl_put_view(w, gyl_conf_text(val));
	for (const struct gyl_conf_node *n = gyl_conf_first(val); n != NULL; n = gyl_conf_next(n))
		gyl_put_view(w, gyl_conf_text(n));
	return true;
}

static const struct gyl_conf_map option_map = {parse_option, NULL};

/* clang-format off */
static const struct gyl_conf_key host_keys[] = {
	{ "mac", GYL_CONF_MAC, GYL_CONF_REQUIRED, .off = offsetof(struct host, mac), .help = "" },
	{ "address", GYL_CONF_IPV4, .off = offsetof(struct host, address),
	  .has_off = offsetof(struct host, has_address), .help = "" },
	{ "hostname", GYL_CONF_STRING, .off = offsetof(struct host, hostname), .help = "" },
	{ "options", GYL_CONF_MAP, .off = offsetof(struct host, options), .map = &option_map, .help = "" },
};
static const struct gyl_conf_table host_table = { host_keys, CNT(host_keys), sizeof(struct host) };

static const struct gyl_conf_key subnet_keys[] = {
	{ "subnet", GYL_CONF_NETWORK, GYL_CONF_REQUIRED, .off = offsetof(struct subnet, subnet), .help = "" },
	{ "pool", GYL_CONF_RANGE, GYL_CONF_LIST, .off = offsetof(struct subnet, pool), .help = "" },
	{ "lease_time", GYL_CONF_DURATION, .off = offsetof(struct subnet, lease_ns),
	  .min = 60 * UINT64_C(1000000000), .help = "" },
	{ "max_lease_time", GYL_CONF_DURATION, .off = offsetof(struct subnet, max_lease_ns), .help = "" },
	{ "options", GYL_CONF_MAP, .off = offsetof(struct subnet, options), .map = &option_map, .help = "" },
	{ "reservations", GYL_CONF_OBJECT, GYL_CONF_LIST, .off = offsetof(struct subnet, hosts),
	  .table = &host_table, .help = "" },
};
static const struct gyl_conf_table subnet_table = {
	subnet_keys, CNT(subnet_keys), sizeof(struct subnet)
};

static const struct gyl_conf_key keys[] = {
	{ "lease_time", GYL_CONF_DURATION, .off = offsetof(struct dhcpd, lease_ns), .help = "" },
	{ "max_lease_time", GYL_CONF_DURATION, .off = offsetof(struct dhcpd, max_lease_ns), .help = "" },
	{ "options", GYL_CONF_MAP, .off = offsetof(struct dhcpd, options), .map = &option_map, .help = "" },
	{ "subnets", GYL_CONF_OBJECT, GYL_CONF_LIST, .off = offsetof(struct dhcpd, subnets),
	  .table = &subnet_table, .help = "" },
};
static const struct gyl_conf_table table = { keys, CNT(keys), sizeof(struct dhcpd) };

/* Nothing is asked of the top here. */
static const struct gyl_conf_table top_table = { NULL, 0, 8 };
/* clang-format on */

static const struct gyl_conf_section top_section = {"top", &top_table, NULL};
static const struct gyl_conf_section dhcpd_section = {"dhcpd", &table, NULL};
static const struct gyl_conf_section *const sections[] = {&dhcpd_section};

const struct gyl_conf_set sample_dhcpd_set = {
	.top = &top_section,
	.section = sections,
	.section_cnt = CNT(sections),
};
