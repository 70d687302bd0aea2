/* SPDX-License-Identifier: ISC */
#include "services/syslogd/seal_manifest.h"

#include <gyl/writer.h>

enum {
	MAGIC_LEN = 8,
	NUMBER_CNT = 7 /* of a manifest */
};

/* The last octet is the version. */
static const uint8_t manifest_magic[MAGIC_LEN] = {'G', 'Y', 'L', 'M', 'A', 'N', 'I', 1};
static const uint8_t head_magic[MAGIC_LEN] = {'G', 'Y', 'L', 'H', 'E', 'A', 'D', 1};

void gyl_syslogd_manifest_encode(
	const struct gyl_syslogd_manifest *m, uint8_t buf[GYL_SYSLOGD_MANIFEST_LEN])
{
	const uint64_t number[NUMBER_CNT] = {m->closed_ns, m->first_seq, m->last_seq, m->cnt,
		m->text_len, m->data_len, m->frame_cnt};
	struct gyl_writer w;

	gyl_writer_init(&w, buf, GYL_SYSLOGD_MANIFEST_LEN);
	gyl_put_bytes(&w, manifest_magic, MAGIC_LEN);
	for (unsigned i = 0; i < NUMBER_CNT; i++)
		gyl_put_u64(&w, number[i]);
	gyl_put_bytes(&w, m->frames_hash, sizeof m->frames_hash);
	gyl_put_bytes(&w, m->index_hash, sizeof m->index_hash);
	gyl_put_bytes(&w, m->before.hash, sizeof m->before.hash);
}

bool gyl_syslogd_manifest_decode(struct gyl_view in, struct gyl_syslogd_manifest *ret_m)
{
	uint64_t *number[NUMBER_CNT] = {&ret_m->closed_ns, &ret_m->first_seq, &ret_m->last_seq,
		&ret_m->cnt, &ret_m->text_len, &ret_m->data_len, &ret_m->frame_cnt};
	const uint8_t *p = in.p;

	if (in.len != GYL_SYSLOGD_MANIFEST_LEN || memcmp(p, manifest_magic, MAGIC_LEN) != 0)
		return false;
	p += MAGIC_LEN;
	for (unsigned i = 0; i < NUMBER_CNT; i++, p += 8)
		*number[i] = gyl_get_u64(p);
	memcpy(ret_m->frames_hash, p, sizeof ret_m->frames_hash);
	memcpy(ret_m->index_hash, p + 32, sizeof ret_m->index_hash);
	memcpy(ret_m->before.hash, p + 64, sizeof ret_m->before.hash);
	return true;
}

void gyl_syslogd_seal_head_encode(
	const struct gyl_syslogd_seal_head *h, uint8_t buf[GYL_SYSLOGD_HEAD_LEN])
{
	struct gyl_writer w;

	gyl_writer_init(&w, buf, GYL_SYSLOGD_HEAD_LEN);
	gyl_put_bytes(&w, head_magic, MAGIC_LEN);
	gyl_put_u64(&w, h->gone_seq);
	gyl_put_u64(&w, h->last_seq);
	gyl_put_bytes(&w, h->link.hash, sizeof h->link.hash);
}

bool gyl_syslogd_seal_head_decode(struct gyl_view in, struct gyl_syslogd_seal_head *ret_h)
{
	if (in.len != GYL_SYSLOGD_HEAD_LEN || memcmp(in.p, head_magic, MAGIC_LEN) != 0)
		return false;
	ret_h->gone_seq = gyl_get_u64(in.p + MAGIC_LEN);
	ret_h->last_seq = gyl_get_u64(in.p + MAGIC_LEN + 8);
	memcpy(ret_h->link.hash, in.p + MAGIC_LEN + 16, sizeof ret_h->link.hash);
	return true;
}
