/* SPDX-License-Identifier: ISC */

/* Answers a query for the address of anything with 192.0.2.1, as a server does, and prints the
 * answer. */

#include <gyl/dns_text.h>
#include <gyl/text.h>
#include <stdio.h>

static const uint8_t query[] = "\x12\x34\1\0\0\1\0\0\0\0\0\1\3wWw\7example\0\0\1\0\1"
			       "\0\0\x29\4\xd0\0\0\0\0\0";

static size_t room(const struct gyl_dns_query *q)
{
	if (!q->edns.present || q->edns.udp_size < GYL_DNS_UDP_MAX)
		return GYL_DNS_UDP_MAX;
	return q->edns.udp_size < GYL_DNS_EDNS_UDP ? q->edns.udp_size : GYL_DNS_EDNS_UDP;
}

static struct gyl_fault answer(const struct gyl_dns_query *q, uint8_t *buf, size_t *ret_len)
{
	struct gyl_dns_edns edns = {.udp_size = GYL_DNS_EDNS_UDP};
	struct gyl_dns_writer d;

	gyl_dns_begin_reply(&d, buf, room(q), q, GYL_DNS_AA);
	if (q->edns.present)
		gyl_dns_reserve(&d, GYL_DNS_OPT_LEN);
	/* the name in the query is a name already: octet for octet, its case included */
	if (q->qtype == GYL_DNS_TYPE_A)
		gyl_dns_put_a(&d, GYL_DNS_ANSWER, q->qname.p, 60, 0xc0000201);
	if (q->edns.present)
		gyl_dns_put_opt(&d, &edns);
	return gyl_dns_end(&d, ret_len);
}

int main(void)
{
	uint8_t buf[GYL_DNS_EDNS_UDP];
	char text[2048];
	size_t len = 0;
	struct gyl_dns_query q;
	struct gyl_dns_msg msg;
	struct gyl_writer w;
	struct gyl_fault why = gyl_dns_decode_query(gyl_view(query, sizeof query), &q);

	if (!gyl_failed(why))
		why = answer(&q, buf, &len);
	if (!gyl_failed(why))
		why = gyl_dns_decode(gyl_view(buf, len), &msg);
	if (gyl_failed(why)) {
		fprintf(stderr, "%s at octet %zu\n", gyl_err_text(why.err), why.off);
		return 1;
	}
	gyl_writer_init(&w, text, sizeof text);
	gyl_dns_print(&w, &msg);
	fputs(gyl_text_cstr(&w), stdout);
	return 0;
}
