/* SPDX-License-Identifier: ISC */

/* "dhcp.standby": how the two servers stand to each other; "dhcp.takeover": serve instead of the
 * other. */

#include <gyl/json.h>
#include <gyl/text.h>

#include "services/dhcpd/standby.h"
#include "services/dhcpd/steer.h"

void gyl__dhcpd_steer_standby(struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a)
{
	struct gyl_json j;

	if (d->standby == NULL) {
		gyl_question_refuse(a->q, "no standby is configured", gyl_view(NULL, 0));
		return;
	}
	gyl_json_init(&j, a->q->answer);
	gyl_json_obj(&j, NULL);
	gyl__dhcpd_standby_json(d, a->now.mono_ns, &j);
	gyl_json_end(&j);
	gyl_text_char(a->q->answer, '\n');
}

void gyl__dhcpd_steer_takeover(struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a)
{
	bool all = gyl_question_has(a->q, "all");
	const char *why = gyl__dhcpd_standby_takeover(d, a->now, a->o, all);

	if (why != NULL) {
		gyl_question_refuse(a->q, why, gyl_view(NULL, 0));
		return;
	}
	gyl__dhcpd_steer_say(a, gyl_view_str(all ? "lets this server take over all"
						 : "lets this server take over"));
	gyl__dhcpd_steer_done(a, "takeover",
		gyl_view_str("This server takes over; guyline dhcp standby shows when it does."));
}
