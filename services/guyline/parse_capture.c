/* SPDX-License-Identifier: ISC */

/* Messages out of a capture file: what is no message of the kind asked for is passed over, and
 * counted. */

#include <gyl/checksum.h>
#include <gyl/eth.h>
#include <gyl/ipv4.h>
#include <gyl/udp.h>
#include <stdio.h>
#include <sysexits.h>

#include "libnet/dev/pcap_file.h"
#include "services/guyline/parse_own.h"

enum {
	SLL_LEN = 16, /* https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html */
	SLL_TYPE_OFF = 14
};

static bool is_port(const struct gyl__parse *p, const struct gyl_udp *u)
{
	const uint16_t *port = p->kind->port;

	if (p->port != 0)
		return u->src_port == p->port || u->dst_port == p->port;
	return u->dst_port == port[0] || u->dst_port == port[1] || u->src_port == port[0] ||
	       u->src_port == port[1];
}

/* Checksums are not looked at: where a capture is of the sender itself, they are not made yet. */
static bool take_ipv4(struct gyl__parse *p, struct gyl__parse_where *at, struct gyl_view data)
{
	struct gyl_ipv4 ip;
	struct gyl_udp u;

	if (gyl_failed(gyl_ipv4_decode(data, GYL_CHECKSUM_SKIP, &ip)) ||
		gyl_ipv4_is_fragment(&ip) || ip.proto != GYL_IPV4_UDP ||
		gyl_failed(gyl_udp_decode(ip.payload, ip.src, ip.dst, GYL_CHECKSUM_SKIP, &u)) ||
		p->kind->port[0] == 0 || !is_port(p, &u))
		return false;
	at->src_ip = ip.src;
	at->dst_ip = ip.dst;
	at->src_port = u.src_port;
	at->dst_port = u.dst_port;
	p->kind->message(p, at, u.payload);
	return true;
}

static bool take_type(
	struct gyl__parse *p, struct gyl__parse_where *at, uint16_t type, struct gyl_view payload)
{
	if (type == GYL_ETH_IPV4)
		return take_ipv4(p, at, payload);
	if (type != GYL_ETH_ARP || p->kind->port[0] != 0)
		return false;
	p->kind->message(p, at, payload);
	return true;
}

static bool take(
	struct gyl__parse *p, uint32_t link, struct gyl__parse_where *at, struct gyl_view v)
{
	struct gyl_eth e;

	if (link == GYL_PCAP_ETHERNET)
		return !gyl_failed(gyl_eth_decode(v, &e)) && take_type(p, at, e.type, e.payload);
	if (link == GYL_PCAP_LINUX_SLL)
		return v.len >= SLL_LEN && take_type(p, at, gyl_get_u16(v.p + SLL_TYPE_OFF),
						   gyl_view_sub(v, SLL_LEN, v.len));
	return take_ipv4(p, at, v);
}

static bool is_known(uint32_t link)
{
	return link == GYL_PCAP_ETHERNET || link == GYL_PCAP_LINUX_SLL || link == GYL_PCAP_RAW ||
	       link == GYL_PCAP_IPV4;
}

static int read_all(struct gyl__parse *p, struct gyl_pcap_in *in)
{
	struct gyl__parse_where at = {0};
	struct gyl_pcap_record r;
	uint64_t taken = 0;
	const char *what;
	int more;

	while ((more = gyl_pcap_in_peek(in, &r, &what)) > 0) {
		at = (struct gyl__parse_where){
			.frame = at.frame + 1, .at = in->at, .wall_ns = r.wall_ns};
		taken += take(p, in->link, &at, r.data);
		gyl_pcap_in_step(in, &r);
	}
	fprintf(stderr, "guyline parse: %s: %llu frames, %llu with %s messages\n", p->name,
		(unsigned long long)at.frame, (unsigned long long)taken, p->kind->name);
	if (more == 0)
		return EX_OK;
	fprintf(stderr, "guyline parse: %s: %s at offset %llu\n", p->name, what,
		(unsigned long long)in->at);
	return EX_DATAERR;
}

int gyl__parse_capture(struct gyl__parse *p, int fd, struct gyl_view first)
{
	static struct gyl_pcap_in in;
	char err[200];
	int status;

	if (gyl_pcap_in_begin(&in, fd, first, p->name, err) != 0) {
		fprintf(stderr, "guyline parse: %s\n", err);
		return EX_DATAERR;
	}
	if (is_known(in.link)) {
		status = read_all(p, &in);
	} else {
		fprintf(stderr,
			"guyline parse: %s: link type %u; Ethernet, Linux cooked and IP are read\n",
			p->name, in.link);
		status = EX_DATAERR;
	}
	gyl_pcap_in_close(&in);
	return status;
}
