/* SPDX-License-Identifier: ISC */
#include "services/syslogd/rule_parse.h"

#include <gyl/syslog.h>

#include "services/syslogd/zone.h"

struct gyl_fault gyl_syslogd_from_parse(struct gyl_view in, struct gyl_syslogd_from *ret_from)
{
	struct gyl_syslogd_from from = {GYL_SYSLOGD_FROM_NET, 0, 0};
	struct gyl_syslogd_zone net = {0};
	struct gyl_fault f = gyl_ok();

	if (gyl_view_eq(in, gyl_view_str("unix"))) {
		from.kind = GYL_SYSLOGD_FROM_UNIX;
	} else if (gyl_view_eq(in, gyl_view_str("guyline"))) {
		from.kind = GYL_SYSLOGD_FROM_OWN;
	} else {
		f = gyl_syslogd_network_parse(in, &net);
		from.ip = net.ip;
		from.len = net.len;
	}
	if (!gyl_failed(f))
		*ret_from = from;
	return f;
}

struct gyl_fault gyl_syslogd_severity_parse(struct gyl_view in, uint8_t *ret_mask)
{
	struct gyl_view less = gyl_view_str("<=");
	bool and_less = gyl_view_eq(gyl_view_sub(in, 0, less.len), less);
	struct gyl_view name = and_less ? gyl_view_sub(in, less.len, in.len) : in;

	for (unsigned sev = 0; sev < 8; sev++) {
		if (!gyl_view_eq(name, gyl_view_str(gyl_syslog_sev_name(sev))))
			continue;
		*ret_mask = (uint8_t)(and_less ? (2u << sev) - 1 : 1u << sev);
		return gyl_ok();
	}
	return gyl_fault(GYL_E_SYNTAX, 0);
}
