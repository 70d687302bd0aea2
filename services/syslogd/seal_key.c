/* SPDX-License-Identifier: ISC */
#include "services/syslogd/seal_key.h"

#include <errno.h>
#include <gyl/cpu.h>
#include <gyl/ct.h>
#include <gyl/secret.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "crypto/seal/frames.h"
#include "services/base/secret.h"

/* What keys that we make cost: 32 MiB and as much work as N=2^17 with p=1, 0.3 s on a server and a
 * second or two on a small board, once a start. */
static const struct gyl_scrypt_cost our_cost = {.n = 1 << 15, .r = 8, .p = 3};

/* What a header may ask of a reader: 256 MiB, and four seconds of a server. */
static const size_t mem_max = (size_t)257 << 20;
static const uint64_t work_max = (uint64_t)1 << 32;

struct gyl_syslogd_keys {
	pthread_mutex_t lock; /* of what follows */
	uint32_t cpu;
	size_t cnt;
	struct gyl_seal_key key[GYL_SYSLOGD_SALT_MAX];
	size_t len;
	char passphrase[GYL_SYSLOGD_PASSPHRASE_MAX + 1];
};

static struct gyl_syslogd_keys *map(char err[200])
{
	struct gyl_syslogd_keys *k;
	void *p;

	if (sodium_init() < 0 || gyl_secret_map(sizeof *k, &p) != GYL_CRYPTO_OK) {
		snprintf(err, 200, "no memory for keys: %s", strerror(errno));
		return NULL;
	}
	k = p;
	pthread_mutex_init(&k->lock, NULL);
	k->cpu = gyl_cpu_detect();
	return k;
}

void gyl_syslogd_keys_close(struct gyl_syslogd_keys *k)
{
	if (k == NULL)
		return;
	pthread_mutex_destroy(&k->lock);
	gyl_secret_unmap(k, sizeof *k);
}

/* Was there a passphrase? */
static struct gyl_syslogd_keys *checked(
	struct gyl_syslogd_keys *k, bool good, const char *name, char err[200])
{
	if (good && k->passphrase[0] == '\0')
		snprintf(err, 200, "%s: the passphrase is empty", name);
	k->len = strlen(k->passphrase);
	if (good && k->len != 0)
		return k;
	gyl_syslogd_keys_close(k);
	return NULL;
}

struct gyl_syslogd_keys *gyl_syslogd_keys_open(const char *path, char err[200])
{
	struct gyl_syslogd_keys *k = map(err);
	bool good;

	if (k == NULL)
		return NULL;
	good = strcmp(path, "-") == 0
		       ? gyl_secret_file(path, k->passphrase, sizeof k->passphrase, err)
		       : gyl_secret_private(path, k->passphrase, sizeof k->passphrase, err);
	return checked(k, good, path, err);
}

struct gyl_syslogd_keys *gyl_syslogd_keys_ask(const char *prompt, char err[200])
{
	struct gyl_syslogd_keys *k = map(err);

	if (k == NULL)
		return NULL;
	return checked(k, gyl_secret_ask(prompt, k->passphrase, sizeof k->passphrase, err),
		"terminal", err);
}

struct gyl_syslogd_keys *gyl_syslogd_keys_text(const char *passphrase, size_t len, char err[200])
{
	struct gyl_syslogd_keys *k = map(err);

	if (k == NULL)
		return NULL;
	len = len < sizeof k->passphrase ? len : sizeof k->passphrase - 1;
	memcpy(k->passphrase, passphrase, len);
	return checked(k, true, "passphrase", err);
}

uint32_t gyl_syslogd_keys_cpu(const struct gyl_syslogd_keys *k)
{
	return k->cpu;
}

/* Into the next place. scrypt's memory is as secret as the passphrase. */
static bool derive(struct gyl_syslogd_keys *k, const uint8_t salt[GYL_SEAL_KEY_SALT_LEN],
	const struct gyl_scrypt_cost *cost)
{
	size_t len = gyl_scrypt_need(cost, 1);
	void *scratch;
	int err;

	if (k->cnt == GYL_SYSLOGD_SALT_MAX || k->len == 0 ||
		gyl_secret_map(len, &scratch) != GYL_CRYPTO_OK)
		return false;
	err = gyl_seal_key_passphrase(
		&k->key[k->cnt], k->cpu, k->passphrase, k->len, salt, cost, scratch, len);
	gyl_secret_unmap(scratch, len);
	if (err == GYL_CRYPTO_OK)
		k->cnt++;
	return err == GYL_CRYPTO_OK;
}

/* NULL: it cannot be had. */
static const struct gyl_seal_key *get(struct gyl_syslogd_keys *k,
	const uint8_t salt[GYL_SEAL_KEY_SALT_LEN], const struct gyl_scrypt_cost *cost)
{
	for (size_t i = 0; i < k->cnt; i++) {
		const struct gyl_seal_key *key = &k->key[i];

		if (memcmp(key->salt, salt, sizeof key->salt) == 0 && key->cost.n == cost->n &&
			key->cost.r == cost->r && key->cost.p == cost->p)
			return key;
	}
	return derive(k, salt, cost) ? &k->key[k->cnt - 1] : NULL;
}

static int decode(const uint8_t *header, struct gyl_seal_header *ret)
{
	int err = gyl_seal_frames_decode(header, mem_max, work_max, ret, NULL);

	return err == GYL_SEAL_E_VERSION
		       ? gyl_seal_header_decode(header, mem_max, work_max, ret, NULL)
		       : err;
}

/* By the commitment: the derivation of a file's key is the same in both versions. */
static int fits(const struct gyl_seal_key *key, uint32_t cpu, const uint8_t *header)
{
	struct gyl_seal_frames f;
	int err = gyl_seal_frames_open(&f, header, key, cpu);

	gyl_seal_frames_end(&f);
	return err;
}

int gyl_syslogd_keys_find(struct gyl_syslogd_keys *k, const uint8_t header[GYL_SEAL_HEADER_LEN],
	const struct gyl_seal_key **ret_key)
{
	struct gyl_seal_header h;
	int err = decode(header, &h);

	if (err != GYL_SEAL_OK)
		return err;
	if (h.kind != GYL_SEAL_PASSPHRASE)
		return GYL_SEAL_E_KEY;
	pthread_mutex_lock(&k->lock);
	*ret_key = get(k, h.key_salt, &h.cost);
	pthread_mutex_unlock(&k->lock);
	return *ret_key == NULL ? GYL_SEAL_E_COST : fits(*ret_key, k->cpu, header);
}

bool gyl_syslogd_keys_make(struct gyl_syslogd_keys *k, const uint8_t salt[GYL_SEAL_KEY_SALT_LEN],
	const struct gyl_seal_key **ret_key)
{
	pthread_mutex_lock(&k->lock);
	*ret_key = get(k, salt, &our_cost);
	pthread_mutex_unlock(&k->lock);
	return *ret_key != NULL;
}

bool gyl_syslogd_keys_our_cost(const struct gyl_scrypt_cost *cost)
{
	return cost->n == our_cost.n && cost->r == our_cost.r && cost->p == our_cost.p;
}

void gyl_syslogd_keys_forget(struct gyl_syslogd_keys *k)
{
	gyl_wipe(k->passphrase, sizeof k->passphrase);
	k->len = 0;
}
