/* SPDX-License-Identifier: ISC */
#ifndef GYL_DNS_TEXT_H
#define GYL_DNS_TEXT_H

/**
 * @file dns_text.h
 * @brief DNS for people: mnemonics, messages as text and as JSON.
 *
 * Printing appends to a writer and latches #GYL_E_SPACE; a mnemonic or a record is never left in
 * part.
 */

#include <gyl/base.h>
#include <gyl/dns.h>
#include <gyl/json.h>
#include <gyl/writer.h>

#ifdef __cplusplus
extern "C" {
#endif

/** `MX`, or `TYPE4711`. @rfc{3597,5} */
GYL_API void gyl_dns_type_print(struct gyl_writer *w, uint16_t type);
/** `IN`, or `CLASS32`. */
GYL_API void gyl_dns_class_print(struct gyl_writer *w, uint16_t rrclass);
/** `QUERY`, or `OPCODE7`. */
GYL_API void gyl_dns_opcode_print(struct gyl_writer *w, unsigned opcode);
/** `NXDOMAIN`, or `RCODE77`. */
GYL_API void gyl_dns_rcode_print(struct gyl_writer *w, unsigned rcode);
/** `NSID`, or `OPT77`: an EDNS option code. */
GYL_API void gyl_dns_option_code_print(struct gyl_writer *w, uint16_t code);

/** Mnemonic in any case, or `TYPEn`. @return #GYL_OK, #GYL_E_SYNTAX or #GYL_E_RANGE (`off` in @p
 * text). */
GYL_API struct gyl_fault gyl_dns_type_parse(struct gyl_view text, uint16_t *ret_type);
/** Mnemonic in any case, or `CLASSn`. */
GYL_API struct gyl_fault gyl_dns_class_parse(struct gyl_view text, uint16_t *ret_class);

/**
 * Seconds as zone files write them: `3600` or `1h30m` with the units s m h d w in any case.
 * @return #GYL_OK, #GYL_E_SYNTAX or #GYL_E_RANGE above 32 bits (`off` in @p text).
 */
GYL_API struct gyl_fault gyl_dns_period_parse(struct gyl_view text, uint32_t *ret_s);

/** One EDNS option: name, then its fields as far as known, hexadecimal otherwise. */
GYL_API void gyl_dns_option_print(struct gyl_writer *w, const struct gyl_dns_option *opt);
/** `name TTL class type rdata`, tabs between, no newline: a line of a zone file. */
GYL_API void gyl_dns_rr_print(
	struct gyl_writer *w, struct gyl_view msg, const struct gyl_dns_rr *rr);
/** A whole message in the manner of dig: header, EDNS, sections with a record a line. */
GYL_API void gyl_dns_print(struct gyl_writer *w, const struct gyl_dns_msg *msg);
/**
 * @brief A whole message as a JSON object.
 *
 * Members: id, opcode, rcode, flags (array of names), edns (object, when there is one), question,
 * answer, authority, additional (arrays; records have name, ttl, class, type, rdata as text).
 * @param[in] key Name of the member, or NULL at the top or in an array.
 */
GYL_API void gyl_dns_json(struct gyl_json *j, const char *key, const struct gyl_dns_msg *msg);

#ifdef __cplusplus
}
#endif

#endif
