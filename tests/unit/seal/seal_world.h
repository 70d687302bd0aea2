/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_UNIT_SEAL_WORLD_H
#define GYL_TESTS_UNIT_SEAL_WORLD_H

/* A sealed file in memory: made, damaged, opened. */

#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/seal/seal.h"

static const struct gyl_seal_key raw_key = {
	.secret = {1, 2, 3, 4, 5, 6, 7, 8}, .kind = GYL_SEAL_RAW, .salt = "events of 2026"};

struct sealed {
	uint8_t *text, *file; /* what was written, and what came of it */
	size_t text_len, len;
	uint8_t *got; /* what was read */
	size_t got_len;
	uint64_t off; /* where reading ended */
};

/* text_len octets in frames of piece octets; seed makes the file's salt and its text. */
static inline void sealed_make(struct sealed *s, const struct gyl_seal_key *key, uint8_t seed,
	size_t text_len, size_t piece)
{
	uint8_t random[GYL_SEAL_RANDOM_LEN];
	struct gyl_seal_writer w;
	size_t len;

	memset(random, seed, sizeof random);
	s->text_len = text_len;
	s->text = malloc(text_len + 1);
	s->got = malloc(text_len + GYL_SEAL_TEXT_MAX);
	s->file = malloc(GYL_SEAL_HEADER_LEN + text_len +
			 (text_len / piece + text_len / GYL_SEAL_TEXT_MAX + 2) * GYL_SEAL_OVERHEAD +
			 GYL_SEAL_LAST_LEN);
	assert_true(s->text != NULL && s->got != NULL && s->file != NULL);
	for (size_t i = 0; i < text_len; i++)
		s->text[i] = (uint8_t)(seed + i * 7 + (i >> 8));
	assert_int_equal(gyl_seal_write_begin(&w, key, 0, random, s->file), GYL_SEAL_OK);
	s->len = GYL_SEAL_HEADER_LEN;
	for (size_t off = 0; off < text_len; off += piece) {
		size_t n = text_len - off < piece ? text_len - off : piece;

		assert_int_equal(gyl_seal_write_put(&w, s->text + off, n, s->file + s->len,
					 gyl_seal_room(n), &len),
			GYL_SEAL_OK);
		assert_int_equal(len, gyl_seal_room(n));
		s->len += len;
	}
	assert_int_equal(gyl_seal_write_end(&w, s->file + s->len), GYL_SEAL_OK);
	s->len += GYL_SEAL_LAST_LEN;
}

static inline void sealed_free(struct sealed *s)
{
	free(s->text);
	free(s->file);
	free(s->got);
}

/* Until it says anything but that there is text, or wants more than there is. */
static inline int sealed_feed(struct sealed *s, struct gyl_seal_reader *r, size_t chunk)
{
	uint8_t *text = malloc(GYL_SEAL_TEXT_MAX);
	size_t at = GYL_SEAL_HEADER_LEN, used, len;
	int err = GYL_SEAL_MORE;

	assert_non_null(text);
	while (at < s->len && err >= 0) {
		size_t n = s->len - at < chunk ? s->len - at : chunk;

		memset(text, 0xa5, GYL_SEAL_TEXT_MAX);
		err = gyl_seal_read_next(r, s->file + at, n, &used, text, &len);
		assert_true(used != 0 || err < 0);
		at += used;
		if (err == GYL_SEAL_TEXT) {
			assert_in_range(len, 1, s->text_len - s->got_len);
			memcpy(s->got + s->got_len, text, len);
			s->got_len += len;
			continue;
		}
		/* Nothing comes out that was not proven. */
		assert_int_equal(len, 0);
		if (err == GYL_SEAL_MORE || err == GYL_SEAL_E_ALTERED)
			for (size_t i = 0; i < GYL_SEAL_TEXT_MAX; i += 64)
				assert_int_equal(text[i], 0xa5);
	}
	free(text);
	return err;
}

/* Read it as a careful program does, chunk octets at a time: the last word on the whole file. */
static inline int sealed_open(struct sealed *s, const struct gyl_seal_key *key, size_t chunk)
{
	static struct gyl_seal_reader r;
	struct gyl_seal_header h;
	size_t off;
	int err, fed;

	s->got_len = 0;
	s->off = 0;
	if (s->len < GYL_SEAL_HEADER_LEN)
		return GYL_SEAL_E_TRUNCATED;
	err = gyl_seal_header_decode(s->file, 1 << 20, 1 << 20, &h, &off);
	s->off = off;
	if (err == GYL_SEAL_OK)
		err = gyl_seal_read_begin(&r, s->file, key, 0);
	if (err != GYL_SEAL_OK)
		return err;
	fed = sealed_feed(s, &r, chunk);
	err = gyl_seal_read_end(&r);
	s->off = r.off;
	assert_int_equal(err, fed < 0               ? fed
			      : fed == GYL_SEAL_END ? GYL_SEAL_OK
						    : GYL_SEAL_E_TRUNCATED);
	return err;
}

#endif
