/* SPDX-License-Identifier: ISC */
#include "services/base/out.h"

#include "services/base/ring.h"

bool gyl_out_room(const struct gyl_out *o, const struct gyl_cost *worst)
{
	if (worst->send_cnt > o->send_cap - o->send_cnt)
		return false;
	/* Any of the sends may have to be parked until the store is durable. */
	if (worst->store_len != 0 && (uint64_t)worst->send_cnt * GYL_OUT_PARK_LEN > o->hold_room)
		return false;
	if (worst->store_len != 0 && worst->store_len > o->store_room)
		return false;
	if (worst->event_cnt != 0 && !gyl_ring_room(o->event, sizeof(struct gyl_out_event),
					     (size_t)worst->event_cnt + o->event_reserve))
		return false;
	for (unsigned i = 0; i < GYL_OUT_LOG_MAX; i++)
		if (o->log[i] != NULL && worst->append_len > o->log[i]->cap - o->log[i]->len)
			return false;
	return worst->op_cnt <= o->op_cap - o->op_cnt;
}

uint8_t *gyl_out_send(struct gyl_out *o, uint8_t port, const struct gyl_peer *to, uint32_t flow,
	uint64_t after, size_t *ret_cap)
{
	struct gyl_send *s = &o->send[o->send_cnt];

	s->port = port;
	s->to = *to;
	s->flow = flow;
	s->after = after;
	s->strict = o->strict;
	s->len = 0;
	*ret_cap = s->cap;
	return s->p;
}

void gyl_out_sent(struct gyl_out *o, size_t len)
{
	struct gyl_send *s = &o->send[o->send_cnt];

	if (len == 0)
		return;
	s->len = (uint32_t)len;
	o->used = true;
	if (s->after > o->durable) {
		size_t parked = GYL_OUT_PARK_LEN - GYL_SEND_CAP_MIN + len;

		o->hold_room -= parked < o->hold_room ? parked : o->hold_room;
	}
	o->send_cnt++;
}

uint64_t gyl_out_store(struct gyl_out *o, const struct gyl_record *rec, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++) {
		uint64_t len = rec[i].key.len + rec[i].val.len + GYL_OUT_RECORD_HEAD;

		o->store_room -= len < o->store_room ? len : o->store_room;
	}
	o->used = true;
	return o->store(o->store_arg, rec, cnt);
}

uint8_t *gyl_out_append(struct gyl_out *o, unsigned log, size_t *ret_cap)
{
	struct gyl_log *l = o->log[log];

	*ret_cap = l->cap - l->len;
	return l->p + l->len;
}

void gyl_out_appended(struct gyl_out *o, unsigned log, size_t len)
{
	o->log[log]->len += (uint32_t)len;
	o->used = true;
}

void gyl_out_event(struct gyl_out *o, const struct gyl_event *e, uint64_t after)
{
	struct gyl_out_event *slot = gyl_ring_put(o->event, sizeof *slot);

	if (slot == NULL) {
		o->event_lost_cnt++;
		return;
	}
	o->used = true;
	slot->after = after;
	slot->strict = o->strict;
	gyl_event_copy(&slot->e, e);
	slot->e.mono_ns = o->now.mono_ns;
	slot->e.wall_ns = o->now.wall_ns;
}

void gyl_out_flow(struct gyl_out *o, uint32_t flow, enum gyl_flow_op op, const struct gyl_peer *to)
{
	struct gyl_out_op *slot = &o->op[o->op_cnt];

	slot->op = (uint8_t)op;
	slot->flow = flow;
	if (to != NULL)
		slot->to = *to;
	o->op_cnt++;
	o->used = true;
}

void gyl_out_gate(struct gyl_out *o, uint64_t upto)
{
	o->gate = upto;
	if (o->durable > upto)
		o->durable = upto;
}

void gyl_out_gate_break(struct gyl_out *o)
{
	if (!o->gate_broken)
		o->gate_was = o->gate;
	o->gate_broken = true;
	o->used = true;
}
