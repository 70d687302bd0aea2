/* SPDX-License-Identifier: ISC */

/*
 * A program of somebody else that has the system's own headers of networks beside ours: it asks for
 * an address by ARP, hears the answer, and gets a sentence for a device that there is not.
 */

#include <gyl/net/arp_cache.h>
#include <gyl/net/device.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t ours[6] = {2, 0, 0, 0, 0, 1}, theirs[6] = {2, 0, 0, 0, 0, 2};

enum {
	OUR_IP = 0x0a4d0001,
	THEIR_IP = 0x0a4d0002
};

static int learns(struct gyl_arp_cache *c)
{
	struct gyl_arp_send send;
	struct gyl_arp_result res;
	struct gyl_arp reply;
	uint8_t mac[6];
	bool asked;

	gyl_arp_cache_own(c, OUR_IP, &asked);
	if (gyl_arp_cache_query(c, 1, 0, THEIR_IP, mac, &send) != GYL_ARP_ASK)
		return 0;
	reply = send.msg;
	reply.op = GYL_ARP_REPLY;
	memcpy(reply.sha, theirs, 6);
	reply.spa = THEIR_IP;
	memcpy(reply.tha, ours, 6);
	reply.tpa = OUR_IP;
	gyl_arp_cache_input(c, 2, 0, &reply, &res);
	return gyl_arp_cache_query(c, 3, 0, THEIR_IP, mac, &send) == GYL_ARP_KNOWN &&
	       memcmp(mac, theirs, 6) == 0;
}

int main(void)
{
	struct gyl_arp_cache_conf cf = gyl_arp_cache_defaults(ours, 7);
	void *mem = aligned_alloc(16, gyl_arp_cache_need(&cf));
	struct gyl_arp_cache *c = mem == NULL ? NULL : gyl_arp_cache_init(mem, &cf);
	struct gyl_netdev *dev;
	char err[200];
	int ok = c != NULL && learns(c) && gyl_dev_open("none", &dev, err) != 0;

	free(mem);
	puts(ok ? "hello" : "no");
	return !ok;
}
