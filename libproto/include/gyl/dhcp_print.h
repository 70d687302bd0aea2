/* SPDX-License-Identifier: ISC */
#ifndef GYL_DHCP_PRINT_H
#define GYL_DHCP_PRINT_H

/**
 * @file dhcp_print.h
 * @brief DHCPv4 messages for people: text of a line an option, and JSON.
 *
 * Both show every well-framed option in the order of reading, with its place in the message, by the
 * type of its code (`<gyl/dhcp_opt.h>`). Pieces of a split option (RFC 3396) are shown where they
 * stand, and as octets where a piece alone is no value. Neither text is a format to parse.
 */

#include <gyl/dhcp.h>
#include <gyl/json.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Append the text of @p msg: a line for the type and transaction, one for the addresses,
 * then
 *        `@OFFSET CODE NAME VALUE` for each option. Each line ends with a newline.
 *
 * @param[in,out] w #GYL_E_SPACE is latched when it does not fit; about 100 octets a line are enough
 * for ordinary options, four for each octet in the worst case.
 */
GYL_API void gyl_dhcp_print(struct gyl_writer *w, const struct gyl_dhcp_msg *msg);

/**
 * @brief Write @p msg as a JSON object, member @p key (NULL at the top or inside an array).
 *
 * Members: the fixed fields by their RFC names, `type` (name, or number when unknown), `overload`,
 * `options`: array of `{"off", "code", "name", "value"}`.
 */
GYL_API void gyl_dhcp_json(struct gyl_json *j, const char *key, const struct gyl_dhcp_msg *msg);

#ifdef __cplusplus
}
#endif

#endif
