/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_STORE_INT_H
#define GYL_SERVICES_BASE_STORE_INT_H

/*
 * Inside the store. The table: an entry per value and per dictionary, found by hash, ordered by a
 * treap, its octets (key, then value) in an arena. store_key.c, store_arena.c, store_table.c,
 * store_check.c (may this batch be applied?), store_apply.c (apply it), store_log.c (records,
 * compaction, replay), store_list.c, store_digest.c, store.c (the face). Pure.
 */

#include "services/base/journal.h"
#include "services/base/store.h"

#define GYL_STORE_NONE UINT32_MAX
#define GYL_STORE_ROOT 0u /* the empty key; entry 0, in no bucket and not in the tree */

enum {
	GYL_STORE_WATCH_MAX = 8,
	GYL_STORE_HEAD_LEN = 12, /* of a record in the journal */
	GYL_STORE_RESERVE_PART = 8,
	GYL_STORE_SLICE_CNT = 256 /* records that a write takes along while compacting */
};

enum gyl_store_kind {
	GYL_STORE_FREE,
	GYL_STORE_VALUE,
	GYL_STORE_DICT
};

struct gyl_store_entry {
	uint64_t wall_ns;     /* of a value: when it was set; of a dictionary: last change below */
	uint32_t hash;        /* also its priority in the tree: nobody can predict it */
	uint32_t next;        /* ~entry: in its bucket; or entry: in the list of free ones */
	uint32_t left, right; /* of the tree */
	uint32_t parent;      /* dictionary it is in */
	uint32_t child_cnt;   /* of a dictionary */
	uint32_t data;        /* where its octets are: arena offset / 4 */
	uint16_t val_len;
	uint8_t key_len;
	uint8_t kind : 2; /* enum gyl_store_kind */
	uint8_t mark : 2; /* equal to the store's: its record is in the extent being written */
};

/* Octets of keys and values, moved together as they get freed; store_arena.c. */
struct gyl_store_arena {
	uint8_t *p;
	uint64_t cap, slack;
	uint64_t top;  /* blocks below, free above */
	uint64_t live; /* octets of blocks in use, heads included */
	uint64_t dst,
		scan; /* of a sweep: blocks below dst are together, blocks from scan not yet */
	bool sweeping;
};

enum gyl_store_compact { /* what is being copied to the extent being written */
	GYL_STORE_COPY_VALUES,
	GYL_STORE_COPY_OWNED,
	GYL_STORE_COPY_DICTS,
	GYL_STORE_COPY_END, /* the complete mark is staged or in flight */
	GYL_STORE_COPY_IDLE
};

struct gyl_store_watcher {
	struct gyl_view prefix;
	void (*fn)(void *arg, struct gyl_view key, struct gyl_view val, bool removed);
	void *arg;
};

/* A dictionary whose values its owner keeps; store_owned.c. */
struct gyl_store_owned {
	struct gyl_view prefix;
	const struct gyl_store_owner *ops; /* NULL: not known yet */
	void *arg;
	uint16_t *place; /* of each place: octets of its record, 0 for none; above them its mark */
	uint32_t place_cnt;
	uint32_t used; /* places with a record */
};

/* What an owner has printed, in s->print. */
struct gyl_store_printed {
	struct gyl_view name, val;
	uint64_t wall_ns;
};

struct gyl_store {
	struct gyl_store_conf cf;
	struct gyl_store_owned *owned; /* GYL_STORE_OWNED_MAX at most */
	uint32_t owned_cnt;
	uint8_t *print; /* name, then value */
	struct gyl_now load_now;
	bool loading;      /* owned dictionaries wait for their records: nothing is written */
	bool older;        /* replay found that the newest extent does not hold the whole state */
	uint8_t load_mark; /* of records that are being told, 0: of an extent that is told again */
	struct gyl_store_entry *entry;
	uint32_t entry_cap; /* root included */
	uint32_t entry_top; /* entries from here on were never used */
	uint32_t entry_cnt; /* in use, root included */
	uint32_t free_entry;
	uint32_t *bucket;    /* of ~entry, so that 0 is none */
	uint32_t bucket_cnt; /* a power of two */
	uint32_t tree;       /* its root */
	struct gyl_store_arena arena;
	struct gyl_store_watcher watch[GYL_STORE_WATCH_MAX];
	uint32_t watch_cnt;

	struct gyl_journal j;
	struct gyl_replay replay;
	struct gyl_store_replayed info;
	bool ready; /* replayed */
	bool closing, close_staged, closed;
	bool rewrite;     /* as soon as nothing is being copied */
	bool stuck;       /* an extent is full before it could be completed */
	uint64_t wall_ns; /* what the clock said last, which may be less than what it said before */
	uint64_t seq, flight_seq, durable;
	uint64_t live_len, live_cnt;     /* records that hold the whole state: octets, number */
	uint64_t copied_len, copied_cnt; /* of them, in the extent being written */
	uint8_t mark;                    /* 1 or 2; an entry that was never written has 0 */
	uint8_t compact;                 /* enum gyl_store_compact */
	uint32_t copy_at;                /* next entry to look at */
	uint32_t staged_copy;            /* octets of copies in the stage that is being filled */
};

/* ---- store_key.c ---- */

bool gyl__store_key_ok(struct gyl_view key);
/* Order of keys: '/' before every other octet, so that all below a key follow it at once. */
int gyl__store_key_cmp(struct gyl_view a, struct gyl_view b);
/* Is key strictly below dict? Everything but the empty key is below the empty one. */
bool gyl__store_key_below(struct gyl_view key, struct gyl_view dict);
/* The dictionary a key is in; the empty key for one segment. */
struct gyl_view gyl__store_key_parent(struct gyl_view key);

/* ---- store_arena.c ---- */

/* Octets a key and value take, head included. */
uint64_t gyl__store_block_len(size_t key_len, size_t val_len);
uint64_t gyl__store_arena_need(const struct gyl_store_conf *cf);
void gyl__store_arena_init(struct gyl_store *s, uint8_t *mem);
/* Octets that blocks may still take. */
uint64_t gyl__store_arena_left(const struct gyl_store *s);
/* A block for entry i, whose key_len and val_len are set; there MUST be room. Moves other blocks.
 */
void gyl__store_arena_take(struct gyl_store *s, uint32_t i);
void gyl__store_arena_give(struct gyl_store *s, uint32_t i);

/* ---- store_table.c ---- */

struct gyl_view gyl__store_key_of(const struct gyl_store *s, uint32_t i);
struct gyl_view gyl__store_val_of(const struct gyl_store *s, uint32_t i);
uint8_t *gyl__store_octets(const struct gyl_store *s, uint32_t i);
uint32_t gyl__store_find(const struct gyl_store *s, struct gyl_view key);
/* A new entry without dictionary; there MUST be room, and none of that key. */
uint32_t gyl__store_add(struct gyl_store *s, struct gyl_view key, uint8_t kind, uint16_t val_len);
void gyl__store_drop(struct gyl_store *s, uint32_t i);
/* The first entry after key, or after all below key when skip is true. */
uint32_t gyl__store_after(const struct gyl_store *s, struct gyl_view key, bool skip);
void gyl__store_table_reset(struct gyl_store *s);
/* Octets of the record that brings entry i back. */
uint32_t gyl__store_rec_len(const struct gyl_store_entry *e);
/* Note that the record of e is in the extent being written. */
void gyl__store_mark(struct gyl_store *s, struct gyl_store_entry *e);

/* ---- store_check.c ---- */

/* May the whole batch be applied? Counts what is not known yet as new, so that applying cannot
 * fail. */
enum gyl_store_err gyl__store_check(
	const struct gyl_store *s, const struct gyl_record *rec, size_t cnt);

/* ---- store_apply.c ---- */

void gyl__store_apply(struct gyl_store *s, uint64_t wall_ns, const struct gyl_record *rec);
/* A dictionary's time, from a record of its own. */
void gyl__store_touch(struct gyl_store *s, uint64_t wall_ns, struct gyl_view key);

/* Puts a new entry into its dictionaries, the missing ones of which are made. */
void gyl__store_hang(struct gyl_store *s, uint32_t i);
/* Drop an entry and the dictionaries that become empty. Returns the lowest one that stays. */
uint32_t gyl__store_drop_up(struct gyl_store *s, uint32_t i);
/* A change below a dictionary, its ancestors' too. */
void gyl__store_touch_up(struct gyl_store *s, uint64_t wall_ns, uint32_t i);

/* ---- store_owned.c ---- */

/* The owned dictionary that key is a member of, or NULL. */
struct gyl_store_owned *gyl__store_owned_of(const struct gyl_store *s, struct gyl_view key);
/* Is key an owned dictionary, above or below one? */
bool gyl__store_owned_touches(const struct gyl_store *s, struct gyl_view key);
/* The owned dictionary of that very key, when its owner is known; or NULL. */
const struct gyl_store_owned *gyl__store_owned_dict(const struct gyl_store *s, struct gyl_view key);
struct gyl_view gyl__store_owned_name(const struct gyl_store_owned *own, struct gyl_view key);
/* Octets of the record that stands for a place, 0: none. */
uint32_t gyl__store_owned_len(const struct gyl_store_owned *own, uint32_t place);
/* Note the record of a place: its length, 0 for none, and which extent it is in. */
void gyl__store_owned_note(struct gyl_store *s, struct gyl_store_owned *own, uint32_t place,
	uint32_t rec_len, uint8_t mark);
void gyl__store_owned_apply(struct gyl_store *s, uint64_t wall_ns, const struct gyl_record *rec);
bool gyl__store_owned_print(const struct gyl_store *s, const struct gyl_store_owned *own,
	uint32_t place, struct gyl_store_printed *ret_printed);
/* Is the record of the place still to be copied? Then print it; false also when it has become none.
 */
bool gyl__store_owned_due(struct gyl_store *s, struct gyl_store_owned *own, uint32_t place,
	struct gyl_store_printed *ret_printed);
/* A record of the journal for the owner. */
void gyl__store_owned_told(struct gyl_store *s, struct gyl_store_owned *own, uint64_t wall_ns,
	const struct gyl_record *rec);
/* The key of a member, in buf. */
struct gyl_view gyl__store_owned_key(
	uint8_t buf[GYL_STORE_KEY_MAX], const struct gyl_store_owned *own, struct gyl_view name);

/* ---- store_log.c: records and compaction; store_replay.c reads them back ---- */

enum gyl_store_rec_type { /* in the journal */
	GYL_STORE_REC_SET = 1,
	GYL_STORE_REC_REMOVE,
	GYL_STORE_REC_DICT,     /* the time of a dictionary */
	GYL_STORE_REC_COMPLETE, /* this extent holds the whole state */
	GYL_STORE_REC_CLOSE     /* a clean stop */
};

/* Octets of a batch in the journal, frame included. */
uint32_t gyl__store_log_len(const struct gyl_record *rec, size_t cnt);
/* Octets that the stage takes now. */
uint32_t gyl__store_log_room(const struct gyl_store *s);
/* There MUST be room. */
void gyl__store_log_batch(
	struct gyl_store *s, uint64_t wall_ns, const struct gyl_record *rec, size_t cnt);
/*
 * Is there room in the extents for a batch of len octets that grows the state by grow at most? A
 * reserve is kept for what is there already: fresh values cannot have it.
 */
bool gyl__store_log_fits(const struct gyl_store *s, uint64_t len, uint64_t grow, bool fresh);

#endif
