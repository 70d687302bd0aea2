/* SPDX-License-Identifier: ISC */

/*
 * `--pcap in.pcap --out out.pcap`: the program's core over a capture instead of a network, with the
 * time of the packets. The same input and configuration give the same output, octet by octet: keys
 * of hashes are fixed, there is no state directory, nothing reads a clock.
 */

#include <errno.h>
#include <gyl/text.h>
#include <gyl/time.h>
#include <stdlib.h>
#include <sysexits.h>

#include "libnet/host/replay.h"
#include "services/base/daemon.h"

enum {
	OWN_PCAP,
	OWN_OUT,
	OWN_UNTIL,
	OWN_EVENTS
};

enum {
	HOLD_OCTETS = 1 << 20,
	EVENT_OCTETS = 1 << 20,
	SUMMARY_LEN = 16384
};

const struct gyl_args_own gyl__offline_args[] = {
	{"pcap", "FILE", "serve what this capture has instead of a network, and exit"},
	{"out", "FILE", "with --pcap: write the replies as a capture"},
	{"until", "TIME", "with --pcap: go on for so long after the last packet, such as 10m"},
	{"events", NULL, "with --pcap: print what happens"},
	{NULL, NULL, NULL},
};

bool gyl__offline_wanted(const struct gyl_daemon *d)
{
	for (int i = 0; i <= OWN_EVENTS; i++)
		if (d->args.own[i] != NULL)
			return true;
	return false;
}

static int fail(const struct gyl_daemon *d, int status, const char *why)
{
	fprintf(stderr, "%s: %s\n", d->program, why);
	return status;
}

/* A gyl_run_sink_fn. Everything, so that files of two runs can be compared. */
static void print_event(void *arg, const struct gyl_event *e)
{
	struct gyl_writer w;
	char line[1600];

	(void)arg;
	gyl_writer_init(&w, line, sizeof line);
	gyl_time_print_rfc3339(&w, e->wall_ns, 6);
	gyl_text_char(&w, ' ');
	gyl_text_str(&w, gyl_severity_name(e->severity));
	gyl_text_char(&w, ' ');
	gyl_text_str(&w, gyl_event_desc(e->kind)->name);
	gyl_text_str(&w, ": ");
	gyl_event_print(e, &w);
	printf("%.*s\n", (int)w.len, line);
}

/* ---- opening ---- */

/* Whatever the file says the network is: here it is the capture. */
static int open_capture(struct gyl_daemon *d, struct gyl_top_conf *top)
{
	struct gyl_net_iface iface[GYL_NET_IFACE_MAX];
	struct gyl_host_replay_conf cf = {
		.in = d->args.own[OWN_PCAP], .out = d->args.own[OWN_OUT], .iface = iface};
	const char *until = d->args.own[OWN_UNTIL];
	char err[200];
	int e;

	if (cf.in == NULL)
		return fail(d, EX_USAGE, "--out, --until and --events belong to --pcap FILE");
	if (until != NULL && gyl_failed(gyl_time_parse(gyl_view_str(until), &cf.linger_ns)))
		return fail(d, EX_USAGE, "--until: expected a duration such as 10m");
	if (cf.linger_ns == GYL_TIME_INFINITE)
		return fail(d, EX_USAGE, "--until: expected an end");
	*top = *d->top;
	top->host = GYL_TOP_STACK;
	d->top = top;
	cf.iface_cnt = gyl__daemon_ifaces(d, iface);
	e = gyl_host_replay_open(&cf, &d->host, err);
	return e == 0 ? 0 : fail(d, e == -EBADMSG ? EX_DATAERR : EX_NOINPUT, err);
}

static int open_run(struct gyl_daemon *d)
{
	struct gyl_store_conf scf = {
		.key_cnt = GYL_STORE_DAEMON_KEYS, .data_len = GYL_STORE_DAEMON_OCTETS};
	struct gyl_run_conf cf = {.hold_mem = malloc(HOLD_OCTETS),
		.hold_len = HOLD_OCTETS,
		.event_mem = malloc(EVENT_OCTETS),
		.event_len = EVENT_OCTETS};
	void *mem = calloc(1, gyl_store_need(&scf) + 16);

	d->store = mem == NULL ? NULL : gyl_store_init(mem, &scf);
	if (d->store == NULL || cf.hold_mem == NULL || cf.event_mem == NULL) {
		free(cf.hold_mem);
		free(cf.event_mem);
		return fail(d, EX_OSERR, "no memory");
	}
	gyl_run_init(&d->run, d->host, d->store, &cf);
	gyl_run_replay(&d->run, &d->replayed);
	return 0;
}

static int open_services(struct gyl_daemon *d)
{
	static const uint8_t seed[GYL_RNG_KEY_LEN];
	static struct gyl_rng rng;

	/* Not random on purpose, and of use for nothing else. */
	gyl_rng_init(&rng, GYL_RNG_CHACHA20, 0, 0);
	gyl_rng_reseed(&rng, seed, sizeof seed);
	for (size_t i = 0; i < d->on_cnt; i++) {
		d->env[i].rng = &rng;
		gyl_rng_read(&rng, d->env[i].seed, sizeof d->env[i].seed);
	}
	d->state = NULL;
	return gyl__daemon_open_services(d);
}

/* ---- the end ---- */

static void put_frames(const struct gyl_daemon *d, struct gyl_writer *w)
{
	struct gyl_host_replay_stat st;

	gyl_host_replay_stat(&d->host, &st);
	gyl_text_str(w, d->args.own[OWN_PCAP]);
	gyl_text_str(w, ": ");
	gyl_text_u64(w, st.frame_cnt);
	gyl_text_str(w, " frames in ");
	gyl_time_print_about(w, st.last_ns - st.first_ns);
	gyl_text_str(w, ", ");
	gyl_text_u64(w, st.taken_cnt);
	gyl_text_str(w, " for us");
	if (st.cut_cnt != 0) {
		gyl_text_str(w, ", ");
		gyl_text_u64(w, st.cut_cnt);
		gyl_text_str(w, " captured in part");
	}
	if (st.pieces_cnt != 0) {
		gyl_text_str(w, ", ");
		gyl_text_u64(w, st.pieces_cnt);
		gyl_text_str(w, " pieces of datagrams");
	}
	gyl_text_str(w, "; ");
	gyl_text_u64(w, st.sent_cnt);
	gyl_text_str(w, " frames sent\n");
}

static void print_summary(const struct gyl_daemon *d)
{
	char text[SUMMARY_LEN];
	struct gyl_writer w;

	gyl_writer_init(&w, text, sizeof text);
	put_frames(d, &w);
	for (size_t i = 0; i < d->on_cnt; i++)
		d->on[i]->summary(&d->env[i], d->core[i], &w);
	fprintf(stderr, "%.*s", (int)w.len, text);
}

static int run(struct gyl_daemon *d)
{
	char err[200];
	int status;

	while (!gyl_host_replay_ended(&d->host) && !d->run.stop)
		gyl_run_step(&d->run, UINT64_MAX);
	gyl_run_finish(&d->run);
	print_summary(d);
	status = gyl_host_replay_finish(&d->host, err);
	if (status != 0)
		return fail(d, status == -EBADMSG ? EX_DATAERR : EX_IOERR, err);
	return fflush(stdout) == 0 ? 0 : fail(d, EX_IOERR, "standard output cannot be written");
}

int gyl__offline(struct gyl_daemon *d)
{
	struct gyl_top_conf top;
	int status;

	gyl_log_open(&d->log, 0, NULL); /* nobody is told anything but here */
	status = open_capture(d, &top);
	if (status == 0)
		status = open_run(d);
	if (status == 0 && d->args.own[OWN_EVENTS] != NULL)
		gyl_run_sink(&d->run, print_event, NULL, NULL);
	if (status == 0)
		status = open_services(d);
	if (status == 0)
		status = run(d);
	gyl__daemon_stop(d);
	return status;
}
