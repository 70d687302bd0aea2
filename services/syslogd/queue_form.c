/* SPDX-License-Identifier: ISC */
#include "services/syslogd/queue_form.h"

#include "services/base/crc32c.h"

enum {
	VERSION = 1
};

static const uint8_t head_magic[8] = {'G', 'Y', 'L', 'Q', 'U', 'E', 'U', 'E'};
static const uint8_t pos_magic[4] = {'G', 'Y', 'L', 'P'};

/* Its own place counts as zeros. */
static uint32_t head_sum(const uint8_t head[GYL__QUEUE_HEAD_LEN])
{
	uint8_t copy[GYL__QUEUE_HEAD_LEN];

	memcpy(copy, head, sizeof copy);
	gyl_set_u32(copy + 12, 0);
	return gyl_crc32c(copy, sizeof copy);
}

void gyl__queue_head(uint64_t first, uint8_t ret_head[GYL__QUEUE_HEAD_LEN])
{
	memcpy(ret_head, head_magic, sizeof head_magic);
	gyl_set_u32(ret_head + 8, VERSION);
	gyl_set_u64(ret_head + 16, first);
	gyl_set_u32(ret_head + 12, head_sum(ret_head));
}

bool gyl__queue_head_read(const uint8_t head[GYL__QUEUE_HEAD_LEN], uint64_t *ret_first)
{
	if (memcmp(head, head_magic, sizeof head_magic) != 0 || gyl_get_u32(head + 8) != VERSION ||
		gyl_get_u32(head + 12) != head_sum(head))
		return false;
	*ret_first = gyl_get_u64(head + 16);
	return true;
}

static uint32_t msg_sum(uint64_t nr, struct gyl_view text)
{
	uint8_t head[12];

	gyl_set_u64(head, nr);
	gyl_set_u32(head + 8, (uint32_t)text.len);
	return gyl_crc32c_more(gyl_crc32c(head, sizeof head), text.p, text.len);
}

void gyl__queue_msg(uint64_t nr, struct gyl_view text, uint8_t ret_head[GYL__QUEUE_MSG_LEN])
{
	gyl_set_u32(ret_head, (uint32_t)text.len);
	gyl_set_u32(ret_head + 4, msg_sum(nr, text));
}

void gyl__queue_end(uint64_t nr, uint8_t ret_end[GYL__QUEUE_END_LEN])
{
	gyl_set_u32(ret_end, 0);
	gyl_set_u64(ret_end + 8, nr);
	gyl_set_u32(ret_end + 4, gyl_crc32c(ret_end + 8, 8));
}

bool gyl__queue_end_read(const uint8_t end[GYL__QUEUE_END_LEN], uint64_t *ret_nr)
{
	if (gyl_get_u32(end) != 0 || gyl_get_u32(end + 4) != gyl_crc32c(end + 8, 8))
		return false;
	*ret_nr = gyl_get_u64(end + 8);
	return true;
}

static enum gyl__queue_found more(size_t len, size_t *ret_len)
{
	*ret_len = len;
	return GYL__QUEUE_MORE;
}

enum gyl__queue_found gyl__queue_read(
	struct gyl_view in, uint64_t nr, struct gyl_view *ret_text, size_t *ret_len)
{
	uint32_t len;
	uint64_t end;

	if (in.len < GYL__QUEUE_MSG_LEN)
		return more(GYL__QUEUE_MSG_LEN, ret_len);
	len = gyl_get_u32(in.p);
	if (len == 0) {
		if (in.len < GYL__QUEUE_END_LEN)
			return more(GYL__QUEUE_END_LEN, ret_len);
		*ret_len = GYL__QUEUE_END_LEN;
		return gyl__queue_end_read(in.p, &end) ? GYL__QUEUE_END : GYL__QUEUE_BAD;
	}
	if (len > GYL_SYSLOGD_QUEUE_MSG_MAX)
		return GYL__QUEUE_BAD;
	if (in.len < GYL__QUEUE_MSG_LEN + (size_t)len)
		return more(GYL__QUEUE_MSG_LEN + (size_t)len, ret_len);
	*ret_text = gyl_view_sub(in, GYL__QUEUE_MSG_LEN, len);
	*ret_len = GYL__QUEUE_MSG_LEN + (size_t)len;
	return gyl_get_u32(in.p + 4) == msg_sum(nr, *ret_text) ? GYL__QUEUE_MSG : GYL__QUEUE_BAD;
}

void gyl__queue_pos(const struct gyl__queue_pos *pos, uint8_t ret_text[GYL__QUEUE_POS_LEN])
{
	memcpy(ret_text, pos_magic, sizeof pos_magic);
	gyl_set_u64(ret_text + 8, pos->serial);
	gyl_set_u64(ret_text + 16, pos->nr);
	gyl_set_u32(ret_text + 4, gyl_crc32c(ret_text + 8, GYL__QUEUE_POS_LEN - 8));
}

bool gyl__queue_pos_read(const uint8_t text[GYL__QUEUE_POS_LEN], struct gyl__queue_pos *ret_pos)
{
	if (memcmp(text, pos_magic, sizeof pos_magic) != 0 ||
		gyl_get_u32(text + 4) != gyl_crc32c(text + 8, GYL__QUEUE_POS_LEN - 8))
		return false;
	ret_pos->serial = gyl_get_u64(text + 8);
	ret_pos->nr = gyl_get_u64(text + 16);
	return true;
}
