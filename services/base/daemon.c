/* SPDX-License-Identifier: ISC */
#include "services/base/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

static void on_stop(evutil_socket_t sig, short what, void *arg)
{
	struct gyl_daemon *d = arg;

	(void)what;
	d->stop_reason = sig == SIGINT ? "interrupted" : "asked to";
	d->run.stop = true;
}

static void on_reload(evutil_socket_t sig, short what, void *arg)
{
	struct gyl_daemon *d = arg;

	(void)sig;
	(void)what;
	gyl_loader_reload(d->loader);
}

static void catch_signals(struct gyl_daemon *d)
{
	struct event_base *base = gyl_loop_base(d->loop);

	signal(SIGPIPE, SIG_IGN);
	d->signal[0] = evsignal_new(base, SIGTERM, on_stop, d);
	d->signal[1] = evsignal_new(base, SIGINT, on_stop, d);
	d->signal[2] = evsignal_new(base, SIGHUP, on_reload, d);
	for (int i = 0; i < 3; i++)
		if (d->signal[i] != NULL)
			evsignal_add(d->signal[i], NULL);
}

static void say_stop(struct gyl_daemon *d)
{
	struct gyl_event e;

	if (d->stop_reason == NULL)
		d->stop_reason =
			d->run.gone != 0 ? "its network device is gone" : "nobody waits for it";

	gyl_event_init(&e, GYL_EV_BASE_STOP);
	gyl_event_str(&e, "program", gyl_view_str(d->program));
	gyl_event_str(&e, "reason", gyl_view_str(d->stop_reason));
	gyl_run_event(&d->run, &e);
}

/*
 * Into the background: the parent waits until the daemon says that it runs, so that a start that
 * fails fails in the terminal, with its message and status. Returns the status to leave with, -1 in
 * the daemon itself.
 */
static int background(struct gyl_daemon *d)
{
	int pipe_fd[2], status = EX_OSERR;
	uint8_t ready;
	pid_t pid;

	if (pipe2(pipe_fd, O_CLOEXEC) != 0)
		return EX_OSERR;
	pid = fork();
	if (pid < 0)
		return EX_OSERR;
	if (pid == 0) {
		close(pipe_fd[0]);
		d->ready_fd = pipe_fd[1];
		d->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC); /* later we may open nothing */
		setsid();
		return d->null_fd < 0 ? EX_OSERR : -1;
	}
	close(pipe_fd[1]);
	if (read(pipe_fd[0], &ready, 1) == 1)
		return 0;
	if (waitpid(pid, &status, 0) == pid && WIFEXITED(status))
		return WEXITSTATUS(status);
	return EX_SOFTWARE;
}

void gyl__daemon_detach(const struct gyl_daemon *d)
{
	for (int fd = 0; fd <= 2 && d->null_fd >= 0; fd++)
		dup2(d->null_fd, fd);
}

static void tell_ready(struct gyl_daemon *d)
{
	if (d->ready_fd < 0)
		return;
	if (write(d->ready_fd, "", 1) != 1)
		d->run.stop = true; /* whoever started us is gone */
	close(d->ready_fd);
	gyl__daemon_detach(d);
}

static int serve(struct gyl_daemon *d)
{
	int status = gyl__daemon_start(d);

	if (status != 0)
		return status;
	catch_signals(d);
	tell_ready(d);
	(void)gyl_loop_longest_ns(d->loop); /* the start was no turn */
	gyl__daemon_metrics_begin(d);
	while (!d->run.stop) {
		gyl_run_step(&d->run, gyl_log_deadline_ns(&d->log));
		gyl_loader_release(d->loader);
		gyl_log_tick(&d->log, d->run.now.mono_ns, d->run.now.wall_ns);
		gyl__daemon_random(d);
	}
	gyl_run_drain(&d->run);
	say_stop(d);
	gyl_run_finish(&d->run);
	for (int i = 0; i < 3; i++)
		if (d->signal[i] != NULL)
			event_free(d->signal[i]);
	return d->run.gone != 0 ? EX_UNAVAILABLE : 0;
}

static int check(struct gyl_daemon *d)
{
	if (d->args.verbose != 0)
		return gyl_conf_print(d->flat, &d->set, stdout) ? 0 : EX_IOERR;
	printf("configuration OK\n");
	return 0;
}

int gyl_daemon_main(int argc, char **argv, const char *program, const char *about,
	const struct gyl_service *const *service, size_t service_cnt)
{
	static struct gyl_daemon daemon;
	struct gyl_daemon *d = &daemon;
	int status;

	d->program = program;
	d->service = service;
	d->service_cnt = service_cnt;
	d->ready_fd = -1;
	d->null_fd = -1;
	d->statm_fd = -1;
	for (size_t i = 0; i < service_cnt; i++)
		d->section[i] = service[i]->section;
	d->set.top = &gyl_top_conf_section;
	d->set.section = d->section;
	d->set.section_cnt = service_cnt;
	d->set.skip = gyl_top_skip;
	d->set.always = service_cnt == 1 ? service[0]->name : NULL;
	d->about.name = program;
	d->about.about = about;
	d->about.set = &d->set;
	d->about.form = service_cnt == 1 && strcmp(service[0]->name, "dhcpd") == 0 ? GYL_CONF_GUESS
										   : GYL_CONF_JSON;
	if (service_cnt == 1 && service[0]->summary != NULL)
		d->about.own = gyl__offline_args;
	status = gyl_args_parse(&d->about, argc, argv, &d->args);
	if (status != GYL_ARGS_GO)
		return status;
	if (!gyl__daemon_load(d))
		return EX_CONFIG;
	if (d->args.check)
		return check(d);
	if (d->on_cnt == 0) {
		fprintf(stderr, "%s: the configuration names no service to run\n", program);
		return EX_CONFIG;
	}
	if (gyl__offline_wanted(d))
		return gyl__offline(d);
	if (!d->args.foreground) {
		status = background(d);
		if (status >= 0)
			return status;
	}
	status = serve(d);
	gyl__daemon_stop(d);
	return status;
}
