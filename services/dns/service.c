/* SPDX-License-Identifier: ISC */
#include "services/dns/service.h"

#include <errno.h>
#include <gyl/cpu.h>
#include <gyl/dns_text.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf/top.h"
#include "services/dns/build.h"
#include "services/dns/core.h"
#include "services/dns/threads.h"

static bool build(const struct gyl_flat *flat, const void *conf, struct gyl_build *b)
{
	const struct gyl_dns_conf *cf = conf;

	return cf->image.cnt != 0 ? gyl__dns_build_ready(flat, cf, b)
				  : gyl__dns_build_compiled(flat, cf, b, true, NULL);
}

static bool check(
	const struct gyl_flat *flat, const void *conf, struct gyl_view block, struct gyl_build *b)
{
	return gyl__dns_build_check(flat, conf, block, b);
}

static void add_net(struct gyl_dns_init *init, uint32_t ip, uint8_t prefix)
{
	if (ip == 0 || ip >> 24 == 127 || prefix == 0 || init->net_cnt == GYL_DNS_NET_MAX)
		return;
	init->net[init->net_cnt].ip = ip & gyl_conf_mask(prefix);
	init->net[init->net_cnt++].prefix_len = prefix;
}

/* Our networks: the reverse names in them are ours to answer. */
static void find_nets(const struct gyl_host *h, struct gyl_dns_init *init)
{
	uint32_t ip;
	uint8_t prefix, mac[6];

	for (unsigned i = 0; h->ops->addr(h->h, i, 0, &ip, &prefix, mac); i++) {
		for (unsigned n = 0; h->ops->addr(h->h, i, n, &ip, &prefix, mac); n++)
			add_net(init, ip, prefix);
	}
}

static void *open_core(struct gyl_service_env *env, struct gyl_view data, char err[200])
{
	const struct gyl_dns_conf *cf = env->conf;
	struct gyl_dns_init init = {.flat = env->flat, .cf = cf};
	struct gyl_view image = {NULL, 0};
	void *mem = aligned_alloc(16, (gyl_dns_need(cf) + 15) & ~(size_t)15);

	if (mem == NULL) {
		snprintf(err, 200, "no memory for %u leases", cf->lease_cnt);
		return NULL;
	}
	init.data = data;
	init.cpu = gyl_cpu_detect();
	/* check() has just looked at it */
	(void)gyl_dns_bundle_find(data, GYL_DNS_PART_IMAGE, 0, &image);
	init.image = (const struct gyl_dns_image *)(const void *)image.p;
	memcpy(init.seed, env->seed, sizeof init.seed);
	init.rng = env->rng;
	find_nets(&env->host, &init);
	return gyl_dns_init(mem, &init);
}

static int listen_ports(struct gyl_service_env *env, void *core, char err[200])
{
	static const struct {
		uint8_t type, role;
		const char *name;
	} want[] = {{GYL_BIND_UDP, GYL_DNS_UDP, "UDP"}, {GYL_BIND_TCP, GYL_DNS_TCP, "TCP"}};
	const struct gyl_dns_conf *cf = env->conf;
	bool alone = gyl__dns_threads_wanted(env) == 1;

	env->connects = true; /* to upstreams, those of a later configuration too */
	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
		struct gyl_bind b = {.type = want[i].type,
			.role = want[i].role,
			.flags = GYL_BIND_WHOLE,
			.port = cf->port,
			.ifaces = gyl_top_iface_mask(env->flat, env->top, cf->interfaces)};
		int port;

		if (b.type == GYL_BIND_UDP && !alone)
			b.flags |= GYL_BIND_SHARED | GYL_BIND_FIRST;
		port = gyl_run_listen(env->run, env->core, &b);
		if (port < 0) {
			snprintf(err, 200, "cannot listen on %s port %u: %s", want[i].name,
				cf->port, strerror(-port));
			return -1;
		}
		if (b.type == GYL_BIND_UDP && !alone &&
			gyl__dns_threads_open(env, core, &b, port, err) != 0)
			return -1;
	}
	return 0;
}

static void close_core(struct gyl_service_env *env, void *core)
{
	gyl__dns_threads_close(env);
	free(core);
}

static void put_answers(const struct gyl_dns_stat *st, struct gyl_metrics *m)
{
	gyl_metrics_family(
		m, "guyline_dns_answers_total", GYL_METRICS_COUNTER, "Answers by response code.");
	for (unsigned i = 0; i < sizeof st->rcode_cnt / sizeof st->rcode_cnt[0]; i++) {
		uint8_t name[16];
		struct gyl_metrics_label label = {"rcode", {NULL, 0}};
		struct gyl_writer w;

		gyl_writer_init(&w, name, sizeof name);
		gyl_dns_rcode_print(&w, i);
		label.val = gyl_writer_view(&w);
		gyl_metrics_u64(m, &label, 1, st->rcode_cnt[i]);
	}
}

static void put_cookies(const struct gyl_dns_stat *st, struct gyl_metrics *m)
{
	static const char *const state[GYL_DNS_COOKIE_CNT] = {
		"none", "malformed", "client", "bad", "good"};

	gyl_metrics_family(m, "guyline_dns_cookies_total", GYL_METRICS_COUNTER,
		"Queries by what their cookie was worth.");
	for (unsigned i = 0; i < GYL_DNS_COOKIE_CNT; i++) {
		struct gyl_metrics_label label = {"state", gyl_view_str(state[i])};

		gyl_metrics_u64(m, &label, 1, st->cookie_cnt[i]);
	}
}

/* Zones that change. */
static void put_zones(const struct gyl_dns_stat *st, struct gyl_metrics *m)
{
	gyl_metrics_counter(
		m, "guyline_dns_updates_total", "UPDATE messages that came.", st->update_cnt);
	gyl_metrics_counter(m, "guyline_dns_updates_refused_total",
		"Of those, answered with an error.", st->update_refused_cnt);
	gyl_metrics_counter(m, "guyline_dns_updates_changed_total",
		"Of those, that changed a zone.", st->changed_cnt);
	gyl_metrics_counter(m, "guyline_dns_updates_again_total",
		"UPDATE messages that came again and were not done twice.", st->update_again_cnt);
	gyl_metrics_gauge(m, "guyline_dns_zone_space_used_bytes",
		"Memory that zones that change take.", st->zone_used_len);
	gyl_metrics_gauge(
		m, "guyline_dns_zone_space_bytes", "Memory that there is.", st->zone_space_len);
}

static void put_transfers(const struct gyl_dns_stat *st, struct gyl_metrics *m)
{
	const struct {
		const char *name;
		uint64_t cnt;
	} state[] = {{"full", st->transfer_cnt[0]}, {"changes", st->transfer_cnt[1]},
		{"serial", st->transfer_cnt[2]}, {"broken", st->transfer_lost_cnt},
		{"refused", st->transfer_refused_cnt}};

	gyl_metrics_family(m, "guyline_dns_transfers_total", GYL_METRICS_COUNTER,
		"Zones asked for by others (AXFR, IXFR), by what they got.");
	for (unsigned i = 0; i < sizeof state / sizeof state[0]; i++) {
		struct gyl_metrics_label label = {"got", gyl_view_str(state[i].name)};

		gyl_metrics_u64(m, &label, 1, state[i].cnt);
	}
}

static void put_notifies(const struct gyl_dns_stat *st, struct gyl_metrics *m)
{
	struct gyl_metrics_label answered = {"state", gyl_view_str("answered")};
	struct gyl_metrics_label lost = {"state", gyl_view_str("lost")};

	gyl_metrics_family(m, "guyline_dns_notifies_total", GYL_METRICS_COUNTER,
		"Secondaries told that a zone has changed (NOTIFY), and whether they answered.");
	gyl_metrics_u64(m, &answered, 1, st->notify_cnt);
	gyl_metrics_u64(m, &lost, 1, st->notify_lost_cnt);
	gyl_metrics_counter(m, "guyline_dns_copies_total",
		"Primaries that were asked for their zones, and answered.", st->copy_cnt);
	gyl_metrics_counter(m, "guyline_dns_copies_failed_total",
		"Primaries that were asked in vain.", st->copy_failed_cnt);
}

static void metrics(const struct gyl_service_env *env, const void *core, struct gyl_metrics *m)
{
	struct gyl_dns_stat st;

	gyl_dns_stat(core, &st);
	gyl_metrics_counter(m, "guyline_dns_queries_total", "Messages that came.", st.query_cnt);
	gyl_metrics_counter(
		m, "guyline_dns_dropped_total", "Messages that were no queries.", st.dropped_cnt);
	put_answers(&st, m);
	gyl_metrics_counter(m, "guyline_dns_truncated_total",
		"Answers that did not fit a datagram.", st.truncated_cnt);
	gyl_metrics_counter(m, "guyline_dns_blocked_total",
		"Answers about names that a list blocks.", st.blocked_cnt);
	gyl_metrics_counter(m, "guyline_dns_special_total",
		"Answers about special names, which nobody upstream is asked about.",
		st.special_cnt);
	gyl_metrics_gauge(m, "guyline_dns_block_names", "Names in the lists of blocked ones.",
		st.block_name_cnt);
	put_cookies(&st, m);
	gyl_metrics_counter(m, "guyline_dns_limited_total",
		"Answers held back because there were too many like them.", st.limited_cnt);
	gyl_metrics_counter(m, "guyline_dns_slipped_total",
		"Of those, replaced by one that asks to come by TCP.", st.slipped_cnt);
	put_zones(&st, m);
	gyl_metrics_counter(m, "guyline_dns_connections_total", "TCP connections that were opened.",
		st.tcp_cnt);
	put_transfers(&st, m);
	put_notifies(&st, m);
	gyl_metrics_gauge(m, "guyline_dns_lease_names", "Names made by leases.", st.lease_cnt);
	gyl_dns_zone_metrics(core, m);
	gyl_dns_forward_metrics(core, m);
	gyl__dns_threads_metrics(env, m);
}

static const struct gyl_verb verbs[] = {
	{"dns.cache", "", .kind = -1},
	{"dns.cache.dump", "name below", .kind = -1},
	{"dns.cache.flush", "name all", .kind = -1},
	{"dns.explain", "name type from", .kind = -1},
	{"dns.queries", "seconds", .match = true, .follow = true, .kind = GYL_EV_DNS_QUERY},
	{"dns.top", "list count reset", .kind = -1},
	{"dns.zones", "", .kind = -1},
	{"dns.upstreams", "", .kind = -1},
};

const struct gyl_service gyl_dns_service = {
	.name = "dns",
	.section = &gyl_dns_conf_section,
	.ops = &gyl_dns_core,
	.open = open_core,
	.listen = listen_ports,
	.build = build,
	.check = check,
	.threads = gyl__dns_threads_start,
	.uses = gyl__dns_threads_uses,
	.beside = gyl__dns_threads_beside,
	.close = close_core,
	.metrics = metrics,
	.verb = verbs,
	.verb_cnt = sizeof verbs / sizeof verbs[0],
};
