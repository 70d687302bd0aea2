/* SPDX-License-Identifier: ISC */

/*
 * Verifies a password against a stored string as a server does: what the string asks for is capped
 * before memory is found for it, and the work is done in slices of less than 1 ms.
 */

#include <gyl/cpu.h>
#include <gyl/password.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	MEM_MAX = 144 << 20, /* as much as ln=17, r=8 takes, and a little */
	SLICE_OCTETS = 256 << 10
};
static const uint64_t work_max = (uint64_t)1 << 28;

static int verify(const struct gyl_password *pw, const char *password)
{
	size_t need = gyl_password_need(pw);
	size_t room = (need + GYL_SCRYPT_ALIGN - 1) / GYL_SCRYPT_ALIGN * GYL_SCRYPT_ALIGN;
	void *scratch = need == 0 ? NULL : aligned_alloc(GYL_SCRYPT_ALIGN, room);
	struct gyl_password_work w;
	int err = gyl_password_begin(
		&w, pw, gyl_cpu_detect(), password, strlen(password), scratch, need, 0);

	if (err == GYL_CRYPTO_OK) {
		do
			err = gyl_password_step(&w, SLICE_OCTETS);
		while (err == GYL_CRYPTO_MORE); /* here an event loop would see to its packets */
	}
	if (err == GYL_CRYPTO_OK)
		err = gyl_password_verdict(&w);
	gyl_password_end(&w);
	free(scratch);
	return err;
}

int main(int argc, char **argv)
{
	const char *text = argc > 1 ? argv[1]
				    : "$scrypt$ln=10,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$"
				      "eTCWU2lLwJ/9Z3/gGSAs3uPEQ2i49cwEPMntj1/rAmw";
	const char *password = argc > 2 ? argv[2] : "guyline";
	struct gyl_password pw;
	size_t off;
	int err = gyl_password_parse(text, strlen(text), &pw, &off);

	if (err != GYL_CRYPTO_OK) {
		fprintf(stderr, "octet %zu: %s\n", off, gyl_crypto_err_text(err));
		return 2;
	}
	err = gyl_password_cap(&pw, MEM_MAX, work_max);
	if (err == GYL_CRYPTO_OK)
		err = verify(&pw, password);
	puts(err == GYL_CRYPTO_OK ? "welcome" : gyl_crypto_err_text(err));
	return err != GYL_CRYPTO_OK;
}
