/* SPDX-License-Identifier: ISC */

/* The numbers of a daemon: what it is, the process, the loop, the store, the host; then each
 * service tells its own. docs/METRICS.md has the list. */

#include <errno.h>
#include <fcntl.h>
#include <gyl/time.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "conf/endpoint.h"
#include "services/base/daemon.h"

/* A write to the disk that takes longer is told as trouble. */
#define FLUSH_SLOW_NS (10 * GYL_NS_PER_S)

enum {
	REASONS_LEN = 1024
};

/* One of two or more things, told apart by a label. */
struct counted {
	const char *name;
	uint64_t val;
};

static void put_table(struct gyl_metrics *m, const char *name, enum gyl_metrics_type type,
	const char *help, const char *label, const struct counted *c, size_t cnt)
{
	gyl_metrics_family(m, name, type, help);
	for (size_t i = 0; i < cnt; i++) {
		struct gyl_metrics_label l = {label, gyl_view_str(c[i].name)};

		gyl_metrics_u64(m, &l, 1, c[i].val);
	}
}

static void put_ns(struct gyl_metrics *m, const char *name, enum gyl_metrics_type type,
	const char *help, uint64_t ns)
{
	gyl_metrics_family(m, name, type, help);
	gyl_metrics_ns(m, NULL, 0, ns);
}

/* ---- what it is ---- */

static void write_build(const struct gyl_daemon *d, struct gyl_metrics *m)
{
	const struct gyl_metrics_label label[] = {{"program", gyl_view_str(d->program)},
		{"version", gyl_view_str(GYL_VERSION)},
		{"host", gyl_view_str(d->top->host == GYL_TOP_KERNEL ? "kernel" : "stack")}};

	gyl_metrics_family(
		m, "guyline_build_info", GYL_METRICS_GAUGE, "Always 1; the labels tell what runs.");
	gyl_metrics_u64(m, label, sizeof label / sizeof label[0], 1);
}

static uint64_t cpu_ns(void)
{
	struct timespec t = {0};

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * GYL_NS_PER_S + (uint64_t)t.tv_nsec;
}

/* All memory and what is resident: the first two numbers of proc(5)'s statm, in pages. */
static bool memory(const struct gyl_daemon *d, uint64_t *ret_all, uint64_t *ret_resident)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	char text[128], *rest, *end;
	ssize_t len = d->statm_fd < 0 ? -1 : pread(d->statm_fd, text, sizeof text - 1, 0);

	if (len <= 0)
		return false;
	text[len] = '\0';
	*ret_all = strtoull(text, &rest, 10) * page;
	*ret_resident = strtoull(rest, &end, 10) * page;
	return end != rest;
}

/* The names that Prometheus' own libraries give these. */
static void write_process(const struct gyl_daemon *d, struct gyl_metrics *m)
{
	uint64_t all, resident;

	put_ns(m, "process_cpu_seconds_total", GYL_METRICS_COUNTER,
		"CPU time of all threads, user and system.", cpu_ns());
	put_ns(m, "process_start_time_seconds", GYL_METRICS_GAUGE,
		"When it was started, since 1970-01-01 UTC.", d->started.wall_ns);
	put_ns(m, "guyline_uptime_seconds", GYL_METRICS_GAUGE, "How long it has been running.",
		gyl_time_sub(d->run.now.mono_ns, d->started.mono_ns));
	if (!memory(d, &all, &resident))
		return;
	gyl_metrics_gauge(m, "process_resident_memory_bytes", "Memory in use.", resident);
	gyl_metrics_gauge(m, "process_virtual_memory_bytes", "Address space in use.", all);
}

/* ---- loop, store, host ---- */

/* What threads of a service did, too. */
static struct gyl_service_beside beside(const struct gyl_daemon *d, size_t i)
{
	struct gyl_service_beside sum = {.answer = d->run.core[d->env[i].core].answer};

	if (d->on[i]->beside != NULL)
		d->on[i]->beside(&d->env[i], d->core[i], &sum);
	return sum;
}

static void write_loop(const struct gyl_daemon *d, struct gyl_metrics *m)
{
	uint64_t event_lost_cnt = d->run.stat.event_lost_cnt;

	for (size_t i = 0; i < d->on_cnt; i++)
		event_lost_cnt += beside(d, i).event_lost_cnt;
	gyl_metrics_family(m, "guyline_loop_turn_seconds", GYL_METRICS_HISTOGRAM,
		"Time between waking and waiting again, in which nobody else is served.");
	gyl_metrics_histogram(m, NULL, 0, &d->turn);
	put_ns(m, "guyline_loop_turn_longest_seconds", GYL_METRICS_GAUGE,
		"The longest turn since the start.", d->turn_longest_ns);
	gyl_metrics_counter(m, "guyline_events_lost_total",
		"Events for the log and for other services that found no room.", event_lost_cnt);
	gyl_metrics_family(m, "guyline_answer_seconds", GYL_METRICS_HISTOGRAM,
		"From taking in a datagram or octets of a stream to sending the answer, with the "
		"wait for the journal.");
	for (size_t i = 0; i < d->on_cnt; i++) {
		struct gyl_metrics_label label = {"service", gyl_view_str(d->on[i]->name)};
		struct gyl_service_beside sum = beside(d, i);

		gyl_metrics_histogram(m, &label, 1, &sum.answer);
	}
}

static void write_store(const struct gyl_run *r, struct gyl_metrics *m)
{
	gyl_metrics_family(m, "guyline_store_flush_seconds", GYL_METRICS_HISTOGRAM,
		"From handing a write to the disk to hearing that it is durable.");
	gyl_metrics_histogram(m, NULL, 0, &r->stat.flush);
	gyl_metrics_counter(m, "guyline_store_flush_failures_total", "Writes that failed.",
		r->stat.flush_failed_cnt);
	gyl_metrics_counter(m, "guyline_store_parked_total",
		"Answers that waited for a write to be durable.", r->stat.parked_cnt);
	gyl_metrics_counter(m, "guyline_store_dropped_total",
		"Answers and events given up because a write failed.", r->stat.dropped_cnt);
}

static struct gyl_host_stat host_stat(const struct gyl_daemon *d)
{
	struct gyl_host_stat st;

	d->host.ops->stat(d->host.h, &st);
	for (size_t i = 0; i < d->on_cnt; i++) {
		struct gyl_host_stat more = beside(d, i).host;

		st.in_cnt += more.in_cnt;
		st.in_octets += more.in_octets;
		st.out_cnt += more.out_cnt;
		st.out_octets += more.out_octets;
		st.in_bad_cnt += more.in_bad_cnt;
		st.in_lost_cnt += more.in_lost_cnt;
		st.out_lost_cnt += more.out_lost_cnt;
	}
	return st;
}

static void write_host(const struct gyl_daemon *d, struct gyl_metrics *m)
{
	struct gyl_host_stat st = host_stat(d);

	put_table(m, "guyline_host_packets_total", GYL_METRICS_COUNTER,
		"Datagrams, frames and pieces of streams that services got and gave.", "direction",
		(struct counted[]){{"in", st.in_cnt}, {"out", st.out_cnt}}, 2);
	put_table(m, "guyline_host_bytes_total", GYL_METRICS_COUNTER, "Octets of these.",
		"direction", (struct counted[]){{"in", st.in_octets}, {"out", st.out_octets}}, 2);
	put_table(m, "guyline_host_lost_total", GYL_METRICS_COUNTER,
		"Dropped before they were read, or could not be sent.", "direction",
		(struct counted[]){{"in", st.in_lost_cnt}, {"out", st.out_lost_cnt}}, 2);
	gyl_metrics_counter(m, "guyline_host_bad_total",
		"Frames that were not for us or failed a check.", st.in_bad_cnt);
	gyl_metrics_gauge(
		m, "guyline_host_streams", "TCP connections that are open.", st.stream_cnt);
	put_table(m, "guyline_host_streams_opened_total", GYL_METRICS_COUNTER,
		"TCP connections by who opened them.", "by",
		(struct counted[]){{"peer", st.stream_in_cnt}, {"us", st.stream_out_cnt}}, 2);
	gyl_metrics_counter(m, "guyline_host_streams_lost_total",
		"TCP connections ended by a reset or because nobody answered.", st.stream_lost_cnt);
	gyl_metrics_counter(m, "guyline_host_segments_resent_total", "TCP segments sent again.",
		st.stream_again_cnt);
}

void gyl__daemon_metrics_write(void *daemon, struct gyl_writer *w)
{
	const struct gyl_daemon *d = daemon;
	struct gyl_metrics m;
	struct gyl_writer why;
	char text[REASONS_LEN];

	gyl_metrics_init(&m, w);
	gyl_writer_init(&why, text, sizeof text);
	write_build(d, &m);
	gyl_metrics_gauge(&m, "guyline_healthy", "What /healthz says: 1 is well.",
		gyl__daemon_healthy(daemon, &why));
	gyl_metrics_counter(&m, "guyline_scrapes_total", "Requests for numbers or health.",
		gyl_metrics_http_scrapes(d->metrics));
	write_process(d, &m);
	write_loop(d, &m);
	write_store(&d->run, &m);
	write_host(d, &m);
	for (size_t i = 0; i < d->on_cnt; i++)
		if (d->on[i]->metrics != NULL)
			d->on[i]->metrics(&d->env[i], d->core[i], &m);
}

/* ---- health ---- */

static void put_reason(struct gyl_writer *w, const char *what, const char *why)
{
	gyl_text_str(w, what);
	gyl_text_str(w, why);
	gyl_text_char(w, '\n');
}

static void put_wrong(const struct gyl_run *r, struct gyl_writer *w)
{
	if (r->stat.flush_err != 0)
		put_reason(w, "the store cannot be written: ", strerror(r->stat.flush_err));
	if (r->flush_at_ns != 0 && gyl_time_sub(r->now.mono_ns, r->flush_at_ns) > FLUSH_SLOW_NS)
		put_reason(w, "the disk has not finished a write for more than 10 s", "");
	if (r->gone != 0)
		put_reason(w, "the network device is gone: ", strerror(r->gone));
}

/* What is wrong, or else what there is to say of services that are well. */
bool gyl__daemon_healthy(void *daemon, struct gyl_writer *w)
{
	const struct gyl_daemon *d = daemon;
	struct gyl_writer well;
	char text[REASONS_LEN / 2];
	size_t before = w->len;

	gyl_writer_init(&well, text, sizeof text);
	put_wrong(&d->run, w);
	for (size_t i = 0; i < d->on_cnt; i++) {
		size_t said = well.len;

		if (d->on[i]->healthy == NULL || d->on[i]->healthy(&d->env[i], d->core[i], &well))
			continue;
		gyl_put_bytes(w, text + said, well.len - said);
		well.len = said;
	}
	if (w->len != before)
		return false;
	gyl_put_view(w, gyl_writer_view(&well));
	return true;
}

/* ---- opening ---- */

static void on_turn(void *arg, uint64_t ns)
{
	struct gyl_daemon *d = arg;

	gyl_histogram_add(&d->turn, ns, 1);
	if (ns > d->turn_longest_ns)
		d->turn_longest_ns = ns;
}

bool gyl__daemon_metrics(struct gyl_daemon *d, char err[200])
{
	struct gyl_metrics_http_conf cf = {.loop = d->loop,
		.write = gyl__daemon_metrics_write,
		.healthy = gyl__daemon_healthy,
		.arg = d};

	gyl_loop_now(&d->started);
	if (d->top->metrics.cnt == 0)
		return true;
	gyl_conf_endpoint(gyl_flat_view(d->flat, d->top->metrics), &cf.ip, &cf.port);
	d->metrics = gyl_metrics_http_open(&cf, err);
	if (d->metrics == NULL)
		return false;
	d->statm_fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	return true;
}

void gyl__daemon_metrics_begin(struct gyl_daemon *d)
{
	if (d->metrics != NULL)
		gyl_loop_on_turn(d->loop, on_turn, d);
}

void gyl__daemon_metrics_close(struct gyl_daemon *d)
{
	gyl_metrics_http_close(d->metrics);
	if (d->statm_fd >= 0)
		close(d->statm_fd);
}
