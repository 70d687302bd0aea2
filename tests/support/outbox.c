/* SPDX-License-Identifier: ISC */
#include "tests/support/outbox.h"

#include <stdlib.h>

static uint64_t keep(void *arg, const struct gyl_record *rec, size_t cnt)
{
	struct outbox *b = arg;

	if (b->store_full)
		return 0;
	b->seq++;
	for (size_t i = 0; i < cnt; i++) {
		struct outbox_record *r = &b->record[b->record_cnt++ % OUTBOX_RECORD];

		assert_true(rec[i].key.len <= sizeof r->key && rec[i].val.len <= sizeof r->val);
		memcpy(r->key, rec[i].key.p, rec[i].key.len);
		if (rec[i].val.len != 0)
			memcpy(r->val, rec[i].val.p, rec[i].val.len);
		r->key_len = rec[i].key.len;
		r->val_len = rec[i].val.len;
		r->wall_ns = b->now.wall_ns;
		r->remove = rec[i].remove;
		r->seq = b->seq;
	}
	return b->seq;
}

void outbox_open(struct outbox *b)
{
	memset(b, 0, sizeof *b);
	b->record = calloc(OUTBOX_RECORD, sizeof *b->record);
	assert_non_null(b->record);
	b->now.mono_ns = UINT64_C(1000000000000);
	b->now.wall_ns = UINT64_C(1795000000000000000); /* 2026-11-18 */
	for (unsigned i = 0; i < OUTBOX_SEND; i++) {
		b->send[i].p = b->slot[i];
		b->send[i].cap = OUTBOX_SLOT;
	}
	gyl_ring_init(&b->ring, b->ring_mem, sizeof b->ring_mem);
	b->out.send = b->send;
	b->out.send_cap = OUTBOX_SEND;
	b->out.event = &b->ring;
	b->out.hold_room = UINT32_MAX;
	b->out.op_cap = GYL_OUT_OP_MAX;
	b->out.gate = UINT64_MAX;
	b->out.durable = b->out.stored = UINT64_MAX;
	b->out.store_room = UINT32_MAX;
	b->out.store = keep;
	b->out.store_arg = b;
}

void outbox_close(struct outbox *b)
{
	free(b->record);
}

static void forget(struct outbox *b)
{
	b->out.send_cnt = 0;
	b->out.op_cnt = 0;
	b->event_cnt = 0;
}

static void collect(struct outbox *b)
{
	size_t len;
	void *p;

	while (gyl_ring_peek(&b->ring, &p, &len)) {
		assert_true(b->event_cnt < OUTBOX_EVENT);
		memcpy(&b->event[b->event_cnt++], p, sizeof b->event[0]);
		gyl_ring_drop(&b->ring);
	}
}

size_t outbox_input(
	struct outbox *b, const struct gyl_core_ops *ops, void *core, struct gyl_in *in, size_t cnt)
{
	size_t taken;

	forget(b);
	b->out.now = b->now;
	taken = ops->input(core, b->now, in, cnt, &b->out);
	collect(b);
	return taken;
}

void outbox_rest(struct gyl_in *in)
{
	in->data = gyl_view_sub(in->data, in->used, in->data.len);
	in->used = 0;
	in->again = false;
}

void outbox_dgram(struct outbox *b, const struct gyl_core_ops *ops, void *core, uint8_t role,
	const struct gyl_peer *peer, const void *data, size_t len)
{
	struct gyl_in in;
	struct guard g;

	memset(&in, 0, sizeof in);
	guard_open(&g, gyl_view(data, len));
	in.kind = GYL_IN_DGRAM;
	in.role = role;
	in.peer = *peer;
	in.data = g.view;
	assert_int_equal(outbox_input(b, ops, core, &in, 1), 1);
	guard_close(&g);
}

void outbox_tick(struct outbox *b, const struct gyl_core_ops *ops, void *core)
{
	forget(b);
	b->out.now = b->now;
	ops->tick(core, b->now, &b->out);
	collect(b);
}

void outbox_advance(struct outbox *b, const struct gyl_core_ops *ops, void *core, uint64_t ns)
{
	uint64_t end = b->now.mono_ns + ns;

	forget(b);
	for (unsigned n = 0; n < 100000; n++) {
		uint64_t due = ops->deadline_ns(core);

		if (due > end)
			break;
		if (due > b->now.mono_ns) {
			b->now.wall_ns += due - b->now.mono_ns;
			b->now.mono_ns = due;
		}
		b->out.now = b->now;
		ops->tick(core, b->now, &b->out);
		collect(b);
	}
	b->now.wall_ns += end - b->now.mono_ns;
	b->now.mono_ns = end;
}

static bool superseded(const struct outbox *b, unsigned at)
{
	const struct outbox_record *r = &b->record[at];

	for (unsigned i = at + 1; i < b->record_cnt; i++)
		if (b->record[i].key_len == r->key_len &&
			memcmp(b->record[i].key, r->key, r->key_len) == 0)
			return true;
	return false;
}

void outbox_restore(struct outbox *b, const struct gyl_core_ops *ops, void *core)
{
	assert_true(b->record_cnt <= OUTBOX_RECORD);
	for (unsigned i = 0; i < b->record_cnt; i++) {
		const struct outbox_record *r = &b->record[i];
		struct gyl_in in;

		if (r->remove || superseded(b, i))
			continue;
		memset(&in, 0, sizeof in);
		in.kind = GYL_IN_RECORD;
		in.key = gyl_view(r->key, r->key_len);
		in.data = gyl_view(r->val, r->val_len);
		in.seq = r->wall_ns;
		assert_int_equal(outbox_input(b, ops, core, &in, 1), 1);
	}
}

const struct gyl_event *outbox_event(const struct outbox *b, enum gyl_event_kind kind)
{
	for (unsigned i = b->event_cnt; i > 0; i--)
		if (b->event[i - 1].e.kind == kind)
			return &b->event[i - 1].e;
	return NULL;
}

struct gyl_view outbox_sent(const struct outbox *b, unsigned i)
{
	return gyl_view(b->out.send[i].p, b->out.send[i].len);
}
