/* SPDX-License-Identifier: ISC */
#include "services/base/replica.h"

#include <gyl/crypto.h>
#include <gyl/ct.h>
#include <gyl/hkdf.h>

static const uint8_t magic[5] = {'G', 'Y', 'L', 'R', 1};

bool gyl_replica_init(struct gyl_replica *r, struct gyl_view secret)
{
	static const char label[] = "guyline replica 1 secret";

	memset(r, 0, sizeof *r);
	if (secret.len < GYL_REPLICA_SECRET_MIN)
		return false;
	return gyl_hkdf(GYL_HASH_SHA256, 0, secret.p, secret.len, NULL, 0, label, sizeof label - 1,
		       r->key, sizeof r->key) == GYL_CRYPTO_OK;
}

void gyl_replica_begin(struct gyl_replica *r, bool opener,
	const uint8_t nonce[GYL_REPLICA_NONCE_LEN], uint8_t ret_hello[GYL_REPLICA_HELLO_LEN])
{
	gyl_replica_end(r);
	memcpy(r->nonce, nonce, sizeof r->nonce);
	r->opener = opener;
	r->state = GYL_REPLICA_HELLO;
	memset(ret_hello, 0, GYL_REPLICA_HELLO_LEN);
	memcpy(ret_hello, magic, sizeof magic);
	ret_hello[5] = opener;
	memcpy(ret_hello + 8, nonce, GYL_REPLICA_NONCE_LEN);
}

void gyl_replica_end(struct gyl_replica *r)
{
	gyl_wipe(&r->in, sizeof r->in);
	gyl_wipe(&r->out, sizeof r->out);
	r->in_no = 0;
	r->out_no = 0;
	r->state = GYL_REPLICA_IDLE;
	r->proven = false;
}

/* A key a direction, of this connection alone: both ends put something random in. */
static void make_keys(struct gyl_replica *r, const uint8_t *theirs)
{
	static const char label[] = "guyline replica 1 frames";
	uint8_t salt[2 * GYL_REPLICA_NONCE_LEN], key[64];

	memcpy(salt, r->opener ? r->nonce : theirs, GYL_REPLICA_NONCE_LEN);
	memcpy(salt + GYL_REPLICA_NONCE_LEN, r->opener ? theirs : r->nonce, GYL_REPLICA_NONCE_LEN);
	/* It cannot fail: the hash and the lengths are right by construction. */
	(void)gyl_hkdf(GYL_HASH_SHA256, 0, r->key, sizeof r->key, salt, sizeof salt, label,
		sizeof label - 1, key, sizeof key);
	(void)gyl_hmac_key_init(&r->out, GYL_HASH_SHA256, 0, key + (r->opener ? 0 : 32), 32);
	(void)gyl_hmac_key_init(&r->in, GYL_HASH_SHA256, 0, key + (r->opener ? 32 : 0), 32);
	gyl_wipe(key, sizeof key);
}

static enum gyl_replica_got take_hello(
	struct gyl_replica *r, struct gyl_view data, size_t *ret_used)
{
	size_t known = data.len < sizeof magic ? data.len : sizeof magic;

	if (known != 0 && memcmp(data.p, magic, known) != 0)
		return GYL_REPLICA_BAD;
	if (data.len < GYL_REPLICA_HELLO_LEN)
		return GYL_REPLICA_MORE;
	/* One opens, the other is opened to: our own hello, sent back, is neither. */
	if (data.p[5] != !r->opener || data.p[6] != 0 || data.p[7] != 0)
		return GYL_REPLICA_BAD;
	make_keys(r, data.p + 8);
	r->state = GYL_REPLICA_OPEN;
	*ret_used = GYL_REPLICA_HELLO_LEN;
	return GYL_REPLICA_HELLOED;
}

/* The number is part of what is authenticated, not of the frame: a stream keeps its order. */
static void mac_of(const struct gyl_hmac_key *key, uint64_t no, const uint8_t *p, size_t len,
	uint8_t ret_mac[GYL_REPLICA_MAC_LEN])
{
	struct gyl_hmac m;
	uint8_t number[8];

	gyl_set_u64(number, no);
	gyl_hmac_init(&m, key);
	gyl_hmac_update(&m, number, sizeof number);
	gyl_hmac_update(&m, p, len);
	gyl_hmac_final(&m, ret_mac);
}

enum gyl_replica_got gyl_replica_take(struct gyl_replica *r, struct gyl_view data, size_t *ret_used,
	struct gyl_replica_frame *ret_frame)
{
	uint8_t mac[GYL_REPLICA_MAC_LEN];
	size_t len, body;

	*ret_used = 0;
	if (r->state == GYL_REPLICA_HELLO)
		return take_hello(r, data, ret_used);
	if (r->state != GYL_REPLICA_OPEN)
		return GYL_REPLICA_BAD;
	if (data.len < GYL_REPLICA_HEAD_LEN)
		return GYL_REPLICA_MORE;
	len = gyl_get_u16(data.p);
	if (len < GYL_REPLICA_HEAD_LEN + GYL_REPLICA_MAC_LEN || len > GYL_REPLICA_FRAME_MAX)
		return GYL_REPLICA_BAD;
	if (data.len < len)
		return GYL_REPLICA_MORE;
	body = len - GYL_REPLICA_MAC_LEN;
	mac_of(&r->in, r->in_no, data.p, body, mac);
	if (!gyl_ct_eq(mac, data.p + body, sizeof mac) || data.p[3] != 0)
		return GYL_REPLICA_BAD;
	r->in_no++;
	r->proven = true;
	ret_frame->type = data.p[2];
	ret_frame->body = gyl_view(data.p + GYL_REPLICA_HEAD_LEN, body - GYL_REPLICA_HEAD_LEN);
	*ret_used = len;
	return GYL_REPLICA_FRAME;
}

void gyl_replica_body(struct gyl_writer *w, uint8_t *buf)
{
	gyl_writer_init(w, buf + GYL_REPLICA_HEAD_LEN, GYL_REPLICA_BODY_MAX);
}

size_t gyl_replica_seal(
	struct gyl_replica *r, uint8_t type, const struct gyl_writer *w, uint8_t *buf)
{
	size_t body = GYL_REPLICA_HEAD_LEN + w->len;

	gyl_set_u16(buf, (uint16_t)(body + GYL_REPLICA_MAC_LEN));
	buf[2] = type;
	buf[3] = 0;
	mac_of(&r->out, r->out_no++, buf, body, buf + body);
	return body + GYL_REPLICA_MAC_LEN;
}

bool gyl_replica_put_record(struct gyl_writer *w, const struct gyl_record *rec)
{
	size_t val_len = rec->remove ? 0 : rec->val.len;

	if (GYL_REPLICA_RECORD_HEAD + rec->key.len + val_len > w->cap - w->len)
		return false;
	gyl_put_u8(w, rec->remove);
	gyl_put_u8(w, (uint8_t)rec->key.len);
	gyl_put_u16(w, (uint16_t)val_len);
	gyl_put_bytes(w, rec->key.p, rec->key.len);
	gyl_put_bytes(w, rec->val.p, val_len);
	return true;
}

bool gyl_replica_next_record(struct gyl_view *rest, struct gyl_record *ret_rec)
{
	size_t key_len, val_len;

	if (rest->len < GYL_REPLICA_RECORD_HEAD || rest->p[0] > 1)
		return false;
	key_len = rest->p[1];
	val_len = gyl_get_u16(rest->p + 2);
	if (rest->len - GYL_REPLICA_RECORD_HEAD < key_len + val_len)
		return false;
	ret_rec->remove = rest->p[0] == 1;
	ret_rec->key = gyl_view_sub(*rest, GYL_REPLICA_RECORD_HEAD, key_len);
	ret_rec->val = gyl_view_sub(*rest, GYL_REPLICA_RECORD_HEAD + key_len, val_len);
	*rest = gyl_view_sub(*rest, GYL_REPLICA_RECORD_HEAD + key_len + val_len, rest->len);
	return true;
}
