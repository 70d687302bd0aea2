/* SPDX-License-Identifier: ISC */

/* Outputs to other collectors: what their check says. */

#include <stdio.h>

#include "services/syslogd/conf_own.h"
#include "services/syslogd/forward_parse.h"

/* Of all places; false when one is none. */
static bool check_places(const struct gyl_flat *f, const struct gyl_syslogd_output_conf *o,
	const char *path, enum gyl_syslogd_way *ret_way, struct gyl_conf_check *ck)
{
	const struct gyl_ref *text = gyl_flat_at(f, o->forward);
	struct gyl_syslogd_place place;
	enum gyl_syslogd_way way;

	for (uint32_t i = 0; i < o->forward.cnt; i++) {
		if (gyl_failed(gyl_syslogd_place_parse(gyl_flat_view(f, text[i]), &way, &place))) {
			gyl_conf_fail(ck, path,
				"expected a way, an address and a port, such as "
				"\"tcp://10.0.0.9:514\", \"udp://10.0.0.9\" or \"tls://10.0.0.9\"");
			return false;
		}
		if (i != 0 && way != *ret_way) {
			gyl_conf_fail(ck, path, "expected the same way to all of them");
			return false;
		}
		*ret_way = way;
	}
	return true;
}

void gyl__syslogd_check_forward(const struct gyl_flat *f, const struct gyl_syslogd_output_conf *o,
	const char *path, struct gyl_conf_check *ck)
{
	enum gyl_syslogd_way way = GYL_SYSLOGD_BY_UDP;
	char at[100];

	snprintf(at, sizeof at, "%s.forward", path);
	if (o->forward.cnt > GYL_SYSLOGD_PLACE_MAX)
		gyl_conf_fail(ck, at, "expected at most %d places", GYL_SYSLOGD_PLACE_MAX);
	if (!check_places(f, o, at, &way, ck))
		return;
	if (way == GYL_SYSLOGD_BY_TLS && o->framing != GYL_SYSLOG_FRAME_COUNT) {
		snprintf(at, sizeof at, "%s.framing", path);
		gyl_conf_fail(ck, at, "expected \"count\": TLS has no other (RFC 5425 4.3)");
	}
}
