/* SPDX-License-Identifier: ISC */

/*
 * A question as it leaves, and whether what comes back is about it.
 *
 * Nobody who does not see the question can answer it: that takes the id, the port, and the case of
 * each letter of the name (RFC 5452 4 and 9, draft-vixie-dnsext-dns0x20). The socket is connected,
 * so the address was checked before.
 */

#include "services/dns/core_own.h"
#include "services/dns/forward.h"

static bool is_letter(uint8_t c)
{
	return c >= 'a' && c <= 'z';
}

/* The name as the attempt spells it. Octets of length are below 'a', so they need no care. */
static void spell(const struct gyl__dns_ask *a, const struct gyl__dns_attempt *t, uint8_t *p)
{
	for (unsigned i = 0; i < a->name_len; i++) {
		bool upper = (t->upper[i / 8] >> i % 8 & 1) != 0;

		p[i] = upper && is_letter(a->name[i]) ? (uint8_t)(a->name[i] - 32) : a->name[i];
	}
}

/* AD in a question asks to be told (RFC 6840 5.7). */
static uint16_t flags_of(const struct gyl_dns *d, const struct gyl__dns_ask *a)
{
	return (uint16_t)(GYL_DNS_RD | (d->policy.trust_ad ? GYL_DNS_AD : 0) |
			  ((a->variant & GYL_DNS_VARIANT_CD) != 0 ? GYL_DNS_CD : 0));
}

size_t gyl__dns_query_put(const struct gyl_dns *d, const struct gyl__dns_ask *a,
	const struct gyl__dns_attempt *t, uint8_t *p)
{
	size_t len = (size_t)GYL_DNS_HEADER_LEN + a->name_len;

	memset(p, 0, GYL_DNS_HEADER_LEN);
	gyl_set_u16(p, t->id);
	gyl_set_u16(p + 2, flags_of(d, a));
	gyl_set_u16(p + 4, 1);
	spell(a, t, p + GYL_DNS_HEADER_LEN);
	gyl_set_u16(p + len, a->qtype);
	gyl_set_u16(p + len + 2, GYL_DNS_CLASS_IN);
	len += 4;
	if (!t->edns)
		return len;
	gyl_set_u16(p + 10, 1);
	memset(p + len, 0, GYL_DNS_OPT_LEN);
	gyl_set_u16(p + len + 1, GYL_DNS_TYPE_OPT);
	gyl_set_u16(p + len + 3, GYL_DNS_EDNS_UDP);
	gyl_set_u16(p + len + 7, (a->variant & GYL_DNS_VARIANT_DO) != 0 ? 0x8000 : 0);
	return len + GYL_DNS_OPT_LEN;
}

bool gyl__dns_query_is(
	const struct gyl__dns_ask *a, const struct gyl__dns_attempt *t, struct gyl_view msg)
{
	size_t end = (size_t)GYL_DNS_HEADER_LEN + a->name_len;
	uint8_t name[GYL_DNS_NAME_MAX];

	if (msg.len < end + 4 || gyl_get_u16(msg.p + end) != a->qtype)
		return false;
	spell(a, t, name);
	return memcmp(msg.p + GYL_DNS_HEADER_LEN, name, a->name_len) == 0;
}

/* Is the question of the message that of the attempt? */
static enum gyl__dns_reply same_question(
	const struct gyl__dns_ask *a, const struct gyl__dns_attempt *t, const struct gyl_dns_msg *m)
{
	uint8_t name[GYL_DNS_NAME_MAX], own[GYL_DNS_NAME_MAX];
	struct gyl_dns_cursor cur;
	struct gyl_dns_question q;

	gyl_dns_question_init(&cur, m);
	if (m->header.cnt[GYL_DNS_QUESTION] != 1 || !gyl_dns_question_next(&cur, &q) ||
		q.qtype != a->qtype || q.qclass != GYL_DNS_CLASS_IN ||
		gyl_dns_name_get(m->raw, q.name_off, name) != a->name_len ||
		!gyl_dns_name_eq(name, a->name))
		return GYL__DNS_REPLY_STRANGE;
	spell(a, t, own);
	return memcmp(name, own, a->name_len) == 0 ? GYL__DNS_REPLY_ANSWER : GYL__DNS_REPLY_CASE;
}

/* RFC 6891 7, and what servers of before do: FORMERR, NOTIMP, with or without the question. */
static bool dislikes_edns(const struct gyl__dns_attempt *t, const struct gyl_dns_msg *m)
{
	unsigned rcode = gyl_dns_rcode(m->header.flags, &m->edns);

	return t->edns && (rcode == GYL_DNS_FORMERR || rcode == GYL_DNS_BADVERS ||
				  (rcode == GYL_DNS_NOTIMP && !m->edns.present));
}

enum gyl__dns_reply gyl__dns_reply_kind(
	const struct gyl__dns_attempt *t, const struct gyl_dns_msg *m, bool tcp)
{
	unsigned rcode = gyl_dns_rcode(m->header.flags, &m->edns);

	if ((m->header.flags & GYL_DNS_TC) != 0)
		return tcp ? GYL__DNS_REPLY_REFUSED : GYL__DNS_REPLY_CUT;
	if (dislikes_edns(t, m))
		return GYL__DNS_REPLY_NO_EDNS;
	return rcode == GYL_DNS_NOERROR || rcode == GYL_DNS_NXDOMAIN ? GYL__DNS_REPLY_ANSWER
								     : GYL__DNS_REPLY_REFUSED;
}

enum gyl__dns_reply gyl__dns_reply_judge(const struct gyl__dns_ask *a,
	const struct gyl__dns_attempt *t, struct gyl_view msg, bool tcp, struct gyl_dns_msg *ret_m)
{
	enum gyl__dns_reply reply;

	if (gyl_failed(gyl_dns_decode(msg, ret_m)) || ret_m->header.id != t->id ||
		(ret_m->header.flags & GYL_DNS_QR) == 0 ||
		gyl_dns_opcode(ret_m->header.flags) != GYL_DNS_OP_QUERY)
		return GYL__DNS_REPLY_STRANGE;
	if (ret_m->header.cnt[GYL_DNS_QUESTION] == 0 && dislikes_edns(t, ret_m))
		return GYL__DNS_REPLY_NO_EDNS;
	reply = same_question(a, t, ret_m);
	return reply == GYL__DNS_REPLY_ANSWER ? gyl__dns_reply_kind(t, ret_m, tcp) : reply;
}
