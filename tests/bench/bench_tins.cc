/* SPDX-License-Identifier: ISC */
#include <tins/tins.h>

#include "tests/bench/bench.h"

static const uint8_t *arp_p, *dhcp_p, *dns_p;
static uint32_t arp_n, dhcp_n, dns_n;

void tins_setup(const uint8_t *arp, size_t arp_len, const uint8_t *dhcp, size_t dhcp_len,
	const uint8_t *dns, size_t dns_len)
{
	arp_p = arp;
	arp_n = (uint32_t)arp_len;
	dhcp_p = dhcp;
	dhcp_n = (uint32_t)dhcp_len;
	dns_p = dns;
	dns_n = (uint32_t)dns_len;
}

/* A frame of 60 octets: Ethernet and ARP. */
uint64_t tins_arp(uint64_t n)
{
	uint64_t sum = 0;

	while (n-- > 0) {
		Tins::EthernetII frame(arp_p, arp_n);
		const auto &a = frame.rfind_pdu<Tins::ARP>();

		sum += a.opcode() + (uint32_t)a.sender_ip_addr() + a.sender_hw_addr()[5];
	}
	return sum;
}

uint64_t tins_dhcp(uint64_t n)
{
	uint64_t sum = 0;

	while (n-- > 0) {
		Tins::DHCP d(dhcp_p, dhcp_n);

		sum += d.xid() + d.type();
		for (const auto &o : d.options())
			sum += o.option() + o.data_size();
	}
	return sum;
}

uint64_t tins_dns(uint64_t n)
{
	uint64_t sum = 0;

	while (n-- > 0) {
		Tins::DNS d(dns_p, dns_n);

		for (const auto &q : d.queries())
			sum += q.dname().size();
		for (const auto &r : d.answers())
			sum += r.dname().size() + r.data().size();
		for (const auto &r : d.authority())
			sum += r.dname().size() + r.data().size();
		for (const auto &r : d.additional())
			sum += r.dname().size() + r.data().size();
	}
	return sum;
}
