/* SPDX-License-Identifier: ISC */
#include <gyl/crypto.h>

static const char *const texts[] = {
	[0] = "done",
	[-GYL_CRYPTO_E_HASH] = "no such hash function",
	[-GYL_CRYPTO_E_ITER_ZERO] = "the iteration count is 0",
	[-GYL_CRYPTO_E_LEN_ZERO] = "the length asked for is 0",
	[-GYL_CRYPTO_E_LEN_BIG] = "the length asked for is over the limit",
	[-GYL_CRYPTO_E_N_SMALL] = "N is below 2",
	[-GYL_CRYPTO_E_N_POWER] = "N is no power of two",
	[-GYL_CRYPTO_E_N_BIG] = "N is not below 2^(16 r)",
	[-GYL_CRYPTO_E_R_ZERO] = "r is 0",
	[-GYL_CRYPTO_E_P_ZERO] = "p is 0",
	[-GYL_CRYPTO_E_RP_BIG] = "r p is not below 2^30",
	[-GYL_CRYPTO_E_SIZE] = "the memory it takes cannot be addressed",
	[-GYL_CRYPTO_E_SCRATCH_SMALL] = "the scratch memory is too small",
	[-GYL_CRYPTO_E_SCRATCH_ALIGN] = "the scratch memory is not aligned",
	[-GYL_CRYPTO_E_COST] = "it costs more than is allowed",
	[-GYL_CRYPTO_E_FORMAT] = "the text is not of its form",
	[-GYL_CRYPTO_E_MISMATCH] = "the secret is another one",
	[-GYL_CRYPTO_E_SPACE] = "the buffer is too small",
	[-GYL_CRYPTO_E_UNSEEDED] = "the generator is not seeded",
	[-GYL_CRYPTO_E_BOUND] = "the bound is 0",
	[-GYL_CRYPTO_E_SOURCE] = "no such entropy source, or no room for it",
	[-GYL_CRYPTO_E_STATE] = "called out of order",
	[-GYL_CRYPTO_E_OS] = "the operating system refused",
};

uint32_t gyl_crypto_version(void)
{
	return GYL_CRYPTO_VERSION;
}

const char *gyl_crypto_err_text(int err)
{
	if (err == GYL_CRYPTO_MORE)
		return "there is more to do";
	if (err > 0 || err <= -(int)(sizeof texts / sizeof texts[0]))
		return "unknown error";
	return texts[-err];
}
