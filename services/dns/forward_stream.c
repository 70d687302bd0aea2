/* SPDX-License-Identifier: ISC */

/*
 * Connections to servers (RFC 7766 6.2): one for all questions that wait at the same time, as many
 * as it can take; answers come in any order. It stays for a while when all are answered, so that
 * the next one needs none of its own. One that has let a question down is not used again.
 */

#include <gyl/time.h>

#include "services/dns/core_own.h"
#include "services/dns/forward.h"

/* RFC 7766 6.2.3: as long as servers are told to keep them at least, "a few seconds". */
static const uint64_t idle_ns = 5 * GYL_NS_PER_S;

static bool is_stream_to(
	const struct gyl__dns_forward *fw, const struct gyl__dns_upflow *f, unsigned upstream)
{
	return f->tcp && f->upstream == upstream && f->tenure == fw->up.one[upstream].tenure &&
	       !f->tired && (f->state == GYL__DNS_FLOW_OPEN || f->state == GYL__DNS_FLOW_OPENING);
}

struct gyl__dns_upflow *gyl__dns_stream_find(struct gyl__dns_forward *fw, unsigned upstream)
{
	for (unsigned i = 0; i < GYL__DNS_FLOW_MAX; i++)
		if (is_stream_to(fw, &fw->flow[i], upstream) &&
			fw->flow[i].cnt < GYL__DNS_STREAM_MAX)
			return &fw->flow[i];
	return NULL;
}

/* One that rests is enough for a server. */
static bool is_one_too_many(const struct gyl__dns_forward *fw, const struct gyl__dns_upflow *own)
{
	for (unsigned i = 0; i < GYL__DNS_FLOW_MAX; i++)
		if (&fw->flow[i] != own && is_stream_to(fw, &fw->flow[i], own->upstream))
			return true;
	return false;
}

void gyl__dns_stream_rest(struct gyl__dns_forward *fw, struct gyl_now now,
	struct gyl__dns_upflow *f, struct gyl_out *o)
{
	if (!is_stream_to(fw, f, f->upstream) || is_one_too_many(fw, f)) {
		gyl__dns_upflow_close(f, o);
		return;
	}
	f->idle_ns = now.mono_ns + idle_ns;
	if (fw->idle_ns == 0)
		fw->idle_ns = f->idle_ns;
}

void gyl__dns_streams_tick(struct gyl_dns *d, struct gyl_now now, struct gyl_out *o)
{
	static const struct gyl_cost cost = {.op_cnt = 1};
	struct gyl__dns_forward *fw = &d->forward;
	uint64_t next = 0;

	if (fw->idle_ns == 0 || fw->idle_ns > now.mono_ns)
		return;
	for (unsigned i = 0; i < GYL__DNS_FLOW_MAX; i++) {
		struct gyl__dns_upflow *f = &fw->flow[i];

		if (f->state != GYL__DNS_FLOW_OPEN || f->idle_ns == 0)
			continue;
		if (f->idle_ns <= now.mono_ns && gyl_out_room(o, &cost))
			gyl__dns_upflow_close(f, o);
		else if (next == 0 || f->idle_ns < next)
			next = f->idle_ns;
	}
	fw->idle_ns = next;
}

bool gyl__dns_stream_next(struct gyl_in *in, struct gyl_view *ret_msg)
{
	struct gyl_view rest = gyl_view_sub(in->data, in->used, in->data.len - in->used);
	size_t len;

	if (rest.len < 2 || rest.len - 2 < gyl_get_u16(rest.p))
		return false;
	len = gyl_get_u16(rest.p);
	*ret_msg = gyl_view_sub(rest, 2, len);
	in->used += (uint32_t)len + 2;
	return true;
}
