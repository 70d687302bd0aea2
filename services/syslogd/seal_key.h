/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_SYSLOGD_SEAL_KEY_H
#define GYL_SERVICES_SYSLOGD_SEAL_KEY_H

/*
 * The keys of a passphrase. scrypt makes one for every salt that sealed files name; a directory has
 * one salt as long as its passphrase stays, so that it runs once.
 *
 * Passphrase and keys are on pages that are never swapped, not dumped and zero in a forked child.
 */

#include "crypto/seal/seal.h"
#include "libproto/include/gyl/base.h"

enum {
	GYL_SYSLOGD_PASSPHRASE_MAX = 1023, /* octets */
	/* Salts whose keys are derived; each costs whoever reads a second. */
	GYL_SYSLOGD_SALT_MAX = 16
};

struct gyl_syslogd_keys;

/*
 * The passphrase is the first line of a file that nobody but its owner may read; "-": of standard
 * input. NULL with a sentence in err.
 */
struct gyl_syslogd_keys *gyl_syslogd_keys_open(const char *path, char err[200]);
/* From the terminal, without echo. */
struct gyl_syslogd_keys *gyl_syslogd_keys_ask(const char *prompt, char err[200]);
struct gyl_syslogd_keys *gyl_syslogd_keys_text(const char *passphrase, size_t len, char err[200]);

/* Wiped and unmapped; NULL is allowed. */
void gyl_syslogd_keys_close(struct gyl_syslogd_keys *k);

/* The processor's features, looked up once. */
uint32_t gyl_syslogd_keys_cpu(const struct gyl_syslogd_keys *k);

/*
 * The key that a sealed file was made with, by its first GYL_SEAL_HEADER_LEN octets, of either
 * version. Threads may ask at the same time.
 *   ret_key  stays valid until k is closed
 * GYL_SEAL_OK; an error of the header; GYL_SEAL_E_COST also when the files have too many salts or
 * there is no memory for scrypt; GYL_SEAL_E_KEY: it needs another passphrase, or the header was
 * altered.
 * @cost of the first file with its salt what its header says: about a second, 256 MiB at most
 */
int gyl_syslogd_keys_find(struct gyl_syslogd_keys *k, const uint8_t header[GYL_SEAL_HEADER_LEN],
	const struct gyl_seal_key **ret_key);

/*
 * A key to seal with, from a salt of ours: that of an older file when it cost as much as we want,
 * else fresh. False: no memory.
 */
bool gyl_syslogd_keys_make(struct gyl_syslogd_keys *k, const uint8_t salt[GYL_SEAL_KEY_SALT_LEN],
	const struct gyl_seal_key **ret_key);

/* Does this cost what keys that we make cost? */
bool gyl_syslogd_keys_our_cost(const struct gyl_scrypt_cost *cost);

/* The passphrase goes; keys that were derived stay. */
void gyl_syslogd_keys_forget(struct gyl_syslogd_keys *k);

#endif
