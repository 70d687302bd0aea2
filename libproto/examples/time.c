/* SPDX-License-Identifier: ISC */

/* Reads a lease time as a configuration writes it, and says when a lease given now will end. */

#include <gyl/text.h>
#include <gyl/time.h>
#include <stdio.h>
#include <time.h>

static void say(const char *what, uint64_t wall_ns)
{
	char line[GYL_TIME_RFC3339_MAX];
	struct gyl_writer w;

	gyl_writer_init(&w, line, sizeof line);
	gyl_time_print_rfc3339(&w, wall_ns, 3);
	printf("%s %s\n", what, gyl_text_cstr(&w));
}

int main(int argc, char **argv)
{
	const char *text = argc > 1 ? argv[1] : "1h30m";
	uint64_t lease_ns, now_ns, end_ns;
	char line[GYL_TIME_TEXT_MAX];
	struct gyl_writer w;
	struct gyl_fault why = gyl_time_parse(gyl_view_str(text), &lease_ns);

	if (gyl_failed(why)) {
		fprintf(stderr, "%s: %s at character %zu\n", text, gyl_err_text(why.err),
			why.off + 1);
		return 1;
	}
	gyl_writer_init(&w, line, sizeof line);
	gyl_time_print(&w, lease_ns);
	printf("a lease of %s\n", gyl_text_cstr(&w));
	now_ns = gyl_time_from_s((uint64_t)time(NULL));
	end_ns = gyl_time_add(now_ns, lease_ns);
	say("from", now_ns);
	if (end_ns == GYL_TIME_INFINITE)
		puts("never ends");
	else
		say("until", end_ns);
	return 0;
}
