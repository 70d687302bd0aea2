/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_READER_H
#define GYL_SERVICES_SYSLOGD_READER_H

/*
 * Reading a log directory: segments, oldest first, the open one last; of each its frames; of a
 * frame its text. No daemon is needed. One may be at work there: it appends to the open file,
 * closes and packs segments, removes old ones.
 *
 *   struct gyl_syslogd_reader r;
 *   gyl_syslogd_reader_open(&r, dir);
 *   for (size_t i = 0; i < r.cnt; i++) {
 *       struct gyl_syslogd_seg s;
 *       if (gyl_syslogd_seg_open(&r, i, &s) == -ENOENT)
 *           continue;                                    it was too old and is gone
 *       (s.note[0] != '\0': a sentence on what is wrong with it)
 *       for (size_t n = 0; n < s.frame_cnt; n++)
 *           if (may be of interest, by s.frame[n])
 *               gyl_syslogd_seg_text(&s, &s.frame[n], &scratch, &text);
 *       gyl_syslogd_seg_close(&s);
 *   }
 *
 * What a reader shows is the log at the time of gyl_syslogd_reader_open() or _refresh(): each
 * record that was on the disk then, once. Follow the log so:
 *
 *   forever:
 *       gyl_syslogd_seg_grow(&open one)     new frames at its end; read them; remember seq
 *       if (gyl_syslogd_reader_moved(&r)):  it was closed
 *           gyl_syslogd_seg_grow() once more, read, close it
 *           gyl_syslogd_reader_refresh(&r, seq)  what came after that record: open its segments
 *
 * Lines that somebody else wrote into the files are passed on as they are.
 */

#include "services/syslogd/archive.h"
#include "services/syslogd/frame.h"

enum gyl_syslogd_seg_kind {
	GYL_SYSLOGD_SEG_OPEN, /* grows */
	GYL_SYSLOGD_SEG_PLAIN,
	GYL_SYSLOGD_SEG_ZST,
	GYL_SYSLOGD_SEG_SEAL
};

struct gyl_syslogd_keys;   /* seal_key.h */
struct gyl_syslogd_sealed; /* seal_file.h */

struct gyl_syslogd_reader {
	int dir_fd;
	size_t cnt;                        /* segments, with the open one */
	struct gyl_syslogd_archive closed; /* segments 0 to closed.cnt - 1 */
	/* For sealed segments; the caller's, set by him after opening. NULL: they have no frames,
	 * and a note that says so. */
	struct gyl_syslogd_keys *keys;
	int open_fd;       /* @private of the open file, -1: there is none, or it was empty */
	uint64_t open_len; /* @private octets of it when it was looked at */
};

/* Look through a directory. 0 or -errno; nothing is to be closed then. */
int gyl_syslogd_reader_open(struct gyl_syslogd_reader *r, const char *dir);
/* The same of a directory that is open; its descriptor stays the caller's. */
int gyl_syslogd_reader_open_at(struct gyl_syslogd_reader *r, int dir_fd);

/*
 * Look through it again; segments that were opened stay valid. Segments that end with record
 * after_seq or before are left out (0: none is). 0, or -errno and the list is empty.
 */
int gyl_syslogd_reader_refresh(struct gyl_syslogd_reader *r, uint64_t after_seq);

/* Was the segment that is the open one in the list closed, so that another file grows now? Or has
 * one come where there was none? */
bool gyl_syslogd_reader_moved(const struct gyl_syslogd_reader *r);

void gyl_syslogd_reader_close(struct gyl_syslogd_reader *r);

/* A segment that is read. The fields are to be read only. Frames and their views stay valid until
 * it is closed, but of the open one until it grows. */
struct gyl_syslogd_seg {
	char name[GYL_SYSLOGD_NAME_MAX]; /* of the file with the data */
	enum gyl_syslogd_seg_kind kind;
	uint64_t last_seq; /* by its name; UINT64_MAX: it is the open one */
	struct gyl_syslogd_frame *frame;
	size_t frame_cnt;
	char note[200];                    /* what is wrong with it, a sentence; "": nothing */
	const struct gyl__seg_ops *ops;    /* @private */
	int fd;                            /* @private */
	size_t frame_cap;                  /* @private */
	uint64_t len;                      /* @private octets that frames were made of */
	struct gyl_syslogd_keys *keys;     /* @private the reader's */
	struct gyl_syslogd_sealed *sealed; /* @private of a sealed one */
	uint8_t *idx;                      /* @private the index, NULL: there is none */
};

/*
 * Open segment i of the list. 0; -ENOENT: it is not there any more; or another -errno. A segment
 * whose index is missing or broken is read without it: that is told in `note`, and its frames'
 * bounds are not known. Of one with broken data there are the frames before that place.
 */
int gyl_syslogd_seg_open(
	const struct gyl_syslogd_reader *r, size_t i, struct gyl_syslogd_seg *ret_s);

/* Frames of the whole lines that have come to an open segment. 0 or -errno. */
int gyl_syslogd_seg_grow(struct gyl_syslogd_seg *s);

void gyl_syslogd_seg_close(struct gyl_syslogd_seg *s);

/* What reading takes, one a thread. All zero: not allocated yet. About 2.2 MiB, and one
 * more for sealed segments. */
struct gyl_syslogd_scratch {
	uint8_t *text, *data, *sealed; /* @private */
	void *zstd;                    /* @private */
};
void gyl_syslogd_scratch_free(struct gyl_syslogd_scratch *x);

/*
 * The text of a frame: whole lines with their LF (but of a line longer than a frame pieces). Valid
 * until the next call with the same scratch. Threads may read frames of one segment at the same
 * time. 0; -EBADMSG: the data is damaged, or sealed and
 * not what was written there; -ENOMEM; -EIO and others: it cannot be read.
 * @cost a copy of it; packed about 1 ns an octet
 */
int gyl_syslogd_seg_text(const struct gyl_syslogd_seg *s, const struct gyl_syslogd_frame *f,
	struct gyl_syslogd_scratch *x, struct gyl_view *ret_text);

#endif
