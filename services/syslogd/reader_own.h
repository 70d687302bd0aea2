/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_READER_OWN_H
#define GYL_SERVICES_SYSLOGD_READER_OWN_H

/* What reader.c (the directory) and the kinds of segments (reader_plain.c, reader_zst.c) share. */

#include "services/syslogd/reader.h"

/* What a kind of segment does. */
struct gyl__seg_ops {
	/* Frames of the file s->fd; base: of the segment, NULL for the open one. 0 or -errno. */
	int (*open)(int dir_fd, const char *base, struct gyl_syslogd_seg *s);
	int (*text)(const struct gyl_syslogd_seg *s, const struct gyl_syslogd_frame *f,
		struct gyl_syslogd_scratch *x, struct gyl_view *ret_text);
};

extern const struct gyl__seg_ops gyl__seg_plain, gyl__seg_zst, gyl__seg_seal;

/* Append a frame of which nothing is known but its place. 0 or -ENOMEM. */
int gyl__seg_put(struct gyl_syslogd_seg *s, uint64_t off, uint32_t len, uint32_t text_len);
/* Frames of the whole lines between s->len and end. */
int gyl__seg_plain_frames(struct gyl_syslogd_seg *s, uint64_t end);
/* Frames as the index in s->idx, len octets, has them; name is that of its file. False: it cannot
 * be used, and why is noted. *ret_err: 0 or -ENOMEM. */
bool gyl__seg_index(
	struct gyl_syslogd_seg *s, const char *name, size_t len, uint64_t data_len, int *ret_err);
/* Wipe what a sealed segment has; NULL is allowed. */
void gyl__seg_unsealed(struct gyl_syslogd_sealed *sealed);
/* All of len octets at off. 0 or -errno; -EBADMSG when the file ends before. */
int gyl__seg_read(int fd, void *buf, size_t len, uint64_t off);
/* The text of a frame in memory, into the scratch. 0, -EBADMSG or -ENOMEM. */
int gyl__unpack(struct gyl_syslogd_scratch *x, struct gyl_view data, uint32_t text_len,
	struct gyl_view *ret_text);
/* The scratch's buffers, for a frame's text and for its octets in the file; NULL: no memory. */
uint8_t *gyl__scratch_text(struct gyl_syslogd_scratch *x);
uint8_t *gyl__scratch_data(struct gyl_syslogd_scratch *x);

#endif
