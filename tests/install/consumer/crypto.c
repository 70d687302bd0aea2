/* SPDX-License-Identifier: ISC */

/*
 * A program of somebody else that hashes with every library there is: ours, OpenSSL's libcrypto,
 * libsodium. They agree, so each got its own functions. crypto.cc is this file, read by C++.
 */

#include <gyl/ct.h>
#include <gyl/sha256.h>
#ifdef WITH_LIBCRYPTO
#	include <openssl/evp.h>
#endif
#ifdef WITH_LIBSODIUM
#	include <sodium.h>
#endif
#include <stdio.h>
#include <string.h>

static const char text[] = "hello";

static int same(const unsigned char *theirs)
{
	uint8_t ours[GYL_SHA256_LEN];
	struct gyl_sha256 s;

	gyl_sha256_init(&s, 0);
	gyl_sha256_update(&s, text, strlen(text));
	gyl_sha256_final(&s, ours);
	return theirs == NULL || gyl_ct_eq(ours, theirs, sizeof ours);
}

int main(void)
{
	unsigned char digest[GYL_SHA256_LEN];
	int ok = same(NULL);

	memset(digest, 0, sizeof digest);
#ifdef WITH_LIBCRYPTO
	EVP_Digest(text, strlen(text), digest, NULL, EVP_sha256(), NULL);
	ok = ok && same(digest);
#endif
#ifdef WITH_LIBSODIUM
	crypto_hash_sha256(digest, (const unsigned char *)text, strlen(text));
	ok = ok && same(digest);
#endif
	puts(ok ? text : gyl_crypto_err_text(GYL_CRYPTO_E_MISMATCH));
	return !ok;
}
