/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_CRC32C_H
#define GYL_SERVICES_BASE_CRC32C_H

/*
 * CRC-32C (Castagnoli; RFC 3720 12.1): what journal units and flat blocks are checked with.
 *
 * Any error burst of up to 32 bits is found, and up to 3 flipped bits within a unit of 1,024
 * octets. Pure; plain C, for guests have no use of SSE 4.2.
 */

#include <gyl/base.h>

/* CRC of p[0, len); cost about 0.7 ns an octet, from 4,096 on a third of it. The CRC of nothing is
 * 0. */
uint32_t gyl_crc32c(const void *p, size_t len);

/* CRC of A followed by p[0, len), when crc is the CRC of A. */
uint32_t gyl_crc32c_more(uint32_t crc, const void *p, size_t len);

#endif
