/* SPDX-License-Identifier: ISC */

/* The service around the core: its configuration, its zones, real sockets on loopback. */

#include <arpa/inet.h>
#include <errno.h>
#include <gyl/dns.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conf/conf.h"
#include "conf/top.h"
#include "services/base/build_own.h"
#include "services/dns/image.h"
#include "services/dns/service.h"
#include "tests/support/port.h"
#include "tests/support/support.h"

static const struct gyl_conf_section *const sections[] = {&gyl_dns_conf_section};
static const struct gyl_conf_set set = {
	.top = &gyl_top_conf_section, .section = sections, .section_cnt = 1};

/* The block of a configuration, or an empty view; *ret_err is the first error. */
static struct gyl_view compiled(const char *dns, char *ret_err, size_t err_cap)
{
	struct gyl_conf *c = gyl_conf_new();
	struct gyl_view block = {NULL, 0};
	char text[1000];

	(void)snprintf(text, sizeof text,
		"{ \"host\": \"kernel\", \"device\": \"lo\", \"address\": \"127.0.0.1/8\", \"dns\": {%s} }",
		dns);
	if (!gyl_conf_load_text(c, "x.json", "/", gyl_view_str(text), GYL_CONF_JSON) ||
		!gyl_conf_compile(c, &set, &block))
		(void)snprintf(ret_err, err_cap, "%s: %s", gyl_conf_error(c, 0)->path,
			gyl_conf_error(c, 0)->text);
	gyl_conf_free(c);
	return block;
}

static void wrong_configurations_are_refused(void **state)
{
	static const struct {
		const char *dns, *path;
	} rows[] = {
		{"\"zones\": {\"name\": \"z\"}", "dns.zones"},
		{"\"zones\": [{\"name\": \"z\", \"file\": \"a\"}, {\"name\": \"Z.\", \"file\": \"b\"}]",
			"dns.zones.1.name"},
		{"\"lease_ttl\": \"500ms\"", "dns.lease_ttl"},
		{"\"udp_size\": 511", "dns.udp_size"},
		{"\"udp_size\": 4096", "dns.udp_size"},
		{"\"port\": 0", "dns.port"},
		{"\"lease_domain\": \"a..b\"", "dns.lease_domain"},
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(rows); i++) {
		char err[300] = "";

		assert_null(compiled(rows[i].dns, err, sizeof err).p);
		if (strncmp(err, rows[i].path, strlen(rows[i].path)) != 0)
			fail_msg("%s\n  %s", rows[i].dns, err);
	}
}

struct daemon {
	struct gyl_view block;
	struct gyl_build b;
	struct gyl_view image;
	struct gyl_loop *loop;
	struct gyl_service_env env;
	struct gyl_run run;
	void *core;
	uint64_t hold_mem[8192], event_mem[16384];
};

static bool build(struct daemon *w, const char *dns)
{
	char err[300] = "";

	w->block = compiled(dns, err, sizeof err);
	if (w->block.p == NULL)
		fail_msg("%s", err);
	w->env.flat = gyl_flat_open(w->block);
	w->env.conf = gyl_flat_section(w->env.flat, "dns");
	assert_int_equal(gyl_build_open(&w->b), 0);
	return gyl_dns_service.build(w->env.flat, w->env.conf, &w->b);
}

static void errors_of_all_zones_are_told(void **state)
{
	struct daemon *w = calloc(1, sizeof *w);

	(void)state;
	assert_non_null(w);
	assert_false(build(w, "\"zones\": [{\"name\": \"z\", \"file\": \"/nix/a\"}, "
			      "{\"name\": \"y\", \"file\": \"/nix/b\"}]"));
	assert_true(w->b.error_cnt >= 2);
	assert_string_equal(w->b.note[0].file, "/nix/a");
	assert_string_equal(w->b.note[1].file, "/nix/b");
	gyl_build_close(&w->b);
	free((void *)(uintptr_t)w->block.p);
	free(w);
}

static struct daemon *start(uint16_t port)
{
	struct daemon *w = calloc(1, sizeof *w);
	struct gyl_run_conf rcf = {
		w->hold_mem, sizeof w->hold_mem, w->event_mem, sizeof w->event_mem};
	static const struct gyl_net_iface lo = {.device = "lo"};
	struct gyl_net_conf ncf = {.iface = &lo, .iface_cnt = 1};
	char conf[300], err[200] = "";

	(void)snprintf(conf, sizeof conf,
		"\"port\": %u, \"zones\": {\"name\": \"example\", \"file\": \"%s/data/zones/rfc4592.zone\"}",
		port, GYL_TEST_DIR);
	assert_true(build(w, conf));
	w->image = gyl_build_map(w->b.fd);
	w->loop = gyl_loop_open();
	assert_non_null(w->loop);
	assert_int_equal(gyl_host_kernel_open(w->loop, &ncf, &w->env.host, err), 0);
	gyl_run_init(&w->run, w->env.host, NULL, &rcf);
	w->env.run = &w->run;
	w->env.loop = w->loop;
	w->core = gyl_dns_service.open(&w->env, w->image, err);
	if (w->core == NULL)
		fail_msg("%s", err);
	w->env.core = gyl_run_add(&w->run, gyl_dns_service.ops, w->core);
	if (gyl_dns_service.listen(&w->env, w->core, err) != 0)
		fail_msg("%s", err);
	return w;
}

static void stop(struct daemon *w)
{
	gyl_dns_service.close(&w->env, w->core);
	w->env.host.ops->close(w->env.host.h);
	gyl_loop_close(w->loop);
	gyl_build_unmap(w->image);
	gyl_build_close(&w->b);
	free((void *)(uintptr_t)w->block.p);
	free(w);
}

static void step(struct daemon *w, int times)
{
	for (int i = 0; i < times; i++)
		gyl_run_step(&w->run, w->run.now.mono_ns + 20000000);
}

static int connected(uint16_t port, int type)
{
	struct sockaddr_in sin = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct timeval patience = {.tv_sec = 5};
	int fd = socket(AF_INET, type, 0);

	sin.sin_port = htons(port);
	assert_int_equal(connect(fd, (struct sockaddr *)&sin, sizeof sin), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
	return fd;
}

static void both_transports_answer(void **state)
{
	/* foo.example TXT, two octets of length in front for TCP */
	static const uint8_t query[] = "\0\035\0\7\1\0\0\1\0\0\0\0\0\0\3foo\7example\0\0\20\0\1";
	uint16_t port = free_port();
	struct daemon *w = start(port);
	uint8_t udp[512], tcp[512];
	int fd = connected(port, SOCK_DGRAM);
	ssize_t n, m;

	(void)state;
	assert_int_equal(send(fd, query + 2, 29, 0), 29);
	step(w, 3);
	n = recv(fd, udp, sizeof udp, 0);
	close(fd);
	assert_true(n > 29);
	assert_int_equal(gyl_get_u16(udp + 6), 1); /* from the wildcard */
	fd = connected(port, SOCK_STREAM);
	assert_int_equal(send(fd, query, 31, 0), 31);
	step(w, 5);
	m = recv(fd, tcp, sizeof tcp, 0);
	close(fd);
	assert_int_equal(m, n + 2);
	assert_memory_equal(tcp + 2, udp, (size_t)n);
	step(w, 2);
	stop(w);
}

/* Everything asked at once, and our side ended at once, too (RFC 7766 6.2.1.1): all the answers
 * come, in order, then the end. More of them than there are slots in a turn, and than the stream
 * takes before we read. */
static void a_pipeline_is_answered_to_its_end(void **state)
{
	static const uint8_t query[] = "\0\035\0\7\1\0\0\1\0\0\0\0\0\0\3foo\7example\0\0\20\0\1";
	enum {
		CNT = 2000,
		QUERY_LEN = 31
	};
	static uint8_t out[CNT * QUERY_LEN], in[CNT * 256];
	uint16_t port = free_port();
	struct daemon *w = start(port);
	int fd = connected(port, SOCK_STREAM);
	size_t len = 0, at = 0;
	unsigned got = 0;
	ssize_t n;

	(void)state;
	for (unsigned i = 0; i < CNT; i++) {
		memcpy(out + i * QUERY_LEN, query, QUERY_LEN);
		gyl_set_u16(out + i * QUERY_LEN + 2, (uint16_t)i);
	}
	assert_int_equal(send(fd, out, sizeof out, 0), sizeof out);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	step(w, 5);
	for (int turn = 0; turn < 5000; turn++) {
		n = recv(fd, in + len, sizeof in - len, MSG_DONTWAIT);
		if (n == 0)
			break;
		len += n > 0 ? (size_t)n : 0;
		gyl_run_step(&w->run, w->run.now.mono_ns + 1000000);
	}
	for (; at + 4 <= len; at += 2 + (size_t)gyl_get_u16(in + at))
		assert_int_equal(gyl_get_u16(in + at + 2), got++);
	assert_int_equal(got, CNT);
	assert_int_equal(at, len);
	assert_int_equal(n, 0);
	close(fd);
	step(w, 2);
	stop(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_configurations_are_refused),
		cmocka_unit_test(errors_of_all_zones_are_told),
		cmocka_unit_test(both_transports_answer),
		cmocka_unit_test(a_pipeline_is_answered_to_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
