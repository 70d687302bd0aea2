/* SPDX-License-Identifier: ISC */
#ifndef GYL_JSON_H
#define GYL_JSON_H

/**
 * @file json.h
 * @brief Writing JSON into a #gyl_writer: commas, quotes and escapes in one place.
 *
 * The output is always valid UTF-8 and valid JSON as long as calls are balanced. Strings that are
 * not valid UTF-8 have each offending octet replaced by U+FFFD; a caller that must keep the octets
 * writes a second, hexadecimal member (gyl_json_hex()). Characters that a terminal would act on, or
 * that move or hide text (controls, C1 too, marks of direction and line ends of Unicode), are
 * written as `\\u....`, so that a file of JSON can be looked at as it is.
 *
 * @code
 *   gyl_json_init(&j, &w);
 *   gyl_json_obj(&j, NULL);
 *   gyl_json_str(&j, "mac", gyl_view_str("02:00:00:00:00:01"));
 *   gyl_json_u64(&j, "ttl", 60);
 *   gyl_json_end(&j);
 * @endcode
 * @rfc{8259}
 */

#include <gyl/base.h>
#include <gyl/writer.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Deepest nesting of objects and arrays. Deeper latches #GYL_E_COUNT in the writer. */
#define GYL_JSON_DEPTH_MAX 31

struct gyl_json {
	struct gyl_writer *w; /**< @private */
	uint32_t array;       /**< @private bit per level: it is an array */
	uint32_t filled;      /**< @private bit per level: has a member already */
	unsigned depth;       /**< @private */
};

/** Write into @p w, which MUST stay valid until the last call. */
GYL_API void gyl_json_init(struct gyl_json *j, struct gyl_writer *w);

/* In all of these @p key is the member's name inside an object and NULL inside an array or at the
 * top. It is written as it is, so it MUST be printable ASCII without `"` and backslash: a name that
 * is data goes to the functions that end in `_named`. */

GYL_API void gyl_json_obj(struct gyl_json *j, const char *key);
GYL_API void gyl_json_arr(struct gyl_json *j, const char *key);
/** Close the innermost object or array. */
GYL_API void gyl_json_end(struct gyl_json *j);
GYL_API void gyl_json_str(struct gyl_json *j, const char *key, struct gyl_view v);
/** A string in pieces: begin, put any number of times, end. No character may be split between
 * pieces. */
GYL_API void gyl_json_str_begin(struct gyl_json *j, const char *key);
GYL_API void gyl_json_str_put(struct gyl_json *j, struct gyl_view v);
GYL_API void gyl_json_str_end(struct gyl_json *j);
GYL_API void gyl_json_cstr(struct gyl_json *j, const char *key, const char *s);
/** Member whose name is data, not a literal: it is escaped like a string. */
GYL_API void gyl_json_str_named(struct gyl_json *j, struct gyl_view key, struct gyl_view v);
GYL_API void gyl_json_obj_named(struct gyl_json *j, struct gyl_view key);
GYL_API void gyl_json_arr_named(struct gyl_json *j, struct gyl_view key);
GYL_API void gyl_json_u64(struct gyl_json *j, const char *key, uint64_t v);
GYL_API void gyl_json_i64(struct gyl_json *j, const char *key, int64_t v);
GYL_API void gyl_json_bool(struct gyl_json *j, const char *key, bool v);
GYL_API void gyl_json_null(struct gyl_json *j, const char *key);
/** String of hexadecimal digits, two an octet. */
GYL_API void gyl_json_hex(struct gyl_json *j, const char *key, struct gyl_view v);
GYL_API void gyl_json_ipv4(struct gyl_json *j, const char *key, uint32_t ip);
GYL_API void gyl_json_mac(struct gyl_json *j, const char *key, const uint8_t mac[6]);

/** Length of the longest prefix of @p v that is valid UTF-8 (no overlong forms, no surrogates). */
GYL_API size_t gyl_utf8_prefix(struct gyl_view v);

#ifdef __cplusplus
}
#endif

#endif
