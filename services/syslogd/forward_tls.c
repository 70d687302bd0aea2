/* SPDX-License-Identifier: ISC */
#include "services/syslogd/forward_tls.h"

#include <stdio.h>

#include "services/syslogd/forward_parse.h"

_Static_assert((int)GYL_SYSLOGD_OUTPUT_MAX <= (int)GYL_TLS_CLIENT_MAX, "a number for each output");

/* The check vouches for all places being of one way. */
static bool is_tls(const struct gyl_flat *f, const struct gyl_syslogd_output_conf *o)
{
	const struct gyl_ref *text = gyl_flat_at(f, o->forward);
	struct gyl_syslogd_place place;
	enum gyl_syslogd_way way;

	return o->forward.cnt != 0 &&
	       !gyl_failed(gyl_syslogd_place_parse(gyl_flat_view(f, text[0]), &way, &place)) &&
	       way == GYL_SYSLOGD_BY_TLS;
}

bool gyl_syslogd_forward_has_tls(const struct gyl_flat *f, const struct gyl_syslogd_conf *cf)
{
	const struct gyl_syslogd_output_conf *o = gyl_flat_at(f, cf->outputs);

	for (uint32_t i = 0; i < cf->outputs.cnt; i++)
		if (is_tls(f, &o[i]))
			return true;
	return false;
}

uint8_t gyl_syslogd_forward_tls_of(
	const struct gyl_flat *f, const struct gyl_syslogd_output_conf *o)
{
	const struct gyl_syslogd_conf *cf = gyl_flat_section(f, "syslogd");
	const struct gyl_syslogd_output_conf *first = gyl_flat_at(f, cf->outputs);

	return (uint8_t)(o - first);
}

bool gyl_syslogd_forward_build(
	const struct gyl_flat *f, const struct gyl_syslogd_conf *cf, struct gyl_build *b)
{
	const struct gyl_syslogd_output_conf *o = gyl_flat_at(f, cf->outputs);
	bool good = true;

	for (uint32_t i = 0; i < cf->outputs.cnt; i++) {
		char at[100];
		struct gyl_syslogd_secure s = {.owner = GYL_SYSLOGD_SECURE_OUTPUT + i,
			.at = at,
			.key_of = {"tls_cert", "tls_key", "tls_ca", "tls_peer"},
			.cert = o[i].tls_cert,
			.key = o[i].tls_key,
			.ca = o[i].tls_ca,
			.peer = o[i].tls_peer};

		snprintf(at, sizeof at, "syslogd.outputs.%s.",
			(const char *)gyl_flat_at(f, o[i].name));
		if (is_tls(f, &o[i]))
			good = gyl_syslogd_secure_put(f, &s, b) && good;
	}
	return good;
}

void gyl_syslogd_forward_tls(struct gyl_tls *t, struct gyl_view files)
{
	for (unsigned i = 0; i < GYL_SYSLOGD_OUTPUT_MAX; i++)
		gyl_tls_connect(t, (uint8_t)i,
			gyl_syslogd_secure_get(files, GYL_SYSLOGD_SECURE_OUTPUT + i, false));
}
