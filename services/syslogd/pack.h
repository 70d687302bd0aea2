/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_PACK_H
#define GYL_SERVICES_SYSLOGD_PACK_H

/*
 * Packing of closed segments: BASE.jsonl becomes BASE.jsonl.zst, standard zstd frames of at most
 * 1 MiB of text that end at lines, and BASE.idx, its index. services/syslogd/docs/archive.md has
 * both.
 *
 * It is done in steps, each one job of the host's work thread: one frame, one flush, one rename. So
 * the loop never waits for it, and a flush of the open file never for more than one step. While
 * messages come so fast that they fill blocks, a step is taken every GYL_SYSLOGD_PACK_PACE_NS only.
 *
 * With a sealer (sealer.h) each frame is sealed before it is written: BASE.jsonl.zst.seal and
 * BASE.idx.seal, in the order of the segments.
 *
 * Both files are written under another name, flushed, and get their names, the index first; then
 * the directory is flushed and the plain file goes. Wherever that is cut off, either the plain file
 * is there and whole, or the packed one is; what is half done is removed at the next start, and
 * begun again. What fails (a full disk, for one) leaves the plain file, is told, and is tried again
 * after GYL_SYSLOGD_PACK_PAUSE_NS.
 */

#include <gyl/base.h>

#include "libnet/host/host.h"
#include "services/syslogd/archive.h"
#include "services/syslogd/conf.h"

enum {
	GYL_SYSLOGD_PACK_PACE_NS = 250000000
};

#define GYL_SYSLOGD_PACK_PAUSE_NS (60 * UINT64_C(1000000000))

struct gyl_event;
struct gyl_syslogd_sealer;

struct gyl_syslogd_pack_conf {
	int dir_fd;                            /* stays the caller's */
	const struct gyl_syslogd_conf *limits; /* read at every use */
	struct gyl_syslogd_sealer *sealer;     /* NULL: packed segments are not sealed */
	const struct gyl_host *host;           /* NULL: a step is taken in each turn */
	void (*say)(void *arg, const struct gyl_event *e);
	void *arg;
};

struct gyl_syslogd_pack { /* @private but base, working and packed */
	struct gyl_syslogd_pack_conf cf;
	char base[GYL_SYSLOGD_NAME_MAX]; /* the segment that is being packed; "": none is */
	bool working;                    /* a step is with the work thread */
	bool packed;                     /* one more is; whoever looks at it sets it to false */
	bool look;                       /* there may be a segment to pack */
	bool stop;
	unsigned step;
	int err, told_err;  /* of the last step, and the one that was told; -errno */
	uint64_t tried_seq; /* segments up to this one have had their try */
	uint64_t now_ns, hurry_ns, next_ns;
	struct gyl__pack_files *files;
};

/*
 * Remove what was half done, and note what is to be packed; before anything else is done with the
 * segments. 0 or -errno.
 */
int gyl_syslogd_pack_open(struct gyl_syslogd_pack *p, const struct gyl_syslogd_pack_conf *cf);

/* There is a new closed segment. */
void gyl_syslogd_pack_look(struct gyl_syslogd_pack *p);

/* Messages fill blocks: packing has time. */
static inline void gyl_syslogd_pack_yield(struct gyl_syslogd_pack *p, struct gyl_now now)
{
	p->hurry_ns = now.mono_ns + GYL_SYSLOGD_PACK_PACE_NS;
}

/* Go on, when it is time. Returns when to call again, UINT64_MAX: when something is closed. */
uint64_t gyl_syslogd_pack_turn(struct gyl_syslogd_pack *p, struct gyl_now now);

/* No step may be under way (working). What is half done is removed. */
void gyl_syslogd_pack_close(struct gyl_syslogd_pack *p);

#endif
