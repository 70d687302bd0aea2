/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_HOST_REPLAY_INT_H
#define GYL_LIBNET_HOST_REPLAY_INT_H

/* What replay.c (time and files) and replay_frame.c (frames to inputs and back) share. */

#include "libnet/dev/pcap_file.h"
#include "libnet/host/replay.h"

enum {
	GYL__REPLAY_PORT_MAX = 8,
	GYL__REPLAY_SLOTS = 64,
	GYL__REPLAY_ROOM = 64, /* in front of a slot, for headers */
	GYL__REPLAY_SLOT_LEN = 2048
};

struct gyl__replay {
	const char *path, *out_path;
	struct gyl_pcap_in in;
	struct gyl_pcap_out out;
	struct gyl_pcap_record next; /* when has_next */
	bool has_next, looked;       /* looked: next tells what comes */
	bool ended;
	char bad[160]; /* what was wrong with the file */
	struct gyl_now now;
	uint64_t linger_ns, end_ns;
	struct gyl_host_replay_stat stat;
	struct gyl_net_iface iface[GYL_NET_IFACE_MAX];
	unsigned iface_cnt;
	struct gyl_bind bind[GYL__REPLAY_PORT_MAX];
	unsigned bind_cnt;
	int port;            /* that input is for; -1: there is none */
	struct gyl_in input; /* views into the file's buffer */
	uint8_t back[6];     /* hardware address that the last packet came from */
	unsigned lent_cnt;
	uint8_t slot[GYL__REPLAY_SLOTS][GYL__REPLAY_ROOM + GYL__REPLAY_SLOT_LEN];
};

/* Can captures of this link type be read? */
bool gyl__replay_reads(uint32_t link);
/* A captured packet becomes k->input; its port, or -1: nobody wants it. */
int gyl__replay_take(struct gyl__replay *k, struct gyl_view packet);

size_t gyl__replay_lend(void *h, struct gyl_send *slot, size_t cnt);
void gyl__replay_send(void *h, struct gyl_send *s, size_t cnt);

#endif
