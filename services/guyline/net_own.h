/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_GUYLINE_NET_OWN_H
#define GYL_SERVICES_GUYLINE_NET_OWN_H

/* What the four tools of `guyline net` share: their options, and a device with a clock. */

#include <gyl/net/netdev.h>
#include <gyl/writer.h>

/* The command line. */
struct gyl__net_opts {
	const char *device; /* -i */
	uint32_t ip;        /* --address; 0: none */
	uint8_t prefix;
	uint32_t gateway;  /* --gateway; 0: none */
	uint16_t vlan;     /* --vlan; 0: untagged */
	uint32_t cnt;      /* -c; 0: no end */
	uint32_t size;     /* -s */
	uint64_t wait_ns;  /* -W */
	uint64_t gap_ns;   /* --interval */
	uint8_t hop_max;   /* -m */
	const char *write; /* -w */
	bool verbose;      /* -v */
	uint32_t target[16];
	unsigned target_cnt;
};

/* The tools. Each owns dev's time, not dev itself. Returns the exit status: 0 when there was an
 * answer, 1 when there was none. */
int gyl__net_ping(struct gyl_netdev *dev, const struct gyl__net_opts *o);
int gyl__net_trace(struct gyl_netdev *dev, const struct gyl__net_opts *o);
int gyl__net_resolve(struct gyl_netdev *dev, const struct gyl__net_opts *o);
int gyl__net_capture(struct gyl_netdev *dev, const struct gyl__net_opts *o);

/* Wait until the device has frames or until_ns, and set its clocks. False: it was interrupted, or
 * the device is gone (told on standard error). */
bool gyl__net_wait(struct gyl_netdev *dev, uint64_t until_ns);

/* A hardware address to work with: 02 and five random octets. False: the system gave none. */
bool gyl__net_mac(uint8_t ret_mac[6]);

/* An IPv4 address as text, in one of four places that take turns. */
const char *gyl__net_ip(uint32_t ip);

/* One line about a frame, without line end, and with `whole` the message in it in full. Nothing in
 * it can trick a terminal. */
void gyl__net_line(struct gyl_writer *w, struct gyl_view frame, unsigned flags, bool whole);

#endif
