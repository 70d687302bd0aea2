/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_GUYLINE_TOOL_H
#define GYL_SERVICES_GUYLINE_TOOL_H

/* What the verbs of the tool share: options, and requests to a daemon. */

#include "services/base/ask.h"

/* Options that go before a verb, or behind it. */
struct gyl_tool {
	const char *at, *password_file; /* NULL: not given */
	bool json;
};

/* An option of a verb: with text NULL it stands alone and sets flag. */
struct gyl_tool_option {
	const char *name; /* "--mac", "-n" */
	const char **text;
	bool *flag;
};

/*
 * Take the options of argv, the common ones too, up to "--"; what is no option moves to the front.
 * Returns how many of these there are, -1 after saying what is wrong.
 */
int gyl_tool_options(struct gyl_tool *t, int argc, char **argv, const struct gyl_tool_option *o,
	size_t option_cnt);

/* The members of a request, "\"do\":\"dhcp.wipe\",\"what\":\"...\"". */
struct gyl_tool_request {
	char text[3500];
	bool too_long;
};
void gyl_tool_begin(struct gyl_tool_request *q, const char *verb);
void gyl_tool_member(struct gyl_tool_request *q, const char *name, const char *value);
void gyl_tool_true(struct gyl_tool_request *q, const char *name);

/* Ask the daemon: the one of `at`, or the one of all services, or the one of this service (NULL:
 * none). Path, request, json and password are filled in. The exit status. */
int gyl_tool_ask(const struct gyl_tool *t, const char *service, const struct gyl_tool_request *q,
	struct gyl_ask *a);

/* hosts.c, leases.c, log.c, pools.c, dhcp.c, dns.c: argv[0] is the verb. The exit status. */
int gyl_hosts_main(struct gyl_tool *t, int argc, char **argv);
int gyl_scan_main(struct gyl_tool *t, int argc, char **argv);
int gyl_leases_main(struct gyl_tool *t, int argc, char **argv);
int gyl_log_main(struct gyl_tool *t, int argc, char **argv);
int gyl_pools_main(struct gyl_tool *t, int argc, char **argv);
int gyl_dhcp_main(struct gyl_tool *t, int argc, char **argv);
int gyl_dns_main(struct gyl_tool *t, int argc, char **argv);

#endif
