/* SPDX-License-Identifier: ISC */
#ifndef GYL_DNS_RDATA_H
#define GYL_DNS_RDATA_H

/**
 * @file dns_rdata.h
 * @brief Rdata: typed readers, the forms it takes, and its text.
 *
 * Readers take a record and the message it stands in, because names in rdata may be compressed.
 * Rdata that stands alone (a zone's) is a message of its own: see gyl_dns_rr_alone(). Readers
 * return false, and write nothing, when the record is of another type or its rdata is empty or
 * broken; after gyl_dns_decode() only the first two can happen. Names come as offsets for
 * gyl_dns_name_get(), everything else as values or views.
 */

#include <gyl/base.h>
#include <gyl/dns.h>
#include <gyl/dns_name.h>
#include <gyl/writer.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A record made of rdata that stands alone; @p rdata is also the message to pass with it. */
static inline struct gyl_dns_rr gyl_dns_rr_alone(
	uint16_t type, uint16_t rrclass, struct gyl_view rdata)
{
	struct gyl_dns_rr rr;

	rr.section = GYL_DNS_ANSWER;
	rr.name_off = 0;
	rr.type = type;
	rr.rrclass = rrclass;
	rr.ttl = 0;
	rr.rdata_off = 0;
	rr.rdata = rdata;
	return rr;
}

/** @rfc{1035,3.3.13} */
struct gyl_dns_soa {
	uint16_t mname_off, rname_off;
	uint32_t serial, refresh, retry, expire, minimum;
};
/** @rfc{1035,3.3.9} */
struct gyl_dns_mx {
	uint16_t preference, exchange_off;
};
/** @rfc{2782} */
struct gyl_dns_srv {
	uint16_t priority, weight, port, target_off;
};
/** @rfc{3403,4.1} */
struct gyl_dns_naptr {
	uint16_t order, preference;
	struct gyl_view flags, services, regexp;
	uint16_t replacement_off;
};
/** DS, CDS, DLV. @rfc{4034,5.1} */
struct gyl_dns_ds {
	uint16_t key_tag;
	uint8_t algorithm, digest_type;
	struct gyl_view digest;
};
/** DNSKEY, CDNSKEY, KEY. @rfc{4034,2.1} */
struct gyl_dns_dnskey {
	uint16_t flags;
	uint8_t protocol, algorithm;
	struct gyl_view public_key;
};
/** RRSIG, SIG. @rfc{4034,3.1} */
struct gyl_dns_rrsig {
	uint16_t type_covered;
	uint8_t algorithm, labels;
	uint32_t original_ttl, expiration, inception;
	uint16_t key_tag, signer_off;
	struct gyl_view signature;
};
/** @rfc{4034,4.1} */
struct gyl_dns_nsec {
	uint16_t next_off;
	struct gyl_view types; /**< for gyl_dns_bitmap_has() */
};
/** @rfc{5155,3.2} */
struct gyl_dns_nsec3 {
	uint8_t algorithm, flags;
	uint16_t iterations;
	struct gyl_view salt, next_hash, types;
};
/** @rfc{5155,4.2} */
struct gyl_dns_nsec3param {
	uint8_t algorithm, flags;
	uint16_t iterations;
	struct gyl_view salt;
};
/** TLSA, SMIMEA. @rfc{6698,2.1} */
struct gyl_dns_tlsa {
	uint8_t usage, selector, matching;
	struct gyl_view data;
};
/** @rfc{4255,3.1} */
struct gyl_dns_sshfp {
	uint8_t algorithm, fp_type;
	struct gyl_view fingerprint;
};
/** @rfc{8659,4.1} */
struct gyl_dns_caa {
	uint8_t flags;
	struct gyl_view tag, value;
};
/** SVCB, HTTPS. @rfc{9460,2.2} */
struct gyl_dns_svcb {
	uint16_t priority, target_off;
	struct gyl_view params; /**< for gyl_dns_svcparam_next() */
};
/** @rfc{8945,4.2} */
struct gyl_dns_tsig {
	uint16_t algorithm_off;
	uint64_t time_signed_s; /**< 48 bits */
	uint16_t fudge_s;
	struct gyl_view mac;
	uint16_t original_id, error;
	struct gyl_view other;
};

/** @param[out] ret_ip Host byte order. */
GYL_API bool gyl_dns_rdata_a(const struct gyl_dns_rr *rr, uint32_t *ret_ip);
GYL_API bool gyl_dns_rdata_aaaa(const struct gyl_dns_rr *rr, uint8_t ret_ip[16]);
/** Types whose rdata is one name: NS, CNAME, PTR, DNAME, MB, MD, MF, MG, MR. */
GYL_API bool gyl_dns_rdata_name(
	struct gyl_view msg, const struct gyl_dns_rr *rr, uint16_t *ret_name_off);
GYL_API bool gyl_dns_rdata_soa(
	struct gyl_view msg, const struct gyl_dns_rr *rr, struct gyl_dns_soa *ret_soa);
GYL_API bool gyl_dns_rdata_mx(
	struct gyl_view msg, const struct gyl_dns_rr *rr, struct gyl_dns_mx *ret_mx);
/** TXT and SPF. @param[out] ret_strs For gyl_dns_str_next(). */
GYL_API bool gyl_dns_rdata_txt(const struct gyl_dns_rr *rr, struct gyl_view *ret_strs);
GYL_API bool gyl_dns_rdata_srv(
	struct gyl_view msg, const struct gyl_dns_rr *rr, struct gyl_dns_srv *ret_srv);
GYL_API bool gyl_dns_rdata_naptr(
	struct gyl_view msg, const struct gyl_dns_rr *rr, struct gyl_dns_naptr *ret_naptr);
GYL_API bool gyl_dns_rdata_ds(const struct gyl_dns_rr *rr, struct gyl_dns_ds *ret_ds);
GYL_API bool gyl_dns_rdata_dnskey(const struct gyl_dns_rr *rr, struct gyl_dns_dnskey *ret_key);
GYL_API bool gyl_dns_rdata_rrsig(
	struct gyl_view msg, const struct gyl_dns_rr *rr, struct gyl_dns_rrsig *ret_sig);
GYL_API bool gyl_dns_rdata_nsec(
	struct gyl_view msg, const struct gyl_dns_rr *rr, struct gyl_dns_nsec *ret_nsec);
GYL_API bool gyl_dns_rdata_nsec3(const struct gyl_dns_rr *rr, struct gyl_dns_nsec3 *ret_nsec3);
GYL_API bool gyl_dns_rdata_nsec3param(
	const struct gyl_dns_rr *rr, struct gyl_dns_nsec3param *ret_param);
GYL_API bool gyl_dns_rdata_tlsa(const struct gyl_dns_rr *rr, struct gyl_dns_tlsa *ret_tlsa);
GYL_API bool gyl_dns_rdata_sshfp(const struct gyl_dns_rr *rr, struct gyl_dns_sshfp *ret_sshfp);
GYL_API bool gyl_dns_rdata_caa(const struct gyl_dns_rr *rr, struct gyl_dns_caa *ret_caa);
GYL_API bool gyl_dns_rdata_svcb(
	struct gyl_view msg, const struct gyl_dns_rr *rr, struct gyl_dns_svcb *ret_svcb);
GYL_API bool gyl_dns_rdata_tsig(
	struct gyl_view msg, const struct gyl_dns_rr *rr, struct gyl_dns_tsig *ret_tsig);

/** Next character-string of TXT rdata; @p off starts at 0 and is moved. @return false at the end.
 */
GYL_API bool gyl_dns_str_next(struct gyl_view strs, size_t *off, struct gyl_view *ret_str);
/** @return whether @p type is in the bitmap of NSEC, NSEC3 or CSYNC. */
GYL_API bool gyl_dns_bitmap_has(struct gyl_view types, uint16_t type);
/** The lowest type in the bitmap that is not below @p from. @return false when there is none. */
GYL_API bool gyl_dns_bitmap_next(struct gyl_view types, uint16_t from, uint16_t *ret_type);
/** Append the bitmap of @p cnt types in any order. @rfc{4034,4.1.2} */
GYL_API void gyl_dns_bitmap_put(struct gyl_writer *w, const uint16_t *types, size_t cnt);

/** SvcParam keys. @rfc{9460,14.3.2} */
enum {
	GYL_DNS_SVC_MANDATORY = 0,
	GYL_DNS_SVC_ALPN = 1,
	GYL_DNS_SVC_NO_DEFAULT_ALPN = 2,
	GYL_DNS_SVC_PORT = 3,
	GYL_DNS_SVC_IPV4HINT = 4,
	GYL_DNS_SVC_ECH = 5,
	GYL_DNS_SVC_IPV6HINT = 6,
	GYL_DNS_SVC_DOHPATH = 7
};

/** One SvcParam. */
struct gyl_dns_svcparam {
	uint16_t key;
	struct gyl_view val;
};

/** Next of `params`; @p off starts at 0 and is moved. @return false at the end. */
GYL_API bool gyl_dns_svcparam_next(
	struct gyl_view params, size_t *off, struct gyl_dns_svcparam *ret_param);

/**
 * @brief Prove rdata that stands alone: uncompressed, exactly one rdata of its type.
 * @return as gyl_dns_decode(); #GYL_E_LENGTH has `off` = the field that does not fit,
 * #GYL_E_POINTER = a pointer.
 */
GYL_API struct gyl_fault gyl_dns_rdata_check(
	uint16_t type, uint16_t rrclass, struct gyl_view rdata);
/** Append the rdata with its names uncompressed, case kept: the form gyl_dns_put_rr() takes. */
GYL_API void gyl_dns_rdata_expand(
	struct gyl_writer *w, struct gyl_view msg, const struct gyl_dns_rr *rr);
/** Append the canonical form: uncompressed, names of the types in @rfc{4034,6.2} folded
 * (@rfc{6840,5.1}). */
GYL_API void gyl_dns_rdata_canonical(
	struct gyl_writer *w, struct gyl_view msg, const struct gyl_dns_rr *rr);

/**
 * @brief Append the rdata's presentation form, as a zone file has it.
 *
 * Rdata of unknown types, and what has no text of its own (a CAA tag that is not alphanumeric),
 * comes as
 * `\# length hex` (@rfc{3597,5}). Nothing is left behind when it does not fit.
 */
GYL_API void gyl_dns_rdata_print(
	struct gyl_writer *w, struct gyl_view msg, const struct gyl_dns_rr *rr);

/** A word of a zone file. */
struct gyl_dns_token {
	struct gyl_view text; /**< escapes as written; without the quotes when `quoted` */
	bool quoted; /**< was between quotes. `alpn="h2,h3"` is one word that was not, quotes
			inside. */
};

/** Whether gyl_dns_rdata_parse() reads the text of @p type; `\#` is read for every type. */
GYL_API bool gyl_dns_rdata_parses(uint16_t type);

/**
 * @brief Read presentation form.
 * @param[in]  tok     The words after the type.
 * @param[in]  origin  For relative names; NULL refuses them.
 * @param[out] w       Receives the rdata, uncompressed; what a failure leaves there is undefined.
 * @param[out] bad_tok On failure: index of the word (@p tok_cnt when words are missing). Untouched
 * on success.
 * @return #GYL_OK; #GYL_E_SYNTAX, #GYL_E_RANGE, #GYL_E_NAME (`off` = octet in that word);
 * #GYL_E_MISSING for missing words or a relative name without origin; #GYL_E_COUNT for words too
 * many; #GYL_E_FIELD for a value that contradicts another (SvcParams twice, `\#` rdata that its
 * type forbids); #GYL_E_VERSION when the type's text is not read here (see gyl_dns_rdata_parses());
 * #GYL_E_SPACE.
 */
GYL_API struct gyl_fault gyl_dns_rdata_parse(uint16_t type, const struct gyl_dns_token *tok,
	size_t tok_cnt, const uint8_t *origin, struct gyl_writer *w, size_t *bad_tok);

#ifdef __cplusplus
}
#endif

#endif
