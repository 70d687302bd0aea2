/* SPDX-License-Identifier: ISC */
#include "services/syslogd/service.h"

#include <errno.h>
#include <gyl/json.h>
#include <gyl/text.h>
#include <gyl/time.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/top.h"
#include "services/syslogd/build.h"
#include "services/syslogd/core.h"
#include "services/syslogd/forward_tls.h"
#include "services/syslogd/seal_key.h"
#include "services/syslogd/secure.h"
#include "services/syslogd/segment.h"
#include "services/syslogd/sinks.h"
#include "services/syslogd/tail.h"

enum {
	TAIL_DEFAULT = 20,
	TAIL_MAX = 10000
};

/* The core is the first member: what the daemon hands around as the core is this. */
struct shell {
	struct gyl_syslogd core;
	struct gyl_syslogd_segment segment;
	struct gyl_syslogd_sinks sinks;
	struct gyl_log log;
	struct gyl_syslogd_keys *keys; /* of closed files; NULL: they are not sealed */
	struct gyl_run *run;
	struct gyl_tls *tls;   /* NULL: nobody speaks it */
	struct gyl_view files; /* of it, at the start */
	int tls_port;
	int64_t cert_until_s;
	char dir[4096];
	char out_dir[GYL_SYSLOGD_OUTPUT_MAX][GYL_SYSLOGD_TEMPLATE_MAX]; /* of outputs to files */
	uint8_t text[GYL_SYSLOGD_LOG_CAP];
};

static void say(void *arg, const struct gyl_event *e)
{
	gyl_run_event(((struct shell *)arg)->run, e);
}

static const char *conf_str(const struct gyl_service_env *env, struct gyl_ref r)
{
	return r.cnt == 0 ? "" : gyl_flat_at(env->flat, r);
}

static void *open_core(struct gyl_service_env *env, struct gyl_view data, char err[200])
{
	const struct gyl_syslogd_conf *cf = env->conf;
	struct shell *sh = calloc(1, sizeof *sh);
	char host[256] = "";

	if (sh == NULL) {
		snprintf(err, 200, "no memory for the log buffer");
		return NULL;
	}
	if (gethostname(host, sizeof host - 1) != 0)
		host[0] = '\0';
	gyl_syslogd_init(&sh->core, cf, env->flat, gyl_view_str(host));
	sh->run = env->run;
	sh->files = data;
	if (cf->dir.cnt != 0)
		snprintf(sh->dir, sizeof sh->dir, "%s", conf_str(env, cf->dir));
	else
		snprintf(sh->dir, sizeof sh->dir, "%s/log", env->state);
	return &sh->core;
}

/* Who we shall be. */
static void find_user(const struct gyl_service_env *env, uint32_t *ret_uid, uint32_t *ret_gid)
{
	const char *user = conf_str(env, env->top->user);
	const struct passwd *pw = geteuid() == 0 && user[0] != '\0' ? getpwnam(user) : NULL;

	*ret_uid = pw != NULL ? pw->pw_uid : UINT32_MAX;
	*ret_gid = pw != NULL ? pw->pw_gid : UINT32_MAX;
}

/* The passphrase, while it may be read. */
static bool open_keys(const struct gyl_service_env *env, struct shell *sh, char err[200])
{
	const struct gyl_syslogd_conf *cf = env->conf;

	if (cf->seal.passphrase_file.cnt == 0)
		return true;
	sh->keys = gyl_syslogd_keys_open(conf_str(env, cf->seal.passphrase_file), err);
	return sh->keys != NULL;
}

static int open_segment(struct gyl_service_env *env, struct shell *sh, char err[200])
{
	struct gyl_syslogd_segment_conf cf = {.dir = sh->dir,
		.limits = &sh->core.cf,
		.host = &env->host,
		.lost_cnt = &sh->core.stat.event_lost_cnt,
		.say = say,
		.arg = sh};

	if (!open_keys(env, sh, err))
		return -1;
	cf.keys = sh->keys;
	find_user(env, &cf.uid, &cf.gid);
	if (gyl_syslogd_segment_open(&sh->segment, &cf, env->run->now.wall_ns, err) != 0)
		return -1;
	if (sh->keys != NULL)
		gyl_syslogd_keys_forget(sh->keys); /* its key is made */
	if (sh->segment.last_seq != 0)
		gyl_syslogd_seq_last(&sh->core, sh->segment.last_seq);
	sh->log.p = sh->text;
	sh->log.cap = sizeof sh->text;
	sh->log.write = gyl_syslogd_segment_write;
	sh->log.arg = &sh->segment;
	gyl_run_log(env->run, env->core, 0, &sh->log);
	env->write_dir[env->write_dir_cnt++] = sh->dir;
	return 0;
}

/* Directories of outputs are written in, too. */
static void allow_dirs(struct gyl_service_env *env, struct shell *sh)
{
	const struct gyl_syslogd_conf *cf = env->conf;
	const struct gyl_syslogd_output_conf *o = gyl_flat_at(env->flat, cf->outputs);

	for (uint32_t i = 0; i < cf->outputs.cnt; i++) {
		const char *dir = gyl_syslogd_sinks_dir(
			env->flat, &o[i], sh->out_dir[i], sizeof sh->out_dir[i]);

		if (dir != NULL && env->write_dir_cnt < GYL_SERVICE_DIR_MAX)
			env->write_dir[env->write_dir_cnt++] = dir;
	}
}

static int open_sinks(struct gyl_service_env *env, struct shell *sh, char err[200])
{
	struct gyl_syslogd_sinks *s = &sh->sinks;

	s->env.service = env;
	s->env.tls = gyl_syslogd_forward_has_tls(env->flat, env->conf);
	s->env.say = say;
	s->env.arg = sh;
	find_user(env, &s->env.uid, &s->env.gid);
	if (gyl_syslogd_sinks_open(s, &sh->core.rules, env->conf, err) != 0)
		return -1;
	gyl_syslogd_rules(&sh->core, env->seed, &s->helper);
	gyl_run_log(env->run, env->core, GYL_SYSLOGD_OUT_LOG, &s->log);
	allow_dirs(env, sh);
	return 0;
}

static int listen_at(struct gyl_service_env *env, const struct gyl_bind *b, char err[200])
{
	int port = gyl_run_listen(env->run, env->core, b);

	if (port < 0)
		gyl_host_why(b, port, err);
	return port < 0 ? -1 : 0;
}

static int listen_udp(struct gyl_service_env *env, char err[200])
{
	const struct gyl_syslogd_conf *cf = env->conf;
	struct gyl_bind b = {.type = GYL_BIND_UDP,
		.role = GYL_SYSLOGD_UDP,
		.port = cf->port,
		.ip = cf->ip,
		.ifaces = gyl_top_iface_mask(env->flat, env->top, cf->interfaces),
		.rcvbuf_len = (uint32_t)cf->rcvbuf_len};

	return cf->port == 0 ? 0 : listen_at(env, &b, err);
}

static int listen_tcp(struct gyl_service_env *env, char err[200])
{
	const struct gyl_syslogd_conf *cf = env->conf;
	struct gyl_bind b = {.type = GYL_BIND_TCP,
		.role = GYL_SYSLOGD_TCP,
		.port = gyl_syslogd_tcp_port(cf),
		.ip = cf->ip,
		.ifaces = gyl_top_iface_mask(env->flat, env->top, cf->interfaces)};
	int port = b.port == 0 ? 0 : gyl_run_listen(env->run, env->core, &b);

	if (port >= 0)
		return 0;
	gyl_host_why(&b, port, err);
	return -1;
}

/* The certificate that newcomers get from now on. */
static void serve_tls(struct shell *sh, struct gyl_view files)
{
	struct gyl_tls_ctx *ctx;

	gyl_syslogd_forward_tls(sh->tls, files);
	if (sh->tls_port < 0)
		return;
	ctx = gyl_syslogd_secure_get(files, GYL_SYSLOGD_SECURE_LISTEN, true);

	if (ctx == NULL) /* the loader has let it pass, so there is only no memory */
		return;
	sh->cert_until_s = gyl_tls_ctx_until_s(ctx);
	gyl_tls_serve(sh->tls, sh->tls_port, ctx);
}

static int listen_tls(struct gyl_service_env *env, struct shell *sh, char err[200])
{
	const struct gyl_syslogd_conf *cf = env->conf;
	struct gyl_bind b = {.type = GYL_BIND_TLS,
		.role = GYL_SYSLOGD_TLS,
		.port = cf->tls_port,
		.ip = cf->ip,
		.ifaces = gyl_top_iface_mask(env->flat, env->top, cf->interfaces)};

	sh->tls_port = -1;
	if (!sh->sinks.env.tls && b.port == 0)
		return 0;
	sh->tls = gyl_tls_open(&env->run->host);
	if (sh->tls == NULL) {
		snprintf(err, 200, "no memory for TLS");
		return -1;
	}
	if (b.port != 0)
		sh->tls_port = gyl_run_listen(env->run, env->core, &b);
	if (b.port != 0 && sh->tls_port < 0) {
		gyl_host_why(&b, sh->tls_port, err);
		return -1;
	}
	serve_tls(sh, sh->files);
	return 0;
}

/* New certificates, before the block that they are in goes. */
static void settle(struct gyl_service_env *env, void *core)
{
	struct shell *sh = core;

	(void)env;
	if (sh->tls != NULL && sh->core.files.len != 0)
		serve_tls(sh, sh->core.files);
	sh->core.files = gyl_view(NULL, 0);
}

static int listen_unix(
	struct gyl_service_env *env, uint8_t type, uint8_t role, struct gyl_ref path, char err[200])
{
	struct gyl_bind b = {.type = type, .role = role, .path = conf_str(env, path), .mode = 0666};
	char dir[4096];
	char *slash;

	if (b.path[0] == '\0')
		return 0;
	snprintf(dir, sizeof dir, "%s", b.path);
	slash = strrchr(dir, '/');
	if (slash != NULL && slash != dir) {
		*slash = '\0';
		mkdir(dir, 0755); /* when that fails, opening the socket tells why */
	}
	return listen_at(env, &b, err);
}

static int listen_all(struct gyl_service_env *env, void *core, char err[200])
{
	const struct gyl_syslogd_conf *cf = env->conf;

	if (open_segment(env, core, err) != 0 || open_sinks(env, core, err) != 0 ||
		listen_udp(env, err) != 0 || listen_tcp(env, err) != 0 ||
		listen_tls(env, core, err) != 0 ||
		listen_unix(env, GYL_BIND_UNIX_DGRAM, GYL_SYSLOGD_UNIX, cf->socket, err) != 0)
		return -1;
	return listen_unix(
		env, GYL_BIND_UNIX_STREAM, GYL_SYSLOGD_UNIX_STREAM, cf->stream_socket, err);
}

/* Where the log is, for who reads its files; all that has been received is in them by then. */
static void tell_where(const struct shell *sh, struct gyl_writer *reply)
{
	char path[PATH_MAX];
	struct gyl_json j;

	gyl_json_init(&j, reply);
	gyl_json_obj(&j, NULL);
	gyl_json_cstr(&j, "dir", realpath(sh->dir, path) == NULL ? sh->dir : path);
	gyl_json_u64(&j, "seq", sh->segment.last_seq);
	gyl_json_end(&j);
	gyl_put_u8(reply, '\n');
}

/* `guyline syslog rules` and `outputs`; `guyline log [COUNT]`: what came last, whether it is
 * written already or not. */
static bool control(struct gyl_service_env *env, void *core, struct gyl_view verb,
	struct gyl_view arg, struct gyl_writer *reply)
{
	struct shell *sh = core;
	uint64_t cnt = TAIL_DEFAULT;

	if (gyl_view_eq(verb, gyl_view_str("syslog.rules"))) {
		gyl_syslogd_rules_list(&sh->core.rules, reply);
		return true;
	}
	if (gyl_view_eq(verb, gyl_view_str("syslog.outputs"))) {
		gyl_syslogd_sinks_list(&sh->sinks, reply);
		return true;
	}
	if (gyl_view_eq(verb, gyl_view_str("log.where"))) {
		gyl_syslogd_segment_flush(&sh->segment, &sh->log, env->run->now);
		tell_where(sh, reply);
		return true;
	}
	if (!gyl_view_eq(verb, gyl_view_str("log")))
		return false;
	if (arg.len != 0 && gyl_failed(gyl_parse_u64(arg, TAIL_MAX, &cnt))) {
		gyl_text_str(reply, "{\"error\":\"expected a number of messages up to 10000\"}\n");
		return true;
	}
	gyl_syslogd_segment_flush(&sh->segment, &sh->log, env->run->now);
	gyl_syslogd_tail(sh->segment.dir_fd, cnt, reply);
	return true;
}

static void close_core(struct gyl_service_env *env, void *core)
{
	struct shell *sh = core;
	struct gyl_now now = env->run->now;

	/* the work thread has the file */
	while (sh->log.p != NULL && !gyl_syslogd_segment_stop(&sh->segment))
		env->host.ops->wait(env->host.h, now.mono_ns + GYL_NS_PER_MS, &now);
	if (sh->sinks.env.service != NULL)
		gyl_syslogd_sinks_close(&sh->sinks);
	if (sh->log.p != NULL && !gyl_syslogd_segment_close(&sh->segment, &sh->log, now))
		fprintf(stderr, "syslogd: %s: %u octets of the log could not be written\n", sh->dir,
			sh->log.len);
	gyl_syslogd_keys_close(sh->keys);
	gyl_tls_close(sh->tls, &env->run->host);
	free(sh);
}

static void metrics_tls(const struct shell *sh, struct gyl_metrics *m)
{
	struct gyl_tls_stat st;

	gyl_tls_stat(sh->tls, &st);
	gyl_metrics_counter(m, "guyline_syslogd_tls_handshakes_total",
		"TLS handshakes that were done.", st.done_cnt);
	gyl_metrics_counter(m, "guyline_syslogd_tls_resumed_total",
		"Of these, sessions that went on by a ticket.", st.resumed_cnt);
	gyl_metrics_counter(m, "guyline_syslogd_tls_failed_total",
		"TLS handshakes that failed, or took too long.", st.failed_cnt);
	gyl_metrics_family(m, "guyline_syslogd_tls_certificate_end_seconds", GYL_METRICS_GAUGE,
		"When our certificate ends, seconds since 1970.");
	gyl_metrics_u64(m, NULL, 0, (uint64_t)sh->cert_until_s);
}

static void metrics(const struct gyl_service_env *env, const void *core, struct gyl_metrics *m)
{
	const struct shell *sh = core;
	const struct gyl_syslogd *d = core;

	(void)env;
	gyl_metrics_counter(m, "guyline_syslogd_records_total", "Messages and events recorded.",
		d->stat.record_cnt);
	gyl_metrics_counter(m, "guyline_syslogd_dropped_total",
		"Datagrams that the kernel dropped.", d->stat.dropped_cnt);
	gyl_metrics_counter(m, "guyline_syslogd_events_lost_total",
		"Events that found no room in the log.", d->stat.event_lost_cnt);
	gyl_metrics_counter(m, "guyline_syslogd_missing_total",
		"Messages missing by the sequence numbers of their senders.", d->stat.gap_cnt);
	gyl_metrics_counter(m, "guyline_syslogd_connections_total",
		"TCP connections that were opened.", d->stat.conn_cnt);
	gyl_syslogd_sinks_metrics(&sh->sinks, m);
	if (sh->tls != NULL)
		metrics_tls(sh, m);
}

const struct gyl_service gyl_syslogd_service = {
	.name = "syslogd",
	.section = &gyl_syslogd_conf_section,
	.ops = &gyl_syslogd_core,
	.build = gyl__syslogd_build,
	.open = open_core,
	.listen = listen_all,
	.settle = settle,
	.control = control,
	.close = close_core,
	.metrics = metrics,
};
