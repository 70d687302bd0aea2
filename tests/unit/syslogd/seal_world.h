/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_UNIT_SYSLOGD_SEAL_WORLD_H
#define GYL_TESTS_UNIT_SYSLOGD_SEAL_WORLD_H

/* A log directory with sealed segments, as packing makes them: three frames of a few records each.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "services/base/crc32c.h"
#include "services/syslogd/index.h"
#include "services/syslogd/sealer.h"
#include "services/syslogd/verify.h"
#include "tests/support/support.h"

enum {
	WORLD_FRAMES = 3,
	WORLD_PER_FRAME = 4, /* records */
	WORLD_PER_SEG = WORLD_FRAMES * WORLD_PER_FRAME,
	WORLD_FILE_MAX = 8192
};

/* scrypt takes a third of a second: one passphrase and, by the head of an empty directory, one salt
 * for all tests. */
static struct gyl_syslogd_keys *good_keys, *other_keys;
static uint8_t first_head[WORLD_FILE_MAX];
static size_t first_head_len;

struct world {
	char dir[64];
	int dir_fd;
	struct gyl_syslogd_sealer sealer;
	uint64_t seq; /* of the last record */
	char newest[GYL_SYSLOGD_NAME_MAX];
	uint64_t newest_seq;
	char note[200];
	/* What verification said. */
	struct gyl_syslogd_verified v;
	struct gyl_syslogd_finding first; /* finding */
	char first_file[GYL_SYSLOGD_NAME_MAX];
};

static inline void world_write(struct world *w, const char *name, const void *p, size_t len)
{
	int fd = openat(w->dir_fd, name, O_WRONLY | O_TRUNC | O_CREAT, 0600);

	assert_true(fd >= 0 && write(fd, p, len) == (ssize_t)len);
	close(fd);
}

static inline size_t world_read(struct world *w, const char *name, uint8_t buf[WORLD_FILE_MAX])
{
	int fd = openat(w->dir_fd, name, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, WORLD_FILE_MAX);

	assert_true(n >= 0 && n < WORLD_FILE_MAX);
	close(fd);
	return (size_t)n;
}

static inline void world_open_sealer(struct world *w, struct gyl_syslogd_keys *keys)
{
	struct gyl_syslogd_newest newest = {.name = w->newest[0] == '\0' ? NULL : w->newest,
		.seq = w->newest_seq,
		.is_new = w->seq == 0};
	char err[200];

	if (gyl_syslogd_sealer_open(&w->sealer, w->dir_fd, keys, &newest, w->note, err) != 0)
		fail_msg("%s", err);
}

static inline int world_open(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	assert_non_null(w);
	strcpy(w->dir, "/tmp/gyl-seal-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	w->dir_fd = open(w->dir, O_RDONLY | O_DIRECTORY);
	assert_true(w->dir_fd >= 0);
	if (first_head_len != 0)
		world_write(w, GYL_SYSLOGD_HEAD_NAME, first_head, first_head_len);
	world_open_sealer(w, good_keys);
	first_head_len = world_read(w, GYL_SYSLOGD_HEAD_NAME, first_head);
	*state = w;
	return 0;
}

static inline int world_close(void **state)
{
	struct world *w = *state;
	DIR *d = opendir(w->dir);
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL)
		unlinkat(w->dir_fd, e->d_name, 0);
	if (d != NULL)
		closedir(d);
	rmdir(w->dir);
	close(w->dir_fd);
	free(w);
	return 0;
}

static inline size_t world_lines(struct world *w, char *buf, unsigned cnt)
{
	size_t len = 0;

	while (cnt-- > 0)
		len += (size_t)sprintf(buf + len,
			"{\"seq\":%llu,\"recv\":\"x\",\"msg\":\"secret\"}\n",
			(unsigned long long)++w->seq);
	return len;
}

/* What packing makes of one segment. */
struct world_packed {
	uint8_t file[WORLD_FILE_MAX], idx[WORLD_FILE_MAX];
	size_t len, idx_len;
	size_t at[WORLD_FRAMES + 2]; /* where frames begin; the last frame; the end */
	struct gyl_syslogd_index ix;
	uint32_t crc;
	struct gyl_syslogd_sealing g;
	struct gyl_syslogd_sealing_index x;
};

static inline void world_put_frame(struct world *w, struct world_packed *p, size_t i)
{
	static const uint8_t hash[32];
	char text[1024];
	uint8_t data[1024], record[GYL_SYSLOGD_INDEX_FRAME_LEN];
	struct gyl_syslogd_frame f = {.off = p->ix.data_len,
		.first_seq = w->seq + 1,
		.last_seq = w->seq + WORLD_PER_FRAME,
		.recv_max_ns = UINT64_MAX,
		.cnt = WORLD_PER_FRAME,
		.severities = 0xff,
		.hash = hash};

	f.text_len = (uint32_t)world_lines(w, text, WORLD_PER_FRAME);
	f.len = (uint32_t)ZSTD_compress(data, sizeof data, text, f.text_len, 1);
	p->at[i] = p->len;
	gyl_syslogd_sealing_put(&p->g, data, f.len, p->file + p->len);
	p->len += f.len + GYL_SYSLOGD_SEAL_OVERHEAD;
	gyl_syslogd_index_put_frame(record, &f);
	p->crc = gyl_crc32c_more(p->crc, record, sizeof record);
	p->idx_len +=
		gyl_syslogd_sealing_index_put(&p->x, record, sizeof record, p->idx + p->idx_len);
	p->ix.frame_cnt++;
	p->ix.data_len += f.len;
	p->ix.text_len += f.text_len;
}

static inline void world_name(
	struct world *w, const char *base, enum gyl_syslogd_file file, const void *p, size_t len)
{
	char name[GYL_SYSLOGD_NAME_MAX];

	gyl_syslogd_archive_file(base, file, name);
	world_write(w, name, p, len);
	memcpy(w->newest, name, sizeof name);
}

/* One more sealed segment; base is its name. told: the head hears of it. */
static inline void world_seal(
	struct world *w, struct world_packed *p, char base[GYL_SYSLOGD_NAME_MAX], bool told)
{
	const uint64_t day_ns = UINT64_C(86400000000000);
	struct gyl_syslogd_manifest m = {.first_seq = w->seq + 1, .cnt = WORLD_PER_SEG};
	uint8_t head[GYL_SYSLOGD_INDEX_HEAD_LEN];
	struct gyl_syslogd_link link;

	memset(p, 0, sizeof *p);
	assert_int_equal(gyl_syslogd_sealer_begin(&w->sealer, &p->g, p->file), 0);
	assert_int_equal(gyl_syslogd_sealer_index(&w->sealer, &p->x, p->idx), 0);
	p->len = p->idx_len = GYL_SYSLOGD_SEAL_HEADER_LEN;
	p->ix.first_seq = w->seq + 1;
	for (size_t i = 0; i < WORLD_FRAMES; i++)
		world_put_frame(w, p, i);
	p->ix.last_seq = w->seq;
	gyl_syslogd_index_put_head(head, &p->ix, 0, p->crc);
	p->idx_len += gyl_syslogd_sealing_index_put(&p->x, head, sizeof head, p->idx + p->idx_len);
	gyl_syslogd_sealing_index_end(&p->x, p->idx + p->idx_len, m.index_hash);
	p->idx_len += GYL_SEAL_LAST_LEN;
	m.last_seq = w->seq;
	m.text_len = p->ix.text_len;
	m.closed_ns = day_ns * (20000 + w->seq);
	p->at[WORLD_FRAMES] = p->len;
	gyl_syslogd_sealer_end(&w->sealer, &p->g, &m, p->file + p->len, &link);
	p->len += GYL_SYSLOGD_SEAL_LAST_LEN;
	p->at[WORLD_FRAMES + 1] = p->len;
	gyl_syslogd_archive_name(m.closed_ns, m.last_seq, base);
	world_name(w, base, GYL_SYSLOGD_IDX_SEAL, p->idx, p->idx_len);
	world_name(w, base, GYL_SYSLOGD_SEAL, p->file, p->len);
	w->newest_seq = w->seq;
	if (told)
		assert_int_equal(gyl_syslogd_sealer_sealed(&w->sealer, &m, &link), 0);
}

static inline void world_tell(void *arg, const struct gyl_syslogd_finding *f)
{
	struct world *w = arg;

	if (w->v.bad_cnt > 1)
		return;
	w->first = *f;
	snprintf(w->first_file, sizeof w->first_file, "%s", f->file);
}

/* How many things are wrong. */
static inline uint64_t world_verify(struct world *w, struct gyl_syslogd_keys *keys)
{
	w->first_file[0] = '\0';
	w->first.text[0] = '\0';
	assert_int_equal(gyl_syslogd_verify(w->dir, keys, world_tell, w, &w->v), 0);
	return w->v.bad_cnt;
}

static inline int world_main(const struct CMUnitTest *tests, size_t cnt)
{
	char err[200];
	int ret;

	good_keys = gyl_syslogd_keys_text("correct horse", 13, err);
	other_keys = gyl_syslogd_keys_text("correct house", 13, err);
	assert_true(good_keys != NULL && other_keys != NULL);
	ret = _cmocka_run_group_tests("seal", tests, cnt, NULL, NULL);
	gyl_syslogd_keys_close(good_keys);
	gyl_syslogd_keys_close(other_keys);
	return ret;
}

#endif
