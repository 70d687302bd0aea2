/* SPDX-License-Identifier: ISC */

/* Files that were changed after they were sealed: each is refused, and says where. */

#include "tests/unit/seal/seal_world.h"

enum {
	FRAME_CNT = 5,
	PIECE = 10,
	FRAME_LEN = PIECE + GYL_SEAL_OVERHEAD
};

/* Where frame i begins; FRAME_CNT is the last one. */
static size_t frame_at(size_t i)
{
	return GYL_SEAL_HEADER_LEN + i * FRAME_LEN;
}

static void make(struct sealed *s, uint8_t seed)
{
	sealed_make(s, &raw_key, seed, FRAME_CNT * PIECE, PIECE);
	assert_int_equal(s->len, frame_at(FRAME_CNT) + GYL_SEAL_LAST_LEN);
}

/* Refused as err; what came out before is what was written. */
static void refused(struct sealed *s, int err, uint64_t off)
{
	assert_int_equal(sealed_open(s, &raw_key, 4096), err);
	assert_int_equal(s->off, off);
	assert_memory_equal(s->got, s->text, s->got_len);
	assert_int_equal(s->got_len,
		off < GYL_SEAL_HEADER_LEN ? 0 : (off - GYL_SEAL_HEADER_LEN) / FRAME_LEN * PIECE);
}

/* Every bit of a whole file. */
static void bits(void **state)
{
	struct sealed s;

	(void)state;
	make(&s, 1);
	for (size_t i = 0; i < 8 * s.len; i++) {
		int err;

		s.file[i / 8] ^= (uint8_t)(1 << i % 8);
		err = sealed_open(&s, &raw_key, 4096);
		if (err >= GYL_SEAL_OK)
			fail_msg("bit %zu", i);
		assert_memory_equal(s.got, s.text, s.got_len);
		if (i / 8 < GYL_SEAL_HEADER_LEN)
			assert_int_equal(s.got_len, 0);
		else
			assert_int_equal(s.off,
				frame_at((i / 8 - GYL_SEAL_HEADER_LEN) / FRAME_LEN < FRAME_CNT
						 ? (i / 8 - GYL_SEAL_HEADER_LEN) / FRAME_LEN
						 : FRAME_CNT));
		s.file[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	assert_int_equal(sealed_open(&s, &raw_key, 4096), GYL_SEAL_OK);
	sealed_free(&s);
}

static void truncations(void **state)
{
	struct sealed s;
	size_t whole;

	(void)state;
	make(&s, 2);
	whole = s.len;
	for (s.len = 0; s.len < whole; s.len++) {
		size_t frame =
			s.len < GYL_SEAL_HEADER_LEN ? 0 : (s.len - GYL_SEAL_HEADER_LEN) / FRAME_LEN;

		refused(&s, GYL_SEAL_E_TRUNCATED,
			s.len < GYL_SEAL_HEADER_LEN ? 0 : frame_at(frame));
	}
	sealed_free(&s);
}

/* Something behind the end: an octet, a frame, the last frame again, the whole file again. */
static void trailing(void **state)
{
	static const struct {
		size_t from, len;
	} more[] = {
		{0, 1},
		{GYL_SEAL_HEADER_LEN, FRAME_LEN},
		{GYL_SEAL_HEADER_LEN + FRAME_CNT * FRAME_LEN, GYL_SEAL_LAST_LEN},
		{0, GYL_SEAL_HEADER_LEN + FRAME_CNT * FRAME_LEN + GYL_SEAL_LAST_LEN},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(more); i++) {
		struct sealed s;
		size_t whole;

		make(&s, 10);
		whole = s.len;
		s.file = realloc(s.file, 2 * whole);
		assert_non_null(s.file);
		memcpy(s.file + whole, s.file + more[i].from, more[i].len);
		s.len += more[i].len;
		assert_int_equal(sealed_open(&s, &raw_key, 4096), GYL_SEAL_E_TRAILING);
		assert_int_equal(s.off, whole);
		sealed_free(&s);
	}
}

/* Two frames change places. */
static void swapped(void **state)
{
	(void)state;
	for (size_t i = 0; i < FRAME_CNT; i++)
		for (size_t k = i + 1; k < FRAME_CNT; k++) {
			uint8_t frame[FRAME_LEN];
			struct sealed s;

			make(&s, 3);
			memcpy(frame, s.file + frame_at(i), FRAME_LEN);
			memcpy(s.file + frame_at(i), s.file + frame_at(k), FRAME_LEN);
			memcpy(s.file + frame_at(k), frame, FRAME_LEN);
			refused(&s, GYL_SEAL_E_ALTERED, frame_at(i));
			sealed_free(&s);
		}
}

static void repeated_and_lost(void **state)
{
	(void)state;
	for (size_t i = 0; i < FRAME_CNT; i++) {
		struct sealed s;

		make(&s, 4);
		s.file = realloc(s.file, s.len + FRAME_LEN);
		assert_non_null(s.file);
		memmove(s.file + frame_at(i + 1), s.file + frame_at(i), s.len - frame_at(i));
		s.len += FRAME_LEN;
		refused(&s, GYL_SEAL_E_ALTERED, frame_at(i + 1));
		/* twice out: once for the copy, once for the loss */
		for (int n = 0; n < 2; n++) {
			memmove(s.file + frame_at(i), s.file + frame_at(i + 1),
				s.len - frame_at(i + 1));
			s.len -= FRAME_LEN;
		}
		refused(&s, GYL_SEAL_E_ALTERED, frame_at(i));
		sealed_free(&s);
	}
}

/* A frame, or all of them, of another file under the same key. */
static void spliced(void **state)
{
	struct sealed a, b;

	(void)state;
	make(&b, 6);
	for (size_t i = 0; i <= FRAME_CNT; i++) {
		size_t len = i < FRAME_CNT ? FRAME_LEN : GYL_SEAL_LAST_LEN;

		make(&a, 5);
		memcpy(a.file + frame_at(i), b.file + frame_at(i), len);
		refused(&a, GYL_SEAL_E_ALTERED, frame_at(i));
		sealed_free(&a);
	}
	make(&a, 5);
	memcpy(a.file + frame_at(0), b.file + frame_at(0), b.len - frame_at(0));
	refused(&a, GYL_SEAL_E_ALTERED, frame_at(0));
	sealed_free(&a);
	sealed_free(&b);
}

static void other_key(void **state)
{
	struct gyl_seal_key key = raw_key;
	struct sealed s;

	(void)state;
	make(&s, 7);
	for (size_t bit = 0; bit < 8 * sizeof key.secret; bit++) {
		key.secret[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(sealed_open(&s, &key, 4096), GYL_SEAL_E_KEY);
		key.secret[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	sealed_free(&s);
}

/* A length that no frame has is refused before anything is collected for it. */
static void lengths(void **state)
{
	static const uint32_t bad[] = {0, 1, 17, GYL_SEAL_TEXT_MAX + 18, 0x80000000u, UINT32_MAX};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(bad); i++) {
		struct sealed s;

		make(&s, 8);
		for (size_t k = 0; k < 4; k++)
			s.file[frame_at(2) + k] = (uint8_t)(bad[i] >> (24 - 8 * k));
		s.len = frame_at(2) + 4;
		refused(&s, GYL_SEAL_E_FRAME, frame_at(2));
		sealed_free(&s);
	}
}

/* --- by somebody who has the key --- */

/* A file of one frame of 10 octets and then one with this tag and text. */
static int forged(uint8_t tag, const void *text, size_t len)
{
	static struct gyl_seal_reader r;
	static uint8_t out[GYL_SEAL_TEXT_MAX];
	uint8_t random[GYL_SEAL_RANDOM_LEN] = {9}, header[GYL_SEAL_HEADER_LEN], file[200] = {0};
	unsigned long long sealed_len;
	struct gyl_seal_writer w;
	size_t used, at;
	int err;

	gyl_seal_write_begin(&w, &raw_key, 0, random, header);
	gyl_seal_write_put(&w, "ten octets", 10, file, sizeof file, &at);
	crypto_secretstream_xchacha20poly1305_push(
		&w.stream, file + at + 4, &sealed_len, text, len, NULL, 0, tag);
	file[at + 3] = (uint8_t)sealed_len;
	gyl_seal_write_end(&w, NULL);
	assert_int_equal(gyl_seal_read_begin(&r, header, &raw_key, 0), GYL_SEAL_OK);
	assert_int_equal(gyl_seal_read_next(&r, file, at, &used, out, &len), GYL_SEAL_TEXT);
	memset(out, 0, sizeof out);
	err = gyl_seal_read_next(&r, file + at, 4 + sealed_len, &used, out, &len);
	for (size_t i = 0; err < 0 && i < sizeof out; i++)
		assert_int_equal(out[i], 0);
	assert_int_equal(gyl_seal_read_end(&r), err == GYL_SEAL_END ? GYL_SEAL_OK : err);
	return err;
}

static void by_the_owner(void **state)
{
	static const struct {
		const char *name;
		uint8_t tag;
		size_t len;
		const char *text;
		int err;
	} cases[] = {
		{"as it should be", 3, 8, "\0\0\0\0\0\0\0\12", GYL_SEAL_END},
		{"one octet less", 3, 8, "\0\0\0\0\0\0\0\11", GYL_SEAL_E_LEN},
		{"one octet more", 3, 8, "\0\0\0\0\0\0\0\13", GYL_SEAL_E_LEN},
		{"a greater number", 3, 8, "\1\0\0\0\0\0\0\12", GYL_SEAL_E_LEN},
		{"a length of seven octets", 3, 7, "\0\0\0\0\0\0\12", GYL_SEAL_E_FRAME},
		{"a length of nine octets", 3, 9, "\0\0\0\0\0\0\0\0\12", GYL_SEAL_E_FRAME},
		{"no text", 0, 0, "", GYL_SEAL_E_FRAME},
		{"an end without length", 3, 0, "", GYL_SEAL_E_FRAME},
		{"pushed", 1, 4, "text", GYL_SEAL_E_FRAME},
		{"with a new key", 2, 4, "text", GYL_SEAL_E_FRAME},
		{"an unknown kind", 4, 4, "text", GYL_SEAL_E_FRAME},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++)
		if (forged(cases[i].tag, cases[i].text, cases[i].len) != cases[i].err)
			fail_msg("%s", cases[i].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bits),
		cmocka_unit_test(truncations),
		cmocka_unit_test(trailing),
		cmocka_unit_test(swapped),
		cmocka_unit_test(repeated_and_lost),
		cmocka_unit_test(spliced),
		cmocka_unit_test(other_key),
		cmocka_unit_test(lengths),
		cmocka_unit_test(by_the_owner),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
