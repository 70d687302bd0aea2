/* SPDX-License-Identifier: ISC */
#include "services/guyline/net.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include <gyl/ipv4.h>
#include <gyl/net/device.h>
#include <gyl/text.h>
#include <gyl/time.h>

#include "services/guyline/net_own.h"

enum {
	SIZE_MAX_LEN = 20000 /* 16 pieces of 1,480 octets are what is put together again */
};

/* A tool: what it wants beside a device. */
static const struct tool {
	const char *name;
	int (*run)(struct gyl_netdev *dev, const struct gyl__net_opts *o);
	const char *letters; /* its options, see option() */
	bool wants_address, wants_target;
	uint64_t wait_ns;
} tools[] = {
	{"ping", gyl__net_ping, "iagVcsWI", true, true, GYL_NS_PER_S},
	{"trace", gyl__net_trace, "iagVmW", true, true, GYL_NS_PER_S},
	{"resolve", gyl__net_resolve, "iaVW", false, true, GYL_NS_PER_S},
	{"capture", gyl__net_capture, "icwv", false, false, 0},
};

static void usage(FILE *out)
{
	fprintf(out,
		"usage: guyline net ping    -i DEVICE --address IP/PREFIX [options] TARGET\n"
		"       guyline net trace   -i DEVICE --address IP/PREFIX [options] TARGET\n"
		"       guyline net resolve -i DEVICE [options] TARGET...\n"
		"       guyline net capture -i DEVICE [options]\n\n"
		"  -i DEVICE           tap:NAME, macvtap:NAME, packet:NAME, pcap:FILE; pcap:FILE,DEVICE records\n"
		"  --address IP/PREFIX an address for us that nobody has (resolve: may be left out)\n"
		"  --gateway IP        where to send what is not on the link\n"
		"  --vlan N            in frames with this tag\n"
		"  -c COUNT            ping: so many (4); capture: end after so many frames\n"
		"  -s SIZE             ping: octets of data (56)\n"
		"  -W SECONDS          how long to wait for an answer (1)\n"
		"  --interval SECONDS  ping: from one to the next (1)\n"
		"  -m HOPS             trace: most routers on the way (30)\n"
		"  -w FILE             capture: write the frames to a pcap file, too\n"
		"  -v                  capture: print messages in full\n");
}

static bool complain(const char *name, const char *text, const char *wanted)
{
	fprintf(stderr, "guyline net: %s %s: %s\n", name, text, wanted);
	return false;
}

static bool number(const char *name, const char *text, uint64_t min, uint64_t max, uint64_t *ret)
{
	char wanted[80];

	if (!gyl_failed(gyl_parse_u64(gyl_view_str(text), max, ret)) && *ret >= min)
		return true;
	snprintf(wanted, sizeof wanted, "a number from %llu to %llu", (unsigned long long)min,
		(unsigned long long)max);
	return complain(name, text, wanted);
}

/* "2", "0.2" or "200ms". */
static bool period(const char *name, const char *text, uint64_t *ret_ns)
{
	char s[32];
	char *end;
	double value = strtod(text, &end);

	if (end != text && *end == '\0' && value > 0 && value <= 3600) {
		*ret_ns = (uint64_t)(value * 1e9);
		return true;
	}
	snprintf(s, sizeof s, "%.31s", text);
	if (!gyl_failed(gyl_time_parse(gyl_view_str(s), ret_ns)) && *ret_ns > 0 &&
		*ret_ns <= GYL_NS_PER_HOUR)
		return true;
	return complain(name, text, "a time up to an hour, such as 0.5 or 200ms");
}

static bool ip_of(const char *name, const char *text, uint32_t *ret)
{
	if (!gyl_failed(gyl_parse_ipv4(gyl_view_str(text), ret)) && *ret != 0)
		return true;
	return complain(name, text, "an IPv4 address");
}

static bool address(struct gyl__net_opts *o, const char *text)
{
	const char *slash = strchr(text, '/');
	uint64_t prefix = 24;
	size_t len = slash == NULL ? strlen(text) : (size_t)(slash - text);

	if (gyl_failed(gyl_parse_ipv4(gyl_view(text, len), &o->ip)) || o->ip == 0 ||
		(slash != NULL &&
			gyl_failed(gyl_parse_u64(gyl_view_str(slash + 1), 32, &prefix))) ||
		prefix == 0)
		return complain("--address", text, "an address such as 10.77.0.9/24");
	o->prefix = (uint8_t)prefix;
	return true;
}

static bool option(struct gyl__net_opts *o, int letter, const char *arg)
{
	uint64_t n = 0;
	bool ok = true;

	switch (letter) {
	case 'i':
		o->device = arg;
		break;
	case 'a':
		return address(o, arg);
	case 'g':
		return ip_of("--gateway", arg, &o->gateway);
	case 'V':
		ok = number("--vlan", arg, 1, 4094, &n);
		o->vlan = (uint16_t)n;
		break;
	case 'c':
		ok = number("-c", arg, 1, UINT32_MAX, &n);
		o->cnt = (uint32_t)n;
		break;
	case 's':
		ok = number("-s", arg, 0, SIZE_MAX_LEN, &n);
		o->size = (uint32_t)n;
		break;
	case 'W':
		return period("-W", arg, &o->wait_ns);
	case 'I':
		return period("--interval", arg, &o->gap_ns);
	case 'm':
		ok = number("-m", arg, 1, 255, &n);
		o->hop_max = (uint8_t)n;
		break;
	case 'w':
		o->write = arg;
		break;
	case 'v':
		o->verbose = true;
		break;
	default:
		return false;
	}
	return ok;
}

static bool targets(struct gyl__net_opts *o, const struct tool *t, int argc, char **argv)
{
	int max = t->run == gyl__net_resolve ? (int)(sizeof o->target / sizeof o->target[0])
		  : t->wants_target          ? 1
					     : 0;

	if (argc > max)
		return complain(t->name, argv[max], "one argument too many");
	if (t->wants_target && argc == 0) {
		fprintf(stderr, "guyline net: %s needs an address to look for\n", t->name);
		return false;
	}
	for (; o->target_cnt < (unsigned)argc; o->target_cnt++) {
		if (!ip_of(t->name, argv[o->target_cnt], &o->target[o->target_cnt]))
			return false;
	}
	return true;
}

/* What the tool cannot do without. */
static bool is_whole(const struct gyl__net_opts *o, const struct tool *t)
{
	if (o->device == NULL)
		fprintf(stderr, "guyline net: %s needs a device: -i tap:NAME or -i packet:NAME\n",
			t->name);
	else if (t->wants_address && o->ip == 0)
		fprintf(stderr,
			"guyline net: %s needs an address that nobody else has: --address IP/PREFIX\n",
			t->name);
	else if (o->gateway != 0 && ((o->gateway ^ o->ip) & gyl_ipv4_mask(o->prefix)) != 0)
		fprintf(stderr, "guyline net: the gateway %s is not in the network of %s/%u\n",
			gyl__net_ip(o->gateway), gyl__net_ip(o->ip), o->prefix);
	else
		return true;
	return false;
}

/* Returns an exit status, or -1: go on. */
static int read_options(struct gyl__net_opts *o, const struct tool *t, int argc, char **argv)
{
	static const struct option longs[] = {{"address", required_argument, NULL, 'a'},
		{"gateway", required_argument, NULL, 'g'}, {"vlan", required_argument, NULL, 'V'},
		{"interval", required_argument, NULL, 'I'}, {"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0}};
	int letter;

	for (optind = 1; (letter = getopt_long(argc, argv, "i:c:s:W:m:w:v", longs, NULL)) != -1;) {
		if (letter == 'h') {
			usage(stdout);
			return EX_OK;
		}
		if (letter != '?' && strchr(t->letters, letter) == NULL) {
			fprintf(stderr, "guyline net: %s has no such option: %s\n", t->name,
				argv[optind - 1]);
			return EX_USAGE;
		}
		if (!option(o, letter, optarg))
			return EX_USAGE;
	}
	return is_whole(o, t) && targets(o, t, argc - optind, argv + optind) ? -1 : EX_USAGE;
}

static int run(const struct tool *t, const struct gyl__net_opts *o)
{
	char text[600], err[200];
	struct gyl_netdev *dev;
	int status;

	snprintf(text, sizeof text, "%s%s%s%s",
		o->write == NULL ? "" : "pcap:", o->write == NULL ? "" : o->write,
		o->write == NULL ? "" : ",", o->device);
	if (gyl_dev_open(text, &dev, err) != 0) {
		fprintf(stderr, "guyline net: %s\n", err);
		return EX_OSERR;
	}
	status = t->run(dev, o);
	gyl_netdev_close(dev);
	return status;
}

int gyl_net_main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof tools / sizeof tools[0]; i++) {
		struct gyl__net_opts o = {.size = 56,
			.gap_ns = GYL_NS_PER_S,
			.hop_max = 30,
			.wait_ns = tools[i].wait_ns,
			.cnt = tools[i].run == gyl__net_ping ? 4 : 0};
		int status;

		if (strcmp(argv[1], tools[i].name) != 0)
			continue;
		status = read_options(&o, &tools[i], argc - 1, argv + 1);
		return status == -1 ? run(&tools[i], &o) : status;
	}
	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		usage(stdout);
		return EX_OK;
	}
	usage(stderr);
	return EX_USAGE;
}
