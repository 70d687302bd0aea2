/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_ARCHIVE_H
#define GYL_SERVICES_SYSLOGD_ARCHIVE_H

/*
 * The closed segments of a log directory. guyline-20261121T130000Z-4711 is the one that was closed
 * at that time (UTC) and ends with record 4711; its files have that name and what they are behind
 * it. Segments are put in order by that number, not by a clock that may have been set back. Other
 * files are left alone.
 */

#include <gyl/base.h>

enum {
	GYL_SYSLOGD_NAME_MAX = 72 /* octets of a file's name with its NUL */
};

/* The files of a segment, as bits. */
enum gyl_syslogd_file {
	GYL_SYSLOGD_PLAIN = 1,   /* .jsonl */
	GYL_SYSLOGD_ZST = 2,     /* .jsonl.zst: the same, packed; whole when it has this name */
	GYL_SYSLOGD_IDX = 4,     /* .idx: index of the packed one (index.h) */
	GYL_SYSLOGD_ZST_TMP = 8, /* .jsonl.zst.tmp, .idx.tmp: packing was at it */
	GYL_SYSLOGD_IDX_TMP = 16,
	GYL_SYSLOGD_SEAL = 32,     /* .jsonl.zst.seal: packed and sealed (seal.h) */
	GYL_SYSLOGD_IDX_SEAL = 64, /* .idx.seal: its index */
	GYL_SYSLOGD_SEAL_TMP = 128,
	GYL_SYSLOGD_IDX_SEAL_TMP = 256,
	GYL_SYSLOGD_TMP = GYL_SYSLOGD_ZST_TMP | GYL_SYSLOGD_IDX_TMP | GYL_SYSLOGD_SEAL_TMP |
			  GYL_SYSLOGD_IDX_SEAL_TMP,
	GYL_SYSLOGD_DATA = GYL_SYSLOGD_PLAIN | GYL_SYSLOGD_ZST | GYL_SYSLOGD_SEAL
};

struct gyl_syslogd_closed {
	char base[GYL_SYSLOGD_NAME_MAX]; /* name without what its files have behind it */
	uint64_t seq;                    /* of its last record */
	uint64_t closed_ns;              /* wall time in the name */
	uint64_t size;                   /* of all its files */
	unsigned has;                    /* enum gyl_syslogd_file, or-ed */
};

struct gyl_syslogd_archive {
	struct gyl_syslogd_closed *at; /* oldest first */
	size_t cnt;
	uint64_t size; /* octets of all of them */
};

/*
 * All closed segments. What is renamed or packed meanwhile is there once; what is removed meanwhile
 * may be there or not. 0, or -errno and there is nothing to free.
 */
int gyl_syslogd_archive_list(int dir_fd, struct gyl_syslogd_archive *ret_a);
void gyl_syslogd_archive_free(struct gyl_syslogd_archive *a);

/* The name, without what files have behind it, of a segment that is closed at wall_ns. */
void gyl_syslogd_archive_name(uint64_t wall_ns, uint64_t seq, char ret_base[GYL_SYSLOGD_NAME_MAX]);
/* The name of one of its files. */
void gyl_syslogd_archive_file(
	const char *base, enum gyl_syslogd_file file, char ret_name[GYL_SYSLOGD_NAME_MAX]);

/* What to keep; 0: no bound. */
struct gyl_syslogd_keep {
	uint64_t cnt;     /* segments */
	uint64_t size;    /* octets */
	uint64_t from_ns; /* wall time: those closed before it go */
	/* Segments up to record seq are about to go. What it returns is an error: they go
	 * nevertheless, for the disk may be full, and it is called again when there is room. May be
	 * NULL. */
	int (*gone)(void *arg, uint64_t seq);
	void *arg;
};

/* Removes the oldest segments until the bounds are kept, but not, and none after, the one named
 * `busy` (NULL: none). 0 or -errno. */
int gyl_syslogd_archive_prune(int dir_fd, const struct gyl_syslogd_keep *keep, const char *busy);

#endif
