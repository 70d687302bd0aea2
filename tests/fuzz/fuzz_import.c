/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "conf/conf.h"
#include "services/guyline/import_lease.h"

/*
 * The first octet says what the rest is written in. Any text is read or refused with a message.
 * What is printed of a configuration is JSON of ours; what is written of leases is read back.
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

static void reads_back(struct gyl_leases *l, enum gyl_lease_form form)
{
	struct gyl_import *i = gyl_import_new();
	struct gyl_leases back;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL || !gyl_leases_write(l, form, 0, out) || fclose(out) != 0)
		abort();
	gyl_leases_init(&back, i);
	if (!gyl_leases_text(&back, "written", gyl_view(text, len), form) || has_messages(i) ||
		back.cnt > l->cnt)
		abort();
	free(text);
	gyl_leases_free(&back);
	gyl_import_free(i);
}

static void try_leases(struct gyl_import *i, struct gyl_view text, enum gyl_lease_form form)
{
	struct gyl_leases l;

	gyl_leases_init(&l, i);
	if (gyl_leases_text(&l, "fuzz", text, form)) {
		for (int f = GYL_LEASE_ISC; f < GYL_LEASE_CSV; f++)
			reads_back(&l, (enum gyl_lease_form)f);
	} else if (!has_messages(i)) {
		abort();
	}
	gyl_leases_free(&l);
}

static void try_configuration(struct gyl_import *i, struct gyl_view in, enum gyl_import_form form)
{
	char *text = NULL;
	size_t len;
	FILE *out;

	if (gyl_import_text(i, "fuzz", in, form) && gyl_import_finish(i)) {
		out = open_memstream(&text, &len);
		if (out == NULL || !gyl_import_print(i, out) || fclose(out) != 0)
			abort();
		is_json(gyl_view(text, len));
		free(text);
	} else if (!has_messages(i)) {
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gyl_import *i;
	struct gyl_view text;

	if (size == 0 || size > 1 << 16)
		return 0;
	i = gyl_import_new();
	text = gyl_view(data + 1, size - 1);
	if (data[0] % 10 < 5)
		try_configuration(i, text, (enum gyl_import_form)(data[0] % 10));
	else
		try_leases(i, text, (enum gyl_lease_form)(data[0] % 10 - 5));
	gyl_import_free(i);
	return 0;
}
