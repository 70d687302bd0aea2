/* SPDX-License-Identifier: ISC */

/*
 * The text of a stored password. Each value has one way to be written, so that a string that was
 * read and printed is the same string, and two stored strings are equal when their texts are.
 */

#include <gyl/password.h>
#include <string.h>

#include "crypto/src/password_own.h"

#define NAME(text)                    \
	{                             \
		text, sizeof text - 1 \
	}

static const struct {
	char text[16];
	uint8_t len;
} kind_name[] = {[GYL_PASSWORD_SCRYPT] = NAME("scrypt"),
	[GYL_PASSWORD_PBKDF2_SHA256] = NAME("pbkdf2-sha256")};

enum {
	KIND_CNT = sizeof kind_name / sizeof kind_name[0],
	LN_MAX = 63 /* N is a number of 64 bits */
};

int gyl__password_check(const struct gyl_password *pw)
{
	if (pw->kind >= KIND_CNT)
		return GYL_CRYPTO_E_HASH;
	if (pw->salt_len < GYL_PASSWORD_SALT_MIN || pw->salt_len > GYL_PASSWORD_SALT_MAX ||
		pw->hash_len < GYL_PASSWORD_HASH_MIN || pw->hash_len > GYL_PASSWORD_HASH_MAX)
		return GYL_CRYPTO_E_FORMAT;
	if (pw->kind == GYL_PASSWORD_SCRYPT)
		return gyl_scrypt_check(&pw->cost, pw->hash_len);
	if (pw->iter_cnt == 0)
		return GYL_CRYPTO_E_ITER_ZERO;
	return pw->iter_cnt < GYL_PASSWORD_ITER_MIN ? GYL_CRYPTO_E_FORMAT : GYL_CRYPTO_OK;
}

/* --- base64 (RFC 4648 4) without padding; '.' for '+' in the strings of PBKDF2 --- */

/* The 62nd of the alphabet. */
static char plus_of(uint8_t kind)
{
	return kind == GYL_PASSWORD_SCRYPT ? '+' : '.';
}

static int value_of(char c, char plus)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == plus)
		return 62;
	return c == '/' ? 63 : -1;
}

static char letter_of(unsigned value, char plus)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

	if (value < 62)
		return alphabet[value];
	return value == 62 ? plus : '/';
}

/* --- reading: the first mistake stays, and after it nothing is read --- */

struct reader {
	const char *text;
	size_t len, off;
	int err;
	size_t err_off;
};

static void fail(struct reader *r, int err, size_t off)
{
	if (r->err != GYL_CRYPTO_OK)
		return;
	r->err = err;
	r->err_off = off;
	r->len = r->off; /* the end, for all that comes */
}

static bool more(const struct reader *r)
{
	return r->off < r->len;
}

static void read_literal(struct reader *r, const char *literal)
{
	for (; *literal != '\0'; literal++, r->off++) {
		if (!more(r) || r->text[r->off] != *literal) {
			fail(r, GYL_CRYPTO_E_FORMAT, r->off);
			return;
		}
	}
}

static bool at_digit(const struct reader *r)
{
	return more(r) && r->text[r->off] >= '0' && r->text[r->off] <= '9';
}

/* A decimal number up to max, no zero before other digits. *ret_off: where it begins. */
static uint64_t read_number(struct reader *r, uint64_t max, size_t *ret_off)
{
	size_t begin = r->off;
	uint64_t n = 0;

	*ret_off = begin;
	if (!at_digit(r))
		fail(r, GYL_CRYPTO_E_FORMAT, begin);
	for (; at_digit(r); r->off++) {
		unsigned digit = (unsigned)(r->text[r->off] - '0');

		if (r->off == begin + 1 && n == 0)
			fail(r, GYL_CRYPTO_E_FORMAT, begin);
		else if (n > (max - digit) / 10)
			fail(r, GYL_CRYPTO_E_FORMAT, r->off);
		else
			n = 10 * n + digit;
	}
	return n;
}

/* Octets in base64 up to the end ('\0') or a '$'. Returns how many. */
static uint8_t read_octets(
	struct reader *r, char plus, char end, uint8_t *out, size_t len_min, size_t len_max)
{
	unsigned bits = 0, bit_cnt = 0;
	uint8_t len = 0;
	int value;

	for (; more(r) && (value = value_of(r->text[r->off], plus)) >= 0; r->off++) {
		bits = (bits << 6 | (unsigned)value) & 0xfff;
		bit_cnt += 6;
		if (bit_cnt < 8)
			continue;
		bit_cnt -= 8;
		if (len == len_max) {
			fail(r, GYL_CRYPTO_E_FORMAT, r->off);
			return 0;
		}
		out[len++] = (uint8_t)(bits >> bit_cnt);
	}
	/* Another octet than expected, or too few: it should have been one more letter. */
	if ((more(r) && r->text[r->off] != end) || len < len_min || bit_cnt == 6)
		fail(r, GYL_CRYPTO_E_FORMAT, r->off);
	/* RFC 4648 3.5: bits that no octet takes are zero, or there are several ways to write it.
	 */
	else if ((bits & ((1u << bit_cnt) - 1)) != 0)
		fail(r, GYL_CRYPTO_E_FORMAT, r->off - 1);
	return len;
}

static uint8_t read_kind(struct reader *r)
{
	size_t begin;

	read_literal(r, "$");
	begin = r->off;
	while (more(r) && r->text[r->off] != '$')
		r->off++;
	for (unsigned i = 0; i < KIND_CNT; i++) {
		size_t len = kind_name[i].len;

		if (r->off - begin == len && memcmp(r->text + begin, kind_name[i].text, len) == 0) {
			read_literal(r, "$");
			return (uint8_t)i;
		}
	}
	fail(r, more(r) ? GYL_CRYPTO_E_HASH : GYL_CRYPTO_E_FORMAT, more(r) ? begin : r->off);
	return 0;
}

/* Where the numbers are that may break a rule. */
struct offsets {
	size_t n, r, p, iter;
};

static void read_cost(struct reader *r, struct gyl_password *pw, struct offsets *at)
{
	if (pw->kind != GYL_PASSWORD_SCRYPT) {
		pw->iter_cnt = read_number(r, UINT64_MAX, &at->iter);
		return;
	}
	read_literal(r, "ln=");
	pw->cost.n = (uint64_t)1 << read_number(r, LN_MAX, &at->n);
	read_literal(r, ",r=");
	pw->cost.r = (uint32_t)read_number(r, UINT32_MAX, &at->r);
	read_literal(r, ",p=");
	pw->cost.p = (uint32_t)read_number(r, UINT32_MAX, &at->p);
}

static size_t rule_off(const struct offsets *at, const struct gyl_password *pw, int err)
{
	if (pw->kind != GYL_PASSWORD_SCRYPT)
		return at->iter;
	if (err == GYL_CRYPTO_E_R_ZERO)
		return at->r;
	return err == GYL_CRYPTO_E_P_ZERO || err == GYL_CRYPTO_E_RP_BIG ? at->p : at->n;
}

int gyl_password_parse(const char *text, size_t len, struct gyl_password *ret_pw, size_t *ret_off)
{
	struct reader r = {.text = text, .len = len};
	struct gyl_password pw;
	struct offsets at = {0, 0, 0, 0};
	int err;

	memset(&pw, 0, sizeof pw);
	pw.kind = read_kind(&r);
	read_cost(&r, &pw, &at);
	read_literal(&r, "$");
	pw.salt_len = read_octets(
		&r, plus_of(pw.kind), '$', pw.salt, GYL_PASSWORD_SALT_MIN, GYL_PASSWORD_SALT_MAX);
	read_literal(&r, "$");
	pw.hash_len = read_octets(
		&r, plus_of(pw.kind), '\0', pw.hash, GYL_PASSWORD_HASH_MIN, GYL_PASSWORD_HASH_MAX);
	if (more(&r))
		fail(&r, GYL_CRYPTO_E_FORMAT, r.off);
	err = r.err == GYL_CRYPTO_OK ? gyl__password_check(&pw) : GYL_CRYPTO_OK;
	if (err != GYL_CRYPTO_OK)
		fail(&r, err, rule_off(&at, &pw, err));
	if (r.err == GYL_CRYPTO_OK)
		*ret_pw = pw;
	else if (ret_off != NULL)
		*ret_off = r.err_off;
	return r.err;
}

/* --- writing: into a buffer that holds the longest --- */

struct writer {
	char text[GYL_PASSWORD_TEXT_MAX];
	size_t len;
};

static void put(struct writer *w, const char *text)
{
	while (*text != '\0')
		w->text[w->len++] = *text++;
}

static void put_number(struct writer *w, uint64_t n)
{
	char digits[21];
	size_t at = sizeof digits - 1;

	digits[at] = '\0';
	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n != 0);
	put(w, digits + at);
}

static void put_octets(struct writer *w, char plus, const uint8_t *p, size_t len)
{
	unsigned bits = 0, bit_cnt = 0;

	for (size_t i = 0; i < len; i++) {
		bits = (bits << 8 | p[i]) & 0xffff;
		for (bit_cnt += 8; bit_cnt >= 6; bit_cnt -= 6)
			w->text[w->len++] = letter_of(bits >> (bit_cnt - 6) & 63, plus);
	}
	if (bit_cnt != 0)
		w->text[w->len++] = letter_of(bits << (6 - bit_cnt) & 63, plus);
}

static void put_cost(struct writer *w, const struct gyl_password *pw)
{
	unsigned ln = 0;

	if (pw->kind != GYL_PASSWORD_SCRYPT) {
		put_number(w, pw->iter_cnt);
		return;
	}
	while (pw->cost.n >> ln > 1)
		ln++;
	put(w, "ln=");
	put_number(w, ln);
	put(w, ",r=");
	put_number(w, pw->cost.r);
	put(w, ",p=");
	put_number(w, pw->cost.p);
}

int gyl_password_print(const struct gyl_password *pw, char *buf, size_t cap, size_t *ret_len)
{
	int err = gyl__password_check(pw);
	struct writer w = {.len = 0};

	if (err == GYL_CRYPTO_OK) {
		put(&w, "$");
		put(&w, kind_name[pw->kind].text);
		put(&w, "$");
		put_cost(&w, pw);
		put(&w, "$");
		put_octets(&w, plus_of(pw->kind), pw->salt, pw->salt_len);
		put(&w, "$");
		put_octets(&w, plus_of(pw->kind), pw->hash, pw->hash_len);
		err = w.len < cap ? GYL_CRYPTO_OK : GYL_CRYPTO_E_SPACE;
	}
	if (cap != 0)
		memset(buf, 0, cap);
	if (err != GYL_CRYPTO_OK)
		return err;
	memcpy(buf, w.text, w.len);
	if (ret_len != NULL)
		*ret_len = w.len;
	return GYL_CRYPTO_OK;
}
