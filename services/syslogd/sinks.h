/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_SINKS_H
#define GYL_SERVICES_SYSLOGD_SINKS_H

/* All outputs of the collector (sink.h), the expressions of its rules, and the buffer between the
 * core and them. */

#include "services/syslogd/rule.h"
#include "services/syslogd/sink.h"

struct gyl_regex;
struct gyl_loop_fd;

struct gyl_syslogd_sinks {
	struct gyl_syslogd_sink_env env;
	struct gyl_syslogd_helper helper; /* for the core */
	struct gyl_syslogd_rules *rules;  /* the core's */
	struct gyl_log log;               /* log buffer GYL_SYSLOGD_OUT_LOG */
	unsigned cnt;
	struct gyl_syslogd_sink *sink[GYL_SYSLOGD_OUTPUT_MAX]; /* by the output's number */
	struct gyl_regex *regex[GYL_SYSLOGD_RULE_MAX];         /* by the rule's; NULL: none */
	struct gyl_loop_fd *watch;                             /* programs that end */
};

/*
 * At the start, with all privileges: make everything for the configuration. s->env has service,
 * uid, gid, say and arg set; rules are the core's. 0, or -1 with a sentence in err.
 */
int gyl_syslogd_sinks_open(struct gyl_syslogd_sinks *s, struct gyl_syslogd_rules *rules,
	const struct gyl_syslogd_conf *cf, char err[200]);
/* What cannot be written any more is told on standard error. */
void gyl_syslogd_sinks_close(struct gyl_syslogd_sinks *s);

/* The directory that an output writes in, NULL: none. Lies in buf. */
const char *gyl_syslogd_sinks_dir(
	const struct gyl_flat *f, const struct gyl_syslogd_output_conf *o, char *buf, size_t cap);

/* What rules and outputs did. */
void gyl_syslogd_sinks_metrics(const struct gyl_syslogd_sinks *s, struct gyl_metrics *m);
/* Lines for `guyline syslog outputs`, and `guyline syslog rules`. */
void gyl_syslogd_sinks_list(const struct gyl_syslogd_sinks *s, struct gyl_writer *w);
void gyl_syslogd_rules_list(const struct gyl_syslogd_rules *r, struct gyl_writer *w);

#endif
