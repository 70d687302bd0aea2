/* SPDX-License-Identifier: ISC */

/* How the two servers stand to each other: for the control socket, /healthz and /metrics. */

#include <gyl/text.h>
#include <gyl/time.h>

#include "services/dhcpd/metrics.h"
#include "services/dhcpd/standby.h"
#include "services/dhcpd/state.h"

/* Records that the other does not have yet. */
static uint32_t lag(const struct gyl_dhcpd_standby *s)
{
	return s->pend_end - s->pend_acked;
}

static bool is_connected(const struct gyl_dhcpd_standby *s)
{
	return s->phase > GYL_DHCPD_LINK_STATE;
}

static uint64_t ago_ns(uint64_t mono_ns, uint64_t at_ns)
{
	return gyl_time_sub(mono_ns, at_ns);
}

/* "serving for 3 minutes, the first of two, connected with 10.0.0.2 for 3 minutes; 0 records on
 * their way" */
static void put_sentence(struct gyl_writer *w, const struct gyl_dhcpd_standby *s, uint64_t mono_ns)
{
	gyl_text_str(w, gyl__dhcpd_role_name(s->role));
	gyl_text_str(w, " for ");
	gyl_time_print_about(w, ago_ns(mono_ns, s->since_ns));
	gyl_text_str(w, s->cf.first ? ", the first of two, " : ", the second of two, ");
	if (is_connected(s)) {
		gyl_text_str(w, "connected with ");
		gyl_text_ipv4(w, s->cf.peer_ip);
		gyl_text_str(w, " for ");
		gyl_time_print_about(w, ago_ns(mono_ns, s->up_ns));
		gyl_text_str(w, "; ");
		gyl_text_u64(w, lag(s));
		gyl_text_str(w, " records on their way");
		return;
	}
	gyl_text_str(w, "without ");
	gyl_text_ipv4(w, s->cf.peer_ip);
	if (s->word_ns == 0) {
		gyl_text_str(w, ", which was not heard of since the start");
		return;
	}
	gyl_text_str(w, ", last heard ");
	gyl_time_print_about(w, ago_ns(mono_ns, s->word_ns));
	gyl_text_str(w, " ago");
}

void gyl__dhcpd_standby_json(const struct gyl_dhcpd *d, uint64_t mono_ns, struct gyl_json *j)
{
	const struct gyl_dhcpd_standby *s = d->standby;
	struct gyl_writer w;
	uint8_t text[200];

	gyl_json_cstr(j, "role", gyl__dhcpd_role_name(s->role));
	gyl_json_u64(j, "role_s", ago_ns(mono_ns, s->since_ns) / GYL_NS_PER_S);
	gyl_json_bool(j, "first", s->cf.first);
	gyl_json_ipv4(j, "peer", s->cf.peer_ip);
	gyl_json_bool(j, "connected", is_connected(s));
	if (is_connected(s))
		gyl_json_u64(j, "connected_s", ago_ns(mono_ns, s->up_ns) / GYL_NS_PER_S);
	gyl_json_u64(j, "lag", lag(s));
	if (s->word_ns != 0)
		gyl_json_u64(j, "heard_ms", ago_ns(mono_ns, s->word_ns) / GYL_NS_PER_MS);
	gyl_writer_init(&w, text, sizeof text);
	put_sentence(&w, s, mono_ns);
	gyl_json_str(j, "sentence", gyl_writer_view(&w));
}

void gyl_dhcpd_status(const struct gyl_dhcpd *d, uint64_t mono_ns, struct gyl_json *j)
{
	gyl_json_u64(j, "leases", d->lease_cnt);
	if (d->standby == NULL)
		return;
	gyl_json_obj(j, "standby");
	gyl__dhcpd_standby_json(d, mono_ns, j);
	gyl_json_end(j);
}

bool gyl_dhcpd_healthy(const struct gyl_dhcpd *d, uint64_t mono_ns, struct gyl_writer *w)
{
	const struct gyl_dhcpd_standby *s = d->standby;
	bool good;

	if (s == NULL)
		return true;
	/* Who waits for the other's records is no copy yet, and says nothing to clients. */
	good = !s->clash && (s->role > GYL_DHCPD_ROLE_WAIT || is_connected(s));
	gyl_text_str(w, good ? "dhcpd: " : "dhcpd answers nobody: ");
	put_sentence(w, s, mono_ns);
	gyl_text_char(w, '\n');
	return good;
}

/* ---- numbers ---- */

/* One of them is 1; without another server all are 0. */
static void put_role(const struct gyl_dhcpd *d, struct gyl_metrics *m)
{
	gyl_metrics_family(m, "guyline_dhcpd_standby_role", GYL_METRICS_GAUGE,
		"1 for the role that this one of two servers has.");
	for (unsigned i = 0; i <= GYL_DHCPD_ROLE_YIELDING; i++) {
		struct gyl_metrics_label label = {
			"role", gyl_view_str(gyl__dhcpd_role_name((uint8_t)i))};

		gyl_metrics_u64(m, &label, 1, d->standby != NULL && d->standby->role == i);
	}
}

void gyl__dhcpd_standby_metrics(const struct gyl_dhcpd *d, uint64_t mono_ns, struct gyl_metrics *m)
{
	const struct gyl_dhcpd_standby *s = d->standby;

	put_role(d, m);
	gyl_metrics_gauge(m, "guyline_dhcpd_standby_connected", "1: the other server is connected.",
		s != NULL && is_connected(s));
	gyl_metrics_gauge(m, "guyline_dhcpd_standby_behind_records",
		"Records that the other server does not have yet.", s == NULL ? 0 : lag(s));
	gyl_metrics_family(m, "guyline_dhcpd_standby_role_seconds", GYL_METRICS_GAUGE,
		"How long this server has had its role.");
	gyl_metrics_ns(m, NULL, 0, s == NULL ? 0 : ago_ns(mono_ns, s->since_ns));
	gyl_metrics_family(m, "guyline_dhcpd_standby_heard_seconds", GYL_METRICS_GAUGE,
		"How long ago the other server was heard; +Inf: not since the start.");
	if (s == NULL || s->word_ns == 0)
		gyl_metrics_inf(m, NULL, 0);
	else
		gyl_metrics_ns(m, NULL, 0, ago_ns(mono_ns, s->word_ns));
}
