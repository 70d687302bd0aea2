/* SPDX-License-Identifier: ISC */
#include "services/dns/zonec/address.h"

#include <gyl/dns.h>
#include <gyl/dns_rdata.h>

bool gyl__zc_address_parse(struct gyl_view text, struct gyl_zc_address *ret_address)
{
	static const uint8_t root = 0;
	struct gyl_zc_address a = {.type = GYL_DNS_TYPE_A};
	const uint8_t *zone = text.len == 0 ? NULL : memchr(text.p, '%', text.len);
	struct gyl_dns_token tok = {.text = text};
	struct gyl_writer w;
	size_t bad;

	if (text.len != 0 && memchr(text.p, ':', text.len) != NULL) {
		a.type = GYL_DNS_TYPE_AAAA;
		if (zone != NULL)
			tok.text.len = (size_t)(zone - text.p);
	}
	gyl_writer_init(&w, a.octet, sizeof a.octet);
	if (gyl_failed(gyl_dns_rdata_parse(a.type, &tok, 1, &root, &w, &bad)))
		return false;
	a.len = (uint8_t)w.len;
	*ret_address = a;
	return true;
}

size_t gyl__zc_address_name(const struct gyl_zc_address *a, uint8_t name[GYL_DNS_NAME_MAX])
{
	static const uint8_t ip6_arpa[] = "\003ip6\004arpa";
	uint8_t *p = name;

	if (a->type == GYL_DNS_TYPE_A)
		return gyl_dns_name_reverse_ipv4(gyl_get_u32(a->octet), name);
	for (unsigned i = 32; i-- != 0;) {
		uint8_t nibble = i % 2 == 0 ? a->octet[i / 2] >> 4 : a->octet[i / 2] & 15;

		*p++ = 1;
		*p++ = (uint8_t)(nibble < 10 ? '0' + nibble : 'a' + nibble - 10);
	}
	memcpy(p, ip6_arpa, sizeof ip6_arpa);
	return (size_t)(p - name) + sizeof ip6_arpa;
}
