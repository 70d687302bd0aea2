/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <sys/stat.h>

#include "services/syslogd/line.h"
#include "services/syslogd/reader_own.h"
#include "services/syslogd/record.h"

enum {
	HEAD_MAX = 128 /* octets of a record that its number is in */
};

/* The frame before ends where this one begins. */
static int put(struct gyl_syslogd_seg *s, uint32_t len)
{
	uint8_t head[HEAD_MAX];
	size_t head_len = len < sizeof head ? len : sizeof head;
	uint64_t seq;
	int err = gyl__seg_put(s, s->len, len, len);

	if (err == 0)
		err = gyl__seg_read(s->fd, head, head_len, s->len);
	if (err != 0)
		return err;
	seq = gyl_syslogd_record_seq(gyl_view(head, head_len));
	s->frame[s->frame_cnt - 1].first_seq = seq;
	if (s->frame_cnt > 1 && seq != 0)
		s->frame[s->frame_cnt - 2].last_seq = seq - 1;
	s->len += len;
	return 0;
}

int gyl__seg_plain_frames(struct gyl_syslogd_seg *s, uint64_t end)
{
	int err = 0;

	while (err == 0 && s->len < end) {
		uint64_t max = end - s->len;
		int64_t to;

		if (max > GYL_SYSLOGD_FRAME_TEXT_MAX)
			max = GYL_SYSLOGD_FRAME_TEXT_MAX;
		to = gyl_syslogd_line_back(s->fd, (int64_t)(s->len + max));
		if (to < 0)
			return (int)to;
		if ((uint64_t)to <= s->len && max < GYL_SYSLOGD_FRAME_TEXT_MAX &&
			s->kind == GYL_SYSLOGD_SEG_OPEN)
			break; /* a line that is being written */
		/* a line without an end, or longer than a frame, comes in pieces */
		err = put(s,
			(uint64_t)to <= s->len ? (uint32_t)max : (uint32_t)((uint64_t)to - s->len));
	}
	return err;
}

static int open_plain(int dir_fd, const char *base, struct gyl_syslogd_seg *s)
{
	struct stat st;
	int err;

	(void)dir_fd;
	(void)base;
	if (fstat(s->fd, &st) != 0)
		return -errno;
	err = gyl__seg_plain_frames(s, (uint64_t)st.st_size);
	if (err == 0 && s->frame_cnt != 0)
		s->frame[s->frame_cnt - 1].last_seq = s->last_seq;
	return err;
}

static int plain_text(const struct gyl_syslogd_seg *s, const struct gyl_syslogd_frame *f,
	struct gyl_syslogd_scratch *x, struct gyl_view *ret_text)
{
	uint8_t *text = gyl__scratch_text(x);
	int err = text == NULL ? -ENOMEM : gyl__seg_read(s->fd, text, f->len, f->off);

	if (err == 0)
		*ret_text = gyl_view(text, f->len);
	return err;
}

const struct gyl__seg_ops gyl__seg_plain = {open_plain, plain_text};
