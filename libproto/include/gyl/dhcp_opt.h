/* SPDX-License-Identifier: ISC */
#ifndef GYL_DHCP_OPT_H
#define GYL_DHCP_OPT_H

/**
 * @file dhcp_opt.h
 * @brief Values of DHCPv4 options: what type each code has, readers, writers, checks, and text.
 *
 * Readers take the octets of a value (gyl_dhcp_find(), gyl_dhcp_join()); writers append to a
 * #gyl_writer over the caller's scratch buffer, whose gyl_writer_view() then goes into
 * gyl_dhcp_put(). Cursors over a value that gyl_dhcp_opt_check() has passed give every item; over
 * any other they stop at the first item that is broken, and never read outside the value.
 */

#include <gyl/dhcp.h>
#include <gyl/json.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How a value is built. */
enum gyl_dhcp_kind {
	GYL_DHCP_KIND_BYTES = 0,     /**< anything; also every unknown code */
	GYL_DHCP_KIND_EMPTY,         /**< no octets: being there says it all */
	GYL_DHCP_KIND_BOOL,          /**< one octet, 0 or 1 */
	GYL_DHCP_KIND_U8,            /**< one octet */
	GYL_DHCP_KIND_U16,           /**< two octets */
	GYL_DHCP_KIND_U32,           /**< four octets */
	GYL_DHCP_KIND_S32,           /**< four octets, two's complement */
	GYL_DHCP_KIND_U8S,           /**< one number or more, an octet each */
	GYL_DHCP_KIND_U16S,          /**< one number or more, two octets each */
	GYL_DHCP_KIND_IPV4,          /**< one address */
	GYL_DHCP_KIND_IPV4S,         /**< one address or more */
	GYL_DHCP_KIND_IPV4S_OR_NONE, /**< any number of addresses */
	GYL_DHCP_KIND_IPV4_PAIRS,    /**< one pair or more: destination and mask, or destination and
					router */
	GYL_DHCP_KIND_STRING,        /**< one octet or more of text */
	GYL_DHCP_KIND_NAME,          /**< one domain name, RFC 1035 wire form without compression */
	GYL_DHCP_KIND_NAMES, /**< domain names, RFC 1035 wire form with compression inside the value
			      */
	GYL_DHCP_KIND_ROUTES,     /**< prefixes and routers, RFC 3442 */
	GYL_DHCP_KIND_SUBOPTS,    /**< code, length, octets; pad and END allowed */
	GYL_DHCP_KIND_RELAY,      /**< code, length, octets; neither pad nor END, RFC 3046 */
	GYL_DHCP_KIND_CLIENT_ID,  /**< #gyl_dhcp_client_id */
	GYL_DHCP_KIND_FQDN,       /**< #gyl_dhcp_fqdn */
	GYL_DHCP_KIND_USER_CLASS, /**< length and octets, repeated, RFC 3004; Microsoft sends bare
				     octets */
	GYL_DHCP_KIND_VI_CLASS,   /**< enterprise, then lengths and octets, RFC 3925 section 3 */
	GYL_DHCP_KIND_VI_OPTIONS, /**< enterprise, then sub-options, RFC 3925 section 4 */
	GYL_DHCP_KIND_SIP,        /**< addresses or names, RFC 3361 */
	GYL_DHCP_KIND_UUID,       /**< type octet 0 and 16 octets, RFC 4578 */
	GYL_DHCP_KIND_NDI,        /**< type, major, minor, RFC 4578 */
	GYL_DHCP_KIND_AUTH,       /**< #gyl_dhcp_auth */
	GYL_DHCP_KIND_SLP_AGENT,  /**< mandatory octet and addresses, RFC 2610 */
	GYL_DHCP_KIND_SLP_SCOPE,  /**< mandatory octet and text, RFC 2610 */
	GYL_DHCP_KIND_STATUS,     /**< code octet and text, RFC 6926 */
	GYL_DHCP_KIND_PCP,        /**< lists of addresses, RFC 7291 */
	GYL_DHCP_KIND_URIS,       /**< 16-bit lengths and URIs, RFC 8572 */
	GYL_DHCP_KIND_SIXRD,      /**< #gyl_dhcp_sixrd */
	GYL_DHCP_KIND_DNR,        /**< encrypted resolvers, #gyl_dhcp_dnr */
	GYL_DHCP_KIND_CNT
};

/** What is known of an option code. */
struct gyl_dhcp_opt_info {
	uint8_t code;
	uint8_t kind;     /**< #gyl_dhcp_kind */
	const char *name; /**< such as "domain-search"; NULL when the code is unknown */
};

/** @return what is known of @p code; kind is #GYL_DHCP_KIND_BYTES and name NULL for unknown ones.
 */
GYL_API struct gyl_dhcp_opt_info gyl_dhcp_opt_get(uint8_t code);

/**
 * @brief The code of an option by its name, or by its number 1 to 254 in decimal.
 * @return false when there is no such option.
 */
GYL_API bool gyl_dhcp_opt_by_name(struct gyl_view name, uint8_t *ret_code);

/**
 * @brief Is @p val a whole and correct value of option @p code?
 * @return #GYL_OK, #GYL_E_LENGTH for an impossible length (`off` 0), or what is wrong at which
 * octet of @p val.
 */
GYL_API struct gyl_fault gyl_dhcp_opt_check(uint8_t code, struct gyl_view val);

/**
 * @brief The octets of an option's value from text, as a configuration has it.
 *
 * Each kind's text is what gyl_dhcp_opt_print() writes: numbers, `true`/`false`, addresses, names
 * and text as they are; lists with commas or blanks; routes as `10.0.0.0/8 via 10.0.0.1, ...`;
 * sub-options as `1 hex 0a0b, 2 hex ...`. Any kind may be given as octets, `hex 01 0a:0b`, which
 * are then not checked.
 *
 * @param[in]  text  The value, without quotes; white space around it is dropped, unless the value
 * is text.
 * @param[out] w     The value is appended.
 * @return #GYL_OK; #GYL_E_SYNTAX, #GYL_E_RANGE or #GYL_E_NAME with `off` in @p text; #GYL_E_SPACE
 * from @p w, `off` there. Nothing is appended on a fault.
 */
GYL_API struct gyl_fault gyl_dhcp_opt_parse(
	uint8_t code, struct gyl_view text, struct gyl_writer *w);

/** Text of a value for people, by the kind of @p code; octets as `hex ...` when they are no such
 * value. */
GYL_API void gyl_dhcp_opt_print(struct gyl_writer *w, uint8_t code, struct gyl_view val);
/** The same as a JSON member @p key. A value that is none of its kind is `{"bad":"hex"}`. */
GYL_API void gyl_dhcp_opt_json(
	struct gyl_json *j, const char *key, uint8_t code, struct gyl_view val);

/** Address number @p i (from 0) of a list of addresses; MUST be below `val.len / 4`. */
static inline uint32_t gyl_dhcp_ipv4_at(struct gyl_view val, size_t i)
{
	return gyl_get_u32(val.p + 4 * i);
}

/* ---- Sub-options: 43, 82, 122, 175 and inside 125
 * ------------------------------------------------ */

/** Position in a run of sub-options. */
struct gyl_dhcp_sub_cursor {
	struct gyl_view val; /**< @private */
	size_t at;           /**< @private */
	bool padded;         /**< @private */
};

/** @param[in] padded 0 is a pad and 255 an end, as in option 43; false for 82 and 125, where they
 * are codes. */
GYL_API void gyl_dhcp_sub_init(struct gyl_dhcp_sub_cursor *c, struct gyl_view val, bool padded);
/** The next sub-option, `off` counted in the value; false at the end or at broken framing. */
GYL_API bool gyl_dhcp_sub_next(struct gyl_dhcp_sub_cursor *c, struct gyl_dhcp_opt *ret_sub);
/** The first sub-option @p code; false when there is none before broken framing. */
GYL_API bool gyl_dhcp_sub_find(
	struct gyl_view val, bool padded, uint8_t code, struct gyl_view *ret_val);
/** Append a sub-option. #GYL_E_LENGTH is latched over 255 octets. */
GYL_API void gyl_dhcp_sub_put(struct gyl_writer *w, uint8_t code, struct gyl_view val);

/* ---- 82, relay agent information
 * ------------------------------------------------------------------ */

/** Sub-options of option 82. */
enum gyl_dhcp_relay_code {
	GYL_DHCP_RELAY_CIRCUIT_ID = 1,    /**< RFC 3046 3.1 */
	GYL_DHCP_RELAY_REMOTE_ID = 2,     /**< RFC 3046 3.2 */
	GYL_DHCP_RELAY_DOCSIS = 4,        /**< RFC 3256, device class, u32 */
	GYL_DHCP_RELAY_LINK = 5,          /**< RFC 3527, link selection, address */
	GYL_DHCP_RELAY_SUBSCRIBER_ID = 6, /**< RFC 3993, text */
	GYL_DHCP_RELAY_RADIUS = 7,        /**< RFC 4014 */
	GYL_DHCP_RELAY_AUTH = 8,          /**< RFC 4030 */
	GYL_DHCP_RELAY_VENDOR = 9,        /**< RFC 4243, as option 125 */
	GYL_DHCP_RELAY_FLAGS = 10,        /**< RFC 5010, 0x80: the client's message was unicast */
	GYL_DHCP_RELAY_SERVER_ID = 11,    /**< RFC 5107, server identifier override, address */
	GYL_DHCP_RELAY_ID = 12,           /**< RFC 6925, a DUID */
	GYL_DHCP_RELAY_SOURCE_PORT = 19,  /**< RFC 8357, empty */
	GYL_DHCP_RELAY_VSS = 151,         /**< RFC 6607, virtual subnet */
	GYL_DHCP_RELAY_VSS_CONTROL = 152, /**< RFC 6607, empty: the server did not understand 151 */
};

/** Option 82 read once. A sub-option that is absent or of a wrong length leaves its field empty or
 * 0. */
struct gyl_dhcp_relay {
	struct gyl_view circuit_id;    /**< 1 */
	struct gyl_view remote_id;     /**< 2 */
	struct gyl_view subscriber_id; /**< 6 */
	struct gyl_view vendor;        /**< 9, as option 125 */
	struct gyl_view relay_id;      /**< 12 */
	struct gyl_view vss;           /**< 151 */
	uint32_t link;                 /**< 5 */
	uint32_t server_id;            /**< 11 */
	uint8_t flags;                 /**< 10 */
	bool has_link, has_server_id, has_flags, source_port, vss_control;
};

/**
 * @brief Read the sub-options of option 82 that are known.
 * @param[out] ret_relay Always written: what could be read.
 * @return #GYL_OK; #GYL_LENIENT, `off` = the first sub-option with broken framing (the rest is
 * left) or an impossible length (it is skipped). Either way the option is to be echoed octet by
 * octet.
 * @rfc{3046}
 */
GYL_API struct gyl_fault gyl_dhcp_relay_decode(
	struct gyl_view val, struct gyl_dhcp_relay *ret_relay);

/* ---- 61, client identifier
 * ------------------------------------------------------------------------ */

/** Kinds of DUID. @rfc{8415,11} @rfc{6355} */
enum gyl_dhcp_duid_type {
	GYL_DHCP_DUID_LLT = 1,  /**< hardware type, time, link-layer address */
	GYL_DHCP_DUID_EN = 2,   /**< enterprise, identifier */
	GYL_DHCP_DUID_LL = 3,   /**< hardware type, link-layer address */
	GYL_DHCP_DUID_UUID = 4, /**< 16 octets */
};

/** A DHCP unique identifier. */
struct gyl_dhcp_duid {
	uint16_t type;       /**< #gyl_dhcp_duid_type or any other */
	uint16_t htype;      /**< LLT, LL */
	uint32_t time;       /**< LLT: seconds since 2000-01-01 UTC, modulo 2^32 */
	uint32_t enterprise; /**< EN */
	struct gyl_view id;  /**< the rest: address, identifier, UUID, or all after the type */
};

/** #GYL_OK, or #GYL_E_LENGTH (`off` 0) when it is too short for its type or over 130 octets. */
GYL_API struct gyl_fault gyl_dhcp_duid_decode(struct gyl_view val, struct gyl_dhcp_duid *ret_duid);
GYL_API void gyl_dhcp_duid_encode(struct gyl_writer *w, const struct gyl_dhcp_duid *duid);

/** The forms of option 61. */
enum gyl_dhcp_client_id_form {
	GYL_DHCP_CLIENT_ID_OPAQUE = 0, /**< octets with a meaning to the client alone */
	GYL_DHCP_CLIENT_ID_HW,         /**< hardware type and address, RFC 2132 9.14 */
	GYL_DHCP_CLIENT_ID_DUID,       /**< 255, IAID, DUID, RFC 4361 */
};

/** A client identifier taken apart. For comparing clients take the octets of the option instead. */
struct gyl_dhcp_client_id {
	uint8_t form;              /**< #gyl_dhcp_client_id_form */
	uint8_t htype;             /**< first octet, whatever the form */
	uint32_t iaid;             /**< DUID form */
	struct gyl_dhcp_duid duid; /**< DUID form */
	struct gyl_view id; /**< HW: the address. OPAQUE: all after the first octet. DUID: the
			       DUID's octets */
};

/**
 * @brief Take option 61 apart. Type 1 with 6 octets is #GYL_DHCP_CLIENT_ID_HW, 255 with a correct
 * DUID #GYL_DHCP_CLIENT_ID_DUID, everything else #GYL_DHCP_CLIENT_ID_OPAQUE.
 * @return #GYL_OK, or #GYL_E_LENGTH under two octets.
 */
GYL_API struct gyl_fault gyl_dhcp_client_id_decode(
	struct gyl_view val, struct gyl_dhcp_client_id *ret_id);
/** Append the value; the DUID form is made of `iaid` and `duid`, the others of `htype` and `id`. */
GYL_API void gyl_dhcp_client_id_encode(struct gyl_writer *w, const struct gyl_dhcp_client_id *id);

/* ---- Domain names: 119 and others
 * ----------------------------------------------------------------- */

/** Longest name in wire form, and as text with escapes (each octet as `\ddd`) without NUL. */
#define GYL_DHCP_NAME_MAX      255
#define GYL_DHCP_NAME_TEXT_MAX 1004

/** A domain name in wire form, without compression, root label included. */
struct gyl_dhcp_name {
	uint8_t len; /**< octets of wire in use, 1 to 255 */
	uint8_t wire[GYL_DHCP_NAME_MAX];
};

/** Position in a list of names. */
struct gyl_dhcp_name_cursor {
	struct gyl_view val; /**< @private */
	size_t at;           /**< @private */
};

GYL_API void gyl_dhcp_name_init(struct gyl_dhcp_name_cursor *c, struct gyl_view val);
/**
 * @brief The next name, pointers resolved (they MAY only point backwards inside the value, RFC 3397
 * section 2).
 * @return false at the end or at a broken name.
 */
GYL_API bool gyl_dhcp_name_next(struct gyl_dhcp_name_cursor *c, struct gyl_dhcp_name *ret_name);
/** #GYL_OK, #GYL_E_NAME or #GYL_E_POINTER with its place in @p val, #GYL_E_SHORT when it ends
 * inside a name. */
GYL_API struct gyl_fault gyl_dhcp_names_check(struct gyl_view val);
/**
 * @brief Append a name, pointing at the longest suffix written before it.
 * @param[in] base `w->len` where the value began: pointers count from there. A value over 16,384
 * octets is not compressed past that point.
 */
GYL_API void gyl_dhcp_name_put(struct gyl_writer *w, size_t base, const struct gyl_dhcp_name *name);
/** Text without a final dot (the root is "."); dots and backslashes in labels get a backslash,
 * other odd octets `\ddd`. */
GYL_API void gyl_dhcp_name_print(struct gyl_writer *w, const struct gyl_dhcp_name *name);
/** Text to wire form; a final dot is allowed. #GYL_E_NAME (empty or long label, long name),
 * #GYL_E_SYNTAX (bad escape). */
GYL_API struct gyl_fault gyl_dhcp_name_parse(struct gyl_view text, struct gyl_dhcp_name *ret_name);

/* ---- 81, client FQDN
 * ------------------------------------------------------------------------------ */

/** Flags of option 81. @rfc{4702,2.1} */
enum gyl_dhcp_fqdn_flag {
	GYL_DHCP_FQDN_S = 1, /**< the server should, or did, add the A record */
	GYL_DHCP_FQDN_O = 2, /**< the server overrode S */
	GYL_DHCP_FQDN_E = 4, /**< the name is in wire form, not ASCII */
	GYL_DHCP_FQDN_N = 8, /**< no updates by the server */
};

struct gyl_dhcp_fqdn {
	uint8_t flags;  /**< #gyl_dhcp_fqdn_flag; bits 4 to 7 must be zero and are kept as sent */
	uint8_t rcode1; /**< 0 from clients, 255 from servers */
	uint8_t rcode2; /**< likewise */
	struct gyl_view name; /**< as sent; wire form with E, may be partial (no root label) */
};

/** #GYL_OK, #GYL_E_LENGTH under three octets, or a fault of the name in wire form with its place in
 * @p val. */
GYL_API struct gyl_fault gyl_dhcp_fqdn_decode(struct gyl_view val, struct gyl_dhcp_fqdn *ret_fqdn);
GYL_API void gyl_dhcp_fqdn_encode(struct gyl_writer *w, const struct gyl_dhcp_fqdn *fqdn);
/**
 * @brief The name in either form as wire form; a partial name gets a root label and @p ret_full
 * says false.
 * @return #GYL_OK, #GYL_E_NAME (an empty name too) or #GYL_E_SYNTAX.
 */
GYL_API struct gyl_fault gyl_dhcp_fqdn_name(
	const struct gyl_dhcp_fqdn *fqdn, struct gyl_dhcp_name *ret_name, bool *ret_full);

/* ---- 121 and 249, classless routes
 * ---------------------------------------------------------------- */

struct gyl_dhcp_route {
	uint32_t dst;    /**< octets past the prefix are zero */
	uint8_t prefix;  /**< 0 to 32 */
	uint32_t router; /**< 0: on the link itself */
};

/** Position in a list of routes. */
struct gyl_dhcp_route_cursor {
	struct gyl_view val; /**< @private */
	size_t at;           /**< @private */
};

GYL_API void gyl_dhcp_route_init(struct gyl_dhcp_route_cursor *c, struct gyl_view val);
/** The next route; bits past the prefix are cleared (RFC 3442: the client must). false at the end
 * or a broken one. */
GYL_API bool gyl_dhcp_route_next(struct gyl_dhcp_route_cursor *c, struct gyl_dhcp_route *ret_route);
/** Append a route with the significant octets only; #GYL_E_RANGE is latched for a prefix over 32.
 */
GYL_API void gyl_dhcp_route_put(struct gyl_writer *w, struct gyl_dhcp_route route);

/* ---- 77, 124, 125: classes and vendor-identifying options
 * ------------------------------------------ */

/**
 * @brief The next item of a list of (length octet, octets), as in option 77 and inside option 124.
 * @param[in,out] rest What is left of the list; the item is taken off.
 * @return false at the end or when the length runs past it.
 */
GYL_API bool gyl_dhcp_item_next(struct gyl_view *rest, struct gyl_view *ret_item);
/** Append one item; #GYL_E_LENGTH is latched over 255 octets. */
GYL_API void gyl_dhcp_item_put(struct gyl_writer *w, struct gyl_view item);

/** Data of one enterprise in options 124 and 125 (and 82 sub-option 9). */
struct gyl_dhcp_vi {
	uint32_t enterprise;  /**< IANA private enterprise number */
	struct gyl_view data; /**< 124: items. 125: sub-options, neither pad nor END */
};

/** The next enterprise; @p rest is what is left. false at the end or when the length runs past it.
 */
GYL_API bool gyl_dhcp_vi_next(struct gyl_view *rest, struct gyl_dhcp_vi *ret_vi);
/** Append one enterprise; #GYL_E_LENGTH is latched when its data is over 255 octets. */
GYL_API void gyl_dhcp_vi_put(struct gyl_writer *w, struct gyl_dhcp_vi vi);

/* ---- 90, 120, 158, 162, 212
 * ----------------------------------------------------------------------- */

/** Option 90. @rfc{3118,2} */
struct gyl_dhcp_auth {
	uint8_t protocol, algorithm, rdm;
	uint64_t replay;
	struct gyl_view info;
};

/** #GYL_OK, or #GYL_E_LENGTH under 11 octets. */
GYL_API struct gyl_fault gyl_dhcp_auth_decode(struct gyl_view val, struct gyl_dhcp_auth *ret_auth);
GYL_API void gyl_dhcp_auth_encode(struct gyl_writer *w, const struct gyl_dhcp_auth *auth);

/** Option 120: names when `is_names`, else addresses of four octets each. @rfc{3361,3} */
struct gyl_dhcp_sip {
	bool is_names;
	struct gyl_view list; /**< for gyl_dhcp_name_init() or gyl_dhcp_ipv4_at() */
};

/** #GYL_OK; #GYL_E_FIELD for an unknown encoding; #GYL_E_LENGTH or a name's fault for a bad list.
 */
GYL_API struct gyl_fault gyl_dhcp_sip_decode(struct gyl_view val, struct gyl_dhcp_sip *ret_sip);

/** One resolver of option 162. @rfc{9463,5.1} */
struct gyl_dhcp_dnr {
	uint16_t priority;         /**< lower is better */
	struct gyl_dhcp_name name; /**< authentication domain name */
	struct gyl_view addrs;     /**< addresses, four octets each; empty in ADN-only mode */
	struct gyl_view params;    /**< service parameters as in SVCB records, RFC 9460 */
};

/** The next resolver; @p rest is what is left. false at the end or at a broken one. */
GYL_API bool gyl_dhcp_dnr_next(struct gyl_view *rest, struct gyl_dhcp_dnr *ret_dnr);
GYL_API void gyl_dhcp_dnr_put(struct gyl_writer *w, const struct gyl_dhcp_dnr *dnr);

/** Option 212. @rfc{5969,7.1.1} */
struct gyl_dhcp_sixrd {
	uint8_t ipv4_mask_len; /**< 0 to 32 */
	uint8_t prefix_len;    /**< 0 to 128 */
	uint8_t prefix[16];
	struct gyl_view relays; /**< border relays, four octets each, at least one */
};

/** #GYL_OK, #GYL_E_LENGTH, or #GYL_E_FIELD for an impossible length of mask (`off` 0) or prefix
 * (`off` 1). */
GYL_API struct gyl_fault gyl_dhcp_sixrd_decode(
	struct gyl_view val, struct gyl_dhcp_sixrd *ret_sixrd);
GYL_API void gyl_dhcp_sixrd_encode(struct gyl_writer *w, const struct gyl_dhcp_sixrd *sixrd);

#ifdef __cplusplus
}
#endif

#endif
