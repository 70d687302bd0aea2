/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_PACK_OWN_H
#define GYL_SERVICES_SYSLOGD_PACK_OWN_H

/* What pack.c (when and in which order) and pack_step.c (the steps, on the work thread) share. */

#include "services/syslogd/collect.h"
#include "services/syslogd/pack.h"
#include "services/syslogd/sealer.h"

/* What the files are called. */
struct gyl__pack_names {
	enum gyl_syslogd_file data, data_tmp, idx, idx_tmp;
};
extern const struct gyl__pack_names gyl__pack_zst, gyl__pack_seal;

/* A segment that is being packed. Only the work thread's while a step is under way. */
struct gyl__pack_files {
	int dir_fd;
	uint32_t cpu; /* gyl/cpu.h */
	char base[GYL_SYSLOGD_NAME_MAX];
	uint64_t seq, closed_ns; /* as in base */
	const struct gyl__pack_names *names;
	int plain_fd, data_fd, idx_fd; /* -1: not open */
	uint64_t plain_len, done_len;  /* octets to pack, and packed */
	uint64_t idx_len;
	uint64_t cnt;                /* lines */
	struct gyl_syslogd_index ix; /* what its head will say */
	uint32_t body_crc;
	void *zstd;
	struct gyl_syslogd_collect collect;
	struct gyl_syslogd_sealer *sealer; /* NULL: it is not sealed */
	struct gyl_syslogd_sealing seal;
	struct gyl_syslogd_sealing_index seal_idx;
	struct gyl_syslogd_manifest manifest;
	struct gyl_syslogd_link link;
	uint64_t seal_len; /* octets that sealing adds */
	uint8_t sealed[GYL_SYSLOGD_INDEX_DATA_MAX + GYL_SYSLOGD_SEAL_OVERHEAD];
	uint8_t hash[GYL_SYSLOGD_HASH_LEN];
	uint8_t text[GYL_SYSLOGD_FRAME_TEXT_MAX];
	uint8_t data[GYL_SYSLOGD_INDEX_DATA_MAX];
	uint8_t record[GYL_SYSLOGD_INDEX_FRAME_LEN + GYL_SYSLOGD_INDEX_FILTER_MAX +
		       GYL_SYSLOGD_HOSTS_LEN_MAX];
};

/* NULL: no memory. */
struct gyl__pack_files *gyl__pack_files_new(void);
void gyl__pack_files_free(struct gyl__pack_files *f);

/* Begin with a segment; sealer NULL: it is not sealed. */
void gyl__pack_begin(struct gyl__pack_files *f, const struct gyl_syslogd_closed *c, int level,
	struct gyl_syslogd_sealer *sealer);

/* Take step *step, and set it to the next one. 0 or -errno. */
int gyl__pack_step(struct gyl__pack_files *f, unsigned *step);
/* Was that the last one? */
bool gyl__pack_is_last(unsigned step);

/* All of it. 0 or -errno. */
int gyl__pack_write(int fd, const void *p, size_t len);

/* The steps of a sealed one (pack_seal.c): 0 or -errno. */
int gyl__pack_seal_begin(struct gyl__pack_files *f);
/* len octets of f->data. */
int gyl__pack_seal_data(struct gyl__pack_files *f, size_t len);
int gyl__pack_seal_index(struct gyl__pack_files *f, const uint8_t *p, size_t len);
/* The last of both files. */
int gyl__pack_seal_end(struct gyl__pack_files *f);
/* It has its name. */
int gyl__pack_seal_told(struct gyl__pack_files *f);
void gyl__pack_seal_wipe(struct gyl__pack_files *f);

/* Close what is open. */
void gyl__pack_end(struct gyl__pack_files *f);

/* Remove what is half done of a segment. */
void gyl__pack_undo(int dir_fd, const char *base);

#endif
