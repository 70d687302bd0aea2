/* SPDX-License-Identifier: ISC */

/*
 * One laptop that wants all addresses, and five guests who want one each; dhcpd-abuse.sh sets it
 * up.
 *
 *   dhcp_abuse IFACE ATTACK WHERE
 *
 * ATTACK is flood (DISCOVERs under invented chaddr), sources (under invented Ethernet sources,
 * too), names (under invented client identifiers), decline (it declines whatever it gets), invent
 * (the same under invented chaddr) or ids (one MAC with ever new client identifiers); WHERE is
 * link, relay or bridge: one Ethernet source on all frames, those of the guests too. Says what the
 * laptop got and how many guests were served, each within two DISCOVERs; 1 when not all were.
 */

#include <stdlib.h>
#include <string.h>

#include "tests/net/dhcp/cable.h"

enum {
	TRIES = 600,
	GUESTS = 5,
	QUICK_MS = 3,     /* the laptop does not wait for everything */
	ANSWER_MS = 2000, /* a machine may be busy */
	RELAY = LAB_IP(10, 21, 0, 1),
	START_MS = 15000
};

static struct cable cable;
static uint32_t giaddr, xids = 0x51000000;
static bool bridged;

struct mac {
	uint8_t o[6];
};

struct question {
	uint8_t type;
	struct mac chaddr, source;
	uint32_t xid, want;
	unsigned id; /* of the client identifier, 0: none */
};

struct answer {
	uint8_t type; /* 0: none */
	uint32_t yiaddr;
};

static struct mac mac_of(unsigned kind, unsigned n)
{
	return (struct mac){{2, (uint8_t)kind, 0x5e, 0, (uint8_t)(n >> 8), (uint8_t)n}};
}

static void build(const struct question *q, struct dhcp_frame *f)
{
	struct gyl_dhcp_hdr h = {
		.op = GYL_DHCP_BOOTREQUEST, .htype = 1, .hlen = 6, .xid = q->xid, .giaddr = giaddr};
	struct gyl_dhcp_writer w;
	uint8_t id[5] = {0xff};

	memset(f, 0, sizeof *f);
	memcpy(h.chaddr, q->chaddr.o, 6);
	memcpy(f->src_mac, giaddr != 0 || bridged ? mac_of(0xfe, 0xfe).o : q->source.o, 6);
	memset(f->dst_mac, 0xff, 6);
	f->src_ip = giaddr;
	f->dst_ip = giaddr != 0 ? LAB_US : UINT32_MAX;
	f->src_port = giaddr != 0 ? 67 : 68;
	f->dst_port = 67;
	gyl_dhcp_begin(&w, f->p, sizeof f->p, &h);
	gyl_dhcp_put_u8(&w, GYL_DHCP_OPT_TYPE, q->type);
	if (q->want != 0) {
		gyl_dhcp_put_u32(&w, GYL_DHCP_OPT_REQUESTED_IP, q->want);
		gyl_dhcp_put_u32(&w, GYL_DHCP_OPT_SERVER_ID, LAB_US);
	}
	gyl_set_u32(id + 1, q->id);
	if (q->id != 0)
		gyl_dhcp_put(&w, GYL_DHCP_OPT_CLIENT_ID, gyl_view(id, sizeof id));
	gyl_dhcp_end(&w, GYL_DHCP_LEN_MIN, &f->len);
}

static void tell(const struct question *q)
{
	struct dhcp_frame f;

	build(q, &f);
	cable_send(&cable, &f);
}

/* The answer with this xid within that time; others are passed over. */
static struct answer hear(uint32_t xid, int wait_ms)
{
	struct answer a = {0};
	struct dhcp_frame f;
	struct gyl_dhcp_msg m;

	while (cable_receive(&cable, wait_ms, &f)) {
		if (gyl_failed(gyl_dhcp_decode(gyl_view(f.p, f.len), &m)) || m.hdr.xid != xid)
			continue;
		a.type = m.type;
		a.yiaddr = m.hdr.yiaddr;
		break;
	}
	return a;
}

static struct answer ask(struct question q, int wait_ms)
{
	tell(&q);
	return hear(q.xid, wait_ms);
}

/* DISCOVER to ACK; the address, 0: none. */
static uint32_t lease(struct question q, int wait_ms)
{
	struct answer a;

	q.type = GYL_DHCP_DISCOVER;
	q.xid = ++xids;
	a = ask(q, wait_ms);
	if (a.type != GYL_DHCP_OFFER)
		return 0;
	q.type = GYL_DHCP_REQUEST;
	q.want = a.yiaddr;
	a = ask(q, ANSWER_MS);
	return a.type == GYL_DHCP_ACK ? a.yiaddr : 0;
}

/* ---- the laptop ---- */

static unsigned flood(bool sources, bool names)
{
	unsigned got = 0;

	for (unsigned i = 0; i < TRIES; i++) {
		struct question q = {.type = GYL_DHCP_DISCOVER,
			.chaddr = names ? mac_of(0xaa, 0) : mac_of(0xbb, i),
			.id = names ? i + 1 : 0,
			.source = sources ? mac_of(0xbb, i) : mac_of(0xaa, 0),
			.xid = ++xids};

		got += ask(q, QUICK_MS).type == GYL_DHCP_OFFER;
	}
	return got;
}

static unsigned decline(bool invent)
{
	unsigned got = 0;

	for (unsigned i = 0; i < TRIES / 2; i++) {
		struct question q = {.chaddr = mac_of(0xbb, invent ? i : 0)};

		q.source = q.chaddr;
		q.want = lease(q, 100);
		if (q.want == 0)
			continue;
		got++;
		q.type = GYL_DHCP_DECLINE;
		q.xid = ++xids;
		tell(&q);
	}
	return got;
}

static unsigned ids(void)
{
	unsigned got = 0, silent = 0;

	for (unsigned i = 1; i <= TRIES && silent < 100; i++) {
		struct question q = {.chaddr = mac_of(0xaa, 0), .source = mac_of(0xaa, 0), .id = i};
		uint32_t ip = lease(q, got < 8 ? ANSWER_MS : QUICK_MS);

		got += ip != 0;
		silent += ip == 0;
	}
	return got;
}

/* ---- the guests ---- */

/* They come all at once, and whoever is not answered once more a second later. */
static unsigned guests(unsigned kind)
{
	struct question q[GUESTS] = {{0}};
	struct answer a[GUESTS] = {{0}};
	unsigned served = 0;

	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < GUESTS; i++) {
			if (a[i].type == GYL_DHCP_OFFER)
				continue;
			q[i] = (struct question){.type = GYL_DHCP_DISCOVER,
				.chaddr = mac_of(kind, i),
				.source = mac_of(kind, i),
				.xid = ++xids};
			tell(&q[i]);
		}
		for (unsigned i = 0; i < GUESTS; i++)
			if (a[i].type != GYL_DHCP_OFFER)
				a[i] = hear(q[i].xid, 1000);
	}
	for (unsigned i = 0; i < GUESTS; i++) {
		q[i].type = GYL_DHCP_REQUEST;
		q[i].want = a[i].yiaddr;
		if (a[i].type == GYL_DHCP_OFFER)
			served += ask(q[i], ANSWER_MS).type == GYL_DHCP_ACK;
	}
	return served;
}

static bool attack(const char *name, unsigned *ret_got)
{
	if (strcmp(name, "flood") == 0)
		*ret_got = flood(false, false);
	else if (strcmp(name, "sources") == 0)
		*ret_got = flood(true, false);
	else if (strcmp(name, "names") == 0)
		*ret_got = flood(false, true);
	else if (strcmp(name, "decline") == 0)
		*ret_got = decline(false);
	else if (strcmp(name, "invent") == 0)
		*ret_got = decline(true);
	else if (strcmp(name, "ids") == 0)
		*ret_got = ids();
	else
		return false;
	return true;
}

int main(int argc, char **argv)
{
	unsigned got, served;

	if (argc != 4) {
		fprintf(stderr, "usage: dhcp_abuse IFACE ATTACK WHERE\n");
		return 2;
	}
	if (!cable_open(&cable, argv[1], NULL, START_MS)) {
		perror(argv[1]);
		return 2;
	}
	giaddr = strcmp(argv[3], "relay") == 0 ? RELAY : 0;
	bridged = strcmp(argv[3], "bridge") == 0;
	xids ^= (uint32_t)strlen(argv[2]) << 16;
	if (!attack(argv[2], &got))
		return 2;
	served = guests((unsigned)argv[2][0]);
	printf("the laptop got %u, served %u of %u\n", got, served, GUESTS);
	cable_close(&cable);
	return served == GUESTS ? 0 : 1;
}
