/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_JOURNAL_H
#define GYL_SERVICES_BASE_JOURNAL_H

/*
 * The journal: batches of octets, appended to one of two extents, durable when it says so.
 *
 * Sans I/O and ignorant of what is in a batch. Two stages in caller memory: batches gather in one
 * while the other is being written. One write in flight; the next may start when it is done and at
 * least 1 ms after the last started. docs/journal.md tells the format, and why. Pure.
 */

#include "services/base/journal_unit.h"

enum {
	GYL_JOURNAL_STAGE_CNT = 64, /* units of one write, at most */
	GYL_JOURNAL_STAGE_LEN = GYL_JOURNAL_STAGE_CNT * GYL_UNIT_DATA_LEN,
	GYL_JOURNAL_FRAME_LEN = 4 /* before each batch: its length */
};

/* Where appending goes on: all that replay finds out about an extent. */
struct gyl_journal_end {
	uint8_t dev;
	uint32_t gen;
	uint64_t unit; /* next to be written */
	uint64_t run;  /* of the unit before it; 0 at the start of an extent */
	bool complete; /* holds the whole state by itself */
};

struct gyl_journal {
	uint64_t unit_cnt; /* of each extent */
	uint64_t hash_key[2];
	uint8_t *stage[2];
	struct gyl_journal_end end;
	uint64_t run;       /* ours */
	uint32_t fill_len;  /* octets of batches in stage[fill] */
	uint8_t fill;       /* the stage that is being filled */
	bool salvage;       /* the other extent failed: nothing here counts before it is complete */
	bool in_flight;     /* stage[!fill] is with the owner */
	bool retry;         /* stage[!fill] has failed and is to be written again */
	uint32_t write_cnt; /* units of stage[!fill] */
	uint64_t token;
	uint64_t next_ns;  /* no write starts before */
	uint64_t start_ns; /* when the last one started */
};

/* Octets of memory for the stages. */
#define GYL_JOURNAL_NEED (2 * (size_t)GYL_JOURNAL_STAGE_CNT * GYL_UNIT_LEN)

void gyl__journal_init(
	struct gyl_journal *j, void *mem, uint64_t unit_cnt, const uint64_t hash_key[2]);

/* Append from here on, in a run of our own. */
void gyl__journal_start(struct gyl_journal *j, const struct gyl_journal_end *end);

/* Octets of batches, frames included, that still fit into the stage. */
uint32_t gyl__journal_room(const struct gyl_journal *j);
/* Begin a batch of len octets, which with its frame MUST fit; then put exactly len octets. */
void gyl__journal_batch(struct gyl_journal *j, uint32_t len);
void gyl__journal_put(struct gyl_journal *j, const void *p, size_t len);

/* Units that the stage needs, and units left in the extent. */
uint32_t gyl__journal_stage_units(const struct gyl_journal *j);
uint64_t gyl__journal_left(const struct gyl_journal *j);

/* Turn to the other extent, in its next generation. What is staged goes there. */
void gyl__journal_turn(struct gyl_journal *j, bool salvage);

/* May a write start now? Then seal the stage and hand it over. It MUST fit into the extent. */
bool gyl__journal_may_write(const struct gyl_journal *j, uint64_t mono_ns);
void gyl__journal_write(struct gyl_journal *j, uint64_t mono_ns);
/* The write failed: the same stage is to be handed over once more, after a second. */
void gyl__journal_retry(struct gyl_journal *j);
void gyl__journal_rewrite(struct gyl_journal *j, uint64_t mono_ns);
/* First unit of the stage that is in flight. */
uint64_t gyl__journal_write_unit(const struct gyl_journal *j);

/* ---- replay ---- */

enum gyl_replay_phase {
	GYL_REPLAY_HEAD_A,
	GYL_REPLAY_HEAD_B,
	GYL_REPLAY_NEWEST, /* the newest extent alone: enough when it is complete */
	GYL_REPLAY_OLDER,  /* it is not: the one before it... */
	GYL_REPLAY_ON_TOP, /* ...and the newest on top */
	GYL_REPLAY_DONE
};

/* What a replay tells of the batches it finds. */
struct gyl_replay_ops {
	/* A scan begins: but for GYL_REPLAY_ON_TOP, forget what was told before. */
	void (*begin)(void *arg, enum gyl_replay_phase phase);
	/* One whole batch. Returns true when it says that the extent is complete. */
	bool (*batch)(void *arg, struct gyl_view batch);
	void *arg;
};

struct gyl_replay {
	uint8_t *in, *gathered;
	uint8_t phase;  /* enum gyl_replay_phase */
	uint8_t newest; /* device */
	bool valid[2];
	struct gyl_unit head[2]; /* unit 0 of both */
	uint64_t unit;           /* next to be read */
	uint32_t cnt;            /* units of the read that is under way */
	bool single;             /* a read of many failed: find the unreadable one */
	bool open;               /* inside a write whose batches may go on in the next unit */
	uint32_t got_len;        /* octets of it gathered */
	uint32_t done_len;       /* of these, already told as batches */
	struct gyl_journal_end end;
	uint64_t head_len; /* octets of first units that were written and are no good */
	uint64_t torn_len;
};

/* Two stages of memory, as a journal has them: to read into, and to gather what lies across units.
 */
void gyl__replay_init(struct gyl_replay *r, uint8_t *in, uint8_t *gathered);
/* Units to read into `in`; false when replay is over and r->end is where to go on. */
bool gyl__replay_next(struct gyl_replay *r, const struct gyl_journal *j, int *ret_dev,
	uint64_t *ret_unit, uint32_t *ret_cnt);
void gyl__replay_done(struct gyl_replay *r, const struct gyl_journal *j, int err,
	const struct gyl_replay_ops *ops);

#endif
