/* SPDX-License-Identifier: ISC */

/*
 * The DHCP server under (time step, packet) sequences, with the witness of the churn test: whatever
 * is sent, no address has two holders and no ACK is without its record.
 *
 * A step begins with an octet. 0-31: a raw datagram, its length in the next octet (times two).
 * 32-63: time passes. 64-71: the server restarts, or gets another configuration. Else a proper
 * message: the next octets say of which type, from whom and about which address; some of them an
 * ARP frame instead. After each step the budgets are
 * recounted, and no probe asks for an address that is leased.
 */

#include <gyl/arp.h>

#include "tests/unit/dhcpd/recount.h"
#include "tests/unit/dhcpd/sim.h"

enum {
	ARP_PORT = 5
};

static const uint8_t our_mac[6] = {2, 0, 0, 0, 0, 0xfe};

/* Addresses are looked for on our own link. */
static void probe(struct sim *s)
{
	gyl_dhcpd_probe_mac(s->w.d, 0, our_mac);
	gyl_dhcpd_probe_open(s->w.d, ARP_PORT);
}

static void look(const struct sim *s)
{
	recount(s->w.d);
	for (unsigned i = 0; i < s->w.b.out.send_cnt; i++) {
		struct gyl_eth e;
		struct gyl_arp a;

		if (s->w.b.send[i].port != ARP_PORT)
			continue;
		assert_false(gyl_failed(gyl_eth_decode(outbox_sent(&s->w.b, i), &e)));
		assert_false(gyl_failed(gyl_arp_decode(e.payload, &a)));
		assert_true(state_of(&s->w, a.tpa) != GYL_DHCPD_LEASED);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *p;
	size_t left;
};

static uint8_t next(struct input *in)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return *in->p++;
}

static void raw(struct sim *s, struct input *in)
{
	struct gyl_peer peer = {.local_ip = UINT32_MAX, .port = 68, .has_mac = 1, .mac = {2}};
	size_t len = (size_t)next(in) * 2;

	if (len > in->left)
		len = in->left;
	sim_put(s, &peer, in->p, len);
	in->p += len;
	in->left -= len;
}

static void pass(struct sim *s, uint8_t step)
{
	sim_pass(s, UINT64_C(1) << (step & 31) << 12);
}

static void shake(struct sim *s, uint8_t step)
{
	if ((step & 1) != 0) {
		sim_restart(s);
		probe(s);
		return;
	}
	s->w.plan.pool[0].last = POOL + (step >> 1 & 3);
	s->w.plan.no_far = !s->w.plan.no_far;
	world_reload(&s->w);
}

/* A station, or a client of ours, says that it uses an address, or asks whether it may. */
static void arp(struct sim *s, uint8_t how, uint8_t who, uint8_t what)
{
	struct gyl_in in = {.kind = GYL_IN_FRAME, .port = ARP_PORT, .role = GYL_DHCPD_ARP};
	const uint8_t mac[6] = {2, 0, 0, 0, 0, (uint8_t)(1 + (who & 15))};
	uint32_t ip = (uint32_t)POOL + (what & 15u);
	struct gyl_eth e = {.type = GYL_ETH_ARP};
	struct gyl_arp a = gyl_arp_probe(our_mac, ip);
	uint8_t buf[GYL_ETH_FRAME_MIN];
	struct gyl_writer w;

	a = (how & 32) != 0   ? gyl_arp_announcement(mac, ip)
	    : (how & 64) != 0 ? gyl_arp_probe(mac, ip)
			      : gyl_arp_reply(&a, mac);
	memcpy(e.src, mac, sizeof mac);
	gyl_writer_init(&w, buf, sizeof buf);
	gyl_arp_encode_frame(&w, &e, &a);
	in.data = gyl_writer_view(&w);
	in.peer.iface = what >> 7;
	assert_int_equal(outbox_input(&s->w.b, &gyl_dhcpd_core, s->w.d, &in, 1), 1);
}

static void proper(struct sim *s, struct input *in)
{
	static const uint8_t types[] = {0, GYL_DHCP_DISCOVER, GYL_DHCP_REQUEST, GYL_DHCP_REQUEST,
		GYL_DHCP_REQUEST, GYL_DHCP_DECLINE, GYL_DHCP_RELEASE, GYL_DHCP_INFORM};
	uint8_t how = next(in), who = next(in), what = next(in);
	uint32_t ip = (uint32_t)(what & 16 ? FAR_POOL : POOL) + (what & 15u);
	struct ask q = {.type = types[how & 7],
		.client = (uint8_t)(1 + (who & 7)),
		.xid = 1u + (who >> 3 & 3),
		.giaddr = what & 32 ? RELAY : 0,
		.unicast = what >> 6 & 1,
		.id = who & 128 ? "ff00000001aa" : NULL,
		.name = who & 64 ? "phone" : NULL,
		.more = who & 32 ? "3c01 70 7401 01" : NULL,
		.list = who & 32 ? "6c 01 43" : NULL};

	if ((how & 15) == 15) {
		arp(s, how, who, what);
		return;
	}
	if ((how & 8) != 0)
		q.want = ip;
	if ((how & 16) != 0)
		q.ciaddr = ip;
	if ((how & 32) != 0)
		q.server = how & 64 ? US + 1 : US;
	if ((how & 128) != 0)
		q.lease = 60u << (what >> 5);
	sim_ask(s, q);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t v6_wait[] = {0, 0, 7, 8};
	static struct sim s;
	struct input in = {data, size};

	if (s.w.flat == NULL)
		sim_open(&s);
	sim_again(&s);
	s.w.plan.host[0] = (struct plan_host){{2, 0, 0, 0, 0, 3}, POOL + 2, "printer"};
	s.w.plan.host[1] = (struct plan_host){{2, 0, 0, 0, 0, 4}, IP(10, 0, 0, 200), NULL};
	s.w.plan.cf.probe = true;
	s.w.plan.class[0] = (struct plan_class){.name = "phones",
		.vendor_class = "70",
		.pool = {{POOL + 12, POOL + 13}},
		.boot = {.file = "phone.cfg"}};
	s.w.plan.far_option[0] = (struct plan_option){GYL_DHCP_OPT_IPV6_ONLY, v6_wait, 4};
	world_start(&s.w);
	probe(&s);
	while (in.left != 0) {
		uint8_t step = next(&in);

		if (step < 32)
			raw(&s, &in);
		else if (step < 64)
			pass(&s, step);
		else if (step < 72)
			shake(&s, step);
		else
			proper(&s, &in);
		look(&s);
	}
	return 0;
}
