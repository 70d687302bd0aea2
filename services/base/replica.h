/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_REPLICA_H
#define GYL_SERVICES_BASE_REPLICA_H

/*
 * What two servers that keep one set of records say to each other over a stream: frames that nobody
 * without their common secret can make, change, leave out, exchange or say again, and the records
 * in them. What the frames mean is the core's (services/dhcpd/docs/standby.md).
 *
 * Both ends begin with a hello in the clear: 32 random octets. From the secret and both of them
 * come two keys (HKDF-SHA256), one a direction, and every frame after that ends in an HMAC-SHA256
 * over its number in that direction and all its octets. So the first frame of each side proves that
 * it has the secret and that it is of this connection. Nothing is hidden: leases are no secret on
 * the network that they are of.
 *
 *   hello:  "GYLR", version 1, 1 of who opened the connection or 0, 2 zeros, 32 random octets
 *   frame:  length of all (2 octets, big-endian), type, a zero, body, HMAC (32 octets)
 *   record: 1 when it is removed or 0, length of the key (1), of the value (2), key, value
 *
 * Sans I/O and without memory of octets: what is not a whole frame yet stays with the caller. A
 * stranger can make a state fail, not grow. Pure.
 */

#include <gyl/hmac.h>
#include <gyl/writer.h>

#include "services/base/out.h"

enum {
	GYL_REPLICA_NONCE_LEN = 32,
	GYL_REPLICA_HELLO_LEN = 8 + GYL_REPLICA_NONCE_LEN,
	GYL_REPLICA_HEAD_LEN = 4,
	GYL_REPLICA_MAC_LEN = 32,
	GYL_REPLICA_FRAME_MAX = 1400, /* it fits every lent slot, and leaves as one segment */
	GYL_REPLICA_BODY_MAX = GYL_REPLICA_FRAME_MAX - GYL_REPLICA_HEAD_LEN - GYL_REPLICA_MAC_LEN,
	GYL_REPLICA_RECORD_HEAD = 4,
	GYL_REPLICA_SECRET_MIN = 16 /* octets of a secret, at least */
};

enum gyl_replica_state {
	GYL_REPLICA_IDLE,
	GYL_REPLICA_HELLO, /* our hello is said, the other's is not there yet */
	GYL_REPLICA_OPEN   /* frames may be sealed; the other is proven by its first one */
};

enum gyl_replica_got {
	GYL_REPLICA_MORE,    /* no whole frame: come again with more octets behind these */
	GYL_REPLICA_HELLOED, /* the other's hello was taken: we may speak */
	GYL_REPLICA_FRAME,
	GYL_REPLICA_BAD /* not of our kind, or not made with our secret: close the connection */
};

struct gyl_replica {
	uint8_t key[32];                      /* @private of the secret */
	uint8_t nonce[GYL_REPLICA_NONCE_LEN]; /* @private ours */
	struct gyl_hmac_key in, out;          /* @private */
	uint64_t in_no, out_no;               /* @private frames of each direction */
	uint8_t state;                        /* enum gyl_replica_state */
	bool opener;                          /* @private */
	bool proven;                          /* a frame of the other's was good */
};

struct gyl_replica_frame {
	uint8_t type;
	struct gyl_view body; /* lies in the octets that were given */
};

/* False when the secret is shorter than GYL_REPLICA_SECRET_MIN. */
bool gyl_replica_init(struct gyl_replica *r, struct gyl_view secret);

/*
 * A connection begins: writes our hello, GYL_REPLICA_HELLO_LEN octets. nonce: fresh random octets,
 * never used before.
 */
void gyl_replica_begin(struct gyl_replica *r, bool opener,
	const uint8_t nonce[GYL_REPLICA_NONCE_LEN], uint8_t ret_hello[GYL_REPLICA_HELLO_LEN]);

/* The connection is over. Its keys are wiped. */
void gyl_replica_end(struct gyl_replica *r);

/*
 * What came. *ret_used octets of data are done with (0 for MORE). After BAD nothing of this
 * connection is worth reading. Cost: an HMAC of the frame.
 */
enum gyl_replica_got gyl_replica_take(struct gyl_replica *r, struct gyl_view data, size_t *ret_used,
	struct gyl_replica_frame *ret_frame);

/* Where a body is written in buf, of GYL_REPLICA_FRAME_MAX octets. */
void gyl_replica_body(struct gyl_writer *w, uint8_t *buf);
/* Make a frame of the body that w wrote into buf. Returns its length. The state MUST be OPEN. */
size_t gyl_replica_seal(
	struct gyl_replica *r, uint8_t type, const struct gyl_writer *w, uint8_t *buf);

/* A record; no room for it: false, and nothing was written. */
bool gyl_replica_put_record(struct gyl_writer *w, const struct gyl_record *rec);
/* The record at the front of what is left of a body; false: there is none, or it is no record. */
bool gyl_replica_next_record(struct gyl_view *rest, struct gyl_record *ret_rec);

#endif
