/* SPDX-License-Identifier: ISC */

/* The service whole: its configuration, real sockets on loopback, the runner, files in a directory.
 */

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gyl/text.h>
#include <gyl/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "conf/conf.h"
#include "conf/top.h"
#include "services/syslogd/core.h"
#include "services/syslogd/service.h"
#include "tests/support/port.h"
#include "tests/support/support.h"

static const struct gyl_conf_section *const sections[] = {&gyl_syslogd_conf_section};
static const struct gyl_conf_set set = {
	.top = &gyl_top_conf_section, .section = sections, .section_cnt = 1};

struct world {
	char dir[64], path[100];
	uint16_t port;
	struct gyl_view block;
	struct gyl_loop *loop;
	struct gyl_service_env env;
	struct gyl_run run;
	void *core;
	uint64_t hold_mem[8192], event_mem[16384];
};

/* The block of a configuration, or an empty view; *ret_err is the first error. */
static struct gyl_view compiled(const char *syslogd, char *ret_err, size_t err_cap)
{
	struct gyl_conf *c = gyl_conf_new();
	struct gyl_view block = {NULL, 0};
	char text[1000];

	snprintf(text, sizeof text,
		"{ \"host\": \"kernel\", \"device\": \"lo\", \"address\": \"127.0.0.1/8\","
		" \"syslogd\": {%s} }",
		syslogd);
	if ((!gyl_conf_load_text(c, "x.json", "/", gyl_view_str(text), GYL_CONF_JSON) ||
		    !gyl_conf_compile(c, &set, &block)) &&
		ret_err != NULL)
		snprintf(ret_err, err_cap, "%s: %s", gyl_conf_error(c, 0)->path,
			gyl_conf_error(c, 0)->text);
	gyl_conf_free(c);
	return block;
}

static void start(struct world *w, const char *more)
{
	struct gyl_run_conf rcf = {
		w->hold_mem, sizeof w->hold_mem, w->event_mem, sizeof w->event_mem};
	static const struct gyl_net_iface lo = {.device = "lo"};
	struct gyl_net_conf ncf = {.iface = &lo, .iface_cnt = 1};
	char conf[600], err[200] = "";

	snprintf(conf, sizeof conf, "\"port\": %u, \"socket\": \"%s/log.sock\" %s", w->port, w->dir,
		more);
	w->block = compiled(conf, err, sizeof err);
	if (w->block.p == NULL)
		fail_msg("%s", err);
	w->loop = gyl_loop_open();
	assert_non_null(w->loop);
	assert_int_equal(gyl_host_kernel_open(w->loop, &ncf, &w->env.host, err), 0);
	gyl_run_init(&w->run, w->env.host, NULL, &rcf);
	w->env.run = &w->run;
	w->env.loop = w->loop;
	w->env.flat = gyl_flat_open(w->block);
	w->env.top = gyl_flat_section(w->env.flat, "top");
	w->env.conf = gyl_flat_section(w->env.flat, "syslogd");
	w->env.state = w->dir;
	w->core = gyl_syslogd_service.open(&w->env, gyl_view(NULL, 0), err);
	assert_non_null(w->core);
	w->env.core = gyl_run_add(&w->run, gyl_syslogd_service.ops, w->core);
	if (gyl_syslogd_service.listen(&w->env, w->core, err) != 0)
		fail_msg("%s", err);
}

static void stop(struct world *w)
{
	gyl_run_finish(&w->run);
	gyl_syslogd_service.close(&w->env, w->core);
	w->env.host.ops->close(w->env.host.h);
	gyl_loop_close(w->loop);
	free((void *)(uintptr_t)w->block.p);
}

static int open_world(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	assert_non_null(w);
	strcpy(w->dir, "/tmp/gyl-syslogd-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	snprintf(w->path, sizeof w->path, "%s/log/guyline.jsonl", w->dir);
	w->port = free_port();
	*state = w;
	return 0;
}

static void remove_all(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL)
		unlinkat(dirfd(d), e->d_name, 0); /* fails for directories */
	if (d != NULL)
		closedir(d);
	rmdir(dir);
}

static int close_world(void **state)
{
	struct world *w = *state;
	char log[80];

	snprintf(log, sizeof log, "%s/log", w->dir);
	remove_all(log);
	remove_all(w->dir);
	free(w);
	return 0;
}

static int udp_socket(const struct world *w)
{
	struct sockaddr_in sin = {.sin_family = AF_INET,
		.sin_port = htons(w->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&sin, sizeof sin), 0);
	return fd;
}

static int tcp_socket(uint16_t port)
{
	struct sockaddr_in sin = {.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&sin, sizeof sin), 0);
	return fd;
}

static int unix_socket(const struct world *w)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(sun.sun_path, sizeof sun.sun_path, "%s/log.sock", w->dir);
	assert_int_equal(connect(fd, (struct sockaddr *)&sun, sizeof sun), 0);
	return fd;
}

static void send_text(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), 0), strlen(text));
}

static void run_for(struct world *w, uint64_t ns)
{
	uint64_t end_ns = w->run.now.mono_ns + ns;

	do {
		gyl_run_step(&w->run, end_ns);
	} while (w->run.now.mono_ns < end_ns);
}

/* The log as text; the caller frees it. */
static char *read_log(const struct world *w)
{
	FILE *f = fopen(w->path, "r");
	char *text = NULL;
	size_t cap = 0;

	assert_non_null(f);
	if (getdelim(&text, &cap, '\0', f) < 0) {
		free(text);
		text = strdup("");
	}
	fclose(f);
	assert_non_null(text);
	return text;
}

static unsigned count(const char *text, const char *what)
{
	unsigned n = 0;

	while ((text = strstr(text, what)) != NULL) {
		n++;
		text++;
	}
	return n;
}

static void what_both_sockets_get_is_soon_on_disk(void **state)
{
	struct world *w = *state;
	struct stat st;
	char *text, path[100];
	int udp, local;

	start(w, "");
	udp = udp_socket(w);
	local = unix_socket(w);
	run_for(w, 0);
	send_text(udp, "<13>a: over the net");
	send_text(local, "<13>b: from here");
	run_for(w, 20 * GYL_NS_PER_MS);
	text = read_log(w);
	assert_int_equal(count(text, "\n"), 2);
	assert_int_equal(count(text, "\"from\":\"127.0.0.1\""), 1);
	assert_int_equal(count(text, "\"from\":\"unix\""), 1);
	snprintf(path, sizeof path, "%s/log.sock", w->dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0666);
	free(text);
	close(udp);
	close(local);
	stop(w);
}

/* Counted and in lines, over two connections at once, with the end of one that is not whole. */
static void streams_are_stored_too(void **state)
{
	struct world *w = *state;
	int one, two;
	char *text;

	start(w, "");
	one = tcp_socket(w->port);
	two = tcp_socket(w->port);
	run_for(w, 0);
	send_text(one, "9 <13>a: x112 <13>b: ");
	send_text(two, "<13>c: three\n<13>d: four\n<13>e: with");
	run_for(w, 20 * GYL_NS_PER_MS);
	text = read_log(w);
	assert_int_equal(count(text, "\"from\":\"127.0.0.1\""), 3);
	assert_int_equal(count(text, "\"msg\":\"four\""), 1);
	free(text);
	send_text(one, "half");
	send_text(two, "out an end");
	close(one);
	close(two);
	run_for(w, 20 * GYL_NS_PER_MS);
	text = read_log(w);
	assert_int_equal(count(text, "\n"), 5);
	assert_int_equal(count(text, "\"app\":\"b\""), 1);
	assert_int_equal(count(text, "\"incomplete\""), 1);
	assert_int_equal(count(text, "\"msg\":\"without an end\""), 1);
	free(text);
	stop(w);
}

/* Half a megabyte at once, in lines that fall across all reads: each comes, and comes once. */
static void a_burst_over_a_stream_is_stored_whole(void **state)
{
	enum {
		CNT = 5000
	};
	static char burst[CNT * 100];
	struct world *w = *state;
	size_t len = 0, sent = 0;
	const char *p;
	char *text;
	int fd;

	for (int i = 0; i < CNT; i++)
		len += (size_t)sprintf(burst + len, "<13>burst: message %d%s\n", i,
			i % 3 == 0 ? " and a little more than that, here and there" : "");
	start(w, "");
	fd = tcp_socket(w->port);
	while (sent < len) {
		ssize_t n = send(fd, burst + sent, len - sent, MSG_DONTWAIT);

		sent += n > 0 ? (size_t)n : 0;
		run_for(w, 0);
	}
	close(fd);
	run_for(w, 50 * GYL_NS_PER_MS);
	p = text = read_log(w);
	for (int i = 0; i < CNT; i++) {
		p = strstr(p, "\"msg\":\"message ");
		assert_non_null(p);
		p += sizeof "\"msg\":\"message " - 1;
		assert_int_equal(strtol(p, NULL, 10), i);
	}
	assert_int_equal(count(text, "\n"), CNT);
	free(text);
	stop(w);
}

static void the_tcp_port_may_be_another_or_none(void **state)
{
	struct world *w = *state;
	struct sockaddr_in sin = {.sin_family = AF_INET,
		.sin_port = htons(w->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	char more[40];
	int fd;

	snprintf(more, sizeof more, ", \"tcp_port\": %u", w->port + 1);
	start(w, more);
	close(tcp_socket((uint16_t)(w->port + 1)));
	stop(w);
	start(w, ", \"tcp_port\": 0");
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&sin, sizeof sin), -1);
	close(fd);
	stop(w);
}

static void the_last_messages_are_told(void **state)
{
	static const struct {
		const char *arg;
		unsigned lines;
	} cases[] = {{"", 20}, {"1", 1}, {"3", 3}, {"10000", 30}, {"0", 0}};
	struct world *w = *state;
	struct gyl_writer reply;
	static char text[65536];
	int udp;

	start(w, "");
	udp = udp_socket(w);
	for (int i = 0; i < 30; i++)
		send_text(udp, "<13>x: y");
	run_for(w, 0);
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		gyl_writer_init(&reply, text, sizeof text);
		assert_true(gyl_syslogd_service.control(
			&w->env, w->core, gyl_view_str("log"), gyl_view_str(cases[i].arg), &reply));
		assert_int_equal(count(gyl_text_cstr(&reply), "\n"), cases[i].lines);
	}
	gyl_writer_init(&reply, text, sizeof text);
	assert_true(gyl_syslogd_service.control(
		&w->env, w->core, gyl_view_str("log"), gyl_view_str("many"), &reply));
	assert_int_equal(count(gyl_text_cstr(&reply), "{\"error\":"), 1);
	assert_false(gyl_syslogd_service.control(
		&w->env, w->core, gyl_view_str("logs"), gyl_view_str(""), &reply));
	close(udp);
	stop(w);
}

/* A burst into a small receive buffer while nobody reads: what is missing is told, to the message.
 */
static void sent_is_stored_plus_counted(void **state)
{
	enum {
		SENT = 3000
	};
	struct world *w = *state;
	const struct gyl_syslogd *core;
	char *text;
	int udp;

	start(w, ", \"rcvbuf\": \"64KiB\"");
	core = w->core;
	udp = udp_socket(w);
	for (int i = 0; i < SENT; i++)
		send_text(udp, "<13>x: y");
	run_for(w, 20 * GYL_NS_PER_MS);
	text = read_log(w);
	assert_true(core->stat.dropped_cnt > SENT / 2);
	assert_true(count(text, "\"msg\":\"y\"") + core->stat.dropped_cnt == SENT);
	assert_int_equal(count(text, "\"msgid\":\"syslogd.dropped\""), 1);
	free(text);
	close(udp);
	stop(w);
}

static void a_restart_goes_on_by_one(void **state)
{
	struct world *w = *state;
	char *text;
	int udp;

	for (int i = 0; i < 2; i++) {
		start(w, "");
		udp = udp_socket(w);
		send_text(udp, "<13>x: y");
		run_for(w, 0); /* the rest is written when it ends */
		close(udp);
		stop(w);
	}
	text = read_log(w);
	assert_int_equal(count(text, "{\"seq\":1,"), 1);
	assert_int_equal(count(text, "{\"seq\":2,"), 1);
	assert_int_equal(count(text, "\n"), 2);
	free(text);
}

static void a_new_configuration_counts_at_once(void **state)
{
	struct world *w = *state;
	struct gyl_view block =
		compiled("\"port\": 1, \"rotate_time\": \"1h\", \"events\": \"err\","
			 "\"zones\": {\"127.0.0.0/8\": \"+02:00\"}, \"zone\": \"-01:00\"",
			NULL, 0);
	const struct gyl_syslogd *core;

	assert_non_null(block.p);
	start(w, "");
	core = w->core;
	gyl_run_data(&w->run, w->env.core, gyl_view_str("conf"), block);
	free((void *)(uintptr_t)block.p);
	assert_true(core->cf.rotate_ns == GYL_NS_PER_HOUR);
	assert_int_equal(core->cf.events, GYL_SEV_ERR);
	assert_int_equal(core->zone_s, -3600);
	assert_int_equal(core->zone_cnt, 1);
	assert_int_equal(core->zone[0].zone_s, 7200);
	assert_int_equal(core->cf.port, w->port); /* that socket stays */
	stop(w);
}

static void configurations_are_checked(void **state)
{
	static const struct {
		const char *text, *err; /* NULL: good */
	} cases[] = {
		{"", NULL},
		{"\"port\": 0", NULL},
		{"\"socket\": \"\"", NULL},
		{"\"port\": 0, \"socket\": \"\"", "syslogd: expected a port or a socket"},
		{"\"port\": 0, \"socket\": \"\", \"tcp_port\": 514", NULL},
		{"\"port\": 514, \"socket\": \"\", \"tcp_port\": 0", NULL},
		{"\"tcp_max\": 3", "syslogd.tcp_max: "},
		{"\"tcp_max\": 513", "syslogd.tcp_max: "},
		{"\"tcp_idle\": \"infinite\"", NULL},
		{"\"tcp_idle\": \"10ms\"", "syslogd.tcp_idle: "},
		{"\"port\": 65536", "syslogd.port: "},
		{"\"rotate_size\": \"1KiB\"", "syslogd.rotate_size: "},
		{"\"rotate_time\": \"10s\"", "syslogd.rotate_time: "},
		{"\"rotate_time\": \"infinite\"", NULL},
		{"\"keep_size\": \"1MiB\"", "syslogd.keep_size: expected at least rotate_size"},
		{"\"keep_size\": \"0B\", \"keep\": 0", NULL},
		{"\"zone\": \"CET\"", "syslogd.zone: expected UTC or an offset"},
		{"\"zones\": {\"10.0.0.1/24\": \"UTC\"}", "syslogd.zones"},
		{"\"zones\": {\"10.0.0.0/24\": \"utc\"}", "syslogd.zones"},
		{"\"zones\": {\"10.0.0.0/24\": \"+05:45\", \"10.0.0.1\": \"UTC\"}", NULL},
		{"\"sync\": \"always\"", "syslogd.sync: "},
		{"\"events\": \"none\"", "syslogd.events: "},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		char err[300] = "";
		struct gyl_view block = compiled(cases[i].text, err, sizeof err);

		if ((block.p != NULL) != (cases[i].err == NULL) ||
			(cases[i].err != NULL &&
				strncmp(err, cases[i].err, strlen(cases[i].err)) != 0))
			fail_msg("%s: %s", cases[i].text, err);
		free((void *)(uintptr_t)block.p);
	}
}

static void what_cannot_be_opened_is_told(void **state)
{
	struct world *w = *state;
	struct gyl_service_env env;
	char err[200];
	void *core;

	start(w, "");
	env = w->env;
	core = gyl_syslogd_service.open(&env, gyl_view(NULL, 0), err);
	assert_non_null(core);
	assert_int_equal(gyl_syslogd_service.listen(&env, core, err), -1);
	assert_non_null(strstr(err, "another guyline writes there"));
	gyl_syslogd_service.close(&env, core);
	stop(w);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_both_sockets_get_is_soon_on_disk),
		T(streams_are_stored_too),
		T(a_burst_over_a_stream_is_stored_whole),
		T(the_tcp_port_may_be_another_or_none),
		T(the_last_messages_are_told),
		T(sent_is_stored_plus_counted),
		T(a_restart_goes_on_by_one),
		T(a_new_configuration_counts_at_once),
		cmocka_unit_test(configurations_are_checked),
		T(what_cannot_be_opened_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
