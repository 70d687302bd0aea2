/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_VERIFY_H
#define GYL_SERVICES_SYSLOGD_VERIFY_H

/*
 * Is a log directory as the collector left it? docs/seal.md says what is found out by which rule:
 *
 *   sealed segments     each frame, their number and order, the index; that none is missing between
 *                       two, in front of the oldest, behind the newest
 *   packed ones         the hash of each frame that the index has
 *   all                 whole lines, and record numbers that grow by one, from segment to segment
 *
 * The first thing wrong with each segment is told. A collector may be at work there.
 */

#include "services/syslogd/reader.h"
#include "services/syslogd/seal_file.h"

struct gyl_syslogd_finding {
	const char *file;    /* name in the directory */
	uint64_t frame, off; /* where in it, UINT64_MAX: no matter of one place */
	char text[240];      /* a sentence without a full stop */
};

struct gyl_syslogd_verified {
	uint64_t seg_cnt, sealed_cnt, plain_cnt; /* plain: closed, but without any hash */
	uint64_t bad_cnt;                        /* findings */
	uint64_t line_cnt;
	uint64_t first_seq, last_seq; /* 0: there is no record of ours */
	uint64_t sealed_seq; /* last record of the newest sealed segment, 0: there is none */
	struct gyl_syslogd_link link; /* its name in the chain */
};

/*
 * keys: NULL when there is no passphrase; sealed segments are findings then. 0, or -errno when the
 * directory cannot be read at all.
 */
int gyl_syslogd_verify(const char *dir, struct gyl_syslogd_keys *keys,
	void (*tell)(void *arg, const struct gyl_syslogd_finding *f), void *arg,
	struct gyl_syslogd_verified *ret);

/*
 * One sealed segment, without looking into its records. True: it is what was sealed under this
 * name, *ret_m and *ret_link are set. False: f says what is wrong; *ret_link is set when the file
 * has a last frame at all, zeros else.
 */
bool gyl_syslogd_verify_sealed(int dir_fd, const struct gyl_syslogd_closed *c,
	struct gyl_syslogd_keys *keys, struct gyl_syslogd_manifest *ret_m,
	struct gyl_syslogd_link *ret_link, struct gyl_syslogd_finding *f);

#endif
