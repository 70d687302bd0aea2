/* SPDX-License-Identifier: ISC */

/* Rdata text that is accepted gives rdata of its type. The text of good rdata, of that or as it
 * comes, gives the same rdata again. */

#include <gyl/dns_rdata.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	TOKEN_CNT = 512
};

static void must(bool ok)
{
	if (!ok)
		abort();
}

/* Words at blanks; quotes at the start of a word go to the next bare quote, quotes inside are kept.
 */
static size_t tokens(struct gyl_view in, struct gyl_dns_token *tok)
{
	size_t at = 0, cnt = 0;

	while (at < in.len && cnt < TOKEN_CNT) {
		bool quoted = in.p[at] == '"', inside = quoted;
		size_t start = quoted ? ++at : at;

		for (; at < in.len && (inside ? !quoted || in.p[at] != '"' : in.p[at] != ' ');
			at++) {
			if (in.p[at] == '\\' && at + 1 < in.len)
				at++;
			else if (!quoted && in.p[at] == '"')
				inside = !inside;
		}
		tok[cnt].quoted = quoted;
		tok[cnt++].text = gyl_view_sub(in, start, at - start);
		at += quoted && at < in.len;
		while (at < in.len && in.p[at] == ' ')
			at++;
	}
	return cnt;
}

static void read_again(uint16_t type, struct gyl_view rdata)
{
	static struct gyl_dns_token tok[TOKEN_CNT];
	static uint8_t again[70000], text[400000];
	struct gyl_dns_rr rr = gyl_dns_rr_alone(type, GYL_DNS_CLASS_IN, rdata);
	struct gyl_writer w;
	size_t bad, cnt;

	gyl_writer_init(&w, text, sizeof text);
	gyl_dns_rdata_print(&w, rdata, &rr);
	must(gyl_writer_ok(&w));
	cnt = tokens(gyl_writer_view(&w), tok);
	/* types whose text we do not read come back only from the form of RFC 3597 */
	if (cnt == TOKEN_CNT || !gyl_dns_rdata_parses(type))
		return;
	gyl_writer_init(&w, again, sizeof again);
	must(!gyl_failed(gyl_dns_rdata_parse(type, tok, cnt, NULL, &w, &bad)));
	must(gyl_view_eq(rdata, gyl_writer_view(&w)));
}

/* The first two octets are the type. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct gyl_dns_token tok[TOKEN_CNT];
	static uint8_t rdata[70000];
	struct gyl_writer w;
	struct gyl_view in;
	size_t bad, cnt;
	uint16_t type;

	if (size < 2 || size > 8192)
		return 0;
	type = gyl_get_u16(data);
	in = gyl_view(data + 2, size - 2);
	if (!gyl_failed(gyl_dns_rdata_check(type, GYL_DNS_CLASS_IN, in)))
		read_again(type, in);
	cnt = tokens(in, tok);
	gyl_writer_init(&w, rdata, sizeof rdata);
	if (gyl_failed(gyl_dns_rdata_parse(type, tok, cnt, (const uint8_t *)"\1o", &w, &bad)))
		return 0;
	must(w.len == 0 ||
		!gyl_failed(gyl_dns_rdata_check(type, GYL_DNS_CLASS_IN, gyl_writer_view(&w))));
	read_again(type, gyl_writer_view(&w));
	return 0;
}
