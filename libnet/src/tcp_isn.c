/* SPDX-License-Identifier: ISC */
#include "libnet/src/tcp_isn.h"

#include <gyl/siphash.h>
#include <gyl/time.h>

/* What a hash is for; one use says nothing of another. */
enum use {
	USE_TABLE,
	USE_ISN,
	USE_TIMESTAMP,
	USE_COOKIE
};

enum {
	PAIR_LEN = 13,
	COOKIE_LEN = PAIR_LEN + 4 + 8 + 1,
	MSS_BITS = 3,
	MINUTE_BITS = 2,
	LOW_BITS = MSS_BITS + MINUTE_BITS,
	AGE_MAX = 2, /* minutes */
	TS_BITS = 5, /* four of window scale, one of SACK */
	TS_SACK = 16,
	TS_NO_WSCALE = 15
};

static const uint16_t mss_table[1 << MSS_BITS] = {
	GYL__COOKIE_MSS_MIN, 536, 1200, 1360, 1400, 1440, 1452, 1460};

static uint64_t little_endian(const uint8_t *p)
{
	uint64_t v = 0;

	for (unsigned i = 8; i-- > 0;)
		v = v << 8 | p[i];
	return v;
}

void gyl__isn_init(struct gyl__isn *i, const uint8_t key[16])
{
	i->key[0] = little_endian(key);
	i->key[1] = little_endian(key + 8);
}

static void put_pair(uint8_t *buf, const struct gyl_net_peer *p, enum use use)
{
	gyl_set_u32(buf, p->ip);
	gyl_set_u32(buf + 4, p->local_ip);
	gyl_set_u16(buf + 8, p->port);
	gyl_set_u16(buf + 10, p->local_port);
	buf[12] = (uint8_t)use;
}

static uint64_t hash_pair(const struct gyl__isn *i, const struct gyl_net_peer *p, enum use use)
{
	uint8_t buf[PAIR_LEN];

	put_pair(buf, p, use);
	return gyl_siphash(i->key, buf, sizeof buf);
}

uint64_t gyl__isn_hash(const struct gyl__isn *i, const struct gyl_net_peer *p)
{
	return hash_pair(i, p, USE_TABLE);
}

uint32_t gyl__isn(const struct gyl__isn *i, uint64_t now_ns, const struct gyl_net_peer *p)
{
	/* RFC 6528 3: ISN = M + F(localip, localport, remoteip, remoteport, secretkey) */
	return (uint32_t)(now_ns / 4000) + (uint32_t)hash_pair(i, p, USE_ISN);
}

uint32_t gyl__isn_ts(const struct gyl__isn *i, const struct gyl_net_peer *p)
{
	return (uint32_t)hash_pair(i, p, USE_TIMESTAMP);
}

static uint64_t minute_of(uint64_t now_ns)
{
	return now_ns / (60 * GYL_NS_PER_S);
}

static uint32_t cookie(const struct gyl__isn *i, const struct gyl_net_peer *p, uint32_t peer_isn,
	uint64_t minute, unsigned mss_index)
{
	uint8_t buf[COOKIE_LEN];
	uint32_t low = (uint32_t)(minute << MSS_BITS | mss_index) & ((1u << LOW_BITS) - 1);

	put_pair(buf, p, USE_COOKIE);
	gyl_set_u32(buf + PAIR_LEN, peer_isn);
	gyl_set_u64(buf + PAIR_LEN + 4, minute);
	buf[PAIR_LEN + 12] = (uint8_t)mss_index;
	return (uint32_t)gyl_siphash(i->key, buf, sizeof buf) << LOW_BITS | low;
}

uint32_t gyl__cookie_make(const struct gyl__isn *i, uint64_t now_ns, const struct gyl_net_peer *p,
	uint32_t peer_isn, uint16_t mss)
{
	unsigned index = (1 << MSS_BITS) - 1;

	while (index > 0 && mss_table[index] > mss)
		index--;
	return cookie(i, p, peer_isn, minute_of(now_ns), index);
}

uint32_t gyl__cookie_ts(uint32_t ts, const struct gyl__cookie *c)
{
	uint32_t low = c->has_wscale ? c->wscale : TS_NO_WSCALE;
	uint32_t made;

	if (c->has_sack)
		low |= TS_SACK;
	made = (ts & ~((1u << TS_BITS) - 1)) | low;
	/* The peer keeps the latest timestamp (RFC 7323 5.3); one from the future would make our
	 * next segments look old. */
	return made > ts ? made - (1u << TS_BITS) : made;
}

static void read_options(const uint32_t *ts_ecr, struct gyl__cookie *ret)
{
	uint32_t low = ts_ecr != NULL ? *ts_ecr : TS_NO_WSCALE;

	ret->has_timestamps = ts_ecr != NULL;
	ret->has_sack = (low & TS_SACK) != 0 && ts_ecr != NULL;
	ret->has_wscale = (low & 15) != TS_NO_WSCALE;
	ret->wscale = ret->has_wscale ? (uint8_t)(low & 15) : 0;
}

bool gyl__cookie_check(const struct gyl__isn *i, uint64_t now_ns, const struct gyl_net_peer *p,
	uint32_t peer_isn, uint32_t got, const uint32_t *ts_ecr, struct gyl__cookie *ret)
{
	uint64_t minute = minute_of(now_ns);
	unsigned index = got & ((1u << MSS_BITS) - 1);
	uint64_t age = (minute - (got >> MSS_BITS)) & ((1u << MINUTE_BITS) - 1);

	if (age > AGE_MAX || cookie(i, p, peer_isn, minute - age, index) != got)
		return false;
	ret->mss = mss_table[index];
	read_options(ts_ecr, ret);
	return true;
}
