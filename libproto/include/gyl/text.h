/* SPDX-License-Identifier: ISC */
#ifndef GYL_TEXT_H
#define GYL_TEXT_H

/**
 * @file text.h
 * @brief Text without stdio: bounded printing through a #gyl_writer and strict parsing.
 *
 * Printing functions append to a writer and latch #GYL_E_SPACE when the buffer is full; a partial
 * item is never left behind. Parsing functions consume a whole view or fail with #GYL_E_SYNTAX
 * (`off` = first octet that does not fit) or #GYL_E_RANGE, and write `ret_` only on success.
 * Locale is never consulted.
 */

#include <gyl/base.h>
#include <gyl/writer.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Room for any IPv4 address as text, with a final NUL. */
#define GYL_TEXT_IPV4_MAX 16
/** Room for any MAC address as text, with a final NUL. */
#define GYL_TEXT_MAC_MAX  18
/** Room for any IPv6 address as text, with a final NUL. */
#define GYL_TEXT_IPV6_MAX 46

GYL_API void gyl_text_char(struct gyl_writer *w, char c);
GYL_API void gyl_text_str(struct gyl_writer *w, const char *s);
GYL_API void gyl_text_u64(struct gyl_writer *w, uint64_t v);
GYL_API void gyl_text_i64(struct gyl_writer *w, int64_t v);
/** Decimal, padded with zeros to at least @p width digits. */
GYL_API void gyl_text_u64_pad(struct gyl_writer *w, uint64_t v, unsigned width);
/** Lower-case hexadecimal with exactly @p digits digits (1 to 16), no prefix. */
GYL_API void gyl_text_hex_u64(struct gyl_writer *w, uint64_t v, unsigned digits);
/** Two lower-case hexadecimal digits an octet, nothing between them. */
GYL_API void gyl_text_hex(struct gyl_writer *w, struct gyl_view v);
/** Dotted quad of an address in host byte order. */
GYL_API void gyl_text_ipv4(struct gyl_writer *w, uint32_t ip);
/** The shortest form, lower case, as @rfc{5952,4} has it. */
GYL_API void gyl_text_ipv6(struct gyl_writer *w, const uint8_t ip[16]);
/** `aa:bb:cc:dd:ee:ff`, lower case. */
GYL_API void gyl_text_mac(struct gyl_writer *w, const uint8_t mac[6]);
/**
 * Octets for a terminal: printable ASCII as it is, backslash doubled, all else as `\xhh`.
 * Reversible, and safe against escape sequences and bidirectional marks.
 */
GYL_API void gyl_text_safe(struct gyl_writer *w, struct gyl_view v);
/** Append a NUL that is not counted in `len`, and return the text; "" when the buffer has no room
 * for it. */
GYL_API const char *gyl_text_cstr(struct gyl_writer *w);

/** Decimal digits only; #GYL_E_RANGE above @p max. */
GYL_API struct gyl_fault gyl_parse_u64(struct gyl_view in, uint64_t max, uint64_t *ret_v);
/** Exactly four decimal numbers 0-255 without leading zeros, three dots. */
GYL_API struct gyl_fault gyl_parse_ipv4(struct gyl_view in, uint32_t *ret_ip);
/** Any form of @rfc{4291,2.2}, also with a dotted quad at the end; no zone, no prefix. */
GYL_API struct gyl_fault gyl_parse_ipv6(struct gyl_view in, uint8_t ret_ip[16]);
/** Six pairs of hexadecimal digits, all separated by `:` or all by `-`. */
GYL_API struct gyl_fault gyl_parse_mac(struct gyl_view in, uint8_t ret_mac[6]);
/** Pairs of hexadecimal digits, white space between pairs allowed; #GYL_E_SPACE over @p cap. */
GYL_API struct gyl_fault gyl_parse_hex(
	struct gyl_view in, uint8_t *buf, size_t cap, size_t *ret_len);

#ifdef __cplusplus
}
#endif

#endif
