/* SPDX-License-Identifier: ISC */
#ifndef GYL_CRYPTO_SEAL_SEAL_H
#define GYL_CRYPTO_SEAL_SEAL_H

/*
 * Sealed files: a stream of octets, encrypted, and whole or refused. crypto/docs/seal.md has the
 * format octet by octet, and says what it promises and what not.
 *
 * A file is a header, frames of up to 64 KiB of text, and a last frame with the length of all of
 * it. The frames are one secretstream of libsodium (XChaCha20, Poly1305) under a key of the file's
 * own. Change, loss, repetition, another order, an end too early, something after the end, and
 * frames of another file are all noticed, at the frame where it happens. No octet comes out of a
 * frame before the whole frame was found to be right.
 *
 * Nothing here reads a file, draws a random number or allocates: octets go in and out of the
 * caller's buffers. A writer or reader holds secrets until ..._end(), which wipes them; both may be
 * ended twice. The process has called sodium_init() once.
 *
 * On an error outputs are left as they were or wiped, and the object is dead: it gives the same
 * error again.
 */

#include <gyl/scrypt.h>
#include <sodium.h>

enum {
	GYL_SEAL_VERSION = 1,
	GYL_SEAL_HEADER_LEN = 128,
	GYL_SEAL_TEXT_MAX = 65536,  /* octets of text in one frame */
	GYL_SEAL_OVERHEAD = 4 + 17, /* octets that a frame adds: length, kind, authenticator */
	GYL_SEAL_FRAME_MAX = GYL_SEAL_TEXT_MAX + GYL_SEAL_OVERHEAD,
	GYL_SEAL_LAST_LEN = 8 + GYL_SEAL_OVERHEAD, /* octets that gyl_seal_write_end() writes */
	GYL_SEAL_KEY_LEN = 32,
	GYL_SEAL_KEY_SALT_LEN = 16,
	GYL_SEAL_FILE_SALT_LEN = 32,
	GYL_SEAL_STREAM_LEN = 24,
	GYL_SEAL_COMMIT_LEN = 32,
	GYL_SEAL_RANDOM_LEN = GYL_SEAL_FILE_SALT_LEN + GYL_SEAL_STREAM_LEN
};

enum gyl_seal_err {
	GYL_SEAL_END = 3,          /* the last frame was right: that was all */
	GYL_SEAL_TEXT = 2,         /* a frame was right: here is its text */
	GYL_SEAL_MORE = 1,         /* all was taken, more is needed */
	GYL_SEAL_OK = 0,           /* done */
	GYL_SEAL_E_MAGIC = -1,     /* no sealed file */
	GYL_SEAL_E_VERSION = -2,   /* of a version that is not known here */
	GYL_SEAL_E_HEADER = -3,    /* a field of the header that no writer writes */
	GYL_SEAL_E_COST = -4,      /* deriving the key costs more than is allowed */
	GYL_SEAL_E_KEY = -5,       /* another key or passphrase, or the header was altered */
	GYL_SEAL_E_FRAME = -6,     /* no frame has this length or kind */
	GYL_SEAL_E_ALTERED = -7,   /* this frame is not what was written at this place */
	GYL_SEAL_E_LEN = -8,       /* the last frame tells another length than there was */
	GYL_SEAL_E_TRUNCATED = -9, /* it ends before its last frame */
	GYL_SEAL_E_TRAILING = -10, /* something follows the last frame */
	GYL_SEAL_E_SPACE = -11,    /* the buffer is too small; nothing has happened */
	GYL_SEAL_E_STATE = -12     /* called out of order */
};

/* A sentence without a full stop. Lives for ever. */
const char *gyl_seal_err_text(int err);

/* --- keys --- */

enum gyl_seal_kind {
	GYL_SEAL_PASSPHRASE = 1, /* scrypt makes the key; its salt and cost are in the header */
	GYL_SEAL_RAW = 2         /* the key is kept elsewhere; a name for it is in the header */
};

/*
 * What files are sealed with: one serves many files, so that one scrypt does for all of them. As
 * secret as its secret: gyl_wipe() it.
 */
struct gyl_seal_key {
	uint8_t secret[GYL_SEAL_KEY_LEN];
	uint8_t kind;                        /* an enum gyl_seal_kind */
	struct gyl_scrypt_cost cost;         /* of a passphrase */
	uint8_t salt[GYL_SEAL_KEY_SALT_LEN]; /* of a passphrase; of a raw key, its name */
};

/* A key of 32 random octets. name, 16 octets, is no secret: it tells a reader which key to take. */
void gyl_seal_key_raw(struct gyl_seal_key *ret, const uint8_t *secret, const uint8_t *name);

/*
 * A key from a passphrase, in one go. salt: 16 octets, drawn once for a passphrase. For scratch see
 * gyl_scrypt(), whose errors (gyl/crypto.h) this returns; *ret is zeroed then. Who must not stall
 * fills in kind, cost and salt himself and has gyl_scrypt_begin() write secret.
 */
int gyl_seal_key_passphrase(struct gyl_seal_key *ret, uint32_t cpu, const void *passphrase,
	size_t len, const uint8_t *salt, const struct gyl_scrypt_cost *cost, void *scratch,
	size_t scratch_len);

/* --- writing --- */

struct gyl_seal_writer {
	crypto_secretstream_xchacha20poly1305_state stream; /* private */
	uint8_t header[GYL_SEAL_HEADER_LEN];                /* private */
	uint64_t text_len;                                  /* so far */
	bool first;                                         /* private */
	int state;                                          /* private */
};

/*
 * Begin a file.
 *   random      GYL_SEAL_RANDOM_LEN octets that were never used before, drawn for this file
 *   ret_header  GYL_SEAL_HEADER_LEN octets: the file begins with them
 * GYL_SEAL_OK, or GYL_SEAL_E_HEADER for a key whose kind or cost no reader accepts.
 */
int gyl_seal_write_begin(struct gyl_seal_writer *w, const struct gyl_seal_key *key, uint32_t cpu,
	const uint8_t *random, uint8_t *ret_header);

/* Octets that gyl_seal_write_put() makes of len octets of text. */
size_t gyl_seal_room(size_t len);

/*
 * Seal text, in as many frames as it takes. A reader gets it frame by frame: put what belongs
 * together at once.
 *   buf      gyl_seal_room(len) octets at least; not overlapping text
 *   ret_len  octets written; not touched on an error
 * GYL_SEAL_OK, GYL_SEAL_E_SPACE, GYL_SEAL_E_STATE.
 */
int gyl_seal_write_put(struct gyl_seal_writer *w, const void *text, size_t len, uint8_t *buf,
	size_t cap, size_t *ret_len);

/*
 * The last frame, GYL_SEAL_LAST_LEN octets into buf; then w is wiped. Without it the file counts as
 * truncated. With buf NULL the file is given up and w only wiped.
 * GYL_SEAL_OK, GYL_SEAL_E_STATE when the writer was not begun or has ended.
 */
int gyl_seal_write_end(struct gyl_seal_writer *w, uint8_t *buf);

/* --- reading --- */

/* What a header says before anything is proven: enough to find the key. */
struct gyl_seal_header {
	uint8_t kind;                /* an enum gyl_seal_kind */
	struct gyl_scrypt_cost cost; /* of a passphrase */
	uint8_t key_salt[GYL_SEAL_KEY_SALT_LEN];
	uint8_t file_salt[GYL_SEAL_FILE_SALT_LEN];
	uint8_t stream[GYL_SEAL_STREAM_LEN];
	uint8_t commit[GYL_SEAL_COMMIT_LEN]; /* depends on all of the above and on the key */
};

/*
 * Take a header apart, which may come from a stranger.
 *   in        GYL_SEAL_HEADER_LEN octets
 *   mem_max   octets of scratch memory that scrypt may ask for, at one lane
 *   work_max  octets that scrypt may mix (256 N r p), which goes at about 1 GB/s
 *   ret       written only on GYL_SEAL_OK
 *   ret_off   may be NULL; on an error the offset of the field
 * GYL_SEAL_OK, GYL_SEAL_E_MAGIC, GYL_SEAL_E_VERSION, GYL_SEAL_E_HEADER, GYL_SEAL_E_COST.
 */
int gyl_seal_header_decode(const uint8_t *in, size_t mem_max, uint64_t work_max,
	struct gyl_seal_header *ret, size_t *ret_off);

struct gyl_seal_reader {
	crypto_secretstream_xchacha20poly1305_state stream; /* private */
	uint64_t off; /* of the frame being read, and in the end of the file's end: what an error
			 is about */
	uint64_t text_len;                   /* given out so far */
	uint8_t header[GYL_SEAL_HEADER_LEN]; /* private */
	uint8_t frame[GYL_SEAL_FRAME_MAX];   /* private */
	size_t have;                         /* private octets in frame */
	int state;                           /* private */
};

/*
 * Begin to read what follows the header.
 *   header  the same octets that gyl_seal_header_decode() was content with
 *   key     as the header says: raw, or derived from the passphrase with its salt and cost
 * GYL_SEAL_OK, GYL_SEAL_E_KEY.
 */
int gyl_seal_read_begin(struct gyl_seal_reader *r, const uint8_t *header,
	const struct gyl_seal_key *key, uint32_t cpu);

/*
 * Take the next octets of the file, in pieces of any length.
 *   ret_used  how many of len were taken
 *   text      GYL_SEAL_TEXT_MAX octets
 *   ret_len   octets of text; 0 unless it returns GYL_SEAL_TEXT
 * GYL_SEAL_TEXT: call again with what is left of the input. GYL_SEAL_MORE: everything was taken.
 * GYL_SEAL_END: the file was whole; give what is left of the input, if there is any, to the next
 * call. Errors, about the frame at r->off: GYL_SEAL_E_FRAME, GYL_SEAL_E_ALTERED, GYL_SEAL_E_LEN,
 * GYL_SEAL_E_TRAILING, GYL_SEAL_E_STATE.
 */
int gyl_seal_read_next(struct gyl_seal_reader *r, const uint8_t *in, size_t len, size_t *ret_used,
	uint8_t *text, size_t *ret_len);

/*
 * There is no more input: GYL_SEAL_OK when the file was whole, else the error that was, or
 * GYL_SEAL_E_TRUNCATED, about the frame at r->off. The secrets are wiped. Text that came out of
 * frames before is what was written, but not all of it.
 */
int gyl_seal_read_end(struct gyl_seal_reader *r);

#endif
