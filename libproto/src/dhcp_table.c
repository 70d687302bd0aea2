/* SPDX-License-Identifier: ISC */

/* The one table of options: code, kind of value, name. All the rest of the codec looks here. */

#include "libproto/src/dhcp_kind.h"

#include <gyl/text.h>

/* Names are those of Kea and ISC where they have one, so that configurations read alike. */
#define OPTIONS(X)                                                       \
	X(SUBNET_MASK, IPV4, "subnet-mask")                              \
	X(TIME_OFFSET, S32, "time-offset")                               \
	X(ROUTERS, IPV4S, "routers")                                     \
	X(TIME_SERVERS, IPV4S, "time-servers")                           \
	X(IEN116_SERVERS, IPV4S, "ien116-name-servers")                  \
	X(DNS_SERVERS, IPV4S, "domain-name-servers")                     \
	X(LOG_SERVERS, IPV4S, "log-servers")                             \
	X(COOKIE_SERVERS, IPV4S, "cookie-servers")                       \
	X(LPR_SERVERS, IPV4S, "lpr-servers")                             \
	X(IMPRESS_SERVERS, IPV4S, "impress-servers")                     \
	X(RESOURCE_SERVERS, IPV4S, "resource-location-servers")          \
	X(HOST_NAME, STRING, "host-name")                                \
	X(BOOT_SIZE, U16, "boot-size")                                   \
	X(MERIT_DUMP, STRING, "merit-dump")                              \
	X(DOMAIN_NAME, STRING, "domain-name")                            \
	X(SWAP_SERVER, IPV4, "swap-server")                              \
	X(ROOT_PATH, STRING, "root-path")                                \
	X(EXTENSIONS_PATH, STRING, "extensions-path")                    \
	X(IP_FORWARDING, BOOL, "ip-forwarding")                          \
	X(NON_LOCAL_ROUTING, BOOL, "non-local-source-routing")           \
	X(POLICY_FILTER, IPV4_PAIRS, "policy-filter")                    \
	X(MAX_REASSEMBLY, U16, "max-dgram-reassembly")                   \
	X(DEFAULT_TTL, U8, "default-ip-ttl")                             \
	X(PMTU_TIMEOUT, U32, "path-mtu-aging-timeout")                   \
	X(PMTU_PLATEAU, U16S, "path-mtu-plateau-table")                  \
	X(INTERFACE_MTU, U16, "interface-mtu")                           \
	X(ALL_SUBNETS_LOCAL, BOOL, "all-subnets-local")                  \
	X(BROADCAST, IPV4, "broadcast-address")                          \
	X(MASK_DISCOVERY, BOOL, "perform-mask-discovery")                \
	X(MASK_SUPPLIER, BOOL, "mask-supplier")                          \
	X(ROUTER_DISCOVERY, BOOL, "router-discovery")                    \
	X(ROUTER_SOLICITATION, IPV4, "router-solicitation-address")      \
	X(STATIC_ROUTES, IPV4_PAIRS, "static-routes")                    \
	X(TRAILERS, BOOL, "trailer-encapsulation")                       \
	X(ARP_TIMEOUT, U32, "arp-cache-timeout")                         \
	X(ETHERNET_ENCAPSULATION, BOOL, "ieee802-3-encapsulation")       \
	X(TCP_TTL, U8, "default-tcp-ttl")                                \
	X(TCP_KEEPALIVE, U32, "tcp-keepalive-interval")                  \
	X(TCP_KEEPALIVE_GARBAGE, BOOL, "tcp-keepalive-garbage")          \
	X(NIS_DOMAIN, STRING, "nis-domain")                              \
	X(NIS_SERVERS, IPV4S, "nis-servers")                             \
	X(NTP_SERVERS, IPV4S, "ntp-servers")                             \
	X(VENDOR, SUBOPTS, "vendor-encapsulated-options")                \
	X(NETBIOS_NAME_SERVERS, IPV4S, "netbios-name-servers")           \
	X(NETBIOS_DD_SERVERS, IPV4S, "netbios-dd-server")                \
	X(NETBIOS_NODE_TYPE, U8, "netbios-node-type")                    \
	X(NETBIOS_SCOPE, STRING, "netbios-scope")                        \
	X(X_FONT_SERVERS, IPV4S, "font-servers")                         \
	X(X_DISPLAY_MANAGERS, IPV4S, "x-display-manager")                \
	X(REQUESTED_IP, IPV4, "dhcp-requested-address")                  \
	X(LEASE_TIME, U32, "dhcp-lease-time")                            \
	X(OVERLOAD, U8, "dhcp-option-overload")                          \
	X(TYPE, U8, "dhcp-message-type")                                 \
	X(SERVER_ID, IPV4, "dhcp-server-identifier")                     \
	X(REQUEST_LIST, U8S, "dhcp-parameter-request-list")              \
	X(MESSAGE, STRING, "dhcp-message")                               \
	X(MAX_SIZE, U16, "dhcp-max-message-size")                        \
	X(RENEWAL_TIME, U32, "dhcp-renewal-time")                        \
	X(REBINDING_TIME, U32, "dhcp-rebinding-time")                    \
	X(VENDOR_CLASS, STRING, "vendor-class-identifier")               \
	X(CLIENT_ID, CLIENT_ID, "dhcp-client-identifier")                \
	X(NWIP_DOMAIN, STRING, "nwip-domain")                            \
	X(NWIP, SUBOPTS, "nwip-suboptions")                              \
	X(NISPLUS_DOMAIN, STRING, "nisplus-domain")                      \
	X(NISPLUS_SERVERS, IPV4S, "nisplus-servers")                     \
	X(TFTP_SERVER_NAME, STRING, "tftp-server-name")                  \
	X(BOOTFILE, STRING, "bootfile-name")                             \
	X(MOBILE_IP_AGENTS, IPV4S_OR_NONE, "mobile-ip-home-agent")       \
	X(SMTP_SERVERS, IPV4S, "smtp-server")                            \
	X(POP3_SERVERS, IPV4S, "pop-server")                             \
	X(NNTP_SERVERS, IPV4S, "nntp-server")                            \
	X(WWW_SERVERS, IPV4S, "www-server")                              \
	X(FINGER_SERVERS, IPV4S, "finger-server")                        \
	X(IRC_SERVERS, IPV4S, "irc-server")                              \
	X(STREETTALK_SERVERS, IPV4S, "streettalk-server")                \
	X(STDA_SERVERS, IPV4S, "streettalk-directory-assistance-server") \
	X(USER_CLASS, USER_CLASS, "user-class")                          \
	X(SLP_DIRECTORY_AGENT, SLP_AGENT, "slp-directory-agent")         \
	X(SLP_SERVICE_SCOPE, SLP_SCOPE, "slp-service-scope")             \
	X(RAPID_COMMIT, EMPTY, "rapid-commit")                           \
	X(FQDN, FQDN, "fqdn")                                            \
	X(RELAY, RELAY, "dhcp-agent-options")                            \
	X(ISNS, BYTES, "isns")                                           \
	X(NDS_SERVERS, IPV4S, "nds-servers")                             \
	X(NDS_TREE, STRING, "nds-tree-name")                             \
	X(NDS_CONTEXT, STRING, "nds-context")                            \
	X(BCMCS_DOMAINS, NAMES, "bcms-controller-names")                 \
	X(BCMCS_SERVERS, IPV4S, "bcms-controller-address")               \
	X(AUTHENTICATION, AUTH, "authentication")                        \
	X(LAST_TRANSACTION, U32, "client-last-transaction-time")         \
	X(ASSOCIATED_IP, IPV4S, "associated-ip")                         \
	X(CLIENT_ARCH, U16S, "client-system")                            \
	X(CLIENT_NDI, NDI, "client-ndi")                                 \
	X(CLIENT_UUID, UUID, "uuid-guid")                                \
	X(USER_AUTH, STRING, "uap-servers")                              \
	X(CIVIC, BYTES, "geoconf-civic")                                 \
	X(POSIX_TIMEZONE, STRING, "pcode")                               \
	X(TZDB_TIMEZONE, STRING, "tcode")                                \
	X(IPV6_ONLY, U32, "v6-only-preferred")                           \
	X(NETINFO_ADDRESS, IPV4S, "netinfo-server-address")              \
	X(NETINFO_TAG, STRING, "netinfo-server-tag")                     \
	X(CAPTIVE_PORTAL, STRING, "v4-captive-portal")                   \
	X(AUTO_CONFIG, U8, "auto-config")                                \
	X(NAME_SERVICE_SEARCH, U16S, "name-service-search")              \
	X(SUBNET_SELECTION, IPV4, "subnet-selection")                    \
	X(DOMAIN_SEARCH, NAMES, "domain-search")                         \
	X(SIP_SERVERS, SIP, "sip-servers")                               \
	X(ROUTES, ROUTES, "classless-static-route")                      \
	X(CABLELABS, SUBOPTS, "cablelabs-client-configuration")          \
	X(GEOCONF, BYTES, "geoconf")                                     \
	X(VI_CLASS, VI_CLASS, "vivco-suboptions")                        \
	X(VI_OPTIONS, VI_OPTIONS, "vivso-suboptions")                    \
	X(PANA_AGENT, IPV4S, "pana-agent")                               \
	X(LOST_SERVER, NAME, "v4-lost")                                  \
	X(CAPWAP_AC, IPV4S, "capwap-ac-v4")                              \
	X(MOS_ADDRESS, SUBOPTS, "ipv4-address-mos")                      \
	X(MOS_FQDN, SUBOPTS, "ipv4-fqdn-mos")                            \
	X(SIP_UA_DOMAINS, NAMES, "sip-ua-cs-domains")                    \
	X(ANDSF_SERVERS, IPV4S, "ipv4-address-andsf")                    \
	X(SZTP_REDIRECT, URIS, "v4-sztp-redirect")                       \
	X(GEOLOC, BYTES, "geoloc")                                       \
	X(FORCERENEW_NONCE, U8S, "forcerenew-nonce-capable")             \
	X(RDNSS_SELECTION, BYTES, "rdnss-selection")                     \
	X(DOTS_RI, NAME, "v4-dots-ri")                                   \
	X(DOTS_ADDRESS, IPV4S, "v4-dots-address")                        \
	X(TFTP_SERVERS, IPV4S, "tftp-server-address")                    \
	X(STATUS_CODE, STATUS, "status-code")                            \
	X(BASE_TIME, U32, "base-time")                                   \
	X(START_OF_STATE, U32, "start-time-of-state")                    \
	X(QUERY_START, U32, "query-start-time")                          \
	X(QUERY_END, U32, "query-end-time")                              \
	X(STATE, U8, "dhcp-state")                                       \
	X(DATA_SOURCE, U8, "data-source")                                \
	X(PCP_SERVERS, PCP, "v4-pcp-server")                             \
	X(PORT_PARAMS, BYTES, "v4-portparams")                           \
	X(CAPTIVE_PORTAL_OLD, STRING, "v4-captive-portal-old")           \
	X(MUD_URL, STRING, "mud-url")                                    \
	X(DNR, DNR, "v4-dnr")                                            \
	X(ETHERBOOT, SUBOPTS, "ipxe")                                    \
	X(PXELINUX_MAGIC, BYTES, "pxelinux-magic")                       \
	X(PXELINUX_CONFIG, STRING, "pxelinux-configfile")                \
	X(PXELINUX_PREFIX, STRING, "pxelinux-pathprefix")                \
	X(PXELINUX_REBOOT, U32, "pxelinux-reboottime")                   \
	X(SIXRD, SIXRD, "option-6rd")                                    \
	X(ACCESS_DOMAIN, NAME, "v4-access-domain")                       \
	X(SUBNET_ALLOCATION, BYTES, "subnet-allocation")                 \
	X(VSS, BYTES, "vss")                                             \
	X(ROUTES_MS, ROUTES, "ms-classless-static-route")                \
	X(WPAD, STRING, "wpad-url")

#define KIND_OF(code, kind, name) [GYL_DHCP_OPT_##code] = GYL_DHCP_KIND_##kind,
const uint8_t gyl__dhcp_kind[256] = {OPTIONS(KIND_OF)};

#define NAME_OF(code, kind, name) [GYL_DHCP_OPT_##code] = name,
static const char *const names[256] = {OPTIONS(NAME_OF)};

/* Lengths a kind allows: one only, a number of items of some octets each, or that many and more. */
#define FIXED(len)                       \
	{                                \
		len, GYL__DHCP_LEN_FIXED \
	}
#define ITEMS(min, len)      \
	{                    \
		min, (len)-1 \
	}
#define FROM(min)      \
	{              \
		min, 0 \
	}
#define LEN_BYTES                FROM(0)
#define LEN_EMPTY                FIXED(0)
#define LEN_BOOL                 FIXED(1)
#define LEN_U8                   FIXED(1)
#define LEN_U16                  FIXED(2)
#define LEN_U32                  FIXED(4)
#define LEN_S32                  FIXED(4)
#define LEN_U8S                  FROM(1)
#define LEN_U16S                 ITEMS(2, 2)
#define LEN_IPV4                 FIXED(4)
#define LEN_IPV4S                ITEMS(4, 4)
#define LEN_IPV4S_OR_NONE        ITEMS(0, 4)
#define LEN_IPV4_PAIRS           ITEMS(8, 8)
#define LEN_STRING               FROM(1)
#define LEN_NAME                 FROM(1)
#define LEN_NAMES                FROM(1)
#define LEN_ROUTES               FROM(5)
#define LEN_SUBOPTS              FROM(1)
#define LEN_RELAY                FROM(2)
#define LEN_CLIENT_ID            FROM(2)
#define LEN_FQDN                 FROM(3)
#define LEN_USER_CLASS           FROM(1)
#define LEN_VI_CLASS             FROM(5)
#define LEN_VI_OPTIONS           FROM(5)
#define LEN_SIP                  FROM(2)
#define LEN_UUID                 FIXED(17)
#define LEN_NDI                  FIXED(3)
#define LEN_AUTH                 FROM(11)
#define LEN_SLP_AGENT            FROM(1)
#define LEN_SLP_SCOPE            FROM(1)
#define LEN_STATUS               FROM(1)
#define LEN_PCP                  FROM(5)
#define LEN_URIS                 FROM(2)
#define LEN_SIXRD                FROM(22)
#define LEN_DNR                  FROM(6)

#define LEN_OF(code, kind, name) [GYL_DHCP_OPT_##code] = LEN_##kind,
const struct gyl__dhcp_len gyl__dhcp_len[256] = {OPTIONS(LEN_OF)};

struct gyl_dhcp_opt_info gyl_dhcp_opt_get(uint8_t code)
{
	struct gyl_dhcp_opt_info info = {code, gyl__dhcp_kind[code], names[code]};

	return info;
}

bool gyl_dhcp_opt_by_name(struct gyl_view name, uint8_t *ret_code)
{
	uint64_t number;

	if (!gyl_failed(gyl_parse_u64(name, GYL_DHCP_OPT_END - 1, &number)) && number != 0) {
		*ret_code = (uint8_t)number;
		return true;
	}
	for (unsigned code = 0; code < 256; code++) {
		if (names[code] == NULL || !gyl_view_eq(name, gyl_view_str(names[code])))
			continue;
		*ret_code = (uint8_t)code;
		return true;
	}
	return false;
}

const char *gyl_dhcp_type_name(uint8_t type)
{
	static const char *const type_names[] = {
		"BOOTP",
		"DISCOVER",
		"OFFER",
		"REQUEST",
		"DECLINE",
		"ACK",
		"NAK",
		"RELEASE",
		"INFORM",
		"FORCERENEW",
		"LEASEQUERY",
		"LEASEUNASSIGNED",
		"LEASEUNKNOWN",
		"LEASEACTIVE",
		"BULKLEASEQUERY",
		"LEASEQUERYDONE",
		"ACTIVELEASEQUERY",
		"LEASEQUERYSTATUS",
		"TLS",
	};

	return type < sizeof type_names / sizeof type_names[0] ? type_names[type] : NULL;
}
