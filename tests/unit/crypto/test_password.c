/* SPDX-License-Identifier: ISC */

/*
 * Stored passwords. The good strings are those of passlib 1.7.4 and of Python's hashlib; the bad
 * ones each have one octet that is wrong, whose offset is told.
 */

#include "tests/support/support.h"
#include "tests/support/wipe.h"

#include <gyl/cpu.h>
#include <gyl/password.h>
#include <stdio.h>
#include <stdlib.h>

#define SALT22 "AAECAwQFBgcICQoLDA0ODw"
#define HASH22 "TQunj4CRLbMRK7Ef4MP5kA"
#define SCRYPT "$scrypt$ln=5,r=1,p=3$"
#define PBKDF2 "$pbkdf2-sha256$29000$"

static const struct {
	const char *password, *text;
} good[] = {
	/* passlib */
	{"guyline",
		"$scrypt$ln=10,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$eTCWU2lLwJ/9Z3/gGSAs3uPEQ2i49cwEPMntj1/rAmw"},
	{"guyline",
		"$pbkdf2-sha256$29000$/////////////////////w$xBiMGJYGhE6rGNM6Q7s.ZeNPEhIW8FBOqy1CFWqNKic"},
	/* hashlib: + and / in the salt, no password, lengths that leave 0, 2 and 4 bits over */
	{"password",
		"$scrypt$ln=4,r=8,p=1$++++//vvvv/7777/++++/w$eX4t6JWCga8i3mBwDaofUlJ+LOCASeZVgc6qRIIowjE"},
	{"", SCRYPT SALT22 "$" HASH22},
	{"p\303\244ssw\303\266rd",
		"$scrypt$ln=6,r=3,p=2$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIj"
		"JCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw$+VaTqbiKgWmWaogF+l1KQMIVNBmbNy1cnY05"
		"jGcy5+Tjny4I4e8YQ+jr8jxGtrsrG7RFaNEkVlDqNS3x/mt0xw"},
	{"NaCl1", "$scrypt$ln=10,r=8,p=1$U29kaXVtQ2g$jNrBgPe/twCV5WN5rIdGwdl+c+Rd5krzrNzrrSEdo6JA"},
	{"password",
		"$pbkdf2-sha256$1000$....//vvvv/7777/..../w$tMUp6rzjvPd3nR7RGeSqWblsJimXrP0LQ5e6nFM6t9Y"},
	{"", "$pbkdf2-sha256$1001$" SALT22 "$B/xYOvV/29ffc0RKN6EEeQ"},
	{"correct horse",
		"$pbkdf2-sha256$4096$ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1.f4CBgoOEhYaHiImKi4yN"
		"jo.QkZKTlJWWl5iZmpucnZ6foKGiow$mNmOCByRy3wqfMh8CriUnCofBY5E/i55vXT0SHZ9Bgb2rR4Az"
		"raKqHCzPXREYxHr0UAA5pm5dKdrQu6q6..tQA"},
	{"x", "$pbkdf2-sha256$29000$c2FsdHNhbHQ$UujWma2X0YP48g8zvjmmqCoKkzZiwrvLGQSahPKYZokT"},
};

static const struct {
	const char *text;
	int err;
	size_t off;
} bad[] = {
	/* kind */
	{"", GYL_CRYPTO_E_FORMAT, 0},
	{"scrypt", GYL_CRYPTO_E_FORMAT, 0},
	{" $scrypt$", GYL_CRYPTO_E_FORMAT, 0},
	{"$", GYL_CRYPTO_E_FORMAT, 1},
	{"$scr", GYL_CRYPTO_E_FORMAT, 4},
	{"$scrypt", GYL_CRYPTO_E_FORMAT, 7},
	{"$$", GYL_CRYPTO_E_HASH, 1},
	{"$Scrypt$ln=5,r=1,p=3$", GYL_CRYPTO_E_HASH, 1},
	{"$scryp$ln=5,r=1,p=3$", GYL_CRYPTO_E_HASH, 1},
	{"$scrypt2$ln=5,r=1,p=3$", GYL_CRYPTO_E_HASH, 1},
	{"$pbkdf2-sha512$29000$", GYL_CRYPTO_E_HASH, 1},
	{"$6$salt$hash", GYL_CRYPTO_E_HASH, 1},
	/* numbers of scrypt */
	{"$scrypt$", GYL_CRYPTO_E_FORMAT, 8},
	{"$scrypt$n=5,r=1,p=3$", GYL_CRYPTO_E_FORMAT, 8},
	{"$scrypt$ln=,r=1,p=3$", GYL_CRYPTO_E_FORMAT, 11},
	{"$scrypt$ln=05,r=1,p=3$", GYL_CRYPTO_E_FORMAT, 11},
	{"$scrypt$ln=+5,r=1,p=3$", GYL_CRYPTO_E_FORMAT, 11},
	{"$scrypt$ln=64,r=1,p=3$", GYL_CRYPTO_E_FORMAT, 12},
	{"$scrypt$ln=99999999999999999999999,r=1,p=3$", GYL_CRYPTO_E_FORMAT, 12},
	{"$scrypt$ln=5", GYL_CRYPTO_E_FORMAT, 12},
	{"$scrypt$ln=5 ,r=1,p=3$", GYL_CRYPTO_E_FORMAT, 12},
	{"$scrypt$r=1,ln=5,p=3$", GYL_CRYPTO_E_FORMAT, 8},
	{"$scrypt$ln=5,r=4294967296,p=3$", GYL_CRYPTO_E_FORMAT, 24},
	{"$scrypt$ln=5,r=1,p=3,x=1$", GYL_CRYPTO_E_FORMAT, 20},
	/* rules of RFC 7914, at the number that breaks them */
	{"$scrypt$ln=0,r=8,p=1$" SALT22 "$" HASH22, GYL_CRYPTO_E_N_SMALL, 11},
	{"$scrypt$ln=16,r=1,p=1$" SALT22 "$" HASH22, GYL_CRYPTO_E_N_BIG, 11},
	{"$scrypt$ln=4,r=0,p=1$" SALT22 "$" HASH22, GYL_CRYPTO_E_R_ZERO, 15},
	{"$scrypt$ln=4,r=8,p=0$" SALT22 "$" HASH22, GYL_CRYPTO_E_P_ZERO, 19},
	{"$scrypt$ln=4,r=32768,p=32768$" SALT22 "$" HASH22, GYL_CRYPTO_E_RP_BIG, 23},
	/* iterations */
	{"$pbkdf2-sha256$$" SALT22 "$" HASH22, GYL_CRYPTO_E_FORMAT, 15},
	{"$pbkdf2-sha256$0$" SALT22 "$" HASH22, GYL_CRYPTO_E_ITER_ZERO, 15},
	{"$pbkdf2-sha256$00$" SALT22 "$" HASH22, GYL_CRYPTO_E_FORMAT, 15},
	{"$pbkdf2-sha256$999$" SALT22 "$" HASH22, GYL_CRYPTO_E_FORMAT, 15},
	{"$pbkdf2-sha256$18446744073709551616$" SALT22 "$" HASH22, GYL_CRYPTO_E_FORMAT, 34},
	{"$pbkdf2-sha256$1e6$" SALT22 "$" HASH22, GYL_CRYPTO_E_FORMAT, 16},
	/* salt */
	{SCRYPT "$" HASH22, GYL_CRYPTO_E_FORMAT, 21},
	{SCRYPT "AAECAwQFB$" HASH22, GYL_CRYPTO_E_FORMAT, 30},
	{SCRYPT "AAECAwQFBgcICQoLDA0ODw", GYL_CRYPTO_E_FORMAT, 43},
	{SCRYPT "AAECAwQFBgcICQoLDA0ODw==$" HASH22, GYL_CRYPTO_E_FORMAT, 43},
	{SCRYPT "AAECAwQFBgcICQoLDA0OD$" HASH22, GYL_CRYPTO_E_FORMAT, 42},
	{SCRYPT "AAECAwQFBgcICQoLDA0ODx$" HASH22, GYL_CRYPTO_E_FORMAT, 42},
	{SCRYPT "AAECAwQFBgcICQoLDA0ODw\n$" HASH22, GYL_CRYPTO_E_FORMAT, 43},
	{SCRYPT "AAEC.wQFBgcICQoLDA0ODw$" HASH22, GYL_CRYPTO_E_FORMAT, 25},
	{SCRYPT "AAEC-wQFBgcICQoLDA0ODw$" HASH22, GYL_CRYPTO_E_FORMAT, 25},
	{PBKDF2 "AAEC+wQFBgcICQoLDA0ODw$" HASH22, GYL_CRYPTO_E_FORMAT, 25},
	{PBKDF2 "AAECAwQFBgcICQoLDA0ODwAAECAwQFBgcICQoLDA0ODwAAECAwQFBgcICQoLDA0ODwAAECAwQFBgcICQoLDA0OD$" HASH22,
		GYL_CRYPTO_E_FORMAT, 107},
	/* hash */
	{SCRYPT SALT22 "$", GYL_CRYPTO_E_FORMAT, 44},
	{SCRYPT SALT22 "$TQunj4CRLbMRK7Ef4MP5", GYL_CRYPTO_E_FORMAT, 64},
	{SCRYPT SALT22 "$TQunj4CRLbMRK7Ef4MP5kB", GYL_CRYPTO_E_FORMAT, 65},
	{SCRYPT SALT22 "$TQunj4CRLbMRK7Ef4MP5kA=", GYL_CRYPTO_E_FORMAT, 66},
	{SCRYPT SALT22 "$TQunj4CRLbMRK7Ef4MP5kA$", GYL_CRYPTO_E_FORMAT, 66},
	{SCRYPT SALT22 "$TQunj4CRLbMRK7Ef4MP5kA\n", GYL_CRYPTO_E_FORMAT, 66},
	{SCRYPT SALT22 "$TQunj4CRLbMRK7Ef4MP5kAAAA", GYL_CRYPTO_E_FORMAT, 69},
};

static struct gyl_password parsed(const char *text)
{
	struct gyl_password pw;
	size_t off = 0;
	int err = gyl_password_parse(text, strlen(text), &pw, &off);

	if (err != GYL_CRYPTO_OK)
		fail_msg("%s: %s at %zu", text, gyl_crypto_err_text(err), off);
	return pw;
}

/* Octets of scratch memory for any row above; to be freed. */
static void *scratch_for(const struct gyl_password *pw, size_t *ret_len)
{
	*ret_len = gyl_password_need(pw);
	return *ret_len == 0 ? NULL : aligned_alloc(GYL_SCRYPT_ALIGN, (*ret_len + 63) / 64 * 64);
}

static int verify(const struct gyl_password *pw, uint32_t cpu, const char *password)
{
	size_t scratch_len;
	void *scratch = scratch_for(pw, &scratch_len);
	int err = gyl_password_verify(pw, cpu, password, strlen(password), scratch, scratch_len);

	free(scratch);
	return err;
}

static void good_ones(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(good); i++) {
		struct gyl_password pw = parsed(good[i].text);
		char text[GYL_PASSWORD_TEXT_MAX], other[100];
		size_t len = 0;

		assert_int_equal(gyl_password_print(&pw, text, sizeof text, &len), GYL_CRYPTO_OK);
		assert_string_equal(text, good[i].text);
		assert_int_equal(len, strlen(text));
		assert_int_equal(verify(&pw, 0, good[i].password), GYL_CRYPTO_OK);
		assert_int_equal(verify(&pw, gyl_cpu_detect(), good[i].password), GYL_CRYPTO_OK);
		snprintf(other, sizeof other, "%s ", good[i].password);
		assert_int_equal(verify(&pw, gyl_cpu_detect(), other), GYL_CRYPTO_E_MISMATCH);
		pw.hash[pw.hash_len - 1] ^= 1;
		assert_int_equal(verify(&pw, 0, good[i].password), GYL_CRYPTO_E_MISMATCH);
	}
}

static void bad_ones(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(bad); i++) {
		struct gyl_password pw, before;
		size_t off = 9999, len = strlen(bad[i].text);
		struct guard g;
		int err;

		memset(&pw, 0xa5, sizeof pw);
		before = pw;
		guard_open(&g, gyl_view(bad[i].text, len));
		err = gyl_password_parse((const char *)g.view.p, len, &pw, &off);
		if (err != bad[i].err || off != bad[i].off)
			fail_msg("%s: %s at %zu", bad[i].text, gyl_crypto_err_text(err), off);
		assert_int_equal(gyl_password_parse(bad[i].text, len, &pw, NULL), err);
		assert_memory_equal(&pw, &before, sizeof pw);
		guard_close(&g);
	}
}

/* A string that is cut anywhere ends too early: the offset is its end. */
static void prefixes(void **state)
{
	struct gyl_password pw;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(good); i++) {
		size_t whole = strlen(good[i].text);

		for (size_t len = 0; len < whole; len++) {
			struct guard g;
			size_t off = 9999;
			int err;

			guard_open(&g, gyl_view(good[i].text, len));
			err = gyl_password_parse((const char *)g.view.p, len, &pw, &off);
			/* unless the hash may be so short, or its cut leaves bits that are not zero
			 */
			assert_true(err == GYL_CRYPTO_OK || err == GYL_CRYPTO_E_FORMAT);
			assert_true(err == GYL_CRYPTO_OK || off == len || off == len - 1);
			assert_true(err != GYL_CRYPTO_OK || pw.hash_len >= GYL_PASSWORD_HASH_MIN);
			guard_close(&g);
		}
	}
}

/* One letter changed anywhere: another value that is printed just so, or a fault. Never the same
 * value in two ways. */
static void canonical(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(good); i++) {
		size_t len = strlen(good[i].text);
		char text[GYL_PASSWORD_TEXT_MAX], again[GYL_PASSWORD_TEXT_MAX];

		for (size_t at = 0; at < len * 255; at++) {
			struct gyl_password pw;
			size_t off = 9999;

			memcpy(text, good[i].text, len + 1);
			text[at / 255] = (char)(at % 255 + 1);
			if (gyl_password_parse(text, len, &pw, &off) != GYL_CRYPTO_OK) {
				assert_true(off <= len);
				continue;
			}
			assert_int_equal(
				gyl_password_print(&pw, again, sizeof again, NULL), GYL_CRYPTO_OK);
			assert_string_equal(again, text);
		}
	}
}

static void print_needs_room(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(good); i++) {
		struct gyl_password pw = parsed(good[i].text);
		size_t whole = strlen(good[i].text);

		for (size_t cap = 0; cap <= whole + 2; cap++) {
			char text[GYL_PASSWORD_TEXT_MAX];
			int err;

			memset(text, 'x', sizeof text);
			err = gyl_password_print(&pw, text, cap, NULL);
			assert_int_equal(err, cap > whole ? GYL_CRYPTO_OK : GYL_CRYPTO_E_SPACE);
			assert_true(cap == 0 || err == GYL_CRYPTO_OK || text[0] == '\0');
			assert_int_equal(text[cap], 'x');
		}
	}
}

/* Values that no string may have are not printed and not worked with. */
static void values_out_of_range(void **state)
{
	static const struct gyl_password ok = {.kind = GYL_PASSWORD_SCRYPT,
		.salt_len = 16,
		.hash_len = 32,
		.cost = {16, 8, 1},
		.iter_cnt = 1000};
	struct gyl_password pw[10];
	static const int errs[] = {GYL_CRYPTO_E_HASH, GYL_CRYPTO_E_FORMAT, GYL_CRYPTO_E_FORMAT,
		GYL_CRYPTO_E_FORMAT, GYL_CRYPTO_E_FORMAT, GYL_CRYPTO_E_N_POWER, GYL_CRYPTO_E_N_BIG,
		GYL_CRYPTO_E_ITER_ZERO, GYL_CRYPTO_E_FORMAT, GYL_CRYPTO_E_P_ZERO};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(pw); i++)
		pw[i] = ok;
	pw[0].kind = 2;
	pw[1].salt_len = 7;
	pw[2].salt_len = 65;
	pw[3].hash_len = 15;
	pw[4].hash_len = 65;
	pw[5].cost.n = 17;
	pw[6].cost = (struct gyl_scrypt_cost){65536, 1, 1};
	pw[7].kind = GYL_PASSWORD_PBKDF2_SHA256;
	pw[7].iter_cnt = 0;
	pw[8].kind = GYL_PASSWORD_PBKDF2_SHA256;
	pw[8].iter_cnt = 999;
	pw[9].cost.p = 0;
	for (size_t i = 0; i < TEST_CNT(pw); i++) {
		char text[GYL_PASSWORD_TEXT_MAX] = "not zero";
		struct gyl_password_work w;

		assert_int_equal(gyl_password_print(&pw[i], text, sizeof text, NULL), errs[i]);
		assert_string_equal(text, "");
		assert_int_equal(gyl_password_begin(&w, &pw[i], 0, "p", 1, NULL, 0, 0), errs[i]);
		assert_int_equal(gyl_password_step(&w, 1), GYL_CRYPTO_E_STATE);
		assert_int_equal(gyl_password_verify(&pw[i], 0, "p", 1, NULL, 0), errs[i]);
		gyl_password_end(&w);
	}
}

/* What strangers' strings may cost: 2^63 blocks, or a number of iterations that takes for ever. */
static void caps(void **state)
{
	static const struct {
		const char *params;
		size_t mem_max;
		uint64_t work_max;
		int err;
	} cases[] = {
		{"$scrypt$ln=17,r=8,p=1$", 136 << 20, (UINT64_C(1) << 28) + 40960, GYL_CRYPTO_OK},
		{"$scrypt$ln=17,r=8,p=1$", 128 << 20, UINT64_C(1) << 29, GYL_CRYPTO_E_COST},
		{"$scrypt$ln=17,r=8,p=1$", 136 << 20, (UINT64_C(1) << 28) + 40959,
			GYL_CRYPTO_E_COST},
		{"$scrypt$ln=17,r=8,p=2$", 136 << 20, UINT64_C(1) << 28, GYL_CRYPTO_E_COST},
		{"$scrypt$ln=1,r=8,p=260000$", SIZE_MAX, UINT64_C(1) << 33, GYL_CRYPTO_E_COST},
		{"$scrypt$ln=63,r=8,p=1$", SIZE_MAX, UINT64_MAX, GYL_CRYPTO_E_COST},
		{"$scrypt$ln=10,r=1,p=1073741823$", SIZE_MAX, UINT64_C(1) << 49, GYL_CRYPTO_OK},
		{"$scrypt$ln=10,r=1,p=1073741823$", SIZE_MAX, UINT64_C(1) << 48, GYL_CRYPTO_E_COST},
		{"$scrypt$ln=40,r=1024,p=1048575$", SIZE_MAX, UINT64_MAX - 1, GYL_CRYPTO_E_COST},
		{"$pbkdf2-sha256$600000$", 0, 600000 * 128, GYL_CRYPTO_OK},
		{"$pbkdf2-sha256$600001$", 0, 600000 * 128, GYL_CRYPTO_E_COST},
		{"$pbkdf2-sha256$18446744073709551615$", 0, UINT64_MAX - 1, GYL_CRYPTO_E_COST},
		{"$pbkdf2-sha256$144115188075855873$", 0, UINT64_MAX - 1, GYL_CRYPTO_E_COST},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		char text[GYL_PASSWORD_TEXT_MAX];
		struct gyl_password pw;

		snprintf(text, sizeof text, "%s" SALT22 "$" HASH22, cases[i].params);
		pw = parsed(text);
		if (SIZE_MAX == UINT32_MAX && gyl_password_need(&pw) == 0 && i >= 6)
			continue; /* nothing of 64 GiB has an address here */
		assert_int_equal(
			gyl_password_cap(&pw, cases[i].mem_max, cases[i].work_max), cases[i].err);
	}
}

/* A hash of two digests costs twice the iterations. */
static void cap_counts_digests(void **state)
{
	struct gyl_password pw = parsed(PBKDF2 SALT22 "$" HASH22);

	(void)state;
	pw.hash_len = 32;
	assert_int_equal(gyl_password_cap(&pw, 0, 29000 * 128), GYL_CRYPTO_OK);
	pw.hash_len = 33;
	assert_int_equal(gyl_password_cap(&pw, 0, 29000 * 128), GYL_CRYPTO_E_COST);
	assert_int_equal(gyl_password_cap(&pw, 0, 29000 * 256), GYL_CRYPTO_OK);
}

/* Made in slices, stored, printed, read, verified. Nothing is told before the last step. */
static void round_trip(const char *params, size_t octet_max, unsigned step_min)
{
	char text[GYL_PASSWORD_TEXT_MAX];
	struct gyl_password pw, stored;
	struct gyl_password_work w;
	size_t scratch_len;
	void *scratch;
	unsigned step_cnt = 0;

	snprintf(text, sizeof text, "%s" SALT22 "$" HASH22, params);
	pw = parsed(text);
	scratch = scratch_for(&pw, &scratch_len);
	assert_int_equal(
		gyl_password_begin(&w, &pw, gyl_cpu_detect(), "secret", 6, scratch, scratch_len, 0),
		GYL_CRYPTO_OK);
	do {
		assert_int_equal(gyl_password_verdict(&w), GYL_CRYPTO_E_STATE);
		memset(&stored, 0xa5, sizeof stored);
		assert_int_equal(gyl_password_store(&w, &stored), GYL_CRYPTO_E_STATE);
		assert_int_equal(stored.hash_len | stored.hash[0], 0);
		step_cnt++;
	} while (gyl_password_step(&w, octet_max) == GYL_CRYPTO_MORE);
	assert_true(step_cnt >= step_min);
	assert_int_equal(gyl_password_step(&w, 1), GYL_CRYPTO_OK);
	assert_int_equal(gyl_password_verdict(&w), GYL_CRYPTO_E_MISMATCH);
	assert_int_equal(gyl_password_store(&w, &stored), GYL_CRYPTO_OK);
	assert_int_equal(gyl_password_store(&w, &pw), GYL_CRYPTO_OK);
	gyl_password_end(&w);
	assert_memory_equal(&pw, &stored, sizeof pw);
	assert_int_equal(gyl_password_verdict(&w), GYL_CRYPTO_E_STATE);
	gyl_password_end(&w);
	free(scratch);
	assert_int_equal(gyl_password_print(&stored, text, sizeof text, NULL), GYL_CRYPTO_OK);
	pw = parsed(text);
	assert_int_equal(verify(&pw, 0, "secret"), GYL_CRYPTO_OK);
	assert_int_equal(verify(&pw, 0, "Secret"), GYL_CRYPTO_E_MISMATCH);
}

static void made(void **state)
{
	(void)state;
	round_trip("$scrypt$ln=8,r=8,p=1$", 16384, 32);
	round_trip("$scrypt$ln=4,r=3,p=5$", SIZE_MAX, 1);
	round_trip("$pbkdf2-sha256$2000$", 12800, 20);
	round_trip("$pbkdf2-sha256$1000$", 0, 1000);
}

/* Given up in the middle: no octet is left in the work or the scratch memory. */
static void given_up(void **state)
{
	static const char *const texts[] = {SCRYPT SALT22 "$" HASH22, PBKDF2 SALT22 "$" HASH22};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(texts); i++) {
		struct gyl_password pw = parsed(texts[i]);
		struct gyl_password_work w;
		const uint8_t *at = (const uint8_t *)&w;
		size_t scratch_len;
		uint8_t *scratch = scratch_for(&pw, &scratch_len);

		if (scratch != NULL)
			memset(scratch, 0, scratch_len);
		assert_int_equal(
			gyl_password_begin(&w, &pw, 0, "secret", 6, scratch, scratch_len, 0),
			GYL_CRYPTO_OK);
		for (int step = 0; step < 5; step++)
			assert_int_equal(gyl_password_step(&w, 2048), GYL_CRYPTO_MORE);
		gyl_password_end(&w);
		for (size_t j = 0; j < sizeof w; j++)
			assert_int_equal(at[j], 0);
		for (size_t j = 0; j < scratch_len; j++)
			assert_int_equal(scratch[j], 0);
		free(scratch);
	}
}

/* The scratch memory has to be there. */
static void scratch_is_checked(void **state)
{
	struct gyl_password pw = parsed(SCRYPT SALT22 "$" HASH22);
	size_t len;
	uint8_t *scratch = scratch_for(&pw, &len);

	(void)state;
	assert_int_equal(
		gyl_password_verify(&pw, 0, "", 0, scratch, len - 1), GYL_CRYPTO_E_SCRATCH_SMALL);
	assert_int_equal(gyl_password_verify(&pw, 0, "", 0, NULL, 0), GYL_CRYPTO_E_SCRATCH_SMALL);
	free(scratch);
}

/* What a verification leaves of the password on the stack. */

static char secret[32];

static void verify_secret(void *arg)
{
	static _Alignas(GYL_SCRYPT_ALIGN) uint8_t scratch[16384];
	const struct gyl_password *pw = arg;

	assert_true(gyl_password_need(pw) <= sizeof scratch);
	gyl_password_verify(pw, gyl_cpu_detect(), secret, sizeof secret, scratch, sizeof scratch);
}

static void stacks_are_clean(void **state)
{
	static const char *const texts[] = {SCRYPT SALT22 "$" HASH22, PBKDF2 SALT22 "$" HASH22};

	(void)state;
	if (!wipe_possible())
		skip();
	for (size_t i = 0; i < TEST_CNT(texts); i++) {
		struct gyl_password pw = parsed(texts[i]);
		struct wipe_left left =
			wipe_stack(verify_secret, &pw, (uint8_t *)secret, sizeof secret);

		assert_false(left.literal);
		assert_int_equal(left.differing_cnt, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_ones),
		cmocka_unit_test(bad_ones),
		cmocka_unit_test(prefixes),
		cmocka_unit_test(canonical),
		cmocka_unit_test(print_needs_room),
		cmocka_unit_test(values_out_of_range),
		cmocka_unit_test(caps),
		cmocka_unit_test(cap_counts_digests),
		cmocka_unit_test(made),
		cmocka_unit_test(given_up),
		cmocka_unit_test(scratch_is_checked),
		cmocka_unit_test(stacks_are_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
