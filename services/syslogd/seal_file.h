/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_SEAL_FILE_H
#define GYL_SERVICES_SYSLOGD_SEAL_FILE_H

/*
 * Sealed files of a log directory, for whoever reads them: segments frame by frame, small files
 * whole. Errors are those of crypto/seal/seal.h, and GYL_SYSLOGD_SEALED_E_IO with errno in io_err.
 */

#include "services/syslogd/seal.h"
#include "services/syslogd/seal_key.h"

/* Of a log directory; sealed anew with each segment. */
#define GYL_SYSLOGD_HEAD_NAME "guyline.seal"

enum {
	GYL_SYSLOGD_SEALED_E_IO = -100
};

/* A segment's file. */
struct gyl_syslogd_sealed {
	struct gyl_seal_frames frames; /* wiped by ..._close() */
	uint8_t header[GYL_SEAL_HEADER_LEN];
	const struct gyl_seal_key *key; /* of the files that belong to it, too */
	uint64_t len;                   /* of the file */
	int fd;                         /* the caller's */
	int io_err;
};

/* By its header. The file is not read further. */
int gyl_syslogd_sealed_open(struct gyl_syslogd_sealed *s, int fd, struct gyl_syslogd_keys *keys);
void gyl_syslogd_sealed_close(struct gyl_syslogd_sealed *s);

/*
 * How long the frame at an offset is, with its overhead, and whether it reaches the end of the
 * file. GYL_SEAL_E_FRAME: no frame has this length; GYL_SEAL_E_TRUNCATED: the file ends inside.
 */
int gyl_syslogd_sealed_len(
	struct gyl_syslogd_sealed *s, uint64_t off, size_t *ret_len, bool *ret_end);

/* The frame as it is in the file, len octets into buf. */
int gyl_syslogd_sealed_raw(struct gyl_syslogd_sealed *s, uint64_t off, size_t len, uint8_t *buf);

/*
 * Count the frames by their lengths and open the last one. *ret_off: where it begins, on an error
 * where that is. Nothing is known yet about the frames in front.
 */
int gyl_syslogd_sealed_last(struct gyl_syslogd_sealed *s, struct gyl_syslogd_manifest *ret_m,
	struct gyl_syslogd_link *ret_link, uint64_t *ret_off);

/*
 * A small file: *ret_text is of malloc().
 *   ret_hash  SHA-256 of the file as it is
 *   ret_key   what it was sealed with; both may be NULL
 * GYL_SYSLOGD_SEALED_E_IO with errno, which is ENOENT when there is none.
 */
int gyl_syslogd_sealed_small(int dir_fd, const char *name, struct gyl_syslogd_keys *keys,
	uint8_t **ret_text, size_t *ret_len, uint8_t *ret_hash,
	const struct gyl_seal_key **ret_key);

/* The head of a directory; ret_key as above. */
int gyl_syslogd_seal_head_read(int dir_fd, struct gyl_syslogd_keys *keys,
	struct gyl_syslogd_seal_head *ret_h, const struct gyl_seal_key **ret_key);

/* A sentence without a full stop about an error, io_err the errno of one that was of reading. */
const char *gyl_syslogd_sealed_why(int err, int io_err);

#endif
