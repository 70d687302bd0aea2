/* SPDX-License-Identifier: ISC */

/*
 * What any server pays on a device before it is one: each UDP datagram goes back to where it came
 * from, octet for octet, with the bit of a DNS response set. No stack, no zone, no ARP.
 *
 *   dns_floor DEVICE
 */

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include <gyl/dns.h>
#include <gyl/net/device.h>

enum {
	ETH = 0,
	IP = ETH + 14,
	UDP = IP + 20, /* options are none of a client's that we run */
	DNS = UDP + 8,
	FRAME_MIN = DNS + GYL_DNS_HEADER_LEN,
	PROTOCOL_UDP = 17
};

static void swap(uint8_t *a, uint8_t *b, size_t len)
{
	uint8_t was[6];

	memcpy(was, a, len);
	memcpy(a, b, len);
	memcpy(b, was, len);
}

static void turn(const struct gyl_netframe *f, struct gyl_netbuf *b)
{
	uint8_t *p = b->p;

	if (f->len < FRAME_MIN || f->len > b->cap || f->p[IP] != 0x45 ||
		f->p[IP + 9] != PROTOCOL_UDP)
		return;
	memcpy(p, f->p, f->len);
	swap(p + ETH, p + ETH + 6, 6);
	swap(p + IP + 12, p + IP + 16, 4);
	swap(p + UDP, p + UDP + 2, 2);
	memset(p + UDP + 6, 0, 2); /* RFC 768: no checksum was made */
	gyl_set_u16(p + DNS + 2, gyl_get_u16(p + DNS + 2) | GYL_DNS_QR);
	b->len = f->len;
}

/* All that is there. */
static void serve(struct gyl_netdev *d)
{
	struct gyl_netframe frame[GYL_NETDEV_BATCH];
	struct gyl_netbuf buf[GYL_NETDEV_BATCH];
	size_t cnt, room;

	while ((cnt = gyl_netdev_recv(d, frame, GYL_NETDEV_BATCH)) != 0) {
		room = gyl_netdev_lend(d, buf, cnt);
		for (size_t i = 0; i < room; i++)
			turn(&frame[i], &buf[i]);
		gyl_netdev_send(d, buf, room);
	}
}

int main(int argc, char **argv)
{
	struct gyl_netdev *d;
	struct pollfd p = {.events = POLLIN};
	char err[200];

	if (argc != 2 || gyl_dev_open(argv[1], &d, err) != 0) {
		fprintf(stderr, "dns_floor: %s\n", argc == 2 ? err : "usage: dns_floor DEVICE");
		return 1;
	}
	p.fd = d->fd;
	while (poll(&p, 1, -1) == 1)
		serve(d);
	return 0;
}
