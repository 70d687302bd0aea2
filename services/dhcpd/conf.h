/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DHCPD_CONF_H
#define GYL_SERVICES_DHCPD_CONF_H

/*
 * Section "dhcpd" of the flat block. Options are of struct gyl_conf_entry: code and octets. Where
 * the JSON key differs from the field it stands in the comment. A time of 0 was not given.
 */

#include "conf/schema.h"

enum {
	GYL_DHCPD_ADDRESS_MAX = 1 << 20, /* addresses of all pools and reservations together */
	GYL_DHCPD_SUBNET_MAX = 1024,
	GYL_DHCPD_RANGE_MAX = 4096, /* of all pools together */
	GYL_DHCPD_HOST_MAX = 65536, /* reservations */
	GYL_DHCPD_CLASS_MAX = 64
};

/* The BOOTP fields siaddr, file and sname, which boot ROMs read. */
struct gyl_dhcpd_boot_conf {
	uint32_t next_server;       /* 0: none */
	struct gyl_ref boot_file;   /* string, at most 127 octets */
	struct gyl_ref server_name; /* string, at most 63 octets */
};

/* A reservation: what one client gets. Of mac, client_id and circuit_id at least one is given; all
 * that are have to match. */
struct gyl_dhcpd_host_conf {
	uint32_t address; /* 0: any of the pool, only name and options are its own */
	uint8_t mac[6];
	bool has_mac;
	struct gyl_ref client_id;  /* option 61 whole, octets */
	struct gyl_ref circuit_id; /* option 82, sub-option 1, octets */
	struct gyl_ref hostname;   /* string */
	struct gyl_ref options;
	struct gyl_dhcpd_boot_conf boot;
};

struct gyl_dhcpd_subnet_conf {
	struct gyl_conf_prefix subnet;
	struct gyl_ref pool;       /* of struct gyl_conf_range */
	uint64_t lease_ns, max_ns; /* "lease_time", "max_lease_time" */
	uint64_t random_ns;        /* "random_mac_lease_time" */
	uint64_t full_ns;          /* "full_lease_time" */
	struct gyl_ref shared;     /* string: name of the link that several subnets share */
	bool ignore_client_id;     /* a client is its MAC alone */
	bool drain;                /* nobody keeps or gets an address of it */
	struct gyl_ref options;
	struct gyl_ref hosts; /* "reservations", of struct gyl_dhcpd_host_conf */
	struct gyl_dhcpd_boot_conf boot;
};

/* Who is in a class gets what it gives. All conditions that are given have to hold. */
struct gyl_dhcpd_class_conf {
	struct gyl_ref name; /* string */
	/* conditions */
	struct gyl_ref vendor_class; /* octets that option 60 begins with */
	struct gyl_ref user_class;   /* octets that option 77, or an item of it, begins with */
	struct gyl_ref circuit_id, remote_id; /* octets that sub-option 1 or 2 begins with */
	struct gyl_ref mac;                   /* octets that chaddr begins with, 1 to 6 */
	struct gyl_ref arch;                  /* of uint16_t: option 93 has one of them */
	struct gyl_ref match;                 /* "option": what options say, to the octet */
	struct gyl_conf_prefix subnet;        /* 0.0.0.0/0: any */
	/* what it gives */
	struct gyl_ref pool; /* of struct gyl_conf_range: for members alone, who get it first */
	uint64_t lease_ns;   /* "lease_time" */
	struct gyl_ref options;
	struct gyl_dhcpd_boot_conf boot;
};

struct gyl_dhcpd_conf {
	struct gyl_ref interfaces; /* of struct gyl_ref, strings: names; empty: all */
	uint16_t port;             /* clients are at port + 1 */
	bool authoritative;
	bool ignore_client_id;
	bool rapid_commit; /* RFC 4039 */
	bool leasequery;   /* RFC 4388 */
	bool probe;        /* ask by ARP before an address is offered */
	uint64_t lease_ns, min_ns;
	uint64_t max_ns;    /* 0: a day, or lease_ns when that is longer */
	uint64_t random_ns; /* "random_mac_lease_time" */
	uint64_t full_ns;   /* "full_lease_time" */
	uint64_t offer_ns, decline_ns;
	uint8_t full_mark;     /* percent of a pool that are used: full_ns counts from there on */
	uint8_t share_relay;   /* "relay_share": percent of a pool, of one giaddr */
	uint8_t share_circuit; /* "circuit_share": percent of a pool, of one circuit */
	uint16_t client_leases, client_offers, client_declines; /* of one link identity */
	struct gyl_ref domain;                                  /* string */
	struct gyl_ref options;
	struct gyl_ref pool;    /* of struct gyl_conf_range, on the networks of our own addresses */
	struct gyl_ref hosts;   /* "reservations", of struct gyl_dhcpd_host_conf */
	struct gyl_ref classes; /* of struct gyl_dhcpd_class_conf, the first counts most */
	struct gyl_ref subnets; /* of struct gyl_dhcpd_subnet_conf */
	struct gyl_dhcpd_boot_conf boot;
	uint32_t standby;       /* address of the other server; 0: there is none */
	uint16_t standby_port;  /* where the first of the two listens */
	uint8_t standby_as;     /* 0: this is the first, 1: the second */
	bool standby_take_back; /* the first serves again by itself when it is back */
	uint64_t takeover_ns;   /* "standby_takeover"; 0: by command only */
	struct gyl_ref secret;  /* "standby_secret", path */
};

#endif
