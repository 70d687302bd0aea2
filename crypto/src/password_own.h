/* SPDX-License-Identifier: ISC */
#ifndef GYL_CRYPTO_PASSWORD_OWN_H
#define GYL_CRYPTO_PASSWORD_OWN_H

#include <gyl/password.h>

/* GYL_CRYPTO_OK, or what is wrong with the numbers of *pw. */
int gyl__password_check(const struct gyl_password *pw);

#endif
