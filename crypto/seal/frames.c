/* SPDX-License-Identifier: ISC */
#include "crypto/seal/frames.h"

#include <gyl/ct.h>
#include <string.h>

#include "crypto/seal/seal_own.h"
#include "crypto/src/bits.h"

enum {
	LEN_LEN = 4,
	TAG_LEN = crypto_secretstream_xchacha20poly1305_ABYTES,
	PLACE_LEN = GYL_SEAL_COMMIT_LEN + 8
};

/* Where a frame belongs: to which file, and as what number of it. */
static void place(const struct gyl_seal_frames *f, uint64_t number, uint8_t ret[PLACE_LEN])
{
	memcpy(ret, f->commit, GYL_SEAL_COMMIT_LEN);
	gyl__store64_be(ret + GYL_SEAL_COMMIT_LEN, number);
}

/* The file's key is used for nothing else, so the number alone makes a stream that never was. Both
 * ends begin alike (seal_write.c). */
static void begin(const struct gyl_seal_frames *f, uint64_t number,
	crypto_secretstream_xchacha20poly1305_state *ret)
{
	uint8_t stream[GYL_SEAL_STREAM_LEN] = {0};

	gyl__store64_be(stream, number);
	crypto_secretstream_xchacha20poly1305_init_pull(ret, stream, f->key);
}

static uint8_t tag_of(bool last)
{
	return last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
		    : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
}

int gyl_seal_frames_begin(struct gyl_seal_frames *f, const struct gyl_seal_key *key, uint32_t cpu,
	const uint8_t *random, uint8_t *ret_header)
{
	uint8_t header[GYL_SEAL_HEADER_LEN], salts[GYL_SEAL_RANDOM_LEN] = {0};

	memset(f, 0, sizeof *f);
	memcpy(salts, random, GYL_SEAL_FRAMES_RANDOM_LEN);
	if (gyl__seal_header_encode(key, salts, header) != GYL_SEAL_OK)
		return GYL_SEAL_E_HEADER;
	header[GYL__SEAL_OFF_VERSION] = GYL_SEAL_FRAMES_VERSION;
	gyl__seal_file_key(key, cpu, header, f->key, f->commit);
	memcpy(header + GYL__SEAL_OFF_COMMIT, f->commit, sizeof f->commit);
	memcpy(ret_header, header, sizeof header);
	return GYL_SEAL_OK;
}

int gyl_seal_frames_decode(const uint8_t *in, size_t mem_max, uint64_t work_max,
	struct gyl_seal_header *ret, size_t *ret_off)
{
	return gyl__seal_header_decode(
		in, GYL_SEAL_FRAMES_VERSION, mem_max, work_max, ret, ret_off);
}

int gyl_seal_frames_open(struct gyl_seal_frames *f, const uint8_t *header,
	const struct gyl_seal_key *key, uint32_t cpu)
{
	gyl__seal_file_key(key, cpu, header, f->key, f->commit);
	if (gyl_ct_eq(f->commit, header + GYL__SEAL_OFF_COMMIT, sizeof f->commit))
		return GYL_SEAL_OK;
	gyl_seal_frames_end(f);
	return GYL_SEAL_E_KEY;
}

void gyl_seal_frames_put(const struct gyl_seal_frames *f, uint64_t number, bool last,
	const void *text, size_t len, uint8_t *buf)
{
	crypto_secretstream_xchacha20poly1305_state stream;
	uint8_t at[PLACE_LEN];

	place(f, number, at);
	begin(f, number, &stream);
	crypto_secretstream_xchacha20poly1305_push(
		&stream, buf + LEN_LEN, NULL, text, len, at, sizeof at, tag_of(last));
	gyl__store32_be(buf, (uint32_t)(len + TAG_LEN));
	gyl_wipe(&stream, sizeof stream);
}

size_t gyl_seal_frames_len(const uint8_t in[4])
{
	size_t len = gyl__load32_be(in);

	return len <= TAG_LEN || len > GYL_SEAL_FRAMES_TEXT_MAX + TAG_LEN ? 0 : LEN_LEN + len;
}

int gyl_seal_frames_get(const struct gyl_seal_frames *f, uint64_t number, bool last,
	const uint8_t *in, size_t len, uint8_t *text)
{
	crypto_secretstream_xchacha20poly1305_state stream;
	uint8_t at[PLACE_LEN];
	unsigned char tag;
	int err;

	if (len < LEN_LEN || gyl_seal_frames_len(in) != len)
		return GYL_SEAL_E_FRAME;
	place(f, number, at);
	begin(f, number, &stream);
	err = crypto_secretstream_xchacha20poly1305_pull(
		&stream, text, NULL, &tag, in + LEN_LEN, len - LEN_LEN, at, sizeof at);
	gyl_wipe(&stream, sizeof stream);
	if (err != 0)
		return GYL_SEAL_E_ALTERED;
	if (tag == tag_of(last))
		return GYL_SEAL_OK;
	gyl_wipe(text, len - GYL_SEAL_OVERHEAD);
	return GYL_SEAL_E_ALTERED;
}

void gyl_seal_frames_end(struct gyl_seal_frames *f)
{
	gyl_wipe(f, sizeof *f);
}
