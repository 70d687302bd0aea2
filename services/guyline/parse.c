/* SPDX-License-Identifier: ISC */
#include "services/guyline/parse.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <gyl/text.h>
#include <gyl/time.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "libnet/dev/pcap_file.h"
#include "services/guyline/parse_own.h"
#include "services/syslogd/zone.h"

static const struct gyl__parse_kind kinds[] = {
	{"syslog", {514, 514}, gyl__parse_syslog_line, gyl__parse_syslog_message},
	{"dhcp", {67, 68}, gyl__parse_hex_line, gyl__parse_packet},
	{"dns", {53, 5353}, gyl__parse_hex_line, gyl__parse_packet},
	{"arp", {0, 0}, gyl__parse_hex_line, gyl__parse_packet},
};

static void usage(FILE *out)
{
	fprintf(out,
		"usage: guyline parse syslog [--recv TIME] [--from ADDRESS] [--zone ZONE] [--port N] [--text] [FILE]\n"
		"       guyline parse dhcp|dns|arp [--port N] [--text] [FILE]\n\n"
		"  syslog          lines as devices send them, or objects with \"raw\" or \"raw_hex\" and \"recv\"\n"
		"  dhcp, dns, arp  a message a line in hexadecimal digits, spaces and colons between octets allowed\n"
		"                  each of them: or a capture of libpcap\n"
		"  --recv TIME     when the messages came, such as 2026-11-21T14:00:00Z (now)\n"
		"  --from ADDRESS  who sent them\n"
		"  --zone ZONE     what a time without a zone means: UTC or an offset such as +02:00 (UTC)\n"
		"  --port N        in a capture: messages of this UDP port, not of the usual ones\n"
		"  --text          for people, not JSON\n");
}

void gyl__parse_complain(struct gyl__parse *p, const struct gyl__parse_where *at, const char *what,
	struct gyl_fault f)
{
	fprintf(stderr, "%s:", p->name);
	if (at != NULL)
		fprintf(stderr, " frame %llu at offset %llu:", (unsigned long long)at->frame,
			(unsigned long long)at->at);
	else
		fprintf(stderr, "%llu: at offset %llu:", (unsigned long long)p->lines.line,
			(unsigned long long)p->lines.at);
	fprintf(stderr, " %s%s%s at octet %zu%s\n", what == NULL ? "" : what,
		what == NULL ? "" : ": ", gyl_err_text(f.err), f.off,
		gyl_failed(f) ? "" : " (tolerated)");
	p->bad_cnt += gyl_failed(f);
}

void gyl__parse_put(struct gyl__parse *p)
{
	if (gyl_writer_ok(&p->w)) {
		fwrite(p->w.p, 1, p->w.len, stdout);
	} else {
		fprintf(stderr, "%s: a record of more than %d octets is not printed\n", p->name,
			GYL__PARSE_TEXT_MAX);
		p->bad_cnt++;
	}
	gyl_writer_init(&p->w, p->w.p, p->w.cap);
}

static int run_fd(struct gyl__parse *p, int fd)
{
	struct gyl_view first, line;
	size_t len;

	gyl__parse_lines_open(&p->lines, fd, &first);
	if (first.len == GYL__PARSE_MAGIC_LEN && gyl_pcap_is(first.p))
		return gyl__parse_capture(p, fd, first);
	while (gyl__parse_lines_next(&p->lines, &line, &len))
		p->kind->line(p, line, len);
	if (p->lines.err != 0)
		fprintf(stderr, "guyline parse: cannot read %s: %s\n", p->name,
			strerror(p->lines.err));
	if (fd != STDIN_FILENO)
		close(fd);
	return p->lines.err != 0 ? EX_IOERR : EX_OK;
}

static int run(struct gyl__parse *p, const char *path)
{
	static uint8_t text[GYL__PARSE_TEXT_MAX];
	int status, fd = path == NULL ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

	p->name = path == NULL ? "standard input" : path;
	if (fd < 0) {
		fprintf(stderr, "guyline parse: cannot read %s: %s\n", path, strerror(errno));
		return EX_NOINPUT;
	}
	gyl_writer_init(&p->w, text, sizeof text);
	status = run_fd(p, fd);
	if (fflush(stdout) != 0 || ferror(stdout) != 0) {
		fprintf(stderr, "guyline parse: cannot write: %s\n", strerror(errno));
		return EX_IOERR;
	}
	return status == EX_OK && p->bad_cnt != 0 ? EX_DATAERR : status;
}

static bool set(struct gyl__parse *p, int letter, const char *arg)
{
	struct gyl_view v = gyl_view_str(arg);
	uint8_t ip6[16];
	uint64_t port;
	uint32_t ip;

	if (letter == 'r')
		return !gyl_failed(gyl_time_parse_rfc3339(v, &p->recv_ns));
	if (letter == 'z')
		return !gyl_failed(gyl_syslogd_zone_parse(v, &p->zone_s));
	if (letter == 'f') {
		p->from = v;
		return !gyl_failed(gyl_parse_ipv4(v, &ip)) || !gyl_failed(gyl_parse_ipv6(v, ip6));
	}
	if (gyl_failed(gyl_parse_u64(v, UINT16_MAX, &port)) || port == 0)
		return false;
	p->port = (uint16_t)port;
	return true;
}

static const char *wanted(int letter)
{
	return letter == 'r'   ? "--recv: expected a time such as 2026-11-21T14:00:00Z"
	       : letter == 'z' ? "--zone: expected UTC or an offset such as +02:00"
	       : letter == 'f' ? "--from: expected an address"
			       : "--port: expected a number from 1 to 65535";
}

/* -1: go on. */
static int options(struct gyl__parse *p, int argc, char **argv)
{
	static const struct option longs[] = {{"recv", required_argument, NULL, 'r'},
		{"from", required_argument, NULL, 'f'}, {"zone", required_argument, NULL, 'z'},
		{"port", required_argument, NULL, 'p'}, {"text", no_argument, NULL, 't'},
		{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	int letter;

	for (optind = 1; (letter = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
		if (letter == 'h') {
			usage(stdout);
			return EX_OK;
		}
		if (letter == '?')
			return EX_USAGE;
		if (letter == 't') {
			p->text = true;
		} else if (strchr("rfz", letter) != NULL && strcmp(p->kind->name, "syslog") != 0) {
			fprintf(stderr, "guyline parse: %s has no such option: %s\n", p->kind->name,
				argv[optind - 2]);
			return EX_USAGE;
		} else if (!set(p, letter, optarg)) {
			fprintf(stderr, "guyline parse: %s, not \"%s\"\n", wanted(letter), optarg);
			return EX_USAGE;
		}
	}
	return -1;
}

int gyl_parse_main(int argc, char **argv)
{
	static struct gyl__parse p;
	int status;

	for (size_t i = 0; argc > 1 && i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(argv[1], kinds[i].name) == 0)
			p.kind = &kinds[i];
	if (p.kind == NULL) {
		bool help = argc > 1 && strcmp(argv[1], "--help") == 0;

		usage(help ? stdout : stderr);
		return help ? EX_OK : EX_USAGE;
	}
	status = options(&p, argc - 1, argv + 1);
	if (status != -1)
		return status;
	argc--;
	argv++;
	if (argc - optind > 1) {
		fprintf(stderr, "guyline parse: one file at most, not also \"%s\"\n",
			argv[optind + 1]);
		return EX_USAGE;
	}
	return run(&p, optind < argc && strcmp(argv[optind], "-") != 0 ? argv[optind] : NULL);
}
