/* SPDX-License-Identifier: ISC */
#include "tests/support/show.h"

#include <gyl/text.h>

void show_fault(struct gyl_writer *out, struct gyl_fault f)
{
	gyl_text_str(out, gyl_err_text(f.err));
	if (f.err != GYL_OK) {
		gyl_text_str(out, " @");
		gyl_text_u64(out, f.off);
	}
	gyl_text_char(out, '\n');
}
