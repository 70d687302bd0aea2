/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_DNS_ZONEC_FILE_H
#define GYL_SERVICES_DNS_ZONEC_FILE_H

#include <stddef.h>
#include <stdint.h>

/* The whole file in one piece, which the caller frees; NULL with errno. A file that is being
 * written is read as far as it was. */
uint8_t *gyl__zc_slurp(const char *path, size_t *ret_len);

#endif
