/* SPDX-License-Identifier: ISC */

/* guyline: all services in one process (`guyline run`), and the tool that asks a running one. */

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "services/guyline/import.h"
#include "services/guyline/net.h"
#include "services/guyline/parse.h"
#include "services/guyline/passwd.h"
#include "services/guyline/services.h"
#include "services/guyline/tool.h"

static const struct gyl_ask_column rule_columns[] = {
	{.title = "RULE", .member = "rule"},
	{.title = "MATCHED", .member = "matched"},
	{.title = "HELD BACK", .member = "held"},
	{.title = "FOLDED", .member = "folded"},
	{.title = "TOO LONG", .member = "too_long"},
	{.title = "STORED", .member = "store"},
	{.title = "TO", .member = "to"},
};
static const struct gyl_ask_column output_columns[] = {
	{.title = "OUTPUT", .member = "output"},
	{.title = "MESSAGES", .member = "messages"},
	{.title = "LOST", .member = "lost"},
	{.title = "WAITING", .member = "waiting"},
	{.title = "WORKS", .member = "works"},
	{.title = "LAST TROUBLE", .member = "last_trouble"},
};
static const struct gyl_ask_column event_columns[] = {
	{.title = "TIME", .member = "time", .width = 27},
	{.title = "SEVERITY", .member = "severity", .width = 8},
	{.title = "EVENT", .member = "event", .width = 16},
	{.title = "SENTENCE", .member = "sentence"},
};
static const struct gyl_ask_column list_columns[] = {
	{.title = "NAME", .member = "name"}, {.title = "KIND", .member = "kind"}};

struct verb {
	const char *name, *args, *help;
	const char *service; /* whose own socket is tried, too */
	const char *request; /* members of the request object */
	const char *member;  /* that carries the argument; NULL: the verb takes none */
	const struct gyl_ask_column *column;
	size_t column_cnt;
	bool arg_needed;
};

#define COLUMNS(c) c, sizeof(c) / sizeof((c)[0])

static const struct verb verbs[] = {
	{"syslog rules", "", "how often each rule of syslogd matched, and held back", "syslogd",
		"\"do\":\"syslog.rules\"", NULL, COLUMNS(rule_columns), false},
	{"syslog outputs", "", "what outputs of syslogd have taken and lost", "syslogd",
		"\"do\":\"syslog.outputs\"", NULL, COLUMNS(output_columns), false},
	{"status", "", "addresses, counters, what runs", NULL, "\"do\":\"status\"", NULL, NULL, 0,
		false},
	{"events", "[SOURCE]", "what happens, as it happens", NULL,
		"\"do\":\"events\",\"follow\":true", "source", COLUMNS(event_columns), false},
	{"level", "[SPEC]", "show or set log levels, such as dns=debug,*=info", NULL,
		"\"do\":\"level\"", "set", NULL, 0, false},
	{"reload", "", "read configuration and zones again now", NULL, "\"do\":\"reload\"", NULL,
		NULL, 0, false},
	{"store ls", "[KEY]", "names below a key of the store", NULL, "\"do\":\"store.ls\"", "key",
		COLUMNS(list_columns), false},
	{"store get", "KEY", "a value of the store", NULL, "\"do\":\"store.get\"", "key", NULL, 0,
		true},
	{"store digest", "[KEY]", "SHA-256 of a value, or of all below a key", NULL,
		"\"do\":\"store.digest\"", "key", NULL, 0, false},
};

/* Verbs with options of their own. */
static const struct {
	const char *name, *help;
	int (*fn)(struct gyl_tool *t, int argc, char **argv);
} larger[] = {
	{"log", "what was logged: search, follow, count over time", gyl_log_main},
	{"hosts", "hosts that arpd has seen; protected addresses, DHCP servers", gyl_hosts_main},
	{"scan", "ask each address of a network whether it is there", gyl_scan_main},
	{"leases", "addresses that dhcpd has given out", gyl_leases_main},
	{"pools", "how full the subnets are, and when they will be full", gyl_pools_main},
	{"dns", "explain, top, zones, queries, cache, upstreams", gyl_dns_main},
	{"dhcp", "explain, wipe, reserve, drain, takeover", gyl_dhcp_main},
};

static void usage(FILE *out)
{
	fprintf(out,
		"usage: guyline run [-c FILE] [options]      all services in one process (guyline run --help)\n"
		"       guyline passwd [options]            make or verify the string of a password (guyline passwd --help)\n"
		"       guyline import FILE ...             configuration or leases of other DHCP servers (guyline import --help)\n"
		"       guyline net TOOL [options]          ping, trace, resolve, capture by our own stack (guyline net --help)\n"
		"       guyline parse KIND [FILE]           how syslog lines, and DHCP, DNS, ARP messages, are read (guyline parse --help)\n"
		"       guyline [--at SOCKET | HOST:PORT] [--password-file FILE] [--json] VERB [ARGUMENT]\n\n");
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		fprintf(out, "  %-12s %-9s %s\n", verbs[i].name, verbs[i].args, verbs[i].help);
	for (size_t i = 0; i < sizeof larger / sizeof larger[0]; i++)
		fprintf(out, "  %-12s %-9s %s (guyline %s --help)\n", larger[i].name, "...",
			larger[i].help, larger[i].name);
}

/* The verb that the words begin with; *ret_words is how many words it takes. */
static const struct verb *find_verb(int argc, char **argv, int *ret_words)
{
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
		const char *space = strchr(verbs[i].name, ' ');

		if (space == NULL && strcmp(verbs[i].name, argv[0]) == 0) {
			*ret_words = 1;
			return &verbs[i];
		}
		if (space != NULL && argc > 1 &&
			strncmp(verbs[i].name, argv[0], (size_t)(space - verbs[i].name)) == 0 &&
			strlen(argv[0]) == (size_t)(space - verbs[i].name) &&
			strcmp(space + 1, argv[1]) == 0) {
			*ret_words = 2;
			return &verbs[i];
		}
	}
	return NULL;
}

static int ask(const struct gyl_tool *t, const struct verb *v, const char *arg)
{
	struct gyl_ask a = {.column = v->column,
		.column_cnt = v->column_cnt,
		.follow = strstr(v->request, "follow") != NULL};
	struct gyl_tool_request q = {.too_long = false};

	snprintf(q.text, sizeof q.text, "%s", v->request);
	if (arg != NULL)
		gyl_tool_member(&q, v->member, arg);
	return gyl_tool_ask(t, v->service, &q, &a);
}

static int small_verb(struct gyl_tool *t, int argc, char **argv)
{
	int words = 0, cnt = gyl_tool_options(t, argc, argv, NULL, 0);
	const struct verb *v;

	if (cnt < 0)
		return EX_USAGE;
	v = cnt > 0 ? find_verb(cnt, argv, &words) : NULL;
	if (v == NULL && cnt > 0)
		fprintf(stderr, "guyline: no verb \"%s\"; these are there:\n", argv[0]);
	if (v == NULL || cnt - words > (v->member != NULL) || (v->arg_needed && words == cnt)) {
		usage(stderr);
		return EX_USAGE;
	}
	return ask(t, v, words < cnt ? argv[words] : NULL);
}

static int tool(int argc, char **argv)
{
	struct gyl_tool t = {.json = false};
	int i = 1;

	for (; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--json") == 0) {
			t.json = true;
		} else if (strcmp(argv[i], "--at") == 0 && i + 1 < argc) {
			t.at = argv[++i];
		} else if (strcmp(argv[i], "--password-file") == 0 && i + 1 < argc) {
			t.password_file = argv[++i];
		} else if (strcmp(argv[i], "--help") == 0) {
			usage(stdout);
			return 0;
		} else if (strcmp(argv[i], "--version") == 0) {
			printf("guyline %s\n", GYL_VERSION);
			return 0;
		} else {
			break;
		}
	}
	for (size_t n = 0; i < argc && n < sizeof larger / sizeof larger[0]; n++)
		if (strcmp(argv[i], larger[n].name) == 0)
			return larger[n].fn(&t, argc - i, argv + i);
	return small_verb(&t, argc - i, argv + i);
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "run") == 0)
		return gyl_daemon_main(argc - 1, argv + 1, "guyline run",
			"all services in one process", gyl_services, gyl_service_cnt);
	if (argc > 1 && strcmp(argv[1], "passwd") == 0)
		return gyl_passwd_main(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "import") == 0)
		return gyl_import_main(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "net") == 0)
		return gyl_net_main(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "parse") == 0)
		return gyl_parse_main(argc - 1, argv + 1);
	return tool(argc, argv);
}
