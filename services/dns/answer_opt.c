/* SPDX-License-Identifier: ISC */
#include "services/dns/answer_own.h"

enum {
	OPTION_HEAD = 4,
	EDE_LEN = OPTION_HEAD + 2 /* without text */
};

void gyl__dns_opt_read(struct gyl_dns_reply *r)
{
	struct gyl_dns_option opt;
	size_t off = 0;

	memset(&r->wish, 0, sizeof r->wish);
	while (gyl_dns_option_next(r->q.edns.options, &off, &opt))
		if (opt.code == GYL_DNS_OPT_NSID)
			r->wish.nsid = r->policy->nsid.len != 0;
}

size_t gyl__dns_opt_room(const struct gyl_dns_reply *r)
{
	return (size_t)GYL_DNS_OPT_LEN + EDE_LEN +
	       (r->wish.nsid ? OPTION_HEAD + r->policy->nsid.len : 0);
}

static void put_options(const struct gyl_dns_reply *r, struct gyl_writer *w)
{
	uint8_t ede[2];

	if (r->wish.nsid)
		gyl_dns_put_option(w, GYL_DNS_OPT_NSID, r->policy->nsid);
	if (r->ede != 0) {
		gyl_set_u16(ede, (uint16_t)(r->ede - 1));
		gyl_dns_put_option(w, GYL_DNS_OPT_EDE, gyl_view(ede, sizeof ede));
	}
}

void gyl__dns_opt_put(struct gyl_dns_reply *r)
{
	uint8_t *opt = r->p + r->len;
	struct gyl_writer w;

	gyl_writer_init(&w, opt + GYL_DNS_OPT_LEN, gyl__dns_opt_room(r) - GYL_DNS_OPT_LEN);
	put_options(r, &w);
	opt[0] = 0;
	gyl_set_u16(opt + 1, GYL_DNS_TYPE_OPT);
	gyl_set_u16(opt + 3, r->policy->udp_size);
	opt[5] = (uint8_t)(r->rcode >> 4);
	opt[6] = 0;
	gyl_set_u16(opt + 7, r->q.edns.dnssec_ok ? 0x8000 : 0);
	gyl_set_u16(opt + 9, (uint16_t)w.len);
	r->len += GYL_DNS_OPT_LEN + w.len;
	r->cnt[GYL_DNS_ADDITIONAL]++;
}
