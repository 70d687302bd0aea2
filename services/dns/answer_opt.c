/* SPDX-License-Identifier: ISC */

/*
 * EDNS (RFC 6891): what the options of a query ask for, and the OPT of its answer. Options that we
 * do not know are passed over (6.1.2).
 */

#include <gyl/time.h>

#include "services/dns/answer_own.h"
#include "services/dns/trace.h"

enum {
	OPTION_HEAD = 4,
	EDE_LEN = OPTION_HEAD + 2, /* without text */
	KEEPALIVE_LEN = OPTION_HEAD + 2,
	PADDING_BLOCK = 468 /* RFC 8467 4.1 */
};

static void read_cookie(struct gyl_dns_reply *r, struct gyl_view val)
{
	uint8_t ip[4];
	uint32_t now_s = (uint32_t)(r->now.wall_ns / GYL_NS_PER_S);

	if (r->policy->cookies.secret_cnt == 0 || r->wish.cookie != GYL_DNS_COOKIE_NONE)
		return; /* RFC 7873 5.2: of several the first counts */
	gyl_set_u32(ip, r->from->ip);
	r->wish.cookie = gyl_dns_cookie_check(
		&r->policy->cookies, now_s, gyl_view(ip, sizeof ip), val, r->wish.answer_cookie);
	if (r->wish.cookie == GYL_DNS_COOKIE_BROKEN)
		r->rcode = GYL_DNS_FORMERR; /* RFC 7873 5.2.2 */
}

void gyl__dns_opt_read(struct gyl_dns_reply *r)
{
	struct gyl_dns_option opt;
	size_t off = 0;

	r->wish.nsid = r->wish.keepalive = r->wish.padding = false;
	if (r->q.edns.version != 0)
		return; /* nobody knows what they mean there */
	while (gyl_dns_option_next(r->q.edns.options, &off, &opt)) {
		if (opt.code == GYL_DNS_OPT_NSID)
			r->wish.nsid = r->policy->nsid.len != 0;
		else if (opt.code == GYL_DNS_OPT_COOKIE)
			read_cookie(r, opt.val);
		else if (opt.code == GYL_DNS_OPT_KEEPALIVE)
			r->wish.keepalive = r->from->tcp; /* RFC 7828 3.2.1: none by UDP */
		else if (opt.code == GYL_DNS_OPT_PADDING)
			r->wish.padding = r->from->encrypted;
	}
}

static bool has_cookie(const struct gyl_dns_reply *r)
{
	return r->wish.cookie > GYL_DNS_COOKIE_BROKEN;
}

size_t gyl__dns_opt_room(const struct gyl_dns_reply *r)
{
	return (size_t)GYL_DNS_OPT_LEN + EDE_LEN + (r->from->trace != NULL ? GYL_DNS_WHY_MAX : 0) +
	       (r->wish.nsid ? OPTION_HEAD + r->policy->nsid.len : 0) +
	       (has_cookie(r) ? OPTION_HEAD + GYL_DNS_COOKIE_LEN : 0) +
	       (r->wish.keepalive ? KEEPALIVE_LEN : 0) + (r->wish.padding ? OPTION_HEAD : 0);
}

static void put_number(struct gyl_writer *w, uint16_t code, uint16_t number)
{
	uint8_t val[2];

	gyl_set_u16(val, number);
	gyl_dns_put_option(w, code, gyl_view(val, sizeof val));
}

/* RFC 8467 4.1: the whole message is a multiple of the block, or as long as it may be. */
static void put_padding(struct gyl_writer *w, size_t len, size_t size)
{
	size_t pad;

	len += w->len + OPTION_HEAD;
	pad = (PADDING_BLOCK - len % PADDING_BLOCK) % PADDING_BLOCK;
	if (pad > size - len)
		pad = size - len;
	gyl_put_u16(w, GYL_DNS_OPT_PADDING);
	gyl_put_u16(w, (uint16_t)pad);
	gyl_put_zero(w, pad);
}

/* RFC 8914 2: the text is for people who debug. */
static void put_why(const struct gyl_dns_reply *r, struct gyl_writer *w)
{
	uint8_t val[2 + GYL_DNS_WHY_MAX];
	struct gyl_writer why;

	gyl_writer_init(&why, val, sizeof val);
	gyl_put_u16(&why, r->ede == 0 ? GYL_DNS_EDE_OTHER : (uint16_t)(r->ede - 1));
	gyl__dns_trace_print(r->from->trace, r->rule, &why);
	gyl_dns_put_option(w, GYL_DNS_OPT_EDE, gyl_writer_view(&why));
}

static void put_options(const struct gyl_dns_reply *r, struct gyl_writer *w)
{
	if (r->wish.nsid)
		gyl_dns_put_option(w, GYL_DNS_OPT_NSID, r->policy->nsid);
	if (has_cookie(r))
		gyl_dns_put_option(
			w, GYL_DNS_OPT_COOKIE, gyl_view(r->wish.answer_cookie, GYL_DNS_COOKIE_LEN));
	if (r->wish.keepalive)
		put_number(w, GYL_DNS_OPT_KEEPALIVE, r->from->idle_ds);
	if (r->from->trace != NULL)
		put_why(r, w);
	else if (r->ede != 0)
		put_number(w, GYL_DNS_OPT_EDE, (uint16_t)(r->ede - 1));
}

void gyl__dns_opt_put(struct gyl_dns_reply *r)
{
	uint8_t *opt = r->p + r->len;
	size_t size = r->limit + gyl__dns_opt_room(r);
	struct gyl_writer w;

	r->len += GYL_DNS_OPT_LEN;
	gyl_writer_init(&w, r->p + r->len, size - r->len);
	put_options(r, &w);
	if (r->wish.padding)
		put_padding(&w, r->len, size);
	opt[0] = 0;
	gyl_set_u16(opt + 1, GYL_DNS_TYPE_OPT);
	gyl_set_u16(opt + 3, r->policy->udp_size);
	opt[5] = (uint8_t)(r->rcode >> 4);
	opt[6] = 0;
	gyl_set_u16(opt + 7, r->q.edns.dnssec_ok ? 0x8000 : 0);
	gyl_set_u16(opt + 9, (uint16_t)w.len);
	r->len += w.len;
	r->cnt[GYL_DNS_ADDITIONAL]++;
}

bool gyl__dns_opt_alone(struct gyl_dns_reply *r, struct gyl_view msg, size_t cap)
{
	struct gyl_dns_msg m;

	if (r->policy->cookies.secret_cnt == 0 || gyl_failed(gyl_dns_decode(msg, &m)) ||
		(m.header.flags & (GYL_DNS_QR | GYL_DNS_OPCODE_MASK)) != 0 ||
		m.header.cnt[GYL_DNS_QUESTION] != 0 || !m.edns.present)
		return false;
	r->q.header = m.header;
	r->q.edns = m.edns;
	gyl__dns_opt_read(r);
	if (r->wish.cookie == GYL_DNS_COOKIE_NONE)
		return false;
	if (r->wish.cookie == GYL_DNS_COOKIE_BAD)
		r->rcode = GYL_DNS_BADCOOKIE;
	r->len = GYL_DNS_HEADER_LEN;
	r->limit = cap - gyl__dns_opt_room(r);
	gyl__dns_opt_put(r);
	return true;
}
