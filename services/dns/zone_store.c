/* SPDX-License-Identifier: ISC */
#include "services/dns/zone_store.h"

#include <gyl/dns.h>
#include <gyl/dns_rdata.h>
#include <gyl/sha256.h>
#include <gyl/text.h>

#include "services/dns/live_own.h"

enum {
	VERSION = 1,
	VERSION_FILE = 2,
	HASH_LEN = 16, /* of the SHA-256: nobody makes two names with the same */
	RECORD_HEAD = 8,
	/* a node's flag while values are read back: the file's records are gone. Names of hosts
	 * files have it otherwise, and those are in no zone that changes. */
	NODE_STORED = GYL_DNS_NODE_TOP
};

void gyl__dns_store_segment(struct gyl_writer *w, const uint8_t *name)
{
	char text[GYL_DNS_NAME_TEXT_MAX];
	uint8_t digest[GYL_SHA256_LEN];
	struct gyl_writer t;
	struct gyl_sha256 s;

	gyl_writer_init(&t, text, sizeof text);
	gyl_dns_name_print(&t, name);
	if (t.len <= GYL_STORE_SEGMENT_MAX) {
		gyl_put_view(w, gyl_writer_view(&t));
		return;
	}
	gyl_sha256_init(&s, 0);
	gyl_sha256_update(&s, name, gyl_dns_name_len(name));
	gyl_sha256_final(&s, digest);
	gyl_text_char(w, '#');
	gyl_text_hex(w, gyl_view(digest, HASH_LEN));
}

/* part: UINT32_MAX for all of the name; name NULL: all of the zone. */
static struct gyl_record *put_record(
	struct gyl__dns_batch *b, const struct gyl_dns_live *z, const uint8_t *name, uint32_t part)
{
	struct gyl_record *r = &b->rec[b->cnt];
	struct gyl_writer w;

	gyl_writer_init(&w, b->key[b->cnt], sizeof b->key[0]);
	gyl_text_str(&w, "dns/zone/");
	gyl__dns_store_segment(&w, z->apex);
	if (name != NULL) {
		gyl_text_char(&w, '/');
		gyl__dns_store_segment(&w, name);
	}
	if (part != UINT32_MAX) {
		gyl_text_char(&w, '/');
		gyl_text_u64(&w, part);
	}
	*r = (struct gyl_record){.key = gyl_writer_view(&w), .remove = part == UINT32_MAX};
	b->cnt++;
	b->len += GYL_STORE_RECORD_LEN + w.len;
	return r;
}

static void put_rr(struct gyl_writer *w, const struct gyl_dns_rec *r)
{
	gyl_put_u16(w, r->type);
	gyl_put_u32(w, r->ttl);
	gyl_put_u16(w, (uint16_t)r->rdata.len);
	gyl_put_view(w, r->rdata);
}

static size_t head_len(const uint8_t *name)
{
	return 2 + gyl_dns_name_len(name);
}

/* One value, from record *at on. */
static bool put_value(struct gyl__dns_batch *b, struct gyl_record *rec,
	const struct gyl_dns_live *z, const uint8_t *name, const struct gyl_dns_content *c,
	uint32_t *at)
{
	struct gyl_writer w;
	size_t room = sizeof b->val - b->val_len;

	gyl_writer_init(
		&w, b->val + b->val_len, room < GYL_STORE_VALUE_MAX ? room : GYL_STORE_VALUE_MAX);
	gyl_put_u8(&w, VERSION);
	gyl_put_u8(&w, z->apex_len);
	gyl_put_bytes(&w, name, gyl_dns_name_len(name));
	while (*at < c->cnt && RECORD_HEAD + c->rec[*at].rdata.len <= w.cap - w.len)
		put_rr(&w, &c->rec[(*at)++]);
	rec->val = gyl_writer_view(&w);
	b->val_len += w.len;
	b->len += w.len;
	return gyl_writer_ok(&w);
}

/* All values of a name. Those it had before are removed when they were more than one. */
static bool put_name(struct gyl__dns_batch *b, const struct gyl_dns_edit *e, const uint8_t *name,
	uint32_t was_len)
{
	struct gyl_dns_content *c = &e->all->scratch->content;
	uint32_t at = 0, part = 0;

	(void)gyl_dns_content_read(c, gyl_dns_live_node(e->z, name, gyl_dns_name_len(name)));
	if (was_len + head_len(name) > GYL_STORE_VALUE_MAX / 2)
		(void)put_record(b, e->z, name, UINT32_MAX);
	do {
		uint32_t from = at;

		if (b->cnt + 2 > GYL_STORE_BATCH_MAX ||
			!put_value(b, put_record(b, e->z, name, part++), e->z, name, c, &at) ||
			(at == from && c->cnt != 0))
			return false;
	} while (at < c->cnt);
	return b->len <= GYL_STORE_BATCH_LEN;
}

static void put_file(struct gyl__dns_batch *b, const struct gyl_dns_live *z)
{
	struct gyl_record *r = put_record(b, z, NULL, UINT32_MAX);
	struct gyl_writer w;

	gyl_writer_init(&w, b->key[b->cnt - 1], sizeof b->key[0]);
	w.len = r->key.len;
	gyl_text_str(&w, "/#file");
	b->len += w.len - r->key.len;
	r->key = gyl_writer_view(&w);
	r->remove = false;
	gyl_writer_init(&w, b->val + b->val_len, sizeof b->val - b->val_len);
	gyl_put_u8(&w, VERSION_FILE);
	gyl_put_u8(&w, z->apex_len);
	gyl_put_bytes(&w, z->apex, z->apex_len);
	gyl_put_u32(&w, z->file_sum);
	gyl_put_u32(&w, z->file_serial);
	r->val = gyl_writer_view(&w);
	b->val_len += w.len;
	b->len += w.len;
}

void gyl__dns_batch_file(struct gyl__dns_batch *b, const struct gyl_dns_live *z)
{
	b->cnt = b->len = b->val_len = 0;
	put_file(b, z);
}

bool gyl__dns_batch_make(struct gyl__dns_batch *b, const struct gyl_dns_edit *e)
{
	b->cnt = b->len = b->val_len = 0;
	if (!e->z->copy && !e->z->sum_stored)
		put_file(b, e->z);
	for (uint32_t i = 0; i < e->name_cnt; i++)
		if (!put_name(b, e, e->name[i], e->was_len[i]))
			return false;
	return true;
}

void gyl__dns_batch_forget(struct gyl__dns_batch *b, const struct gyl_dns_live *z)
{
	b->cnt = b->len = b->val_len = 0;
	(void)put_record(b, z, NULL, UINT32_MAX);
}

/* The next record of a value; *at is moved. False: the value is broken, or at its end. */
static bool next_rr(struct gyl_view val, size_t *at, struct gyl_dns_rec *ret_rec)
{
	const uint8_t *p = val.p + *at;
	size_t left = val.len - *at;

	if (left < RECORD_HEAD || left - RECORD_HEAD < gyl_get_u16(p + 6))
		return false;
	ret_rec->type = gyl_get_u16(p);
	ret_rec->ttl = gyl_get_u32(p + 2);
	ret_rec->rdata = gyl_view(p + RECORD_HEAD, gyl_get_u16(p + 6));
	*at += RECORD_HEAD + ret_rec->rdata.len;
	return !gyl_failed(gyl_dns_rdata_check(ret_rec->type, GYL_DNS_CLASS_IN, ret_rec->rdata));
}

/* The name of a value and its zone. */
static struct gyl_dns_live *zone_of(struct gyl_dns_lives *all, struct gyl_view val,
	uint8_t name[GYL_DNS_NAME_MAX], size_t *ret_at)
{
	struct gyl_dns_live *z;
	size_t len;

	if (val.len < 3 || (val.p[0] != VERSION && val.p[0] != VERSION_FILE) ||
		gyl_failed(gyl_dns_name_decode(val, 2, name, &len, ret_at)) || val.p[1] > len)
		return NULL;
	z = gyl_dns_live_stored(all, name + len - val.p[1], val.p[1]);
	return z != NULL && z->im != NULL && gyl_dns_name_is_under(name, z->apex) ? z : NULL;
}

static bool replay_file(struct gyl_dns_live *z, struct gyl_view sum)
{
	if (sum.len != 8)
		return false;
	z->stored_sum = gyl_get_u32(sum.p);
	z->stored_serial = gyl_get_u32(sum.p + 4);
	z->sum_stored = true;
	return true;
}

bool gyl__dns_zone_replay(struct gyl_dns_lives *all, struct gyl_view val)
{
	uint8_t name[GYL_DNS_NAME_MAX];
	size_t at = 0;
	struct gyl_dns_live *z = zone_of(all, val, name, &at);
	struct gyl_dns_content *c;
	const struct gyl_dns_node *n;
	struct gyl_dns_rec r;

	if (z == NULL) /* of a zone without changes nobody misses anything */
		return val.len > 0 && val.p[0] == VERSION_FILE;
	if (val.p[0] == VERSION_FILE)
		return replay_file(z, gyl_view_sub(val, at, val.len));
	c = &all->scratch->content;
	n = gyl_dns_live_node(z, name, gyl_dns_name_len(name));
	(void)gyl_dns_content_read(c, n != NULL && (n->flags & NODE_STORED) != 0 ? n : NULL);
	while (next_rr(val, &at, &r))
		if (!gyl_dns_content_add(c, &r))
			return false;
	if (at != val.len || !gyl_dns_live_write(all, z, name, c, false))
		return false;
	z->stored_cnt++;
	n = gyl_dns_live_node(z, name, gyl_dns_name_len(name));
	if (n != NULL)
		gyl__dns_live_at(z, gyl__dns_live_off(z, n))->flags |= NODE_STORED;
	return true;
}
