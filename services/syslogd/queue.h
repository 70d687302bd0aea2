/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_QUEUE_H
#define GYL_SERVICES_SYSLOGD_QUEUE_H

/*
 * Messages that wait to be forwarded, in files of a directory of their own (queue_form.h): they are
 * there after a restart, after kill -9, and while the other side is down for days.
 *
 * Messages are numbered by 1 from 1 on, for good. What is put in gathers in memory and is written
 * by gyl_syslogd_queue_flush(), at the end of a step of the loop: kill -9 loses what a step
 * brought. The disk is flushed every second by the work thread.
 *
 * Reading goes on in front of what is done: gyl_syslogd_queue_peek() and _step() give messages out,
 * _done() says up to which of them it is all over, and is written down at once; _rewind() goes back
 * to there, and so does a restart. A file whose messages are all done is removed.
 *
 * All files together never have more than size_max octets. What happens when that is reached says
 * drop_old: the new message is not taken; or the oldest file goes, about 1/32 of size_max, unless
 * messages in it are on their way: then the next one that has none of them. Every message that is
 * lost so, or in a file that somebody damaged, is counted (`lost`).
 *
 * What a crash left of a message at the end of the newest file is cut off and told. When writing
 * fails it is tried again twice a second, and the trouble and its end are told; messages that find
 * the memory full are not taken.
 */

#include "libnet/host/host.h"
#include "services/base/event.h"
#include "services/syslogd/queue_form.h"

enum {
	GYL_SYSLOGD_QUEUE_SIZE_MIN = 1 << 20,
	/* Files that are closed during one flush of the disk, and then flushed, too: of more it is
	 * left to the kernel when. */
	GYL_SYSLOGD_QUEUE_LATE_MAX = 16
};

struct gyl_syslogd_queue_conf {
	const char *dir;   /* made when it is not there, with the one it is in; stays valid */
	uint64_t size_max; /* octets of all files, at least GYL_SYSLOGD_QUEUE_SIZE_MIN */
	bool drop_old;     /* else new messages */
	bool sync;         /* have the disk flushed */
	uint32_t uid, gid; /* owner of the files, UINT32_MAX: whoever we are */
	const struct gyl_host *host; /* whose work thread flushes; NULL: none, it is done in line */
	void (*say)(void *arg, const struct gyl_event *e);
	/* cnt messages that were taken are lost: dropped for others, or damaged. */
	void (*lost)(void *arg, uint64_t cnt, const char *why);
	void *arg;
};

struct gyl_syslogd_queue_file { /* @private */
	uint64_t first, end;    /* numbers of its messages; of the one being written: those in it */
	uint64_t size;
};

struct gyl_syslogd_queue { /* @private but cf, which may be changed, and size */
	struct gyl_syslogd_queue_conf cf;
	uint64_t size; /* octets of all files, and of what is to be written */
	int dir_fd;
	int pos_fd;
	uint64_t pos_serial;
	int fd; /* of the last file, which is being written; -1: a new one comes */
	struct gyl_syslogd_queue_file *file; /* in order */
	uint32_t file_cnt, file_cap;
	uint64_t next;    /* number of the next message */
	uint64_t written; /* those below are in files */
	uint64_t done;    /* those below are done */
	uint8_t *out;     /* to be written */
	uint32_t out_len;
	uint64_t failed_ns, retry_ns;
	uint64_t sync_ns;             /* when to flush, 0: nothing to flush */
	struct gyl__queue_sync *sync; /* what the work thread has */
	uint32_t late_cnt;            /* files closed while it was busy, to be flushed */
	int late_fd[GYL_SYSLOGD_QUEUE_LATE_MAX];
	/* reading */
	uint64_t at;       /* number of the next message to be given out */
	int in_fd;         /* -1: it is to be looked for */
	uint32_t in_index; /* its file */
	uint64_t in_off;   /* where in[] begins in the file */
	uint8_t *in;
	uint32_t in_len, in_used; /* octets there; of them used */
	uint32_t msg_len;         /* of the message that was peeked at, 0: none was */
};

/* Open or make a queue. 0, or -1 with a sentence in err. Cost: the newest file is read whole. */
int gyl_syslogd_queue_open(struct gyl_syslogd_queue *q, const struct gyl_syslogd_queue_conf *cf,
	struct gyl_now now, char err[200]);

/* Take a message of 1 to GYL_SYSLOGD_QUEUE_MSG_MAX octets. NULL, or why it is not taken. */
const char *gyl_syslogd_queue_put(
	struct gyl_syslogd_queue *q, struct gyl_view text, struct gyl_now now);

/* Write what was put in. Returns when (monotonic) to call again at the latest. */
uint64_t gyl_syslogd_queue_flush(struct gyl_syslogd_queue *q, struct gyl_now now);

/* The next message to be given out, of those that are written; valid until the next call of
 * anything here. False: there is none. */
bool gyl_syslogd_queue_peek(
	struct gyl_syslogd_queue *q, struct gyl_view *ret_text, uint64_t *ret_nr);
/* What was peeked at was given out. */
void gyl_syslogd_queue_step(struct gyl_syslogd_queue *q);
/* Those below nr are done. */
void gyl_syslogd_queue_done(struct gyl_syslogd_queue *q, uint64_t nr);
/* Give out again what is not done. */
void gyl_syslogd_queue_rewind(struct gyl_syslogd_queue *q);

/* Is there anything to be given out? */
static inline bool gyl_syslogd_queue_ready(const struct gyl_syslogd_queue *q)
{
	return q->at < q->written;
}

/* Messages that are not done, those on their way too. Cost: the number of files. */
uint64_t gyl_syslogd_queue_cnt(const struct gyl_syslogd_queue *q);

/* Is the work thread at it? When all ends it is waited for; otherwise a queue may be closed. */
bool gyl_syslogd_queue_busy(const struct gyl_syslogd_queue *q);

/* Write the rest and close. False when a rest could not be written. */
bool gyl_syslogd_queue_close(struct gyl_syslogd_queue *q, struct gyl_now now);

#endif
