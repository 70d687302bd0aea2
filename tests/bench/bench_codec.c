/* SPDX-License-Identifier: ISC */

/*
 * The codecs beside ldns and libtins: bench_codec prints the table of docs/PERFORMANCE.md.
 *
 * "walker" is the floor: a loop that bound-checks every name and record of a DNS message and does
 * nothing with them. "scan" reads every octet of a syslog message once (memchr for a letter that is
 * not there).
 */

#include <gyl/arp.h>
#include <gyl/dhcp.h>
#include <gyl/dns.h>
#include <gyl/dns_name.h>
#include <gyl/dns_text.h>
#include <gyl/eth.h>
#include <gyl/syslog.h>
#include <gyl/text.h>
#include <stdio.h>
#include <stdlib.h>
#ifdef HAVE_LDNS
#	include <ldns/ldns.h>
#endif

#include "tests/bench/bench.h"

/* --- the packets --- */

static uint8_t arp[60], dhcp[600], dns[512];
static size_t dhcp_len, dns_len;
static const char syslog_line[] =
	"<165>1 2026-11-21T20:15:03.123456+01:00 ap-17.hall.event.example hostapd 4711 STA [meta sequenceId=\"42\" "
	"isSynced=\"1\"] wlan0: STA 02:00:5e:10:00:07 IEEE 802.11: associated (aid 3), signal -61 dBm, okay";

enum {
	NAME_CNT = 8
};
static uint8_t names[NAME_CNT][GYL_DNS_NAME_MAX];

static void make_name(int i, const char *text)
{
	size_t len;

	if (gyl_failed(gyl_dns_name_parse(gyl_view_str(text), NULL, names[i], &len)))
		abort();
}

/* CNAME, 2 A, 2 NS, 4 glue and EDNS: 218 octets. */
static size_t encode_answer(uint8_t *buf, size_t cap)
{
	struct gyl_dns_edns edns = {.udp_size = 1232};
	struct gyl_dns_writer d;
	size_t len = 0;

	gyl_dns_begin(&d, buf, cap, 0x1234, GYL_DNS_QR | GYL_DNS_AA | GYL_DNS_RD, 0);
	gyl_dns_reserve(&d, GYL_DNS_OPT_LEN);
	gyl_dns_put_question(&d, names[0], GYL_DNS_TYPE_A, GYL_DNS_CLASS_IN);
	gyl_dns_put_name(&d, GYL_DNS_ANSWER, names[0], GYL_DNS_TYPE_CNAME, 300, names[1]);
	gyl_dns_put_a(&d, GYL_DNS_ANSWER, names[1], 300, 0xc0000201);
	gyl_dns_put_a(&d, GYL_DNS_ANSWER, names[1], 300, 0xc0000202);
	gyl_dns_put_name(&d, GYL_DNS_AUTHORITY, names[2], GYL_DNS_TYPE_NS, 3600, names[3]);
	gyl_dns_put_name(&d, GYL_DNS_AUTHORITY, names[2], GYL_DNS_TYPE_NS, 3600, names[4]);
	gyl_dns_put_a(&d, GYL_DNS_ADDITIONAL, names[3], 3600, 0xc0000235);
	gyl_dns_put_a(&d, GYL_DNS_ADDITIONAL, names[3], 3600, 0xc0000236);
	gyl_dns_put_a(&d, GYL_DNS_ADDITIONAL, names[4], 3600, 0xc0000237);
	gyl_dns_put_a(&d, GYL_DNS_ADDITIONAL, names[4], 3600, 0xc0000238);
	gyl_dns_put_opt(&d, &edns);
	if (gyl_failed(gyl_dns_end(&d, &len)))
		abort();
	return len;
}

static void make_dhcp(void)
{
	static const uint8_t list[] = {1, 28, 2, 3, 15, 6, 119, 12, 44, 47, 26, 121, 42};
	static const uint8_t id[] = {1, 2, 0, 0x5e, 0x10, 0, 7};
	struct gyl_dhcp_hdr hdr = {.op = 1,
		.htype = 1,
		.hlen = 6,
		.xid = 0x12345678,
		.chaddr = {2, 0, 0x5e, 0x10, 0, 7}};
	struct gyl_dhcp_writer w;

	gyl_dhcp_begin(&w, dhcp, sizeof dhcp, &hdr);
	gyl_dhcp_put_u8(&w, 53, GYL_DHCP_REQUEST);
	gyl_dhcp_put(&w, 61, gyl_view(id, sizeof id));
	gyl_dhcp_put_u32(&w, 50, 0x0a4d0064);
	gyl_dhcp_put_u32(&w, 54, 0x0a4d0001);
	gyl_dhcp_put_u16(&w, 57, 1500);
	gyl_dhcp_put_str(&w, 60, "udhcp 1.35.0");
	gyl_dhcp_put_str(&w, 12, "laptop");
	gyl_dhcp_put_u32(&w, 51, 3600);
	gyl_dhcp_put(&w, 55, gyl_view(list, sizeof list));
	gyl_dhcp_put_u8(&w, 116, 1);
	gyl_dhcp_put(&w, 77, gyl_view("\5guest", 6));
	gyl_dhcp_put_u32(&w, 108, 0);
	if (gyl_failed(gyl_dhcp_end(&w, 300, &dhcp_len)))
		abort();
}

static void make_packets(void)
{
	static const uint8_t mac[6] = {2, 0, 0x5e, 0x10, 0, 7};
	struct gyl_arp a = gyl_arp_request(mac, 0x0a4d0064, 0x0a4d0001);
	struct gyl_eth eth = {
		.dst = {255, 255, 255, 255, 255, 255}, .src = {2, 0, 0x5e, 0x10, 0, 7}};
	struct gyl_writer w;

	gyl_writer_init(&w, arp, sizeof arp);
	gyl_arp_encode_frame(&w, &eth, &a);
	make_dhcp();
	make_name(0, "www.guyline.example.");
	make_name(1, "event-box-0001.entrance.guyline.example.");
	make_name(2, "guyline.example.");
	make_name(3, "ns1.guyline.example.");
	make_name(4, "ns2.guyline.example.");
	dns_len = encode_answer(dns, sizeof dns);
	/* the lengths that the table names */
	if (dns_len != 218 || sizeof syslog_line - 1 != 200)
		abort();
}

/* --- ours --- */

static uint64_t our_arp(uint64_t n)
{
	struct gyl_eth e;
	struct gyl_arp a;
	uint64_t sum = 0;

	while (n-- > 0) {
		if (gyl_failed(gyl_eth_decode(gyl_view(arp, sizeof arp), &e)) ||
			gyl_failed(gyl_arp_decode(e.payload, &a)))
			abort();
		sum += a.op + a.spa + a.sha[5];
	}
	return sum;
}

static uint64_t our_dhcp(uint64_t n)
{
	uint64_t sum = 0;

	while (n-- > 0) {
		struct gyl_dhcp_msg m;
		struct gyl_dhcp_cursor c;
		struct gyl_dhcp_opt o;

		if (gyl_failed(gyl_dhcp_decode(gyl_view(dhcp, dhcp_len), &m)))
			abort();
		sum += m.hdr.xid + m.type;
		for (gyl_dhcp_cursor_init(&c, &m); gyl_dhcp_cursor_next(&c, &o);)
			sum += o.code + o.val.len;
	}
	return sum;
}

static uint64_t our_dns_decode(uint64_t n)
{
	struct gyl_dns_msg m;
	uint64_t sum = 0;

	while (n-- > 0)
		sum += (uint64_t)gyl_dns_decode(gyl_view(dns, dns_len), &m).err;
	return sum;
}

static uint64_t our_dns_encode(uint64_t n)
{
	uint8_t buf[512];
	uint64_t sum = 0;

	while (n-- > 0)
		sum += encode_answer(buf, sizeof buf);
	return sum;
}

static uint64_t our_syslog(uint64_t n)
{
	struct gyl_syslog_ctx ctx = {.recv_ns = UINT64_C(1795000000000000000)};
	struct gyl_syslog m;
	uint64_t sum = 0;

	while (n-- > 0) {
		gyl_syslog_decode(gyl_view(syslog_line, sizeof syslog_line - 1), &ctx, &m);
		sum += m.pri + m.msg.len;
	}
	return sum;
}

/* --- the floors --- */

static size_t walk_name(const uint8_t *p, size_t len, size_t off)
{
	size_t end = 0, hops = 0;

	while (off < len && p[off] != 0) {
		if (p[off] >= 0xc0) {
			if (off + 1 >= len || ++hops > 127)
				return 0;
			if (end == 0)
				end = off + 2;
			off = (size_t)(p[off] & 0x3f) << 8 | p[off + 1];
			continue;
		}
		off += 1 + (size_t)p[off];
	}
	if (off >= len)
		return 0;
	return end != 0 ? end : off + 1;
}

static __attribute__((noinline)) size_t walk(const uint8_t *p, size_t len)
{
	size_t cnt = (size_t)gyl_get_u16(p + 6) + gyl_get_u16(p + 8) + gyl_get_u16(p + 10);
	size_t off = walk_name(p, len, 12) + 4;

	while (cnt-- > 0) {
		size_t rdlen, rdata;

		off = walk_name(p, len, off);
		if (off == 0 || off + 10 > len)
			return 0;
		rdlen = gyl_get_u16(p + off + 8);
		rdata = off + 10;
		if (rdata + rdlen > len)
			return 0;
		/* the names in CNAME and NS rdata are walked as well */
		if ((gyl_get_u16(p + off) == 5 || gyl_get_u16(p + off) == 2) &&
			walk_name(p, len, rdata) == 0)
			return 0;
		off = rdata + rdlen;
	}
	return off;
}

static uint64_t bare_walk(uint64_t n)
{
	uint64_t sum = 0;

	while (n-- > 0)
		sum += walk(dns, dns_len);
	return sum;
}

static uint64_t bare_scan(uint64_t n)
{
	const char *volatile line = syslog_line;
	uint64_t sum = 0;

	while (n-- > 0)
		sum += memchr(line, '\1', sizeof syslog_line - 1) != NULL;
	return sum;
}

/* --- ldns --- */

#ifdef HAVE_LDNS
static ldns_pkt *ldns_answer;

static uint64_t ldns_decode(uint64_t n)
{
	uint64_t sum = 0;

	while (n-- > 0) {
		ldns_pkt *p;

		sum += (uint64_t)ldns_wire2pkt(&p, dns, dns_len);
		ldns_pkt_free(p);
	}
	return sum;
}

static uint64_t ldns_encode(uint64_t n)
{
	uint64_t sum = 0;

	while (n-- > 0) {
		uint8_t *buf = NULL;
		size_t len = 0;

		sum += (uint64_t)ldns_pkt2wire(&buf, ldns_answer, &len) + len;
		free(buf);
	}
	return sum;
}
#else
#	define ldns_decode NULL
#	define ldns_encode NULL
#endif

#ifndef HAVE_TINS
#	define tins_arp  NULL
#	define tins_dhcp NULL
#	define tins_dns  NULL
#endif

static const struct bench_task task[] = {
	{"DNS decode, 218 octets, every name and rdata proven", 1,
		{{"guyline", our_dns_decode}, {"bare walker", bare_walk}, {"ldns", ldns_decode},
			{"libtins, records only", tins_dns}}},
	{"DNS encode, 218 octets, names compressed", 1,
		{{"guyline", our_dns_encode}, {"ldns", ldns_encode}}},
	{"DHCP decode, 12 options visited", 1, {{"guyline", our_dhcp}, {"libtins", tins_dhcp}}},
	{"Ethernet and ARP decode, 60 octets", 1, {{"guyline", our_arp}, {"libtins", tins_arp}}},
	{"RFC 5424 decode, 200 octets", 1, {{"guyline", our_syslog}, {"bare scan", bare_scan}}},
};

int main(int argc, char **argv)
{
	make_packets();
#ifdef HAVE_LDNS
	if (ldns_wire2pkt(&ldns_answer, dns, dns_len) != LDNS_STATUS_OK)
		abort();
#endif
#ifdef HAVE_TINS
	tins_setup(arp, sizeof arp, dhcp, dhcp_len, dns, dns_len);
#endif
	return bench_main(argc, argv, task, sizeof task / sizeof task[0]);
}
