/* SPDX-License-Identifier: ISC */

/*
 * A sealed file with changes: whatever is done to it, what comes out is the beginning of what was
 * sealed, and only the file as it was counts as whole. The input is a list of changes: a letter for
 * what to do, a place, a number.
 */

#include <string.h>

#include "crypto/seal/seal.h"
#include "tests/fuzz/mangle.h"
#include "tests/fuzz/require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	TEXT_LEN = 400,
	CAP = 8192
};

static const struct gyl_seal_key key = {.secret = {42}, .kind = GYL_SEAL_RAW};

struct file {
	uint8_t octets[CAP];
	size_t len;
};

static void make(struct file *f, uint8_t *text)
{
	static const size_t frames[] = {1, 99, 200, 100};
	uint8_t random[GYL_SEAL_RANDOM_LEN] = {0};
	struct gyl_seal_writer w;
	size_t off = 0, len;

	for (size_t i = 0; i < TEXT_LEN; i++)
		text[i] = (uint8_t)(i ^ i >> 3);
	REQUIRE(gyl_seal_write_begin(&w, &key, 0, random, f->octets) == GYL_SEAL_OK);
	f->len = GYL_SEAL_HEADER_LEN;
	for (size_t i = 0; i < sizeof frames / sizeof frames[0]; off += frames[i++]) {
		REQUIRE(gyl_seal_write_put(&w, text + off, frames[i], f->octets + f->len,
				CAP - f->len, &len) == GYL_SEAL_OK);
		f->len += len;
	}
	REQUIRE(gyl_seal_write_end(&w, f->octets + f->len) == GYL_SEAL_OK);
	f->len += GYL_SEAL_LAST_LEN;
}

static void change(struct file *f, uint8_t what, size_t at, uint8_t value)
{
	size_t len;

	if (mangle(f->octets, &f->len, CAP, what, &at, value, &len))
		return;
	/* octets change places with those that follow them */
	for (size_t i = 0; i < len && 2 * len <= f->len - at; i++) {
		uint8_t octet = f->octets[at + i];

		f->octets[at + i] = f->octets[at + len + i];
		f->octets[at + len + i] = octet;
	}
}

/* The verdict on all of it, read in pieces of chunk octets. */
static int read_all(const struct file *f, const uint8_t *text, size_t chunk)
{
	static struct gyl_seal_reader r;
	static uint8_t out[GYL_SEAL_TEXT_MAX];
	size_t at = GYL_SEAL_HEADER_LEN, got = 0, used, len;
	struct gyl_seal_header h;
	int err = GYL_SEAL_MORE;

	/* No memory for scrypt: a file that asks for a passphrase is refused. */
	if (f->len < GYL_SEAL_HEADER_LEN ||
		gyl_seal_header_decode(f->octets, 0, 0, &h, NULL) != GYL_SEAL_OK ||
		gyl_seal_read_begin(&r, f->octets, &key, 0) != GYL_SEAL_OK)
		return GYL_SEAL_E_HEADER;
	while (at < f->len && err >= 0) {
		size_t n = f->len - at < chunk ? f->len - at : chunk;

		err = gyl_seal_read_next(&r, f->octets + at, n, &used, out, &len);
		REQUIRE(used <= n && (used == n || err != GYL_SEAL_MORE));
		REQUIRE(used != 0 || err < 0);
		REQUIRE((len != 0) == (err == GYL_SEAL_TEXT));
		REQUIRE(len <= TEXT_LEN - got && memcmp(out, text + got, len) == 0);
		at += used;
		got += len;
	}
	REQUIRE(r.off <= f->len);
	err = gyl_seal_read_end(&r);
	REQUIRE(err < 0 || got == TEXT_LEN);
	return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct file good, f;
	static uint8_t text[TEXT_LEN];
	bool same;
	int err;

	if (good.len == 0)
		make(&good, text);
	f = good;
	for (size_t i = 1; i + 4 <= size && i < 400; i += 4)
		change(&f, data[i], (size_t)data[i + 1] << 8 | data[i + 2], data[i + 3]);
	same = f.len == good.len && memcmp(f.octets, good.octets, f.len) == 0;
	err = read_all(&f, text, CAP);
	REQUIRE((err == GYL_SEAL_OK) == same);
	REQUIRE(read_all(&f, text, size == 0 ? 1 : 1 + data[0] % 64u) == err);
	return 0;
}
