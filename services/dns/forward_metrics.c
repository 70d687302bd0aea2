/* SPDX-License-Identifier: ISC */

/* Numbers of the forwarder, for Prometheus. */

#include "services/dns/core_own.h"
#include "services/dns/forward.h"

/* "192.0.2.53:53" */
static struct gyl_view server_name(const struct gyl_dns_upstream *up, uint8_t buf[24])
{
	struct gyl_writer w;

	gyl_writer_init(&w, buf, 24);
	gyl_text_ipv4(&w, up->ip);
	gyl_text_char(&w, ':');
	gyl_text_u64(&w, up->port);
	return gyl_writer_view(&w);
}

/* A family with a sample for each server: the number at an offset of its struct. */
static void each_server(const struct gyl_dns_upstreams *u, const char *name, const char *help,
	size_t off, struct gyl_metrics *m)
{
	gyl_metrics_family(m, name, GYL_METRICS_COUNTER, help);
	for (unsigned i = 0; i < GYL_DNS_UPSTREAM_MAX; i++) {
		struct gyl_metrics_label label = {"server", {NULL, 0}};
		uint8_t buf[24];
		uint64_t v;

		if (u->one[i].ip == 0)
			continue;
		label.val = server_name(&u->one[i], buf);
		memcpy(&v, (const uint8_t *)&u->one[i].stat + off, sizeof v);
		gyl_metrics_u64(m, &label, 1, v);
	}
}

static void put_servers(const struct gyl_dns_upstreams *u, struct gyl_metrics *m)
{
	static const struct {
		const char *name, *help;
		size_t off;
	} rows[] = {
		{"guyline_dns_upstream_questions_total", "Questions that a server was asked.",
			offsetof(struct gyl_dns_upstream_stat, ask_cnt)},
		{"guyline_dns_upstream_answers_total", "What it answered, in whatever way.",
			offsetof(struct gyl_dns_upstream_stat, answer_cnt)},
		{"guyline_dns_upstream_timeouts_total", "Times that it did not answer in time.",
			offsetof(struct gyl_dns_upstream_stat, timeout_cnt)},
		{"guyline_dns_upstream_failures_total", "SERVFAIL, REFUSED and their like.",
			offsetof(struct gyl_dns_upstream_stat, fail_cnt)},
		{"guyline_dns_upstream_tcp_total", "Questions over TCP.",
			offsetof(struct gyl_dns_upstream_stat, tcp_cnt)},
		{"guyline_dns_upstream_strange_total",
			"Datagrams that answered no question of ours.",
			offsetof(struct gyl_dns_upstream_stat, strange_cnt)},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		each_server(u, rows[i].name, rows[i].help, rows[i].off, m);
}

static void put_states(const struct gyl_dns_upstreams *u, struct gyl_metrics *m)
{
	gyl_metrics_family(m, "guyline_dns_upstream_up", GYL_METRICS_GAUGE,
		"1: the server is asked; 0: it is dead.");
	for (unsigned i = 0; i < GYL_DNS_UPSTREAM_MAX; i++) {
		struct gyl_metrics_label label = {"server", {NULL, 0}};
		uint8_t buf[24];

		if (u->one[i].ip == 0)
			continue;
		label.val = server_name(&u->one[i], buf);
		gyl_metrics_u64(m, &label, 1, !u->one[i].dead);
	}
	gyl_metrics_family(m, "guyline_dns_upstream_rtt_seconds", GYL_METRICS_HISTOGRAM,
		"How long answers took over UDP.");
	for (unsigned i = 0; i < GYL_DNS_UPSTREAM_MAX; i++) {
		struct gyl_metrics_label label = {"server", {NULL, 0}};
		uint8_t buf[24];

		if (u->one[i].ip == 0)
			continue;
		label.val = server_name(&u->one[i], buf);
		gyl_metrics_histogram(m, &label, 1, &u->one[i].stat.rtt);
	}
}

static void put_sources(const struct gyl_dns *d, struct gyl_metrics *m)
{
	const uint64_t *cnt = d->forward.stat.source_cnt;
	uint64_t by_workers = d->team == NULL ? 0 : gyl__dns_team_answers(d->team);
	static const char *const name[] = {"local", "cache", "stale", "upstream", "nobody"};

	gyl_metrics_family(m, "guyline_dns_sources_total", GYL_METRICS_COUNTER,
		"Answers by where they are from.");
	for (unsigned i = 0; i < sizeof name / sizeof name[0]; i++) {
		struct gyl_metrics_label label = {"source", gyl_view_str(name[i])};

		gyl_metrics_u64(m, &label, 1, cnt[i] + (i == GYL_DNS_FROM_US ? by_workers : 0));
	}
}

static void put_cache(const struct gyl__dns_forward *fw, struct gyl_metrics *m)
{
	struct gyl_dns_cache_stat st = {0};

	if (fw->ready)
		gyl_dns_cache_stat(&fw->cache, &st);
	gyl_metrics_gauge(m, "guyline_dns_cache_entries", "Answers in the cache.", st.entry_cnt);
	gyl_metrics_gauge(m, "guyline_dns_cache_used_bytes", "Memory that they take.", st.used);
	gyl_metrics_gauge(
		m, "guyline_dns_cache_size_bytes", "Memory that there is.", fw->cache_len);
	gyl_metrics_counter(m, "guyline_dns_cache_evicted_total",
		"Answers given up while they had time left.", st.evict_cnt);
}

void gyl_dns_forward_metrics(const struct gyl_dns *d, struct gyl_metrics *m)
{
	const struct gyl__dns_forward *fw = &d->forward;
	const struct gyl_dns_forward_stat *st = &fw->stat;

	put_sources(d, m);
	gyl_metrics_counter(m, "guyline_dns_forwarded_total",
		"Questions that servers were asked about.", st->miss_cnt);
	gyl_metrics_counter(m, "guyline_dns_joined_total",
		"Queries about what was being asked already.", st->joined_cnt);
	gyl_metrics_counter(m, "guyline_dns_refreshed_total",
		"Questions asked before their answers ended.", st->refresh_cnt);
	gyl_metrics_counter(
		m, "guyline_dns_failed_total", "Questions that nobody answered.", st->fail_cnt);
	gyl_metrics_counter(
		m, "guyline_dns_full_total", "Queries that found no place to wait.", st->full_cnt);
	gyl_metrics_counter(m, "guyline_dns_loops_total", "Questions of ours that came back to us.",
		st->loop_cnt);
	gyl_metrics_gauge(m, "guyline_dns_pending", "Questions that wait now.", fw->asks.used);
	gyl_metrics_gauge(m, "guyline_dns_waiting", "Queries that wait now.", fw->waiters.used);
	put_cache(fw, m);
	put_servers(&fw->up, m);
	put_states(&fw->up, m);
}
