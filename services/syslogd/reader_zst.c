/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "services/syslogd/index.h"
#include "services/syslogd/reader_own.h"

enum {
	INDEX_LEN_MAX = 1 << 30
};

#define WITHOUT "; it is read without its index, which takes longer"

/* ---- with the index ---- */

static int read_index(int dir_fd, const char *name, struct gyl_syslogd_seg *s, size_t *ret_len)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), err = 0;
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) != 0)
		err = -errno;
	else if (!S_ISREG(st.st_mode) || st.st_size > INDEX_LEN_MAX)
		err = -EFBIG;
	*ret_len = err == 0 ? (size_t)st.st_size : 0;
	s->idx = err == 0 ? malloc(*ret_len + 1) : NULL;
	if (err == 0)
		err = s->idx == NULL ? -ENOMEM : gyl__seg_read(fd, s->idx, *ret_len, 0);
	close(fd);
	return err;
}

static int put_frames(struct gyl_syslogd_seg *s, const struct gyl_syslogd_index *ix)
{
	struct gyl_view rest = ix->frames;
	struct gyl_syslogd_frame f;

	while (gyl_syslogd_index_frame(&rest, &f)) {
		int err = gyl__seg_put(s, f.off, f.len, f.text_len);

		if (err != 0)
			return err;
		s->frame[s->frame_cnt - 1] = f;
	}
	s->len = ix->data_len;
	return 0;
}

bool gyl__seg_index(
	struct gyl_syslogd_seg *s, const char *name, size_t len, uint64_t data_len, int *ret_err)
{
	struct gyl_syslogd_index ix;
	struct gyl_fault fault = gyl_syslogd_index_open(gyl_view(s->idx, len), &ix);

	if (gyl_failed(fault)) {
		snprintf(s->note, sizeof s->note, "%s: %s at octet %zu" WITHOUT, name,
			gyl_err_text(fault.err), fault.off);
		return false;
	}
	if (ix.data_len != data_len) {
		snprintf(s->note, sizeof s->note,
			"%s belongs to %llu octets of data, not %llu" WITHOUT, name,
			(unsigned long long)ix.data_len, (unsigned long long)data_len);
		return false;
	}
	*ret_err = put_frames(s, &ix);
	return true;
}

/* False: it cannot be used, and why is noted. */
static bool use_index(
	int dir_fd, const char *base, uint64_t data_len, struct gyl_syslogd_seg *s, int *ret_err)
{
	char name[GYL_SYSLOGD_NAME_MAX];
	size_t len = 0;
	int err;

	gyl_syslogd_archive_file(base, GYL_SYSLOGD_IDX, name);
	err = read_index(dir_fd, name, s, &len);
	if (err == 0)
		return gyl__seg_index(s, name, len, data_len, ret_err);
	snprintf(s->note, sizeof s->note, "%s: %s" WITHOUT, name, strerror(-err));
	return false;
}

/* ---- without ---- */

/* Length of the frame whose first octets these are, and of its text; 0: it is none of ours, or
 * damaged. */
static size_t measure(const uint8_t *p, size_t len, uint32_t *ret_text_len)
{
	size_t n = ZSTD_findFrameCompressedSize(p, len);
	unsigned long long text_len = ZSTD_getFrameContentSize(p, len);

	if (ZSTD_isError(n) || text_len > GYL_SYSLOGD_FRAME_TEXT_MAX)
		return 0;
	*ret_text_len = (uint32_t)text_len;
	return n;
}

static int walk(struct gyl_syslogd_seg *s, uint64_t end, uint8_t *buf)
{
	while (s->len < end) {
		uint64_t left = end - s->len;
		size_t len = left > GYL_SYSLOGD_INDEX_DATA_MAX ? GYL_SYSLOGD_INDEX_DATA_MAX
							       : (size_t)left;
		uint32_t text_len = 0;
		int err = gyl__seg_read(s->fd, buf, len, s->len);

		if (err != 0)
			return err;
		len = measure(buf, len, &text_len);
		if (len == 0) {
			snprintf(s->note, sizeof s->note,
				"%s: no frame of ours at octet %llu: %llu octets are not read; "
				"zstdcat may help",
				s->name, (unsigned long long)s->len, (unsigned long long)left);
			break;
		}
		err = gyl__seg_put(s, s->len, (uint32_t)len, text_len);
		if (err != 0)
			return err;
		s->len += len;
	}
	return 0;
}

static int walk_all(struct gyl_syslogd_seg *s, uint64_t end)
{
	uint8_t *buf = malloc(GYL_SYSLOGD_INDEX_DATA_MAX);
	int err = buf == NULL ? -ENOMEM : walk(s, end, buf);

	free(buf);
	return err;
}

static int open_zst(int dir_fd, const char *base, struct gyl_syslogd_seg *s)
{
	struct stat st;
	int err = 0;

	if (fstat(s->fd, &st) != 0)
		return -errno;
	if (use_index(dir_fd, base, (uint64_t)st.st_size, s, &err))
		return err;
	free(s->idx);
	s->idx = NULL;
	return walk_all(s, (uint64_t)st.st_size);
}

/* ---- text ---- */

int gyl__unpack(struct gyl_syslogd_scratch *x, struct gyl_view data, uint32_t text_len,
	struct gyl_view *ret_text)
{
	uint8_t *text = gyl__scratch_text(x);
	size_t len;

	if (x->zstd == NULL)
		x->zstd = ZSTD_createDCtx();
	if (x->zstd == NULL || text == NULL)
		return -ENOMEM;
	len = ZSTD_decompressDCtx(x->zstd, text, GYL_SYSLOGD_FRAME_TEXT_MAX, data.p, data.len);
	if (ZSTD_isError(len) || len != text_len)
		return -EBADMSG;
	*ret_text = gyl_view(text, len);
	return 0;
}

static int zst_text(const struct gyl_syslogd_seg *s, const struct gyl_syslogd_frame *f,
	struct gyl_syslogd_scratch *x, struct gyl_view *ret_text)
{
	uint8_t *data = gyl__scratch_data(x);
	int err = data == NULL ? -ENOMEM : gyl__seg_read(s->fd, data, f->len, f->off);

	return err != 0 ? err : gyl__unpack(x, gyl_view(data, f->len), f->text_len, ret_text);
}

void gyl_syslogd_scratch_free(struct gyl_syslogd_scratch *x)
{
	free(x->text);
	free(x->data);
	free(x->sealed);
	ZSTD_freeDCtx(x->zstd);
	memset(x, 0, sizeof *x);
}

const struct gyl__seg_ops gyl__seg_zst = {open_zst, zst_text};
