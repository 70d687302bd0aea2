/* SPDX-License-Identifier: ISC */
#ifndef GYL_CONF_TOP_H
#define GYL_CONF_TOP_H

/* The keys at the top of a file, which all programs share. In the block they are the section "top".
 */

#include "conf/conf.h"

enum gyl_top_host {
	GYL_TOP_STACK, /* our own stack on a device */
	GYL_TOP_KERNEL /* the kernel's sockets */
};

enum gyl_top_log_to {
	GYL_TOP_LOG_STDERR,
	GYL_TOP_LOG_DEVLOG, /* the datagram socket /dev/log */
	GYL_TOP_LOG_SYSLOGD /* our own syslogd */
};

enum {
	GYL_TOP_PLACE_MAX = 8, /* of control */
	GYL_TOP_AUTH_MAX = 8,  /* of control_auth */
	GYL_TOP_IFACE_MAX = 16,
	GYL_TOP_ADDR_MAX = 8, /* of an interface */
	GYL_TOP_DEVICE_MAX = 8,
	GYL_TOP_NAME_MAX = 32 /* of an interface, octets */
};

/*
 * What a stored password may cost: scrypt with ln=18,r=8 just fits, and PBKDF2 with 8,388,608
 * iterations. About a second of work and a quarter of a GiB.
 */
#define GYL_TOP_AUTH_MEM_MAX  ((256u << 20) + (64u << 10))
#define GYL_TOP_AUTH_WORK_MAX (UINT64_C(1) << 30)
/* A slice of scrypt goes through one block of 128 r octets at least: 64 KiB, a fifth of 1 ms. */
#define GYL_TOP_AUTH_R_MAX    512u

/* The device of host "stack" when none is given, and its name as an interface. */
#define GYL_TOP_DEVICE_NAME   "guyline0"
#define GYL_TOP_DEVICE        "tap:" GYL_TOP_DEVICE_NAME

struct gyl_top_log_conf {
	struct gyl_ref level; /* string: "dns=debug,*=info" */
	struct gyl_ref to;    /* of uint8_t, enum gyl_top_log_to */
};

/* One of "interfaces". */
struct gyl_top_iface {
	struct gyl_ref name, device; /* strings */
	struct gyl_ref address;      /* of struct gyl_conf_prefix */
	uint32_t gateway;            /* 0: none */
	uint16_t vlan;               /* 0: untagged frames */
	uint8_t mac[6];
	bool has_mac;
	bool probe, has_probe;
};

struct gyl_top_conf {
	struct gyl_ref interfaces; /* of struct gyl_top_iface; empty: the one of the keys below */
	struct gyl_ref device;     /* string: "tap:guyline0", or an interface for host kernel */
	struct gyl_conf_prefix address; /* of the device; len and ip 0: not given */
	uint32_t gateway;               /* 0: none */
	uint8_t mac[6];
	bool has_mac;
	bool probe, has_probe;
	uint8_t host; /* enum gyl_top_host */
	bool sandbox;
	struct gyl_ref user;    /* string; empty: stay who we are */
	struct gyl_ref state;   /* string: directory */
	struct gyl_ref control; /* of struct gyl_ref, strings: places as conf/endpoint.h has them */
	struct gyl_ref metrics; /* string: an endpoint; empty: none */
	struct gyl_ref control_auth; /* of struct gyl_ref, strings: stored passwords */
	struct gyl_top_log_conf log;
};

extern const struct gyl_conf_section gyl_top_conf_section;

/* What a service's "interfaces" says in its table: which of the interfaces it serves. */
#define GYL_TOP_IFACES_HELP "interfaces to serve, by name; not given: all"

/*
 * Interface number i by its name: as "interfaces" has it, or the one of "device", which is called
 * as the device is ("guyline0" of "tap:guyline0"). Empty past the last one.
 */
struct gyl_view gyl_top_iface_name(
	const struct gyl_flat *f, const struct gyl_top_conf *top, uint32_t i);

/* Bit i for interface number i, for the names of a service's "interfaces"; 0: all. */
uint64_t gyl_top_iface_mask(
	const struct gyl_flat *f, const struct gyl_top_conf *top, struct gyl_ref names);

/* For the check function of a service: "interfaces" names interfaces that there are. */
void gyl_top_iface_check(const struct gyl_flat *f, struct gyl_ref names, struct gyl_conf_check *ck);

/* The address, with its length, of an interface in mask (0: any) that ip is in the network of;
 * NULL: none, or only the running system knows. Borrowed from the configuration. */
const struct gyl_conf_prefix *gyl_top_iface_net(
	const struct gyl_flat *f, const struct gyl_top_conf *top, uint64_t mask, uint32_t ip);

/* Is ip in a network of one of the interfaces in mask (0: any)? True as well where only the running
 * system knows its networks. */
bool gyl_top_iface_has(
	const struct gyl_flat *f, const struct gyl_top_conf *top, uint64_t mask, uint32_t ip);

/* For the check of the top itself: what "interfaces" says. */
void gyl__top_ifaces_check(
	const struct gyl_flat *f, const struct gyl_top_conf *top, struct gyl_conf_check *ck);

/* Every service's section name, ends with NULL: what a program that runs one service passes over.
 */
extern const char *const gyl_top_skip[];

#endif
