/* SPDX-License-Identifier: ISC */

/*
 * What a reader of sealed logs takes from files before anything is proven, and after: headers,
 * lengths of frames, manifest and head. No input is a frame that opens but the one that was sealed;
 * what decodes, encodes to the same octets. The first octet says which.
 */

#include <string.h>

#include "services/syslogd/seal.h"
#include "tests/fuzz/require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	CAP = 4096
};

static const struct gyl_seal_key key = {.secret = {42}, .kind = GYL_SEAL_RAW};

/* A header: what is taken is within the bounds that the caller set. */
static void header(struct gyl_view in)
{
	struct gyl_seal_header h;
	size_t off = 0;
	int err;

	if (in.len < GYL_SEAL_HEADER_LEN)
		return;
	err = gyl_seal_frames_decode(in.p, 1 << 20, 1 << 24, &h, &off);
	REQUIRE(err != GYL_SEAL_OK || h.kind == GYL_SEAL_RAW ||
		(gyl_scrypt_need(&h.cost, 1) <= 1 << 20 &&
			h.cost.n * h.cost.r * h.cost.p * 256 <= 1 << 24));
	REQUIRE(err == GYL_SEAL_OK || off < GYL_SEAL_HEADER_LEN);
}

static void manifest(struct gyl_view in)
{
	uint8_t buf[GYL_SYSLOGD_MANIFEST_LEN];
	struct gyl_syslogd_manifest m;

	if (!gyl_syslogd_manifest_decode(in, &m))
		return;
	gyl_syslogd_manifest_encode(&m, buf);
	REQUIRE(in.len == sizeof buf && memcmp(buf, in.p, sizeof buf) == 0);
}

static void head(struct gyl_view in)
{
	uint8_t buf[GYL_SYSLOGD_HEAD_LEN];
	struct gyl_syslogd_seal_head h;

	if (!gyl_syslogd_seal_head_decode(in, &h))
		return;
	gyl_syslogd_seal_head_encode(&h, buf);
	REQUIRE(in.len == sizeof buf && memcmp(buf, in.p, sizeof buf) == 0);
}

/* A sealed segment of two frames, in which the input changes octets. */
static void damage(struct gyl_view in)
{
	uint8_t file[GYL_SEAL_HEADER_LEN + 2 * (8 + GYL_SEAL_OVERHEAD) + GYL_SYSLOGD_SEAL_LAST_LEN];
	uint8_t random[GYL_SYSLOGD_SEAL_RANDOM_LEN] = {7}, good[sizeof file], text[8];
	size_t at = GYL_SEAL_HEADER_LEN, frame_len = sizeof text + GYL_SEAL_OVERHEAD;
	struct gyl_syslogd_manifest m = {.last_seq = 9}, got;
	struct gyl_syslogd_sealing s;
	struct gyl_syslogd_link link;
	struct gyl_seal_frames f;

	REQUIRE(gyl_syslogd_sealing_begin(&s, &key, 0, random, file) == GYL_SEAL_OK);
	gyl_syslogd_sealing_put(&s, (const uint8_t *)"frame  0", 8, file + at);
	gyl_syslogd_sealing_put(&s, (const uint8_t *)"frame  1", 8, file + at + frame_len);
	gyl_syslogd_sealing_end(&s, &m, file + at + 2 * frame_len, &link);
	memcpy(good, file, sizeof good);
	for (size_t i = 0; i + 2 < in.len; i += 3)
		file[(size_t)(in.p[i] << 8 | in.p[i + 1]) % sizeof file] ^= in.p[i + 2];
	if (gyl_seal_frames_open(&f, file, &key, 0) != GYL_SEAL_OK) {
		REQUIRE(memcmp(file, good, GYL_SEAL_HEADER_LEN) != 0);
		return;
	}
	for (size_t n = 0; n < 2; n++, at += frame_len)
		REQUIRE((gyl_seal_frames_get(&f, n, false, file + at, frame_len, text) ==
				GYL_SEAL_OK) == (memcmp(file + at, good + at, frame_len) == 0));
	REQUIRE((gyl_syslogd_unseal_last(&f, 2, gyl_view(file + at, sizeof file - at), &got,
			 &link) == GYL_SEAL_OK) ==
		(memcmp(file + at, good + at, sizeof file - at) == 0));
}

/* A small file that somebody made up. */
static void small(struct gyl_view in)
{
	uint8_t text[CAP];
	size_t len;

	if (in.len <= sizeof text)
		REQUIRE(gyl_syslogd_unseal_small(&key, 0, in, text, &len) != GYL_SEAL_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const what[])(struct gyl_view in) = {header, manifest, head, damage, small};

	if (size != 0)
		what[data[0] % 5](gyl_view(data + 1, size - 1));
	return 0;
}
