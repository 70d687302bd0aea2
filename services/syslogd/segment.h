/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_SEGMENT_H
#define GYL_SERVICES_SYSLOGD_SEGMENT_H

/*
 * The log on disk: one open file of JSON lines, guyline.jsonl, and the closed ones (archive.h),
 * which are packed (pack.h) and in the end removed.
 *
 * The log buffer is written in blocks: at once after a pause, otherwise when GYL_SYSLOGD_BLOCK
 * octets have gathered or GYL_SYSLOGD_WINDOW_NS have gone by. kill -9 loses what is younger than
 * that; what the kernel was given stays.
 *
 * An unfinished last line, which a crash or a full disk left, is cut off at the next start and
 * told. When writing fails the block stays, the next try comes after a pause that grows to half a
 * second, and both the trouble (once) and its end are told.
 *
 * Only names below the directory that was opened at the start are used (openat, renameat,
 * unlinkat): that directory is all of the file system that is left after privileges are gone.
 */

#include "libnet/host/host.h"
#include "services/base/out.h"
#include "services/syslogd/conf.h"
#include "services/syslogd/pack.h"
#include "services/syslogd/sealer.h"

enum {
	GYL_SYSLOGD_BLOCK = 256 << 10,
	GYL_SYSLOGD_WINDOW_NS = 10000000
};

struct gyl_syslogd_segment_conf {
	const char *dir; /* is made when it is not there; stays valid */
	/* Read at every use: a new configuration counts at once. */
	const struct gyl_syslogd_conf *limits;
	struct gyl_syslogd_keys *keys; /* closed files are sealed with them; NULL: they are not */
	uint32_t uid, gid;             /* owner of the files, UINT32_MAX: whoever we are */
	const struct gyl_host *host; /* whose work thread flushes; NULL: none, it is done in line */
	const uint64_t *lost_cnt;    /* events that found no room in the buffer */
	void (*say)(void *arg, const struct gyl_event *e);
	void *arg;
};

struct gyl_syslogd_segment { /* @private but last_seq */
	struct gyl_syslogd_segment_conf cf;
	int dir_fd, fd; /* fd -1: to be opened with the next write */
	uint64_t size;
	uint64_t ino;       /* of the open file */
	uint64_t first_ns;  /* wall time of its first record */
	uint64_t first_seq; /* 0: it is empty */
	uint64_t last_seq;  /* of the last record written, in this or the file before; 0: none */
	uint64_t block_seq; /* of the last record in the block that is being written */
	bool inside_line;   /* the last write ended inside a line */
	uint64_t next_ns;   /* monotonic: earliest time for a block that is not full */
	uint64_t failed_ns; /* since when writing fails, 0: it does not */
	uint64_t retry_ns, pause_ns;
	uint64_t lost_cnt; /* at the beginning of the trouble */
	uint64_t hold_ns;  /* no rotation before this: it failed */
	uint64_t prune_ns; /* when to look for files that are too old */
	uint64_t sync_ns;  /* when to flush, 0: nothing to flush */
	bool syncing;      /* the work thread is at it */
	int sync_fd, sync_err;
	int tail_fd; /* of the closed file, to be flushed next; -1: there is none */
	struct gyl_syslogd_pack pack;
	struct gyl_syslogd_sealer sealer;
	/* What the work thread removes. */
	bool pruning;
	struct gyl_syslogd_keep keep;
	char busy[GYL_SYSLOGD_NAME_MAX];
};

/* Open or make the log. 0, or -1 with a sentence in err. */
int gyl_syslogd_segment_open(struct gyl_syslogd_segment *s,
	const struct gyl_syslogd_segment_conf *cf, uint64_t wall_ns, char err[200]);

/* The write function of a struct gyl_log, with the segment as arg. */
uint64_t gyl_syslogd_segment_write(void *segment, struct gyl_log *l, struct gyl_now now);

/* Write what is there without waiting for the window (unless writing fails at the moment). */
void gyl_syslogd_segment_flush(
	struct gyl_syslogd_segment *s, struct gyl_log *l, struct gyl_now now);

/* No more work for the work thread. True when it has none left: close may be called. */
bool gyl_syslogd_segment_stop(struct gyl_syslogd_segment *s);

/* Write the rest and close. False when a rest could not be written. */
bool gyl_syslogd_segment_close(
	struct gyl_syslogd_segment *s, struct gyl_log *l, struct gyl_now now);

#endif
