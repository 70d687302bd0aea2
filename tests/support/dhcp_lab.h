/* SPDX-License-Identifier: ISC */
#ifndef GYL_TESTS_DHCP_LAB_H
#define GYL_TESTS_DHCP_LAB_H

/*
 * The rules of DHCP as tests that do not know what they talk to: a driver carries messages to the
 * core in memory, or as frames over a cable to a daemon.
 *
 * A rule is a function that asks and looks at answers. Whatever the rule is about, each answer is
 * held against all that holds for every answer (dhcp_always.c): table 3 and section 4.1 of RFC
 * 2131, the echoes, the order and the framing of options. The plan of the network is in
 * dhcp_plan.h.
 */

#include <setjmp.h>

#include <gyl/dhcp_opt.h>

#include "tests/support/dhcp_plan.h"

/* A message on the wire, either way. */
struct dhcp_frame {
	uint32_t src_ip, dst_ip;
	uint16_t src_port, dst_port;
	uint8_t src_mac[6], dst_mac[6];
	bool routed; /* from the server, in memory: the host finds the way by itself */
	uint8_t p[1500];
	size_t len;
	const char *fault; /* what is wrong with the frame itself; NULL: nothing */
};

struct dhcp_lab;

struct dhcp_lab_ops {
	/* A server that runs by the plan and a case that begins. */
	void (*begin)(void *arg, enum dhcp_plan_kind kind);
	void (*send)(void *arg, const struct dhcp_frame *f);
	/* The next answer with that xid. wanted: worth waiting for. */
	bool (*receive)(void *arg, uint32_t xid, bool wanted, struct dhcp_frame *ret_f);
	/* Only where time is virtual. */
	void (*pass)(void *arg, uint64_t ns);
	/* An answer that was held against dhcp_always(). May be NULL. */
	void (*looked)(void *arg, const struct dhcp_lab *t);
	void (*report)(void *arg, const char *rule, const char *what);
};

struct dhcp_lab {
	const struct dhcp_lab_ops *ops;
	void *arg;
	unsigned serial; /* of the case: clients of two cases never meet */
	uint32_t xid;
	const struct dhcp_ask *asked;
	struct dhcp_frame sent, got;
	struct gyl_dhcp_msg q, a; /* views into sent and got */
	jmp_buf out;
	char what[300];
};

/* What a message says. Zero is what a client on the link says in the simplest case. */
struct dhcp_ask {
	uint8_t type; /* 0: BOOTP */
	uint8_t who;  /* number of the client in this case */
	uint8_t op, htype, hops;
	bool no_hw; /* hlen 0 and no chaddr */
	bool no_cookie, unicast;
	bool nowhere; /* the source address is 0.0.0.0 */
	bool again;   /* with the xid of the message before */
	uint16_t flags, secs, max_size, port;
	uint32_t ciaddr, giaddr, want, server, lease;
	uint32_t from;            /* source address; 0: giaddr, or ciaddr */
	const uint8_t *mac;       /* instead of one by who */
	const char *id;           /* option 61, hexadecimal */
	const char *list;         /* option 55, hexadecimal */
	const char *name;         /* option 12, text */
	const char *relay;        /* value of option 82, hexadecimal */
	const char *more;         /* whole options, hexadecimal */
	const char *options;      /* the whole options field instead of all these, hexadecimal */
	const char *file, *sname; /* these fields, hexadecimal */
	size_t cut;               /* octets of it that are sent; 0: all */
	size_t bend_at;           /* this octet gets another value */
	uint8_t bend_to;
};

struct dhcp_case {
	const char *name;    /* after the RFC and its section */
	const char *section; /* the same for people */
	const char *rule;
	void (*run)(struct dhcp_lab *t);
	enum dhcp_plan_kind kind;
	bool virtual_time; /* for the driver in memory alone */
};

#define DHCP_RULE(fn, where, what)                                     \
	{                                                              \
		.name = #fn, .section = where, .rule = what, .run = fn \
	}
#define DHCP_RULE_QUIET(fn, where, what)                                                        \
	{                                                                                       \
		.name = #fn, .section = where, .rule = what, .run = fn, .kind = DHCP_PLAN_QUIET \
	}
#define DHCP_RULE_TIME(fn, where, what)                                                      \
	{                                                                                    \
		.name = #fn, .section = where, .rule = what, .run = fn, .virtual_time = true \
	}

/* All rules, a theme each. */
struct dhcp_theme {
	const char *name;
	const struct dhcp_case *rule;
	unsigned cnt;
};
extern const struct dhcp_theme *const dhcp_themes[];
extern const unsigned dhcp_theme_cnt;

/* Runs the rules of a theme that are for servers of that kind; how many failed. serial: of the
 * first, the next of one that was never used is put there. */
unsigned dhcp_lab_run(struct dhcp_lab *t, const struct dhcp_theme *theme, enum dhcp_plan_kind kind,
	bool has_time, unsigned *ret_done);

/* ---- what rules are made of ---- */

/* The message is answered, or it is not; ends the rule when that is otherwise. */
void dhcp_answered(struct dhcp_lab *t, struct dhcp_ask q);
void dhcp_silent(struct dhcp_lab *t, struct dhcp_ask q);
/* Whether it is answered. */
bool dhcp_asked(struct dhcp_lab *t, struct dhcp_ask q);
/* A REQUEST is answered with that type; 0: not at all. */
void dhcp_request(struct dhcp_lab *t, struct dhcp_ask q, uint8_t type);
/* The address that is offered to it. */
uint32_t dhcp_offered(struct dhcp_lab *t, struct dhcp_ask q);
/* DISCOVER to ACK; the address. */
uint32_t dhcp_lease(struct dhcp_lab *t, struct dhcp_ask q);
void dhcp_pass(struct dhcp_lab *t, unsigned s);

void dhcp_fail(struct dhcp_lab *t, const char *format, ...)
	__attribute__((noreturn, format(printf, 2, 3)));
void dhcp_eq(struct dhcp_lab *t, uint64_t is, uint64_t wanted, const char *text);

#define DHCP_EQ(t, is, wanted) dhcp_eq(t, (uint64_t)(is), (uint64_t)(wanted), #is)
#define DHCP_TRUE(t, c)                   \
	do {                              \
		if (!(c))                 \
			dhcp_fail(t, #c); \
	} while (0)

/* Of the last answer. An option of four octets, 0 when it is not there. */
uint32_t dhcp_opt_u32(const struct dhcp_lab *t, uint8_t code);
bool dhcp_has(const struct dhcp_lab *t, uint8_t code);
/* The value of an option, pieces joined, is this in hexadecimal. */
void dhcp_opt_is(struct dhcp_lab *t, uint8_t code, const char *hex);
void dhcp_opt_is_text(struct dhcp_lab *t, uint8_t code, const char *text);
/* Codes of the answer's options in order, those that every answer has left out. */
void dhcp_codes_are(struct dhcp_lab *t, const char *codes);

/* dhcp_always.c: what holds for every answer. */
void dhcp_always(struct dhcp_lab *t);

#endif
