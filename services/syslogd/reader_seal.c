/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <zstd.h>

#include "services/syslogd/index.h"
#include "services/syslogd/reader_own.h"
#include "services/syslogd/seal_file.h"

/*
 * Sealed segments. Their frames are those of packed ones, each sealed, so the index of the packed
 * data serves: only places and lengths are other ones.
 */

enum {
	SEALED_MAX = GYL_SYSLOGD_INDEX_DATA_MAX + GYL_SEAL_OVERHEAD
};

#define WITHOUT "; it is read without its index, which takes longer"

void gyl__seg_unsealed(struct gyl_syslogd_sealed *sealed)
{
	if (sealed != NULL)
		gyl_syslogd_sealed_close(sealed);
	free(sealed);
}

/* ---- with the index ---- */

/* It is the one that the manifest names, and the manifest stands behind as many frames. */
static int belongs(const struct gyl_syslogd_seg *s, const uint8_t *hash, uint64_t *ret_data_len)
{
	struct gyl_syslogd_manifest m;
	struct gyl_syslogd_link link;
	uint64_t off;
	int err = gyl_syslogd_sealed_last(s->sealed, &m, &link, &off);

	*ret_data_len = m.data_len;
	if (err == 0 && memcmp(m.index_hash, hash, sizeof m.index_hash) != 0)
		err = GYL_SEAL_E_ALTERED;
	return err;
}

/* It was sealed body first: its head, which was known last, is behind it. */
static void head_first(uint8_t *idx, size_t len)
{
	uint8_t head[GYL_SYSLOGD_INDEX_HEAD_LEN];

	if (len < sizeof head)
		return;
	memcpy(head, idx + len - sizeof head, sizeof head);
	memmove(idx + sizeof head, idx, len - sizeof head);
	memcpy(idx, head, sizeof head);
}

/* From places in the packed data to those in the file. */
static void move_frames(struct gyl_syslogd_seg *s)
{
	for (size_t i = 0; i < s->frame_cnt; i++) {
		s->frame[i].off += GYL_SEAL_HEADER_LEN + i * GYL_SEAL_OVERHEAD;
		s->frame[i].len += GYL_SEAL_OVERHEAD;
	}
	s->len = s->sealed->len;
}

static bool use_index(int dir_fd, const char *base, struct gyl_syslogd_seg *s, int *ret_err)
{
	uint8_t hash[GYL_SYSLOGD_SEAL_HASH_LEN];
	char name[GYL_SYSLOGD_NAME_MAX];
	uint64_t data_len = 0;
	size_t len;
	int err;

	gyl_syslogd_archive_file(base, GYL_SYSLOGD_IDX_SEAL, name);
	err = gyl_syslogd_sealed_small(dir_fd, name, s->keys, &s->idx, &len, hash, NULL);
	if (err == 0)
		err = belongs(s, hash, &data_len);
	if (err != 0) {
		snprintf(s->note, sizeof s->note, "%s: %s" WITHOUT, name,
			gyl_syslogd_sealed_why(err, errno));
		return false;
	}
	head_first(s->idx, len);
	if (!gyl__seg_index(s, name, len, data_len, ret_err))
		return false;
	move_frames(s);
	return true;
}

/* ---- without ---- */

/* Octets of text of the frame, which tells them itself; UINT32_MAX: it is none of ours. */
static uint32_t text_len_of(const uint8_t *data, size_t len)
{
	unsigned long long n = ZSTD_getFrameContentSize(data, len);

	return n > GYL_SYSLOGD_FRAME_TEXT_MAX ? UINT32_MAX : (uint32_t)n;
}

/* Frame number s->frame_cnt, opened to learn how long its text is. */
static int look_into(struct gyl_syslogd_seg *s, uint64_t off, size_t len, uint8_t *buf)
{
	uint8_t *data = buf + SEALED_MAX;
	uint32_t text_len = UINT32_MAX;
	int err = len > SEALED_MAX ? GYL_SEAL_E_FRAME
				   : gyl_syslogd_sealed_raw(s->sealed, off, len, buf);

	if (err == 0)
		err = gyl_seal_frames_get(&s->sealed->frames, s->frame_cnt, false, buf, len, data);
	if (err == 0)
		text_len = text_len_of(data, len - GYL_SEAL_OVERHEAD);
	if (err == 0 && text_len == UINT32_MAX)
		err = GYL_SEAL_E_FRAME;
	if (err == 0 && gyl__seg_put(s, off, (uint32_t)len, text_len) != 0)
		return -ENOMEM;
	if (err != 0)
		snprintf(s->note, sizeof s->note, "%s: frame %zu at octet %llu: %s", s->name,
			s->frame_cnt, (unsigned long long)off,
			gyl_syslogd_sealed_why(err, s->sealed->io_err));
	return err == 0 ? 0 : -EBADMSG;
}

/* What is damaged ends it: the frames in front are there. */
static int walk(struct gyl_syslogd_seg *s, uint8_t *buf)
{
	uint64_t off = GYL_SEAL_HEADER_LEN;
	size_t len;
	bool end;
	int err = gyl_syslogd_sealed_len(s->sealed, off, &len, &end);

	while (err == 0 && !end) {
		int bad = look_into(s, off, len, buf);

		if (bad != 0)
			return bad == -EBADMSG ? 0 : bad;
		off += len;
		err = gyl_syslogd_sealed_len(s->sealed, off, &len, &end);
	}
	if (err != 0)
		snprintf(s->note, sizeof s->note, "%s: frame %zu at octet %llu: %s", s->name,
			s->frame_cnt, (unsigned long long)off,
			gyl_syslogd_sealed_why(err, s->sealed->io_err));
	return 0;
}

static int walk_all(struct gyl_syslogd_seg *s)
{
	uint8_t *buf = malloc((size_t)2 * SEALED_MAX);
	int err = buf == NULL ? -ENOMEM : walk(s, buf);

	free(buf);
	return err;
}

static int open_seal(int dir_fd, const char *base, struct gyl_syslogd_seg *s)
{
	int err = 0;

	if (s->keys == NULL) {
		snprintf(
			s->note, sizeof s->note, "%s is sealed: its passphrase is needed", s->name);
		return 0;
	}
	s->sealed = malloc(sizeof *s->sealed);
	if (s->sealed == NULL)
		return -ENOMEM;
	err = gyl_syslogd_sealed_open(s->sealed, s->fd, s->keys);
	if (err != 0) {
		snprintf(s->note, sizeof s->note, "%s: %s", s->name,
			gyl_syslogd_sealed_why(err, s->sealed->io_err));
		return 0;
	}
	if (use_index(dir_fd, base, s, &err))
		return err;
	free(s->idx);
	s->idx = NULL;
	return walk_all(s);
}

/* ---- text ---- */

/* Its number, which its place was sealed with. */
static size_t number_of(const struct gyl_syslogd_seg *s, uint64_t off)
{
	size_t low = 0, high = s->frame_cnt;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->frame[mid].off < off)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static int seal_text(const struct gyl_syslogd_seg *s, const struct gyl_syslogd_frame *f,
	struct gyl_syslogd_scratch *x, struct gyl_view *ret_text)
{
	uint8_t *data = gyl__scratch_data(x);
	int err;

	if (x->sealed == NULL)
		x->sealed = malloc(SEALED_MAX);
	if (x->sealed == NULL || data == NULL)
		return -ENOMEM;
	err = f->len > SEALED_MAX ? -EBADMSG : gyl__seg_read(s->fd, x->sealed, f->len, f->off);
	if (err == 0 && gyl_seal_frames_get(&s->sealed->frames, number_of(s, f->off), false,
				x->sealed, f->len, data) != GYL_SEAL_OK)
		err = -EBADMSG;
	return err != 0 ? err
			: gyl__unpack(x, gyl_view(data, f->len - GYL_SEAL_OVERHEAD), f->text_len,
				  ret_text);
}

const struct gyl__seg_ops gyl__seg_seal = {open_seal, seal_text};
