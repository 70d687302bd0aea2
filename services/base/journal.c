/* SPDX-License-Identifier: ISC */
#include "services/base/journal.h"

#include <gyl/siphash.h>

#define GROUP_NS 1000000u    /* writes start at least this far apart */
#define RETRY_NS 1000000000u /* a failed one is tried again after this */

void gyl__journal_init(
	struct gyl_journal *j, void *mem, uint64_t unit_cnt, const uint64_t hash_key[2])
{
	memset(j, 0, sizeof *j);
	j->unit_cnt = unit_cnt;
	j->hash_key[0] = hash_key[0];
	j->hash_key[1] = hash_key[1];
	j->stage[0] = mem;
	j->stage[1] = j->stage[0] + (size_t)GYL_JOURNAL_STAGE_CNT * GYL_UNIT_LEN;
}

/*
 * The nonce of a run tells its units from those that an earlier run left at the same place: a torn
 * write may have left its later units behind a gap that we are about to fill.
 */
void gyl__journal_start(struct gyl_journal *j, const struct gyl_journal_end *end)
{
	uint64_t what[4] = {end->dev, end->gen, end->unit, end->run};

	j->end = *end;
	j->run = gyl_siphash(j->hash_key, what, sizeof what);
	if (j->run == 0) /* means "no unit before" */
		j->run = 1;
	j->fill = 0;
	j->fill_len = 0;
}

uint32_t gyl__journal_room(const struct gyl_journal *j)
{
	return GYL_JOURNAL_STAGE_LEN - j->fill_len;
}

void gyl__journal_put(struct gyl_journal *j, const void *p, size_t len)
{
	const uint8_t *at = p;

	while (len != 0) {
		uint32_t unit = j->fill_len / GYL_UNIT_DATA_LEN,
			 off = j->fill_len % GYL_UNIT_DATA_LEN;
		size_t take = GYL_UNIT_DATA_LEN - off;

		take = take < len ? take : len;
		memcpy(j->stage[j->fill] + (size_t)unit * GYL_UNIT_LEN + GYL_UNIT_HEAD_LEN + off,
			at, take);
		j->fill_len += (uint32_t)take;
		at += take;
		len -= take;
	}
}

void gyl__journal_batch(struct gyl_journal *j, uint32_t len)
{
	uint8_t frame[GYL_JOURNAL_FRAME_LEN];

	gyl_set_u32(frame, len);
	gyl__journal_put(j, frame, sizeof frame);
}

uint32_t gyl__journal_stage_units(const struct gyl_journal *j)
{
	return (j->fill_len + GYL_UNIT_DATA_LEN - 1) / GYL_UNIT_DATA_LEN;
}

uint64_t gyl__journal_left(const struct gyl_journal *j)
{
	return j->unit_cnt - j->end.unit;
}

void gyl__journal_turn(struct gyl_journal *j, bool salvage)
{
	j->end.dev ^= 1;
	j->end.gen++;
	j->end.unit = 0;
	j->end.run = 0;
	j->end.complete = false;
	j->salvage = salvage;
}

bool gyl__journal_may_write(const struct gyl_journal *j, uint64_t mono_ns)
{
	return !j->in_flight && mono_ns >= j->next_ns;
}

static void hand_over(struct gyl_journal *j, uint64_t mono_ns)
{
	j->in_flight = true;
	j->token++;
	j->start_ns = mono_ns;
	j->next_ns = mono_ns + GROUP_NS;
}

void gyl__journal_write(struct gyl_journal *j, uint64_t mono_ns)
{
	uint32_t cnt = gyl__journal_stage_units(j);
	uint32_t left = j->fill_len;

	for (uint32_t i = 0; i < cnt; i++) {
		struct gyl_unit u = {
			.gen = j->end.gen,
			.index = (uint32_t)(j->end.unit + i),
			.run = j->run,
			.prev = i == 0 ? j->end.run : j->run,
			.used = (uint16_t)(left < GYL_UNIT_DATA_LEN ? left : GYL_UNIT_DATA_LEN),
			.flags = (uint16_t)((i == 0 ? GYL_UNIT_FIRST : 0) |
					    (j->salvage ? GYL_UNIT_SALVAGE : 0)),
		};

		gyl__unit_seal(j->stage[j->fill] + (size_t)i * GYL_UNIT_LEN, &u);
		left -= u.used;
	}
	j->end.run = j->run;
	j->end.unit += cnt;
	j->write_cnt = cnt;
	j->fill ^= 1;
	j->fill_len = 0;
	hand_over(j, mono_ns);
}

void gyl__journal_retry(struct gyl_journal *j)
{
	j->retry = true;
	j->next_ns = j->start_ns + RETRY_NS;
}

void gyl__journal_rewrite(struct gyl_journal *j, uint64_t mono_ns)
{
	hand_over(j, mono_ns);
}

uint64_t gyl__journal_write_unit(const struct gyl_journal *j)
{
	return j->end.unit - j->write_cnt;
}
