/* SPDX-License-Identifier: ISC */
#ifndef GYL_DHCP_H
#define GYL_DHCP_H

/**
 * @file dhcp.h
 * @brief DHCPv4 messages: decode, walk, find, join and write (RFC 2131, 2132, 3396, BOOTP 951).
 *
 * The conventions of `<gyl/base.h>` apply. The pieces:
 *
 * - gyl_dhcp_decode() proves the framing of a message once. After it nothing can fail any more:
 *   - a #gyl_dhcp_cursor walks every well-framed option in the order of RFC 3396 section 5:
 *     options field, then `file`, then `sname` when they are overloaded;
 *   - gyl_dhcp_find() looks for one option, a #gyl_dhcp_index for many in O(1);
 *   - gyl_dhcp_join() puts an option together that was sent in pieces.
 * - A bad option costs itself, not the message: it is skipped, and decode says #GYL_LENIENT with
 * the place of the first one. Only an unreadable header or message type refuses the message.
 * - A #gyl_dhcp_writer builds a message in the caller's buffer, never longer than told.
 *
 * What the octets of an option's value mean is in `<gyl/dhcp_opt.h>`, text and JSON for people in
 * `<gyl/dhcp_print.h>`. Decisions where the RFCs leave room: `libproto/docs/dhcp.md`.
 */

#include <gyl/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Octets before the magic cookie. */
#define GYL_DHCP_HDR_LEN        236
/** Octets before the options: header and magic cookie. */
#define GYL_DHCP_OPTS_OFF       240
/** First four octets of the options field. @rfc{2131,3} */
#define GYL_DHCP_COOKIE         0x63825363u
/** Shortest message to send: BOOTP relays and clients drop shorter ones. @rfc{1542,2.1} */
#define GYL_DHCP_LEN_MIN        300
/** Longest message that every client takes: 576 octets of IP datagram. @rfc{2131,2} */
#define GYL_DHCP_LEN_DEFAULT    548
/** UDP ports of servers and relays, and of clients. */
#define GYL_DHCP_PORT_SERVER    67
#define GYL_DHCP_PORT_CLIENT    68
/** `flags`: the client cannot receive unicast before it has an address. @rfc{2131,2} */
#define GYL_DHCP_FLAG_BROADCAST 0x8000u
/** Lease time that never ends. @rfc{2131,3.3} */
#define GYL_DHCP_INFINITE       0xffffffffu

/** `op` of the header. */
enum gyl_dhcp_op {
	GYL_DHCP_BOOTREQUEST = 1, /**< from a client or relay */
	GYL_DHCP_BOOTREPLY = 2,   /**< from a server */
};

/** Value of option 53. 0 stands for a BOOTP message, which has none. @rfc{2132,9.6} */
enum gyl_dhcp_type {
	GYL_DHCP_DISCOVER = 1,          /**< client looks for servers */
	GYL_DHCP_OFFER = 2,             /**< server proposes an address */
	GYL_DHCP_REQUEST = 3,           /**< client takes an offer, renews or verifies */
	GYL_DHCP_DECLINE = 4,           /**< client found the address in use */
	GYL_DHCP_ACK = 5,               /**< server commits the lease */
	GYL_DHCP_NAK = 6,               /**< server refuses the request */
	GYL_DHCP_RELEASE = 7,           /**< client gives its address back */
	GYL_DHCP_INFORM = 8,            /**< client has an address, wants the rest */
	GYL_DHCP_FORCERENEW = 9,        /**< RFC 3203 */
	GYL_DHCP_LEASEQUERY = 10,       /**< RFC 4388 */
	GYL_DHCP_LEASEUNASSIGNED = 11,  /**< RFC 4388 */
	GYL_DHCP_LEASEUNKNOWN = 12,     /**< RFC 4388 */
	GYL_DHCP_LEASEACTIVE = 13,      /**< RFC 4388 */
	GYL_DHCP_BULKLEASEQUERY = 14,   /**< RFC 6926 */
	GYL_DHCP_LEASEQUERYDONE = 15,   /**< RFC 6926 */
	GYL_DHCP_ACTIVELEASEQUERY = 16, /**< RFC 7724 */
	GYL_DHCP_LEASEQUERYSTATUS = 17, /**< RFC 7724 */
	GYL_DHCP_TLS = 18,              /**< RFC 7724 */
};

/** Option codes, with the RFC (and its section) that defines the value. Codes not listed are bytes.
 */
enum gyl_dhcp_opt_code {
	GYL_DHCP_OPT_PAD = 0,                     /**< 2132 3.1, one octet, no length */
	GYL_DHCP_OPT_SUBNET_MASK = 1,             /**< 2132 3.3 */
	GYL_DHCP_OPT_TIME_OFFSET = 2,             /**< 2132 3.4, seconds east of UTC */
	GYL_DHCP_OPT_ROUTERS = 3,                 /**< 2132 3.5 */
	GYL_DHCP_OPT_TIME_SERVERS = 4,            /**< 2132 3.6, RFC 868 */
	GYL_DHCP_OPT_IEN116_SERVERS = 5,          /**< 2132 3.7 */
	GYL_DHCP_OPT_DNS_SERVERS = 6,             /**< 2132 3.8 */
	GYL_DHCP_OPT_LOG_SERVERS = 7,             /**< 2132 3.9, MIT-LCS, not syslog */
	GYL_DHCP_OPT_COOKIE_SERVERS = 8,          /**< 2132 3.10 */
	GYL_DHCP_OPT_LPR_SERVERS = 9,             /**< 2132 3.11 */
	GYL_DHCP_OPT_IMPRESS_SERVERS = 10,        /**< 2132 3.12 */
	GYL_DHCP_OPT_RESOURCE_SERVERS = 11,       /**< 2132 3.13 */
	GYL_DHCP_OPT_HOST_NAME = 12,              /**< 2132 3.14 */
	GYL_DHCP_OPT_BOOT_SIZE = 13,              /**< 2132 3.15, units of 512 octets */
	GYL_DHCP_OPT_MERIT_DUMP = 14,             /**< 2132 3.16 */
	GYL_DHCP_OPT_DOMAIN_NAME = 15,            /**< 2132 3.17 */
	GYL_DHCP_OPT_SWAP_SERVER = 16,            /**< 2132 3.18 */
	GYL_DHCP_OPT_ROOT_PATH = 17,              /**< 2132 3.19 */
	GYL_DHCP_OPT_EXTENSIONS_PATH = 18,        /**< 2132 3.20 */
	GYL_DHCP_OPT_IP_FORWARDING = 19,          /**< 2132 4.1 */
	GYL_DHCP_OPT_NON_LOCAL_ROUTING = 20,      /**< 2132 4.2 */
	GYL_DHCP_OPT_POLICY_FILTER = 21,          /**< 2132 4.3 */
	GYL_DHCP_OPT_MAX_REASSEMBLY = 22,         /**< 2132 4.4 */
	GYL_DHCP_OPT_DEFAULT_TTL = 23,            /**< 2132 4.5 */
	GYL_DHCP_OPT_PMTU_TIMEOUT = 24,           /**< 2132 4.6 */
	GYL_DHCP_OPT_PMTU_PLATEAU = 25,           /**< 2132 4.7 */
	GYL_DHCP_OPT_INTERFACE_MTU = 26,          /**< 2132 5.1 */
	GYL_DHCP_OPT_ALL_SUBNETS_LOCAL = 27,      /**< 2132 5.2 */
	GYL_DHCP_OPT_BROADCAST = 28,              /**< 2132 5.3 */
	GYL_DHCP_OPT_MASK_DISCOVERY = 29,         /**< 2132 5.4 */
	GYL_DHCP_OPT_MASK_SUPPLIER = 30,          /**< 2132 5.5 */
	GYL_DHCP_OPT_ROUTER_DISCOVERY = 31,       /**< 2132 5.6 */
	GYL_DHCP_OPT_ROUTER_SOLICITATION = 32,    /**< 2132 5.7 */
	GYL_DHCP_OPT_STATIC_ROUTES = 33,          /**< 2132 5.8, classful */
	GYL_DHCP_OPT_TRAILERS = 34,               /**< 2132 6.1 */
	GYL_DHCP_OPT_ARP_TIMEOUT = 35,            /**< 2132 6.2 */
	GYL_DHCP_OPT_ETHERNET_ENCAPSULATION = 36, /**< 2132 6.3 */
	GYL_DHCP_OPT_TCP_TTL = 37,                /**< 2132 7.1 */
	GYL_DHCP_OPT_TCP_KEEPALIVE = 38,          /**< 2132 7.2 */
	GYL_DHCP_OPT_TCP_KEEPALIVE_GARBAGE = 39,  /**< 2132 7.3 */
	GYL_DHCP_OPT_NIS_DOMAIN = 40,             /**< 2132 8.1 */
	GYL_DHCP_OPT_NIS_SERVERS = 41,            /**< 2132 8.2 */
	GYL_DHCP_OPT_NTP_SERVERS = 42,            /**< 2132 8.3 */
	GYL_DHCP_OPT_VENDOR = 43,                 /**< 2132 8.4, sub-options by convention */
	GYL_DHCP_OPT_NETBIOS_NAME_SERVERS = 44,   /**< 2132 8.5 */
	GYL_DHCP_OPT_NETBIOS_DD_SERVERS = 45,     /**< 2132 8.6 */
	GYL_DHCP_OPT_NETBIOS_NODE_TYPE = 46,      /**< 2132 8.7 */
	GYL_DHCP_OPT_NETBIOS_SCOPE = 47,          /**< 2132 8.8 */
	GYL_DHCP_OPT_X_FONT_SERVERS = 48,         /**< 2132 8.9 */
	GYL_DHCP_OPT_X_DISPLAY_MANAGERS = 49,     /**< 2132 8.10 */
	GYL_DHCP_OPT_REQUESTED_IP = 50,           /**< 2132 9.1 */
	GYL_DHCP_OPT_LEASE_TIME = 51,             /**< 2132 9.2, seconds, 0xffffffff infinite */
	GYL_DHCP_OPT_OVERLOAD = 52,               /**< 2132 9.3, 1 file, 2 sname, 3 both */
	GYL_DHCP_OPT_TYPE = 53,                   /**< 2132 9.6 */
	GYL_DHCP_OPT_SERVER_ID = 54,              /**< 2132 9.7 */
	GYL_DHCP_OPT_REQUEST_LIST = 55,           /**< 2132 9.8 */
	GYL_DHCP_OPT_MESSAGE = 56,                /**< 2132 9.9 */
	GYL_DHCP_OPT_MAX_SIZE = 57,               /**< 2132 9.10 */
	GYL_DHCP_OPT_RENEWAL_TIME = 58,           /**< 2132 9.11, T1, seconds */
	GYL_DHCP_OPT_REBINDING_TIME = 59,         /**< 2132 9.12, T2, seconds */
	GYL_DHCP_OPT_VENDOR_CLASS = 60,           /**< 2132 9.13 */
	GYL_DHCP_OPT_CLIENT_ID = 61,              /**< 2132 9.14, 4361 */
	GYL_DHCP_OPT_NWIP_DOMAIN = 62,            /**< 2242 */
	GYL_DHCP_OPT_NWIP = 63,                   /**< 2242 */
	GYL_DHCP_OPT_NISPLUS_DOMAIN = 64,         /**< 2132 8.11 */
	GYL_DHCP_OPT_NISPLUS_SERVERS = 65,        /**< 2132 8.12 */
	GYL_DHCP_OPT_TFTP_SERVER_NAME = 66,       /**< 2132 9.4 */
	GYL_DHCP_OPT_BOOTFILE = 67,               /**< 2132 9.5 */
	GYL_DHCP_OPT_MOBILE_IP_AGENTS = 68,       /**< 2132 8.13 */
	GYL_DHCP_OPT_SMTP_SERVERS = 69,           /**< 2132 8.14 */
	GYL_DHCP_OPT_POP3_SERVERS = 70,           /**< 2132 8.15 */
	GYL_DHCP_OPT_NNTP_SERVERS = 71,           /**< 2132 8.16 */
	GYL_DHCP_OPT_WWW_SERVERS = 72,            /**< 2132 8.17 */
	GYL_DHCP_OPT_FINGER_SERVERS = 73,         /**< 2132 8.18 */
	GYL_DHCP_OPT_IRC_SERVERS = 74,            /**< 2132 8.19 */
	GYL_DHCP_OPT_STREETTALK_SERVERS = 75,     /**< 2132 8.20 */
	GYL_DHCP_OPT_STDA_SERVERS = 76,           /**< 2132 8.21 */
	GYL_DHCP_OPT_USER_CLASS = 77,             /**< 3004 */
	GYL_DHCP_OPT_SLP_DIRECTORY_AGENT = 78,    /**< 2610 3 */
	GYL_DHCP_OPT_SLP_SERVICE_SCOPE = 79,      /**< 2610 4 */
	GYL_DHCP_OPT_RAPID_COMMIT = 80,           /**< 4039, empty */
	GYL_DHCP_OPT_FQDN = 81,                   /**< 4702 */
	GYL_DHCP_OPT_RELAY = 82,                  /**< 3046, relay agent information */
	GYL_DHCP_OPT_ISNS = 83,                   /**< 4174 */
	GYL_DHCP_OPT_NDS_SERVERS = 85,            /**< 2241 */
	GYL_DHCP_OPT_NDS_TREE = 86,               /**< 2241 */
	GYL_DHCP_OPT_NDS_CONTEXT = 87,            /**< 2241 */
	GYL_DHCP_OPT_BCMCS_DOMAINS = 88,          /**< 4280 */
	GYL_DHCP_OPT_BCMCS_SERVERS = 89,          /**< 4280 */
	GYL_DHCP_OPT_AUTHENTICATION = 90,         /**< 3118 */
	GYL_DHCP_OPT_LAST_TRANSACTION = 91,       /**< 4388 6.1, seconds ago */
	GYL_DHCP_OPT_ASSOCIATED_IP = 92,          /**< 4388 6.1 */
	GYL_DHCP_OPT_CLIENT_ARCH = 93,            /**< 4578 2.1 */
	GYL_DHCP_OPT_CLIENT_NDI = 94,             /**< 4578 2.2 */
	GYL_DHCP_OPT_CLIENT_UUID = 97,            /**< 4578 2.3 */
	GYL_DHCP_OPT_USER_AUTH = 98,              /**< 2485 */
	GYL_DHCP_OPT_CIVIC = 99,                  /**< 4776 */
	GYL_DHCP_OPT_POSIX_TIMEZONE = 100,        /**< 4833 */
	GYL_DHCP_OPT_TZDB_TIMEZONE = 101,         /**< 4833 */
	GYL_DHCP_OPT_IPV6_ONLY = 108,             /**< 8925, seconds */
	GYL_DHCP_OPT_NETINFO_ADDRESS = 112,       /**< Apple */
	GYL_DHCP_OPT_NETINFO_TAG = 113,           /**< Apple */
	GYL_DHCP_OPT_CAPTIVE_PORTAL = 114,        /**< 8910, URI */
	GYL_DHCP_OPT_AUTO_CONFIG = 116,           /**< 2563 */
	GYL_DHCP_OPT_NAME_SERVICE_SEARCH = 117,   /**< 2937 */
	GYL_DHCP_OPT_SUBNET_SELECTION = 118,      /**< 3011 */
	GYL_DHCP_OPT_DOMAIN_SEARCH = 119,         /**< 3397 */
	GYL_DHCP_OPT_SIP_SERVERS = 120,           /**< 3361 */
	GYL_DHCP_OPT_ROUTES = 121,                /**< 3442 */
	GYL_DHCP_OPT_CABLELABS = 122,             /**< 3495 */
	GYL_DHCP_OPT_GEOCONF = 123,               /**< 6225 */
	GYL_DHCP_OPT_VI_CLASS = 124,              /**< 3925 3 */
	GYL_DHCP_OPT_VI_OPTIONS = 125,            /**< 3925 4 */
	GYL_DHCP_OPT_PANA_AGENT = 136,            /**< 5192 */
	GYL_DHCP_OPT_LOST_SERVER = 137,           /**< 5223 */
	GYL_DHCP_OPT_CAPWAP_AC = 138,             /**< 5417 */
	GYL_DHCP_OPT_MOS_ADDRESS = 139,           /**< 5678 */
	GYL_DHCP_OPT_MOS_FQDN = 140,              /**< 5678 */
	GYL_DHCP_OPT_SIP_UA_DOMAINS = 141,        /**< 6011 */
	GYL_DHCP_OPT_ANDSF_SERVERS = 142,         /**< 6153 */
	GYL_DHCP_OPT_SZTP_REDIRECT = 143,         /**< 8572 */
	GYL_DHCP_OPT_GEOLOC = 144,                /**< 6225 */
	GYL_DHCP_OPT_FORCERENEW_NONCE = 145,      /**< 6704 */
	GYL_DHCP_OPT_RDNSS_SELECTION = 146,       /**< 6731 */
	GYL_DHCP_OPT_DOTS_RI = 147,               /**< 8973 */
	GYL_DHCP_OPT_DOTS_ADDRESS = 148,          /**< 8973 */
	GYL_DHCP_OPT_TFTP_SERVERS = 150,          /**< 5859 */
	GYL_DHCP_OPT_STATUS_CODE = 151,           /**< 6926 */
	GYL_DHCP_OPT_BASE_TIME = 152,             /**< 6926, seconds since 1970 */
	GYL_DHCP_OPT_START_OF_STATE = 153,        /**< 6926, seconds ago */
	GYL_DHCP_OPT_QUERY_START = 154,           /**< 6926 */
	GYL_DHCP_OPT_QUERY_END = 155,             /**< 6926 */
	GYL_DHCP_OPT_STATE = 156,                 /**< 6926 */
	GYL_DHCP_OPT_DATA_SOURCE = 157,           /**< 6926 */
	GYL_DHCP_OPT_PCP_SERVERS = 158,           /**< 7291 */
	GYL_DHCP_OPT_PORT_PARAMS = 159,           /**< 7618 */
	GYL_DHCP_OPT_CAPTIVE_PORTAL_OLD = 160,    /**< 7710, withdrawn number of 114 */
	GYL_DHCP_OPT_MUD_URL = 161,               /**< 8520 */
	GYL_DHCP_OPT_DNR = 162,                   /**< 9463 */
	GYL_DHCP_OPT_ETHERBOOT = 175,             /**< Etherboot and iPXE, encapsulated */
	GYL_DHCP_OPT_PXELINUX_MAGIC = 208,        /**< 5071 */
	GYL_DHCP_OPT_PXELINUX_CONFIG = 209,       /**< 5071 */
	GYL_DHCP_OPT_PXELINUX_PREFIX = 210,       /**< 5071 */
	GYL_DHCP_OPT_PXELINUX_REBOOT = 211,       /**< 5071, seconds */
	GYL_DHCP_OPT_SIXRD = 212,                 /**< 5969 */
	GYL_DHCP_OPT_ACCESS_DOMAIN = 213,         /**< 5986 */
	GYL_DHCP_OPT_SUBNET_ALLOCATION = 220,     /**< 6656 */
	GYL_DHCP_OPT_VSS = 221,                   /**< 6607 */
	GYL_DHCP_OPT_ROUTES_MS = 249,             /**< 121 as Microsoft numbered it first */
	GYL_DHCP_OPT_WPAD = 252,                  /**< proxy configuration URL */
	GYL_DHCP_OPT_END = 255,                   /**< 2132 3.2 */
};

/** The fixed fields, named as RFC 2131 section 2 names them. */
struct gyl_dhcp_hdr {
	uint8_t op;         /**< #gyl_dhcp_op; decode accepts nothing else */
	uint8_t htype;      /**< hardware type, 1 = Ethernet */
	uint8_t hlen;       /**< octets of chaddr in use, 0 to 16 */
	uint8_t hops;       /**< relays passed */
	uint32_t xid;       /**< transaction, chosen by the client */
	uint16_t secs;      /**< seconds since the client began */
	uint16_t flags;     /**< #GYL_DHCP_FLAG_BROADCAST, the rest must be zero */
	uint32_t ciaddr;    /**< client's address, when it has one */
	uint32_t yiaddr;    /**< "your" address, given by the server */
	uint32_t siaddr;    /**< server to boot from next */
	uint32_t giaddr;    /**< relay that took the message from the client's link */
	uint8_t chaddr[16]; /**< client's hardware address; all octets as sent, those past hlen too
			     */
};

/** Where an option stands; also the order in which pieces are joined. @rfc{3396,5} */
enum gyl_dhcp_area {
	GYL_DHCP_AREA_OPTIONS = 0,
	GYL_DHCP_AREA_FILE,
	GYL_DHCP_AREA_SNAME,
	GYL_DHCP_AREA_CNT
};

/** A decoded message. Every view points into the input of gyl_dhcp_decode(). */
struct gyl_dhcp_msg {
	struct gyl_dhcp_hdr hdr;
	struct gyl_view in; /**< the whole input */
	struct gyl_view
		area[GYL_DHCP_AREA_CNT]; /**< well-framed options, without END and what follows */
	struct gyl_view sname;           /**< server name up to its NUL; empty when overloaded */
	struct gyl_view file;            /**< boot file name up to its NUL; empty when overloaded */
	uint64_t bad[4];  /**< @private bit per code: its value has an impossible length */
	uint8_t type;     /**< #gyl_dhcp_type or any other non-zero code; 0 = BOOTP */
	uint8_t overload; /**< 0, or option 52: bit 0 file, bit 1 sname hold options */
	bool cookie;      /**< the magic cookie is there; without it there are no options */
};

/** One option as it stands in the message. */
struct gyl_dhcp_opt {
	uint8_t code;        /**< never PAD or END */
	struct gyl_view val; /**< its octets, 0 to 255 */
	size_t off;          /**< of the code octet, from the start of the message */
};

/** Position of a walk over the options. */
struct gyl_dhcp_cursor {
	const uint8_t *msg;          /**< @private first octet of the message */
	const uint8_t *at, *end;     /**< @private what is left of the present area */
	const struct gyl_view *area; /**< @private the areas after it */
	unsigned left;               /**< @private how many of them */
};

/**
 * @brief Decode the fixed header of a DHCPv4 or BOOTP message and prove the framing of its options.
 *
 * @param[in]  in      UDP payload, any length. Must stay valid while @p ret_msg is in use.
 * @param[out] ret_msg Fields in host byte order. Written only on #GYL_OK and #GYL_LENIENT.
 *
 * @return #GYL_OK, or
 * - #GYL_LENIENT: `off` = the first of: an option whose length runs past its field (it and what
 * follows in that field is skipped) or is impossible for its code (skipped by gyl_dhcp_find() and
 * the index, still given by the cursor); the end of a field without END; the place of the cookie in
 * a message without one (BOOTP, no options);
 * - #GYL_E_SHORT: under 236 octets (`off` = 236);
 * - #GYL_E_FIELD: `op` neither 1 nor 2 (`off` 0), `hlen` over 16 (`off` 2);
 * - #GYL_E_OPTION: a message type that is not one octet, or is 0 (`off` = the option);
 * - #GYL_E_LENGTH: over 65,535 octets (`off` = 65535), which no UDP datagram has.
 *
 * @owns nothing
 * @cost one pass, O(in.len)
 * @rfc{2131,2} header, @rfc{2132,9.3} overload, @rfc{3396,5} areas
 */
GYL_API struct gyl_fault gyl_dhcp_decode(struct gyl_view in, struct gyl_dhcp_msg *ret_msg);

/** Begin a walk over all well-framed options of @p msg, which MUST outlive the cursor. */
GYL_API void gyl_dhcp_cursor_init(struct gyl_dhcp_cursor *c, const struct gyl_dhcp_msg *msg);

/**
 * @brief The next option; pads are passed over, pieces of split options come one by one.
 * @return false (and @p ret_opt untouched) at the end.
 */
GYL_API bool gyl_dhcp_cursor_next(struct gyl_dhcp_cursor *c, struct gyl_dhcp_opt *ret_opt);

/** @return true when the value of option @p code is present but has a length its type forbids. */
static inline bool gyl_dhcp_is_bad(const struct gyl_dhcp_msg *msg, uint8_t code)
{
	return msg->bad[code >> 6] >> (code & 63) & 1;
}

/**
 * @brief The first instance of option @p code.
 * @return false when it is absent or bad; then @p ret_val is untouched. @cost O(number of options)
 */
GYL_API bool gyl_dhcp_find(const struct gyl_dhcp_msg *msg, uint8_t code, struct gyl_view *ret_val);

/* Values of fixed length: false when absent or not of that length. */
GYL_API bool gyl_dhcp_find_u8(const struct gyl_dhcp_msg *msg, uint8_t code, uint8_t *ret_v);
GYL_API bool gyl_dhcp_find_u16(const struct gyl_dhcp_msg *msg, uint8_t code, uint16_t *ret_v);
/** Also for IPv4 addresses, which are numbers in host byte order here. */
GYL_API bool gyl_dhcp_find_u32(const struct gyl_dhcp_msg *msg, uint8_t code, uint32_t *ret_v);

/**
 * @brief The whole value of an option that may have been sent in pieces.
 *
 * A single instance is given as it stands in the message, without a copy; several are joined in @p
 * buf. Instances of an option of fixed length are no pieces but repetitions: the first one is
 * given.
 *
 * @param[in]  buf     @p cap octets for the joined value; MUST stay valid while @p ret_val is in
 * use.
 * @param[out] ret_val Into the message or into @p buf.
 * @return #GYL_OK; #GYL_E_MISSING when absent or bad (`off` 0); #GYL_E_SPACE (`off` = octets
 * needed).
 * @rfc{3396,5}
 */
GYL_API struct gyl_fault gyl_dhcp_join(const struct gyl_dhcp_msg *msg, uint8_t code, void *buf,
	size_t cap, struct gyl_view *ret_val);

/** Where the first instance of each option stands, for those who look for many. 544 octets. */
struct gyl_dhcp_index {
	uint16_t off[256]; /**< of the code octet, from the start of the message; 0 = absent or bad
			    */
	uint64_t more[4];  /**< @private bit per code: there are further instances */
};

/** Fill @p ix in one pass over @p msg. @cost O(number of options) and clearing 544 octets */
GYL_API void gyl_dhcp_index_init(struct gyl_dhcp_index *ix, const struct gyl_dhcp_msg *msg);

/** As gyl_dhcp_find(), in O(1). @p msg MUST be the one that @p ix was made of. */
static inline bool gyl_dhcp_index_find(const struct gyl_dhcp_index *ix,
	const struct gyl_dhcp_msg *msg, uint8_t code, struct gyl_view *ret_val)
{
	size_t off = ix->off[code];

	if (off == 0)
		return false;
	*ret_val = gyl_view(msg->in.p + off + 2, msg->in.p[off + 1]);
	return true;
}

/** As gyl_dhcp_join(), in O(1) for an option that came in one piece. @p msg MUST be the one that
 * @p ix was made of. @return false when it is absent, bad, or over @p cap octets. */
static inline bool gyl_dhcp_index_join(const struct gyl_dhcp_index *ix,
	const struct gyl_dhcp_msg *msg, uint8_t code, void *buf, size_t cap,
	struct gyl_view *ret_val)
{
	if ((ix->more[code >> 6] >> (code & 63) & 1) == 0)
		return gyl_dhcp_index_find(ix, msg, code, ret_val);
	return gyl_dhcp_join(msg, code, buf, cap, ret_val).err == GYL_OK;
}

/**
 * @brief Octets of DHCP message that the sender of @p msg takes in reply.
 *
 * Option 57 counts the IP and UDP headers (its least value 576 is the IP datagram that everybody
 * takes), so 28 are taken off; without the option, #GYL_DHCP_LEN_DEFAULT. Never under
 * #GYL_DHCP_LEN_MIN.
 * @rfc{2132,9.10}
 */
GYL_API size_t gyl_dhcp_reply_max(const struct gyl_dhcp_msg *msg);

/**
 * @brief A message under construction.
 *
 * Plain data: a copy of it is a mark, and assigning the copy back takes back whatever was put
 * since. Each `put` writes its option whole or latches #GYL_E_SPACE and writes nothing;
 * gyl_dhcp_try() does not latch.
 * @code
 *   gyl_dhcp_begin(&w, buf, sizeof buf, &hdr);
 *   gyl_dhcp_put_u8(&w, GYL_DHCP_OPT_TYPE, GYL_DHCP_ACK);
 *   gyl_dhcp_put_u32(&w, GYL_DHCP_OPT_LEASE_TIME, 3600);
 *   gyl_dhcp_put_relay(&w, relay);
 *   gyl_dhcp_overload(&w, GYL_DHCP_OVERLOAD_BOTH);
 *   gyl_dhcp_try(&w, GYL_DHCP_OPT_DOMAIN_SEARCH, search);
 *   f = gyl_dhcp_end(&w, GYL_DHCP_LEN_MIN, &len);
 * @endcode
 */
struct gyl_dhcp_writer {
	uint8_t *p;                    /**< @private the caller's buffer */
	size_t cap;                    /**< @private octets of it that may be used */
	size_t at[GYL_DHCP_AREA_CNT];  /**< @private next free octet, from p */
	size_t end[GYL_DHCP_AREA_CNT]; /**< @private one past the last octet for options; room for
					  END is kept */
	struct gyl_view relay;         /**< @private option 82, written last */
	struct gyl_view name[GYL_DHCP_AREA_CNT]; /**< @private what `file` and `sname` say */
	uint8_t allowed;        /**< @private fields that may be overloaded, as option 52 */
	struct gyl_fault fault; /**< first fault, sticky */
};

/** Values of option 52 and arguments of gyl_dhcp_overload(). */
enum gyl_dhcp_overload {
	GYL_DHCP_OVERLOAD_NONE = 0,
	GYL_DHCP_OVERLOAD_FILE = 1,
	GYL_DHCP_OVERLOAD_SNAME = 2,
	GYL_DHCP_OVERLOAD_BOTH = 3,
};

/**
 * @brief Write header and cookie and make ready for options.
 * @param[in] buf At least @p cap octets, at the caller's until gyl_dhcp_end(). MUST not overlap
 * what is put.
 * @param[in] cap The longest message allowed, such as the least of the buffer, gyl_dhcp_reply_max()
 * and what the link takes. Latches #GYL_E_SPACE under 241; more than 65,535 are not used.
 */
GYL_API void gyl_dhcp_begin(
	struct gyl_dhcp_writer *w, void *buf, size_t cap, const struct gyl_dhcp_hdr *hdr);

static inline bool gyl_dhcp_ok(const struct gyl_dhcp_writer *w)
{
	return w->fault.err == GYL_OK;
}

/**
 * @brief Append an option.
 *
 * It goes into the first field with room for all of it. A value over 255 octets becomes several
 * instances, in the order of @rfc{3396,7}; shorter ones are never split. Option 82 is kept for the
 * end, see gyl_dhcp_put_relay(). PAD, END and OVERLOAD belong to the writer: #GYL_E_OPTION is
 * latched.
 */
GYL_API void gyl_dhcp_put(struct gyl_dhcp_writer *w, uint8_t code, struct gyl_view val);

/** As gyl_dhcp_put(), but an option that does not fit is left out without a fault. @return it is
 * in. */
GYL_API bool gyl_dhcp_try(struct gyl_dhcp_writer *w, uint8_t code, struct gyl_view val);

GYL_API void gyl_dhcp_put_u8(struct gyl_dhcp_writer *w, uint8_t code, uint8_t v);
GYL_API void gyl_dhcp_put_u16(struct gyl_dhcp_writer *w, uint8_t code, uint16_t v);
/** Also for IPv4 addresses. */
GYL_API void gyl_dhcp_put_u32(struct gyl_dhcp_writer *w, uint8_t code, uint32_t v);
/** @p cnt addresses in host byte order, at most #GYL_DHCP_IPV4S_MAX (#GYL_E_COUNT is latched). */
GYL_API void gyl_dhcp_put_ipv4s(
	struct gyl_dhcp_writer *w, uint8_t code, const uint32_t *ip, size_t cnt);
/** A NUL-terminated string, without its NUL. */
GYL_API void gyl_dhcp_put_str(struct gyl_dhcp_writer *w, uint8_t code, const char *s);

/** Most addresses in one gyl_dhcp_put_ipv4s(). */
#define GYL_DHCP_IPV4S_MAX 64

/**
 * @brief Keep room for relay agent information, which gyl_dhcp_end() writes as the last option.
 * @param[in] val Value of option 82 as it came, at the caller's until gyl_dhcp_end(). An empty one
 * is no option.
 * @rfc{3046,2.2}
 */
GYL_API void gyl_dhcp_put_relay(struct gyl_dhcp_writer *w, struct gyl_view val);

/** Set `file` to @p name, at the caller's until gyl_dhcp_end(); latches #GYL_E_SPACE over 127
 * octets or when the field may hold options. */
GYL_API void gyl_dhcp_put_file(struct gyl_dhcp_writer *w, struct gyl_view name);
/** Set `sname` likewise; latches #GYL_E_SPACE over 63 octets or when the field may hold options. */
GYL_API void gyl_dhcp_put_sname(struct gyl_dhcp_writer *w, struct gyl_view name);

/**
 * @brief Let options go into `file`, `sname` or both once the options field is full.
 *
 * Fields with a name in them stay as they are. Option 52 is written only when a field was used.
 * @param[in] fields #gyl_dhcp_overload. @rfc{2132,9.3}
 */
GYL_API void gyl_dhcp_overload(struct gyl_dhcp_writer *w, unsigned fields);

/**
 * @brief Write options 52 and 82 where needed, END, and zeros up to @p min_len.
 * @param[in]  min_len #GYL_DHCP_LEN_MIN, or 0.
 * @param[out] ret_len Octets of message in the buffer.
 * @return #GYL_OK, or the first fault, `off` = octets in the options field before it. #GYL_E_SPACE
 * also when
 *         @p min_len is over the capacity.
 */
GYL_API struct gyl_fault gyl_dhcp_end(struct gyl_dhcp_writer *w, size_t min_len, size_t *ret_len);

/** @return "DISCOVER" and so on, "BOOTP" for 0, NULL for an unknown type. */
GYL_API const char *gyl_dhcp_type_name(uint8_t type);

#ifdef __cplusplus
}
#endif

#endif
