/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_FUZZ_DNS_WORLD_H
#define GYL_TESTS_FUZZ_DNS_WORLD_H

/* What the fuzzers of the DNS service share: images from text, and answers that must be sound. */

#include <gyl/dns.h>

#include "services/base/build_own.h"
#include "services/dns/answer.h"
#include "services/dns/zonec/compile.h"
#include "tests/fuzz/require.h"

/* The image of one zone "z.", mapped; empty when the text has errors. */
static inline struct gyl_view zone_image(struct gyl_view text)
{
	static const uint8_t origin[] = "\001z";
	struct gyl_build b;
	struct gyl_dns_compile *c;
	struct gyl_view image = {NULL, 0};

	REQUIRE(gyl_build_open(&b) == 0);
	c = gyl_dns_compile_open(&b);
	REQUIRE(c != NULL);
	gyl_dns_compile_text(c, origin, "z", text);
	if (gyl_dns_compile_end(c))
		image = gyl_build_map(b.fd);
	else
		REQUIRE(b.error_cnt != 0); /* what is refused is told */
	gyl_dns_compile_close(c);
	gyl_build_close(&b);
	return image;
}

/* Answers a message; what comes out must decode, and fit. */
static inline void answer_soundly(
	const struct gyl_dns_image *im, struct gyl_dns_overlay *ov, struct gyl_view msg, bool tcp)
{
	static uint8_t out[65536];
	struct gyl_dns_data data = {.image = im, .overlay = ov};
	struct gyl_dns_policy policy = {.lease_ttl_s = 60,
		.udp_size = 1232,
		.nsid = gyl_view_str("fuzz"),
		.cookies = {.secret_cnt = 1}};
	/* the identifier, which means nothing else, says by which way it came */
	struct gyl_dns_from from = {.ip = 0x0a000001,
		.tcp = tcp,
		.encrypted = tcp && msg.len != 0 && (msg.p[0] & 1) != 0,
		.limited = !tcp && msg.len != 0 && (msg.p[0] & 2) != 0};
	struct gyl_now now = {1000, 1000};
	struct gyl_dns_verdict v;
	struct gyl_dns_msg m;
	size_t len = gyl_dns_answer(&data, &policy, now, &from, msg, out, tcp ? 65535 : 1472, &v);

	if (len == 0)
		return;
	REQUIRE(tcp || len <= 1232);
	REQUIRE(gyl_dns_decode(gyl_view(out, len), &m).err == GYL_OK);
	REQUIRE((m.header.flags & GYL_DNS_QR) != 0 && m.header.id == gyl_get_u16(msg.p));
	REQUIRE(!v.readable || m.header.cnt[GYL_DNS_QUESTION] == 1);
	REQUIRE(!from.limited || m.header.cnt[GYL_DNS_ANSWER] == 0);
	REQUIRE(m.edns.present || len <= 512 || tcp);
}

static inline void ask_name(const struct gyl_dns_image *im, struct gyl_dns_overlay *ov,
	const uint8_t *name, uint16_t qtype)
{
	uint8_t msg[300] = {0, 1, 1, 0, 0, 1};
	size_t len = gyl_dns_name_len(name);

	memcpy(msg + 12, name, len);
	gyl_set_u16(msg + 12 + len, qtype);
	gyl_set_u16(msg + 14 + len, GYL_DNS_CLASS_IN);
	answer_soundly(im, ov, gyl_view(msg, 16 + len), true);
	answer_soundly(im, ov, gyl_view(msg, 16 + len), false);
}

/* Every name of the image, one below it, and the parent; some types of each. */
static inline void ask_all(const struct gyl_dns_image *im, struct gyl_dns_overlay *ov)
{
	static const uint16_t qtype[] = {GYL_DNS_TYPE_A, GYL_DNS_TYPE_ANY, GYL_DNS_TYPE_NS,
		GYL_DNS_TYPE_DS, GYL_DNS_TYPE_MX, GYL_DNS_TYPE_SOA};

	const struct gyl_dns_node *n;
	uint32_t off = im->node_off;

	while ((n = gyl_dns_image_walk(im, &off)) != NULL) {
		uint8_t below[GYL_DNS_NAME_MAX];
		bool fits = !gyl_failed(
			gyl_dns_name_concat((const uint8_t *)"\001q", 2, n->name, below, NULL));

		for (size_t i = 0; i < sizeof qtype / sizeof qtype[0]; i++) {
			ask_name(im, ov, n->name, qtype[i]);
			ask_name(im, ov, gyl_dns_name_parent(n->name), qtype[i]);
			if (fits)
				ask_name(im, ov, below, qtype[i]);
		}
	}
}

/* An overlay with one lease, "h.z." */
static inline struct gyl_dns_overlay *small_overlay(void)
{
	static struct gyl_dns_overlay ov;
	static uint64_t mem[1024];
	static const uint64_t seed[2] = {1, 2};
	struct gyl_dns_lease l = {.ip = 0x0a000001, .name_len = 5, .expiry_ns = UINT64_MAX}, old;

	REQUIRE(gyl_dns_overlay_need(4) <= sizeof mem);
	gyl_dns_overlay_init(&ov, mem, 4, seed);
	l.domain = (uint8_t)gyl_dns_overlay_domain(&ov, (const uint8_t *)"\001z");
	memcpy(l.name, "\001h\001z", 5);
	gyl_dns_overlay_set(&ov, &l, &old);
	return &ov;
}

#endif
