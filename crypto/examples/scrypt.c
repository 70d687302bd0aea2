/* SPDX-License-Identifier: ISC */

/*
 * Derives a key from a password in slices of less than a millisecond, between which a server would
 * serve others. With "pleaseletmein" it is the third key of RFC 7914 section 12.
 */

#include <gyl/cpu.h>
#include <gyl/ct.h>
#include <gyl/scrypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int derive(const char *password, const struct gyl_scrypt_cost *cost, uint8_t *key,
	size_t key_len, unsigned *ret_slice_cnt)
{
	static const char salt[] = "SodiumChloride"; /* yours: 16 random octets, stored */
	size_t need = gyl_scrypt_need(cost, 1);
	void *scratch = need == 0 ? NULL : aligned_alloc(GYL_SCRYPT_ALIGN, need);
	struct gyl_scrypt s;
	int err = gyl_scrypt_begin(&s, gyl_cpu_detect(), password, strlen(password), salt,
		sizeof salt - 1, cost, key, key_len, scratch, scratch == NULL ? 0 : need, 0);

	*ret_slice_cnt = 0;
	if (err == GYL_CRYPTO_OK)
		do {
			err = gyl_scrypt_step(&s, 256 << 10);
			++*ret_slice_cnt; /* here a server answers who waits */
		} while (err == GYL_CRYPTO_MORE);
	free(scratch);
	return err;
}

int main(int argc, char **argv)
{
	struct gyl_scrypt_cost cost = {.n = gyl_scrypt_n_max(20 << 20, 8), .r = 8, .p = 1};
	uint8_t key[64];
	unsigned slice_cnt;
	int err = derive(argc > 1 ? argv[1] : "pleaseletmein", &cost, key, sizeof key, &slice_cnt);

	if (err != GYL_CRYPTO_OK) {
		fprintf(stderr, "scrypt: %s\n", gyl_crypto_err_text(err));
		return 1;
	}
	for (size_t i = 0; i < sizeof key; i++)
		printf("%02x", key[i]);
	printf("\nN=%llu, %u slices\n", (unsigned long long)cost.n, slice_cnt);
	gyl_wipe(key, sizeof key);
	return 0;
}
