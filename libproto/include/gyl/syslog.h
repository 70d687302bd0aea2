/* SPDX-License-Identifier: ISC */
#ifndef GYL_SYSLOG_H
#define GYL_SYSLOG_H

/**
 * @file syslog.h
 * @brief Syslog messages: RFC 5424, RFC 3164 and what devices really send, into one record and
 * back.
 *
 * gyl_syslog_decode() never fails. Whatever arrives becomes a record; what was odd about it is told
 * by flags, and what could not be read as a header is part of `msg`, so that nothing is ever lost:
 *
 * @code
 *   struct gyl_syslog_ctx ctx = { .recv_ns = now_ns };
 *   struct gyl_syslog m;
 *
 *   gyl_syslog_decode(datagram, &ctx, &m);
 *   gyl_json_obj(&j, NULL);
 *   gyl_syslog_json(&m, &j);
 *   gyl_json_end(&j);
 * @endcode
 *
 * A stream (TCP, TLS, a Unix stream socket) is cut into messages with `<gyl/syslog_frame.h>` first.
 * What is settled where the RFCs leave room is written in libproto/docs/syslog.md.
 * @rfc{5424} @rfc{3164}
 */

#include <gyl/base.h>
#include <gyl/json.h>
#include <gyl/writer.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Longest message that a collector should take; longer ones are cut and flagged. @rfc{5424,6.1}
 * wants 2048. */
#define GYL_SYSLOG_LEN_MAX     65536
/** Limits of @rfc{5424,6}; longer fields are kept whole and flagged #GYL_SYSLOG_LONG_FIELD. */
#define GYL_SYSLOG_HOST_MAX    255
#define GYL_SYSLOG_APP_MAX     48
#define GYL_SYSLOG_PROCID_MAX  128
#define GYL_SYSLOG_MSGID_MAX   32
#define GYL_SYSLOG_SD_NAME_MAX 32
/** Most SD-ELEMENTs that are read as such. With more, the whole is text (#GYL_SYSLOG_BAD_SD). */
#define GYL_SYSLOG_SD_CNT_MAX  128
/** PRI of a message that has none: user.notice. @rfc{3164,4.3.3} */
#define GYL_SYSLOG_PRI_DEFAULT 13

/** Which reading of the message won. */
enum gyl_syslog_fmt {
	GYL_SYSLOG_RAW = 0, /**< No PRI that can be believed: `msg` is the whole text. */
	GYL_SYSLOG_3164,    /**< @rfc{3164} or a device's idea of it. */
	GYL_SYSLOG_5424     /**< @rfc{5424}. */
};

/** What was odd; bits of `flags`. Their names in JSON are these in lower case. */
enum gyl_syslog_flag {
	GYL_SYSLOG_BAD_HOST = 1 << 0, /**< host position holds what cannot be a host name */
	GYL_SYSLOG_BAD_PRI = 1 << 1,  /**< `<` that is no PRI of 0 to 191 */
	GYL_SYSLOG_BAD_SD = 1 << 2,   /**< structured data missing or malformed */
	GYL_SYSLOG_BAD_TS = 1 << 3, /**< shaped like a time, but no such time; `has_ts` is false */
	GYL_SYSLOG_BAD_UTF8 = 1 << 4,    /**< some octets are not UTF-8 */
	GYL_SYSLOG_BAD_VERSION = 1 << 5, /**< a VERSION other than 1 */
	GYL_SYSLOG_BOM = 1 << 6,         /**< MSG began with a byte order mark (removed) */
	GYL_SYSLOG_CLOCK_LOST =
		1 << 7, /**< sender says: its clock lost synchronisation (Cisco `.`) */
	GYL_SYSLOG_CLOCK_UNSYNCED = 1 << 8, /**< sender says: its clock was never synchronised */
	GYL_SYSLOG_CTRL = 1 << 9,    /**< control characters in MSG, tabs and line ends included */
	GYL_SYSLOG_CUT = 1 << 10,    /**< too long; `orig_len` tells how long it was */
	GYL_SYSLOG_DUP_SD = 1 << 11, /**< an SD-ID occurs twice */
	GYL_SYSLOG_EMPTY = 1 << 12,  /**< RFC 3164 message without content */
	GYL_SYSLOG_INCOMPLETE = 1 << 13, /**< the stream ended inside this message */
	GYL_SYSLOG_LAX_PRI = 1 << 14,    /**< PRI with leading zeros */
	GYL_SYSLOG_LAX_TS = 1 << 15,     /**< time not quite in the form of RFC 3339 */
	GYL_SYSLOG_LONG_FIELD = 1 << 16, /**< a header field or SD name over its limit */
	GYL_SYSLOG_NO_HOST = 1 << 17,    /**< RFC 3164 time without a host after it */
	GYL_SYSLOG_NO_PRI = 1 << 18,     /**< no PRI at all */
	GYL_SYSLOG_NO_TAG = 1 << 19,     /**< RFC 3164 header without a tag */
	GYL_SYSLOG_NO_TS = 1 << 20,      /**< no time, or none that is recognised */
	GYL_SYSLOG_REPEAT =
		1 << 21, /**< stands for `repeat` more of the sender's previous message */
	GYL_SYSLOG_STRAY_FRAME = 1 << 22, /**< an octet count stood inside the message (removed) */
	GYL_SYSLOG_TS_SKEW = 1 << 23      /**< more than 25 h away from the receiver's clock */
};
#define GYL_SYSLOG_FLAG_CNT 24

/** Which member of the record's `x` is valid. */
enum gyl_syslog_vendor {
	GYL_SYSLOG_X_NONE = 0,
	GYL_SYSLOG_X_CISCO,
	GYL_SYSLOG_X_UNIFI,
	GYL_SYSLOG_X_ARUBA
};

/**
 * Parts of a Cisco message: `seq: time: %fac-sub-sev-mnemonic: text`. Without `fac` (debug output)
 * there is no `sev` and no `mnemonic` either.
 */
struct gyl_syslog_cisco {
	struct gyl_view seq; /**< sequence number as digits, or absent */
	/** the first of two numbers, else the same as `seq`: counts what this receiver was sent */
	struct gyl_view count;
	struct gyl_view fac;      /**< facility, such as `LINEPROTO` */
	struct gyl_view sub;      /**< sub-facility, or absent */
	struct gyl_view mnemonic; /**< such as `UPDOWN` or `302013` */
	struct gyl_view
		uptime; /**< such as `1d02h` when the device stamps with its uptime, or absent */
	uint8_t sev;    /**< 0 to 7; letters of small-business switches are translated */
};

/** Header of UniFi devices. */
struct gyl_syslog_unifi {
	struct gyl_view mac;   /**< twelve hexadecimal digits */
	struct gyl_view model; /**< or absent, when `host` is the model */
	struct gyl_view fw;    /**< firmware version */
};

/** `<address mac>` of Aruba access points. */
struct gyl_syslog_aruba {
	struct gyl_view ip;
	struct gyl_view mac;
};

/**
 * One message. All views lie inside the input of gyl_syslog_decode() and are valid while it is.
 * A field that the message does not have, or that is NILVALUE, has `p == NULL`; that is not the
 * same as an empty one.
 */
struct gyl_syslog {
	struct gyl_view raw;     /**< the input without the CR, LF and NUL at its end */
	enum gyl_syslog_fmt fmt; /**< which reading won */
	uint32_t flags;          /**< #gyl_syslog_flag bits */
	uint8_t pri;             /**< 0 to 191; #GYL_SYSLOG_PRI_DEFAULT when there is none */
	uint8_t fac;             /**< pri / 8 */
	uint8_t sev;             /**< pri % 8 */
	bool has_ts;          /**< `ts_s`, `ts_ns` are valid; otherwise take the time of receipt */
	bool has_zone;        /**< the time was written with its zone: no guess is in `ts_s` */
	bool has_seq_id;      /**< `seq_id` is valid */
	uint32_t ts_ns;       /**< fraction of the second, a multiple of 1000 */
	int64_t ts_s;         /**< seconds since 1970-01-01T00:00:00Z */
	uint32_t seq_id;      /**< `sequenceId` of SD-ID `meta`. @rfc{5424,7.3.1} */
	uint32_t repeat;      /**< count of `last message repeated N times`, else 0 */
	size_t orig_len;      /**< octets sent, when more than are here (#GYL_SYSLOG_CUT), else 0 */
	struct gyl_view ts;   /**< the time as it was written */
	struct gyl_view host; /**< HOSTNAME; absent: take the sender's address */
	struct gyl_view app;  /**< APP-NAME, or the tag */
	struct gyl_view pid;  /**< PROCID, or what stands in brackets after the tag */
	struct gyl_view msgid; /**< MSGID, or a device's event number */
	struct gyl_view sd;  /**< STRUCTURED-DATA from the first `[` to the last `]`; read it with a
				cursor */
	struct gyl_view msg; /**< MSG without byte order mark; any octets */
	enum gyl_syslog_vendor vendor; /**< which member of `x` is valid */
	union {
		struct gyl_syslog_cisco cisco;
		struct gyl_syslog_unifi unifi;
		struct gyl_syslog_aruba aruba;
	} x; /**< what is special to one vendor */
};

/** What the receiver knows and the message does not say. Zero-initialise what is not known. */
struct gyl_syslog_ctx {
	/** Receiver's wall clock, nanoseconds since 1970: times without a year get the year nearest
	 * to it. */
	uint64_t recv_ns;
	/** Zone in which the sender means times that have no zone: seconds east of UTC. */
	int32_t zone_s;
	/** What the transport saw: #GYL_SYSLOG_CUT, #GYL_SYSLOG_INCOMPLETE,
	 * #GYL_SYSLOG_STRAY_FRAME. */
	uint32_t flags;
	/** With #GYL_SYSLOG_CUT: octets that the sender sent. */
	size_t orig_len;
};

/**
 * @brief Read one message (a datagram, or a frame of a stream) into a record.
 * @param in       The message, without transport framing; may be empty, any octets, any length.
 * @param ctx      Receiver's clock and what else is known.
 * @param[out] ret_msg  Always written completely.
 * @owns nothing: views of @p ret_msg point into @p in.
 * @cost O(length), one pass over header and text; no allocation. About 100 ns for 200 octets of RFC
 * 5424.
 * @rfc{5424,6} @rfc{3164,4}
 */
GYL_API void gyl_syslog_decode(
	struct gyl_view in, const struct gyl_syslog_ctx *ctx, struct gyl_syslog *ret_msg);

/** @return the flag's name (`bad_host`) for a bit number 0 to #GYL_SYSLOG_FLAG_CNT - 1, else "?".
 */
GYL_API const char *gyl_syslog_flag_name(unsigned bit);
/** @return `kern` ... `local7` for 0 to 23, else "?". @rfc{5424,6.2.1} */
GYL_API const char *gyl_syslog_fac_name(unsigned fac);
/** @return `emerg` ... `debug` for 0 to 7, else "?". @rfc{5424,6.2.1} */
GYL_API const char *gyl_syslog_sev_name(unsigned sev);

/* Structured data. */

/** One SD-PARAM, or an SD-ELEMENT without any. */
struct gyl_syslog_param {
	struct gyl_view id;    /**< SD-ID of the element */
	struct gyl_view name;  /**< PARAM-NAME; `p == NULL` when the element has no parameters */
	struct gyl_view value; /**< PARAM-VALUE as written, with its backslashes */
	bool escaped;          /**< `value` holds a backslash: gyl_syslog_unescape() it */
	bool first;            /**< first of its element */
};

/** Cursor over structured data. */
struct gyl_syslog_sd {
	struct gyl_view rest; /**< @private */
	struct gyl_view id;   /**< @private element that is open; p == NULL between elements */
};

/** Start at the first parameter of @p m, which MUST come from gyl_syslog_decode(). */
GYL_API void gyl_syslog_sd_init(struct gyl_syslog_sd *cur, const struct gyl_syslog *m);
/** @return false at the end. Elements without parameters are given once, with `name.p == NULL`.
 * @cost O(parameter) */
GYL_API bool gyl_syslog_sd_next(struct gyl_syslog_sd *cur, struct gyl_syslog_param *ret_param);
/**
 * @brief Find the first parameter @p name of an element @p id.
 * @return false when there is none; @p ret_value is the value as written (see
 * gyl_syslog_unescape()).
 */
GYL_API bool gyl_syslog_sd_find(const struct gyl_syslog *m, struct gyl_view id,
	struct gyl_view name, struct gyl_view *ret_value);
/**
 * @brief Append a PARAM-VALUE with `\"`, `\\` and `\]` undone; any other backslash stays.
 * The result is never longer than @p value. Latches #GYL_E_SPACE when @p w is full.
 * @rfc{5424,6.3.3}
 */
GYL_API void gyl_syslog_unescape(struct gyl_writer *w, struct gyl_view value);

/* Text and JSON. */

/**
 * @brief Write a record as an object, or only its members into the object that is open in @p j.
 *
 * Members: fmt pri fac sev ts host app pid msgid sd msg flags, and x when there is any. `ts` is RFC
 * 3339 in UTC with as many digits as are needed, or null. `sd` is an object of arrays of [name,
 * value] pairs. When MSG is not UTF-8, `msg` is null and `msg_hex` has its octets. Of a message
 * that was cut, `x.len` is the length it had.
 */
GYL_API void gyl_syslog_json(struct gyl_json *j, const char *key, const struct gyl_syslog *m);
GYL_API void gyl_syslog_json_members(struct gyl_json *j, const struct gyl_syslog *m);
/** Write the member `raw`, or `raw_hex` when it is not UTF-8: the message as it came. */
GYL_API void gyl_syslog_json_raw(struct gyl_json *j, const struct gyl_syslog *m);

/**
 * @brief One line for people, without line end: time, host, facility and severity, tag, text,
 * flags. Whatever could trick a terminal is escaped (gyl_syslog_escape()). All or nothing.
 */
GYL_API void gyl_syslog_print(struct gyl_writer *w, const struct gyl_syslog *m);
/**
 * @brief Append text so that no terminal acts on it and it can be turned back.
 *
 * Printable UTF-8 stays. Backslash is doubled; each octet of C0, DEL and C1 controls, U+2028,
 * U+2029, of marks that change the direction of text (U+061C, U+200E, U+200F, U+202A-202E,
 * U+2066-2069), of U+FEFF and of what is no UTF-8 becomes `\xhh`. All or nothing.
 */
GYL_API void gyl_syslog_escape(struct gyl_writer *w, struct gyl_view v);
/** Append the record's time as RFC 3339 in UTC, without zeros at the end; `-` when it has none, or
 * an offset took its year out of 0 to 9999. */
GYL_API void gyl_syslog_print_time(struct gyl_writer *w, const struct gyl_syslog *m);

/* Encoding. */

/**
 * @brief Append a record as one RFC 5424 message.
 *
 * `pri`, time, `host`, `app`, `pid`, `msgid`, `sd`, `msg` and #GYL_SYSLOG_BOM of @p m count. In
 * header fields octets that are not allowed become `?` and what is longer than the limit is cut. A
 * valid RFC 5424 message gives the same octets again after decoding, but for CR, LF and NUL at its
 * very end, which decoding takes for framing.
 *
 * @param w  appended to. When the room ends inside MSG, MSG is cut between two characters of UTF-8.
 * @param m  `sd` MUST be empty, or come from gyl_syslog_decode() or gyl_syslog_sd_end().
 * @return #GYL_OK; #GYL_LENIENT when MSG was cut (`off` = octets of MSG that are in). Otherwise the
 *         fault that is latched in @p w, and nothing was appended: #GYL_E_SPACE when not even the
 * header fits, #GYL_E_RANGE when `pri` is over 191 or the year does not have four digits.
 * @rfc{5424,6}
 */
GYL_API struct gyl_fault gyl_syslog_encode_5424(struct gyl_writer *w, const struct gyl_syslog *m);

/**
 * @brief Append a record as one RFC 3164 message: `<pri>Mmm dd hh:mm:ss host app[pid]: msg`.
 *
 * The format has no zone: the time is written in UTC plus @p zone_s, which the receiver has to
 * know. Without a time the host is left out too (a receiver would take it for text). There is no
 * structured data. CR, LF and NUL in MSG become spaces.
 * @return as gyl_syslog_encode_5424().
 * @rfc{3164,4.1}
 */
GYL_API struct gyl_fault gyl_syslog_encode_3164(
	struct gyl_writer *w, const struct gyl_syslog *m, int32_t zone_s);

/** The part of @p v, at most @p max octets, that does not end inside a character of UTF-8. */
GYL_API struct gyl_view gyl_syslog_cut(struct gyl_view v, size_t max);

/** Writer of structured data. */
struct gyl_syslog_sd_writer {
	struct gyl_writer w; /**< @private fault latched here */
	bool open;           /**< @private an element is open */
};

/** Start writing structured data into @p buf. */
GYL_API void gyl_syslog_sd_begin(struct gyl_syslog_sd_writer *s, void *buf, size_t cap);
/** Open an element. Latches #GYL_E_NAME when @p id is not 1 to 32 octets of PRINTUSASCII without `=
 * ] "`. */
GYL_API void gyl_syslog_sd_put_id(struct gyl_syslog_sd_writer *s, const char *id);
/**
 * @brief Add a parameter to the open element, escaping `"`, `\` and `]`; octets that are no UTF-8
 * become `?`. Latches #GYL_E_NAME for a bad @p name, #GYL_E_MISSING when no element is open.
 */
GYL_API void gyl_syslog_sd_put(
	struct gyl_syslog_sd_writer *s, const char *name, struct gyl_view value);
/** The same with a number. */
GYL_API void gyl_syslog_sd_put_u64(
	struct gyl_syslog_sd_writer *s, const char *name, uint64_t value);
/**
 * @brief Close the last element.
 * @param[out] ret_sd  For `sd` of a record; valid while the buffer is. Written only on success.
 * @return #GYL_OK or the first fault that was latched.
 */
GYL_API struct gyl_fault gyl_syslog_sd_end(struct gyl_syslog_sd_writer *s, struct gyl_view *ret_sd);

#ifdef __cplusplus
}
#endif

#endif
