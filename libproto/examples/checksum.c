/* SPDX-License-Identifier: ISC */

/* Sums a message in pieces, then changes a word of it without summing again. */

#include <gyl/checksum.h>
#include <stdio.h>

int main(void)
{
	uint8_t message[] = "abcdefghijklm";
	struct gyl_checksum sum;
	uint16_t before, updated;

	gyl_checksum_init(&sum);
	gyl_checksum_add(&sum, gyl_view(message, 5));
	gyl_checksum_add(&sum, gyl_view(message + 5, 8));
	printf("in pieces  %04x\n", gyl_checksum_end(&sum));
	printf("in one go  %04x\n", gyl_checksum_of(gyl_view(message, 13)));

	before = gyl_get_u16(message + 4);
	gyl_set_u16(message + 4, 0x1234);
	updated = gyl_checksum_update_u16(gyl_checksum_end(&sum), before, 0x1234);
	printf("updated    %04x\n", updated);
	printf("from anew  %04x\n", gyl_checksum_of(gyl_view(message, 13)));
	return updated != gyl_checksum_of(gyl_view(message, 13));
}
