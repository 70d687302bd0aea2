/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_SEALER_H
#define GYL_SERVICES_SYSLOGD_SEALER_H

/*
 * Sealing of a log directory by the daemon: its key, and the chain of its segments. One for a
 * directory, used by one thread at a time.
 *
 * The order on the disk, so that a crash at any place leaves nothing that looks like an attack:
 * index, segment (its name is the moment when it counts), head. A segment that the head does not
 * know yet is taken over at the next start when it follows the one that the head knows. Before the
 * oldest segments are removed the head says that they may be missing.
 */

#include "services/syslogd/seal_file.h"

struct gyl_syslogd_sealer {
	struct gyl_syslogd_keys *keys;
	const struct gyl_seal_key *key;
	struct gyl_syslogd_seal_head head; /* as it is on the disk, or has to be */
	bool unwritten;                    /* the latter */
	int dir_fd;
};

/*
 * Find out where the chain of a directory ends and take the salt of its newest segment, so that one
 * passphrase has one key.
 *   newest    file name of the newest sealed segment, NULL: there is none; its last record; and
 *             whether there is no closed segment at all
 *   ret_note  "" or a sentence: what was found there is not as it was left
 * 0, or -1 with a sentence in err. @cost one scrypt, two when the passphrase is another one
 */
struct gyl_syslogd_newest {
	const char *name;
	uint64_t seq;
	bool is_new;
};
int gyl_syslogd_sealer_open(struct gyl_syslogd_sealer *s, int dir_fd, struct gyl_syslogd_keys *keys,
	const struct gyl_syslogd_newest *newest, char ret_note[200], char err[200]);

/* Begin a segment: GYL_SYSLOGD_SEAL_HEADER_LEN octets into header. 0 or -errno. */
int gyl_syslogd_sealer_begin(
	const struct gyl_syslogd_sealer *s, struct gyl_syslogd_sealing *g, uint8_t *header);

/* Begin its index: the same. 0 or -errno. */
int gyl_syslogd_sealer_index(
	const struct gyl_syslogd_sealer *s, struct gyl_syslogd_sealing_index *x, uint8_t *header);

/*
 * End a segment: GYL_SYSLOGD_SEAL_LAST_LEN octets into buf. Of *m the caller has filled in
 * closed_ns, first_seq, last_seq, cnt, text_len and index_hash.
 */
void gyl_syslogd_sealer_end(const struct gyl_syslogd_sealer *s, struct gyl_syslogd_sealing *g,
	struct gyl_syslogd_manifest *m, uint8_t *buf, struct gyl_syslogd_link *ret_link);

/* The segment of manifest m is durable under its name. 0 or -errno: the head on the disk is the old
 * one, and the next one or the next start makes up for it. */
int gyl_syslogd_sealer_sealed(struct gyl_syslogd_sealer *s, const struct gyl_syslogd_manifest *m,
	const struct gyl_syslogd_link *link);

/* Records up to seq are about to be removed. 0, or -errno: the head on the disk does not say so
 * yet. */
int gyl_syslogd_sealer_gone(struct gyl_syslogd_sealer *s, uint64_t seq);

#endif
