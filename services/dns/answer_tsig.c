/* SPDX-License-Identifier: ISC */
#include "services/dns/answer_own.h"

uint16_t gyl__dns_tsig_begin(struct gyl_dns_reply *r, struct gyl_view msg)
{
	uint16_t rcode =
		gyl_dns_tsig_verify(r->data->keys, r->now.wall_ns, msg, r->q.tsig_off, &r->sign);
	size_t room = gyl_dns_tsig_room(&r->sign);

	if (rcode != GYL_DNS_NOERROR)
		r->rule = "TSIG";
	/* RFC 8945 5.3: there is always room for the TSIG; a question takes no more than 271 of 512
	 * octets, but a key's name may be as long */
	if (room > r->limit - r->len) {
		r->flags |= GYL_DNS_TC;
		r->sign.rr.key[0] = 0;
		return GYL_DNS_SERVFAIL;
	}
	r->limit -= room;
	return rcode;
}

void gyl__dns_tsig_end(struct gyl_dns_reply *r)
{
	struct gyl_writer w;

	gyl_writer_init(&w, r->p, r->len + gyl_dns_tsig_room(&r->sign));
	w.len = r->len;
	gyl_dns_tsig_sign(&r->sign, r->now.wall_ns, &w);
	r->len = w.len;
}
