/* SPDX-License-Identifier: ISC */

/*
 * Numbered syslog messages in a stream that never waits for anything: a load for collectors.
 *
 *   syslog_load udp|lf|octet ADDRESS PORT COUNT [--rate N] [--first N] [--len N] [--ietf]
 *
 * udp: a datagram each; lf: by TCP, a line each; octet: by TCP with octet counts (RFC 6587 3.4.1).
 * They are RFC 3164, or RFC 5424 with --ietf, 200 octets or --len, and have `n=` and ten digits in
 * the text, which syslog_count finds again. --rate: so many a second, evenly; otherwise as fast as
 * it goes. It ends early when the collector is gone, or by SIGTERM.
 *
 * ADDRESS "-": lf and octet write to standard output, for somebody else to send, and print nothing.
 *
 * Prints "sent COUNT us MICROSECONDS": how many the kernel took whole, and in which time.
 */

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <gyl/time.h>
#include <netinet/in.h>

enum {
	BATCH = 64,
	LEN_MAX = 1400,
	COUNT_LEN = 16 /* octets of count and space in front of a message, at most */
};

struct load {
	int fd;
	bool dgram, counted, ietf;
	uint64_t cnt, first, rate;
	size_t len;
	uint64_t sent, refresh_ns;
	size_t number_at; /* where the digits stand in `text` */
	char text[LEN_MAX + 1];
	char count[COUNT_LEN];
	size_t count_len;
	char out[BATCH][COUNT_LEN + LEN_MAX + 1];
	struct mmsghdr msg[BATCH];
	struct iovec iov[BATCH];
};

static struct load load = {.len = 200};
static volatile sig_atomic_t stopped;

_Noreturn static void die(const char *what)
{
	fprintf(stderr, "syslog_load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	if (clock_gettime(id, &t) != 0)
		die("reading a clock");
	return (uint64_t)t.tv_sec * GYL_NS_PER_S + (uint64_t)t.tv_nsec;
}

static void stop(int sig)
{
	(void)sig;
	stopped = 1;
}

/* ---- messages ---- */

/* The text of all messages of this second; the number goes in for each one. */
static void write_text(struct load *l)
{
	static const char bsd[] = "<30>%b %e %H:%M:%S ap-17.hall.event.example hostapd[4711]: n=";
	static const char ietf[] =
		"<30>1 %Y-%m-%dT%H:%M:%S.123456Z ap-17.hall.event.example hostapd 4711 STA "
		"[origin ip=\"10.0.1.7\"] n=";
	static const char rest[] =
		"0000000000 wlan0: STA 02:00:5e:10:00:07 IEEE 802.11: associated (aid 3), signal "
		"-61 dBm, okay; ";
	time_t now = time(NULL);
	struct tm tm;

	l->number_at = strftime(l->text, sizeof l->text, l->ietf ? ietf : bsd, gmtime_r(&now, &tm));
	for (size_t at = l->number_at, i = 0; at < l->len; at++, i++)
		l->text[at] = rest[i % (sizeof rest - 1)];
	l->text[l->len] = '\n';
	l->refresh_ns = clock_ns(CLOCK_MONOTONIC) + GYL_NS_PER_S / 2;
}

static void put_number(char *p, uint64_t n)
{
	for (int i = 9; i >= 0; i--, n /= 10)
		p[i] = (char)('0' + n % 10);
}

/* Message `number` as message i of the batch. */
static void put_message(struct load *l, size_t i, uint64_t number)
{
	size_t head = l->counted ? l->count_len : 0;

	memcpy(l->out[i], l->count, head);
	memcpy(l->out[i] + head, l->text, l->len + 1);
	put_number(l->out[i] + head + l->number_at, number);
	l->iov[i].iov_base = l->out[i];
	l->iov[i].iov_len = head + l->len + (!l->dgram && !l->counted);
}

/* ---- sending ---- */

/* How many of cnt left whole; fewer when the collector is gone. */
static size_t send_dgrams(struct load *l, size_t cnt)
{
	size_t at = 0;

	while (at < cnt) {
		int n = sendmmsg(l->fd, l->msg + at, (unsigned)(cnt - at), 0);

		if (n > 0)
			at += (size_t)n;
		else if (errno != EAGAIN && errno != ENOBUFS)
			break;
	}
	return at;
}

static size_t send_stream(struct load *l, size_t cnt)
{
	size_t at = 0;

	while (at < cnt) {
		ssize_t n = writev(l->fd, l->iov + at, (int)(cnt - at));

		if (n < 0)
			break;
		for (; at < cnt && (size_t)n >= l->iov[at].iov_len; at++)
			n -= (ssize_t)l->iov[at].iov_len;
		if (at < cnt) {
			l->iov[at].iov_base = (char *)l->iov[at].iov_base + n;
			l->iov[at].iov_len -= (size_t)n;
		}
	}
	return at;
}

/* How many are due now. */
static uint64_t due(const struct load *l, uint64_t spent_ns)
{
	uint64_t left = l->cnt - l->sent, all;

	if (l->rate == 0)
		return left;
	all = (uint64_t)((double)spent_ns * 1e-9 * (double)l->rate);
	return all <= l->sent ? 0 : all - l->sent < left ? all - l->sent : left;
}

static void run(struct load *l)
{
	uint64_t start_ns = clock_ns(CLOCK_MONOTONIC), now_ns = start_ns;
	size_t cnt = 0, done = 0;

	while (l->sent < l->cnt && done == cnt && !stopped) {
		now_ns = clock_ns(CLOCK_MONOTONIC);
		cnt = (size_t)due(l, now_ns - start_ns);
		if (cnt > BATCH)
			cnt = BATCH;
		if (now_ns >= l->refresh_ns)
			write_text(l);
		for (size_t i = 0; i < cnt; i++)
			put_message(l, i, l->first + l->sent + i);
		done = cnt == 0 ? 0 : l->dgram ? send_dgrams(l, cnt) : send_stream(l, cnt);
		l->sent += done;
	}
	if (l->fd == STDOUT_FILENO)
		return;
	printf("sent %llu us %llu\n", (unsigned long long)l->sent,
		(unsigned long long)((now_ns - start_ns) / 1000));
}

/* ---- start ---- */

static void open_socket(struct load *l, const char *address, const char *port)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(port, NULL, 10))};

	if (strcmp(address, "-") == 0) {
		l->fd = STDOUT_FILENO;
		return;
	}
	if (inet_pton(AF_INET, address, &to.sin_addr) != 1)
		die("not an address");
	l->fd = socket(AF_INET, l->dgram ? SOCK_DGRAM : SOCK_STREAM, 0);
	if (l->fd < 0 || connect(l->fd, (const struct sockaddr *)&to, sizeof to) != 0)
		die("connecting");
	for (size_t i = 0; i < BATCH; i++) {
		l->msg[i].msg_hdr.msg_iov = &l->iov[i];
		l->msg[i].msg_hdr.msg_iovlen = 1;
	}
}

static void options(struct load *l, int argc, char **argv)
{
	static const struct option table[] = {{"rate", required_argument, NULL, 'r'},
		{"first", required_argument, NULL, 'f'}, {"len", required_argument, NULL, 'l'},
		{"ietf", no_argument, NULL, 'i'}, {NULL, 0, NULL, 0}};
	int c;

	while ((c = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (c == 'r')
			l->rate = strtoull(optarg, NULL, 10);
		else if (c == 'f')
			l->first = strtoull(optarg, NULL, 10);
		else if (c == 'l')
			l->len = strtoul(optarg, NULL, 10);
		else if (c == 'i')
			l->ietf = true;
		else
			exit(1);
	}
	errno = EINVAL;
	if (argc - optind != 4 || l->len < 130 || l->len > LEN_MAX)
		die("usage: syslog_load udp|lf|octet ADDRESS PORT COUNT [options]");
}

int main(int argc, char **argv)
{
	struct load *l = &load;
	const char *kind;

	options(l, argc, argv);
	kind = argv[optind];
	l->dgram = strcmp(kind, "udp") == 0;
	l->counted = strcmp(kind, "octet") == 0;
	if (!l->dgram && !l->counted && strcmp(kind, "lf") != 0)
		die("kinds are udp, lf, octet");
	l->cnt = strtoull(argv[optind + 3], NULL, 10);
	l->count_len = (size_t)snprintf(l->count, sizeof l->count, "%zu ", l->len);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGTERM, stop);
	open_socket(l, argv[optind + 1], argv[optind + 2]);
	write_text(l);
	run(l);
	return 0;
}
