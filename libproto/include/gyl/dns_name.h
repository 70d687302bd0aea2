/* SPDX-License-Identifier: ISC */
#ifndef GYL_DNS_NAME_H
#define GYL_DNS_NAME_H

/**
 * @file dns_name.h
 * @brief Domain names: wire form, compression, comparison, text.
 *
 * A *name* here is its uncompressed wire form: length-prefixed labels and the root's zero octet, 1
 * to #GYL_DNS_NAME_MAX octets, in an array of the caller. It carries its own end, so a plain `const
 * uint8_t *` is enough. Names come from gyl_dns_name_decode(), gyl_dns_name_parse() or
 * gyl_dns_name_check(), which prove them; everything else here requires a proven name and cannot
 * fail.
 *
 * Labels are octets. Upper and lower case are kept; comparisons fold A-Z only (@rfc{4343,3}).
 * Length octets are below 'A', so a whole wire name may be folded without looking at its labels.
 */

#include <gyl/base.h>
#include <gyl/writer.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Longest name on the wire, the root's octet included (@rfc{1035,3.1}). */
#define GYL_DNS_NAME_MAX      255
/** Longest label, its length octet not counted. */
#define GYL_DNS_LABEL_MAX     63
/** Most labels in a name, the root not counted. */
#define GYL_DNS_LABEL_CNT_MAX 127
/** Room for any name as text, with a final NUL. */
#define GYL_DNS_NAME_TEXT_MAX 1024

/** @return @p c with A-Z folded to a-z and every other octet as it is. */
static inline uint8_t gyl_dns_fold(uint8_t c)
{
	return (uint8_t)(c + ((unsigned)c - 'A' < 26u ? 32 : 0));
}

/**
 * @brief Expand the name at @p off of a message.
 *
 * Compression pointers must point strictly backwards, to labels that end before the start of the
 * run of labels that holds the pointer, so no input can loop and a name needs no octet behind it.
 * Any offset of @p msg may be a target: the function also serves DHCP option 119, where offsets
 * count from the option (gyl_dns_decode() in addition refuses targets inside the header).
 * @param[in]  msg          The octets that pointers count in.
 * @param[in]  off          Where the name starts.
 * @param[out] name         Receives the name, case kept. Undefined on failure.
 * @param[out] ret_len      Its length, 1 to 255. May be NULL.
 * @param[out] ret_next_off Offset after the name where it stands in @p msg (a pointer counts 2).
 * May be NULL.
 * @return #GYL_OK; #GYL_E_SHORT (`off` = octets needed); #GYL_E_NAME for a label type other than 00
 * and 11 or a name over 255 octets (`off` = that label); #GYL_E_POINTER (`off` = the pointer).
 * @cost O(length of the name)
 * @rfc{1035,4.1.4}
 */
GYL_API struct gyl_fault gyl_dns_name_decode(struct gyl_view msg, size_t off,
	uint8_t name[GYL_DNS_NAME_MAX], size_t *ret_len, size_t *ret_next_off);

/** As gyl_dns_name_decode(), proving the name without copying it. Outputs may be NULL. */
GYL_API struct gyl_fault gyl_dns_name_skip(
	struct gyl_view msg, size_t off, size_t *ret_len, size_t *ret_next_off);

/**
 * @brief The name at @p off of a message that gyl_dns_decode() has accepted.
 * @return its length. For an offset where no name stands it is the root (1), never anything
 * undefined.
 */
GYL_API size_t gyl_dns_name_get(struct gyl_view msg, size_t off, uint8_t name[GYL_DNS_NAME_MAX]);

/**
 * @brief Prove that @p v is exactly one uncompressed name.
 * @return #GYL_OK; #GYL_E_SHORT; #GYL_E_NAME; #GYL_E_POINTER for a pointer; #GYL_E_LENGTH when
 * octets follow the name (`off` = the first of them).
 */
GYL_API struct gyl_fault gyl_dns_name_check(struct gyl_view v);

/** @return octets of @p name, the root's octet included: 1 to 255. */
GYL_API size_t gyl_dns_name_len(const uint8_t *name);
/** @return labels of @p name, the root not counted: 0 to 127. */
GYL_API unsigned gyl_dns_name_label_cnt(const uint8_t *name);
/**
 * @brief Where the labels of @p name start, leftmost first: for walks from the right.
 * @return how many; `ret_off[i]` is the offset of label i's length octet.
 */
GYL_API unsigned gyl_dns_name_labels(const uint8_t *name, uint8_t ret_off[GYL_DNS_LABEL_CNT_MAX]);
/** @return the rest of @p name after its first label (a part of @p name); the root for the root. */
GYL_API const uint8_t *gyl_dns_name_parent(const uint8_t *name);
/** @return whether the first label of @p name is a lone asterisk (@rfc{4592,2.1.1}). */
GYL_API bool gyl_dns_name_is_wildcard(const uint8_t *name);

/** Same name, case aside. */
GYL_API bool gyl_dns_name_eq(const uint8_t *a, const uint8_t *b);
/** Canonical order: negative, 0 or positive as @p a sorts before, with or after @p b.
 * @rfc{4034,6.1} */
GYL_API int gyl_dns_name_cmp(const uint8_t *a, const uint8_t *b);
/** @return whether @p name equals @p zone or lies below it. */
GYL_API bool gyl_dns_name_is_under(const uint8_t *name, const uint8_t *zone);
/** @return how many labels from the right @p a and @p b share. */
GYL_API unsigned gyl_dns_name_common(const uint8_t *a, const uint8_t *b);
/** Copy @p len octets (a name or a part of one) with A-Z folded. @p dst may be @p src. */
GYL_API void gyl_dns_name_fold(uint8_t *dst, const uint8_t *src, size_t len);

/**
 * @brief Put @p head_len octets of whole labels before a name: DNAME and wildcard synthesis,
 * relative names.
 * @param[in]  head     Labels without a root octet.
 * @param[out] name     Receives the name; MUST NOT overlap the inputs. Untouched on failure.
 * @param[out] ret_len  Its length. May be NULL.
 * @return #GYL_OK, or #GYL_E_NAME when it would be longer than 255 octets (`off` = @p head_len).
 */
GYL_API struct gyl_fault gyl_dns_name_concat(const uint8_t *head, size_t head_len,
	const uint8_t *tail, uint8_t name[GYL_DNS_NAME_MAX], size_t *ret_len);

/** The name of an address under in-addr.arpa. @return its length. @rfc{1035,3.5} */
GYL_API size_t gyl_dns_name_reverse_ipv4(uint32_t ip, uint8_t name[GYL_DNS_NAME_MAX]);
/** The address that an in-addr.arpa name stands for. @return false when @p name is no such name. */
GYL_API bool gyl_dns_name_to_ipv4(const uint8_t *name, uint32_t *ret_ip);

/**
 * @brief Append the text of a name, with the final dot.
 *
 * Octets outside `A-Za-z0-9_*-` are escaped: `\c` when printable, `\DDD` otherwise. What is written
 * reads back with gyl_dns_name_parse(), is plain ASCII, and is safe in a shell's output and in a
 * zone file.
 * @rfc{4343,2.1}
 */
GYL_API void gyl_dns_name_print(struct gyl_writer *w, const uint8_t *name);

/**
 * @brief Read the text of a name.
 *
 * `\DDD` (decimal, at most 255) and `\c` are understood; other octets stand for themselves. `.` is
 * the root. `@` alone is the origin. Without a final dot the origin is appended.
 * @param[in]  text    The whole text, without surrounding white space.
 * @param[in]  origin  For relative names; NULL refuses them.
 * @param[out] name    Receives the name, case kept. Undefined on failure.
 * @param[out] ret_len Its length. May be NULL.
 * @return #GYL_OK; #GYL_E_SYNTAX for an empty label, text or a broken escape (`off` = it);
 * #GYL_E_NAME for a label over 63 or a name over 255 octets (`off` = first octet too many);
 * #GYL_E_MISSING when the name is relative and @p origin is NULL (`off` = end of the text).
 * @rfc{1035,5.1}
 */
GYL_API struct gyl_fault gyl_dns_name_parse(struct gyl_view text, const uint8_t *origin,
	uint8_t name[GYL_DNS_NAME_MAX], size_t *ret_len);

#ifdef __cplusplus
}
#endif

#endif
