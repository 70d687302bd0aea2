/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_UPSTREAM_H
#define GYL_SERVICES_DNS_UPSTREAM_H

/*
 * The servers that are asked about names of others: who they are, how fast they answer, whether
 * they do. Pure.
 *
 * The one with the shortest smoothed round trip is asked first. The others grow a little faster
 * with each question that they do not get, so that they are tried now and then; one that did not
 * answer pays a penalty until it does. After some failures in a row, and no answer for a while, it
 * is probed with a question that every server can answer: it may be the names that nobody can. One
 * that does not answer the probe is dead: it gets no questions but a probe now and then.
 */

#include "services/base/metrics.h"
#include "services/dns/conf.h"

struct gyl_dns_upstream_stat {
	uint64_t ask_cnt, answer_cnt;
	uint64_t timeout_cnt; /* no answer in time */
	uint64_t fail_cnt;    /* SERVFAIL, REFUSED and their like */
	uint64_t tcp_cnt;     /* questions asked over TCP */
	uint64_t strange_cnt; /* datagrams that answer no question of ours */
	struct gyl_histogram rtt;
};

struct gyl_dns_upstream {
	uint32_t ip; /* 0: the place is free */
	uint16_t port;
	uint16_t tenure;   /* servers that had the place before: what they said is theirs */
	uint16_t fail_cnt; /* in a row */
	bool suspect, dead;
	uint64_t srtt_ns, rttvar_ns; /* 0: it has never answered */
	uint64_t penalty_ns;         /* for not answering */
	uint64_t fail_ns;            /* when the first failure in a row was */
	uint64_t probe_ns, probe_pause_ns;
	uint64_t no_edns_ns; /* it does not know EDNS: asked without until then */
	uint64_t no_case_ns; /* it does not keep the case of names: not judged by it until then */
	struct gyl_dns_upstream_stat stat;
};

struct gyl_dns_upstreams {
	struct gyl_dns_upstream one[GYL_DNS_UPSTREAM_MAX];
	uint64_t group[GYL_DNS_GROUP_MAX]; /* bit i: server i */
	uint32_t group_cnt;
};

/* What the configuration says; servers that stay keep their place and what is known of them. all:
 * false, when group 0 alone is another one yet. */
void gyl_dns_upstreams_set(struct gyl_dns_upstreams *u, const struct gyl_flat *flat,
	const struct gyl_dns_conf *cf, bool all);
static inline uint64_t gyl_dns_upstreams_group(const struct gyl_dns_upstreams *u, uint32_t group)
{
	return group < u->group_cnt ? u->group[group] : 0;
}

enum {
	GYL_DNS_UPSTREAM_NONE = 0xff /* no place: nobody has said anything */
};

/* Is the server that had the place then one of the group's? */
bool gyl_dns_upstreams_know(
	const struct gyl_dns_upstreams *u, uint32_t group, uint8_t place, uint16_t tenure);

/* The best of the servers in mask that live, -1: none. The others come nearer to their turn. */
int gyl_dns_upstreams_pick(struct gyl_dns_upstreams *u, uint64_t mask);

/* Does one of them live? */
bool gyl_dns_upstreams_any(const struct gyl_dns_upstreams *u, uint64_t mask);

/* How long an answer may take before somebody else is asked, too. */
uint64_t gyl_dns_upstream_wait_ns(const struct gyl_dns_upstream *up);

/* It has answered; rtt_ns 0: nobody knows how fast. True: it was dead. */
bool gyl_dns_upstream_answered(struct gyl_dns_upstream *up, uint64_t rtt_ns);
/* It has not, in time: a probe may be due. */
void gyl_dns_upstream_failed(struct gyl_dns_upstream *up, uint64_t now_ns);
/* Nor has it answered a probe. True: that was its death. */
bool gyl_dns_upstream_mute(struct gyl_dns_upstream *up, uint64_t now_ns);
/* It is dead, whatever it answers: it is ourselves. True: it was not yet. */
bool gyl_dns_upstream_kill(struct gyl_dns_upstream *up, uint64_t now_ns);

/* Somebody wants to know what only these do: those that are dead are probed soon, every other
 * second at most. */
void gyl_dns_upstreams_hurry(struct gyl_dns_upstreams *u, uint64_t mask, uint64_t now_ns);

/* The next probe of a suspect or dead one: server number, -1 when none is due; the one after comes
 * later. */
int gyl_dns_upstreams_probe(struct gyl_dns_upstreams *u, uint64_t now_ns);
uint64_t gyl_dns_upstreams_probe_ns(const struct gyl_dns_upstreams *u);

#endif
