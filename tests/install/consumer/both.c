/* SPDX-License-Identifier: ISC */

/* A program of somebody else with both libraries: a line of syslog and its code under a key. */

#include <gyl/base.h>
#include <gyl/siphash.h>
#include <gyl/syslog.h>
#include <gyl/text.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
	static const char line[] = "<34>1 2003-10-11T22:14:15.003Z host app - ID47 - hello";
	static const uint64_t key[2] = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};
	struct gyl_syslog m;
	struct gyl_syslog_ctx ctx = {.recv_ns = 0};
	char out[256];
	struct gyl_writer w;

	gyl_syslog_decode(gyl_view_str(line), &ctx, &m);
	gyl_writer_init(&w, out, sizeof out);
	gyl_syslog_print(&w, &m);
	printf("%016llx %s\n", (unsigned long long)gyl_siphash(key, line, strlen(line)),
		gyl_text_cstr(&w));
	return 0;
}
