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
	GYL_TOP_AUTH_MAX = 8   /* of control_auth */
};

/*
 * What a stored password may cost: scrypt with ln=18,r=8 just fits, and PBKDF2 with 8,388,608
 * iterations. About a second of work and a quarter of a GiB.
 */
#define GYL_TOP_AUTH_MEM_MAX  ((256u << 20) + (64u << 10))
#define GYL_TOP_AUTH_WORK_MAX (UINT64_C(1) << 30)
/* A slice of scrypt goes through one block of 128 r octets at least: 64 KiB, a fifth of 1 ms. */
#define GYL_TOP_AUTH_R_MAX    512u

struct gyl_top_log_conf {
	struct gyl_ref level; /* string: "dns=debug,*=info" */
	struct gyl_ref to;    /* of uint8_t, enum gyl_top_log_to */
};

struct gyl_top_conf {
	struct gyl_ref device; /* string: "tap:guyline0", or an interface for host kernel */
	struct gyl_conf_prefix address; /* of the device; len and ip 0: not given */
	uint32_t gateway;               /* 0: none */
	uint8_t mac[6];
	bool has_mac;
	uint8_t host; /* enum gyl_top_host */
	bool sandbox;
	struct gyl_ref user;    /* string; empty: stay who we are */
	struct gyl_ref state;   /* string: directory */
	struct gyl_ref control; /* of struct gyl_ref, strings: places as conf/endpoint.h has them */
	struct gyl_ref control_auth; /* of struct gyl_ref, strings: stored passwords */
	struct gyl_top_log_conf log;
};

extern const struct gyl_conf_section gyl_top_conf_section;

/* Every service's section name, ends with NULL: what a program that runs one service passes over.
 */
extern const char *const gyl_top_skip[];

#endif
