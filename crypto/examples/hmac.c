/* SPDX-License-Identifier: ISC */

/* One key, several messages: each carries a code, and one that was changed is found out. */

#include <gyl/cpu.h>
#include <gyl/ct.h>
#include <gyl/hmac.h>
#include <stdio.h>
#include <string.h>

static void sign(const struct gyl_hmac_key *k, const char *text, uint8_t *ret_mac)
{
	struct gyl_hmac m;

	gyl_hmac_init(&m, k);
	gyl_hmac_update(&m, text, strlen(text));
	gyl_hmac_final(&m, ret_mac);
}

int main(void)
{
	static const char *const texts[] = {"lease 10.0.0.17", "lease 10.0.0.18"};
	uint8_t mac[GYL_SHA256_LEN], again[GYL_SHA256_LEN];
	struct gyl_hmac_key k;
	int err = gyl_hmac_key_init(&k, GYL_HASH_SHA256, gyl_cpu_detect(), "a secret", 8);

	if (err != GYL_CRYPTO_OK) {
		fprintf(stderr, "%s\n", gyl_crypto_err_text(err));
		return 1;
	}
	sign(&k, texts[0], mac);
	for (size_t i = 0; i < 2; i++) {
		sign(&k, texts[i], again);
		printf("%s: %s\n", texts[i],
			gyl_ct_eq(mac, again, sizeof mac) ? "authentic" : "not what was signed");
	}
	gyl_wipe(&k, sizeof k);
	return 0;
}
