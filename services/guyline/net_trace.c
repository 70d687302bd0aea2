/* SPDX-License-Identifier: ISC */

/* `guyline net trace`: the routers on the way, by echo requests that live one hop longer each time.
 */

#include <stdio.h>

#include "services/guyline/net_station.h"

enum {
	PROBE_CNT = 3
};

struct tracer {
	struct gyl__station st;
	const struct gyl__net_opts *o;
	uint16_t seq;
	uint32_t shown; /* address in the present line; 0: none */
};

/* The hop's answer to one probe. Returns 1: at the end of the way; 0: go on; -1: interrupted. */
static int probe(struct tracer *t, uint8_t ttl)
{
	uint64_t sent_ns = t->st.dev->mono_ns;
	struct gyl__answer a;
	int r;

	t->seq++;
	if (!gyl__station_echo(&t->st, t->o->target[0], t->seq, ttl, t->o->size)) {
		printf("  no way");
		return 1;
	}
	do {
		r = gyl__station_wait(&t->st, sent_ns + t->o->wait_ns, &a);
	} while (r == 1 && a.seq != t->seq);
	if (r != 1) {
		printf("  *");
		return r;
	}
	if (a.from != t->shown)
		printf("  %s", gyl__net_ip(a.from));
	t->shown = a.from;
	printf("  %.3f ms", (double)(t->st.dev->mono_ns - sent_ns) / 1e6);
	if (a.type == GYL_ICMP_ECHO_REPLY)
		return 1;
	if (a.type == GYL_ICMP_TIME_EXCEEDED)
		return 0;
	printf(" (%s)", gyl__station_why(&a));
	return 1;
}

int gyl__net_trace(struct gyl_netdev *dev, const struct gyl__net_opts *o)
{
	static struct tracer t;
	int r = 0;

	t = (struct tracer){.o = o};
	if (!gyl__station_open(&t.st, dev, o))
		return 1;
	for (unsigned ttl = 1; ttl <= o->hop_max && r == 0; ttl++) {
		printf("%2u", ttl);
		t.shown = 0;
		for (unsigned i = 0; i < PROBE_CNT && r >= 0; i++) {
			int got = probe(&t, (uint8_t)ttl);

			r = got == 0 ? r : got;
			fflush(stdout);
		}
		printf("\n");
	}
	gyl__station_close(&t.st);
	return r == 1 ? 0 : 1;
}
