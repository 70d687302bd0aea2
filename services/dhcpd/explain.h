/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DHCPD_EXPLAIN_H
#define GYL_SERVICES_DHCPD_EXPLAIN_H

/*
 * What was decided about whom, and why: for the person who is asked at night why a laptop has no
 * address. Two rings: of answers that gave something, which are many, and of refusals and silence,
 * which must not be washed away by them. To note a decision costs one line of cache; finding the
 * decisions about a client is a walk through both, 384 KiB. Pure.
 */

#include <gyl/base.h>

struct gyl_dhcpd;
struct gyl_dhcpd_req;

enum {
	GYL_DHCPD_GIVEN_MAX = 4096,   /* decisions that are remembered */
	GYL_DHCPD_REFUSED_MAX = 2048, /* the same one again is counted, not remembered anew */
	GYL_DHCPD_TOLD_MAX = 64       /* decisions that are told of one client */
};

enum gyl_dhcpd_decided {
	GYL_DHCPD_ANSWERED = 1, /* reply is the type of the answer, 0: BOOTP */
	GYL_DHCPD_HAS_MAC = 2,
	GYL_DHCPD_RESERVED = 4,  /* there was a reservation for it */
	GYL_DHCPD_UNREADABLE = 8 /* mac is the frame's source, subnet and the like are not known */
};

/* A line of cache. */
struct gyl_dhcpd_decision {
	uint64_t wall_ns;
	const char *reason;  /* static text; NULL: this one was never used */
	uint64_t class_bits; /* classes that it is in, of the configuration in use */
	uint32_t hash;       /* of the client's key, 0: it has none */
	uint32_t xid;
	uint32_t ip;     /* that it was given, offered or refused; 0: none */
	uint32_t asked;  /* that it asked for, 0: none */
	uint32_t giaddr; /* of the relay, 0: it is on the link */
	uint32_t subnet; /* network address */
	uint16_t again;  /* times that the same was decided before, since then */
	uint16_t vlan;
	uint8_t mac[6];
	uint8_t type, reply;
	uint8_t iface;
	uint8_t prefix; /* of subnet; 255: no subnet */
	uint8_t flags;  /* enum gyl_dhcpd_decided */
};

struct gyl_dhcpd_explain {
	uint64_t given_cnt, refused_cnt; /* ever */
	struct gyl_dhcpd_decision given[GYL_DHCPD_GIVEN_MAX], refused[GYL_DHCPD_REFUSED_MAX];
};

/* Note what was decided about a message. type: of the answer; -1: none. */
void gyl__dhcpd_explain_note(struct gyl_dhcpd *d, const struct gyl_dhcpd_req *r, int reply,
	uint32_t ip, const char *reason);
/* A message that could not be read. */
struct gyl_in;
void gyl__dhcpd_explain_bad(
	struct gyl_dhcpd *d, uint64_t wall_ns, const struct gyl_in *in, const char *reason);

/* Who is asked about. */
struct gyl_dhcpd_whom {
	bool has_mac, has_ip, has_hash;
	uint8_t mac[6];
	uint32_t ip, hash;
	size_t octet_len; /* of a client identifier or circuit; 0: it is none */
	uint8_t octet[255];
};
bool gyl__dhcpd_explain_is(const struct gyl_dhcpd_decision *n, const struct gyl_dhcpd_whom *whom);

/* The last decisions about somebody, oldest first: at most cnt. Returns how many. */
size_t gyl__dhcpd_explain_find(const struct gyl_dhcpd_explain *x, const struct gyl_dhcpd_whom *whom,
	const struct gyl_dhcpd_decision **ret, size_t cnt);
/* How many decisions are remembered, of how many clients (about), since when. */
struct gyl_dhcpd_remembered {
	uint32_t decision_cnt, client_cnt;
	uint64_t since_ns; /* wall clock */
};
void gyl__dhcpd_explain_count(const struct gyl_dhcpd_explain *x, struct gyl_dhcpd_remembered *ret);
/* Classes have other numbers now. */
void gyl__dhcpd_explain_reload(struct gyl_dhcpd_explain *x);

#endif
