/* SPDX-License-Identifier: ISC */
#include "tests/unit/seal/seal_world.h"

#include <gyl/ct.h>
#include <gyl/hkdf.h>
#include <stdlib.h>
#include <string.h>

/* --- what was written comes back --- */

static void round_trip(void **state)
{
	static const size_t lens[] = {
		0, 1, 15, 16, 17, 63, 64, 65, 1000, 65535, 65536, 65537, 131072, 200001};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(lens); i++)
		for (size_t piece = 1; piece < 3 * 65536; piece = piece * 7 + 3) {
			struct sealed s;

			if (piece * 2000 < lens[i]) /* thousands of tiny frames prove no more */
				continue;
			sealed_make(&s, &raw_key, 1, lens[i], piece);
			assert_int_equal(sealed_open(&s, &raw_key, 4096), GYL_SEAL_OK);
			assert_int_equal(s.got_len, lens[i]);
			assert_memory_equal(s.got, s.text, lens[i]);
			assert_int_equal(s.off, s.len);
			sealed_free(&s);
		}
}

/* The pieces that input comes in make no difference. */
static void any_chunks(void **state)
{
	struct sealed s;

	(void)state;
	sealed_make(&s, &raw_key, 2, 300, 70);
	for (size_t chunk = 1; chunk <= s.len; chunk++) {
		assert_int_equal(sealed_open(&s, &raw_key, chunk), GYL_SEAL_OK);
		assert_int_equal(s.got_len, 300);
		assert_memory_equal(s.got, s.text, 300);
	}
	sealed_free(&s);
}

static void passphrase(void **state)
{
	static const uint8_t salt[GYL_SEAL_KEY_SALT_LEN] = "sixteen octets.";
	static _Alignas(GYL_SCRYPT_ALIGN) uint8_t scratch[1 << 16];
	const struct gyl_scrypt_cost cost = {16, 8, 1};
	struct gyl_seal_key key, other;
	struct gyl_seal_header h;
	struct sealed s;

	(void)state;
	assert_int_equal(gyl_seal_key_passphrase(&key, 0, "correct horse", 13, salt, &cost, scratch,
				 sizeof scratch),
		GYL_CRYPTO_OK);
	sealed_make(&s, &key, 3, 1000, 100);
	assert_int_equal(
		gyl_seal_header_decode(s.file, 1 << 16, 256 * 16 * 8, &h, NULL), GYL_SEAL_OK);
	assert_int_equal(h.kind, GYL_SEAL_PASSPHRASE);
	assert_true(h.cost.n == 16 && h.cost.r == 8 && h.cost.p == 1);
	gyl_seal_key_passphrase(
		&other, 0, "correct horse", 13, h.key_salt, &h.cost, scratch, sizeof scratch);
	assert_int_equal(sealed_open(&s, &other, 4096), GYL_SEAL_OK);
	gyl_seal_key_passphrase(
		&other, 0, "correct house", 13, h.key_salt, &h.cost, scratch, sizeof scratch);
	assert_int_equal(sealed_open(&s, &other, 4096), GYL_SEAL_E_KEY);
	assert_int_equal(s.got_len, 0);
	sealed_free(&s);
}

/* A derivation that fails leaves no half of a key. */
static void passphrase_fails(void **state)
{
	static const uint8_t salt[GYL_SEAL_KEY_SALT_LEN] = {1}, zero[sizeof(struct gyl_seal_key)];
	const struct gyl_scrypt_cost cost = {1024, 8, 1};
	struct gyl_seal_key key;

	(void)state;
	memset(&key, 0xa5, sizeof key);
	assert_int_equal(gyl_seal_key_passphrase(&key, 0, "x", 1, salt, &cost, NULL, 0),
		GYL_CRYPTO_E_SCRATCH_SMALL);
	assert_memory_equal(&key, zero, sizeof key);
}

/* --- the format --- */

/* One file, for ever: version 1 is what this is. */
static void golden(void **state)
{
	static const char hex[] = "47594c5345414c01020000000000000000000000000000006576656e7473206f"
				  "6620323032360000040404040404040404040404040404040404040404040404"
				  "0404040404040404040404040404040404040404040404040404040404040404"
				  "01af3a17c0461e142fa0f1c5d92626696eeeefb114e11db0ef4158757b86d13a"
				  "000000162a63c915f4c0c189cac113b602d733141666c01733950000001997d0"
				  "ac22270ffc558b65271e67aeb91cf22268bb9ec9f42ed8";
	uint8_t want[512];
	size_t len = hex_bytes(hex, want, sizeof want);
	struct sealed s;

	(void)state;
	sealed_make(&s, &raw_key, 4, 5, 5);
	assert_int_equal(s.len, len);
	assert_memory_equal(s.file, want, len);
	sealed_free(&s);
}

/* HKDF (RFC 5869) once more, with libsodium's HMAC: T(1) and T(2). */
static void hkdf_by_hand(const uint8_t *salt, const uint8_t *info, size_t info_len, uint8_t *ret)
{
	uint8_t prk[32], n;
	crypto_auth_hmacsha256_state h;

	crypto_auth_hmacsha256_init(&h, salt, GYL_SEAL_FILE_SALT_LEN);
	crypto_auth_hmacsha256_update(&h, raw_key.secret, 32);
	crypto_auth_hmacsha256_final(&h, prk);
	for (n = 1; n <= 2; n++) {
		crypto_auth_hmacsha256_init(&h, prk, sizeof prk);
		if (n == 2)
			crypto_auth_hmacsha256_update(&h, ret, 32);
		crypto_auth_hmacsha256_update(&h, info, info_len);
		crypto_auth_hmacsha256_update(&h, &n, 1);
		crypto_auth_hmacsha256_final(&h, ret + 32 * (n - 1));
	}
}

/* A reader of three dozen lines, from what seal.md says, with nothing of ours. */
static void by_hand(void **state)
{
	crypto_secretstream_xchacha20poly1305_state st;
	uint8_t info[12 + 96], okm[64], text[64];
	unsigned long long len;
	unsigned char tag;
	struct sealed s;
	size_t off = 128;

	(void)state;
	sealed_make(&s, &raw_key, 5, 100, 60);
	memcpy(info, "guyline seal", 12);
	memcpy(info + 12, s.file, 96);
	hkdf_by_hand(s.file + 40, info, sizeof info, okm);
	assert_memory_equal(okm + 32, s.file + 96, 32);
	assert_int_equal(crypto_secretstream_xchacha20poly1305_init_pull(&st, s.file + 72, okm), 0);
	for (size_t i = 0; i < 3; i++) {
		static const size_t lens[] = {60, 40, 8};
		size_t n = (size_t)s.file[off + 2] << 8 | s.file[off + 3];

		assert_int_equal(n, lens[i] + 17);
		assert_int_equal(
			crypto_secretstream_xchacha20poly1305_pull(&st, text, &len, &tag,
				s.file + off + 4, n, i == 0 ? s.file : NULL, i == 0 ? 128 : 0),
			0);
		assert_int_equal(tag, i < 2 ? 0 : crypto_secretstream_xchacha20poly1305_TAG_FINAL);
		if (i < 2)
			assert_memory_equal(text, s.text + 60 * i, lens[i]);
		off += 4 + n;
	}
	assert_memory_equal(text, "\0\0\0\0\0\0\0\144", 8);
	assert_int_equal(off, s.len);
	sealed_free(&s);
}

/* What lets the caller give the stream's random octets: both ends begin alike. */
static void push_begins_as_pull(void **state)
{
	crypto_secretstream_xchacha20poly1305_state push, pull;
	uint8_t key[32] = {7}, header[24];

	(void)state;
	memset(&push, 0, sizeof push);
	memset(&pull, 0, sizeof pull);
	crypto_secretstream_xchacha20poly1305_init_push(&push, header, key);
	crypto_secretstream_xchacha20poly1305_init_pull(&pull, header, key);
	assert_memory_equal(&push, &pull, sizeof push);
}

/* --- headers of strangers --- */

static void headers(void **state)
{
	static const struct {
		const char *name;
		size_t at, len;
		const char *octets;
		int err;
		size_t off;
	} cases[] = {
		{"as it is", 0, 0, "", GYL_SEAL_OK, 0},
		{"another file", 0, 1, "P", GYL_SEAL_E_MAGIC, 0},
		{"end of the magic", 6, 1, "M", GYL_SEAL_E_MAGIC, 0},
		{"version 0", 7, 1, "\0", GYL_SEAL_E_VERSION, 7},
		{"version 2", 7, 1, "\2", GYL_SEAL_E_VERSION, 7},
		{"kind 0", 8, 1, "\0", GYL_SEAL_E_HEADER, 8},
		{"kind 3", 8, 1, "\3", GYL_SEAL_E_HEADER, 8},
		{"raw, but with a cost", 8, 1, "\2", GYL_SEAL_E_HEADER, 9},
		{"raw, but with r", 8, 2, "\2\0", GYL_SEAL_E_HEADER, 16},
		{"N = 1", 9, 1, "\0", GYL_SEAL_E_HEADER, 9},
		{"N = 2^63 at r = 8", 9, 1, "\77", GYL_SEAL_E_COST, 9},
		{"N = 2^64", 9, 1, "\100", GYL_SEAL_E_HEADER, 9},
		{"N = 2^255", 9, 1, "\377", GYL_SEAL_E_HEADER, 9},
		{"N twice the cap", 9, 1, "\13", GYL_SEAL_E_COST, 9},
		{"the first of the zeros", 10, 1, "\1", GYL_SEAL_E_HEADER, 10},
		{"the last of the zeros", 15, 1, "\200", GYL_SEAL_E_HEADER, 15},
		{"r = 0", 16, 4, "\0\0\0\0", GYL_SEAL_E_HEADER, 16},
		{"N = 2^(16 r)", 9, 11, "\20\0\0\0\0\0\0\0\0\0\1", GYL_SEAL_E_HEADER, 9},
		{"p = 0", 20, 4, "\0\0\0\0", GYL_SEAL_E_HEADER, 20},
		{"r p = 2^30", 20, 4, "\10\0\0\0", GYL_SEAL_E_HEADER, 20},
		{"r p just below", 20, 4, "\7\377\377\377", GYL_SEAL_E_COST, 9},
		{"p = 2: the work", 20, 4, "\0\0\0\2", GYL_SEAL_E_COST, 9},
		{"r = 2^29", 16, 4, "\40\0\0\0", GYL_SEAL_E_COST, 9},
	};
	const struct gyl_scrypt_cost cost = {1024, 8, 1};
	size_t mem = gyl_scrypt_need(&cost, 1);
	struct gyl_seal_key key = {.kind = GYL_SEAL_PASSPHRASE, .cost = cost};
	uint8_t random[GYL_SEAL_RANDOM_LEN] = {0}, good[GYL_SEAL_HEADER_LEN];
	struct gyl_seal_writer w;

	(void)state;
	assert_int_equal(gyl_seal_write_begin(&w, &key, 0, random, good), GYL_SEAL_OK);
	gyl_seal_write_end(&w, NULL);
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		uint8_t in[GYL_SEAL_HEADER_LEN];
		struct gyl_seal_header h;
		size_t off = 0;

		memcpy(in, good, sizeof in);
		memcpy(in + cases[i].at, cases[i].octets, cases[i].len);
		if (gyl_seal_header_decode(in, mem, 256 * 1024 * 8, &h, &off) != cases[i].err ||
			off != cases[i].off)
			fail_msg("%s: offset %zu", cases[i].name, off);
	}
}

/* Both halves of the cap count by themselves. */
static void caps(void **state)
{
	const struct gyl_scrypt_cost cost = {1024, 8, 3};
	size_t mem = gyl_scrypt_need(&cost, 1);
	struct gyl_seal_key key = {.kind = GYL_SEAL_PASSPHRASE, .cost = cost};
	uint8_t random[GYL_SEAL_RANDOM_LEN] = {0}, in[GYL_SEAL_HEADER_LEN];
	struct gyl_seal_writer w;
	struct gyl_seal_header h;
	uint64_t work = 256 * 1024 * 8 * 3;

	(void)state;
	gyl_seal_write_begin(&w, &key, 0, random, in);
	gyl_seal_write_end(&w, NULL);
	assert_int_equal(gyl_seal_header_decode(in, mem, work, &h, NULL), GYL_SEAL_OK);
	assert_int_equal(gyl_seal_header_decode(in, mem - 1, work, &h, NULL), GYL_SEAL_E_COST);
	assert_int_equal(gyl_seal_header_decode(in, mem, work - 1, &h, NULL), GYL_SEAL_E_COST);
	assert_int_equal(gyl_seal_header_decode(in, 0, 0, &h, NULL), GYL_SEAL_E_COST);
}

static void key_that_no_reader_takes(void **state)
{
	static const struct gyl_seal_key bad[] = {
		{.kind = 0}, {.kind = 3}, {.kind = GYL_SEAL_PASSPHRASE, .cost = {1000, 8, 1}}};
	uint8_t random[GYL_SEAL_RANDOM_LEN] = {0}, header[GYL_SEAL_HEADER_LEN];

	(void)state;
	for (size_t i = 0; i < TEST_CNT(bad); i++) {
		struct gyl_seal_writer w;

		assert_int_equal(
			gyl_seal_write_begin(&w, &bad[i], 0, random, header), GYL_SEAL_E_HEADER);
		assert_int_equal(gyl_seal_write_end(&w, NULL), GYL_SEAL_E_STATE);
	}
}

/* --- calls out of order --- */

static void order(void **state)
{
	static struct gyl_seal_reader r;
	struct gyl_seal_writer w = {0};
	uint8_t buf[200], random[GYL_SEAL_RANDOM_LEN] = {0}, header[GYL_SEAL_HEADER_LEN];
	uint8_t *text = malloc(GYL_SEAL_TEXT_MAX);
	size_t len = 77, used;

	(void)state;
	assert_non_null(text);
	assert_int_equal(gyl_seal_write_put(&w, "x", 1, buf, sizeof buf, &len), GYL_SEAL_E_STATE);
	assert_int_equal(gyl_seal_write_end(&w, buf), GYL_SEAL_E_STATE);
	gyl_seal_write_begin(&w, &raw_key, 0, random, header);
	assert_int_equal(gyl_seal_write_put(&w, "x", 1, buf, 21, &len), GYL_SEAL_E_SPACE);
	assert_int_equal(len, 77);
	assert_int_equal(gyl_seal_write_put(&w, "x", 1, buf, 22, &len), GYL_SEAL_OK);
	assert_int_equal(len, 22);
	assert_int_equal(gyl_seal_write_end(&w, buf + 22), GYL_SEAL_OK);
	assert_int_equal(gyl_seal_write_end(&w, buf), GYL_SEAL_E_STATE);
	for (size_t i = 0; i < sizeof w; i++)
		assert_int_equal(((const uint8_t *)&w)[i], 0);

	assert_int_equal(gyl_seal_read_next(&r, buf, 1, &used, text, &len), GYL_SEAL_E_STATE);
	assert_int_equal(gyl_seal_read_end(&r), GYL_SEAL_E_STATE);
	assert_int_equal(gyl_seal_read_begin(&r, header, &raw_key, 0), GYL_SEAL_OK);
	assert_int_equal(gyl_seal_read_next(&r, buf, 51, &used, text, &len), GYL_SEAL_TEXT);
	assert_int_equal(used, 22);
	assert_int_equal(gyl_seal_read_next(&r, buf + 22, 29, &used, text, &len), GYL_SEAL_END);
	assert_int_equal(gyl_seal_read_next(&r, buf, 0, &used, text, &len), GYL_SEAL_END);
	assert_int_equal(gyl_seal_read_end(&r), GYL_SEAL_OK);
	assert_int_equal(gyl_seal_read_end(&r), GYL_SEAL_OK);
	free(text);
}

static void texts(void **state)
{
	(void)state;
	assert_string_equal(gyl_seal_err_text(GYL_SEAL_OK), "done");
	assert_string_equal(gyl_seal_err_text(GYL_SEAL_END), "the end");
	assert_string_equal(gyl_seal_err_text(GYL_SEAL_E_STATE), "called out of order");
	assert_string_equal(gyl_seal_err_text(GYL_SEAL_E_STATE - 1), "unknown error");
	assert_string_equal(gyl_seal_err_text(GYL_SEAL_END + 1), "unknown error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(any_chunks),
		cmocka_unit_test(passphrase),
		cmocka_unit_test(passphrase_fails),
		cmocka_unit_test(golden),
		cmocka_unit_test(by_hand),
		cmocka_unit_test(push_begins_as_pull),
		cmocka_unit_test(headers),
		cmocka_unit_test(caps),
		cmocka_unit_test(key_that_no_reader_takes),
		cmocka_unit_test(order),
		cmocka_unit_test(texts),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
