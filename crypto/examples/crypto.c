/* SPDX-License-Identifier: ISC */

/* Prints what each error of the library means. */

#include <gyl/crypto.h>
#include <stdio.h>

int main(void)
{
	for (int err = GYL_CRYPTO_MORE; err >= GYL_CRYPTO_E_OS; err--)
		printf("%4d  %s\n", err, gyl_crypto_err_text(err));
	return 0;
}
