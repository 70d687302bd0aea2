/* SPDX-License-Identifier: ISC */
#include "services/arpd/conf.h"

#include <gyl/time.h>

#include "conf/top.h"
#include "services/arpd/service.h"

#define OFF(member)         .off = offsetof(struct gyl_arpd_conf, member)
#define PROTECT_OFF(member) .off = offsetof(struct gyl_arpd_protect_conf, member)
#define CNT(array)          (sizeof(array) / sizeof((array)[0]))

static const struct gyl_conf_word unknown_words[] = {
	{"silent", GYL_ARPD_UNKNOWN_SILENT},
	{"tell", GYL_ARPD_UNKNOWN_TELL},
	{"answer", GYL_ARPD_UNKNOWN_ANSWER},
	{NULL, 0},
};

static const struct gyl_conf_key protect_keys[] = {
	{.name = "address",
		.type = GYL_CONF_IPV4,
		.flags = GYL_CONF_REQUIRED,
		PROTECT_OFF(ip),
		.help = "the address, of a gateway for instance"},
	{.name = "mac",
		.type = GYL_CONF_MAC,
		PROTECT_OFF(mac),
		.has_off = offsetof(struct gyl_arpd_protect_conf, has_mac),
		.help = "whose it is; not given: of the first station seen with it, for good"},
	{.name = "vlan",
		.type = GYL_CONF_U16,
		PROTECT_OFF(vlan),
		.min = 1,
		.max = 4094,
		.help = "802.1Q VLAN that it is on; not given: untagged"},
	{.name = "defend",
		.type = GYL_CONF_BOOL,
		PROTECT_OFF(defend),
		.def = "false",
		.help = "announce its owner when another claims it, once in 10 s at most"},
};
static const struct gyl_conf_table protect_table = {
	protect_keys, CNT(protect_keys), sizeof(struct gyl_arpd_protect_conf)};

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
	{.name = "vendors",
		.type = GYL_CONF_PATH,
		OFF(vendors),
		.def = "/usr/share/ieee-data/oui.txt",
		.help = "list of MAC prefixes and vendors, as oui.txt or oui.csv of the IEEE; empty: none"},
	{.name = "leases",
		.type = GYL_CONF_U32,
		OFF(lease_cnt),
		.def = "10000",
		.min = 16,
		.max = 1000000,
		.help = "most leases and names that are remembered"},
	{.name = "lease_grace",
		.type = GYL_CONF_DURATION,
		OFF(lease_grace_ns),
		.def = "30s",
		.max = GYL_NS_PER_DAY,
		.help = "judge who uses an address so long after its lease changed"},
	{.name = "leased",
		.type = GYL_CONF_RANGE,
		.flags = GYL_CONF_LIST,
		OFF(leased),
		.help = "addresses that nobody may use without a lease from dhcpd"},
	{.name = "networks",
		.type = GYL_CONF_NETWORK,
		.flags = GYL_CONF_LIST,
		OFF(networks),
		.help = "networks that all hosts are in; not given: any"},
	{.name = "dhcp_servers",
		.type = GYL_CONF_IPV4,
		.flags = GYL_CONF_LIST,
		OFF(servers),
		.help = "DHCP servers that are meant to be there; others are told as rogue"},
	{.name = "protect",
		.type = GYL_CONF_OBJECT,
		.flags = GYL_CONF_LIST,
		OFF(protect),
		.table = &protect_table,
		.help = "addresses whose use by another station is an alarm"},
	{.name = "flood",
		.type = GYL_CONF_U32,
		OFF(flood_cnt),
		.def = "500",
		.max = 1000000,
		.help = "tell of a station that sends so many frames in 10 s; 0: never"},
	{.name = "announcements",
		.type = GYL_CONF_U32,
		OFF(announce_cnt),
		.def = "20",
		.max = 1000000,
		.help = "tell of a station that announces itself so often in 10 s; 0: never"},
	{.name = "sweep",
		.type = GYL_CONF_U32,
		OFF(sweep_cnt),
		.def = "100",
		.max = 1000000,
		.help = "tell of a station that asks for so many unknown addresses in 10 s; 0: never"},
	{.name = "unknown",
		.type = GYL_CONF_ENUM,
		OFF(unknown),
		.def = "silent",
		.word = unknown_words,
		.help = "what to do about questions for an address that nobody has"},
	{.name = "unknown_after",
		.type = GYL_CONF_U32,
		OFF(unknown_after),
		.def = "5",
		.min = 1,
		.max = 1000,
		.help = "so many questions in a row without an answer"},
	{.name = "unknown_answer",
		.type = GYL_CONF_RANGE,
		.flags = GYL_CONF_LIST,
		OFF(unknown_answer),
		.help = "addresses that unknown = answer may answer for, with our MAC"},
	{.name = "proxy",
		.type = GYL_CONF_RANGE,
		.flags = GYL_CONF_LIST,
		OFF(proxy),
		.help = "addresses that we answer for at once, with our MAC (RFC 1027)"},
	{.name = "scan",
		.type = GYL_CONF_NETWORK,
		.flags = GYL_CONF_LIST,
		OFF(scan),
		.help = "networks that may be scanned by asking for each address"},
	{.name = "scan_rate",
		.type = GYL_CONF_U32,
		OFF(scan_rate),
		.def = "100",
		.min = 1,
		.max = 10000,
		.help = "questions a second of a scan"},
	{.name = "scan_every",
		.type = GYL_CONF_DURATION,
		OFF(scan_every_ns),
		.def = "0s",
		.help = "scan all of these networks so often; 0s: only when asked"},
};

static const struct gyl_conf_table table = {keys, CNT(keys), sizeof(struct gyl_arpd_conf)};

static void check_length(
	struct gyl_ref list, const char *path, uint32_t max, struct gyl_conf_check *ck)
{
	if (list.cnt > max)
		gyl_conf_fail(ck, path, "expected %u of them at most, got %u", max, list.cnt);
}

static void check_protect(
	const struct gyl_flat *f, const struct gyl_arpd_conf *cf, struct gyl_conf_check *ck)
{
	const struct gyl_arpd_protect_conf *p = gyl_flat_at(f, cf->protect);
	char path[40];

	for (uint32_t i = 0; i < cf->protect.cnt && i < GYL_ARPD_PROTECT_MAX; i++)
		for (uint32_t n = 0; n < i; n++)
			if (p[i].ip == p[n].ip && p[i].vlan == p[n].vlan) {
				snprintf(path, sizeof path, "protect.%u.address", i);
				gyl_conf_fail(ck, path, "is there twice");
			}
}

/* A question an address: a network of more would take hours, and nobody has one on a link. */
static void check_scan(
	const struct gyl_flat *f, const struct gyl_arpd_conf *cf, struct gyl_conf_check *ck)
{
	const struct gyl_conf_prefix *p = gyl_flat_at(f, cf->scan);
	char path[40];

	for (uint32_t i = 0; i < cf->scan.cnt; i++)
		if (p[i].len < 16) {
			snprintf(path, sizeof path, "scan.%u", i);
			gyl_conf_fail(ck, path, "expected a network of /16 or smaller, got /%u",
				p[i].len);
		}
	if (cf->scan_every_ns != 0 && cf->scan_every_ns < GYL_NS_PER_MIN)
		gyl_conf_fail(ck, "scan_every", "expected 0s, or 1m or more");
	if (cf->scan_every_ns != 0 && cf->scan.cnt == 0)
		gyl_conf_fail(ck, "scan_every", "needs \"scan\", the networks");
}

static void check(const struct gyl_flat *f, const void *root, struct gyl_conf_check *ck)
{
	const struct gyl_arpd_conf *cf = root;

	gyl_top_iface_check(f, cf->interfaces, ck);
	check_length(cf->protect, "protect", GYL_ARPD_PROTECT_MAX, ck);
	check_length(cf->leased, "leased", GYL_ARPD_RANGE_MAX, ck);
	check_length(cf->proxy, "proxy", GYL_ARPD_RANGE_MAX, ck);
	check_length(cf->unknown_answer, "unknown_answer", GYL_ARPD_RANGE_MAX, ck);
	check_length(cf->networks, "networks", GYL_ARPD_NETWORK_MAX, ck);
	check_length(cf->scan, "scan", GYL_ARPD_NETWORK_MAX, ck);
	check_length(cf->servers, "dhcp_servers", GYL_ARPD_SERVER_MAX, ck);
	check_protect(f, cf, ck);
	check_scan(f, cf, ck);
	if (cf->unknown == GYL_ARPD_UNKNOWN_ANSWER && cf->unknown_answer.cnt == 0)
		gyl_conf_fail(ck, "unknown", "\"answer\" needs \"unknown_answer\", the addresses");
}

const struct gyl_conf_section gyl_arpd_conf_section = {"arpd", &table, check};
