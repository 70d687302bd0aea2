/* SPDX-License-Identifier: ISC */
#include "services/syslogd/index.h"

#include "services/base/crc32c.h"

/* services/syslogd/docs/archive.md: places in the head, */
enum {
	AT_VERSION = 8,
	AT_FRAME_CNT = 12,
	AT_DATA_LEN = 16,
	AT_TEXT_LEN = 24,
	AT_FIRST_SEQ = 32,
	AT_LAST_SEQ = 40,
	AT_HOST_CNT = 48,
	AT_HOST_LEN = 52,
	AT_BODY_CRC = 56,
	AT_HEAD_CRC = 60
};

/* and in a frame's record. */
enum {
	FR_OFF = 0,
	FR_LEN = 8,
	FR_TEXT_LEN = 12,
	FR_FIRST_SEQ = 16,
	FR_LAST_SEQ = 24,
	FR_RECV_MIN = 32,
	FR_RECV_MAX = 40,
	FR_TS_MIN = 48,
	FR_TS_MAX = 56,
	FR_CNT = 64,
	FR_SEVERITIES = 68, /* and three octets of 0 */
	FR_HASH = 72,
	FR_FILTER_LEN = 104
};

enum {
	HOST_HEAD_LEN = 5
};

static const uint8_t magic[8] = {'G', 'Y', 'L', 'S', 'Y', 'I', 'D', 'X'};

/* ---- cursors ---- */

bool gyl_syslogd_index_frame(struct gyl_view *rest, struct gyl_syslogd_frame *ret_f)
{
	const uint8_t *p = rest->p;
	uint32_t filter_len;

	if (rest->len < GYL_SYSLOGD_INDEX_FRAME_LEN)
		return false;
	ret_f->off = gyl_get_u64(p + FR_OFF);
	ret_f->len = gyl_get_u32(p + FR_LEN);
	ret_f->text_len = gyl_get_u32(p + FR_TEXT_LEN);
	ret_f->first_seq = gyl_get_u64(p + FR_FIRST_SEQ);
	ret_f->last_seq = gyl_get_u64(p + FR_LAST_SEQ);
	ret_f->recv_min_ns = gyl_get_u64(p + FR_RECV_MIN);
	ret_f->recv_max_ns = gyl_get_u64(p + FR_RECV_MAX);
	ret_f->ts_min_ns = gyl_get_u64(p + FR_TS_MIN);
	ret_f->ts_max_ns = gyl_get_u64(p + FR_TS_MAX);
	ret_f->cnt = gyl_get_u32(p + FR_CNT);
	ret_f->severities = p[FR_SEVERITIES];
	ret_f->hash = p + FR_HASH;
	filter_len = gyl_get_u32(p + FR_FILTER_LEN);
	*rest = gyl_view_sub(*rest, GYL_SYSLOGD_INDEX_FRAME_LEN, rest->len);
	ret_f->filter = gyl_view_sub(*rest, 0, filter_len);
	*rest = gyl_view_sub(*rest, ret_f->filter.len, rest->len);
	return true;
}

bool gyl_syslogd_index_host(struct gyl_view *rest, struct gyl_syslogd_host *ret_h)
{
	if (rest->len < HOST_HEAD_LEN)
		return false;
	ret_h->cnt = gyl_get_u32(rest->p);
	ret_h->name = gyl_view_sub(*rest, HOST_HEAD_LEN, rest->p[4]);
	*rest = gyl_view_sub(*rest, HOST_HEAD_LEN + ret_h->name.len, rest->len);
	return true;
}

/* ---- proof ---- */

static struct gyl_fault check_head(struct gyl_view in)
{
	uint64_t body_len = in.len - GYL_SYSLOGD_INDEX_HEAD_LEN;

	if (in.len < sizeof magic || memcmp(in.p, magic, sizeof magic) != 0)
		return gyl_fault(GYL_E_VERSION, 0);
	if (in.len < GYL_SYSLOGD_INDEX_HEAD_LEN)
		return gyl_fault(GYL_E_SHORT, GYL_SYSLOGD_INDEX_HEAD_LEN);
	if (gyl_get_u32(in.p + AT_VERSION) != GYL_SYSLOGD_INDEX_VERSION)
		return gyl_fault(GYL_E_VERSION, AT_VERSION);
	if (gyl_crc32c(in.p, AT_HEAD_CRC) != gyl_get_u32(in.p + AT_HEAD_CRC))
		return gyl_fault(GYL_E_CHECKSUM, AT_HEAD_CRC);
	if (gyl_crc32c(in.p + GYL_SYSLOGD_INDEX_HEAD_LEN, body_len) !=
		gyl_get_u32(in.p + AT_BODY_CRC))
		return gyl_fault(GYL_E_CHECKSUM, AT_BODY_CRC);
	if (gyl_get_u32(in.p + AT_HOST_LEN) > body_len)
		return gyl_fault(GYL_E_LENGTH, AT_HOST_LEN);
	return gyl_ok();
}

/* One record of a frame at the beginning of rest, which follows so much data. */
static bool check_frame(struct gyl_view rest, uint64_t off)
{
	uint32_t len, filter_len;

	if (rest.len < GYL_SYSLOGD_INDEX_FRAME_LEN)
		return false;
	len = gyl_get_u32(rest.p + FR_LEN);
	filter_len = gyl_get_u32(rest.p + FR_FILTER_LEN);
	return gyl_get_u64(rest.p + FR_OFF) == off && len != 0 &&
	       len <= GYL_SYSLOGD_INDEX_DATA_MAX &&
	       gyl_get_u32(rest.p + FR_TEXT_LEN) <= GYL_SYSLOGD_FRAME_TEXT_MAX &&
	       filter_len <= GYL_SYSLOGD_INDEX_FILTER_MAX &&
	       filter_len <= rest.len - GYL_SYSLOGD_INDEX_FRAME_LEN;
}

static struct gyl_fault check_frames(const struct gyl_syslogd_index *ix)
{
	struct gyl_view rest = ix->frames;
	uint64_t off = 0, text_len = 0;
	struct gyl_syslogd_frame f;

	for (uint32_t i = 0; i < ix->frame_cnt; i++) {
		if (!check_frame(rest, off))
			return gyl_fault(GYL_E_FIELD,
				GYL_SYSLOGD_INDEX_HEAD_LEN + ix->frames.len - rest.len);
		gyl_syslogd_index_frame(&rest, &f);
		off += f.len;
		text_len += f.text_len;
	}
	if (rest.len != 0)
		return gyl_fault(GYL_E_LENGTH, AT_FRAME_CNT);
	if (off != ix->data_len)
		return gyl_fault(GYL_E_LENGTH, AT_DATA_LEN);
	return text_len == ix->text_len ? gyl_ok() : gyl_fault(GYL_E_LENGTH, AT_TEXT_LEN);
}

static struct gyl_fault check_hosts(const struct gyl_syslogd_index *ix)
{
	struct gyl_view rest = ix->hosts;
	struct gyl_syslogd_host h;

	for (uint32_t i = 0; i < ix->host_cnt; i++) {
		if (rest.len < HOST_HEAD_LEN || rest.p[4] > rest.len - HOST_HEAD_LEN)
			return gyl_fault(GYL_E_LENGTH, AT_HOST_LEN);
		gyl_syslogd_index_host(&rest, &h);
	}
	return rest.len == 0 ? gyl_ok() : gyl_fault(GYL_E_LENGTH, AT_HOST_CNT);
}

struct gyl_fault gyl_syslogd_index_open(struct gyl_view in, struct gyl_syslogd_index *ret_ix)
{
	struct gyl_fault f = check_head(in);
	struct gyl_syslogd_index ix;
	size_t host_len;

	if (gyl_failed(f))
		return f;
	host_len = gyl_get_u32(in.p + AT_HOST_LEN);
	ix.data_len = gyl_get_u64(in.p + AT_DATA_LEN);
	ix.text_len = gyl_get_u64(in.p + AT_TEXT_LEN);
	ix.first_seq = gyl_get_u64(in.p + AT_FIRST_SEQ);
	ix.last_seq = gyl_get_u64(in.p + AT_LAST_SEQ);
	ix.frame_cnt = gyl_get_u32(in.p + AT_FRAME_CNT);
	ix.host_cnt = gyl_get_u32(in.p + AT_HOST_CNT);
	ix.frames = gyl_view_sub(
		in, GYL_SYSLOGD_INDEX_HEAD_LEN, in.len - GYL_SYSLOGD_INDEX_HEAD_LEN - host_len);
	ix.hosts = gyl_view_sub(in, in.len - host_len, host_len);
	f = check_frames(&ix);
	if (!gyl_failed(f))
		f = check_hosts(&ix);
	if (!gyl_failed(f))
		*ret_ix = ix;
	return f;
}

/* ---- writing ---- */

void gyl_syslogd_index_put_frame(uint8_t *to, const struct gyl_syslogd_frame *f)
{
	memset(to, 0, GYL_SYSLOGD_INDEX_FRAME_LEN);
	gyl_set_u64(to + FR_OFF, f->off);
	gyl_set_u32(to + FR_LEN, f->len);
	gyl_set_u32(to + FR_TEXT_LEN, f->text_len);
	gyl_set_u64(to + FR_FIRST_SEQ, f->first_seq);
	gyl_set_u64(to + FR_LAST_SEQ, f->last_seq);
	gyl_set_u64(to + FR_RECV_MIN, f->recv_min_ns);
	gyl_set_u64(to + FR_RECV_MAX, f->recv_max_ns);
	gyl_set_u64(to + FR_TS_MIN, f->ts_min_ns);
	gyl_set_u64(to + FR_TS_MAX, f->ts_max_ns);
	gyl_set_u32(to + FR_CNT, f->cnt);
	to[FR_SEVERITIES] = f->severities;
	memcpy(to + FR_HASH, f->hash, GYL_SYSLOGD_HASH_LEN);
	gyl_set_u32(to + FR_FILTER_LEN, (uint32_t)f->filter.len);
	if (f->filter.len != 0)
		memcpy(to + GYL_SYSLOGD_INDEX_FRAME_LEN, f->filter.p, f->filter.len);
}

void gyl_syslogd_index_put_head(uint8_t to[GYL_SYSLOGD_INDEX_HEAD_LEN],
	const struct gyl_syslogd_index *ix, uint32_t host_len, uint32_t body_crc)
{
	memcpy(to, magic, sizeof magic);
	gyl_set_u32(to + AT_VERSION, GYL_SYSLOGD_INDEX_VERSION);
	gyl_set_u32(to + AT_FRAME_CNT, ix->frame_cnt);
	gyl_set_u64(to + AT_DATA_LEN, ix->data_len);
	gyl_set_u64(to + AT_TEXT_LEN, ix->text_len);
	gyl_set_u64(to + AT_FIRST_SEQ, ix->first_seq);
	gyl_set_u64(to + AT_LAST_SEQ, ix->last_seq);
	gyl_set_u32(to + AT_HOST_CNT, ix->host_cnt);
	gyl_set_u32(to + AT_HOST_LEN, host_len);
	gyl_set_u32(to + AT_BODY_CRC, body_crc);
	gyl_set_u32(to + AT_HEAD_CRC, gyl_crc32c(to, AT_HEAD_CRC));
}
