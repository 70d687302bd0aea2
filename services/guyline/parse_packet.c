/* SPDX-License-Identifier: ISC */

/* `guyline parse dhcp|dns|arp`: a message as hexadecimal text, or out of a capture. */

#include <gyl/arp.h>
#include <gyl/dhcp.h>
#include <gyl/dhcp_print.h>
#include <gyl/dns.h>
#include <gyl/dns_text.h>
#include <gyl/eth.h>
#include <gyl/text.h>
#include <gyl/time.h>
#include <string.h>

#include "services/guyline/parse_own.h"

static void put_address(struct gyl_json *j, const char *key, uint32_t ip, uint16_t port)
{
	struct gyl_writer w;
	char text[24];

	gyl_writer_init(&w, text, sizeof text);
	gyl_text_ipv4(&w, ip);
	gyl_text_char(&w, ':');
	gyl_text_u64(&w, port);
	gyl_json_str(j, key, gyl_writer_view(&w));
}

static void put_where(struct gyl_json *j, const struct gyl__parse_where *at)
{
	struct gyl_writer w;
	char time[40];

	gyl_writer_init(&w, time, sizeof time);
	gyl_time_print_rfc3339(&w, at->wall_ns, 6);
	gyl_json_u64(j, "frame", at->frame);
	gyl_json_str(j, "time", gyl_writer_view(&w));
	if (at->dst_port == 0)
		return;
	put_address(j, "from", at->src_ip, at->src_port);
	put_address(j, "to", at->dst_ip, at->dst_port);
}

/* One of the three, decoded. */
union message {
	struct gyl_dhcp_msg dhcp;
	struct gyl_dns_msg dns;
	struct gyl_arp arp;
};

/* An ARP packet may come with its Ethernet header. */
static struct gyl_fault decode_arp(struct gyl_view data, struct gyl_arp *ret)
{
	struct gyl_fault f = gyl_arp_decode(data, ret), g;
	struct gyl_eth e;

	if (!gyl_failed(f) || gyl_failed(gyl_eth_decode(data, &e)) || e.type != GYL_ETH_ARP)
		return f;
	g = gyl_arp_decode(e.payload, ret);
	g.off += (size_t)(e.payload.p - data.p);
	return g;
}

static struct gyl_fault decode(const char *kind, struct gyl_view data, union message *m)
{
	if (strcmp(kind, "dhcp") == 0)
		return gyl_dhcp_decode(data, &m->dhcp);
	if (strcmp(kind, "dns") == 0)
		return gyl_dns_decode(data, &m->dns);
	return decode_arp(data, &m->arp);
}

static void print(struct gyl_writer *w, const char *kind, const union message *m)
{
	if (strcmp(kind, "dhcp") == 0) {
		gyl_dhcp_print(w, &m->dhcp);
	} else if (strcmp(kind, "dns") == 0) {
		gyl_dns_print(w, &m->dns);
	} else {
		gyl_arp_print(w, &m->arp);
		gyl_put_u8(w, '\n');
	}
}

static void json(struct gyl_json *j, const char *key, const char *kind, const union message *m)
{
	if (strcmp(kind, "dhcp") == 0)
		gyl_dhcp_json(j, key, &m->dhcp);
	else if (strcmp(kind, "dns") == 0)
		gyl_dns_json(j, key, &m->dns);
	else
		gyl_arp_json(j, key, &m->arp);
}

void gyl__parse_packet(
	struct gyl__parse *p, const struct gyl__parse_where *at, struct gyl_view data)
{
	const char *kind = p->kind->name;
	union message m;
	struct gyl_fault f = decode(kind, data, &m);
	struct gyl_json j;

	if (f.err != GYL_OK)
		gyl__parse_complain(p, at, NULL, f);
	if (gyl_failed(f))
		return;
	gyl_json_init(&j, &p->w);
	if (p->text) {
		print(&p->w, kind, &m);
	} else if (at == NULL) {
		json(&j, NULL, kind, &m);
		gyl_put_u8(&p->w, '\n');
	} else {
		gyl_json_obj(&j, NULL);
		put_where(&j, at);
		json(&j, kind, kind, &m);
		gyl_json_end(&j);
		gyl_put_u8(&p->w, '\n');
	}
	gyl__parse_put(p);
}

/* Colons between octets are what tcpdump and wireshark write: white space to us. */
static void drop_colons(uint8_t *buf, struct gyl_view line)
{
	for (size_t i = 0; i < line.len; i++)
		buf[i] = line.p[i] == ':' ? ' ' : line.p[i];
}

void gyl__parse_hex_line(struct gyl__parse *p, struct gyl_view line, size_t len)
{
	static uint8_t text[GYL__PARSE_LINE_MAX], data[65536];
	size_t data_len;
	struct gyl_fault f;

	while (line.len != 0 && line.p[line.len - 1] == '\r')
		line.len--;
	if (line.len == 0 || line.p[0] == '#')
		return;
	if (len > GYL__PARSE_LINE_MAX) {
		gyl__parse_complain(
			p, NULL, "too long", gyl_fault(GYL_E_SPACE, GYL__PARSE_LINE_MAX));
		return;
	}
	drop_colons(text, line);
	f = gyl_parse_hex(gyl_view(text, line.len), data, sizeof data, &data_len);
	if (gyl_failed(f))
		gyl__parse_complain(p, NULL, "no hexadecimal text", f);
	else
		gyl__parse_packet(p, NULL, gyl_view(data, data_len));
}
