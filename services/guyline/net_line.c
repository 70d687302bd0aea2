/* SPDX-License-Identifier: ISC */

/* A frame in one line for people, as `guyline net capture` prints it. */

#include <gyl/arp.h>
#include <gyl/dhcp.h>
#include <gyl/dhcp_print.h>
#include <gyl/dns.h>
#include <gyl/dns_text.h>
#include <gyl/eth.h>
#include <gyl/icmp.h>
#include <gyl/ipv4.h>
#include <gyl/syslog.h>
#include <gyl/tcp.h>
#include <gyl/text.h>
#include <gyl/udp.h>

#include "services/guyline/net_own.h"

enum {
	PORT_DNS = 53,
	PORT_DHCP_SERVER = 67,
	PORT_DHCP_CLIENT = 68,
	PORT_SYSLOG = 514
};

/* What is wrong, and where: "DHCP: too short at octet 12". */
static void put_fault(struct gyl_writer *w, const char *what, struct gyl_fault f)
{
	gyl_text_str(w, what);
	gyl_text_str(w, ": ");
	gyl_text_str(w, gyl_err_text(f.err));
	gyl_text_str(w, " at octet ");
	gyl_text_u64(w, f.off);
}

/* A member of the line that is not always there. */
static void put_ip(struct gyl_writer *w, const char *key, uint32_t ip)
{
	if (ip == 0)
		return;
	gyl_text_str(w, key);
	gyl_text_ipv4(w, ip);
}

static void put_dhcp(struct gyl_writer *w, struct gyl_view data, bool whole)
{
	struct gyl_dhcp_msg m;
	struct gyl_fault f = gyl_dhcp_decode(data, &m);
	const char *type;
	struct gyl_view name;
	uint32_t ip;

	if (gyl_failed(f)) {
		put_fault(w, "DHCP", f);
		return;
	}
	type = gyl_dhcp_type_name(m.type);
	gyl_text_str(w, "DHCP ");
	gyl_text_str(w, m.type == 0 ? "BOOTP" : type == NULL ? "type unknown" : type);
	gyl_text_str(w, " xid ");
	gyl_text_hex_u64(w, m.hdr.xid, 8);
	if (m.hdr.hlen == 6) {
		gyl_text_char(w, ' ');
		gyl_text_mac(w, m.hdr.chaddr);
	}
	put_ip(w, " client ", m.hdr.ciaddr);
	put_ip(w, " your ", m.hdr.yiaddr);
	put_ip(w, " relay ", m.hdr.giaddr);
	if (gyl_dhcp_find_u32(&m, GYL_DHCP_OPT_REQUESTED_IP, &ip))
		put_ip(w, " wants ", ip);
	if (gyl_dhcp_find(&m, GYL_DHCP_OPT_HOST_NAME, &name)) {
		gyl_text_str(w, " name ");
		gyl_text_safe(w, name);
	}
	if (whole) {
		gyl_text_char(w, '\n');
		gyl_dhcp_print(w, &m);
	}
}

static void put_question(struct gyl_writer *w, const struct gyl_dns_msg *m)
{
	struct gyl_dns_cursor cur;
	struct gyl_dns_question q;
	uint8_t name[GYL_DNS_NAME_MAX];

	gyl_dns_question_init(&cur, m);
	while (gyl_dns_question_next(&cur, &q)) {
		gyl_text_char(w, ' ');
		gyl_dns_name_get(m->raw, q.name_off, name);
		gyl_dns_name_print(w, name);
		gyl_text_char(w, ' ');
		gyl_dns_type_print(w, q.qtype);
	}
}

static void put_dns(struct gyl_writer *w, struct gyl_view data, bool whole)
{
	struct gyl_dns_msg m;
	struct gyl_fault f = gyl_dns_decode(data, &m);

	if (gyl_failed(f)) {
		put_fault(w, "DNS", f);
		return;
	}
	gyl_text_str(w, (m.header.flags & GYL_DNS_QR) != 0 ? "DNS answer " : "DNS query ");
	gyl_text_u64(w, m.header.id);
	if ((m.header.flags & GYL_DNS_QR) != 0) {
		gyl_text_char(w, ' ');
		gyl_dns_rcode_print(w, (unsigned)m.edns.ext_rcode << 4 | (m.header.flags & 15));
		gyl_text_char(w, ' ');
		gyl_text_u64(w, m.header.cnt[GYL_DNS_ANSWER]);
		gyl_text_str(w, " records");
	}
	put_question(w, &m);
	if (whole) {
		gyl_text_char(w, '\n');
		gyl_dns_print(w, &m);
	}
}

static void put_syslog(struct gyl_writer *w, struct gyl_view data)
{
	struct gyl_syslog_ctx ctx = {.recv_ns = 0};
	struct gyl_syslog m;

	gyl_syslog_decode(data, &ctx, &m);
	gyl_text_str(w, "syslog ");
	gyl_syslog_print(w, &m);
}

static bool is_port(const struct gyl_udp *u, uint16_t port)
{
	return u->src_port == port || u->dst_port == port;
}

static void put_udp(struct gyl_writer *w, const struct gyl_ipv4 *ip, unsigned flags, bool whole)
{
	struct gyl_udp u;
	struct gyl_fault f = gyl_udp_decode(ip->payload, ip->src, ip->dst, flags, &u);

	if (gyl_failed(f)) {
		put_fault(w, "UDP", f);
		return;
	}
	gyl_text_str(w, "UDP ");
	gyl_udp_print(w, &u);
	gyl_text_str(w, ": ");
	if (is_port(&u, PORT_DHCP_SERVER) || is_port(&u, PORT_DHCP_CLIENT))
		put_dhcp(w, u.payload, whole);
	else if (is_port(&u, PORT_DNS))
		put_dns(w, u.payload, whole);
	else if (u.dst_port == PORT_SYSLOG)
		put_syslog(w, u.payload);
	else
		gyl_text_str(w, "data");
}

static void put_tcp(struct gyl_writer *w, const struct gyl_ipv4 *ip, unsigned flags)
{
	struct gyl_tcp t;
	struct gyl_fault f = gyl_tcp_decode(ip->payload, ip->src, ip->dst, flags, &t);

	if (gyl_failed(f)) {
		put_fault(w, "TCP", f);
		return;
	}
	gyl_text_str(w, "TCP ");
	gyl_tcp_print(w, &t);
}

static void put_icmp(struct gyl_writer *w, const struct gyl_ipv4 *ip, unsigned flags)
{
	struct gyl_icmp i;
	struct gyl_fault f = gyl_icmp_decode(ip->payload, flags, &i);

	if (gyl_failed(f)) {
		put_fault(w, "ICMP", f);
		return;
	}
	gyl_text_str(w, "ICMP ");
	gyl_icmp_print(w, &i);
}

static void put_ipv4(struct gyl_writer *w, struct gyl_view data, unsigned flags, bool whole)
{
	struct gyl_ipv4 ip;
	struct gyl_fault f = gyl_ipv4_decode(data, 0, &ip);

	if (gyl_failed(f)) {
		put_fault(w, "IPv4", f);
		return;
	}
	/* A piece has no header of what it carries, or no whole payload: only the datagram is told.
	 */
	if (gyl_ipv4_is_fragment(&ip)) {
		gyl_ipv4_print(w, &ip);
		return;
	}
	gyl_text_ipv4(w, ip.src);
	gyl_text_str(w, " > ");
	gyl_text_ipv4(w, ip.dst);
	gyl_text_char(w, ' ');
	if (ip.proto == GYL_IPV4_UDP) {
		put_udp(w, &ip, flags, whole);
	} else if (ip.proto == GYL_IPV4_TCP) {
		put_tcp(w, &ip, flags);
	} else if (ip.proto == GYL_IPV4_ICMP) {
		put_icmp(w, &ip, flags);
	} else {
		gyl_text_str(w, "protocol ");
		gyl_text_u64(w, ip.proto);
	}
}

void gyl__net_line(struct gyl_writer *w, struct gyl_view frame, unsigned flags, bool whole)
{
	struct gyl_eth e;
	struct gyl_arp a;
	struct gyl_fault f = gyl_eth_decode(frame, &e);

	if (gyl_failed(f)) {
		put_fault(w, "Ethernet", f);
		return;
	}
	if (e.type == GYL_ETH_IPV4) {
		if (gyl_eth_vid(&e) != 0) {
			gyl_text_str(w, "vlan ");
			gyl_text_u64(w, gyl_eth_vid(&e));
			gyl_text_char(w, ' ');
		}
		put_ipv4(w, e.payload,
			(flags & GYL_NETFRAME_CSUM_NOT_READY) != 0 ? GYL_CHECKSUM_SKIP : 0, whole);
		return;
	}
	gyl_eth_print(w, &e);
	if (e.type != GYL_ETH_ARP)
		return;
	gyl_text_char(w, ' ');
	f = gyl_arp_decode(e.payload, &a);
	if (gyl_failed(f))
		put_fault(w, "ARP", f);
	else
		gyl_arp_print(w, &a);
}
