/* SPDX-License-Identifier: ISC */

/*
 * Replay of arbitrary extents. Whatever stands there: the books agree afterwards, the store works,
 * and what it makes durable is there after the next start.
 *
 * The input is a row of units: a control octet, a length octet, then that many octets of data. Bit
 * 0 of the control is the extent, bit 1 the generation, bits 2 and 3 the flags, bit 4 leaves a
 * place out, bit 5 turns to another run, bit 6 breaks the check, bit 7 fills the unit up.
 */

#include "tests/fuzz/require.h"
#include "tests/unit/base/store_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	UNIT_CNT = 160
};

struct place {
	uint32_t index;
	uint64_t run;
};

static size_t unit_make(struct world *w, struct place *at, const uint8_t *data, size_t size)
{
	uint8_t control = data[0];
	size_t len = data[1] < size - 2 ? data[1] : size - 2;
	struct place *p = &at[control & 1];
	uint8_t *unit = w->ext[control & 1] + (size_t)p->index * GYL_UNIT_LEN;
	struct gyl_unit u = {.gen = 1 + (control >> 1 & 1),
		.index = p->index,
		.run = p->run + (control >> 5 & 1),
		.prev = p->index == 0 ? 0 : p->run,
		.used = (uint16_t)((control & 0x80) != 0 ? GYL_UNIT_DATA_LEN : len),
		.flags = control >> 2 & 3};

	memcpy(unit + GYL_UNIT_HEAD_LEN, data + 2, len);
	gyl__unit_seal(unit, &u);
	unit[100] ^= control >> 6 & 1;
	p->index += 1 + (control >> 4 & 1);
	p->run = u.run;
	return 2 + len;
}

static void works(struct world *w)
{
	struct gyl_view val;

	if (gyl_store_room(w->s) == 0 || w->s->j.end.unit > UNIT_CNT - 100)
		return;
	gyl_store_remove(w->s, 5, gyl_view_str("fuzz"), &w->wall_ns);
	if (gyl_store_set(w->s, 6, gyl_view_str("fuzz"), gyl_view_str("v"), &w->wall_ns) !=
		GYL_STORE_OK)
		return;
	world_settle(w);
	world_boot(w);
	world_replay(w);
	world_audit(w);
	REQUIRE(gyl_store_get(w->s, gyl_view_str("fuzz"), &val) == GYL_STORE_OK);
	REQUIRE(gyl_view_eq(val, gyl_view_str("v")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct place at[2] = {{0, 7}, {0, 9}};
	struct world w;

	world_open(&w, 20, 6000, UNIT_CNT);
	while (size >= 2 && at[0].index < UNIT_CNT - 2 && at[1].index < UNIT_CNT - 2) {
		size_t used = unit_make(&w, at, data, size);

		data += used;
		size -= used;
	}
	world_boot(&w);
	world_replay(&w);
	world_audit(&w);
	works(&w);
	world_close(&w);
	return 0;
}
