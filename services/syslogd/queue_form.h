/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_QUEUE_FORM_H
#define GYL_SERVICES_SYSLOGD_QUEUE_FORM_H

/*
 * How a forwarding queue looks on the disk (queue.h has what it is for). Pure; numbers are big
 * endian, sums CRC-32C.
 *
 * A file holds messages with numbers in a row, from the one in its head on:
 *
 *   head     "GYLQUEUE", version (4), sum of all of the head (4), first number (8)
 *   message  length (4), sum of number, length and text (4), text
 *   end      0 (4), sum of the number (4), number after the last message (8): in closed files
 *
 * The number of a message is in its sum and nowhere else, so that one that stands at another place
 * is none. The position has two places that are written in turn, the one with the higher serial
 * counts:
 *
 *   position "GYLP" (4), sum of what follows (4), serial (8), number (8)
 */

#include <gyl/base.h>

enum {
	GYL_SYSLOGD_QUEUE_MSG_MAX = 1 << 20, /* octets of a message: any record is shorter */
	GYL__QUEUE_HEAD_LEN = 24,
	GYL__QUEUE_MSG_LEN = 8, /* in front of the text */
	GYL__QUEUE_END_LEN = 16,
	GYL__QUEUE_POS_LEN = 24
};

void gyl__queue_head(uint64_t first, uint8_t ret_head[GYL__QUEUE_HEAD_LEN]);
/* False: it is none. */
bool gyl__queue_head_read(const uint8_t head[GYL__QUEUE_HEAD_LEN], uint64_t *ret_first);

/* What stands in front of the text of message nr. text.len MUST be 1 to
 * GYL_SYSLOGD_QUEUE_MSG_MAX. */
void gyl__queue_msg(uint64_t nr, struct gyl_view text, uint8_t ret_head[GYL__QUEUE_MSG_LEN]);
void gyl__queue_end(uint64_t nr, uint8_t ret_end[GYL__QUEUE_END_LEN]);

enum gyl__queue_found {
	GYL__QUEUE_MSG,  /* a message */
	GYL__QUEUE_MORE, /* what is there could be the beginning of something longer */
	GYL__QUEUE_END,  /* the end of a closed file */
	GYL__QUEUE_BAD   /* nothing that was written here */
};

/*
 * What stands at the beginning of `in`, where message nr should: its text, and how long it is with
 * all that belongs to it. With MORE *ret_len is how long it has to be at least. Of END the number
 * is not looked at: gyl__queue_end_read().
 */
enum gyl__queue_found gyl__queue_read(
	struct gyl_view in, uint64_t nr, struct gyl_view *ret_text, size_t *ret_len);
/* False: it is none. */
bool gyl__queue_end_read(const uint8_t end[GYL__QUEUE_END_LEN], uint64_t *ret_nr);

struct gyl__queue_pos {
	uint64_t serial, nr;
};
void gyl__queue_pos(const struct gyl__queue_pos *pos, uint8_t ret_text[GYL__QUEUE_POS_LEN]);
/* False: it is none. */
bool gyl__queue_pos_read(const uint8_t text[GYL__QUEUE_POS_LEN], struct gyl__queue_pos *ret_pos);

#endif
