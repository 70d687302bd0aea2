/* SPDX-License-Identifier: ISC */

/* What events of the core have in common. */

#include <gyl/dns_text.h>
#include <gyl/json.h>

#include "services/dns/core_own.h"

void gyl__dns_event_name(struct gyl_event *e, const char *field, const uint8_t *name)
{
	char text[GYL_DNS_NAME_TEXT_MAX];
	struct gyl_writer w;

	gyl_writer_init(&w, text, sizeof text);
	if (name != NULL)
		gyl_dns_name_print(&w, name);
	gyl_event_str(e, field, gyl_writer_view(&w));
}

void gyl__dns_json_name(struct gyl_json *j, const char *key, const uint8_t *name)
{
	char text[GYL_DNS_NAME_TEXT_MAX];
	struct gyl_writer w;

	gyl_writer_init(&w, text, sizeof text);
	gyl_dns_name_print(&w, name);
	gyl_json_str(j, key, gyl_writer_view(&w));
}

void gyl__dns_event_rcode(struct gyl_event *e, const char *field, unsigned rcode)
{
	char text[16];
	struct gyl_writer w;

	gyl_writer_init(&w, text, sizeof text);
	gyl_dns_rcode_print(&w, rcode);
	gyl_event_str(e, field, gyl_writer_view(&w));
}

void gyl__dns_say_note(const char *text, struct gyl_out *o)
{
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_BASE_NOTE);
	e.severity = GYL_SEV_WARNING;
	gyl_event_str(&e, "text", gyl_view_str(text));
	gyl_out_event(o, &e, 0);
}
