/* SPDX-License-Identifier: ISC */

/* guyline dns: why names are answered as they are, and what is kept of names of others. */

#include <gyl/text.h>
#include <string.h>
#include <sysexits.h>

#include "services/guyline/dns_see.h"

static const struct gyl_ask_column servers[] = {
	{"SERVER", "ip", .width = 15},
	{"PORT", "port", .width = 5},
	{"STATE", "state", .width = 5},
	{"RTT US", "rtt_us", .width = 7},
	{"ASKED", "asked", .width = 9},
	{"ANSWERED", "answered", .width = 9},
	{"TIMEOUTS", "timeouts", .width = 8},
	{"FAILED", "failed", .width = 7},
	{"TCP", "tcp", .width = 6},
	{"STRANGE", "strange", .width = 7},
};

static const struct gyl_ask_column cache[] = {
	{"ANSWERS", "entries", .width = 8},
	{"OCTETS", "octets", .width = 10},
	{"OF", "size", .width = 10},
	{"HITS", "hits", .width = 10},
	{"STALE", "stale", .width = 7},
	{"ASKED", "asked", .width = 9},
	{"JOINED", "joined", .width = 7},
	{"REFRESHED", "refreshed", .width = 9},
	{"FAILED", "failed", .width = 7},
	{"FULL", "full", .width = 6},
	{"PENDING", "pending", .width = 7},
};

static const struct gyl_ask_column entries[] = {
	{"NAME", "name", .width = 30},
	{"TYPE", "type", .width = 8},
	{"RCODE", "rcode", .width = 8},
	{"LEFT S", "left_s", .width = 7},
	{"DNSSEC", "dnssec", .width = 6},
	{"RECORDS", "records", .width = 30},
};

static const struct gyl_ask_column zones[] = {
	{"ZONE", "zone", .width = 30},
	{"KIND", "kind", .width = 7},
	{"SERIAL", "serial", .width = 10},
	{"NAMES", "names", .width = 8},
	{"RECORDS", "records", .width = 8},
	{"SIGNED", "signed", .width = 6},
	{"QUERIES", "queries", .width = 9},
	{"NXDOMAIN", "nxdomain", .width = 9},
	{"NODATA", "nodata", .width = 9},
	{"WILDCARD", "wildcard", .width = 9},
};

#define TABLE(t) .column = t, .column_cnt = sizeof t / sizeof t[0]

static const struct command {
	const char *words[2]; /* the second may be NULL */
	const char *args, *help, *verb, *flag, *flag_member;
	const char *second; /* the member of a word behind the name; NULL: there is none */
	int (*fn)(struct gyl_tool *t, int argc, char **argv); /* does it; NULL: run() */
	const struct gyl_ask_column *column;
	size_t column_cnt;
	bool named;     /* NAME follows */
	bool flag_text; /* the flag has a value */
} commands[] = {
	{{"explain", NULL}, "NAME|ADDRESS [TYPE] [--from ADDRESS]",
		"why a name is answered as it is, A unless told otherwise; --from: to whom",
		"dns.explain", "--from", "from", .named = true, .second = "type",
		.flag_text = true},
	{{"queries", NULL}, GYL_DNS_QUERIES_ARGS, "queries as they are answered, until interrupted",
		.fn = gyl_dns_queries_main},
	{{"top", NULL}, GYL_DNS_TOP_ARGS, "what is asked for most; --reset: count anew",
		.fn = gyl_dns_top_main},
	{{"zones", NULL}, "", "the zones, and how often their names are asked for", "dns.zones",
		TABLE(zones)},
	{{"cache", "dump"}, "NAME [--below]", "what is kept of a name; --below: and below it",
		"dns.cache.dump", "--below", "below", .named = true, TABLE(entries)},
	{{"cache", "flush"}, "NAME|--all", "forget what is kept of a name and below it, or all",
		"dns.cache.flush", "--all", "all", .named = true},
	{{"cache", NULL}, "", "how full the cache is, and what it was good for", "dns.cache",
		TABLE(cache)},
	{{"upstreams", NULL}, "", "how the servers do that are asked about names of others",
		"dns.upstreams", TABLE(servers)},
};

static int usage(FILE *out)
{
	fprintf(out, "usage: guyline dns COMMAND [--json]\n\n");
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		fprintf(out, "  guyline dns %s%s%s %s\n      %s\n", commands[i].words[0],
			commands[i].words[1] == NULL ? "" : " ",
			commands[i].words[1] == NULL ? "" : commands[i].words[1], commands[i].args,
			commands[i].help);
	return out == stdout ? 0 : EX_USAGE;
}

static bool say_row(void *arg, const struct gyl_ask_row *row, FILE *out)
{
	const struct gyl_tool *t = arg;
	const char *sentence = gyl_ask_text(row, "sentence");
	char safe[8192];
	struct gyl_writer w;

	if (t->json || sentence == NULL)
		return false;
	gyl_writer_init(&w, safe, sizeof safe - 1);
	gyl_text_safe(&w, gyl_view_str(sentence));
	fprintf(out, "%s\n", gyl_text_cstr(&w));
	return true;
}

/* The command of argv, whose words are behind "dns"; *ret_used: how many of them there are. */
static const struct command *find(int argc, char **argv, int *ret_used)
{
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		const struct command *c = &commands[i];

		if (argc < 2 || strcmp(argv[1], c->words[0]) != 0)
			continue;
		*ret_used = c->words[1] == NULL ? 1 : 2;
		if (c->words[1] == NULL || (argc > 2 && strcmp(argv[2], c->words[1]) == 0))
			return c;
	}
	return NULL;
}

/* Either a name or --all tells what to forget. */
static bool is_complete(const struct command *c, int cnt, bool flag)
{
	int max = 1 + c->named + (c->second != NULL);

	if (cnt < 1 || cnt > max)
		return false;
	return !c->named || c->column != NULL || c->second != NULL ? cnt > c->named
								   : (cnt == 2) != flag;
}

static int run(struct gyl_tool *t, const struct command *c, int argc, char **argv)
{
	const char *text = NULL;
	bool flag = false;
	const struct gyl_tool_option option = {c->flag, c->flag_text ? &text : NULL, &flag};
	int cnt = gyl_tool_options(t, argc, argv, &option, c->flag != NULL);
	struct gyl_ask a = {.row = say_row, .arg = t};
	struct gyl_tool_request q;

	/* argv[0] is the last word of the command */
	if (!is_complete(c, cnt, flag)) {
		fprintf(stderr, "usage: guyline dns %s %s %s\n", c->words[0],
			c->words[1] == NULL ? "" : c->words[1], c->args);
		return EX_USAGE;
	}
	gyl_tool_begin(&q, c->verb);
	if (cnt > 1)
		gyl_tool_member(&q, "name", argv[1]);
	if (cnt > 2)
		gyl_tool_member(&q, c->second, argv[2]);
	if (text != NULL)
		gyl_tool_member(&q, c->flag_member, text);
	if (flag)
		gyl_tool_true(&q, c->flag_member);
	if (c->column != NULL)
		a = (struct gyl_ask){.column = c->column, .column_cnt = c->column_cnt};
	return gyl_tool_ask(t, "dns", &q, &a);
}

int gyl_dns_main(struct gyl_tool *t, int argc, char **argv)
{
	int used = 0;
	const struct command *c = find(argc, argv, &used);

	if (argc > 1 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (c == NULL) {
		if (argc > 1)
			fprintf(stderr, "guyline: no command \"dns %s\"\n", argv[1]);
		return usage(stderr);
	}
	return c->fn != NULL ? c->fn(t, argc - used, argv + used)
			     : run(t, c, argc - used, argv + used);
}
