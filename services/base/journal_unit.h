/* SPDX-License-Identifier: ISC */
#ifndef GYL_SERVICES_BASE_JOURNAL_UNIT_H
#define GYL_SERVICES_BASE_JOURNAL_UNIT_H

/* One unit of the journal: its header and check. docs/journal.md has the table of octets. Pure. */

#include "libnet/host/host.h"

enum {
	GYL_UNIT_HEAD_LEN = 40,
	GYL_UNIT_TAIL_LEN = 8,
	GYL_UNIT_DATA_LEN = GYL_UNIT_LEN - GYL_UNIT_HEAD_LEN - GYL_UNIT_TAIL_LEN
};

enum gyl_unit_flag {
	GYL_UNIT_FIRST = 1,  /* starts a write; what was unfinished before it is void */
	GYL_UNIT_SALVAGE = 2 /* of an extent that counts only when it is complete */
};

struct gyl_unit {
	uint32_t gen;   /* generation of the extent, from 1 */
	uint32_t index; /* place in the extent: a misplaced write is no unit */
	uint64_t run;   /* nonce of the run that wrote it */
	uint64_t prev;  /* run of the unit before: the same, but for the first unit of a run */
	uint16_t used;  /* octets of data, the rest is zero */
	uint16_t flags;
};

/* Write the header of a unit whose data is in place, and zero what is not used. */
void gyl__unit_seal(uint8_t *unit, const struct gyl_unit *u);

/* Read a header; false when these 1,024 octets are no intact unit. */
bool gyl__unit_open(const uint8_t *unit, struct gyl_unit *ret_unit);

/* Was this place written in that generation, intact or not? Tells torn units from virgin ones. */
bool gyl__unit_touched(const uint8_t *unit, uint32_t gen);

#endif
