/* SPDX-License-Identifier: ISC */

/* guyline leases: who has which address. */

#include <string.h>
#include <sysexits.h>

#include "services/guyline/export.h"

static const struct gyl_ask_column columns[] = {
	{"ADDRESS", "ip", .width = 15},
	{"MAC", "mac", .width = 17},
	{"NAME", "name", .width = 20},
	{"STATE", "state", .width = 8},
	{"EXPIRES", "expiry", .width = 20},
	{"SUBNET", "subnet", .width = 18},
};

struct args {
	const char *pattern[8]; /* in the order of members[] */
	const char *sort, *export;
	bool follow;
};

static const char *const members[] = {"mac", "ip", "name", "subnet", "state", "relay", "circuit"};

static int usage(FILE *out)
{
	fprintf(out,
		"usage: guyline leases [--ip ADDRESS|PREFIX] [--mac MAC] [--name NAME] [--subnet SUBNET] [--state STATE]\n"
		"                      [--export isc|kea|dnsmasq|json|csv]\n"
		"                      [--relay ADDRESS] [--circuit ID] [--sort ip|mac|name|expiry|since] [--follow] [--json]\n"
		"\n"
		"Patterns may have * and ?, several of one kind stand with commas between them. Of a MAC the first octets\n"
		"will do. States are leased (all that is shown unless told otherwise), offered, declined, expired, released,\n"
		"and all. --export writes them, all unless told otherwise, as that server keeps them. --follow shows what is\n"
		"there, then what changes.\n");
	return out == stdout ? 0 : EX_USAGE;
}

static bool is_sort(const char *s)
{
	static const char *const keys[] = {"ip", "mac", "name", "expiry", "since"};

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (strcmp(keys[i], s) == 0)
			return true;
	return false;
}

/* A misspelt state would match nothing, and nothing looks like "there are none". */
static bool are_states(const char *list)
{
	static const char *const known[] = {
		"leased", "renewed", "offered", "declined", "expired", "released", "wiped", "all"};

	for (const char *at = list; *at != '\0'; at += *at == ',') {
		size_t len = strcspn(at, ","), i = 0;

		if (memchr(at, '*', len) == NULL && memchr(at, '?', len) == NULL) {
			while (i < sizeof known / sizeof known[0] &&
				(strlen(known[i]) != len || strncmp(known[i], at, len) != 0))
				i++;
			if (i == sizeof known / sizeof known[0])
				return false;
		}
		at += len;
	}
	return true;
}

/* A client that has an address and keeps it is leased, whatever its last event was called. */
static const char *states(const struct args *a)
{
	const char *state = a->pattern[4];

	if (state == NULL)
		return NULL;
	if (strcmp(state, "all") == 0)
		return "*";
	return a->follow && strcmp(state, "leased") == 0 ? "leased,renewed" : state;
}

static int parse(struct gyl_tool *t, int argc, char **argv, struct args *a)
{
	const struct gyl_tool_option options[] = {{"--mac", &a->pattern[0], NULL},
		{"--ip", &a->pattern[1], NULL}, {"--name", &a->pattern[2], NULL},
		{"--subnet", &a->pattern[3], NULL}, {"--state", &a->pattern[4], NULL},
		{"--relay", &a->pattern[5], NULL}, {"--circuit", &a->pattern[6], NULL},
		{"--sort", &a->sort, NULL}, {"--export", &a->export, NULL},
		{"--follow", NULL, &a->follow}};
	int cnt = gyl_tool_options(t, argc, argv, options, sizeof options / sizeof options[0]);

	if (cnt != 1 || (a->sort != NULL && !is_sort(a->sort)) ||
		(a->export != NULL && a->follow) ||
		(a->pattern[4] != NULL && !are_states(a->pattern[4])))
		return usage(stderr);
	return 0;
}

int gyl_leases_main(struct gyl_tool *t, int argc, char **argv)
{
	struct args args = {.sort = NULL};
	struct gyl_tool_request q;
	struct gyl_ask a = {.column = columns, .column_cnt = sizeof columns / sizeof columns[0]};
	int status;

	if (argc > 1 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	status = parse(t, argc, argv, &args);
	if (status != 0)
		return status;
	gyl_tool_begin(&q, "dhcp.leases");
	if (args.export != NULL && args.pattern[4] == NULL)
		args.pattern[4] = "all";
	args.pattern[4] = states(&args);
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
		if (args.pattern[i] != NULL)
			gyl_tool_member(&q, members[i], args.pattern[i]);
	if (args.export != NULL)
		return gyl_leases_export(t, &q, args.export);
	if (args.follow)
		gyl_tool_true(&q, "follow");
	a.follow = args.follow;
	a.sort = args.follow ? NULL : args.sort != NULL ? args.sort : t->json ? NULL : "ip";
	return gyl_tool_ask(t, "dhcpd", &q, &a);
}
