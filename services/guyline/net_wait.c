/* SPDX-License-Identifier: ISC */

/* A device and the clocks; an interrupt ends a tool, which then says what it found. */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include <gyl/text.h>
#include <gyl/time.h>

#include "services/guyline/net_own.h"

static volatile sig_atomic_t interrupted;

static void on_signal(int signo)
{
	(void)signo;
	interrupted = 1;
}

static uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * GYL_NS_PER_S + (uint64_t)t.tv_nsec;
}

/* Without SA_RESTART: the poll that waits has to end. */
static void catch_signals(void)
{
	static bool done;
	struct sigaction sa = {.sa_handler = on_signal};

	if (done)
		return;
	done = true;
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
}

/* The end of a capture file is an end, not a loss. */
static bool is_there(const struct gyl_netdev *dev)
{
	if (dev->gone != 0 && dev->gone != ENODATA)
		fprintf(stderr, "guyline net: the device is gone: %s\n", strerror(dev->gone));
	return dev->gone == 0;
}

bool gyl__net_wait(struct gyl_netdev *dev, uint64_t until_ns)
{
	struct pollfd pfd = {.fd = dev->fd, .events = POLLIN};
	struct timespec left;
	uint64_t left_ns;

	catch_signals();
	if (!is_there(dev)) /* nothing would end the wait */
		return false;
	until_ns = gyl_time_min(until_ns, gyl_netdev_deadline_ns(dev));
	left_ns = gyl_time_sub(until_ns, clock_ns(CLOCK_MONOTONIC));
	left = (struct timespec){.tv_sec = (time_t)gyl_time_min(left_ns / GYL_NS_PER_S, 3600),
		.tv_nsec = (long)(left_ns % GYL_NS_PER_S)};
	ppoll(&pfd, 1, &left, NULL);
	dev->mono_ns = clock_ns(CLOCK_MONOTONIC);
	dev->wall_ns = clock_ns(CLOCK_REALTIME);
	return !interrupted;
}

bool gyl__net_mac(uint8_t ret_mac[6])
{
	if (getrandom(ret_mac, 6, 0) != 6) {
		fprintf(stderr, "guyline net: no random numbers: %s\n", strerror(errno));
		return false;
	}
	ret_mac[0] = 2;
	return true;
}

const char *gyl__net_ip(uint32_t ip)
{
	static char text[4][GYL_TEXT_IPV4_MAX];
	static unsigned turn;
	struct gyl_writer w;

	turn = (turn + 1) % 4;
	gyl_writer_init(&w, text[turn], sizeof text[turn]);
	gyl_text_ipv4(&w, ip);
	return gyl_text_cstr(&w);
}
