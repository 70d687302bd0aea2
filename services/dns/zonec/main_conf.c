/* SPDX-License-Identifier: ISC */

/* guyline-zonec -c: all that a configuration has the server answer from, in one file. */

#include <stdlib.h>
#include <sysexits.h>

#include "conf/conf.h"
#include "conf/top.h"
#include "services/dns/build.h"
#include "services/dns/image.h"
#include "services/dns/service.h"
#include "services/dns/zonec/main_own.h"

/* The configuration as one block, NULL after telling what is wrong with it. */
static const struct gyl_flat *read_conf(const char *path, struct gyl_view *ret_block)
{
	static const struct gyl_conf_section *const section[] = {&gyl_dns_conf_section};
	/* what the server needs beside (host, addresses) may come with its own command line */
	const struct gyl_conf_section top = {
		gyl_top_conf_section.name, gyl_top_conf_section.table, NULL};
	const struct gyl_conf_set set = {&top, section, 1, gyl_top_skip, "dns"};
	struct gyl_conf *c = gyl_conf_new();
	bool ok;

	if (c == NULL)
		return NULL;
	ok = gyl_conf_load_file(c, path, GYL_CONF_JSON) && gyl_conf_compile(c, &set, ret_block);
	if (!ok)
		gyl_conf_errors_print(c, stderr);
	gyl_conf_free(c);
	return ok ? gyl_flat_open(*ret_block) : NULL;
}

/* Where "image" is given a zone needs no file to be served, but one to be made from. */
static bool has_files(const struct gyl_flat *flat, const struct gyl_dns_conf *cf, const char *path)
{
	const struct gyl_dns_conf_zone *zone = gyl_flat_at(flat, cf->zones);
	bool ok = true;

	for (uint32_t i = 0; i < cf->zones.cnt; i++) {
		if (zone[i].file.cnt != 0 || zone[i].primary.cnt != 0)
			continue;
		fprintf(stderr, "%s: dns.zones.%u: expected a file\n", path, i);
		ok = false;
	}
	return ok;
}

static void say_sum(const struct gyl_build *b)
{
	struct gyl_view block = gyl_build_map(b->fd);
	const struct gyl_dns_image *im = (const struct gyl_dns_image *)(const void *)block.p;
	uint64_t name_cnt = 0, rr_cnt = 0;

	if (block.len < sizeof *im)
		return;
	for (uint32_t i = 0; i < im->zone_cnt; i++) {
		name_cnt += gyl_dns_image_zone(im, i)->name_cnt;
		rr_cnt += gyl_dns_image_zone(im, i)->rr_cnt;
	}
	gyl__zonec_sum(im->zone_cnt, name_cnt, rr_cnt, block.len);
	gyl_build_unmap(block);
}

/* out: where to, NULL: as the configuration says. */
static int make(const struct gyl_flat *flat, const struct gyl_dns_conf *cf, const char *out,
	bool check, bool quiet)
{
	struct gyl_zonec_progress progress;
	struct gyl__dns_told told = {gyl__zonec_progress, &progress};
	struct gyl_build b;
	int status = EX_OK;

	if (gyl_build_open(&b) != 0)
		return EX_OSERR;
	gyl__zonec_progress_open(&progress, quiet);
	if (!gyl__dns_build_compiled(flat, cf, &b, false, &told) || b.error_cnt != 0)
		status = EX_DATAERR;
	gyl__zonec_progress_close(&progress);
	gyl__zonec_notes(&b, quiet);
	if (out == NULL && cf->image.cnt != 0)
		out = (const char *)gyl_flat_view(flat, cf->image).p;
	if (status == EX_OK && !check && !gyl__zonec_write(&b, out))
		status = EX_CANTCREAT;
	if (status == EX_OK && !quiet)
		say_sum(&b);
	gyl_build_close(&b);
	return status;
}

int gyl__zonec_conf(const char *path, const char *out, bool check, bool quiet)
{
	struct gyl_view block = {NULL, 0};
	const struct gyl_flat *flat = read_conf(path, &block);
	const struct gyl_dns_conf *cf = flat == NULL ? NULL : gyl_flat_section(flat, "dns");
	int status = EX_CONFIG;

	if (cf != NULL && !check && out == NULL && cf->image.cnt == 0) {
		fprintf(stderr, "guyline-zonec: where to? Give -o, or dns.image in %s\n", path);
		status = EX_USAGE;
	} else if (cf != NULL && has_files(flat, cf, path)) {
		status = make(flat, cf, out, check, quiet);
	}
	free((void *)(uintptr_t)block.p);
	return status;
}
