/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_PACK_OWN_H
#define GYL_SERVICES_SYSLOGD_PACK_OWN_H

/* What pack.c (when and in which order) and pack_step.c (the steps, on the work thread) share. */

#include "services/syslogd/collect.h"
#include "services/syslogd/pack.h"

/* A segment that is being packed. Only the work thread's while a step is under way. */
struct gyl__pack_files {
	int dir_fd;
	uint32_t cpu; /* gyl/cpu.h */
	char base[GYL_SYSLOGD_NAME_MAX];
	int plain_fd, data_fd, idx_fd; /* -1: not open */
	uint64_t plain_len, done_len;  /* octets to pack, and packed */
	uint64_t idx_len;
	uint64_t cnt;                /* lines */
	struct gyl_syslogd_index ix; /* what its head will say */
	uint32_t body_crc;
	void *zstd;
	struct gyl_syslogd_collect collect;
	uint8_t text[GYL_SYSLOGD_FRAME_TEXT_MAX];
	uint8_t data[GYL_SYSLOGD_INDEX_DATA_MAX];
	uint8_t record[GYL_SYSLOGD_INDEX_FRAME_LEN + GYL_SYSLOGD_INDEX_FILTER_MAX +
		       GYL_SYSLOGD_HOSTS_LEN_MAX];
};

/* NULL: no memory. */
struct gyl__pack_files *gyl__pack_files_new(void);
void gyl__pack_files_free(struct gyl__pack_files *f);

/* Begin with a segment. */
void gyl__pack_begin(struct gyl__pack_files *f, const char *base, int level);

/* Take step *step, and set it to the next one. 0 or -errno. */
int gyl__pack_step(struct gyl__pack_files *f, unsigned *step);
/* Was that the last one? */
bool gyl__pack_is_last(unsigned step);

/* Close what is open. */
void gyl__pack_end(struct gyl__pack_files *f);

/* Remove what is half done of a segment. */
void gyl__pack_undo(int dir_fd, const char *base);

#endif
