/* SPDX-License-Identifier: ISC */

/* Sealed files whose frames are read alone: in any order, and only in their places. */

#include "tests/unit/seal/seal_world.h"

#include <gyl/hkdf.h>

#include "crypto/seal/frames.h"

enum {
	FRAME_CNT = 4, /* the last one included */
	PIECE = 10,
	FRAME_LEN = PIECE + GYL_SEAL_OVERHEAD,
	FILE_LEN = GYL_SEAL_HEADER_LEN + FRAME_CNT * FRAME_LEN
};

static size_t frame_at(size_t i)
{
	return GYL_SEAL_HEADER_LEN + i * FRAME_LEN;
}

static void make(uint8_t *file, uint8_t seed)
{
	uint8_t random[GYL_SEAL_FRAMES_RANDOM_LEN], text[PIECE];
	struct gyl_seal_frames f;

	memset(random, seed, sizeof random);
	assert_int_equal(gyl_seal_frames_begin(&f, &raw_key, 0, random, file), GYL_SEAL_OK);
	for (size_t i = 0; i < FRAME_CNT; i++) {
		memset(text, (int)('a' + i), sizeof text);
		gyl_seal_frames_put(&f, i, i == FRAME_CNT - 1, text, PIECE, file + frame_at(i));
	}
	gyl_seal_frames_end(&f);
}

static int open_file(struct gyl_seal_frames *f, const uint8_t *file)
{
	struct gyl_seal_header h;
	int err = gyl_seal_frames_decode(file, 0, 0, &h, NULL);

	return err == GYL_SEAL_OK ? gyl_seal_frames_open(f, file, &raw_key, 0) : err;
}

/* Frame i of what stands at `at`; what is refused leaves no text. */
static int get(const struct gyl_seal_frames *f, const uint8_t *at, size_t i, bool last)
{
	uint8_t text[PIECE];
	int err;

	memset(text, 0xa5, sizeof text);
	err = gyl_seal_frames_get(f, i, last, at, FRAME_LEN, text);
	for (size_t k = 0; k < PIECE; k++)
		if (err == GYL_SEAL_OK)
			assert_int_equal(text[k], 'a' + i);
		else
			assert_true(text[k] == 0xa5 || text[k] == 0);
	return err;
}

static void any_order(void **state)
{
	static const size_t order[] = {2, 0, 3, 1, 2};
	uint8_t file[FILE_LEN];
	struct gyl_seal_frames f;

	(void)state;
	make(file, 1);
	assert_int_equal(open_file(&f, file), GYL_SEAL_OK);
	for (size_t i = 0; i < TEST_CNT(order); i++) {
		assert_int_equal(gyl_seal_frames_len(file + frame_at(order[i])), FRAME_LEN);
		assert_int_equal(
			get(&f, file + frame_at(order[i]), order[i], order[i] == 3), GYL_SEAL_OK);
	}
	gyl_seal_frames_end(&f);
}

/* A frame opens as its number of its file, as what it is, and as nothing else. */
static void places(void **state)
{
	uint8_t file[FILE_LEN], other[FILE_LEN];
	struct gyl_seal_frames f;

	(void)state;
	make(file, 1);
	make(other, 2);
	assert_int_equal(open_file(&f, file), GYL_SEAL_OK);
	for (size_t i = 0; i < FRAME_CNT; i++)
		for (size_t k = 0; k < FRAME_CNT; k++) {
			bool last = k == FRAME_CNT - 1;

			assert_int_equal(get(&f, file + frame_at(i), k, last),
				i == k ? GYL_SEAL_OK : GYL_SEAL_E_ALTERED);
			assert_int_equal(get(&f, file + frame_at(i), k, !last), GYL_SEAL_E_ALTERED);
			assert_int_equal(get(&f, other + frame_at(i), k, last), GYL_SEAL_E_ALTERED);
		}
	gyl_seal_frames_end(&f);
}

static void bits(void **state)
{
	uint8_t file[FILE_LEN];

	(void)state;
	make(file, 1);
	for (size_t i = 0; i < (size_t)8 * FILE_LEN; i++) {
		size_t n =
			i / 8 < GYL_SEAL_HEADER_LEN ? 0 : (i / 8 - GYL_SEAL_HEADER_LEN) / FRAME_LEN;
		struct gyl_seal_frames f;
		int err;

		file[i / 8] ^= (uint8_t)(1 << i % 8);
		err = open_file(&f, file);
		assert_true((err != GYL_SEAL_OK) == (i / 8 < GYL_SEAL_HEADER_LEN));
		if (err == GYL_SEAL_OK)
			for (size_t k = 0; k < FRAME_CNT; k++)
				assert_true((get(&f, file + frame_at(k), k, k == FRAME_CNT - 1) ==
						    GYL_SEAL_OK) == (k != n));
		file[i / 8] ^= (uint8_t)(1 << i % 8);
	}
}

/* Each kind of file is refused by the other's reader, and fields that no writer writes by both. */
static void headers(void **state)
{
	uint8_t file[FILE_LEN];
	struct gyl_seal_header h;
	struct sealed s;
	size_t off;

	(void)state;
	make(file, 1);
	assert_int_equal(gyl_seal_header_decode(file, 0, 0, &h, &off), GYL_SEAL_E_VERSION);
	assert_int_equal(off, 7);
	sealed_make(&s, &raw_key, 1, 10, 10);
	assert_int_equal(gyl_seal_frames_decode(s.file, 0, 0, &h, &off), GYL_SEAL_E_VERSION);
	sealed_free(&s);
	for (size_t at = 72; at < 96; at++) {
		file[at] = 1;
		assert_int_equal(gyl_seal_frames_decode(file, 0, 0, &h, &off), GYL_SEAL_E_HEADER);
		assert_int_equal(off, at);
		file[at] = 0;
	}
	assert_int_equal(gyl_seal_frames_decode(file, 0, 0, &h, NULL), GYL_SEAL_OK);
}

static void lengths(void **state)
{
	static const struct {
		uint8_t in[4];
		size_t len;
	} rows[] = {
		{{0, 0, 0, 0}, 0},
		{{0, 0, 0, 17}, 0},
		{{0, 0, 0, 18}, 22},
		{{0, 64, 0, 17}, (4 << 20) + GYL_SEAL_OVERHEAD},
		{{0, 64, 0, 18}, 0},
		{{255, 255, 255, 255}, 0},
	};
	struct gyl_seal_frames f = {.key = {1}};
	uint8_t file[FILE_LEN], text[FILE_LEN];

	(void)state;
	for (size_t i = 0; i < TEST_CNT(rows); i++)
		assert_int_equal(gyl_seal_frames_len(rows[i].in), rows[i].len);
	make(file, 1);
	assert_int_equal(open_file(&f, file), GYL_SEAL_OK);
	for (size_t len = 0; len < 2 * FRAME_LEN; len++)
		assert_int_equal(gyl_seal_frames_get(&f, 0, false, file + frame_at(0), len, text),
			len == FRAME_LEN ? GYL_SEAL_OK : GYL_SEAL_E_FRAME);
}

/* The format of the page, by libsodium and by hand. */
static void by_hand(void **state)
{
	crypto_secretstream_xchacha20poly1305_state stream;
	uint8_t file[FILE_LEN], info[12 + 96], both[64], begin[24] = {0}, at[40] = {0};
	uint8_t text[PIECE], tag;

	(void)state;
	make(file, 7);
	memcpy(info, "guyline seal", 12);
	memcpy(info + 12, file, 96);
	gyl_hkdf(
		GYL_HASH_SHA256, 0, raw_key.secret, 32, file + 40, 32, info, sizeof info, both, 64);
	assert_memory_equal(both + 32, file + 96, 32);
	memcpy(at, both + 32, 32);
	at[39] = begin[7] = FRAME_CNT - 1;
	crypto_secretstream_xchacha20poly1305_init_pull(&stream, begin, both);
	assert_int_equal(crypto_secretstream_xchacha20poly1305_pull(&stream, text, NULL, &tag,
				 file + frame_at(3) + 4, FRAME_LEN - 4, at, sizeof at),
		0);
	assert_int_equal(tag, 3);
	assert_int_equal(text[0], 'd');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order),
		cmocka_unit_test(places),
		cmocka_unit_test(bits),
		cmocka_unit_test(headers),
		cmocka_unit_test(lengths),
		cmocka_unit_test(by_hand),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
