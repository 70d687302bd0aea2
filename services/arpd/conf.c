/* SPDX-License-Identifier: ISC */
#include "services/arpd/conf.h"

#include <gyl/time.h>

#include "conf/schema.h"
#include "services/arpd/service.h"

#define OFF(member) .off = offsetof(struct gyl_arpd_conf, member)

static const struct gyl_conf_key keys[] = {
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

const struct gyl_conf_section gyl_arpd_conf_section = {"arpd", &table, NULL};
