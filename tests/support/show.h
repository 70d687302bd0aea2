/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_SHOW_H
#define GYL_TESTS_SHOW_H

#include <gyl/base.h>
#include <gyl/writer.h>

/* The first line of what a vector expects: "ok", or the fault's phrase and its offset ("truncated
 * @28"). */
void show_fault(struct gyl_writer *out, struct gyl_fault f);

#endif
