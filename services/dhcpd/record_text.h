/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DHCPD_RECORD_TEXT_H
#define GYL_SERVICES_DHCPD_RECORD_TEXT_H

/* The text that a lease has in the store, and in a store that is filled from elsewhere. Pure. */

#include <gyl/writer.h>

#include "services/dhcpd/lease.h"

enum {
	GYL_DHCPD_KEY_LEN_MAX = 32,
	GYL_DHCPD_VAL_LEN_MAX = 768
};

struct gyl_dhcpd_record {
	uint8_t state;     /* enum gyl_dhcpd_state */
	uint64_t until_ns; /* wall clock, or GYL_TIME_INFINITE */
	uint64_t granted_s;
	struct gyl_dhcpd_key key; /* but for its hash */
	struct gyl_view name;     /* borrowed; empty: none */
	uint32_t giaddr;          /* of the relay; 0: on the link */
	bool has_source;          /* another Ethernet source than its hardware address */
	uint8_t source[6];
	uint8_t relay[GYL_DHCPD_RELAY_MAX]; /* option 82 */
	size_t relay_len;
};

/* "dhcpd/lease/10.0.0.17" */
struct gyl_view gyl__dhcpd_record_key(uint8_t buf[GYL_DHCPD_KEY_LEN_MAX], uint32_t ip);
bool gyl__dhcpd_record_ip(struct gyl_view key, uint32_t *ret_ip);

/* At most GYL_DHCPD_VAL_LEN_MAX octets; the end is rounded up to a second. */
void gyl__dhcpd_record_print(struct gyl_writer *w, const struct gyl_dhcpd_record *r);
/* False: it is no record; *ret is undefined then. The name is a view into val. */
bool gyl__dhcpd_record_parse(struct gyl_view val, struct gyl_dhcpd_record *ret);

#endif
