/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_QUEUE_OWN_H
#define GYL_SERVICES_SYSLOGD_QUEUE_OWN_H

/* What queue.c (writing), queue_open.c (what is there) and queue_read.c (giving out) share. */

#include "services/syslogd/queue.h"

enum {
	GYL__QUEUE_NAME_MAX = 32, /* "00000000000000000001.q" */
	GYL__QUEUE_CHUNK = 64 << 10,
	/* Of each of the two buffers: the longest message, and then some. */
	GYL__QUEUE_BUF = GYL__QUEUE_MSG_LEN + GYL_SYSLOGD_QUEUE_MSG_MAX + GYL__QUEUE_CHUNK
};

/* A flush of the disk: the work thread's while it is busy, and then, when the queue is gone
 * meanwhile, nobody's. */
struct gyl__queue_sync {
	struct gyl_syslogd_queue *q; /* NULL: it is gone */
	bool busy;
	int err;
	uint32_t fd_cnt;
	int fd[GYL_SYSLOGD_QUEUE_LATE_MAX + 2]; /* with that of the position and the open file */
};

static inline bool gyl__queue_is_open(const struct gyl_syslogd_queue *q, uint32_t index)
{
	return q->fd >= 0 && index == q->file_cnt - 1;
}

/* queue_open.c */

void gyl__queue_name(uint64_t first, char ret_name[GYL__QUEUE_NAME_MAX]);
/* Give a file that was just made to who shall have it. 0 or -errno. */
int gyl__queue_give(const struct gyl_syslogd_queue *q, int fd);
/* All of len octets at an offset, or as many as there are: their number, or -errno. */
int64_t gyl__queue_pread(int fd, uint8_t *buf, size_t len, uint64_t off);
/* Close all that is open, and free. */
void gyl__queue_release(struct gyl_syslogd_queue *q);

/* queue.c */

/* Write down what is done. */
void gyl__queue_put_pos(struct gyl_syslogd_queue *q);
/* Remove a file from the list and the disk. */
void gyl__queue_remove(struct gyl_syslogd_queue *q, uint32_t index);
/* Tell: that many octets of a file were no whole message. */
void gyl__queue_say_torn(const struct gyl_syslogd_queue *q, uint64_t len);

/* queue_read.c */

/* Read this file from its first message on; q->in_fd is fd now. */
void gyl__queue_read_begin(struct gyl_syslogd_queue *q, int fd);
/* What stands at in_used; of a message q->msg_len is its length with all that belongs to it. The
 * rest of an unfinished one is MORE. */
enum gyl__queue_found gyl__queue_look(
	struct gyl_syslogd_queue *q, uint64_t nr, struct gyl_view *ret_text);
/* Reading begins anew, with a look for the file. */
void gyl__queue_read_close(struct gyl_syslogd_queue *q);

#endif
