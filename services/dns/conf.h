/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_CONF_H
#define GYL_SERVICES_DNS_CONF_H

#include "conf/schema.h"
#include "services/base/flat.h"

enum {
	GYL_DNS_UPSTREAM_MAX = 64,   /* different servers that are asked */
	GYL_DNS_GROUP_MAX = 1024,    /* "to", "domains" and holes with servers of their own */
	GYL_DNS_PENDING_MAX = 65536, /* of "pending" */
	GYL_DNS_KEY_MAX = 64,        /* of "keys" */
	GYL_DNS_NOTIFY_MAX = 256,    /* of "notify", in all zones together */
	GYL_DNS_LEASE_ZONE_MAX = 8   /* of "zones", with neither file nor primary */
};

/* What is done about a name in a hole of a zone. */
enum gyl_dns_hole {
	GYL_DNS_HOLE_FORWARD = 1,
	GYL_DNS_HOLE_NODATA,
	GYL_DNS_HOLE_REFUSE
};

/* How a list of blocked names is written. */
enum gyl_dns_block_format {
	GYL_DNS_BLOCK_HOSTS,
	GYL_DNS_BLOCK_DOMAINS,
	GYL_DNS_BLOCK_RPZ
};

/* Who has a zone that we have a copy of, or a copy of ours. */
struct gyl_dns_conf_peer {
	struct gyl_conf_server address;
	struct gyl_ref key; /* wire form; empty: unsigned */
};

/* A zone to serve. */
struct gyl_dns_conf_zone {
	struct gyl_ref name;     /* wire form */
	struct gyl_ref file;     /* path, then a NUL */
	struct gyl_ref holes;    /* of struct gyl_dns_conf_hole */
	struct gyl_ref update;   /* of struct gyl_dns_conf_grant */
	struct gyl_ref transfer; /* of struct gyl_ref, texts: transfer.h; empty: nobody */
	/* of struct gyl_dns_conf_peer: it has no file; neither of both: it is made of leases */
	struct gyl_ref primary;
	struct gyl_ref notify; /* of struct gyl_dns_conf_peer */
};

/* Is it a zone that may change? It is no part of the image then, but one of its own. */
static inline bool gyl__dns_is_live(const struct gyl_dns_conf_zone *zone)
{
	return zone->update.cnt != 0;
}

/* A secret that we share with somebody (TSIG, RFC 8945). */
struct gyl_dns_conf_key {
	struct gyl_ref name;        /* wire form */
	struct gyl_ref secret;      /* base64 */
	struct gyl_ref secret_file; /* path, then a NUL */
	uint8_t algorithm;          /* enum gyl_dns_tsig_alg */
};

/* What the owner of a key may change in a zone. */
struct gyl_dns_conf_grant {
	struct gyl_ref key;   /* wire form */
	struct gyl_ref names; /* of struct gyl_ref, texts: grant.h; empty: all */
	struct gyl_ref types; /* of struct gyl_ref, mnemonics; empty: all */
};

/* A name below a zone for which the zone does not answer. */
struct gyl_dns_conf_hole {
	struct gyl_ref name; /* wire form */
	struct gyl_ref to;   /* of struct gyl_conf_server: a group of its own; empty: none */
	uint8_t action;      /* enum gyl_dns_hole */
};

/* A list of names that are not resolved. */
struct gyl_dns_conf_block {
	struct gyl_ref file;   /* path, then a NUL */
	struct gyl_ref answer; /* of struct gyl_ref, strings */
	uint8_t format;        /* enum gyl_dns_block_format */
};

/* Who is asked about the names of a domain: group 1 + index. */
struct gyl_dns_conf_domain {
	struct gyl_ref name; /* wire form */
	struct gyl_ref to;   /* of struct gyl_conf_server */
};

/* Names of others: who is asked, and how long the answers are kept. */
struct gyl_dns_conf_forward {
	struct gyl_ref to;      /* of struct gyl_conf_server: group 0 */
	struct gyl_ref domains; /* of struct gyl_dns_conf_domain */
	struct gyl_ref clients; /* of struct gyl_conf_prefix: who may ask */
	uint64_t cache_len;     /* octets */
	uint64_t stale_ns;      /* an answer that has ended is kept for so long; 0: not at all */
	uint64_t min_ttl_ns, max_ttl_ns;
	uint32_t pending_cnt; /* questions that wait for an upstream at once */
	bool prefetch;
	bool trust_ad; /* an upstream's word that it has validated is passed on */
};

/* How often the same answer goes to the same network. */
struct gyl_dns_conf_limit {
	uint32_t answers;      /* a second; 0: no limit */
	struct gyl_ref exempt; /* of struct gyl_conf_prefix */
	uint8_t slip;          /* one in so many is let through, truncated; 0: none */
};

/* Section "dns" of the flat block. */
struct gyl_dns_conf {
	struct gyl_ref interfaces;      /* of struct gyl_ref, strings: names; empty: all */
	struct gyl_ref zones;           /* of struct gyl_dns_conf_zone */
	struct gyl_ref image;           /* path, then a NUL: what zones, hosts and block come to,
					   made before; empty: they are read */
	struct gyl_ref lease_domain;    /* wire form; empty: only domains that dhcpd tells */
	struct gyl_ref nsid;            /* text */
	struct gyl_ref version;         /* text */
	struct gyl_ref hosts;           /* of struct gyl_ref: paths, then a NUL */
	struct gyl_ref block;           /* of struct gyl_dns_conf_block */
	struct gyl_ref allow;           /* of struct gyl_ref, wire form: never blocked */
	struct gyl_ref private_answers; /* ...: may have private addresses upstream */
	struct gyl_dns_conf_forward forward;
	struct gyl_ref keys; /* of struct gyl_dns_conf_key */
	struct gyl_dns_conf_limit rate_limit;
	struct gyl_ref cookie_secrets; /* of struct gyl_ref, 16 octets each; empty: our own */
	struct gyl_ref encrypted_by;   /* of struct gyl_conf_prefix */
	struct gyl_ref debug_answers;  /* of struct gyl_conf_prefix */
	uint64_t zone_space;           /* octets for zones that change */
	uint64_t lease_ttl_ns;         /* longest TTL of names that leases make */
	uint64_t tcp_idle_ns;
	uint32_t lease_cnt; /* bound of the table */
	uint32_t log_rate;  /* most queries told a second with log_queries; 0: all */
	uint32_t tcp_cnt;   /* most connections */
	uint16_t port;
	uint16_t udp_size; /* longest UDP answer */
	uint8_t workers;   /* threads that answer by UDP; 0: one a processor */
	bool log_queries;
	bool top;           /* what is asked most is counted */
	bool special_zones; /* RFC 6303 and its like are answered here */
	bool cookies;
};

/* Names of leases alone make the zone: it has no source. With an image that is its source. */
static inline bool gyl__dns_is_of_leases(
	const struct gyl_dns_conf *cf, const struct gyl_dns_conf_zone *zone)
{
	return zone->file.cnt == 0 && zone->primary.cnt == 0 && cf->image.cnt == 0;
}

#endif
