/* SPDX-License-Identifier: ISC */
#include <gyl/checksum.h>

/*
 * RFC 1071 section 2: the sum may be taken in any byte order and any word size, as long as it is
 * folded to 16 bits at the end; so octets are loaded as native 64-bit words, and only the folded
 * sum is turned.
 */

static uint64_t fold32(uint64_t sum)
{
	return (sum >> 32) + (sum & 0xffffffff);
}

/* One's complement addition: what is carried out comes in again. */
static uint64_t add64(uint64_t sum, uint64_t v)
{
	sum += v;
	return sum + (sum < v);
}

static uint64_t load64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof v);
	return v;
}

/* The last 0 to 7 octets, as the native words they would be with zeros behind. */
static uint64_t sum_tail(const uint8_t *p, size_t len)
{
	uint64_t sum = 0;
	uint32_t v32;
	uint16_t v16;

	if (len & 4) {
		memcpy(&v32, p, sizeof v32);
		sum += v32;
		p += 4;
	}
	if (len & 2) {
		memcpy(&v16, p, sizeof v16);
		sum += v16;
		p += 2;
	}
	if (len & 1) {
		uint8_t last[2] = {p[0], 0};

		memcpy(&v16, last, sizeof v16);
		sum += v16;
	}
	return sum;
}

/* Sum of the octets as big-endian 16-bit words, folded to 16 bits. */
static uint16_t sum_octets(const uint8_t *p, size_t len)
{
	uint64_t sum = 0, more = 0;
	uint16_t folded;
	uint8_t octets[2];

	for (; len >= 32; len -= 32, p += 32) {
		sum = add64(sum, load64(p));
		more = add64(more, load64(p + 8));
		sum = add64(sum, load64(p + 16));
		more = add64(more, load64(p + 24));
	}
	for (; len >= 8; len -= 8, p += 8)
		sum = add64(sum, load64(p));
	sum = fold32(sum) + fold32(more) + sum_tail(p, len);
	sum = fold32(fold32(sum));
	sum = (sum >> 16) + (sum & 0xffff);
	folded = (uint16_t)((sum >> 16) + (sum & 0xffff));
	memcpy(octets, &folded, sizeof octets);
	return gyl_get_u16(octets);
}

void gyl_checksum_add(struct gyl_checksum *c, struct gyl_view v)
{
	uint16_t sum = sum_octets(v.p, v.len);

	/* RFC 1071 section 2 (B): octets that start at an odd place have their sum the other way
	 * round. */
	if (c->odd)
		sum = (uint16_t)(sum >> 8 | sum << 8);
	c->sum += sum;
	c->odd ^= v.len & 1;
}

uint16_t gyl_checksum_of(struct gyl_view v)
{
	return (uint16_t)~sum_octets(v.p, v.len);
}
