/* SPDX-License-Identifier: ISC */

/*
 * May a batch be applied? Decided before anything is touched: a batch is all or nothing without
 * having to be undone. Each record is judged against the table and the records before it in the
 * batch, of which there are few.
 */

#include "services/base/store_int.h"

struct batch {
	const struct gyl_store *s;
	const struct gyl_record *rec;
	size_t cnt; /* records before the one that is judged */
};

static bool covers(struct gyl_view dict, struct gyl_view key)
{
	return gyl_view_eq(dict, key) || gyl__store_key_below(key, dict);
}

/* The last record before that decides about key: sets it, sets something below it, or removes it.
 */
static const struct gyl_record *last_about(const struct batch *b, struct gyl_view key)
{
	for (size_t n = b->cnt; n != 0; n--) {
		const struct gyl_record *r = &b->rec[n - 1];

		if (r->remove ? covers(r->key, key) : covers(key, r->key))
			return r;
	}
	return NULL;
}

/* What will key be when the records before have been applied? */
static unsigned kind_then(const struct batch *b, struct gyl_view key, uint32_t *ret_entry)
{
	const struct gyl_record *r = last_about(b, key);

	*ret_entry = GYL_STORE_NONE;
	if (r != NULL && r->remove)
		return GYL_STORE_FREE;
	if (r != NULL)
		return gyl_view_eq(r->key, key) ? GYL_STORE_VALUE : GYL_STORE_DICT;
	*ret_entry = gyl__store_find(b->s, key);
	return *ret_entry == GYL_STORE_NONE ? GYL_STORE_FREE : b->s->entry[*ret_entry].kind;
}

struct need {
	uint64_t key_cnt;  /* new entries */
	uint64_t data_len; /* new octets of the arena */
	uint64_t len;      /* octets of the batch in the journal */
	bool fresh;        /* a value that was not there */
	uint64_t grow;     /* octets by which the state in the journal grows */
};

/* Dictionaries above key that are not there yet. */
static enum gyl_store_err check_above(const struct batch *b, struct gyl_view key, struct need *n)
{
	for (key = gyl__store_key_parent(key); key.len != 0; key = gyl__store_key_parent(key)) {
		uint32_t entry;
		unsigned kind = kind_then(b, key, &entry);

		if (kind == GYL_STORE_VALUE)
			return GYL_STORE_DICT_EXPECTED;
		if (kind == GYL_STORE_DICT)
			break;
		n->key_cnt++;
		n->data_len += gyl__store_block_len(key.len, 0);
		n->grow += GYL_JOURNAL_FRAME_LEN + GYL_STORE_HEAD_LEN + key.len;
	}
	return GYL_STORE_OK;
}

static enum gyl_store_err check_set(
	const struct batch *b, const struct gyl_record *r, struct need *n)
{
	uint64_t rec_len = GYL_JOURNAL_FRAME_LEN + GYL_STORE_HEAD_LEN + r->key.len + r->val.len;
	uint64_t block_len = gyl__store_block_len(r->key.len, r->val.len);
	uint64_t old_len = 0, old_rec_len = 0;
	uint32_t entry;

	switch (kind_then(b, r->key, &entry)) {
	case GYL_STORE_DICT:
		return GYL_STORE_VALUE_EXPECTED;
	case GYL_STORE_FREE:
		n->key_cnt++;
		n->fresh = true;
		break;
	default:
		if (entry != GYL_STORE_NONE) {
			old_len = gyl__store_block_len(r->key.len, b->s->entry[entry].val_len);
			old_rec_len = gyl__store_rec_len(&b->s->entry[entry]);
		}
	}
	/* A record that shrinks makes no room for its neighbours: it may be overwritten again. */
	n->data_len += block_len > old_len ? block_len - old_len : 0;
	n->grow += rec_len > old_rec_len ? rec_len - old_rec_len : 0;
	return check_above(b, r->key, n);
}

static enum gyl_store_err check_owned(
	const struct batch *b, const struct gyl_record *r, struct need *n)
{
	uint64_t len = GYL_JOURNAL_FRAME_LEN + GYL_STORE_HEAD_LEN + r->key.len + r->val.len;
	const struct gyl_store_owned *own = gyl__store_owned_of(b->s, r->key);
	uint32_t old_len;

	if (own == NULL || (own->ops != NULL && r->place > own->place_cnt))
		return GYL_STORE_OWNED;
	if (b->s->loading)
		return GYL_STORE_BUSY;
	old_len = gyl__store_owned_len(own, r->place);
	n->fresh |= old_len == 0;
	n->grow += len > old_len ? len - old_len : 0;
	return check_above(b, r->key, n);
}

static enum gyl_store_err check_one(
	const struct batch *b, const struct gyl_record *r, struct need *n)
{
	bool owned;

	if (!gyl__store_key_ok(r->key))
		return GYL_STORE_BAD_KEY;
	owned = gyl__store_owned_touches(b->s, r->key);
	if (owned && r->place == 0)
		return GYL_STORE_OWNED;
	n->len += GYL_STORE_HEAD_LEN + r->key.len;
	if (r->remove)
		return GYL_STORE_OK;
	if (r->val.len > GYL_STORE_VALUE_MAX)
		return GYL_STORE_TOO_LONG;
	n->len += r->val.len;
	return owned ? check_owned(b, r, n) : check_set(b, r, n);
}

enum gyl_store_err gyl__store_check(
	const struct gyl_store *s, const struct gyl_record *rec, size_t cnt)
{
	struct batch b = {.s = s, .rec = rec};
	struct need n = {.len = GYL_JOURNAL_FRAME_LEN};

	if (cnt > GYL_STORE_BATCH_MAX)
		return GYL_STORE_TOO_LONG;
	for (; b.cnt < cnt; b.cnt++) {
		enum gyl_store_err err = check_one(&b, &rec[b.cnt], &n);

		if (err != GYL_STORE_OK)
			return err;
	}
	if (n.len > GYL_STORE_BATCH_LEN)
		return GYL_STORE_TOO_LONG;
	if (n.key_cnt > s->entry_cap - s->entry_cnt || n.data_len > gyl__store_arena_left(s))
		return GYL_STORE_NO_SPACE;
	if (s->cf.unit_cnt != 0 && s->ready && !gyl__store_log_fits(s, n.len, n.grow, n.fresh))
		return GYL_STORE_NO_SPACE;
	return GYL_STORE_OK;
}
