/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_FORWARD_H
#define GYL_SERVICES_DNS_FORWARD_H

/*
 * The forwarder: questions about names of others, on their way to servers that know them. Pure.
 *
 *   ask      a question that waits: a name, a type, a variant; once, however many want to know it
 *   attempt  one asking of one server: an id, a spelling of the name, a flow
 *   flow     a socket of our own, whose port the host has drawn; attempts share one only when there
 *            are no others left, but for streams, which carry many questions
 *   waiter   a query of a client as it came. When its ask is through it is answered as if it came
 *            then: what the upstream said is in the cache by that time.
 *   source   an address that has waiters: none gets more places than it leaves free
 *
 * All of them are arrays made at the start: GYL_DNS_PENDING_MAX bounds asks, waiters and sources,
 * GYL__DNS_FLOW_MAX the sockets.
 */

#include <gyl/rng.h>

#include "services/dns/cache.h"
#include "services/dns/core.h"
#include "services/dns/upstream.h"

#define GYL__DNS_NONE     UINT32_MAX
/* Before the same server is asked again at least. */
#define GYL__DNS_AGAIN_NS (400 * UINT64_C(1000000))

enum {
	GYL__DNS_FLOW_MAX = 256,
	GYL__DNS_FLOW_GENERATION = 4095, /* numbers of flows end below 0x100000 */
	GYL__DNS_ATTEMPT_MAX = 4,        /* servers asked about one question */
	GYL__DNS_SEND_MAX = 8,           /* datagrams about one question, over all of them */
	GYL__DNS_VARIANT_PROBE = 0x80,   /* of asks that are probes: and the server's number */
	GYL__DNS_WAITER_LEN = 512,       /* octets of a query; of a longer one the options go */
	GYL__DNS_STREAM_MAX = 64,        /* questions on one connection at a time */
};

enum gyl__dns_attempt_state {
	GYL__DNS_ATTEMPT_FREE,
	GYL__DNS_ATTEMPT_OPENING, /* goes out as soon as the flow is open */
	GYL__DNS_ATTEMPT_SENT,
	GYL__DNS_ATTEMPT_ANSWERED /* it ends now */
};

struct gyl__dns_attempt {
	uint64_t sent_ns; /* the first time */
	uint32_t next;    /* of those on the flow: ask * ATTEMPT_MAX + attempt */
	uint16_t flow;    /* index */
	uint16_t id;
	uint16_t tenure; /* of the server in its place */
	uint8_t state;   /* enum gyl__dns_attempt_state */
	uint8_t upstream;
	bool edns, again; /* again: sent more than once, its time tells nothing */
	uint8_t upper[GYL_DNS_NAME_MAX / 8 + 1]; /* bit i: octet i of the name, if a letter */
};

enum gyl__dns_ask_state {
	GYL__DNS_ASK_FREE,
	GYL__DNS_ASK_OPEN,
	GYL__DNS_ASK_DONE /* its waiters are being answered */
};

struct gyl__dns_ask {
	uint32_t chain; /* in the bucket, or of the free ones */
	uint32_t heap_at;
	uint32_t hash;
	uint32_t waiter; /* the first; those that come later stand in front */
	uint64_t at_ns;  /* what the heap goes by */
	uint64_t begun_ns;
	uint64_t next_ns; /* when somebody else is asked, or the same one again */
	uint64_t asked;   /* bit i: server i was asked */
	uint32_t epoch;   /* of the forwarder when it was begun */
	uint16_t qtype;
	uint16_t group;
	uint16_t ede;  /* of a failure: RFC 8914 code + 1 */
	uint8_t state; /* enum gyl__dns_ask_state */
	uint8_t turn;  /* of the waiters: enum gyl_dns_turn */
	uint8_t variant, name_len;
	uint8_t send_cnt;
	uint8_t last; /* the attempt that was sent last */
	bool late;    /* waiters were given what is stale */
	bool refused; /* a server said that it cannot */
	bool probe;   /* of a dead server: nobody waits */
	struct gyl__dns_attempt attempt[GYL__DNS_ATTEMPT_MAX];
	uint8_t name[GYL_DNS_NAME_MAX]; /* folded */
};

enum gyl__dns_flow_state {
	GYL__DNS_FLOW_FREE,
	GYL__DNS_FLOW_OPENING,
	GYL__DNS_FLOW_OPEN,
	GYL__DNS_FLOW_CLOSING /* until the host says that it is */
};

struct gyl__dns_upflow {
	uint32_t number;  /* what the host calls it */
	uint32_t attempt; /* the first */
	uint16_t generation;
	uint8_t state; /* enum gyl__dns_flow_state */
	uint8_t upstream;
	uint8_t strange_cnt; /* messages that answer nothing */
	bool tcp;
	bool served; /* a stream: something was answered on it */
	bool tired;  /* it gets no more questions */
	uint16_t tenure;
	uint16_t cnt;     /* attempts on it */
	uint64_t idle_ns; /* a stream without questions: closed then; 0: it has some */
};

struct gyl__dns_waiter {
	uint32_t next; /* of the ask, or of the free ones */
	uint32_t source;
	uint32_t flow; /* stream; 0: a datagram */
	struct gyl_peer peer;
	uint16_t len;
	uint8_t port;
	uint8_t hop_cnt; /* asks that it has waited for: a chain may need several */
	uint8_t msg[GYL__DNS_WAITER_LEN];
};

struct gyl__dns_source {
	uint32_t ip;
	uint32_t cnt;   /* waiters */
	uint32_t chain; /* in the bucket, or of the free ones */
};

/* Places of an array: taken from the front, so that what is never used is never touched. Those
 * given back hang together by a link in them. */
struct gyl__dns_pool {
	uint8_t *base;
	uint32_t size, link_off; /* octets of a place; where its link is */
	uint32_t cap, fresh, free, used;
};

struct gyl__dns_forward {
	struct gyl_rng *rng; /* NULL: nobody is asked */
	struct gyl_dns_cache cache;
	struct gyl_dns_upstreams up;
	const struct gyl_conf_prefix *client; /* who may ask, borrowed from the block */
	uint32_t client_cnt;
	uint64_t min_ttl_ns, max_ttl_ns;
	bool ready; /* the cache is initialized */
	uint64_t cache_len;
	void *cache_mem;
	uint64_t key[2];

	struct gyl__dns_ask *ask;
	struct gyl__dns_waiter *waiter;
	struct gyl__dns_source *source;
	uint32_t *ask_bucket, *source_bucket, *heap;
	struct gyl__dns_pool asks, waiters, sources;
	uint32_t bucket_mask; /* of both */
	uint32_t heap_cnt;
	struct gyl__dns_upflow flow[GYL__DNS_FLOW_MAX];
	uint64_t idle_ns; /* of the streams, the first; 0: none is idle */
	uint32_t epoch;   /* configurations and images so far */
	uint8_t hop_cnt;  /* of the query that is to wait next */
	struct gyl_dns_forward_stat stat;
	uint8_t msg[GYL_DNS_MSG_MAX]; /* an answer made ready for the cache */
	uint8_t rdata[UINT16_MAX];    /* of one record of it */
};

/* Attempts by number, their asks, flows by what the host calls them (NULL: there is none). */
static inline struct gyl__dns_ask *gyl__dns_attempt_owner(
	const struct gyl__dns_forward *fw, uint32_t number)
{
	return &fw->ask[number / GYL__DNS_ATTEMPT_MAX];
}

static inline struct gyl__dns_attempt *gyl__dns_attempt_at(
	const struct gyl__dns_forward *fw, uint32_t number)
{
	return &gyl__dns_attempt_owner(fw, number)->attempt[number % GYL__DNS_ATTEMPT_MAX];
}

static inline struct gyl__dns_upflow *gyl__dns_upflow_find(
	struct gyl__dns_forward *fw, uint32_t number)
{
	struct gyl__dns_upflow *f = &fw->flow[(number - 1) % GYL__DNS_FLOW_MAX];

	return f->state != GYL__DNS_FLOW_FREE && f->number == number ? f : NULL;
}

/* forward.c */
size_t gyl__dns_forward_need(const struct gyl_dns_conf *cf);
void gyl__dns_forward_init(struct gyl_dns *d, void *mem, const struct gyl_dns_init *init);
void gyl__dns_forward_conf(
	struct gyl_dns *d, const struct gyl_flat *flat, const struct gyl_dns_conf *cf);
/* A new image has come: names may be others' business now. */
void gyl__dns_forward_data(struct gyl_dns *d);
/* Who may have names of others; may that address? */
void gyl__dns_forward_clients(
	struct gyl_dns *d, const struct gyl_flat *flat, const struct gyl_dns_conf *cf);
bool gyl__dns_forward_allows(const struct gyl_dns *d, uint32_t ip);
/*
 * A query cannot be answered from here (v->forward): it waits, or is answered that it cannot. What
 * GYL__DNS_FORWARD_COST says has to be free. in: a datagram, or data is the message of a stream.
 * False: it will not be answered, it is ours or the same as one that waits.
 */
bool gyl__dns_forward(struct gyl_dns *d, struct gyl_now now, const struct gyl_in *in,
	const struct gyl_dns_verdict *v, struct gyl_out *o);
/* It was answered, and is worth asking for anew. */
void gyl__dns_forward_refresh(
	struct gyl_dns *d, struct gyl_now now, const struct gyl_dns_verdict *v, struct gyl_out *o);
void gyl__dns_forward_tick(struct gyl_dns *d, struct gyl_now now, struct gyl_out *o);
uint64_t gyl__dns_forward_at_ns(const struct gyl_dns *d);

#define GYL__DNS_FORWARD_COST                               \
	{                                                   \
		.send_cnt = 4, .op_cnt = 12, .event_cnt = 3 \
	}

/* forward_ask.c: "dns.cache" and its like, over the control socket. */
void gyl__dns_forward_ask(struct gyl_dns *d, struct gyl_now now, struct gyl_question *q);

/* forward_in.c: an input of a flow of the forwarder. False: offer it again. */
bool gyl__dns_forward_input(
	struct gyl_dns *d, struct gyl_now now, struct gyl_in *in, struct gyl_out *o);

/* forward_flow.c. Ask a server: a flow is found or opened. False: there is none. */
bool gyl__dns_attempt_begin(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a,
	unsigned upstream, bool tcp, struct gyl_out *o);
/* Its flow is open. */
void gyl__dns_attempt_send(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_upflow *f,
	struct gyl__dns_ask *a, struct gyl__dns_attempt *t, struct gyl_out *o);
/* The same once more, when its flow is open. */
void gyl__dns_attempt_again(
	struct gyl_dns *d, struct gyl__dns_ask *a, unsigned i, struct gyl_out *o);
void gyl__dns_attempt_end(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a, unsigned i,
	struct gyl_out *o);
void gyl__dns_upflow_close(struct gyl__dns_upflow *f, struct gyl_out *o);

/* forward_stream.c: connections to servers. One that can take another question, NULL. */
struct gyl__dns_upflow *gyl__dns_stream_find(struct gyl__dns_forward *fw, unsigned upstream);
/* Its last question is through: it rests for a while, or goes. */
void gyl__dns_stream_rest(struct gyl__dns_forward *fw, struct gyl_now now,
	struct gyl__dns_upflow *f, struct gyl_out *o);
/* Those that have rested long enough. */
void gyl__dns_streams_tick(struct gyl_dns *d, struct gyl_now now, struct gyl_out *o);
/* The next whole message of a stream; false: there is none yet. in->used moves behind it. */
bool gyl__dns_stream_next(struct gyl_in *in, struct gyl_view *ret_msg);

/* forward_step.c. Was it begun under another configuration? Then nobody else is asked, and its
 * waiters are answered as if they came now. */
static inline bool gyl__dns_ask_is_outdated(
	const struct gyl__dns_forward *fw, const struct gyl__dns_ask *a)
{
	return a->epoch != fw->epoch;
}
/* The open ask for what v wants (hash: of that), or NULL; a new one, for which
 * there MUST be a place. */
uint32_t gyl__dns_ask_hash(const struct gyl__dns_forward *fw, const struct gyl_dns_verdict *v);
struct gyl__dns_ask *gyl__dns_ask_find(
	const struct gyl__dns_forward *fw, const struct gyl_dns_verdict *v, uint32_t hash);
struct gyl__dns_ask *gyl__dns_ask_add(
	struct gyl_dns *d, struct gyl_now now, const struct gyl_dns_verdict *v, uint32_t hash);
/* Ask the next server, or (again) one of them once more. */
void gyl__dns_ask_go_on(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a, bool again,
	struct gyl_out *o);
/* Its time has come. */
void gyl__dns_ask_wake(
	struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a, struct gyl_out *o);
/* Its waiters are answered in that turn; it may be gone afterwards. */
void gyl__dns_ask_finish(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a,
	enum gyl_dns_turn turn, struct gyl_out *o);
/* What became of an attempt, which has ended. */
enum gyl__dns_outcome {
	GYL__DNS_GOOD,   /* an answer: it is in the cache */
	GYL__DNS_FAILED, /* the server says that it cannot */
	GYL__DNS_GONE    /* the server cannot be reached */
};
void gyl__dns_ask_outcome(struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a,
	enum gyl__dns_outcome outcome, struct gyl_out *o);
/* Nobody else is asked before that. */
void gyl__dns_ask_wait(struct gyl_dns *d, struct gyl__dns_ask *a, uint64_t until_ns);
void gyl__dns_say_upstream(struct gyl_dns *d, unsigned upstream, const char *state,
	uint8_t severity, struct gyl_out *o);

/* forward_query.c: the octets of a question, as an attempt spells it. */
size_t gyl__dns_query_put(const struct gyl_dns *d, const struct gyl__dns_ask *a,
	const struct gyl__dns_attempt *t, uint8_t *p);

/* Is the message that question, spelled like that? */
bool gyl__dns_query_is(
	const struct gyl__dns_ask *a, const struct gyl__dns_attempt *t, struct gyl_view msg);

/* What a message is to an attempt (RFC 5452 9.1). */
enum gyl__dns_reply {
	GYL__DNS_REPLY_STRANGE, /* it answers something else */
	GYL__DNS_REPLY_CASE,    /* all is right but the case of the name */
	GYL__DNS_REPLY_CUT,     /* TC: ask over TCP */
	GYL__DNS_REPLY_NO_EDNS, /* the server does not understand EDNS */
	GYL__DNS_REPLY_REFUSED, /* SERVFAIL, REFUSED and so on */
	GYL__DNS_REPLY_ANSWER
};
enum gyl__dns_reply gyl__dns_reply_judge(const struct gyl__dns_ask *a,
	const struct gyl__dns_attempt *t, struct gyl_view msg, bool tcp, struct gyl_dns_msg *ret_m);
/* The same of one whose question is right. */
enum gyl__dns_reply gyl__dns_reply_kind(
	const struct gyl__dns_attempt *t, const struct gyl_dns_msg *m, bool tcp);

/* forward_take.c: an answer to an attempt into the cache, without what was not asked for. False: it
 * answers nothing. */
bool gyl__dns_take(struct gyl_dns *d, struct gyl_now now, const struct gyl__dns_ask *a,
	const struct gyl__dns_attempt *by, const struct gyl_dns_msg *m);
/* That there was none. ede: RFC 8914 code + 1. */
void gyl__dns_take_failure(struct gyl_dns *d, struct gyl_now now, const struct gyl__dns_ask *a,
	uint16_t ede, bool answered);

/* forward_wait.c */
enum gyl__dns_joined {
	GYL__DNS_JOINED,
	GYL__DNS_JOINED_AGAIN, /* the same query of the same client waits already */
	GYL__DNS_NO_PLACE
};
void gyl__dns_wait_init(struct gyl__dns_forward *fw);
/* May an address have one more waiter, and (fresh) one more ask? */
bool gyl__dns_share(const struct gyl__dns_forward *fw, uint32_t ip, bool fresh);
enum gyl__dns_joined gyl__dns_join(
	struct gyl_dns *d, struct gyl__dns_ask *a, const struct gyl_in *in);
/* Answers waiters while there is room. True: none is left that can be answered in this turn. */
bool gyl__dns_answer_waiters(
	struct gyl_dns *d, struct gyl_now now, struct gyl__dns_ask *a, struct gyl_out *o);
/* Answers a query at once, in a turn that from tells (ip, tcp and recursion are filled in). False:
 * no room, or v->forward: no answer yet. */
bool gyl__dns_answer_now(struct gyl_dns *d, struct gyl_now now, const struct gyl_in *in,
	struct gyl_dns_from from, struct gyl_dns_verdict *v, struct gyl_out *o);

/* A place, GYL__DNS_NONE when all are taken; and back. */
uint32_t gyl__dns_pool_take(struct gyl__dns_pool *p);
void gyl__dns_pool_give(struct gyl__dns_pool *p, uint32_t i);

#endif
