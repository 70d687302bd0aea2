/* SPDX-License-Identifier: ISC */
#include <gyl/text.h>
#include <gyl/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "services/base/log.h"
#include "tests/support/support.h"

static const struct {
	const char *spec, *levels;
	enum gyl_err err;
	size_t off;
} specs[] = {
	{"debug", "base=debug,dhcpd=debug,dns=debug,syslogd=debug,arpd=debug,net=debug", GYL_OK, 0},
	{"dns=debug,*=warning",
		"base=warning,dhcpd=warning,dns=debug,syslogd=warning,arpd=warning,net=warning",
		GYL_OK, 0},
	{"arpd=err", "base=info,dhcpd=info,dns=info,syslogd=info,arpd=err,net=info", GYL_OK, 0},
	/* refused as a whole */
	{"dns=debug,*=loud", "base=info,dhcpd=info,dns=info,syslogd=info,arpd=info,net=info",
		GYL_E_SYNTAX, 10},
	{"dsn=debug", "base=info,dhcpd=info,dns=info,syslogd=info,arpd=info,net=info", GYL_E_SYNTAX,
		0},
	{"dns=", "base=info,dhcpd=info,dns=info,syslogd=info,arpd=info,net=info", GYL_E_SYNTAX, 0},
};

static void level_specs_are_read_whole_or_not_at_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEST_CNT(specs); i++) {
		uint8_t level[GYL_SRC_CNT];
		struct gyl_writer w;
		struct gyl_fault f;
		char text[200];

		memset(level, GYL_SEV_INFO, sizeof level);
		f = gyl_log_level_parse(gyl_view_str(specs[i].spec), level);
		assert_int_equal(f.err, specs[i].err);
		assert_int_equal(f.off, specs[i].off);
		gyl_writer_init(&w, text, sizeof text);
		gyl_log_level_print(level, &w);
		assert_string_equal(gyl_text_cstr(&w), specs[i].levels);
	}
}

static int collector(char path[60])
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	unlink(path);
	snprintf(sa.sun_path, sizeof sa.sun_path, "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof sa), 0);
	return fd;
}

static unsigned drain(int fd, char *last, size_t cap)
{
	unsigned n = 0;
	ssize_t len;

	while ((len = recv(fd, last, cap - 1, 0)) >= 0) {
		last[len] = '\0';
		n++;
	}
	return n;
}

static void floods_are_held_back_and_counted(void **state)
{
	char path[60] = "/tmp/guyline-log-XXXXXX", last[2048];
	struct gyl_log_sink l;
	struct gyl_event e;
	int fd;

	(void)state;
	close(mkstemp(path));
	fd = collector(path);
	gyl_log_open(&l, GYL_LOG_SOCKET, path);
	gyl_event_init(&e, GYL_EV_BASE_NOTE);
	e.mono_ns = GYL_NS_PER_S;
	gyl_event_str(&e, "text", gyl_view_str("hello"));
	for (int i = 0; i < 500; i++) {
		gyl_log_event(&l, &e);
		if (i == GYL_LOG_BURST + 5)
			assert_in_range(drain(fd, last, sizeof last), 1, GYL_LOG_BURST);
	}
	assert_non_null(strstr(last, "base.note [gyl@32473 text=\"hello\"] hello"));
	gyl_log_tick(&l, 2 * GYL_NS_PER_S, 1);
	assert_int_equal(drain(fd, last, sizeof last), 0); /* the window is not over */
	gyl_log_tick(&l, (1 + GYL_LOG_WINDOW_S) * GYL_NS_PER_S, 1);
	assert_int_equal(drain(fd, last, sizeof last), 1);
	assert_non_null(strstr(last, "event=\"base.note\" count=\"480\""));
	/* A collector that comes back behind the same name is found again. */
	close(fd);
	fd = collector(path);
	e.mono_ns = 100 * GYL_NS_PER_S;
	gyl_log_event(&l, &e);
	assert_int_equal(drain(fd, last, sizeof last), 1);
	gyl_log_close(&l);
	close(fd);
	unlink(path);
}

static void what_is_below_the_level_is_not_shown(void **state)
{
	char path[60] = "/tmp/guyline-log-XXXXXX", last[2048];
	struct gyl_log_sink l;
	struct gyl_event e;
	int fd;

	(void)state;
	close(mkstemp(path));
	fd = collector(path);
	gyl_log_open(&l, GYL_LOG_SOCKET, path);
	gyl_event_init(&e, GYL_EV_DNS_QUERY);
	gyl_log_event(&l, &e);
	assert_int_equal(drain(fd, last, sizeof last), 0);
	assert_int_equal(gyl_log_unheard(&l), (1u << GYL_SRC_CNT) - 1);
	assert_int_equal(gyl_log_level_parse(gyl_view_str("dns=debug"), l.level).err, GYL_OK);
	assert_int_equal(gyl_log_unheard(&l), (1u << GYL_SRC_CNT) - 1 - (1u << GYL_SRC_DNS));
	gyl_log_event(&l, &e);
	assert_int_equal(drain(fd, last, sizeof last), 1);
	gyl_log_close(&l);
	close(fd);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(level_specs_are_read_whole_or_not_at_all),
		cmocka_unit_test(floods_are_held_back_and_counted),
		cmocka_unit_test(what_is_below_the_level_is_not_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
