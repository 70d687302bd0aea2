/* SPDX-License-Identifier: ISC */
#include "services/base/store_int.h"

bool gyl__store_key_ok(struct gyl_view key)
{
	size_t segment_len = 0, depth = 1;

	if (key.len == 0 || key.len > GYL_STORE_KEY_MAX)
		return false;
	for (size_t i = 0; i < key.len; i++) {
		if (key.p[i] == '\0')
			return false;
		if (key.p[i] != '/') {
			if (++segment_len > GYL_STORE_SEGMENT_MAX)
				return false;
			continue;
		}
		if (segment_len == 0 || ++depth > GYL_STORE_DEPTH_MAX)
			return false;
		segment_len = 0;
	}
	return segment_len != 0;
}

/* No key holds NUL, so that number is free for the separator. */
static unsigned rank(uint8_t octet)
{
	return octet == '/' ? 0 : octet;
}

int gyl__store_key_cmp(struct gyl_view a, struct gyl_view b)
{
	size_t len = a.len < b.len ? a.len : b.len;

	for (size_t i = 0; i < len; i++)
		if (a.p[i] != b.p[i])
			return (int)rank(a.p[i]) - (int)rank(b.p[i]);
	return (a.len > b.len) - (a.len < b.len);
}

bool gyl__store_key_below(struct gyl_view key, struct gyl_view dict)
{
	if (dict.len == 0)
		return key.len != 0;
	return key.len > dict.len && key.p[dict.len] == '/' && memcmp(key.p, dict.p, dict.len) == 0;
}

struct gyl_view gyl__store_key_parent(struct gyl_view key)
{
	size_t len = key.len;

	while (len != 0 && key.p[len - 1] != '/')
		len--;
	return gyl_view(key.p, len == 0 ? 0 : len - 1);
}
