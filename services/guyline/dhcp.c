/* SPDX-License-Identifier: ISC */

/* guyline dhcp: why somebody has no address, and what can be done about it while it runs. */

#include <gyl/text.h>
#include <gyl/time.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "services/guyline/tool.h"

struct command {
	const char *name, *args, *help, *verb;
	const char *member[3]; /* of the arguments, in their order; NULL ends */
	const char *option;    /* "--yes": stands alone; "--count": has a value; NULL: none */
	const char *option_member;
	int needed; /* arguments */
	bool option_text, table;
};

static const struct command commands[] = {
	{"explain", "MAC|ADDRESS|CLIENT-ID [--count N]",
		"the last decisions about a client or an address, why, and what comes next",
		"dhcp.explain", {"client"}, "--count", "count", 1, true, false},
	{"wipe", "MAC|ADDRESS|CLIENT-ID|SUBNET [--yes]",
		"forget a lease; --yes when it is more than one", "dhcp.wipe", {"what"}, "--yes",
		"yes", 1, false, false},
	{"reserve", "MAC [ADDRESS|any] [NAME]",
		"reserve an address, the present one unless told; counts at the next renewal",
		"dhcp.reserve", {"mac", "ip", "name"}, NULL, NULL, 1, false, false},
	{"unreserve", "MAC", "take back what reserve did", "dhcp.unreserve", {"mac"}, NULL, NULL, 1,
		false, false},
	{"reservations", "", "all reservations, of the file and of this tool", "dhcp.reservations",
		{NULL}, NULL, NULL, 0, false, true},
	{"drain", "SUBNET [on|off|file]",
		"move all clients out of a subnet, or not; file: as the configuration says",
		"dhcp.drain", {"subnet", "set"}, NULL, NULL, 1, false, false},
	{"standby", "", "which of two servers serves, and how far the other one is behind",
		"dhcp.standby", {NULL}, NULL, NULL, 0, false, false},
	{"takeover", "[--all]",
		"serve instead of the other server; --all: all addresses, for it is down for good",
		"dhcp.takeover", {NULL}, "--all", "all", 0, false, false},
};

static const struct gyl_ask_column columns[] = {
	{"ADDRESS", "ip", .width = 15},
	{"MAC", "mac", .width = 17},
	{"NAME", "name", .width = 20},
	{"FROM", "from", .width = 7},
	{"SINCE", "since", .width = 20},
	{"NOW", "now", .width = 20},
};

static int usage(FILE *out)
{
	fprintf(out, "usage: guyline dhcp COMMAND [--json]\n\n");
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		fprintf(out, "  guyline dhcp %s %s\n      %s\n", commands[i].name, commands[i].args,
			commands[i].help);
	return out == stdout ? 0 : EX_USAGE;
}

/* "20:15:03" of this machine's clock, as the person looks at it. */
static void local_time(const char *utc, char buf[16])
{
	uint64_t ns;
	time_t s;
	struct tm tm;

	buf[0] = '\0';
	if (gyl_failed(gyl_time_parse_rfc3339(gyl_view_str(utc), &ns)))
		return;
	s = (time_t)(ns / GYL_NS_PER_S);
	if (localtime_r(&s, &tm) != NULL)
		strftime(buf, 16, "%H:%M:%S", &tm);
}

/* A sentence a line, decisions with their time in front. */
static bool say_row(void *arg, const struct gyl_ask_row *row, FILE *out)
{
	const struct gyl_tool *t = arg;
	const char *sentence = gyl_ask_text(row, "sentence"), *when = gyl_ask_text(row, "time");
	char clock[16], safe[1200];
	struct gyl_writer w;

	if (t->json || sentence == NULL)
		return false;
	gyl_writer_init(&w, safe, sizeof safe - 1);
	gyl_text_safe(&w, gyl_view_str(sentence));
	if (when != NULL) {
		local_time(when, clock);
		fprintf(out, "%s  ", clock);
	}
	fprintf(out, "%s\n", gyl_text_cstr(&w));
	return true;
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

/* `reserve MAC NAME`: what is no address is a name. */
static const char *member_of(const struct command *c, int n, const char *value)
{
	uint32_t ip;

	if (strcmp(c->name, "reserve") == 0 && n == 1 && strcmp(value, "any") != 0 &&
		gyl_failed(gyl_parse_ipv4(gyl_view_str(value), &ip)))
		return "name";
	return c->member[n];
}

static int run(struct gyl_tool *t, const struct command *c, int argc, char **argv)
{
	const char *text = NULL;
	bool flag = false;
	const struct gyl_tool_option option = {
		c->option, c->option_text ? &text : NULL, c->option_text ? NULL : &flag};
	int cnt = gyl_tool_options(t, argc, argv, &option, c->option != NULL);
	struct gyl_ask a = {.row = say_row, .arg = t};
	struct gyl_tool_request q;

	if (cnt < 1 + c->needed || cnt > 4 || (cnt > 1 && c->member[cnt - 2] == NULL)) {
		fprintf(stderr, "usage: guyline dhcp %s %s\n", c->name, c->args);
		return EX_USAGE;
	}
	gyl_tool_begin(&q, c->verb);
	for (int i = 1; i < cnt; i++)
		gyl_tool_member(&q, member_of(c, i - 1, argv[i]), argv[i]);
	if (text != NULL)
		gyl_tool_member(&q, c->option_member, text);
	if (flag)
		gyl_tool_true(&q, c->option_member);
	if (c->table) {
		a = (struct gyl_ask){.column = columns,
			.column_cnt = sizeof columns / sizeof columns[0],
			.sort = "ip"};
	}
	return gyl_tool_ask(t, "dhcpd", &q, &a);
}

int gyl_dhcp_main(struct gyl_tool *t, int argc, char **argv)
{
	const struct command *c = argc < 2 ? NULL : find(argv[1]);

	if (argc > 1 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (c == NULL) {
		if (argc > 1)
			fprintf(stderr, "guyline: no command \"dhcp %s\"\n", argv[1]);
		return usage(stderr);
	}
	return run(t, c, argc - 1, argv + 1);
}
