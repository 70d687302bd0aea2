/* SPDX-License-Identifier: ISC */
#include "services/syslogd/seal.h"

#include <gyl/ct.h>
#include <string.h>

int gyl_syslogd_sealing_begin(struct gyl_syslogd_sealing *s, const struct gyl_seal_key *key,
	uint32_t cpu, const uint8_t random[GYL_SYSLOGD_SEAL_RANDOM_LEN], uint8_t *header)
{
	int err;

	memset(s, 0, sizeof *s);
	s->cpu = cpu;
	err = gyl_seal_frames_begin(&s->frames, key, cpu, random, header);
	if (err != GYL_SEAL_OK)
		return err;
	gyl_sha256_init(&s->hash, cpu);
	gyl_sha256_update(&s->hash, header, GYL_SEAL_HEADER_LEN);
	return GYL_SEAL_OK;
}

void gyl_syslogd_sealing_put(
	struct gyl_syslogd_sealing *s, const uint8_t *data, size_t len, uint8_t *buf)
{
	gyl_seal_frames_put(&s->frames, s->frame_cnt, false, data, len, buf);
	gyl_sha256_update(&s->hash, buf, len + GYL_SEAL_OVERHEAD);
	s->frame_cnt++;
	s->data_len += len;
}

void gyl_syslogd_link_of(uint32_t cpu, struct gyl_view last, struct gyl_syslogd_link *ret)
{
	struct gyl_sha256 h;

	gyl_sha256_init(&h, cpu);
	gyl_sha256_update(&h, last.p, last.len);
	gyl_sha256_final(&h, ret->hash);
}

void gyl_syslogd_sealing_end(struct gyl_syslogd_sealing *s, struct gyl_syslogd_manifest *m,
	uint8_t *buf, struct gyl_syslogd_link *ret_link)
{
	uint8_t text[GYL_SYSLOGD_MANIFEST_LEN];

	m->frame_cnt = s->frame_cnt;
	m->data_len = s->data_len;
	gyl_sha256_final(&s->hash, m->frames_hash);
	gyl_syslogd_manifest_encode(m, text);
	gyl_seal_frames_put(&s->frames, s->frame_cnt, true, text, sizeof text, buf);
	gyl_syslogd_link_of(s->cpu, gyl_view(buf, GYL_SYSLOGD_SEAL_LAST_LEN), ret_link);
	gyl_wipe(s, sizeof *s);
}

size_t gyl_syslogd_seal_small_room(size_t len)
{
	return GYL_SEAL_HEADER_LEN + gyl_seal_room(len) + GYL_SEAL_LAST_LEN;
}

int gyl_syslogd_seal_small(const struct gyl_seal_key *key, uint32_t cpu,
	const uint8_t random[GYL_SYSLOGD_SEAL_SMALL_RANDOM_LEN], struct gyl_view text, uint8_t *buf,
	size_t *ret_len)
{
	struct gyl_seal_writer w;
	size_t len = 0;
	int err = gyl_seal_write_begin(&w, key, cpu, random, buf);

	if (err != GYL_SEAL_OK)
		return err;
	buf += GYL_SEAL_HEADER_LEN;
	err = gyl_seal_write_put(&w, text.p, text.len, buf, gyl_seal_room(text.len), &len);
	if (err == GYL_SEAL_OK)
		err = gyl_seal_write_end(&w, buf + len);
	*ret_len = GYL_SEAL_HEADER_LEN + len + GYL_SEAL_LAST_LEN;
	return err;
}

int gyl_syslogd_sealing_index_begin(struct gyl_syslogd_sealing_index *x,
	const struct gyl_seal_key *key, uint32_t cpu,
	const uint8_t random[GYL_SYSLOGD_SEAL_SMALL_RANDOM_LEN], uint8_t *header)
{
	gyl_sha256_init(&x->hash, cpu);
	if (gyl_seal_write_begin(&x->w, key, cpu, random, header) != GYL_SEAL_OK)
		return GYL_SEAL_E_HEADER;
	gyl_sha256_update(&x->hash, header, GYL_SEAL_HEADER_LEN);
	return GYL_SEAL_OK;
}

size_t gyl_syslogd_sealing_index_put(
	struct gyl_syslogd_sealing_index *x, const uint8_t *text, size_t len, uint8_t *buf)
{
	size_t n = 0;

	/* It was begun and there is room: nothing is left to fail. */
	(void)gyl_seal_write_put(&x->w, text, len, buf, gyl_seal_room(len), &n);
	gyl_sha256_update(&x->hash, buf, n);
	return n;
}

void gyl_syslogd_sealing_index_end(struct gyl_syslogd_sealing_index *x, uint8_t *buf,
	uint8_t ret_hash[GYL_SYSLOGD_SEAL_HASH_LEN])
{
	(void)gyl_seal_write_end(&x->w, buf);
	if (buf != NULL)
		gyl_sha256_update(&x->hash, buf, GYL_SEAL_LAST_LEN);
	gyl_sha256_final(&x->hash, ret_hash);
}

/* Frames need room of GYL_SEAL_TEXT_MAX; what comes out is shorter than what goes in. */
static int read_small(struct gyl_seal_reader *r, struct gyl_view in, uint8_t *buf, size_t *ret_len)
{
	size_t at = GYL_SEAL_HEADER_LEN, used, len, done = 0;
	uint8_t text[GYL_SEAL_TEXT_MAX];
	int err = GYL_SEAL_MORE;

	while (at < in.len && err >= 0) {
		err = gyl_seal_read_next(r, in.p + at, in.len - at, &used, text, &len);
		memcpy(buf + done, text, len);
		done += len;
		at += used;
	}
	gyl_wipe(text, sizeof text);
	*ret_len = done;
	return gyl_seal_read_end(r);
}

int gyl_syslogd_unseal_small(const struct gyl_seal_key *key, uint32_t cpu, struct gyl_view in,
	uint8_t *buf, size_t *ret_len)
{
	struct gyl_seal_reader r;
	int err;

	if (in.len < GYL_SEAL_HEADER_LEN)
		return GYL_SEAL_E_TRUNCATED;
	err = gyl_seal_read_begin(&r, in.p, key, cpu);
	return err == GYL_SEAL_OK ? read_small(&r, in, buf, ret_len) : err;
}

int gyl_syslogd_unseal_last(const struct gyl_seal_frames *f, uint64_t frame_cnt, struct gyl_view in,
	struct gyl_syslogd_manifest *ret_m, struct gyl_syslogd_link *ret_link)
{
	uint8_t text[GYL_SYSLOGD_MANIFEST_LEN];
	int err;

	if (in.len != GYL_SYSLOGD_SEAL_LAST_LEN)
		return GYL_SEAL_E_FRAME;
	err = gyl_seal_frames_get(f, frame_cnt, true, in.p, in.len, text);
	if (err != GYL_SEAL_OK)
		return err;
	if (!gyl_syslogd_manifest_decode(gyl_view(text, sizeof text), ret_m))
		return GYL_SEAL_E_FRAME;
	gyl_syslogd_link_of(0, in, ret_link);
	return ret_m->frame_cnt == frame_cnt ? GYL_SEAL_OK : GYL_SEAL_E_LEN;
}
