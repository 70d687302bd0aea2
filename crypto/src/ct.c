/* SPDX-License-Identifier: ISC */
#include <gyl/ct.h>
#include <string.h>

bool gyl_ct_eq(const void *a, const void *b, size_t len)
{
	const uint8_t *x = a, *y = b;
	uint32_t diff = 0;

	for (size_t i = 0; i < len; i++)
		diff |= (uint32_t)(x[i] ^ y[i]);
	/* 0 - 1 borrows into the high bits, any octet from 1 to 255 less 1 does not. */
	return (diff - 1) >> 31 != 0;
}

void gyl_wipe(void *p, size_t len)
{
	if (len == 0)
		return;
	memset(p, 0, len);
	/* The octets are "read" here, so that the stores above are not dead. */
	__asm__ volatile("" : : "r"(p) : "memory");
}
