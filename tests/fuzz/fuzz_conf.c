/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "tests/conf/sample.h"

/*
 * Any text is either compiled or refused with an error; what was compiled prints, and what was
 * printed compiles to the same block.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool compiled(const char *dir, struct gyl_view text, struct gyl_view *ret_block)
{
	struct gyl_conf *c = gyl_conf_new();
	bool good = gyl_conf_load_text(c, "fuzz", dir, text, GYL_CONF_JSON) &&
		    gyl_conf_compile(c, &sample_set, ret_block);

	if (good != (gyl_conf_error_cnt(c) == 0))
		abort();
	gyl_conf_free(c);
	return good;
}

static void prints_back(struct gyl_view block)
{
	const struct gyl_flat *f = gyl_flat_open(block);
	struct gyl_view again;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (f == NULL || out == NULL || !gyl_conf_print(f, &sample_set, out) || fclose(out) != 0)
		abort();
	if (!compiled(NULL, gyl_view(text, len), &again) || !gyl_view_eq(block, again))
		abort();
	free((void *)(uintptr_t)again.p);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gyl_view block;

	if (size > 1 << 16 || !compiled("/dir", gyl_view(data, size), &block))
		return 0;
	prints_back(block);
	free((void *)(uintptr_t)block.p);
	return 0;
}
