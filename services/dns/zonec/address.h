/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_ZONEC_ADDRESS_H
#define GYL_SERVICES_DNS_ZONEC_ADDRESS_H

#include <gyl/dns_name.h>

struct gyl_zc_address {
	uint16_t type; /* of its record: A or AAAA */
	uint8_t octet[16];
	uint8_t len;
};

/* Read an address; an IPv6 one may have a zone behind "%", which is passed over. False: it is none.
 */
bool gyl__zc_address_parse(struct gyl_view text, struct gyl_zc_address *ret_address);

/* Its name in in-addr.arpa or ip6.arpa (RFC 1035 3.5, RFC 3596 2.5). Returns its length. */
size_t gyl__zc_address_name(const struct gyl_zc_address *a, uint8_t name[GYL_DNS_NAME_MAX]);

#endif
