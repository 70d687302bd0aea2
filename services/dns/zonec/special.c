/* SPDX-License-Identifier: ISC */

/* Names that nobody elsewhere can know: asking about them tells strangers what goes on here. */

#include <gyl/dns.h>

#include "services/dns/zonec/compile_own.h"

static const struct {
	const char *name;
	uint16_t value;
} zone[] = {
	/* RFC 6761 */
	{"localhost", GYL_DNS_ROUTE_LOCALHOST},
	{"invalid", GYL_DNS_ROUTE_EMPTY},
	{"test", GYL_DNS_ROUTE_EMPTY},
	{"local", GYL_DNS_ROUTE_EMPTY},          /* RFC 6762 22.1 */
	{"onion", GYL_DNS_ROUTE_EMPTY},          /* RFC 7686 2 */
	{"internal", GYL_DNS_ROUTE_EMPTY},       /* ICANN's board, 2024-07-29: for private use */
	{"alt", GYL_DNS_ROUTE_EMPTY},            /* RFC 9476 2: names of other systems */
	{"home.arpa", GYL_DNS_ROUTE_EMPTY},      /* RFC 8375 4 */
	{"resolver.arpa", GYL_DNS_ROUTE_NODATA}, /* RFC 9462 4: there is no designated resolver */
	/* RFC 6303 4.1, 4.2 */
	{"10.in-addr.arpa", GYL_DNS_ROUTE_EMPTY},
	{"168.192.in-addr.arpa", GYL_DNS_ROUTE_EMPTY},
	{"0.in-addr.arpa", GYL_DNS_ROUTE_EMPTY},
	{"127.in-addr.arpa", GYL_DNS_ROUTE_EMPTY},
	{"254.169.in-addr.arpa", GYL_DNS_ROUTE_EMPTY},
	{"2.0.192.in-addr.arpa", GYL_DNS_ROUTE_EMPTY},
	{"100.51.198.in-addr.arpa", GYL_DNS_ROUTE_EMPTY},
	{"113.0.203.in-addr.arpa", GYL_DNS_ROUTE_EMPTY},
	{"255.255.255.255.in-addr.arpa", GYL_DNS_ROUTE_EMPTY},
	/* RFC 6303 4.3 to 4.6 */
	{"0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa",
		GYL_DNS_ROUTE_EMPTY},
	{"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa",
		GYL_DNS_ROUTE_EMPTY},
	{"d.f.ip6.arpa", GYL_DNS_ROUTE_EMPTY},
	{"8.e.f.ip6.arpa", GYL_DNS_ROUTE_EMPTY},
	{"9.e.f.ip6.arpa", GYL_DNS_ROUTE_EMPTY},
	{"a.e.f.ip6.arpa", GYL_DNS_ROUTE_EMPTY},
	{"b.e.f.ip6.arpa", GYL_DNS_ROUTE_EMPTY},
	{"8.b.d.0.1.0.0.2.ip6.arpa", GYL_DNS_ROUTE_EMPTY},
};

static void add(struct gyl_dns_compile *c, struct gyl_view text, uint16_t value)
{
	static const uint8_t root = 0;
	uint8_t name[GYL_DNS_NAME_MAX];

	if (!gyl_failed(gyl_dns_name_parse(text, &root, name, NULL)))
		gyl_dns_compile_name(c, GYL_DNS_TABLE_ROUTE, name, value);
}

static void add_octets(struct gyl_dns_compile *c, unsigned first, unsigned last, unsigned net)
{
	for (unsigned i = first; i <= last; i++) {
		char text[40];

		(void)snprintf(text, sizeof text, "%u.%u.in-addr.arpa", i, net);
		add(c, gyl_view_str(text), GYL_DNS_ROUTE_EMPTY);
	}
}

void gyl_dns_compile_special(struct gyl_dns_compile *c)
{
	for (size_t i = 0; i < sizeof zone / sizeof zone[0]; i++)
		add(c, gyl_view_str(zone[i].name), zone[i].value);
	add_octets(c, 16, 31, 172);  /* RFC 6303 4.1 */
	add_octets(c, 64, 127, 100); /* RFC 7793 */
	c->plain = true;
}

void gyl_dns_compile_name(
	struct gyl_dns_compile *c, enum gyl_dns_table table, const uint8_t *name, uint16_t value)
{
	struct gyl_dns_named *e = gyl__zc_named(c, &c->names[table], name, gyl_dns_name_len(name));

	if (e != NULL && e->self == 0)
		e->self = e->below = value;
}
