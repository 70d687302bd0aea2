/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_CONF_OWN_H
#define GYL_SERVICES_SYSLOGD_CONF_OWN_H

/* The parts of the section "syslogd" that stand in files of their own. */

#include "conf/schema.h"
#include "services/syslogd/conf.h"

/* conf_output.c: members of "outputs". */
extern const struct gyl_conf_table gyl__syslogd_output_table;
void gyl__syslogd_check_outputs(
	const struct gyl_flat *f, const struct gyl_syslogd_conf *cf, struct gyl_conf_check *ck);

/* conf_forward.c: of a member of "outputs" that forwards; path: where it stands. */
void gyl__syslogd_check_forward(const struct gyl_flat *f, const struct gyl_syslogd_output_conf *o,
	const char *path, struct gyl_conf_check *ck);

/* conf_rule.c: items of "rules". */
extern const struct gyl_conf_table gyl__syslogd_rule_table;
void gyl__syslogd_check_rules(
	const struct gyl_flat *f, const struct gyl_syslogd_conf *cf, struct gyl_conf_check *ck);

/* A name of an output or a rule: it stands in paths of options and of errors. */
bool gyl__syslogd_name_ok(struct gyl_view name);

#endif
