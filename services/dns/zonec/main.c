/* SPDX-License-Identifier: ISC */

/* guyline-zonec(1): check zones, and compile them into an image. */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "services/dns/image.h"
#include "services/dns/zonec/compile.h"
#include "services/dns/zonec/main_own.h"

static const char usage[] = "usage: guyline-zonec [-q] -n | -o IMAGE ZONE=FILE ...\n"
			    "       guyline-zonec [-q] [-n | -o IMAGE] -c CONFIG\n"
			    "       guyline-zonec --sign --help\n"
			    "       guyline-zonec --help | --version\n";

static const char help[] =
	"\n"
	"check zone files, and compile them into one image for guyline-dns\n"
	"\n"
	"  -c CONFIG   all that this configuration names: zones with their holes,\n"
	"              hosts files, lists; to the file that dns.image says\n"
	"  -n          only check\n"
	"  -o IMAGE    write the image to this file\n"
	"  -q          tell errors only, no warnings and no sum\n"
	"  --sign      sign a zone instead; --sign --help tells how\n"
	"  --help      print this and exit\n"
	"  --version   print the version and exit\n";

void gyl__zonec_notes(const struct gyl_build *b, bool quiet)
{
	for (size_t i = 0; i < b->note_cnt; i++) {
		const struct gyl_build_note *n = &b->note[i];

		if (quiet && !n->error)
			continue;
		fprintf(stderr, "%s:", n->file);
		if (n->line != 0)
			fprintf(stderr, "%u:", n->line);
		if (n->col != 0)
			fprintf(stderr, "%u:", n->col);
		fprintf(stderr, " %s%s\n", n->error ? "" : "warning: ", n->text);
	}
}

const char *gyl__zonec_zone(const char *arg, uint8_t name[GYL_DNS_NAME_MAX])
{
	const char *eq = strchr(arg, '=');
	uint8_t root = 0;

	if (eq == NULL || eq[1] == '\0' ||
		gyl_failed(
			gyl_dns_name_parse(gyl_view(arg, (size_t)(eq - arg)), &root, name, NULL)))
		return NULL;
	return eq + 1;
}

static bool add_zone(struct gyl_dns_compile *c, const char *arg)
{
	uint8_t name[GYL_DNS_NAME_MAX];
	const char *path = gyl__zonec_zone(arg, name);

	if (path == NULL) {
		fprintf(stderr, "guyline-zonec: \"%s\" is not of the form ZONE=FILE\n%s", arg,
			usage);
		return false;
	}
	gyl_dns_compile_zone(c, name, path);
	return true;
}

bool gyl__zonec_write(const struct gyl_build *b, const char *path)
{
	char temp[4096];
	struct gyl_view image = gyl_build_map(b->fd);
	FILE *out = NULL;
	bool ok = false;

	if ((size_t)snprintf(temp, sizeof temp, "%s.new", path) < sizeof temp && image.len != 0)
		out = fopen(temp, "wbe");
	if (out != NULL) {
		ok = fwrite(image.p, 1, image.len, out) == image.len && fflush(out) == 0 &&
		     fsync(fileno(out)) == 0;
		ok = fclose(out) == 0 && ok && rename(temp, path) == 0;
	}
	if (!ok)
		fprintf(stderr, "guyline-zonec: cannot write %s: %s\n", path, strerror(errno));
	if (!ok && out != NULL)
		(void)unlink(temp);
	gyl_build_unmap(image);
	return ok;
}

void gyl__zonec_sum(uint64_t zone_cnt, uint64_t name_cnt, uint64_t rr_cnt, uint64_t len)
{
	printf("%" PRIu64 " zones, %" PRIu64 " names, %" PRIu64 " records: %" PRIu64 " octets\n",
		zone_cnt, name_cnt, rr_cnt, len);
}

static int compile(char **zone, int zone_cnt, const char *path, bool quiet)
{
	struct gyl_build b;
	struct gyl_dns_compile *c;
	struct gyl_dns_compile_stat st;
	struct gyl_zonec_progress progress;
	int status = EX_OK;

	if (gyl_build_open(&b) != 0)
		return EX_OSERR;
	c = gyl_dns_compile_open(&b);
	if (c == NULL) {
		gyl_build_close(&b);
		return EX_OSERR;
	}
	gyl__zonec_progress_open(&progress, quiet);
	gyl_dns_compile_progress(c, gyl__zonec_progress, &progress);
	for (int i = 0; i < zone_cnt && status == EX_OK; i++)
		status = add_zone(c, zone[i]) ? EX_OK : EX_USAGE;
	if (status == EX_OK && !gyl_dns_compile_end(c))
		status = EX_DATAERR;
	gyl__zonec_progress_close(&progress);
	gyl__zonec_notes(&b, quiet);
	if (status == EX_OK && path != NULL && !gyl__zonec_write(&b, path))
		status = EX_CANTCREAT;
	gyl_dns_compile_stat(c, &st);
	if (status == EX_OK && !quiet)
		gyl__zonec_sum(st.zone_cnt, st.name_cnt, st.rr_cnt, st.image_len);
	gyl_dns_compile_close(c);
	gyl_build_close(&b);
	return status;
}

int main(int argc, char **argv)
{
	const char *path = NULL, *conf = NULL;
	bool check = false, quiet = false;
	int opt;

	if (argc > 1 && strcmp(argv[1], "--sign") == 0)
		return gyl__zonec_sign(argc, argv);
	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		printf("%s%s", usage, help);
		return EX_OK;
	}
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		puts("guyline-zonec " GYL_VERSION);
		return EX_OK;
	}

	while ((opt = getopt(argc, argv, "c:no:q")) != -1) {
		if (opt == 'n') {
			check = true;
		} else if (opt == 'q') {
			quiet = true;
		} else if (opt == 'o') {
			path = optarg;
		} else if (opt == 'c') {
			conf = optarg;
		} else {
			fputs(usage, stderr);
			return EX_USAGE;
		}
	}
	if (conf != NULL ? optind != argc || (path != NULL && check)
			 : optind == argc || (path == NULL) != check) {
		fputs(usage, stderr);
		return EX_USAGE;
	}
	if (conf != NULL)
		return gyl__zonec_conf(conf, path, check, quiet);
	return compile(argv + optind, argc - optind, path, quiet);
}
