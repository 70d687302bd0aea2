/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_ROUTE_H
#define GYL_SERVICES_DNS_ROUTE_H

/*
 * Names that no zone, no hosts file and no lease has (GYL_DNS_OUTSIDE): who answers for them.
 *
 * The longest of these decides: a zone that is configured but not there; a domain that is
 * forwarded; a special zone, which is answered here so that nobody upstream hears of it (RFC 6303,
 * RFC 6761). What is to be forwarded may still be blocked by a list, unless it is allowed. Pure.
 */

#include "services/dns/find.h"

enum gyl_dns_way {
	GYL_DNS_WAY_REFUSE,  /* nobody */
	GYL_DNS_WAY_BROKEN,  /* a zone that should be here */
	GYL_DNS_WAY_LOCAL,   /* us: value */
	GYL_DNS_WAY_PLAIN,   /* us: a name of one label is nobody's */
	GYL_DNS_WAY_BLOCKED, /* a list: value is the index of the answer */
	GYL_DNS_WAY_FORWARD  /* group */
};

struct gyl_dns_route {
	enum gyl_dns_way way;
	uint16_t value; /* LOCAL: enum gyl_dns_route_value */
	uint16_t group;
	size_t top_len; /* octets of the name that decided: a suffix of the name */
};

/* Who knows of names that no zone has: names.h. */
static inline const struct gyl_dns_image *gyl__dns_names(const struct gyl_dns_data *d)
{
	return d->names != NULL ? d->names : d->image;
}

void gyl__dns_route(const struct gyl_dns_data *d, const struct gyl_dns_key *k, uint16_t qtype,
	struct gyl_dns_route *ret_route);

/* The same of a name that another one, first, has led to: who is let through is so all the way. */
void gyl__dns_route_led(const struct gyl_dns_data *d, struct gyl_view first,
	const struct gyl_dns_key *k, uint16_t qtype, struct gyl_dns_route *ret_route);

/* What a hole does with a name: node is that of the hole, as find() has it. *ret_group: who is
 * asked. Returns enum gyl_dns_hole. */
unsigned gyl__dns_hole(const struct gyl_dns_data *d, const struct gyl_dns_node *node,
	const struct gyl_dns_key *k, uint16_t *ret_group);

/* The list's answer to a name, or -1: it is not blocked. For names that an answer from upstream
 * leads to, too. *ret_len (may be NULL): octets of the name in the list. */
int gyl__dns_block(const struct gyl_dns_data *d, const struct gyl_dns_key *k, size_t *ret_len);

/*
 * Does a record lead inside: into a private network, one of ours, or to this machine? A and AAAA,
 * and the address hints of SVCB and HTTPS (RFC 9460 7.3). rdata: of a proven record, not
 * compressed. A name elsewhere with such an address can make a browser talk to a machine here.
 */
bool gyl__dns_rebind_inside(const struct gyl_dns_data *d, uint16_t type, struct gyl_view rdata);
/* May a name have such records, and what is behind its CNAMEs? Servers that were named for a domain
 * or a hole (group != 0) may say what they like. */
bool gyl__dns_rebind_may(const struct gyl_dns_data *d, uint16_t group, const struct gyl_dns_key *k);

#endif
