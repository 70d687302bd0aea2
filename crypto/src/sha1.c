/* SPDX-License-Identifier: ISC */
#include <gyl/ct.h>
#include <gyl/sha1.h>

#include "crypto/src/hash_own.h"
#include "crypto/src/md.h"
#include "crypto/src/sha1_rounds.h"

/* FIPS 180-4 5.3.1. */
static const uint32_t initial[5] = {
	0x67452301u, 0xefcdab89u, 0x98badcfeu, 0x10325476u, 0xc3d2e1f0u};

static void blocks_portable(uint32_t h[5], const uint8_t *p, size_t block_cnt)
{
	uint32_t w[16];

	for (; block_cnt != 0; block_cnt--, p += GYL_SHA1_BLOCK_LEN) {
		for (unsigned i = 0; i < 16; i++)
			w[i] = gyl__load32_be(p + 4 * i);
		gyl__sha1_compress(h, w);
	}
	gyl_wipe(w, sizeof w);
}

void gyl__sha1_blocks(uint32_t cpu, uint32_t h[5], const uint8_t *p, size_t block_cnt)
{
#if defined(__x86_64__)
	if (gyl__cpu_sha_ni(cpu)) {
		gyl__sha1_blocks_ni(h, p, block_cnt);
		return;
	}
#endif
	(void)cpu;
	blocks_portable(h, p, block_cnt);
}

static void blocks(uint32_t cpu, void *h, const uint8_t *p, size_t block_cnt)
{
	gyl__sha1_blocks(cpu, h, p, block_cnt);
}

static inline struct gyl__md md(struct gyl_sha1 *s)
{
	return (struct gyl__md){blocks, s->h, &s->len, s->block, sizeof s->block, s->cpu};
}

static inline void start(struct gyl_sha1 *s, uint32_t cpu, const uint32_t h[5], uint64_t len)
{
	memcpy(s->h, h, sizeof s->h);
	s->len = len;
	s->cpu = cpu;
}

void gyl_sha1_init(struct gyl_sha1 *s, uint32_t cpu)
{
	start(s, cpu, initial, 0);
}

void gyl__sha1_resume(struct gyl_sha1 *s, uint32_t cpu, const uint32_t h[5])
{
	start(s, cpu, h, GYL_SHA1_BLOCK_LEN);
}

void gyl_sha1_update(struct gyl_sha1 *s, const void *p, size_t len)
{
	struct gyl__md m = md(s);

	gyl__md_update(&m, p, len);
}

static inline void digest(struct gyl_sha1 *s, uint8_t *ret_digest)
{
	struct gyl__md m = md(s);

	gyl__md_pad(&m);
	for (unsigned i = 0; i < 5; i++)
		gyl__store32_be(ret_digest + 4 * i, s->h[i]);
}

void gyl_sha1_final(struct gyl_sha1 *s, uint8_t *ret_digest)
{
	digest(s, ret_digest);
	gyl_wipe(s, sizeof *s);
}

void gyl__sha1_outer(struct gyl_sha1 *s, const uint32_t outer[5], uint8_t *ret_mac)
{
#if defined(__x86_64__)
	if (gyl__cpu_sha_ni(s->cpu)) {
		struct gyl__md m = md(s);

		gyl__md_pad(&m);
		gyl__sha1_outer_ni(s->h, outer, ret_mac);
		return;
	}
#endif
	digest(s, s->block);
	start(s, s->cpu, outer, GYL_SHA1_BLOCK_LEN + GYL_SHA1_LEN);
	digest(s, ret_mac);
}
