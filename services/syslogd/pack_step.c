/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <gyl/cpu.h>
#include <gyl/sha256.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "services/base/crc32c.h"
#include "services/syslogd/pack_own.h"

const struct gyl__pack_names gyl__pack_zst = {
	GYL_SYSLOGD_ZST, GYL_SYSLOGD_ZST_TMP, GYL_SYSLOGD_IDX, GYL_SYSLOGD_IDX_TMP};
const struct gyl__pack_names gyl__pack_seal = {
	GYL_SYSLOGD_SEAL, GYL_SYSLOGD_SEAL_TMP, GYL_SYSLOGD_IDX_SEAL, GYL_SYSLOGD_IDX_SEAL_TMP};

/* ---- files ---- */

int gyl__pack_write(int fd, const void *p, size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = write(fd, (const uint8_t *)p + done, len - done);

		if (n > 0)
			done += (size_t)n;
		else if (n == 0 || errno != EINTR)
			return n == 0 ? -ENOSPC : -errno;
	}
	return 0;
}

static int read_some(int fd, uint8_t *buf, size_t len, uint64_t off)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = pread(fd, buf + done, len - done, (off_t)(off + done));

		if (n > 0)
			done += (size_t)n;
		else if (n == 0 || errno != EINTR)
			return n == 0 ? -EIO : -errno; /* it was there: somebody cuts the file */
	}
	return 0;
}

static int open_file(
	const struct gyl__pack_files *f, enum gyl_syslogd_file file, int flags, int *ret_fd)
{
	char name[GYL_SYSLOGD_NAME_MAX];

	gyl_syslogd_archive_file(f->base, file, name);
	*ret_fd = openat(f->dir_fd, name, flags | O_CLOEXEC | O_NOFOLLOW, 0640);
	return *ret_fd < 0 ? -errno : 0;
}

static int rename_file(
	const struct gyl__pack_files *f, enum gyl_syslogd_file from, enum gyl_syslogd_file to)
{
	char old[GYL_SYSLOGD_NAME_MAX], new[GYL_SYSLOGD_NAME_MAX];

	gyl_syslogd_archive_file(f->base, from, old);
	gyl_syslogd_archive_file(f->base, to, new);
	return renameat(f->dir_fd, old, f->dir_fd, new) == 0 ? 0 : -errno;
}

static void remove_file(int dir_fd, const char *base, enum gyl_syslogd_file file)
{
	char name[GYL_SYSLOGD_NAME_MAX];

	gyl_syslogd_archive_file(base, file, name);
	unlinkat(dir_fd, name, 0); /* mostly it is not there */
}

/* ---- steps; each returns 0, 1: take it again, or -errno ---- */

static int open_files(struct gyl__pack_files *f)
{
	static const uint8_t head[GYL_SYSLOGD_INDEX_HEAD_LEN];
	struct stat st;

	int err = open_file(f, GYL_SYSLOGD_PLAIN, O_RDONLY | O_NONBLOCK, &f->plain_fd);

	if (err == 0)
		err = open_file(f, f->names->data_tmp, O_WRONLY | O_CREAT | O_TRUNC, &f->data_fd);
	if (err == 0)
		err = open_file(f, f->names->idx_tmp, O_WRONLY | O_CREAT | O_TRUNC, &f->idx_fd);
	if (err != 0)
		return err;
	if (fstat(f->plain_fd, &st) != 0)
		return -errno;
	f->plain_len = (uint64_t)st.st_size;
	f->idx_len = sizeof head;
	if (f->sealer != NULL)
		return gyl__pack_seal_begin(f);
	return gyl__pack_write(f->idx_fd, head, sizeof head);
}

/* The next text: whole lines, but a line longer than a frame comes in pieces. */
static int read_text(struct gyl__pack_files *f, struct gyl_view *ret_text)
{
	uint64_t left = f->plain_len - f->done_len;
	size_t len = left < sizeof f->text ? (size_t)left : sizeof f->text;
	int err = read_some(f->plain_fd, f->text, len, f->done_len);
	const uint8_t *lf = err != 0 || len == left ? NULL : memrchr(f->text, '\n', len);

	*ret_text = gyl_view(f->text, lf == NULL ? len : (size_t)(lf + 1 - f->text));
	return err;
}

static int put_index(struct gyl__pack_files *f, size_t len)
{
	int err = f->sealer != NULL ? gyl__pack_seal_index(f, f->record, len)
				    : gyl__pack_write(f->idx_fd, f->record, len);

	f->body_crc = gyl_crc32c_more(f->body_crc, f->record, len);
	f->idx_len += len;
	return err;
}

static int put_frame(struct gyl__pack_files *f, struct gyl_syslogd_frame *frame)
{
	struct gyl_sha256 sha;
	int err = f->sealer != NULL ? gyl__pack_seal_data(f, frame->len)
				    : gyl__pack_write(f->data_fd, f->data, frame->len);

	gyl_sha256_init(&sha, f->cpu);
	gyl_sha256_update(&sha, f->data, frame->len);
	gyl_sha256_final(&sha, f->hash);
	frame->hash = f->hash;
	gyl_syslogd_index_put_frame(f->record, frame);
	if (err == 0)
		err = put_index(f, GYL_SYSLOGD_INDEX_FRAME_LEN + frame->filter.len);
	/* Without waiting: the flush at the end has less to do. */
	(void)sync_file_range(
		f->data_fd, (off_t)frame->off, (off_t)frame->len, SYNC_FILE_RANGE_WRITE);
	return err;
}

static void add_up(struct gyl__pack_files *f, const struct gyl_syslogd_frame *frame)
{
	f->done_len += frame->text_len;
	f->cnt += frame->cnt;
	f->ix.frame_cnt++;
	f->ix.data_len += frame->len;
	f->ix.text_len += frame->text_len;
	if (f->ix.first_seq == 0)
		f->ix.first_seq = frame->first_seq;
	if (frame->last_seq > f->ix.last_seq)
		f->ix.last_seq = frame->last_seq;
}

static int pack_frame(struct gyl__pack_files *f)
{
	struct gyl_syslogd_frame frame;
	struct gyl_view text;
	size_t len;
	int err = read_text(f, &text);

	if (err != 0)
		return err;
	len = ZSTD_compress2(f->zstd, f->data, sizeof f->data, text.p, text.len);
	if (ZSTD_isError(len))
		return -ENOMEM; /* there is room for the largest frame */
	gyl_syslogd_collect_frame(&f->collect, text, &frame);
	frame.off = f->ix.data_len;
	frame.len = (uint32_t)len;
	err = put_frame(f, &frame);
	add_up(f, &frame);
	return err != 0 ? err : f->done_len < f->plain_len;
}

/* A sealed index has its head behind it. */
static int put_head(struct gyl__pack_files *f, const uint8_t *head, size_t len)
{
	int err;

	if (f->sealer == NULL)
		return pwrite(f->idx_fd, head, len, 0) == (ssize_t)len ? 0 : -EIO;
	err = gyl__pack_seal_index(f, head, len);
	return err != 0 ? err : gyl__pack_seal_end(f);
}

static int finish_index(struct gyl__pack_files *f)
{
	uint8_t head[GYL_SYSLOGD_INDEX_HEAD_LEN];
	struct gyl_writer w;
	int err;

	gyl_writer_init(&w, f->record, sizeof f->record);
	f->ix.host_cnt = gyl_syslogd_collect_hosts(&f->collect, &w);
	err = put_index(f, w.len);
	gyl_syslogd_index_put_head(head, &f->ix, (uint32_t)w.len, f->body_crc);
	return err != 0 ? err : put_head(f, head, sizeof head);
}

static int flush_data(struct gyl__pack_files *f)
{
	return fdatasync(f->data_fd) == 0 ? 0 : -errno;
}

static int flush_index(struct gyl__pack_files *f)
{
	return fdatasync(f->idx_fd) == 0 ? 0 : -errno;
}

static int name_index(struct gyl__pack_files *f)
{
	return rename_file(f, f->names->idx_tmp, f->names->idx);
}

static int name_data(struct gyl__pack_files *f)
{
	return rename_file(f, f->names->data_tmp, f->names->data);
}

/* The names are on the disk before the plain file's is not. */
static int flush_dir(struct gyl__pack_files *f)
{
	return fsync(f->dir_fd) == 0 || errno == EINVAL ? 0 : -errno;
}

static int remove_plain(struct gyl__pack_files *f)
{
	remove_file(f->dir_fd, f->base, GYL_SYSLOGD_PLAIN);
	return 0;
}

static int (*const steps[])(struct gyl__pack_files *f) = {open_files, pack_frame, finish_index,
	flush_data, flush_index, name_index, name_data, flush_dir, gyl__pack_seal_told,
	remove_plain};

enum {
	STEP_CNT = sizeof steps / sizeof steps[0]
};

int gyl__pack_step(struct gyl__pack_files *f, unsigned *step)
{
	int ret = steps[*step](f);

	if (ret == 0)
		++*step;
	return ret < 0 ? ret : 0;
}

bool gyl__pack_is_last(unsigned step)
{
	return step == STEP_CNT;
}

/* ---- a segment ---- */

struct gyl__pack_files *gyl__pack_files_new(void)
{
	struct gyl__pack_files *f = calloc(1, sizeof *f);

	if (f == NULL)
		return NULL;
	f->plain_fd = f->data_fd = f->idx_fd = -1;
	f->cpu = gyl_cpu_detect();
	f->zstd = ZSTD_createCCtx();
	if (f->zstd == NULL) {
		free(f);
		return NULL;
	}
	ZSTD_CCtx_setParameter(f->zstd, ZSTD_c_checksumFlag, 1);
	return f;
}

void gyl__pack_files_free(struct gyl__pack_files *f)
{
	if (f == NULL)
		return;
	gyl__pack_end(f);
	ZSTD_freeCCtx(f->zstd);
	free(f);
}

void gyl__pack_begin(struct gyl__pack_files *f, const struct gyl_syslogd_closed *c, int level,
	struct gyl_syslogd_sealer *sealer)
{
	memcpy(f->base, c->base, sizeof f->base);
	f->seq = c->seq;
	f->closed_ns = c->closed_ns;
	f->sealer = sealer;
	f->names = sealer != NULL ? &gyl__pack_seal : &gyl__pack_zst;
	ZSTD_CCtx_setParameter(f->zstd, ZSTD_c_compressionLevel, level);
	f->done_len = f->idx_len = f->seal_len = f->cnt = 0;
	f->body_crc = 0;
	memset(&f->ix, 0, sizeof f->ix);
	gyl_syslogd_collect_init(&f->collect);
}

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void gyl__pack_end(struct gyl__pack_files *f)
{
	close_one(&f->plain_fd);
	close_one(&f->data_fd);
	close_one(&f->idx_fd);
	gyl__pack_seal_wipe(f);
}
