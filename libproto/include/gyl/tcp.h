/* SPDX-License-Identifier: ISC */
#ifndef GYL_TCP_H
#define GYL_TCP_H

/**
 * @file tcp.h
 * @brief The TCP header and its options over IPv4. Octets only: no state machine.
 * @rfc{9293,3.1} @rfc{7323} @rfc{2018}
 */

#include <gyl/base.h>
#include <gyl/checksum.h>
#include <gyl/json.h>
#include <gyl/writer.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GYL_TCP_HEADER_LEN  20
/** Longest header, with 40 octets of options. */
#define GYL_TCP_HEADER_MAX  60
#define GYL_TCP_OPTIONS_MAX 40

/** Bits of `flags`. */
enum {
	GYL_TCP_FIN = 0x001,
	GYL_TCP_SYN = 0x002,
	GYL_TCP_RST = 0x004,
	GYL_TCP_PSH = 0x008,
	GYL_TCP_ACK = 0x010,
	GYL_TCP_URG = 0x020,
	GYL_TCP_ECE = 0x040,     /**< @rfc{3168} */
	GYL_TCP_CWR = 0x080,     /**< @rfc{3168} */
	GYL_TCP_AE = 0x100,      /**< accurate ECN, formerly NS. @rfc{9768} */
	GYL_TCP_RESERVED = 0xe00 /**< three bits without a meaning yet */
};

struct gyl_tcp {
	uint16_t src_port, dst_port;
	uint32_t seq, ack;
	uint16_t flags; /**< 12 bits: `GYL_TCP_FIN` and so on, #GYL_TCP_RESERVED included */
	uint16_t window;
	uint16_t checksum; /**< as received; encoding does not read it */
	uint16_t urgent;   /**< means something with #GYL_TCP_URG only */
	struct gyl_view
		options; /**< well-formed; what stands behind EOL or a broken option is left out */
	struct gyl_view payload;
};

/**
 * @brief Read a TCP header.
 * @param[in]  in      payload of the IPv4 datagram
 * @param[in]  src_ip  its source address, for the checksum
 * @param[in]  dst_ip  its destination address, for the checksum
 * @param[in]  flags   0 or #GYL_CHECKSUM_SKIP
 * @param[out] ret_tcp options and payload are views into @p in
 * @return #GYL_OK; #GYL_LENIENT when an option's framing is broken (`off` = the option; those
 * before it are kept). In this order: #GYL_E_SHORT under 20 octets; #GYL_E_LENGTH for a data offset
 * under 5 or past
 *         @p in (`off` = 12) or a segment over 65535 octets (`off` = 65535); #GYL_E_CHECKSUM (`off`
 * = 16).
 * @owns nothing   @cost O(length) for the checksum
 * @rfc{9293,3.1}
 */
GYL_API struct gyl_fault gyl_tcp_decode(struct gyl_view in, uint32_t src_ip, uint32_t dst_ip,
	unsigned flags, struct gyl_tcp *ret_tcp);

/**
 * @brief Append the header. Options are padded with zeros to a multiple of 4; the checksum covers
 * `payload` wherever that is.
 *
 * Latches #GYL_E_FIELD for options over 40 octets or flags over 12 bits, #GYL_E_LENGTH for a
 * segment over 65535 octets, #GYL_E_SPACE. Nothing is written then.
 */
GYL_API void gyl_tcp_put_header(
	struct gyl_writer *w, const struct gyl_tcp *t, uint32_t src_ip, uint32_t dst_ip);

/** Append header and payload. */
GYL_API void gyl_tcp_encode(
	struct gyl_writer *w, const struct gyl_tcp *t, uint32_t src_ip, uint32_t dst_ip);

/** Length of the header that gyl_tcp_put_header() writes. */
static inline size_t gyl_tcp_header_len(const struct gyl_tcp *t)
{
	return GYL_TCP_HEADER_LEN + ((t->options.len + 3) & ~(size_t)3);
}

/** Sequence numbers that the segment takes: its octets, SYN and FIN. @rfc{9293,3.4} */
static inline uint32_t gyl_tcp_seq_len(const struct gyl_tcp *t)
{
	return (uint32_t)t->payload.len + ((t->flags & GYL_TCP_SYN) != 0) +
	       ((t->flags & GYL_TCP_FIN) != 0);
}

/** Option kinds. */
enum {
	GYL_TCP_OPT_EOL = 0,
	GYL_TCP_OPT_NOP = 1,
	GYL_TCP_OPT_MSS = 2,
	GYL_TCP_OPT_WSCALE = 3,
	GYL_TCP_OPT_SACK_PERMITTED = 4,
	GYL_TCP_OPT_SACK = 5,
	GYL_TCP_OPT_TIMESTAMPS = 8
};

struct gyl_tcp_opt {
	uint8_t kind;
	struct gyl_view val; /**< without kind and length octets */
};

/** Walks over options. */
struct gyl_tcp_cursor {
	struct gyl_view rest; /**< @private */
};

/** Start before the first of @p options (the member of a decoded header, or any octets). */
GYL_API void gyl_tcp_cursor_init(struct gyl_tcp_cursor *cur, struct gyl_view options);

/**
 * @brief Step to the next option; NOP is passed over.
 * @return true and the option in @p ret_opt; false at the end, at EOL, and where the framing is
 * broken (which cannot be in decoded options).
 */
GYL_API bool gyl_tcp_cursor_next(struct gyl_tcp_cursor *cur, struct gyl_tcp_opt *ret_opt);

/** Most SACK blocks that fit. @rfc{2018,3} */
#define GYL_TCP_SACK_MAX 4

/** Octets from `left` up to but without `right` have arrived. */
struct gyl_tcp_sack {
	uint32_t left, right;
};

/** The options that matter to TCP itself. */
struct gyl_tcp_known {
	bool has_mss, has_wscale, has_timestamps, sack_permitted;
	uint8_t wscale; /**< 0 to 14, larger ones are read as 14. @rfc{7323,2.3} */
	uint16_t mss;
	uint32_t ts_val, ts_ecr;
	uint8_t sack_cnt; /**< 0 to #GYL_TCP_SACK_MAX */
	struct gyl_tcp_sack sack[GYL_TCP_SACK_MAX];
};

/**
 * @brief Collect the options that TCP itself knows; of repeated ones the first counts.
 * @param[in]  options   of a decoded header
 * @param[out] ret_known always written; members whose `has_` is false are 0
 * @return #GYL_OK, or #GYL_LENIENT when a known one has a length that its RFC does not give it and
 * was left out (`off` = the option, from the start of @p options).
 */
GYL_API struct gyl_fault gyl_tcp_known_get(
	struct gyl_view options, struct gyl_tcp_known *ret_known);

/* Options for the member `options`, appended to a writer over a buffer of GYL_TCP_OPTIONS_MAX
 * octets. */

GYL_API void gyl_tcp_put_mss(struct gyl_writer *w, uint16_t mss);
/** #GYL_E_FIELD over 14. */
GYL_API void gyl_tcp_put_wscale(struct gyl_writer *w, uint8_t shift);
GYL_API void gyl_tcp_put_sack_permitted(struct gyl_writer *w);
/** #GYL_E_COUNT for 0 or over #GYL_TCP_SACK_MAX blocks. */
GYL_API void gyl_tcp_put_sack(
	struct gyl_writer *w, const struct gyl_tcp_sack *sack, size_t sack_cnt);
GYL_API void gyl_tcp_put_timestamps(struct gyl_writer *w, uint32_t ts_val, uint32_t ts_ecr);
/** Any option: kind, length, octets. #GYL_E_LENGTH over 253 octets, #GYL_E_FIELD for EOL and NOP.
 */
GYL_API void gyl_tcp_put_option(struct gyl_writer *w, uint8_t kind, struct gyl_view val);

/** `port 40000 > 53 SYN seq 1 ack 0 win 64240 mss 1460 sack-permitted ... 0 octets` */
GYL_API void gyl_tcp_print(struct gyl_writer *w, const struct gyl_tcp *t);

/** An object: src_port, dst_port, seq, ack, flags (array of names), window, urgent, options, len.
 */
GYL_API void gyl_tcp_json(struct gyl_json *j, const char *key, const struct gyl_tcp *t);

#ifdef __cplusplus
}
#endif

#endif
