/* SPDX-License-Identifier: ISC */
#include "services/arpd/service.h"

#include <errno.h>
#include <gyl/eth.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf/top.h"
#include "services/arpd/core.h"
#include "services/arpd/metrics.h"
#include "services/arpd/vendor_build.h"

static bool build(const struct gyl_flat *flat, const void *conf, struct gyl_build *b)
{
	const struct gyl_arpd_conf *cf = conf;

	return gyl_arpd_vendors_build(
		cf->vendors.cnt == 0 ? "" : gyl_flat_at(flat, cf->vendors), b);
}

static void *open_core(struct gyl_service_env *env, struct gyl_view data, char err[200])
{
	const struct gyl_arpd_conf *cf = env->conf;
	struct gyl_arpd_rules rules;
	struct gyl_arpd_init init = {
		.cf = cf, .rules = &rules, .seed = {env->seed[0], env->seed[1]}, .vendors = data};
	void *mem = aligned_alloc(64, (gyl_arpd_need(cf) + 63) & ~(size_t)63);

	if (mem == NULL) {
		snprintf(err, 200, "no memory for %u hosts", cf->host_cnt);
		return NULL;
	}
	gyl_arpd_rules_read(env->flat, cf, &rules);
	return gyl_arpd_init(mem, &init);
}

static void note(struct gyl_service_env *env, uint8_t severity, const char *text)
{
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_BASE_NOTE);
	e.severity = severity;
	gyl_event_str(&e, "text", gyl_view_str(text));
	gyl_run_event(env->run, &e);
}

static void tell_interfaces(const struct gyl_service_env *env, struct gyl_arpd *d)
{
	uint8_t prefix, mac[6];
	uint32_t ip;

	for (unsigned i = 0; env->host.ops->addr(env->host.h, i, 0, &ip, &prefix, mac); i++)
		gyl_arpd_iface(d, i, ip, prefix, mac);
}

/* What DHCP servers say to everybody. A machine that is a DHCP client itself has its port in use:
 * then servers are not watched, and hosts are. */
static void listen_dhcp(struct gyl_service_env *env, uint64_t ifaces)
{
	struct gyl_bind b = {.type = GYL_BIND_UDP,
		.role = GYL_ARPD_DHCP,
		.flags = GYL_BIND_LINK,
		.port = 68,
		.ifaces = ifaces};
	char text[200];
	int port = gyl_run_listen(env->run, env->core, &b);

	if (port >= 0)
		return;
	snprintf(text, sizeof text, "arpd: DHCP servers are not watched, UDP port 68: %s",
		strerror(-port));
	note(env, GYL_SEV_WARNING, text);
}

/* On loopback there is no ARP: the table stays as the store has it, and everybody is told why. */
static int listen_frames(struct gyl_service_env *env, void *core, char err[200])
{
	const struct gyl_arpd_conf *cf = env->conf;
	struct gyl_bind b = {.type = GYL_BIND_FRAME,
		.role = GYL_ARPD_FRAMES,
		.flags = GYL_BIND_WATCH,
		.port = GYL_ETH_ARP,
		.rcvbuf_len = 32 << 20,
		.ifaces = gyl_top_iface_mask(env->flat, env->top, cf->interfaces)};
	int port = gyl_run_listen(env->run, env->core, &b);

	if (port == -ENODEV) {
		note(env, GYL_SEV_WARNING,
			"arpd has nothing to watch: no interface here speaks ARP");
		return 0;
	}
	if (port < 0) {
		snprintf(err, 200, "cannot watch ARP frames: %s", strerror(-port));
		return -1;
	}
	tell_interfaces(env, core);
	gyl_arpd_open(core, (uint8_t)port);
	listen_dhcp(env, b.ifaces);
	return 0;
}

static void close_core(struct gyl_service_env *env, void *core)
{
	(void)env;
	free(core);
}

static const struct gyl_verb verbs[] = {
	{"arpd.hosts", "scan", true, true, GYL_EV_ARPD_HOST},
	{"arpd.scan", "network", .kind = -1},
	{"arpd.protected", "", .kind = -1},
	{"arpd.servers", "", .kind = -1},
};

static void metrics(const struct gyl_service_env *env, const void *core, struct gyl_metrics *m)
{
	(void)env;
	gyl_arpd_metrics(core, m);
}

static void summary(const struct gyl_service_env *env, const void *core, struct gyl_writer *w)
{
	(void)env;
	gyl_arpd_summary(core, w);
}

const struct gyl_service gyl_arpd_service = {
	.name = "arpd",
	.section = &gyl_arpd_conf_section,
	.ops = &gyl_arpd_core,
	.build = build,
	.open = open_core,
	.listen = listen_frames,
	.verb = verbs,
	.verb_cnt = sizeof verbs / sizeof verbs[0],
	.close = close_core,
	.metrics = metrics,
	.summary = summary,
};
