/* SPDX-License-Identifier: ISC */
#include "tests/support/support.h"

#include <gyl/text.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

size_t hex_bytes(const char *hex, uint8_t *buf, size_t cap)
{
	size_t len = 0;
	struct gyl_fault f = gyl_parse_hex(gyl_view_str(hex), buf, cap, &len);

	if (gyl_failed(f))
		fail_msg("bad hex at %zu: %s", f.off, hex);
	return len;
}

void guard_open(struct guard *g, struct gyl_view in)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t body = (in.len + page - 1) / page * page;

	g->map_len = body + page;
	g->map = mmap(NULL, g->map_len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(g->map, MAP_FAILED);
	assert_int_equal(mprotect(g->map + body, page, PROT_NONE), 0);
	if (in.len != 0)
		memcpy(g->map + body - in.len, in.p, in.len);
	g->view = gyl_view(g->map + body - in.len, in.len);
}

void guard_close(struct guard *g)
{
	munmap(g->map, g->map_len);
	g->map = NULL;
}

bool view_inside(struct gyl_view outer, struct gyl_view inner)
{
	if (inner.len == 0)
		return true;
	return inner.p >= outer.p && inner.len <= outer.len &&
	       (size_t)(inner.p - outer.p) <= outer.len - inner.len;
}

void prop_prefixes(struct gyl_view msg, void (*fn)(struct gyl_view prefix, void *arg), void *arg)
{
	for (size_t len = 0; len <= msg.len; len++) {
		struct guard g;

		guard_open(&g, gyl_view(msg.p, len));
		fn(g.view, arg);
		guard_close(&g);
	}
}

void prop_capacities(size_t cap_max,
	struct gyl_fault (*encode)(uint8_t *buf, size_t cap, size_t *ret_len, void *arg), void *arg)
{
	uint8_t *first = malloc(cap_max + 1), *poison = malloc(cap_max + 1);
	size_t first_len = SIZE_MAX;

	assert_non_null(first);
	assert_non_null(poison);
	memset(poison, 0xa5, cap_max + 1);
	for (size_t cap = 0; cap <= cap_max; cap++) {
		struct guard g;
		struct gyl_fault f;
		size_t len = SIZE_MAX;
		uint8_t *buf;

		guard_open(&g, gyl_view(poison, cap));
		buf = g.map + (g.view.p - g.map);
		f = encode(buf, cap, &len, arg);
		if (gyl_failed(f)) {
			assert_int_equal(f.err, GYL_E_SPACE);
			assert_true(first_len == SIZE_MAX);
			assert_true(len == SIZE_MAX);
		} else if (first_len == SIZE_MAX) {
			assert_true(len == cap);
			first_len = len;
			memcpy(first, buf, len);
		} else {
			assert_true(len == first_len);
			assert_memory_equal(first, buf, len);
		}
		guard_close(&g);
	}
	assert_true(first_len != SIZE_MAX);
	free(first);
	free(poison);
}
