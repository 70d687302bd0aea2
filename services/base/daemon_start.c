/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <gyl/text.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "services/base/daemon.h"
#include "services/base/sandbox.h"

enum {
	HOLD_OCTETS = 1 << 20,
	EVENT_OCTETS = 1 << 20
};

static int fail(const struct gyl_daemon *d, int status, const char *what, const char *why)
{
	fprintf(stderr, "%s: %s%s%s\n", d->program, what, why[0] == '\0' ? "" : ": ", why);
	return status;
}

static int open_random(struct gyl_daemon *d)
{
	char err[200];

	d->random = gyl_random_open(err);
	return d->random == NULL ? fail(d, EX_OSERR, err, "") : 0;
}

static int open_state(struct gyl_daemon *d)
{
	const char *user = gyl__daemon_str(d, d->top->user);
	bool switches = geteuid() == 0 && user[0] != '\0' && d->top->sandbox;
	const struct passwd *pw = switches ? getpwnam(user) : NULL;

	if (switches && pw == NULL)
		return fail(d, EX_NOUSER, user,
			"no such user; create it, or set \"user\" to another one");
	d->state = strdup(gyl__daemon_str(d, d->top->state));
	if (d->state == NULL)
		return fail(d, EX_OSERR, "no memory", "");
	if (mkdir(d->state, 0750) != 0 && errno != EEXIST)
		return fail(d, EX_CANTCREAT, d->state, strerror(errno));
	if (pw != NULL && chown(d->state, pw->pw_uid, pw->pw_gid) != 0)
		return fail(d, EX_CANTCREAT, d->state, strerror(errno));
	return 0;
}

static int open_host(struct gyl_daemon *d)
{
	struct gyl_net_iface iface[GYL_NET_IFACE_MAX];
	struct gyl_net_conf cf = {.iface = iface, .iface_cnt = gyl__daemon_ifaces(d, iface)};
	char err[200] = "";
	int ret;

	cf.rng = gyl_random_rng(d->random);
	d->loop = gyl_loop_open();
	if (d->loop == NULL)
		return fail(d, EX_OSERR, "event loop", strerror(errno));
	ret = d->top->host == GYL_TOP_KERNEL ? gyl_host_kernel_open(d->loop, &cf, &d->host, err)
					     : gyl_host_stack_open(d->loop, &cf, &d->host, err);
	return ret == 0 ? 0 : fail(d, EX_UNAVAILABLE, err[0] == '\0' ? strerror(-ret) : err, "");
}

/*
 * A daemon that was killed holds its journal until its last write is on disk: whoever starts the
 * next one at once waits for that, instead of being told that another one runs.
 */
static int open_extent(struct gyl_daemon *d, const char *name, uint64_t unit_cnt)
{
	enum {
		TRIES = 20
	};
	static const struct timespec pause = {.tv_nsec = 100000000};
	char path[4096], err[200];
	int ret;

	snprintf(path, sizeof path, "%s/%s", d->state, name);
	ret = gyl_loop_blk_open(d->loop, path, unit_cnt);
	for (int i = 0; i < TRIES && ret == -EBUSY; i++) {
		nanosleep(&pause, NULL);
		ret = gyl_loop_blk_open(d->loop, path, unit_cnt);
	}
	if (ret == -EBUSY)
		return fail(d, EX_TEMPFAIL, path, "another guyline uses this state directory");
	if (ret == -ENOSPC) {
		unsigned long long mib = (unit_cnt >> 10) + 1;

		snprintf(err, sizeof err,
			"no room for the journal: %llu MiB are needed here; make room, or set "
			"\"state\" to another place",
			mib);
		return fail(d, EX_CANTCREAT, path, err);
	}
	return ret < 0 ? fail(d, EX_CANTCREAT, path, strerror(-ret)) : 0;
}

static int open_store(struct gyl_daemon *d)
{
	struct gyl_store_conf cf = {.key_cnt = GYL_STORE_DAEMON_KEYS,
		.data_len = GYL_STORE_DAEMON_OCTETS,
		.unit_cnt = gyl_store_unit_cnt(GYL_STORE_DAEMON_KEYS, GYL_STORE_DAEMON_OCTETS)};
	int status;
	void *mem;

	if (gyl_rng_read(gyl_random_rng(d->random), cf.hash_key, sizeof cf.hash_key) !=
		GYL_CRYPTO_OK)
		return fail(d, EX_OSERR, "random numbers", "not seeded");
	status = open_extent(d, "journal.a", cf.unit_cnt);
	if (status == 0)
		status = open_extent(d, "journal.b", cf.unit_cnt);
	if (status != 0)
		return status;
	mem = calloc(1, gyl_store_need(&cf) + 16);
	d->store = mem == NULL ? NULL : gyl_store_init(mem, &cf);
	return d->store == NULL ? fail(d, EX_OSERR, "no memory for the store", "") : 0;
}

static int check_replayed(const struct gyl_daemon *d)
{
	if (d->replayed.refused_cnt == 0)
		return 0;
	/* Going on would lose them at the next compaction. */
	return fail(d, EX_DATAERR, d->state,
		"the journal holds records that do not fit this version's store");
}

static int open_run(struct gyl_daemon *d)
{
	struct gyl_run_conf cf = {.hold_mem = malloc(HOLD_OCTETS),
		.hold_len = HOLD_OCTETS,
		.event_mem = malloc(EVENT_OCTETS),
		.event_len = EVENT_OCTETS};

	if (cf.hold_mem == NULL || cf.event_mem == NULL) {
		free(cf.hold_mem);
		free(cf.event_mem);
		return fail(d, EX_OSERR, "no memory", "");
	}
	gyl_run_init(&d->run, d->host, d->store, &cf);
	for (size_t i = 0; i < d->on_cnt; i++)
		if (d->on[i]->ops->owns != NULL)
			gyl_store_own(d->store, gyl_view_str(d->on[i]->ops->owns));
	gyl_run_replay(&d->run, &d->replayed);
	return check_replayed(d);
}

/*
 * What the last run left goes into the pools, so that a machine which boots without entropy still
 * differs from its last boot. What the next run shall find is in the store, and gyl__daemon_start()
 * waits for the disk before the first packet: else a crash would let both start alike.
 */
static int seed_random(struct gyl_daemon *d)
{
	uint8_t seed[GYL_FORTUNA_SEED_LEN];
	struct gyl_view old = gyl_view(NULL, 0);

	gyl_store_get(d->store, gyl_view_str(GYL_RANDOM_KEY), &old);
	gyl_random_restart(d->random, old, seed);
	gyl__daemon_keep_seed(d, seed);
	for (size_t i = 0; i < d->on_cnt; i++) {
		d->env[i].rng = gyl_random_rng(d->random);
		if (gyl_rng_read(d->env[i].rng, d->env[i].seed, sizeof d->env[i].seed) !=
			GYL_CRYPTO_OK)
			return fail(d, EX_OSERR, "random numbers", "not seeded");
	}
	return 0;
}

static int load_cores(struct gyl_daemon *d)
{
	void *mem = malloc(GYL_STORE_LOAD_LEN);

	if (mem == NULL)
		return fail(d, EX_OSERR, "no memory to read the journal", "");
	gyl_run_load(&d->run, mem, &d->replayed);
	free(mem);
	return check_replayed(d);
}

int gyl__daemon_open_services(struct gyl_daemon *d)
{
	for (size_t i = 0; i < d->on_cnt; i++) {
		struct gyl_service_env *env = &d->env[i];
		char err[200] = "out of memory";

		env->run = &d->run;
		env->loop = d->loop;
		env->host = d->host;
		env->top = d->top;
		env->flat = d->flat;
		env->conf = gyl_flat_section(d->flat, d->on[i]->name);
		env->state = d->state;
		d->core[i] = d->on[i]->open(env, gyl_loader_data(d->loader, d->item[i]), err);
		if (d->core[i] == NULL)
			return fail(d, EX_UNAVAILABLE, d->on[i]->name, err);
		env->core = gyl_run_add(&d->run, d->on[i]->ops, d->core[i]);
	}
	for (size_t i = 0; i < d->on_cnt; i++) {
		char err[200] = "";

		if (d->on[i]->listen(&d->env[i], d->core[i], err) != 0)
			return fail(d, EX_UNAVAILABLE, d->on[i]->name, err);
	}
	return 0;
}

static bool runs(const struct gyl_daemon *d, const char *name)
{
	for (size_t i = 0; i < d->on_cnt; i++)
		if (strcmp(d->on[i]->name, name) == 0)
			return true;
	return false;
}

static int open_log(struct gyl_daemon *d)
{
	static const unsigned bit[] = {[GYL_TOP_LOG_STDERR] = GYL_LOG_STDERR,
		[GYL_TOP_LOG_DEVLOG] = GYL_LOG_DEVLOG,
		[GYL_TOP_LOG_SYSLOGD] = GYL_LOG_SOCKET};
	const uint8_t *to = gyl_flat_at(d->flat, d->top->log.to);
	const char *level = gyl__daemon_str(d, d->top->log.level);
	unsigned where = 0;

	for (uint32_t i = 0; i < d->top->log.to.cnt; i++)
		where |= bit[to[i]];
	if (runs(d, "syslogd"))
		where &= ~(unsigned)GYL_LOG_SOCKET; /* it hears the events themselves */
	gyl_log_open(&d->log, where, GYL_RUN_DIR "/log.sock");
	if (gyl_failed(gyl_log_level_parse(gyl_view_str(level), d->log.level)))
		return fail(d, EX_CONFIG, "log.level: expected words such as \"dns=debug,*=info\"",
			level);
	if (d->args.verbose != 0)
		memset(d->log.level, GYL_SEV_DEBUG, sizeof d->log.level);
	gyl_run_sink(&d->run, gyl_log_event, gyl_log_unheard, &d->log);
	return 0;
}

static int open_control(struct gyl_daemon *d)
{
	char err[200] = "";

	return gyl__daemon_control(d, err) ? 0 : fail(d, EX_UNAVAILABLE, err, "");
}

static int open_metrics(struct gyl_daemon *d)
{
	char err[200] = "";

	return gyl__daemon_metrics(d, err) ? 0 : fail(d, EX_UNAVAILABLE, err, "");
}

/*
 * What a core here wants to hear of a service that does not run here comes from that service's own
 * daemon, whose socket stands beside ours.
 */
static int open_feeds(struct gyl_daemon *d)
{
	uint32_t wants = 0;
	char path[4096];

	for (size_t i = 0; i < d->on_cnt; i++)
		wants |= d->on[i]->ops->wants;
	for (unsigned source = GYL_SRC_DHCPD; source <= GYL_SRC_ARPD && d->control != NULL;
		source++) {
		const char *name = gyl_event_source_name(source);

		if (!(wants >> source & 1) || runs(d, name))
			continue;
		snprintf(path, sizeof path, "%s%s",
			strchr(gyl_control_path(d->control), '/') == NULL ? "./" : "",
			gyl_control_path(d->control));
		snprintf(strrchr(path, '/') + 1, 32, "%s.sock", name);
		d->feed[source] = gyl_feed_open(d->loop, &d->run, path, source);
		d->fed = d->fed || d->feed[source] != NULL;
	}
	return 0;
}

static int start_services(struct gyl_daemon *d)
{
	int err = 0;

	for (size_t i = 0; i < d->on_cnt && err == 0; i++)
		if (d->on[i]->threads != NULL)
			err = d->on[i]->threads(&d->env[i], d->core[i]);
	return err;
}

static int start_threads(void *arg)
{
	struct gyl_daemon *d = arg;
	int err = gyl_loop_helpers(d->loop);

	return err != 0 ? err : start_services(d);
}

/* The helpers start when they are needed. */
static int without_sandbox(struct gyl_daemon *d)
{
	int err = start_services(d);

	return err == 0 ? 0 : fail(d, EX_OSERR, "threads", strerror(-err));
}

static int enter_sandbox(struct gyl_daemon *d)
{
	const char *write_dir[GYL_DAEMON_SERVICE_MAX * GYL_SERVICE_DIR_MAX + 2] = {d->state};
	struct gyl_sandbox s = {.kind = GYL_SANDBOX_DAEMON,
		.user = gyl__daemon_str(d, d->top->user),
		.write = write_dir,
		.may_connect = d->fed || (d->log.to & ~(unsigned)GYL_LOG_STDERR) != 0,
		.threads = start_threads,
		.arg = d};
	char err[200], note[200];
	struct gyl_event e;
	size_t n = 1;

	if (!d->top->sandbox)
		return without_sandbox(d);
	for (size_t i = 0; i < d->on_cnt; i++)
		s.may_connect = s.may_connect || d->env[i].connects;
	for (size_t i = 0; i < d->on_cnt; i++)
		for (unsigned k = 0; k < d->env[i].write_dir_cnt; k++)
			write_dir[n++] = d->env[i].write_dir[k];
	if (gyl_sandbox_enter(&s, err, note) != 0)
		return fail(d, EX_NOPERM, err, "");
	if (note[0] != '\0') {
		gyl_event_init(&e, GYL_EV_BASE_NOTE);
		gyl_event_str(&e, "text", gyl_view_str(note));
		gyl_run_event(&d->run, &e);
	}
	return 0;
}

/* Where our own stack can be found; what addresses the machine has, the system can tell. */
static void say_addresses(struct gyl_daemon *d)
{
	struct gyl_net_iface iface[GYL_NET_IFACE_MAX];
	unsigned cnt = gyl__daemon_ifaces(d, iface);

	for (unsigned i = 0; i < cnt && d->top->host == GYL_TOP_STACK; i++) {
		uint8_t prefix, mac[6];
		uint32_t ip;

		for (unsigned n = 0; d->host.ops->addr(d->host.h, i, n, &ip, &prefix, mac); n++) {
			struct gyl_event e;

			gyl_event_init(&e, GYL_EV_NET_ADDRESS);
			gyl_event_str(&e, "device", gyl_view_str(iface[i].device));
			gyl_event_ip(&e, "ip", ip);
			gyl_event_mac(&e, "mac", mac);
			gyl_run_event(&d->run, &e);
		}
	}
}

static void say_start(struct gyl_daemon *d)
{
	struct gyl_event e;

	gyl_event_init(&e, GYL_EV_BASE_START);
	gyl_event_str(&e, "program", gyl_view_str(d->program));
	gyl_event_str(&e, "version", gyl_view_str(GYL_VERSION));
	gyl_event_str(
		&e, "host", gyl_view_str(d->top->host == GYL_TOP_KERNEL ? "kernel" : "stack"));
	gyl_run_event(&d->run, &e);
	say_addresses(d);
	if (d->run.wall_ahead_ns != 0) {
		gyl_event_init(&e, GYL_EV_BASE_CLOCK);
		gyl_event_u64(&e, "behind", d->run.wall_ahead_ns);
		gyl_run_event(&d->run, &e);
	}
	if (d->replayed.clean || (d->replayed.record_cnt == 0 && d->replayed.torn_len == 0))
		return;
	gyl_event_init(&e, GYL_EV_BASE_UNCLEAN);
	gyl_event_u64(&e, "records", d->replayed.record_cnt);
	gyl_event_u64(&e, "lost", d->replayed.torn_len);
	gyl_run_event(&d->run, &e);
}

int gyl__daemon_start(struct gyl_daemon *d)
{
	static int (*const step[])(struct gyl_daemon *) = {open_random, open_state, open_host,
		open_store, open_run, seed_random, open_log, gyl__daemon_open_services,
		open_control, open_metrics, open_feeds};
	struct gyl_loader_hear hear = {
		gyl__daemon_changed, gyl__daemon_told, gyl__daemon_confine, d, gyl__daemon_uses};
	int status = 0;

	for (size_t i = 0; i < sizeof step / sizeof step[0] && status == 0; i++)
		status = step[i](d);
	if (status != 0)
		return status;
	status = gyl_loader_start(d->loader, d->loop, &hear);
	if (status != 0)
		return fail(d, EX_OSERR, "loader", strerror(-status));
	status = load_cores(d); /* now that the loader, a fork, does not have it all once more */
	if (status != 0)
		return status;
	status = enter_sandbox(d);
	if (status != 0)
		return status;
	if (!gyl_run_sync(&d->run)) /* a disk that fails is told as BASE_STORE */
		gyl__daemon_seed_stays(d, "the disk takes longer than 10 s");
	gyl_run_restore(&d->run);
	say_start(d);
	return 0;
}

void gyl__daemon_stop(struct gyl_daemon *d)
{
	for (unsigned i = 0; i < GYL_SRC_CNT; i++)
		gyl_feed_close(d->feed[i]);
	gyl__daemon_metrics_close(d);
	gyl_control_close(d->control);
	gyl_loader_close(d->loader);
	for (size_t i = 0; i < d->on_cnt; i++)
		if (d->core[i] != NULL && d->on[i]->close != NULL)
			d->on[i]->close(&d->env[i], d->core[i]);
	gyl_log_close(&d->log);
	if (d->host.ops != NULL)
		d->host.ops->close(d->host.h);
	if (d->loop != NULL)
		gyl_loop_close(d->loop);
	gyl_random_close(d->random);
	free(d->state);
}
