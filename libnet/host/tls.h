/* SPDX-License-Identifier: ISC */
#ifndef GYL_LIBNET_HOST_TLS_H
#define GYL_LIBNET_HOST_TLS_H

/*
 * TLS 1.3 and 1.2 in front of the streams of any host (OpenSSL over memory, it sees no descriptor).
 *
 * gyl_tls_open() stands before a host and is one itself: listeners of GYL_BIND_TLS and flows of
 * GYL_FLOW_OPEN_TLS are TCP below and plain octets above, with the inputs, the room, the
 * back-pressure and the ends that host.h says for TCP; everything else passes through. A core that
 * takes nothing closes the window: what is not decrypted stays with the host below.
 *
 * - GYL_IN_OPENED comes when the handshake is done; its `key` is the name of the certificate that
 *   the other side showed, when it was asked for one.
 * - The end of the peer's side is its close_notify. A FIN without one is an end, too, with seq = 1:
 *   anybody on the way can send that.
 * - A connection that fails is GYL_IN_CLOSED with a few words on why as `data`; of an accepted one
 *   that never was opened that is all the core hears, and nothing of one that closed itself without
 *   a word.
 * - A connection that begins with something else than TLS is reset at once.
 *
 * Bounds: GYL_TLS_CONN_MAX connections, of those GYL_TLS_HALF_MAX accepted ones in their handshake,
 * of one address GYL_TLS_HALF_SHARE; the oldest makes room. A handshake has GYL_TLS_HALF_NS. For
 * each connection GYL_TLS_STASH_LEN octets of input and GYL_TLS_OUT_LEN of output are kept as plain
 * text, and OpenSSL takes up to GYL_TLS_LIB_LEN. Handshakes get at most TURN_NS of a turn of the
 * loop, or one of them, if that takes longer (RSA).
 *
 * No renegotiation, no compression, no early data. Sessions are resumed by tickets, which end with
 * the context that made them.
 */

#include "libnet/host/host.h"

enum {
	GYL_TLS_CONN_MAX = 1024,
	GYL_TLS_HALF_MAX = 128,
	GYL_TLS_HALF_SHARE = 32,
	GYL_TLS_CLIENT_MAX = 64,   /* ways to speak it as a client */
	GYL_TLS_STASH_LEN = 90112, /* what any host keeps, and a record that was begun */
	GYL_TLS_OUT_LEN = 69632,
	GYL_TLS_LIB_LEN = 131072, /* certificates of the other side included */
	GYL_TLS_PEM_MAX = 262144, /* of a file with certificates or a key */
	GYL_TLS_PEER_MAX = 256    /* names and fingerprints in a list */
};

#define GYL_TLS_HALF_NS UINT64_C(10000000000)

/* What of a configuration is meant. */
enum gyl_tls_part {
	GYL_TLS_CERT,
	GYL_TLS_KEY,
	GYL_TLS_CA,
	GYL_TLS_PEER
};

/*
 * All but `peer` is PEM text, borrowed for the call.
 *
 * Server: cert and key are needed. With ca or peer a client has to show a certificate.
 * Client: ca or a fingerprint in peer is needed; cert and key are shown when the server asks.
 *
 * A certificate is accepted when its fingerprint is in peer, or when ca vouches for it and one of
 * the names in peer is one of its names (RFC 5425 5.2; ".example.com" means all below that name).
 * Without any name in peer a server takes every certificate that ca vouches for, and a client wants
 * the address that it connected to.
 */
struct gyl_tls_conf {
	struct gyl_view cert; /* ours first, then those between it and a CA */
	struct gyl_view key;  /* without a passphrase */
	struct gyl_view ca;
	const struct gyl_view *peer; /* names, addresses, "sha256:AB:CD:..." */
	size_t peer_cnt;
};

struct gyl_tls_fault {
	enum gyl_tls_part part; /* where it is */
	char text[160];
};

/* A configuration in the form that connections use. NULL with the first fault. Cost: about a
 * millisecond, so a start or a reload, never a packet. */
struct gyl_tls_ctx;
struct gyl_tls_ctx *gyl_tls_ctx_new(
	const struct gyl_tls_conf *cf, bool server, struct gyl_tls_fault *ret_fault);
void gyl_tls_ctx_free(struct gyl_tls_ctx *ctx);

/* Until when our certificate is good, seconds since 1970; 0: there is none. */
int64_t gyl_tls_ctx_until_s(const struct gyl_tls_ctx *ctx);

struct gyl_tls_stat {
	uint64_t done_cnt;    /* handshakes */
	uint64_t resumed_cnt; /* of these by a ticket */
	uint64_t failed_cnt;
	uint64_t slow_cnt; /* of these for taking too long, or to make room */
	unsigned open_cnt, half_cnt;
};

struct gyl_tls;

/* Stand before *host, which MUST know `room`: *host is the new one from now on. NULL: no memory.
 * Before the first input, and before the privileges go: OpenSSL gets ready here. */
struct gyl_tls *gyl_tls_open(struct gyl_host *host);
/* All connections end; *host is the one below again. */
void gyl_tls_close(struct gyl_tls *t, struct gyl_host *host);

/*
 * What connections of a listener, or client flows with to.tls = number, use from now on; those that
 * are there keep what they have. Owns ctx; NULL: none, so that all are refused.
 */
void gyl_tls_serve(struct gyl_tls *t, int port, struct gyl_tls_ctx *ctx);
void gyl_tls_connect(struct gyl_tls *t, uint8_t number, struct gyl_tls_ctx *ctx);

void gyl_tls_stat(const struct gyl_tls *t, struct gyl_tls_stat *ret_stat);

#endif
