/* SPDX-License-Identifier: ISC */

/* guyline hosts, scan, protected, servers: who is on the wire. */

#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "services/guyline/tool.h"

#define CNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct gyl_ask_column host_columns[] = {
	{.title = "ADDRESS", .member = "ip", .width = 15},
	{.title = "MAC", .member = "mac", .width = 17},
	{.title = "VLAN", .member = "vlan", .width = 4},
	{.title = "NAME", .member = "name", .width = 20},
	{.title = "VENDOR", .member = "vendor", .width = 24},
	{.title = "LEASE", .member = "lease", .width = 5},
	{.title = "FIRST SEEN", .member = "first", .width = 27},
	{.title = "LAST SEEN", .member = "last", .width = 27},
	{.title = "COUNT", .member = "count", .width = 8},
	{.title = "CHANGES", .member = "changes", .width = 7},
	{.title = "STATE", .member = "state", .width = 9},
};
static const struct gyl_ask_column guard_columns[] = {
	{.title = "ADDRESS", .member = "ip"},
	{.title = "VLAN", .member = "vlan"},
	{.title = "OWNER", .member = "mac"},
	{.title = "LEARNED", .member = "learned"},
	{.title = "DEFENDED", .member = "defend"},
	{.title = "ALARMS", .member = "alarms"},
	{.title = "LAST BY", .member = "by"},
	{.title = "LAST", .member = "last"},
};
static const struct gyl_ask_column server_columns[] = {
	{.title = "SERVER", .member = "ip"},
	{.title = "VLAN", .member = "vlan"},
	{.title = "MAC", .member = "mac"},
	{.title = "ROGUE", .member = "rogue"},
	{.title = "MESSAGES", .member = "count"},
	{.title = "LAST", .member = "last"},
};

static const char *const members[] = {
	"ip", "mac", "name", "vendor", "vlan", "lease", "state", "former"};

static int usage(FILE *out)
{
	fprintf(out,
		"usage: guyline hosts [--ip ADDRESS|PREFIX] [--mac MAC] [--name NAME] [--vendor VENDOR] [--vlan VLAN]\n"
		"                     [--lease yes] [--state STATE] [--former MAC] [--sort ip|mac|name|vendor|last|first]\n"
		"                     [--follow] [--json]\n"
		"       guyline hosts protected | servers [--json]\n"
		"       guyline scan [NETWORK] [--json]\n"
		"\n"
		"Patterns may have * and ?, several of one kind stand with commas between them; of a MAC the first octets\n"
		"will do. --follow shows what is there, then what changes. A scan asks for each address of a network that\n"
		"\"scan\" of arpd's configuration allows (the first one when none is named), and shows who is there.\n");
	return out == stdout ? 0 : EX_USAGE;
}

static bool is_sort(const char *s)
{
	static const char *const keys[] = {"ip", "mac", "name", "vendor", "last", "first"};

	for (size_t i = 0; i < CNT(keys); i++)
		if (strcmp(keys[i], s) == 0)
			return true;
	return false;
}

/* A list of another kind: no patterns, no following. */
static int list(
	struct gyl_tool *t, const char *verb, const struct gyl_ask_column *column, size_t cnt)
{
	struct gyl_ask a = {.column = column, .column_cnt = cnt, .sort = t->json ? NULL : "ip"};
	struct gyl_tool_request q;

	gyl_tool_begin(&q, verb);
	return gyl_tool_ask(t, "arpd", &q, &a);
}

static int show(struct gyl_tool *t, const char *const pattern[], const char *sort, bool follow)
{
	struct gyl_ask a = {
		.column = host_columns, .column_cnt = CNT(host_columns), .follow = follow};
	struct gyl_tool_request q;

	gyl_tool_begin(&q, "arpd.hosts");
	for (size_t i = 0; i < CNT(members); i++)
		if (pattern[i] != NULL)
			gyl_tool_member(&q, members[i], pattern[i]);
	if (follow)
		gyl_tool_true(&q, "follow");
	a.sort = follow ? NULL : sort != NULL ? sort : t->json ? NULL : "ip";
	return gyl_tool_ask(t, "arpd", &q, &a);
}

int gyl_hosts_main(struct gyl_tool *t, int argc, char **argv)
{
	const char *pattern[CNT(members)] = {NULL}, *sort = NULL;
	bool follow = false;
	const struct gyl_tool_option options[] = {{"--ip", &pattern[0], NULL},
		{"--mac", &pattern[1], NULL}, {"--name", &pattern[2], NULL},
		{"--vendor", &pattern[3], NULL}, {"--vlan", &pattern[4], NULL},
		{"--lease", &pattern[5], NULL}, {"--state", &pattern[6], NULL},
		{"--former", &pattern[7], NULL}, {"--sort", &sort, NULL},
		{"--follow", NULL, &follow}};
	int cnt;

	if (argc > 1 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	cnt = gyl_tool_options(t, argc, argv, options, CNT(options));
	if (cnt == 2 && strcmp(argv[1], "protected") == 0)
		return list(t, "arpd.protected", guard_columns, CNT(guard_columns));
	if (cnt == 2 && strcmp(argv[1], "servers") == 0)
		return list(t, "arpd.servers", server_columns, CNT(server_columns));
	if (cnt != 1 || (sort != NULL && !is_sort(sort)))
		return usage(stderr);
	return show(t, pattern, sort, follow);
}

/* ---- scan ---- */

/* What the daemon says of the scan that it has begun. */
static bool on_begun(void *arg, const struct gyl_ask_row *row, FILE *out)
{
	long long *ms = arg;

	(void)out;
	*ms = gyl_ask_number(row, "milliseconds", 0);
	return true;
}

static void pause_ms(long long ms)
{
	struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	while (nanosleep(&left, &left) != 0)
		;
}

int gyl_scan_main(struct gyl_tool *t, int argc, char **argv)
{
	struct gyl_ask found = {.column = host_columns,
		.column_cnt = CNT(host_columns),
		.sort = t->json ? NULL : "ip"};
	long long ms = 0;
	struct gyl_ask begun = {.row = on_begun, .arg = &ms};
	struct gyl_tool_request q;
	int cnt, status;

	if (argc > 1 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	cnt = gyl_tool_options(t, argc, argv, NULL, 0);
	if (cnt < 1 || cnt > 2)
		return usage(stderr);
	gyl_tool_begin(&q, "arpd.scan");
	if (cnt == 2)
		gyl_tool_member(&q, "network", argv[1]);
	status = gyl_tool_ask(t, "arpd", &q, &begun);
	if (status != 0)
		return status;
	pause_ms(ms);
	gyl_tool_begin(&q, "arpd.hosts");
	gyl_tool_true(&q, "scan");
	return gyl_tool_ask(t, "arpd", &q, &found);
}
