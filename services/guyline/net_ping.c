/* SPDX-License-Identifier: ISC */

/* `guyline net ping`: echo requests, one by one, and how long each answer took. */

#include <stdio.h>

#include <gyl/time.h>

#include "services/guyline/net_station.h"

enum {
	WINDOW = 256 /* of sequence numbers: answers to older requests are not counted */
};

struct pinger {
	struct gyl__station st;
	const struct gyl__net_opts *o;
	uint32_t sent_cnt, answer_cnt, dup_cnt;
	uint64_t min_ns, max_ns, sum_ns;
	uint64_t sent_ns[WINDOW]; /* by sequence number; 0: answered, or never sent */
};

static void tell_reply(struct pinger *p, const struct gyl__answer *a)
{
	uint64_t *sent_ns = &p->sent_ns[a->seq % WINDOW];
	uint64_t took_ns;

	if (*sent_ns == 0) {
		p->dup_cnt++;
		printf("%u octets from %s: seq=%u DUPLICATE\n", a->len, gyl__net_ip(a->from),
			a->seq);
		return;
	}
	took_ns = p->st.dev->mono_ns - *sent_ns;
	*sent_ns = 0;
	p->answer_cnt++;
	p->sum_ns += took_ns;
	p->min_ns = gyl_time_min(p->min_ns, took_ns);
	p->max_ns = p->max_ns > took_ns ? p->max_ns : took_ns;
	printf("%u octets from %s: seq=%u ttl=%u time=%.3f ms%s\n", a->len, gyl__net_ip(a->from),
		a->seq, a->ttl, (double)took_ns / 1e6,
		a->is_whole && a->len == p->o->size ? "" : " DIFFERENT from what was sent");
}

static void tell(struct pinger *p, const struct gyl__answer *a)
{
	if (a->type == GYL_ICMP_ECHO_REPLY)
		tell_reply(p, a);
	else if (a->mtu != 0)
		printf("from %s: seq=%u %s: %u octets at most\n", gyl__net_ip(a->from), a->seq,
			gyl__station_why(a), a->mtu);
	else
		printf("from %s: seq=%u %s\n", gyl__net_ip(a->from), a->seq, gyl__station_why(a));
	fflush(stdout);
}

/* Until then; false: interrupted, or all that was asked for is answered. */
static bool listen_until(struct pinger *p, uint64_t until_ns)
{
	struct gyl__answer a;
	int r;

	while ((r = gyl__station_wait(&p->st, until_ns, &a)) == 1) {
		tell(p, &a);
		if (p->answer_cnt == p->o->cnt)
			return false;
	}
	return r == 0;
}

static void summary(const struct pinger *p)
{
	printf("%u sent, %u answered, %.0f %% lost", p->sent_cnt, p->answer_cnt,
		p->sent_cnt == 0 ? 0.0 : 100.0 * (p->sent_cnt - p->answer_cnt) / p->sent_cnt);
	if (p->dup_cnt != 0)
		printf(", %u duplicates", p->dup_cnt);
	if (p->answer_cnt != 0)
		printf(", %.3f / %.3f / %.3f ms (least, mean, most)", (double)p->min_ns / 1e6,
			(double)p->sum_ns / p->answer_cnt / 1e6, (double)p->max_ns / 1e6);
	printf("\n");
}

int gyl__net_ping(struct gyl_netdev *dev, const struct gyl__net_opts *o)
{
	static struct pinger p;
	uint64_t next_ns;

	p = (struct pinger){.o = o, .min_ns = UINT64_MAX};
	if (!gyl__station_open(&p.st, dev, o))
		return 1;
	next_ns = dev->mono_ns;
	do {
		uint16_t seq = (uint16_t)++p.sent_cnt;

		p.sent_ns[seq % WINDOW] = dev->mono_ns;
		if (!gyl__station_echo(&p.st, o->target[0], seq, 0, o->size))
			printf("seq=%u: no way to %s\n", seq, gyl__net_ip(o->target[0]));
		next_ns += p.sent_cnt == o->cnt ? o->wait_ns : o->gap_ns;
	} while (listen_until(&p, next_ns) && p.sent_cnt < o->cnt);
	summary(&p);
	gyl__station_close(&p.st);
	return p.answer_cnt == 0;
}
