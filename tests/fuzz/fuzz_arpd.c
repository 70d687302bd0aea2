/* SPDX-License-Identifier: ISC */

/*
 * The ARP watch under a sequence of (time step, frame): one octet of time, one of length, then the
 * frame. The table stays within its bound, time never stands still, and events are never lost for
 * want of asking.
 */

#include <gyl/time.h>

#include "services/arpd/core.h"
#include "services/base/ring.h"
#include "tests/fuzz/require.h"

enum {
	HOSTS = 16
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t store(void *arg, const struct gyl_record *rec, size_t cnt)
{
	uint64_t *seq = arg;

	for (size_t i = 0; i < cnt; i++)
		REQUIRE(rec[i].key.len > 10 && rec[i].key.len < 64);
	return ++*seq;
}

static void drain(struct gyl_ring *r)
{
	size_t len;
	void *p;

	while (gyl_ring_peek(r, &p, &len))
		gyl_ring_drop(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct gyl_arpd_conf cf = {.forget_ns = GYL_NS_PER_HOUR,
		.flipflop_ns = 10 * GYL_NS_PER_MIN,
		.duplicate_ns = 2 * GYL_NS_PER_S,
		.lease_grace_ns = 30 * GYL_NS_PER_S,
		.host_cnt = HOSTS,
		.lease_cnt = 16,
		.flood_cnt = 5,
		.announce_cnt = 3,
		.sweep_cnt = 4,
		.scan_rate = 100};
	static const struct gyl_arpd_rules rules;
	static const struct gyl_arpd_init init = {.cf = &cf, .rules = &rules, .seed = {1, 2}};
	static _Alignas(64) uint8_t mem[1 << 19];
	static uint64_t ring_mem[1 << 14];
	struct gyl_now now = {GYL_NS_PER_S, UINT64_C(1795000000000000000)};
	struct gyl_ring ring;
	uint64_t seq = 0;
	struct gyl_out o = {.event = &ring,
		.store_room = UINT64_MAX,
		.hold_room = UINT64_MAX,
		.store = store,
		.store_arg = &seq};
	struct gyl_arpd_stat st;
	struct gyl_arpd *d;

	REQUIRE(gyl_arpd_need(&cf) <= sizeof mem);
	d = gyl_arpd_init(mem, &init);
	gyl_ring_init(&ring, ring_mem, sizeof ring_mem);
	while (size >= 2) {
		struct gyl_in in = {.kind = GYL_IN_FRAME};
		uint64_t step = (uint64_t)data[0] * data[0] * GYL_NS_PER_S;
		size_t len = data[1] < size - 2 ? data[1] : size - 2;

		now.mono_ns += step;
		now.wall_ns += step;
		o.now = now;
		in.data = gyl_view(data + 2, len);
		REQUIRE(gyl_arpd_core.input(d, now, &in, 1, &o) == 1);
		drain(&ring);
		for (int i = 0; i < 100 && gyl_arpd_core.deadline_ns(d) <= now.mono_ns; i++) {
			gyl_arpd_core.tick(d, now, &o);
			drain(&ring);
		}
		REQUIRE(gyl_arpd_core.deadline_ns(d) > now.mono_ns);
		gyl_arpd_stat(d, &st);
		REQUIRE(st.host_cnt <= HOSTS && o.event_lost_cnt == 0);
		data += 2 + len;
		size -= 2 + len;
	}
	return 0;
}
