/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "conf/conf.h"
#include "services/guyline/import.h"

/*
 * The first octet says what the rest is written in. Any text is read or refused with a message,
 * and what is printed is JSON of ours.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void is_json(struct gyl_view text)
{
	struct gyl_conf *c = gyl_conf_new();

	if (!gyl_conf_load_text(c, "printed", NULL, text, GYL_CONF_JSON))
		abort();
	gyl_conf_free(c);
}

static bool has_messages(struct gyl_import *i)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	size_t cnt;

	if (out == NULL)
		abort();
	cnt = gyl_import_messages(i, out);
	fclose(out);
	free(text);
	return cnt != 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gyl_import *i;
	char *text = NULL;
	size_t len;
	FILE *out;

	if (size == 0 || size > 1 << 16)
		return 0;
	i = gyl_import_new();
	if (gyl_import_text(
		    i, "fuzz", gyl_view(data + 1, size - 1), (enum gyl_import_form)(data[0] % 5)) &&
		gyl_import_finish(i)) {
		out = open_memstream(&text, &len);
		if (out == NULL || !gyl_import_print(i, out) || fclose(out) != 0)
			abort();
		is_json(gyl_view(text, len));
		free(text);
	} else if (!has_messages(i)) {
		abort();
	}
	gyl_import_free(i);
	return 0;
}
