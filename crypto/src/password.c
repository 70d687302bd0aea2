/* SPDX-License-Identifier: ISC */
#include <gyl/ct.h>
#include <gyl/password.h>
#include <string.h>

#include "crypto/src/password_own.h"

enum state {
	ENDED, /* what wiping leaves */
	BUSY,
	DONE
};

enum {
	ITER_OCTETS = 128, /* that one iteration hashes: two blocks of SHA-256 */
	/* What PBKDF2 before and after the mixing costs, and the wiping, as if N were so much more:
	 * with N = 2 it is nearly all, and p may be a million. */
	N_BESIDES = 20
};

size_t gyl_password_need(const struct gyl_password *pw)
{
	return pw->kind == GYL_PASSWORD_SCRYPT ? gyl_scrypt_need(&pw->cost, 1) : 0;
}

static uint64_t times(uint64_t a, uint64_t b)
{
	return b != 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

static uint64_t work_of(const struct gyl_password *pw)
{
	uint64_t digest_cnt = (pw->hash_len + GYL_SHA256_LEN - 1u) / GYL_SHA256_LEN;

	if (pw->kind == GYL_PASSWORD_SCRYPT)
		return times(
			times(256, pw->cost.n) + 256 * N_BESIDES, times(pw->cost.r, pw->cost.p));
	return times(ITER_OCTETS * digest_cnt, pw->iter_cnt);
}

int gyl_password_cap(const struct gyl_password *pw, size_t mem_max, uint64_t work_max)
{
	size_t need = gyl_password_need(pw);

	/* Memory that cannot be addressed is more than anybody allows. */
	if (need > mem_max || (need == 0 && pw->kind == GYL_PASSWORD_SCRYPT))
		return GYL_CRYPTO_E_COST;
	return work_of(pw) > work_max ? GYL_CRYPTO_E_COST : GYL_CRYPTO_OK;
}

int gyl_password_begin(struct gyl_password_work *w, const struct gyl_password *pw, uint32_t cpu,
	const void *password, size_t password_len, void *scratch, size_t scratch_len,
	unsigned flags)
{
	int err = gyl__password_check(pw);

	memset(w, 0, sizeof *w);
	if (err == GYL_CRYPTO_OK && pw->kind == GYL_PASSWORD_SCRYPT)
		err = gyl_scrypt_begin(&w->kdf.scrypt, cpu, password, password_len, pw->salt,
			pw->salt_len, &pw->cost, w->hash, pw->hash_len, scratch, scratch_len,
			flags);
	else if (err == GYL_CRYPTO_OK)
		err = gyl_pbkdf2_begin(&w->kdf.pbkdf2, GYL_HASH_SHA256, cpu, password, password_len,
			pw->salt, pw->salt_len, pw->iter_cnt, w->hash, pw->hash_len);
	w->pw = pw;
	w->state = err == GYL_CRYPTO_OK ? BUSY : ENDED;
	return err;
}

int gyl_password_step(struct gyl_password_work *w, size_t octet_max)
{
	int err;

	if (w->state != BUSY)
		return w->state == DONE ? GYL_CRYPTO_OK : GYL_CRYPTO_E_STATE;
	if (w->pw->kind == GYL_PASSWORD_SCRYPT)
		err = gyl_scrypt_step(&w->kdf.scrypt, octet_max);
	else
		err = gyl_pbkdf2_step(&w->kdf.pbkdf2, octet_max / ITER_OCTETS);
	if (err == GYL_CRYPTO_OK)
		w->state = DONE;
	return err;
}

int gyl_password_verdict(const struct gyl_password_work *w)
{
	if (w->state != DONE)
		return GYL_CRYPTO_E_STATE;
	return gyl_ct_eq(w->hash, w->pw->hash, w->pw->hash_len) ? GYL_CRYPTO_OK
								: GYL_CRYPTO_E_MISMATCH;
}

int gyl_password_store(const struct gyl_password_work *w, struct gyl_password *ret_pw)
{
	if (w->state != DONE) {
		gyl_wipe(ret_pw, sizeof *ret_pw);
		return GYL_CRYPTO_E_STATE;
	}
	if (ret_pw != w->pw)
		*ret_pw = *w->pw;
	memcpy(ret_pw->hash, w->hash, sizeof ret_pw->hash);
	return GYL_CRYPTO_OK;
}

void gyl_password_end(struct gyl_password_work *w)
{
	if (w->state != ENDED) {
		if (w->pw->kind == GYL_PASSWORD_SCRYPT)
			gyl_scrypt_end(&w->kdf.scrypt);
		else
			gyl_pbkdf2_end(&w->kdf.pbkdf2);
	}
	gyl_wipe(w, sizeof *w);
}

int gyl_password_verify(const struct gyl_password *pw, uint32_t cpu, const void *password,
	size_t password_len, void *scratch, size_t scratch_len)
{
	struct gyl_password_work w;
	int err = gyl_password_begin(&w, pw, cpu, password, password_len, scratch, scratch_len, 0);

	if (err == GYL_CRYPTO_OK) {
		do
			err = gyl_password_step(&w, SIZE_MAX);
		while (err == GYL_CRYPTO_MORE);
		if (err == GYL_CRYPTO_OK)
			err = gyl_password_verdict(&w);
	}
	gyl_password_end(&w);
	return err;
}
