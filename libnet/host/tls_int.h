/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_HOST_TLS_INT_H
#define GYL_LIBNET_HOST_TLS_INT_H

/*
 * The inside of tls.h:
 *
 *	tls.c		the face: what goes to the host below and what comes here; time
 *	tls_conn.c	the table of connections: opened, in their handshake, ended
 *	tls_in.c	from the host below: records, ends; what the core is owed
 *	tls_out.c	from the core: octets, close; the memory that OpenSSL reads and writes
 *	tls_ctx.c	configurations: PEM into what OpenSSL uses
 *	tls_peer.c	is the other side who it should be, and what is its name
 *	tls_why.c	what went wrong, in words
 */

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/queue.h>

#include "libnet/host/tls.h"

enum {
	GYL__TLS_BATCH = 64,
	GYL__TLS_PLAIN_LEN = 262144, /* what one batch decrypts at most, about */
	GYL__TLS_OUT_CAP = 65536,    /* of what OpenSSL says in one call: the longest flight */
	GYL__TLS_RECORD_LEN = 16384, /* RFC 8446 5.1 */
	GYL__TLS_RECORD_MORE = 256,  /* what a record adds to its octets, and some */
	GYL__TLS_NAME_LEN = 96,
	GYL__TLS_WHY_LEN = 160,
	GYL__TLS_FINGER_LEN = 32
};

struct gyl__tls_finger {
	uint8_t p[GYL__TLS_FINGER_LEN]; /* SHA-256 */
};

struct gyl_tls_ctx {
	SSL_CTX *ssl;
	unsigned ref_cnt;
	bool server, has_ca;
	int64_t until_s;
	struct gyl__tls_finger *finger;
	size_t finger_cnt;
	char **name;
	size_t name_cnt;
};

enum gyl__tls_state {
	GYL__TLS_FREE,
	GYL__TLS_CONNECTING, /* TCP is not there yet */
	GYL__TLS_SHAKING,
	GYL__TLS_OPEN,
	GYL__TLS_CLOSING, /* by the core: sends what is left, then close_notify */
	GYL__TLS_ENDING,  /* the host below has been told to close or reset it */
	GYL__TLS_GONE     /* it has, and the core is not told yet */
};

/* Inputs that are owed to the core, in the order in which they are given. */
enum gyl__tls_due {
	GYL__TLS_DUE_OPENED = 1,
	GYL__TLS_DUE_BYTES = 2,
	GYL__TLS_DUE_EOF = 4,
	GYL__TLS_DUE_CLOSED = 8
};

TAILQ_HEAD(gyl__tls_conns, gyl__tls_conn);

struct gyl__tls_conn {
	TAILQ_ENTRY(gyl__tls_conn) link; /* of its port's queue, the free or the told ones */
	TAILQ_ENTRY(gyl__tls_conn) side; /* of those that have a time: shaking or closing */
	TAILQ_ENTRY(gyl__tls_conn) todo; /* of those that have something for the host below */
	struct gyl_tls *t;
	struct gyl_tls_ctx *ctx;
	SSL *ssl;
	uint32_t flow;
	uint16_t next; /* hash chain: index + 1 */
	uint16_t index;
	uint8_t port, role, state; /* enum gyl__tls_state */
	uint8_t due;               /* bits of enum gyl__tls_due */
	bool server, queued, timed, working;
	bool greeted;    /* its first octet has been looked at */
	bool ended, cut; /* the peer sends no more; without close_notify */
	bool opened;     /* the core has been told, or is owed, that it is there */
	bool forgotten;  /* the core closed it: only its end is still told */
	bool half;       /* counted as a handshake */
	bool reset;      /* end it at once */
	bool more;       /* OpenSSL has octets for which there was no room */
	uint64_t until_ns;
	struct gyl_peer peer;
	uint32_t told_room; /* what the core knows of, less what it has sent since */
	uint32_t stash_len, out_off, out_len, peak_len;
	uint8_t *stash, *out;
	const char *why;
	char name[GYL__TLS_NAME_LEN], why_text[GYL__TLS_WHY_LEN];
};

struct gyl__tls_port {
	bool tls, held;
	bool below_held; /* the host below knows that the core takes nothing */
	uint8_t role;
	struct gyl_tls_ctx *ctx;
	struct gyl__tls_conns queue; /* with something for the core */
};

/* What the last recv was, so that unread can undo it. */
enum gyl__tls_batch {
	GYL__TLS_BATCH_NONE,
	GYL__TLS_BATCH_PASSED,  /* straight from the host below, nothing is known of it here */
	GYL__TLS_BATCH_FOREIGN, /* a copy of the first of t->below */
	GYL__TLS_BATCH_OURS
};

struct gyl_tls {
	struct gyl_host_ops ops; /* ours, without what the host below lacks */
	struct gyl_host below;
	uint64_t ready; /* ports with something in their queue */
	struct gyl_now now;
	struct gyl_tls_stat stat;
	struct gyl__tls_port port[GYL_PORT_OPENED + 1];
	struct gyl_tls_ctx *client[GYL_TLS_CLIENT_MAX];
	struct gyl__tls_conn *conn;
	uint16_t by_flow[GYL_TLS_CONN_MAX]; /* index + 1 */
	struct gyl__tls_conns unused, told, shaking, closing, todo;
	unsigned opened_cnt; /* of GYL_PORT_OPENED */
	uint8_t *mem;
	size_t mem_len;
	/* the last batch of the host below */
	struct gyl_in in[GYL__TLS_BATCH];
	size_t in_cnt, in_done;
	int in_port;
	uint8_t batch;  /* enum gyl__tls_batch */
	uint8_t *plain; /* GYL__TLS_PLAIN_LEN + GYL_TLS_STASH_LEN: shared by all */
	size_t plain_len;
	uint64_t shake_ns; /* spent on handshakes in this turn */
	BIO_METHOD *bio;
	struct gyl_view feed; /* what OpenSSL reads next */
	uint8_t *said;        /* what it has written */
	size_t said_len;
	bool said_much; /* more than there is room for */
};

/* tls_conn.c */
bool gyl__tls_conns_open(struct gyl_tls *t);
void gyl__tls_conns_close(struct gyl_tls *t);
struct gyl__tls_conn *gyl__tls_find(struct gyl_tls *t, uint32_t flow);
/* A connection of a listener, or of a client when ctx is given. NULL: there is no place. */
struct gyl__tls_conn *gyl__tls_accept(struct gyl_tls *t, const struct gyl_in *in);
struct gyl__tls_conn *gyl__tls_client(
	struct gyl_tls *t, uint32_t flow, struct gyl_tls_ctx *ctx, const struct gyl_peer *to);
/* Give its place back, at once. */
void gyl__tls_free(struct gyl__tls_conn *c);
/* Those whose end the core has been told. */
void gyl__tls_sweep(struct gyl_tls *t);
/* Something is due. */
void gyl__tls_queue(struct gyl__tls_conn *c);
/* Something is to be done with the host below, when its slots are not on loan. */
void gyl__tls_work(struct gyl__tls_conn *c);
/* The handshake begins: TCP is there. */
void gyl__tls_begin(struct gyl__tls_conn *c);
/* The handshake is over, one way or the other. */
void gyl__tls_shaken(struct gyl__tls_conn *c);
void gyl__tls_time(struct gyl__tls_conn *c, struct gyl__tls_conns *list, uint64_t until_ns);
void gyl__tls_no_time(struct gyl__tls_conn *c);
/* It cannot go on. at_once: reset; else what was said is delivered. */
void gyl__tls_fail(struct gyl__tls_conn *c, const char *why, bool at_once);
/* When the first connection has had its time; end those that have. */
uint64_t gyl__tls_deadline_ns(const struct gyl_tls *t);
void gyl__tls_expire(struct gyl_tls *t);

/* tls_in.c */
/* An input of the host below. False: no room for what it would bring, in->used says how far it
 * was. */
bool gyl__tls_take(struct gyl_tls *t, struct gyl_in *in, struct gyl__tls_conn **ret_conn,
	struct gyl_view *ret_data);
/* At most two inputs. data: octets that were decrypted now. */
size_t gyl__tls_give(struct gyl__tls_conn *c, struct gyl_view data, struct gyl_in *in);
/* What the core left of one of them. */
void gyl__tls_left(struct gyl__tls_conn *c, const struct gyl_in *in, bool taken);

/* tls_out.c */
BIO_METHOD *gyl__tls_bio(void);
/* Octets that the core may send now. */
uint32_t gyl__tls_room(const struct gyl__tls_conn *c);
/* Keep len octets for it; false: it had no room. */
bool gyl__tls_put(struct gyl__tls_conn *c, const uint8_t *p, size_t len);
/* Encrypt and send what the host below takes now, and end what is to be ended. */
void gyl__tls_push(struct gyl__tls_conn *c);
/* Send what OpenSSL has said. */
void gyl__tls_say(struct gyl__tls_conn *c);
void gyl__tls_close(struct gyl__tls_conn *c);
void gyl__tls_reset(struct gyl__tls_conn *c);

/* tls_peer.c */
/* The other side's certificate chain is judged: for OpenSSL. arg: the struct gyl_tls_ctx. */
int gyl__tls_judge(X509_STORE_CTX *store, void *arg);
/* Its name, "" when it showed no certificate. */
void gyl__tls_name(SSL *ssl, char ret_name[GYL__TLS_NAME_LEN]);
/* "sha256:..." False: it is none. */
bool gyl__tls_finger_parse(struct gyl_view text, struct gyl__tls_finger *ret_finger);

/* tls_why.c */
/* Why the last call of OpenSSL for this connection failed. */
const char *gyl__tls_why(struct gyl__tls_conn *c);

#endif
