/* SPDX-License-Identifier: ISC */
#include "services/dhcpd/conf.h"

#include <gyl/time.h>

#include "conf/top.h"
#include "services/dhcpd/conf_own.h"
#include "services/dhcpd/service.h"

#define OFF(member)    .off = offsetof(struct gyl_dhcpd_conf, member)
#define SUBNET(member) .off = offsetof(struct gyl_dhcpd_subnet_conf, member)
#define HOST(member)   .off = offsetof(struct gyl_dhcpd_host_conf, member)
#define CNT(array)     (sizeof(array) / sizeof((array)[0]))

static const char options_help[] = "options by name or number, as \"routers\": \"10.77.0.1\"";

static const struct gyl_conf_key host_keys[] = {
	{.name = "mac",
		.type = GYL_CONF_MAC,
		.flags = GYL_CONF_REQUIRED,
		HOST(mac),
		.help = "hardware address of the client"},
	{.name = "address",
		.type = GYL_CONF_IPV4,
		HOST(address),
		.help = "what it gets; nobody else does. Not given: any of the pool"},
	{.name = "hostname",
		.type = GYL_CONF_STRING,
		HOST(hostname),
		.min = 1,
		.max = 63,
		.help = "its name, whatever it calls itself"},
	{.name = "options",
		.type = GYL_CONF_MAP,
		HOST(options),
		.map = &gyl__dhcpd_conf_options,
		.help = options_help},
};
static const struct gyl_conf_table host_table = {
	host_keys, CNT(host_keys), sizeof(struct gyl_dhcpd_host_conf)};

static const struct gyl_conf_key subnet_keys[] = {
	{.name = "subnet",
		.type = GYL_CONF_NETWORK,
		.flags = GYL_CONF_REQUIRED,
		SUBNET(subnet),
		.help = "the network: on one of our links, or behind a relay"},
	{.name = "pool",
		.type = GYL_CONF_RANGE,
		.flags = GYL_CONF_LIST,
		SUBNET(pool),
		.help = "addresses to give out"},
	{.name = "lease_time",
		.type = GYL_CONF_DURATION,
		SUBNET(lease_ns),
		.min = GYL_NS_PER_S,
		.help = "lease time of this subnet"},
	{.name = "max_lease_time",
		.type = GYL_CONF_DURATION,
		SUBNET(max_ns),
		.min = GYL_NS_PER_S,
		.help = "the longest that a client of this subnet may ask for"},
	{.name = "options",
		.type = GYL_CONF_MAP,
		SUBNET(options),
		.map = &gyl__dhcpd_conf_options,
		.help = options_help},
	{.name = "reservations",
		.type = GYL_CONF_OBJECT,
		.flags = GYL_CONF_LIST,
		SUBNET(hosts),
		.table = &host_table,
		.help = "clients that get something of their own on this subnet"},
};
static const struct gyl_conf_table subnet_table = {
	subnet_keys, CNT(subnet_keys), sizeof(struct gyl_dhcpd_subnet_conf)};

static const struct gyl_conf_key keys[] = {
	{.name = "port",
		.type = GYL_CONF_PORT,
		OFF(port),
		.def = "67",
		.max = 65534,
		.help = "UDP port; clients are at the next one"},
	{.name = "interfaces",
		.type = GYL_CONF_STRING,
		.flags = GYL_CONF_LIST,
		OFF(interfaces),
		.help = GYL_TOP_IFACES_HELP},
	{.name = "pool",
		.type = GYL_CONF_RANGE,
		.flags = GYL_CONF_LIST,
		OFF(pool),
		.help = "addresses to give out on the networks of our own addresses"},
	{.name = "lease_time",
		.type = GYL_CONF_DURATION,
		OFF(lease_ns),
		.def = "1h",
		.min = GYL_NS_PER_S,
		.help = "lease time for clients that ask for none"},
	{.name = "min_lease_time",
		.type = GYL_CONF_DURATION,
		OFF(min_ns),
		.def = "1m",
		.min = GYL_NS_PER_S,
		.help = "the shortest that a client may ask for"},
	{.name = "max_lease_time",
		.type = GYL_CONF_DURATION,
		OFF(max_ns),
		.min = GYL_NS_PER_S,
		.help = "the longest that a client may ask for; else a day, or lease_time if that is longer"},
	{.name = "offer_time",
		.type = GYL_CONF_DURATION,
		OFF(offer_ns),
		.def = "1m",
		.min = GYL_NS_PER_S,
		.max = GYL_NS_PER_HOUR,
		.help = "an offered address is kept for its client for so long"},
	{.name = "decline_time",
		.type = GYL_CONF_DURATION,
		OFF(decline_ns),
		.def = "10m",
		.help = "an address that a client found in use is kept aside for so long"},
	{.name = "authoritative",
		.type = GYL_CONF_BOOL,
		OFF(authoritative),
		.def = "true",
		.help = "tell clients with addresses of other networks at once that they are wrong"},
	{.name = "domain",
		.type = GYL_CONF_STRING,
		OFF(domain),
		.max = 253,
		.help = "domain of the clients' names"},
	{.name = "options",
		.type = GYL_CONF_MAP,
		OFF(options),
		.map = &gyl__dhcpd_conf_options,
		.help = options_help},
	{.name = "reservations",
		.type = GYL_CONF_OBJECT,
		.flags = GYL_CONF_LIST,
		OFF(hosts),
		.table = &host_table,
		.help = "clients that get something of their own"},
	{.name = "subnets",
		.type = GYL_CONF_OBJECT,
		.flags = GYL_CONF_LIST,
		OFF(subnets),
		.table = &subnet_table,
		.help = "networks to serve besides those of our own addresses, or instead of them"},
};
static const struct gyl_conf_table table = {keys, CNT(keys), sizeof(struct gyl_dhcpd_conf)};

const struct gyl_conf_section gyl_dhcpd_conf_section = {"dhcpd", &table, gyl__dhcpd_conf_check};
