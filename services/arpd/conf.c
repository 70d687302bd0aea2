/* SPDX-License-Identifier: ISC */
#include "services/arpd/conf.h"

#include <gyl/time.h>

#include "conf/top.h"
#include "services/arpd/service.h"

#define OFF(member) .off = offsetof(struct gyl_arpd_conf, member)

static const struct gyl_conf_key keys[] = {
	{.name = "interfaces",
		.type = GYL_CONF_STRING,
		.flags = GYL_CONF_LIST,
		OFF(interfaces),
		.help = GYL_TOP_IFACES_HELP},
	{.name = "hosts",
		.type = GYL_CONF_U32,
		OFF(host_cnt),
		.def = "10000",
		.min = 16,
		.max = 1000000,
		.help = "most hosts that are remembered; the longest unseen makes room"},
	{.name = "forget",
		.type = GYL_CONF_DURATION,
		OFF(forget_ns),
		.def = "7d",
		.min = GYL_NS_PER_MIN,
		.help = "forget a host that was not seen for so long"},
	{.name = "flipflop",
		.type = GYL_CONF_DURATION,
		OFF(flipflop_ns),
		.def = "1h",
		.help = "an address that returns to its former MAC within this time flips"},
	{.name = "duplicate",
		.type = GYL_CONF_DURATION,
		OFF(duplicate_ns),
		.def = "2s",
		.help = "two MACs that claim an address within this time use it both"},
};

static const struct gyl_conf_table table = {
	keys, sizeof keys / sizeof keys[0], sizeof(struct gyl_arpd_conf)};

static void check(const struct gyl_flat *f, const void *root, struct gyl_conf_check *ck)
{
	gyl_top_iface_check(f, ((const struct gyl_arpd_conf *)root)->interfaces, ck);
}

const struct gyl_conf_section gyl_arpd_conf_section = {"arpd", &table, check};
