/* SPDX-License-Identifier: ISC */

/* Options by the names that other servers have for them, where these are not ours. */

#include <gyl/dhcp_opt.h>

#include "services/guyline/import_option.h"

static const struct {
	const char *name;
	uint8_t code;
} alias[] = {
	/* ISC */
	{"pxe-system-type", 93},
	{"pxe-interface-id", 94},
	{"pxe-client-id", 97},
	{"loader-configfile", 209},
	{"loader-pathprefix", 210},
	{"loader-reboottime", 211},
	{"vivco", 124},
	{"vivso", 125},
	{"rfc3442-classless-static-routes", 121},
	/* Kea */
	{"name-servers", 5},
	{"nwip-domain-name", 62},
	{"nisplus-domain-name", 64},
	{"boot-file-name", 67},
	{"authenticate", 90},
	{"classless-static-routes", 121},
	/* dnsmasq */
	{"netmask", 1},
	{"router", 3},
	{"dns-server", 6},
	{"log-server", 7},
	{"lpr-server", 9},
	{"hostname", 12},
	{"boot-file-size", 13},
	{"extension-path", 18},
	{"ip-forward-enable", 19},
	{"max-datagram-reassembly", 22},
	{"default-ttl", 23},
	{"mtu", 26},
	{"broadcast", 28},
	{"router-solicitation", 32},
	{"static-route", 33},
	{"arp-timeout", 35},
	{"ethernet-encap", 36},
	{"tcp-ttl", 37},
	{"tcp-keepalive", 38},
	{"nis-server", 41},
	{"ntp-server", 42},
	{"vendor-encap", 43},
	{"netbios-ns", 44},
	{"netbios-dd", 45},
	{"netbios-nodetype", 46},
	{"x-windows-fs", 48},
	{"x-windows-dm", 49},
	{"requested-address", 50},
	{"lease-time", 51},
	{"option-overload", 52},
	{"message-type", 53},
	{"server-identifier", 54},
	{"parameter-request", 55},
	{"message", 56},
	{"max-message-size", 57},
	{"T1", 58},
	{"T2", 59},
	{"vendor-class", 60},
	{"client-id", 61},
	{"nis+-domain", 64},
	{"nis+-server", 65},
	{"tftp-server", 66},
	{"mobile-ip-home", 68},
	{"pop3-server", 70},
	{"FQDN", 81},
	{"agent-id", 82},
	{"client-arch", 93},
	{"client-interface-id", 94},
	{"client-machine-id", 97},
	{"posix-timezone", 100},
	{"tzdb-timezone", 101},
	{"ipv6-only", 108},
	{"subnet-select", 118},
	{"sip-server", 120},
	{"vendor-id-encap", 125},
	{"tftp-server-address", 150},
};

bool gyl__import_code(struct gyl_view name, uint8_t *ret_code)
{
	if (gyl_dhcp_opt_by_name(name, ret_code))
		return true;
	for (size_t n = 0; n < sizeof alias / sizeof alias[0]; n++) {
		if (!gyl_view_eq(name, gyl_view_str(alias[n].name)))
			continue;
		*ret_code = alias[n].code;
		return true;
	}
	return false;
}

/* How a value of an option that everybody has is written: the types of gyl__import_encode(). */
static const struct {
	const char *types;
	bool array;
} of_kind[GYL_DHCP_KIND_CNT] = {
	[GYL_DHCP_KIND_EMPTY] = {"-", false},
	[GYL_DHCP_KIND_BOOL] = {"B", false},
	[GYL_DHCP_KIND_U8] = {"1", false},
	[GYL_DHCP_KIND_U16] = {"2", false},
	[GYL_DHCP_KIND_U32] = {"4", false},
	[GYL_DHCP_KIND_S32] = {"w", false},
	[GYL_DHCP_KIND_U8S] = {"1", true},
	[GYL_DHCP_KIND_U16S] = {"2", true},
	[GYL_DHCP_KIND_IPV4] = {"I", false},
	[GYL_DHCP_KIND_IPV4S] = {"I", true},
	[GYL_DHCP_KIND_IPV4S_OR_NONE] = {"I", true},
	[GYL_DHCP_KIND_IPV4_PAIRS] = {"II", true},
	[GYL_DHCP_KIND_STRING] = {"t", false},
	[GYL_DHCP_KIND_NAME] = {"D", false},
	[GYL_DHCP_KIND_NAMES] = {"d", false},
	[GYL_DHCP_KIND_ROUTES] = {"R", true},
};

struct gyl_import_def gyl__import_def_known(uint8_t code)
{
	struct gyl_dhcp_opt_info info = gyl_dhcp_opt_get(code);
	struct gyl_import_def def = {.space = gyl_view_str("dhcp"),
		.name = gyl_view_str(info.name == NULL ? "" : info.name),
		.code = code,
		.types = of_kind[info.kind].types,
		.array = of_kind[info.kind].array};

	if (def.types == NULL)
		def.types = "X";
	return def;
}
