/* SPDX-License-Identifier: ISC */
#include <gyl/ct.h>
#include <string.h>

#include "crypto/seal/seal_own.h"
#include "crypto/src/bits.h"

enum {
	LEN_LEN = 4,
	/* A frame without text is written by nobody, so it may not be there. */
	SEALED_MIN = 1 + GYL_SEAL_OVERHEAD - LEN_LEN,
	SEALED_MAX = GYL_SEAL_FRAME_MAX - LEN_LEN
};

int gyl_seal_read_begin(struct gyl_seal_reader *r, const uint8_t *header,
	const struct gyl_seal_key *key, uint32_t cpu)
{
	uint8_t file_key[GYL_SEAL_KEY_LEN], commit[GYL_SEAL_COMMIT_LEN];

	memset(r, 0, sizeof *r);
	memcpy(r->header, header, GYL_SEAL_HEADER_LEN);
	r->off = GYL_SEAL_HEADER_LEN;
	gyl__seal_file_key(key, cpu, header, file_key, commit);
	if (gyl_ct_eq(commit, header + GYL__SEAL_OFF_COMMIT, sizeof commit)) {
		crypto_secretstream_xchacha20poly1305_init_pull(
			&r->stream, header + GYL__SEAL_OFF_STREAM, file_key);
		r->state = GYL__SEAL_OPEN;
	} else {
		r->state = GYL_SEAL_E_KEY;
		r->off = GYL__SEAL_OFF_COMMIT;
	}
	gyl_wipe(file_key, sizeof file_key);
	gyl_wipe(commit, sizeof commit);
	return r->state == GYL__SEAL_OPEN ? GYL_SEAL_OK : r->state;
}

static int die(struct gyl_seal_reader *r, int err)
{
	gyl_wipe(&r->stream, sizeof r->stream);
	r->state = err;
	return err;
}

/* Of the frame in hand: its length first, then all of it. */
static size_t frame_len(const struct gyl_seal_reader *r)
{
	return r->have < LEN_LEN ? LEN_LEN : LEN_LEN + (size_t)gyl__load32_be(r->frame);
}

static size_t take(struct gyl_seal_reader *r, const uint8_t *in, size_t len)
{
	size_t lack = frame_len(r) - r->have;

	len = len < lack ? len : lack;
	if (len != 0)
		memcpy(r->frame + r->have, in, len);
	r->have += len;
	return len;
}

/* The text of the last frame is the length of all the others'. */
static int last_frame(struct gyl_seal_reader *r, uint8_t *text, size_t len)
{
	uint64_t text_len = len == 8 ? gyl__load64_be(text) : 0;

	gyl_wipe(text, len);
	if (len != 8)
		return die(r, GYL_SEAL_E_FRAME);
	if (text_len != r->text_len)
		return die(r, GYL_SEAL_E_LEN);
	gyl_wipe(&r->stream, sizeof r->stream);
	r->state = GYL__SEAL_WHOLE;
	return GYL_SEAL_END;
}

/* libsodium writes text only when the authenticator is right. */
static int open_frame(struct gyl_seal_reader *r, uint8_t *text, size_t *ret_len)
{
	bool first = r->off == GYL_SEAL_HEADER_LEN;
	unsigned long long len = 0;
	size_t used = r->have;
	unsigned char tag;

	if (crypto_secretstream_xchacha20poly1305_pull(&r->stream, text, &len, &tag,
		    r->frame + LEN_LEN, r->have - LEN_LEN, first ? r->header : NULL,
		    first ? GYL_SEAL_HEADER_LEN : 0) != 0)
		return die(r, GYL_SEAL_E_ALTERED);
	r->have = 0;
	if (tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL) {
		int err = last_frame(r, text, (size_t)len);

		r->off += err == GYL_SEAL_END ? used : 0;
		return err;
	}
	if (tag != crypto_secretstream_xchacha20poly1305_TAG_MESSAGE) {
		gyl_wipe(text, (size_t)len);
		return die(r, GYL_SEAL_E_FRAME);
	}
	r->off += used;
	r->text_len += len;
	*ret_len = (size_t)len;
	return GYL_SEAL_TEXT;
}

static int read_frame(struct gyl_seal_reader *r, const uint8_t *in, size_t len, size_t *used,
	uint8_t *text, size_t *ret_len)
{
	*used = take(r, in, len);
	if (r->have < LEN_LEN)
		return GYL_SEAL_MORE;
	if (frame_len(r) < LEN_LEN + SEALED_MIN || frame_len(r) > LEN_LEN + SEALED_MAX)
		return die(r, GYL_SEAL_E_FRAME);
	*used += take(r, in + *used, len - *used);
	return r->have < frame_len(r) ? GYL_SEAL_MORE : open_frame(r, text, ret_len);
}

int gyl_seal_read_next(struct gyl_seal_reader *r, const uint8_t *in, size_t len, size_t *ret_used,
	uint8_t *text, size_t *ret_len)
{
	*ret_used = 0;
	*ret_len = 0;
	switch (r->state) {
	case GYL__SEAL_OPEN:
		return read_frame(r, in, len, ret_used, text, ret_len);
	case GYL__SEAL_WHOLE:
		return len == 0 ? GYL_SEAL_END : die(r, GYL_SEAL_E_TRAILING);
	case GYL__SEAL_IDLE:
		return GYL_SEAL_E_STATE;
	default:
		return r->state;
	}
}

int gyl_seal_read_end(struct gyl_seal_reader *r)
{
	if (r->state == GYL__SEAL_IDLE)
		return GYL_SEAL_E_STATE;
	if (r->state == GYL__SEAL_OPEN)
		r->state = GYL_SEAL_E_TRUNCATED;
	gyl_wipe(&r->stream, sizeof r->stream);
	gyl_wipe(r->frame, sizeof r->frame);
	return r->state == GYL__SEAL_WHOLE ? GYL_SEAL_OK : r->state;
}
