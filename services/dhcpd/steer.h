/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DHCPD_STEER_H
#define GYL_SERVICES_DHCPD_STEER_H

/*
 * What may be asked of the server and changed while it runs: the verbs "dhcp." of the control
 * socket (docs/CONTROL.md). Every one works in bounded slices. Pure.
 */

#include "services/base/question.h"
#include "services/dhcpd/state.h"

/* Answer; o has room for what a slice may cause, see gyl__dhcpd_steer_cost. */
void gyl__dhcpd_steer(
	struct gyl_dhcpd *d, struct gyl_now now, struct gyl_question *q, struct gyl_out *o);
extern const struct gyl_cost gyl__dhcpd_steer_cost;

enum {
	GYL_DHCPD_LINE_MAX = 6000, /* octets of one line of an answer at most */
	GYL_DHCPD_LOOK_MAX = 4096, /* slots that a slice looks at */
	GYL_DHCPD_WIPE_MAX = 16    /* leases that a slice changes */
};

/* A verb while it is worked on. */
struct gyl_dhcpd_ask {
	struct gyl_now now;
	struct gyl_question *q;
	struct gyl_out *o;
};

void gyl__dhcpd_steer_leases(struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a);
void gyl__dhcpd_steer_pools(struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a);
void gyl__dhcpd_steer_explain(struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a);
void gyl__dhcpd_steer_wipe(struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a);
void gyl__dhcpd_steer_reserve(struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a);
void gyl__dhcpd_steer_unreserve(struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a);
void gyl__dhcpd_steer_reservations(struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a);
void gyl__dhcpd_steer_drain(struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a);
void gyl__dhcpd_steer_standby(struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a);
void gyl__dhcpd_steer_takeover(struct gyl_dhcpd *d, struct gyl_dhcpd_ask *a);

/* Is there room for another line? If not, the rest is for the next slice. */
bool gyl__dhcpd_steer_room(const struct gyl_dhcpd_ask *a);

/*
 * Who is meant by an argument: a MAC, an IP, or a client identifier in hexadecimal digits, with or
 * without colons. False, refused with a sentence: none of them.
 */
bool gyl__dhcpd_steer_whom(const struct gyl_dhcpd *d, struct gyl_question *q, struct gyl_view text,
	struct gyl_dhcpd_whom *ret);

/* Is the lease, or the address, theirs? */
bool gyl__dhcpd_steer_is(const struct gyl_dhcpd_lease *l, const struct gyl_dhcpd_whom *whom);

/* One line of the answer: what was done, as a sentence. */
void gyl__dhcpd_steer_done(struct gyl_dhcpd_ask *a, const char *what, struct gyl_view sentence);

/* The client's MAC is a lease's: is that lease his? */
bool gyl__dhcpd_steer_is_mac(const struct gyl_dhcpd_lease *l, const uint8_t mac[6]);

/* Say who changed something; it is told when what was stored is durable. */
void gyl__dhcpd_steer_say(struct gyl_dhcpd_ask *a, struct gyl_view what);

/* The subnet that is meant by "10.77.0.0/24" or any address of it; NULL, refused: none. */
struct gyl_dhcpd_subnet *gyl__dhcpd_steer_subnet(
	const struct gyl_dhcpd *d, struct gyl_question *q, struct gyl_view text);

/* "leased", "expired"; NULL: nothing is known of the address. */
const char *gyl__dhcpd_steer_state(const struct gyl_dhcpd_lease *l);

/* "47m27s" of what lies between; "never" for no end. */
void gyl__dhcpd_steer_span(struct gyl_writer *w, uint64_t from_ns, uint64_t to_ns);

/* ---- explain_say.c ---- */

void gyl__dhcpd_explain_print(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_decision *n, struct gyl_writer *w);
/* One line of JSON. */
void gyl__dhcpd_explain_json(
	const struct gyl_dhcpd *d, const struct gyl_dhcpd_decision *n, struct gyl_writer *w);

#endif
