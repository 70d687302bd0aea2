/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_SUPPORT_H
#define GYL_TESTS_SUPPORT_H

/* What tests share. Include this instead of <cmocka.h>: it brings the headers cmocka wants before
 * it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <gyl/base.h>
#include <gyl/writer.h>

#define TEST_CNT(a) (sizeof(a) / sizeof((a)[0]))

/* Hexadecimal text (white space allowed) into buf; fails the test when it is not that. Returns the
 * length. */
size_t hex_bytes(const char *hex, uint8_t *buf, size_t cap);

/* A copy of the input that ends where an inaccessible page begins, so that reading past it crashes.
 */
struct guard {
	uint8_t *map;
	size_t map_len;
	struct gyl_view view;
};
void guard_open(struct guard *g, struct gyl_view in);
void guard_close(struct guard *g);

/* Is inner (unless empty) wholly inside outer? */
bool view_inside(struct gyl_view outer, struct gyl_view inner);

/* Property: every prefix of msg gives an answer. fn is called with each prefix, guarded, shortest
 * first. */
void prop_prefixes(struct gyl_view msg, void (*fn)(struct gyl_view prefix, void *arg), void *arg);

/*
 * Property: every capacity from 0 to cap_max gives the message or GYL_E_SPACE, and writes nothing
 * past the capacity. encode writes into buf and returns its fault; the first capacity that works
 * must be exactly the length it reports, and every larger one must give the same octets.
 */
void prop_capacities(size_t cap_max,
	struct gyl_fault (*encode)(uint8_t *buf, size_t cap, size_t *ret_len, void *arg),
	void *arg);

/*
 * Golden vectors: every case of tests/vectors/<dir> (names ending in .txt). A case is comment lines
 * (#), `input` lines in hexadecimal or `text` lines with C escapes, and `expect` lines; a blank
 * line ends it. show prints what was decoded, a fact a line; its lines must equal the expect lines.
 * With GYL_UPDATE=1 in the environment the expect lines are rewritten instead, for review as a
 * diff. Returns the number of cases.
 */
unsigned vectors_run(const char *dir, void (*show)(struct gyl_view in, struct gyl_writer *out));

/* Calls fn with the input of every case of a vectors file; used to make fuzz corpora. */
void vectors_each(
	const char *path, void (*fn)(struct gyl_view in, unsigned n, void *arg), void *arg);

#endif
