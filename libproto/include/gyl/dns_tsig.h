/* SPDX-License-Identifier: ISC */
#ifndef GYL_DNS_TSIG_H
#define GYL_DNS_TSIG_H

/**
 * @file dns_tsig.h
 * @brief TSIG records of DNS messages: read and cut off, what their MAC covers, written.
 *
 * The hashes are the caller's: this library has none. What goes into the MAC comes out in the order
 * of @rfc{8945,4.3}, as octets to hash. Receiving a message:
 *
 *     gyl_dns_tsig_decode()    the record, and the message as it was signed
 *     hash: [length and MAC of the request]  gyl_dns_tsig_head()  rest of the message
 * gyl_dns_tsig_put_variables() compare with `mac`
 *
 * Sending one: hash the same of the finished message, then gyl_dns_tsig_append().
 */

#include <gyl/dns.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Algorithms that a MAC may be of (@rfc{8945,6}); HMAC-MD5 is not among them. */
enum gyl_dns_tsig_alg {
	GYL_DNS_TSIG_NONE, /**< one that we do not know */
	GYL_DNS_TSIG_SHA1,
	GYL_DNS_TSIG_SHA224,
	GYL_DNS_TSIG_SHA256,
	GYL_DNS_TSIG_SHA384,
	GYL_DNS_TSIG_SHA512,
	GYL_DNS_TSIG_ALG_CNT
};

enum {
	GYL_DNS_TSIG_MAC_MAX = 64, /**< octets of the longest MAC */
	/** Seconds that clocks may differ, where nobody says otherwise (@rfc{8945,10}). */
	GYL_DNS_TSIG_FUDGE_S = 300,
	/** Octets of gyl_dns_tsig_put_variables() at most: two names, 10 and 6 octets, other data.
	 */
	GYL_DNS_TSIG_VARIABLES_MAX = 2 * GYL_DNS_NAME_MAX + 16 + 6,
	/** Octets of gyl_dns_tsig_put_timers(). */
	GYL_DNS_TSIG_TIMERS_LEN = 8,
	/** Octets of a secret at most. */
	GYL_DNS_TSIG_SECRET_MAX = 512
};

/** A TSIG record. Names are folded, as the MAC has them (@rfc{8945,4.3.3}). */
struct gyl_dns_tsig_rr {
	uint8_t key[GYL_DNS_NAME_MAX]; /**< owner: the key's name */
	uint8_t alg_name[GYL_DNS_NAME_MAX];
	enum gyl_dns_tsig_alg alg;
	uint64_t time_s; /**< signed at; 48 bits */
	uint16_t fudge_s;
	uint16_t original_id;
	uint16_t error; /**< @rfc{8945,3} BADSIG, BADKEY, BADTIME, BADTRUNC */
	struct gyl_view mac;
	struct gyl_view other; /**< with BADTIME: the server's clock, 6 octets */
};

/** Name of an algorithm in wire form, "hmac-sha256.". NULL for #GYL_DNS_TSIG_NONE. */
GYL_API const uint8_t *gyl_dns_tsig_alg_name(enum gyl_dns_tsig_alg alg);
/** Text of it without the dot at the end; NULL for #GYL_DNS_TSIG_NONE. */
GYL_API const char *gyl_dns_tsig_alg_text(enum gyl_dns_tsig_alg alg);
/** The algorithm of a name, case aside. */
GYL_API enum gyl_dns_tsig_alg gyl_dns_tsig_alg_find(const uint8_t *name);
/** Octets of its MAC when it is not truncated, 20 to 64; 0 for #GYL_DNS_TSIG_NONE. */
GYL_API size_t gyl_dns_tsig_mac_len(enum gyl_dns_tsig_alg alg);

/**
 * @brief Read the TSIG record of a message.
 * @param[in]  msg      All of it, proven: gyl_dns_decode() or gyl_dns_decode_query() liked it.
 * @param[in]  tsig_off What they said, not 0.
 * @param[out] ret_rr   Written on #GYL_OK. Views point into @p msg.
 * @return #GYL_OK; #GYL_E_FIELD when class is not ANY or the TTL not 0 (@rfc{8945,4.2}; `off` =
 * it), #GYL_E_LENGTH when the rdata ends early or goes on (`off` = its RDLENGTH).
 */
GYL_API struct gyl_fault gyl_dns_tsig_decode(
	struct gyl_view msg, size_t tsig_off, struct gyl_dns_tsig_rr *ret_rr);

/**
 * @brief The header as it was signed: with the original id and one record less in ADDITIONAL.
 *
 * The message that was signed is this header, and then what @p msg has between it and the TSIG.
 * @rfc{8945,4.3.2}
 */
GYL_API void gyl_dns_tsig_head(
	struct gyl_view msg, uint16_t original_id, uint8_t ret_head[GYL_DNS_HEADER_LEN]);

/** What the MAC covers of the record itself, #GYL_DNS_TSIG_VARIABLES_MAX octets at most when
 * `other` has no more than 6. @rfc{8945,4.3.3} */
GYL_API void gyl_dns_tsig_put_variables(struct gyl_writer *w, const struct gyl_dns_tsig_rr *rr);
/** The same of a message that is not the first of several, 8 octets. @rfc{8945,5.3.1} */
GYL_API void gyl_dns_tsig_put_timers(struct gyl_writer *w, const struct gyl_dns_tsig_rr *rr);

/** Octets that gyl_dns_tsig_append() adds. */
GYL_API size_t gyl_dns_tsig_len(const struct gyl_dns_tsig_rr *rr);
/**
 * @brief Put the record behind a finished message, and count it there.
 * @param[in,out] w A whole message is in it. Latches #GYL_E_SPACE when the record does not fit, and
 *                  #GYL_E_COUNT when the section has 65535 records: @p w is as it was then.
 */
GYL_API void gyl_dns_tsig_append(struct gyl_writer *w, const struct gyl_dns_tsig_rr *rr);

/**
 * @brief A secret as tools print it: base64.
 * @param[in] text Blanks around it are no part of it.
 * @return #GYL_OK, #GYL_E_SYNTAX (`off` = the octet that is no base64, or the end), #GYL_E_SPACE.
 */
GYL_API struct gyl_fault gyl_dns_tsig_secret_parse(struct gyl_view text, struct gyl_writer *w);

#ifdef __cplusplus
}
#endif

#endif
