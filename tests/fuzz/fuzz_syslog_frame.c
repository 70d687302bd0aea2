/* SPDX-License-Identifier: ISC */

/* A stream gives the same frames in one piece and octet by octet, and never asks for more than the
 * maximum. */

#include <gyl/syslog_frame.h>

#include "tests/fuzz/require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	MAX = 480
};

static uint64_t mix(uint64_t hash, const struct gyl_syslog_frame *f)
{
	hash = (hash ^ f->msg.len) * 0x100000001b3u;
	hash = (hash ^ (uint64_t)f->framing ^ (uint64_t)f->flags << 8) * 0x100000001b3u;
	for (size_t i = 0; i < f->msg.len; i++)
		hash = (hash ^ f->msg.p[i]) * 0x100000001b3u;
	return hash;
}

static uint64_t run(struct gyl_view in, size_t step)
{
	struct gyl_syslog_splitter s;
	struct gyl_syslog_frame f;
	size_t at = 0, end = 0, used;
	uint64_t hash = 0xcbf29ce484222325u;

	gyl_syslog_splitter_init(&s, MAX);
	do {
		end = in.len - end < step ? in.len : end + step;
		while (gyl_syslog_split(&s, gyl_view_sub(in, at, end - at), &f, &used)) {
			REQUIRE(used <= end - at && f.msg.len != 0 && f.msg.len <= MAX);
			hash = mix(hash, &f);
			at += used;
		}
		REQUIRE(used <= end - at);
		at += used;
		REQUIRE(end - at <= MAX + 16);
	} while (end < in.len);
	if (gyl_syslog_split_end(&s, gyl_view_sub(in, at, in.len), &f))
		hash = mix(hash, &f);
	return hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gyl_view in = gyl_view(data, size);
	uint64_t whole = run(in, SIZE_MAX);

	REQUIRE(run(in, 1) == whole);
	REQUIRE(run(in, 7) == whole);
	return 0;
}
