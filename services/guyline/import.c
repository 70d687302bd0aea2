/* SPDX-License-Identifier: ISC */
#include "services/guyline/import.h"

#include <string.h>
#include <sysexits.h>

#include "services/guyline/import_lease.h"

static const struct {
	const char *name;
	enum gyl_import_form form;
} forms[] = {
	{"isc", GYL_IMPORT_ISC},
	{"charrua", GYL_IMPORT_ISC},
	{"kea", GYL_IMPORT_KEA},
	{"dnsmasq", GYL_IMPORT_DNSMASQ},
	{"ethers", GYL_IMPORT_ETHERS},
};

static int usage(FILE *out, int status)
{
	fputs("usage: guyline import [--from FORMAT] FILE ...        >dhcpd.json\n"
	      "       guyline import --leases [--from FORMAT] FILE ... -o STATE-DIR\n\n"
	      "  --from FORMAT   of the files that follow: isc, charrua, kea, dnsmasq or ethers; without\n"
	      "                  it a file's own look tells\n"
	      "  --leases        leases instead of a configuration: isc, kea, dnsmasq or json\n"
	      "  -o STATE-DIR    of the daemon, which must not run; made when it is not there\n",
		out);
	return status;
}

static bool find_form(const char *name, enum gyl_import_form *ret_form)
{
	for (size_t n = 0; n < sizeof forms / sizeof forms[0]; n++) {
		if (strcmp(forms[n].name, name) != 0)
			continue;
		*ret_form = forms[n].form;
		return true;
	}
	return false;
}

static int finish(struct gyl_import *i, bool good)
{
	size_t left;

	if (good && !gyl_import_finish(i))
		good = false;
	left = gyl_import_messages(i, stderr);
	if (!good)
		return EX_DATAERR;
	if (!gyl_import_print(i, stdout)) {
		fputs("guyline: standard output cannot be written\n", stderr);
		return EX_IOERR;
	}
	if (left != 0)
		fprintf(stderr, "%zu not translated, or with another meaning\n", left);
	return left != 0;
}

static int configurations(int argc, char **argv)
{
	struct gyl_import *i = gyl_import_new();
	enum gyl_import_form form = GYL_IMPORT_GUESS;
	bool good = true;
	int files = 0, status = -1;

	for (int n = 1; n < argc && good && status < 0; n++) {
		if (strcmp(argv[n], "--help") == 0) {
			status = usage(stdout, 0);
		} else if (strcmp(argv[n], "--from") == 0) {
			if (++n == argc || !find_form(argv[n], &form))
				status = usage(stderr, EX_USAGE);
		} else if (argv[n][0] == '-') {
			status = usage(stderr, EX_USAGE);
		} else {
			files++;
			good = gyl_import_file(i, argv[n], form);
		}
	}
	if (status < 0)
		status = files == 0 ? usage(stderr, EX_USAGE) : finish(i, good);
	gyl_import_free(i);
	return status;
}

int gyl_import_main(int argc, char **argv)
{
	for (int n = 1; n < argc; n++)
		if (strcmp(argv[n], "--leases") == 0)
			return gyl_import_leases(argc, argv);
	return configurations(argc, argv);
}
