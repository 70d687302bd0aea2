/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DHCPD_LIVE_H
#define GYL_SERVICES_DHCPD_LIVE_H

/*
 * What is changed while the server runs, and kept in the store: reservations, and which subnets are
 * drained. A configuration is made ready with these on top, so that everything else sees no
 * difference between them and the file's. Where both speak of the same, the file is right.
 *
 * Records: "dhcpd/reserve/02:00:5e:10:00:07" is "1 ADDRESS NAME SINCE", "dhcpd/drain/10.77.0.0-24"
 * is "1 on SINCE" or "1 off SINCE"; "-" stands for what there is not. What was taken back is "gone"
 * instead of ADDRESS or "on" for as long as another server may not know (standby_set.c). Pure.
 */

#include "services/dhcpd/lease.h"
#include "services/dhcpd/record_text.h"

struct gyl_dhcpd;
struct gyl_dhcpd_layout;
struct gyl_dhcpd_subnet;
struct gyl_out;
struct gyl_record;

enum {
	GYL_DHCPD_LIVE_HOST_MAX = 1024,
	GYL_DHCPD_LIVE_DRAIN_MAX = 64
};

struct gyl_dhcpd_live_host {
	uint8_t mac[6];
	uint8_t name_len;
	bool hidden : 1;  /* the file says otherwise, or there is no room: it does not count now */
	bool gone : 1;    /* it was taken back, at since_s */
	bool stale : 1;   /* the other server has not told of it in this round */
	uint32_t address; /* 0: any */
	uint32_t since_s; /* wall clock */
	char name[GYL_DHCPD_NAME_MAX];
};

struct gyl_dhcpd_live_drain {
	uint32_t ip, mask; /* of the subnet */
	uint32_t since_s;  /* wall clock */
	bool on : 1;
	bool gone : 1;  /* the file counts again, from since_s on */
	bool stale : 1; /* as of a reservation */
};

enum {
	GYL_DHCPD_LIVE_VAL_MAX = 160
};

struct gyl_dhcpd_live {
	struct gyl_dhcpd_live_host host[GYL_DHCPD_LIVE_HOST_MAX];
	struct gyl_dhcpd_live_drain drain[GYL_DHCPD_LIVE_DRAIN_MAX];
	uint32_t host_cnt, drain_cnt;
	bool changed; /* records were read: the configuration has to be made ready anew */
};

/* Octets that the reservations take behind the flat block, at most. */
uint32_t gyl__dhcpd_live_len(void);

/* What counts; and also what is gone. NULL: there is none. */
struct gyl_dhcpd_live_host *gyl__dhcpd_live_find(struct gyl_dhcpd_live *v, const uint8_t mac[6]);

struct gyl_dhcpd_live_host *gyl__dhcpd_live_any(struct gyl_dhcpd_live *v, const uint8_t mac[6]);

/* Set or change a reservation; NULL: there are too many. */
struct gyl_dhcpd_live_host *gyl__dhcpd_live_put(
	struct gyl_dhcpd_live *v, const struct gyl_dhcpd_live_host *h);
void gyl__dhcpd_live_remove(struct gyl_dhcpd_live *v, struct gyl_dhcpd_live_host *h);

/* The record of a reservation, of a drain; key and val are its memory. live_text.c */
void gyl__dhcpd_live_print(const struct gyl_dhcpd_live_host *h, uint8_t key[GYL_DHCPD_KEY_LEN_MAX],
	uint8_t val[GYL_DHCPD_LIVE_VAL_MAX], struct gyl_record *ret_rec);
void gyl__dhcpd_live_print_drain(const struct gyl_dhcpd_live_drain *n,
	uint8_t key[GYL_DHCPD_KEY_LEN_MAX], uint8_t val[GYL_DHCPD_LIVE_VAL_MAX],
	struct gyl_record *ret_rec);
/* And back. False: the key is none of a reservation, of a drain. *ret_odd: what it says makes no
 * sense. A value that is empty is read as gone. */
bool gyl__dhcpd_live_parse(
	struct gyl_view key, struct gyl_view val, struct gyl_dhcpd_live_host *ret, bool *ret_odd);
bool gyl__dhcpd_live_parse_drain(
	struct gyl_view key, struct gyl_view val, struct gyl_dhcpd_live_drain *ret, bool *ret_odd);

/* Into the store. The sequence to wait for; 0: the store is full, nothing is changed there. */
uint64_t gyl__dhcpd_live_store(
	struct gyl_dhcpd *d, struct gyl_out *o, const struct gyl_dhcpd_live_host *h, bool remove);
uint64_t gyl__dhcpd_live_store_drain(struct gyl_dhcpd *d, struct gyl_out *o,
	const struct gyl_dhcpd_live_drain *drain, bool remove);
/* A record read back at start. False: it is not of this file. */
bool gyl__dhcpd_live_restore(struct gyl_dhcpd *d, struct gyl_view key, struct gyl_view val);

/* What the subnet's drain was set to; NULL: as the file says. And also what is gone. */
struct gyl_dhcpd_live_drain *gyl__dhcpd_live_drain(
	struct gyl_dhcpd_live *v, const struct gyl_dhcpd_subnet *s);
struct gyl_dhcpd_live_drain *gyl__dhcpd_live_drain_any(
	struct gyl_dhcpd_live *v, uint32_t ip, uint32_t mask);
/* false: there are too many. */
bool gyl__dhcpd_live_drain_put(struct gyl_dhcpd_live *v, const struct gyl_dhcpd_live_drain *drain);
void gyl__dhcpd_live_drain_remove(struct gyl_dhcpd_live *v, struct gyl_dhcpd_live_drain *drain);

/* Make the configuration in use ready anew, with what has changed: O(leases). */
void gyl__dhcpd_live_apply(struct gyl_dhcpd *d);
/*
 * A reservation takes the place of the client's old one; either may be NULL, the new one gone. In
 * the table, and in the configuration in use: O(1) for addresses of the pools, O(ranges) for
 * others; one that did not count, or finds no room, has all made ready anew.
 */
void gyl__dhcpd_live_change(struct gyl_dhcpd *d, const struct gyl_dhcpd_live_host *old,
	const struct gyl_dhcpd_live_host *h);

#endif
