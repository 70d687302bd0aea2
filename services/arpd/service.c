/* SPDX-License-Identifier: ISC */
#include "services/arpd/service.h"

#include <errno.h>
#include <gyl/eth.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf/top.h"
#include "services/arpd/core.h"

static void *open_core(struct gyl_service_env *env, struct gyl_view data, char err[200])
{
	const struct gyl_arpd_conf *cf = env->conf;
	void *mem = aligned_alloc(16, (gyl_arpd_need(cf) + 15) & ~(size_t)15);

	(void)data;
	if (mem == NULL) {
		snprintf(err, 200, "no memory for %u hosts", cf->host_cnt);
		return NULL;
	}
	return gyl_arpd_init(mem, cf, env->seed);
}

/* On loopback there is no ARP: the table stays as the store has it, and everybody is told why. */
static void say_nothing_to_watch(struct gyl_service_env *env)
{
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_BASE_NOTE);
	e.severity = GYL_SEV_WARNING;
	gyl_event_str(&e, "text",
		gyl_view_str("arpd has nothing to watch: no interface here speaks ARP"));
	gyl_run_event(env->run, &e);
}

static int listen_frames(struct gyl_service_env *env, void *core, char err[200])
{
	const struct gyl_arpd_conf *cf = env->conf;
	struct gyl_bind b = {.type = GYL_BIND_FRAME,
		.role = GYL_ARPD_FRAMES,
		.port = GYL_ETH_ARP,
		.ifaces = gyl_top_iface_mask(env->flat, env->top, cf->interfaces)};
	int port = gyl_run_listen(env->run, env->core, &b);

	(void)core;
	if (port == -ENODEV) {
		say_nothing_to_watch(env);
		return 0;
	}
	if (port < 0)
		snprintf(err, 200, "cannot watch ARP frames: %s", strerror(-port));
	return port < 0 ? -1 : 0;
}

static void close_core(struct gyl_service_env *env, void *core)
{
	(void)env;
	free(core);
}

static void metrics(const struct gyl_service_env *env, const void *core, struct gyl_metrics *m)
{
	struct gyl_arpd_stat st;

	(void)env;
	gyl_arpd_stat(core, &st);
	gyl_metrics_counter(m, "guyline_arpd_frames_total", "ARP frames seen.", st.frame_cnt);
	gyl_metrics_counter(m, "guyline_arpd_bad_total",
		"Of them no ARP, or from a sender that cannot be one.", st.bad_cnt);
	gyl_metrics_counter(m, "guyline_arpd_evicted_total", "Hosts that made room for new ones.",
		st.evicted_cnt);
	gyl_metrics_gauge(m, "guyline_arpd_hosts", "Hosts in the table.", st.host_cnt);
}

const struct gyl_service gyl_arpd_service = {
	.name = "arpd",
	.section = &gyl_arpd_conf_section,
	.ops = &gyl_arpd_core,
	.open = open_core,
	.listen = listen_frames,
	.close = close_core,
	.metrics = metrics,
};
