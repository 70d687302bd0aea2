/* SPDX-License-Identifier: ISC */
#include "services/guyline/dns_see.h"

#include <string.h>
#include <sysexits.h>

#define CNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct gyl_ask_column names[] = {
	{"NAME", "name", .width = 40},
	{"COUNT", "count", .width = 9},
	{"OVER", "over", .width = 9},
	{"PER MILLE", "permille", .width = 9},
};

static const struct gyl_ask_column clients[] = {
	{"CLIENT", "client", .width = 15},
	{"COUNT", "count", .width = 9},
	{"OVER", "over", .width = 9},
	{"PER MILLE", "permille", .width = 9},
};

static const struct gyl_ask_column queries[] = {
	{"TIME", "time", .width = 27},
	{"CLIENT", "ip", .width = 15},
	{"NAME", "name", .width = 40},
	{"TYPE", "type", .width = 8},
	{"RCODE", "rcode", .width = 8},
	{"RULE", "rule", .width = 12},
	{"TOOK US", "took_us", .width = 8},
};

static int usage(const char *command, const char *args)
{
	fprintf(stderr, "usage: guyline dns %s %s\n", command, args);
	return EX_USAGE;
}

static bool say_row(void *arg, const struct gyl_ask_row *row, FILE *out)
{
	const struct gyl_tool *t = arg;
	const char *sentence = gyl_ask_text(row, "sentence");

	if (t->json || sentence == NULL)
		return false;
	fprintf(out, "%s\n", sentence);
	return true;
}

int gyl_dns_top_main(struct gyl_tool *t, int argc, char **argv)
{
	const char *count = NULL;
	bool reset = false;
	const struct gyl_tool_option options[] = {
		{"--count", &count, NULL}, {"--reset", NULL, &reset}};
	int cnt = gyl_tool_options(t, argc, argv, options, CNT(options));
	bool of_clients = cnt == 2 && strcmp(argv[1], "clients") == 0;
	struct gyl_ask a = {.column = of_clients ? clients : names,
		.column_cnt = of_clients ? CNT(clients) : CNT(names)};
	struct gyl_tool_request q;

	if (cnt < 1 || cnt > 2)
		return usage("top", GYL_DNS_TOP_ARGS);
	gyl_tool_begin(&q, "dns.top");
	if (cnt == 2)
		gyl_tool_member(&q, "list", argv[1]);
	if (count != NULL)
		gyl_tool_member(&q, "count", count);
	if (reset) {
		gyl_tool_true(&q, "reset");
		a = (struct gyl_ask){.row = say_row, .arg = t};
	}
	return gyl_tool_ask(t, "dns", &q, &a);
}

int gyl_dns_queries_main(struct gyl_tool *t, int argc, char **argv)
{
	static const char *const member[] = {"ip", "name", "type", "rcode", "rule", "seconds"};
	const char *text[CNT(member)] = {NULL};
	const struct gyl_tool_option options[] = {{"--ip", &text[0], NULL},
		{"--name", &text[1], NULL}, {"--type", &text[2], NULL}, {"--rcode", &text[3], NULL},
		{"--rule", &text[4], NULL}, {"--seconds", &text[5], NULL},
		{"--follow", NULL, NULL}};
	struct gyl_ask a = {.column = queries, .column_cnt = CNT(queries), .follow = true};
	struct gyl_tool_request q;

	if (gyl_tool_options(t, argc, argv, options, CNT(options)) != 1)
		return usage("queries", GYL_DNS_QUERIES_ARGS);
	gyl_tool_begin(&q, "dns.queries");
	for (size_t i = 0; i < CNT(member); i++)
		if (text[i] != NULL)
			gyl_tool_member(&q, member[i], text[i]);
	gyl_tool_true(&q, "follow");
	return gyl_tool_ask(t, "dns", &q, &a);
}
