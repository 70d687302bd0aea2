/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_TCP_LINK_H
#define GYL_TESTS_TCP_LINK_H

/*
 * One direction of a path between two stations, under a virtual clock: what it does to datagrams
 * is drawn from a seed, so a run can be had again.
 */

#include <gyl/base.h>

enum {
	LINK_PPM = 1000000,
	LINK_SMALL = 100 /* octets of a segment that counts as small */
};

struct link_conf {
	uint64_t delay_ns, jitter_ns; /* of each datagram: delay and up to jitter more */
	bool may_overtake;            /* jitter changes the order */
	uint64_t rate;                /* bits a second; 0: any */
	uint32_t queue_len;           /* octets that wait for the rate; 0: any number */
	uint32_t loss_ppm, small_loss_ppm, dup_ppm, corrupt_ppm;
	uint32_t late_ppm; /* is overtaken: held back by late_ns */
	uint64_t late_ns;
	uint64_t silence_at; /* after so many octets nothing passes for silence_ns; 0: never */
	uint64_t silence_ns;
	uint16_t mtu;
	bool is_off;
};

struct link_packet {
	uint64_t at_ns, order;
	uint16_t icmp_mtu; /* not 0: "fragmentation needed" to whom the quoted segment came from */
	uint16_t len;
	uint8_t data[];
};

enum link_fate {
	LINK_CARRIED,
	LINK_LOST,
	LINK_QUEUE_FULL,
	LINK_TOO_BIG,
	LINK_OFF,
	LINK_DOUBLED,
	LINK_CORRUPTED,
	LINK_FATES
};

struct link {
	struct link_conf cf;
	uint64_t seed, order;
	uint64_t free_ns;  /* when all that waits has left */
	uint64_t last_ns;  /* no datagram in order arrives before */
	uint64_t carried;  /* octets */
	uint64_t quiet_ns; /* silence until then */
	unsigned cnt, cap;
	struct link_packet **heap; /* by time of arrival */
	uint64_t fate_cnt[LINK_FATES];
};

void link_open(struct link *l, const struct link_conf *cf, uint64_t seed);
void link_close(struct link *l);
/* A segment is sent; IPv4's 20 octets are counted, not carried. */
enum link_fate link_send(struct link *l, uint64_t now_ns, struct gyl_view segment);
/* A message about a segment arrives after the delay. */
void link_send_icmp(struct link *l, uint64_t now_ns, struct gyl_view segment, uint16_t mtu);
/* When the next datagram arrives; UINT64_MAX: none is under way. */
uint64_t link_deadline_ns(const struct link *l);
/* The next one that has arrived, to be freed; NULL: none. */
struct link_packet *link_take(struct link *l, uint64_t now_ns);
/* A random number below n, of this link's course. */
uint32_t link_draw(struct link *l, uint32_t n);
const char *link_fate_text(enum link_fate fate);

#endif
