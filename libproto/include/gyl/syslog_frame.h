/* SPDX-License-Identifier: ISC */
#ifndef GYL_SYSLOG_FRAME_H
#define GYL_SYSLOG_FRAME_H

/**
 * @file syslog_frame.h
 * @brief Cutting a byte stream into syslog messages, and framing messages for one.
 *
 * RFC 6587 knows octet counting (`83 <34>1 ...`) and trailers (LF; NUL or CR LF in the wild), and a
 * sender does not say which it uses. The splitter decides for each frame anew, so that one port
 * takes them all, even mixed. It never allocates, never waits for more than the longest message,
 * and after nonsense it goes on at the next line.
 *
 * The caller keeps one buffer per stream, of #GYL_SYSLOG_LEN_MAX + 16 octets or more, and after
 * each read calls gyl_syslog_split() until nothing comes, dropping what was used:
 *
 * @code
 *   len += read(fd, buf + len, sizeof buf - len);
 *   while (gyl_syslog_split(&s, gyl_view(buf + at, len - at), &frame, &used)) {
 *           at += used;
 *           take(frame.msg);
 *   }
 *   at += used;
 *   memmove(buf, buf + at, len -= at);
 * @endcode
 * @rfc{6587,3.4} @rfc{5425,4.3}
 */

#include <gyl/base.h>
#include <gyl/syslog.h>
#include <gyl/writer.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How a frame was delimited. */
enum gyl_syslog_framing {
	GYL_SYSLOG_FRAME_COUNT = 0, /**< octet counting. @rfc{6587,3.4.1} */
	GYL_SYSLOG_FRAME_LF,        /**< LF, or CR LF. @rfc{6587,3.4.2} */
	GYL_SYSLOG_FRAME_NUL        /**< NUL */
};

/** What else a stream can hold; bits of a splitter's `notes`. */
enum gyl_syslog_note {
	GYL_SYSLOG_NOTE_TLS =
		1 << 0, /**< begins with a TLS handshake; nothing more comes of it: close */
	GYL_SYSLOG_NOTE_BAD_COUNT =
		1 << 1, /**< a line begins with a count that cannot be one (`0 <13>`) */
	GYL_SYSLOG_NOTE_CUT_END =
		1 << 2 /**< a line that was cut has ended, `cut_len` is its full length */
};

/** Splitter of one stream. */
struct gyl_syslog_splitter {
	size_t max;       /**< longest message given; longer ones are cut */
	uint32_t notes;   /**< #gyl_syslog_note bits seen; the caller clears what it has told */
	uint64_t cut_len; /**< full length of the last line that was cut */
	uint64_t skip;    /**< @private octets of a cut counted frame still to drop */
	size_t scanned;   /**< @private octets of the unfinished line that hold no trailer */
	bool begun;       /**< @private the first octets have been looked at */
	bool counted;     /**< @private the previous frame was counted */
	bool skip_line;   /**< @private dropping the rest of a line */
};

/** One message of a stream. */
struct gyl_syslog_frame {
	struct gyl_view msg; /**< without framing, inside the input, never empty */
	/**
	 * Octets that the sender sent. Of a cut line whose end was not in the input yet, what was
	 * there; the full length follows in the splitter (#GYL_SYSLOG_NOTE_CUT_END).
	 */
	size_t orig_len;
	uint32_t flags; /**< #GYL_SYSLOG_CUT, #GYL_SYSLOG_INCOMPLETE: for `flags` of gyl_syslog_ctx
			 */
	enum gyl_syslog_framing framing;
};

/** Start a stream. @p max is 480 to 999999; #GYL_SYSLOG_LEN_MAX is the usual. */
GYL_API void gyl_syslog_splitter_init(struct gyl_syslog_splitter *s, size_t max);

/**
 * @brief Take the next message off a stream.
 *
 * @param s   Splitter of this stream.
 * @param in  All octets that were received and not used yet. The buffer MUST hold `max` + 16
 * octets, or a message can be too long for it and the stream stalls.
 * @param[out] ret_frame  Written when true is returned; its view is valid while @p in is.
 * @param[out] ret_used   Octets of @p in that are done with, also when false is returned.
 * @return true with a message; false when more octets are needed.
 * @cost Each octet is looked at once, and dropped octets (of what was cut) need no memory.
 * @rfc{6587,3.4}
 */
GYL_API bool gyl_syslog_split(struct gyl_syslog_splitter *s, struct gyl_view in,
	struct gyl_syslog_frame *ret_frame, size_t *ret_used);

/**
 * @brief The stream has ended: what is left in @p in, after gyl_syslog_split() returned false, is
 * the last message. A line that lacks its LF is whole; a counted frame that lacks octets is
 * #GYL_SYSLOG_INCOMPLETE.
 * @return false when nothing is left.
 */
GYL_API bool gyl_syslog_split_end(
	struct gyl_syslog_splitter *s, struct gyl_view in, struct gyl_syslog_frame *ret_frame);

/**
 * @brief Append a message with its framing.
 * The trailer cannot be escaped: inside @p msg it becomes a space. Latches #GYL_E_SPACE when @p w
 * is full (nothing is appended then) and #GYL_E_RANGE when @p msg is empty or over 999999 octets.
 * @rfc{6587,3.4} @rfc{5425,4.3}: TLS wants #GYL_SYSLOG_FRAME_COUNT.
 */
GYL_API void gyl_syslog_frame_put(
	struct gyl_writer *w, enum gyl_syslog_framing framing, struct gyl_view msg);

#ifdef __cplusplus
}
#endif

#endif
