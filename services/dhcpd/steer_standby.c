/* SPDX-License-Identifier: ISC */

/* "dhcp.standby": how the two servers stand to each other; "dhcp.takeover": serve instead of the
 * other. */

#include <gyl/json.h>
#include <gyl/text.h>
#include <gyl/time.h>

#include "services/dhcpd/standby.h"
#include "services/dhcpd/steer.h"

/* Records that the other does not have yet. */
static uint32_t lag(const struct gyl_dhcpd_standby *s)
{
	return s->pend_end - s->pend_acked;
}

static void put_sentence(
	struct gyl_writer *w, const struct gyl_dhcpd_standby *s, const struct gyl_dhcpd_ask *a)
{
	gyl_text_str(w, gyl__dhcpd_role_name(s->role));
	gyl_text_str(w, s->cf.first ? ", the first of two beside " : ", the second beside ");
	gyl_text_ipv4(w, s->cf.peer_ip);
	if (s->heard_ns == 0) {
		gyl_text_str(w, ", which was not heard of yet");
	} else {
		gyl_text_str(w, ", last heard ");
		gyl_time_print_about(w, gyl_time_sub(a->now.mono_ns, s->heard_ns));
		gyl_text_str(w, " ago; ");
		gyl_text_u64(w, lag(s));
		gyl_text_str(w, " records on their way");
	}
}

void gyl__dhcpd_steer_standby(struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a)
{
	const struct gyl_dhcpd_standby *s = d->standby;
	struct gyl_writer w;
	struct gyl_json j;
	uint8_t text[200];

	if (s == NULL) {
		gyl_question_refuse(a->q, "no standby is configured", gyl_view(NULL, 0));
		return;
	}
	gyl_writer_init(&w, text, sizeof text);
	put_sentence(&w, s, a);
	gyl_json_init(&j, a->q->answer);
	gyl_json_obj(&j, NULL);
	gyl_json_cstr(&j, "role", gyl__dhcpd_role_name(s->role));
	gyl_json_bool(&j, "first", s->cf.first);
	gyl_json_ipv4(&j, "peer", s->cf.peer_ip);
	gyl_json_bool(&j, "connected", s->phase > GYL_DHCPD_LINK_STATE);
	gyl_json_u64(&j, "lag", lag(s));
	if (s->heard_ns != 0)
		gyl_json_u64(
			&j, "heard_ms", gyl_time_sub(a->now.mono_ns, s->heard_ns) / GYL_NS_PER_MS);
	gyl_json_str(&j, "sentence", gyl_writer_view(&w));
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
