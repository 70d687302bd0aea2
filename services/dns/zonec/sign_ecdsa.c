/* SPDX-License-Identifier: ISC */
#include "services/dns/zonec/sign_ecdsa.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include <gyl/ct.h>
#include <gyl/hmac.h>
#include <gyl/sha256.h>

/* RFC 6979 3.2: a generator that key and message start. */
struct draw {
	uint8_t key[GYL_SHA256_LEN], v[GYL_SHA256_LEN];
};

static void mac(const struct draw *g, const uint8_t *p, size_t len, const uint8_t *more,
	uint8_t ret_mac[GYL_SHA256_LEN])
{
	struct gyl_hmac_key key;
	struct gyl_hmac m;

	gyl_hmac_key_init(&key, GYL_HASH_SHA256, 0, g->key, sizeof g->key);
	gyl_hmac_init(&m, &key);
	gyl_hmac_update(&m, p, len);
	if (more != NULL)
		gyl_hmac_update(&m, more, 2 * (size_t)GYL_ECDSA_LEN);
	gyl_hmac_final(&m, ret_mac);
	gyl_wipe(&key, sizeof key);
}

/* Steps d to g, and h's third: K = HMAC_K(V || octet || more), V = HMAC_K(V). */
static void stir(struct draw *g, uint8_t octet, const uint8_t *more)
{
	uint8_t in[GYL_SHA256_LEN + 1];

	memcpy(in, g->v, sizeof g->v);
	in[GYL_SHA256_LEN] = octet;
	mac(g, in, sizeof in, more, g->key);
	mac(g, g->v, sizeof g->v, NULL, g->v);
}

static void draw_init(struct draw *g, const uint8_t seed[2 * GYL_ECDSA_LEN])
{
	memset(g->v, 1, sizeof g->v);
	memset(g->key, 0, sizeof g->key);
	stir(g, 0, seed);
	stir(g, 1, seed);
}

/* Numbers of one signature. */
struct numbers {
	BN_CTX *ctx;
	EC_GROUP *group;
	EC_POINT *point;
	BIGNUM *order, *d, *z, *k, *r, *s;
};

static bool open_numbers(struct numbers *n)
{
	n->ctx = BN_CTX_secure_new();
	n->group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	n->point = n->group == NULL ? NULL : EC_POINT_new(n->group);
	n->order = BN_new();
	n->d = BN_secure_new();
	n->z = BN_new();
	n->k = BN_secure_new();
	n->r = BN_new();
	n->s = BN_new();
	return n->ctx != NULL && n->point != NULL && n->order != NULL && n->d != NULL &&
	       n->z != NULL && n->k != NULL && n->r != NULL && n->s != NULL &&
	       EC_GROUP_get_order(n->group, n->order, n->ctx) == 1;
}

static void close_numbers(struct numbers *n)
{
	BN_free(n->order);
	BN_clear_free(n->d);
	BN_free(n->z);
	BN_clear_free(n->k);
	BN_free(n->r);
	BN_free(n->s);
	EC_POINT_free(n->point);
	EC_GROUP_free(n->group);
	BN_CTX_free(n->ctx);
}

/* r and s with this k. False: k is none, or there is no memory, which comes to the same. */
static bool try_k(struct numbers *n, const uint8_t k[GYL_ECDSA_LEN])
{
	BN_set_flags(n->k, BN_FLG_CONSTTIME);
	if (BN_bin2bn(k, GYL_ECDSA_LEN, n->k) == NULL || BN_is_zero(n->k) ||
		BN_cmp(n->k, n->order) >= 0)
		return false;
	if (EC_POINT_mul(n->group, n->point, n->k, NULL, NULL, n->ctx) != 1 ||
		EC_POINT_get_affine_coordinates(n->group, n->point, n->r, NULL, n->ctx) != 1 ||
		BN_nnmod(n->r, n->r, n->order, n->ctx) != 1 || BN_is_zero(n->r))
		return false;
	/* s = (z + r d) / k */
	return BN_mod_mul(n->s, n->r, n->d, n->order, n->ctx) == 1 &&
	       BN_mod_add(n->s, n->s, n->z, n->order, n->ctx) == 1 &&
	       BN_mod_inverse(n->k, n->k, n->order, n->ctx) != NULL &&
	       BN_mod_mul(n->s, n->s, n->k, n->order, n->ctx) == 1 && !BN_is_zero(n->s);
}

static bool sign(struct numbers *n, const uint8_t d[GYL_ECDSA_LEN], const uint8_t *hash)
{
	uint8_t seed[2 * GYL_ECDSA_LEN];
	struct draw g;
	bool ok = false;

	BN_set_flags(n->d, BN_FLG_CONSTTIME);
	if (BN_bin2bn(d, GYL_ECDSA_LEN, n->d) == NULL ||
		BN_bin2bn(hash, GYL_SHA256_LEN, n->z) == NULL ||
		BN_nnmod(n->z, n->z, n->order, n->ctx) != 1)
		return false;
	memcpy(seed, d, GYL_ECDSA_LEN);
	BN_bn2binpad(n->z, seed + GYL_ECDSA_LEN, GYL_ECDSA_LEN);
	draw_init(&g, seed);
	/* RFC 6979 3.2 h; the first k is none with probability 2^-32 */
	for (int i = 0; i < 16 && !ok; i++) {
		mac(&g, g.v, sizeof g.v, NULL, g.v);
		ok = try_k(n, g.v);
		if (!ok)
			stir(&g, 0, NULL);
	}
	gyl_wipe(seed, sizeof seed);
	gyl_wipe(&g, sizeof g);
	return ok;
}

bool gyl_ecdsa_sign(const uint8_t d[GYL_ECDSA_LEN], const uint8_t *p, size_t len,
	uint8_t sig[2 * GYL_ECDSA_LEN])
{
	struct numbers n = {.ctx = NULL};
	struct gyl_sha256 s;
	uint8_t hash[GYL_SHA256_LEN];
	bool ok;

	gyl_sha256_init(&s, 0);
	gyl_sha256_update(&s, p, len);
	gyl_sha256_final(&s, hash);
	ok = open_numbers(&n) && sign(&n, d, hash) &&
	     BN_bn2binpad(n.r, sig, GYL_ECDSA_LEN) == GYL_ECDSA_LEN &&
	     BN_bn2binpad(n.s, sig + GYL_ECDSA_LEN, GYL_ECDSA_LEN) == GYL_ECDSA_LEN;
	close_numbers(&n);
	return ok;
}
