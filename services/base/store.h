/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_STORE_H
#define GYL_SERVICES_BASE_STORE_H

/*
 * The store: a small read-write key-value store over the journal, after mirage-kv.
 *
 * A key is a list of segments, written "dhcpd/lease/10.0.0.17": segments are 1 to 64 octets of any
 * value but '/' and NUL; at most 8 segments and 160 octets in all. A key names either a value or a
 * dictionary, never both. A value is 0 to GYL_STORE_VALUE_MAX octets.
 *
 * All in caller memory; keys and values live there too, so reading never waits. Writing appends to
 * the journal (journal.h), sans I/O: the owner carries units to and from the block devices. Pure.
 */

#include <gyl/sha256.h>
#include <gyl/writer.h>

#include "services/base/out.h"

enum {
	GYL_STORE_KEY_MAX = 160,
	GYL_STORE_SEGMENT_MAX = 64,
	GYL_STORE_DEPTH_MAX = 8,
	GYL_STORE_VALUE_MAX = 2048,
	GYL_STORE_BATCH_MAX = 64,
	GYL_STORE_BATCH_LEN =
		31488,             /* octets of a batch: GYL_STORE_RECORD_LEN + key + value each */
	GYL_STORE_RECORD_LEN = 16, /* what a record takes besides its key and value, at most */
	GYL_STORE_OWNED_MAX = 2,
	GYL_STORE_LOAD_LEN = 2 * 64 * 1024 /* octets of memory for gyl_store_load() */
};

enum {
	/* Bounds of a daemon's store, in memory and on disk: room for the leases of a /16 full of
	 * devices. What is not used is not touched, so it costs address space and (on disk)
	 * preallocated blocks only. */
	GYL_STORE_DAEMON_KEYS = 80000,
	GYL_STORE_DAEMON_OCTETS = 10 << 20
};

enum gyl_store_err {
	GYL_STORE_OK = 0,
	GYL_STORE_NOT_FOUND,
	GYL_STORE_DICT_EXPECTED,  /* a value stands where the key needs a dictionary */
	GYL_STORE_VALUE_EXPECTED, /* the key names a dictionary */
	GYL_STORE_BAD_KEY,
	GYL_STORE_TOO_LONG, /* value or batch over its bound */
	GYL_STORE_NO_SPACE, /* memory or extent full */
	GYL_STORE_BUSY, /* not now: before replay, after close, or no room until a write is done */
	GYL_STORE_OWNED /* its values are somebody's who alone may change them */
};

const char *gyl_store_err_text(enum gyl_store_err err);

struct gyl_store_conf {
	uint32_t key_cnt;  /* most keys, dictionaries among them; below 2^31 */
	uint64_t data_len; /* octets for keys and values together */
	uint64_t unit_cnt; /* units of each extent; 0: memory only, durable at once */
	/* Random, new at every start: hides the order of hashes from those who choose keys, and
	 * tells the units of this run from what a torn write of an earlier one left behind. */
	uint64_t hash_key[2];
};

struct gyl_store;

/* Units that each extent should have for this store: compaction is then rare and never in need. */
uint64_t gyl_store_unit_cnt(uint32_t key_cnt, uint64_t data_len);

/* Octets of memory, aligned to 16, that a store of this size needs. */
size_t gyl_store_need(const struct gyl_store_conf *cf);
struct gyl_store *gyl_store_init(void *mem, const struct gyl_store_conf *cf);

/*
 * All or nothing, in order. On OK *ret_seq is what to wait for. Removing what is not there is no
 * error here and changes nothing. A batch that makes a value of a dictionary removes the dictionary
 * itself, not its members one by one. Keys and values MUST NOT be views into the store. Cost: about
 * a microsecond a record; a dictionary is removed in O(members).
 */
enum gyl_store_err gyl_store_batch(struct gyl_store *s, uint64_t wall_ns,
	const struct gyl_record *rec, size_t cnt, uint64_t *ret_seq);
enum gyl_store_err gyl_store_set(struct gyl_store *s, uint64_t wall_ns, struct gyl_view key,
	struct gyl_view val, uint64_t *ret_seq);
/* Removes a value, or a dictionary with all below it. NOT_FOUND when there is neither. */
enum gyl_store_err gyl_store_remove(
	struct gyl_store *s, uint64_t wall_ns, struct gyl_view key, uint64_t *ret_seq);

/* Views are valid until the next change of the store; one of an owned value until the next call. */
enum gyl_store_err gyl_store_get(
	const struct gyl_store *s, struct gyl_view key, struct gyl_view *ret_val);
enum gyl_store_err gyl_store_exists(
	const struct gyl_store *s, struct gyl_view key, bool *ret_is_dict);
/* Of a value: when it was set. Of a dictionary: the latest change below it, removals included. */
enum gyl_store_err gyl_store_modified(
	const struct gyl_store *s, struct gyl_view key, uint64_t *ret_wall_ns);
/* SHA-256 of a value; of a dictionary: over the sorted (name, kind, digest) of its members. Takes a
 * microsecond a value: see gyl_store_digest_begin(). */
enum gyl_store_err gyl_store_digest(
	const struct gyl_store *s, struct gyl_view key, uint8_t ret_digest[32]);

/*
 * Members of a dictionary (an empty key is the root; key MUST stay valid), sorted by name. Each
 * step finds the next name there is, so that the store may change in between. O(log keys) a step.
 */
struct gyl_store_cursor {
	struct gyl_view dict;                /* @private */
	uint8_t last[GYL_STORE_SEGMENT_MAX]; /* @private */
	uint8_t last_len;                    /* @private */
	bool begun;                          /* @private */
};
enum gyl_store_err gyl_store_list(
	const struct gyl_store *s, struct gyl_view key, struct gyl_store_cursor *ret_cur);
bool gyl_store_next(const struct gyl_store *s, struct gyl_store_cursor *c,
	struct gyl_view *ret_name, bool *ret_is_dict);

/* A digest, a member a step: in `digest` when a step, or the beginning of a value's, says false. It
 * is of one state of the store when it still holds at the end. It MUST stay where it is. */
struct gyl_store_digest_level {
	struct gyl_store_cursor at;
	struct gyl_sha256 hash;
};
struct gyl_store_digest {
	uint8_t digest[GYL_SHA256_LEN];
	uint64_t seq;                                                 /* @private */
	unsigned depth;                                               /* @private */
	uint8_t key[GYL_STORE_KEY_MAX];                               /* @private */
	struct gyl_store_digest_level level[GYL_STORE_DEPTH_MAX + 1]; /* @private */
};
enum gyl_store_err gyl_store_digest_begin(
	const struct gyl_store *s, struct gyl_view key, struct gyl_store_digest *ret_x);
bool gyl_store_digest_step(const struct gyl_store *s, struct gyl_store_digest *x);
/* Has nothing changed since it was begun? */
bool gyl_store_digest_holds(const struct gyl_store *s, const struct gyl_store_digest *x);

/* Every value below a prefix that the store keeps itself, in no order: at start-up each becomes a
 * GYL_IN_RECORD of its core. */
bool gyl_store_walk(const struct gyl_store *s, struct gyl_view prefix, uint32_t *at,
	struct gyl_view *ret_key, struct gyl_view *ret_val, uint64_t *ret_wall_ns);

/*
 * Watch a prefix, which MUST stay valid: fn is called after each change of it, below it or, when a
 * dictionary is removed, above it; once a record, from inside the changing call, when the whole
 * batch is in place. It may read the store, not change it. At most 8 watches: false when they are
 * used up.
 */
bool gyl_store_watch(struct gyl_store *s, struct gyl_view prefix,
	void (*fn)(void *arg, struct gyl_view key, struct gyl_view val, bool removed), void *arg);

/*
 * ---- owned dictionaries ----
 *
 * Values that somebody has in memory anyway, in a form of its own, need not be kept twice: a
 * dictionary of such values has an owner. The store writes their records to the journal and forgets
 * them; for compaction and for whoever reads it asks the owner to print what it has. Members are
 * values, no dictionaries; each stands at a place, a number that the owner gives it.
 *
 * A record of it is a change that its owner makes, with gyl_record.place set, when the owner's
 * memory already says the same. What is printed may be newer than the last record, as long as it is
 * as good to start from.
 */
struct gyl_store_owner {
	/*
	 * Replay: a record, in the order of the journal; the last one of a name holds. Returns its
	 * place, 0 when it is not kept; *ret_odd: it makes no sense. now: of gyl_store_load().
	 */
	uint32_t (*take)(void *arg, struct gyl_now now, struct gyl_view name, struct gyl_view val,
		uint64_t wall_ns, bool *ret_odd);
	/* Replay: a name is removed, all of them when it is empty. */
	void (*drop)(void *arg, struct gyl_view name);
	/* The place of a name; 0: it has none. */
	uint32_t (*find)(const void *arg, struct gyl_view name);
	/* The place of the first name after that one by the order of octets, empty: the very first;
	 * 0: there is none. */
	uint32_t (*after)(const void *arg, struct gyl_view name);
	/* Print what stands at a place, GYL_STORE_SEGMENT_MAX and GYL_STORE_VALUE_MAX octets at
	 * most. False: nothing that is worth a record. */
	bool (*print)(const void *arg, uint32_t place, struct gyl_writer *name,
		struct gyl_writer *val, uint64_t *ret_wall_ns);
	/* Places are 1 to this. */
	uint32_t (*top)(const void *arg);
};

/* Before replay: prefix, which MUST stay valid, will have an owner. Its records are passed over. */
void gyl_store_own(struct gyl_store *s, struct gyl_view prefix);
/* After replay: here is the owner. mem: zeros, aligned to 2, gyl_store_owner_need(place_cnt)
 * octets, for place_cnt places at most. */
void gyl_store_owner(struct gyl_store *s, struct gyl_view prefix, const struct gyl_store_owner *ops,
	void *arg, void *mem, uint32_t place_cnt);
size_t gyl_store_owner_need(uint32_t place_cnt);
/* The owners are told their records by a second replay: gyl_store_replay_next() and
 * gyl_store_replay_done() once more. Nothing is written before. mem: GYL_STORE_LOAD_LEN octets, for
 * as long as that takes. */
void gyl_store_load(struct gyl_store *s, struct gyl_now now, void *mem);

/*
 * Octets of batches (GYL_STORE_RECORD_LEN + key + value a record) that are taken before the next
 * write must have finished. With 0 a batch is told GYL_STORE_BUSY.
 */
uint64_t gyl_store_room(const struct gyl_store *s);
/* Sequence up to which everything is durable. */
uint64_t gyl_store_durable(const struct gyl_store *s);

/* ---- the journal side: sans I/O ---- */

/* Replay: the owner reads units as asked until this returns false. At the end the store is ready.
 */
struct gyl_store_read {
	int dev; /* 0 or 1: extent A or B */
	uint64_t unit;
	uint32_t cnt;
	uint8_t *buf;
};
bool gyl_store_replay_next(struct gyl_store *s, struct gyl_store_read *ret_read);
/* The result of that read; err 0 or an errno: an unreadable unit ends its extent. */
void gyl_store_replay_done(struct gyl_store *s, int err);

struct gyl_store_replayed {
	uint64_t record_cnt;
	uint64_t refused_cnt; /* records that did not fit or made no sense: the store became smaller
			       */
	uint64_t torn_len; /* octets after the last good unit that were written but are no good */
	/* The time of the last record; what was copied after the clock was set back is not later.
	 */
	uint64_t last_wall_ns;
	bool clean; /* the last run closed the store */
};
void gyl_store_replayed(const struct gyl_store *s, struct gyl_store_replayed *ret_info);

/* The next write, when there is one and none is in flight: the owner writes and flushes it, then
 * tells. */
struct gyl_store_write {
	int dev;
	uint64_t unit;
	uint32_t cnt;
	const uint8_t *buf; /* unchanged until gyl_store_written() */
	uint64_t token;
};
bool gyl_store_write_next(struct gyl_store *s, uint64_t mono_ns, struct gyl_store_write *ret_write);
/* When write_next wants to be asked again though nothing happened; UINT64_MAX: never. */
uint64_t gyl_store_deadline_ns(const struct gyl_store *s);
/*
 * A write is done. err != 0: returns true, and what it covered is lost as far as anybody was told
 * or waits (*ret_lost_seq = first lost sequence; with it all that came after). Memory keeps the
 * values: they are written again, by a compaction into the other extent that starts at once, or,
 * when one is under way, by the same write a second later.
 */
bool gyl_store_written(struct gyl_store *s, uint64_t token, int err, uint64_t *ret_lost_seq);

/* Write all there is once more, into the other extent: for what owners print has changed without a
 * record, as when the wall clock is set. */
void gyl_store_rewrite(struct gyl_store *s, uint64_t wall_ns);

/* Is anything not durable yet (waiting or in flight)? The runner's stop waits for this. */
bool gyl_store_busy(const struct gyl_store *s);

/* Mark a clean stop; write_next then gives the last writes. */
void gyl_store_close(struct gyl_store *s, uint64_t wall_ns);

#endif
