/* SPDX-License-Identifier: ISC */

/* `guyline net capture`: a line a frame. With -w the device was opened with a pcap file in front.
 */

#include <stdio.h>
#include <time.h>

#include <gyl/text.h>
#include <gyl/time.h>

#include "services/guyline/net_own.h"

enum {
	LINE_MAX_LEN = 1 << 16
};

/* The local time of day, for people; the pcap file has all of it. */
static void put_time(uint64_t wall_ns)
{
	time_t s = (time_t)(wall_ns / GYL_NS_PER_S);
	struct tm tm;
	char text[16];

	localtime_r(&s, &tm);
	strftime(text, sizeof text, "%H:%M:%S", &tm);
	printf("%s.%06u ", text, (unsigned)(wall_ns % GYL_NS_PER_S / 1000));
}

static void print(const struct gyl_netdev *dev, const struct gyl_netframe *f, bool whole)
{
	static char line[LINE_MAX_LEN];
	struct gyl_writer w;

	gyl_writer_init(&w, line, sizeof line);
	gyl__net_line(&w, gyl_view(f->p, f->len), f->flags, whole);
	put_time(dev->wall_ns);
	if (gyl_writer_ok(&w))
		printf("%.*s\n", (int)w.len, line);
	else
		printf("%u octets, too much to print\n", f->len);
}

int gyl__net_capture(struct gyl_netdev *dev, const struct gyl__net_opts *o)
{
	struct gyl_netframe f[GYL_NETDEV_BATCH];
	uint32_t seen = 0;
	struct gyl_netdev_stat st;
	size_t cnt = 0;

	while ((o->cnt == 0 || seen < o->cnt) &&
		(cnt == GYL_NETDEV_BATCH || gyl__net_wait(dev, UINT64_MAX))) {
		cnt = gyl_netdev_recv(dev, f, GYL_NETDEV_BATCH);
		for (size_t i = 0; i < cnt && (o->cnt == 0 || seen < o->cnt); i++, seen++)
			print(dev, &f[i], o->verbose);
		fflush(stdout);
	}
	st = gyl_netdev_stat(dev);
	fprintf(stderr, "%u frames, %llu lost\n", seen, (unsigned long long)st.rx_lost_cnt);
	return seen == 0;
}
