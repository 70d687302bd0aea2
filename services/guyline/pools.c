/* SPDX-License-Identifier: ISC */

/* guyline pools: how full the subnets are, for people, and for monitoring as an exit status. */

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "services/guyline/tool.h"

enum {
	SHARED_MAX = 256 /* shared networks that are added up */
};

static const struct gyl_ask_column columns[] = {
	{"SUBNET", "subnet", .width = 18},
	{"SIZE", "size", .width = 6},
	{"FREE", "free", .width = 6},
	{"OFFERED", "offered", .width = 7},
	{"LEASED", "leased", .width = 6},
	{"DECLINED", "declined", .width = 8},
	{"RESERVED", "reserved", .width = 8},
	{"USED %", "percent", .width = 6},
	{"FULL IN (MIN)", "full_in_minutes", .width = 13},
	{"SHARED", "shared", .width = 12},
	{"DRAINED", "drain", .width = 7},
};

/* A shared network, or everything. */
struct sum {
	char name[64];
	long long size, free;
	unsigned subnet_cnt;
};

struct pools {
	struct sum all, shared[SHARED_MAX];
	size_t shared_cnt;
	long check; /* percent, -1: not asked for */
	bool fuller;
};

static long percent(long long size, long long left)
{
	return size <= 0 ? 0 : (long)((size - left) * 100 / size);
}

static struct sum *sum_of(struct pools *p, const char *name)
{
	for (size_t i = 0; i < p->shared_cnt; i++)
		if (strcmp(p->shared[i].name, name) == 0)
			return &p->shared[i];
	if (p->shared_cnt == SHARED_MAX)
		return NULL;
	snprintf(p->shared[p->shared_cnt].name, sizeof p->shared[0].name, "%s", name);
	return &p->shared[p->shared_cnt++];
}

static void add(struct sum *s, const struct gyl_ask_row *row)
{
	if (s == NULL)
		return;
	s->size += gyl_ask_number(row, "size", 0);
	s->free += gyl_ask_number(row, "free", 0);
	s->subnet_cnt++;
}

static void check(struct pools *p, const char *name, long used)
{
	if (p->check < 0 || used <= p->check)
		return;
	p->fuller = true;
	fprintf(stderr, "guyline: %s is %ld %% full, more than %ld %%\n", name, used, p->check);
}

/* Who shares a link with others is full when all of them are. */
static bool on_row(void *arg, const struct gyl_ask_row *row, FILE *out)
{
	struct pools *p = arg;
	const char *shared = gyl_ask_text(row, "shared"), *subnet = gyl_ask_text(row, "subnet");

	(void)out;
	add(&p->all, row);
	if (shared != NULL)
		add(sum_of(p, shared), row);
	else
		check(p, subnet == NULL ? "a subnet" : subnet,
			(long)gyl_ask_number(row, "percent", 0));
	return false;
}

static void tell(const struct sum *s, const char *what, bool json)
{
	char name[600] = "";

	gyl_ask_quote(name, sizeof name, s->name);
	if (json)
		printf("{\"total\":%s,\"subnets\":%u,\"size\":%lld,\"free\":%lld,\"percent\":%ld}\n",
			name, s->subnet_cnt, s->size, s->free, percent(s->size, s->free));
	else
		printf("%s%s: %u subnets, %lld addresses, %lld free, %ld %% used\n", what, s->name,
			s->subnet_cnt, s->size, s->free, percent(s->size, s->free));
}

static int usage(FILE *out)
{
	fprintf(out,
		"usage: guyline pools [--check PERCENT] [--json]\n\n"
		"With --check the exit status is 1 when a subnet, or a shared network, is fuller than that.\n");
	return out == stdout ? 0 : EX_USAGE;
}

static bool parse(struct gyl_tool *t, int argc, char **argv, struct pools *p)
{
	const char *text = NULL;
	const struct gyl_tool_option options[] = {{"--check", &text, NULL}};
	char *end;

	if (gyl_tool_options(t, argc, argv, options, 1) != 1)
		return false;
	p->check = -1;
	if (text == NULL)
		return true;
	p->check = strtol(text, &end, 10);
	return end != text && (*end == '\0' || strcmp(end, "%") == 0) && p->check >= 0 &&
	       p->check <= 100;
}

int gyl_pools_main(struct gyl_tool *t, int argc, char **argv)
{
	static struct pools p;
	struct gyl_tool_request q;
	struct gyl_ask a = {.column = columns,
		.column_cnt = sizeof columns / sizeof columns[0],
		.row = on_row,
		.arg = &p};
	int status;

	if (argc > 1 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (!parse(t, argc, argv, &p))
		return usage(stderr);
	gyl_tool_begin(&q, "dhcp.pools");
	status = gyl_tool_ask(t, "dhcpd", &q, &a);
	if (status != 0)
		return status;
	for (size_t i = 0; i < p.shared_cnt; i++) {
		tell(&p.shared[i], "shared network ", t->json);
		check(&p, p.shared[i].name, percent(p.shared[i].size, p.shared[i].free));
	}
	snprintf(p.all.name, sizeof p.all.name, "all");
	if (p.all.subnet_cnt > 1)
		tell(&p.all, "", t->json);
	return p.fuller ? 1 : 0;
}
