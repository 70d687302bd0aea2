/* SPDX-License-Identifier: ISC */
#include "libproto/src/dns_name.h"

struct gyl_fault gyl_dns_name_skip(
	struct gyl_view msg, size_t off, size_t *ret_len, size_t *ret_next_off)
{
	struct gyl__dns_walk walk = gyl__dns_walk(msg.p, off, msg.len, 0, NULL);

	if (walk.err != GYL_OK)
		return gyl__dns_walk_fault(&walk);
	if (ret_len != NULL)
		*ret_len = walk.len;
	if (ret_next_off != NULL)
		*ret_next_off = walk.next;
	return gyl_ok();
}

/* Copies a name that has been walked. */
static void expand(const uint8_t *p, size_t off, uint8_t *name)
{
	while (p[off] != 0) {
		size_t step = (size_t)p[off] + 1;

		if (p[off] > GYL_DNS_LABEL_MAX) {
			off = (size_t)(p[off] & 0x3f) << 8 | p[off + 1];
			continue;
		}
		memcpy(name, p + off, step);
		name += step;
		off += step;
	}
	*name = 0;
}

struct gyl_fault gyl_dns_name_decode(struct gyl_view msg, size_t off,
	uint8_t name[GYL_DNS_NAME_MAX], size_t *ret_len, size_t *ret_next_off)
{
	struct gyl_fault f = gyl_dns_name_skip(msg, off, ret_len, ret_next_off);

	if (!gyl_failed(f))
		expand(msg.p, off, name);
	return f;
}

size_t gyl_dns_name_get(struct gyl_view msg, size_t off, uint8_t name[GYL_DNS_NAME_MAX])
{
	size_t len = 1;

	if (gyl_failed(gyl_dns_name_decode(msg, off, name, &len, NULL)))
		name[0] = 0;
	return len;
}

struct gyl_fault gyl_dns_name_check(struct gyl_view v)
{
	/* with the floor at the start no pointer is allowed */
	struct gyl__dns_walk walk = gyl__dns_walk(v.p, 0, v.len, 0, NULL);

	if (walk.err != GYL_OK)
		return gyl__dns_walk_fault(&walk);
	if (walk.next != v.len)
		return gyl_fault(GYL_E_LENGTH, walk.next);
	return gyl_ok();
}

size_t gyl_dns_name_len(const uint8_t *name)
{
	size_t at = 0;

	while (name[at] != 0)
		at += (size_t)name[at] + 1;
	return at + 1;
}

unsigned gyl_dns_name_label_cnt(const uint8_t *name)
{
	unsigned cnt = 0;

	for (; *name != 0; name += *name + 1)
		cnt++;
	return cnt;
}

unsigned gyl_dns_name_labels(const uint8_t *name, uint8_t ret_off[GYL_DNS_LABEL_CNT_MAX])
{
	unsigned cnt = 0, at = 0;

	for (; name[at] != 0; at += name[at] + 1u)
		ret_off[cnt++] = (uint8_t)at;
	return cnt;
}

const uint8_t *gyl_dns_name_parent(const uint8_t *name)
{
	return *name == 0 ? name : name + *name + 1;
}

bool gyl_dns_name_is_wildcard(const uint8_t *name)
{
	return name[0] == 1 && name[1] == '*';
}

bool gyl_dns_name_eq(const uint8_t *a, const uint8_t *b)
{
	size_t len = gyl_dns_name_len(a);

	return gyl_dns_name_len(b) == len && gyl__dns_fold_eq(a, b, len);
}

/* One label against another as octet strings, folded; a prefix sorts first (RFC 4034 6.1). */
static int label_cmp(const uint8_t *a, const uint8_t *b)
{
	unsigned len = a[0] < b[0] ? a[0] : b[0];

	for (unsigned i = 1; i <= len; i++) {
		int diff = (int)gyl_dns_fold(a[i]) - (int)gyl_dns_fold(b[i]);

		if (diff != 0)
			return diff;
	}
	return (int)a[0] - (int)b[0];
}

int gyl_dns_name_cmp(const uint8_t *a, const uint8_t *b)
{
	uint8_t a_off[GYL_DNS_LABEL_CNT_MAX], b_off[GYL_DNS_LABEL_CNT_MAX];
	unsigned a_cnt = gyl_dns_name_labels(a, a_off), b_cnt = gyl_dns_name_labels(b, b_off);

	while (a_cnt != 0 && b_cnt != 0) {
		int diff = label_cmp(a + a_off[--a_cnt], b + b_off[--b_cnt]);

		if (diff != 0)
			return diff;
	}
	return (int)a_cnt - (int)b_cnt;
}

bool gyl_dns_name_is_under(const uint8_t *name, const uint8_t *zone)
{
	size_t name_len = gyl_dns_name_len(name), zone_len = gyl_dns_name_len(zone);

	/* the tail must start at a label, not inside one */
	while (name_len > zone_len) {
		name_len -= (size_t)*name + 1;
		name += *name + 1;
	}
	return name_len == zone_len && gyl__dns_fold_eq(name, zone, zone_len);
}

unsigned gyl_dns_name_common(const uint8_t *a, const uint8_t *b)
{
	uint8_t a_off[GYL_DNS_LABEL_CNT_MAX], b_off[GYL_DNS_LABEL_CNT_MAX];
	unsigned a_cnt = gyl_dns_name_labels(a, a_off), b_cnt = gyl_dns_name_labels(b, b_off);
	unsigned cnt = 0;

	while (cnt < a_cnt && cnt < b_cnt &&
		label_cmp(a + a_off[a_cnt - cnt - 1], b + b_off[b_cnt - cnt - 1]) == 0)
		cnt++;
	return cnt;
}

void gyl_dns_name_fold(uint8_t *dst, const uint8_t *src, size_t len)
{
	size_t at = 0;

	for (; at + 8 <= len; at += 8) {
		uint64_t x = gyl__dns_fold8(gyl__dns_load8(src + at));

		memcpy(dst + at, &x, sizeof x);
	}
	for (; at < len; at++)
		dst[at] = gyl_dns_fold(src[at]);
}

struct gyl_fault gyl_dns_name_concat(const uint8_t *head, size_t head_len, const uint8_t *tail,
	uint8_t name[GYL_DNS_NAME_MAX], size_t *ret_len)
{
	size_t tail_len = gyl_dns_name_len(tail);

	if (head_len > GYL_DNS_NAME_MAX - tail_len)
		return gyl_fault(GYL_E_NAME, head_len);
	if (head_len != 0)
		memcpy(name, head, head_len);
	memcpy(name + head_len, tail, tail_len);
	if (ret_len != NULL)
		*ret_len = head_len + tail_len;
	return gyl_ok();
}
