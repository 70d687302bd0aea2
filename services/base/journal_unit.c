/* SPDX-License-Identifier: ISC */
#include "services/base/journal_unit.h"

#include "services/base/crc32c.h"

#define MAGIC 0x47594c4au /* "GYLJ" */

enum { /* offsets */
	AT_MAGIC = 0,
	AT_CRC = 4,
	AT_GEN = 8,
	AT_INDEX = 12,
	AT_RUN = 16,
	AT_PREV = 24,
	AT_USED = 32,
	AT_FLAGS = 34,
	AT_ZERO = 36,
	/*
	 * The run once more, at the far end: a torn unit and a later torn write to the same place
	 * can then not make up an intact unit of the earlier run, whose octets nobody expects any
	 * more.
	 */
	AT_TAIL = GYL_UNIT_LEN - GYL_UNIT_TAIL_LEN
};

void gyl__unit_seal(uint8_t *unit, const struct gyl_unit *u)
{
	gyl_set_u32(unit + AT_MAGIC, MAGIC);
	gyl_set_u32(unit + AT_GEN, u->gen);
	gyl_set_u32(unit + AT_INDEX, u->index);
	gyl_set_u64(unit + AT_RUN, u->run);
	gyl_set_u64(unit + AT_PREV, u->prev);
	gyl_set_u16(unit + AT_USED, u->used);
	gyl_set_u16(unit + AT_FLAGS, u->flags);
	gyl_set_u32(unit + AT_ZERO, 0);
	memset(unit + GYL_UNIT_HEAD_LEN + u->used, 0, (size_t)GYL_UNIT_DATA_LEN - u->used);
	gyl_set_u64(unit + AT_TAIL, u->run);
	gyl_set_u32(unit + AT_CRC, gyl_crc32c(unit + AT_GEN, GYL_UNIT_LEN - AT_GEN));
}

bool gyl__unit_open(const uint8_t *unit, struct gyl_unit *ret_unit)
{
	uint16_t used = gyl_get_u16(unit + AT_USED);

	if (gyl_get_u32(unit + AT_MAGIC) != MAGIC || used == 0 || used > GYL_UNIT_DATA_LEN ||
		gyl_get_u32(unit + AT_CRC) != gyl_crc32c(unit + AT_GEN, GYL_UNIT_LEN - AT_GEN))
		return false;
	ret_unit->gen = gyl_get_u32(unit + AT_GEN);
	ret_unit->index = gyl_get_u32(unit + AT_INDEX);
	ret_unit->run = gyl_get_u64(unit + AT_RUN);
	ret_unit->prev = gyl_get_u64(unit + AT_PREV);
	ret_unit->used = used;
	ret_unit->flags = gyl_get_u16(unit + AT_FLAGS);
	return ret_unit->gen != 0 && ret_unit->run == gyl_get_u64(unit + AT_TAIL);
}

bool gyl__unit_touched(const uint8_t *unit, uint32_t gen)
{
	return gyl_get_u32(unit + AT_MAGIC) == MAGIC && gyl_get_u32(unit + AT_GEN) == gen;
}
